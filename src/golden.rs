//! Runs the golden cases of `testdata/golden/`: a command line, and what xcc makes of it.
//!
//! A file is one assertion, named after it, or one recorded build. Its parts:
//!
//! ```text
//! # why, in a sentence
//! env NAME VALUE        a variable                         (for the cases that follow in the file)
//! zig 0.15.2            the version of zig; 0.17.0 without
//! rsp NAME TEXT         a response file NAME with one line of TEXT
//! $ NAME ARGUMENT…      the command line, in shell quoting
//! --
//! zig clang … [ … ]     the command, as far as xcc has added to the front, on one line
//! = as written          or: the remaining words, one a line
//! ~ guard-name: text    what a guard has found
//! ! rule-name           the rules that fired
//! ? 1                   instead of all this: the exit status and the text of an error
//! ```
//!
//! What follows `--` is written by `XCC_BLESS=1 cargo test golden`. `XCC_GOLDEN=text` runs the files whose path has it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::backend::Setup;
use crate::config::Config;
use crate::driver::{self, Machine, Outcome};
use crate::env::{self, Env};
use crate::error::Result;
use crate::facts::Facts;
use crate::osxcross::{self, Osxcross};
use crate::personality::{Identity, Personality, identify};
use crate::rules;
use crate::sysroot::Component;
use crate::target::Target;
use crate::tools;
use crate::zig::Zig;

/// The machine of the golden cases: fixed paths, and files that the case itself has.
struct Fixed {
    env: Env,
    zig: String,
    files: BTreeMap<String, String>,
}

impl Machine for Fixed {
    fn read(&self, file: &OsStr) -> Option<Vec<u8>> {
        self.files.get(file.to_str()?).map(|text| text.clone().into_bytes())
    }

    fn config(&self, target: Target) -> Result<Config> {
        Config::of_variables(target, &self.env)
    }

    fn setup(&self, target: Target, config: &Config, facts: &Facts<'_>) -> Result<Setup> {
        let multilib = facts.sysroot.filter(|_| target.is_bare()).map(|dir| Path::new(dir).join("lib/multilib"));
        let has_gcc = facts.sysroot.is_some_and(|dir| dir.to_string_lossy().contains("with-gcc"));
        let zig = Zig { path: "zig".into(), version: self.zig.clone(), why: "golden" };
        let (cache, sysroot, linker) = ("$C".into(), "$S".into(), "$L".into());
        let is_osxcross = config.backend.as_deref() == Some(osxcross::NAME);
        let osxcross = is_osxcross.then(|| Osxcross { bin: "$O".into(), why: "golden" });
        Ok(Setup { zig, osxcross, cache, sysroot, linker, sysroot_has_gcc: has_gcc, dsymutil: false, multilib })
    }

    fn clang_version(&self, _: &Setup) -> Result<String> {
        Ok("22.1.8".into())
    }

    fn maker(&self, setup: &Setup) -> Result<String> {
        let of_osxcross = setup.osxcross.as_ref().map(|_| "osxcross arm64-apple-darwin23".to_owned());
        Ok(of_osxcross.unwrap_or_else(|| format!("zig {}", self.zig)))
    }

    fn program(&self, name: &str, target: Target, _: &Setup) -> Result<String> {
        Ok(format!("$B/{target}-{name}"))
    }

    fn make(&self, _: Target, _: &Setup, _: &[Component]) -> Result<()> {
        Ok(())
    }

    fn exists(&self, path: &Path) -> bool {
        path.ends_with("usr/lib/libgcc.a")
    }

    fn is_empty(&self, _: &OsStr) -> bool {
        false
    }
}

/// Every case of a file, run: the text the file should have, and the rules that fired.
fn replay(text: &str, fired: &mut BTreeSet<&'static str>) -> String {
    let mut machine = Fixed { env: Env::default(), zig: "0.17.0".into(), files: BTreeMap::new() };
    let mut variables: Vec<(&'static str, &str)> = Vec::new();
    let mut out = String::new();
    let mut in_answer = false;
    for line in text.lines() {
        if in_answer && !(line.starts_with("$ ") || line.is_empty()) && !is_directive(line) {
            continue;
        }
        in_answer = false;
        if line == "--" {
            in_answer = true;
            continue;
        }
        out.push_str(line);
        out.push('\n');
        let mut words = line.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("env"), Some(name), Some(value)) => {
                let row = env::VARIABLES.iter().find(|row| row.0 == name).unwrap_or_else(|| panic!("{line}"));
                variables.push((row.0, value));
                machine.env = Env::of(&variables);
            }
            (Some("zig"), Some(version), None) => machine.zig = version.to_owned(),
            (Some("rsp"), Some(name), Some(text)) => drop(machine.files.insert(name.to_owned(), text.to_owned())),
            (Some("$"), ..) => {
                let argv = shlex::split(&line[2..]).unwrap_or_else(|| panic!("open quote: {line}"));
                out.push_str("--\n");
                out.push_str(&answer(&argv.into_iter().map(OsString::from).collect::<Vec<_>>(), &machine, fired));
                in_answer = true;
            }
            _ => assert!(line.is_empty() || line.starts_with('#'), "not a line of a golden case: {line}"),
        }
    }
    out
}

