//! `xcc matrix`: one command, a table, archives and digests; one broken cell, and the others land.

#[path = "support/rust.rs"]
mod rust;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use support::{command, run, run_fails, stderr, stdout, xcc};

/// A program in Go and C.
const PROGRAM: &str = "package main\n\n// #include <stdlib.h>\nimport \"C\"\nimport \"os\"\n\nfunc main() {\n\
    \tif C.abs(-3) == 3 {\n\t\tos.Stdout.WriteString(\"three\\n\")\n\t}\n}\n";

fn project(name: &str) -> PathBuf {
    let dir = support::scratch(name);
    fs::write(dir.join("go.mod"), "module small\n\ngo 1.24\n").unwrap();
    fs::write(dir.join("main.go"), PROGRAM).unwrap();
    fs::write(dir.join("LICENSE"), "as you like\n").unwrap();
    fs::write(dir.join("setup"), "#!/bin/sh\n").unwrap();
    dir
}

fn matrix(dir: &Path, words: &[&str]) -> Command {
    let mut matrix = command(xcc("xcc"));
    matrix
        .current_dir(dir)
        .arg("matrix")
        .args(words)
        .env("WINEPREFIX", support::windows_dir())
        .env("WINEDEBUG", "-all");
    matrix
}

/// The table by its first column.
fn rows(output: &Output) -> BTreeMap<String, Vec<String>> {
    let table = stdout(output);
    let rows = table.lines().map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()));
    rows.map(|mut cells| (cells.next().unwrap_or_default().to_owned(), cells.map(str::to_owned).collect())).collect()
}

#[test]
fn one_command_makes_a_release() {
    let dir = project("matrix");
    let file = "[matrix]\ntargets = ['linux/amd64', 'aarch64-linux-musl', 'windows/amd64']\nname = 'small'\nversion = '1.2'\n\
                command = 'go build -trimpath -buildvcs=false -o {out} .'\narchive = true\ninclude = ['LICENSE', 'setup']\n\
                output = '{name}-{version}-{os}-{arch}{ext}'\nrun = []\n";
    fs::write(dir.join("xcc.toml"), file).unwrap();
    let mut whole = matrix(&dir, &["-j", "2"]);
    let output = run(whole
        .env("CGO_CFLAGS_ALLOW", "-fnone")
        .env("RELEASE_PASSWORD", "of a signer")
        .env("CPATH", "/usr/include"));
    let rows = rows(&output);
    for target in ["linux/amd64", "aarch64-linux-musl", "windows/amd64"] {
        assert_eq!(rows[target][..3], ["yes"; 3], "{target}: {}", stdout(&output));
    }
    let dist = dir.join("dist");
    // Found in the programs themselves.
    let needs = |target: &str| rows[target][3].clone();
    assert_eq!([needs("aarch64-linux-musl"), needs("windows/amd64")], ["static", "ucrt"]);
    assert!(needs("linux/amd64").starts_with("glibc 2."), "{}", needs("linux/amd64"));
    let names = ["small-1.2-linux-amd64.tar.gz", "small-1.2-linux-arm64.tar.gz", "small-1.2-windows-amd64.zip"];
    let sums = fs::read_to_string(dist.join("checksums.txt")).unwrap();
    assert_eq!(sums.lines().map(|line| line.split("  ").nth(1).unwrap()).collect::<Vec<_>>(), names);
    run(command("sha256sum").current_dir(&dist).args(["--check", "--strict", "checksums.txt"]));

    run(command("tar").current_dir(&dist).args(["-xzf", names[1]]));
    assert_eq!(support::run_target("aarch64-linux-musl", &dist.join("small"), &[]), "three\n");
    assert_eq!(fs::read_to_string(dist.join("LICENSE")).unwrap(), "as you like\n");
    run(&mut command(dist.join("setup")));
    let listed = run(command("python3").current_dir(&dist).args(["-m", "zipfile", "-l", names[2]]));
    assert!(stdout(&listed).contains("small.exe ") && stdout(&listed).contains("LICENSE "), "{}", stdout(&listed));

    // What it was made of, in the words of in-toto and CycloneDX.
    let json =
        |name: &str| -> serde_json::Value { serde_json::from_slice(&fs::read(dist.join(name)).unwrap()).unwrap() };
    let statement = json(&format!("{}.provenance.json", names[0]));
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    let digest = statement["subject"][0]["digest"]["sha256"].as_str().unwrap();
    assert!(sums.contains(&format!("{digest}  {}\n", names[0])), "{digest}");
    let build = &statement["predicate"]["buildDefinition"];
    assert_eq!(build["externalParameters"]["command"][5], "{out}", "{build}");
    // By name: what xcc sets and what the user has, and not what no build reads or what is taken away.
    let environment = build["internalParameters"]["environment"].as_array().unwrap();
    for (name, is_there) in
        [("GOARCH", true), ("CGO_CFLAGS_ALLOW", true), ("RELEASE_PASSWORD", false), ("CPATH", false)]
    {
        assert_eq!(environment.contains(&name.into()), is_there, "{name}: {build}");
    }
    assert!(!build.to_string().contains("-fnone"), "{build}");
    let inputs: Vec<&str> =
        build["resolvedDependencies"].as_array().unwrap().iter().map(|input| input["uri"].as_str().unwrap()).collect();
    assert!(
        ["pkg:generic/zig@", "file:go.mod", "file:."]
            .iter()
            .all(|uri| inputs.iter().any(|input| input.starts_with(uri))),
        "{inputs:?}"
    );
    let bill = json(&format!("{}.cdx.json", names[1]));
    let purls: Vec<&str> =
        bill["components"].as_array().unwrap().iter().filter_map(|one| one["purl"].as_str()).collect();
    assert!(purls.iter().any(|purl| purl.starts_with("pkg:golang/std@1.")), "{purls:?}");
    assert_eq!(bill["specVersion"], "1.6");

    // Elsewhere, on another day: the same bytes.
    let other = project("matrix-elsewhere");
    fs::write(other.join("xcc.toml"), file).unwrap();
    run(&mut matrix(&other, &["-j", "1", "-o", "out"]));
    assert_eq!(fs::read_to_string(other.join("out/checksums.txt")).unwrap(), sums);
}

