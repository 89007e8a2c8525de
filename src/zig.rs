//! Finding zig and its version, without starting it: `XCC_ZIG`, xcc's own pinned one, `zig` on PATH, Python's `ziglang`.
//!
//! Installing one is in `install.rs`, and whether it still is as it was installed in `verify.rs`.

pub(crate) mod install;
pub(crate) mod pins;
pub(crate) mod verify;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use crate::command;
use crate::dirs;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use install::is_version;

/// A zig that can be run.
#[derive(Clone, Debug)]
pub(crate) struct Zig {
    pub(crate) path: PathBuf,
    /// For example `0.17.0`.
    pub(crate) version: String,
    /// How it was found, for `xcc zig which`.
    pub(crate) why: &'static str,
}

const EXE: &str = if cfg!(windows) { "zig.exe" } else { "zig" };

/// The first zig of the search order.
///
/// # Errors
/// [`Error::NoZig`] with the places looked at; [`Error::Variable`] and [`Error::NoSuchZig`] when `XCC_ZIG` names nothing.
pub(crate) fn find(env: &Env, configured: Option<&Path>) -> Result<Zig> {
    for (asked, why, name) in
        [(env.get(env::XCC_ZIG), "XCC_ZIG", env::XCC_ZIG), (configured.map(Path::as_os_str), "xcc.toml", "zig")]
    {
        let Some(asked) = asked else { continue };
        if let Some(version) = asked.to_str().filter(|text| is_version(text)) {
            let version = version.to_owned();
            return match installed(env, &version) {
                Some(path) => Ok(Zig { path, version, why }),
                None => Err(Error::NoSuchZig { version }),
            };
        }
        let path = env.cwd.join(asked);
        let path = if path.is_dir() { path.join(EXE) } else { path };
        if !path.is_file() {
            return Err(Error::Variable { name, message: format!("no such file: '{}'", path.display()) });
        }
        let version = version_of(&path, env)?;
        return Ok(Zig { path, version, why });
    }
    let version = default_version(env);
    if let Some(path) = installed(env, &version) {
        return Ok(Zig { path, version, why: "installed by 'xcc zig install'" });
    }
    let mut looked = vec!["XCC_ZIG".to_owned(), format!("xcc's own zig {version}"), "zig on PATH".to_owned()];
    if let Some(path) = on_path(env, EXE) {
        let version = version_of(&path, env)?;
        return Ok(Zig { path, version, why: "on PATH" });
    }
    looked.push("Python's ziglang".to_owned());
    if let Some(path) = of_python(env) {
        let version = version_of(&path, env)?;
        return Ok(Zig { path, version, why: "Python's ziglang" });
    }
    Err(Error::NoZig { looked })
}

/// Directories of installed versions: the user's own, then the one that install.sh made beside the executable.
pub(crate) fn install_dirs(env: &Env) -> Vec<PathBuf> {
    let user = dirs::data(env).map(|dir| dir.join("zig"));
    let beside =
        dirs::executable().ok().and_then(Path::parent).and_then(Path::parent).map(|prefix| prefix.join("lib/xcc/zig"));
    user.into_iter().chain(beside).collect()
}

/// The executable of an installed version.
pub(crate) fn installed(env: &Env, version: &str) -> Option<PathBuf> {
    install_dirs(env).into_iter().map(|dir| dir.join(version).join(EXE)).find(|path| path.is_file())
}

/// The versions that `xcc zig install` and install.sh have installed.
pub(crate) fn installed_versions(env: &Env) -> Vec<String> {
    let entries = install_dirs(env).into_iter().filter_map(|dir| fs::read_dir(dir).ok()).flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| is_version(name) && installed(env, name).is_some()).collect()
}

/// The text of a short file in one read: every call of a compiler comes by here.
fn read_line(path: &Path) -> Option<String> {
    let mut buffer = [0; 64];
    let count = fs::File::open(path).ok()?.read(&mut buffer).ok()?;
    String::from_utf8(buffer[..count].to_vec()).ok()
}

/// The version `xcc zig install` was last asked for, else the pinned one.
pub(crate) fn default_version(env: &Env) -> String {
    let chosen = dirs::data(env).and_then(|dir| read_line(&dir.join("zig/default")));
    chosen
        .map(|text| text.trim().to_owned())
        .filter(|text| is_version(text))
        .unwrap_or_else(|| pins::default_for(pins::HOST).to_owned())
}

