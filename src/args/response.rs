//! Response files: `@file` arguments in the quoting of gcc, which clang, LLD, CMake, Ninja and rustc share on Unix.
//!
//! Go writes its own with `%q`, one quoted word a line, which this quoting reads too. The user's file is only ever
//! read; what xcc must change goes out as a new file (`command.rs`).

use std::ffi::{OsStr, OsString};

use memchr::{memchr2, memchr3};

/// How deep `@file` inside `@file` may go; gcc stops at 2000 files, a loop needs no more to be one.
const DEEPEST: usize = 32;

/// The file of a word `@file`.
pub(crate) fn file_name(word: &OsStr) -> Option<&OsStr> {
    match word.as_encoded_bytes().split_first() {
        // SAFETY: splitting after an ASCII character.
        Some((b'@', rest)) if !rest.is_empty() => Some(unsafe { OsStr::from_encoded_bytes_unchecked(rest) }),
        _ => None,
    }
}

/// Appends the words of `contents` to `words`, those of nested files in place.
pub(crate) fn expand(
    contents: &[u8],
    read: &dyn Fn(&OsStr) -> Option<Vec<u8>>,
    depth: usize,
    words: &mut Vec<OsString>,
) {
    split(contents, &mut |word| {
        let nested = file_name(&word).filter(|_| depth < DEEPEST).and_then(read);
        match nested {
            Some(contents) => expand(&contents, read, depth + 1, words),
            None => words.push(word),
        }
    });
}

/// Splits by libiberty's rules (`buildargv`): blanks separate, `'…'` and `"…"` quote, a backslash quotes the next
/// character everywhere, inside `'…'` too, unlike in a shell.
fn split(contents: &[u8], emit: &mut dyn FnMut(OsString)) {
    let mut at = 0;
    // The next character that could mean something, searched for once and not for each word.
    let mut special = 0;
    while at < contents.len() {
        if contents[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let mut word = Vec::new();
        while at < contents.len() && !contents[at].is_ascii_whitespace() {
            if special < at || special == 0 {
                special = at + memchr3(b'\'', b'"', b'\\', &contents[at..]).unwrap_or(contents.len() - at);
            }
            if special > at {
                let run = &contents[at..special];
                let run = &run[..run.iter().position(u8::is_ascii_whitespace).unwrap_or(run.len())];
                word.extend_from_slice(run);
                at += run.len();
                continue;
            }
            at += 1;
            match contents[special] {
                b'\\' => {
                    word.extend(contents.get(at));
                    at += 1;
                }
                quote => {
                    while at < contents.len() {
                        let end = memchr2(quote, b'\\', &contents[at..]).unwrap_or(contents.len() - at);
                        word.extend_from_slice(&contents[at..at + end]);
                        at += end + 1;
                        if contents.get(at - 1) != Some(&b'\\') {
                            break;
                        }
                        word.extend(contents.get(at));
                        at += 1;
                    }
                }
            }
        }
        emit(from_bytes(word));
    }
}

/// The contents of a response file that reads back as `words`.
pub(crate) fn quote<'a>(words: impl IntoIterator<Item = &'a OsStr>) -> Vec<u8> {
    let mut contents = Vec::new();
    for word in words {
        contents.push(b'"');
        for &byte in word.as_encoded_bytes() {
            if byte == b'"' || byte == b'\\' {
                contents.push(b'\\');
            }
            contents.push(byte);
        }
        contents.extend_from_slice(b"\"\n");
    }
    contents
}

/// The word of these bytes.
#[cfg(unix)]
pub(crate) fn from_bytes(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
pub(crate) fn from_bytes(bytes: Vec<u8>) -> OsString {
    OsString::from(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(contents: &str) -> Vec<String> {
        let mut all = Vec::new();
        expand(contents.as_bytes(), &|_| None, 0, &mut all);
        all.into_iter().map(|w| w.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn quoting_is_gccs() {
        assert_eq!(words("a b\n\tc\r\nd"), ["a", "b", "c", "d"]);
        assert_eq!(
            words(r#"'a b' "c \"d\" \\" e\ f g'h'"i" "" '' '\\'"#),
            ["a b", r#"c "d" \"#, "e f", "ghi", "", "", r"\"]
        );
        assert_eq!(words(r#"-DX=\"y\" '-DZ="q"'"#), [r#"-DX="y""#, r#"-DZ="q""#]);
        assert_eq!(words("\"/a b/go.o\"\n\"-Wl,-z,now\"\n"), ["/a b/go.o", "-Wl,-z,now"]);
        assert_eq!(words(""), Vec::<String>::new());
        assert_eq!(words("  \n "), Vec::<String>::new());
        assert_eq!(words("'open x"), ["open x"]);
        assert_eq!(words("\"open x"), ["open x"]);
        assert_eq!(words("a\\"), ["a"]);
    }

    #[test]
    fn files_nest_and_a_loop_ends() {
        let read = |name: &OsStr| match name.to_str() {
            Some("inner") => Some(b"x y".to_vec()),
            Some("loop") => Some(b"@loop".to_vec()),
            _ => None,
        };
        let mut all = Vec::new();
        expand(b"a @inner @missing b", &read, 0, &mut all);
        assert_eq!(all, ["a", "x", "y", "@missing", "b"]);
        let mut all = Vec::new();
        expand(b"@loop", &read, 0, &mut all);
        assert_eq!(all, ["@loop"]);
    }

    proptest! {
        #[test]
        fn quoted_words_read_back(words in proptest::collection::vec("[^\\x00]{0,12}", 0..12)) {
            let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
            let mut back = Vec::new();
            expand(&quote(words.iter().map(OsString::as_os_str)), &|_| None, 0, &mut back);
            prop_assert_eq!(back, words);
        }
    }
}
