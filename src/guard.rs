//! Guard rails: what a compiler takes or makes, and that is seldom meant in a cross build. Each is a row, with a level that
//! `[guard]` in `xcc.toml` and `XCC_GUARD` set. Words of a command line are looked at before the call, what only the finished
//! file has after a link (`guard/output.rs`).
//!
//! Nothing is changed: the call goes on as it was written, or not at all.

pub(crate) mod output;

use std::io::{IsTerminal, Write};

use crate::args::{Arg, Meaning};
use crate::backend::Invocation;
use crate::error::{Error, Result};
use crate::probe;
use crate::target::Target;

/// What is done about a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Level {
    Off,
    /// A warning where somebody sees it: standard error is a terminal.
    #[default]
    Seen,
    /// A warning, always.
    Warn,
    Error,
}

/// One guard rail.
pub(crate) struct Guard {
    /// In `xcc.toml`.
    pub(crate) name: &'static str,
    /// Is the last of these arguments wrong? None is, where the guard is about the file that is linked.
    find: fn(&[Arg<'_>], Target) -> bool,
    why: &'static str,
    help: &'static str,
}

pub(crate) const GUARDS: &[Guard] = &[
    Guard {
        name: "native-cpu",
        find: is_native,
        why: "it chooses the processor of the machine that builds",
        help: "name a processor or a level that every machine of the target has, or leave it out",
    },
    Guard {
        name: "host-directories",
        find: is_of_host,
        why: "it has the headers or libraries of the machine that builds",
        help: "name a directory of the target's; 'xcc sysroot add' has packages of Debian and Ubuntu for it",
    },
    Guard {
        name: "newer-glibc",
        find: |_, _| false,
        why: "the program would not start with the oldest glibc that it shall run on",
        help: "use a target of that version, or set 'newest-glibc' anew",
    },
    Guard {
        name: "host-paths",
        find: |_, _| false,
        why: "it says where and by whom it was built, and makes two builds differ",
        help: "compile with '-ffile-prefix-map=DIRECTORY=.', or strip debugging information; 'xcc inspect' lists all",
    },
];

const NEWER_GLIBC: usize = 2;
const HOST_PATHS: usize = 3;

/// Levels by the rows of [`GUARDS`], and the limit of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Levels {
    levels: [Level; GUARDS.len()],
    /// The newest glibc 2.x that a program may need.
    newest_glibc: Option<u32>,
}

/// Something that was found.
pub(crate) struct Finding {
    pub(crate) guard: &'static Guard,
    level: Level,
    /// What, and why it is here.
    pub(crate) text: String,
}

impl Finding {
    fn new(row: usize, level: Level, what: &str) -> Finding {
        let guard = &GUARDS[row];
        Finding { guard, level, text: format!("{what}: {}", guard.why) }
    }
}

impl Levels {
    /// Sets one: `native-cpu` to `error`, or `newest-glibc` to `2.28`.
    ///
    /// # Errors
    /// What is wrong with the name or the value.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> std::result::Result<(), String> {
        if name == "newest-glibc" {
            let minor = value.strip_prefix("2.").and_then(|minor| minor.parse().ok());
            self.newest_glibc =
                Some(minor.ok_or_else(|| format!("newest-glibc: '{value}' is no version such as \"2.28\""))?);
            return Ok(());
        }
        let Some(row) = GUARDS.iter().position(|guard| guard.name == name) else {
            let names: Vec<&str> = GUARDS.iter().map(|guard| guard.name).collect();
            return Err(format!("'{name}' is no guard; there are {} and newest-glibc", names.join(", ")));
        };
        self.levels[row] = match value {
            "off" => Level::Off,
            "warn" => Level::Warn,
            "error" => Level::Error,
            _ => return Err(format!("{name}: '{value}' is not 'off', 'warn' or 'error'")),
        };
        Ok(())
    }

    /// What [`Levels::set_all`] makes these of; empty for those of nobody's choice.
    pub(crate) fn text(&self) -> String {
        let level = |(guard, level): (&Guard, &Level)| {
            let word = match level {
                Level::Off => "off",
                Level::Seen => return None,
                Level::Warn => "warn",
                Level::Error => "error",
            };
            Some(format!("{}={word}", guard.name))
        };
        let limit = self.newest_glibc.map(|minor| format!("newest-glibc=2.{minor}"));
        GUARDS.iter().zip(&self.levels).filter_map(level).chain(limit).collect::<Vec<_>>().join(",")
    }

