//! `nm`: the symbols of objects, in the formats of GNU's nm (bsd, posix, sysv, just-symbols). The rows come from the
//! formats of objects, one module each.

mod elf;
mod pe;

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::archive::{self, Archive};
use super::demangle::{self, Style};
use super::object::Object;
use super::options::{self, Opt, Spec, Value};
use super::{Out, Tool, for_each_file, in_file, macho, member_name};
use crate::env::Env;
use crate::error::{Error, Result};

pub(super) use elf::{address, is_mapping};

#[derive(Clone, Copy)]
enum O {
    All,
    FileNames,
    Demangle,
    NoDemangle,
    Dynamic,
    Extern,
    Format,
    Bsd,
    Posix,
    JustSymbols,
    Numeric,
    NoSort,
    Reverse,
    Size,
    Index,
    SizeSort,
    Special,
    Radix,
    Undefined,
    Defined,
    NoWeak,
    NoVersions,
    Quiet,
    Words,
    Arch,
    Ignored,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Nm,
    usage: "[option...] [file...]",
    help: "h",
    version: "V",
    options: &[
        Opt(O::All, "a", &["debug-syms"], Value::None, "Show the symbols of sections and files too"),
        Opt(O::FileNames, "Ao", &["print-file-name"], Value::None, "Begin each line with the file's name"),
        Opt(O::Bsd, "B", &[], Value::None, "The same as --format=bsd"),
        Opt(O::Demangle, "C", &["demangle"], Value::Optional("style"), "Show the names of C++ and Rust as written"),
        Opt(O::NoDemangle, "", &["no-demangle"], Value::None, "Show names as they are"),
        Opt(O::Dynamic, "D", &["dynamic"], Value::None, "Show the dynamic symbols"),
        Opt(O::Ignored, "e", &[], Value::None, "No meaning, as in GNU's nm"),
        Opt(O::Format, "f", &["format"], Value::Required("format"), "bsd, posix, sysv or just-symbols"),
        Opt(O::Extern, "g", &["extern-only"], Value::None, "Only external symbols"),
        Opt(O::JustSymbols, "j", &["just-symbols"], Value::None, "Only the names"),
        Opt(O::Ignored, "l", &["line-numbers"], Value::Missing("ask 'addr2line' for the lines of addresses"), ""),
        Opt(O::Numeric, "nv", &["numeric-sort"], Value::None, "Sort by address"),
        Opt(O::NoSort, "p", &["no-sort"], Value::None, "Keep the order of the symbol table"),
        Opt(O::Posix, "P", &["portability"], Value::None, "The same as --format=posix"),
        Opt(O::Quiet, "", &["quiet"], Value::None, "Do not say 'no symbols'"),
        Opt(O::Reverse, "r", &["reverse-sort"], Value::None, "Sort the other way round"),
        Opt(O::Index, "s", &["print-armap"], Value::None, "Show the index of an archive first"),
        Opt(O::Size, "S", &["print-size"], Value::None, "Show sizes"),
        Opt(O::SizeSort, "", &["size-sort"], Value::None, "Sort by size, and show that"),
        Opt(O::Special, "", &["special-syms"], Value::None, "Show the mapping symbols of Arm and RISC-V too"),
        Opt(O::Radix, "t", &["radix"], Value::Required("radix"), "Show numbers in d, o or x"),
        Opt(O::Undefined, "u", &["undefined-only"], Value::None, "Only undefined symbols"),
        Opt(O::Defined, "U", &["defined-only"], Value::None, "Only defined symbols"),
        Opt(O::NoWeak, "W", &["no-weak"], Value::None, "No weak symbols"),
        Opt(O::Ignored, "", &["with-symbol-versions"], Value::None, "The default, as in GNU's nm"),
        Opt(O::NoVersions, "", &["without-symbol-versions"], Value::None, "Leave versions off dynamic symbols"),
        Opt(O::Words, "m", &[], Value::None, "Mach-O: show in words what a symbol is and where"),
        Opt(O::Arch, "", &["arch"], Value::Required("arch"), "Mach-O: one architecture of a universal file, or 'all'"),
        Opt(O::Ignored, "X", &[], Value::Required("32_64"), "No meaning, as in GNU's nm"),
        Opt(O::Ignored, "", &["plugin"], Value::Missing("bitcode is read by LLVM's nm: set XCC_BINUTILS=llvm"), ""),
        Opt(O::Ignored, "", &["synthetic"], Value::Missing("synthetic symbols of PLT entries are not made up"), ""),
        Opt(O::Ignored, "", &["target"], Value::Missing("the format is read from the file"), ""),
        Opt(O::Ignored, "", &["recurse-limit"], Value::None, "The default, as in GNU's nm"),
    ],
};

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Bsd,
    Posix,
    Sysv,
    JustSymbols,
}

const FORMATS: &[(&str, Format)] = &[
    ("bsd", Format::Bsd),
    ("posix", Format::Posix),
    ("sysv", Format::Sysv),
    ("just-symbols", Format::JustSymbols),
    ("berkeley", Format::Bsd),
];

#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Name,
    Address,
    Size,
    None,
}

