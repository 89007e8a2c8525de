//! `strip`: takes symbols and debugging information off files, in place or to another file.

use std::ffi::OsString;
use std::path::Path;

use super::copy;
use super::copy::files;
use super::copy::pattern::Patterns;
use super::copy::plan::{Discard, Plan, Strip};
use super::elf::Result as ElfResult;
use super::options::{Opt, Spec, Value};
use super::{Out, Tool, complain, macho};
use crate::env::Env;
use crate::error::{Error, Result};

#[derive(Clone, Copy)]
enum O {
    All,
    Debug,
    Unneeded,
    OnlyKeepDebug,
    Dwo,
    Output,
    RemoveSection,
    KeepSection,
    RemoveRelocations,
    StripSymbol,
    KeepSymbol,
    KeepFile,
    KeepSectionSymbols,
    DiscardAll,
    DiscardLocals,
    Wildcard,
    Dates,
    Deterministic,
    NotDeterministic,
    Target,
    Verbose,
    Saves,
    Swift,
    NoUuid,
    Arch,
    Ignored,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Strip,
    usage: "[option...] file...",
    help: "h",
    version: "V",
    options: &[
        Opt(O::All, "s", &["strip-all"], Value::None, "Remove all symbols (the default)"),
        Opt(O::Debug, "gSd", &["strip-debug"], Value::None, "Remove debugging information only"),
        Opt(O::Unneeded, "", &["strip-unneeded"], Value::None, "Remove what relocations do not need"),
        Opt(O::OnlyKeepDebug, "", &["only-keep-debug"], Value::None, "Remove all but the debugging information"),
        Opt(O::Dwo, "", &["strip-dwo"], Value::None, "Remove the sections of split debugging information"),
        Opt(O::Output, "o", &[], Value::Required("file"), "Write to a file and leave the input as it is"),
        Opt(O::RemoveSection, "R", &["remove-section"], Value::Required("name"), "Remove a section too (a pattern)"),
        Opt(O::KeepSection, "", &["keep-section"], Value::Required("name"), "Keep a section (a pattern)"),
        Opt(O::RemoveRelocations, "", &["remove-relocations"], Value::Required("name"), "Remove those of a section"),
        Opt(O::StripSymbol, "N", &["strip-symbol"], Value::Required("name"), "Remove a symbol"),
        Opt(O::KeepSymbol, "K", &["keep-symbol"], Value::Required("name"), "Keep a symbol"),
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
        Opt(
            O::Target,
            "FIO",
            &["target", "input-target", "output-target"],
            Value::Required("name"),
            "Must be the file's",
        ),
        Opt(O::Verbose, "v", &["verbose"], Value::None, "Name each file"),
        Opt(O::Saves, "ur", &[], Value::None, "Mach-O: remove all but what dyld needs, as always"),
        Opt(O::Swift, "T", &[], Value::None, "Mach-O: remove the symbols of Swift"),
        Opt(O::NoUuid, "", &["no_uuid"], Value::None, "Mach-O: remove the UUID"),
        Opt(O::Arch, "", &["arch"], Value::Required("arch"), "Mach-O: change one architecture of a universal file"),
        Opt(O::Ignored, "", &["no_code_signature_warning"], Value::None, "Mach-O: the default, as it is signed anew"),
        Opt(O::Ignored, "", &["no_atom_info"], Value::None, "Mach-O: no meaning without that command"),
        Opt(O::Ignored, "", &["no-merge-notes"], Value::None, "The default, as notes are kept as they are"),
        Opt(O::Ignored, "M", &["merge-notes"], Value::Missing("notes are kept as they are"), ""),
        Opt(O::Ignored, "", &["info"], Value::Missing("'xcc targets' lists the targets"), ""),
    ],
};

pub(super) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some(line) = SPEC.parse(&macho::apple_words(argv, macho::strip::WORDS), env, out)? else { return Ok(0) };
    let mut plan = Plan {
        remove_sections: Patterns::wild(),
        keep_sections: Patterns::wild(),
        remove_relocations: Patterns::wild(),
        ..Plan::default()
    };
    let (mut output, mut verbose, mut chosen) = (None, false, false);
    let mut formats = Vec::new();
    for (option, value) in &line.options {
        let name = value.as_encoded_bytes();
        let mut choose = |strip| {
            chosen = true;
            plan.strip = strip;
        };
        match option {
            O::All => choose(Strip::All),
            O::Debug => choose(Strip::Debug),
            O::Unneeded => choose(Strip::Unneeded),
            O::OnlyKeepDebug => (chosen, plan.only_keep_debug) = (true, true),
            O::Dwo => (chosen, plan.strip_dwo) = (true, true),
            O::Output => output = Some(value),
            O::RemoveSection => plan.remove_sections.push(name),
            O::KeepSection => plan.keep_sections.push(name),
            O::RemoveRelocations => plan.remove_relocations.push(name),
            O::StripSymbol => plan.strip_symbols.push(name),
            O::KeepSymbol => plan.keep_symbols.push(name),
            O::KeepFile => plan.keep_file_symbols = true,
            O::KeepSectionSymbols => plan.keep_section_symbols = true,
            O::DiscardAll => plan.discard = Discard::All,
            O::DiscardLocals => plan.discard = Discard::Compiler,
            O::Wildcard => {
                plan.strip_symbols.wild = true;
                plan.keep_symbols.wild = true;
            }
            O::Dates => plan.preserve_dates = true,
            O::Deterministic => plan.archive_dates = false,
            O::NotDeterministic => plan.archive_dates = true,
            O::Target => formats.push(value.to_string_lossy().into_owned()),
            O::Verbose => verbose = true,
            O::Saves => choose(Strip::All),
            O::Swift => (chosen, plan.swift) = (true, true),
            O::NoUuid => plan.no_uuid = true,
            O::Arch => plan.arch = Some(value.to_string_lossy().into_owned()),
            O::Ignored => {}
        }
    }
    // As in GNU's strip: asked for nothing else, it takes everything off.
    if !chosen && plan.discard == Discard::None && plan.strip_symbols.is_empty() {
        plan.strip = Strip::All;
    }
    if line.operands.is_empty() {
        return Err(Error::with_help("no input files", "name the files to strip"));
    }
    if output.is_some() && line.operands.len() > 1 {
        return Err(Error::message("cannot write several files to one: '-o' takes one input"));
    }
    let mut code = 0;
    for file in &line.operands {
        let from = Path::new(file);
        let to = output.map_or(from, Path::new);
        if verbose {
            out.text(format!("copy from '{}' to '{}'\n", from.display(), to.display()))?;
        }
        if let Err(error) = files::copy(from, to, &plan, &|data| changed(data, &plan, &formats)) {
            complain(out, &error)?;
            code = 1;
        }
    }
    Ok(code)
}

/// One object without what the plan takes off.
fn changed(data: &[u8], plan: &Plan, formats: &[String]) -> ElfResult<Vec<u8>> {
    if crate::macho::is_macho(data) {
        return macho::strip::apply(data, plan);
    }
    copy::check_format(data, formats)?;
    copy::file(data, plan)
}

/// Takes the debugging information off a file, or off the objects of an archive.
///
/// # Errors
/// A file that cannot be read or written, or is none of these.
pub(crate) fn debug(file: &Path) -> Result<()> {
    let plan = Plan { strip: Strip::Debug, ..Plan::default() };
    files::copy(file, file, &plan, &|data| changed(data, &plan, &[]))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
