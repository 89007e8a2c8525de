//! Mach-O: what the load commands, the symbol table and the signature say.

mod trie;

use object::macho::{self, CpuSubtype, CpuType, MachHeader32, MachHeader64};
use object::read::macho::{CodeSignature, LoadCommandVariant as Command, MachHeader, Nlist, Section, Segment};
use object::{BigEndian, Endianness};

use super::read::{Broken, Found, Parts, Result};
use super::report::{Cpu, Hardening, Image, Libc, Os, Signature};
use crate::macho::check;

/// `LC_BUILD_VERSION`'s platforms.
const PLATFORMS: &[(macho::Platform, &str)] = &[
    (macho::PLATFORM_MACOS, "macos"),
    (macho::PLATFORM_IOS, "ios"),
    (macho::PLATFORM_TVOS, "tvos"),
    (macho::PLATFORM_WATCHOS, "watchos"),
    (macho::PLATFORM_BRIDGEOS, "bridgeos"),
    (macho::PLATFORM_MACCATALYST, "maccatalyst"),
    (macho::PLATFORM_IOSSIMULATOR, "ios-simulator"),
    (macho::PLATFORM_TVOSSIMULATOR, "tvos-simulator"),
    (macho::PLATFORM_WATCHOSSIMULATOR, "watchos-simulator"),
    (macho::PLATFORM_DRIVERKIT, "driverkit"),
    (macho::PLATFORM_VISIONOS, "visionos"),
    (macho::PLATFORM_VISIONOSSIMULATOR, "visionos-simulator"),
];

/// Processors: type, bits of the subtype, name in xcc's targets, and the baseline that the subtype says.
const CPUS: &[(CpuType, u32, &str, &str)] = &[
    (macho::CPU_TYPE_X86_64, 8, "x86_64", "x86-64-v3"),
    (macho::CPU_TYPE_X86_64, 3, "x86_64", ""),
    (macho::CPU_TYPE_ARM64, 2, "arm64e", "armv8.3"),
    (macho::CPU_TYPE_ARM64, 0, "aarch64", ""),
    (macho::CPU_TYPE_ARM64_32, 1, "arm64_32", ""),
    (macho::CPU_TYPE_X86, 3, "x86", ""),
    (macho::CPU_TYPE_ARM, 6, "arm", "armv6"),
    (macho::CPU_TYPE_ARM, 9, "arm", "armv7"),
    (macho::CPU_TYPE_ARM, 11, "arm", "armv7s"),
    (macho::CPU_TYPE_ARM, 12, "arm", "armv7k"),
    (macho::CPU_TYPE_POWERPC, 0, "powerpc", ""),
    (macho::CPU_TYPE_POWERPC64, 0, "powerpc64", ""),
];

const KINDS: &[(macho::FileType, &str)] = &[
    (macho::MH_OBJECT, "object"),
    (macho::MH_EXECUTE, "executable"),
    (macho::MH_CORE, "core"),
    (macho::MH_PRELOAD, "executable"),
    (macho::MH_DYLIB, "shared library"),
    (macho::MH_DYLINKER, "dynamic linker"),
    (macho::MH_BUNDLE, "bundle"),
    (macho::MH_DYLIB_STUB, "shared library"),
    (macho::MH_DSYM, "debug information"),
    (macho::MH_KEXT_BUNDLE, "kernel module"),
];

/// `CS_*` flags of a code directory that change what the system allows.
const SIGNATURE_FLAGS: &[(u32, &str)] =
    &[(0x2000, "library-validation"), (0x1_0000, "runtime"), (0x2_0000, "linker-signed")];
const ADHOC: u32 = 2;

/// Name and baseline of a processor; used for the slices of fat files too.
pub(super) fn cpu(kind: CpuType, subtype: CpuSubtype) -> (String, &'static str) {
    // The high byte holds flags.
    let number = subtype.0 & 0x00ff_ffff;
    let same = |row: &&(CpuType, u32, &str, &str)| row.0 == kind;
    match CPUS.iter().find(|row| row.0 == kind && row.1 == number).or_else(|| CPUS.iter().rfind(same)) {
        Some(row) => (row.2.to_owned(), if row.1 == number { row.3 } else { "" }),
        None => (format!("cpu {:#x}", kind.0), ""),
    }
}

