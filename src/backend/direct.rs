//! The direct backend: `zig clang`, which is clang's real driver, with LLD behind it, on the sysroot xcc makes.
//!
//! What xcc adds comes before the user's arguments, so that the user's win, and inside
//! `--start-no-unused-arguments`: Go compiles its runtime with `-Werror`, and an option that a step does not use
//! would be fatal there.

use std::ffi::OsString;
use std::path::Path;

use super::{Plan, Setup};
use crate::facts::Facts;
use crate::links;
use crate::personality::Personality;
use crate::rules::Context;
use crate::rules::bsd::means_lld;
use crate::rules::linux::links_static_musl;
use crate::sysroot::{Component, SDK_HELP};

pub(crate) fn command(context: &Context<'_>, setup: &Setup, plan: &mut Plan) {
    let facts = context.facts;
    let row = context.target.row;
    let sysroot = &setup.sysroot;
    let root = context.target.root(sysroot);
    let own_sysroot = facts.sysroot.is_none();
    let mut words: Vec<OsString> = Vec::with_capacity(24 + plan.user.len());
    words.push("clang".into());
    match context.personality {
        Personality::Cxx => words.push("--driver-mode=g++".into()),
        Personality::Cpp => words.push("--driver-mode=cpp".into()),
        _ => {}
    }
    if context.target.is_bare() && facts.links && row.emulation == "elf_x86_64" {
        // clang has no linker of bare metal for it, and would start GCC; the triple in force for code is the row's.
        words.extend(
            ["--target=x86_64-unknown-linux-gnu", "-Xclang", "-triple", "-Xclang", row.clang].map(OsString::from),
        );
    } else {
        words.push(format!("--target={}", row.clang).into());
    }
    words.push("--start-no-unused-arguments".into());
    if let Some(version) = context.target.macos_version() {
        words.push(format!("-mmacos-version-min={version}").into());
    }
    // The host's clang configuration files are not about this target.
    words.push("--no-default-config".into());
    if own_sysroot {
        words.push(joined("--sysroot=", &root));
        // Paths of the cache are no property of the program: not in its debug information, nor in __FILE__.
        let mut map = joined("-ffile-prefix-map=", sysroot);
        map.push("=");
        words.push(map);
    }
    if own_sysroot && !context.target.is_bare() {
        words.push("-stdlib=libc++".into());
        words.push(joined("-stdlib++-isystem", &sysroot.join("usr/include/c++/v1")));
        if context.target.is_macos() {
            // libc++ is part of the program, so what it has does not depend on the system's.
            words.extend(facts.compiles_cxx.then(|| "-faligned-allocation".into()));
        } else if !facts.gcc_install {
            // Without it clang looks for a GCC beside itself: the host's, when zig is in /usr/bin.
            words.push(joined("--gcc-toolchain=", &sysroot.join("usr")));
        }
    }
    if context.target.is_bare() {
        bare(context, setup, &mut words);
    }
    if !facts.resource_dir {
        words.push(joined("-resource-dir=", &sysroot.join("lib/clang")));
    }
    // A processor that the user chooses brings its own architecture and floating point; the ABI stays the target's.
    let overridden = |flag: &str| {
        facts.chose_cpu && (flag.starts_with("-march=") || flag.starts_with("-mfpu="))
            || facts.chose_extensions && flag.starts_with("-mfpu=")
            // On RISC-V it comes with the instructions; where there is a row for both it is the row's.
            || facts.chose_arch && context.target.is_bare() && flag.starts_with("-mabi=")
    };
    words.extend(row.clang_flags.iter().filter(|flag| !overridden(flag)).map(OsString::from));
    if context.target.is_wasi() && facts.compiles_cxx {
        // Nothing on WASI unwinds: a throw is better an error of the compiler than an unknown symbol.
        words.push("-fno-exceptions".into());
    }
    if context.target.is_macos() && facts.is_universal() {
        // clang makes each half for itself, and starts lipo to join them.
        plan.joins = true;
        plan.command.set.push(("TMPDIR", links::halves(&setup.cache).into_os_string()));
        words.extend(setup.linker.parent().map(|dir| joined("-B", dir)));
    }
    if facts.links {
        link(context, setup, &plan.user, &mut words);
    }
    words.push("--end-no-unused-arguments".into());
    words.append(&mut plan.user);

    if facts.links && context.target.is_bare() && row.emulation == "elf_x86_64" && facts.links_builtins() {
        // Last, so that functions of the user's own win; not an input, whose language -x could have set.
        let builtins = sysroot.join("lib/clang/lib").join(row.clang).join("libclang_rt.builtins.a");
        words.extend(["-Xlinker".into(), builtins.into_os_string()]);
    }

    if facts.compiles && own_sysroot && context.target.is_macos() && !words.iter().any(|word| word == "--") {
        // Behind the user's frameworks: the first directory with one of the name is the one that clang looks into.
        let quiet = ["--start-no-unused-arguments", "-Xclang", "-iframework", "-Xclang"].map(OsString::from);
        plan.last.extend(quiet);
        plan.last.extend([sysroot.join(SDK_HELP).into(), "--end-no-unused-arguments".into()]);
        if facts.loses_objects() && !setup.dsymutil {
            // Debugging information stays in the objects, and these are gone after the call: only their random names would
            // be in the program.
            plan.last.push("-g0".into());
        }
    }

    plan.components.push(Component::Base);
    let own_sysroot = own_sysroot && !context.target.is_bare();
    if facts.compiles_cxx && own_sysroot {
        plan.components.push(Component::CxxHeaders);
    }
    if facts.links_cxx && facts.links && own_sysroot {
        plan.components.push(Component::CxxLibrary);
    }
    if facts.links && own_sysroot && context.target.is_macos() && facts.is_universal() {
        plan.components.push(Component::Universal);
        plan.components.extend(facts.links_cxx.then_some(Component::UniversalCxx));
    }
    if facts.links && !facts.resource_dir {
        let needs = |names: &[&str]| facts.sanitizers.iter().any(|check| names.contains(check));
        if needs(&["thread"]) {
            plan.components.push(Component::Tsan);
        } else if !facts.sanitizers.is_empty() {
            plan.components.push(Component::Ubsan);
        }
    }
    plan.command.program = setup.zig.path.clone();
    plan.command.args = words;
}

