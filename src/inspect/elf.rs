//! ELF files: what the header, the segments, the dynamic section and the notes say. What the code needs of the
//! processor is in `elf/cpu.rs`, what it needs of libraries in `elf/needs.rs`.

mod cpu;
mod needs;

use std::borrow::Cow;

use object::elf::{self, Machine};

use super::read::{Found, Parts, Result};
use super::report::{Debug, Hardening, Image, Os};
use crate::binutils::elf::tables::{self, Note};
use crate::binutils::elf::{EXEC, Elf, LOAD, Layout, Section, Segment, WRITE, string_at};

/// Machines by the names in xcc's targets: number, name of the 32-bit little-endian form, and of the other three.
const MACHINES: &[(Machine, [&str; 4])] = &[
    // 32-bit little, 32-bit big, 64-bit little, 64-bit big; empty where there is none.
    (elf::EM_386, ["x86", "", "", ""]),
    (elf::EM_X86_64, ["x86_64", "", "x86_64", ""]),
    (elf::EM_ARM, ["arm", "armeb", "", ""]),
    (elf::EM_AARCH64, ["aarch64", "aarch64_be", "aarch64", "aarch64_be"]),
    (elf::EM_RISCV, ["riscv32", "riscv32be", "riscv64", "riscv64be"]),
    (elf::EM_PPC, ["powerpcle", "powerpc", "", ""]),
    (elf::EM_PPC64, ["", "", "powerpc64le", "powerpc64"]),
    (elf::EM_S390, ["", "s390", "", "s390x"]),
    (elf::EM_MIPS, ["mipsel", "mips", "mips64el", "mips64"]),
    (elf::EM_LOONGARCH, ["loongarch32", "", "loongarch64", ""]),
    (elf::EM_SPARC, ["", "sparc", "", ""]),
    (elf::EM_SPARC32PLUS, ["", "sparc", "", ""]),
    (elf::EM_SPARCV9, ["", "", "", "sparc64"]),
    (elf::EM_68K, ["", "m68k", "", ""]),
    (elf::EM_BPF, ["", "", "bpfel", "bpfeb"]),
    (elf::EM_HEXAGON, ["hexagon", "", "", ""]),
    (elf::EM_AVR, ["avr", "", "", ""]),
    (elf::EM_MSP430, ["msp430", "", "", ""]),
    (elf::EM_XTENSA, ["xtensa", "xtensaeb", "", ""]),
    (elf::EM_CSKY, ["csky", "", "", ""]),
    (elf::EM_SH, ["sh4", "sh4eb", "", ""]),
    (elf::EM_PARISC, ["", "hppa", "", "hppa64"]),
    (elf::EM_ALPHA, ["", "", "alpha", ""]),
    (elf::EM_IA_64, ["", "", "ia64", ""]),
    (elf::EM_CUDA, ["", "", "nvptx64", ""]),
    (elf::EM_AMDGPU, ["", "", "amdgcn", ""]),
];

/// Systems by `EI_OSABI`, where it says more than "as System V".
const OS_ABIS: &[(u8, &str)] = &[
    (2, "netbsd"),
    (3, "linux"),
    (4, "hurd"),
    (6, "solaris"),
    (7, "aix"),
    (8, "irix"),
    (9, "freebsd"),
    (12, "openbsd"),
    (17, "cloudabi"),
];

/// Systems by the path of their dynamic linker. The first that begins the path.
const INTERPRETERS: &[(&str, &str)] = &[
    ("/system/bin/linker", "android"),
    ("/libexec/ld-elf", "freebsd"),
    ("/usr/libexec/ld-elf.so", "freebsd"),
    ("/usr/libexec/ld.elf_so", "netbsd"),
    ("/libexec/ld.elf_so", "netbsd"),
    ("/usr/libexec/ld.so", "openbsd"),
    ("/libexec/ld-elf.so.2", "dragonfly"),
    ("/usr/lib/amd64/ld.so", "solaris"),
    ("/usr/lib/ld.so.1", "solaris"),
    ("/lib/ld-musl-", "linux"),
    ("/lib/ld-linux", "linux"),
    ("/lib64/ld-linux", "linux"),
    ("/lib/ld64.so", "linux"),
    ("/lib64/ld64.so", "linux"),
    ("/lib/ld.so.1", "linux"),
    ("/lib32/ld.so.1", "linux"),
    ("/lib64/ld.so.1", "linux"),
    ("/libx32/ld-linux", "linux"),
    ("/lib32/ld-linux", "linux"),
    ("/lib/ld-uClibc", "linux"),
];

