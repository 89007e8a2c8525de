//! `xcc matrix`: one command for every target of a release. Cells run side by side and fail each for itself; what they
//! made is checked, packed, digested and listed in one table.
//!
//! A cell is `xcc run` with placeholders in its command; what a target needs is not decided here.

mod cell;
mod check;
mod kept;
mod pack;
mod plan;
mod provenance;
mod sign;
mod sources;
mod table;
mod variables;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::inspect;
use crate::terminal::Style;
use crate::whole_file;
use cell::Outcome;
use plan::{Cell, Plan};
use sources::Sources;

/// The command line; what it leaves out comes from `[matrix]` in `xcc.toml`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The targets, in any spelling
    #[arg(short, long, value_delimiter = ',', value_name = "TARGETS")]
    target: Vec<String>,
    /// The directory of the artifacts [default: dist]
    #[arg(short, long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
    /// The program's name: {name} [default: that of the directory]
    #[arg(long)]
    name: Option<String>,
    /// The release's version: {version}
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// What an artifact is called [default: {name}_{version}_{os}_{arch}{ext}]
    #[arg(long, value_name = "TEMPLATE")]
    output: Option<String>,
    /// Where the command leaves its program, if {out} cannot tell it: target/{rust}/release/app{ext}
    #[arg(long, value_name = "TEMPLATE")]
    from: Option<String>,
    /// Pack each artifact: .tar.gz, and .zip for Windows
    #[arg(long)]
    archive: bool,
    /// A file that goes into every archive
    #[arg(long, value_name = "FILE")]
    include: Vec<PathBuf>,
    /// Run each program where this machine can (qemu, wine), with these arguments if there are any: --run=--version
    #[arg(long, value_name = "ARGUMENTS", num_args = 0..=1, default_missing_value = "")]
    run: Option<String>,
    /// What must hold for each program: clauses of 'xcc inspect --require'
    #[arg(long, value_name = "CLAUSE,...")]
    require: Vec<String>,
    /// No NAME.provenance.json and NAME.cdx.json beside the artifacts
    #[arg(long)]
    no_provenance: bool,
    /// Run no [[matrix.sign]] of xcc.toml
    #[arg(long)]
    no_sign: bool,
    /// Only cells with another source, command, option, xcc or zig than what is there was made of
    #[arg(long)]
    changed: bool,
    /// With what makes builds of one source the same bytes, as 'xcc env --reproducible' prints it
    #[arg(long)]
    reproducible: bool,
    /// How many cells at once [default: half of the processors]
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
    /// The command, with {out} {name} {version} {target} {os} {arch} {ext} {rust}
    #[arg(trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs all cells; 0 if every one did, else 1.
///
/// # Errors
/// Where no cell could be planned: an unknown target, no command, two cells with one name.
pub(crate) fn run(arguments: &Arguments, argv0: &Path, env: &Env) -> Result<i32> {
    let plan = Plan::make(arguments, env)?;
    std::fs::create_dir_all(plan.work_dir()).map_err(Error::io("create", &plan.out_dir))?;
    for list in &plan.require {
        inspect::require::parse(list)?;
    }
    let sources = if plan.provenance { Some(Sources::find(&plan, env)?) } else { None };
    let outcomes = run_all(&plan, sources.as_ref(), argv0, env);
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    for outcome in outcomes.iter().filter(|outcome| outcome.failure.is_some()) {
        eprint!("{}", outcome.report(Style::of_stderr(env), std::io::stderr().is_terminal()));
    }
    for (outcome, why) in outcomes.iter().filter_map(|outcome| outcome.unable.map(|why| (outcome, why))) {
        eprintln!("xcc: note: {}: the program was not run: {why}", outcome.label);
    }
    let mut text = table::text(&outcomes, Style::of_stdout(env), std::io::stdout().is_terminal());
    let digests = checksums(&plan, &outcomes);
    for path in digests.iter().flatten() {
        text.push_str(&format!("{}\n", path.display()));
    }
    crate::cli::say(&text)?;
    if let Err(error) = &digests {
        let style = Style::of_stderr(env);
        let log = plan.log_of_checksums();
        let failure = error.to_string();
        eprint!("{}", cell::told(pack::CHECKSUMS, &failure, &log, style, std::io::stderr().is_terminal()));
    }
    Ok(i32::from(failed > 0 || digests.is_err()))
}

