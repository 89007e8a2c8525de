//! Rules of the direct backend for Linux targets: what the C runtimes inside zig cannot serve, said early and once.

use std::ffi::OsString;

use super::{Action, Context, On, Rule};
use crate::args::{Arg, Meaning};

/// Checks of `-fsanitize=` that need a runtime library which zig does not carry.
const SANITIZERS_WITHOUT_RUNTIME: &[&str] = &[
    "address",
    "hwaddress",
    "memory",
    "memtag",
    "memtag-heap",
    "memtag-stack",
    "leak",
    "dataflow",
    "fuzzer",
    "fuzzer-no-link",
    "scudo",
    "numerical",
    "type",
    "realtime",
    "pointer-compare",
    "pointer-subtract",
    "safe-stack",
];

/// How clang's driver has to be asked.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "dynamic-chooses-libc-so",
        on: On::Options(&[Meaning::Dynamic]),
        when: |_, _| true,
        then: Action::Drop,
        why: "zig's word for 'not static'; the backend has chosen the kind of link by it, and clang has no such option",
    },
    Rule {
        name: "static-program-is-no-pie-already",
        on: On::Options(&[Meaning::NoPie]),
        when: |_, context| links_static_musl(context) && !context.facts.static_pie,
        then: Action::Drop,
        why: "the backend links musl with -static, which has no use for the option, and clang would warn of it",
    },
    Rule {
        name: "static-and-pie-are-static-pie",
        on: On::Options(&[Meaning::Static]),
        when: |_, context| links_static_musl(context) && context.facts.pie == Some(true),
        then: Action::Drop,
        why: "clang would let -static win and warn of -pie; together they ask for what -static-pie says",
    },
    Rule {
        name: "pie-of-a-static-program-is-static-pie",
        on: On::Options(&[Meaning::Pie]),
        when: |_, context| links_static_musl(context) && context.facts.pie == Some(true),
        then: Action::Replace(|_, _| vec!["-static-pie".into()]),
        why: "a program for musl is static unless asked, and clang's -pie is a dynamic one",
    },
    Rule {
        name: "static-program-exports-nothing",
        on: On::Options(&[Meaning::Rdynamic]),
        when: |_, context| links_static_musl(context),
        then: Action::Drop,
        why: "a static program has no dynamic symbol table, and clang would warn of the option",
    },
    Rule {
        name: "nopie-is-spelled-no-pie",
        on: On::Options(&[Meaning::NoPie]),
        when: |arg, _| arg.words[0].text == "-nopie",
        then: Action::Replace(|_, _| vec!["-no-pie".into()]),
        why: "the older spelling, which Go and OpenBSD's clang use and clang has for OpenBSD alone",
    },
    Rule {
        name: "baseline-processor-is-the-targets",
        on: On::Options(&[Meaning::Mcpu]),
        when: |arg, _| arg.text() == "baseline",
        then: Action::Drop,
        why: "zig's name for the processor that the target has without the option",
    },
    Rule {
        name: "processor-is-spelled-as-clang-does",
        on: On::Options(&[Meaning::Mcpu]),
        when: |arg, context| processor(arg, context).is_some(),
        then: Action::Replace(|arg, context| processor(arg, context).into_iter().map(OsString::from).collect()),
        why: "zig's names of processors have underscores, and its -mcpu is clang's -march on x86, where clang refuses -mcpu",
    },
    Rule {
        name: "entry-is-a-separate-value",
        on: On::Options(&[Meaning::Entry]),
        when: |arg, _| arg.words.len() == 1,
        then: Action::Replace(|arg, _| vec!["-e".into(), arg.value.unwrap_or_default().to_owned()]),
        why: "gcc takes -eSYMBOL in one word, clang in two",
    },
];

