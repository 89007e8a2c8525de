//! The core of `strip` and `objcopy` for PE and COFF: a [`Plan`] of changes, applied to one file.
//!
//! An image's sections keep their addresses, so that it runs as before; an object's symbols keep their order. The
//! selection follows GNU's rules with one exception: `.drectve`, which tells the linker what to export, is no debugging
//! information, though it is marked as GNU's tools mark that.

mod edit;
mod renumber;

use std::borrow::Cow;

use object::pe;

use super::plan::{Discard, Plan, Strip};
use crate::binutils::elf::Result;
use crate::binutils::pe::symbols::{FILE, Symbol};
use crate::binutils::pe::{Form, Pe, Section, formats, write};

/// Applies the plan to a file and returns the new one.
pub(super) fn file(data: &[u8], plan: &Plan) -> Result<Vec<u8>> {
    let pe = Pe::parse(data)?;
    if pe.form == Form::Import {
        // One symbol of a DLL: there is nothing to take off.
        return match edit::names_symbols(plan) {
            true => Err("a short import object has no symbols to change".into()),
            false => Ok(data.to_vec()),
        };
    }
    write::file(&changed(pe, plan)?)
}

/// # Errors
/// A file of another format than options say.
pub(super) fn check_format(data: &[u8], names: &[String]) -> Result<()> {
    let own = formats::name(&Pe::parse(data)?);
    match names.iter().find(|name| **name != own && *name != "default") {
        Some(name) => Err(format!("it is {own}, not '{name}', and formats cannot be converted")),
        None => Ok(()),
    }
}

/// Applies the plan.
pub(super) fn changed<'d>(mut pe: Pe<'d>, plan: &Plan) -> Result<Pe<'d>> {
    edit::check(&pe, plan)?;
    let keep = sections(&pe, plan);
    let stripped = keep.iter().zip(&pe.sections).any(|(keep, section)| !keep && section.is_debug());
    for (section, keep) in pe.sections.iter_mut().zip(&keep) {
        let all = plan.strip == Strip::All || plan.image;
        if !keep || all || plan.remove_relocations.matches(&section.name) {
            section.relocations.clear();
        }
    }
    let used = renumber::used(&pe, &keep, plan.strip == Strip::All)?;
    let mut stays = Vec::with_capacity(pe.symbols.len());
    for (at, symbol) in pe.symbols.iter().enumerate() {
        stays.push(keeps_symbol(&pe, symbol, used[at], &keep, plan)?);
    }
    if plan.only_keep_debug {
        only_debug(&mut pe);
    }
    if pe.is_image() {
        close_holes(&mut pe, &keep);
    }
    edit::symbols(&mut pe, plan)?;
    renumber::apply(&mut pe, &keep, &stays);
    edit::add_symbols(&mut pe, plan)?;
    edit::sections(&mut pe, plan)?;
    if plan.strip != Strip::None {
        pe.characteristics |= pe::IMAGE_FILE_LINE_NUMS_STRIPPED.0;
        if stripped && pe.is_image() {
            pe.characteristics |= pe::IMAGE_FILE_DEBUG_STRIPPED.0;
        }
        if pe.symbols.is_empty() {
            pe.characteristics |= pe::IMAGE_FILE_LOCAL_SYMS_STRIPPED.0;
        }
    }
    if let (Some(start), Some(optional)) = (plan.set_start, pe.optional.as_mut()) {
        let relative = start.checked_sub(optional.image_base).and_then(|entry| u32::try_from(entry).ok());
        optional.entry = relative.ok_or_else(|| format!("address 0x{start:x} is outside the image"))?;
    }
    Ok(pe)
}

/// For each section: does it stay?
fn sections(pe: &Pe<'_>, plan: &Plan) -> Vec<bool> {
    let mut keep: Vec<bool> = pe.sections.iter().map(|section| stays(section, plan)).collect();
    // What belongs to a section goes with it: its unwinding data, its debugging information.
    for (at, section) in pe.sections.iter().enumerate() {
        let own = pe.symbols.iter().find(|symbol| symbol.section == at as i32 + 1 && symbol.is_section());
        let Some(aux) = own.and_then(|symbol| symbol.aux.first()) else { continue };
        let owner = renumber::section_of(pe, aux);
        let belongs = section.has(pe::IMAGE_SCN_LNK_COMDAT) && aux[14] == pe::IMAGE_COMDAT_SELECT_ASSOCIATIVE.0;
        if belongs && owner.checked_sub(1).and_then(|owner| keep.get(owner as usize)) == Some(&false) {
            keep[at] = plan.keep_sections.matches(&section.name);
        }
    }
    keep
}

