//! The core that `strip` and `objcopy` share: a [`Plan`] of changes, applied to one file. What follows is for ELF; PE
//! has a module of its own.
//!
//! What goes follows GNU's rules (`select.rs`); the program headers of a program and all that they map stay as they
//! are, so that it runs as before.

pub(super) mod edit;
pub(super) mod files;
pub(super) mod formats;
pub(super) mod pattern;
mod pe;
pub(super) mod plan;
mod select;

use std::borrow::Cow;

use object::elf;

use super::elf::symbols::{Place, Symbol, Table};
use super::elf::write::string_table;
use super::elf::{ALLOC, Elf, LOAD, NOBITS, Result, Section};
use super::pe::{Pe, is_pe};
use plan::{Plan, Strip};

/// Applies the plan to a file of any format and returns the new one.
pub(super) fn file(data: &[u8], plan: &Plan) -> Result<Vec<u8>> {
    match is_pe(data) {
        true => pe::file(data, plan),
        false => changed(Elf::parse(data)?, plan)?.write(),
    }
}

/// What the plan leaves of a file, as one of the formats without sections.
pub(super) fn image(data: &[u8], plan: &Plan, output: formats::Output) -> Result<Vec<u8>> {
    match is_pe(data) {
        true => formats::image_of_pe(&pe::changed(Pe::parse(data)?, plan)?, plan, output),
        false => formats::image(&changed(Elf::parse(data)?, plan)?, plan, output),
    }
}

/// # Errors
/// A file of another format than options say.
pub(super) fn check_format(data: &[u8], names: &[String]) -> Result<()> {
    if is_pe(data) {
        return pe::check_format(data, names);
    }
    let elf = Elf::parse(data)?;
    let own = super::elf::formats::name(&elf);
    let generic = if own.starts_with("elf64") { "elf64-little" } else { "elf32-little" };
    match names.iter().find(|name| **name != own && **name != generic && *name != "default" && *name != "elf") {
        Some(name) => Err(format!("it is {own}, not '{name}', and formats cannot be converted")),
        None => Ok(()),
    }
}

/// Applies the plan.
fn changed<'d>(mut elf: Elf<'d>, plan: &Plan) -> Result<Elf<'d>> {
    let table = match elf.sections.is_empty() {
        true => None,
        false => elf.symbols(elf::SHT_SYMTAB)?,
    };
    edit::check(&elf, plan)?;
    let selected = select::sections(&elf, table.as_ref(), plan);
    let mut keep = selected;
    let (mut symbols, mut origin) = (Vec::new(), Vec::new());
    let table_section = table.as_ref().map(|table| table.section);
    if let Some(Table { symbols: old, .. }) = table {
        let used = select::used_symbols(&elf, table_section.unwrap_or(0), &keep, old.len())?;
        for (at, symbol) in old.into_iter().enumerate() {
            if at == 0 || select::keeps_symbol(&elf, &symbol, used[at], &keep, plan)? {
                symbols.push(if at == 0 { symbol } else { select::renamed(symbol, plan) });
                origin.push(Some(at));
            }
        }
        for symbol in symbols.iter_mut().skip(1) {
            select::rebind(symbol, plan);
        }
    }
    edit::add_symbols(&elf, plan, &mut symbols, &mut origin)?;
    let table_section = prepare_table(&mut elf, table_section, &symbols, &mut keep, plan)?;
    drop_empty_notes(&mut elf, &keep);
    zero_removed(&mut elf, &keep);
    let before = elf.sections.len();
    elf.keep(&keep, &mut symbols)?;
    ungroup(&mut elf);
    if let Some(old) = table_section.filter(|old| keep[*old]) {
        let new = keep[..old].iter().enumerate().filter(|(at, keep)| *at == 0 || **keep).count();
        debug_assert!(new < before);
        elf.set_symbols(new, &symbols, &origin)?;
    }
    edit::sections(&mut elf, plan)?;
    if plan.only_keep_debug {
        only_debug(&mut elf);
    }
    if let Some(start) = plan.set_start {
        elf.header.entry = start;
    }
    Ok(elf)
}

