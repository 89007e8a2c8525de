//! `strings`: the printable text in files of any kind.

use std::ffi::{OsStr, OsString};
use std::io::Read;

use super::elf::NOBITS;
use super::object::Object;
use super::options::{self, Opt, Spec, Value};
use super::{Out, Tool, complain, read};
use crate::env::Env;
use crate::error::{Error, Result};

#[derive(Clone, Copy)]
enum O {
    All,
    Data,
    Names,
    Bytes,
    Radix,
    Octal,
    Whitespace,
    Encoding,
    Separator,
    Ignored,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Strings,
    usage: "[option...] [file...]",
    help: "h",
    version: "vV",
    options: &[
        Opt(O::All, "a", &["all"], Value::None, "Look at the whole file (the default)"),
        Opt(O::Data, "d", &["data"], Value::None, "Look only at the sections of an object that are loaded"),
        Opt(O::Names, "f", &["print-file-name"], Value::None, "Begin each line with the file's name"),
        Opt(O::Bytes, "n", &["bytes"], Value::Required("number"), "The shortest string to show; 4 by default"),
        Opt(O::Radix, "t", &["radix"], Value::Required("radix"), "Show offsets in d, o or x"),
        Opt(O::Octal, "o", &[], Value::None, "The same as --radix=o"),
        Opt(O::Whitespace, "w", &["include-all-whitespace"], Value::None, "Every kind of blank is text"),
        Opt(O::Encoding, "e", &["encoding"], Value::Required("encoding"), "s 7-bit, S 8-bit, b l 16-bit, B L 32-bit"),
        Opt(
            O::Separator,
            "s",
            &["output-separator"],
            Value::Required("text"),
            "What ends a string; a newline by default",
        ),
        Opt(O::Ignored, "T", &["target"], Value::Missing("the format is read from the file"), ""),
        Opt(O::Ignored, "U", &["unicode"], Value::Missing("UTF-8 is not decoded; -e S shows its bytes"), ""),
    ],
};

struct Settings {
    data_only: bool,
    names: bool,
    least: usize,
    radix: Option<u32>,
    whitespace: bool,
    /// Bytes of a character, and whether the most significant comes first.
    width: usize,
    big: bool,
    eight_bits: bool,
    separator: String,
}

pub(super) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let argv = numbers(argv);
    let Some(line) = SPEC.parse(&argv, env, out)? else { return Ok(0) };
    let mut settings = Settings {
        data_only: false,
        names: false,
        least: 4,
        radix: None,
        whitespace: false,
        width: 1,
        big: false,
        eight_bits: false,
        separator: "\n".into(),
    };
    for (option, value) in &line.options {
        match option {
            O::All => settings.data_only = false,
            O::Data => settings.data_only = true,
            O::Names => settings.names = true,
            O::Bytes => {
                let least = options::number("--bytes", value)?;
                settings.least = usize::try_from(least)
                    .ok()
                    .filter(|n| *n > 0)
                    .ok_or_else(|| Error::message(format!("invalid minimum string length {least}")))?;
            }
            O::Radix => {
                settings.radix = Some(options::choice("--radix", value, &[("d", 10), ("o", 8), ("x", 16)])?);
            }
            O::Octal => settings.radix = Some(8),
            O::Whitespace => settings.whitespace = true,
            O::Encoding => {
                const ENCODINGS: &[(&str, (usize, bool, bool))] = &[
                    ("s", (1, false, false)),
                    ("S", (1, false, true)),
                    ("b", (2, true, false)),
                    ("l", (2, false, false)),
                    ("B", (4, true, false)),
                    ("L", (4, false, false)),
                ];
                (settings.width, settings.big, settings.eight_bits) = options::choice("--encoding", value, ENCODINGS)?;
            }
            O::Separator => settings.separator = options::text("--output-separator", value)?.to_owned(),
            O::Ignored => {}
        }
    }
    if line.operands.is_empty() {
        let mut data = Vec::new();
        std::io::stdin().lock().read_to_end(&mut data).map_err(Error::io("read", "standard input"))?;
        scan("{standard input}", &data, 0, &settings, out)?;
        return Ok(0);
    }
    let mut code = 0;
    // A lone '-' is the old way to say --all.
    for name in line.operands.iter().filter(|name| *name != "-") {
        if let Err(error) = read(name).and_then(|data| file(name, &data, &settings, out)) {
            complain(out, &error)?;
            code = 1;
        }
    }
    Ok(code)
}

/// `-8` is `-n 8`.
fn numbers(argv: &[OsString]) -> Vec<OsString> {
    let digits = |word: &OsStr| -> Option<String> {
        let rest = word.to_str()?.strip_prefix('-')?;
        (!rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())).then(|| format!("--bytes={rest}"))
    };
    argv.iter().map(|word| digits(word).map_or_else(|| word.clone(), OsString::from)).collect()
}

fn file(name: &OsStr, data: &[u8], settings: &Settings, out: &mut Out) -> Result<()> {
    let shown = name.to_string_lossy();
    if !settings.data_only {
        return scan(&shown, data, 0, settings, out);
    }
    match Object::parse(data) {
        Ok(Object::Elf(elf)) => {
            for section in elf.sections.iter().filter(|section| section.is_alloc() && section.kind != NOBITS) {
                scan(&shown, &section.data, section.offset, settings, out)?;
            }
            Ok(())
        }
        Ok(Object::Pe(pe)) => {
            for section in pe.sections.iter().filter(|section| section.bfd_flags().load) {
                scan(&shown, section.shown_data(pe.form), section.offset.into(), settings, out)?;
            }
            Ok(())
        }
        Err(_) => scan(&shown, data, 0, settings, out),
    }
}

fn scan(name: &str, data: &[u8], base: u64, settings: &Settings, out: &mut Out) -> Result<()> {
    let mut at = 0;
    while at + settings.width <= data.len() {
        let start = at;
        let mut text = Vec::new();
        while let Some(character) = character(data, at, settings) {
            text.push(character);
            at += settings.width;
        }
        if text.len() >= settings.least {
            if settings.names {
                out.text(format!("{name}: "))?;
            }
            let offset = base + start as u64;
            match settings.radix {
                Some(8) => out.text(format!("{offset:7o} "))?,
                Some(10) => out.text(format!("{offset:7} "))?,
                Some(_) => out.text(format!("{offset:7x} "))?,
                None => {}
            }
            out.text(&text)?;
            out.text(&settings.separator)?;
            at += 1;
        } else {
            // A wide string may begin at any byte.
            at = start + 1;
        }
    }
    Ok(())
}

/// The character at `at`, if it is text.
fn character(data: &[u8], at: usize, settings: &Settings) -> Option<u8> {
    let bytes = data.get(at..at + settings.width)?;
    let join = |value: u32, byte: &u8| value << 8 | u32::from(*byte);
    let value = if settings.big { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) };
    let byte = u8::try_from(value).ok()?;
    let blank = byte == b'\t' || settings.whitespace && byte.is_ascii_whitespace();
    let graphic = (b' '..=b'~').contains(&byte) || settings.eight_bits && byte > 127;
    (blank || graphic || settings.whitespace && byte == 0x0b).then_some(byte)
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
