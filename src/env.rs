//! Every environment variable xcc reads, declared and documented once; [`Env`] is a value, so that a test can make one.
//!
//! Nothing outside this file asks the process for a variable (`tidy.rs` checks it).

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

macro_rules! variables {
    ($($name:ident $meaning:literal,)*) => {
        $(#[doc = $meaning] #[cfg_attr(not(target_os = "linux"), allow(dead_code))] pub(crate) const $name: &str = stringify!($name);)*
        /// Names and meanings, sorted: `xcc --help`, the README and the filter of [`Env::of_process`] read it.
        pub(crate) const VARIABLES: &[(&str, &str)] = &[$((stringify!($name), $meaning)),*];
    };
}

variables! {
    CARGO "the cargo that has started xcc as 'cargo-zigbuild'",
    CARGO_BUILD_TARGET "Cargo's target where no option says one: what xcc sets up as 'cargo-zigbuild'",
    CARGO_ENCODED_RUSTFLAGS "Cargo's flags for rustc, which '--reproducible' adds to, before RUSTFLAGS",
    CARGO_HOME "where Cargo keeps sources: '--reproducible' maps it",
    CARGO_TARGET_DIR "where Cargo builds: '--reproducible' maps it",
    CCACHE_COMPILERCHECK "how ccache tells compilers apart; set for a ccache that XCC_LAUNCHER starts",
    CCACHE_COMPILERTYPE "what ccache takes the compiler for; set for a ccache that XCC_LAUNCHER starts",
    CCC_OVERRIDE_OPTIONS "clang's own: clang's driver is always asked where it is set",
    CC_PRINT_HEADERS "clang's own, as CCC_OVERRIDE_OPTIONS",
    CC_PRINT_OPTIONS "clang's own, as CCC_OVERRIDE_OPTIONS",
    CFLAGS "flags for C, which '--reproducible' adds to",
    CI "set by continuous-integration services: progress is plain lines, and nothing is coloured",
    CLICOLOR "'0' forbids colour",
    CLICOLOR_FORCE "colour also where standard output is no terminal",
    CONFIG_SITE "a site file of Autoconf's: 'xcc env' and 'xcc run' leave yours, and give one where there is none",
    CXXFLAGS "flags for C++, which '--reproducible' adds to",
    GO386 "Go's floating point for 386; 'softfloat' selects the i586 target",
    GOARCH "Go's architecture: the target of a plain 'xcc', whose system is the host's without GOOS, and which level GOARM is of",
    GOARM "Go's level of 32-bit Arm: 5, 6 or 7",
    GOFLAGS "options of every 'go' command, which '--reproducible' adds to",
    GOMIPS "Go's floating point for mips: 'softfloat' or 'hardfloat'",
    GOMIPS64 "Go's floating point for mips64: 'softfloat' is refused, for no C runtime has it",
    GOOS "Go's operating system: the target of a plain 'xcc', whose processor is the host's without GOARCH",
    HOME "where the platform's cache, data and configuration directories are",
    LANG "the locale: is it one of UTF-8",
    LC_ALL "the locale, before the others",
    LC_CTYPE "the locale's character set",
    LDFLAGS "flags for links, which '--reproducible' adds to",
    MACOSX_DEPLOYMENT_TARGET "the oldest macOS that programs shall run on, where the target says none",
    NO_COLOR "forbids colour (no-color.org)",
    OUT_DIR "cargo's directory of a build script's output: xcc.toml is looked for above it too",
    PATH "where zig and python3 are looked for",
    RUSTFLAGS "flags for rustc, which '--reproducible' adds to",
    RUSTUP_HOME "where rustup keeps its toolchains, whose LLD links for macOS",
    RUSTUP_TOOLCHAIN "the toolchain of rustup that is looked into first",
    SCCACHE_C_CUSTOM_CACHE_BUSTER "a part of sccache's key; set for an sccache that XCC_LAUNCHER starts",
    SDKROOT "Apple's SDK, as Apple's tools spell it: used as XCC_MACOS_SDK is",
    SOURCE_DATE_EPOCH "the time that stands for that of the build, in seconds since 1970",
    TARGETARCH "buildx's architecture of the image: the target of 'xcc run', with TARGETOS and TARGETVARIANT",
    TARGETOS "buildx's operating system of the image, as TARGETARCH",
    TARGETPLATFORM "buildx's platform of the image (linux/arm64): the target of 'xcc run'",
    TARGETVARIANT "buildx's variant of the architecture (v7), as TARGETARCH",
    TERM "does the terminal show colours: the linker's messages reach it through xcc",
    TMPDIR "where the private cache goes when no other can be written",
    TOOLEXEC_IMPORTPATH "set by 'go build' for the compilers it starts: its own directory may hold xcc.toml",
    XCC_BACKEND "'direct' (clang and LLD inside zig), 'zig-cc' (zig's own driver) or 'osxcross' (its compilers, for macOS)",
    XCC_BINUTILS "'llvm' hands nm, strip, objdump and the like over to LLVM's, found on PATH",
    XCC_CACHE_DIR "directory of the sysroots and of everything else xcc can make again",
    XCC_CFLAGS "flags added to every C and C++ compilation, split as a shell would",
    XCC_CONFIG "the configuration file, instead of the user's and the project's",
    XCC_CXXFLAGS "flags added to every C++ compilation, split as a shell would",
    XCC_DARWIN_LINKER "what links for macOS: the path of an LLD; 'lld' takes a Rust toolchain's or ld64.lld, 'zig' zig's own linker, 'auto' the first of these",
    XCC_DATA_DIR "directory of the installed zig versions and of SDKs",
    XCC_GUARD "levels of the guards: 'native-cpu=error,host-directories=off,newest-glibc=2.28'; each is off, warn or error",
    XCC_LAUNCHED "set by xcc for the launcher that it starts: the compiler behind it launches nothing",
    XCC_LAUNCHER "a compiler cache or distributor (ccache, sccache, distcc) that runs every compilation, with its options",
    XCC_LDFLAGS "flags added to every link, split as a shell would",
    XCC_LIBC "libc of a target taken from GOOS and GOARCH: 'gnu', 'gnu.2.N' or 'musl'",
    XCC_MACOS_SDK "directory of Apple's SDK: headers and libraries for macOS come from it",
    XCC_OSXCROSS "directory of osxcross, for the backend of that name; its programs are looked for on PATH without",
    XCC_RUNNING "set by xcc for its children: finds an xcc that would start itself",
    XCC_TARGET "target of a name that has none",
    XCC_TRACE "'1' for standard error, or a file: what xcc was asked, what it runs, and why",
    XCC_ZIG "path of the zig to use, or the version of an installed one",
}

/// Variables of the host's compiler and linkers that would leak headers, libraries and options into a cross build; removed
/// before exec.
pub(crate) const HOST_LEAKS: &[&str] = &[
    "COMPILER_PATH",
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "C_INCLUDE_PATH",
    "GCC_EXEC_PREFIX",
    "LIB",
    "LIBRARY_PATH",
    "LINK",
    "OBJC_INCLUDE_PATH",
    "SDKROOT",
    "_LINK_",
];

/// Variables that make clang's driver do or print something else than usual.
pub(crate) const CLANGS_OWN: &[&str] = &[CCC_OVERRIDE_OPTIONS, CC_PRINT_HEADERS, CC_PRINT_OPTIONS];

/// The variables of [`VARIABLES`] that are set, and the working directory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Env {
    values: Vec<(&'static str, OsString)>,
    /// Where relative paths and the search for `xcc.toml` begin.
    pub(crate) cwd: PathBuf,
}

impl Env {
    /// What the process was started with.
    pub(crate) fn of_process() -> Env {
        let value = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let values = VARIABLES.iter().filter_map(|(name, _)| Some((*name, value(name)?))).collect();
        Env { values, cwd: std::env::current_dir().unwrap_or_default() }
    }

    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&'static str, &str)]) -> Env {
        Env { values: pairs.iter().map(|(n, v)| (*n, OsString::from(v))).collect(), cwd: PathBuf::from("/cwd") }
    }

    /// The value of `name`; an empty one counts as unset, as in a shell's `${X:-}`.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.values.iter().find(|(set, _)| *set == name).map(|(_, value)| value.as_os_str())
    }

    /// The value, if it is text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(OsStr::to_str)
    }

    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }
}

/// A variable with a target in its name, as the cc crate and Cargo read them; `None` where it is empty or not text.
pub(crate) fn text_of_target(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The variables whose names are wanted.
pub(crate) fn named(is_wanted: impl Fn(&str) -> bool) -> Vec<(OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(&is_wanted)).collect()
}

/// pkg-config's own variables, those with a target in their name included; a name that is not text is none of them.
pub(crate) fn pkg_config_variables() -> Vec<(String, OsString)> {
    let text = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    text.filter(|(name, value)| name.contains("PKG_CONFIG") && !value.is_empty()).collect()
}

/// Variables that are other tools' business, of these names, as text; those that are not set are left out.
pub(crate) fn others(names: &[&'static str]) -> Vec<(&'static str, String)> {
    let value = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    names.iter().filter_map(|name| Some((*name, value(name)?.to_string_lossy().into_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_sorted() {
        for pair in VARIABLES.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} can't precede {}", pair[0].0, pair[1].0);
        }
    }
}
