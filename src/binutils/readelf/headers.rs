//! readelf's `-h`, `-S`, `-l` and `-g`.

use std::fmt::Write as _;

use object::elf;

use super::{O, Settings, cut};
use crate::binutils::elf::string_at;
use crate::binutils::elf::{Elf, Result as ElfResult, Section};

/// Processors by the names that GNU's readelf gives them.
const MACHINES: &[(elf::Machine, &str)] = &[
    (elf::EM_386, "Intel 80386"),
    (elf::EM_X86_64, "Advanced Micro Devices X86-64"),
    (elf::EM_ARM, "ARM"),
    (elf::EM_AARCH64, "AArch64"),
    (elf::EM_RISCV, "RISC-V"),
    (elf::EM_PPC64, "PowerPC64"),
    (elf::EM_PPC, "PowerPC"),
    (elf::EM_S390, "IBM S/390"),
    (elf::EM_LOONGARCH, "LoongArch"),
    (elf::EM_MIPS, "MIPS R3000"),
    (elf::EM_BPF, "Linux BPF"),
    (elf::EM_NONE, "None"),
];

const OS_ABIS: &[(u8, &str)] = &[
    (0, "UNIX - System V"),
    (1, "UNIX - HP-UX"),
    (2, "UNIX - NetBSD"),
    (3, "UNIX - GNU"),
    (6, "UNIX - Solaris"),
    (9, "UNIX - FreeBSD"),
    (12, "UNIX - OpenBSD"),
    (97, "ARM"),
    (255, "Standalone App"),
];

fn kind(elf: &Elf<'_>) -> String {
    let kind = elf.header.kind;
    match elf::FileType(kind) {
        elf::ET_NONE => "NONE (None)".into(),
        elf::ET_REL => "REL (Relocatable file)".into(),
        elf::ET_EXEC => "EXEC (Executable file)".into(),
        elf::ET_DYN => match is_pie(elf) {
            true => "DYN (Position-Independent Executable file)".into(),
            false => "DYN (Shared object file)".into(),
        },
        elf::ET_CORE => "CORE (Core file)".into(),
        _ if kind >= 0xff00 => format!("Processor Specific: ({kind:x})"),
        _ if kind >= 0xfe00 => format!("OS Specific: ({kind:x})"),
        _ => format!("<unknown>: {kind:x}"),
    }
}

/// A shared object that says it is a program.
fn is_pie(elf: &Elf<'_>) -> bool {
    const PIE: u64 = 0x0800_0000;
    elf.dynamic().iter().any(|entry| entry.tag == elf::DT_FLAGS_1.0 && entry.value & PIE != 0)
}

pub(super) fn file(text: &mut String, elf: &Elf<'_>) {
    let header = &elf.header;
    let magic: String = elf.data.iter().take(16).map(|byte| format!("{byte:02x} ")).collect();
    let machine = MACHINES.iter().find(|row| row.0 == elf.machine());
    let machine = machine.map_or_else(|| format!("<unknown>: 0x{:x}", header.machine), |row| row.1.to_owned());
    let abi = OS_ABIS.iter().find(|row| row.0 == header.os_abi);
    let abi = abi.map_or_else(|| format!("<unknown: {:x}>", header.os_abi), |row| row.1.to_owned());
    let order = if elf.layout.big { "big" } else { "little" };
    let count = elf.sections.len();
    let version = elf.data.get(6).copied().unwrap_or(0);
    let current = if version == 1 { " (current)" } else { "" };
    let flags = flags(elf);
    let rows: &[(&str, String)] = &[
        ("Class:", if elf.layout.wide { "ELF64" } else { "ELF32" }.into()),
        ("Data:", format!("2's complement, {order} endian")),
        ("Version:", format!("{version}{current}")),
        ("OS/ABI:", abi),
        ("ABI Version:", header.abi_version.to_string()),
        ("Type:", kind(elf)),
        ("Machine:", machine),
        ("Version:", format!("0x{:x}", header.version)),
        ("Entry point address:", format!("0x{:x}", header.entry)),
        ("Start of program headers:", format!("{} (bytes into file)", header.segment_table)),
        ("Start of section headers:", format!("{} (bytes into file)", header.section_table)),
        ("Flags:", format!("0x{:x}{flags}", header.flags)),
        ("Size of this header:", format!("{} (bytes)", header.header_size)),
        ("Size of program headers:", format!("{} (bytes)", header.segment_size)),
        ("Number of program headers:", elf.segments.len().to_string()),
        ("Size of section headers:", format!("{} (bytes)", header.section_size)),
        ("Number of section headers:", extended(count, 0)),
        ("Section header string table index:", extended(header.names as usize, 0xffff)),
    ];
    let _ = writeln!(text, "ELF Header:\n  Magic:   {magic}");
    for (name, value) in rows {
        let _ = writeln!(text, "  {name:<34} {value}");
    }
}

