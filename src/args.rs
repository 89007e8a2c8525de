//! Arguments: a command line as the option table reads it, each with its extent, and able to be spelled back as written.
//!
//! `-z -target` hands `-target` to the linker, so a rule must see arguments, never raw words: only this file knows
//! joined from separate, and which words came out of a response file. What an argument means for a build is in
//! `facts.rs`; what must change about it, in `rules.rs`.

pub(crate) mod options;
pub(crate) mod response;

use std::ffi::{OsStr, OsString};

use crate::error::{Error, Result};
use options::{CC, Opt};

/// How a value is attached, in LLVM's words (`OptParser.td`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Syntax {
    /// No value: `-c`.
    Flag,
    /// Value in the same word: `-march=armv8-a`.
    Joined,
    /// Value in the next word: `-target T`.
    Separate,
    /// Either: `-o x`, `-ox`.
    JoinedOrSeparate,
    /// A part of the value in the same word and the rest in the next: `-Xarch_x86_64 -O2`.
    JoinedAndSeparate,
    /// Values in the same word, separated by commas: `-Wl,-z,now`.
    CommaJoined,
}

/// What an option means to xcc. Many spellings share one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// `-arch`: what Apple's drivers compile for.
    Arch,
    /// `-S`: stop before assembling.
    Assemble,
    /// `-m32`, `-m64`, `-mx32`: the word size, which a name of xcc has decided.
    Bits,
    /// `-c`.
    Compile,
    /// `-g`.
    DebugInfo,
    Define,
    /// `-M`, `-MM`: print dependencies, compile nothing.
    Dependencies,
    /// zig's `-dynamic`: the opposite of `-static`.
    Dynamic,
    EndOfOptions,
    /// `-e`: the entry point.
    Entry,
    /// `-mfloat-abi=`, `-msoft-float`, `-mhard-float`.
    FloatAbi,
    FuseLd,
    GccInstall,
    /// `-mgeneral-regs-only`: no floating point at all.
    GeneralRegsOnly,
    HashHashHash,
    /// `-isysroot`: the SDK, for Apple's systems; elsewhere clang takes it for `=dir` header directories alone.
    Isysroot,
    Isystem,
    /// `-x`.
    Language,
    LdPath,
    Library,
    /// `-Wl,` and `-Xlinker`: for the linker.
    Linker,
    /// `-z KEYWORD`, which clang hands to the linker.
    LinkerZ,
    Lto,
    /// `-mabi=`.
    Mabi,
    March,
    Mcpu,
    /// `-mfpu=`: the floating-point unit, on ARM.
    Mfpu,
    Mtune,
    NoDefaultLibs,
    NoPie,
    NoSanitize,
    NoStartFiles,
    NoStdlib,
    Output,
    /// `-fPIC`, `-fno-pie` and the like: what position-independence the code has.
    Pic,
    Pie,
    /// `-fplugin=`, and an argument for a plugin.
    Plugin,
    Preprocess,
    /// `-Wp,`.
    Preprocessor,
    /// A question, answered without input files.
    Probe,
    /// Instrumentation that needs a profile runtime.
    Profile,
    /// Instrumentation that needs another runtime.
    Instrument,
    /// `-B`: a directory that is searched for programs and start files first.
    ProgramPrefix,
    /// `-rdynamic`: the program's own symbols for the libraries it opens.
    Rdynamic,
    /// `-r`.
    Relocatable,
    ResourceDir,
    Rtlib,
    Sanitize,
    SanitizeTrap,
    Shared,
    /// `-specs=`: a spec file of GCC.
    Specs,
    Static,
    StaticPie,
    Stdlib,
    SyntaxOnly,
    Sysroot,
    Target,
    Verbatim,
    Verbose,
}

/// A word of the command line and the response file it came from, as an index into [`Words::files`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word {
    pub(crate) text: OsString,
    pub(crate) file: Option<usize>,
}

/// The command line with its response files read.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) words: Vec<Word>,
    /// The `@file` words of the command line itself, in order.
    pub(crate) files: Vec<OsString>,
}

