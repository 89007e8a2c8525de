//! Is what a cell made what it was asked for? `xcc inspect` reads it, and its clauses decide.

use std::path::Path;

use super::plan::{Cell, Plan};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::inspect::report::{File, Image};
use crate::inspect::{self, require};

/// The file's report.
///
/// # Errors
/// Where it was made for another machine or system, or a clause does not hold.
pub(super) fn check(cell: &Cell, plan: &Plan, env: &Env) -> Result<File> {
    let file = inspect::report(cell.out(), env);
    let Some(image) = file.images.first().filter(|_| file.error.is_none()) else {
        // A script, a text: nothing that has a machine.
        return if plan.require.is_empty() {
            Ok(file)
        } else {
            Err(Error::message(format!("cannot inspect it: {}", file.error.as_deref().unwrap_or("no binary"))))
        };
    };
    let (os, found) = (cell.system(), image.os.as_ref().map(|os| os.name.as_str()));
    if found.is_some_and(|found| found != os) {
        return Err(Error::message(format!("the program is for {}, not {os}", found.unwrap_or_default())));
    }
    // A universal program has the processors of its halves, which were checked.
    let machine = if cell.halves.is_empty() { format!("arch={}", cell.machine()) } else { String::new() };
    let mut clauses = require::parse(&machine)?;
    for list in &plan.require {
        clauses.extend(require::parse(list)?);
    }
    let verdicts = require::check(&clauses, &file)?;
    let failed: Vec<String> = verdicts.iter().filter(|verdict| !verdict.holds).map(failure).collect();
    if failed.is_empty() { Ok(file) } else { Err(Error::message(failed.join("\n"))) }
}

fn failure(verdict: &inspect::report::Verdict) -> String {
    format!("it does not meet '{}': {}", verdict.clause, verdict.found)
}

/// What it needs of the system, in two words.
pub(super) fn needs(file: &File) -> String {
    let Some(image) = file.images.first() else { return "-".to_owned() };
    match (image.libc.as_ref(), image.linkage) {
        (_, Some("static" | "static-pie")) => "static".to_owned(),
        (Some(libc), _) => match &libc.floor {
            Some(floor) => format!("{} {floor}", libc.name),
            None => system_version(image).unwrap_or_else(|| libc.name.to_owned()),
        },
        (None, _) => system_version(image).unwrap_or_else(|| "-".to_owned()),
    }
}

/// The oldest macOS; the numbers of other systems say little.
fn system_version(image: &Image) -> Option<String> {
    let os = image.os.as_ref().filter(|os| os.name == "macos")?;
    Some(format!("macos {}", os.min_version.as_ref()?))
}

/// The file name of a path, for messages and subjects.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
