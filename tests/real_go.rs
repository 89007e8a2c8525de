//! Real Go: what `go build` makes with xcc as its C compiler is built for every Linux target that Go has, and run.
//! Each test protects the one statement its name makes.
//!
//! Needs `go`; programs of other machines run under qemu with the C libraries that `tests/support/qemu-roots.sh`
//! fetches, and what qemu cannot run is inspected. What is missing is a counted skip.

mod support;

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use object::elf;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Architecture, Endianness, Object, ObjectSection, ObjectSymbol};

use support::{describe, run, run_fails, shared_dir, skip, stderr, stdout, which, xcc};

const NET_OUTPUT: &str = "\
scale: 4.75
mix: 2.57698038965e+10
sum: 34359739770.75
made: 109 12 -3 1099511627776 0.5 made [144 144 144] -7
errno is ERANGE: true
visits: 140 [0 0.25 0.5 0.75 1 1.25 1.5 1.75]
localhost is a loopback: true ok
lo is a loopback: true ok
user 0 is root: true ok
";

const STD_OUTPUT: &str = "\
localhost is a loopback: true
user 0 is root: true
";

const SQLITE_OUTPUT: &str = "\
200 OK
sqlite 3.53.4
vec v0.1.6
3 at 0.060
4 at 0.140
2 at 0.260
";

const KAFKA_OUTPUT: &str = "\
librdkafka 2.11.1 0x20b01ff
unsent: Local: Purged in queue
closed
";

const CXX_OUTPUT: &str = "\
a=3 b=2 c=1 
distinct: 3
caught: leaf at depth 3 (out_of_range)
result: -1
";

const SHARED_OUTPUT: &str = "\
42 2 hello, loader
close 0
goodbye 1
";

// ---------------------------------------------------------------------------------------------------------------
// The matrix: one row per GOARCH, one test per row.

/// A target that Go has, and the names it goes by on either side.
#[derive(Clone, Copy)]
struct Port {
    goarch: &'static str,
    /// `("GOARM", "7")`; empty strings for none.
    variant: (&'static str, &'static str),
    /// The target in xcc's name, which is also the one whose emulator and C library run the program.
    target: &'static str,
    machine: Architecture,
    big_endian: bool,
}

const fn port(goarch: &'static str, target: &'static str, machine: Architecture) -> Port {
    Port { goarch, variant: ("", ""), target, machine, big_endian: false }
}

const AMD64: Port = port("amd64", "x86_64-linux-gnu", Architecture::X86_64);
const AMD64_MUSL: Port = port("amd64", "x86_64-linux-musl", Architecture::X86_64);
const ARM64: Port = port("arm64", "aarch64-linux-gnu", Architecture::Aarch64);
const ARM64_MUSL: Port = port("arm64", "aarch64-linux-musl", Architecture::Aarch64);

const fn arm(goarm: &'static str, target: &'static str) -> Port {
    Port { variant: ("GOARM", goarm), ..port("arm", target, Architecture::Arm) }
}

#[test]
fn amd64_programs_build_and_run() {
    builds_and_runs(&[AMD64, AMD64_MUSL]);
}

#[test]
fn arm64_programs_build_and_run() {
    builds_and_runs(&[ARM64, ARM64_MUSL]);
}

#[test]
fn arm_v7_programs_build_and_run() {
    builds_and_runs(&[arm("7", "arm-linux-gnueabihf"), arm("7", "arm-linux-musleabihf")]);
}

/// The C library of the glibc root is ARMv7; the static program is run on a CPU that has nothing newer than ARMv6.
#[test]
fn arm_v6_programs_build_and_run_on_an_armv6_cpu() {
    builds_and_runs(&[arm("6", "arm-linux-gnueabihf")]);
    on_cpu("arm1176", arm("6", "arm-linux-musleabihf"));
}

/// Few have such a machine.
#[test]
fn arm_v5_programs_build_and_run_on_a_cpu_without_floating_point() {
    if !support::all("Go for ARMv5") {
        return;
    }
    on_cpu("arm926", arm("5", "arm-linux-gnueabi"));
    on_cpu("arm926", arm("5", "arm-linux-musleabi"));
}

#[test]
fn x86_programs_build_and_run() {
    builds_and_runs(&[
        port("386", "x86-linux-gnu", Architecture::I386),
        port("386", "x86-linux-musl", Architecture::I386),
    ]);
}

