//! The questions that build tools ask a compiler, one row a spelling, and the triples that the answers are made of.
//! Data only; `probe.rs` walks it.

use super::Question::{self, *};

/// One spelling of a question.
pub(super) struct Row {
    /// As it is written; what follows is the value when it ends in `=`.
    pub(super) word: &'static str,
    pub(super) question: Question,
    /// Whose option it is, and who is known to ask.
    #[allow(dead_code, reason = "for the reader of the table")]
    pub(super) of: &'static str,
}

const fn row(word: &'static str, question: Question, of: &'static str) -> Row {
    Row { word, question, of }
}

/// With one dash; those of `-print-` and `--version` have two as well. In the order in which clang answers when there are several, then
/// what only gcc has.
#[rustfmt::skip]
pub(super) const QUESTIONS: &[Row] = &[
    row("-dumpmachine", DumpMachine, "both; OpenSSL's Configure, Debian's and Python's build scripts"),
    row("-dumpversion", DumpVersion, "both; libtool, Boost.Build"),
    row("-dumpfullversion", DumpVersion, "gcc; scripts that found -dumpversion to be '12'"),
    row("-version", Version, "both, with two dashes; everybody"),
    row("-print-supported-cpus", OfClang, "clang"),
    row("-mcpu=help", OfClang, "clang"),
    row("-mcpu=?", OfClang, "clang"),
    row("-mtune=help", OfClang, "clang"),
    row("-mtune=?", OfClang, "clang"),
    row("-print-search-dirs", SearchDirs, "both; libtool, Meson, ldconfig-like scripts"),
    row("-print-file-name=", FileName, "both; Go, cc-rs, rustc's users, the Linux kernel ('include', 'plugin')"),
    row("-print-prog-name=", ProgName, "both; libtool asks for ld, Go for ar and strip, Autoconf archive macros for nm"),
    row("-print-libgcc-file-name", LibgccFileName, "both; Go, the Linux kernel, U-Boot"),
    row("-print-runtime-dir", RuntimeDir, "clang"),
    row("-print-multi-lib", MultiLib, "both; GCC's own libraries"),
    row("-print-multi-directory", MultiDirectory, "both; GCC's own libraries"),
    row("-print-resource-dir", ResourceDir, "clang; bindgen, libclang's users"),
    row("-print-target-triple", TargetTriple, "clang"),
    row("-print-effective-triple", EffectiveTriple, "clang; Swift"),
    row("-print-multi-os-directory", MultiDirectory, "gcc; libffi's configure"),
    row("-print-multiarch", Multiarch, "gcc; CPython's and Meson's search for libraries"),
    row("-print-sysroot", Sysroot, "gcc; OpenWrt, Buildroot, CMake toolchain files"),
];

/// The value of these may also be the next word.
pub(super) const TWO_WORDS: &[&str] = &["-print-file-name", "-print-prog-name"];

/// The GNU triple and Debian's multiarch triple of a target, where they are not its name.
pub(super) struct Triples {
    pub(super) target: &'static str,
    /// What the GCC of the target says to `-dumpmachine`; a spelling of the same target.
    pub(super) gnu: &'static str,
    /// `dpkg-architecture -qDEB_HOST_MULTIARCH`: one directory for all processors that share an ABI.
    pub(super) multiarch: &'static str,
}

const fn triples(target: &'static str, gnu: &'static str, multiarch: &'static str) -> Triples {
    Triples { target, gnu, multiarch }
}

/// Sorted by target. Everywhere else both are the target's name.
pub(super) const TRIPLES: &[Triples] = &[
    triples("aarch64-macos", "aarch64-apple-darwin", "aarch64-apple-darwin"),
    triples("aarch64-windows-gnu", "aarch64-w64-mingw32", "aarch64-w64-mingw32"),
    triples("armv6-linux-gnueabihf", "armv6-linux-gnueabihf", "arm-linux-gnueabihf"),
    triples("armv6-linux-musleabihf", "armv6-linux-musleabihf", "arm-linux-musleabihf"),
    triples("i586-linux-gnu", "i586-linux-gnu", "i386-linux-gnu"),
    triples("i586-linux-musl", "i586-linux-musl", "i386-linux-musl"),
    triples("mips-linux-gnueabi", "mips-linux-gnueabi", "mips-linux-gnu"),
    triples("mips-linux-gnueabihf", "mips-linux-gnu", "mips-linux-gnu"),
    triples("mips-linux-musleabi", "mips-linux-muslsf", "mips-linux-musl"),
    triples("mips-linux-musleabihf", "mips-linux-musl", "mips-linux-musl"),
    triples("mipsel-linux-gnueabi", "mipsel-linux-gnueabi", "mipsel-linux-gnu"),
    triples("mipsel-linux-gnueabihf", "mipsel-linux-gnu", "mipsel-linux-gnu"),
    triples("mipsel-linux-musleabi", "mipsel-linux-muslsf", "mipsel-linux-musl"),
    triples("mipsel-linux-musleabihf", "mipsel-linux-musl", "mipsel-linux-musl"),
    triples("riscv32imac-none-elf", "riscv32-unknown-elf", "riscv32-unknown-elf"),
    triples("riscv64gc-none-elf", "riscv64-unknown-elf", "riscv64-unknown-elf"),
    triples("universal-macos", "aarch64-apple-darwin", "aarch64-apple-darwin"),
    triples("x86-linux-gnu", "i686-linux-gnu", "i386-linux-gnu"),
    triples("x86-linux-musl", "i686-linux-musl", "i386-linux-musl"),
    triples("x86-windows-gnu", "i686-w64-mingw32", "i686-w64-mingw32"),
    triples("x86_64-macos", "x86_64-apple-darwin", "x86_64-apple-darwin"),
    triples("x86_64-none-elf", "x86_64-elf", "x86_64-elf"),
    triples("x86_64-windows-gnu", "x86_64-w64-mingw32", "x86_64-w64-mingw32"),
];

/// Beginnings of clang's triples that clang changes by the target's own `-march=`, and what it makes of them.
pub(super) const EFFECTIVE: &[(&str, &str)] =
    &[("armv5te-", "armv5e-"), ("armv6-", "armv6k-"), ("arm-unknown-none-", "armv4t-unknown-none-")];
