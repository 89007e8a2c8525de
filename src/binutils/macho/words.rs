//! Options as Apple's tools have them: words after one dash (`-create`), each with a number of values. They stand in any
//! order among the operands.

use std::ffi::OsString;

use crate::binutils::{Out, Tool, options};
use crate::env::Env;
use crate::error::{Error, Result};

/// An option: the value a tool matches on, its spellings, the names of its values, and its help.
pub(super) struct Word<T: 'static>(
    pub(super) T,
    pub(super) &'static [&'static str],
    pub(super) &'static [&'static str],
    pub(super) &'static str,
);

/// A tool's command line, described.
pub(super) struct Spec<T: 'static> {
    pub(super) tool: Tool,
    pub(super) usage: &'static str,
    pub(super) options: &'static [Word<T>],
    /// Options whose letters may stand together behind one dash (`-Lv`).
    pub(super) bundles: bool,
}

/// What was found, in order.
pub(super) enum Found<T> {
    Option(T, Vec<OsString>),
    Operand(OsString),
}

/// Options with their values, and the operands.
pub(super) type Sorted<T> = (Vec<(T, Vec<OsString>)>, Vec<OsString>);

impl<T: Copy> Spec<T> {
    /// Nothing when the line asked for help or the version, which is then written.
    pub(super) fn parse(&self, argv: &[OsString], env: &Env, out: &mut Out) -> Result<Option<Vec<Found<T>>>> {
        let mut found = Vec::new();
        let mut words = options::expand(argv, env).into_iter();
        while let Some(word) = words.next() {
            let text = word.to_str().unwrap_or("");
            if text == "--" {
                found.extend(words.map(Found::Operand));
                break;
            }
            if text == "--help" || text == "-help" {
                return out.text(self.help()).map(|()| None);
            }
            if text == "--version" || text == "-version" && self.find("-version").is_none() {
                let version = format!("xcc {} {}\n", self.tool.name(), env!("CARGO_PKG_VERSION"));
                return out.text(version).map(|()| None);
            }
            if !text.starts_with('-') || text.len() < 2 {
                found.push(Found::Operand(word));
                continue;
            }
            let (name, joined) = match text.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(OsString::from(value))),
                _ => (text.to_owned(), None),
            };
            if let Some(option) = self.find(&name) {
                let mut values: Vec<OsString> = joined.into_iter().collect();
                if values.len() > option.2.len() {
                    return Err(Error::message(format!("option '{name}' takes no value")));
                }
                while values.len() < option.2.len() {
                    values.push(words.next().ok_or_else(|| Error::MissingValue { option: name.clone() })?);
                }
                found.push(Found::Option(option.0, values));
                continue;
            }
            let letters: Option<Vec<&Word<T>>> = match self.bundles && !name.starts_with("--") {
                true => name[1..].chars().map(|letter| self.find(&format!("-{letter}"))).collect(),
                false => None,
            };
            let letters = letters.filter(|letters| letters.iter().all(|letter| letter.2.is_empty()));
            let letters = letters.ok_or_else(|| {
                let help = format!("'xcc {} --help' lists the options", self.tool.name());
                Error::with_help(format!("unknown option '{text}'"), help)
            })?;
            found.extend(letters.iter().map(|letter| Found::Option(letter.0, Vec::new())));
        }
        Ok(Some(found))
    }

    /// The same where it does not matter which operand follows which option.
    pub(super) fn sorted(&self, argv: &[OsString], env: &Env, out: &mut Out) -> Result<Option<Sorted<T>>> {
        let Some(found) = self.parse(argv, env, out)? else { return Ok(None) };
        let (mut options, mut operands) = (Vec::new(), Vec::new());
        for found in found {
            match found {
                Found::Option(option, values) => options.push((option, values)),
                Found::Operand(operand) => operands.push(operand),
            }
        }
        Ok(Some((options, operands)))
    }

    fn find(&self, name: &str) -> Option<&'static Word<T>> {
        self.options.iter().find(|option| option.1.contains(&name))
    }

    fn help(&self) -> String {
        let mut text = format!("Usage: xcc {} {}\n\nOptions:\n", self.tool.name(), self.usage);
        for Word(_, names, values, help) in self.options {
            let values: String = values.iter().map(|value| format!(" <{value}>")).collect();
            text.push_str(&format!("  {}{values}\n        {help}\n", names.join(", ")));
        }
        text.push_str("  --help, --version\n        Print this, or the version\n");
        text
    }

    /// Panics if an option is in the table twice.
    #[cfg(test)]
    pub(super) fn check(&self) {
        let names: Vec<&str> = self.options.iter().flat_map(|option| option.1.iter().copied()).collect();
        for (rank, name) in names.iter().enumerate() {
            assert!(name.starts_with('-') && !names[..rank].contains(name), "'{name}' of {}", self.tool.name());
        }
    }
}