/// One argument. `words` are its words as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arg<'a> {
    /// The row of the table; `None` for an input, and for an option the table does not name.
    pub(crate) opt: Option<&'static Opt>,
    pub(crate) words: &'a [Word],
    /// What the option takes; for an input, the file.
    pub(crate) value: Option<&'a OsStr>,
}

impl<'a> Arg<'a> {
    pub(crate) fn meaning(&self) -> Option<Meaning> {
        self.opt.map(|opt| opt.meaning)
    }

    /// An operand: a file, or `-` for standard input.
    pub(crate) fn is_input(&self) -> bool {
        self.opt.is_none() && (!starts_with_dash(&self.words[0].text) || self.words[0].text == "-")
    }

    pub(crate) fn text(&self) -> &'a str {
        self.value.and_then(OsStr::to_str).unwrap_or("")
    }

    /// The spelling, for messages: words joined by blanks.
    pub(crate) fn spelling(&self) -> String {
        let words: Vec<_> = self.words.iter().map(|word| word.text.to_string_lossy()).collect();
        words.join(" ")
    }

    /// The response file that all or a part of the argument came from.
    pub(crate) fn file(&self) -> Option<usize> {
        self.words.iter().find_map(|word| word.file)
    }
}

fn starts_with_dash(text: &OsStr) -> bool {
    text.as_encoded_bytes().first() == Some(&b'-')
}

/// Reads a command line by the option table.
///
/// # Errors
/// [`Error::MissingValue`] when the last word needs another.
pub(crate) fn parse(words: &[Word]) -> Result<Vec<Arg<'_>>> {
    let mut args = Vec::with_capacity(words.len());
    let mut rest = words;
    let mut only_inputs = false;
    while let Some(word) = rest.first() {
        let found = if only_inputs || !starts_with_dash(&word.text) { None } else { lookup(&word.text) };
        let Some((opt, joined)) = found else {
            let value = Some(word.text.as_os_str()).filter(|text| only_inputs || !starts_with_dash(text));
            args.push(Arg { opt: None, words: &rest[..1], value });
            rest = &rest[1..];
            continue;
        };
        let takes_next = match opt.syntax {
            Syntax::Flag | Syntax::Joined | Syntax::CommaJoined => false,
            Syntax::Separate | Syntax::JoinedAndSeparate => true,
            Syntax::JoinedOrSeparate => joined.is_empty(),
        };
        let count = if takes_next { 2 } else { 1 };
        if rest.len() < count {
            return Err(Error::MissingValue { option: word.text.to_string_lossy().into_owned() });
        }
        let value = match opt.syntax {
            Syntax::Flag => None,
            _ if takes_next => Some(rest[1].text.as_os_str()),
            _ => Some(joined),
        };
        args.push(Arg { opt: Some(opt), words: &rest[..count], value });
        only_inputs |= opt.meaning == Meaning::EndOfOptions;
        rest = &rest[count..];
    }
    Ok(args)
}

/// The row of a word that starts with a dash, and what follows the option's name in the same word. The longest name
/// wins: `-isystem-after` is not an `-isystem`, `-include-pch` not an `-include` of `-pch`.
fn lookup(word: &OsStr) -> Option<(&'static Opt, &OsStr)> {
    let bytes = word.as_encoded_bytes();
    // Every row that is a prefix of the word sorts at or before it; the longest is the nearest of them.
    let mut end = CC.partition_point(|opt| opt.name.as_bytes() <= bytes);
    while end > 0 {
        let opt = &CC[end - 1];
        let name = opt.name.as_bytes();
        if let Some(joined) = bytes.strip_prefix(name) {
            let fits = match opt.syntax {
                Syntax::Flag | Syntax::Separate => joined.is_empty(),
                Syntax::Joined | Syntax::CommaJoined | Syntax::JoinedOrSeparate | Syntax::JoinedAndSeparate => true,
            };
            if fits {
                // SAFETY: `name` is ASCII, so the split is on a character boundary of the platform's encoding.
                return Some((opt, unsafe { OsStr::from_encoded_bytes_unchecked(joined) }));
            }
        }
        // Rows that share fewer bytes with the word than the shortest name has can end the search.
        if name.len() > 1 && bytes.len() > 1 && name[..2] != bytes[..2] {
            return None;
        }
        end -= 1;
    }
    None
}

