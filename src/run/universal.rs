//! `xcc run -t universal-macos -- go build …`: the command once for each processor of macOS, and what it made joined.
//!
//! Go and Cargo alone build for one processor at a time, and say what they make. Other commands are not for here: the compilers of
//! the target make both at once.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{prepare, reproducible};
use crate::children;
use crate::command::die_like;
use crate::dirs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exports::rust_triple;
use crate::target::Target;

/// Where Cargo's programs of both processors go, beside those of each.
const CARGO_DIR: &str = "universal-apple-darwin";

/// Does the command build for one processor at a time?
pub(super) fn is_for(words: &[OsString]) -> bool {
    builder(words).is_some()
}

type Build = fn(&[Target], bool, &Path, &[OsString], &Env) -> Result<i32>;

fn builder(words: &[OsString]) -> Option<Build> {
    let (program, rest) = words.split_first()?;
    let builds = |word: &str| rest.first().is_some_and(|first| first == word);
    match Path::new(program).file_stem().and_then(OsStr::to_str)? {
        "go" if builds("build") => Some(go),
        "cargo" if builds("build") || builds("b") => Some(cargo),
        _ => None,
    }
}

/// Runs the command for both; its exit status, or 0.
///
/// # Errors
/// Where the command is none of these, or the halves cannot be joined.
pub(super) fn run(halves: &[Target], reproducible: bool, argv0: &Path, words: &[OsString], env: &Env) -> Result<i32> {
    let build = builder(words).ok_or_else(|| Error::message("no command to run"))?;
    build(halves, reproducible, argv0, words, env)
}

/// Runs the command for one target; `Some` is the status of a failure.
fn half(target: Target, reproducible: bool, argv0: &Path, words: &[OsString], env: &Env) -> Result<Option<i32>> {
    let (mut command, notes) = prepare(target, reproducible, argv0, words, env)?;
    reproducible::say(&notes);
    let path = command.get_program().into();
    let status = children::status(&mut command).map_err(|source| Error::NotRunnable { path, source })?;
    Ok(if status.success() { None } else { Some(status.code().unwrap_or_else(|| die_like(status))) })
}

fn go(halves: &[Target], reproducible: bool, argv0: &Path, words: &[OsString], env: &Env) -> Result<i32> {
    let (at, output) = go_output(words);
    let rest: Vec<OsString> =
        words.iter().enumerate().filter(|(place, _)| !at.contains(place)).map(|(_, word)| word.clone()).collect();
    let given = output.map(|output| env.cwd.join(output));
    let is_dir = |path: &PathBuf| path.as_os_str().as_encoded_bytes().ends_with(b"/") || path.is_dir();
    // Without a name Go puts all programs into the directory.
    let (dir, name) = match given {
        Some(path) if is_dir(&path) => (path, None),
        Some(path) => (path.parent().unwrap_or(&env.cwd).to_owned(), path.file_name().map(OsStr::to_owned)),
        None => match go_name(halves[0], argv0, &rest, env)? {
            Some(name) => (env.cwd.clone(), Some(name)),
            None => return each(halves, reproducible, argv0, &rest, env),
        },
    };
    fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
    let work = tempfile::Builder::new().prefix(".xcc-universal").tempdir_in(&dir).map_err(Error::io("create", &dir))?;
    let mut made = Vec::new();
    for target in halves {
        let half_dir = work.path().join(target.row.name);
        fs::create_dir(&half_dir).map_err(Error::io("create", &half_dir))?;
        let file = half_dir.join(name.clone().unwrap_or_default());
        let mut words = rest.clone();
        words.splice(2..2, ["-o".into(), file.into_os_string()]);
        if let Some(status) = half(*target, reproducible, argv0, &words, env)? {
            return Ok(status);
        }
        made.push(half_dir);
    }
    let entries = fs::read_dir(&made[0]).map_err(Error::io("read", &made[0]))?;
    for name in entries.flatten().map(|entry| entry.file_name()) {
        let (parts, out) = (made.iter().map(|dir| dir.join(&name)).collect::<Vec<_>>(), dir.join(&name));
        if is_of_macos(&parts[0]) {
            let status = join(&parts, &out)?;
            if status != 0 {
                return Ok(status);
            }
        } else {
            // The header of a library: cgo's are for both processors.
            fs::copy(&parts[0], &out).map_err(Error::io("create", &out))?;
        }
    }
    Ok(0)
}

