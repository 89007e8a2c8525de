//! A 64-bit ELF file and the questions that tests ask of it.

#![allow(dead_code, unreachable_pub)] // Each test crate uses a part of it.

use object::elf;
use object::read::elf::{Dyn, ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSection, ObjectSymbol};
use std::collections::BTreeSet;

pub struct Elf<'a> {
    pub file: ElfFile64<'a, Endianness>,
}

/// One loaded segment.
pub struct Load {
    pub flags: u32,
    pub offset: u64,
    pub file_size: u64,
    pub address: u64,
    pub memory_size: u64,
    pub align: u64,
}

impl<'a> Elf<'a> {
    pub fn parse(bytes: &'a [u8]) -> Elf<'a> {
        Elf { file: ElfFile64::parse(bytes).unwrap() }
    }

    pub fn section(&self, name: &str) -> Option<u64> {
        self.file.section_by_name(name).map(|section| section.address())
    }

    pub fn section_address(&self, name: &str) -> Result<u64, String> {
        self.section(name).ok_or_else(|| format!("{name} is missing"))
    }

    pub fn symbol(&self, name: &str) -> Result<u64, String> {
        let mut symbols = self.file.symbols().filter(|symbol| !symbol.is_undefined());
        let symbol = symbols.find(|symbol| symbol.name() == Ok(name));
        symbol.map(|symbol| symbol.address()).ok_or_else(|| format!("{name} is not in the symbol table"))
    }

    pub fn exports(&self, name: &str) -> bool {
        self.file.dynamic_symbols().any(|symbol| symbol.name() == Ok(name) && !symbol.is_undefined())
    }

    pub fn dynamic_relocation(&self, name: &str) -> bool {
        let Some(relocations) = self.file.dynamic_relocations() else { return false };
        let symbols = self.file.dynamic_symbol_table().unwrap();
        relocations.into_iter().any(|(_, relocation)| match relocation.target() {
            object::RelocationTarget::Symbol(index) => {
                object::ObjectSymbolTable::symbol_by_index(&symbols, index).unwrap().name() == Ok(name)
            }
            _ => false,
        })
    }

    pub fn loads(&self) -> Vec<Load> {
        let endian = self.file.endian();
        let headers = self.file.elf_program_headers().iter().filter(|h| h.p_type(endian) == elf::PT_LOAD);
        headers
            .map(|h| Load {
                flags: h.p_flags(endian).0,
                offset: h.p_offset(endian),
                file_size: h.p_filesz(endian),
                address: h.p_vaddr(endian),
                memory_size: h.p_memsz(endian),
                align: h.p_align(endian),
            })
            .collect()
    }

    pub fn segment_flags(&self, section: &str) -> Result<u32, String> {
        let address = self.section_address(section)?;
        let loads = self.loads();
        let load = loads.iter().find(|l| l.address <= address && address < l.address + l.memory_size);
        load.map(|load| load.flags).ok_or_else(|| format!("no segment holds {section}"))
    }

    /// Is some page of the file mapped as code and as something else?
    pub fn code_shares_pages(&self) -> bool {
        let loads = self.loads();
        let pages = |load: &Load| load.offset / load.align..(load.offset + load.file_size).div_ceil(load.align);
        let (code, rest): (Vec<_>, Vec<_>) = loads.iter().partition(|load| load.flags & elf::PF_X.0 != 0);
        code.iter().any(|code| {
            let code = pages(code);
            rest.iter().map(|other| pages(other)).any(|other| other.start < code.end && code.start < other.end)
        })
    }

    pub fn word(&self, address: u64) -> Option<u64> {
        let section = self.file.sections().find(|s| s.address() <= address && address < s.address() + s.size())?;
        let data = section.data_range(address, 8).ok()??;
        Some(u64::from_le_bytes(data.try_into().unwrap()))
    }

    pub fn interp(&self) -> Option<String> {
        let endian = self.file.endian();
        let mut headers = self.file.elf_program_headers().iter();
        let bytes = headers.find_map(|h| h.interpreter(endian, self.file.data()).unwrap())?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    pub fn dynamic(&self) -> Vec<(i64, u64)> {
        let endian = self.file.endian();
        let mut headers = self.file.elf_program_headers().iter();
        let table = headers.find_map(|h| h.dynamic(endian, self.file.data()).unwrap()).unwrap_or(&[]);
        table.iter().map(|entry| (entry.d_tag(endian).0, entry.d_val(endian))).collect()
    }

    pub fn tag(&self, tag: i64) -> Option<u64> {
        self.dynamic().into_iter().find(|entry| entry.0 == tag).map(|entry| entry.1)
    }

    pub fn needed(&self) -> BTreeSet<String> {
        self.strings_of(elf::DT_NEEDED.0).into_iter().collect()
    }

    /// The name that programs linked with the library ask for.
    pub fn soname(&self) -> Option<String> {
        self.strings_of(elf::DT_SONAME.0).pop()
    }

    fn strings_of(&self, tag: i64) -> Vec<String> {
        let strings = self.file.section_by_name(".dynstr").and_then(|s| s.data().ok()).unwrap_or(&[]);
        let name = |at: u64| {
            let bytes = &strings[at as usize..];
            String::from_utf8_lossy(&bytes[..bytes.iter().position(|b| *b == 0).unwrap()]).into_owned()
        };
        let entries = self.dynamic().into_iter().filter(|entry| entry.0 == tag);
        entries.map(|entry| name(entry.1)).collect()
    }

    /// The bits of one GNU property; properties of 64-bit files are padded to eight bytes.
    pub fn property(&self, kind: u32) -> Result<u32, String> {
        let section = self.file.section_by_name(".note.gnu.property").ok_or(".note.gnu.property is missing")?;
        let data = section.data().map_err(|e| e.to_string())?;
        let word = |at: usize| data.get(at..at + 4).map(|b| u32::from_le_bytes(b.try_into().unwrap()));
        let mut at = 16; // The note's header and its name, `GNU`.
        while let (Some(found), Some(size), Some(bits)) = (word(at), word(at + 4), word(at + 8)) {
            if found == kind {
                return Ok(bits);
            }
            at += 8 + (size as usize).next_multiple_of(8);
        }
        Err("the property is missing".into())
    }

    pub fn kind(&self) -> u16 {
        self.file.elf_header().e_type(self.file.endian()).0
    }

    /// Bits of `DT_FLAGS_1`.
    pub fn flags1(&self) -> u64 {
        self.tag(elf::DT_FLAGS_1.0).unwrap_or(0)
    }

    /// The newest version of glibc that the file asks for, as `(2, N)`.
    pub fn newest_glibc(&self) -> (u32, u32) {
        let strings = self.file.section_by_name(".dynstr").and_then(|s| s.data().ok()).unwrap_or(&[]);
        let names = strings.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
        let versions = names.filter_map(|name| {
            let (major, minor) = name.strip_prefix("GLIBC_")?.split_once('.')?;
            let minor = minor.split('.').next().unwrap_or(minor);
            Some((major.parse().ok()?, minor.parse().ok()?))
        });
        versions.max().unwrap_or((0, 0))
    }
}
