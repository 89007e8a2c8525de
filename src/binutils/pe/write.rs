//! A PE or COFF file as bytes: the headers as they were, the tables made anew.
//!
//! An image's sections go to new places in the file, never to other addresses. What stands behind the last section, such
//! as the payload of an installer, is kept; a signature is not, since it would no longer fit.

use std::borrow::Cow;

use object::pe;

use super::symbols::{Symbol, string_of_file};
use super::{Form, Optional, Pe, Section, u16_at, u32_at};
use crate::binutils::elf::Result;

const SECTION_HEADER: usize = 40;
/// `AnonObjectHeaderBigobj`.
const BIG_HEADER: usize = 56;
const FILE_HEADER: usize = 20;

pub(crate) fn file(pe: &Pe<'_>) -> Result<Vec<u8>> {
    match &pe.optional {
        Some(optional) => image(pe, optional),
        None => object(pe),
    }
}

/// A string table that grows.
struct Strings(Vec<u8>);

impl Strings {
    fn new() -> Strings {
        Strings(vec![0; 4])
    }

    fn add(&mut self, name: &[u8]) -> u32 {
        let at = self.0.len() as u32;
        self.0.extend_from_slice(name);
        self.0.push(0);
        at
    }

    fn bytes(mut self) -> Vec<u8> {
        let size = self.0.len() as u32;
        self.0[..4].copy_from_slice(&size.to_le_bytes());
        self.0
    }
}

