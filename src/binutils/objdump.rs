//! `objdump`: headers, symbols, relocations and contents, in the layout of GNU's that scripts read.
//!
//! It does not disassemble: no pure-Rust disassembler covers the targets. `XCC_BINUTILS=llvm` hands over to one that does.

mod headers;
mod pe;
mod tables;

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::Path;

use object::elf;

use super::archive::{self, Archive, Member};
use super::copy::pattern::Patterns;
use super::demangle::{self, Style};
use super::elf::symbols::Table;
use super::elf::versions::Versions;
use super::elf::{Result as ElfResult, Section, formats};
use super::object::Object;
use super::options::{self, Opt, Spec, Value};
use super::{Out, Tool, for_each_file, in_file, member_name};
use crate::env::Env;
use crate::error::{Error, Result};

#[derive(Clone, Copy, PartialEq)]
enum O {
    Archive,
    File,
    Private,
    Headers,
    All,
    Contents,
    Symbols,
    Dynamic,
    Relocations,
    DynamicRelocations,
    Section,
    Demangle,
    Wide,
    Start,
    Stop,
    Special,
    Ignored,
}

const DISASSEMBLE: Value =
    Value::Missing("xcc does not disassemble: set XCC_BINUTILS=llvm to have a system llvm-objdump do it");
const DWARF: Value = Value::Missing("set XCC_BINUTILS=llvm to have a system llvm-objdump do it, or use llvm-dwarfdump");

const SPEC: Spec<O> = Spec {
    tool: Tool::Objdump,
    usage: "option... file...",
    help: "H",
    version: "v",
    options: &[
        Opt(O::Archive, "a", &["archive-headers"], Value::None, "Show the headers of an archive's members"),
        Opt(O::File, "f", &["file-headers"], Value::None, "Show format, processor, flags and start address"),
        Opt(O::Private, "p", &["private-headers"], Value::None, "Show segments, dynamic section and versions"),
        Opt(O::Headers, "h", &["section-headers", "headers"], Value::None, "Show the sections"),
        Opt(O::All, "x", &["all-headers"], Value::None, "The same as -a -f -p -h -r -t"),
        Opt(O::Contents, "s", &["full-contents"], Value::None, "Show the bytes of sections"),
        Opt(O::Symbols, "t", &["syms"], Value::None, "Show the symbols"),
        Opt(O::Dynamic, "T", &["dynamic-syms"], Value::None, "Show the dynamic symbols"),
        Opt(O::Relocations, "r", &["reloc"], Value::None, "Show the relocations"),
        Opt(O::DynamicRelocations, "R", &["dynamic-reloc"], Value::None, "Show the dynamic relocations"),
        Opt(O::Section, "j", &["section"], Value::Required("name"), "Only this section"),
        Opt(O::Demangle, "C", &["demangle"], Value::Optional("style"), "Show the names of C++ and Rust as written"),
        Opt(O::Wide, "w", &["wide"], Value::None, "Do not break lines at 80 columns"),
        Opt(O::Start, "", &["start-address"], Value::Required("address"), "Show bytes from there (with -s)"),
        Opt(O::Stop, "", &["stop-address"], Value::Required("address"), "Show bytes up to there (with -s)"),
        Opt(O::Special, "", &["special-syms"], Value::None, "Show the mapping symbols of Arm and RISC-V too"),
        Opt(O::Ignored, "", &["recurse-limit"], Value::None, "There always is a limit"),
        Opt(O::Ignored, "dDSl", &["disassemble", "disassemble-all", "source", "line-numbers"], DISASSEMBLE, ""),
        Opt(O::Ignored, "Mz", &["disassembler-options", "disassemble-zeroes", "no-show-raw-insn"], DISASSEMBLE, ""),
        Opt(O::Ignored, "gWeG", &["debugging", "dwarf", "stabs"], DWARF, ""),
        Opt(O::Ignored, "bm", &["target", "architecture"], Value::Missing("the format is read from the file"), ""),
        Opt(O::Ignored, "i", &["info"], Value::Missing("'xcc targets' lists the targets"), ""),
        Opt(O::Ignored, "F", &["file-offsets"], DISASSEMBLE, ""),
    ],
};

struct Settings {
    show: Vec<O>,
    sections: Patterns,
    style: Style,
    wide: bool,
    start: u64,
    stop: u64,
    special: bool,
}

impl Settings {
    fn has(&self, what: O) -> bool {
        let all = [O::Archive, O::File, O::Private, O::Headers, O::Symbols, O::Relocations].contains(&what);
        self.show.contains(&what) || all && self.show.contains(&O::All)
    }

    fn takes(&self, section: &Section<'_>) -> bool {
        self.sections.is_empty() || self.sections.matches(&section.name)
    }
}

