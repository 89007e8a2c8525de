//! Debugging information names the files it is about, and programs take it over from the runtimes they are linked with. zig
//! is told to make none (`-s`); an old one does for some, with the directories of xcc's cache in it.

use std::fs;
use std::path::Path;

use super::build::Job;
use crate::binutils;
use crate::error::{Error, Result};

/// What is linked into programs, by its ending.
const ENDINGS: &[&str] = &["a", "o", "obj", "lib"];

impl Job<'_> {
    /// Takes the debugging information off a library, or those below a directory, where it has paths of this machine.
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
        let bytes = fs::read(path).map_err(Error::io("read", path))?;
        let zig_dir = self.zig.path.parent().unwrap_or(self.cache);
        let has = |dir: &Path| memchr::memmem::find(&bytes, dir.as_os_str().as_encoded_bytes()).is_some();
        if [self.cache, self.temporary, zig_dir].into_iter().any(has) { binutils::strip_debug(path) } else { Ok(()) }
    }
}
