//! A link whose shape is known from earlier ones goes to LLD at once, and makes the same file as through clang's driver.

use super::{Work, quiet, support};

/// Does the call start LLD itself?
#[track_caller]
fn is_known(work: &Work, words: &str) -> bool {
    let mut command = work.tool("c++", words);
    let output = support::run(command.env("XCC_TRACE", "1"));
    support::stderr(&output).contains("knows what clang would run")
}

/// Whether a shape was seen before depends on the other tests; twice makes it sure.
#[track_caller]
fn links_alike(work: &Work, words: &str) {
    quiet(&mut work.tool("c++", &format!("{words} -o first")));
    assert!(is_known(work, &format!("{words} -o second")), "{}: {words}", work.target);
    // With -v clang runs itself.
    support::run(&mut work.tool("c++", &format!("{words} -v -o by-clang")));
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
            links_alike(&work, words);
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
