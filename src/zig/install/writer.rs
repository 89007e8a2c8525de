//! Unpacking: a tree of checked names, out of a wheel, an archive or a directory.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::executable;
use crate::digest::hex;
use crate::error::{Error, Result};
use crate::zig::verify;

/// A tree that is being filled. It takes files alone, from names checked one by one, and never makes a link, so
/// nothing it writes can land outside.
struct Writer<'a> {
    tree: &'a Path,
    source: &'a Path,
    top: Option<String>,
    parent: PathBuf,
    buffer: Vec<u8>,
    /// Of what is written, by names, for `xcc zig verify`.
    digests: BTreeMap<String, String>,
}

/// How much is written at once. What Linux has of a new file in memory is in pieces as large as those it was written in,
/// and a program in large pieces starts faster: `zig version` took 2.5 ms instead of 5 to 8 (Linux 6.18, ext4). That lasts
/// until the memory is needed for something else.
const PIECE: usize = 8 << 20;

impl<'a> Writer<'a> {
    fn new(source: &'a Path, tree: &'a Path) -> Writer<'a> {
        let buffer = vec![0; PIECE];
        Writer { tree, source, top: None, parent: PathBuf::new(), buffer, digests: BTreeMap::new() }
    }

    /// Writes an archive's file `name`, if it is one that zig needs.
    fn entry(&mut self, name: &str, contents: &mut dyn Read) -> Result<()> {
        let Some(fields) = fields(name) else { return Err(self.refused(name, "leads out of the archive")) };
        let [top, path @ ..] = &fields[..] else { return Ok(()) };
        // Beside `ziglang` a wheel has its metadata.
        if *top != "ziglang" && !top.starts_with("zig-") || !is_wanted(path) {
            return Ok(());
        }
        if self.top.get_or_insert_with(|| (*top).to_owned()) != top {
            return Err(self.refused(name, "belongs to a second zig"));
        }
        self.file(&path.iter().collect::<PathBuf>(), contents)
    }

    fn file(&mut self, path: &Path, contents: &mut dyn Read) -> Result<()> {
        let path = self.tree.join(path);
        let parent = path.parent().unwrap_or(self.tree);
        if self.parent != parent {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
            self.parent = parent.to_path_buf();
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // Not the archive's own modes: they are as the machine that packed it had them.
            options.mode(if path == executable(self.tree) { 0o755 } else { 0o644 });
        }
        let mut file = options.open(&path).map_err(Error::io("create", &path))?;
        let mut digest = Sha256::new();
        // `io::copy` does not tell a damaged archive from a full disk.
        loop {
            let mut full = 0;
            while full < PIECE {
                match contents.read(&mut self.buffer[full..]) {
                    Ok(0) => break,
                    Ok(count) => full += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(Error::io("read", self.source)(error)),
                }
            }
            if full == 0 {
                self.digests.insert(verify::name_below(self.tree, &path), hex(&digest.finalize()));
                return Ok(());
            }
            digest.update(&self.buffer[..full]);
            file.write_all(&self.buffer[..full]).map_err(Error::io("write", &path))?;
        }
    }

    /// Writes the digests, when everything else is there.
    fn finish(self) -> Result<()> {
        let path = self.tree.join(verify::DIGESTS);
        fs::write(&path, verify::digests(&self.digests)).map_err(Error::io("write", &path))
    }

    fn refused(&self, name: &str, why: &str) -> Error {
        Error::message(format!("cannot unpack '{}': its entry '{name}' {why}", self.source.display()))
    }
}

/// The fields of the name of an archive's entry; none where it could mean a place outside on any host.
fn fields(name: &str) -> Option<Vec<&str>> {
    // Windows also separates with backslashes, has drives and streams after a colon, and drops dots and blanks at the
    // end.
    let is_safe =
        |field: &&str| !field.is_empty() && !field.contains(['\\', ':', '\0']) && !field.ends_with(['.', ' ']);
    let name = name.strip_suffix('/').unwrap_or(name);
    name.strip_prefix("./").unwrap_or(name).split('/').map(|field| Some(field).filter(is_safe)).collect()
}

