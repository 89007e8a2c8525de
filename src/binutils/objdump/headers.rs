//! objdump's `-a`, `-f`, `-p` and `-h`.

use std::collections::HashSet;
use std::fmt::Write as _;

use object::elf;

use super::Settings;
use crate::binutils::elf::versions::Versions;
use crate::binutils::elf::{EXEC, Elf, LOAD, NOBITS, Result as ElfResult, Section, WRITE, formats};
use crate::binutils::size;

/// `rw-r--r--`.
pub(super) fn mode(mode: u64) -> String {
    let letters = (0..9).rev().map(|bit| if mode >> bit & 1 != 0 { ['x', 'w', 'r'][bit % 3] } else { '-' });
    letters.collect()
}

/// `Jan  1 00:00 1970`, in UTC.
pub(super) fn date(seconds: u64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // Days to year, month and day in the proleptic Gregorian calendar, counted from March so that leap days come last.
    let (days, time) = ((seconds / 86400) as i64 + 719_468, seconds % 86400);
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    format!("{} {day:2} {:02}:{:02} {year}", MONTHS[month as usize], time / 3600, time % 3600 / 60)
}

pub(super) fn file_header(text: &mut String, elf: &Elf<'_>, symbols: bool) {
    let relocations =
        elf.is_relocatable() && elf.sections.iter().any(|section| section.is_static_relocation() && section.size > 0);
    let program = elf.header.kind == elf::ET_EXEC.0;
    let dynamic = elf.header.kind == elf::ET_DYN.0;
    let flags = [
        (relocations, 0x001, "HAS_RELOC"),
        (program, 0x002, "EXEC_P"),
        (symbols, 0x010, "HAS_SYMS"),
        (dynamic, 0x040, "DYNAMIC"),
        (program || dynamic, 0x100, "D_PAGED"),
    ];
    let set: Vec<_> = flags.iter().filter(|row| row.0).collect();
    let bits = set.iter().fold(0, |bits, row| bits | row.1);
    let names: Vec<&str> = set.iter().map(|row| row.2).collect();
    let digits = elf.layout.digits();
    let _ = writeln!(text, "architecture: {}, flags 0x{bits:08x}:", formats::architecture(elf));
    let _ = writeln!(text, "{}", names.join(", "));
    let _ = writeln!(text, "start address 0x{:0digits$x}", elf.header.entry);
}

/// GNU's objdump and readelf call segments by these names.
fn segment_name(kind: u32) -> Option<&'static str> {
    Some(match elf::ProgramType(kind) {
        elf::PT_NULL => "NULL",
        elf::PT_LOAD => "LOAD",
        elf::PT_DYNAMIC => "DYNAMIC",
        elf::PT_INTERP => "INTERP",
        elf::PT_NOTE => "NOTE",
        elf::PT_SHLIB => "SHLIB",
        elf::PT_PHDR => "PHDR",
        elf::PT_TLS => "TLS",
        elf::PT_GNU_EH_FRAME => "EH_FRAME",
        elf::PT_GNU_STACK => "STACK",
        elf::PT_GNU_RELRO => "RELRO",
        _ => return None,
    })
}

pub(super) fn private_headers(text: &mut String, elf: &Elf<'_>, versions: &Versions) -> ElfResult<()> {
    let digits = elf.layout.digits();
    if !elf.segments.is_empty() {
        text.push_str("\nProgram Header:\n");
    }
    for segment in &elf.segments {
        let name = segment_name(segment.kind).map_or_else(|| format!("0x{:x}", segment.kind), str::to_owned);
        let align = if segment.align == 0 { 0 } else { segment.align.ilog2() };
        let _ = writeln!(
            text,
            "{name:>8} off    0x{:0digits$x} vaddr 0x{:0digits$x} paddr 0x{:0digits$x} align 2**{align}",
            segment.offset, segment.vaddr, segment.paddr
        );
        let flag = |bit: u32, letter: char| if segment.flags & bit != 0 { letter } else { '-' };
        let rest = segment.flags & !7;
        let rest = if rest == 0 { String::new() } else { format!(" {rest:x}") };
        let _ = writeln!(
            text,
            "         filesz 0x{:0digits$x} memsz 0x{:0digits$x} flags {}{}{}{rest}",
            segment.file_size,
            segment.mem_size,
            flag(4, 'r'),
            flag(2, 'w'),
            flag(1, 'x')
        );
    }
    let dynamic = elf.dynamic();
    if !dynamic.is_empty() {
        text.push_str("\nDynamic Section:\n");
    }
    let names = elf::machine_names(elf.machine()).dt;
    for entry in dynamic.iter().take_while(|entry| entry.tag != elf::DT_NULL.0) {
        let name = names.name(elf::DynamicTag(entry.tag)).map(|name| name.trim_start_matches("DT_"));
        let name = name.map_or_else(|| format!("0x{:x}", entry.tag), str::to_owned);
        let name = if name == "FLAGS_1" { "FLAGS_1".into() } else { name };
        let string =
            [elf::DT_NEEDED, elf::DT_SONAME, elf::DT_RPATH, elf::DT_RUNPATH, elf::DT_AUXILIARY, elf::DT_FILTER];
        let value = match string.iter().any(|tag| tag.0 == entry.tag) {
            true => elf.dynamic_string(entry.value)?,
            false => format!("0x{:0digits$x}", entry.value),
        };
        let _ = writeln!(text, "  {name:<20} {value}");
    }
    if !versions.definitions.is_empty() {
        text.push_str("\nVersion definitions:\n");
    }
    for definition in &versions.definitions {
        let name = definition.names.first().map_or("", |name| &*name.1);
        let (index, flags, hash) = (definition.index, definition.flags, definition.hash);
        let _ = writeln!(text, "{index} 0x{flags:02x} 0x{hash:08x} {name}");
        let parents: Vec<&str> = definition.names.iter().skip(1).map(|name| &*name.1).collect();
        if !parents.is_empty() {
            let _ = writeln!(text, "\t{}", parents.iter().map(|name| format!("{name} ")).collect::<String>());
        }
    }
    if !versions.needs.is_empty() {
        text.push_str("\nVersion References:\n");
    }
    for need in &versions.needs {
        let _ = writeln!(text, "  required from {}:", need.file);
        for version in &need.versions {
            let (hash, flags, index) = (version.hash, version.flags, version.index);
            let _ = writeln!(text, "    0x{hash:08x} 0x{flags:02x} {index:02} {}", version.name);
        }
    }
    // Processors whose header has flags of its own say so.
    match elf.machine() {
        elf::EM_ARM => {
            let _ = writeln!(text, "private flags = 0x{:x}:{}", elf.header.flags, arm_flags(elf.header.flags));
        }
        elf::EM_AARCH64 | elf::EM_RISCV | elf::EM_PPC64 | elf::EM_LOONGARCH | elf::EM_MIPS => {
            let _ = writeln!(text, "private flags = 0x{:x}:", elf.header.flags);
        }
        _ => {}
    }
    Ok(())
}

