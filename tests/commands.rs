//! xcc's own small commands: names in a directory, completions, manual pages, versions of zig.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{command, run, run_fails, stderr, stdout, xcc};

fn own(words: &[&str]) -> Command {
    let mut own = command(xcc("xcc"));
    own.args(words);
    own
}

#[test]
fn shims_are_names_that_work_and_nobody_elses_file_is_touched() {
    let dir = support::scratch("shims");
    run(own(&["shims", "bin", "-t", "aarch64-linux-gnu", "--gnu"]).current_dir(&dir));
    for name in ["aarch64-linux-gnu-gcc", "xcc-aarch64-linux-gnu-c++"] {
        let machine = run(command(dir.join("bin").join(name)).arg("-dumpmachine"));
        assert_eq!(stdout(&machine), "aarch64-linux-gnu\n", "{name}");
    }
    // Again: the links are ours.
    run(own(&["shims", "bin", "-t", "aarch64-linux-gnu"]).current_dir(&dir));

    fs::create_dir(dir.join("theirs")).unwrap();
    fs::write(dir.join("theirs/xcc-ar"), "theirs").unwrap();
    let output = run_fails(own(&["shims", "theirs", "-t", "aarch64-linux-gnu"]).current_dir(&dir));
    assert!(stderr(&output).contains("xcc-ar' is there already and is not xcc"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(dir.join("theirs/xcc-ar")).unwrap(), "theirs");
}

#[test]
fn a_slash_in_a_spelling_makes_no_directory() {
    let dir = support::scratch("shims-slash");
    run(own(&["shims", "bin", "-t", "linux/arm64", "--gnu"]).current_dir(&dir));
    let entries = fs::read_dir(dir.join("bin")).unwrap().map(Result::unwrap);
    assert!(entries.into_iter().all(|entry| entry.file_type().unwrap().is_symlink()));
    let machine = run(command(dir.join("bin/aarch64-linux-gnu-gcc")).arg("-dumpmachine"));
    assert_eq!(stdout(&machine), "aarch64-linux-gnu\n");
}

/// It shows the command and runs nothing: the file is not there.
#[test]
fn a_call_is_explained_and_not_run() {
    let dir = support::scratch("explain");
    let explain = |words: &[&str]| stdout(&run(own(&["explain"]).args(words).current_dir(&dir)));
    let said = explain(&["-t", "linux/arm64", "--", "-c", "missing.c", "-lgcc_s", "-o", "a.o"]);
    assert!(said.contains("aarch64-linux-gnu") && said.contains("missing.c") && said.contains("clang"), "{said}");
    assert!(explain(&["--cxx", "--", "missing.cc"]).contains("missing.cc"));
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 0);
    let output = run_fails(&mut own(&["explain", "-t", "linux/vax", "--", "a.c"]));
    assert!(stderr(&output).starts_with("xcc: error: unknown target triple 'linux/vax'\n"), "{}", stderr(&output));
}

#[test]
fn shells_accept_their_completions_and_man_its_pages() {
    let dir = support::scratch("pages");
    let script = stdout(&run(&mut own(&["completions", "bash"])));
    fs::write(dir.join("xcc.bash"), &script).unwrap();
    let asked = format!(
        "source {}; COMP_WORDS=(xcc zig wh); COMP_CWORD=2; _xcc xcc wh zig; echo \"${{COMPREPLY[@]}}\"",
        dir.join("xcc.bash").display()
    );
    assert_eq!(stdout(&run(command("bash").args(["-c", &asked]))), "which\n");
    run(own(&["man", "man1"]).current_dir(&dir));
    let page = fs::read_to_string(dir.join("man1/xcc-matrix.1")).unwrap();
    assert!(page.contains(".TH XCC-MATRIX 1") && page.contains("\\-\\-archive"), "{page}");
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&run(&mut own(&["completions", shell]))).contains("sysroot"), "{shell}");
    }
}

