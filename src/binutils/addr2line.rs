//! `addr2line`: source lines of addresses.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::BufRead;

use addr2line::Context;
use gimli::{EndianReader, RunTimeEndian};
use object::read::{Object, ObjectSection, ObjectSymbol, RelocationMap};

use super::demangle::{self, Style};
use super::elf::Result as ElfResult;
use super::options::{Opt, Spec, Value};
use super::{Out, Tool, in_file, read};
use crate::env::Env;
use crate::error::{Error, Result};

#[derive(Clone, Copy)]
enum O {
    Addresses,
    Exe,
    Inlines,
    Section,
    Pretty,
    Base,
    Functions,
    Demangle,
    Ignored,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Addr2line,
    usage: "[option...] [address...]",
    help: "h",
    version: "v",
    options: &[
        Opt(O::Addresses, "a", &["addresses"], Value::None, "Show each address first"),
        Opt(O::Exe, "e", &["exe"], Value::Required("file"), "The program; a.out by default"),
        Opt(O::Inlines, "i", &["inlines"], Value::None, "Show the functions that it was inlined into too"),
        Opt(O::Section, "j", &["section"], Value::Required("name"), "Addresses are offsets in this section"),
        Opt(O::Pretty, "p", &["pretty-print"], Value::None, "One line for each place"),
        Opt(O::Base, "s", &["basenames"], Value::None, "Leave directories out"),
        Opt(O::Functions, "f", &["functions"], Value::None, "Show the function"),
        Opt(O::Demangle, "C", &["demangle"], Value::Optional("style"), "Show the names of C++ and Rust as written"),
        Opt(O::Ignored, "Rr", &["recurse-limit", "no-recurse-limit"], Value::None, "There always is a limit"),
        Opt(O::Ignored, "b", &["target"], Value::Missing("the format is read from the file"), ""),
    ],
};

type Reader = EndianReader<RunTimeEndian, std::rc::Rc<[u8]>>;

/// The debugging information of a file, ready for questions.
struct Lines<'d> {
    file: object::File<'d>,
    context: Context<Reader>,
}

/// A place in the source.
struct Place {
    function: Option<String>,
    file: Option<String>,
    line: u32,
}

