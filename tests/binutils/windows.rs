//! PE and COFF: what the tools print is what GNU's for mingw-w64 print, and import libraries answer libtool's questions.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock};

use crate::{difference, support};

/// Targets, and the prefix of GNU's tools for them. Those for aarch64 read images alone: Debian 12's stop at the
/// relocations of objects.
pub(crate) const TARGETS: &[(&str, &str)] = &[
    ("x86_64-windows-gnu", "x86_64-w64-mingw32-"),
    ("x86-windows-gnu", "i686-w64-mingw32-"),
    ("aarch64-windows-gnu", "aarch64-linux-gnu-"),
];
pub(crate) const X64: &str = TARGETS[0].0;

/// The built files of a target.
pub(crate) struct Built {
    target: &'static str,
    prefix: &'static str,
    pub(crate) dir: PathBuf,
}

const OBJECTS: &[&str] = &["sample.o", "library.a"];
const IMAGES: &[&str] = &["sample.exe", "number.dll"];

pub(crate) fn built(target: &str) -> &'static Built {
    static ALL: OnceLock<Mutex<Vec<&'static Built>>> = OnceLock::new();
    let mut all = ALL.get_or_init(Default::default).lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(built) = all.iter().find(|built| built.target == target) {
        return built;
    }
    let (target, prefix) = *TARGETS.iter().find(|row| row.0 == target).unwrap();
    let built: &'static Built = Box::leak(Box::new(Built { target, prefix, dir: support::project("binutils") }));
    // Two debugging sections, a COMDAT with unwinding data, common and weak symbols, a name of more than eight bytes.
    built.ok("cc", &["-g", "-O1", "-fcommon", "-ffunction-sections", "-c", "windows.c", "-o", "sample.o"]);
    built.ok("cc", &["-g", "-O1", "sample.o", "-o", "sample.exe"]);
    built.ok("cc", &["-g", "-shared", "dll.c", "-o", "number.dll", "-Wl,--out-implib,libnumber.dll.a"]);
    built.ok("ar", &["rcs", "library.a", "sample.o"]);
    all.push(built);
    built
}

impl Built {
    pub(crate) fn xcc(&self, tool: &str, words: &[&str]) -> Output {
        let mut command = support::command(support::xcc(&format!("xcc-{}-{tool}", self.target)));
        command.current_dir(&self.dir).args(words).output().unwrap()
    }

    /// The same, which must succeed and say nothing on standard error.
    #[track_caller]
    pub(crate) fn ok(&self, tool: &str, words: &[&str]) -> String {
        let output = self.xcc(tool, words);
        let said = support::stderr(&output);
        assert!(output.status.success() && said.is_empty(), "{} {tool} {words:?}: {said}", self.target);
        support::stdout(&output)
    }

