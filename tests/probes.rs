//! Every question that build tools ask a compiler, answered for four targets with and without a pinned libc: the exact
//! answer, the exit status, no path of the host's own toolchain, no process, no sysroot that nobody needs.

#[path = "support/cost.rs"]
mod cost;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// What a stream has to be. `{…}` stands for what [`Target::fill`] puts there.
enum Text {
    Empty,
    Is(&'static str),
    Has(&'static [&'static str]),
    Any,
}
use Text::{Any, Empty, Has, Is};

/// Who answers: what a fresh machine makes for it, and how fast it is.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// xcc, from what it knows.
    Xcc,
    /// xcc, with the path of a file, which is made if need be.
    Sysroot,
    /// clang or LLD, without a sysroot.
    Clang,
    /// clang, on a sysroot: there is something to compile.
    Build,
}

struct Probe(&'static str, By, Text, Text, i32);

const VERSION: &str = "clang version {clang} (xcc {xcc} zig {zig} {full} cfg:{digest})\nTarget: {triple}\n\
                       Thread model: posix\nInstalledDir: {zigdir}\n";
const LLD: &str = "LLD {clang} (compatible with GNU linkers)\n";
const LIBRARIES: &str = "libraries: ={sysroot}/lib/clang:{sysroot}/lib/clang/lib/{triple}:{sysroot}/usr/lib\n";
const CPUS: Text = Has(&["Available CPUs for this target:", "Target: {triple}\n"]);
const NO_LINKER: Text = Has(&["xcc: error: invalid linker name in argument '-fuse-ld="]);

/// Arguments, who answers, standard output, standard error, exit status. `hello.c` is there and `missing.c` is not.
#[rustfmt::skip]
const PROBES: &[Probe] = &[
    // Who are you.
    Probe("--version", By::Xcc, Is(VERSION), Empty, 0),
    Probe("--version -O2 -Wall -DX=1", By::Xcc, Is(VERSION), Empty, 0),
    Probe("--version hello.c", By::Xcc, Is(VERSION), Empty, 0),
    Probe("--version missing.c -o x", By::Xcc, Is(VERSION), Empty, 0),
    Probe("-fPIC -shared -pthread --version", By::Xcc, Is(VERSION), Empty, 0),
    Probe("-v --version", By::Xcc, Is(VERSION), Empty, 0),
    Probe("-v", By::Xcc, Empty, Is(VERSION), 0),
    Probe("-v -O2", By::Xcc, Empty, Is(VERSION), 0),
    Probe("-v -x c -c hello.c -o hello.o", By::Build, Empty, Has(&["clang version {clang}", "-triple "]), 0),
    Probe("-v hello.c -o hello", By::Build, Any, Has(&["clang version {clang}", "{sysroot}/usr/lib"]), 0),
    Probe("-v -x c -E -", By::Build, Any, Has(&["{sysroot}/lib/clang/include"]), 0),
    Probe("-dumpversion", By::Xcc, Is("{clang}\n"), Empty, 0),
    Probe("-dumpversion -v", By::Xcc, Is("{clang}\n"), Is(VERSION), 0),
    Probe("-dumpfullversion", By::Xcc, Is("{clang}\n"), Empty, 0),
    Probe("-dumpfullversion -dumpversion", By::Xcc, Is("{clang}\n"), Empty, 0),
    Probe("-dumpmachine", By::Xcc, Is("{gnu}\n"), Empty, 0),
    Probe("-O2 -fPIC -dumpmachine", By::Xcc, Is("{gnu}\n"), Empty, 0),
    Probe("-dumpmachine hello.c", By::Xcc, Is("{gnu}\n"), Empty, 0),
    Probe("-dumpversion -dumpmachine", By::Xcc, Is("{gnu}\n"), Empty, 0),
    Probe("-print-multiarch", By::Xcc, Is("{gnu}\n"), Empty, 0),
    Probe("--print-multiarch", By::Xcc, Is("{gnu}\n"), Empty, 0),
    Probe("-print-target-triple", By::Xcc, Is("{triple}\n"), Empty, 0),
    Probe("--print-target-triple", By::Xcc, Is("{triple}\n"), Empty, 0),
    Probe("-print-effective-triple", By::Xcc, Is("{triple}\n"), Empty, 0),
    Probe("--print-effective-triple hello.c", By::Xcc, Is("{triple}\n"), Empty, 0),
    // What would you run.
    Probe("-###", By::Xcc, Empty, Has(&["(xcc {xcc} zig {zig} {full} cfg:{digest})\nTarget: {triple}\n"]), 0),
    Probe("-### -x c -c -", By::Xcc, Empty, Has(&["{full} cfg:{digest})\n", "\"-c\" \"-\"\n"]), 0),
    Probe("-### -x c++ -c -", By::Xcc, Empty, Has(&["{full} cfg:{digest})\n", "\"c++\""]), 0),
    Probe("-### hello.c -o hello", By::Xcc, Empty, Has(&["\"--sysroot={sysroot}\"", "\"hello.c\""]), 0),
    Probe("-### missing.c", By::Xcc, Empty, Has(&["\"missing.c\""]), 0),
    // Where are the programs.
    Probe("-print-prog-name=ar", By::Xcc, Is("{name}-ar\n"), Empty, 0),
    Probe("--print-prog-name=ar", By::Xcc, Is("{name}-ar\n"), Empty, 0),
    Probe("-print-prog-name ar", By::Xcc, Is("{name}-ar\n"), Empty, 0),
    Probe("--print-prog-name ar", By::Xcc, Is("{name}-ar\n"), Empty, 0),
    Probe("--print-prog-name ranlib", By::Xcc, Is("{name}-ranlib\n"), Empty, 0),
    Probe("-print-prog-name=ld", By::Xcc, Is("{name}-ld\n"), Empty, 0),
    Probe("-print-prog-name=cc1", By::Xcc, Is("cc1\n"), Empty, 0),
    Probe("-print-prog-name=as", By::Xcc, Is("as\n"), Empty, 0),
    Probe("-print-prog-name=no-such-program", By::Xcc, Is("no-such-program\n"), Empty, 0),
    Probe("-o a.out --print-prog-name=ar trivial.c", By::Xcc, Is("{name}-ar\n"), Empty, 0),
    Probe("-print-prog-name=ar -print-prog-name=cc1", By::Xcc, Is("cc1\n"), Empty, 0),
    // Where are the files.
    Probe("-print-file-name=libc.so.6", By::Sysroot, Is("{libc.so.6}\n"), Empty, 0),
    Probe("--print-file-name=libc.a", By::Sysroot, Is("{libc.a}\n"), Empty, 0),
    Probe("--print-file-name libgcc.a", By::Sysroot, Is("{sysroot}/usr/lib/libgcc.a\n"), Empty, 0),
    Probe("-print-file-name=libgcc.a", By::Sysroot, Is("{sysroot}/usr/lib/libgcc.a\n"), Empty, 0),
    Probe("-print-file-name=libgcc_s.so.1", By::Sysroot, Is("{sysroot}/usr/lib/libgcc_s.so.1\n"), Empty, 0),
    Probe("-print-file-name=crt1.o", By::Sysroot, Is("{sysroot}/usr/lib/crt1.o\n"), Empty, 0),
    Probe("-print-file-name=crtbeginS.o", By::Sysroot, Is("{sysroot}/usr/lib/crtbeginS.o\n"), Empty, 0),
    Probe("-print-file-name=libc_nonshared.a", By::Sysroot, Is("{sysroot}/usr/lib/libc_nonshared.a\n"), Empty, 0),
    Probe("-print-file-name=libssp_nonshared.a", By::Sysroot, Is("{sysroot}/usr/lib/libssp_nonshared.a\n"), Empty, 0),
    Probe("-print-file-name=libatomic.a -O2", By::Sysroot, Is("{sysroot}/usr/lib/libatomic.a\n"), Empty, 0),
    Probe("-print-file-name=include", By::Sysroot, Is("{sysroot}/lib/clang/include\n"), Empty, 0),
    Probe("-print-file-name=include hello.c", By::Sysroot, Is("{sysroot}/lib/clang/include\n"), Empty, 0),
    Probe("-print-file-name=plugin", By::Sysroot, Is("plugin\n"), Empty, 0),
    Probe("-print-file-name=libstdc++.so", By::Sysroot, Is("libstdc++.so\n"), Empty, 0),
    Probe("-print-file-name=libnosuch.so", By::Sysroot, Is("libnosuch.so\n"), Empty, 0),
    Probe("-print-libgcc-file-name", By::Sysroot, Is("{sysroot}/usr/lib/libgcc.a\n"), Empty, 0),
    Probe("--print-libgcc-file-name -static-libgcc", By::Sysroot, Is("{sysroot}/usr/lib/libgcc.a\n"), Empty, 0),
    Probe("-print-search-dirs", By::Sysroot, Has(&["programs: ={cache}/bin/", LIBRARIES]), Empty, 0),
    Probe("--print-search-dirs hello.c", By::Sysroot, Has(&["programs: ={cache}/bin/", LIBRARIES]), Empty, 0),
    Probe("-print-sysroot", By::Sysroot, Is("{sysroot}\n"), Empty, 0),
    Probe("--print-sysroot -O2", By::Sysroot, Is("{sysroot}\n"), Empty, 0),
    Probe("-print-sysroot --sysroot=/srv/root", By::Xcc, Is("/srv/root\n"), Empty, 0),
    Probe("-print-file-name=libc.so --sysroot=/srv/root", By::Clang, Is("libc.so\n"), Empty, 0),
    Probe("-print-resource-dir", By::Sysroot, Is("{sysroot}/lib/clang\n"), Empty, 0),
    Probe("-print-runtime-dir", By::Sysroot, Is("{sysroot}/lib/clang/lib/{triple}\n"), Empty, 0),
    Probe("-print-multi-lib", By::Xcc, Is(".;\n"), Empty, 0),
    Probe("-print-multi-directory", By::Xcc, Is(".\n"), Empty, 0),
    Probe("-print-multi-os-directory", By::Xcc, Is(".\n"), Empty, 0),
    Probe("--print-multi-os-directory -fPIC", By::Xcc, Is(".\n"), Empty, 0),
    // Which linker have you.
    Probe("-Wl,--version", By::Xcc, Is(LLD), Empty, 0),
    Probe("-Wl,-O1,--version -O2 -g", By::Xcc, Is(LLD), Empty, 0),
    Probe("-Xlinker --version", By::Xcc, Is(LLD), Empty, 0),
    Probe("-Wl,--version -shared -o x.so", By::Xcc, Is(LLD), Empty, 0),
    Probe("-fuse-ld=lld -Wl,--version", By::Xcc, Is(LLD), Empty, 0),
    Probe("-v -Wl,--version", By::Xcc, Is(LLD), Is(VERSION), 0),
    Probe("-Wl,--version hello.c", By::Build, Is(LLD), Empty, 0),
    Probe("-fuse-ld=gold -Wl,--version", By::Xcc, Empty, NO_LINKER, 1),
    Probe("-fuse-ld=bfd -Wl,--version", By::Xcc, Empty, NO_LINKER, 1),
    Probe("-Wl,-v", By::Xcc, Is(LLD), Is("xcc: error: no input files\n"), 1),
    Probe("-shared -Wl,-v", By::Xcc, Is(LLD), Empty, 0),
    Probe("-nostdlib -Wl,-v", By::Xcc, Is(LLD), Empty, 0),
    Probe("-Wl,--help", By::Clang, Has(&["ld.lld: supported targets:", " elf"]), Empty, 0),
    // What only clang knows.
    Probe("-E -dM -x c /dev/null", By::Clang, Has(&["#define __linux__ 1\n", "#define __clang__ 1\n"]), Empty, 0),
    Probe("-dM -E -x c++ /dev/null", By::Clang, Has(&["#define __cplusplus "]), Empty, 0),
    Probe("-E -dM -", By::Clang, Has(&["#define __linux__ 1\n"]), Empty, 0),
    Probe("-E -dM -O2 -fPIC hello.c", By::Build, Has(&["#define __OPTIMIZE__ 1\n", "#define __PIC__ 2\n"]), Empty, 0),
    Probe("-E -dM -include features.h -x c /dev/null", By::Build, Has(&["#define _FEATURES_H"]), Empty, 0),
    Probe("--print-supported-cpus", By::Clang, Any, CPUS, 0),
    Probe("-print-supported-cpus -O2", By::Clang, Any, CPUS, 0),
    Probe("-mcpu=help", By::Clang, Any, CPUS, 0),
    Probe("-mtune=help", By::Clang, Any, CPUS, 0),
    Probe("-mcpu=help -c hello.c", By::Clang, Any, CPUS, 0),
    Probe("-print-targets", By::Clang, Has(&["Registered Targets:", "aarch64"]), Empty, 0),
    Probe("--help", By::Clang, Has(&["USAGE:", "-print-search-dirs"]), Empty, 0),
    // What is no question fails as it does with clang.
    Probe("", By::Clang, Empty, Has(&["error: no input files"]), 1),
    Probe("-print-nonsense", By::Clang, Empty, Has(&["unknown argument: '-print-nonsense'"]), 1),
    Probe("-dumpspecs", By::Clang, Empty, Has(&["unsupported option '-dumpspecs'"]), 1),
];

/// Name, libc version of the unpinned name, clang's triple.
const TARGETS: &[(&str, &str, &str)] = &[
    ("x86_64-linux-gnu", ".2.28", "x86_64-unknown-linux-gnu"),
    ("x86_64-linux-gnu.2.17", "", "x86_64-unknown-linux-gnu"),
    ("aarch64-linux-gnu", ".2.28", "aarch64-unknown-linux-gnu"),
    ("aarch64-linux-gnu.2.31", "", "aarch64-unknown-linux-gnu"),
    ("arm-linux-gnueabihf", ".2.28", "armv7-unknown-linux-gnueabihf"),
    ("arm-linux-gnueabihf.2.31", "", "armv7-unknown-linux-gnueabihf"),
    ("x86_64-linux-musl", "", "x86_64-unknown-linux-musl"),
];

/// A directory with sources, called as Go calls its own, and xcc and zig as they are found from there.
struct Place {
    dir: PathBuf,
    zig: PathBuf,
    zig_version: String,
    clang: String,
}

impl Place {
    fn new() -> Place {
        let dir = support::scratch("probes");
        fs::write(dir.join("hello.c"), "int main(void) { return 0; }\n").unwrap();
        let (zig, zig_version) = cost::zig_of(Path::new(env!("CARGO_BIN_EXE_xcc")));
        let said = support::stdout(&support::run(support::command(&zig).args(["clang", "--version"])));
        let clang = said.split_whitespace().nth(2).unwrap().to_owned();
        Place { dir, zig, zig_version, clang }
    }

    fn ask(&self, target: &str, arguments: &str, cache: &Path) -> Output {
        self.command(target, arguments, cache).output().unwrap()
    }

    fn command(&self, target: &str, arguments: &str, cache: &Path) -> Command {
        // Names of its own: what is beside a compiler is a part of the answers.
        let name = self.dir.join(format!("xcc-{target}"));
        let _ = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_xcc"), &name);
        let mut command = support::command(name);
        command.args(arguments.split_whitespace()).current_dir(&self.dir).stdin(Stdio::null());
        command.env("XCC_CACHE_DIR", cache).env("TMPDIR", &self.dir);
        command
    }

    /// The expected text for one target.
    fn fill(&self, text: &str, target: &(&str, &str, &str), cache: &Path) -> String {
        let (name, libc, triple) = *target;
        let full = format!("{name}{libc}");
        let plain = name.split('.').next().unwrap();
        let sysroot = cache.join("sysroot").join(&self.zig_version).join(&full).display().to_string();
        let lib = |file: &str, there: bool| if there { format!("{sysroot}/usr/lib/{file}") } else { file.to_owned() };
        let musl = name.contains("musl");
        let text = text.replace("{libc.so.6}", &lib("libc.so.6", !musl)).replace("{libc.a}", &lib("libc.a", musl));
        text.replace("{clang}", &self.clang)
            .replace("{xcc}", env!("CARGO_PKG_VERSION"))
            .replace("{zig}", &self.zig_version)
            .replace("{zigdir}", &self.zig.parent().unwrap().display().to_string())
            .replace("{full}", &full)
            .replace("{triple}", triple)
            .replace("{name}", name)
            .replace("{gnu}", plain)
            .replace("{cache}", &cache.display().to_string())
            .replace("{sysroot}", &sysroot)
    }

    /// What is wrong with a stream.
    fn check(&self, said: &str, text: &Text, target: &(&str, &str, &str), cache: &Path) -> Option<String> {
        let said = without_links(&without_digest(said), cache);
        let fill = |text: &str| self.fill(text, target, cache);
        match text {
            Any => None,
            Empty => (!said.is_empty()).then(|| format!("not empty: {said}")),
            Is(text) => (said != fill(text)).then(|| format!("is\n{said}and not\n{}", fill(text))),
            Has(parts) => {
                let missing = parts.iter().map(|part| fill(part)).find(|part| !said.contains(part))?;
                Some(format!("lacks '{missing}':\n{said}"))
            }
        }
    }
}

/// `cfg:0123456789` as the table has it.
fn without_digest(said: &str) -> String {
    let mut text = said.to_owned();
    if let Some(at) = text.find("cfg:").map(|at| at + 4) {
        let end = text[at..].find(|c: char| !c.is_ascii_hexdigit()).map_or(text.len(), |end| at + end);
        assert_eq!(end - at, 10, "the digest of the configuration in {said}");
        text.replace_range(at..end, "{digest}");
    }
    text
}

/// The path of a program of xcc's without its directory: that of the names which other tests have made beside xcc, or the
/// one of the cache. It must be there.
fn without_links(said: &str, cache: &Path) -> String {
    let beside = support::names_dir().join("xcc-").display().to_string();
    let bin = cache.join("bin").display().to_string();
    let name = match (said.strip_prefix(&beside), said.strip_prefix(&bin)) {
        (Some(name), _) => Some(name),
        (None, Some(rest)) => rest.splitn(3, '/').nth(2),
        (None, None) => None,
    };
    match name.filter(|_| said.lines().count() == 1) {
        Some(name) => {
            assert!(Path::new(said.trim()).is_file(), "{said}");
            name.to_owned()
        }
        None => said.to_owned(),
    }
}

/// The first absolute path in a text that is below none of the directories.
fn foreign_path<'a>(said: &'a str, allowed: &[&Path]) -> Option<&'a str> {
    let begins = |at: &usize| !said[..*at].ends_with(|c: char| c.is_alphanumeric() || "/._-+*){}>".contains(c));
    let paths = said.match_indices('/').map(|(at, _)| at).filter(begins).map(|at| &said[at..]);
    let mut paths = paths.map(|path| path.split([' ', '\n', '"', ':', '\'', ';', ',', ')']).next().unwrap_or(""));
    paths.find(|path| path.len() > 1 && !allowed.iter().any(|dir| Path::new(path).starts_with(dir)))
}

