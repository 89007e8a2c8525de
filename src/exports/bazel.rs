//! A C++ toolchain for Bazel: one file of Starlark with everything that depends on the target and on this machine in front,
//! and the same rules behind it for all.
//!
//! Bazel runs compilers without the user's environment, so what is in force where the file is printed is printed into it.
//! With a relative `XCC_CACHE_DIR` all paths are the workspace's, as another machine that executes actions needs it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{Facts, machines, text_of};
use crate::config::Config;
use crate::darwin_ld;
use crate::dirs;
use crate::driver;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::links;
use crate::sysroot::{self, Component};
use crate::target::Target;

/// Bazel's names of tools, with the one of xcc's; `gcc` is the compiler of C and of C++.
const TOOLS: &[(&str, &str)] = &[
    ("ar", "ar"),
    ("cpp", "cpp"),
    ("gcc", "cc"),
    ("ld", "ld"),
    ("nm", "nm"),
    ("objcopy", "objcopy"),
    ("objdump", "objdump"),
    ("strip", "strip"),
];

/// Tools that Bazel wants a path of, and starts only for what xcc has not: coverage by gcov, split debugging information.
const MISSING: &[&str] = &["dwp", "gcov"];

/// Options of the configuration with a directory of headers behind them, which Bazel has to be told of.
const HEADER_OPTIONS: &[&str] = &["-I", "-isystem", "-idirafter", "-iquote"];

/// Rules, which look at nothing but the constants before them.
const RULES: &str = include_str!("bazel.bzl");

/// The file.
///
/// # Errors
/// Where Bazel's platforms have no such target, the sysroot cannot be made, or a path is outside a workspace that everything
/// has to be in.
pub(super) fn text(facts: &Facts, env: &Env) -> Result<String> {
    let target = facts.target;
    let constraints = machines::bazel(target)
        .ok_or_else(|| Error::message(format!("'{}' is no target that 'xcc env --bazel' knows", target.row.name)))?;
    let config = Config::load(target, env)?;
    let setup = driver::setup_of(target, &config, env)?;
    // An action may find a cache that it cannot write.
    sysroot::ensure(
        &setup.cache,
        &setup.zig,
        target,
        &[Component::Base, Component::CxxHeaders, Component::CxxLibrary],
    )?;
    links::ensure(&setup.cache, driver::LINKER)?;

    let place = Place::new(env);
    let sysroot = place.name(&setup.sysroot)?;
    let zig = place.name(&setup.zig.path)?;
    let mut tools: Vec<(&str, String)> = Vec::new();
    for (name, own) in TOOLS {
        tools.push((name, place.name(Path::new(facts.path(own)?))?));
    }
    let mut files = Vec::new();
    if place.is_relative {
        files.extend(tools.iter().map(|(_, path)| path.clone()));
        files.extend([zig.clone(), format!("{sysroot}/**")]);
    }
    tools.extend(MISSING.iter().map(|name| (*name, "/bin/false".to_owned())));
    let mut headers = vec![if place.is_relative { format!("%workspace%/{sysroot}") } else { sysroot }];
    headers.extend(directories(&config)?);

    let mut text = format!(
        "# Bazel's C++ toolchain for {target}, printed by 'xcc env --bazel {target}'.\n#\n\
         #     load(\":THIS_FILE.bzl\", \"xcc_toolchain\")       # in the BUILD file beside it\n\
         #     xcc_toolchain(name = \"{target}\")\n\
         #     register_toolchains(\"//DIRECTORY:all\")        # in MODULE.bazel\n\
         #     bazel build --platforms=//DIRECTORY:{target} //...\n\n\
         load(\"@rules_cc//cc:action_names.bzl\", \"ACTION_NAMES\")\n\
         load(\n    \"@rules_cc//cc:cc_toolchain_config_lib.bzl\",\n    \"artifact_name_pattern\",\n    \"env_entry\",\n    \
         \"env_set\",\n    \"feature\",\n    \"flag_group\",\n    \"flag_set\",\n    \"tool_path\",\n    \
         \"variable_with_value\",\n)\n\
         load(\"@rules_cc//cc:defs.bzl\", \"CcToolchainConfigInfo\", \"cc_common\", \"cc_toolchain\")\n\n",
    );
    for (name, value) in [
        ("TARGET", target.full_name()),
        ("TRIPLE", target.row.clang.to_owned()),
        ("CPU", machines::of(target).uname.to_owned()),
        ("LIBC", libc(target).to_owned()),
        ("UNUSED", if target.is_macos() { "-Wl,-dead_strip" } else { "-Wl,--gc-sections" }.to_owned()),
    ] {
        let _ = writeln!(text, "_{name} = {}", quoted(&value));
    }
    list(&mut text, "CONSTRAINTS", &constraints);
    map(&mut text, "TOOLS", &tools);
    list(&mut text, "HEADERS", &headers);
    list(&mut text, "FILES", &files);
    let mut environment = environment(&config, zig, place.name(&setup.cache)?)?;
    if target.is_macos() {
        environment.extend(of_macos(env)?);
    }
    map(&mut text, "ENVIRONMENT", &environment);
    let of_system = EXTENSIONS.iter().filter(|(system, ..)| *system == machines::system(target).cmake);
    map(&mut text, "EXTENSIONS", &of_system.map(|(_, kind, end)| (*kind, (*end).to_owned())).collect::<Vec<_>>());
    list(&mut text, "LIBRARIES", &["-lc++", "-lm"].map(str::to_owned));
    list(&mut text, "CAPABILITIES", &capabilities(target));
    text.push_str(RULES);
    Ok(text)
}

