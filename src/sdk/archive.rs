//! What an SDK comes in: a directory, a tar archive, or a package of Apple's. Only the SDK is taken out of it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::cpio::{self, Kind};
use super::pbzx::{self, Pbzx};
use super::tree::{Links, Tree, damaged};
use super::xar;
use crate::error::{Error, Result};

/// Where in the stage a source without a directory `MacOSX*.sdk` goes.
pub(super) const WHOLE: &str = "whole";

/// Unpacks what `from` has of an SDK below `stage`; the links in it, which may lead anywhere.
///
/// # Errors
/// What is none of these, is not whole, or would write outside; where the disk is full.
pub(super) fn unpack(from: &Path, stage: &Path) -> Result<Links> {
    let mut tree = Tree::new(stage);
    if from.is_dir() {
        let from = from.canonicalize().map_err(Error::io("read", from))?;
        // Its name can be all that says the version.
        let name = from.file_name().and_then(|name| of_sdk(Path::new(name)));
        copy(&from, &name.unwrap_or_else(|| WHOLE.into()), &mut tree)?;
        return tree.finish();
    }
    let mut file = File::open(from).map_err(Error::io("read", from))?;
    let mut magic = Vec::new();
    let seen = Read::by_ref(&mut file).take(512).read_to_end(&mut magic).and_then(|_| file.rewind());
    seen.map_err(Error::io("read", from))?;
    if magic.starts_with(xar::MAGIC) {
        unpack_package(&mut file, &mut tree)?;
    } else if let Some(plain) = plain(&magic, BufReader::with_capacity(1 << 16, &file)) {
        unpack_tar(plain.map_err(|error| damaged(&error))?, &mut tree)?;
    } else {
        let is_image = is_disk_image(&mut file).map_err(Error::io("read", from))?;
        let help = if is_image {
            "it is a disk image: take the .pkg out of it, on a Mac or with '7z x'"
        } else {
            "give a directory MacOSX*.sdk, a .tar, .tar.gz, .tar.xz or .tar.zst of one, or a .pkg of Apple's Command Line Tools"
        };
        return Err(Error::with_help("it is no directory, no tar archive and no package of Apple's", help));
    }
    tree.finish()
}

/// What is compressed, or is not, as the tar archive that it is; `None` where it is none.
fn plain<'a>(magic: &[u8], from: BufReader<&'a File>) -> Option<io::Result<Box<dyn Read + 'a>>> {
    if magic.starts_with(b"\x1f\x8b") {
        Some(Ok(Box::new(MultiGzDecoder::new(from))))
    } else if magic.starts_with(b"\xfd7zXZ\0") {
        Some(Ok(Box::new(XzReader::new(from, true))))
    } else if magic.starts_with(b"\x28\xb5\x2f\xfd") {
        Some(Zstd::new(from).map(|zstd| Box::new(zstd) as Box<dyn Read>))
    } else if magic.get(257..262) == Some(b"ustar") {
        Some(Ok(Box::new(from)))
    } else {
        None
    }
}

/// All frames of a file, as parallel compressors make several.
struct Zstd<R: BufRead>(Option<StreamingDecoder<R, FrameDecoder>>);

impl<R: BufRead> Zstd<R> {
    fn new(from: R) -> io::Result<Zstd<R>> {
        StreamingDecoder::new(from).map(|decoder| Zstd(Some(decoder))).map_err(io::Error::other)
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.0 else { return Ok(0) };
            let count = decoder.read(to)?;
            if count > 0 || to.is_empty() {
                return Ok(count);
            }
            let Some(mut from) = self.0.take().map(StreamingDecoder::into_inner) else { return Ok(0) };
            if !from.fill_buf()?.is_empty() {
                *self = Zstd::new(from)?;
            }
        }
    }
}

fn is_disk_image(file: &mut File) -> io::Result<bool> {
    let mut trailer = Vec::new();
    if file.metadata()?.len() >= 512 {
        file.seek(SeekFrom::End(-512))?;
        file.take(4).read_to_end(&mut trailer)?;
    }
    Ok(trailer == b"koly")
}

/// A path from its directory `MacOSX*.sdk` on.
fn of_sdk(path: &Path) -> Option<PathBuf> {
    let is_sdk = |name: &OsStr| name.to_str().is_some_and(|name| name.starts_with("MacOSX") && name.ends_with(".sdk"));
    let mut parts = path.components();
    loop {
        let rest = parts.as_path();
        if is_sdk(parts.next()?.as_os_str()) {
            return Some(rest.to_owned());
        }
    }
}

/// Beside an SDK there are links to it under other names (`MacOSX.sdk`), which say nothing here.
fn is_alias(path: &Path) -> bool {
    path.components().count() == 1
}

fn copy(from: &Path, to: &Path, tree: &mut Tree) -> Result<()> {
    let meta = fs::symlink_metadata(from).map_err(Error::io("read", from))?;
    if meta.is_symlink() {
        return tree.symlink(to, &fs::read_link(from).map_err(Error::io("read", from))?);
    }
    if meta.is_dir() {
        tree.directory(to)?;
        for entry in fs::read_dir(from).map_err(Error::io("read", from))? {
            let name = entry.map_err(Error::io("read", from))?.file_name();
            copy(&from.join(&name), &to.join(&name), tree)?;
        }
        return Ok(());
    }
    if !meta.is_file() {
        return Err(Error::message(format!("'{}' in it is no file", from.display())));
    }
    let mut file = File::open(from).map_err(Error::io("read", from))?;
    tree.file(to, mode_of(&meta), &mut file)
}

#[cfg(unix)]
fn mode_of(meta: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions())
}

#[cfg(not(unix))]
fn mode_of(_: &fs::Metadata) -> u32 {
    0o644
}

