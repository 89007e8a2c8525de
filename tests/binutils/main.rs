//! The tools that read and rewrite objects, held up against GNU binutils: what they print, line for line, and what they
//! write, by what is in it and by whether it still runs. The files come from xcc itself, for little and big endian, 32
//! and 64 bits. The programs are in `testdata/projects/binutils`.

#[path = "../support/fuzz.rs"]
mod fuzz;
#[path = "../support/mod.rs"]
mod support;

mod archives;
mod broken;
mod copies;
mod readers;
mod refusals;
mod windows;
mod windows_copies;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock};

/// Targets, and the prefix of GNU's tools for them. Between them: both byte orders, both widths, `REL` and `RELA`.
const TARGETS: &[(&str, &str)] = &[
    ("x86_64-linux-gnu", ""),
    ("aarch64-linux-gnu", "aarch64-linux-gnu-"),
    ("arm-linux-gnueabihf", "arm-linux-gnueabihf-"),
    ("s390x-linux-gnu", "s390x-linux-gnu-"),
];

/// The built files of a target: `sample.o`, `names.o`, `sample`, `libnumber.so`.
struct Built {
    target: &'static str,
    prefix: &'static str,
    dir: PathBuf,
}

const FILES: &[&str] = &["sample.o", "names.o", "sample", "libnumber.so"];

fn built(target: &'static str) -> &'static Built {
    static ALL: Mutex<Vec<&'static Built>> = Mutex::new(Vec::new());
    let mut all = ALL.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(built) = all.iter().find(|built| built.target == target) {
        return built;
    }
    let prefix = TARGETS.iter().find(|row| row.0 == target).map_or("", |row| row.1);
    let built: &'static Built = Box::leak(Box::new(Built { target, prefix, dir: support::project("binutils") }));
    let run = |tool: &str, words: &str| {
        let mut command = support::command(support::xcc(&format!("xcc-{target}-{tool}")));
        support::run(command.current_dir(&built.dir).args(words.split_whitespace()));
    };
    run("cc", "-g -O1 -fcommon -ffunction-sections -c sample.c -o sample.o");
    run("c++", "-g -O1 -c names.cc -o names.o");
    run("cc", "-g -O1 -Wl,--build-id sample.o -o sample");
    run("cc", "-g -shared -fPIC -Wl,-soname,libnumber.so.1 -Wl,--version-script=library.map library.c -o libnumber.so");
    all.push(built);
    built
}

impl Built {
    /// One of xcc's tools in the directory.
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

    /// GNU's tool of the target; `None`, after a counted skip, where it is not installed.
    #[track_caller]
    fn gnu(&self, tool: &str, words: &[&str]) -> Option<Output> {
        let name = format!("{}{tool}", self.prefix);
        if support::which(&name).is_none() {
            support::skip(&format!("compare with {name}"), "it is not installed");
            return None;
        }
        Some(Command::new(name).env("LC_ALL", "C").current_dir(&self.dir).args(words).output().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{}: {error}", self.path(name).display()))
    }

    /// What the program prints, or `None` where nothing here can run it.
    #[track_caller]
    fn runs(&self, program: &str) -> Option<String> {
        let mut command = support::runner(self.target, &self.path(program))?;
        Some(support::stdout(&support::run(&mut command)))
    }
}

/// A name for a file that no other test uses.
fn fresh(stem: &str) -> String {
    static NEXT: OnceLock<std::sync::atomic::AtomicU32> = OnceLock::new();
    let next = NEXT.get_or_init(Default::default).fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("{stem}.{next}")
}

/// The first lines that differ.
fn difference(ours: &str, theirs: &str) -> String {
    let mut text = String::new();
    for (number, (a, b)) in ours.lines().zip(theirs.lines()).enumerate().filter(|(_, (a, b))| a != b).take(4) {
        text.push_str(&format!("line {number}\n  xcc {a}\n  gnu {b}\n"));
    }
    format!("{text}{} lines against {}", ours.lines().count(), theirs.lines().count())
}

/// The mode of a file.
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
