//! The tools beside the compiler that are zig's own under another name: `ld`, `ar`, `ranlib`, `dlltool`.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::args;
use crate::binutils::macho::ranlib;
use crate::command::{Command, Handed};
use crate::config::Config;
use crate::darwin_ld;
use crate::diagnosis::{self, Failure};
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::mingw_ld;
use crate::personality::Personality;
use crate::rules::gnu_ld;
use crate::target::Target;
use crate::trace;
use crate::zig;

/// Execs the tool.
pub(crate) fn run(personality: Personality, target: Option<Target>, argv: &[OsString], env: &Env) -> Result<i32> {
    let since = Instant::now();
    let archives = matches!(personality, Personality::Ar | Personality::Ranlib);
    let (target, taken) = if archives { take_target(target, argv)? } else { (target, argv.to_vec()) };
    let argv = &taken;
    // The same zig as the compiler's: an archive's index and bitcode are the business of one LLVM.
    let config = Config::load(target.map_or_else(Target::host, Ok)?, env)?;
    let zig = zig::find(env, config.zig.as_deref())?;
    if personality == Personality::Ld {
        let (words, target) = linker_line(target, argv)?;
        if mingw_ld::is_pe(&words) && words.iter().any(|word| word == "--help") {
            print!("{}", mingw_ld::help());
            return Ok(0);
        }
        let job = lld(zig.path, &words, env)?;
        trace::write_tool(env, argv, "ld", &job.command, since)?;
        return link(job, linked(target, &words), env);
    }
    let command = command(personality, target, argv, zig.path);
    let name = command.args.first().and_then(|word| word.to_str()).unwrap_or_default();
    trace::write_tool(env, argv, name, &command, since)?;
    if archives && target.is_some_and(Target::is_universal) {
        return universal_archive(command, argv, personality == Personality::Ar, env);
    }
    command.exec(env)
}

/// The same for both processors of macOS.
fn universal_archive(command: Command, argv: &[OsString], of_ar: bool, env: &Env) -> Result<i32> {
    if !of_ar {
        return if ranlib::join(argv, &env.cwd, false)? { Ok(0) } else { command.exec(env) };
    }
    ranlib::refuse_universal(argv, &env.cwd)?;
    let code = command.watch(env, |_, _| {})?;
    if code == 0 {
        ranlib::join(argv, &env.cwd, true)?;
    }
    Ok(code)
}

/// A link in the place of clang's driver, with its last words.
///
/// # Errors
/// As [`lld`], and when LLD does not start.
pub(crate) fn link_as_clang(zig: PathBuf, line: &[OsString], target: Target, env: &Env) -> Result<i32> {
    let job = lld(zig, line, env)?;
    trace::write_known(env, &job.command)?;
    let code = link(job, linked(Some(target), line), env)?;
    if code != 0 {
        let words = format!("zig: error: linker command failed with exit code {code} (use -v to see invocation)\n");
        let _ = std::io::stderr().write_all(words.as_bytes());
    }
    Ok(code)
}

/// Runs LLD, and stays beside it to say more of a link that fails.
///
/// # Errors
/// Only when LLD does not start.
fn link(job: Job, linked: Option<Linked>, env: &Env) -> Result<i32> {
    let Job { mut command, macho, _handed } = job;
    let directory = command.program.parent().map(Path::to_owned).unwrap_or_default();
    let is_lld = macho.as_ref().is_none_or(darwin_ld::Link::is_llds);
    if is_lld && std::io::stderr().is_terminal() && env.text(env::TERM).is_some_and(|term| term != "dumb") {
        // LLD writes to a pipe, and would leave out the colours that it has on this terminal. A later word of the
        // user's about it wins.
        let at = if command.args.first().is_some_and(|word| word == "-flavor") { 2 } else { 1 };
        command.args.insert(at.min(command.args.len()), "--color-diagnostics".into());
    }
    let mut passed_over = None;
    let code = command.watch(env, |has_worked, said| {
        if has_worked {
            passed_over = macho.as_ref().and_then(|_| darwin_ld::passed_over(said)).map(str::to_owned);
            return;
        }
        let Some(Linked { target, by_sdk }) = linked else { return };
        let help = diagnosis::help(&Failure { said, target, by_sdk, zig: &directory });
        let lines: String = help.iter().map(|line| format!("xcc: help: {line}\n")).collect();
        let _ = std::io::stderr().write_all(lines.as_bytes());
    })?;
    if let Some(link) = macho.as_ref().filter(|_| code == 0) {
        link.finish(passed_over.as_deref())?;
    }
    for note in macho.iter().flat_map(|link| &link.notes).filter(|_| code == 0) {
        let _ = writeln!(std::io::stderr(), "xcc: note: {note}");
    }
    Ok(code)
}

