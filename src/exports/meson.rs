//! `xcc env --meson`: a cross file.

use std::fmt::Write as _;

use super::{Facts, machines};
use crate::error::Result;

/// A cross file.
pub(super) fn file(facts: &Facts) -> Result<String> {
    let system = machines::system(facts.target);
    let quote = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let machine = machines::of(facts.target);
    let mut text = format!(
        "# Meson cross file for {}, printed by 'xcc env --meson {}'.\n[binaries]\n",
        facts.target, facts.target
    );
    for (tool, path) in facts.tools().filter(|(tool, _)| !tool.meson.is_empty()) {
        let _ = writeln!(text, "{} = {}", tool.meson, quote(path?));
    }
    let _ = write!(
        text,
        "\n[host_machine]\nsystem = '{}'\nkernel = '{}'\ncpu_family = '{}'\ncpu = '{}'\nendian = '{}'\n",
        system.meson, system.kernel, machine.meson_family, machine.uname, machine.endian
    );
    Ok(text)
}
