//! readelf's `-s`, `--dyn-syms`, `-r`, `-x` and `-p`.

use std::fmt::Write as _;

use object::elf;

use super::{Settings, cut};
use crate::binutils::demangle;
use crate::binutils::elf::symbols::{Place, Symbol, Table};
use crate::binutils::elf::tables::{Relocation, relocation_type};
use crate::binutils::elf::versions::Versions;
use crate::binutils::elf::{Elf, NOBITS, Result as ElfResult, Section};

pub(super) fn symbols(text: &mut String, elf: &Elf<'_>, settings: &Settings, all: bool) -> ElfResult<()> {
    let versions = Versions::read(elf)?;
    for (index, section) in elf.sections.iter().enumerate() {
        let kind = elf::SectionType(section.kind);
        let dynamic = kind == elf::SHT_DYNSYM;
        if !(dynamic || kind == elf::SHT_SYMTAB && all) {
            continue;
        }
        let Some(table) = elf.symbols(kind)?.filter(|table| table.section == index) else { continue };
        let count = table.symbols.len();
        let s = if count == 1 { "y" } else { "ies" };
        let _ = writeln!(text, "\nSymbol table '{}' contains {count} entr{s}:", section.text());
        text.push_str(match elf.layout.wide {
            true => "   Num:    Value          Size Type    Bind   Vis      Ndx Name\n",
            false => "   Num:    Value  Size Type    Bind   Vis      Ndx Name\n",
        });
        for (at, symbol) in table.symbols.iter().enumerate() {
            let _ = writeln!(text, "{}", row(elf, at, symbol, dynamic.then_some(&versions), settings));
        }
    }
    Ok(())
}

fn row(elf: &Elf<'_>, at: usize, symbol: &Symbol<'_>, versions: Option<&Versions>, settings: &Settings) -> String {
    let digits = elf.layout.digits();
    let names = elf::machine_names(elf.machine());
    let kind = match elf::SymbolType(symbol.kind) {
        elf::STT_GNU_IFUNC => "IFUNC".to_owned(),
        other => match elf::names().stt.name(other) {
            Some(name) => name.trim_start_matches("STT_").to_owned(),
            None => format!("<unknown>: {}", symbol.kind),
        },
    };
    let bind = match elf::SymbolBind(symbol.bind) {
        elf::STB_LOCAL => "LOCAL",
        elf::STB_GLOBAL => "GLOBAL",
        elf::STB_WEAK => "WEAK",
        elf::STB_GNU_UNIQUE => "UNIQUE",
        _ => "<unknown>",
    };
    let visibility = ["DEFAULT", "INTERNAL", "HIDDEN", "PROTECTED"][usize::from(symbol.other & 3)];
    let extra = match symbol.other & !3 {
        0 => String::new(),
        other => extra(elf, other),
    };
    let index = match symbol.place {
        Place::Undefined => "UND".to_owned(),
        Place::Absolute => "ABS".to_owned(),
        Place::Common => "COM".to_owned(),
        Place::Section(index) => index.to_string(),
        Place::Reserved(index) => {
            let name = names.shn.name(elf::SymbolSection(index));
            name.map_or_else(|| format!("PRC[0x{index:04x}]"), |name| name.trim_start_matches("SHN_").to_owned())
        }
    };
    let size = if symbol.size > 99999 { format!("0x{:x}", symbol.size) } else { symbol.size.to_string() };
    let name = String::from_utf8_lossy(symbol.shown_name(elf));
    let name = demangle::symbol(&name, settings.style);
    // The symbol that stands for a version itself has none.
    let version = versions.and_then(|versions| versions.of(at));
    let version = version.filter(|version| !(version.defined && version.name == name));
    let name = match version {
        Some(version) => {
            let number = if version.defined { String::new() } else { format!(" ({})", version.index) };
            let suffix = version.suffix();
            // The version stays whole and the name makes room; one longer than the column makes a column of what is over.
            let used = suffix.len() + number.len();
            let width = used.abs_diff(21);
            let name = cut(&name, width, settings);
            let name = if used > 21 && !settings.wide { format!("{name:<width$}") } else { name };
            format!("{name}{suffix}{number}")
        }
        None => cut(&name, 21, settings),
    };
    let line = format!(
        "{at:6}: {:0digits$x} {size:>5} {kind:<7} {bind:<6} {visibility:<7}{extra} {index:>4} {name}",
        symbol.value
    );
    line
}

