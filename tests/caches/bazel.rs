//! Compilations as Bazel writes them for remote execution: relative names alone, so that the same action is the same
//! anywhere. Two machines are two directories to execute in, two homes and two caches of xcc.

use std::fs;
use std::path::{Path, PathBuf};

use super::support;

const XCC: &str = "xcc-aarch64-linux-gnu";

/// A directory to execute actions in, and where xcc keeps things there.
struct Machine {
    execroot: PathBuf,
    home: PathBuf,
    cache: PathBuf,
}

impl Machine {
    fn new(dir: &Path, execroot: &str, cache: PathBuf) -> Machine {
        let (execroot, home) = (dir.join(execroot), dir.join("home"));
        fs::create_dir_all(execroot.join("bazel-out/pkg")).unwrap();
        fs::create_dir_all(execroot.join("pkg")).unwrap();
        fs::create_dir_all(&home).unwrap();
        fs::write(execroot.join("pkg/a.h"), "#define A 1\n").unwrap();
        let source =
            "#include <stdio.h>\n#include \"pkg/a.h\"\nint main(void) { return puts(__FILE__ __DATE__) + A; }\n";
        fs::write(execroot.join("pkg/x.c"), source).unwrap();
        Machine { execroot, home, cache }
    }

    fn run(&self, words: &[&str]) -> String {
        let mut xcc = support::command(support::xcc(XCC));
        xcc.env("XCC_CACHE_DIR", &self.cache).env("HOME", &self.home).current_dir(&self.execroot);
        support::stdout(&support::run(xcc.args(words)))
    }
}

/// What Bazel's own C and C++ rules for a Unix write, around the options of an action.
const BEFORE: &[&str] = &["-U_FORTIFY_SOURCE", "-fstack-protector", "-Wall", "-fno-omit-frame-pointer"];
const AFTER: &[&str] = &[
    "-MD",
    "-MF",
    "bazel-out/pkg/x.pic.d",
    "-frandom-seed=bazel-out/pkg/x.pic.o",
    "-fPIC",
    "-iquote",
    ".",
    "-iquote",
    "bazel-out",
    "-no-canonical-prefixes",
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"redacted\"",
    "-D__TIMESTAMP__=\"redacted\"",
    "-D__TIME__=\"redacted\"",
    "-c",
    "pkg/x.c",
    "-o",
    "bazel-out/pkg/x.pic.o",
];

/// The object is the same, byte for byte; so is the list of headers, but for the cache that the sysroot is in, which
/// Bazel is told of as a built-in directory (`cxx_builtin_include_directories`).
#[test]
fn an_action_is_the_same_in_any_directory_with_any_cache() {
    let dir = support::scratch("bazel");
    let one = Machine::new(&dir.join("one"), "execroot/ws", support::cache_dir());
    let other = Machine::new(&dir.join("other"), "worker/7/execroot/ws", dir.join("other/cache"));
    // Asked for, it is made: each machine has a sysroot of its own.
    let sysroot = |machine: &Machine| PathBuf::from(machine.run(&["-print-sysroot"]).trim());
    let (here, there) = (sysroot(&one), sysroot(&other));
    assert!(here.starts_with(&one.cache) && there.starts_with(&other.cache), "{here:?} {there:?}");
    assert_eq!(one.run(&["--version"]), other.run(&["--version"]), "the same xcc at both ends");

    for options in [&["-g0", "-O2"][..], &["-g", "-ffile-compilation-dir=."], &["-g", "-fdebug-prefix-map=CWD=."]] {
        let outputs = |machine: &Machine| {
            let map = format!("-fdebug-prefix-map={}=.", machine.execroot.display());
            let own = options.iter().map(|option| if option.contains("=CWD=") { map.as_str() } else { option });
            let words: Vec<&str> = BEFORE.iter().copied().chain(own).chain(AFTER.iter().copied()).collect();
            assert_eq!(machine.run(&words), "");
            let object = fs::read(machine.execroot.join("bazel-out/pkg/x.pic.o")).unwrap();
            let headers = fs::read_to_string(machine.execroot.join("bazel-out/pkg/x.pic.d")).unwrap();
            let sysroot = sysroot(machine);
            for word in headers.split_whitespace().filter(|word| word.starts_with('/')) {
                assert!(Path::new(word).starts_with(&sysroot), "{word}");
            }
            for hidden in [&machine.execroot, &machine.cache, &machine.home] {
                let hidden = hidden.to_str().unwrap().as_bytes();
                assert!(!object.windows(hidden.len()).any(|bytes| bytes == hidden), "{options:?}: a path of a machine");
            }
            (object, headers.replace(sysroot.to_str().unwrap(), "SYSROOT"))
        };
        let (first, second) = (outputs(&one), outputs(&other));
        assert!(first.0 == second.0, "{options:?}: other objects");
        assert_eq!(first.1, second.1, "{options:?}");
        assert!(first.1.contains("SYSROOT/usr/include/stdio.h") && first.1.contains(" pkg/a.h"), "{}", first.1);
    }

    // With the cache among the inputs of the action, by a relative name, no list of headers has a path of the machine either.
    let outputs = |machine: &Machine| {
        std::os::unix::fs::symlink(&machine.cache, machine.execroot.join("cache")).unwrap();
        let mut xcc = support::command(support::xcc(XCC));
        xcc.env("XCC_CACHE_DIR", "cache").env("HOME", &machine.home).current_dir(&machine.execroot);
        support::run(xcc.args(["-g", "-ffile-compilation-dir=."]).args(AFTER));
        let headers = fs::read_to_string(machine.execroot.join("bazel-out/pkg/x.pic.d")).unwrap();
        assert!(!headers.split_whitespace().any(|word| word.starts_with('/')), "{headers}");
        (fs::read(machine.execroot.join("bazel-out/pkg/x.pic.o")).unwrap(), headers)
    };
    let (first, second) = (outputs(&one), outputs(&other));
    assert!(first == second, "{}\n{}", first.1, second.1);
    assert!(first.1.contains(" cache/sysroot/"), "{}", first.1);
    // A program too, linked where clang is asked for the line and where that is known already.
    for machine in [&one, &other, &other] {
        let mut xcc = support::command(support::xcc(XCC));
        xcc.env("XCC_CACHE_DIR", "cache").env("HOME", &machine.home).current_dir(&machine.execroot);
        support::run(xcc.args(["bazel-out/pkg/x.pic.o", "-o", "bazel-out/pkg/x"]));
    }
    let program = |machine: &Machine| fs::read(machine.execroot.join("bazel-out/pkg/x")).unwrap();
    assert!(program(&one) == program(&other), "other programs");
}