/// What no backend on zig's runtimes can serve.
pub(crate) const RUNTIMES: &[Rule] = &[
    Rule {
        name: "glibc-is-never-static",
        on: On::Options(&[Meaning::Static, Meaning::StaticPie]),
        when: |_, context| {
            context.target.glibc_minor().is_some() && context.facts.links_libc() && context.facts.sysroot.is_none()
        },
        then: Action::Refuse(|_, context| {
            let musl = context.target.musl_twin();
            format!("zig has no static glibc; link statically against musl with the target '{musl}'")
        }),
        why: "zig ships glibc as stubs of its shared libraries; a static one does not exist",
    },
    Rule {
        name: "sanitizer-needs-runtime",
        on: On::Options(&[Meaning::Sanitize]),
        when: |arg, context| !context.facts.resource_dir && without_runtime(arg, context).is_some(),
        then: Action::Refuse(|arg, context| {
            let check = without_runtime(arg, context).unwrap_or_default();
            format!(
                "zig has no runtime library for the '{check}' sanitizer; '-fsanitize=undefined' works, and a \
                 '-resource-dir' with clang's own runtimes makes the others work"
            )
        }),
        why: "the program would not link: compiler-rt's sanitizer libraries are not inside zig",
    },
    Rule {
        name: "static-thread-sanitizer-is-a-pie",
        on: On::Options(&[Meaning::Sanitize]),
        when: |_, context| {
            let facts = context.facts;
            let is_pie = facts.static_pie || facts.pie == Some(true);
            context.target.row.name == "aarch64-linux-musl"
                && links_static_musl(context)
                && facts.sanitizers.contains(&"thread")
                && !(is_pie || facts.resource_dir)
        },
        then: Action::Refuse(|_, _| {
            "link with '-static-pie', or with '-dynamic' against musl's shared library".to_owned()
        }),
        why: "the link would end in an undefined symbol '_DYNAMIC', which a static program that is no PIE does not have",
    },
    Rule {
        name: "sanitizers-report-on-posix",
        on: On::Options(&[Meaning::Sanitize]),
        when: |_, context| {
            let has_runtime = !(context.target.is_windows() || context.target.is_wasi() || context.target.is_bare());
            !has_runtime && !context.facts.resource_dir && !context.facts.sanitizers.is_empty()
        },
        then: Action::Refuse(|_, context| {
            let checks = context.facts.sanitizers.join(",");
            format!(
                "there is no runtime library that reports; '-fsanitize-trap={checks}' ends the program instead, where the \
                 check can"
            )
        }),
        why: "the program would not link: xcc's runtime of -fsanitize=undefined is written for POSIX, and zig has none",
    },
    Rule {
        name: "profile-needs-runtime",
        on: On::Options(&[Meaning::Profile]),
        when: |_, context| !context.facts.resource_dir,
        then: Action::Refuse(|_, _| {
            "zig has no profile runtime; collect the profile with a native clang and use it here with \
             '-fprofile-use=FILE', or give a '-resource-dir' with clang's own runtimes"
                .to_owned()
        }),
        why: "the program would not link, or link and count nothing: compiler-rt's profile library is not inside zig",
    },
    Rule {
        name: "instrumentation-needs-runtime",
        on: On::Options(&[Meaning::Instrument]),
        when: |_, context| !context.facts.resource_dir,
        then: Action::Refuse(|_, _| {
            "zig has no such runtime library; give a '-resource-dir' with clang's own runtimes".to_owned()
        }),
        why: "the program would not link: compiler-rt's XRay, memory profile and minimal sanitizer libraries are not inside zig",
    },
    Rule {
        name: "libstdcxx-needs-sysroot",
        on: On::Options(&[Meaning::Stdlib]),
        when: |arg, context| arg.text() == "libstdc++" && context.facts.sysroot.is_none(),
        then: Action::Refuse(|_, _| {
            "zig has libc++; for libstdc++ give a '--sysroot' of the target with GCC's libraries".to_owned()
        }),
        why: "the headers and the ABI would be libc++'s under the other name",
    },
    Rule {
        name: "cgo-imports-need-dynamic-link",
        on: On::Options(&[Meaning::Output]),
        when: |_, context| {
            let output = context.facts.output.and_then(|output| std::path::Path::new(output).file_name());
            output.is_some_and(|name| name == "_cgo_.o") && context.facts.links && links_static_musl(context)
        },
        then: Action::Refuse(|_, _| {
            "nothing is wrong: 'go build' sees from this that it has to link with xcc instead of by itself".to_owned()
        }),
        why: "Go reads the imports of a static _cgo_.o, finds none, and links a program without its libc; \
              when this link fails it hands the final link to the compiler, which is what a static program needs",
    },
];

/// clang's words for a processor in zig's spelling: `cortex_a72`, `x86_64_v3`, `native` of x86. Features after the name stay.
fn processor(arg: &Arg<'_>, context: &Context<'_>) -> Option<String> {
    let (name, features) = arg.text().split_at(arg.text().find(['+', '-']).unwrap_or(arg.text().len()));
    let is_x86 = context.target.row.clang.starts_with("x86_64") || context.target.row.clang.starts_with('i');
    let is_zigs = name.contains('_') || is_x86 && name == "native";
    // zig's features of x86 are options of their own in clang.
    if !is_zigs || is_x86 && !features.is_empty() {
        return None;
    }
    let option = if is_x86 { "-march" } else { "-mcpu" };
    Some(format!("{option}={}{features}", name.replace('_', "-")))
}

/// The first check of a `-fsanitize=` that cannot be served.
fn without_runtime<'a>(arg: &Arg<'a>, context: &Context<'_>) -> Option<&'a str> {
    let served = |check: &&str| context.facts.sanitizers.contains(check);
    let mut checks = arg.text().split(',').filter(served);
    checks.find(|check| SANITIZERS_WITHOUT_RUNTIME.contains(check))
}

/// A program for musl that nothing makes dynamic is linked statically, as cross users expect.
pub(crate) fn links_static_musl(context: &Context<'_>) -> bool {
    let facts = context.facts;
    context.target.is_musl()
        && facts.links
        && !(facts.shared || facts.relocatable || facts.dynamic || facts.has_shared_input)
}
