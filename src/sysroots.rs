//! `xcc sysroot …`: what is in the cache, made ahead of time, moved to another machine, removed.
//!
//! How a sysroot is made is `sysroot.rs`'s business; here are only the commands round it.

mod add;
mod archive;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::backend::Setup;
use crate::config::Config;
use crate::dirs;
use crate::driver;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::packages;
use crate::sysroot::{self, Component};
use crate::target::Target;
use crate::terminal::{self, WIDTH};
use crate::zig::Zig;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the sysroots of the cache, with what is in them
    List {
        /// As a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Make sysroots ahead of time: xcc sysroot build -t aarch64-linux-gnu,x86_64-linux-musl
    Build(Build),
    /// Print the directory of a target's sysroot, which is made if it is missing
    Path {
        /// The target, in any spelling
        #[arg(short, long)]
        target: String,
    },
    /// Add packages of Debian or Ubuntu, .deb files or a directory: xcc sysroot add -t linux/arm64 debian:bookworm libssl-dev
    Add(add::Add),
    /// Remove sysroots, which the next use makes again, with their packages
    Rm(Remove),
    /// Put sysroots in one archive, for 'xcc sysroot import' on another machine
    Export {
        /// The targets; all that the cache has for the zig in use without
        #[arg(short, long, value_delimiter = ',')]
        target: Vec<String>,
        /// The archive to write, a .tar.gz
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Take the sysroots of an archive into the cache; one that was altered is refused
    Import {
        /// What 'xcc sysroot export' wrote
        file: PathBuf,
    },
}

#[derive(Args)]
pub(crate) struct Build {
    /// The targets, or 'all'
    #[arg(short, long, value_delimiter = ',', required = true)]
    target: Vec<String>,
    /// How many at once; as many as there are processors without
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
    /// libc++ too, which the first C++ link would make
    #[arg(long)]
    cxx: bool,
}

#[derive(Args)]
pub(crate) struct Remove {
    /// The targets
    #[arg(short, long, value_delimiter = ',', required_unless_present = "all")]
    target: Vec<String>,
    /// All, of every version of zig
    #[arg(long, conflicts_with = "target")]
    all: bool,
    /// Only the packages that were added
    #[arg(long)]
    packages: bool,
}

/// Does the command; the text to print.
///
/// # Errors
/// Where zig is not there, the cache cannot be written, a target is unknown, or an archive is not whole.
pub(crate) fn run(command: Command, env: &Env) -> Result<String> {
    match command {
        Command::List { json } => list(env, json),
        Command::Build(build) => make(&build, env),
        Command::Path { target } => path(&target, env),
        Command::Add(add) => add::run(&add, env),
        Command::Rm(remove) => delete(&remove, env),
        Command::Export { target, output } => {
            let cache = cache_of(env)?;
            let made = all_made(&cache)?;
            let version = zig_of(env)?.version;
            let chosen = choose(&made, &target, &version)?;
            let bytes = archive::export(&cache, &version, &chosen, &env.cwd.join(&output))?;
            Ok(format!("{}: {} sysroots of zig {version}, {}\n", output.display(), chosen.len(), terminal::size(bytes)))
        }
        Command::Import { file } => {
            let cache = cache_of(env)?;
            let imported = archive::import(&cache, &env.cwd.join(&file)).map_err(|error| match error {
                Error::Message { text, help } => {
                    Error::Message { text: format!("cannot use '{}': {text}", file.display()), help }
                }
                other => other,
            })?;
            Ok(imported.iter().map(|(name, fate)| format!("{name:<32} {fate}\n")).collect())
        }
    }
}

fn cache_of(env: &Env) -> Result<PathBuf> {
    dirs::cache(env).ok_or_else(|| {
        Error::with_help(
            "there is no home directory with a cache",
            "set XCC_CACHE_DIR to a directory that can be written",
        )
    })
}

/// One sysroot of the cache.
#[derive(Serialize)]
struct Made {
    /// The target with its libc version, as the directory is called.
    target: String,
    /// The version of zig that it was made with.
    zig: String,
    /// What is in it beside C.
    parts: Vec<&'static str>,
    /// In bytes.
    size: u64,
    path: PathBuf,
}

/// Component and what it is called.
const PARTS: &[(Component, &str)] = &[
    (Component::CxxHeaders, "C++ headers"),
    (Component::CxxLibrary, "libc++"),
    (Component::Ubsan, "ubsan"),
    (Component::Tsan, "tsan"),
];

/// Whole ones only, by version and name.
fn all_made(cache: &Path) -> Result<Vec<Made>> {
    let root = cache.join("sysroot");
    let mut all = Vec::new();
    for zig in names_in(&root)? {
        for target in names_in(&root.join(&zig))? {
            let path = root.join(&zig).join(&target);
            if Component::Base.is_in(&path) {
                let parts = PARTS.iter().filter(|(part, _)| part.is_in(&path)).map(|(_, name)| *name).collect();
                all.push(Made { size: size_of(&path), target, zig: zig.clone(), parts, path });
            }
        }
    }
    Ok(all)
}

/// Sorted; none where there is no such directory.
fn names_in(dir: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(Error::io("read", dir))?,
    };
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// Of the files below, in bytes; what cannot be read counts nothing.
fn size_of(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => size_of(&entry.path()),
            Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |meta| meta.len()),
            _ => 0,
        })
        .sum()
}

