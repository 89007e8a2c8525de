//! Bare metal through xcc: images of C, C++ and Rust that qemu's boards run, where they print and end by semihosting. The
//! programs are in `testdata/projects/bare` and `rust-cortex-m`.

#[path = "support/rust.rs"]
mod rust;
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{run, stderr, stdout, which, xcc};

/// A target, the start of its machine, its linker script, the board, and whether every run of the tests builds it.
struct Board {
    target: &'static str,
    start: &'static str,
    script: &'static str,
    qemu: &'static str,
    always: bool,
}

const fn board(target: &'static str, start: &'static str, script: &'static str, qemu: &'static str) -> Board {
    Board { target, start, script, qemu, always: false }
}

const fn always(target: &'static str, start: &'static str, script: &'static str, qemu: &'static str) -> Board {
    Board { target, start, script, qemu, always: true }
}

const AN385: &str = "qemu-system-arm -M mps2-an385";
const AN386: &str = "qemu-system-arm -M mps2-an386";
const AN505: &str = "qemu-system-arm -M mps2-an505";
const RV32: &str = "qemu-system-riscv32 -M virt -bios none";
const RV64: &str = "qemu-system-riscv64 -M virt -bios none";
// The network card of these two would want a boot ROM, which is another package.
const A53: &str = "qemu-system-aarch64 -M virt -cpu cortex-a53 -nic none";
const A15: &str = "qemu-system-arm -M virt -cpu cortex-a15 -nic none";
const ARM9: &str = "qemu-system-arm -M versatilepb";

const BOARDS: &[Board] = &[
    always("aarch64-none-elf", "aarch64.c", "virt-aarch64.ld", A53),
    board("aarch64-none-elf-softfloat", "aarch64.c", "virt-aarch64.ld", A53),
    board("arm-none-eabi", "arm.c", "linux.ld", ARM9),
    board("armv5te-none-eabi", "arm.c", "linux.ld", ARM9),
    board("armv7a-none-eabi", "arm.c", "virt-aarch64.ld", A15),
    board("armv7a-none-eabihf", "arm.c", "virt-aarch64.ld", A15),
    board("riscv32gc-none-elf", "riscv.c", "virt-riscv.ld", RV32),
    board("riscv32i-none-elf", "riscv.c", "virt-riscv.ld", RV32),
    board("riscv32im-none-elf", "riscv.c", "virt-riscv.ld", RV32),
    always("riscv32imac-none-elf", "riscv.c", "virt-riscv.ld", RV32),
    board("riscv32imafc-none-elf", "riscv.c", "virt-riscv.ld", RV32),
    board("riscv32imc-none-elf", "riscv.c", "virt-riscv.ld", RV32),
    always("riscv64gc-none-elf", "riscv.c", "virt-riscv.ld", RV64),
    board("riscv64imac-none-elf", "riscv.c", "virt-riscv.ld", RV64),
    always("thumbv6m-none-eabi", "cortex-m.c", "mps2.ld", AN385),
    board("thumbv7em-none-eabi", "cortex-m.c", "mps2.ld", AN386),
    always("thumbv7em-none-eabihf", "cortex-m.c", "mps2.ld", AN386),
    always("thumbv7m-none-eabi", "cortex-m.c", "mps2.ld", AN385),
    board("thumbv8m.base-none-eabi", "cortex-m.c", "an505.ld", AN505),
    board("thumbv8m.main-none-eabi", "cortex-m.c", "an505.ld", AN505),
    board("thumbv8m.main-none-eabihf", "cortex-m.c", "an505.ld", AN505),
    // The host runs the two: their images have Linux's calls in the place of a debugger's.
    always("x86_64-none", "x86_64.c", "linux.ld", ""),
    board("x86_64-none-elf", "x86_64.c", "linux.ld", ""),
];

/// What the programs end with.
const STATUS: i32 = 42;

fn xcc_in(dir: &Path, name: &str, words: &str) -> Command {
    let mut command = support::command(xcc(name));
    command.current_dir(dir).args(words.split_whitespace());
    command
}