/// Reads the response files of a command line. A word `@file` whose file cannot be read is an input, as for gcc.
pub(crate) fn read_words(argv: &[OsString], read: &dyn Fn(&OsStr) -> Option<Vec<u8>>) -> Words {
    let mut all = Words { words: Vec::with_capacity(argv.len()), files: Vec::new() };
    for text in argv {
        let contents = response::file_name(text).and_then(read);
        match contents {
            None => all.words.push(Word { text: text.clone(), file: None }),
            Some(contents) => {
                let file = Some(all.files.len());
                all.files.push(text.clone());
                let mut expanded = Vec::new();
                response::expand(&contents, read, 0, &mut expanded);
                all.words.extend(expanded.into_iter().map(|text| Word { text, file }));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(texts: &[&str]) -> Vec<Word> {
        texts.iter().map(|text| Word { text: OsString::from(text), file: None }).collect()
    }

    #[test]
    fn options_are_sorted_and_unique() {
        for pair in CC.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} can't precede {}", pair[0].name, pair[1].name);
        }
    }

    #[test]
    fn every_row_is_found_by_its_own_spelling() {
        for opt in CC {
            let written = match opt.syntax {
                Syntax::Flag | Syntax::Separate | Syntax::JoinedOrSeparate => opt.name.to_owned(),
                _ => format!("{}value", opt.name),
            };
            let found = lookup(OsStr::new(&written)).map(|(opt, _)| opt.name);
            assert_eq!(found, Some(opt.name), "{written}");
        }
    }

    #[test]
    fn a_value_is_never_an_option() {
        let line = words(&["-z", "-target", "-Xclang", "-target", "-MF", "-c", "-target", "T", "-o", "-E"]);
        let meanings: Vec<_> = parse(&line).unwrap().iter().map(|arg| (arg.meaning().unwrap(), arg.text())).collect();
        use Meaning::*;
        assert_eq!(
            meanings,
            [(LinkerZ, "-target"), (Verbatim, "-target"), (Verbatim, "-c"), (Target, "T"), (Output, "-E")]
        );
    }

    #[test]
    fn longest_name_wins_and_joined_values_split() {
        for (word, name, value) in [
            ("-isystem-after/x", "-isystem-after", "/x"),
            ("-isystem/x", "-isystem", "/x"),
            ("-ofile", "-o", "file"),
            ("-static-pie", "-static-pie", ""),
            ("-lgcc_s", "-l", "gcc_s"),
            ("-Wl,-z,now", "-Wl,", "-z,now"),
            ("--target=x", "--target=", "x"),
            ("-fsanitize=undefined", "-fsanitize=", "undefined"),
        ] {
            let line = words(&[word]);
            let args = parse(&line).unwrap();
            assert_eq!((args[0].opt.unwrap().name, args[0].text()), (name, value), "{word}");
        }
        for untouched in ["-static-libgcc", "-shared-libgcc", "-fno-lto", "-gdwarf-4", "-march", "-emit-llvm"] {
            let line = words(&[untouched]);
            let meaning = parse(&line).unwrap()[0].meaning();
            assert!(matches!(meaning, None | Some(Meaning::Verbatim)), "{untouched}: {meaning:?}");
        }
    }

    #[test]
    fn a_missing_value_is_an_error_in_clangs_words() {
        let line = words(&["a.c", "-o"]);
        assert_eq!(parse(&line).unwrap_err().to_string(), "argument to '-o' is missing (expected 1 value)");
    }

    proptest! {
        /// Unknown means untouched: whatever the words are, the arguments spell the same words back.
        #[test]
        fn parse_then_spell_is_identity(texts in proptest::collection::vec("(-[a-zA-Z=,#-]{0,12}|--?[a-z]{1,9}=?[ -~]{0,6}|\\PC{0,8})", 0..20)) {
            let line: Vec<Word> = texts.iter().map(|t| Word { text: t.into(), file: None }).collect();
            if let Ok(args) = parse(&line) {
                let spelled: Vec<Word> = args.iter().flat_map(|arg| arg.words.to_vec()).collect();
                prop_assert_eq!(spelled, line);
            }
        }
    }
}