/// Packages of a target.
#[derive(Serialize)]
struct Added {
    target: String,
    packages: Vec<packages::Package>,
    /// In bytes.
    size: u64,
    path: PathBuf,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Row {
    Made(Made),
    Added(Added),
}

fn list(env: &Env, json: bool) -> Result<String> {
    let cache = cache_of(env)?;
    let mut rows: Vec<Row> = all_made(&cache)?.into_iter().map(Row::Made).collect();
    for target in packages::all(&cache) {
        let Some(tree) = packages::tree(&cache, &target) else { continue };
        let path = tree.canonicalize().unwrap_or(tree);
        rows.push(Row::Added(Added {
            packages: packages::installed(&cache, &target)?,
            size: size_of(&path),
            target,
            path,
        }));
    }
    if json {
        let value = serde_json::to_value(&rows).map_err(|error| Error::message(error.to_string()))?;
        return Ok(format!("{value:#}\n"));
    }
    if rows.is_empty() {
        eprintln!(
            "xcc: note: no sysroot is here; 'xcc sysroot build -t TARGET' makes one, as does the target's first use"
        );
    }
    let mut text = String::new();
    for row in &rows {
        let _ = match row {
            Row::Made(made) => {
                let parts =
                    if made.parts.is_empty() { "C".to_owned() } else { format!("C, {}", made.parts.join(", ")) };
                writeln!(text, "{:<32} zig {:<8} {:>8}  {parts}", made.target, made.zig, terminal::size(made.size))
            }
            Row::Added(added) => {
                let head = format!("{:<32} {:<12} {:>8}  ", added.target, "packages", terminal::size(added.size));
                writeln!(text, "{head}{}", add::names(&added.packages, WIDTH.saturating_sub(head.len())))
            }
        };
    }
    Ok(text)
}

fn zig_of(env: &Env) -> Result<Zig> {
    let config = Config::load(Target::host()?, env)?;
    crate::zig::find(env, config.zig.as_deref())
}

fn path(spelling: &str, env: &Env) -> Result<String> {
    let (target, setup) = setup(Target::parse(spelling)?, env)?;
    sysroot::ensure(&setup.cache, &setup.zig, target, there_are(target, &[Component::Base, Component::CxxHeaders]))?;
    Ok(format!("{}\n", setup.sysroot.display()))
}

/// Of these components those that the target has: bare metal has no libc++, nor its headers.
fn there_are(target: Target, components: &[Component]) -> &[Component] {
    if target.is_bare() { &components[..1] } else { components }
}

/// Makes them side by side; a line for each as it is done. One that fails does not stop the others.
fn make(build: &Build, env: &Env) -> Result<String> {
    let targets = if build.target.iter().any(|name| name == "all") {
        let all = Target::all().map(|row| Target::parse(row.name)).collect::<Result<Vec<_>>>()?;
        // It has the sysroots of its halves.
        all.into_iter().filter(|target| !target.is_universal()).collect()
    } else {
        build.target.iter().map(|name| Target::parse(name)).collect::<Result<Vec<_>>>()?
    };
    let mut wanted = vec![Component::Base, Component::CxxHeaders];
    if build.cxx {
        wanted.push(Component::CxxLibrary);
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = build.jobs.unwrap_or(processors).clamp(1, targets.len().max(1));
    let (next, done, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let since = Instant::now();
                    let result = make_one(*target, &wanted, env);
                    let count = done.fetch_add(1, Ordering::Relaxed) + 1;
                    let took = since.elapsed().as_secs_f32();
                    let end = if result.is_ok() { format!("{took:.1} s") } else { "failed".to_owned() };
                    eprintln!("[{count}/{}] {:<32} {end}", targets.len(), target.full_name());
                    if let (Err(error), Ok(mut failed)) = (result, failed.lock()) {
                        failed.push(format!("{}: {error}", target.full_name()));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    if failed.is_empty() { Ok(String::new()) } else { Err(Error::message(failed.join("\n"))) }
}

fn make_one(target: Target, components: &[Component], env: &Env) -> Result<()> {
    let (target, setup) = setup(target, env)?;
    sysroot::ensure(&setup.cache, &setup.zig, target, there_are(target, components))?;
    if !target.is_universal() {
        return Ok(());
    }
    let cxx = components.contains(&Component::CxxLibrary).then_some(Component::UniversalCxx);
    let joined: Vec<Component> = [Component::Universal].into_iter().chain(cxx).collect();
    sysroot::ensure(&setup.cache, &setup.zig, target, &joined)
}

/// The target as the configuration has it, and where its sysroot is.
fn setup(target: Target, env: &Env) -> Result<(Target, Setup)> {
    let config = Config::load(target, env)?;
    let target = target.with_configured_glibc(config.glibc)?;
    Ok((target, driver::setup_of(target, &config, env)?))
}

fn delete(remove: &Remove, env: &Env) -> Result<String> {
    let cache = cache_of(env)?;
    let with_packages = packages::all(&cache);
    let names = match remove.all {
        true => with_packages.clone(),
        false => remove.target.iter().map(|name| named(name, env)).collect::<Result<Vec<_>>>()?,
    };
    let has_packages = |name: &String| with_packages.contains(name);
    let mut text = String::new();
    if !remove.packages {
        let made = all_made(&cache)?;
        // One that was never made may have packages.
        let spellings: Vec<String> = names
            .iter()
            .filter(|name| !has_packages(name) || made.iter().any(|made| made.target == **name))
            .cloned()
            .collect();
        let chosen: Vec<&Made> = match remove.all {
            true => made.iter().collect(),
            false if spellings.is_empty() => Vec::new(),
            false => choose(&made, &spellings, &zig_of(env)?.version)?,
        };
        for made in chosen {
            sysroot::remove_made(&cache, &made.zig, &made.target)?;
            let _ = writeln!(text, "removed {} of zig {}, {}", made.target, made.zig, terminal::size(made.size));
        }
    }
    if remove.packages
        && let Some(none) = names.iter().find(|name| !has_packages(name))
    {
        return Err(Error::with_help(
            format!("no packages were added for '{none}'"),
            "'xcc sysroot list' lists those that were",
        ));
    }
    for name in names.iter().filter(|name| has_packages(name)) {
        let count = packages::remove(&cache, name)?;
        let _ = writeln!(text, "removed the packages of {name}: {count}");
    }
    Ok(text)
}

/// The name of a target's sysroot: its glibc is the one in the spelling, or the configuration's.
fn named(spelling: &str, env: &Env) -> Result<String> {
    let target = Target::parse(spelling)?;
    Ok(target.with_configured_glibc(Config::load(target, env)?.glibc)?.sysroot_name())
}

/// Those of one zig that the spellings name; all of it without a spelling.
fn choose<'a>(made: &'a [Made], spellings: &[String], zig: &str) -> Result<Vec<&'a Made>> {
    let of_zig = made.iter().filter(|made| made.zig == zig);
    if spellings.is_empty() {
        let all: Vec<&Made> = of_zig.collect();
        return if all.is_empty() { Err(missing(&format!("no sysroot of zig {zig}"))) } else { Ok(all) };
    }
    let mut chosen = Vec::new();
    for spelling in spellings {
        let name = Target::parse(spelling)?.sysroot_name();
        let found = of_zig.clone().find(|made| made.target == name);
        chosen.push(found.ok_or_else(|| missing(&format!("no sysroot of '{name}' with zig {zig}")))?);
    }
    Ok(chosen)
}

fn missing(what: &str) -> Error {
    Error::with_help(
        format!("the cache has {what}"),
        "'xcc sysroot build -t TARGET' makes one; 'xcc sysroot list' lists them",
    )
}
