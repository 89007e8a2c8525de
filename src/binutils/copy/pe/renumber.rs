//! COFF's tables name symbols and sections by number. When some go, the numbers of the rest change: in relocations, in
//! auxiliary records, and in the sections that are themselves lists of symbols.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use object::pe;

use crate::binutils::elf::Result;
use crate::binutils::pe::symbols::{FILE, Symbol};
use crate::binutils::pe::{Form, Pe, Section, u16_at, u32_at};

/// How a section lists symbols.
#[derive(Clone, Copy, PartialEq)]
enum List {
    /// LEB128 numbers.
    Variable,
    /// Numbers of 32 bits.
    Words,
    /// Two of 32 bits, and a count of 64.
    Calls,
}

/// Sections that list symbols: LLVM's extensions, and the tables of Control Flow Guard and safe exception handlers.
const LISTS: &[(&[u8], List)] = &[
    (b".llvm_addrsig", List::Variable),
    (b".llvm.call-graph-profile", List::Calls),
    (b".gfids$y", List::Words),
    (b".giats$y", List::Words),
    (b".gljmp$y", List::Words),
    (b".gehcont$y", List::Words),
    (b".sxdata", List::Words),
];

fn list_of(section: &Section<'_>) -> Option<List> {
    LISTS.iter().find(|(name, _)| *section.name == **name).map(|(_, list)| *list)
}

/// The numbers in a list, with what stands behind each.
fn read(list: List, data: &[u8]) -> Vec<(Vec<u32>, Vec<u8>)> {
    let word = |bytes: &[u8], at| u32_at(bytes, at).unwrap_or(u32::MAX);
    match list {
        List::Words => data.chunks_exact(4).map(|bytes| (vec![word(bytes, 0)], Vec::new())).collect(),
        List::Calls => {
            data.chunks_exact(16).map(|bytes| (vec![word(bytes, 0), word(bytes, 4)], bytes[8..].to_vec())).collect()
        }
        List::Variable => {
            let (mut numbers, mut value, mut shift) = (Vec::new(), 0u32, 0);
            for byte in data {
                value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
                shift += 7;
                if byte & 0x80 == 0 {
                    numbers.push((vec![value], Vec::new()));
                    (value, shift) = (0, 0);
                }
            }
            numbers
        }
    }
}

