//! C and C++ through xcc into WebAssembly, run under wasmtime. The programs are in `testdata/projects/wasm`.

mod support;

use std::path::Path;
use std::process::Command;

use support::{run, stderr, stdout, xcc};

const TARGET: &str = "wasm32-wasi";

fn tool(dir: &Path, tool: &str, words: &str) -> Command {
    let mut command = support::command(xcc(&format!("xcc-{TARGET}-{tool}")));
    command.current_dir(dir).args(words.split_whitespace());
    command
}

#[track_caller]
fn quiet(command: &mut Command) {
    let output = run(command);
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{}", support::describe(command, &output));
}

fn wasmtime(module: &Path, words: &[&str]) -> Option<Command> {
    let mut command = support::runner(TARGET, module)?;
    command.args(words);
    Some(command)
}

#[test]
fn a_command_runs() {
    let dir = support::project("wasm");
    for flags in ["", "-O2 -g", "-O2 -flto -Wl,--gc-sections", "-Os -static -lwasi-emulated-process-clocks"] {
        quiet(&mut tool(&dir, "cc", &format!("hello.c {flags} -Wall -Werror -lm -o hello.wasm")));
        let Some(mut command) = wasmtime(&dir.join("hello.wasm"), &["word"]) else { return };
        assert_eq!(stdout(&run(&mut command)), "hello from WebAssembly, 32 bits, word 1.414 1\n", "{flags}");
    }
}

#[test]
fn cxx_runs_without_exceptions() {
    let dir = support::project("wasm");
    quiet(&mut tool(&dir, "c++", "-O2 -std=c++20 hello.cc -o hello.wasm"));
    if let Some(mut command) = wasmtime(&dir.join("hello.wasm"), &[]) {
        assert_eq!(stdout(&run(&mut command)), "one=1 two=2 \n");
    }
    std::fs::write(dir.join("throws.cc"), "int main() { throw 1; }\n").unwrap();
    let said = stderr(&support::run_fails(&mut tool(&dir, "c++", "throws.cc -o throws.wasm")));
    assert!(said.contains("with exceptions disabled"), "{said}");
}

#[test]
fn a_reactor_is_called() {
    let dir = support::project("wasm");
    quiet(&mut tool(&dir, "cc", "-O2 -mexec-model=reactor reactor.c -o reactor.wasm"));
    let Some(mut command) = wasmtime(&dir.join("reactor.wasm"), &["add", "2"]) else { return };
    assert_eq!(stdout(&run(&mut command)), "42\n");
}

/// The stack lies before the data: it ends in a trap, and 64 KiB are not its end.
#[test]
fn a_stack_that_overflows_traps() {
    let dir = support::project("wasm");
    quiet(&mut tool(&dir, "cc", "deep.c -o deep.wasm"));
    let Some(mut command) = wasmtime(&dir.join("deep.wasm"), &[]) else { return };
    assert_eq!(stdout(&run(&mut command)), "1\n");
    let Some(mut command) = wasmtime(&dir.join("deep.wasm"), &["deeper"]) else { return };
    let said = stderr(&support::run_fails(&mut command));
    assert!(said.contains("wasm trap"), "{said}");
}

#[test]
fn what_wasi_lacks_is_refused() {
    let dir = support::project("wasm");
    for words in ["-fsanitize=undefined hello.c", "-fsanitize=address hello.c", "-pthread hello.c", "-labsent hello.c"]
    {
        let mut command = tool(&dir, "cc", &format!("{words} -o wrong.wasm"));
        assert_ne!(stderr(&support::run_fails(&mut command)), "", "{words}");
        assert!(!dir.join("wrong.wasm").exists(), "{words}");
    }
}
