//! C, C++ and Go through xcc into Windows programs: run under wine where wine can, and their headers read field by field.
//! The programs are in `testdata/projects/windows`.

#[path = "support/rust.rs"]
mod rust;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::LittleEndian as LE;
use object::pe;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader, Import, PeFile};
use support::{run, stderr, stdout, xcc};

const X64: &str = "x86_64-windows-gnu";

/// A directory with a copy of the programs, and the tools of a target.
struct Work {
    target: &'static str,
    dir: PathBuf,
}

impl Work {
    fn new(target: &'static str) -> Work {
        Work { target, dir: support::project("windows") }
    }

    fn tool(&self, tool: &str, words: &str) -> Command {
        let mut command = support::command(xcc(&format!("xcc-{}-{tool}", self.target)));
        command.current_dir(&self.dir).args(words.split_whitespace());
        command
    }

    /// Must succeed and say nothing.
    #[track_caller]
    fn cc(&self, words: &str) {
        self.quiet("cc", words);
    }

    #[track_caller]
    fn quiet(&self, tool: &str, words: &str) {
        let mut command = self.tool(tool, words);
        let output = run(&mut command);
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{}", support::describe(&command, &output));
    }

    #[track_caller]
    fn fails(&self, words: &str) -> String {
        stderr(&support::run_fails(&mut self.tool("cc", words)))
    }

    /// Runs a program, where something here can.
    #[track_caller]
    fn prints(&self, exe: &str, args: &[&str], expected: &str) {
        let Some(mut command) = support::runner(self.target, &self.dir.join(exe)) else { return };
        let printed = stdout(&run(command.current_dir(&self.dir).args(args)));
        assert_eq!(printed.replace('\r', "").trim_end(), expected, "{exe}");
    }

    fn read(&self, name: &str) -> Image {
        Image::read(&self.dir.join(name))
    }

    fn known(&self, words: &str) -> bool {
        stderr(&run(self.tool("cc", words).env("XCC_TRACE", "1"))).contains("knows what clang would run")
    }
}

/// What the tests ask of a PE file.
#[derive(Debug)]
struct Image {
    machine: pe::Machine,
    subsystem: pe::Subsystem,
    os: (u16, u16),
    subsystem_version: (u16, u16),
    image: (u16, u16),
    characteristics: pe::FileFlags,
    dll_characteristics: pe::DllFlags,
    base: u64,
    stack: u64,
    heap: u64,
    timestamp: u32,
    exports: BTreeSet<String>,
    imports: BTreeSet<String>,
    sections: Vec<String>,
}

impl Image {
    fn read(path: &Path) -> Image {
        let bytes = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        match object::FileKind::parse(&*bytes).unwrap() {
            object::FileKind::Pe32 => Image::of(&PeFile::<pe::ImageNtHeaders32>::parse(&*bytes).unwrap()),
            object::FileKind::Pe64 => Image::of(&PeFile::<pe::ImageNtHeaders64>::parse(&*bytes).unwrap()),
            kind => panic!("{} is {kind:?}", path.display()),
        }
    }

    fn of<Pe: ImageNtHeaders>(file: &PeFile<'_, Pe>) -> Image {
        use object::{Object, ObjectSection};
        let header = file.nt_headers().file_header();
        let optional = file.nt_headers().optional_header();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut imports = BTreeSet::new();
        if let Some(table) = file.import_table().unwrap() {
            let mut descriptors = table.descriptors().unwrap();
            while let Some(descriptor) = descriptors.next().unwrap() {
                let dll = text(table.name(descriptor.name.get(LE)).unwrap()).to_lowercase();
                let mut thunks = table.thunks(descriptor.original_first_thunk.get(LE)).unwrap();
                while let Some(thunk) = thunks.next::<Pe>().unwrap() {
                    if let Import::Name(_, name) = table.import::<Pe>(thunk).unwrap() {
                        imports.insert(format!("{dll} {}", text(name)));
                    }
                }
            }
        }
        let exports = file.export_table().unwrap().map(|table| table.exports().unwrap()).unwrap_or_default();
        Image {
            machine: header.machine.get(LE),
            characteristics: header.characteristics.get(LE),
            timestamp: header.time_date_stamp.get(LE),
            subsystem: optional.subsystem(),
            os: (optional.major_operating_system_version(), optional.minor_operating_system_version()),
            subsystem_version: (optional.major_subsystem_version(), optional.minor_subsystem_version()),
            image: (optional.major_image_version(), optional.minor_image_version()),
            dll_characteristics: optional.dll_characteristics(),
            base: optional.image_base(),
            stack: optional.size_of_stack_reserve(),
            heap: optional.size_of_heap_reserve(),
            exports: exports.iter().filter_map(|export| export.name.map(text)).collect(),
            imports,
            sections: file.sections().filter_map(|section| section.name().ok().map(str::to_owned)).collect(),
        }
    }

