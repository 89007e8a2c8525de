//! The changes xcc makes to objects that zig built.

use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

/// `SHT_LLVM_ADDRSIG`, from LLVM's documentation of its ELF extensions.
const ADDRESS_SIGNIFICANCE: u32 = 0x6fff_4c03;

/// Retires the address-significance table of a crt object. zig joins these objects with `ld.lld -r`, which breaks the
/// table's link to the symbols, and LLD then warns of every program that is linked with `--icf=safe`.
pub(super) fn drop_address_significance(path: &Path) -> Result<()> {
    let mut bytes = fs::read(path).map_err(Error::io("read", path))?;
    if retire(&mut bytes).is_some_and(|changed| changed) {
        fs::write(path, bytes).map_err(Error::io("write", path))?;
    }
    Ok(())
}

/// Where an ELF file says which system's extensions it has: `e_ident[EI_OSABI]`.
const EI_OSABI: usize = 7;

/// Says in an object's header that it is OpenBSD's, as clang's own do: LLD makes the segments of that system
/// (`PT_OPENBSD_RANDOMIZE`) when the first of its inputs says so, and zig joins the start file with an emulation that does
/// not.
pub(super) fn mark_openbsd(path: &Path) -> Result<()> {
    let mut bytes = fs::read(path).map_err(Error::io("read", path))?;
    if let Some(system) = bytes.get_mut(EI_OSABI) {
        *system = object::elf::ELFOSABI_OPENBSD.0;
    }
    fs::write(path, bytes).map_err(Error::io("write", path))
}

/// Renames symbols of the objects in an archive, so that a link finds others of the name: their first two characters
/// become `zz`. The archive's index is to be made again.
pub(super) fn hide_symbols(archive: &Path, symbols: &[&str]) -> Result<()> {
    if symbols.is_empty() {
        return Ok(());
    }
    let mut bytes = fs::read(archive).map_err(Error::io("read", archive))?;
    for symbol in symbols {
        // A string table ends a name with a zero; what is before may be the rest of a longer name that shares it.
        let name = [symbol.as_bytes(), b"\0"].concat();
        let found: Vec<usize> = memchr::memmem::find_iter(&bytes, &name).collect();
        for at in found {
            bytes[at..at + 2].fill(b'z');
        }
    }
    fs::write(archive, bytes).map_err(Error::io("write", archive))
}

/// Sets the type of such sections to `SHT_NULL`; `None` if this is not an ELF file.
fn retire(bytes: &mut [u8]) -> Option<bool> {
    if bytes.get(..4)? != b"\x7fELF" {
        return None;
    }
    let (wide, little) = (bytes.get(4)? == &2, bytes.get(5)? == &1);
    let number = |bytes: &[u8], at: usize, size: usize| -> Option<usize> {
        let field = bytes.get(at..at + size)?;
        let join = |value: usize, byte: &u8| value << 8 | usize::from(*byte);
        Some(if little { field.iter().rev().fold(0, join) } else { field.iter().fold(0, join) })
    };
    // e_shoff, e_shentsize, e_shnum of the 32-bit and the 64-bit header.
    let (table, size, count) = if wide { ((0x28, 8), 0x3a, 0x3c) } else { ((0x20, 4), 0x2e, 0x30) };
    let table = number(bytes, table.0, table.1)?;
    let (size, count) = (number(bytes, size, 2)?, number(bytes, count, 2)?);
    let mut changed = false;
    for index in 0..count {
        let at = table.checked_add(index * size)? + 4;
        if number(bytes, at, 4)? == ADDRESS_SIGNIFICANCE as usize {
            bytes.get_mut(at..at + 4)?.fill(0);
            changed = true;
        }
    }
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_changes_and_broken_files_are_left_alone() {
        let mut object = vec![0u8; 0x40 + 2 * 0x40];
        object[..6].copy_from_slice(b"\x7fELF\x02\x01");
        object[0x28] = 0x40;
        object[0x3a] = 0x40;
        object[0x3c] = 2;
        let at = 0x40 + 0x40 + 4;
        object[at..at + 4].copy_from_slice(&ADDRESS_SIGNIFICANCE.to_le_bytes());
        assert_eq!(retire(&mut object), Some(true));
        assert_eq!(object[at..at + 4], [0; 4]);
        assert_eq!(retire(&mut object), Some(false));
        assert_eq!(retire(&mut object[..0x50]), None);
        assert_eq!(retire(&mut b"!<arch>\n".to_vec()), None);
    }
}
