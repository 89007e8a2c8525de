//! What a project's `xcc.toml` may set: flags and paths, but never a program to run or code to load into one.
//!
//! An option passes only if a row of `OPTIONS` names its family, so one that nobody has thought of is refused. The rows
//! are from `clang/include/clang/Driver/Options.td`; a family that also holds options with that power has them in
//! `PROGRAMS`. The user's own file and the variables may set all of it.

use Form::{Start, Value, Word};

/// How much of a word a row names.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// All of it.
    Word,
    /// The beginning of an option's name.
    Start,
    /// The option; the rest is its value, as in `-DNAME`.
    Value,
}

/// The families of options that name no program, apart from `PROGRAMS`.
const OPTIONS: &[(Form, &[&str])] = &[
    (Word, &["-fno-use-linker-plugin", "-fuse-linker-plugin"]),
    (Value, &["-D", "-F", "-G", "-I", "-L", "-T", "-U", "-l"]),
    (Start, &["-M", "-O", "-Q", "-R", "-W", "-f", "-g", "-m", "-no", "-u", "-z"]),
    (Word, &["-C", "-CC", "-E", "-H", "-P", "-S", "-ansi", "-arch", "-c", "-dD", "-dI", "-dM", "-p", "-pg", "-pie"]),
    (Word, &["-pipe", "-pthread", "-pthreads", "-r", "-rdynamic", "-s", "-t", "-undef", "-v", "-w"]),
    (Start, &["-all_load", "-allowable_client", "-bundle", "-client_name", "-compatibility_version", "-coverage"]),
    (Start, &["-current_version", "-cxx-isystem", "-dead_strip", "-dylib", "-dynamic", "-e", "-headerpad"]),
    (Start, &["-idirafter", "-iframework", "-image_base", "-imacros", "-include", "-init", "-install_name"]),
    (Start, &["-iprefix", "-iquote", "-isysroot", "-isystem", "-iwithprefix", "-iwithsysroot", "-pagezero_size"]),
    (Start, &["-pedantic", "-reexport", "-rpath", "-rtlib=", "-save-temps", "-shared", "-static", "-std", "-sub_"]),
    (Start, &["-traditional", "-trigraphs", "-weak"]),
    (Word, &["--ansi", "--coverage", "--include", "--imacros", "--no-wasm-opt", "--param", "--pedantic", "--pipe"]),
    (Word, &["--shared", "--static", "--sysroot", "--trigraphs"]),
    (Start, &["--embed-dir=", "--end-no-unused-arguments", "--include-directory", "--library-directory", "--param="]),
    (Start, &["--pedantic-errors", "--rtlib=", "--start-no-unused-arguments", "--std=", "--stdlib=", "--sysroot="]),
    (Start, &["--system-header-prefix=", "--unwindlib="]),
];

/// Parts of names inside these families, and what the options are.
const PROGRAMS: &[(&str, &str)] = &[
    ("assembler", "gcc's -fassembler"),
    ("distributor", "-fthinlto-distributor starts one"),
    ("gpu", "compilers for GPUs, and their tools"),
    ("cuda", "compilers for GPUs, and their tools"),
    ("-fhip", "compilers for GPUs, and their tools"),
    ("offload", "compilers for GPUs, and their tools"),
    ("openmp-target", "compilers for GPUs, and their tools"),
    ("spirv", "compilers for GPUs, and their tools"),
    ("no-integrated", "an assembler or a compiler that is searched for"),
    ("mllvm", "LLVM's own options load plugins"),
    ("mmlir", "LLVM's own options load plugins"),
    ("plugin", "-fplugin and -fpass-plugin"),
    ("use-ld", "a linker"),
    ("use-lipo", "another lipo, for both processors of macOS"),
    ("-emit-interface", "llvm-ifs"),
    ("-emit-merged", "llvm-ifs"),
    ("-gcc", "where gcc's programs are"),
    ("-gen-", "clang's own files, and programs of another kind"),
];

/// Options with that power behind `-Wl,` and `-Wa,`, without their dashes, of LLD in all of its forms and of Apple's
/// linker.
const LINKER_PROGRAMS: &[&str] = &[
    "flavor",
    "load-pass-plugin",
    "load_pass_plugin",
    "lto-library",
    "lto_library",
    "mllvm",
    "pass-plugin",
    "plugin",
    "thinlto-distributor",
    "thinlto-remote-compiler",
    "xlink",
];

