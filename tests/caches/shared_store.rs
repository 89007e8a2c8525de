//! sccache with a store that machines share, which is a Redis of this machine's: what one machine has compiled another
//! gets, and nothing else. A machine is an sccache server, a directory and, for the last one, another cache of xcc.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Cache, DIFFERENT, ORDERS, Order, support};

/// A store, empty at first and ended with the test.
struct Redis {
    process: Child,
    port: u16,
}

impl Redis {
    fn start() -> Redis {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut command = support::command("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let redis = Redis { process, port };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return redis;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("redis-server does not listen");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An sccache that knows remote stores, which Debian's does not; `None` after a counted skip.
fn sccache() -> Option<&'static str> {
    let sccache = support::shared_dir().join("tools/sccache/bin/sccache");
    for (there, what) in [
        (sccache.is_file(), "there is no sccache with remote stores"),
        (support::which("redis-server").is_some(), "redis-server is not installed"),
    ] {
        if !there {
            support::skip("a store that two machines share", what);
            return None;
        }
    }
    Some(sccache.into_os_string().into_string().unwrap().leak())
}

struct Machine {
    cache: Cache,
    dir: PathBuf,
    xcc_cache: PathBuf,
}

impl Machine {
    fn new(sccache: &'static str, name: &str, xcc_cache: Option<&Path>, redis: &Redis) -> Machine {
        let dir = support::scratch(name);
        fs::write(dir.join("x.c"), "#include <stdio.h>\nint x = 1;\nint main(void) { return puts(\"x\"); }\n").unwrap();
        fs::write(dir.join("one.toml"), "cflags = '-fPIC -fdata-sections -ffunction-sections'\n").unwrap();
        fs::write(dir.join("two.toml"), "cflags = '-ggdb -ffile-compilation-dir=.'\n").unwrap();
        let xcc_cache = xcc_cache.map_or_else(support::cache_dir, Path::to_owned);
        let store = format!("redis://127.0.0.1:{}", redis.port);
        Machine { cache: Cache::new(sccache, Some(store)), dir, xcc_cache }
    }

    fn compile(&self, mut compiler: Command, variables: &[(&str, &str)], output: &str) -> Vec<u8> {
        compiler.envs(variables.iter().copied()).env("XCC_CACHE_DIR", &self.xcc_cache).current_dir(&self.dir);
        support::run(compiler.args(["-c", "x.c", "-o", output]));
        fs::read(self.dir.join(output)).unwrap()
    }

    /// Compiles through the cache; panics unless the object is the one that xcc makes by itself.
    fn check(&self, order: Order, name: &str, variables: &[(&str, &str)]) {
        let through = self.compile(self.cache.compiler(order, name, &self.dir), variables, "x.o");
        let plain = self.compile(support::command(support::xcc(name)), variables, "plain.o");
        assert!(through == plain, "{order:?}: {name} {variables:?}: another object");
    }
}

#[test]
fn what_one_machine_has_compiled_another_gets_and_nothing_else() {
    let Some(sccache) = sccache() else { return };
    let elsewhere = support::scratch("other-cache");
    for order in ORDERS {
        let redis = Redis::start();
        let first = Machine::new(sccache, "machine-1", None, &redis);
        let half = DIFFERENT.len() / 2;
        for (name, variables) in &DIFFERENT[..half] {
            first.check(order, name, variables);
        }
        let known = u32::try_from(half).unwrap();
        assert_eq!(first.cache.counts(), (0, known), "{order:?}: the first machine");
        // sccache answers before it has stored.
        let stored = || {
            let mut command = support::command(sccache);
            first.cache.variables(&mut command);
            let said = support::stdout(&support::run(command.args(["--show-stats", "--stats-format", "json"])));
            assert!(said.contains("redis"), "{said}");
            let stats: serde_json::Value = serde_json::from_str(&said).unwrap();
            stats["stats"]["cache_writes"].as_u64().unwrap_or_else(|| panic!("{said}"))
        };
        for _ in 0..100 {
            if stored() >= u64::from(known) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }

        // What the first has made is there, and the other targets and configurations are not among it.
        let second = Machine::new(sccache, "machine-2", None, &redis);
        for (name, variables) in DIFFERENT {
            second.check(order, name, variables);
        }
        let unknown = u32::try_from(DIFFERENT.len()).unwrap() - known;
        assert_eq!(second.cache.counts(), (known, unknown), "{order:?}: the second machine");

        // Where the sysroot is does not matter.
        let third = Machine::new(sccache, "machine-3", Some(&elsewhere), &redis);
        let (name, variables) = DIFFERENT[0];
        third.check(order, name, variables);
        assert_eq!(third.cache.counts(), (1, 0), "{order:?}: a machine with another cache of xcc");
    }
}