#[test]
fn every_probe_has_its_answer_for_every_target() {
    assert!(PROBES.len() >= 60);
    let place = Place::new();
    let cache = support::cache_dir();
    let allowed = [place.zig.parent().unwrap(), &cache, &place.dir, Path::new("/dev/null")];
    let mut wrong = Vec::new();
    for target in TARGETS {
        for Probe(arguments, _, out, err, status) in PROBES {
            let output = place.ask(target.0, arguments, &cache);
            let (stdout, stderr) = (support::stdout(&output), support::stderr(&output));
            let mut complaints = Vec::new();
            complaints.extend(place.check(&stdout, out, target, &cache).map(|what| format!("standard output {what}")));
            complaints.extend(place.check(&stderr, err, target, &cache).map(|what| format!("standard error {what}")));
            if output.status.code() != Some(*status) {
                complaints.push(format!("{} and not {status}", output.status));
            }
            // What was asked for by name, the loader of the machine that the program will run on, options of
            // Windows.
            let ours = ["/srv/root", "-dynamic-linker /lib/", "-dynamic-linker /lib64/", " /"];
            let ours = if *arguments == "--help" { &ours[..] } else { &ours[..3] };
            let said = ours.iter().fold(format!("{stdout}\n{stderr}"), |said, ours| said.replace(ours, ""));
            complaints.extend(foreign_path(&said, &allowed).map(|path| format!("names the host's {path}")));
            wrong.extend(complaints.into_iter().map(|what| format!("xcc-{} {arguments}: {what}\n", target.0)));
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers\n{}", wrong.len(), wrong.join("\n"));
}

/// As a preprocessor without inputs it reads standard input, also to show where it looks for headers.
#[test]
fn the_preprocessor_reads_standard_input() {
    let place = Place::new();
    let mut cpp = support::command(support::xcc("xcc-aarch64-linux-gnu-cpp"));
    cpp.arg("-v").current_dir(&place.dir).stdin(fs::File::open(place.dir.join("hello.c")).unwrap());
    let output = support::run(&mut cpp);
    assert!(support::stdout(&output).contains("int main(void)"), "{output:?}");
    assert!(support::stderr(&output).contains("#include <...> search starts here:"), "{output:?}");
    let output = support::run(support::command(support::xcc("xcc-aarch64-linux-gnu-cpp")).arg("--version"));
    assert!(support::stdout(&output).starts_with("clang version "), "{output:?}");
}

/// On a machine where xcc has never run, a question whose answer is not a file of the sysroot makes no sysroot.
#[test]
fn a_question_makes_no_sysroot() {
    let place = Place::new();
    let cache = support::scratch("fresh-cache");
    for Probe(arguments, by, ..) in PROBES.iter().filter(|probe| matches!(probe.1, By::Xcc | By::Clang)) {
        place.ask("riscv64-linux-gnu", arguments, &cache);
        let made: Vec<_> = fs::read_dir(cache.join("sysroot")).into_iter().flatten().collect();
        assert!(made.is_empty(), "{arguments} made {made:?}");
        assert!(*by != By::Build);
    }
}

/// Go's linker asks for options by linking a program of one line, before anything else is built.
#[test]
fn gos_questions_make_no_sysroot() {
    let place = Place::new();
    let cache = support::scratch("fresh-cache-go");
    let go = place.dir.join("go-link-123");
    fs::create_dir_all(&go).unwrap();
    fs::write(go.join("trivial.c"), "int main() { return 0; }\n").unwrap();
    let ask = |options: &[&str]| {
        let mut command = place.command("aarch64-linux-gnu", "-pthread -O2 -g -o", &cache);
        command.arg(go.join("a.out")).args(options).arg(go.join("trivial.c")).output().unwrap()
    };
    let supported = |output: &Output| {
        let said = support::stdout(output) + &support::stderr(output);
        output.status.success() && !said.contains("unrecognized") && !said.contains("unknown")
    };
    for option in [
        "-no-pie",
        "-rdynamic",
        "-Wl,--no-gc-sections",
        "-Wl,--build-id=none",
        "-Wl,--compress-debug-sections=zlib",
        "-Wl,--allow-multiple-definition",
        "-Qunused-arguments",
        "-static-libgcc",
    ] {
        let output = ask(&[option]);
        assert!(supported(&output), "{option}: {output:?}");
    }
    for option in ["-Wl,--no-such-option", "-no_pie_at_all", "-Wl,-z,nonsense=1,--also-not"] {
        let output = ask(&[option]);
        assert!(!supported(&output), "{option}: {output:?}");
    }
    let output = ask(&["--print-prog-name=ar"]);
    assert!(output.status.success(), "{output:?}");
    let made: Vec<_> = fs::read_dir(cache.join("sysroot")).into_iter().flatten().collect();
    assert!(made.is_empty(), "made {made:?}");
}

/// The same for Windows, where a function by the name of main needs more than itself.
#[test]
fn gos_questions_for_windows_are_answered() {
    let place = Place::new();
    let cache = support::scratch("fresh-cache-go-windows");
    let go = place.dir.join("go-link-123");
    fs::create_dir_all(&go).unwrap();
    fs::write(go.join("trivial.c"), "int main() { return 0; }\n").unwrap();
    for target in ["x86_64-windows-gnu", "x86-windows-gnu", "aarch64-windows-gnu"] {
        for (option, works) in [
            ("-Qunused-arguments", true),
            ("-Wl,--no-insert-timestamp", true),
            ("-Wl,--compress-debug-sections=zlib", false),
            ("-Wl,--no-such-option", false),
        ] {
            let mut command = place.command(target, "-o", &cache);
            let output = command.arg(go.join("a.out")).arg(option).arg(go.join("trivial.c")).output().unwrap();
            assert_eq!(output.status.success(), works, "{target} {option}: {output:?}");
        }
    }
    assert_eq!(fs::read_dir(cache.join("sysroot")).into_iter().flatten().count(), 0);
}

/// What xcc answers itself takes under 5 ms, processor and wall, also in a build without optimization.
#[test]
fn an_answer_takes_under_five_milliseconds() {
    let place = Place::new();
    let cache = support::cache_dir();
    // The first call makes what is missing.
    support::run(&mut place.command("aarch64-linux-gnu", "-print-file-name=libc.so.6", &cache));
    let limit = Duration::from_millis(5);
    for Probe(arguments, ..) in PROBES.iter().filter(|probe| matches!(probe.1, By::Xcc | By::Sysroot)) {
        let best = (0..500).map(|n| {
            // Another suite may have every core for seconds.
            std::thread::sleep(Duration::from_millis(if n < 50 { 0 } else { 20 }));
            cost::usage(&mut place.command("aarch64-linux-gnu", arguments, &cache))
        });
        let mut best = best.map(|usage| (usage.wall.max(usage.cpu), usage.peak_kib));
        // The best of all: one call that nothing disturbs will do.
        let (time, _) = best.find(|(time, _)| *time < limit).unwrap_or_else(|| panic!("{arguments}: over 5 ms"));
        assert!(time < limit);
    }
}

/// The version line is the key of every cache in front of xcc: it changes with all that changes the output.
#[test]
fn the_version_line_changes_with_target_libc_and_configuration() {
    let place = Place::new();
    let cache = support::cache_dir();
    let line = |target: &str, variables: &[(&str, &str)]| {
        let mut command = place.command(target, "--version", &cache);
        let output = support::run(command.envs(variables.iter().copied()));
        support::stdout(&output).lines().next().unwrap().to_owned()
    };
    fs::write(place.dir.join("one.toml"), "cflags = '-DONE'\n").unwrap();
    let lines = [
        line("aarch64-linux-gnu", &[]),
        line("aarch64-linux-gnu.2.31", &[]),
        line("aarch64-linux-musl", &[]),
        line("x86_64-linux-gnu", &[]),
        line("aarch64-linux-gnu", &[("XCC_CFLAGS", "-O1")]),
        line("aarch64-linux-gnu", &[("XCC_CXXFLAGS", "-O1")]),
        line("aarch64-linux-gnu", &[("XCC_LDFLAGS", "-O1")]),
        line("aarch64-linux-gnu", &[("XCC_BACKEND", "zig-cc")]),
        line("aarch64-linux-gnu", &[("XCC_CONFIG", "one.toml")]),
    ];
    for (index, one) in lines.iter().enumerate() {
        assert!(!lines[..index].contains(one), "{one} twice");
    }
    assert_eq!(lines[0], line("aarch64-unknown-linux-gnu", &[]), "another spelling of the same target");
}

/// The triple that xcc says is the one clang works with, for every target.
#[test]
fn the_effective_triple_is_clangs() {
    let place = Place::new();
    let targets = support::run(support::command(env!("CARGO_BIN_EXE_xcc")).arg("targets"));
    for target in support::stdout(&targets).lines().filter_map(|line| line.split_whitespace().next()) {
        let cache = support::cache_dir();
        let said = support::stdout(&place.ask(target, "-print-effective-triple", &cache));
        let shown = support::stderr(&place.ask(target, "-### -x c -c -", &cache));
        let command = shown.lines().last().unwrap().trim().trim_matches('"');
        let words = command.split("\" \"").skip(1).take_while(|word| *word != "-###");
        let clang = support::run(support::command(&place.zig).args(words).arg("-print-effective-triple"));
        assert_eq!(said, support::stdout(&clang), "{target}");
    }
}
