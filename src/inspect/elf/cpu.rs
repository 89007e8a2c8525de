//! What an ELF file says of the processor: the header's flags, the notes of properties, the build attributes.
//!
//! What it does not record is not guessed from the code.

use object::elf;

use super::super::report::Cpu;
use crate::binutils::elf::Elf;
use crate::binutils::elf::attributes::{self, Attribute};
use crate::binutils::elf::formats::ARM_LEVELS;
use crate::binutils::elf::tables::Note;

/// `GNU_PROPERTY_X86_ISA_1_NEEDED`, and its bits from the highest level down ("x86-64 psABI", "Program Property").
const ISA_NEEDED: u32 = 0xc000_8002;
const X86_LEVELS: &[(u32, &str)] = &[(8, "x86-64-v4"), (4, "x86-64-v3"), (2, "x86-64-v2"), (1, "x86-64")];

/// `GNU_PROPERTY_X86_FEATURE_1_AND` and `GNU_PROPERTY_AARCH64_FEATURE_1_AND`.
const X86_FEATURES: u32 = 0xc000_0002;
const X86_CONTROL: &[(u32, &str)] = &[(1, "IBT"), (2, "SHSTK")];
const AARCH64_FEATURES: u32 = 0xc000_0000;
const AARCH64_CONTROL: &[(u32, &str)] = &[(1, "BTI"), (2, "PAC"), (4, "GCS")];

/// `Tag_CPU_arch` of Arm's build attributes, and two more.
const ARM_CPU_ARCH: u64 = 6;
const ARM_FP_ARCH: u64 = 10;
const ARM_SIMD_ARCH: u64 = 12;
const ARM_FP: &[&str] = &["", "vfpv1", "vfpv2", "vfpv3", "vfpv3-d16", "vfpv4", "vfpv4-d16", "fp-armv8", "fp-armv8-d16"];
const ARM_SIMD: &[&str] = &["", "neon", "neon-fma", "neon-armv8", "neon-armv8.1"];
/// `Tag_RISCV_arch`.
const RISCV_ARCH: u64 = 5;

/// `EF_MIPS_ARCH`, from 0 on in steps of the highest four bits.
const MIPS_ARCHES: &[&str] =
    &["mips1", "mips2", "mips3", "mips4", "mips5", "mips32", "mips64", "mips32r2", "mips64r2", "mips32r6", "mips64r6"];

/// The calling convention that the header's flags record.
pub(super) fn abi(elf: &Elf<'_>) -> Option<String> {
    let flags = elf.header.flags;
    match elf.machine() {
        elf::EM_X86_64 if !elf.layout.wide => Some("x32".into()),
        elf::EM_ARM => {
            let version = flags >> 24;
            let float = match (flags & elf::EF_ARM_ABI_FLOAT_HARD, flags & elf::EF_ARM_ABI_FLOAT_SOFT) {
                (0, 0) => "",
                (0, _) => " soft-float",
                _ => " hard-float",
            };
            (version != 0).then(|| format!("eabi{version}{float}"))
        }
        elf::EM_RISCV => {
            let float = ["", "f", "d", "q"][(flags >> 1 & 3) as usize];
            let base = if elf.layout.wide { "lp64" } else { "ilp32" };
            Some(format!("{base}{}", if flags & 8 != 0 { "e" } else { float }))
        }
        elf::EM_PPC64 => match flags & 3 {
            0 => None,
            version => Some(format!("elfv{version}")),
        },
        elf::EM_MIPS => Some(match (elf.layout.wide, flags & 0xf000, flags & 0x20 != 0) {
            (true, ..) => "n64".into(),
            (false, _, true) => "n32".into(),
            (false, 0x1000, _) => "o32".into(),
            (false, other, _) => return Some(format!("ABI {other:#x}")),
        }),
        elf::EM_LOONGARCH => {
            let float = ["", "s", "f", "d"][(flags & 3) as usize];
            Some(format!("{}{float}", if elf.layout.wide { "lp64" } else { "ilp32" }))
        }
        _ => None,
    }
}

/// The words of a `NT_GNU_PROPERTY_TYPE_0` note of that kind.
fn property(elf: &Elf<'_>, notes: &[Note<'_>], wanted: u32) -> Option<u32> {
    let layout = elf.layout;
    for note in notes.iter().filter(|note| note.owner == "GNU" && note.kind == 5) {
        let (data, mut at) = (note.description, 0usize);
        while let (Some(kind), Some(size)) = (layout.u32(data, at), layout.u32(data, at.saturating_add(4))) {
            if kind == wanted {
                return layout.u32(data, at.saturating_add(8));
            }
            at = at.saturating_add(8).saturating_add(size as usize);
            at = at.checked_next_multiple_of(layout.word_size())?;
        }
    }
    None
}

