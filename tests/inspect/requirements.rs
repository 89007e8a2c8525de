//! `--require`: what holds is silent, what does not is one line and exit status 1, what has no meaning is exit status 2.

use crate::{corpus, inspect, support};

/// Status and lines of a call on files of the corpus.
fn require(files: &[&str], clauses: &str) -> (Option<i32>, String) {
    let mut words = files.to_vec();
    words.extend(["--require", clauses]);
    let output = inspect(corpus::dir(), &words);
    (output.status.code(), support::stdout(&output) + &support::stderr(&output))
}

#[test]
fn clauses_that_hold_are_silent() {
    for (file, clauses) in [
        (
            "x86_64-linux-gnu.2.17",
            "glibc<=2.17,arch=amd64,os=linux,dynamic,pie,nx,no-rpath,needed=libc.so.6,needed-only=libc.so.*",
        ),
        (
            "x86_64-linux-gnu.2.17",
            "interpreter=/lib64/ld-linux-x86-64.so.2,libc=glibc,format=elf,kind=executable,no-needed=libm.so.6",
        ),
        (
            "musl-stripped",
            "glibc<=2.17,static,musl,arch=x86_64,no-host-paths,stripped,no-debug,no-ubsan,no-sanitizers,no-native-cpu",
        ),
        ("musl-static-pie", "static,static-pie,pie,relro=full,debug"),
        ("musl-dynamic", "musl,dynamic"),
        ("hardened", "relro=full,relro=partial,nx,pie,build-id,no-findings"),
        ("gcc-hardened", "relro=full,nx,pie,stack-protector,no-findings"),
        ("arm-linux-gnueabihf", "cpu<=armv7,arch=armv7"),
        ("riscv64-linux-gnu", "cpu<=rv64gc"),
        ("x86_64-linux-gnu.so", "exports=3,exports<=10,kind=shared-library"),
        (
            "windows.exe",
            "subsystem=console,os=windows,nx,pie,minos<=6.1,libc=ucrt,needed-only=kernel32.dll:api-ms-win-crt-*,no-timestamp",
        ),
        ("windows-gui.exe", "subsystem=gui,stripped"),
        ("macos-aarch64", "macos<=12,minos<12.1,os=darwin,signed,signed=ad-hoc,arch=arm64,pie"),
        ("macos-fat", "format=fat,macos<=12.0,no-rpath"),
        ("wasi.wasm", "arch=wasm32,os=wasi,format=wasm"),
        ("libwasi.a", "format=archive,arch=wasm32,no-timestamp"),
        ("go-linux-amd64", "static,glibc<=2.17,os=linux,cpu<=x86-64,no-host-paths"),
        ("go-wasip1-wasm", "os=wasi,arch=wasm32,no-host-paths"),
        ("go-linux-arm64", "cpu<=armv8.0"),
    ] {
        assert_eq!(require(&[file], clauses), (Some(0), String::new()), "{file}: {clauses}");
    }
}

#[test]
fn clauses_that_fail_say_what_was_found() {
    for (file, clause, said) in [
        ("x86_64-linux-gnu", "static", "it is dynamic: it needs libc.so.6"),
        ("gcc", "glibc<=2.17", "it needs 2.34 (__libc_start_main@GLIBC_2.34)"),
        ("musl-dynamic", "glibc<=2.40", "the C library is musl"),
        ("x86_64-linux-gnu", "cpu<=x86-64-v4", "what it needs of the processor is not recorded"),
        ("x86_64-linux-gnu", "arch=arm64", "the architecture is x86_64"),
        ("hardened", "stack-protector", "the names that would tell are not recorded"),
        ("gcc", "stack-protector", "no function does"),
        ("soft", "nx", "stack or data can be executed"),
        ("soft", "pie", "it has one fixed address"),
        ("soft", "relro=partial", "RELRO is none"),
        ("trapping", "no-ubsan", "it has those of the sanitizer: undefined (traps)"),
        ("x86_64-linux-gnu.so", "no-rpath", "it searches $ORIGIN/lib"),
        ("x86_64-linux-gnu.so", "exports<=2", "it exports 3: "),
        ("musl-static-pie", "stripped", "it has symbols"),
        ("windows.exe", "subsystem=gui", "the subsystem is console"),
        ("macos-x86_64", "signed", "it has none"),
        ("macos-fat", "arch=x86_64", "aarch64: the architecture is aarch64"),
        ("libmixed.a", "arch=x86_64", "aarch64-linux-gnu.o: the architecture is aarch64"),
        ("x86_64-linux-musl.o", "no-debug", "it has debugging information"),
    ] {
        let (code, text) = require(&[file], clause);
        assert_eq!(code, Some(1), "{file} {clause}: {text}");
        assert!(
            text.starts_with(&format!("{file}: {clause}: {said}")) && text.lines().count() == 1,
            "{file} {clause}: {text}"
        );
    }
}

#[test]
fn traces_of_the_building_machine_are_found() {
    // Wherever this repository lies, its directory is the machine's own.
    let dir = corpus::dir().to_str().unwrap();
    let (code, text) = require(&["x86_64-linux-gnu.o"], "no-host-paths");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains(dir), "{text}");
    if support::which("gcc").is_some() {
        let (code, text) = require(&["gcc-native.o"], "no-native-cpu");
        assert_eq!(code, Some(1), "{text}");
        // Compressed, the paths are found all the same.
        let (code, text) = require(&["gcc-debug"], "no-host-paths");
        assert!(code == Some(1) && text.contains(dir), "{text}");
    }
}

#[test]
fn clauses_without_meaning_are_errors() {
    for (file, clause, said) in [
        ("windows.exe", "glibc<=2.17", "requirement 'glibc<=2.17' cannot be decided: it is for elf, not pe"),
        ("x86_64-linux-gnu", "subsystem=gui", "it is for pe, not elf"),
        ("x86_64-linux-gnu.o", "static", "it is for linked programs and libraries; this is of the kind object"),
        ("x86_64-linux-gnu", "statick", "unknown requirement 'statick'"),
        ("x86_64-linux-gnu", "glibc<=new", "cannot use the value of requirement 'glibc<=new': it is not a version"),
        ("x86_64-linux-gnu", "cpu<=486", "no such level of a processor is known"),
    ] {
        let (code, text) = require(&[file], clause);
        assert_eq!(code, Some(2), "{file} {clause}: {text}");
        assert!(text.starts_with("xcc: error: ") && text.contains(said) && text.contains("\nxcc: help: "), "{text}");
    }
}

#[test]
fn every_file_is_checked() {
    let (code, text) = require(&["musl-stripped", "gcc-absent", "x86_64-linux-gnu"], "static,no-debug");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("x86_64-linux-gnu: static: ") && text.contains("'gcc-absent': it cannot be read"), "{text}");
    assert!(!text.contains("musl-stripped"), "{text}");
}
