//! Truncated, mutated and random Mach-O files: an error or an answer, never a panic, a hang or all of the memory.
//!
//! The files are the same every time. `XCC_FUZZ_SEED` makes others, `XCC_FUZZ_SECONDS` as many as fit in that time.

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::fuzz::{self, Random};
use crate::{TARGETS, built, support};

/// Half of the time in the load commands, where everything else hangs on; else in the tables at the end.
fn place(length: usize, random: &mut Random) -> usize {
    let room = length.min(2048);
    let from = if random.below(2) == 0 { 0 } else { length - room };
    from + random.below(room)
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
    let mut random = Random::of("macho");
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
        "strip -S -x -o OUT FILES",
        "strip -o OUT FILES",
        "nmedit -s list -o OUT FILES",
        "codesign -f -s - FILES",
        "vtool -set-build-version macos 11.0 11.0 -output OUT FILES",
        "install_name_tool -id x -add_rpath /y FILES",
        "lipo -create FILES -output OUT",
        "lipo -detailed_info FILES",
    ];
    let time = fuzz::time(0);
    let (since, mut tried) = (Instant::now(), 0);
    while tried < 300 || since.elapsed() < time {
        for file in &files {
            let mut bytes = fuzz::mutated(&corpus[random.below(corpus.len())], &mut random, place);
            if random.below(50) == 0 {
                // A head, and noise.
                bytes.truncate(32);
                bytes.extend((0..random.below(4096)).map(|_| random.below(256) as u8).collect::<Vec<u8>>());
            }
            fs::write(dir.join(file), bytes).unwrap();
        }
        readers.iter().for_each(|line| run(&dir, line, &files));
        for (number, file) in files.iter().enumerate() {
            run(&dir, writers[(tried + number) % writers.len()], std::slice::from_ref(file));
        }
        tried += files.len();
    }
    println!("{tried} files in {:?}", since.elapsed());
    fs::remove_dir_all(&dir).unwrap();
}

fn run(dir: &Path, line: &str, files: &[String]) {
    let output = fuzz::run(dir, line, files);
    let said = support::stderr(&output);
    let fine = matches!(output.status.code(), Some(0 | 1)) && !said.contains("panicked");
    let panic: Vec<&str> =
        said.lines().filter(|line| line.contains("panicked") || line.starts_with("  ")).take(4).collect();
    assert!(fine, "'{line}' {files:?} in {} (seed {}): {} {panic:?}", dir.display(), fuzz::seed(), output.status);
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