/// A count that does not fit the file's header stands in the null section; the header has `stored`.
fn extended(value: usize, stored: usize) -> String {
    match value >= usize::from(elf::SHN_LORESERVE) {
        true => format!("{stored} ({value})"),
        false => value.to_string(),
    }
}

/// The processor's flags in GNU's words.
fn flags(elf: &Elf<'_>) -> String {
    let flags = elf.header.flags;
    let mut words = Vec::new();
    let mut add = |set: bool, word: &'static str| {
        if set {
            words.push(word);
        }
    };
    match elf.machine() {
        elf::EM_ARM => {
            add(flags >> 24 == 5, "Version5 EABI");
            add(flags >> 24 == 4, "Version4 EABI");
            add(flags & elf::EF_ARM_ABI_FLOAT_SOFT != 0, "soft-float ABI");
            add(flags & elf::EF_ARM_ABI_FLOAT_HARD != 0, "hard-float ABI");
        }
        elf::EM_RISCV => {
            add(flags & 1 != 0, "RVC");
            add(flags & 8 != 0, "RVE");
            add(flags & 6 == 0, "soft-float ABI");
            add(flags & 6 == 2, "single-float ABI");
            add(flags & 6 == 4, "double-float ABI");
            add(flags & 6 == 6, "quad-float ABI");
        }
        elf::EM_PPC64 => {
            add(flags & 3 == 1, "abiv1");
            add(flags & 3 == 2, "abiv2");
        }
        elf::EM_LOONGARCH => {
            add(flags & 7 == 1, "SOFT-FLOAT");
            add(flags & 7 == 2, "SINGLE-FLOAT");
            add(flags & 7 == 3, "DOUBLE-FLOAT");
            add(flags & 0xc0 == 0x40, "OBJ-v1");
        }
        elf::EM_MIPS => {
            add(flags & 1 != 0, "noreorder");
            add(flags & 2 != 0, "pic");
            add(flags & 4 != 0, "cpic");
            add(flags & 0x400 != 0, "nan2008");
            add(flags & 0xf000 == 0x1000, "o32");
            let level = ["mips1", "mips2", "mips3", "mips4", "mips5", "mips32", "mips64", "mips32r2", "mips64r2"];
            add(flags >> 28 < 9, level.get((flags >> 28) as usize).copied().unwrap_or(""));
            add(flags >> 28 == 9, "mips32r6");
            add(flags >> 28 == 10, "mips64r6");
        }
        _ => {}
    }
    words.iter().map(|word| format!(", {word}")).collect()
}

