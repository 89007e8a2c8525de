//! GNU-style options by table: bundled letters, long names, values joined or separate, `@files`.
//!
//! Each tool has one table. A word that looks like an option and is in no row is an error; a row can also say that
//! GNU's option is known and not implemented.

use std::ffi::{OsStr, OsString};

use lexopt::Arg;

use super::{Out, Tool};
use crate::args::response;
use crate::env::Env;
use crate::error::{Error, Result};

/// How an option takes its value, with the value's name in the help.
#[derive(Clone, Copy)]
pub(crate) enum Value {
    None,
    Required(&'static str),
    /// Only joined: `--demangle=gnu`.
    Optional(&'static str),
    /// GNU has it, xcc has not: what to do instead.
    Missing(&'static str),
}

/// One option: the value a tool matches on, its letters, its long names, its value, and its help.
pub(crate) struct Opt<T: 'static>(
    pub(crate) T,
    pub(crate) &'static str,
    pub(crate) &'static [&'static str],
    pub(crate) Value,
    pub(crate) &'static str,
);

/// A tool's command line, described.
pub(crate) struct Spec<T: 'static> {
    pub(crate) tool: Tool,
    /// What follows the tool's name: `[option...] [file...]`.
    pub(crate) usage: &'static str,
    /// Letters that ask for help and for the version.
    pub(crate) help: &'static str,
    pub(crate) version: &'static str,
    pub(crate) options: &'static [Opt<T>],
}

pub(crate) struct Parsed<T> {
    /// In order; the value is empty where there is none.
    pub(crate) options: Vec<(T, OsString)>,
    pub(crate) operands: Vec<OsString>,
}

impl<T: Copy> Spec<T> {
    /// Nothing when the line asked for help or the version, which is then written.
    pub(crate) fn parse(&self, argv: &[OsString], env: &Env, out: &mut Out) -> Result<Option<Parsed<T>>> {
        let words = expand(argv, env);
        let mut parser = lexopt::Parser::from_args(&words);
        let mut parsed = Parsed { options: Vec::new(), operands: Vec::new() };
        loop {
            let arg = parser.next().map_err(|error| self.bad(&error))?;
            let (name, option) = match arg {
                None => return Ok(Some(parsed)),
                Some(Arg::Value(operand)) => {
                    parsed.operands.push(operand);
                    continue;
                }
                Some(Arg::Long("help")) => return out.text(self.help_text()).map(|()| None),
                Some(Arg::Long("version")) => return out.text(self.version_text()).map(|()| None),
                Some(Arg::Short(letter)) if self.help.contains(letter) => {
                    return out.text(self.help_text()).map(|()| None);
                }
                Some(Arg::Short(letter)) if self.version.contains(letter) => {
                    return out.text(self.version_text()).map(|()| None);
                }
                Some(Arg::Short(letter)) => {
                    (format!("-{letter}"), self.options.iter().find(|option| option.1.contains(letter)))
                }
                Some(Arg::Long(long)) => {
                    (format!("--{long}"), self.options.iter().find(|option| option.2.contains(&long)))
                }
            };
            let Some(option) = option else { return Err(self.unknown(&name)) };
            let value = match option.3 {
                Value::None => OsString::new(),
                Value::Required(_) => parser.value().map_err(|_| Error::MissingValue { option: name })?,
                Value::Optional(_) => match name.starts_with("--") {
                    true => parser.optional_value().unwrap_or_default(),
                    false => OsString::new(),
                },
                Value::Missing(instead) => {
                    return Err(Error::with_help(
                        format!("unsupported option '{name}' of '{}'", self.tool.name()),
                        instead,
                    ));
                }
            };
            parsed.options.push((option.0, value));
        }
    }