#[test]
fn riscv64_programs_build_and_run() {
    builds_and_runs(&[
        port("riscv64", "riscv64-linux-gnu", Architecture::Riscv64),
        port("riscv64", "riscv64-linux-musl", Architecture::Riscv64),
    ]);
}

#[test]
fn ppc64le_programs_build_and_run() {
    builds_and_runs(&[
        port("ppc64le", "powerpc64le-linux-gnu", Architecture::PowerPc64),
        port("ppc64le", "powerpc64le-linux-musl", Architecture::PowerPc64),
    ]);
}

#[test]
fn s390x_programs_build_and_run() {
    let s390x = |target| Port { big_endian: true, ..port("s390x", target, Architecture::S390x) };
    builds_and_runs(&[s390x("s390x-linux-gnu"), s390x("s390x-linux-musl")]);
}

#[test]
fn loong64_programs_build_and_run() {
    let ports = [
        port("loong64", "loongarch64-linux-gnu", Architecture::LoongArch64),
        port("loong64", "loongarch64-linux-musl", Architecture::LoongArch64),
    ];
    builds_and_runs(if support::all("Go for LoongArch with musl") { &ports } else { &ports[..1] });
}

fn builds_and_runs(ports: &[Port]) {
    if !have_go() {
        return;
    }
    for port in ports {
        check_program(port, None);
    }
}

/// The same on one CPU model of qemu, which is what shows that no library brought newer instructions in.
fn on_cpu(cpu: &str, port: Port) {
    if have_go() {
        check_program(&port, Some(cpu));
    }
}

#[track_caller]
fn check_program(port: &Port, cpu: Option<&str>) {
    for (project, expected) in [("go-net", NET_OUTPUT), ("go-std", STD_OUTPUT)] {
        let exe = Build::new(port, project).go(&[]);
        inspect(port, &exe);
        check_run(port, &exe, &[], cpu, expected);
    }
}

// ---------------------------------------------------------------------------------------------------------------
// What Go needs to know of a CPU.

#[test]
fn goarm_6_reaches_the_c_code() {
    if !have_go() {
        return;
    }
    let port = arm("6", "arm-linux-gnueabihf");
    let archive = Build::new(&port, "go-archive").output("libarchive.a").go(&["-buildmode=c-archive"]);
    let members = arm_attributes(&archive);
    assert!(members.len() > 5, "{members:?}");
    for (member, a) in &members {
        assert!(a.cpu_arch <= ARM_V6K && a.cpu_arch != ARM_V6T2, "{member} is newer than ARMv6: {a:?}");
        assert!(a.fp_arch <= ARM_VFPV2, "{member} has a newer VFP than ARMv6: {a:?}");
    }
    assert!(members.iter().any(|(_, a)| a.cpu_arch >= ARM_V6), "no member is ARMv6: {members:?}");
    assert!(members.iter().any(|(_, a)| a.hard_float), "no member passes floats in registers: {members:?}");
}

#[test]
fn goarm_5_is_software_floating_point() {
    if !have_go() {
        return;
    }
    let port = arm("5", "arm-linux-gnueabi");
    let archive = Build::new(&port, "go-archive").output("libarchive.a").go(&["-buildmode=c-archive"]);
    let members = arm_attributes(&archive);
    assert!(members.len() > 5, "{members:?}");
    for (member, a) in &members {
        assert!(a.cpu_arch <= ARM_V5TEJ, "{member} is newer than ARMv5TEJ: {a:?}");
        assert!(!a.hard_float && a.fp_arch == 0, "{member} uses a VFP: {a:?}");
    }
}

/// Go writes its DWARF sections as SHT_PROGBITS, clang writes SHT_MIPS_DWARF as the MIPS ABI asks, and LLD refuses to
/// merge the two. A limit of Go and LLD together: without debug information on Go's side there is nothing to merge.
#[test]
fn mips64le_programs_build_without_debug_information_and_say_why_not_with_it() {
    if !have_go() {
        return;
    }
    let port = port("mips64le", "mips64el-linux-gnuabi64", Architecture::Mips64);
    let with = Build::new(&port, "go-net");
    let output = with.command(&[]).output().unwrap();
    if !output.status.success() {
        let said = stderr(&output);
        assert!(said.contains("section type mismatch for .debug_"), "{said}");
    }
    let exe = Build::new(&port, "go-net").go(&["-ldflags=-w"]);
    inspect(&port, &exe);
    check_output(&port, &exe, NET_OUTPUT);
}

