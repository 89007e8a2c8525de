//! GNU ld's options for PE, one row each, and what lld-link is told instead. Data only; `mingw_ld.rs` walks it.
//!
//! The names are those of GNU ld's manual and of LLD's MinGW front; the words on the right are lld-link's own.

use Switch as S;
use Takes::{Letter, Nothing, Optional, Rest, Value};
use Then::{Drop, Prefix, Refuse, Static, Whole, Words};

/// How an option takes its value. All but [`Takes::Letter`] are written with one dash or two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Takes {
    Nothing,
    /// `--name=VALUE` or `--name VALUE`.
    Value,
    /// `--name` or `--name=VALUE`.
    Optional,
    /// The rest of the word, without a `=` of its own.
    Rest,
    /// One letter: `-lNAME` or `-l NAME`.
    Letter,
}

/// Switches of which the last one on the command line wins. The order is that of their words on lld-link's line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Switch {
    Aslr,
    HighEntropy,
    Nx,
    TerminalServer,
    LargeAddress,
    Seh,
    Relocations,
    Timestamp,
    Gc,
    Icf,
    AutoImport,
    PseudoRelocations,
    StdcallFixup,
    Demangle,
    Debug,
    BuildId,
    Fatal,
}

/// How many there are.
pub(super) const SWITCHES: usize = Switch::Fatal as usize + 1;

/// Two numbers that lld-link takes in one word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Version {
    Os,
    Subsystem,
    Image,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Then {
    /// These words.
    Words(&'static [&'static str]),
    /// A symbol that is a number or another name.
    Symbol,
    /// One word: this and the value.
    Prefix(&'static str),
    /// The words of a switch, in place of what was said before.
    Switch(Switch, &'static [&'static str]),
    /// A part of a version, `true` for the first number.
    Version(Version, bool),
    Output,
    Emulation,
    Entry,
    Subsystem,
    Pdb,
    BuildId,
    Directory,
    Library,
    /// Are the libraries that follow static ones only?
    Static(bool),
    /// Is every member of the archives that follow taken?
    Whole(bool),
    Push,
    Pop,
    /// A rule of LTO in the words of a linker plugin.
    Plugin,
    /// `-z KEYWORD`.
    Keyword,
    /// Nothing: why it cannot matter for PE is the reason of the row.
    Drop,
    /// An error, whose help is the reason of the row.
    Refuse,
}

pub(super) struct Opt {
    /// Without dashes.
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) then: Then,
    /// Of a row that drops or refuses: why.
    pub(super) why: &'static str,
}

const fn row(name: &'static str, takes: Takes, then: Then) -> Opt {
    Opt { name, takes, then, why: "" }
}

const fn because(name: &'static str, takes: Takes, then: Then, why: &'static str) -> Opt {
    Opt { name, takes, then, why }
}

