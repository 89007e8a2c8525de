//! Go's own way with a program for macOS: it asks the compiler for dsymutil and strip, runs both on what was linked,
//! puts the debugging information in, changes the UUID, and signs again.

use std::path::Path;
use std::process::Command;

use crate::support;
use crate::{TARGETS, built};

fn go(project: &Path, target: &str, arch: &str) -> Command {
    let mut go = support::command("go");
    go.current_dir(project).env("GOOS", "darwin").env("GOARCH", arch).env("CGO_ENABLED", "1");
    go.env("CC", support::xcc(&format!("xcc-{target}")));
    go.args(["build", "-trimpath", "-o", "program", "."]);
    go
}

#[test]
fn programs_with_debugging_information_are_whole_and_reproducible() {
    if support::which("go").is_none() {
        return support::skip("Go for macOS", "go is not installed");
    }
    for (target, arch) in TARGETS {
        let arch = if *arch == "x86_64" { "amd64" } else { arch };
        let built = built(target);
        let mut programs = Vec::new();
        for _ in 0..2 {
            let project = support::project("go-net");
            support::run(&mut go(&project, target, arch));
            let program = std::fs::read(project.join("program")).unwrap();
            std::fs::write(built.path("go-program"), &program).unwrap();
            let said = built.checked("go-program");
            assert!(said.contains(" stabs=0 "), "{said}");
            for path in ["/go-link-", &project.display().to_string()] {
                assert!(
                    memchr::memmem::find(&program, path.as_bytes()).is_none(),
                    "{target}: {path} is in the program"
                );
            }
            programs.push(program);
        }
        assert!(programs[0] == programs[1], "two builds for {target} differ");
    }
}
