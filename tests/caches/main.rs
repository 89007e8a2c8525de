//! ccache and sccache, in front of xcc and behind `XCC_LAUNCHER`: the second build of a project is all hits, and no two
//! targets, versions of libc or configurations ever share an object. And beyond one machine, played on this one: distcc,
//! icecream, a store that machines share, and actions as Bazel sends them away.

mod bazel;
mod distcc;
mod icecream;
mod shared_store;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A cache with an empty store of its own.
struct Cache {
    program: &'static str,
    dir: PathBuf,
    port: u16,
    /// The address of a Redis that sccache's server stores in.
    store: Option<String>,
}

/// Who starts whom.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    CacheStartsXcc,
    XccStartsCache,
}

const ORDERS: [Order; 2] = [Order::CacheStartsXcc, Order::XccStartsCache];

/// The caches that this machine has; a counted skip for each that it has not.
fn caches() -> Vec<&'static str> {
    let there = |program: &&str| {
        let found = support::which(program).is_some();
        if !found {
            support::skip(&format!("builds behind {program}"), "it is not installed");
        }
        found
    };
    ["ccache", "sccache"].into_iter().filter(there).collect()
}

impl Cache {
    fn new(program: &'static str, store: Option<String>) -> Cache {
        let free = || TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut cache = Cache { program, dir: support::scratch(program), port: free(), store };
        // sccache gives its server ten seconds to answer, which a busy machine may not have, nor keep the port for it.
        for attempt in 1.. {
            if program == "ccache" || cache.own("--start-server").status.success() {
                break;
            }
            assert!(attempt < 5, "sccache's server does not start");
            cache.port = free();
        }
        cache
    }

    fn variables(&self, command: &mut Command) {
        for name in ["CCACHE_COMPILERCHECK", "CCACHE_COMPILERTYPE", "SCCACHE_C_CUSTOM_CACHE_BUSTER"] {
            command.env_remove(name);
        }
        command.env("CCACHE_DIR", &self.dir).env("CCACHE_CONFIGPATH", self.dir.join("ccache.conf"));
        command.env("SCCACHE_DIR", &self.dir).env("SCCACHE_SERVER_PORT", self.port.to_string());
        command.envs(self.store.iter().map(|store| ("SCCACHE_REDIS", store)));
    }

    /// A compilation through the cache.
    fn compiler(&self, order: Order, name: &str, dir: &Path) -> Command {
        let xcc = support::xcc(name);
        let mut command = match order {
            Order::CacheStartsXcc => {
                let mut command = support::command(self.program);
                command.arg(xcc);
                command
            }
            Order::XccStartsCache => {
                let mut command = support::command(xcc);
                command.env("XCC_LAUNCHER", self.program);
                command
            }
        };
        self.variables(&mut command);
        command.current_dir(dir);
        command
    }

    fn own(&self, option: &str) -> Output {
        let mut command = support::command(self.program);
        self.variables(&mut command);
        command.arg(option).stdin(Stdio::null()).output().unwrap()
    }

    /// Hits and misses so far.
    fn counts(&self) -> (u32, u32) {
        let sum = |said: &str, names: &[&str]| {
            let lines = said.lines().filter(|line| {
                names.iter().any(|name| line.strip_prefix(name).is_some_and(|rest| rest.trim().parse::<u32>().is_ok()))
            });
            lines.filter_map(|line| line.split_whitespace().last()?.parse::<u32>().ok()).sum()
        };
        match self.program {
            "ccache" => {
                let said = support::stdout(&self.own("--print-stats"));
                (sum(&said, &["direct_cache_hit", "preprocessed_cache_hit"]), sum(&said, &["cache_miss"]))
            }
            _ => {
                let said = support::stdout(&self.own("--show-stats"));
                (sum(&said, &["Cache hits "]), sum(&said, &["Cache misses "]))
            }
        }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        if self.program != "ccache" {
            self.own("--stop-server");
        }
    }
}

/// zlib as the crate libz-sys carries it; `None` after a counted skip.
fn zlib() -> Option<PathBuf> {
    let dir = support::shared_dir().join("zlib-crate");
    let zlib = dir.join("vendor/libz-sys/src/zlib");
    if !zlib.is_dir() {
        fs::create_dir_all(dir.join("src")).unwrap();
        fs::write(dir.join("src/lib.rs"), "").unwrap();
        let manifest = "[package]\nname = 'z'\nversion = '0.1.0'\nedition = '2021'\n\n[dependencies]\n\
                        libz-sys = '=1.1.22'\n\n[workspace]\n";
        fs::write(dir.join("Cargo.toml"), manifest).unwrap();
        let vendored = support::command("cargo").args(["vendor", "-q", "vendor"]).current_dir(&dir).output().unwrap();
        if !vendored.status.success() || !zlib.is_dir() {
            support::skip("a build of zlib behind a cache", "the registry of crates does not answer");
            return None;
        }
    }
    Some(zlib)
}

