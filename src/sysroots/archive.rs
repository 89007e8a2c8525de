//! Sysroots as one file: a gzipped tar whose header carries the digest of everything behind it.
//!
//! The digest finds damage and truncation, not an attacker, who could write another; what came over an untrusted way is
//! compared with the digest that its maker tells.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Component as Part, Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Made;
use crate::digest::hex;
use crate::error::{Error, Result};
use crate::packages;
use crate::sysroot;
use crate::whole_file;

/// First in the archive: what it is.
const CONTENTS: &str = "xcc-sysroots.json";

#[derive(Serialize, Deserialize)]
struct Contents {
    /// Of this file; grows when an older xcc could not read it.
    format: u32,
    /// How xcc lays sysroots out, as [`sysroot::Component::proof`] has it: another layout would be made again at once.
    layout: String,
    zig: String,
    sysroots: Vec<String>,
}

const FORMAT: u32 = 1;

/// gzip (RFC 1952) with a comment and no time, from no particular system.
const MAGIC: [u8; 10] = [0x1f, 0x8b, 8, 0x10, 0, 0, 0, 0, 0, 255];
const DIGEST: &str = "sha256:";
/// Magic, `sha256:`, 64 digits and the zero that ends a comment.
const HEADER: usize = MAGIC.len() + DIGEST.len() + 64 + 1;

/// Writes the archive, whole or not at all; its size in bytes. The same sysroots give the same bytes.
pub(super) fn export(cache: &Path, zig: &str, made: &[&Made], to: &Path) -> Result<u64> {
    let mut file = whole_file::beside(to).map_err(Error::io("create", to))?;
    let names: Vec<String> = made.iter().map(|made| made.target.clone()).collect();
    let contents = Contents { format: FORMAT, layout: sysroot::layout_name().into(), zig: zig.into(), sysroots: names };
    let contents = serde_json::to_vec(&contents).map_err(|error| Error::message(error.to_string()))?;
    let failed = |error: io::Error| Error::io("write", to)(error);
    file.write_all(&[0; HEADER]).map_err(failed)?;
    let mut payload = Payload { file: BufWriter::new(file.as_file()), digest: Sha256::new() };
    let (crc, count, inner) = {
        let deflate = DeflateEncoder::new(&mut payload, Compression::new(6));
        let mut tar = tar::Builder::new(Checked { inner: deflate, crc: flate2::Crc::new() });
        entry(&mut tar, CONTENTS, contents.len() as u64, 0o644, &contents[..]).map_err(failed)?;
        for made in made {
            // Nobody adds a part of it meanwhile.
            let _lock = sysroot::lock(cache, zig, &made.target)?;
            add(&mut tar, &made.path, &format!("sysroot/{zig}/{}", made.target))?;
            if let Some(tree) = packages::tree(cache, &made.target) {
                let tree = tree.canonicalize().map_err(Error::io("read", &tree))?;
                add(&mut tar, &tree, &format!("packages/{}/now", made.target))?;
            }
        }
        let resources = cache.join("clang").join(zig);
        add(&mut tar, &resources, &format!("clang/{zig}"))?;
        let checked = tar.into_inner().map_err(failed)?;
        (checked.crc.sum(), checked.crc.amount(), checked.inner)
    };
    inner.finish().map_err(failed)?;
    payload.write_all(&crc.to_le_bytes()).map_err(failed)?;
    payload.write_all(&count.to_le_bytes()).map_err(failed)?;
    payload.file.flush().map_err(failed)?;
    let digest = hex(&payload.digest.clone().finalize());
    drop(payload);
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(format!("{DIGEST}{digest}\0").as_bytes());
    let raw = file.as_file_mut();
    raw.seek(SeekFrom::Start(0)).and_then(|_| raw.write_all(&header)).map_err(failed)?;
    let size = raw.metadata().map_err(failed)?.len();
    file.persist(to).map_err(|error| failed(error.error))?;
    Ok(size)
}

/// Takes what the cache does not have yet: each sysroot and what became of it.
pub(super) fn import(cache: &Path, from: &Path) -> Result<Vec<(String, &'static str)>> {
    check(from)?;
    let file = File::open(from).map_err(Error::io("read", from))?;
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    fs::create_dir_all(cache.join("tmp")).map_err(Error::io("create", cache))?;
    let stage = tempfile::Builder::new().prefix("import-").tempdir_in(cache.join("tmp"));
    let stage = stage.map_err(Error::io("create", cache))?;
    let mut contents: Option<Contents> = None;
    for entry in tar.entries().map_err(Error::io("read", from))? {
        let mut entry = entry.map_err(Error::io("read", from))?;
        let path = entry.path().map_err(Error::io("read", from))?.into_owned();
        if contents.is_none() {
            contents = Some(read_contents(&path, &mut entry)?);
            continue;
        }
        let kind = entry.header().entry_type();
        let link = entry.link_name().map_err(Error::io("read", from))?;
        let plain = kind.is_file() || kind.is_dir() || kind.is_symlink();
        if !plain || !stays_inside(&path, link.as_deref()) {
            return Err(Error::message(format!("'{}' in it does not belong in a sysroot", path.display())));
        }
        entry.unpack_in(stage.path()).map_err(Error::io("create", stage.path().join(&path)))?;
    }
    let contents = contents.ok_or_else(|| Error::message("it is empty"))?;
    take(cache, stage.path(), &contents)
}

fn read_contents(path: &Path, entry: &mut impl Read) -> Result<Contents> {
    let foreign = || Error::message(format!("it does not begin with {CONTENTS}"));
    if path != Path::new(CONTENTS) {
        return Err(foreign());
    }
    let contents: Contents = serde_json::from_reader(entry).map_err(|_| foreign())?;
    if contents.format != FORMAT || contents.layout != sysroot::layout_name() {
        return Err(Error::with_help(
            "another version of xcc made it, which lays sysroots out differently",
            "export it with the same version of xcc",
        ));
    }
    Ok(contents)
}