fn put16(out: &mut [u8], at: usize, value: u16) {
    out[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

fn put32(out: &mut [u8], at: usize, value: u32) {
    out[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

fn at32(out: &[u8]) -> Result<u32> {
    u32::try_from(out.len()).map_err(|_| "the file would be larger than 4 GiB".into())
}

/// A section's header: its name, and where its parts are.
fn section_name(name: &[u8], strings: &mut Strings) -> [u8; 8] {
    let mut field = [0; 8];
    if name.len() <= 8 {
        field[..name.len()].copy_from_slice(name);
        return field;
    }
    let offset = strings.add(name);
    let text = match offset {
        0..=9_999_999 => format!("/{offset}"),
        // Six digits in base 64, as LLVM writes offsets that have too many in base 10.
        _ => {
            const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            let digit = |place: u32| char::from(DIGITS[(u64::from(offset) >> (6 * place) & 63) as usize]);
            format!("//{}", (0..6).rev().map(digit).collect::<String>())
        }
    };
    field[..text.len()].copy_from_slice(text.as_bytes());
    field
}

/// The symbol table, with the names that do not fit in it in `strings`.
fn symbol_table(pe: &Pe<'_>, strings: &mut Strings) -> Result<Vec<u8>> {
    let big = pe.form == Form::BigObject;
    let mut out = Vec::new();
    for symbol in &pe.symbols {
        let mut record = [0; 20];
        let name: &[u8] = if is_file(symbol) { b".file" } else { &symbol.name };
        if name.len() <= 8 {
            record[..name.len()].copy_from_slice(name);
        } else {
            put32(&mut record, 4, strings.add(name));
        }
        put32(&mut record, 8, symbol.value);
        let rest = if big {
            put32(&mut record, 12, symbol.section as u32);
            16
        } else {
            put16(&mut record, 12, symbol.section as u16);
            14
        };
        put16(&mut record, rest, symbol.kind);
        record[rest + 2] = symbol.class;
        record[rest + 3] = u8::try_from(symbol.aux.len()).map_err(|error| error.to_string())?;
        out.extend_from_slice(&record[..rest + 4]);
        for (at, aux) in symbol.aux.iter().enumerate() {
            let mut aux = *aux;
            if at == 0 && symbol.is_section() {
                section_record(pe, symbol, &mut aux);
            } else if is_file(symbol) && at == 0 && string_of_file(&aux).is_some() {
                put32(&mut aux, 4, strings.add(&symbol.name));
            }
            out.extend_from_slice(&aux);
            out.extend_from_slice(&[0, 0][..if big { 2 } else { 0 }]);
        }
    }
    Ok(out)
}

fn is_file(symbol: &Symbol<'_>) -> bool {
    symbol.class == super::symbols::FILE && !symbol.aux.is_empty()
}

/// Length and number of relocations of an object's section, which may have changed.
fn section_record(pe: &Pe<'_>, symbol: &Symbol<'_>, aux: &mut [u8; 18]) {
    let section = usize::try_from(symbol.section).ok().and_then(|number| pe.sections.get(number.checked_sub(1)?));
    let Some(section) = section.filter(|_| !pe.is_image()) else { return };
    // GNU's assembler counts without what fills the section up.
    if matches!(section.data, Cow::Owned(_)) {
        put32(aux, 0, section.size);
    }
    put16(aux, 4, section.relocations.len().min(0xffff) as u16);
    put16(aux, 6, (section.lines.len() / 6).min(0xffff) as u16);
}

fn object(pe: &Pe<'_>) -> Result<Vec<u8>> {
    let big = pe.form == Form::BigObject;
    // An object has no optional header; the room of one that has is kept.
    let header = match big {
        true => BIG_HEADER,
        false => FILE_HEADER + usize::from(u16_at(pe.data, 16).unwrap_or(0)),
    };
    let mut out = pe.data.get(..header).ok_or("file truncated")?.to_vec();
    if !big && pe.sections.len() > 0xfeff {
        return Err("there are too many sections for COFF".into());
    }
    let mut strings = Strings::new();
    let symbols = symbol_table(pe, &mut strings)?;
    out.resize(header + pe.sections.len() * SECTION_HEADER, 0);
    for (at, section) in pe.sections.iter().enumerate() {
        let row = header + at * SECTION_HEADER;
        let name = section_name(&section.name, &mut strings);
        out[row..row + 8].copy_from_slice(&name);
        put32(&mut out, row + 8, section.virtual_size);
        put32(&mut out, row + 12, section.address);
        put32(&mut out, row + 16, section.size);
        if !section.data.is_empty() {
            let place = at32(&out)?;
            put32(&mut out, row + 20, place);
            out.extend_from_slice(&section.data);
        }
        let overflow = pe::IMAGE_SCN_LNK_NRELOC_OVFL.0;
        let mut flags = section.flags & !overflow;
        let count = section.relocations.len();
        if count > 0 {
            let place = at32(&out)?;
            put32(&mut out, row + 24, place);
            if count >= 0xffff {
                // The first one holds the number, itself counted.
                flags |= overflow;
                out.extend((count as u32 + 1).to_le_bytes());
                out.extend([0; 6]);
            }
            put16(&mut out, row + 32, count.min(0xffff) as u16);
            for relocation in &section.relocations {
                out.extend(relocation.offset.to_le_bytes());
                out.extend(relocation.symbol.to_le_bytes());
                out.extend(relocation.kind.to_le_bytes());
            }
        }
        if !section.lines.is_empty() {
            let place = at32(&out)?;
            put32(&mut out, row + 28, place);
            put16(&mut out, row + 34, (section.lines.len() / 6) as u16);
            out.extend_from_slice(&section.lines);
        }
        put32(&mut out, row + 36, flags);
    }
    let (table, count) = (at32(&out)?, (symbols.len() / if big { 20 } else { 18 }) as u32);
    if big {
        put32(&mut out, 44, pe.sections.len() as u32);
        put32(&mut out, 48, table);
        put32(&mut out, 52, count);
    } else {
        put16(&mut out, 2, pe.sections.len() as u16);
        put32(&mut out, 8, table);
        put32(&mut out, 12, count);
        put16(&mut out, 18, pe.characteristics);
    }
    out.extend(symbols);
    out.extend(strings.bytes());
    Ok(out)
}

fn align(value: usize, to: u32) -> usize {
    value.next_multiple_of(to.max(1) as usize)
}

fn image(pe: &Pe<'_>, optional: &Optional) -> Result<Vec<u8>> {
    let cut = "file truncated";
    let start = optional.offset - FILE_HEADER;
    let table = optional.offset + optional.size;
    let old_rows = usize::from(u16_at(pe.data, start + 2).ok_or(cut)?);
    let old_size = u32_at(pe.data, optional.offset + 60).ok_or(cut)? as usize;
    if optional.size < 72 {
        return Err("the optional header is cut short".into());
    }
    let end = table + pe.sections.len() * SECTION_HEADER;
    let first = pe.sections.iter().map(|section| section.address).min().unwrap_or(u32::MAX);
    let headers = if end <= old_size { old_size } else { align(end, optional.file_alignment) };
    if headers as u64 > u64::from(first) || headers > pe.data.len().max(1 << 20) {
        return Err("there is no room for the headers before the first section".into());
    }
    let mut out = pe.data[..old_size.min(pe.data.len())].to_vec();
    out.resize(headers.max(end), 0);
    // The rows of the old table; what a linker put behind it stays.
    let rows = (table + old_rows * SECTION_HEADER).min(out.len());
    out[table..rows.max(table)].fill(0);
    let mut strings = Strings::new();
    let symbols = symbol_table(pe, &mut strings)?;
    let no_names = strings.0.len();
    let mut places = Vec::with_capacity(pe.sections.len());
    for (at, section) in pe.sections.iter().enumerate() {
        let row = table + at * SECTION_HEADER;
        let name = section_name(&section.name, &mut strings);
        out[row..row + 8].copy_from_slice(&name);
        let mut place = 0;
        if !section.data.is_empty() {
            let aligned = align(out.len(), optional.file_alignment);
            out.resize(aligned, 0);
            place = at32(&out)?;
            out.extend_from_slice(&section.data);
        }
        places.push(place);
        for (at, value) in [(8, section.virtual_size), (12, section.address), (16, section.size), (20, place)] {
            put32(&mut out, row + at, value);
        }
        put32(&mut out, row + 36, section.flags);
    }
    let filled = align(out.len(), optional.file_alignment);
    out.resize(filled, 0);
    debug_directory(pe, &places, &mut out);
    let has_table = !symbols.is_empty() || strings.0.len() > no_names;
    let place = if has_table { at32(&out)? } else { 0 };
    put32(&mut out, start + 8, place);
    put32(&mut out, start + 12, (symbols.len() / 18) as u32);
    put16(&mut out, start + 2, u16::try_from(pe.sections.len()).map_err(|_| "there are too many sections")?);
    put16(&mut out, start + 18, pe.characteristics);
    if has_table {
        out.extend(symbols);
        out.extend(strings.bytes());
    }
    out.extend_from_slice(overlay(pe, old_size));
    sizes(pe, optional, headers, &mut out);
    Ok(out)
}

/// What stands behind everything that the headers know of. Zeros there only fill the file up.
fn overlay<'d>(pe: &Pe<'d>, headers: usize) -> &'d [u8] {
    let Ok(old) = Pe::parse(pe.data) else { return &[] };
    let ends = old.sections.iter().map(|s| if s.data.is_empty() { 0 } else { s.offset as usize + s.size as usize });
    let mut end = ends.max().unwrap_or(0).max(headers);
    let start = old.optional.as_ref().map_or(0, |optional| optional.offset - FILE_HEADER);
    let (table, count) = (u32_at(pe.data, start + 8).unwrap_or(0) as usize, u32_at(pe.data, start + 12).unwrap_or(0));
    if table != 0 {
        let strings = table + count as usize * 18;
        end = end.max(strings + u32_at(pe.data, strings).unwrap_or(0) as usize);
    }
    let signature = old.directory(pe::IMAGE_DIRECTORY_ENTRY_SECURITY);
    let stop = signature.map_or(pe.data.len(), |(offset, _)| offset as usize).min(pe.data.len());
    let rest = pe.data.get(end..stop.max(end)).unwrap_or(&[]);
    if rest.iter().all(|byte| *byte == 0) { &[] } else { rest }
}

/// The debug directory holds places in the file.
fn debug_directory(pe: &Pe<'_>, places: &[u32], out: &mut [u8]) {
    let place_of = |address: u32| {
        let found = pe.sections.iter().zip(places).find(|(section, place)| {
            let offset = address.checked_sub(section.address);
            **place != 0 && offset.is_some_and(|offset| offset < section.size)
        });
        found.map(|(section, place)| place + (address - section.address))
    };
    let Some((address, size)) = pe.directory(pe::IMAGE_DIRECTORY_ENTRY_DEBUG) else { return };
    let Some(at) = place_of(address) else { return };
    let end = (at as usize).saturating_add(size as usize).min(out.len());
    for entry in out[(at as usize).min(end)..end].chunks_exact_mut(28) {
        let target = u32_at(entry, 20).filter(|address| *address != 0).and_then(place_of);
        if let Some(place) = target {
            put32(entry, 24, place);
        }
    }
}

/// The sums in the optional header, and the checksum where there was one.
fn sizes(pe: &Pe<'_>, optional: &Optional, headers: usize, out: &mut [u8]) {
    let at = optional.offset;
    let sum = |flag: pe::SectionFlags| {
        let sections = pe.sections.iter().filter(|section| section.has(flag));
        sections.fold(0u32, |sum, section| sum.saturating_add(section.size))
    };
    let changed = Pe::parse(pe.data).is_ok_and(|old| old.sections.len() != pe.sections.len());
    if changed {
        put32(out, at + 4, sum(pe::IMAGE_SCN_CNT_CODE));
        put32(out, at + 8, sum(pe::IMAGE_SCN_CNT_INITIALIZED_DATA));
        let ends = pe.sections.iter().map(|s| u64::from(s.address) + u64::from(s.virtual_size.max(1)));
        let end = ends.max().unwrap_or(headers as u64).next_multiple_of(optional.section_alignment.max(1).into());
        put32(out, at + 56, u32::try_from(end).unwrap_or(u32::MAX));
    }
    put32(out, at + 16, optional.entry);
    put32(out, at + 60, headers as u32);
    // A signature is over the old bytes.
    let first = if optional.wide { 112 } else { 96 };
    if optional.directories.len() > pe::IMAGE_DIRECTORY_ENTRY_SECURITY {
        let entry = at + first + pe::IMAGE_DIRECTORY_ENTRY_SECURITY * 8;
        out[entry..entry + 8].fill(0);
    }
    // Tables in sections that are gone.
    let Ok(old) = Pe::parse(pe.data) else { return };
    for (index, (address, _)) in optional.directories.iter().enumerate() {
        let gone = |section: &&Section<'_>| !pe.sections.iter().any(|left| left.address == section.address);
        if index != pe::IMAGE_DIRECTORY_ENTRY_SECURITY && old.at(*address).is_some_and(|(section, _)| gone(&section)) {
            out[at + first + index * 8..at + first + index * 8 + 8].fill(0);
            if index == pe::IMAGE_DIRECTORY_ENTRY_BASERELOC {
                put16(out, at - 2, pe.characteristics | pe::IMAGE_FILE_RELOCS_STRIPPED.0);
            }
        }
    }
    let before = u32_at(out, at + 64).unwrap_or(0);
    put32(out, at + 64, 0);
    if before != 0 {
        let sum = checksum(out);
        put32(out, at + 64, sum);
    }
}

/// The sum of 16-bit words with their carries, and the length: what `CheckSumMappedFile` computes.
fn checksum(data: &[u8]) -> u32 {
    let mut sum = 0u32;
    for pair in data.chunks(2) {
        sum += u32::from(pair[0]) | u32::from(pair.get(1).copied().unwrap_or(0)) << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    ((sum & 0xffff) + (sum >> 16)).wrapping_add(data.len() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_offsets() {
        let mut strings = Strings::new();
        assert_eq!(&section_name(b".debug_information", &mut strings), b"/4\0\0\0\0\0\0");
        assert_eq!(&section_name(b".text", &mut strings), b".text\0\0\0");
        strings.0.resize(10_000_000, 0);
        assert_eq!(&section_name(b".debug_information", &mut strings), b"//AAmJaA");
    }

    #[test]
    fn a_checksum_folds_its_carries() {
        assert_eq!(checksum(&[0xff, 0xff, 0x01, 0x00]), 1 + 4);
        assert_eq!(checksum(&[1, 2, 3]), 0x0204 + 3);
    }
}
