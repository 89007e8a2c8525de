//! The files: from xcc, zig, the host's gcc, Go and Rust, in every format and many shapes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{self, run, which, xcc};

/// Linux targets whose sysroots other tests make too.
const LINUX: &[&str] = &[
    "x86_64-linux-gnu",
    "x86_64-linux-gnu.2.17",
    "aarch64-linux-gnu",
    "aarch64-linux-gnu.2.17",
    "arm-linux-gnueabihf",
    "riscv64-linux-gnu",
    "s390x-linux-gnu",
    "x86_64-linux-musl",
    "aarch64-linux-musl",
];

/// `GOOS` and `GOARCH` of Go's programs.
const GO: &[(&str, &str)] = &[
    ("linux", "amd64"),
    ("linux", "arm64"),
    ("linux", "mips"),
    ("windows", "amd64"),
    ("darwin", "arm64"),
    ("wasip1", "wasm"),
];
const MORE_GO: &[(&str, &str)] = &[
    ("linux", "386"),
    ("linux", "arm"),
    ("linux", "loong64"),
    ("linux", "ppc64le"),
    ("linux", "riscv64"),
    ("linux", "s390x"),
    ("windows", "386"),
    ("windows", "arm64"),
    ("darwin", "amd64"),
    ("freebsd", "amd64"),
    ("netbsd", "arm64"),
    ("openbsd", "amd64"),
];

const PROGRAM: &str = "\
#include <stdio.h>
#include <string.h>
int add(int a, int b) { return a + b; }
int main(int argc, char **argv) {
    char text[64];
    strcpy(text, argv[0]);
    return printf(\"%s %d\\n\", text, add(argc, 1)) < 0;
}
";
const LIBRARY: &str = "int number = 3; int twice(int n) { return 2 * n; } static int hidden(int n) { return n; } int more(int n) { return hidden(n); }\n";

/// The directory with all of them, made once.
pub(crate) fn dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    static TRIED: AtomicBool = AtomicBool::new(false);
    DIR.get_or_init(|| {
        assert!(!TRIED.swap(true, Ordering::Relaxed), "the corpus could not be built; another test says why");
        let dir = support::scratch("inspect");
        fs::write(dir.join("p.c"), PROGRAM).unwrap();
        fs::write(dir.join("l.c"), LIBRARY).unwrap();
        linux(&dir);
        host(&dir);
        others(&dir);
        apple(&dir);
        go(&dir);
        rust(&dir);
        dir
    })
}

/// Every file of the corpus, sorted by name.
pub(crate) fn files() -> Vec<PathBuf> {
    let sources = ["c", "go", "mod", "rs", "sum"];
    let mut all: Vec<PathBuf> = fs::read_dir(dir()).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.is_file() && !path.extension().is_some_and(|ending| sources.iter().any(|s| ending == *s)));
    all.sort();
    all
}

/// The command line of a tool, words split at blanks.
pub(crate) fn words(dir: &Path, program: impl AsRef<std::ffi::OsStr>, line: &str) -> Command {
    let mut command = support::command(program);
    command.current_dir(dir).args(line.split_whitespace());
    command
}