#[track_caller]
fn quiet(command: &mut Command) {
    let output = run(command);
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{}", support::describe(command, &output));
}

/// What an image prints on a board, or on the host; `None` after a counted skip. `load` is qemu's way to get at it.
#[track_caller]
fn printed(dir: &Path, qemu: &str, load: &str, status: i32) -> Option<String> {
    let line = match qemu {
        "" => dir.join(load).display().to_string(),
        _ => format!("{qemu} -nographic -semihosting-config enable=on,target=native {load}"),
    };
    let mut words = line.split_whitespace();
    let program = words.next().unwrap();
    if qemu.is_empty() && cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
        support::skip(load, "the host is no Linux on x86_64");
        return None;
    }
    if !qemu.is_empty() && which(program).is_none() {
        support::skip(&format!("run {load}"), &format!("{program} is not installed"));
        return None;
    }
    let mut command = support::command("timeout");
    let output = command.current_dir(dir).arg("60").arg(program).args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(status), "{}", support::describe(&command, &output));
    // Semihosting prints on qemu's standard error.
    Some(stdout(&output) + &stderr(&output))
}

/// The checksum of the same arithmetic on the host.
fn expected(dir: &Path, flags: &str) -> String {
    let name = format!("host{}", flags.len());
    quiet(&mut xcc_in(dir, "xcc-x86_64-linux-musl", &format!("-O2 -ffp-contract=off {flags} host.c main.c -o {name}")));
    let output = support::runner("x86_64-linux-musl", &dir.join(name)).unwrap().output().unwrap();
    assert_eq!(output.status.code(), Some(STATUS));
    stdout(&output)
}

#[test]
fn arithmetic_is_the_hosts_on_every_board() {
    let dir = support::project("bare");
    let all = support::all("emulated boards of a second kind");
    let floats = expected(&dir, "");
    let integers = expected(&dir, "-DNO_FLOAT");
    assert_ne!(floats, integers);
    for board in BOARDS.iter().filter(|board| all || board.always) {
        let Board { target, start, script, qemu, .. } = board;
        let no_float = matches!(*target, "aarch64-none-elf-softfloat" | "x86_64-none");
        let flags = if no_float { "-DNO_FLOAT" } else { "" };
        let image = format!("{target}.elf");
        let words =
            format!("-O2 -ffp-contract=off -Wall -Wextra -Werror {flags} -T {script} {start} main.c -o {image}");
        quiet(&mut xcc_in(&dir, &format!("xcc-{target}"), &words));
        let load = if qemu.is_empty() { image.clone() } else { format!("-kernel {image}") };
        let Some(said) = printed(&dir, qemu, &load, STATUS) else { continue };
        // A board with sound complains first where the host has none.
        assert!(said.ends_with(if no_float { &integers } else { &floats }), "{target}: {said}");
        // Of the runtime library there is what is called, without --gc-sections.
        let sizes = stdout(&run(&mut xcc_in(&dir, "xcc", &format!("size {image}"))));
        let text: u32 = sizes.lines().nth(1).and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap();
        assert!(text < 32 << 10, "{target}: {sizes}");
    }
}

/// Every target is on a board here, but those that qemu has none for.
#[test]
fn boards_are_of_every_target() {
    let listed = stdout(&run(support::command(xcc("xcc")).arg("targets")));
    let bare: Vec<&str> = listed
        .lines()
        .filter(|line| line.contains("bare metal"))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| !name.starts_with("armv7r-"))
        .collect();
    let boards: Vec<&str> = BOARDS.iter().map(|board| board.target).collect();
    assert_eq!(bare, boards);
}

/// What the tools make of an image runs as well: raw bytes, and Intel's hexadecimal ones.
#[test]
fn images_of_other_formats_run() {
    let dir = support::project("bare");
    quiet(&mut xcc_in(
        &dir,
        "arm-none-eabi-gcc",
        "-mcpu=cortex-m3 -mthumb -O2 -ffp-contract=off -T mps2.ld cortex-m.c main.c -o a.elf",
    ));
    quiet(&mut xcc_in(&dir, "arm-none-eabi-objcopy", "-O binary a.elf a.bin"));
    quiet(&mut xcc_in(&dir, "arm-none-eabi-objcopy", "-O ihex a.elf a.hex"));
    let Some(said) = printed(&dir, AN385, "-kernel a.elf", STATUS) else { return };
    for load in ["-kernel a.bin", "-device loader,file=a.hex"] {
        assert_eq!(printed(&dir, AN385, load, STATUS).unwrap(), said, "{load}");
    }
    assert!(fs::read(dir.join("a.bin")).unwrap().len() < 16 << 10);
}

