//! objdump's `-p` of PE: the file header and the optional header, in GNU's words.

use std::fmt::Write as _;

use object::pe;

use crate::binutils::pe::{Pe, u16_at, u32_at, u64_at};

/// Bits of the file header.
const CHARACTERISTICS: &[(u16, &str)] = &[
    (pe::IMAGE_FILE_RELOCS_STRIPPED.0, "relocations stripped"),
    (pe::IMAGE_FILE_EXECUTABLE_IMAGE.0, "executable"),
    (pe::IMAGE_FILE_LINE_NUMS_STRIPPED.0, "line numbers stripped"),
    (pe::IMAGE_FILE_LOCAL_SYMS_STRIPPED.0, "symbols stripped"),
    (pe::IMAGE_FILE_LARGE_ADDRESS_AWARE.0, "large address aware"),
    (pe::IMAGE_FILE_BYTES_REVERSED_LO.0, "little endian"),
    (pe::IMAGE_FILE_32BIT_MACHINE.0, "32 bit words"),
    (pe::IMAGE_FILE_DEBUG_STRIPPED.0, "debugging information removed"),
    (pe::IMAGE_FILE_SYSTEM.0, "system file"),
    (pe::IMAGE_FILE_DLL.0, "DLL"),
    (pe::IMAGE_FILE_BYTES_REVERSED_HI.0, "big endian"),
];

const SUBSYSTEMS: &[(pe::Subsystem, &str)] = &[
    (pe::IMAGE_SUBSYSTEM_UNKNOWN, "unspecified"),
    (pe::IMAGE_SUBSYSTEM_NATIVE, "NT native"),
    (pe::IMAGE_SUBSYSTEM_WINDOWS_GUI, "Windows GUI"),
    (pe::IMAGE_SUBSYSTEM_WINDOWS_CUI, "Windows CUI"),
    (pe::IMAGE_SUBSYSTEM_POSIX_CUI, "POSIX CUI"),
    (pe::IMAGE_SUBSYSTEM_WINDOWS_CE_GUI, "Wince CUI"),
    (pe::IMAGE_SUBSYSTEM_EFI_APPLICATION, "EFI application"),
    (pe::IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER, "EFI boot service driver"),
    (pe::IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER, "EFI runtime driver"),
    (pe::IMAGE_SUBSYSTEM_XBOX, "XBOX"),
];

const DLL_CHARACTERISTICS: &[(pe::DllFlags, &str)] = &[
    (pe::IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA, "HIGH_ENTROPY_VA"),
    (pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE, "DYNAMIC_BASE"),
    (pe::IMAGE_DLLCHARACTERISTICS_FORCE_INTEGRITY, "FORCE_INTEGRITY"),
    (pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT, "NX_COMPAT"),
    (pe::IMAGE_DLLCHARACTERISTICS_NO_ISOLATION, "NO_ISOLATION"),
    (pe::IMAGE_DLLCHARACTERISTICS_NO_SEH, "NO_SEH"),
    (pe::IMAGE_DLLCHARACTERISTICS_NO_BIND, "NO_BIND"),
    (pe::IMAGE_DLLCHARACTERISTICS_APPCONTAINER, "APPCONTAINER"),
    (pe::IMAGE_DLLCHARACTERISTICS_WDM_DRIVER, "WDM_DRIVER"),
    (pe::IMAGE_DLLCHARACTERISTICS_GUARD_CF, "GUARD_CF"),
    (pe::IMAGE_DLLCHARACTERISTICS_TERMINAL_SERVER_AWARE, "TERMINAL_SERVICE_AWARE"),
];

/// The tables that the optional header points at.
const DIRECTORIES: [&str; 16] = [
    "Export Directory [.edata (or where ever we found it)]",
    "Import Directory [parts of .idata]",
    "Resource Directory [.rsrc]",
    "Exception Directory [.pdata]",
    "Security Directory",
    "Base Relocation Directory [.reloc]",
    "Debug Directory",
    "Description Directory",
    "Special Directory",
    "Thread Storage Directory [.tls]",
    "Load Configuration Directory",
    "Bound Import Directory",
    "Import Address Table Directory",
    "Delay Import Directory",
    "CLR Runtime Header",
    "Reserved",
];

/// How a field is written.
#[derive(Clone, Copy)]
enum As {
    Decimal,
    /// Eight digits.
    Hex,
    /// As many digits as an address has; 4 bytes in both forms, or as wide as the form.
    Size,
    Word,
}

