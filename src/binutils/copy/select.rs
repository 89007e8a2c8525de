//! Which sections and symbols stay. The rules are GNU's, so that a package stripped by either has the same content.

use std::borrow::Cow;

use object::elf;

use super::plan::{Discard, Plan, Strip};
use crate::binutils::elf::symbols::{Place, Symbol, Table};
use crate::binutils::elf::{Elf, Result, Section};
use crate::binutils::nm::is_mapping;

/// For each section: does it stay? Index 0 always does.
pub(super) fn sections(elf: &Elf<'_>, table: Option<&Table<'_>>, plan: &Plan) -> Vec<bool> {
    let names = elf.header.names as usize;
    let symbols = table.map_or(0, |table| table.section);
    let strings = elf.sections.get(symbols).map_or(0, |section| section.link as usize);
    let mut keep: Vec<bool> = elf
        .sections
        .iter()
        .enumerate()
        .map(|(at, section)| {
            let own = at == names || at != 0 && (at == symbols || at == strings && symbols != 0);
            at == 0 || own || section.kind == elf::SHT_SYMTAB_SHNDX.0 || stays(section, plan)
        })
        .collect();
    for (at, section) in elf.sections.iter().enumerate() {
        if section.is_static_relocation() {
            let target = section.info as usize;
            let orphan = target != 0 && keep.get(target) != Some(&true);
            let name = elf.sections.get(target).map_or(&[][..], |section| &section.name);
            let dropped = plan.strip == Strip::All || plan.image || plan.remove_relocations.matches(name);
            let kept_by_name = target != 0 && plan.only_sections.is_some() && keep.get(target) == Some(&true);
            let linked = section.link as usize == symbols && symbols != 0;
            keep[at] = (keep[at] || kept_by_name) && !orphan && !(dropped && linked);
        }
    }
    for (at, section) in elf.sections.iter().enumerate() {
        if section.kind == elf::SHT_GROUP.0 {
            let alive = elf.group(section).iter().any(|member| keep.get(*member as usize) == Some(&true));
            let signature = table.and_then(|table| table.symbols.get(section.info as usize));
            let name = signature.map_or(&[][..], |symbol| symbol.shown_name(elf));
            let unnamed =
                plan.strip == Strip::All && !plan.keep_symbols.matches(name) || plan.strip_symbols.matches(name);
            keep[at] = alive && !unnamed && !plan.remove_sections.matches(&section.name);
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
    if let Some(only) = &plan.only_sections
        && !only.matches(name)
    {
        return false;
    }
    let dwo = name.ends_with(b".dwo");
    if plan.strip_dwo && dwo || plan.extract_dwo && !dwo {
        return false;
    }
    let stripped = plan.strip != Strip::None || plan.discard == Discard::All;
    !(section.is_debug() && stripped)
}

/// Sections that are broken without their symbols.
pub(super) fn needs_symbols(section: &Section<'_>) -> bool {
    [elf::SHT_REL.0, elf::SHT_RELA.0, elf::SHT_GROUP.0].contains(&section.kind)
}

/// For each of `count` symbols: does a relocation or a group that stays name it?
pub(super) fn used_symbols(elf: &Elf<'_>, table: usize, keep: &[bool], count: usize) -> Result<Vec<bool>> {
    let mut used = vec![false; count];
    let mut mark = |symbol: usize| match used.get_mut(symbol) {
        Some(used) => {
            *used = true;
            Ok(())
        }
        None => Err(format!("a relocation names symbol {symbol}, which does not exist")),
    };
    for (at, section) in elf.sections.iter().enumerate() {
        if !keep[at] || section.link as usize != table || table == 0 {
            continue;
        }
        if [elf::SHT_REL.0, elf::SHT_RELA.0].contains(&section.kind) {
            for relocation in elf.relocations(section) {
                mark(relocation.symbol)?;
            }
        } else if section.kind == elf::SHT_GROUP.0 {
            mark(section.info as usize)?;
        }
    }
    Ok(used)
}

/// # Errors
/// A symbol that was to go by name and that a relocation needs.
pub(super) fn keeps_symbol(elf: &Elf<'_>, symbol: &Symbol<'_>, used: bool, keep: &[bool], plan: &Plan) -> Result<bool> {
    let name = symbol.shown_name(elf);
    let in_removed = matches!(symbol.place, Place::Section(index) if !keep[index]);
    if in_removed {
        return match used {
            true => Err(format!(
                "cannot remove section '{}': symbol '{}' in it is named in a relocation",
                super::place_name(elf, symbol.place),
                String::from_utf8_lossy(name)
            )),
            false => Ok(false),
        };
    }
    // GNU's unique symbols count as local ones here, in GNU's tools too.
    let global = symbol.bind == elf::STB_GLOBAL.0 && !symbol.is_undefined();
    // Those of no section belong to no section that was asked for.
    if plan.only_sections.is_some() && !used && !matches!(symbol.place, Place::Section(_)) {
        return Ok(plan.keep_symbols.matches(name));
    }
    let weak = symbol.bind == elf::STB_WEAK.0;
    let common = symbol.place == Place::Common;
    let section_kept = plan.keep_section_symbols && symbol.is_section();
    let mut stays = match plan.strip {
        Strip::All => false,
        _ if used || section_kept => true,
        // A linker needs to tell code from data, for erratum 843419 and for BE8.
        _ if elf.is_relocatable() && is_mapping(elf, symbol) => true,
        strip if elf.is_relocatable() && (global || weak || common) => strip != Strip::All,
        strip if global || weak || symbol.is_undefined() || common => strip != Strip::Unneeded,
        strip if symbol.is_debugging() => strip == Strip::None,
        Strip::Unneeded => false,
        _ => match plan.discard {
            Discard::None => true,
            Discard::Compiler => !is_compilers_label(name),
            Discard::All => false,
        },
    };
    if stays && plan.strip_symbols.matches(name) {
        if used && elf.is_relocatable() {
            return Err(format!(
                "cannot strip symbol '{}': it is named in a relocation",
                String::from_utf8_lossy(name)
            ));
        }
        stays = used;
    }
    if stays && !used && plan.strip_unneeded_symbols.matches(name) {
        stays = false;
    }
    let file = plan.keep_file_symbols && symbol.kind == elf::STT_FILE.0;
    Ok(stays || file || plan.keep_symbols.matches(name))
}

/// Labels that a compiler makes up and an assembler would leave out.
fn is_compilers_label(name: &[u8]) -> bool {
    name.starts_with(b".L") || name.starts_with(b"..") || name.starts_with(b"_.L_") || name.starts_with(b"L0\x01")
}

pub(super) fn renamed<'d>(mut symbol: Symbol<'d>, plan: &Plan) -> Symbol<'d> {
    if let Some(new) = plan.redefine.get(&*symbol.name) {
        symbol.name = Cow::Owned(new.clone());
    }
    if !plan.prefix_symbols.is_empty() && !symbol.is_section() {
        symbol.name = Cow::Owned([&plan.prefix_symbols[..], &symbol.name].concat());
    }
    symbol
}

/// Local, global or weak, as the plan says.
pub(super) fn rebind(symbol: &mut Symbol<'_>, plan: &Plan) {
    if symbol.is_section() {
        return;
    }
    let name = &symbol.name;
    let weaken = plan.weaken_all || plan.weaken.matches(name);
    if !symbol.is_local() && weaken && symbol.place != Place::Common {
        symbol.bind = elf::STB_WEAK.0;
    }
    if symbol.is_undefined() {
        return;
    }
    let hidden = [elf::STV_HIDDEN.0, elf::STV_INTERNAL.0].contains(&(symbol.other & 3));
    let localize = plan.localize.matches(name)
        || !plan.keep_global.is_empty() && !plan.keep_global.matches(name)
        || plan.localize_hidden && hidden;
    if symbol.is_local() {
        if plan.globalize.matches(name) {
            symbol.bind = elf::STB_GLOBAL.0;
        }
    } else if localize && symbol.place != Place::Common && symbol.bind != elf::STB_GNU_UNIQUE.0 {
        symbol.bind = elf::STB_LOCAL.0;
    }
}
