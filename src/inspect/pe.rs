//! PE images and COFF objects: what the headers, the import and export tables and the debug directory say.

use object::LittleEndian as LE;
use object::pe::{self, ImageNtHeaders32, ImageNtHeaders64, Machine, Subsystem};
use object::read::coff::{CoffHeader, ImportFile, SectionTable, Symbol as _, SymbolTable};
use object::read::pe::{DataDirectories, ImageNtHeaders, ImageOptionalHeader, PeFile};

use super::read::{Found, Parts, Result};
use super::report::{Hardening, Image, Libc, Os, Signature};

const MACHINES: &[(Machine, &str, u8)] = &[
    (pe::IMAGE_FILE_MACHINE_I386, "x86", 32),
    (pe::IMAGE_FILE_MACHINE_AMD64, "x86_64", 64),
    (pe::IMAGE_FILE_MACHINE_ARM64, "aarch64", 64),
    (pe::IMAGE_FILE_MACHINE_ARM64EC, "arm64ec", 64),
    (pe::IMAGE_FILE_MACHINE_ARM64X, "arm64x", 64),
    (pe::IMAGE_FILE_MACHINE_ARMNT, "arm", 32),
    (pe::IMAGE_FILE_MACHINE_ARM, "arm", 32),
    (pe::IMAGE_FILE_MACHINE_THUMB, "arm", 32),
    (pe::IMAGE_FILE_MACHINE_RISCV32, "riscv32", 32),
    (pe::IMAGE_FILE_MACHINE_RISCV64, "riscv64", 64),
    (pe::IMAGE_FILE_MACHINE_IA64, "ia64", 64),
    (pe::IMAGE_FILE_MACHINE_EBC, "ebc", 64),
];

const SUBSYSTEMS: &[(Subsystem, &str)] = &[
    (pe::IMAGE_SUBSYSTEM_NATIVE, "native"),
    (pe::IMAGE_SUBSYSTEM_WINDOWS_GUI, "gui"),
    (pe::IMAGE_SUBSYSTEM_WINDOWS_CUI, "console"),
    (pe::IMAGE_SUBSYSTEM_EFI_APPLICATION, "efi"),
    (pe::IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER, "efi"),
    (pe::IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER, "efi"),
    (pe::IMAGE_SUBSYSTEM_EFI_ROM, "efi"),
    (pe::IMAGE_SUBSYSTEM_WINDOWS_BOOT_APPLICATION, "boot"),
];

/// C libraries by the beginning of a DLL's name; the first that a program needs.
const LIBRARIES: &[(&str, &str)] = &[("api-ms-win-crt-", "ucrt"), ("ucrtbase", "ucrt"), ("msvcr", "msvcrt")];

/// DWARF, and the same compressed: Go's linker does that.
const DWARF: &[&str] = &[".debug_info", ".zdebug_info"];

/// More tables than these are no program's.
const MOST_DLLS: usize = 4096;
const MOST_EXPORTS: usize = 1 << 16;
const LONGEST_NAME: usize = 8192;

fn machine(machine: Machine) -> (String, Option<u8>) {
    match MACHINES.iter().find(|row| row.0 == machine) {
        Some(row) => (row.1.to_owned(), Some(row.2)),
        None => (format!("machine {:#x}", machine.0), None),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_NAME)]).into_owned()
}

/// # Errors
/// What is wrong with the file.
pub(super) fn read<'d>(data: &'d [u8], wide: bool, image: &mut Image) -> Result<Parts<'d>> {
    match wide {
        true => of::<ImageNtHeaders64>(data, image),
        false => of::<ImageNtHeaders32>(data, image),
    }
}