#[test]
fn a_broken_cell_leaves_the_others() {
    let dir = project("matrix-broken");
    let script = "if [ {arch} = arm64 ]; then echo no luck; echo 'half' >{out}; exit 3; fi; go build -o {out} .";
    let words = ["-t", "linux/arm64,linux/amd64", "--name", "small", "--", "sh", "-c", script];
    fs::create_dir(dir.join("dist")).unwrap();
    fs::write(dir.join("dist/small_linux_arm64"), "of an earlier release").unwrap();
    let output = run_fails(&mut matrix(&dir, &words));
    assert_eq!(output.status.code(), Some(1));
    let rows = rows(&output);
    assert_eq!(rows["linux/arm64"][..3], ["FAILED", "-", "-"]);
    assert_eq!(rows["linux/amd64"][..3], ["yes", "yes", "not run"]);
    assert!(stdout(&output).contains("\nnot run: --run "), "{}", stdout(&output));
    let said = stderr(&output);
    assert!(said.contains("xcc: error: linux/arm64: the command failed: exit status: 3\n  no luck\n"), "{said}");
    assert!(!dir.join("dist/small_linux_arm64").exists(), "an old or half-written file was left");
    assert_eq!(stdout(&run(&mut command(dir.join("dist/small_linux_amd64")))), "three\n");
    let sums = fs::read_to_string(dir.join("dist/checksums.txt")).unwrap();
    assert!(sums.ends_with("  small_linux_amd64\n") && sums.lines().count() == 1, "{sums}");
}

/// A Wine that is too old for a program says nothing of it; one that fails of itself does.
#[test]
fn a_program_that_wine_is_too_old_for_was_not_run() {
    let dir = project("matrix-wine");
    let bin = support::scratch("matrix-old-wine");
    let words = ["-t", "windows/amd64", "--name", "small", "--run", "--", "sh", "-c", "$CC -x c - -o {out} <main.c"];
    fs::write(dir.join("main.c"), "int main(void) { return 0; }\n").unwrap();
    let with = |said: &str| {
        let wine = bin.join("wine");
        fs::write(&wine, format!("#!/bin/sh\necho '{said}' >&2\nexit 2\n")).unwrap();
        fs::set_permissions(&wine, PermissionsExt::from_mode(0o755)).unwrap();
        matrix(&dir, &words).env("PATH", support::path_with(&bin)).output().unwrap()
    };
    for said in [
        "fatal error: bcryptprimitives.dll not found",
        "0024:err:module:import_dll Library bcryptprimitives.dll (which is needed by L\"Z:\") not found",
    ] {
        let output = with(said);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(rows(&output)["windows/amd64"][..3], ["yes", "yes", "not here"]);
        let note = "xcc: note: windows/amd64: the program was not run: this Wine lacks bcryptprimitives.dll";
        assert!(stderr(&output).contains(note), "{}", stderr(&output));
        assert!(dir.join("dist/small_windows_amd64.exe").is_file());
    }
    let output = with("file not found");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(rows(&output)["windows/amd64"][..3], ["yes", "yes", "FAILED"]);
}

