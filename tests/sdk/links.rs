//! Links with an SDK, by LLD and by zig's own linker. The SDKs stand in for Apple's: of the forms that its libraries have been
//! described in, and a whole one of zig's headers and xcc's stubs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rust;
use crate::support::{self, command, run, run_fails, stderr, stdout, xcc};
use crate::{contents, write};

const TARGETS: [&str; 2] = ["aarch64-macos", "x86_64-macos"];

/// The forms of `.tbd` files, from that of Xcode 7 to JSON. `NAME` and `_SYMBOL` are what a library has.
const FORMS: [(&str, &str); 5] = [
    (
        "1",
        "---\narchs: [ x86_64, arm64 ]\nplatform: macosx\ninstall-name: 'NAME'\nexports:\n  \
         - archs: [ x86_64, arm64 ]\n    symbols: [ _SYMBOL ]\n...\n",
    ),
    (
        "2",
        "--- !tapi-tbd-v2\narchs: [ x86_64, arm64 ]\nplatform: macosx\nflags: [ not_app_extension_safe ]\n\
         install-name: 'NAME'\nexports:\n  - archs: [ x86_64, arm64 ]\n    symbols: [ _SYMBOL ]\n...\n",
    ),
    (
        "3",
        "--- !tapi-tbd-v3\narchs: [ x86_64, arm64 ]\nplatform: macosx\ninstall-name: 'NAME'\nobjc-constraint: none\n\
         exports:\n  - archs: [ x86_64, arm64 ]\n    symbols: [ _SYMBOL ]\n...\n",
    ),
    (
        "4",
        "--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos, arm64-macos ]\ninstall-name: 'NAME'\nexports:\n  \
         - targets: [ x86_64-macos, arm64-macos ]\n    symbols: [ _SYMBOL ]\n...\n",
    ),
    (
        "5",
        "{ \"tapi_tbd_version\": 5, \"main_library\": { \"target_info\": [ { \"target\": \"x86_64-macos\", \
         \"min_deployment\": \"10.14\" }, { \"target\": \"arm64-macos\", \"min_deployment\": \"11\" } ], \
         \"install_names\": [ { \"name\": \"NAME\" } ], \"exported_symbols\": [ { \"text\": { \"global\": \
         [ \"_SYMBOL\" ] } } ] } }\n",
    ),
];

/// An SDK whose libraries are described in one form.
fn sdk_of(dir: &Path, version: &str, form: &str) -> PathBuf {
    let sdk = dir.join(format!("sdk-{version}"));
    write(&sdk, &contents("14.4", "x"));
    let library = |path: &str, name: &str, symbol: &str| {
        let text = form.replace("NAME", name).replace("_SYMBOL", symbol);
        fs::write(sdk.join(path), text).unwrap();
    };
    library("usr/lib/libSystem.B.tbd", "/usr/lib/libSystem.B.dylib", "dyld_stub_binder");
    library("System/Library/Frameworks/Extra.framework/Versions/A/Extra.tbd", "/Extra", "_extra");
    sdk
}

fn call(dir: &Path, target: &str, linker: &str, sdk: &Path, words: &str) -> Command {
    let mut cc = command(xcc(&format!("xcc-{target}-cc")));
    cc.current_dir(dir).env("XCC_DATA_DIR", dir.join("data")).env("XCC_DARWIN_LINKER", linker);
    cc.env("XCC_MACOS_SDK", sdk).args(words.split_whitespace());
    cc
}

/// The libraries that a program names, in one line.
fn libraries(program: &Path) -> String {
    stdout(&run(command(xcc("xcc-otool")).arg("-L").arg(program))).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn sdks_old_and_new_are_linked_or_refused_in_one_line() {
    let dir = support::scratch("sdk-forms");
    fs::write(dir.join("b.c"), "#include <extra.h>\nint main(void) { return extra(); }\n").unwrap();
    for (version, form) in FORMS {
        let sdk = sdk_of(&dir, version, form);
        for target in TARGETS {
            run(&mut call(&dir, target, "lld", &sdk, "b.c -framework Extra -o b"));
            let said = libraries(&dir.join("b"));
            assert!(said.contains(" /Extra (") && said.contains(" /usr/lib/libSystem.B.dylib ("), "{version}: {said}");
        }
        let mut by_zig = call(&dir, TARGETS[0], "zig", &sdk, "b.c -framework Extra -o c");
        if version != "4" {
            let said = stderr(&run_fails(&mut by_zig));
            let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("xcc: ")).collect();
            assert_eq!(lines.len(), 2, "{said}");
            assert!(lines[0].contains("unsupported SDK") && lines[0].contains(".tbd format than 4"), "{said}");
            assert!(lines[1].contains("install Rust with rustup"), "{said}");
        }
    }
    // An LLD of long ago, in its own words.
    let sdk = dir.join("sdk-5");
    let old = dir.join("ld64.lld-14");
    let words = "ld64.lld: error: /sdk/System/Library/Frameworks/Extra.framework/Extra.tbd: unhandled file type";
    fs::write(&old, format!("#!/bin/sh\necho '{words}' >&2\nexit 1\n")).unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o755)).unwrap();
    let said = stderr(&run_fails(&mut call(&dir, TARGETS[0], old.to_str().unwrap(), &sdk, "b.c -framework Extra")));
    assert!(said.contains("xcc: help: this LLD is older than 'Extra.tbd'; a newer one does: "), "{said}");
}

