//! An ELF file as plain values: 32-bit and 64-bit, of either byte order, with every number widened to 64 bits.
//!
//! Reading is the `object` crate's. The tools that print and those that rewrite share this one model, so that a table
//! of one is a table of all. Field names are those of the gABI without their prefixes.

pub(crate) mod attributes;
pub(crate) mod formats;
pub(crate) mod symbols;
pub(crate) mod tables;
pub(crate) mod versions;
pub(crate) mod write;

use std::borrow::Cow;

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, FileKind};

/// What is wrong with a file, without its name, which the caller knows.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// Class and byte order: how wide an address is, and how numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layout {
    /// 64-bit.
    pub(crate) wide: bool,
    /// Most significant byte first.
    pub(crate) big: bool,
}

impl Layout {
    /// The number of `size` bytes at `at`.
    pub(crate) fn get(self, data: &[u8], at: usize, size: usize) -> Option<u64> {
        let bytes = data.get(at..at.checked_add(size)?)?;
        let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Some(if self.big { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) })
    }

    pub(crate) fn u16(self, data: &[u8], at: usize) -> Option<u16> {
        self.get(data, at, 2).map(|value| value as u16)
    }

    pub(crate) fn u32(self, data: &[u8], at: usize) -> Option<u32> {
        self.get(data, at, 4).map(|value| value as u32)
    }

    /// An address or offset.
    pub(crate) fn word(self, data: &[u8], at: usize) -> Option<u64> {
        self.get(data, at, self.word_size())
    }

    pub(crate) fn word_size(self) -> usize {
        if self.wide { 8 } else { 4 }
    }

    /// Appends the `size` low bytes of `value`.
    pub(crate) fn push(self, out: &mut Vec<u8>, value: u64, size: usize) {
        let bytes = value.to_le_bytes();
        match self.big {
            true => out.extend(bytes[..size].iter().rev()),
            false => out.extend(&bytes[..size]),
        }
    }

    pub(crate) fn push_word(self, out: &mut Vec<u8>, value: u64) {
        self.push(out, value, self.word_size());
    }

    /// Size of an entry of a symbol table.
    pub(crate) fn symbol_size(self) -> usize {
        if self.wide { 24 } else { 16 }
    }

    /// Hexadecimal digits of an address.
    pub(crate) fn digits(self) -> usize {
        self.word_size() * 2
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) kind: u32,
    pub(crate) flags: u32,
    pub(crate) offset: u64,
    pub(crate) vaddr: u64,
    pub(crate) paddr: u64,
    pub(crate) file_size: u64,
    pub(crate) mem_size: u64,
    pub(crate) align: u64,
}

impl Segment {
    /// Does the segment hold the section, as GNU's tools reckon it: by file offset where there is content, and by
    /// address where memory is taken?
    pub(crate) fn holds(&self, section: &Section<'_>) -> bool {
        let tls = section.flags & elf::SHF_TLS.0 != 0;
        let thread = self.kind == elf::PT_TLS.0;
        let fits_kind = match tls {
            true => thread || matches!(self.kind, LOAD | GNU_RELRO),
            false => !thread && self.kind != elf::PT_PHDR.0,
        };
        // .tbss takes no room outside the thread's own segment.
        let size = if tls && section.kind == NOBITS && !thread { 0 } else { section.size };
        if !fits_kind {
            return false;
        }
        let within = |at: u64, size: u64, start: u64, room: u64| {
            let Some(from) = at.checked_sub(start) else { return false };
            from.checked_add(size).is_some_and(|end| end <= room) && (from < room || (room == 0 && from == 0))
        };
        let in_file = section.kind == NOBITS || within(section.offset, size, self.offset, self.file_size);
        let allocated = section.flags & ALLOC != 0;
        let allocated_kind =
            matches!(self.kind, LOAD | GNU_RELRO) || [elf::PT_DYNAMIC.0, elf::PT_GNU_EH_FRAME.0].contains(&self.kind);
        if !allocated && allocated_kind {
            return false;
        }
        let in_memory = !allocated || within(section.addr, size, self.vaddr, self.mem_size);
        // An empty section at the edge of a dynamic segment is not in it.
        let edge = self.kind == elf::PT_DYNAMIC.0
            && section.size == 0
            && self.mem_size != 0
            && (section.addr == self.vaddr || section.addr == self.vaddr.wrapping_add(self.mem_size));
        in_file && in_memory && !edge
    }
}

