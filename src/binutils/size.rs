//! `size`: how much room the sections of objects take, in GNU's three formats.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use object::elf;

use super::archive::{self, Archive};
use super::elf::symbols::Place;
use super::elf::{EXEC, Elf, NOBITS, Section, WRITE};
use super::object::Object;
use super::options::{self, Opt, Spec, Value};
use super::pe::Pe;
use super::pe::symbols::Place as PePlace;
use super::{Out, Tool, for_each_file, in_file, macho};
use crate::env::Env;
use crate::error::Result;

#[derive(Clone, Copy)]
enum O {
    Sysv,
    Berkeley,
    Gnu,
    Format,
    Octal,
    Decimal,
    Hexadecimal,
    Radix,
    Totals,
    Common,
    Words,
    Arch,
    Ignored,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Size,
    usage: "[option...] [file...]",
    help: "hH",
    version: "vV",
    options: &[
        Opt(O::Sysv, "A", &[], Value::None, "The same as --format=sysv"),
        Opt(O::Berkeley, "B", &[], Value::None, "The same as --format=berkeley"),
        Opt(O::Gnu, "G", &[], Value::None, "The same as --format=gnu"),
        Opt(O::Format, "", &["format"], Value::Required("format"), "berkeley, sysv or gnu"),
        Opt(O::Octal, "o", &[], Value::None, "The same as --radix=8"),
        Opt(O::Decimal, "d", &[], Value::None, "The same as --radix=10"),
        Opt(O::Hexadecimal, "x", &[], Value::None, "The same as --radix=16"),
        Opt(O::Radix, "", &["radix"], Value::Required("radix"), "Show numbers in 8, 10 or 16"),
        Opt(O::Totals, "t", &["totals"], Value::None, "Add the totals of all files (berkeley and gnu)"),
        Opt(O::Common, "", &["common"], Value::None, "Count common symbols"),
        Opt(O::Words, "m", &[], Value::None, "Mach-O: show every segment and section in words"),
        Opt(O::Arch, "", &["arch"], Value::Required("arch"), "Mach-O: one architecture of a universal file, or 'all'"),
        Opt(O::Ignored, "f", &[], Value::None, "No meaning, as in GNU's size"),
        Opt(O::Ignored, "", &["target"], Value::Missing("the format is read from the file"), ""),
    ],
};

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Berkeley,
    Sysv,
    Gnu,
}

const FORMATS: &[(&str, Format)] =
    &[("berkeley", Format::Berkeley), ("sysv", Format::Sysv), ("gnu", Format::Gnu), ("bsd", Format::Berkeley)];

#[derive(Clone, Copy, Default)]
struct Sizes {
    text: u64,
    data: u64,
    bss: u64,
}

pub(super) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some(line) = SPEC.parse(&macho::apple_words(argv, &[("-arch", "--arch")]), env, out)? else { return Ok(0) };
    let (mut format, mut radix, mut totals, mut common) = (Format::Berkeley, 10, false, false);
    let (mut words, mut arch) = (false, None);
    for (option, value) in &line.options {
        match option {
            O::Sysv => format = Format::Sysv,
            O::Berkeley => format = Format::Berkeley,
            O::Gnu => format = Format::Gnu,
            O::Format => format = options::choice("--format", value, FORMATS)?,
            O::Octal => radix = 8,
            O::Decimal => radix = 10,
            O::Hexadecimal => radix = 16,
            O::Radix => radix = options::choice("--radix", value, &[("8", 8), ("10", 10), ("16", 16)])?,
            O::Totals => totals = true,
            O::Common => common = true,
            O::Words => words = true,
            O::Arch => arch = Some(value.to_string_lossy().into_owned()),
            O::Ignored => {}
        }
    }
    let mut sum = Sizes::default();
    let mut head_done = false;
    let code = for_each_file(&line.operands, out, |name, data, out| {
        if macho::is_ours(data) {
            let several = line.operands.len() > 1;
            let all = macho::size::all(&name.to_string_lossy(), data, arch.as_deref())?;
            let several = several || all.len() > 1;
            for sized in all {
                out.text(match () {
                    () if words && several => format!("{}:\n{}", sized.name, sized.words),
                    () if words => sized.words,
                    () if format == Format::Sysv => sized.table(&|value| number(value, radix)),
                    () => sized.row(!std::mem::replace(&mut head_done, true), several),
                })?;
            }
            return Ok(());
        }
        each_object(name, data, &mut |shown, object| {
            let extra = if common { common_size(object)? } else { 0 };
            if format == Format::Sysv {
                return Ok(out.text(sysv(shown, &rows(object), radix, extra)));
            }
            let mut sizes = match object {
                Object::Elf(elf) => sizes_of(elf, format),
                Object::Pe(pe) => sizes_of_pe(pe, format),
            };
            sizes.bss = sizes.bss.saturating_add(extra);
            sum = Sizes {
                text: sum.text.saturating_add(sizes.text),
                data: sum.data.saturating_add(sizes.data),
                bss: sum.bss.saturating_add(sizes.bss),
            };
            let head = if head_done { "" } else { head(format, radix) };
            head_done = true;
            Ok(out.text(format!("{head}{}", row(format, radix, sizes, shown))))
        })
    })?;
    if totals && format != Format::Sysv && head_done {
        out.text(row(format, radix, sum, "(TOTALS)"))?;
    }
    Ok(code)
}