/// `SHT_GNU_HASH` is `GNU_HASH`: the constants' names without what is common to them, as GNU prints them.
pub(super) fn section_type(elf: &Elf<'_>, kind: u32) -> String {
    match elf::SectionType(kind) {
        elf::SHT_GNU_VERSYM => return "VERSYM".into(),
        elf::SHT_GNU_VERDEF => return "VERDEF".into(),
        elf::SHT_GNU_VERNEED => return "VERNEED".into(),
        elf::SHT_SYMTAB_SHNDX => return "SYMTAB SECTION INDICES".into(),
        _ => {}
    }
    // LLVM's extensions, by the names that GNU's readelf has for some of them.
    match kind {
        0x6fff_4c00 => return "LLVM_ODRTAB".into(),
        0x6fff_4c01 => return "LLVM_LINKER_OPTIONS".into(),
        0x7000_002a if elf.machine() == elf::EM_MIPS => return "MIPS_ABIFLAGS".into(),
        _ => {}
    }
    let known = kind < 0x6000_0000 || !(0x6fff_4c00..0x6fff_4d00).contains(&kind);
    let name = elf::machine_names(elf.machine()).sht.name(elf::SectionType(kind)).filter(|_| known);
    match name {
        Some(name) => {
            let name = name.trim_start_matches("SHT_");
            name.to_owned()
        }
        None if (0x6000_0000..0x7000_0000).contains(&kind) => format!("LOOS+0x{:x}", kind - 0x6000_0000),
        None if (0x7000_0000..0x8000_0000).contains(&kind) => format!("LOPROC+0x{:x}", kind - 0x7000_0000),
        None => format!("{kind:08x}: <unknown>"),
    }
}

/// Letters of the section flags, in the order of GNU's.
fn section_flags(elf: &Elf<'_>, flags: u64) -> String {
    const LETTERS: &[(u64, char)] = &[
        (0x1, 'W'),
        (0x2, 'A'),
        (0x4, 'X'),
        (0x10, 'M'),
        (0x20, 'S'),
        (0x40, 'I'),
        (0x80, 'L'),
        (0x100, 'O'),
        (0x200, 'G'),
        (0x400, 'T'),
        (0x800, 'C'),
    ];
    let gnu = matches!(elf.header.os_abi, 0 | 3 | 9);
    let mut text = String::new();
    let mut rest = flags;
    let (mut os, mut processor) = (false, false);
    while rest != 0 {
        let bit = 1u64 << rest.trailing_zeros();
        rest &= !bit;
        match LETTERS.iter().find(|row| row.0 == bit) {
            Some((_, letter)) => text.push(*letter),
            None if bit == 0x8000_0000 => text.push('E'),
            None if bit == 0x1000_0000 && elf.machine() == elf::EM_X86_64 => text.push('l'),
            None if bit == 0x2000_0000 && elf.machine() == elf::EM_ARM => text.push('y'),
            None if bit == 0x0020_0000 && gnu => text.push('R'),
            None if bit == 0x0100_0000 && gnu => text.push('D'),
            None if bit & 0x0ff0_0000 != 0 => os = true,
            None if bit & 0xf000_0000 != 0 => processor = true,
            None => text.push('x'),
        }
    }
    if os {
        text.push('o');
    }
    if processor {
        text.push('p');
    }
    text
}

pub(super) fn sections(text: &mut String, elf: &Elf<'_>, settings: &Settings) {
    let count = elf.sections.len();
    if count == 0 {
        text.push_str("\nThere are no sections in this file.\n");
        return;
    }
    if !settings.has(O::Header) {
        let plural = if count == 1 { ("is", "") } else { ("are", "s") };
        let (verb, s) = plural;
        let at = elf.header.section_table;
        let _ = writeln!(text, "There {verb} {count} section header{s}, starting at offset 0x{at:x}:");
    }
    let plural = if count == 1 { "" } else { "s" };
    let _ = writeln!(text, "\nSection Header{plural}:");
    let wide = elf.layout.wide;
    text.push_str(match (wide, settings.wide) {
        (true, true) => "  [Nr] Name              Type            Address          Off    Size   ES Flg Lk Inf Al\n",
        (true, false) => {
            "  [Nr] Name              Type             Address           Offset\n       \
             Size              EntSize          Flags  Link  Info  Align\n"
        }
        (false, _) => "  [Nr] Name              Type            Addr     Off    Size   ES Flg Lk Inf Al\n",
    });
    for (index, section) in elf.sections.iter().enumerate() {
        section_row(text, elf, index, section, settings);
    }
    text.push_str(
        "Key to Flags:\n  W (write), A (alloc), X (execute), M (merge), S (strings), I (info),\n  \
         L (link order), O (extra OS processing required), G (group), T (TLS),\n  \
         C (compressed), x (unknown), o (OS specific), E (exclude),\n  ",
    );
    if matches!(elf.header.os_abi, 0 | 3 | 9) {
        text.push_str(if elf.header.os_abi == 0 { "D (mbind), " } else { "R (retain), D (mbind), " });
    }
    text.push_str(match elf.machine() {
        elf::EM_X86_64 => "l (large), ",
        elf::EM_ARM => "y (purecode), ",
        _ => "",
    });
    text.push_str("p (processor specific)\n");
}

