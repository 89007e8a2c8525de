//! ccache and sccache, in front of xcc and behind `XCC_LAUNCHER`: the second build of a project is all hits, and no two
//! targets, versions of libc or configurations ever share an object. And distcc, which is no cache, on this machine.

mod support;

use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// A cache with an empty store of its own.
struct Cache {
    program: &'static str,
    dir: PathBuf,
    port: u16,
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
    fn new(program: &'static str) -> Cache {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        Cache { program, dir: support::scratch(program), port }
    }

    fn variables(&self, command: &mut Command) {
        for name in ["CCACHE_COMPILERCHECK", "CCACHE_COMPILERTYPE", "SCCACHE_C_CUSTOM_CACHE_BUSTER"] {
            command.env_remove(name);
        }
        command.env("CCACHE_DIR", &self.dir).env("CCACHE_CONFIGPATH", self.dir.join("ccache.conf"));
        command.env("SCCACHE_DIR", &self.dir).env("SCCACHE_SERVER_PORT", self.port.to_string());
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

    fn own(&self, option: &str) -> String {
        let mut command = support::command(self.program);
        self.variables(&mut command);
        let output = command.arg(option).stdin(Stdio::null()).output().unwrap();
        support::stdout(&output)
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
                let said = self.own("--print-stats");
                (sum(&said, &["direct_cache_hit", "preprocessed_cache_hit"]), sum(&said, &["cache_miss"]))
            }
            _ => {
                let said = self.own("--show-stats");
                (sum(&said, &["Cache hits "]), sum(&said, &["Cache misses "]))
            }
        }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        if self.program == "sccache" {
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
            let cache = Cache::new(program);
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
            let cache = Cache::new(program);
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
        let cache = Cache::new("ccache");
        for flags in ["", "-fdata-sections", "", "-fdata-sections"] {
            let mut compiler = cache.compiler(order, "xcc-aarch64-linux-gnu", &dir);
            compiler.envs(check.map(|check| ("CCACHE_COMPILERCHECK", check)));
            support::run(compiler.env("XCC_CFLAGS", flags).args(["-c", "x.c", "-o", "x.o"]));
            let has_section = fs::read(dir.join("x.o")).unwrap().windows(8).any(|word| word == b".data.x\0");
            assert_eq!(has_section, !flags.is_empty(), "{order:?} '{flags}'");
        }
        assert_eq!(cache.counts(), (2, 2));
        assert!(cache.own("--print-stats").contains("direct_cache_hit\t2"), "{order:?}");
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
    assert_eq!(output.status.code(), Some(126), "{output:?}");
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

/// A distccd of this machine's, ended with the test.
struct Distccd {
    process: Child,
    port: u16,
    log: PathBuf,
}

impl Distccd {
    /// `None` after a counted skip.
    fn start(dir: &Path, names: &Path, compilers: &[&str]) -> Option<Distccd> {
        let what = "compilations through distcc";
        if support::which("distcc").is_none() || support::which("distccd").is_none() {
            support::skip(what, "distcc or distccd is not installed");
            return None;
        }
        // Started by root it becomes another user, who has to be able to read what it runs.
        let hidden = |path: &Path| path.ancestors().any(|dir| dir.metadata().is_ok_and(|m| m.mode() & 0o001 == 0));
        // SAFETY: geteuid cannot fail and touches no memory.
        if unsafe { libc::geteuid() } == 0 && (hidden(names) || hidden(&support::cache_dir())) {
            support::skip(what, "distccd's user cannot read the directory of the tests");
            return None;
        }
        let list = dir.join("compilers");
        fs::write(&list, compilers.join("\n") + "\n").unwrap();
        let log = dir.join("distccd.log");
        fs::write(&log, "").unwrap();
        fs::set_permissions(&log, fs::Permissions::from_mode(0o666)).unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut command = support::command("distccd");
        command.args(["--daemon", "--no-detach", "--allow", "127.0.0.1", "--listen", "127.0.0.1"]);
        command.args(["--enable-tcp-insecure", "--verbose", "--port", &port.to_string(), "--log-file"]).arg(&log);
        command.env("DISTCC_CMDLIST", &list).env("DISTCC_CMDLIST_NUMWORDS", "1").env("PATH", path_with(names));
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let distccd = Distccd { process, port, log };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(distccd);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("distccd does not listen: {}", fs::read_to_string(&distccd.log).unwrap());
    }
}

impl Drop for Distccd {
    fn drop(&mut self) {
        // SAFETY: the process is our own child, not yet waited for. SIGTERM lets it end its own children.
        unsafe { libc::kill(libc::pid_t::try_from(self.process.id()).unwrap(), libc::SIGTERM) };
        let _ = self.process.wait();
    }
}

fn path_with(dir: &Path) -> OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([dir.to_owned()].into_iter().chain(std::env::split_paths(&rest))).unwrap()
}

/// Compiled by the server, which gets the compiler by its name, no path of the client, and the flags of the client's
/// configuration; and the object is the one that xcc makes by itself.
#[test]
fn distcc_compiles_elsewhere_what_xcc_would_compile_here() {
    let dir = support::scratch("distcc");
    let names = dir.join("names");
    fs::create_dir_all(&names).unwrap();
    let compilers = ["xcc-aarch64-linux-gnu", "xcc-aarch64-linux-gnu-clang"];
    for name in compilers {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_xcc"), names.join(name)).unwrap();
    }
    // The sysroot is there before a user that cannot make it comes.
    fs::write(dir.join("x.c"), "#include <stdio.h>\nint x = 1;\nint main(void) { return puts(\"x\"); }\n").unwrap();
    let xcc = |words: &[&str]| {
        let mut command = support::command(words[0]);
        command.args(&words[1..]).current_dir(&dir).env("PATH", path_with(&names));
        command
    };
    support::run(&mut xcc(&["xcc-aarch64-linux-gnu", "-c", "x.c", "-o", "plain.o"]));
    let Some(distccd) = Distccd::start(&dir, &names, &compilers) else { return };
    let through = |words: &[&str]| {
        let mut command = xcc(words);
        command.env("DISTCC_HOSTS", format!("127.0.0.1:{}", distccd.port)).env("DISTCC_DIR", &dir);
        command.env("DISTCC_FALLBACK", "0").env("DISTCC_BACKOFF_PERIOD", "0");
        command
    };
    let same = |what: &str| {
        assert!(fs::read(dir.join("x.o")).unwrap() == fs::read(dir.join("plain.o")).unwrap(), "{what}: another object");
    };
    support::run(&mut through(&["distcc", "xcc-aarch64-linux-gnu", "-c", "x.c", "-o", "x.o"]));
    same("distcc in front");

    let flags = ("XCC_CFLAGS", "-fdata-sections -DNDEBUG -include stdlib.h");
    let compile = ["xcc-aarch64-linux-gnu", "-O2", "-c", "x.c", "-o"];
    support::run(xcc(&compile).arg("plain.o").env(flags.0, flags.1));
    support::run(through(&compile).arg("x.o").env(flags.0, flags.1).env("XCC_LAUNCHER", "distcc"));
    same("distcc as the launcher");

    let log = fs::read_to_string(&distccd.log).unwrap();
    let commands: Vec<&str> =
        log.lines().filter_map(|line| line.split_once("forking to execute: ")).map(|l| l.1).collect();
    assert_eq!(commands.len(), 2, "{log}");
    assert!(commands[1].contains("-fdata-sections"), "{commands:?}");
    for command in commands {
        assert!(command.starts_with("xcc-aarch64-linux-gnu"), "{command}");
        assert!(!command.contains(dir.to_str().unwrap()), "a path of the client: {command}");
    }
}
