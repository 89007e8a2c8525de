//! WebAssembly modules: imports, exports, memory, and the custom sections of tool conventions. Components are only named.
//!
//! A walk over a few sections of a format with one kind of number; a decoder of all of WebAssembly would do no more here.

use super::go;
use super::read::{Found, Parts, Result};
use super::report::{Cpu, Image, Libc, Os};

const MODULE: u8 = 1;
/// The second half of the version word says it is a component.
const COMPONENT_LAYER: u8 = 1;

/// More imports or exports than these are no module's.
const MOST: usize = 1 << 20;

const BROKEN: &str = "file truncated: a section ends within an entry";

struct Reader<'d>(&'d [u8]);

impl<'d> Reader<'d> {
    fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().ok_or(BROKEN)?;
        self.0 = rest;
        Ok(*first)
    }

    /// An unsigned LEB128 number of up to 64 bits.
    fn number(&mut self) -> Result<u64> {
        let (mut value, mut shift) = (0u64, 0u32);
        loop {
            let byte = self.byte()?;
            if shift < 64 {
                value |= u64::from(byte & 0x7f) << shift;
            }
            shift += 7;
            match byte & 0x80 {
                0 => return Ok(value),
                _ if shift > 70 => return Err("a number is too long".into()),
                _ => {}
            }
        }
    }

    fn count(&mut self) -> Result<usize> {
        let count = self.number()?;
        // Each entry takes a byte at least.
        usize::try_from(count).ok().filter(|count| *count <= self.0.len().min(MOST)).ok_or_else(|| BROKEN.into())
    }

    fn bytes(&mut self) -> Result<&'d [u8]> {
        let size = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let (bytes, rest) = self.0.split_at_checked(size).ok_or(BROKEN)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<String> {
        Ok(String::from_utf8_lossy(self.bytes()?).into_owned())
    }

    /// Flags, a minimum, and where the flags say so a maximum. Returns the flags.
    fn limits(&mut self) -> Result<u64> {
        let flags = self.number()?;
        self.number()?;
        if flags & 1 != 0 {
            self.number()?;
        }
        // Custom page sizes.
        if flags & 8 != 0 {
            self.number()?;
        }
        Ok(flags)
    }

    /// A value type: one byte, or one with a heap type behind it.
    fn value_type(&mut self) -> Result<()> {
        if matches!(self.byte()?, 0x63 | 0x64) {
            self.number()?;
        }
        Ok(())
    }
}

pub(super) fn is_wasm(data: &[u8]) -> bool {
    data.starts_with(b"\0asm")
}

#[derive(Default)]
struct Module {
    linking: bool,
    dynamic: bool,
    wide: bool,
}

/// # Errors
/// What is wrong with the file.
pub(super) fn read<'d>(data: &'d [u8], image: &mut Image) -> Result<Parts<'d>> {
    let version = data.get(4..8).ok_or("file truncated: it ends within the header")?;
    image.format = "wasm";
    image.endian = Some("little");
    image.bits = Some(32);
    image.arch = Some("wasm32".into());
    let is_component = version[2] == COMPONENT_LAYER;
    if !is_component && version != [MODULE, 0, 0, 0] {
        return Err(format!("WebAssembly of version {}, which is not known", version[0]).into());
    }
    image.kind = if is_component { "component" } else { "module" };
    let (mut reader, mut module) = (Reader(&data[8..]), Module::default());
    let (mut sections, mut names) = (Vec::new(), Vec::new());
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let content =
            reader.bytes().map_err(|_| "file truncated: a section ends past the end of the file".to_owned())?;
        let at = (content.as_ptr() as usize - data.as_ptr() as usize) as u64;
        let mut found = Found {
            name: section_name(id).to_owned(),
            offset: at,
            size: content.len() as u64,
            data: content,
            code: id == 10,
        };
        let mut section = Reader(content);
        match id {
            0 => {
                found.name = section.text()?;
                found.data = section.0;
                custom(&found.name, section, image, &mut module)?;
            }
            _ if is_component => {}
            2 => imports(section, image, &mut names, &mut module)?,
            5 => {
                for _ in 0..section.count()? {
                    module.wide |= section.limits()? & 4 != 0;
                }
            }
            7 => {
                for _ in 0..section.count()? {
                    let name = section.bytes()?;
                    section.byte()?;
                    section.number()?;
                    image.exports.push(String::from_utf8_lossy(name).into_owned());
                    names.push(name);
                }
            }
            _ => {}
        }
        sections.push(found);
    }
    let release =
        image.tools.iter().find_map(|tool| tool.strip_prefix("Go ").filter(|version| version.starts_with("go")));
    image.go = release.map(|release| go::without_header(data, release));
    finish(image, &module);
    Ok(Parts { sections, names })
}

