//! C, C++, Go and Rust for macOS. Nothing here is a Mac: what comes out is checked by what dyld and the kernel look at
//! (`support/macho_check.py`), and small C programs are run in an emulator with a toy of a C library.

#[path = "support/rust.rs"]
mod rust;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{run, run_fails, stderr, stdout, xcc};

struct Target {
    name: &'static str,
    goarch: &'static str,
    rust: &'static str,
    arch: &'static str,
    /// The default for the oldest macOS, where the load command that has it is today's.
    oldest: Option<&'static str>,
}

const TARGETS: &[Target] = &[
    Target {
        name: "aarch64-macos",
        goarch: "arm64",
        rust: "aarch64-apple-darwin",
        arch: "arm64",
        oldest: Some("11.0"),
    },
    Target { name: "x86_64-macos", goarch: "amd64", rust: "x86_64-apple-darwin", arch: "x86_64", oldest: None },
];

fn tool(dir: &Path, target: &str, tool: &str, words: &str) -> Command {
    let mut command = support::command(xcc(&format!("xcc-{target}-{tool}")));
    command.current_dir(dir).args(words.split_whitespace());
    command
}

#[track_caller]
fn quiet(command: &mut Command) {
    let output = run(command);
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{}", support::describe(command, &output));
}

fn sysroot(target: &str) -> PathBuf {
    let said = stdout(&run(support::command(xcc(&format!("xcc-{target}"))).arg("-print-sysroot")));
    PathBuf::from(said.trim())
}

/// What the checker says of a file that it finds nothing wrong with: load commands, segments, symbols, bindings that are each
/// known of the library they name, and every page of the signature.
#[track_caller]
fn checked(target: &Target, path: &Path) -> String {
    let said = said_of(target, path);
    assert!(said.contains(" flat=0 "), "a symbol is left to be found anywhere: {said}");
    said
}

/// The same where a symbol may be bound to no library.
#[track_caller]
fn said_of(target: &Target, path: &Path) -> String {
    let mut check = support::command("python3");
    check.arg(support::root().join("tests/support/macho_check.py")).arg("--tbd").arg(sysroot(target.name)).arg(path);
    let said = stdout(&run(&mut check));
    assert!(said.contains(&format!(" ok cpu={} ", target.arch)), "{said}");
    let signed = if target.arch == "arm64" { "signed=ad-hoc" } else { "signed=no" };
    assert!(said.contains(signed), "{said}");
    said
}

/// What a program prints in the emulator, and what its `main` returns.
#[track_caller]
fn emulated(path: &Path) -> Option<String> {
    let module = support::shared_dir().join("tools/unicorn");
    if support::which("python3").is_none() || !module.is_dir() {
        support::skip(&format!("run {}", path.display()), "unicorn is not installed");
        return None;
    }
    let mut emulator = support::command("python3");
    emulator.arg(support::root().join("tests/support/macho_run.py")).arg(path).env("PYTHONPATH", module);
    Some(stdout(&run(&mut emulator)))
}