/// Whether an option says what macOS a program is for.
fn names_a_macos(user: &[OsString]) -> bool {
    let is_one = |word: &[u8]| word.starts_with(b"-mmacos") || word.starts_with(b"-mtargetos=");
    user.iter().any(|word| is_one(word.as_encoded_bytes()))
}

/// The defaults of a link.
fn link(context: &Context<'_>, setup: &Setup, user: &[OsString], words: &mut Vec<OsString>) {
    let facts = context.facts;
    let lld =
        facts.fuse_ld.is_none_or(|linker| matches!(linker, "lld" | "ld.lld" | "ld") || means_lld(linker, context));
    if lld && !facts.ld_path {
        words.push(joined("--ld-path=", &setup.linker));
    }
    if context.target.is_windows() {
        return link_pe(facts, words);
    }
    if context.target.is_wasi() {
        return link_wasm(setup, lld, words);
    }
    if context.target.is_macos() {
        let asked = context.target.macos.is_some() || names_a_macos(user);
        words.extend((lld && !asked).then(|| "-Wl,-xcc_raise_minimum".into()));
        // Else clang takes the linker for Apple's of long ago, and says less to it.
        words.extend(lld.then(|| "-fuse-ld=lld".into()));
        if (setup.dsymutil || facts.keeps_objects) && !facts.is_universal() {
            // clang knows dsymutil by its plain name alone; xcc's finds LLVM's with a version in the name too, or does nothing.
            words.extend(setup.linker.parent().map(|dir| joined("-B", dir)));
        }
        return;
    }
    if context.target.is_bare() {
        return link_bare(context, words);
    }
    if !facts.rtlib && !setup.sysroot_has_gcc {
        words.push("--rtlib=compiler-rt".into());
        words.push("--unwindlib=libunwind".into());
        if facts.sysroot.is_some() {
            // A sysroot without GCC has no unwinder; ours is beside the builtins, where no libc of ours is.
            words.push(joined("-L", &setup.sysroot.join("lib/clang/lib").join(context.target.row.clang)));
        }
    }
    if lld && !facts.relocatable {
        // GNU ld's behaviour, which build systems count on: a version script may name symbols that this configuration
        // does not define. A later option of the user's wins.
        words.push("-Wl,--undefined-version".into());
    }
    if lld && facts.links_libc() {
        // As distributions configure GCC, because packagers look for the note; a boot loader's image is no place for it.
        words.push("-Wl,--build-id=sha1".into());
    }
    if lld && context.target.is_openbsd() && !facts.relocatable {
        // What OpenBSD's own LLD does unasked, and clang's driver rests on: programs are position-independent, and no
        // entry of the PLT is the target of an indirect jump, which has to be a marked place there.
        words.extend((!facts.shared && facts.pie.is_none()).then(|| "-pie".into()));
        words.push("-Wl,-z,now".into());
    }
    if links_static_musl(context) && !facts.is_static && !facts.static_pie && facts.pie != Some(true) {
        words.push("-static".into());
    }
}

