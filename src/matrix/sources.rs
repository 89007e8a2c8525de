//! What a release is made of, found out once for all cells: the sources by one digest, the commit, lock files, xcc itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::plan::Plan;
use crate::digest;
use crate::dirs;
use crate::env::Env;
use crate::error::{Error, Result};

/// Files whose digests say which dependencies a build had.
const LOCKS: &[&str] = &["Cargo.lock", "go.sum", "go.mod", "package-lock.json", "uv.lock", "poetry.lock"];

/// What says that a directory holds nothing but what can be made again (<https://bford.info/cachedir/>); Cargo's has it.
const CACHE_MARK: &str = "CACHEDIR.TAG";

pub(super) struct Sources {
    /// The commit and the address of the repository.
    pub(super) git: Option<(String, Option<String>)>,
    /// Uncommitted changes were there.
    pub(super) dirty: bool,
    /// Names and digests of [`LOCKS`] that there are.
    pub(super) locks: Vec<(&'static str, String)>,
    /// In-toto's `dirHash` of every file of the source.
    pub(super) tree: String,
    pub(super) xcc: String,
}

impl Sources {
    pub(super) fn find(plan: &Plan, env: &Env) -> Result<Sources> {
        let git = |words: &[&str]| {
            let output = Command::new("git").args(words).current_dir(&env.cwd).output().ok()?;
            let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
            Some(text.trim().to_owned())
        };
        // A directory that the repository around it ignores is none of its sources.
        let top = git(&["rev-parse", "--show-toplevel"]).filter(|_| git(&["check-ignore", "-q", "."]).is_none());
        let commit = top.as_ref().and_then(|_| git(&["rev-parse", "HEAD"]));
        let remote = git(&["config", "--get", "remote.origin.url"]).filter(|url| is_public(url));
        let dirty = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| !text.is_empty());
        let mut locks = Vec::new();
        for name in LOCKS {
            let path = env.cwd.join(name);
            if path.is_file() {
                locks.push((*name, digest::of_file(&path)?));
            }
        }
        let git = commit.map(|commit| (commit, remote));
        let dirty = dirty && git.is_some();
        let tree = tree_digest(top.as_ref().map_or(env.cwd.as_path(), Path::new), top.is_some(), &plan.out_dir)?;
        Ok(Sources { git, dirty, locks, tree, xcc: digest::of_file(dirs::executable()?)? })
    }
}

/// Whether others know a remote by this name: no directory of this machine, and no user or password in it.
fn is_public(url: &str) -> bool {
    url.contains("://") && !url.starts_with("file:") && !url.contains('@')
}

/// The digest of the lines `SHA-256  NAME` of all files, sorted by name, as Go's `dirhash` makes it.
fn tree_digest(root: &Path, in_git: bool, out_dir: &Path) -> Result<String> {
    let mut names = if in_git { listed_by_git(root)? } else { vec![PathBuf::new()] };
    let mut files = Vec::new();
    while let Some(name) = names.pop() {
        let path = root.join(&name);
        // What git lists may be gone, and a directory there is another repository.
        if path.starts_with(out_dir) || !path.exists() {
            continue;
        }
        if !path.is_dir() {
            files.push((name.to_string_lossy().into_owned(), path));
        } else if path.is_symlink() || name.file_name().is_some_and(|name| name == ".git") || is_cache(&path) {
            // Its files are in their own place, or none of the source.
        } else {
            let entries = fs::read_dir(&path).map_err(Error::io("read", &path))?;
            names.extend(entries.flatten().map(|entry| name.join(entry.file_name())));
        }
    }
    files.sort();
    files.dedup();
    let mut all = Sha256::new();
    for (name, path) in files {
        // A pipe would not end.
        if path.is_file() {
            all.update(format!("{}  {name}\n", digest::of_file(&path)?));
        }
    }
    Ok(digest::hex(&all.finalize()))
}

fn is_cache(dir: &Path) -> bool {
    dir.join(CACHE_MARK).is_file()
}

/// What is tracked, and what is neither tracked nor ignored.
fn listed_by_git(top: &Path) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(top);
    let output = git.output().map_err(|source| Error::NotRunnable { path: "git".into(), source })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::message(format!("git cannot list the sources: {}", said.trim_end())));
    }
    let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(path_of).collect())
}

#[cfg(unix)]
fn path_of(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}

#[cfg(not(unix))]
fn path_of(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_is_named_where_others_know_it() {
        assert!(is_public("https://example.org/a/b.git"));
        for url in ["/home/me/a", "../a", "file:///home/me/a", "https://me:word@example.org/a", "git@example.org:a/b"] {
            assert!(!is_public(url), "{url}");
        }
    }

    #[test]
    fn a_tree_has_the_digest_that_go_gives_it() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for (name, text) in
            [("b", "two\n"), ("a/x", "one\n"), ("dist/old", "3"), ("cache/y", "4"), ("cache/CACHEDIR.TAG", "")]
        {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), text).unwrap();
        }
        let of = || tree_digest(root, false, &root.join("dist")).unwrap();
        // printf 'one\n' | sha256sum; printf 'two\n' | sha256sum; sha256sum of the two lines, with names.
        assert_eq!(of(), "dbd137dd049cd26bb23cdcb9a7aae56085169685b64e803177ba7dd5044f2652");
        let before = of();
        fs::write(root.join("dist/new"), "5").unwrap();
        assert_eq!(of(), before);
        fs::write(root.join("a/x"), "six\n").unwrap();
        assert_ne!(of(), before);
    }
}
