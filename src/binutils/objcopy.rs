//! `objcopy`: copies an object and changes it on the way.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::copy::formats::{self, Output};
use super::copy::pattern::Patterns;
use super::copy::plan::{Compression, Discard, NewSymbol, Plan, Rename, Strip};
use super::copy::{self, files};
use super::elf::formats as elf_formats;
use super::options::{self, Opt, Parsed, Spec, Value};
use super::{Out, Tool, in_file, read};
use crate::env::Env;
use crate::error::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq)]
enum O {
    Input,
    OutputFormat,
    Format,
    Architecture,
    StripAll,
    StripDebug,
    StripUnneeded,
    StripDwo,
    ExtractDwo,
    OnlyKeepDebug,
    RemoveSection,
    OnlySection,
    KeepSection,
    RemoveRelocations,
    StripSymbol,
    StripSymbols,
    StripUnneededSymbol,
    StripUnneededSymbols,
    KeepSymbol,
    KeepSymbols,
    Localize,
    LocalizeFile,
    LocalizeHidden,
    Globalize,
    GlobalizeFile,
    KeepGlobal,
    KeepGlobalFile,
    WeakenSymbol,
    WeakenFile,
    Weaken,
    Redefine,
    RedefineFile,
    PrefixSymbols,
    PrefixSections,
    PrefixAlloc,
    AddSymbol,
    Rename,
    SetFlags,
    SetAlignment,
    AddSection,
    UpdateSection,
    DumpSection,
    DebugLink,
    Compress,
    Decompress,
    SetStart,
    GapFill,
    PadTo,
    KeepFile,
    KeepSectionSymbols,
    DiscardAll,
    DiscardLocals,
    Wildcard,
    Dates,
    Deterministic,
    NotDeterministic,
    Verbose,
    Ignored,
}

const NAME: Value = Value::Required("name");
const FILE: Value = Value::Required("file");
const ADDRESSES: Value = Value::Missing("link the program at its addresses (-Wl,-Ttext, a linker script)");