/// What xcc and zig have for macOS, as an SDK: its libSystem says a version that no other has.
fn stand_in(dir: &Path) -> PathBuf {
    let sysroot = stdout(&run(command(xcc("xcc-aarch64-macos")).arg("-print-sysroot")));
    let sdk = dir.join("MacOSX14.4.sdk");
    run(command("cp").arg("-a").arg(sysroot.trim()).arg(&sdk));
    let marks = fs::read_dir(&sdk).unwrap().map(|entry| entry.unwrap().path());
    let mark = marks.into_iter().find(|path| path.to_string_lossy().contains("/xcc-recipe.")).unwrap();
    fs::remove_file(mark).unwrap();
    let name = sdk.join("usr/lib/libSystem.B.tbd");
    let text = fs::read_to_string(&name).unwrap();
    let (before, after) = text.split_once("current-version:").unwrap();
    let (_, after) = after.split_once('\n').unwrap();
    fs::write(&name, format!("{before}current-version: 7777\n{after}")).unwrap();
    write(&sdk, &contents("14.4", "x").into_iter().filter(|(name, _)| name == "SDKSettings.json").collect::<Vec<_>>());
    let extra = sdk.join("System/Library/Frameworks/Extra.framework");
    fs::create_dir_all(&extra).unwrap();
    fs::write(extra.join("Extra.tbd"), FORMS[3].1.replace("NAME", "/Extra").replace("_SYMBOL", "_extra")).unwrap();
    fs::write(sdk.join("usr/lib/libextra.tbd"), FORMS[3].1.replace("NAME", "/usr/lib/x").replace("_SYMBOL", "_more"))
        .unwrap();
    fs::remove_dir_all(sdk.join("System/Library/Frameworks/Security.framework")).unwrap();
    sdk
}

/// No LLD is there: the SDK's libraries are linked by zig, whose own and xcc's are not.
#[test]
fn zigs_linker_takes_the_sdks_libraries() {
    // One place in every run: zig compiles its compiler-rt anew for an SDK at another.
    let dir = support::shared_dir().join("sdk-by-zig");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    let sdk = stand_in(&dir);
    let text =
        "#include <stdio.h>\nint extra(void), more(void);\nint main(void) { puts(\"\"); return extra() + more(); }\n";
    fs::write(dir.join("a.c"), text).unwrap();
    for target in TARGETS {
        run(&mut call(&dir, target, "zig", &sdk, "a.c -framework Extra -L/usr/lib -lextra -o a"));
        let said = libraries(&dir.join("a"));
        assert!(said.contains(" /Extra (") && said.contains(" /usr/lib/x ("), "{said}");
        assert!(
            said.contains("/usr/lib/libSystem.B.dylib (compatibility version 1.0.0, current version 7777."),
            "{said}"
        );
        let tool = stdout(&run(command(xcc("xcc-otool")).arg("-l").arg(dir.join("a"))));
        assert!(tool.contains("      sdk 14.4"), "{tool}");
    }
    let security =
        call(&dir, TARGETS[0], "zig", &sdk, "a.c -framework Extra -lextra -framework Security -o b").output();
    let said = stderr(&security.unwrap());
    assert!(said.contains("Security") && !dir.join("b").exists(), "{said}");
    // A library in a form that zig does not read, beside an SDK that it does.
    let of_json = FORMS[4].1.replace("NAME", "/usr/lib/x").replace("_SYMBOL", "_more");
    fs::write(dir.join("libextra.tbd"), of_json).unwrap();
    let said = stderr(&run_fails(&mut call(&dir, TARGETS[0], "zig", &sdk, "a.c -framework Extra -L. -lextra -o b")));
    assert!(said.contains("xcc: help: zig's linker reads version 4 of the .tbd format alone"), "{said}");
    fs::remove_file(sdk.join("SDKSettings.json")).unwrap();
    let said = stderr(&run_fails(&mut call(&dir, TARGETS[0], "zig", &sdk, "a.c -o b")));
    assert!(said.contains("it has no SDKSettings.json with a MinimalDisplayName"), "{said}");
}

