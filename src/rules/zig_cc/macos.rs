//! What zig's driver makes of the words of Apple's: it takes all that clang knows for a Mach-O link, and does nothing about
//! most of them. Those that matter are put in words that it acts upon, or refused; the others may stay.
//!
//! Measured with zig 0.17: each refused option left a program or a library byte for byte as it was without.

use super::{DIRECT, Fate, LinkerOption, flag, valued};
use crate::args::{Arg, Meaning};
use crate::rules::{Action, Context, On, Rule};
use crate::target::macos::Version;

const PASSED_BY: &str = "zig takes it and does nothing";

/// Behind `-Wl,`; these come before those of ELF, whose names mean something else.
#[rustfmt::skip]
pub(super) const LINKER_OPTIONS: &[LinkerOption] = &[
    flag("ObjC", super::NEVER, Fate::Say("-ObjC"), "zig reads it as a level of optimisation"),
    valued("exported_symbols_list", super::NEVER, Fate::Refuse, PASSED_BY),
    valued("undefined", 0, Fate::Refuse, "zig acts upon it; ELF's option of the name is another"),
];

/// Words of the driver for the linker: with a value of their own in the next words, or joined where the name ends with `*`.
/// Where there are words that zig acts upon, they are beside.
#[rustfmt::skip]
const DRIVER_OPTIONS: &[(&str, Option<&str>, &str)] = &[
    ("-all_load", None, "which members of archives are linked"),
    ("-allowable_client", None, "who may link with a library"),
    ("-bind_at_load", None, "when symbols are found"),
    ("-client_name", None, "who may link with a library"),
    ("-compatibility_version*", None, "the version that programs ask for"),
    ("-current_version*", None, "the version of a library"),
    ("-dead_strip", Some("-Wl,-dead_strip"), "what nobody refers to stays"),
    ("-dead_strip_dylibs", Some("-Wl,-dead_strip_dylibs"), "libraries that nobody refers to stay"),
    ("-dylinker_install_name*", None, "a name in the output"),
    ("-exported_symbols_list", None, "which symbols are exported"),
    ("-flat_namespace", None, "where symbols are looked for"),
    ("-force_flat_namespace", None, "where symbols are looked for"),
    ("-headerpad_max_install_names", Some("-Wl,-headerpad_max_install_names"), "the room for longer names"),
    ("-image_base", None, "where the image is"),
    ("-init", None, "what runs at the start"),
    ("-pagezero_size*", None, "where the image is"),
    ("-read_only_relocs", None, "whether code is changed by dyld"),
    ("-reexport-l*", None, "which names a library has"),
    ("-reexport_library", None, "which names a library has"),
    ("-sectalign", None, "where a section is"),
    ("-sectcreate", None, "a section of the output"),
    ("-seg1addr*", None, "where the image is"),
    ("-segaddr", None, "where a segment is"),
    ("-segcreate", None, "a section of the output"),
    ("-segprot", None, "what a segment allows"),
    ("-sub_library*", None, "which names a library has"),
    ("-sub_umbrella*", None, "which names a library has"),
    ("-umbrella", None, "which names a library has"),
    ("-unexported_symbols_list", None, "which symbols are exported"),
    ("-weak_library", None, "zig looks for a library that is called as the file"),
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "macos-version-is-the-targets",
        on: On::Others,
        when: |arg, context| version(arg, context).is_some_and(|version| version == context.target.macos_version()),
        then: Action::Drop,
        why: "zig takes the option and does nothing; the target that it is given has the version",
    },
    Rule {
        name: "macos-version-needs-a-target",
        on: On::Others,
        when: |arg, context| version(arg, context).is_some(),
        then: Action::Refuse(|arg, context| {
            let name = context.target.row.name;
            let target = version(arg, context).flatten().map(|version| format!("'{name}.{version}'"));
            let target = target.unwrap_or_else(|| "one with a version".to_owned());
            format!("zig's own driver passes it over and reads the target: use {target}, or MACOSX_DEPLOYMENT_TARGET")
        }),
        why: "zig takes the option and does nothing, and the program would be for another macOS",
    },
    Rule {
        name: "macos-option-is-zigs-linkers",
        on: On::Others,
        when: |arg, context| row(arg, context).is_some_and(|row| row.1.is_some()),
        then: Action::Replace(|arg, context| {
            row(arg, context).and_then(|row| row.1).into_iter().map(Into::into).collect()
        }),
        why: "zig's driver takes it and does nothing; its linker acts upon it",
    },
    needs_lld("macos-option-needs-lld", On::Others),
    needs_lld("macos-option-with-value-needs-lld", On::Options(&[Meaning::Verbatim])),
    Rule {
        name: "macos-program-at-a-fixed-place-needs-lld",
        on: On::Options(&[Meaning::NoPie]),
        when: |_, context| context.target.is_macos() && context.facts.links && context.target.row.emulation == "x86_64",
        then: Action::Refuse(|_, _| DIRECT.to_owned()),
        why: "zig's driver takes it and does nothing; on Apple's processors that is right, because every program can move",
    },
];

/// A row of [`DRIVER_OPTIONS`] for which zig has no word.
const fn needs_lld(name: &'static str, on: On) -> Rule {
    Rule {
        name,
        on,
        when: |arg, context| row(arg, context).is_some(),
        then: Action::Refuse(|_, _| DIRECT.to_owned()),
        why: "zig's driver takes it and does nothing, and the output would be another without it",
    }
}

/// The version in `-mmacosx-version-min=` and its other names; the inner `None` where it is none.
#[allow(clippy::option_option, reason = "no option, or no version")]
fn version(arg: &Arg<'_>, context: &Context<'_>) -> Option<Option<Version>> {
    let word = arg.words[0].text.to_str().filter(|_| context.target.is_macos())?;
    let names = ["-mmacosx-version-min=", "-mmacos-version-min=", "-mtargetos=macos"];
    names.iter().find_map(|name| word.strip_prefix(name)).map(Version::parse)
}

fn row(arg: &Arg<'_>, context: &Context<'_>) -> Option<&'static (&'static str, Option<&'static str>, &'static str)> {
    let word = arg.words[0].text.to_str().filter(|_| context.target.is_macos() && context.facts.links)?;
    DRIVER_OPTIONS.iter().find(|row| match row.0.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => word == row.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_say_what_is_lost() {
        assert!(DRIVER_OPTIONS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(DRIVER_OPTIONS.iter().all(|row| row.2.len() > 10));
    }
}
