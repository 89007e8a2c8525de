//! What an artifact was made of and how, in two files beside it: an in-toto statement with SLSA's provenance (v1), and a
//! CycloneDX bill of materials. Both say what xcc knows, and leave out what it does not.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use super::cell::Outcome;
use super::check::name_of;
use super::plan::{Cell, Plan};
use super::sources::Sources;
use crate::config::Config;
use crate::digest;
use crate::driver;
use crate::env::Env;
use crate::error::Result;
use crate::inspect::report::{File, Image};
use crate::osxcross;
use crate::target::Target;
use crate::whole_file;
use crate::zig::Zig;

const PROJECT: &str = env!("CARGO_PKG_REPOSITORY");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is behind a file's name here.
pub(super) const ENDINGS: &[&str] = &[".provenance.json", ".cdx.json"];

/// What compiled, and xcc's cache, where that is zig.
pub(super) struct Maker {
    zig: Zig,
    /// Of a program that is large.
    digest: String,
    pub(super) cache: Option<PathBuf>,
}

impl Maker {
    pub(super) fn of(cell: &Cell, env: &Env) -> Result<Maker> {
        let config = Config::load(cell.target, env)?;
        let target = cell.target.with_configured_glibc(config.glibc)?;
        if let Some(found) = osxcross::chosen(target, &config, env)? {
            let zig = found.in_place_of_zig(target);
            return Ok(Maker { digest: digest::of_file(&zig.path)?, zig, cache: None });
        }
        let setup = driver::setup_of(target, &config, env)?;
        Ok(Maker { digest: digest::of_file(&setup.zig.path)?, zig: setup.zig, cache: Some(setup.cache) })
    }
}

/// Writes `NAME.provenance.json` and `NAME.cdx.json` for each file of the cell.
pub(super) fn write(
    cell: &Cell,
    outcome: &Outcome,
    file: &File,
    plan: &Plan,
    sources: &Sources,
    maker: &Maker,
    env: &Env,
) -> Result<()> {
    for artifact in &outcome.files {
        whole_file::write(&path(plan, artifact), &statement(cell, artifact, outcome, maker, sources)?)?;
    }
    if let Some(artifact) = outcome.files.first() {
        let bill = bill(cell, artifact, file, &maker.zig, env)?;
        whole_file::write(&plan.out_dir.join(format!("{}{}", name_of(artifact), ENDINGS[1])), &text(&bill))?;
    }
    Ok(())
}

/// Where an artifact's provenance is.
pub(super) fn path(plan: &Plan, artifact: &Path) -> PathBuf {
    plan.out_dir.join(format!("{}{}", name_of(artifact), ENDINGS[0]))
}

fn text(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// What compiled; of osxcross the wrapper, whose version is not written anywhere.
fn uri_of(zig: &Zig) -> String {
    if zig.version == osxcross::NAME {
        "pkg:generic/osxcross".into()
    } else {
        format!("pkg:generic/zig@{}", zig.version)
    }
}

/// <https://slsa.dev/spec/v1.0/provenance>: times are left out, so that the same build gives the same file.
pub(super) fn statement(
    cell: &Cell,
    artifact: &Path,
    outcome: &Outcome,
    maker: &Maker,
    sources: &Sources,
) -> Result<Vec<u8>> {
    let subject = json!({ "name": name_of(artifact), "digest": { "sha256": digest::of_file(artifact)? } });
    let mut inputs = vec![
        json!({ "uri": format!("pkg:generic/xcc@{VERSION}"), "digest": { "sha256": sources.xcc } }),
        json!({ "uri": uri_of(&maker.zig), "digest": { "sha256": maker.digest } }),
        json!({ "uri": "file:.", "digest": { "dirHash": sources.tree } }),
    ];
    if let Some((commit, remote)) = &sources.git {
        let uri = remote.as_ref().map_or_else(|| "git".to_owned(), |remote| format!("git+{remote}"));
        let mut input = json!({ "uri": uri, "digest": { "gitCommit": commit } });
        if sources.dirty {
            input["annotations"] = json!({ "uncommittedChanges": true });
        }
        inputs.push(input);
    }
    for (name, digest) in &sources.locks {
        inputs.push(json!({ "uri": format!("file:{name}"), "digest": { "sha256": digest } }));
    }
    let command: Vec<String> = cell.written.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    Ok(text(&json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [subject],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": format!("{PROJECT}/matrix/v1"),
                "externalParameters": { "command": command, "target": cell.target_name() },
                // The names only: values may be secrets.
                "internalParameters": { "environment": outcome.environment },
                "resolvedDependencies": inputs,
            },
            "runDetails": { "builder": { "id": PROJECT, "version": { "xcc": VERSION } } },
        },
    })))
}

