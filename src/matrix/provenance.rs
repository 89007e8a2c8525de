//! What an artifact was made of and how, in two files beside it: an in-toto statement with SLSA's provenance (v1), and a
//! CycloneDX bill of materials. Both say what xcc knows, and leave out what it does not.

use std::fs;
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
use crate::error::{Error, Result};
use crate::inspect::report::{File, Image, Module};
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
        // In an archive there is a copy of it.
        let bytes = fs::read(cell.out()).or_else(|_| fs::read(path)).map_err(Error::io("read", path))?;
        components.extend(pieces(image, &bytes, cell.target, zig));
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

/// A part of the C runtime that xcc links in, and how it is known that it did.
struct Piece {
    name: &'static str,
    known: Known,
}

enum Known {
    /// By one of the texts that are in its code, stripped or not.
    Texts(&'static [&'static str]),
    /// Every link of these has it; what was taken of it no file records.
    Always(fn(&Image, Target) -> bool),
}

const PIECES: &[Piece] = &[
    Piece { name: "libc++", known: Known::Texts(&["libc++abi: ", "St3__1"]) },
    Piece { name: "libunwind", known: Known::Texts(&["libunwind: "]) },
    Piece { name: "mingw-w64", known: Known::Texts(&["Mingw-w64 runtime failure"]) },
    Piece { name: "compiler-rt", known: Known::Always(|image, _| is_of_lld(image) || image.format != "elf") },
    Piece {
        name: "crt objects",
        // Those of Windows are mingw-w64's, a Mach-O program starts in libSystem, and bare metal brings its own.
        known: Known::Always(|image, target| is_of_lld(image) && !target.is_bare()),
    },
];

/// LLD says in ELF files that it made them. Go's own linker, which links no C runtime, does not.
fn is_of_lld(image: &Image) -> bool {
    image.tools.iter().any(|tool| tool.starts_with("Linker: LLD"))
}

/// The parts of the C runtime in a program or shared library that zig has linked.
fn pieces(image: &Image, bytes: &[u8], target: Target, zig: &Zig) -> Vec<Value> {
    let is_gos = image.go.is_some() && !is_of_lld(image);
    if image.linkage.is_none() || zig.version == osxcross::NAME {
        return Vec::new();
    }
    let has = |text: &&str| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    let found = PIECES.iter().filter_map(|piece| {
        let is_beside = image.needed.iter().any(|name| name.contains(&format!("{}.", piece.name)));
        let basis = match piece.known {
            Known::Texts(texts) if !is_beside && texts.iter().any(has) => "found in the file",
            Known::Always(is_in) if !is_gos && is_in(image, target) => {
                "part of every link; what was taken of it is not recorded"
            }
            _ => return None,
        };
        let mut value = component("library", piece.name, None, None);
        value["properties"] = json!([
            { "name": "xcc:basis", "value": basis },
            { "name": "xcc:from", "value": uri_of(zig) },
        ]);
        Some(value)
    });
    found.collect()
}

fn go_modules(image: &Image) -> Vec<Value> {
    let Some(go) = &image.go else { return Vec::new() };
    let version = go.version.trim_start_matches("go");
    let std = component("library", "std", Some(version), Some(format!("pkg:golang/std@{version}")));
    std::iter::once(std).chain(go.dependencies.iter().map(go_module)).collect()
}

