//! `nmedit`: what a list does not name is not exported any more, whichever linker made the image.

use std::fs;

use crate::support;
use crate::{PROGRAMS, TARGETS, built, zig};

/// What a file exports, as LLVM reads the trie; and as nm has the table.
#[track_caller]
fn exported(built: &crate::Built, name: &str) -> Vec<String> {
    let table = built.names(&["-gU"], name);
    let said = built.ok("dyld_info", &["-exports", name]);
    let mut trie: Vec<String> =
        said.lines().skip(3).filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect();
    trie.sort();
    assert_eq!(trie, table);
    if let Some(output) = built.llvm("llvm-objdump", &["--macho", "--exports-trie", name]) {
        let theirs = support::stdout(&output);
        // LLVM 14 reads the trie of LC_DYLD_INFO alone.
        let names: Vec<&str> = theirs
            .lines()
            .filter(|line| line.starts_with("0x"))
            .filter_map(|line| line.split_whitespace().nth(1))
            .collect();
        let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        names.sort();
        assert!(names == trie || names.is_empty(), "{theirs}");
    }
    trie
}

#[test]
fn a_library_exports_what_its_list_names() {
    for (target, _) in TARGETS {
        let built = built(target);
        fs::write(built.path("list"), "# kept\n_lib_a\n_lib_d*\n").unwrap();
        for name in ["liblib.dylib", "liblib-zig.dylib", "liblib-chained.dylib"] {
            let copy = built.copy(name);
            assert!(exported(built, &copy).contains(&"_lib_weak".to_owned()));
            built.ok("nmedit", &["-s", "list", &copy]);
            built.checked(&copy);
            assert_eq!(exported(built, &copy), ["_lib_a", "_lib_data"], "{name}");
            assert!(built.ok("nm", &["-m", &copy]).contains("non-external (was a private external) _lib_b\n"));
            let once = built.bytes(&copy);
            built.ok("nmedit", &["-s", "list", &copy]);
            assert_eq!(built.bytes(&copy), once);
        }
        for name in PROGRAMS {
            let copy = built.copy(name);
            built.ok("nmedit", &["-s", "list", &copy]);
            built.checked(&copy);
            assert_eq!(exported(built, &copy), ["__mh_execute_header"], "{name}");
            built.runs(&copy);
        }
    }
}

/// A weak definition is looked up by its name among all images. One that is hidden must not be.
#[test]
fn a_hidden_weak_definition_is_bound_to_itself() {
    for (target, _) in TARGETS {
        let built = built(target);
        let mut command = support::command(zig());
        let cache = support::shared_dir().join("cache/zig-macho");
        command.current_dir(&built.dir).env("ZIG_GLOBAL_CACHE_DIR", &cache).env("ZIG_LOCAL_CACHE_DIR", &cache);
        let words = "-dynamiclib -fno-rtti -fno-exceptions -xc++ -undefined dynamic_lookup weak.cc -o libweak.dylib";
        support::run(command.args(["cc", "-target", target]).args(words.split(' ')));
        let weak = |name: &str| built.ok("dyld_info", &["-imports", name]).matches("(from weak-coalesce)").count();
        let before = weak("libweak.dylib");
        assert!(before > 0);
        fs::write(built.path("entry"), "_entry\n").unwrap();
        built.ok("nmedit", &["-s", "entry", "libweak.dylib", "-o", "hidden.dylib"]);
        built.checked("hidden.dylib");
        assert_eq!(exported(built, "hidden.dylib"), ["_entry"]);
        assert_eq!(weak("hidden.dylib"), 0, "of {before}");
        assert!(!built.ok("otool", &["-hv", "hidden.dylib"]).contains("WEAK_DEFINES"));
    }
}
