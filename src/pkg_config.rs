//! `pkg-config` for a target: the machine's own `pkgconf` or `pkg-config`, made to see the target's `.pc` files alone.
//!
//! What it searches, in this order: `PKG_CONFIG_PATH`; `PKG_CONFIG_LIBDIR`, or without it the `pkgconfig` directories of the
//! library directories that `xcc.toml` names and of the target's sysroot. The directories that are built into the
//! host's program are never among them. Each variable may carry a target, in the spellings of Rust's `pkg-config` crate.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::command::Command;
use crate::config::Config;
use crate::dirs;
use crate::driver;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::exports;
use crate::osxcross;
use crate::packages;
use crate::probe;
use crate::sysroot::{self, Component};
use crate::target::Target;
use crate::tools::take_target;

/// Programs that do the work; the maintained one first.
const PROGRAMS: &[&str] = &["pkgconf", "pkg-config"];

/// Directories of `.pc` files below a sysroot. `{}` is the target as Debian names its library directories.
const IN_SYSROOT: &[&str] = &[
    "usr/local/lib/{}/pkgconfig",
    "usr/local/lib/pkgconfig",
    "usr/local/share/pkgconfig",
    "usr/lib/{}/pkgconfig",
    "usr/lib64/pkgconfig",
    "usr/lib/pkgconfig",
    "usr/share/pkgconfig",
];

/// Execs pkg-config.
pub(crate) fn run(target: Option<Target>, argv: &[OsString], env: &Env) -> Result<i32> {
    let (target, argv) = take_target(target, argv)?;
    let target = target.map_or_else(Target::host, Ok)?;
    let config = Config::load(target, env)?;
    let target = target.with_configured_glibc(config.glibc)?;
    let sysroot = match &config.sysroot {
        Some(sysroot) => PathBuf::from(sysroot),
        None => match osxcross::chosen(target, &config, env)? {
            Some(found) => found.sdk(),
            None => {
                let setup = driver::setup_of(target, &config, env)?;
                // A sysroot takes packages in when it is made, and a build may ask before it compiles.
                if packages::tree(&setup.cache, &target.full_name()).is_some() {
                    sysroot::ensure(&setup.cache, &setup.zig, target, &[Component::Base])?;
                }
                setup.sysroot
            }
        },
    };
    let set = variables(target, &config, &sysroot, &given())?;
    let mut args = argv;
    if args.iter().any(|word| word.as_encoded_bytes().ends_with(b"pc_path")) {
        // A script that asks where .pc files belong must not hear the host's directories.
        let mut answer = OsString::from("--define-variable=pc_path=");
        answer.push(set.iter().find(|(name, _)| *name == LIBDIR).map_or(OsStr::new(""), |(_, dirs)| dirs));
        args.insert(0, answer);
    }
    Command { program: find(env)?, args, set }.exec(env)
}

/// What a pkg-config is told that is not xcc's, because a build calls it by its name: where the target's packages are.
///
/// # Errors
/// Where a directory cannot be in a list.
pub(crate) fn for_others(target: Target, config: &Config, sysroot: &Path) -> Result<Vec<(&'static str, OsString)>> {
    let all = variables(target, config, sysroot, &given())?;
    Ok(all.into_iter().filter(|(name, value)| [LIBDIR, SYSROOT].contains(name) && !value.is_empty()).collect())
}

/// The machine's own, for what is built for this machine, without what [`for_others`] has given.
pub(crate) fn of_this_machine(env: &Env) -> Option<String> {
    let name = PROGRAMS.iter().rev().find(|name| exports::on_path(name, env).is_some())?;
    // `env` of Windows is nobody's.
    cfg!(unix).then(|| format!("env -u {LIBDIR} -u {SYSROOT} {name}"))
}

/// What the user has set; `xcc env` may have been for another target.
fn given() -> Vec<(String, OsString)> {
    without_printed(env::pkg_config_variables())
}

fn without_printed(mut given: Vec<(String, OsString)>) -> Vec<(String, OsString)> {
    let root = given.iter().find(|(name, _)| name == LIBDIR).and_then(|(_, list)| printed_root(list));
    if let Some(root) = root {
        given.retain(|(name, value)| name != LIBDIR && (name != SYSROOT || Path::new(value) != root));
    }
    given
}