/// A symbol, as much of it as is asked for. Unlike the tools that rewrite, this reads a symbol whose section is gone: linkers'
/// and post-link optimizers' files have such, and they run.
struct Symbol<'d> {
    name: &'d [u8],
    bind: u8,
    kind: u8,
    other: u8,
    section: u16,
}

impl Symbol<'_> {
    fn is_local(&self) -> bool {
        self.bind == elf::STB_LOCAL.0
    }

    fn is_undefined(&self) -> bool {
        self.section == 0
    }
}

/// The symbols of the table of that kind, without the null one.
fn symbols<'d>(elf: &Elf<'d>, kind: elf::SectionType) -> Result<Vec<Symbol<'d>>> {
    let Some((_, section)) = elf.by_kind(kind) else { return Ok(Vec::new()) };
    let strings = elf.sections.get(section.link as usize).ok_or("the symbol table has no string table")?;
    let (Cow::Borrowed(data), Cow::Borrowed(strings)) = (&section.data, &strings.data) else { return Ok(Vec::new()) };
    let layout = elf.layout;
    let (info, other, index) = if layout.wide { (4, 5, 6) } else { (12, 13, 14) };
    let symbols = data.chunks_exact(layout.symbol_size()).skip(1).map(|raw| {
        let number = |at, size| layout.get(raw, at, size).unwrap_or(0);
        Ok(Symbol {
            name: match number(0, 4) {
                0 => &[],
                at => string_at(strings, at)?,
            },
            bind: (number(info, 1) >> 4) as u8,
            kind: (number(info, 1) & 15) as u8,
            other: number(other, 1) as u8,
            section: number(index, 2) as u16,
        })
    });
    symbols.collect()
}

/// Everything of the file that more than one question is about.
struct Facts<'a, 'd> {
    elf: &'a Elf<'d>,
    notes: Vec<Note<'a>>,
    /// Symbols of `.dynsym` and of `.symtab`, without the null ones.
    dynamic: Vec<Symbol<'d>>,
    symbols: Vec<Symbol<'d>>,
    flags: u64,
    flags_1: u64,
    interpreter: Option<String>,
}

/// # Errors
/// What is wrong with the file.
pub(super) fn read<'d>(data: &'d [u8], image: &mut Image) -> Result<Parts<'d>> {
    let elf = Elf::parse(data)?;
    let facts = Facts::of(&elf)?;
    image.format = "elf";
    image.bits = Some(if elf.layout.wide { 64 } else { 32 });
    image.endian = Some(if elf.layout.big { "big" } else { "little" });
    image.arch = Some(arch(elf.machine(), elf.layout, elf.header.flags));
    image.abi = cpu::abi(&elf);
    image.interpreter.clone_from(&facts.interpreter);
    image.kind = facts.kind();
    image.debug = debug(&facts);
    needs::read(&facts, image)?;
    image.linkage = facts.linkage(image);
    image.os = facts.os();
    image.cpu = cpu::read(&elf, &facts.notes);
    image.build_id = facts.note("GNU", 3).map(crate::digest::hex).or_else(|| {
        let id = facts.note("Go", 4)?;
        Some(String::from_utf8_lossy(id).into_owned()).filter(|id| !id.is_empty())
    });
    image.hardening = facts.hardening(image, cpu::control_flow(&elf, &facts.notes));
    facts.findings(image);
    let names = facts.dynamic.iter().chain(&facts.symbols).map(|symbol| symbol.name).collect();
    let sections = elf.sections.iter().filter(|section| section.kind != elf::SHT_NOBITS.0).map(found).collect();
    Ok(Parts { sections, names })
}

