//! C and C++ through xcc into Windows programs: run under wine where wine can, and their headers read field by field.
//! The programs are in `testdata/projects/windows`.

#[path = "support/pe.rs"]
mod image;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use image::{Image, names};
use object::pe;
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

/// Multiplication and division of complex long double, which have functions of compiler-rt behind them.
#[test]
fn complex_numbers_are_right() {
    let source = "#include <complex.h>\n#include <stdio.h>\n\
                  int main(void) { volatile long double complex a = 3 + 4 * I, b = 1 - 2 * I, p = a * b, q = a / b;\n\
                  printf(\"%g %g %g %g\\n\", (double)creall(p), (double)cimagl(p), (double)creall(q), (double)cimagl(q)); }\n";
    for target in [X64, "x86-windows-gnu"] {
        let work = Work::new(target);
        fs::write(work.dir.join("complex.c"), source).unwrap();
        for level in ["-O0", "-O2"] {
            work.cc(&format!("{level} complex.c -o complex.exe"));
            work.prints("complex.exe", &[], "11 -2 -1 2");
        }
    }
}

/// The other architectures: built, and read; where wine is for 32 bits, run.
#[test]
fn other_machines_are_built() {
    for (target, machine) in
        [("aarch64-windows-gnu", pe::IMAGE_FILE_MACHINE_ARM64), ("x86-windows-gnu", pe::IMAGE_FILE_MACHINE_I386)]
    {
        let work = Work::new(target);
        work.cc("hello.c -O2 -Wl,--no-seh -o hello.exe");
        work.cc("-shared library.c -o my.dll -Wl,--out-implib,libmy.dll.a");
        work.cc("uses.c -L. -lmy -o uses.exe");
        work.prints("uses.exe", &[], "42 42");
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

#[test]
fn a_symbol_may_be_a_number() {
    let work = Work::new(X64);
    let source = "#include <stdio.h>\nextern char size[], heap[];\n\
                  int main(void) { printf(\"%d %d\\n\", (int)(size_t)size, (int)(size_t)heap); }\n";
    fs::write(work.dir.join("number.c"), source).unwrap();
    work.cc("number.c -o number.exe -Wl,--defsym=size=1,--defsym=size=0x4d2 -Wl,--defsym,heap=2K");
    work.prints("number.exe", &[], "1234 2048");
}

/// zig's own driver as the backend: what it can is as asked. It makes a runtime of its own first, which takes minutes.
#[test]
fn zig_cc_makes_programs_and_dlls() {
    if !support::all("Windows by the zig-cc backend") {
        return;
    }
    let work = Work::new(X64);
    for words in [
        "-mwindows window.c -o window.exe -Wl,--major-image-version=3,--minor-image-version=4",
        "-shared library.c -o my.dll -Wl,--out-implib,libmy.dll.a",
        "uses.c -L. -lmy -o uses.exe",
        "-shared plain.c named.def -o plain.dll",
    ] {
        run(work.tool("cc", words).env("XCC_BACKEND", "zig-cc"));
    }
    let window = work.read("window.exe");
    assert_eq!((window.subsystem, window.image), (pe::IMAGE_SUBSYSTEM_WINDOWS_GUI, (3, 4)));
    assert_eq!(work.read("my.dll").exports, names(&["answer", "twice"]));
    assert_eq!(work.read("plain.dll").exports, names(&["deux", "one"]));
    work.prints("uses.exe", &[], "42 42");
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

// ---- Tools ----

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
