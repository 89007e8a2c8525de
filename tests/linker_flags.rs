//! Holds every row of `testdata/flags/elf-linker-flags.tsv` up against a real link: the flag is taken, in silence, and
//! does what its name says. The effect must also be *missing* without the flag, or the check would prove nothing.
//!
//! `needs` is a kind of output (`exe`, `shared`, `freestanding`), `arch:A` when only one architecture has the flag, and
//! the further words of the link line before the flag; [`SOURCES`] and [`FILES`] hold what they name. `check` is one or
//! more of the verbs of [`holds`], separated by `;`; the first is the one that must be missing without the flag. A
//! leading `=` says that the flag names the default.

#[path = "support/elf.rs"]
mod elf;
mod support;

use elf::Elf;
use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, elf as names};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const LIST: &str = include_str!("../testdata/flags/elf-linker-flags.tsv");

/// Different flags in the list. `zig cc` refuses every one of them in at least one of these spellings.
const FLAGS: usize = 133;

/// Compiled once for each target: name, further options, text.
const SOURCES: &[(&str, &str, &str)] = &[
    (
        "main",
        "",
        "#include <stdio.h>\nint greet(void);\nint main(void) { printf(\"greet %d\\n\", greet()); return 0; }",
    ),
    ("greet", "", "int filled = 3;\nint zeroed[64];\nint greet(void) { return 1; }"),
    ("twins", "", "int twin_a(int x) { return x * 3 + 7; }\nint twin_b(int x) { return x * 3 + 7; }"),
    ("call", "", "int greet(void);\nint call_greet(void) { return greet() + 1; }"),
    ("start", "", "int word = 1;\nint _start(void) { return word; }"),
    ("wrap", "", "int __real_greet(void);\nint __wrap_greet(void) { return 100 + __real_greet(); }"),
    ("again", "", "int greet(void) { return 2; }"),
    ("part", "", "int part(void) { return 5; }"),
    ("partmain", "", "int part(void);\nint use_part(void) { return part(); }"),
    ("other", "", "int other(void) { return 6; }"),
    ("needy", "", "int absent(void);\nint needy(void) { return absent(); }"),
    ("missing", "", "int nowhere(void);\nint go_nowhere(void) { return nowhere(); }"),
    (
        "missing25",
        "",
        "#define ONE(n) int nowhere_##n(void); int go_##n(void) { return nowhere_##n(); }\n\
         #define FIVE(a, b, c, d, e) ONE(a) ONE(b) ONE(c) ONE(d) ONE(e)\n\
         FIVE(0, 1, 2, 3, 4) FIVE(5, 6, 7, 8, 9) FIVE(10, 11, 12, 13, 14)\n\
         FIVE(15, 16, 17, 18, 19) FIVE(20, 21, 22, 23, 24)",
    ),
    ("common1", "-fcommon", "int in_common[2];"),
    ("common2", "-fcommon", "int in_common[4];"),
    (
        "kept",
        "",
        "__attribute__((used, section(\"keepme\"))) static int kept = 7;\nextern int __start_keepme[];\nint *volatile begin;\n\
         __attribute__((constructor)) static void find(void) { begin = __start_keepme; }",
    ),
    ("hot", "", "__attribute__((section(\".text.hot.boil\"))) int boil(void) { return 100; }"),
    ("pointer", "", "int pointed;\nint *pointer = &pointed;"),
    ("gotref", "", "extern int filled;\nint *where(void) { return &filled; }"),
    ("temp", "-Wa,-L", "__asm__(\".text\\n.Ltemporary:\\n\\tnop\\n\");"),
    ("tails", "", "const char *const tails[] = {\"a rather long tail\", \"this too has a rather long tail\"};"),
    // Enough of the same that compression pays; LLD leaves a section that it would make longer.
    (
        "debug",
        "-g",
        "struct debugged { int m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21, m22, m23; } debugged;",
    ),
    (
        "outer-lto",
        "-flto",
        "int lto_inner(int);\n__attribute__((used)) int lto_outer(int x) { return lto_inner(x) + 1; }",
    ),
    ("inner-lto", "-flto", "int lto_inner(int x) { return x * 2; }"),
];

