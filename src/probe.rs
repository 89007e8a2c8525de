//! Questions that xcc answers itself: what it is (`--version`), what it would run (`-###`), which linker it has
//! (`-Wl,--version`), and where a tool or a file of the target is (`-print-…`). No answer names the host's own compiler.
//!
//! Go, ccache and sccache key their caches on the version line, so it names everything that changes the output: xcc,
//! zig, the target with its libc, and a digest of the configuration. Where clang and gcc answer differently the answer
//! is clang's, because that is what the version line says; gcc's where clang has no such option. Answers that name
//! files of the sysroot make it when it is missing: who asks for `libc.so` is about to open it. The others start and
//! make nothing. What only clang knows (`--print-supported-cpus`) clang is asked, without a sysroot.

mod table;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::args::{Arg, Meaning};
use crate::backend::{Plan, Setup};
use crate::command::Command;
use crate::config::Config;
use crate::dirs;
use crate::driver::Machine;
use crate::error::{Error, Result};
use crate::facts::Facts;
use crate::links;
use crate::personality;
use crate::sysroot::{Component, MACOS_BUILTINS};
use crate::target::Target;
use table::{EFFECTIVE, QUESTIONS, TRIPLES, TWO_WORDS};

/// An answer: the texts for standard output and standard error, and the exit status.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: i32,
}

/// What a driver can be asked. Many spellings share one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Question {
    DumpMachine,
    DumpVersion,
    Version,
    /// Known to clang alone, and asked of it.
    OfClang,
    SearchDirs,
    FileName,
    ProgName,
    LibgccFileName,
    RuntimeDir,
    MultiLib,
    MultiDirectory,
    ResourceDir,
    TargetTriple,
    EffectiveTriple,
    Multiarch,
    Sysroot,
}

/// A question as it was put: `rank` is its row in the table, the lowest of a command line is answered first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    rank: usize,
    pub(crate) question: Question,
    value: &'a str,
}

impl<'a> Asked<'a> {
    /// The one of two on a command line that is answered; of equals the later.
    pub(crate) fn before(self, earlier: Option<Asked<'a>>) -> Asked<'a> {
        earlier.filter(|other| other.rank < self.rank).unwrap_or(self)
    }
}

/// What the linker is asked through the driver, without anything to link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum LinkerQuestion {
    /// `-Wl,--version`.
    Version,
    /// `-Wl,-v`: the version, and then the link.
    Verbose,
    /// `-Wl,--help`.
    Help,
}

/// Who answers.
pub(crate) enum Reply {
    Answer(Answer),
    /// clang does, with the command line as it is; it needs no sysroot.
    Clang,
    /// Another program of zig's.
    Run(Command),
}

/// The question that an argument is, if it is one.
pub(crate) fn read<'a>(arg: &Arg<'a>) -> Option<Asked<'a>> {
    let word = arg.words[0].text.to_str()?;
    let single = word.strip_prefix('-').filter(|rest| rest.starts_with('-')).unwrap_or(word);
    if arg.words.len() == 2 {
        let name = TWO_WORDS.iter().find(|name| **name == single)?;
        let rank = QUESTIONS.iter().position(|row| row.word.strip_suffix('=') == Some(name))?;
        return Some(Asked { rank, question: QUESTIONS[rank].question, value: arg.text() });
    }
    if word == "-version" {
        return None;
    }
    let value_of = |row: &table::Row| {
        let value = single.strip_prefix(row.word)?;
        (value.is_empty() || row.word.ends_with('=')).then_some(value)
    };
    QUESTIONS
        .iter()
        .enumerate()
        .find_map(|(rank, row)| Some(Asked { rank, question: row.question, value: value_of(row)? }))
}

/// What one word for the linker asks.
pub(crate) fn read_linker(word: &str) -> Option<LinkerQuestion> {
    match word {
        "--version" | "-version" | "-V" => Some(LinkerQuestion::Version),
        "-v" => Some(LinkerQuestion::Verbose),
        "--help" | "-help" => Some(LinkerQuestion::Help),
        _ => None,
    }
}

/// Go's cmd/go takes the first word that starts with a digit after `version`; CMake and Meson look for
/// `clang version N.M`.
pub(crate) fn version_line(clang: &str, maker: &str, target: Target, config: &Config) -> String {
    let (own, digest) = (env!("CARGO_PKG_VERSION"), config.digest());
    format!("clang version {clang} (xcc {own} {maker} {} cfg:{digest})", target.full_name())
}

