//! `vtool`: the version of the system that an image needs, shown and set.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use super::words::{Spec, Word};
use super::{each_part, show};
use crate::binutils::copy::files;
use crate::binutils::{Out, Tool, in_file, read};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::macho::names::*;
use crate::macho::{self, Image, commands};

#[derive(Clone, Copy, PartialEq)]
enum O {
    Show,
    ShowBuild,
    ShowSource,
    Set,
    ToolVersion,
    Replace,
    Arch,
    Output,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Vtool,
    usage: "(-show | -show-build | -set-build-version platform minos sdk -output out) [option...] file",
    bundles: false,
    options: &[
        Word(O::Show, &["-show"], &[], "Show the versions"),
        Word(O::ShowBuild, &["-show-build"], &[], "Show the version of the system"),
        Word(O::ShowSource, &["-show-source"], &[], "Show the version of the sources"),
        Word(O::Set, &["-set-build-version"], &["platform", "minos", "sdk"], "Set the version of the system"),
        Word(O::ToolVersion, &["-tool"], &["tool", "version"], "Name a tool that built it"),
        Word(O::Replace, &["-replace"], &[], "The default: what said so before goes"),
        Word(O::Arch, &["-arch"], &["arch"], "Only that architecture"),
        Word(O::Output, &["-output", "-o"], &["file"], "Where to write"),
    ],
};

pub(in crate::binutils) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some((options, operands)) = SPEC.sorted(argv, env, out)? else { return Ok(0) };
    let (mut shows, mut set, mut output, mut arch) = (None, None, None, None);
    let mut tools = Vec::new();
    for (option, values) in options {
        match option {
            O::Set => {
                let platform = constant(&values[0], PLATFORMS, "platform")?;
                set = Some((platform, packed(&values[1])?, packed(&values[2])?));
            }
            O::ToolVersion => tools.push((constant(&values[0], BUILD_TOOLS, "tool")?, packed(&values[1])?)),
            O::Output => output = values.into_iter().next(),
            O::Arch => arch = values.first().map(|arch| arch.to_string_lossy().into_owned()),
            O::Replace => {}
            what => shows = Some(what),
        }
    }
    let [file] = &operands[..] else { return Err(Error::message("exactly one input file is needed")) };
    let (path, data) = (Path::new(file), read(file)?);
    let shown = path.display().to_string();
    let Some((platform, minimum, sdk)) = set else {
        let shows = shows.ok_or_else(|| {
            Error::with_help(
                "it is not said what to do",
                "say one of -show, -show-build, -show-source, -set-build-version",
            )
        })?;
        return show_versions(&shown, &data, arch.as_deref(), shows, out).map(|()| 0);
    };
    let output = output.ok_or_else(|| Error::MissingValue { option: "-output".into() })?;
    let change = |slice: &[u8]| {
        let image = Image::parse(slice)?;
        if arch.as_ref().is_some_and(|arch| *arch != arch_of(&image)) {
            return Ok(slice.to_vec());
        }
        commands::sign_again(&image, commands::set_build(&image, platform, minimum, sdk, &tools)?)
    };
    let new = macho::each_slice(&data, &change).map_err(in_file(&shown))?;
    let meta = fs::metadata(path).map_err(Error::io("read", path))?;
    files::write(Path::new(&output), &new, Some(&meta)).map(|()| 0)
}

fn arch_of(image: &Image<'_>) -> String {
    arch(image.cpu, image.subtype)
}

fn show_versions(shown: &str, data: &[u8], arch: Option<&str>, what: O, out: &mut Out) -> Result<()> {
    each_part(shown, data, arch, &mut |part| {
        let image = Image::parse(part.data).map_err(in_file(shown))?;
        match &part.arch {
            Some(arch) => out.text(format!("{shown} (architecture {arch}):\n"))?,
            None => out.text(format!("{shown}:\n"))?,
        }
        for (number, command) in image.commands.iter().enumerate() {
            let build = command.kind == LC_BUILD_VERSION || VERSION_MINS.iter().any(|row| row.0 == command.kind);
            let source = command.kind == LC_SOURCE_VERSION;
            if build && what != O::ShowSource || source && what != O::ShowBuild {
                out.text(format!("Load command {number}\n{}", show::one(&image, *command, true)))?;
            }
        }
        Ok(())
    })
}

/// `macos`, or a number.
fn constant(word: &OsStr, table: &[(u32, &str)], what: &str) -> Result<u32> {
    let text = word.to_string_lossy();
    let found = table.iter().find(|row| row.1.eq_ignore_ascii_case(&text)).map(|row| row.0);
    found.or_else(|| text.parse().ok()).ok_or_else(|| {
        let all: Vec<String> = table.iter().map(|row| row.1.to_lowercase()).collect();
        Error::with_help(format!("unknown {what} '{text}'"), format!("use one of {}", all.join(", ")))
    })
}

fn packed(word: &OsStr) -> Result<u32> {
    let found = word.to_str().and_then(parse_version);
    found.ok_or_else(|| Error::message(format!("'{}' is no version such as 11.0", word.to_string_lossy())))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