    /// GNU's tool of the target; `None`, after a counted skip, where it is not installed.
    #[track_caller]
    pub(crate) fn gnu(&self, tool: &str, words: &[&str]) -> Option<Output> {
        let name = format!("{}{tool}", self.prefix);
        if support::which(&name).is_none() {
            support::skip(&format!("compare with {name}"), "it is not installed");
            return None;
        }
        // Dates are shown in the zone of whoever looks.
        Some(
            Command::new(name)
                .envs([("LC_ALL", "C"), ("TZ", "UTC")])
                .current_dir(&self.dir)
                .args(words)
                .output()
                .unwrap(),
        )
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.dir.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// What the program prints, or `None` where nothing here can run it.
    #[track_caller]
    pub(crate) fn runs(&self, program: &str) -> Option<String> {
        let mut command = support::runner(self.target, &self.dir.join(program))?;
        Some(support::stdout(&support::run(command.current_dir(&self.dir))).replace('\r', ""))
    }
}

/// Options by tool. Each is tried on every file that GNU's tool of the target can read.
const CASES: &[(&str, &[&str])] = &[
    (
        "nm",
        &[
            "",
            "-a",
            "-g",
            "-u",
            "-D",
            "-P",
            "-A",
            "--defined-only",
            "-f sysv",
            "-n",
            "-r",
            "-p",
            "-t d",
            "-P -A",
            "-j",
            "-S",
            "-W",
            "-gu",
            "-C",
        ],
    ),
    ("size", &["", "-A", "-x", "-o", "-t", "-G", "--common"]),
    ("strings", &["-d", "-n 8 -t x"]),
    ("objdump", &["-f", "-h", "-h -w", "-p", "-t", "-r", "-a", "-s", "-s -j .data", "-C -t"]),
];

#[test]
fn what_the_readers_print_of_pe_is_what_gnus_print() {
    let mut wrong = Vec::new();
    for (target, _) in TARGETS {
        let built = built(target);
        let objects = if *target == "aarch64-windows-gnu" { &[] } else { OBJECTS };
        for (tool, options) in CASES {
            for option in *options {
                for file in objects.iter().chain(IMAGES) {
                    // They take an aarch64 image's addresses of imports for half as long as they are.
                    if *option == "-p" && objects.is_empty() {
                        continue;
                    }
                    let mut words: Vec<&str> = option.split_whitespace().collect();
                    words.push(file);
                    let Some(theirs) = built.gnu(tool, &words) else { continue };
                    let ours = built.xcc(tool, &words);
                    let (a, b) = (support::stdout(&ours), support::stdout(&theirs));
                    if a != b || ours.status.code() != theirs.status.code() {
                        wrong.push(format!("{target} {tool} {words:?}\n{}", difference(&a, &b)));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{} differ", wrong.join("\n"), wrong.len());
}

/// Types and names in words and in numbers, several languages, strings.
#[test]
fn resources_are_shown_as_gnu_shows_them() {
    let built = built(X64);
    built.ok("windres", &["windows.rc", "-O", "coff", "-o", "resources.o"]);
    built.ok("cc", &["sample.o", "resources.o", "-o", "resources.exe"]);
    let ours = built.ok("objdump", &["-p", "resources.exe"]);
    assert!(ours.contains("]: NAMED, Value: 0x8") && ours.contains("Language Table: "), "{ours}");
    if let Some(theirs) = built.gnu("objdump", &["-p", "resources.exe"]) {
        let theirs = support::stdout(&theirs);
        assert!(ours == theirs, "{}", difference(&ours, &theirs));
    }
}

/// libtool takes a file for an import library by these three.
#[test]
fn import_libraries_answer_libtools_questions() {
    for (target, format) in
        [(X64, "pe-x86-64"), ("x86-windows-gnu", "pe-i386"), ("aarch64-windows-gnu", "pe-aarch64-little")]
    {
        let built = built(target);
        let first: Vec<String> =
            built.ok("objdump", &["-f", "libnumber.dll.a"]).lines().take(10).map(str::to_owned).collect();
        assert!(first.iter().any(|line| line.ends_with(&format!("file format {format}"))), "{first:?}");
        assert!(built.ok("nm", &["-f", "posix", "-A", "libnumber.dll.a"]).contains(" I "));
        assert!(built.ok("nm", &["-B", "libnumber.dll.a"]).contains(" I __NULL_IMPORT_DESCRIPTOR"));
        let name = built.ok("objdump", &["-s", "-j", ".idata$6", "libnumber.dll.a"]);
        assert!(name.contains("number.dll."), "{name}");
        let list = built.ok("nm", &["-g", "libnumber.dll.a"]);
        let prefix = if target.starts_with("x86-") { "_" } else { "" };
        for symbol in
            [format!(" I __imp_{prefix}number"), format!(" T {prefix}twice"), format!(" I __imp_{prefix}twice")]
        {
            assert!(list.lines().any(|line| line.ends_with(&symbol)), "{target} {symbol}: {list}");
        }
        if target == "aarch64-windows-gnu" {
            continue;
        }
        for words in [&["libnumber.dll.a"][..], &["-P", "-A", "libnumber.dll.a"], &["-g", "libnumber.dll.a"]] {
            let Some(theirs) = built.gnu("nm", words) else { continue };
            let (ours, theirs) = (built.ok("nm", words), support::stdout(&theirs));
            assert_eq!(ours, theirs, "{target} {words:?}: {}", difference(&ours, &theirs));
        }
    }
}

/// A file's name in the string table, and records behind the symbols of functions: clang writes neither.
#[test]
fn objects_of_gnus_assembler_are_read_and_written() {
    let built = built(X64);
    let source = ".file \"a_source_file_with_a_long_name.c\"\n.text\n.def f; .scl 3; .type 32; .endef\nf: call g\nret\n\
                  .globl g\n.def g; .scl 2; .type 32; .endef\ng: ret\n.section .a_long_section,\"dr\"\n.long f\n";
    fs::write(built.dir.join("gnu.s"), source).unwrap();
    let Some(made) = built.gnu("as", &["gnu.s", "-o", "gnu.o"]) else { return };
    assert!(made.status.success(), "{}", support::stderr(&made));
    let theirs = |file: &str| support::stdout(&built.gnu("objdump", &["-t", "-r", "-s", file]).unwrap());
    let ours = |file: &str| built.ok("objdump", &["-t", "-r", "-s", file]);
    assert!(ours("gnu.o") == theirs("gnu.o"), "{}", difference(&ours("gnu.o"), &theirs("gnu.o")));
    assert!(ours("gnu.o").contains(" a_source_file_with_a_long_name.c\n"), "{}", ours("gnu.o"));
    built.ok("objcopy", &["--redefine-sym", "g=another_name_that_is_long", "gnu.o", "copy.o"]);
    assert!(ours("copy.o") == theirs("copy.o"), "{}", difference(&ours("copy.o"), &theirs("copy.o")));
    let expected = ours("gnu.o").replace(" g\n", " another_name_that_is_long\n").replace("gnu.o", "copy.o");
    assert!(ours("copy.o") == expected, "{}", difference(&ours("copy.o"), &expected));
}

/// clang writes one only when it has to; GNU's objcopy makes one of any object.
#[test]
fn objects_with_many_sections_are_read_and_written() {
    let built = built(X64);
    let Some(made) = built.gnu("objcopy", &["-O", "pe-bigobj-x86-64", "sample.o", "big.o"]) else { return };
    assert!(made.status.success());
    assert!(built.ok("objdump", &["-f", "big.o"]).contains("file format pe-bigobj-x86-64"));
    // GNU's lose half a word of a weak symbol's record here.
    let same = |words: &[&str]| {
        let lines = |text: String| -> String {
            text.lines().filter(|line| !line.starts_with("AUX lnno")).map(|line| format!("{line}\n")).collect()
        };
        let (tool, words) = words.split_first().unwrap();
        let theirs = lines(support::stdout(&built.gnu(tool, words).unwrap()));
        let ours = lines(built.ok(tool, words));
        assert!(ours == theirs, "{tool}: {}", difference(&ours, &theirs));
    };
    for words in [&["nm", "-a", "big.o"][..], &["objdump", "-h", "-t", "-r", "big.o"], &["size", "big.o"]] {
        same(words);
    }
    built.ok("strip", &["--strip-unneeded", "-o", "big.stripped.o", "big.o"]);
    assert!(!built.ok("objdump", &["-h", "big.stripped.o"]).contains(".debug"));
    same(&["objdump", "-h", "-t", "-r", "big.stripped.o"]);
    built.ok("cc", &["big.stripped.o", "-o", "big.exe"]);
    assert_eq!(built.runs("big.exe"), built.runs("sample.exe"));
}
