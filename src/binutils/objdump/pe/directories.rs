//! objdump's `-p` of PE: imports, exports, base relocations and the debug directory. Unwinding tables and resources have
//! modules of their own.

use std::fmt::Write as _;

use object::pe;

use crate::binutils::pe::{Directory, Pe, u16_at, u32_at, u64_at};

const EXPORT: usize = pe::IMAGE_DIRECTORY_ENTRY_EXPORT;
const IMPORT: usize = pe::IMAGE_DIRECTORY_ENTRY_IMPORT;
const RELOCATIONS: usize = pe::IMAGE_DIRECTORY_ENTRY_BASERELOC;
const DEBUG: usize = pe::IMAGE_DIRECTORY_ENTRY_DEBUG;
/// An entry of the debug directory.
const DEBUG_ENTRY: usize = 28;

pub(super) fn all(text: &mut String, pe: &Pe<'_>) {
    if let Some(directory) = pe.directory(IMPORT) {
        imports(text, pe, directory);
    }
    if let Some(directory) = pe.directory(EXPORT) {
        exports(text, pe, directory);
    }
    super::unwind::all(text, pe);
    if let Some(directory) = pe.directory(RELOCATIONS) {
        base_relocations(text, pe, directory);
    }
    if let Some(directory) = pe.directory(DEBUG) {
        debug(text, pe, directory);
    }
    super::resources::all(text, pe);
}

