//! Truncated, mutated and random Mach-O files: an error or an answer, never a panic, a hang or all of the memory.
//!
//! The files are the same every time. `XCC_FUZZ_SEED` makes others, `XCC_FUZZ_FILES` as many as it says.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{TARGETS, built, support};

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

const NUMBERS: &[u64] = &[0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 63, u64::MAX];

fn mutated(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut copy = file.to_vec();
    for _ in 0..=random.next() % 4 {
        // Half of the time in the load commands, where everything else hangs on; else in the tables at the end.
        let (from, room) = match random.next().is_multiple_of(2) {
            true => (0, copy.len().min(2048)),
            false => (copy.len().saturating_sub(2048), copy.len().min(2048)),
        };
        let at = from + random.next() % room.max(1);
        match random.next() % 8 {
            0..=2 => copy[at] = random.next() as u8,
            3 => copy[at] ^= 1 << (random.next() % 8),
            4..=5 => {
                let (number, size) = (NUMBERS[random.next() % NUMBERS.len()], 1 << (random.next() % 4));
                let at = at & !(size - 1);
                copy.iter_mut().skip(at).zip(&number.to_le_bytes()[..size]).for_each(|(old, new)| *old = *new);
            }
            6 => copy.truncate(random.next() % copy.len() + 1),
            _ => {
                let (from, count) = (random.next() % copy.len(), random.next() % 64);
                let piece: Vec<u8> = copy[from..].iter().take(count).copied().collect();
                copy.splice(at..at, piece);
            }
        }
    }
    copy
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn broken_files_are_errors() {
    let mut corpus = Vec::new();
    for (target, _) in TARGETS {
        let built = built(target);
        for name in ["hello", "hello-chained", "liblib-zig.dylib", "liblib.dylib", "hello.o", "lib.a"] {
            corpus.push(built.bytes(name));
        }
    }
    let intel = built("x86_64-macos");
    let arm = built("aarch64-macos").path("liblib.dylib");
    intel.ok("lipo", &["-create", "liblib.dylib", arm.to_str().unwrap(), "-output", "fat.dylib"]);
    corpus.push(intel.bytes("fat.dylib"));
    let seed = number("XCC_FUZZ_SEED").unwrap_or(0x9e37_79b9_7f4a_7c15);
    let most = number("XCC_FUZZ_FILES").unwrap_or(300) as usize;
    let mut random = Random(seed);
    let dir = support::scratch("fuzz-macho");
    fs::write(dir.join("list"), "_lib_a\n").unwrap();
    // Those that read take several files in one call.
    let files: Vec<String> = (0..30).map(|number| format!("{number}.bin")).collect();
    let readers = [
        "nm -am FILES",
        "otool -lvLDt FILES",
        "size -m FILES",
        "dyld_info -validate_only -imports -exports FILES",
        "codesign -d -vv FILES",
    ];
    let writers = [
        "strip -S -x -o OUT FILE",
        "strip -o OUT FILE",
        "nmedit -s list -o OUT FILE",
        "codesign -f -s - FILE",
        "vtool -set-build-version macos 11.0 11.0 -output OUT FILE",
        "install_name_tool -id x -add_rpath /y FILE",
        "lipo -create FILE -output OUT",
        "lipo -detailed_info FILE",
    ];
    let minute = Duration::from_secs(if std::env::var_os("CI").is_some() { 60 } else { 0 });
    let (since, mut tried) = (Instant::now(), 0);
    while tried < most || since.elapsed() < minute {
        for file in &files {
            let mut bytes = mutated(&corpus[random.next() % corpus.len()], &mut random);
            if random.next().is_multiple_of(50) {
                // A head, and noise.
                bytes.truncate(32);
                bytes.extend((0..random.next() % 4096).map(|_| random.next() as u8).collect::<Vec<u8>>());
            }
            fs::write(dir.join(file), bytes).unwrap();
        }
        readers.iter().for_each(|line| run(&dir, line, &files, seed));
        for (number, file) in files.iter().enumerate() {
            run(&dir, writers[(tried + number) % writers.len()], std::slice::from_ref(file), seed);
        }
        tried += files.len();
    }
    println!("{tried} files in {:?}", since.elapsed());
    fs::remove_dir_all(&dir).unwrap();
}

fn run(dir: &Path, line: &str, files: &[String], seed: u64) {
    // Two GB and twenty seconds are beyond what any of these files can need.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 2000000; exec timeout 20 \"$0\" \"$@\""]).arg(support::xcc("xcc"));
    for word in line.split(' ') {
        match word {
            "FILES" | "FILE" => command.args(files),
            "OUT" => command.arg("out"),
            word => command.arg(word),
        };
    }
    let output = command.current_dir(dir).stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    let said = support::stderr(&output);
    let fine = matches!(output.status.code(), Some(0 | 1)) && !said.contains("panicked");
    let panic: Vec<&str> =
        said.lines().filter(|line| line.contains("panicked") || line.starts_with("  ")).take(4).collect();
    assert!(fine, "'{line}' {files:?} in {} (seed {seed}): {} {panic:?}", dir.display(), output.status);
}

/// What is looked at after a link is shown by `xcc inspect`: pages against the signature, and the names of libraries.
#[test]
fn inspecting_checks_as_a_link_does() {
    let built = built("aarch64-macos");
    let path = support::scratch("macho-inspected").join("program");
    let inspect = |data: &[u8]| {
        fs::write(&path, data).unwrap();
        support::stdout(&support::run(support::command(support::xcc("xcc")).arg("inspect").arg(&path)))
    };
    let mut data = built.bytes("hello");
    let good = inspect(&data);
    assert!(!good.contains("finding"), "{good}");
    *data.last_mut().unwrap() ^= 1;
    let said = inspect(&data);
    assert!(said.contains("finding") && said.contains("page"), "{said}");
}