/// Builds what leaves no program: several packages, or libraries. Errors in them are all that there is to see.
fn each(halves: &[Target], reproducible: bool, argv0: &Path, words: &[OsString], env: &Env) -> Result<i32> {
    for target in halves {
        if let Some(status) = half(*target, reproducible, argv0, words, env)? {
            return Ok(status);
        }
    }
    Ok(0)
}

/// The places of `-o` and its value, and the value.
fn go_output(words: &[OsString]) -> (Vec<usize>, Option<OsString>) {
    for (at, word) in words.iter().enumerate().skip(2) {
        let Some(text) = word.to_str() else { continue };
        let option = text.strip_prefix("--").or_else(|| text.strip_prefix('-')).unwrap_or_default();
        if option == "o" {
            return (vec![at, at + 1], words.get(at + 1).cloned());
        }
        if let Some(value) = option.strip_prefix("o=") {
            return (vec![at], Some(value.into()));
        }
    }
    (Vec::new(), None)
}

/// What Go calls the program of the packages that are named; `None` where it writes none: there are several, or it is a library.
fn go_name(target: Target, argv0: &Path, words: &[OsString], env: &Env) -> Result<Option<OsString>> {
    let mut list = vec![words[0].clone(), "list".into(), "-f".into(), "{{.Name}} {{.Target}}".into()];
    list.extend_from_slice(&words[2..]);
    let (mut command, _) = prepare(target, false, argv0, &list, env)?;
    let path = command.get_program().into();
    // What is wrong with the packages 'go build' says.
    let output = command.stderr(std::process::Stdio::null()).output();
    let output = output.map_err(|source| Error::NotRunnable { path, source })?;
    Ok(only_program(&String::from_utf8_lossy(&output.stdout), words))
}

/// Of the lines of 'go list'. A program of files, not of a package, has the first one's name.
fn only_program(listed: &str, words: &[OsString]) -> Option<OsString> {
    let mut lines = listed.lines();
    let (Some(line), None) = (lines.next(), lines.next()) else { return None };
    let target = Path::new(line.strip_prefix("main ")?);
    let file = words.iter().map(Path::new).find(|word| word.extension().is_some_and(|end| end == "go"));
    target.file_name().or_else(|| file?.file_stem()).map(OsStr::to_owned)
}

fn cargo(halves: &[Target], reproducible: bool, argv0: &Path, words: &[OsString], env: &Env) -> Result<i32> {
    let text = |word: &OsString| word.to_string_lossy().into_owned();
    if words.iter().map(text).any(|word| word == "--target" || word.starts_with("--target=")) {
        return Err(Error::message("'cargo build' for both processors of macOS takes no --target of its own"));
    }
    let mut dirs = Vec::new();
    for target in halves {
        if let Some(status) = half(*target, reproducible, argv0, words, env)? {
            return Ok(status);
        }
        dirs.push(cargo_dir(words, env)?.join(rust_triple(*target).unwrap_or_default()).join(cargo_profile(words)));
    }
    let to = cargo_dir(words, env)?.join(CARGO_DIR).join(cargo_profile(words));
    let entries = fs::read_dir(&dirs[0]).map_err(Error::io("read", &dirs[0]))?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut names: Vec<OsString> = names.filter(|name| dirs.iter().all(|dir| is_of_macos(&dir.join(name)))).collect();
    names.sort();
    if names.is_empty() {
        return Err(Error::with_help(
            format!("'cargo build' left no program and no library in '{}'", dirs[0].display()),
            "build a binary, a cdylib or a staticlib",
        ));
    }
    fs::create_dir_all(&to).map_err(Error::io("create", &to))?;
    for name in names {
        join(&[dirs[0].join(&name), dirs[1].join(&name)], &to.join(&name))?;
    }
    Ok(0)
}