/// Of an archive or a directory xcc takes zig, its library and the licence; not the manual, not the Python module.
fn is_wanted(path: &[&str]) -> bool {
    match path {
        [file] => *file == "LICENSE" || Path::new(file) == executable(Path::new("")),
        [directory, ..] => *directory == "lib",
        [] => false,
    }
}

pub(super) fn unpack_zip(file: File, path: &Path, tree: &Path) -> Result<()> {
    let mut writer = Writer::new(path, tree);
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| zip_error(path, e))?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|e| zip_error(path, e))?;
        let name = entry.name().map_err(|e| zip_error(path, e))?.into_owned();
        if entry.is_symlink() {
            return Err(writer.refused(&name, "is a link"));
        } else if entry.is_dir() {
            fields(&name).ok_or_else(|| writer.refused(&name, "leads out of the archive"))?;
        } else {
            writer.entry(&name, &mut entry)?;
        }
    }
    writer.finish()
}

pub(super) fn zip_error(path: &Path, error: zip::result::ZipError) -> Error {
    Error::io("read", path)(error.into())
}

pub(super) fn tar_xz(file: &mut File) -> tar::Archive<impl Read> {
    tar::Archive::new(lzma_rust2::XzReader::new(BufReader::new(file), true))
}

pub(super) fn unpack_tar_xz(file: &mut File, path: &Path, tree: &Path) -> Result<()> {
    let mut writer = Writer::new(path, tree);
    let mut archive = tar_xz(file);
    for entry in archive.entries().map_err(Error::io("read", path))? {
        let mut entry = entry.map_err(Error::io("read", path))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        match entry.header().entry_type() {
            tar::EntryType::Regular => writer.entry(&name, &mut entry)?,
            tar::EntryType::Directory => {
                fields(&name).ok_or_else(|| writer.refused(&name, "leads out of the archive"))?;
            }
            tar::EntryType::XGlobalHeader => {}
            tar::EntryType::Symlink | tar::EntryType::Link => return Err(writer.refused(&name, "is a link")),
            _ => return Err(writer.refused(&name, "is neither a file nor a directory")),
        }
    }
    // The tar ends before the xz does, whose checksums come last.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(Error::io("read", path))?;
    writer.finish()
}

/// Copies the zig in `root`, which is a canonical path. Links are followed to files inside it.
pub(super) fn copy_directory(root: &Path, tree: &Path) -> Result<()> {
    let mut writer = Writer::new(root, tree);
    let mut pending = vec![PathBuf::new()];
    while let Some(directory) = pending.pop() {
        let path = root.join(&directory);
        for entry in fs::read_dir(&path).map_err(Error::io("read", &path))? {
            let entry = entry.map_err(Error::io("read", &path))?;
            let name = directory.join(entry.file_name());
            let kind = entry.file_type().map_err(Error::io("read", entry.path()))?;
            if directory.as_os_str().is_empty() {
                let name = entry.file_name();
                // `lib` stands for the files in it.
                let fields = [name.to_str().unwrap_or_default(), "*"];
                if !is_wanted(if kind.is_dir() { &fields } else { &fields[..1] }) {
                    continue;
                }
            }
            if kind.is_dir() {
                pending.push(name);
                continue;
            }
            let target = entry.path().canonicalize().map_err(Error::io("read", entry.path()))?;
            if !target.starts_with(root) || !target.is_file() {
                return Err(Error::with_help(
                    format!("cannot copy '{}': it is not a file of that directory", entry.path().display()),
                    "give the wheel or the archive the directory was made from",
                ));
            }
            let mut file = File::open(&target).map_err(Error::io("read", &target))?;
            writer.file(&name, &mut file)?;
        }
    }
    writer.finish()
}
