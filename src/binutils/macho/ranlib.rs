//! Archives for both processors of macOS. Apple's `ar` and `ranlib` make of an archive with universal members a universal file
//! of archives, which is what linkers read; zig's leave it as it is.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::archive::{self, Archive, Member};
use super::{in_file, read};
use crate::error::{Error, Result};
use crate::macho::fat::{Fat, Slice, is_fat};
use crate::whole_file;

/// An archive aligns its members to 8 bytes, a power of two.
const ALIGN: u32 = 3;

/// Makes universal files of the archives with universal members among the words of `ar` or `ranlib`; `ar`'s archive is the first of them. Is
/// there a universal one now?
///
/// # Errors
/// Damaged files, and those that cannot be written.
pub(crate) fn join(words: &[OsString], cwd: &Path, of_ar: bool) -> Result<bool> {
    let mut is_universal = false;
    for path in archives(words, cwd).into_iter().take(if of_ar { 1 } else { usize::MAX }) {
        let data = read(path.as_os_str())?;
        if is_fat(&data) {
            is_universal = true;
        } else if let Some(joined) = joined(&data, &path)? {
            whole_file::write(&path, &joined)?;
            is_universal = true;
        }
    }
    Ok(is_universal)
}

/// A universal file is nothing that `ar` can work on.
///
/// # Errors
/// Where the archive of the words is one.
pub(crate) fn refuse_universal(words: &[OsString], cwd: &Path) -> Result<()> {
    let Some(path) =
        archives(words, cwd).into_iter().next().filter(|path| is_fat(&read(path.as_os_str()).unwrap_or_default()))
    else {
        return Ok(());
    };
    Err(Error::with_help(
        format!("'{}' is a universal file of archives", path.display()),
        "remove it to make it anew, or take one out of it with lipo -thin",
    ))
}

/// The words that are archives, thin or universal.
fn archives(words: &[OsString], cwd: &Path) -> Vec<PathBuf> {
    let paths = words.iter().filter(|word| !word.as_encoded_bytes().starts_with(b"-")).map(|word| cwd.join(word));
    let is_archive = |path: &PathBuf| {
        let Ok(data) = std::fs::read(path) else { return false };
        let of_archives = |file: Fat<'_>| file.slices.iter().any(|slice| archive::is_archive(&slice.data));
        archive::is_archive(&data) || Fat::parse(&data).is_ok_and(of_archives)
    };
    paths.filter(is_archive).collect()
}

/// The archives of each architecture in one file; `None` where no member is universal.
fn joined(data: &[u8], path: &Path) -> Result<Option<Vec<u8>>> {
    let shown = path.display().to_string();
    let members = Archive::read(data, path).map_err(in_file(&shown))?.members;
    let mut archs: Vec<(u32, u32)> = Vec::new();
    let mut split: Vec<(Member<'_>, Vec<Slice<'_>>)> = Vec::new();
    for member in members {
        let slices = match is_fat(&member.data) {
            true => Fat::parse(&member.data).map_err(in_file(&shown))?.slices.into_iter().map(owned).collect(),
            false => Vec::new(),
        };
        archs.extend(slices.iter().map(|slice| (slice.cpu, slice.subtype)));
        split.push((member, slices));
    }
    archs.sort_unstable();
    archs.dedup();
    if archs.is_empty() {
        return Ok(None);
    }
    let mut file = Fat::default();
    for (cpu, subtype) in archs {
        let of_arch = split.iter().filter_map(|(member, slices)| {
            let slice = slices.iter().find(|slice| (slice.cpu, slice.subtype) == (cpu, subtype));
            // What is no universal file is of its own architecture, or of none.
            let thin = || {
                slices.is_empty() && super::arch_of("", &member.data).map_or(true, |of| (of.0, of.1) == (cpu, subtype))
            };
            let data = slice.map(|slice| &slice.data).or_else(|| thin().then_some(&member.data))?;
            Some(Member { name: member.name.clone(), data: Cow::Borrowed(&**data), ..*member })
        });
        let archive = Archive::of_macho(of_arch.collect()).write(true).map_err(in_file(&shown))?;
        file.slices.push(Slice { cpu, subtype, align: ALIGN, offset: 0, data: archive.into() });
    }
    file.sort();
    file.write().map(Some).map_err(in_file(&shown))
}

fn owned(slice: Slice<'_>) -> Slice<'static> {
    Slice { data: slice.data.into_owned().into(), ..slice }
}
