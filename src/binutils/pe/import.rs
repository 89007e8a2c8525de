//! Short import objects, one symbol of a DLL each, as the object that a linker makes of one: the layout is that of
//! GNU's tools, which show them in this way, too.

use std::borrow::Cow;

use object::pe;
use object::read::coff::{ImportFile, ImportName, ImportType};

use super::symbols::{Symbol, UNDEFINED};
use super::{Form, Pe, Relocation, Section, u16_at, u32_at};
use crate::binutils::elf::Result;

/// The jump through the address table, and what points at the table in it: offset and kind of the relocation.
struct Thunk {
    machine: pe::Machine,
    code: &'static [u8],
    relocations: &'static [(u32, u16)],
    /// The relocation that holds an address relative to the image.
    relative: u16,
}

const THUNKS: &[Thunk] = &[
    Thunk {
        machine: pe::IMAGE_FILE_MACHINE_AMD64,
        code: &[0xff, 0x25, 0, 0, 0, 0, 0x90, 0x90],
        relocations: &[(2, pe::IMAGE_REL_AMD64_REL32.0)],
        relative: pe::IMAGE_REL_AMD64_ADDR32NB.0,
    },
    Thunk {
        machine: pe::IMAGE_FILE_MACHINE_I386,
        code: &[0xff, 0x25, 0, 0, 0, 0, 0x90, 0x90],
        relocations: &[(2, pe::IMAGE_REL_I386_DIR32.0)],
        relative: pe::IMAGE_REL_I386_DIR32NB.0,
    },
    Thunk {
        machine: pe::IMAGE_FILE_MACHINE_ARM64,
        // adrp x16, then ldr x16 and br x16.
        code: &[0x10, 0, 0, 0x90, 0x10, 0x02, 0x40, 0xf9, 0, 0x02, 0x1f, 0xd6],
        relocations: &[(0, pe::IMAGE_REL_ARM64_PAGEBASE_REL21.0), (4, pe::IMAGE_REL_ARM64_PAGEOFFSET_12L.0)],
        relative: pe::IMAGE_REL_ARM64_ADDR32NB.0,
    },
];

pub(super) fn object(data: &[u8]) -> Result<Pe<'_>> {
    let import = ImportFile::parse(data).map_err(|error| error.to_string())?;
    let machine = u16_at(data, 6).unwrap_or(0);
    let thunk = THUNKS.iter().find(|thunk| thunk.machine.0 == machine);
    let slot = if machine == pe::IMAGE_FILE_MACHINE_I386.0 { 4 } else { 8 };
    let mut pe = Pe {
        data,
        form: Form::Import,
        machine,
        timestamp: u32_at(data, 8).unwrap_or(0),
        characteristics: 0,
        optional: None,
        sections: Vec::new(),
        symbols: Vec::new(),
    };
    let mut entry = vec![0; slot];
    let mut relocations = Vec::new();
    let name = match import.import() {
        ImportName::Ordinal(ordinal) => {
            entry[..2].copy_from_slice(&ordinal.to_le_bytes());
            entry[slot - 1] = 0x80;
            None
        }
        ImportName::Name(name) => {
            // The name's own section is the third.
            let kind = thunk.map_or(0, |thunk| thunk.relative);
            relocations.push(Relocation { offset: 0, symbol: 2, kind });
            Some(name)
        }
    };
    for section in [&b".idata$4"[..], b".idata$5"] {
        pe.add(section, entry.clone(), relocations.clone());
    }
    if let Some(name) = name {
        // Its number in the DLL is looked up first: two bytes before the name.
        let mut hint = u16_at(data, 16).unwrap_or(0).to_le_bytes().to_vec();
        hint.extend_from_slice(name);
        hint.resize(import.symbol().len() + 4, 0);
        pe.add(b".idata$6", hint, Vec::new());
    }
    let code = import.import_type() == ImportType::Code;
    if let Some(thunk) = thunk.filter(|_| code) {
        let relocation =
            |&(offset, kind): &(u32, u16)| Relocation { offset, symbol: 3 + u32::from(name.is_some()), kind };
        pe.add(b".text", thunk.code.to_vec(), thunk.relocations.iter().map(relocation).collect());
        if let Some(text) = pe.sections.last_mut() {
            text.flags = pe::IMAGE_SCN_CNT_CODE.0 | pe::IMAGE_SCN_MEM_EXECUTE.0 | pe::IMAGE_SCN_MEM_READ.0;
        }
    }
    let symbol = import.symbol();
    pe.name([b"__imp_", symbol].concat(), 2);
    if code {
        let text = pe.sections.len() as i32;
        pe.name(symbol.to_vec(), text);
    }
    let dll = import.dll();
    let stem = dll.iter().rposition(|byte| *byte == b'.').map_or(dll, |at| &dll[..at]);
    pe.name([b"__IMPORT_DESCRIPTOR_", stem].concat(), UNDEFINED);
    Ok(pe)
}

impl Pe<'_> {
    fn add(&mut self, name: &'static [u8], data: Vec<u8>, relocations: Vec<Relocation>) {
        let flags = pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ | pe::IMAGE_SCN_MEM_WRITE;
        self.sections.push(Section {
            name: Cow::Borrowed(name),
            virtual_size: 0,
            address: 0,
            size: data.len() as u32,
            offset: 0,
            flags: flags.0,
            relocations,
            lines: Cow::Borrowed(&[]),
            data: Cow::Owned(data),
        });
        let number = self.sections.len() as i32;
        self.name(name.to_vec(), number);
    }

    /// An external symbol, as GNU's tools make even those of the sections.
    fn name(&mut self, name: Vec<u8>, section: i32) {
        let class = pe::IMAGE_SYM_CLASS_EXTERNAL.0;
        let index = self.symbols.len() as u32;
        self.symbols.push(Symbol { index, name: Cow::Owned(name), value: 0, section, kind: 0, class, aux: Vec::new() });
    }
}
