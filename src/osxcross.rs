//! osxcross, where the user has it: its compilers, its tools and its SDK. Nothing of it is part of xcc.
//!
//! Its names are `o64-clang` and `oa64-clang` for the compilers, `ARCH-apple-darwinNN-ar` and so on for the tools; the number
//! changes with the SDK.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use crate::config::Config;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::personality::{self, Personality};
use crate::target::Target;
use crate::zig::Zig;

/// The backend's name.
pub(crate) const NAME: &str = "osxcross";

/// An osxcross that has a compiler for the target.
#[derive(Clone, Debug)]
pub(crate) struct Osxcross {
    /// The directory of its programs.
    pub(crate) bin: PathBuf,
    /// How it was found.
    pub(crate) why: &'static str,
}

/// The compiler of a target. C++ has one of its own, because the name alone says that libc++ is linked.
pub(crate) fn compiler(target: Target, is_cxx: bool) -> &'static str {
    match (target.row.emulation, is_cxx) {
        ("arm64", false) => "oa64-clang",
        ("arm64", true) => "oa64-clang++",
        (_, false) => "o64-clang",
        (_, true) => "o64-clang++",
    }
}

/// # Errors
/// For a target that it has no compiler of.
pub(crate) fn check(target: Target) -> Result<()> {
    if target.is_macos() {
        return Ok(());
    }
    Err(Error::with_help(
        format!("the backend '{NAME}' has no compiler for target '{}'", target.row.name),
        "it is for macOS: unset XCC_BACKEND, and set 'backend' below [target.aarch64-macos] and [target.x86_64-macos] in xcc.toml",
    ))
}

/// The osxcross to use; `None` where another backend is chosen.
///
/// # Errors
/// Where it is chosen and there is none, or the target is not one of macOS.
pub(crate) fn chosen(target: Target, config: &Config, env: &Env) -> Result<Option<Osxcross>> {
    if config.backend.as_deref() != Some(NAME) {
        return Ok(None);
    }
    check(target)?;
    let name = compiler(target, false);
    let given = env.path(env::XCC_OSXCROSS).map(|dir| env.cwd.join(dir));
    let (dirs, why): (Vec<PathBuf>, _) = match &given {
        Some(dir) => (["target/bin", "bin", ""].iter().map(|below| dir.join(below)).collect(), env::XCC_OSXCROSS),
        None => {
            let path = env.get(env::PATH).unwrap_or_default();
            (std::env::split_paths(path).filter(|dir| dir.is_absolute()).collect(), "on PATH")
        }
    };
    if let Some(bin) = dirs.into_iter().find(|dir| dir.join(name).is_file()) {
        return Ok(Some(Osxcross { bin, why }));
    }
    let place = given.map_or_else(|| "on PATH".to_owned(), |dir| format!("in '{}'", dir.display()));
    Err(Error::with_help(
        format!("cannot find {name} of osxcross {place}"),
        "build osxcross with an SDK of yours, and put its target/bin on PATH or its directory in XCC_OSXCROSS; without XCC_BACKEND \
         xcc links for macOS by itself",
    ))
}

impl Osxcross {
    /// What stands in the place of zig where osxcross does the work.
    pub(crate) fn in_place_of_zig(&self, target: Target) -> Zig {
        Zig { path: self.bin.join(compiler(target, false)), version: NAME.to_owned(), why: self.why }
    }

    /// A tool under the target's name, where osxcross has it; of several versions of Darwin the newest.
    pub(crate) fn tool(&self, name: &str, target: Target) -> Option<PathBuf> {
        let archs: &[&str] = if target.row.emulation == "arm64" { &["arm64", "aarch64"] } else { &["x86_64"] };
        let number = |file: &str| {
            let rest = archs.iter().find_map(|arch| file.strip_prefix(arch)?.strip_prefix("-apple-darwin"))?;
            let version = rest.strip_suffix(name)?.strip_suffix('-')?;
            version.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()
        };
        let files = fs::read_dir(&self.bin).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let newest = files.filter_map(|file| Some((number(&file)?, file))).max()?;
        Some(self.bin.join(newest.1))
    }

