//! What zig's messages mean for somebody who asked for a sysroot: one clear error instead of twenty lines, and an error
//! where zig only warns and builds something else.

use std::io;
use std::path::Path;

use regex::Regex;

use crate::error::Error;
use crate::target::{Libc, Target};

/// What a message comes to.
#[derive(Clone, Copy, Debug)]
enum Cause {
    DiskFull,
    ReadOnly,
    /// The first group is the newest minor version of glibc that zig has.
    GlibcTooNew,
    NoLibc,
}

/// Messages seen from zig 0.14.1 to 0.17.0, and what they come to.
const CAUSES: &[(&str, Cause)] = &[
    (r"NoSpaceLeft|No space left on device|DiskQuota", Cause::DiskFull),
    (r"ReadOnlyFileSystem|Read-only file system|AccessDenied|PermissionDenied", Cause::ReadOnly),
    (r"cannot build new glibc version \S+; providing instead 2\.(\d+)", Cause::GlibcTooNew),
    (r"zig can provide libc for related target|unable to provide libc for target|libc not available", Cause::NoLibc),
];

/// The cause of what zig printed, if it is one that xcc knows.
pub(super) fn cause(printed: &str, cache: &Path, target: Target) -> Option<Error> {
    for (pattern, cause) in CAUSES {
        let Some(found) = Regex::new(pattern).ok()?.captures(printed) else { continue };
        let write = |kind: io::ErrorKind| Error::Io { action: "write", path: cache.to_owned(), source: kind.into() };
        return Some(match cause {
            Cause::DiskFull => write(io::ErrorKind::StorageFull),
            Cause::ReadOnly => write(io::ErrorKind::PermissionDenied),
            Cause::GlibcTooNew => Error::LibcVersion {
                target: target.row.name.to_owned(),
                version: format!("2.{}", target.glibc_minor().unwrap_or_default()),
                oldest: match target.row.libc {
                    Libc::Glibc { oldest, .. } => format!("2.{oldest}"),
                    _ => String::new(),
                },
                newest: format!("2.{}", &found[1]),
            },
            Cause::NoLibc => Error::with_help(
                format!("this zig has no C library for target '{}'", target.full_name()),
                "install a newer one with 'xcc zig install', or use the other libc of the architecture ('xcc targets')",
            ),
        });
    }
    None
}

/// A warning in the output of a successful zig that makes its result the wrong one.
pub(super) fn wrong_success(printed: &str, cache: &Path, target: Target) -> Option<Error> {
    cause(printed, cache, target).filter(|error| matches!(error, Error::LibcVersion { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_zig_become_one_error() {
        let target = Target::parse("x86_64-linux-gnu.2.99").unwrap();
        let text = |printed| cause(printed, Path::new("/c"), target).map(|error| error.to_string());
        let newer = "warning: zig cannot build new glibc version 2.99.0; providing instead 2.44.0\n";
        assert_eq!(text(newer).unwrap(), "glibc version '2.99' is not available for target 'x86_64-linux-gnu'");
        assert!(text("warning(zcu): unable to write x to y: NoSpaceLeft\n").unwrap().starts_with("cannot write '/c'"));
        assert!(text("info: zig can provide libc for related target x\n").unwrap().contains("no C library"));
        assert_eq!(text("error: something else"), None);
        for (pattern, _) in CAUSES {
            assert!(Regex::new(pattern).is_ok(), "{pattern}");
        }
    }
}