fn is_directive(line: &str) -> bool {
    // A version follows the directive, the name of a tool the command.
    let is_version = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    ["env ", "rsp ", "# "].iter().any(|word| line.starts_with(word))
        || line.strip_prefix("zig ").is_some_and(is_version)
}

fn answer(argv: &[OsString], machine: &Fixed, fired: &mut BTreeSet<&'static str>) -> String {
    let identity = identify(argv, &machine.env, |_| false);
    if let Ok(Identity::Tool { personality: tool @ (Personality::Ar | Personality::Ranlib), target, words }) = identity
    {
        let (target, rest) = tools::take_target(target, &argv[words..]).unwrap();
        let command = tools::command(tool, target, &rest, "zig".into());
        let as_written = command.args[1..] == argv[words..];
        let name = command.args[0].display().to_string();
        let rest: String = command.args[1..].iter().map(|word| format!("{}\n", word.display())).collect();
        return format!("zig {name}\n{}", if as_written { "= as written\n" } else { &rest });
    }
    let decided = identity.and_then(|identity| match identity {
        Identity::Cli | Identity::Zigbuild => panic!("a command of xcc has no golden case"),
        Identity::Tool { personality, target, words } => {
            driver::decide(personality, target, &argv[words..], &machine.env, machine).map(|outcome| (outcome, words))
        }
    });
    match decided {
        Err(error) => {
            let help = error.help().map(|help| format!("xcc: help: {help}\n")).unwrap_or_default();
            for rule in rules::all().filter(|rule| error.rule() == Some(rule.name)) {
                fired.insert(rule.name);
            }
            let rule = error.rule().map(|rule| format!("! {rule}\n")).unwrap_or_default();
            format!("? {}\nxcc: error: {error}\n{help}{rule}", error.exit_code())
        }
        Ok((Outcome::Answer(answer), _)) => format!("{}{}", answer.stdout, answer.stderr),
        Ok((Outcome::Run(run), words)) => {
            let plan = run.plan;
            let text: Vec<String> = plan.command.args.iter().map(|word| word.to_string_lossy().into_owned()).collect();
            let front = text.iter().position(|word| word == "--end-no-unused-arguments").map_or(1, |at| at + 1);
            let mut out = format!("{} {}\n", plan.command.program.display(), text[..front].join(" "));
            let user: Vec<String> = argv[words..].iter().map(|word| word.to_string_lossy().into_owned()).collect();
            if text[front..] == user {
                out.push_str("= as written\n");
            } else {
                text[front..].iter().for_each(|word| out.push_str(&format!("{word}\n")));
            }
            for finding in plan.findings {
                out.push_str(&format!("~ {}: {}\n", finding.guard.name, finding.text));
            }
            for rule in plan.fired {
                fired.insert(rule.name);
                out.push_str(&format!("! {}\n", rule.name));
            }
            out
        }
    }
}

fn case_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            case_files(&path, found);
        } else if path.extension() == Some(OsStr::new("txt")) {
            found.push(path);
        }
    }
    found.sort();
}

#[test]
fn golden_cases_pass_and_every_rule_fires_in_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden");
    let (bless, only) = (std::env::var_os("XCC_BLESS").is_some(), std::env::var("XCC_GOLDEN").unwrap_or_default());
    let mut files = Vec::new();
    case_files(&root, &mut files);
    assert!(!files.is_empty(), "no golden case in {}", root.display());
    let (mut fired, mut wrong) = (BTreeSet::new(), Vec::new());
    for path in files.iter().filter(|path| path.to_string_lossy().contains(&only)) {
        let text = fs::read_to_string(path).unwrap();
        let new = replay(&text, &mut fired);
        if new != text && bless {
            fs::write(path, &new).unwrap();
        } else if new != text {
            wrong.push(format!("{} should be:\n{new}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\n{} golden cases differ; XCC_BLESS=1 rewrites them", wrong.join("\n"), wrong.len());
    if only.is_empty() {
        for rule in rules::all() {
            assert!(fired.contains(rule.name), "no golden case fires rule '{}'", rule.name);
        }
    }
}
