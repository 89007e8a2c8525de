//! What is to be done: the command line and `[matrix]` of `xcc.toml` become cells, each with its names.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Arguments;
use super::sign::{self, Hook};
use crate::config;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exports::rust_triple;
use crate::target::Target;

/// `[matrix]`: the command line's options by their names.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Section {
    targets: Vec<String>,
    command: Option<Words>,
    out_dir: Option<PathBuf>,
    name: Option<String>,
    version: Option<String>,
    output: Option<String>,
    from: Option<String>,
    archive: bool,
    include: Vec<PathBuf>,
    run: Option<Words>,
    require: Vec<String>,
    no_provenance: bool,
    changed: bool,
    reproducible: bool,
    jobs: Option<usize>,
    sign: Vec<sign::Row>,
}

/// A list, or one string that is split as a shell would.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Words {
    List(Vec<String>),
    Line(String),
}

impl Words {
    pub(super) fn split(self) -> Result<Vec<String>> {
        match self {
            Words::List(words) => Ok(words),
            Words::Line(line) => {
                shlex::split(&line).ok_or_else(|| Error::message(format!("an open quote in '{line}'")))
            }
        }
    }
}

/// The whole release.
pub(super) struct Plan {
    pub(super) cells: Vec<Cell>,
    /// Absolute.
    pub(super) out_dir: PathBuf,
    pub(super) archive: bool,
    pub(super) include: Vec<PathBuf>,
    /// Arguments to run each program with; `None`: none is run.
    pub(super) run: Option<Vec<String>>,
    /// Clauses of `xcc inspect --require`, lists with commas.
    pub(super) require: Vec<String>,
    /// Say what artifacts were made of.
    pub(super) provenance: bool,
    /// Leave alone what its inputs have made before.
    pub(super) changed: bool,
    /// With what `xcc env --reproducible` prints.
    pub(super) reproducible: bool,
    pub(super) jobs: Option<usize>,
    /// What signs, in the order of the file; what they would write is theirs with `--no-sign` too.
    pub(super) hooks: Vec<Hook>,
    /// Are they run?
    pub(super) signs: bool,
    /// `{name}` and `{version}`.
    pub(super) release: Vec<(&'static str, String)>,
}

/// One target's build.
pub(super) struct Cell {
    pub(super) target: Target,
    /// The target as the user spelled it.
    pub(super) label: String,
    /// Placeholder and text.
    names: Vec<(&'static str, String)>,
    /// The artifact's file name.
    pub(super) artifact: String,
    /// What the program is called in an archive.
    pub(super) program: String,
    /// As it was written.
    pub(super) written: Vec<OsString>,
    /// With placeholders filled in.
    pub(super) command: Vec<OsString>,
    /// Where the command leaves the program; without, at `{out}`.
    pub(super) from: Option<PathBuf>,
    /// Of a universal program: one for each processor. They are built, and joined.
    pub(super) halves: Vec<Cell>,
}

const OUTPUT: &str = "{name}_{version}_{os}_{arch}{ext}";
/// Two targets may be one system and machine: glibc and musl.
const OUTPUT_BY_TARGET: &str = "{name}_{version}_{target}{ext}";

impl Plan {
    pub(super) fn make(arguments: &Arguments, env: &Env) -> Result<Plan> {
        let (section, base) = section(env)?;
        // What a file names is relative to it, what the command line names to where it is given.
        let from_base = |path: PathBuf| base.join(path);
        let out_dir = arguments.out_dir.as_ref().map(|dir| env.cwd.join(dir));
        let out_dir = out_dir.or(section.out_dir.map(from_base)).unwrap_or_else(|| env.cwd.join("dist"));
        let spellings = if arguments.target.is_empty() { section.targets } else { arguments.target.clone() };
        let command = match (arguments.command.is_empty(), section.command) {
            (false, _) => arguments.command.clone(),
            (true, Some(words)) => words.split()?.into_iter().map(OsString::from).collect(),
            (true, None) => Vec::new(),
        };
        if spellings.is_empty() || command.is_empty() {
            let what = if spellings.is_empty() { "target" } else { "command" };
            return Err(Error::with_help(
                format!("the matrix has no {what}"),
                "xcc matrix -t linux/amd64,windows/amd64 -- go build -o {out} ./cmd/app; or [matrix] in xcc.toml",
            ));
        }
        let directory = env.cwd.file_name().and_then(|name| name.to_str()).unwrap_or("program").to_owned();
        let given = Given {
            name: arguments.name.clone().or(section.name).unwrap_or(directory),
            version: arguments.version.clone().or(section.version).unwrap_or_default(),
            command,
            from: arguments.from.clone().or(section.from),
        };
        let template = arguments.output.clone().or(section.output);
        let all = |template: &str| -> Result<Vec<Cell>> {
            spellings.iter().map(|spelling| given.cell(spelling, template, &out_dir, env)).collect()
        };
        let mut cells = all(template.as_deref().unwrap_or(OUTPUT))?;
        if template.is_none() && twins(&cells).is_some() {
            cells = all(OUTPUT_BY_TARGET)?;
        }
        if let Some((one, other)) = twins(&cells) {
            return Err(Error::with_help(
                format!("'{}' and '{}' would both be '{}'", one.label, other.label, one.artifact),
                "use {target} in the output's template, and each target once",
            ));
        }
        let run = match arguments.run.clone().map(Words::Line).or(section.run) {
            Some(words) => Some(words.split()?),
            None => None,
        };
        let include = arguments.include.iter().map(|file| env.cwd.join(file));
        let include = include.chain(section.include.into_iter().map(from_base)).collect();
        let archive = arguments.archive || section.archive;
        let require = if arguments.require.is_empty() { section.require } else { arguments.require.clone() };
        let provenance = !(arguments.no_provenance || section.no_provenance);
        let changed = arguments.changed || section.changed;
        if changed && !provenance {
            return Err(Error::with_help(
                "nothing says what an artifact was made of",
                "leave out --no-provenance, or --changed",
            ));
        }
        let reproducible = arguments.reproducible || section.reproducible;
        let jobs = arguments.jobs.or(section.jobs);
        let signs = !arguments.no_sign;
        let hooks = sign::plan(section.sign, archive || !signs)?;
        let release = vec![("name", given.name), ("version", given.version)];
        Ok(Plan {
            cells,
            out_dir,
            archive,
            include,
            run,
            require,
            provenance,
            changed,
            reproducible,
            jobs,
            hooks,
            signs,
            release,
        })
    }