fn section_row(text: &mut String, elf: &Elf<'_>, index: usize, section: &Section<'_>, settings: &Settings) {
    let kind = section_type(elf, section.kind);
    let kind: String = kind.chars().take(15).collect();
    let flags = section_flags(elf, section.flags);
    let name = cut(&section.text(), 17, settings);
    let (addr, offset, size) = (section.addr, section.offset, section.size);
    let (entry, link, info, align) = (section.entry_size, section.link, section.info, section.align);
    let _ = match (elf.layout.wide, settings.wide) {
        (true, true) => writeln!(
            text,
            "  [{index:2}] {name:<17} {kind:<15} {addr:016x} {offset:06x} {size:06x} {entry:02x} {flags:>3} {link:2} {info:3} {align:2}"
        ),
        (true, false) => writeln!(
            text,
            "  [{index:2}] {name:<17} {kind:<15}  {addr:016x}  {offset:08x}\n       {size:016x}  {entry:016x} {flags:>3}      {link:2}   {info:3}     {align}"
        ),
        (false, _) => writeln!(
            text,
            "  [{index:2}] {name:<17} {kind:<15} {addr:08x} {offset:06x} {size:06x} {entry:02x} {flags:>3} {link:2} {info:3} {align:2}"
        ),
    };
}

pub(super) fn groups(text: &mut String, elf: &Elf<'_>, settings: &Settings) -> ElfResult<()> {
    let table = elf.symbols(elf::SHT_SYMTAB)?.unwrap_or_default();
    let mut any = false;
    for (index, section) in elf.sections.iter().enumerate().filter(|(_, s)| s.kind == elf::SHT_GROUP.0) {
        any = true;
        let signature = table.symbols.get(section.info as usize);
        let signature = signature.map_or("".into(), |symbol| String::from_utf8_lossy(symbol.shown_name(elf)));
        let members = elf.group(section);
        let comdat = elf.layout.u32(&section.data, 0).is_some_and(|word| word & 1 != 0);
        let comdat = if comdat { "COMDAT " } else { "" };
        let name = section.text();
        let _ = writeln!(
            text,
            "\n{comdat}group section [{index:5}] `{name}' [{signature}] contains {} sections:\n   [Index]    Name",
            members.len()
        );
        for member in members {
            let name = elf.sections.get(member as usize).map_or("".into(), Section::text);
            let _ = writeln!(text, "   [{member:5}]   {name}");
        }
    }
    if !any && settings.alone() {
        text.push_str("\nThere are no section groups in this file.\n");
    }
    Ok(())
}

fn segment_type(elf: &Elf<'_>, kind: u32) -> String {
    let name = elf::machine_names(elf.machine()).pt.name(elf::ProgramType(kind));
    match name {
        Some("PT_ARM_EXIDX") => "EXIDX".into(),
        // OpenBSD's, as far as GNU's column holds their names.
        None if kind == 0x65a3_dbe6 => "OPENBSD_RANDOM".into(),
        None if kind == 0x65a3_dbe7 => "OPENBSD_WXNEED".into(),
        None if kind == 0x65a4_1be6 => "OPENBSD_BOOTDA".into(),
        Some(name) => name.trim_start_matches("PT_").trim_start_matches("MIPS_").to_owned(),
        None if (0x6000_0000..0x7000_0000).contains(&kind) => format!("LOOS+0x{:x}", kind - 0x6000_0000),
        None if (0x7000_0000..0x8000_0000).contains(&kind) => format!("LOPROC+0x{:x}", kind - 0x7000_0000),
        None => format!("<unknown>: {kind:x}"),
    }
}

