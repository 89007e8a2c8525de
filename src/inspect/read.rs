//! A file's bytes to a report: what format it is, what holds what, and the traces that are looked for in every format.

use std::io::Read as _;
use std::path::Path;

use object::macho::{FatArch32, FatArch64};
use object::read::ObjectSection;
use object::read::macho::{FatArch, MachOFatFile};
use object::{FileKind, Object};

use super::report::{Cpu, File, Image, Os};
use super::{archive, elf, go, host_paths, macho, pe, rust, traces, wasm};

/// What is wrong with a file, without its name, which the caller knows.
pub(super) struct Broken(pub(super) String);

pub(super) type Result<T> = std::result::Result<T, Broken>;

impl From<object::Error> for Broken {
    fn from(error: object::Error) -> Broken {
        Broken(error.to_string())
    }
}

impl From<String> for Broken {
    fn from(text: String) -> Broken {
        Broken(text)
    }
}

impl From<&str> for Broken {
    fn from(text: &str) -> Broken {
        Broken(text.to_owned())
    }
}

/// A section, or what a format has in its place.
pub(super) struct Found<'d> {
    pub(super) name: String,
    /// In the image.
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) data: &'d [u8],
    /// Holds instructions.
    pub(super) code: bool,
}

/// What every format is searched in for the same traces.
#[derive(Default)]
pub(super) struct Parts<'d> {
    pub(super) sections: Vec<Found<'d>>,
    /// Names of symbols, defined or not.
    pub(super) names: Vec<&'d [u8]>,
}

/// Compressed debugging information that is unpacked, of one image and in all.
const MOST_UNPACKED: u64 = 256 << 20;
const MOST_SECTIONS: usize = 64;

/// The first version of Java's class files, whose magic number is that of fat files: a fat file has fewer slices.
const JAVA: u32 = 45;

/// Reads the file at `path`, whose bytes are `data`. `own` are directories of this machine where builds are.
pub(super) fn file(path: &Path, data: &[u8], own: &[String]) -> File {
    let mut file = File { path: path.display().to_string(), size: data.len() as u64, ..File::default() };
    if let Err(Broken(what)) = contents(path, data, own, &mut file) {
        file.images.clear();
        file.error = Some(what);
    }
    file
}

fn contents(path: &Path, data: &[u8], own: &[String], file: &mut File) -> Result<()> {
    if data.is_empty() {
        return Err("the file is empty".into());
    }
    if archive::is_archive(data) {
        return archive::read(path, data, own, file);
    }
    match FileKind::parse(data) {
        Ok(FileKind::MachOFat32) => fat::<FatArch32>(data, own, file),
        Ok(FileKind::MachOFat64) => fat::<FatArch64>(data, own, file),
        _ => {
            file.images.push(image(data, own)?);
            Ok(())
        }
    }
}