/// Scripts and lists of symbols that flags name.
const FILES: &[(&str, &str)] = &[
    ("dynamic.list", "{ greet; };\n"),
    ("keep.txt", "greet\n"),
    ("order.txt", "twin_b\ntwin_a\n"),
    ("insert.ld", "SECTIONS { .fromscript : { BYTE(7) } } INSERT AFTER .data;\n"),
    ("layout.ld", "SECTIONS { . = SIZEOF_HEADERS; .text : { *(.text .text.*) } .data : { *(.data .data.*) } }\n"),
];

struct Row {
    flag: Vec<&'static str>,
    needs: Vec<&'static str>,
    kind: &'static str,
    checks: Vec<&'static str>,
    names_default: bool,
}

impl Row {
    /// The only architecture that has the flag.
    fn arch(&self) -> Option<&str> {
        self.needs.iter().find_map(|word| word.strip_prefix("arch:"))
    }
}

fn rows() -> Vec<Row> {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let &[flag, needs, kind, check, reason] = &columns[..] else { panic!("five columns, not: {line}") };
            assert!(!kind.is_empty() && !reason.is_empty(), "{line}");
            Row {
                flag: flag.split(' ').collect(),
                needs: needs.split(' ').collect(),
                kind,
                checks: if check == "-" { vec![] } else { check.trim_start_matches('=').split(';').collect() },
                names_default: check.starts_with('='),
            }
        })
        .collect()
}

/// What one link did.
struct Linked {
    ok: bool,
    stdout: String,
    stderr: String,
    file: PathBuf,
}

/// A target's compiler and the directory with its objects.
struct Bench {
    target: &'static str,
    arch: &'static str,
    /// What `XCC_BACKEND` says of the links that are looked at.
    backend: &'static str,
    dir: PathBuf,
}

impl Bench {
    fn new(target: &'static str, backend: &'static str) -> Bench {
        let dir = support::scratch(&format!("flags-{target}-{backend}"));
        let bench = Bench { target, arch: target.split('-').next().unwrap(), backend, dir };
        for (name, options, text) in SOURCES {
            bench.write(&format!("{name}.c"), text);
            let compile = "-O1 -fPIC -ffunction-sections -fdata-sections -Werror -c";
            bench.cc(&format!("{compile} {options} {name}.c -o {name}.o"));
        }
        for (name, text) in FILES {
            bench.write(name, text);
        }
        bench.cc("-shared other.o -o libother.so");
        bench.cc("-shared -nostdlib needy.o -o libneedy.so");
        let ar = support::xcc(&format!("xcc-{target}-ar"));
        support::run(support::command(ar).current_dir(&bench.dir).args(["rcs", "libpart.a", "part.o"]));
        fs::create_dir_all(bench.dir.join("sys/lib")).unwrap();
        fs::copy(bench.dir.join("libpart.a"), bench.dir.join("sys/lib/libpart.a")).unwrap();
        bench
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.dir.join(name), format!("{text}\n")).unwrap();
    }

    fn cc(&self, words: &str) {
        let cc = support::xcc(&format!("xcc-{}", self.target));
        support::run(support::command(cc).current_dir(&self.dir).args(words.split_whitespace()));
    }

    fn link(&self, needs: &[&str], flag: &[&str], out: &str) -> Linked {
        let (kind, more) = needs.split_first().unwrap();
        let base: &[&str] = match *kind {
            "exe" => &["main.o", "greet.o", "twins.o"],
            "shared" => &["-shared", "call.o", "greet.o", "twins.o"],
            "freestanding" => &["-nostdlib", "-static", "start.o"],
            other => panic!("no kind of output is called {other}"),
        };
        let file = self.dir.join(out);
        let _ = fs::remove_file(&file);
        let cc = support::xcc(&format!("xcc-{}", self.target));
        let more = more.iter().filter(|word| !word.starts_with("arch:"));
        let mut command = support::command(cc);
        command.current_dir(&self.dir).env("XCC_BACKEND", self.backend);
        command.args(base).args(more).args(flag).arg("-o").arg(out);
        let output = command.output().unwrap();
        Linked { ok: output.status.success(), stdout: support::stdout(&output), stderr: support::stderr(&output), file }
    }

    /// Links the row with its flag and without it; the reason when the flag is not honoured.
    fn try_row(&self, row: &Row) -> Result<(), String> {
        for check in &row.checks {
            if let Some(name) = check.strip_prefix("file ") {
                let _ = fs::remove_file(self.dir.join(name.split(' ').next().unwrap()));
            }
        }
        let without = self.link(&row.needs, &[], "without");
        // What zig's driver does unasked is not xcc's to say.
        let names_default = row.names_default || self.backend == ZIG_CC;
        if let (false, Some(check)) = (names_default, row.checks.first()) {
            let proves = holds(check, self, &without, &without).is_err();
            ensure(proves, || format!("'{check}' holds without the flag: the check proves nothing"))?;
        }
        let with = self.link(&row.needs, &row.flag, "with");
        if self.backend == ZIG_CC && with.stderr.contains(REFUSED) {
            return ensure(!with.ok, || "it was refused and linked".into());
        }
        if self.backend == ZIG_CC && (MAY_BE_LOST.contains(&row.kind) || LOST.contains(&&*row.flag.join(" "))) {
            let fails = row.checks.iter().any(|check| check.starts_with("fails"));
            return ensure(fails || with.ok && with.stderr.is_empty(), || first_lines(&with));
        }
        let speaks = |verb| row.checks.iter().any(|check| check.starts_with(verb));
        if !speaks("fails") && !with.ok {
            return Err(format!("the link failed: {}", first_lines(&with)));
        }
        let silent = !["fails", "stdout", "stderr", "output"].into_iter().any(speaks);
        if silent && !(with.stdout.is_empty() && with.stderr.is_empty()) {
            return Err(format!("not silent: {}", first_lines(&with)));
        }
        row.checks.iter().try_for_each(|check| holds(check, self, &with, &without).map_err(|e| format!("{check}: {e}")))
    }
}