/// The code that is in the program: what a `replace` names. A directory has no version, and no address that others know.
fn go_module(module: &Module) -> Value {
    let of = |path: &str, version: &str| {
        component("library", path, Some(version), Some(format!("pkg:golang/{path}@{version}")))
    };
    let Some(by) = &module.replaced_by else { return of(&module.path, &module.version) };
    let is_dir = by.starts_with(['.', '/']) || by.contains(['\\', ':']);
    let (mut value, name, said) = match by.rsplit_once(' ').filter(|_| !is_dir) {
        Some((path, version)) => {
            (of(path, version), "xcc:replaces", format!("pkg:golang/{}@{}", module.path, module.version))
        }
        None => (component("library", &module.path, None, None), "xcc:replaced-by", "a directory".to_owned()),
    };
    value["properties"] = json!([{ "name": name, "value": said }]);
    value
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::report::{Go, Libc};

    fn zig() -> Zig {
        Zig { path: PathBuf::new(), version: "0.17.0".to_owned(), why: "" }
    }

    fn image(format: &'static str, tools: &[&str]) -> Image {
        let tools = tools.iter().map(|tool| (*tool).to_owned()).collect();
        Image { format, tools, linkage: Some("dynamic"), ..Image::default() }
    }

    fn names(values: &[Value]) -> Vec<&str> {
        values.iter().map(|value| value["name"].as_str().unwrap()).collect()
    }

    #[test]
    fn what_is_linked_in_is_named_and_how_that_is_known() {
        let lld = ["Linker: LLD 22.1.8"];
        let target = Target::parse("linux/amd64").unwrap();
        let of = |image: &Image, bytes: &[u8]| pieces(image, bytes, target, &zig());
        let linux = image("elf", &lld);
        let cxx = of(&linux, b"..libc++abi: terminating..libunwind: %s..");
        assert_eq!(names(&cxx), ["libc++", "libunwind", "compiler-rt", "crt objects"]);
        let basis = |at: usize| cxx[at]["properties"][0]["value"].as_str().unwrap();
        assert!(basis(0).starts_with("found in the file") && basis(2).starts_with("part of every link"), "{cxx:?}");
        assert_eq!(cxx[0]["properties"][1]["value"], "pkg:generic/zig@0.17.0");
        assert_eq!(names(&of(&linux, b"")), ["compiler-rt", "crt objects"]);
        let windows = of(&image("pe", &[]), b"Mingw-w64 runtime failure:\n");
        assert_eq!(names(&windows), ["mingw-w64", "compiler-rt"]);
        assert_eq!(names(&of(&image("mach-o", &[]), b"NSt3__1")), ["libc++", "compiler-rt"]);
        // Another's libc++ beside it.
        let beside = Image { needed: vec!["libc++.so.1".to_owned()], ..image("elf", &lld) };
        assert_eq!(names(&of(&beside, b"NSt3__1")), ["compiler-rt", "crt objects"]);
        // Go's own linker, an object, a compiler that is not zig's.
        let go = Image { go: Some(Go::default()), ..image("elf", &[]) };
        let go_of_macos = Image { go: Some(Go::default()), ..image("mach-o", &[]) };
        let object = Image { linkage: None, ..image("elf", &lld) };
        assert!([go, go_of_macos, object].iter().all(|image| of(image, b"").is_empty()));
        let bare = Target::parse("aarch64-none-elf").unwrap();
        assert_eq!(names(&pieces(&linux, b"", bare, &zig())), ["compiler-rt"]);
        let other = Zig { version: osxcross::NAME.to_owned(), ..zig() };
        assert!(pieces(&linux, b"libunwind: ", target, &other).is_empty());
    }

    #[test]
    fn the_c_library_is_in_the_program_or_of_the_system() {
        let libc = |name, linked_in: bool| {
            let floor = (!linked_in).then(|| "2.17".to_owned());
            let libc = Some(Libc { name, floor, forced_by: Vec::new(), linked_in });
            Image { libc, needed: vec!["libz.so.1".to_owned()], ..image("elf", &[]) }
        };
        let dynamic = runtime(&libc("glibc", false), &zig());
        assert_eq!(names(&dynamic), ["glibc", "libz.so.1"]);
        assert_eq!((&dynamic[0]["type"], &dynamic[0]["version"]), (&json!("platform"), &json!("2.17")));
        let linked = runtime(&libc("musl", true), &zig());
        assert_eq!(names(&linked), ["musl", "zig C runtime", "libz.so.1"]);
        assert_eq!((&linked[0]["type"], &linked[1]["version"]), (&json!("library"), &json!("0.17.0")));
    }

    /// As Go writes them: with a version or a directory in the place of the module.
    #[test]
    fn a_replaced_module_of_go_is_what_replaced_it() {
        let module = |path: &str, by: Option<&str>| Module {
            path: path.to_owned(),
            version: "v1.2.3".to_owned(),
            sum: None,
            replaced_by: by.map(str::to_owned),
        };
        let dependencies = vec![
            module("example.org/a", None),
            module("example.org/b", Some("example.org/fork v1.4.0")),
            module("example.org/c", Some("../c of v2")),
            module("example.org/d", Some("./d (devel)")),
        ];
        let go = Go { version: "go1.26".to_owned(), dependencies, ..Go::default() };
        let modules = go_modules(&Image { go: Some(go), ..Image::default() });
        assert_eq!(names(&modules), ["std", "example.org/a", "example.org/fork", "example.org/c", "example.org/d"]);
        let purls = modules.iter().map(|module| module["purl"].as_str().unwrap_or("-"));
        let expected =
            ["pkg:golang/std@1.26", "pkg:golang/example.org/a@v1.2.3", "pkg:golang/example.org/fork@v1.4.0", "-", "-"];
        assert_eq!(purls.collect::<Vec<_>>(), expected);
        assert_eq!(modules[2]["properties"][0]["value"], "pkg:golang/example.org/b@v1.2.3");
        assert_eq!(
            (&modules[3]["version"], &modules[3]["properties"][0]["name"]),
            (&Value::Null, &json!("xcc:replaced-by"))
        );
        assert!(go_modules(&Image::default()).is_empty());
    }
}