/// The name at a relative address.
fn name_at(pe: &Pe<'_>, address: u32) -> String {
    let Some(bytes) = pe.bytes_at(address) else { return format!("<corrupt: 0x{address:04x}>") };
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn head(text: &mut String, pe: &Pe<'_>, what: &str, title: &str, (address, _): Directory) {
    let Some((section, _)) = pe.at(address) else {
        let _ = writeln!(text, "\nThere is {what}, but the section containing it could not be found");
        return;
    };
    let (name, address) = (section.text(), pe.base().wrapping_add(address.into()));
    let _ = writeln!(text, "\nThere is {what} in {name} at 0x{address:x}");
    if !title.is_empty() {
        let _ = writeln!(text, "\nThe {title} (interpreted {name} section contents)");
    }
}

fn imports(text: &mut String, pe: &Pe<'_>, directory: Directory) {
    head(text, pe, "an import table", "Import Tables", directory);
    let Some(table) = pe.bytes_at(directory.0) else { return };
    text.push_str(" vma:            Hint    Time      Forward  DLL       First\n");
    text.push_str("                 Table   Stamp     Chain    Name      Thunk\n");
    for (index, entry) in table.chunks_exact(20).enumerate() {
        let field = |at| u32_at(entry, at).unwrap_or(0);
        let (hints, time, chain, dll, first) = (field(0), field(4), field(8), field(12), field(16));
        let at = u64::from(directory.0) + index as u64 * 20;
        let _ = writeln!(text, " {at:08x}\t{hints:08x} {time:08x} {chain:08x} {dll:08x} {first:08x}");
        if hints == 0 && first == 0 {
            break;
        }
        let _ = writeln!(text, "\n\tDLL Name: {}", name_at(pe, dll));
        text.push_str("\tvma:  Hint/Ord Member-Name Bound-To\n");
        members(text, pe, (if hints != 0 { hints } else { first }, first), time);
        text.push('\n');
    }
}

/// What is imported from one DLL. `bound` is where the loader puts the addresses.
fn members(text: &mut String, pe: &Pe<'_>, (names, bound): (u32, u32), time: u32) {
    let Some(table) = pe.bytes_at(names) else { return };
    let size = if pe.is_wide() { 8 } else { 4 };
    let bound = pe.bytes_at(bound).filter(|_| time != 0 && names != bound);
    for (index, entry) in table.chunks_exact(size).enumerate() {
        let value = if size == 8 { u64_at(entry, 0) } else { u32_at(entry, 0).map(u64::from) };
        let value = value.unwrap_or(0);
        if value == 0 {
            break;
        }
        let by_number = value >> (size * 8 - 1) == 1;
        let low = value as u32;
        let _ = match (by_number, size) {
            (true, 8) => {
                write!(text, "\t{:x}{low:08x}\t {:4x}{low:08x}  <none>", value >> 32, value >> 32 & 0x7fff_ffff)
            }
            (true, _) => write!(text, "\t{low:04x}\t {:4}  <none>", low & 0x7fff_ffff),
            (false, _) => match pe.bytes_at(low).and_then(|name| u16_at(name, 0)) {
                Some(hint) => write!(text, "\t{low:04x}\t {hint:4}  {}", name_at(pe, low.wrapping_add(2))),
                None => write!(text, "\t<corrupt: 0x{low:04x}>"),
            },
        };
        if let Some(address) = bound.and_then(|bound| u32_at(bound, index.saturating_mul(size))) {
            let _ = write!(text, "\t{address:04x}");
        }
        text.push('\n');
    }
}

fn exports(text: &mut String, pe: &Pe<'_>, directory: Directory) {
    head(text, pe, "an export table", "Export Tables", directory);
    let Some(table) = pe.bytes_at(directory.0).filter(|table| table.len() >= 40) else { return };
    let field = |at| u32_at(table, at).unwrap_or(0);
    let (base, functions, names) = (field(16), field(20), field(24));
    let digits = pe.digits();
    let _ = write!(
        text,
        "\nExport Flags \t\t\t{:x}\nTime/Date stamp \t\t{:x}\nMajor/Minor \t\t\t{}/{}\nName \t\t\t\t{:0digits$x} {}\n",
        field(0),
        field(4),
        u16_at(table, 8).unwrap_or(0),
        u16_at(table, 10).unwrap_or(0),
        field(12),
        name_at(pe, field(12)),
    );
    let _ = write!(
        text,
        "Ordinal Base \t\t\t{base}\nNumber in:\n\tExport Address Table \t\t{functions:08x}\n\
         \t[Name Pointer/Ordinal] Table\t{names:08x}\nTable Addresses\n",
    );
    let _ = write!(
        text,
        "\tExport Address Table \t\t{:0digits$x}\n\tName Pointer Table \t\t{:0digits$x}\n\
         \tOrdinal Table \t\t\t{:0digits$x}\n",
        field(28),
        field(32),
        field(36),
    );
    let _ = writeln!(text, "\nExport Address Table -- Ordinal Base {base}");
    let entries = pe.bytes_at(field(28)).unwrap_or(&[]);
    for (index, entry) in entries.chunks_exact(4).take(functions as usize).enumerate() {
        let value = u32_at(entry, 0).unwrap_or(0);
        if value == 0 {
            continue;
        }
        let number = u64::from(base) + index as u64;
        let forwarded = value.checked_sub(directory.0).is_some_and(|offset| offset < directory.1);
        let _ = match forwarded {
            true => {
                writeln!(text, "\t[{index:4}] +base[{number:4}] {value:04x} Forwarder RVA -- {}", name_at(pe, value))
            }
            false => writeln!(text, "\t[{index:4}] +base[{number:4}] {value:04x} Export RVA"),
        };
    }
    text.push_str("\n[Ordinal/Name Pointer] Table\n");
    let (pointers, ordinals) = (pe.bytes_at(field(32)).unwrap_or(&[]), pe.bytes_at(field(36)).unwrap_or(&[]));
    let pairs = pointers.chunks_exact(4).zip(ordinals.chunks_exact(2)).take(names as usize);
    for (pointer, ordinal) in pairs {
        let (pointer, ordinal) = (u32_at(pointer, 0).unwrap_or(0), u16_at(ordinal, 0).unwrap_or(0));
        let _ = writeln!(text, "\t[{ordinal:4}] {}", name_at(pe, pointer));
    }
}

fn base_relocations(text: &mut String, pe: &Pe<'_>, (address, size): Directory) {
    let Some((section, _)) = pe.at(address) else { return };
    let _ = writeln!(text, "\n\nPE File Base Relocations (interpreted {} section contents)", section.text());
    let kinds = pe::machine_names(pe::Machine(pe.machine)).rel_based;
    let mut rest = pe.bytes_at(address).unwrap_or(&[]);
    rest = &rest[..rest.len().min(size as usize)];
    while let (Some(page), Some(length)) = (u32_at(rest, 0), u32_at(rest, 4)) {
        let Some(block) = rest.get(8..length as usize) else { break };
        let count = block.len() / 2;
        let _ =
            writeln!(text, "\nVirtual Address: {page:08x} Chunk size {length} (0x{length:x}) Number of fixups {count}");
        for (index, entry) in block.chunks_exact(2).enumerate() {
            let entry = u16_at(entry, 0).unwrap_or(0);
            let offset = entry & 0xfff;
            let kind = kinds.name(pe::BaseRelocationType(entry >> 12)).unwrap_or("UNKNOWN");
            let kind = kind.trim_start_matches("IMAGE_REL_BASED_");
            let at = u64::from(page) + u64::from(offset);
            let _ = writeln!(text, "\treloc {index:4} offset {offset:4x} [{at:4x}] {kind}");
        }
        rest = &rest[length as usize..];
    }
}

fn debug_entries<'a>(pe: &'a Pe<'_>, (address, size): Directory) -> impl Iterator<Item = &'a [u8]> {
    let table = pe.bytes_at(address).unwrap_or(&[]);
    table[..table.len().min(size as usize)].chunks_exact(DEBUG_ENTRY)
}

/// The date is a digest of the file: a linker says so in the debug directory.
pub(super) fn is_reproducible(pe: &Pe<'_>) -> bool {
    let kind = pe::IMAGE_DEBUG_TYPE_REPRO.0;
    pe.directory(DEBUG).is_some_and(|own| debug_entries(pe, own).any(|entry| u32_at(entry, 12) == Some(kind)))
}

/// What GNU's objdump calls the types from 0 on.
const DEBUG_TYPES: [&str; 17] = [
    "Unknown",
    "COFF",
    "CodeView",
    "FPO",
    "Misc",
    "Exception",
    "Fixup",
    "OMAP-to-SRC",
    "OMAP-from-SRC",
    "Borland",
    "Reserved",
    "CLSID",
    "Feature",
    "CoffGrp",
    "ILTCG",
    "MPX",
    "Repro",
];

fn debug(text: &mut String, pe: &Pe<'_>, directory: Directory) {
    head(text, pe, "a debug directory", "", directory);
    text.push_str("\nType                Size     Rva      Offset\n");
    for entry in debug_entries(pe, directory) {
        let field = |at| u32_at(entry, at).unwrap_or(0);
        let (kind, size, address, offset) = (field(12), field(16), field(20), field(24));
        let name = DEBUG_TYPES.get(kind as usize).unwrap_or(&"Unknown");
        let _ = writeln!(text, "{kind:3}  {name:>14} {size:08x} {address:08x} {offset:08x}");
    }
}
