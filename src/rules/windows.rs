//! Rules of the direct backend for Windows targets.

use super::{Action, On, Rule};
use crate::args::Meaning;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "windows-program-can-always-move",
        on: On::Options(&[Meaning::NoPie]),
        when: |_, context| context.target.is_windows(),
        then: Action::Drop,
        why: "gcc for Windows takes the option and does nothing, clang would warn of it; -Wl,--disable-dynamicbase keeps a program in place",
    },
    Rule {
        name: "unwind-tables-end-with-their-section",
        on: On::Others,
        when: |arg, context| {
            context.target.is_windows() && arg.text().rsplit(['/', '\\']).next() == Some("rsend.o") && arg.is_input()
        },
        then: Action::Drop,
        why: "the last object of Rust's i686-pc-windows-gnu is a zero that ends .eh_frame; lld-link puts the members of archives behind it, and nothing would unwind them",
    },
];
