//! What zig cannot serve ends in one clear error with an alternative, not in a linker's riddle or a silent no.

use super::{Work, support};

/// One line `xcc: error: …`, then `xcc: help: …` that names an alternative; exit status 1, and no output file.
#[track_caller]
fn refused(work: &Work, words: &str, names: &str, alternative: &str) {
    let output = support::run_fails(&mut work.tool("cc", words));
    let said = support::stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{words}: {said}");
    assert!(output.stdout.is_empty(), "{words}");
    let lines: Vec<&str> = said.lines().collect();
    let [error, help] = lines[..] else { panic!("{words}: two lines, not:\n{said}") };
    assert!(error.starts_with("xcc: error: ") && error.contains(names), "{words}: {said}");
    assert!(help.starts_with("xcc: help: ") && help.contains(alternative), "{words}: {said}");
    assert!(!work.path("refused").exists(), "{words}");
}

#[test]
fn static_glibc_is_refused() {
    for target in ["x86_64-linux-gnu", "aarch64-linux-gnu"] {
        let work = Work::new(target);
        let musl = target.replace("gnu", "musl");
        refused(&work, "-static hello.c -o refused", "-static", &musl);
        refused(&work, "-static-pie hello.c -o refused", "-static-pie", &musl);
        work.cc("-c hello.c");
        refused(&work, "hello.o -static -o refused", "-static", &musl);
        // Nothing is linked, or no libc: then there is nothing to refuse.
        work.cc("-static -c hello.c");
        work.write("bare.c", "void _start(void) { for (;;); }\n");
        work.cc("-static -nostdlib bare.c -o bare");
    }
}

#[test]
fn sanitizers_without_runtime_are_refused() {
    let work = Work::new("x86_64-linux-gnu");
    for check in ["address", "memory", "leak", "address,undefined"] {
        let option = format!("-fsanitize={check}");
        refused(&work, &format!("{option} hello.c -o refused"), "-fsanitize=", "-fsanitize=undefined");
        refused(&work, &format!("{option} -c hello.c -o refused"), "-fsanitize=", "-fsanitize=undefined");
    }
    work.cc("-fsanitize=address -fno-sanitize=address hello.c -o hello");
    work.prints("hello", &[], "hello from C, 64 bits");
}

#[test]
fn profiling_without_runtime_is_refused() {
    let work = Work::new("x86_64-linux-musl");
    for option in ["-fprofile-generate", "-fprofile-instr-generate", "--coverage", "-coverage", "-fprofile-arcs"] {
        refused(&work, &format!("{option} hello.c -o refused"), option, "native clang");
    }
}

/// An error of the compiler is the compiler's: its words, its exit status.
#[test]
fn compiler_errors_pass_through() {
    let work = Work::new("x86_64-linux-gnu");
    work.write("wrong.c", "int main(void) { return no_such_name; }\n");
    let said = work.cc_fails("-c wrong.c");
    assert!(said.contains("wrong.c:1:25: error: use of undeclared identifier 'no_such_name'"), "{said}");
    assert!(!said.contains("xcc:"), "{said}");
    let said = work.cc_fails("no-such-file.c");
    assert!(said.contains("no such file or directory: 'no-such-file.c'"), "{said}");
    let said = work.cc_fails("-fno-such-option -c hello.c");
    assert!(said.contains("-fno-such-option"), "{said}");
}
