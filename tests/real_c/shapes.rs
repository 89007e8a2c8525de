//! A link whose shape is known from earlier ones goes to LLD at once, and makes the same file as through clang's driver.

use super::{Work, quiet, support};

/// Does the call start LLD itself?
#[track_caller]
fn is_known(work: &Work, tool: &str, words: &str) -> bool {
    let mut command = work.tool(tool, words);
    let output = support::run(command.env("XCC_TRACE", "1"));
    support::stderr(&output).contains("knows what clang would run")
}

/// Whether a shape was seen before depends on the other tests; twice makes it sure.
#[track_caller]
fn links_alike(work: &Work, tool: &str, words: &str) {
    quiet(&mut work.tool(tool, &format!("{words} -o first")));
    assert!(is_known(work, tool, &format!("{words} -o second")), "{}: {words}", work.target);
    // With -v clang runs itself.
    support::run(&mut work.tool(tool, &format!("{words} -v -o by-clang")));
    for one in ["first", "second"] {
        assert_eq!(work.bytes(one), work.bytes("by-clang"), "{}: {one} of {words}", work.target);
    }
}

#[test]
fn known_links_are_the_same_to_the_byte() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-musl", "aarch64-linux-gnu", "arm-linux-gnueabihf"] {
        let work = Work::new(target);
        work.cc("-O1 -fPIC -c hello.c floor.c");
        work.cxx("-O1 -fPIC -c hello.cc runtime.cc");
        work.write("link.rsp", "-Wl,--gc-sections 'floor.o'\n-lm\n");
        work.write("more/hello.o", "");
        std::fs::copy(work.path("hello.o"), work.path("more/hello.o")).unwrap();
        quiet(&mut work.tool("ar", "rcs libfloor.a floor.o"));
        for words in [
            "hello.o",
            "-s more/hello.o",
            "-no-pie -g -O2 -Wall -DNDEBUG hello.o -pthread -ldl",
            "-shared floor.o -Wl,-soname,libfloor.so.1 -lm",
            "-static-libgcc floor.o -Wl,--start-group -lm -lc -Wl,--end-group",
            "-r hello.o",
            "-rdynamic @link.rsp",
            "runtime.o -pthread",
            "-L. -Wl,--as-needed -Wl,--whole-archive libfloor.a -Wl,--no-whole-archive -lm",
        ] {
            links_alike(&work, "c++", words);
        }
        assert_eq!(work.runs("second", &[]), work.runs("first", &[]));
    }
}

/// Two shapes that differ in one word are two shapes.
#[test]
fn a_shape_is_every_word_but_the_names() {
    let work = Work::new("x86_64-linux-gnu");
    work.cc("-fPIC -c hello.c floor.c");
    work.cc("hello.o -o hello");
    work.cc("hello.o -o hello -Wl,-z,now");
    work.cc("-no-pie hello.o -o hello");
    work.prints("hello", &[], "hello from C, 64 bits");
    assert_ne!(work.bytes("hello")[16], 3, "-no-pie makes no shared object");
    work.cc("hello.o -o hello");
    assert_eq!(work.bytes("hello")[16], 3, "without it a program is position-independent");
}

#[test]
fn a_warning_is_said_every_time_and_errors_are_clangs() {
    let work = Work::new("x86_64-linux-gnu");
    work.cc("-c hello.c");
    for _ in 0..3 {
        let output = support::run(&mut work.tool("cc", "hello.o -o hello -static-libstdc++"));
        let said = support::stderr(&output);
        assert!(said.contains("argument unused during compilation: '-static-libstdc++'"), "{said}");
        let said = work.cc_fails("missing.o -o hello");
        assert!(said.contains("no such file or directory: 'missing.o'"), "{said}");
    }
}

#[test]
fn a_failed_link_exits_1_and_leaves_no_output() {
    let work = Work::new("x86_64-linux-gnu");
    work.write("needs.c", "int absent(void);\nint main(void) { return absent(); }\n");
    work.cc("-c needs.c");
    for _ in 0..2 {
        let output = support::run_fails(&mut work.tool("cc", "needs.o -o needs"));
        assert_eq!(output.status.code(), Some(1));
        assert!(support::stderr(&output).contains("undefined symbol: absent"), "{}", support::stderr(&output));
        assert!(!work.path("needs").exists());
    }
}

