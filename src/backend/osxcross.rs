//! The osxcross backend: the wrappers round clang that osxcross installs, with its SDK and its linker behind them.
//!
//! The wrapper's name says the architecture, and what it adds itself (`-target`, `-isysroot`) stays its own business.

use std::ffi::OsString;

use super::{Plan, Setup};
use crate::osxcross;
use crate::personality::Personality;
use crate::rules::Context;

pub(crate) fn command(context: &Context<'_>, setup: &Setup, plan: &mut Plan) {
    let name = osxcross::compiler(context.target, context.personality == Personality::Cxx);
    plan.command.program = setup.osxcross.as_ref().map_or_else(|| name.into(), |found| found.bin.join(name));
    let mut words: Vec<OsString> = Vec::with_capacity(4 + plan.user.len());
    if context.personality == Personality::Cpp {
        words.push("-E".into());
    }
    if let Some(version) = context.target.macos_version() {
        // Its default is that of its SDK; a later one of the user's wins.
        words.push(format!("-mmacosx-version-min={version}").into());
    }
    if !context.facts.chose_sanitizers {
        words.push("-fno-sanitize=all".into());
    }
    words.append(&mut plan.user);
    plan.command.args = words;
    // The linker is osxcross's.
    plan.links = false;
}
