//! One cell: the command runs with its output in a log, and what it made is put in place, packed and tried.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::check::{self, name_of};
use super::kept;
use super::pack;
use super::plan::{Cell, Plan};
use super::provenance::{self, Maker};
use super::sign::{self, Hook, What};
use super::sources::Sources;
use super::variables;
use crate::children;
use crate::dirs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exports;
use crate::inspect::report;
use crate::run::prepare;
use crate::terminal::Style;

/// What became of a cell.
pub(super) struct Outcome {
    pub(super) label: String,
    /// Why it failed; `None` if it did not.
    pub(super) failure: Option<String>,
    /// Why this machine could not run the program, where that is not plain.
    pub(super) unable: Option<&'static str>,
    /// The program, and the archive it was packed in, as they lie in the output directory.
    pub(super) files: Vec<PathBuf>,
    /// Of those files, or of the program; they lie there too.
    pub(super) signatures: Vec<PathBuf>,
    /// Of the program, in bytes.
    pub(super) size: u64,
    pub(super) took: Duration,
    /// Names of the variables that decided what the command made.
    pub(super) environment: Vec<String>,
    /// What the program needs of its system.
    pub(super) needs: String,
    pub(super) built: Step,
    pub(super) signed: Step,
    pub(super) inspected: Step,
    /// What the program did here.
    pub(super) ran: Step,
    pub(super) log: PathBuf,
}

/// How far a cell came.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Step {
    /// Not reached, or there is nothing to do it with.
    No,
    /// Nobody asked.
    NotAsked,
    /// Nothing on this machine runs such a program.
    Cannot,
    /// Done before, and still what the inputs make.
    Kept,
    Ok,
    Failed,
}

impl Step {
    fn take<T>(&mut self, result: Result<T>) -> Result<T> {
        *self = if result.is_ok() { Step::Ok } else { Step::Failed };
        result
    }
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
        unable: None,
        files: Vec::new(),
        signatures: Vec::new(),
        size: 0,
        took: Duration::ZERO,
        environment: Vec::new(),
        needs: "-".to_owned(),
        built: Step::No,
        signed: Step::No,
        inspected: Step::No,
        ran: Step::No,
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
    let prepared = prepared(cell, plan, argv0, env);
    let mut inputs = None;
    let mut maker = None;
    if let (Some(sources), Ok(prepared)) = (sources, &prepared) {
        let commands: Vec<&Command> = prepared.iter().map(|(_, command, _)| command).collect();
        let set = variables::of(&commands);
        outcome.environment = set.iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
        outcome.environment.dedup();
        let found = maker.insert(Maker::of(cell, env)?);
        let inputs = inputs.insert(kept::inputs(cell, plan, &commands, found, env)?);
        if plan.changed && kept::restore(cell, plan, sources, found, inputs, outcome)? {
            return Ok(());
        }
    }
    let place = plan.out_dir.join(&cell.artifact);
    // A release must not keep what an earlier one left.
    let places = [place.clone(), pack::archive_path(&place, cell.target)];
    let endings = |place| [""].iter().chain(provenance::ENDINGS).map(move |end| with_ending(place, end));
    let signatures = |place| plan.hooks.iter().filter_map(move |hook| hook.signature_of(place));
    for old in places.iter().flat_map(|place| endings(place).chain(signatures(place))) {
        match fs::remove_file(&old) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::io("remove", &old)(error)),
            _ => {}
        }
    }
    let _ = fs::remove_file(kept::path(cell, plan));
    let stage = fresh_stage(cell)?;
    let log = File::create(&outcome.log).map_err(Error::io("create", &outcome.log))?;
    let built = make(cell, outcome.built.take(prepared)?, plan, &log, env);
    outcome.built.take(built)?;
    let hooks = plan.hooks(What::Binary, Some(cell.os()));
    let signatures = sign_program(cell, plan, &hooks, &stage, outcome);
    let signatures = outcome.take_signed(&hooks, signatures)?;
    let file = outcome.inspected.take(check::check(cell, plan, env))?;
    if file.images.is_empty() {
        outcome.inspected = Step::No;
    }
    outcome.needs = check::needs(&file);
    try_it(cell, plan, &file, env, outcome)?;
    outcome.size = fs::metadata(cell.out()).map_err(Error::io("read", cell.out()))?.len();
    // With what lies beside it: a C header, an import library.
    let entries = fs::read_dir(&stage).map_err(Error::io("read", &stage))?;
    let mut made: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    made.sort_by_key(|path| path != cell.out());
    if plan.archive {
        let packed = fresh(stage.join(APART))?.join(name_of(&places[1]));
        pack::archive(&packed, cell, &made, &plan.include)?;
        let hooks = plan.hooks(What::Archive, Some(cell.os()));
        let signatures = sign::sign(&hooks, &packed, &cell.names(), &outcome.log);
        let signatures = outcome.take_signed(&hooks, signatures)?;
        outcome.put_in_place(plan, vec![packed], signatures)?;
    } else {
        made.retain(|path| !signatures.contains(path));
        outcome.put_in_place(plan, made, signatures)?;
    }
    if let (Some(sources), Some(maker), Some(inputs)) = (sources, &maker, &inputs) {
        provenance::write(cell, outcome, &file, plan, sources, maker, env)?;
        kept::save(cell, plan, inputs, outcome)?;
    }
    fs::remove_dir_all(&stage).map_err(Error::io("remove", &stage))
}