#[test]
fn what_is_not_what_was_asked_for_fails_its_cell() {
    let dir = project("matrix-checks");
    // A command that does not listen builds for the host.
    let words = ["-t", "linux/arm64,linux/amd64", "--name", "small", "--require", "glibc<=2.5", "--"];
    let build = "cc -x c - -o {out} <<'E'\n#include <stdio.h>\nint main(void) { puts(\"\"); return 0; }\nE";
    let output = run_fails(&mut matrix(&dir, &[&words[..], &["sh", "-c", build]].concat()));
    let said = stderr(&output);
    assert!(said.contains("linux/arm64: it does not meet 'arch=aarch64': the architecture is x86_64"), "{said}");
    assert!(said.contains("linux/amd64: it does not meet 'glibc<=2.5'"), "{said}");
    assert_eq!(rows(&output)["linux/amd64"][..3], ["yes", "FAILED", "-"]);
    assert!(!dir.join("dist/small_linux_arm64").exists() && !dir.join("dist/checksums.txt").exists());
    let output = run_fails(&mut matrix(&dir, &["-t", "linux/arm64", "--require", "glibx", "--", "true"]));
    assert!(stderr(&output).starts_with("xcc: error: unknown requirement 'glibx'"), "{}", stderr(&output));
}

#[test]
fn a_program_that_cannot_be_told_where_to_go_is_fetched() {
    let dir = support::project("rust-macro");
    let words = ["-t", "x86_64-unknown-linux-musl", "--run=", "--from", "target/{rust}/debug/rust-macro{ext}", "--"];
    let output = run(&mut matrix(&dir, &[&words[..], &["cargo", "build", "--quiet", "--locked"]].concat()));
    assert_eq!(rows(&output)["x86_64-unknown-linux-musl"][..3], ["yes"; 3]);
    let name = dir.file_name().unwrap().to_str().unwrap();
    assert!(dir.join(format!("dist/{name}_linux_amd64")).is_file());
}

/// Two programs in one file, built side by side with a third.
#[test]
fn both_processors_of_macos_are_one_program() {
    if ["ld64.lld", "lld", "rustup"].iter().all(|tool| support::which(tool).is_none()) {
        return support::skip("a universal program", "no LLD is installed");
    }
    let dir = project("matrix-universal");
    fs::write(dir.join("main.c"), "#include <stdio.h>\nint main(void) { puts(\"three\"); return 0; }\n").unwrap();
    let words = ["-t", "darwin/universal,darwin/arm64", "--name", "n", "--", "sh", "-c", "$CC -O1 -o {out} main.c"];
    let output = run(&mut matrix(&dir, &words));
    assert_eq!(rows(&output)["darwin/universal"][..4], ["yes", "yes", "not run", "macos 10.12"], "{}", stdout(&output));
    let archs =
        |file: &str| stdout(&run(command(xcc("xcc")).args(["lipo", "-archs"]).arg(dir.join("dist").join(file))));
    assert_eq!(archs("n_darwin_universal"), "x86_64 arm64\n");
    assert_eq!(archs("n_darwin_arm64"), "arm64\n");
    // Each half is what its own build is.
    let mut thin = command(xcc("xcc"));
    thin.current_dir(dir.join("dist")).args(["lipo", "-thin", "arm64", "n_darwin_universal", "-output", "thin"]);
    run(&mut thin);
    assert!(fs::read(dir.join("dist/thin")).unwrap() == fs::read(dir.join("dist/n_darwin_arm64")).unwrap());
    assert!(fs::read_dir(dir.join("dist/.cells")).unwrap().all(|entry| entry.unwrap().path().is_file()), "logs alone");
    // Half of it is none of it.
    let broken =
        ["-t", "universal-macos", "--name", "n", "--", "sh", "-c", "[ {arch} != amd64 ] && $CC -o {out} main.c"];
    run_fails(&mut matrix(&dir, &broken));
    assert!(!dir.join("dist/n_darwin_universal").exists());
}

