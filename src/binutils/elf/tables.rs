//! The smaller tables of an ELF file: relocations, the dynamic section, notes, section groups.

use object::elf;

use super::{Elf, LOAD, Layout, Result, Section, string_at};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Relocation {
    pub(crate) offset: u64,
    pub(crate) symbol: usize,
    /// MIPS's 64-bit relocations hold up to three types, the first in the lowest byte.
    pub(crate) kind: u32,
    /// `None` for `SHT_REL`, where it is in the relocated place.
    pub(crate) addend: Option<i64>,
    /// `r_info` as stored.
    pub(crate) info: u64,
}

/// An entry of the dynamic section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dynamic {
    pub(crate) tag: i64,
    pub(crate) value: u64,
}

/// A note: its type, the name of its owner, and its description.
#[derive(Clone, Debug)]
pub(crate) struct Note<'a> {
    pub(crate) kind: u32,
    pub(crate) owner: String,
    pub(crate) description: &'a [u8],
}

impl<'d> Elf<'d> {
    pub(crate) fn relocation_size(&self, kind: u32) -> usize {
        let words = if kind == elf::SHT_RELA.0 { 3 } else { 2 };
        words * self.layout.word_size()
    }

    /// The entries of a `SHT_REL` or `SHT_RELA` section.
    pub(crate) fn relocations(&self, section: &Section<'_>) -> Vec<Relocation> {
        let size = self.relocation_size(section.kind);
        let with_addend = section.kind == elf::SHT_RELA.0;
        section.data.chunks_exact(size).map(|raw| self.relocation(raw, with_addend)).collect()
    }

    fn relocation(&self, raw: &[u8], with_addend: bool) -> Relocation {
        let layout = self.layout;
        let size = layout.word_size();
        let word = |n: usize| layout.word(raw, n * size).unwrap_or(0);
        let info = word(1);
        let (symbol, kind) = if self.is_mips64_little() {
            (info & 0xffff_ffff, (info >> 32).swap_bytes() >> 32)
        } else if layout.wide {
            (info >> 32, info & 0xffff_ffff)
        } else {
            (info >> 8, info & 0xff)
        };
        let addend = with_addend.then(|| if layout.wide { word(2) as i64 } else { i64::from(word(2) as i32) });
        Relocation { offset: word(0), symbol: symbol as usize, kind: kind as u32, addend, info }
    }

    /// `r_info` of a relocation, made to name another symbol.
    pub(crate) fn with_symbol(&self, relocation: &Relocation, symbol: usize) -> u64 {
        let symbol = symbol as u64;
        match (self.is_mips64_little(), self.layout.wide) {
            (true, _) => relocation.info & !0xffff_ffff | symbol,
            (false, true) => relocation.info & 0xffff_ffff | symbol << 32,
            (false, false) => relocation.info & 0xff | symbol << 8,
        }
    }

    /// Addresses relocated by a `SHT_RELR` section: an address, then bitmaps of the words that follow it.
    pub(crate) fn relative_relocations(&self, section: &Section<'_>) -> Vec<u64> {
        let size = self.layout.word_size();
        let bits = size as u64 * 8;
        let (mut all, mut base) = (Vec::new(), 0u64);
        for at in (0..section.data.len() / size).map(|n| n * size) {
            let entry = self.layout.word(&section.data, at).unwrap_or(0);
            if entry & 1 == 0 {
                all.push(entry);
                base = entry.wrapping_add(size as u64);
            } else {
                let set = (1..bits).filter(|bit| entry >> bit & 1 != 0);
                all.extend(set.map(|bit| base.wrapping_add((bit - 1) * size as u64)));
                base = base.wrapping_add((bits - 1) * size as u64);
            }
        }
        all
    }

    /// Where the dynamic section is in the file: by its section, else by its segment.
    pub(crate) fn dynamic_range(&self) -> Option<(u64, &[u8])> {
        if let Some((_, section)) = self.by_kind(elf::SHT_DYNAMIC) {
            return Some((section.offset, &section.data));
        }
        let segment = self.segments.iter().find(|segment| segment.kind == elf::PT_DYNAMIC.0)?;
        if !self.sections.is_empty() && segment.file_size == 0 {
            return None;
        }
        let start = usize::try_from(segment.offset).ok()?;
        let size = usize::try_from(segment.file_size).ok()?;
        Some((segment.offset, self.data.get(start..start.checked_add(size)?)?))
    }

