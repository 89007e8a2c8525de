//! `codesign`: ad-hoc signatures made, shown, verified and removed.

use std::fs;

use crate::support;
use crate::{LIBRARIES, PROGRAMS, TARGETS, built};

const ENTITLEMENTS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>com.apple.security.hypervisor</key><true/></dict></plist>
"#;

#[test]
fn whatever_linked_it_an_image_can_be_signed_anew() {
    for (target, _) in TARGETS {
        let built = built(target);
        for name in PROGRAMS.iter().chain(LIBRARIES) {
            let copy = built.copy(name);
            // What a linker signed needs no force.
            built.ok("codesign", &["-s", "-", "-i", "org.example.hello", "--options", "runtime", &copy]);
            let said = built.checked(&copy);
            assert!(said.contains(" flags=0x10002 id=org.example.hello "), "{said}");
            built.ok("codesign", &["--verify", &copy]);
            assert!(built.fails("codesign", &["-s", "-", &copy]).contains("is already signed"));
            fs::write(built.path("rights.plist"), ENTITLEMENTS).unwrap();
            built.ok("codesign", &["--force", "--sign", "-", "--entitlements", "rights.plist", &copy]);
            built.checked(&copy);
            let output = built.xcc("codesign", &["-d", "-vv", "--entitlements", "-", &copy]);
            assert_eq!(support::stdout(&output), ENTITLEMENTS);
            assert!(support::stderr(&output).contains("flags=0x2(adhoc)"), "{}", support::stderr(&output));
            if name.starts_with("hello") {
                built.runs(&copy);
            }
            // strip keeps them.
            built.ok("strip", &["-S", &copy]);
            built.checked(&copy);
            assert_eq!(support::stdout(&built.xcc("codesign", &["-d", "--entitlements", "-", &copy])), ENTITLEMENTS);

            built.ok("codesign", &["--remove-signature", &copy]);
            assert!(built.fails("codesign", &["-v", &copy]).contains("code object is not signed at all"));
        }
    }
}

#[test]
fn a_changed_byte_is_found() {
    let built = built("aarch64-macos");
    for at in [40, 3000] {
        let copy = built.copy("hello");
        let mut bytes = built.bytes(&copy);
        bytes[at] ^= 1;
        fs::write(built.path(&copy), bytes).unwrap();
        let output = built.xcc("codesign", &["--verify", &copy]);
        assert_eq!(output.status.code(), Some(1), "byte {at}");
        if at > 1000 {
            assert!(support::stderr(&output).contains(": invalid signature: 1 of "), "{}", support::stderr(&output));
            assert_eq!(built.xcc("dyld_info", &["-validate_only", &copy]).status.code(), Some(1));
        }
    }
}

#[test]
fn what_needs_apples_service_is_refused() {
    let built = built("aarch64-macos");
    let said = built.fails("codesign", &["-s", "Developer ID Application: X", "hello"]);
    assert!(said.contains("only ad-hoc signatures") && said.contains("rcodesign"), "{said}");
    fs::create_dir_all(built.path("X.app")).unwrap();
    assert!(built.fails("codesign", &["-s", "-", "X.app"]).contains("bundles are not signed here"));
    assert!(built.fails("codesign", &["-s", "-", "hello.c"]).contains("it is no Mach-O file"));
    assert!(built.fails("codesign", &["-s", "-", "--entitlements", "hello.c", "hello"]).contains("'hello.c': "));
    assert!(built.fails("codesign", &["-s", "-", "-r", "x", "hello"]).contains("requirements are not supported"));
}
