//! objdump of PE and COFF: `-f`, `-h`, `-t`, `-r`, `-s`. What `-p` shows has a module for the headers, one for the
//! tables that they point at, and one each for unwinding and resources.

mod directories;
mod headers;
mod resources;
mod unwind;

use std::fmt::Write as _;

use object::pe;

use super::{O, Settings, Shown};
use crate::binutils::archive::Member;
use crate::binutils::demangle;
use crate::binutils::elf::Result;
use crate::binutils::pe::symbols::{EXTERNAL, FILE, STATIC, Symbol};
use crate::binutils::pe::{Pe, Section, formats, u16_at, u32_at};

pub(super) fn object(name: &str, pe: &Pe<'_>, member: Option<&Member<'_>>, settings: &Settings) -> Result<Shown> {
    let mut text = format!("\n{name}:     file format {}\n", formats::name(pe));
    if settings.has(O::Archive) {
        super::member_line(&mut text, name, member);
    }
    if settings.has(O::File) {
        file_header(&mut text, pe);
    }
    if settings.has(O::Private) {
        headers::private(&mut text, pe);
        directories::all(&mut text, pe);
    }
    text.push('\n');
    if settings.has(O::Headers) {
        sections(&mut text, pe, settings);
    }
    if settings.has(O::Symbols) {
        text.push_str("SYMBOL TABLE:\n");
        symbols(&mut text, pe, settings);
        text.push_str("\n\n");
    }
    let dynamic = settings.has(O::Dynamic) || settings.has(O::DynamicRelocations);
    if settings.has(O::Dynamic) {
        text.push_str("DYNAMIC SYMBOL TABLE:\nno symbols\n\n\n");
    }
    if settings.has(O::Relocations) {
        relocations(&mut text, pe, settings);
    }
    if settings.has(O::Contents) {
        contents(&mut text, pe, settings);
    }
    let mut problem = dynamic.then(|| "not a dynamic object".to_owned());
    if let Some(name) = settings.sections.unmatched(pe.sections.iter().map(|section| &*section.name)) {
        // GNU's objdump is content when any member of an archive has the section, and libtool asks in that way.
        if member.is_none() {
            problem = Some(format!("cannot find section '{}'", String::from_utf8_lossy(name)));
        }
    }
    Ok((text, problem))
}

fn file_header(text: &mut String, pe: &Pe<'_>) {
    // What was not taken out is said to be there.
    let kept = |flag: pe::FileFlags| pe.characteristics & flag.0 == 0;
    let image = pe.is_image();
    let flags = [
        (kept(pe::IMAGE_FILE_RELOCS_STRIPPED), 0x001, "HAS_RELOC"),
        (pe.characteristics & pe::IMAGE_FILE_EXECUTABLE_IMAGE.0 != 0, 0x002, "EXEC_P"),
        (kept(pe::IMAGE_FILE_LINE_NUMS_STRIPPED), 0x004, "HAS_LINENO"),
        (kept(pe::IMAGE_FILE_DEBUG_STRIPPED), 0x008, "HAS_DEBUG"),
        (!pe.symbols.is_empty(), 0x010, "HAS_SYMS"),
        (kept(pe::IMAGE_FILE_LOCAL_SYMS_STRIPPED), 0x020, "HAS_LOCALS"),
        (image, 0x100, "D_PAGED"),
    ];
    let set: Vec<_> = flags.iter().filter(|row| row.0).collect();
    let bits = set.iter().fold(0, |bits, row| bits | row.1);
    let names: Vec<&str> = set.iter().map(|row| row.2).collect();
    let entry = pe.optional.as_ref().map_or(0, |optional| optional.image_base.wrapping_add(optional.entry.into()));
    let _ = writeln!(text, "architecture: {}, flags 0x{bits:08x}:", formats::architecture(pe));
    let _ = writeln!(text, "{}", names.join(", "));
    let _ = writeln!(text, "start address 0x{entry:0digits$x}", digits = pe.digits());
}

fn takes(settings: &Settings, section: &Section<'_>) -> bool {
    settings.sections.is_empty() || settings.sections.matches(&section.name)
}

fn sections(text: &mut String, pe: &Pe<'_>, settings: &Settings) {
    let digits = pe.digits();
    let longest = pe.sections.iter().map(|section| section.text().len()).max().unwrap_or(0);
    let width = if settings.wide { longest.max(13) } else { 13 };
    text.push_str("Sections:\n");
    let flags_column = if settings.wide { "  Flags" } else { "" };
    let _ = writeln!(
        text,
        "Idx {:<width$} Size      {:<digits$}  {:<digits$}  File off  Algn{flags_column}",
        "Name", "VMA", "LMA"
    );
    for (number, section) in pe.sections.iter().enumerate().filter(|(_, section)| takes(settings, section)) {
        let flags = section.bfd_flags();
        let mut words: Vec<String> = [
            (flags.contents, "CONTENTS"),
            (flags.alloc, "ALLOC"),
            (flags.load, "LOAD"),
            (flags.reloc, "RELOC"),
            (flags.readonly, "READONLY"),
            (flags.code, "CODE"),
            (flags.data, "DATA"),
            (flags.debugging, "DEBUGGING"),
            (flags.exclude, "EXCLUDE"),
            (flags.shared, "SHARED"),
            (flags.noread, "NOREAD"),
        ]
        .iter()
        .filter(|row| row.0)
        .map(|row| row.1.to_owned())
        .collect();
        if let Some((word, symbol)) = pe.link_once(number) {
            let symbol =
                symbol.map(|symbol| format!(" (COMDAT {} {})", String::from_utf8_lossy(&symbol.name), symbol.index));
            words.push(format!("{word}{}", symbol.unwrap_or_default()));
        }
        let address = pe.address(section);
        let _ = write!(
            text,
            "{number:3} {:<width$} {:08x}  {address:0digits$x}  {address:0digits$x}  {:08x}  2**{}",
            section.text(),
            section.shown_size(pe.form),
            section.offset,
            pe.alignment(section),
        );
        let words = words.join(", ");
        let _ = match settings.wide {
            true => writeln!(text, "  {words}"),
            false => writeln!(text, "\n                  {words}"),
        };
    }
}