fn fat<Fat: FatArch>(data: &[u8], own: &[String], file: &mut File) -> Result<()> {
    let count = data.get(4..8).map_or(0, |bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    if count >= JAVA {
        return Err(
            "file format not recognized: a Java class, or a fat file of more slices than there are processors".into()
        );
    }
    file.container = Some("fat");
    for slice in MachOFatFile::<Fat>::parse(data)?.arches() {
        let name = macho::cpu(slice.cputype(), slice.cpusubtype()).0;
        let bytes = slice
            .data(data)
            .map_err(|_| format!("file truncated: the slice for {name} ends past the end of the file"))?;
        let mut image = match archive::is_archive(bytes) {
            true => return Err(format!("the slice for {name} is an archive; take it out with lipo first").into()),
            false => image(bytes, own).map_err(|Broken(what)| format!("the slice for {name}: {what}"))?,
        };
        if image.arch.as_ref() != Some(&name) {
            image.findings.push(format!("the fat file says the slice is for {name}"));
        }
        image.part = Some(name);
        file.images.push(image);
    }
    if file.images.is_empty() {
        return Err("the fat file has no slices".into());
    }
    Ok(())
}

/// One image.
///
/// # Errors
/// What is wrong with it, or that it is none.
pub(super) fn image(data: &[u8], own: &[String]) -> Result<Image> {
    let mut image = Image { size: data.len() as u64, ..Image::default() };
    let bitcode = data.starts_with(b"BC\xc0\xde") || data.starts_with(&[0xde, 0xc0, 0x17, 0x0b]);
    let parts = match FileKind::parse(data) {
        _ if bitcode => {
            (image.format, image.kind) = ("bitcode", "object");
            Parts::default()
        }
        _ if wasm::is_wasm(data) => wasm::read(data, &mut image)?,
        Ok(FileKind::Elf32 | FileKind::Elf64) => elf::read(data, &mut image)?,
        Ok(FileKind::Pe32) => pe::read(data, false, &mut image)?,
        Ok(FileKind::Pe64) => pe::read(data, true, &mut image)?,
        Ok(FileKind::Coff) => pe::object::<object::pe::ImageFileHeader>(data, &mut image)?,
        Ok(FileKind::CoffBig) => pe::object::<object::pe::AnonObjectHeaderBigobj>(data, &mut image)?,
        Ok(FileKind::CoffImport) => pe::import(data, &mut image)?,
        Ok(FileKind::MachO32) => macho::read(data, false, &mut image)?,
        Ok(FileKind::MachO64) => macho::read(data, true, &mut image)?,
        _ if data.starts_with(b"\x7fELF") => return Err("file truncated: it ends within the header".into()),
        _ if data.starts_with(b"MZ") => {
            return Err("file format not recognized: a program of DOS, or a truncated one of Windows".into());
        }
        _ => return Err("file format not recognized".into()),
    };
    common(data, &parts, own, &mut image);
    Ok(image)
}

/// What is looked for in every format.
fn common(data: &[u8], parts: &Parts<'_>, own: &[String], image: &mut Image) {
    if let Some(section) = parts.sections.iter().find(|section| section.name == ".comment") {
        traces::comments(image, section.data);
    }
    let unpacked = match image.format {
        "elf" => unpack(data),
        _ => unpack_gnu(&parts.sections),
    };
    traces::read(image, &parts.names, data, &unpacked, &parts.sections);
    image.go = image.go.take().or_else(|| go::read(data, &parts.sections));
    image.rust = rust::read(image, data, &parts.sections);
    let mut search = host_paths::Search::new(own);
    search.scan(data, &parts.sections);
    for data in &unpacked {
        search.scan(data, &[]);
    }
    image.host_paths = search.finish();
    of_go(image);
    // musl runs on Linux alone, glibc's other systems have names of their own for it.
    if image.os.is_none() && image.libc.as_ref().is_some_and(|libc| ["glibc", "musl"].contains(&libc.name)) {
        image.os = Some(Os { name: "linux".into(), min_version: None, sdk: None, source: "C library" });
    }
}

/// What Go's settings say that the format does not.
fn of_go(image: &mut Image) {
    let Some(go) = &image.go else { return };
    if let Some(name) = go.setting("GOOS").filter(|_| image.os.is_none()) {
        let name = if name == "darwin" { "macos" } else { name };
        image.os = Some(Os { name: name.to_owned(), min_version: None, sdk: None, source: "Go build settings" });
    }
    // With C in it, Go's level is that of a part.
    if image.cpu.is_some() || go.setting("CGO_ENABLED") != Some("0") {
        return;
    }
    let level = |key: &str| go.setting(key);
    let baseline = match go.setting("GOARCH") {
        Some("amd64") => {
            level("GOAMD64").map(|level| if level == "v1" { "x86-64".into() } else { format!("x86-64-{level}") })
        }
        Some("arm") => level("GOARM").and_then(|level| level.split(',').next()).map(|level| format!("armv{level}")),
        Some("arm64") => level("GOARM64").and_then(|level| level.split(',').next()).map(|level| format!("arm{level}")),
        Some("ppc64le" | "ppc64") => level("GOPPC64").map(str::to_owned),
        Some("riscv64") => level("GORISCV64").map(str::to_owned),
        _ => None,
    };
    image.cpu =
        baseline.map(|baseline| Cpu { baseline: Some(baseline), features: Vec::new(), source: "Go build settings" });
}

/// The compressed debugging sections of ELF, unpacked; what says it is enormous is left out.
fn unpack(data: &[u8]) -> Vec<Vec<u8>> {
    let Ok(file) = object::File::parse(data) else { return Vec::new() };
    let mut left = MOST_UNPACKED;
    let mut all = Vec::new();
    for section in file.sections().filter(|section| {
        section.name_bytes().is_ok_and(|name| name.starts_with(b".debug_") || name.starts_with(b".zdebug_"))
    }) {
        let Ok(packed) = section.compressed_data() else { continue };
        if packed.format == object::CompressionFormat::None
            || packed.uncompressed_size > left
            || all.len() == MOST_SECTIONS
        {
            continue;
        }
        if let Ok(unpacked) = packed.decompress() {
            left -= packed.uncompressed_size;
            all.push(unpacked.into_owned());
        }
    }
    all
}

/// The same of PE and Mach-O, which have no flag for it: GNU's old form, `ZLIB` and the size in eight bytes before the data.
fn unpack_gnu(sections: &[Found<'_>]) -> Vec<Vec<u8>> {
    let mut left = MOST_UNPACKED;
    let mut all = Vec::new();
    for section in sections.iter().filter(|section| section.name.contains("zdebug_")) {
        let packed = section.data.strip_prefix(b"ZLIB").and_then(|rest| rest.split_first_chunk::<8>());
        let Some((size, packed)) = packed.map(|(size, packed)| (u64::from_be_bytes(*size), packed)) else { continue };
        if size > left || all.len() == MOST_SECTIONS {
            continue;
        }
        let mut unpacked = Vec::new();
        if flate2::read::ZlibDecoder::new(packed).take(size).read_to_end(&mut unpacked).is_ok() {
            left -= size;
            all.push(unpacked);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(text: &[u8], size: u64) -> Vec<u8> {
        let mut packed = [&b"ZLIB"[..], &size.to_be_bytes()].concat();
        let mut encoder = flate2::write::ZlibEncoder::new(&mut packed, flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap();
        packed
    }

    #[test]
    fn gnus_old_form_is_unpacked_and_never_more_than_it_says() {
        let unpacked = |name: &str, data: &[u8]| {
            unpack_gnu(&[Found { name: name.into(), offset: 0, size: data.len() as u64, data, code: false }])
        };
        let text = b"/srv/ours/x.c";
        let whole = packed(text, 13);
        assert_eq!(unpacked(".zdebug_line", &whole), [text]);
        assert_eq!(unpacked("__DWARF,__zdebug_line", &whole), [text]);
        assert_eq!(unpacked(".zdebug_line", &packed(text, 4)), [b"/srv"]);
        for data in [&packed(text, u64::MAX), &whole[..11], b"ZLIB"] {
            assert!(unpacked(".zdebug_line", data).is_empty());
        }
        assert!(unpacked(".rdata", &whole).is_empty());
    }
}