/// As a shell does for a program that is not there, and with what to do.
#[test]
fn a_zig_that_is_not_there_exits_with_127() {
    for (value, said) in [
        (
            "/no/such/zig",
            "xcc: error: cannot use the value of XCC_ZIG: no such file: '/no/such/zig'\nxcc: help: run 'xcc zig install' ",
        ),
        ("0.9.1", "xcc: error: zig 0.9.1 is not installed\nxcc: help: run 'xcc zig install 0.9.1'\n"),
    ] {
        for words in [&["cc", "-c", "a.c"][..], &["ar", "t", "a.a"]] {
            let output = run_fails(own(words).env("XCC_ZIG", value));
            assert!(stderr(&output).starts_with(said), "{}", stderr(&output));
            assert_eq!(output.status.code(), Some(127), "{value} {words:?}");
        }
    }
}

/// `xcc ar -target T` as with the compiler; ar's own words stay ar's.
#[test]
fn the_archivers_take_a_target_as_the_compiler_does() {
    let dir = support::scratch("ar-target");
    fs::write(dir.join("a.c"), "int a;\n").unwrap();
    let here = |words: &[&str]| stdout(&run(own(words).current_dir(&dir)));
    here(&["cc", "-target", "aarch64-linux-musl", "-c", "a.c"]);
    here(&["ar", "-target", "aarch64-linux-musl", "rcs", "one.a", "a.o"]);
    here(&["ar", "rc", "--target=aarch64-linux-musl", "other.a", "a.o"]);
    here(&["ranlib", "--target=aarch64-linux-musl", "other.a"]);
    assert_eq!(here(&["ar", "t", "one.a", "-target", "linux/arm64"]), "a.o\n");
    assert_eq!(fs::read(dir.join("one.a")).unwrap(), fs::read(dir.join("other.a")).unwrap());
    let said = stderr(&run_fails(own(&["ar", "-target", "no-such", "t", "one.a"]).current_dir(&dir)));
    assert!(said.starts_with("xcc: error: unknown target triple 'no-such'"), "{said}");
}

/// PowerShell's literal string, by its rules: an apostrophe, straight or typographic, ends it unless it is doubled, and no
/// other character means anything.
fn powershell_literal(text: &str) -> Option<String> {
    let is_quote = |c: &char| matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
    let mut rest = text.chars();
    let mut value = String::new();
    rest.next().filter(is_quote)?;
    loop {
        let c = rest.next()?;
        if is_quote(&c) {
            match rest.next() {
                Some(second) if is_quote(&second) => {}
                None => return Some(value),
                Some(_) => return None,
            }
        }
        value.push(c);
    }
}

/// Each shell itself is asked what it has made of them.
#[test]
fn shells_read_back_the_variables_of_a_target() {
    let dir = support::scratch("shells");
    let odd = "-DA=\"it's $HOME\" -DB='a\\b' -DC=`x`;#(y)*~ \u{2019}x\u{2019}";
    let said = |shell: &str| {
        let mut env = own(&["env", "-t", "linux/arm64", "--reproducible", "--shell", shell]);
        env.env("CFLAGS", odd).env("XCC_CACHE_DIR", dir.join("it's a $cache"));
        stdout(&run(env.current_dir(&dir)))
    };
    let json: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&said("json")).unwrap();
    let mut expected: Vec<(&str, &str)> = json.iter().map(|(name, value)| (&**name, value.as_str().unwrap())).collect();
    expected.sort_unstable();
    assert!(expected.iter().any(|(name, value)| *name == "CFLAGS" && value.starts_with(odd)), "{expected:?}");
    assert!(expected.iter().any(|(_, value)| value.contains("it's a $cache")), "{expected:?}");
    for (shell, program) in [("sh", "sh"), ("sh", "bash"), ("fish", "fish")] {
        if support::which(program).is_none() {
            support::skip("variables in a shell", &format!("{program} is not installed"));
            continue;
        }
        fs::write(dir.join("variables"), said(shell)).unwrap();
        // fish writes its own files at home.
        let mut asked = command(program);
        asked.current_dir(&dir).env("HOME", &dir).env_remove("CFLAGS").args(["-c", ". ./variables; env -0"]);
        let read = stdout(&run(&mut asked));
        for (name, value) in &expected {
            let line = format!("{name}={value}");
            assert!(read.split('\0').any(|read| read == line), "{program}: {line} is not in {read}");
        }
    }
    let read: Vec<(String, String)> = said("pwsh")
        .lines()
        .map(|line| {
            let (name, value) = line.strip_prefix("${env:").and_then(|line| line.split_once("} = ")).unwrap();
            (name.to_owned(), powershell_literal(value).unwrap_or_else(|| panic!("not one literal: {line}")))
        })
        .collect();
    let mut read: Vec<(&str, &str)> = read.iter().map(|(name, value)| (&**name, &**value)).collect();
    read.sort_unstable();
    assert_eq!(read, expected);
}

