//! Truncated and mutated objects: an error or an answer, never a panic, a hang or all of the memory.
//!
//! Every reader has its minute under `CI=true`, a few seconds otherwise. The files are the same every time, as many as a minute
//! allows on two slow cores. `XCC_FUZZ_SEED` makes others, `XCC_FUZZ_SECONDS` as many as fit in that time.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::{built, support, windows};

/// Words of the numbers that length and offset fields break on.
const NUMBERS: &[u64] = &[0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 63, u64::MAX];

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

/// Whole files, to be broken.
struct Corpus {
    /// Without most of their weight: the interesting bytes are headers and tables.
    files: Vec<Vec<u8>>,
    /// Those with line tables.
    objects: Vec<Vec<u8>>,
    archives: Vec<Vec<u8>>,
}

fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(make_corpus)
}

fn make_corpus() -> Corpus {
    let (mut files, mut objects) = (Vec::new(), Vec::new());
    for target in ["x86_64-linux-gnu", "arm-linux-gnueabihf", "s390x-linux-gnu"] {
        let built = built(target);
        let source = "int f(int n) { return n; } int (*p)(int) = f; __thread int t = 1;";
        fs::write(built.path("small.c"), source).unwrap();
        let mut command = support::command(support::xcc(&format!("xcc-{target}-cc")));
        command.current_dir(&built.dir);
        support::run(command.args(["-g1", "-ffile-compilation-dir=.", "-c", "small.c", "-o", "small.o"]));
        let mut command = support::command(support::xcc(&format!("xcc-{target}-cc")));
        command.current_dir(&built.dir);
        let words =
            "-nostdlib -shared -Wl,--version-script=library.map -Wl,-z,max-page-size=4096 -Wl,--build-id -Wl,-s";
        support::run(command.args(words.split(' ')).args(["library.c", "-o", "small.so"]));
        objects.push(built.bytes("small.o"));
        files.push(built.bytes("small.so"));
    }
    let built = built("x86_64-linux-gnu");
    built.ok("ar", &["rcs", "broken.a", "small.o", "library.c"]);
    built.ok("ar", &["rcsT", "thin.a", "small.o"]);
    let archives = vec![built.bytes("broken.a"), built.bytes("thin.a")];
    files.extend(objects.iter().chain(&archives).cloned());
    Corpus { files, objects, archives }
}