/// A program on PATH that is not xcc itself under that name.
fn on_path(env: &Env, name: &str) -> Option<PathBuf> {
    let own = dirs::executable().ok();
    std::env::split_paths(env.get(env::PATH)?)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join(name))
        .find(|path| path.is_file() && fs::canonicalize(path).ok().as_deref() != own)
}

/// The zig inside Python's `ziglang` package. Asking Python takes a process, so the answer is kept.
fn of_python(env: &Env) -> Option<PathBuf> {
    let python = ["python3", "python"].iter().find_map(|name| on_path(env, name))?;
    let ask = || {
        // -I: neither the working directory nor PYTHON variables decide what is imported.
        let code = "import ziglang,os;print(os.path.dirname(ziglang.__file__))";
        let path = PathBuf::from(ask(&python, &["-I", "-c", code], env)?).join(EXE);
        path.to_str().map(str::to_owned).ok_or_else(|| Error::message("ziglang's path is not text"))
    };
    noted("python", &python, env, ask).ok().map(PathBuf::from).filter(|path| path.is_file())
}

/// The version of a zig.
fn version_of(zig: &Path, env: &Env) -> Result<String> {
    noted("version", zig, env, || ask(zig, &["version"], env))
}

/// clang's version inside a zig, for the version line.
pub(crate) fn clang_version(zig: &Zig, env: &Env) -> Result<String> {
    noted("clang", &zig.path, env, || {
        let line = ask(&zig.path, &["clang", "--version"], env)?;
        let version = line.strip_prefix("clang version ").unwrap_or(&line);
        Ok(version.split_whitespace().next().unwrap_or("0").to_owned())
    })
}

/// An answer about a program, from a note of an earlier run while the program is the same, else from `ask`.
fn noted(kind: &str, about: &Path, env: &Env, ask: impl FnOnce() -> Result<String>) -> Result<String> {
    let key = stamp(about).unwrap_or_default();
    let note = note_path(env, about, kind);
    match note.as_deref().and_then(read_note) {
        Some((stamp, answer)) if stamp == key => Ok(answer),
        _ => {
            let answer = ask()?;
            write_note(note.as_deref(), &key, &answer);
            Ok(answer)
        }
    }
}

/// The first line of what zig prints. An xcc that is asked as if it were zig must not ask in its turn: it gets the
/// deepest level that [`command::check_depth`] allows.
fn ask(zig: &Path, args: &[&str], env: &Env) -> Result<String> {
    let itself = || Error::Recursion { program: zig.to_owned() };
    command::check_depth(zig, env)?;
    if fs::canonicalize(zig).ok().as_deref() == dirs::executable().ok() {
        return Err(itself());
    }
    let not_runnable = |source| Error::NotRunnable { path: zig.to_owned(), source };
    let mut command = Command::new(zig);
    command.args(args).env(env::XCC_RUNNING, command::DEEPEST.to_string());
    let output = command.output().map_err(not_runnable)?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().next() {
        Some(line) if output.status.success() && !line.is_empty() => Ok(line.trim().to_owned()),
        // Another copy of xcc.
        _ if output.stderr.starts_with(b"xcc: error: ") => Err(itself()),
        _ => Err(Error::with_help(
            format!(
                "'{} {}' failed: {}",
                zig.display(),
                args.join(" "),
                String::from_utf8_lossy(&output.stderr).trim()
            ),
            "set XCC_ZIG to a zig that runs, or run 'xcc zig install'",
        )),
    }
}

/// What changes when the file does.
fn stamp(path: &Path) -> Option<String> {
    let meta = fs::metadata(path).ok()?;
    let modified = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {}", meta.len(), modified.as_nanos()))
}

fn note_path(env: &Env, about: &Path, kind: &str) -> Option<PathBuf> {
    Some(dirs::cache(env)?.join("notes").join(format!("{kind}-{:016x}", fnv(about.as_os_str().as_encoded_bytes()))))
}

fn read_note(note: &Path) -> Option<(String, String)> {
    let text = fs::read_to_string(note).ok()?;
    let (stamp, value) = text.split_once('\n')?;
    Some((stamp.to_owned(), value.trim_end().to_owned()))
}