pub(crate) const LOAD: u32 = elf::PT_LOAD.0;
const GNU_RELRO: u32 = elf::PT_GNU_RELRO.0;
pub(crate) const NOBITS: u32 = elf::SHT_NOBITS.0;
/// `SHF_ALLOC`: takes room in the running program.
pub(crate) const ALLOC: u64 = elf::SHF_ALLOC.0;
pub(crate) const WRITE: u64 = elf::SHF_WRITE.0;
pub(crate) const EXEC: u64 = elf::SHF_EXECINSTR.0;

#[derive(Clone, Debug)]
pub(crate) struct Section<'d> {
    pub(crate) name: Cow<'d, [u8]>,
    pub(crate) kind: u32,
    pub(crate) flags: u64,
    pub(crate) addr: u64,
    /// In the file that was read.
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) link: u32,
    pub(crate) info: u32,
    pub(crate) align: u64,
    pub(crate) entry_size: u64,
    /// Empty for `SHT_NOBITS`.
    pub(crate) data: Cow<'d, [u8]>,
}

impl Section<'_> {
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.name)
    }

    pub(crate) fn is_alloc(&self) -> bool {
        self.flags & ALLOC != 0
    }

    /// Relocations that a linker would apply, as opposed to the dynamic linker's.
    pub(crate) fn is_static_relocation(&self) -> bool {
        [elf::SHT_REL.0, elf::SHT_RELA.0].contains(&self.kind) && !self.is_alloc()
    }

    /// Debugging information, by the names that GNU's tools go by; never part of the running program.
    pub(crate) fn is_debug(&self) -> bool {
        const NAMES: &[&[u8]] =
            &[b".debug", b".zdebug", b".gnu.debuglto_", b".gnu.linkonce.wi.", b".line", b".stab", b".gdb_index"];
        !self.is_alloc() && NAMES.iter().any(|name| self.name.starts_with(name))
    }
}

/// The fields of the file header that are not implied by the rest.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) os_abi: u8,
    pub(crate) abi_version: u8,
    /// `ET_REL`, `ET_EXEC`, `ET_DYN`, ….
    pub(crate) kind: u16,
    pub(crate) machine: u16,
    pub(crate) version: u32,
    pub(crate) entry: u64,
    pub(crate) segment_table: u64,
    pub(crate) section_table: u64,
    pub(crate) flags: u32,
    pub(crate) header_size: u16,
    pub(crate) segment_size: u16,
    pub(crate) section_size: u16,
    /// Index of the section with the sections' names.
    pub(crate) names: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Elf<'d> {
    pub(crate) data: &'d [u8],
    pub(crate) layout: Layout,
    pub(crate) header: Header,
    pub(crate) segments: Vec<Segment>,
    /// With the null section at index 0, where there is a table.
    pub(crate) sections: Vec<Section<'d>>,
    /// Offset and size of what was removed and is to be written as zeros.
    pub(crate) holes: Vec<(u64, u64)>,
}

pub(crate) fn is_elf(data: &[u8]) -> bool {
    data.starts_with(b"\x7fELF")
}