struct Settings {
    all: bool,
    file_names: bool,
    style: Style,
    dynamic: bool,
    external: bool,
    format: Format,
    sort: Sort,
    reverse: bool,
    size: bool,
    index: bool,
    special: bool,
    radix: u32,
    undefined: bool,
    defined: bool,
    no_weak: bool,
    versions: bool,
    quiet: bool,
    several: bool,
    words: bool,
    arch: Option<String>,
}

pub(super) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some(line) = SPEC.parse(&macho::apple_words(argv, &[("-arch", "--arch")]), env, out)? else { return Ok(0) };
    let mut settings = Settings {
        all: false,
        file_names: false,
        style: Style::None,
        dynamic: false,
        external: false,
        format: Format::Bsd,
        sort: Sort::Name,
        reverse: false,
        size: false,
        index: false,
        special: false,
        radix: 16,
        undefined: false,
        defined: false,
        no_weak: false,
        versions: true,
        quiet: false,
        several: line.operands.len() > 1,
        words: false,
        arch: None,
    };
    for (option, value) in &line.options {
        match option {
            O::All => settings.all = true,
            O::FileNames => settings.file_names = true,
            O::Demangle => settings.style = demangle::style("--demangle", value)?,
            O::NoDemangle => settings.style = Style::None,
            O::Dynamic => settings.dynamic = true,
            O::Extern => settings.external = true,
            O::Format => settings.format = options::choice("--format", value, FORMATS)?,
            O::Bsd => settings.format = Format::Bsd,
            O::Posix => settings.format = Format::Posix,
            O::JustSymbols => settings.format = Format::JustSymbols,
            O::Numeric => settings.sort = Sort::Address,
            O::NoSort => settings.sort = Sort::None,
            O::Reverse => settings.reverse = true,
            O::Size => settings.size = true,
            O::Index => settings.index = true,
            O::SizeSort => settings.sort = Sort::Size,
            O::Special => settings.special = true,
            O::Radix => settings.radix = options::choice("--radix", value, &[("d", 10), ("o", 8), ("x", 16)])?,
            O::Undefined => settings.undefined = true,
            O::Defined => settings.defined = true,
            O::NoWeak => settings.no_weak = true,
            O::NoVersions => settings.versions = false,
            O::Quiet => settings.quiet = true,
            O::Words => settings.words = true,
            O::Arch => settings.arch = Some(value.to_string_lossy().into_owned()),
            O::Ignored => {}
        }
    }
    for_each_file(&line.operands, out, |name, data, out| file(name, data, &settings, out))
}

fn file(name: &OsStr, data: &[u8], settings: &Settings, out: &mut Out) -> Result<()> {
    let shown = name.to_string_lossy();
    if macho::is_ours(data) {
        return macho::nm::file(&shown, data, &of_macho(settings)?, out);
    }
    if !archive::is_archive(data) {
        if settings.several && !matches!(settings.format, Format::Sysv | Format::JustSymbols) && !settings.file_names {
            out.text(format!("\n{shown}:\n"))?;
        }
        return object(&shown, &shown, data, settings, out);
    }
    let archive = Archive::read(data, Path::new(name)).map_err(in_file(&shown))?;
    if settings.index && !archive.index.is_empty() {
        out.text("\nArchive index:\n")?;
        for (symbol, member) in &archive.index {
            let member = String::from_utf8_lossy(member);
            out.text(format!("{} in {member}\n", String::from_utf8_lossy(symbol)))?;
        }
    }
    for member in &archive.members {
        let short = String::from_utf8_lossy(&member.name);
        if !settings.file_names {
            match settings.format {
                Format::Posix => out.text(format!("{shown}[{short}]:\n"))?,
                Format::Sysv | Format::JustSymbols => {}
                _ => out.text(format!("\n{short}:\n"))?,
            }
        }
        let prefix = match settings.format {
            Format::Posix => format!("{shown}[{short}]"),
            _ => format!("{shown}:{short}"),
        };
        let done = object(&prefix, &member_name(&shown, &member.name), &member.data, settings, out);
        if let Err(error) = done {
            // Archives also hold what is no object; GNU's nm says so and goes on, with status 0.
            super::complain(out, &error)?;
        }
    }
    Ok(())
}

/// # Errors
/// What Mach-O has not: tables of dynamic symbols, sizes of symbols.
fn of_macho(settings: &Settings) -> Result<macho::nm::Settings> {
    let missing = |option: &str| Err(Error::message(format!("'{option}' is not supported for Mach-O files")));
    if settings.dynamic {
        return missing("--dynamic");
    }
    if settings.sort == Sort::Size || settings.size {
        return missing("--size-sort");
    }
    Ok(macho::nm::Settings {
        all: settings.all,
        file_names: settings.file_names,
        style: settings.style,
        external: settings.external,
        undefined: settings.undefined,
        defined: settings.defined,
        no_weak: settings.no_weak,
        quiet: settings.quiet,
        reverse: settings.reverse,
        several: settings.several,
        format: match settings.format {
            Format::Bsd if settings.words => macho::nm::Format::Words,
            Format::Bsd => macho::nm::Format::Bsd,
            Format::Posix => macho::nm::Format::Posix,
            Format::JustSymbols => macho::nm::Format::JustSymbols,
            Format::Sysv => return missing("--format=sysv"),
        },
        sort: match settings.sort {
            Sort::Address => macho::nm::Sort::Address,
            Sort::None => macho::nm::Sort::None,
            _ => macho::nm::Sort::Name,
        },
        radix: settings.radix,
        arch: settings.arch.clone(),
    })
}

