//! Which environment variables decide what a build makes: provenance has the names of those that are set, `--changed` looks at
//! their values. Not all variables: services set some anew for every run, and names alone may say too much.

use std::ffi::OsString;
use std::process::Command;

use crate::env;

/// How much of a name a row has.
enum Form {
    /// All of it.
    Name,
    /// The beginning.
    Start,
    /// A part, anywhere.
    Part,
    /// A tool's: also with a target behind it, and with `HOST_` or `TARGET_` before it, as the cc crate reads them.
    Tool,
}

use Form::{Name, Part, Start, Tool};

const READ: &[(Form, &[&str], &str)] = &[
    (Start, &["XCC_"], "xcc's own"),
    (Part, &["FLAGS"], "options of a compiler, a linker, Go, rustc or make"),
    (Tool, &["AR", "AS", "CC", "CPP", "CXX", "LD", "NM", "OBJCOPY", "RANLIB", "STRIP", "WINDRES"], "which tool runs"),
    (Start, &["PKG_CONFIG", "HOST_PKG_CONFIG", "TARGET_PKG_CONFIG"], "which packages are found"),
    (Start, &["CGO_"], "whether Go calls C, and which options it allows"),
    (Name, &["GO386", "GOAMD64", "GOARCH", "GOARM", "GOARM64", "GOMIPS", "GOMIPS64", "GOOS"], "what Go compiles for"),
    (Name, &["GOPPC64", "GORISCV64", "GOWASM"], "what Go compiles for"),
    (
        Name,
        &["GO111MODULE", "GOENV", "GOEXPERIMENT", "GOFIPS140", "GOROOT", "GOTOOLCHAIN", "GOWORK"],
        "which Go, and how",
    ),
    (
        Name,
        &["GOINSECURE", "GONOPROXY", "GONOSUMDB", "GOPATH", "GOPRIVATE", "GOPROXY", "GOSUMDB"],
        "where modules are from",
    ),
    (Name, &["GO_EXTLINK_ENABLED"], "which linker Go takes"),
    (Start, &["CARGO_"], "Cargo's configuration: profiles, targets, registries"),
    (Start, &["RUSTC", "RUSTUP_"], "which rustc, and what stands before it"),
    (Name, &["RUST_TARGET_PATH"], "where rustc looks for targets"),
    (Start, &["BINDGEN_EXTRA_CLANG_ARGS"], "how headers become Rust"),
    (Name, &["LIBCLANG_PATH", "LLVM_CONFIG_PATH"], "which libclang reads headers"),
    (Start, &["CMAKE_"], "CMake's toolchain, generator and kind of build"),
    (Name, &["CONFIG_SITE", "MESON_CROSS_FILE"], "what configure and Meson know of the target"),
    (Name, &["CCC_OVERRIDE_OPTIONS"], "changes every command line of clang's"),
    (Name, &["MACOSX_DEPLOYMENT_TARGET", "SDKROOT"], "which macOS a program is for"),
    (Name, &["SOURCE_DATE_EPOCH", "ZERO_AR_DATE"], "the time that is written into files"),
];

/// Ends of names that a row of [`READ`] has and that decide nothing.
const NOT_READ: &[(&str, &str)] = &[
    ("_TOKEN", "opens a registry; lock files have the digests of what comes from it"),
    ("_CREDENTIAL_PROVIDER", "as a token"),
];

fn is_read(name: &str) -> bool {
    let matches = |form: &Form, known: &str| match form {
        Name => name == known,
        Start => name.starts_with(known),
        Part => name.contains(known),
        Tool => {
            let bare = name.strip_prefix("HOST_").or(name.strip_prefix("TARGET_")).unwrap_or(name);
            bare.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        }
    };
    READ.iter().any(|(form, names, _)| names.iter().any(|known| matches(form, known)))
        && !NOT_READ.iter().any(|(end, _)| name.ends_with(end))
}

/// Those that xcc sets for the commands of a cell, and those of the user's that are read and not taken away; sorted by name.
pub(super) fn of(commands: &[&Command]) -> Vec<(OsString, OsString)> {
    let own = || commands.iter().flat_map(|command| command.get_envs());
    let set = own().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let users = env::named(is_read).into_iter().filter(|(name, _)| !own().any(|(changed, _)| changed == *name));
    let mut all: Vec<(OsString, OsString)> = set.chain(users).collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_a_build_is_told_from_what_does_not() {
        for name in [
            "XCC_TARGET",
            "CFLAGS",
            "CXXFLAGS_aarch64_unknown_linux_gnu",
            "RUSTFLAGS",
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
            "CARGO_PROFILE_RELEASE_LTO",
            "GOFLAGS",
            "GOPROXY",
            "CGO_CFLAGS",
            "CC",
            "HOST_CC",
            "CC_aarch64-unknown-linux-gnu",
            "TARGET_AR",
            "LD",
            "SOURCE_DATE_EPOCH",
            "HOST_PKG_CONFIG_PATH",
        ] {
            assert!(is_read(name), "{name}");
        }
        for name in [
            "GOOGLE_APPLICATION_CREDENTIALS",
            "ARTIFACTORY_USER",
            "LDAP_HOST",
            "GITHUB_RUN_ID",
            "HOME",
            "CCACHE_DIR",
            "ASPNETCORE_URLS",
            "RUST_BACKTRACE",
            "CARGO_REGISTRY_TOKEN",
        ] {
            assert!(!is_read(name), "{name}");
        }
    }

    #[test]
    fn every_row_has_a_reason_and_names_of_its_own() {
        let mut names: Vec<&str> = READ.iter().flat_map(|(_, names, _)| *names).copied().collect();
        assert!(READ.iter().all(|(.., why)| !why.is_empty()) && NOT_READ.iter().all(|(_, why)| !why.is_empty()));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn what_is_taken_away_is_not_an_input() {
        let mut command = Command::new("true");
        command.env("CC", "xcc").env("OTHER", "of the target").env_remove("SDKROOT");
        let names: Vec<OsString> = of(&[&command, &command]).into_iter().map(|(name, _)| name).collect();
        let count = |name: &str| names.iter().filter(|known| *known == name).count();
        assert_eq!([count("CC"), count("OTHER"), count("SDKROOT")], [1, 1, 0]);
    }
}
