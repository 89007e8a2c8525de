//! `install_name_tool`: other names for what an image loads, and other search paths. An image that was signed is signed
//! anew.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::words::{Spec, Word};
use crate::binutils::copy::files;
use crate::binutils::{Out, Tool, archive, in_file, read};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::macho::commands::{self, Names};
use crate::macho::{self, Image};

#[derive(Clone, Copy)]
enum O {
    Id,
    Change,
    Rpath,
    Add,
    Prepend,
    Delete,
    DeleteAll,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::InstallName,
    usage: "[option...] file",
    bundles: false,
    options: &[
        Word(O::Id, &["-id", "--id"], &["name"], "Set the install name of a library"),
        Word(O::Change, &["-change", "--change"], &["old", "new"], "Load a library by another name"),
        Word(O::Rpath, &["-rpath", "--rpath"], &["old", "new"], "Change a search path"),
        Word(O::Add, &["-add_rpath", "--add_rpath"], &["path"], "Add a search path"),
        Word(O::Prepend, &["-prepend_rpath", "--prepend_rpath"], &["path"], "Add a search path before the others"),
        Word(O::Delete, &["-delete_rpath", "--delete_rpath"], &["path"], "Delete a search path"),
        Word(O::DeleteAll, &["-delete_all_rpaths", "--delete_all_rpaths"], &[], "Delete every search path"),
    ],
};

pub(in crate::binutils) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some((options, operands)) = SPEC.sorted(argv, env, out)? else { return Ok(0) };
    let mut names = Names::default();
    for (option, values) in options {
        let mut values = values.into_iter().map(OsString::into_encoded_bytes);
        let mut value = || values.next().unwrap_or_default();
        match option {
            O::Id => names.id = Some(value()),
            O::Change => names.libraries.push((value(), value())),
            O::Rpath => names.rpaths.push((value(), value())),
            O::Add => names.added.push(value()),
            O::Prepend => names.prepended.push(value()),
            O::Delete => names.deleted.push(value()),
            O::DeleteAll => names.delete_all = true,
        }
    }
    let [file] = &operands[..] else {
        return Err(Error::with_help(
            "exactly one input file is needed",
            "'xcc install_name_tool --help' lists the options",
        ));
    };
    let path = Path::new(file);
    let data = read(file)?;
    let shown = path.to_string_lossy();
    if archive::is_archive(&data) {
        return Err(Error::message(format!("'{shown}': it is an archive, which loads no libraries")));
    }
    let change = |data: &[u8]| {
        let image = Image::parse(data)?;
        commands::sign_again(&image, commands::rename(&image, &names)?)
    };
    let new = macho::each_slice(&data, &change).map_err(in_file(&shown))?;
    let meta = fs::metadata(path).map_err(Error::io("read", path))?;
    files::write(path, &new, Some(&meta)).map(|()| 0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
