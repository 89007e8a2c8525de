//! C, C++ and Go for FreeBSD and NetBSD: nothing here runs their programs, so each is inspected for what its system's
//! loader looks at.

#[path = "support/rust.rs"]
mod rust;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::read::elf::ElfFile64;
use object::{Architecture, Object, ObjectSection, ObjectSymbol};
use support::{run, stderr, xcc};

struct System {
    name: &'static str,
    interpreter: &'static str,
    /// The note by which the kernel knows its own programs.
    note: &'static str,
    /// Shared libraries of a C program with threads and mathematics.
    needed: &'static [&'static str],
    /// What the versions of libc's symbols begin with; NetBSD has none.
    versions: &'static str,
}

const SYSTEMS: &[System] = &[
    System {
        name: "freebsd",
        interpreter: "/libexec/ld-elf.so.1",
        note: "FreeBSD",
        needed: &["libc.so.7", "libm.so.5", "libthr.so.3"],
        versions: "FBSD_1.",
    },
    System {
        name: "netbsd",
        interpreter: "/libexec/ld.elf_so",
        note: "NetBSD",
        needed: &["libc.so.12", "libm.so.0", "libpthread.so.1"],
        versions: "",
    },
];

const MACHINES: &[(&str, &str, Architecture)] =
    &[("x86_64", "amd64", Architecture::X86_64), ("aarch64", "arm64", Architecture::Aarch64)];

/// Every system on every machine, with the target's name.
fn each(mut test: impl FnMut(&System, &str, &str, Architecture)) {
    for system in SYSTEMS {
        for (machine, goarch, architecture) in MACHINES {
            test(system, &format!("{machine}-{}", system.name), goarch, *architecture);
        }
    }
}

fn tool(dir: &Path, target: &str, tool: &str, words: &str) -> Command {
    let mut command = support::command(xcc(&format!("xcc-{target}-{tool}")));
    command.current_dir(dir).args(words.split_whitespace());
    command
}

#[track_caller]
fn quiet(command: &mut Command) {
    let output = run(command);
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{}", support::describe(command, &output));
}

fn needed(data: &[u8]) -> BTreeSet<String> {
    let said = run(support::command(xcc("xcc-readelf")).arg("-d").arg(written(data)));
    let text = support::stdout(&said);
    let names = text.lines().filter(|line| line.contains("(NEEDED)")).filter_map(|line| line.split(['[', ']']).nth(1));
    names.map(str::to_owned).collect()
}

fn written(data: &[u8]) -> PathBuf {
    let path = support::scratch("bsd").join("file");
    std::fs::write(&path, data).unwrap();
    path
}

#[track_caller]
fn inspect(system: &System, path: &Path, architecture: Architecture) {
    let data = std::fs::read(path).unwrap();
    let elf = ElfFile64::<object::Endianness>::parse(&*data).unwrap();
    assert_eq!(elf.architecture(), architecture);
    let interpreter = elf.section_by_name(".interp").unwrap().data().unwrap();
    assert_eq!(interpreter, [system.interpreter.as_bytes(), b"\0"].concat());
    let notes: Vec<&[u8]> = elf
        .sections()
        .filter(|section| section.name().is_ok_and(|name| name.starts_with(".note")))
        .map(|section| section.data().unwrap())
        .collect();
    let name = system.note.as_bytes();
    assert!(notes.iter().any(|note| note.windows(name.len()).any(|part| part == name)), "no note of {}", system.note);
    let expected: BTreeSet<String> = system.needed.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(needed(&data), expected);
    if !system.versions.is_empty() {
        let said = support::stdout(&run(support::command(xcc("xcc-readelf")).arg("-V").arg(path)));
        assert!(said.contains(&format!("Name: {}", system.versions)), "{said}");
    }
}

#[test]
fn c_programs_are_the_systems() {
    each(|system, target, _, architecture| {
        let dir = support::project("bsd");
        for flags in ["-O2", "-fPIE -pie -g"] {
            quiet(&mut tool(&dir, target, "cc", &format!("hello.c {flags} -Wall -Werror -pthread -lm -o hello")));
            inspect(system, &dir.join("hello"), architecture);
        }
    });
}

/// What it registers with atexit goes when it is closed.
#[test]
fn a_shared_library_ends_what_it_began() {
    each(|_, target, _, _| {
        let dir = support::project("bsd");
        quiet(&mut tool(&dir, target, "cc", "-shared -fPIC library.c -Wl,-soname,liblibrary.so.1 -o liblibrary.so"));
        let data = std::fs::read(dir.join("liblibrary.so")).unwrap();
        let elf = ElfFile64::<object::Endianness>::parse(&*data).unwrap();
        assert!(elf.dynamic_symbols().any(|symbol| symbol.name() == Ok("__cxa_finalize") && symbol.is_undefined()));
    });
}

