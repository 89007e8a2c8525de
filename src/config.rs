//! What the user adds to every command: `xcc.toml`, the user's own and the project's, and the `XCC_*FLAGS` variables.
//!
//! A project's file comes with a checkout, so it may set flags and paths but never a program to run: `project.rs` says
//! which options those are. Reading a file costs only those who have one; the rest pay one `stat` a directory.

mod project;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::dirs;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::guard::Levels;
use crate::osxcross;
use crate::sdk;
use crate::sysroot;
use crate::target::Target;

/// One set of settings: the top level of a file, and each of its `[target.NAME]` tables.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    /// Header directories (`-I`).
    #[serde(default)]
    include: Vec<String>,
    /// Library directories (`-L`).
    #[serde(default)]
    lib: Vec<String>,
    /// Macros (`-D`), as `NAME` or `NAME=VALUE`.
    #[serde(default)]
    define: Vec<String>,
    /// A sysroot to use instead of the one xcc makes.
    sysroot: Option<String>,
    /// The SDK for macOS, as `xcc sdk list` shows it; of no meaning for other systems.
    sdk: Option<String>,
    /// The version of glibc of a target whose name has none: `2.36`.
    glibc: Option<String>,
    #[serde(default)]
    cflags: Flags,
    #[serde(default)]
    cxxflags: Flags,
    #[serde(default)]
    ldflags: Flags,
    /// `direct`, `zig-cc` or `osxcross`.
    backend: Option<String>,
    /// The zig to use: a path or an installed version. In the user's own file only.
    zig: Option<String>,
}

/// A list, or one string that is split as a shell would.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Flags {
    List(Vec<String>),
    Line(String),
}

impl Default for Flags {
    fn default() -> Flags {
        Flags::List(Vec::new())
    }
}

#[derive(Debug, Default, Deserialize)]
struct File {
    #[serde(flatten)]
    all: toml::Table,
}

/// Everything that is added, for one target.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Config {
    /// After the user's own, for C and C++.
    pub(crate) cflags: Vec<OsString>,
    /// After `cflags`, for C++ alone.
    pub(crate) cxxflags: Vec<OsString>,
    /// After the user's own, on links.
    pub(crate) ldflags: Vec<OsString>,
    pub(crate) sysroot: Option<OsString>,
    /// The name of the SDK that a file has chosen for the target, until [`Config::add_sdk`] has found it.
    pub(crate) sdk: Option<String>,
    /// The minor version of glibc 2 for a name that has none.
    pub(crate) glibc: Option<u32>,
    pub(crate) backend: Option<String>,
    pub(crate) zig: Option<PathBuf>,
    /// What is done about words that are seldom meant.
    pub(crate) guard: Levels,
}

impl Config {
    /// Reads what is in force for `target`.
    ///
    /// # Errors
    /// [`Error::Config`] for a file that cannot be used, [`Error::Variable`] for a variable with an open quote.
    pub(crate) fn load(target: Target, env: &Env) -> Result<Config> {
        let mut config = Config::default();
        for (path, trusted) in files(env) {
            config.add_file(&path, trusted, target)?;
        }
        config.add_variables(env)?;
        config.add_sdk(target, env)?;
        Ok(config)
    }

    /// What the variables alone add.
    #[cfg(test)]
    pub(crate) fn of_variables(target: Target, env: &Env) -> Result<Config> {
        let mut config = Config::default();
        config.add_variables(env)?;
        config.add_sdk(target, env)?;
        Ok(config)
    }

