//! Packages of a distribution in a target's sysroot: `xcc sysroot add`.
//!
//! They lie beside the sysroots, in `CACHE/packages/TARGET.LIBC/`, because they do not depend on a version of zig, and are linked
//! into those by the names that clang and pkg-config look into anyway: a sysroot without packages costs no look. Each change makes
//! a new tree, of hard links to the old one, and `now` is renamed to name it: what is there is whole.

mod apt;
mod deb;
mod found;
mod table;
mod unpack;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::env::Env;
use crate::error::{Error, Result};
use crate::probe;
use crate::sysroot;
use crate::target::{Libc, Target};
use crate::whole_file;
use found::{Content, Found, of_file};
use table::{DISTRIBUTIONS, Distribution, MACHINES, SUITES};

pub(crate) use apt::Archive;

/// A release of a distribution: `debian:bookworm`.
pub(crate) struct Spec {
    distribution: &'static Distribution,
    suite: String,
}

impl Spec {
    /// `None` for what is a path.
    ///
    /// # Errors
    /// A distribution that no row names, or a release that is no word.
    pub(crate) fn parse(text: &str) -> Result<Option<Spec>> {
        let Some((name, suite)) =
            text.split_once(':').filter(|(name, _)| !name.contains(['/', '.', '\\']) && name.len() > 1)
        else {
            return Ok(None);
        };
        let row = DISTRIBUTIONS.iter().find(|row| row.name == name);
        let word = !suite.is_empty() && suite.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        match row.filter(|_| word) {
            Some(distribution) => Ok(Some(Spec { distribution, suite: suite.to_owned() })),
            None => {
                let known: Vec<String> = SUITES.iter().map(|(name, suite, _)| format!("{name}:{suite}")).collect();
                Err(Error::with_help(
                    format!("'{text}' is no release of a distribution"),
                    format!("use one such as {}", known.join(", ")),
                ))
            }
        }
    }

    /// The minor version of glibc 2 in the release, where it is known.
    fn glibc(&self) -> Option<u32> {
        let row = SUITES.iter().find(|(name, suite, _)| *name == self.distribution.name && *suite == self.suite);
        row.map(|(_, _, minor)| *minor)
    }
}

impl std::fmt::Display for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.distribution.name, self.suite)
    }
}

/// One package of a sysroot.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The release it is of, or the file or directory.
    pub(crate) from: String,
    /// It was named, and did not come along with another.
    pub(crate) asked: bool,
    /// SHA-256 of the `.deb`, or of a directory's files with their names.
    pub(crate) digest: String,
    /// Below the tree, sorted.
    pub(crate) files: Vec<String>,
    /// The requests that it came with, each with the number of packages that came with it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) requests: BTreeSet<String>,
}

