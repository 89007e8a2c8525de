//! The tools of macOS, called and answering as Apple's do: `lipo`, `install_name_tool`, `otool`, `codesign`, `vtool`,
//! `dsymutil`, `xcrun`, `sw_vers`; and what `nm`, `size` and `strip` do with Mach-O files, `ar` and `ranlib` with universal ones.
//!
//! The files themselves are the business of [`crate::macho`].

pub(super) mod codesign;
pub(crate) mod dsymutil;
pub(super) mod dyld_info;
pub(super) mod entitlements;
pub(super) mod install_name_tool;
pub(super) mod lipo;
pub(super) mod nm;
pub(super) mod nmedit;
pub(super) mod otool;
pub(crate) mod ranlib;
mod show;
pub(super) mod size;
pub(super) mod strip;
pub(super) mod vtool;
mod words;
pub(super) mod xcrun;

use std::ffi::OsString;
use std::path::Path;

use super::archive::{self, Archive};
use super::{in_file, member_name, read};
use crate::error::{Error, Result};
use crate::macho;
use crate::macho::fat::{Fat, Slice};
use crate::macho::names;

/// What LLVM's bitcode begins with, where it is for one of Apple's systems.
const BITCODE_WRAPPER: [u8; 4] = [0xde, 0xc0, 0x17, 0x0b];

/// Words that Apple's tools spell with one dash, for a table of GNU's options.
pub(super) fn apple_words(argv: &[OsString], words: &[(&str, &'static str)]) -> Vec<OsString> {
    let spelled = |word: &OsString| words.iter().find(|row| word == row.0).map(|row| OsString::from(row.1));
    argv.iter().map(|word| spelled(word).unwrap_or_else(|| word.clone())).collect()
}

/// A file without its slices and members: one Mach-O file, and how tools name it.
pub(super) struct Part<'d> {
    pub(super) data: &'d [u8],
    /// `arm64`, where the file is universal.
    pub(super) arch: Option<String>,
    pub(super) member: Option<String>,
}

/// Calls `each` with every Mach-O file in a thin or universal file, or an archive, or a universal file of archives.
/// `arch` chooses a slice.
///
/// # Errors
/// Damaged files, an architecture that is not there, and what `each` fails with.
pub(super) fn each_part(
    shown: &str,
    data: &[u8],
    arch: Option<&str>,
    each: &mut dyn FnMut(&Part<'_>) -> Result<()>,
) -> Result<()> {
    if !macho::fat::is_fat(data) {
        return members(shown, data, None, each);
    }
    let file = Fat::parse(data).map_err(in_file(shown))?;
    if let Some(arch) = arch.filter(|arch| *arch != "all" && !file.slices.iter().any(|slice| slice.name() == *arch)) {
        return Err(Error::message(format!("'{shown}': it does not contain architecture {arch}")));
    }
    for slice in &file.slices {
        if arch.is_none_or(|arch| arch == "all" || slice.name() == arch) {
            members(shown, &slice.data, Some(slice.name()), each)?;
        }
    }
    Ok(())
}

fn members(
    shown: &str,
    data: &[u8],
    arch: Option<String>,
    each: &mut dyn FnMut(&Part<'_>) -> Result<()>,
) -> Result<()> {
    if !archive::is_archive(data) {
        return each(&Part { data, arch, member: None });
    }
    for member in Archive::read(data, Path::new(shown)).map_err(in_file(shown))?.members {
        let name = String::from_utf8_lossy(&member.name).into_owned();
        // Bitcode and Rust's metadata are no objects.
        if macho::is_macho(&member.data) {
            each(&Part { data: &member.data, arch: arch.clone(), member: Some(name) })?;
        }
    }
    Ok(())
}

/// Does the file, or any member of the archive, have to do with Mach-O?
pub(super) fn is_ours(data: &[u8]) -> bool {
    if !archive::is_archive(data) {
        return macho::is_macho(data);
    }
    let members = Archive::read(data, Path::new("")).map(|archive| archive.members).unwrap_or_default();
    members.iter().any(|member| macho::is_macho(&member.data))
}

/// A file as slices: those of a universal file, or itself as one.
pub(super) fn slices(path: &Path) -> Result<(Vec<Slice<'static>>, bool)> {
    let data = read(path.as_os_str())?;
    let shown = path.display().to_string();
    if macho::fat::is_fat(&data) {
        let file = Fat::parse(&data).map_err(in_file(&shown))?;
        let owned = file.slices.into_iter().map(|slice| Slice { data: slice.data.into_owned().into(), ..slice });
        return Ok((owned.collect(), true));
    }
    let (cpu, subtype, align) = arch_of(&shown, &data)?;
    Ok((vec![Slice { cpu, subtype, align, offset: 0, data: data.into() }], false))
}

/// Processor, subtype and alignment of a thin file or of an archive, whose members must be of one.
fn arch_of(shown: &str, data: &[u8]) -> Result<(u32, u32, u32)> {
    if data.starts_with(&BITCODE_WRAPPER) {
        // As -flto makes them. Its head has the processor.
        let cpu = macho::bytes::u32_at(data, 16).map_err(in_file(shown))?;
        return Ok((cpu, if cpu == names::CPU_X86_64 { 3 } else { 0 }, 0));
    }
    if !archive::is_archive(data) {
        if !macho::is_thin(data) && macho::is_macho(data) {
            return macho::fat::head(data)
                .map(|(cpu, subtype)| (cpu, subtype, names::arch_align(cpu, subtype)))
                .map_err(in_file(shown));
        }
        let image = macho::Image::parse(data).map_err(in_file(shown))?;
        return Ok((image.cpu, image.subtype, macho::fat::align_of(&image)));
    }
    let mut found = None;
    for member in Archive::read(data, Path::new(shown)).map_err(in_file(shown))?.members {
        if !macho::is_macho(&member.data) {
            continue;
        }
        let shown = member_name(shown, &member.name);
        let image = macho::Image::parse(&member.data).map_err(in_file(&shown))?;
        let arch = (image.cpu, image.subtype);
        if found.is_some_and(|found| found != arch) {
            return Err(Error::message(format!("'{shown}': the members of the archive are of several architectures")));
        }
        found = Some(arch);
    }
    // A member is aligned to 8 bytes, so the archive is.
    let found = found.ok_or_else(|| Error::message(format!("'{shown}': the archive has no Mach-O file")));
    found.map(|(cpu, subtype)| (cpu, subtype, 3))
}
