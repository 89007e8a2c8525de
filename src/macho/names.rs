//! The numbers of Mach-O (`<mach-o/loader.h>`, `<mach-o/nlist.h>`, `<mach/machine.h>` as documented) and their names.

pub(crate) const CPU_X86_64: u32 = 0x0100_0007;
pub(crate) const CPU_ARM64: u32 = 0x0100_000c;

/// Processor, subtype without its feature bits, name, and what objects of it are aligned to in a universal file (a power of two).
const ARCHS: &[(u32, u32, &str, u32)] = &[
    (CPU_ARM64, 0, "arm64", 14),
    (CPU_ARM64, 1, "arm64v8", 14),
    (CPU_ARM64, 2, "arm64e", 14),
    (0x0200_000c, 1, "arm64_32", 14),
    (CPU_X86_64, 3, "x86_64", 12),
    (CPU_X86_64, 8, "x86_64h", 12),
    (7, 3, "i386", 12),
    (12, 5, "armv4t", 14),
    (12, 6, "armv6", 14),
    (12, 7, "armv5", 14),
    (12, 9, "armv7", 14),
    (12, 11, "armv7s", 14),
    (12, 12, "armv7k", 14),
    (12, 14, "armv6m", 14),
    (12, 15, "armv7m", 14),
    (12, 16, "armv7em", 14),
    (18, 0, "ppc", 12),
    (0x0100_0012, 0, "ppc64", 12),
];

/// The bits of a subtype that are flags (`CPU_SUBTYPE_MASK`): library format, pointer authentication's version.
pub(crate) const SUBTYPE_FLAGS: u32 = 0xff00_0000;

/// The name of an architecture as lipo has it.
pub(crate) fn arch(cpu: u32, subtype: u32) -> String {
    let found = ARCHS.iter().find(|row| (row.0, row.1) == (cpu, subtype & !SUBTYPE_FLAGS));
    found.map_or_else(|| format!("unknown({cpu},{})", subtype & !SUBTYPE_FLAGS), |row| row.2.to_owned())
}

/// Processor and subtype of a name.
pub(crate) fn arch_of_name(name: &str) -> Option<(u32, u32)> {
    ARCHS.iter().find(|row| row.2 == name).map(|row| (row.0, row.1))
}

/// The names that are known, for messages.
pub(crate) fn arch_names() -> impl Iterator<Item = &'static str> {
    ARCHS.iter().map(|row| row.2)
}

/// What a slice of the processor is aligned to, a power of two.
pub(crate) fn arch_align(cpu: u32, subtype: u32) -> u32 {
    let subtype = subtype & !SUBTYPE_FLAGS;
    let exact = ARCHS.iter().find(|row| (row.0, row.1) == (cpu, subtype));
    exact.or_else(|| ARCHS.iter().find(|row| row.0 == cpu)).map_or(12, |row| row.3)
}

pub(crate) const MH_OBJECT: u32 = 1;
pub(crate) const MH_EXECUTE: u32 = 2;
pub(crate) const MH_DYLIB: u32 = 6;
pub(crate) const MH_DYLINKER: u32 = 7;
pub(crate) const MH_BUNDLE: u32 = 8;
pub(crate) const MH_DSYM: u32 = 10;

pub(crate) const FILE_KINDS: &[(u32, &str)] = &[
    (MH_OBJECT, "OBJECT"),
    (MH_EXECUTE, "EXECUTE"),
    (3, "FVMLIB"),
    (4, "CORE"),
    (5, "PRELOAD"),
    (MH_DYLIB, "DYLIB"),
    (MH_DYLINKER, "DYLINKER"),
    (MH_BUNDLE, "BUNDLE"),
    (9, "DYLIB_STUB"),
    (MH_DSYM, "DSYM"),
    (11, "KEXTBUNDLE"),
    (12, "FILESET"),
];

/// `MH_NOUNDEFS` and so on, in the order in which otool shows them.
pub(crate) const HEADER_FLAGS: &[(u32, &str)] = &[
    (0x1, "NOUNDEFS"),
    (0x2, "INCRLINK"),
    (0x4, "DYLDLINK"),
    (0x8, "BINDATLOAD"),
    (0x10, "PREBOUND"),
    (0x20, "SPLIT_SEGS"),
    (0x40, "LAZY_INIT"),
    (0x80, "TWOLEVEL"),
    (0x100, "FORCE_FLAT"),
    (0x200, "NOMULTIDEFS"),
    (0x400, "NOFIXPREBINDING"),
    (0x800, "PREBINDABLE"),
    (0x1000, "ALLMODSBOUND"),
    (0x2000, "SUBSECTIONS_VIA_SYMBOLS"),
    (0x4000, "CANONICAL"),
    (0x8000, "WEAK_DEFINES"),
    (0x10000, "BINDS_TO_WEAK"),
    (0x20000, "ALLOW_STACK_EXECUTION"),
    (0x400000, "DEAD_STRIPPABLE_DYLIB"),
    (0x200000, "PIE"),
    (0x100000, "NO_REEXPORTED_DYLIBS"),
    (0x40000, "ROOT_SAFE"),
    (0x80000, "SETUID_SAFE"),
    (0x800000, "MH_HAS_TLV_DESCRIPTORS"),
    (0x1000000, "MH_NO_HEAP_EXECUTION"),
    (0x2000000, "APP_EXTENSION_SAFE"),
    (0x4000000, "NLIST_OUTOFSYNC_WITH_DYLDINFO"),
    (0x80000000, "DYLIB_IN_CACHE"),
];

