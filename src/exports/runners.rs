//! What can start a target's programs on this machine: qemu's user emulators, wine, a WebAssembly runtime. Cargo starts
//! tests with it (`CARGO_TARGET_*_RUNNER`).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::env::{self, Env};
use crate::probe;
use crate::target::Target;

/// The beginning and the end of a target's name, and the programs that can run it, the better first.
pub(crate) type Runner = (&'static str, &'static str, &'static [&'static str]);

/// A prefix of another comes after it.
pub(crate) const RUNNERS: &[Runner] = &[
    ("x86_64-", "-windows-gnu", &["wine", "wine64"]),
    ("x86-", "-windows-gnu", &["wine"]),
    ("wasm32-", "-wasi", &["wasmtime"]),
    ("aarch64-linux-", "", &["qemu-aarch64-static", "qemu-aarch64"]),
    ("arm-linux-", "", &["qemu-arm-static", "qemu-arm"]),
    ("armv6-linux-", "", &["qemu-arm-static", "qemu-arm"]),
    ("i586-linux-", "", &["qemu-i386-static", "qemu-i386"]),
    ("loongarch64-linux-", "", &["qemu-loongarch64-static", "qemu-loongarch64"]),
    ("mips-linux-", "", &["qemu-mips-static", "qemu-mips"]),
    ("mips64-linux-", "", &["qemu-mips64-static", "qemu-mips64"]),
    ("mips64el-linux-", "", &["qemu-mips64el-static", "qemu-mips64el"]),
    ("mipsel-linux-", "", &["qemu-mipsel-static", "qemu-mipsel"]),
    ("powerpc64le-linux-", "", &["qemu-ppc64le-static", "qemu-ppc64le"]),
    ("riscv64-linux-", "", &["qemu-riscv64-static", "qemu-riscv64"]),
    ("s390x-linux-", "", &["qemu-s390x-static", "qemu-s390x"]),
    ("x86-linux-", "", &["qemu-i386-static", "qemu-i386"]),
    ("x86_64-linux-", "", &["qemu-x86_64-static", "qemu-x86_64"]),
];

/// What starts a program of the target here, which has that dynamic linker; `None` where nothing can.
pub(crate) fn runner(target: Target, program: &Path, interpreter: Option<&str>, env: &Env) -> Option<Command> {
    let line = if is_native(target) { String::new() } else { find(target, env)? };
    // qemu has the program's own file names below that directory, where they are there, and the machine's.
    let root = line.split_once(" -L ").map(|(_, root)| root.to_owned()).or_else(qemu_root).unwrap_or("/".into());
    let is_there =
        |path: &str| [&root, "/"].iter().any(|root| Path::new(root).join(path.trim_start_matches('/')).exists());
    if !interpreter.is_none_or(is_there) {
        return None;
    }
    if line.is_empty() {
        return Some(Command::new(program));
    }
    let mut words = line.split(' ');
    let mut command = Command::new(words.next()?);
    command.args(words).arg(program);
    Some(command)
}

/// What a runner can be too old to have: the end of targets, words that are in a line of what a failed program said, the reason.
const LACKING: &[(&str, [&str; 2], &str)] = &[
    // Go's runtime and Rust's standard library load it. It came with 8.13 (libuv's pull request 4836); Debian 12 has 8.0.
    ("-windows-gnu", ["bcryptprimitives.dll", "not found"], "this Wine lacks bcryptprimitives.dll, which Wine 9 has"),
];

/// Why a program that failed says nothing of the program: its runner lacks what such programs need.
pub(crate) fn lacking(target: Target, said: &str) -> Option<&'static str> {
    LACKING.iter().find_map(|(end, words, reason)| {
        let said_so = || said.lines().any(|line| words.iter().all(|word| line.contains(word)));
        (target.row.name.ends_with(end) && said_so()).then_some(*reason)
    })
}

/// Where the user has qemu look for libraries, which `-L` would replace.
fn qemu_root() -> Option<String> {
    env::text_of_target("QEMU_LD_PREFIX")
}

fn is_native(target: Target) -> bool {
    let linux = format!("{}-linux-", std::env::consts::ARCH);
    cfg!(target_os = "linux") && target.row.name.starts_with(&linux) || cfg!(windows) && target.is_windows()
}

/// The command in Cargo's form, words apart by blanks; `None` where the machine runs the target itself or has nothing for it.
pub(super) fn find(target: Target, env: &Env) -> Option<String> {
    if is_native(target) {
        return None;
    }
    let name = target.row.name;
    let (_, _, programs) = RUNNERS.iter().find(|(start, end, _)| name.starts_with(start) && name.ends_with(end))?;
    let program = programs.iter().find_map(|program| on_path(program, env))?;
    // Cargo splits the value at blanks and knows no quotes.
    let mut command = program.to_str().filter(|path| !path.contains(char::is_whitespace))?.to_owned();
    // Where Debian's cross packages put a target's own C library.
    let root = Path::new("/usr").join(probe::gnu_triple(target));
    if name.contains("-linux-gnu") && qemu_root().is_none() && root.join("lib").is_dir() {
        command = format!("{command} -L {}", root.display());
    }
    Some(command)
}

/// The program of that name in an absolute directory of `PATH`.
pub(crate) fn on_path(program: &str, env: &Env) -> Option<PathBuf> {
    let dirs = std::env::split_paths(env.get(env::PATH)?).filter(|dir| dir.is_absolute());
    dirs.map(|dir| dir.join(program)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_hides_a_later_one() {
        for (at, (start, end, _)) in RUNNERS.iter().enumerate() {
            let hidden =
                RUNNERS[at + 1..].iter().find(|(other, tail, _)| other.starts_with(start) && tail.ends_with(end));
            assert!(hidden.is_none(), "{start}…{end} hides {hidden:?}");
        }
    }

    #[test]
    fn every_linux_target_has_an_emulator() {
        for row in Target::all().filter(|row| row.name.contains("-linux-")) {
            assert!(RUNNERS.iter().any(|(start, _, _)| row.name.starts_with(start)), "{}", row.name);
        }
    }
}
