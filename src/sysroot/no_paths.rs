//! Programs take over what the runtimes they are linked with say of the machine that made them. zig is told to leave
//! debugging information out (`-s`); an old one does not always, and calls the members of archives by their whole path,
//! in the directories of xcc's cache.

use std::fs;
use std::path::Path;

use super::build::Job;
use crate::binutils;
use crate::binutils::archive::{Archive, is_archive};
use crate::error::{Error, Result};

/// What is linked into programs, by its ending.
const ENDINGS: &[&str] = &["a", "o", "obj", "lib"];

impl Job<'_> {
    /// Takes paths of this machine out of a library, or out of those below a directory: directories in the names of members, and
    /// then the debugging information, where it has some.
    pub(super) fn without_paths(&self, path: &Path) -> Result<()> {
        if path.is_symlink() {
            return Ok(());
        }
        if path.is_dir() {
            for entry in fs::read_dir(path).map_err(Error::io("read", path))? {
                self.without_paths(&entry.map_err(Error::io("read", path))?.path())?;
            }
            return Ok(());
        }
        if !path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)) {
            return Ok(());
        }
        let zig_dir = self.zig.path.parent().unwrap_or(self.cache);
        let own = [self.cache, self.temporary, zig_dir];
        let has = |bytes: &[u8]| {
            own.iter().any(|dir| memchr::memmem::find(bytes, dir.as_os_str().as_encoded_bytes()).is_some())
        };
        let mut bytes = fs::read(path).map_err(Error::io("read", path))?;
        if !has(&bytes) {
            return Ok(());
        }
        if is_archive(&bytes) {
            bytes = names_alone(&bytes, path).map_err(|why| self.failed(format!("'{}': {why}", path.display())))?;
            fs::write(path, &bytes).map_err(Error::io("write", path))?;
        }
        if has(&bytes) { binutils::strip_debug(path) } else { Ok(()) }
    }
}

/// The archive with members that have no directory in their name.
fn names_alone(bytes: &[u8], path: &Path) -> std::result::Result<Vec<u8>, String> {
    let mut archive = Archive::read(bytes, path)?;
    for member in &mut archive.members {
        if let Some(slash) = member.name.iter().rposition(|byte| *byte == b'/') {
            member.name.drain(..=slash);
        }
    }
    archive.write(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_lose_their_directories() {
        // In GNU's form: long names in a member of their own, and two of them the same without their directories.
        let names = "/home/me/one/a.o/\n/home/me/two/a.o/\n";
        let mut bytes = b"!<arch>\n".to_vec();
        for (name, content) in [("//", names), ("/0", "first."), ("/18", "second")] {
            bytes.extend(
                format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n{content}", 0, 0, 0, 644, content.len()).bytes(),
            );
        }
        let made = names_alone(&bytes, Path::new("x.a")).unwrap();
        assert!(memchr::memmem::find(&made, b"/home").is_none());
        let read = Archive::read(&made, Path::new("x.a")).unwrap();
        let members: Vec<_> = read.members.iter().map(|member| (&member.name[..], &member.data[..])).collect();
        assert_eq!(members, [(&b"a.o"[..], &b"first."[..]), (b"a.o", b"second")]);
    }
}
