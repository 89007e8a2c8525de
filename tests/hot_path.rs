//! Holds the cost of one compiler call up to its exec, with the xcc that install.sh makes: its instructions, system
//! calls and memory. `benches/compare.rs` has the times, beside those of other compilers.

#[path = "support/cost.rs"]
mod cost;
mod support;

use std::path::Path;
use std::sync::OnceLock;

use cost::Place;

/// Where install.sh has put xcc.
fn installed() -> &'static Path {
    static PREFIX: OnceLock<std::path::PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let prefix = support::scratch("installed");
        let mut install = support::command(support::root().join("install.sh"));
        support::run(install.arg("--prefix").arg(&prefix).args(["--targets", "aarch64-linux-gnu", "--no-zig"]));
        prefix.join("bin/xcc")
    })
}

fn place() -> Place {
    Place::new(&support::scratch("hot-path"), installed(), &support::cache_dir())
}

/// A counted skip where the tool is missing or may not do its work.
fn with_tool<T>(tool: &str, count: impl FnOnce() -> Result<T, String>) -> Option<T> {
    if support::which(tool).is_none() {
        support::skip("cost of a call", &format!("{tool} is not installed"));
        return None;
    }
    count().map_err(|why| support::skip("cost of a call", &why)).ok()
}

#[test]
fn a_compilation_takes_few_instructions() {
    assert_eq!(cost::COMPILE.split_whitespace().count(), 40);
    let place = place();
    let Some(count) = with_tool("valgrind", || place.instructions(cost::COMPILE)) else { return };
    assert!(count <= 600_000, "{count} instructions");
}

#[test]
fn a_compilation_takes_few_system_calls_and_starts_nothing_but_zig() {
    let place = place();
    let Some(calls) = with_tool("strace", || place.system_calls(cost::COMPILE)) else { return };
    let all = calls.join("\n");
    assert!(calls.len() <= 60, "{} system calls:\n{all}", calls.len());
    assert_eq!(calls.iter().filter(|call| call.contains("execve(")).count(), 2, "more execs than xcc and zig:\n{all}");
    assert!(!calls.iter().any(|call| call.contains("clone") || call.contains("fork(")), "starts a process:\n{all}");
}

#[test]
fn a_compilation_takes_little_memory() {
    let peak = place().peak_memory(cost::COMPILE);
    assert!(peak < 8 * 1024, "{peak} KiB");
}

#[test]
fn a_long_response_file_costs_by_its_length() {
    let place = place();
    std::fs::write(place.dir.join("words"), cost::response_file()).unwrap();
    let Some(count) = with_tool("valgrind", || place.instructions("-c hello.c @words")) else { return };
    assert!(count <= 10_000 * 3_000, "{count} instructions for 10,000 words");
    // A rule that changes one word has xcc write them all.
    std::fs::write(place.dir.join("words"), cost::response_file() + "--target=aarch64-linux-gnu.2.28\n").unwrap();
    let Some(count) = with_tool("valgrind", || place.instructions("-c hello.c @words")) else { return };
    assert!(count <= 10_000 * 4_000, "{count} instructions for 10,000 words that are written again");
}