/// Calls `each` with the file, or with every object of an archive.
fn each_object(
    name: &OsStr,
    data: &[u8],
    each: &mut dyn FnMut(&str, &Object<'_>) -> super::elf::Result<Result<()>>,
) -> Result<()> {
    let shown = name.to_string_lossy();
    let fail = in_file(&shown);
    if !archive::is_archive(data) {
        return Object::parse(data).and_then(|object| each(&shown, &object)).map_err(fail)?;
    }
    for member in Archive::read(data, Path::new(name)).map_err(&fail)?.members {
        let text = format!("{} (ex {shown})", String::from_utf8_lossy(&member.name));
        Object::parse(&member.data).and_then(|object| each(&text, &object)).map_err(in_file(&text))??;
    }
    Ok(())
}

fn sizes_of(elf: &Elf<'_>, format: Format) -> Sizes {
    let mut sizes = Sizes::default();
    for section in elf.sections.iter().skip(1) {
        let read_only = section.flags & WRITE == 0;
        let code = section.flags & EXEC != 0;
        if !section.is_alloc() {
            continue;
        }
        let size = section.size;
        // GNU's own format counts read-only data as data.
        if section.kind == NOBITS && !code {
            sizes.bss = sizes.bss.saturating_add(size);
        } else if code || (read_only && format == Format::Berkeley) {
            sizes.text = sizes.text.saturating_add(size);
        } else {
            sizes.data = sizes.data.saturating_add(size);
        }
    }
    sizes
}

fn sizes_of_pe(pe: &Pe<'_>, format: Format) -> Sizes {
    let mut sizes = Sizes::default();
    for section in &pe.sections {
        let flags = section.bfd_flags();
        let size = u64::from(section.shown_size(pe.form));
        if !flags.alloc {
            continue;
        }
        if flags.code || (flags.readonly && flags.contents && format == Format::Berkeley) {
            sizes.text = sizes.text.saturating_add(size);
        } else if flags.contents {
            sizes.data = sizes.data.saturating_add(size);
        } else {
            sizes.bss = sizes.bss.saturating_add(size);
        }
    }
    sizes
}

fn common_size(object: &Object<'_>) -> super::elf::Result<u64> {
    let elf = match object {
        Object::Elf(elf) => elf,
        Object::Pe(pe) => {
            let common = pe.symbols.iter().filter(|symbol| symbol.place() == PePlace::Common);
            return Ok(common.fold(0u64, |sum, symbol| sum.saturating_add(symbol.value.into())));
        }
    };
    let table = elf.symbols(elf::SHT_SYMTAB)?.unwrap_or_default();
    let common = table.symbols.iter().filter(|symbol| symbol.place == Place::Common);
    Ok(common.fold(0u64, |sum, symbol| sum.saturating_add(symbol.size)))
}

fn number(value: u64, radix: u32) -> String {
    match radix {
        8 => format!("0{value:o}"),
        16 => format!("0x{value:x}"),
        _ => value.to_string(),
    }
}

fn head(format: Format, radix: u32) -> &'static str {
    match (format, radix) {
        (Format::Gnu, _) => "      text       data        bss      total filename\n",
        (_, 8) => "   text\t   data\t    bss\t    oct\t    hex\tfilename\n",
        _ => "   text\t   data\t    bss\t    dec\t    hex\tfilename\n",
    }
}

