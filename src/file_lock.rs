//! One maker at a time: an advisory lock on a file, which the system releases when its holder ends, however it ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use crate::error::{Error, Result};

/// Waits for the lock `name` in `dir`; it is held until the value is dropped.
///
/// The file stays, because removing it would let two processes lock two files of the same name.
///
/// # Errors
/// Where the file cannot be made, or its file system has no locks.
pub(crate) fn exclusive(dir: &Path, name: &str) -> Result<File> {
    fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    let path = dir.join(name);
    let file = open(&path)?;
    wait(&file, || ()).map_err(Error::io("lock", &path))?;
    Ok(file)
}

/// The file of a lock.
///
/// # Errors
/// Where it cannot be made.
pub(crate) fn open(path: &Path) -> Result<File> {
    File::options().create(true).truncate(false).write(true).open(path).map_err(Error::io("create", path))
}

/// Locks `file`; `busy` is called when another holds it, before the wait.
pub(crate) fn wait(file: &File, busy: impl FnOnce()) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) => return Ok(()),
        Err(TryLockError::WouldBlock) => busy(),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    loop {
        match file.lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
