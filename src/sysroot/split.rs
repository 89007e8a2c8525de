//! compiler-rt as an archive of one member a function. zig's is one object with everything: a link that needs a division
//! would put 200 KiB into the flash of a microcontroller, unless it collects garbage (`--gc-sections`).
//!
//! Each section that goes into the image becomes an object of its own. A local symbol that another section names becomes a
//! hidden one under a name of ours. Tables for the unwinder are left out: nothing here throws.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use object::elf;

use crate::binutils::archive::{Archive, Member};
use crate::binutils::elf::symbols::{Place, Symbol};
use crate::binutils::elf::write::string_table;
use crate::binutils::elf::{Elf, Result, Section};

/// `SHT_ARM_ATTRIBUTES` and `SHT_RISCV_ATTRIBUTES`: what the code needs of a processor, which every member says.
const ATTRIBUTES: u32 = 0x7000_0003;
/// `SHT_ARM_EXIDX`, and `SHT_X86_64_UNWIND`.
const UNWIND: u32 = 0x7000_0001;

/// The archive with each member that is an object in parts.
///
/// # Errors
/// What is wrong with the archive or an object in it.
pub(super) fn by_function(archive: &[u8], path: &Path) -> Result<Vec<u8>> {
    let mut archive = Archive::read(archive, path)?;
    let mut members = Vec::new();
    for (number, member) in archive.members.drain(..).enumerate() {
        let elf = Elf::parse(&member.data)?;
        for (index, data) in parts(&elf, number)? {
            let name = format!("builtins{number}.{index}.o").into_bytes();
            members.push(Member { name, data: Cow::Owned(data), date: 0, uid: 0, gid: 0, mode: 0o644 });
        }
    }
    archive.members = members;
    archive.write(true)
}

/// Is the section code or data of the functions?
fn is_content(section: &Section<'_>) -> bool {
    const UNWINDER: &[&[u8]] = &[b".eh_frame", b".ARM.extab", b".ARM.exidx"];
    section.is_alloc()
        && section.size > 0
        && section.kind != UNWIND
        && ![elf::SHT_REL.0, elf::SHT_RELA.0, elf::SHT_NOTE.0].contains(&section.kind)
        && !UNWINDER.iter().any(|name| section.name.starts_with(name))
}

/// The objects of an object's sections, with the sections' numbers.
fn parts(elf: &Elf<'_>, number: usize) -> Result<Vec<(usize, Vec<u8>)>> {
    let table = elf.symbols(elf::SHT_SYMTAB)?.ok_or("an object has no symbol table")?;
    let mut relocations: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, section) in elf.sections.iter().enumerate().filter(|(_, section)| section.is_static_relocation()) {
        relocations.insert(section.info as usize, index);
    }
    let mut of_section: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, symbol) in table.symbols.iter().enumerate() {
        if let Place::Section(section) = symbol.place {
            of_section.entry(section).or_default().push(index);
        }
    }
    let contents = elf.sections.iter().enumerate().filter(|(_, section)| is_content(section)).map(|(index, _)| index);
    let contents: Vec<usize> = contents.collect();
    // What each section names that is not in it.
    let mut foreign: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut promoted: BTreeSet<usize> = BTreeSet::new();
    for section in &contents {
        let Some(relocation) = relocations.get(section) else { continue };
        for relocation in elf.relocations(&elf.sections[*relocation]) {
            let symbol = table.symbols.get(relocation.symbol).ok_or("a relocation names no symbol")?;
            if relocation.symbol == 0 || symbol.place == Place::Section(*section) {
                continue;
            }
            foreign.entry(*section).or_default().insert(relocation.symbol);
            if symbol.is_local() && matches!(symbol.place, Place::Section(_)) {
                promoted.insert(relocation.symbol);
            }
        }
    }
    let global = |index: usize, place: Place| -> Symbol<'_> {
        let mut symbol = table.symbols[index].clone();
        if promoted.contains(&index) {
            symbol.name = Cow::Owned(format!("__xcc_builtins{number}_{index}").into_bytes());
            symbol.other = elf::STV_HIDDEN.0;
            symbol.bind = elf::STB_GLOBAL.0;
            if symbol.is_section() {
                symbol.kind = elf::STT_NOTYPE.0;
            }
        }
        if place == Place::Undefined {
            // A weak reference would not bring the other member in; one that was weak before stays so.
            if !symbol.is_undefined() {
                symbol.bind = elf::STB_GLOBAL.0;
            }
            (symbol.value, symbol.size, symbol.kind) = (0, 0, elf::STT_NOTYPE.0);
        }
        symbol.place = place;
        symbol
    };
    let mut parts = Vec::with_capacity(contents.len());
    for section in contents {
        let (mut symbols, mut origin) = (vec![table.symbols[0].clone()], vec![None]);
        for index in of_section.get(&section).into_iter().flatten() {
            symbols.push(global(*index, Place::Section(1)));
            origin.push(Some(*index));
        }
        for index in foreign.get(&section).into_iter().flatten() {
            let place = match table.symbols[*index].place {
                Place::Section(_) => Place::Undefined,
                other => other,
            };
            symbols.push(global(*index, place));
            origin.push(Some(*index));
        }
        let relocation = relocations.get(&section).map(|index| &elf.sections[*index]);
        parts.push((section, object(elf, section, relocation, &symbols, &origin)?));
    }
    Ok(parts)
}

/// One section as an object.
fn object(
    elf: &Elf<'_>,
    section: usize,
    relocation: Option<&Section<'_>>,
    symbols: &[Symbol<'_>],
    origin: &[Option<usize>],
) -> Result<Vec<u8>> {
    let mut sections = vec![elf.sections[0].clone()];
    let mut content = elf.sections[section].clone();
    // Constants stay as they are laid out: an offset from a symbol that is not the section's own would no longer find the
    // right one when a linker merges equals.
    content.flags &= !(elf::SHF_GROUP.0 | elf::SHF_LINK_ORDER.0 | elf::SHF_MERGE.0 | elf::SHF_STRINGS.0);
    (content.link, content.entry_size) = (0, 0);
    sections.push(content);
    sections.extend(elf.sections.iter().filter(|section| section.kind == ATTRIBUTES).cloned());
    let table = sections.len() + usize::from(relocation.is_some());
    if let Some(relocation) = relocation {
        sections.push(Section { link: table as u32, info: 1, ..relocation.clone() });
    }
    let (_, symbol_table) = elf.by_kind(elf::SHT_SYMTAB).ok_or("an object has no symbol table")?;
    sections.push(Section { link: table as u32 + 1, ..symbol_table.clone() });
    sections.push(string_table(b".strtab", Vec::new()));
    let mut header = elf.header.clone();
    header.names = 0;
    let mut part = Elf { data: &[], layout: elf.layout, header, segments: Vec::new(), sections, holes: Vec::new() };
    part.set_symbols(table, symbols, origin)?;
    part.write()
}