const DIRECT: &str = "direct";
/// Each link by zig's own driver, which knows few of the flags: what it cannot do, xcc refuses before it runs.
const ZIG_CC: &str = "zig-cc";
const MAY_BE_LOST: &[&str] = &["diagnostics", "output"];
/// Effects on size and speed that its users do without.
const LOST: &[&str] = &[
    "-Wl,--no-rosegment",
    "-Wl,-Bsymbolic-functions",
    "-Wl,-Bsymbolic-non-weak",
    "-Wl,-Bsymbolic-non-weak-functions",
    "-Wl,-O2",
    "-Wl,-X",
    "-Wl,--lto-O0",
];
const REFUSED: &str = "xcc: help: zig's own driver cannot; the direct backend can";

fn first_lines(linked: &Linked) -> String {
    let text = format!("{}{}", linked.stdout, linked.stderr);
    text.lines().take(3).collect::<Vec<_>>().join(" | ")
}

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(message()) }
}

/// Does `check` hold for what was linked? `without` is the same link without the flag.
fn holds(check: &str, bench: &Bench, with: &Linked, without: &Linked) -> Result<(), String> {
    let (verb, rest) = check.split_once(' ').unwrap_or((check, ""));
    // What the link said or left, before its output is looked into.
    match verb {
        "links" => return ensure(with.ok, || first_lines(with)),
        "fails" => return ensure(!with.ok && with.stderr.contains(rest), || first_lines(with)),
        "stdout" => return ensure(with.ok && with.stdout.contains(rest), || first_lines(with)),
        "stderr" => return ensure(with.ok && with.stderr.contains(rest), || first_lines(with)),
        "output" => return ensure(with.stderr.contains(rest) || with.stdout.contains(rest), || first_lines(with)),
        "file" => {
            let (name, text) = rest.split_once(' ').unwrap_or((rest, ""));
            let bytes = fs::read(bench.dir.join(name)).map_err(|e| format!("{name}: {e}"))?;
            return ensure(String::from_utf8_lossy(&bytes).contains(text), || format!("{text} is not in {name}"));
        }
        "runs" => {
            ensure(with.ok, || first_lines(with))?;
            let printed = support::run_target(bench.target, &with.file, &[]);
            return ensure(printed.trim() == rest || printed.is_empty(), || format!("it printed {printed}"));
        }
        _ => {}
    }
    ensure(with.ok, || first_lines(with))?;
    let bytes = fs::read(&with.file).unwrap();
    let elf = Elf::parse(&bytes);
    let words: Vec<&str> = rest.split(' ').collect();
    let missing = |what: &str| format!("{what} is missing");
    match verb {
        "section" => ensure(elf.section(rest).is_some(), || missing(rest)),
        "no-section" => ensure(elf.section(rest).is_none(), || format!("{rest} is there")),
        "address" => elf.section_address(words[0]).and_then(|is| ensure(is == number(words[1]), || format!("{is:#x}"))),
        "bigger" | "smaller" => {
            let old_bytes = fs::read(&without.file).unwrap();
            let old = Elf::parse(&old_bytes);
            let size = |elf: &Elf| elf.file.section_by_name(rest).map_or(0, |section| section.size());
            let (new, old) = (size(&elf), size(&old));
            ensure(if verb == "bigger" { new > old } else { new < old }, || format!("{new} bytes, before {old}"))
        }
        "compressed" => {
            let section = elf.file.section_by_name(rest).ok_or_else(|| missing(rest))?;
            let SectionFlags::Elf { sh_flags, .. } = section.flags() else { unreachable!() };
            ensure(sh_flags.0 & names::SHF_COMPRESSED.0 != 0, || "not compressed".into())
        }
        "property" => elf
            .property(number(words[0]) as u32)
            .and_then(|bits| ensure(u64::from(bits) & number(words[1]) != 0, || format!("the property is {bits:#x}"))),
        "symbol" => elf.symbol(rest).map(|_| ()),
        "no-symbol" => ensure(elf.symbol(rest).is_err(), || format!("{rest} is there")),
        "absolute" => {
            let symbol = elf.file.symbols().find(|s| s.name() == Ok(words[0])).ok_or_else(|| missing(words[0]))?;
            let absolute = symbol.section_index().is_none() && symbol.address() == number(words[1]);
            ensure(absolute, || format!("{symbol:?}"))
        }
        "same" => ensure(elf.symbol(words[0])? == elf.symbol(words[1])?, || "they differ".into()),
        "differ" => ensure(elf.symbol(words[0])? != elf.symbol(words[1])?, || "they are the same".into()),
        "order" => ensure(elf.symbol(words[0])? < elf.symbol(words[1])?, || "the other way round".into()),
        "entry" => ensure(elf.file.entry() == elf.symbol(rest)?, || format!("it is {:#x}", elf.file.entry())),
        "word" => ensure(elf.word(elf.symbol(words[0])?) != Some(0), || "it is zero".into()),
        "dynsym" => ensure(elf.exports(rest), || format!("{rest} is not exported")),
        "no-dynsym" => ensure(!elf.exports(rest), || format!("{rest} is exported")),
        "no-dynrel" => ensure(!elf.dynamic_relocation(rest), || format!("a relocation names {rest}")),
        "type" => ensure(elf.kind() == names::ET_EXEC.0, || format!("it is {}", elf.kind())),
        "interp" => elf.interp().ok_or("none".to_string()).and_then(|is| ensure(is == rest, || is)),
        "no-interp" => elf.interp().map_or(Ok(()), Err),
        "needed" => ensure(elf.needed().contains(rest), || format!("{:?}", elf.needed())),
        "not-needed" => ensure(!elf.needed().contains(rest), || "it is needed".into()),
        "dynamic" => elf.tag(tag_number(rest)).map(|_| ()).ok_or("the tag is missing".into()),
        "no-dynamic" => ensure(elf.tag(tag_number(rest)).is_none(), || "the tag is there".into()),
        "tag" => {
            let value = elf.tag(tag_number(words[0])).ok_or("the tag is missing")?;
            ensure(value == elf.symbol(words[1])?, || format!("it is {value:#x}"))
        }
        "flags1" => ensure(elf.flags1() & number(rest) != 0, || format!("DT_FLAGS_1 is {:#x}", elf.flags1())),
        "segments" => match rest {
            "code-apart" => ensure(!elf.code_shares_pages(), || "code shares a page with other segments".into()),
            "code-shares" => ensure(elf.code_shares_pages(), || "code has pages of its own".into()),
            "rodata-with-code" => elf
                .segment_flags(".rodata")
                .and_then(|flags| ensure(flags & names::PF_X.0 != 0, || ".rodata cannot be executed".into())),
            _ => panic!("unknown check: {check}"),
        },
        "writable" => elf
            .segment_flags(rest)
            .and_then(|flags| ensure(flags & names::PF_W.0 != 0, || format!("{rest} cannot be written"))),
        "unaligned" => ensure(elf.loads().iter().all(|s| s.align < 0x1000), || "segments are page-aligned".into()),
        _ => panic!("unknown check: {check}"),
    }
}

