//! readelf's `-n` and `-A`.

use std::fmt::Write as _;

use object::elf;

use crate::binutils::elf::attributes::{self, Attribute};
use crate::binutils::elf::tables::{self, Note};
use crate::binutils::elf::{Elf, Result as ElfResult};

pub(super) fn notes(text: &mut String, elf: &Elf<'_>) -> ElfResult<()> {
    let mut sections = elf.sections.iter().filter(|section| section.kind == elf::SHT_NOTE.0).peekable();
    if sections.peek().is_some() || elf.sections.len() > 1 {
        for section in sections.filter(|section| !section.data.is_empty()) {
            let _ = writeln!(text, "\nDisplaying notes found in: {}", section.text());
            list(text, elf, &section.data, section.align)?;
        }
        return Ok(());
    }
    for segment in elf.segments.iter().filter(|segment| segment.kind == elf::PT_NOTE.0) {
        let (offset, size) = (segment.offset, segment.file_size);
        let range = offset as usize..(offset + size) as usize;
        let _ = writeln!(text, "\nDisplaying notes found at file offset 0x{offset:08x} with length 0x{size:08x}:");
        list(text, elf, elf.data.get(range).unwrap_or(&[]), segment.align)?;
    }
    Ok(())
}

fn list(text: &mut String, elf: &Elf<'_>, data: &[u8], align: u64) -> ElfResult<()> {
    text.push_str("  Owner                Data size \tDescription\n");
    for note in tables::notes(elf.layout, data, align)? {
        let size = note.description.len();
        let _ = writeln!(text, "  {:<20} 0x{size:08x}\t{}", note.owner, kind(elf, &note));
        describe(text, elf, &note);
    }
    Ok(())
}

fn kind(elf: &Elf<'_>, note: &Note<'_>) -> String {
    match (&*note.owner, note.kind) {
        ("GNU", 1) => "NT_GNU_ABI_TAG (ABI version tag)".into(),
        ("GNU", 2) => "NT_GNU_HWCAP (DSO-supplied software HWCAP info)".into(),
        ("GNU", 3) => "NT_GNU_BUILD_ID (unique build ID bitstring)".into(),
        ("GNU", 4) => "NT_GNU_GOLD_VERSION (gold version)".into(),
        ("GNU", 5) => "NT_GNU_PROPERTY_TYPE_0".into(),
        ("stapsdt", 3) => "NT_STAPSDT (SystemTap probe descriptors)".into(),
        ("Go", 4) => "GO BUILDID".into(),
        _ if elf.header.kind != elf::ET_CORE.0 && note.kind == 1 => "NT_VERSION (version)".into(),
        _ if elf.header.kind != elf::ET_CORE.0 && note.kind == 2 => "NT_ARCH (architecture)".into(),
        _ => format!("Unknown note type: (0x{:08x})", note.kind),
    }
}

fn describe(text: &mut String, elf: &Elf<'_>, note: &Note<'_>) {
    let word = |at: usize| elf.layout.u32(note.description, at);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    match (&*note.owner, note.kind) {
        ("GNU", 1) => {
            let systems = ["Linux", "Hurd", "Solaris", "FreeBSD", "NetBSD", "Syllable", "NaCl"];
            if let (Some(system), Some(a), Some(b), Some(c)) = (word(0), word(4), word(8), word(12)) {
                let system = systems.get(system as usize).copied().unwrap_or("Unknown");
                let _ = writeln!(text, "    OS: {system}, ABI: {a}.{b}.{c}");
            }
        }
        ("GNU", 3) => {
            let _ = writeln!(text, "    Build ID: {}", hex(note.description));
        }
        ("GNU", 4) => {
            let _ = writeln!(text, "    Version: {}", String::from_utf8_lossy(note.description).trim_end_matches('\0'));
        }
        ("GNU", 5) => properties(text, elf, note.description),
        ("stapsdt", 3) => probe(text, elf, note.description),
        _ if !note.description.is_empty() => {
            let bytes: String = note.description.iter().map(|byte| format!("{byte:02x} ")).collect();
            let _ = writeln!(text, "   description data: {bytes}");
        }
        _ => {}
    }
}

/// A probe of SystemTap: three addresses and three strings.
fn probe(text: &mut String, elf: &Elf<'_>, data: &[u8]) {
    let (size, digits) = (elf.layout.word_size(), elf.layout.digits());
    let word = |n: usize| elf.layout.word(data, n * size).unwrap_or(0);
    let rest = data.get(3 * size..).unwrap_or(&[]);
    let mut strings = rest.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let mut next = || strings.next().unwrap_or_default();
    let _ = writeln!(text, "    Provider: {}\n    Name: {}", next(), next());
    let (location, base, semaphore) = (word(0), word(1), word(2));
    let _ = writeln!(
        text,
        "    Location: 0x{location:0digits$x}, Base: 0x{base:0digits$x}, Semaphore: 0x{semaphore:0digits$x}\n    Arguments: {}",
        next()
    );
}

