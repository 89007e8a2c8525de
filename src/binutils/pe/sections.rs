//! What GNU's tools say of a section of PE: size, alignment and flags in BFD's sense.

use object::pe;

use super::symbols::Symbol;
use super::{Form, Pe, Section};

/// What BFD makes of a section's characteristics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flags {
    pub(crate) contents: bool,
    pub(crate) alloc: bool,
    pub(crate) load: bool,
    pub(crate) reloc: bool,
    pub(crate) readonly: bool,
    pub(crate) code: bool,
    pub(crate) data: bool,
    pub(crate) debugging: bool,
    pub(crate) exclude: bool,
    pub(crate) shared: bool,
    pub(crate) noread: bool,
}

impl Section<'_> {
    /// Debugging information, by the names that GNU's tools go by.
    pub(crate) fn is_debug(&self) -> bool {
        const NAMES: &[&[u8]] =
            &[b".debug", b".zdebug", b".gnu.debuglto_.debug_", b".gnu.linkonce.wi.", b".gnu.linkonce.wt.", b".stab"];
        NAMES.iter().any(|name| self.name.starts_with(name))
    }

    /// Bytes that are shown: an image's are filled up to its alignment, which does not count.
    pub(crate) fn shown_size(&self, form: Form) -> u32 {
        let padded = form == Form::Image && self.size > self.virtual_size;
        let empty = self.has(pe::IMAGE_SCN_CNT_UNINITIALIZED_DATA) && self.size == 0;
        if self.virtual_size > 0 && (padded || empty) { self.virtual_size } else { self.size }
    }

    /// The contents without what fills them up.
    pub(crate) fn shown_data(&self, form: Form) -> &[u8] {
        &self.data[..self.data.len().min(self.shown_size(form) as usize)]
    }

    pub(crate) fn bfd_flags(&self) -> Flags {
        let debug = self.is_debug();
        let code = self.has(pe::IMAGE_SCN_CNT_CODE);
        let data = self.has(pe::IMAGE_SCN_CNT_INITIALIZED_DATA) && !debug;
        let discardable = self.has(pe::IMAGE_SCN_MEM_DISCARDABLE) && (debug || *self.name == *b".comment");
        let debug_data = self.has(pe::IMAGE_SCN_CNT_INITIALIZED_DATA) && debug;
        Flags {
            contents: self.offset != 0 || !self.data.is_empty(),
            alloc: code || data || self.has(pe::IMAGE_SCN_CNT_UNINITIALIZED_DATA),
            load: code || data,
            reloc: !self.relocations.is_empty(),
            readonly: !self.has(pe::IMAGE_SCN_MEM_WRITE) || discardable,
            code: code || self.has(pe::IMAGE_SCN_MEM_EXECUTE),
            data,
            debugging: discardable || debug_data || self.has(pe::IMAGE_SCN_LNK_INFO),
            exclude: self.has(pe::IMAGE_SCN_LNK_REMOVE) && !debug,
            shared: self.has(pe::IMAGE_SCN_MEM_SHARED),
            noread: !self.has(pe::IMAGE_SCN_MEM_READ),
        }
    }

    /// nm's letter of a symbol in the section.
    pub(crate) fn letter(&self, form: Form) -> char {
        let flags = self.bfd_flags();
        match () {
            // Those of a short import object are made up, and all of them have content.
            () if form == Form::Import && !flags.code => 'i',
            () if flags.code => 't',
            () if flags.data => {
                if flags.readonly {
                    'r'
                } else {
                    'd'
                }
            }
            () if !flags.contents => 'b',
            () if flags.debugging => 'N',
            () if flags.readonly => 'n',
            () => '?',
        }
    }
}

impl Pe<'_> {
    /// The exponent of a section's alignment. An image has none; BFD goes by the name there.
    pub(crate) fn alignment(&self, section: &Section<'_>) -> u32 {
        match section.flags >> 20 & 15 {
            0 => {}
            bits => return bits - 1,
        }
        let is = |start: &[u8]| section.name.starts_with(start);
        let wide = self.machine == pe::IMAGE_FILE_MACHINE_AMD64.0;
        match &*section.name {
            b".text" | b".data" | b".rdata" | b".bss" if wide => 4,
            _ if is(b".debug") || is(b".zdebug") || is(b".gnu.linkonce.wi.") => 0,
            _ if is(b".stab") => 0,
            _ => 2,
        }
    }

    /// How a linker chooses between sections of the same COMDAT, in GNU's words, with the symbol it goes by.
    pub(crate) fn link_once(&self, index: usize) -> Option<(&'static str, Option<&Symbol<'_>>)> {
        let section = &self.sections[index];
        if !section.has(pe::IMAGE_SCN_LNK_COMDAT) {
            return None;
        }
        let number = index as i32 + 1;
        let mut own = self.symbols.iter().filter(|symbol| symbol.section == number);
        let selection = own.next().and_then(|symbol| symbol.aux.first()).map(|aux| aux[14])?;
        let word = match pe::ComdatSelection(selection) {
            pe::IMAGE_COMDAT_SELECT_ANY => "LINK_ONCE_DISCARD",
            pe::IMAGE_COMDAT_SELECT_SAME_SIZE => "LINK_ONCE_SAME_SIZE",
            pe::IMAGE_COMDAT_SELECT_EXACT_MATCH => "LINK_ONCE_SAME_CONTENTS",
            pe::IMAGE_COMDAT_SELECT_ASSOCIATIVE => return Some(("LINK_ONCE_DISCARD", None)),
            // GNU's takes one that must not be defined twice for an ordinary section.
            _ => return None,
        };
        let wanted = section.name.iter().position(|byte| *byte == b'$').map(|at| &section.name[at + 1..]);
        let underscore = self.machine == pe::IMAGE_FILE_MACHINE_I386.0;
        let named = own.find(|symbol| {
            let name = &*symbol.name;
            let plain = if underscore { name.strip_prefix(b"_") } else { Some(name) };
            wanted.is_none_or(|wanted| Some(wanted) == plain)
        });
        Some((word, named))
    }
}
