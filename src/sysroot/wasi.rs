//! The sysroot of WebAssembly System Interface: zig's wasi-libc, where clang's driver looks for it.

use std::fs;
use std::path::Path;

use super::Component;
use super::build::Job;
use super::files::{copy, merge, symlink};
use super::layout::{self, On};
use crate::error::{Error, Result};

/// Flags of the probes: a command and a reactor.
const PROBES: &[&[&str]] = &[&[], &["-mexec-model=reactor"]];

impl Job<'_> {
    pub(super) fn wasi(&self) -> Result<()> {
        let (stage, to, include) = self.stage()?;
        let lib = self.temporary.join("lib");
        fs::create_dir_all(&lib).map_err(Error::io("create", &lib))?;
        let mut recipe = self.recipe();
        for (index, flags) in PROBES.iter().enumerate() {
            let probe = self.probe("cc", "probe.c", flags)?;
            let (Some(compile), Some(link)) = (probe.compile, probe.link) else {
                return Err(self.failed("zig printed no compiler or linker line that xcc can read".into()));
            };
            if index == 0 {
                self.headers(&compile, &stage, &include, &mut recipe)?;
            }
            recipe.push_str(&format!("link {}\n", flags.join(" ")));
            for file in &link.files {
                let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                let to = lib.join(if name == "libcompiler_rt.a" { Component::BUILTINS } else { name });
                if !to.exists() {
                    copy(file, &to)?;
                    recipe.push_str(&format!("  {name}\n"));
                }
            }
        }
        self.join_zigc(&lib)?;
        let resources = self.resource_lib(&stage);
        fs::create_dir_all(&resources).map_err(Error::io("create", &resources))?;
        copy(&lib.join(Component::BUILTINS), &resources.join("libclang_rt.builtins.a"))?;
        self.names(layout::WASI_NAMES, On::Wasi, &lib)?;
        merge(&lib, &to)?;
        // clang looks in the directory of the triple, for libraries alone.
        let triple = self.target.row.clang.replace("-unknown", "");
        symlink(Path::new("."), &lib, &to.join(triple))?;
        self.finish_base(&stage, &recipe)
    }
}