#[test]
fn the_version_of_zig_is_chosen_among_the_installed() {
    let dir = support::scratch("zig-use");
    let data = |words: &[&str]| {
        let mut own = own(words);
        own.env("XCC_DATA_DIR", &dir).env_remove("XCC_ZIG");
        own
    };
    for version in ["0.15.2", "0.16.0"] {
        fs::create_dir_all(dir.join("zig").join(version)).unwrap();
        fs::write(dir.join("zig").join(version).join("zig"), "").unwrap();
    }
    run(&mut data(&["zig", "use", "0.15.2"]));
    let listed = stdout(&run(&mut data(&["zig", "list"])));
    assert!(listed.contains("* 0.15.2       installed\n") && listed.contains("  0.16.0       installed\n"), "{listed}");
    assert!(listed.contains("  0.14.1       xcc zig install can get it\n"), "{listed}");
    let output = run_fails(&mut data(&["zig", "use", "0.14.1"]));
    assert!(stderr(&output).starts_with("xcc: error: zig 0.14.1 is not installed\n"), "{}", stderr(&output));
}

#[test]
fn the_doctor_names_what_is_wrong_and_what_to_do() {
    let dir = support::scratch("doctor");
    let doctor = |words: &[&str]| {
        let mut doctor = own(&["doctor"]);
        doctor.args(words).current_dir(&dir).env_remove("CPATH").env_remove("CPPFLAGS");
        doctor
    };
    let fine = stdout(&run(&mut doctor(&[])));
    assert!(fine.contains("ok      zig         0.") && fine.contains("\n0 problems, "), "{fine}");
    assert!(fine.contains("ok      xcc.toml    none;"), "{fine}");
    // Lines are broken at 80 columns, and nobody's log has colours.
    let long = fine.lines().find(|line| line.len() > 80 && line.trim().contains(' ') && !line.contains('/'));
    assert!(long.is_none() && !fine.contains('\x1b'), "{fine}");

    fs::write(dir.join("xcc.toml"), "[target.aarch64-linux-gnu]\nglibc = \"2.2\"\n").unwrap();
    fs::create_dir(dir.join("bin")).unwrap();
    std::os::unix::fs::symlink("/nowhere/xcc", dir.join("bin/xcc-cc")).unwrap();
    let path = format!("{}:{}", dir.join("bin").display(), std::env::var("PATH").unwrap());
    let mut ill = doctor(&["--json"]);
    ill.env("PATH", path).env("XCC_BACKEND", "none").env("CFLAGS", "-O2 -march=native").env("CPATH", "/usr/include");
    ill.env("XCC_CACHE_DIR", "/proc/none");
    let output = run_fails(&mut ill);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for (check, level, found) in [
        ("cache", "problem", "/proc/none cannot be written"),
        ("names", "problem", "bin/xcc-cc: there is no file behind the name"),
        ("xcc.toml", "problem", "glibc version '2.2' is not available"),
        ("variables", "note", "CFLAGS=-O2 -march=native"),
        ("variables", "note", "CPATH=/usr/include"),
        ("variables", "problem", "XCC_BACKEND: unknown backend 'none'"),
    ] {
        let findings = report["findings"].as_array().unwrap();
        let is_it = |one: &&serde_json::Value| {
            one["check"] == check && one["level"] == level && one["found"].as_str().unwrap().contains(found)
        };
        let finding = findings.iter().find(is_it).unwrap_or_else(|| panic!("{found}: {report:#}"));
        assert!(finding["help"].as_str().is_some_and(|help| !help.is_empty()), "{finding}");
    }
}