/// A link that is ready to run.
struct Job {
    command: Command,
    /// What belongs to one for macOS.
    macho: Option<darwin_ld::Link>,
    /// An input that xcc made, for as long as the link runs.
    _handed: Option<Handed>,
}

impl From<Command> for Job {
    fn from(command: Command) -> Job {
        Job { command, macho: None, _handed: None }
    }
}

/// What a link is for, to say more of one that fails.
struct Linked {
    target: Target,
    /// The libraries are those of an SDK of macOS.
    by_sdk: bool,
}

/// The target of a link: that of the name, or the one whose sysroot clang hands to its linker. A sysroot of the user's
/// has a libc that xcc does not know; an SDK of macOS is for the target that the line says.
fn linked(named: Option<Target>, argv: &[OsString]) -> Option<Linked> {
    if let Some(target) = linked_target(named, argv) {
        return Some(Linked { target, by_sdk: false });
    }
    let arch = argv.windows(2).find(|pair| pair[0] == "-arch").filter(|_| darwin_ld::is_macho(argv))?;
    let name = if arch[1] == "x86_64" { "x86_64-macos" } else { "aarch64-macos" };
    Target::parse(name).ok().map(|target| Linked { target, by_sdk: true })
}

fn linked_target(named: Option<Target>, argv: &[OsString]) -> Option<Target> {
    let mut sysroots = argv.iter().filter_map(|word| word.to_str()?.strip_prefix("--sysroot=").map(Path::new));
    let mut of_macos = argv.windows(2).filter(|pair| pair[0] == "-syslibroot").map(|pair| Path::new(&pair[1]));
    match sysroots.next_back().or_else(|| of_macos.next_back()) {
        Some(root) => {
            let dir = root.ends_with("usr").then(|| root.parent()).flatten();
            let name = dir.unwrap_or(root).file_name()?.to_str()?;
            let is_ours = dir.unwrap_or(root).ancestors().nth(2).is_some_and(|above| above.ends_with("sysroot"));
            Target::parse(name).ok().filter(|target| is_ours && target.sysroot_name() == name)
        }
        None => named,
    }
}