/// The names that a file exports, in order.
fn exports(path: &Path) -> Vec<String> {
    use object::{Object, ObjectSymbol};
    let data = std::fs::read(path).unwrap();
    let file = object::File::parse(&*data).unwrap();
    let global = file.symbols().filter(|symbol| symbol.is_global() && symbol.is_definition());
    let mut names: Vec<String> = global.map(|symbol| symbol.name().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn c_programs_are_whole_and_run_in_an_emulator() {
    for target in TARGETS {
        let dir = support::project("macos");
        // After such a link clang starts dsymutil.
        quiet(&mut tool(&dir, target.name, "cc", "-g hello.c library.c -o both"));
        checked(target, &dir.join("both"));
        for flags in ["-O0 -g", "-O2 -fno-common", "-O2 -flto"] {
            let program = dir.join("hello");
            quiet(&mut tool(&dir, target.name, "cc", &format!("{flags} -Wall -Werror -c hello.c")));
            quiet(&mut tool(
                &dir,
                target.name,
                "cc",
                &format!("{flags} -Wl,-dead_strip -Wl,-headerpad,1144 hello.o -o hello"),
            ));
            let said = checked(target, &program);
            assert!(said.contains("dylibs=['/usr/lib/libSystem.B.dylib'] "), "{said}");
            assert!(target.oldest.is_none_or(|version| said.contains(&format!(" minos={version} "))), "{said}");
            if let Some(said) = emulated(&program) {
                assert!(said.contains("[emu stdout] hello from macOS\n[emu stdout] and again\n"), "{said}");
                assert!(said.ends_with("main returned 40\n"), "{said}");
            }
        }
    }
}

/// The objects are gone after the call, so what they hold is saved in it, as clang does; or the program says nothing of them.
#[test]
fn debugging_information_of_one_call_is_in_a_dsym_or_nowhere() {
    let dir = support::project("macos");
    let recorder = support::scratch("dsymutil");
    let log = recorder.join("log");
    let script = recorder.join("dsymutil-19");
    std::fs::write(&script, format!("#!/bin/sh\nfor word; do echo \"$word\" >>'{}'; done\n", log.display())).unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let zig = stdout(&run(support::command(xcc("xcc")).args(["zig", "which"])));
    let cc = |path: &Path, line: &str| {
        let mut call = tool(&dir, TARGETS[0].name, "cc", line);
        // Not the other programs of the machine: one may be a dsymutil.
        quiet(call.env("PATH", path).env("XCC_ZIG", zig.lines().next().unwrap()));
        std::fs::read(dir.join("program")).unwrap()
    };
    let names_objects = |data: &[u8]| memchr::memmem::find(data, b".o\0").is_some();
    for line in ["-g hello.c library.c -o program", "-gdwarf-4 hello.c -o program"] {
        assert!(!names_objects(&cc(Path::new("/nowhere"), line)), "{line}");
        assert!(names_objects(&cc(&recorder, line)), "{line}");
        let said = std::fs::read_to_string(&log).unwrap();
        assert_eq!(said.lines().collect::<Vec<_>>(), ["-o", "program.dSYM", "program"], "{line}");
        std::fs::remove_file(&log).unwrap();
    }
    assert!(names_objects(&cc(Path::new("/nowhere"), "-g -save-temps hello.c -o program")), "the object is there");
    let without = cc(&recorder, "hello.c -o program");
    assert!(!log.exists() && !names_objects(&without));
}

#[test]
fn the_oldest_macos_is_what_was_asked_for() {
    let target = &TARGETS[0];
    let dir = support::project("macos");
    let cases: &[(&str, &str, Option<&str>, &str)] = &[
        ("aarch64-macos.12.3", "", None, "12.3"),
        ("arm64-apple-darwin", "", Some("13.1"), "13.1"),
        ("arm64-apple-darwin", "-mmacosx-version-min=14.2", Some("13.1"), "14.2"),
        ("arm64-apple-darwin", "-target arm64-apple-macosx12.0.0", None, "12.0"),
        ("arm64-apple-darwin", "-Wl,-macos_version_min,15.0", None, "15.0"),
    ];
    for (name, flags, variable, expected) in cases {
        let mut command = tool(&dir, name, "cc", &format!("hello.c {flags} -o hello"));
        if let Some(version) = variable {
            command.env("MACOSX_DEPLOYMENT_TARGET", version);
        }
        quiet(&mut command);
        let said = checked(target, &dir.join("hello"));
        assert!(said.contains(&format!(" minos={expected} ")), "{name} {flags}: {said}");
    }
    // Where nothing asks, a program is for the newest macOS that one of its objects is for.
    quiet(&mut tool(&dir, target.name, "cc", "-mmacosx-version-min=13.2 -c hello.c"));
    quiet(&mut tool(&dir, target.name, "cc", "hello.o -o hello"));
    let said = checked(target, &dir.join("hello"));
    assert!(said.contains(" minos=13.2 "), "{said}");
    let told = run(&mut tool(&dir, target.name, "cc", "-mmacosx-version-min=12.0 hello.o -o hello"));
    assert!(stderr(&told).contains("newer than target minimum of 12.0"), "{}", stderr(&told));
    assert!(checked(target, &dir.join("hello")).contains(" minos=12.0 "));
}

#[test]
fn cxx_programs_have_their_library_inside() {
    for target in TARGETS {
        let dir = support::project("macos");
        quiet(&mut tool(&dir, target.name, "c++", "-std=c++20 -O2 -Wall -Werror hello.cc -o hello"));
        let said = checked(target, &dir.join("hello"));
        assert!(said.contains("dylibs=['/usr/lib/libSystem.B.dylib'] "), "{said}");
    }
}

#[test]
fn frameworks_are_linked_without_an_sdk() {
    for target in TARGETS {
        let dir = support::project("macos");
        let line =
            "frameworks.c -framework CoreFoundation -framework Security -lz -lresolv -lobjc -lz -framework Security";
        quiet(&mut tool(&dir, target.name, "cc", &format!("{line} -o program")));
        let said = checked(target, &dir.join("program"));
        for library in [
            "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
            "/System/Library/Frameworks/Security.framework/Versions/A/Security",
            "/usr/lib/libz.1.dylib",
            "/usr/lib/libresolv.9.dylib",
            "/usr/lib/libobjc.A.dylib",
        ] {
            let dylibs = said.split("dylibs=[").nth(1).and_then(|rest| rest.split(']').next()).unwrap_or("");
            assert_eq!(dylibs.matches(library).count(), 1, "{said}");
        }
    }
}

/// The headers that zig lacks, in C and in C++: all in one program, as another system's headers would not allow.
#[test]
fn headers_that_zig_lacks_are_there() {
    let dir = support::project("macos");
    let table = include_str!("../src/sysroot/macos_headers.rs");
    let names = table.lines().filter_map(|line| line.strip_prefix("    \"")?.strip_suffix("\","));
    let all: String = names.map(|name| format!("#include <{name}>\n")).collect();
    assert!(all.lines().count() > 40, "{all}");
    std::fs::write(dir.join("all.h"), all).unwrap();
    for target in TARGETS {
        let flags = "-Wall -Wextra -Werror -pedantic -Wno-deprecated-declarations";
        quiet(&mut tool(&dir, target.name, "cc", &format!("-std=gnu11 {flags} -c headers.c")));
        quiet(&mut tool(&dir, target.name, "cc", "headers.o -lresolv -lbsm -lobjc -o headers"));
        checked(target, &dir.join("headers"));
        quiet(&mut tool(&dir, target.name, "c++", &format!("-std=c++17 {flags} -x c++ -c headers.c -o cxx.o")));
    }
}

/// Without an SDK and its Foundation: the runtime alone, with and without reference counts by the compiler.
#[test]
fn objective_c_is_compiled_and_linked() {
    let dir = support::project("macos");
    for target in TARGETS {
        for flags in ["-Wno-objc-root-class", "-fobjc-arc", "-O2 -fobjc-arc"] {
            quiet(&mut tool(&dir, target.name, "cc", &format!("-Wall -Werror {flags} -c objects.m")));
            for linker in ["auto", "zig"] {
                let words = "objects.o -lobjc -o objects";
                quiet(tool(&dir, target.name, "cc", words).env("XCC_DARWIN_LINKER", linker));
                let said = checked(target, &dir.join("objects"));
                assert!(said.contains("/usr/lib/libobjc.A.dylib"), "{linker}: {said}");
            }
        }
    }
}

/// What is signed later has to be good in every other way.
#[test]
fn a_file_that_another_signs_is_looked_at_as_well() {
    let target = &TARGETS[0];
    let dir = support::project("macos");
    quiet(&mut tool(&dir, target.name, "cc", "hello.c -Wl,-no_adhoc_codesign -o unsigned"));
    let said = stdout(&run(support::command(xcc("xcc-otool")).arg("-l").arg(dir.join("unsigned"))));
    assert!(said.contains("LC_BUILD_VERSION") && !said.contains("LC_CODE_SIGNATURE"), "{said}");
    // A linker that leaves half of the file.
    let script = dir.join("ld64.lld");
    let half = format!(
        "#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\nhead -c 5000 '{}' >\"$2\"\n",
        dir.join("unsigned").display()
    );
    std::fs::write(&script, half).unwrap();
    run(support::command("chmod").arg("+x").arg(&script));
    for option in ["-Wl,-no_adhoc_codesign", "-Wl,-headerpad,0"] {
        let words = format!("hello.c {option} -o half");
        let said = run_fails(tool(&dir, target.name, "cc", &words).env("XCC_DARWIN_LINKER", &script));
        assert!(stderr(&said).contains("would not be loaded: "), "{option}: {}", stderr(&said));
        assert!(!dir.join("half").exists());
    }
}

/// In clang's own note; and a program that asks first whether there is such a header is told no.
#[test]
fn a_missing_header_of_a_framework_says_how_an_sdk_is_given() {
    let dir = support::project("macos");
    let target = &TARGETS[0];
    let ways = "name one in SDKROOT or run xcc sdk fetch or xcc sdk add PATH";
    for (name, header) in [
        ("a.c", "CoreFoundation/CoreFoundation.h"),
        ("b.m", "Virtualization/Virtualization.h"),
        ("c.m", "PassKit/PassKit.h"),
        ("d.c", "vecLib/vecLib.h"),
        ("e.c", "os/signpost.h"),
    ] {
        std::fs::write(dir.join("own.h"), format!("#include <{header}>\n")).unwrap();
        std::fs::write(dir.join(name), "#include \"own.h\"\n").unwrap();
        for words in [format!("-c {name}"), format!("{name} -o program")] {
            let said = stderr(&run_fails(&mut tool(&dir, target.name, "cc", &words)));
            let notes: Vec<&str> = said.lines().filter(|line| line.contains(ways)).collect();
            assert!(notes.len() == 1 && notes[0].contains("note: did not find header"), "{words}: {said}");
        }
    }
    let asks =
        "#if __has_include(<CoreFoundation/CoreFoundation.h>)\n#error there is none\n#endif\nint main(void) {}\n";
    std::fs::write(dir.join("asks.c"), asks).unwrap();
    quiet(&mut tool(&dir, target.name, "cc", "-Werror -c asks.c"));
    // A directory of the user's with the framework wins.
    let headers = dir.join("own/CoreFoundation.framework/Headers");
    std::fs::create_dir_all(&headers).unwrap();
    std::fs::write(headers.join("CoreFoundation.h"), "int own;\n").unwrap();
    std::fs::write(dir.join("c.c"), "#include <CoreFoundation/CoreFoundation.h>\nint main(void) { return own; }\n")
        .unwrap();
    for option in ["-Fown", "-iframework own"] {
        quiet(&mut tool(&dir, target.name, "cc", &format!("{option} -c c.c")));
    }
}

#[test]
fn a_library_exports_what_its_list_says() {
    for target in TARGETS {
        let dir = support::project("macos");
        std::fs::write(dir.join("list"), "_library_answer\n").unwrap();
        let line = "-dynamiclib library.c -Wl,-exported_symbols_list,list -install_name @rpath/liblibrary.dylib";
        quiet(&mut tool(&dir, target.name, "cc", &format!("{line} -o liblibrary.dylib")));
        checked(target, &dir.join("liblibrary.dylib"));
        assert_eq!(exports(&dir.join("liblibrary.dylib")), ["_library_answer"]);
        quiet(&mut tool(&dir, target.name, "cc", "-bundle library.c -o library.bundle"));
        checked(target, &dir.join("library.bundle"));
    }
}

/// One call of the compiler, one file for both processors.
#[test]
fn universal_files_are_made_in_one_call() {
    let dir = support::project("macos");
    let both = "-arch arm64 -arch x86_64";
    let archs = |name: &str| {
        let lipo = stdout(&run(support::command(xcc("xcc")).current_dir(&dir).args(["lipo", "-archs", name])));
        assert_eq!(lipo.trim(), "x86_64 arm64", "{name}");
    };
    // A division that compiler-rt does.
    let wide = "int main(int n, char **words) { return words && (int)(((__int128)n << 90) / n); }\n";
    std::fs::write(dir.join("wide.c"), wide).unwrap();
    for target in TARGETS {
        quiet(&mut tool(&dir, target.name, "cc", &format!("{both} -Wall -Werror -c hello.c -o hello.o")));
        archs("hello.o");
        for words in ["hello.o -o a", "hello.c -o b", "-g hello.c library.c -o c", "wide.c -o d"] {
            quiet(&mut tool(&dir, target.name, "cc", &format!("{both} {words}")));
            let program = words.rsplit(' ').next().unwrap();
            archs(program);
            let mut check = support::command("python3");
            check.arg(support::root().join("tests/support/macho_check.py")).arg("--tbd").arg(sysroot(target.name));
            let said = stdout(&run(check.arg(dir.join(program))));
            assert_eq!(said.matches(": ok cpu=").count(), 2, "{said}");
            assert!(said.contains(" minos=11.0 "), "{said}");
        }
        quiet(&mut tool(&dir, target.name, "cc", &format!("{both} -dynamiclib library.c -o library.dylib")));
        archs("library.dylib");
        // What cannot be joined is clang's to refuse.
        let said = stderr(&run_fails(&mut tool(&dir, target.name, "cc", &format!("{both} -E hello.c"))));
        assert!(said.contains("with multiple -arch options"), "{said}");
    }
    quiet(&mut tool(&dir, TARGETS[0].name, "c++", &format!("{both} -std=c++20 hello.cc -o e")));
    archs("e");
}

/// The target whose compilers make both, with either linker; archives are for both, too, as Apple's ar makes them.
#[test]
fn universal_macos_is_a_target() {
    const NAME: &str = "universal-macos";
    let archs = |path: &Path| stdout(&run(support::command(xcc("xcc")).args(["lipo", "-archs"]).arg(path)));
    for linker in ["auto", "zig"] {
        let dir = support::project("macos");
        let with = |name: &str, words: &str| {
            let mut command = tool(&dir, NAME, name, words);
            command.env("XCC_DARWIN_LINKER", linker);
            command
        };
        quiet(&mut with("cc", "-c hello.c library.c"));
        quiet(&mut with("ar", "rcs library.a library.o"));
        quiet(&mut with("ranlib", "library.a"));
        quiet(&mut with("cc", "hello.o library.a -Wl,-stack_size,0x1000000 -o archive"));
        quiet(&mut with("cc", "-g hello.c library.c -o sources"));
        quiet(&mut with("cc", "-shared library.c -o library.dylib"));
        for file in ["hello.o", "library.a", "archive", "sources", "library.dylib"] {
            assert_eq!(archs(&dir.join(file)).trim(), "x86_64 arm64", "{linker}: {file}");
        }
        for file in ["archive", "sources", "library.dylib"] {
            let mut check = support::command("python3");
            check.arg(support::root().join("tests/support/macho_check.py")).arg("--tbd").arg(sysroot(NAME));
            let said = stdout(&run(check.arg(dir.join(file))));
            assert_eq!(said.matches(": ok cpu=").count(), 2, "{said}");
        }
        let otool = |words: &[&str]| stdout(&run(support::command(xcc("xcc")).current_dir(&dir).args(words)));
        assert_eq!(otool(&["otool", "-l", "archive"]).matches(" stacksize 16777216\n").count(), 2);
        assert_eq!(otool(&["otool", "-D", "library.dylib"]).lines().filter(|line| *line == "library.dylib").count(), 2);
        for (arch, name) in [("arm64", "arm64"), ("x86_64", "x86_64")] {
            quiet(&mut with("cc", &format!("-arch {arch} hello.c library.c -o one")));
            assert_eq!(archs(&dir.join("one")).trim(), name);
        }
        let said = stderr(&run_fails(&mut with("ar", "r library.a hello.o")));
        assert!(said.contains("is a universal file of archives") && said.contains("xcc: help: "), "{said}");
        if linker == "auto" {
            quiet(&mut with("cc", "-flto hello.c library.c -o lto"));
            assert_eq!(archs(&dir.join("lto")).trim(), "x86_64 arm64");
        }
        // What is no file for both is of arm64.
        assert!(stdout(&run(&mut with("cc", "-E -dM hello.c"))).contains("#define __arm64__ 1\n"));
        let said = stderr(&run_fails(&mut with("ld", "hello.o -o no")));
        assert!(said.contains("one architecture at a time") && said.contains("xcc: help: "), "{said}");
    }
    let left = std::fs::read_dir(support::cache_dir().join("tmp/halves")).unwrap().flatten();
    assert!(left.flat_map(|entry| std::fs::read_dir(entry.path())).all(|mut dir| dir.next().is_none()));
}

#[test]
fn what_is_not_known_is_said() {
    let dir = support::project("macos");
    std::fs::write(dir.join("a.c"), "int nowhere(void); int main(void) { return nowhere(); }\n").unwrap();
    let said = stderr(&run_fails(&mut tool(&dir, "aarch64-macos", "cc", "a.c -framework Cocoa -o a")));
    assert!(said.contains("undefined symbol: nowhere\n") && said.contains("'-Wl,-U,_nowhere'"), "{said}");
    assert!(!dir.join("a").exists(), "a link that fails leaves no file");
    let output = run(&mut tool(&dir, "aarch64-macos", "cc", "a.c -framework Unheard -Wl,-U,_nowhere -o a"));
    assert!(stderr(&output).starts_with("xcc: note: nothing is known of framework 'Unheard'"), "{}", stderr(&output));
    for (words, said) in [
        ("-arch x86_64 a.c", "use the target 'x86_64-macos'"),
        ("-arch arm64 -arch i386 a.c", "'xcc targets' lists the others"),
        ("-static a.c", "no static C library"),
        ("-Wl,-init,_nowhere a.c", "unsupported option '-init' for a Mach-O file"),
        ("-r a.c -o b.o", "unsupported option '-r' for a Mach-O file"),
    ] {
        let answer = stderr(&run_fails(&mut tool(&dir, "aarch64-macos", "cc", words)));
        assert!(answer.contains(said) && answer.contains("xcc: help: "), "{words}: {answer}");
    }
}

/// Every framework and library that xcc has a stub of, in one program: what they re-export is found, and none is there twice,
/// however it is asked for.
#[test]
fn every_framework_links_with_both_linkers() {
    let dir = support::project("macos");
    std::fs::write(dir.join("a.m"), "void objc_release(id); int main(void) { objc_release(0); return 0; }\n").unwrap();
    for target in TARGETS {
        let frameworks = std::fs::read_dir(sysroot(target.name).join("System/Library/Frameworks")).unwrap();
        let names = frameworks.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        assert!(names.len() > 60, "{names:?}");
        let all: String = names.iter().map(|name| format!(" -framework {name}")).collect();
        for (linker, words) in [
            ("auto", &*all),
            ("zig", &all),
            ("auto", " -framework Foundation -weak_framework Foundation -Wl,-needed_framework,Foundation -lc++.1"),
            ("zig", " -framework Foundation -weak_framework Foundation -Wl,-needed_framework,Foundation -lc++.1"),
        ] {
            let mut link = tool(&dir, target.name, "cc", &format!("a.m{words} -lobjc -o program"));
            quiet(link.env("XCC_DARWIN_LINKER", linker));
            let program = dir.join("program");
            checked(target, &program);
            let loads = stdout(&run(support::command(xcc("xcc")).args(["otool", "-l"]).arg(&program)));
            let weak = loads.matches("LC_LOAD_WEAK_DYLIB").count();
            assert_eq!(weak, usize::from(words.contains("-weak_framework")), "{linker}{words}: {loads}");
        }
    }
}

/// A name that dyld would not find where the program looks for it.
#[test]
fn a_name_bound_to_another_library_is_a_finding() {
    let dir = support::project("macos");
    let code = "void CFRelease(const void *); int main(void) { CFRelease(0); return 0; }\n";
    std::fs::write(dir.join("a.c"), code).unwrap();
    quiet(&mut tool(&dir, "aarch64-macos", "cc", "a.c -framework CoreFoundation -o a"));
    let inspect = || stdout(&run(support::command(xcc("xcc")).arg("inspect").arg(dir.join("a"))));
    assert!(!inspect().contains("is bound to"), "{}", inspect());
    let name = "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation";
    let words = format!("-change {name} /usr/lib/libz.1.dylib a");
    quiet(&mut tool(&dir, "aarch64-macos", "install_name_tool", &words));
    assert!(inspect().contains("'_CFRelease' is bound to '/usr/lib/libz.1.dylib', but"), "{}", inspect());
}

fn go(project: &Path, target: &Target, words: &str) -> Command {
    let mut go = support::command("go");
    go.current_dir(project).env("GOOS", "darwin").env("GOARCH", target.goarch).env("CGO_ENABLED", "1");
    go.env("CC", xcc(&format!("xcc-{}", target.name)));
    go.arg("build").args(words.split_whitespace());
    go
}

/// Without `-w` Go asks for dsymutil and strip, which are xcc's.
#[test]
fn go_programs_with_the_systems_resolver_are_built() {
    if support::which("go").is_none() {
        return support::skip("Go for macOS", "go is not installed");
    }
    for target in TARGETS {
        let project = support::project("go-macos");
        for flags in ["", "-ldflags=-w", "-ldflags=-s"] {
            quiet(&mut go(&project, target, &format!("{flags} -o program .")));
            let said = checked(target, &project.join("program"));
            for library in ["/usr/lib/libresolv.9.dylib", "Security.framework", "CoreFoundation.framework"] {
                assert!(said.contains(library), "{said}");
            }
            assert!(said.contains(" stabs=0 "), "{said}");
            let data = std::fs::read(project.join("program")).unwrap();
            assert!(!data.windows(9).any(|part| part == b"/go-link-"), "a temporary directory is named in it");
        }
    }
}

#[test]
fn go_libraries_archives_and_plugins_are_built() {
    if support::which("go").is_none() {
        return support::skip("Go for macOS", "go is not installed");
    }
    let target = &TARGETS[0];
    let project = support::project("go-shared");
    quiet(&mut go(&project, target, "-ldflags=-w -buildmode=c-shared -o library.dylib ."));
    assert!(checked(target, &project.join("library.dylib")).contains(" filetype=DYLIB "));
    quiet(&mut go(&project, target, "-buildmode=c-archive -o library.a ."));
    std::fs::write(project.join("main.c"), "int main(void) { return 0; }\n").unwrap();
    let line = "main.c -Wl,-all_load library.a -framework CoreFoundation -lresolv -o program";
    quiet(&mut tool(&project, target.name, "cc", line));
    checked(target, &project.join("program"));
    // Go asks for one namespace of all libraries there, so nothing says which one a symbol is of.
    let project = support::project("go-plugin");
    quiet(&mut go(&project, target, "-ldflags=-w -buildmode=plugin -o plug.so ./plug"));
    assert!(project.join("plug.so").is_file());
}

/// Every mode of building for both processors, with linker flags and without, on a machine with nothing but Go and xcc,
/// where zig's linker serves, and on this one, of which the tests above try most.
#[test]
fn go_builds_in_every_mode_on_bare_machines_too() {
    let Some(program) = support::which("go") else {
        return support::skip("Go for macOS in every mode", "go is not installed");
    };
    let thorough = support::all("Go for macOS in every mode by LLD and with every flag");
    let bare = support::scratch("bare-machine");
    let goroot = stdout(&run(support::command(program).args(["env", "GOROOT"])));
    std::os::unix::fs::symlink(Path::new(goroot.trim()).join("bin/go"), bare.join("go")).unwrap();
    let modes = [
        ("-buildmode=exe", "program"),
        ("-buildmode=pie", "program"),
        ("-race", "program"),
        ("-buildmode=c-shared", "library.dylib"),
        ("-buildmode=c-archive", "library.a"),
        ("-buildmode=plugin", "plug.so"),
    ];
    let dir = support::project("go-macos");
    let (mut failures, mut built) = (Vec::new(), 0);
    for (mode, output) in modes {
        for (target, is_bare) in TARGETS.iter().flat_map(|target| [(target, false), (target, true)]) {
            if !is_bare && !thorough {
                continue;
            }
            let all_flags = [&[][..], &["-ldflags=-s -w"], &["-trimpath"], &["-trimpath", "-ldflags=-s -w"]];
            // Each mode, and -trimpath, is Go's whole library once more.
            let count = match (mode, target.arch) {
                _ if thorough => 4,
                ("-buildmode=exe", "arm64") => 4,
                ("-buildmode=exe", _) => 2,
                _ => 1,
            };
            for flags in &all_flags[..count] {
                // Go leaves what is there and of the same words.
                let _ = std::fs::remove_file(dir.join(output));
                let mut command = go(&dir, target, mode);
                command.args(*flags).args(["-buildvcs=false", "-o", output, "."]);
                if is_bare {
                    command.env("PATH", &bare).env("RUSTUP_HOME", bare.join("none"));
                }
                let turn = support::go_turn(&command);
                let said = command.output().unwrap();
                drop(turn);
                let what = format!("{} {mode} {flags:?} bare: {is_bare}", target.name);
                if !said.status.success() || !said.stderr.is_empty() {
                    failures.push(format!("{what}: {}", stderr(&said)));
                } else if output.ends_with(".a") {
                    let line = format!(
                        "-Wl,-all_load {output} -framework CoreFoundation -framework Security -lresolv -o linked"
                    );
                    // Not beside the package's own C.
                    std::fs::create_dir_all(dir.join("host")).unwrap();
                    std::fs::write(dir.join("host/main.c"), "int main(void) { return 0; }\n").unwrap();
                    quiet(&mut tool(&dir, target.name, "cc", &format!("host/main.c {line}")));
                    checked(target, &dir.join("linked"));
                } else {
                    let said = said_of(target, &dir.join(output));
                    // A plugin's names are its host's to find.
                    assert!(mode.ends_with("plugin") || said.contains(" flat=0 "), "{what}: {said}");
                }
                built += 1;
            }
        }
    }
    assert!(failures.is_empty(), "{} of {built}:\n{}", failures.len(), failures.join("\n"));
}

/// SQLite, its vector extension and net/http in one program: certificates are the system's, through Security.
#[test]
fn sqlite_with_its_vector_extension_is_built() {
    if support::which("go").is_none() {
        return support::skip("Go for macOS", "go is not installed");
    }
    let project = support::project("go-sqlite");
    std::fs::write(project.join("xcc.toml"), support::sqlite_config()).unwrap();
    for target in TARGETS {
        quiet(go(&project, target, "-o program .").env("CC", support::env_cc(target.name)));
        let said = checked(target, &project.join("program"));
        for library in ["/usr/lib/libresolv.9.dylib", "Security.framework", "CoreFoundation.framework"] {
            assert!(said.contains(library), "{said}");
        }
    }
}

/// The oldest Go that xcc supports, and one whose programs need a newer macOS than xcc's default.
#[test]
fn other_versions_of_go_link_too() {
    if support::which("go").is_none() {
        return support::skip("other versions of Go for macOS", "go is not installed");
    }
    let thorough = support::all("-race with other versions of Go for macOS, and -w with the newest");
    let project = support::project("go-net");
    for (version, oldest, few) in [("go1.24.0", "11.0", 2), ("go1.27.0", "13.0", 1)] {
        // Fetches it where it is not here yet, and says so.
        run(Command::new("go").arg("version").env("GOTOOLCHAIN", version));
        for flags in &["", "-ldflags=-w", "-race"][..if thorough { 3 } else { few }] {
            quiet(go(&project, &TARGETS[0], &format!("{flags} -o program .")).env("GOTOOLCHAIN", version));
            let said = checked(&TARGETS[0], &project.join("program"));
            assert!(said.contains(&format!(" minos={oldest} ")), "{version} {flags}: {said}");
        }
    }
}

/// LLD as distributions package it, of whatever version.
#[test]
fn another_lld_links_too() {
    let Some(lld) = support::which("lld") else {
        return support::skip("another LLD for macOS", "no lld is installed");
    };
    for target in TARGETS {
        let dir = support::project("macos");
        let line = "hello.c -framework Security -o hello";
        quiet(tool(&dir, target.name, "cc", line).env("XCC_DARWIN_LINKER", &lld));
        checked(target, &dir.join("hello"));
    }
}

/// zig's linker, which exports everything and dates libraries by an SDK of its own; both are mended after it.
#[test]
fn zigs_own_linker_serves_where_no_lld_is() {
    let target = &TARGETS[0];
    let dir = support::project("macos");
    let with_zig = |words: &str| {
        let mut command = tool(&dir, target.name, "cc", words);
        command.env("XCC_DARWIN_LINKER", "zig");
        command
    };
    quiet(&mut with_zig("hello.c -framework Security -framework Security -lresolv -lm -o hello"));
    let said = checked(target, &dir.join("hello"));
    assert!(said.contains(" minos=11.0 sdk=11.0 ") && said.contains("/usr/lib/libresolv.9.dylib"), "{said}");
    if let Some(said) = emulated(&dir.join("hello")) {
        assert!(said.ends_with("main returned 40\n"), "{said}");
    }
    std::fs::write(dir.join("lib.c"), "int answer(void) { return 42; }\nint secret(void) { return 43; }\n").unwrap();
    std::fs::write(dir.join("list"), "_answer\n").unwrap();
    quiet(&mut with_zig("-shared lib.c -Wl,-exported_symbols_list,list -o lib.dylib"));
    checked(target, &dir.join("lib.dylib"));
    assert_eq!(exports(&dir.join("lib.dylib")), ["_answer"]);
    // What zig's linker has no word for is what LLD would have written.
    for target in TARGETS {
        quiet(&mut tool(&dir, target.name, "cc", "-g -c hello.c"));
        let facts = |linker: &str| {
            let words = "hello.o -Wl,-flat_namespace -Wl,-no_pie -Wl,-S -Wl,-x -Wl,-undefined,suppress -o flat";
            quiet(tool(&dir, target.name, "cc", words).env("XCC_DARWIN_LINKER", linker));
            if let Some(said) = emulated(&dir.join("flat")) {
                assert!(said.ends_with("main returned 40\n"), "{linker}: {said}");
            }
            let said = said_of(target, &dir.join("flat"));
            let word =
                |name: &str| said.split_whitespace().find_map(|word| word.strip_prefix(name)).unwrap().to_owned();
            // Without the bit for libraries that re-export none.
            let flags = u32::from_str_radix(word("flags=0x").as_str(), 16).unwrap() & !0x10_0000;
            let versions = stdout(&run(support::command(xcc("xcc")).args(["vtool", "-show"]).arg(dir.join("flat"))));
            let sdk = versions.lines().find_map(|line| line.trim().strip_prefix("sdk ")).unwrap().to_owned();
            (flags, word("binds="), word("flat="), word("stabs="), sdk)
        };
        let (flags, binds, flat, stabs, sdk) = facts("lld");
        assert_eq!((flags & 0x80, binds.as_str(), stabs.as_str()), (0, "{}", "0"), "{}", target.name);
        assert_eq!(flags & 0x20_0000 == 0, target.arch == "x86_64", "{}", target.name);
        assert_eq!(facts("zig"), (flags, binds, flat, stabs, sdk), "{}", target.name);
    }
    for (words, what) in [("hello.c -flto -o no", "bitcode"), ("hello.c -Wl,-map,map -o no", "'-map'")] {
        let said = stderr(&run_fails(&mut with_zig(words)));
        assert!(said.contains("for zig's linker") && said.contains(what) && !dir.join("no").exists(), "{said}");
    }
    let _ = run_fails(with_zig("-x c - -o no").stdin(std::process::Stdio::null()));
    assert!(std::fs::read_dir(&dir).unwrap().flatten().all(|e| !e.file_name().to_string_lossy().starts_with(".xcc")));
    if support::which("go").is_some() && support::all("Go for macOS by zig's linker") {
        for target in TARGETS {
            let project = support::project("go-net");
            quiet(go(&project, target, "-o program .").env("XCC_DARWIN_LINKER", "zig"));
            checked(target, &project.join("program"));
        }
    }
}

/// Builds a project as `xcc env --cargo` says; the directory of what is built for the target.
#[track_caller]
fn cargo(project: &str, target: &Target, words: &str) -> Option<PathBuf> {
    cargo_by("auto", project, target, words)
}

/// The same with one of the linkers.
#[track_caller]
fn cargo_by(linker: &str, project: &str, target: &Target, words: &str) -> Option<PathBuf> {
    static STDS: std::sync::OnceLock<Vec<rust::Std>> = std::sync::OnceLock::new();
    let stds = STDS.get_or_init(|| rust::stds(&TARGETS.iter().map(|target| target.rust).collect::<Vec<_>>()));
    let Some(std) = stds.iter().find(|std| std.target == target.rust && std.method == "installed") else {
        support::skip(&format!("cargo for {}", target.rust), "rustup has no standard library for it");
        return None;
    };
    let mut command = std.cargo("build");
    command.current_dir(support::root().join("testdata/projects").join(project)).args(words.split_whitespace());
    let said = stdout(&run(support::command(xcc("xcc")).args(["env", "--json", "--cargo", target.name])));
    let variables: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&said).unwrap();
    command.envs(variables.iter().map(|(name, value)| (name, value.as_str().unwrap())));
    command.env("XCC_DARWIN_LINKER", linker);
    let dir = support::shared_dir().join(format!("cargo-{project}"));
    // Cargo does not know that the linker has changed.
    let _ = std::fs::remove_dir_all(dir.join(target.rust));
    let output = run(command.env("CARGO_TARGET_DIR", &dir));
    assert!(!stderr(&output).contains("warning"), "{}", stderr(&output));
    Some(dir.join(target.rust))
}

#[test]
fn rust_programs_and_libraries_are_built() {
    for target in TARGETS {
        for (words, profile) in [("--profile=abort", "abort"), ("--release", "release")] {
            let Some(dir) = cargo("rust-profiles", target, words) else { return };
            checked(target, &dir.join(profile).join("rust-profiles"));
        }
        for linker in ["auto", "zig"] {
            let Some(dir) = cargo_by(linker, "rust-cdylib", target, "--release") else { return };
            let library = dir.join("release/libtally.dylib");
            checked(target, &library);
            assert_eq!(exports(&library), ["_tally_add", "_tally_catch"], "{linker}");
        }
    }
}

/// SQLite and zstd, whose C cc-rs compiles, a crate with C++, and the frameworks that most programs ask for.
#[test]
fn rust_over_c_cxx_and_frameworks_is_built() {
    let declared = std::fs::read_to_string(support::root().join("shims/macos/declared.txt")).unwrap();
    for project in ["rust-sys", "rust-cxx", "rust-macos"] {
        for target in TARGETS {
            let Some(dir) = cargo(project, target, "") else { return };
            let program = dir.join("debug").join(project);
            // Names that a framework is only believed to have are left for the system to find.
            let symbols = stdout(&run(support::command(xcc("xcc")).args(["nm", "-m"]).arg(&program)));
            let flat = symbols.lines().filter(|line| line.ends_with(" (dynamically looked up)"));
            for name in flat.filter_map(|line| line.split(" external _").nth(1)?.split(' ').next()) {
                assert!(declared.split_whitespace().any(|known| known == name), "{name}");
            }
            let said = said_of(target, &program);
            assert!(project == "rust-macos" || said.contains(" flat=0 "), "{said}");
        }
    }
}

/// Every option is honoured in silence, or is an error that names it: none is taken and passed over.
#[test]
fn linker_options_are_honoured_or_refused() {
    let target = &TARGETS[0];
    let dir = support::project("macos");
    let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    let local = "static __attribute__((noinline)) int local(int n) { return n + 1; }\nint unused(void) { return 1; }\n";
    write(
        "main.c",
        &format!("{local}int answer(void) {{ return 42; }}\nint main(void) {{ return local(answer()) - 1; }}\n"),
    );
    write("lib.c", "int answer(void) { return 42; }\nint secret(void) { return 43; }\n");
    write("other.c", "int other(void) { return 1; }\n");
    write("list", "_answer\n");
    quiet(&mut tool(&dir, target.name, "cc", "-g -c main.c lib.c other.c"));
    quiet(&mut tool(&dir, target.name, "ar", "rcs lib.a other.o"));
    let table = include_str!("../testdata/flags/macho-linker-flags.tsv");
    let older = support::which("lld");
    if older.is_none() {
        support::skip("options of an older LLD for macOS", "no lld is installed");
    }
    let mut count = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let [kind, spelling, of_lld, of_zig] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let input = if kind == "exe" { "main.o" } else { "lib.o" };
        let spelling = spelling.replace("PATH", dir.to_str().unwrap());
        let line = format!("{input} {spelling} -o out");
        count += 1;
        honoured_or_refused(&dir, tool(&dir, target.name, "cc", &line), of_lld, &line);
        let expected = if of_zig == "=" { of_lld } else { of_zig };
        let mut command = tool(&dir, target.name, "cc", &line);
        command.env("XCC_DARWIN_LINKER", "zig");
        honoured_or_refused(&dir, command, expected, &format!("zig: {line}"));
        // An LLD of the distribution's may be years older, and knows less. That it does not silence its warnings changes no file.
        if let Some(lld) = older.as_ref().filter(|_| !spelling.ends_with(",-w")) {
            let mut command = tool(&dir, target.name, "cc", &line);
            command.env("XCC_DARWIN_LINKER", lld);
            let _ = std::fs::remove_file(dir.join("out"));
            let output = command.output().unwrap();
            if output.status.success() {
                honoured_or_refused(&dir, command, of_lld, &format!("{}: {line}", lld.display()));
            } else {
                let said = stderr(&output);
                assert!(
                    said.contains("xcc: help: ") || of_lld.starts_with("fails"),
                    "{}: {line}: {said}",
                    lld.display()
                );
                assert!(!dir.join("out").exists(), "{line}");
            }
        }
    }
    assert_eq!(count, 107);
}

