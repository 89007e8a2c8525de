//! Archives of `ar`: every member that is an object, and whether they agree.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use object::read::archive::ArchiveFile;

use super::read::{self, Broken, Result};
use super::report::{Archive, File};
use crate::binutils;

pub(super) fn is_archive(data: &[u8]) -> bool {
    data.starts_with(b"!<arch>\n") || data.starts_with(b"!<thin>\n")
}

/// # Errors
/// What is wrong with the archive, or with a member that says it is an object.
pub(super) fn read(path: &Path, data: &[u8], own: &[String], file: &mut File) -> Result<()> {
    let archive = ArchiveFile::parse(data)?;
    file.container = Some(if archive.is_thin() { "thin archive" } else { "archive" });
    let mut about = Archive { index: archive.symbols()?.is_some(), deterministic: true, ..Archive::default() };
    for member in archive.members() {
        let member = member?;
        let name = String::from_utf8_lossy(member.name()).into_owned();
        about.members += 1;
        // Absent numbers are those of Windows's import libraries.
        about.deterministic &=
            [member.date(), member.uid(), member.gid()].iter().all(|number| number.unwrap_or(0) == 0);
        let contents = match member.is_thin() {
            false => Cow::Borrowed(
                member
                    .data(data)
                    .map_err(|_| format!("file truncated: member '{name}' ends past the end of the file"))?,
            ),
            true => {
                let at = path.parent().unwrap_or(Path::new("")).join(&name);
                Cow::Owned(binutils::read(at.as_os_str()).map_err(|error| error.to_string())?)
            }
        };
        match read::image(&contents, own) {
            Ok(mut image) => {
                image.part = Some(name);
                file.images.push(image);
            }
            Err(Broken(what)) if what.starts_with("file format not recognized") => about.others.push(name),
            Err(Broken(what)) => return Err(format!("member '{name}': {what}").into()),
        }
    }
    let architectures: BTreeSet<String> = file.images.iter().filter_map(|image| image.arch.clone()).collect();
    about.architectures = architectures.into_iter().collect();
    file.archive = Some(about);
    Ok(())
}
