//! `strip`: what goes, what stays, and that the file is whole and runs.

use std::fs;

use crate::support;
use crate::{LIBRARIES, PROGRAMS, TARGETS, built, mode};

#[test]
fn symbols_for_debuggers_go_and_programs_still_run() {
    for (target, arch) in TARGETS {
        let built = built(target);
        for name in PROGRAMS.iter().chain(LIBRARIES) {
            for options in [&["-S"][..], &["-S", "-x"], &[], &["-no_uuid", "-S"]] {
                let copy = built.copy(name);
                let before = mode(&built.path(&copy));
                built.ok("strip", &[options, &[&copy]].concat());
                let said = built.checked(&copy);
                assert!(said.contains(" stabs=0 "), "{options:?}: {said}");
                let signed = if *arch == "arm64" { "signed=ad-hoc" } else { "signed=no" };
                assert!(said.contains(signed), "{options:?}: {said}");
                assert_eq!(said.contains("uuid="), !options.contains(&"-no_uuid"), "{options:?}: {said}");
                assert_eq!(mode(&built.path(&copy)), before);
                let text = built.bytes(&copy);
                assert!(memchr::memmem::find(&text, built.dir.as_os_str().as_encoded_bytes()).is_none(), "{options:?}");
                if name.starts_with("hello") {
                    built.runs(&copy);
                }
                let before = built.bytes(name);
                built.ok("strip", &[options, &["-o", "other", name]].concat());
                assert_eq!(built.bytes("other"), text, "{name} {options:?} twice");
                assert_eq!(built.bytes(name), before, "-o leaves the input");
            }
        }
        for (one, other) in [(&["-u", "-r"][..], "-s"), (&["--strip-debug"], "-S"), (&["--discard-all"], "-x")] {
            built.ok("strip", &[one, &["-o", "one", "hello"]].concat());
            built.ok("strip", &[other, "-o", "other", "hello"]);
            assert_eq!(built.bytes("one"), built.bytes("other"), "{one:?} and {other}");
        }
    }
}

/// The symbols that LLVM's strip leaves, which also has cctools' rules.
#[test]
fn what_stays_is_what_llvm_leaves() {
    for (target, _) in TARGETS {
        let built = built(target);
        for name in ["hello", "hello-zig", "liblib.dylib", "hello.o"] {
            for options in [&["-S"][..], &["-x"], &["-S", "-x"]] {
                // LLVM 14 takes symbols off objects that their relocations are of.
                if name == "hello.o" && options != ["-S"] {
                    continue;
                }
                let (ours, theirs) = (built.copy(name), built.copy(name));
                built.ok("strip", &[options, &[&ours]].concat());
                let Some(output) = built.llvm("llvm-strip", &[options, &[&theirs]].concat()) else { return };
                assert!(output.status.success(), "{}", support::stderr(&output));
                assert_eq!(built.names(&[], &ours), built.names(&[], &theirs), "{name} {options:?}");
            }
        }
    }
}

#[test]
fn objects_lose_their_debugging_information_and_still_link() {
    for (target, _) in TARGETS {
        let built = built(target);
        for options in [&["-S"][..], &["-S", "-x"], &["-x"], &[]] {
            let copy = built.copy("hello.o");
            built.ok("strip", &[options, &[&copy]].concat());
            built.ok("dyld_info", &["-validate_only", &copy]);
            let gone = options != ["-x"];
            assert_eq!(built.ok("size", &["-m", &copy]).contains("__DWARF"), !gone, "{options:?}");
            let program = format!("{copy}.out");
            built.ok("cc", &[&copy, "-Wl,-no_fixup_chains", "-o", &program]);
            built.checked(&program);
            built.runs(&program);
        }
        let copy = built.copy("lib.a");
        built.ok("strip", &["-S", &copy]);
        assert!(!built.ok("size", &["-m", &copy]).contains("__DWARF"));
        let program = format!("{copy}.out");
        built.ok("cc", &[&copy, "-Wl,-no_fixup_chains", "-Wl,-all_load", "-o", &program]);
        built.runs(&program);
    }
}

#[test]
fn every_slice_of_a_universal_file_is_stripped() {
    let (arm, intel) = (built("aarch64-macos"), built("x86_64-macos"));
    let (a, b) = (arm.path("hello-zig"), intel.path("hello-zig"));
    let (a, b) = (a.to_str().unwrap(), b.to_str().unwrap());
    arm.ok("lipo", &["-create", a, b, "-output", "both"]);
    arm.ok("strip", &["-S", "-x", "both"]);
    assert_eq!(arm.checked("both").matches(" stabs=0 ").count(), 2);
    for (built, arch) in [(arm, "arm64"), (intel, "x86_64")] {
        arm.ok("lipo", &["both", "-thin", arch, "-output", &format!("thin.{arch}")]);
        let thin = arm.bytes(&format!("thin.{arch}"));
        fs::write(built.path(&format!("thin.{arch}")), thin).unwrap();
        built.runs(&format!("thin.{arch}"));
    }
}

#[test]
fn what_means_nothing_here_is_refused() {
    let built = built("aarch64-macos");
    let copy = built.copy("hello");
    for option in ["--only-keep-debug", "--remove-section=__text", "--strip-dwo"] {
        let said = built.fails("strip", &[option, &copy]);
        assert!(said.contains("is not supported for Mach-O files"), "{said}");
    }
    assert_eq!(built.bytes(&copy), built.bytes("hello"));
}