fn linux(dir: &Path) {
    for target in LINUX {
        let cc = |line: &str| drop(run(&mut words(dir, xcc(&format!("xcc-{target}-cc")), line)));
        cc(&format!("-O1 p.c -o {target}"));
        cc(&format!("-g -c l.c -o {target}.o"));
        cc(&format!("-shared -fPIC -Wl,-soname,libl.so.1 -Wl,-rpath,$ORIGIN/lib l.c -o {target}.so"));
    }
    let musl = |line: &str| drop(run(&mut words(dir, xcc("xcc-x86_64-linux-musl-cc"), line)));
    musl("-static-pie -g p.c -o musl-static-pie");
    musl("-static -s p.c -o musl-stripped");
    musl("-dynamic p.c -o musl-dynamic");
    let gnu = |line: &str| drop(run(&mut words(dir, xcc("xcc-x86_64-linux-gnu-cc"), line)));
    gnu("-Wl,-z,now -fstack-protector-all -O2 -D_FORTIFY_SOURCE=2 -Wl,--build-id=sha1 p.c -o hardened");
    gnu("-no-pie -Wl,-z,norelro -Wl,-z,execstack p.c -o soft");
    gnu("-fsanitize=undefined -fsanitize-trap=undefined p.c l.c -o trapping");
    gnu("-c -flto p.c -o bitcode.o");
    // Alone, because a property of a program is one that all its objects have.
    for protection in ["full", "branch", "return"] {
        gnu(&format!("-fcf-protection={protection} -nostdlib -shared -fPIC l.c -o cf-{protection}.so"));
    }
    // Without the list of functions to leave out, which zig has not.
    let cfi = "-fsanitize=cfi-icall -fsanitize-cfi-cross-dso -fno-sanitize-ignorelist -flto";
    gnu(&format!("{cfi} -nostdlib -shared -fPIC l.c -o cfi.so"));
    let arm = |line: &str| drop(run(&mut words(dir, xcc("xcc-aarch64-linux-gnu-cc"), line)));
    for protection in ["standard", "bti"] {
        arm(&format!("-mbranch-protection={protection} -nostdlib -shared -fPIC l.c -o bp-{protection}.so"));
    }
    let ar = |line: &str| drop(run(&mut words(dir, xcc("xcc-x86_64-linux-gnu-ar"), line)));
    ar("rcs libl.a x86_64-linux-gnu.o x86_64-linux-musl.o");
    ar("rcsT libthin.a x86_64-linux-gnu.o");
    ar("rcs libmixed.a x86_64-linux-gnu.o aarch64-linux-gnu.o p.c");
}

/// What the distribution's own compiler makes.
fn host(dir: &Path) {
    if which("gcc").is_none() {
        support::skip("files of gcc", "it is not installed");
        return;
    }
    for line in [
        "p.c -o gcc",
        "-g -gz -Wl,--build-id p.c -o gcc-debug",
        "-static p.c -o gcc-static",
        "-static-pie p.c -o gcc-static-pie",
        "-no-pie p.c -o gcc-no-pie",
        "-O2 -fstack-protector-all -D_FORTIFY_SOURCE=2 -Wl,-z,relro,-z,now p.c -o gcc-hardened",
        "-shared -fPIC -Wl,-soname,libgcc-made.so l.c -o gcc.so",
        "-march=native -g -c p.c -o gcc-native.o",
    ] {
        run(&mut words(dir, "gcc", line));
    }
}

fn others(dir: &Path) {
    let cc = |target: &str, line: &str| drop(run(&mut words(dir, xcc(&format!("xcc-{target}-cc")), line)));
    cc("x86_64-windows-gnu", "-g p.c -o windows.exe");
    cc("x86_64-windows-gnu", "-mwindows -s p.c -o windows-gui.exe");
    guarded_and_signed(dir);
    cc("x86_64-windows-gnu", "-shared l.c -Wl,--out-implib,windows.dll.a -o windows.dll");
    cc("x86_64-windows-gnu", "-g -c l.c -o windows.obj");
    cc("x86-windows-gnu", "-c l.c -o windows-x86.obj");
    cc("aarch64-windows-gnu", "-c l.c -o windows-arm64.obj");
    cc("wasm32-wasi", "p.c -o wasi.wasm");
    cc("wasm32-wasi", "-mexec-model=reactor l.c -Wl,--export=twice -o reactor.wasm");
    cc("wasm32-wasi", "-c l.c -o wasi.o");
    run(&mut words(dir, xcc("xcc-wasm32-wasi-ar"), "rcs libwasi.a wasi.o"));
}

/// Copies of a program for Windows whose header says Control Flow Guard, and a signature: the word of a linker and of a signer
/// that not every machine has.
fn guarded_and_signed(dir: &Path) {
    const GUARD_CF: u8 = 0x40;
    let whole = fs::read(dir.join("windows.exe")).unwrap();
    let number = |at: usize| u32::from_le_bytes(whole[at..at + 4].try_into().unwrap()) as usize;
    let optional = number(0x3c) + 24;
    let mut guarded = whole.clone();
    // The high byte of DllCharacteristics.
    guarded[optional + 71] |= GUARD_CF;
    fs::write(dir.join("windows-guarded.exe"), guarded).unwrap();
    // The fifth directory of PE32+, whose address is an offset: an empty certificate at the end.
    let mut signed = whole.clone();
    signed.resize(whole.len().next_multiple_of(8), 0);
    let certificate = [8_u32.to_le_bytes(), [0, 2, 2, 0]].concat();
    let entry = [signed.len() as u32, certificate.len() as u32].map(u32::to_le_bytes).concat();
    signed[optional + 144..optional + 152].copy_from_slice(&entry);
    signed.extend(certificate);
    fs::write(dir.join("windows-signed.exe"), signed).unwrap();
}

