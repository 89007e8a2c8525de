//! xcc under other names, for programs that xcc itself hands on: the `ld.lld` that clang starts, the `ar` that Go asks
//! for. They are links in the cache to this very executable, so a moved xcc finds its own again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    make(&path)?;
    Ok(path)
}

/// Makes the name in a directory of the user's.
///
/// # Errors
/// Where something else has that name, or the directory cannot be written.
pub(crate) fn ensure_in(dir: &Path, name: &str) -> Result<()> {
    let path = dir.join(name);
    let ours = |path: &Path| path.canonicalize().ok().as_deref() == dirs::executable().ok();
    if fs::symlink_metadata(&path).is_ok() && !ours(&path) && !fs::read_link(&path).is_ok_and(|to| to.ends_with("xcc"))
    {
        return Err(Error::message(format!("'{}' is there already and is not xcc", path.display())));
    }
    make(&path)
}

/// Where clang makes the halves of universal files: it leaves a directory of each behind, which is empty.
pub(crate) fn halves(cache: &Path) -> PathBuf {
    cache.join("tmp").join("halves")
}

/// Makes the directory, and removes what calls of some minutes ago have left empty in it.
///
/// # Errors
/// [`Error::Io`] where the cache cannot be written.
pub(crate) fn sweep(dir: &Path) -> Result<()> {
    const AGE: Duration = Duration::from_secs(300);
    fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    for entry in fs::read_dir(dir).map_err(Error::io("read", dir))?.flatten() {
        let is_old =
            entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age > AGE));
        if is_old {
            // One that is not empty stays.
            let _ = fs::remove_dir(entry.path());
        }
    }
    Ok(())
}

fn make(path: &Path) -> Result<()> {
    let exe = dirs::executable()?;
    let (dir, name) = (path.parent().unwrap_or(Path::new("")), path.file_name().unwrap_or_default().to_string_lossy());
    fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    // Parallel calls each make their own and rename it over the others'.
    let new = dir.join(format!(".{name}.{}", std::process::id()));
    let _ = fs::remove_file(&new);
    link(exe, &new).and_then(|()| fs::rename(&new, path)).map_err(Error::io("create", path))
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
