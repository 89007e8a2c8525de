//! Changes to single sections, and symbols that are added.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

use flate2::write::ZlibEncoder;
use object::elf;
use object::read::{CompressedData, CompressionFormat};

use super::plan::{Compression, Plan};
use crate::binutils::elf::symbols::{Place, Symbol};
use crate::binutils::elf::{ALLOC, EXEC, Elf, NOBITS, Result, Section, WRITE};

const MERGE: u64 = elf::SHF_MERGE.0;
const STRINGS: u64 = elf::SHF_STRINGS.0;
const COMPRESSED: u64 = elf::SHF_COMPRESSED.0;

/// Flags of sections as GNU's objcopy names them.
const FLAGS: &[&str] = &[
    "alloc", "load", "noload", "readonly", "debug", "code", "data", "rom", "share", "contents", "merge", "strings",
    "exclude", "large",
];

/// # Errors
/// A section that the plan names and the file has not.
pub(super) fn check(elf: &Elf<'_>, plan: &Plan) -> Result<()> {
    let named = plan.update_sections.iter().map(|(name, _)| name).chain(plan.dump_sections.iter().map(|row| &row.0));
    for name in named {
        if !elf.sections.iter().any(|section| *section.name == **name) {
            return Err(format!("cannot find section '{}'", String::from_utf8_lossy(name)));
        }
    }
    for (name, path) in &plan.dump_sections {
        let section = elf.sections.iter().find(|section| *section.name == **name);
        if let Some(section) = section.filter(|section| section.kind != NOBITS) {
            super::files::write(path, &section.data, None).map_err(|error| error.to_string())?;
        } else {
            return Err(format!("section '{}' has no contents to dump", String::from_utf8_lossy(name)));
        }
    }
    Ok(())
}

/// Appends the plan's new symbols.
pub(super) fn add_symbols<'d>(
    elf: &Elf<'_>,
    plan: &Plan,
    symbols: &mut Vec<Symbol<'d>>,
    origin: &mut Vec<Option<usize>>,
) -> Result<()> {
    let null = Symbol {
        name: Cow::Borrowed(b""),
        value: 0,
        size: 0,
        bind: elf::STB_GLOBAL.0,
        kind: elf::STT_NOTYPE.0,
        other: 0,
        place: Place::Undefined,
    };
    if symbols.is_empty() && !plan.add_symbols.is_empty() {
        symbols.push(Symbol { bind: elf::STB_LOCAL.0, ..null.clone() });
        origin.push(Some(0));
    }
    for new in &plan.add_symbols {
        let mut symbol = Symbol { name: Cow::Owned(new.name.clone()), value: new.value, ..null.clone() };
        symbol.place = match &new.section {
            None => Place::Absolute,
            Some(name) => {
                let found = elf.sections.iter().position(|section| *section.name == **name);
                let index = found.ok_or_else(|| format!("cannot find section '{}'", String::from_utf8_lossy(name)))?;
                // The value is an offset in the section; a linked file's symbols hold addresses.
                if !elf.is_relocatable() {
                    symbol.value = symbol.value.wrapping_add(elf.sections[index].addr);
                }
                Place::Section(index)
            }
        };
        for flag in &new.flags {
            match flag.to_ascii_lowercase().as_str() {
                "global" => symbol.bind = elf::STB_GLOBAL.0,
                "local" => symbol.bind = elf::STB_LOCAL.0,
                "weak" => symbol.bind = elf::STB_WEAK.0,
                "unique-object" => symbol.bind = elf::STB_GNU_UNIQUE.0,
                "function" => symbol.kind = elf::STT_FUNC.0,
                "object" => symbol.kind = elf::STT_OBJECT.0,
                "section" => symbol.kind = elf::STT_SECTION.0,
                "file" => symbol.kind = elf::STT_FILE.0,
                "indirect-function" => symbol.kind = elf::STT_GNU_IFUNC.0,
                "hidden" => symbol.other = elf::STV_HIDDEN.0,
                "protected" => symbol.other = elf::STV_PROTECTED.0,
                "default" => symbol.other = elf::STV_DEFAULT.0,
                _ => return Err(format!("unknown flag '{flag}' of a symbol")),
            }
        }
        symbols.push(symbol);
        origin.push(None);
    }
    Ok(())
}

