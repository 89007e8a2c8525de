//! Puts a zig where xcc looks for one: `<into>/<version>/zig`, with its `lib` beside it.
//!
//! The zig comes out of the `ziglang` wheel that `pins.rs` knows the hash of, downloaded by the user's own pip, or out
//! of a wheel, an official archive or a directory the user names. The tree is made under a temporary name in the same
//! directory and renamed when it is whole, so `<into>/<version>` is never half of one.
//!
//! Deliberately not here: any network code (pip has the user's index, proxy and certificates), and running what was
//! unpacked.

mod pip;
mod source;
mod writer;

use std::env::consts;
use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use source::Source;
pub(crate) use source::is_version;

use super::pins::{self, Pin};
use crate::error::{Error, Result};
use crate::file_lock;

/// The ways to start pip, in the order in which they are tried.
const PIPS: &[&[&str]] = &[
    &["python3", "-m", "pip"],
    &["python", "-m", "pip"],
    &["pip3"],
    &["pip"],
    #[cfg(windows)]
    &["py", "-m", "pip"],
];

/// How the names of unfinished trees in `into` begin.
const UNFINISHED: &str = ".install-";

/// Installs zig below `into`, and returns the path of the executable.
///
/// Without `from`, pip downloads the wheel of `version`, or of the default version. `from` is a `ziglang` wheel, an
/// official archive, or a directory with a zig in it: `version` may then be left out, and is checked where it is not.
/// Where the version is installed already, that is all. Several processes may do this at the same time.
pub(crate) fn install(version: Option<&str>, from: Option<&Path>, into: &Path) -> Result<PathBuf> {
    match from {
        Some(path) => install_local(version, path, into),
        None => {
            let version = version.unwrap_or(pins::default_for(pins::HOST));
            // Asked before the table: it may have been installed with `--from`, and then needs no wheel.
            let home = into.join(version);
            if is_version(version) && is_complete(&home) {
                return Ok(executable(&home));
            }
            install_wheel(pin(version, pins::HOST)?, PIPS, into)
        }
    }
}

fn install_wheel(pin: &Pin, pips: &[&[&str]], into: &Path) -> Result<PathBuf> {
    place(into, pin.version, |temp, tree| {
        let wheel = pip::download(pin, pips, temp)?;
        let mut file = File::open(&wheel).map_err(Error::io("read", &wheel))?;
        pip::verify(&mut file, &wheel, pin)?;
        writer::unpack_zip(file, &wheel, tree)?;
        expect_zig(tree, &wheel)
    })
}

fn install_local(version: Option<&str>, path: &Path, into: &Path) -> Result<PathBuf> {
    let mut source = Source::open(path)?;
    let version = match (version, source.version()?) {
        (Some(asked), Some(found)) if asked != found => {
            return Err(Error::with_help(
                format!("'{}' is zig {found}, not zig {asked}", path.display()),
                format!("give a zig {asked} after --from, or ask for {found}"),
            ));
        }
        (Some(asked), None) if !is_version(asked) => {
            return Err(Error::with_help(format!("'{asked}' is not a version of zig"), supported()));
        }
        (_, Some(found)) => found,
        (Some(asked), None) => asked.to_owned(),
        (None, None) => {
            return Err(Error::with_help(
                format!("cannot tell the version of the zig in '{}'", path.display()),
                format!("say it: 'xcc zig install VERSION --from {}'", path.display()),
            ));
        }
    };
    place(into, &version, |_, tree| {
        note(&format!("installing zig {version} from '{}'", path.display()));
        source.unpack(tree)?;
        expect_zig(tree, path)
    })
}

