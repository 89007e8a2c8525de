//! Which linker works for macOS: the configured one, the LLD of a Rust toolchain, `ld64.lld` on PATH, or zig's own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::env::{self, Env};
use crate::error::{Error, Result};

/// A linker that takes ld64's command line.
#[derive(Debug, PartialEq)]
pub(super) struct Linker {
    pub(super) path: PathBuf,
    /// What tells LLD which of its fronts is meant, where its name does not.
    pub(super) flavour: &'static [&'static str],
}

const DARWIN: &[&str] = &["-flavor", "darwin"];

/// Versions of LLD that packages have in the program's name, the newest first.
const VERSIONS: std::ops::RangeInclusive<u32> = 14..=29;

/// The linker to use; `None` is zig's. Nothing is started to find it.
///
/// # Errors
/// The configured one is not there.
pub(super) fn find(env: &Env) -> Result<Option<Linker>> {
    let chosen = env.text(env::XCC_DARWIN_LINKER).unwrap_or("auto");
    if chosen == "zig" {
        return Ok(None);
    }
    if !matches!(chosen, "auto" | "lld") {
        let path = env.cwd.join(chosen);
        if !path.is_file() {
            return Err(Error::Variable {
                name: env::XCC_DARWIN_LINKER,
                message: format!("'{chosen}' is neither 'auto', 'lld', 'zig' nor a file"),
            });
        }
        return Ok(Some(named(path)));
    }
    let found = of_rustup(env).or_else(|| on_path(env));
    if found.is_none() && chosen == "lld" {
        return Err(Error::with_help(
            "no linker for macOS: neither the LLD of a Rust toolchain nor 'ld64.lld' is there",
            "install Rust with rustup, or your distribution's package 'lld', or name an ld64.lld in XCC_DARWIN_LINKER",
        ));
    }
    Ok(found)
}

/// The front of LLD follows from the name it is called by.
fn named(path: PathBuf) -> Linker {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let is_front = name.starts_with("ld64.lld");
    let flavour: &[&str] = if !is_front && name.contains("lld") { DARWIN } else { &[] };
    Linker { path, flavour }
}

/// `rust-lld`, which every toolchain of rustup has for its own targets.
fn of_rustup(env: &Env) -> Option<Linker> {
    let home = env.path(env::RUSTUP_HOME).or_else(|| Some(env.path(env::HOME)?.join(".rustup")))?;
    let toolchains = home.join("toolchains");
    let mut names: Vec<String> =
        fs::read_dir(&toolchains).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    // The one in use, then stable, then the newest by its name.
    let current = env.text(env::RUSTUP_TOOLCHAIN).unwrap_or("stable").to_owned();
    names.sort_by_key(|name| std::cmp::Reverse((*name == current, name.starts_with("stable"), name.clone())));
    names.iter().find_map(|name| in_toolchain(&toolchains.join(name)))
}

fn in_toolchain(root: &Path) -> Option<Linker> {
    let hosts = fs::read_dir(root.join("lib/rustlib")).ok()?;
    let mut found: Vec<PathBuf> = hosts.flatten().map(|host| host.path().join("bin/rust-lld")).collect();
    found.retain(|path| path.is_file());
    found.sort();
    found.into_iter().next().map(named)
}

/// Distributions' own Rust, and `ld64.lld`, with or without a version.
fn on_path(env: &Env) -> Option<Linker> {
    let dirs: Vec<PathBuf> = std::env::split_paths(env.get(env::PATH)?).filter(|dir| dir.is_absolute()).collect();
    // LLD's own program takes the front as an option.
    let names = ["ld64.lld", "lld"].into_iter().flat_map(|name| {
        std::iter::once(name.to_owned()).chain(VERSIONS.rev().map(move |version| format!("{name}-{version}")))
    });
    let mut plain = names.flat_map(|name| dirs.iter().map(move |dir| dir.join(&name)));
    let of_rust = || dirs.iter().filter(|dir| dir.join("rustc").is_file()).find_map(|dir| in_toolchain(dir.parent()?));
    plain.find(|path| path.is_file()).map(named).or_else(of_rust)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    #[test]
    fn the_toolchain_in_use_comes_first_then_stable_then_the_newest() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().to_str().unwrap();
        let lld = |toolchain: &str| dir.path().join(format!("toolchains/{toolchain}/lib/rustlib/h/bin/rust-lld"));
        let found = |pairs: &[(&'static str, &str)]| {
            let pairs: Vec<_> = [(env::RUSTUP_HOME, home)].into_iter().chain(pairs.iter().copied()).collect();
            find(&Env::of(&pairs)).map(|linker| linker.map(|linker| linker.path))
        };
        assert!(found(&[(env::XCC_DARWIN_LINKER, "lld")]).unwrap_err().help().is_some());
        assert_eq!(found(&[]).unwrap(), None);
        touch(&lld("1.90.0-h"));
        touch(&lld("nightly-h"));
        assert_eq!(found(&[]).unwrap(), Some(lld("nightly-h")));
        touch(&lld("stable-h"));
        assert_eq!(found(&[]).unwrap(), Some(lld("stable-h")));
        assert_eq!(found(&[(env::RUSTUP_TOOLCHAIN, "1.90.0-h")]).unwrap(), Some(lld("1.90.0-h")));
    }

    #[test]
    fn a_linker_is_called_as_its_name_needs() {
        assert_eq!(named("/x/rust-lld".into()).flavour, DARWIN);
        assert_eq!(named("/x/lld-19".into()).flavour, DARWIN);
        assert!(named("/x/ld64.lld-19".into()).flavour.is_empty());
        assert!(
            find(&Env::of(&[(env::XCC_DARWIN_LINKER, "/nowhere/ld")])).is_err()
                && find(&Env::of(&[(env::XCC_DARWIN_LINKER, "zig")])).unwrap().is_none()
        );
    }
}