/// libc++ takes zig most of a minute a target: one of them, unless all are asked for.
#[test]
fn cxx_programs_need_no_other_library() {
    let all = std::env::var_os("XCC_TEST_ALL").is_some();
    each(|system, target, _, architecture| {
        if all || target == "x86_64-freebsd" {
            let dir = support::project("windows");
            quiet(&mut tool(&dir, target, "c++", "-O2 hello.cc -pthread -o hello"));
            inspect(system, &dir.join("hello"), architecture);
        }
    });
}

#[test]
fn go_programs_with_net_are_built() {
    if support::which("go").is_none() {
        return support::skip("Go for the BSDs", "go is not installed");
    }
    each(|system, target, goarch, architecture| {
        let project = support::project("go-net");
        let mut go = support::command("go");
        go.current_dir(&project).env("GOOS", system.name).env("GOARCH", goarch).env("CGO_ENABLED", "1");
        go.env("CC", xcc(&format!("xcc-{target}"))).env("GOCACHE", support::shared_dir().join("go-cache"));
        assert_eq!(stderr(&run(go.args(["build", "-o", "program", "."]))), "");
        inspect(system, &project.join("program"), architecture);
    });
}

/// A Rust program with a C library and unwinding. The standard libraries are fetched, so with XCC_TEST_ALL.
#[test]
fn rust_programs_are_built() {
    if std::env::var_os("XCC_TEST_ALL").is_none() {
        return;
    }
    for system in SYSTEMS {
        let target = format!("x86_64-{}", system.name);
        let triple = format!("x86_64-unknown-{}", system.name);
        let Some(library) = rust::stds(&[&triple]).pop() else {
            support::skip(&format!("Rust for {target}"), "its standard library cannot be had here");
            continue;
        };
        let dir = support::project("bsd");
        let source = "#[link(name = \"twice\", kind = \"static\")]\n\
                      unsafe extern \"C\" { fn twice(number: i32) -> i32; }\n\
                      fn main() { println!(\"{:?}\", std::panic::catch_unwind(|| unsafe { twice(21) })); }\n";
        std::fs::write(dir.join("main.rs"), source).unwrap();
        std::fs::write(dir.join("twice.c"), "int twice(int number) { return 2 * number; }\n").unwrap();
        quiet(&mut tool(&dir, &target, "cc", "-O2 -c twice.c -o twice.o"));
        quiet(&mut tool(&dir, &target, "ar", "rcs libtwice.a twice.o"));
        let mut rustc = support::command(&library.rustc);
        rustc.current_dir(&dir).args(["--edition", "2024", "--target", &triple, "-L.", "main.rs", "-o", "main", "-C"]);
        run(rustc.arg(format!("linker={}", xcc(&format!("xcc-{target}")).display())));
        let data = std::fs::read(dir.join("main")).unwrap();
        let libc = system.needed.iter().find(|name| name.starts_with("libc.")).unwrap();
        let needed = needed(&data);
        assert!(needed.contains(*libc), "{needed:?}");
        // Rust names these on FreeBSD, and calls nothing of them.
        assert!(!needed.iter().any(|name| name.starts_with("libkvm") || name.starts_with("libprocstat")), "{needed:?}");
    }
}

/// By the release that the libraries are of; another is an error that says which.
#[test]
fn releases_are_those_of_the_libraries() {
    let dir = support::project("bsd");
    for (target, release, works) in
        [("x86_64-freebsd", ".14.0", true), ("x86_64-freebsd", "13", false), ("x86_64-netbsd", "10.1", true)]
    {
        let mut command = tool(&dir, &format!("{target}{release}"), "cc", "-c hello.c -o hello.o");
        assert_eq!(command.output().unwrap().status.success(), works, "{target}{release}");
        let mut command = support::command(xcc("xcc"));
        command.current_dir(&dir).args([
            "cc",
            "-target",
            &format!("{target}{release}"),
            "-c",
            "hello.c",
            "-o",
            "hello.o",
        ]);
        let output = command.output().unwrap();
        assert_eq!(output.status.success(), works, "{target}{release}");
        assert_eq!(stderr(&output).contains("release '13' is not available"), !works, "{}", stderr(&output));
    }
}

#[test]
fn what_zig_lacks_is_refused() {
    each(|_, target, _, _| {
        let dir = support::project("bsd");
        let said = stderr(&support::run_fails(&mut tool(&dir, target, "cc", "-static hello.c -o hello")));
        assert!(said.contains("unsupported option '-static'"), "{said}");
    });
}
