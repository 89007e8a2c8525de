//! A PE image or a COFF object as plain values: programs, DLLs, objects, objects with more than 65279 sections
//! ("bigobj"), and the short objects of import libraries, which are shown as the objects they stand for.
//!
//! The headers are read by the `object` crate. Field names are those of Microsoft's "PE Format". Everything is little
//! endian.

pub(crate) mod formats;
pub(crate) mod import;
pub(crate) mod sections;
pub(crate) mod symbols;
pub(crate) mod write;

use std::borrow::Cow;

use object::pe;
use object::read::coff::CoffHeader;
use object::{FileKind, LittleEndian as LE};

use super::demangle::Style;
use super::elf::Result;
use symbols::Symbol;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Object,
    BigObject,
    /// A program or DLL.
    Image,
    /// A short object of an import library; its sections and symbols are made up.
    Import,
}

/// Offset and length of a table of an image.
pub(crate) type Directory = (u32, u32);

/// The optional header of an image.
#[derive(Clone, Debug)]
pub(crate) struct Optional {
    /// 64-bit: `PE32+`.
    pub(crate) wide: bool,
    /// Where it is in the file, and its size.
    pub(crate) offset: usize,
    pub(crate) size: usize,
    pub(crate) entry: u32,
    pub(crate) image_base: u64,
    pub(crate) section_alignment: u32,
    pub(crate) file_alignment: u32,
    pub(crate) directories: Vec<Directory>,
}

#[derive(Clone, Debug)]
pub(crate) struct Section<'d> {
    pub(crate) name: Cow<'d, [u8]>,
    pub(crate) virtual_size: u32,
    /// Relative to the image's base.
    pub(crate) address: u32,
    /// `SizeOfRawData`: of images a multiple of the file alignment.
    pub(crate) size: u32,
    /// In the file that was read; 0 where there is no content.
    pub(crate) offset: u32,
    pub(crate) flags: u32,
    pub(crate) relocations: Vec<Relocation>,
    /// Records of six bytes, which only old compilers write.
    pub(crate) lines: Cow<'d, [u8]>,
    /// Empty for `IMAGE_SCN_CNT_UNINITIALIZED_DATA`.
    pub(crate) data: Cow<'d, [u8]>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Relocation {
    pub(crate) offset: u32,
    /// Index in the raw symbol table.
    pub(crate) symbol: u32,
    pub(crate) kind: u16,
}

#[derive(Clone, Debug)]
pub(crate) struct Pe<'d> {
    pub(crate) data: &'d [u8],
    pub(crate) form: Form,
    pub(crate) machine: u16,
    pub(crate) timestamp: u32,
    /// `IMAGE_FILE_…`.
    pub(crate) characteristics: u16,
    pub(crate) optional: Option<Optional>,
    pub(crate) sections: Vec<Section<'d>>,
    pub(crate) symbols: Vec<Symbol<'d>>,
}

/// Is it one of the formats of Windows, by its first bytes?
pub(crate) fn is_pe(data: &[u8]) -> bool {
    matches!(
        FileKind::parse(data),
        Ok(FileKind::Coff | FileKind::CoffBig | FileKind::CoffImport | FileKind::Pe32 | FileKind::Pe64)
    )
}