/// The records as they are, in GNU's layout: number, section, type, storage class, auxiliary records, value.
fn symbols(text: &mut String, pe: &Pe<'_>, settings: &Settings) {
    let shown = |symbol: &&Symbol<'_>| match symbol.section(pe) {
        Some(section) => takes(settings, section),
        None => settings.sections.is_empty(),
    };
    if pe.symbols.is_empty() {
        text.push_str("no symbols\n");
    }
    for symbol in pe.symbols.iter().filter(shown) {
        let name = demangle::symbol(pe.plain(&String::from_utf8_lossy(&symbol.name), settings.style), settings.style);
        let _ = write!(
            text,
            "[{:3}](sec {:2})(fl 0x00)(ty {:4x})(scl {:3}) (nx {}) 0x{:0digits$x} {name}",
            symbol.index,
            symbol.section,
            symbol.kind,
            symbol.class,
            symbol.aux.len(),
            symbol.value,
            digits = pe.digits(),
        );
        for aux in &symbol.aux {
            text.push('\n');
            auxiliary(text, symbol, aux);
        }
        text.push('\n');
    }
}

fn auxiliary(text: &mut String, symbol: &Symbol<'_>, aux: &[u8; 18]) {
    let long = |at| u32_at(aux, at).unwrap_or(0);
    let short = |at| u16_at(aux, at).unwrap_or(0);
    let _ = match symbol.class {
        FILE => write!(text, "File "),
        STATIC if symbol.kind == 0 => {
            let (checksum, section, selection) = (long(8), short(12), aux[14]);
            let _ = write!(text, "AUX scnlen 0x{:x} nreloc {} nlnno {}", long(0), short(4), short(6));
            match (checksum, section, selection) {
                (0, 0, 0) => Ok(()),
                _ => write!(text, " checksum 0x{checksum:x} assoc {section} comdat {selection}"),
            }
        }
        _ if symbol.is_function() && [EXTERNAL, STATIC].contains(&symbol.class) => {
            let (tag, size, lines, next) = (long(0), long(4), long(8), long(12));
            write!(text, "AUX tagndx {tag} ttlsiz 0x{size:x} lnnos {lines} next {next}")
        }
        _ => write!(text, "AUX lnno {} size 0x{:x} tagndx {}", short(4), short(6), long(0)),
    };
}

/// BFD has names of its own for those of 32-bit x86.
const I386: &[(u16, &str)] = &[
    (pe::IMAGE_REL_I386_DIR32.0, "dir32"),
    (pe::IMAGE_REL_I386_DIR32NB.0, "rva32"),
    (pe::IMAGE_REL_I386_SECTION.0, "secidx"),
    (pe::IMAGE_REL_I386_SECREL.0, "secrel32"),
    (pe::IMAGE_REL_I386_REL32.0, "DISP32"),
];

fn relocation_name(pe: &Pe<'_>, kind: u16) -> String {
    let own = I386.iter().find(|row| pe.machine == pe::IMAGE_FILE_MACHINE_I386.0 && row.0 == kind);
    if let Some((_, name)) = own {
        return (*name).to_owned();
    }
    let names = pe::machine_names(pe::Machine(pe.machine)).rel;
    let found = names.name(pe::RelocationType(kind));
    found.map_or_else(|| format!("*unknown* (0x{kind:x})"), |(_, name)| name.to_owned())
}

fn relocations(text: &mut String, pe: &Pe<'_>, settings: &Settings) {
    let digits = pe.digits();
    let symbols: std::collections::HashMap<u32, &Symbol<'_>> =
        pe.symbols.iter().map(|symbol| (symbol.index, symbol)).collect();
    for section in pe.sections.iter().filter(|section| !section.relocations.is_empty() && takes(settings, section)) {
        let _ = writeln!(text, "RELOCATION RECORDS FOR [{}]:", section.text());
        let _ = writeln!(text, "{:<digits$} TYPE{}VALUE", "OFFSET", " ".repeat(14));
        for relocation in &section.relocations {
            let symbol = symbols.get(&relocation.symbol);
            let name = symbol.map_or("*ABS*".into(), |symbol| String::from_utf8_lossy(&symbol.name));
            let name = demangle::symbol(pe.plain(&name, settings.style), settings.style);
            // What is in the section counts from the symbol's own place; BFD says so.
            let value = match symbol.map_or(0, |symbol| symbol.value) {
                0 => String::new(),
                value => format!("-0x{value:0digits$x}"),
            };
            let kind = relocation_name(pe, relocation.kind);
            let _ = writeln!(text, "{:0digits$x} {kind:<16}  {name}{value}", relocation.offset);
        }
        text.push_str("\n\n");
    }
}

fn contents(text: &mut String, pe: &Pe<'_>, settings: &Settings) {
    for section in pe.sections.iter().filter(|section| takes(settings, section)) {
        super::tables::dump(text, &section.text(), pe.address(section), section.shown_data(pe.form), settings);
    }
}
