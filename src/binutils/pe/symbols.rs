//! The symbol table of COFF: symbols with their auxiliary records, and what GNU's tools take a symbol for.

use std::borrow::Cow;

use object::SymbolIndex;
use object::pe;
use object::read::coff::{CoffHeader, Symbol as _, SymbolTable};

use super::{Pe, Section, u32_at};
use crate::binutils::elf::Result;

/// Section numbers that name no section.
pub(crate) const UNDEFINED: i32 = 0;
pub(crate) const ABSOLUTE: i32 = -1;
pub(crate) const DEBUG: i32 = -2;

pub(crate) const EXTERNAL: u8 = pe::IMAGE_SYM_CLASS_EXTERNAL.0;
pub(crate) const STATIC: u8 = pe::IMAGE_SYM_CLASS_STATIC.0;
const LABEL: u8 = pe::IMAGE_SYM_CLASS_LABEL.0;
/// `.bb`, `.bf` and their ends.
const BLOCK: u8 = pe::IMAGE_SYM_CLASS_BLOCK.0;
const FUNCTION: u8 = pe::IMAGE_SYM_CLASS_FUNCTION.0;
pub(crate) const FILE: u8 = pe::IMAGE_SYM_CLASS_FILE.0;
const SECTION: u8 = pe::IMAGE_SYM_CLASS_SECTION.0;
pub(crate) const WEAK: u8 = pe::IMAGE_SYM_CLASS_WEAK_EXTERNAL.0;

#[derive(Clone, Debug)]
pub(crate) struct Symbol<'d> {
    /// In the raw table, where auxiliary records count.
    pub(crate) index: u32,
    pub(crate) name: Cow<'d, [u8]>,
    pub(crate) value: u32,
    /// From 1, or one of the constants.
    pub(crate) section: i32,
    pub(crate) kind: u16,
    pub(crate) class: u8,
    /// Records of 18 bytes each; the two bytes more of a bigobj are padding.
    pub(crate) aux: Vec<[u8; 18]>,
}

/// Where a symbol lives, in GNU's sense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    Undefined,
    Absolute,
    Common,
    Debug,
    /// From 0.
    Section(usize),
}

pub(super) fn read<'d, H: CoffHeader>(table: &SymbolTable<'d, &'d [u8], H>) -> Result<Vec<Symbol<'d>>> {
    let mut symbols = Vec::new();
    let mut at = 0;
    while at < table.len() {
        let raw = table.symbol(SymbolIndex(at)).map_err(|error| error.to_string())?;
        let count = usize::from(raw.number_of_aux_symbols());
        let mut aux = Vec::with_capacity(count);
        for index in at + 1..=at + count {
            let record = table.get::<[u8; 18]>(SymbolIndex(index), 0);
            aux.push(*record.map_err(|_| "the symbol table is cut short")?);
        }
        let name = match raw.storage_class().0 {
            FILE if count > 0 => match string_of_file(&aux[0]) {
                Some(at) => {
                    let name = table.strings().get(at).map_err(|()| "a file's name lies outside the string table")?;
                    Cow::Borrowed(name)
                }
                None => Cow::Owned(file_name(&aux)),
            },
            _ => Cow::Borrowed(raw.name(table.strings()).map_err(|error| error.to_string())?),
        };
        symbols.push(Symbol {
            index: at as u32,
            name,
            value: raw.value(),
            section: raw.section_number().0,
            kind: raw.typ().0,
            class: raw.storage_class().0,
            aux,
        });
        at += 1 + count;
    }
    Ok(symbols)
}

/// Where the name of a source file is in the string table: GNU's assembler puts those of more than 18 bytes there.
pub(super) fn string_of_file(aux: &[u8; 18]) -> Option<u32> {
    u32_at(aux, 4).filter(|at| aux.starts_with(&[0; 4]) && *at != 0)
}

fn file_name(aux: &[[u8; 18]]) -> Vec<u8> {
    let joined = aux.concat();
    let end = memchr::memchr(0, &joined).unwrap_or(joined.len());
    joined[..end].to_vec()
}

impl Symbol<'_> {
    pub(crate) fn place(&self) -> Place {
        match self.section {
            UNDEFINED if self.is_external() && self.value != 0 && self.class == EXTERNAL => Place::Common,
            UNDEFINED => Place::Undefined,
            ABSOLUTE => Place::Absolute,
            DEBUG => Place::Debug,
            number => usize::try_from(number).map_or(Place::Absolute, |number| Place::Section(number - 1)),
        }
    }

    pub(crate) fn is_external(&self) -> bool {
        [EXTERNAL, WEAK].contains(&self.class)
    }

    pub(crate) fn is_weak(&self) -> bool {
        self.class == WEAK
    }

    /// Of a section that is elsewhere: import libraries of Microsoft's form have them.
    pub(crate) fn is_section_class(&self) -> bool {
        self.class == SECTION
    }

    pub(crate) fn is_undefined(&self) -> bool {
        self.place() == Place::Undefined && !self.is_section_class()
    }

    pub(crate) fn is_function(&self) -> bool {
        self.kind >> 4 & 3 == pe::IMAGE_SYM_DTYPE_FUNCTION.0
    }

    /// Of a section, with its size and its relocations in an auxiliary record.
    pub(crate) fn is_section(&self) -> bool {
        self.class == STATIC && self.kind == 0 && self.value == 0 && !self.aux.is_empty() && self.section > 0
    }

    /// Symbols that only a debugger reads.
    pub(crate) fn is_debugging(&self) -> bool {
        let linked = [EXTERNAL, WEAK, STATIC, LABEL, BLOCK, FUNCTION, SECTION].contains(&self.class);
        self.section == DEBUG || !linked
    }

    pub(crate) fn section<'a, 'd>(&self, pe: &'a Pe<'d>) -> Option<&'a Section<'d>> {
        match self.place() {
            Place::Section(index) => pe.sections.get(index),
            _ => None,
        }
    }

    /// The address, or the offset in its section where nothing is linked.
    pub(crate) fn address(&self, pe: &Pe<'_>) -> u64 {
        match self.section(pe) {
            Some(section) => pe.address(section).wrapping_add(self.value.into()),
            None if self.place() == Place::Undefined => 0,
            None => self.value.into(),
        }
    }

    /// GNU's letter for a symbol: what it is, and in capitals if it is external.
    pub(crate) fn letter(&self, pe: &Pe<'_>) -> char {
        let small = match self.place() {
            Place::Common => return 'C',
            Place::Undefined if self.is_section_class() => named_letter(&self.name).unwrap_or('d'),
            Place::Undefined => return if self.is_weak() { 'w' } else { 'U' },
            _ if self.is_weak() => return 'W',
            Place::Absolute => 'a',
            Place::Debug => '?',
            Place::Section(index) => match pe.sections.get(index) {
                Some(section) => named_letter(&section.name).unwrap_or_else(|| section.letter(pe.form)),
                None => '?',
            },
        };
        match () {
            () if self.is_debugging() => '?',
            () if self.is_external() => small.to_ascii_uppercase(),
            () => small,
        }
    }
}

/// Sections that BFD knows by their names.
fn named_letter(name: &[u8]) -> Option<char> {
    const NAMES: &[(&[u8], char)] =
        &[(b".drectve", 'i'), (b".edata", 'e'), (b".idata", 'i'), (b".pdata", 'p'), (b".debug", 'N')];
    let found = NAMES.iter().find(|(start, _)| match name.strip_prefix(*start) {
        Some([]) => true,
        Some([next, ..]) => b".$0123456789".contains(next),
        None => false,
    });
    found.map(|(_, letter)| *letter)
}
