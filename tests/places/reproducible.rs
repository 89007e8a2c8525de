//! One source, built in two directories by two users with two caches, is the same bytes: `xcc run --reproducible`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::rust;
use crate::support::{self, command, run, stdout, xcc};

const TARGETS: &[&str] = &["x86_64-linux-musl", "aarch64-linux-gnu", "x86_64-windows-gnu", "aarch64-macos"];

/// A user with a cache, who builds in a directory of theirs.
struct User {
    home: PathBuf,
    cache: PathBuf,
    /// Go's cache, with its library compiled; it outlives the test.
    go: PathBuf,
}

/// Two who have nothing in common but the project.
fn users(name: &str) -> [User; 2] {
    let dir = support::scratch(name);
    let elsewhere = support::shared_dir().join("elsewhere/of-another-user");
    let one = User { home: dir.join("one"), cache: support::cache_dir(), go: support::shared_dir().join("go-cache") };
    let other = User { home: dir.join("the/other"), cache: elsewhere.join("xcc"), go: elsewhere.join("go") };
    for user in [&one, &other] {
        fs::create_dir_all(user.home.join("bin")).unwrap();
        fs::create_dir_all(&user.go).unwrap();
        symlink(env!("CARGO_BIN_EXE_xcc"), user.home.join("bin/xcc")).unwrap();
    }
    other_cache(&other.cache);
    [one, other]
}

/// With everything, zig compiles the runtimes once more, in the other place. Else they come as one user gives them to
/// another, and [`no_runtime_has_a_path_of_the_machine_that_made_it`] says why that is the same.
fn other_cache(cache: &Path) {
    static MADE: OnceLock<()> = OnceLock::new();
    MADE.get_or_init(|| {
        for target in TARGETS {
            run(command(xcc("xcc")).args(["sysroot", "build", "--cxx", "-t", target]));
            let listed = stdout(&run(command(xcc("xcc")).args(["sysroot", "list"]).env("XCC_CACHE_DIR", cache)));
            if support::all("byte identity with runtimes that another user made") {
                run(command(xcc("xcc")).args(["sysroot", "build", "--cxx", "-t", target]).env("XCC_CACHE_DIR", cache));
            } else if !listed.lines().any(|line| line.starts_with(target)) {
                let archive = support::scratch("reproducible-sysroots").join("sysroots.tar.gz");
                run(command(xcc("xcc")).args(["sysroot", "export", "-t", target, "-o"]).arg(&archive));
                run(command(xcc("xcc")).args(["sysroot", "import"]).arg(&archive).env("XCC_CACHE_DIR", cache));
            }
        }
    });
}

impl User {
    /// The project in this user's home, committed at a time that both agree on.
    fn check_out(&self, files: &[(&str, &str)]) -> PathBuf {
        let dir = self.home.join("project");
        for (name, text) in files {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        for words in [&["init", "-q"][..], &["add", "."], &["commit", "-q", "-m", "first"]] {
            let mut git = command("git");
            git.current_dir(&dir).args(words).env("HOME", &self.home);
            for who in ["AUTHOR", "COMMITTER"] {
                git.env(format!("GIT_{who}_NAME"), "n").env(format!("GIT_{who}_EMAIL"), "n@example.org");
                git.env(format!("GIT_{who}_DATE"), "1000000000 +0000");
            }
            run(&mut git);
        }
        dir
    }

    /// `xcc run --reproducible` in a directory.
    fn build(&self, dir: &Path, target: &str, words: &[&str]) -> Command {
        let mut build = command(self.home.join("bin/xcc"));
        build.current_dir(dir).args(["run", "--reproducible", "-t", target, "--"]).args(words);
        for name in ["CXXFLAGS", "SOURCE_DATE_EPOCH", "CARGO_TARGET_DIR", "CARGO_ENCODED_RUSTFLAGS"] {
            build.env_remove(name);
        }
        build.env("PATH", without_dsymutil());
        build.env("HOME", &self.home).env("XCC_CACHE_DIR", &self.cache).env("GOCACHE", &self.go);
        build
    }
}

/// The machine's PATH but for dsymutil: where there is one clang starts it, and its input names the temporary objects.
fn without_dsymutil() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = support::scratch("path-without-dsymutil");
        for from in std::env::split_paths(&std::env::var_os("PATH").unwrap()) {
            for program in fs::read_dir(from).into_iter().flatten().flatten() {
                let name = program.file_name();
                if !name.to_string_lossy().contains("dsymutil") {
                    // The first on PATH wins.
                    let _ = symlink(program.path(), dir.join(name));
                }
            }
        }
        dir
    })
}