/// The sysroot of a list that has all of [`IN_SYSROOT`]: xcc's own.
fn printed_root(list: &OsStr) -> Option<PathBuf> {
    let dirs: Vec<PathBuf> = std::env::split_paths(list).collect();
    let root = Path::new(dirs.last()?.to_str()?.strip_suffix(IN_SYSROOT.last()?)?);
    let mut of_all = IN_SYSROOT.iter().filter(|dir| !dir.contains("{}"));
    of_all.all(|dir| dirs.contains(&root.join(dir))).then(|| root.to_owned())
}

const PATH: &str = "PKG_CONFIG_PATH";
const LIBDIR: &str = "PKG_CONFIG_LIBDIR";
const SYSROOT: &str = "PKG_CONFIG_SYSROOT_DIR";

/// The variables that the program gets, from those that the user has set (`given`).
fn variables(
    target: Target,
    config: &Config,
    sysroot: &Path,
    given: &[(String, OsString)],
) -> Result<Vec<(&'static str, OsString)>> {
    let mut set: Vec<(&'static str, OsString)> = Vec::new();
    let multiarch = probe::multiarch(target);
    if let Some(path) = of_target(PATH, target, given) {
        set.push((PATH, path.to_owned()));
    }
    let libdir = match of_target(LIBDIR, target, given) {
        Some(libdir) => libdir.to_owned(),
        None => {
            let libraries = config.ldflags.iter().filter_map(|flag| flag.to_str()?.strip_prefix("-L"));
            let dirs = libraries
                .map(|dir| Path::new(dir).join("pkgconfig"))
                .chain(IN_SYSROOT.iter().map(|dir| sysroot.join(dir.replace("{}", multiarch))));
            std::env::join_paths(dirs)
                .map_err(|error| Error::message(format!("cannot search the directories of '{LIBDIR}': {error}")))?
        }
    };
    set.push((LIBDIR, libdir));
    // xcc's own sysroot has no packages; a prefix in a .pc file that a project brings is a place on this machine.
    let prefix = of_target(SYSROOT, target, given).map(OsStr::to_owned).or_else(|| config.sysroot.clone());
    set.push((SYSROOT, prefix.unwrap_or_default()));
    let unset = |name: &str| !given.iter().any(|(given, _)| given == name);
    if unset("PKG_CONFIG_SYSTEM_INCLUDE_PATH") {
        set.push(("PKG_CONFIG_SYSTEM_INCLUDE_PATH", "/usr/include".into()));
    }
    if unset("PKG_CONFIG_SYSTEM_LIBRARY_PATH") {
        let dirs = format!("/usr/lib:/lib:/usr/lib64:/lib64:/usr/lib/{multiarch}:/lib/{multiarch}");
        set.push(("PKG_CONFIG_SYSTEM_LIBRARY_PATH", dirs.into()));
    }
    Ok(set)
}

/// The value for the target: with its name behind the variable's, else `TARGET_` before it, else the variable itself.
fn of_target<'a>(variable: &str, target: Target, given: &'a [(String, OsString)]) -> Option<&'a OsStr> {
    let value = |name: &str| given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_os_str());
    spellings(target)
        .iter()
        .find_map(|target| value(&format!("{variable}_{target}")))
        .or_else(|| value(&format!("TARGET_{variable}")))
        .or_else(|| value(variable))
}

/// Rust's triple and xcc's own name, each also with underscores, which a shell can assign to.
fn spellings(target: Target) -> Vec<String> {
    let names = [exports::rust_triple(target).unwrap_or(target.row.clang), target.row.name];
    names.iter().flat_map(|name| [name.to_string(), name.replace(['-', '.'], "_")]).collect()
}

