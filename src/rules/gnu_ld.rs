//! What GNU ld takes and LLD does not, for the `ld` that clang or a user calls: each row says what becomes of the option
//! and why that is what the user asked for.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::error::{Error, Result};

/// How an option is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// The whole word.
    Word,
    /// `-z KEYWORD`, in one word or two.
    Keyword,
    /// The beginning of a word; the rest is the value.
    Prefix,
}

/// What takes its place.
#[derive(Clone, Copy, Debug)]
enum Then {
    Drop,
    /// One word; for [`Form::Prefix`] the value follows in the same word.
    Word(&'static str),
    /// The version script of [`symbol_versions`].
    SymbolVersions,
}

/// Spelling, form, replacement, reason.
type Row = (&'static str, Form, Then, &'static str);

const OPTIONS: &[Row] = &[
    (
        "ibt",
        Form::Keyword,
        Then::Drop,
        "LLD marks the output when all inputs are marked, which is when the mark is true",
    ),
    ("--no-warn-search-mismatch", Form::Word, Then::Drop, "silences a message that LLD does not have"),
    ("--no-warn-rwx-segments", Form::Word, Then::Drop, "silences a message that LLD does not have"),
    ("--no-enum-size-warning", Form::Word, Then::Drop, "silences a message that LLD does not have, on Arm"),
    ("--no-wchar-size-warning", Form::Word, Then::Drop, "silences a message that LLD does not have, on Arm"),
    ("--use-blx", Form::Word, Then::Drop, "what LLD does wherever the architecture has the instruction"),
    ("--threads", Form::Word, Then::Drop, "gold's; LLD uses threads by itself"),
    ("-threads", Form::Word, Then::Drop, "gold's; LLD uses threads by itself"),
    ("--no-threads", Form::Word, Then::Word("--threads=1"), "gold's; LLD says it with a number"),
    ("--reduce-memory-overheads", Form::Word, Then::Drop, "memory of the linker, not the output"),
    ("--no-keep-memory", Form::Word, Then::Drop, "memory of the linker, not the output"),
    ("--no-ld-generated-unwind-info", Form::Word, Then::Drop, "LLD makes no unwind entries for PLT code"),
    ("--ld-generated-unwind-info", Form::Word, Then::Drop, "LLD has none; only a debugger inside a PLT would look"),
    ("--copy-dt-needed-entries", Form::Word, Then::Drop, "a link that rests on it fails and names the symbol"),
    ("--no-copy-dt-needed-entries", Form::Word, Then::Drop, "what LLD always does"),
    ("--spare-dynamic-tags=", Form::Prefix, Then::Drop, "room for a prelinker; nothing reads it"),
    (
        DEFAULT_SYMVER,
        Form::Word,
        Then::SymbolVersions,
        "LLD lacks it; for a library a script says that each symbol has the soname as its version",
    ),
    ("--call-graph-profile-sort", Form::Word, Then::Drop, "LLD's default, which its newer versions want a value for"),
    (
        "--compress-debug-sections=zlib-gnu",
        Form::Word,
        Then::Word("--compress-debug-sections=zlib"),
        "the format before gABI's; readers of the old one read the new",
    ),
    (
        "-nopie",
        Form::Word,
        Then::Word("-no-pie"),
        "OpenBSD's linker has the spelling; clang's driver and Go use it for that system",
    ),
    ("-I/", Form::Prefix, Then::Word("--dynamic-linker=/"), "GNU ld's short spelling, joined"),
];

/// The arguments as LLD takes them.
pub(crate) fn for_lld(argv: &[OsString]) -> Vec<OsString> {
    walk(argv, |_, _, _| {})
}

/// The version script that `--default-symver` stands for: what no other script names gets the soname (or else the output's
/// name) as its version (GNU ld's manual). `None` without the option, or for a program.
///
/// # Errors
/// A name that a version script cannot spell.
pub(crate) fn symbol_versions(argv: &[OsString]) -> Result<Option<String>> {
    if !argv.iter().any(|word| word == DEFAULT_SYMVER) || !argv.iter().any(|word| SHARED.iter().any(|s| word == *s)) {
        return Ok(None);
    }
    let output = value(argv, OUTPUT).and_then(|path| Path::new(path).file_name()).unwrap_or(OsStr::new("a.out"));
    let name = value(argv, SONAME).unwrap_or(output);
    let plain = |text: &&str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b));
    let name = name.to_str().filter(plain).ok_or_else(|| {
        Error::with_help(
            format!("unsupported option '{DEFAULT_SYMVER}' with the soname '{}'", name.to_string_lossy()),
            "a version has letters, digits, '.', '_', '+' and '-' alone; name the soname with -soname",
        )
    })?;
    Ok(Some(format!("{name} {{ *; }};\n")))
}

/// The last value of an option, which each spelling takes joined or, where nothing follows it, in the next word.
fn value<'a>(argv: &'a [OsString], spellings: &[&str]) -> Option<&'a OsStr> {
    // Of the long options with one dash, `-hash-style` alone could be one letter and its value.
    let mut words =
        argv.iter().enumerate().rev().filter(|(_, word)| !word.as_encoded_bytes().starts_with(b"-hash-style"));
    words.find_map(|(at, word)| {
        spellings.iter().find_map(|spelling| match word.to_str()?.strip_prefix(spelling)? {
            "" => argv.get(at + 1).map(OsString::as_os_str),
            joined => joined.strip_prefix('=').or((spelling.len() == 2).then_some(joined)).map(OsStr::new),
        })
    })
}

const DEFAULT_SYMVER: &str = "--default-symver";

/// The spellings of one letter come last: they are how others begin.
const SONAME: &[&str] = &["--soname", "-soname", "-h"];

