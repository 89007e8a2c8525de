//! `xcc run -t T -- COMMAND …`: any command with everything set that `xcc env` prints, and for the few programs that
//! do not listen to variables the argument they need.
//!
//! It becomes the command: exit status and signals are the command's own.

mod universal;
pub(crate) mod zigbuild;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process;

use crate::command::become_command;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::exports::{self, Audience, Facts, reproducible, rust_triple};
use crate::target::Target;
use crate::trace;

/// A program that needs more, or less, than all variables.
struct Program {
    name: &'static str,
    audience: Audience,
    add: fn(&Facts, &mut Vec<OsString>) -> Result<()>,
    /// Printed by `XCC_TRACE`.
    why: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "cargo",
        audience: Audience::Cargo,
        add: add_cargo_target,
        why: "CC stays unset, which build scripts would take for the C that runs here",
    },
    Program { name: "cmake", audience: Audience::All, add: add_toolchain_file, why: "a build directory is configured" },
    Program {
        name: "configure",
        audience: Audience::All,
        add: add_host,
        why: "without --host configure tries to run what it builds",
    },
    Program {
        name: "go",
        audience: Audience::Go,
        add: |_, _| Ok(()),
        why: "Go listens to variables; CC of its own tools is the same one",
    },
    Program {
        name: "make",
        audience: Audience::All,
        add: assign,
        why: "CC = gcc in a makefile wins over the variable",
    },
    Program {
        name: "gmake",
        audience: Audience::All,
        add: assign,
        why: "CC = gcc in a makefile wins over the variable",
    },
    Program {
        name: "maturin",
        audience: Audience::Cargo,
        add: |_, _| Ok(()),
        why: "it starts Cargo, and reads CARGO_BUILD_TARGET as Cargo does",
    },
    Program { name: "meson", audience: Audience::All, add: add_cross_file, why: "a build directory is set up" },
    Program {
        name: "napi",
        audience: Audience::Cargo,
        add: |_, _| Ok(()),
        why: "it starts Cargo, and reads CARGO_BUILD_TARGET as Cargo does",
    },
];

/// Becomes the command; a Go or Cargo that builds for both processors of macOS is run for each, and what it made is joined.
///
/// # Errors
/// As [`prepare`], or where the program does not start.
pub(crate) fn run(target: Target, reproducible: bool, argv0: &Path, words: &[OsString], env: &Env) -> Result<i32> {
    if target.is_universal() && universal::is_for(words) {
        return universal::run(&target.halves(), reproducible, argv0, words, env);
    }
    let (command, notes) = prepare(target, reproducible, argv0, words, env)?;
    reproducible::say(&notes);
    let path = command.get_program().into();
    become_command(command).map_err(|source| Error::NotRunnable { path, source })
}

/// The command with everything set, and what is to be said about that.
///
/// # Errors
/// Where the target is not one of the program's, or the variables cannot be made.
pub(crate) fn prepare(
    target: Target,
    reproducible: bool,
    argv0: &Path,
    words: &[OsString],
    env: &Env,
) -> Result<(process::Command, Vec<String>)> {
    let (name, rest) = words.split_first().ok_or_else(|| Error::message("no command to run"))?;
    let stem = Path::new(name).file_name().unwrap_or_default();
    let stem = stem.to_str().map_or("", |stem| stem.strip_suffix(".exe").unwrap_or(stem));
    let program = PROGRAMS.iter().find(|program| program.name == stem);
    let audience = program.map_or(Audience::All, |program| program.audience);
    let facts = Facts::gather(target, argv0, env, audience != Audience::Go)?;
    let mut variables = facts.variables(audience)?;
    let mut notes: Vec<String> = exports::level_note(target, audience).into_iter().collect();
    if reproducible {
        notes.extend(reproducible::variables(&facts, audience, env)?.complete(&mut variables));
    }
    let mut args = rest.to_vec();
    if let Some(program) = program {
        (program.add)(&facts, &mut args)?;
        trace::note(env, &format!("run: {}: {}", program.name, program.why))?;
    }
    let mut command = process::Command::new(name);
    command.args(&args);
    set_up(&mut command, variables);
    Ok((command, notes))
}

/// Gives the command the target's variables, and takes away what would put the host's headers and libraries before the target's.
fn set_up(command: &mut process::Command, variables: Vec<(String, String)>) {
    for name in env::HOST_LEAKS {
        command.env_remove(name);
    }
    // SDKROOT is the target's where it is among these.
    command.envs(variables);
}

/// `--target` behind Cargo's own sub-commands that build; the others, third parties' too, read `CARGO_BUILD_TARGET`.
fn add_cargo_target(facts: &Facts, args: &mut Vec<OsString>) -> Result<()> {
    const BUILDS: &[&str] =
        &["b", "bench", "build", "c", "check", "clippy", "d", "doc", "r", "run", "rustc", "rustdoc", "t", "test"];
    let own = args.iter().position(|word| word == "--").unwrap_or(args.len());
    let given = args[..own].iter().any(|word| word == "--target" || starts_with(word, "--target="));
    let command = args.iter().position(|word| BUILDS.iter().any(|build| word == build));
    if let (false, Some(at), Some(triple)) = (given, command.filter(|at| *at < own), rust_triple(facts.target)) {
        args.splice(at + 1..at + 1, ["--target".into(), triple.into()]);
    }
    Ok(())
}

