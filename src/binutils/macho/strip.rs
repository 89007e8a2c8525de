//! What GNU's words for `strip` and `objcopy` come to for a Mach-O file.

use crate::binutils::copy::plan::{Discard, Plan, Strip};
use crate::binutils::elf::Result;
use crate::macho::strip;

/// Applies the plan to a thin file.
///
/// # Errors
/// Options that mean nothing for Mach-O, and what [`strip::strip`] fails with.
pub(in crate::binutils) fn apply(data: &[u8], plan: &Plan) -> Result<Vec<u8>> {
    type Asks = fn(&Plan) -> bool;
    const UNKNOWN: &[(&str, Asks)] = &[
        ("--only-keep-debug", |plan| plan.only_keep_debug),
        ("--strip-dwo", |plan| plan.strip_dwo || plan.extract_dwo),
        ("--remove-section", |plan| !plan.remove_sections.is_empty() || plan.only_sections.is_some()),
        ("--remove-relocations", |plan| !plan.remove_relocations.is_empty()),
    ];
    if let Some((option, _)) = UNKNOWN.iter().find(|row| row.1(plan)) {
        return Err(format!("'{option}' is not supported for Mach-O files"));
    }
    let remove = |name: &[u8]| plan.strip_symbols.matches(name);
    let keep = |name: &[u8]| plan.keep_symbols.matches(name);
    let plan = strip::Plan {
        // What relocations do not need is all that goes from an image, too.
        all: matches!(plan.strip, Strip::All | Strip::Unneeded),
        debug: plan.strip == Strip::Debug,
        locals: plan.discard == Discard::All,
        swift: plan.swift,
        no_uuid: plan.no_uuid,
        remove: Some(&remove),
        keep: Some(&keep),
    };
    strip::strip(data, &plan)
}

/// Apple's spellings of options, which GNU's rules would read as letters.
pub(in crate::binutils) const WORDS: &[(&str, &str)] = &[
    ("-no_uuid", "--no_uuid"),
    ("-no_code_signature_warning", "--no_code_signature_warning"),
    ("-no_atom_info", "--no_atom_info"),
    ("-arch", "--arch"),
];
