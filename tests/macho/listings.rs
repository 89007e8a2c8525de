//! What `otool`, `nm` and `size` print, held up against LLVM's line for line, and the small tools that only answer.

use crate::support;
use crate::{TARGETS, built, difference};

const FILES: &[&str] = &["hello", "hello-chained", "hello-zig", "liblib.dylib", "liblib-zig.dylib", "hello.o"];

fn compare(tool: &str, lines: &[&str]) {
    for (target, _) in TARGETS {
        let built = built(target);
        for file in FILES {
            for line in lines {
                let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).chain([*file]).collect();
                let Some(theirs) = built.llvm(&format!("llvm-{tool}"), &words) else { return };
                // Versions of LLVM differ in whether platforms, tools and flags have names.
                let named = |line: &&str| {
                    ["platform ", "tool ", "flags "].iter().any(|word| line.trim_start().starts_with(word))
                };
                let plain = |text: &str| {
                    text.lines().filter(|line| !named(line)).map(|line| format!("{line}\n")).collect::<String>()
                };
                let (ours, theirs) = (plain(&built.ok(tool, &words)), plain(&support::stdout(&theirs)));
                assert!(ours == theirs, "{target} {tool} {words:?}: {}", difference(&ours, &theirs));
            }
        }
    }
}

#[test]
fn otool_shows_what_llvms_shows() {
    compare("otool", &["-l", "-L", "-D", "-t", "-s __TEXT __cstring", "-lv"]);
}

#[test]
fn nm_shows_what_llvms_shows() {
    compare("nm", &["", "-g", "-u", "-U", "-j", "-m", "-P", "-A", "-ap", "-n", "-r", "-mg", "-t d"]);
}

#[test]
fn size_shows_what_llvms_shows() {
    compare("size", &["", "-m"]);
}

#[test]
fn every_architecture_is_shown_unless_one_is_named() {
    let (arm, intel) = (built("aarch64-macos"), built("x86_64-macos"));
    let other = intel.path("hello");
    arm.ok("lipo", &["-create", "hello", other.to_str().unwrap(), "-output", "shown"]);
    for (tool, option, head) in
        [("otool", "-L", "shown (architecture x86_64):\n"), ("nm", "-g", "\nshown (for architecture x86_64):\n")]
    {
        let all = arm.ok(tool, &[option, "shown"]);
        assert!(all.contains(head) && all.contains(&head.replace("x86_64", "arm64")), "{all}");
        let one = arm.ok(tool, &[option, "-arch", "x86_64", "shown"]);
        assert!(!one.contains("architecture"), "{one}");
        assert!(
            arm.fails(tool, &[option, "-arch", "arm64e", "shown"]).contains("does not contain architecture arm64e")
        );
    }
    assert!(arm.ok("size", &["shown"]).contains("shown (for architecture arm64)\n"));
    assert!(arm.ok("nm", &["lib.a"]).contains("\nlib.a(lib.o):\n"));
    assert!(arm.ok("otool", &["-h", "lib.a"]).starts_with("Archive : lib.a\nlib.a(lib.o):\nMach header\n"));
}

#[test]
fn imports_and_exports_are_listed() {
    for (target, _) in TARGETS {
        let built = built(target);
        for name in ["liblib.dylib", "liblib-chained.dylib", "liblib-zig.dylib"] {
            let said = built.ok("dyld_info", &["-imports", "-exports", name]);
            assert!(said.contains("        _malloc  (from /usr/lib/libSystem.B.dylib)\n"), "{said}");
            assert!(said.contains("  _lib_weak [weak-def]\n") && said.contains("  _lib_a\n"), "{said}");
        }
    }
}

#[test]
fn the_sdk_is_where_it_is_said_to_be() {
    let built = built("aarch64-macos");
    let said = built.ok("xcrun", &["--sdk", "macosx", "--show-sdk-path"]);
    assert_eq!(said, built.ok("cc", &["-print-sysroot"]));
    assert_eq!(built.ok("xcrun", &["--show-sdk-version"]), "11.0\n");
    assert!(built.ok("xcrun", &["--find", "strip"]).ends_with("aarch64-macos-strip\n"));
    assert_eq!(built.ok("xcrun", &["lipo", "-archs", "hello"]), "arm64\n");
    built.ok("xcrun", &["--sdk", "macosx", "clang", "-arch", "x86_64", "-c", "lib.c", "-o", "by-xcrun.o"]);
    assert_eq!(built.ok("lipo", &["-archs", "by-xcrun.o"]), "x86_64\n");
    assert!(
        built.fails("xcrun", &["--sdk", "iphoneos", "--show-sdk-path"]).contains("SDK \"iphoneos\" cannot be located")
    );
    assert!(built.fails("xcrun", &["actool"]).contains("unable to find utility \"actool\""));
    let mut command = support::command(support::xcc("xcrun"));
    command.args(["--show-sdk-path"]).env("SDKROOT", &built.dir);
    assert_eq!(support::stdout(&support::run(&mut command)), format!("{}\n", built.dir.display()));
    assert_eq!(built.ok("sw_vers", &["-productName"]), "macOS\n");
    // Of what is no part of every SDK, what is there.
    let xcrun = |sdk: &std::path::Path, option: &str| {
        let mut command = support::command(support::xcc("xcrun"));
        command.arg(option).env("SDKROOT", sdk).output().unwrap()
    };
    let platform = built.dir.join("MacOSX.platform");
    let sdk = platform.join("Developer/SDKs/MacOSX14.4.sdk");
    let plist = sdk.join("System/Library/CoreServices/SystemVersion.plist");
    std::fs::create_dir_all(plist.parent().unwrap()).unwrap();
    let text = "<plist version=\"1.0\"><dict><key>ProductBuildVersion</key><string>23E208</string></dict></plist>";
    std::fs::write(&plist, text).unwrap();
    for (option, said) in [
        ("--show-sdk-build-version", "23E208"),
        ("--show-sdk-platform-path", platform.to_str().unwrap()),
        ("--show-sdk-platform-version", "14.4"),
    ] {
        assert_eq!(support::stdout(&xcrun(&sdk, option)), format!("{said}\n"));
    }
    for (option, item) in
        [("--show-sdk-build-version", "SDKBuildVersion"), ("--show-sdk-platform-path", "PlatformPath")]
    {
        let output = xcrun(&built.dir, option);
        let said = support::stderr(&output);
        let text = format!("unable to lookup item '{item}' in SDK '{}'", built.dir.display());
        assert!(!output.status.success() && said.contains(&text) && said.contains("xcc: help: "), "{said}");
    }
}

/// What Go's linker gets to hear when it asks for the tools by their names.
#[test]
fn the_compiler_names_xccs_own_tools() {
    for (target, _) in TARGETS {
        let built = built(target);
        for tool in ["strip", "dsymutil", "lipo", "ar"] {
            for words in [&[&format!("-print-prog-name={tool}")[..]][..], &["--print-prog-name", tool]] {
                let said = built.ok("cc", words);
                assert!(said.trim_end().ends_with(&format!("{target}-{tool}")), "{said}");
                assert!(std::path::Path::new(said.trim_end()).is_file(), "{said}");
            }
        }
    }
}
