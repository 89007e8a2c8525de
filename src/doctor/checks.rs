//! The checks, in the order in which they are shown.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Said, failure, note, ok, problem, variables};
use crate::config::{self, Config};
use crate::darwin_ld;
use crate::dirs;
use crate::env::{self, Env};
use crate::exports::{self, EMULATORS};
use crate::sysroot;
use crate::target::Target;
use crate::terminal;
use crate::zig::{self, pins};

/// Name and look.
pub(super) type Check = (&'static str, fn(&Env) -> Vec<Said>);

pub(super) const CHECKS: &[Check] = &[
    ("zig", zig),
    ("data", data),
    ("cache", cache),
    ("sysroots", sysroots),
    ("names", names),
    ("xcc.toml", configuration),
    ("macOS", macos),
    ("runners", runners),
    ("tools", tools),
    ("Rust", rust),
    ("variables", variables::check),
];

fn zig(env: &Env) -> Vec<Said> {
    let configured = Target::host().and_then(|host| Config::load(host, env)).ok().and_then(|config| config.zig);
    let zig = match zig::find(env, configured.as_deref()) {
        Ok(zig) => zig,
        Err(error) => return vec![failure(&error)],
    };
    let text = format!("{} ({}), {}", zig.version, zig.why, zig.path.display());
    if pins::SUPPORTED.contains(&zig.version.as_str()) {
        return vec![ok(text)];
    }
    let help = format!("xcc is tested with {}; 'xcc zig install' gets the last of them", pins::SUPPORTED.join(", "));
    vec![note(text, help)]
}

/// What `xcc zig install` writes; a zig of the user's own needs none.
fn data(env: &Env) -> Vec<Said> {
    let help = "set XCC_DATA_DIR to a directory that can be written, or XCC_ZIG to a zig";
    // A zig unpacked, and the archive that it comes from.
    match directory(dirs::data(env), 500 << 20, "XCC_DATA_DIR") {
        Ok(said) => vec![said],
        Err(text) => vec![note(text, help)],
    }
}

fn cache(env: &Env) -> Vec<Said> {
    // A sysroot for Windows, while it is made.
    match directory(dirs::cache(env), 1 << 30, "XCC_CACHE_DIR") {
        Ok(said) => vec![said],
        // One that is named is used or fails.
        Err(text) if env.get(env::XCC_CACHE_DIR).is_some() => {
            vec![problem(text, "set XCC_CACHE_DIR to a directory that can be written")]
        }
        Err(text) => {
            let instead = format!("{text}; {} is used instead", dirs::temporary_cache(env).display());
            vec![note(instead, "set XCC_CACHE_DIR to a directory that stays")]
        }
    }
}

/// Is there `enough` space, in bytes? An error says why the directory cannot be written.
fn directory(dir: Option<PathBuf>, enough: u64, variable: &str) -> Result<Said, String> {
    let dir = dir.ok_or("there is no home directory")?;
    // What is not there yet is made in the nearest directory above that is.
    let there = dir.ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("/"));
    if let Err(error) = tempfile::Builder::new().prefix(".xcc-doctor-").tempfile_in(there) {
        // Without the name of the file that was tried.
        return Err(format!("{} cannot be written: {}", dir.display(), error.kind()));
    }
    Ok(match free(there) {
        None => ok(dir.display().to_string()),
        Some(bytes) if bytes < enough => {
            let text = format!("{} has {} left", dir.display(), terminal::size(bytes));
            note(text, format!("make room, or set {variable} to a directory on another disk"))
        }
        Some(bytes) => ok(format!("{}, {} free", dir.display(), terminal::size(bytes))),
    })
}

/// Space for this user, in bytes.
#[cfg(unix)]
fn free(dir: &Path) -> Option<u64> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::CString::new(dir.as_os_str().as_bytes()).ok()?;
    let mut stat = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the path ends in a zero, and `stat` is written before it is read.
    let stat = unsafe {
        if libc::statvfs(path.as_ptr(), stat.as_mut_ptr()) != 0 {
            return None;
        }
        stat.assume_init()
    };
    #[allow(clippy::unnecessary_cast, reason = "the width differs between systems")]
    Some((stat.f_bavail as u64).saturating_mul(stat.f_frsize as u64))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