/// The first program on PATH that is not xcc.
fn find(env: &Env) -> Result<PathBuf> {
    let path = env.get(env::PATH).unwrap_or_default();
    let own = dirs::executable()?;
    let is_other = |program: &PathBuf| program.is_file() && program.canonicalize().is_ok_and(|file| file != own);
    // Not of a relative entry: that would be whatever lies in the current directory.
    let dirs: Vec<PathBuf> = std::env::split_paths(path).filter(|dir| dir.is_absolute()).collect();
    let named = |name: &&str| {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        dirs.iter().map(|dir| dir.join(&name)).find(is_other)
    };
    PROGRAMS.iter().find_map(named).ok_or_else(|| {
        Error::with_help(
            "cannot find pkgconf or pkg-config on PATH",
            "install your system's 'pkgconf' or 'pkg-config' package, or run 'python3 -m pip install pkgconf'",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Vec<(String, OsString)> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.into())).collect()
    }

    fn value(target: &str, config: &Config, pairs: &[(&str, &str)], name: &str) -> Option<String> {
        let target = Target::parse(target).unwrap();
        let set = variables(target, config, Path::new("/S"), &given(pairs)).unwrap();
        set.into_iter().find(|(set, _)| *set == name).map(|(_, value)| value.into_string().unwrap())
    }

    #[test]
    fn the_targets_directories_replace_the_hosts() {
        let config = Config { ldflags: vec!["-L/opt/arm/lib".into(), "-lm".into()], ..Config::default() };
        let libdir = value("aarch64-linux-gnu", &config, &[], LIBDIR).unwrap();
        assert!(libdir.starts_with("/opt/arm/lib/pkgconfig:/S/usr/"), "{libdir}");
        assert!(libdir.contains(":/S/usr/lib/aarch64-linux-gnu/pkgconfig:"), "{libdir}");
        assert!(libdir.split(':').all(|dir| dir.starts_with("/S/") || dir.starts_with("/opt/arm/")), "{libdir}");
    }

    #[test]
    fn a_variable_of_the_target_wins() {
        let none = Config::default();
        for (pairs, expected) in [
            (&[(PATH, "/all")][..], "/all"),
            (&[("TARGET_PKG_CONFIG_PATH", "/t"), (PATH, "/all")], "/t"),
            (&[("PKG_CONFIG_PATH_aarch64_unknown_linux_gnu", "/u"), ("TARGET_PKG_CONFIG_PATH", "/t")], "/u"),
            (&[("PKG_CONFIG_PATH_aarch64-unknown-linux-gnu", "/r"), (PATH, "/all")], "/r"),
            (&[("PKG_CONFIG_PATH_aarch64_linux_gnu", "/x"), (PATH, "/all")], "/x"),
            (&[("PKG_CONFIG_PATH_x86_64_unknown_linux_gnu", "/no"), (PATH, "/all")], "/all"),
        ] {
            assert_eq!(value("aarch64-linux-gnu", &none, pairs, PATH).unwrap(), expected, "{pairs:?}");
        }
        assert_eq!(value("aarch64-linux-gnu", &none, &[(LIBDIR, "/mine")], LIBDIR).unwrap(), "/mine");
    }

    #[test]
    fn prefixes_are_moved_into_a_sysroot_of_the_users_only() {
        let own = Config { sysroot: Some("/srv/root".into()), ..Config::default() };
        assert_eq!(value("arm64", &Config::default(), &[], SYSROOT).unwrap(), "");
        assert_eq!(value("arm64", &own, &[], SYSROOT).unwrap(), "/srv/root");
        assert_eq!(value("arm64", &own, &[(SYSROOT, "/other")], SYSROOT).unwrap(), "/other");
    }

    #[test]
    fn what_was_printed_for_one_target_is_not_anothers() {
        let own = Config { sysroot: Some("/srv/root".into()), ..Config::default() };
        let printed = value("arm64", &own, &[], LIBDIR).unwrap();
        let kept = |libdir: &str, sysroot: &str| {
            let left = without_printed(given(&[(LIBDIR, libdir), (SYSROOT, sysroot), (PATH, "/p")]));
            left.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(kept(&printed, "/S"), [PATH]);
        assert_eq!(kept(&printed, "/other"), [SYSROOT, PATH]);
        assert_eq!(kept("/mine/usr/lib/pkgconfig:/mine/usr/share/pkgconfig", "/mine"), [LIBDIR, SYSROOT, PATH]);
    }

    #[test]
    fn the_target_may_be_an_argument() {
        let words: Vec<OsString> = ["-target", "arm64", "--libs", "z"].iter().map(OsString::from).collect();
        let (target, rest) = take_target(None, &words).unwrap();
        assert_eq!((target.unwrap().row.name, rest), ("aarch64-linux-gnu", vec!["--libs".into(), "z".into()]));
        assert!(take_target(None, &words[..1]).is_err());
    }
}
