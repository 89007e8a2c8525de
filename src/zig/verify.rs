//! Whether an installed zig is as it was installed: its files against the digests that were taken while they were unpacked.
//!
//! It finds what a disk, a cleaner or an editor has done. It is no proof against somebody who can write to the directory,
//! and with it to the digests.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::digest;
use crate::error::{Error, Result};

/// The digests of all files of an installed zig, in the form of sha256sum: `sha256sum -c` reads it too.
pub(super) const DIGESTS: &str = "SHA256SUMS";

/// How a tree differs from what was installed. Names are relative to it, sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    /// How many files were installed.
    pub(crate) files: usize,
    pub(crate) altered: Vec<String>,
    pub(crate) missing: Vec<String>,
    pub(crate) added: Vec<String>,
}

/// The text of [`DIGESTS`].
pub(super) fn digests(files: &BTreeMap<String, String>) -> String {
    files.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect()
}

/// Compares the zig in `tree` with what was installed there.
///
/// # Errors
/// Where there are no digests, because something else put it there, or a file cannot be read.
pub(crate) fn verify(tree: &Path) -> Result<Differences> {
    let list = tree.join(DIGESTS);
    let text = match fs::read_to_string(&list) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Error::with_help(
                format!("there are no digests of the zig in '{}': this xcc did not install it", tree.display()),
                "'xcc zig install VERSION' installs one whose files can be verified; where there is one of an older xcc, remove that first",
            ));
        }
        text => text.map_err(Error::io("read", &list))?,
    };
    let mut installed: BTreeMap<&str, &str> =
        text.lines().filter_map(|line| line.split_once("  ")).map(|(digest, name)| (name, digest)).collect();
    let mut differences = Differences { files: installed.len(), ..Differences::default() };
    for path in files_below(tree)? {
        let name = name_below(tree, &path);
        match installed.remove(&*name) {
            Some(expected) if digest::of_file(&path)? == expected => {}
            Some(_) => differences.altered.push(name),
            None if name == DIGESTS => {}
            None => differences.added.push(name),
        }
    }
    differences.missing = installed.into_keys().map(str::to_owned).collect();
    Ok(differences)
}

/// Everything below `tree` that is not a directory, sorted.
fn files_below(tree: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut pending) = (Vec::new(), vec![tree.to_owned()]);
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(&directory).map_err(Error::io("read", &directory))? {
            let entry = entry.map_err(Error::io("read", &directory))?;
            let is_directory = entry.file_type().map_err(Error::io("read", entry.path()))?.is_dir();
            if is_directory { &mut pending } else { &mut found }.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// The name of a file as the digests have it, with slashes on every host.
pub(super) fn name_below(tree: &Path, path: &Path) -> String {
    let path = path.strip_prefix(tree).unwrap_or(path);
    path.iter().map(|field| field.to_string_lossy()).collect::<Vec<_>>().join("/")
}