fn found<'d>(section: &Section<'d>) -> Found<'d> {
    Found {
        name: section.text().into_owned(),
        offset: section.offset,
        size: section.data.len() as u64,
        data: match section.data {
            Cow::Borrowed(data) => data,
            Cow::Owned(_) => &[],
        },
        code: section.flags & EXEC != 0,
    }
}

fn arch(machine: Machine, layout: Layout, flags: u32) -> String {
    let column = usize::from(layout.wide) * 2 + usize::from(layout.big);
    let name = MACHINES.iter().find(|row| row.0 == machine).map_or("", |row| row.1[column]);
    // N32 has 32-bit addresses on a 64-bit processor.
    if machine == elf::EM_MIPS && !layout.wide && flags & elf::EF_MIPS_ABI2.0 != 0 {
        return if layout.big { "mips64".into() } else { "mips64el".into() };
    }
    if name.is_empty() { format!("machine {}", machine.0) } else { name.to_owned() }
}

impl<'a, 'd> Facts<'a, 'd> {
    fn of(elf: &'a Elf<'d>) -> Result<Facts<'a, 'd>> {
        let mut notes = Vec::new();
        // A broken note is no reason to say nothing about the rest, but one to say it.
        if elf.sections.is_empty() {
            for segment in elf.segments.iter().filter(|segment| segment.kind == elf::PT_NOTE.0) {
                let data = range(elf.data, segment.offset, segment.file_size);
                notes.extend(tables::notes(elf.layout, data, segment.align)?);
            }
        }
        for section in elf.sections.iter().filter(|section| section.kind == elf::SHT_NOTE.0) {
            notes.extend(tables::notes(elf.layout, &section.data, section.align)?);
        }
        let entries = elf.dynamic();
        let value =
            |tag: elf::DynamicTag| entries.iter().find(|entry| entry.tag == tag.0).map_or(0, |entry| entry.value);
        let interpreter = elf.segments.iter().find(|segment| segment.kind == elf::PT_INTERP.0).map(|segment| {
            let data = range(elf.data, segment.offset, segment.file_size);
            String::from_utf8_lossy(data.split(|byte| *byte == 0).next().unwrap_or(&[])).into_owned()
        });
        Ok(Facts {
            elf,
            notes,
            dynamic: symbols(elf, elf::SHT_DYNSYM)?,
            symbols: symbols(elf, elf::SHT_SYMTAB)?,
            flags: value(elf::DT_FLAGS),
            flags_1: value(elf::DT_FLAGS_1),
            interpreter: interpreter.filter(|path| !path.is_empty()),
        })
    }

    fn has_entry(&self, tag: elf::DynamicTag) -> bool {
        self.elf.dynamic().iter().any(|entry| entry.tag == tag.0)
    }

