//! The `zig cc` backend: zig's own driver, for comparison, as an escape hatch, and for targets to come.

use std::ffi::OsString;

use super::{Plan, Setup};
use crate::personality::Personality;
use crate::rules::Context;

pub(crate) fn command(context: &Context<'_>, setup: &Setup, plan: &mut Plan) {
    let facts = context.facts;
    let tool = if context.personality == Personality::Cxx { "c++" } else { "cc" };
    let triple = context.target.zig_program_triple();
    let mut words: Vec<OsString> = vec![tool.into(), "-target".into(), triple.into()];
    if context.personality == Personality::Cpp {
        words.push("-E".into());
    }
    if !context.target.row.zig_cpu.is_empty() && !facts.chose_cpu {
        words.push(format!("-mcpu={}", context.target.row.zig_cpu).into());
    }
    if !facts.chose_sanitizers {
        // zig turns traps for undefined behaviour on when it does not optimize (ziglang/zig#5163).
        words.push("-fno-sanitize=all".into());
    }
    // zig reads -O2 as a release build, which it lets define NDEBUG and refuse __DATE__ (ziglang/zig#23324, #20821).
    words.push("-UNDEBUG".into());
    words.push("-Wno-error=date-time".into());
    words.append(&mut plan.user);
    plan.command.program = setup.zig.path.clone();
    plan.command.args = words;
    for name in ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"] {
        plan.command.set.push((name, setup.cache.join("zig-cc").into_os_string()));
    }
}
