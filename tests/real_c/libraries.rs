//! The library names of gcc users link, on each libc, as a program and as a library, and what is in them works.

use super::{Work, inspect, support};

const TARGETS: &[&str] = &["x86_64-linux-gnu", "x86_64-linux-musl", "aarch64-linux-gnu", "aarch64-linux-musl"];

/// What gcc's specs, libtool and hand-written makefiles put on link lines.
const NAMES: &str = "-lgcc_s -lgcc_eh -lgcc -lstdc++ -latomic -lpthread -ldl -lrt -lutil -lresolv -lm -lcrypt -lssp \
                     -lssp_nonshared -lc_nonshared";

/// What is in libc or libc++, and was or is a library of its own on a system of gcc's.
const EMPTY: &[&str] = &["-lstdc++fs", "-lstdc++exp", "-lg", "-lpthread_nonshared"];

/// Libraries that only glibc has.
const GLIBCS: &[&str] = &["-lanl", "-lmvec", "-lBrokenLocale"];

#[test]
fn library_names_of_gcc_link() {
    for target in TARGETS {
        let work = Work::new(target);
        for kind in ["-fPIE -pie", "-no-pie", "-DAS_LIBRARY -fPIC -shared -Wl,-z,defs"] {
            for order in [NAMES.to_owned(), format!("-Wl,--start-group {NAMES} -Wl,--end-group -static-libgcc")] {
                work.cc(&format!("-w -O1 -fstack-protector-all {kind} libraries.c -o libraries {order}"));
                if !kind.contains("-shared") {
                    work.prints("libraries", &[], "libraries 0");
                }
            }
        }
    }
}

#[test]
fn each_library_name_links_alone() {
    for target in TARGETS {
        let work = Work::new(target);
        work.cc("-c hello.c");
        for name in NAMES
            .split(' ')
            .chain(["-lsupc++", "-lc++", "-lc++abi", "-lunwind", "-lc"])
            .chain(EMPTY.iter().copied())
            .chain(GLIBCS.iter().copied())
        {
            if !GLIBCS.contains(&name) || target.ends_with("gnu") {
                work.cc(&format!("hello.o -o hello {name}"));
                work.cc(&format!("hello.o -shared -o hello.so {name} -Wl,-z,notext"));
            }
        }
    }
}

/// `-Wl,-Bstatic -lfoo -lm -lpthread -Wl,-Bdynamic` is what `pkg-config --static` leads to. glibc's parts have no static
/// libraries in zig; the shared ones come in as needed.
#[test]
fn a_static_stretch_may_name_parts_of_libc() {
    for target in TARGETS {
        let work = Work::new(target);
        work.cc("-c floor.c");
        work.cc("floor.o -o floor -Wl,-Bstatic -lm -lpthread -ldl -lrt -lutil -lresolv -Wl,-Bdynamic");
        work.cc("-shared floor.o -o floor.so -fPIC -Wl,-Bstatic -lm -lpthread -ldl -Wl,-Bdynamic -Wl,-z,notext");
        if target.ends_with("gnu") {
            inspect(&work.path("floor"), |elf| assert!(elf.needed().contains("libm.so.6"), "{:?}", elf.needed()));
        }
    }
}

/// The names must not put libraries of the compiler among those that the program needs.
#[test]
fn names_of_gcc_leave_no_trace() {
    let work = Work::new("x86_64-linux-gnu");
    work.cc("hello.c -o hello -lgcc_s -lgcc_eh -lgcc -lstdc++ -latomic -lssp -lssp_nonshared -lc_nonshared");
    inspect(&work.path("hello"), |elf| assert_eq!(elf.needed().into_iter().collect::<Vec<_>>(), ["libc.so.6"]));
    work.cc("floor.c -o floor -lm -lpthread");
    inspect(&work.path("floor"), |elf| assert!(elf.needed().contains("libm.so.6"), "{:?}", elf.needed()));
}

#[test]
fn crypt_works() {
    for target in TARGETS {
        let work = Work::new(target);
        work.cc("crypts.c -o crypts -lcrypt");
        work.prints("crypts", &[], "crypt ok");
        if target.ends_with("gnu") {
            inspect(&work.path("crypts"), |elf| assert!(elf.needed().contains("libcrypt.so.1"), "{target}"));
        }
    }
}

/// Nothing has to be named for what compiler-rt does.
/// A function that old versions of glibc have and new ones do not, header and all.
#[test]
fn what_glibc_had_before_is_declared_for_those_versions() {
    let text = "#include <sys/sysctl.h>\nint main(void) { return sysctl(0, 0, 0, 0, 0, 0) != -1; }\n";
    for target in ["aarch64-linux-gnu", "x86_64-linux-gnu.2.17"] {
        let work = Work::new(target);
        work.write("old.c", text);
        for language in ["", "-x c++"] {
            work.cc(&format!("-Wall -Werror {language} old.c -o old"));
        }
        work.prints("old", &[], "");
    }
    let work = Work::new("aarch64-linux-gnu.2.38");
    work.write("old.c", text);
    assert!(work.cc_fails("-c old.c").contains("'sys/sysctl.h' file not found"));
}

#[test]
fn wide_arithmetic_needs_no_library() {
    for target in ["x86_64-linux-gnu", "aarch64-linux-musl", "arm-linux-gnueabihf", "x86-linux-musl"] {
        let work = Work::new(target);
        work.cc("-w -O0 libraries.c -o libraries -lm -lpthread -ldl -lrt -lutil -lresolv -latomic");
        work.prints("libraries", &[], "libraries 0");
    }
}

/// x87, IEEE 128 bits in software, the pair of doubles of PowerPC, and plain double.
#[test]
fn long_double_computes() {
    for target in ["x86_64-linux-gnu", "aarch64-linux-gnu", "powerpc64le-linux-gnu", "arm-linux-gnueabihf"] {
        let work = Work::new(target);
        for level in ["-O0", "-O2"] {
            work.cc(&format!("{level} long-double.c -o long-double -lm"));
            // A double has 16 digits, and prints what it is after them.
            let third = if target.starts_with("arm-") { "0.333333333333333315" } else { "0.333333333333333333" };
            work.prints("long-double", &[], &format!("long double 0: {third}"));
        }
    }
}

/// A library is found by the exact file that `-l:` names.
#[test]
fn exact_library_names_work() {
    let work = Work::new("x86_64-linux-gnu");
    work.cc("floor.c -o floor -l:libm.so.6 -l:libpthread.so.0");
    work.prints_anything("floor");
}

impl Work {
    #[track_caller]
    fn prints_anything(&self, exe: &str) {
        if let Some(printed) = self.runs(exe, &[]) {
            assert!(!printed.is_empty());
        }
    }
}

#[test]
fn missing_library_is_named() {
    let work = Work::new("x86_64-linux-gnu");
    let output = support::run_fails(&mut work.tool("cc", "hello.c -o hello -lno_such_library"));
    assert!(support::stderr(&output).contains("-lno_such_library"));
}