/// The wheel of `version` for `host`, or what there is instead.
fn pin(version: &str, host: (&str, &str)) -> Result<&'static Pin> {
    pins::find(version, host).ok_or_else(|| {
        let (os, arch) = host;
        let text = if pins::SUPPORTED.contains(&version) {
            format!("there is no ziglang wheel of zig {version} for {os} {arch}")
        } else {
            format!("unknown zig version '{version}'; xcc is tested with {}", pins::SUPPORTED.join(", "))
        };
        let here = match pins::versions(host) {
            versions if versions.is_empty() => format!("no version has a wheel for {os} {arch}"),
            versions => format!("for {os} {arch} there are wheels of {}", versions.join(", ")),
        };
        Error::with_help(
            text,
            format!("{here}; 'xcc zig install --from FILE' installs any wheel or official archive you have"),
        )
    })
}

fn supported() -> String {
    format!("xcc is tested with zig {}", pins::SUPPORTED.join(", "))
}

// ---- The tree, and how it gets its name ----

fn executable(tree: &Path) -> PathBuf {
    tree.join("zig").with_extension(consts::EXE_EXTENSION)
}

fn is_complete(tree: &Path) -> bool {
    executable(tree).is_file() && tree.join("lib/std/std.zig").is_file()
}

fn expect_zig(tree: &Path, source: &Path) -> Result<()> {
    if is_complete(tree) { Ok(()) } else { Err(no_zig(source)) }
}

fn no_zig(source: &Path) -> Error {
    Error::with_help(
        format!("'{}' holds no '{}' with its 'lib' beside it", source.display(), executable(Path::new("")).display()),
        format!(
            "give a ziglang wheel, an official archive or a directory of zig for {} {}",
            pins::HOST.0,
            pins::HOST.1
        ),
    )
}

/// Makes `<into>/<version>` unless it is there: `fill` gets a directory for anything it needs and the empty tree.
fn place(into: &Path, version: &str, fill: impl FnOnce(&Path, &Path) -> Result<()>) -> Result<PathBuf> {
    let home = into.join(version);
    if is_complete(&home) {
        return Ok(executable(&home));
    }
    fs::create_dir_all(into).map_err(Error::io("create", into))?;
    // It saves work and nothing else, so that two builds that start together do not both download 100 MB: where the file
    // system has no locks, the final rename still keeps the result whole.
    let lock = file_lock::open(&into.join(".lock"))?;
    let exclusive = file_lock::wait(&lock, || note("waiting for another xcc that is installing zig")).is_ok();
    // The one that held the lock before us may have installed what we want.
    if is_complete(&home) {
        return Ok(executable(&home));
    }
    if exclusive {
        remove_unfinished(into);
    }
    let temp = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(into).map_err(Error::io("create", into))?;
    // A directory inside, because the temporary one is closed to other users and the result must not be.
    let tree = temp.path().join("tree");
    fs::create_dir(&tree).map_err(Error::io("create", &tree))?;
    fill(temp.path(), &tree)?;
    if home.exists() && !is_complete(&home) {
        // What somebody has deleted a part of. It goes with the temporary directory.
        rename(&home, &temp.path().join("broken")).map_err(Error::io("create", &home))?;
    }
    match rename(&tree, &home) {
        Ok(()) => Ok(executable(&home)),
        // Without a lock another process can be first. Its tree is as good as ours.
        Err(_) if is_complete(&home) => Ok(executable(&home)),
        Err(error) => Err(Error::io("create", &home)(error)),
    }
}

/// `fs::rename`, which on Windows fails for as long as a virus scanner has one of the new files open.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let mut attempts = if cfg!(windows) { 20 } else { 1 };
    loop {
        attempts -= 1;
        match fs::rename(from, to) {
            Err(error) if attempts > 0 && error.kind() == io::ErrorKind::PermissionDenied => {
                std::thread::sleep(std::time::Duration::from_millis(250));
            }
            result => return result,
        }
    }
}

/// Removes what killed processes left. Only for the holder of the lock: without it a tree may belong to a live one.
fn remove_unfinished(into: &Path) {
    for entry in fs::read_dir(into).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            // A failure costs disk space, not correctness.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// For the user at a terminal. A build log has no use for it.
fn note(text: &str) {
    if io::stderr().is_terminal() {
        eprintln!("xcc: note: {text}");
    }
}

#[cfg(test)]
mod tests;
