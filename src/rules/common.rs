//! Rules for every target and backend that is a clang: the target is xcc's to say.

use super::{Action, Context, On, Rule};
use crate::args::{Arg, Meaning};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "target-comes-from-xcc",
        on: On::Options(&[Meaning::Target]),
        when: |_, _| true,
        then: Action::Drop,
        why: "the target is already decided, this option included; the backend gets it in its own spelling",
    },
    Rule {
        name: "word-size-comes-from-target",
        on: On::Options(&[Meaning::Bits]),
        when: |arg, context| contradicts(arg, context),
        then: Action::Refuse(|_, context| other_word_size(context)),
        why: "clang would switch to another architecture, whose headers and libraries the sysroot does not have",
    },
];

/// Go passes `-m64` or `-m32` with every command, matching the target; those are clang's to read.
fn contradicts(arg: &Arg<'_>, context: &Context<'_>) -> bool {
    let is_32 = context.target.row.clang.starts_with(['i', 'a']) && !context.target.row.name.starts_with("aarch64")
        || context.target.row.name.starts_with("mips") && !context.target.row.name.starts_with("mips64");
    match arg.words[0].text.to_str() {
        Some("-m32") => !is_32,
        Some("-m64") => is_32,
        _ => true,
    }
}

fn other_word_size(context: &Context<'_>) -> String {
    let twin = match context.target.row.name {
        "x86_64-linux-gnu" => "x86-linux-gnu",
        "x86_64-linux-musl" => "x86-linux-musl",
        "x86-linux-gnu" | "i586-linux-gnu" => "x86_64-linux-gnu",
        "x86-linux-musl" | "i586-linux-musl" => "x86_64-linux-musl",
        "x86_64-windows-gnu" => "x86-windows-gnu",
        "x86-windows-gnu" => "x86_64-windows-gnu",
        _ => return "'xcc targets' lists the targets of other word sizes".to_owned(),
    };
    format!("use the target '{twin}' (for example the name 'xcc-{twin}')")
}
