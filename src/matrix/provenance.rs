//! What an artifact was made of and how, in two files beside it: an in-toto statement with SLSA's provenance (v1), and a
//! CycloneDX bill of materials. Both say what xcc knows, and leave out what it does not.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::cell::Outcome;
use super::check::name_of;
use super::pack::digest;
use super::plan::{Cell, Plan};
use crate::config::Config;
use crate::dirs;
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

/// Files whose digests say which dependencies a build had.
const LOCKS: &[&str] = &["Cargo.lock", "go.sum", "go.mod", "package-lock.json", "uv.lock", "poetry.lock"];

/// What all cells of a release have in common, found out once.
pub(super) struct Sources {
    /// The commit and the address of the repository.
    git: Option<(String, Option<String>)>,
    /// Uncommitted changes were there.
    dirty: bool,
    /// Names and digests of [`LOCKS`] that there are.
    locks: Vec<(&'static str, String)>,
    xcc: String,
}

impl Sources {
    pub(super) fn find(env: &Env) -> Result<Sources> {
        let git = |words: &[&str]| {
            let output = Command::new("git").args(words).current_dir(&env.cwd).output().ok()?;
            let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
            Some(text.trim().to_owned())
        };
        let commit = git(&["rev-parse", "HEAD"]);
        let remote = git(&["config", "--get", "remote.origin.url"]).filter(|url| !url.contains('@'));
        let dirty = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| !text.is_empty());
        let mut locks = Vec::new();
        for name in LOCKS {
            let path = env.cwd.join(name);
            if path.is_file() {
                locks.push((*name, digest(&path)?));
            }
        }
        Ok(Sources { git: commit.map(|commit| (commit, remote)), dirty, locks, xcc: digest(dirs::executable()?)? })
    }
}

/// What is behind a file's name here.
pub(super) const ENDINGS: &[&str] = &[".provenance.json", ".cdx.json"];

/// Writes `NAME.provenance.json` and `NAME.cdx.json` for each file of the cell.
pub(super) fn write(
    cell: &Cell,
    outcome: &Outcome,
    file: &File,
    plan: &Plan,
    sources: &Sources,
    env: &Env,
) -> Result<()> {
    let config = Config::load(cell.target, env)?;
    let target = cell.target.with_configured_glibc(config.glibc)?;
    let zig = match osxcross::chosen(target, &config, env)? {
        Some(found) => found.in_place_of_zig(target),
        None => driver::setup_of(target, &config, env)?.zig,
    };
    for path in &outcome.files {
        let subject = json!({ "name": name_of(path), "digest": { "sha256": digest(path)? } });
        let statement = statement(cell, subject, outcome, &zig, sources)?;
        save(&plan.out_dir, &format!("{}{}", name_of(path), ENDINGS[0]), &statement)?;
    }
    if let Some(path) = outcome.files.first() {
        let bill = bill(cell, path, file, &zig, env)?;
        save(&plan.out_dir, &format!("{}{}", name_of(path), ENDINGS[1]), &bill)?;
    }
    Ok(())
}

fn save(dir: &Path, name: &str, value: &Value) -> Result<()> {
    whole_file::write(&dir.join(name), format!("{value:#}\n").as_bytes())
}

/// What compiled; of osxcross the wrapper, whose version is not written anywhere.
fn maker(zig: &Zig) -> String {
    if zig.version == osxcross::NAME {
        "pkg:generic/osxcross".into()
    } else {
        format!("pkg:generic/zig@{}", zig.version)
    }
}

/// <https://slsa.dev/spec/v1.0/provenance>: times are left out, so that the same build gives the same file.
fn statement(cell: &Cell, subject: Value, outcome: &Outcome, zig: &Zig, sources: &Sources) -> Result<Value> {
    let mut inputs = vec![
        json!({ "uri": format!("pkg:generic/xcc@{VERSION}"), "digest": { "sha256": sources.xcc } }),
        json!({ "uri": maker(zig), "digest": { "sha256": digest(&zig.path)? } }),
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
    Ok(json!({
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
    }))
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
                "hashes": [{ "alg": "SHA-256", "content": digest(path)? }],
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
