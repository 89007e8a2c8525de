//! Mach-O, the format of objects, libraries and programs on macOS: read, checked, signed and changed in place of Apple's tools.
//!
//! All files here are 64-bit and little endian, as arm64 and x86_64 are; others are refused, except as slices of a
//! universal file, which need not be understood. What a command line looks like is `binutils/`'s business.

mod attribution;
pub(crate) mod binds;
pub(crate) mod bytes;
pub(crate) mod check;
pub(crate) mod commands;
pub(crate) mod exports;
pub(crate) mod fat;
pub(crate) mod image;
pub(crate) mod layout;
pub(crate) mod modes;
pub(crate) mod names;
pub(crate) mod object;
pub(crate) mod sign;
pub(crate) mod strip;
pub(crate) mod symbols;
pub(crate) mod trie;

pub(crate) use image::Image;

/// What is wrong with a file, in words that go behind its name.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// `MH_MAGIC_64`, as the bytes of a little-endian file.
const MAGIC: [u8; 4] = [0xcf, 0xfa, 0xed, 0xfe];

/// Is it a Mach-O file that is understood here?
pub(crate) fn is_thin(data: &[u8]) -> bool {
    data.starts_with(&MAGIC)
}

/// Is it Mach-O of any kind: thin, universal, or one that is refused with a reason?
pub(crate) fn is_macho(data: &[u8]) -> bool {
    const OTHERS: &[[u8; 4]] = &[[0xce, 0xfa, 0xed, 0xfe], [0xfe, 0xed, 0xfa, 0xce], [0xfe, 0xed, 0xfa, 0xcf]];
    is_thin(data) || fat::is_fat(data) || OTHERS.iter().any(|magic| data.starts_with(magic))
}

/// Applies `change` to a Mach-O file, or to every Mach-O slice of a universal one.
///
/// # Errors
/// What `change` fails with, and universal files that are damaged.
pub(crate) fn each_slice(data: &[u8], change: &dyn Fn(&[u8]) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    if !fat::is_fat(data) {
        return change(data);
    }
    let mut file = fat::Fat::parse(data)?;
    for slice in &mut file.slices {
        let name = names::arch(slice.cpu, slice.subtype);
        slice.data = change(&slice.data).map_err(|what| format!("architecture {name}: {what}"))?.into();
    }
    file.write()
}