/// A symbol as it is printed.
struct Row {
    /// Not demangled, for the sort.
    name: String,
    /// Bytes of the name that come before the one in C.
    lead: usize,
    version: String,
    value: u64,
    size: u64,
    letter: char,
    undefined: bool,
    /// What it is and where, for the long format.
    kind: String,
    section: String,
}

/// The symbols of an object that were asked for.
struct Rows {
    rows: Vec<Row>,
    /// The object has symbols at all.
    any: bool,
    /// Digits of an address.
    width: usize,
}

fn object(prefix: &str, shown: &str, data: &[u8], settings: &Settings, out: &mut Out) -> Result<()> {
    let fail = in_file(shown);
    let read = match Object::parse(data).map_err(&fail)? {
        Object::Elf(file) => elf::rows(&file, settings).map_err(&fail)?,
        Object::Pe(file) => pe::rows(&file, settings),
    };
    let Rows { mut rows, any, width } = read;
    if settings.sort == Sort::Size {
        rows.retain(|row| !row.undefined && row.size != 0);
    }
    if settings.format == Format::Sysv {
        out.text(sysv_head(prefix, width, settings))?;
    }
    if !any {
        if !settings.quiet {
            out.flush()?;
            eprintln!("xcc: nm: {shown}: no symbols");
        }
        return Ok(());
    }
    sort(&mut rows, settings);
    for row in &rows {
        out.text(text(row, prefix, width, settings) + "\n")?;
    }
    Ok(())
}

fn sort(rows: &mut [Row], settings: &Settings) {
    let by_name = |a: &Row, b: &Row| a.name.as_bytes().cmp(b.name.as_bytes());
    let by_address = |a: &Row, b: &Row| match (a.undefined, b.undefined) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (true, true) => by_name(a, b),
        (false, false) => a.value.cmp(&b.value).then_with(|| by_name(a, b)),
    };
    let compare: &dyn Fn(&Row, &Row) -> Ordering = match settings.sort {
        Sort::None => return,
        Sort::Name => &by_name,
        Sort::Address => &by_address,
        Sort::Size => &|a, b| a.size.cmp(&b.size).then_with(|| by_name(a, b)),
    };
    rows.sort_by(|a, b| if settings.reverse { compare(b, a) } else { compare(a, b) });
}

fn number(value: u64, radix: u32, width: usize) -> String {
    match radix {
        8 => format!("{value:0width$o}"),
        10 => format!("{value:0width$}"),
        _ => format!("{value:0width$x}"),
    }
}

fn text(row: &Row, prefix: &str, width: usize, settings: &Settings) -> String {
    let name = demangle::symbol(&row.name[row.lead..], settings.style) + &row.version;
    let undefined = row.undefined;
    let head = match settings.file_names {
        true if settings.format == Format::Posix => format!("{prefix}: "),
        true => format!("{prefix}:"),
        false => String::new(),
    };
    match settings.format {
        Format::JustSymbols => format!("{head}{name}"),
        Format::Posix if undefined => format!("{head}{name} {}         ", row.letter),
        Format::Posix => {
            let size = if row.size == 0 { String::new() } else { number(row.size, settings.radix, 0) };
            format!("{head}{name} {} {} {size}", row.letter, number(row.value, settings.radix, 0))
        }
        Format::Bsd => {
            let value = match () {
                () if undefined => " ".repeat(width),
                () if settings.sort == Sort::Size && !settings.size => number(row.size, settings.radix, width),
                () => number(row.value, settings.radix, width),
            };
            let sized = settings.size && row.size != 0 && !undefined;
            let size = if sized { format!(" {}", number(row.size, settings.radix, width)) } else { String::new() };
            format!("{head}{value}{size} {} {name}", row.letter)
        }
        Format::Sysv => {
            let value = if undefined { " ".repeat(width) } else { number(row.value, settings.radix, width) };
            let size = match row.size {
                0 => " ".repeat(width),
                size => number(size, settings.radix, width),
            };
            let (kind, section) = (&row.kind, &row.section);
            format!("{head}{name:<20}|{value}|   {}  |{kind:>18}|{size}|     |{section}", row.letter)
        }
    }
}

fn sysv_head(prefix: &str, width: usize, settings: &Settings) -> String {
    let what = if settings.undefined { "Undefined symbols" } else { "Symbols" };
    let prefix = match prefix.split_once(':') {
        Some((archive, member)) => format!("{archive}[{member}]"),
        None => prefix.to_owned(),
    };
    let columns = match width == 16 {
        true => "Name                  Value           Class        Type         Size             Line  Section",
        false => "Name                  Value   Class        Type         Size     Line  Section",
    };
    format!("\n\n{what} from {prefix}:\n\n{columns}\n\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