const SPEC: Spec<O> = Spec {
    tool: Tool::Objcopy,
    usage: "[option...] input [output]",
    help: "h",
    version: "V",
    options: &[
        Opt(O::Input, "I", &["input-target"], NAME, "Format of the input: its own, or binary"),
        Opt(O::OutputFormat, "O", &["output-target"], NAME, "Format of the output: binary, ihex, or its own"),
        Opt(O::Format, "F", &["target"], NAME, "Both"),
        Opt(O::Architecture, "B", &["binary-architecture"], NAME, "Processor for -I binary; -O says it all"),
        Opt(O::StripAll, "S", &["strip-all"], Value::None, "Remove all symbols and relocations"),
        Opt(O::StripDebug, "g", &["strip-debug"], Value::None, "Remove debugging information"),
        Opt(O::StripUnneeded, "", &["strip-unneeded"], Value::None, "Remove what relocations do not need"),
        Opt(O::StripDwo, "", &["strip-dwo"], Value::None, "Remove the sections of split debugging information"),
        Opt(O::ExtractDwo, "", &["extract-dwo"], Value::None, "Keep only those"),
        Opt(O::OnlyKeepDebug, "", &["only-keep-debug"], Value::None, "Remove all but the debugging information"),
        Opt(O::RemoveSection, "R", &["remove-section"], NAME, "Remove a section (a pattern)"),
        Opt(O::OnlySection, "j", &["only-section"], NAME, "Keep only these sections (a pattern)"),
        Opt(O::KeepSection, "", &["keep-section"], NAME, "Keep a section (a pattern)"),
        Opt(O::RemoveRelocations, "", &["remove-relocations"], NAME, "Remove those of a section"),
        Opt(O::StripSymbol, "N", &["strip-symbol"], NAME, "Remove a symbol"),
        Opt(O::StripSymbols, "", &["strip-symbols"], FILE, "Remove the symbols listed in a file"),
        Opt(O::StripUnneededSymbol, "", &["strip-unneeded-symbol"], NAME, "Remove it if no relocation needs it"),
        Opt(O::StripUnneededSymbols, "", &["strip-unneeded-symbols"], FILE, "The same for those in a file"),
        Opt(O::KeepSymbol, "K", &["keep-symbol"], NAME, "Keep a symbol"),
        Opt(O::KeepSymbols, "", &["keep-symbols"], FILE, "Keep those listed in a file"),
        Opt(O::Localize, "L", &["localize-symbol"], NAME, "Make a symbol local"),
        Opt(O::LocalizeFile, "", &["localize-symbols"], FILE, "Make those listed in a file local"),
        Opt(O::LocalizeHidden, "", &["localize-hidden"], Value::None, "Make hidden symbols local"),
        Opt(O::Globalize, "", &["globalize-symbol"], NAME, "Make a symbol global"),
        Opt(O::GlobalizeFile, "", &["globalize-symbols"], FILE, "Make those listed in a file global"),
        Opt(O::KeepGlobal, "G", &["keep-global-symbol"], NAME, "Make all but these local"),
        Opt(O::KeepGlobalFile, "", &["keep-global-symbols"], FILE, "Make all but those in a file local"),
        Opt(O::WeakenSymbol, "W", &["weaken-symbol"], NAME, "Make a symbol weak"),
        Opt(O::WeakenFile, "", &["weaken-symbols"], FILE, "Make those listed in a file weak"),
        Opt(O::Weaken, "", &["weaken"], Value::None, "Make all global symbols weak"),
        Opt(O::Redefine, "", &["redefine-sym"], Value::Required("old=new"), "Rename a symbol"),
        Opt(O::RedefineFile, "", &["redefine-syms"], FILE, "Rename those in a file of pairs"),
        Opt(O::PrefixSymbols, "", &["prefix-symbols"], Value::Required("text"), "Put it before each symbol"),
        Opt(O::PrefixSections, "", &["prefix-sections"], Value::Required("text"), "Put it before each section"),
        Opt(O::PrefixAlloc, "", &["prefix-alloc-sections"], Value::Required("text"), "The same for those in memory"),
        Opt(O::AddSymbol, "", &["add-symbol"], Value::Required("name=[section:]value[,flags]"), "Add a symbol"),
        Opt(O::Rename, "", &["rename-section"], Value::Required("old=new[,flags]"), "Rename a section"),
        Opt(O::SetFlags, "", &["set-section-flags"], Value::Required("name=flags"), "Give a section flags"),
        Opt(O::SetAlignment, "", &["set-section-alignment"], Value::Required("name=bytes"), "Align a section"),
        Opt(O::AddSection, "", &["add-section"], Value::Required("name=file"), "Add a section"),
        Opt(O::UpdateSection, "", &["update-section"], Value::Required("name=file"), "Replace a section's contents"),
        Opt(
            O::DumpSection,
            "",
            &["dump-section"],
            Value::Required("name=file"),
            "Write a section's contents to a file",
        ),
        Opt(O::DebugLink, "", &["add-gnu-debuglink"], FILE, "Name the file of the debugging information"),
        Opt(O::Compress, "", &["compress-debug-sections"], Value::Optional("zlib"), "Compress debugging information"),
        Opt(O::Decompress, "", &["decompress-debug-sections"], Value::None, "Decompress it"),
        Opt(O::SetStart, "", &["set-start"], Value::Required("address"), "Start the program there"),
        Opt(O::GapFill, "", &["gap-fill"], Value::Required("byte"), "What is between sections of a binary"),
        Opt(O::PadTo, "", &["pad-to"], Value::Required("address"), "Make a binary end there"),
        Opt(O::KeepFile, "", &["keep-file-symbols"], Value::None, "Keep the names of source files"),
        Opt(O::KeepSectionSymbols, "", &["keep-section-symbols"], Value::None, "Keep the symbols of sections"),
        Opt(O::DiscardAll, "x", &["discard-all"], Value::None, "Remove local symbols"),
        Opt(O::DiscardLocals, "X", &["discard-locals"], Value::None, "Remove labels that the compiler made up"),
        Opt(O::Wildcard, "w", &["wildcard"], Value::None, "Symbols are given as patterns"),
        Opt(O::Dates, "p", &["preserve-dates"], Value::None, "Keep the file's dates"),
        Opt(
            O::Deterministic,
            "D",
            &["enable-deterministic-archives"],
            Value::None,
            "No dates in archives (the default)",
        ),
        Opt(O::NotDeterministic, "U", &["disable-deterministic-archives"], Value::None, "Keep dates in archives"),
        Opt(O::Verbose, "v", &["verbose"], Value::None, "Name each file"),
        Opt(O::Ignored, "", &["no-merge-notes"], Value::None, "The default, as notes are kept as they are"),
        Opt(O::Ignored, "M", &["merge-notes"], Value::Missing("notes are kept as they are"), ""),
        Opt(O::Ignored, "", &["change-addresses", "adjust-vma", "change-start", "adjust-start"], ADDRESSES, ""),
        Opt(O::Ignored, "", &["change-section-address", "adjust-section-vma"], ADDRESSES, ""),
        Opt(O::Ignored, "", &["change-section-lma", "change-section-vma"], ADDRESSES, ""),
        Opt(
            O::Ignored,
            "ib",
            &["interleave", "byte", "interleave-width"],
            Value::Missing("split the image by other means"),
            "",
        ),
    ],
};

