//! `xcc inspect`: what a binary is and what it needs, and a gate on it for continuous integration.
//!
//! A file says what it is, so this needs neither zig nor a target. Formats are read into one report (`inspect/report.rs`), which
//! is shown as text, as JSON, or held against the clauses of `--require`. Nothing is guessed from instructions: what a file
//! does not record is "not recorded".

mod archive;
mod elf;
mod go;
mod host_paths;
mod macho;
mod pe;
mod read;
pub(crate) mod report;
pub(crate) mod require;
mod rust;
mod text;
mod traces;
mod wasm;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::terminal::{self, Style};
use report::{Document, File, SCHEMA};

/// All clauses hold, or none was given.
const FINE: i32 = 0;
/// A clause does not hold.
const FAILS: i32 = 1;
/// A file cannot be read, or a clause makes no sense for it.
const TROUBLE: i32 = 2;

/// Inspects `paths`. Returns the exit status: 0, 1 where a clause of `require` fails, 2 where one cannot be decided.
pub(crate) fn run(paths: &[PathBuf], require: &[String], json: bool, env: &Env) -> Result<i32> {
    let mut clauses = Vec::new();
    for list in require {
        match require::parse(list) {
            Ok(parsed) => clauses.extend(parsed),
            Err(error) => {
                complain(&error);
                return Ok(TROUBLE);
            }
        }
    }
    let style = Style::of_stdout(env);
    let own = own_directories(env);
    let (mut code, mut files) = (FINE, Vec::new());
    for (at, path) in paths.iter().enumerate() {
        let mut file = inspect(path, &own);
        if let Some(error) = &file.error {
            complain(&Error::message(format!("'{}': {error}", file.path)));
            code = code.max(TROUBLE);
        } else if !clauses.is_empty() {
            match require::check(&clauses, &file) {
                Ok(verdicts) => file.requirements = verdicts,
                Err(error) => {
                    complain(&error);
                    code = code.max(TROUBLE);
                }
            }
        }
        if file.requirements.iter().any(|verdict| !verdict.holds) {
            code = code.max(FAILS);
        }
        let text = match json {
            true => String::new(),
            false if clauses.is_empty() && file.error.is_none() => {
                format!("{}{}", if at > 0 { "\n" } else { "" }, text::show(&file, style))
            }
            false => text::failures(&file, style),
        };
        say(&text)?;
        if json {
            files.push(file);
        }
    }
    if json {
        let document = Document { schema: SCHEMA, files };
        let text = serde_json::to_string_pretty(&document).map_err(|error| Error::message(error.to_string()))?;
        say(&format!("{text}\n"))?;
    }
    Ok(code)
}

/// What an ELF file in memory records of itself, without what is looked for in every format; `None` where it is broken.
pub(crate) fn elf_image(data: &[u8]) -> Option<report::Image> {
    let mut image = report::Image { size: data.len() as u64, ..report::Image::default() };
    elf::read(data, &mut image).ok().map(|_| image)
}

/// What is found out about one file.
pub(crate) fn report(path: &Path, env: &Env) -> File {
    inspect(path, &own_directories(env))
}

fn inspect(path: &Path, own: &[String]) -> File {
    let failed = |what: String| File { path: path.display().to_string(), error: Some(what), ..File::default() };
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => failed("it is a directory; name the files in it".into()),
        // A device or a pipe may never end.
        Ok(meta) if !meta.is_file() => failed("it is not an ordinary file".into()),
        Ok(_) => match fs::read(path) {
            Ok(data) => read::file(path, &data, own),
            Err(error) => failed(format!("it cannot be read: {error}")),
        },
        Err(error) => failed(format!("it cannot be read: {error}")),
    }
}

/// The user's home and the working directory, where they are no directories that programs know at run time.
pub(crate) fn own_directories(env: &Env) -> Vec<String> {
    let all = [env.text(env::HOME), env.cwd.to_str()];
    all.into_iter()
        .flatten()
        .map(|path| path.trim_end_matches('/'))
        .filter(|path| is_own(path))
        .map(str::to_owned)
        .collect()
}

/// Whether `path` is of one user or of one build, not of every machine.
fn is_own(path: &str) -> bool {
    let mut names = path.split('/').skip(1);
    let enough = match names.next() {
        Some("bin" | "etc" | "lib" | "lib32" | "lib64" | "proc" | "sbin" | "sys" | "usr") => return false,
        Some("dev" | "run" | "var") => 4,
        _ => 2,
    };
    path.starts_with('/') && path.matches('/').count() >= enough
}

/// Says what is wrong with one of several files, and goes on.
fn complain(error: &Error) {
    let mut text = format!("xcc: error: {}\n", terminal::printable(&error.to_string()));
    if let Some(help) = error.help() {
        text.push_str(&format!("xcc: help: {help}\n"));
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// A reader that has gone (`xcc inspect … | head`) is no failure.
fn say(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Error::io("write", "standard output")),
    }
}

/// The arguments of `xcc inspect`, with the table of clauses in its help.
#[derive(clap::Args)]
#[command(after_help = require::help())]
pub(crate) struct Arguments {
    /// Programs, libraries, objects, archives
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// What must hold for every file; prints only what does not
    #[arg(long, value_name = "CLAUSE,...")]
    pub(crate) require: Vec<String>,
    /// Everything, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    #[test]
    fn directories_of_every_machine_are_nobodys_own() {
        for path in ["/home/ann", "/srv/job", "/runner/work", "/library/app", "/var/lib/ci/work", "/run/user/1000/app"]
        {
            assert!(super::is_own(path), "{path}");
        }
        for path in ["", "/", "/srv", "/usr/lib/x86_64-linux-gnu", "/var/lib/app", "/etc/app", "app/src"] {
            assert!(!super::is_own(path), "{path}");
        }
    }
}