/// What a processor keeps in `st_other` beside the visibility.
fn extra(elf: &Elf<'_>, other: u8) -> String {
    match elf.machine() {
        elf::EM_PPC64 => {
            let local = match other >> 5 {
                1 => 0,
                n => 1u32 << n,
            };
            format!(" [<localentry>: {local}] ")
        }
        elf::EM_AARCH64 if other == 0x80 => " [VARIANT_PCS] ".into(),
        elf::EM_RISCV if other == 0x80 => " [VARIANT_CC] ".into(),
        elf::EM_MIPS => {
            let words = [(0x04, "OPTIONAL"), (0x08, "MIPS PLT"), (0x20, "MIPS PIC"), (0x80, "MICROMIPS")];
            let words: Vec<&str> = words.iter().filter(|(bit, _)| other & bit == *bit).map(|row| row.1).collect();
            format!(" [{}] ", words.join(", "))
        }
        _ => format!(" [<other>: {other:x}] "),
    }
}

pub(super) fn relocations(text: &mut String, elf: &Elf<'_>, settings: &Settings) -> ElfResult<()> {
    let versions = Versions::read(elf)?;
    let (symtab, dynsym) = (elf.symbols(elf::SHT_SYMTAB)?, elf.symbols(elf::SHT_DYNSYM)?);
    let mut any = false;
    for section in &elf.sections {
        let kind = elf::SectionType(section.kind);
        let table = [&symtab, &dynsym].into_iter().flatten().find(|table| table.section == section.link as usize);
        let dynamic = dynsym.as_ref().is_some_and(|table| table.section == section.link as usize);
        let (name, at) = (section.text(), section.offset);
        let entries = |count: usize| if count == 1 { "entry" } else { "entries" };
        if kind == elf::SHT_RELR {
            any = true;
            let places = elf.relative_relocations(section);
            let count = section.data.len() / elf.layout.word_size();
            let _ =
                writeln!(text, "\nRelocation section '{name}' at offset 0x{at:x} contains {count} {}:", entries(count));
            let digits = elf.layout.digits();
            let _ = writeln!(text, "  {} offset{}", places.len(), if places.len() == 1 { "" } else { "s" });
            for place in places {
                let _ = writeln!(text, "{place:0digits$x}");
            }
            continue;
        }
        if ![elf::SHT_REL, elf::SHT_RELA].contains(&kind) {
            continue;
        }
        any = true;
        let all = elf.relocations(section);
        let count = all.len();
        let _ = writeln!(text, "\nRelocation section '{name}' at offset 0x{at:x} contains {count} {}:", entries(count));
        let addend = if kind == elf::SHT_RELA { " + Addend" } else { "" };
        match (elf.layout.wide, settings.wide) {
            (true, true) => {
                let _ = writeln!(
                    text,
                    "    Offset             Info             Type               Symbol's Value  Symbol's Name{addend}"
                );
            }
            (true, false) => {
                let _ =
                    writeln!(text, "  Offset          Info           Type           Sym. Value    Sym. Name{addend}");
            }
            (false, true) => {
                let _ = writeln!(text, " Offset     Info    Type                Sym. Value  Symbol's Name{addend}");
            }
            (false, false) => {
                let _ = writeln!(text, " Offset     Info    Type            Sym.Value  Sym. Name{addend}");
            }
        }
        for relocation in &all {
            let shown = relocation_row(elf, relocation, table, dynamic.then_some(&versions), settings);
            let _ = writeln!(text, "{shown}");
        }
    }
    if !any {
        text.push_str("\nThere are no relocations in this file.\n");
    }
    Ok(())
}

