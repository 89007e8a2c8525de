//! `install_name_tool` and `vtool`: load commands changed.

use crate::support;
use crate::{LIBRARIES, PROGRAMS, TARGETS, built, difference};

#[test]
fn names_and_paths_are_changed_as_llvm_changes_them() {
    for (target, _) in TARGETS {
        let built = built(target);
        for name in LIBRARIES.iter().chain(PROGRAMS) {
            let mut lines = vec![
                vec!["-add_rpath", "/a/path", "-change", "/usr/lib/libSystem.B.dylib", "@rpath/other.dylib"],
                vec!["-id", "@rpath/a/much/longer/name/than/before.dylib"],
            ];
            if name.starts_with("lib") {
                lines.push(vec!["-rpath", "@loader_path/one", "/two"]);
                lines.push(vec!["-delete_rpath", "@loader_path/one", "-add_rpath", "/three"]);
                lines.push(vec!["-delete_all_rpaths"]);
            }
            for line in lines {
                let (ours, theirs) = (built.copy(name), built.copy(name));
                built.ok("install_name_tool", &[&line[..], &[&ours]].concat());
                built.checked(&ours);
                if name.starts_with("hello") && !line.contains(&"-change") {
                    built.runs(&ours);
                }
                let Some(output) = built.llvm("llvm-install-name-tool", &[&line[..], &[&theirs]].concat()) else {
                    return;
                };
                assert!(output.status.success(), "{}", support::stderr(&output));
                // LLVM's lays the whole file out anew; the commands in question are the same.
                let show = |file: &str| {
                    let said = built.ok("otool", &["-l", file]);
                    let wanted =
                        |line: &&str| ["name ", "path "].iter().any(|word| line.trim_start().starts_with(word));
                    said.lines().filter(wanted).map(str::to_owned).collect::<Vec<_>>()
                };
                assert_eq!(show(&ours), show(&theirs), "{name} {line:?}");
            }
        }
    }
}

#[test]
fn what_cannot_be_changed_is_refused_and_the_file_left() {
    let built = built("aarch64-macos");
    let long = "/".to_owned() + &"x".repeat(3000);
    for (words, expected) in [
        (&["-add_rpath", &long, "liblib.dylib"][..], "headerpad_max_install_names"),
        (&["-delete_rpath", "/nowhere", "liblib.dylib"], "no LC_RPATH load command with path: /nowhere"),
        (&["-rpath", "/nowhere", "/b", "liblib.dylib"], "no LC_RPATH load command with path: /nowhere"),
        (&["-add_rpath", "@loader_path/one", "liblib.dylib"], "would duplicate path"),
        (&["-id", "x", "hello.o"], "it is an object"),
        (&["-id", "x", "lib.a"], "it is an archive"),
        (&["-id", "x"], "exactly one input file"),
        (&["-id"], "argument to '-id' is missing"),
    ] {
        let before = built.bytes("liblib.dylib");
        let said = built.fails("install_name_tool", words);
        assert!(said.contains(expected), "{said}");
        assert_eq!(built.bytes("liblib.dylib"), before);
    }
}

#[test]
fn the_version_of_the_system_is_set() {
    for (target, _) in TARGETS {
        let built = built(target);
        for name in ["hello", "hello-zig"] {
            let (out, words) =
                (format!("{name}.versioned"), ["-set-build-version", "macos", "12.3", "14.2", "-tool", "ld", "1.2"]);
            built.ok("vtool", &[&words[..], &["-output", &out, name]].concat());
            assert!(built.checked(&out).contains(" minos=12.3 sdk=14.2 "));
            built.runs(&out);
            let said = built.ok("vtool", &["-show-build", &out]);
            let expected =
                "  platform MACOS\n       sdk 14.2\n     minos 12.3\n    ntools 1\n      tool LD\n   version 1.2\n";
            assert!(said.ends_with(expected), "{}", difference(&said, expected));
        }
        assert!(
            built
                .fails("vtool", &["-set-build-version", "macos", "x", "1", "-output", "o", "hello"])
                .contains("'x' is no version")
        );
    }
}