/// The options of GNU's name choose the runtime library, and the ABI of all objects is one.
#[test]
fn the_processor_chooses_the_runtime_library() {
    let dir = support::project("bare");
    let link = "-mthumb -ffreestanding -O2 -ffp-contract=off -T mps2.ld cortex-m.c main.c -Wl,--gc-sections -Wl,-Map,a.map -o a.elf";
    for (flags, qemu, target, is_hard) in [
        ("-mcpu=cortex-m0", AN385, "thumbv6m-none-eabi", false),
        ("-mcpu=cortex-m3", AN385, "thumbv7m-none-eabi", false),
        ("-mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard", AN386, "thumbv7em-none-eabihf", true),
    ] {
        quiet(&mut xcc_in(&dir, "arm-none-eabi-gcc", &format!("{flags} {link}")));
        let map = fs::read_to_string(dir.join("a.map")).unwrap();
        assert!(map.contains(&format!("{target}/lib/clang/lib/")), "{flags}: {map}");
        let attributes = stdout(&run(&mut xcc_in(&dir, "xcc", "readelf -A a.elf")));
        assert_eq!(attributes.contains("Tag_ABI_VFP_args: VFP registers"), is_hard, "{flags}: {attributes}");
        printed(&dir, qemu, "-kernel a.elf", STATUS);
    }
    let path = stdout(&run(&mut xcc_in(&dir, "arm-none-eabi-gcc", "-mcpu=cortex-m3 -print-libgcc-file-name")));
    assert!(path.contains("thumbv7m-none-eabi") && Path::new(path.trim_end()).is_file(), "{path}");
    assert_eq!(stdout(&run(&mut xcc_in(&dir, "arm-none-eabi-gcc", "-dumpmachine"))), "arm-none-eabi\n");
}

#[test]
fn cxx_needs_no_library() {
    let dir = support::project("bare");
    let flags = "-mcpu=cortex-m3 -Os -fno-exceptions -fno-rtti";
    quiet(&mut xcc_in(
        &dir,
        "arm-none-eabi-g++",
        &format!("{flags} -T mps2.ld -x c cortex-m.c -x c++ words.cc -o a.elf"),
    ));
    if let Some(said) = printed(&dir, AN385, "-kernel a.elf", STATUS) {
        assert_eq!(said, "hello from C++\n");
    }
    fs::write(dir.join("vector.cc"), "#include <vector>\n").unwrap();
    let said = stderr(&support::run_fails(&mut xcc_in(&dir, "arm-none-eabi-g++", &format!("{flags} -c vector.cc"))));
    assert!(said.contains("'vector' file not found"), "{said}");
}