/// Mach-O, by zig, which has the names of Apple's libraries.
fn apple(dir: &Path) {
    let zig = std::env::var_os("XCC_ZIG").expect("XCC_ZIG names the zig under test");
    let cache = support::shared_dir().join("zig-apple");
    let zig = |line: &str| {
        let mut command = words(dir, &zig, line);
        run(command.env("ZIG_GLOBAL_CACHE_DIR", &cache).env("ZIG_LOCAL_CACHE_DIR", &cache));
    };
    for arch in ["aarch64", "x86_64"] {
        zig(&format!("cc -target {arch}-macos.12.0 p.c -o macos-{arch}"));
        zig(&format!("cc -target {arch}-macos.12.0 -g -c l.c -o macos-{arch}.o"));
        zig(&format!("cc -target {arch}-macos.12.0 -shared -Wl,-rpath,@loader_path l.c -o libmacos-{arch}.dylib"));
    }
    run(&mut words(dir, xcc("xcc-x86_64-linux-gnu-ar"), "rcs libmacos.a macos-aarch64.o"));
    let slices = [(0x0100_000c_u32, 0_u32, "macos-aarch64"), (0x0100_0007, 3, "macos-x86_64")];
    fs::write(dir.join("macos-fat"), fat(dir, &slices)).unwrap();
}

/// A fat file: its header, an entry for each slice (processor, its kind, offset, size, alignment), and the slices at pages.
fn fat(dir: &Path, slices: &[(u32, u32, &str)]) -> Vec<u8> {
    const PAGE: u32 = 14;
    let mut file = [0xcafe_babe_u32, slices.len() as u32].map(u32::to_be_bytes).concat();
    let mut contents: Vec<u8> = Vec::new();
    for (processor, kind, name) in slices {
        let data = fs::read(dir.join(name)).unwrap();
        contents.resize(contents.len().next_multiple_of(1 << PAGE), 0);
        let offset = (1 << PAGE) + contents.len() as u32;
        file.extend([*processor, *kind, offset, data.len() as u32, PAGE].map(u32::to_be_bytes).concat());
        contents.extend(data);
    }
    file.resize(1 << PAGE, 0);
    file.extend(contents);
    file
}

fn go(dir: &Path) {
    if which("go").is_none() {
        support::skip("files of Go", "it is not installed");
        return;
    }
    fs::create_dir_all(dir.join("dep")).unwrap();
    fs::write(dir.join("dep/go.mod"), "module example.org/dep\n\ngo 1.24\n").unwrap();
    fs::write(dir.join("dep/dep.go"), "package dep\n\nvar Number = 3\n").unwrap();
    fs::write(
        dir.join("go.mod"),
        "module example.org/app\n\ngo 1.24\n\nrequire example.org/dep v1.2.3\n\nreplace example.org/dep => ./dep\n",
    )
    .unwrap();
    fs::write(
        dir.join("main.go"),
        "package main\n\nimport \"example.org/dep\"\n\nfunc main() { println(dep.Number) }\n",
    )
    .unwrap();
    let more = if support::all("inspect on Go's files of more systems") { MORE_GO } else { &[] };
    for (os, arch) in GO.iter().chain(more) {
        let mut command = words(dir, "go", &format!("build -trimpath -o go-{os}-{arch} ."));
        command
            .env("GOOS", os)
            .env("GOARCH", arch)
            .env("CGO_ENABLED", "0")
            .env("GOFLAGS", format!("{} -mod=mod", support::GOFLAGS));
        run(&mut command);
    }
}

fn rust(dir: &Path) {
    let rustc = which("rustc").expect("the tests are Rust");
    fs::write(dir.join("r.rs"), "fn main() { println!(\"{:?}\", std::env::args().nth(7)); }\n").unwrap();
    fs::write(dir.join("rl.rs"), "#[unsafe(no_mangle)]\npub extern \"C\" fn three() -> i32 { 3 }\n").unwrap();
    let rustc = |line: &str| drop(run(&mut words(dir, &rustc, line)));
    rustc("--edition 2024 -C opt-level=1 r.rs -o rust");
    rustc("--edition 2024 --crate-type cdylib -C strip=symbols rl.rs -o librust.so");
    rustc("--edition 2024 --crate-type rlib rl.rs -o librust.rlib");
}