/// `NT_GNU_PROPERTY_TYPE_0`: type, size and value, padded to a word.
fn properties(text: &mut String, elf: &Elf<'_>, data: &[u8]) {
    const AARCH64: &[(u32, &str)] = &[(1, "BTI"), (2, "PAC"), (4, "GCS")];
    const X86: &[(u32, &str)] = &[(1, "IBT"), (2, "SHSTK"), (4, "LAM_U48"), (8, "LAM_U57")];
    const ISA: &[(u32, &str)] = &[(1, "x86-64-baseline"), (2, "x86-64-v2"), (4, "x86-64-v3"), (8, "x86-64-v4")];
    let layout = elf.layout;
    let mut shown = Vec::new();
    let mut at = 0usize;
    while let (Some(kind), Some(size)) = (layout.u32(data, at), layout.u32(data, at.saturating_add(4))) {
        let bits = layout.u32(data, at + 8).unwrap_or(0);
        let words = |table: &[(u32, &str)]| {
            let set: Vec<&str> = table.iter().filter(|(bit, _)| bits & bit != 0).map(|row| row.1).collect();
            if bits == 0 { "<None>".to_owned() } else { set.join(", ") }
        };
        let x86 = [elf::EM_X86_64, elf::EM_386].contains(&elf.machine());
        shown.push(match kind {
            0xc000_0000 if elf.machine() == elf::EM_AARCH64 => format!("AArch64 feature: {}", words(AARCH64)),
            0xc000_0002 if x86 => format!("x86 feature: {}", words(X86)),
            0xc000_8002 if x86 => format!("x86 ISA needed: {}", words(ISA)),
            0xc001_0002 if x86 => format!("x86 ISA used: {}", words(ISA)),
            0xc001_0001 if x86 => format!("x86 feature used: 0x{bits:x}"),
            _ => format!("<type 0x{kind:x} data: {bits:x}>"),
        });
        at = (at + 8).saturating_add(size as usize).next_multiple_of(layout.word_size());
    }
    let _ = writeln!(text, "      Properties: {}", shown.join("\n\t"));
}

/// Numbered values of an attribute, from 0 on.
type Names = &'static [&'static str];

/// Tags of "Addenda to, and Errata in, the ABI for the Arm Architecture" with the values that GNU's readelf words.
const ARM: &[(u64, &str, Names)] = &[
    (4, "CPU_raw_name", &[]),
    (5, "CPU_name", &[]),
    (
        6,
        "CPU_arch",
        &[
            "Pre-v4",
            "v4",
            "v4T",
            "v5T",
            "v5TE",
            "v5TEJ",
            "v6",
            "v6KZ",
            "v6T2",
            "v6K",
            "v7",
            "v6-M",
            "v6S-M",
            "v7E-M",
            "v8",
            "v8-R",
            "v8-M.baseline",
            "v8-M.mainline",
            "v8.1-A",
            "v8.2-A",
            "v8.3-A",
            "v8.1-M.mainline",
            "v9",
        ],
    ),
    (7, "CPU_arch_profile", &[]),
    (8, "ARM_ISA_use", &["No", "Yes"]),
    (9, "THUMB_ISA_use", &["No", "Thumb-1", "Thumb-2", "Yes"]),
    (
        10,
        "FP_arch",
        &["No", "VFPv1", "VFPv2", "VFPv3", "VFPv3-D16", "VFPv4", "VFPv4-D16", "FP for ARMv8", "FPv5/FP-D16 for ARMv8"],
    ),
    (11, "WMMX_arch", &["No", "WMMXv1", "WMMXv2"]),
    (12, "Advanced_SIMD_arch", &["No", "NEONv1", "NEONv1 with Fused-MAC", "NEON for ARMv8", "NEON for ARMv8.1"]),
    (
        13,
        "PCS_config",
        &[
            "None",
            "Bare platform",
            "Linux application",
            "Linux DSO",
            "PalmOS 2004",
            "PalmOS (reserved)",
            "SymbianOS 2004",
            "SymbianOS (reserved)",
        ],
    ),
    (14, "ABI_PCS_R9_use", &["V6", "SB", "TLS", "Unused"]),
    (15, "ABI_PCS_RW_data", &["Absolute", "PC-relative", "SB-relative", "None"]),
    (16, "ABI_PCS_RO_data", &["Absolute", "PC-relative", "None"]),
    (17, "ABI_PCS_GOT_use", &["None", "direct", "GOT-indirect"]),
    (18, "ABI_PCS_wchar_t", &["None", "??? 1", "2", "??? 3", "4"]),
    (19, "ABI_FP_rounding", &["Unused", "Needed"]),
    (20, "ABI_FP_denormal", &["Unused", "Needed", "Sign only"]),
    (21, "ABI_FP_exceptions", &["Unused", "Needed"]),
    (22, "ABI_FP_user_exceptions", &["Unused", "Needed"]),
    (23, "ABI_FP_number_model", &["Unused", "Finite", "RTABI", "IEEE 754"]),
    (24, "ABI_align_needed", &["None", "8-byte", "4-byte", "??? 3"]),
    (25, "ABI_align_preserved", &["None", "8-byte, except leaf SP", "8-byte", "??? 3"]),
    (26, "ABI_enum_size", &["Unused", "small", "int", "forced to int"]),
    (27, "ABI_HardFP_use", &["As Tag_FP_arch", "SP only", "Reserved", "Deprecated"]),
    (28, "ABI_VFP_args", &["AAPCS", "VFP registers", "custom", "compatible"]),
    (29, "ABI_WMMX_args", &["AAPCS", "WMMX registers", "custom"]),
    (
        30,
        "ABI_optimization_goals",
        &[
            "None",
            "Prefer Speed",
            "Aggressive Speed",
            "Prefer Size",
            "Aggressive Size",
            "Prefer Debug",
            "Aggressive Debug",
        ],
    ),
    (
        31,
        "ABI_FP_optimization_goals",
        &[
            "None",
            "Prefer Speed",
            "Aggressive Speed",
            "Prefer Size",
            "Aggressive Size",
            "Prefer Accuracy",
            "Aggressive Accuracy",
        ],
    ),
    (34, "CPU_unaligned_access", &["None", "v6"]),
    (36, "FP_HP_extension", &["Not Allowed", "Allowed"]),
    (38, "ABI_FP_16bit_format", &["None", "IEEE 754", "Alternative Format"]),
    (42, "MPextension_use", &["Not Allowed", "Allowed"]),
    (
        44,
        "DIV_use",
        &["Allowed in Thumb-ISA, v7-R or v7-M", "Not allowed", "Allowed in v7-A with integer division extension"],
    ),
    (46, "DSP_extension", &["Follow architecture", "Allowed"]),
    (66, "T2EE_use", &["Not Allowed", "Allowed"]),
    (67, "conformance", &[]),
    (
        68,
        "Virtualization_use",
        &["Not Allowed", "TrustZone", "Virtualization Extensions", "TrustZone and Virtualization Extensions"],
    ),
];

