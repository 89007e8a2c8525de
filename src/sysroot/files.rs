//! Files of a sysroot that is being made: copied, merged, changed, linked to.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

/// The last part of a path that is text, or nothing.
pub(super) fn file_name(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or("")
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).map_err(Error::io("create", to))
}

/// Copies a directory tree into another, leaving what is already there.
pub(super) fn merge(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(Error::io("create", to))?;
    for entry in fs::read_dir(from).map_err(Error::io("read", from))? {
        let entry = entry.map_err(Error::io("read", from))?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            merge(&entry.path(), &target)?;
        } else if !target.exists() {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Puts macros before a header's own text, as if they had been given to the compiler.
pub(super) fn define_first(header: &Path, defines: &[String]) -> Result<()> {
    let text = fs::read_to_string(header).map_err(Error::io("read", header))?;
    let mut first = String::new();
    for define in defines {
        let (name, value) = define.split_once('=').unwrap_or((define, "1"));
        first.push_str(&format!("#ifndef {name}\n#define {name} {value}\n#endif\n"));
    }
    make_writable(header)?;
    fs::write(header, first + &text).map_err(Error::io("write", header))
}

/// A copy of a read-only file (a zig from a package) is read-only too.
fn make_writable(path: &Path) -> Result<()> {
    let mut permissions = fs::metadata(path).map_err(Error::io("read", path))?.permissions();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        permissions.set_mode(permissions.mode() | 0o200);
    }
    #[cfg(not(unix))]
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions).map_err(Error::io("write", path))
}

#[cfg(unix)]
pub(super) fn symlink(relative: &Path, _absolute: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(relative, link).map_err(Error::io("create", link))
}

/// Links need a privilege on Windows; a copy needs none.
#[cfg(not(unix))]
pub(super) fn symlink(_relative: &Path, absolute: &Path, link: &Path) -> Result<()> {
    merge(absolute, link)
}