/// `--version` on standard output, `-v` on standard error, as clang has them.
fn version(line: &str, target: Target, zig: &Path) -> String {
    let directory = zig.parent().unwrap_or(zig).display();
    format!("{line}\nTarget: {}\nThread model: posix\nInstalledDir: {directory}\n", target.row.clang)
}

/// `-###`: the version and the command, on standard error as clang has it.
pub(crate) fn hash_hash_hash(line: &str, target: Target, plan: &Plan) -> Answer {
    let about = format!("Target: {}\nThread model: posix\n", target.row.clang);
    Answer { stderr: format!("{line}\n{about}{}\n", plan.command.quoted()), ..Answer::default() }
}

/// What a command line asks, and all that an answer is made of.
pub(crate) struct Probe<'a> {
    pub(crate) target: Target,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) config: &'a Config,
    pub(crate) setup: &'a Setup,
    pub(crate) machine: &'a dyn Machine,
}

impl Probe<'_> {
    /// The reply to a command line that asks instead of building; `None` for one that builds, and where clang is asked
    /// something that xcc does not know.
    ///
    /// # Errors
    /// What making a sysroot or a link to xcc can fail with, and a linker that xcc is not.
    pub(crate) fn reply(&self) -> Result<Option<Reply>> {
        let facts = self.facts;
        if let Some(asked) = facts.asked {
            let Some(stdout) = self.answer(asked)? else { return Ok(Some(Reply::Clang)) };
            // clang says who it is before it answers; to `--version` once.
            let stderr =
                if facts.verbose && asked.question != Question::Version { self.about()? } else { String::new() };
            return Ok(Some(Reply::Answer(Answer { stdout, stderr, status: 0 })));
        }
        if facts.hash_hash_hash {
            return Ok(None);
        }
        if let Some(question) = facts.linker_question {
            return self.of_linker(question).map(Some);
        }
        if facts.verbose && !facts.has_input && !facts.links && !facts.probes {
            return Ok(Some(Reply::Answer(Answer { stderr: self.about()?, ..Answer::default() })));
        }
        Ok(None)
    }

    fn about(&self) -> Result<String> {
        Ok(version(&self.version_line()?, self.target, &self.setup.zig.path))
    }

    pub(crate) fn version_line(&self) -> Result<String> {
        let clang = self.machine.clang_version(self.setup)?;
        Ok(version_line(&clang, &self.machine.maker(self.setup)?, self.target, self.config))
    }

    /// The text for standard output; `None` leaves it to clang.
    fn answer(&self, asked: Asked<'_>) -> Result<Option<String>> {
        let row = self.target.row;
        let line = |text: &str| Ok(Some(format!("{text}\n")));
        match asked.question {
            Question::OfClang => Ok(None),
            Question::Version => self.about().map(Some),
            Question::DumpMachine => line(triples(self.target).0),
            Question::Multiarch => line(triples(self.target).1),
            Question::DumpVersion => line(&self.machine.clang_version(self.setup)?),
            Question::TargetTriple => line(row.clang),
            // A processor or an instruction set that the user chooses is a part of it.
            Question::EffectiveTriple if self.facts.chose_machine => Ok(None),
            Question::EffectiveTriple => line(&effective_triple(row.clang)),
            Question::ProgName => line(&self.machine.program(asked.value, self.target, self.setup)?),
            // One set of libraries, in the directory itself.
            Question::MultiDirectory => line("."),
            Question::MultiLib => line(".;"),
            Question::Sysroot => match self.facts.sysroot {
                Some(dir) => line(&dir.to_string_lossy()),
                None if self.setup.osxcross.is_some() => line(&self.setup.sysroot.to_string_lossy()),
                None => line(&self.target.root(self.sysroot(&[Component::Base])?).to_string_lossy()),
            },
            // osxcross's directories are its own.
            _ if self.setup.osxcross.is_some() => Ok(None),
            // The user's own directories are searched as clang searches them.
            _ if self.facts.sysroot.is_some() || self.facts.resource_dir || self.facts.program_prefix => Ok(None),
            Question::ResourceDir => line(&self.sysroot(&[Component::Base])?.join("lib/clang").to_string_lossy()),
            Question::RuntimeDir => line(&self.library_dirs(&[Component::Base])?[1].to_string_lossy()),
            Question::SearchDirs => {
                let programs = self.setup.linker.parent().unwrap_or(Path::new(""));
                let libraries: Vec<_> =
                    self.library_dirs(&[Component::Base])?.iter().map(|dir| dir.display().to_string()).collect();
                line(&format!("programs: ={}\nlibraries: ={}", programs.display(), libraries.join(":")))
            }
            // GCC's name, because what is done with the answer is `-L$(dirname …) -lgcc`.
            Question::LibgccFileName if self.target.is_macos() => {
                line(&self.sysroot(&[Component::Base])?.join(MACOS_BUILTINS).to_string_lossy())
            }
            Question::LibgccFileName => line(&self.file("libgcc.a")?),
            Question::FileName => line(&self.file(asked.value)?),
        }
    }

    /// The sysroot, with what is asked for made.
    fn sysroot(&self, components: &[Component]) -> Result<&Path> {
        self.machine.make(self.target, self.setup, components)?;
        Ok(&self.setup.sysroot)
    }

    /// In clang's order: its resource directory, the runtime libraries in it, the sysroot's libraries.
    fn library_dirs(&self, components: &[Component]) -> Result<[PathBuf; 3]> {
        let sysroot = self.sysroot(components)?;
        let resources = sysroot.join("lib/clang");
        let runtime = if self.target.is_macos() { "darwin" } else { self.target.row.clang };
        Ok([resources.clone(), resources.join("lib").join(runtime), sysroot.join("usr/lib")])
    }

    /// The full path of a file of the target, or the name itself, as gcc and clang answer for one that is not there.
    fn file(&self, name: &str) -> Result<String> {
        let mut components = vec![Component::Base];
        components.extend(Component::of_library(name));
        let dirs = self.library_dirs(&components)?;
        let found = dirs.iter().map(|dir| dir.join(name)).find(|path| self.machine.exists(path));
        Ok(found.map_or_else(|| name.to_owned(), |path| path.display().to_string()))
    }

    /// The linker's version and help without a link, which would need a sysroot.
    fn of_linker(&self, question: LinkerQuestion) -> Result<Reply> {
        let facts = self.facts;
        if self.setup.osxcross.is_some() {
            return Ok(Reply::Clang);
        }
        match facts.fuse_ld {
            _ if facts.ld_path => return Ok(Reply::Clang),
            None | Some("lld" | "ld.lld" | "ld") => {}
            // The host's, if any. Go asks before it uses one of them.
            Some(name @ ("bfd" | "gold")) => {
                return Err(Error::with_help(
                    format!("invalid linker name in argument '-fuse-ld={name}'"),
                    "the linker is LLD, which '-fuse-ld=lld' means",
                ));
            }
            Some(_) => return Ok(Reply::Clang),
        }
        if self.target.is_macos() {
            // The linker is none of zig's, so it says itself which it is.
            let word = match question {
                LinkerQuestion::Help => "--help",
                LinkerQuestion::Version => "--version",
                LinkerQuestion::Verbose => "-v",
            };
            // One linker is that of both processors.
            let name = self.target.halves().first().map_or(self.target.row.name, |half| half.row.name);
            let args = ["ld".into(), "-target".into(), name.into(), word.into()].to_vec();
            return Ok(Reply::Run(Command { program: dirs::executable()?.to_owned(), args, set: Vec::new() }));
        }
        if question == LinkerQuestion::Help && self.target.is_windows() {
            return Ok(Reply::Answer(Answer { stdout: crate::mingw_ld::help(), ..Answer::default() }));
        }
        if question == LinkerQuestion::Help {
            let program = self.setup.zig.path.clone();
            let args = vec!["ld.lld".into(), "--help".into()];
            return Ok(Reply::Run(Command { program, args, set: Vec::new() }));
        }
        let mut answer = Answer {
            stdout: format!("LLD {} (compatible with GNU linkers)\n", self.machine.clang_version(self.setup)?),
            ..Answer::default()
        };
        if facts.verbose {
            answer.stderr = self.about()?;
        }
        // After `-v` the link goes on, and of a program without inputs only the start-up code is there. The empty shared
        // library that would come of `-shared` nobody asked for.
        let links_program = !(facts.shared || facts.relocatable || facts.nostdlib || facts.nostartfiles);
        if question == LinkerQuestion::Verbose && links_program {
            answer.stderr.push_str("xcc: error: no input files\n");
            answer.status = 1;
        }
        Ok(Reply::Answer(answer))
    }
}