/// How files are named: below the working directory, which is the workspace, where the cache is.
struct Place<'a> {
    root: &'a Path,
    is_relative: bool,
}

impl<'a> Place<'a> {
    fn new(env: &'a Env) -> Place<'a> {
        Place { root: &env.cwd, is_relative: dirs::relative_cache(env).is_some() }
    }

    fn name(&self, path: &Path) -> Result<String> {
        if !self.is_relative {
            return text_of(path).map(str::to_owned);
        }
        let inside = path.strip_prefix(self.root).map_err(|_| {
            Error::with_help(
                format!("'{}' is not below '{}'", path.display(), self.root.display()),
                "with a relative XCC_CACHE_DIR everything has to be in the workspace: 'xcc shims' puts xcc's names there, \
                 and XCC_ZIG names a copy of zig",
            )
        })?;
        text_of(inside).map(str::to_owned)
    }
}

/// What xcc is told in place of the user's environment.
fn environment(config: &Config, zig: String, cache: String) -> Result<Vec<(&'static str, String)>> {
    let mut all = vec![
        (env::XCC_CACHE_DIR, cache),
        // No file of whoever executes the action; what this user's say is in the other variables.
        (env::XCC_CONFIG, "/dev/null".to_owned()),
        (env::XCC_ZIG, zig),
    ];
    let sysroot = config.sysroot.as_deref().map(|dir| text_of(Path::new(dir)).map(|dir| format!("--sysroot={dir}")));
    let sysroot = sysroot.transpose()?;
    for (name, flags) in
        [(env::XCC_CFLAGS, &config.cflags), (env::XCC_CXXFLAGS, &config.cxxflags), (env::XCC_LDFLAGS, &config.ldflags)]
    {
        let mut words = flags.iter().map(|word| text_of(Path::new(word))).collect::<Result<Vec<&str>>>()?;
        words.extend(sysroot.as_deref().filter(|_| name != env::XCC_CXXFLAGS));
        let line = shlex::try_join(words).map_err(|_| Error::message("a flag contains a zero byte"))?;
        all.extend(Some((name, line)).filter(|(_, line)| !line.is_empty()));
    }
    all.extend(Some((env::XCC_GUARD, config.guard.text())).filter(|(_, levels)| !levels.is_empty()));
    all.extend(config.backend.clone().map(|backend| (env::XCC_BACKEND, backend)));
    all.sort_unstable();
    Ok(all)
}

/// Where the configuration has headers.
fn directories(config: &Config) -> Result<Vec<String>> {
    let mut found: Vec<PathBuf> = config.sysroot.iter().map(PathBuf::from).collect();
    let mut words = config.cflags.iter().chain(&config.cxxflags);
    while let Some(word) = words.next() {
        let word = text_of(Path::new(word))?;
        let Some(option) = HEADER_OPTIONS.iter().find(|option| word.starts_with(**option)) else { continue };
        let dir = &word[option.len()..];
        found.extend(if dir.is_empty() { words.next().map(PathBuf::from) } else { Some(PathBuf::from(dir)) });
    }
    found.iter().map(|dir| text_of(dir).map(str::to_owned)).collect()
}

/// The linker for macOS and the oldest macOS, which the sandbox has no home and no PATH to find.
fn of_macos(env: &Env) -> Result<Vec<(&'static str, String)>> {
    let linker = darwin_ld::linker(env)?.map_or(Ok("zig".to_owned()), |path| text_of(&path).map(str::to_owned))?;
    let oldest =
        env.text(env::MACOSX_DEPLOYMENT_TARGET).map(|oldest| (env::MACOSX_DEPLOYMENT_TARGET, oldest.to_owned()));
    Ok(oldest.into_iter().chain([(env::XCC_DARWIN_LINKER, linker)]).collect())
}

/// What Bazel's own rules know a C library by; of macOS's follows how it says that a library is linked as a whole.
fn libc(target: Target) -> &'static str {
    match target {
        target if target.glibc_minor().is_some() => "glibc",
        target if target.is_macos() => "macosx",
        _ => "unknown",
    }
}

