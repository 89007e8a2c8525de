//! Every Linux target compiles, links and runs C and C++; a version in the name is the newest glibc a program needs.

use object::{Architecture, Object};

use super::{Work, inspect, support};

/// Canonical name, architecture of the file, bits. `xcc targets` must list these and no other Linux target.
const TARGETS: &[(&str, Architecture, u32)] = &[
    ("aarch64-linux-gnu", Architecture::Aarch64, 64),
    ("aarch64-linux-musl", Architecture::Aarch64, 64),
    ("arm-linux-gnueabi", Architecture::Arm, 32),
    ("arm-linux-gnueabihf", Architecture::Arm, 32),
    ("arm-linux-musleabi", Architecture::Arm, 32),
    ("arm-linux-musleabihf", Architecture::Arm, 32),
    ("armv6-linux-gnueabihf", Architecture::Arm, 32),
    ("armv6-linux-musleabihf", Architecture::Arm, 32),
    ("i586-linux-gnu", Architecture::I386, 32),
    ("i586-linux-musl", Architecture::I386, 32),
    ("loongarch64-linux-gnu", Architecture::LoongArch64, 64),
    ("loongarch64-linux-musl", Architecture::LoongArch64, 64),
    ("mips-linux-gnueabi", Architecture::Mips, 32),
    ("mips-linux-gnueabihf", Architecture::Mips, 32),
    ("mips-linux-musleabi", Architecture::Mips, 32),
    ("mips-linux-musleabihf", Architecture::Mips, 32),
    ("mips64-linux-gnuabi64", Architecture::Mips64, 64),
    ("mips64-linux-muslabi64", Architecture::Mips64, 64),
    ("mips64el-linux-gnuabi64", Architecture::Mips64, 64),
    ("mips64el-linux-muslabi64", Architecture::Mips64, 64),
    ("mipsel-linux-gnueabi", Architecture::Mips, 32),
    ("mipsel-linux-gnueabihf", Architecture::Mips, 32),
    ("mipsel-linux-musleabi", Architecture::Mips, 32),
    ("mipsel-linux-musleabihf", Architecture::Mips, 32),
    ("powerpc64le-linux-gnu", Architecture::PowerPc64, 64),
    ("powerpc64le-linux-musl", Architecture::PowerPc64, 64),
    ("riscv64-linux-gnu", Architecture::Riscv64, 64),
    ("riscv64-linux-musl", Architecture::Riscv64, 64),
    ("s390x-linux-gnu", Architecture::S390x, 64),
    ("s390x-linux-musl", Architecture::S390x, 64),
    ("x86-linux-gnu", Architecture::I386, 32),
    ("x86-linux-musl", Architecture::I386, 32),
    ("x86_64-linux-gnu", Architecture::X86_64, 64),
    ("x86_64-linux-musl", Architecture::X86_64, 64),
];

/// Builds with `options` and runs; why not, if not.
fn hello(target: &'static str, tool: &str, words: &str, architecture: Architecture, says: &str) -> Result<(), String> {
    let work = Work::new(target);
    let mut command = work.tool(tool, words);
    let output = command.output().unwrap();
    if !output.status.success() || !output.stderr.is_empty() || !output.stdout.is_empty() {
        return Err(support::describe(&command, &output));
    }
    let bytes = work.bytes("hello");
    let found = object::File::parse(&*bytes).map_err(|e| e.to_string())?.architecture();
    if found != architecture {
        return Err(format!("{target}: the file is for {found:?}"));
    }
    let Some(mut command) = support::runner(target, &work.path("hello")) else { return Ok(()) };
    let output = command.output().unwrap();
    if output.status.success() && support::stdout(&output).trim_end() == says {
        return Ok(());
    }
    Err(support::describe(&command, &output))
}

/// The runtimes that the other tests need anyway, or that take zig seconds. `XCC_TEST_ALL=1` adds the rest: libc++ takes
/// zig a minute a target, musl half of one.
const ALWAYS: &[&str] = &[
    "C++ aarch64-linux-gnu",
    "C++ aarch64-linux-musl",
    "C++ arm-linux-gnueabihf",
    "C++ x86_64-linux-gnu",
    "C++ x86_64-linux-musl",
    "C++ riscv64-linux-gnu",
];

