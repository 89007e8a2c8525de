//! Truncated, changed and random files: a report or an error, never a panic, a hang or all of the memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{corpus, support};

/// Words of the numbers that length and offset fields break on.
const NUMBERS: &[u64] = &[0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 63, u64::MAX];

/// What begins the formats, before random bytes.
const MAGICS: &[&[u8]] = &[
    b"\x7fELF\x02\x01\x01",
    b"\x7fELF\x01\x02\x01",
    b"MZ",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe\0\0\0\x02",
    b"\0asm\x01\0\0\0",
    b"!<arch>\n",
    b"!<thin>\n",
    b"\x64\x86\x03\0",
    b"\0\0\xff\xff",
    b"",
];

/// Larger files make a run slow and break in no other ways.
const LARGEST: u64 = 300_000;

/// xorshift64*: no dependence on the version of any crate.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as usize % end.max(1)
    }
}

fn mutated(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut copy = file.to_vec();
    for _ in 0..=random.below(4) {
        let room = if random.below(2) == 0 { copy.len().min(2048) } else { copy.len() };
        let at = random.below(room);
        match random.below(8) {
            0..=2 => copy[at] = random.below(256) as u8,
            3 => copy[at] ^= 1 << random.below(8),
            4..=5 => {
                let (number, size) = (NUMBERS[random.below(NUMBERS.len())], 1 << random.below(4));
                let bytes = if random.below(2) == 0 { number.to_le_bytes() } else { number.to_be_bytes() };
                let at = at & !(size - 1);
                copy.iter_mut().skip(at).zip(&bytes[..size]).for_each(|(old, new)| *old = *new);
            }
            6 => copy.truncate(random.below(copy.len()) + 1),
            _ => {
                let (from, count) = (random.below(copy.len()), random.below(64));
                let piece: Vec<u8> = copy[from..].iter().take(count).copied().collect();
                copy.splice(at..at, piece);
            }
        }
    }
    copy
}

fn check(dir: &Path, files: &[String]) {
    // Two GB and twenty seconds are beyond what any of these files can need.
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v 2000000; exec timeout 20 \"$0\" \"$@\""])
        .arg(support::xcc("xcc"))
        .args(["inspect", "--json"]);
    command.args(files).current_dir(dir).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = command.output().unwrap();
    let said = support::stderr(&output);
    let strange: Vec<&str> = said.lines().filter(|line| !line.starts_with("xcc: error: ")).take(4).collect();
    let fine = matches!(output.status.code(), Some(0 | 2)) && strange.is_empty();
    assert!(fine, "{}: {} {strange:?}", dir.display(), output.status);
}

#[test]
fn broken_files_are_a_report_or_an_error() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let small = |path: &&std::path::PathBuf| fs::metadata(path).unwrap().len() < LARGEST;
    let corpus: Vec<Vec<u8>> = corpus::files().iter().filter(small).map(|path| fs::read(path).unwrap()).collect();
    assert!(corpus.len() > 30, "{} small files", corpus.len());
    let mut random = Random(number("XCC_FUZZ_SEED").unwrap_or(0x9e37_79b9_7f4a_7c15));
    let usual = if std::env::var_os("CI").is_some() { 60 } else { 12 };
    let limit = Duration::from_secs(number("XCC_FUZZ_SECONDS").unwrap_or(usual));
    let dir = support::scratch("inspect-fuzz");
    let names: Vec<String> = (0..30).map(|number| format!("{number}.bin")).collect();
    let (since, mut tried) = (Instant::now(), 0);
    while since.elapsed() < limit {
        for name in &names {
            let data = match random.below(12) {
                0 => {
                    let mut data = MAGICS[random.below(MAGICS.len())].to_vec();
                    data.extend((0..random.below(2000)).map(|_| random.below(256) as u8).collect::<Vec<_>>());
                    data
                }
                _ => mutated(&corpus[random.below(corpus.len())], &mut random),
            };
            fs::write(dir.join(name), data).unwrap();
        }
        check(&dir, &names);
        tried += names.len();
    }
    println!("{tried} files in {:?}", since.elapsed());
    assert!(tried > 100, "{tried} files are no test");
    fs::remove_dir_all(&dir).unwrap();
}

/// A file that ends early says so, at every length; nothing of it is taken for a whole one's report. Small ones of each format.
#[test]
fn truncated_files_are_errors() {
    let dir = support::scratch("inspect-cut");
    for name in [
        "x86_64-linux-gnu.o",
        "s390x-linux-gnu.so",
        "windows.obj",
        "macos-aarch64.o",
        "wasi.o",
        "go-wasip1-wasm",
        "windows.dll",
    ] {
        let path = corpus::dir().join(name);
        if !path.exists() {
            support::skip(&format!("truncate {name}"), "it was not built");
            continue;
        }
        let data = fs::read(path).unwrap();
        let files: Vec<String> = (0..12)
            .map(|part| {
                let name = format!("{name}.{part}");
                fs::write(dir.join(&name), &data[..data.len() * part / 12]).unwrap();
                name
            })
            .collect();
        check(&dir, &files);
        for file in files.iter().take(6) {
            let output = crate::inspect(&dir, &[file]);
            assert_eq!(output.status.code(), Some(2), "{file} was taken for whole: {}", support::stdout(&output));
        }
    }
}

#[test]
fn what_is_no_file_is_named() {
    let dir = support::scratch("inspect-none");
    fs::write(dir.join("empty"), "").unwrap();
    fs::write(dir.join("text"), "hello, world of plain text\n").unwrap();
    for (word, what) in [
        ("empty", "the file is empty"),
        ("text", "file format not recognized"),
        (".", "it is a directory"),
        ("/dev/zero", "it is not an ordinary file"),
        ("absent", "it cannot be read: No such file"),
    ] {
        let output = crate::inspect(&dir, &[word]);
        let said = support::stderr(&output);
        assert!(said.starts_with(&format!("xcc: error: '{word}': {what}")), "{said}");
        assert_eq!(output.status.code(), Some(2), "{word}");
    }
}
