//! Symbol tables, `.symtab` and `.dynsym`, read into values and written back.

use std::borrow::Cow;

use object::elf;

use super::{Elf, Layout, Result, Section, string_at};

/// Where a symbol lives; `SHN_XINDEX` is resolved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    Undefined,
    Absolute,
    Common,
    Section(usize),
    /// Another reserved index, of a processor or system.
    Reserved(u16),
}

#[derive(Clone, Debug)]
pub(crate) struct Symbol<'d> {
    pub(crate) name: Cow<'d, [u8]>,
    pub(crate) value: u64,
    pub(crate) size: u64,
    pub(crate) bind: u8,
    pub(crate) kind: u8,
    pub(crate) other: u8,
    pub(crate) place: Place,
}

impl Symbol<'_> {
    pub(crate) fn is_local(&self) -> bool {
        self.bind == elf::STB_LOCAL.0
    }

    pub(crate) fn is_section(&self) -> bool {
        self.kind == elf::STT_SECTION.0
    }

    pub(crate) fn is_undefined(&self) -> bool {
        self.place == Place::Undefined
    }

    /// Symbols that only a debugger or a human reads, in GNU's sense.
    pub(crate) fn is_debugging(&self) -> bool {
        [elf::STT_SECTION.0, elf::STT_FILE.0].contains(&self.kind)
    }

    /// A section symbol has no name of its own and goes by its section's.
    pub(crate) fn shown_name<'a>(&'a self, elf: &'a Elf<'_>) -> &'a [u8] {
        match self.place {
            Place::Section(index) if self.is_section() && self.name.is_empty() => {
                elf.sections.get(index).map_or(&[], |section| &section.name)
            }
            _ => &self.name,
        }
    }

    pub(crate) fn section<'a, 'd>(&self, elf: &'a Elf<'d>) -> Option<&'a Section<'d>> {
        match self.place {
            Place::Section(index) => elf.sections.get(index),
            _ => None,
        }
    }
}

/// A symbol table with the null symbol at index 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table<'d> {
    /// Index of its section.
    pub(crate) section: usize,
    pub(crate) symbols: Vec<Symbol<'d>>,
}

impl<'d> Elf<'d> {
    /// The table of `kind`, `SHT_SYMTAB` or `SHT_DYNSYM`; `None` where the file has none.
    pub(crate) fn symbols(&self, kind: elf::SectionType) -> Result<Option<Table<'d>>> {
        let Some((index, section)) = self.by_kind(kind) else { return Ok(None) };
        let Cow::Borrowed(data) = section.data else { return Err("the symbol table was changed".into()) };
        let strings = self.sections.get(section.link as usize).ok_or("the symbol table has no string table")?;
        let Cow::Borrowed(strings) = strings.data else { return Err("the string table was changed".into()) };
        let extended = self
            .sections
            .iter()
            .find(|other| other.kind == elf::SHT_SYMTAB_SHNDX.0 && other.link as usize == index)
            .map_or(&[][..], |section| &section.data);
        let size = self.layout.symbol_size();
        if data.len() % size != 0 {
            return Err("the symbol table ends within a symbol".into());
        }
        let mut symbols = Vec::with_capacity(data.len() / size);
        for (at, raw) in data.chunks_exact(size).enumerate() {
            symbols.push(self.symbol(raw, at, strings, extended)?);
        }
        Ok(Some(Table { section: index, symbols }))
    }

    fn symbol(&self, raw: &'d [u8], at: usize, strings: &'d [u8], extended: &[u8]) -> Result<Symbol<'d>> {
        let layout = self.layout;
        let number = |at, size| layout.get(raw, at, size).unwrap_or(0);
        let (info, other, index, value, size) = match layout.wide {
            true => (4, 5, 6, (8, 8), (16, 8)),
            false => (12, 13, 14, (4, 4), (8, 4)),
        };
        let place = match number(index, 2) as u16 {
            0 => Place::Undefined,
            n if n == elf::SHN_ABS.0 => Place::Absolute,
            n if n == elf::SHN_COMMON.0 => Place::Common,
            n if n == elf::SHN_XINDEX.0 => {
                let index = layout.u32(extended, at * 4).ok_or("a symbol has no extended section index")?;
                Place::Section(index as usize)
            }
            n if n >= elf::SHN_LORESERVE => Place::Reserved(n),
            n => Place::Section(n.into()),
        };
        if matches!(place, Place::Section(index) if index >= self.sections.len()) {
            return Err(format!("symbol {at} is in a section that does not exist"));
        }
        let name = number(0, 4);
        Ok(Symbol {
            name: Cow::Borrowed(if name == 0 { &[] } else { string_at(strings, name)? }),
            value: number(value.0, value.1),
            size: number(size.0, size.1),
            bind: (number(info, 1) >> 4) as u8,
            kind: (number(info, 1) & 15) as u8,
            other: number(other, 1) as u8,
            place,
        })
    }
}

/// A symbol table as bytes: its entries, their names, and the extended section indices, empty where none is needed.
#[derive(Default)]
pub(crate) struct Encoded {
    pub(crate) entries: Vec<u8>,
    pub(crate) strings: Vec<u8>,
    pub(crate) extended: Vec<u8>,
}

pub(crate) fn encode(layout: Layout, symbols: &[Symbol<'_>]) -> Encoded {
    let mut out = Encoded { strings: vec![0], ..Encoded::default() };
    let mut names = std::collections::HashMap::new();
    let mut needs_extended = false;
    for symbol in symbols {
        let name = match symbol.name.is_empty() {
            true => 0,
            false => *names.entry(&*symbol.name).or_insert_with(|| {
                let at = out.strings.len() as u64;
                out.strings.extend_from_slice(&symbol.name);
                out.strings.push(0);
                at
            }),
        };
        let (index, extended) = match symbol.place {
            Place::Undefined => (0, 0),
            Place::Absolute => (elf::SHN_ABS.0, 0),
            Place::Common => (elf::SHN_COMMON.0, 0),
            Place::Reserved(index) => (index, 0),
            Place::Section(index) if index >= usize::from(elf::SHN_LORESERVE) => (elf::SHN_XINDEX.0, index),
            Place::Section(index) => (index as u16, 0),
        };
        needs_extended |= extended != 0;
        layout.push(&mut out.extended, extended as u64, 4);
        let info = u64::from(symbol.bind << 4 | symbol.kind & 15);
        let entry = &mut out.entries;
        layout.push(entry, name, 4);
        if !layout.wide {
            layout.push(entry, symbol.value, 4);
            layout.push(entry, symbol.size, 4);
        }
        layout.push(entry, info, 1);
        layout.push(entry, symbol.other.into(), 1);
        layout.push(entry, index.into(), 2);
        if layout.wide {
            layout.push(entry, symbol.value, 8);
            layout.push(entry, symbol.size, 8);
        }
    }
    if !needs_extended {
        out.extended.clear();
    }
    out
}
