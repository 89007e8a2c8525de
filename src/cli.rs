//! xcc's own command line: `xcc targets`, `xcc zig …`, `xcc explain …`. The compilers never come here.

mod pages;
mod zig;

use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::doctor;
use crate::driver;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::exports::{self, Audience, Form, Shell};
use crate::inspect;
use crate::links;
use crate::matrix;
use crate::personality::{self, Personality, installed_names, versioned_names};
use crate::run as runner;
use crate::sdk;
use crate::sysroots;
use crate::target::{Libc, Target};
use crate::terminal::WIDTH;

/// The first words that are commands of xcc and not arguments of a compiler.
const COMMANDS: &[&str] = &[
    "--help",
    "-h",
    "completions",
    "doctor",
    "env",
    "explain",
    "help",
    "inspect",
    "man",
    "matrix",
    "names",
    "run",
    "sdk",
    "shims",
    "sysroot",
    "targets",
    "zig",
];

pub(crate) fn is_command(word: &str) -> bool {
    COMMANDS.contains(&word)
}

/// One binary with many names that makes every build tool cross-compile.
#[derive(Parser)]
#[command(name = "xcc", disable_version_flag = true, after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
As a compiler:
  CC=xcc-aarch64-linux-gnu CGO_ENABLED=1 GOOS=linux GOARCH=arm64 go build
  xcc cc -target riscv64-linux-gnu hello.c -o hello
Also: xcc c++, cpp, ar, ranlib, ld, dlltool, windres, pkg-config, nm, strip, objcopy, objdump, readelf, size, strings, c++filt, addr2line. Any other first argument is the C compiler's.";

