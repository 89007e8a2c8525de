//! Options that choose the kind of output, the way to link, and where things are looked for mean what clang means.

use object::elf as names;
use object::{Object, ObjectSection};

use super::{Work, inspect, quiet, support};

const DF_1_PIE: u64 = names::DF_1_PIE.0;

#[test]
fn musl_program_is_static_unless_asked() {
    for target in ["x86_64-linux-musl", "aarch64-linux-musl"] {
        let work = Work::new(target);
        for options in ["", "-static", "-no-pie", "-static -O2", "-static-pie", "-static -pie"] {
            work.cc(&format!("{options} hello.c -o hello"));
            inspect(&work.path("hello"), |elf| {
                assert_eq!(elf.interp(), None, "{target} {options}");
                assert!(elf.needed().is_empty(), "{target} {options}: {:?}", elf.needed());
            });
            work.prints("hello", &[], "hello from C, 64 bits");
        }
    }
}

#[test]
fn static_pie_is_a_static_pie() {
    for target in ["x86_64-linux-musl", "aarch64-linux-musl"] {
        let work = Work::new(target);
        work.cc("-static-pie -fPIE -O2 hello.c -o hello");
        inspect(&work.path("hello"), |elf| {
            assert_eq!(elf.kind(), names::ET_DYN.0, "{target}");
            assert_eq!(elf.interp(), None, "{target}");
            assert!(elf.flags1() & DF_1_PIE != 0, "{target}: DT_FLAGS_1 is {:#x}", elf.flags1());
        });
        work.prints("hello", &[], "hello from C, 64 bits");
        work.cxx("-static-pie -fPIE -O2 hello.cc -o hello-cxx");
        inspect(&work.path("hello-cxx"), |elf| assert_eq!((elf.kind(), elf.interp()), (names::ET_DYN.0, None)));
        work.prints("hello-cxx", &[], "hello from C++, 64 bits");
    }
}

#[test]
fn musl_links_dynamically_when_asked() {
    for (target, loader) in
        [("x86_64-linux-musl", "/lib/ld-musl-x86_64.so.1"), ("aarch64-linux-musl", "/lib/ld-musl-aarch64.so.1")]
    {
        let work = Work::new(target);
        work.cc("-dynamic hello.c -o hello");
        inspect(&work.path("hello"), |elf| {
            assert_eq!(elf.interp().as_deref(), Some(loader));
            assert_eq!(elf.needed().into_iter().collect::<Vec<_>>(), ["libc.so"], "{target}");
        });
        work.cc("-shared -fPIC plugin.c -o plugin.so");
        inspect(&work.path("plugin.so"), |elf| {
            assert_eq!(elf.interp(), None, "{target}");
            assert!(elf.needed().contains("libc.so"), "{target}: {:?}", elf.needed());
            assert!(elf.exports("start"));
        });
    }
}

#[test]
fn kinds_of_output_on_glibc() {
    for target in ["x86_64-linux-gnu", "aarch64-linux-gnu"] {
        let work = Work::new(target);
        for (options, kind, pie) in [("-pie -fPIE", names::ET_DYN.0, true), ("-no-pie", names::ET_EXEC.0, false)] {
            work.cc(&format!("{options} hello.c -o hello"));
            inspect(&work.path("hello"), |elf| {
                assert_eq!(elf.kind(), kind, "{target} {options}");
                assert!(elf.interp().is_some(), "{target} {options}");
                assert_eq!(elf.flags1() & DF_1_PIE != 0, pie, "{target} {options}");
                assert_eq!(elf.needed().into_iter().collect::<Vec<_>>(), ["libc.so.6"], "{target} {options}");
            });
            work.prints("hello", &[], "hello from C, 64 bits");
        }
        work.cc("-shared -fPIC plugin.c -o plugin.so");
        inspect(&work.path("plugin.so"), |elf| {
            assert_eq!((elf.kind(), elf.interp()), (names::ET_DYN.0, None), "{target}");
            assert!(elf.flags1() & DF_1_PIE == 0 && elf.exports("start") && !elf.exports("_start"), "{target}");
        });
    }
}

#[test]
fn relocatable_output_has_only_what_was_given() {
    let work = Work::new("x86_64-linux-gnu");
    work.write("one.c", "int two(void);\nint one(void) { return two(); }\n");
    work.write("two.c", "int two(void) { return 2; }\n");
    work.cc("-r one.c two.c -o both.o");
    inspect(&work.path("both.o"), |elf| {
        assert_eq!(elf.kind(), names::ET_REL.0);
        assert!(elf.symbol("one").is_ok() && elf.symbol("two").is_ok());
        assert!(elf.symbol("_start").is_err() && elf.symbol("_init").is_err());
    });
}

