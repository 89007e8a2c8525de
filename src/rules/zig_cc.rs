//! Rules over zig's own driver (`XCC_BACKEND=zig-cc`), which re-parses a command line and refuses, drops or alters
//! what it does not know. What matters and cannot be said to it is refused: the direct backend honours it.

pub(crate) mod macos;

use std::ffi::OsString;

use super::{Action, Context, On, Rule};
use crate::args::{Arg, Meaning, Syntax};
use crate::facts::Facts;

/// What becomes of a linker option that zig's driver does not take.
enum Fate {
    /// The output does not depend on it, or the reason says what is lost.
    Drop,
    /// Dropped with such others on the command line only; zig takes it else.
    DropWith(fn(&Facts<'_>) -> bool),
    /// Other words for it: `$` stands for its value. Without a comma before it, a word is one of the driver.
    Say(&'static str),
    /// The output would be another without it.
    Refuse,
}

/// A linker option as LLD knows it; one dash or two are the same to it.
struct LinkerOption {
    /// Without dashes; a `*` at the end stands for whatever follows in the same word. `z KEYWORD` is one of `-z`.
    name: &'static str,
    /// Where no `=` joins a value, it is the next word.
    has_value: bool,
    /// The first zig (minor of 0.x) whose driver takes it as it is.
    since: u32,
    fate: Fate,
    #[allow(dead_code, reason = "for the reader of the table")]
    why: &'static str,
}

const NEVER: u32 = u32::MAX;

const fn flag(name: &'static str, since: u32, fate: Fate, why: &'static str) -> LinkerOption {
    LinkerOption { name, has_value: false, since, fate, why }
}

const fn valued(name: &'static str, since: u32, fate: Fate, why: &'static str) -> LinkerOption {
    LinkerOption { name, has_value: true, since, fate, why }
}

const PRINTS: &str = "about what the linker prints alone";
const SPEED: &str = "about the linker's speed or memory alone";
const DEFAULT: &str = "what LLD does anyway, or has no notion of";
const PASSED_BY: &str = "zig 0.17 passes it by for Windows, without a word";
const LAYOUT: &str = "decides what is in the output, or where";

use Fate::{Drop, DropWith, Refuse, Say};

/// Measured with each zig by `tests/linker_flags.rs`, which holds every one of them up against a real link.
#[rustfmt::skip]
const LINKER_OPTIONS: &[LinkerOption] = &[
    flag("Bsymbolic-functions", NEVER, Drop, "speed of calls within a library; Ubuntu's default LDFLAGS have it"),
    flag("Bsymbolic-non-weak", NEVER, Drop, "as -Bsymbolic-functions"),
    flag("Bsymbolic-non-weak-functions", NEVER, Drop, "as -Bsymbolic-functions"),
    flag("I*", NEVER, Refuse, "the program interpreter"),
    flag("M", NEVER, Drop, PRINTS),
    valued("Map", NEVER, Refuse, "writes a file"),
    flag("N", NEVER, Refuse, LAYOUT),
    flag("O*", NEVER, Drop, "zig takes it with a warning; merging of strings alone"),
    flag("T*", NEVER, Refuse, LAYOUT),
    flag("X", NEVER, Drop, "local labels in the symbol table"),
    flag("allow-multiple-definition", NEVER, Refuse, "which definition is linked"),
    flag("apply-dynamic-relocs", NEVER, Refuse, "contents of relocated words"),
    flag("be8", NEVER, Refuse, "byte order of code"),
    flag("call-graph-profile-sort*", NEVER, Drop, "order of functions in memory"),
    flag("compress-debug-sections=zlib-gnu", NEVER, Say(",--compress-debug-sections=zlib"), "GNU's old name of it"),
    flag("copy-dt-needed-entries", NEVER, Drop, DEFAULT),
    flag("cref", NEVER, Drop, PRINTS),
    flag("default-symver", NEVER, Refuse, "the versions of symbols"),
    valued("defsym", NEVER, Refuse, "defines a symbol"),
    flag("demangle", NEVER, Drop, PRINTS),
    valued("dynamic-linker", NEVER, Refuse, "zig 0.16 hands it to its compiler-rt as well, and fails"),
    valued("dynamic-list", NEVER, Refuse, "which symbols are exported"),
    flag("emit-relocs", NEVER, Refuse, LAYOUT),
    flag("error-limit*", NEVER, Drop, PRINTS),
    valued("exclude-libs", NEVER, Refuse, "which symbols are exported"),
    valued("export-dynamic-symbol", NEVER, Refuse, "which symbols are exported; Go asks, and falls back to -rdynamic"),
    flag("fatal-warnings", 17, Drop, PRINTS),
    valued("fini", NEVER, Refuse, "what runs at the end"),
    flag("fix-cortex-a53-843419", NEVER, Drop, "rustc asks on every AArch64 link and zig cannot: programs stay without it, for early Cortex-A53 (README)"),
    flag("gc-sections", NEVER, DropWith(|facts| facts.keeps_start_stop), "where -z nostart-stop-gc has become --no-gc-sections: this would undo it"),
    valued("icf", NEVER, Refuse, "which functions are one"),
    valued("init", NEVER, Refuse, "what runs at the start"),
    flag("ld-generated-unwind-info", NEVER, Drop, DEFAULT),
    flag("lto-O*", NEVER, Drop, SPEED),
    valued("m", NEVER, Drop, "the target has decided it; zig warns"),
    flag("maarch64*", NEVER, Drop, "the target has decided it"),
    flag("marmelf*", NEVER, Drop, "the target has decided it"),
    flag("melf*", NEVER, Drop, "the target has decided it"),
    flag("n", NEVER, Refuse, LAYOUT),
    flag("nmagic", NEVER, Refuse, LAYOUT),
    flag("no-apply-dynamic-relocs", NEVER, Drop, DEFAULT),
    flag("no-call-graph-profile-sort", NEVER, Drop, "order of functions in memory"),
    flag("no-copy-dt-needed-entries", NEVER, Drop, DEFAULT),
    flag("no-demangle", NEVER, Drop, PRINTS),
    flag("no-dynamic-linker", NEVER, Refuse, "the program interpreter"),
    flag("no-fatal-warnings", 17, Drop, PRINTS),
    flag("no-keep-memory", NEVER, Drop, SPEED),
    flag("no-ld-generated-unwind-info", NEVER, Drop, DEFAULT),
    flag("no-pie", NEVER, Say("-no-pie"), "a word of the driver"),
    flag("no-relax", NEVER, Refuse, "contents of code"),
    flag("no-rosegment", NEVER, Drop, "size on disk alone; rustc has it on some links"),
    flag("no-threads", NEVER, Drop, SPEED),
    flag("no-undefined-version", 15, Drop, "LLD's default, and an error that zig does not make"),
    flag("no-warn-mismatch", NEVER, Drop, PRINTS),
    flag("no-warn-search-mismatch", NEVER, Drop, PRINTS),
    flag("omagic", NEVER, Refuse, LAYOUT),
    valued("orphan-handling", NEVER, Refuse, LAYOUT),
    valued("pack-dyn-relocs", NEVER, Refuse, "the dynamic linker of old systems cannot read packed relocations"),
    valued("package-metadata", NEVER, Refuse, "a note in the output"),
    flag("plugin-opt=O*", NEVER, Drop, SPEED),
    flag("plugin-opt=-pass-through*", NEVER, Drop, "of GCC's plugin"),
    flag("plugin-opt=-fresolution*", NEVER, Drop, "of GCC's plugin"),
    valued("plugin-opt", NEVER, Refuse, "link-time optimisation"),
    flag("pop-state", NEVER, Refuse, "decides how the libraries before and after it are linked"),
    flag("push-state", NEVER, Refuse, "decides how the libraries after it are linked"),
    flag("q", NEVER, Refuse, LAYOUT),
    flag("reduce-memory-overheads", NEVER, Drop, SPEED),
    flag("relax", NEVER, Drop, DEFAULT),
    valued("reproduce", NEVER, Refuse, "writes a file"),
    valued("retain-symbols-file", NEVER, Refuse, "which symbols the output has"),
    valued("rpath-link", NEVER, Drop, "LLD looks at no libraries of libraries; zig warns"),
    valued("section-start", NEVER, Refuse, LAYOUT),
    flag("spare-dynamic-tags*", NEVER, Drop, DEFAULT),
    flag("stats", NEVER, Drop, PRINTS),
    valued("symbol-ordering-file", NEVER, Refuse, LAYOUT),
    valued("sysroot", NEVER, Refuse, "where libraries are found"),
    flag("t", NEVER, Drop, PRINTS),
    flag("thinlto-jobs*", NEVER, Drop, SPEED),
    flag("threads*", NEVER, Drop, SPEED),
    flag("trace", NEVER, Drop, PRINTS),
    valued("undefined", NEVER, Say(",-u,$"), "zig knows the short form alone (cargo-zigbuild#162)"),
    valued("unresolved-symbols", NEVER, Refuse, "whether an undefined symbol is an error"),
    flag("verbose", NEVER, Drop, PRINTS),
    flag("warn-common", NEVER, Drop, PRINTS),
    flag("warn-once", NEVER, Drop, PRINTS),
    flag("warn-unresolved-symbols", NEVER, Refuse, "whether an undefined symbol is an error"),
    valued("wrap", 17, Refuse, "which function is called"),
    flag("z ibt", NEVER, Drop, DEFAULT),
    flag("z initfirst", NEVER, Refuse, "a mark for the dynamic linker"),
    flag("z interpose", NEVER, Refuse, "a mark for the dynamic linker"),
    flag("z keep-text-section-prefix", NEVER, Refuse, LAYOUT),
    flag("z muldefs", NEVER, Refuse, "which definition is linked"),
    flag("z nodlopen", NEVER, Refuse, "a mark for the dynamic linker"),
    flag("z noseparate-code", NEVER, Drop, DEFAULT),
    flag("z nostart-stop-gc", NEVER, Say(",--no-gc-sections"), "keeps what rustc's linkme-like sections hold, and the rest with it"),
    flag("z pack-relative-relocs", NEVER, Refuse, LAYOUT),
    flag("z separate-code", NEVER, Refuse, LAYOUT),
    flag("z shstk", NEVER, Refuse, "a mark for the kernel"),
    flag("z start-stop-gc", NEVER, Drop, DEFAULT),
];

/// Those of Windows that zig takes and does nothing with; they come before the others. What it knows not it names itself.
#[rustfmt::skip]
const PE_OPTIONS: &[LinkerOption] = &[
    flag("build-id=none", NEVER, Drop, DEFAULT),
    flag("build-id*", NEVER, Refuse, PASSED_BY),
    flag("compress-debug-sections*", NEVER, Refuse, PASSED_BY),
    flag("disable-auto-image-base", NEVER, Drop, "the system moves a DLL wherever there is room; zig warns"),
    flag("enable-auto-image-base*", NEVER, Drop, "the system moves a DLL wherever there is room; zig warns"),
    flag("export-all-symbols", NEVER, Refuse, PASSED_BY),
    valued("major-os-version", NEVER, Refuse, PASSED_BY),
    valued("major-subsystem-version", NEVER, Refuse, "with a subsystem beside it zig sets the system's version as well, without one neither"),
    valued("minor-os-version", NEVER, Refuse, PASSED_BY),
    valued("minor-subsystem-version", NEVER, Refuse, "as --major-subsystem-version"),
    valued("version-script", NEVER, Refuse, PASSED_BY),
    valued("wrap", NEVER, Refuse, PASSED_BY),
];

/// gcc's names of AArch64 extensions, and LLVM's where they differ.
const AARCH64_EXTENSIONS: &[(&str, &str)] = &[
    ("fcma", "complxnum"),
    ("fp", "fp_armv8"),
    ("fp16", "fullfp16"),
    ("jscvt", "jsconv"),
    ("memtag", "mte"),
    ("profile", "spe"),
    ("rng", "rand"),
    ("simd", "neon"),
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "gcc-unwinder-is-libunwind",
        on: On::Options(&[Meaning::Library]),
        when: |arg, _| matches!(arg.text(), "gcc_s" | "gcc_eh"),
        then: Action::Replace(|_, _| vec!["-lunwind".into()]),
        why: "zig has no libgcc; LLVM's libunwind has its unwinder, compiler-rt the rest",
    },
    Rule {
        name: "musl-libc-is-zigs-own",
        on: On::Options(&[Meaning::Library]),
        when: |arg, context| arg.text() == "c" && context.target.is_musl(),
        then: Action::Drop,
        why: "zig adds libc itself; a second one, such as Rust's own, defines every symbol twice (ziglang/zig#5320)",
    },
    Rule {
        name: "crt-objects-are-zigs-own",
        on: On::Others,
        when: |arg, context| context.target.is_musl() && is_own_crt_object(arg),
        then: Action::Drop,
        why: "zig adds crt1.o even with -nostartfiles, and Rust's self-contained one defines _start again",
    },
    Rule {
        name: "static-pie-is-two-words",
        on: On::Options(&[Meaning::StaticPie]),
        when: |_, _| true,
        then: Action::Replace(|_, _| vec!["-static".into(), "-pie".into()]),
        why: "zig takes -static-pie and makes a program that is not position-independent",
    },
    Rule {
        name: "entry-is-a-linker-option",
        on: On::Options(&[Meaning::Entry]),
        when: |arg, _| arg.words.len() == 1,
        then: Action::Replace(|arg, _| vec![format!("-Wl,--entry={}", arg.text()).into()]),
        why: "zig's driver does not know -eSYMBOL",
    },
    Rule {
        name: "tuning-is-zigs-choice",
        on: On::Options(&[Meaning::Mtune]),
        when: |_, _| true,
        then: Action::Drop,
        why: "zig reads -mtune as a processor to compile for; instruction scheduling alone is lost",
    },
    Rule {
        name: "baseline-isa-is-zigs-default",
        on: On::Options(&[Meaning::March]),
        when: |arg, context| names_baseline(arg.text(), context.target.row.clang),
        then: Action::Drop,
        why: "the backend has already given zig the processor of the target, which this names again",
    },
    Rule {
        name: "processor-is-spelled-as-zig-does",
        on: On::Options(&[Meaning::Mcpu, Meaning::March]),
        when: |arg, context| processor(arg, context).is_some(),
        then: Action::Replace(|arg, context| processor(arg, context).into_iter().map(OsString::from).collect()),
        why: "zig's names of processors and features have underscores, and a dash takes a feature away (ziglang/zig#4911)",
    },
    Rule {
        name: "isa-string-needs-clang",
        on: On::Options(&[Meaning::March]),
        when: |arg, _| arg.text().starts_with("rv") || arg.text().starts_with("armv"),
        then: Action::Refuse(|_, _| DIRECT.to_owned()),
        why: "zig takes names of processors, not of instruction sets",
    },
    Rule {
        name: "fpu-needs-clang",
        on: On::Options(&[Meaning::Mfpu]),
        when: |_, _| true,
        then: Action::Refuse(|_, _| DIRECT.to_owned()),
        why: "zig takes -mfpu and does nothing with it: its floating-point unit is that of the processor",
    },
    Rule {
        name: "universal-files-need-clang",
        on: On::Options(&[Meaning::Arch]),
        when: |_, context| context.facts.is_universal(),
        then: Action::Refuse(|_, _| DIRECT.to_owned()),
        why: "zig's driver takes -arch twice and makes one architecture",
    },
    Rule {
        name: "windows-subsystem-is-a-linker-option",
        on: On::Others,
        when: |arg, context| context.target.is_windows() && subsystem(arg).is_some(),
        then: Action::Replace(|arg, _| {
            subsystem(arg).map(|name| format!("-Wl,--subsystem,{name}").into()).into_iter().collect()
        }),
        why: "zig takes -mwindows and makes a program that opens a console",
    },
    Rule {
        name: "linker-option-needs-lld",
        on: On::Options(&[Meaning::Linker, Meaning::LinkerZ]),
        when: |arg, context| linker_options(arg, context).any(|(row, _)| matches!(row, Some(Refuse))),
        then: Action::Refuse(|_, _| DIRECT.to_owned()),
        why: "zig's driver refuses it, and the output would be another without it",
    },
    Rule {
        name: "linker-option-is-put-as-zig-knows-it",
        on: On::Options(&[Meaning::Linker, Meaning::LinkerZ]),
        when: |arg, context| linker_options(arg, context).any(|(row, _)| row.is_some()),
        then: Action::Replace(restated),
        why: "zig's driver refuses the option: it goes where the output does not depend on it, or is said in other words",
    },
];

const DIRECT: &str = "zig's own driver cannot; the direct backend can (unset XCC_BACKEND)";

/// The name in `-mwindows` and `-mconsole`.
fn subsystem(arg: &Arg<'_>) -> Option<&'static str> {
    ["windows", "console"].into_iter().find(|name| {
        arg.words[0].text.to_str().and_then(|word| word.strip_prefix("-m")).is_some_and(|word| word == *name)
    })
}

/// Is this instruction set what every program of the target has, in the words of its clang triple?
fn names_baseline(march: &str, clang: &str) -> bool {
    match march {
        "rv64gc" | "rv64imafdc" | "loongarch64" => true,
        "armv7-a" | "armv7a" => clang.starts_with("armv7"),
        "armv6" | "armv6k" => clang.starts_with("armv6"),
        "armv5te" => clang.starts_with("armv5te"),
        _ => false,
    }
}

fn is_own_crt_object(arg: &Arg<'_>) -> bool {
    let name = arg.text().rsplit(['/', '\\']).next().unwrap_or("");
    matches!(
        name,
        "crt1.o"
            | "Scrt1.o"
            | "rcrt1.o"
            | "crti.o"
            | "crtn.o"
            | "crtbegin.o"
            | "crtbeginS.o"
            | "crtend.o"
            | "crtendS.o"
    )
}

/// The options of one argument for the linker, each with its words, and what becomes of it if zig does not take it.
fn linker_options<'a>(
    arg: &Arg<'a>,
    context: &Context<'_>,
) -> impl Iterator<Item = (Option<&'static Fate>, Vec<&'a str>)> {
    let words: Vec<&str> = match arg.opt {
        Some(opt) if opt.meaning == Meaning::LinkerZ => vec!["-z", arg.text()],
        Some(opt) if opt.syntax == Syntax::CommaJoined => arg.text().split(',').collect(),
        _ => vec![arg.text()],
    };
    let mut rest = words.into_iter();
    std::iter::from_fn(move || {
        let word = rest.next()?;
        let mut all = vec![word];
        let keyword = if word == "-z" { rest.next() } else { word.strip_prefix("-z").filter(|rest| !rest.is_empty()) };
        let name = match keyword {
            Some(keyword) => format!("z {}", keyword.split('=').next().unwrap_or("")),
            None => word.trim_start_matches('-').to_owned(),
        };
        if word == "-z" {
            all.extend(keyword);
        }
        let of_system = match context.target {
            target if target.is_windows() => PE_OPTIONS,
            target if target.is_macos() => macos::LINKER_OPTIONS,
            _ => &[],
        };
        let row = of_system.iter().chain(LINKER_OPTIONS).find(|row| word.starts_with('-') && row.matches(&name));
        if row.is_some_and(|row| row.has_value) && !word.contains('=') {
            all.extend(rest.next());
        }
        let fate = row.filter(|row| context.zig.1 < row.since).map(|row| &row.fate);
        Some((fate.filter(|fate| !matches!(fate, DropWith(holds) if !holds(context.facts))), all))
    })
}

impl LinkerOption {
    fn matches(&self, word: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(beginning) => word.starts_with(beginning),
            None => word == self.name || self.has_value && word.split('=').next() == Some(self.name),
        }
    }
}

/// The argument without the options that zig refuses, and with its words for others.
fn restated(arg: &Arg<'_>, context: &Context<'_>) -> Vec<OsString> {
    let mut said = Vec::new();
    let mut group = String::new();
    for (fate, words) in linker_options(arg, context) {
        match fate {
            None => words.iter().for_each(|word| group.extend([",", word])),
            Some(Drop | DropWith(_) | Refuse) => {}
            Some(Say(other)) => {
                let value = words[0].split_once('=').map_or_else(|| words.last().copied(), |(_, value)| Some(value));
                let other = other.replace('$', value.unwrap_or(""));
                if other.starts_with(',') { group.push_str(&other) } else { said.push(other.into()) }
            }
        }
    }
    if !group.is_empty() {
        said.insert(0, format!("-Wl{group}").into());
    }
    said
}

/// gcc's first names of processors, and those that zig has alone; clang has both.
const OLD_NAMES: &[(&str, &str)] =
    &[("core-avx-i", "ivybridge"), ("core-avx2", "haswell"), ("corei7-avx", "sandybridge")];

/// zig's `-mcpu=` for a `-mcpu=` or `-march=`, where one exists and is spelled differently.
fn processor(arg: &Arg<'_>, context: &Context<'_>) -> Option<String> {
    let text = arg.text();
    let (base, extensions) = text.split_once('+').map_or((text, None), |(base, rest)| (base, Some(rest)));
    let aarch64 = context.target.row.name.starts_with("aarch64");
    let base = match base {
        "armv8-a" if aarch64 => "generic".to_owned(),
        _ if aarch64 && base.starts_with("armv") => {
            let level = base.strip_prefix("armv")?.strip_suffix("-a")?;
            format!("generic+v{}a", level.replace('.', "_"))
        }
        _ if base.starts_with("armv") || base.starts_with("rv") => return None,
        _ if base.starts_with("power") && !base.starts_with("powerpc") => base.replace("power", "pwr"),
        _ => OLD_NAMES
            .iter()
            .find(|(old, _)| *old == base)
            .map_or_else(|| base.replace('-', "_"), |row| row.1.to_owned()),
    };
    let mut spelled = format!("-mcpu={base}");
    for extension in extensions.into_iter().flat_map(|all| all.split('+')) {
        let (sign, name) = extension.strip_prefix("no").map_or(('+', extension), |name| ('-', name));
        let name = AARCH64_EXTENSIONS.iter().find(|(gcc, _)| *gcc == name).map_or(name, |(_, llvm)| llvm);
        spelled.push(sign);
        spelled.push_str(&name.replace('-', "_"));
    }
    (spelled != arg.words[0].text.to_str()?).then_some(spelled)
}
