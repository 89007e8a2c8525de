//! Rules of the direct backend for the BSDs.

use super::{Action, Context, On, Rule};
use crate::args::Meaning;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "libc-of-a-bsd-is-never-static",
        on: On::Options(&[Meaning::Static, Meaning::StaticPie]),
        when: |_, context| context.target.is_bsd() && context.facts.links_libc() && context.facts.sysroot.is_none(),
        then: Action::Refuse(|_, _| {
            "zig has no static libc of the system; link dynamically, or give a '--sysroot'".to_owned()
        }),
        why: "zig ships it as stubs of its shared libraries; a static one does not exist",
    },
    Rule {
        name: "bfd-of-the-host-links-no-bsd",
        on: On::Options(&[Meaning::FuseLd]),
        when: |arg, context| means_lld(arg.text(), context),
        then: Action::Drop,
        why: "Go insists on ld.bfd on FreeBSD/arm64 (golang/go#35197); the host's knows no such files, and LLD links them",
    },
];

/// Is it the GNU linker that a build for a BSD asks for, in the place of which LLD links?
pub(crate) fn means_lld(linker: &str, context: &Context<'_>) -> bool {
    context.target.is_bsd() && linker == "bfd"
}
