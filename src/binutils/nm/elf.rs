//! nm's rows of ELF's symbol tables.

use object::elf;

use super::{Row, Rows, Settings};
use crate::binutils::elf::symbols::{Place, Symbol};
use crate::binutils::elf::versions::Versions;
use crate::binutils::elf::{ALLOC, EXEC, Elf, NOBITS, Result, Section, WRITE};

pub(super) fn rows(elf: &Elf<'_>, settings: &Settings) -> Result<Rows> {
    let kind = if settings.dynamic { elf::SHT_DYNSYM } else { elf::SHT_SYMTAB };
    let table = elf.symbols(kind)?.unwrap_or_default();
    let versions = match settings.dynamic && settings.versions {
        true => Versions::read(elf)?,
        false => Versions::default(),
    };
    let mut rows = Vec::new();
    for (at, symbol) in table.symbols.iter().enumerate().skip(1) {
        if !wanted(elf, symbol, settings) {
            continue;
        }
        let name = String::from_utf8_lossy(symbol.shown_name(elf)).into_owned();
        // The symbol that stands for a version itself has none.
        let version = versions.of(at).filter(|version| !(name.is_empty() || version.defined && version.name == name));
        let version = version.map_or_else(String::new, |version| version.suffix());
        let common = symbol.place == Place::Common;
        let kind = elf::names().stt.name(elf::SymbolType(symbol.kind)).unwrap_or("");
        rows.push(Row {
            name,
            lead: 0,
            version,
            value: if common { symbol.size } else { address(elf, symbol) },
            size: symbol.size,
            letter: letter(elf, symbol),
            undefined: symbol.is_undefined(),
            kind: kind.trim_start_matches("STT_").trim_start_matches("GNU_").to_owned(),
            section: match symbol.place {
                Place::Undefined => "*UND*".into(),
                Place::Absolute => "*ABS*".into(),
                Place::Common => "*COM*".into(),
                Place::Section(index) => elf.sections.get(index).map_or(String::new(), |s| s.text().into_owned()),
                Place::Reserved(_) => String::new(),
            },
        });
    }
    Ok(Rows { rows, any: table.symbols.len() > 1, width: elf.layout.digits() })
}

/// The address without the bit that marks Thumb code.
pub(in crate::binutils) fn address(elf: &Elf<'_>, symbol: &Symbol<'_>) -> u64 {
    let function = [elf::STT_FUNC.0, elf::STT_GNU_IFUNC.0].contains(&symbol.kind);
    match elf.machine() == elf::EM_ARM && function {
        true => symbol.value & !1,
        false => symbol.value,
    }
}

fn wanted(elf: &Elf<'_>, symbol: &Symbol<'_>, settings: &Settings) -> bool {
    if symbol.is_debugging() && !settings.all {
        return false;
    }
    if !settings.special && is_mapping(elf, symbol) {
        return false;
    }
    let weak = symbol.bind == elf::STB_WEAK.0;
    !(settings.external && symbol.is_local()
        || settings.undefined && !symbol.is_undefined()
        || settings.defined && symbol.is_undefined()
        || settings.no_weak && weak)
}

/// `$a`, `$d`, `$x` and the like, which tell code from data (AAELF, RISC-V psABI).
pub(in crate::binutils) fn is_mapping(elf: &Elf<'_>, symbol: &Symbol<'_>) -> bool {
    let kinds: &[u8] = match elf.machine() {
        elf::EM_ARM => b"atd",
        elf::EM_AARCH64 => b"xd",
        elf::EM_RISCV => b"xd",
        _ => return false,
    };
    match &*symbol.name {
        [b'$', kind] => kinds.contains(kind),
        [b'$', kind, rest @ ..] => kinds.contains(kind) && (rest[0] == b'.' || elf.machine() == elf::EM_RISCV),
        _ => false,
    }
}

/// GNU's letter for a symbol: what it is, and in capitals if it is external.
fn letter(elf: &Elf<'_>, symbol: &Symbol<'_>) -> char {
    let object = symbol.kind == elf::STT_OBJECT.0;
    let weak = symbol.bind == elf::STB_WEAK.0;
    if symbol.place == Place::Common {
        return 'C';
    }
    if symbol.is_undefined() {
        return match (weak, object) {
            (true, true) => 'v',
            (true, false) => 'w',
            (false, _) => 'U',
        };
    }
    if symbol.kind == elf::STT_GNU_IFUNC.0 {
        return 'i';
    }
    if weak {
        return if object { 'V' } else { 'W' };
    }
    if symbol.bind == elf::STB_GNU_UNIQUE.0 {
        return 'u';
    }
    let small = match symbol.place {
        Place::Absolute => 'a',
        Place::Section(index) => elf.sections.get(index).map_or('?', |section| section_letter(elf, section)),
        // MIPS's small common symbols and the like.
        _ if elf.machine() == elf::EM_MIPS => 'c',
        _ => '?',
    };
    if symbol.is_local() { small } else { small.to_ascii_uppercase() }
}

fn section_letter(elf: &Elf<'_>, section: &Section<'_>) -> char {
    let small = elf.machine() == elf::EM_MIPS && section.flags & elf::SHF_MIPS_GPREL.0 != 0;
    let (alloc, empty) = (section.flags & ALLOC != 0, section.kind == NOBITS);
    match () {
        () if section.flags & EXEC != 0 => 't',
        () if alloc && !empty && section.flags & WRITE == 0 => 'r',
        () if alloc && !empty => {
            if small {
                'g'
            } else {
                'd'
            }
        }
        () if empty => {
            if small {
                's'
            } else {
                'b'
            }
        }
        () if section.is_debug() => 'N',
        () if section.flags & WRITE == 0 => 'n',
        () => '?',
    }
}