impl<'d> Pe<'d> {
    /// # Errors
    /// What is wrong with the file: every section that was read lies inside it.
    pub(crate) fn parse(data: &'d [u8]) -> Result<Pe<'d>> {
        let fail = |error: object::Error| error.to_string();
        match FileKind::parse(data) {
            Ok(FileKind::Coff) => Self::object::<pe::ImageFileHeader>(data, Form::Object),
            Ok(FileKind::CoffBig) => Self::object::<pe::AnonObjectHeaderBigobj>(data, Form::BigObject),
            Ok(FileKind::CoffImport) => import::object(data),
            Ok(FileKind::Pe32 | FileKind::Pe64) => Self::image(data),
            Ok(_) => Err("file format not recognized".into()),
            Err(error) => Err(fail(error)),
        }
    }

    fn object<H: CoffHeader>(data: &'d [u8], form: Form) -> Result<Pe<'d>> {
        let fail = |error: object::Error| error.to_string();
        let mut at = 0;
        let header = H::parse(data, &mut at).map_err(fail)?;
        // The two headers have their date in different places.
        let date = if form == Form::BigObject { 8 } else { 4 };
        let mut pe = Pe {
            data,
            form,
            machine: header.machine().0,
            timestamp: u32_at(data, date).unwrap_or(0),
            characteristics: header.characteristics().0,
            optional: None,
            sections: Vec::new(),
            symbols: Vec::new(),
        };
        pe.read_tables(header, at)?;
        Ok(pe)
    }

    fn image(data: &'d [u8]) -> Result<Pe<'d>> {
        let fail = |error: object::Error| error.to_string();
        let dos = pe::ImageDosHeader::parse(data).map_err(fail)?;
        let start = u64::from(dos.nt_headers_offset());
        let mut at = start.checked_add(4).ok_or("file truncated")?;
        let header = pe::ImageFileHeader::parse(data, &mut at).map_err(fail)?;
        // `CoffHeader::parse` has gone past the optional header.
        let size = usize::from(header.size_of_optional_header.get(LE));
        let end = usize::try_from(at).map_err(|error| error.to_string())?;
        let offset = end.checked_sub(size).ok_or("file truncated")?;
        let bytes = data.get(offset..end).ok_or("file truncated: the optional header is cut short")?;
        let mut pe = Pe {
            data,
            form: Form::Image,
            machine: header.machine.get(LE).0,
            timestamp: header.time_date_stamp.get(LE),
            characteristics: header.characteristics.get(LE).0,
            optional: Some(optional_header(bytes, offset)?),
            sections: Vec::new(),
            symbols: Vec::new(),
        };
        pe.read_tables(header, at)?;
        Ok(pe)
    }

    fn read_tables<H: CoffHeader>(&mut self, header: &H, at: u64) -> Result<()> {
        let fail = |error: object::Error| error.to_string();
        let data = self.data;
        let table = header.sections(data, at).map_err(fail)?;
        let raw = header.symbols(data).map_err(fail)?;
        for section in table.iter() {
            let name = match section.name(raw.strings()) {
                Ok(name) => name,
                // A linker that keeps no symbols keeps no names of more than eight bytes either.
                Err(_) => trimmed(section.raw_name()),
            };
            let shown = || String::from_utf8_lossy(name).into_owned();
            let flags = section.characteristics.get(LE).0;
            let (offset, size) = (section.pointer_to_raw_data.get(LE), section.size_of_raw_data.get(LE));
            let content = offset != 0 && size != 0 && flags & pe::IMAGE_SCN_CNT_UNINITIALIZED_DATA.0 == 0;
            let bytes = match content {
                true => slice(data, offset, size)
                    .ok_or_else(|| format!("file truncated: section '{}' ends past the end of the file", shown()))?,
                false => &[],
            };
            let relocations = match self.form {
                Form::Image => &[],
                _ => section
                    .coff_relocations(data)
                    .map_err(|_| format!("file truncated: the relocations of section '{}'", shown()))?,
            };
            let lines = u32::from(section.number_of_linenumbers.get(LE)) * 6;
            self.sections.push(Section {
                name: Cow::Borrowed(name),
                virtual_size: section.virtual_size.get(LE),
                address: section.virtual_address.get(LE),
                size,
                offset,
                flags,
                relocations: relocations
                    .iter()
                    .map(|relocation| Relocation {
                        offset: relocation.virtual_address.get(LE),
                        symbol: relocation.symbol_table_index.get(LE),
                        kind: relocation.typ.get(LE).0,
                    })
                    .collect(),
                lines: Cow::Borrowed(slice(data, section.pointer_to_linenumbers.get(LE), lines).unwrap_or(&[])),
                data: Cow::Borrowed(bytes),
            });
        }
        self.symbols = symbols::read(&raw)?;
        Ok(())
    }

    /// 64-bit: how many digits an address has.
    pub(crate) fn is_wide(&self) -> bool {
        match &self.optional {
            Some(optional) => optional.wide,
            None => ![pe::IMAGE_FILE_MACHINE_I386.0, pe::IMAGE_FILE_MACHINE_ARMNT.0].contains(&self.machine),
        }
    }

    pub(crate) fn digits(&self) -> usize {
        if self.is_wide() { 16 } else { 8 }
    }

    pub(crate) fn is_image(&self) -> bool {
        self.form == Form::Image
    }

    /// A name to be demangled, without the underscore that C's names begin with on 32-bit x86.
    pub(super) fn plain<'n>(&self, name: &'n str, style: Style) -> &'n str {
        let prefixed = self.machine == pe::IMAGE_FILE_MACHINE_I386.0 && style != Style::None;
        name.strip_prefix('_').filter(|_| prefixed).unwrap_or(name)
    }

    /// What is added to relative addresses.
    pub(crate) fn base(&self) -> u64 {
        self.optional.as_ref().map_or(0, |optional| optional.image_base)
    }

    /// The address of a section in memory.
    pub(crate) fn address(&self, section: &Section<'_>) -> u64 {
        self.base().wrapping_add(section.address.into())
    }

    /// The section that holds a relative address, and the offset in it.
    pub(crate) fn at(&self, address: u32) -> Option<(&Section<'d>, usize)> {
        self.sections.iter().find_map(|section| {
            let offset = address.checked_sub(section.address)?;
            (offset < section.virtual_size.max(section.size)).then_some((section, offset as usize))
        })
    }

    /// The bytes from a relative address to the end of its section.
    pub(crate) fn bytes_at(&self, address: u32) -> Option<&[u8]> {
        let (section, offset) = self.at(address)?;
        section.data.get(offset..)
    }

    /// One of `IMAGE_DIRECTORY_ENTRY_…`; `None` where there is no such table.
    pub(crate) fn directory(&self, index: usize) -> Option<Directory> {
        let directories = self.optional.as_ref().map(|optional| &optional.directories)?;
        directories.get(index).copied().filter(|(address, _)| *address != 0)
    }
}

impl Section<'_> {
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.name)
    }

    pub(crate) fn has(&self, flag: pe::SectionFlags) -> bool {
        self.flags & flag.0 != 0
    }
}