#[test]
fn a_newlib_of_the_users_is_used() {
    let dir = support::project("bare");
    let cpu = "-mcpu=cortex-m3 -mthumb";
    let refused = stderr(&support::run_fails(&mut xcc_in(
        &dir,
        "arm-none-eabi-gcc",
        &format!("{cpu} --specs=nosys.specs newlib.c"),
    )));
    assert!(
        refused.contains("unsupported option '--specs=nosys.specs'") && refused.contains("--sysroot=DIR"),
        "{refused}"
    );
    let link = support::run_fails(&mut xcc_in(
        &dir,
        "arm-none-eabi-gcc",
        &format!("{cpu} -T mps2.ld -Dprintf=puts -x c host.c main.c"),
    ));
    assert!(stderr(&link).contains("'stdio.h' file not found"), "{}", stderr(&link));
    fs::write(dir.join("puts.c"), "int puts(const char *); void start(void); void start(void) { puts(\"\"); }\n")
        .unwrap();
    let said = stderr(&support::run_fails(&mut xcc_in(
        &dir,
        "arm-none-eabi-gcc",
        &format!("{cpu} -T mps2.ld puts.c -o a.elf"),
    )));
    assert!(said.contains("xcc: help: 'puts' is a C library's, and 'thumbv7m-none-eabi' has none"), "{said}");
    let newlib = Path::new("/usr/lib/arm-none-eabi");
    if !newlib.join("newlib/thumb/v7-m/nofp/libc.a").is_file() {
        return support::skip("newlib", "libnewlib-arm-none-eabi is not installed");
    }
    let root = dir.join("newlib-root");
    fs::create_dir(&root).unwrap();
    for (from, to) in [("/usr/include/newlib", "include"), ("/usr/lib/arm-none-eabi/newlib", "lib")] {
        std::os::unix::fs::symlink(from, root.join(to)).unwrap();
    }
    fs::write(dir.join("xcc.toml"), "[target.arm-none-eabi]\nsysroot = 'newlib-root'\n").unwrap();
    let mut sizes = Vec::new();
    for (specs, runs) in [
        ("--specs=nosys.specs", false),
        ("--specs=rdimon.specs", true),
        ("--specs=nano.specs --specs=nosys.specs", false),
        ("--specs=nano.specs --specs=rdimon.specs", true),
    ] {
        let words = format!("{cpu} -Os {specs} newlib.c -T newlib.ld -Wl,--gc-sections -o a.elf");
        run(&mut xcc_in(&dir, "arm-none-eabi-gcc", &words));
        sizes.push(fs::metadata(dir.join("a.elf")).unwrap().len());
        if runs && let Some(said) = printed(&dir, AN385, "-kernel a.elf", STATUS) {
            assert!(said.contains("hello from newlib, 4\n"), "{specs}: {said}");
        }
    }
    assert!(sizes[2] * 3 < sizes[0] * 2, "nano is no smaller: {sizes:?}");
}

/// GCC built it for size: its functions keep registers by routines of the compiler's library. Sysroots of this test's own
/// take a while, so with XCC_TEST_ALL.
#[test]
fn a_picolibc_of_the_users_is_used() {
    if !support::all("picolibc") {
        return;
    }
    let root = "/usr/lib/picolibc/riscv64-unknown-elf";
    if !Path::new(root).join("lib/rv32imac/ilp32/libc.a").is_file() {
        return support::skip("picolibc", "picolibc-riscv64-unknown-elf is not installed");
    }
    let dir = support::project("bare");
    for (target, qemu, libraries, expected) in [
        // Debian's libm.a for 32 bits has an object of 64, which LLD refuses; what is in it elsewhere is in libc.a here.
        ("riscv32imac-none-elf", RV32, "-nolibc -lc -lsemihost -lc", "4 1.414214 123456789012\n"),
        ("riscv64gc-none-elf", RV64, "-lsemihost", "8 1.414214 123456789012\n"),
    ] {
        let words = format!(
            "--sysroot={root} -Os picolibc.S picolibc.c -T picolibc.ld -nostartfiles {libraries} -Wl,--gc-sections -o a.elf"
        );
        quiet(xcc_in(&dir, &format!("xcc-{target}"), &words).env("XCC_CACHE_DIR", dir.join("cache")));
        if let Some(said) = printed(&dir, qemu, "-kernel a.elf", 0) {
            assert_eq!(said, expected, "{target}");
        }
    }
}

