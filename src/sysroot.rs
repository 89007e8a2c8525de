//! The sysroot of a target: an ordinary directory tree in the cache, made once from what zig builds, part by part.
//!
//! Finished parts are found with one `stat`. A part that is missing is built under a lock, in a temporary directory,
//! and renamed into place, so that parallel first calls end in one sysroot and a killed one leaves none that is half
//! made. How zig's output becomes files is in `sysroot/`.

mod bare;
mod bsd;
mod build;
mod diagnose;
mod elf;
mod files;
mod layout;
mod learn;
mod macos;
mod macos_headers;
mod mingw;
mod no_paths;
mod run_zig;
mod split;
mod tbd;
mod universal;
mod wasi;

pub(crate) use macos::{BUILTINS as MACOS_BUILTINS, DECLARED_WORDS, SDK_HELP, stubs};
pub(crate) use tbd::Library;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::file_lock;
use crate::target::Target;
use crate::zig::Zig;

/// What a command needs of a sysroot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Component {
    /// C headers, crt objects, libc, compiler-rt, libunwind.
    Base,
    /// libc++'s headers.
    CxxHeaders,
    /// libc++ and libc++abi, which take zig half a minute: built on the first C++ link only.
    CxxLibrary,
    /// The runtime of `-fsanitize=undefined`.
    Ubsan,
    /// The runtime of `-fsanitize=thread`.
    Tsan,
    /// xcc's own part of a sysroot of macOS, which comes with the base: stubs, and headers that zig lacks.
    MacosOwn,
    /// compiler-rt of macOS for both processors, for programs that are for both.
    Universal,
    /// libc++ of macOS for both.
    UniversalCxx,
}

impl Component {
    /// compiler-rt by the name of GCC's own library.
    const BUILTINS: &str = "libgcc.a";

    /// The file or directory, below the sysroot, that is there when the component is.
    fn proof(self) -> &'static str {
        match self {
            // The number grows when xcc lays a sysroot out differently: one that an older xcc made is then made again.
            Component::Base => "xcc-recipe.7",
            Component::CxxHeaders => "usr/include/c++/v1",
            Component::CxxLibrary => "usr/lib/libc++.a",
            Component::Ubsan => "xcc-ubsan",
            Component::Tsan => "xcc-tsan",
            // The number grows when something in `shims/macos` changes.
            Component::MacosOwn => "xcc-macos.5",
            Component::Universal => "xcc-universal",
            Component::UniversalCxx => "xcc-universal-c++",
        }
    }

    /// Has the sysroot got it?
    pub(crate) fn is_in(self, sysroot: &Path) -> bool {
        sysroot.join(self.proof()).exists()
    }

    /// The component that a library comes with, when that is not the base.
    pub(crate) fn of_library(name: &str) -> Option<Component> {
        let is_cxx = name == "libc++.a" || layout::CXX_NAMES.iter().any(|row| row.name == name);
        is_cxx.then_some(Component::CxxLibrary)
    }
}

/// Where the sysroot of a target is in a cache, whether it has been made or not.
pub(crate) fn path(cache: &Path, zig_version: &str, target: Target) -> PathBuf {
    cache.join("sysroot").join(zig_version).join(target.sysroot_name())
}

/// Is it a sysroot that xcc has made, and not the user's?
pub(crate) fn is_own(dir: &Path) -> bool {
    dir.join(Component::Base.proof()).exists()
}

/// Makes the components that are missing.
///
/// # Errors
/// [`Error::Io`] where the cache cannot be written, [`Error::SysrootFailed`] where zig fails.
pub(crate) fn ensure(cache: &Path, zig: &Zig, target: Target, components: &[Component]) -> Result<()> {
    let target = target.halves().first().copied().unwrap_or(target);
    let sysroot = path(cache, &zig.version, target);
    let own = (target.is_macos() && components.contains(&Component::Base)).then_some(Component::MacosOwn);
    for component in components.iter().copied().chain(own) {
        if !component.is_in(&sysroot) {
            if let Some(twin) = target.macos_twin().filter(|_| !component.of_twin().is_empty()) {
                ensure(cache, zig, twin, component.of_twin())?;
            }
            make(cache, zig, target, component)?;
        }
    }
    Ok(())
}

fn make(cache: &Path, zig: &Zig, target: Target, component: Component) -> Result<()> {
    let sysroot = path(cache, &zig.version, target);
    let key = key_of(&zig.version, &target.sysroot_name());
    let _lock = lock(cache, &zig.version, &target.sysroot_name())?;
    // Another call may have made it while we waited.
    if component.is_in(&sysroot) {
        return Ok(());
    }
    let temporary = Temporary::new(cache, &key)?;
    let job = build::Job { cache, zig, target, sysroot: &sysroot, temporary: &temporary.path };
    // mingw-w64 takes zig a minute, and would take it once more for libc++. What a finished job has of it waits for the
    // next, in the same place while that runs; a job that is killed takes it along.
    let kept = cache.join("zig").join(&key);
    let (waits, has_next) = (target.is_windows(), component != Component::CxxLibrary);
    if waits {
        let _ = fs::rename(&kept, job.zig_cache());
    }
    job.make(component)?;
    if component == Component::Base {
        crate::packages::attach(cache, &sysroot, target)?;
    }
    if waits && has_next {
        // It only saves time.
        let _ = fs::create_dir_all(cache.join("zig")).and_then(|()| fs::rename(job.zig_cache(), &kept));
    }
    Ok(())
}

fn key_of(zig_version: &str, name: &str) -> String {
    format!("{zig_version}-{name}")
}

/// Keeps every other call from adding to the sysroot of that name, until it is dropped.
///
/// # Errors
/// [`Error::Io`] where the cache cannot be written.
pub(crate) fn lock(cache: &Path, zig_version: &str, name: &str) -> Result<fs::File> {
    file_lock::exclusive(&cache.join("locks"), &key_of(zig_version, name))
}

/// The name of this xcc's way to lay sysroots out.
pub(crate) fn layout_name() -> &'static str {
    Component::Base.proof()
}

/// Removes a sysroot: from its place at once, from the disk then.
///
/// # Errors
/// [`Error::Io`] where the cache cannot be written.
pub(crate) fn remove_made(cache: &Path, zig_version: &str, name: &str) -> Result<()> {
    let _lock = lock(cache, zig_version, name)?;
    let temporary = Temporary::new(cache, &key_of(zig_version, name))?;
    let path = cache.join("sysroot").join(zig_version).join(name);
    fs::rename(&path, temporary.path.join("sysroot")).map_err(Error::io("remove", &path))
}

/// The directory a sysroot is built in; removed when dropped. What a killed call has left of the same key is removed
/// first: the lock says nobody else uses it.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn new(cache: &Path, key: &str) -> Result<Temporary> {
        let path = cache.join("tmp").join(key);
        remove(&path).map_err(Error::io("remove", &path))?;
        fs::create_dir_all(&path).map_err(Error::io("create", &path))?;
        Ok(Temporary { path })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nothing can be done about a failure; the next call of the same key removes it.
        let _ = remove(&self.path);
    }
}

/// Removes a directory tree that may not be there. A zig that outlives the call that started it may go on writing in it
/// for a moment: that is waited for.
fn remove(path: &Path) -> io::Result<()> {
    let mut patience = 100;
    loop {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && patience > 0 => patience -= 1,
            result => return result,
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
