//! Real cargo: with xcc as the linker and the C compiler of a target, the programs of `testdata/projects/rust-*` are
//! built for it, looked at and run. One module per target, one test per statement.
//!
//! `tests/support/rust-stds.sh` finds the standard libraries; programs of other machines run under qemu with the
//! C libraries that `tests/support/qemu-roots.sh` fetches. What is missing is a counted skip.

#[path = "support/rust.rs"]
mod rust;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};
use std::time::UNIX_EPOCH;

use object::{Architecture, Object, ObjectKind, ObjectSection, ObjectSymbol};

use rust::Std;
use support::{describe, run, shared_dir, skip, stderr, stdout, xcc};

const SYS_OUTPUT: &str = "\
sqlite 3.54.1
query earth>venus 0.5, mars>earth 1
zstd 800000 same=true smaller=true
threads 36
unwound dropped=true thread=true \"index out of bounds: the len is 0 but the index is 3\"
";

const CXX_OUTPUT: &str = "\
a=2 b=1 c=1 
distinct 3
nth \"c\"
error \"no word 7 of 4\"
error \"no text\"
sum -30
";

/// Behind the line that names the target.
const MACRO_OUTPUT: &str = "\
fields [\"x\", \"y\"]
file 12 twelve bytes
socket hello
child true
random 6
clock true
float 0.988
";

/// A target: what Rust calls it, what xcc is called for it, and what runs its programs.
struct Port {
    rust: &'static str,
    linker: &'static str,
    /// The name of the C compiler, and what the names of the C++ compiler and the archiver start with.
    cc: &'static str,
    target: &'static str,
    machine: Architecture,
    /// The kind of executable that rustc asks the linker for.
    kind: ObjectKind,
}

const AARCH64: Port = Port {
    rust: "aarch64-unknown-linux-gnu",
    linker: "xcc-aarch64-linux-gnu",
    cc: "xcc-aarch64-linux-gnu",
    target: "aarch64-linux-gnu",
    machine: Architecture::Aarch64,
    kind: ObjectKind::Dynamic,
};

const ARMV7: Port = Port {
    rust: "armv7-unknown-linux-gnueabihf",
    linker: "xcc-arm-linux-gnueabihf",
    cc: "xcc-armv7-unknown-linux-gnueabihf",
    target: "arm-linux-gnueabihf",
    machine: Architecture::Arm,
    kind: ObjectKind::Dynamic,
};

const RISCV64: Port = Port {
    rust: "riscv64gc-unknown-linux-gnu",
    linker: "xcc-riscv64-linux-gnu",
    cc: "xcc-riscv64-linux-gnu",
    target: "riscv64-linux-gnu",
    machine: Architecture::Riscv64,
    kind: ObjectKind::Dynamic,
};

const X86_64_MUSL: Port = Port {
    rust: "x86_64-unknown-linux-musl",
    linker: "xcc-x86_64-linux-musl",
    cc: "xcc-x86_64-linux-musl",
    target: "x86_64-linux-musl",
    machine: Architecture::X86_64,
    kind: ObjectKind::Dynamic,
};

const AARCH64_MUSL: Port = Port {
    rust: "aarch64-unknown-linux-musl",
    linker: "xcc-aarch64-unknown-linux-musl",
    cc: "xcc-aarch64-linux-musl",
    target: "aarch64-linux-musl",
    machine: Architecture::Aarch64,
    kind: ObjectKind::Executable,
};

const X86_64_GLIBC_2_17: Port = Port {
    rust: "x86_64-unknown-linux-gnu",
    linker: "xcc-x86_64-linux-gnu.2.17",
    cc: "xcc-x86_64-linux-gnu.2.17",
    target: "x86_64-linux-gnu",
    machine: Architecture::X86_64,
    kind: ObjectKind::Dynamic,
};

macro_rules! tests_of {
    ($module:ident, $port:expr) => {
        mod $module {
            use super::*;

            #[test]
            fn c_dependencies_threads_and_unwinding_work() {
                let Some(built) = build("rust-sys", &$port, &[]) else { return };
                check_program(&$port, &built.join("debug/rust-sys"), SYS_OUTPUT);
            }

            #[test]
            fn cxx_dependencies_throw_into_rust() {
                let Some(built) = build("rust-cxx", &$port, &[]) else { return };
                check_program(&$port, &built.join("debug/rust-cxx"), CXX_OUTPUT);
            }

            #[test]
            fn macros_and_build_scripts_stay_on_the_host() {
                let Some(built) = build("rust-macro", &$port, &[]) else { return };
                let output = format!("built for {}\n{MACRO_OUTPUT}", $port.rust);
                check_program(&$port, &built.join("debug/rust-macro"), &output);
            }

            #[test]
            fn libraries_serve_c_programs() {
                let Some(built) = build("rust-cdylib", &$port, &[]) else { return };
                check_static_library(&$port, &built.join("debug"));
                if !$port.is_musl() {
                    check_shared_library(&$port, &built.join("debug"));
                }
            }

            #[test]
            fn fat_lto_strips_and_still_unwinds() {
                let Some(built) = build("rust-profiles", &$port, &["--release"]) else { return };
                let exe = built.join("release/rust-profiles");
                check_program(&$port, &exe, "panic=unwind\ndropped\ncaught true\n");
                let data = fs::read(&exe).unwrap();
                let left: Vec<_> = parse(&data)
                    .sections()
                    .filter_map(|s| Some(s.name().ok()?.to_owned()))
                    .filter(|n| n == ".symtab" || n.starts_with(".debug_"))
                    .collect();
                assert!(left.is_empty(), "{} still has {left:?}", exe.display());
            }

            #[test]
            fn panics_abort_with_a_backtrace() {
                let Some(built) = build("rust-profiles", &$port, &["--profile", "abort"]) else { return };
                check_abort(&$port, &built.join("abort/rust-profiles"));
            }
        }
    };
}

