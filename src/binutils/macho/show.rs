//! Headers and load commands in the words of Apple's otool.

use crate::macho::Image;
use crate::macho::bytes::{name16, u32_at};
use crate::macho::image::{Command, Section, Segment};
use crate::macho::names::*;

/// The header, in numbers or in names.
pub(super) fn header(image: &Image<'_>, verbose: bool) -> String {
    let head = "Mach header\n      magic cputype cpusubtype  caps    filetype ncmds sizeofcmds      flags\n";
    let (count, size) = (image.commands.len(), image.commands.iter().map(|command| command.size).sum::<usize>());
    let (subtype, caps) = (image.subtype & !SUBTYPE_FLAGS, image.subtype >> 24);
    if !verbose {
        return format!(
            "{head} 0xfeedfacf {:8} {subtype:10}  {caps:#04x} {:11} {count:5} {size:10} {:#010x}\n",
            image.cpu, image.kind, image.flags
        );
    }
    let cpu = match image.cpu {
        CPU_X86_64 => "X86_64".into(),
        CPU_ARM64 => "ARM64".into(),
        other => other.to_string(),
    };
    let subtype = match (image.cpu, subtype) {
        (CPU_ARM64, 0) | (CPU_X86_64, 3) => "ALL".into(),
        (CPU_ARM64, 2) => "E".into(),
        (CPU_ARM64, 1) => "V8".into(),
        (CPU_X86_64, 8) => "Haswell".into(),
        (_, other) => other.to_string(),
    };
    // The only feature of x86_64 that is a name.
    let caps = if caps == 0x80 && image.cpu == CPU_X86_64 { "LIB64".into() } else { format!("{caps:#04x}") };
    let kind = FILE_KINDS.iter().find(|row| row.0 == image.kind);
    let kind = kind.map_or_else(|| image.kind.to_string(), |row| row.1.to_owned());
    let mut flags = Vec::new();
    let mut rest = image.flags;
    for (bit, name) in HEADER_FLAGS.iter().filter(|(bit, _)| image.flags & bit != 0) {
        flags.push((*name).to_owned());
        rest &= !bit;
    }
    if rest != 0 {
        flags.push(format!("{rest:#010x}"));
    }
    let flags: String = flags.iter().map(|flag| format!(" {flag}")).collect();
    let gap = if image.flags & 1 != 0 { "  " } else { "" };
    format!("{head}MH_MAGIC_64 {cpu:>7} {subtype:>10} {caps:>5} {kind:>11} {count:5} {size:10}{gap}{flags}\n")
}

/// The value of a field, with its name set right in a column.
fn field(width: usize, name: &str, value: impl std::fmt::Display) -> String {
    format!("{name:>width$} {value}\n")
}

/// Every load command.
pub(super) fn commands(image: &Image<'_>, verbose: bool) -> String {
    let mut text = String::new();
    for (number, command) in image.commands.iter().enumerate() {
        text.push_str(&format!("Load command {number}\n"));
        text.push_str(&one(image, *command, verbose));
    }
    text
}