/// Those that no call uses any more.
fn sysroots(env: &Env) -> Vec<Said> {
    let Some(root) = dirs::cache(env).map(|dir| dir.join("sysroot")) else { return Vec::new() };
    let installed = Target::host().and_then(|host| Config::load(host, env));
    let used = installed.and_then(|config| zig::find(env, config.zig.as_deref())).map(|zig| zig.version).ok();
    let below =
        |dir: &Path| fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect::<Vec<_>>();
    let (mut whole, mut old, mut others) = (0, Vec::new(), BTreeSet::new());
    for zig in below(&root) {
        let version = zig.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for sysroot in below(&zig) {
            if !sysroot::is_own(&sysroot) {
                old.push(sysroot.file_name().unwrap_or_default().to_string_lossy().into_owned());
            } else if Some(&version) != used.as_ref() {
                others.insert(version.clone());
            } else {
                whole += 1;
            }
        }
    }
    let mut said = vec![ok(format!("{whole} for the zig in use"))];
    if !old.is_empty() {
        let text = format!("{} of an older layout: {}", old.len(), old.join(", "));
        said.push(note(
            text,
            format!("the next use makes them again; to free the space remove them from {}", root.display()),
        ));
    }
    if !others.is_empty() {
        let text = format!("others are for zig {}", others.into_iter().collect::<Vec<_>>().join(", "));
        said.push(note(text, "'xcc sysroot list' has their sizes; 'xcc sysroot rm --all' removes every one"));
    }
    said
}

/// xcc's names on PATH, and whose they are.
fn names(env: &Env) -> Vec<Said> {
    let own = dirs::executable().ok().and_then(|path| path.canonicalize().ok());
    let path = env.get(env::PATH).unwrap_or_default();
    let (mut ours, mut foreign, mut dead) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for dir in std::env::split_paths(path).filter(|dir| dir.is_absolute() && seen.insert(dir.clone())) {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name != "xcc" && !name.starts_with("xcc-") {
                continue;
            }
            let file = entry.path();
            match file.canonicalize() {
                Err(_) => dead.push(file),
                Ok(real) if Some(&real) == own.as_ref() => ours.push(file),
                Ok(_) => foreign.push(file),
            }
        }
    }
    let shown = |files: &[PathBuf]| match files {
        [] => String::new(),
        [one] => one.display().to_string(),
        [first, ..] => format!("{} and {} more", first.display(), files.len() - 1),
    };
    let mut said = Vec::new();
    let on_path = exports::on_path("xcc", env);
    if !dead.is_empty() {
        said.push(problem(
            format!("{}: there is no file behind the name", shown(&dead)),
            "run install.sh or 'xcc shims' again, or remove it",
        ));
    }
    if !foreign.is_empty() {
        let text = format!("{}: another xcc than this one, or none", shown(&foreign));
        said.push(note(text, "which one runs depends on the order of PATH; remove those that you do not use"));
    }
    if ours.is_empty() {
        said.push(note(
            "no name of this xcc is on PATH",
            "install.sh or 'xcc shims DIR -t TARGET' makes names; put the directory on PATH",
        ));
    } else if on_path.is_some_and(|path| ours.contains(&path)) || said.is_empty() {
        said.insert(0, ok(format!("{} on PATH: {}", ours.len(), shown(&ours))));
    }
    said
}

fn configuration(env: &Env) -> Vec<Said> {
    let files = config::files(env);
    if files.is_empty() {
        return vec![ok("none; every setting has its default")];
    }
    let shown = files.iter().map(|(path, _)| path.display().to_string()).collect::<Vec<_>>().join(", ");
    // A value can be wrong for one target alone.
    let mut errors = BTreeSet::new();
    let mut said = Vec::new();
    for target in Target::all().filter_map(|row| Target::parse(row.name).ok()) {
        if let Err(error) =
            Config::load(target, env).and_then(|config| target.with_configured_glibc(config.glibc).map(drop))
            && errors.insert(error.to_string())
        {
            said.push(failure(&error));
        }
    }
    if said.is_empty() {
        said.push(ok(shown));
    }
    said
}

