//! What the guards look for in a program or library that was linked: only the finished file has it.
//!
//! xcc execs the compiler where nobody would see a finding, and waits for it where somebody would: a level of the user's,
//! a terminal, a trace. The file is read once for all guards. What `xcc inspect` cannot read has nothing found in it.

use std::ffi::OsStr;
use std::fs;
use std::io::IsTerminal;
use std::path::PathBuf;

use super::{Finding, GUARDS, HOST_PATHS, Level, Levels, NEWER_GLIBC, refuse, warn};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::inspect::report::{File, Image};
use crate::inspect::{self, own_directories};
use crate::{terminal, trace};

/// What is to be done after a link.
pub(crate) struct Check {
    path: PathBuf,
    /// As the user wrote it.
    name: String,
    paths: Option<Level>,
    /// And the newest glibc 2.x that is allowed.
    floor: Option<(Level, u32)>,
}

impl Check {
    /// `None` where nothing is `linked`, or nobody would see what is found.
    pub(crate) fn of(linked: Option<&OsStr>, levels: &Levels, env: &Env) -> Option<Check> {
        let linked = linked?;
        let is_seen = || trace::is_wanted(env) || std::io::stderr().is_terminal();
        let wanted = |row: usize| match levels.levels[row] {
            Level::Off => None,
            Level::Seen => is_seen().then_some(Level::Seen),
            level => Some(level),
        };
        let paths = wanted(HOST_PATHS);
        let floor = levels.newest_glibc.and_then(|newest| Some((wanted(NEWER_GLIBC)?, newest)));
        let name = terminal::printable(&linked.to_string_lossy()).to_string();
        (paths.is_some() || floor.is_some()).then(|| Check { path: env.cwd.join(linked), name, paths, floor })
    }

    /// Looks at what a link has made.
    ///
    /// # Errors
    /// A finding whose level is that; the file is removed.
    pub(crate) fn look(&self, env: &Env) -> Result<()> {
        // `/dev/null` is an output of build tools' questions.
        if !fs::metadata(&self.path).is_ok_and(|meta| meta.is_file()) {
            return Ok(());
        }
        let file = inspect::report(&self.path, env);
        let mut findings: Vec<Finding> =
            self.of_paths(&file, &own_directories(env)).into_iter().chain(self.of_floor(&file)).collect();
        for finding in &findings {
            trace::note(env, &format!("guard: {}: {}", finding.guard.name, finding.text))?;
        }
        if let Some(finding) = findings.iter().find(|finding| finding.level == Level::Error) {
            fs::remove_file(&self.path).map_err(Error::io("remove", &self.path))?;
            return Err(refuse(finding));
        }
        // A debugger needs them, so on a terminal `-g` alone is no reason to warn.
        let for_debugger = file.images.iter().any(|image| image.debug.info || image.debug.link.is_some());
        findings.retain(|finding| {
            !(for_debugger && finding.level == Level::Seen && finding.guard.name == GUARDS[HOST_PATHS].name)
        });
        warn(&findings);
        Ok(())
    }

    /// Paths below `own`, the directories of this build.
    fn of_paths(&self, file: &File, own: &[String]) -> Option<Finding> {
        let level = self.paths?;
        let is_own = |path: &str| {
            let path = path.replace('\\', "/");
            own.iter().any(|own| path.strip_prefix(&**own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        };
        let paths = |image: &Image| image.host_paths.iter().map(|found| found.path.clone()).collect::<Vec<_>>();
        let mut all: Vec<String> = file.images.iter().flat_map(paths).filter(|path| is_own(path)).collect();
        all.dedup();
        let first = terminal::printable(all.first()?).to_string();
        let more = if all.len() > 1 { format!(" and {} more", all.len() - 1) } else { String::new() };
        Some(Finding::new(HOST_PATHS, level, &format!("'{}' has the path '{first}'{more} in it", self.name)))
    }

    /// A glibc that the file needs and that is too new.
    fn of_floor(&self, file: &File) -> Option<Finding> {
        let (level, newest) = self.floor?;
        let libc = file.images.iter().filter_map(|image| image.libc.as_ref()).find(|libc| libc.name == "glibc")?;
        let floor = libc.floor.as_ref()?;
        let minor: u32 = floor.strip_prefix("2.")?.split('.').next()?.parse().ok()?;
        let symbol =
            libc.forced_by.first().map(|symbol| format!(" for '{}'", terminal::printable(symbol))).unwrap_or_default();
        let what =
            format!("'{}' needs glibc {floor}{symbol}, where 2.{newest} is the newest that is allowed", self.name);
        (minor > newest).then(|| Finding::new(NEWER_GLIBC, level, &what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env;

    #[test]
    fn nothing_waits_for_a_link_that_no_guard_looks_at() {
        let check = |levels: &str, linked: Option<&str>, trace: &str| {
            let mut all = Levels::default();
            all.set_all(levels).unwrap();
            Check::of(linked.map(OsStr::new), &all, &Env::of(&[(env::XCC_TRACE, trace)]))
        };
        let silent = "host-paths=off,newer-glibc=off,newest-glibc=2.17";
        assert!(check(silent, Some("a"), "1").is_none());
        assert!(check("host-paths=error,newer-glibc=error", None, "1").is_none(), "no link");
        assert!(check("host-paths=off,newer-glibc=error", Some("a"), "0").is_none(), "no limit");
        assert_eq!(check("", Some("a"), "file").and_then(|check| check.paths), Some(Level::Seen));
        assert_eq!(check("host-paths=warn", Some("a"), "0").and_then(|check| check.paths), Some(Level::Warn));
        let limited = check("host-paths=off,newer-glibc=error,newest-glibc=2.17", Some("a"), "0").unwrap();
        assert_eq!((limited.paths, limited.floor), (None, Some((Level::Error, 17))));
    }
}