/// Runs a link, and looks for what the table expects of it.
#[track_caller]
fn honoured_or_refused(dir: &Path, mut command: Command, expected: &str, line: &str) {
    let (check, value) = expected.split_once(' ').unwrap_or((expected, ""));
    let out = dir.join("out");
    let _ = std::fs::remove_file(&out);
    if matches!(check, "fails" | "refused") {
        let said = stderr(&run_fails(&mut command));
        assert!(said.contains(value), "{line}: {said}");
        assert!(check == "fails" || said.contains("xcc: help: "), "{line}: {said}");
        assert!(!out.exists(), "{line}: a link that fails leaves no file");
        return;
    }
    quiet(&mut command);
    let data = std::fs::read(&out).unwrap();
    let has = |text: &str| data.windows(text.len()).any(|part| part == text.as_bytes());
    let about = || {
        let mut check = support::command("python3");
        stdout(&check.arg(support::root().join("tests/support/macho_check.py")).arg(&out).output().unwrap())
    };
    let commands = || stdout(&run(support::command(xcc("xcc")).args(["otool", "-l"]).arg(&out)));
    let symbols = || stdout(&run(support::command(xcc("xcc")).args(["nm", "-a"]).arg(&out)));
    let number_after =
        |text: &str, name: &str| -> Option<u64> { text.split_once(name)?.1.lines().next()?.trim().parse().ok() };
    let good = match check {
        "-" => data.starts_with(&0xfeed_facf_u32.to_le_bytes()),
        "file" => dir.join(value).is_file(),
        "has" => has(value),
        "commands" => commands().contains(value),
        "nocommands" => !commands().contains(value),
        "symbol" => symbols().contains(value),
        "nosymbol" => !symbols().contains(value),
        // From the end of the load commands to the first section: room for longer names.
        "pad" => {
            let text = commands().split("segname __TEXT\n").nth(2).and_then(|text| number_after(text, " offset "));
            let size = u32::from_le_bytes(data[20..24].try_into().unwrap());
            text.unwrap() - u64::from(size) - 32 >= value.parse().unwrap()
        }
        "exports" => exports(&out) == [value] || exports(&out) == ["__mh_execute_header", value],
        "hides" => !exports(&out).contains(&value.to_owned()),
        "minos" => about().contains(&format!(" minos={value} ")),
        "without" => !about().contains(value),
        "flag" => stdout(&run(support::command(xcc("xcc")).args(["otool", "-hv"]).arg(&out))).contains(value),
        "flat" => !stdout(&run(support::command(xcc("xcc")).args(["otool", "-hv"]).arg(&out))).contains(" TWOLEVEL"),
        "unsigned" => about().contains("signed=no"),
        _ => panic!("{line}"),
    };
    assert!(good, "{line}: {:?} {}", exports(&out), about());
}