fn of<'d, Pe: ImageNtHeaders>(data: &'d [u8], image: &mut Image) -> Result<Parts<'d>> {
    let file = PeFile::<Pe>::parse(data)?;
    let (headers, table, directories) = (file.nt_headers(), file.section_table(), file.data_directories());
    let (header, optional) = (headers.file_header(), headers.optional_header());
    let characteristics = header.characteristics.get(LE);
    let has = |flag: pe::FileFlags| characteristics.0 & flag.0 != 0;
    let subsystem = SUBSYSTEMS.iter().find(|row| row.0 == optional.subsystem()).map(|row| row.1);
    image.format = "pe";
    image.arch = Some(machine(header.machine.get(LE)).0);
    image.bits = Some(if headers.is_type_64() { 64 } else { 32 });
    image.endian = Some("little");
    image.subsystem = subsystem;
    image.kind = match subsystem {
        _ if has(pe::IMAGE_FILE_DLL) => "shared library",
        Some("native") => "kernel module",
        _ => "executable",
    };
    image.linkage = Some("dynamic");
    let version = format!("{}.{}", optional.major_subsystem_version(), optional.minor_subsystem_version());
    image.os = Some(match subsystem {
        Some("efi") => Os { name: "uefi".into(), min_version: None, sdk: None, source: "PE header" },
        _ => Os { name: "windows".into(), min_version: Some(version), sdk: None, source: "PE header" },
    });
    // A table that cannot be read is that of a linker which left a stale pointer; nothing depends on it.
    let symbols = headers.symbols(data).unwrap_or_default();
    let sections = sections(data, &table, &symbols)?;
    imports::<Pe>(&file, image)?;
    exports(&file, image)?;
    let flags = optional.dll_characteristics().0;
    let set = |flag: pe::DllFlags| flags & flag.0 != 0;
    let movable = set(pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE) && !has(pe::IMAGE_FILE_RELOCS_STRIPPED);
    if set(pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE) && has(pe::IMAGE_FILE_RELOCS_STRIPPED) {
        image.findings.push("it says it can be moved and has no relocations, so it is not".into());
    }
    image.hardening = Hardening {
        nx: Some(set(pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT)),
        pie: Some(movable),
        high_entropy: headers.is_type_64().then(|| movable && set(pe::IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA)),
        control_flow: if set(pe::IMAGE_DLLCHARACTERISTICS_GUARD_CF) { vec!["CFG"] } else { Vec::new() },
        ..Hardening::default()
    };
    for section in table.iter() {
        let both = pe::IMAGE_SCN_MEM_WRITE.0 | pe::IMAGE_SCN_MEM_EXECUTE.0;
        if section.characteristics.get(LE).0 & both == both {
            image.findings.push(format!("section {} is writable and executable", text(section.raw_name())));
        }
    }
    signature(data, &directories, image);
    let digest = debug_directory(data, &table, &directories, image)?;
    let time = header.time_date_stamp.get(LE);
    image.timestamp = Some(u64::from(time)).filter(|time| *time != 0 && !digest);
    image.debug.info = sections.iter().any(|section| DWARF.contains(&&*section.name));
    let names = coff_names(&symbols);
    image.debug.symbols = !names.is_empty();
    Ok(Parts { sections, names })
}

fn sections<'d>(data: &'d [u8], table: &SectionTable<'d>, symbols: &SymbolTable<'d>) -> Result<Vec<Found<'d>>> {
    let mut all = Vec::new();
    for section in table.iter() {
        let (offset, size) = section.pe_file_range();
        let end = (offset as usize).checked_add(size as usize);
        let Some(bytes) = end.and_then(|end| data.get(offset as usize..end)) else {
            // The last section of some linkers' files is rounded up past the end: what is not there is zeros.
            let whole = section.pointer_to_raw_data.get(LE) as usize;
            return Err(format!(
                "file truncated: section {} at {whole:#x} ends past the end of the file",
                text(section.raw_name())
            )
            .into());
        };
        all.push(Found {
            name: text(section.name(symbols.strings()).unwrap_or(section.raw_name())),
            offset: offset.into(),
            size: size.into(),
            data: bytes,
            code: section.characteristics.get(LE).0 & (pe::IMAGE_SCN_CNT_CODE.0 | pe::IMAGE_SCN_MEM_EXECUTE.0) != 0,
        });
    }
    Ok(all)
}

