//! `lipo`: universal files, byte for byte as LLVM's lipo makes them.

use crate::support;
use crate::{Built, built, fresh, mode};

/// Files of the other architecture, copied beside those of arm64.
fn both() -> &'static Built {
    let (arm, intel) = (built("aarch64-macos"), built("x86_64-macos"));
    for name in ["hello", "hello-zig", "hello.o", "lib.a", "liblib.dylib"] {
        let new = arm.path(&format!(".{}", fresh(name)));
        std::fs::copy(intel.path(name), &new).unwrap();
        std::fs::rename(new, arm.path(&format!("intel-{name}"))).unwrap();
    }
    arm
}

#[test]
fn universal_files_are_llvms_to_the_byte() {
    let built = both();
    built.ok("lipo", &["-create", "hello", "intel-hello", "-output", "fat"]);
    for words in [
        "-create hello intel-hello",
        "-create intel-hello-zig hello-zig",
        "-create hello.o intel-hello.o",
        "-create lib.a intel-lib.a",
        "-create liblib.dylib -arch x86_64 intel-liblib.dylib",
        "-create hello intel-hello -segalign x86_64 4000",
        "-create fat",
        "fat -thin x86_64",
        "fat -extract arm64",
        "fat -replace arm64 hello-zig",
    ] {
        let (ours, theirs) = (fresh("fat"), fresh("fat"));
        let with = |output: &str| words.split(' ').chain(["-output", output]).map(str::to_owned).collect::<Vec<_>>();
        let (a, b) = (with(&ours), with(&theirs));
        built.ok("lipo", &a.iter().map(String::as_str).collect::<Vec<_>>());
        let Some(output) = built.llvm("llvm-lipo", &b.iter().map(String::as_str).collect::<Vec<_>>()) else { return };
        assert!(output.status.success(), "{words}: {}", support::stderr(&output));
        assert_eq!(built.bytes(&ours), built.bytes(&theirs), "lipo {words}");
        assert!(words.contains(".o ") || words.contains(".a ") || mode(&built.path(&ours)) & 0o111 != 0, "{words}");
    }
}

#[test]
fn what_is_put_together_comes_apart() {
    let built = both();
    built.ok("lipo", &["-create", "hello", "intel-hello", "-output", "two"]);
    built.ok("lipo", &["two", "-thin", "arm64", "-output", "one"]);
    assert_eq!(built.bytes("one"), built.bytes("hello"));
    built.ok("lipo", &["two", "-remove", "arm64", "-output", "one"]);
    assert_eq!(built.ok("lipo", &["-archs", "one"]), "x86_64\n");
    assert_eq!(built.ok("lipo", &["-archs", "two"]), "x86_64 arm64\n");
    let said = built.ok("lipo", &["-info", "hello", "two"]);
    let expected =
        "Architectures in the fat file: two are: x86_64 arm64 \nNon-fat file: hello is architecture: arm64\n";
    assert_eq!(said, expected);
    assert!(built.ok("lipo", &["-detailed_info", "two"]).contains("    cpusubtype CPU_SUBTYPE_ARM64_ALL\n"));
    built.ok("lipo", &["two", "-verify_arch", "arm64", "x86_64"]);
    assert_eq!(built.fails("lipo", &["two", "-verify_arch", "arm64e"]), "");
    // 64-bit offsets are read too.
    built.ok("lipo", &["-create", "hello", "intel-hello", "-fat64", "-output", "wide"]);
    built.ok("lipo", &["wide", "-thin", "x86_64", "-output", "one"]);
    assert_eq!(built.bytes("one"), built.bytes("intel-hello"));
}

#[test]
fn what_does_not_fit_is_refused() {
    let built = both();
    built.ok("lipo", &["-create", "hello", "intel-hello", "-output", "whole"]);
    for (words, expected) in [
        (
            "-create hello hello-zig -output x",
            "hello and hello-zig have the same architectures (arm64) and can't be in",
        ),
        ("hello -extract arm64 -output x", "must be a fat file when the '-extract' option is specified"),
        ("whole -thin arm64e -output x", "does not contain the specified architecture (arm64e) to thin"),
        ("whole -thin z80 -output x", "unknown architecture specification flag: z80"),
        ("whole -thin arm64", "argument to '-output' is missing"),
        ("whole -replace x86_64 hello -output x", "does not match the file's architecture"),
        ("-create -thin arm64 hello -output x", "'-create' and '-thin' cannot be given together"),
        ("hello.c -archs", "can't figure out the architecture type of: hello.c"),
        ("-info nothing", "can't open input file: nothing (No such file or directory)"),
        ("hello -frobnicate", "unknown option '-frobnicate'"),
    ] {
        let said = built.fails("lipo", &words.split(' ').collect::<Vec<_>>());
        assert!(said.contains(expected), "{words}: {said}");
    }
    assert!(!built.path("x").exists());
}