/// Builds in both homes, and compares a file; its bytes.
#[track_caller]
fn same(users: &[User; 2], files: &[(&str, &str)], target: &str, output: &str, words: &[&str]) -> Vec<u8> {
    let made = users.each_ref().map(|user| {
        let dir = user.check_out(files);
        let said = run(&mut user.build(&dir, target, words));
        assert_eq!(support::stderr(&said), "", "{target}");
        fs::read(dir.join(output)).unwrap()
    });
    if made[0] != made[1] {
        let at = made[0].iter().zip(&made[1]).position(|(one, other)| one != other);
        let homes = users.each_ref().map(|user| user.home.join("project").join(output));
        panic!("{target}: {homes:?} differ at {at:?} of {} and {} bytes", made[0].len(), made[1].len());
    }
    for user in users {
        let home = user.home.to_str().unwrap();
        let cache = user.cache.to_str().unwrap();
        for path in [home, cache] {
            assert!(memchr::memmem::find(&made[0], path.as_bytes()).is_none(), "{target}: {output} has {path}");
        }
    }
    made.into_iter().next().unwrap()
}

const C: &[(&str, &str)] = &[
    (
        "main.c",
        "#include <assert.h>\n#include <stdio.h>\n#include \"part.h\"\nint main(int n, char **v) {\n\
         assert(n > 0);\nprintf(\"%s %s %s %d\\n\", __FILE__, __DATE__, __TIME__, part(v));\nreturn 0;\n}\n",
    ),
    ("include/part.h", "static inline const char *where(void) { return __FILE__; }\nint part(char **);\n"),
    ("lib/part.c", "#include \"part.h\"\n#include <stdio.h>\nint part(char **v) { return puts(where()) + v[0][0]; }\n"),
];

/// With debugging information, absolute names of sources, and objects in archives.
#[test]
fn c_is_the_same_bytes() {
    let users = users("reproducible-c");
    for target in TARGETS {
        let script = "set -e\n$CC $CFLAGS -I\"$PWD/include\" -c \"$PWD/lib/part.c\" -o part.o\n$AR rc libpart.a part.o\n\
             $CC $CFLAGS $LDFLAGS -I\"$PWD/include\" main.c libpart.a -o out";
        let bytes = same(&users, C, target, "out", &["sh", "-c", script]);
        let has = |text: &str| memchr::memmem::find(&bytes, text.as_bytes()).is_some();
        assert!(has("Sep  9 2001") && has("01:46:40"), "{target}: the time of the commit");
        assert!(has("include/part.h"), "{target}: __FILE__ of a header");
    }
}

#[test]
fn cxx_is_the_same_bytes() {
    let text = fs::read_to_string(support::root().join("testdata/projects/c/hello.cc")).unwrap();
    let files = [("src/hello.cc", text.as_str())];
    let users = users("reproducible-cxx");
    for target in TARGETS {
        let script = "$CXX $CXXFLAGS $LDFLAGS -std=c++20 \"$PWD/src/hello.cc\" -o out";
        same(&users, &files, target, "out", &["sh", "-c", script]);
    }
}

#[test]
fn go_is_the_same_bytes() {
    if support::which("go").is_none() {
        return support::skip("Go twice", "go is not installed");
    }
    let project = support::root().join("testdata/projects/go-cxx");
    let names = ["go.mod", "main.go", "words.cpp", "words.h"];
    let mut files: Vec<(&str, String)> =
        names.map(|name| (name, fs::read_to_string(project.join(name)).unwrap())).to_vec();
    // Of this very run: Go's cache has everything that it compiled before.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    files.push(("now.go", format!("package main\n\nvar Now = \"{now}\"\n\nfunc init() {{ println(Now) }}\n")));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let users = users("reproducible-go");
    for target in TARGETS {
        same(&users, &files, target, "out", &["go", "build", "-o", "out", "."]);
    }
}

/// Panics and debugging information name sources, of a workspace's member too.
#[test]
fn rust_is_the_same_bytes() {
    let project = support::root().join("testdata/projects/rust-macro");
    let names = ["Cargo.toml", "Cargo.lock", "build.rs", "src/main.rs", "macros/Cargo.toml", "macros/src/lib.rs"];
    let files = names.map(|name| (name, fs::read_to_string(project.join(name)).unwrap()));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let users = users("reproducible-rust");
    for target in TARGETS {
        let triple = match *target {
            "x86_64-linux-musl" => "x86_64-unknown-linux-musl",
            "aarch64-linux-gnu" => "aarch64-unknown-linux-gnu",
            "x86_64-windows-gnu" => "x86_64-pc-windows-gnu",
            _ => "aarch64-apple-darwin",
        };
        if !rust::stds(&[triple]).iter().any(|std| std.method == "installed") {
            support::skip(&format!("Rust twice for {target}"), "no standard library of that target");
            continue;
        }
        // rustup's programs look below HOME.
        let rustup = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
        let rustup = rustup.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".rustup"));
        let script = format!("RUSTUP_HOME='{}' exec cargo build --quiet --locked --offline", rustup.display());
        let words = ["sh", "-c", script.as_str()];
        let end = if target.contains("windows") { ".exe" } else { "" };
        same(&users, &files, target, &format!("target/{triple}/debug/rust-macro{end}"), &words);
    }
}

/// What xcc makes once for all programs of a target: archives of libc, libc++, compiler-rt, start files.
#[test]
fn no_runtime_has_a_path_of_the_machine_that_made_it() {
    let searched = support::runtimes_without_paths(&support::cache_dir().join("sysroot"));
    assert!(searched > 20, "{searched} files");
}