    /// Its SDK, as its own wrapper chooses it: `default`, else the newest.
    pub(crate) fn sdk(&self) -> PathBuf {
        let dir = self.bin.parent().unwrap_or(&self.bin).join("SDK");
        if let Ok(chosen) = dir.join("default").canonicalize() {
            return chosen;
        }
        let files = fs::read_dir(&dir).into_iter().flatten().flatten();
        let files = files.filter_map(|entry| entry.file_name().into_string().ok());
        let number = |file: &str| {
            let version = file.strip_prefix("MacOSX")?.strip_suffix(".sdk")?.trim_end_matches('u');
            version.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()
        };
        let newest = files.filter_map(|file| Some((number(&file)?, file))).max();
        newest.map_or_else(|| dir.clone(), |(_, file)| dir.join(file))
    }
}

/// The program of osxcross in whose place xcc was called as a tool: `None` where xcc's own does the work, because another
/// backend is chosen, the name says no target, or osxcross has no such tool.
///
/// # Errors
/// As [`chosen`], and where the configuration cannot be used.
pub(crate) fn tool(personality: Personality, target: Option<Target>, env: &Env) -> Result<Option<PathBuf>> {
    let compiles =
        matches!(personality, Personality::Cc | Personality::Cxx | Personality::Cpp | Personality::PkgConfig);
    let Some(target) = target.filter(|target| target.is_macos() && !compiles) else { return Ok(None) };
    let found = chosen(target, &Config::load(target, env)?, env)?;
    Ok(found.and_then(|osxcross| osxcross.tool(personality::name_of(personality)?, target)))
}

/// clang's version behind a compiler of osxcross, and its triple, whose number is that of the SDK.
///
/// # Errors
/// Where it does not run: it starts the `clang` that is on PATH.
pub(crate) fn version(compiler: &Path) -> Result<(String, String)> {
    let mut command = process::Command::new(compiler);
    command.arg("--version");
    for name in env::HOST_LEAKS {
        command.env_remove(name);
    }
    let output = command.output().map_err(|source| Error::NotRunnable { path: compiler.to_owned(), source })?;
    let text = String::from_utf8_lossy(&output.stdout);
    let after = |word: &str| text.split_once(word)?.1.split_whitespace().next().map(str::to_owned);
    match (after("clang version "), after("Target: ")) {
        (Some(version), Some(triple)) if output.status.success() => Ok((version, triple)),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(Error::with_help(
                format!("'{} --version' failed: {}", compiler.display(), said.trim()),
                "osxcross starts the clang on PATH, with an SDK beside its programs; see that it works alone",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_and_sdk_are_the_newest() {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("bin");
        let touch = |path: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        for name in
            ["arm64-apple-darwin9-ar", "aarch64-apple-darwin23.5-ar", "x86_64-apple-darwin24-ar", "arm64-apple-ar"]
        {
            touch(&format!("bin/{name}"));
        }
        for name in ["MacOSX10.4u.sdk", "MacOSX9.9.sdk", "MacOSX14.sdk", "MacOSX.sdk"] {
            touch(&format!("SDK/{name}/SDKSettings.json"));
        }
        let osxcross = Osxcross { bin: bin.clone(), why: "" };
        let target = |name: &str| Target::parse(name).unwrap();
        assert_eq!(osxcross.tool("ar", target("aarch64-macos")), Some(bin.join("aarch64-apple-darwin23.5-ar")));
        assert_eq!(osxcross.tool("ar", target("x86_64-macos")), Some(bin.join("x86_64-apple-darwin24-ar")));
        assert_eq!(osxcross.tool("lipo", target("aarch64-macos")), None);
        assert_eq!(osxcross.sdk(), dir.path().join("SDK/MacOSX14.sdk"));
    }
}
