//! autoconf, automake and libtool, with nothing but `--host` and a cross toolchain's names on PATH.

use super::*;

#[test]
fn host_alone_makes_a_cross_build() {
    if !have(&["autoreconf", "automake", "libtoolize", "make", "m4"]) {
        return;
    }
    for &target in TARGETS {
        let dir = support::project("autotools");
        run(command("autoreconf").current_dir(&dir).arg("-fi"));
        let mut configure = with_toolchain("sh", target);
        configure.current_dir(&dir).args(["./configure", &format!("--host={target}"), "--build=i686-pc-linux-gnu"]);
        let said = stdout(&run(configure.arg("--prefix").arg(dir.join("out"))));
        for (question, answer) in [
            ("whether we are cross compiling", "yes"),
            ("whether the compiler supports GNU C", "yes"),
            ("for strdup", "yes"),
            ("for no_such_function", "no"),
            ("size of long", "8"),
            ("whether byte ordering is bigendian", "no"),
            ("whether to build shared libraries", "yes"),
            ("whether to build static libraries", "yes"),
        ] {
            assert!(said.contains(&format!("checking {question}... {answer}\n")), "{question}: not {answer}\n{said}");
        }
        for tool in ["gcc", "g++", "ar", "ranlib"] {
            assert!(said.contains(&format!("... {target}-{tool}\n")), "{tool} was not found by its name:\n{said}");
        }
        run(with_toolchain("make", target).current_dir(&dir).args(["-j2", "install"]));
        check_installed(&dir.join("out"), target);
    }
}