fn number(text: &str) -> u64 {
    text.strip_prefix("0x").map_or_else(|| text.parse().unwrap(), |hex| u64::from_str_radix(hex, 16).unwrap())
}

fn tag_number(name: &str) -> i64 {
    match name {
        "DT_INIT" => names::DT_INIT.0,
        "DT_FINI" => names::DT_FINI.0,
        "DT_RUNPATH" => names::DT_RUNPATH.0,
        other => number(other) as i64,
    }
}

fn all_rows_hold(target: &'static str, backend: &'static str) {
    let bench = Bench::new(target, backend);
    // 32-bit ARM is here for the flags that nothing else has.
    let common = bench.arch != "arm";
    let mine = |row: &Row| row.arch().map_or(common, |arch| arch == bench.arch);
    let rows: Vec<Row> = rows().into_iter().filter(mine).collect();
    let failures: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{} [{}]: {}", row.flag.join(" "), row.kind, bench.try_row(row).err()?)))
        .collect();
    let (count, all) = (failures.len(), rows.len());
    assert!(failures.is_empty(), "{target}: {count} of {all} flags not honoured:\n{}", failures.join("\n"));
}

/// The list is complete, and each kind of effect is seen in at least one output.
#[test]
fn list_holds_every_refused_flag() {
    let rows = rows();
    let flags: BTreeSet<String> = rows.iter().map(|row| row.flag.join(" ")).collect();
    assert_eq!(flags.len(), FLAGS, "change FLAGS together with the list");
    for row in &rows {
        let seen = rows.iter().any(|other| other.kind == row.kind && !other.checks.is_empty());
        assert!(seen || row.kind == "none", "no row of kind '{}' has a check", row.kind);
        assert_eq!(
            row.kind == "none",
            row.checks.is_empty(),
            "{:?}: only a flag without effect goes unchecked",
            row.flag
        );
    }
}