    /// What signs files of a kind, of a system where they are a cell's.
    pub(super) fn hooks(&self, what: sign::What, os: Option<&str>) -> Vec<&Hook> {
        self.hooks.iter().filter(|hook| self.signs && hook.is_for(what, os)).collect()
    }

    /// What the programs say that sign the digests.
    pub(super) fn log_of_checksums(&self) -> PathBuf {
        self.work_dir().join("checksums.txt.log")
    }

    /// Logs, and what a running cell has written so far.
    pub(super) fn work_dir(&self) -> PathBuf {
        self.out_dir.join(".cells")
    }
}

/// The nearest file's section, and what its paths are relative to.
fn section(env: &Env) -> Result<(Section, PathBuf)> {
    for (path, _) in config::files(env).into_iter().rev() {
        let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let broken = |message: String| Error::Config { path: path.clone(), message };
        let mut table: toml::Table = toml::from_str(&text).map_err(|e| broken(e.to_string().trim_end().into()))?;
        if let Some(value) = table.remove("matrix") {
            let section = value.try_into().map_err(|e| broken(format!("[matrix]: {}", e.to_string().trim_end())))?;
            return Ok((section, path.parent().unwrap_or(Path::new("")).to_owned()));
        }
    }
    Ok((Section::default(), env.cwd.clone()))
}

/// The first two cells whose artifacts have one name.
fn twins(cells: &[Cell]) -> Option<(&Cell, &Cell)> {
    cells
        .iter()
        .enumerate()
        .find_map(|(at, cell)| Some((cell, cells[at + 1..].iter().find(|other| other.artifact == cell.artifact)?)))
}

/// What is the same for all cells.
struct Given {
    name: String,
    version: String,
    command: Vec<OsString>,
    from: Option<String>,
}

impl Given {
    fn cell(&self, spelling: &str, template: &str, out_dir: &Path, env: &Env) -> Result<Cell> {
        let target = Target::of_platform(spelling)?;
        let halves = target.halves();
        let universal = (!halves.is_empty()).then_some("universal");
        let first = halves.first().copied().unwrap_or(target);
        let mut whole = self.one(spelling, first, universal, template, &out_dir.join(".cells"), env)?;
        for half in halves {
            // Beside what becomes of both.
            let name = half.to_string();
            let dir = out_dir.join(".cells").join(format!("{}.{name}", whole.artifact));
            whole.halves.push(self.one(&name, half, None, template, &dir, env)?);
        }
        Ok(whole)
    }

