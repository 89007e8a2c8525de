//! `--reproducible`: the variables that make one source the same bytes wherever it is built and whoever builds it.
//!
//! Paths of xcc's own cache never reach an output (`backend/direct.rs`); what is left is the user's: the directory of the
//! source, those of Cargo and rustc, and the time. What a variable holds already stays in front.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Audience, Facts, rust_triple, text_of};
use crate::env::{self, Env};
use crate::error::{Error, Result};

/// The variables for a reader, and what is to be said on standard error.
pub(crate) struct Reproducible {
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) notes: Vec<String>,
}

/// What configure takes where nobody says: a variable that is set takes its place.
const DEFAULT_CFLAGS: &str = "-g -O2";

/// # Errors
/// Where a path has a blank, which none of the variables can carry, or is not UTF-8.
pub(crate) fn variables(facts: &Facts, audience: Audience, env: &Env) -> Result<Reproducible> {
    let mut made = Reproducible { variables: Vec::new(), notes: Vec::new() };
    made.epoch(env);
    let sources = sources(env)?;
    // ld64 writes where the objects with debugging information are, and when they were written.
    let objects = facts.target.is_macos().then(|| format!("-Wl,-oso_prefix,{}/", env.cwd.display()));
    if facts.target.is_macos() {
        made.set("ZERO_AR_DATE", "1");
    }
    if audience == Audience::All {
        let maps: Vec<String> = sources.iter().map(Map::of_clang).collect();
        for name in [env::CFLAGS, env::CXXFLAGS] {
            made.set(name, joined(env.text(name).unwrap_or(DEFAULT_CFLAGS), &maps));
        }
        if let Some(objects) = &objects {
            made.set(env::LDFLAGS, joined(env.text(env::LDFLAGS).unwrap_or(""), std::slice::from_ref(objects)));
        }
    }
    if let Some(triple) = rust_triple(facts.target).filter(|_| audience != Audience::Go) {
        made.of_cargo(&triple.replace('-', "_"), sources, objects, env)?;
    }
    if facts.target.row.go.is_some() && audience != Audience::Cargo {
        made.named_compilers(facts, env)?;
        made.set(env::GOFLAGS, joined(&go_flags(env), &["-trimpath".into(), "-buildvcs=false".into()]));
    }
    Ok(made)
}

/// What stands for a directory of this machine.
struct Map {
    from: String,
    to: String,
}

impl Map {
    /// # Errors
    /// Builds split these variables at blanks, and each has its own quotes or none.
    fn new(from: &Path, to: impl Into<String>) -> Result<Map> {
        let from = text_of(from)?.to_owned();
        if from.contains([' ', '\t', '\'', '"', '$']) {
            return Err(Error::with_help(
                format!("'{from}' has a blank or a quote, which CFLAGS and RUSTFLAGS cannot carry"),
                "build in a directory without",
            ));
        }
        Ok(Map { from, to: to.into() })
    }

    fn of_clang(&self) -> String {
        format!("-ffile-prefix-map={}={}", self.from, self.to)
    }
}

/// The directory of the build, and that of the whole repository, as seen from there: that of a Cargo workspace is in it.
/// Compilers take the last that fits, so what lies within another comes behind it.
fn sources(env: &Env) -> Result<Vec<Map>> {
    let mut maps = vec![Map::new(&env.cwd, ".")?];
    let top = said(env, "git", &["rev-parse", "--show-toplevel"]).map(PathBuf::from);
    let below = top.as_ref().and_then(|top| env.cwd.strip_prefix(top).ok()).map_or(0, |path| path.components().count());
    if let Some(top) = top.filter(|_| below > 0) {
        maps.insert(0, Map::new(&top, vec![".."; below].join("/"))?);
    }
    Ok(maps)
}

impl Reproducible {
    /// Puts the variables behind the others, or in the place of one that is there; the notes.
    pub(crate) fn complete(self, all: &mut Vec<(String, String)>) -> Vec<String> {
        for (name, value) in self.variables {
            match all.iter_mut().find(|(set, _)| *set == name) {
                Some((_, old)) => *old = value,
                None => all.push((name, value)),
            }
        }
        self.notes
    }

    fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.variables.push((name.into(), value.into()));
    }

    /// The time that stands for all others: that of the last commit.
    fn epoch(&mut self, env: &Env) {
        let given = env.text(env::SOURCE_DATE_EPOCH).map(str::to_owned);
        match given.or_else(|| said(env, "git", &["log", "-1", "--format=%ct"])) {
            Some(seconds) if !seconds.is_empty() => self.set(env::SOURCE_DATE_EPOCH, seconds),
            _ => self.notes.push(
                "SOURCE_DATE_EPOCH is not set, and there is no commit of git's to take it from: __DATE__ and __TIME__ stay those of the build"
                    .into(),
            ),
        }
    }

    /// Go writes a digest into programs that has the words of CC in it, which are therefore names and no paths.
    fn named_compilers(&mut self, facts: &Facts, env: &Env) -> Result<()> {
        let mut path: Vec<PathBuf> =
            env.get(env::PATH).map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
        for (variable, tool) in [("CC", "cc"), ("CXX", "c++")] {
            let full = Path::new(facts.path(tool)?);
            let dir = full.parent().unwrap_or(full).to_owned();
            if path.first() != Some(&dir) {
                path.insert(0, dir);
            }
            self.set(variable, full.file_name().and_then(|name| name.to_str()).unwrap_or(tool));
        }
        let path = std::env::join_paths(path).map_err(|error| Error::message(error.to_string()))?;
        self.set(env::PATH, text_of(Path::new(&path))?);
        Ok(())
    }

    /// What rustc is told, and the C of crates.
    fn of_cargo(&mut self, lower: &str, mut maps: Vec<Map>, objects: Option<String>, env: &Env) -> Result<()> {
        let home = env.path(env::CARGO_HOME).or_else(|| Some(env.path(env::HOME)?.join(".cargo")));
        for (dir, name) in [(home, "/cargo"), (env.path(env::CARGO_TARGET_DIR), "target")] {
            if let Some(dir) = dir {
                maps.push(Map::new(&env.cwd.join(dir), name)?);
            }
        }
        maps.sort_by_key(|map| map.from.len());
        let compiles: Vec<String> = maps.iter().map(Map::of_clang).collect();
        maps.extend(std_sources(env)?);
        let mut words: Vec<String> =
            maps.iter().map(|map| format!("--remap-path-prefix={}={}", map.from, map.to)).collect();
        words.extend(objects.map(|objects| format!("-Clink-arg={objects}")));
        self.rustflags(lower, &words, env);
        // Where a compilation can be continued rustc gives its objects names of chance, and macOS programs name their objects.
        self.set("CARGO_INCREMENTAL", "0");
        // The cc crate adds its own -O and -g, and those of the target's variable behind them; it reads one of the two.
        for name in [env::CFLAGS, env::CXXFLAGS] {
            let of_target = format!("{name}_{lower}");
            let given = env::text_of_target(&of_target).or_else(|| env.text(name).map(str::to_owned));
            self.set(of_target, joined(&given.unwrap_or_default(), &compiles));
        }
        Ok(())
    }

    /// In the variable that is in force already. Without one in that of the target: Cargo joins it with `target.T.rustflags`
    /// of its files, where `RUSTFLAGS` would be read in their place.
    fn rustflags(&mut self, lower: &str, words: &[String], env: &Env) {
        if let Some(encoded) = env.text(env::CARGO_ENCODED_RUSTFLAGS) {
            self.set(env::CARGO_ENCODED_RUSTFLAGS, format!("{encoded}\u{1f}{}", words.join("\u{1f}")));
        } else if let Some(given) = env.text(env::RUSTFLAGS) {
            self.set(env::RUSTFLAGS, joined(given, words));
        } else {
            let name = format!("CARGO_TARGET_{}_RUSTFLAGS", lower.to_uppercase());
            if let Some(path) = build_rustflags(env) {
                self.notes.push(format!(
                    "Cargo does not read build.rustflags of '{}' beside {name}: say them in RUSTFLAGS, or for the target",
                    path.display()
                ));
            }
            let given = env::text_of_target(&name).unwrap_or_default();
            self.set(name, joined(&given, words));
        }
    }
}

/// With the words behind it that it does not have.
fn joined(given: &str, words: &[String]) -> String {
    let there = |word: &&String| !given.split_whitespace().any(|there| there == word.as_str());
    let all = std::iter::once(given).filter(|given| !given.is_empty());
    all.chain(words.iter().filter(there).map(String::as_str)).collect::<Vec<_>>().join(" ")
}

/// rustc maps its library's sources to `/rustc/COMMIT`, but back where rust-src is installed.
fn std_sources(env: &Env) -> Result<Option<Map>> {
    let sources = said(env, "rustc", &["--print", "sysroot"]).map(|dir| Path::new(&dir).join("lib/rustlib/src/rust"));
    let Some(sources) = sources.filter(|dir| dir.is_dir()) else { return Ok(None) };
    let version = said(env, "rustc", &["-vV"]).unwrap_or_default();
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    commit.map(|commit| Map::new(&sources, format!("/rustc/{commit}"))).transpose()
}