#[test]
fn every_flag_is_honoured_on_x86_64() {
    all_rows_hold("x86_64-linux-gnu", DIRECT);
}

#[test]
fn every_flag_is_honoured_on_aarch64() {
    all_rows_hold("aarch64-linux-gnu", DIRECT);
}

#[test]
fn every_flag_is_honoured_or_refused_by_the_zig_cc_backend() {
    all_rows_hold("x86_64-linux-gnu", ZIG_CC);
    all_rows_hold("aarch64-linux-gnu", ZIG_CC);
}

/// `--be8` is the one flag of the list that only 32-bit ARM has.
#[test]
fn flags_of_arm_are_honoured() {
    all_rows_hold("arm-linux-gnueabihf", DIRECT);
}

/// A flag reaches LLD from a response file as it does from the command line.
#[test]
fn flags_work_from_a_response_file() {
    let bench = Bench::new("x86_64-linux-gnu", DIRECT);
    bench.write("link.rsp", "'-Wl,--defsym=foo=0x10' -Wl,--wrap=greet -Xlinker --icf=all");
    let linked = bench.link(&["exe", "wrap.o"], &["@link.rsp"], "with");
    for check in ["absolute foo 0x10", "runs greet 101", "same twin_a twin_b"] {
        holds(check, &bench, &linked, &linked).unwrap_or_else(|e| panic!("{check}: {e}"));
    }
}

/// A flag no linker has is an error that names it, not a silent success.
#[test]
fn unknown_flag_is_an_error() {
    let bench = Bench::new("x86_64-linux-gnu", DIRECT);
    let linked = bench.link(&["exe"], &["-Wl,--no-such-flag"], "with");
    assert!(!linked.ok && linked.stderr.contains("--no-such-flag"), "{}", first_lines(&linked));
    assert!(!Path::new(&linked.file).exists());
}
