//! The program does what gcc's does: it ends properly, survives undefined behaviour, asserts, and sees the headers the
//! user meant.

use std::os::unix::process::ExitStatusExt;

use super::{Work, quiet, support};

/// Loads `library` into the host program, which unloads it; the lines both printed.
#[track_caller]
fn loaded_and_closed(work: &Work, library: &str) -> Option<Vec<String>> {
    work.cc("dlhost.c -o dlhost -ldl");
    let library = work.path(library);
    let printed = work.runs("dlhost", &[library.to_str().unwrap()])?;
    Some(printed.lines().map(str::to_owned).collect())
}

/// A zig-linked library crashes here: it has no crtbeginS.o, so its handlers outlive it.
#[test]
fn c_library_runs_its_exit_handlers_once_at_dlclose() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-gnu.2.17", "aarch64-linux-gnu"] {
        let work = Work::new(target);
        work.cc("-fPIC -shared plugin.c -o plugin.so");
        let Some(mut lines) = loaded_and_closed(&work, "plugin.so") else { continue };
        assert_eq!(lines.pop().as_deref(), Some("closed"), "{target}: a handler ran after dlclose");
        lines.sort();
        assert_eq!(lines, ["atexit", "destructor", "started"], "{target}");
    }
}

#[test]
fn cxx_library_destroys_its_statics_once_at_dlclose() {
    for target in ["x86_64-linux-gnu", "aarch64-linux-gnu"] {
        let work = Work::new(target);
        work.cxx("-fPIC -shared plugin.cc -o plugin.so");
        let Some(lines) = loaded_and_closed(&work, "plugin.so") else { continue };
        assert_eq!(lines, ["started", "destroyed local", "destroyed global", "closed"], "{target}");
    }
}

/// `zig cc` traps without -O, and takes NDEBUG for granted with it.
#[test]
fn undefined_behaviour_does_not_trap() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-musl"] {
        let work = Work::new(target);
        for options in ["", "-O0", "-g", "-O1", "-O2", "-O3", "-Os", "-Og -g"] {
            work.cc(&format!("-w {options} undefined.c -o undefined"));
            work.prints("undefined", &[], "survived");
            work.cxx(&format!("-w {options} -x c++ -fpermissive -c undefined.c -o undefined.o"));
        }
    }
}

#[test]
fn assert_fires_unless_ndebug_is_defined() {
    let work = Work::new("x86_64-linux-gnu");
    for options in ["", "-O0", "-O1", "-O2", "-O3", "-Os", "-Oz"] {
        work.cc(&format!("{options} asserts.c -o asserts"));
        let output = support::command(work.path("asserts")).output().unwrap();
        assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{options}: {}", output.status);
        assert!(support::stderr(&output).contains("argc > 5"), "{options}: {}", support::stderr(&output));
        work.cc(&format!("{options} -DNDEBUG asserts.c -o asserts"));
        work.prints("asserts", &[], "not asserted");
    }
    let output = support::run(&mut work.tool("cc", "-O3 -dM -E -x c /dev/null"));
    assert!(!support::stdout(&output).contains("NDEBUG"));
}

#[test]
fn date_and_time_are_no_error() {
    let work = Work::new("x86_64-linux-gnu");
    for options in ["", "-O1", "-O2", "-O3", "-Os"] {
        work.cc(&format!("-Wall -Wextra -Werror {options} -c dates.c"));
        work.cxx(&format!("-Wall -Wextra -Werror {options} -x c++ -c dates.c"));
    }
    assert!(work.cc_fails("-Werror=date-time -c dates.c").contains("-Wdate-time"), "the user's own -Werror counts");
}

#[test]
fn system_headers_are_quiet() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-gnu.2.17", "x86_64-linux-musl", "aarch64-linux-gnu"] {
        let work = Work::new(target);
        let old = if target.ends_with(".2.17") { "-DOLD_GLIBC" } else { "" };
        for options in ["-std=c17 -D_GNU_SOURCE", "-std=gnu11 -O2 -D_FORTIFY_SOURCE=2", "-std=gnu23"] {
            work.cc(&format!("-Wall -Wextra -Wpedantic -Wshadow -Wundef -Werror {options} {old} -c headers.c"));
        }
    }
}

