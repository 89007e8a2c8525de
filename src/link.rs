//! What clang's driver makes of a link: it costs a small one as much time as LLD itself, and only names change between two.
//!
//! The shape is the command line without the names of its inputs and of its output, which clang's driver copies to the
//! linker in their order and looks into no further. What it prints for `-###` is kept with gaps for them. A link that
//! says anything else on the way (a warning), that names a toolchain of its own, or whose inputs are not all there goes
//! to clang as ever.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process;

use crate::args::{self, Arg, Meaning, response};
use crate::command::Command;
use crate::env::{self, Env};
use crate::facts::Facts;
use crate::zig::{self, Zig};

/// How many lines are kept: more than a project has, and a shape that meets another in its slot is asked for again.
const SLOTS: u64 = 4096;

/// Below this size of all inputs, in bytes, LLD's threads cost more than they save.
const SMALL: u64 = 1 << 20;

/// Options by whose presence clang's line depends on names or files beyond the shape.
const DEPENDS: &[&str] = &[
    "--config",
    "--save-temps",
    "-B",
    "-Xarch_",
    "-Xclang",
    "-fcrash",
    "-fsave-optimization-record",
    "-foptimization-record",
    "-fthinlto-index",
    "-ftime-",
    "-gsplit-dwarf",
    "-save-temps",
    "-specs",
    "-wrapper",
];

/// What one link has of its own.
#[derive(Debug, PartialEq)]
pub(crate) struct Shape {
    /// Everything else, and where the gaps are.
    key: Vec<u8>,
    /// Inputs that follow each other without an option between them.
    runs: Vec<Vec<OsString>>,
    output: Option<OsString>,
    /// The user names directories of libraries, whose size nobody knows.
    has_library_dirs: bool,
}

/// What is known of a shape.
#[derive(Debug, PartialEq)]
enum Known {
    /// The linker's words.
    Line(Vec<OsString>),
    /// clang has more to say than that.
    ForClang,
}

/// A word of the linker's line.
#[derive(Debug, PartialEq)]
enum Part<'a> {
    Word(&'a [u8]),
    /// All files of one run of inputs.
    Run(usize),
    Output,
}

/// Is the link one whose line depends on its shape alone?
pub(crate) fn is_regular(facts: &Facts<'_>, env: &Env) -> bool {
    facts.links
        && facts.has_input
        && (!facts.compiles || facts.only_source.is_some())
        && !facts.verbose
        && !facts.gcc_install
        && !facts.resource_dir
        && !facts.is_universal()
        && !facts.ld_path
        && facts.sysroot.is_none()
        && facts.sanitizers.is_empty()
        && env::CLANGS_OWN.iter().all(|name| env.get(name).is_none())
        && matches!(facts.fuse_ld, None | Some("lld" | "ld.lld" | "ld"))
}

impl Shape {
    /// The shape of clang's whole command line; `None` if more than the shape matters.
    pub(crate) fn of(command: &Command, zig: &Zig, read: &dyn Fn(&OsStr) -> Option<Vec<u8>>) -> Option<Shape> {
        let words = args::read_words(&command.args, read);
        let args = args::parse(words.words.get(1..)?).ok()?;
        let mut shape =
            Shape { key: Vec::with_capacity(1024), runs: Vec::new(), output: None, has_library_dirs: false };
        add(&mut shape.key, env!("CARGO_PKG_VERSION").as_bytes());
        add(&mut shape.key, zig.version.as_bytes());
        add(&mut shape.key, command.program.as_os_str().as_encoded_bytes());
        let mut in_run = false;
        for arg in &args {
            let input = arg.is_input();
            if input {
                if !in_run {
                    add(&mut shape.key, b"\x01");
                    shape.runs.push(Vec::new());
                }
                shape.runs.last_mut()?.push(arg.words[0].text.clone());
            } else if arg.meaning() == Some(Meaning::Output) {
                add(&mut shape.key, b"\x02");
                // Two outputs are clang's to judge.
                if shape.output.replace(arg.value?.to_owned()).is_some() {
                    return None;
                }
            } else {
                shape.add_option(arg)?;
            }
            in_run = input;
        }
        Some(shape)
    }

    fn add_option(&mut self, arg: &Arg<'_>) -> Option<()> {
        let spelling = arg.words[0].text.as_encoded_bytes();
        if DEPENDS.iter().any(|name| spelling.starts_with(name.as_bytes())) {
            return None;
        }
        self.has_library_dirs |= spelling.starts_with(b"-L");
        arg.words.iter().for_each(|word| add(&mut self.key, word.text.as_encoded_bytes()));
        Some(())
    }

