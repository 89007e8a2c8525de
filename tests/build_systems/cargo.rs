//! Cargo, told of xcc by what `xcc env --cargo` prints: the linker, the cc crate, the cmake crate and the pkg-config
//! crate in one build script.

use super::*;
use std::collections::BTreeMap;

#[test]
fn a_build_script_builds_for_the_target() {
    if !have(&["cmake", "make", "pkg-config"]) {
        return;
    }
    let (target, triple) = ("aarch64-linux-gnu", "aarch64-unknown-linux-gnu");
    let Some(std) = rust::stds(&[triple]).pop() else {
        return skip("a_build_script_builds_for_the_target", &format!("no standard library of Rust for {triple}"));
    };
    let dir = support::project("rust-cmake");
    // A library of the target's that pkg-config finds, and one that only the host's pkg-config would.
    let cc = |words: &str| {
        let mut command = command(xcc(&format!("xcc-{target}-cc")));
        run(command.current_dir(&dir).args(words.split_whitespace()));
    };
    fs::write(dir.join("thrice.c"), "int thrice(int x) { return 3 * x; }\n").unwrap();
    cc("-c -O2 -fPIC thrice.c");
    run(command(xcc(&format!("xcc-{target}-ar"))).current_dir(&dir).args(["rcs", "libthrice.a", "thrice.o"]));
    let pc = |place: &Path, name: &str| {
        fs::create_dir_all(place).unwrap();
        let text = format!("Name: {name}\nDescription: {name}\nVersion: 2.1\nLibs: -L{} -l{name}\n", dir.display());
        fs::write(place.join(format!("{name}.pc")), text).unwrap();
    };
    pc(&dir.join("target-pc"), "thrice");
    pc(&dir.join("host-pc"), "thrice-of-the-host");

    let exports = env_of(&["--cargo", target]);
    let variables: BTreeMap<&str, &str> = exports
        .lines()
        .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
        .map(|(name, value)| (name, value.trim_matches('"')))
        .collect();
    let mut cargo = std.cargo("run");
    cargo.current_dir(&dir).env("CARGO_TARGET_DIR", dir.join("target")).envs(&variables);
    cargo.env("PKG_CONFIG_PATH_aarch64_unknown_linux_gnu", dir.join("target-pc"));
    cargo.env("HOST_PKG_CONFIG_PATH", dir.join("host-pc"));
    let Some(emulator) = runner(target, Path::new("program")) else { return };
    let mut words: Vec<String> = vec![emulator.get_program().to_string_lossy().into_owned()];
    words.extend(emulator.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.pop();
    cargo.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", words.join(" "));
    assert_eq!(stdout(&run(&mut cargo)), "3 42 21\n");
}

/// What cargo-dist and GoReleaser start: Cargo finds xcc as its sub-command.
#[test]
fn xcc_is_a_cargo_zigbuild() {
    let (target, triple) = ("aarch64-linux-gnu", "aarch64-unknown-linux-gnu");
    if !rust::stds(&[triple]).iter().any(|std| std.method == "installed") {
        return skip("xcc_is_a_cargo_zigbuild", &format!("no standard library of Rust for {triple}"));
    }
    let dir = support::project("rust-macro");
    let place = xcc("cargo-zigbuild").parent().unwrap().to_owned();
    let mut cargo = command("cargo");
    let path = format!("{}:{}", place.display(), std::env::var("PATH").unwrap());
    cargo.current_dir(&dir).env("PATH", path).args(["zigbuild", "--quiet", "--locked", "--target"]);
    run(cargo.arg(format!("{triple}.2.17")).env("CARGO_TARGET_DIR", dir.join("target")));
    let program = dir.join("target").join(triple).join("debug/rust-macro");
    run(command(xcc("xcc")).args(["inspect", "--require", "glibc<=2.17,arch=aarch64"]).arg(&program));
    support::run_target(target, &program, &[]);
    for (word, said) in [("zig", "is no command of 'cargo-zigbuild'"), ("--version", "")] {
        let output = command(xcc("cargo-zigbuild")).arg(word).output().unwrap();
        assert_eq!(output.status.success(), said.is_empty(), "{word}");
        assert!(support::stderr(&output).contains(said), "{}", support::stderr(&output));
    }
}
