//! `xcc run -t T -- COMMAND`: the same projects with nothing else said to their build systems. The results run.

use super::*;

const TARGET: &str = "aarch64-linux-musl";

fn xcc_run(dir: &Path, words: &[&str]) -> Command {
    let mut run = command(xcc("xcc"));
    run.current_dir(dir).args(["run", "-t", TARGET, "--"]).args(words);
    run
}

fn machine_of(file: &Path) -> String {
    let output = run(command(xcc("xcc")).arg("readelf").arg("-h").arg(file));
    stdout(&output).lines().find_map(|line| Some(line.trim().strip_prefix("Machine:")?.trim().to_owned())).unwrap()
}

#[test]
fn cargo_builds_for_the_target_and_runs_its_program() {
    let triple = "aarch64-unknown-linux-musl";
    if !rust::stds(&[triple]).iter().any(|std| std.method == "installed") {
        return skip("cargo run for aarch64-linux-musl", "no standard library of that target");
    }
    let dir = support::project("rust-macro");
    // What is behind -- is the program's own.
    let said = stdout(&run(&mut xcc_run(&dir, &["cargo", "run", "--quiet", "--locked", "--", "--target"])));
    assert!(said.contains(&format!("built for {triple}\n")), "{said}");
    assert!(said.contains("file 12 twelve bytes\n"), "{said}");
}

#[test]
fn go_builds_for_the_target() {
    let dir = support::project("go-cxx");
    let mut build = xcc_run(&dir, &["go", "build", "-o", "out"]);
    run(build.env("GOFLAGS", format!("{} -mod=mod", support::GOFLAGS)).env("CC", "/no/such").env("GOOS", "plan9"));
    assert_eq!(machine_of(&dir.join("out")), "AArch64");
    assert!(!support::run_target(TARGET, &dir.join("out"), &[]).is_empty());
}

#[test]
fn cmake_meson_and_make_build_for_the_target() {
    if !have(&["cmake", "meson", "ninja", "make"]) {
        return;
    }
    let dir = support::project("meson");
    fs::write(
        dir.join("CMakeLists.txt"),
        "cmake_minimum_required(VERSION 3.10)\nproject(words C CXX)\nadd_executable(words words.c count.cc)\n",
    )
    .unwrap();
    // A makefile that names the host's compilers, as many do.
    fs::write(
        dir.join("Makefile"),
        "CC = gcc\nCXX = g++\nAR = ar\nwords: words.c count.cc\n\t$(CC) -c words.c\n\t$(AR) rcs libw.a words.o\n\t$(CXX) count.cc libw.a -o words\n",
    )
    .unwrap();
    run(&mut xcc_run(&dir, &["cmake", "-S", ".", "-B", "c", "-G", "Ninja"]));
    run(&mut xcc_run(&dir, &["cmake", "--build", "c"]));
    run(&mut xcc_run(&dir, &["meson", "setup", "m"]));
    run(&mut xcc_run(&dir, &["meson", "compile", "-C", "m"]));
    run(&mut xcc_run(&dir, &["make"]));
    for program in ["c/words", "m/count-static", "words"] {
        assert_eq!(machine_of(&dir.join(program)), "AArch64", "{program}");
        assert_eq!(support::run_target(TARGET, &dir.join(program), &[]), OUTPUT, "{program}");
    }
}

#[test]
fn configure_is_told_the_host_once() {
    let dir = support::scratch("run-configure");
    let script = dir.join("configure");
    fs::write(&script, "#!/bin/sh\necho \"$@\"; basename \"$CC\"; exit 3\n").unwrap();
    run(command("chmod").arg("+x").arg(&script));
    for (words, expected) in [
        (&["./configure", "--prefix=/p"][..], "--host=aarch64-linux-musl --prefix=/p\n"),
        (&["./configure", "--host=arm-none-eabi"], "--host=arm-none-eabi\n"),
    ] {
        let output = xcc_run(&dir, words).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "the command's own status");
        assert_eq!(stdout(&output), format!("{expected}xcc-{TARGET}-cc\n"));
    }
}

/// Redis has such a configure inside, of jemalloc: a makefile starts it and says no `--host`.
#[test]
fn a_configure_that_a_makefile_starts_knows_the_host_too() {
    if !have(&["autoreconf", "make", "m4"]) {
        return;
    }
    let dir = support::scratch("run-site");
    let script =
        "AC_INIT([inner], [1])\nAC_CONFIG_AUX_DIR([.])\nAC_CANONICAL_HOST\nAC_PROG_CC\nAC_FUNC_MALLOC\nAC_OUTPUT\n";
    fs::write(dir.join("configure.ac"), script).unwrap();
    run(command("autoreconf").current_dir(&dir).arg("-fi"));
    let makefile =
        "all:\n\t./configure CC='$(CC) -O1' >target.log\n\t./configure CC=cc >native.log\n\techo $$CONFIG_SITE\n";
    fs::write(dir.join("Makefile"), makefile).unwrap();
    run(&mut xcc_run(&dir, &["make"]));
    let said = |log: &str| fs::read_to_string(dir.join(log)).unwrap();
    for answer in [
        "host system type... aarch64-unknown-linux-musl",
        "whether we are cross compiling... yes",
        "for GNU libc compatible malloc... (cached) yes",
    ] {
        assert!(said("target.log").contains(answer), "{answer}\n{}", said("target.log"));
    }
    let native = said("native.log");
    assert!(native.contains("whether we are cross compiling... no") && !native.contains("(cached)"), "{native}");

    let mut own = xcc_run(&dir, &["sh", "-c", "echo $CONFIG_SITE"]);
    assert_eq!(stdout(&run(own.env("CONFIG_SITE", "/etc/own.site"))), "/etc/own.site\n");
}

#[test]
fn signals_and_failures_pass_through() {
    use std::os::unix::process::ExitStatusExt;
    let dir = support::scratch("run-signals");
    let killed = xcc_run(&dir, &["sh", "-c", "kill -TERM $$"]).status().unwrap();
    assert_eq!(killed.signal(), Some(15));
    let output = xcc_run(&dir, &["no-such-program"]).output().unwrap();
    assert_eq!(output.status.code(), Some(127));
    assert!(support::stderr(&output).starts_with("xcc: error: "), "{}", support::stderr(&output));
    // Without -t it is buildx's platform.
    let mut buildx = command(xcc("xcc"));
    buildx
        .args(["run", "sh", "-c", "echo $GOARCH $CARGO_BUILD_TARGET"])
        .env("TARGETPLATFORM", "linux/arm64")
        .env("XCC_LIBC", "musl");
    assert_eq!(stdout(&run(&mut buildx)), "arm64 aarch64-unknown-linux-musl\n");
}