    /// The linker's words for this link, from the line of an earlier one or, the first time, from clang. `None` where
    /// clang has to run itself.
    pub(crate) fn line(&self, command: &Command, cache: &Path, linker: &Path, cwd: &Path) -> Option<Vec<OsString>> {
        let mut size = 0;
        for file in self.runs.iter().flatten() {
            // clang has words of its own for an input that is missing.
            size += fs::metadata(cwd.join(file)).ok()?.len();
        }
        let slot = cache.join("links").join(format!("{:03x}", zig::fnv(&self.key) % SLOTS));
        let known = fs::read(&slot).ok().and_then(|kept| self.fill(&kept));
        let known = known.map_or_else(|| self.learn(&slot, command, linker), Some)?;
        let Known::Line(mut line) = known else { return None };
        if size < SMALL && !self.has_library_dirs {
            line.insert(0, "--threads=1".into());
        }
        Some(line)
    }

    /// Asks clang and keeps the answer; one that cannot be kept is asked for again. `None` where clang finds an error.
    fn learn(&self, slot: &Path, command: &Command, linker: &Path) -> Option<Known> {
        let asked = ask(command, linker)?;
        let template = match &asked {
            Known::Line(line) => self.template(line),
            Known::ForClang => None,
        };
        let known = if template.is_some() { asked } else { Known::ForClang };
        // Keeping it only saves time, so a cache that cannot be written is no error.
        let _ = keep(slot, &template.unwrap_or_else(|| self.for_clang()));
        Some(known)
    }

    /// A line as it is kept: the key, then what each word is.
    fn template(&self, line: &[OsString]) -> Option<Vec<u8>> {
        let mut kept = Vec::with_capacity(4096);
        record(&mut kept, b' ', &self.key);
        for part in self.parts(line)? {
            match part {
                Part::Word(word) => record(&mut kept, b'w', word),
                Part::Run(index) => record(&mut kept, b'r', &u32::try_from(index).ok()?.to_le_bytes()),
                Part::Output => record(&mut kept, b'o', b""),
            }
        }
        record(&mut kept, b'.', b"");
        Some(kept)
    }

    /// What is kept of a shape that is clang's to link.
    fn for_clang(&self) -> Vec<u8> {
        let mut kept = Vec::new();
        record(&mut kept, b' ', &self.key);
        record(&mut kept, b'c', b"");
        kept
    }

    /// Finds the output and the inputs in a line; `None` if they are not there as they were given.
    fn parts<'a>(&self, line: &'a [OsString]) -> Option<Vec<Part<'a>>> {
        let words: Vec<&[u8]> = line.iter().map(|word| word.as_encoded_bytes()).collect();
        let mut parts: Vec<Part<'a>> = Vec::with_capacity(words.len());
        let mut at = 0;
        if let Some(output) = &self.output {
            let option = words.iter().position(|word| *word == b"-o")?;
            parts.extend(words[..=option].iter().map(|word| Part::Word(word)));
            if words.get(option + 1)? != &output.as_encoded_bytes() {
                return None;
            }
            parts.push(Part::Output);
            at = option + 2;
        }
        for (index, run) in self.runs.iter().enumerate() {
            let is_run = |window: &[&[u8]]| window.iter().zip(run).all(|(word, file)| *word == file.as_encoded_bytes());
            let found = at + words.get(at..)?.windows(run.len()).position(is_run)?;
            parts.extend(words[at..found].iter().map(|word| Part::Word(word)));
            parts.push(Part::Run(index));
            at = found + run.len();
        }
        parts.extend(words[at..].iter().map(|word| Part::Word(word)));
        Some(parts)
    }

    /// The words of this link by what was kept of another; `None` if that had another shape or is not whole.
    fn fill(&self, kept: &[u8]) -> Option<Known> {
        let mut rest = kept;
        let (b' ', key) = take_record(&mut rest)? else { return None };
        if key != self.key {
            return None;
        }
        let mut line = Vec::with_capacity(64);
        loop {
            match take_record(&mut rest)? {
                (b'w', word) => line.push(response::from_bytes(word.to_vec())),
                (b'r', index) => {
                    let index = u32::from_le_bytes(index.try_into().ok()?) as usize;
                    line.extend(self.runs.get(index)?.iter().cloned());
                }
                (b'o', _) => line.push(self.output.clone()?),
                (b'c', _) => return Some(Known::ForClang),
                (b'.', _) => return Some(Known::Line(line)),
                _ => return None,
            }
        }
    }
}

/// What clang would run for the link; `None` where it finds an error.
fn ask(command: &Command, linker: &Path) -> Option<Known> {
    let mut clang = process::Command::new(&command.program);
    let (driver, rest) = command.args.split_first()?;
    clang.arg(driver).arg("-###").args(rest).stdin(process::Stdio::null());
    for name in env::HOST_LEAKS {
        clang.env_remove(name);
    }
    let output = clang.output().ok().filter(|output| output.status.success())?;
    Some(said(&output.stderr, linker))
}

