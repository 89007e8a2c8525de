//! The first call for a target makes its sysroot. However many first calls there are at once, whatever is killed
//! when, and wherever the disk ends: there is one whole sysroot afterwards, or none and a clear error.

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HELLO: &str = "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n";
const HELLO_CXX: &str = "#include <iostream>\nint main() { std::cout << \"hello\" << std::endl; }\n";

/// A machine on which nothing has been built yet: an empty cache and a temporary directory of its own.
struct Fresh {
    dir: PathBuf,
}

impl Fresh {
    fn new(name: &str) -> Fresh {
        let fresh = Fresh { dir: support::scratch(name) };
        fs::create_dir(fresh.temporary()).unwrap();
        fs::write(fresh.dir.join("hello.c"), HELLO).unwrap();
        fs::write(fresh.dir.join("hello.cc"), HELLO_CXX).unwrap();
        fresh
    }

    fn cache(&self) -> PathBuf {
        self.dir.join("cache")
    }

    fn temporary(&self) -> PathBuf {
        self.dir.join("temporary")
    }

    /// A compiler that knows this machine's directories and no other.
    fn cc(&self, name: &str, words: &str) -> Command {
        let mut command = support::command(support::xcc(name));
        command.current_dir(&self.dir).args(words.split_whitespace()).stdin(Stdio::null());
        command.env("XCC_CACHE_DIR", self.cache()).env("TMPDIR", self.temporary());
        command
    }

    /// Names of the sysroots, whichever zig they are of.
    fn sysroots(&self) -> Vec<String> {
        sysroots(&self.cache())
    }

    /// Fails if a call left anything where only unfinished work is kept.
    #[track_caller]
    fn left_nothing(&self) {
        for dir in [self.temporary(), self.cache().join("tmp")] {
            let left = entries(&dir);
            assert!(left.is_empty(), "left in {}: {left:?}", dir.display());
        }
    }

    /// The program that one more call builds runs, and that call finds or makes the only sysroot.
    #[track_caller]
    fn one_more_call_succeeds(&self, name: &str, words: &str, sysroots: &[&str]) {
        silent(&mut self.cc(name, words));
        let output = support::run(&mut support::command(self.dir.join("hello")));
        assert_eq!(support::stdout(&output), "hello\n");
        assert_eq!(self.sysroots(), sysroots);
        self.left_nothing();
    }
}

fn sysroots(cache: &Path) -> Vec<String> {
    let versions = entries(&cache.join("sysroot"));
    let mut names: Vec<String> =
        versions.iter().flat_map(|version| entries(&cache.join("sysroot").join(version))).collect();
    names.sort();
    names
}