/// A program that says how it was made; the command leaves a line for each time it runs.
#[test]
fn what_did_not_change_is_not_built_again() {
    let dir = support::scratch("matrix-changed");
    let source = |text: &str| {
        let main = format!("#include <stdio.h>\nint main(void) {{ puts(\"{text}\"); return 0; }}\n");
        fs::write(dir.join("main.c"), main).unwrap();
    };
    source("one");
    // Marked as what can be made again, so none of the source.
    fs::create_dir(dir.join("runs")).unwrap();
    fs::write(dir.join("runs/CACHEDIR.TAG"), "").unwrap();
    let built = |more: &[&str], set: &[(&str, &str)]| -> Vec<String> {
        let words = ["-t", "linux/amd64,aarch64-linux-musl", "--name", "n", "--changed", "--run"];
        let command = ["--", "sh", "-c", "echo {target} >>runs/now; $CC $CFLAGS -o {out} main.c"];
        let output = run(matrix(&dir, &[&words, more, &command[..]].concat()).envs(set.iter().copied()));
        let ran = fs::read_to_string(dir.join("runs/now")).unwrap_or_default();
        let _ = fs::remove_file(dir.join("runs/now"));
        let rows = rows(&output);
        for (label, name) in [("linux/amd64", "x86_64-linux-gnu"), ("aarch64-linux-musl", "aarch64-linux-musl")] {
            let fate = if ran.contains(name) { "yes" } else { "kept" };
            assert_eq!(rows[label][..3], [fate, "yes", "yes"], "{}", stdout(&output));
        }
        let sums = fs::read_to_string(dir.join("dist/checksums.txt")).unwrap();
        assert_eq!(sums.lines().count(), 2, "what is kept is part of the release");
        let mut ran: Vec<String> = ran.lines().map(str::to_owned).collect();
        ran.sort();
        ran
    };
    let both = ["aarch64-linux-musl", "x86_64-linux-gnu"];
    assert_eq!(built(&[], &[]), both);
    assert!(built(&[], &[]).is_empty());
    source("two");
    assert_eq!(built(&[], &[]), both, "another source");
    assert_eq!(stdout(&run(&mut command(dir.join("dist/n_linux_amd64")))), "two\n");
    assert_eq!(built(&[], &[("CFLAGS", "-O1")]), both, "another value of a variable");
    assert!(built(&[], &[("CFLAGS", "-O1"), ("GITHUB_RUN_ID", "7")]).is_empty());
    assert_eq!(built(&["--require", "glibc<=9"], &[("CFLAGS", "-O1")]), both, "another gate");
    assert_eq!(built(&[], &[]), both);
    fs::write(dir.join("dist/n_linux_arm64"), "damaged").unwrap();
    assert_eq!(built(&[], &[]), both[..1], "another artifact");
    fs::write(dir.join("xcc.toml"), "[target.x86_64-linux-gnu]\ncflags = '-DX'\n").unwrap();
    assert_eq!(built(&[], &[]), both, "a file of the source and of the configuration");
    run(matrix(&dir, &["-t", "linux/amd64", "--name", "n", "--", "cp", "main.c", "{out}"]).env("CFLAGS", ""));
    assert_eq!(built(&[], &[]), both[1..], "another command made what is there");
}

#[test]
fn what_cannot_be_planned_builds_nothing() {
    let dir = project("matrix-plans");
    for (words, said) in [
        (&["--", "true"][..], "xcc: error: the matrix has no target\n"),
        (&["-t", "linux/amd64"], "xcc: error: the matrix has no command\n"),
        (
            &["-t", "linux/amd64", "--changed", "--no-provenance", "--", "true"],
            "xcc: error: nothing says what an artifact was made of\n",
        ),
        (&["-t", "linux/vax", "--", "true"], "xcc: error: unknown target triple 'linux/vax'\n"),
        (
            &["-t", "linux/arm64", "--output", "{nme}", "--", "true"],
            "xcc: error: unknown placeholder '{nme}' in '{nme}'\n",
        ),
        (
            &["-t", "linux/arm64,linux/amd64", "--output", "{name}", "--name", "n", "--", "true"],
            "xcc: error: 'linux/arm64' and 'linux/amd64' would both be 'n'\n",
        ),
        (&["-t", "linux/arm64", "--output", "../x", "--", "true"], "xcc: error: '../x' is not the name of a file\n"),
    ] {
        let output = run_fails(&mut matrix(&dir, words));
        assert!(stderr(&output).starts_with(said), "{}", stderr(&output));
        assert!(!dir.join("dist").exists());
    }
    // Two of one system and machine are told apart.
    let words = ["-t", "linux/arm64,aarch64-linux-musl", "--name", "n", "--", "cp", "LICENSE", "{out}"];
    run(&mut matrix(&dir, &words));
    assert!(dir.join("dist/n_aarch64-linux-gnu").is_file() && dir.join("dist/n_aarch64-linux-musl").is_file());
}