fn imports<Pe: ImageNtHeaders>(file: &PeFile<'_, Pe>, image: &mut Image) -> Result<()> {
    if let Some(table) = file.import_table()? {
        let mut descriptors = table.descriptors()?;
        while let Some(descriptor) = descriptors.next()? {
            if image.needed.len() == MOST_DLLS {
                return Err("it imports from more libraries than any program does".into());
            }
            image.needed.push(text(table.name(descriptor.name.get(LE))?));
        }
    }
    if let Some(table) = file.delay_load_import_table()? {
        let mut descriptors = table.descriptors()?;
        while let Some(descriptor) = descriptors.next()? {
            if image.optional.len() == MOST_DLLS {
                return Err("it delay-loads more libraries than any program does".into());
            }
            image.optional.push(text(table.name(descriptor.dll_name_rva.get(LE))?));
        }
    }
    let lower = |name: &String| name.to_ascii_lowercase();
    let by_name = |row: &&(&str, &str)| image.needed.iter().map(lower).any(|name| name.starts_with(row.0));
    image.libc = LIBRARIES.iter().find(by_name).map(|row| Libc {
        name: row.1,
        floor: None,
        forced_by: Vec::new(),
        linked_in: false,
    });
    Ok(())
}

fn exports<Pe: ImageNtHeaders>(file: &PeFile<'_, Pe>, image: &mut Image) -> Result<()> {
    let Some(table) = file.export_table()? else { return Ok(()) };
    image.name = Some(text(table.name_from_pointer(table.directory().name.get(LE))?));
    let mut names: Vec<Option<String>> = vec![None; table.addresses().len().min(MOST_EXPORTS)];
    for (pointer, index) in table.name_iter().take(MOST_EXPORTS) {
        let name = text(table.name_from_pointer(pointer)?);
        match names.get_mut(usize::from(index.0)) {
            Some(slot) if slot.is_none() => *slot = Some(name),
            Some(_) => names.push(Some(name)),
            None => return Err("an exported name has no address".into()),
        }
    }
    let base = u32::from(table.ordinal_base());
    let used = |at: usize| table.addresses().get(at).is_none_or(|address| address.get(LE) != 0);
    let named = names.into_iter().enumerate().filter(|(at, _)| used(*at));
    image.exports = named.map(|(at, name)| name.unwrap_or_else(|| format!("#{}", base as usize + at))).collect();
    Ok(())
}

fn signature(data: &[u8], directories: &DataDirectories<'_>, image: &mut Image) {
    let Some(directory) = directories.get(pe::IMAGE_DIRECTORY_ENTRY_SECURITY) else { return };
    // The one directory whose address is an offset in the file.
    let (offset, size) = directory.address_range();
    if size == 0 {
        return;
    }
    let inside = (offset as usize).checked_add(size as usize).is_some_and(|end| end <= data.len());
    match inside {
        true => image.signature = Some(Signature { kind: "authenticode", ..Signature::default() }),
        false => image.findings.push("the signature lies past the end of the file".into()),
    }
}

/// Reads the PDB's identity, and says whether the header's time is a digest (`IMAGE_DEBUG_TYPE_REPRO`).
fn debug_directory(
    data: &[u8],
    table: &SectionTable<'_>,
    directories: &DataDirectories<'_>,
    image: &mut Image,
) -> Result<bool> {
    let Some(directory) = directories.get(pe::IMAGE_DIRECTORY_ENTRY_DEBUG).filter(|d| d.address_range().1 != 0) else {
        return Ok(false);
    };
    let entries = directory.data(data, table)?;
    let (entries, _) =
        object::pod::slice_from_all_bytes::<pe::ImageDebugDirectory>(entries).map_or((&[][..], ()), |all| (all, ()));
    let mut digest = false;
    for entry in entries.iter().take(64) {
        let start = entry.pointer_to_raw_data.get(LE) as usize;
        let raw = start.checked_add(entry.size_of_data.get(LE) as usize).and_then(|end| data.get(start..end));
        match entry.typ.get(LE) {
            pe::IMAGE_DEBUG_TYPE_REPRO => digest = true,
            pe::IMAGE_DEBUG_TYPE_CODEVIEW => codeview(raw.unwrap_or(&[]), image),
            pe::IMAGE_DEBUG_TYPE_EX_DLLCHARACTERISTICS
                if raw.and_then(|raw| raw.first()).is_some_and(|bits| bits & 1 != 0) =>
            {
                image.hardening.control_flow.push("SHSTK");
            }
            _ => {}
        }
    }
    Ok(digest)
}