    /// A cell of one target, whose program goes below `dir`. `arch` stands for the target's own name where it is of two.
    fn one(
        &self,
        label: &str,
        target: Target,
        arch_of_two: Option<&str>,
        template: &str,
        dir: &Path,
        env: &Env,
    ) -> Result<Cell> {
        let row = target.row.name;
        let (os, arch) = match target.row.go {
            Some((os, ..)) if arch_of_two.is_some() => (os.to_owned(), arch_of_two.unwrap_or_default().to_owned()),
            Some((os, arch, "")) if target.higher_level().is_some() => {
                (os.to_owned(), format!("{arch}_{}", target.higher_level().unwrap_or_default()))
            }
            Some((os, arch, "")) => (os.to_owned(), arch.to_owned()),
            Some((os, "arm", variant)) => (os.to_owned(), format!("armv{variant}")),
            Some((os, arch, variant)) => (os.to_owned(), format!("{arch}_{variant}")),
            None => {
                let (arch, os) = row.split_once('-').unwrap_or((row, ""));
                (os.to_owned(), arch.to_owned())
            }
        };
        let ext = match row {
            _ if target.is_windows() => ".exe",
            _ if row.ends_with("-wasi") => ".wasm",
            _ => "",
        };
        let mut names = vec![
            ("name", self.name.clone()),
            ("version", self.version.clone()),
            ("target", arch_of_two.map_or_else(|| target.to_string(), |arch| format!("{arch}-macos"))),
            ("os", os),
            ("arch", arch),
            ("ext", ext.to_owned()),
            ("rust", rust_triple(target).unwrap_or_default().to_owned()),
        ];
        // Without a version its place is closed.
        let template = if self.version.is_empty() { template.replace("_{version}", "") } else { template.to_owned() };
        let artifact = fill(&template, &names)?;
        if artifact.is_empty() || artifact.starts_with('.') || artifact.contains(['/', '\\', '\0']) {
            return Err(Error::message(format!("'{artifact}' is not the name of a file")));
        }
        let out = dir.join(&artifact).join(&artifact);
        let out = out.to_str().ok_or_else(|| Error::message(format!("'{}' is not UTF-8", out.display())))?;
        names.push(("out", out.to_owned()));
        let command = self.command.iter().map(|word| match word.to_str() {
            // Braces that are no placeholder are the command's own.
            Some(text) => OsString::from(fill_known(text, &names)),
            None => word.clone(),
        });
        let from = self.from.as_ref().map(|from| fill(from, &names).map(|from| env.cwd.join(from))).transpose()?;
        let program = format!("{}{ext}", self.name);
        let (label, command, written) = (label.to_owned(), command.collect(), self.command.clone());
        Ok(Cell { target, label, names, artifact, program, written, command, from, halves: Vec::new() })
    }
}

impl Cell {
    /// The processor, as `xcc inspect` calls it.
    pub(super) fn machine(&self) -> &str {
        let arch = self.target.row.name.split('-').next().unwrap_or_default();
        match arch {
            "armv6" | "armv5te" => "arm",
            "i586" => "x86",
            arch => arch,
        }
    }

    /// The system, as `xcc inspect` calls it.
    pub(super) fn system(&self) -> &str {
        let parts: Vec<&str> = self.target.row.name.split('-').collect();
        parts.get(1).copied().unwrap_or_default()
    }

    /// Where the command is told to write.
    pub(super) fn out(&self) -> &Path {
        Path::new(self.value("out"))
    }

    /// The canonical name of the target, or that of both.
    pub(super) fn target_name(&self) -> &str {
        self.value("target")
    }

    /// `{name}`, `{os}` and the others that are known of a cell, but for `{out}`.
    pub(super) fn names(&self) -> Vec<(&'static str, String)> {
        self.names.iter().filter(|(name, _)| *name != "out").cloned().collect()
    }

    /// As `{os}` has it.
    pub(super) fn os(&self) -> &str {
        self.value("os")
    }

    fn value(&self, name: &str) -> &str {
        self.names.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
    }
}

fn fill_known(template: &str, names: &[(&'static str, String)]) -> String {
    let mut text = template.to_owned();
    for (name, value) in names {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// # Errors
/// A placeholder that there is not.
pub(super) fn fill(template: &str, names: &[(&'static str, String)]) -> Result<String> {
    let unknown = template.split('{').skip(1).find_map(|part| {
        let name = part.split('}').next().unwrap_or(part);
        (!names.iter().any(|(known, _)| *known == name)).then_some(name)
    });
    if let Some(name) = unknown {
        let known: Vec<String> = names.iter().map(|(name, _)| format!("{{{name}}}")).collect();
        return Err(Error::with_help(
            format!("unknown placeholder '{{{name}}}' in '{template}'"),
            format!("there are {}", known.join(" ")),
        ));
    }
    Ok(fill_known(template, names))
}