impl<'d> Lines<'d> {
    fn read(data: &'d [u8]) -> ElfResult<Lines<'d>> {
        let file = object::File::parse(data).map_err(|error| error.to_string())?;
        let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
        let load = |id: gimli::SectionId| -> std::result::Result<Reader, gimli::Error> {
            Ok(EndianReader::new(contents(&file, id.name()).into(), endian))
        };
        let dwarf = gimli::Dwarf::load(load).map_err(|error| error.to_string())?;
        let context = Context::from_dwarf(dwarf).map_err(|error| error.to_string())?;
        Ok(Lines { file, context })
    }

    /// The innermost place first.
    fn places(&self, address: u64) -> Vec<Place> {
        let mut places = Vec::new();
        if let Ok(mut frames) = self.context.find_frames(address).skip_all_loads() {
            while let Ok(Some(frame)) = frames.next() {
                let function = frame.function.and_then(|name| name.raw_name().map(Cow::into_owned).ok());
                let file = frame.location.as_ref().and_then(|location| location.file).map(str::to_owned);
                let line = frame.location.and_then(|location| location.line).unwrap_or(0);
                places.push(Place { function, file, line });
            }
        }
        if places.is_empty() {
            places.push(Place { function: None, file: None, line: 0 });
        }
        if let Some(last) = places.last_mut().filter(|place| place.function.is_none()) {
            let (function, file) = self.symbol(address).unzip();
            last.function = function;
            last.file = last.file.take().or(file.flatten());
        }
        places
    }

    /// The function by the symbol table, and the source that a local one's is listed under.
    fn symbol(&self, address: u64) -> Option<(String, Option<String>)> {
        let mut source = None;
        let mut nearest: Option<(object::Symbol<'d, '_>, Option<String>)> = None;
        for symbol in self.file.symbols().chain(self.file.dynamic_symbols()) {
            if symbol.kind() == object::SymbolKind::File {
                source = symbol.name().ok().filter(|name| !name.is_empty()).map(str::to_owned);
            }
            // Of several names for a place the first, as GNU's takes it.
            let closer = symbol.address() <= address
                && nearest.as_ref().is_none_or(|(best, _)| symbol.address() > best.address());
            if closer && symbol.is_definition() && symbol.kind() == object::SymbolKind::Text {
                let local = source.clone().filter(|_| symbol.is_local());
                nearest = Some((symbol, local));
            }
        }
        let (nearest, source) = nearest?;
        let section = nearest.section_index().and_then(|index| self.file.section_by_index(index).ok())?;
        let in_section = address.checked_sub(section.address()).is_some_and(|at| at < section.size());
        let inside = in_section && (nearest.size() == 0 || address - nearest.address() < nearest.size());
        Some((nearest.name().ok().filter(|_| inside)?.to_owned(), source))
    }

    fn section_start(&self, name: &str) -> Option<u64> {
        self.file.section_by_name(name).map(|section| section.address())
    }
}

/// A section as the linker would leave it: decompressed, and relocated where it is part of an object.
fn contents(file: &object::File<'_>, name: &str) -> Vec<u8> {
    let Some(section) = file.section_by_name(name) else { return Vec::new() };
    let Ok(data) = section.uncompressed_data() else { return Vec::new() };
    let mut data = data.into_owned();
    if file.kind() == object::ObjectKind::Relocatable {
        // One that cannot be applied (a thread-local variable's) leaves its own place as it is.
        let mut map = RelocationMap::default();
        for (offset, relocation) in section.relocations() {
            let _ = map.add(file, offset, relocation);
        }
        for (offset, relocation) in section.relocations() {
            let size = usize::from(relocation.size()) / 8;
            let Some(at) = usize::try_from(offset).ok() else { continue };
            let Some(place) = at.checked_add(size).and_then(|end| data.get_mut(at..end)) else { continue };
            if !matches!(size, 4 | 8) {
                continue;
            }
            let read = |place: &[u8]| {
                let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
                match file.is_little_endian() {
                    true => place.iter().rev().fold(0, join),
                    false => place.iter().fold(0, join),
                }
            };
            let value = map.relocate(offset, read(place)).to_le_bytes();
            for (n, byte) in place.iter_mut().enumerate() {
                *byte = if file.is_little_endian() { value[n] } else { value[size - 1 - n] };
            }
        }
    }
    data
}

#[derive(Default)]
struct Settings {
    addresses: bool,
    inlines: bool,
    pretty: bool,
    base: bool,
    functions: bool,
    style: Option<Style>,
}

pub(super) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some(line) = SPEC.parse(argv, env, out)? else { return Ok(0) };
    let mut settings = Settings::default();
    let (mut exe, mut section) = (OsString::from("a.out"), None);
    for (option, value) in &line.options {
        match option {
            O::Addresses => settings.addresses = true,
            O::Exe => exe = value.clone(),
            O::Inlines => settings.inlines = true,
            O::Section => section = Some(value.to_string_lossy().into_owned()),
            O::Pretty => settings.pretty = true,
            O::Base => settings.base = true,
            O::Functions => settings.functions = true,
            O::Demangle => settings.style = Some(demangle::style("--demangle", value)?),
            O::Ignored => {}
        }
    }
    let data = read(&exe)?;
    let shown = exe.to_string_lossy();
    let lines = Lines::read(&data).map_err(in_file(&shown))?;
    let base = match &section {
        None => 0,
        Some(name) => lines
            .section_start(name)
            .ok_or_else(|| Error::message(format!("'{shown}': cannot find section '{name}'")))?,
    };
    let digits = if lines.file.is_64() { 16 } else { 8 };
    for word in &line.operands {
        answer(&lines, &word.to_string_lossy(), base, digits, &settings, out)?;
    }
    if line.operands.is_empty() {
        for word in std::io::stdin().lock().lines() {
            let word = word.map_err(Error::io("read", "standard input"))?;
            answer(&lines, &word, base, digits, &settings, out)?;
            out.flush()?;
        }
    }
    Ok(0)
}

fn answer(lines: &Lines<'_>, word: &str, base: u64, digits: usize, settings: &Settings, out: &mut Out) -> Result<()> {
    let word = word.trim();
    let digits_of = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")).unwrap_or(word);
    // As strtoul reads it: the hexadecimal digits at the start, or 0.
    let end = digits_of.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits_of.len());
    let address = u64::from_str_radix(&digits_of[..end], 16).unwrap_or(0);
    let mut text = String::new();
    if settings.addresses {
        text.push_str(&format!("0x{address:0digits$x}{}", if settings.pretty { ": " } else { "\n" }));
    }
    let mut places = lines.places(address.wrapping_add(base));
    if !settings.inlines {
        places.truncate(1);
    }
    for (n, place) in places.iter().enumerate() {
        if settings.pretty && n > 0 {
            text.push_str(" (inlined by) ");
        }
        if settings.functions {
            let name = place.function.as_deref().unwrap_or("??");
            text.push_str(&demangle::symbol(name, settings.style.unwrap_or(Style::None)));
            let known = place.function.is_some() || place.file.is_some();
            text.push_str(match (settings.pretty, known) {
                (true, true) => " at ",
                (true, false) => " ",
                (false, _) => "\n",
            });
        }
        let file = place.file.as_deref().unwrap_or("??");
        let file = if settings.base { file.rsplit('/').next().unwrap_or(file) } else { file };
        match (place.line, place.file.is_some()) {
            (0, true) => text.push_str(&format!("{file}:?\n")),
            // Of a place that the symbol table alone knows GNU's prints no number.
            (0, false) if place.function.is_some() => text.push_str("??:?\n"),
            (0, false) => text.push_str("??:0\n"),
            (line, _) => text.push_str(&format!("{file}:{line}\n")),
        }
    }
    out.text(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