/// Name, offset in the form of 32 and of 64 bits (0: it has none), bytes, and the way it is written.
const FIELDS: &[(&str, usize, usize, usize, As)] = &[
    ("MajorLinkerVersion", 2, 2, 1, As::Decimal),
    ("MinorLinkerVersion", 3, 3, 1, As::Decimal),
    ("SizeOfCode\t", 4, 4, 4, As::Size),
    ("SizeOfInitializedData", 8, 8, 4, As::Size),
    ("SizeOfUninitializedData", 12, 12, 4, As::Size),
    ("AddressOfEntryPoint", 16, 16, 4, As::Size),
    ("BaseOfCode\t", 20, 20, 4, As::Size),
    ("BaseOfData\t", 24, 0, 4, As::Size),
    ("ImageBase\t", 28, 24, 0, As::Word),
    ("SectionAlignment", 32, 32, 4, As::Hex),
    ("FileAlignment\t", 36, 36, 4, As::Hex),
    ("MajorOSystemVersion", 40, 40, 2, As::Decimal),
    ("MinorOSystemVersion", 42, 42, 2, As::Decimal),
    ("MajorImageVersion", 44, 44, 2, As::Decimal),
    ("MinorImageVersion", 46, 46, 2, As::Decimal),
    ("MajorSubsystemVersion", 48, 48, 2, As::Decimal),
    ("MinorSubsystemVersion", 50, 50, 2, As::Decimal),
    ("Win32Version\t", 52, 52, 4, As::Hex),
    ("SizeOfImage\t", 56, 56, 4, As::Hex),
    ("SizeOfHeaders\t", 60, 60, 4, As::Hex),
    ("CheckSum\t", 64, 64, 4, As::Hex),
    ("Subsystem\t", 68, 68, 2, As::Hex),
    ("DllCharacteristics", 70, 70, 2, As::Hex),
    ("SizeOfStackReserve", 72, 72, 0, As::Word),
    ("SizeOfStackCommit", 76, 80, 0, As::Word),
    ("SizeOfHeapReserve", 80, 88, 0, As::Word),
    ("SizeOfHeapCommit", 84, 96, 0, As::Word),
    ("LoaderFlags\t", 88, 104, 4, As::Hex),
    ("NumberOfRvaAndSizes", 92, 108, 4, As::Hex),
];

pub(super) fn private(text: &mut String, pe: &Pe<'_>) {
    let _ = writeln!(text, "\nCharacteristics 0x{:x}", pe.characteristics);
    for (_, word) in CHARACTERISTICS.iter().filter(|(bit, _)| pe.characteristics & bit != 0) {
        let _ = writeln!(text, "\t{word}");
    }
    let time = match super::directories::is_reproducible(pe) {
        true => format!("{:08x}\t(This is a reproducible build file hash, not a timestamp)", pe.timestamp),
        false => calendar(pe.timestamp),
    };
    let _ = writeln!(text, "\nTime/Date\t\t{time}");
    // An object has none of this; GNU's print zeros for it.
    let header = pe.optional.as_ref().and_then(|own| pe.data.get(own.offset..own.offset + own.size)).unwrap_or(&[]);
    let wide = pe.is_wide();
    let magic = u16_at(header, 0).unwrap_or(0);
    let name = match magic {
        0x10b => "\t(PE32)",
        0x20b => "\t(PE32+)",
        _ => "",
    };
    let _ = writeln!(text, "Magic\t\t\t{magic:04x}{name}");
    for (name, narrow_at, wide_at, bytes, how) in FIELDS {
        let at = if wide { *wide_at } else { *narrow_at };
        if at == 0 {
            continue;
        }
        let value = match bytes {
            1 => header.get(at).map(|byte| u64::from(*byte)),
            2 => u16_at(header, at).map(u64::from),
            0 if wide => u64_at(header, at),
            _ => u32_at(header, at).map(u64::from),
        };
        let value = value.unwrap_or(0);
        let digits = pe.digits();
        let _ = match how {
            As::Decimal => write!(text, "{name}\t{value}"),
            As::Hex => write!(text, "{name}\t{value:08x}"),
            As::Size | As::Word => write!(text, "{name}\t{value:0digits$x}"),
        };
        match *name {
            "Subsystem\t" => {
                let found = SUBSYSTEMS.iter().find(|(own, _)| u64::from(own.0) == value);
                let _ = found.map(|(_, word)| write!(text, "\t({word})"));
            }
            "DllCharacteristics" => {
                for (_, word) in DLL_CHARACTERISTICS.iter().filter(|(bit, _)| value & u64::from(bit.0) != 0) {
                    let _ = write!(text, "\n\t\t\t\t\t{word}");
                }
            }
            _ => {}
        }
        text.push('\n');
    }
    text.push_str("\nThe Data Directory\n");
    let none = Vec::new();
    let directories = pe.optional.as_ref().map_or(&none, |optional| &optional.directories);
    for (index, name) in DIRECTORIES.iter().enumerate() {
        let (address, size) = directories.get(index).copied().unwrap_or((0, 0));
        let _ = writeln!(text, "Entry {index:x} {address:0digits$x} {size:08x} {name}", digits = pe.digits());
    }
}

/// `Thu Jan  1 00:00:00 1970`, in UTC.
fn calendar(seconds: u32) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let date = crate::binutils::objdump::headers::date(seconds.into());
    // `Jan  1 00:00 1970` has no seconds.
    let (start, year) = date.rsplit_once(' ').unwrap_or((&date, ""));
    format!("{} {start}:{:02} {year}", DAYS[(seconds / 86400 % 7) as usize], seconds % 60)
}
