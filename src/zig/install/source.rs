//! What the user names after `--from`: a wheel, an official archive, or a directory with a zig in it.

use std::env::consts;
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use super::writer::{copy_directory, tar_xz, unpack_tar_xz, unpack_zip, zip_error};
use super::{is_complete, no_zig, pip};
use crate::error::{Error, Result};
use crate::zig::pins;

pub(super) enum Source {
    /// A directory with `zig` and `lib`.
    Directory { root: PathBuf },
    /// A wheel, or the official archive for Windows.
    Zip { path: PathBuf, file: File },
    /// The official archive for everything else.
    TarXz { path: PathBuf, file: File },
}

impl Source {
    /// Goes by what the file holds: its name may have been changed.
    pub(super) fn open(path: &Path) -> Result<Source> {
        if path.is_dir() {
            // The name of `.` says nothing, and links are compared with the root later on.
            let root = path.canonicalize().map_err(Error::io("read", path))?;
            // The second is what `pip install --target` makes.
            let mut roots = [root.join("ziglang"), root].into_iter();
            let root = roots.find(|root| is_complete(root)).ok_or_else(|| no_zig(path))?;
            return Ok(Source::Directory { root });
        }
        let mut file = File::open(path).map_err(Error::io("read", path))?;
        let mut magic = Vec::new();
        Read::by_ref(&mut file).take(6).read_to_end(&mut magic).map_err(Error::io("read", path))?;
        file.rewind().map_err(Error::io("read", path))?;
        let path = path.to_path_buf();
        if magic.starts_with(b"PK") {
            Ok(Source::Zip { path, file })
        } else if magic == b"\xfd7zXZ\0" {
            Ok(Source::TarXz { path, file })
        } else {
            Err(Error::with_help(
                format!("'{}' is neither a wheel nor a .zip nor a .tar.xz", path.display()),
                "give a ziglang wheel, an official archive of zig, or a directory with one unpacked",
            ))
        }
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Source::Directory { root: path } | Source::Zip { path, .. } | Source::TarXz { path, .. } => path,
        }
    }

    /// What the names inside say, and otherwise the name of the file itself.
    pub(super) fn version(&mut self) -> Result<Option<String>> {
        let inside = match self {
            // The module of Python says nothing itself. Its metadata lies beside it.
            Source::Directory { root } if root.ends_with("ziglang") => {
                let beside = root.parent().and_then(|parent| fs::read_dir(parent).ok());
                beside.into_iter().flatten().flatten().find_map(|entry| {
                    let name = entry.file_name().into_string().ok()?;
                    version_in(&name).filter(|_| name.ends_with(".dist-info"))
                })
            }
            Source::Directory { .. } => None,
            Source::Zip { path, file } => {
                let archive = zip::ZipArchive::new(BufReader::new(&mut *file)).map_err(|e| zip_error(path, e))?;
                archive.file_names().flatten().find_map(|name| version_in(name.split('/').next()?))
            }
            Source::TarXz { path, file } => {
                let mut archive = tar_xz(file);
                let first = archive.entries().map_err(Error::io("read", &*path))?.next();
                let first = first.transpose().map_err(Error::io("read", &*path))?;
                first.and_then(|entry| version_in(str::from_utf8(&entry.path_bytes()).ok()?.split('/').next()?))
            }
        };
        if let Source::TarXz { path, file } | Source::Zip { path, file } = self {
            file.rewind().map_err(Error::io("read", path))?;
        }
        Ok(inside.or_else(|| version_in(self.path().file_name()?.to_str()?)))
    }

    pub(super) fn unpack(self, tree: &Path) -> Result<()> {
        match self {
            Source::Directory { root } => copy_directory(&root, tree),
            Source::TarXz { path, mut file } => unpack_tar_xz(&mut file, &path, tree),
            Source::Zip { path, mut file } => {
                if let Some(pin) = path.file_name().and_then(|name| pins::find_file(name.to_str()?)) {
                    // The arch may differ: Windows and macOS run each other's. Another system's zig never runs.
                    if pin.host.0 != consts::OS {
                        return Err(Error::with_help(
                            format!("'{}' is for {}, not for {}", path.display(), pin.host.0, consts::OS),
                            "give the wheel for this machine",
                        ));
                    }
                    pip::verify(&mut file, &path, pin)?;
                }
                unpack_zip(file, &path, tree)
            }
        }
    }
}

/// The version in the name of a wheel, of an archive, or of the directory in one.
pub(super) fn version_in(name: &str) -> Option<String> {
    let stem = [".tar.xz", ".zip", ".whl"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    let version = if let Some(rest) = stem.strip_prefix("ziglang-") {
        // `ziglang-0.17.0-py3-none-any` and `ziglang-0.17.0.dist-info`.
        rest.split('-').next()?.trim_end_matches(".dist")
    } else {
        // `zig-x86_64-linux-0.17.0`, and of builds between releases `zig-linux-x86_64-0.15.0-dev.1+0123abc`.
        let rest = stem.strip_prefix("zig-")?;
        let starts = std::iter::once(0).chain(rest.match_indices('-').map(|(index, _)| index + 1));
        starts.map(|start| &rest[start..]).find(|field| field.starts_with(|c: char| c.is_ascii_digit()))?
    };
    is_version(version).then(|| version.to_owned())
}

/// A version becomes the name of a directory, so this is strict.
pub(crate) fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains('.')
        && !text.contains("..")
        && !text.ends_with('.')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))
}