fn row(format: Format, radix: u32, sizes: Sizes, name: &str) -> String {
    let number = |value| number(value, radix);
    let total = sizes.text.saturating_add(sizes.data).saturating_add(sizes.bss);
    let (text, data, bss) = (number(sizes.text), number(sizes.data), number(sizes.bss));
    if format == Format::Gnu {
        return format!("{text:>10} {data:>10} {bss:>10} {:>10} {name}\n", number(total));
    }
    let sum = if radix == 8 { format!("{total:o}") } else { total.to_string() };
    format!("{text:>7}\t{data:>7}\t{bss:>7}\t{sum:>7}\t{total:>7x}\t{name}\n")
}

/// Sections that count in the long format: all that GNU's tools show, which leaves symbols and relocations out.
pub(super) fn is_shown(elf: &Elf<'_>, section: &Section<'_>) -> bool {
    let table = [elf::SHT_SYMTAB.0, elf::SHT_SYMTAB_SHNDX.0].contains(&section.kind);
    let strings = section.kind == elf::SHT_STRTAB.0 && !section.is_alloc();
    let hidden = section.is_static_relocation() && hides(elf, section);
    section.kind != elf::SHT_NULL.0 && !(table || strings || hidden)
}

/// The indices of those sections in GNU's order: the groups follow their first member.
pub(super) fn shown_sections(elf: &Elf<'_>) -> Vec<usize> {
    let group = |index: &usize| elf.sections[*index].kind == elf::SHT_GROUP.0;
    let mut all: Vec<usize> = (0..elf.sections.len()).filter(|index| is_shown(elf, &elf.sections[*index])).collect();
    let member = |index: &usize| elf.sections[*index].flags & elf::SHF_GROUP.0 != 0;
    if let Some(first) = all.iter().position(member) {
        let mut rest = all.split_off(first + 1);
        all.extend(rest.iter().filter(|index| group(index)));
        rest.retain(|index| !group(index));
        all.append(&mut rest);
    }
    all
}

/// Relocations of a section belong to it; those of nothing are a section of their own.
fn hides(elf: &Elf<'_>, section: &Section<'_>) -> bool {
    let links_symbols = elf.sections.get(section.link as usize).is_some_and(|table| table.kind == elf::SHT_SYMTAB.0);
    links_symbols && section.info != 0
}

/// A section of the long format.
struct Row {
    name: String,
    size: u64,
    addr: u64,
}

fn rows(object: &Object<'_>) -> Vec<Row> {
    match object {
        Object::Elf(elf) => {
            let sections = shown_sections(elf).into_iter().map(|index| &elf.sections[index]);
            sections.map(|s| Row { name: s.text().into_owned(), size: s.size, addr: s.addr }).collect()
        }
        Object::Pe(pe) => {
            let row = |section: &super::pe::Section<'_>| Row {
                name: section.text().into_owned(),
                size: section.shown_size(pe.form).into(),
                addr: pe.address(section),
            };
            pe.sections.iter().map(row).collect()
        }
    }
}

fn sysv(shown: &str, sections: &[Row], radix: u32, common: u64) -> String {
    let total = sections.iter().fold(common, |sum, section| sum.saturating_add(section.size));
    let names = sections.iter().map(|section| section.name.chars().count()).max().unwrap_or(0);
    let long = |value| number(value, radix);
    let widest = |values: &mut dyn Iterator<Item = u64>| values.map(|v| number(v, radix).len()).max().unwrap_or(0);
    let sizes = widest(&mut sections.iter().map(|section| section.size).chain([total])).max("size".len());
    let addresses = widest(&mut sections.iter().map(|section| section.addr)).max("addr".len());
    let mut text = match shown.split_once(" (ex ") {
        Some((member, archive)) => format!("{member}   (ex {archive}:\n"),
        None => format!("{shown}  :\n"),
    };
    let (size, addr) = ("size", "addr");
    text.push_str(&format!("{:<names$}   {size:>sizes$}   {addr:>addresses$}\n", "section"));
    let mut add = |name: &str, size: u64, address: String| {
        text.push_str(&format!("{name:<names$}   {:>sizes$}   {address:>addresses$}\n", long(size)));
    };
    for section in sections {
        add(&section.name, section.size, long(section.addr));
    }
    if common != 0 {
        add("*COM*", common, long(0));
    }
    text.push_str(&format!("{:<names$}   {:>sizes$}\n", "Total", long(total)));
    text + "\n\n"
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