/// A source that is compiled and linked in one call: in two steps that are seen in a trace, and the same to the byte.
#[test]
fn one_source_becomes_the_same_program_in_two_steps() {
    for target in ["x86_64-linux-gnu", "aarch64-linux-musl"] {
        let work = Work::new(target);
        for words in [
            "hello.c",
            "-O2 -g -Wall -Wextra -std=gnu11 -DNDEBUG -I. hello.c -lm",
            "hello.cc -std=c++20 -pthread",
            "-shared -fPIC -O1 floor.c -Wl,-soname,libfloor.so.1",
            "-no-pie -ffunction-sections -Wl,--gc-sections -L. hello.c -s",
            "-flto -O2 hello.c",
            "-include stdio.h -Wno-everything hello.c",
        ] {
            links_alike(&work, if words.contains(".cc") { "c++" } else { "cc" }, words);
        }
        work.prints("second", &[], "hello from C, 64 bits");
    }
}

#[test]
fn a_source_that_does_not_compile_or_link_leaves_nothing() {
    let work = Work::new("x86_64-linux-gnu");
    work.write("wrong.c", "int main(void) { return absent }\n");
    work.write("needs.c", "int absent(void);\nint main(void) { return absent(); }\n");
    let temporary = work.path("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    let fails = |words: &str| {
        let output = support::run_fails(work.tool("cc", words).env("TMPDIR", &temporary));
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(!work.path("out").exists(), "{words}");
        support::stderr(&output)
    };
    for _ in 0..2 {
        quiet(work.tool("cc", "hello.c -o hello").env("TMPDIR", &temporary));
        assert!(fails("wrong.c -o out").contains("use of undeclared identifier 'absent'"));
        assert!(fails("needs.c -o out").contains("undefined symbol: absent"));
        assert!(fails("missing.c -o out").contains("no such file or directory: 'missing.c'"));
    }
    let left: Vec<_> = std::fs::read_dir(&temporary).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
    let said = support::stderr(&support::run(&mut work.tool("cc", "hello.c -o hello -static-libstdc++")));
    assert!(said.contains("argument unused during compilation: '-static-libstdc++'"), "{said}");
}

/// A header is precompiled and not linked, by its name or by -x.
#[test]
fn a_header_is_precompiled() {
    let work = Work::new("x86_64-linux-gnu");
    work.write("all.h", "#include <stdio.h>\n");
    work.write("uses.c", "int main(void) { return puts(\"precompiled\") < 0; }\n");
    work.cc("all.h -o all.h.pch");
    work.cc("-x c-header all.h -o other.pch");
    assert!(work.bytes("all.h.pch").starts_with(b"CPCH") && work.bytes("other.pch").starts_with(b"CPCH"));
    work.cc("-include all.h uses.c -o uses");
    work.prints("uses", &[], "precompiled");
}

/// As a build that is interrupted: the object goes with xcc.
#[test]
fn a_killed_call_takes_its_object_along() {
    let work = Work::new("x86_64-linux-gnu");
    let temporary = work.path("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    quiet(&mut work.tool("cc", "hello.c -o hello"));
    // clang waits for the rest of a source that a pipe never ends.
    let made = std::process::Command::new("mkfifo").arg(work.path("endless.c")).status().unwrap();
    assert!(made.success());
    let mut child = work.tool("cc", "endless.c -o endless").env("TMPDIR", &temporary).spawn().unwrap();
    let count = || std::fs::read_dir(&temporary).unwrap().count();
    let since = std::time::Instant::now();
    while count() == 0 && since.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(count(), 1);
    let killed = std::process::Command::new("sh").args(["-c", &format!("kill {}", child.id())]).status().unwrap();
    assert!(killed.success());
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.wait().unwrap()), Some(15));
    assert_eq!(count(), 0);
    // Lets the compiler go that still waits.
    drop(std::fs::OpenOptions::new().write(true).open(work.path("endless.c")).unwrap());
}
