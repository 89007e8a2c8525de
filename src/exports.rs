//! What build systems are told about a target: `xcc env` prints the variables of shells, Go and Cargo, a toolchain file for
//! CMake, a cross file for Meson and a toolchain for Bazel, all from one table of tools.

mod autoconf;
mod bazel;
mod cmake;
mod machines;
mod meson;
pub(crate) mod reproducible;
mod runners;
mod shells;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::dirs;
use crate::driver;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::links;
use crate::osxcross;
use crate::personality;
use crate::pkg_config;
use crate::sysroot::{self, Component};
use crate::target::Target;
use crate::target::macos::Version;
use crate::whole_file;
use crate::zig::fnv;

pub(crate) use autoconf::host as configure_host;
pub(crate) use machines::rust_triple;
pub(crate) use runners::{RUNNERS as EMULATORS, lacking, on_path, runner};
pub(crate) use shells::Shell;

/// The form of the answer, and for whom the variables are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Variables(Shell, Audience),
    Cmake,
    Meson,
    Bazel,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Audience {
    /// Everything: `CC` and the other names that make and configure know, Cargo's, Go's, the files for CMake and Meson.
    All,
    /// Only what Cargo, cc-rs, pkg-config and bindgen read for this target: a build script's own C stays the host's.
    Cargo,
    /// What `go build` reads.
    Go,
}

/// A tool, and what build systems call it; empty where one has no name for it.
struct Tool {
    name: &'static str,
    variable: &'static str,
    cmake: &'static str,
    meson: &'static str,
    /// cc-rs, Cargo and the pkg-config crate read the variable with the target's triple behind it.
    of_cargo: bool,
}

const fn tool(name: &'static str, variable: &'static str, cmake: &'static str, meson: &'static str) -> Tool {
    Tool { name, variable, cmake, meson, of_cargo: false }
}

const fn of_cargo(name: &'static str, variable: &'static str, cmake: &'static str, meson: &'static str) -> Tool {
    Tool { name, variable, cmake, meson, of_cargo: true }
}

/// Those of Windows are printed for Windows alone.
const TOOLS: &[Tool] = &[
    of_cargo("cc", "CC", "CMAKE_C_COMPILER", "c"),
    of_cargo("c++", "CXX", "CMAKE_CXX_COMPILER", "cpp"),
    tool("cc", "", "CMAKE_ASM_COMPILER", ""),
    tool("cpp", "CPP", "", ""),
    tool("ld", "LD", "CMAKE_LINKER", ""),
    of_cargo("ar", "AR", "CMAKE_AR", "ar"),
    of_cargo("ranlib", "RANLIB", "CMAKE_RANLIB", "ranlib"),
    tool("nm", "NM", "CMAKE_NM", "nm"),
    tool("strip", "STRIP", "CMAKE_STRIP", "strip"),
    tool("objcopy", "OBJCOPY", "CMAKE_OBJCOPY", "objcopy"),
    tool("objdump", "OBJDUMP", "CMAKE_OBJDUMP", "objdump"),
    tool("readelf", "READELF", "CMAKE_READELF", "readelf"),
    tool("size", "SIZE", "", "size"),
    tool("strings", "STRINGS", "", ""),
    tool("c++filt", "CXXFILT", "", ""),
    tool("addr2line", "ADDR2LINE", "CMAKE_ADDR2LINE", ""),
    tool("windres", "WINDRES", "CMAKE_RC_COMPILER", "windres"),
    tool("dlltool", "DLLTOOL", "CMAKE_DLLTOOL", "dlltool"),
    tool("install_name_tool", "INSTALL_NAME_TOOL", "CMAKE_INSTALL_NAME_TOOL", "install_name_tool"),
    tool("lipo", "LIPO", "", "lipo"),
    tool("otool", "OTOOL", "CMAKE_OTOOL", "otool"),
    of_cargo("pkg-config", "PKG_CONFIG", "PKG_CONFIG_EXECUTABLE", "pkg-config"),
];

