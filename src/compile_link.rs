//! One source that is compiled and linked in one call, as configure does by the hundred.
//!
//! Where a link follows, clang's driver starts itself anew for the compilation, and a start takes a third of a small one.
//! So clang is asked for the object alone, which it makes in its own process, and LLD is started as for any other link
//! whose line [`link`](crate::link) knows.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use crate::args::Arg;
use crate::backend::Setup;
use crate::command::{self, Command};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::link::Shape;
use crate::target::Target;
use crate::{tools, trace};

/// Endings of sources that an object is made of; a header, for one, becomes something else and is not linked.
const SOURCES: &[&str] = &["C", "CPP", "S", "c", "c++", "cc", "cp", "cpp", "cxx", "i", "ii", "s"];

/// Options that name files after the output or keep the command line: clang has to see the whole of it.
const WHOLE: &[&str] = &[
    "--write-",
    "-M",
    "-Wp,-M",
    "-dump",
    "-fcallgraph-info",
    "-fcoverage",
    "-fcs-profile",
    "-fdump",
    "-fmodule",
    "-fproc-stat-report",
    "-fprofile",
    "-frecord",
    "-fstack-usage",
    "-ftest-coverage",
    "-grecord",
];

/// Where the two names that differ between the steps are in clang's arguments.
#[derive(Debug, PartialEq)]
pub(crate) struct Pair {
    source: usize,
    /// `-o`, which its value follows.
    output: Option<usize>,
    /// Words for the compilation, behind all others.
    pub(crate) last: Vec<OsString>,
}

impl Pair {
    /// `None` where more than the command line's own words decides.
    pub(crate) fn of(command: &Command, args: &[Arg<'_>], source: &OsStr, output: Option<&OsStr>) -> Option<Pair> {
        let whole = |arg: &Arg<'_>| {
            let word = arg.words[0].text.as_encoded_bytes();
            WHOLE.iter().any(|option| word.starts_with(option.as_bytes()))
        };
        let ending = Path::new(source).extension().and_then(OsStr::to_str);
        if !SOURCES.contains(&ending.unwrap_or("")) || args.iter().any(whole) {
            return None;
        }
        let outputs = only(&command.args, OsStr::new("-o"));
        if output
            .is_some_and(|output| outputs.and_then(|at| command.args.get(at + 1)).is_none_or(|word| word != output))
        {
            return None;
        }
        Some(Pair {
            source: only(&command.args, source)?,
            output: outputs.filter(|_| output.is_some()),
            last: Vec::new(),
        })
    }

    /// Compiles and links; the exit status, or `None` when nothing was done because the link is clang's own.
    ///
    /// # Errors
    /// When the object cannot be created, or clang or LLD does not start.
    pub(crate) fn run(&self, clang: &Command, setup: &Setup, target: Target, env: &Env) -> Result<Option<i32>> {
        let object = tempfile::Builder::new().prefix("xcc-").suffix(".o").tempfile();
        let object = object.map_err(Error::io("create", "temporary object"))?.into_temp_path();
        let link = self.link(clang, object.as_os_str());
        let read = |name: &OsStr| fs::read(env.cwd.join(name)).ok();
        let line = Shape::of(&link, &setup.zig, &read)
            .and_then(|shape| shape.line(&link, &setup.cache, &setup.linker, &env.cwd));
        let Some(line) = line else { return Ok(None) };
        let compile = self.compile(clang, object.as_os_str());
        trace::write_known(env, &compile)?;
        command::remove_when_killed(&object);
        let code = compile.run(env)?;
        if code != 0 {
            return Ok(Some(code));
        }
        tools::link_as_clang(setup.zig.path.clone(), &line, target, env).map(Some)
    }

    /// The link, with the object in the place of its source.
    fn link(&self, clang: &Command, object: &OsStr) -> Command {
        let mut link = clang.clone();
        link.args[self.source] = object.to_owned();
        link
    }

    /// The compilation. What only a link reads is unused here, and no reason to warn: of the whole command line clang has
    /// said nothing.
    fn compile(&self, clang: &Command, object: &OsStr) -> Command {
        let mut compile = clang.clone();
        if let Some(output) = self.output {
            compile.args.drain(output..output + 2);
        }
        let words = ["-Qunused-arguments", "-c", "-o"].map(OsString::from);
        compile.args.extend(self.last.iter().cloned());
        compile.args.splice(1..1, words.into_iter().chain([object.to_owned()]));
        compile
    }
}

/// The place of a word that is there once.
fn only(words: &[OsString], word: &OsStr) -> Option<usize> {
    let mut places = words.iter().enumerate().filter(|(_, other)| *other == word).map(|(place, _)| place);
    places.next().filter(|_| places.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{self, Word};

    fn pair(line: &str) -> (Command, Option<Pair>) {
        let source = if line.contains("a.h") { "a.h" } else { "a.c" };
        let words: Vec<Word> = line.split(' ').map(|text| Word { text: text.into(), file: None }).collect();
        let args = args::parse(&words[1..]).unwrap();
        let output = words.iter().skip_while(|word| word.text != "-o").nth(1).map(|word| word.text.as_os_str());
        let command = Command { args: line.split(' ').map(OsString::from).collect(), ..Command::default() };
        let pair = Pair::of(&command, &args, OsStr::new(source), output);
        (command, pair)
    }

    #[test]
    fn a_call_becomes_a_compilation_and_a_link() {
        let (clang, pair) = pair("clang -O2 a.c -lm -o a");
        let pair = pair.unwrap();
        assert_eq!(
            pair.compile(&clang, OsStr::new("/t.o")).args,
            ["clang", "-Qunused-arguments", "-c", "-o", "/t.o", "-O2", "a.c", "-lm"]
        );
        assert_eq!(pair.link(&clang, OsStr::new("/t.o")).args, ["clang", "-O2", "/t.o", "-lm", "-o", "a"]);
    }

    #[test]
    fn what_names_files_after_the_output_is_left_whole() {
        for line in
            ["clang a.c -MD", "clang a.c -fstack-usage -o a", "clang a.c -o a -o b", "clang -Da.c -o a", "clang a.h"]
        {
            assert_eq!(pair(line).1, None, "{line}");
        }
        assert!(pair("clang a.c").1.is_some());
    }
}