/// 1 is an answer of `xcc inspect`.
#[test]
fn a_wrong_command_line_exits_with_2() {
    for words in [
        &["inspect", "--no-such", "x"][..],
        &["inspect"],
        &["matrix", "--jobs", "many"],
        &["env", "--cmake", "--meson"],
        &["zig", "fetch"],
        &["shims"],
    ] {
        let output = run_fails(&mut own(words));
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let said = stderr(&output);
        assert!(said.starts_with("xcc: error: ") && said.contains("--help"), "{said}");
    }
}

#[test]
fn an_empty_list_says_so() {
    let dir = support::scratch("lists");
    for (what, said) in [("sdk", "xcc: note: no SDK is here; "), ("sysroot", "xcc: note: no sysroot is here; ")] {
        let output = run(own(&[what, "list"]).env("XCC_DATA_DIR", &dir).env("XCC_CACHE_DIR", dir.join("cache")));
        assert!(output.stdout.is_empty() && stderr(&output).starts_with(said), "{output:?}");
    }
}

#[test]
fn guards_warn_where_somebody_sees_it() {
    let dir = support::scratch("guards");
    fs::write(dir.join("a.c"), "int f(void) { return 1; }\n").unwrap();
    let call = |level: &str, trace: &str| {
        let mut cc = command(xcc("xcc-x86_64-linux-musl-cc"));
        cc.current_dir(&dir).args(["-march=native", "-fsyntax-only", "a.c"]).env("XCC_GUARD", level);
        cc.env("XCC_TRACE", trace);
        cc
    };
    if std::env::consts::ARCH != "x86_64" {
        // No other processor is a native one to clang's x86_64.
        return eprintln!("NOTE guards are tried on x86_64");
    }
    assert_eq!(stderr(&run(&mut call("", "trace"))), "", "standard error is no terminal");
    let trace = fs::read_to_string(dir.join("trace")).unwrap();
    assert!(trace.contains("xcc: guard: native-cpu: '-march=native' for target 'x86_64-linux-musl': "), "{trace}");
    let said = stderr(&run(&mut call("native-cpu=warn", "0")));
    assert!(said.starts_with("xcc: warning: '-march=native' for target ") && said.contains("\nxcc: help: "), "{said}");
    let said = stderr(&run_fails(&mut call("native-cpu=error", "0")));
    assert!(said.starts_with("xcc: error: '-march=native' for target "), "{said}");
    assert_eq!(stderr(&run(&mut call("native-cpu=off", "0"))), "");
    assert!(stderr(&run_fails(&mut call("cpu=off", "0"))).contains("'cpu' is no guard"), "a name that is none");
    // As a project has it.
    fs::write(dir.join("xcc.toml"), "[guard]\nnative-cpu = \"error\"\n").unwrap();
    run_fails(&mut call("", "0"));
    run(&mut call("native-cpu=off", "0"));
}

/// A compiler in `dir` with those levels.
fn guarded(dir: &Path, target: &str, levels: &str, words: &[&str]) -> Command {
    let mut cc = command(xcc(&format!("xcc-{target}-cc")));
    cc.current_dir(dir).args(words).env("XCC_GUARD", levels);
    cc
}