/// Everything that the printed text depends on.
pub(crate) struct Facts {
    pub(crate) target: Target,
    /// The path of each tool, by name.
    paths: Vec<(&'static str, PathBuf)>,
    sysroot: PathBuf,
    /// Where else CMake looks for libraries: the directories above those of `xcc.toml`.
    roots: Vec<PathBuf>,
    /// What Cargo starts the target's programs with, where something can.
    runner: Option<String>,
    /// The host has a C compiler of its own.
    host_cc: bool,
    /// The user has a site file of Autoconf's.
    own_site: bool,
    /// The oldest macOS, for Cargo.
    oldest_macos: Option<Version>,
    /// Where a pkg-config that is not xcc's finds the target's packages.
    packages: Vec<(&'static str, OsString)>,
    /// The machine's own pkg-config, for what is built to run here.
    host_pkg_config: Option<String>,
    /// Where files for CMake and Meson are kept.
    cache: PathBuf,
}

/// The text for one target.
///
/// # Errors
/// Where the target is not one of Go's, zig cannot be found, or a link to xcc cannot be made.
pub(crate) fn text(target: Target, form: Form, reproducible: bool, argv0: &Path, env: &Env) -> Result<String> {
    let facts = Facts::gather(target, argv0, env, form_needs_headers(form))?;
    let audience = if let Form::Variables(_, audience) = form { audience } else { Audience::All };
    reproducible::say(&level_note(target, audience).into_iter().collect::<Vec<_>>());
    match form {
        Form::Variables(shell, audience) => {
            let mut variables = facts.variables(audience)?;
            if reproducible {
                let more = reproducible::variables(&facts, audience, env)?;
                reproducible::say(&more.complete(&mut variables));
            }
            shell.text(&variables)
        }
        Form::Cmake => cmake::file(&facts),
        Form::Meson => meson::file(&facts),
        Form::Bazel => bazel::text(&facts, env),
    }
}

/// What is to be said where Go alone follows the level of amd64 that was asked for.
pub(crate) fn level_note(target: Target, audience: Audience) -> Option<String> {
    let level = target.higher_level().filter(|_| audience != Audience::Go)?;
    let told = if audience == Audience::All { format!("GOAMD64={level} is for Go alone: ") } else { String::new() };
    Some(format!(
        "{told}C and Rust are compiled for every x86-64 without -march=x86-64-{level}, target-cpu=x86-64-{level}"
    ))
}

/// bindgen reads the C++ headers too, and no compiler call of ours may come before it.
fn form_needs_headers(form: Form) -> bool {
    matches!(form, Form::Variables(_, Audience::All | Audience::Cargo))
}

impl Facts {
    /// # Errors
    /// Where zig cannot be found, or the cache cannot be written.
    pub(crate) fn gather(target: Target, argv0: &Path, env: &Env, headers: bool) -> Result<Facts> {
        let config = Config::load(target, env)?;
        let target = target.with_configured_glibc(config.glibc)?;
        let osxcross = osxcross::chosen(target, &config, env)?;
        let (cache, own, packages) = match &osxcross {
            Some(found) => {
                let cache = dirs::cache(env).unwrap_or_else(|| dirs::temporary_cache(env));
                (cache, found.sdk(), found.sdk())
            }
            None => {
                let setup = driver::setup_of(target, &config, env)?;
                // CMake wants the SDK to be there before it calls a compiler.
                if (headers || target.is_macos()) && config.sysroot.is_none() {
                    let components = [Component::Base, Component::CxxHeaders];
                    let there_are = if target.is_bare() { &components[..1] } else { &components[..] };
                    sysroot::ensure(&setup.cache, &setup.zig, target, there_are)?;
                }
                let root = target.root(&setup.sysroot);
                (setup.cache, root, setup.sysroot)
            }
        };
        let packages = config.sysroot.as_ref().map_or(packages, PathBuf::from);
        let packages = pkg_config::for_others(target, &config, &packages)?;
        let host_pkg_config = pkg_config::of_this_machine(env);
        let mut paths: Vec<(&str, PathBuf)> = Vec::new();
        let beside = directory_of(argv0, env);
        let is_for_it = |tool: &&Tool| {
            (target.is_windows() || !personality::OF_WINDOWS.contains(&tool.name))
                && (target.is_macos() || !personality::OF_MACOS.contains(&tool.name))
        };
        for tool in TOOLS.iter().filter(is_for_it) {
            let name = format!("xcc-{target}-{}", tool.name);
            let installed = beside.iter().map(|dir| dir.join(&name)).find(|path| path.is_file());
            paths.push((tool.name, installed.map_or_else(|| links::ensure(&cache, &name), Ok)?));
        }
        let libraries = config.ldflags.iter().filter_map(|flag| flag.to_str()?.strip_prefix("-L"));
        let roots = libraries.filter_map(|dir| Some(Path::new(dir).parent()?.to_owned())).collect();
        let sysroot = config.sysroot.map_or(own, PathBuf::from);
        let runner = runners::find(target, env);
        let own_site = autoconf::is_users_own(&cache, env);
        let host_cc = on_path("cc", env).is_some();
        let is_said = env.get(env::MACOSX_DEPLOYMENT_TARGET).is_some();
        let oldest_macos = target.macos.or(cargos_macos(target).filter(|_| !is_said));
        Ok(Facts {
            target,
            paths,
            sysroot,
            roots,
            runner,
            host_cc,
            own_site,
            oldest_macos,
            packages,
            host_pkg_config,
            cache,
        })
    }
}

/// rustc's own default, where the cc crate has another for C, which it warns of: 10.7 on x86_64.
fn cargos_macos(target: Target) -> Option<Version> {
    target.macos_version().filter(|_| target.row.emulation == "x86_64")
}

/// The directory that xcc was called from, where its other names are installed too.
fn directory_of(argv0: &Path, env: &Env) -> Option<PathBuf> {
    if argv0.components().count() > 1 {
        // Component by component: without the `.` of `./xcc`.
        return Some(env.cwd.join(argv0.parent()?).components().collect());
    }
    let own = dirs::executable().ok()?;
    let same = |dir: &PathBuf| dir.is_absolute() && dir.join(argv0).canonicalize().is_ok_and(|file| file == own);
    std::env::split_paths(env.get(env::PATH)?).find(same)
}

impl Facts {
    fn path(&self, tool: &str) -> Result<&str> {
        let path = self.paths.iter().find(|(name, _)| *name == tool).map(|(_, path)| path.as_path());
        text_of(path.unwrap_or(Path::new("")))
    }

    /// The tools there are, with their paths.
    fn tools(&self) -> impl Iterator<Item = (&'static Tool, Result<&str>)> {
        let known = |tool: &&Tool| self.paths.iter().any(|(name, _)| *name == tool.name);
        TOOLS.iter().filter(known).map(|tool| (tool, self.path(tool.name)))
    }

    /// The variables for one reader or for all.
    ///
    /// # Errors
    /// Where the target is none of Go's or Rust's and they are asked for, or a path is not text.
    pub(crate) fn variables(&self, audience: Audience) -> Result<Vec<(String, String)>> {
        let mut all = Variables::default();
        match audience {
            Audience::Go => self.of_go(&mut all, true)?,
            Audience::Cargo => self.of_cargo(&mut all, true)?,
            Audience::All => {
                for (tool, path) in self.tools().filter(|(tool, _)| !tool.variable.is_empty()) {
                    all.set(tool.variable, path?);
                }
                if self.host_cc {
                    // Without them the cc crate takes CC for the C of a build script too, which runs here.
                    HOSTS.iter().for_each(|(name, value)| all.set(*name, *value));
                }
                self.of_pkg_config(&mut all)?;
                self.of_cargo(&mut all, false)?;
                self.of_go(&mut all, false)?;
                all.set("CMAKE_TOOLCHAIN_FILE", text_of(&self.cmake_file()?)?);
                all.set("MESON_CROSS_FILE", text_of(&self.meson_file()?)?);
                if !self.own_site {
                    all.set(env::CONFIG_SITE, text_of(&self.file("site", &autoconf::site(self)?)?)?);
                }
            }
        }
        Ok(all.0)
    }

    /// For builds that call pkg-config by its name; and how those of them that build for this machine too see its packages.
    fn of_pkg_config(&self, all: &mut Variables) -> Result<()> {
        for (name, value) in &self.packages {
            all.set(*name, text_of(Path::new(value))?);
        }
        all.set("PKG_CONFIG_ALLOW_CROSS", "1");
        if let Some(command) = &self.host_pkg_config {
            HOSTS_PKG_CONFIG.iter().for_each(|(name, _)| all.set(*name, command));
        }
        Ok(())
    }

    /// What `go build` reads. `alone`: with the tools, and an error where Go does not know the target.
    fn of_go(&self, all: &mut Variables, alone: bool) -> Result<()> {
        let Some((goos, goarch, variant)) = self.target.row.go else {
            return if alone { Err(self.not_of("Go", "go build")) } else { Ok(()) };
        };
        [("CGO_ENABLED", "1"), ("GOOS", goos), ("GOARCH", goarch)]
            .into_iter()
            .for_each(|(name, value)| all.set(name, value));
        if let Some(name) = machines::go_variable(goarch).filter(|_| !variant.is_empty()) {
            all.set(name, variant);
        }
        if let Some(level) = self.target.level {
            all.set("GOAMD64", level);
        }
        let tools =
            self.tools().filter(|(tool, _)| alone && ["CC", "CXX", "AR", "PKG_CONFIG"].contains(&tool.variable));
        for (tool, path) in tools {
            all.set(tool.variable, path?);
        }
        Ok(())
    }

    fn not_of(&self, language: &str, command: &str) -> Error {
        let message = format!("'{}' is not a target of {language}", self.target.row.name);
        match self.target.is_universal() {
            true => {
                let help = format!("it is built twice and joined by: xcc run -t {} -- {command}", self.target);
                Error::with_help(message, help)
            }
            false => Error::message(message),
        }
    }

    /// What Cargo and its build scripts read. `alone`: an error where Rust does not know the target.
    fn of_cargo(&self, all: &mut Variables, alone: bool) -> Result<()> {
        let Some(triple) = rust_triple(self.target) else {
            return if alone { Err(self.not_of("Rust", "cargo build")) } else { Ok(()) };
        };
        let lower = triple.replace('-', "_");
        let upper = lower.to_uppercase();
        all.set("CARGO_BUILD_TARGET", triple);
        all.set(format!("CARGO_TARGET_{upper}_LINKER"), self.path("cc")?);
        if let Some(runner) = &self.runner {
            all.set(format!("CARGO_TARGET_{upper}_RUNNER"), runner);
        }
        for (tool, path) in self.tools().filter(|(tool, _)| tool.of_cargo) {
            all.set(format!("{}_{lower}", tool.variable), path?);
        }
        // Old versions of the pkg-config crate refuse without.
        all.set(format!("PKG_CONFIG_ALLOW_CROSS_{lower}"), "1");
        all.set(format!("BINDGEN_EXTRA_CLANG_ARGS_{lower}"), bindgen(self)?);
        if self.target.is_macos() {
            // rustc looks for an SDK by Apple's xcrun otherwise, and warns that there is none.
            all.set("SDKROOT", text_of(&self.sysroot)?);
            if let Some(version) = self.oldest_macos {
                all.set("MACOSX_DEPLOYMENT_TARGET", version.to_string());
            }
        }
        Ok(())
    }

    /// The toolchain file of this text in the cache, made if it is missing.
    ///
    /// # Errors
    /// Where the cache cannot be written.
    pub(crate) fn cmake_file(&self) -> Result<PathBuf> {
        self.file("cmake", &cmake::file(self)?)
    }

    /// The cross file of this text in the cache, made if it is missing.
    ///
    /// # Errors
    /// Where the cache cannot be written.
    pub(crate) fn meson_file(&self) -> Result<PathBuf> {
        self.file("ini", &meson::file(self)?)
    }

    /// The name has the text's digest: what a build directory has been told stays what it was.
    fn file(&self, ending: &str, text: &str) -> Result<PathBuf> {
        let dir = self.cache.join("env");
        let path = dir.join(format!("{}-{:016x}.{ending}", self.target, fnv(text.as_bytes())));
        if path.is_file() {
            return Ok(path);
        }
        std::fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
        whole_file::write(&path, text.as_bytes())?;
        Ok(path)
    }

    /// What the build systems that know GNU's names call a tool, for make's command line.
    pub(crate) fn assignments(&self, names: &[&str]) -> Result<Vec<(String, String)>> {
        let tools = self.tools().filter(|(tool, _)| names.contains(&tool.variable));
        tools.map(|(tool, path)| Ok((tool.variable.to_owned(), path?.to_owned()))).collect()
    }
}

/// The host's own tools, by the names that the cc crate (and LuaJIT, among others) reads.
const HOSTS: &[(&str, &str)] = &[("HOST_CC", "cc"), ("HOST_CXX", "c++"), ("HOST_AR", "ar")];

/// The host's pkg-config, and who reads the variable.
const HOSTS_PKG_CONFIG: &[(&str, &str)] = &[
    ("PKG_CONFIG_FOR_BUILD", "Meson's native dependencies, Autoconf's macros"),
    ("HOSTPKG_CONFIG", "Linux and U-Boot"),
];

#[derive(Default)]
struct Variables(Vec<(String, String)>);

impl Variables {
    fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }
}

/// None of the formats can hold a path that is not text.
fn text_of(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| Error::message(format!("'{}' is not UTF-8", path.display())))
}