/// What became of a request.
#[derive(Default)]
pub(crate) struct Outcome {
    /// The target they are for, with its version of glibc.
    pub(crate) target: String,
    pub(crate) added: Vec<Package>,
    /// Those that were there already, and stay.
    pub(crate) kept: usize,
    /// Packages that were named and left out, with the reason.
    pub(crate) left_out: Vec<(String, &'static str)>,
    /// Package and what it depends on that is nowhere.
    pub(crate) missing: Vec<(String, String)>,
    /// The release's updates could not be fetched: what apt said of it.
    pub(crate) without_updates: Option<String>,
    /// The newest version of glibc 2 that one of all libraries needs, with the reason.
    pub(crate) floor: Option<(u32, String)>,
}

/// Where the packages come from.
pub(crate) enum Source<'a> {
    Apt { spec: Spec, packages: &'a [String], archive: Archive },
    Files(Vec<PathBuf>),
}

/// The list of packages in a tree.
const LIST: &str = "xcc-packages.json";

/// What a sysroot and the tree of packages share: names in the sysroot, and what they lead to. `{}` is the target as Debian names
/// its library directories.
const LINKS: &[(&str, &str)] = &[
    // clang's first directory of headers after its own, and the first that `pkg-config` looks into.
    ("usr/local", "usr"),
    ("usr/include/{}", "usr/include/{}"),
    ("usr/lib/{}", "usr/lib/{}"),
];

/// The directory of a target's packages.
fn store(cache: &Path, name: &str) -> PathBuf {
    cache.join("packages").join(name)
}

/// The tree in force; `None` where the target has no packages.
pub(crate) fn tree(cache: &Path, name: &str) -> Option<PathBuf> {
    let path = store(cache, name).join("now");
    path.join(LIST).is_file().then_some(path)
}

/// Does a distribution have packages for the target?
pub(crate) fn has_some(target: Target) -> bool {
    MACHINES.iter().any(|row| row.0 == target.row.name)
}

/// The packages of a target, by its name with the version of libc; sorted by name.
///
/// # Errors
/// A list that cannot be read.
pub(crate) fn installed(cache: &Path, name: &str) -> Result<Vec<Package>> {
    let Some(tree) = tree(cache, name) else { return Ok(Vec::new()) };
    let path = tree.join(LIST);
    let text = fs::read(&path).map_err(Error::io("read", &path))?;
    serde_json::from_slice(&text).map_err(|error| Error::Config { path, message: error.to_string() })
}

/// The targets with packages.
pub(crate) fn all(cache: &Path) -> Vec<String> {
    let entries = fs::read_dir(cache.join("packages")).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| tree(cache, name).is_some()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The target that packages for `target` belong to: of no version in its name it is the one of the release.
///
/// # Errors
/// A target that has no packages.
fn with_glibc(target: Target, spec: Option<&Spec>) -> Result<(Target, &'static str)> {
    let machine = MACHINES.iter().find(|row| row.0 == target.row.name).map(|row| row.1);
    let Some(machine) = machine else {
        let targets: Vec<&str> = MACHINES.iter().map(|row| row.0).collect();
        return Err(Error::with_help(
            format!("target '{}' has no packages of Debian or Ubuntu, which are for glibc", target.row.name),
            format!("the targets that have are {}", targets.join(", ")),
        ));
    };
    let (None, Libc::Glibc { oldest, default }) = (target.glibc, target.row.libc) else { return Ok((target, machine)) };
    let minor = match spec {
        None => default,
        Some(spec) => spec.glibc().ok_or_else(|| {
            Error::with_help(
                format!("xcc does not know which glibc '{spec}' has"),
                format!("say it in the target: -t {}.2.36", target.row.name),
            )
        })?,
    };
    Ok((Target { glibc: Some(minor.max(oldest)), ..target }, machine))
}

/// Adds packages to a target's sysroot, all or none of them.
///
/// # Errors
/// Where they cannot be had, are not whole, are of another machine, or need a newer glibc than the target's.
pub(crate) fn add(cache: &Path, target: Target, source: &Source<'_>, env: &Env) -> Result<Outcome> {
    let spec = match source {
        Source::Apt { spec, .. } => Some(spec),
        Source::Files(_) => None,
    };
    let (target, machine) = with_glibc(target, spec)?;
    let name = target.sysroot_name();
    let _lock = sysroot::lock(cache, "packages", &name)?;
    let mut outcome = Outcome { target: target.full_name(), ..Outcome::default() };
    let mut packages = installed(cache, &name)?;
    let mut request = None;
    let found = match source {
        Source::Apt { spec, packages: named, archive } => {
            let wanted = found::wanted(named, &mut outcome)?;
            let text = request_of(spec, &wanted, archive);
            outcome.kept = if archive.refresh { 0 } else { answered(&packages, &text) };
            if outcome.kept > 0 {
                attach_all(cache, target)?;
                return Ok(outcome);
            }
            let found = found::fetch(cache, spec, machine, &wanted, archive, &mut outcome, env)?;
            request = Some(format!("{} {text}", found.len()));
            found
        }
        Source::Files(paths) => found::local(paths, machine, &mut outcome)?,
    };
    let is_there =
        |new: &Found| packages.iter().any(|old| old.name == new.package.name && old.digest == new.package.digest);
    let (same, new): (Vec<Found>, Vec<Found>) = found.into_iter().partition(is_there);
    outcome.kept = same.len();
    let asked: Vec<&str> =
        same.iter().filter(|found| found.package.asked).map(|found| found.package.name.as_str()).collect();
    for old in &mut packages {
        old.asked |= asked.contains(&old.name.as_str());
        if same.iter().any(|found| found.package.name == old.name) {
            old.requests.extend(request.clone());
        }
    }
    if new.is_empty() {
        if let Some(tree) = tree(cache, &name) {
            whole_file::write(&tree.join(LIST), &list_of(&packages)?)?;
        }
        // Where an older xcc has made the sysroot again since.
        attach_all(cache, target)?;
        return Ok(outcome);
    }
    let named: Vec<String> = packages.iter().filter(|old| old.asked).map(|old| old.name.clone()).collect();

    let store = store(cache, &name);
    fs::create_dir_all(&store).map_err(Error::io("create", &store))?;
    // Only an empty one can be removed: what a failure leaves.
    let _emptied = Emptied(&store);
    let stage = tempfile::Builder::new().prefix("tree-").tempdir_in(&store).map_err(Error::io("create", &store))?;
    if let Some(old) = tree(cache, &name) {
        packages.retain(|old| !new.iter().any(|new| new.package.name == old.name));
        for file in packages.iter().flat_map(|package| &package.files) {
            hard_link(&old.join(file), &stage.path().join(file))?;
        }
    }
    let multiarch = probe::multiarch(target);
    let mut tree = unpack::Tree { root: stage.path(), target, multiarch, floor: None };
    for Found { mut package, content, path } in new {
        let files = match content {
            Content::Tar(tar) => tree.add_tar(&tar),
            Content::Directory => tree.add_directory(&path),
        };
        package.files = files.map_err(|error| of_file(&path, error))?;
        package.asked |= named.contains(&package.name);
        package.requests.extend(request.clone());
        outcome.added.push(package.clone());
        packages.push(package);
    }
    check_floor(target, tree.floor.as_ref())?;
    outcome.floor = tree.floor.take();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    for (_, dir) in LINKS {
        let dir = stage.path().join(dir.replace("{}", multiarch));
        fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
    }
    let path = stage.path().join(LIST);
    fs::write(&path, list_of(&packages)?).map_err(Error::io("write", &path))?;
    publish(&store, stage)?;
    attach_all(cache, target)?;
    Ok(outcome)
}

fn list_of(packages: &[Package]) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(packages).map_err(|error| Error::message(error.to_string()))
}

/// A request in words that are the same for the same one.
fn request_of(spec: &Spec, wanted: &[String], archive: &Archive) -> String {
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let from = [archive.mirror.clone(), archive.keyring.as_ref().map(|path| path.display().to_string())];
    let from: Vec<String> = from.into_iter().flatten().collect();
    [vec![spec.to_string()], from, wanted.into_iter().map(str::to_owned).collect()].concat().join(" ")
}

/// How many packages came with the same request, if all of them are there still.
fn answered(packages: &[Package], request: &str) -> usize {
    let of = |package: &Package| {
        let counted = package.requests.iter().filter_map(|given| given.split_once(' '));
        counted.filter(|(_, text)| *text == request).find_map(|(count, _)| count.parse::<usize>().ok())
    };
    let counts: Vec<usize> = packages.iter().filter_map(of).collect();
    counts.iter().copied().find(|count| counts.iter().filter(|other| *other == count).count() == *count).unwrap_or(0)
}

/// Removes a directory that is empty when it is dropped.
struct Emptied<'a>(&'a Path);