fn relocation_row(
    elf: &Elf<'_>,
    relocation: &Relocation,
    table: Option<&Table<'_>>,
    versions: Option<&Versions>,
    settings: &Settings,
) -> String {
    let first = if elf.machine() == elf::EM_MIPS { relocation.kind & 0xff } else { relocation.kind };
    let name = relocation_type(elf.machine(), first);
    let kind = name.map_or_else(|| format!("unrecognized: {:<7x}", relocation.kind), str::to_owned);
    let digits = match (elf.layout.wide, settings.wide) {
        (true, true) => 16,
        (true, false) => 12,
        (false, _) => 8,
    };
    let kind_width = match (elf.layout.wide, settings.wide) {
        (_, true) => 22,
        (true, false) => 17,
        (false, false) => 17,
    };
    let kind = match settings.wide {
        true => format!("{kind:<kind_width$}"),
        false => format!("{:<kind_width$}", kind.chars().take(kind_width).collect::<String>()),
    };
    let info = match elf.is_mips64_little() {
        true => (relocation.symbol as u64) << 32 | u64::from(relocation.kind),
        false => relocation.info,
    };
    let mut line = format!("{:0digits$x}  {info:0digits$x} {kind}", relocation.offset);
    let symbol = table.and_then(|table| table.symbols.get(relocation.symbol)).filter(|_| relocation.symbol != 0);
    let value_digits = elf.layout.digits();
    if let Some(symbol) = symbol {
        let name = demangle::symbol(&String::from_utf8_lossy(symbol.shown_name(elf)), settings.style);
        let mut name = cut(&name, 22, settings);
        if let Some(version) = versions.and_then(|versions| versions.of(relocation.symbol)) {
            name.push_str(&version.suffix());
        }
        let value = match elf.layout.wide {
            true => format!("{:0value_digits$x}", symbol.value),
            false => format!("{:08x}  ", symbol.value),
        };
        let _ = write!(line, " {value} {name}");
        if let Some(addend) = relocation.addend {
            let sign = if addend < 0 { '-' } else { '+' };
            let _ = write!(line, " {sign} {:x}", addend.unsigned_abs());
        }
    } else if let Some(addend) = relocation.addend {
        let pad = if elf.layout.wide { 20 } else { 15 };
        let _ = write!(line, "{:pad$}{addend:x}", "");
    }
    // The 64-bit ABI of MIPS joins up to three relocations of one place.
    if elf.machine() == elf::EM_MIPS && elf.layout.wide {
        for (number, shift) in [(2, 8), (3, 16)] {
            let kind = relocation.kind >> shift & 0xff;
            let name = relocation_type(elf.machine(), kind).unwrap_or("unrecognized");
            let _ = write!(line, "\n                    Type{number}: {name:<17}");
        }
    }
    line
}

fn find<'a, 'd>(elf: &'a Elf<'d>, wanted: &str) -> ElfResult<&'a Section<'d>> {
    let by_number = wanted.parse().ok().and_then(|index: usize| elf.sections.get(index));
    let found = by_number.or_else(|| elf.sections.iter().skip(1).find(|section| section.text() == wanted));
    found.ok_or_else(|| format!("cannot find section '{wanted}'"))
}

pub(super) fn dump(text: &mut String, elf: &Elf<'_>, wanted: &str, strings: bool) -> ElfResult<()> {
    let section = find(elf, wanted)?;
    let name = section.text();
    if section.kind == NOBITS || section.data.is_empty() {
        let _ = writeln!(text, "Section '{name}' has no data to dump.");
        return Ok(());
    }
    if strings {
        string_dump(text, &name, &section.data);
    } else {
        hex_dump(text, &name, section);
    }
    Ok(())
}

fn string_dump(text: &mut String, name: &str, data: &[u8]) {
    let _ = writeln!(text, "\nString dump of section '{name}':");
    let mut any = false;
    let mut at = 0;
    for string in data.split(|byte| *byte == 0) {
        // Leading bytes that are no text are passed over.
        let skipped = string.iter().take_while(|byte| !(32..127).contains(*byte)).count();
        let shown = &string[skipped..];
        if !shown.is_empty() {
            any = true;
            let mut line = String::new();
            for byte in shown {
                match byte {
                    32..127 => line.push(*byte as char),
                    b'\n' => line.push_str("\\n"),
                    0..32 => {
                        let _ = write!(line, "^{}", (byte + 64) as char);
                    }
                    _ => {
                        let _ = write!(line, "<{byte:x}>");
                    }
                }
            }
            let _ = writeln!(text, "  [{:6x}]  {line}", at + skipped);
        }
        at += string.len() + 1;
    }
    if !any {
        text.push_str("  No strings found in this section.\n");
    }
    text.push('\n');
}

fn hex_dump(text: &mut String, name: &str, section: &Section<'_>) {
    let _ = writeln!(text, "\nHex dump of section '{name}':");
    for (row, bytes) in section.data.chunks(16).enumerate() {
        let _ = write!(text, "  0x{:08x} ", section.addr.wrapping_add(row as u64 * 16));
        for at in 0..16 {
            match bytes.get(at) {
                Some(byte) => {
                    let _ = write!(text, "{byte:02x}");
                }
                None => text.push_str("  "),
            }
            if at % 4 == 3 {
                text.push(' ');
            }
        }
        let letters: String = bytes.iter().map(|b| if (32..127).contains(b) { *b as char } else { '.' }).collect();
        let _ = writeln!(text, "{letters}");
    }
    text.push('\n');
}