/// rustc says `-flavor gnu` to a linker whose name it does not know, and speaks to the others as to a linker or as to GCC.
#[test]
fn rustc_links_by_any_name() {
    let dir = support::project("rust-cortex-m");
    for std in rust::stds(&["thumbv7m-none-eabi"]) {
        let target = std.target.clone();
        let any = xcc("some-linker");
        let names = ["xcc-thumbv7m-none-eabi", "xcc-thumbv7m-none-eabi-ld", "arm-none-eabi-gcc"].map(xcc);
        for linker in names.iter().chain([&any]) {
            // Another linker is no reason for cargo to link again; a source that was written is.
            let source = dir.join("src/main.rs");
            fs::write(&source, fs::read(&source).unwrap()).unwrap();
            let _ = fs::remove_file(dir.join("target").join(&target).join("debug/rust-cortex-m"));
            let mut cargo = std.cargo("build");
            cargo.current_dir(&dir).arg("--quiet").env("CARGO_TARGET_DIR", dir.join("target"));
            cargo.env("CARGO_TARGET_THUMBV7M_NONE_EABI_LINKER", linker);
            cargo.env("CARGO_TARGET_THUMBV7M_NONE_EABI_RUSTFLAGS", "-Clink-arg=-Tlink.x");
            run(&mut cargo);
            let image = format!("-kernel target/{target}/debug/rust-cortex-m");
            let Some(said) = printed(&dir, "qemu-system-arm -M lm3s6965evb", &image, 0) else { return };
            assert!(said.contains("hello from rust 1000000007\n"), "{}: {said}", linker.display());
        }
    }
}

/// Rust on a start written in C, linked by either of the two ways.
#[test]
fn rust_and_c_are_one_image() {
    let dir = support::project("bare");
    let rows = [
        ("riscv32imac-unknown-none-elf", "riscv.c", "virt-riscv.ld", RV32),
        ("thumbv7em-none-eabihf", "cortex-m.c", "mps2.ld", AN386),
        ("aarch64-unknown-none", "aarch64.c", "virt-aarch64.ld", A53),
        ("x86_64-unknown-none", "x86_64.c", "linux.ld", ""),
    ];
    for std in rust::stds(&rows.map(|row| row.0)) {
        let target = &std.target;
        if std.method == "build-std" {
            support::skip(target, "rustc alone has no core for it");
            continue;
        }
        let (_, start, script, qemu) = rows.into_iter().find(|row| row.0 == *target).unwrap();
        quiet(&mut xcc_in(&dir, &format!("xcc-{target}"), &format!("-O2 -c {start} -o start.o")));
        for linker in [format!("xcc-{target}"), format!("xcc-{target}-gcc")] {
            let mut rustc = support::command(&std.rustc);
            rustc.current_dir(&dir).args(["-O", "-Cpanic=abort", "--edition=2021", "--target", target, "start.rs"]);
            rustc.arg(format!("-Clinker={}", xcc(&linker).display())).arg(format!("-Clink-arg=-T{script}"));
            // Linux would have to relocate a program that is one of position-independent code.
            rustc.args(["-Clink-arg=start.o", "-Crelocation-model=static", "-o", "image.elf"]);
            run(&mut rustc);
            let load = if qemu.is_empty() { "image.elf" } else { "-kernel image.elf" };
            if let Some(said) = printed(&dir, qemu, load, STATUS) {
                assert_eq!(said, "hello from Rust\n", "{linker}");
            }
        }
    }
}

#[test]
fn cmake_builds_an_image() {
    if which("cmake").is_none() || which("ninja").is_none() {
        return support::skip("CMake", "cmake or ninja is not installed");
    }
    let dir = support::project("bare");
    let file = run(&mut xcc_in(&dir, "xcc", "env --cmake thumbv7m-none-eabi"));
    fs::write(dir.join("toolchain.cmake"), &file.stdout).unwrap();
    let configure = "-S . -B build -G Ninja -DCMAKE_TOOLCHAIN_FILE=toolchain.cmake -DCMAKE_BUILD_TYPE=MinSizeRel";
    let said = stdout(&run(support::command("cmake").current_dir(&dir).args(configure.split(' '))));
    assert!(said.contains("-- answer Generic arm Clang 4\n"), "{said}");
    let said = stdout(&run(support::command("cmake").current_dir(&dir).args(["--build", "build"])));
    assert!(said.contains("FLASH:"), "--print-memory-usage: {said}");
    printed(&dir, AN385, "-kernel build/image.bin", STATUS);
    let meson = stdout(&run(&mut xcc_in(&dir, "xcc", "env --meson thumbv7m-none-eabi")));
    assert!(meson.contains("system = 'none'") && meson.contains("cpu_family = 'arm'"), "{meson}");
}
