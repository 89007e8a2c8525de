//! Go through xcc into Windows programs: run under wine where wine can, and their headers read field by field.

#[path = "support/pe.rs"]
mod image;
mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use image::{Image, names};
use object::pe;
use support::{run, stderr, stdout, xcc};

struct Machine {
    target: &'static str,
    goarch: &'static str,
    machine: pe::Machine,
}

/// The first is the one that everything is built for.
const MACHINES: &[Machine] = &[
    Machine { target: "x86_64-windows-gnu", goarch: "amd64", machine: pe::IMAGE_FILE_MACHINE_AMD64 },
    Machine { target: "aarch64-windows-gnu", goarch: "arm64", machine: pe::IMAGE_FILE_MACHINE_ARM64 },
    Machine { target: "x86-windows-gnu", goarch: "386", machine: pe::IMAGE_FILE_MACHINE_I386 },
];

/// For these Go compiles its own library once more.
fn machines_of_libraries() -> &'static [Machine] {
    if support::all("libraries and plugins in Go for Windows on Arm and on 32 bits") {
        MACHINES
    } else {
        &MACHINES[..1]
    }
}

fn have_go() -> bool {
    let found = support::which("go").is_some();
    if !found {
        support::skip("Go for Windows", "go is not installed");
    }
    found
}

/// A copy of a project, and what it is built for.
struct Build {
    dir: PathBuf,
    machine: &'static Machine,
}

impl Build {
    fn new(project: &str, machine: &'static Machine) -> Build {
        Build { dir: support::project(project), machine }
    }

    fn command(&self) -> Command {
        let mut command = support::command("go");
        let target = self.machine.target;
        command
            .current_dir(&self.dir)
            .env("GOOS", "windows")
            .env("GOARCH", self.machine.goarch)
            .env("CGO_ENABLED", "1");
        command.env("CC", xcc(&format!("xcc-{target}"))).env("CXX", xcc(&format!("xcc-{target}-c++")));
        command.env("GOFLAGS", format!("{} -mod=mod", support::GOFLAGS));
        command
    }

    /// `go build`, which must say nothing; the output's path.
    #[track_caller]
    fn go(&self, output: &str, words: &str) -> PathBuf {
        self.finish(self.command(), output, words)
    }

    #[track_caller]
    fn finish(&self, mut command: Command, output: &str, words: &str) -> PathBuf {
        let path = self.dir.join(output);
        command.args(["build", "-o"]).arg(&path);
        // No option here has a blank inside but the flags for Go's linker.
        let (words, flags) = words.split_once("-ldflags=").unwrap_or((words, ""));
        command.args(words.split_whitespace()).arg(format!("-ldflags={flags}")).arg(".");
        let said = run(&mut command);
        assert_eq!(stderr(&said), "");
        path
    }

    #[track_caller]
    fn image(&self, output: &str, words: &str) -> Image {
        Image::read(&self.go(output, words))
    }

    /// Runs a program, where something here can.
    #[track_caller]
    fn prints(&self, exe: &str, expected: &str) {
        let Some(mut command) = support::runner(self.machine.target, &self.dir.join(exe)) else { return };
        let printed = stdout(&run(command.current_dir(&self.dir))).replace('\r', "");
        assert!(printed.starts_with(expected), "{exe} prints {printed}");
    }

    /// A program of C's, quietly.
    #[track_caller]
    fn cc(&self, words: &str) {
        let mut cc = support::command(xcc(&format!("xcc-{}", self.machine.target)));
        let said = run(cc.current_dir(&self.dir).args(words.split_whitespace()));
        assert_eq!(stderr(&said), "");
    }
}

const NET: &str = "scale: 4.75\nmix: 2.57698038965e+10\nsum: 34359739770.75\n";

#[test]
fn programs_run() {
    if !have_go() {
        return;
    }
    let cxx = Build::new("go-cxx", &MACHINES[0]);
    cxx.go("cxx.exe", "");
    cxx.prints("cxx.exe", "a=3 b=2 c=1 \ndistinct: 3\ncaught: leaf at depth 3 (out_of_range)\nresult: -1\n");

    let net = Build::new("go-net", &MACHINES[0]);
    net.go("race.exe", "-race");
    net.prints("race.exe", NET);
}