fn stays(section: &Section<'_>, plan: &Plan) -> bool {
    let name = &section.name;
    if plan.keep_sections.matches(name) {
        return true;
    }
    if plan.remove_sections.matches(name) {
        return false;
    }
    if plan.only_sections.as_ref().is_some_and(|only| !only.matches(name)) {
        return false;
    }
    let stripped = plan.strip != Strip::None || plan.discard == Discard::All;
    !(section.is_debug() && stripped)
}

/// # Errors
/// A symbol that was to go, by its section or its name, and that a relocation needs.
fn keeps_symbol(pe: &Pe<'_>, symbol: &Symbol<'_>, used: bool, keep: &[bool], plan: &Plan) -> Result<bool> {
    let name = &symbol.name;
    let shown = || String::from_utf8_lossy(name);
    let section = usize::try_from(symbol.section).ok().and_then(|number| number.checked_sub(1));
    if let Some(section) = section.filter(|section| keep.get(*section) == Some(&false)) {
        return match used {
            true => Err(format!(
                "cannot remove section '{}': symbol '{}' in it is named in a relocation",
                pe.sections[section].text(),
                shown()
            )),
            false => Ok(false),
        };
    }
    if plan.only_sections.is_some() && !used && section.is_none() {
        return Ok(plan.keep_symbols.matches(name));
    }
    let relocatable = !pe.is_image();
    // A linker reads the choice between COMDATs from the symbols of their sections.
    let of_section = relocatable && symbol.is_section();
    let external = symbol.is_external();
    let mut stays = match plan.strip {
        Strip::All => false,
        _ if used || of_section => true,
        // Also those that no relocation names: in an import library they bring the end of the table.
        _ if relocatable && external => true,
        // GNU's rule: what may be imported from a library of DLLs stays.
        _ if symbol.letter(pe) == 'I' => true,
        strip if external || symbol.is_undefined() => strip != Strip::Unneeded,
        strip if symbol.is_debugging() => strip == Strip::None,
        Strip::Unneeded => false,
        _ => match plan.discard {
            Discard::None => true,
            Discard::Compiler => !name.starts_with(b".L") && !name.starts_with(b"L"),
            Discard::All => false,
        },
    };
    if stays && plan.strip_symbols.matches(name) {
        if used && relocatable {
            return Err(format!("cannot strip symbol '{}': it is named in a relocation", shown()));
        }
        stays = used;
    }
    if stays && !used && plan.strip_unneeded_symbols.matches(name) {
        stays = false;
    }
    let file = plan.keep_file_symbols && symbol.class == FILE;
    Ok(stays || file || plan.keep_symbols.matches(name))
}

/// A file of debugging information has the sections of the program and none of their content, but for the one by which
/// a debugger knows that the two belong together.
fn only_debug(pe: &mut Pe<'_>) {
    for section in pe.sections.iter_mut().filter(|section| !section.is_debug() && *section.name != *b".buildid") {
        section.data = Cow::Borrowed(&[]);
        section.relocations.clear();
        section.size = 0;
        section.offset = 0;
        section.flags |= pe::IMAGE_SCN_CNT_UNINITIALIZED_DATA.0;
    }
}

/// The loader wants no gap between sections: the one before takes the room of those that are removed.
fn close_holes(pe: &mut Pe<'_>, keep: &[bool]) {
    let mut before: Option<usize> = None;
    for (at, _) in keep.iter().enumerate().filter(|(_, keep)| **keep) {
        if let Some(before) = before.filter(|before| before + 1 < at) {
            let room = pe.sections[at].address.saturating_sub(pe.sections[before].address);
            pe.sections[before].virtual_size = pe.sections[before].virtual_size.max(room);
        }
        before = Some(at);
    }
}