/// A stand-in for Apple's: xcc's own directory without its mark, one framework taken out and one put in.
#[test]
fn an_sdk_wins_and_stubs_are_not_used() {
    let target = &TARGETS[0];
    let dir = support::project("macos");
    let sdk = dir.join("sdk");
    // With its links to directories.
    run(support::command("cp").arg("-a").arg(sysroot(target.name)).arg(&sdk));
    let marks = std::fs::read_dir(&sdk).unwrap().map(|entry| entry.unwrap().path());
    let marks: Vec<_> = marks.filter(|path| path.to_string_lossy().contains("/xcc-recipe.")).collect();
    assert_eq!(marks.len(), 1);
    std::fs::remove_file(&marks[0]).unwrap();
    let frameworks = sdk.join("System/Library/Frameworks");
    std::fs::remove_dir_all(frameworks.join("Security.framework")).unwrap();
    std::fs::create_dir_all(frameworks.join("Extra.framework")).unwrap();
    let stub = "--- !tapi-tbd\ntbd-version: 4\ntargets: [ arm64-macos ]\ninstall-name: '/Extra'\nexports:\n  \
                - targets: [ arm64-macos ]\n    symbols: [ _extra ]\n...\n";
    std::fs::write(frameworks.join("Extra.framework/Extra.tbd"), stub).unwrap();
    std::fs::write(sdk.join("usr/include/extra.h"), "int extra(void);\n").unwrap();
    std::fs::write(dir.join("a.c"), "#include <extra.h>\nint main(void) { return extra(); }\n").unwrap();
    for variable in ["XCC_MACOS_SDK", "SDKROOT"] {
        quiet(tool(&dir, target.name, "cc", "a.c -framework Extra -o a").env(variable, &sdk));
        let said = run_fails(tool(&dir, target.name, "cc", "a.c -framework Security -o b").env(variable, &sdk));
        assert!(stderr(&said).contains("framework not found for -framework Security"), "{}", stderr(&said));
    }
    quiet(&mut tool(&dir, target.name, "cc", "a.c -isysroot sdk -framework Extra -o c"));
}
