//! What `strip` and `objcopy` were asked to do.

use std::collections::HashMap;
use std::path::PathBuf;

use super::pattern::Patterns;

/// How much goes, in GNU's words.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::binutils) enum Strip {
    #[default]
    None,
    Debug,
    Unneeded,
    All,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::binutils) enum Discard {
    #[default]
    None,
    /// `-X`: labels that the compiler made up.
    Compiler,
    /// `-x`: every local symbol.
    All,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::binutils) enum Compression {
    None,
    Zlib,
}

/// A symbol of `--add-symbol NAME=[SECTION:]VALUE[,FLAGS]`.
#[derive(Clone, Debug)]
pub(in crate::binutils) struct NewSymbol {
    pub(in crate::binutils) name: Vec<u8>,
    pub(in crate::binutils) section: Option<Vec<u8>>,
    pub(in crate::binutils) value: u64,
    pub(in crate::binutils) flags: Vec<String>,
}

/// New name and flags of a section.
#[derive(Clone, Debug)]
pub(in crate::binutils) struct Rename {
    pub(in crate::binutils) from: Vec<u8>,
    pub(in crate::binutils) to: Vec<u8>,
    pub(in crate::binutils) flags: Option<Vec<String>>,
}

/// Everything. The default changes nothing.
#[derive(Clone, Debug, Default)]
pub(in crate::binutils) struct Plan {
    pub(in crate::binutils) strip: Strip,
    pub(in crate::binutils) discard: Discard,
    pub(in crate::binutils) only_keep_debug: bool,
    /// The output is an image: symbols and relocations do not matter.
    pub(in crate::binutils) image: bool,
    pub(in crate::binutils) strip_dwo: bool,
    pub(in crate::binutils) extract_dwo: bool,
    pub(in crate::binutils) keep_file_symbols: bool,
    pub(in crate::binutils) keep_section_symbols: bool,
    pub(in crate::binutils) remove_sections: Patterns,
    pub(in crate::binutils) keep_sections: Patterns,
    pub(in crate::binutils) only_sections: Option<Patterns>,
    pub(in crate::binutils) remove_relocations: Patterns,
    pub(in crate::binutils) keep_symbols: Patterns,
    pub(in crate::binutils) strip_symbols: Patterns,
    pub(in crate::binutils) strip_unneeded_symbols: Patterns,
    pub(in crate::binutils) localize: Patterns,
    pub(in crate::binutils) localize_hidden: bool,
    pub(in crate::binutils) globalize: Patterns,
    pub(in crate::binutils) keep_global: Patterns,
    pub(in crate::binutils) weaken: Patterns,
    pub(in crate::binutils) weaken_all: bool,
    pub(in crate::binutils) redefine: HashMap<Vec<u8>, Vec<u8>>,
    pub(in crate::binutils) prefix_symbols: Vec<u8>,
    pub(in crate::binutils) prefix_sections: Vec<u8>,
    pub(in crate::binutils) prefix_alloc_sections: Vec<u8>,
    pub(in crate::binutils) add_symbols: Vec<NewSymbol>,
    pub(in crate::binutils) rename_sections: Vec<Rename>,
    pub(in crate::binutils) set_flags: Vec<(Vec<u8>, Vec<String>)>,
    pub(in crate::binutils) set_alignment: Vec<(Vec<u8>, u64)>,
    pub(in crate::binutils) add_sections: Vec<(Vec<u8>, Vec<u8>)>,
    pub(in crate::binutils) update_sections: Vec<(Vec<u8>, Vec<u8>)>,
    pub(in crate::binutils) dump_sections: Vec<(Vec<u8>, PathBuf)>,
    pub(in crate::binutils) debug_link: Option<PathBuf>,
    pub(in crate::binutils) compression: Option<Compression>,
    pub(in crate::binutils) set_start: Option<u64>,
    pub(in crate::binutils) gap_fill: u8,
    pub(in crate::binutils) pad_to: Option<u64>,
    /// Archives: keep dates, owners and modes of the members (`-U`).
    pub(in crate::binutils) archive_dates: bool,
    pub(in crate::binutils) preserve_dates: bool,
    /// Mach-O: Swift's symbols go (`-T`), the UUID goes.
    pub(in crate::binutils) swift: bool,
    pub(in crate::binutils) no_uuid: bool,
    /// Mach-O: the one architecture of a universal file that is changed.
    pub(in crate::binutils) arch: Option<String>,
}