const fn switch(name: &'static str, which: Switch, words: &'static [&'static str]) -> Opt {
    row(name, Nothing, Then::Switch(which, words))
}

const NO_FIELD: &str = "a PE file has no such field; GNU ld writes none either";
const NOTHING_UNDEFINED: &str = "a PE file cannot leave a symbol open, so this is what every link does";
const AGAIN: &str = "lld-link looks through all libraries until nothing is open";
const GNUS_MEMORY: &str = "the linker's own work, not the output";

#[rustfmt::skip]
pub(super) const OPTIONS: &[Opt] = &[
    // What goes in.
    row("L", Letter, Then::Directory),
    row("library-path", Value, Then::Directory),
    row("l", Letter, Then::Library),
    row("library", Value, Then::Library),
    row("Bstatic", Nothing, Static(true)),
    row("static", Nothing, Static(true)),
    row("dn", Nothing, Static(true)),
    row("non_shared", Nothing, Static(true)),
    row("Bdynamic", Nothing, Static(false)),
    row("dy", Nothing, Static(false)),
    row("call_shared", Nothing, Static(false)),
    row("whole-archive", Nothing, Whole(true)),
    row("no-whole-archive", Nothing, Whole(false)),
    row("push-state", Nothing, Then::Push),
    row("pop-state", Nothing, Then::Pop),
    because("start-group", Nothing, Drop, AGAIN),
    because("end-group", Nothing, Drop, AGAIN),
    because("(", Nothing, Drop, AGAIN),
    because(")", Nothing, Drop, AGAIN),
    because("as-needed", Nothing, Drop, "a PE file names a DLL only when it imports something of it"),
    because("no-as-needed", Nothing, Drop, "a PE file names a DLL only when it imports something of it"),
    row("delayload", Value, Prefix("-delayload:")),
    row("allow-multiple-definition", Nothing, Words(&["-force:multiple"])),
    row("z", Letter, Then::Keyword),
    // What comes out.
    row("o", Letter, Then::Output),
    row("output", Value, Then::Output),
    row("shared", Nothing, Words(&["-dll"])),
    row("Bshareable", Nothing, Words(&["-dll"])),
    row("dll", Nothing, Words(&["-dll"])),
    row("m", Letter, Then::Emulation),
    row("e", Letter, Then::Entry),
    row("entry", Value, Then::Entry),
    row("out-implib", Value, Prefix("-implib:")),
    row("output-def", Value, Prefix("-output-def:")),
    row("Map", Value, Prefix("-lldmap:")),
    row("pdb", Optional, Then::Pdb),
    row("build-id", Optional, Then::BuildId),
    switch("s", S::Debug, &[]),
    switch("strip-all", S::Debug, &[]),
    switch("S", S::Debug, &["-debug:symtab"]),
    switch("strip-debug", S::Debug, &["-debug:symtab"]),
    // Symbols.
    row("u", Letter, Prefix("-includeoptional:")),
    row("undefined", Value, Prefix("-includeoptional:")),
    row("require-defined", Value, Prefix("-include:")),
    row("wrap", Value, Prefix("-wrap:")),
    row("export-all-symbols", Nothing, Words(&["-export-all-symbols"])),
    row("exclude-all-symbols", Nothing, Words(&["-exclude-all-symbols"])),
    row("exclude-symbols", Value, Prefix("-exclude-symbols:")),
    row("kill-at", Nothing, Words(&["-kill-at"])),
    row("defsym", Value, Then::Symbol),
    row("warn-unresolved-symbols", Nothing, Words(&["-force:unresolved"])),
    switch("enable-auto-import", S::AutoImport, &["-auto-import"]),
    switch("disable-auto-import", S::AutoImport, &["-auto-import:no"]),
    switch("enable-runtime-pseudo-reloc", S::PseudoRelocations, &["-runtime-pseudo-reloc"]),
    switch("enable-runtime-pseudo-reloc-v2", S::PseudoRelocations, &["-runtime-pseudo-reloc"]),
    switch("disable-runtime-pseudo-reloc", S::PseudoRelocations, &["-runtime-pseudo-reloc:no"]),
    switch("enable-stdcall-fixup", S::StdcallFixup, &["-stdcall-fixup"]),
    switch("disable-stdcall-fixup", S::StdcallFixup, &["-stdcall-fixup:no"]),
    switch("demangle", S::Demangle, &["-demangle"]),
    switch("no-demangle", S::Demangle, &["-demangle:no"]),
    because("export-dynamic", Nothing, Drop, "GNU ld exports nothing from a PE file by it; --export-all-symbols does"),
    because("E", Nothing, Drop, "GNU ld exports nothing from a PE file by it; --export-all-symbols does"),
    because("no-undefined", Nothing, Drop, NOTHING_UNDEFINED),
    because("no-allow-shlib-undefined", Nothing, Drop, NOTHING_UNDEFINED),
    because("allow-shlib-undefined", Nothing, Drop, "an import library says nothing of what its DLL needs"),
    because("Bsymbolic", Nothing, Drop, "a PE file binds its own symbols in any case"),
    because("Bsymbolic-functions", Nothing, Drop, "a PE file binds its own symbols in any case"),
    // The headers.
    row("subsystem", Value, Then::Subsystem),
    row("major-os-version", Value, Then::Version(Version::Os, true)),
    row("minor-os-version", Value, Then::Version(Version::Os, false)),
    row("major-subsystem-version", Value, Then::Version(Version::Subsystem, true)),
    row("minor-subsystem-version", Value, Then::Version(Version::Subsystem, false)),
    row("major-image-version", Value, Then::Version(Version::Image, true)),
    row("minor-image-version", Value, Then::Version(Version::Image, false)),
    row("stack", Value, Prefix("-stack:")),
    row("heap", Value, Prefix("-heap:")),
    row("image-base", Value, Prefix("-base:")),
    row("section-alignment", Value, Prefix("-align:")),
    row("file-alignment", Value, Prefix("-filealign:")),
    switch("dynamicbase", S::Aslr, &[]),
    switch("disable-dynamicbase", S::Aslr, &["-dynamicbase:no"]),
    switch("high-entropy-va", S::HighEntropy, &[]),
    switch("disable-high-entropy-va", S::HighEntropy, &["-highentropyva:no"]),
    switch("nxcompat", S::Nx, &[]),
    switch("disable-nxcompat", S::Nx, &["-nxcompat:no"]),
    switch("tsaware", S::TerminalServer, &[]),
    switch("disable-tsaware", S::TerminalServer, &["-tsaware:no"]),
    switch("large-address-aware", S::LargeAddress, &["-largeaddressaware"]),
    switch("disable-large-address-aware", S::LargeAddress, &["-largeaddressaware:no"]),
    switch("no-seh", S::Seh, &["-noseh"]),
    switch("disable-no-seh", S::Seh, &[]),
    switch("enable-reloc-section", S::Relocations, &[]),
    switch("disable-reloc-section", S::Relocations, &["-fixed"]),
    switch("no-insert-timestamp", S::Timestamp, &["-timestamp:0"]),
    switch("insert-timestamp", S::Timestamp, &[]),
    row("forceinteg", Nothing, Words(&["-integritycheck"])),
    row("no-isolation", Nothing, Words(&["-allowisolation:no"])),
    row("no-bind", Nothing, Words(&["-allowbind:no"])),
    row("wdmdriver", Nothing, Words(&["-driver:wdm"])),
    row("appcontainer", Nothing, Words(&["-appcontainer"])),
    row("guard-cf", Nothing, Words(&["-guard:cf"])),
    row("no-guard-cf", Nothing, Words(&["-guard:no"])),
    row("guard-longjmp", Nothing, Words(&["-guard:cf,longjmp"])),
    row("no-guard-longjmp", Nothing, Words(&["-guard:cf,nolongjmp"])),
    because("disable-auto-image-base", Nothing, Drop, "lld-link gives all DLLs one base, which the system moves"),
    because("enable-auto-image-base", Optional, Drop, "the system moves a DLL wherever there is room, so the base is no matter"),
    because("enable-long-section-names", Nothing, Drop, "what lld-link does"),
    because("compress-debug-sections=none", Nothing, Drop, "lld-link writes debug sections as they are"),
    because("compress-debug-sections", Value, Refuse, "a PE file has no mark for a compressed section, and lld-link writes none"),
    because("disable-long-section-names", Nothing, Refuse, "debug sections would be unreadable; -s leaves them out"),
    // How LLD works.
    switch("gc-sections", S::Gc, &["-opt:ref"]),
    switch("no-gc-sections", S::Gc, &["-opt:noref"]),
    switch("icf=all", S::Icf, &["-opt:icf"]),
    switch("icf=safe", S::Icf, &["-opt:safeicf"]),
    switch("icf=none", S::Icf, &["-opt:noicf"]),
    switch("fatal-warnings", S::Fatal, &["-WX"]),
    switch("no-fatal-warnings", S::Fatal, &["-WX:no"]),
    because("v", Nothing, Drop, "GNU ld says its version and links; nothing reads it from a link that works"),
    row("verbose", Nothing, Words(&["-verbose"])),
    row("reproduce", Value, Prefix("-reproduce:")),
    row("threads", Value, Prefix("-threads:")),
    row("error-limit", Value, Prefix("-errorlimit:")),
    row("mllvm", Value, Prefix("-mllvm:")),
    row("thinlto-cache-dir", Value, Prefix("-lldltocache:")),
    row("thinlto-cache-policy", Value, Prefix("-lldltocachepolicy:")),
    row("thinlto-jobs", Value, Prefix("-opt:lldltojobs=")),
    row("lto-O", Rest, Prefix("-opt:lldlto=")),
    row("lto-CGO", Rest, Prefix("-opt:lldltocgo=")),
    row("lto-emit-asm", Nothing, Words(&["-lldemit:asm"])),
    row("lto-cs-profile-generate", Nothing, Words(&["-lto-cs-profile-generate"])),
    row("lto-cs-profile-file", Value, Prefix("-lto-cs-profile-file:")),
    row("plugin-opt", Value, Then::Plugin),
    row("Xlink", Value, Prefix("")),
    because("plugin", Value, Drop, "LLD reads LLVM's bitcode without a plugin; GCC's it cannot read, and says so"),
    because("O", Rest, Drop, "GNU ld's size of hash tables, which PE files do not have"),
    because("sort-common", Optional, Drop, "the place of a variable is no property of a program"),
    because("warn-common", Nothing, Drop, "asks for warnings that lld-link does not have"),
    because("full-shutdown", Nothing, Drop, GNUS_MEMORY),
    because("no-keep-memory", Nothing, Drop, GNUS_MEMORY),
    because("reduce-memory-overheads", Nothing, Drop, GNUS_MEMORY),
    because("color-diagnostics", Optional, Drop, "lld-link colours what it writes to a terminal"),
    because("no-color-diagnostics", Nothing, Drop, "lld-link colours what it writes to a terminal"),
    because("sysroot", Value, Drop, "clang has made -L of it; no linker script is read that would use it"),
    because("undefined-version", Nothing, Drop, NO_FIELD),
    because("eh-frame-hdr", Nothing, Drop, NO_FIELD),
    because("hash-style", Value, Drop, NO_FIELD),
    because("rpath", Value, Drop, "Windows looks beside the program and on PATH; GNU ld writes none either"),
    because("rpath-link", Value, Drop, NO_FIELD),
    because("soname", Value, Drop, "a DLL goes by the name of its file; GNU ld writes none either"),
    because("h", Letter, Drop, "a DLL goes by the name of its file; GNU ld writes none either"),
    because("pic-executable", Nothing, Drop, "every PE file that keeps its relocations can be moved"),
    because("pie", Nothing, Drop, "every PE file that keeps its relocations can be moved"),
    because("no-pie", Nothing, Drop, "clang compiles for a PE file that can be moved; --disable-dynamicbase keeps it in place"),
    // What lld-link cannot do.
    because("r", Nothing, Refuse, "LLD joins no PE objects; make an archive of them"),
    because("relocatable", Nothing, Refuse, "LLD joins no PE objects; make an archive of them"),
    because("T", Letter, Refuse, "LLD reads no linker script for PE"),
    because("script", Value, Refuse, "LLD reads no linker script for PE"),
    because("version-script", Value, Refuse, "give a '.def' file of what is exported"),
    because("exclude-libs", Value, Refuse, "give a '.def' file of what is exported, or --exclude-symbols"),
    because("base-file", Value, Refuse, "a step of dlltool's of old; LLD writes the relocations itself"),
    because("dynamic-list", Value, Refuse, "give a '.def' file of what is exported"),
];

/// Spelling of `-m`, and lld-link's machine.
pub(super) const MACHINES: &[(&str, &str)] =
    &[("i386pep", "x64"), ("i386pe", "x86"), ("thumb2pe", "arm"), ("arm64pe", "arm64"), ("arm64ecpe", "arm64ec")];
