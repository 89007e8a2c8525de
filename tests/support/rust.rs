//! Which rustc has the standard library of a target, and the cargo command that uses it.

#![allow(dead_code)] // Each test crate uses a part of it, as a module of its own.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{self, stderr, stdout};

/// What `rust-stds.sh` says of one target.
pub(crate) struct Std {
    pub(crate) target: String,
    /// How it came here: `installed`, `debian` or `build-std`.
    pub(crate) method: String,
    pub(crate) rustc: PathBuf,
    arguments: Vec<String>,
}

/// The standard libraries that can be had; what cannot is missing from the list, and said on standard error.
pub(crate) fn stds(targets: &[&str]) -> Vec<Std> {
    // Not `support::command`, which takes the script's own variables away.
    let mut script = Command::new(support::root().join("tests/support/rust-stds.sh"));
    let output = script.args(targets).output().unwrap();
    eprint!("{}", stderr(&output));
    stdout(&output)
        .lines()
        .map(|line| {
            let [target, method, rustc, arguments] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("not a line of rust-stds.sh: {line:?}");
            };
            Std {
                target: target.to_owned(),
                method: method.to_owned(),
                rustc: rustc.into(),
                arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            }
        })
        .collect()
}

impl Std {
    /// `cargo SUBCOMMAND --locked` for the target, without settings of the caller's own for rustc.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let beside = Some(self.rustc.with_file_name("cargo")).filter(|p| p.is_file());
        let cargo = beside.unwrap_or_else(|| std::env::var_os("CARGO").unwrap_or("cargo".into()).into());
        let mut command = support::command(cargo);
        command
            .args([subcommand, "--locked", "--target", &self.target])
            .args(&self.arguments)
            .env("RUSTC", &self.rustc);
        for name in ["CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WORKSPACE_WRAPPER"] {
            command.env_remove(name);
        }
        if self.method == "build-std" {
            command.env("RUSTC_BOOTSTRAP", "1");
        }
        command
    }
}
