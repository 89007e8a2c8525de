//! A link that fails for a known reason gets help after the linker's own messages, which stay as they are, as does the
//! exit status; every other link gets nothing.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A directory in which programs are linked for one target.
struct Links {
    dir: PathBuf,
    target: &'static str,
}

impl Links {
    fn new(target: &'static str) -> Links {
        let links = Links { dir: support::scratch("diagnosis"), target };
        links.write("main.c", "void f(void);\nint main(void) { f(); return 0; }\n");
        // Objects, so that no temporary name is in the messages.
        links.run(target, "cc", "-c main.c");
        links
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.dir.join(name), text).unwrap();
    }

    /// xcc as a tool of a target, `cc` for the compiler alone.
    fn tool(&self, target: &str, tool: &str, words: &str) -> Command {
        let name = if tool == "cc" { format!("xcc-{target}") } else { format!("xcc-{target}-{tool}") };
        let mut command = support::command(support::xcc(&name));
        command.current_dir(&self.dir).args(words.split_whitespace());
        command
    }

    fn run(&self, target: &str, tool: &str, words: &str) {
        support::run(&mut self.tool(target, tool, words));
    }

    /// Links, which fails; the lines of help. Everything else has to be what zig's own linker makes of it.
    #[track_caller]
    fn help(&self, tool: &str, words: &str) -> Vec<String> {
        let output = support::run_fails(&mut self.tool(self.target, tool, words));
        let (help, rest) = split(&output);
        assert!(help.len() <= 3, "{help:?}");

        let zig = support::run(support::command(env!("CARGO_BIN_EXE_xcc")).args(["zig", "which"]));
        let zig = support::stdout(&zig).lines().next().unwrap().to_owned();
        let linker = self.dir.join("ld.lld");
        fs::write(&linker, format!("#!/bin/sh\nexec '{zig}' ld.lld \"$@\"\n")).unwrap();
        fs::set_permissions(&linker, fs::Permissions::from_mode(0o755)).unwrap();
        let mut plain = self.tool(self.target, tool, words);
        let plain = plain.arg(format!("--ld-path={}", linker.display())).output().unwrap();
        assert_eq!(split(&plain), (Vec::new(), rest), "the linker's messages");
        assert_eq!(plain.status, output.status);
        assert_eq!(plain.stdout, output.stdout);
        help
    }
}

/// The lines of help, and the other lines, of standard error.
fn split(output: &Output) -> (Vec<String>, Vec<String>) {
    let said = support::stderr(output);
    said.lines().map(str::to_owned).partition(|line| line.starts_with("xcc: help: "))
}

#[track_caller]
fn has(help: &[String], parts: &[&str]) {
    let missing = parts.iter().find(|part| !help.iter().any(|line| line.contains(**part)));
    assert_eq!(missing, None, "{help:#?}");
}

/// Names as GCC's libstdc++ has them; a real library of g++'s where the machine has one.
#[test]
fn a_library_of_libstdcxx_is_named() {
    let links = Links::new("x86_64-linux-gnu");
    links.write(
        "old.cc",
        "namespace std { inline namespace __cxx11 { struct text { text(const char *); int n; }; } }\n\
         extern \"C\" int f() { return std::text(\"x\").n; }\n",
    );
    links.run(links.target, "c++", "-c old.cc -o old.o");
    links.run(links.target, "ar", "rcs libold.a old.o");
    has(&links.help("c++", "main.o -L. -lold -o main"), &["'./libold.a'", "libstdc++", "libc++"]);

    if support::which("g++").is_none() || !cfg!(target_arch = "x86_64") {
        return support::skip("a library made by g++", "no g++ for x86_64 on this machine");
    }
    links.write(
        "real.cc",
        "#include <map>\n#include <string>\nextern \"C\" int f() { std::map<std::string, std::string> m; \
         m[std::to_string(7)] = \"x\"; return m.size(); }\n",
    );
    support::run(Command::new("g++").args(["-c", "-O1", "real.cc", "-o", "real.o"]).current_dir(&links.dir));
    has(&links.help("c++", "main.o real.o -o main"), &["'real.o'", "libstdc++"]);
}

/// The floor to use is the newest that a symbol asks for; of an object, an archive and a shared library.
#[test]
fn a_symbol_of_a_newer_glibc_names_the_floor_to_use() {
    let links = Links::new("aarch64-linux-gnu");
    links.write(
        "new.c",
        "long __isoc23_strtol(const char *, char **, int);\nunsigned arc4random(void);\n\
         extern char __libc_single_threaded;\n\
         void f(void) { __isoc23_strtol(\"1\", 0, 10); arc4random(); __libc_single_threaded = 1; }\n",
    );
    links.run(links.target, "cc", "-fPIC -c new.c -o new.o");
    links.run(links.target, "ar", "rcs libnew.a new.o");
    let expected = ["'__isoc23_strtol' came with glibc 2.38", "for 2.28", "'xcc-aarch64-linux-gnu.2.38'"];
    has(&links.help("cc", "main.o new.o -o main"), &expected);
    has(&links.help("cc", "main.o libnew.a -o main"), &expected);
    links.run("aarch64-linux-gnu.2.38", "cc", "-shared new.o -o libshared.so");
    has(&links.help("cc", "main.o libshared.so -o main"), &expected);
    // An object of data alone; and what the help says, works.
    links.write("data.c", "extern char __libc_single_threaded;\nvoid f(void) { __libc_single_threaded = 1; }\n");
    links.run(links.target, "cc", "-c data.c");
    has(&links.help("cc", "main.o data.o -o main"), &["came with glibc 2.32"]);
    links.run("aarch64-linux-gnu.2.38", "cc", "main.o new.o -o main");
}

