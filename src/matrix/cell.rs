//! One cell: the command runs with its output in a log, and what it made is put in place, packed and tried.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::check;
use super::pack;
use super::plan::{Cell, Plan};
use super::provenance::{self, Sources};
use crate::dirs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exports;
use crate::run::prepare;

/// What became of a cell.
pub(super) struct Outcome {
    pub(super) label: String,
    /// Why it failed; `None` if it did not.
    pub(super) failure: Option<String>,
    /// The program, and the archive it was packed in, as they lie in the output directory.
    pub(super) files: Vec<PathBuf>,
    /// Of the program, in bytes.
    pub(super) size: u64,
    pub(super) took: Duration,
    /// Names of the variables that were set for the command.
    pub(super) environment: Vec<String>,
    /// What the program needs of its system.
    pub(super) needs: String,
    /// What the program did here.
    pub(super) ran: Ran,
    pub(super) log: PathBuf,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ran {
    /// Nobody asked.
    NotAsked,
    /// Nothing on this machine runs such a program.
    Cannot,
    Ok,
}

/// How long a program may take that is run to see whether it runs.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many lines of a log a failure shows.
const SHOWN: usize = 40;

pub(super) fn run(cell: &Cell, plan: &Plan, sources: Option<&Sources>, argv0: &Path, env: &Env) -> Outcome {
    let since = Instant::now();
    let mut outcome = Outcome {
        label: cell.label.clone(),
        failure: None,
        files: Vec::new(),
        size: 0,
        took: Duration::ZERO,
        environment: Vec::new(),
        needs: "-".to_owned(),
        ran: Ran::NotAsked,
        log: plan.work_dir().join(format!("{}.log", cell.artifact)),
    };
    outcome.failure = work(cell, plan, sources, argv0, env, &mut outcome).err().map(|error| match error.help() {
        Some(help) => format!("{error}\n{help}"),
        None => error.to_string(),
    });
    outcome.took = since.elapsed();
    outcome
}

fn work(
    cell: &Cell,
    plan: &Plan,
    sources: Option<&Sources>,
    argv0: &Path,
    env: &Env,
    outcome: &mut Outcome,
) -> Result<()> {
    let place = plan.out_dir.join(&cell.artifact);
    // A release must not keep what an earlier one left.
    let places = [place.clone(), pack::archive_path(&place, cell.target)];
    for old in places.iter().flat_map(|place| [""].iter().chain(provenance::ENDINGS).map(|end| with_ending(place, end)))
    {
        match fs::remove_file(&old) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::io("remove", &old)(error)),
            _ => {}
        }
    }
    let stage = fresh_stage(cell)?;
    let log = File::create(&outcome.log).map_err(Error::io("create", &outcome.log))?;
    if cell.halves.is_empty() {
        build(cell, plan, argv0, env, &log, outcome)?;
    } else {
        for half in &cell.halves {
            fresh_stage(half)?;
            build(half, plan, argv0, env, &log, outcome)?;
            check::check(half, plan, env)?;
        }
        let mut lipo = Command::new(dirs::executable()?);
        lipo.args(["lipo", "-create", "-output"]).arg(cell.out()).args(cell.halves.iter().map(Cell::out));
        finish(&mut lipo, &log, "the halves cannot be joined")?;
        for half in &cell.halves {
            // Below the directory of its own cell.
            let dir = half.out().parent().and_then(Path::parent).unwrap_or(half.out());
            fs::remove_dir_all(dir).map_err(Error::io("remove", dir))?;
        }
    }
    let file = check::check(cell, plan, env)?;
    outcome.needs = check::needs(&file);
    try_it(cell, plan, env, outcome)?;
    outcome.size = fs::metadata(cell.out()).map_err(Error::io("read", cell.out()))?.len();
    // With what lies beside it: a C header, an import library.
    let entries = fs::read_dir(&stage).map_err(Error::io("read", &stage))?;
    let mut made: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    made.sort_by_key(|path| path != cell.out());
    if plan.archive {
        let archive = pack::archive_path(&place, cell.target);
        pack::archive(&archive, cell, &made, &plan.include)?;
        outcome.files = vec![archive];
    } else {
        for path in made {
            let to = plan.out_dir.join(path.file_name().unwrap_or_default());
            fs::rename(&path, &to).map_err(Error::io("create", &to))?;
            outcome.files.push(to);
        }
    }
    if let Some(sources) = sources {
        provenance::write(cell, outcome, &file, plan, sources, env)?;
    }
    fs::remove_dir_all(&stage).map_err(Error::io("remove", &stage))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// The empty directory that the command writes in.
