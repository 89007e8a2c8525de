//! Rust through xcc into Windows programs and DLLs, run under wine.

#[path = "support/pe.rs"]
mod image;
#[path = "support/rust.rs"]
mod rust;
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use image::{Image, names};
use support::{run, stdout, xcc};

/// Rust's target, xcc's, and the names of binutils that rustc and build scripts look for.
struct Port {
    triple: &'static str,
    target: &'static str,
    binutils: &'static str,
}

const GNU: Port =
    Port { triple: "x86_64-pc-windows-gnu", target: "x86_64-windows-gnu", binutils: "x86_64-w64-mingw32" };

const OTHERS: &[Port] = &[
    Port { triple: "i686-pc-windows-gnu", target: "x86-windows-gnu", binutils: "i686-w64-mingw32" },
    Port { triple: "x86_64-pc-windows-gnullvm", target: "x86_64-windows-gnu", binutils: "x86_64-w64-mingw32" },
    Port { triple: "aarch64-pc-windows-gnullvm", target: "aarch64-windows-gnu", binutils: "aarch64-w64-mingw32" },
];

/// Builds a project; the directory of its profiles.
#[track_caller]
fn cargo(project: &str, port: &Port, args: &[&str]) -> Option<PathBuf> {
    let stds = rust::stds(&[port.triple]);
    let Some(std) = stds.first() else {
        support::skip(&format!("{project} for {}", port.triple), "its standard library cannot be had here");
        return None;
    };
    let into = support::scratch(project);
    let mut command = std.cargo("build");
    command.args(args).env("CARGO_TARGET_DIR", &into);
    command.current_dir(support::root().join("testdata/projects").join(project));
    let variable = port.triple.replace('-', "_");
    let linker = format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase());
    command.env(linker, xcc(&format!("xcc-{}", port.target)));
    for (name, tool) in [("CC", ""), ("CXX", "-c++"), ("AR", "-ar")] {
        command.env(format!("{name}_{variable}"), xcc(&format!("xcc-{}{tool}", port.target)));
    }
    // What rustc calls for raw-dylib, and build scripts for resources.
    for tool in ["dlltool", "windres", "ar"] {
        xcc(&format!("{}-{tool}", port.binutils));
    }
    // Where the target is LLVM's own, winresource looks for them under LLVM's names.
    command.env("WINDRES", xcc(&format!("{}-windres", port.binutils))).env("AR", xcc(&format!("{}-ar", port.binutils)));
    run(command.env("PATH", support::path_with(&support::names_dir())));
    Some(into.join(port.triple))
}

#[track_caller]
fn prints_all(target: &'static str, exe: &Path, lines: &[&str]) {
    let Some(mut command) = support::runner(target, exe) else { return };
    let printed = stdout(&run(&mut command)).replace('\r', "");
    for line in lines {
        assert!(printed.lines().any(|other| other == *line), "{line} is not in\n{printed}");
    }
}

#[test]
fn rust_programs_run() {
    if let Some(dir) = cargo("rust-sys", &GNU, &[]) {
        let lines = ["query earth>venus 0.5, mars>earth 1", "zstd 800000 same=true smaller=true", "threads 36"];
        prints_all(GNU.target, &dir.join("debug/rust-sys.exe"), &lines);
    }
    if let Some(dir) = cargo("rust-cxx", &GNU, &[]) {
        prints_all(GNU.target, &dir.join("debug/rust-cxx.exe"), &["a=2 b=1 c=1 ", "nth \"c\"", "sum -30"]);
    }
    if let Some(dir) = cargo("rust-macro", &GNU, &[]) {
        prints_all(GNU.target, &dir.join("debug/rust-macro.exe"), &["built for x86_64-pc-windows-gnu"]);
    }
    if let Some(dir) = cargo("rust-profiles", &GNU, &["--release"]) {
        prints_all(GNU.target, &dir.join("release/rust-profiles.exe"), &["panic=unwind", "dropped", "caught true"]);
    }
}

/// Two of rustc's 1600 symbols, as its own list says; and a C program that calls them.
#[test]
fn a_cdylib_exports_what_rustc_asked_for() {
    let Some(dir) = cargo("rust-cdylib", &GNU, &[]) else { return };
    assert_eq!(Image::read(&dir.join("debug/tally.dll")).exports, names(&["tally_add", "tally_catch"]));
    let user = support::scratch("calls");
    let source = "#include <stdio.h>\nunsigned long long tally_add(unsigned long long); int tally_catch(void);\n\
                  int main(void) { tally_add(40); printf(\"%d %d\\n\", (int)tally_add(2), tally_catch()); }\n";
    fs::write(user.join("calls.c"), source).unwrap();
    fs::copy(dir.join("debug/tally.dll"), user.join("tally.dll")).unwrap();
    let mut cc = support::command(xcc("xcc-x86_64-windows-gnu"));
    run(cc.current_dir(&user).args(["calls.c", "-ltally", "-o", "calls.exe", "-L"]).arg(dir.join("debug")));
    prints_all(GNU.target, &user.join("calls.exe"), &["42 1"]);
}

/// A resource crate, the cc and cmake crates, raw-dylib and unwinding in one program.
#[test]
fn a_program_has_its_resources_and_unwinds() {
    let all = support::all("Rust for Windows on Arm and on 32 bits: resources, unwinding, LTO");
    let check = |port: &Port, profile: &str, args: &[&str]| {
        let Some(dir) = cargo("rust-windows", port, args) else { return };
        let exe = dir.join(profile).join("rust-windows.exe");
        // An icon with its group, and a version.
        let image = Image::read(&exe);
        assert_eq!(image.resources, [3, 14, 16].into(), "{}", port.triple);
        assert!(image.imports.contains("version.dll VerQueryValueA"), "{:?}", image.imports);
        prints_all(port.target, &exe, &["version 1.2.3", "C 42 21", "dropped", "caught true"]);
    };
    check(&GNU, "debug", &[]);
    for port in OTHERS.iter().filter(|_| all) {
        check(port, "debug", &[]);
        // With link-time optimisation.
        check(port, "release", &["--release"]);
    }
}
