//! C++ works whole: exceptions, RTTI, threads, iostreams, filesystem, thread_local, and exceptions across libraries.

use super::{Work, inspect, quiet, support};

const TARGETS: &[&str] = &["x86_64-linux-gnu", "x86_64-linux-musl", "aarch64-linux-gnu", "aarch64-linux-musl"];

#[test]
fn runtime_of_cxx_works() {
    for target in TARGETS {
        let work = Work::new(target);
        for options in ["-O0 -g", "-O2 -pthread"] {
            work.cxx(&format!("-std=c++17 -Wall -Wextra -Werror {options} runtime.cc -o runtime"));
            std::fs::create_dir_all(work.path("files")).unwrap();
            work.prints("runtime", &["files"], "all of C++");
        }
    }
}

/// The exception's type and the unwinder's tables meet across the boundary.
#[test]
fn exceptions_cross_shared_libraries() {
    for target in ["x86_64-linux-gnu", "aarch64-linux-gnu"] {
        let work = Work::new(target);
        work.cxx("-fPIC -shared thrower.cc -o libthrower.so -Wl,-soname,libthrower.so");
        for options in ["", "-rdynamic", "-static-libstdc++ -static-libgcc"] {
            work.cxx(&format!("catcher.cc -o catcher -L. -lthrower -Wl,-rpath,$ORIGIN {options}"));
            work.prints("catcher", &[], "caught 5 of 5");
        }
    }
}

#[test]
fn names_of_libstdcxx_mean_libcxx() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-musl"] {
        let work = Work::new(target);
        for words in ["hello.cc -o hello -lstdc++", "hello.cc -o hello -lstdc++ -lsupc++ -lm -lgcc_s -lgcc -lc"] {
            work.cc(words);
            work.prints("hello", &[], "hello from C++, 64 bits");
        }
        work.cxx("-stdlib=libc++ -static-libstdc++ -static-libgcc hello.cc -o hello");
        work.prints("hello", &[], "hello from C++, 64 bits");
        work.cxx("-nostdlib++ hello.cc -o hello -lc++ -lc++abi");
        work.prints("hello", &[], "hello from C++, 64 bits");
    }
}

/// No program needs a C++ library that its user does not have.
#[test]
fn cxx_program_needs_only_libc() {
    let work = Work::new("x86_64-linux-gnu");
    work.cxx("-std=c++17 -O2 -pthread runtime.cc -o runtime");
    inspect(&work.path("runtime"), |elf| {
        let foreign = |name: &&String| {
            !["libc.", "libm.", "libpthread.", "libdl.", "librt.", "ld-linux"].iter().any(|p| name.starts_with(p))
        };
        let needed = elf.needed();
        assert!(!needed.iter().any(|name| foreign(&name)), "{needed:?}");
    });
}

#[test]
fn every_standard_compiles() {
    let work = Work::new("x86_64-linux-gnu");
    for standard in ["c++11", "gnu++14", "c++17", "c++20", "c++23"] {
        work.cxx(&format!("-std={standard} -Wall -Wextra -Wpedantic -Werror -c hello.cc"));
    }
    work.cxx("-fno-exceptions -fno-rtti -x c++ -c hello.c");
}

/// A C driver compiles C++ by the file's name, and a C++ driver calls C what is C only for C.
#[test]
fn language_follows_the_file_and_the_driver() {
    let work = Work::new("x86_64-linux-gnu");
    work.write("which.c", "#ifdef __cplusplus\n#error c++\n#endif\n");
    work.write("which.cc", "#ifndef __cplusplus\n#error c\n#endif\n");
    work.cc("-c which.c");
    work.cc("-c which.cc");
    work.cxx("-c which.cc");
    work.cxx("-Wno-deprecated -x c -c which.c");
    let mut from_stdin = work.tool("c++", "-x c++ - -o from-stdin");
    let mut child = from_stdin.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let text = std::fs::read(work.path("hello.cc")).unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), &text).unwrap();
    assert!(child.wait().unwrap().success());
    work.prints("from-stdin", &[], "hello from C++, 64 bits");
    quiet(&mut work.tool("g++", "hello.cc -o hello"));
    quiet(&mut work.tool("clang++", "hello.cc -o hello"));
    let output = support::run(&mut work.tool("cpp", "which.c"));
    assert!(support::stdout(&output).contains("which.c"));
}