pub(super) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some(line) = SPEC.parse(argv, env, out)? else { return Ok(0) };
    let (from, to) = match &line.operands[..] {
        [from] => (Path::new(from), Path::new(from)),
        [from, to] => (Path::new(from), Path::new(to)),
        [] => return Err(Error::with_help("no input file", "use 'objcopy [option...] input [output]'")),
        _ => return Err(Error::message("too many files: 'objcopy' takes an input and an output")),
    };
    let mut plan = plan(&line)?;
    let format = |which: O| {
        let options = line.options.iter().rev();
        let mut found = options.filter(|(option, _)| *option == which || *option == O::Format);
        found.next().map(|(_, value)| value.to_string_lossy().into_owned()).filter(|name| name != "default")
    };
    let (input, output) = (format(O::Input), format(O::OutputFormat));
    if line.options.iter().any(|(option, _)| *option == O::Verbose) {
        out.text(format!("copy from '{}' to '{}'\n", from.display(), to.display()))?;
    }
    if input.as_deref() == Some("binary") {
        return binary_input(from, to, output.as_deref(), &plan).map(|()| 0);
    }
    let kind = match output.as_deref() {
        Some("binary") => Output::Binary,
        Some("ihex") => Output::IntelHex,
        _ => Output::Object,
    };
    plan.image = kind != Output::Object;
    let mut formats: Vec<String> = input.into_iter().collect();
    if kind == Output::Object {
        formats.extend(output);
    }
    let change = |data: &[u8]| {
        copy::check_format(data, &formats)?;
        match kind {
            Output::Object => copy::file(data, &plan),
            kind => copy::image(data, &plan, kind),
        }
    };
    if kind != Output::Object && super::archive::is_archive(&read(from.as_os_str())?) {
        return Err(Error::message(format!("'{}': an archive has no image", from.display())));
    }
    files::copy(from, to, &plan, &change).map(|()| 0)
}

fn binary_input(from: &Path, to: &Path, output: Option<&str>, plan: &Plan) -> Result<()> {
    let data = read(from.as_os_str())?;
    let shown = from.to_string_lossy();
    if matches!(output, Some("binary")) {
        return files::write(to, &data, None);
    }
    let format = output.ok_or_else(|| {
        Error::with_help("'-I binary' needs the format of the output", "add '-O', for example '-O elf64-x86-64'")
    })?;
    let (layout, machine) = elf_formats::by_name(format).ok_or_else(|| unknown_format(format))?;
    let whole = formats::object_of(&data, &shown, layout, machine).write().map_err(in_file(&shown))?;
    let new = copy::file(&whole, plan).map_err(in_file(&shown))?;
    files::write(to, &new, None)
}