impl<'d> Elf<'d> {
    /// # Errors
    /// What is wrong with the file: every section and segment lies inside a file that was read.
    pub(crate) fn parse(data: &'d [u8]) -> Result<Elf<'d>> {
        match FileKind::parse(data) {
            Ok(FileKind::Elf32) => Self::read::<FileHeader32<Endianness>>(data),
            Ok(FileKind::Elf64) => Self::read::<FileHeader64<Endianness>>(data),
            _ if is_elf(data) => Err("file truncated".into()),
            _ => Err("file format not recognized".into()),
        }
    }

    fn read<H: FileHeader<Endian = Endianness>>(data: &'d [u8]) -> Result<Elf<'d>> {
        let fail = |error: object::Error| error.to_string();
        let raw = H::parse(data).map_err(fail)?;
        let e = raw.endian().map_err(fail)?;
        let header = Header {
            os_abi: raw.e_ident().os_abi.0,
            abi_version: raw.e_ident().abi_version,
            kind: raw.e_type(e).0,
            machine: raw.e_machine(e).0,
            version: raw.e_version(e),
            entry: raw.e_entry(e).into(),
            segment_table: raw.e_phoff(e).into(),
            section_table: raw.e_shoff(e).into(),
            flags: raw.e_flags(e).0,
            header_size: raw.e_ehsize(e),
            segment_size: raw.e_phentsize(e),
            section_size: raw.e_shentsize(e),
            names: if header_has_sections(raw, e) { raw.shstrndx(e, data).map_err(fail)? } else { 0 },
        };
        let segments = raw.program_headers(e, data).map_err(fail)?;
        let segments = segments.iter().map(|raw| Segment {
            kind: raw.p_type(e).0,
            flags: raw.p_flags(e).0,
            offset: raw.p_offset(e).into(),
            vaddr: raw.p_vaddr(e).into(),
            paddr: raw.p_paddr(e).into(),
            file_size: raw.p_filesz(e).into(),
            mem_size: raw.p_memsz(e).into(),
            align: raw.p_align(e).into(),
        });
        let segments: Vec<Segment> = segments.collect();
        for segment in &segments {
            let end = segment.offset.checked_add(segment.file_size);
            if segment.file_size > 0 && end.is_none_or(|end| end > data.len() as u64) {
                return Err("file truncated: a segment ends past the end of the file".into());
            }
        }
        let table = raw.section_headers(e, data).map_err(fail)?;
        let strings = match table.is_empty() {
            true => object::read::StringTable::default(),
            false => raw.section_strings(e, data, table).map_err(fail)?,
        };
        let mut sections = Vec::with_capacity(table.len());
        for (index, raw) in table.iter().enumerate() {
            let name = if index == 0 { &[][..] } else { raw.name(e, strings).map_err(fail)? };
            let contents = raw.data(e, data).map_err(|_| {
                format!("file truncated: section '{}' ends past the end of the file", String::from_utf8_lossy(name))
            })?;
            sections.push(Section {
                name: Cow::Borrowed(name),
                kind: raw.sh_type(e).0,
                flags: raw.sh_flags(e).0,
                addr: raw.sh_addr(e).into(),
                offset: raw.sh_offset(e).into(),
                size: raw.sh_size(e).into(),
                link: raw.sh_link(e),
                info: raw.sh_info(e),
                align: raw.sh_addralign(e).into(),
                entry_size: raw.sh_entsize(e).into(),
                data: Cow::Borrowed(if index == 0 { &[] } else { contents }),
            });
        }
        let layout = Layout { wide: raw.is_type_64(), big: e == Endianness::Big };
        Ok(Elf { data, layout, header, segments, sections, holes: Vec::new() })
    }

    pub(crate) fn is_relocatable(&self) -> bool {
        self.header.kind == elf::ET_REL.0
    }

    pub(crate) fn machine(&self) -> elf::Machine {
        elf::Machine(self.header.machine)
    }

    pub(crate) fn by_kind(&self, kind: elf::SectionType) -> Option<(usize, &Section<'d>)> {
        self.sections.iter().enumerate().find(|(_, section)| section.kind == kind.0)
    }

    /// `r_info` of MIPS's 64-bit little-endian relocations has its own order of bytes.
    pub(crate) fn is_mips64_little(&self) -> bool {
        self.header.machine == elf::EM_MIPS.0 && self.layout == Layout { wide: true, big: false }
    }
}

fn header_has_sections<H: FileHeader<Endian = Endianness>>(raw: &H, e: Endianness) -> bool {
    raw.e_shoff(e).into() != 0
}

/// The zero-terminated string at `at`.
pub(crate) fn string_at(table: &[u8], at: u64) -> Result<&[u8]> {
    let rest = usize::try_from(at).ok().and_then(|at| table.get(at..)).ok_or("a name lies outside its string table")?;
    let end = memchr::memchr(0, rest).ok_or("a string table is not terminated")?;
    Ok(&rest[..end])
}
