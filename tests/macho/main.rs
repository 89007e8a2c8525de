//! The tools for Mach-O files: what they write is held up against LLVM's and against an independent checker
//! (`support/macho_check.py`), and still runs in an emulator; what they print is held up against LLVM's, line for line.
//! The files come from LLD, from zig's linker and from Go, for both architectures. The programs are in
//! `testdata/projects/macho`.

#[path = "../support/fuzz.rs"]
mod fuzz;
#[path = "../support/mod.rs"]
mod support;

mod broken;
mod exports;
mod go;
mod libraries;
mod listings;
mod signatures;
mod stripping;
mod universal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock};

/// xcc's names of the targets, and Apple's of the architectures.
const TARGETS: &[(&str, &str)] = &[("aarch64-macos", "arm64"), ("x86_64-macos", "x86_64")];

/// Programs that print "hi" and return 0, with symbols for debuggers: by LLD with binds as opcodes and as chained
/// fixups, and by zig's linker.
const PROGRAMS: &[&str] = &["hello", "hello-chained", "hello-zig"];
const LIBRARIES: &[&str] = &["liblib.dylib", "liblib-chained.dylib", "liblib-zig.dylib"];

/// The built files of a target: [`PROGRAMS`], [`LIBRARIES`], `hello.o`, `lib.o`, `lib.a`.
struct Built {
    target: &'static str,
    dir: PathBuf,
}

fn built(target: &'static str) -> &'static Built {
    static ALL: Mutex<Vec<&'static Built>> = Mutex::new(Vec::new());
    let mut all = ALL.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(built) = all.iter().find(|built| built.target == target) {
        return built;
    }
    let built: &'static Built = Box::leak(Box::new(Built { target, dir: support::project("macho") }));
    let cc = |words: &str| {
        let mut command = support::command(support::xcc(&format!("xcc-{target}-cc")));
        support::run(command.current_dir(&built.dir).args(words.split_whitespace()));
    };
    let zig = |words: &str| {
        let mut command = support::command(zig());
        let global = support::shared_dir().join("cache/zig-macho");
        command.current_dir(&built.dir).env("ZIG_GLOBAL_CACHE_DIR", &global).env("ZIG_LOCAL_CACHE_DIR", &global);
        support::run(command.args(["cc", "-target", target]).args(words.split_whitespace()));
    };
    cc("-g -O1 -c hello.c -o hello.o");
    cc("-g -O1 -c lib.c -o lib.o");
    for (end, form) in [("", "-Wl,-no_fixup_chains"), ("-chained", "-Wl,-fixup_chains")] {
        cc(&format!("hello.o {form} -Wl,-headerpad,400 -o hello{end}"));
        let words = "-dynamiclib lib.o -install_name @rpath/liblib.dylib -Wl,-rpath,@loader_path/one";
        cc(&format!("{words} {form} -Wl,-headerpad,400 -o liblib{end}.dylib"));
    }
    zig("hello.o -Wl,-headerpad,0x400 -o hello-zig");
    zig("-dynamiclib lib.o -install_name @rpath/liblib.dylib -Wl,-rpath,@loader_path/one -o liblib-zig.dylib");
    let _ = fs::remove_file(built.path("lib.a"));
    built.ok("ar", &["rcs", "lib.a", "lib.o", "hello.o"]);
    all.push(built);
    built
}

fn zig() -> PathBuf {
    static ZIG: OnceLock<PathBuf> = OnceLock::new();
    let find = || support::stdout(&support::run(support::command(support::xcc("xcc")).args(["zig", "which"])));
    ZIG.get_or_init(|| find().lines().next().unwrap_or_default().into()).clone()
}

impl Built {
    fn xcc(&self, tool: &str, words: &[&str]) -> Output {
        let mut command = support::command(support::xcc(&format!("xcc-{}-{tool}", self.target)));
        command.current_dir(&self.dir).args(words).output().unwrap()
    }

    /// The same, which must succeed and say nothing on standard error.
    #[track_caller]
    fn ok(&self, tool: &str, words: &[&str]) -> String {
        let output = self.xcc(tool, words);
        let said = support::stderr(&output);
        assert!(output.status.success() && said.is_empty(), "{} {tool} {words:?}: {said}", self.target);
        support::stdout(&output)
    }

    /// The same, which must fail; what it says.
    #[track_caller]
    fn fails(&self, tool: &str, words: &[&str]) -> String {
        let output = self.xcc(tool, words);
        assert_eq!(output.status.code(), Some(1), "{} {tool} {words:?}: {output:?}", self.target);
        support::stderr(&output)
    }

    /// LLVM's tool; `None`, after a counted skip, where it is not installed.
    #[track_caller]
    fn llvm(&self, tool: &str, words: &[&str]) -> Option<Output> {
        let Some(program) = llvm(tool) else {
            support::skip(&format!("compare with {tool}"), "it is not installed");
            return None;
        };
        Some(Command::new(program).current_dir(&self.dir).args(words).output().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{}: {error}", self.path(name).display()))
    }

    /// A copy of a file under a name of its own.
    fn copy(&self, name: &str) -> String {
        let copy = fresh(name);
        fs::copy(self.path(name), self.path(&copy)).unwrap();
        copy
    }

    /// Neither xcc's checker nor the independent one finds anything wrong; what the latter says.
    #[track_caller]
    fn checked(&self, name: &str) -> String {
        self.ok("dyld_info", &["-validate_only", name]);
        let mut check = support::command("python3");
        check.arg(support::root().join("tests/support/macho_check.py")).arg(self.path(name));
        support::stdout(&support::run(&mut check))
    }

    /// The program prints "hi" and returns 0, where the emulator knows its form. It binds no chained fixups.
    #[track_caller]
    fn runs(&self, name: &str) {
        let module = support::shared_dir().join("tools/unicorn");
        if !module.is_dir() {
            return support::skip(&format!("run {name}"), "unicorn is not installed");
        }
        if name.contains("chained") {
            return;
        }
        let mut emulator = support::command("python3");
        emulator.arg(support::root().join("tests/support/macho_run.py")).arg(self.path(name)).env("PYTHONPATH", module);
        assert_eq!(support::stdout(&support::run(&mut emulator)), "[emu stdout] hi\nmain returned 0\n", "{name}");
    }

    /// The names that LLVM or xcc finds in a file.
    #[track_caller]
    fn names(&self, options: &[&str], name: &str) -> Vec<String> {
        let said = self.ok("nm", &[options, &["-j", name]].concat());
        said.lines().map(str::to_owned).collect()
    }
}

/// An LLVM tool by its name, or by that with the lowest version behind it.
fn llvm(tool: &str) -> Option<PathBuf> {
    let versions = (14..40).map(|version| format!("{tool}-{version}"));
    std::iter::once(tool.to_owned()).chain(versions).find_map(|name| support::which(&name))
}

/// A name for a file that no other test uses.
fn fresh(stem: &str) -> String {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("{next}.{stem}")
}

/// The first lines that differ.
fn difference(ours: &str, theirs: &str) -> String {
    let mut text = String::new();
    for (number, (a, b)) in ours.lines().zip(theirs.lines()).enumerate().filter(|(_, (a, b))| a != b).take(4) {
        text.push_str(&format!("line {number}\n  xcc  {a}\n  llvm {b}\n"));
    }
    format!("{text}{} lines against {}", ours.lines().count(), theirs.lines().count())
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