/// Before CMake 3.21 the variable is not read. Only a call that configures takes it.
fn add_toolchain_file(facts: &Facts, args: &mut Vec<OsString>) -> Result<()> {
    const OTHERS: &[&str] =
        &["--build", "--find-package", "--help", "--install", "--open", "--version", "--workflow", "-E", "-P", "-h"];
    let configures = args.first().is_some_and(|word| !OTHERS.iter().any(|other| word == other));
    let given = args.iter().any(|word| starts_with(word, "-DCMAKE_TOOLCHAIN_FILE") || starts_with(word, "--toolchain"));
    if configures && !given {
        let mut word = OsString::from("-DCMAKE_TOOLCHAIN_FILE=");
        word.push(facts.cmake_file()?);
        args.insert(0, word);
    }
    Ok(())
}

fn add_cross_file(facts: &Facts, args: &mut Vec<OsString>) -> Result<()> {
    let setup = args.first().is_some_and(|word| word == "setup");
    if setup && !args.iter().any(|word| starts_with(word, "--cross-file")) {
        args.splice(1..1, ["--cross-file".into(), facts.meson_file()?.into_os_string()]);
    }
    Ok(())
}

fn add_host(facts: &Facts, args: &mut Vec<OsString>) -> Result<()> {
    if !args.iter().any(|word| starts_with(word, "--host")) {
        args.insert(0, format!("--host={}", exports::configure_host(facts.target)).into());
    }
    Ok(())
}

/// The tools that makefiles call by these names. Not LD and CPP: many say `LD = $(CC)` and `CPP = $(CC) -E`.
fn assign(facts: &Facts, args: &mut Vec<OsString>) -> Result<()> {
    const NAMES: &[&str] = &["CC", "CXX", "AR", "RANLIB", "NM", "STRIP", "OBJCOPY", "OBJDUMP", "WINDRES", "PKG_CONFIG"];
    let mut at = 0;
    for (name, path) in facts.assignments(NAMES)? {
        if !args.iter().any(|word| starts_with(word, &format!("{name}="))) {
            args.insert(at, format!("{name}={path}").into());
            at += 1;
        }
    }
    Ok(())
}

fn starts_with(word: &OsStr, start: &str) -> bool {
    word.as_encoded_bytes().starts_with(start.as_bytes())
}

/// What buildx says about the platform of an image: `TARGETPLATFORM`, or its parts.
///
/// # Errors
/// Where the variables name a target that xcc does not know.
pub(crate) fn of_buildx(env: &Env) -> Result<Option<Target>> {
    let platform = env.text(env::TARGETPLATFORM).map(str::to_owned).or_else(|| {
        let (os, arch) = (env.text(env::TARGETOS)?, env.text(env::TARGETARCH)?);
        Some([os, arch].into_iter().chain(env.text(env::TARGETVARIANT)).collect::<Vec<_>>().join("/"))
    });
    platform.map(|platform| with_libc(Target::of_platform(&platform)?, env)).transpose()
}

/// A Linux of buildx's has no libc in its name; `XCC_LIBC` chooses it, as with Go's variables.
fn with_libc(target: Target, env: &Env) -> Result<Target> {
    let name = target.row.name;
    let other = |name: &str| Ok(Target { level: target.level, ..Target::parse(name)? });
    match env.text(env::XCC_LIBC).filter(|_| name.contains("-linux-gnu")) {
        None | Some("gnu" | "glibc") => Ok(target),
        Some("musl") => other(&name.replacen("-gnu", "-musl", 1)),
        Some(libc) => match libc.strip_prefix("gnu.") {
            Some(version) => other(&format!("{name}.{version}")),
            None => {
                let message = format!("'{libc}' is not 'gnu', 'gnu.2.N' or 'musl'");
                Err(Error::Variable { name: env::XCC_LIBC, message })
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buildx_names_the_platform_whole_or_in_parts() {
        for (variables, name) in [
            (&[("TARGETPLATFORM", "linux/arm/v7")][..], "arm-linux-gnueabihf"),
            (&[("TARGETPLATFORM", "windows/amd64"), ("XCC_LIBC", "musl")], "x86_64-windows-gnu"),
            (&[("TARGETOS", "linux"), ("TARGETARCH", "arm"), ("TARGETVARIANT", "v6")], "armv6-linux-gnueabihf"),
            (&[("TARGETOS", "linux"), ("TARGETARCH", "arm64"), ("XCC_LIBC", "musl")], "aarch64-linux-musl"),
            (&[("TARGETPLATFORM", "linux/arm64"), ("XCC_LIBC", "gnu.2.28")], "aarch64-linux-gnu.2.28"),
        ] {
            assert_eq!(of_buildx(&Env::of(variables)).unwrap().unwrap().to_string(), name);
        }
        for variables in [
            &[("TARGETPLATFORM", "linux/amd64/v3")][..],
            &[("TARGETOS", "linux"), ("TARGETARCH", "amd64"), ("TARGETVARIANT", "v3")],
        ] {
            for libc in ["gnu", "musl"] {
                let variables = [variables, &[("XCC_LIBC", libc)]].concat();
                let target = of_buildx(&Env::of(&variables)).unwrap().unwrap();
                assert_eq!((target.to_string(), target.level), (format!("x86_64-linux-{libc}"), Some("v3")));
            }
        }
        assert!(of_buildx(&Env::of(&[("TARGETARCH", "arm64")])).unwrap().is_none());
        assert!(of_buildx(&Env::of(&[("TARGETPLATFORM", "plan9/amd64")])).is_err());
        assert!(of_buildx(&Env::of(&[("TARGETPLATFORM", "linux/arm64"), ("XCC_LIBC", "dietlibc")])).is_err());
    }

    #[test]
    fn each_program_has_one_row() {
        for (at, program) in PROGRAMS.iter().enumerate() {
            assert!(!PROGRAMS[at + 1..].iter().any(|other| other.name == program.name), "{}", program.name);
        }
    }
}