/// # Errors
/// What is wrong with the file.
pub(super) fn read<'d>(data: &'d [u8], wide: bool, image: &mut Image) -> Result<Parts<'d>> {
    match wide {
        true => of::<MachHeader64<Endianness>>(data, image),
        false => of::<MachHeader32<Endianness>>(data, image),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `X.Y` of `xxxx.yy.zz`, with the third number where it is not zero.
fn version(number: macho::Version) -> String {
    let (major, minor, patch) = (number.0 >> 16, number.0 >> 8 & 0xff, number.0 & 0xff);
    if patch == 0 { format!("{major}.{minor}") } else { format!("{major}.{minor}.{patch}") }
}

fn of<'d, Mach: MachHeader<Endian = Endianness>>(data: &'d [u8], image: &mut Image) -> Result<Parts<'d>> {
    let header = Mach::parse(data, 0)?;
    let e = header.endian()?;
    let flags = header.flags(e);
    let (arch, baseline) = cpu(header.cputype(e), header.cpusubtype(e));
    image.format = "mach-o";
    image.bits = Some(if header.is_type_64() { 64 } else { 32 });
    image.endian = Some(if header.is_big_endian() { "big" } else { "little" });
    image.arch = Some(arch);
    image.kind = KINDS.iter().find(|row| row.0 == header.filetype(e)).map_or("file of an unknown type", |row| row.1);
    if !baseline.is_empty() {
        image.cpu = Some(Cpu { baseline: Some(baseline.into()), features: Vec::new(), source: "CPU subtype" });
    }
    let (mut sections, mut names) = (Vec::new(), Vec::new());
    let mut exports = None;
    let mut commands = header.load_commands(e, data, 0)?;
    while let Some(command) = commands.next()? {
        if let Some((segment, list)) = Mach::Segment::from_command(command)? {
            let (start, size) = segment.file_range(e);
            let inside = start.checked_add(size).is_some_and(|end| end <= data.len() as u64);
            if !inside {
                return Err("file truncated: a segment ends past the end of the file".into());
            }
            for section in segment.sections(e, list)? {
                sections.extend(found(e, data, section));
            }
            // Of 64 bits the check below says it.
            if segment.initprot(e).0 & 6 == 6 && image.kind != "object" && !crate::macho::is_thin(data) {
                image.findings.push(format!("segment {} is writable and executable at once", text(segment.name())));
            }
            continue;
        }
        match command.variant()? {
            Command::Dylib(dylib) => {
                let name = text(command.string(e, dylib.dylib.name)?);
                match command.cmd() {
                    macho::LC_LOAD_WEAK_DYLIB | macho::LC_LAZY_LOAD_DYLIB => image.optional.push(name),
                    _ => image.needed.push(name),
                }
            }
            Command::IdDylib(dylib) => image.name = Some(text(command.string(e, dylib.dylib.name)?)),
            Command::LoadDylinker(linker) => image.interpreter = Some(text(command.string(e, linker.name)?)),
            Command::Rpath(rpath) => image.rpath.push(text(command.string(e, rpath.path)?)),
            Command::Uuid(uuid) => image.build_id = Some(crate::digest::hex(&uuid.uuid)),
            Command::BuildVersion(build, _) => {
                let platform = build.platform.get(e);
                let name = PLATFORMS
                    .iter()
                    .find(|row| row.0 == platform)
                    .map_or_else(|| format!("platform {}", platform.0), |row| row.1.into());
                image.os = Some(os(name, build.minos.get(e), build.sdk.get(e), "LC_BUILD_VERSION"));
            }
            Command::VersionMin(minimum) => {
                let name = match command.cmd() {
                    macho::LC_VERSION_MIN_MACOSX => "macos",
                    macho::LC_VERSION_MIN_IPHONEOS => "ios",
                    macho::LC_VERSION_MIN_TVOS => "tvos",
                    _ => "watchos",
                };
                image.os = Some(os(name.into(), minimum.version.get(e), minimum.sdk.get(e), "LC_VERSION_MIN"));
            }
            Command::Symtab(table) => {
                let table = table.symbols::<Mach, _>(e, data)?;
                for symbol in table.iter() {
                    symbol_facts(symbol, symbol.name(e, table.strings()).unwrap_or(&[]), image, &mut names);
                }
            }
            Command::LinkeditData(linkedit) if command.cmd() == macho::LC_CODE_SIGNATURE => {
                let blob = linkedit.data(e, data)?;
                match signature(blob) {
                    Ok(signature) => image.signature = signature,
                    Err(Broken(what)) => image.findings.push(format!("the signature cannot be read: {what}")),
                }
            }
            Command::LinkeditData(linkedit) if command.cmd() == macho::LC_DYLD_EXPORTS_TRIE => {
                exports = Some(trie::names(linkedit.data(e, data)?));
            }
            Command::DyldInfo(info) if info.export_size.get(e) != 0 => {
                let (start, size) = (info.export_off.get(e) as usize, info.export_size.get(e) as usize);
                let bytes = start.checked_add(size).and_then(|end| data.get(start..end));
                exports = Some(trie::names(bytes.ok_or("file truncated: the exports end past the end of the file")?));
            }
            Command::EncryptionInfo32(info) if info.cryptid.get(e) != 0 => {
                image.findings.push("the code is encrypted".into())
            }
            Command::EncryptionInfo64(info) if info.cryptid.get(e) != 0 => {
                image.findings.push("the code is encrypted".into())
            }
            _ => {}
        }
    }
    // The second is compressed, as Go's linker has it.
    let is_dwarf =
        |section: &Found<'_>| [",__debug_info", ",__zdebug_info"].iter().any(|name| section.name.ends_with(name));
    image.debug.info |= sections.iter().any(is_dwarf);
    // Without a trie, the symbol table says what is external.
    if let Some(exports) = exports {
        image.exports = exports;
    }
    finish(flags, &names, image);
    // What dyld and the kernel would not take, as after a link.
    if crate::macho::is_thin(data) {
        image.findings.extend(check::check(data).into_iter().map(|finding| finding.text));
    }
    Ok(Parts { sections, names })
}

