//! How text is shown: with colour or without, in UTF-8 or ASCII. One place for the conventions of terminals.

use std::io::IsTerminal;

use crate::env::{self, Env};

/// Columns that no line exceeds where it can be broken or shortened.
pub(crate) const WIDTH: usize = 80;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Style {
    pub(crate) colour: bool,
    pub(crate) utf8: bool,
}

/// What a word is, by which its colour goes.
#[derive(Clone, Copy)]
pub(crate) enum Ink {
    Title,
    Key,
    Warning,
    Bad,
}

impl Style {
    /// The style of standard output.
    pub(crate) fn of_stdout(env: &Env) -> Style {
        Style::of(env, std::io::stdout().is_terminal())
    }

    /// The style of standard error.
    pub(crate) fn of_stderr(env: &Env) -> Style {
        Style::of(env, std::io::stderr().is_terminal())
    }

    /// `NO_COLOR` (no-color.org) and `TERM=dumb` forbid colour, `CLICOLOR=0` too; `CLICOLOR_FORCE` asks for it in a pipe. Without
    /// any, a terminal has it, unless it is one of a continuous-integration service, whose logs keep the escapes as text.
    /// The character set is that of the locale.
    fn of(env: &Env, terminal: bool) -> Style {
        let set = |name, but: &str| env.text(name).is_some_and(|value| value != but);
        let forbidden = env.get(env::NO_COLOR).is_some()
            || env.text(env::CLICOLOR) == Some("0")
            || env.text(env::TERM) == Some("dumb");
        let shown = terminal && env.get(env::CI).is_none() && env.get(env::TERM).is_some();
        let colour = !forbidden && (shown || set(env::CLICOLOR_FORCE, "0"));
        let locale = [env::LC_ALL, env::LC_CTYPE, env::LANG].into_iter().find_map(|name| env.text(name)).unwrap_or("C");
        let charset = locale.split('@').next().unwrap_or("").rsplit('.').next().unwrap_or("");
        let utf8 = charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8");
        Style { colour, utf8: utf8 || cfg!(windows) }
    }

    /// `text` in the colour of `ink`.
    pub(crate) fn paint(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Title => "1",
            Ink::Key => "2",
            Ink::Warning => "35",
            Ink::Bad => "31",
        };
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// `text` from a file, safe to show: control characters never reach a terminal, nor what its character set lacks.
    pub(crate) fn clean(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            let invisible = c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if invisible || (!self.utf8 && !c.is_ascii()) {
                out.extend(c.escape_unicode());
            } else {
                out.push(c);
            }
        }
        out
    }

    /// A line that another program wrote, safe to show: as [`Style::clean`], but tabs stay, and colours where they are
    /// allowed, which end with the line. Where they are not they are left out.
    pub(crate) fn clean_line(self, line: &str) -> String {
        let mut out = String::with_capacity(line.len());
        let mut rest = line.strip_suffix('\r').unwrap_or(line);
        let mut coloured = false;
        while let Some(at) = rest.find(['\t', '\x1b']) {
            out.push_str(&self.clean(&rest[..at]));
            let colour = colour_of(&rest[at..]);
            let taken = colour.map_or(1, str::len);
            match colour {
                Some(colour) if self.colour => {
                    out.push_str(colour);
                    coloured = true;
                }
                Some(_) => {}
                None if rest[at..].starts_with('\t') => out.push('\t'),
                None => out.push_str(&self.clean("\x1b")),
            }
            rest = &rest[at + taken..];
        }
        out.push_str(&self.clean(rest));
        if coloured { out + "\x1b[0m" } else { out }
    }
}

/// The escape at the start of the text, if it is one that sets colours and the like (SGR).
fn colour_of(text: &str) -> Option<&str> {
    let parameters = text.strip_prefix("\x1b[")?;
    let end = parameters.find(|c: char| !(c.is_ascii_digit() || matches!(c, ';' | ':')))?;
    parameters[end..].starts_with('m').then(|| &text[..text.len() - parameters.len() + end + 1])
}