/// The user's `-isystem` directory comes before libc's, and is a system directory all the same.
#[test]
fn isystem_beats_libc_and_stays_quiet() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-musl", "aarch64-linux-gnu"] {
        let work = Work::new(target);
        for spelling in ["-isystem sys", "-isystemsys"] {
            work.cc(&format!("{spelling} -Wall -Wextra -Werror -c own-iconv.c"));
            work.cxx(&format!("{spelling} -Wall -Wextra -Werror -x c++ -c own-iconv.c"));
        }
        work.cc("-Isys -w -c own-iconv.c");
        let said = work.cc_fails("-Isys -Wall -Wextra -Werror -c own-iconv.c");
        assert!(said.contains("unused_function"), "-I keeps the header's warnings: {said}");
        let said = work.cc_fails("-idirafter sys -c own-iconv.c");
        assert!(said.contains("libc's iconv.h came before"), "-idirafter comes last: {said}");
    }
}

/// Variables that a host's compiler reads name the host's headers and libraries.
#[test]
fn variables_of_the_host_do_not_leak_in() {
    for target in ["x86_64-linux-gnu", "aarch64-linux-gnu", "x86_64-linux-musl"] {
        let work = Work::new(target);
        work.write("only.c", "int only_on_host(void) { return 1; }\n");
        work.write("uses-header.c", "#include <only-on-host.h>\n");
        work.write("uses-library.c", "int only_on_host(void);\nint main(void) { return only_on_host(); }\n");
        work.cc("-c only.c");
        quiet(&mut work.tool("ar", "rcs poison/libonly-on-host.a only.o"));
        // A library that every program links: of the host's it would be the wrong one.
        work.write("poison/libc.so", "this is no library\n");
        work.write("poison/libc.a", "this is no library\n");
        work.write("poison/crt1.o", "this is no object\n");
        let poison = work.path("poison");
        let poisoned = |tool: &str, words: &str| {
            let mut command = work.tool(tool, words);
            for name in [
                "C_INCLUDE_PATH",
                "CPATH",
                "CPLUS_INCLUDE_PATH",
                "OBJC_INCLUDE_PATH",
                "LIBRARY_PATH",
                "GCC_EXEC_PREFIX",
                "COMPILER_PATH",
            ] {
                command.env(name, &poison);
            }
            command
        };
        quiet(&mut poisoned("cc", "hello.c -o hello"));
        quiet(&mut poisoned("c++", "hello.cc -o hello-cxx"));
        work.prints("hello", &[], "hello from C, 64 bits");
        let said = support::stderr(&support::run_fails(&mut poisoned("cc", "-c uses-header.c")));
        assert!(said.contains("'only-on-host.h' file not found"), "{said}");
        let said = support::stderr(&support::run_fails(&mut poisoned("cc", "uses-library.c -lonly-on-host")));
        assert!(said.contains("-lonly-on-host"), "{said}");
    }
}

/// For a native target too, what is read comes from xcc's cache and from zig, never from the host's directories.
#[test]
fn nothing_is_read_from_the_host() {
    let is_host = |path: &&str| ["/usr/", "/lib/", "/lib64/"].iter().any(|dir| path.starts_with(dir));
    let work = Work::new("x86_64-linux-gnu");
    let (cache, zig) = (support::cache_dir(), std::env::var("XCC_ZIG").unwrap_or_default());
    let ours = |path: &&str| path.starts_with(cache.to_str().unwrap()) || (!zig.is_empty() && path.starts_with(&zig));
    let read = support::stdout(&support::run(&mut work.tool("c++", "-std=c++17 -M hello.c runtime.cc")));
    let host: Vec<&str> = read.split_whitespace().filter(is_host).filter(|path| !ours(path)).collect();
    assert!(host.is_empty(), "headers of the host: {host:?}");
    let read = support::stdout(&support::run(&mut work.tool("c++", "hello.cc -o hello -Wl,--trace")));
    let host: Vec<&str> = read.split_whitespace().filter(is_host).filter(|path| !ours(path)).collect();
    assert!(host.is_empty() && read.contains("libc"), "libraries of the host: {host:?}");
}