/// Everything that changes sections one by one.
pub(super) fn sections(elf: &mut Elf<'_>, plan: &Plan) -> Result<()> {
    for (name, data) in &plan.update_sections {
        let fixed = !elf.segments.is_empty();
        for section in elf.sections.iter_mut().filter(|section| *section.name == **name) {
            if fixed && section.is_alloc() && section.size != data.len() as u64 {
                return Err(format!(
                    "cannot update section '{}': it is loaded with the program and has {} bytes, not {}",
                    String::from_utf8_lossy(name),
                    section.size,
                    data.len()
                ));
            }
            section.data = Cow::Owned(data.clone());
            section.size = data.len() as u64;
        }
    }
    for (name, data) in &plan.add_sections {
        elf.sections.push(new_section(name, data.clone(), 1));
    }
    if let Some(file) = &plan.debug_link {
        let link = debug_link(elf.layout.big, file)?;
        let section = new_section(b".gnu_debuglink", link, 4);
        match elf.sections.iter_mut().find(|section| *section.name == *b".gnu_debuglink") {
            Some(old) => *old = section,
            None => elf.sections.push(section),
        }
    }
    let layout = elf.layout;
    let names: Vec<Vec<u8>> = elf.sections.iter().map(|section| section.name.to_vec()).collect();
    for section in elf.sections.iter_mut().skip(1) {
        for (name, flags) in &plan.set_flags {
            if *section.name == **name {
                set_flags(section, flags)?;
            }
        }
        if let Some((_, align)) = plan.set_alignment.iter().rev().find(|(name, _)| *section.name == **name) {
            section.align = *align;
        }
        if let Some(rename) = plan.rename_sections.iter().find(|rename| section.name == rename.from) {
            section.name = Cow::Owned(rename.to.clone());
            if let Some(flags) = &rename.flags {
                set_flags(section, flags)?;
            }
        }
        if let Some(compression) = plan.compression.filter(|_| section.is_debug()) {
            compress(layout, section, compression)?;
        }
        let prefix = match section.is_alloc() && !plan.prefix_alloc_sections.is_empty() {
            true => &plan.prefix_alloc_sections,
            false => &plan.prefix_sections,
        };
        let table = [elf::SHT_SYMTAB.0, elf::SHT_STRTAB.0, elf::SHT_SYMTAB_SHNDX.0].contains(&section.kind);
        if !prefix.is_empty() && !table && !section.is_static_relocation() {
            section.name = Cow::Owned([&prefix[..], &section.name].concat());
        }
    }
    rename_relocations(elf, &names);
    Ok(())
}

/// `.rela.text` follows `.text` to its new name; `names` are those before.
fn rename_relocations(elf: &mut Elf<'_>, names: &[Vec<u8>]) {
    for at in 1..elf.sections.len() {
        let section = &elf.sections[at];
        let target = section.info as usize;
        if !section.is_static_relocation() || target == 0 || target >= elf.sections.len() {
            continue;
        }
        let name = &elf.sections[target].name;
        let prefix: &[u8] = if section.kind == elf::SHT_RELA.0 { b".rela" } else { b".rel" };
        if *section.name == *[prefix, &names[target]].concat() {
            let new = [prefix, name].concat();
            elf.sections[at].name = Cow::Owned(new);
        }
    }
}

fn new_section(name: &[u8], data: Vec<u8>, align: u64) -> Section<'static> {
    let note = name.starts_with(b".note");
    Section {
        name: Cow::Owned(name.to_vec()),
        kind: if note { elf::SHT_NOTE.0 } else { elf::SHT_PROGBITS.0 },
        flags: 0,
        addr: 0,
        offset: 0,
        size: data.len() as u64,
        link: 0,
        info: 0,
        align,
        entry_size: 0,
        data: Cow::Owned(data),
    }
}

/// The base name of the file, zeros up to a multiple of four, and the CRC-32 of what is in it (GDB's manual, "Separate
/// Debug Files").
pub(super) fn debug_link(big: bool, file: &Path) -> Result<Vec<u8>> {
    let contents = std::fs::read(file).map_err(|error| format!("cannot read '{}': {error}", file.display()))?;
    let name = file.file_name().ok_or_else(|| format!("'{}' names no file", file.display()))?;
    let mut link = name.as_encoded_bytes().to_vec();
    link.push(0);
    link.resize(link.len().next_multiple_of(4), 0);
    let mut crc = flate2::Crc::new();
    crc.update(&contents);
    link.extend(if big { crc.sum().to_be_bytes() } else { crc.sum().to_le_bytes() });
    Ok(link)
}

