//! C, C++ and Go for FreeBSD, NetBSD and OpenBSD: nothing here runs their programs, so each is inspected for what its system's
//! loader looks at.

#[path = "support/rust.rs"]
mod rust;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Architecture, Object, ObjectSection, ObjectSymbol, elf};
use support::{run, stderr, xcc};

struct System {
    name: &'static str,
    interpreter: &'static str,
    /// The note by which the kernel knows its own programs.
    note: &'static str,
    /// Shared libraries of a C program with threads and mathematics.
    needed: &'static [&'static str],
    /// What the versions of libc's symbols begin with; the others have none.
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
    // Without a version the loader takes the newest that there is, as it does for Go's own programs.
    System {
        name: "openbsd",
        interpreter: "/usr/libexec/ld.so",
        note: "OpenBSD",
        needed: &["libc.so", "libm.so", "libpthread.so"],
        versions: "",
    },
];

const MACHINES: &[(&str, &str, Architecture)] =
    &[("x86_64", "amd64", Architecture::X86_64), ("aarch64", "arm64", Architecture::Aarch64)];

/// Every system on every machine, with the target's name; of OpenBSD one machine, unless all are asked for.
fn each(mut test: impl FnMut(&System, &str, &str, Architecture)) {
    let all = support::all("OpenBSD on Arm");
    for system in SYSTEMS {
        for (machine, goarch, architecture) in MACHINES {
            if system.name == "openbsd" && *machine != "x86_64" && !all {
                continue;
            }
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

/// Where the segments of a type are in the file, and their sizes.
fn segments(elf: &ElfFile64<'_, object::Endianness>, kind: elf::ProgramType) -> Vec<(u64, u64)> {
    let endian = elf.endian();
    let headers = elf.elf_program_headers().iter().filter(|header| header.p_type(endian) == kind);
    headers.map(|header| (header.p_offset(endian), header.p_filesz(endian))).collect()
}

#[track_caller]
fn inspect(system: &System, path: &Path, architecture: Architecture) {
    let data = std::fs::read(path).unwrap();
    let elf = ElfFile64::<object::Endianness>::parse(&*data).unwrap();
    assert_eq!(elf.architecture(), architecture);
    let interpreter = elf.section_by_name(".interp").unwrap().data().unwrap();
    assert_eq!(interpreter, [system.interpreter.as_bytes(), b"\0"].concat());
    // The kernel reads the first note of a segment.
    let name = [system.note.as_bytes(), b"\0"].concat();
    let is_first = |(offset, size): (u64, u64)| {
        let note = &data[offset as usize..(offset + size) as usize];
        note.get(12..).is_some_and(|owner| owner.starts_with(&name))
    };
    assert!(segments(&elf, elf::PT_NOTE).into_iter().any(is_first), "no note of {}", system.note);
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

/// What OpenBSD's own linker does unasked; Go asks for the opposite of some of it.
#[test]
fn openbsd_programs_are_as_its_own() {
    const RANDOMIZE: elf::ProgramType = elf::ProgramType(0x65a3_dbe6);
    const NO_BRANCH_MARKS: elf::ProgramType = elf::ProgramType(0x65a3_dbe8);
    let dir = support::project("bsd");
    for (flags, kind, unmarked) in [
        ("hello.c -lm", elf::ET_DYN, false),
        ("hello.c -lm -no-pie", elf::ET_EXEC, false),
        ("hello.c -lm -Wl,-nopie -Wl,-z,nobtcfi -Wl,--no-execute-only", elf::ET_EXEC, true),
        ("library.c -shared -fPIC", elf::ET_DYN, false),
    ] {
        quiet(&mut tool(&dir, "x86_64-openbsd", "cc", &format!("{flags} -O2 -fstack-protector-all -pthread -o made")));
        let data = std::fs::read(dir.join("made")).unwrap();
        let file = ElfFile64::<object::Endianness>::parse(&*data).unwrap();
        assert_eq!(file.elf_header().e_type.get(file.endian()), kind, "{flags}");
        assert_eq!(segments(&file, RANDOMIZE).len(), 1, "{flags}");
        assert_eq!(!segments(&file, NO_BRANCH_MARKS).is_empty(), unmarked, "{flags}");
        let said = support::stdout(&run(support::command(xcc("xcc-readelf")).arg("-d").arg(dir.join("made"))));
        assert!(said.contains("Flags: NOW"), "{flags}: {said}");
        // libc's, not the one that zig has beside it.
        let imports = |name: &str| file.dynamic_symbols().any(|it| it.is_undefined() && it.name() == Ok(name));
        assert!(imports("__stack_smash_handler"), "{flags}");
    }
}

/// libc++ takes zig most of a minute a target: one of them, unless all are asked for.
#[test]
fn cxx_programs_need_no_other_library() {
    let all = support::all("C++ for the BSDs beyond FreeBSD on x86_64");
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
    let all = support::all("Go for the BSDs on aarch64");
    each(|system, target, goarch, architecture| {
        if !all && goarch != "amd64" {
            return;
        }
        let project = support::project("go-net");
        let mut go = support::command("go");
        go.current_dir(&project).env("GOOS", system.name).env("GOARCH", goarch).env("CGO_ENABLED", "1");
        go.env("CC", xcc(&format!("xcc-{target}")));
        assert_eq!(stderr(&run(go.args(["build", "-o", "program", "."]))), "");
        inspect(system, &project.join("program"), architecture);
    });
}

/// A Rust program with a C library and unwinding. The standard libraries are fetched, so with XCC_TEST_ALL.
#[test]
fn rust_programs_are_built() {
    if !support::all("Rust for the BSDs") {
        return;
    }
    for system in SYSTEMS.iter().filter(|system| system.name != "openbsd") {
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
    for (target, release, works) in [
        ("x86_64-freebsd", ".14.0", true),
        ("x86_64-freebsd", "13", false),
        ("x86_64-netbsd", "10.1", true),
        ("x86_64-openbsd", "7.8", true),
        ("x86_64-openbsd", "7.7", false),
    ] {
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
        let refusal = format!("release '{release}' is not available");
        assert_eq!(stderr(&output).contains(&refusal), !works, "{}", stderr(&output));
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
