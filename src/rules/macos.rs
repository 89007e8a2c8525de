//! Rules of the direct backend for macOS.

use super::{Action, Context, On, Rule};
use crate::args::{Arg, Meaning};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "arch-agrees-with-target",
        on: On::Options(&[Meaning::Arch]),
        when: |arg, context| {
            context.target.is_macos() && arg.text() != context.target.row.emulation && !context.facts.is_universal()
        },
        then: Action::Refuse(other_arch),
        why: "the target is an architecture, and clang would make another; both together make a universal file",
    },
    Rule {
        name: "macos-program-can-always-move",
        on: On::Options(&[Meaning::Pie]),
        when: |_, context| context.target.is_macos(),
        then: Action::Drop,
        why: "that is the default of every macOS that a program can be for; clang would warn that it does nothing",
    },
    Rule {
        name: "no-pie-is-the-linkers-no_pie",
        on: On::Options(&[Meaning::NoPie]),
        when: |_, context| context.target.is_macos(),
        then: Action::Replace(|_, context| {
            // The kernel starts no other kind of program on Apple's processors.
            let can_be = context.target.row.emulation == "x86_64" && context.facts.links;
            if can_be { vec!["-Wl,-no_pie".into()] } else { Vec::new() }
        }),
        why: "clang knows the option for other systems alone, and would warn; on arm64 every program can move",
    },
    Rule {
        name: "libsystem-is-never-static",
        on: On::Options(&[Meaning::Static, Meaning::StaticPie]),
        when: |_, context| context.target.is_macos() && context.facts.links_libc(),
        then: Action::Refuse(|_, _| {
            "macOS has no static C library; without the option libc++ is linked in, and libSystem is everywhere"
                .to_owned()
        }),
        why: "the kernel's interface is libSystem: no macOS has start files or a libc for static programs",
    },
];

/// Where clang's runtimes come from zig.
pub(crate) const RUNTIMES: &[Rule] = &[Rule {
    name: "macos-has-no-sanitizer-runtime",
    on: On::Options(&[Meaning::Sanitize]),
    when: |_, context| context.target.is_macos() && !context.facts.resource_dir && !context.facts.sanitizers.is_empty(),
    then: Action::Refuse(|_, _| {
        "there is no runtime library of a sanitizer for macOS; '-fsanitize=undefined -fsanitize-trap=undefined' ends the \
             program at what it finds, and a '-resource-dir' with clang's own runtimes makes the others work"
                .to_owned()
    }),
    why: "the program would not link: on macOS the runtimes are shared libraries of clang's, and zig has none",
}];

fn other_arch(arg: &Arg<'_>, context: &Context<'_>) -> String {
    let other = match arg.text() {
        "arm64" => "aarch64-macos",
        "x86_64" => "x86_64-macos",
        _ => return format!("the target is {}; 'xcc targets' lists the others", context.target.row.name),
    };
    format!("use the target '{other}' for it; '-arch arm64 -arch x86_64' makes a file for both")
}
