//! The text: 80 columns, colour only where it is wanted, ASCII where the locale has no more; and the schema of `--json`.

use std::process::Command;

use crate::{corpus, inspect, report, support};

/// What is printed of a file in the corpus, with each of the variables set.
fn text(file: &str, variables: &[(&str, &str)]) -> String {
    let mut command = support::command(support::xcc("xcc"));
    command
        .current_dir(corpus::dir())
        .args(["inspect", file])
        .env("LC_ALL", "C.UTF-8")
        .env_remove("CI")
        .env_remove("NO_COLOR");
    support::stdout(&support::run(command.envs(variables.iter().copied())))
}

#[test]
fn no_line_is_wider_than_80_columns() {
    for path in corpus::files() {
        let name = path.file_name().unwrap().to_str().unwrap();
        for line in text(name, &[]).lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
}

#[test]
fn the_text_of_a_program_is_this() {
    let version = support::stdout(&inspect(corpus::dir(), &["--json", "musl-static-pie"]));
    let clang = version
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"clang version ")?.strip_suffix("\","))
        .unwrap()
        .to_owned();
    let expected = format!(
        "\
musl-stripped
  format        ELF 64-bit executable
  arch          x86_64, little-endian
  cpu           not recorded
  system        linux (C library)
  linkage       static
  libc          musl, linked in
  hardening     full RELRO, NX, no PIE
  debug         stripped
  build id      ID
  made by       clang version {clang}, Linker: LLD {clang}
"
    );
    let id = report(&corpus::dir().join("musl-stripped"))["images"][0]["build_id"].as_str().unwrap().to_owned();
    assert_eq!(text("musl-stripped", &[]).replace(&id, "ID"), expected);
    let expected = "\
libmixed.a
  format        archive of 3 members, 2 objects, with an index, deterministic
  objects       elf object, aarch64 (1), elf object, x86_64 (1)
  others        p.c
  finding       the members are not of one architecture: aarch64, x86_64
  debug         debugging information in 2
";
    let text = text("libmixed.a", &[]);
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let plain = text("soft", &[]);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    let painted = text("soft", &[("CLICOLOR_FORCE", "1")]);
    assert!(
        painted.contains("\u{1b}[1msoft\u{1b}[0m") && painted.contains("\u{1b}[31mthe stack is executable\u{1b}[0m"),
        "{painted}"
    );
    assert_eq!(text("soft", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), plain);
    assert_eq!(text("soft", &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")]), plain);
    // On a terminal of its own, by script(1).
    if support::which("script").is_none() {
        support::skip("colour on a terminal", "script is not installed");
        return;
    }
    let on_terminal = |variables: &[(&str, &str)]| {
        let line = format!("'{}' inspect soft", support::xcc("xcc").display());
        let mut command = Command::new("script");
        command.current_dir(corpus::dir()).args(["-qec", &line, "/dev/null"]).env_remove("CI").env_remove("NO_COLOR");
        support::stdout(&support::run(command.env("TERM", "xterm").envs(variables.iter().copied())))
    };
    assert!(on_terminal(&[]).contains("\u{1b}[1msoft"), "{}", on_terminal(&[]));
    for variable in [("CI", "true"), ("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        assert!(!on_terminal(&[variable]).contains('\u{1b}'), "{variable:?}");
    }
}

#[test]
fn names_from_files_never_reach_the_terminal_as_controls() {
    let dir = support::scratch("inspect-names");
    std::fs::write(dir.join("l.c"), "int x; int caf\u{e9}(void) { return x; }\n").unwrap();
    let cc = support::xcc("xcc-x86_64-linux-gnu-cc");
    let words = ["-shared", "-fPIC", "-Wl,-soname,a\u{1b}[31mb", "l.c", "-o", "l.so"];
    support::run(support::command(cc).current_dir(&dir).args(words));
    let shown = |locale: &str| {
        let mut command = support::command(support::xcc("xcc"));
        support::stdout(&support::run(command.current_dir(&dir).args(["inspect", "l.so"]).env("LC_ALL", locale)))
    };
    let utf8 = shown("C.UTF-8");
    assert!(utf8.contains("a\\u{1b}[31mb") && utf8.contains("caf\u{e9}"), "{utf8}");
    let ascii = shown("C");
    assert!(ascii.is_ascii() && ascii.contains("caf\\u{e9}"), "{ascii}");
}

/// What scripts read: a field that goes is a new revision of the schema.
#[test]
fn the_schema_of_json_has_these_fields() {
    let report = report(&corpus::dir().join("x86_64-linux-gnu"));
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&report), "archive container error images path requirements size");
    assert_eq!(
        keys(&report["images"][0]),
        "abi arch bits build_id cpu debug endian exports findings format go hardening host_paths imports interpreter kind libc \
         linkage name native_cpu needed optional os part rpath rust sanitizers signature size subsystem timestamp tools versions"
    );
    assert_eq!(
        keys(&report["images"][0]["hardening"]),
        "control_flow fortify high_entropy nx pie relro stack_protector text_relocations"
    );
    let output = inspect(corpus::dir(), &["--json", "--require", "static", "soft", "absent"]);
    assert_eq!(output.status.code(), Some(2));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["files"][0]["requirements"][0]["holds"], false);
    assert!(document["files"][1]["error"].as_str().unwrap().starts_with("it cannot be read"));
}