impl Drop for Emptied<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_dir(self.0);
    }
}

/// A library that needs more than the target has would make programs that do not run where their name says they do.
fn check_floor(target: Target, floor: Option<&(u32, String)>) -> Result<()> {
    let (Some(own), Some((minor, why))) = (target.glibc_minor(), floor) else { return Ok(()) };
    if *minor <= own {
        return Ok(());
    }
    let name = target.row.name;
    Err(Error::with_help(
        format!("{why} needs glibc 2.{minor}, and the target is for 2.{own}"),
        format!(
            "add them for '{name}.2.{minor}', whose programs run on that version and later, or take an older release"
        ),
    ))
}

fn hard_link(from: &Path, to: &Path) -> Result<()> {
    let dir = to.parent().unwrap_or(to);
    fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    if from.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
        return symlink(&fs::read_link(from).map_err(Error::io("read", from))?, to);
    }
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop)).map_err(Error::io("create", to))
}

/// Makes a staged tree the one in force, and removes the others.
fn publish(store: &Path, stage: tempfile::TempDir) -> Result<()> {
    let stage = stage.keep();
    readable(&stage)?;
    let link = store.join(".now");
    let _ = fs::remove_file(&link);
    symlink(Path::new(stage.file_name().unwrap_or_default()), &link)?;
    let now = store.join("now");
    fs::rename(&link, &now).map_err(Error::io("create", &now))?;
    for entry in fs::read_dir(store).into_iter().flatten().flatten() {
        if entry.path() != stage && entry.path() != now {
            // What is left takes space and nothing else; the next change removes it.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// Takes the packages of an archive, unless the target has some already.
///
/// # Errors
/// [`Error::Io`] where the cache cannot be written.
pub(crate) fn import(cache: &Path, name: &str, staged: &Path) -> Result<()> {
    let _lock = sysroot::lock(cache, "packages", name)?;
    if tree(cache, name).is_some() {
        return Ok(());
    }
    let store = store(cache, name);
    fs::create_dir_all(&store).map_err(Error::io("create", &store))?;
    let place = tempfile::Builder::new().prefix("tree-").tempdir_in(&store).map_err(Error::io("create", &store))?;
    // Over the empty one of that name.
    fs::rename(staged, place.path()).map_err(Error::io("create", place.path()))?;
    publish(&store, place)
}

/// A temporary directory is private; a cache may serve a group.
#[cfg(unix)]
fn readable(dir: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).map_err(Error::io("write", dir))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(unix)]
fn symlink(to: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(to, link).map_err(Error::io("create", link))
}

#[cfg(not(unix))]
fn symlink(_: &Path, link: &Path) -> Result<()> {
    Err(Error::message(format!("cannot make the link '{}': packages need a host with symbolic links", link.display())))
}

/// Links the packages into every sysroot of the target.
fn attach_all(cache: &Path, target: Target) -> Result<()> {
    let name = target.sysroot_name();
    for zig in fs::read_dir(cache.join("sysroot")).into_iter().flatten().flatten() {
        let path = zig.path().join(&name);
        if sysroot::is_own(&path) {
            let _lock = sysroot::lock(cache, &zig.file_name().to_string_lossy(), &name)?;
            attach(cache, &path, target)?;
        }
    }
    forget_links(cache);
    Ok(())
}

/// Links a target's packages into a sysroot, if it has any. For who has just made it, or holds its lock.
///
/// # Errors
/// [`Error::Io`] where the cache cannot be written.
pub(crate) fn attach(cache: &Path, sysroot: &Path, target: Target) -> Result<()> {
    if tree(cache, &target.sysroot_name()).is_none() {
        return Ok(());
    }
    let multiarch = probe::multiarch(target);
    for (name, to) in LINKS {
        let (name, to) = (name.replace("{}", multiarch), to.replace("{}", multiarch));
        let link = sysroot.join(&name);
        // From sysroot/ZIG/TARGET/usr/…: relative, so that a cache can move.
        let up = "../".repeat(name.split('/').count() + 2);
        let to = PathBuf::from(format!("{up}packages/{}/now/{to}", target.sysroot_name()));
        if !fs::read_link(&link).is_ok_and(|there| there == to) {
            symlink(&to, &link)?;
        }
    }
    Ok(())
}

/// Removes a target's packages; how many there were.
///
/// # Errors
/// [`Error::Io`] where the cache cannot be written.
pub(crate) fn remove(cache: &Path, name: &str) -> Result<usize> {
    let count = installed(cache, name)?.len();
    let _lock = sysroot::lock(cache, "packages", name)?;
    let target = Target::parse(name)?;
    for zig in fs::read_dir(cache.join("sysroot")).into_iter().flatten().flatten() {
        for (link, _) in LINKS {
            let link = zig.path().join(name).join(link.replace("{}", probe::multiarch(target)));
            if link.is_symlink() {
                fs::remove_file(&link).map_err(Error::io("remove", &link))?;
            }
        }
    }
    let store = store(cache, name);
    // First the name, so that nobody sees half of it.
    let _ = fs::remove_file(store.join("now"));
    fs::remove_dir_all(&store).map_err(Error::io("remove", &store))?;
    forget_links(cache);
    Ok(count)
}

/// clang names a directory to the linker only where it is: what is known of links is asked for again.
fn forget_links(cache: &Path) {
    // What cannot be removed is not there, or not ours.
    let _ = fs::remove_dir_all(cache.join("links"));
}