/// One load command, with its name and size.
pub(super) fn one(image: &Image<'_>, command: Command, verbose: bool) -> String {
    if let Some(segment) = image.segments.iter().find(|segment| segment.at == command.at) {
        return self::segment(segment, command, verbose);
    }
    let word = |at| image.word(command, at);
    let words = |width: usize, names: &[&str]| {
        let lines = names.iter().enumerate().map(|(number, name)| field(width, name, word(8 + 4 * number)));
        lines.collect::<String>()
    };
    let named = |at: usize, name: &str| {
        let text = image.text(command, at).map(|text| String::from_utf8_lossy(text).into_owned());
        format!("{name:>13} {} (offset {})\n", text.unwrap_or_else(|_| "?(bad offset value)".into()), word(at))
    };
    let (width, rest) = match command.kind {
        LC_SYMTAB => (8, words(8, &["symoff", "nsyms", "stroff", "strsize"])),
        LC_DYSYMTAB => {
            const NAMES: &[&str] = &[
                "ilocalsym",
                "nlocalsym",
                "iextdefsym",
                "nextdefsym",
                "iundefsym",
                "nundefsym",
                "tocoff",
                "ntoc",
                "modtaboff",
                "nmodtab",
                "extrefsymoff",
                "nextrefsyms",
                "indirectsymoff",
                "nindirectsyms",
                "extreloff",
                "nextrel",
                "locreloff",
                "nlocrel",
            ];
            (15, words(15, NAMES))
        }
        LC_DYLD_INFO | LC_DYLD_INFO_ONLY => {
            const NAMES: &[&str] = &[
                "rebase_off",
                "rebase_size",
                "bind_off",
                "bind_size",
                "weak_bind_off",
                "weak_bind_size",
                "lazy_bind_off",
                "lazy_bind_size",
                "export_off",
                "export_size",
            ];
            (15, words(15, NAMES))
        }
        LC_LOAD_DYLINKER | LC_ID_DYLINKER | LC_DYLD_ENVIRONMENT => (13, named(8, "name")),
        LC_RPATH => (13, named(8, "path")),
        LC_SUB_FRAMEWORK => (13, named(8, "umbrella")),
        LC_SUB_UMBRELLA => (13, named(8, "sub_umbrella")),
        LC_SUB_CLIENT => (13, named(8, "client")),
        LC_SUB_LIBRARY => (13, named(8, "sub_library")),
        kind if LOADS.contains(&kind) || kind == LC_ID_DYLIB => {
            let dylib = image.dylib(command);
            let text = format!(
                "{}   time stamp {} {}\n      current version {}\ncompatibility version {}\n",
                named(8, "name"),
                dylib.timestamp,
                date(dylib.timestamp),
                library_version(dylib.current),
                library_version(dylib.compatible)
            );
            (13, text)
        }
        LC_UUID => (8, field(8, "uuid", uuid(image, command))),
        LC_MAIN => {
            let text = field(10, "entryoff", image.long(command, 8)) + &field(10, "stacksize", image.long(command, 16));
            (10, text)
        }
        LC_SOURCE_VERSION => (9, field(9, "version", source_version(image.long(command, 8)))),
        LC_BUILD_VERSION => (10, build(image, command, verbose)),
        kind if VERSION_MINS.iter().any(|row| row.0 == kind) => {
            let sdk = if word(12) == 0 { "n/a".into() } else { version(word(12)) };
            (9, field(9, "version", version(word(8))) + &field(9, "sdk", sdk))
        }
        kind if PIECES.contains(&kind) => (9, words(9, &["dataoff", "datasize"])),
        LC_LINKER_OPTION => (9, linker_options(image, command)),
        LC_NOTE => {
            let owner = name16(image.data, command.at + 8).unwrap_or_default();
            let numbers = field(10, "offset", image.long(command, 24)) + &field(10, "size", image.long(command, 32));
            (10, field(10, "data_owner", owner) + &numbers)
        }
        LC_ENCRYPTION_INFO_64 => (10, words(10, &["cryptoff", "cryptsize", "cryptid", "pad"])),
        _ => (8, raw(image, command)),
    };
    let name = match is_known(command.kind) {
        true => command_name(command.kind),
        false => format!("?({:#010x}) Unknown load command", command.kind),
    };
    field(width, "cmd", name) + &field(width, "cmdsize", command.size) + &rest
}

fn raw(image: &Image<'_>, command: Command) -> String {
    let bytes = image.data.get(command.at + 8..command.end()).unwrap_or_default();
    let lines = bytes.chunks(16).map(|line| line.iter().map(|byte| format!("{byte:02x} ")).collect::<String>() + "\n");
    lines.collect()
}

fn linker_options(image: &Image<'_>, command: Command) -> String {
    let bytes = image.data.get(command.at + 12..command.end()).unwrap_or_default();
    let count = image.word(command, 8);
    let texts = bytes.split(|byte| *byte == 0).take(count as usize);
    let lines =
        texts.enumerate().map(|(number, text)| format!("  string #{} {}\n", number + 1, String::from_utf8_lossy(text)));
    field(9, "count", count) + &lines.collect::<String>()
}