/// LLD on a line of GNU ld's. clang hands a long one over in a response file.
///
/// # Errors
/// What [`mingw_ld`] finds wrong with a link for Windows.
fn lld(zig: PathBuf, line: &[OsString], env: &Env) -> Result<Job> {
    let read = |file: &OsStr| std::fs::read(file).ok();
    let in_file = line.iter().any(|word| word.as_encoded_bytes().starts_with(b"@"));
    let read = || args::read_words(line, &read).words.into_iter().map(|word| word.text).collect();
    let expanded: Option<Vec<OsString>> = in_file.then(read);
    let words: &[OsString] = expanded.as_deref().unwrap_or(line);
    if darwin_ld::is_macho(words) {
        let mut link = darwin_ld::link(words, zig, env)?;
        return Ok(Job { command: std::mem::take(&mut link.command), macho: Some(link), _handed: None });
    }
    if mingw_ld::is_pe(words) {
        let rest = words.iter().enumerate().filter(|(at, word)| !(*word == "-m" || *at > 0 && words[at - 1] == "-m"));
        let rest: Vec<OsString> = rest.map(|(_, word)| word.clone()).collect();
        // zig's ld.lld knows the answer, and not the emulation.
        if rest == ["-v"] || rest.iter().any(|word| ABOUT_ITSELF.iter().any(|question| word == *question)) {
            let args = [OsString::from("ld.lld")].into_iter().chain(rest).collect();
            return Ok(Command { program: zig, args, set: Vec::new() }.into());
        }
        let mut args = vec!["lld-link".into()];
        let mingw_ld::Line { mut words, object } = mingw_ld::for_lld_link(words, &mingw_ld::on_disk)?;
        args.append(&mut words);
        let object = object.map(|bytes| Handed::new(&bytes).map_err(Error::io("create", "object"))).transpose()?;
        args.extend(object.iter().map(|object| object.path.clone().into_os_string()));
        return Ok(Job { command: Command { program: zig, args, set: Vec::new() }, macho: None, _handed: object });
    }
    if words.windows(2).any(|pair| pair[0] == "-m" && (pair[1] == "wasm32" || pair[1] == "wasm64")) {
        let args = [OsString::from("wasm-ld")].into_iter().chain(line.iter().cloned()).collect();
        return Ok(Command { program: zig, args, set: Vec::new() }.into());
    }
    let mut args = vec!["ld.lld".into()];
    let translated = gnu_ld::for_lld(words);
    let script = gnu_ld::symbol_versions(words)?.map(|text| Handed::new(text.as_bytes()));
    let script = script.transpose().map_err(Error::io("create", "version script"))?;
    // Before the user's own scripts, which win.
    args.extend(script.iter().flat_map(|script| ["--version-script".into(), script.path.clone().into_os_string()]));
    // The file stays as it is unless something in it has to change.
    args.extend(if translated == words { line.to_vec() } else { translated });
    Ok(Job { command: Command { program: zig, args, set: Vec::new() }, macho: None, _handed: script })
}

/// What asks the linker about itself.
const ABOUT_ITSELF: &[&str] = &["--version", "-V"];

/// `-target T`, as with the compiler, taken out of the words of a tool that has no such option; the last one wins. What follows
/// a `--` are files.
///
/// # Errors
/// A target that xcc does not have, or none after the option.
pub(crate) fn take_target(named: Option<Target>, argv: &[OsString]) -> Result<(Option<Target>, Vec<OsString>)> {
    let mut target = named;
    let mut kept = Vec::with_capacity(argv.len() + 2);
    let mut rest = argv.iter();
    while let Some(word) = rest.next() {
        let joined = word.to_str().and_then(|word| word.strip_prefix("--target="));
        if joined.is_some() || word == "-target" || word == "--target" {
            let spelling = joined.or_else(|| rest.next().and_then(|word| word.to_str()));
            let spelling = spelling.ok_or_else(|| Error::MissingValue { option: "-target".into() })?;
            target = Some(Target::parse(spelling)?);
        } else {
            kept.push(word.clone());
            if word == "--" {
                kept.extend(rest.by_ref().cloned());
            }
        }
    }
    Ok((target, kept))
}

/// GNU ld's words without what only xcc knows, and the target that they name.
fn linker_line(target: Option<Target>, argv: &[OsString]) -> Result<(Vec<OsString>, Option<Target>)> {
    let (target, mut user) = take_target(target, argv)?;
    if let Some(target) = target.filter(|target| target.is_macos()) {
        let asked = user.iter().position(|word| word == "-arch").and_then(|at| user.get(at + 1)?.to_str());
        let target = target.of_archs(asked.as_slice());
        if target.is_universal() {
            return Err(Error::with_help(
                "the linker makes one architecture at a time",
                format!("say '-arch arm64' or '-arch x86_64', or link with xcc-{target}-cc, which makes both"),
            ));
        }
        return Ok((darwin_ld::for_target(target, user), Some(target)));
    }
    if let Some(target) = target {
        // As a GNU ld of the target would: the format of inputs that have none of their own (-b binary).
        user.splice(0..0, ["-m".into(), target.row.emulation.into()]);
    }
    Ok((user, target))
}

