//! distcc, which is no cache: a `distccd` of this machine's is the other machine. In plain mode it gets preprocessed
//! sources, in pump mode sources and headers, which it preprocesses itself.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use super::support::{self, path_with};

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

/// The include server of pump mode, ended with the test.
struct Pump {
    program: PathBuf,
    /// What the clients are told.
    variables: Vec<(String, String)>,
}

impl Pump {
    /// `None` after a counted skip. The include server starts the compilers of `names`.
    fn start(hosts: &str, names: &Path) -> Option<Pump> {
        // Debian's name for it, and distcc's own.
        let Some(program) = support::which("distcc-pump").or_else(|| support::which("pump")) else {
            support::skip("compilations through distcc in pump mode", "distcc-pump is not installed");
            return None;
        };
        let mut command = support::command(&program);
        command.arg("--startup").env("PATH", path_with(names)).env("DISTCC_HOSTS", hosts);
        command.env("PYTHONPATH", support::root().join("tests/caches/pump")).env("PYTHONDONTWRITEBYTECODE", "1");
        let said = support::stdout(&support::run(&mut command));
        let variable = |line: &str| {
            let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
            name.starts_with("INCLUDE_SERVER_").then(|| (name.to_owned(), value.trim_matches('\'').to_owned()))
        };
        Some(Pump { program, variables: said.lines().filter_map(variable).collect() })
    }

    /// Ends it, and returns what it had to say meanwhile.
    fn stop(&mut self) -> String {
        let variables = std::mem::take(&mut self.variables);
        let output = support::command(&self.program).arg("--shutdown").envs(variables).output().unwrap();
        support::stdout(&output) + &support::stderr(&output)
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        if !self.variables.is_empty() {
            self.stop();
        }
    }
}

/// A command line and its variables.
type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

/// Preprocessed and compiled by the server, which gets the headers that are no part of the sysroot; and the object is the
/// one that xcc makes by itself.
#[test]
fn distcc_in_pump_mode_preprocesses_elsewhere_too() {
    let dir = support::scratch("pump");
    let (names, alone) = (dir.join("names"), dir.join("alone"));
    let compilers = ["xcc-aarch64-linux-gnu", "xcc-aarch64-linux-gnu-clang", "xcc-aarch64-linux-gnu-clang++"];
    for dir in [&names, &alone] {
        fs::create_dir_all(dir).unwrap();
    }
    // The include server asks the compiler for its directories of headers, with no variable but PATH: what an installed
    // xcc knows by itself, these say.
    let zig = std::env::var("XCC_ZIG").unwrap_or_default();
    for name in compilers {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_xcc"), names.join(name)).unwrap();
        let (cache, xcc) = (support::cache_dir(), names.join(name));
        let script = format!(
            "#!/bin/sh\nexport XCC_ZIG='{zig}' XCC_CACHE_DIR='{}'\nexec '{}' \"$@\"\n",
            cache.display(),
            xcc.display()
        );
        fs::write(alone.join(name), script).unwrap();
        fs::set_permissions(alone.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::create_dir_all(dir.join("inc")).unwrap();
    fs::write(dir.join("inc/local.h"), "#include \"near.h\"\n#define LOCAL (NEAR + 7)\n").unwrap();
    fs::write(dir.join("inc/near.h"), "#define NEAR 8\n").unwrap();
    let body = "#include \"local.h\"\nint x = LOCAL;\nint main(void) { return puts(__FILE__); }\n";
    fs::write(dir.join("x.c"), format!("#include <stdio.h>\n#include <stddef.h>\n{body}")).unwrap();
    fs::write(dir.join("x.cc"), format!("#include <string>\n#include <stdio.h>\nstd::string s;\n{body}")).unwrap();
    let xcc = |words: &[&str]| {
        let mut command = support::command(words[0]);
        command.args(&words[1..]).current_dir(&dir).env("PATH", path_with(&names));
        command
    };
    // The sysroot is there before a user that cannot make it comes.
    let [c, _, cxx] = compilers;
    support::run(&mut xcc(&[cxx, "-c", "x.cc", "-Iinc", "-o", "plain.o"]));
    let Some(distccd) = Distccd::start(&dir, &names, &compilers) else { return };
    let hosts = format!("127.0.0.1:{},cpp,lzo", distccd.port);
    let Some(mut pump) = Pump::start(&hosts, &alone) else { return };

    let flags = "-fdata-sections -DNDEBUG";
    // With distcc in front, or as the launcher.
    let cases: [Case<'_>; 5] = [
        (&["distcc", c, "-O2", "-Iinc", "-c", "x.c"], &[]),
        // The server's own directory would be in the debugging information, which distcc mends in a part of it alone.
        (&["distcc", c, "-g", "-ffile-compilation-dir=.", "-Iinc", "-c", "x.c"], &[]),
        (&["distcc", cxx, "-O2", "-Iinc", "-c", "x.cc"], &[]),
        (&[c, "-O2", "-Iinc", "-c", "x.c"], &[("XCC_LAUNCHER", "distcc"), ("XCC_CFLAGS", flags)]),
        (&[cxx, "-O2", "-Iinc", "-c", "x.cc"], &[("XCC_LAUNCHER", "distcc"), ("XCC_CFLAGS", flags)]),
    ];
    for (words, variables) in cases {
        let mut through = xcc(words);
        through.args(["-MD", "-MF", "there.d", "-MT", "x", "-o", "there.o"]).envs(variables.iter().copied());
        through.env("DISTCC_HOSTS", &hosts).env("DISTCC_DIR", &dir).env("DISTCC_FALLBACK", "0");
        support::run(through.envs(pump.variables.iter().map(|(name, value)| (name, value))));
        let mut here = xcc(words.strip_prefix(&["distcc"]).unwrap_or(words));
        here.envs(variables.iter().copied()).env_remove("XCC_LAUNCHER");
        support::run(here.args(["-MD", "-MF", "here.d", "-MT", "x", "-o", "here.o"]));
        for (there, here) in [("there.o", "here.o"), ("there.d", "here.d")] {
            assert!(fs::read(dir.join(there)).unwrap() == fs::read(dir.join(here)).unwrap(), "{words:?}: {there}");
        }
    }
    let said = pump.stop();
    assert!(!said.contains("WARNING") && !said.contains("Warning"), "{said}");

    let log = fs::read_to_string(&distccd.log).unwrap();
    let commands: Vec<&str> =
        log.lines().filter_map(|line| line.split_once("forking to execute: ")).map(|l| l.1).collect();
    assert_eq!(commands.len(), cases.len(), "{log}");
    assert_eq!(commands.iter().filter(|command| command.contains("-fdata-sections")).count(), 2, "{commands:?}");
    for command in commands {
        // In plain mode it would be a file of the server's that ends in .i, and no -I.
        assert!(command.contains(" -Iinc ") && command.contains(" -c x.c"), "{command}");
        assert!(command.starts_with("xcc-aarch64-linux-gnu"), "{command}");
        assert!(!command.contains(dir.to_str().unwrap()), "a path of the client: {command}");
    }
}
