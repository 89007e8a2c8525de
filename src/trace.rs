//! `XCC_TRACE`: what xcc was asked, what it runs, which rules fired and why, and how long it took to decide.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write;
use std::time::Instant;

use crate::backend::Plan;
use crate::command::Command;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::rules::gnu_ld;

/// The text of a trace: one word a line, so that two traces can be compared with diff. `to_lld` says that what is for
/// the linker goes through [`gnu_ld`].
pub(crate) fn text(argv: &[OsString], about: &str, plan: &Plan, to_lld: bool) -> String {
    let mut text = both(argv, about, &plan.command);
    for rule in &plan.fired {
        let _ = writeln!(text, "xcc: rule: {}: {}", rule.name, rule.why);
    }
    if to_lld {
        text.push_str(&linker_rules(&for_the_linker(&plan.command.args)));
    }
    for finding in &plan.findings {
        let _ = writeln!(text, "xcc: guard: {}: {}", finding.guard.name, finding.text);
    }
    text
}

/// The command line before and after.
fn both(argv: &[OsString], about: &str, command: &Command) -> String {
    let mut text = format!("xcc: asked: {about}\n");
    for word in argv {
        let _ = writeln!(text, "  {}", word.to_string_lossy());
    }
    let _ = writeln!(text, "xcc: runs: {}", command.program.display());
    for word in &command.args {
        let _ = writeln!(text, "  {}", word.to_string_lossy());
    }
    for (name, value) in &command.set {
        let _ = writeln!(text, "xcc: with: {name}={}", value.to_string_lossy());
    }
    text
}

fn linker_rules(words: &[OsString]) -> String {
    gnu_ld::changes(words).iter().map(|line| format!("xcc: rule: gnu-ld: {line}\n")).collect()
}

/// The words of a compiler's command line that it hands to the linker.
fn for_the_linker(args: &[OsString]) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut rest = args.iter();
    while let Some(word) = rest.next() {
        if let Some(parts) = word.to_str().and_then(|word| word.strip_prefix("-Wl,")) {
            words.extend(parts.split(',').map(OsString::from));
        } else if word == "-Xlinker" {
            words.extend(rest.next().cloned());
        } else if word == "-z" {
            words.push(word.clone());
            words.extend(rest.next().cloned());
        }
    }
    words
}

/// Writes a trace if one is wanted.
///
/// # Errors
/// [`Error::Io`] for a file that cannot be written: a trace that is asked for and lost is no trace.
pub(crate) fn write(
    env: &Env,
    argv: &[OsString],
    about: &str,
    plan: &Plan,
    to_lld: bool,
    since: Instant,
) -> Result<()> {
    emit(env, || format!("{}xcc: took: {} us\n", text(argv, about, plan, to_lld), since.elapsed().as_micros()))
}

/// The same for a tool beside the compiler.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_tool(env: &Env, argv: &[OsString], tool: &str, command: &Command, since: Instant) -> Result<()> {
    emit(env, || {
        let is_elf = command.args.first().is_some_and(|front| front == "ld.lld");
        let rules = if is_elf { linker_rules(argv) } else { String::new() };
        format!("{}{rules}xcc: took: {} us\n", both(argv, tool, command), since.elapsed().as_micros())
    })
}

/// Adds that the compiler proper or the linker is run at once, and how.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_known(env: &Env, command: &Command) -> Result<()> {
    emit(env, || format!("xcc: knows what clang would run, and runs:{}\n", command.quoted()))
}

/// Adds one line.
///
/// # Errors
/// As [`write`].
pub(crate) fn note(env: &Env, text: &str) -> Result<()> {
    emit(env, || format!("xcc: {text}\n"))
}

/// Whether somebody asked for one.
pub(crate) fn is_wanted(env: &Env) -> bool {
    wanted(env).is_some()
}

/// `1`, or a file.
fn wanted(env: &Env) -> Option<&OsStr> {
    env.get(env::XCC_TRACE).filter(|value| *value != "0")
}

fn emit(env: &Env, text: impl FnOnce() -> String) -> Result<()> {
    let Some(wanted) = wanted(env) else { return Ok(()) };
    let text = text();
    if wanted == "1" {
        std::io::stderr().write_all(text.as_bytes()).map_err(Error::io("write", "standard error"))
    } else {
        let path = env.cwd.join(wanted);
        let file = OpenOptions::new().create(true).append(true).open(&path);
        // One write, so that the traces of a parallel build do not mix.
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(Error::io("write", &path))
    }
}
