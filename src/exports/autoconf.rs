//! A site file, which every `configure` of Autoconf's reads by `CONFIG_SITE`: what it cannot find out without running a program.

use std::fmt::Write as _;
use std::path::Path;

use super::Facts;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::probe;
use crate::target::Target;

/// Answers that `configure` has for natively built programs alone: without one it guesses the worst.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "ac_cv_func_malloc_0_nonnull",
        "yes",
        "every target's C library gives a pointer; AC_FUNC_MALLOC calls rpl_malloc else",
    ),
    ("ac_cv_func_realloc_0_nonnull", "yes", "as malloc"),
];

/// Beginnings of bare targets' names, and the processor and system by which config.sub, and GNU's own tools, know them all.
const BARE: &[(&str, &str)] = &[
    ("aarch64", "aarch64-none-elf"),
    ("arm", "arm-none-eabi"),
    ("riscv32", "riscv32-unknown-elf"),
    ("riscv64", "riscv64-unknown-elf"),
    ("thumb", "arm-none-eabi"),
];

/// What `configure` takes as `--host`.
pub(crate) fn host(target: Target) -> &'static str {
    let bare = BARE.iter().filter(|_| target.is_bare()).find(|(start, _)| target.row.name.starts_with(start));
    bare.map_or_else(|| probe::gnu_triple(target), |(_, triple)| triple)
}

/// The file. It counts only where the compiler is this target's: a `configure` inside may be for the machine that builds.
///
/// A package's own `configure` is told the target by `--host`. One that another's makefile starts (that of jemalloc in Redis) is not,
/// and would stop at a program that does not run here.
pub(super) fn site(facts: &Facts) -> Result<String> {
    let (target, triple) = (facts.target, host(facts.target));
    let cc = shlex::try_quote(facts.path("cc")?).map_err(|_| Error::message("a path contains a zero byte"))?;
    let mut text =
        format!("# Site file of Autoconf for {target}, made by 'xcc env'.\ncase \" $CC \" in\n*' '{cc}' '*)\n");
    // As configure itself has them from --host, before it reads this file: at 'maybe' it tries whether a program runs.
    let _ = write!(
        text,
        "    if test -z \"$host_alias\"; then\n        \
         host_alias={triple} host={triple} ac_tool_prefix={triple}- cross_compiling=maybe\n    fi\n"
    );
    for (name, answer, _) in KNOWN {
        let _ = writeln!(text, "    : \"${{{name}={answer}}}\"");
    }
    Ok(text + "    ;;\nesac\n")
}

/// Does the user have a site file, other than one of these?
pub(super) fn is_users_own(cache: &Path, env: &Env) -> bool {
    env.get(env::CONFIG_SITE).is_some_and(|file| !file.is_empty() && !Path::new(file).starts_with(cache))
}