    /// Apple's SDK, where the machine has one: a sysroot like another. `SDKROOT` is set by Apple's tools and by rustc. What
    /// `xcc sdk use` has chosen is for calls that nobody has said anything else for.
    fn add_sdk(&mut self, target: Target, env: &Env) -> Result<()> {
        if !target.is_macos() {
            return Ok(());
        }
        if let Some(name) = self.sdk.take() {
            self.sysroot = Some(sdk::named(&name, env)?.into());
        }
        if self.sysroot.is_some() {
            return Ok(());
        }
        for name in [env::XCC_MACOS_SDK, env::SDKROOT] {
            let Some(dir) = env.path(name).filter(|dir| !sysroot::is_own(dir)) else { continue };
            if name == env::XCC_MACOS_SDK && !dir.is_dir() {
                let message = format!("'{}' is no directory", dir.display());
                return Err(Error::Variable { name, message });
            }
            // As clang reads it.
            if name == env::XCC_MACOS_SDK || dir.is_absolute() && dir != Path::new("/") && dir.is_dir() {
                self.sysroot = Some(dir.into());
                return Ok(());
            }
        }
        // osxcross has one of its own.
        if self.backend.as_deref() != Some(osxcross::NAME) {
            self.sysroot = sdk::used(env).map(PathBuf::into_os_string);
        }
        Ok(())
    }

