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

const X64: &str = "x86_64-windows-gnu";

/// Builds a project with the standard library of `x86_64-pc-windows-gnu`; the directory of its profiles.
#[track_caller]
fn cargo(project: &str, args: &[&str]) -> Option<PathBuf> {
    const TARGET: &str = "x86_64-pc-windows-gnu";
    let stds = rust::stds(&[TARGET]);
    let Some(std) = stds.first() else {
        support::skip(&format!("{project} for {TARGET}"), "its standard library cannot be had here");
        return None;
    };
    let into = support::scratch(project);
    let mut command = std.cargo("build");
    command.args(args).env("CARGO_TARGET_DIR", &into);
    command.current_dir(support::root().join("testdata/projects").join(project));
    command.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", xcc("xcc-x86_64-windows-gnu"));
    for (variable, tool) in [("CC", ""), ("CXX", "-c++"), ("AR", "-ar")] {
        command.env(format!("{variable}_x86_64_pc_windows_gnu"), xcc(&format!("xcc-x86_64-windows-gnu{tool}")));
    }
    // What rustc calls for raw-dylib.
    xcc("x86_64-w64-mingw32-dlltool");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([support::names_dir()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    run(command.env("PATH", path));
    Some(into.join(TARGET))
}

#[track_caller]
fn prints_all(exe: &Path, lines: &[&str]) {
    let Some(mut command) = support::runner(X64, exe) else { return };
    let printed = stdout(&run(&mut command)).replace('\r', "");
    for line in lines {
        assert!(printed.lines().any(|other| other == *line), "{line} is not in\n{printed}");
    }
}

#[test]
fn rust_programs_run() {
    if let Some(dir) = cargo("rust-sys", &[]) {
        let lines = ["query earth>venus 0.5, mars>earth 1", "zstd 800000 same=true smaller=true", "threads 36"];
        prints_all(&dir.join("debug/rust-sys.exe"), &lines);
    }
    if let Some(dir) = cargo("rust-cxx", &[]) {
        prints_all(&dir.join("debug/rust-cxx.exe"), &["a=2 b=1 c=1 ", "nth \"c\"", "sum -30"]);
    }
    if let Some(dir) = cargo("rust-macro", &[]) {
        prints_all(&dir.join("debug/rust-macro.exe"), &["built for x86_64-pc-windows-gnu"]);
    }
    if let Some(dir) = cargo("rust-profiles", &["--release"]) {
        prints_all(&dir.join("release/rust-profiles.exe"), &["panic=unwind", "dropped", "caught true"]);
    }
}

/// Two of rustc's 1600 symbols, as its own list says; and a C program that calls them.
#[test]
fn a_cdylib_exports_what_rustc_asked_for() {
    let Some(dir) = cargo("rust-cdylib", &[]) else { return };
    assert_eq!(Image::read(&dir.join("debug/tally.dll")).exports, names(&["tally_add", "tally_catch"]));
    let user = support::scratch("calls");
    let source = "#include <stdio.h>\nunsigned long long tally_add(unsigned long long); int tally_catch(void);\n\
                  int main(void) { tally_add(40); printf(\"%d %d\\n\", (int)tally_add(2), tally_catch()); }\n";
    fs::write(user.join("calls.c"), source).unwrap();
    fs::copy(dir.join("debug/tally.dll"), user.join("tally.dll")).unwrap();
    let mut cc = support::command(xcc("xcc-x86_64-windows-gnu"));
    run(cc.current_dir(&user).args(["calls.c", "-ltally", "-o", "calls.exe", "-L"]).arg(dir.join("debug")));
    prints_all(&user.join("calls.exe"), &["42 1"]);
}
