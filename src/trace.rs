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

/// The text of a trace: one word a line, so that two traces can be compared with diff.
pub(crate) fn text(argv: &[OsString], about: &str, plan: &Plan) -> String {
    let mut text = format!("xcc: asked: {about}\n");
    for word in argv {
        let _ = writeln!(text, "  {}", word.to_string_lossy());
    }
    let _ = writeln!(text, "xcc: runs: {}", plan.command.program.display());
    for word in &plan.command.args {
        let _ = writeln!(text, "  {}", word.to_string_lossy());
    }
    for (name, value) in &plan.command.set {
        let _ = writeln!(text, "xcc: with: {name}={}", value.to_string_lossy());
    }
    for rule in &plan.fired {
        let _ = writeln!(text, "xcc: rule: {}: {}", rule.name, rule.why);
    }
    for finding in &plan.findings {
        let _ = writeln!(text, "xcc: guard: {}: {}", finding.guard.name, finding.text);
    }
    text
}

/// Writes a trace if one is wanted.
///
/// # Errors
/// [`Error::Io`] for a file that cannot be written: a trace that is asked for and lost is no trace.
pub(crate) fn write(env: &Env, argv: &[OsString], about: &str, plan: &Plan, since: Instant) -> Result<()> {
    emit(env, || format!("{}xcc: took: {} us\n", text(argv, about, plan), since.elapsed().as_micros()))
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
