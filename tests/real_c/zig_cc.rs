//! zig's own driver as the backend (`XCC_BACKEND=zig-cc`): what it would get wrong by itself is right through xcc, or
//! refused. Its flags for linker and processor are in `tests/linker_flags.rs` and `tests/cpu_flags.rs`.

use std::os::unix::process::ExitStatusExt;

use super::{Work, inspect, support};

fn by_zig_cc(target: &'static str) -> Work {
    Work { backend: "zig-cc", ..Work::new(target) }
}

#[test]
fn programs_run() {
    // musl has a test of its own below. zig takes most of a minute for each target and each kind of optimisation.
    for target in ["x86_64-linux-gnu", "aarch64-linux-gnu"] {
        let work = by_zig_cc(target);
        work.cc("-O2 hello.c -o hello");
        work.prints("hello", &[], "hello from C, 64 bits");
    }
    // A libc++ of its own, which takes a minute.
    if !support::all("C++ by the zig-cc backend") {
        return;
    }
    let work = by_zig_cc("x86_64-linux-gnu");
    work.cxx("-O1 hello.cc -o hello");
    assert!(work.runs("hello", &[]).is_some_and(|printed| printed.starts_with("hello from C++")));
}

#[test]
fn undefined_behaviour_does_not_trap() {
    let work = by_zig_cc("x86_64-linux-gnu");
    for options in ["", "-O0", "-g", "-O2"] {
        work.cc(&format!("-w {options} undefined.c -o undefined"));
        work.prints("undefined", &[], "survived");
    }
}

#[test]
fn assert_fires_unless_ndebug_is_defined() {
    let work = by_zig_cc("x86_64-linux-gnu");
    let by_size = if support::all("assert with -Os by the zig-cc backend") { "-Os" } else { "-O2" };
    for options in ["", by_size] {
        work.cc(&format!("{options} asserts.c -o asserts"));
        let output = support::command(work.path("asserts")).output().unwrap();
        assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{options}: {}", output.status);
        work.cc(&format!("{options} -DNDEBUG asserts.c -o asserts"));
        work.prints("asserts", &[], "not asserted");
    }
}

#[test]
fn date_and_time_are_no_error() {
    let work = by_zig_cc("x86_64-linux-gnu");
    for options in ["", "-O2"] {
        work.cc(&format!("-w {options} -c dates.c"));
    }
}

/// As an argument of a second target, which build tools add, and by the names of gcc's libraries.
#[test]
fn arguments_of_other_toolchains_are_understood() {
    let work = by_zig_cc("aarch64-linux-gnu");
    work.cc("-O2 --target=aarch64-unknown-linux-gnu -target aarch64-linux-gnu -march=armv8-a -mtune=generic hello.c -o hello -lgcc_s -lgcc_eh");
    work.prints("hello", &[], "hello from C, 64 bits");
}

/// `zig cc -static-pie` makes a program at a fixed address.
#[test]
fn static_pie_is_a_static_pie() {
    let work = by_zig_cc("x86_64-linux-musl");
    work.cc("-O2 -static-pie hello.c -o hello");
    work.prints("hello", &[], "hello from C, 64 bits");
    inspect(&work.path("hello"), |elf| {
        assert_eq!(elf.kind(), object::elf::ET_DYN.0);
        assert!(elf.interp().is_none());
    });
}

#[test]
fn variables_of_the_host_do_not_leak_in() {
    let work = by_zig_cc("x86_64-linux-gnu");
    work.write("uses-header.c", "#include <only-on-host.h>\n");
    let mut command = work.tool("cc", "-c uses-header.c");
    for name in ["C_INCLUDE_PATH", "CPATH"] {
        command.env(name, work.path("poison"));
    }
    let said = support::stderr(&support::run_fails(&mut command));
    assert!(said.contains("'only-on-host.h' file not found"), "{said}");
}

#[test]
fn what_zig_has_not_is_refused() {
    let work = by_zig_cc("x86_64-linux-gnu");
    for words in ["-static hello.c", "-fsanitize=address hello.c", "-Wl,--defsym=a=1 hello.c"] {
        let said = work.cc_fails(words);
        assert!(said.starts_with("xcc: error: ") && said.contains("\nxcc: help: "), "{words}: {said}");
    }
}