#[test]
fn a_program_with_a_path_of_the_build_is_found_after_its_link() {
    const MUSL: &str = "x86_64-linux-musl";
    let dir = support::scratch("host-paths");
    fs::write(dir.join("a.c"), "const char *path = __FILE__;\nint main(void) { return path[0] == 0; }\n").unwrap();
    let source = dir.join("a.c");
    let source = source.to_str().unwrap();
    let found = format!("'a' has the path '{source}' in it: ");
    let refused = |target: &str, words: &[&str]| {
        let said = stderr(&run_fails(&mut guarded(&dir, target, "host-paths=error", words)));
        assert!(said.starts_with("xcc: error: 'a") && said.contains("\nxcc: help: "), "{words:?}: {said}");
        assert!(!dir.join("a").exists() && !dir.join("a.exe").exists(), "{words:?}: the program is still there");
        said
    };
    // Source and link in one, of an object, and by clang's own driver.
    let said = refused(MUSL, &[source, "-o", "a"]);
    assert!(said.starts_with(&format!("xcc: error: {found}")), "{said}");
    // No program: nothing is looked for.
    run(&mut guarded(&dir, MUSL, "host-paths=error", &["-c", source, "-o", "a.o"]));
    run(&mut guarded(&dir, MUSL, "host-paths=error", &["-r", "a.o", "-o", "r.o"]));
    refused(MUSL, &["a.o", "-o", "a"]);
    refused(MUSL, &["-B.", "a.o", "-o", "a"]);
    refused(MUSL, &["-shared", "-fPIC", source, "-o", "a"]);
    refused(MUSL, &["-g", "a.c", "-o", "a"]);
    refused("x86_64-windows-gnu", &[source]);
    refused("aarch64-macos", &[source, "-o", "a"]);
    let map = format!("-ffile-prefix-map={}=.", dir.display());
    run(&mut guarded(&dir, MUSL, "host-paths=error", &["-g", &map, source, "-o", "a"]));

    let quiet = |levels: &str, trace: &str| {
        let mut call = guarded(&dir, MUSL, levels, &[source, "-o", "a"]);
        stderr(&run(call.env("XCC_TRACE", trace)))
    };
    assert_eq!(quiet("", "0"), "", "standard error is no terminal");
    assert_eq!(quiet("host-paths=off", "trace"), "");
    let trace = || fs::read_to_string(dir.join("trace")).unwrap();
    assert!(!trace().contains("xcc: guard:"), "{}", trace());
    assert_eq!(quiet("", "trace"), "");
    assert!(trace().contains(&format!("xcc: guard: host-paths: {found}")), "{}", trace());
    assert!(quiet("host-paths=warn", "0").starts_with(&format!("xcc: warning: {found}")));
    assert!(dir.join("a").exists(), "a warning removes nothing");

    // On a terminal, by script(1).
    if support::which("script").is_none() {
        return support::skip("guards on a terminal", "script is not installed");
    }
    let on_terminal = |debug: &str| {
        let line = format!("'{}' {debug} '{source}' -o a", xcc(&format!("xcc-{MUSL}-cc")).display());
        let mut script = command("script");
        stdout(&run(script.current_dir(&dir).args(["-qec", &line, "/dev/null"])))
    };
    assert!(on_terminal("-g0").contains(&format!("xcc: warning: {found}")), "{}", on_terminal("-g0"));
    assert_eq!(on_terminal("-g"), "", "a program for a debugger has paths");
}

#[test]
fn the_newest_glibc_is_compared_with_what_a_file_needs() {
    const GNU: &str = "x86_64-linux-gnu";
    let dir = support::scratch("newest-glibc");
    fs::write(dir.join("old.c"), "#include <stdlib.h>\nint old(void) { return abs(3) + (malloc(1) == 0); }\n").unwrap();
    fs::write(
        dir.join("new.c"),
        "#include <sys/random.h>\nint new(void) { char c; return (int)getrandom(&c, 1, 0); }\n",
    )
    .unwrap();
    let shared = |levels: &str, source: &str| guarded(&dir, GNU, levels, &["-shared", "-fPIC", source, "-o", "l.so"]);
    // The target is of 2.28, and nothing in the file is.
    assert_eq!(stderr(&run(&mut shared("newer-glibc=error,newest-glibc=2.17", "old.c"))), "");
    let text = "'l.so' needs glibc 2.25 for 'getrandom@GLIBC_2.25', where 2.17 is the newest that is allowed: ";
    let said = stderr(&run_fails(&mut shared("newer-glibc=error,newest-glibc=2.17", "new.c")));
    assert!(said.starts_with(&format!("xcc: error: {text}")), "{said}");
    assert!(!dir.join("l.so").exists());
    let said = stderr(&run(&mut shared("newer-glibc=warn,newest-glibc=2.17", "new.c")));
    assert!(said.starts_with(&format!("xcc: warning: {text}")), "{said}");
    for levels in ["newer-glibc=error,newest-glibc=2.25", "newer-glibc=off,newest-glibc=2.17", "newer-glibc=error"] {
        assert_eq!(stderr(&run(&mut shared(levels, "new.c"))), "", "{levels}");
    }
}

