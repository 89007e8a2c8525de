//! `xcc zig …`: which zig there is and which one is used.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::say;
use crate::config::Config;
use crate::dirs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::target::Target;
use crate::terminal;
use crate::whole_file;
use crate::zig::{self, install, pins};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Install a version of zig through your own pip, checked against the digest that xcc knows
    Install {
        /// The version; the pinned one by default
        version: Option<String>,
        /// A local wheel of ziglang, an official archive of zig, or its directory, instead of pip
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
    /// List the versions that are installed and those that can be; the one that is used has a *
    List,
    /// Use an installed version from now on
    Use {
        /// The version
        version: String,
    },
    /// Print the path of the zig in use, its version, and how it was found
    Which,
    /// Compare the files of an installed zig with the digests that were taken when it was installed
    Verify {
        /// The version; the one in use by default
        version: Option<String>,
    },
}

pub(super) fn run(command: Command, env: &Env) -> Result<i32> {
    match command {
        Command::Install { version, from } => {
            let into = home(env)?;
            let from = from.map(|path| env.cwd.join(path));
            let path = install::install(version.as_deref(), from.as_deref(), &into)?;
            let installed = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            use_from_now_on(&into, &installed)?;
            say(&format!("{}\n", path.display()))
        }
        Command::List => say(&list(env)),
        Command::Use { version } => {
            if zig::installed(env, &version).is_none() {
                return Err(not_installed(&version));
            }
            let into = home(env)?;
            std::fs::create_dir_all(&into).map_err(Error::io("create", &into))?;
            use_from_now_on(&into, &version).map(|()| 0)
        }
        Command::Which => {
            let config = Config::load(Target::host()?, env)?;
            let zig = zig::find(env, config.zig.as_deref())?;
            let tested =
                if pins::SUPPORTED.contains(&zig.version.as_str()) { "" } else { ", not a version xcc is tested with" };
            say(&format!("{}\nzig {}{tested} ({})\n", zig.path.display(), zig.version, zig.why))
        }
        Command::Verify { version } => {
            let path = match version {
                Some(version) => zig::installed(env, &version).ok_or_else(|| not_installed(&version))?,
                None => zig::find(env, Config::load(Target::host()?, env)?.zig.as_deref())?.path,
            };
            verify(path.parent().unwrap_or(&path))
        }
    }
}

fn not_installed(version: &str) -> Error {
    Error::with_help(
        format!("zig {version} is not installed"),
        format!("run 'xcc zig install {version}', or set XCC_ZIG to the path of a zig executable"),
    )
}

fn verify(tree: &Path) -> Result<i32> {
    let found = zig::verify::verify(tree)?;
    let kinds = [("altered", &found.altered), ("missing", &found.missing), ("added", &found.added)];
    let mut text = String::new();
    for (kind, name) in kinds.iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, name))) {
        let _ = writeln!(text, "{kind}: {}", terminal::printable(name));
    }
    if text.is_empty() {
        return say(&format!("{}: all {} files are as they were installed\n", tree.display(), found.files));
    }
    say(&text)?;
    let counts: Vec<String> = kinds
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(kind, names)| format!("{} {kind}", names.len()))
        .collect();
    Err(Error::with_help(
        format!(
            "the zig in '{}' is not as it was installed: of {} files {}",
            tree.display(),
            found.files,
            counts.join(", ")
        ),
        "remove that directory and install zig anew: 'xcc zig install VERSION'",
    ))
}

fn home(env: &Env) -> Result<PathBuf> {
    let help = "set XCC_DATA_DIR to a directory that can be written";
    let dir = dirs::data(env).ok_or_else(|| Error::with_help("there is no home directory to install zig in", help))?;
    Ok(dir.join("zig"))
}

fn use_from_now_on(into: &Path, version: &str) -> Result<()> {
    whole_file::write(&into.join("default"), format!("{version}\n").as_bytes())
}

fn list(env: &Env) -> String {
    let installed = zig::installed_versions(env);
    let config = Target::host().and_then(|host| Config::load(host, env));
    let used = config.and_then(|config| zig::find(env, config.zig.as_deref())).ok();
    let mut text = String::new();
    let mut known: Vec<&str> = installed.iter().map(String::as_str).chain(pins::SUPPORTED.iter().copied()).collect();
    known.sort_unstable_by_key(|version| zig_order(version));
    known.dedup();
    for version in known {
        let is_used = used.as_ref().is_some_and(|zig| zig.version == version);
        let state = if installed.iter().any(|one| one == version) { "installed" } else { "xcc zig install can get it" };
        let _ = writeln!(text, "{} {version:<12} {state}", if is_used { '*' } else { ' ' });
    }
    if let Some(zig) = used {
        let _ = writeln!(text, "in use: {} ({})", zig.path.display(), zig.why);
    }
    text
}

/// By the numbers of a version.
fn zig_order(version: &str) -> Vec<u32> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}
