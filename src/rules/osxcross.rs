//! Rules of the osxcross backend, beside those that hold for every link for macOS.

use std::ffi::OsString;

use super::{Action, Context, On, Rule};
use crate::args::{Arg, Meaning};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "word-size-is-no-architecture",
        on: On::Options(&[Meaning::Bits]),
        when: |_, _| true,
        then: Action::Drop,
        why: "osxcross's wrapper reads -m64 as -arch x86_64, on arm64 too; the name of the wrapper has said the architecture",
    },
    Rule {
        name: "sysroot-is-said-as-isysroot",
        on: On::Options(&[Meaning::Sysroot]),
        when: |_, _| true,
        then: Action::Replace(isysroot),
        why: "the wrapper adds -isysroot with its own SDK, which clang prefers to a --sysroot; of two -isysroot the later counts",
    },
];

fn isysroot(arg: &Arg<'_>, context: &Context<'_>) -> Vec<OsString> {
    let beside = context.facts.isysroot.is_some();
    arg.value.filter(|_| !beside).map_or_else(Vec::new, |dir| vec!["-isysroot".into(), dir.to_owned()])
}