/// Programs that stand for those of `docs/examples/signing/xcc.toml`: each writes down how it was called and what the file was, and
/// signs as the real one does.
const SIGNERS: &[(&str, &str)] = &[
    // In its place.
    ("rcodesign", "for file; do :; done; note \"$file\"; echo signed >>\"$file\""),
    // A copy.
    (
        "osslsigncode",
        "while [ $# -gt 0 ]; do case $1 in -in) in=$2 ;; -out) out=$2 ;; esac; shift; done; note \"$in\"; [ ! -e \"$out\" ] && \
         { cat \"$in\"; echo signed; } >\"$out\"",
    ),
    // A file of its own.
    (
        "cosign",
        "for file; do case $last in --bundle) bundle=$file ;; esac; last=$file; done; note \"$file\"; sha256sum <\"$file\" >\"$bundle\"",
    ),
];

/// A directory of the signers; they write into `calls`, the words of a call in one line.
fn signers(dir: &Path) -> String {
    let bin = dir.join("bin");
    fs::create_dir(&bin).unwrap();
    for (name, does) in SIGNERS {
        let note = "note() { [ -f \"$1\" ] || exit 9; [ ! -e no-luck ] || { echo \"$0 says: no luck\"; exit 1; }; }";
        let script = format!("#!/bin/sh\necho \"${{0##*/}} $*\" >>calls\n{note}\n{does}\n");
        fs::write(bin.join(name), script).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())
}

/// The digests of the files of `checksums.txt` hold, and so do those of their provenance.
fn check_digests(dist: &Path) -> Vec<String> {
    run(command("sha256sum").current_dir(dist).args(["--check", "--strict", "checksums.txt"]));
    let sums = fs::read_to_string(dist.join("checksums.txt")).unwrap();
    let lines = sums.lines().map(|line| line.split_once("  ").unwrap());
    let mut names = Vec::new();
    for (digest, name) in lines {
        if let Ok(text) = fs::read(dist.join(format!("{name}.provenance.json"))) {
            let statement: serde_json::Value = serde_json::from_slice(&text).unwrap();
            assert_eq!(statement["subject"][0]["digest"]["sha256"], digest, "{name}");
        }
        names.push(name.to_owned());
    }
    names
}

