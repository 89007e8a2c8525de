//! `xcc completions` and `xcc man`: what shells and man show, from the definition that parses the command line.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use crate::error::{Error, Result};
use crate::whole_file;

/// The completions of a shell.
pub(super) fn completions(shell: Shell) -> Result<String> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "xcc", &mut text);
    String::from_utf8(text).map_err(|error| Error::message(error.to_string()))
}

/// A page for xcc and one for each command of it, in a directory of section 1.
///
/// # Errors
/// Where the directory cannot be written.
pub(super) fn man(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    write(dir, command, "xcc")
}

fn write(dir: &Path, command: clap::Command, name: &str) -> Result<()> {
    for child in command.get_subcommands() {
        write(dir, child.clone(), &format!("{name}-{}", child.get_name()))?;
    }
    let path = dir.join(format!("{name}.1"));
    let mut page = Vec::new();
    // Without a date: the same xcc gives the same pages.
    let man = clap_mangen::Man::new(command.version(env!("CARGO_PKG_VERSION"))).title(name.to_uppercase()).date("");
    man.render(&mut page).map_err(Error::io("write", &path))?;
    whole_file::write(&path, &page)
}