#[test]
fn parts_of_the_runtime_can_be_left_out() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-musl"] {
        let work = Work::new(target);
        work.write("own-start.c", "#include <unistd.h>\nvoid _start(void) { write(1, \"own\\n\", 4); _exit(0); }\n");
        work.write("no-libc.c", "int answer = 42;\nvoid _start(void) { for (;;) answer++; }\n");
        work.cc("-nostartfiles own-start.c -o own");
        work.prints("own", &[], "own");
        work.cc("-nostdlib -ffreestanding no-libc.c -o bare");
        inspect(&work.path("bare"), |elf| assert!(elf.needed().is_empty() && elf.symbol("main").is_err(), "{target}"));
        let said = work.cc_fails("-nostdlib hello.c -o hello");
        assert!(said.contains("printf"), "{target}: {said}");
        let said = work.cc_fails("-nodefaultlibs hello.c -o hello");
        assert!(said.contains("printf") && !said.contains("symbol: _start"), "{target}: the start files stay: {said}");
        work.cc("-nodefaultlibs hello.c -o hello -lc -lgcc");
        work.prints("hello", &[], "hello from C, 64 bits");
    }
}

#[test]
fn rdynamic_exports_the_programs_symbols() {
    let work = Work::new("x86_64-linux-gnu");
    for (options, exported) in [("", false), ("-rdynamic", true), ("-Wl,-E", true)] {
        work.cc(&format!("hello.c -o hello {options}"));
        inspect(&work.path("hello"), |elf| assert_eq!(elf.exports("main"), exported, "{options}"));
    }
}

#[test]
fn pthread_defines_reentrant() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-musl"] {
        let work = Work::new(target);
        let output = support::run(&mut work.tool("cc", "-pthread -dM -E -x c /dev/null"));
        assert!(support::stdout(&output).contains("#define _REENTRANT 1"), "{target}");
        work.cc("-pthread floor.c -o threads -lm");
        work.cc("-Werror -pthread -c floor.c");
    }
}

#[test]
fn lto_compiles_to_bitcode_and_inlines_across_files() {
    for target in ["x86_64-linux-gnu", "aarch64-linux-gnu", "x86_64-linux-musl"] {
        let work = Work::new(target);
        work.write("main.c", "#include <stdio.h>\nint inner(int);\nint main(void) { printf(\"%d\\n\", inner(20)); }\n");
        work.write("inner.c", "int inner(int x) { return x * 2 + 2; }\n");
        for flto in ["-flto", "-flto=full", "-flto=thin", "-flto=auto", "-flto -ffat-lto-objects"] {
            work.cc(&format!("-O2 {flto} -c main.c"));
            work.cc(&format!("-O2 {flto} -c inner.c"));
            if !flto.contains("fat") {
                assert_eq!(&work.bytes("inner.o")[..4], b"BC\xc0\xde", "{target} {flto}: not bitcode");
            }
            work.cc(&format!("-O2 {flto} main.o inner.o -o lto"));
            // ThinLTO inlines a copy, and keeps the function.
            let inlined = flto == "-flto=thin" || inspect(&work.path("lto"), |elf| elf.symbol("inner").is_err());
            assert!(inlined, "{target} {flto}");
            work.prints("lto", &[], "42");
        }
        work.cc("-O2 -flto main.c inner.c -o lto -Wl,--lto-O3");
        work.prints("lto", &[], "42");
        work.cxx("-O2 -flto hello.cc -o hello-cxx");
        work.prints("hello-cxx", &[], "hello from C++, 64 bits");
    }
}

#[test]
fn undefined_sanitizer_reports_and_goes_on() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-musl"] {
        let work = Work::new(target);
        work.cc("-w -g -fsanitize=undefined undefined.c -o undefined");
        let output = support::run(&mut support::command(work.path("undefined")));
        let said = support::stderr(&output);
        assert!(said.contains("runtime error: signed integer overflow"), "{target}: {said}");
        assert!(said.contains("undefined.c:"), "{target}: the report says where: {said}");
        assert_eq!(support::stdout(&output).trim(), "survived", "{target}");
        work.cc("-w -fsanitize=undefined -fno-sanitize-recover=all undefined.c -o undefined");
        support::run_fails(&mut support::command(work.path("undefined")));
        work.cc("-w -fsanitize=undefined -fsanitize-trap=all undefined.c -o undefined");
        let output = support::run_fails(&mut support::command(work.path("undefined")));
        assert!(output.stderr.is_empty(), "{target}: a trap says nothing");
        work.cc("-w -fsanitize=undefined -fno-sanitize=undefined undefined.c -o undefined");
        let output = support::run(&mut support::command(work.path("undefined")));
        assert!(output.stderr.is_empty(), "{target}: the last word counts");
        work.cxx("-w -fsanitize=undefined hello.cc -o hello-cxx");
        work.prints("hello-cxx", &[], "hello from C++, 64 bits");
    }
}

