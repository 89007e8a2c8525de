//! Where packages come from: a release, by apt, or this machine's own files and directories.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::apt::{Apt, Archive};
use super::table::left_out;
use super::{Outcome, Package, Spec, deb};
use crate::digest::hex;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::sysroot;

/// A package that was found, with what is in it.
pub(super) struct Found {
    pub(super) package: Package,
    pub(super) content: Content,
    pub(super) path: PathBuf,
}

pub(super) enum Content {
    Tar(Vec<u8>),
    Directory,
}

/// Those of the named packages that are not left out.
pub(super) fn wanted(packages: &[String], outcome: &mut Outcome) -> Result<Vec<String>> {
    let mut wanted = Vec::new();
    for package in packages {
        let name = package.split(['=', ':', '/']).next().unwrap_or("");
        if name.starts_with('-') || name.is_empty() {
            return Err(Error::message(format!("'{package}' is no package's name")));
        }
        match left_out(name) {
            Some(why) => outcome.left_out.push((package.clone(), why)),
            None => wanted.push(package.clone()),
        }
    }
    Ok(wanted)
}

/// Has apt fetch packages.
pub(super) fn fetch(
    cache: &Path,
    spec: &Spec,
    machine: &str,
    wanted: &[String],
    archive: &Archive,
    outcome: &mut Outcome,
    env: &Env,
) -> Result<Vec<Found>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let key = format!("{}-{}-{machine}", spec.distribution.name, spec.suite);
    let _lock = sysroot::lock(cache, "apt", &key)?;
    let apt = Apt::new(env, &cache.join("apt").join(&key), spec, machine, archive)?;
    outcome.without_updates = apt.without_updates.then(|| apt.warned.lines().next().unwrap_or_default().to_owned());
    let mut found = Vec::new();
    for file in apt.fetch(wanted)? {
        found.push(of_deb(&file.path, machine, &spec.to_string(), file.asked)?.0);
    }
    Ok(found)
}

fn of_deb(path: &Path, machine: &str, from: &str, asked: bool) -> Result<(Found, Vec<Vec<String>>, Vec<String>)> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    let deb = deb::read(&bytes).map_err(|error| of_file(path, error))?;
    if deb.architecture != machine && deb.architecture != "all" {
        let what = format!("it is for '{}', and the target is Debian's '{machine}'", deb.architecture);
        return Err(of_file(path, Error::message(what)));
    }
    let package = Package {
        name: deb.name,
        version: deb.version,
        from: from.to_owned(),
        asked,
        digest: hex(&Sha256::digest(&bytes)),
        files: Vec::new(),
        requests: BTreeSet::new(),
    };
    Ok((Found { package, content: Content::Tar(deb.data), path: path.to_owned() }, deb.depends, deb.provides))
}

/// Files and directories of this machine: `.deb` files, directories with such files, roots and prefixes.
pub(super) fn local(paths: &[PathBuf], machine: &str, outcome: &mut Outcome) -> Result<Vec<Found>> {
    let (mut debs, mut found) = (Vec::new(), Vec::new());
    for path in paths {
        if !path.is_dir() {
            debs.push(path.clone());
            continue;
        }
        let entries = fs::read_dir(path).map_err(Error::io("read", path))?.flatten().map(|entry| entry.path());
        let mut inside: Vec<PathBuf> =
            entries.filter(|file| file.extension().is_some_and(|ending| ending == "deb")).collect();
        inside.sort();
        if inside.is_empty() {
            found.push(of_directory(path)?);
        }
        debs.append(&mut inside);
    }
    let mut needs = Vec::new();
    let mut there = BTreeSet::new();
    for path in &debs {
        let (deb, depends, provides) = of_deb(path, machine, &path.display().to_string(), true)?;
        let name = deb.package.name.clone();
        if let Some(why) = left_out(&name) {
            outcome.left_out.push((name, why));
            continue;
        }
        there.extend(provides);
        there.insert(name.clone());
        needs.extend(depends.into_iter().map(|any| (name.clone(), any)));
        found.push(deb);
    }
    for (name, any) in needs {
        if !any.iter().any(|package| there.contains(package) || left_out(package).is_some()) {
            outcome.missing.push((name, any.join(" or ")));
        }
    }
    Ok(found)
}

fn of_directory(path: &Path) -> Result<Found> {
    if !["usr", "include", "lib"].iter().any(|name| path.join(name).is_dir()) {
        return Err(Error::with_help(
            format!("cannot use '{}': it has no .deb files and no usr, include or lib", path.display()),
            "name a directory with packages, or what would be a root or a prefix on the target",
        ));
    }
    let mut digest = Sha256::new();
    digest_tree(path, Path::new(""), &mut digest)?;
    let name = path.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let digest = hex(&digest.finalize());
    let package = Package {
        name: name.unwrap_or_else(|| "root".into()),
        version: digest[..12].to_owned(),
        from: path.display().to_string(),
        asked: true,
        digest,
        files: Vec::new(),
        requests: BTreeSet::new(),
    };
    Ok(Found { package, content: Content::Directory, path: path.to_owned() })
}

fn digest_tree(root: &Path, below: &Path, digest: &mut Sha256) -> Result<()> {
    let dir = root.join(below);
    let entries = fs::read_dir(&dir).map_err(Error::io("read", &dir))?;
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    for name in names {
        let place = below.join(name);
        let path = root.join(&place);
        let meta = path.symlink_metadata().map_err(Error::io("read", &path))?;
        digest.update(place.as_os_str().as_encoded_bytes());
        if meta.is_dir() {
            digest.update(b"/\0");
            digest_tree(root, &place, digest)?;
        } else if meta.is_symlink() {
            digest.update(b"\0l");
            digest.update(fs::read_link(&path).map_err(Error::io("read", &path))?.as_os_str().as_encoded_bytes());
        } else if meta.is_file() {
            digest.update(b"\0f");
            digest.update(Sha256::digest(fs::read(&path).map_err(Error::io("read", &path))?));
        }
    }
    Ok(())
}

/// A message with the file that it is about.
pub(super) fn of_file(path: &Path, error: Error) -> Error {
    match error {
        Error::Message { text, help } => {
            Error::Message { text: format!("cannot use '{}': {text}", path.display()), help }
        }
        other => other,
    }
}
