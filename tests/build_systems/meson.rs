//! Meson with the cross file that xcc prints.

use super::*;

#[test]
fn the_cross_file_makes_a_cross_build() {
    if !have(&["meson", "ninja"]) {
        return;
    }
    for &target in TARGETS {
        let dir = support::project("meson");
        fs::write(dir.join("cross.ini"), env_of(&["--meson", target])).unwrap();
        let mut setup = command("meson");
        setup.current_dir(&dir).args(["setup", "build", "--cross-file", "cross.ini", "--libdir", "lib"]);
        let said = stdout(&run(setup.arg("--prefix").arg(dir.join("out"))));
        for line in ["C compiler for the host machine: ", "(clang ", "C linker for the host machine: ", "ld.lld "] {
            assert!(said.contains(line), "{line}:\n{said}");
        }
        for (name, value) in [
            ("strdup", "true"),
            ("no_such_function", "false"),
            ("long", "8"),
            ("no_such_flag", "false"),
            ("as_needed", "true"),
            ("endian", "little"),
            ("libm", "true"),
            ("elsewhere", "false"),
        ] {
            assert!(said.contains(&format!("answer {name}={value}\n")), "{name} is not {value}:\n{said}");
        }
        run(command("meson").current_dir(&dir).args(["install", "-C", "build"]));
        check_installed(&dir.join("out"), target);
    }
}
