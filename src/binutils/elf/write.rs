//! An ELF file back into bytes.
//!
//! What a segment maps stays at its offset, byte for byte, so a program runs as before; everything else is laid out
//! anew behind it. Links between sections are by index, and [`Elf::keep`] renumbers them.

use std::borrow::Cow;
use std::collections::HashMap;

use object::elf;

use super::symbols::{self, Place, Symbol};
use super::{Elf, LOAD, NOBITS, Result, Section};

/// `SHT_LLVM_ADDRSIG`, from LLVM's documentation of its ELF extensions.
const ADDRESS_SIGNIFICANCE: u32 = 0x6fff_4c03;

impl<'d> Elf<'d> {
    /// Removes the sections for which `keep` is false, and renumbers what points at sections. Index 0 stays.
    pub(crate) fn keep(&mut self, keep: &[bool], symbols: &mut [Symbol<'_>]) -> Result<()> {
        let mut new = vec![0usize; self.sections.len()];
        let mut next = 0;
        for (index, new) in new.iter_mut().enumerate() {
            if index == 0 || keep[index] {
                *new = next;
                next += 1;
            }
        }
        let moved = |index: u32| new.get(index as usize).copied().unwrap_or(0) as u32;
        for section in &mut self.sections {
            let info_is_section =
                section.flags & elf::SHF_INFO_LINK.0 != 0 || [elf::SHT_REL.0, elf::SHT_RELA.0].contains(&section.kind);
            if info_is_section {
                section.info = moved(section.info);
            }
            section.link = moved(section.link);
            if section.kind == elf::SHT_GROUP.0 {
                let words = section.data.len() / 4;
                let read = |n: usize| self.layout.u32(&section.data, n * 4).unwrap_or(0);
                let mut data = Vec::with_capacity(section.data.len());
                self.layout.push(&mut data, read(0).into(), 4);
                for member in (1..words).map(read).filter(|member| keep.get(*member as usize) == Some(&true)) {
                    self.layout.push(&mut data, moved(member).into(), 4);
                }
                section.size = data.len() as u64;
                section.data = Cow::Owned(data);
            }
        }
        for symbol in symbols {
            if let Place::Section(index) = symbol.place {
                symbol.place = Place::Section(new.get(index).copied().unwrap_or(0));
            }
        }
        self.header.names = moved(self.header.names);
        let mut index = 0;
        self.sections.retain(|_| {
            index += 1;
            index == 1 || keep[index - 1]
        });
        Ok(())
    }

    /// Puts `symbols` (with the null symbol) in place of the symbol table in section `table`, locals first as the
    /// gABI asks, and tells every relocation and group where its symbol went. `origin` is where each was before;
    /// `None` for a new one.
    pub(crate) fn set_symbols(&mut self, table: usize, symbols: &[Symbol<'_>], origin: &[Option<usize>]) -> Result<()> {
        let mut order: Vec<usize> = (0..symbols.len()).collect();
        order.sort_by_key(|index| (*index != 0, !symbols[*index].is_local()));
        let new: HashMap<usize, usize> =
            order.iter().enumerate().filter_map(|(new, old)| Some((origin[*old]?, new))).collect();
        let sorted: Vec<Symbol<'_>> = order.iter().map(|index| symbols[*index].clone()).collect();
        let first_global = sorted.iter().skip(1).position(|symbol| !symbol.is_local()).map_or(sorted.len(), |n| n + 1);
        let encoded = symbols::encode(self.layout, &sorted);
        for index in 0..self.sections.len() {
            let section = &self.sections[index];
            if section.link as usize != table || index == table {
                continue;
            }
            if [elf::SHT_REL.0, elf::SHT_RELA.0].contains(&section.kind) {
                let data = self.renumbered(section, &new)?;
                self.sections[index].data = Cow::Owned(data);
            } else if section.kind == elf::SHT_GROUP.0 {
                let info = section.info;
                let to = new.get(&(info as usize)).ok_or("a section group has lost its symbol")?;
                self.sections[index].info = *to as u32;
            } else if section.kind == elf::SHT_SYMTAB_SHNDX.0 {
                self.sections[index].size = encoded.extended.len() as u64;
                self.sections[index].data = Cow::Owned(encoded.extended.clone());
            } else if section.kind == ADDRESS_SIGNIFICANCE {
                // The table counts symbols and is only a hint; GNU's tools clear the link, which makes LLD ignore it.
                self.sections[index].link = 0;
            }
        }
        let layout = self.layout;
        let section = &mut self.sections[table];
        section.info = first_global as u32;
        section.size = encoded.entries.len() as u64;
        section.entry_size = layout.symbol_size() as u64;
        section.data = Cow::Owned(encoded.entries);
        let strings = section.link as usize;
        if strings == 0 || strings >= self.sections.len() {
            return Err("the symbol table has no string table".into());
        }
        let names = self.header.names as usize;
        if strings == names {
            // One table for symbols and sections, as LLVM's assembler makes it: the symbols' part is rewritten, and
            // the sections' names get a table of their own.
            self.sections[names].name = Cow::Borrowed(b".shstrtab");
            self.sections[table].link = self.sections.len() as u32;
            self.sections.push(string_table(b".strtab", encoded.strings));
            return Ok(());
        }
        self.sections[strings].size = encoded.strings.len() as u64;
        self.sections[strings].data = Cow::Owned(encoded.strings);
        Ok(())
    }

    fn renumbered(&self, section: &Section<'_>, new: &HashMap<usize, usize>) -> Result<Vec<u8>> {
        let (layout, size) = (self.layout, self.layout.word_size());
        let entry = self.relocation_size(section.kind);
        let mut data = section.data.to_vec();
        for (raw, relocation) in data.chunks_exact_mut(entry).zip(self.relocations(section)) {
            let symbol = match relocation.symbol {
                0 => 0,
                old => *new.get(&old).ok_or_else(|| format!("'{}' has lost a symbol", section.text()))?,
            };
            let mut info = Vec::with_capacity(8);
            layout.push(&mut info, self.with_symbol(&relocation, symbol), size);
            raw[size..size * 2].copy_from_slice(&info);
        }
        Ok(data)
    }

    /// The whole file.
    ///
    /// # Errors
    /// A section of a segment that outgrew its place.
    pub(crate) fn write(mut self) -> Result<Vec<u8>> {
        let layout = self.layout;
        let header_size = if layout.wide { 64 } else { 52 };
        let segment_size = if layout.wide { 56 } else { 32 };
        let section_size = if layout.wide { 64 } else { 40 };
        let names = self.name_sections();
        // What the segments map, the tables of the header with it, stays where it is.
        let fixed = self.fixed_end(header_size, segment_size)?;
        let mut out = vec![0; header_size as usize];
        let mut table_at = 0;
        if !self.segments.is_empty() {
            let kept = self.header.segment_table;
            table_at = if kept >= header_size { kept } else { header_size };
        }
        let original = self.data.get(..usize::try_from(fixed).unwrap_or(usize::MAX)).unwrap_or(self.data);
        if original.len() > out.len() {
            out.resize(original.len(), 0);
        }
        for segment in self.segments.iter().filter(|segment| segment.file_size > 0) {
            let range = segment.offset as usize..(segment.offset + segment.file_size) as usize;
            if let (Some(from), Some(to)) = (self.data.get(range.clone()), out.get_mut(range)) {
                to.copy_from_slice(from);
            }
        }
        for (start, size) in &self.holes {
            let range = usize::try_from(*start).ok().zip(start.checked_add(*size).map(|end| end as usize));
            if let Some(hole) = range.and_then(|(start, end)| out.get_mut(start..end)) {
                hole.fill(0);
            }
        }
        let mut offsets = Vec::with_capacity(self.sections.len());
        for (index, section) in self.sections.iter().enumerate() {
            offsets.push(if index == 0 { 0 } else { self.place(section, &mut out)? });
        }
        if !self.segments.is_empty() && table_at as usize + self.segments.len() * segment_size as usize > out.len() {
            out.resize(table_at as usize + self.segments.len() * segment_size as usize, 0);
        }
        let sections_at = match self.sections.is_empty() {
            true => 0,
            false => {
                out.resize(out.len().next_multiple_of(layout.word_size()), 0);
                out.len() as u64
            }
        };
        self.write_sections(&mut out, &offsets, &names);
        self.point_at_notes(&offsets);
        let mut table = Vec::new();
        for segment in &self.segments {
            write_segment(&self, segment, &mut table);
        }
        out[table_at as usize..table_at as usize + table.len()].copy_from_slice(&table);
        let sizes = (header_size as u16, segment_size as u16, section_size as u16);
        let header = self.header_bytes(table_at, sections_at, sizes);
        out[..header.len()].copy_from_slice(&header);
        Ok(out)
    }

    /// Is the section's content mapped by a segment, so that it cannot move?
    fn is_mapped(&self, section: &Section<'_>) -> bool {
        section.kind != NOBITS
            && self.segments.iter().any(|segment| {
                let inside = |end: u64| end <= segment.offset.saturating_add(segment.file_size);
                section.offset >= segment.offset
                    && section.offset.checked_add(section.size).is_some_and(inside)
                    && (section.is_alloc() || (segment.kind != LOAD && segment.file_size > 0 && section.size > 0))
            })
    }

    fn fixed_end(&self, header_size: u64, segment_size: u64) -> Result<u64> {
        let table_end = self.header.segment_table.saturating_add(self.segments.len() as u64 * segment_size);
        let ends = self.segments.iter().filter(|segment| segment.file_size > 0);
        let last = ends.map(|segment| segment.offset + segment.file_size).max().unwrap_or(0);
        let end = last.max(if self.segments.is_empty() { 0 } else { table_end }).max(header_size);
        if end > self.data.len() as u64 && end > header_size {
            return Err("file truncated".into());
        }
        Ok(end)
    }

    /// Writes the section's content and returns its offset.
    fn place(&self, section: &Section<'_>, out: &mut Vec<u8>) -> Result<u64> {
        if self.is_mapped(section) {
            let at = section.offset as usize;
            if section.data.len() as u64 != section.size {
                return Err(format!("section '{}' is mapped by a segment and cannot change its size", section.text()));
            }
            let place = out.get_mut(at..at + section.data.len()).ok_or("a section lies outside its segment")?;
            place.copy_from_slice(&section.data);
            return Ok(section.offset);
        }
        if section.kind == NOBITS {
            // It takes no room; in a program its offset still says where it would be.
            let keep = !self.segments.is_empty() && section.offset <= out.len() as u64;
            return Ok(if keep { section.offset } else { out.len() as u64 });
        }
        let align = section.align.clamp(1, 1 << 16) as usize;
        let align = if align.is_power_of_two() { align } else { 1 };
        out.resize(out.len().next_multiple_of(align), 0);
        let at = out.len() as u64;
        out.extend_from_slice(&section.data);
        Ok(at)
    }

    /// A note segment without content, as in a file of debugging information, gets that of its sections.
    fn point_at_notes(&mut self, offsets: &[u64]) {
        for segment in self.segments.iter_mut().filter(|segment| segment.kind == elf::PT_NOTE.0) {
            let notes = self.sections.iter().zip(offsets).filter(|(section, _)| section.kind == elf::SHT_NOTE.0);
            let first = notes.clone().find(|(section, _)| section.is_alloc() && section.addr == segment.vaddr);
            if let Some((section, offset)) = first.filter(|_| segment.file_size == 0) {
                segment.offset = *offset;
                segment.file_size = section.size.min(segment.mem_size);
            }
        }
    }

    /// Makes the table of the sections' names anew, each name once, and returns where each section's is.
    fn name_sections(&mut self) -> Vec<u64> {
        if self.sections.is_empty() {
            return Vec::new();
        }
        let names = self.header.names as usize;
        if names == 0 || names >= self.sections.len() {
            self.header.names = self.sections.len() as u32;
            self.sections.push(string_table(b".shstrtab", Vec::new()));
        }
        let mut table = vec![0];
        let mut known = HashMap::from([(&b""[..], 0)]);
        let mut offsets = Vec::with_capacity(self.sections.len());
        for section in &self.sections {
            offsets.push(*known.entry(&section.name).or_insert_with(|| {
                let at = table.len() as u64;
                table.extend_from_slice(&section.name);
                table.push(0);
                at
            }));
        }
        let names = self.header.names as usize;
        self.sections[names].size = table.len() as u64;
        self.sections[names].data = Cow::Owned(table);
        offsets
    }

    fn write_sections(&self, out: &mut Vec<u8>, offsets: &[u64], names: &[u64]) {
        let layout = self.layout;
        for (index, section) in self.sections.iter().enumerate() {
            let first = index == 0;
            // Counts that do not fit the file header are in the null section (gABI, "Extended section header").
            let size = match first {
                true if self.sections.len() >= usize::from(elf::SHN_LORESERVE) => self.sections.len() as u64,
                true => 0,
                false => section.size,
            };
            let link = match first {
                true if self.header.names >= u32::from(elf::SHN_LORESERVE) => self.header.names,
                true => 0,
                false => section.link,
            };
            let info = match first {
                true if self.segments.len() >= 0xffff => self.segments.len() as u32,
                true => 0,
                false => section.info,
            };
            layout.push(out, names[index], 4);
            layout.push(out, section.kind.into(), 4);
            layout.push_word(out, section.flags);
            layout.push_word(out, section.addr);
            layout.push_word(out, offsets[index]);
            layout.push_word(out, size);
            layout.push(out, link.into(), 4);
            layout.push(out, info.into(), 4);
            layout.push_word(out, section.align);
            layout.push_word(out, section.entry_size);
        }
    }

    fn header_bytes(&self, segments_at: u64, sections_at: u64, sizes: (u16, u16, u16)) -> Vec<u8> {
        let (layout, header) = (self.layout, &self.header);
        let mut out = b"\x7fELF".to_vec();
        let class = if layout.wide { 2 } else { 1 };
        let order = if layout.big { 2 } else { 1 };
        out.extend([class, order, 1, header.os_abi, header.abi_version]);
        out.resize(16, 0);
        layout.push(&mut out, header.kind.into(), 2);
        layout.push(&mut out, header.machine.into(), 2);
        layout.push(&mut out, header.version.into(), 4);
        layout.push_word(&mut out, header.entry);
        layout.push_word(&mut out, segments_at);
        layout.push_word(&mut out, sections_at);
        layout.push(&mut out, header.flags.into(), 4);
        let reserved = usize::from(elf::SHN_LORESERVE);
        let has = |count: usize, size: u16| if count == 0 { 0 } else { size };
        let sections = if self.sections.len() >= reserved { 0 } else { self.sections.len() };
        let names = if header.names as usize >= reserved { elf::SHN_XINDEX.0.into() } else { header.names };
        let (own, segment, section) = sizes;
        for half in [own, has(self.segments.len(), segment), self.segments.len().min(0xffff) as u16, section] {
            layout.push(&mut out, half.into(), 2);
        }
        layout.push(&mut out, sections as u64, 2);
        layout.push(&mut out, names.into(), 2);
        out
    }
}

/// A section of strings.
pub(crate) fn string_table(name: &'static [u8], data: Vec<u8>) -> Section<'static> {
    Section {
        name: Cow::Borrowed(name),
        kind: elf::SHT_STRTAB.0,
        flags: 0,
        addr: 0,
        offset: 0,
        size: data.len() as u64,
        link: 0,
        info: 0,
        align: 1,
        entry_size: 0,
        data: Cow::Owned(data),
    }
}

fn write_segment(elf: &Elf<'_>, segment: &super::Segment, out: &mut Vec<u8>) {
    let layout = elf.layout;
    layout.push(out, segment.kind.into(), 4);
    if layout.wide {
        layout.push(out, segment.flags.into(), 4);
    }
    for value in [segment.offset, segment.vaddr, segment.paddr, segment.file_size, segment.mem_size] {
        layout.push_word(out, value);
    }
    if !layout.wide {
        layout.push(out, segment.flags.into(), 4);
    }
    layout.push_word(out, segment.align);
}