fn arm_flags(flags: u32) -> String {
    let mut words = match flags >> 24 {
        5 => " [Version5 EABI]".to_owned(),
        4 => " [Version4 EABI]".to_owned(),
        _ => String::new(),
    };
    if flags & elf::EF_ARM_ABI_FLOAT_SOFT != 0 {
        words.push_str(" [soft-float ABI]");
    }
    if flags & elf::EF_ARM_ABI_FLOAT_HARD != 0 {
        words.push_str(" [hard-float ABI]");
    }
    words
}

/// The sections that have relocations which a linker would apply.
fn relocated(elf: &Elf<'_>) -> HashSet<usize> {
    let relocations = elf.sections.iter().filter(|section| section.is_static_relocation() && section.info != 0);
    relocations.map(|section| section.info as usize).collect()
}

/// Where the section is loaded, which a linker script can set apart from its address.
fn load_address(elf: &Elf<'_>, section: &Section<'_>) -> u64 {
    let physical = elf.segments.iter().any(|segment| segment.paddr != 0);
    let mut loads = elf.segments.iter().filter(|segment| segment.kind == LOAD && physical && section.is_alloc());
    loads
        .find(|segment| segment.holds(section))
        .map_or(section.addr, |segment| section.addr.wrapping_sub(segment.vaddr).wrapping_add(segment.paddr))
}

pub(super) fn section_headers(text: &mut String, elf: &Elf<'_>, settings: &Settings) {
    let digits = elf.layout.digits();
    let relocated = relocated(elf);
    let shown: Vec<(usize, &Section<'_>)> =
        size::shown_sections(elf).into_iter().map(|index| (index, &elf.sections[index])).collect();
    let longest = shown.iter().map(|(_, section)| section.text().len()).max().unwrap_or(0);
    let width = if settings.wide { longest.max(13) } else { 13 };
    text.push_str("Sections:\n");
    let flags_column = if settings.wide { "  Flags" } else { "" };
    let _ = writeln!(
        text,
        "Idx {:<width$} Size      {:<digits$}  {:<digits$}  File off  Algn{flags_column}",
        "Name", "VMA", "LMA"
    );
    for (number, (index, section)) in shown.iter().enumerate().filter(|(_, (_, section))| settings.takes(section)) {
        let align = if section.align == 0 { 0 } else { section.align.ilog2() };
        let mut words = Vec::new();
        let (alloc, contents) = (section.is_alloc(), section.kind != NOBITS);
        let (code, write) = (section.flags & EXEC != 0, section.flags & WRITE != 0);
        let bit = |flag: elf::SectionFlags| section.flags & flag.0 != 0;
        let group = section.kind == elf::SHT_GROUP.0;
        for (is, word) in [
            (contents, "CONTENTS"),
            (alloc, "ALLOC"),
            (alloc && contents, "LOAD"),
            (relocated.contains(index), "RELOC"),
            (!write && (contents || !alloc || code), "READONLY"),
            (code, "CODE"),
            (alloc && contents && !code, "DATA"),
            (section.is_debug(), "DEBUGGING"),
            (bit(elf::SHF_EXCLUDE), "EXCLUDE"),
            (has_octets(section), "OCTETS"),
            (bit(elf::SHF_TLS), "THREAD_LOCAL"),
            (group, "GROUP"),
            (group, "LINK_ONCE_DISCARD"),
        ] {
            if is {
                words.push(word);
            }
        }
        let _ = write!(
            text,
            "{number:3} {:<width$} {:08x}  {:0digits$x}  {:0digits$x}  {:08x}  2**{align}",
            section.text(),
            section.size,
            section.addr,
            load_address(elf, section),
            section.offset
        );
        let words = words.join(", ");
        let _ = match settings.wide {
            true => writeln!(text, "  {words}"),
            false => writeln!(text, "\n                  {words}"),
        };
    }
}

/// BFD's mark of sections whose bytes are counted in eights on every processor.
fn has_octets(section: &Section<'_>) -> bool {
    const NAMES: &[&[u8]] = &[b".debug", b".zdebug", b".gnu.debuglto_.debug_", b".gnu.linkonce.wi.", b".note.gnu"];
    !section.is_alloc() && NAMES.iter().any(|name| section.name.starts_with(name))
}