/// The linker's words in what clang prints for `-###`: some lines about itself, then each command on a line of its own.
fn said(text: &[u8], linker: &Path) -> Known {
    const ABOUT_ITSELF: &[&[u8]] =
        &[b"clang version ", b"Target: ", b"Thread model: ", b"InstalledDir: ", b"Build config: "];
    let mut commands = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty() && !ABOUT_ITSELF.iter().any(|start| line.starts_with(start)));
    // clang quotes as a shell reads. Whatever else it says (a warning) is no command, or one too many.
    let line = commands.next().filter(|line| line.starts_with(b" \""));
    let words: Option<Vec<Vec<u8>>> = line.map(|line| shlex::bytes::Shlex::new(line).collect());
    match words.as_deref() {
        Some([program, line @ ..]) if program == linker.as_os_str().as_encoded_bytes() && commands.next().is_none() => {
            Known::Line(line.iter().map(|word| response::from_bytes(word.clone())).collect())
        }
        _ => Known::ForClang,
    }
}

/// Adds a word to a key, so that no two lists of words make the same.
fn add(key: &mut Vec<u8>, word: &[u8]) {
    record(key, b'|', word);
}

/// A record: its kind, its length in four bytes, its bytes.
fn record(kept: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    kept.push(kind);
    kept.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    kept.extend_from_slice(bytes);
}

/// The first record, which is taken off.
fn take_record<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (kind, after) = rest.split_first()?;
    let (length, after) = after.split_first_chunk::<4>()?;
    let (bytes, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = after;
    Some((*kind, bytes))
}

/// Writes a slot at once, or not at all.
fn keep(slot: &Path, kept: &[u8]) -> std::io::Result<()> {
    let dir = slot.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(kept)?;
    file.persist(slot)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str]) -> Command {
        Command { program: "/zig".into(), args: words.iter().map(OsString::from).collect(), set: Vec::new() }
    }

    fn shape(words: &str) -> Option<Shape> {
        let zig = Zig { path: "/zig".into(), version: "0.0.0".into(), why: "" };
        Shape::of(&command(&words.split(' ').collect::<Vec<_>>()), &zig, &|_| None)
    }

    fn line(words: &str) -> Vec<OsString> {
        words.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn links_of_one_shape_differ_in_names_alone() {
        let first = shape("clang -s a.o b.o -lm c.o -o out").unwrap();
        let other = shape("clang -s x.o -lm y.o z.o -o elsewhere/out").unwrap();
        assert_eq!(first.key, other.key);
        let kept = first.template(&line("-s -o out crt1.o a.o b.o -lm c.o -lc crtn.o")).unwrap();
        let expected = line("-s -o elsewhere/out crt1.o x.o -lm y.o z.o -lc crtn.o");
        assert_eq!(other.fill(&kept), Some(Known::Line(expected)));
        assert_eq!(other.fill(&first.for_clang()), Some(Known::ForClang));
        for different in ["clang a.o b.o -lm c.o -o out", "clang -s a.o -lm -o out", "clang -s a.o c.o -lm -o out"] {
            assert_eq!(shape(different).unwrap().fill(&kept), None, "{different}");
        }
    }

    #[test]
    fn what_is_not_in_its_place_is_not_kept() {
        let given = shape("clang a.o -o out").unwrap();
        for odd in ["-o other a.o", "-o out", "a.o -lc", "-o out b.o"] {
            assert_eq!(given.template(&line(odd)), None, "{odd}");
        }
    }

    #[test]
    fn damaged_records_are_no_line() {
        let given = shape("clang a.o -o out").unwrap();
        let kept = given.template(&line("-o out a.o")).unwrap();
        assert!(given.fill(&kept).is_some());
        for kept in [kept, given.for_clang()] {
            assert!((0..kept.len()).all(|end| given.fill(&kept[..end]).is_none()), "part of a line is no line");
        }
    }

    #[test]
    fn clangs_answer_is_one_command_of_its_linker_or_clangs_to_run() {
        let about = "clang version 21.1.0\nTarget: x86_64-unknown-linux-gnu\nThread model: posix\nInstalledDir: /z\n";
        let linker = Path::new("/cache/ld.lld");
        let answer = |more: &str| said(format!("{about}{more}").as_bytes(), linker);
        let quoted = " \"/cache/ld.lld\" \"-o\" \"a \\\"b\\$\\\\\"\n";
        assert_eq!(answer(quoted), Known::Line(vec!["-o".into(), "a \"b$\\".into()]));
        let other = " \"/usr/bin/ld\" \"-o\" \"a\"\n";
        let warning = format!("clang: warning: argument unused during compilation: '-x'\n{quoted}");
        for odd in ["", other, &format!("{quoted}{quoted}"), &warning, "(in-process)\n"] {
            assert_eq!(answer(odd), Known::ForClang, "{odd}");
        }
    }

    #[test]
    fn clang_decides_where_more_than_the_shape_matters() {
        for words in ["clang a.o -Bdir -o out", "clang -gsplit-dwarf a.o", "clang a.o -o out -o again"] {
            assert_eq!(shape(words), None, "{words}");
        }
    }
}