/// Counts the zeros at the end: a tar archive that is whole ends in a block of them, and nothing else says so.
struct Tail<R> {
    from: R,
    zeros: u64,
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(to)?;
        let at_end = to[..count].iter().rev().take_while(|byte| **byte == 0).count();
        self.zeros = at_end as u64 + if at_end == count { self.zeros } else { 0 };
        Ok(count)
    }
}

fn unpack_tar(from: impl Read, tree: &mut Tree) -> Result<()> {
    let mut archive = tar::Archive::new(Tail { from, zeros: 0 });
    let broken = |error: io::Error| damaged(&error);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.into_owned();
        // macOS's tar has a file's metadata beside it, under a name of its own.
        if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"._")) {
            continue;
        }
        let place = |path: &Path| of_sdk(path).unwrap_or_else(|| Path::new(WHOLE).join(path));
        let to = place(&path);
        let link = entry.link_name().map_err(broken)?.map(|link| link.into_owned());
        let kind = entry.header().entry_type();
        match (kind, link) {
            (tar::EntryType::Directory, _) => tree.directory(&to)?,
            (tar::EntryType::Symlink, Some(_)) if is_alias(&to) => {}
            (tar::EntryType::Symlink, Some(link)) => tree.symlink(&to, &link)?,
            (tar::EntryType::Link, Some(of)) => tree.hard_link(&to, &place(&of))?,
            (tar::EntryType::Regular | tar::EntryType::Continuous | tar::EntryType::GNUSparse, _) => {
                let mode = entry.header().mode().map_err(broken)?;
                tree.file(&to, mode, &mut entry)?;
            }
            _ => return Err(Error::message(format!("'{}' in it is no file, directory or link", path.display()))),
        }
    }
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(broken)?;
    if rest.zeros < 512 {
        return Err(damaged(&io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(())
}

/// Packages, those in a package included, keep their files in a member of this name; an archive that Apple has signed
/// (`.xip`) in the other.
const PAYLOADS: &[&str] = &["Payload", "Content"];

fn unpack_package(file: &mut File, tree: &mut Tree) -> Result<()> {
    let members = xar::members(file).map_err(|error| damaged(&error))?;
    let is_payload =
        |member: &&xar::Member| member.name.rsplit('/').next().is_some_and(|name| PAYLOADS.contains(&name));
    for member in members.iter().filter(is_payload) {
        let in_member = |error: io::Error| damaged(&io::Error::new(error.kind(), format!("{}: {error}", member.name)));
        let mut payload = member.open(file).map_err(in_member)?;
        let mut magic = [0; 6];
        payload.read_exact(&mut magic).map_err(in_member)?;
        {
            let from = io::Cursor::new(magic).chain(&mut payload);
            let mut files: Box<dyn Read + '_> = match &magic {
                magic if magic.starts_with(pbzx::MAGIC) => Box::new(Pbzx::new(from).map_err(in_member)?),
                magic if magic.starts_with(b"\x1f\x8b") => Box::new(MultiGzDecoder::new(from)),
                b"\xfd7zXZ\0" => Box::new(XzReader::new(from, true)),
                magic if magic.starts_with(b"0707") => Box::new(from),
                _ => {
                    let text = format!("'{}' in it is compressed in a way that is not known here", member.name);
                    return Err(Error::with_help(text, "unpack it on a Mac, and give the directory MacOSX*.sdk"));
                }
            };
            unpack_cpio(&mut files, tree, &in_member)?;
            io::copy(&mut files, &mut io::sink()).map_err(in_member)?;
        }
        payload.finish().map_err(in_member)?;
    }
    Ok(())
}

fn unpack_cpio(from: impl Read, tree: &mut Tree, broken: &dyn Fn(io::Error) -> Error) -> Result<()> {
    let mut archive = cpio::Archive::new(from);
    // Names of files whose contents come with a later name.
    let mut waiting: BTreeMap<(u64, u64), Vec<PathBuf>> = BTreeMap::new();
    while let Some(entry) = archive.next().map_err(broken)? {
        let Some(to) = of_sdk(Path::new(&entry.name)) else { continue };
        match (entry.kind, entry.shared) {
            (Kind::Directory, _) => tree.directory(&to)?,
            (Kind::Symlink, _) if is_alias(&to) => {}
            (Kind::Symlink, _) => {
                let mut target = String::new();
                archive.read_to_string(&mut target).map_err(broken)?;
                tree.symlink(&to, Path::new(&target))?;
            }
            (Kind::File, Some(key)) if entry.size == 0 => waiting.entry(key).or_default().push(to),
            (Kind::File, key) => {
                tree.file(&to, entry.mode, &mut archive)?;
                for name in key.and_then(|key| waiting.remove(&key)).into_iter().flatten() {
                    tree.hard_link(&name, &to)?;
                }
            }
            (Kind::Other, _) => {
                return Err(Error::message(format!("'{}' in it is no file, directory or link", entry.name)));
            }
        }
    }
    // Empty ones.
    for name in waiting.into_values().flatten() {
        tree.file(&name, 0o644, &mut io::empty())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sdk_is_known_by_its_name_wherever_it_is() {
        for (path, of) in [
            ("./Library/Developer/CommandLineTools/SDKs/MacOSX14.4.sdk/usr/a", Some("MacOSX14.4.sdk/usr/a")),
            ("MacOSX.sdk", Some("MacOSX.sdk")),
            ("a/MacOSX14.sdk/../../b", Some("MacOSX14.sdk/../../b")),
            ("Library/Developer/CommandLineTools/usr/bin/clang", None),
            ("SDKs/DriverKit23.4.sdk/a", None),
        ] {
            assert_eq!(of_sdk(Path::new(path)), of.map(PathBuf::from), "{path}");
        }
    }
}