    /// The entries up to and with the first `DT_NULL`.
    pub(crate) fn dynamic(&self) -> Vec<Dynamic> {
        let Some((_, data)) = self.dynamic_range() else { return Vec::new() };
        let (layout, size) = (self.layout, self.layout.word_size());
        let mut all = Vec::new();
        for raw in data.chunks_exact(size * 2) {
            let word = |at| layout.word(raw, at).unwrap_or(0);
            let tag = if layout.wide { word(0) as i64 } else { i64::from(word(0) as u32 as i32) };
            all.push(Dynamic { tag, value: word(size) });
            if tag == elf::DT_NULL.0 {
                break;
            }
        }
        all
    }

    /// The string that an entry of the dynamic section names.
    pub(crate) fn dynamic_string(&self, at: u64) -> Result<String> {
        let linked = self.by_kind(elf::SHT_DYNAMIC).and_then(|(_, section)| self.sections.get(section.link as usize));
        let table = match linked {
            Some(section) => &section.data,
            None => self.dynamic_strings().ok_or("the dynamic section has no string table")?,
        };
        Ok(String::from_utf8_lossy(string_at(table, at)?).into_owned())
    }

    fn dynamic_strings(&self) -> Option<&[u8]> {
        let value = |tag: elf::DynamicTag| self.dynamic().iter().find(|entry| entry.tag == tag.0).map(|e| e.value);
        let (address, size) = (value(elf::DT_STRTAB)?, value(elf::DT_STRSZ)?);
        let start = usize::try_from(self.offset_of(address)?).ok()?;
        self.data.get(start..start.checked_add(usize::try_from(size).ok()?)?)
    }

    /// Where in the file an address comes from.
    pub(crate) fn offset_of(&self, address: u64) -> Option<u64> {
        self.segments.iter().filter(|segment| segment.kind == LOAD).find_map(|segment| {
            let at = address.checked_sub(segment.vaddr).filter(|at| *at < segment.file_size)?;
            segment.offset.checked_add(at)
        })
    }

    /// The members of a `SHT_GROUP` section, after its flag word.
    pub(crate) fn group(&self, section: &Section<'_>) -> Vec<u32> {
        let words = section.data.len() / 4;
        (1..words).filter_map(|word| self.layout.u32(&section.data, word * 4)).collect()
    }
}

/// The name of a relocation, as GNU's tools have it where the psABI's differs.
pub(crate) fn relocation_type(machine: elf::Machine, kind: u32) -> Option<&'static str> {
    match elf::machine_names(machine).r.name(elf::RelocationType(kind)) {
        Some("R_386_JMP_SLOT") => Some("R_386_JUMP_SLOT"),
        other => other,
    }
}

/// The notes in a note section or segment aligned to `align`.
///
/// # Errors
/// A note that ends past the end; those before it are lost, as they are to every other reader.
pub(crate) fn notes(layout: Layout, data: &[u8], align: u64) -> Result<Vec<Note<'_>>> {
    const BROKEN: &str = "a note ends past the end of its section";
    let align = if align == 8 { 8 } else { 4 };
    let mut all = Vec::new();
    let mut at = 0usize;
    while data.len().saturating_sub(at) >= 12 {
        let size = |offset| layout.u32(data, at + offset).unwrap_or(0) as usize;
        let (name_size, size) = (size(0), size(4));
        let name = data.get(at + 12..).and_then(|rest| rest.get(..name_size)).ok_or(BROKEN)?;
        let start = (at + 12 + name_size).next_multiple_of(align);
        let description = data.get(start..).and_then(|rest| rest.get(..size)).ok_or(BROKEN)?;
        let name = name.split(|byte| *byte == 0).next().unwrap_or(&[]);
        all.push(Note {
            kind: layout.u32(data, at + 8).unwrap_or(0),
            owner: String::from_utf8_lossy(name).into_owned(),
            description,
        });
        at = (start + size).next_multiple_of(align);
    }
    Ok(all)
}