/// Names in a directory; none if there is no directory.
fn entries(dir: &Path) -> Vec<String> {
    let Ok(read) = fs::read_dir(dir) else { return Vec::new() };
    read.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[track_caller]
fn silent(command: &mut Command) -> Output {
    let output = support::run(command);
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{}", support::describe(command, &output));
    output
}

/// The text of a clear error: it ends in xcc's own words, one `xcc: error:` among them.
#[track_caller]
fn clear_error(command: &mut Command) -> String {
    let output = support::run_fails(command);
    let said = support::stderr(&output);
    assert_eq!(output.status.signal(), None, "{}", support::describe(command, &output));
    assert_eq!(said.matches("xcc: error: ").count(), 1, "{}", support::describe(command, &output));
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// `make -j` on a new machine.
#[test]
fn a_hundred_parallel_first_calls_make_one_sysroot_each() {
    let fresh = Fresh::new("parallel");
    let names = ["xcc-x86_64-linux-gnu", "xcc-aarch64-linux-gnu"];
    let start = |n: usize| {
        let mut command = fresh.cc(names[n % 2], &format!("hello.c -o hello-{n}"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let calls: Vec<Child> = (0..100).map(start).collect();
    for (n, call) in calls.into_iter().enumerate() {
        let output = call.wait_with_output().unwrap();
        let said = support::stdout(&output) + &support::stderr(&output);
        assert!(output.status.success() && said.is_empty(), "call {n}: {}: {said}", output.status);
        assert!(fresh.dir.join(format!("hello-{n}")).is_file(), "call {n}");
    }
    let sysroots = fresh.sysroots();
    assert_eq!(sysroots.len(), 2, "{sysroots:?}");
    assert!(
        sysroots[0].starts_with("aarch64-linux-gnu") && sysroots[1].starts_with("x86_64-linux-gnu"),
        "{sysroots:?}"
    );
    fresh.left_nothing();
    let output = support::run(&mut support::command(fresh.dir.join("hello-0")));
    assert_eq!(support::stdout(&output), "hello\n");
}

/// C++ needs more of the sysroot than C: both kinds of first call at once. libc++ takes zig a minute, and the calls that are
/// killed make it anew in every run; this one does with XCC_TEST_ALL.
#[test]
fn parallel_first_calls_of_c_and_cxx_agree() {
    if !support::all("first calls of C and C++ at once") {
        return;
    }
    let fresh = Fresh::new("parallel-cxx");
    let start = |n: usize| {
        let words =
            if n.is_multiple_of(2) { format!("hello.c -o hello-{n}") } else { format!("hello.cc -o hello-{n}") };
        let name = if n.is_multiple_of(2) { "xcc-x86_64-linux-gnu" } else { "xcc-x86_64-linux-gnu-c++" };
        fresh.cc(name, &words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let calls: Vec<Child> = (0..20).map(start).collect();
    for (n, call) in calls.into_iter().enumerate() {
        let output = call.wait_with_output().unwrap();
        let said = support::stdout(&output) + &support::stderr(&output);
        assert!(output.status.success() && said.is_empty(), "call {n}: {}: {said}", output.status);
        let output = support::run(&mut support::command(fresh.dir.join(format!("hello-{n}"))));
        assert_eq!(support::stdout(&output), "hello\n");
    }
    assert_eq!(fresh.sysroots().len(), 1, "{:?}", fresh.sysroots());
    fresh.left_nothing();
}

/// Numbers that differ from run to run; a failure prints the seed.
struct Random(u64);

impl Random {
    fn new() -> Random {
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
        eprintln!("seed {seed}");
        Random(u64::from(seed) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// The process group of a call that a test started.
struct Group(Child);

impl Group {
    fn start(mut command: Command) -> Group {
        Group(command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn kill_all(&mut self) {
        // SAFETY: plain system call; the group is that of our own child, which has not been waited for.
        unsafe { libc::kill(-(self.0.id() as i32), libc::SIGKILL) };
        self.0.wait().unwrap();
    }

    /// What the kernel does when memory runs out: one process goes, its children live on.
    fn kill_leader(&mut self) {
        self.0.kill().unwrap();
    }
}

/// A hundred, ten at a time, of two targets; then one more call of each.
#[test]
fn calls_killed_at_any_moment_leave_no_half_made_sysroot() {
    let fresh = Fresh::new("killed");
    let mut random = Random::new();
    let names = ["xcc-x86_64-linux-gnu", "xcc-aarch64-linux-gnu"];
    for _ in 0..10 {
        let mut calls: Vec<Group> =
            (0..10).map(|n| Group::start(fresh.cc(names[n % 2], &format!("hello.c -o out-{n}")))).collect();
        std::thread::sleep(Duration::from_millis(20 + random.below(4000)));
        calls.iter_mut().for_each(Group::kill_all);
    }
    silent(&mut fresh.cc(names[1], "hello.c -o hello-aarch64"));
    let sysroots = ["aarch64-linux-gnu.2.28", "x86_64-linux-gnu.2.28"];
    fresh.one_more_call_succeeds(names[0], "hello.c -o hello", &sysroots);
}

#[test]
fn killed_cxx_calls_leave_no_half_made_library() {
    let fresh = Fresh::new("killed-cxx");
    let mut random = Random::new();
    let name = "xcc-x86_64-linux-gnu-c++";
    for longest in [8_000, 15_000, 25_000] {
        let mut call = Group::start(fresh.cc(name, "hello.cc -o out"));
        std::thread::sleep(Duration::from_millis(20 + random.below(longest)));
        call.kill_all();
    }
    fresh.one_more_call_succeeds(name, "hello.cc -o hello", &["x86_64-linux-gnu.2.28"]);
}

/// Only xcc is killed, and the zig it started goes on writing while the next call starts.
#[test]
fn call_succeeds_while_a_killed_ones_children_live() {
    let fresh = Fresh::new("orphans");
    let mut random = Random::new();
    let mut killed = Vec::new();
    for _ in 0..4 {
        let mut call = Group::start(fresh.cc("xcc-x86_64-linux-gnu", "hello.c -o out"));
        std::thread::sleep(Duration::from_millis(100 + random.below(3000)));
        call.kill_leader();
        killed.push(call);
    }
    let output = fresh.cc("xcc-x86_64-linux-gnu", "hello.c -o hello").output().unwrap();
    killed.iter_mut().for_each(Group::kill_all);
    assert!(output.status.success() && output.stderr.is_empty(), "{}: {}", output.status, support::stderr(&output));
    fresh.one_more_call_succeeds("xcc-x86_64-linux-gnu", "hello.c -o hello", &["x86_64-linux-gnu.2.28"]);
}

/// A machine without a usable home directory: a container's user, a build daemon.
fn homeless(fresh: &Fresh, home: Option<&str>) -> Command {
    let mut command = fresh.cc("xcc-x86_64-linux-gnu", "hello.c -o hello");
    for name in ["HOME", "XCC_CACHE_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        command.env_remove(name);
    }
    if let Some(home) = home {
        command.env("HOME", home);
    }
    command
}

/// `/proc` cannot be written even by root.
#[test]
fn without_a_home_the_cache_is_private_and_temporary() {
    for (name, home) in [("no-home", None), ("read-only-home", Some("/proc")), ("odd-home", Some("/dev/null"))] {
        let fresh = Fresh::new(name);
        silent(&mut homeless(&fresh, home));
        let left = entries(&fresh.temporary());
        let [cache] = &left[..] else { panic!("{name}: one cache, not {left:?}") };
        let cache = fresh.temporary().join(cache);
        assert_eq!(fs::metadata(&cache).unwrap().permissions().mode() & 0o777, 0o700, "{name}: others may enter");
        assert_eq!(sysroots(&cache), ["x86_64-linux-gnu.2.28"], "{name}");
        assert!(entries(&cache.join("tmp")).is_empty(), "{name}");
        // The second call finds it.
        let made = fs::metadata(cache.join("sysroot")).unwrap().mtime_nsec();
        silent(&mut homeless(&fresh, home));
        assert_eq!(fs::metadata(cache.join("sysroot")).unwrap().mtime_nsec(), made, "{name}");
    }
}

/// A directory under the name that everybody can guess is not trusted when it is not ours.
#[test]
fn somebody_elses_temporary_cache_is_refused() {
    let fresh = Fresh::new("squatter");
    silent(&mut homeless(&fresh, None));
    let cache = fresh.temporary().join(&entries(&fresh.temporary())[0]);
    let elsewhere = fresh.dir.join("elsewhere");
    fs::rename(&cache, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &cache).unwrap();
    let said = clear_error(&mut homeless(&fresh, None));
    assert!(said.contains("xcc: help: set XCC_CACHE_DIR"), "{said}");
}

#[test]
fn cache_that_cannot_be_written_is_an_error() {
    let fresh = Fresh::new("unwritable");
    let mut command = fresh.cc("xcc-x86_64-linux-gnu", "hello.c -o hello");
    let said = clear_error(command.env("XCC_CACHE_DIR", "/proc/no-such-directory"));
    assert!(said.contains("'/proc/no-such-directory") && said.contains("xcc: help: set XCC_CACHE_DIR"), "{said}");
    fresh.left_nothing();
    fs::write(fresh.dir.join("file"), "").unwrap();
    let said = clear_error(command.env("XCC_CACHE_DIR", fresh.dir.join("file")));
    assert!(said.contains("/file"), "{said}");
    assert!(!fresh.dir.join("hello").exists());
}

/// A file system of a few megabytes, unmounted when dropped.
struct Tmpfs(PathBuf);

impl Tmpfs {
    /// `None` where the test may not mount.
    fn mount(dir: &Path) -> Option<Tmpfs> {
        fs::create_dir_all(dir).unwrap();
        let guard = Tmpfs(dir.to_owned());
        guard.call("mount", &["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).then_some(guard)
    }

    fn resize(&self, size: &str) {
        assert!(self.call("mount", &["-o", &format!("remount,size={size}")]));
    }

    fn call(&self, tool: &str, words: &[&str]) -> bool {
        support::which(tool).is_some()
            && Command::new(tool).args(words).arg(&self.0).stderr(Stdio::null()).status().unwrap().success()
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        self.call("umount", &["-l"]);
    }
}

/// Files may not grow beyond `bytes`: what a quota does, for tests that may not mount.
fn limit_file_size(command: &mut Command, bytes: u64) {
    // SAFETY: both calls are async-signal-safe and touch nothing of the parent.
    unsafe {
        command.pre_exec(move || {
            libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
            let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
            match libc::setrlimit(libc::RLIMIT_FSIZE, &limit) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        });
    }
}

#[test]
fn full_disk_is_a_clear_error_and_no_sysroot() {
    let fresh = Fresh::new("full");
    let call = || fresh.cc("xcc-x86_64-linux-gnu", "hello.c -o hello");
    let failed = |how: &str, mut command: Command| {
        let said = clear_error(&mut command);
        assert!(fresh.sysroots().is_empty(), "{how}: {:?}", fresh.sysroots());
        assert!(!fresh.dir.join("hello").exists(), "{how}");
        fresh.left_nothing();
        said
    };
    let limited = |bytes| {
        let mut command = call();
        limit_file_size(&mut command, bytes);
        command
    };
    for bytes in [0, 4_096, 300_000] {
        failed("limit", limited(bytes));
    }
    if let Some(disk) = Tmpfs::mount(&fresh.cache()) {
        for size in ["1m", "8m", "30m"] {
            disk.resize(size);
            let said = failed(size, call());
            // In xcc's words, the system's or zig's.
            let words = ["free some space", "no space left", "NoSpaceLeft"];
            assert!(words.iter().any(|words| said.contains(words)), "{size}: {said}");
        }
        disk.resize("1g");
        fresh.one_more_call_succeeds("xcc-x86_64-linux-gnu", "hello.c -o hello", &["x86_64-linux-gnu.2.28"]);
        fs::remove_file(fresh.dir.join("hello")).unwrap();
    }
    fresh.one_more_call_succeeds("xcc-x86_64-linux-gnu", "hello.c -o hello", &["x86_64-linux-gnu.2.28"]);
}
