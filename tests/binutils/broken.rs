//! Truncated and mutated objects: an error or an answer, never a panic, a hang or all of the memory.
//!
//! Every reader has its minute under `CI=true`, a few seconds otherwise. The files are the same every time, as many as a minute
//! allows on two slow cores. `XCC_FUZZ_SEED` makes others, `XCC_FUZZ_SECONDS` as many as fit in that time.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use crate::fuzz::{self, Random};
use crate::{built, support, windows};

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

/// Runs tools, in turns, on broken files until the time is over. `FILES` stands for the files, `OUT` for an output.
fn tools(name: &str, corpus: &[Vec<u8>], (most, batch): (usize, usize), lines: &[&str]) {
    let (time, most) = (fuzz::time(3), if fuzz::asked().is_some() { usize::MAX } else { most });
    let mut random = Random::of(name);
    let dir = support::scratch(&format!("fuzz-{name}"));
    let files: Vec<String> = (0..batch).map(|number| format!("{number}.bin")).collect();
    let (since, mut tried) = (Instant::now(), 0);
    while tried < 100 || tried < most && since.elapsed() < time {
        for file in &files {
            let broken = fuzz::mutated(&corpus[random.below(corpus.len())], &mut random, fuzz::mostly_first(512));
            fs::write(dir.join(file), broken).unwrap();
        }
        for line in lines {
            run(&dir, line, &files);
            tried += batch;
        }
    }
    println!("{name}: {tried} files in {:?}", since.elapsed());
    fs::remove_dir_all(&dir).unwrap();
}

fn run(dir: &Path, line: &str, files: &[String]) {
    let output = fuzz::run(dir, line, files);
    let said = support::stderr(&output);
    let fine = matches!(output.status.code(), Some(0 | 1)) && !said.contains("panicked");
    let panic: Vec<&str> = said.lines().filter(|line| !line.starts_with("xcc:")).take(4).collect();
    assert!(fine, "'{line}' in {} (seed {}): {} {panic:?}", dir.display(), fuzz::seed(), output.status);
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
        $(#[test] fn $name() { tools(stringify!($name), &$corpus, ($most, $batch), $tools); })*
    };
}

readers! {
    nm_reads_broken_files: 88_000, 150, corpus().files, &["nm -aDS --special-syms FILES", "nm -n FILES"];
    size_reads_broken_files: 65_000, 150, corpus().files, &["size -A --common FILES", "size FILES"];
    strings_reads_broken_files: 36_000, 150, corpus().files, &["strings -d -t x FILES"];
    objdump_reads_broken_files: 28_000, 50, corpus().files, &["objdump -x -T -R -s FILES"];
    readelf_reads_broken_files: 25_000, 50, corpus().files, &["readelf -a -W --dyn-syms FILES"];
    strip_reads_broken_files: 5_900, 1, corpus().files, &["strip -o OUT FILES", "strip --strip-unneeded -o OUT FILES"];
    objcopy_reads_broken_files: 6_900, 1, corpus().files, &[
        "objcopy --only-keep-debug --decompress-debug-sections FILES OUT",
        "objcopy -O ihex --gap-fill 0 FILES OUT",
        "objcopy --compress-debug-sections -R .text --add-section .new=0.bin FILES OUT",
    ];
    broken_pe_files_are_read: 6_000, 150, windows(), &[
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
    archives_are_read_broken: 58_000, 50, corpus().archives, &["nm -s FILES", "objdump -a -p FILES", "readelf -A -c FILES", "size -t FILES"];
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
    tools("cxxfilt", &corpus, (6_100, 1), &["c++filt @0.bin"]);
}
