//! xcc's own source compiles for the machines it is meant to run on. Nothing is linked: what a program does on another
//! operating system is not known from here, but that its code is complete and well typed is. Nothing in it asks for the processor:
//! one of each system will do, and install.sh has built the static one.

#[path = "support/rust.rs"]
mod rust;
mod support;

use support::{run, shared_dir, skip, which};

#[test]
fn compiles_for_linux_on_arm64() {
    checks("aarch64-unknown-linux-gnu");
}

#[test]
fn compiles_for_macos_on_arm64() {
    checks("aarch64-apple-darwin");
}

#[test]
fn compiles_for_windows() {
    checks("x86_64-pc-windows-gnu");
}

#[track_caller]
fn checks(target: &str) {
    let stds = rust::stds(&[target]);
    let Some(std) = stds.first() else {
        skip(&format!("cargo check for {target}"), "its standard library cannot be had here");
        return;
    };
    // rustc makes Windows' import libraries with it, and building the standard library makes some, even for a check.
    if std.method == "build-std" && target.contains("windows") && which("x86_64-w64-mingw32-dlltool").is_none() {
        skip(&format!("cargo check for {target}"), "building its standard library needs x86_64-w64-mingw32-dlltool");
        return;
    }
    let mut command = std.cargo("check");
    run(command.current_dir(support::root()).env("CARGO_TARGET_DIR", shared_dir().join("cargo-hosts")));
}