    /// Sets those of `native-cpu=error,newest-glibc=2.28`.
    ///
    /// # Errors
    /// As [`Levels::set`].
    pub(crate) fn set_all(&mut self, text: &str) -> std::result::Result<(), String> {
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let (name, value) = word.split_once('=').ok_or_else(|| format!("'{word}' is not NAME=LEVEL"))?;
            self.set(name, value)?;
        }
        Ok(())
    }
}

/// What the guards find in a command line.
///
/// # Errors
/// The first finding whose level is that.
pub(crate) fn check(invocation: &Invocation<'_>, levels: &Levels) -> Result<Vec<Finding>> {
    let target = invocation.target;
    let mut findings: Vec<Finding> = Vec::new();
    let mut add = |row: usize, what: String| {
        let (level, name) = (levels.levels[row], GUARDS[row].name);
        if level != Level::Off && !findings.iter().any(|other| other.guard.name == name) {
            findings.push(Finding::new(row, level, &what));
        }
    };
    for (at, arg) in invocation.args.iter().enumerate().filter(|(_, arg)| arg.value.is_some()) {
        for (row, guard) in GUARDS.iter().enumerate() {
            if (guard.find)(&invocation.args[..=at], target) && is_cross(target) {
                add(row, format!("'{}' for target '{target}'", arg.spelling()));
            }
        }
    }
    match findings.iter().find(|finding| finding.level == Level::Error) {
        Some(finding) => Err(refuse(finding)),
        None => Ok(findings),
    }
}

/// The error that a finding of that level is.
fn refuse(finding: &Finding) -> Error {
    let guard = finding.guard;
    let help = format!("{}; '{} = \"off\"' in [guard] of xcc.toml allows it", guard.help, guard.name);
    Error::with_help(finding.text.clone(), help)
}

/// Warns of what was found.
pub(crate) fn warn(findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    let seen = std::io::stderr().is_terminal();
    for finding in findings.iter().filter(|finding| finding.level == Level::Warn || seen) {
        // A warning that cannot be written is no reason not to compile.
        let _ = writeln!(std::io::stderr(), "xcc: warning: {}\nxcc: help: {}", finding.text, finding.guard.help);
    }
}

/// Is what is built for other machines than this one? A version of glibc in the name says so too.
fn is_cross(target: Target) -> bool {
    target.glibc.is_some() || Target::host().is_ok_and(|host| host.row != target.row)
}