#[derive(Subcommand)]
enum Command {
    /// List the targets with their other spellings and the default version of their libc
    Targets,
    /// Print what build systems have to be told about a target: eval "$(xcc env aarch64-linux-gnu)"
    Env(EnvCommand),
    /// Run a command for a target: xcc run -t aarch64-linux-gnu -- go build ./...
    Run {
        /// The target, in any spelling; without it that of XCC_TARGET, of buildx's TARGETPLATFORM, of Go's variables or of this machine
        #[arg(short, long)]
        target: Option<String>,
        /// Also what makes builds of one source the same bytes, as 'xcc env --reproducible' prints it
        #[arg(long)]
        reproducible: bool,
        /// The command and its arguments
        #[arg(trailing_var_arg = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Show what a compiler call would run, and why, without running it
    Explain {
        /// The target, in any spelling
        #[arg(short, long)]
        target: Option<String>,
        /// Explain the C++ compiler
        #[arg(long)]
        cxx: bool,
        /// The arguments of the compiler, after --
        #[arg(last = true)]
        args: Vec<OsString>,
    },
    /// Look over the machine and the configuration, and say what to do
    Doctor(doctor::Arguments),
    /// Say what a binary is and needs, and check it: --require 'glibc<=2.17,static'
    Inspect(inspect::Arguments),
    /// List the names that install.sh gives xcc
    Names {
        /// Also those of a cross toolchain, without 'xcc-': aarch64-linux-gnu-gcc
        #[arg(long, requires = "targets")]
        gnu: bool,
        /// Only those of these targets
        targets: Vec<String>,
    },
    /// Build a release for many targets: xcc matrix -t linux/amd64,windows/amd64 -- go build -o {out} ./cmd/app
    Matrix(Box<matrix::Arguments>),
    /// Keep SDKs of macOS, and say which one is used
    Sdk {
        #[command(subcommand)]
        command: sdk::Command,
    },
    /// List, make, move and remove the C runtimes of targets
    Sysroot {
        #[command(subcommand)]
        command: sysroots::Command,
    },
    /// Install zig, or say which one is in use
    Zig {
        #[command(subcommand)]
        command: zig::Command,
    },
    /// Fill a directory with xcc's names for targets, to be put on PATH
    Shims {
        /// The directory, made if it is missing
        dir: PathBuf,
        /// The targets, in any spelling
        #[arg(short, long, value_delimiter = ',', required = true)]
        target: Vec<String>,
        /// Also those of a cross toolchain, without 'xcc-': aarch64-linux-gnu-gcc
        #[arg(long)]
        gnu: bool,
    },
    /// Print the completions of a shell
    Completions { shell: clap_complete::Shell },
    /// Write xcc's manual pages into a directory
    Man { dir: PathBuf },
}

#[derive(Args)]
struct EnvCommand {
    /// The target, in any spelling; that of XCC_TARGET, of Go's variables or of this machine without
    #[arg(value_name = "TARGET", conflicts_with = "target")]
    positional: Option<String>,
    /// The same
    #[arg(short, long)]
    target: Option<String>,
    /// A CMake toolchain file (-DCMAKE_TOOLCHAIN_FILE=...)
    #[arg(long, group = "form")]
    cmake: bool,
    /// A Meson cross file (--cross-file ...)
    #[arg(long, group = "form")]
    meson: bool,
    /// A C++ toolchain for Bazel: a .bzl file, which says at its head how it is used
    #[arg(long, group = "form")]
    bazel: bool,
    /// The variables as a JSON object, as --shell json
    #[arg(long, group = "form")]
    json: bool,
    /// Who reads the variables
    #[arg(long, group = "form", value_name = "SHELL", default_value = "sh", hide_default_value = true)]
    shell: Shell,
    /// Only what 'go build' reads
    #[arg(long, conflicts_with_all = ["cmake", "meson", "bazel", "cargo"])]
    go: bool,
    /// Only what Cargo and its build scripts read for this target
    #[arg(long, conflicts_with_all = ["cmake", "meson", "bazel"])]
    cargo: bool,
    /// Also what makes builds of the source in this directory the same bytes everywhere
    #[arg(long, conflicts_with_all = ["cmake", "meson", "bazel"])]
    reproducible: bool,
}

pub(crate) fn run(argv: &[OsString], env: &Env) -> Result<i32> {
    let cli = match Cli::try_parse_from(argv) {
        Ok(cli) => cli,
        Err(error) => {
            // clap's own message, in the form of ours; help is not an error.
            if !error.use_stderr() {
                return say(&error.to_string());
            }
            let text = error.to_string();
            let text = text.strip_prefix("error: ").unwrap_or(&text);
            return Err(Error::Usage { text: text.trim_end().to_owned() });
        }
    };
    let argv0 = argv.first().map_or(Path::new("xcc"), Path::new);
    match cli.command {
        Command::Targets => say(&targets(std::io::stdout().is_terminal())),
        Command::Env(command) => {
            let target = target_of(command.positional.as_deref().or(command.target.as_deref()), None, env)?;
            let audience = match (command.go, command.cargo) {
                (true, _) => Audience::Go,
                (_, true) => Audience::Cargo,
                _ => Audience::All,
            };
            let form = match &command {
                EnvCommand { cmake: true, .. } => Form::Cmake,
                EnvCommand { meson: true, .. } => Form::Meson,
                EnvCommand { bazel: true, .. } => Form::Bazel,
                EnvCommand { json: true, .. } => Form::Variables(Shell::Json, audience),
                _ => Form::Variables(command.shell, audience),
            };
            say(&exports::text(target, form, command.reproducible, argv0, env)?)
        }
        Command::Run { target, reproducible, command } => {
            let target =
                target_of(target.as_deref(), if target.is_none() { runner::of_buildx(env)? } else { None }, env)?;
            runner::run(target, reproducible, argv0, &command, env)
        }
        Command::Explain { target, cxx, args } => {
            let target = match target {
                Some(spelling) => Some(Target::parse(&spelling)?),
                None => Target::from_go(env)?,
            };
            let personality = if cxx { Personality::Cxx } else { Personality::Cc };
            say(&driver::explain(personality, target, &args, env)?)
        }
        Command::Matrix(arguments) => matrix::run(&arguments, argv0, env),
        Command::Sdk { command } => say(&sdk::run(command, env)?),
        Command::Sysroot { command } => say(&sysroots::run(command, env)?),
        Command::Inspect(inspect::Arguments { files, require, json }) => inspect::run(&files, &require, json, env),
        Command::Doctor(arguments) => {
            let (text, code) = doctor::run(&arguments, env)?;
            say(&text)?;
            Ok(code)
        }
        Command::Names { gnu, targets } => say(&names(&targets, gnu)?),
        Command::Shims { dir, target, gnu } => shims(&env.cwd.join(dir), &target, gnu),
        Command::Completions { shell } => say(&pages::completions(shell)?),
        Command::Man { dir } => pages::man(&env.cwd.join(dir)).map(|()| 0),
        Command::Zig { command } => zig::run(command, env),
    }
}

/// The target that was asked for; else `XCC_TARGET`'s, that of whoever starts xcc, Go's, this machine.
fn target_of(asked: Option<&str>, starter: Option<Target>, env: &Env) -> Result<Target> {
    if let Some(spelling) = asked {
        return Target::of_platform(spelling);
    }
    let starter = starter.filter(|_| env.get(env::XCC_TARGET).is_none());
    let known = starter.map_or_else(|| personality::from_environment(env), |target| Ok(Some(target)))?;
    known.map_or_else(Target::host, Ok)
}

/// One line a target: name, libc with its default version, other spellings; on a terminal these have lines of their own.
fn targets(terminal: bool) -> String {
    let mut text = String::new();
    for row in Target::all() {
        let libc = match row.libc {
            Libc::Glibc { oldest, default } => format!("glibc 2.{default} (from .2.{oldest})"),
            Libc::Musl => "musl, static".to_owned(),
            Libc::Mingw => "mingw-w64, UCRT".to_owned(),
            Libc::Bsd(system) => system.to_owned(),
            Libc::Wasi => "wasi-libc".to_owned(),
            Libc::Macos(version) => format!("macOS {version} and later"),
            Libc::None => "none (bare metal)".to_owned(),
        };
        let go = row.go.map_or(String::new(), |(os, arch, variant)| match variant {
            "" => format!("{os}/{arch}"),
            _ => format!("{os}/{arch} {variant}"),
        });
        // The triple of clang for both of macOS's processors is the name of one.
        let is_own = Target::parse(row.clang).is_ok_and(|target| target.row.name == row.name);
        let clang = if row.clang == row.name || !is_own { "" } else { row.clang };
        let mut others: Vec<&str> = [go.as_str(), clang].into_iter().filter(|s| !s.is_empty()).collect();
        others.extend(row.aliases);
        if !terminal {
            let _ = writeln!(text, "{:<26} {:<26} {}", row.name, libc, others.join(", "));
            continue;
        }
        let _ = write!(text, "{:<26} {libc}", row.name);
        let mut column = WIDTH;
        for (at, other) in others.iter().enumerate() {
            let comma = if at + 1 < others.len() { "," } else { "" };
            if column + 1 + other.len() + comma.len() > WIDTH {
                text.push_str("\n   ");
                column = 3;
            }
            let _ = write!(text, " {other}{comma}");
            column += 1 + other.len() + comma.len();
        }
        text.push('\n');
    }
    text
}

fn names(targets: &[String], gnu: bool) -> Result<String> {
    let mut names = installed_names(None);
    if targets.is_empty() {
        names.extend(Target::all().flat_map(|row| [installed_names(Some(row.name)), versioned_names(row)]).flatten());
    }
    for spelling in targets {
        let target = Target::parse(spelling)?;
        let canonical = target.to_string();
        names.extend(installed_names(Some(&canonical)));
        if gnu {
            let tools = installed_names(Some(&canonical));
            let start = format!("xcc-{canonical}-");
            let tools: Vec<&str> = tools.iter().filter_map(|name| name.strip_prefix(&start)).collect();
            for prefix in gnu_prefixes(target, spelling) {
                names.extend(tools.iter().map(|tool| format!("{prefix}-{tool}")));
            }
        }
    }
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names.join("\n") + "\n")
}