/// Runtimes that no other test needs: half a minute each for musl, for glibc a quarter. One MIPS has its programs in every run
/// here, and another in `tests/real_go.rs`.
const RARE: &[&str] = &[
    "arm-linux-musleabi",
    "i586-linux-musl",
    "loongarch64-linux-musl",
    "mips-linux-gnueabi",
    "mips-linux-gnueabihf",
    "mips64-linux-gnuabi64",
    "mipsel-linux-gnueabi",
];

fn is_tested(target: &str, language: &str) -> bool {
    let rare = RARE.contains(&target) || target.starts_with("mips") && target.contains("-musl");
    let quick = language == "C" && !rare;
    quick
        || ALWAYS.contains(&format!("{language} {target}").as_str())
        || support::all(&format!("{language} for {target}"))
}

fn every_target(tool: &str, words: &str, language: &str) {
    let hello_of = |&(target, architecture, bits): &(&'static str, Architecture, u32)| {
        hello(target, tool, words, architecture, &format!("hello from {language}, {bits} bits")).err()
    };
    let tested = TARGETS.iter().filter(|row| is_tested(row.0, language));
    let failures: Vec<String> = tested.filter_map(hello_of).collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), TARGETS.len(), failures.join("\n----\n"));
}

#[test]
fn c_runs_on_every_target() {
    every_target("cc", "-O2 hello.c -o hello", "C");
}

#[test]
fn cxx_runs_on_every_target() {
    every_target("c++", "-O2 hello.cc -o hello", "C++");
}

/// The table above is complete.
#[test]
fn list_of_targets_is_the_one_tested() {
    let output = support::run(support::command(support::xcc("xcc")).arg("targets"));
    let listed = support::stdout(&output);
    let listed: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| name.contains("-linux-"))
        .collect();
    let tested: Vec<&str> = TARGETS.iter().map(|row| row.0).collect();
    for name in &tested {
        assert!(listed.contains(name), "{name} is not listed");
    }
    for name in &listed {
        assert!(tested.contains(name), "{name} is listed, and not tested");
    }
}

/// What links against 2.17 runs on CentOS 7, C++ too. libc++ takes zig a minute each, so two versions have it.
#[test]
fn version_in_the_name_is_the_newest_that_programs_need() {
    for (target, floor) in [
        ("x86_64-linux-gnu.2.17", 17),
        ("aarch64-linux-gnu.2.17", 17),
        ("x86_64-linux-gnu", 28),
        ("x86_64-linux-gnu.2.35", 35),
    ] {
        let work = Work::new(target);
        work.cc("-O2 floor.c -o floor -lm -lpthread -lrt");
        work.cc("-w libraries.c -o libraries -lm -lpthread -lrt -lutil -lresolv -ldl -latomic");
        let cxx = ["x86_64-linux-gnu.2.17", "x86_64-linux-gnu"].contains(&target)
            || support::all(&format!("C++ and its floor for {target}"));
        if cxx {
            work.cxx("-std=c++17 -O2 -pthread runtime.cc -o runtime");
            work.cxx("-fPIC -shared thrower.cc -o libthrower.so");
        }
        let files = ["floor", "libraries", "runtime", "libthrower.so"];
        for file in &files[..if cxx { 4 } else { 2 }] {
            let newest = inspect(&work.path(file), |elf| elf.newest_glibc());
            assert!(
                (2, 2) <= newest && newest <= (2, floor),
                "{file} of {target} needs GLIBC_{}.{}",
                newest.0,
                newest.1
            );
        }
        if floor <= 28 {
            work.prints("libraries", &[], "libraries 0");
        }
        if floor <= 28 && cxx {
            std::fs::create_dir_all(work.path("files")).unwrap();
            work.prints("runtime", &["files"], "all of C++");
        }
    }
}

/// The macros say which glibc it is, as a real one's headers do.
#[test]
fn headers_are_of_the_version_in_the_name() {
    for (target, minor) in [("x86_64-linux-gnu.2.17", 17), ("x86_64-linux-gnu", 28), ("x86_64-linux-gnu.2.39", 39)] {
        let work = Work::new(target);
        work.write(
            "version.c",
            &format!("#include <features.h>\n_Static_assert(__GLIBC__ == 2 && __GLIBC_MINOR__ == {minor}, \"\");\n"),
        );
        work.cc("-c version.c");
    }
}