/// The digests of all that was made, and their signatures: both or neither. Part of a release is not signed.
fn checksums(plan: &Plan, outcomes: &[Outcome]) -> Result<Vec<PathBuf>> {
    let place = plan.out_dir.join(pack::CHECKSUMS);
    // Whatever comes of it, those of an earlier release do not stay.
    for old in plan.hooks.iter().filter_map(|hook| hook.signature_of(&place)).chain([place.clone()]) {
        let _ = std::fs::remove_file(old);
    }
    let Some(text) = pack::checksums(outcomes)? else { return Ok(Vec::new()) };
    let mut hooks = plan.hooks(sign::What::Checksums, None);
    if !hooks.is_empty() && outcomes.iter().any(|outcome| outcome.failure.is_some()) {
        eprintln!("xcc: note: {} is not signed: a cell failed", pack::CHECKSUMS);
        hooks.clear();
    }
    let log = plan.log_of_checksums();
    let _ = std::fs::remove_file(&log);
    let dir = cell::fresh(plan.work_dir().join(".apart"))?;
    let file = dir.join(pack::CHECKSUMS);
    whole_file::write(&file, text.as_bytes())?;
    let signatures = sign::sign(&hooks, &file, &plan.release, &log)?;
    let mut made = Vec::new();
    for path in std::iter::once(file).chain(signatures) {
        let to = plan.out_dir.join(path.file_name().unwrap_or_default());
        std::fs::rename(&path, &to).map_err(Error::io("create", &to))?;
        made.push(to);
    }
    std::fs::remove_dir_all(&dir).map_err(Error::io("remove", &dir))?;
    Ok(made)
}

/// In the order of the plan, whatever the order in which they end.
fn run_all(plan: &Plan, sources: Option<&Sources>, argv0: &Path, env: &Env) -> Vec<Outcome> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = plan.jobs.unwrap_or(processors / 2).clamp(1, plan.cells.len());
    let next = AtomicUsize::new(0);
    let progress = Progress::new(plan.cells.len(), env);
    let outcomes: Vec<Mutex<Option<Outcome>>> = plan.cells.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(cell) = plan.cells.get(at) else { return };
                    progress.begins(cell);
                    let outcome = cell::run(cell, plan, sources, argv0, env);
                    progress.ends(&outcome);
                    if let Ok(mut place) = outcomes[at].lock() {
                        *place = Some(outcome);
                    }
                }
            });
        }
    });
    progress.bar.finish_and_clear();
    outcomes.into_iter().filter_map(|place| place.into_inner().ok().flatten()).collect()
}

/// One line that moves on a terminal; a line for each cell elsewhere.
struct Progress {
    bar: ProgressBar,
    running: Mutex<Vec<String>>,
}

impl Progress {
    fn new(cells: usize, env: &Env) -> Progress {
        // A service's log is no terminal, whatever it says.
        let bar = if env.get(env::CI).is_some() { ProgressBar::hidden() } else { ProgressBar::new(cells as u64) };
        let style = ProgressStyle::with_template("{pos}/{len} {elapsed} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress { bar, running: Mutex::new(Vec::new()) }
    }

    fn begins(&self, cell: &Cell) {
        self.change(|running| running.push(cell.label.clone()));
    }

    fn ends(&self, outcome: &Outcome) {
        self.change(|running| running.retain(|label| *label != outcome.label));
        self.bar.inc(1);
        let line = outcome.line();
        if self.bar.is_hidden() { eprintln!("{line}") } else { self.bar.println(line) }
    }

    fn change(&self, change: impl FnOnce(&mut Vec<String>)) {
        if let Ok(mut running) = self.running.lock() {
            change(&mut running);
            self.bar.set_message(running.join(", "));
        }
    }
}