fn encode(list: List, entries: &[(Vec<u32>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (numbers, rest) in entries {
        for number in numbers {
            let mut value = *number;
            while list == List::Variable && value >= 0x80 {
                out.push(value as u8 | 0x80);
                value >>= 7;
            }
            match list {
                List::Variable => out.push(value as u8),
                List::Words | List::Calls => out.extend(value.to_le_bytes()),
            }
        }
        out.extend(rest);
    }
    out
}

/// For each symbol: does something that stays name it?
pub(super) fn used(pe: &Pe<'_>, keep: &[bool], none: bool) -> Result<Vec<bool>> {
    let places: HashMap<u32, usize> = pe.symbols.iter().enumerate().map(|(at, symbol)| (symbol.index, at)).collect();
    let mut used = vec![false; pe.symbols.len()];
    for (section, _) in pe.sections.iter().zip(keep).filter(|(_, keep)| **keep) {
        for relocation in &section.relocations {
            match places.get(&relocation.symbol) {
                Some(at) => used[*at] = true,
                None => return Err(format!("a relocation names symbol {}, which does not exist", relocation.symbol)),
            }
        }
    }
    // The tables of the exception handlers and of Control Flow Guard are of no use without their symbols; LLVM's lists
    // can be without some.
    let tables =
        pe.sections.iter().zip(keep).filter(|(section, keep)| **keep && !none && list_of(section) == Some(List::Words));
    for (section, _) in tables {
        for number in read(List::Words, &section.data).into_iter().flat_map(|entry| entry.0) {
            if let Some(at) = places.get(&number) {
                used[*at] = true;
            }
        }
    }
    // A weak symbol needs the one that stands in for it.
    for symbol in pe.symbols.iter().filter(|symbol| symbol.is_weak() && !none) {
        let stand_in = symbol.aux.first().and_then(|aux| u32_at(aux, 0)).and_then(|number| places.get(&number));
        if let Some(at) = stand_in {
            let section = usize::try_from(pe.symbols[*at].section).ok().and_then(|number| number.checked_sub(1));
            used[*at] |= section.is_none_or(|section| keep.get(section) != Some(&false));
        }
    }
    Ok(used)
}

/// The section that a section's auxiliary record names, from 1. A bigobj has the upper half elsewhere.
pub(super) fn section_of(pe: &Pe<'_>, aux: &[u8; 18]) -> u32 {
    let low = u32::from(u16_at(aux, 12).unwrap_or(0));
    let high = if pe.form == Form::BigObject { u32::from(u16_at(aux, 16).unwrap_or(0)) } else { 0 };
    low | high << 16
}

/// Takes out the sections and symbols that do not stay.
pub(super) fn apply(pe: &mut Pe<'_>, keep: &[bool], stays: &[bool]) {
    let mut sections: Vec<u32> = Vec::with_capacity(keep.len());
    let mut next = 0;
    for keep in keep {
        next += u32::from(*keep);
        sections.push(if *keep { next } else { 0 });
    }
    let new_section =
        |number: u32| number.checked_sub(1).and_then(|at| sections.get(at as usize)).copied().unwrap_or(0);
    let left: HashSet<u32> =
        pe.symbols.iter().zip(stays).filter(|(_, stays)| **stays).map(|(symbol, _)| symbol.index).collect();
    for symbol in pe.symbols.iter_mut().filter(|symbol| symbol.is_weak()) {
        // Without it, the symbol is an ordinary one.
        if symbol.aux.first().and_then(|aux| u32_at(aux, 0)).is_some_and(|number| !left.contains(&number)) {
            symbol.class = pe::IMAGE_SYM_CLASS_EXTERNAL.0;
            symbol.aux.clear();
        }
    }
    let mut symbols: HashMap<u32, u32> = HashMap::new();
    let mut next = 0;
    for (symbol, _) in pe.symbols.iter().zip(stays).filter(|(_, stays)| **stays) {
        symbols.insert(symbol.index, next);
        next += 1 + symbol.aux.len() as u32;
    }
    let big = pe.form == Form::BigObject;
    let owners: Vec<u32> =
        pe.symbols.iter().map(|symbol| symbol.aux.first().map_or(0, |aux| section_of(pe, aux))).collect();
    let mut at = 0;
    let mut sections_left = keep.iter();
    pe.sections.retain(|_| *sections_left.next().unwrap_or(&true));
    for (symbol, owner) in pe.symbols.iter_mut().zip(owners) {
        if symbol.section > 0 {
            symbol.section = new_section(symbol.section as u32) as i32;
        }
        remap(symbol, &symbols, |_| new_section(owner), big);
    }
    pe.symbols.retain(|_| {
        at += 1;
        stays[at - 1]
    });
    for symbol in &mut pe.symbols {
        symbol.index = symbols.get(&symbol.index).copied().unwrap_or(0);
    }
    let all_stay = stays.iter().all(|stays| *stays);
    for section in &mut pe.sections {
        for relocation in &mut section.relocations {
            relocation.symbol = symbols.get(&relocation.symbol).copied().unwrap_or(0);
        }
        if let Some(list) = list_of(section).filter(|_| !all_stay) {
            let known = |(numbers, rest): (Vec<u32>, Vec<u8>)| {
                let new: Option<Vec<u32>> = numbers.iter().map(|number| symbols.get(number).copied()).collect();
                Some((new?, rest))
            };
            let entries: Vec<_> = read(list, &section.data).into_iter().filter_map(known).collect();
            let data = encode(list, &entries);
            section.size = data.len() as u32;
            section.data = Cow::Owned(data);
        }
    }
}

/// The numbers in auxiliary records.
fn remap(symbol: &mut Symbol<'_>, symbols: &HashMap<u32, u32>, owner: impl Fn(()) -> u32, big: bool) {
    let new = |number: u32| symbols.get(&number).copied().unwrap_or(0);
    let put = |aux: &mut [u8; 18], at: usize| {
        let number = u32_at(aux, at).unwrap_or(0);
        aux[at..at + 4].copy_from_slice(&(if number == 0 { 0 } else { new(number) }).to_le_bytes());
    };
    let (section, weak, function) = (symbol.is_section(), symbol.is_weak(), symbol.is_function() && symbol.section > 0);
    let block = symbol.class == pe::IMAGE_SYM_CLASS_FUNCTION.0;
    if symbol.class == FILE {
        // The next one of its kind.
        symbol.value = if symbol.value == 0 { 0 } else { new(symbol.value) };
        return;
    }
    let Some(aux) = symbol.aux.first_mut() else { return };
    match () {
        () if section => {
            let owner = owner(());
            aux[12..14].copy_from_slice(&(owner as u16).to_le_bytes());
            if big {
                aux[16..18].copy_from_slice(&((owner >> 16) as u16).to_le_bytes());
            }
        }
        () if weak => {
            // The first symbol of all is a number like any other here.
            let number = new(u32_at(aux, 0).unwrap_or(0));
            aux[..4].copy_from_slice(&number.to_le_bytes());
        }
        () if function => {
            put(aux, 0);
            put(aux, 12);
        }
        () if block => put(aux, 12),
        () if symbol.class == pe::IMAGE_SYM_CLASS_CLR_TOKEN.0 => put(aux, 2),
        () => {}
    }
}
