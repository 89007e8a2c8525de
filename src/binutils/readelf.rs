//! `readelf`: what is in an ELF file, in the layout of GNU's readelf, which scripts and test suites read.
//!
//! It does not decode DWARF (`-w`) or unwinding tables (`-u`).

mod dynamic;
mod headers;
mod notes;
mod tables;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::archive::{self, Archive};
use super::demangle::{self, Style};
use super::elf::{Elf, Result as ElfResult};
use super::options::{Opt, Spec, Value};
use super::pe::is_pe;
use super::{Out, Tool, in_file, member_name};
use crate::env::Env;
use crate::error::{Error, Result};

#[derive(Clone, Copy, PartialEq)]
enum O {
    All,
    Header,
    Segments,
    Sections,
    Groups,
    Headers,
    Symbols,
    DynamicSymbols,
    Relocations,
    Dynamic,
    Versions,
    Notes,
    Architecture,
    HexDump,
    StringDump,
    Wide,
    Demangle,
    NoDemangle,
    Ignored,
}

const DWARF: Value = Value::Missing("set XCC_BINUTILS=llvm to have a system llvm-readelf do it, or use llvm-dwarfdump");
const LLVM: Value = Value::Missing("set XCC_BINUTILS=llvm to have a system llvm-readelf do it");

const SPEC: Spec<O> = Spec {
    tool: Tool::Readelf,
    usage: "option... file...",
    help: "H",
    version: "v",
    options: &[
        Opt(O::All, "a", &["all"], Value::None, "The same as -h -l -S -s -r -d -V -A -n -g"),
        Opt(O::Header, "h", &["file-header"], Value::None, "Show the file's header"),
        Opt(O::Segments, "l", &["program-headers", "segments"], Value::None, "Show the segments"),
        Opt(O::Sections, "S", &["section-headers", "sections"], Value::None, "Show the sections"),
        Opt(O::Groups, "g", &["section-groups"], Value::None, "Show the section groups"),
        Opt(O::Headers, "e", &["headers"], Value::None, "The same as -h -l -S"),
        Opt(O::Symbols, "s", &["syms", "symbols"], Value::None, "Show the symbols"),
        Opt(O::DynamicSymbols, "", &["dyn-syms"], Value::None, "Show the dynamic symbols"),
        Opt(O::Relocations, "r", &["relocs"], Value::None, "Show the relocations"),
        Opt(O::Dynamic, "d", &["dynamic"], Value::None, "Show the dynamic section"),
        Opt(O::Versions, "V", &["version-info"], Value::None, "Show the versions of symbols"),
        Opt(O::Notes, "n", &["notes"], Value::None, "Show the notes"),
        Opt(O::Architecture, "A", &["arch-specific"], Value::None, "Show the build attributes"),
        Opt(O::HexDump, "x", &["hex-dump"], Value::Required("section"), "Show the bytes of a section"),
        Opt(O::StringDump, "p", &["string-dump"], Value::Required("section"), "Show the strings in a section"),
        Opt(O::Wide, "W", &["wide"], Value::None, "Do not break lines at 80 columns"),
        Opt(O::Demangle, "C", &["demangle"], Value::Optional("style"), "Show the names of C++ and Rust as written"),
        Opt(O::NoDemangle, "", &["no-demangle"], Value::None, "Show names as they are (the default)"),
        Opt(O::Ignored, "", &["recurse-limit"], Value::None, "There always is a limit"),
        Opt(O::Ignored, "w", &["debug-dump"], DWARF, ""),
        Opt(O::Ignored, "u", &["unwind"], DWARF, ""),
        Opt(O::Ignored, "tIcDLRzT", &["section-details", "histogram", "archive-index", "use-dynamic"], LLVM, ""),
    ],
};

/// A section by its name or number.
struct Dump {
    section: String,
    strings: bool,
}

struct Settings {
    show: Vec<O>,
    dumps: Vec<Dump>,
    wide: bool,
    style: Style,
}

impl Settings {
    fn has(&self, what: O) -> bool {
        let header = [O::Header, O::Segments, O::Sections].contains(&what);
        self.show.contains(&what)
            || self.show.contains(&O::All) && what != O::DynamicSymbols
            || header && self.show.contains(&O::Headers)
    }