fn unknown_format(name: &str) -> Error {
    Error::with_help(
        format!("unknown format '{name}'"),
        "use binary, ihex or the name that 'objdump -f' prints of an object of the target",
    )
}

fn plan(line: &Parsed<O>) -> Result<Plan> {
    let mut plan = Plan {
        remove_sections: Patterns::wild(),
        keep_sections: Patterns::wild(),
        remove_relocations: Patterns::wild(),
        ..Plan::default()
    };
    for (option, value) in &line.options {
        let name = value.as_encoded_bytes();
        match option {
            O::StripAll => plan.strip = Strip::All,
            O::StripDebug => plan.strip = Strip::Debug,
            O::StripUnneeded => plan.strip = Strip::Unneeded,
            O::StripDwo => plan.strip_dwo = true,
            O::ExtractDwo => plan.extract_dwo = true,
            O::OnlyKeepDebug => plan.only_keep_debug = true,
            O::RemoveSection => plan.remove_sections.push(name),
            O::OnlySection => plan.only_sections.get_or_insert_with(Patterns::wild).push(name),
            O::KeepSection => plan.keep_sections.push(name),
            O::RemoveRelocations => plan.remove_relocations.push(name),
            O::StripSymbol => plan.strip_symbols.push(name),
            O::StripSymbols => each_line(value, |name| plan.strip_symbols.push(name))?,
            O::StripUnneededSymbol => plan.strip_unneeded_symbols.push(name),
            O::StripUnneededSymbols => each_line(value, |name| plan.strip_unneeded_symbols.push(name))?,
            O::KeepSymbol => plan.keep_symbols.push(name),
            O::KeepSymbols => each_line(value, |name| plan.keep_symbols.push(name))?,
            O::Localize => plan.localize.push(name),
            O::LocalizeFile => each_line(value, |name| plan.localize.push(name))?,
            O::LocalizeHidden => plan.localize_hidden = true,
            O::Globalize => plan.globalize.push(name),
            O::GlobalizeFile => each_line(value, |name| plan.globalize.push(name))?,
            O::KeepGlobal => plan.keep_global.push(name),
            O::KeepGlobalFile => each_line(value, |name| plan.keep_global.push(name))?,
            O::WeakenSymbol => plan.weaken.push(name),
            O::WeakenFile => each_line(value, |name| plan.weaken.push(name))?,
            O::Weaken => plan.weaken_all = true,
            O::Redefine => {
                let (old, new) = pair("--redefine-sym", value)?;
                plan.redefine.insert(old.into(), new.into());
            }
            O::RedefineFile => redefinitions(value, &mut plan)?,
            O::PrefixSymbols => plan.prefix_symbols = name.to_vec(),
            O::PrefixSections => plan.prefix_sections = name.to_vec(),
            O::PrefixAlloc => plan.prefix_alloc_sections = name.to_vec(),
            O::AddSymbol => plan.add_symbols.push(new_symbol(value)?),
            O::Rename => {
                let (from, to) = pair("--rename-section", value)?;
                let (to, flags) = match to.split_once(',') {
                    Some((to, flags)) => (to, Some(list(flags))),
                    None => (to, None),
                };
                plan.rename_sections.push(Rename { from: from.into(), to: to.into(), flags });
            }
            O::SetFlags => {
                let (name, flags) = pair("--set-section-flags", value)?;
                plan.set_flags.push((name.into(), list(flags)));
            }
            O::SetAlignment => {
                let (name, align) = pair("--set-section-alignment", value)?;
                let align = options::number("--set-section-alignment", OsStr::new(align))?;
                if !align.is_power_of_two() {
                    return Err(Error::message(format!("the alignment {align} is not a power of two")));
                }
                plan.set_alignment.push((name.into(), align));
            }
            O::AddSection => {
                let (name, file) = pair("--add-section", value)?;
                plan.add_sections.push((name.into(), contents(file)?));
            }
            O::UpdateSection => {
                let (name, file) = pair("--update-section", value)?;
                plan.update_sections.push((name.into(), contents(file)?));
            }
            O::DumpSection => {
                let (name, file) = pair("--dump-section", value)?;
                plan.dump_sections.push((name.into(), file.into()));
            }
            O::DebugLink => plan.debug_link = Some(PathBuf::from(value)),
            O::Compress => plan.compression = Some(compression(value)?),
            O::Decompress => plan.compression = Some(Compression::None),
            O::SetStart => plan.set_start = Some(options::number("--set-start", value)?),
            O::GapFill => plan.gap_fill = options::number("--gap-fill", value)? as u8,
            O::PadTo => plan.pad_to = Some(options::number("--pad-to", value)?),
            O::KeepFile => plan.keep_file_symbols = true,
            O::KeepSectionSymbols => plan.keep_section_symbols = true,
            O::DiscardAll => plan.discard = Discard::All,
            O::DiscardLocals => plan.discard = Discard::Compiler,
            O::Wildcard => {
                for patterns in [
                    &mut plan.strip_symbols,
                    &mut plan.strip_unneeded_symbols,
                    &mut plan.keep_symbols,
                    &mut plan.localize,
                    &mut plan.globalize,
                    &mut plan.keep_global,
                    &mut plan.weaken,
                ] {
                    patterns.wild = true;
                }
            }
            O::Dates => plan.preserve_dates = true,
            O::Deterministic => plan.archive_dates = false,
            O::NotDeterministic => plan.archive_dates = true,
            O::Input | O::OutputFormat | O::Format | O::Architecture | O::Verbose | O::Ignored => {}
        }
    }
    Ok(plan)
}