/// The value of an option in either form.
fn value_of(words: &[OsString], option: &str) -> Option<String> {
    let own = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let words: Vec<&str> = words[..own].iter().filter_map(|word| word.to_str()).collect();
    let joined = format!("{option}=");
    words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix(joined.as_str()) {
        Some(value) => Some(value.to_owned()),
        None => (*word == option).then(|| words.get(at + 1).map(|value| (*value).to_owned()))?,
    })
}

fn cargo_profile(words: &[OsString]) -> String {
    let release = words.iter().any(|word| word == "--release" || word == "-r");
    match value_of(words, "--profile").as_deref() {
        Some("dev" | "test") => "debug".to_owned(),
        Some("bench") => "release".to_owned(),
        Some(name) => name.to_owned(),
        None => if release { "release" } else { "debug" }.to_owned(),
    }
}

fn cargo_dir(words: &[OsString], env: &Env) -> Result<PathBuf> {
    if let Some(dir) = value_of(words, "--target-dir") {
        return Ok(env.cwd.join(dir));
    }
    let mut metadata = Command::new(&words[0]);
    metadata.args(["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    if let Some(manifest) = value_of(words, "--manifest-path") {
        metadata.args(["--manifest-path", &manifest]);
    }
    let output = metadata.output().map_err(|source| Error::NotRunnable { path: (&words[0]).into(), source })?;
    let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let dir = value["target_directory"].as_str().map(PathBuf::from);
    dir.ok_or_else(|| Error::message("'cargo metadata' does not say where the target directory is"))
}

/// A thin Mach-O file, or an archive.
fn is_of_macos(path: &Path) -> bool {
    const MAGICS: [&[u8]; 2] = [&[0xcf, 0xfa, 0xed, 0xfe], b"!<arch>\n"];
    // rlibs are archives too, for rustc alone.
    let is_rlib = path.extension().is_some_and(|end| end == "rlib" || end == "rmeta");
    let mut start = [0; 8];
    let read = fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start));
    path.is_file() && !is_rlib && read.is_ok() && MAGICS.iter().any(|magic| start.starts_with(magic))
}

fn join(halves: &[PathBuf], out: &Path) -> Result<i32> {
    let mut lipo = Command::new(dirs::executable()?);
    lipo.args(["lipo", "-create", "-output"]).arg(out).args(halves);
    let status = lipo.status().map_err(|source| Error::NotRunnable { path: "lipo".into(), source })?;
    Ok(status.code().unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn outputs_are_read_from_the_command() {
        assert_eq!(go_output(&words("go build -o app .")), (vec![2, 3], Some("app".into())));
        assert_eq!(go_output(&words("go build --o=d/ .")), (vec![2], Some("d/".into())));
        assert_eq!(go_output(&words("go build ./cmd/o")), (Vec::new(), None));
        let one = |listed| only_program(listed, &words("go build -v a/first.go second.go"));
        assert_eq!(one("main /home/u/go/bin/three\n"), Some("three".into()));
        assert_eq!(one("main \n"), Some("first".into()));
        for none in ["", "three /pkg/three.a\n", "main /bin/three\nlib \n", "main /bin/a\nmain /bin/b\n"] {
            assert_eq!(one(none), None, "{none:?}");
        }
        for (line, is_it) in [("go build ./...", true), ("cargo b", true), ("make", false), ("go vet", false)] {
            assert_eq!(is_for(&words(line)), is_it, "{line}");
        }
        for (line, profile) in [
            ("cargo build", "debug"),
            ("cargo b -r", "release"),
            ("cargo build --profile=dist", "dist"),
            ("cargo build --profile dev", "debug"),
        ] {
            assert_eq!(cargo_profile(&words(line)), profile, "{line}");
        }
    }
}