const RISCV: &[(u64, &str, Names)] = &[
    (4, "stack_align", &[]),
    (5, "arch", &[]),
    (6, "unaligned_access", &["No unaligned access", "Unaligned access"]),
    (8, "priv_spec", &[]),
    (10, "priv_spec_minor", &[]),
    (12, "priv_spec_revision", &[]),
];

/// # Errors
/// Flags that are not decoded, where they were `asked` for by name.
pub(super) fn attributes(text: &mut String, elf: &Elf<'_>, asked: bool) -> ElfResult<()> {
    let (kind, vendor, rows) = match elf.machine() {
        elf::EM_ARM => (elf::SHT_ARM_ATTRIBUTES, "aeabi", ARM),
        elf::EM_RISCV => (elf::SHT_RISCV_ATTRIBUTES, "riscv", RISCV),
        elf::EM_MIPS if asked && elf.sections.iter().any(|section| *section.name == *b".MIPS.abiflags") => {
            return Err(
                "the ABI flags of MIPS are not decoded; XCC_BINUTILS=llvm has a system llvm-readelf do it".into()
            );
        }
        _ => return Ok(()),
    };
    let Some((_, section)) = elf.by_kind(kind) else { return Ok(()) };
    let _ = writeln!(text, "Attribute Section: {vendor}\nFile Attributes");
    for attribute in attributes::read(elf.layout, &section.data, vendor)? {
        let row = rows.iter().find(|row| row.0 == attribute.tag);
        let name = row.map_or_else(|| format!("unknown_{}", attribute.tag), |row| row.1.to_owned());
        let _ = writeln!(text, "  Tag_{name}: {}", value(&attribute, row.map_or(&[], |row| row.2)));
    }
    Ok(())
}

fn value(attribute: &Attribute, names: Names) -> String {
    if let Some(text) = &attribute.text {
        return format!("\"{text}\"");
    }
    let number = attribute.number.unwrap_or(0);
    match attribute.tag {
        7 if names.is_empty() => match u8::try_from(number).unwrap_or(0) {
            b'A' => "Application".into(),
            b'R' => "Realtime".into(),
            b'M' => "Microcontroller".into(),
            b'S' => "Application or Realtime".into(),
            0 => "None".into(),
            _ => format!("??? ({number})"),
        },
        4 if names.is_empty() => format!("{number}-bytes"),
        _ => match usize::try_from(number).ok().and_then(|number| names.get(number)) {
            Some(name) => (*name).to_owned(),
            None if names.is_empty() => number.to_string(),
            None => format!("??? ({number})"),
        },
    }
}
