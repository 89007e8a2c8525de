//! What every end-to-end test needs: xcc under its many names, a cache shared by the whole run, a way to
//! run a target's program, and skips that are counted and that fail under `CI=true`.

#![allow(dead_code, unreachable_pub)] // Each test crate uses a part of it, as a module of its own.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The project's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `target/e2e`, which outlives one test: sysroots, downloaded libcs, Go and Cargo caches.
pub fn shared_dir() -> PathBuf {
    let dir = std::env::var_os("XCC_TEST_DIR").map_or_else(|| root().join("target/e2e"), PathBuf::from);
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// A new empty directory for one test, under the shared one; in a run of all suites, each has a directory for its own
/// (`XCC_TEST_SCRATCH`), which goes when the suite has passed.
pub fn scratch(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let suite = std::env::var_os("XCC_TEST_SCRATCH").map_or_else(|| shared_dir().join("scratch"), PathBuf::from);
    let dir = suite.join(format!("{name}-{}-{n}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// The directory that holds xcc under the names asked for so far; put it on PATH when a build tool looks names up.
pub fn names_dir() -> PathBuf {
    let dir = shared_dir().join("names");
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// xcc under `name`, for example `xcc-aarch64-linux-gnu` or `aarch64-linux-musl-g++`.
pub fn xcc(name: &str) -> PathBuf {
    let link = names_dir().join(name);
    let exe = Path::new(env!("CARGO_BIN_EXE_xcc"));
    if fs::read_link(&link).ok().as_deref() != Some(exe) {
        let new = names_dir().join(format!(".{name}.{}.{:?}", std::process::id(), std::thread::current().id()));
        let _ = fs::remove_file(&new);
        std::os::unix::fs::symlink(exe, &new).unwrap();
        fs::rename(&new, &link).unwrap();
    }
    link
}

/// The C compiler by the name that `xcc env` has for it.
pub fn env_cc(target: &str) -> PathBuf {
    xcc(&format!("xcc-{target}-cc"))
}

/// The cache shared by the run, so that each sysroot is made once.
pub fn cache_dir() -> PathBuf {
    shared_dir().join("cache")
}

/// A command without the caller's own compiler settings, on the shared caches of xcc and of Go.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let drop = text.starts_with("XCC_")
            || text.starts_with("CGO_")
            || ["CC", "CXX", "CFLAGS", "LDFLAGS", "GOOS", "GOARCH", "GOARM", "GOFLAGS", "RUSTFLAGS"].contains(&&*text);
        if drop && !["XCC_ZIG", "XCC_TEST_DIR"].contains(&&*text) {
            command.env_remove(name);
        }
    }
    command.env("XCC_CACHE_DIR", cache_dir()).env("GOCACHE", shared_dir().join("go-cache"));
    // Go's compiler spends a seventh of its time on its garbage otherwise, and a quarter on copies of functions where they are
    // called: neither is xcc's, and every suite has both alike, for Go's cache.
    command.env("GOGC", "400").env("GOFLAGS", GOFLAGS);
    command
}

/// How the tests have Go compile; who sets GOFLAGS adds to it.
pub const GOFLAGS: &str = "-gcflags=all=-l";

/// Runs it; panics with everything it printed unless it exits 0.
#[track_caller]
pub fn run(command: &mut Command) -> Output {
    let _turn = go_turn(command);
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{}", describe(command, &output));
    output
}

/// Where this is a `go build`, a lock that others for the same system and processor wait for: at once, each would compile
/// Go's standard library, and later ones find it in the cache.
pub fn go_turn(command: &Command) -> Option<File> {
    let is_build = command.get_program() == "go" && command.get_args().next().is_some_and(|word| word == "build");
    is_build.then(|| {
        let value = |name: &str| {
            let set = command.get_envs().find(|(key, _)| *key == name).and_then(|(_, value)| value);
            set.map_or("".into(), |value| value.to_string_lossy())
        };
        let dir = shared_dir().join("turns");
        fs::create_dir_all(&dir).unwrap();
        let turn = File::create(dir.join(format!("go-{}-{}", value("GOOS"), value("GOARCH")))).unwrap();
        turn.lock().unwrap();
        turn
    })
}

/// Runs it; panics unless it exits with a failure.
#[track_caller]
pub fn run_fails(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(!output.status.success(), "succeeded: {}", describe(command, &output));
    output
}

pub fn describe(command: &Command, output: &Output) -> String {
    format!(
        "{command:?}\n{}\n--- stdout\n{}\n--- stderr\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Copies `testdata/projects/NAME` to a scratch directory and returns the copy.
pub fn project(name: &str) -> PathBuf {
    let to = scratch(name);
    copy_dir(&root().join("testdata/projects").join(name), &to);
    to
}

/// The one place where Go's sqlite-vec can find `sqlite3.h`: SQLite's header under its own name. The directory is the
/// same in every run, so that the compiler's configuration, and with it Go's cache, stays the same.
pub fn sqlite_headers() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let go = |words: &[&str]| {
            let mut go = command("go");
            run(go.current_dir(root().join("testdata/projects/go-sqlite")).env("GOWORK", "off").args(words))
        };
        go(&["mod", "download"]);
        let module = go(&["list", "-m", "-f", "{{.Dir}}", "github.com/mattn/go-sqlite3"]);
        let dir = shared_dir().join("sqlite-headers");
        fs::create_dir_all(&dir).unwrap();
        let header = fs::read(Path::new(stdout(&module).trim()).join("sqlite3-binding.h")).unwrap();
        // Suites run side by side: none sees half a header.
        let new = dir.join(format!(".{}", std::process::id()));
        fs::write(&new, header).unwrap();
        fs::rename(&new, dir.join("sqlite3.h")).unwrap();
        dir
    })
}

/// The `xcc.toml` of go-sqlite, for several suites: SQLite and Go's network library take a processor half a minute, and what Go
/// has compiled it has for one name of the compiler ([`env_cc`]) and one configuration, whose digest is in the version line.
pub fn sqlite_config() -> String {
    let mut config = format!("include = ['{}']\n", sqlite_headers().display());
    for target in ["x86_64-linux-musl", "aarch64-linux-musl", "arm-linux-musleabihf"] {
        config.push_str(&format!("[target.{target}]\ncflags = '{SQLITE_MUSL}'\n"));
    }
    config
}

/// sqlite-vec 0.1.6 takes for granted that <stdint.h> brings BSD's names along; musl has them elsewhere.
pub const SQLITE_MUSL: &str = "-Du_int8_t=uint8_t -Du_int16_t=uint16_t -Du_int64_t=uint64_t";

pub fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Searches what xcc's sysroots below a directory have for programs (archives, objects, stubs) for paths of the machine
/// that made them; how many files it searched.
#[track_caller]
pub fn runtimes_without_paths(sysroots: &Path) -> usize {
    let cache = cache_dir();
    let (mut searched, mut dirs) = (0, vec![sysroots.to_owned()]);
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // The recipe is xcc's own note, and in no program.
            if entry.file_type().unwrap().is_dir() && !["include", "share"].contains(&name.as_str()) {
                dirs.push(path);
            } else if [".a", ".o", ".so", ".lib"].iter().any(|end| name.ends_with(end)) {
                let bytes = fs::read(&path).unwrap_or_default();
                for trace in [cache.to_str().unwrap(), "zig-cache", "/.cache/zig", "/tmp/xcc"] {
                    let found = memchr::memmem::find(&bytes, trace.as_bytes());
                    assert!(found.is_none(), "{} has {trace}", path.display());
                }
                searched += 1;
            }
        }
    }
    searched
}