    fn note(&self, owner: &str, kind: u32) -> Option<&'a [u8]> {
        self.notes.iter().find(|note| note.owner == owner && note.kind == kind).map(|note| note.description)
    }

    fn kind(&self) -> &'static str {
        let module = || self.elf.sections.iter().any(|section| &*section.name == b".modinfo");
        match elf::FileType(self.elf.header.kind) {
            elf::ET_REL if module() => "kernel module",
            elf::ET_REL => "object",
            elf::ET_EXEC => "executable",
            elf::ET_CORE => "core",
            elf::ET_DYN if self.flags_1 & elf::DF_1_PIE.0 != 0 => "executable",
            // Linkers before the flag: glibc's own libc.so.6 has an interpreter too, and a name.
            elf::ET_DYN if self.interpreter.is_some() && !self.has_entry(elf::DT_SONAME) => "executable",
            elf::ET_DYN if self.segments(elf::PT_DYNAMIC.0).next().is_none() && self.elf.segments.is_empty() => {
                "debug information"
            }
            elf::ET_DYN => "shared library",
            _ => "file of a processor's or system's own type",
        }
    }

    fn segments(&self, kind: u32) -> impl Iterator<Item = &'a Segment> {
        self.elf.segments.iter().filter(move |segment| segment.kind == kind)
    }

    fn linkage(&self, image: &Image) -> Option<&'static str> {
        match image.kind {
            "shared library" => Some("dynamic"),
            "executable" if self.interpreter.is_some() || !image.needed.is_empty() => Some("dynamic"),
            "executable" if self.elf.header.kind == elf::ET_DYN.0 => Some("static-pie"),
            "executable" => Some("static"),
            _ => None,
        }
    }

    fn os(&self) -> Option<Os> {
        let word = |data: &[u8], at| self.elf.layout.u32(data, at);
        let os = |name: &str, min_version, source| Some(Os { name: name.to_owned(), min_version, sdk: None, source });
        if let Some(tag) = self.note("Android", 1) {
            return os("android", word(tag, 0).map(|level| format!("API {level}")), "Android note");
        }
        if let Some(tag) = self.note("GNU", 1) {
            let names = ["linux", "hurd", "solaris", "freebsd", "netbsd", "syllable", "nacl"];
            let name = word(tag, 0).and_then(|number| names.get(number as usize).copied());
            let version = (0..3).map(|n| word(tag, 4 + n * 4).map(|n| n.to_string())).collect::<Option<Vec<_>>>();
            if let Some(name) = name {
                return os(name, version.map(|numbers| numbers.join(".")), "GNU ABI note");
            }
        }
        if let Some(tag) = self.note("FreeBSD", 1) {
            // __FreeBSD_version: 1400097 is 14.0.
            let version = word(tag, 0).map(|number| format!("{}.{}", number / 100_000, number / 1000 % 100));
            return os("freebsd", version, "FreeBSD note");
        }
        if let Some(tag) = self.note("NetBSD", 1) {
            // __NetBSD_Version__: MMmmrrpp00, 1001000000 is 10.1.
            let version = word(tag, 0).map(|number| format!("{}.{}", number / 100_000_000, number / 1_000_000 % 100));
            return os("netbsd", version, "NetBSD note");
        }
        if self.note("OpenBSD", 1).is_some() {
            return os("openbsd", None, "OpenBSD note");
        }
        if let Some(name) = OS_ABIS.iter().find(|row| row.0 == self.elf.header.os_abi).map(|row| row.1) {
            return os(name, None, "EI_OSABI");
        }
        let path = self.interpreter.as_deref()?;
        let name = INTERPRETERS.iter().find(|row| path.starts_with(row.0))?.1;
        os(name, None, "interpreter")
    }

    fn names(&self) -> impl Iterator<Item = &'d [u8]> {
        self.dynamic.iter().chain(&self.symbols).map(|symbol| symbol.name)
    }

    fn hardening(&self, image: &Image, mut control_flow: Vec<&'static str>) -> Hardening {
        let linked = image.linkage.is_some();
        let dynamic = self.segments(elf::PT_DYNAMIC.0).next().is_some();
        let relro = self.segments(elf::PT_GNU_RELRO.0).next().is_some();
        let now = self.has_entry(elf::DT_BIND_NOW) || self.flags & 8 != 0 || self.flags_1 & 1 != 0;
        // Without a table of lazily bound functions, everything is bound at the start anyway.
        let lazy = self.has_entry(elf::DT_JMPREL) && image.linkage == Some("dynamic");
        let stack = self.segments(elf::PT_GNU_STACK.0).next();
        let has = |wanted: fn(&[u8]) -> bool| self.names().any(wanted);
        if has(|name| name == b"__cfi_check" || name.starts_with(b"__cfi_slowpath")) {
            control_flow.push("CFI");
        }
        // What a static program calls and what of the C library came along with it look the same, and zig's compiler-rt brings these
        // functions into dynamic ones, all when one is called.
        let is_object = image.kind == "object";
        let calls = |wanted: fn(&[u8]) -> bool| {
            let table = if is_object { &self.symbols } else { &self.dynamic };
            let called = table.iter().any(|symbol| symbol.is_undefined() && wanted(symbol.name));
            let complete =
                is_object || !self.symbols.is_empty() && !self.symbols.iter().any(|symbol| wanted(symbol.name));
            match (called, complete && image.linkage.is_none_or(|linkage| linkage == "dynamic")) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            }
        };
        Hardening {
            relro: linked.then_some(match (relro, now || !lazy) {
                (false, _) => "none",
                (true, true) => "full",
                (true, false) => "partial",
            }),
            nx: stack.filter(|_| linked).map(|segment| segment.flags & elf::PF_X.0 == 0),
            pie: (image.kind == "executable").then_some(self.elf.header.kind == elf::ET_DYN.0),
            high_entropy: None,
            stack_protector: calls(|name| name.starts_with(b"__stack_chk_") || name == b"__stack_smash_handler"),
            fortify: calls(is_checked),
            control_flow,
            text_relocations: (linked && dynamic).then(|| self.has_entry(elf::DT_TEXTREL) || self.flags & 4 != 0),
        }
    }

    fn findings(&self, image: &mut Image) {
        let all = elf::PF_X.0 | elf::PF_W.0;
        if self.segments(LOAD).any(|segment| segment.flags & all == all) {
            image.findings.push("a segment is writable and executable at once".into());
        }
        if image.hardening.nx == Some(false) {
            image.findings.push("the stack is executable".into());
        }
        let relative = |directory: &&String| !directory.starts_with('/') && !directory.starts_with('$');
        for directory in image.rpath.iter().filter(relative) {
            let shown = if directory.is_empty() { "an empty one" } else { directory };
            image.findings.push(format!("libraries are searched for in a relative directory, {shown}"));
        }
        if self.has_entry(elf::DT_RPATH) && self.has_entry(elf::DT_RUNPATH) {
            image.findings.push("DT_RPATH is ignored where there is a DT_RUNPATH".into());
        }
        let writable = self.elf.sections.iter().find(|section| section.flags & (EXEC | WRITE) == EXEC | WRITE);
        if let Some(section) = writable.filter(|_| image.kind == "object") {
            image.findings.push(format!("section {} is writable and executable", section.text()));
        }
    }
}