/// A message that may quote a file, safe to show on one line. It may be in UTF-8 in any locale, as names of files are.
pub(crate) fn printable(message: &str) -> String {
    Style { colour: false, utf8: true }.clean(message)
}

/// A size in bytes in the unit that fits, in powers of ten: `16 kB`, `7.3 MB`, `1.2 GB`. What is not empty has 1 kB at least.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_follows_the_conventions() {
        for (pairs, terminal, colour) in [
            (&[(env::TERM, "xterm")][..], true, true),
            (&[(env::TERM, "xterm")], false, false),
            (&[], true, false),
            (&[(env::TERM, "dumb")], true, false),
            (&[(env::TERM, "xterm"), (env::NO_COLOR, "1")], true, false),
            (&[(env::TERM, "xterm"), (env::CLICOLOR, "0")], true, false),
            (&[(env::TERM, "xterm"), (env::CI, "true")], true, false),
            (&[(env::CLICOLOR_FORCE, "1")], false, true),
            (&[(env::CLICOLOR_FORCE, "0")], false, false),
            (&[(env::CLICOLOR_FORCE, "1"), (env::NO_COLOR, "1")], false, false),
        ] {
            assert_eq!(Style::of(&Env::of(pairs), terminal).colour, colour, "{pairs:?} {terminal}");
        }
    }

    #[test]
    #[cfg(not(windows))]
    fn the_locale_says_whether_utf8_may_be_shown() {
        for (pairs, utf8) in [
            (&[(env::LANG, "de_DE.UTF-8")][..], true),
            (&[(env::LANG, "C.utf8")], true),
            (&[(env::LANG, "en_US.UTF-8"), (env::LC_ALL, "C")], false),
            (&[(env::LC_CTYPE, "de_DE@euro"), (env::LANG, "C.UTF-8")], false),
            (&[], false),
        ] {
            assert_eq!(Style::of(&Env::of(pairs), true).utf8, utf8, "{pairs:?}");
        }
        let ascii = Style::default();
        assert_eq!(ascii.clean("naïve\u{1b}[31m"), "na\\u{ef}ve\\u{1b}[31m");
        assert_eq!(Style { utf8: true, ..ascii }.clean("naïve\u{202e}"), "naïve\\u{202e}");
        assert_eq!(printable("naïve\n"), "naïve\\u{a}");
    }

    #[test]
    fn lines_of_others_do_nothing_to_a_terminal_but_colour_it() {
        let plain = Style { colour: false, utf8: true };
        let coloured = Style { colour: true, ..plain };
        for (line, without, with) in [
            ("a\tb\r", "a\tb", "a\tb"),
            ("\x1b[1;31merror:\x1b[m naïve", "error: naïve", "\x1b[1;31merror:\x1b[m naïve\x1b[0m"),
            ("\x1b[38:5:1mred", "red", "\x1b[38:5:1mred\x1b[0m"),
            ("\x1b[2J\x1b[H", "\\u{1b}[2J\\u{1b}[H", "\\u{1b}[2J\\u{1b}[H"),
            ("\x1b]0;title\x07", "\\u{1b}]0;title\\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\x1b[>4;2m", "\\u{1b}[>4;2m", "\\u{1b}[>4;2m"),
            ("50%\r99%\x08", "50%\\u{d}99%\\u{8}", "50%\\u{d}99%\\u{8}"),
            ("\u{9b}2J\x1b", "\\u{9b}2J\\u{1b}", "\\u{9b}2J\\u{1b}"),
            ("\x1b[31", "\\u{1b}[31", "\\u{1b}[31"),
        ] {
            assert_eq!(plain.clean_line(line), without, "{line:?}");
            assert_eq!(coloured.clean_line(line), with, "{line:?}");
        }
        assert_eq!(Style::default().clean_line("\x1b[31mnaïve"), "na\\u{ef}ve");
    }

    #[test]
    fn sizes_are_in_the_unit_that_fits() {
        let said = [0, 1, 15_900, 999_999, 7_272_000, 999_949_999, 2_500_000_000].map(size);
        assert_eq!(said, ["0 kB", "1 kB", "16 kB", "1000 kB", "7.3 MB", "999.9 MB", "2.5 GB"]);
    }
}