fn fresh_stage(cell: &Cell) -> Result<PathBuf> {
    let stage = cell.out().parent().unwrap_or(cell.out()).to_owned();
    let _ = fs::remove_dir_all(&stage);
    fs::create_dir_all(&stage).map_err(Error::io("create", &stage))?;
    Ok(stage)
}

/// Runs the command of one target; the program is at the cell's `{out}` then.
fn build(cell: &Cell, plan: &Plan, argv0: &Path, env: &Env, mut log: &File, outcome: &mut Outcome) -> Result<()> {
    let (mut command, notes) = prepare(cell.target, plan.reproducible, argv0, &cell.command, env)?;
    for note in notes {
        writeln!(log, "xcc: note: {note}").map_err(Error::io("write", &outcome.log))?;
    }
    let set = command.get_envs().filter(|(_, value)| value.is_some());
    outcome.environment = set.map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    finish(&mut command, log, "the command failed")?;
    if let Some(from) = &cell.from {
        fs::copy(from, cell.out()).map_err(Error::io("read", from))?;
    }
    if !cell.out().is_file() {
        return Err(Error::with_help(
            format!("the command wrote no '{}'", cell.out().display()),
            "tell it to write {out}, or say with --from where it leaves the program",
        ));
    }
    Ok(())
}

/// Runs a command to its end, with what it says in the log.
fn finish(command: &mut Command, log: &File, failed: &str) -> Result<()> {
    let program = PathBuf::from(command.get_program());
    let copy = || log.try_clone().map_err(Error::io("write", "the log"));
    command.stdin(Stdio::null()).stdout(copy()?).stderr(copy()?);
    let status = command.status().map_err(|source| Error::NotRunnable { path: program, source })?;
    if status.success() { Ok(()) } else { Err(Error::message(format!("{failed}: {status}"))) }
}

/// Runs the program, where it is asked for and this machine can.
fn try_it(cell: &Cell, plan: &Plan, env: &Env, outcome: &mut Outcome) -> Result<()> {
    let Some(arguments) = &plan.run else { return Ok(()) };
    let Some(mut command) = exports::runner(cell.target, cell.out(), env) else {
        outcome.ran = Ran::Cannot;
        return Ok(());
    };
    let log = File::options().append(true).open(&outcome.log).map_err(Error::io("write", &outcome.log))?;
    command.args(arguments).stdin(Stdio::null()).stderr(log.try_clone().map_err(Error::io("write", &outcome.log))?);
    let program = PathBuf::from(command.get_program());
    let mut child = command.stdout(log).spawn().map_err(|source| Error::NotRunnable { path: program, source })?;
    let since = Instant::now();
    loop {
        match child.try_wait().map_err(Error::io("wait for", cell.out()))? {
            Some(status) if status.success() => break,
            Some(status) => return Err(Error::message(format!("the program failed: {status}"))),
            None if since.elapsed() > PATIENCE => {
                let _ = child.kill().and_then(|()| child.wait());
                return Err(Error::message(format!("the program did not end within {} s", PATIENCE.as_secs())));
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    outcome.ran = Ran::Ok;
    Ok(())
}

impl Outcome {
    /// For plain output, as it ends.
    pub(super) fn line(&self) -> String {
        let fate = if self.failure.is_some() { "failed" } else { "built" };
        format!("{:<28} {fate:<6} {:>6.1} s", self.label, self.took.as_secs_f32())
    }

    /// Why it failed, and the end of its log.
    pub(super) fn report(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let hidden = lines.len().saturating_sub(SHOWN);
        let mut text = format!("xcc: error: {}: {}\n", self.label, self.failure.as_deref().unwrap_or_default());
        if hidden > 0 {
            text.push_str(&format!("  … {hidden} lines before, in {}\n", self.log.display()));
        }
        for line in &lines[hidden..] {
            text.push_str(&format!("  {line}\n"));
        }
        text
    }
}