/// `__memcpy_chk` and its kind, which `_FORTIFY_SOURCE` calls; the one of the stack protector is none.
fn is_checked(name: &[u8]) -> bool {
    name.starts_with(b"__") && name.ends_with(b"_chk") && name.len() > 6
}

fn debug(facts: &Facts<'_, '_>) -> Debug {
    let elf = facts.elf;
    let info = elf.sections.iter().any(|section| {
        let name = &*section.name;
        let types = [&b".debug_info"[..], b".zdebug_info", b".stab", b".debug_info.dwo", b".SUNW_ctf", b".debug"];
        types.contains(&name) && section.kind != elf::SHT_NOBITS.0
    });
    let link = elf.sections.iter().find(|section| &*section.name == b".gnu_debuglink");
    let link = link.and_then(|section| section.data.split(|byte| *byte == 0).next());
    let aside = [elf::STT_SECTION.0, elf::STT_FILE.0];
    let named = |symbol: &Symbol<'_>| !symbol.is_undefined() && !aside.contains(&symbol.kind);
    Debug {
        info,
        symbols: facts.symbols.iter().any(named),
        link: link.map(|name| String::from_utf8_lossy(name).into_owned()),
    }
}

/// Bytes of the file; a segment has been found to lie inside it.
fn range(data: &[u8], offset: u64, size: u64) -> &[u8] {
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    data.get(start..).and_then(|rest| rest.get(..size)).unwrap_or(&[])
}