pub(super) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some(line) = SPEC.parse(argv, env, out)? else { return Ok(0) };
    let mut settings = Settings {
        show: Vec::new(),
        sections: Patterns::wild(),
        style: Style::None,
        wide: false,
        start: 0,
        stop: u64::MAX,
        special: false,
    };
    for (option, value) in &line.options {
        match option {
            O::Section => settings.sections.push(value.as_encoded_bytes()),
            O::Demangle => settings.style = demangle::style("--demangle", value)?,
            O::Wide => settings.wide = true,
            O::Start => settings.start = options::number("--start-address", value)?,
            O::Stop => settings.stop = options::number("--stop-address", value)?,
            O::Special => settings.special = true,
            O::Ignored => {}
            show => settings.show.push(*show),
        }
    }
    if settings.show.is_empty() {
        return Err(Error::with_help(
            "nothing to show",
            "'xcc objdump --help' lists the options, such as -f, -h, -p, -t",
        ));
    }
    for_each_file(&line.operands, out, |name, data, out| file(name, data, &settings, out))
}

fn file(name: &OsStr, data: &[u8], settings: &Settings, out: &mut Out) -> Result<()> {
    let shown = name.to_string_lossy();
    if !archive::is_archive(data) {
        let (text, problem) = object(&shown, data, None, settings).map_err(in_file(&shown))?;
        out.text(text)?;
        return problem.map_or(Ok(()), |problem| Err(in_file(&shown)(problem)));
    }
    let archive = Archive::read(data, Path::new(name)).map_err(in_file(&shown))?;
    out.text(format!("In archive {shown}:\n"))?;
    let mut failed = Ok(());
    for member in &archive.members {
        let short = String::from_utf8_lossy(&member.name);
        match object(&short, &member.data, Some(member), settings) {
            Ok((text, problem)) => {
                out.text(text)?;
                if let Some(problem) = problem {
                    failed = Err(in_file(&member_name(&shown, &member.name))(problem));
                }
            }
            Err(what) => super::complain(out, &in_file(&member_name(&shown, &member.name))(what))?,
        }
    }
    failed
}

/// What there is to show, and what could not be shown.
type Shown = (String, Option<String>);

fn object(name: &str, data: &[u8], member: Option<&Member<'_>>, settings: &Settings) -> ElfResult<Shown> {
    let elf = match Object::parse(data)? {
        Object::Elf(elf) => elf,
        Object::Pe(file) => return pe::object(name, &file, member, settings),
    };
    let mut text = format!("\n{name}:     file format {}\n", formats::name(&elf));
    if settings.has(O::Archive) {
        member_line(&mut text, name, member);
    }
    let table = elf.symbols(elf::SHT_SYMTAB)?;
    let dynamic = elf.symbols(elf::SHT_DYNSYM)?;
    let versions = Versions::read(&elf)?;
    if settings.has(O::File) {
        headers::file_header(&mut text, &elf, table.is_some() || dynamic.is_some());
    }
    if settings.has(O::Private) {
        headers::private_headers(&mut text, &elf, &versions)?;
    }
    text.push('\n');
    if settings.has(O::Headers) {
        headers::section_headers(&mut text, &elf, settings);
    }
    let nothing = Table::default();
    if settings.has(O::Symbols) {
        text.push_str("SYMBOL TABLE:\n");
        tables::symbol_table(&mut text, &elf, table.as_ref().unwrap_or(&nothing), false, &versions, settings);
        text.push_str("\n\n");
    }
    if settings.has(O::Dynamic) {
        text.push_str("DYNAMIC SYMBOL TABLE:\n");
        tables::symbol_table(&mut text, &elf, dynamic.as_ref().unwrap_or(&nothing), true, &versions, settings);
        text.push_str("\n\n");
    }
    if settings.has(O::Relocations) {
        tables::relocations(&mut text, &elf, table.as_ref().unwrap_or(&nothing), settings);
    }
    let missing = settings.has(O::Dynamic) || settings.has(O::DynamicRelocations);
    let mut problem = (missing && dynamic.is_none()).then(|| "not a dynamic object".to_owned());
    if let Some(name) = settings.sections.unmatched(elf.sections.iter().map(|section| &*section.name)) {
        problem = Some(format!("cannot find section '{}'", String::from_utf8_lossy(name)));
    }
    if settings.has(O::DynamicRelocations) && dynamic.is_some() {
        tables::dynamic_relocations(&mut text, &elf, dynamic.as_ref(), &versions);
    }
    if settings.has(O::Contents) {
        tables::contents(&mut text, &elf, settings);
    }
    Ok((text, problem))
}

/// `-a`: what the archive says of its member.
fn member_line(text: &mut String, name: &str, member: Option<&Member<'_>>) {
    let Some(member) = member else {
        let _ = writeln!(text, "{name}");
        return;
    };
    let (mode, date) = (headers::mode(member.mode), headers::date(member.date));
    let _ = writeln!(text, "{mode} {}/{} {:>6} {date} {name}", member.uid, member.gid, member.data.len());
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
