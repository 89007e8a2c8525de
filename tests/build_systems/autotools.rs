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

/// libtool makes a DLL with its import library when the linker says that it can, and asks `nm`, `objdump` and `dlltool`
/// what a library is.
#[test]
fn libtool_makes_a_dll_and_its_import_library() {
    if !have(&["autoreconf", "automake", "libtoolize", "make", "m4"]) {
        return;
    }
    let host = "x86_64-w64-mingw32";
    let dir = support::project("autotools");
    let out = dir.join("out");
    run(command("autoreconf").current_dir(&dir).arg("-fi"));
    let mut configure = with_toolchain("sh", host);
    configure.current_dir(&dir).args(["./configure", &format!("--host={host}"), "--build=i686-pc-linux-gnu"]);
    let said = stdout(&run(configure.arg("--prefix").arg(&out)));
    for answer in ["supports shared libraries... yes", "object... ok", "recognize dependent libraries... file_magic"] {
        assert!(said.contains(answer), "not '{answer}':\n{said}");
    }
    let help = stdout(&run(with_toolchain(format!("{host}-gcc"), host).arg("-Wl,--help")));
    assert!(help.contains("--enable-auto-import\n"), "{help}");
    assert_eq!(help, stdout(&run(with_toolchain(format!("{host}-ld"), host).arg("--help"))));
    // Ours, and not those of a mingw-w64 that is installed.
    let nm = support::names_dir().join(format!("{host}-nm"));
    assert!(said.contains(&format!("... {} -B\n", nm.display())), "{said}");
    let log = stdout(&run(with_toolchain("make", host).current_dir(&dir).args(["-j2", "V=1", "install-strip"])));
    assert!(log.contains("--out-implib") && log.contains(&format!("{host}-strip --strip-unneeded")), "{log}");
    let la = fs::read_to_string(out.join("lib/libwords.la")).unwrap();
    for line in ["dlname='../bin/libwords-1.dll'", "library_names='libwords.dll.a'", "old_library='libwords.a'"] {
        assert!(la.lines().any(|own| own == line), "no {line} in\n{la}");
    }
    // Another program, by the installed files alone.
    let user =
        "#include <stdio.h>\n#include <words.h>\nint main(void) { printf(\"%u words\\n\", words(\"a b c\")); }\n";
    fs::write(dir.join("user.c"), user).unwrap();
    let mut cc = with_toolchain(format!("{host}-gcc"), host);
    cc.current_dir(&dir).args(["-Iout/include", "user.c", "-Lout/lib", "-lwords", "-o", "out/bin/user.exe"]);
    run(&mut cc);
    for (program, shared) in [("count-shared", true), ("count-static", false), ("user", true)] {
        let file = out.join("bin").join(format!("{program}.exe"));
        let imports = stdout(&run(with_toolchain(format!("{host}-objdump"), host).arg("-p").arg(&file)));
        assert_eq!(imports.contains("DLL Name: libwords-1.dll"), shared, "{program}: {imports}");
        let Some(mut command) = runner("x86_64-windows-gnu", &file) else { continue };
        assert_eq!(stdout(&run(&mut command)).replace('\r', ""), OUTPUT, "{program}");
    }
    // The installed DLL was stripped, and what it exports stayed.
    let dll = out.join("bin/libwords-1.dll");
    let exports = stdout(&run(with_toolchain(format!("{host}-objdump"), host).arg("-p").arg(&dll)));
    assert!(exports.contains("] words\n"), "{exports}");
    let sections = stdout(&run(with_toolchain(format!("{host}-objdump"), host).arg("-h").arg(&dll)));
    assert!(!sections.contains(".debug_info"), "{sections}");
}
