//! xcc as `cargo-zigbuild`: programs that start `cargo zigbuild --target T` (cargo-dist, GoReleaser) build with xcc.

use std::ffi::OsString;
use std::path::Path;
use std::process;

use crate::command::become_command;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::exports::{Audience, Facts, rust_triple};
use crate::target::Target;

/// Cargo's own commands, which cargo-zigbuild has too; its `zigbuild` is `build`.
const COMMANDS: &[&str] = &["build", "check", "clippy", "doc", "install", "metadata", "run", "rustc", "test"];

/// Becomes Cargo, with every `--target` set up and spelled as rustc spells it. Without one Cargo builds for this machine.
///
/// # Errors
/// For a command of cargo-zigbuild's that this is not, a target that is none, or as `xcc run`.
pub(crate) fn run(argv0: &Path, words: &[OsString], env: &Env) -> Result<i32> {
    let name = words.first().and_then(|word| word.to_str()).unwrap_or("zigbuild");
    if matches!(name, "--version" | "-V") {
        println!("cargo-zigbuild that is xcc {}", env!("CARGO_PKG_VERSION"));
        return Ok(0);
    }
    let command = if name == "zigbuild" { "build" } else { name };
    if !COMMANDS.contains(&command) {
        let help = format!("as cargo-zigbuild xcc has: zigbuild, {}", COMMANDS.join(", "));
        return Err(Error::with_help(format!("'{name}' is no command of 'cargo-zigbuild' that xcc knows"), help));
    }
    let (args, targets) = targets(&words[1.min(words.len())..], env)?;
    let path = env.get(env::CARGO).filter(|path| !path.is_empty()).unwrap_or("cargo".as_ref());
    let mut cargo = process::Command::new(path);
    cargo.arg(command).args(args);
    for target in targets {
        super::set_up(&mut cargo, Facts::gather(target, argv0, env, true)?.variables(Audience::Cargo)?);
    }
    become_command(cargo).map_err(|source| Error::NotRunnable { path: path.into(), source })
}

/// The arguments as Cargo knows them, and the targets: a version of glibc behind one is xcc's alone.
fn targets(words: &[OsString], env: &Env) -> Result<(Vec<OsString>, Vec<Target>)> {
    let (mut args, mut targets) = (Vec::with_capacity(words.len() + 1), Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let joined = word.to_str().and_then(|word| word.strip_prefix("--target="));
        let spelling = match joined {
            Some(spelling) => Some(spelling),
            None if word == "--target" => words.next().map(|word| word.to_str().unwrap_or_default()),
            None => None,
        };
        if let Some(spelling) = spelling {
            let (target, triple) = known(spelling)?;
            targets.push(target);
            args.extend(["--target".into(), triple.into()]);
        } else {
            args.push(word.clone());
        }
        if word == "--" {
            args.extend(words.by_ref().cloned());
        }
    }
    if let (true, Some(spelling)) = (targets.is_empty(), env.text(env::CARGO_BUILD_TARGET)) {
        targets.push(known(spelling)?.0);
    }
    Ok((args, targets))
}

/// A target that Rust has, by any spelling of it.
fn known(spelling: &str) -> Result<(Target, &'static str)> {
    if spelling == "universal2-apple-darwin" {
        let help = "build for both and join the programs with: xcc run -t universal-macos -- cargo build";
        return Err(Error::with_help(format!("'{spelling}' is a target of cargo-zigbuild's own"), help));
    }
    let target = Target::parse(spelling)?;
    let triple = rust_triple(target).ok_or_else(|| Error::message(format!("'{spelling}' is not a target of Rust")))?;
    Ok((target, triple))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_told_its_own_spelling_of_each_target() {
        let of = |line: &str, env: &Env| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let (args, targets) = targets(&words, env).unwrap();
            let args: Vec<&str> = args.iter().map(|arg| arg.to_str().unwrap()).collect();
            (args.join(" "), targets.iter().map(Target::to_string).collect::<Vec<_>>().join(" "))
        };
        let none = Env::of(&[]);
        for (line, args, targets) in [
            ("--release", "--release", ""),
            (
                "--target aarch64-unknown-linux-gnu.2.17 -v",
                "--target aarch64-unknown-linux-gnu -v",
                "aarch64-linux-gnu.2.17",
            ),
            (
                "--target=x86_64-apple-darwin --target x86_64-pc-windows-gnu",
                "--target x86_64-apple-darwin --target x86_64-pc-windows-gnu",
                "x86_64-macos x86_64-windows-gnu",
            ),
            ("-- --target x", "-- --target x", ""),
        ] {
            assert_eq!(of(line, &none), (args.to_owned(), targets.to_owned()));
        }
        let said = Env::of(&[("CARGO_BUILD_TARGET", "riscv64gc-unknown-linux-gnu")]);
        assert_eq!(of("--release", &said), ("--release".to_owned(), "riscv64-linux-gnu".to_owned()));
        assert!(known("universal2-apple-darwin").unwrap_err().help().unwrap().contains("universal-macos"));
        assert!(known("x86_64-pc-windows-msvc").is_err());
    }
}
