//! Truncated, changed and random files: a report or an error, never a panic, a hang or all of the memory.

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::fuzz::{self, Random};
use crate::{corpus, support};

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

fn check(dir: &Path, files: &[String]) {
    let output = fuzz::run(dir, "inspect --json FILES", files);
    let said = support::stderr(&output);
    let strange: Vec<&str> = said.lines().filter(|line| !line.starts_with("xcc: error: ")).take(4).collect();
    let fine = matches!(output.status.code(), Some(0 | 2)) && strange.is_empty();
    assert!(fine, "{}: {} {strange:?}", dir.display(), output.status);
}

#[test]
fn broken_files_are_a_report_or_an_error() {
    let small = |path: &&std::path::PathBuf| fs::metadata(path).unwrap().len() < LARGEST;
    let corpus: Vec<Vec<u8>> = corpus::files().iter().filter(small).map(|path| fs::read(path).unwrap()).collect();
    assert!(corpus.len() > 30, "{} small files", corpus.len());
    let (mut random, limit) = (Random::of("inspect"), fuzz::time(12));
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
                _ => fuzz::mutated(&corpus[random.below(corpus.len())], &mut random, fuzz::mostly_first(2048)),
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

/// What a file calls its parts neither breaks the line nor reaches the terminal.
#[test]
fn names_of_a_broken_file_are_escaped() {
    let path = corpus::dir().join("windows.dll");
    if !path.exists() {
        return support::skip("a broken windows.dll", "it was not built");
    }
    let mut data = fs::read(path).unwrap();
    let half = |data: &[u8], at: usize| usize::from(u16::from_le_bytes([data[at], data[at + 1]]));
    let header = half(&data, 0x3c) + 4;
    let section = header + 20 + half(&data, header + 16);
    data[section..section + 8].copy_from_slice(b"a\n\x1b[31mb");
    data[section + 20..section + 24].copy_from_slice(&0x7fff_fe00_u32.to_le_bytes());
    let dir = support::scratch("inspect-names");
    fs::write(dir.join("broken.dll"), data).unwrap();
    for tool in ["inspect", "objdump -h", "nm"] {
        let output = fuzz::run(&dir, &format!("{tool} FILES"), &["broken.dll".into()]);
        let said = support::stderr(&output);
        assert!(said.contains(r"a\u{a}\u{1b}[31mb") && said.lines().count() == 1, "{tool}: {said:?}");
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
