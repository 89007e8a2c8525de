//! The sysroot of bare metal: clang's own headers, and zig's compiler-rt for the processor and its floating-point ABI.

use std::fs;
use std::path::PathBuf;

use super::build::Job;
use super::files::copy;
use super::{Component, layout, split};
use crate::error::{Error, Result};

impl Job<'_> {
    pub(super) fn bare(&self) -> Result<()> {
        let (stage, lib, include) = self.stage()?;
        let mut recipe = self.recipe();
        // Position-independent code reaches its data wherever a program of a 64-bit machine is.
        let wide = ["riscv64", "x86_64"].iter().any(|arch| self.target.row.zig.starts_with(arch));
        let probe = self.probe("cc", "probe.c", if wide { &["-fPIC"] } else { &[] })?;
        let (Some(compile), Some(link)) = (probe.compile, probe.link) else {
            return Err(self.failed("zig printed no compiler or linker line that xcc can read".into()));
        };
        self.headers(&compile, &stage, &include, &mut recipe)?;
        let is_runtime = |file: &&PathBuf| file.ends_with("libcompiler_rt.a");
        let runtime = link.files.iter().find(is_runtime);
        let runtime = runtime.ok_or_else(|| self.failed("zig linked no compiler-rt".into()))?;
        let builtins = lib.join(Component::BUILTINS);
        if self.is_kernel() {
            self.add_source(&stage, &builtins, layout::BARE_INTEGERS)?;
        } else {
            let archive = fs::read(runtime).map_err(Error::io("read", runtime))?;
            let archive = split::by_function(&archive, runtime).map_err(|message| self.failed(message))?;
            fs::write(&builtins, archive).map_err(Error::io("write", &builtins))?;
        }
        self.add_source(&stage, &builtins, layout::BARE_INIT)?;
        if self.target.row.zig.starts_with("riscv") {
            self.add_source(&stage, &builtins, layout::BARE_SAVE_RESTORE)?;
        }
        if self.zig.version.starts_with("0.14.") {
            for name in layout::NAMED_BY_OLD_CLANG {
                let path = lib.join(name);
                fs::write(&path, "!<arch>\n").map_err(Error::io("write", &path))?;
            }
        }
        let resources = self.resource_lib(&stage);
        fs::create_dir_all(&resources).map_err(Error::io("create", &resources))?;
        copy(&builtins, &resources.join("libclang_rt.builtins.a"))?;
        self.finish_base(&stage, &recipe)
    }

    /// May the code touch no floating-point register of x86_64? zig's own may.
    fn is_kernel(&self) -> bool {
        self.target.row.zig.starts_with("x86_64") && self.target.row.clang_flags.contains(&"-mgeneral-regs-only")
    }
}