/// <https://cyclonedx.org/docs/1.6/json/>.
fn bill(cell: &Cell, path: &Path, file: &File, zig: &Zig, env: &Env) -> Result<Value> {
    let mut components = Vec::new();
    if let Some(image) = file.images.first() {
        components.extend(runtime(image, zig));
        components.extend(go_modules(image));
        components.extend(crates(image, cell, env));
    }
    components.sort_by_key(|component| component["bom-ref"].as_str().unwrap_or_default().to_owned());
    components.dedup();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": { "components": [{ "type": "application", "name": "xcc", "version": VERSION }] },
            "component": {
                "type": "application",
                "bom-ref": name_of(path),
                "name": name_of(path),
                "hashes": [{ "alg": "SHA-256", "content": digest::of_file(path)? }],
            },
        },
        "components": components,
    }))
}

fn component(kind: &str, name: &str, version: Option<&str>, purl: Option<String>) -> Value {
    let mut map = Map::new();
    map.insert("type".into(), kind.into());
    map.insert("bom-ref".into(), purl.clone().unwrap_or_else(|| format!("{kind}:{name}")).into());
    map.insert("name".into(), name.into());
    if let Some(version) = version {
        map.insert("version".into(), version.into());
    }
    if let Some(purl) = purl {
        map.insert("purl".into(), purl.into());
    }
    Value::Object(map)
}

/// The C library, in it or beside it, and the shared libraries that it loads.
fn runtime(image: &Image, zig: &Zig) -> Vec<Value> {
    let mut all = Vec::new();
    if let Some(libc) = &image.libc {
        if libc.linked_in {
            // zig's own copy: compiler-rt and the unwinder come with it.
            all.push(component("library", libc.name, None, None));
            let purl = format!("pkg:generic/zig@{}", zig.version);
            all.push(component("library", "zig C runtime", Some(&zig.version), Some(purl)));
        } else {
            all.push(component("platform", libc.name, libc.floor.as_deref(), None));
        }
    }
    all.extend(image.needed.iter().map(|name| component("library", name, None, None)));
    all
}

fn go_modules(image: &Image) -> Vec<Value> {
    let Some(go) = &image.go else { return Vec::new() };
    let version = go.version.trim_start_matches("go");
    let std = component("library", "std", Some(version), Some(format!("pkg:golang/std@{version}")));
    let modules = go.dependencies.iter().map(|module| {
        let purl = format!("pkg:golang/{}@{}", module.path, module.version);
        component("library", &module.path, Some(&module.version), Some(purl))
    });
    std::iter::once(std).chain(modules).collect()
}

/// What cargo-auditable put into the program; else what Cargo resolves for the target.
fn crates(image: &Image, cell: &Cell, env: &Env) -> Vec<Value> {
    let of_program = image.rust.as_ref().and_then(|rust| rust.packages.clone());
    let packages = of_program.or_else(|| {
        let is_cargo = cell.command.first().is_some_and(|word| Path::new(word).ends_with("cargo"));
        is_cargo.then(|| of_cargo(cell.target, env))?
    });
    let pairs = packages.into_iter().flatten();
    pairs
        .filter_map(|package| {
            let (name, version) = package.split_once(' ')?;
            Some(component("library", name, Some(version), Some(format!("pkg:cargo/{name}@{version}"))))
        })
        .collect()
}

fn of_cargo(target: Target, env: &Env) -> Option<Vec<String>> {
    let triple = crate::exports::rust_triple(target)?;
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--format-version", "1", "--offline", "--filter-platform", triple]).current_dir(&env.cwd);
    let output = cargo.output().ok().filter(|output| output.status.success())?;
    let value: Value = serde_json::from_slice(&output.stdout).ok()?;
    let packages = value["packages"].as_array()?;
    let pair = |package: &Value| Some(format!("{} {}", package["name"].as_str()?, package["version"].as_str()?));
    Some(packages.iter().filter_map(pair).collect())
}
