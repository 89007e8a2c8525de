//! The flags that distributions compile everything with, as `testdata/flags/distributions.txt` lists them: a program
//! is compiled and linked with each set, which says nothing, and the program does what it did.

use super::*;

/// Compiles and links with the flags in the way of make, in two steps, and runs the program.
#[track_caller]
fn build(name: &str, target: &str, cflags: &str, ldflags: &str) -> PathBuf {
    let dir = support::project("cmake");
    let tool = |tool: &str| {
        let mut command = command(xcc(&format!("xcc-{target}-{tool}")));
        command.current_dir(&dir);
        command
    };
    let quiet = |command: &mut Command| {
        let output = run(command);
        assert!(output.stderr.is_empty(), "{name}: {}", support::describe(command, &output));
    };
    quiet(tool("cc").args(cflags.split_whitespace()).args(["-c", "words.c"]));
    quiet(tool("c++").args(cflags.split_whitespace()).args(["-c", "count.cc"]));
    let objects = ["count.o", "words.o", "-lpthread", "-o", "count"];
    quiet(tool("c++").args(cflags.split_whitespace()).args(ldflags.split_whitespace()).args(objects));
    if let Some(mut command) = runner(target, &dir.join("count")) {
        assert_eq!(stdout(&run(&mut command)), OUTPUT, "{name}");
    }
    dir.join("count")
}

#[test]
fn default_flags_of_distributions_are_honoured() {
    let table = fs::read_to_string(support::root().join("testdata/flags/distributions.txt")).unwrap();
    let mut sets = 0;
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let [name, target, cflags, ldflags] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("not four columns: {line}");
        };
        let program = build(name, target, cflags, ldflags);
        let bytes = fs::read(program).unwrap();
        let elf = Elf::parse(&bytes);
        let pie = elf.kind() == object::elf::ET_DYN.0;
        // musl is static unless asked, without -pie or a spec file no PIE.
        assert_eq!(pie, !name.contains("no-pie") && !target.contains("musl"), "{name}");
        // -z now: DT_FLAGS_1 has DF_1_NOW.
        if ldflags.contains("-z,now") || ldflags.contains("hardened-ld") {
            assert!(elf.flags1() & object::elf::DF_1_NOW.0 != 0, "{name}: bound lazily");
        }
        sets += 1;
    }
    assert!(sets > 5, "the table is empty");
}

#[test]
fn dpkg_buildflags_of_this_machine_are_honoured() {
    if !have(&["dpkg-buildflags"]) {
        return;
    }
    for hardening in ["hardening=+all", "hardening=-pie", "hardening=+all optimize=+lto reproducible=+all"] {
        let flags = |name: &str| {
            let mut command = command("dpkg-buildflags");
            command.env("DEB_BUILD_MAINT_OPTIONS", hardening).env("DEB_HOST_ARCH", "arm64");
            stdout(&run(command.args(["--get", name]))).trim().to_owned()
        };
        let program = build(
            hardening,
            "aarch64-linux-gnu",
            &format!("{} {}", flags("CFLAGS"), flags("CPPFLAGS")),
            &flags("LDFLAGS"),
        );
        let bytes = fs::read(program).unwrap();
        assert_eq!(Elf::parse(&bytes).kind() == object::elf::ET_DYN.0, hardening != "hardening=-pie", "{hardening}");
    }
}

/// `dpkg-buildpackage -a` with nothing but `CC`, for a package with and one without position-independent programs.
#[test]
fn dpkg_buildpackage_makes_a_package_of_the_target() {
    if !have(&["dpkg-buildpackage", "dpkg-deb", "make"]) {
        return;
    }
    for hardening in ["hardening=+all", "hardening=-pie"] {
        let dir = support::scratch("debian");
        support::copy_dir(&support::root().join("testdata/projects/debian"), &dir.join("words"));
        let mut build = command("dpkg-buildpackage");
        build.current_dir(dir.join("words")).args(["-aarm64", "-b", "-d", "-us", "-uc"]);
        build.env("CC", xcc("xcc-aarch64-linux-gnu")).env("DEB_BUILD_MAINT_OPTIONS", hardening);
        run(&mut build);
        run(command("dpkg-deb").current_dir(&dir).args(["-x", "words_1.2_arm64.deb", "root"]));
        let program = dir.join("root/usr/bin/words");
        let bytes = fs::read(&program).unwrap();
        assert_eq!(Elf::parse(&bytes).kind() == object::elf::ET_DYN.0, hardening != "hardening=-pie", "{hardening}");
        if let Some(mut command) = runner("aarch64-linux-gnu", &program) {
            assert_eq!(stdout(&run(&mut command)), OUTPUT);
        }
    }
}