/// The section of the symbol table, made where symbols were added to a file without one, and struck out with its
/// strings where no symbol is left.
fn prepare_table(
    elf: &mut Elf<'_>,
    table: Option<usize>,
    symbols: &[Symbol<'_>],
    keep: &mut Vec<bool>,
    plan: &Plan,
) -> Result<Option<usize>> {
    let Some(table) = table else {
        if symbols.len() <= 1 {
            return Ok(None);
        }
        let at = elf.sections.len();
        let mut section = string_table(b".symtab", Vec::new());
        section.kind = elf::SHT_SYMTAB.0;
        section.align = elf.layout.word_size() as u64;
        section.link = at as u32 + 1;
        elf.sections.push(section);
        elf.sections.push(string_table(b".strtab", Vec::new()));
        keep.extend([true, true]);
        return Ok(Some(at));
    };
    let strings = elf.sections[table].link as usize;
    let users = |elf: &Elf<'_>, keep: &[bool]| {
        let mut sections = elf.sections.iter().enumerate();
        sections
            .any(|(at, other)| keep[at] && other.link as usize == table && at != table && select::needs_symbols(other))
    };
    let empty = symbols.len() <= 1;
    if empty && (plan.strip != Strip::None || plan.only_sections.is_some() || !users(elf, keep)) && !users(elf, keep) {
        keep[table] = false;
        for (at, section) in elf.sections.iter().enumerate() {
            if section.kind == elf::SHT_SYMTAB_SHNDX.0 && section.link as usize == table {
                keep[at] = false;
            }
        }
        let shared =
            elf.sections.iter().enumerate().any(|(at, s)| at != table && keep[at] && s.link as usize == strings);
        if let Some(keep) = keep.get_mut(strings) {
            *keep = shared || strings == elf.header.names as usize;
        }
    } else {
        keep[table] = true;
        if let Some(keep) = keep.get_mut(strings) {
            *keep = true;
        }
    }
    Ok(Some(table))
}

/// A note segment without any of its sections is no segment: the loader would read zeros.
fn drop_empty_notes(elf: &mut Elf<'_>, keep: &[bool]) {
    let sections = &elf.sections;
    for segment in &mut elf.segments {
        if ![elf::PT_NOTE.0, elf::PT_GNU_PROPERTY.0].contains(&segment.kind) {
            continue;
        }
        let inside = |section: &&Section<'_>| segment.holds(section) && section.is_alloc();
        let had = sections.iter().skip(1).any(|section| inside(&section));
        let has = sections.iter().enumerate().skip(1).any(|(at, section)| keep[at] && inside(&section));
        if had && !has {
            segment.kind = elf::PT_NULL.0;
            (segment.file_size, segment.mem_size) = (0, 0);
        }
    }
}

/// What a removed section held does not stay in the file: it is kept as zeros where a segment maps its place.
fn zero_removed(elf: &mut Elf<'_>, keep: &[bool]) {
    for (at, keep) in keep.iter().enumerate().skip(1) {
        let section = &elf.sections[at];
        if !keep && section.is_alloc() && section.kind != NOBITS {
            elf.holes.push((section.offset, section.size));
        }
    }
}

/// A section without its group is a plain one.
fn ungroup(elf: &mut Elf<'_>) {
    let groups = elf.sections.iter().filter(|section| section.kind == elf::SHT_GROUP.0);
    let members: std::collections::HashSet<u32> = groups.flat_map(|group| elf.group(group)).collect();
    for (at, section) in elf.sections.iter_mut().enumerate() {
        if !members.contains(&(at as u32)) {
            section.flags &= !elf::SHF_GROUP.0;
        }
    }
}

/// A file of debugging information has the headers of the program and none of its content, but for the notes, by which
/// a debugger knows that the two belong together.
fn only_debug(elf: &mut Elf<'_>) {
    // The first segment holds the file's header, the table of segments and the notes; what is past them is cut off.
    let first = elf.segments.iter().find(|segment| segment.kind == LOAD && segment.offset == 0);
    let first_end = first.map_or(0, |segment| segment.file_size);
    let notes = elf.sections.iter().filter(|section| section.is_alloc() && section.kind == elf::SHT_NOTE.0);
    let ends = notes.map(|section| section.offset.saturating_add(section.size)).filter(|end| *end <= first_end);
    let phdr = elf.segments.iter().find(|segment| segment.kind == elf::PT_PHDR.0);
    let table = phdr.map(|segment| segment.offset + segment.file_size).filter(|end| *end <= first_end);
    let kept = ends.chain(table).max().unwrap_or(0);
    for section in elf.sections.iter().skip(1) {
        if section.is_alloc() && section.kind != elf::SHT_NOTE.0 && section.kind != NOBITS {
            elf.holes.push((section.offset, section.size));
        }
    }
    for section in elf.sections.iter_mut().skip(1) {
        if section.flags & ALLOC != 0 && section.kind != elf::SHT_NOTE.0 {
            section.kind = NOBITS;
            section.data = Cow::Borrowed(&[]);
        }
    }
    for segment in &mut elf.segments {
        let inside = segment.offset.saturating_add(segment.file_size) <= kept;
        let stays = inside && [elf::PT_PHDR.0, elf::PT_NOTE.0, elf::PT_GNU_PROPERTY.0].contains(&segment.kind);
        if segment.kind == LOAD && segment.offset == 0 {
            segment.file_size = kept;
        } else if !stays {
            segment.file_size = 0;
        }
    }
}

/// Names a symbol's section for messages.
pub(super) fn place_name(elf: &Elf<'_>, place: Place) -> String {
    match place {
        Place::Section(index) => {
            elf.sections.get(index).map_or_else(String::new, |section| section.text().into_owned())
        }
        _ => String::new(),
    }
}