/// LLD is the linker, asked for or not; another one is clang's to find, and an error where there is none.
#[test]
fn linker_can_be_named() {
    let work = Work::new("x86_64-linux-gnu");
    assert!(work.cc_fails("-fuse-ld=no-such hello.c -o hello").contains("invalid linker name"));
    for name in ["", "-fuse-ld=lld", "-fuse-ld=ld"] {
        work.cc(&format!("{name} hello.c -o hello"));
        work.prints("hello", &[], "hello from C, 64 bits");
        let bytes = work.bytes("hello");
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("Linker: LLD"), "{name}");
    }
}

/// `-B dir` comes first in the search for start files.
#[test]
fn prefix_dir_is_searched_first() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-musl"] {
        let work = Work::new(target);
        work.write("mark.c", "__attribute__((section(\".mark\"), used)) static const char mark[] = \"mine\";\n");
        work.cc("-fPIC -c mark.c");
        std::fs::create_dir(work.path("own")).unwrap();
        for name in ["crt1.o", "Scrt1.o"] {
            let output = support::run(&mut work.tool("cc", &format!("-print-file-name={name}")));
            let theirs = support::stdout(&output).trim().to_owned();
            quiet(work.tool("cc", &format!("-r -nostdlib mark.o -o own/{name}")).arg(theirs));
        }
        for spelling in ["-Bown", "-B own", "-Bown/"] {
            work.cc(&format!("{spelling} hello.c -o hello"));
            inspect(&work.path("hello"), |elf| assert!(elf.section(".mark").is_some(), "{target} {spelling}"));
            work.prints("hello", &[], "hello from C, 64 bits");
        }
    }
}

#[test]
fn linker_script_lays_out_the_output() {
    let work = Work::new("x86_64-linux-gnu");
    work.write("bare.c", "int word = 1;\nint _start(void) { return word; }\n");
    work.write(
        "layout.ld",
        "ENTRY(_start)\nSECTIONS { .first 0x400000 : { *(.text*) } .second 0x500000 : { *(.data*) } }\n",
    );
    for spelling in
        ["-T layout.ld", "-Tlayout.ld", "-Wl,-T,layout.ld", "-Wl,--script=layout.ld", "-Xlinker -Tlayout.ld"]
    {
        work.cc(&format!("-static -nostdlib -Wl,--build-id=none {spelling} bare.c -o bare"));
        inspect(&work.path("bare"), |elf| {
            assert_eq!(elf.section(".first"), Some(0x400000), "{spelling}");
            assert_eq!(elf.section(".second"), Some(0x500000), "{spelling}");
        });
    }
}

/// `--sysroot` replaces xcc's own: headers and libraries come from it and from nowhere else.
#[test]
fn sysroot_of_the_user_replaces_xccs() {
    let work = Work::new("x86_64-linux-gnu");
    work.write("root/usr/include/only.h", "int only(void);\n");
    work.write("only.c", "int only(void) { return 3; }\n");
    work.write("uses.c", "#include <only.h>\nint _start(void) { return only(); }\n");
    std::fs::create_dir_all(work.path("root/usr/lib")).unwrap();
    work.cc("-c only.c");
    quiet(&mut work.tool("ar", "rcs root/usr/lib/libonly.a only.o"));
    for spelling in ["--sysroot=root", "--sysroot root"] {
        work.cc(&format!("{spelling} -c uses.c"));
        work.cc(&format!("{spelling} -nostdlib uses.c -lonly -o uses"));
        let said = work.cc_fails(&format!("{spelling} -c hello.c"));
        assert!(said.contains("'stdio.h' file not found"), "{spelling}: {said}");
    }
    assert!(work.cc_fails("-c uses.c").contains("'only.h' file not found"));
}

/// To clang `-isysroot` is what `=` stands for in directories of headers, and no more: libc stays xcc's.
#[test]
fn isysroot_is_the_equals_sign_of_header_directories() {
    let work = Work::new("x86_64-linux-gnu");
    work.write("root/usr/include/only.h", "#define ONLY 1\n");
    work.write("uses.c", "#include <only.h>\n#include <stdio.h>\nint main(void) { puts(ONLY ? \"only\" : \"\"); }\n");
    work.cc("-isysroot root -isystem =/usr/include uses.c -o uses");
    work.prints("uses", &[], "only");
    work.cc("-isysroot root hello.c -o hello");
    work.prints("hello", &[], "hello from C, 64 bits");
}

#[test]
fn debug_information_and_build_id() {
    let work = Work::new("x86_64-linux-gnu");
    work.cc("-g hello.c -o hello");
    inspect(&work.path("hello"), |elf| {
        assert!(elf.section(".debug_info").is_some());
        let id = elf.file.section_by_name(".note.gnu.build-id").expect("distributions need a build id");
        assert_eq!(id.size(), 36, "sha1, as gcc's");
    });
    work.cc("hello.c -o hello -Wl,--build-id=none -s");
    inspect(&work.path("hello"), |elf| {
        assert!(elf.section(".note.gnu.build-id").is_none() && elf.section(".symtab").is_none());
    });
    work.cc("-g -gsplit-dwarf -c hello.c -o hello.o");
    assert!(work.path("hello.dwo").is_file());
}
