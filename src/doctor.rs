//! `xcc doctor`: looks over the machine and the configuration, and says what to do. Nothing is changed, and nothing but Rust's
//! compiler is started.

mod checks;
mod variables;

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use crate::env::Env;
use crate::error::{Error, Result};
use crate::terminal::{Ink, Style, WIDTH};
use checks::{CHECKS, Check};

#[derive(Args)]
pub(crate) struct Arguments {
    /// As a JSON object
    #[arg(long)]
    json: bool,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    /// Something that not everybody needs is not there, or may surprise.
    Note,
    /// Builds fail, or do other than they should.
    Problem,
}

/// What one look found.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    level: Level,
    found: String,
    help: Option<String>,
}

/// What a check says, before its name is put to it.
struct Said {
    level: Level,
    found: String,
    help: Option<String>,
}

fn ok(found: impl Into<String>) -> Said {
    Said { level: Level::Ok, found: found.into(), help: None }
}

fn note(found: impl Into<String>, help: impl Into<String>) -> Said {
    Said { level: Level::Note, found: found.into(), help: Some(help.into()) }
}

fn problem(found: impl Into<String>, help: impl Into<String>) -> Said {
    Said { level: Level::Problem, found: found.into(), help: Some(help.into()) }
}

/// An error of xcc's, as somebody's call would end in it.
fn failure(error: &Error) -> Said {
    Said { level: Level::Problem, found: error.to_string(), help: error.help() }
}

#[derive(Serialize)]
struct Document {
    /// Revision of this form.
    schema: u32,
    findings: Vec<Finding>,
}

/// The text to print, and the exit status: 1 where there is a problem.
///
/// # Errors
/// None but a broken JSON writer.
pub(crate) fn run(arguments: &Arguments, env: &Env) -> Result<(String, i32)> {
    let named = |check: &'static str, said: Said| Finding {
        check,
        level: said.level,
        found: said.found,
        help: said.help.filter(|help| !help.is_empty()),
    };
    let all = |(check, look): &Check| look(env).into_iter().map(|said| named(check, said)).collect::<Vec<_>>();
    let findings: Vec<Finding> = CHECKS.iter().flat_map(all).collect();
    let code = i32::from(findings.iter().any(|finding| finding.level == Level::Problem));
    if arguments.json {
        let document = Document { schema: 1, findings };
        let text = serde_json::to_string_pretty(&document).map_err(|error| Error::message(error.to_string()))?;
        return Ok((format!("{text}\n"), code));
    }
    Ok((text(&findings, Style::of_stdout(env)), code))
}

/// Where the text of a line begins: behind `problem ` and the name of the check.
const INDENT: usize = 20;

fn text(findings: &[Finding], style: Style) -> String {
    let mut text = String::new();
    for finding in findings {
        let (word, ink) = match finding.level {
            Level::Ok => ("ok", Ink::Key),
            Level::Note => ("note", Ink::Warning),
            Level::Problem => ("problem", Ink::Bad),
        };
        let head = format!("{}{:<12}", style.paint(ink, &format!("{word:<8}")), finding.check);
        lines(&mut text, &head, &finding.found, style);
        if let Some(help) = &finding.help {
            lines(&mut text, &" ".repeat(INDENT), &format!("help: {help}"), style);
        }
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let many = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let _ = writeln!(text, "{}, {}", many(count(Level::Problem), "problem"), many(count(Level::Note), "note"));
    text
}

/// `head`, then the words, on as many lines as they need; a word that is too long for one is not broken.
fn lines(out: &mut String, head: &str, words: &str, style: Style) {
    let mut column = INDENT;
    out.push_str(head);
    for (at, word) in words.split_whitespace().enumerate() {
        let word = style.clean(word);
        let length = word.chars().count();
        if at > 0 && column + 1 + length > WIDTH {
            let _ = write!(out, "\n{}", " ".repeat(INDENT));
            column = INDENT;
        } else if at > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(&word);
        column += length;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_80_columns_where_words_let_them() {
        let long = "word ".repeat(40);
        let findings = [Finding { check: "zig", level: Level::Problem, found: long.clone(), help: Some(long) }];
        let text = text(&findings, Style::default());
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert!(
            text.starts_with("problem zig         word") && text.contains("\n                    help: word"),
            "{text}"
        );
        assert!(text.ends_with("1 problem, 0 notes\n"), "{text}");
    }
}
