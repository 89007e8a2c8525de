//! `xcc sysroot`: what one machine has made serves another, byte for byte, and what was altered on the way serves nobody.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{command, run, run_fails, stderr, stdout, xcc};

const TARGET: &str = "aarch64-linux-gnu";

/// A program in Go and C.
const PROGRAM: &str = "package main\n\n// #include <stdlib.h>\nimport \"C\"\nimport \"os\"\n\nfunc main() {\n\
    \tif C.abs(-3) == 3 {\n\t\tos.Stdout.WriteString(\"three\\n\")\n\t}\n}\n";

fn sysroot(words: &[&str]) -> Command {
    let mut sysroot = command(xcc("xcc"));
    sysroot.arg("sysroot").args(words);
    sysroot
}

/// An archive of the target's sysroot, made in the cache that all tests share.
fn exported(dir: &Path) -> PathBuf {
    run(&mut sysroot(&["build", "-t", TARGET]));
    let archive = dir.join("sysroots.tar.gz");
    run(sysroot(&["export", "-t", TARGET, "-o"]).arg(&archive));
    archive
}

#[test]
fn another_machine_links_at_once() {
    let dir = support::scratch("sysroots");
    let archive = exported(&dir);
    // Another user's cache, elsewhere, in which nothing was ever made.
    let cache = dir.join("another");
    let there = |command: &mut Command| run(command.env("XCC_CACHE_DIR", &cache).env("HOME", &dir));
    there(sysroot(&["import"]).arg(&archive));
    let before = stdout(&there(&mut sysroot(&["list"])));
    assert!(before.starts_with("aarch64-linux-gnu.2.28 "), "{before}");

    let project = dir.join("go");
    fs::create_dir(&project).unwrap();
    fs::write(project.join("go.mod"), "module small\n\ngo 1.24\n").unwrap();
    fs::write(project.join("main.go"), PROGRAM).unwrap();
    let trace = dir.join("trace");
    let mut go = command("strace");
    go.current_dir(&project)
        .args(["-f", "-qq", "-e", "trace=execve", "-o"])
        .arg(&trace)
        .args(["go", "build", "-o", "out"]);
    go.env("CC", xcc("xcc-aarch64-linux-gnu")).env("GOOS", "linux").env("GOARCH", "arm64").env("CGO_ENABLED", "1");
    go.env("GOCACHE", dir.join("go-cache"));
    there(&mut go);
    let trace = fs::read_to_string(trace).unwrap();
    // zig is asked for its version, once, and started as clang and as LLD: never to build anything itself.
    let starts: Vec<&str> = trace.lines().filter(|line| line.contains("/zig\", [")).collect();
    let own = |line: &&&str| {
        !["\"version\"", "\"clang\"", "\"-cc1", "\"ld.lld\"", "\"ar\""].iter().any(|word| line.contains(word))
    };
    assert!(!starts.is_empty() && starts.iter().find(own).is_none(), "{:?}", starts.iter().find(own));
    assert_eq!(stdout(&there(&mut sysroot(&["list"]))), before, "nothing was added");
    let said = support::run_target(TARGET, &project.join("out"), &[]);
    assert!(
        said.is_empty()
            || said
                == "three
",
        "{said}"
    );

    // From there it goes on, and is the same.
    let again = dir.join("again.tar.gz");
    there(sysroot(&["export", "-o"]).arg(&again));
    assert!(fs::read(&again).unwrap() == fs::read(&archive).unwrap(), "the same sysroot, other bytes");

    there(&mut sysroot(&["rm", "-t", TARGET]));
    assert_eq!(stdout(&there(&mut sysroot(&["list"]))), "");
}

#[test]
fn an_altered_archive_is_refused_and_leaves_nothing() {
    let dir = support::scratch("sysroots-altered");
    let archive = exported(&dir);
    let whole = fs::read(&archive).unwrap();
    let cache = dir.join("another");
    let flips = [0, 3, 9, 12, 20, 81, 82, 90, whole.len() / 2, whole.len() - 9, whole.len() - 1];
    let flipped = flips.map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    });
    let cut = [0, 40, 82, whole.len() - 1].map(|length| whole[..length].to_vec());
    let longer = [whole.iter().copied().chain([0]).collect::<Vec<u8>>()];
    for bytes in flipped.into_iter().chain(cut).chain(longer) {
        fs::write(&archive, &bytes).unwrap();
        let output = run_fails(sysroot(&["import"]).arg(&archive).env("XCC_CACHE_DIR", &cache));
        assert!(stderr(&output).starts_with("xcc: error: cannot use '"), "{}", stderr(&output));
        assert_eq!(output.status.code(), Some(1));
        assert!(!cache.join("sysroot").exists() && !cache.join("clang").exists());
    }
}

#[test]
fn what_is_not_there_is_named() {
    let dir = support::scratch("sysroots-missing");
    for (words, said) in [
        (&["export", "-o", "x.tar.gz"][..], "the cache has no sysroot"),
        (&["rm", "-t", TARGET], "the cache has no sysroot of 'aarch64-linux-gnu.2.28'"),
        (&["build", "-t", "no-such"], "unknown target triple 'no-such'"),
        (&["import", "missing.tar.gz"], "cannot read '"),
    ] {
        let output = run_fails(sysroot(words).current_dir(&dir).env("XCC_CACHE_DIR", dir.join("empty")));
        assert!(stderr(&output).starts_with(&format!("xcc: error: {said}")), "{}", stderr(&output));
    }
    assert!(!dir.join("x.tar.gz").exists());
}