fn build(image: &Image<'_>, command: Command, verbose: bool) -> String {
    let word = |at| image.word(command, at);
    let name = |table: &[(u32, &'static str)], number: u32| {
        let found = table.iter().find(|row| verbose && row.0 == number);
        found.map_or_else(|| number.to_string(), |row| row.1.to_owned())
    };
    let sdk = if word(16) == 0 { "n/a".into() } else { version(word(16)) };
    let mut text = field(10, "platform", name(PLATFORMS, word(8)));
    text.push_str(&field(10, "sdk", sdk));
    text.push_str(&field(10, "minos", version(word(12))));
    text.push_str(&field(10, "ntools", word(20)));
    for at in (24..command.size.saturating_sub(7)).step_by(8).take(word(20) as usize) {
        text.push_str(&field(10, "tool", name(BUILD_TOOLS, word(at))));
        text.push_str(&field(10, "version", version(word(at + 4))));
    }
    text
}

/// `current version 1359.0.0`: every part is shown.
pub(super) fn library_version(packed: u32) -> String {
    format!("{}.{}.{}", packed >> 16, packed >> 8 & 0xff, packed & 0xff)
}

fn source_version(packed: u64) -> String {
    let parts = [packed >> 40, packed >> 30 & 0x3ff, packed >> 20 & 0x3ff, packed >> 10 & 0x3ff, packed & 0x3ff];
    let last = parts.iter().rposition(|part| *part != 0).unwrap_or(0).max(1);
    let parts: Vec<String> = parts[..=last].iter().map(u64::to_string).collect();
    parts.join(".")
}

pub(super) fn uuid(image: &Image<'_>, command: Command) -> String {
    let bytes = image.data.get(command.at + 8..command.at + 24).unwrap_or_default();
    let dash = |number: usize| if [4, 6, 8, 10].contains(&number) { "-" } else { "" };
    bytes.iter().enumerate().map(|(number, byte)| format!("{}{byte:02X}", dash(number))).collect()
}

/// As ctime(3) has it, in UTC. Linkers write 0 to 2, so that no build differs from another.
fn date(seconds: u32) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let (mut day, time) = (seconds / 86400, seconds % 86400);
    let weekday = DAYS[day as usize % 7];
    let is_leap = |year: u32| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while day >= 365 + u32::from(is_leap(year)) {
        day -= 365 + u32::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u32::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    let (hours, minutes) = (time / 3600, time / 60 % 60);
    format!("{weekday} {} {:2} {hours:02}:{minutes:02}:{:02} {year}", MONTHS[month], day + 1, time % 60)
}

fn protection(bits: u32, verbose: bool) -> String {
    if !verbose {
        return format!("{bits:#010x}");
    }
    [(1, 'r'), (2, 'w'), (4, 'x')].iter().map(|(bit, letter)| if bits & bit == 0 { '-' } else { *letter }).collect()
}

const SEGMENT_FLAGS: &[(u32, &str)] =
    &[(0x1, "HIGHVM"), (0x2, "FVMLIB"), (0x4, "NORELOC"), (0x8, "PROTECTED_VERSION_1"), (0x10, "SG_READ_ONLY")];

fn segment(segment: &Segment, command: Command, verbose: bool) -> String {
    let flags = match verbose {
        false => format!("{:#x}", segment.flags),
        true => names(segment.flags, SEGMENT_FLAGS),
    };
    let mut text = String::new();
    for (name, value) in [
        ("cmd", "LC_SEGMENT_64".to_owned()),
        ("cmdsize", command.size.to_string()),
        ("segname", segment.name.clone()),
        ("vmaddr", format!("{:#018x}", segment.address)),
        ("vmsize", format!("{:#018x}", segment.size)),
        ("fileoff", segment.offset.to_string()),
        ("filesize", segment.file_size.to_string()),
        ("maxprot", protection(segment.max_protection, verbose)),
        ("initprot", protection(segment.protection, verbose)),
        ("nsects", segment.sections.len().to_string()),
        ("flags", flags),
    ] {
        text.push_str(&field(9, name, value));
    }
    for section in &segment.sections {
        text.push_str(&self::section(section, verbose));
    }
    text
}

fn names(bits: u32, table: &[(u32, &str)]) -> String {
    let found: Vec<&str> = table.iter().filter(|row| bits & row.0 != 0).map(|row| row.1).collect();
    if found.is_empty() { "(none)".into() } else { found.join(" ") }
}

const SECTION_TYPES: &[&str] = &[
    "S_REGULAR",
    "S_ZEROFILL",
    "S_CSTRING_LITERALS",
    "S_4BYTE_LITERALS",
    "S_8BYTE_LITERALS",
    "S_LITERAL_POINTERS",
    "S_NON_LAZY_SYMBOL_POINTERS",
    "S_LAZY_SYMBOL_POINTERS",
    "S_SYMBOL_STUBS",
    "S_MOD_INIT_FUNC_POINTERS",
    "S_MOD_TERM_FUNC_POINTERS",
    "S_COALESCED",
    "S_GB_ZEROFILL",
    "S_INTERPOSING",
    "S_16BYTE_LITERALS",
    "S_DTRACE_DOF",
    "S_LAZY_DYLIB_SYMBOL_POINTERS",
    "S_THREAD_LOCAL_REGULAR",
    "S_THREAD_LOCAL_ZEROFILL",
    "S_THREAD_LOCAL_VARIABLES",
    "S_THREAD_LOCAL_VARIABLE_POINTERS",
    "S_THREAD_LOCAL_INIT_FUNCTION_POINTERS",
    "S_INIT_FUNC_OFFSETS",
];

const ATTRIBUTES: &[(u32, &str)] = &[
    (0x8000_0000, "PURE_INSTRUCTIONS"),
    (0x4000_0000, "NO_TOC"),
    (0x2000_0000, "STRIP_STATIC_SYMS"),
    (0x1000_0000, "NO_DEAD_STRIP"),
    (0x0800_0000, "LIVE_SUPPORT"),
    (0x0400_0000, "SELF_MODIFYING_CODE"),
    (0x0200_0000, "DEBUG"),
    (0x0000_0400, "SOME_INSTRUCTIONS"),
    (0x0000_0200, "EXT_RELOC"),
    (0x0000_0100, "LOC_RELOC"),
];

fn section(section: &Section, verbose: bool) -> String {
    let mut text = String::from("Section\n");
    let mut add = |name: &str, value: String| text.push_str(&field(10, name, value));
    add("sectname", section.name.clone());
    add("segname", section.segment.clone());
    add("addr", format!("{:#018x}", section.address));
    add("size", format!("{:#018x}", section.size));
    add("offset", section.offset.to_string());
    add("align", format!("2^{} ({})", section.align, 1u64.checked_shl(section.align).unwrap_or(0)));
    add("reloff", section.relocations.to_string());
    add("nreloc", section.relocation_count.to_string());
    let kind = section.flags & SECTION_TYPE;
    let (mut index, mut size) = ("", "");
    let indirect =
        [S_NON_LAZY_SYMBOL_POINTERS, S_LAZY_SYMBOL_POINTERS, S_SYMBOL_STUBS, 0x10, S_THREAD_LOCAL_VARIABLE_POINTERS];
    if indirect.contains(&kind) {
        index = " (index into indirect symbol table)";
    }
    if kind == S_SYMBOL_STUBS {
        size = " (size of stubs)";
    }
    if verbose {
        let name = SECTION_TYPES.get(kind as usize).map_or_else(|| format!("{kind:#x}"), |name| (*name).to_owned());
        add("type", name);
        add("attributes", names(section.flags, ATTRIBUTES));
    } else {
        add("flags", format!("{:#010x}", section.flags));
    }
    add("reserved1", section.reserved[0].to_string() + index);
    add("reserved2", section.reserved[1].to_string() + size);
    text
}

/// The bytes of a section, as `otool -t` and `-s` show them.
pub(super) fn contents(image: &Image<'_>, section: &Section) -> String {
    let mut text = format!("Contents of ({},{}) section\n", section.segment, section.name);
    if section.is_zero_fill() {
        text.push_str("zerofill section and has no contents in the file\n");
        return text;
    }
    let data = crate::macho::bytes::slice(image.data, section.offset.into(), section.size).unwrap_or_default();
    for (number, line) in data.chunks(16).enumerate() {
        let address = section.address.wrapping_add(16 * number as u64);
        let bytes = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x} ")).collect::<String>();
        let bytes: String = match image.cpu {
            // Instructions of arm64 are words, and so is everything else on it.
            CPU_ARM64 => line
                .chunks(4)
                .map(|word| u32_at(word, 0).map_or_else(|_| bytes(word), |word| format!("{word:08x} ")))
                .collect(),
            _ => bytes(line),
        };
        text.push_str(&format!("{address:016x}\t{bytes}\n"));
    }
    text
}
