//! objdump's `-t`, `-T`, `-r`, `-R` and `-s`.

use std::fmt::Write as _;

use object::elf;

use super::Settings;
use crate::binutils::demangle::{self, Style};
use crate::binutils::elf::symbols::{Place, Symbol, Table};
use crate::binutils::elf::tables::relocation_type;
use crate::binutils::elf::versions::Versions;
use crate::binutils::elf::{Elf, NOBITS, Section};
use crate::binutils::nm::{address, is_mapping};
use crate::binutils::size;

pub(super) fn symbol_table(
    text: &mut String,
    elf: &Elf<'_>,
    table: &Table<'_>,
    dynamic: bool,
    versions: &Versions,
    settings: &Settings,
) {
    let shown = |symbol: &Symbol<'_>| {
        let in_section = symbol.section(elf).is_none_or(|section| settings.takes(section));
        let other = settings.sections.is_empty() || matches!(symbol.place, Place::Section(_));
        in_section && other && (settings.special || !is_mapping(elf, symbol))
    };
    if table.symbols.len() <= 1 {
        text.push_str("no symbols\n");
        return;
    }
    for (at, symbol) in table.symbols.iter().enumerate().skip(1).filter(|(_, symbol)| shown(symbol)) {
        let _ = writeln!(text, "{}", symbol_line(elf, (at, symbol), dynamic, versions, settings.style));
    }
}