/// What the preprocessor's own words behind `-Wp,` may be: clang gives them to the compiler proper as they are, whose
/// other options load plugins.
const PREPROCESSOR: &[&str] = &["-D", "-I", "-M", "-U", "-imacros", "-include", "-iquote", "-isystem", "-w"];

/// Languages of `-x` that are compiled without programs of others.
const LANGUAGES: &[&str] = &[
    "none",
    "c",
    "c-header",
    "cpp-output",
    "c++",
    "c++-header",
    "c++-cpp-output",
    "c++-module",
    "objective-c",
    "objective-c-header",
    "objective-c++",
    "objective-c++-header",
    "assembler",
    "assembler-with-cpp",
    "ir",
];

/// Endings of inputs that are compiled by programs of others.
const SOURCES: &[&str] = &[".cu", ".cui", ".hip", ".hipi"];

/// The first of the words that a project's file may not set.
pub(super) fn refused(words: &[String]) -> Option<&str> {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word == "-x" {
            match rest.next() {
                Some(language) if LANGUAGES.contains(&language.as_str()) => continue,
                _ => return Some(word),
            }
        }
        if !is_allowed(word) {
            return Some(word);
        }
    }
    None
}

fn is_allowed(word: &str) -> bool {
    if let Some(parts) = word.strip_prefix("-Wl,").or_else(|| word.strip_prefix("-Wa,")) {
        return parts.split(',').all(is_linkers);
    }
    if let Some(parts) = word.strip_prefix("-Wp,") {
        let is_known = |part: &str| !part.starts_with('-') || PREPROCESSOR.iter().any(|start| part.starts_with(start));
        return !parts.contains('@') && parts.split(',').all(is_known);
    }
    if names_a_response_file(word) {
        return false;
    }
    if let Some(language) = word.strip_prefix("-x") {
        return LANGUAGES.contains(&language);
    }
    if !word.starts_with('-') {
        return !SOURCES.iter().any(|ending| word.ends_with(ending));
    }
    let named = |(form, names): &(Form, &[&str])| {
        let row = names.iter().find(|name| if *form == Word { word == **name } else { word.starts_with(**name) });
        row.map(|_| *form)
    };
    match OPTIONS.iter().find_map(named) {
        None => false,
        Some(Value | Word) => true,
        Some(Start) => {
            let name = word.split('=').next().unwrap_or(word);
            !PROGRAMS.iter().any(|(part, _)| name.contains(part))
        }
    }
}

/// One word of the linker's: an option without that power, a value or a file.
fn is_linkers(part: &str) -> bool {
    if part.starts_with('@') || part.contains("=@") {
        return false;
    }
    // lld-link's options begin with a slash.
    let name = part.trim_start_matches(['-', '/']).to_ascii_lowercase();
    name.len() == part.len() || !LINKER_PROGRAMS.iter().any(|program| name.starts_with(program))
}