    /// Panics if an option is in the table twice, where the second would never be found.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        let mut seen: Vec<String> = vec!["--help".into(), "--version".into()];
        for letter in self.help.chars().chain(self.version.chars()) {
            seen.push(format!("-{letter}"));
        }
        for Opt(_, letters, longs, value, help) in self.options {
            let names = letters.chars().map(|c| format!("-{c}")).chain(longs.iter().map(|long| format!("--{long}")));
            for name in names {
                assert!(!seen.contains(&name), "'{name}' of {} is given twice", self.tool.name());
                seen.push(name);
            }
            assert!(matches!(value, Value::Missing(_)) != !help.is_empty(), "{:?} {longs:?}", letters);
        }
    }

    fn bad(&self, error: &lexopt::Error) -> Error {
        match error {
            lexopt::Error::UnexpectedValue { option, .. } => Error::with_help(
                format!("option '{option}' takes no value"),
                format!("'xcc {} --help' lists the options", self.tool.name()),
            ),
            other => Error::message(other.to_string()),
        }
    }

    fn unknown(&self, name: &str) -> Error {
        let tool = self.tool.name();
        Error::with_help(
            format!("unknown option '{name}'"),
            format!(
                "'xcc {tool} --help' lists the options; with XCC_BINUTILS=llvm a system '{}' takes over",
                self.tool.llvm()
            ),
        )
    }

    /// Configure scripts look for the words "GNU TOOL" here: libtool strips a library only with a strip that has them.
    fn version_text(&self) -> String {
        let tool = self.tool.name();
        format!("xcc {tool} {}, compatible with GNU {tool}\n", env!("CARGO_PKG_VERSION"))
    }

    fn help_text(&self) -> String {
        let mut text = format!("Usage: xcc {} {}\n\nOptions:\n", self.tool.name(), self.usage);
        for Opt(_, letters, longs, value, help) in self.options {
            if matches!(value, Value::Missing(_)) {
                continue;
            }
            let mut names: Vec<String> = letters.chars().map(|letter| format!("-{letter}")).collect();
            names.extend(longs.iter().map(|long| format!("--{long}")));
            let value = match value {
                Value::Required(name) => format!(" <{name}>"),
                Value::Optional(name) => format!("[=<{name}>]"),
                Value::None | Value::Missing(_) => String::new(),
            };
            text.push_str(&format!("  {}{value}\n        {help}\n", names.join(", ")));
        }
        text.push_str("  --help, --version\n        Print this, or the version\n");
        text.push_str("  @FILE\n        Read more arguments from a file\n");
        text
    }
}

/// The words with those of response files in place.
pub(crate) fn expand(argv: &[OsString], env: &Env) -> Vec<OsString> {
    let read = |name: &OsStr| std::fs::read(env.cwd.join(name)).ok();
    let mut words = Vec::with_capacity(argv.len());
    for word in argv {
        match response::file_name(word).and_then(read) {
            Some(contents) => response::expand(&contents, &read, 0, &mut words),
            None => words.push(word.clone()),
        }
    }
    words
}

/// A value that must be text.
pub(crate) fn text<'a>(option: &str, value: &'a OsStr) -> Result<&'a str> {
    value.to_str().ok_or_else(|| bad_value(option, value))
}

/// A number as C writes it: decimal, `0x` hexadecimal or `0` octal.
pub(crate) fn number(option: &str, value: &OsStr) -> Result<u64> {
    let text = text(option, value)?;
    let parsed = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16),
        None if text.len() > 1 && text.starts_with('0') => u64::from_str_radix(text, 8),
        None => text.parse(),
    };
    parsed.map_err(|_| bad_value(option, value))
}

/// A value of the right form that means nothing.
pub(crate) fn bad_value(option: &str, value: &OsStr) -> Error {
    Error::message(format!("invalid value '{}' of option '{option}'", value.to_string_lossy()))
}

/// A value that may be one of a few words.
pub(crate) fn choice<T: Copy>(option: &str, value: &OsStr, choices: &[(&str, T)]) -> Result<T> {
    let found = value.to_str().and_then(|value| choices.iter().find(|(name, _)| *name == value));
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        Error::with_help(
            format!("invalid value '{}' of option '{option}'", value.to_string_lossy()),
            format!("use one of {}", names.join(", ")),
        )
    })
}