pub(super) fn segments(text: &mut String, elf: &Elf<'_>, settings: &Settings) {
    let count = elf.segments.len();
    if count == 0 {
        text.push_str("\nThere are no program headers in this file.\n");
        return;
    }
    if !settings.has(O::Header) {
        let (kind, entry, at) = (kind(elf), elf.header.entry, elf.header.segment_table);
        let are = if count == 1 { ("is", "") } else { ("are", "s") };
        let _ = writeln!(text, "\nElf file type is {kind}\nEntry point 0x{entry:x}");
        let _ = writeln!(text, "There {} {count} program header{}, starting at offset {at}", are.0, are.1);
    }
    let _ = writeln!(text, "\nProgram Header{}:", if count == 1 { "" } else { "s" });
    text.push_str(match (elf.layout.wide, settings.wide) {
        (true, true) => "  Type           Offset   VirtAddr           PhysAddr           FileSiz  MemSiz   Flg Align\n",
        (true, false) => {
            "  Type           Offset             VirtAddr           PhysAddr\n                 \
             FileSiz            MemSiz              Flags  Align\n"
        }
        (false, _) => "  Type           Offset   VirtAddr   PhysAddr   FileSiz MemSiz  Flg Align\n",
    });
    for segment in &elf.segments {
        let kind = segment_type(elf, segment.kind);
        let flag = |bit: u32, letter: char| if segment.flags & bit != 0 { letter } else { ' ' };
        let flags: String = [flag(4, 'R'), flag(2, 'W'), flag(1, 'E')].into_iter().collect();
        let (offset, vaddr, paddr) = (segment.offset, segment.vaddr, segment.paddr);
        let (file, mem, align) = (segment.file_size, segment.mem_size, segment.align);
        let bare = align == 0 && (settings.wide || !elf.layout.wide);
        let align = if bare { "0".to_owned() } else { format!("0x{align:x}") };
        let _ = match (elf.layout.wide, settings.wide) {
            (true, true) => writeln!(
                text,
                "  {kind:<14} 0x{offset:06x} 0x{vaddr:016x} 0x{paddr:016x} 0x{file:06x} 0x{mem:06x} {flags} {align}"
            ),
            (true, false) => writeln!(
                text,
                "  {kind:<14} 0x{offset:016x} 0x{vaddr:016x} 0x{paddr:016x}\n                 0x{file:016x} 0x{mem:016x}  {flags}    {align}"
            ),
            (false, _) => writeln!(
                text,
                "  {kind:<14} 0x{offset:06x} 0x{vaddr:08x} 0x{paddr:08x} 0x{file:05x} 0x{mem:05x} {flags} {align}"
            ),
        };
        if segment.kind == elf::PT_INTERP.0 && segment.file_size > 0 {
            let start = usize::try_from(segment.offset).unwrap_or(usize::MAX);
            let name = elf.data.get(start..).and_then(|rest| string_at(rest, 0).ok()).unwrap_or(&[]);
            let name = String::from_utf8_lossy(name);
            let _ = writeln!(text, "      [Requesting program interpreter: {name}]");
        }
    }
    if elf.sections.len() > 1 {
        mapping(text, elf);
    }
}

fn mapping(text: &mut String, elf: &Elf<'_>) {
    text.push_str("\n Section to Segment mapping:\n  Segment Sections...\n");
    for (index, segment) in elf.segments.iter().enumerate() {
        let _ = write!(text, "   {index:02}     ");
        for section in elf.sections.iter().skip(1) {
            // .tbss is shown in its own segment only.
            let thread_bss = section.flags & elf::SHF_TLS.0 != 0
                && section.kind == elf::SHT_NOBITS.0
                && segment.kind != elf::PT_TLS.0;
            if !thread_bss && segment.holds(section) {
                let _ = write!(text, "{} ", section.text());
            }
        }
        text.push('\n');
    }
}
