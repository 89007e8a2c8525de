//! Variables of the environment that change what a build does, and how.

use std::path::Path;

use super::{Said, note, ok, problem};
use crate::backend::Backend;
use crate::env::{self, Env};
use crate::exports;
use crate::target::Target;

/// When a variable is worth a word.
#[derive(Clone, Copy, PartialEq)]
enum When {
    /// Set to anything.
    Set,
    /// It names a program that is not xcc.
    NotXcc,
    /// It has a flag that is about this machine, or a directory of it.
    HasHostFlag,
    /// It has this value.
    Is(&'static str),
}

/// Variable, when it matters, what comes of it, and what to do.
const TABLE: &[(&str, When, &str, &str)] = &[
    ("CC", When::NotXcc, "build tools take it before any other C compiler", "set CC to a name of xcc, or unset it"),
    ("CXX", When::NotXcc, "build tools take it before any other C++ compiler", "set CXX to a name of xcc, or unset it"),
    ("LD", When::NotXcc, "some makefiles link with it", "set LD to a name of xcc, or unset it"),
    (
        "AR",
        When::NotXcc,
        "build tools make archives with it; another machine's objects have no index then",
        "set AR to a name of xcc, or unset it",
    ),
    (
        "CFLAGS",
        When::HasHostFlag,
        "build tools add it to every compilation, for the target too",
        "leave it out for the target",
    ),
    (
        "CXXFLAGS",
        When::HasHostFlag,
        "build tools add it to every C++ compilation, for the target too",
        "leave it out for the target",
    ),
    (
        "CPPFLAGS",
        When::HasHostFlag,
        "build tools add it to every compilation, for the target too",
        "leave it out for the target",
    ),
    (
        "LDFLAGS",
        When::HasHostFlag,
        "build tools add it to every link, for the target too",
        "leave it out for the target",
    ),
    (
        "CGO_CFLAGS",
        When::HasHostFlag,
        "Go adds it to every compilation, for the target too",
        "leave it out for the target",
    ),
    ("CGO_LDFLAGS", When::HasHostFlag, "Go adds it to every link, for the target too", "leave it out for the target"),
    ("XCC_CFLAGS", When::HasHostFlag, "xcc adds it to every compilation", "leave it out for the target"),
    ("XCC_LDFLAGS", When::HasHostFlag, "xcc adds it to every link", "leave it out for the target"),
    (
        "CPATH",
        When::Set,
        "directories of headers of this machine; xcc does not hand it on to clang",
        "use XCC_CFLAGS or xcc.toml for the target's",
    ),
    (
        "C_INCLUDE_PATH",
        When::Set,
        "directories of headers of this machine; xcc does not hand it on to clang",
        "use XCC_CFLAGS or xcc.toml for the target's",
    ),
    (
        "CPLUS_INCLUDE_PATH",
        When::Set,
        "directories of headers of this machine; xcc does not hand it on to clang",
        "use XCC_CXXFLAGS or xcc.toml for the target's",
    ),
    (
        "LIBRARY_PATH",
        When::Set,
        "directories of libraries of this machine; xcc does not hand it on to clang",
        "use XCC_LDFLAGS or xcc.toml for the target's",
    ),
    (
        "COMPILER_PATH",
        When::Set,
        "directories of programs of this machine's compiler; xcc does not hand it on",
        "unset it, so that nobody counts on it",
    ),
    (
        "GCC_EXEC_PREFIX",
        When::Set,
        "where this machine's GCC has its parts; xcc does not hand it on",
        "unset it, so that nobody counts on it",
    ),
    (
        "PKG_CONFIG_PATH",
        When::HasHostFlag,
        "packages of this machine, which xcc's pkg-config shows for a target too",
        "put the target's name behind the variable's, or unset it",
    ),
    (
        "PKG_CONFIG_LIBDIR",
        When::HasHostFlag,
        "packages of this machine, which xcc's pkg-config shows for a target too",
        "put the target's name behind the variable's, or unset it",
    ),
    ("CCC_OVERRIDE_OPTIONS", When::Set, "changes every command line of clang's", "unset it"),
    (
        "CGO_ENABLED",
        When::Is("0"),
        "Go builds without C, and leaves out packages that need it",
        "set CGO_ENABLED=1 to cross-compile with cgo",
    ),
    (
        "GOFLAGS",
        When::Set,
        "Go adds it to every command; -ldflags or -tags in it change what is linked",
        "check that it suits a cross build",
    ),
    (
        "RUSTFLAGS",
        When::Set,
        "Cargo takes it instead of the flags in its configuration, those of a target included",
        "use CARGO_TARGET_<TARGET>_RUSTFLAGS",
    ),
    ("LD_PRELOAD", When::Set, "is loaded into xcc, zig and every tool", "unset it if they fail"),
];

/// Flags and directories that are about this machine.
const HOST_FLAGS: &[&str] = &["=native", "-I/usr/", "-L/usr/", "-isystem /usr/", "-L/lib"];

pub(super) fn check(env: &Env) -> Vec<Said> {
    let names: Vec<&'static str> = TABLE.iter().map(|row| row.0).collect();
    let set = env::others(&names);
    let mut said = Vec::new();
    for (name, when, comes, help) in TABLE {
        let Some((_, value)) = set.iter().find(|(set, _)| set == name) else { continue };
        let matters = match when {
            When::Set => true,
            When::Is(expected) => value == expected,
            When::NotXcc => !is_xcc(value, env),
            When::HasHostFlag if name.starts_with("PKG_CONFIG") => value.split(':').any(|dir| dir.starts_with("/usr/")),
            When::HasHostFlag => HOST_FLAGS.iter().any(|flag| value.contains(flag)),
        };
        if matters {
            let shown: String = value.chars().take(60).collect();
            said.push(note(format!("{name}={shown}: {comes}"), *help));
        }
    }
    said.extend(own(env));
    if said.is_empty() {
        said.push(ok("nothing in the environment disturbs"));
    }
    said
}

/// The program of a command is xcc, by whatever name, with or without a launcher before it.
fn is_xcc(command: &str, env: &Env) -> bool {
    let name = |word: &str| Path::new(word).file_name().map(|name| name.to_string_lossy().into_owned());
    command.split_whitespace().any(|word| {
        let by_name = name(word).is_some_and(|name| name == "xcc" || name.starts_with("xcc-"));
        let path = if word.contains('/') { Some(env.cwd.join(word)) } else { exports::on_path(word, env) };
        let file = path.and_then(|path| path.canonicalize().ok());
        by_name || file.is_some_and(|file| file.file_name().is_some_and(|name| name == "xcc"))
    })
}

/// xcc's own, where a value cannot be used.
fn own(env: &Env) -> Vec<Said> {
    let mut said = Vec::new();
    let mut broken = |name: &str, error: crate::error::Error| {
        said.push(problem(
            format!("{name}: {error}"),
            error.help().unwrap_or_else(|| format!("unset {name}, or correct it")),
        ));
    };
    if let Some(Err(error)) = env.text(env::XCC_BACKEND).map(Backend::parse) {
        broken(env::XCC_BACKEND, error);
    }
    if let Some(Err(error)) = env.text(env::XCC_TARGET).map(Target::parse) {
        broken(env::XCC_TARGET, error);
    }
    if let Err(error) = Target::from_go(env) {
        broken("GOOS and GOARCH", error);
    }
    if let Some(program) = env.text(env::XCC_LAUNCHER).and_then(|line| line.split_whitespace().next())
        && !Path::new(program).is_file()
        && exports::on_path(program, env).is_none()
    {
        let text = format!("XCC_LAUNCHER: '{program}' is not on PATH");
        said.push(problem(text, "install it, or unset XCC_LAUNCHER"));
    }
    said
}