/// What Go's linker links to see whether an option is there: `trivial.c` in its own temporary directory, for `a.out`
/// beside it. [`gos_link`] makes it a link that needs no sysroot; clang and LLD still say what they think of the option.
pub(crate) fn is_gos_link(args: &[Arg<'_>], facts: &Facts<'_>) -> bool {
    let Some(output) = facts.output.map(Path::new).filter(|output| output.ends_with("a.out")) else { return false };
    let of_go = output.parent().and_then(Path::file_name).and_then(OsStr::to_str);
    let mut inputs = args.iter().filter(|arg| arg.is_input()).map(|arg| arg.value.map(Path::new));
    of_go.is_some_and(|dir| dir.starts_with("go-link-"))
        && inputs.next().flatten() == Some(&output.with_file_name("trivial.c"))
        && inputs.next().is_none()
        && !args.iter().any(|arg| arg.meaning() == Some(Meaning::Library))
}

/// The words that make it one; the entry point is the system's name for the function.
pub(crate) fn gos_link(target: Target) -> &'static [&'static str] {
    // In mingw-w64 a function by the name of main calls one of the C runtime first.
    if target.is_windows() {
        &["-nostdlib", "-Dmain=start", "-Wl,--entry=start"]
    } else if target.is_macos() {
        &["-nostdlib", "-Wl,-e,_main"]
    } else {
        &["-nostdlib", "-Wl,--entry=main"]
    }
}

