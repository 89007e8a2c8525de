//! The library names of the BSDs: zig has each shared library under the name that programs load, and clang links by the
//! one without a version.

use std::fs;
use std::path::Path;

use super::Component;
use super::build::Job;
use crate::error::{Error, Result};

/// compiler-rt and the unwinder in one: NetBSD's libc has both inside, and clang names neither.
const RUNTIME: &str = "libcompiler_rt.a";

impl Job<'_> {
    pub(super) fn bsd_names(&self, lib: &Path) -> Result<()> {
        let both = self.temporary.join(RUNTIME);
        self.join_archives(&[&lib.join(Component::BUILTINS), &lib.join("libunwind.a")], &both)?;
        let runtime = lib.join(RUNTIME);
        fs::rename(&both, &runtime).map_err(Error::io("create", &runtime))?;
        let entries = fs::read_dir(lib).map_err(Error::io("read", lib))?;
        for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
            let Some((stem, _)) = name.split_once(".so.") else { continue };
            let more = if stem == "libc" { format!(" {RUNTIME}") } else { String::new() };
            let script = lib.join(format!("{stem}.so"));
            let text = format!("/* GNU ld script */\nINPUT({name}{more})\n");
            fs::write(&script, text).map_err(Error::io("write", &script))?;
        }
        Ok(())
    }
}
