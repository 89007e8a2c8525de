//! readelf's `-d` and `-V`.

use std::fmt::Write as _;

use object::elf::{self, DynamicTag};

use crate::binutils::elf::tables::Dynamic;
use crate::binutils::elf::versions::Versions;
use crate::binutils::elf::{Elf, Result as ElfResult};

/// How the value of an entry is shown.
#[derive(Clone, Copy)]
enum Show {
    /// A string with words before it.
    Text(&'static str),
    Bytes,
    Decimal,
}

const VALUES: &[(DynamicTag, Show)] = &[
    (elf::DT_NEEDED, Show::Text("Shared library: [")),
    (elf::DT_SONAME, Show::Text("Library soname: [")),
    (elf::DT_RPATH, Show::Text("Library rpath: [")),
    (elf::DT_RUNPATH, Show::Text("Library runpath: [")),
    (elf::DT_AUXILIARY, Show::Text("Auxiliary library: [")),
    (elf::DT_FILTER, Show::Text("Filter library: [")),
    (elf::DT_PLTRELSZ, Show::Bytes),
    (elf::DT_RELASZ, Show::Bytes),
    (elf::DT_RELAENT, Show::Bytes),
    (elf::DT_STRSZ, Show::Bytes),
    (elf::DT_SYMENT, Show::Bytes),
    (elf::DT_RELSZ, Show::Bytes),
    (elf::DT_RELENT, Show::Bytes),
    (elf::DT_RELRSZ, Show::Bytes),
    (elf::DT_RELRENT, Show::Bytes),
    (elf::DT_INIT_ARRAYSZ, Show::Bytes),
    (elf::DT_FINI_ARRAYSZ, Show::Bytes),
    (elf::DT_PREINIT_ARRAYSZ, Show::Bytes),
    (elf::DT_VERNEEDNUM, Show::Decimal),
    (elf::DT_VERDEFNUM, Show::Decimal),
    (elf::DT_RELACOUNT, Show::Decimal),
    (elf::DT_RELCOUNT, Show::Decimal),
];

/// Bits of `DT_FLAGS`.
const FLAGS: &[(u64, &str)] = &[(1, "ORIGIN"), (2, "SYMBOLIC"), (4, "TEXTREL"), (8, "BIND_NOW"), (16, "STATIC_TLS")];

/// Bits of `DT_MIPS_FLAGS`.
const MIPS_FLAGS: &[(u64, &str)] = &[(1, "QUICKSTART"), (2, "NOTPOT"), (8, "NO_LIBRARY_REPLACEMENT")];

/// Bits of `DT_FLAGS_1`.
const FLAGS_1: &[(u64, &str)] = &[
    (0x1, "NOW"),
    (0x2, "GLOBAL"),
    (0x4, "GROUP"),
    (0x8, "NODELETE"),
    (0x10, "LOADFLTR"),
    (0x20, "INITFIRST"),
    (0x40, "NOOPEN"),
    (0x80, "ORIGIN"),
    (0x100, "DIRECT"),
    (0x400, "INTERPOSE"),
    (0x800, "NODEFLIB"),
    (0x1000, "NODUMP"),
    (0x0800_0000, "PIE"),
];

fn words(value: u64, bits: &[(u64, &str)]) -> String {
    let mut rest = value;
    let mut all: Vec<String> = Vec::new();
    for (bit, word) in bits.iter().filter(|(bit, _)| value & bit != 0) {
        all.push((*word).to_owned());
        rest &= !bit;
    }
    if rest != 0 {
        all.push(format!("{rest:x}"));
    }
    all.join(" ")
}

pub(super) fn section(text: &mut String, elf: &Elf<'_>) -> ElfResult<()> {
    let entries = elf.dynamic();
    let Some((offset, _)) = elf.dynamic_range().filter(|_| !entries.is_empty()) else {
        text.push_str("\nThere is no dynamic section in this file.\n");
        return Ok(());
    };
    let count = entries.len();
    let s = if count == 1 { "y" } else { "ies" };
    let _ = writeln!(text, "\nDynamic section at offset 0x{offset:x} contains {count} entr{s}:");
    text.push_str("  Tag        Type                         Name/Value\n");
    for entry in &entries {
        row(text, elf, entry)?;
    }
    Ok(())
}

fn row(text: &mut String, elf: &Elf<'_>, entry: &Dynamic) -> ElfResult<()> {
    let digits = elf.layout.digits();
    let tag = DynamicTag(entry.tag);
    let name = elf::machine_names(elf.machine()).dt.name(tag).map(|name| name.trim_start_matches("DT_"));
    let name = name.map_or_else(|| format!("<unknown>: {:x}", entry.tag), str::to_owned);
    let shown = VALUES.iter().find(|row| row.0 == tag).map(|row| row.1);
    let value = match shown {
        Some(Show::Text(words)) => format!("{words}{}]", elf.dynamic_string(entry.value)?),
        Some(Show::Bytes) => format!("{} (bytes)", entry.value),
        Some(Show::Decimal) => entry.value.to_string(),
        None => match tag {
            elf::DT_FLAGS => words(entry.value, FLAGS),
            elf::DT_FLAGS_1 => format!("Flags: {}", words(entry.value, FLAGS_1)),
            elf::DT_MIPS_RLD_VERSION | elf::DT_MIPS_SYMTABNO | elf::DT_MIPS_LOCAL_GOTNO | elf::DT_MIPS_UNREFEXTNO
                if elf.machine() == elf::EM_MIPS =>
            {
                entry.value.to_string()
            }
            elf::DT_MIPS_FLAGS if elf.machine() == elf::EM_MIPS => words(entry.value, MIPS_FLAGS),
            elf::DT_PLTREL if entry.value == elf::DT_RELA.0 as u64 => "RELA".into(),
            elf::DT_PLTREL if entry.value == elf::DT_REL.0 as u64 => "REL".into(),
            _ => format!("0x{:x}", entry.value),
        },
    };
    let tag = if elf.layout.wide { entry.tag as u64 } else { u64::from(entry.tag as u32) };
    let width = if elf.layout.wide { 18usize } else { 26 };
    let _ = writeln!(text, " 0x{tag:0digits$x} ({name}){} {value}", " ".repeat(width.saturating_sub(name.len())));
    Ok(())
}

pub(super) fn versions(text: &mut String, elf: &Elf<'_>) -> ElfResult<()> {
    let versions = Versions::read(elf)?;
    if versions.indices.is_empty() && versions.definitions.is_empty() && versions.needs.is_empty() {
        text.push_str("\nNo version information found in this file.\n");
        return Ok(());
    }
    for section in &elf.sections {
        let linked = elf.sections.get(section.link as usize).map_or("".into(), |linked| linked.text());
        let (name, count) = (section.text(), section.info);
        let digits = 16;
        let place = format!(
            " Addr: 0x{:0digits$x}  Offset: 0x{:08x}  Link: {} ({linked})",
            section.addr, section.offset, section.link
        );
        let s = |count: u64| if count == 1 { "entry" } else { "entries" };
        match elf::SectionType(section.kind) {
            elf::SHT_GNU_VERSYM => {
                let count = versions.indices.len() as u64;
                let _ = writeln!(text, "\nVersion symbols section '{name}' contains {count} {}:\n{place}", s(count));
                symbols(text, &versions);
            }
            elf::SHT_GNU_VERDEF => {
                let _ = writeln!(
                    text,
                    "\nVersion definition section '{name}' contains {count} {}:\n{place}",
                    s(count.into())
                );
                definitions(text, &versions);
            }
            elf::SHT_GNU_VERNEED => {
                let _ =
                    writeln!(text, "\nVersion needs section '{name}' contains {count} {}:\n{place}", s(count.into()));
                needs(text, &versions);
            }
            _ => {}
        }
    }
    Ok(())
}

fn symbols(text: &mut String, versions: &Versions) {
    for (row, indices) in versions.indices.chunks(4).enumerate() {
        let _ = write!(text, "  {:03x}:", row * 4);
        for raw in indices {
            let (index, hidden) = (raw & 0x7fff, if raw & 0x8000 != 0 { 'h' } else { ' ' });
            let name = match index {
                0 => "*local*".to_owned(),
                1 => "*global*".to_owned(),
                _ => versions.name(index).map_or("*invalid*".into(), |(name, _)| name.to_owned()),
            };
            // GNU's field is as wide as a name of 12 lacks or exceeds.
            let width = 12usize.abs_diff(name.chars().count()).max(1);
            let name = format!("({name}{:<width$}", ")");
            let hidden = if index < 2 { ' ' } else { hidden };
            let _ = write!(text, "{index:4x}{hidden}{name}");
        }
        text.push('\n');
    }
}

fn flag_words(flags: u16) -> String {
    let mut words = Vec::new();
    for (bit, word) in [(1, "BASE"), (2, "WEAK"), (4, "INFO")] {
        if flags & bit != 0 {
            words.push(word);
        }
    }
    if words.is_empty() { "none".into() } else { words.join(" | ") }
}

fn definitions(text: &mut String, versions: &Versions) {
    for definition in &versions.definitions {
        let names = &definition.names;
        let name = names.first().map_or("", |name| &*name.1);
        let (at, revision, index) = (definition.at, definition.revision, definition.index);
        let flags = flag_words(definition.flags);
        let count = names.len();
        let at = if at == 0 { "000000".to_owned() } else { format!("0x{at:04x}") };
        let _ = writeln!(text, "  {at}: Rev: {revision}  Flags: {flags}  Index: {index}  Cnt: {count}  Name: {name}");
        for (n, (at, name)) in names.iter().enumerate().skip(1) {
            let _ = writeln!(text, "  0x{at:04x}: Parent {n}: {name}");
        }
    }
}

fn needs(text: &mut String, versions: &Versions) {
    for need in &versions.needs {
        let (at, revision, file, count) = (need.at, need.revision, &need.file, need.versions.len());
        let at = if at == 0 { "000000".to_owned() } else { format!("0x{at:04x}") };
        let _ = writeln!(text, "  {at}: Version: {revision}  File: {file}  Cnt: {count}");
        for version in &need.versions {
            let (at, name, index) = (version.at, &version.name, version.index);
            let flags = flag_words(version.flags);
            let _ = writeln!(text, "  0x{at:04x}:   Name: {name}  Flags: {flags}  Version: {index}");
        }
    }
}