/// Every load command with its number: the constants, and the names for people.
macro_rules! commands {
    ($($name:ident = $number:literal,)*) => {
        $(#[allow(dead_code, reason = "most commands are only named")] pub(crate) const $name: u32 = $number;)*
        const COMMANDS: &[(u32, &str)] = &[$(($number, stringify!($name)),)*];
    };
}

commands! {
    LC_SEGMENT = 0x1,
    LC_SYMTAB = 0x2,
    LC_SYMSEG = 0x3,
    LC_THREAD = 0x4,
    LC_UNIXTHREAD = 0x5,
    LC_DYSYMTAB = 0xb,
    LC_LOAD_DYLIB = 0xc,
    LC_ID_DYLIB = 0xd,
    LC_LOAD_DYLINKER = 0xe,
    LC_ID_DYLINKER = 0xf,
    LC_PREBOUND_DYLIB = 0x10,
    LC_ROUTINES = 0x11,
    LC_SUB_FRAMEWORK = 0x12,
    LC_SUB_UMBRELLA = 0x13,
    LC_SUB_CLIENT = 0x14,
    LC_SUB_LIBRARY = 0x15,
    LC_TWOLEVEL_HINTS = 0x16,
    LC_PREBIND_CKSUM = 0x17,
    LC_LOAD_WEAK_DYLIB = 0x8000_0018,
    LC_SEGMENT_64 = 0x19,
    LC_ROUTINES_64 = 0x1a,
    LC_UUID = 0x1b,
    LC_RPATH = 0x8000_001c,
    LC_CODE_SIGNATURE = 0x1d,
    LC_SEGMENT_SPLIT_INFO = 0x1e,
    LC_REEXPORT_DYLIB = 0x8000_001f,
    LC_LAZY_LOAD_DYLIB = 0x20,
    LC_ENCRYPTION_INFO = 0x21,
    LC_DYLD_INFO = 0x22,
    LC_DYLD_INFO_ONLY = 0x8000_0022,
    LC_LOAD_UPWARD_DYLIB = 0x8000_0023,
    LC_VERSION_MIN_MACOSX = 0x24,
    LC_VERSION_MIN_IPHONEOS = 0x25,
    LC_FUNCTION_STARTS = 0x26,
    LC_DYLD_ENVIRONMENT = 0x27,
    LC_MAIN = 0x8000_0028,
    LC_DATA_IN_CODE = 0x29,
    LC_SOURCE_VERSION = 0x2a,
    LC_DYLIB_CODE_SIGN_DRS = 0x2b,
    LC_ENCRYPTION_INFO_64 = 0x2c,
    LC_LINKER_OPTION = 0x2d,
    LC_LINKER_OPTIMIZATION_HINT = 0x2e,
    LC_VERSION_MIN_TVOS = 0x2f,
    LC_VERSION_MIN_WATCHOS = 0x30,
    LC_NOTE = 0x31,
    LC_BUILD_VERSION = 0x32,
    LC_DYLD_EXPORTS_TRIE = 0x8000_0033,
    LC_DYLD_CHAINED_FIXUPS = 0x8000_0034,
    LC_FILESET_ENTRY = 0x8000_0035,
    LC_ATOM_INFO = 0x36,
    LC_FUNCTION_VARIANTS = 0x37,
    LC_FUNCTION_VARIANT_FIXUPS = 0x38,
    LC_TARGET_TRIPLE = 0x39,
}

/// `LC_SEGMENT_64`, or the number of an unknown command.
pub(crate) fn command_name(kind: u32) -> String {
    let found = COMMANDS.iter().find(|row| row.0 == kind);
    found.map_or_else(|| format!("{kind:#x}"), |row| row.1.to_owned())
}

pub(crate) fn is_known(kind: u32) -> bool {
    COMMANDS.iter().any(|row| row.0 == kind)
}

/// The commands that load a library, which ordinals count.
pub(crate) const LOADS: &[u32] =
    &[LC_LOAD_DYLIB, LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB, LC_LOAD_UPWARD_DYLIB, LC_LAZY_LOAD_DYLIB];

/// The commands that are an offset and a size (`linkedit_data_command`).
pub(crate) const PIECES: &[u32] = &[
    LC_CODE_SIGNATURE,
    LC_SEGMENT_SPLIT_INFO,
    LC_FUNCTION_STARTS,
    LC_DATA_IN_CODE,
    LC_DYLIB_CODE_SIGN_DRS,
    LC_LINKER_OPTIMIZATION_HINT,
    LC_DYLD_EXPORTS_TRIE,
    LC_DYLD_CHAINED_FIXUPS,
    LC_ATOM_INFO,
    LC_FUNCTION_VARIANTS,
    LC_FUNCTION_VARIANT_FIXUPS,
];

/// The commands before `LC_BUILD_VERSION`, and their platform.
pub(crate) const VERSION_MINS: &[(u32, u32)] =
    &[(LC_VERSION_MIN_MACOSX, 1), (LC_VERSION_MIN_IPHONEOS, 2), (LC_VERSION_MIN_TVOS, 3), (LC_VERSION_MIN_WATCHOS, 4)];

pub(crate) const PLATFORM_MACOS: u32 = 1;

/// `PLATFORM_MACOS` and so on.
pub(crate) const PLATFORMS: &[(u32, &str)] = &[
    (1, "MACOS"),
    (2, "IOS"),
    (3, "TVOS"),
    (4, "WATCHOS"),
    (5, "BRIDGEOS"),
    (6, "MACCATALYST"),
    (7, "IOSSIMULATOR"),
    (8, "TVOSSIMULATOR"),
    (9, "WATCHOSSIMULATOR"),
    (10, "DRIVERKIT"),
    (11, "VISIONOS"),
    (12, "VISIONOSSIMULATOR"),
];

pub(crate) const BUILD_TOOLS: &[(u32, &str)] = &[(1, "CLANG"), (2, "SWIFT"), (3, "LD"), (4, "LLD")];

pub(crate) const SECTION_TYPE: u32 = 0xff;
pub(crate) const S_ZEROFILL: u32 = 0x1;
pub(crate) const S_NON_LAZY_SYMBOL_POINTERS: u32 = 0x6;
pub(crate) const S_LAZY_SYMBOL_POINTERS: u32 = 0x7;
pub(crate) const S_SYMBOL_STUBS: u32 = 0x8;
pub(crate) const S_GB_ZEROFILL: u32 = 0xc;
pub(crate) const S_THREAD_LOCAL_ZEROFILL: u32 = 0x12;
pub(crate) const S_THREAD_LOCAL_VARIABLE_POINTERS: u32 = 0x14;

/// Bits of a symbol's type.
pub(crate) const N_STAB: u8 = 0xe0;
pub(crate) const N_PEXT: u8 = 0x10;
pub(crate) const N_TYPE: u8 = 0x0e;
pub(crate) const N_EXT: u8 = 0x01;
/// Values under [`N_TYPE`].
pub(crate) const N_UNDF: u8 = 0x0;
pub(crate) const N_ABS: u8 = 0x2;
pub(crate) const N_INDR: u8 = 0xa;
pub(crate) const N_SECT: u8 = 0xe;
/// Bits of a symbol's description.
pub(crate) const N_REFERENCED_DYNAMICALLY: u16 = 0x10;
pub(crate) const N_NO_DEAD_STRIP: u16 = 0x20;
pub(crate) const N_WEAK_REF: u16 = 0x40;
pub(crate) const N_WEAK_DEF: u16 = 0x80;

/// In the indirect table: a symbol that is gone, and an absolute one.
pub(crate) const INDIRECT_LOCAL: u32 = 0x8000_0000;
pub(crate) const INDIRECT_ABS: u32 = 0x4000_0000;

/// A version packed as `xxxx.yy.zz`: `10.15`, `13.0.1`.
pub(crate) fn version(packed: u32) -> String {
    let (major, minor, patch) = (packed >> 16, packed >> 8 & 0xff, packed & 0xff);
    if patch == 0 { format!("{major}.{minor}") } else { format!("{major}.{minor}.{patch}") }
}

/// The other way round.
pub(crate) fn parse_version(text: &str) -> Option<u32> {
    let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
    let (major, minor, patch) = (parts.next()??, parts.next().unwrap_or(Some(0))?, parts.next().unwrap_or(Some(0))?);
    let fits = major <= 0xffff && minor <= 0xff && patch <= 0xff && parts.next().is_none();
    fits.then_some(major << 16 | minor << 8 | patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_has_two_names() {
        for (rank, row) in COMMANDS.iter().enumerate() {
            assert!(COMMANDS[..rank].iter().all(|other| other.0 != row.0 && other.1 != row.1), "{}", row.1);
        }
        for (cpu, subtype, name, _) in ARCHS {
            assert_eq!(arch(*cpu, *subtype), *name);
        }
    }

    #[test]
    fn versions_are_packed_as_written() {
        for (text, packed) in [("10.15", 0xa0f00), ("13.0.1", 0xd0001), ("11.0", 0xb0000)] {
            assert_eq!((version(packed), parse_version(text)), (text.to_owned(), Some(packed)));
        }
        assert_eq!(parse_version("11"), Some(0xb0000));
        for bad in ["", "11.x", "1.2.3.4", "70000", "1.300"] {
            assert_eq!(parse_version(bad), None, "{bad}");
        }
    }
}
