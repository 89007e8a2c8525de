//! Every way xcc itself can fail, its message in clang's words, what to do about it, and the exit status.
//!
//! What the backend (clang, LLD, zig) says on its own standard error is not our business: xcc has exec'd by then.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A failure of xcc. `Display` is the text after `xcc: error: `; [`Error::help`] the text after `xcc: help: `.
#[derive(Debug)]
pub(crate) enum Error {
    /// An operation on a file failed: what was being done (`read`, `create`), to which path, and why.
    Io { action: &'static str, path: PathBuf, source: io::Error },
    /// A target no row of the table answers to.
    UnknownTarget { spelling: String },
    /// A libc version the target cannot have.
    LibcVersion { target: String, version: String, oldest: String, newest: String },
    /// A program name that is neither a target nor a tool.
    UnknownName { name: String },
    /// An option without its value at the end of the command line.
    MissingValue { option: String },
    /// An option that cannot be honoured for the target. `help` names the alternative, `rule` the rule that says so.
    Unsupported { option: String, target: String, help: String, rule: Option<&'static str> },
    /// No zig anywhere.
    NoZig { looked: Vec<String> },
    /// A version of zig that was asked for and is not there.
    NoSuchZig { version: String },
    /// A program that was found but does not run.
    NotRunnable { path: PathBuf, source: io::Error },
    /// zig failed while making a sysroot; `output` is what it printed.
    SysrootFailed { target: String, output: String },
    /// A configuration file that cannot be used: where, and what is wrong with it.
    Config { path: PathBuf, message: String },
    /// The value of an environment variable that cannot be used.
    Variable { name: &'static str, message: String },
    /// xcc started itself again instead of a backend.
    Recursion { program: PathBuf },
    /// A command line of xcc's own that is wrong, in clap's words.
    Usage { text: String },
    /// Any failure of a command-line tool (`xcc zig install …`), said once where it happens.
    Message { text: String, help: Option<String> },
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// For `map_err`: names the operation and the path.
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Error {
        let path = path.as_ref().to_path_buf();
        move |source| Error::Io { action, path, source }
    }

    pub(crate) fn message(text: impl Into<String>) -> Error {
        Error::Message { text: text.into(), help: None }
    }

    pub(crate) fn with_help(text: impl Into<String>, help: impl Into<String>) -> Error {
        Error::Message { text: text.into(), help: Some(help.into()) }
    }

    /// What the user can do, where xcc knows it.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Error::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("free some space, or set XCC_CACHE_DIR to a directory on another disk".into())
            }
            Error::Io { action: "create" | "write" | "lock", .. } => {
                Some("set XCC_CACHE_DIR to a directory that can be written".into())
            }
            Error::UnknownTarget { .. } => Some("'xcc targets' lists the targets and their other spellings".into()),
            Error::LibcVersion { oldest, newest, .. } => Some(format!("use a version from {oldest} to {newest}")),
            Error::UnknownName { .. } => Some(
                "a name is [xcc-]TARGET[-TOOL] or a tool alone; TOOL is one of cc, c++, cpp, ld, ar, ranlib, dlltool, windres, nm, strip, \
                 objcopy, objdump, readelf, size, strings, c++filt, addr2line, pkg-config, lipo, install_name_tool, otool, codesign, vtool, dsymutil, xcrun, sw_vers, nmedit, dyld_info and their gcc and clang names; 'xcc targets' lists the targets"
                    .into(),
            ),
            Error::NoZig { .. } => Some("run 'xcc zig install', or set XCC_ZIG to the path of a zig executable".into()),
            Error::NoSuchZig { version } => Some(format!("run 'xcc zig install {version}'")),
            Error::SysrootFailed { .. } => {
                Some("run the same command with XCC_TRACE=1 to see what zig was asked to do".into())
            }
            Error::Recursion { .. } => {
                Some("let XCC_ZIG, or 'zig' in xcc.toml, name zig itself, not xcc".into())
            }
            Error::Variable { name: crate::env::XCC_ZIG, .. } => {
                Some("run 'xcc zig install' and unset XCC_ZIG, or set it to a zig executable or to a version that 'xcc zig list' shows".into())
            }
            Error::Variable { name: "zig", .. } => {
                Some("let 'zig' in xcc.toml name a zig executable or a version that 'xcc zig list' shows".into())
            }
            Error::Unsupported { help, .. } => Some(help.clone()),
            Error::Message { help, .. } => help.clone(),
            Error::Io { .. }
            | Error::MissingValue { .. }
            | Error::NotRunnable { .. }
            | Error::Config { .. }
            | Error::Usage { .. }
            | Error::Variable { .. } => None,
        }
    }

    /// The rule that refused, for the trace.
    pub(crate) fn rule(&self) -> Option<&'static str> {
        match self {
            Error::Unsupported { rule, .. } => *rule,
            _ => None,
        }
    }

    /// The shell's numbers: 127 for a backend that is not there, 126 for one that cannot run; 2 for a command line of
    /// xcc's own that is wrong, because 1 is an answer of `xcc inspect` and `xcc matrix`; else 1.
    pub(crate) fn exit_code(&self) -> i32 {
        match self {
            Error::NoZig { .. }
            | Error::NoSuchZig { .. }
            | Error::Variable { name: crate::env::XCC_ZIG | "zig", .. } => 127,
            Error::NotRunnable { source, .. } if source.kind() == io::ErrorKind::NotFound => 127,
            Error::NotRunnable { .. } => 126,
            Error::Usage { .. } => 2,
            _ => 1,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { action, path, source } => write!(f, "cannot {action} '{}': {source}", path.display()),
            Error::UnknownTarget { spelling } => write!(f, "unknown target triple '{spelling}'"),
            Error::LibcVersion { target, version, .. } => {
                write!(f, "glibc version '{version}' is not available for target '{target}'")
            }
            Error::UnknownName { name } => write!(f, "unknown name '{name}'"),
            Error::MissingValue { option } => write!(f, "argument to '{option}' is missing (expected 1 value)"),
            Error::Unsupported { option, target, .. } => {
                write!(f, "unsupported option '{option}' for target '{target}'")
            }
            Error::NoZig { looked } => write!(f, "cannot find zig; looked at {}", looked.join(", ")),
            Error::NoSuchZig { version } => write!(f, "zig {version} is not installed"),
            Error::NotRunnable { path, source } => write!(f, "cannot run '{}': {source}", path.display()),
            Error::SysrootFailed { target, output } => {
                write!(f, "zig could not build the C runtime of target '{target}':\n{}", output.trim_end())
            }
            Error::Config { path, message } => write!(f, "cannot use '{}': {message}", path.display()),
            Error::Variable { name, message } => write!(f, "cannot use the value of {name}: {message}"),
            Error::Recursion { program } => write!(f, "'{}' is xcc itself", program.display()),
            Error::Usage { text } | Error::Message { text, .. } => f.write_str(text),
        }
    }
}
