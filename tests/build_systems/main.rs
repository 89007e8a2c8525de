//! Real build systems with xcc as their compiler: each is told of xcc in the ways that its users tell it, asks its
//! questions, and builds, installs and runs the same library and program (`testdata/projects/{cmake,meson,autotools}`).

#[path = "../support/elf.rs"]
mod elf;
#[path = "../support/rust.rs"]
mod rust;
#[path = "../support/mod.rs"]
mod support;

mod autotools;
mod bazel;
mod bindgen;
mod cargo;
mod cmake;
mod distributions;
mod meson;
mod parameter_files;
mod pkg_config;
mod run;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use elf::Elf;
use support::{command, run, runner, skip, stdout, which, xcc};

/// The two kinds of target: a foreign machine with a shared libc, and one static file.
const TARGETS: &[&str] = &["aarch64-linux-gnu", "x86_64-linux-musl"];

/// What the program of the projects prints.
const OUTPUT: &str = "3 words\n";

/// The directory with all of xcc's names for a target, with and without `xcc-`, as a cross toolchain installs them.
fn toolchain(target: &str) -> PathBuf {
    let printed = stdout(&run(command(xcc("xcc")).args(["names", "--gnu", target])));
    for name in printed.lines() {
        xcc(name);
    }
    support::names_dir()
}

/// A command whose PATH begins with xcc's names.
fn with_toolchain(program: impl AsRef<Path>, target: &str) -> Command {
    let mut path = OsString::from(toolchain(target));
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = command(program.as_ref());
    command.env("PATH", path);
    for name in
        ["CPP", "LD", "AR", "NM", "RANLIB", "CPPFLAGS", "CXXFLAGS", "PKG_CONFIG", "PKG_CONFIG_PATH", "MAKEFLAGS"]
    {
        command.env_remove(name);
    }
    command
}

/// What `xcc env ARGUMENTS` prints.
#[track_caller]
fn env_of(arguments: &[&str]) -> String {
    stdout(&run(command(xcc("xcc")).arg("env").args(arguments)))
}

/// The tools are all there, or a skip is counted.
#[track_caller]
fn have(tools: &[&str]) -> bool {
    let missing = tools.iter().find(|tool| which(tool).is_none());
    if let Some(tool) = missing {
        skip(&format!("build system that needs {tool}"), &format!("{tool} is not installed"));
    }
    missing.is_none()
}

/// An installed tree: the programs run, and the shared library has the versions and links that its users expect.
#[track_caller]
fn check_installed(prefix: &Path, target: &str) {
    for name in ["libwords.so.1.2.3", "libwords.so.1", "libwords.so", "libwords.a"] {
        assert!(prefix.join("lib").join(name).exists(), "no {name} in {}", prefix.display());
    }
    assert_eq!(fs::read_link(prefix.join("lib/libwords.so.1")).unwrap(), Path::new("libwords.so.1.2.3"));
    let bytes = fs::read(prefix.join("lib/libwords.so")).unwrap();
    assert_eq!(Elf::parse(&bytes).soname().as_deref(), Some("libwords.so.1"));
    for program in ["count-static", "count-shared"] {
        let file = prefix.join("bin").join(program);
        let bytes = fs::read(&file).unwrap();
        let needs = Elf::parse(&bytes).needed().contains("libwords.so.1");
        assert_eq!(needs, program == "count-shared", "{program}");
        // A dynamic program of musl has no loader here.
        if program == "count-shared" && target.contains("musl") {
            continue;
        }
        let Some(mut command) = runner(target, &file) else { continue };
        command.env("QEMU_SET_ENV", format!("LD_LIBRARY_PATH={}", prefix.join("lib").display()));
        assert_eq!(stdout(&run(&mut command)), OUTPUT, "{program} of {target}");
    }
}