fn symbol_line(
    elf: &Elf<'_>,
    (at, symbol): (usize, &Symbol<'_>),
    dynamic: bool,
    versions: &Versions,
    style: Style,
) -> String {
    let digits = elf.layout.digits();
    let undefined = symbol.is_undefined() || symbol.place == Place::Common;
    let bind = elf::SymbolBind(symbol.bind);
    // GNU's letters in their seven columns.
    let scope = match bind {
        elf::STB_LOCAL => 'l',
        elf::STB_GNU_UNIQUE => 'u',
        elf::STB_GLOBAL if !undefined => 'g',
        _ => ' ',
    };
    let weak = if bind == elf::STB_WEAK { 'w' } else { ' ' };
    let debugging = if symbol.is_debugging() { 'd' } else { ' ' };
    let debugging = if dynamic { 'D' } else { debugging };
    let ifunc = if symbol.kind == elf::STT_GNU_IFUNC.0 { 'i' } else { ' ' };
    let kind = match elf::SymbolType(symbol.kind) {
        elf::STT_FUNC => 'F',
        elf::STT_FILE => 'f',
        elf::STT_OBJECT | elf::STT_COMMON => 'O',
        _ => ' ',
    };
    let section = match symbol.place {
        Place::Undefined => "*UND*".into(),
        Place::Absolute => "*ABS*".into(),
        Place::Common => "*COM*".into(),
        Place::Section(index) => elf.sections.get(index).map_or("".into(), Section::text),
        Place::Reserved(_) => "*ABS*".into(),
    };
    let common = symbol.place == Place::Common;
    let (value, extra) = match common {
        true => (symbol.size, symbol.value),
        false => (address(elf, symbol), symbol.size),
    };
    let mut line = format!("{value:0digits$x} {scope}{weak}  {ifunc}{debugging}{kind} {section}\t{extra:0digits$x}");
    if !versions.indices.is_empty() {
        let version = if !dynamic {
            String::new()
        } else {
            match versions.of(at) {
                Some(version) if version.hidden || !version.defined => format!("({})", version.name),
                Some(version) => version.name.to_owned(),
                None => match versions.indices.get(at) {
                    Some(1) => "Base".to_owned(),
                    _ => String::new(),
                },
            }
        };
        let version = if version.starts_with('(') { format!("{version:<12}") } else { format!(" {version:<11}") };
        let _ = write!(line, " {version}");
    }
    line.push(' ');
    let visibility = match elf::SymbolVisibility(symbol.other & 3) {
        elf::STV_HIDDEN => ".hidden ",
        elf::STV_INTERNAL => ".internal ",
        elf::STV_PROTECTED => ".protected ",
        _ => "",
    };
    match symbol.other & !3 {
        0 => line.push_str(visibility),
        _ => {
            let _ = write!(line, "0x{:02x} ", symbol.other);
        }
    }
    line + &demangle::symbol(&String::from_utf8_lossy(symbol.shown_name(elf)), style)
}

fn relocation_name(elf: &Elf<'_>, kind: u32) -> String {
    let first = if elf.machine() == elf::EM_MIPS { kind & 0xff } else { kind };
    relocation_type(elf.machine(), first).map_or_else(|| format!("*unknown* (0x{kind:x})"), str::to_owned)
}

fn addend(value: i64, digits: usize) -> String {
    let sign = if value < 0 { '-' } else { '+' };
    format!("{sign}0x{:0digits$x}", value.unsigned_abs())
}

pub(super) fn relocations(text: &mut String, elf: &Elf<'_>, table: &Table<'_>, settings: &Settings) {
    let digits = elf.layout.digits();
    for section in elf.sections.iter().filter(|section| section.is_static_relocation()) {
        let Some(target) = elf.sections.get(section.info as usize).filter(|target| settings.takes(target)) else {
            continue;
        };
        let _ = writeln!(text, "RELOCATION RECORDS FOR [{}]:", target.text());
        let _ = writeln!(text, "{:<digits$} TYPE{}VALUE", "OFFSET", " ".repeat(14));
        for relocation in elf.relocations(section) {
            let symbol = table.symbols.get(relocation.symbol).filter(|_| relocation.symbol != 0);
            let name = symbol.map_or("*ABS*".into(), |symbol| String::from_utf8_lossy(symbol.shown_name(elf)));
            let name = demangle::symbol(&name, settings.style);
            let value = relocation.addend.filter(|value| *value != 0).map_or(String::new(), |v| addend(v, digits));
            let kind = relocation_name(elf, relocation.kind);
            let _ = writeln!(text, "{:0digits$x} {kind:<16}  {name}{value}", relocation.offset);
        }
        text.push_str("\n\n");
    }
}

pub(super) fn dynamic_relocations(text: &mut String, elf: &Elf<'_>, table: Option<&Table<'_>>, versions: &Versions) {
    let digits = elf.layout.digits();
    text.push_str("DYNAMIC RELOCATION RECORDS\n");
    let _ = writeln!(text, "{:<digits$} TYPE{}VALUE", "OFFSET", " ".repeat(14));
    let kinds = [elf::SHT_REL.0, elf::SHT_RELA.0];
    for section in elf.sections.iter().filter(|section| kinds.contains(&section.kind) && section.is_alloc()) {
        for relocation in elf.relocations(section) {
            let symbol = table.and_then(|table| table.symbols.get(relocation.symbol));
            let name = match symbol.filter(|_| relocation.symbol != 0) {
                None => "*ABS*".to_owned(),
                Some(symbol) => {
                    let name = String::from_utf8_lossy(symbol.shown_name(elf));
                    let base = versions.indices.get(relocation.symbol) == Some(&1);
                    let suffix = versions.of(relocation.symbol).map(|version| version.suffix());
                    let at = if symbol.is_undefined() { "@Base" } else { "@@Base" };
                    let suffix = suffix.unwrap_or_else(|| if base { at.to_owned() } else { String::new() });
                    format!("{name}{suffix}")
                }
            };
            let value = relocation.addend.filter(|value| *value != 0).map_or(String::new(), |v| addend(v, digits));
            let kind = relocation_name(elf, relocation.kind);
            let _ = writeln!(text, "{:0digits$x} {kind:<16}  {name}{value}", relocation.offset);
        }
    }
    text.push_str("\n\n");
}

pub(super) fn contents(text: &mut String, elf: &Elf<'_>, settings: &Settings) {
    let shown = |section: &&Section<'_>| {
        size::is_shown(elf, section) && section.kind != NOBITS && section.size > 0 && settings.takes(section)
    };
    for section in elf.sections.iter().filter(shown) {
        dump(text, &section.text(), section.addr, &section.data, settings);
    }
}

/// The bytes of a section between the addresses that were asked for.
pub(super) fn dump(text: &mut String, name: &str, addr: u64, data: &[u8], settings: &Settings) {
    let end = addr.saturating_add(data.len() as u64);
    let (from, to) = (settings.start.max(addr), settings.stop.min(end));
    if from >= to {
        return;
    }
    let data = &data[(from - addr) as usize..(to - addr) as usize];
    let _ = writeln!(text, "Contents of section {name}:");
    let width = format!("{:x}", to - 1).len().max(4);
    for (row, bytes) in data.chunks(16).enumerate() {
        let _ = write!(text, " {:0width$x} ", from + row as u64 * 16);
        for group in bytes.chunks(4) {
            let hex: String = group.iter().map(|byte| format!("{byte:02x}")).collect();
            let _ = write!(text, "{hex:<8} ");
        }
        text.push_str(&"         ".repeat(4 - bytes.len().div_ceil(4)));
        let letters: String = bytes.iter().map(|b| if (32..127).contains(b) { *b as char } else { '.' }).collect();
        let _ = writeln!(text, " {letters:<16}");
    }
}