fn macos(env: &Env) -> Vec<Said> {
    match darwin_ld::linker(env) {
        Ok(Some(path)) => vec![ok(format!("{} links", path.display()))],
        Ok(None) => vec![note(
            "zig's own linker links, which takes fewer options than LLD",
            "install Rust with rustup, or your distribution's package 'lld'",
        )],
        Err(error) => vec![failure(&error)],
    }
}

/// What starts programs of other machines and systems: needed for tests, not for builds.
fn runners(env: &Env) -> Vec<Said> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for (_, _, programs) in EMULATORS {
        let there = programs.iter().any(|program| exports::on_path(program, env).is_some());
        let name = programs[0].trim_end_matches("-static").trim_start_matches("qemu-");
        let list = if there { &mut found } else { &mut missing };
        if !list.contains(&name) {
            list.push(name);
        }
    }
    missing.retain(|name| !found.contains(name));
    let mut said = Vec::new();
    if !found.is_empty() {
        said.push(ok(format!("programs run here: {}", found.join(", "))));
    }
    if !missing.is_empty() {
        said.push(note(
            format!("programs do not run here: {}", missing.join(", ")),
            "for 'cargo test' and 'xcc matrix --run' install qemu-user-static, wine or wasmtime",
        ));
    }
    said
}

/// Program, who needs it, and where it comes from.
type Tool = (&'static str, &'static str, &'static str);

const TOOLS: &[Tool] = &[
    ("go", "Go programs", "go.dev/dl, or your distribution's 'golang'"),
    ("cargo", "Rust programs", "rustup.rs, or your distribution's 'cargo'"),
    ("cmake", "projects of CMake", "your distribution's 'cmake'"),
    ("pkg-config", "packages by name, also as pkgconf", "your distribution's 'pkgconf'"),
    ("make", "makefiles", "your distribution's 'make'"),
    ("ninja", "CMake's and Meson's builds", "your distribution's 'ninja-build'"),
    ("meson", "projects of Meson", "your distribution's 'meson'"),
    ("apt-get", "'xcc sysroot add debian:...'", "Debian and Ubuntu alone have it; .deb files need none"),
];

fn tools(env: &Env) -> Vec<Said> {
    let is_there = |name: &str| {
        exports::on_path(name, env).is_some() || name == "pkg-config" && exports::on_path("pkgconf", env).is_some()
    };
    let (found, missing): (Vec<Tool>, Vec<Tool>) = TOOLS.iter().copied().partition(|row| is_there(row.0));
    let mut said = Vec::new();
    if !found.is_empty() {
        said.push(ok(found.iter().map(|row| row.0).collect::<Vec<_>>().join(", ")));
    }
    said.extend(missing.iter().map(|(name, who, from)| note(format!("no {name}, for {who}"), *from)));
    said
}

/// The targets whose standard library is there.
fn rust(env: &Env) -> Vec<Said> {
    let Some(rustc) = exports::on_path("rustc", env) else { return Vec::new() };
    // rustup's rustc asks a file of the current directory which toolchain to take.
    let asked = Command::new(&rustc).args(["--print", "sysroot"]).current_dir("/").stdin(Stdio::null()).output();
    let root = match asked {
        Ok(output) if output.status.success() => PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()),
        _ => {
            return vec![note(
                format!("{} does not say where its targets are", rustc.display()),
                "run 'rustup default stable'",
            )];
        }
    };
    let entries = fs::read_dir(root.join("lib/rustlib")).into_iter().flatten().flatten();
    let has_std = |dir: &PathBuf| {
        let mut files = fs::read_dir(dir.join("lib")).into_iter().flatten().flatten();
        files.any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
    };
    let mut targets: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(has_std)
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    targets.sort();
    match targets.len() {
        0 => vec![note(
            format!("{} has no targets", root.display()),
            "run 'rustup target add aarch64-unknown-linux-gnu'",
        )],
        1 => vec![note(
            format!("only {} is there", targets[0]),
            "'rustup target add aarch64-unknown-linux-gnu' adds another",
        )],
        _ => vec![ok(format!("targets: {}", targets.join(", ")))],
    }
}
