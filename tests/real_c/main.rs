//! C and C++ through xcc and into the running program: each test protects one sentence that a user of gcc or clang
//! takes for granted. The programs are in `testdata/projects/c`.

#[path = "../support/elf.rs"]
mod elf;
#[path = "../support/mod.rs"]
mod support;

mod command_line;
mod cxx;
mod dynamic_musl;
mod libraries;
mod linking;
mod meaning;
mod refusals;
mod shapes;
mod targets;
mod zig_cc;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use elf::Elf;

/// A target, and a directory of its own with a copy of the programs.
struct Work {
    target: &'static str,
    dir: PathBuf,
    /// What `XCC_BACKEND` says.
    backend: &'static str,
}

impl Work {
    fn new(target: &'static str) -> Work {
        Work { target, dir: support::project("c"), backend: "direct" }
    }

    /// One of the target's tools with `words` as arguments, in the directory; a tool is `cc`, `c++`, `ar`, ….
    fn tool(&self, tool: &str, words: &str) -> Command {
        let mut command = support::command(support::xcc(&format!("xcc-{}-{tool}", self.target)));
        command.current_dir(&self.dir).env("XCC_BACKEND", self.backend).args(words.split_whitespace());
        command
    }

    /// Runs the C compiler, which must succeed and say nothing.
    #[track_caller]
    fn cc(&self, words: &str) {
        quiet(&mut self.tool("cc", words));
    }

    /// Runs the C++ compiler, which must succeed and say nothing.
    #[track_caller]
    fn cxx(&self, words: &str) {
        quiet(&mut self.tool("c++", words));
    }

    /// Runs the C compiler, which must fail; what it said.
    #[track_caller]
    fn cc_fails(&self, words: &str) -> String {
        support::stderr(&support::run_fails(&mut self.tool("cc", words)))
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs a program that was built; what it printed, or `None` where nothing here can run it.
    #[track_caller]
    fn runs(&self, exe: &str, args: &[&str]) -> Option<String> {
        let mut command = support::runner(self.target, &self.path(exe))?;
        Some(support::stdout(&support::run(command.current_dir(&self.dir).args(args))))
    }

    /// Runs a program that was built and compares what it printed.
    #[track_caller]
    fn prints(&self, exe: &str, args: &[&str], expected: &str) {
        if let Some(printed) = self.runs(exe, args) {
            assert_eq!(printed.trim_end(), expected, "{exe} of {}", self.target);
        }
    }
}

/// Runs it; it must exit 0 and print nothing.
#[track_caller]
fn quiet(command: &mut Command) -> Output {
    let output = support::run(command);
    assert!(
        output.stdout.is_empty() && output.stderr.is_empty(),
        "not silent: {}",
        support::describe(command, &output)
    );
    output
}

/// Asks one question of an ELF file.
fn inspect<T>(path: &Path, question: impl FnOnce(&Elf) -> T) -> T {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    question(&Elf::parse(&bytes))
}