/// What another libclang needs to read the target's headers: the processor flags, for the ABI, and where the headers are.
/// Not clang's own headers, which must be those of that libclang.
fn bindgen(facts: &Facts) -> Result<String> {
    let row = facts.target.row;
    let sysroot = text_of(&facts.sysroot)?;
    let mut words = vec![format!("--target={}", row.clang), format!("--sysroot={sysroot}")];
    let usr = if facts.target.is_windows() { sysroot.to_owned() } else { format!("{sysroot}/usr") };
    if let Some(version) = facts.target.macos_version() {
        words.push(format!("-mmacos-version-min={version}"));
    } else if !facts.target.is_windows() {
        // Without it clang looks for a GCC of the target beside itself, and takes its headers.
        words.push(format!("--gcc-toolchain={usr}"));
    }
    words.extend(row.clang_flags.iter().map(|flag| flag.to_string()));
    if !facts.target.is_bare() {
        words.extend(["-stdlib=libc++".into(), format!("-stdlib++-isystem{usr}/include/c++/v1")]);
    }
    // bindgen splits as a shell does; what no shell would split stays readable.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+/.,:".contains(c);
    if words.iter().all(|word| word.chars().all(plain)) {
        return Ok(words.join(" "));
    }
    shlex::try_join(words.iter().map(String::as_str)).map_err(|_| Error::message("a path contains a zero byte"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(super) fn facts(target: &str) -> Facts {
        let names = TOOLS.iter().map(|tool| tool.name).filter(|name| personality::is_tool(name));
        let target = Target::parse(target).unwrap();
        Facts {
            target,
            oldest_macos: target.macos.or(cargos_macos(target)),
            paths: names.map(|name| (name, PathBuf::from(format!("/b in/xcc-T-{name}")))).collect(),
            sysroot: "/S".into(),
            roots: vec!["/opt/arm".into()],
            runner: None,
            host_cc: true,
            own_site: false,
            packages: vec![("PKG_CONFIG_LIBDIR", "/S/usr/lib/pkgconfig".into())],
            host_pkg_config: Some("env -u X pkgconf".into()),
            cache: std::env::temp_dir(),
        }
    }

    fn value(target: &str, audience: Audience, name: &str) -> Option<String> {
        let all = facts(target).variables(audience).unwrap();
        all.into_iter().find(|(set, _)| set == name).map(|(_, value)| value)
    }

    #[test]
    fn variables_carry_the_names_that_each_tool_reads() {
        let cargo = |name| value("riscv64-linux-gnu", Audience::Cargo, name);
        assert_eq!(cargo("CARGO_TARGET_RISCV64GC_UNKNOWN_LINUX_GNU_LINKER").unwrap(), "/b in/xcc-T-cc");
        assert_eq!(cargo("PKG_CONFIG_riscv64gc_unknown_linux_gnu").unwrap(), "/b in/xcc-T-pkg-config");
        assert!(cargo("BINDGEN_EXTRA_CLANG_ARGS_riscv64gc_unknown_linux_gnu").unwrap().contains("--sysroot=/S"));
        assert_eq!(cargo("CC"), None, "a build script's own C must stay the host's");
        let go = |name| value("armv6-linux-gnueabihf", Audience::Go, name).unwrap();
        assert_eq!([go("GOOS"), go("GOARCH"), go("GOARM"), go("CGO_ENABLED")], ["linux", "arm", "6", "1"]);
        let mac = |name| value("aarch64-macos.12.3", Audience::Cargo, name);
        assert_eq!(mac("SDKROOT").unwrap(), "/S", "rustc asks xcrun without it");
        assert_eq!(mac("MACOSX_DEPLOYMENT_TARGET").unwrap(), "12.3");
        assert_eq!(mac("CARGO_TARGET_AARCH64_APPLE_DARWIN_LINKER").unwrap(), "/b in/xcc-T-cc");
        assert_eq!(value("aarch64-macos", Audience::Cargo, "MACOSX_DEPLOYMENT_TARGET"), None, "rustc has a default");
        assert_eq!(value("x86_64-macos", Audience::Cargo, "MACOSX_DEPLOYMENT_TARGET").unwrap(), "10.12");
        let both = facts("universal-macos");
        assert!(cmake::file(&both).unwrap().contains("CMAKE_OSX_ARCHITECTURES \"arm64;x86_64\""));
        assert!(both.variables(Audience::Go).unwrap_err().help().unwrap().contains("xcc run -t universal-macos -- go"));
        assert_eq!(value("mips-linux-gnueabi", Audience::Go, "GOMIPS").unwrap(), "softfloat");
        assert_eq!(value("aarch64-linux-gnu", Audience::All, "CXX").unwrap(), "/b in/xcc-T-c++");
        let packages = |audience| value("aarch64-linux-gnu", audience, "PKG_CONFIG_LIBDIR");
        assert_eq!(packages(Audience::All).unwrap(), "/S/usr/lib/pkgconfig");
        assert_eq!(packages(Audience::Cargo), None, "build scripts of this machine read it too");
        assert_eq!(value("arm64", Audience::All, "PKG_CONFIG_FOR_BUILD").unwrap(), "env -u X pkgconf");
    }

    #[test]
    fn a_level_of_amd64_is_gos() {
        let facts = Facts { target: Target::of_platform("linux/amd64/v3").unwrap(), ..facts("linux/amd64") };
        for audience in [Audience::All, Audience::Go] {
            let all = facts.variables(audience).unwrap();
            assert!(all.contains(&("GOAMD64".into(), "v3".into())), "{all:?}");
        }
        assert_eq!(value("linux/amd64", Audience::Go, "GOAMD64"), None, "that of the user stays");
        assert_eq!(level_note(facts.target, Audience::Go), None);
        for audience in [Audience::All, Audience::Cargo] {
            assert!(level_note(facts.target, audience).unwrap().contains("-march=x86-64-v3"));
        }
        assert_eq!(level_note(Target::of_platform("linux/amd64/v1").unwrap(), Audience::All), None);
    }

    #[test]
    fn no_tool_is_printed_that_xcc_is_not() {
        for text in [cmake::file(&facts("armhf")).unwrap(), meson::file(&facts("armhf")).unwrap()] {
            for word in text.split(['"', '\'']).filter_map(|word| word.strip_prefix("/b in/xcc-T-")) {
                assert!(personality::is_tool(word), "{word}");
            }
        }
    }

    #[test]
    fn every_target_has_files_for_cmake_and_meson() {
        for row in Target::all() {
            let cmake = cmake::file(&facts(row.name)).unwrap();
            assert!(cmake.contains("set(CMAKE_C_COMPILER \"/b in/xcc-T-cc\")\n"), "{cmake}");
            assert!(!cmake.contains("PROCESSOR )"), "{}: {cmake}", row.name);
            let meson = meson::file(&facts(row.name)).unwrap();
            assert!(meson.contains("\nc = '/b in/xcc-T-cc'\n") && !meson.contains("= ''"), "{}: {meson}", row.name);
        }
    }
}
