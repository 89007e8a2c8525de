//! Holds every row of `testdata/flags/march.tsv`: `-march`, `-mcpu` and `-mtune` mean to xcc what they mean to gcc and
//! clang, in C and in assembler files, and change nothing that they do not name.

mod support;

use std::path::Path;
use std::process::Output;

const LIST: &str = include_str!("../testdata/flags/march.tsv");

/// A target's compiler.
struct Bench<'a> {
    dir: &'a Path,
    target: &'a str,
    /// What `XCC_BACKEND` says.
    backend: &'a str,
}

impl Bench<'_> {
    fn cc(&self, words: &[&str]) -> Output {
        let mut command = support::command(support::xcc(&format!("xcc-{}", self.target)));
        command.current_dir(self.dir).env("XCC_BACKEND", self.backend).args(words).output().unwrap()
    }

    /// Does `check` hold with these flags? `Err` says why not.
    fn holds(&self, flags: &[&str], check: &str) -> Result<(), String> {
        let (verb, rest) = check.split_once(' ').unwrap_or((check, ""));
        let output = if verb == "asm" {
            std::fs::write(self.dir.join("one.S"), format!("\t.text\n\t{rest}\n")).unwrap();
            self.cc(&[flags, &["-c", "one.S", "-o", "one.o"]].concat())
        } else {
            self.cc(&[flags, &["-dM", "-E", "-x", "c", "/dev/null"]].concat())
        };
        let stderr = support::stderr(&output);
        if !output.status.success() || !stderr.is_empty() {
            return Err(format!("{}: {}", output.status, stderr.lines().next().unwrap_or("")));
        }
        let macros = support::stdout(&output);
        let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
        let line = macros.lines().find(|line| line.split(' ').nth(1) == Some(name));
        match verb {
            "macro" => match line {
                Some(line) if value.is_empty() || line.ends_with(&format!(" {value}")) => Ok(()),
                other => Err(other.unwrap_or("the macro is not defined").to_string()),
            },
            "no-macro" => line.map_or(Ok(()), |line| Err(line.to_string())),
            "asm" | "-" => Ok(()),
            _ => panic!("unknown check: {check}"),
        }
    }

    fn try_row(&self, flags: &[&str], check: &str) -> Result<(), String> {
        let (names_default, check) = check.strip_prefix('=').map_or((false, check), |check| (true, check));
        self.holds(flags, check)?;
        if !names_default && check != "-" && self.holds(&[], check).is_ok() {
            return Err("it holds without the flags too: the check proves nothing".into());
        }
        // The code generator has its own list of processors, which preprocessing never asks.
        let output = self.cc(&[flags, &["-O1", "-c", "add.c", "-o", "add.o"]].concat());
        if output.status.success() && output.stderr.is_empty() {
            Ok(())
        } else {
            Err(format!("it does not compile: {}", support::stderr(&output)))
        }
    }
}

fn all_rows_hold(backend: &str) {
    let dir = support::scratch(&format!("cpu-flags-{backend}"));
    std::fs::write(dir.join("add.c"), "int add(int *p, int n) { int s = 0; while (n--) s += *p++; return s; }\n")
        .unwrap();
    let mut failures = Vec::new();
    let lines: Vec<&str> = LIST.lines().filter(|line| !line.starts_with('#')).collect();
    for line in &lines {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[target, flags, check, _] = &columns[..] else { panic!("four columns, not: {line}") };
        if flags.contains("native") && !target.starts_with(std::env::consts::ARCH) {
            continue; // Another architecture's host has no native processor of this one.
        }
        let flags: Vec<&str> = flags.split(' ').collect();
        let result = Bench { dir: &dir, target, backend }.try_row(&flags, check);
        let may_refuse = |why: &String| backend == "zig-cc" && why.contains(REFUSED);
        if let Some(why) = result.err().filter(|why| !may_refuse(why)) {
            failures.push(format!("{target} {} [{check}]: {why}", flags.join(" ")));
        }
    }
    assert!(failures.is_empty(), "{} of {} rows fail:\n{}", failures.len(), lines.len(), failures.join("\n"));
}

/// What zig's own driver cannot do, xcc refuses before it runs.
const REFUSED: &str = "xcc: error: unsupported option";

#[test]
fn processors_are_those_of_gcc_and_clang() {
    all_rows_hold("direct");
}

#[test]
fn processors_are_the_same_or_refused_on_the_zig_cc_backend() {
    all_rows_hold("zig-cc");
}
