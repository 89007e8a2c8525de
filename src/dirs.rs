//! The directories xcc keeps things in: the platform's, through the `directories` crate, unless a variable says where.
//!
//! Nothing here creates a directory.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use once_cell::sync::OnceCell;

use crate::env::{self, Env};
use crate::error::{Error, Result};

/// This very executable, links followed; asked of the system at most once, and only by who needs it.
///
/// # Errors
/// [`Error::Io`] where the system does not say (no `/proc`).
pub(crate) fn executable() -> Result<&'static Path> {
    static EXECUTABLE: OnceCell<PathBuf> = OnceCell::new();
    let find = || std::env::current_exe().map_err(Error::io("find", "the xcc executable"));
    EXECUTABLE.get_or_try_init(find).map(PathBuf::as_path)
}

/// `None` without a home directory: then there is no configuration, and the cache is a private temporary one.
fn project_dirs(env: &Env) -> Option<ProjectDirs> {
    // Without HOME the crate would ask the password database, which a statically linked glibc cannot do.
    if cfg!(unix) && env.get(env::HOME).is_none() {
        return None;
    }
    ProjectDirs::from("", "", "xcc")
}

/// Where sysroots are: `XCC_CACHE_DIR`, else the platform's cache directory.
pub(crate) fn cache(env: &Env) -> Option<PathBuf> {
    env.path(env::XCC_CACHE_DIR)
        .map(|dir| env.cwd.join(dir))
        .or_else(|| Some(project_dirs(env)?.cache_dir().to_owned()))
}

/// `XCC_CACHE_DIR` where it is relative: what executes actions on several machines has the cache among their files.
pub(crate) fn relative_cache(env: &Env) -> Option<PathBuf> {
    env.path(env::XCC_CACHE_DIR).filter(|dir| dir.is_relative())
}

/// Where installed zig versions are: `XCC_DATA_DIR`, else the platform's data directory.
pub(crate) fn data(env: &Env) -> Option<PathBuf> {
    env.path(env::XCC_DATA_DIR).map(|dir| env.cwd.join(dir)).or_else(|| Some(project_dirs(env)?.data_dir().to_owned()))
}

/// The user's own `xcc.toml`, there or not.
pub(crate) fn user_config(env: &Env) -> Option<PathBuf> {
    Some(project_dirs(env)?.config_dir().join("xcc.toml"))
}

/// The cache of a user who has no other that can be written: one directory a user, private to it.
pub(crate) fn temporary_cache(env: &Env) -> PathBuf {
    let base = env.path(env::TMPDIR).unwrap_or_else(std::env::temp_dir);
    #[cfg(unix)]
    // SAFETY: geteuid cannot fail and touches no memory.
    let name = format!("xcc-{}", unsafe { libc::geteuid() });
    #[cfg(not(unix))]
    let name = "xcc";
    base.join(name)
}
