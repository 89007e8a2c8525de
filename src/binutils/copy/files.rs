//! Files in and out: every member of an archive, modes and dates, and a result that is whole or not there at all.

use std::borrow::Cow;
use std::fs::{self, FileTimes, Metadata};
use std::io::Write;
use std::path::Path;

use super::plan::Plan;
use crate::binutils::archive::{self, Archive};
use crate::binutils::elf::Result as ElfResult;
use crate::binutils::object;
use crate::binutils::{in_file, member_name, read};
use crate::error::{Error, Result};
use crate::macho;
use crate::macho::fat::{self, Fat};

/// Reads `from`, changes it by `change`, and writes `to`, which may be the same file.
pub(in crate::binutils) fn copy(
    from: &Path,
    to: &Path,
    plan: &Plan,
    change: &dyn Fn(&[u8]) -> ElfResult<Vec<u8>>,
) -> Result<()> {
    let data = read(from.as_os_str())?;
    let meta = fs::metadata(from).map_err(Error::io("read", from))?;
    let new = contents(from, &data, plan, change)?;
    write(to, &new, Some(&meta))?;
    if plan.preserve_dates {
        let dates = meta.modified().and_then(|modified| {
            let times = FileTimes::new().set_modified(modified).set_accessed(meta.accessed()?);
            fs::File::options().write(true).open(to).and_then(|file| file.set_times(times))
        });
        dates.map_err(Error::io("set the dates of", to))?;
    }
    Ok(())
}

fn contents(from: &Path, data: &[u8], plan: &Plan, change: &dyn Fn(&[u8]) -> ElfResult<Vec<u8>>) -> Result<Vec<u8>> {
    let shown = from.to_string_lossy();
    if fat::is_fat(data) {
        let mut file = Fat::parse(data).map_err(in_file(&shown))?;
        for slice in &mut file.slices {
            let name = slice.name();
            if plan.arch.as_ref().is_none_or(|arch| *arch == name) {
                slice.data = contents(&from.join(format!("(architecture {name})")), &slice.data, plan, change)?.into();
            }
        }
        return file.write().map_err(in_file(&shown));
    }
    if !archive::is_archive(data) {
        return change(data).map_err(in_file(&shown));
    }
    let mut archive = Archive::read(data, from).map_err(in_file(&shown))?;
    if archive.is_thin {
        return Err(Error::with_help(
            format!("'{shown}': a thin archive has no objects of its own"),
            "name the objects themselves",
        ));
    }
    for member in &mut archive.members {
        // Other members (bitcode, Rust's metadata) are none of our business and stay.
        if object::is_object(&member.data) || macho::is_macho(&member.data) {
            let new = change(&member.data).map_err(in_file(&member_name(&shown, &member.name)))?;
            member.data = Cow::Owned(new);
        }
    }
    archive.write(!plan.archive_dates).map_err(in_file(&shown))
}

/// Writes beside the file and renames, with the mode (and the owner, where we may) of `like`. A link stays a link.
pub(in crate::binutils) fn write(to: &Path, data: &[u8], like: Option<&Metadata>) -> Result<()> {
    let special = fs::metadata(to).is_ok_and(|meta| !meta.is_file());
    if special {
        // A device such as /dev/null or /dev/stdout has no place beside it.
        return fs::write(to, data).map_err(Error::io("write", to));
    }
    let target = fs::canonicalize(to).unwrap_or_else(|_| to.to_path_buf());
    let dir = target.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |action| Error::io(action, to);
    let mut file = tempfile::Builder::new().prefix(".xcc-").tempfile_in(dir).map_err(output(to))?;
    file.write_all(data).map_err(output(to))?;
    set_mode(file.as_file(), like).map_err(failed("set the mode of"))?;
    file.persist(&target).map_err(|error| output(to)(error.error))?;
    Ok(())
}

/// An output that cannot be written; nothing to do with xcc's cache, so without its help.
fn output(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |error| Error::message(format!("cannot write '{path}': {error}"))
}

#[cfg(unix)]
fn set_mode(file: &fs::File, like: Option<&Metadata>) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let mode = match like {
        Some(meta) => meta.mode() & 0o7777,
        None => 0o666 & !umask(),
    };
    if let Some(meta) = like {
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (meta.uid(), meta.gid()) {
            // Only root can give files away; for everybody else the copy is theirs, as with GNU's tools.
            let _ = std::os::unix::fs::fchown(file, Some(meta.uid()), Some(meta.gid()));
        }
    }
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(unix)]
#[allow(clippy::unnecessary_cast, reason = "16 bits on macOS")]
fn umask() -> u32 {
    // SAFETY: the tools have one thread, and umask touches no memory.
    unsafe {
        let mask = libc::umask(0o022);
        libc::umask(mask);
        mask as u32
    }
}

#[cfg(not(unix))]
fn set_mode(_: &fs::File, _: Option<&Metadata>) -> std::io::Result<()> {
    Ok(())
}
