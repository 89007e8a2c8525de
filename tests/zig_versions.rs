//! Every zig that the README says is supported makes sysroots and programs that run; the other tests use one of them.

mod support;

use std::path::PathBuf;

/// The supported versions without the default, which all other tests use. `xcc zig install` knows them.
const OLDER: &[&str] = &["0.14.1", "0.15.2", "0.16.0"];

/// Installed as a user would, where no other test looks for a zig.
fn zig(version: &str) -> Option<PathBuf> {
    let data = support::shared_dir().join("older-zigs");
    let mut install = support::command(support::xcc("xcc"));
    let output = install.env("XCC_DATA_DIR", &data).args(["zig", "install", version]).output().unwrap();
    if !output.status.success() {
        support::skip(&format!("zig {version}"), support::stderr(&output).trim());
        return None;
    }
    Some(PathBuf::from(support::stdout(&output).trim()))
}

/// `XCC_TEST_ALL=1` tries links of every kind with all, and else the oldest has musl too. zig takes a minute for each of musl
/// and libc++.
fn builds_and_runs(version: &str) {
    let thorough = support::all(&format!("musl and libc++ of zig {version}"));
    let has_musl = thorough || version == OLDER[0];
    let Some(zig) = zig(version) else { return };
    let dir = support::project("c");
    let cc = |name: &str, words: &str| {
        let mut command = support::command(support::xcc(name));
        let output = support::run(command.env("XCC_ZIG", &zig).current_dir(&dir).args(words.split_whitespace()));
        assert!(output.stderr.is_empty(), "{version}: {words}: {}", support::stderr(&output));
    };
    let said =
        support::run(support::command(support::xcc("xcc-x86_64-linux-gnu")).env("XCC_ZIG", &zig).arg("--version"));
    assert!(support::stdout(&said).contains(version), "{}", support::stdout(&said));
    let targets = ["x86_64-linux-gnu", "aarch64-linux-gnu", "x86_64-linux-gnu.2.17", "x86_64-linux-musl"];
    for target in &targets[..if has_musl { targets.len() } else { 2 }] {
        let name = format!("xcc-{target}");
        cc(&name, "-O2 hello.c -o hello");
        assert_eq!(support::run_target(target, &dir.join("hello"), &[]).trim(), "hello from C, 64 bits", "{version}");
        cc(&name, "-w libraries.c -o libraries -lgcc_s -lgcc -lm -lpthread -ldl -lrt -lutil -lresolv -latomic");
        assert_eq!(support::run_target(target, &dir.join("libraries"), &[]).trim(), "libraries 0", "{version}");
        cc(&name, "-w undefined.c -o undefined -Wl,--gc-sections,--icf=all -Wl,--defsym=here=main");
        assert_eq!(support::run_target(target, &dir.join("undefined"), &[]).trim(), "survived", "{version}");
    }
    // The library's exit handlers are its own, and exceptions unwind.
    cc("xcc-x86_64-linux-gnu", "-fPIC -shared plugin.c -o plugin.so");
    cc("xcc-x86_64-linux-gnu", "dlhost.c -o dlhost -ldl");
    let said = support::run_target("x86_64-linux-gnu", &dir.join("dlhost"), &[dir.join("plugin.so").to_str().unwrap()]);
    assert!(said.trim_end().ends_with("closed"), "{version}: {said}");
    let searched = support::runtimes_without_paths(&support::cache_dir().join("sysroot").join(version));
    assert!(searched > if has_musl { 20 } else { 10 }, "{version}: {searched}");
    if !thorough {
        return;
    }
    cc("xcc-x86_64-linux-gnu-c++", "-O1 hello.cc -o hello-cxx");
    assert!(support::run_target("x86_64-linux-gnu", &dir.join("hello-cxx"), &[]).contains("C++"), "{version}");
}

#[test]
fn every_supported_zig_works() {
    for version in OLDER {
        builds_and_runs(version);
    }
}

/// The list above is xcc's.
#[test]
fn the_list_is_complete() {
    let readme = std::fs::read_to_string(support::root().join("README.md")).unwrap();
    let line = readme.lines().find(|line| line.starts_with("zig 0.") && line.contains("are supported")).unwrap();
    assert!(OLDER.iter().all(|version| line.contains(version)), "{line}");
    assert_eq!(line.matches("0.").count(), OLDER.len() + 2, "the default is named twice: {line}");
}
