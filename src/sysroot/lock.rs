//! One maker at a time: an advisory lock on a file, which the system releases when its holder ends, however it ends.

use std::fs::{self, File};
use std::path::Path;

use crate::error::{Error, Result};

/// Waits for the lock `name` in `dir`; it is held until the value is dropped.
pub(crate) fn exclusive(dir: &Path, name: &str) -> Result<File> {
    fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    let path = dir.join(name);
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(Error::io("create", &path))?;
    wait(&file).map_err(Error::io("lock", &path))?;
    Ok(file)
}

#[cfg(unix)]
fn wait(file: &File) -> std::io::Result<()> {
    use std::os::fd::AsRawFd;
    loop {
        // SAFETY: the descriptor is open for as long as `file` is.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) } == 0 {
            return Ok(());
        }
        let error = std::io::Error::last_os_error();
        if error.kind() != std::io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

#[cfg(not(unix))]
fn wait(file: &File) -> std::io::Result<()> {
    file.lock()
}