/// The protections of jumps and returns that all of the code was compiled with.
pub(super) fn control_flow(elf: &Elf<'_>, notes: &[Note<'_>]) -> Vec<&'static str> {
    let (kind, table) = match elf.machine() {
        elf::EM_X86_64 | elf::EM_386 => (X86_FEATURES, X86_CONTROL),
        elf::EM_AARCH64 => (AARCH64_FEATURES, AARCH64_CONTROL),
        _ => return Vec::new(),
    };
    let bits = property(elf, notes, kind).unwrap_or(0);
    table.iter().filter(|row| bits & row.0 != 0).map(|row| row.1).collect()
}

pub(super) fn read(elf: &Elf<'_>, notes: &[Note<'_>]) -> Option<Cpu> {
    match elf.machine() {
        elf::EM_X86_64 | elf::EM_386 => {
            let bits = property(elf, notes, ISA_NEEDED)?;
            let level = X86_LEVELS.iter().find(|row| bits & row.0 != 0)?.1;
            Some(Cpu { baseline: Some(level.into()), features: Vec::new(), source: "GNU property note" })
        }
        elf::EM_ARM => arm(&section_attributes(elf, elf::SHT_ARM_ATTRIBUTES.0, "aeabi")),
        elf::EM_RISCV => riscv(&section_attributes(elf, elf::SHT_RISCV_ATTRIBUTES.0, "riscv")),
        elf::EM_MIPS => {
            let baseline = MIPS_ARCHES.get((elf.header.flags >> 28) as usize)?;
            Some(Cpu { baseline: Some((*baseline).into()), features: Vec::new(), source: "ELF header" })
        }
        _ => None,
    }
}

fn section_attributes(elf: &Elf<'_>, kind: u32, vendor: &str) -> Vec<Attribute> {
    let section = elf.sections.iter().find(|section| section.kind == kind);
    // Attributes that cannot be read record nothing.
    section.and_then(|section| attributes::read(elf.layout, &section.data, vendor).ok()).unwrap_or_default()
}

fn arm(attributes: &[Attribute]) -> Option<Cpu> {
    let number = |tag| attributes.iter().find(|attribute| attribute.tag == tag).and_then(|attribute| attribute.number);
    let word = |table: &[&'static str], tag| {
        let at = usize::try_from(number(tag).unwrap_or(0)).ok()?;
        table.get(at).copied().filter(|word| !word.is_empty())
    };
    let baseline = word(ARM_LEVELS, ARM_CPU_ARCH)?;
    let features = [word(ARM_FP, ARM_FP_ARCH), word(ARM_SIMD, ARM_SIMD_ARCH)];
    Some(Cpu {
        baseline: Some(baseline.into()),
        features: features.into_iter().flatten().map(str::to_owned).collect(),
        source: "Arm build attributes",
    })
}

fn riscv(attributes: &[Attribute]) -> Option<Cpu> {
    let text = attributes.iter().find(|attribute| attribute.tag == RISCV_ARCH)?.text.as_deref()?;
    let (baseline, features) = riscv_extensions(text);
    Some(Cpu { baseline: Some(baseline), features, source: "RISC-V build attributes" })
}

/// `rv64i2p1_m2p0_a2p1_zicsr2p0` into `rv64ima` and the extensions with longer names.
fn riscv_extensions(text: &str) -> (String, Vec<String>) {
    let mut words = text.split('_').map(|word| {
        // Each extension ends in its version, NpM.
        let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
        match name.strip_suffix('p') {
            Some(rest) if name.len() < word.len() => rest.trim_end_matches(|c: char| c.is_ascii_digit()),
            _ => word,
        }
    });
    let mut baseline = words.next().unwrap_or_default().to_owned();
    let mut features = Vec::new();
    for word in words {
        match word.len() {
            1 => baseline.push_str(word),
            _ => features.push(word.to_owned()),
        }
    }
    (baseline, features)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_of_riscv_lose_their_versions() {
        let (baseline, features) = riscv_extensions("rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_zicsr2p0_zve32x1p0");
        assert_eq!(baseline, "rv64imafdc");
        assert_eq!(features, ["zicsr", "zve32x"]);
        assert_eq!(riscv_extensions(""), (String::new(), vec![]));
    }
}
