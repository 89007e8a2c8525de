//! xcc under other names, for programs that xcc itself hands on: the `ld.lld` that clang starts, the `ar` that Go asks
//! for. They are links in the cache to this very executable, so a moved xcc finds its own again.

use std::fs;
use std::path::{Path, PathBuf};

use crate::dirs;
use crate::error::{Error, Result};
use crate::zig::fnv;

/// Where xcc is, or would be, under `name`.
pub(crate) fn path(cache: &Path, name: &str) -> PathBuf {
    let exe = dirs::executable().unwrap_or(Path::new("xcc"));
    cache.join("bin").join(format!("{:016x}", fnv(exe.as_os_str().as_encoded_bytes()))).join(name)
}

/// The same, made if it is missing.
///
/// # Errors
/// [`Error::Io`] where the cache cannot be written.
pub(crate) fn ensure(cache: &Path, name: &str) -> Result<PathBuf> {
    let path = path(cache, name);
    if path.exists() {
        return Ok(path);
    }
    let exe = dirs::executable()?;
    let dir = path.parent().unwrap_or(cache);
    fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    // Parallel calls each make their own and rename it over the others'.
    let new = dir.join(format!(".{name}.{}", std::process::id()));
    let _ = fs::remove_file(&new);
    link(exe, &new).and_then(|()| fs::rename(&new, &path)).map_err(Error::io("create", &path))?;
    Ok(path)
}

#[cfg(unix)]
fn link(exe: &Path, new: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(exe, new)
}

/// Links need a privilege on Windows; a hard link or a copy needs none.
#[cfg(not(unix))]
fn link(exe: &Path, new: &Path) -> std::io::Result<()> {
    fs::hard_link(exe, new).or_else(|_| fs::copy(exe, new).map(drop))
}