    /// Only one kind of thing was asked for: GNU's readelf then says more about it.
    fn alone(&self) -> bool {
        self.show.len() == 1 && !self.show.contains(&O::All) && !self.show.contains(&O::Headers)
    }
}

pub(super) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some(line) = SPEC.parse(argv, env, out)? else { return Ok(0) };
    let mut settings = Settings { show: Vec::new(), dumps: Vec::new(), wide: false, style: Style::None };
    for (option, value) in &line.options {
        let section = value.to_string_lossy().into_owned();
        match option {
            O::HexDump => settings.dumps.push(Dump { section, strings: false }),
            O::StringDump => settings.dumps.push(Dump { section, strings: true }),
            O::Wide => settings.wide = true,
            O::Demangle => settings.style = demangle::style("--demangle", value)?,
            O::NoDemangle => settings.style = Style::None,
            O::Ignored => {}
            show if !settings.show.contains(show) => settings.show.push(*show),
            _ => {}
        }
    }
    if settings.show.is_empty() && settings.dumps.is_empty() {
        return Err(Error::with_help(
            "nothing to show",
            "'xcc readelf --help' lists the options, such as -h, -l, -S, -d",
        ));
    }
    if line.operands.is_empty() {
        return Err(Error::with_help("no input files", "name the files to show"));
    }
    let several = line.operands.len() > 1;
    super::for_each_file(&line.operands, out, |name, data, out| file(name, data, several, &settings, out))
}

fn file(name: &OsStr, data: &[u8], several: bool, settings: &Settings, out: &mut Out) -> Result<()> {
    let shown = name.to_string_lossy();
    if !archive::is_archive(data) {
        if several {
            out.text(format!("\nFile: {shown}\n"))?;
        }
        return out.text(object(data, settings).map_err(in_file(&shown))?);
    }
    for member in Archive::read(data, Path::new(name)).map_err(in_file(&shown))?.members {
        let name = member_name(&shown, &member.name);
        out.text(format!("\nFile: {name}\n"))?;
        match object(&member.data, settings) {
            Ok(text) => out.text(text)?,
            Err(what) => super::complain(out, &in_file(&name)(what))?,
        }
    }
    Ok(())
}

fn object(data: &[u8], settings: &Settings) -> ElfResult<String> {
    if is_pe(data) {
        return Err("not an ELF file but a PE file, which 'objdump -x' shows".into());
    }
    let elf = Elf::parse(data)?;
    let mut text = String::new();
    if settings.has(O::Header) {
        headers::file(&mut text, &elf);
    }
    if settings.has(O::Sections) {
        headers::sections(&mut text, &elf, settings);
    }
    if settings.has(O::Groups) {
        headers::groups(&mut text, &elf, settings)?;
    }
    if settings.has(O::Segments) {
        headers::segments(&mut text, &elf, settings);
    }
    if settings.has(O::Dynamic) {
        dynamic::section(&mut text, &elf)?;
    }
    if settings.has(O::Relocations) {
        tables::relocations(&mut text, &elf, settings)?;
    }
    if settings.has(O::Symbols) || settings.has(O::DynamicSymbols) {
        tables::symbols(&mut text, &elf, settings, settings.has(O::Symbols))?;
    }
    if settings.has(O::Versions) {
        dynamic::versions(&mut text, &elf)?;
    }
    if settings.has(O::Notes) {
        notes::notes(&mut text, &elf)?;
    }
    if settings.has(O::Architecture) {
        notes::attributes(&mut text, &elf, settings.show.contains(&O::Architecture))?;
    }
    for dump in &settings.dumps {
        tables::dump(&mut text, &elf, &dump.section, dump.strings)?;
    }
    Ok(text)
}

/// A name cut to `width` as GNU's readelf cuts it, with `[...]`.
fn cut(name: &str, width: usize, settings: &Settings) -> String {
    if settings.wide || name.chars().count() <= width {
        return name.to_owned();
    }
    let kept: String = name.chars().take(width.saturating_sub(5)).collect();
    format!("{kept}[...]")
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