/// PATH with a directory in front.
pub fn path_with(dir: &Path) -> OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([dir.to_owned()].into_iter().chain(std::env::split_paths(&rest))).unwrap()
}

/// Is `tool` on PATH?
pub fn which(tool: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|d| d.join(tool)).find(|p| p.is_file())
}

/// Notes a skip where `install.sh --test` counts it; under `CI=true` a skip is a failure.
#[track_caller]
pub fn skip(what: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "SKIP under CI: {what}: {why}");
    eprintln!("SKIP {what}: {why}");
    note("skipped", &format!("{what}: {why}"));
}

/// Is everything asked for (`XCC_TEST_ALL=1`), or what one run of all tests has time for? What is left out then is noted
/// where `install.sh --test` counts it.
pub fn all(what: &str) -> bool {
    let all = std::env::var_os("XCC_TEST_ALL").is_some();
    if !all {
        note("left-out", what);
    }
    all
}

/// A line more in a file of all tests, which may run at once.
fn note(file: &str, line: &str) {
    let mut log = fs::OpenOptions::new().create(true).append(true).open(shared_dir().join(file)).unwrap();
    log.write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// How to run a program of a Linux target here. The columns: canonical target prefix, qemu's name,
/// the directory of its glibc under `target/e2e/qroots` (made by `tests/support/qemu-roots.sh`), empty where no
/// distribution has one any more: such a program is only inspected.
const EMULATORS: &[(&str, &str, &str)] = &[
    ("x86_64-", "", ""),
    ("x86-", "i386", "i386"),
    ("i586-", "i386", "i386"),
    ("aarch64-", "aarch64", "arm64"),
    ("armv5te-", "arm", "armel"),
    ("armv6-", "arm", "armhf"),
    ("arm-linux-gnueabi.", "arm", "armel"),
    ("arm-", "arm", "armhf"),
    ("riscv64-", "riscv64", "riscv64"),
    ("powerpc64le-", "ppc64le", "ppc64el"),
    ("s390x-", "s390x", "s390x"),
    ("loongarch64-", "loongarch64", "loong64"),
    ("mips-", "mips", ""),
    ("mips64-", "mips64", ""),
    ("mips64el-", "mips64el", "mips64el"),
    // Debian's is for the other floating-point ABI.
    ("mipsel-linux-gnueabi.", "mipsel", ""),
    ("mipsel-", "mipsel", "mipsel"),
];

/// The targets whose programs wine runs.
const WINES: [&str; 2] = ["x86_64-windows-gnu", "x86-windows-gnu"];

/// The directory that x86_64's wine takes for a Windows, made ready.
pub fn windows_dir() -> PathBuf {
    wine("x86_64-windows-gnu");
    shared_dir().join("wine")
}

/// A wine on a directory that it takes for a Windows, with a DLL that Go's and Rust's programs ask for and Debian 12's wine
/// does not have.
fn wine(target: &'static str) -> Option<Command> {
    static MADE: [OnceLock<()>; 2] = [OnceLock::new(), OnceLock::new()];
    let is_x86 = target == "x86-windows-gnu";
    let root = shared_dir().join("wine32");
    let start = || {
        let mut wine = if is_x86 { command(root.join("usr/lib/wine/wine")) } else { command("wine") };
        wine.env("WINEPREFIX", shared_dir().join(if is_x86 { "wine-x86" } else { "wine" })).env("WINEDEBUG", "-all");
        if is_x86 {
            wine.env("WINEARCH", "win32").env("WINELOADER", root.join("usr/lib/wine/wine"));
            wine.env("WINESERVER", root.join("usr/lib/wine/wineserver32"));
        }
        wine
    };
    if is_x86 && !root.is_dir() || !is_x86 && which("wine").is_none() {
        return None;
    }
    MADE[usize::from(is_x86)].get_or_init(|| {
        // Another suite may be about to make it.
        let lock = File::create(shared_dir().join("wine.lock")).unwrap();
        // SAFETY: the descriptor is open until the end of this function, which releases the lock.
        assert_eq!(unsafe { libc::flock(std::os::fd::AsRawFd::as_raw_fd(&lock), libc::LOCK_EX) }, 0);
        let system = shared_dir().join(if is_x86 { "wine-x86" } else { "wine" }).join("drive_c/windows/system32");
        let dll = system.join("bcryptprimitives.dll");
        if !dll.exists() {
            if is_x86 {
                // Before the first program starts: user32.dll asks for it.
                fs::create_dir_all(&system).unwrap();
                fs::copy(root.join("usr/i686-w64-mingw32/lib/zlib1.dll"), system.join("zlib1.dll")).unwrap();
            }
            run(start().args(["wineboot", "--init"]));
            let source = self::root().join("testdata/projects/windows/prng.c");
            let made = scratch("wine").join("bcryptprimitives.dll");
            let mut cc = command(xcc(&format!("xcc-{target}")));
            // x86 names would end in the bytes of their arguments.
            run(cc.args(["-shared", "-Wl,--kill-at"]).arg(source).arg("-ladvapi32").arg("-o").arg(&made));
            fs::copy(made, &dll).unwrap();
        }
    });
    Some(start())
}

/// A command that runs `exe`, built for canonical target `target`; `None`, after a counted skip, where nothing here can.
#[track_caller]
pub fn runner(target: &str, exe: &Path) -> Option<Command> {
    if target == "aarch64-windows-gnu" {
        eprintln!("NOTE {} is built and not run: wine runs programs of its own machine", exe.display());
        return None;
    }
    if let Some(wines) = WINES.iter().find(|name| **name == target) {
        let mut command = wine(wines);
        match &mut command {
            Some(command) => drop(command.arg(exe)),
            None => skip(&format!("run {}", exe.display()), "wine is not there"),
        }
        return command;
    }
    if target == "wasm32-wasi" {
        let module = shared_dir().join("tools/wasmtime");
        if which("python3").is_none() || !module.join("wasmtime").is_dir() {
            skip(&format!("run {}", exe.display()), "wasmtime is not installed");
            return None;
        }
        let mut command = command("python3");
        command.arg(root().join("tests/support/wasi.py")).arg(exe).env("PYTHONPATH", module);
        return Some(command);
    }
    let key = format!("{target}.");
    let Some((_, qemu, root)) = EMULATORS.iter().find(|row| key.starts_with(row.0)) else {
        skip(&format!("run {}", exe.display()), &format!("no emulator is listed for {target}"));
        return None;
    };
    if qemu.is_empty() {
        return Some(command(exe));
    }
    let program = format!("qemu-{qemu}-static");
    if which(&program).is_none() {
        skip(&format!("run {}", exe.display()), &format!("{program} is not installed"));
        return None;
    }
    let mut command = command(program);
    if target.contains("gnu") {
        if root.is_empty() {
            eprintln!("NOTE {} is built and not run: nobody distributes a glibc for it", exe.display());
            return None;
        }
        let root = shared_dir().join("qroots").join(root);
        if !root.is_dir() {
            skip(&format!("run {}", exe.display()), &format!("no glibc of the target in {}", root.display()));
            return None;
        }
        command.arg("-L").arg(root);
    }
    command.arg(exe);
    Some(command)
}

/// Runs `exe` of `target` and returns its standard output; empty after a skip.
#[track_caller]
pub fn run_target(target: &str, exe: &Path, args: &[&str]) -> String {
    match runner(target, exe) {
        Some(mut command) => stdout(&run(command.args(args))),
        None => String::new(),
    }
}
