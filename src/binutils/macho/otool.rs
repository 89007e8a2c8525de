//! `otool`: headers, load commands, libraries and raw sections of Mach-O files, as Apple's and LLVM's show them.
//!
//! It disassembles nothing. Of a universal file every architecture is shown unless `-arch` names one, as there is no
//! host among them.

use std::ffi::OsString;

use super::words::{Spec, Word};
use super::{Part, each_part, show};
use crate::binutils::{Out, Tool, archive, for_each_file, in_file};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::macho::Image;
use crate::macho::fat::{Fat, is_fat};
use crate::macho::names::*;

#[derive(Clone, Copy, PartialEq)]
enum O {
    Header,
    Commands,
    Libraries,
    Id,
    Verbose,
    Fat,
    Text,
    Data,
    Section,
    NoName,
    Arch,
    Ignored,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Otool,
    usage: "option... file...",
    bundles: true,
    options: &[
        Word(O::Header, &["-h", "--private-header"], &[], "Show the header"),
        Word(O::Commands, &["-l", "--private-headers"], &[], "Show the load commands"),
        Word(O::Libraries, &["-L", "--dylibs-used"], &[], "Show the libraries that the file loads"),
        Word(O::Id, &["-D", "--dylib-id"], &[], "Show the install name of a library"),
        Word(O::Fat, &["-f", "--universal-headers"], &[], "Show the universal header"),
        Word(O::Text, &["-t"], &[], "Show the bytes of the section with the code"),
        Word(O::Data, &["-d"], &[], "Show the bytes of the section with data"),
        Word(O::Section, &["-s"], &["segment", "section"], "Show the bytes of a section"),
        Word(O::Verbose, &["-v"], &[], "Show names instead of numbers"),
        Word(O::NoName, &["-X", "--no-leading-headers"], &[], "Do not name the file first"),
        Word(O::Arch, &["-arch", "--arch"], &["arch"], "Show one architecture of a universal file, or 'all'"),
        Word(O::Ignored, &["-m"], &[], "No meaning, as files and members are never one word here"),
    ],
};

#[derive(Default)]
struct Settings {
    shown: Vec<O>,
    sections: Vec<(String, String)>,
    verbose: bool,
    no_name: bool,
    arch: Option<String>,
}

pub(in crate::binutils) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some((options, operands)) = SPEC.sorted(argv, env, out)? else { return Ok(0) };
    let mut settings = Settings::default();
    for (option, values) in options {
        let mut values = values.iter().map(|value| value.to_string_lossy().into_owned());
        match option {
            O::Verbose => settings.verbose = true,
            O::NoName => settings.no_name = true,
            O::Arch => settings.arch = values.next(),
            O::Ignored => {}
            O::Section => {
                let names = (values.next().unwrap_or_default(), values.next().unwrap_or_default());
                settings.sections.push(names);
            }
            O::Text => settings.sections.push(("__TEXT".into(), "__text".into())),
            O::Data => settings.sections.push(("__DATA".into(), "__data".into())),
            other => settings.shown.push(other),
        }
    }
    if settings.shown.is_empty() && settings.sections.is_empty() {
        let help = "say at least one of -h, -l, -L, -D, -f, -t, -d, -s; 'xcc otool --help' lists the options";
        return Err(Error::with_help("it is not said what to show", help));
    }
    if operands.is_empty() {
        return Err(Error::message("no input files"));
    }
    for_each_file(&operands, out, |name, data, out| {
        let shown = name.to_string_lossy();
        if settings.shown.contains(&O::Fat) && is_fat(data) {
            out.text(fat(&Fat::parse(data).map_err(in_file(&shown))?, settings.verbose, data))?;
        }
        if settings.shown == [O::Fat] && settings.sections.is_empty() {
            return Ok(());
        }
        if archive::is_archive(data) {
            out.text(format!("Archive : {shown}\n"))?;
        }
        each_part(&shown, data, settings.arch.as_deref(), &mut |part| one(&shown, part, &settings, out))
    })
}

fn one(shown: &str, part: &Part<'_>, settings: &Settings, out: &mut Out) -> Result<()> {
    let mut name = shown.to_owned();
    if let Some(member) = &part.member {
        name = format!("{name}({member})");
    }
    let image = Image::parse(part.data).map_err(in_file(&name))?;
    if let Some(arch) = part.arch.as_ref().filter(|_| settings.arch.is_none()) {
        name = format!("{name} (architecture {arch})");
    }
    if !settings.no_name {
        out.text(format!("{name}:\n"))?;
    }
    let shows = |what| settings.shown.contains(&what);
    // The commands come with the header, as they do in LLVM's.
    if shows(O::Header) || shows(O::Commands) {
        out.text(show::header(&image, settings.verbose))?;
    }
    if shows(O::Commands) {
        out.text(show::commands(&image, settings.verbose))?;
    }
    if shows(O::Libraries) || shows(O::Id) {
        out.text(libraries(&image, shows(O::Libraries)))?;
    }
    for (segment, section) in &settings.sections {
        for found in image.sections().filter(|found| found.segment == *segment && found.name == *section) {
            out.text(show::contents(&image, found))?;
        }
    }
    Ok(())
}

fn libraries(image: &Image<'_>, all: bool) -> String {
    let mut text = String::new();
    let id = image.command(LC_ID_DYLIB).map(|command| image.dylib(command));
    if !all {
        return id.map_or_else(String::new, |id| format!("{}\n", String::from_utf8_lossy(id.name)));
    }
    for dylib in id.into_iter().chain(image.dylibs()) {
        let kind = match dylib.kind {
            LC_LOAD_WEAK_DYLIB => ", weak",
            LC_LOAD_UPWARD_DYLIB => ", upward",
            LC_REEXPORT_DYLIB => ", reexport",
            LC_LAZY_LOAD_DYLIB => ", lazy",
            _ => "",
        };
        text.push_str(&format!(
            "\t{} (compatibility version {}, current version {}{kind})\n",
            String::from_utf8_lossy(dylib.name),
            show::library_version(dylib.compatible),
            show::library_version(dylib.current)
        ));
    }
    text
}

fn fat(file: &Fat<'_>, verbose: bool, data: &[u8]) -> String {
    let wide = data.starts_with(&[0xca, 0xfe, 0xba, 0xbf]);
    let magic = match (verbose, wide) {
        (true, false) => "FAT_MAGIC",
        (true, true) => "FAT_MAGIC_64",
        (false, false) => "0xcafebabe",
        (false, true) => "0xcafebabf",
    };
    let mut text = format!("Fat headers\nfat_magic {magic}\nnfat_arch {}\n", file.slices.len());
    for (number, slice) in file.slices.iter().enumerate() {
        if verbose {
            text.push_str(&super::lipo::detail(slice));
            continue;
        }
        let plain = super::lipo::numbers(slice, &number.to_string());
        text.push_str(&plain);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