#[test]
fn the_second_build_of_zlib_is_all_hits() {
    let Some(zlib) = zlib() else { return };
    for program in caches() {
        for order in ORDERS {
            let dir = support::scratch("zlib");
            support::copy_dir(&zlib, &dir);
            let cache = Cache::new(program, None);
            let entries = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let sources: Vec<String> = entries.filter(|name| name.ends_with(".c")).collect();
            assert!(sources.len() >= 15, "{sources:?}");
            let build = || {
                for source in &sources {
                    let mut compiler = cache.compiler(order, "xcc-aarch64-linux-gnu", &dir);
                    let output = support::run(compiler.args(["-O2", "-fPIC", "-D_LARGEFILE64_SOURCE=1", "-c", source]));
                    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
                }
            };
            build();
            let objects = |dir: &Path| -> Vec<Vec<u8>> {
                sources.iter().map(|source| fs::read(dir.join(source).with_extension("o")).unwrap()).collect()
            };
            let all = u32::try_from(sources.len()).unwrap();
            assert_eq!(cache.counts(), (0, all), "{program}, {order:?}: the first build");
            let first = objects(&dir);
            build();
            assert_eq!(cache.counts(), (all, all), "{program}, {order:?}: the second build");
            assert!(first == objects(&dir), "{program}, {order:?}: other objects");
            // And the objects are what xcc makes without a cache.
            let mut plain = support::command(support::xcc("xcc-aarch64-linux-gnu"));
            plain.args(["-O2", "-fPIC", "-D_LARGEFILE64_SOURCE=1", "-c"]).args(&sources).current_dir(&dir);
            support::run(&mut plain);
            assert!(first == objects(&dir), "{program}, {order:?}: other objects than without a cache");
        }
    }
}

/// Names and variables that each have to have an object of their own.
const DIFFERENT: &[(&str, &[(&str, &str)])] = &[
    ("xcc-aarch64-linux-gnu", &[]),
    ("xcc-x86_64-linux-gnu", &[]),
    ("xcc-aarch64-linux-gnu.2.31", &[]),
    ("xcc-cc", &[("XCC_TARGET", "arm-linux-gnueabihf")]),
    ("xcc-cc", &[("XCC_TARGET", "x86_64-linux-musl")]),
    ("xcc-cc", &[("GOOS", "linux"), ("GOARCH", "arm64"), ("XCC_LIBC", "musl")]),
    ("xcc-aarch64-linux-gnu", &[("XCC_CFLAGS", "-fdata-sections")]),
    ("xcc-aarch64-linux-gnu", &[("XCC_CFLAGS", "-g")]),
    ("xcc-aarch64-linux-gnu", &[("XCC_CONFIG", "one.toml")]),
    ("xcc-aarch64-linux-gnu", &[("XCC_CONFIG", "two.toml")]),
];

/// A source without includes and without a macro looks the same to every target.
#[test]
fn no_two_targets_libcs_or_configurations_share_an_object() {
    for program in caches() {
        for order in ORDERS {
            let dir = support::scratch("different");
            fs::write(dir.join("x.c"), "int x = 1;\n").unwrap();
            fs::write(dir.join("one.toml"), "cflags = '-fPIC -fdata-sections -ffunction-sections'\n").unwrap();
            fs::write(dir.join("two.toml"), "cflags = '-ggdb'\n").unwrap();
            let cache = Cache::new(program, None);
            for round in 0..2 {
                for (name, variables) in DIFFERENT {
                    let case = format!("{program}, {order:?}, round {round}: {name} {variables:?}");
                    let mut compiler = cache.compiler(order, name, &dir);
                    support::run(compiler.envs(variables.iter().copied()).args(["-c", "x.c", "-o", "x.o"]));
                    let mut plain = support::command(support::xcc(name));
                    plain.envs(variables.iter().copied()).args(["-c", "x.c", "-o", "plain.o"]).current_dir(&dir);
                    support::run(&mut plain);
                    assert!(fs::read(dir.join("x.o")).unwrap() == fs::read(dir.join("plain.o")).unwrap(), "{case}");
                }
                let all = u32::try_from(DIFFERENT.len()).unwrap();
                let hits = if round == 0 { 0 } else { all };
                assert_eq!(cache.counts(), (hits, all), "{program}, {order:?}, round {round}");
            }
            // The same file with other contents is another configuration.
            fs::write(dir.join("one.toml"), "cflags = '-fno-PIC -g'\n").unwrap();
            let (hits, misses) = cache.counts();
            let mut compiler = cache.compiler(order, "xcc-aarch64-linux-gnu", &dir);
            support::run(compiler.env("XCC_CONFIG", "one.toml").args(["-c", "x.c", "-o", "x.o"]));
            assert_eq!(cache.counts(), (hits, misses + 1), "{program}, {order:?}: a changed file");
        }
    }
}