    fn imports_from(&self, dll: &str) -> bool {
        self.imports.iter().any(|import| import.starts_with(dll))
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

// ---- C and C++ ----

#[test]
fn c_runs() {
    let work = Work::new(X64);
    for flags in ["", "-O2", "-static", "-g", "-flto -O2", "-mthreads -pthread"] {
        work.cc(&format!("hello.c {flags} -Wall -Werror -o hello.exe"));
        work.prints("hello.exe", &["a b"], "hello from C, 64 bits, 42 a b 1.414");
    }
    let image = work.read("hello.exe");
    assert_eq!((image.machine, image.subsystem), (pe::IMAGE_FILE_MACHINE_AMD64, pe::IMAGE_SUBSYSTEM_WINDOWS_CUI));
    assert!(image.imports_from("api-ms-win-crt-") && !image.imports_from("msvcrt.dll"), "{:?}", image.imports);
}

#[test]
fn cxx_runs() {
    let work = Work::new(X64);
    for flags in ["", "-O2 -std=c++20 -static"] {
        work.quiet("c++", &format!("hello.cc {flags} -o hello.exe"));
        work.prints("hello.exe", &[], "caught 42 1");
    }
}

/// The other architectures: built, and read.
#[test]
fn other_machines_are_built() {
    for (target, machine) in
        [("aarch64-windows-gnu", pe::IMAGE_FILE_MACHINE_ARM64), ("x86-windows-gnu", pe::IMAGE_FILE_MACHINE_I386)]
    {
        let work = Work::new(target);
        work.cc("hello.c -O2 -Wl,--no-seh -o hello.exe");
        work.cc("-shared library.c -o my.dll -Wl,--out-implib,libmy.dll.a");
        work.cc("uses.c -L. -lmy -o uses.exe");
        let image = work.read("hello.exe");
        assert_eq!(image.machine, machine);
        assert!(image.imports_from("kernel32.dll"), "{:?}", image.imports);
        // A mark that means something for x86 alone.
        let without_handlers = image.dll_characteristics.0 & pe::IMAGE_DLLCHARACTERISTICS_NO_SEH.0 != 0;
        assert_eq!(without_handlers, machine == pe::IMAGE_FILE_MACHINE_I386);
        assert_eq!(work.read("my.dll").exports, names(&["answer", "twice"]));
        assert!(work.read("uses.exe").imports.contains("my.dll twice"));
    }
}

/// `x86_64-w64-mingw32-gcc` and `CC=xcc` with Go's variables are the same compiler.
#[test]
fn other_names_are_the_same_target() {
    let work = Work::new(X64);
    let mut gcc = support::command(xcc("x86_64-w64-mingw32-gcc"));
    assert_eq!(stdout(&run(gcc.arg("-dumpmachine"))), "x86_64-w64-mingw32\n");
    let mut go = support::command(xcc("xcc"));
    run(go.args(["hello.c", "-o", "go.exe"]).current_dir(&work.dir).env("GOOS", "windows").env("GOARCH", "amd64"));
    work.prints("go.exe", &[], "hello from C, 64 bits, 42 - 1.000");
}

#[test]
fn without_an_output_name_a_program_is_a_exe() {
    let work = Work::new(X64);
    work.cc("hello.c");
    assert_eq!(work.read("a.exe").machine, pe::IMAGE_FILE_MACHINE_AMD64);
}

// ---- DLLs ----

#[test]
fn a_dll_exports_what_it_says_and_no_more() {
    let work = Work::new(X64);
    work.cc("-shared library.c -o my.dll -Wl,--out-implib,libmy.dll.a");
    assert_eq!(work.read("my.dll").exports, names(&["answer", "twice"]));
    for line in ["uses.c -L. -lmy", "uses.c my.dll", "uses.c -L. -lMY", "uses.c -L. -l:libmy.dll.a"] {
        work.cc(&format!("{line} -o uses.exe"));
        work.prints("uses.exe", &[], "42 42");
    }
    work.cc("auto.c -L. -lmy -o auto.exe");
    work.prints("auto.exe", &[], "42");
}

#[test]
fn without_attributes_a_dll_exports_everything_unless_told() {
    let work = Work::new(X64);
    let all = ["one", "three", "two"];
    for (options, exports) in [
        ("", &all[..]),
        ("-Wl,--exclude-symbols,two", &["one", "three"]),
        ("-Wl,--exclude-all-symbols", &[]),
        ("named.def", &["deux", "one"]),
        ("-Wl,named.def", &["deux", "one"]),
    ] {
        work.cc(&format!("-shared plain.c {options} -o plain.dll"));
        assert_eq!(work.read("plain.dll").exports, names(exports), "{options}");
    }
    work.cc("-shared library.c -Wl,--export-all-symbols -Wl,--output-def,all.def -o my.dll");
    assert!(work.read("my.dll").exports.contains("inside"));
    let definition = fs::read_to_string(work.dir.join("all.def")).unwrap();
    assert!(definition.contains("inside") && definition.contains("answer"), "{definition}");
}

// ---- Headers ----

#[test]
fn headers_say_what_was_asked() {
    let work = Work::new(X64);
    work.cc("-mwindows window.c -o window.exe");
    assert_eq!(work.read("window.exe").subsystem, pe::IMAGE_SUBSYSTEM_WINDOWS_GUI);
    if let Some(mut command) = support::runner(X64, &work.dir.join("window.exe")) {
        assert_eq!(command.status().unwrap().code(), Some(3));
    }
    work.cc("hello.c -o set.exe -Wl,--major-os-version=6,--minor-os-version=1,--major-subsystem-version=6 \
         -Wl,--minor-subsystem-version=2,--major-image-version,3,--minor-image-version,4 -Wl,--stack,0x300000 \
         -Wl,--heap,2097152 -Wl,--image-base,0x150000000 -Wl,--disable-dynamicbase,--disable-nxcompat \
         -Wl,--disable-high-entropy-va,--disable-tsaware,--no-seh,--no-insert-timestamp");
    let image = work.read("set.exe");
    assert_eq!((image.os, image.subsystem_version, image.image), ((6, 1), (6, 2), (3, 4)));
    assert_eq!((image.stack, image.heap, image.base, image.timestamp), (0x30_0000, 0x20_0000, 0x1_5000_0000, 0));
    assert_eq!(image.dll_characteristics.0, 0);

    work.cc("hello.c -o default.exe");
    let image = work.read("default.exe");
    let expected = pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE
        | pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT
        | pe::IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA
        | pe::IMAGE_DLLCHARACTERISTICS_TERMINAL_SERVER_AWARE;
    assert_eq!(image.dll_characteristics, expected);
    assert_ne!(image.characteristics.0 & pe::IMAGE_FILE_LARGE_ADDRESS_AWARE.0, 0);
}

#[test]
fn a_wide_main_gets_wide_arguments() {
    let work = Work::new(X64);
    work.cc("-municode wide.c -o wide.exe");
    work.prints("wide.exe", &["x"], "2 120");
}

#[test]
fn stripping_strips() {
    let work = Work::new(X64);
    let debug = |image: &Image| image.sections.iter().filter(|name| name.starts_with(".debug_")).count();
    work.cc("hello.c -g -o hello.exe");
    assert_ne!(debug(&work.read("hello.exe")), 0);
    let size = |name: &str| fs::metadata(work.dir.join(name)).unwrap().len();
    work.cc("hello.c -g -Wl,-S -o less.exe");
    work.cc("hello.c -g -s -o least.exe");
    assert_eq!((debug(&work.read("less.exe")), debug(&work.read("least.exe"))), (0, 0));
    assert!(size("hello.exe") > size("less.exe") && size("less.exe") > size("least.exe"));
}

/// In different directories, and by a line that xcc knows from before.
#[test]
fn two_links_are_the_same_to_the_byte() {
    let (one, other) = (Work::new(X64), Work::new(X64));
    for work in [&one, &other] {
        work.cc("-c -O2 hello.c -o hello.o");
        work.cc("hello.o -o hello.exe");
        work.cc("-shared library.c -o my.dll -Wl,--out-implib,libmy.dll.a");
    }
    for name in ["hello.exe", "my.dll", "libmy.dll.a"] {
        assert_eq!(fs::read(one.dir.join(name)).unwrap(), fs::read(other.dir.join(name)).unwrap(), "{name}");
    }
    assert!(one.known("hello.o -o known.exe"));
    // With -v clang runs itself.
    run(&mut one.tool("cc", "hello.o -v -o by-clang.exe"));
    let bytes = |name: &str| fs::read(one.dir.join(name)).unwrap();
    assert_eq!(bytes("known.exe"), bytes("by-clang.exe"));
}

// ---- What does not work ----

#[test]
fn what_cannot_be_honoured_is_an_error() {
    let work = Work::new(X64);
    for (words, expected) in [
        ("hello.c -Wl,--frobnicate", "unsupported option '--frobnicate' for a PE file"),
        ("hello.c -Wl,-T,script.ld", "unsupported option '-T' for a PE file"),
        ("hello.c -Wl,--version-script=x", "unsupported option '--version-script=x' for a PE file"),
        ("hello.c -labsent", "unable to find library -labsent"),
        ("uses.c", "undefined symbol: __declspec(dllimport) twice"),
        ("hello.c -fsanitize=address", "unsupported option '-fsanitize=address'"),
        ("hello.c -fsanitize=undefined", "unsupported option '-fsanitize=undefined'"),
    ] {
        let said = work.fails(&format!("{words} -o wrong.exe"));
        assert!(said.contains(expected), "{words}: {said}");
        assert!(!work.dir.join("wrong.exe").exists(), "{words}");
    }
}

/// Every word that the table of translations has on its right is one that lld-link knows; others it would pass by with a
/// warning.
#[test]
fn lld_link_knows_what_it_is_told() {
    let table = fs::read_to_string(support::root().join("testdata/pe-links.txt")).unwrap();
    let zig = stdout(&run(support::command(xcc("xcc")).args(["zig", "which"])));
    let zig = zig.split_whitespace().next().unwrap();
    let words: BTreeSet<&str> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split('|').skip(1).flat_map(str::split_whitespace))
        .filter(|word| word.starts_with('-'))
        .collect();
    assert!(words.len() > 80, "{words:?}");
    for word in words {
        let said = support::run_fails(support::command(zig).args([
            "lld-link",
            "-lldmingw",
            "-out:/dev/null",
            word,
            "absent.o",
        ]));
        let said = stderr(&said);
        assert!(said.contains("absent.o") || word.starts_with("-def:"), "{word}: {said}");
        for complaint in ["unknown", "invalid", "deprecated", "unsupported"] {
            assert!(!said.contains(complaint), "{word}: {said}");
        }
    }
}

// ---- Go ----

/// `go build` in a copy of a project; the output's path.
#[track_caller]
fn go(project: &Path, target: &str, goarch: &str, output: &str, words: &[&str]) -> PathBuf {
    let mut command = support::command("go");
    command.current_dir(project).env("GOOS", "windows").env("GOARCH", goarch).env("CGO_ENABLED", "1");
    command.env("CC", xcc(&format!("xcc-{target}"))).env("CXX", xcc(&format!("xcc-{target}-c++")));
    command.env("GOCACHE", support::shared_dir().join("go-cache")).env("GOFLAGS", "-mod=mod");
    if project.join("include").exists() {
        command.env("XCC_CFLAGS", format!("-I{}", project.join("include").display()));
    }
    let path = project.join(output);
    let said = run(command.args(["build", "-o"]).arg(&path).args(words).arg("."));
    assert_eq!(stderr(&said), "");
    path
}

#[test]
fn go_programs_run() {
    let Some(_) = support::which("go") else { return support::skip("Go for Windows", "go is not installed") };
    let project = support::project("go-cxx");
    go(&project, X64, "amd64", "cxx.exe", &[]);
    let prints = |project: &Path, exe: &str, expected: &str| {
        if let Some(mut command) = support::runner(X64, &project.join(exe)) {
            let printed = stdout(&run(&mut command)).replace('\r', "");
            assert!(printed.starts_with(expected), "{exe} prints {printed}");
        }
    };
    prints(&project, "cxx.exe", "a=3 b=2 c=1 \ndistinct: 3\ncaught: leaf at depth 3 (out_of_range)\nresult: -1\n");

    let project = support::project("go-net");
    for (output, words) in [
        ("exe.exe", &[][..]),
        ("pie.exe", &["-buildmode=pie"]),
        ("race.exe", &["-race"]),
        ("s.exe", &["-ldflags=-s -w"]),
    ] {
        let exe = go(&project, X64, "amd64", output, words);
        prints(&project, output, "scale: 4.75\nmix: 2.57698038965e+10\nsum: 34359739770.75\n");
        assert_eq!(Image::read(&exe).subsystem, pe::IMAGE_SUBSYSTEM_WINDOWS_CUI);
    }
    let image = Image::read(&go(&project, X64, "amd64", "gui.exe", &["-ldflags=-H=windowsgui"]));
    assert_eq!(image.subsystem, pe::IMAGE_SUBSYSTEM_WINDOWS_GUI);
    // What Go's linker asks for with --major-os-version and its like, which differs between versions of Go.
    assert_eq!(image.os, image.subsystem_version);
    assert!(image.os >= (6, 1), "{image:?}");

    let again = support::project("go-net");
    let other = go(&again, X64, "amd64", "exe.exe", &["-trimpath"]);
    let first = go(&project, X64, "amd64", "again.exe", &["-trimpath"]);
    assert_eq!(fs::read(other).unwrap(), fs::read(first).unwrap(), "two builds in two directories");
}

#[test]
fn a_go_dll_exports_its_functions_alone() {
    let Some(_) = support::which("go") else { return support::skip("Go DLL for Windows", "go is not installed") };
    let project = support::project("go-shared");
    let dll = go(&project, X64, "amd64", "shared.dll", &["-buildmode=c-shared"]);
    let exports = Image::read(&dll).exports;
    assert_eq!(exports, names(&["GoAdd", "GoGoodbye", "GoGreeting", "GoMean"]));
    let project = support::project("go-archive");
    let archive = go(&project, X64, "amd64", "archive.a", &["-buildmode=c-archive"]);
    assert!(fs::read(archive).unwrap().starts_with(b"!<arch>\n"));
}

#[test]
fn go_programs_for_other_machines_are_built() {
    let Some(_) = support::which("go") else { return support::skip("Go for Windows", "go is not installed") };
    for (target, goarch, machine) in [
        ("aarch64-windows-gnu", "arm64", pe::IMAGE_FILE_MACHINE_ARM64),
        ("x86-windows-gnu", "386", pe::IMAGE_FILE_MACHINE_I386),
    ] {
        let project = support::project("go-net");
        assert_eq!(Image::read(&go(&project, target, goarch, "program.exe", &[])).machine, machine);
    }
}

#[test]
fn go_sqlite_finds_a_neighbour() {
    let Some(_) = support::which("go") else { return support::skip("SQLite for Windows", "go is not installed") };
    let project = support::project("go-sqlite");
    let mut list = support::command("go");
    list.args(["list", "-m", "-mod=mod", "-f", "{{.Dir}}", "github.com/mattn/go-sqlite3"]).current_dir(&project);
    let module = stdout(&run(&mut list));
    let include = project.join("include");
    fs::create_dir_all(&include).unwrap();
    fs::copy(Path::new(module.trim()).join("sqlite3-binding.h"), include.join("sqlite3.h")).unwrap();
    go(&project, X64, "amd64", "sqlite.exe", &[]);
    if let Some(mut command) = support::runner(X64, &project.join("sqlite.exe")) {
        let printed = stdout(&run(&mut command)).replace('\r', "");
        assert_eq!(printed, "200 OK\nsqlite 3.53.4\nvec v0.1.6\n3 at 0.060\n4 at 0.140\n2 at 0.260\n");
    }
}

// ---- Rust ----

/// Builds a project with the standard library of `x86_64-pc-windows-gnu`; the directory of its profiles.
#[track_caller]
fn cargo(project: &str, args: &[&str]) -> Option<PathBuf> {
    const TARGET: &str = "x86_64-pc-windows-gnu";
    let stds = rust::stds(&[TARGET]);
    let Some(std) = stds.first() else {
        support::skip(&format!("{project} for {TARGET}"), "its standard library cannot be had here");
        return None;
    };
    let into = support::scratch(project);
    let mut command = std.cargo("build");
    command.args(args).env("CARGO_TARGET_DIR", &into);
    command.current_dir(support::root().join("testdata/projects").join(project));
    command.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", xcc("xcc-x86_64-windows-gnu"));
    for (variable, tool) in [("CC", ""), ("CXX", "-c++"), ("AR", "-ar")] {
        command.env(format!("{variable}_x86_64_pc_windows_gnu"), xcc(&format!("xcc-x86_64-windows-gnu{tool}")));
    }
    // What rustc calls for raw-dylib.
    xcc("x86_64-w64-mingw32-dlltool");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([support::names_dir()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    run(command.env("PATH", path));
    Some(into.join(TARGET))
}

#[track_caller]
fn prints_all(exe: &Path, lines: &[&str]) {
    let Some(mut command) = support::runner(X64, exe) else { return };
    let printed = stdout(&run(&mut command)).replace('\r', "");
    for line in lines {
        assert!(printed.lines().any(|other| other == *line), "{line} is not in\n{printed}");
    }
}

#[test]
fn rust_programs_run() {
    if let Some(dir) = cargo("rust-sys", &[]) {
        let lines = ["query earth>venus 0.5, mars>earth 1", "zstd 800000 same=true smaller=true", "threads 36"];
        prints_all(&dir.join("debug/rust-sys.exe"), &lines);
    }
    if let Some(dir) = cargo("rust-cxx", &[]) {
        prints_all(&dir.join("debug/rust-cxx.exe"), &["a=2 b=1 c=1 ", "nth \"c\"", "sum -30"]);
    }
    if let Some(dir) = cargo("rust-macro", &[]) {
        prints_all(&dir.join("debug/rust-macro.exe"), &["built for x86_64-pc-windows-gnu"]);
    }
    if let Some(dir) = cargo("rust-profiles", &["--release"]) {
        prints_all(&dir.join("release/rust-profiles.exe"), &["panic=unwind", "dropped", "caught true"]);
    }
}

/// Two of rustc's 1600 symbols, as its own list says; and a C program that calls them.
#[test]
fn a_cdylib_exports_what_rustc_asked_for() {
    let Some(dir) = cargo("rust-cdylib", &[]) else { return };
    assert_eq!(Image::read(&dir.join("debug/tally.dll")).exports, names(&["tally_add", "tally_catch"]));
    let work = Work::new(X64);
    for name in ["tally.dll", "libtally.dll.a"] {
        fs::copy(dir.join("debug").join(name), work.dir.join(name)).unwrap();
    }
    let source = "#include <stdio.h>\nunsigned long long tally_add(unsigned long long); int tally_catch(void);\n\
                  int main(void) { tally_add(40); printf(\"%d %d\\n\", (int)tally_add(2), tally_catch()); }\n";
    fs::write(work.dir.join("calls.c"), source).unwrap();
    work.cc("calls.c -L. -ltally -o calls.exe");
    work.prints("calls.exe", &[], "42 1");
}

/// An import library from a `.def` file, by the name that binutils give the tool.
#[test]
fn dlltool_makes_import_libraries() {
    let work = Work::new(X64);
    fs::write(work.dir.join("my.def"), "LIBRARY my.dll\nEXPORTS\n  twice\n  answer DATA\n").unwrap();
    work.quiet("dlltool", "-d my.def -l libmy.dll.a");
    work.cc("-shared library.c -o my.dll");
    work.cc("uses.c -L. -lmy -o uses.exe");
    work.prints("uses.exe", &[], "42 42");
}

/// Strings and a version that the program itself finds, in both of windres' spellings and in UTF-8 and UTF-16.
#[test]
fn windres_makes_resources() {
    let work = Work::new(X64);
    work.quiet("windres", "-DNUMBER=7 -O coff -i resources.rc -o resources.o");
    let text = fs::read_to_string(work.dir.join("resources.rc")).unwrap();
    let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(work.dir.join("wide.rc"), wide).unwrap();
    work.quiet("windres", "--preprocessor=gcc --preprocessor-arg=-DNUMBER=7 wide.rc wide.o");
    work.quiet("windres", "-DNUMBER=7 resources.rc resources.res");
    for object in ["resources.o", "wide.o", "resources.res"] {
        work.cc(&format!("resources.c {object} -lversion -o resources.exe"));
        work.prints("resources.exe", &[], "gr\u{fc}n 1.2.3.4");
        assert!(work.read("resources.exe").sections.contains(&".rsrc".to_owned()));
    }
}

// ---- Build systems ----

/// A library as a DLL with its import library, and programs in C++, by the toolchain file that `xcc env` prints.
#[test]
fn cmake_builds_a_dll_and_its_users() {
    let (Some(_), Some(_)) = (support::which("cmake"), support::which("ninja")) else {
        return support::skip("CMake for Windows", "cmake or ninja is not installed");
    };
    let project = support::project("cmake");
    let toolchain = stdout(&run(support::command(xcc("xcc")).args(["env", "--cmake", X64])));
    assert!(toolchain.contains("set(CMAKE_SYSTEM_NAME Windows)") && toolchain.contains("CMAKE_RC_COMPILER"));
    fs::write(project.join("windows.cmake"), toolchain).unwrap();
    let mut configure = support::command("cmake");
    configure.current_dir(&project).args(["-G", "Ninja", "-B", "build", "-DCMAKE_TOOLCHAIN_FILE=windows.cmake"]);
    let said = stdout(&run(&mut configure));
    for answer in ["HAVE_PTHREAD_H=1", "HAVE_NO_SUCH_FUNCTION=", "HAVE_NO_SUCH_FLAG=", "CMAKE_C_COMPILER_ID=Clang"] {
        assert!(said.contains(&format!("answer {answer}\n")), "not {answer}\n{said}");
    }
    run(support::command("cmake").current_dir(&project).args(["--build", "build"]));
    assert!(Image::read(&project.join("build/count-shared.exe")).imports_from("libwords.dll"));
    assert!(project.join("build/libwords.dll.a").exists());
    for exe in ["build/count-shared.exe", "build/count-static.exe"] {
        let Some(mut command) = support::runner(X64, &project.join(exe)) else { continue };
        assert_eq!(stdout(&run(command.args(["a", "b", "a"]))).trim_end(), "3 words", "{exe}");
    }
}

/// The same by the cross file.
#[test]
fn meson_builds_a_dll_and_its_users() {
    let (Some(_), Some(_)) = (support::which("meson"), support::which("ninja")) else {
        return support::skip("Meson for Windows", "meson or ninja is not installed");
    };
    let project = support::project("meson");
    let cross = stdout(&run(support::command(xcc("xcc")).args(["env", "--meson", X64])));
    fs::write(project.join("windows.ini"), cross).unwrap();
    let mut setup = support::command("meson");
    let said = stdout(&run(setup.current_dir(&project).args(["setup", "build", "--cross-file", "windows.ini"])));
    assert!(said.contains("ld.lld"), "{said}");
    run(support::command("meson").current_dir(&project).args(["compile", "-C", "build"]));
    let Some(mut command) = support::runner(X64, &project.join("build/count-shared.exe")) else { return };
    assert_eq!(stdout(&run(command.args(["a", "b", "a"]))).trim_end(), "3 words");
}