/// Headers of a framework, and Objective-C and C++ that include them, for both processors, one after the other and at once.
#[test]
fn what_needs_an_sdk_is_built_with_one() {
    let dir = support::scratch("sdk-needed");
    let sdk = stand_in(&dir);
    let headers = sdk.join("System/Library/Frameworks/Foundation.framework/Headers");
    fs::create_dir_all(&headers).unwrap();
    let header = "#include <objc/NSObject.h>\n@class NSString;\n#ifdef __cplusplus\nextern \"C\"\n#endif\n\
        void NSLog(NSString *format, ...);\n";
    fs::write(headers.join("Foundation.h"), header).unwrap();
    let text = "#import <Foundation/Foundation.h>\n@interface Own : NSObject\n@end\n@implementation Own\n@end\n\
        int main(void) { NSLog(@\"%d\", (int)(long)[Own class]); return 0; }\n";
    fs::write(dir.join("a.m"), text).unwrap();
    fs::write(dir.join("a.mm"), format!("#include <string>\n{text}")).unwrap();
    for target in TARGETS {
        for words in ["-fobjc-arc a.m -o a", "a.m -bundle -o a", "a.m -dynamiclib -o a", "a.mm -lc++ -o a"] {
            let mut cc = call(&dir, target, "auto", &sdk, &format!("{words} -framework Foundation"));
            run(&mut cc);
            let said = libraries(&dir.join("a"));
            assert!(said.contains("/Foundation.framework/Versions/C/Foundation ("), "{target} {words}: {said}");
            assert!(said.contains("current version 7777."), "{target} {words}: {said}");
            run(command(xcc("xcc")).arg("inspect").arg(dir.join("a")));
        }
    }
    run(&mut call(&dir, "universal-macos", "auto", &sdk, "a.m -framework Foundation -o both"));
    let archs = run(command(xcc("xcc")).args(["lipo", "-archs"]).arg(dir.join("both")));
    assert_eq!(stdout(&archs), "x86_64 arm64\n");
}

/// Neither stubs of xcc's nor zig's libSystem are in what comes out.
#[test]
fn go_and_rust_programs_are_linked_with_an_sdk() {
    let dir = support::scratch("sdk-programs");
    let sdk = stand_in(&dir);
    // Go asks for it by name.
    let stubs = stdout(&run(command(xcc("xcc-aarch64-macos")).arg("-print-sysroot")));
    let security = "System/Library/Frameworks/Security.framework";
    run(command("cp").arg("-a").arg(Path::new(stubs.trim()).join(security)).arg(sdk.join(security)));
    let uses_the_sdk = |program: &Path| {
        let said = libraries(program);
        assert!(said.contains("/usr/lib/libSystem.B.dylib (") && said.contains("current version 7777."), "{said}");
        run(command(xcc("xcc")).arg("inspect").arg(program));
    };
    if support::which("go").is_none() {
        support::skip("Go with an SDK of macOS", "go is not installed");
    } else {
        let project = support::project("go-macos");
        let mut go = command("go");
        go.current_dir(&project).env("GOOS", "darwin").env("GOARCH", "arm64").env("CGO_ENABLED", "1");
        go.env("CC", xcc("xcc-aarch64-macos")).env("XCC_MACOS_SDK", &sdk).args([
            "build",
            "-ldflags=-w",
            "-o",
            "program",
        ]);
        run(&mut go);
        uses_the_sdk(&project.join("program"));
    }
    let stds = rust::stds(&["aarch64-apple-darwin"]);
    let Some(std) = stds.iter().find(|std| std.method == "installed") else {
        return support::skip("Rust with an SDK of macOS", "rustup has no standard library for it");
    };
    fs::write(dir.join("hello.rs"), "fn main() { println!(\"hello\"); }\n").unwrap();
    let mut rustc = command(&std.rustc);
    rustc.current_dir(&dir).args(["--target", "aarch64-apple-darwin", "hello.rs", "-o", "hello", "-C"]);
    rustc.arg(format!("linker={}", xcc("xcc-aarch64-macos").display()));
    run(rustc.env("SDKROOT", &sdk));
    uses_the_sdk(&dir.join("hello"));
}