/// The GNU triple and Debian's multiarch triple.
fn triples(target: Target) -> (&'static str, &'static str) {
    let name = target.row.name;
    TRIPLES.iter().find(|row| row.target == name).map_or((name, name), |row| (row.gnu, row.multiarch))
}

/// The triple of GNU's tools, which configure takes as --host.
pub(crate) fn gnu_triple(target: Target) -> &'static str {
    triples(target).0
}

/// Debian's name of the target's library directories.
pub(crate) fn multiarch(target: Target) -> &'static str {
    triples(target).1
}

fn effective_triple(clang: &str) -> String {
    let changed = EFFECTIVE.iter().find_map(|(from, to)| Some(format!("{to}{}", clang.strip_prefix(from)?)));
    changed.unwrap_or_else(|| clang.to_owned())
}

/// `-print-prog-name=ar`: xcc under the target's name for it, or the name itself, as gcc answers for a program it does
/// not have.
///
/// # Errors
/// [`Error::Io`] where the link to xcc cannot be made.
pub(crate) fn program(name: &str, target: Target, argv0: &OsStr, cache: &Path) -> Result<String> {
    if !personality::is_tool(name) {
        return Ok(name.to_owned());
    }
    let wanted = format!("{target}-{name}");
    let path = beside(argv0, &wanted).map_or_else(|| links::ensure(cache, &wanted), Ok)?;
    Ok(path.display().to_string())
}

/// An installed name in the directory that xcc was called from.
fn beside(argv0: &OsStr, wanted: &str) -> Option<PathBuf> {
    let dir = Path::new(argv0).parent().filter(|dir| dir.is_absolute())?;
    [format!("xcc-{wanted}"), wanted.to_owned()].iter().map(|name| dir.join(name)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triples_are_sorted_spellings_of_their_target() {
        for pair in TRIPLES.windows(2) {
            assert!(pair[0].target < pair[1].target, "{} can't precede {}", pair[0].target, pair[1].target);
        }
        for row in TRIPLES {
            assert!(Target::all().any(|target| target.name == row.target), "{} is no target", row.target);
        }
        for row in Target::all() {
            let target = Target::parse(row.name).unwrap();
            // What is of one processor is arm64's.
            let target = target.halves().first().copied().unwrap_or(target);
            assert_eq!(Target::parse(triples(target).0).unwrap(), target, "-dumpmachine of {}", row.name);
        }
    }

    #[test]
    fn questions_are_unique_and_say_whose_they_are() {
        for (rank, row) in QUESTIONS.iter().enumerate() {
            assert!(row.word.starts_with('-') && !row.word.starts_with("--"), "{}", row.word);
            assert!(
                row.of.starts_with("clang") || row.of.starts_with("gcc") || row.of.starts_with("both"),
                "{}",
                row.word
            );
            assert!(QUESTIONS[..rank].iter().all(|other| other.word != row.word), "{} twice", row.word);
        }
    }
}