#[test]
fn digests_are_of_what_is_signed() {
    let dir = support::scratch("matrix-signing");
    let path = signers(&dir);
    fs::write(dir.join("program"), "not signed\n").unwrap();
    let example = support::root().join("docs/examples/signing/xcc.toml");
    let hooks = fs::read_to_string(example).unwrap();
    fs::write(dir.join("xcc.toml"), &hooks).unwrap();
    let words = ["-t", "linux/amd64,darwin/arm64,windows/amd64", "--name", "app", "--version", "1.2"];
    let whole = |more: &[&str]| {
        let mut matrix = matrix(&dir, &[&words[..], more, &["--", "cp", "program", "{out}"]].concat());
        matrix.env("PATH", &path);
        matrix
    };
    let calls = || {
        let calls = fs::read_to_string(dir.join("calls")).unwrap_or_default();
        let _ = fs::remove_file(dir.join("calls"));
        let mut calls: Vec<String> = calls.lines().map(str::to_owned).collect();
        calls.sort();
        calls
    };
    let output = run(&mut whole(&["-j", "1"]));
    let rows_of_it = rows(&output);
    assert_eq!(rows_of_it["target"][..3], ["built", "signed", "inspected"]);
    assert_eq!(rows_of_it["linux/amd64"][..2], ["yes", "-"], "{}", stdout(&output));
    assert_eq!(rows_of_it["darwin/arm64"][..2], ["yes", "yes"]);
    let dist = dir.join("dist");
    let read = |name: &str| fs::read_to_string(dist.join(name)).unwrap();
    assert_eq!(read("app_1.2_linux_amd64"), "not signed\n");
    assert_eq!(read("app_1.2_darwin_arm64"), "not signed\nsigned\n");
    assert_eq!(read("app_1.2_windows_amd64.exe"), "not signed\nsigned\n");
    assert_eq!(check_digests(&dist).len(), 3);
    let digest = stdout(&run(command("sha256sum").stdin(fs::File::open(dist.join("checksums.txt")).unwrap())));
    assert_eq!(read("checksums.txt.sigstore.json"), digest, "the digests that lie there are those that were signed");
    let said = stdout(&output);
    assert!(said.ends_with("dist/checksums.txt.sigstore.json\n"), "{said}");
    let made = calls();
    assert_eq!(made.len(), 3, "{made:?}");
    assert!(made.iter().all(|call| !call.contains('{')), "{made:?}");
    let kept: Vec<_> = fs::read_dir(dist.join(".cells")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(kept.iter().all(|path| path.is_file()), "{kept:?}");

    // What is kept is signed already, but not the digests of all.
    run(&mut whole(&["--changed"]));
    assert_eq!(calls().len(), 1);
    // Without: nothing of an earlier release stays.
    assert_eq!(rows(&run(&mut whole(&["--no-sign"])))["target"][1], "inspected");
    assert!(calls().is_empty() && !dist.join("checksums.txt.sigstore.json").exists());
    assert_eq!(read("app_1.2_darwin_arm64"), "not signed\n");
    run(&mut whole(&["--changed"]));
    assert_eq!(calls().len(), 3, "what is not signed is not what was asked for");

    // One that fails.
    fs::write(dir.join("no-luck"), "").unwrap();
    let output = run_fails(&mut whole(&[]));
    let said = stderr(&output);
    assert!(said.contains("darwin/arm64: it is not signed: 'rcodesign' failed: exit status: "), "{said}");
    assert!(said.contains("rcodesign says: no luck\n") && said.contains("checksums.txt is not signed"), "{said}");
    assert_eq!(rows(&output)["darwin/arm64"][..3], ["yes", "FAILED", "-"]);
    assert_eq!(check_digests(&dist), ["app_1.2_linux_amd64"]);
    assert!(!dist.join("app_1.2_darwin_arm64").exists() && !dist.join("checksums.txt.sigstore.json").exists());
    // That of the digests fails the run, and leaves none.
    fs::write(dir.join("xcc.toml"), &hooks[hooks.rfind("[[").unwrap()..]).unwrap();
    let output = run_fails(&mut whole(&[]));
    let said = stderr(&output);
    assert!(
        said.contains("xcc: error: checksums.txt: it is not signed: 'cosign' failed: exit status: 1\n  "),
        "{said}"
    );
    assert!(!dist.join("checksums.txt").exists() && dist.join("app_1.2_darwin_arm64").is_file());
}

#[test]
fn archives_have_signatures_beside_them_and_programs_within() {
    let dir = support::scratch("matrix-signatures");
    fs::write(dir.join("program"), "not signed\n").unwrap();
    let words = "{name} {version} {target} {os} {arch} {ext}";
    let hook = |what: &str, signature: &str, script: &str| {
        format!(
            "[[matrix.sign]]\nwhat = '{what}'\n{signature}\ncommand = ['sh', '-c', '{script}', 'sh', '{{artifact}}', '{{signature}}', '{words}']\n"
        )
    };
    let note = r#"echo "$(basename "$1") $(basename "$2") $3" >"$2""#;
    let text = hook("binary", "", note) + &hook("archive", "signature = '{artifact}.asc'", note);
    fs::write(dir.join("xcc.toml"), format!("[matrix]\narchive = true\n{text}")).unwrap();
    let words = ["-t", "aarch64-linux-musl,windows/amd64", "--name", "app", "--version", "1.2", "--changed"];
    let whole = |command: &[&str]| matrix(&dir, &[&words[..], &["--"], command].concat());
    run(&mut whole(&["cp", "program", "{out}"]));
    let dist = dir.join("dist");
    let archives = ["app_1.2_linux_arm64.tar.gz", "app_1.2_windows_amd64.zip"];
    let with_signatures = archives.map(|name| [name.to_owned(), format!("{name}.asc")]).concat();
    assert_eq!(check_digests(&dist), with_signatures);
    let listed = stdout(&run(command("tar").current_dir(&dist).args(["-tzf", archives[0]])));
    assert_eq!(listed, "app\napp.sig\n");
    run(command("tar").current_dir(&dist).args(["-xzf", archives[0]]));
    let of_target = "app 1.2 aarch64-linux-musl linux arm64 \n";
    let read = |name: &str| fs::read_to_string(dist.join(name)).unwrap();
    assert_eq!(read("app.sig"), format!("app app.sig {of_target}"));
    assert_eq!(read(&with_signatures[1]), format!("{0} {0}.asc {of_target}", archives[0]));
    assert!(read(&with_signatures[3]).ends_with(" app 1.2 x86_64-windows-gnu windows amd64 .exe\n"));
    // A signature is part of what is kept.
    let kept = |fate: [&str; 2]| {
        let rows = rows(&run(&mut whole(&["cp", "program", "{out}"])));
        assert_eq!([rows["aarch64-linux-musl"][0].as_str(), &rows["windows/amd64"][0]], fate);
        assert_eq!(check_digests(&dist), with_signatures);
    };
    kept(["kept", "kept"]);
    fs::write(dist.join(&with_signatures[1]), "damaged").unwrap();
    kept(["yes", "kept"]);
    // One that is promised and not written; then a command that does not get to it.
    fs::write(dir.join("xcc.toml"), format!("[matrix]\narchive = true\n{}", hook("archive", "", "true"))).unwrap();
    let said = stderr(&run_fails(&mut whole(&["cp", "program", "{out}"])));
    assert!(
        said.contains("it is not signed: 'sh' wrote no '") && said.contains("app_1.2_linux_arm64.tar.gz.sig'"),
        "{said}"
    );
    assert!(archives.iter().all(|name| !dist.join(name).exists()));
    fs::write(dir.join("xcc.toml"), hook("binary", "", "true").replace("{artifact}", "{artefact}")).unwrap();
    let said = stderr(&run_fails(&mut whole(&["touch", "ran"])));
    assert!(said.starts_with("xcc: error: [[matrix.sign]]: unknown placeholder '{artefact}'"), "{said}");
    assert!(!dir.join("ran").exists());
}

/// The words of a file that a command is about to write, and whether the processes of these numbers are there.
fn started(file: &Path) -> Vec<String> {
    for _ in 0..3000 {
        let words: Vec<String> =
            fs::read_to_string(file).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        if words.len() == 2 {
            return words;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{} was not written", file.display());
}

/// A process that nobody has waited for yet is none that runs.
fn is_gone(id: &str) -> bool {
    let is_running = || {
        let state = stdout(&command("ps").args(["-o", "stat=", "-p", id]).output().unwrap());
        !state.trim().is_empty() && !state.trim().starts_with('Z')
    };
    (0..500).any(|_| {
        let gone = !is_running();
        if !gone {
            std::thread::sleep(Duration::from_millis(20));
        }
        gone
    })
}

/// What sleeps is a child of the command. With and without a process group of xcc's own, as a shell gives it one or not.
#[test]
fn a_signal_ends_what_runs() {
    let dir = support::scratch("matrix-signals");
    let script = "echo $$ >started; sh -c 'echo $$ >>started; exec sleep 300'; exit 1";
    // Stands for a build that goes on and on.
    fs::create_dir(dir.join("bin")).unwrap();
    fs::write(dir.join("bin/cargo"), format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(dir.join("bin/cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", dir.join("bin").display(), std::env::var("PATH").unwrap());
    let of_matrix = &["matrix", "-t", "linux/amd64", "--no-provenance", "--", "sh", "-c", script][..];
    let of_run = &["run", "-t", "universal-macos", "--", "cargo", "build"][..];
    for (words, signal, own_group) in [
        (of_matrix, libc::SIGTERM, false),
        (of_matrix, libc::SIGINT, true),
        (of_run, libc::SIGTERM, false),
        (of_run, libc::SIGTERM, true),
    ] {
        let _ = fs::remove_file(dir.join("started"));
        let mut xcc = command(xcc("xcc"));
        xcc.current_dir(&dir).args(words).env("PATH", &path).stdin(Stdio::null()).stderr(Stdio::null());
        if own_group {
            xcc.process_group(0);
        }
        // What started the tests may ignore it, as a shell has its background jobs do, and then xcc would too.
        // SAFETY: between fork and exec this is one system call.
        unsafe {
            xcc.pre_exec(move || {
                libc::signal(signal, libc::SIG_DFL);
                Ok(())
            });
        }
        let mut child = xcc.spawn().unwrap();
        let processes = started(&dir.join("started"));
        run(command("kill").args([format!("-{signal}"), child.id().to_string()]));
        assert_eq!(child.wait().unwrap().signal(), Some(signal), "{words:?}");
        for id in processes {
            assert!(is_gone(&id), "process {id} of {words:?} goes on, own group: {own_group}");
        }
    }
}

/// A directory in which qemu finds the C libraries of both of Arm's architectures.
fn libraries_of_arm() -> PathBuf {
    let root = support::scratch("matrix-libraries");
    fs::create_dir(root.join("lib")).unwrap();
    for machine in ["arm64", "armhf"] {
        let from = support::shared_dir().join("qroots").join(machine).join("lib");
        for entry in fs::read_dir(from).into_iter().flatten().flatten() {
            symlink(entry.path(), root.join("lib").join(entry.file_name())).unwrap();
        }
    }
    root
}

/// What each cell of a release comes to: built and inspected, and run where this machine can.
const RELEASE: &[(&str, &str)] = &[
    ("x86_64-unknown-linux-gnu", "yes"),
    ("x86_64-unknown-linux-musl", "yes"),
    ("aarch64-unknown-linux-gnu", "yes"),
    ("aarch64-unknown-linux-musl", "yes"),
    ("armv7-unknown-linux-gnueabihf", "yes"),
    ("armv7-linux-musleabihf", "yes"),
    ("darwin/amd64", "not here"),
    ("darwin/arm64", "not here"),
    ("darwin/universal", "not here"),
    ("windows/amd64", "yes"),
    ("windows/arm64", "not here"),
];

/// The whole release of a project by one command; then the same with Windows on one machine broken by the last line of its
/// `xcc.toml`.
#[track_caller]
fn whole_release(dir: &Path, config: &str, release: &[(&str, &str)], command: &[&str]) {
    let targets: Vec<&str> = release.iter().map(|(label, _)| *label).collect();
    let words = ["--name", "app", "-j", "2", "--run=", "-t", &targets.join(","), "--require", "no-sanitizers"];
    let mut whole = matrix(dir, &[&words[..], command].concat());
    whole.env("QEMU_LD_PREFIX", libraries_of_arm());
    fs::write(dir.join("xcc.toml"), config).unwrap();
    let output = run(&mut whole);
    let fine = rows(&output);
    for (label, ran) in release {
        assert_eq!(fine[*label][..3], ["yes", "yes", ran], "{label}: {}", stdout(&output));
    }
    let sums = fs::read_to_string(dir.join("dist/checksums.txt")).unwrap();
    assert_eq!(sums.lines().count(), release.len(), "{sums}");

    fs::write(dir.join("xcc.toml"), format!("{config}[target.x86_64-windows-gnu]\ncflags = '-include none.h'\n"))
        .unwrap();
    // Cargo knows nothing of xcc's configuration.
    let _ = fs::remove_dir_all(dir.join("target/x86_64-pc-windows-gnu"));
    let output = run_fails(&mut whole);
    assert_eq!(output.status.code(), Some(1));
    for (label, cells) in rows(&output) {
        match label.as_str() {
            "windows/amd64" => assert_eq!(cells[..3], ["FAILED", "-", "-"]),
            label if targets.contains(&label) => assert_eq!(cells[..2], ["yes", "yes"], "{label}"),
            _ => {}
        }
    }
    let said = stderr(&output);
    assert!(
        said.contains("xcc: error: windows/amd64: the command failed") && said.contains("'none.h' file not found"),
        "{said}"
    );
    let sums = fs::read_to_string(dir.join("dist/checksums.txt")).unwrap();
    assert_eq!(sums.lines().count(), release.len() - 1, "{sums}");
}

/// SQLite and Go's network library, for eleven targets.
#[test]
fn the_release_of_a_go_program() {
    let dir = support::project("go-sqlite");
    // Names beside xcc are the ones that it takes.
    let linux = ["x86_64-linux-gnu", "x86_64-linux-musl", "aarch64-linux-gnu", "aarch64-linux-musl"];
    for target in linux.iter().chain(&["x86_64-macos", "aarch64-macos", "x86_64-windows-gnu"]) {
        support::env_cc(target);
    }
    whole_release(&dir, &support::sqlite_config(), RELEASE, &["--", "go", "build", "-o", "{out}", "."]);
}

/// Two members, one with C of its own.
#[test]
fn the_release_of_a_rust_workspace() {
    // rustup has no standard library of one of them for every version of Rust.
    let release: Vec<_> = RELEASE.iter().copied().filter(|(label, _)| *label != "armv7-linux-musleabihf").collect();
    let triples = release.iter().map(|(label, _)| match *label {
        "darwin/amd64" => "x86_64-apple-darwin",
        "darwin/arm64" | "darwin/universal" => "aarch64-apple-darwin",
        "windows/amd64" => "x86_64-pc-windows-gnu",
        "windows/arm64" => "aarch64-pc-windows-gnullvm",
        triple => triple,
    });
    let triples: Vec<&str> = triples.collect();
    let there = rust::stds(&triples);
    if !triples.iter().all(|triple| there.iter().any(|std| std.target == *triple && std.method == "installed")) {
        return support::skip("the release of a Rust workspace", "standard libraries are missing");
    }
    let dir = support::project("rust-workspace");
    let command = ["--from", "target/{rust}/debug/app{ext}", "--", "cargo", "build", "--quiet", "--locked"];
    whole_release(&dir, "", &release, &command);
    let exe = dir.join("dist/app_aarch64-linux-gnu");
    let exe = if exe.is_file() { exe } else { dir.join("dist/app_linux_arm64") };
    assert_eq!(support::run_target("aarch64-linux-gnu", &exe, &[]), "3 words of C, caught true\n");
}