/// Notes only save time, so a cache that cannot be written is no error.
fn write_note(note: Option<&Path>, stamp: &str, value: &str) {
    let Some(note) = note else { return };
    let Some(dir) = note.parent() else { return };
    let written = fs::create_dir_all(dir)
        .and_then(|()| tempfile::NamedTempFile::new_in(dir))
        .and_then(|mut file| {
            std::io::Write::write_all(&mut file, format!("{stamp}\n{value}\n").as_bytes()).map(|()| file)
        })
        .map(|file| file.persist(note));
    drop(written);
}

/// FNV-1a: names of notes and links need no more than to differ.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A program that answers as a zig of that version does. A shell writes it: a file that this process has open for
    /// writing cannot be run.
    fn stand_in(dir: &Path, name: &str, version: &str) -> PathBuf {
        fs::create_dir_all(dir).unwrap();
        let path = dir.join(name);
        let text = format!("#!/bin/sh\necho {version}\n");
        let script = "printf %s \"$1\" >\"$2\" && chmod +x \"$2\"";
        let status = Command::new("sh").args(["-c", script, "sh", &text]).arg(&path).status().unwrap();
        assert!(status.success());
        path
    }

    #[test]
    fn each_place_gives_way_to_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let python = at("python");
        stand_in(&at("ziglang"), EXE, "0.14.1");
        stand_in(&python, "python3", at("ziglang").to_str().unwrap());
        let on_path = stand_in(&at("bin"), EXE, "0.15.2");
        let own = stand_in(&at("data/zig/0.17.0"), EXE, "0.17.0");
        fs::write(at("data/zig/default"), "0.17.0").unwrap();
        let configured = stand_in(&at("configured"), "my-zig", "0.16.0");
        let named = stand_in(&at("named"), EXE, "0.17.1");

        let found = |variable: Option<&Path>, configured: Option<&Path>, data: &str, dirs: &[&str]| {
            let dirs: Vec<String> = dirs.iter().map(|name| at(name).display().to_string()).collect();
            let (path, data, cache) = (dirs.join(":"), at(data), at("cache"));
            let mut pairs = vec![
                (env::PATH, path.as_str()),
                (env::XCC_DATA_DIR, data.to_str().unwrap()),
                (env::XCC_CACHE_DIR, cache.to_str().unwrap()),
            ];
            pairs.extend(variable.map(|path| (env::XCC_ZIG, path.to_str().unwrap())));
            find(&Env::of(&pairs), configured).map(|zig| (zig.path, zig.version, zig.why))
        };
        let all = ["bin", "python"];
        let (user, file) = (Some(named.as_path()), Some(configured.as_path()));
        assert_eq!(found(user, file, "data", &all).unwrap(), (named.clone(), "0.17.1".into(), "XCC_ZIG"));
        // A directory stands for the zig in it.
        assert_eq!(found(named.parent(), None, "data", &all).unwrap().0, named);
        assert_eq!(found(None, file, "data", &all).unwrap(), (configured.clone(), "0.16.0".into(), "xcc.toml"));
        let (path, version, why) = found(None, None, "data", &all).unwrap();
        assert_eq!((path, version.as_str(), why), (own, "0.17.0", "installed by 'xcc zig install'"));
        assert_eq!(found(None, None, "none", &all).unwrap(), (on_path, "0.15.2".into(), "on PATH"));
        let (path, version, why) = found(None, None, "none", &["python"]).unwrap();
        assert_eq!((path, version.as_str(), why), (at("ziglang").join(EXE), "0.14.1", "Python's ziglang"));

        let none = found(None, None, "none", &["empty"]).unwrap_err();
        assert_eq!(none.exit_code(), 127);
        assert!(none.to_string().starts_with("cannot find zig; looked at XCC_ZIG, xcc's own zig "), "{none}");
        assert!(none.help().unwrap().contains("run 'xcc zig install'"), "{none}");
        let nothing = found(Some(&at("nonexistent")), None, "data", &all).unwrap_err();
        assert!(nothing.to_string().contains("cannot use the value of XCC_ZIG: no such file"), "{nothing}");
        assert!(nothing.help().unwrap().contains("unset XCC_ZIG"), "{nothing}");
        assert_eq!(nothing.exit_code(), 127);
    }
}
