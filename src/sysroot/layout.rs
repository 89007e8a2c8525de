//! The names a linker looks for in `usr/lib`, and what each is made of. Data only.
//!
//! gcc's library names are files of the sysroot, not surgery on arguments: so `-lgcc_s` is found wherever it comes
//! from, be it a response file, a `.pc` file or a pragma.

use crate::target::Libc;

/// What stands under a library's name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    /// A linker script that takes these files of the same directory; not made where the first of them is missing.
    Script(&'static str),
    /// The same for the C library, followed by what of [`LIBC_PARTS`] there is, as needed.
    LibcScript(&'static str),
    /// A copy of another file of the directory: build tools read archives themselves, so a script will not do.
    CopyOf(&'static str),
    /// An archive without members: the functions are in libc, or in what its script takes as needed.
    EmptyArchive,
}

/// Which sysroots have the name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum On {
    Any,
    Elf,
    Glibc,
    Musl,
    Mingw,
    Bsd,
    Wasi,
    Macos,
    /// Bare metal, which has none.
    None,
}

impl On {
    pub(super) fn of(libc: Libc) -> On {
        match libc {
            Libc::Glibc { .. } => On::Glibc,
            Libc::Musl => On::Musl,
            Libc::Mingw => On::Mingw,
            Libc::Bsd(_) => On::Bsd,
            Libc::Wasi => On::Wasi,
            Libc::Macos(_) => On::Macos,
            Libc::None => On::None,
        }
    }

    /// Has a sysroot of kind `sysroot` the name?
    pub(super) fn holds(self, sysroot: On) -> bool {
        self == On::Any
            || self == sysroot
            || self == On::Elf && !matches!(sysroot, On::Mingw | On::Wasi | On::Macos | On::None)
    }
}

pub(super) struct Name {
    pub(super) name: &'static str,
    pub(super) on: On,
    pub(super) content: Content,
    /// Where gcc systems have it from, or who asks for it.
    #[allow(dead_code, reason = "for the reader of the table")]
    pub(super) why: &'static str,
}

const fn name(name: &'static str, on: On, content: Content, why: &'static str) -> Name {
    Name { name, on, content, why }
}

use Content::{CopyOf, EmptyArchive, LibcScript, Script};

/// After `libunwind.a` and `libclang_rt.builtins.a` are in place. A name that is already there stays.
#[rustfmt::skip]
pub(super) const RUNTIME_NAMES: &[Name] = &[
    name("libatomic.a", On::Any, CopyOf("libgcc.a"), "GCC's library of __atomic functions; compiler-rt has them"),
    name("libgcc_eh.a", On::Any, CopyOf("libunwind.a"), "GCC's static unwinder; rustc and -static-libgcc name it"),
    name("libgcc_s.a", On::Any, CopyOf("libunwind.a"), "rustc's -lgcc_s after -Bstatic"),
    name("libgcc_s.so", On::Elf, Script("libunwind.a libgcc.a"), "GCC's shared unwinder; rustc links it on every gnu target"),
    name("libgcc_s.so.1", On::Elf, Script("libunwind.a libgcc.a"), "the same by the name of the file"),
    name("libnsl.a", On::Elf, EmptyArchive, "old configure scripts look for gethostbyname in it; libc has the function"),
    name("libssp.a", On::Any, EmptyArchive, "GCC's stack protector; libc has the functions"),
    name("libssp_nonshared.a", On::Any, EmptyArchive, "the same; Go asks for it by name"),
    name("libunwind.so", On::Elf, Script("libunwind.a"), "clang's -shared-libgcc names it; the static one serves"),
];

/// Libraries that have been or have become parts of glibc's libc.so. Below 2.34 their functions are apart; a program
/// written on a newer system does not know, and libc++ and libunwind need them in any case. zig links them all too.
pub(super) const LIBC_PARTS: &[&str] =
    &["libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libresolv.so.2", "libld.so.2"];

/// Names of the C library.
#[rustfmt::skip]
pub(super) const LIBC_NAMES: &[Name] = &[
    name("libc.so", On::Glibc, LibcScript("libc.so.6 libc_nonshared.a"), "glibc's own linker script of this name"),
    name("libm.so", On::Glibc, Script("libm.so.6"), "development link"),
    name("libpthread.so", On::Glibc, Script("libpthread.so.0"), "development link, before glibc 2.34"),
    name("libdl.so", On::Glibc, Script("libdl.so.2"), "development link, before glibc 2.34"),
    name("librt.so", On::Glibc, Script("librt.so.1"), "development link, before glibc 2.34"),
    name("libutil.so", On::Glibc, Script("libutil.so.1"), "development link, before glibc 2.34"),
    name("libresolv.so", On::Glibc, Script("libresolv.so.2"), "development link"),
    name("libcrypt.so", On::Glibc, Script("libcrypt.so.1"), "development link"),
    name("libm.a", On::Glibc, EmptyArchive, "-Bstatic before a library that needs it; libc.so's script has the functions"),
    name("libresolv.a", On::Glibc, EmptyArchive, "as libm.a"),
    name("libpthread.a", On::Glibc, EmptyArchive, "in libc since glibc 2.34; an empty archive since then"),
    name("libdl.a", On::Glibc, EmptyArchive, "in libc since glibc 2.34; an empty archive since then"),
    name("librt.a", On::Glibc, EmptyArchive, "in libc since glibc 2.34; an empty archive since then"),
    name("libutil.a", On::Glibc, EmptyArchive, "in libc since glibc 2.34; an empty archive since then"),
    name("libanl.a", On::Glibc, EmptyArchive, "in libc since glibc 2.34; an empty archive since then"),
    name("libg.a", On::Glibc, EmptyArchive, "glibc installs an empty one, for builds with debugging information"),
    name("libmvec.a", On::Glibc, EmptyArchive, "vector functions that GCC calls from loops; clang does so only with -fveclib=libmvec, and zig has none"),
    name("libBrokenLocale.a", On::Glibc, EmptyArchive, "replaces functions of locales for programs of 1998; libc has their names"),
    name("libpthread_nonshared.a", On::Glibc, EmptyArchive, "part of glibc's libpthread.so script until 2.26"),
    name("libm.a", On::Musl, EmptyArchive, "musl's libc has it all; musl installs empty archives too"),
    name("libpthread.a", On::Musl, EmptyArchive, "as libm.a"),
    name("libdl.a", On::Musl, EmptyArchive, "as libm.a"),
    name("librt.a", On::Musl, EmptyArchive, "as libm.a"),
    name("libutil.a", On::Musl, EmptyArchive, "as libm.a"),
    name("libresolv.a", On::Musl, EmptyArchive, "as libm.a"),
    name("libcrypt.a", On::Musl, EmptyArchive, "as libm.a"),
    name("libxnet.a", On::Musl, EmptyArchive, "as libm.a"),
    name("libc_nonshared.a", On::Musl, EmptyArchive, "a name of glibc's that some link lines carry along"),
    name("libpthread_nonshared.a", On::Musl, EmptyArchive, "as libc_nonshared.a"),
    name("libg.a", On::Musl, EmptyArchive, "as libm.a, for the name of glibc's"),
];

/// Names of MinGW's own libraries. zig has all but Microsoft's in one archive, `libmingw32.a`.
#[rustfmt::skip]
pub(super) const MINGW_NAMES: &[Name] = &[
    name("libmsvcrt.a", On::Mingw, CopyOf("libucrt.a"), "clang's and rustc's name of the C runtime; headers and start files are for UCRT, so msvcrt.dll would be a second one"),
    name("libsynchronization.a", On::Mingw, CopyOf("libapi-ms-win-core-synch-l1-2-0.a"), "Go's -race and Rust wait on addresses; mingw-w64 has the same functions under this name"),
    name("libmingwex.a", On::Mingw, EmptyArchive, "its members are in libmingw32.a"),
    name("libmoldname.a", On::Mingw, EmptyArchive, "names without the underscore; UCRT's import libraries have both"),
    name("libm.a", On::Mingw, EmptyArchive, "in UCRT and libmingw32.a"),
    name("libpthread.a", On::Mingw, EmptyArchive, "winpthreads; its members are in libmingw32.a"),
    name("libwinpthread.a", On::Mingw, EmptyArchive, "as libpthread.a"),
    name("libmingwthrd.a", On::Mingw, EmptyArchive, "-mthreads, which Go passes; in libmingw32.a"),
    name("libuuid.a", On::Mingw, EmptyArchive, "identifiers of interfaces; in libmingw32.a, as the ones below"),
    name("libamstrmid.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libdinput.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libdelayimp.a", On::Mingw, EmptyArchive, "the helper of -delayload; in libmingw32.a"),
    name("libdmoguids.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libdxerr8.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libdxerr9.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libdxguid.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("liblargeint.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("liblocationapi.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libmfuuid.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libmsxml2.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libmsxml6.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libportabledeviceguids.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libsapi.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libsensorsapi.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libstrmiids.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libtaskschd.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libwbemuuid.a", On::Mingw, EmptyArchive, "as libuuid.a"),
    name("libwmcodecdspuuid.a", On::Mingw, EmptyArchive, "as libuuid.a"),
];

/// Names of the BSDs beside their shared libraries', which `bsd.rs` makes of what zig has.
#[rustfmt::skip]
pub(super) const BSD_NAMES: &[Name] = &[
    name("libpthread.so", On::Bsd, Script("libthr.so.3"), "FreeBSD's own link of this name"),
    name("libdevstat.a", On::Bsd, EmptyArchive, "Rust names it on FreeBSD in every link, whether its functions are called or not; zig has none, so a call is an undefined symbol"),
    name("libkvm.a", On::Bsd, EmptyArchive, "as libdevstat.a"),
    name("libmemstat.a", On::Bsd, EmptyArchive, "as libdevstat.a"),
    name("libprocstat.a", On::Bsd, EmptyArchive, "as libdevstat.a"),
    name("libdl.a", On::Bsd, EmptyArchive, "dlopen is in NetBSD's loader; builds for Linux name it"),
    name("libresolv.a", On::Bsd, EmptyArchive, "Go's package net names it on NetBSD; libc has the functions"),
];

/// Names of WASI's libraries beside libc, which has what is in them elsewhere.
#[rustfmt::skip]
pub(super) const WASI_NAMES: &[Name] = &[
    name("libm.a", On::Wasi, EmptyArchive, "in libc"),
    name("libwasi-emulated-getpid.a", On::Wasi, EmptyArchive, "zig has it inside libc"),
    name("libwasi-emulated-mman.a", On::Wasi, EmptyArchive, "zig has it inside libc"),
    name("libwasi-emulated-process-clocks.a", On::Wasi, EmptyArchive, "zig has it inside libc"),
    name("libwasi-emulated-signal.a", On::Wasi, EmptyArchive, "zig has it inside libc"),
    name("libdl.a", On::Wasi, EmptyArchive, "wasi-libc installs an empty one, too"),
    name("libpthread.a", On::Wasi, EmptyArchive, "wasi-libc installs an empty one, too"),
    name("librt.a", On::Wasi, EmptyArchive, "wasi-libc installs an empty one, too"),
    name("libutil.a", On::Wasi, EmptyArchive, "wasi-libc installs an empty one, too"),
    name("libresolv.a", On::Wasi, EmptyArchive, "wasi-libc installs an empty one, too"),
    name("libcrypt.a", On::Wasi, EmptyArchive, "wasi-libc installs an empty one, too"),
    name("libxnet.a", On::Wasi, EmptyArchive, "wasi-libc installs an empty one, too"),
];

/// After libc++ is built.
#[rustfmt::skip]
pub(super) const CXX_NAMES: &[Name] = &[
    name("libc++abi.a", On::Any, EmptyArchive, "its members are in libc++.a"),
    name("libstdc++.a", On::Any, CopyOf("libc++.a"), "the C++ library by GCC's name; cc-rs and pkg-config files name it"),
    name("libstdc++exp.a", On::Any, EmptyArchive, "GCC's std::print and stacktraces, for links that name it; libc++.a has std::print"),
    name("libstdc++fs.a", On::Any, EmptyArchive, "std::filesystem before GCC 9; its members are in libc++.a"),
    name("libsupc++.a", On::Any, EmptyArchive, "GCC's C++ runtime without the library; its members are in libc++.a"),
];

/// Objects that clang's driver puts around a link, and the source each is compiled from; zig's own win.
pub(super) const CRT_OBJECTS: &[(&str, &str, &str)] = &[
    ("crtbegin.o", "crtbegin.c", include_str!("../../shims/crt/crtbegin.c")),
    ("crtbeginS.o", "crtbeginS.c", include_str!("../../shims/crt/crtbeginS.c")),
    ("crtbeginT.o", "crtbegin.c", include_str!("../../shims/crt/crtbegin.c")),
    ("crtend.o", "empty.c", include_str!("../../shims/crt/empty.c")),
    ("crtendS.o", "empty.c", include_str!("../../shims/crt/empty.c")),
    ("crti.o", "empty.c", include_str!("../../shims/crt/empty.c")),
    ("crtn.o", "empty.c", include_str!("../../shims/crt/empty.c")),
];

/// The same for Windows, where zig has the rest: clang names the two in every link.
pub(super) const MINGW_CRT_OBJECTS: &[(&str, &str, &str)] = &[
    ("crtbegin.o", "empty.c", include_str!("../../shims/crt/empty.c")),
    ("crtend.o", "empty.c", include_str!("../../shims/crt/empty.c")),
];

/// The same for the BSDs, whose crt1.o or crt0.o has a handle for programs already: in a position-independent one that wins.
pub(super) const BSD_CRT_OBJECTS: &[(&str, &str, &str)] = &[
    (
        "crtbeginS.o",
        "crtbeginS.c",
        concat!(
            "#define BINDING __attribute__((weak))\n",
            include_str!("../../shims/crt/crtbeginS.c"),
            include_str!("../../shims/crt/guard_local.c")
        ),
    ),
    ("crtbegin.o", "empty.c", include_str!("../../shims/crt/empty.c")),
    ("crtend.o", "empty.c", include_str!("../../shims/crt/empty.c")),
    ("crtendS.o", "empty.c", include_str!("../../shims/crt/empty.c")),
    ("crti.o", "empty.c", include_str!("../../shims/crt/empty.c")),
    ("crtn.o", "empty.c", include_str!("../../shims/crt/empty.c")),
];

/// A part of compiler-rt that xcc compiles itself; the source says why in its first lines.
pub(super) struct RuntimeSource {
    /// The beginning of the clang triples that need it.
    pub(super) targets: &'static str,
    /// Nothing, where something else has the functions that are replaced.
    pub(super) text: &'static str,
    /// Functions that zig's compiler-rt has, and that are better had elsewhere.
    pub(super) replaces: &'static [&'static str],
}

const fn source(targets: &'static str, text: &'static str, replaces: &'static [&'static str]) -> RuntimeSource {
    RuntimeSource { targets, text, replaces }
}

