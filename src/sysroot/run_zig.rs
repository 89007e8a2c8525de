//! zig, run for a sysroot: on a small program whose verbose lines say what went into it, or for a part of its own.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::build::Job;
use super::diagnose;
use super::files::copy;
use super::learn::{self, CompileLine, LinkLine};
use super::remove;
use crate::env::HOST_LEAKS;
use crate::error::{Error, Result};

/// What zig printed, and the lines of interest.
pub(super) struct Probe {
    pub(super) compile: Option<CompileLine>,
    pub(super) link: Option<LinkLine>,
    /// All of it.
    pub(super) printed: String,
}

impl Job<'_> {
    /// A new one each time, below the temporary directory, but for Windows (`sysroot.rs`): two zig at once on one cache
    /// have been seen to fail
    /// (ziglang/zig#14815, #18989), a killed one leaves it in disorder, and all that is worth keeping is in the sysroot.
    pub(super) fn zig_cache(&self) -> PathBuf {
        self.temporary.join("zig")
    }

    /// Compiles one of xcc's own small objects for the target: no headers, any kind of link.
    pub(super) fn clang(&self, sysroot: &Path, args: &[&OsStr]) -> Result<()> {
        let row = self.target.row;
        let mut command = self.command("clang");
        command.arg(format!("--target={}", row.clang)).args(row.clang_flags);
        command.args(["--no-default-config", "-nostdinc", "-fPIC", "-O2", "-g0", "-ffreestanding", "-w"]);
        command.args(["-fno-asynchronous-unwind-tables", "-fno-ident", "-fno-stack-protector"]);
        command.current_dir(sysroot).args(args);
        self.run(&mut command).map(drop)
    }

    /// Has zig build a small program, and reads the lines it prints about that program.
    pub(super) fn probe(&self, tool: &str, source: &str, flags: &[&str]) -> Result<Probe> {
        let path = self.temporary.join(source);
        // zig prints nothing about a file it has compiled before, so each probe is another program.
        let salt = format!("{} {} {}", std::process::id(), self.temporary.display(), flags.join(" "));
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |t| t.as_nanos());
        let text = match tool {
            _ if self.target.is_bare() => "void _start(void) {}\n",
            _ if source == "wprobe.c" => "#include <stdlib.h>\nint wmain(void) { return _wgetenv(L\"X\") != 0; }\n",
            "c++" => "#include <string>\nint main(int n, char **v) { return (int)std::string(v[0]).size() == n; }\n",
            _ => "#include <stdlib.h>\nint main(void) { return getenv(\"X\") != 0; }\n",
        };
        fs::write(&path, format!("{text}/* {salt} {time} */\n")).map_err(Error::io("write", &path))?;
        let object = flags.contains(&"-c");
        let result = if object { "probe.o" } else { "probe.out" };
        let mut command = self.command(tool);
        command.args(["-target", &self.target.zig_triple(), "-O2", "-fno-sanitize=all"]);
        if !self.target.row.zig_cpu.is_empty() {
            command.arg(format!("-mcpu={}", self.target.row.zig_cpu));
        }
        if !object {
            // Without debug information the runtimes are small, and programs do not carry zig's paths.
            command.arg("-s");
        }
        command.arg(source).args(flags).arg("-o").arg(result).current_dir(self.temporary);
        command.env("ZIG_VERBOSE_CC", "1").env("ZIG_VERBOSE_LINK", "1");
        let printed = self.run(&mut command)?;
        let cache = self.zig_cache();
        let zig_dir = self.zig.path.parent().unwrap_or(Path::new("/"));
        let known = [cache.as_path(), self.temporary, zig_dir];
        let own = if source.ends_with("cpp") { "probe.cpp" } else { "probe.c" };
        // zig prints what is below its working directory relative to it.
        let absolute = |paths: Vec<PathBuf>| paths.into_iter().map(|path| self.temporary.join(path)).collect();
        let compile = learn::compile_line(&printed, own, &known);
        let link = learn::link_line(&printed, result, "probe", &known);
        Ok(Probe {
            compile: compile.map(|line| CompileLine { include: absolute(line.include), ..line }),
            link: link.map(|line| LinkLine { files: absolute(line.files) }),
            printed,
        })
    }

    /// One archive with the members of all, by `ar`'s own script language.
    pub(super) fn join_archives(&self, archives: &[&Path], into: &Path) -> Result<()> {
        // The script cannot quote, so it names files of the working directory only.
        let dir = self.temporary.join("ar");
        remove(&dir).map_err(Error::io("remove", &dir))?;
        fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
        let mut script = String::from("CREATE all.a\n");
        for (index, archive) in archives.iter().enumerate() {
            copy(archive, &dir.join(format!("{index}.a")))?;
            script.push_str(&format!("ADDLIB {index}.a\n"));
        }
        script.push_str("SAVE\nEND\n");
        let mut command = self.command("ar");
        command.arg("-M").current_dir(&dir).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|source| self.not_runnable(source))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(script.as_bytes()).map_err(Error::io("write", &dir))?;
        }
        let output = child.wait_with_output().map_err(Error::io("read", &dir))?;
        if !output.status.success() {
            return Err(self.failed(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        fs::rename(dir.join("all.a"), into).map_err(Error::io("create", into))
    }

    /// `zig TOOL` with its caches in xcc's, and nothing of the host's compiler.
    pub(super) fn command(&self, tool: &str) -> Command {
        let mut command = Command::new(&self.zig.path);
        command.arg(tool).stdin(Stdio::null());
        for name in HOST_LEAKS {
            command.env_remove(name);
        }
        for name in ["ZIG_LIB_DIR", "ZIG_LIBC", "CC", "CFLAGS", "LDFLAGS"] {
            command.env_remove(name);
        }
        let cache = self.zig_cache();
        command.env("ZIG_GLOBAL_CACHE_DIR", &cache).env("ZIG_LOCAL_CACHE_DIR", &cache);
        // A killed clang leaves its temporary files; here the next call removes them.
        for name in ["TMPDIR", "TMP", "TEMP"] {
            command.env(name, self.temporary);
        }
        die_with_us(&mut command);
        command
    }

    /// Runs it; what it printed on standard error.
    pub(super) fn run(&self, command: &mut Command) -> Result<String> {
        let output = command.output().map_err(|source| self.not_runnable(source))?;
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        // The lines of compilers and linkers are ten megabytes for a C library, and no messages.
        let is_message =
            |line: &&str| !line.contains(" clang ") && !line.starts_with("ld.lld ") && !line.starts_with("ar ");
        let messages: Vec<&str> = printed.lines().filter(is_message).collect();
        let said = messages.join("\n");
        if output.status.success() {
            let wrong = diagnose::wrong_success(&said, self.cache, self.target);
            return wrong.map_or(Ok(printed), Err);
        }
        if let Some(error) = diagnose::cause(&said, self.cache, self.target) {
            return Err(error);
        }
        Err(self.failed(format!("{}\n{}", messages[..messages.len().min(20)].join("\n"), output.status)))
    }

    fn not_runnable(&self, source: std::io::Error) -> Error {
        Error::NotRunnable { path: self.zig.path.clone(), source }
    }

    pub(super) fn failed(&self, output: String) -> Error {
        Error::SysrootFailed { target: self.target.full_name(), output }
    }
}

/// Where the system can do it, a killed xcc takes its zig along, which would go on writing in the temporary directory.
#[cfg(target_os = "linux")]
fn die_with_us(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    // SAFETY: prctl is a plain system call, allowed between fork and exec.
    unsafe {
        command.pre_exec(|| match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_us(_command: &mut Command) {}
