//! `c++filt`, and the names of C++ and Rust for every tool that has `-C`.

use std::ffi::{OsStr, OsString};
use std::io::BufRead;

use cpp_demangle::{DemangleOptions, Symbol};

use super::options::{self, Opt, Spec, Value};
use super::{Out, Tool};
use crate::env::Env;
use crate::error::{Error, Result};

/// Which manglings are undone.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Style {
    None,
    Auto,
    Cxx,
    Rust,
}

/// The value of `--demangle=STYLE`; none is `auto`.
pub(super) fn style(option: &str, value: &OsStr) -> Result<Style> {
    match value.is_empty() {
        true => Ok(Style::Auto),
        false => options::choice(
            option,
            value,
            &[("none", Style::None), ("auto", Style::Auto), ("gnu-v3", Style::Cxx), ("rust", Style::Rust)],
        ),
    }
}

/// The name as it was written, with its version if it has one; the name itself where it is not mangled.
pub(super) fn symbol(name: &str, style: Style) -> String {
    if style == Style::None || !name.contains("_Z") && !name.contains("_R") {
        return name.to_owned();
    }
    let (plain, version) = name.find('@').filter(|at| *at > 0).map_or((name, ""), |at| name.split_at(at));
    // The ELFv1 ABI of PowerPC, and local labels, put dots before.
    let dots = plain.len() - plain.trim_start_matches('.').len();
    match demangled(&plain[dots..], style, DemangleOptions::new()) {
        Some(text) => format!("{}{text}{version}", &plain[..dots]),
        None => name.to_owned(),
    }
}

fn demangled(name: &str, style: Style, options: DemangleOptions) -> Option<String> {
    if style != Style::Cxx
        && is_rust(name)
        && let Ok(rust) = rustc_demangle::try_demangle(name)
    {
        // Without the hash, as GNU's and LLVM's tools print it.
        return Some(format!("{rust:#}"));
    }
    if style == Style::Rust || !name.starts_with("_Z") && !name.starts_with("__Z") {
        return None;
    }
    Symbol::new(name).ok()?.demangle_with_options(&options).ok().map(|text| in_gnus_words(name, text))
}

/// Rust's own mangling, or its older one: that of C++ with a hash at the end.
fn is_rust(name: &str) -> bool {
    let hash = name.find("17h").map_or("", |at| &name[at + 3..]);
    name.starts_with("_R") || hash.len() > 16 && hash.bytes().take(16).all(|byte| byte.is_ascii_hexdigit())
}

/// Suffixes of literals, by their types.
const LITERALS: &[(&str, &str)] = &[
    ("unsigned long long", "ull"),
    ("unsigned long", "ul"),
    ("unsigned int", "u"),
    ("long long", "ll"),
    ("long", "l"),
];

/// `(unsigned long)32` as `32ul`.
fn with_suffixes(mut text: String) -> String {
    for (kind, suffix) in LITERALS {
        let cast = format!("({kind})");
        let mut from = 0;
        while let Some(at) = text[from..].find(&cast).map(|at| at + from) {
            let digits = &text[at + cast.len()..];
            let sign = usize::from(digits.starts_with('-'));
            let count = digits[sign..].bytes().take_while(u8::is_ascii_digit).count();
            from = at + cast.len();
            if count > 0 {
                text.insert_str(from + sign + count, suffix);
                text.replace_range(at..from, "");
                from = at;
            }
        }
    }
    text
}

/// What the crate words otherwise, in the words of GNU's demangler.
fn in_gnus_words(mangled: &str, text: String) -> String {
    let text = with_suffixes(text.replace("_GLOBAL__N_1", "(anonymous namespace)"));
    let inside = |open: &str| text.strip_prefix(open)?.strip_suffix(")}");
    if let Some(class) = inside("{vtable(") {
        return format!("vtable for {class}");
    }
    if let Some(class) = inside("{vtt(") {
        return format!("VTT for {class}");
    }
    let Some(mut rest) = inside("{virtual override thunk(") else { return text };
    // One offset, two for a covariant return, then the function.
    while let Some(end) = rest.strip_prefix('{').and(rest.find(")}, ")) {
        rest = &rest[end + 4..];
    }
    let kind = match mangled.trim_start_matches('_').as_bytes() {
        [b'Z', b'T', b'h', ..] => "non-virtual thunk to",
        [b'Z', b'T', b'c', ..] => "covariant return thunk to",
        _ => "virtual thunk to",
    };
    format!("{kind} {rest}")
}

#[derive(Clone, Copy)]
enum O {
    StripUnderscore,
    NoStripUnderscore,
    NoParams,
    NoVerbose,
    Types,
    Format,
    Ignored,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Cxxfilt,
    usage: "[option...] [name...]",
    help: "h",
    version: "v",
    options: &[
        Opt(O::StripUnderscore, "_", &["strip-underscore"], Value::None, "Take one underscore off each name first"),
        Opt(O::NoStripUnderscore, "n", &["no-strip-underscore"], Value::None, "Leave names whole (the default)"),
        Opt(O::NoParams, "p", &["no-params"], Value::None, "Leave the parameters of functions out"),
        Opt(O::NoVerbose, "i", &["no-verbose"], Value::None, "No meaning, as for GNU's current manglings"),
        Opt(O::Types, "t", &["types"], Value::Missing("a type is not told from a word: mangle a function of it"), ""),
        Opt(O::Format, "s", &["format"], Value::Required("style"), "none, auto, gnu-v3 or rust"),
        Opt(O::Ignored, "Rr", &["recurse-limit"], Value::None, "There always is a limit"),
    ],
};

pub(super) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some(line) = SPEC.parse(argv, env, out)? else { return Ok(0) };
    let mut filter = Filter { underscore: false, params: true, style: Style::Auto };
    for (option, value) in &line.options {
        match option {
            O::StripUnderscore => filter.underscore = true,
            O::NoStripUnderscore => filter.underscore = false,
            O::NoParams => filter.params = false,
            O::Format => filter.style = style("--format", value)?,
            O::NoVerbose | O::Types | O::Ignored => {}
        }
    }
    for name in &line.operands {
        out.text(filter.name(&name.to_string_lossy()) + "\n")?;
    }
    if line.operands.is_empty() {
        let mut input = std::io::stdin().lock();
        let mut bytes = Vec::new();
        while input.read_until(b'\n', &mut bytes).map_err(Error::io("read", "standard input"))? > 0 {
            out.text(filter.line(&String::from_utf8_lossy(&bytes)))?;
            out.flush()?;
            bytes.clear();
        }
    }
    Ok(0)
}

struct Filter {
    underscore: bool,
    params: bool,
    style: Style,
}

impl Filter {
    fn name(&self, name: &str) -> String {
        if self.style == Style::None {
            return name.to_owned();
        }
        let plain = if self.underscore { name.strip_prefix('_').unwrap_or(name) } else { name };
        if self.params {
            let text = symbol(plain, self.style);
            return if text == plain { name.to_owned() } else { text };
        }
        let options = DemangleOptions::new().no_params();
        demangled(plain, self.style, options).unwrap_or_else(|| name.to_owned())
    }

    /// Every word of a text that may be a name.
    fn line(&self, line: &str) -> String {
        let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.');
        let mut text = String::with_capacity(line.len());
        let mut rest = line;
        while !rest.is_empty() {
            let end = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
            if end > 0 {
                text.push_str(&self.name(&rest[..end]));
            }
            let next = rest[end..].find(in_name).map_or(rest.len(), |n| end + n);
            text.push_str(&rest[end..next]);
            rest = &rest[next..];
        }
        text
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
