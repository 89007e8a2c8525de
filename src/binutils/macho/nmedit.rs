//! `nmedit`: exports taken back from an image that is linked, all but those of a list.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::words::{Spec, Word};
use crate::binutils::copy::files;
use crate::binutils::{Out, Tool, in_file, read};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::macho;
use crate::macho::exports::{self, List};

#[derive(Clone, Copy)]
enum O {
    Save,
    Remove,
    Output,
    Ignored,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Nmedit,
    usage: "(-s list | -R list) [option...] file",
    bundles: false,
    options: &[
        Word(O::Save, &["-s"], &["list"], "A file of the symbols that stay exported, one or a pattern a line"),
        Word(O::Remove, &["-R"], &["list"], "A file of the symbols that do not stay exported"),
        Word(O::Output, &["-o"], &["file"], "Write to a file and leave the input as it is"),
        Word(O::Ignored, &["-p"], &[], "As always: symbols become private, not static"),
    ],
};

pub(in crate::binutils) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some((options, operands)) = SPEC.sorted(argv, env, out)? else { return Ok(0) };
    let (mut save, mut remove, mut output) = (None, None, None);
    for (option, values) in options {
        let value = values.into_iter().next().unwrap_or_default();
        match option {
            O::Save => save = Some(List::parse(&read(&value)?)),
            O::Remove => remove = Some(List::parse(&read(&value)?)),
            O::Output => output = Some(value),
            O::Ignored => {}
        }
    }
    let [file] = &operands[..] else { return Err(Error::message("exactly one input file is needed")) };
    if save.is_none() && remove.is_none() {
        return Err(Error::MissingValue { option: "-s".into() });
    }
    let path = Path::new(file);
    let keep = |name: &[u8]| {
        save.as_ref().is_none_or(|list| list.has(name)) && !remove.as_ref().is_some_and(|list| list.has(name))
    };
    let shown = path.to_string_lossy();
    let new = macho::each_slice(&read(file)?, &|data| exports::hide(data, &keep)).map_err(in_file(&shown))?;
    let meta = fs::metadata(path).map_err(Error::io("read", path))?;
    files::write(Path::new(output.as_ref().unwrap_or(file)), &new, Some(&meta)).map(|()| 0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