#[test]
fn a_glibc_version_in_the_name_is_the_newest_that_programs_need() {
    if !have_go() {
        return;
    }
    for project in ["go-net", "go-std"] {
        let mut build = Build::new(&AMD64, project);
        build.cc = xcc("xcc-x86_64-linux-gnu.2.17");
        let exe = build.go(&[]);
        let needs = Elf::read(&exe).version_needs();
        let newest = needs.iter().filter_map(|n| glibc_version(n)).max().expect("no glibc symbol");
        assert!(newest <= (2, 17), "{project} needs {needs:?}");
        check_output(&AMD64, &exe, if project == "go-net" { NET_OUTPUT } else { STD_OUTPUT });
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Build modes.

#[test]
fn build_mode_exe_has_a_fixed_address() {
    modes(|port| {
        let exe = Build::new(port, "go-net").go(&["-buildmode=exe"]);
        assert_eq!(Elf::read(&exe).kind(), elf::ET_EXEC.0);
        check_output(port, &exe, NET_OUTPUT);
    });
}

#[test]
fn build_mode_pie_has_none() {
    modes(|port| {
        let exe = Build::new(port, "go-net").go(&["-buildmode=pie"]);
        assert_eq!(Elf::read(&exe).kind(), elf::ET_DYN.0);
        check_output(port, &exe, NET_OUTPUT);
    });
}

#[test]
fn stripping_flags_strip() {
    modes(|port| {
        let exe = Build::new(port, "go-net").go(&["-ldflags=-s -w"]);
        let names = Elf::read(&exe).section_names();
        let left: Vec<_> = names.iter().filter(|n| n.contains("debug_") || *n == ".symtab").collect();
        assert!(left.is_empty(), "{left:?}");
        check_output(port, &exe, NET_OUTPUT);
    });
}

#[test]
fn trimpath_leaves_no_path_of_this_machine() {
    modes(|port| {
        let build = Build::new(port, "go-net");
        let exe = build.go(&["-trimpath", "-ldflags=-compressdwarf=false"]);
        let bytes = fs::read(&*exe).unwrap();
        for path in [build.dir.to_path_buf(), shared_dir(), support::root().to_owned()] {
            let found = find(&bytes, path.as_os_str().as_encoded_bytes());
            assert!(
                found.is_none(),
                "{} is in {}: …{}…",
                path.display(),
                exe.display(),
                around(&bytes, found.unwrap())
            );
        }
        check_output(port, &exe, NET_OUTPUT);
    });
}

#[test]
fn build_mode_c_shared_is_loaded_called_and_closed() {
    modes(|port| {
        let build = Build::new(port, "go-shared").output("libshared.so");
        let library = build.go(&["-buildmode=c-shared"]);
        let loader = build.dir.join("load");
        let source = build.dir.join("loader/load.c");
        run(support::command(&build.cc).args(["-O2", "-Wall", "-Werror", "-o"]).arg(&loader).arg(source).arg("-ldl"));
        check_run(port, &loader, &[&*library], None, SHARED_OUTPUT);

        if port.goarch == host_goarch() {
            match which("python3") {
                Some(python) => {
                    let script = build.dir.join("loader/load.py");
                    let output = run(support::command(python).arg(script).arg(&*library));
                    assert_eq!(stdout(&output), SHARED_OUTPUT);
                }
                None => skip("load a Go library from Python", "python3 is not installed"),
            }
        }
    });
}

#[test]
fn build_mode_c_archive_is_linked_by_a_c_program() {
    modes(|port| {
        let build = Build::new(port, "go-archive").output("libarchive.a");
        let archive = build.go(&["-buildmode=c-archive"]);
        let exe = build.dir.join("user/main");
        run(support::command(&build.cc)
            .args(["-O2", "-Wall", "-Werror", "-I"])
            .arg(&**build.dir)
            .arg(build.dir.join("user/main.c"))
            .arg(&*archive)
            .args(["-lpthread", "-o"])
            .arg(&exe));
        check_output(port, &exe, "40 7 3 -1 half 2.5\n");
    });
}

#[test]
fn build_mode_plugin_is_opened_by_its_host() {
    modes(|port| {
        let mut build = Build::new(port, "go-plugin").output("plug.so");
        build.package = "./plug";
        let plugin = build.go(&["-buildmode=plugin"]);
        build.package = "./host";
        let host = build.output("host.exe").go(&[]);
        check_run(port, &host, &[&*plugin], None, "plug 42\n");
    });
}

#[test]
fn cxx_code_throws_and_catches() {
    modes(|port| {
        let exe = Build::new(port, "go-cxx").go(&[]);
        check_output(port, &exe, CXX_OUTPUT);
    });
}

/// Only the host's program runs: the race detector wants 48 bits of address space, and qemu's programs have 39 or 47.
#[test]
fn the_race_detector_links() {
    modes(|port| {
        let exe = Build::new(port, "go-net").go(&["-race"]);
        assert!(Elf::read(&exe).has_symbol("__tsan_init"), "{} has no race detector", exe.display());
        if port.goarch == host_goarch() {
            check_output(port, &exe, NET_OUTPUT);
        }
    });
}

#[test]
fn a_musl_program_links_statically_on_request() {
    if !have_go() {
        return;
    }
    for port in [AMD64_MUSL, ARM64_MUSL] {
        for (project, expected) in [("go-net", NET_OUTPUT), ("go-std", STD_OUTPUT)] {
            let exe = Build::new(&port, project).go(&["-ldflags=-linkmode=external -extldflags=-static"]);
            assert_eq!(Elf::read(&exe).interpreter(), None);
            check_output(&port, &exe, expected);
        }
    }
}

/// Go's two 64-bit ports that most programs are released for.
fn modes(check: impl Fn(&Port)) {
    if !have_go() {
        return;
    }
    for port in [AMD64, ARM64] {
        check(&port);
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Modules that people use.

#[test]
fn sqlite_with_its_vector_extension_on_glibc() {
    for port in [AMD64, ARM64] {
        sqlite(&port, None, "direct");
    }
}

#[test]
fn sqlite_with_its_vector_extension_on_musl() {
    for port in [AMD64_MUSL, ARM64_MUSL] {
        sqlite(&port, None, "direct");
    }
}

/// `CC=xcc`: the target comes from the variables that Go exports, the libc from `XCC_LIBC`.
#[test]
fn plain_xcc_takes_the_target_from_go() {
    sqlite(&ARM64, Some("gnu"), "direct");
    sqlite(&AMD64_MUSL, Some("musl"), "direct");
}

#[test]
fn sqlite_by_the_zig_cc_backend() {
    if !support::all("go-sqlite by the zig-cc backend") {
        return;
    }
    sqlite(&ARM64, None, "zig-cc");
}

#[test]
fn a_header_of_the_host_is_not_found() {
    if !have_go() || !have_modules("go-sqlite") {
        return;
    }
    let mut build = Build::new(&ARM64, "go-sqlite");
    build.package = "github.com/asg017/sqlite-vec-go-bindings/cgo";
    let output = run_fails(&mut build.command(&[]));
    assert!(stderr(&output).contains("'sqlite3.h' file not found"), "{}", stderr(&output));
}

#[track_caller]
fn sqlite(port: &Port, plain: Option<&str>, backend: &str) {
    if !have_go() || !have_modules("go-sqlite") {
        return;
    }
    let mut build = Build::new(port, "go-sqlite");
    build.env("XCC_BACKEND", backend);
    if let Some(libc) = plain {
        build.cc = xcc("xcc");
        let names = if libc == "musl" { support::SQLITE_MUSL } else { "" };
        build.env("XCC_CFLAGS", format!("-I{} {names}", support::sqlite_headers().display()));
        if libc != "gnu" {
            build.env("XCC_LIBC", libc);
        }
        build.env("CGO_CFLAGS", "-O0"); // A second compilation of SQLite need not take as long as the first.
    } else {
        build.cc = support::env_cc(port.target);
        fs::write(build.dir.join("xcc.toml"), support::sqlite_config()).unwrap();
    }
    let exe = build.go(&[]);
    inspect(port, &exe);
    check_output(port, &exe, SQLITE_OUTPUT);
}

#[test]
fn kafka_with_its_prebuilt_library() {
    if !have_go() || !have_modules("go-kafka") {
        return;
    }
    for port in [AMD64, ARM64] {
        let exe = Build::new(&port, "go-kafka").go(&[]);
        inspect(&port, &exe);
        check_output(&port, &exe, KAFKA_OUTPUT);
    }
}

#[test]
fn kafka_with_its_prebuilt_library_for_musl() {
    if !have_go() || !have_modules("go-kafka") {
        return;
    }
    for port in [AMD64_MUSL, ARM64_MUSL] {
        let exe = Build::new(&port, "go-kafka").go(&["-tags=musl"]);
        inspect(&port, &exe);
        check_output(&port, &exe, KAFKA_OUTPUT);
    }
}

// ---------------------------------------------------------------------------------------------------------------
// go build

#[track_caller]
fn have_go() -> bool {
    let have = which("go").is_some();
    if !have {
        skip("a build with Go", "go is not installed");
    }
    have
}

/// Are the modules of a project here, or can they be fetched?
#[track_caller]
fn have_modules(project: &str) -> bool {
    let output =
        go_command(&support::root().join("testdata/projects").join(project)).args(["mod", "download"]).output();
    let have = output.as_ref().is_ok_and(|o| o.status.success());
    if !have {
        skip(&format!("build {project}"), "its modules are not here and cannot be fetched");
    }
    have
}

/// The host's architecture in Go's words.
fn host_goarch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

/// `go` in `dir`, with nothing of the caller's own setup but the module cache.
fn go_command(dir: &Path) -> Command {
    let mut go = support::command("go");
    go.current_dir(dir);
    for name in ["CXX", "AR", "GOAMD64", "GOARM64", "GO386", "GOMIPS64", "GOPPC64", "GORISCV64", "GOEXPERIMENT"] {
        go.env_remove(name);
    }
    go.env("GOWORK", "off").env("GOFLAGS", format!("{} -buildvcs=false", support::GOFLAGS));
    go
}

/// One `go build` of a copy of a project.
struct Build {
    dir: Rc<Scratch>,
    cc: PathBuf,
    cxx: PathBuf,
    package: &'static str,
    output: &'static str,
    env: Vec<(String, String)>,
}

impl Build {
    fn new(port: &Port, project: &str) -> Build {
        let mut build = Build {
            dir: Rc::new(Scratch(support::project(project))),
            cc: xcc(&format!("xcc-{}", port.target)),
            cxx: xcc(&format!("xcc-{}-c++", port.target)),
            package: ".",
            output: "program.exe",
            env: Vec::new(),
        };
        build.env("GOARCH", port.goarch);
        if !port.variant.0.is_empty() {
            build.env(port.variant.0, port.variant.1);
        }
        build
    }

    fn output(mut self, name: &'static str) -> Build {
        self.output = name;
        self
    }

    fn env(&mut self, name: &str, value: impl Into<String>) {
        self.env.push((name.to_owned(), value.into()));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut go = go_command(&self.dir);
        go.env("CGO_ENABLED", "1").env("GOOS", "linux").env("CC", &self.cc).env("CXX", &self.cxx);
        go.envs(self.env.iter().map(|(k, v)| (k, v)));
        go.args(["build", "-o", self.output]).args(arguments).arg(self.package);
        go
    }

    /// Builds, and returns what was built. A compiler that had anything to say was heard by the user too.
    #[track_caller]
    fn go(&self, arguments: &[&str]) -> Built {
        let mut command = self.command(arguments);
        let output = run(&mut command);
        assert_eq!(stderr(&output), "", "a successful build is silent: {}", describe(&command, &output));
        Built { path: self.dir.join(self.output), _dir: Rc::clone(&self.dir) }
    }
}

/// The directory of one build. It goes with the last that uses it, but stays for whoever looks into a failure.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

impl Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

/// A file that a build made, with the directory it is in.
struct Built {
    path: PathBuf,
    _dir: Rc<Scratch>,
}

impl Deref for Built {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

// ---------------------------------------------------------------------------------------------------------------
// What was built.

/// Holds what a program must be, whether or not anything here can run it.
#[track_caller]
fn inspect(port: &Port, exe: &Path) {
    let data = fs::read(exe).unwrap();
    let file = object::File::parse(&*data).unwrap();
    assert_eq!(file.architecture(), port.machine, "{}", exe.display());
    assert_eq!(!file.is_little_endian(), port.big_endian, "{}", exe.display());
    let interpreter = Elf(data.clone()).interpreter();
    if port.target.contains("musl") {
        assert_eq!(interpreter, None, "{} is not static", exe.display());
    } else {
        let name = interpreter.unwrap_or_else(|| panic!("{} has no interpreter", exe.display()));
        let name = Path::new(&name).file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with("ld-linux") || name.starts_with("ld64.so") || name.starts_with("ld.so"), "{name}");
    }
}

#[track_caller]
fn check_output(port: &Port, exe: &Path, expected: &str) {
    check_run(port, exe, &[], None, expected);
}

/// Runs `exe` where something here can, on the CPU model of qemu if one is named, and compares what it printed.
#[track_caller]
fn check_run(port: &Port, exe: &Path, arguments: &[&Path], cpu: Option<&str>, expected: &str) {
    let Some(mut command) = runner(port, exe) else { return };
    command.args(arguments);
    if let Some(cpu) = cpu {
        command.env("QEMU_CPU", cpu);
    }
    let output = run(&mut command);
    let mut said = stdout(&output);
    let mut expected = expected.to_owned();
    if port.big_endian && old_qemu("qemu-s390x-static") {
        // It does not swap all of the kernel's answer about network interfaces.
        for text in [&mut said, &mut expected] {
            *text = text.lines().filter(|l| !l.starts_with("lo is")).flat_map(|l| [l, "\n"]).collect();
        }
    }
    assert_eq!(said, expected, "{}", describe(&command, &output));
}

/// How to run `exe` here. An x86_64 Linux runs 32-bit programs itself, and must: an old qemu keeps one descriptor
/// table for all threads of a 32-bit program, and Go's threads then find each other's thread-local storage.
#[track_caller]
fn runner(port: &Port, exe: &Path) -> Option<Command> {
    if port.goarch == "loong64" && old_qemu("qemu-loongarch64-static") {
        eprintln!("inspected only, this qemu lacks LoongArch's 128-bit vectors: {}", exe.display());
        return None;
    }
    if port.goarch != "386" || host_goarch() != "amd64" {
        return support::runner(port.target, exe);
    }
    if port.target.contains("musl") {
        return Some(support::command(exe));
    }
    let root = shared_dir().join("qroots/i386/lib");
    if !root.is_dir() {
        skip(&format!("run {}", exe.display()), &format!("no glibc of the target in {}", root.display()));
        return None;
    }
    let mut command = support::command(root.join("ld-linux.so.2"));
    command.arg("--library-path").arg(root.join("i386-linux-gnu")).arg(exe);
    Some(command)
}

/// Is it older than the 10.0 that `tests/support/qemu-roots.sh` fetches?
fn old_qemu(program: &str) -> bool {
    let Ok(output) = Command::new(program).arg("--version").output() else { return false };
    let text = stdout(&output);
    let major = text.split_once("version ").and_then(|(_, rest)| rest.split('.').next()?.parse::<u32>().ok());
    major.is_some_and(|m| m < 10)
}

struct Elf(Vec<u8>);

impl Elf {
    #[track_caller]
    fn read(path: &Path) -> Elf {
        Elf(fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
    }

    fn file(&self) -> object::File<'_> {
        object::File::parse(&*self.0).unwrap()
    }

    /// `ET_EXEC` or `ET_DYN`.
    fn kind(&self) -> u16 {
        match self.file() {
            object::File::Elf32(f) => f.elf_header().e_type(f.endian()).0,
            object::File::Elf64(f) => f.elf_header().e_type(f.endian()).0,
            _ => panic!("not an ELF file"),
        }
    }

    fn interpreter(&self) -> Option<String> {
        match self.file() {
            object::File::Elf32(f) => interpreter(f.elf_header(), f.endian(), &self.0),
            object::File::Elf64(f) => interpreter(f.elf_header(), f.endian(), &self.0),
            _ => panic!("not an ELF file"),
        }
    }

    fn section_names(&self) -> Vec<String> {
        self.file().sections().map(|s| s.name().unwrap().to_owned()).collect()
    }

    fn has_symbol(&self, name: &str) -> bool {
        self.file().symbols().any(|s| s.name() == Ok(name))
    }

    /// The version names the dynamic symbols need, such as `GLIBC_2.17`.
    fn version_needs(&self) -> Vec<String> {
        let object::File::Elf64(f) = self.file() else { panic!("not a 64-bit ELF file") };
        let (endian, data) = (f.endian(), &*self.0);
        let sections = f.elf_header().sections(endian, data).unwrap();
        let (needs, link) = sections.gnu_verneed(endian, data).unwrap().expect("no version needs");
        let strings = sections.strings(endian, data, link).unwrap();
        let mut names = Vec::new();
        for need in needs {
            for version in need.unwrap().1 {
                let name = version.unwrap().name(endian, strings).unwrap();
                names.push(String::from_utf8_lossy(name).into_owned());
            }
        }
        names
    }
}

fn interpreter<H: FileHeader<Endian = Endianness>>(header: &H, endian: Endianness, data: &[u8]) -> Option<String> {
    let segments = header.program_headers(endian, data).unwrap();
    let found = segments.iter().find_map(|s| s.interpreter(endian, data).unwrap())?;
    Some(String::from_utf8_lossy(found).into_owned())
}

/// `GLIBC_2.17` as `(2, 17)`.
fn glibc_version(name: &str) -> Option<(u32, u32)> {
    let (major, minor) = name.strip_prefix("GLIBC_")?.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted)
}

fn around(bytes: &[u8], at: usize) -> String {
    String::from_utf8_lossy(&bytes[at.saturating_sub(40)..(at + 120).min(bytes.len())]).into_owned()
}

// ---------------------------------------------------------------------------------------------------------------
// Arm's build attributes (the ABI's "Addenda to, and Errata in, the ABI for the Arm Architecture", section 3).

const ARM_V5TEJ: u64 = 5;
const ARM_V6: u64 = 6;
const ARM_V6T2: u64 = 8;
const ARM_V6K: u64 = 9;
const ARM_VFPV2: u64 = 2;

#[derive(Debug, Default)]
struct ArmAttributes {
    cpu_arch: u64,
    fp_arch: u64,
    hard_float: bool,
}

/// The attributes of every member of an archive that has any.
#[track_caller]
fn arm_attributes(archive: &Path) -> Vec<(String, ArmAttributes)> {
    let data = fs::read(archive).unwrap();
    let mut found = Vec::new();
    for member in object::read::archive::ArchiveFile::parse(&*data).unwrap().members() {
        let member = member.unwrap();
        let name = String::from_utf8_lossy(member.name()).into_owned();
        let file = object::File::parse(member.data(&*data).unwrap()).unwrap();
        assert_eq!(file.architecture(), Architecture::Arm, "{name}");
        if let Some(section) = file.section_by_name(".ARM.attributes") {
            found.push((name, parse_arm_attributes(section.data().unwrap())));
        }
    }
    found
}

/// The file-wide attributes of one section: `A`, then vendors' blocks; in `aeabi`'s, tag and value pairs.
fn parse_arm_attributes(section: &[u8]) -> ArmAttributes {
    let mut attributes = ArmAttributes::default();
    assert_eq!(section[0], b'A');
    let length = u32::from_le_bytes(section[1..5].try_into().unwrap()) as usize;
    let vendor = &section[5..1 + length];
    let mut at = vendor.strip_prefix(b"aeabi\0").expect("no attributes of the ABI's own");
    assert_eq!(at[0], 1, "file-wide attributes come first");
    let length = u32::from_le_bytes(at[1..5].try_into().unwrap()) as usize;
    at = &at[5..length];
    while !at.is_empty() {
        let tag = uleb128(&mut at);
        match tag {
            4 | 5 | 65 | 67 => skip_string(&mut at),
            32 => {
                uleb128(&mut at);
                skip_string(&mut at);
            }
            6 => attributes.cpu_arch = uleb128(&mut at),
            10 => attributes.fp_arch = uleb128(&mut at),
            28 => attributes.hard_float = uleb128(&mut at) == 1,
            _ => drop(uleb128(&mut at)),
        }
    }
    attributes
}

fn uleb128(at: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let (&byte, rest) = at.split_first().unwrap();
        *at = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}

fn skip_string(at: &mut &[u8]) {
    let end = at.iter().position(|b| *b == 0).unwrap();
    *at = &at[end + 1..];
}
