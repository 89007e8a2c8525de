//! Compiler caches: behind `XCC_LAUNCHER` and in front of xcc. What keeps them from mixing two targets, two versions of
//! libc or two configurations.
//!
//! ccache and sccache know a compiler by its file, and every name of xcc is the same file; the target is in the name or
//! in a variable, and flags are in `xcc.toml` and `XCC_CFLAGS`, where neither looks. What they have seen of xcc is
//! therefore made to hold the version line, which names all of it:
//!
//! * xcc starts the cache (`XCC_LAUNCHER`): the line is in the variables that both caches put into their keys.
//! * The cache starts xcc: both first have the source preprocessed, and hash the output. There xcc adds a last line, a line
//!   marker with the version line as its file name: nothing to a compiler. To ccache it is also a header that is not there,
//!   and ccache then leaves its direct mode, in which it would never ask xcc again.
//!
//! A ccache that is told to look at the version line (`CCACHE_COMPILERCHECK`) keeps its direct mode.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::command::Command;
use crate::dirs;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::links;
use crate::personality::Personality;
use crate::target::Target;

/// The command that has a compilation run by the user's launcher: `LAUNCHER xcc-TARGET ARGUMENT…`. `None` without one, and
/// for the xcc that a launcher has started.
///
/// # Errors
/// [`Error::Variable`] for a launcher with an open quote, or that is xcc, [`Error::Io`] where the link to xcc cannot be made.
pub(crate) fn launch(
    personality: Personality,
    target: Target,
    argv: &[OsString],
    cache: &Path,
    version_line: impl FnOnce() -> Result<String>,
    env: &Env,
) -> Result<Option<Command>> {
    let Some(launcher) = env.get(env::XCC_LAUNCHER).filter(|_| env.get(env::XCC_LAUNCHED).is_none()) else {
        return Ok(None);
    };
    let words = launcher.to_str().and_then(shlex::split).unwrap_or_default();
    let Some((program, options)) = words.split_first() else {
        let message = "it is not text that a shell could split (an open quote?)".to_owned();
        return Err(Error::Variable { name: env::XCC_LAUNCHER, message });
    };
    if find(program, env).is_some_and(|path| dirs::executable().is_ok_and(|own| path == own)) {
        return Err(Error::Variable { name: env::XCC_LAUNCHER, message: format!("'{program}' is xcc itself") });
    }
    let line = version_line()?;
    let mut args: Vec<OsString> = options.iter().map(OsString::from).collect();
    args.push(name(personality, target, cache, env)?);
    args.extend_from_slice(argv);
    let mut set: Vec<(&'static str, OsString)> = vec![(env::XCC_LAUNCHED, "1".into())];
    let defaults = [
        (env::CCACHE_COMPILERCHECK, format!("string:{line}")),
        // ccache goes by the name of the file, which is xcc.
        (env::CCACHE_COMPILERTYPE, "clang".to_owned()),
    ];
    set.extend(
        defaults.into_iter().filter(|(name, _)| env.get(name).is_none()).map(|(name, value)| (name, value.into())),
    );
    let mut buster = env.get(env::SCCACHE_C_CUSTOM_CACHE_BUSTER).unwrap_or_default().to_owned();
    buster.push(line);
    set.push((env::SCCACHE_C_CUSTOM_CACHE_BUSTER, buster));
    Ok(Some(Command { program: program.into(), args, set }))
}

/// xcc as the compiler of a target: the installed name where PATH has it, which is then the same on another machine.
fn name(personality: Personality, target: Target, cache: &Path, env: &Env) -> Result<OsString> {
    let tool = if personality == Personality::Cxx { "clang++" } else { "clang" };
    let installed = format!("xcc-{target}-{tool}");
    if find(&installed, env).as_deref() == Some(dirs::executable()?) {
        return Ok(installed.into());
    }
    links::ensure(cache, &format!("{target}-{tool}")).map(PathBuf::into_os_string)
}

/// The file that a program's name comes to, links followed.
fn find(program: &str, env: &Env) -> Option<PathBuf> {
    let found = match Path::new(program).components().count() {
        1 => std::env::split_paths(env.get(env::PATH)?).map(|dir| dir.join(program)).find(|path| path.is_file())?,
        _ => env.cwd.join(program),
    };
    found.canonicalize().ok()
}

/// Has a compiler cache started us that would not see another target or configuration?
pub(crate) fn is_behind_cache(env: &Env) -> bool {
    match parent() {
        Some(name) if name.starts_with("sccache") => true,
        Some(name) if name.starts_with("ccache") => {
            // A command that asks the compiler, or a text: then it is the user who says what tells compilers apart.
            let check = env.text(env::CCACHE_COMPILERCHECK).unwrap_or("mtime");
            ["mtime", "content", "none"].contains(&check)
        }
        _ => false,
    }
}

/// The file name of the program that has started us.
#[cfg(target_os = "linux")]
fn parent() -> Option<String> {
    let exe = std::fs::read_link(format!("/proc/{}/exe", std::os::unix::process::parent_id())).ok()?;
    exe.file_name()?.to_str().map(str::to_owned)
}

#[cfg(not(target_os = "linux"))]
fn parent() -> Option<String> {
    None
}

/// Preprocesses, and adds the marker to what it made.
///
/// # Errors
/// Those of [`Command::run`], and [`Error::Io`] where the marker cannot be written.
pub(crate) fn preprocess(command: &Command, output: Option<&OsStr>, version_line: &str, env: &Env) -> Result<i32> {
    let status = command.run(env)?;
    if status == 0 {
        let marker = marker(version_line);
        match output.filter(|output| *output != "-") {
            None => std::io::stdout().write_all(marker.as_bytes()).map_err(Error::io("write", "standard output"))?,
            Some(output) => {
                let file = OpenOptions::new().append(true).open(env.cwd.join(output));
                file.and_then(|mut file| file.write_all(marker.as_bytes())).map_err(Error::io("write", output))?;
            }
        }
    }
    Ok(status)
}

fn marker(version_line: &str) -> String {
    format!("\n# 1 \"{}\"\n", version_line.replace(['"', '\\'], "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launched(pairs: &[(&'static str, &str)]) -> Result<Option<Command>> {
        let target = Target::parse("aarch64-linux-gnu.2.17").unwrap();
        let argv = [OsString::from("-c"), OsString::from("a.c")];
        let cache = tempfile::tempdir().unwrap();
        launch(Personality::Cxx, target, &argv, cache.path(), || Ok("LINE".into()), &Env::of(pairs))
    }

    #[test]
    fn a_launcher_gets_the_compiler_by_name_and_the_version_line_for_its_key() {
        let command = launched(&[("XCC_LAUNCHER", "cache '--an option'")]).unwrap().unwrap();
        assert_eq!(command.program, Path::new("cache"));
        assert_eq!(command.args[0], "--an option");
        assert_eq!(Path::new(&command.args[1]).file_name().unwrap(), "aarch64-linux-gnu.2.17-clang++");
        assert_eq!(command.args[2..], ["-c", "a.c"]);
        let value = |name| command.set.iter().find(|set| set.0 == name).map(|set| set.1.to_str().unwrap());
        assert_eq!(value("CCACHE_COMPILERCHECK"), Some("string:LINE"));
        assert_eq!(value("CCACHE_COMPILERTYPE"), Some("clang"));
        assert_eq!(value("SCCACHE_C_CUSTOM_CACHE_BUSTER"), Some("LINE"));
    }

    #[test]
    fn what_the_user_says_to_the_cache_stays() {
        let pairs =
            [("CCACHE_COMPILERCHECK", "content"), ("SCCACHE_C_CUSTOM_CACHE_BUSTER", "mine"), ("XCC_LAUNCHER", "cache")];
        let command = launched(&pairs).unwrap().unwrap();
        let value = |name| command.set.iter().find(|set| set.0 == name).map(|set| set.1.to_str().unwrap());
        assert_eq!(value("CCACHE_COMPILERCHECK"), None);
        assert_eq!(value("SCCACHE_C_CUSTOM_CACHE_BUSTER"), Some("mineLINE"));
    }

    #[test]
    fn a_launched_compiler_launches_nothing() {
        assert!(launched(&[]).unwrap().is_none());
        assert!(launched(&[("XCC_LAUNCHED", "1"), ("XCC_LAUNCHER", "cache")]).unwrap().is_none());
        assert!(launched(&[("XCC_LAUNCHER", "'open")]).is_err());
    }

    #[test]
    fn the_marker_is_one_line_of_any_language() {
        assert_eq!(marker("a \"b\\c"), "\n# 1 \"a _b_c\"\n");
    }
}