/// Renames what is staged into the cache, each sysroot under its lock.
fn take(cache: &Path, stage: &Path, contents: &Contents) -> Result<Vec<(String, &'static str)>> {
    let zig = contents.zig.as_str();
    let resources = cache.join("clang").join(zig);
    {
        let _lock = sysroot::lock(cache, zig, "clang")?;
        if !resources.exists() {
            into_place(&stage.join("clang").join(zig), &resources)?;
        }
    }
    let mut fates = Vec::new();
    for name in &contents.sysroots {
        let to = cache.join("sysroot").join(zig).join(name);
        let _lock = sysroot::lock(cache, zig, name)?;
        let fate = if to.exists() {
            "is there already"
        } else {
            let tree = stage.join("packages").join(name).join("now");
            if tree.is_dir() {
                packages::import(cache, name, &tree)?;
            }
            into_place(&stage.join("sysroot").join(zig).join(name), &to)?;
            "imported"
        };
        fates.push((format!("{name} (zig {zig})"), fate));
    }
    Ok(fates)
}

fn into_place(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
    }
    fs::rename(from, to).map_err(Error::io("create", to))
}

/// Compares the digest in the header with what is behind it.
fn check(path: &Path) -> Result<()> {
    let mut file = File::open(path).map_err(Error::io("read", path))?;
    let mut header = [0; HEADER];
    let told = file.read_exact(&mut header).ok().and_then(|()| {
        let comment = header.strip_prefix(&MAGIC)?.strip_prefix(DIGEST.as_bytes())?.strip_suffix(&[0])?;
        std::str::from_utf8(comment).ok()
    });
    let told = told.ok_or_else(|| Error::message("it is not an archive of 'xcc sysroot export'"))?;
    let mut behind = Payload { file: io::sink(), digest: Sha256::new() };
    io::copy(&mut BufReader::new(file), &mut behind).map_err(Error::io("read", path))?;
    if hex(&behind.digest.finalize()) != told {
        return Err(Error::with_help("it was altered or is not whole: its digest does not match", "copy it again"));
    }
    Ok(())
}

/// Only below `sysroot/`, `clang/` and `packages/`, and no link out of there.
fn stays_inside(path: &Path, link: Option<&Path>) -> bool {
    let normal = |path: &Path| path.components().all(|part| matches!(part, Part::Normal(_)));
    let known = ["sysroot", "clang", "packages"].iter().any(|top| path.starts_with(top));
    let inside = |link: &Path| {
        let mut depth = path.components().count() as i64 - 1;
        link.components().all(|part| {
            depth += match part {
                Part::ParentDir => -1,
                Part::Normal(_) => 1,
                Part::CurDir => 0,
                Part::RootDir | Part::Prefix(_) => return false,
            };
            depth >= 0
        })
    };
    known && normal(path) && link.is_none_or(inside)
}

/// Adds a tree, sorted, without times, owners and the modes of this machine.
fn add<W: Write>(tar: &mut tar::Builder<W>, path: &Path, name: &str) -> Result<()> {
    let meta = fs::symlink_metadata(path).map_err(Error::io("read", path))?;
    if meta.is_symlink() {
        let to = fs::read_link(path).map_err(Error::io("read", path))?;
        let mut header = header_of(0, 0o777);
        header.set_entry_type(tar::EntryType::Symlink);
        return tar.append_link(&mut header, name, to).map_err(Error::io("read", path));
    }
    if meta.is_dir() {
        let mut children: Vec<PathBuf> =
            fs::read_dir(path).map_err(Error::io("read", path))?.flatten().map(|entry| entry.path()).collect();
        children.sort();
        for child in children {
            let file = child.file_name().and_then(|file| file.to_str());
            let file = file.ok_or_else(|| Error::message(format!("'{}' is not UTF-8", child.display())))?;
            add(tar, &child, &format!("{name}/{file}"))?;
        }
        return Ok(());
    }
    let file = File::open(path).map_err(Error::io("read", path))?;
    entry(tar, name, meta.len(), 0o644, file).map_err(Error::io("read", path))
}

fn entry<W: Write>(tar: &mut tar::Builder<W>, name: &str, size: u64, mode: u32, from: impl Read) -> io::Result<()> {
    tar.append_data(&mut header_of(size, mode), name, from)
}

fn header_of(size: u64, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(mode);
    header
}

/// What is behind the header, digested on its way.
struct Payload<W: Write> {
    file: W,
    digest: Sha256,
}

impl<W: Write> Write for Payload<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.digest.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What is compressed, with gzip's checksum of it.
struct Checked<W: Write> {
    inner: W,
    crc: flate2::Crc,
}

impl<W: Write> Write for Checked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.crc.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_place() {
        for (path, link, inside) in [
            ("sysroot/0.17.0/T/usr/lib/libc.a", None, true),
            ("clang/0.17.0/include/x.h", None, true),
            ("sysroot/0.17.0/T/lib/clang/include", Some("../../../../../clang/0.17.0/include"), true),
            ("sysroot/0.17.0/T/usr/local", Some("../../../../packages/T/now/usr"), true),
            ("packages/T/now/usr/lib/a/libz.so", Some("libz.so.1"), true),
            ("sysroot/a", Some("../../etc"), false),
            ("sysroot/a", Some("/etc"), false),
            ("sysroot/../../a", None, false),
            ("/sysroot/a", None, false),
            ("bin/xcc", None, false),
        ] {
            assert_eq!(stays_inside(Path::new(path), link.map(Path::new)), inside, "{path} {link:?}");
        }
    }
}