/// What clang's MinGW driver is told beside that.
fn link_pe(facts: &Facts<'_>, words: &mut Vec<OsString>) {
    // Else it takes the linker for GNU ld, which cannot read its bitcode.
    words.push("-fuse-ld=lld".into());
    if !facts.rtlib {
        words.push("--rtlib=compiler-rt".into());
        words.push("--unwindlib=libunwind".into());
    }
}

/// What clang's driver for WebAssembly is told.
fn link_wasm(setup: &Setup, lld: bool, words: &mut Vec<OsString>) {
    if lld {
        // It does not look at --ld-path.
        words.push(joined("-fuse-ld=", &setup.linker));
    }
    // The stack is 64 KiB by default and lies behind the data, which an overflow would overwrite.
    words.push("-Wl,-z,stack-size=1048576".into());
    words.push("-Wl,--stack-first".into());
}

/// Where a compiler of bare metal finds what its user brings: clang looks for no GCC, and a newlib's directory is that of
/// the processor.
fn bare(context: &Context<'_>, setup: &Setup, words: &mut Vec<OsString>) {
    if !context.facts.gcc_install {
        words.push(joined("--gcc-toolchain=", &setup.sysroot.join("usr")));
    }
    if let Some(root) = context.facts.sysroot {
        // For 64-bit RISC-V clang looks into a directory of the processor alone; where it looks here anyway it does so once.
        words.push(joined("-idirafter", &Path::new(root).join("include")));
    }
    if let Some(dir) = setup.multilib.as_ref().filter(|_| context.facts.links) {
        // The second for crt0.o.
        words.push(joined("-L", dir));
        words.push(joined("-B", dir));
    }
}

/// What a link of bare metal is told: without a C library of the user's there is none, and no start file.
fn link_bare(context: &Context<'_>, words: &mut Vec<OsString>) {
    let facts = context.facts;
    let is_x86 = context.target.row.emulation == "elf_x86_64";
    if is_x86 {
        // clang takes it for Linux, whose programs have a table for their unwinder.
        words.extend(["-nostdlib", "-static", "-Wl,--no-eh-frame-hdr"].map(OsString::from));
        if facts.pie.is_none() {
            words.push("-no-pie".into());
        }
    } else if !facts.rtlib {
        words.push("--rtlib=compiler-rt".into());
    }
    if facts.sysroot.is_none() {
        words.extend(["-nostartfiles", "-nolibc", "-nostdlib++"].map(OsString::from));
    }
}

/// An option and its path in one word, byte for byte.
fn joined(option: &str, path: &Path) -> OsString {
    let mut word = OsString::from(option);
    word.push(path);
    word
}