/// The fields of the optional header that are at the same place in both of its forms are read there.
fn optional_header(bytes: &[u8], offset: usize) -> Result<Optional> {
    let cut = "file truncated: the optional header is cut short";
    let magic = u16_at(bytes, 0).ok_or(cut)?;
    let wide = match magic {
        0x10b => false,
        0x20b => true,
        _ => return Err(format!("unknown optional header 0x{magic:x}")),
    };
    let count_at = if wide { 108 } else { 92 };
    let image_base = if wide { u64_at(bytes, 24) } else { u32_at(bytes, 28).map(u64::from) };
    let count = u32_at(bytes, count_at).ok_or(cut)? as usize;
    let entry = |index: usize| {
        let at = count_at + 4 + index * 8;
        Some((u32_at(bytes, at)?, u32_at(bytes, at + 4)?))
    };
    Ok(Optional {
        wide,
        offset,
        size: bytes.len(),
        entry: u32_at(bytes, 16).ok_or(cut)?,
        image_base: image_base.ok_or(cut)?,
        section_alignment: u32_at(bytes, 32).ok_or(cut)?,
        file_alignment: u32_at(bytes, 36).ok_or(cut)?,
        directories: (0..count.min(16)).map_while(entry).collect(),
    })
}

fn trimmed(name: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, name).unwrap_or(name.len());
    &name[..end]
}

fn slice(data: &[u8], offset: u32, size: u32) -> Option<&[u8]> {
    let (offset, size) = (offset as usize, size as usize);
    data.get(offset..offset.checked_add(size)?)
}

pub(crate) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

pub(crate) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

pub(crate) fn u64_at(data: &[u8], at: usize) -> Option<u64> {
    data.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_le_bytes)
}