/// xcc in the place of zig would ask itself for zig's version, and so on.
#[test]
fn xcc_in_the_place_of_zig_is_one_error() {
    let dir = support::scratch("zig-is-xcc");
    let copy = dir.join("zig");
    fs::copy(xcc("xcc"), &copy).unwrap();
    fs::write(dir.join("h.c"), "int h;\n").unwrap();
    fs::create_dir(dir.join("xcc")).unwrap();
    let compile = || {
        let mut compile = command("timeout");
        compile.arg("20").arg(xcc("xcc")).args(["cc", "-target", "x86_64-linux-gnu", "-c", "h.c"]);
        compile.current_dir(&dir).env_remove("XCC_ZIG").env("XCC_CACHE_DIR", dir.join("cache"));
        compile
    };
    let check = |command: &mut Command, named: &Path| {
        let output = run_fails(command);
        let expected = format!(
            "xcc: error: '{}' is xcc itself\nxcc: help: let XCC_ZIG, or 'zig' in xcc.toml, name zig itself, not xcc\n",
            named.display()
        );
        assert_eq!((output.status.code(), stderr(&output)), (Some(1), expected));
    };
    for named in [xcc("xcc"), copy.clone()] {
        check(compile().env("XCC_ZIG", &named), &named);
        let file = dir.join("xcc/xcc.toml");
        fs::write(&file, format!("zig = '{}'\n", named.display())).unwrap();
        check(compile().env("XCC_CONFIG", &file), &named);
    }
}

/// In a file: what was asked, what is run, the rules with their reasons, and how long it took.
#[test]
fn a_trace_says_what_changes_and_why() {
    let dir = support::scratch("trace");
    fs::write(dir.join("a.c"), "int main(void) { return 0; }\n").unwrap();
    let traced = |name: &str, words: &[&str]| {
        let _ = fs::remove_file(dir.join("trace"));
        run(command(xcc(name)).args(words).current_dir(&dir).env("XCC_TRACE", "trace"));
        fs::read_to_string(dir.join("trace")).unwrap()
    };
    let has = |text: &str, lines: &[&str]| {
        for line in lines {
            assert!(text.contains(line), "{line}\n{text}");
        }
    };
    let took = |text: &str| {
        let of = |line: &str| line.strip_prefix("xcc: took: ")?.strip_suffix(" us")?.parse::<u64>().ok();
        assert!(text.lines().any(|line| of(line).is_some()), "{text}");
    };
    let linker = [
        "\nxcc: rule: gnu-ld: '--default-symver' is dropped: LLD lacks it; for a library a script says",
        "\nxcc: rule: gnu-ld: '--no-threads' becomes '--threads=1': gold's; LLD says it with a number\n",
    ];
    let words = ["-c", "a.c", "-m64", "-target", "x86_64-linux-gnu"];
    let compile = traced("xcc-x86_64-linux-gnu-cc", &words);
    has(&compile, &["xcc: asked: x86_64-linux-gnu", " by zig ", "\n  -c\n  a.c\n  -m64\n  -target\n", "\nxcc: runs: "]);
    has(&compile, &["\n  clang\n", "\nxcc: rule: target-comes-from-xcc: the target is already decided"]);
    assert!(!compile.contains("gnu-ld"), "{compile}");
    took(&compile);

    let words = ["-nostdlib", "-Wl,--default-symver,--no-threads", "a.o", "-o", "a", "-Wl,-e,main"];
    let link = traced("xcc-x86_64-linux-gnu-cc", &words);
    has(&link, &linker);
    took(&link);
    let explained = ["explain", "-t", "x86_64-linux-gnu", "--"].iter().chain(&words).copied().collect::<Vec<_>>();
    let explained = stdout(&run(own(&explained).current_dir(&dir)));
    has(&explained, &["xcc: asked: x86_64-linux-gnu", "\nxcc: runs: ", "\n  -nostdlib\n"]);
    has(&explained, &linker);

    let ld = traced("xcc-x86_64-linux-gnu-ld", &["--default-symver", "--no-threads", "-e", "main", "a.o", "-o", "b"]);
    has(&ld, &["xcc: asked: ld\n  --default-symver\n", "\n  ld.lld\n", "\n  --threads=1\n"]);
    has(&ld, &linker);
    took(&ld);
    for (tool, words) in [("ar", &["rcs", "a.a", "a.o"][..]), ("ranlib", &["a.a"])] {
        let trace = traced(&format!("xcc-x86_64-linux-gnu-{tool}"), words);
        has(&trace, &[&format!("xcc: asked: {tool}\n  {}\n", words[0]), "\nxcc: runs: ", &format!("\n  {tool}\n")]);
        took(&trace);
    }
}

