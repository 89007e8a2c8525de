//! The archives that a universal program takes of a sysroot of macOS, in one file for both processors: the target's own, and
//! those of the other processor's sysroot.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use super::build::Job;
use super::{Component, MACOS_BUILTINS};
use crate::error::{Error, Result};
use crate::macho::fat::{Fat, Slice, is_fat};
use crate::macho::names;
use crate::target::Target;
use crate::whole_file;

/// An archive aligns its members to 8 bytes, a power of two.
const ALIGN: u32 = 3;

impl Component {
    /// What the other processor's sysroot must have first.
    pub(super) fn of_twin(self) -> &'static [Component] {
        match self {
            Component::Universal => &[Component::Base],
            Component::UniversalCxx => &[Component::Base, Component::CxxLibrary],
            _ => &[],
        }
    }
}

impl Job<'_> {
    /// Joins the archives of a component; the sysroot is good for one processor as before.
    pub(super) fn universal(&self, component: Component) -> Result<()> {
        let twin = self.target.macos_twin().unwrap_or(self.target);
        let other = super::path(self.cache, &self.zig.version, twin);
        let archives: &[&str] = match component {
            Component::UniversalCxx => &["usr/lib/libc++.a", "usr/lib/libstdc++.a"],
            _ => &[MACOS_BUILTINS],
        };
        for name in archives {
            let (ours, theirs) = (self.sysroot.join(name), other.join(name));
            let read = |path: &Path| fs::read(path).map_err(Error::io("read", path));
            let (our_data, their_data) = (read(&ours)?, read(&theirs)?);
            let slices = vec![self.slice(&our_data, self.target)?, self.slice(&their_data, twin)?];
            let mut file = Fat { slices, wide: false };
            file.sort();
            whole_file::write(&ours, &file.write().map_err(|why| self.failed(why))?)?;
        }
        let proof = self.sysroot.join(component.proof());
        fs::write(&proof, "").map_err(Error::io("write", &proof))
    }

    /// A processor's part of an archive of one or of both.
    fn slice<'d>(&self, data: &'d [u8], target: Target) -> Result<Slice<'d>> {
        let arch = names::arch_of_name(target.row.emulation);
        let (cpu, subtype) = arch.ok_or_else(|| self.failed("the processor is none of a Mac's".into()))?;
        if !is_fat(data) {
            return Ok(Slice { cpu, subtype, align: ALIGN, offset: 0, data: Cow::Borrowed(data) });
        }
        let slices = Fat::parse(data).map_err(|why| self.failed(why))?.slices;
        let found = slices.into_iter().find(|slice| slice.cpu == cpu);
        found.ok_or_else(|| self.failed("an archive has no part for the processor".into()))
    }
}
