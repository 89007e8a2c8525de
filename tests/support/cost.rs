//! What one call of xcc costs up to its exec: instructions, system calls, memory. None of it is wall time, so a busy
//! machine gives the same numbers as an idle one. For `hot_path.rs`, and for the benchmark.

#![allow(dead_code)] // Each of the two uses a part of it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Forty arguments of a compilation, as autoconf and CMake write them.
pub(crate) const COMPILE: &str = "-I/usr/local/include/a -I../include -Ilib -I. -DHAVE_CONFIG_H -DNDEBUG -D_GNU_SOURCE \
    -DVERSION=\"1.2.3\" -D_FORTIFY_SOURCE=2 -DPIC -O2 -g -gdwarf-4 -Wall -Wextra -Wno-unused-parameter \
    -Wno-sign-compare -Wstrict-prototypes -std=gnu11 -fPIC -fno-strict-aliasing -fvisibility=hidden \
    -ffunction-sections -fdata-sections -fstack-protector-strong -fno-omit-frame-pointer -pthread -pipe \
    -march=armv8-a -mtune=generic -MD -MP -MT obj/hello.o -MF obj/hello.d -c hello.c -o hello.o";

/// A response file of ten thousand words, half of them quoted.
pub(crate) fn response_file() -> String {
    (0..5000).map(|n| format!("\"-DNAME_{n}=\\\"value {n}\\\"\"\n-Isome/directory/number/{n}\n")).collect()
}

/// The zig that xcc comes to.
#[derive(Clone, Copy)]
pub(crate) enum Zig {
    /// One that says its version and does nothing else.
    Runs,
    /// One that cannot be run. The process stays xcc to its end, which comes right after.
    Refuses,
}

/// A directory in which a call of xcc finds all that it needs: the sysroot, and a zig, installed as `xcc zig install`
/// does it.
pub(crate) struct Place {
    pub(crate) dir: PathBuf,
    cache: PathBuf,
    version: String,
}

impl Place {
    /// With sysroots in `cache`, made by the zig that xcc finds otherwise.
    pub(crate) fn new(dir: &Path, xcc: &Path, cache: &Path) -> Place {
        fs::create_dir_all(dir).unwrap();
        let (_, version) = zig_of(xcc);
        let place = Place { dir: dir.to_owned(), cache: cache.to_owned(), version };
        symlink(xcc, place.xcc()).unwrap();
        fs::write(dir.join("hello.c"), "int main(void) { return 0; }\n").unwrap();
        let mut first = Command::new(place.xcc());
        let said = output(first.args(["-c", "hello.c"]).current_dir(dir).env("XCC_CACHE_DIR", cache)).unwrap();
        assert_eq!(said, "", "the first call makes the sysroot");

        for (zig, mode) in [(Zig::Runs, 0o755), (Zig::Refuses, 0o644)] {
            let program = place.zig(zig);
            let versions = dir.join(data_dir(zig)).join("zig");
            fs::create_dir_all(versions.join(&place.version)).unwrap();
            fs::write(versions.join("default"), &place.version).unwrap();
            fs::write(&program, format!("#!/bin/sh\necho {}\n", place.version)).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
        }
        place
    }

    /// xcc by the name of a target.
    pub(crate) fn xcc(&self) -> PathBuf {
        self.dir.join("xcc-aarch64-linux-gnu.2.28")
    }

    pub(crate) fn zig(&self, zig: Zig) -> PathBuf {
        self.dir.join(data_dir(zig)).join("zig").join(&self.version).join("zig")
    }

    /// xcc on `arguments`, started by the words of `under`.
    fn command(&self, zig: Zig, under: &[&str], arguments: &str) -> Command {
        let xcc = self.xcc();
        let mut words = under.iter().map(Path::new).chain([xcc.as_path()]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(arguments.split_whitespace()).current_dir(&self.dir).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.dir.join("home"));
        command.env("XCC_CACHE_DIR", &self.cache).env("XCC_DATA_DIR", self.dir.join(data_dir(zig)));
        command
    }

    /// Instructions from the first of the process to the refused exec, those of the message about it included.
    pub(crate) fn instructions(&self, arguments: &str) -> Result<u64, String> {
        let out = format!("--callgrind-out-file={}", self.dir.join("callgrind").display());
        let mut command = self.command(Zig::Refuses, &["valgrind", "--tool=callgrind", &out], arguments);
        let said = output(&mut command)?;
        if !said.contains("xcc: error: cannot run") {
            return Err(format!("xcc did not come to its exec: {said}"));
        }
        collected(&said)
    }

    /// The system calls up to the exec of zig, the one that started xcc and that exec included, as strace prints them.
    pub(crate) fn system_calls(&self, arguments: &str) -> Result<Vec<String>, String> {
        let out = self.dir.join("strace");
        let mut command = self.command(Zig::Runs, &["strace", "-f", "-o", &out.display().to_string()], arguments);
        let said = output(&mut command)?;
        let lines = fs::read_to_string(&out).unwrap_or_default();
        let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
        let exec = lines.iter().rposition(|line| line.contains("/zig\"") && line.contains("execve("));
        exec.map(|last| lines[..=last].to_vec()).ok_or(said)
    }

    /// The most memory that xcc had in use, in KiB.
    pub(crate) fn peak_memory(&self, arguments: &str) -> u64 {
        let mut command = self.command(Zig::Refuses, &[], arguments);
        // SAFETY: the closure does nothing. It makes the child a fork: one that shares our memory until its exec
        // would have ours counted as its own.
        unsafe { command.pre_exec(|| Ok(())) };
        let usage = usage(&mut command);
        assert_eq!(usage.code, 126, "xcc did not come to its exec");
        usage.peak_kib
    }
}

/// The zig that xcc finds, and its version.
pub(crate) fn zig_of(xcc: &Path) -> (PathBuf, String) {
    let said = output(Command::new(xcc).args(["zig", "which"])).unwrap();
    let mut lines = said.lines();
    let path = lines.next().map(PathBuf::from).filter(|path| path.is_absolute());
    let version = lines.next().and_then(|line| line.strip_prefix("zig ")?.split([' ', ',']).next());
    path.zip(version.map(str::to_owned)).unwrap_or_else(|| panic!("{said}"))
}

fn data_dir(zig: Zig) -> &'static str {
    match zig {
        Zig::Runs => "zig-runs",
        Zig::Refuses => "zig-refuses",
    }
}

/// Everything that a command prints.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|e| format!("{}: {e}", command.get_program().display()))?;
    Ok(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// The number in what callgrind says at its end.
fn collected(said: &str) -> Result<u64, String> {
    let number = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    number.ok_or_else(|| said.to_owned())
}

/// What the system says about a process that has ended, its own children included.
pub(crate) struct Usage {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_kib: u64,
    pub(crate) code: i32,
}

/// Runs a command without its output.
#[allow(clippy::zombie_processes, reason = "wait4 is what waits")]
pub(crate) fn usage(command: &mut Command) -> Usage {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let since = Instant::now();
    let child = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (mut status, pid) = (0, libc::pid_t::try_from(child.id()).unwrap());
    // SAFETY: zero is a value of every field; wait4 writes to what it is given, and the child is waited for only here.
    let (waited, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(pid, &mut status, 0, &mut usage), usage)
    };
    assert_eq!(waited, pid, "{command:?}");
    let time = |t: libc::timeval| Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64);
    Usage {
        wall: since.elapsed(),
        cpu: time(usage.ru_utime) + time(usage.ru_stime),
        peak_kib: usage.ru_maxrss as u64,
        code: if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -1 },
    }
}