const OUTPUT: &[&str] = &["--output", "-o"];

/// What makes a link one of a shared library.
const SHARED: &[&str] = &["-shared", "--shared", "-Bshareable"];

/// What [`for_lld`] changes about the arguments, and why, for a trace.
pub(crate) fn changes(argv: &[OsString]) -> Vec<String> {
    let mut lines = Vec::new();
    let scripted = matches!(symbol_versions(argv), Ok(Some(_)));
    walk(argv, |word, new, row| {
        let word = word.to_string_lossy();
        let becomes = match (row.2, new) {
            (Then::SymbolVersions, _) if scripted => "becomes a version script".to_owned(),
            (_, Some(new)) => format!("becomes '{}'", new.to_string_lossy()),
            (_, None) => "is dropped".to_owned(),
        };
        lines.push(format!("'{word}' {becomes}: {}", row.3));
    });
    lines
}

/// The arguments as LLD takes them; `changed` hears each word that does not stay, what takes its place, and the row.
fn walk(argv: &[OsString], mut changed: impl FnMut(&OsStr, Option<&OsStr>, &Row)) -> Vec<OsString> {
    let mut words = Vec::with_capacity(argv.len());
    let mut rest = argv.iter();
    while let Some(word) = rest.next() {
        if word == "-z" {
            let keyword = rest.next();
            match keyword.and_then(|keyword| Some((keyword, keyword_row(keyword)?))) {
                Some((keyword, row)) => {
                    let both: OsString = [word.as_os_str(), keyword].join(OsStr::new(" "));
                    changed(&both, None, row);
                }
                None => {
                    words.push(word.clone());
                    words.extend(keyword.cloned());
                }
            }
            continue;
        }
        match replacement(word) {
            None => words.push(word.clone()),
            Some((row, new)) => {
                changed(word, new.as_deref(), row);
                words.extend(new);
            }
        }
    }
    words
}

fn keyword_row(keyword: &OsStr) -> Option<&'static Row> {
    OPTIONS.iter().find(|(name, form, ..)| *form == Form::Keyword && keyword == *name)
}

/// `None` for a word that stays.
fn replacement(word: &OsStr) -> Option<(&'static Row, Option<OsString>)> {
    let bytes = word.as_encoded_bytes();
    // Inputs, and options of one letter but the table's, are most of a link line.
    if bytes.len() < 3 || bytes[0] != b'-' {
        return None;
    }
    if let Some(keyword) = bytes.strip_prefix(b"-z") {
        return keyword_row(std::str::from_utf8(keyword).ok()?.as_ref()).map(|row| (row, None));
    }
    let row = OPTIONS.iter().find(|(name, form, ..)| match form {
        Form::Word => word == *name,
        Form::Prefix => bytes.starts_with(name.as_bytes()),
        Form::Keyword => false,
    })?;
    Some(match row.2 {
        Then::Drop | Then::SymbolVersions => (row, None),
        Then::Word(new) => {
            let mut text = OsString::from(new);
            if row.1 == Form::Prefix {
                text.push(word.to_str()?.strip_prefix(row.0)?);
            }
            (row, Some(text))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_gnu_ld_become_llds() {
        let given = [
            "-z",
            "ibt",
            "-zibt",
            "-z",
            "now",
            "-znow",
            "--no-threads",
            "--threads=2",
            "-I/lib/x.so",
            "-o",
            "a",
            "a.o",
        ];
        let argv: Vec<OsString> = given.iter().map(OsString::from).collect();
        let expected =
            ["-z", "now", "-znow", "--threads=1", "--threads=2", "--dynamic-linker=/lib/x.so", "-o", "a", "a.o"];
        assert_eq!(for_lld(&argv), expected);
        let changes = changes(&argv);
        let of = |word: &str| changes.iter().filter(|line| line.starts_with(word)).count();
        assert_eq!((of("'-z ibt' is dropped: LLD marks"), of("'-zibt' is dropped: LLD marks")), (1, 1), "{changes:?}");
        assert_eq!(of("'--no-threads' becomes '--threads=1': gold's"), 1, "{changes:?}");
        assert_eq!(changes.len(), 4, "{changes:?}");
    }

    /// The last soname counts, in each spelling; without one it is the output's name; a program has no versions.
    #[test]
    fn default_symver_becomes_a_version_script() {
        let script = |line: &str| {
            let argv: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            symbol_versions(&argv).unwrap_or_else(|error| Some(error.to_string()))
        };
        assert_eq!(script("-shared a.o -soname liba.so.1 -o liba.so"), None);
        assert_eq!(script("--default-symver a.o -o a"), None);
        let expected = Some("liba.so.1 { *; };\n".to_owned());
        assert_eq!(script("-shared --default-symver -soname liba.so.1 -o x/liba.so"), expected);
        assert_eq!(script("-shared --default-symver -h liba.so.1 a.o"), expected);
        assert_eq!(script("-shared --default-symver --soname=liba.so.1 a.o"), expected);
        assert_eq!(script("-shared --default-symver -o x/liba.so.1 a.o"), expected);
        assert_eq!(script("-shared --default-symver --output=x/liba.so.1 a.o"), expected);
        assert_eq!(script("-shared --default-symver -soname=b -hliba.so.1 a.o"), expected);
        assert_eq!(script("-shared --default-symver -hb -soname liba.so.1 -oc a.o"), expected);
        assert_eq!(script("-shared --default-symver -soname liba.so.1 -hash-style=gnu a.o"), expected);
        assert!(script("-shared --default-symver -h a{b").unwrap().contains("soname 'a{b'"));
    }

    #[test]
    fn every_row_gives_a_reason() {
        assert!(OPTIONS.iter().all(|row| row.3.len() > 15));
    }
}