/// Functions of libc that zig's compiler-rt has too. OpenBSD has processors fault at an indirect call of a function that
/// does not begin with a mark, and zig's code has none; libc's have it, and it is libc's that writes to the system's log.
const OF_LIBC: &[&str] = &["__stack_smash_handler", "bcmp", "memcmp", "memcpy", "memmove", "memset", "strlen"];

const COMPLEX: &str = include_str!("../../shims/crt/complex_long_double.c");

pub(super) const RUNTIME_SOURCES: &[RuntimeSource] = &[
    source("", include_str!("../../shims/crt/lock_free.c"), &[]),
    source("armv5te-", include_str!("../../shims/crt/sync_armv5.c"), &[]),
    source("armv7-", include_str!("../../shims/crt/atomic.c"), &[]),
    source("i686-w64-windows-gnu", include_str!("../../shims/crt/register_frame.c"), &[]),
    source("aarch64-unknown-openbsd", "", OF_LIBC),
    source("x86_64-unknown-openbsd", "", OF_LIBC),
    source("powerpc64le-unknown-linux-gnu", include_str!("../../shims/crt/ibm_long_double.c"), &[]),
    source("powerpc64le-unknown-linux-gnu", COMPLEX, &[]),
    source("x86_64-unknown-linux-", COMPLEX, &["__divxc3", "__mulxc3"]),
];

