//! Files that are whole or not there: written beside their place and renamed into it.

use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// A temporary file in the directory of `path`, with the mode that the user's other files have.
pub(crate) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".xcc-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(dir)
}

/// Writes the file anew, with the mode that it has.
///
/// # Errors
/// As [`write`], and where there is no file.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mode = path.metadata().map_err(Error::io("read", path))?.permissions();
    let mut file = beside(path).map_err(Error::io("create", path))?;
    file.write_all(bytes).and_then(|()| file.as_file().set_permissions(mode)).map_err(Error::io("write", path))?;
    file.persist(path).map(drop).map_err(|error| error.error).map_err(Error::io("create", path))
}

/// Writes the file.
///
/// # Errors
/// [`Error::Io`] where its directory cannot be written; what was there stays.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = beside(path).map_err(Error::io("create", path))?;
    file.write_all(bytes).map_err(Error::io("write", path))?;
    file.persist(path).map(drop).map_err(|error| error.error).map_err(Error::io("create", path))
}
