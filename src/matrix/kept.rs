//! `--changed`: a cell is not run again while its artifact is what its inputs made. The provenance beside the artifact says
//! what those were; what it does not say, because values may be secrets, is a digest in a record of the cell's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cell::{Outcome, Step};
use super::check::name_of;
use super::plan::{Cell, Plan};
use super::provenance::{self, Maker};
use super::sign::What;
use super::sources::Sources;
use super::variables;
use crate::config;
use crate::digest;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exports;
use crate::packages;
use crate::sdk;
use crate::whole_file;

/// What a cell's line of the table says, and what it was made of beyond the provenance.
#[derive(Deserialize, Serialize)]
struct Record {
    inputs: String,
    files: Vec<String>,
    /// Names and digests: nothing else says what they are.
    signatures: Vec<(String, String)>,
    size: u64,
    needs: String,
    signed: Step,
    inspected: Step,
    ran: Step,
}

/// Where a cell's record is.
pub(super) fn path(cell: &Cell, plan: &Plan) -> PathBuf {
    plan.work_dir().join(format!("{}.kept.json", cell.artifact))
}

/// Is what the cell would make there already? Then the outcome says so.
pub(super) fn restore(
    cell: &Cell,
    plan: &Plan,
    sources: &Sources,
    maker: &Maker,
    inputs: &str,
    outcome: &mut Outcome,
) -> Result<bool> {
    let record: Option<Record> = fs::read(path(cell, plan)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let Some(record) = record.filter(|record| record.inputs == inputs && !record.files.is_empty()) else {
        return Ok(false);
    };
    let files: Vec<PathBuf> = record.files.iter().map(|name| plan.out_dir.join(name)).collect();
    for file in &files {
        // Byte for byte: the digests of artifact and inputs are in it.
        let said = fs::read(provenance::path(plan, file)).unwrap_or_default();
        if !file.is_file() || said != provenance::statement(cell, file, outcome, maker, sources)? {
            return Ok(false);
        }
    }
    let signatures: Vec<(PathBuf, &String)> =
        record.signatures.iter().map(|(name, digest)| (plan.out_dir.join(name), digest)).collect();
    for (signature, digest) in &signatures {
        if !signature.is_file() || digest::of_file(signature)? != **digest {
            return Ok(false);
        }
    }
    outcome.signatures = signatures.into_iter().map(|(path, _)| path).collect();
    outcome.files = files;
    outcome.size = record.size;
    outcome.needs = record.needs;
    outcome.signed = record.signed;
    (outcome.built, outcome.inspected, outcome.ran) = (Step::Kept, record.inspected, record.ran);
    Ok(true)
}

pub(super) fn save(cell: &Cell, plan: &Plan, inputs: &str, outcome: &Outcome) -> Result<()> {
    let digest = |file: &PathBuf| Ok((name_of(file), digest::of_file(file)?));
    let record = Record {
        inputs: inputs.to_owned(),
        files: outcome.files.iter().map(|file| name_of(file)).collect(),
        signatures: outcome.signatures.iter().map(digest).collect::<Result<_>>()?,
        size: outcome.size,
        needs: outcome.needs.clone(),
        signed: outcome.signed,
        inspected: outcome.inspected,
        ran: outcome.ran,
    };
    let text = serde_json::to_vec(&record).map_err(|error| Error::message(error.to_string()))?;
    whole_file::write(&path(cell, plan), &text)
}

/// A digest of what decides what the cell makes and is not in its provenance: values of variables, configuration, options,
/// the command's own program, packages and the SDK of the target.
pub(super) fn inputs(cell: &Cell, plan: &Plan, commands: &[&Command], maker: &Maker, env: &Env) -> Result<String> {
    let mut all = Sha256::new();
    let mut add = |what: &str, value: &[u8]| {
        all.update(format!("{what} {}\n", value.len()));
        all.update(value);
    };
    for (name, value) in variables::of(commands) {
        add(&name.to_string_lossy(), value.as_encoded_bytes());
    }
    for (path, _) in config::files(env) {
        add("file", &fs::read(&path).map_err(Error::io("read", &path))?);
    }
    for path in &plan.include {
        add("include", digest::of_file(path)?.as_bytes());
    }
    let options = format!(
        "{:?} {:?} {:?} {:?} {:?} {}",
        plan.run, plan.require, plan.archive, cell.from, cell.program, plan.reproducible
    );
    add("options", options.as_bytes());
    for hook in [What::Binary, What::Archive].into_iter().flat_map(|what| plan.hooks(what, Some(cell.os()))) {
        add("sign", hook.text().as_bytes());
    }
    if let Some(program) = commands.first().and_then(|command| program_of(command, env)) {
        add("program", digest::of_file(&program)?.as_bytes());
        // rustup's cargo is the same program for every rustc.
        if program.file_stem().is_some_and(|name| name == "cargo") {
            let said = Command::new("rustc").arg("-vV").current_dir(&env.cwd).output();
            add("rustc", &said.map(|output| output.stdout).unwrap_or_default());
        }
    }
    let tree =
        maker.cache.as_ref().and_then(|cache| packages::tree(cache, &cell.target.full_name())?.canonicalize().ok());
    add("packages", format!("{tree:?}").as_bytes());
    if cell.target.is_macos() {
        add("sdk", format!("{:?}", sdk::used(env)).as_bytes());
    }
    Ok(digest::hex(&all.finalize()))
}

/// Relative to where it runs, or on `PATH`.
fn program_of(command: &Command, env: &Env) -> Option<PathBuf> {
    let name = Path::new(command.get_program());
    if name.components().count() > 1 { Some(env.cwd.join(name)) } else { exports::on_path(name.to_str()?, env) }
        .filter(|path| path.is_file())
}