/// CMake's name of a system, Bazel's of a kind of file, and how such files end there, where it is not as Bazel has it by itself.
const EXTENSIONS: &[(&str, &str, &str)] = &[
    ("Darwin", "dynamic_library", ".dylib"),
    ("Windows", "dynamic_library", ".dll"),
    ("Windows", "executable", ".exe"),
];

/// Features of Bazel's that are a word: code for shared libraries, where it is other code, and shared libraries, where programs
/// have a loader and Bazel knows how it is told of them.
fn capabilities(target: Target) -> Vec<String> {
    let loads = target.glibc_minor().is_some() || target.is_bsd();
    let count = if target.is_windows() || target.is_macos() { 0 } else { 1 + usize::from(loads) };
    ["supports_pic", "supports_dynamic_linker"][..count].iter().map(|name| name.to_string()).collect()
}

/// Text of Starlark.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn list(text: &mut String, name: &str, items: &[String]) {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    let _ = writeln!(text, "_{name} = [{}]", items.join(", "));
}

fn map(text: &mut String, name: &str, items: &[(&str, String)]) {
    let _ = writeln!(text, "_{name} = {{");
    for (key, value) in items {
        let _ = writeln!(text, "    {}: {},", quoted(key), quoted(value));
    }
    text.push_str("}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_machine_are_text_of_starlark() {
        assert_eq!(quoted("a \"b\\\n"), r#""a \"b\\\n""#);
        let mut text = String::new();
        map(&mut text, "T", &[("ar", "/b in/ar".to_owned())]);
        list(&mut text, "L", &["x".to_owned(), "y".to_owned()]);
        assert_eq!(text, "_T = {\n    \"ar\": \"/b in/ar\",\n}\n_L = [\"x\", \"y\"]\n");
    }

    #[test]
    fn a_path_outside_a_workspace_that_has_everything_is_an_error() {
        let mut env = Env::of(&[(env::XCC_CACHE_DIR, "third_party/cache")]);
        env.cwd = "/ws".into();
        let place = Place::new(&env);
        assert_eq!(place.name(Path::new("/ws/bin/xcc")).unwrap(), "bin/xcc");
        assert!(place.name(Path::new("/usr/bin/xcc")).unwrap_err().to_string().contains("/usr/bin/xcc"));
        let env = Env::of(&[(env::XCC_CACHE_DIR, "/c")]);
        assert_eq!(Place::new(&env).name(Path::new("/usr/bin/xcc")).unwrap(), "/usr/bin/xcc");
    }

    #[test]
    fn the_configurations_directories_of_headers_are_found() {
        let config = Config {
            cflags: ["-I/opt/a", "-DX", "-isystem", "/opt/b"].map(Into::into).to_vec(),
            sysroot: Some("/srv/root".into()),
            ..Config::default()
        };
        assert_eq!(directories(&config).unwrap(), ["/srv/root", "/opt/a", "/opt/b"]);
    }

    #[test]
    fn every_linux_of_go_but_loongarch_and_mips_has_a_platform() {
        for row in Target::all().filter(|row| row.go.is_some_and(|(os, ..)| os == "linux")) {
            let known = machines::bazel(Target::parse(row.name).unwrap()).is_some();
            let without = row.name.starts_with("loongarch") || row.name.starts_with("mips");
            assert_eq!(known, !without, "{}", row.name);
        }
    }
}
