//! The symbol table of a Mach-O file and what hangs on it: strings, ranges in `LC_DYSYMTAB`, the indirect table and the
//! relocations, which count symbols.

use std::collections::HashMap;

use super::bytes::{self, put32, text_at, u32_at};
use super::image::Nlist;
use super::layout::{Layout, Part};
use super::names::*;
use super::{Image, Result};

pub(crate) struct Symbol<'d> {
    pub(crate) entry: Nlist,
    pub(crate) name: &'d [u8],
}

impl Symbol<'_> {
    /// For debuggers only.
    pub(crate) fn is_stab(&self) -> bool {
        self.entry.kind & N_STAB != 0
    }

    pub(crate) fn is_external(&self) -> bool {
        self.entry.kind & N_EXT != 0
    }

    pub(crate) fn kind(&self) -> u8 {
        self.entry.kind & N_TYPE
    }

    /// A common symbol is undefined, and has its size for a value.
    pub(crate) fn is_undefined(&self) -> bool {
        !self.is_stab() && self.kind() == N_UNDF
    }

    /// The range of `LC_DYSYMTAB` it belongs to: local, defined and external, undefined.
    fn rank(&self) -> usize {
        match () {
            () if self.is_stab() || !self.is_external() => 0,
            () if self.is_undefined() => 2,
            () => 1,
        }
    }
}

/// All symbols; none where there is no table.
///
/// # Errors
/// A table outside the file, and names outside the strings.
pub(crate) fn read<'d>(image: &Image<'d>) -> Result<Vec<Symbol<'d>>> {
    let Some(command) = image.command(LC_SYMTAB) else { return Ok(Vec::new()) };
    let word = |at| image.word(command, at);
    let table = bytes::slice(image.data, word(8).into(), u64::from(word(12)) * Nlist::SIZE as u64);
    let table = table.ok_or("its symbol table is not inside the file")?;
    let strings = match word(20) {
        0 => &[][..],
        _ => image.bytes_of((word(16), word(20))).map_err(|_| "its strings are not inside the file")?,
    };
    let mut symbols = Vec::with_capacity(table.len() / Nlist::SIZE);
    for (number, at) in (0..table.len()).step_by(Nlist::SIZE).enumerate() {
        let entry = Nlist::read(table, at)?;
        let name = match entry.name {
            0 => Some(&b""[..]),
            name => text_at(strings, name as usize).or_else(|| strings.get(name as usize..)),
        };
        symbols.push(Symbol {
            entry,
            name: name.ok_or_else(|| format!("the name of symbol {number} is not inside the strings"))?,
        });
    }
    Ok(symbols)
}

/// Where a symbol goes.
#[derive(Clone, Copy, PartialEq)]
enum Now {
    Gone,
    At(u32),
}

/// Writes the symbols for which `keep` says so in place of all, and makes everything that counts symbols follow.
///
/// # Errors
/// Relocations of a symbol that goes.
pub(crate) fn replace(layout: &mut Layout<'_>, image: &Image<'_>, symbols: &[Symbol<'_>], keep: &[bool]) -> Result<()> {
    if image.command(LC_SYMTAB).is_none() {
        return Ok(());
    }
    let mut order: Vec<usize> = (0..symbols.len()).filter(|at| keep[*at]).collect();
    let dysymtab = image.command(LC_DYSYMTAB);
    if dysymtab.is_some() {
        order.sort_by_key(|at| symbols[*at].rank());
    }
    let mut now = vec![Now::Gone; symbols.len()];
    let (mut table, mut strings, mut ranges) = (Vec::new(), Strings::new(image.is_object()), [0u32; 3]);
    for (number, at) in order.iter().enumerate() {
        let symbol = &symbols[*at];
        now[*at] = Now::At(number as u32);
        ranges[symbol.rank()] += 1;
        let mut entry = symbol.entry;
        entry.name = strings.add(symbol.name);
        if symbol.kind() == N_INDR && !symbol.is_stab() {
            // Its value is a name too: that of the symbol it stands for.
            let old = layout.get(Part::Strings);
            let other = usize::try_from(entry.value).ok().and_then(|at| text_at(old, at));
            let other = other.ok_or("an indirect symbol has no name of another")?.to_vec();
            entry.value = strings.add(&other).into();
        }
        entry.write(&mut table);
    }
    let mut indirect = layout.get(Part::Indirect).to_vec();
    for at in (0..indirect.len()).step_by(4) {
        let old = u32_at(&indirect, at)?;
        if old & (INDIRECT_LOCAL | INDIRECT_ABS) == 0 {
            let new = match now.get(old as usize).ok_or("the indirect table counts symbols that are not there")? {
                Now::At(new) => *new,
                Now::Gone if symbols[old as usize].kind() == N_ABS => INDIRECT_LOCAL | INDIRECT_ABS,
                Now::Gone => INDIRECT_LOCAL,
            };
            put32(&mut indirect, at, new);
        }
    }
    layout.set(Part::Indirect, indirect);
    let sections = image.sections().count();
    for part in [Part::ExternalRelocations].into_iter().chain((0..sections).map(Part::Relocations)) {
        let mut entries = layout.get(part).to_vec();
        for at in (0..entries.len()).step_by(8) {
            // Scattered entries of 32-bit machines have this bit, and no symbol.
            let (first, word) = (u32_at(&entries, at)?, u32_at(&entries, at + 4)?);
            if first >> 31 != 0 || word >> 27 & 1 == 0 {
                continue;
            }
            match now.get((word & 0xff_ffff) as usize) {
                Some(Now::At(new)) if *new <= 0xff_ffff => put32(&mut entries, at + 4, word & !0xff_ffff | new),
                _ => return Err("a relocation is of a symbol that is to go".into()),
            }
        }
        layout.set(part, entries);
    }
    layout.set(Part::Symbols, table);
    layout.set(Part::Strings, strings.finish());
    if let Some(command) = dysymtab {
        let mut first = 0;
        for (rank, count) in ranges.into_iter().enumerate() {
            put32(&mut layout.head, command.at + 8 + 8 * rank, first);
            put32(&mut layout.head, command.at + 12 + 8 * rank, count);
            first += count;
        }
    }
    Ok(())
}

/// Strings of a symbol table, each once. As the linkers have it, the first is a blank in images, empty in objects.
struct Strings {
    bytes: Vec<u8>,
    places: HashMap<Vec<u8>, u32>,
}

impl Strings {
    fn new(object: bool) -> Strings {
        Strings { bytes: if object { vec![0] } else { b" \0".to_vec() }, places: HashMap::new() }
    }

    fn add(&mut self, name: &[u8]) -> u32 {
        if name.is_empty() {
            return if self.bytes[0] == 0 { 0 } else { 1 };
        }
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.bytes.len() as u32;
        self.bytes.extend(name);
        self.bytes.push(0);
        self.places.insert(name.to_vec(), place);
        place
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.bytes
    }
}