/// `name=value`.
fn pair<'a>(option: &str, value: &'a OsStr) -> Result<(&'a str, &'a str)> {
    let text = options::text(option, value)?;
    text.split_once('=').filter(|(name, rest)| !name.is_empty() && !rest.is_empty()).ok_or_else(|| {
        Error::with_help(format!("invalid value '{text}' of option '{option}'"), "it has the form NAME=VALUE")
    })
}

fn list(words: &str) -> Vec<String> {
    words.split(',').map(str::to_owned).collect()
}

fn contents(file: &str) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(Error::io("read", file))
}

/// The names in a file, one a line; `#` begins a comment.
fn each_line(file: &OsStr, mut each: impl FnMut(&[u8])) -> Result<()> {
    let text = std::fs::read(file).map_err(Error::io("read", file))?;
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.split(|byte| *byte == b'#').next().unwrap_or(&[]).trim_ascii();
        if let Some(name) = line.split(u8::is_ascii_whitespace).next().filter(|name| !name.is_empty()) {
            each(name);
        }
    }
    Ok(())
}

fn redefinitions(file: &OsStr, plan: &mut Plan) -> Result<()> {
    let text = std::fs::read(file).map_err(Error::io("read", file))?;
    for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let line = line.split(|byte| *byte == b'#').next().unwrap_or(&[]);
        let words: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        match words[..] {
            [] => {}
            [old, new] => {
                plan.redefine.insert(old.to_vec(), new.to_vec());
            }
            _ => {
                let file = file.to_string_lossy();
                return Err(Error::message(format!("'{file}', line {}: expected two names", number + 1)));
            }
        }
    }
    Ok(())
}

fn new_symbol(value: &OsStr) -> Result<NewSymbol> {
    let (name, rest) = pair("--add-symbol", value)?;
    let mut words = rest.split(',');
    let place = words.next().unwrap_or("");
    let (section, number) = match place.rsplit_once(':') {
        Some((section, number)) => (Some(section.as_bytes().to_vec()), number),
        None => (None, place),
    };
    Ok(NewSymbol {
        name: name.into(),
        section,
        value: options::number("--add-symbol", OsStr::new(number))?,
        flags: words.map(str::to_owned).collect(),
    })
}

fn compression(value: &OsStr) -> Result<Compression> {
    match value.to_str() {
        Some("" | "zlib" | "zlib-gabi") => Ok(Compression::Zlib),
        Some("none") => Ok(Compression::None),
        _ => Err(Error::with_help(
            format!("unsupported compression '{}'", value.to_string_lossy()),
            "use zlib or none; zstd is read and not written",
        )),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
