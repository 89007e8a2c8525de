//! A command as a plain value: show it (`-###`), trace it, exec it.

#[cfg(unix)]
use std::ffi::CString;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;

#[cfg(unix)]
use once_cell::sync::OnceCell;

use crate::args::response;
use crate::env::{self, Env};
use crate::error::{Error, Result};

#[derive(Clone, Debug, Default)]
pub(crate) struct Command {
    pub(crate) program: PathBuf,
    /// Without the program's own name.
    pub(crate) args: Vec<OsString>,
    /// Variables set for it.
    pub(crate) set: Vec<(&'static str, OsString)>,
}

impl Command {
    /// Becomes the command, or runs it and returns its exit status where a process cannot become another.
    ///
    /// # Errors
    /// Only when the program does not start.
    pub(crate) fn exec(&self, env: &Env) -> Result<i32> {
        self.start(env, become_command)
    }

    /// Runs the command to its end; its exit status.
    ///
    /// # Errors
    /// Only when the program does not start.
    pub(crate) fn run(&self, env: &Env) -> Result<i32> {
        let status = self.start(env, |mut command| command.status())?;
        Ok(status.code().unwrap_or_else(|| die_like(status)))
    }

    /// Runs the command to its end. Standard error passes through as it comes, and is handed to `ended` with whether the
    /// command has worked, before this returns the exit status; a command that a signal ended takes xcc along.
    ///
    /// # Errors
    /// Only when the program does not start.
    pub(crate) fn watch(&self, env: &Env, ended: impl FnOnce(bool, &str)) -> Result<i32> {
        let mut child = self.start(env, |mut command| command.stderr(process::Stdio::piped()).spawn())?;
        let mut said = Vec::new();
        let mut buffer = [0; 4096];
        let mut pipe = child.stderr.take();
        while let Some(count) = pipe.as_mut().and_then(|pipe| pipe.read(&mut buffer).ok()).filter(|count| *count > 0) {
            // If our own is closed there is nobody to tell.
            let _ = io::stderr().write_all(&buffer[..count]);
            if said.len() < KEPT {
                said.extend_from_slice(&buffer[..count]);
            }
        }
        let status = child.wait().map_err(|source| Error::NotRunnable { path: self.program.clone(), source })?;
        ended(status.success(), &String::from_utf8_lossy(&said));
        Ok(status.code().unwrap_or_else(|| die_like(status)))
    }

    fn start<T>(&self, env: &Env, start: impl Fn(process::Command) -> io::Result<T>) -> Result<T> {
        let depth = check_depth(&self.program, env)?;
        match start(self.process(&self.args, depth)) {
            // The system's limit for one argument list: hand it over in a file.
            Err(error) if error.raw_os_error() == Some(too_long()) => {
                // Which front of LLD is meant has to be said in its first two words.
                let front = if self.args.first().is_some_and(|word| word == "-flavor") { 2 } else { 0 };
                let (front, rest) = self.args.split_at(front);
                let file = ResponseFile::new(rest).map_err(Error::io("create", "response file"))?;
                let first = self.args.first().filter(|word| !word.as_encoded_bytes().starts_with(b"-"));
                // lld-link reads response files as Windows' programs do, unless it is told before.
                let quoting = first.filter(|word| *word == "lld-link").map(|_| "--rsp-quoting=posix".into());
                let args: Vec<OsString> =
                    front.iter().chain(first).cloned().chain(quoting).chain([file.word.clone()]).collect();
                start(self.process(&args, depth))
            }
            other => other,
        }
        .map_err(|source| Error::NotRunnable { path: self.program.clone(), source })
    }

