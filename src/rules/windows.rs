//! Rules of the direct backend for Windows targets.

use super::{Action, On, Rule};
use crate::args::Meaning;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "windows-sanitizers-only-trap",
        on: On::Options(&[Meaning::Sanitize]),
        when: |_, context| {
            context.target.is_windows() && !context.facts.resource_dir && !context.facts.sanitizers.is_empty()
        },
        then: Action::Refuse(|_, context| {
            let checks = context.facts.sanitizers.join(",");
            format!(
                "there is no runtime library that reports; '-fsanitize-trap={checks}' ends the program instead, where the check can"
            )
        }),
        why: "the program would not link: neither zig nor xcc has a sanitizer's runtime for Windows",
    },
    Rule {
        name: "windows-program-can-always-move",
        on: On::Options(&[Meaning::NoPie]),
        when: |_, context| context.target.is_windows(),
        then: Action::Drop,
        why: "gcc for Windows takes the option and does nothing, clang would warn of it; -Wl,--disable-dynamicbase keeps a program in place",
    },
];
