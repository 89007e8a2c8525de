//! `nm` for Mach-O: Apple's letters, and with `-m` its words.

use std::cmp::Ordering;

use super::{Part, each_part};
use crate::binutils::demangle::{self, Style};
use crate::binutils::{Out, in_file};
use crate::error::Result;
use crate::macho::names::*;
use crate::macho::symbols::{self, Symbol};
use crate::macho::{Image, binds};

#[derive(Clone, Copy, PartialEq)]
pub(in crate::binutils) enum Format {
    Bsd,
    Posix,
    JustSymbols,
    /// `-m`: where a symbol is and what it is, in words.
    Words,
}

#[derive(Clone, Copy, PartialEq)]
pub(in crate::binutils) enum Sort {
    Name,
    Address,
    None,
}

/// What was asked for.
pub(in crate::binutils) struct Settings {
    pub(in crate::binutils) all: bool,
    pub(in crate::binutils) file_names: bool,
    pub(in crate::binutils) style: Style,
    pub(in crate::binutils) external: bool,
    pub(in crate::binutils) undefined: bool,
    pub(in crate::binutils) defined: bool,
    pub(in crate::binutils) no_weak: bool,
    pub(in crate::binutils) quiet: bool,
    pub(in crate::binutils) reverse: bool,
    pub(in crate::binutils) several: bool,
    pub(in crate::binutils) format: Format,
    pub(in crate::binutils) sort: Sort,
    pub(in crate::binutils) radix: u32,
    pub(in crate::binutils) arch: Option<String>,
}

/// Shows the symbols of every Mach-O file in the file.
pub(in crate::binutils) fn file(shown: &str, data: &[u8], settings: &Settings, out: &mut Out) -> Result<()> {
    each_part(shown, data, settings.arch.as_deref(), &mut |part| one(shown, part, settings, out))
}

fn one(shown: &str, part: &Part<'_>, settings: &Settings, out: &mut Out) -> Result<()> {
    let mut name = shown.to_owned();
    if let Some(member) = &part.member {
        name = match settings.file_names {
            true => format!("{name}:{member}"),
            false => format!("{name}({member})"),
        };
    }
    let arch = part.arch.as_ref().filter(|_| settings.arch.as_deref().is_none_or(|arch| arch == "all"));
    let of_arch = arch.map_or_else(String::new, |arch| format!(" (for architecture {arch})"));
    let image = Image::parse(part.data).map_err(in_file(&name))?;
    let symbols = symbols::read(&image).map_err(in_file(&name))?;
    let has_head = (settings.several || part.member.is_some() || !of_arch.is_empty()) && !settings.file_names;
    if has_head && settings.format != Format::JustSymbols {
        out.text(format!("\n{name}{of_arch}:\n"))?;
    }
    if symbols.is_empty() {
        if !settings.quiet {
            out.flush()?;
            eprintln!("xcc: nm: {name}: no symbols");
        }
        return Ok(());
    }
    let mut rows: Vec<&Symbol<'_>> = symbols.iter().filter(|symbol| wanted(symbol, settings)).collect();
    sort(&mut rows, settings);
    let head = match (settings.file_names, arch) {
        (false, _) => String::new(),
        (true, None) => format!("{name}: "),
        (true, Some(arch)) => format!("(for architecture {arch}):{name}: "),
    };
    for symbol in rows {
        out.text(format!("{head}{}\n", text(&image, symbol, settings)))?;
    }
    Ok(())
}

fn wanted(symbol: &Symbol<'_>, settings: &Settings) -> bool {
    let undefined = symbol.is_undefined() && symbol.entry.value == 0;
    let weak = symbol.entry.description & if undefined { N_WEAK_REF } else { N_WEAK_DEF } != 0;
    !(symbol.is_stab() && !settings.all
        || settings.external && (!symbol.is_external() || symbol.is_stab())
        || settings.undefined && !undefined
        || settings.defined && undefined
        || settings.no_weak && weak && !symbol.is_stab())
}