/// Libraries of bare metal that the drivers of clang 19, which is zig 0.14's, name in every link, `-nolibc` or not.
pub(super) const NAMED_BY_OLD_CLANG: &[&str] = &["libc.a", "libm.a", "libgloss.a"];

/// `_init` and `_fini`, which newlib's start file and `exit` call.
pub(super) const BARE_INIT: &str = include_str!("../../shims/crt/init.c");

/// Routines of GCC's library on RISC-V, which a newlib or picolibc calls.
pub(super) const BARE_SAVE_RESTORE: &str = include_str!("../../shims/crt/riscv_save_restore.c");

/// What takes the place of compiler-rt in a kernel for x86_64.
pub(super) const BARE_INTEGERS: &str = include_str!("../../shims/crt/x86_64_integers.c");

/// Headers of older versions of glibc alone: name, text, and the first version (2.N) without. configure finds the function in a stub
/// of that version, and what then includes the header has to find it too.
pub(super) const OLD_GLIBC: &[(&str, &str, u32)] =
    // ffmpeg's libavutil/cpu.c
    &[("sys/sysctl.h", include_str!("../../shims/glibc/sys/sysctl.h"), 32)];

/// Source of the stub of glibc's libcrypt.
pub(super) const CRYPT: &str = include_str!("../../shims/crt/crypt.c");

/// The symbol version of libcrypt's functions: that of the port's first glibc (`crypt/Versions` and `shlib-versions`).
pub(super) fn crypt_version(target: &str) -> &'static str {
    let rows = [
        ("aarch64", "GLIBC_2.17"),
        ("arm", "GLIBC_2.4"),
        ("i586", "GLIBC_2.0"),
        ("loongarch64", "GLIBC_2.36"),
        ("mips64", "GLIBC_2.0"),
        ("mips", "GLIBC_2.0"),
        ("powerpc64le", "GLIBC_2.17"),
        ("riscv64", "GLIBC_2.27"),
        ("s390x", "GLIBC_2.2"),
        ("x86_64", "GLIBC_2.2.5"),
        ("x86", "GLIBC_2.0"),
    ];
    rows.iter().find(|(arch, _)| target.starts_with(arch)).map_or("GLIBC_2.2.5", |(_, version)| version)
}