/// A project's file and the variables, in a compilation and a link.
#[test]
fn flags_of_the_configuration_reach_the_compiler_and_the_linker() {
    let dir = support::scratch("configured");
    let project = dir.join("project");
    for sub in ["project/include", "project/libs"] {
        fs::create_dir_all(dir.join(sub)).unwrap();
    }
    let lines = "include = ['include']\nlib = ['libs']\ndefine = ['FROM_DEFINE=3']\ncxxflags = '-DFROM_CXXFLAGS'\n\
                 ldflags = ['-lhelp']\n[target.x86_64-linux-gnu]\ncflags = '-DFROM_TARGET'\n\
                 [target.aarch64-linux-gnu]\ncflags = '-DOF_ANOTHER'\n";
    fs::write(project.join("xcc.toml"), lines).unwrap();
    fs::write(project.join("include/own.h"), "int help(void);\n").unwrap();
    let c = "#include <own.h>\n#if FROM_DEFINE != 3 || !defined FROM_TARGET || defined OF_ANOTHER || !defined FROM_VARIABLE\n\
             #error flags\n#endif\n";
    fs::write(
        project.join("a.c"),
        format!("{c}#ifdef FROM_CXXFLAGS\n#error of C++\n#endif\nint a(void) {{ return help(); }}\n"),
    )
    .unwrap();
    let cxx = "#if !defined FROM_CXXFLAGS || !defined FROM_CXX_VARIABLE\n#error flags of C++\n#endif\n";
    fs::write(project.join("b.cc"), format!("extern \"C\" {{\n{c}}}\n{cxx}int b() {{ return 0; }}\n")).unwrap();
    fs::write(project.join("help.c"), "int help(void) { return 0; }\n").unwrap();
    let tool = |tool: &str, words: &[&str]| {
        let mut tool = command(xcc(&format!("xcc-x86_64-linux-gnu-{tool}")));
        tool.args(words).current_dir(&project);
        tool.env("XCC_CFLAGS", "-DFROM_VARIABLE").env("XCC_CXXFLAGS", "-DFROM_CXX_VARIABLE");
        tool.env("XCC_LDFLAGS", "-Wl,-soname,libconfigured.so.7");
        tool
    };
    for source in ["a.c", "help.c"] {
        run(&mut tool("cc", &["-fPIC", "-c", source]));
    }
    run(&mut tool("c++", &["-fPIC", "-c", "b.cc"]));
    run(&mut tool("ar", &["rcs", "libs/libhelp.a", "help.o"]));
    run(&mut tool("cc", &["-shared", "-nostdlib", "a.o", "b.o", "-Wl,-z,defs", "-o", "out.so"]));
    let said = stdout(&run(tool("readelf", &["-d", "-s", "-W", "out.so"]).env_remove("XCC_CFLAGS")));
    assert!(said.contains("[libconfigured.so.7]") && said.contains(" help\n"), "{said}");
    // Without the variable the sources say that it is missing.
    run_fails(tool("cc", &["-fsyntax-only", "a.c"]).env_remove("XCC_CFLAGS"));
}