fn finish(image: &mut Image, module: &Module) {
    if module.wide {
        image.bits = Some(64);
        image.arch = Some("wasm64".into());
    }
    let exports = |name: &str| image.exports.iter().any(|export| export == name);
    if image.kind == "module" {
        image.kind = match () {
            () if module.linking => "object",
            () if module.dynamic => "shared library",
            () if exports("_start") => "executable",
            () => "module",
        };
    }
    let imports = |prefix: &str| image.imports.iter().any(|import| import.starts_with(prefix));
    let system = match () {
        () if imports("wasi_snapshot_preview1.") || imports("wasi_unstable.") || imports("wasi:") => Some("wasi"),
        () if imports("gojs.") || imports("go.") || imports("wbg.") || imports("__wbindgen") => Some("js"),
        () if imports("env.emscripten_") => Some("emscripten"),
        () => None,
    };
    let os = |name: &str| Os { name: name.into(), min_version: None, sdk: None, source: "imports" };
    image.os = system.map(os);
    if image.kind == "executable" || image.kind == "module" {
        // Every import is the host's to give: there are no libraries to load.
        image.linkage = Some("static");
    }
    let has_libc = system == Some("wasi") && image.debug.symbols;
    image.libc = has_libc
        .then_some(Libc { name: "wasi-libc", floor: None, forced_by: Vec::new(), linked_in: true })
        .filter(|_| image.go.is_none() && image.tools.iter().any(|tool| tool.contains("clang")));
}

fn imports<'d>(
    mut section: Reader<'d>,
    image: &mut Image,
    names: &mut Vec<&'d [u8]>,
    module: &mut Module,
) -> Result<()> {
    for _ in 0..section.count()? {
        let (from, name) = (section.text()?, section.bytes()?);
        match section.byte()? {
            0 => drop(section.number()?),
            1 => {
                section.value_type()?;
                section.limits()?;
            }
            2 => module.wide |= section.limits()? & 4 != 0,
            3 => {
                section.value_type()?;
                section.byte()?;
            }
            4 => {
                section.byte()?;
                section.number()?;
            }
            other => return Err(format!("an import is of kind {other}, which is not known").into()),
        }
        image.imports.push(format!("{from}.{}", String::from_utf8_lossy(name)));
        names.push(name);
    }
    Ok(())
}

fn custom(name: &str, mut section: Reader<'_>, image: &mut Image, module: &mut Module) -> Result<()> {
    match name {
        "name" => image.debug.symbols = true,
        "linking" => module.linking = true,
        "dylink.0" | "dylink" => {
            module.dynamic = true;
            if name == "dylink.0" {
                dylink(section, image)?;
            }
        }
        "build_id" => image.build_id = Some(crate::digest::hex(section.bytes()?)),
        "external_debug_info" => image.debug.link = Some(section.text()?),
        "go:buildid" | "go.buildid" => {
            let text = String::from_utf8_lossy(section.0);
            image.build_id = text.split('"').nth(1).map(str::to_owned);
        }
        ".debug_info" => image.debug.info = true,
        "producers" => {
            for _ in 0..section.count()? {
                section.text()?;
                for _ in 0..section.count()? {
                    let (tool, version) = (section.text()?, section.text()?);
                    image.tools.push(format!("{tool} {version}").trim_end().to_owned());
                }
            }
        }
        "target_features" => {
            let mut features = Vec::new();
            for _ in 0..section.count()? {
                let used = section.byte()?;
                let feature = section.text()?;
                if used == b'+' || used == b'=' {
                    features.push(feature);
                }
            }
            image.cpu = Some(Cpu { baseline: None, features, source: "target_features section" });
        }
        _ => {}
    }
    Ok(())
}

/// Subsection 2 of `dylink.0` names the needed libraries.
fn dylink(mut section: Reader<'_>, image: &mut Image) -> Result<()> {
    while !section.0.is_empty() {
        let kind = section.byte()?;
        let mut content = Reader(section.bytes()?);
        if kind == 2 {
            for _ in 0..content.count()? {
                image.needed.push(content.text()?);
            }
        }
    }
    Ok(())
}

fn section_name(id: u8) -> &'static str {
    const NAMES: &[&str] = &[
        "custom",
        "type",
        "import",
        "function",
        "table",
        "memory",
        "global",
        "export",
        "start",
        "element",
        "code",
        "data",
        "datacount",
        "tag",
    ];
    NAMES.get(usize::from(id)).copied().unwrap_or("unknown")
}
