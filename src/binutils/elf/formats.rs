//! What GNU's tools call the object formats and processors, by ELF machine, class and byte order.

use object::elf::{self, Machine};

use super::{Elf, Layout};

/// BFD's name of a format, the name of the processor that `objdump -f` prints, the machine, 64-bit, big-endian.
const FORMATS: &[(&str, &str, Machine, bool, bool)] = &[
    ("elf64-x86-64", "i386:x86-64", elf::EM_X86_64, true, false),
    ("elf32-x86-64", "i386:x64-32", elf::EM_X86_64, false, false),
    ("elf32-i386", "i386", elf::EM_386, false, false),
    ("elf64-littleaarch64", "aarch64", elf::EM_AARCH64, true, false),
    ("elf64-bigaarch64", "aarch64", elf::EM_AARCH64, true, true),
    ("elf32-littlearm", "arm", elf::EM_ARM, false, false),
    ("elf32-bigarm", "arm", elf::EM_ARM, false, true),
    ("elf64-littleriscv", "riscv:rv64", elf::EM_RISCV, true, false),
    ("elf32-littleriscv", "riscv:rv32", elf::EM_RISCV, false, false),
    ("elf64-powerpcle", "powerpc:common64", elf::EM_PPC64, true, false),
    ("elf64-powerpc", "powerpc:common64", elf::EM_PPC64, true, true),
    ("elf32-powerpc", "powerpc:common", elf::EM_PPC, false, true),
    ("elf32-powerpcle", "powerpc:common", elf::EM_PPC, false, false),
    ("elf64-s390", "s390:64-bit", elf::EM_S390, true, true),
    ("elf64-loongarch", "Loongarch64", elf::EM_LOONGARCH, true, false),
    ("elf32-tradbigmips", "mips:isa32r2", elf::EM_MIPS, false, true),
    ("elf32-tradlittlemips", "mips:isa32r2", elf::EM_MIPS, false, false),
    ("elf64-tradbigmips", "mips:isa64r2", elf::EM_MIPS, true, true),
    ("elf64-tradlittlemips", "mips:isa64r2", elf::EM_MIPS, true, false),
];

/// BFD's name of a file's format.
pub(crate) fn name(elf: &Elf<'_>) -> &'static str {
    match row(elf) {
        Some(row) => row.0,
        None => match (elf.layout.wide, elf.layout.big) {
            (true, false) => "elf64-little",
            (true, true) => "elf64-big",
            (false, false) => "elf32-little",
            (false, true) => "elf32-big",
        },
    }
}

/// The processor as `objdump -f` names it.
pub(crate) fn architecture(elf: &Elf<'_>) -> String {
    let level = |value: u32| elf.header.flags & 0xf000_0000 == value;
    match elf.machine() {
        // `Tag_CPU_arch` of the build attributes (ABI for the Arm Architecture, "Addenda").
        elf::EM_ARM => arm_level(elf).unwrap_or("arm").to_owned(),
        elf::EM_MIPS => {
            let names = [(0x1000_0000, "mips:6000"), (0x2000_0000, "mips:4000"), (0x5000_0000, "mips:isa32")];
            let more = [
                (0x0000_0000, "mips:3000"),
                (0x6000_0000, "mips:isa64"),
                (0x7000_0000, "mips:isa32r2"),
                (0x8000_0000, "mips:isa64r2"),
                (0x9000_0000, "mips:isa32r6"),
                (0xa000_0000, "mips:isa64r6"),
            ];
            let found = names.iter().chain(&more).find(|(value, _)| level(*value));
            found.map_or("mips", |(_, name)| name).to_owned()
        }
        machine => match row(elf) {
            Some(row) => row.1.to_owned(),
            None => format!("UNKNOWN!, machine {}", machine.0),
        },
    }
}

/// Layout and machine of a format by BFD's name.
pub(crate) fn by_name(name: &str) -> Option<(Layout, Machine)> {
    let row = FORMATS.iter().find(|row| row.0 == name)?;
    Some((Layout { wide: row.3, big: row.4 }, row.2))
}

fn row(elf: &Elf<'_>) -> Option<&'static (&'static str, &'static str, Machine, bool, bool)> {
    FORMATS.iter().find(|row| (row.2, row.3, row.4) == (elf.machine(), elf.layout.wide, elf.layout.big))
}

/// What `Tag_CPU_arch` of Arm's build attributes numbers ("Addenda to, and Errata in, the ABI for the Arm Architecture"), in
/// GNU's words; 0 is all before version 4.
pub(crate) const ARM_LEVELS: &[&str] = &[
    "arm",
    "armv4",
    "armv4t",
    "armv5t",
    "armv5te",
    "armv5tej",
    "armv6",
    "armv6kz",
    "armv6t2",
    "armv6k",
    "armv7",
    "armv6-m",
    "armv6s-m",
    "armv7e-m",
    "armv8-a",
    "armv8-r",
    "armv8-m.base",
    "armv8-m.main",
    "armv8.1-a",
    "armv8.2-a",
    "armv8.3-a",
    "armv8.1-m.main",
    "armv9-a",
];

fn arm_level(elf: &Elf<'_>) -> Option<&'static str> {
    let section = elf.sections.iter().find(|section| section.kind == elf::SHT_ARM_ATTRIBUTES.0)?;
    let attributes = super::attributes::read(elf.layout, &section.data, "aeabi").ok()?;
    let level = attributes.iter().find(|attribute| attribute.tag == 6)?;
    ARM_LEVELS.get(usize::try_from(level.number?).ok()?).copied()
}