/// A response file can hold any word. clang's driver hands joined values on as words of their own (`-I@file`,
/// `--sysroot=@file`), and both the compiler proper and the linker read response files.
pub(super) fn names_a_response_file(word: &str) -> bool {
    let (name, value) = word.split_once('=').unwrap_or((word, ""));
    let is_option = word.starts_with('-');
    word.starts_with('@')
        || is_option && name.contains('@')
        || is_option && !word.starts_with("-D") && (value.starts_with('@') || value.contains(",@"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_refused(line: &str) -> Option<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        refused(&words).map(str::to_owned)
    }

    #[test]
    fn ordinary_flags_are_a_projects_to_set() {
        for line in [
            "-O2 -g3 -gdwarf-4 -gsplit-dwarf -std=c11 -Wall -Wextra -Werror=format -Wno-unused -pedantic -w -pipe",
            "-DA -D B=1 -DAT=@x -UX -I include -Iinclude -isystem inc -include config.h -isysroot /sdk --sysroot=/s",
            "-fPIC -fvisibility=hidden -fno-exceptions -flto=thin -fsanitize=undefined -ffile-prefix-map=/a=/b",
            "-fno-omit-frame-pointer -fintegrated-as -fstack-protector-strong -fopenmp -fprofile-use=a.profdata -fmodules",
            "-march=armv8-a+crc -mcpu=cortex-a72 -mtune=native -mfpu=neon -mfloat-abi=hard -msse4.2 -mno-outline-atomics",
            "-pthread -static -static-libgcc -shared -rdynamic -no-pie -pie -nostdlib -nostartfiles -nodefaultlibs -s",
            "-Llib -L lib -lm -lplugin -l:libx.a -u main -Wl,-u,main -Tscript.ld -z now -rpath /lib -MD -MF d",
            "-Wl,-z,now,--as-needed,-rpath,$ORIGIN/../lib -Wl,--version-script=map -Wl,-rpath,/opt/compiler/plugin",
            "-Wl,-L/opt/plugin -Wl,--gc-sections -Wl,-lplugin -Wa,--noexecstack -Wp,-D_FORTIFY_SOURCE=2 -Wp,-MD,dep",
            "-framework Cocoa -install_name x.dylib -arch arm64 -mmacosx-version-min=11.0 -dead_strip -undefined error -fuse-linker-plugin",
            "-stdlib=libc++ --coverage -x c++ -xc lib.a other.o --param=ssp-buffer-size=4 -Qunused-arguments -fno-plt",
        ] {
            assert_eq!(first_refused(line), None, "{line}");
        }
    }

    #[test]
    fn what_starts_a_program_or_loads_code_is_not() {
        for line in [
            // Other programs, and where programs are searched for.
            "-fuse-ld=/tmp/evil",
            "--fuse-ld=evil",
            "-fno-integrated-as",
            "-no-integrated-as",
            "--no-integrated-as",
            "-fno-integrated-cc1",
            "-fassembler=evil",
            "-via-file-asm",
            "-B.",
            "-B .",
            "--prefix=.",
            "--prefix .",
            "--ld-path=evil",
            "-specs=evil",
            "--specs=evil",
            "-wrapper evil",
            "-ccc-gcc-name evil",
            "-ccc-install-dir .",
            "--gcc-toolchain=.",
            "-gcc-toolchain .",
            "--gcc-install-dir=.",
            "--gcc-triple=evil",
            "--driver-mode=cl",
            "-resource-dir .",
            "-working-directory .",
            "-ivfsoverlay evil",
            "--dyld-prefix=.",
            "--emit-static-lib",
            "-emit-interface-stubs",
            "-fuse-lipo=evil",
            "-fthinlto-distributor=evil",
            "-Xthinlto-distributor=evil",
            "-Wl,--thinlto-distributor=evil",
            "-Wl,-thinlto-distributor,evil",
            "-Wl,--thinlto-remote-compiler=evil",
            "-Wl,/thinlto-distributor:evil",
            "-Wl,--Xlink=-thinlto-distributor:evil",
            "-fopenmp-targets=nvptx64",
            "--offload-arch=sm_80",
            "--offload-arch-tool=evil",
            "--ptxas-path=evil",
            "--cuda-path=.",
            "-x cuda",
            "-xhip",
            "-x",
            "kernel.cu",
            // Code that is loaded.
            "-fplugin=./evil.so",
            "-fplugin-arg-a-b",
            "-fpass-plugin=evil.so",
            "--hipspv-pass-plugin=evil.so",
            "-Xclang -load",
            "-Xclang=-load",
            "-Xanalyzer -load",
            "-Xpreprocessor -load",
            "-Xlinker --load-pass-plugin=evil.so",
            "-Xarch_arm64 -fplugin=evil.so",
            "-mllvm -load=evil.so",
            "-mllvm=-load=evil.so",
            "-mmlir -load",
            "-Wp,-load,evil.so",
            "-Wp,-D,X,-load,evil.so",
            "-Wl,-z,now,--load-pass-plugin=evil.so",
            "-Wl,-load-pass-plugin,evil.so",
            "-Wl,-plugin,evil.so",
            "-Wl,--plugin-opt=-load=evil.so",
            "-Wl,-mllvm,-load=evil.so",
            "-Wl,--mllvm=-load=evil.so",
            "-Wl,/mllvm:-load=evil.so",
            "-Wl,-lto_library,evil.dylib",
            // Files with words that nobody has looked at.
            "@file",
            "-Wl,@file",
            "-Wp,@file",
            "-D@file",
            "-I@file",
            "-include@file",
            "--sysroot=@file",
            "-mtune=@file",
            "-T@file",
            "-u@file",
            "--config=evil.cfg",
            "--config evil.cfg",
            "--config-user-dir=.",
            // An option of a clang to come.
            "--new-option=evil",
            "-new-option",
        ] {
            assert!(first_refused(line).is_some(), "{line}");
        }
    }
}
