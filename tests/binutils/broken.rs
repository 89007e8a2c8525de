//! Truncated and mutated objects: an error or an answer, never a panic and never a hang.
//!
//! A small generator with a fixed seed makes the same files every time. A panic ends a process with status 101, or by a
//! signal where panics abort.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{built, support};

/// What is run on every broken file; `OUT` is a place for an output.
const TOOLS: &[&[&str]] = &[
    &["nm", "-aDS", "--special-syms"],
    &["nm", "-n"],
    &["size", "-A", "--common"],
    &["objdump", "-x", "-T", "-R", "-s"],
    &["readelf", "-a", "-W", "--dyn-syms"],
    &["strip", "-o", "OUT"],
    &["strip", "--strip-unneeded", "-o", "OUT"],
    &["objcopy", "--only-keep-debug", "--decompress-debug-sections"],
    &["objcopy", "-O", "ihex", "--gap-fill", "0"],
    &["addr2line", "-f", "-i", "-e", "FILE", "0", "1000", "20100"],
];

/// xorshift64*: no dependence on the version of any crate.
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize
    }
}

/// Files without most of their weight: the interesting bytes are headers and tables.
fn small_files() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for target in ["x86_64-linux-gnu", "arm-linux-gnueabihf", "s390x-linux-gnu"] {
        let built = built(target);
        let source = "int f(int n) { return n; } int (*p)(int) = f; __thread int t = 1;";
        fs::write(built.path("small.c"), source).unwrap();
        let mut command = support::command(support::xcc(&format!("xcc-{target}-cc")));
        command.current_dir(&built.dir);
        support::run(command.args(["-g1", "-c", "small.c", "-o", "small.o"]));
        let mut command = support::command(support::xcc(&format!("xcc-{target}-cc")));
        command.current_dir(&built.dir);
        let words =
            "-nostdlib -shared -Wl,--version-script=library.map -Wl,-z,max-page-size=4096 -Wl,--build-id -Wl,-s";
        support::run(command.args(words.split(' ')).args(["library.c", "-o", "small.so"]));
        all.push(built.bytes("small.o"));
        all.push(built.bytes("small.so"));
    }
    let built = built("x86_64-linux-gnu");
    built.ok("ar", &["rcs", "small.a", "small.o"]);
    all.push(built.bytes("small.a"));
    all
}

#[test]
fn no_broken_file_makes_a_tool_panic() {
    let dir = support::scratch("broken");
    let xcc = support::xcc("xcc");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut broken: Vec<Vec<u8>> = Vec::new();
    for file in small_files() {
        broken.extend((0..file.len().min(16 << 10)).step_by(64).map(|size| file[..size].to_vec()));
        for _ in 0..60 {
            let mut copy = file.clone();
            for _ in 0..=random.next() % 4 {
                // Half of the time in the file's header and what follows it, where everything else hangs on.
                let room = if random.next().is_multiple_of(2) { copy.len().min(512) } else { copy.len() };
                let at = random.next() % room;
                copy[at] = match random.next() % 4 {
                    0 => 0xff,
                    1 => 0,
                    2 => copy[at] ^ 1 << (random.next() % 8),
                    _ => random.next() as u8,
                };
            }
            broken.push(copy);
        }
    }
    let since = Instant::now();
    let (mut tried, mut wrong) = (0, Vec::new());
    // Several files to a process where the tool takes them; all of it within a minute on a slow machine.
    for (number, data) in broken.iter().enumerate() {
        fs::write(dir.join(format!("{number}.bin")), data).unwrap();
    }
    for words in TOOLS {
        let many = ["nm", "size", "objdump", "readelf"].contains(&words[0]);
        // The tools that take one file each see every fifth.
        let step = if many { 1 } else { 5 };
        let files: Vec<String> = (0..broken.len()).step_by(step).map(|number| format!("{number}.bin")).collect();
        for batch in files.chunks(if many { 40 } else { 1 }) {
            if since.elapsed() > Duration::from_secs(90) {
                break;
            }
            let mut command = Command::new(&xcc);
            command.current_dir(&dir).stdout(Stdio::null()).stderr(Stdio::piped());
            command.args(words.iter().map(|word| match *word {
                "OUT" => "out.bin",
                "FILE" => &*batch[0],
                word => word,
            }));
            if words[0] != "addr2line" {
                command.args(batch);
            }
            if words[0] == "objcopy" {
                command.arg("out.bin");
            }
            let output = command.output().unwrap();
            tried += batch.len();
            if !matches!(output.status.code(), Some(0 | 1)) || support::stderr(&output).contains("panicked") {
                let said = support::stderr(&output);
                let panic: Vec<&str> = said.lines().filter(|line| !line.starts_with("xcc:")).take(3).collect();
                wrong.push(format!("{words:?} {batch:?} in {}: {} {panic:?}", dir.display(), output.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 1000, "only {tried} files were tried in {:?}", since.elapsed());
    fs::remove_dir_all(&dir).unwrap();
}