/// The command of a tool that is zig's own.
pub(crate) fn command(personality: Personality, target: Option<Target>, argv: &[OsString], zig: PathBuf) -> Command {
    let mut args: Vec<OsString> = Vec::with_capacity(argv.len() + 3);
    args.push(match personality {
        Personality::Ranlib => "ranlib".into(),
        Personality::Dlltool => "dlltool".into(),
        _ => "ar".into(),
    });
    if personality == Personality::Dlltool {
        // The machine is the target's, as with binutils of the target; a later -m of the user's wins.
        let machine =
            target.and_then(|target| DLLTOOL.iter().find(|(emulation, _)| *emulation == target.row.emulation));
        args.extend(machine.iter().flat_map(|(_, machine)| ["-m".into(), (*machine).into()]));
    }
    // GNU's "only touch the date of the index": it has none here, every run makes the same archive.
    let is_date = |word: &OsString| personality == Personality::Ranlib && word == "-t";
    args.extend(argv.iter().filter(|word| !is_date(word)).cloned());
    Command { program: zig, args, set: Vec::new() }
}

/// The emulation of a target, and dlltool's `-m`.
const DLLTOOL: &[(&str, &str)] = &[("i386pep", "i386:x86-64"), ("i386pe", "i386"), ("arm64pe", "arm64")];

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_linker_of_a_target_knows_its_format() {
        let (line, _) = linker_line(None, &words("-target arm64 -r a.o")).unwrap();
        assert_eq!(
            lld("/zig".into(), &line, &Env::default()).unwrap().command.args,
            words("ld.lld -m aarch64linux -r a.o")
        );
        let (line, target) = linker_line(Target::parse("x86_64-w64-mingw32").ok(), &words("a.o")).unwrap();
        assert!(target.unwrap().is_windows());
        assert_eq!(lld("/zig".into(), &line, &Env::default()).unwrap().command.args[0], "lld-link");
        for question in ["--version", "-v"] {
            let asked = lld("/zig".into(), &words(&format!("-m i386pep {question}")), &Env::default()).unwrap();
            assert_eq!(asked.command.args, ["ld.lld", question]);
        }
    }

    #[test]
    fn a_target_is_taken_from_the_words_of_a_tool() {
        for (line, name, kept) in [
            ("-target aarch64-linux-musl rcs lib.a a.o", Some("aarch64-linux-musl"), "rcs lib.a a.o"),
            ("rcs --target=arm64-apple-darwin lib.a", Some("aarch64-macos"), "rcs lib.a"),
            ("--target linux/arm64 -target linux/amd64 t lib.a", Some("x86_64-linux-gnu"), "t lib.a"),
            ("rcs lib.a -- -target --target=x", None, "rcs lib.a -- -target --target=x"),
        ] {
            let (target, rest) = take_target(None, &words(line)).unwrap();
            assert_eq!((target.map(|target| target.row.name), rest), (name, words(kept)), "{line}");
        }
        for wrong in ["rcs lib.a -target", "--target=elf64-littleaarch64 t lib.a"] {
            assert!(take_target(None, &words(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ranlib_need_not_touch_a_date() {
        assert_eq!(command(Personality::Ranlib, None, &words("-t lib.a"), "/zig".into()).args, ["ranlib", "lib.a"]);
    }

    #[test]
    fn a_response_file_is_opened_only_if_it_must_change() {
        let dir = tempfile::tempdir().unwrap();
        let file = |text: &str| {
            let path = dir.path().join("x");
            std::fs::write(&path, text).unwrap();
            format!("@{}", path.display())
        };
        let same = file("b.o -z now");
        assert_eq!(
            lld("/zig".into(), &words(&format!("{same} -o a")), &Env::default()).unwrap().command.args,
            words(&format!("ld.lld {same} -o a"))
        );
        let changed = file("b.o --no-threads");
        assert_eq!(
            lld("/zig".into(), &words(&format!("{changed} -o a")), &Env::default()).unwrap().command.args,
            words("ld.lld b.o --threads=1 -o a")
        );
    }
}