/// What a cross toolchain's programs start with: the canonical name, the one by which `configure --host` knows the target, and
/// the spelling that was asked for. A triple of GNU's has no version, and a name of a file no slash.
fn gnu_prefixes(target: Target, spelling: &str) -> Vec<String> {
    let others = [exports::configure_host(target), spelling].map(str::to_owned);
    let names = others
        .into_iter()
        .filter(|name| !name.contains(['/', '\\']) && Target::parse(name).is_ok_and(|found| found == target));
    std::iter::once(target.to_string()).chain(names).collect()
}

/// Links to this xcc; a file of somebody else's stays as it is, and is an error.
fn shims(dir: &Path, targets: &[String], gnu: bool) -> Result<i32> {
    let all = names(targets, gnu)?;
    for name in all.lines() {
        links::ensure_in(dir, name)?;
    }
    say(&format!("{} names in {}\n", all.lines().count(), dir.display()))
}

pub(crate) fn say(text: &str) -> Result<i32> {
    std::io::stdout().write_all(text.as_bytes()).map_err(Error::io("write", "standard output"))?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_is_taken_for_one() {
        for command in Cli::command().get_subcommands() {
            assert!(is_command(command.get_name()), "{} would be an argument of the C compiler", command.get_name());
        }
        Cli::command().debug_assert();
    }

    /// A slash in a name would be a directory.
    #[test]
    fn names_of_a_target_are_those_of_its_canonical_name() {
        for (spelling, gnu, own) in [
            ("linux/arm64", "aarch64-linux-gnu-gcc", "xcc-aarch64-linux-gnu-gcc"),
            ("windows/amd64", "x86_64-w64-mingw32-gcc", "xcc-x86_64-windows-gnu-gcc"),
            ("aarch64-unknown-linux-musl", "aarch64-unknown-linux-musl-gcc", "xcc-aarch64-linux-musl-gcc"),
            ("linux/amd64.2.27", "x86_64-linux-gnu.2.27-gcc", "xcc-x86_64-linux-gnu.2.27-gcc"),
        ] {
            let text = names(&[spelling.to_owned()], true).unwrap();
            let all: Vec<&str> = text.lines().collect();
            assert!(all.contains(&gnu) && all.contains(&own), "{spelling}: {text}");
            assert!(!text.contains('/'), "{spelling}: {text}");
            let alone = names(&[spelling.to_owned()], false).unwrap();
            assert!(alone.lines().all(|name| name.starts_with("xcc")), "{alone}");
        }
        // It would link for another glibc than was asked for.
        let text = names(&["x86_64-linux-gnu.2.27".to_owned()], true).unwrap();
        assert!(!text.lines().any(|name| name == "x86_64-linux-gnu-gcc"), "{text}");
        let twice = names(&["linux/arm64".to_owned(), "arm64".to_owned()], true).unwrap();
        assert_eq!(twice.lines().filter(|name| *name == "aarch64-linux-gnu-gcc").count(), 1);
    }

    #[test]
    fn a_terminal_is_80_columns_wide() {
        assert!(targets(true).lines().all(|line| line.len() <= WIDTH));
        assert_eq!(targets(false).lines().count(), Target::all().count());
        let help = Cli::command().term_width(WIDTH).render_help().to_string();
        assert!(help.lines().all(|line| line.chars().count() <= WIDTH), "{help}");
    }
}
