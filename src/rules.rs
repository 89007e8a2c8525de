//! Rules: what must change about a user's arguments, and why. Rows live in `rules/`, by the concern that causes them.
//!
//! Only rules change or refuse what the user wrote; backends add arguments. The first rule that matches an argument
//! decides it, and its output is not matched again. Every rule fires in at least one golden case (`golden.rs`).

pub(crate) mod bare;
pub(crate) mod bsd;
pub(crate) mod common;
pub(crate) mod distro;
pub(crate) mod gnu_ld;
pub(crate) mod linux;
pub(crate) mod macos;
pub(crate) mod osxcross;
pub(crate) mod windows;
pub(crate) mod zig_cc;

use std::ffi::OsString;

use crate::args::{Arg, Meaning, Words};
use crate::error::{Error, Result};
use crate::facts::Facts;
use crate::personality::Personality;
use crate::target::Target;

/// One reason to change an argument.
pub(crate) struct Rule {
    /// Subject-verb-object, unique: the trace and the golden cases know the rule by it.
    pub(crate) name: &'static str,
    pub(crate) on: On,
    pub(crate) when: fn(&Arg<'_>, &Context<'_>) -> bool,
    pub(crate) then: Action,
    /// Printed by the trace; says when the rule can go, if it can.
    pub(crate) why: &'static str,
}

/// Which arguments a rule looks at.
pub(crate) enum On {
    Options(&'static [Meaning]),
    /// Files, and options that the table does not name.
    Others,
}

pub(crate) enum Action {
    Drop,
    Replace(fn(&Arg<'_>, &Context<'_>) -> Vec<OsString>),
    /// An error; the function gives the help that names the alternative.
    Refuse(fn(&Arg<'_>, &Context<'_>) -> String),
}

/// What a rule may base its decision on.
pub(crate) struct Context<'a> {
    pub(crate) personality: Personality,
    pub(crate) target: Target,
    pub(crate) facts: &'a Facts<'a>,
    /// (major, minor) of the zig in use.
    pub(crate) zig: (u32, u32),
}

/// The user's arguments after the rules.
pub(crate) struct Rewritten {
    pub(crate) words: Vec<OsString>,
    pub(crate) fired: Vec<&'static Rule>,
}

/// Applies the tables to a command line.
///
/// # Errors
/// [`Error::Unsupported`] when a rule refuses.
pub(crate) fn apply(
    argv: &[OsString],
    lines: &Words,
    args: &[Arg<'_>],
    tables: &[&'static [Rule]],
    context: &Context<'_>,
) -> Result<Rewritten> {
    let mut fired: Vec<&'static Rule> = Vec::new();
    let mut changes: Vec<(usize, Option<Vec<OsString>>)> = Vec::new();
    let mut in_files = false;
    for (at, arg) in args.iter().enumerate() {
        let matches = |rule: &&Rule| {
            let concerns = match rule.on {
                On::Options(meanings) => arg.meaning().is_some_and(|meaning| meanings.contains(&meaning)),
                On::Others => arg.opt.is_none(),
            };
            concerns && (rule.when)(arg, context)
        };
        let Some(rule) = tables.iter().flat_map(|table| table.iter()).find(matches) else { continue };
        let new = match rule.then {
            Action::Drop => Vec::new(),
            Action::Replace(replace) => replace(arg, context),
            Action::Refuse(help) => {
                return Err(Error::Unsupported {
                    option: arg.spelling(),
                    target: context.target.row.name.to_owned(),
                    help: help(arg, context),
                    rule: Some(rule.name),
                });
            }
        };
        if !fired.iter().any(|other| other.name == rule.name) {
            fired.push(rule);
        }
        in_files |= arg.file().is_some();
        changes.push((at, Some(new)));
    }
    if changes.is_empty() {
        return Ok(Rewritten { words: argv.to_vec(), fired });
    }
    // Response files that hold nothing a rule changed stay as the user wrote them.
    let mut words = Vec::with_capacity(argv.len());
    let mut change = changes.into_iter().peekable();
    let mut files = 0;
    let mut emit_file = |words: &mut Vec<OsString>, upto: usize| {
        while files < upto {
            words.push(lines.files[files].clone());
            files += 1;
        }
    };
    for (at, arg) in args.iter().enumerate() {
        let new = change.next_if(|(index, _)| *index == at).and_then(|(_, new)| new);
        match (arg.file(), in_files, new) {
            (Some(file), false, _) => emit_file(&mut words, file + 1),
            (_, _, Some(new)) => words.extend(new),
            (_, _, None) => words.extend(arg.words.iter().map(|word| word.text.clone())),
        }
    }
    if !in_files {
        emit_file(&mut words, lines.files.len());
    }
    Ok(Rewritten { words, fired })
}

/// All tables, for the tests that look at every rule.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    common::RULES
        .iter()
        .chain(bare::RULES)
        .chain(distro::RULES)
        .chain(linux::RULES)
        .chain(linux::RUNTIMES)
        .chain(windows::RULES)
        .chain(bsd::RULES)
        .chain(macos::RULES)
        .chain(macos::RUNTIMES)
        .chain(osxcross::RULES)
        .chain(zig_cc::RULES)
        .chain(zig_cc::macos::RULES)
}