/// The flags that GNU's words mean to ELF; what they do not speak of stays.
fn set_flags(section: &mut Section<'_>, words: &[String]) -> Result<()> {
    let mut has = Vec::new();
    for word in words {
        let word = word.to_ascii_lowercase();
        match FLAGS.iter().find(|flag| **flag == word) {
            Some(flag) => has.push(*flag),
            None => return Err(format!("unknown flag '{word}' of a section; use one of {}", FLAGS.join(", "))),
        }
    }
    let has = |flag: &str| has.contains(&flag);
    let mut flags = section.flags & !(ALLOC | WRITE | EXEC | MERGE | STRINGS | elf::SHF_EXCLUDE.0);
    for (word, flag) in [("alloc", ALLOC), ("code", EXEC), ("merge", MERGE), ("strings", STRINGS)] {
        if has(word) {
            flags |= flag;
        }
    }
    if has("exclude") {
        flags |= elf::SHF_EXCLUDE.0;
    }
    if !has("readonly") && !has("rom") {
        flags |= WRITE;
    }
    if flags & MERGE != 0 && section.entry_size == 0 {
        section.entry_size = 1;
    }
    section.flags = flags;
    let contents = has("contents") || has("load");
    if section.kind == NOBITS && contents && !has("noload") {
        if section.size > 1 << 32 {
            return Err(format!("section '{}' is too large to be filled with zeros", section.text()));
        }
        section.kind = elf::SHT_PROGBITS.0;
        section.data = Cow::Owned(vec![0; usize::try_from(section.size).map_err(|error| error.to_string())?]);
    } else if section.kind == elf::SHT_PROGBITS.0 && has("alloc") && !contents && section.data.is_empty() {
        section.kind = NOBITS;
    }
    Ok(())
}

/// Compresses a section if that makes it smaller, or makes a compressed one plain.
fn compress(layout: crate::binutils::elf::Layout, section: &mut Section<'_>, to: Compression) -> Result<()> {
    let header = if layout.wide { 24 } else { 12 };
    if section.flags & COMPRESSED != 0 {
        let format = match layout.u32(&section.data, 0) {
            Some(1) => CompressionFormat::Zlib,
            Some(2) => CompressionFormat::Zstandard,
            _ => return Err(format!("section '{}' is compressed in an unknown way", section.text())),
        };
        let at = if layout.wide { 8 } else { 4 };
        let size = layout.word(&section.data, at).ok_or("a compression header is cut short")?;
        let align = layout.word(&section.data, at + layout.word_size()).ok_or("a compression header is cut short")?;
        let packed = section.data.get(header..).ok_or("a compression header is cut short")?;
        // zlib cannot shrink by more than 1032 to 1; more is a broken header.
        if format == CompressionFormat::Zlib && size / 1100 > packed.len() as u64 {
            return Err(format!("section '{}' says that it is larger than it can be", section.text()));
        }
        let data = CompressedData { format, data: packed, uncompressed_size: size };
        let plain = data.decompress().map_err(|error| format!("section '{}': {error}", section.text()))?.into_owned();
        section.flags &= !COMPRESSED;
        section.align = align;
        section.size = plain.len() as u64;
        section.data = Cow::Owned(plain);
    }
    if to == Compression::None || section.kind == NOBITS {
        return Ok(());
    }
    let mut packed = Vec::new();
    layout.push(&mut packed, 1, 4);
    if layout.wide {
        layout.push(&mut packed, 0, 4);
    }
    layout.push_word(&mut packed, section.data.len() as u64);
    layout.push_word(&mut packed, section.align);
    let mut encoder = ZlibEncoder::new(packed, flate2::Compression::default());
    let packed = encoder.write_all(&section.data).and_then(|()| encoder.finish()).map_err(|error| error.to_string())?;
    if packed.len() < section.data.len() {
        section.flags |= COMPRESSED;
        section.align = layout.word_size() as u64;
        section.size = packed.len() as u64;
        section.data = Cow::Owned(packed);
    }
    Ok(())
}