/// A file with some bytes changed, as a fuzzer does: half of the time in its header and what follows it, where
/// everything else hangs on.
fn mutated(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut copy = file.to_vec();
    for _ in 0..=random.next() % 4 {
        let room = if random.next().is_multiple_of(2) { copy.len().min(512) } else { copy.len() };
        let at = random.next() % room.max(1);
        match random.next() % 8 {
            0..=2 => copy[at] = random.next() as u8,
            3 => copy[at] ^= 1 << (random.next() % 8),
            4..=5 => {
                let (number, size) = (NUMBERS[random.next() % NUMBERS.len()], 1 << (random.next() % 4));
                let bytes = if random.next().is_multiple_of(2) { number.to_le_bytes() } else { number.to_be_bytes() };
                let at = at & !(size - 1);
                copy.iter_mut().skip(at).zip(&bytes[..size]).for_each(|(old, new)| *old = *new);
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

/// Runs tools, in turns, on broken files until the time is over. `FILES` stands for the files, `OUT` for an output.
fn fuzz(name: &str, corpus: &[Vec<u8>], (most, batch): (usize, usize), tools: &[&str]) {
    let asked = number("XCC_FUZZ_SECONDS");
    let seconds = asked.unwrap_or(if std::env::var_os("CI").is_some() { 60 } else { 3 });
    let most = if asked.is_some() { usize::MAX } else { most };
    let seed = number("XCC_FUZZ_SEED").unwrap_or(0x9e37_79b9_7f4a_7c15);
    let mut random = Random(seed ^ name.bytes().fold(0, |all, byte| all << 5 ^ u64::from(byte)));
    let dir = support::scratch(&format!("fuzz-{name}"));
    let files: Vec<String> = (0..batch).map(|number| format!("{number}.bin")).collect();
    let (since, mut tried) = (Instant::now(), 0);
    while tried < 100 || tried < most && since.elapsed() < Duration::from_secs(seconds) {
        for file in &files {
            fs::write(dir.join(file), mutated(&corpus[random.next() % corpus.len()], &mut random)).unwrap();
        }
        for line in tools {
            run(&dir, line, &files, seed);
            tried += batch;
        }
    }
    println!("{name}: {tried} files in {:?}", since.elapsed());
    fs::remove_dir_all(&dir).unwrap();
}

fn run(dir: &Path, line: &str, files: &[String], seed: u64) {
    // Two GB and twenty seconds are beyond what any of these files can need.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 2000000; exec timeout 20 \"$0\" \"$@\""]).arg(support::xcc("xcc"));
    for word in line.split(' ') {
        match word {
            "FILES" => command.args(files),
            "OUT" => command.arg("out"),
            word => command.arg(word),
        };
    }
    let output = command.current_dir(dir).stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    let said = support::stderr(&output);
    let fine = matches!(output.status.code(), Some(0 | 1)) && !said.contains("panicked");
    let panic: Vec<&str> = said.lines().filter(|line| !line.starts_with("xcc:")).take(4).collect();
    assert!(fine, "'{line}' in {} (seed {seed}): {} {panic:?}", dir.display(), output.status);
}

/// The same of Windows, small ones: an object, one with many sections, an import library, a DLL.
fn windows() -> Vec<Vec<u8>> {
    static FILES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let files = FILES.get_or_init(|| {
        let built = windows::built("x86_64-windows-gnu");
        let source = "__declspec(dllexport) int f(int n) { return n; } int (*p)(int) = f; __attribute__((weak)) int w;";
        fs::write(built.dir.join("small.c"), source).unwrap();
        built.ok("cc", &["-g1", "-ffile-compilation-dir=.", "-ffunction-sections", "-c", "small.c", "-o", "small.o"]);
        built.ok("cc", &["-shared", "-nostdlib", "-Wl,-e,f", "small.o", "-o", "small.dll"]);
        let mut names = vec!["small.o", "small.dll", "libnumber.dll.a"];
        if built.gnu("objcopy", &["-O", "pe-bigobj-x86-64", "small.o", "small.big.o"]).is_some() {
            names.push("small.big.o");
        }
        names.iter().map(|name| built.bytes(name)).collect()
    });
    files.clone()
}

macro_rules! readers {
    ($($name:ident: $most:literal, $batch:literal, $corpus:expr, $tools:expr;)*) => {
        $(#[test] fn $name() { fuzz(stringify!($name), &$corpus, ($most, $batch), $tools); })*
    };
}

readers! {
    nm_reads_broken_files: 88_000, 30, corpus().files, &["nm -aDS --special-syms FILES", "nm -n FILES"];
    size_reads_broken_files: 65_000, 30, corpus().files, &["size -A --common FILES", "size FILES"];
    strings_reads_broken_files: 36_000, 30, corpus().files, &["strings -d -t x FILES"];
    objdump_reads_broken_files: 28_000, 10, corpus().files, &["objdump -x -T -R -s FILES"];
    readelf_reads_broken_files: 25_000, 10, corpus().files, &["readelf -a -W --dyn-syms FILES"];
    strip_reads_broken_files: 5_900, 1, corpus().files, &["strip -o OUT FILES", "strip --strip-unneeded -o OUT FILES"];
    objcopy_reads_broken_files: 6_900, 1, corpus().files, &[
        "objcopy --only-keep-debug --decompress-debug-sections FILES OUT",
        "objcopy -O ihex --gap-fill 0 FILES OUT",
        "objcopy --compress-debug-sections -R .text --add-section .new=0.bin FILES OUT",
    ];
    broken_pe_files_are_read: 6_000, 30, windows(), &[
        "nm -aS --size-sort FILES", "nm -C -f sysv FILES", "size -A --common FILES", "strings -d FILES", "objdump -x -s FILES",
    ];
    broken_pe_files_are_stripped: 600, 1, windows(), &[
        "strip -o OUT FILES",
        "strip --strip-unneeded -o OUT FILES",
        "objcopy --only-keep-debug FILES OUT",
        "objcopy -O binary FILES OUT",
        "objcopy -R .text --add-section .new=0.bin --add-symbol n=1 FILES OUT",
        "addr2line -f -i -e FILES 0 10 180001000",
    ];
    addr2line_reads_broken_files: 6_300, 1, corpus().objects, &["addr2line -f -i -e FILES 0 10 20 1000 20100"];
    archives_are_read_broken: 58_000, 10, corpus().archives, &["nm -s FILES", "objdump -a -p FILES", "readelf -A -c FILES", "size -t FILES"];
}

/// Names as a linker prints them, broken: c++filt reads them from its input, here from a response file.
#[test]
fn cxxfilt_reads_broken_names() {
    let names: &[&[u8]] = &[
        b"_ZNSt3__112basic_stringIcNS_11char_traitsIcEENS_9allocatorIcEEE6appendEPKcm",
        b"_ZZN4core3fmt9FormatterL3padEvENKUlT_E_clIiEEDaS0_",
        b"_RNvMsr_NtCs3ssYzQotkvD_3std4pathNtB5_7PathBuf3newCs15kBYyAo9fc_7mycrate",
        b"_ZN3foo17h0123456789abcdefE",
        b"_ZdlPvSt11align_val_t _ZTVN10__cxxabiv117__class_type_infoE",
    ];
    let corpus: Vec<Vec<u8>> = names.iter().map(|name| name.to_vec()).collect();
    fuzz("cxxfilt", &corpus, (6_100, 1), &["c++filt @0.bin"]);
}