/// Below a cell's directory: files that are signed, with nothing beside them.
const APART: &str = ".apart";

/// Signs the program, by the name that it has in the archive where it gets into one: signers write names down.
fn sign_program(cell: &Cell, plan: &Plan, hooks: &[&Hook], stage: &Path, outcome: &Outcome) -> Result<Vec<PathBuf>> {
    if hooks.is_empty() {
        return Ok(Vec::new());
    }
    let apart = fresh(stage.join(APART))?;
    let program = apart.join(if plan.archive { &cell.program } else { &cell.artifact });
    fs::rename(cell.out(), &program).map_err(Error::io("create", &program))?;
    let made = sign::sign(hooks, &program, &cell.names(), &outcome.log)?;
    fs::rename(&program, cell.out()).map_err(Error::io("create", cell.out()))?;
    let mut signatures = Vec::new();
    for path in made {
        let to = stage.join(path.file_name().unwrap_or_default());
        if to.exists() {
            return Err(Error::message(format!("the command wrote '{}', which is the signature's", to.display())));
        }
        fs::rename(&path, &to).map_err(Error::io("create", &to))?;
        signatures.push(to);
    }
    Ok(signatures)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// The empty directory that the command writes in.
fn fresh_stage(cell: &Cell) -> Result<PathBuf> {
    fresh(cell.out().parent().unwrap_or(cell.out()).to_owned())
}

pub(super) fn fresh(dir: PathBuf) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
    Ok(dir)
}

/// A build that is to be run: its cell or half of one, the command, and notes for its log.
type Prepared<'a> = (&'a Cell, Command, Vec<String>);

fn prepared<'a>(cell: &'a Cell, plan: &Plan, argv0: &Path, env: &Env) -> Result<Vec<Prepared<'a>>> {
    let parts = if cell.halves.is_empty() { std::slice::from_ref(cell) } else { &cell.halves };
    let one = |part: &'a Cell| {
        let (command, notes) = prepare(part.target, plan.reproducible, argv0, &part.command, env)?;
        Ok((part, command, notes))
    };
    parts.iter().map(one).collect()
}

/// Runs the command for the target, or for each processor and joins the two; the program is at the cell's `{out}` then.
fn make(cell: &Cell, prepared: Vec<Prepared<'_>>, plan: &Plan, log: &File, env: &Env) -> Result<()> {
    for (part, command, notes) in prepared {
        if !cell.halves.is_empty() {
            fresh_stage(part)?;
        }
        build(part, command, &notes, log)?;
        if !cell.halves.is_empty() {
            check::check(part, plan, env)?;
        }
    }
    if cell.halves.is_empty() {
        return Ok(());
    }
    let mut lipo = Command::new(dirs::executable()?);
    lipo.args(["lipo", "-create", "-output"]).arg(cell.out()).args(cell.halves.iter().map(Cell::out));
    finish(&mut lipo, log, "the halves cannot be joined")?;
    for half in &cell.halves {
        // Below the directory of its own cell.
        let dir = half.out().parent().and_then(Path::parent).unwrap_or(half.out());
        fs::remove_dir_all(dir).map_err(Error::io("remove", dir))?;
    }
    Ok(())
}

