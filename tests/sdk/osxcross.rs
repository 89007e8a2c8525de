//! With osxcross named, its programs receive exactly the expected commands. Stand-ins under their names note what they get.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{self, command, run, run_fails, stderr, stdout, xcc};
use crate::{contents, write};

/// A directory that is laid out as osxcross's, of stand-ins.
fn stand_ins() -> PathBuf {
    let dir = support::scratch("osxcross");
    let bin = dir.join("target/bin");
    fs::create_dir_all(&bin).unwrap();
    let tools = ["ar", "ranlib", "lipo", "strip", "ld"];
    let tools = tools.iter().flat_map(|tool| ["arm64", "x86_64"].map(|arch| format!("{arch}-apple-darwin23.5-{tool}")));
    let compilers = ["oa64-clang", "oa64-clang++", "o64-clang", "o64-clang++"].map(str::to_owned);
    for name in tools.chain(compilers) {
        // In the shell's own words: nothing else is on the PATH of a test.
        let script = format!(
            "#!/bin/sh\nif [ \"$*\" = --version ]; then echo 'Debian clang version 14.0.6'; \
             echo 'Target: arm64-apple-darwin23.5'; exit; fi\n\
             printf '%s\\n' {name} \"$@\" \"SDKROOT=$SDKROOT\" >'{}'\n",
            dir.join("noted").display()
        );
        fs::write(bin.join(&name), script).unwrap();
        fs::set_permissions(bin.join(&name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    write(&dir.join("target/SDK/MacOSX14.5.sdk"), &contents("14.5", "osxcross"));
    dir
}

/// A machine with neither a zig nor anything else on PATH.
fn alone(dir: &Path, name: &str, words: &str) -> Command {
    let mut call = command(xcc(name));
    call.env_remove("XCC_ZIG").env("XCC_DATA_DIR", dir.join("data")).env("HOME", dir).env("PATH", dir.join("none"));
    call.env("XCC_CACHE_DIR", dir.join("cache")).current_dir(dir).args(words.split_whitespace());
    call.env("XCC_BACKEND", "osxcross").env("XCC_OSXCROSS", dir);
    call
}

/// What the program of osxcross was called as, and with what, in one line.
#[track_caller]
fn noted(dir: &Path, call: &mut Command) -> String {
    let _ = fs::remove_file(dir.join("noted"));
    let output = run(call);
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{}", support::describe(call, &output));
    fs::read_to_string(dir.join("noted")).unwrap().replace('\n', " ").replace(" SDKROOT= ", "")
}

#[test]
fn its_programs_receive_exactly_the_expected_command() {
    let dir = stand_ins();
    for (name, words, expected) in [
        (
            "xcc-aarch64-macos",
            "-arch arm64 a.c -o a -framework Security",
            "oa64-clang -mmacosx-version-min=11.0 -fno-sanitize=all -arch arm64 a.c -o a -framework Security",
        ),
        ("xcc-aarch64-macos-c++", "-c a.cc", "oa64-clang++ -mmacosx-version-min=11.0 -fno-sanitize=all -c a.cc"),
        ("xcc-x86_64-macos.10.15-cc", "a.o -lz", "o64-clang -mmacosx-version-min=10.15 -fno-sanitize=all a.o -lz"),
        ("x86_64-apple-darwin-clang++", "a.o", "o64-clang++ -mmacosx-version-min=10.12 -fno-sanitize=all a.o"),
        ("xcc-aarch64-macos-cpp", "a.c", "oa64-clang -E -mmacosx-version-min=11.0 -fno-sanitize=all a.c"),
        (
            "xcc-aarch64-macos",
            "-fsanitize=address --sysroot=/sdk a.c",
            "oa64-clang -mmacosx-version-min=11.0 -fsanitize=address -isysroot /sdk a.c",
        ),
        ("xcc-aarch64-macos-ar", "rcs lib.a a.o", "arm64-apple-darwin23.5-ar rcs lib.a a.o"),
        ("xcc-x86_64-macos-ranlib", "lib.a", "x86_64-apple-darwin23.5-ranlib lib.a"),
        ("xcc-aarch64-macos-lipo", "-info a", "arm64-apple-darwin23.5-lipo -info a"),
        ("xcc-aarch64-macos-strip", "-S -x a", "arm64-apple-darwin23.5-strip -S -x a"),
        ("xcc-x86_64-macos-ld", "-r a.o", "x86_64-apple-darwin23.5-ld -r a.o"),
    ] {
        assert_eq!(noted(&dir, &mut alone(&dir, name, words)), expected);
        // By PATH, as well.
        let mut by_path = alone(&dir, name, words);
        let path = std::env::join_paths([dir.join("none"), dir.join("target/bin")]).unwrap();
        by_path.env_remove("XCC_OSXCROSS").env("PATH", path);
        assert_eq!(noted(&dir, &mut by_path), expected);
    }
    // What the configuration adds, and the oldest macOS of the environment.
    let mut call = alone(&dir, "xcc-aarch64-macos", "-c a.c");
    call.env("XCC_CFLAGS", "-I/opt/sqlite -DX").env("MACOSX_DEPLOYMENT_TARGET", "13.1");
    let expected = "oa64-clang -mmacosx-version-min=13.1 -fno-sanitize=all -c a.c -I/opt/sqlite -DX";
    assert_eq!(noted(&dir, &mut call), expected);
    // An SDK that is named wins over osxcross's; the one in use is for xcc's own links.
    write(&dir.join("sdk"), &contents("14.4", "x"));
    run(&mut alone(&dir, "xcc", "sdk add sdk"));
    let plain = "oa64-clang -mmacosx-version-min=11.0 -fno-sanitize=all -c a.c";
    assert_eq!(noted(&dir, &mut alone(&dir, "xcc-aarch64-macos", "-c a.c")), plain);
    for variable in ["XCC_MACOS_SDK", "SDKROOT"] {
        let sdk = dir.join("sdk").display().to_string();
        let mut call = alone(&dir, "xcc-aarch64-macos", "-c a.c");
        assert_eq!(noted(&dir, call.env(variable, &sdk)), format!("{plain} -isysroot {sdk}"));
    }
}

#[test]
fn what_it_has_not_is_an_error_or_xccs_own() {
    let dir = stand_ins();
    for (name, words, said) in [
        ("xcc-x86_64-linux-gnu", "-c a.c", "the backend 'osxcross' has no compiler for target 'x86_64-linux-gnu'"),
        ("xcc-aarch64-macos", "-arch x86_64 -c a.c", "unsupported option '-arch x86_64' for target 'aarch64-macos'"),
    ] {
        let said_then = stderr(&run_fails(&mut alone(&dir, name, words)));
        assert!(said_then.starts_with(&format!("xcc: error: {said}\nxcc: help: ")), "{said_then}");
    }
    for (variable, place) in
        [("XCC_OSXCROSS", format!("in '{}'", dir.join("none").display())), ("XCC_TRACE", "on PATH".into())]
    {
        let mut call = alone(&dir, "xcc-aarch64-macos", "-c a.c");
        let said = stderr(&run_fails(call.env_remove("XCC_OSXCROSS").env(variable, dir.join("none"))));
        assert!(
            said.starts_with(&format!("xcc: error: cannot find oa64-clang of osxcross {place}\nxcc: help: ")),
            "{said}"
        );
    }
    let said = |name: &str, words: &str| stdout(&run(&mut alone(&dir, name, words))).trim().to_owned();
    let bin = dir.join("target/bin");
    assert_eq!(
        said("xcc-aarch64-macos", "--print-prog-name strip"),
        bin.join("arm64-apple-darwin23.5-strip").to_string_lossy()
    );
    // It has no dsymutil here.
    let own = said("xcc-aarch64-macos", "--print-prog-name=dsymutil");
    assert!(own.ends_with("/aarch64-macos-dsymutil") && Path::new(&own).is_file(), "{own}");
    let version = said("xcc-aarch64-macos", "--version");
    assert!(
        version.starts_with("clang version 14.0.6 (xcc ") && version.contains(" osxcross arm64-apple-darwin23.5 "),
        "{version}"
    );
    let sdk = dir.join("target/SDK/MacOSX14.5.sdk").display().to_string();
    assert_eq!(said("xcc-xcrun", "--show-sdk-path"), sdk);
    assert_eq!(said("xcc-aarch64-macos", "-print-sysroot"), sdk);
    assert!(said("xcc", "env --cargo aarch64-macos").contains(&format!("SDKROOT={sdk}")));
    // A configuration for one target is none for the others.
    fs::write(dir.join("xcc.toml"), "[target.aarch64-macos]\nbackend = 'osxcross'\n").unwrap();
    let mut call = alone(&dir, "xcc-aarch64-macos", "-c a.c");
    assert!(noted(&dir, call.env_remove("XCC_BACKEND")).starts_with("oa64-clang "));
    let said = stderr(&run_fails(alone(&dir, "xcc-x86_64-macos", "-c a.c").env_remove("XCC_BACKEND")));
    assert!(said.starts_with("xcc: error: cannot find zig"), "{said}");
}