/// What is in the headers of every kind of program, on every machine. The versions differ between versions of Go, so they
/// are compared with those that Go's own linker writes.
#[test]
fn headers_are_those_of_gos_own_linker() {
    if !have_go() {
        return;
    }
    let all = support::all("headers of Go's other build modes for Windows on Arm and on 32 bits");
    for machine in MACHINES {
        let net = Build::new("go-net", machine);
        let pure = Build::new("go-resources", machine);
        let mut command = pure.command();
        command.env("CGO_ENABLED", "0");
        let by_go = Image::read(&pure.finish(command, "pure.exe", ""));
        let kinds = [
            ("exe.exe", ""),
            ("pie.exe", "-buildmode=pie"),
            ("s.exe", "-ldflags=-s -w"),
            ("gui.exe", "-ldflags=-H=windowsgui"),
        ];
        for (output, words) in &kinds[..if all || machine.goarch == "amd64" { kinds.len() } else { 1 }] {
            let image = net.image(output, words);
            assert_eq!(image.machine, machine.machine, "{output}");
            let subsystem = if *output == "gui.exe" { pe::IMAGE_SUBSYSTEM_WINDOWS_GUI } else { by_go.subsystem };
            assert_eq!(image.subsystem, subsystem, "{output}");
            assert_eq!((image.os, image.subsystem_version, image.image), (by_go.os, by_go.subsystem_version, (0, 0)));
            assert_eq!(image.dll_characteristics, by_go.dll_characteristics, "{output}");
            let marks = |image: &Image| {
                image.characteristics.0
                    & (pe::IMAGE_FILE_EXECUTABLE_IMAGE.0 | pe::IMAGE_FILE_DLL.0 | pe::IMAGE_FILE_LARGE_ADDRESS_AWARE.0)
            };
            assert_eq!(marks(&image), marks(&by_go), "{output}");
            // --no-insert-timestamp, which Go asks for.
            assert_eq!(image.timestamp, 0, "{output}");
            // Its list of exports.
            assert_eq!(image.exports, names(&["goVisit"]), "{output}");
            assert!(image.imports.contains("kernel32.dll CreateThread"), "{output}: {:?}", image.imports);
            let debug = image.sections.iter().any(|name| name.starts_with(".debug_"));
            assert_eq!(debug, *output != "s.exe", "{output}: {:?}", image.sections);
            if *output != "gui.exe" {
                net.prints(output, NET);
            }
        }
    }
}

#[test]
fn two_builds_are_the_same_to_the_byte() {
    if !have_go() {
        return;
    }
    let build = || Build::new("go-net", &MACHINES[0]).go("same.exe", "-trimpath");
    assert_eq!(fs::read(build()).unwrap(), fs::read(build()).unwrap(), "in two directories");
}

/// Exported functions alone, and a C program that loads them.
#[test]
fn a_dll_exports_its_functions_alone() {
    if !have_go() {
        return;
    }
    for machine in machines_of_libraries() {
        let shared = Build::new("go-shared", machine);
        let image = shared.image("shared.dll", "-buildmode=c-shared");
        assert_eq!(image.exports, names(&["GoAdd", "GoGoodbye", "GoGreeting", "GoMean"]));
        assert_ne!(image.characteristics.0 & pe::IMAGE_FILE_DLL.0, 0);
        let user = "#include <stdio.h>\n#include \"shared.h\"\n\
                    int main(void) { double d[] = {0.5, 1.5, 4}; printf(\"%d %g \", GoAdd(40, 2), GoMean(d, 3));\
                    puts(GoGreeting(\"loader\")); }\n";
        fs::write(shared.dir.join("user.c"), user).unwrap();
        shared.cc("user.c shared.dll -o user.exe");
        shared.prints("user.exe", "42 2 hello, loader");
    }
}

#[test]
fn an_archive_is_linked_by_a_c_program() {
    if !have_go() {
        return;
    }
    for machine in machines_of_libraries() {
        let archive = Build::new("go-archive", machine);
        archive.go("libarchive.a", "-buildmode=c-archive");
        archive.cc("-O2 -Wall -Werror -I. user/main.c libarchive.a -o user.exe");
        archive.prints("user.exe", "40 7 3 -1 half 2.5\n");
    }
}

/// A .syso of our windres, linked by LLD and by Go's own linker: the program finds all of it.
#[test]
fn resources_are_in_the_program() {
    if !have_go() {
        return;
    }
    for machine in MACHINES {
        let build = Build::new("go-resources", machine);
        let mut windres = support::command(xcc(&format!("xcc-{}-windres", machine.target)));
        let syso = format!("rsrc_windows_{}.syso", machine.goarch);
        run(windres.current_dir(&build.dir).args(["-O", "coff", "-i", "resources.rc", "-o", &syso]));
        for (cgo, how) in [("1", "with C 42"), ("0", "without C")] {
            let mut command = build.command();
            command.env("CGO_ENABLED", cgo);
            let image = Image::read(&build.finish(command, "resources.exe", ""));
            assert_eq!(image.resources, [3, 6, 14, 16, 24].into(), "{} {how}", machine.goarch);
            build.prints("resources.exe", &format!("14 true\n16 true\n24 true\ngrün {how}\n"));
        }
    }
}

#[test]
fn go_sqlite_finds_a_neighbour() {
    if !have_go() {
        return;
    }
    let build = Build::new("go-sqlite", &MACHINES[0]);
    let mut command = build.command();
    fs::write(build.dir.join("xcc.toml"), support::sqlite_config()).unwrap();
    command.env("CC", support::env_cc(build.machine.target));
    build.finish(command, "sqlite.exe", "");
    build.prints("sqlite.exe", "200 OK\nsqlite 3.53.4\nvec v0.1.6\n3 at 0.060\n4 at 0.140\n2 at 0.260\n");
}
