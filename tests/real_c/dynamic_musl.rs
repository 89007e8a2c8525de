//! Programs that are linked dynamically against musl, and shared libraries for it, run with a musl of Debian's: its loader,
//! which is its libc.so. Whether they are linked so is `linking.rs`'s.

use std::process::Command;

use super::{Work, inspect, support};

/// The columns: target, Debian's name of the machine, the loader in its package, qemu's name; none for this machine.
const TARGETS: &[(&str, &str, &str, &str)] = &[
    ("x86_64-linux-musl", "amd64", "lib/ld-musl-x86_64.so.1", ""),
    ("aarch64-linux-musl", "arm64", "lib/ld-musl-aarch64.so.1", "aarch64"),
];

/// For each target whose musl and emulator are here: a directory with the programs, and what runs those that it is given.
fn works() -> Vec<(Work, Command)> {
    let ready = TARGETS.iter().filter_map(|(target, machine, loader, qemu)| {
        let root = support::shared_dir().join(format!("qroots/musl-{machine}"));
        let emulator = format!("qemu-{qemu}-static");
        if !root.join(loader).is_file() || !qemu.is_empty() && support::which(&emulator).is_none() {
            support::skip(&format!("dynamic programs of {target}"), "no musl of the target, or no qemu");
            return None;
        }
        let mut command = support::command(if qemu.is_empty() { root.join(loader) } else { emulator.into() });
        if !qemu.is_empty() {
            command.arg("-L").arg(root);
        }
        Some((Work::new(target), command))
    });
    ready.collect()
}

/// What a program says that musl's own loader starts.
#[track_caller]
fn says(work: &Work, start: &Command, words: &str) -> String {
    inspect(&work.path(words.split(' ').next().unwrap()), |elf| assert!(elf.interp().is_some(), "{words} is static"));
    let mut command = support::command(start.get_program());
    command.args(start.get_args()).args(words.split(' ')).current_dir(&work.dir);
    support::stdout(&support::run(&mut command))
}

const LIBRARY: &str = "#include <errno.h>\n#include <math.h>\n#include <pthread.h>\n#include <stdio.h>\n\
    _Thread_local int own = 3;\nint shared = 4;\n\
    static void *other(void *unused) { own += 10; shared += own; return unused; }\n\
    int both(double x) {\n\tpthread_t thread;\n\tif (pthread_create(&thread, 0, other, 0) || pthread_join(thread, 0)) return -1;\n\
    \terrno = 0;\n\tprintf(\"library %.0f\\n\", cbrt(x));\n\treturn own + shared;\n}\n";

const PROGRAM: &str = "#include <stdio.h>\nextern _Thread_local int own;\nextern int shared;\nint both(double);\n\
    int main(int argc, char **argv) {\n\tint sum = both(27);\n\tprintf(\"program %d %d %d %d\\n\", argc, sum, own, shared);\n}\n";

/// Variables of a thread's own and of all, threads, and the C library that both share.
#[test]
fn program_and_shared_library_of_c_run() {
    for (work, start) in works() {
        work.write("both.c", LIBRARY);
        work.write("program.c", PROGRAM);
        work.cc("-O2 -fPIC -shared both.c -o libboth.so -Wl,-soname,libboth.so");
        for options in ["", "-pie -fPIE", "-no-pie", "-rdynamic -O2 -lm -lpthread"] {
            work.cc(&format!("-dynamic program.c -o program -L. -lboth -Wl,-rpath,$ORIGIN {options}"));
            assert_eq!(
                says(&work, &start, "program more"),
                "library 3\nprogram 2 20 3 17\n",
                "{} {options}",
                work.target
            );
        }
    }
}

/// The exception's type and the unwinder's tables meet across the boundary, as in programs of glibc.
#[test]
fn exceptions_cross_shared_libraries() {
    for (work, start) in works() {
        work.cxx("-fPIC -shared thrower.cc -o libthrower.so -Wl,-soname,libthrower.so");
        for options in ["", "-rdynamic", "-static-libstdc++ -static-libgcc"] {
            work.cxx(&format!("-dynamic catcher.cc -o catcher -L. -lthrower -Wl,-rpath,$ORIGIN {options}"));
            assert_eq!(says(&work, &start, "catcher"), "caught 5 of 5\n", "{} {options}", work.target);
        }
        std::fs::create_dir_all(work.path("files")).unwrap();
        work.cxx("-dynamic -std=c++17 -O2 runtime.cc -o runtime");
        assert_eq!(says(&work, &start, "runtime files"), "all of C++\n", "{}", work.target);
    }
}

/// musl unloads nothing before the end: what a library does at its own happens there, once.
#[test]
fn loaded_libraries_end_with_the_program() {
    for (work, start) in works() {
        work.cc("-dynamic dlhost.c -o dlhost -ldl");
        work.cc("-shared -fPIC plugin.c -o plugin.so");
        work.cxx("-shared -fPIC plugin.cc -o plugin-cxx.so");
        assert_eq!(
            says(&work, &start, "dlhost ./plugin.so"),
            "started\nclosed\natexit\ndestructor\n",
            "{}",
            work.target
        );
        let said = says(&work, &start, "dlhost ./plugin-cxx.so");
        assert_eq!(said, "started\nclosed\ndestroyed local\ndestroyed global\n", "{}", work.target);
    }
}
