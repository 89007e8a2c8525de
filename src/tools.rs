//! The tools beside the compiler that are zig's own under another name: `ld`, `ar`, `ranlib`.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::args;
use crate::command::Command;
use crate::config::Config;
use crate::diagnosis::{self, Failure};
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::personality::Personality;
use crate::rules::gnu_ld;
use crate::target::Target;
use crate::zig;

/// Execs the tool.
pub(crate) fn run(personality: Personality, target: Option<Target>, argv: &[OsString], env: &Env) -> Result<i32> {
    // The same zig as the compiler's: an archive's index and bitcode are the business of one LLVM.
    let config = Config::load(target.map_or_else(Target::host, Ok)?, env)?;
    let zig = zig::find(env, config.zig.as_deref())?;
    let command = command(personality, target, argv, zig.path)?;
    if personality == Personality::Ld { link(command, target, env) } else { command.exec(env) }
}

/// The same in the place of clang's driver, with its last words.
///
/// # Errors
/// As [`link`].
pub(crate) fn link_as_clang(command: Command, target: Target, env: &Env) -> Result<i32> {
    let code = link(command, Some(target), env)?;
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
fn link(mut command: Command, target: Option<Target>, env: &Env) -> Result<i32> {
    let directory = command.program.parent().map(Path::to_owned).unwrap_or_default();
    let target = linked_target(target, &command.args);
    if std::io::stderr().is_terminal() && env.text(env::TERM).is_some_and(|term| term != "dumb") {
        // LLD writes to a pipe, and would leave out the colours that it has on this terminal. A later word of the
        // user's about it wins.
        command.args.insert(1, "--color-diagnostics".into());
    }
    command.watch(env, |said| {
        let Some(target) = target else { return };
        let help = diagnosis::help(&Failure { said, target, zig: &directory });
        let lines: String = help.iter().map(|line| format!("xcc: help: {line}\n")).collect();
        let _ = std::io::stderr().write_all(lines.as_bytes());
    })
}

/// The target of a link: that of the name, or the one whose sysroot clang hands to its linker. A sysroot of the user's
/// has a libc that xcc does not know.
fn linked_target(named: Option<Target>, argv: &[OsString]) -> Option<Target> {
    let mut sysroots = argv.iter().filter_map(|word| word.to_str()?.strip_prefix("--sysroot=").map(Path::new));
    match sysroots.next_back() {
        Some(dir) => {
            let name = dir.file_name()?.to_str()?;
            let is_ours = dir.ancestors().nth(2).is_some_and(|above| above.ends_with("sysroot"));
            Target::parse(name).ok().filter(|target| is_ours && target.full_name() == name)
        }
        None => named,
    }
}

/// LLD on a line of the linker's.
pub(crate) fn lld(zig: PathBuf, line: &[OsString]) -> Command {
    let mut args = vec![sub_command(Personality::Ld).into()];
    args.append(&mut gnu_ld::for_lld(line));
    Command { program: zig, args, set: Vec::new() }
}

fn command(personality: Personality, target: Option<Target>, argv: &[OsString], zig: PathBuf) -> Result<Command> {
    let mut target = target;
    let mut args: Vec<OsString> = Vec::with_capacity(argv.len() + 3);
    args.push(sub_command(personality).into());
    let mut rest = argv.iter();
    let mut user = Vec::with_capacity(argv.len());
    while let Some(word) = rest.next() {
        // `xcc ld -target T`, as with the compiler. GNU ld has no such option, and ar none that begins so.
        if personality == Personality::Ranlib && word == "-t" {
            // GNU's "only touch the date of the index": it has none here, every run makes the same archive.
            continue;
        }
        let joined = word.to_str().and_then(|word| word.strip_prefix("--target="));
        if personality == Personality::Ld && (joined.is_some() || word == "-target") {
            let spelling = joined.or_else(|| rest.next().and_then(|word| word.to_str()));
            let spelling = spelling.ok_or_else(|| Error::MissingValue { option: "-target".into() })?;
            target = Some(Target::parse(spelling)?);
        } else {
            user.push(word.clone());
        }
    }
    if let (Personality::Ld, Some(target)) = (personality, target) {
        // As a GNU ld of the target would: the format of inputs that have none of their own (-b binary).
        args.extend(["-m".into(), target.row.emulation.into()]);
    }
    if personality == Personality::Ld {
        user = linker_words(user, &|file| std::fs::read(file).ok());
    }
    args.append(&mut user);
    Ok(Command { program: zig, args, set: Vec::new() })
}

/// The linker's arguments as LLD takes them. clang hands a long link over in a response file, which is read, and stays
/// as it is unless something in it has to change.
fn linker_words(user: Vec<OsString>, read: &dyn Fn(&OsStr) -> Option<Vec<u8>>) -> Vec<OsString> {
    if !user.iter().any(|word| word.as_encoded_bytes().starts_with(b"@")) {
        return gnu_ld::for_lld(&user);
    }
    let read = args::read_words(&user, read);
    let expanded: Vec<OsString> = read.words.into_iter().map(|word| word.text).collect();
    let translated = gnu_ld::for_lld(&expanded);
    if translated == expanded { user } else { translated }
}

fn sub_command(personality: Personality) -> &'static str {
    match personality {
        Personality::Ar => "ar",
        Personality::Ranlib => "ranlib",
        _ => "ld.lld",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linker_of_a_target_knows_its_format() {
        let argv: Vec<OsString> = ["-target", "arm64", "-r", "a.o"].iter().map(OsString::from).collect();
        let command = command(Personality::Ld, None, &argv, "/zig".into()).unwrap();
        assert_eq!(command.args, ["ld.lld", "-m", "aarch64linux", "-r", "a.o"]);
    }

    #[test]
    fn ranlib_need_not_touch_a_date() {
        let argv: Vec<OsString> = ["-t", "lib.a"].iter().map(OsString::from).collect();
        assert_eq!(command(Personality::Ranlib, None, &argv, "/zig".into()).unwrap().args, ["ranlib", "lib.a"]);
    }

    #[test]
    fn a_response_file_is_opened_only_if_it_must_change() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        let read = |text: &'static str| move |_: &OsStr| Some(text.as_bytes().to_vec());
        assert_eq!(linker_words(words("@x -o a"), &read("b.o -z now")), words("@x -o a"));
        assert_eq!(linker_words(words("@x -o a"), &read("b.o --no-threads")), words("b.o --threads=1 -o a"));
    }
}