fn sort(rows: &mut [&Symbol<'_>], settings: &Settings) {
    let by_address = |a: &&Symbol<'_>, b: &&Symbol<'_>| {
        b.is_undefined().cmp(&a.is_undefined()).then(a.entry.value.cmp(&b.entry.value)).then(a.name.cmp(b.name))
    };
    let by_name = |a: &&Symbol<'_>, b: &&Symbol<'_>| a.name.cmp(b.name).then(a.entry.value.cmp(&b.entry.value));
    let compare: &dyn Fn(&&Symbol<'_>, &&Symbol<'_>) -> Ordering = match settings.sort {
        Sort::None => return,
        Sort::Name => &by_name,
        Sort::Address => &by_address,
    };
    rows.sort_by(|a, b| if settings.reverse { compare(b, a) } else { compare(a, b) });
}

/// Small for a local symbol, a capital for an external one.
fn letter(image: &Image<'_>, symbol: &Symbol<'_>) -> char {
    if symbol.is_stab() {
        return '-';
    }
    let section = image.sections().nth(usize::from(symbol.entry.section).wrapping_sub(1));
    let small = match symbol.kind() {
        N_UNDF if symbol.entry.value != 0 => 'c',
        N_UNDF => 'u',
        N_ABS => 'a',
        N_INDR => 'i',
        N_SECT => match section.map(|section| (&*section.segment, &*section.name)) {
            Some(("__TEXT", "__text")) => 't',
            Some(("__DATA", "__data")) => 'd',
            Some(("__DATA", "__bss")) => 'b',
            _ => 's',
        },
        _ => '?',
    };
    if symbol.is_external() { small.to_ascii_uppercase() } else { small }
}

fn number(value: u64, settings: &Settings) -> String {
    match settings.radix {
        8 => format!("{value:016o}"),
        10 => format!("{value:016}"),
        _ => format!("{value:016x}"),
    }
}

fn text(image: &Image<'_>, symbol: &Symbol<'_>, settings: &Settings) -> String {
    let raw = String::from_utf8_lossy(symbol.name);
    // C's names begin with an underscore, which the demangler does not expect before `_Z` and `_R`.
    let inner = raw.strip_prefix('_').filter(|_| settings.style != Style::None);
    let name = match inner.map(|inner| (inner, demangle::symbol(inner, settings.style))) {
        Some((inner, plain)) if plain != inner => plain,
        _ => raw.into_owned(),
    };
    let undefined = symbol.is_undefined() && symbol.entry.value == 0;
    let value = symbol.entry.value;
    match settings.format {
        Format::JustSymbols => name,
        Format::Posix => format!("{name} {} {value:x} 0", letter(image, symbol)),
        _ if symbol.is_stab() => stab(symbol, &name, settings),
        Format::Words => words(image, symbol, &name, settings),
        // Of these there is nothing else to say.
        Format::Bsd if undefined && settings.undefined => name,
        Format::Bsd if undefined => format!("{:16} {} {name}", "", letter(image, symbol)),
        Format::Bsd => format!("{} {} {name}", number(value, settings), letter(image, symbol)),
    }
}

/// Section, description and kind of a symbol for debuggers.
fn stab(symbol: &Symbol<'_>, name: &str, settings: &Settings) -> String {
    const KINDS: &[(u8, &str)] = &[
        (0x20, "GSYM"),
        (0x22, "FNAME"),
        (0x24, "FUN"),
        (0x26, "STSYM"),
        (0x28, "LCSYM"),
        (0x2e, "BNSYM"),
        (0x32, "AST"),
        (0x3c, "OPT"),
        (0x40, "RSYM"),
        (0x44, "SLINE"),
        (0x4e, "ENSYM"),
        (0x60, "SSYM"),
        (0x64, "SO"),
        (0x66, "OSO"),
        (0x80, "LSYM"),
        (0x82, "BINCL"),
        (0x84, "SOL"),
        (0xa2, "EINCL"),
        (0xc0, "LBRAC"),
        (0xe0, "RBRAC"),
    ];
    let entry = &symbol.entry;
    let kind = KINDS.iter().find(|row| row.0 == entry.kind);
    let kind = kind.map_or_else(|| format!("{:02x}", entry.kind), |row| row.1.to_owned());
    format!("{} - {:02x} {:04x} {kind:>5} {name}", number(entry.value, settings), entry.section, entry.description)
}

fn words(image: &Image<'_>, symbol: &Symbol<'_>, name: &str, settings: &Settings) -> String {
    let (entry, external) = (&symbol.entry, symbol.is_external());
    let common = symbol.is_undefined() && entry.value != 0;
    let undefined = symbol.is_undefined() && !common;
    let place = match symbol.kind() {
        N_UNDF if common => format!("(common) (alignment 2^{})", entry.description >> 8 & 0xf),
        N_UNDF => "(undefined)".into(),
        N_ABS => "(absolute)".into(),
        N_INDR => "(indirect)".into(),
        N_SECT => {
            let section = image.sections().nth(usize::from(entry.section).wrapping_sub(1));
            section.map_or_else(|| "(?,?)".into(), |section| format!("({},{})", section.segment, section.name))
        }
        _ => "(?)".into(),
    };
    let mut words = place;
    if external {
        if entry.description & N_REFERENCED_DYNAMICALLY != 0 {
            words.push_str(" [referenced dynamically]");
        }
        words.push_str(match () {
            () if undefined && entry.description & N_WEAK_REF != 0 => " weak external",
            () if !undefined && entry.description & N_WEAK_DEF != 0 => match entry.description & N_WEAK_REF {
                0 => " weak external",
                _ => " weak external automatically hidden",
            },
            () if entry.kind & N_PEXT != 0 => " private external",
            () => " external",
        });
    } else if entry.kind & N_PEXT != 0 {
        words.push_str(" non-external (was a private external)");
    } else {
        words.push_str(" non-external");
    }
    let from =
        if undefined && image.flags & TWO_LEVEL != 0 { library(image, entry.description) } else { String::new() };
    match undefined {
        true => format!("{:16} {words} {name}{from}", ""),
        false => format!("{} {words} {name}", number(entry.value, settings)),
    }
}

const TWO_LEVEL: u32 = 0x80;

/// The library that an undefined symbol is of, by the short form of its name.
fn library(image: &Image<'_>, description: u16) -> String {
    match i64::from((description >> 8) as i8) {
        binds::SELF if !image.is_object() => " (from this-image)".into(),
        binds::SELF => String::new(),
        -1 => " (from executable)".into(),
        binds::FLAT => " (dynamically looked up)".into(),
        _ => {
            let ordinal = usize::from(description >> 8);
            let dylibs = image.dylibs();
            let Some(dylib) = dylibs.get(ordinal - 1) else { return " (from bad library ordinal)".into() };
            format!(" (from {})", short(&String::from_utf8_lossy(dylib.name)))
        }
    }
}

/// `/usr/lib/libSystem.B.dylib` is libSystem, `…/AppKit.framework/Versions/C/AppKit` is AppKit.
fn short(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    if path.contains(&format!("{file}.framework/")) {
        return file.to_owned();
    }
    let stem = file.strip_suffix(".dylib").unwrap_or(file);
    match stem.rsplit_once('.') {
        Some((name, version)) if version.len() == 1 => name.to_owned(),
        _ => stem.to_owned(),
    }
}