fn os(name: String, minimum: macho::Version, sdk: macho::Version, source: &'static str) -> Os {
    let sdk = (sdk.0 != 0).then(|| version(sdk));
    Os { name, min_version: Some(version(minimum)), sdk, source }
}

fn found<'d, S: Section<Endian = Endianness>>(e: Endianness, data: &'d [u8], section: &S) -> Option<Found<'d>> {
    let size = section.file_size(e)?;
    let offset = u64::from(section.offset(e));
    let start = usize::try_from(offset).ok()?;
    let bytes = data.get(start..start.checked_add(usize::try_from(size).ok()?)?)?;
    // S_ATTR_PURE_INSTRUCTIONS, S_ATTR_SOME_INSTRUCTIONS.
    let code = section.flags(e).0 & 0x8000_0400 != 0;
    let name = format!("{},{}", text(section.segment_name()), text(section.name()));
    Some(Found { name, offset, size, data: bytes, code })
}

fn symbol_facts<'d, N: Nlist<Endian = Endianness>>(
    symbol: &N,
    name: &'d [u8],
    image: &mut Image,
    names: &mut Vec<&'d [u8]>,
) {
    let kind = symbol.n_type();
    if symbol.is_stab() {
        // The debug map: lines are in the objects that were linked.
        if symbol.stab() == Some(macho::N_OSO) && image.debug.link.is_none() {
            image.debug.link = Some(text(name));
        }
        return;
    }
    names.push(name);
    let external = kind.0 & 1 != 0;
    let private = kind.0 & 0x10 != 0;
    match (symbol.is_undefined() || kind.0 & 0xe == 0, external && !private) {
        (true, _) => {}
        (false, true) if image.kind != "object" => image.exports.push(text(name)),
        (false, true) => {}
        // `strip` leaves the exported names.
        (false, false) => image.debug.symbols = true,
    }
}

fn finish(flags: macho::FileFlags, names: &[&[u8]], image: &mut Image) {
    let has = |flag: macho::FileFlags| flags.0 & flag.0 != 0;
    let linked = ["executable", "shared library", "bundle", "dynamic linker"].contains(&image.kind);
    image.linkage = match image.kind {
        "executable" if image.interpreter.is_none() && image.needed.is_empty() => Some("static"),
        _ if linked => Some("dynamic"),
        _ => None,
    };
    if image.kind == "object" {
        image.debug.symbols = !names.is_empty();
    }
    let named = |wanted: &str| names.contains(&wanted.as_bytes());
    let known = |found: bool| if names.is_empty() { None } else { Some(found) };
    let checked = names.iter().any(|name| name.starts_with(b"___") && name.ends_with(b"_chk"));
    let system = image.needed.iter().any(|name| name.starts_with("/usr/lib/libSystem."));
    image.libc = system.then(|| Libc { name: "libSystem", floor: None, forced_by: Vec::new(), linked_in: false });
    image.hardening = Hardening {
        nx: linked.then(|| !has(macho::MH_ALLOW_STACK_EXECUTION)),
        pie: (image.kind == "executable").then(|| has(macho::MH_PIE)),
        stack_protector: known(named("___stack_chk_fail") || named("___stack_chk_guard")),
        fortify: known(checked),
        control_flow: if image.arch.as_deref() == Some("arm64e") { vec!["PAC"] } else { Vec::new() },
        ..Hardening::default()
    };
}

fn signature(blob: &[u8]) -> Result<Option<Signature>> {
    let mut signature = Signature { kind: "ad-hoc", ..Signature::default() };
    let (mut directory, mut cms) = (None, false);
    for blob in CodeSignature::parse(blob)?.blobs() {
        let blob = blob?;
        match blob.slot() {
            macho::CSSLOT_CODEDIRECTORY => directory = blob.code_directory()?,
            macho::CSSLOT_SIGNATURESLOT => cms = !blob.contents().is_empty(),
            macho::CSSLOT_ENTITLEMENTS => signature.flags.push("entitlements"),
            _ => {}
        }
    }
    let Some(directory) = directory else { return Ok(None) };
    let flags = directory.header().flags.get(BigEndian).0;
    if cms && flags & ADHOC == 0 {
        signature.kind = "cms";
    }
    signature.identifier = Some(text(directory.ident()?));
    signature.team = directory.team_id()?.map(text);
    signature.flags.extend(SIGNATURE_FLAGS.iter().filter(|row| flags & row.0 != 0).map(|row| row.1));
    Ok(Some(signature))
}
