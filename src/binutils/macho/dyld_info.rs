//! `dyld_info`: what dyld would do with an image, and whether it would refuse it (`-validate_only`).

use std::ffi::OsString;

use super::each_part;
use super::words::{Spec, Word};
use crate::binutils::{Out, Tool, in_file, read};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::macho::binds::{self, Bind, Kind};
use crate::macho::check::check;
use crate::macho::{Image, trie};

#[derive(Clone, Copy, PartialEq)]
enum O {
    Validate,
    Imports,
    Exports,
    Libraries,
    Arch,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::DyldInfo,
    usage: "[option...] file...",
    bundles: false,
    options: &[
        Word(O::Validate, &["-validate_only"], &[], "Say what is wrong with the file, and fail if anything is"),
        Word(O::Imports, &["-imports"], &[], "Show what is bound, and to which library"),
        Word(O::Exports, &["-exports"], &[], "Show what is exported"),
        Word(O::Libraries, &["-linked_dylibs", "-dependents"], &[], "Show the libraries that are loaded (the default)"),
        Word(O::Arch, &["-arch"], &["arch"], "Only that architecture"),
    ],
};

pub(in crate::binutils) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some((options, operands)) = SPEC.sorted(argv, env, out)? else { return Ok(0) };
    let (mut shows, mut arch) = (Vec::new(), None);
    for (option, values) in options {
        match option {
            O::Arch => arch = values.first().map(|arch| arch.to_string_lossy().into_owned()),
            other => shows.push(other),
        }
    }
    if operands.is_empty() {
        return Err(Error::message("no input files"));
    }
    if shows.is_empty() {
        shows.push(O::Libraries);
    }
    let mut code = 0;
    for file in &operands {
        let (data, shown) = (read(file)?, file.to_string_lossy());
        if shows.contains(&O::Validate) {
            out.flush()?;
            for finding in check(&data) {
                eprintln!("{shown}: {finding}");
                code = 1;
            }
        }
        each_part(&shown, &data, arch.as_deref(), &mut |part| {
            if shows == [O::Validate] {
                return Ok(());
            }
            let image = Image::parse(part.data).map_err(in_file(&shown))?;
            let arch = crate::macho::names::arch(image.cpu, image.subtype);
            out.text(format!("{shown} [{arch}]:\n"))?;
            for what in &shows {
                out.text(text(&image, *what).map_err(in_file(&shown))?)?;
            }
            Ok(())
        })?;
    }
    Ok(code)
}

fn text(image: &Image<'_>, what: O) -> crate::macho::Result<String> {
    let mut text = String::new();
    match what {
        O::Validate | O::Arch => {}
        O::Libraries => {
            text.push_str("    -linked_dylibs:\n");
            for dylib in image.dylibs() {
                text.push_str(&format!("        {}\n", String::from_utf8_lossy(dylib.name)));
            }
        }
        O::Imports => {
            text.push_str("    -imports:\n");
            let mut rows: Vec<String> = binds::all(image)?.iter().map(|bind| import(image, bind)).collect();
            rows.dedup();
            text.push_str(&rows.concat());
        }
        O::Exports => {
            text.push_str("    -exports:\n        offset      symbol\n");
            for export in image.exports()? {
                let name = String::from_utf8_lossy(&export.name).into_owned();
                let row = match export.meaning() {
                    Some((flags, trie::Meaning::Address(at))) => {
                        let weak = if flags & trie::WEAK != 0 { " [weak-def]" } else { "" };
                        format!("        0x{at:08X}  {name}{weak}\n")
                    }
                    Some((_, trie::Meaning::Reexport(ordinal, other))) => {
                        let other = String::from_utf8_lossy(&other).into_owned();
                        let other = if other.is_empty() { name.clone() } else { other };
                        format!("        [re-export] {name} ({other} of library {ordinal})\n")
                    }
                    Some((_, trie::Meaning::Resolver(at, _))) => {
                        format!("        0x{at:08X}  {name} [dynamic-resolver]\n")
                    }
                    None => format!("        ?           {name}\n"),
                };
                text.push_str(&row);
            }
        }
    }
    Ok(text)
}

fn import(image: &Image<'_>, bind: &Bind<'_>) -> String {
    let from = match (bind.kind, bind.ordinal) {
        (Kind::Weak, _) | (_, binds::WEAK) => "weak-coalesce".into(),
        (_, binds::FLAT) => "flat-namespace".into(),
        (_, -1) => "main-executable".into(),
        (_, binds::SELF) => "this-image".into(),
        (_, ordinal) => {
            let dylibs = image.dylibs();
            let dylib = usize::try_from(ordinal - 1).ok().and_then(|at| dylibs.get(at));
            dylib.map_or_else(|| format!("library {ordinal}"), |dylib| String::from_utf8_lossy(dylib.name).into_owned())
        }
    };
    let weak = if bind.weak_import { " [weak-import]" } else { "" };
    format!("        {}{weak}  (from {from})\n", String::from_utf8_lossy(bind.name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
