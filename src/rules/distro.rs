//! What distributions put into every `CFLAGS` and `LDFLAGS` of theirs for GCC: spec files, annobin, GCC's own warnings.
//!
//! A spec file is a program in a language of GCC's driver. clang has none, and would pass it by with a warning; the few
//! that distributions use come to an option or two, which is what stands here. The flags themselves are in
//! `testdata/flags/distributions.txt`.

use std::ffi::OsString;

use super::linux::links_static_musl;
use super::{Action, Context, On, Rule};
use crate::args::{Arg, Meaning};
use crate::facts::Facts;

/// What a spec file comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Spec {
    /// Position-independent code for programs, unless the command line chose for itself; or the opposite.
    CompilePie(bool),
    /// The same for the link.
    LinkPie(bool),
    /// [`Spec::LinkPie`], and all symbols bound at the start.
    LinkPieNow,
    /// Nothing that changes code.
    Nothing,
}

/// Spec files by the path that the distribution installs them under, with the reason where one comes to nothing.
const SPECS: &[(&str, Spec, &str)] = &[
    ("/usr/share/dpkg/no-pie-compile.specs", Spec::CompilePie(false), ""),
    ("/usr/share/dpkg/no-pie-link.specs", Spec::LinkPie(false), ""),
    ("/usr/share/dpkg/pie-compile.specs", Spec::CompilePie(true), ""),
    ("/usr/share/dpkg/pie-link.specs", Spec::LinkPie(true), ""),
    ("/usr/lib/rpm/redhat/redhat-hardened-cc1", Spec::CompilePie(true), ""),
    ("/usr/lib/rpm/redhat/redhat-hardened-ld", Spec::LinkPieNow, ""),
    (
        "/usr/lib/rpm/redhat/redhat-hardened-ld-errors",
        Spec::Nothing,
        "turns warnings of GNU ld into errors: an executable stack or a writable code segment, which LLD never makes unasked",
    ),
    ("/usr/lib/rpm/redhat/redhat-annobin-cc1", Spec::Nothing, "loads annobin"),
    ("/usr/lib/rpm/redhat/redhat-annobin-select-gcc-built-plugin", Spec::Nothing, "chooses annobin's file"),
    ("/usr/lib/rpm/redhat/redhat-annobin-select-annobin-built-plugin", Spec::Nothing, "chooses annobin's file"),
    ("/usr/lib/rpm/redhat/redhat-package-notes", Spec::Nothing, "a note that names the rpm package, for crash reports"),
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "spec-of-a-distribution-is-expanded",
        on: On::Options(&[Meaning::Specs]),
        when: |arg, _| spec(arg.text()).is_some(),
        then: Action::Replace(expand),
        why: "clang reads no spec files; what the ones of Debian and Fedora say in the end is an option or two",
    },
    Rule {
        name: "spec-file-is-gccs-language",
        on: On::Options(&[Meaning::Specs]),
        when: |_, _| true,
        then: Action::Refuse(|arg, _| {
            format!("clang reads no spec files; give the options that '{}' stands for", arg.text())
        }),
        why: "clang would warn and leave out whatever the file says",
    },
    Rule {
        name: "annobin-is-a-plugin-of-gcc",
        on: On::Options(&[Meaning::Plugin]),
        when: |arg, _| is_gccs_annobin(arg.text()),
        then: Action::Drop,
        why: "annobin notes in the object how it was compiled, for an auditor of Fedora's packages; the code stays the same",
    },
    Rule {
        name: "silence-about-gccs-own-warning",
        on: On::Others,
        when: |arg, _| arg.words[0].text == "-Wno-complain-wrong-lang",
        then: Action::Drop,
        why: "Fedora's; clang has no such message to silence, and would warn of the unknown name",
    },
];

fn spec(file: &str) -> Option<Spec> {
    SPECS.iter().find(|(path, _, _)| *path == file).map(|(_, spec, _)| *spec)
}

/// `-pie` or `-no-pie`, where a spec file says it and the command line leaves it open.
pub(crate) fn link_pie(file: &str) -> Option<bool> {
    match spec(file)? {
        Spec::LinkPie(pie) => Some(pie),
        Spec::LinkPieNow => Some(true),
        Spec::CompilePie(_) | Spec::Nothing => None,
    }
}

/// The plugin's name or file, or an argument for it; not `annobin-for-clang.so`, which is clang's to load or refuse.
fn is_gccs_annobin(value: &str) -> bool {
    let name = value.rsplit('/').next().unwrap_or(value);
    let name = name.strip_prefix("gcc-").unwrap_or(name);
    name.strip_prefix("annobin").is_some_and(|rest| rest.is_empty() || rest.starts_with(".so") || rest.starts_with("-"))
        && !name.starts_with("annobin-for-")
}

fn expand(arg: &Arg<'_>, context: &Context<'_>) -> Vec<OsString> {
    let facts = context.facts;
    let words: &[&str] = match spec(arg.text()) {
        Some(Spec::CompilePie(true)) if facts.pie == Some(false) && !facts.pie_from_specs => &[],
        Some(Spec::CompilePie(pie)) => compile_pie(facts, pie),
        Some(Spec::LinkPie(pie)) if decides(facts, pie) => &[compile_pie(facts, pie), link(context, pie)].concat(),
        Some(Spec::LinkPieNow) if decides(facts, true) => &[link(context, true), &["-Wl,-z,now"]].concat(),
        Some(Spec::LinkPieNow) if facts.links => &["-Wl,-z,now"],
        _ => &[],
    };
    words.iter().map(OsString::from).collect()
}

/// The kind of program is the spec file's to say: no option of the user's has, and `facts` has heard both.
fn decides(facts: &Facts<'_>, pie: bool) -> bool {
    facts.links && facts.pie_from_specs && facts.pie == Some(pie)
}

fn compile_pie(facts: &Facts<'_>, pie: bool) -> &'static [&'static str] {
    match (facts.relocatable || facts.chose_pic || !facts.compiles, pie) {
        (true, _) => &[],
        (false, true) => &["-fPIE"],
        (false, false) => &["-fno-PIE"],
    }
}

fn link(context: &Context<'_>, pie: bool) -> &'static [&'static str] {
    match (pie, links_static_musl(context)) {
        (true, true) => &["-static-pie"],
        (true, false) => &["-pie"],
        (false, true) => &[], // The backend links with -static, which is no PIE.
        (false, false) => &["-no-pie"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annobin_of_gcc_is_told_from_that_of_clang() {
        for gcc in
            ["annobin", "gcc-annobin", "/usr/lib/gcc/x86_64-redhat-linux/14/plugin/annobin.so", "annobin-no-attach"]
        {
            assert!(is_gccs_annobin(gcc), "{gcc}");
        }
        for other in ["annobin-for-clang", "/usr/lib64/annobin-for-clang.so", "./my.so", "annobine"] {
            assert!(!is_gccs_annobin(other), "{other}");
        }
    }
}
