//! Rules of the direct backend for bare metal: newlib's spec files, and what no library of zig's is there for.

use std::ffi::OsString;

use super::{Action, Context, On, Rule};
use crate::args::{Arg, Meaning};
use crate::target::bare::{lacks_hard_float, lacks_runtime};

/// newlib's spec files, as people name them.
const SPECS: &[&str] = &["nano.specs", "nosys.specs", "rdimon.specs"];

/// Libraries that newlib-nano has under another name (`nano.specs`).
const NANO: &[&str] = &["c", "g", "rdimon", "stdc++", "supc++"];

/// GCC's words for what clang always does.
const INTERWORK: &[&str] = &["-mthumb-interwork", "-masm-syntax-unified"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "newlib-is-the-users",
        on: On::Options(&[Meaning::Specs]),
        when: |arg, context| is_newlibs(arg, context) && context.facts.sysroot.is_none(),
        then: Action::Refuse(|_, _| {
            "zig has no newlib; give one with '--sysroot=DIR', or with 'sysroot' in xcc.toml: the directory that has its \
             include and lib (/usr/lib/arm-none-eabi of Debian's libnewlib-arm-none-eabi)"
                .to_owned()
        }),
        why: "the spec file chooses among the libraries of a newlib, and there is none",
    },
    Rule {
        name: "spec-of-newlib-is-expanded",
        on: On::Options(&[Meaning::Specs]),
        when: is_newlibs,
        then: Action::Replace(expand),
        why: "clang reads no spec files; newlib's own three name a library or two",
    },
    Rule {
        name: "nano-has-its-own-libraries",
        on: On::Options(&[Meaning::Library]),
        when: |arg, context| context.target.is_bare() && context.facts.nano && NANO.contains(&arg.text()),
        then: Action::Replace(|arg, _| vec![format!("-l{}_nano", arg.text()).into()]),
        why: "nano.specs puts newlib-nano's libraries in the place of newlib's, wherever they are named",
    },
    Rule {
        name: "eabi-interworks",
        on: On::Others,
        when: |arg, context| context.target.is_bare() && INTERWORK.contains(&arg.words[0].text.to_str().unwrap_or("")),
        then: Action::Drop,
        why: "Arm's EABI has calls between Arm and Thumb code work in any case, and clang's one assembler syntax is the unified",
    },
    Rule {
        name: "single-precision-constant-is-opencls",
        on: On::Others,
        when: |arg, context| context.target.is_bare() && arg.words[0].text == "-fsingle-precision-constant",
        then: Action::Replace(|_, _| vec!["-Xclang".into(), "-cl-single-precision-constant".into()]),
        why: "clang would warn of GCC's word and go on with double precision; it has the same under OpenCL's name",
    },
    Rule {
        name: "hard-float-needs-a-unit",
        on: On::Options(&[Meaning::FloatAbi]),
        when: |arg, context| context.target.is_bare() && lacks_hard_float(context.target, arg),
        then: Action::Refuse(|_, _| {
            "the processor has no floating-point unit whose registers could hold arguments; '-mfloat-abi=soft' works, and \
             '-mcpu=' chooses another"
                .to_owned()
        }),
        why: "GCC refuses too; clang would compile for the other ABI, and the runtime library is not for it",
    },
    Rule {
        name: "runtime-runs-on-the-machine",
        on: On::Options(&[Meaning::March]),
        when: |arg, context| {
            context.target.is_bare() && context.facts.links_builtins() && lacks_runtime(context.target, arg.text())
        },
        then: Action::Refuse(|_, _| {
            "there is no runtime library for these instructions; link with '-nodefaultlibs', or compile for a machine of \
             'xcc targets'"
                .to_owned()
        }),
        why: "compiler-rt would have instructions that the processor does not have, or another ABI",
    },
];

fn is_newlibs(arg: &Arg<'_>, context: &Context<'_>) -> bool {
    context.target.is_bare() && SPECS.contains(&arg.text())
}

/// What a spec file says in the end. LLD looks for a symbol in every archive of the line, so no groups are needed.
fn expand(arg: &Arg<'_>, context: &Context<'_>) -> Vec<OsString> {
    let facts = context.facts;
    let mut words: Vec<OsString> = Vec::new();
    let nano = if facts.nano { "_nano" } else { "" };
    match arg.text() {
        "nano.specs" => {
            if facts.compiles {
                // Arm's place for them, and Debian's.
                for dir in ["include/newlib-nano", "include/nano"] {
                    let sysroot = facts.sysroot.unwrap_or_default();
                    let path = std::path::Path::new(sysroot).join(dir);
                    words.extend(["-isystem".into(), path.into_os_string()]);
                }
            }
            if facts.links_libc() {
                words.extend(["-nolibc", "-lc_nano"].map(OsString::from));
            }
        }
        "nosys.specs" if facts.links_libc() => words.push("-lnosys".into()),
        "rdimon.specs" => {
            if facts.links && !facts.nostartfiles && !facts.nostdlib {
                words.extend(["-nostartfiles", "-l:rdimon-crt0.o"].map(OsString::from));
            }
            if facts.links_libc() {
                words.push(format!("-lrdimon{nano}").into());
            }
        }
        _ => {}
    }
    words
}