tests_of!(aarch64_linux_gnu, AARCH64);
tests_of!(armv7_linux_gnueabihf, ARMV7);
tests_of!(riscv64_linux_gnu, RISCV64);
tests_of!(x86_64_linux_musl, X86_64_MUSL);
tests_of!(aarch64_linux_musl, AARCH64_MUSL);

/// The host is the target here, so the procedural macro that rustc loads is linked by xcc as well.
#[test]
fn a_glibc_version_in_the_name_is_the_newest_that_programs_need() {
    let port = &X86_64_GLIBC_2_17;
    let first = format!("built for {}\n{MACRO_OUTPUT}", port.rust);
    for (project, output) in [("rust-macro", &*first), ("rust-cxx", CXX_OUTPUT)] {
        let Some(built) = build(project, port, &[]) else { return };
        let exe = built.join("debug").join(project);
        check_program(port, &exe, output);
        let versions: Vec<_> =
            dynamic_strings(&fs::read(&exe).unwrap()).iter().filter_map(|s| glibc_version(s)).collect();
        let newest = versions.iter().max().expect("no version of glibc");
        assert!(*newest <= (2, 17), "{project} needs glibc {newest:?}");
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Building.

fn std_of(port: &Port) -> Option<&'static Std> {
    static STDS: OnceLock<Vec<Std>> = OnceLock::new();
    let stds = STDS.get_or_init(|| {
        rust::stds(&[&AARCH64, &ARMV7, &RISCV64, &X86_64_MUSL, &AARCH64_MUSL, &X86_64_GLIBC_2_17].map(|p| p.rust))
    });
    let found = stds.iter().find(|s| s.target == port.rust);
    if found.is_none() {
        skip(&format!("cargo for {}", port.rust), "its standard library cannot be had here");
    }
    found
}

/// Builds a project and returns the directory that has one directory for each profile; `None` after a counted skip.
#[track_caller]
fn build(project: &str, port: &Port, args: &[&str]) -> Option<PathBuf> {
    let std = std_of(port)?;
    let target_dir = target_dir(project, port, std);

    let mut command = std.cargo("build");
    command.args(args).env("CARGO_TARGET_DIR", &target_dir);
    command.current_dir(support::root().join("testdata/projects").join(project));
    let underscored = port.rust.replace('-', "_");
    command.env(format!("CARGO_TARGET_{}_LINKER", underscored.to_uppercase()), xcc(port.linker));
    for (variable, tool) in [("CC", ""), ("CXX", "-c++"), ("AR", "-ar")] {
        command.env(format!("{variable}_{underscored}"), xcc(&format!("{}{tool}", port.cc)));
    }

    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    if !output.status.success()
        && ["failed to download", "download of config.json"].iter().any(|m| stderr(&output).contains(m))
    {
        skip(&format!("{project} for {}", port.rust), "the registry of crates does not answer");
        return None;
    }
    assert!(output.status.success(), "{}", describe(&command, &output));
    Some(target_dir.join(port.rust))
}

/// One directory per project, so that what is built for the host is built once, and so that two targets' tests seldom
/// wait for each other. Where cargo compiles the standard library there is one directory for all projects.
///
/// Cargo cannot know that the program behind a linker's name has changed: the directory is emptied when it has.
fn target_dir(project: &str, port: &Port, std: &Std) -> PathBuf {
    static STAMPS: Mutex<()> = Mutex::new(());
    let host_is_target = port.rust == X86_64_GLIBC_2_17.rust;
    let name = match &*std.method {
        "build-std" => "cargo-build-std".to_owned(),
        _ if host_is_target => format!("cargo-{project}-host"),
        _ => format!("cargo-{project}"),
    };
    let dir = shared_dir().join(name);
    let meta = fs::metadata(env!("CARGO_BIN_EXE_xcc")).unwrap();
    let changed = meta.modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let stamp = format!("{changed} {} {:?} {}", meta.len(), std::env::var_os("XCC_ZIG"), std.rustc.display());

    let lock = STAMPS.lock().unwrap_or_else(|e| e.into_inner());
    let file = dir.join(format!("{}.xcc", port.rust));
    if fs::read_to_string(&file).ok().as_ref() != Some(&stamp) {
        let _ = fs::remove_dir_all(if host_is_target { dir.clone() } else { dir.join(port.rust) });
        fs::create_dir_all(&dir).unwrap();
        fs::write(&file, stamp).unwrap();
    }
    drop(lock);
    dir
}

impl Port {
    fn is_musl(&self) -> bool {
        self.rust.ends_with("-musl")
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Looking and running.

/// The program is for the right machine, brings what zig has no shared library of, and prints `expected`.
#[track_caller]
fn check_program(port: &Port, exe: &Path, expected: &str) {
    inspect(port, exe);
    check_output(port, exe, &[], expected);
}

#[track_caller]
fn check_output(port: &Port, exe: &Path, args: &[&Path], expected: &str) {
    if let Some(mut command) = support::runner(port.target, exe) {
        let output = run(command.args(args));
        assert_eq!(stdout(&output), expected, "{}", describe(&command, &output));
    }
}

#[track_caller]
fn inspect(port: &Port, exe: &Path) {
    let data = fs::read(exe).unwrap();
    let file = parse(&data);
    assert_eq!(file.architecture(), port.machine, "{}", exe.display());
    assert_eq!(file.kind(), port.kind, "{}", exe.display());
    let needed: Vec<_> = dynamic_strings(&data).into_iter().filter(|s| s.contains(".so")).collect();
    if port.is_musl() {
        assert!(file.section_by_name(".interp").is_none(), "{} has an interpreter", exe.display());
        assert!(needed.is_empty(), "{} is static and needs {needed:?}", exe.display());
    } else {
        let own = ["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1"];
        let more: Vec<_> = needed.iter().filter(|n| !own.contains(&n.as_str()) && !n.starts_with("ld-linux")).collect();
        assert!(more.is_empty(), "{} needs more than glibc: {more:?}", exe.display());
    }
}

/// Rust's list of exports is the library's list of exports, and a C program opens, calls and closes the library.
#[track_caller]
fn check_shared_library(port: &Port, dir: &Path) {
    let library = dir.join("libtally.so");
    let data = fs::read(&library).unwrap();
    let file = parse(&data);
    assert_eq!(file.architecture(), port.machine);
    let exports: BTreeSet<_> =
        file.dynamic_symbols().filter(|s| s.is_definition() && s.is_global()).map(|s| s.name().unwrap()).collect();
    assert_eq!(exports, BTreeSet::from(["tally_add", "tally_catch"]));

    let loader = dir.join("loader");
    compile_loader(port, &loader, &["-ldl".as_ref()]);
    check_output(port, &loader, &[&library], "total 42\ncaught 1\nclosed 0\n");
}

/// The libraries after the archive are those that `rustc --print native-static-libs` tells a C programmer to add.
#[track_caller]
fn check_static_library(port: &Port, dir: &Path) {
    let natives: &[&str] = match port.is_musl() {
        true if port.kind == ObjectKind::Dynamic => &["-static-pie", "-lunwind", "-lc"],
        true => &["-static", "-lunwind", "-lc"],
        false => &["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"],
    };
    let archive = dir.join("libtally.a");
    let mut args: Vec<&Path> = vec!["-DSTATIC".as_ref(), &archive];
    args.extend(natives.iter().map(Path::new));
    let exe = dir.join("static-loader");
    compile_loader(port, &exe, &args);
    check_program(port, &exe, "total 42\ncaught 1\n");
}

#[track_caller]
fn compile_loader(port: &Port, exe: &Path, args: &[&Path]) {
    let source = support::root().join("testdata/projects/rust-cdylib/loader.c");
    run(support::command(xcc(port.cc)).args(["-O1", "-Wall", "-Werror", "-o"]).arg(exe).arg(source).args(args));
}

/// The panic ends the program, and the backtrace finds its way through frames, symbols and lines.
#[track_caller]
fn check_abort(port: &Port, exe: &Path) {
    inspect(port, exe);
    let Some(mut command) = support::runner(port.target, exe) else { return };
    let output = command.env("RUST_BACKTRACE", "1").current_dir(support::scratch("abort")).output().unwrap();
    let told = describe(&command, &output);
    assert_eq!(output.status.signal(), Some(6), "{told}");
    assert_eq!(stdout(&output), "panic=abort\n", "{told}");
    for part in ["index out of bounds", "rust_profiles::main", "src/main.rs:16"] {
        assert!(stderr(&output).contains(part), "no {part:?}: {told}");
    }
}

#[track_caller]
fn parse(data: &[u8]) -> object::File<'_> {
    object::File::parse(data).unwrap()
}

/// Every name in `.dynstr`: libraries needed, versions needed, symbols.
fn dynamic_strings(data: &[u8]) -> Vec<String> {
    let file = parse(data);
    let Some(section) = file.section_by_name(".dynstr") else { return Vec::new() };
    section.data().unwrap().split(|b| *b == 0).map(|s| String::from_utf8_lossy(s).into_owned()).collect()
}

/// `GLIBC_2.17` is (2, 17).
fn glibc_version(name: &str) -> Option<(u32, u32)> {
    let mut numbers = name.strip_prefix("GLIBC_")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}
