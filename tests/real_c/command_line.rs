//! Response files, very long command lines, file names of any bytes, and xcc under its plain names.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::Command;

use super::{Work, inspect, quiet, support};

/// Each pair: a response file's text, and the value that `-DVALUE=…` in it must have for the C compiler.
const QUOTING: &[(&str, &str)] = &[
    (r#"-DVALUE="\"plain\"""#, "plain"),
    (r#"'-DVALUE="single quotes"'"#, "single quotes"),
    (r#"-DVALUE='"a b"'"#, "a b"),
    (r#"-DVALUE=\"escaped\ blank\""#, "escaped blank"),
    (r#""-DVALUE=\"tab	inside\"""#, "tab\tinside"),
    ("-DVALUE='\"it'\"'\"'s\"'", "it's"),
    ("-O1\r\n-DVALUE='\"after CRLF\"'\r\n", "after CRLF"),
    ("-O1\n\n\t-g   -DVALUE='\"after blanks\"'\n", "after blanks"),
    (r#"-DVALUE='\"back\\\\slash\"'"#, "back\\slash"),
    ("-DVALUE='\"no newline at the end\"'", "no newline at the end"),
    ("'-DVALUE=\"# is no comment\"'", "# is no comment"),
];

fn printing_work(target: &'static str) -> Work {
    let work = Work::new(target);
    work.write("value.c", "#include <stdio.h>\nint main(void) { fputs(VALUE, stdout); return 0; }\n");
    work
}

#[test]
fn response_files_are_quoted_as_gcc_does() {
    let work = printing_work("x86_64-linux-gnu");
    // The second time with a word that xcc has to take out, so that it reads and writes the others itself.
    for more in ["", " --target=x86_64-unknown-linux-gnu\n"] {
        for (text, value) in QUOTING {
            let text = &format!("{text}{more}");
            work.write("args.rsp", text);
            work.cc("@args.rsp value.c -o value");
            let output = support::run(&mut support::command(work.path("value")));
            assert_eq!(support::stdout(&output), *value, "{text}");
            assert_eq!(work.bytes("args.rsp"), text.as_bytes(), "the user's file was changed");
        }
    }
}

#[test]
fn response_files_nest() {
    let work = printing_work("x86_64-linux-gnu");
    work.write("outer.rsp", "@inner.rsp -o value");
    work.write("inner.rsp", "value.c @deep/innermost.rsp");
    work.write("deep/innermost.rsp", "-DVALUE='\"nested\"'");
    work.cc("@outer.rsp");
    work.prints("value", &[], "nested");
}

/// As for gcc and clang, `@name` without such a file is an ordinary argument.
#[test]
fn missing_response_file_is_a_file_name() {
    let work = Work::new("x86_64-linux-gnu");
    assert!(work.cc_fails("@no-such.rsp hello.c").contains("@no-such.rsp"));
    fs::copy(work.path("hello.c"), work.path("@at.c")).unwrap();
    fs::copy(work.path("hello.c"), work.path("with space.c")).unwrap();
    work.write("space.rsp", "\"with space.c\" -o hello");
    work.cc("@space.rsp");
    work.prints("hello", &[], "hello from C, 64 bits");
}

/// What xcc looks for on the command line it finds in a response file too.
#[test]
fn target_and_mode_in_a_response_file_count() {
    let work = Work::new("x86_64-linux-gnu");
    work.write("target.rsp", "--target=aarch64-unknown-linux-musl -shared -fPIC");
    work.cc("@target.rsp plugin.c -o plugin.so");
    inspect(&work.path("plugin.so"), |elf| {
        assert_eq!(object::Object::architecture(&elf.file), object::Architecture::Aarch64);
        assert_eq!(elf.interp(), None);
    });
    work.write("static.rsp", "-static");
    assert!(work.cc_fails("@static.rsp hello.c").starts_with("xcc: error: "));
    work.write("libraries.rsp", "-lgcc_s -lgcc -lc");
    work.cc("hello.c -o hello @libraries.rsp");
}

#[test]
fn file_names_may_be_of_any_bytes() {
    let work = Work::new("x86_64-linux-gnu");
    let name = |suffix: &[u8]| OsString::from_vec([b"na\xefve\xff ".as_slice(), suffix].concat());
    fs::copy(work.path("hello.c"), work.dir.join(name(b".c"))).unwrap();
    quiet(work.tool("cc", "-c").arg(name(b".c")).arg("-o").arg(name(b".o")));
    let mut text = b"\"".to_vec();
    text.extend_from_slice(name(b".o").as_bytes());
    text.extend_from_slice(b"\" -o \"");
    text.extend_from_slice(name(b".exe").as_bytes());
    text.extend_from_slice(b"\"\n");
    fs::write(work.path("bytes.rsp"), &text).unwrap();
    work.cc("@bytes.rsp");
    let output = support::run(&mut support::command(work.dir.join(name(b".exe"))));
    assert_eq!(support::stdout(&output), "hello from C, 64 bits\n");
    assert_eq!(work.bytes("bytes.rsp"), text, "the user's file was changed");
}

/// Two megabytes: more than any command line can hold, so it may not be expanded into one.
#[test]
fn response_file_of_two_megabytes_links() {
    let work = Work::new("x86_64-linux-gnu");
    let library = "-L/no/such/directory/with/a/name/that/is/rather/long/for/a/directory\n";
    let mut text = library.repeat(2 * 1024 * 1024 / library.len() + 1);
    text.push_str("hello.c -o hello\n");
    fs::write(work.path("long.rsp"), &text).unwrap();
    work.cc("@long.rsp");
    work.prints("hello", &[], "hello from C, 64 bits");
    assert_eq!(work.bytes("long.rsp"), text.as_bytes());
    work.write("objects.rsp", &"-DA_MACRO_WITH_A_LONG_NAME=1 -Isome/include/directory ".repeat(40_000));
    work.cc("@objects.rsp -c hello.c");
}

/// Words near the limit that the kernel sets on the arguments and the environment together.
#[test]
fn command_line_near_the_kernels_limit_works() {
    let work = Work::new("x86_64-linux-gnu");
    let words = |word: &str| vec![word.to_owned(); 1_900_000 / (word.len() + 9)];
    let defines = words("-DMACRO_WITH_A_RATHER_LONG_NAME_TO_FILL_THE_COMMAND_LINE=1");
    quiet(work.tool("cc", "-c hello.c -o hello.o").args(&defines));
    let directories = words("-L/no/such/directory/with/a/name/that/is/rather/long/for/a/directory");
    quiet(work.tool("cc", "hello.o -o hello").args(&directories));
    work.prints("hello", &[], "hello from C, 64 bits");
}

fn xcc(work: &Work, words: &str) -> Command {
    let mut command = support::command(support::xcc("xcc"));
    command.current_dir(&work.dir).args(words.split_whitespace());
    command
}

fn architecture(work: &Work, file: &str) -> object::Architecture {
    let bytes = work.bytes(file);
    object::Object::architecture(&object::File::parse(&*bytes).unwrap())
}

/// `CC="xcc cc -target T"`, as users of `zig cc` write it.
#[test]
fn drivers_work_as_commands_of_xcc() {
    use object::Architecture::{Aarch64, Riscv64, X86_64};
    let work = Work::new("aarch64-linux-gnu");
    for (words, expected) in [
        ("cc -target aarch64-linux-gnu hello.c -o out", Aarch64),
        ("cc --target=aarch64-linux-musl hello.c -o out", Aarch64),
        ("cc --target aarch64-unknown-linux-gnu hello.c -o out", Aarch64),
        ("cc -target x86_64-linux-gnu.2.17 hello.c -o out", X86_64),
        ("c++ --target=x86_64-linux-musl hello.cc -o out", X86_64),
        ("c++ -target aarch64-linux-gnu hello.cc -o out", Aarch64),
        ("cc -target x86_64-linux-gnu hello.c -target riscv64-linux-musl -o out", Riscv64),
        ("cc --target=riscv64-linux-musl hello.c --target=x86_64-linux-gnu -o out", X86_64),
    ] {
        quiet(&mut xcc(&work, words));
        assert_eq!(architecture(&work, "out"), expected, "{words}");
    }
}

/// A `--target` on the command line of a named driver is the user's last word.
#[test]
fn target_option_beats_the_name() {
    let work = Work::new("aarch64-linux-gnu");
    work.cc("--target=x86_64-linux-gnu hello.c -o hello");
    assert_eq!(architecture(&work, "hello"), object::Architecture::X86_64);
    work.cc("--target=aarch64-unknown-linux-gnu hello.c -o hello");
    assert_eq!(architecture(&work, "hello"), object::Architecture::Aarch64);
}

#[test]
fn archives_and_links_work_as_commands_of_xcc() {
    let work = Work::new("aarch64-linux-gnu");
    work.write("part.c", "int part(void) { return 0; }\n");
    work.write("main.c", "int part(void);\nint main(void) { return part(); }\n");
    work.cc("-c part.c");
    quiet(&mut xcc(&work, "ar rcs libpart.a part.o"));
    quiet(&mut xcc(&work, "ranlib libpart.a"));
    let listed = support::run(&mut xcc(&work, "ar t libpart.a"));
    assert_eq!(support::stdout(&listed), "part.o\n");
    work.cc("main.c -o main -L. -lpart");
    work.prints("main", &[], "");
    quiet(&mut xcc(&work, "ld -r part.o -o again.o"));
    inspect(&work.path("again.o"), |elf| assert!(elf.symbol("part").is_ok()));
    quiet(&mut work.tool("ld", "-shared part.o -o libpart.so"));
    inspect(&work.path("libpart.so"), |elf| assert!(elf.exports("part")));
    quiet(&mut work.tool("ar", "rcsD libother.a part.o"));
    quiet(&mut work.tool("ranlib", "libother.a"));
}