/// `go env -w` has them too.
fn go_flags(env: &Env) -> String {
    said(env, "go", &["env", "GOFLAGS"]).or_else(|| env.text(env::GOFLAGS).map(str::to_owned)).unwrap_or_default()
}

/// What a program of `PATH` prints; `None` where it is not there or fails.
fn said(env: &Env, program: &str, words: &[&str]) -> Option<String> {
    let mut command = Command::new(super::runners::on_path(program, env)?);
    // Nothing is to be fetched for an answer.
    command.args(words).current_dir(&env.cwd).env("GOTOOLCHAIN", "local");
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// The first of Cargo's files that has `build.rustflags`.
fn build_rustflags(env: &Env) -> Option<PathBuf> {
    let home = env.path(env::CARGO_HOME).or_else(|| Some(env.path(env::HOME)?.join(".cargo")));
    let dirs = env.cwd.ancestors().map(|dir| dir.join(".cargo")).chain(home);
    let files = dirs.flat_map(|dir| [dir.join("config.toml"), dir.join("config")]);
    files.into_iter().find(|path| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let table: Option<toml::Table> = toml::from_str(&text).ok();
        table.is_some_and(|table| table.get("build").is_some_and(|build| build.get("rustflags").is_some()))
    })
}

/// Says the notes.
pub(crate) fn say(notes: &[String]) {
    for note in notes {
        eprintln!("xcc: note: {note}");
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::facts;
    use super::*;

    fn value(target: &str, audience: Audience, env: &Env, name: &str) -> Option<String> {
        let made = variables(&facts(target), audience, env).unwrap();
        made.variables.into_iter().find(|(set, _)| set == name).map(|(_, value)| value)
    }

    #[test]
    fn what_is_set_stays_in_front() {
        let env =
            Env::of(&[("CFLAGS", "-O3"), ("HOME", "/h"), ("RUSTFLAGS", "-Copt-level=1"), ("SOURCE_DATE_EPOCH", "7")]);
        let of = |name| value("aarch64-linux-gnu", Audience::All, &env, name);
        assert_eq!(of("CFLAGS").unwrap(), "-O3 -ffile-prefix-map=/cwd=.");
        assert_eq!(of("CXXFLAGS").unwrap(), "-g -O2 -ffile-prefix-map=/cwd=.", "configure's own");
        assert_eq!(of("CFLAGS_aarch64_unknown_linux_gnu").unwrap().split(' ').next(), Some("-O3"));
        assert_eq!(
            of("RUSTFLAGS").unwrap(),
            "-Copt-level=1 --remap-path-prefix=/cwd=. --remap-path-prefix=/h/.cargo=/cargo"
        );
        assert_eq!(of("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS"), None);
        assert_eq!(of("SOURCE_DATE_EPOCH").unwrap(), "7");
        assert_eq!(of("GOFLAGS").unwrap(), "-trimpath -buildvcs=false");
        assert_eq!(of("LDFLAGS"), None);
        assert!(variables(&facts("armhf"), Audience::All, &env).unwrap().notes.is_empty());
    }

    #[test]
    fn each_reader_is_told_what_it_reads() {
        let env = Env::of(&[("CARGO_ENCODED_RUSTFLAGS", "-C\u{1f}lto"), ("RUSTFLAGS", "-x")]);
        let of = |audience, name| value("aarch64-macos", audience, &env, name);
        assert_eq!(
            of(Audience::Cargo, "CARGO_ENCODED_RUSTFLAGS").unwrap(),
            "-C\u{1f}lto\u{1f}--remap-path-prefix=/cwd=.\u{1f}-Clink-arg=-Wl,-oso_prefix,/cwd/"
        );
        assert_eq!(of(Audience::Cargo, "CARGO_INCREMENTAL").unwrap(), "0");
        assert_eq!(of(Audience::Cargo, "RUSTFLAGS"), None);
        assert_eq!(of(Audience::Cargo, "CFLAGS"), None, "a build script's own");
        assert_eq!(of(Audience::Go, "CFLAGS_aarch64_apple_darwin"), None);
        assert_eq!(of(Audience::All, "LDFLAGS").unwrap(), "-Wl,-oso_prefix,/cwd/");
        assert_eq!(of(Audience::Go, "ZERO_AR_DATE").unwrap(), "1");
        let notes = variables(&facts("armhf"), Audience::Go, &env).unwrap().notes;
        assert!(notes[0].starts_with("SOURCE_DATE_EPOCH is not set"), "{notes:?}");
    }

    #[test]
    fn a_path_that_no_variable_can_carry_is_refused() {
        let mut env = Env::of(&[]);
        env.cwd = "/a b".into();
        assert!(variables(&facts("armhf"), Audience::All, &env).is_err());
    }
}