fn is_native(args: &[Arg<'_>], _: Target) -> bool {
    args.last().is_some_and(|arg| {
        matches!(arg.meaning(), Some(Meaning::March | Meaning::Mcpu | Meaning::Mtune)) && arg.text() == "native"
    })
}

/// Options that name directories of headers: all of what is below counts, because each package has its own.
const HEADERS: &[&str] = &["-I", "-isystem", "-iquote", "-idirafter", "-cxx-isystem"];

/// Where this machine's own headers and libraries are.
const HEADER_DIRS: &[&str] = &["/usr/include", "/usr/local/include"];
const LIBRARY_DIRS: &[&str] = &["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/local/lib64"];

/// Linker's options beside `-L` that name a directory to search, joined by `=` or in the next word. `-rpath` names one of the
/// target's machine.
const SEARCHED: &[&str] = &["-library-path", "-rpath-link"];

fn is_of_host(args: &[Arg<'_>], target: Target) -> bool {
    let Some((arg, before)) = args.split_last() else { return false };
    let option = arg.words[0].text.as_encoded_bytes();
    match arg.meaning() {
        Some(Meaning::Linker) => {
            let is_linkers = |arg: &&Arg<'_>| arg.meaning() == Some(Meaning::Linker);
            let earlier = before.last().filter(is_linkers).and_then(|arg| arg.text().rsplit(',').next());
            searched(earlier.unwrap_or(""), arg.text()).any(|dir| has_libraries(dir, target))
        }
        Some(Meaning::ProgramPrefix) => has_libraries(arg.text(), target),
        // A library or an object by its path.
        None if arg.is_input() => arg.text().rsplit_once('/').is_some_and(|(dir, _)| has_libraries(dir, target)),
        _ if option.starts_with(b"-L") => has_libraries(arg.text(), target),
        _ if HEADERS.iter().any(|name| option.starts_with(name.as_bytes())) => has_headers(arg.text(), target),
        _ => false,
    }
}

/// The directories that linker's words search, of which `earlier` is the one before them.
fn searched<'a>(earlier: &'a str, words: &'a str) -> impl Iterator<Item = &'a str> {
    let mut earlier = earlier;
    words.split(',').filter_map(move |word| {
        let option = std::mem::replace(&mut earlier, word);
        let single = |word: &'a str| if word.starts_with("--") { &word[1..] } else { word };
        if option == "-L" || SEARCHED.contains(&single(option)) {
            return Some(word);
        }
        let joined = |name: &&str| single(word).strip_prefix(*name)?.strip_prefix('=');
        // What is left of `-L=dir` is in the sysroot.
        word.strip_prefix("-L").or_else(|| SEARCHED.iter().find_map(joined)).filter(|dir| dir.starts_with('/'))
    })
}

fn has_libraries(dir: &str, target: Target) -> bool {
    let Some(dir) = plain(dir) else { return false };
    // Debian has those of other machines beside its own, and GCC's below a name of the machine.
    let of_other = |rest: &str| rest.split('/').any(is_triple) && !is_of_target(rest, target);
    let below = |top: &&str| dir.strip_prefix(*top).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    LIBRARY_DIRS.iter().filter_map(below).any(|rest| rest.is_empty() || of_other(rest))
}

fn has_headers(dir: &str, target: Target) -> bool {
    let Some(dir) = plain(dir) else { return false };
    let below = |top: &&str| dir.strip_prefix(*top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    HEADER_DIRS.iter().any(below) && !is_of_target(&dir, target)
}

/// An absolute path without `.`, `..` and doubled slashes; links are not followed.
fn plain(dir: &str) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in dir.strip_prefix('/')?.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    Some(names.iter().flat_map(|name| ["/", name]).collect())
}

fn is_of_target(path: &str, target: Target) -> bool {
    path.split('/').any(|name| name == probe::multiarch(target) || name == probe::gnu_triple(target))
}

/// `x86_64-linux-gnu`, `x86_64-redhat-linux`.
fn is_triple(name: &str) -> bool {
    name.contains("-linux-") || name.ends_with("-linux")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{self, Word};

    #[test]
    fn a_level_is_set_by_name() {
        let mut levels = Levels::default();
        levels.set_all("native-cpu=error, newest-glibc=2.28").unwrap();
        assert_eq!((levels.levels[0], levels.levels[1], levels.newest_glibc), (Level::Error, Level::Seen, Some(28)));
        for (text, error) in [
            ("native-cpu", "NAME=LEVEL"),
            ("native=off", "is no guard"),
            ("native-cpu=on", "is not 'off'"),
            ("newest-glibc=3", "no version"),
        ] {
            assert!(levels.set_all(text).unwrap_err().contains(error), "{text}");
        }
        assert_eq!([NEWER_GLIBC, HOST_PATHS].map(|row| GUARDS[row].name), ["newer-glibc", "host-paths"]);
    }

    #[test]
    fn directories_of_the_host_are_found_however_they_are_written() {
        let target = Target::parse("riscv64-linux-gnu").unwrap();
        let found = |line: &str| {
            let words: Vec<Word> = line.split(' ').map(|text| Word { text: text.into(), file: None }).collect();
            let args = args::parse(&words).unwrap();
            (1..=args.len()).any(|end| is_of_host(&args[..end], target))
        };
        for line in [
            "-I/tmp/../usr/include",
            "-I//usr/./include/",
            "-B/usr/lib",
            "-L/usr/lib/gcc/x86_64-linux-gnu/12",
            "-L/usr/lib/gcc/x86_64-redhat-linux/14",
            "-Wl,-L/usr/lib",
            "-Wl,-L,/usr/lib",
            "-Wl,-rpath-link,/usr/lib",
            "-Wl,--rpath-link=/usr/lib",
            "-Wl,-rpath-link -Wl,/usr/lib",
            "-Xlinker -rpath-link -Xlinker /usr/lib",
            "-Wl,-z,now,--library-path=/usr/lib/x86_64-linux-gnu",
            "/usr/lib/x86_64-linux-gnu/libz.a",
            "/lib/libz.so.1",
        ] {
            assert!(found(line), "{line}");
        }
        for line in [
            "-I/tmp/../usr/riscv64-linux-gnu/include",
            "-I/usr/included",
            "-B/usr/lib/gcc-cross/riscv64-linux-gnu/12",
            "-L/usr/lib/gcc-cross/riscv64-linux-gnu/12",
            "-L/usr/lib/../../opt/lib",
            "-L=/usr/lib",
            "-Wl,-L=/usr/lib",
            "-Wl,-rpath,/usr/lib",
            "-Wl,-rpath -Wl,/usr/lib",
            "-Wl,-dynamic-linker,/lib64/ld-linux-x86-64.so.2",
            "-Wl,-Lusr/lib",
            "/usr/lib/riscv64-linux-gnu/libz.a",
            "/usr/lib/jvm/libjvm.so",
            "usr/lib/libz.a",
            "-o /usr/lib/libz.so",
        ] {
            assert!(!found(line), "{line}");
        }
    }
}