/// `RSDS`, a GUID, an age, a path.
fn codeview(raw: &[u8], image: &mut Image) {
    if let (Some(b"RSDS"), Some(guid), Some(age), Some(path)) =
        (raw.get(..4), raw.get(4..20), raw.get(20..24), raw.get(24..))
    {
        let age = u32::from_le_bytes([age[0], age[1], age[2], age[3]]);
        // The first three fields of a GUID are numbers.
        let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
        let guid: Vec<u8> = order.iter().map(|at| guid[*at]).collect();
        image.build_id = Some(format!("{}-{age}", crate::digest::hex(&guid)));
        let path = path.split(|byte| *byte == 0).next().unwrap_or(&[]);
        image.debug.link = Some(text(path)).filter(|path| !path.is_empty());
    }
}

fn coff_names<'d, Coff: CoffHeader>(symbols: &SymbolTable<'d, &'d [u8], Coff>) -> Vec<&'d [u8]> {
    symbols
        .iter()
        .filter_map(|(_, symbol)| symbol.name(symbols.strings()).ok())
        .filter(|name| !name.is_empty())
        .collect()
}

/// # Errors
/// What is wrong with the object.
pub(super) fn object<'d, Coff: CoffHeader>(data: &'d [u8], image: &mut Image) -> Result<Parts<'d>> {
    let mut offset = 0;
    let header = Coff::parse(data, &mut offset)?;
    let table = header.sections(data, offset)?;
    let symbols = header.symbols(data)?;
    let (arch, bits) = machine(header.machine());
    if bits.is_none() {
        return Err("file format not recognized".into());
    }
    image.format = "coff";
    image.kind = "object";
    image.arch = Some(arch);
    image.bits = bits;
    image.endian = Some("little");
    image.os = Some(Os { name: "windows".into(), min_version: None, sdk: None, source: "COFF header" });
    let mut sections = Vec::new();
    for section in table.iter() {
        let Some((start, size)) = section.coff_file_range().filter(|range| range.1 != 0) else { continue };
        let bytes = section
            .coff_data(data)
            .map_err(|()| "file truncated: a section ends past the end of the file".to_owned())?;
        sections.push(Found {
            name: text(section.name(symbols.strings()).unwrap_or(section.raw_name())),
            offset: start.into(),
            size: size.into(),
            data: bytes,
            code: section.characteristics.get(LE).0 & pe::IMAGE_SCN_CNT_CODE.0 != 0,
        });
    }
    let names = coff_names(&symbols);
    image.debug.info = sections.iter().any(|section| section.name == ".debug$S" || DWARF.contains(&&*section.name));
    image.debug.symbols = !names.is_empty();
    // GNU's and LLVM's compilers write no time; a digest is what /Brepro writes.
    Ok(Parts { sections, names })
}

/// A member of an import library: one name of one DLL.
///
/// # Errors
/// What is wrong with it.
pub(super) fn import<'d>(data: &'d [u8], image: &mut Image) -> Result<Parts<'d>> {
    let file = ImportFile::parse(data)?;
    let raw = u16::from_le_bytes([*data.get(6).unwrap_or(&0), *data.get(7).unwrap_or(&0)]);
    let (arch, bits) = machine(Machine(raw));
    image.format = "coff";
    image.kind = "import";
    image.arch = Some(arch);
    image.bits = bits;
    image.endian = Some("little");
    image.os = Some(Os { name: "windows".into(), min_version: None, sdk: None, source: "COFF header" });
    image.needed = vec![text(file.dll())];
    image.exports = vec![text(file.symbol())];
    Ok(Parts { sections: Vec::new(), names: vec![file.symbol()] })
}