    fn process(&self, args: &[OsString], depth: u32) -> process::Command {
        let mut command = process::Command::new(&self.program);
        command.args(args).env(env::XCC_RUNNING, depth.to_string());
        for name in env::HOST_LEAKS {
            command.env_remove(name);
        }
        command.envs(self.set.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The command in the form of clang's `-###`: each word quoted, on one line.
    pub(crate) fn quoted(&self) -> String {
        let mut line = String::new();
        for word in [self.program.as_os_str()].into_iter().chain(self.args.iter().map(OsString::as_os_str)) {
            line.push_str(" \"");
            for c in word.to_string_lossy().chars() {
                if matches!(c, '"' | '\\' | '$') {
                    line.push('\\');
                }
                line.push(c);
            }
            line.push('"');
        }
        line
    }
}

/// How much of a failed command's messages is kept, in bytes.
const KEPT: usize = 256 * 1024;

/// How many xcc may run inside each other: cc, its linker, and what a launcher may put between. More is a loop.
pub(crate) const DEEPEST: u32 = 8;

/// The level of a program that is about to be started.
///
/// # Errors
/// [`Error::Recursion`] below [`DEEPEST`].
pub(crate) fn check_depth(program: &Path, env: &Env) -> Result<u32> {
    let depth = env.text(env::XCC_RUNNING).and_then(|depth| depth.parse().ok()).unwrap_or(0u32) + 1;
    if depth > DEEPEST {
        return Err(Error::Recursion { program: program.to_owned() });
    }
    Ok(depth)
}

/// The process becomes the command; where it cannot, it waits for it and has its exit status.
#[cfg(unix)]
pub(crate) fn become_command(mut command: process::Command) -> io::Result<i32> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
pub(crate) fn become_command(mut command: process::Command) -> io::Result<i32> {
    Ok(command.status()?.code().unwrap_or(1))
}

/// Ends as the command did, by the same signal, so that the parent sees no difference.
#[cfg(unix)]
pub(crate) fn die_like(status: process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    let signal = status.signal().unwrap_or(libc::SIGKILL);
    die_by(signal);
    128 + signal
}

/// The one temporary file that a signal must not leave behind.
#[cfg(unix)]
static TEMPORARY: OnceCell<CString> = OnceCell::new();

/// Removes the temporary file, and ends by the signal: also what runs when one arrives.
#[cfg(unix)]
extern "C" fn die_by(signal: libc::c_int) {
    // SAFETY: unlink, signal and raise may be called while a signal is handled; the name is a C string that is never freed.
    unsafe {
        if let Some(file) = TEMPORARY.get() {
            libc::unlink(file.as_ptr());
        }
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

/// Removes a file also when a signal ends xcc while a command of its own is running, as compilers do with theirs.
#[cfg(unix)]
pub(crate) fn remove_when_killed(file: &Path) {
    use std::os::unix::ffi::OsStrExt;
    let Ok(name) = CString::new(file.as_os_str().as_bytes()) else { return };
    if TEMPORARY.set(name).is_err() {
        return;
    }
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM] {
        // SAFETY: the handler is one, see there. A signal that is ignored (nohup) stays so.
        unsafe {
            if libc::signal(signal, die_by as *const () as libc::sighandler_t) == libc::SIG_IGN {
                libc::signal(signal, libc::SIG_IGN);
            }
        }
    }
}

#[cfg(not(unix))]
pub(crate) fn remove_when_killed(_: &Path) {}

#[cfg(not(unix))]
pub(crate) fn die_like(_: process::ExitStatus) -> i32 {
    1
}

/// "Argument list too long", and Windows' "filename or extension is too long".
fn too_long() -> i32 {
    if cfg!(windows) { 206 } else { libc::E2BIG }
}

/// All arguments but the first (zig's own sub-command) in a file.
struct ResponseFile {
    word: OsString,
    _file: Handed,
}

impl ResponseFile {
    fn new(args: &[OsString]) -> io::Result<ResponseFile> {
        let file = Handed::new(&response::quote(after_sub_command(args)))?;
        let mut word = OsString::from("@");
        word.push(&file.path);
        Ok(ResponseFile { word, _file: file })
    }
}

/// A file for a command that vanishes with the process.
pub(crate) struct Handed {
    pub(crate) path: PathBuf,
    #[cfg(not(target_os = "linux"))]
    _file: tempfile::NamedTempFile,
}

impl Handed {
    /// # Errors
    /// When there is no memory or no place for it.
    #[cfg(target_os = "linux")]
    pub(crate) fn new(bytes: &[u8]) -> io::Result<Handed> {
        use std::os::fd::{FromRawFd, IntoRawFd};
        // SAFETY: the name is a C string; the result is checked, and owned by nobody else.
        let descriptor = unsafe { libc::memfd_create(c"xcc".as_ptr(), 0) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut file = unsafe { std::fs::File::from_raw_fd(descriptor) };
        file.write_all(bytes)?;
        // Stays open across exec: the backend reads it by its name in /proc.
        let descriptor = file.into_raw_fd();
        Ok(Handed { path: format!("/proc/self/fd/{descriptor}").into() })
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn new(bytes: &[u8]) -> io::Result<Handed> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(bytes)?;
        file.flush()?;
        Ok(Handed { path: file.path().to_owned(), _file: file })
    }
}

fn after_sub_command(args: &[OsString]) -> impl Iterator<Item = &OsStr> {
    let skip = usize::from(args.first().is_some_and(|word| !word.as_encoded_bytes().starts_with(b"-")));
    args.iter().skip(skip).map(OsString::as_os_str)
}