/// ccache that asks for the version line has its direct mode, which does not even preprocess, and mixes nothing.
#[test]
fn ccache_that_asks_for_the_version_keeps_its_direct_mode() {
    if !caches().contains(&"ccache") {
        return;
    }
    let dir = support::scratch("direct-mode");
    fs::write(dir.join("x.c"), "int x = 1;\n").unwrap();
    for (check, order) in [(Some("%compiler% --version"), Order::CacheStartsXcc), (None, Order::XccStartsCache)] {
        let cache = Cache::new("ccache", None);
        for flags in ["", "-fdata-sections", "", "-fdata-sections"] {
            let mut compiler = cache.compiler(order, "xcc-aarch64-linux-gnu", &dir);
            compiler.envs(check.map(|check| ("CCACHE_COMPILERCHECK", check)));
            support::run(compiler.env("XCC_CFLAGS", flags).args(["-c", "x.c", "-o", "x.o"]));
            let has_section = fs::read(dir.join("x.o")).unwrap().windows(8).any(|word| word == b".data.x\0");
            assert_eq!(has_section, !flags.is_empty(), "{order:?} '{flags}'");
        }
        assert_eq!(cache.counts(), (2, 2));
        assert!(support::stdout(&cache.own("--print-stats")).contains("direct_cache_hit\t2"), "{order:?}");
    }
}

/// A launcher that notes its arguments and becomes the compiler.
fn noting_launcher(dir: &Path) -> PathBuf {
    let launcher = dir.join("launcher");
    fs::write(&launcher, format!("#!/bin/sh\necho \"$@\" >> '{}'\nexec \"$@\"\n", dir.join("notes").display()))
        .unwrap();
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755)).unwrap();
    launcher
}

/// Once a compilation, and never for a link, a probe or what only preprocesses.
#[test]
fn a_launcher_runs_compilations_once_and_nothing_else() {
    let dir = support::scratch("launcher");
    fs::write(dir.join("x.c"), "int main(void) { return 0; }\n").unwrap();
    let launcher = noting_launcher(&dir);
    let run = |words: &str| {
        let _ = fs::remove_file(dir.join("notes"));
        let mut xcc = support::command(support::xcc("xcc-aarch64-linux-gnu.2.31"));
        support::run(xcc.env("XCC_LAUNCHER", &launcher).args(words.split_whitespace()).current_dir(&dir));
        fs::read_to_string(dir.join("notes")).unwrap_or_default()
    };
    let notes = run("-c -O2 x.c -o x.o");
    let lines: Vec<&str> = notes.lines().collect();
    let [line] = lines[..] else { panic!("launched {lines:?}") };
    assert!(line.contains("aarch64-linux-gnu.2.31-clang -c -O2 x.c -o x.o"), "{line}");
    for words in
        ["x.o -o x", "x.c -o x", "--version", "-print-prog-name=ld", "-E x.c", "-S x.c", "-### -c x.c", "-M x.c"]
    {
        assert_eq!(run(words), "", "{words}");
    }
}

/// A launcher that is xcc, or not there, is an error and no loop; a project's file cannot name one.
#[test]
fn a_launcher_that_cannot_work_is_an_error() {
    let dir = support::scratch("bad-launcher");
    fs::write(dir.join("x.c"), "int x;\n").unwrap();
    let xcc = support::xcc("xcc-aarch64-linux-gnu");
    let fails = |launcher: &str| -> Output {
        let mut command = support::command(&xcc);
        support::run_fails(command.env("XCC_LAUNCHER", launcher).args(["-c", "x.c"]).current_dir(&dir))
    };
    let output = fails("/nowhere/no-such-cache");
    assert_eq!(output.status.code(), Some(127), "{output:?}");
    assert!(support::stderr(&output).contains("'/nowhere/no-such-cache'"), "{output:?}");
    assert!(support::stderr(&fails(&xcc.display().to_string())).contains("is xcc itself"));
    assert!(support::stderr(&fails("'open")).contains("XCC_LAUNCHER"));

    fs::write(dir.join("xcc.toml"), "launcher = 'anything'\n").unwrap();
    let mut command = support::command(&xcc);
    let output = support::run_fails(command.args(["-c", "x.c"]).current_dir(&dir));
    assert!(support::stderr(&output).contains("launcher"), "{output:?}");
}

/// Without a cache that started xcc, what is preprocessed is what clang makes of it.
#[test]
fn preprocessed_output_has_no_marker_without_a_cache() {
    let dir = support::scratch("marker");
    fs::write(dir.join("x.c"), "int x = 1;\n").unwrap();
    let mut xcc = support::command(support::xcc("xcc-aarch64-linux-gnu"));
    let output = support::run(xcc.args(["-E", "-P", "x.c"]).current_dir(&dir));
    assert_eq!(support::stdout(&output).trim(), "int x = 1;");
}