/// Functions of glibc alone, in a library for musl.
#[test]
fn a_library_of_glibc_is_named_on_musl() {
    let links = Links::new("x86_64-linux-musl");
    links.write("chk.c", "int __printf_chk(int, const char *, ...);\nvoid f(void) { __printf_chk(1, \"x\"); }\n");
    links.write("version.c", "const char *gnu_get_libc_version(void);\nvoid f(void) { gnu_get_libc_version(); }\n");
    links.write(
        "number.c",
        "int __isoc23_sscanf(const char *, const char *, ...);\nvoid f(void) { __isoc23_sscanf(0, 0); }\n",
    );
    for (file, symbol) in [("chk", "__printf_chk"), ("version", "gnu_get_libc_version"), ("number", "__isoc23_sscanf")]
    {
        links.run("x86_64-linux-gnu", "cc", &format!("-c {file}.c -o {file}.o"));
        links.run("x86_64-linux-gnu", "ar", &format!("rcs lib{file}.a {file}.o"));
        let help = links.help("cc", &format!("main.o -L. -l{file} -o main"));
        has(&help, &[&format!("'{symbol}' is glibc's"), "'x86_64-linux-gnu'"]);
    }
}

#[test]
fn a_file_of_another_machine_is_named_with_its_machine() {
    let links = Links::new("x86_64-linux-gnu");
    links.write("other.c", "void f(void) {}\n");
    links.run("aarch64-linux-gnu", "cc", "-fPIC -c other.c -o other.o");
    links.run("aarch64-linux-gnu", "ar", "rcs libother.a other.o");
    links.run("aarch64-linux-gnu", "cc", "-shared -nostdlib other.o -o libshared.so");
    for file in ["other.o", "libother.a", "libshared.so"] {
        let help = links.help("cc", &format!("main.o {file} -o main"));
        has(&help, &[file, "is for 'aarch64', and the target is 'x86_64-linux-gnu'"]);
        assert_eq!(help.len(), 1, "{help:?}");
    }
}

/// As a build script leaves it whose configure takes the machine's own compiler.
#[test]
fn a_file_of_another_system_is_named_with_its_format() {
    for target in ["aarch64-macos", "x86_64-windows-gnu"] {
        let links = Links::new(target);
        links.write("f.c", "void f(void) {}\n");
        links.run("x86_64-linux-musl", "cc", "-c f.c");
        links.run("x86_64-linux-musl", "ar", "rcs libf.a f.o");
        for file in ["f.o", "libf.a"].into_iter().filter(|file| !(target.contains("windows") && file.ends_with(".a"))) {
            let output = support::run_fails(&mut links.tool(target, "cc", &format!("main.o {file} -o program")));
            let (help, _) = split(&output);
            assert_eq!(help.len(), 1, "{help:?}");
            has(&help, &[file, "' is ELF for 'x86_64', and the target is '", target]);
        }
    }
}

#[test]
fn a_library_that_is_not_found_says_where_to_put_it() {
    let links = Links::new("x86_64-linux-gnu");
    has(&links.help("cc", "main.o -lnosuch -lother -o main"), &["'nosuch'", "XCC_LDFLAGS", "'--sysroot'"]);
}

/// What is not recognised gets no line, and a link that works prints nothing.
#[test]
fn other_links_get_no_help() {
    let links = Links::new("x86_64-linux-gnu");
    assert_eq!(links.help("cc", "main.o -o main"), Vec::<String>::new());
    links.write("twice.c", "int main(void) { return 1; }\n");
    links.run(links.target, "cc", "-c twice.c");
    assert_eq!(links.help("cc", "main.o twice.o -o main"), Vec::<String>::new());
    links.write("f.c", "void f(void) {}\n");
    let output = support::run(&mut links.tool(links.target, "cc", "main.o f.c -o main"));
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    // With a libc that xcc does not know there is nothing to say about its versions.
    fs::create_dir_all(links.dir.join("root/usr/lib")).unwrap();
    links.write("new.c", "unsigned arc4random(void);\nint main(void) { return arc4random(); }\n");
    let output = support::run_fails(&mut links.tool(links.target, "cc", "--sysroot=root new.c -nostdlib -o main"));
    assert_eq!(split(&output).0, Vec::<String>::new());
}

/// A linker that a signal ends ends xcc by the same signal, as if xcc had become it.
#[test]
fn a_killed_linker_looks_killed() {
    let links = Links::new("x86_64-linux-gnu");
    let zig = links.dir.join("zig");
    let script = "#!/bin/sh\ncase $1 in version) echo 0.17.0 ;; *) echo last words >&2; kill -SEGV $$ ;; esac\n";
    fs::write(&zig, script).unwrap();
    fs::set_permissions(&zig, fs::Permissions::from_mode(0o755)).unwrap();
    let output = links.tool(links.target, "ld", "main.o").env("XCC_ZIG", &zig).output().unwrap();
    assert_eq!(output.status.signal(), Some(libc::SIGSEGV), "{output:?}");
    assert_eq!(support::stderr(&output), "last words\n");
    assert!(Path::new(&zig).exists());
}