/// Runs the command of one target.
fn build(cell: &Cell, mut command: Command, notes: &[String], mut log: &File) -> Result<()> {
    for note in notes {
        writeln!(log, "xcc: note: {note}").map_err(Error::io("write", "the log"))?;
    }
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
pub(super) fn finish(command: &mut Command, log: &File, failed: &str) -> Result<()> {
    let program = PathBuf::from(command.get_program());
    let copy = || log.try_clone().map_err(Error::io("write", "the log"));
    command.stdin(Stdio::null()).stdout(copy()?).stderr(copy()?);
    let status = children::status(command).map_err(|source| Error::NotRunnable { path: program, source })?;
    if status.success() { Ok(()) } else { Err(Error::message(format!("{failed}: {status}"))) }
}

/// Runs the program, where it is asked for and this machine can.
fn try_it(cell: &Cell, plan: &Plan, file: &report::File, env: &Env, outcome: &mut Outcome) -> Result<()> {
    let Some(arguments) = &plan.run else {
        outcome.ran = Step::NotAsked;
        return Ok(());
    };
    // By the name it has in the archive: some programs ask for theirs.
    let own = cell.out().with_file_name(&cell.program);
    let is_renamed = plan.archive && own != cell.out();
    if is_renamed {
        fs::hard_link(cell.out(), &own).map_err(Error::io("create", &own))?;
    }
    let program = if is_renamed { &own } else { cell.out() };
    let interpreter = file.images.first().and_then(|image| image.interpreter.as_deref());
    let ran = match exports::runner(cell.target, program, interpreter, env) {
        Some(command) => {
            let before = fs::metadata(&outcome.log).map_or(0, |log| log.len());
            let ended = outcome.ran.take(run_to_its_end(command, arguments, cell, &outcome.log));
            if ended.is_err() {
                outcome.unable = exports::lacking(cell.target, &said_since(before, &outcome.log));
            }
            if outcome.unable.is_some() { Ok(Step::Cannot) } else { ended.map(|()| outcome.ran) }
        }
        None => Ok(Step::Cannot),
    };
    if is_renamed {
        fs::remove_file(&own).map_err(Error::io("remove", &own))?;
    }
    outcome.ran = ran?;
    Ok(())
}

/// What came to the log after its first bytes.
fn said_since(before: u64, log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(bytes.get(before as usize..).unwrap_or_default()).into_owned()
}

fn run_to_its_end(mut command: Command, arguments: &[String], cell: &Cell, log: &Path) -> Result<()> {
    let out = File::options().append(true).open(log).map_err(Error::io("write", log))?;
    command.args(arguments).stdin(Stdio::null()).stderr(out.try_clone().map_err(Error::io("write", log))?);
    let program = PathBuf::from(command.get_program());
    command.stdout(out);
    let mut child = children::spawn(&mut command).map_err(|source| Error::NotRunnable { path: program, source })?;
    let since = Instant::now();
    loop {
        match child.try_wait().map_err(Error::io("wait for", cell.out()))? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(Error::message(format!("the program failed: {status}"))),
            None if since.elapsed() > PATIENCE => {
                let _ = child.kill().and_then(|()| child.wait());
                return Err(Error::message(format!("the program did not end within {} s", PATIENCE.as_secs())));
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

impl Outcome {
    /// For plain output, as it ends.
    pub(super) fn line(&self) -> String {
        let fate = match self.built {
            _ if self.failure.is_some() => "failed",
            Step::Kept => "kept",
            _ => "built",
        };
        format!("{:<28} {fate:<6} {:>6.1} s", self.label, self.took.as_secs_f32())
    }

    pub(super) fn report(&self, style: Style, terminal: bool) -> String {
        told(&self.label, self.failure.as_deref().unwrap_or_default(), &self.log, style, terminal)
    }

    /// Nothing is signed where nothing signs.
    fn take_signed<T>(&mut self, hooks: &[&Hook], result: Result<T>) -> Result<T> {
        if hooks.is_empty() { result } else { self.signed.take(result) }
    }

    /// What is whole goes to where the release is, the signatures last.
    fn put_in_place(&mut self, plan: &Plan, files: Vec<PathBuf>, signatures: Vec<PathBuf>) -> Result<()> {
        for (paths, places) in [(files, &mut self.files), (signatures, &mut self.signatures)] {
            for path in paths {
                let to = plan.out_dir.join(path.file_name().unwrap_or_default());
                fs::rename(&path, &to).map_err(Error::io("create", &to))?;
                places.push(to);
            }
        }
        Ok(())
    }
}

/// Why something failed, and the end of its log. What a build wrote into it is not to move a terminal's cursor.
pub(super) fn told(label: &str, failure: &str, log: &Path, style: Style, terminal: bool) -> String {
    let shown = |line: &str| if terminal { style.clean_line(line) } else { line.to_owned() };
    let bytes = fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = said.lines().collect();
    let hidden = lines.len().saturating_sub(SHOWN);
    let failure = format!("xcc: error: {label}: {failure}");
    let mut text: String = failure.lines().map(|line| shown(line) + "\n").collect();
    if hidden > 0 {
        text.push_str(&format!(
            "  {} {hidden} lines before, in {}\n",
            if style.utf8 { "…" } else { "..." },
            shown(&log.display().to_string())
        ));
    }
    for line in &lines[hidden..] {
        text.push_str(&format!("  {}\n", shown(line)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_does_nothing_to_a_terminal() {
        let log = tempfile::NamedTempFile::new().unwrap();
        fs::write(log.path(), "\x1b[31mred\x1b[0m\x1b[2J\nnext\r\n").unwrap();
        let outcome = Outcome {
            label: "linux/arm64".to_owned(),
            failure: Some("no\x07\nhelp".to_owned()),
            unable: None,
            files: Vec::new(),
            signatures: Vec::new(),
            size: 0,
            took: Duration::ZERO,
            environment: Vec::new(),
            needs: "-".to_owned(),
            built: Step::Failed,
            signed: Step::No,
            inspected: Step::No,
            ran: Step::No,
            log: log.path().to_owned(),
        };
        let head = "xcc: error: linux/arm64: no\\u{7}\nhelp\n";
        let style = Style { colour: false, utf8: true };
        assert_eq!(outcome.report(style, true), format!("{head}  red\\u{{1b}}[2J\n  next\n"));
        let coloured = outcome.report(Style { colour: true, ..style }, true);
        assert_eq!(coloured, format!("{head}  \x1b[31mred\x1b[0m\\u{{1b}}[2J\x1b[0m\n  next\n"));
        assert!(outcome.report(style, false).contains("\x1b[2J"), "a file has what was written");
    }
}