    fn add_file(&mut self, path: &Path, trusted: bool, target: Target) -> Result<()> {
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        let broken = |message: String| Error::Config { path: path.to_owned(), message };
        let mut table = toml::from_str::<File>(&text).map_err(|e| broken(e.to_string().trim_end().to_owned()))?.all;
        // The business of `xcc matrix` alone, which is asked for by name.
        table.remove("matrix");
        if let Some(value) = table.remove("guard") {
            let levels = value
                .try_into::<BTreeMap<String, String>>()
                .map_err(|e| broken(format!("[guard]: {}", e.to_string().trim_end())))?;
            for (name, level) in levels {
                self.guard.set(&name, &level).map_err(|e| broken(format!("[guard]: {e}")))?;
            }
        }
        let targets = match table.remove("target") {
            None => BTreeMap::new(),
            Some(value) => value
                .try_into::<BTreeMap<String, Settings>>()
                .map_err(|e| broken(format!("[target]: {}", e.to_string().trim_end())))?,
        };
        let all: Settings =
            toml::Value::Table(table).try_into().map_err(|e| broken(e.to_string().trim_end().into()))?;
        let base = path.parent().unwrap_or(Path::new(""));
        self.add(all, base, trusted).map_err(broken)?;
        for (name, settings) in targets {
            let named = Target::parse(&name).map_err(|e| broken(format!("[target.{name}]: {e}")))?;
            if settings.sdk.is_some() && !named.is_macos() {
                return Err(broken(format!("[target.{name}]: an SDK is for macOS")));
            }
            if named.row == target.row && (named.glibc.is_none() || named.glibc == target.glibc) {
                self.add(settings, base, trusted).map_err(broken)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, settings: Settings, base: &Path, trusted: bool) -> std::result::Result<(), String> {
        if !trusted && settings.zig.is_some() {
            return Err("a project's file cannot set 'zig', which is a program to run".into());
        }
        let from_base = |flag: &str, path: &str| {
            let mut joined = OsString::from(flag);
            joined.push(base.join(path));
            joined
        };
        let cflags = settings.cflags.words()?;
        let cxxflags = settings.cxxflags.words()?;
        let ldflags = settings.ldflags.words()?;
        if !trusted {
            let macros: Vec<String> = settings.define.iter().map(|define| format!("-D{define}")).collect();
            if let Some(flag) =
                [&macros, &cflags, &cxxflags, &ldflags].into_iter().find_map(|words| project::refused(words))
            {
                return Err(format!(
                    "a project's file cannot set '{flag}', which may name a program or code to run; the user's own file, \
                     XCC_CFLAGS and XCC_LDFLAGS can"
                ));
            }
        }
        self.cflags.extend(settings.include.iter().map(|dir| from_base("-I", dir)));
        self.cflags.extend(settings.define.iter().map(|define| OsString::from(format!("-D{define}"))));
        self.cflags.extend(cflags.into_iter().map(OsString::from));
        self.cxxflags.extend(cxxflags.into_iter().map(OsString::from));
        self.ldflags.extend(settings.lib.iter().map(|dir| from_base("-L", dir)));
        self.ldflags.extend(ldflags.into_iter().map(OsString::from));
        if let Some(sysroot) = settings.sysroot {
            self.sysroot = Some(base.join(sysroot).into_os_string());
            self.sdk = None;
        }
        self.sdk = settings.sdk.or(self.sdk.take());
        if let Some(version) = settings.glibc {
            let minor = version.strip_prefix("2.").and_then(|minor| minor.parse().ok());
            self.glibc = Some(minor.ok_or_else(|| format!("glibc: '{version}' is no version such as \"2.36\""))?);
        }
        self.backend = settings.backend.or(self.backend.take());
        self.zig = settings.zig.map(PathBuf::from).or(self.zig.take());
        Ok(())
    }

    fn add_variables(&mut self, env: &Env) -> Result<()> {
        for (name, flags) in [
            (env::XCC_CFLAGS, &mut self.cflags),
            (env::XCC_CXXFLAGS, &mut self.cxxflags),
            (env::XCC_LDFLAGS, &mut self.ldflags),
        ] {
            if let Some(value) = env.get(name) {
                let text = value.to_str();
                let words = text.and_then(shlex::split).ok_or_else(|| Error::Variable {
                    name,
                    message: "it is not text that a shell could split (an open quote?)".into(),
                })?;
                flags.extend(words.into_iter().map(OsString::from));
            }
        }
        if let Some(text) = env.text(env::XCC_GUARD) {
            self.guard.set_all(text).map_err(|message| Error::Variable { name: env::XCC_GUARD, message })?;
        }
        if let Some(backend) = env.text(env::XCC_BACKEND) {
            self.backend = Some(backend.to_owned());
        }
        Ok(())
    }

    /// Leaves what is no word of the command line.
    pub(crate) fn drop_flags(&mut self) {
        self.cflags.clear();
        self.cxxflags.clear();
        self.ldflags.clear();
        self.sysroot = None;
    }

    /// A short digest of all that is added, for the version line: caches must miss when it changes.
    pub(crate) fn digest(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        let sysroot: Vec<OsString> = self.sysroot.iter().cloned().collect();
        for list in [&self.cflags, &self.cxxflags, &self.ldflags, &sysroot] {
            for part in list {
                hash.update(part.as_encoded_bytes());
                hash.update([0]);
            }
            hash.update([1]);
        }
        hash.update(self.backend.as_deref().unwrap_or("direct"));
        hash.finalize().iter().take(5).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Flags {
    fn words(self) -> std::result::Result<Vec<String>, String> {
        match self {
            Flags::List(words) => Ok(words),
            Flags::Line(line) => shlex::split(&line).ok_or_else(|| format!("'{line}' has an open quote")),
        }
    }
}

/// The configuration files in force, each with whether it may name programs; the later one wins.
pub(crate) fn files(env: &Env) -> Vec<(PathBuf, bool)> {
    if let Some(path) = env.path(env::XCC_CONFIG) {
        return vec![(env.cwd.join(path), true)];
    }
    let user = dirs::user_config(env).filter(|path| path.is_file()).map(|path| (path, true));
    let project = project_file(env).map(|path| (path, false));
    user.into_iter().chain(project.filter(|(path, _)| dirs::user_config(env).as_ref() != Some(path))).collect()
}

/// The nearest `xcc.toml` above the working directory; else above where the build tool itself works, because Go and
/// Cargo compile a dependency in its own directory, far from the project.
fn project_file(env: &Env) -> Option<PathBuf> {
    // One buffer for all: musl maps and unmaps memory for each that comes and goes.
    let above = |dir: &Path| {
        let mut path = PathBuf::with_capacity(dir.as_os_str().len() + 16);
        dir.ancestors().find_map(|dir| {
            path.clear();
            path.push(dir);
            path.push("xcc.toml");
            path.is_file().then(|| path.clone())
        })
    };
    above(&env.cwd)
        .or_else(|| above(&env.path(env::OUT_DIR).filter(|dir| dir.is_absolute())?))
        .or_else(|| above(&go_directory(env)?))
}

/// The working directory of the `go` that started us. Go says it in no variable, and runs every compiler in the
/// directory of the package: the module cache, for a dependency.
#[cfg(target_os = "linux")]
fn go_directory(env: &Env) -> Option<PathBuf> {
    env.get(env::TOOLEXEC_IMPORTPATH).or(env.get(env::GOARCH))?;
    let mut pid = std::os::unix::process::parent_id();
    // At most cc <- cgo <- toolexec <- go.
    for _ in 0..4 {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // `pid (name) state parent …`, where the name may hold anything but ends at the last parenthesis.
        let (head, tail) = stat.rsplit_once(')')?;
        if head.ends_with("(go") {
            return std::fs::read_link(format!("/proc/{pid}/cwd")).ok();
        }
        pid = tail.split_whitespace().nth(1)?.parse().ok()?;
    }
    None
}

#[cfg(not(target_os = "linux"))]
fn go_directory(_: &Env) -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, trusted: bool) -> std::result::Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("xcc.toml");
        std::fs::write(&path, text).unwrap();
        let mut config = Config::default();
        let target = Target::parse("aarch64-linux-gnu").unwrap();
        config.add_file(&path, trusted, target).map(|()| config).map_err(|e| e.to_string())
    }

    #[test]
    fn settings_of_all_targets_come_before_those_of_one() {
        let config = read(
            "include = ['/opt/sqlite']\ncflags = '-DA -DB=\"x y\"'\n\
             [target.linux-arm64]\ninclude = ['/opt/arm']\nldflags = ['-lm']\n\
             [target.x86_64-linux-gnu]\ndefine = ['NO']\n",
            false,
        )
        .unwrap();
        assert_eq!(config.cflags, ["-I/opt/sqlite", "-DA", "-DB=x y", "-I/opt/arm"]);
        assert_eq!(config.ldflags, ["-lm"]);
    }

    #[test]
    fn a_name_without_a_version_gets_the_configured_glibc() {
        let config =
            read("[target.linux-arm64]\nglibc = '2.36'\n[target.x86_64-linux-gnu]\nglibc = '2.17'\n", false).unwrap();
        let of = |name: &str| Target::parse(name).unwrap().with_configured_glibc(config.glibc).map(Target::full_name);
        assert_eq!(of("aarch64-linux-gnu").unwrap(), "aarch64-linux-gnu.2.36");
        assert_eq!(of("aarch64-linux-gnu.2.28").unwrap(), "aarch64-linux-gnu.2.28");
        assert_eq!(of("aarch64-linux-musl").unwrap(), "aarch64-linux-musl");
        assert!(read("glibc = '3'", true).unwrap_err().contains("glibc"));
    }

    #[test]
    fn a_project_cannot_name_a_program() {
        for line in [
            "zig = '/tmp/evil'",
            "cflags = '-fplugin=./evil.so'",
            "cflags = '-B.'",
            "cflags = '-Xclang -load'",
            "ldflags = '-fuse-ld=/tmp/evil'",
            "ldflags = '--ld-path=evil'",
            "ldflags = '-Wl,-z,now,--load-pass-plugin=evil.so'",
            "cflags = '@file'",
            "cflags = '-no-integrated-as'",
            "cflags = '--prefix=.'",
            "cflags = ['--prefix', '.']",
            "cxxflags = '-Wp,-load,evil.so'",
            "ldflags = '-Wl,--thinlto-distributor=evil'",
            "define = ['@file']",
            "[target.linux-arm64]\ncflags = '--driver-mode=cl'",
        ] {
            assert!(read(line, false).is_err(), "{line}");
            assert!(read(line, true).is_ok(), "{line}");
        }
    }

    #[test]
    fn a_broken_file_is_one_clear_message() {
        assert!(read("includ = ['x']", true).unwrap_err().contains("includ"));
        assert!(read("include = 'x", true).unwrap_err().contains("xcc.toml"));
        assert!(read("[target.foo]", true).unwrap_err().contains("unknown target triple 'foo'"));
    }
}
