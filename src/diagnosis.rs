//! Why a link failed, where users are known to ask: at most three lines of help after the linker's own messages.
//!
//! Nothing here changes a message, an exit status, or a link that works.

mod glibc;

use std::fs;
use std::path::Path;

use object::read::archive::{ArchiveFile, ArchiveMember};
use object::{FileKind, Object};
use regex::Regex;

use crate::darwin_ld::NEWER_LLD;
use crate::packages;
use crate::target::Target;
use glibc::Versions;

/// A link that has failed.
pub(crate) struct Failure<'a> {
    /// What LLD printed on standard error, as far as it was kept.
    pub(crate) said: &'a str,
    pub(crate) target: Target,
    /// The libraries are those of an SDK of macOS, not xcc's.
    pub(crate) by_sdk: bool,
    /// The directory zig is in.
    pub(crate) zig: &'a Path,
}

/// More lines than this are no help.
const MOST: usize = 3;

/// Sources of help, in the order of their lines. Each looks at the messages for one cause.
const CAUSES: &[fn(&Failure<'_>) -> Option<String>] = &[
    other_machine,
    libstdcxx,
    newer_glibc,
    glibc_only,
    no_libc,
    missing_library,
    newer_tbd,
    unknown_to_stubs,
    old_lld,
];

/// What LLD puts into its messages for a terminal.
const COLOURS: &str = "\x1b\\[[0-9;]*m";

/// The lines of help, without their beginning.
pub(crate) fn help(failure: &Failure<'_>) -> Vec<String> {
    let said =
        Regex::new(COLOURS).map_or_else(|_| failure.said.into(), |colours| colours.replace_all(failure.said, ""));
    let plain = Failure { said: &said, ..*failure };
    CAUSES.iter().filter_map(|cause| cause(&plain)).take(MOST).collect()
}

/// The first group of each match.
fn all<'a>(pattern: &str, text: &'a str) -> Vec<&'a str> {
    let Ok(pattern) = Regex::new(pattern) else { return Vec::new() };
    let groups = pattern.captures_iter(text).filter_map(|found| found.get(1));
    let mut all: Vec<&str> = Vec::new();
    for group in groups.map(|group| group.as_str()) {
        if !all.contains(&group) {
            all.push(group);
        }
    }
    all
}

/// A symbol that is only in GCC's C++ library: libc++ has its own in the inline namespace `__1`.
const LIBSTDCXX: &str = r"undefined (?:symbol|reference): (?:.*\bstd::__cxx11::|.*\[abi:cxx11\]|_ZN?K?St7__cxx11|std::(?:__throw_\w+\(|_Rb_tree_|__detail::_|ios_base_library_init|__ostream_insert))[^\n]*((?:\n>>> .*)*)";

fn libstdcxx(failure: &Failure<'_>) -> Option<String> {
    let referenced = *all(LIBSTDCXX, failure.said).first()?;
    let files = [r"in archive (\S+)", r"referenced by (\S+\.so\S*)", r">>> {2,}(\S+?):\("];
    let file = files.iter().find_map(|pattern| all(pattern, referenced).first().copied());
    let what = file.map_or_else(|| "an object or a library".to_owned(), |file| format!("'{file}'"));
    Some(format!(
        "{what} was compiled against GCC's libstdc++ (std::__cxx11); xcc has libc++: compile it with xcc too, or link with \
         a '--sysroot' of the target that has libstdc++, and '-stdlib=libstdc++'"
    ))
}

/// Undefined symbols of C, each with the version of glibc that it was linked for, if any.
fn undefined<'a>(failure: &Failure<'a>) -> Vec<&'a str> {
    all(r"undefined (?:symbol|reference): ([A-Za-z_]\w*(?:@+[\w.]+)?)\s*\n", failure.said)
}

/// Symbols and the minor version of glibc 2 that each came with, of those that are glibc's.
fn of_glibc<'a>(failure: &Failure<'a>, zig_target: &str) -> Vec<(&'a str, u32)> {
    let symbols = undefined(failure);
    let names: Vec<&str> = symbols.iter().filter_map(|symbol| symbol.split('@').next()).collect();
    // zig's own layout, and that of distributions.
    let lists = ["lib", "../lib/zig", "../lib"].iter().map(|lib| failure.zig.join(lib).join("libc/glibc/abilists"));
    let list = lists.filter(|_| !names.is_empty()).find_map(|path| fs::read(path).ok()).unwrap_or_default();
    let mut found = Versions::new(&list, zig_target).of(&names).unwrap_or_default();
    // A shared library says itself which version it was linked for.
    for symbol in symbols {
        let minor = symbol
            .split_once("@GLIBC_2.")
            .and_then(|(name, minor)| Some((name, minor.split('.').next()?.parse().ok()?)));
        if let Some((name, minor)) = minor {
            found.retain(|known| known.0 != name);
            found.push((name, minor));
        }
    }
    found
}

/// The LLD for macOS is one of the machine's, of any age.
fn old_lld(failure: &Failure<'_>) -> Option<String> {
    let option =
        *all(r"error: unknown argument '([^']+)'", failure.said).first().filter(|_| failure.target.is_macos())?;
    Some(format!("this LLD does not know '{option}'; {NEWER_LLD}"))
}

/// SDKs describe their libraries in a form of their time.
fn newer_tbd(failure: &Failure<'_>) -> Option<String> {
    let of_macos = || failure.target.is_macos();
    if let Some(file) =
        all(r"error: \S*?([^\s/]+\.tbd): unhandled file type", failure.said).first().filter(|_| of_macos())
    {
        return Some(format!("this LLD is older than '{file}'; {NEWER_LLD}"));
    }
    // zig's linker; it names the file in its note.
    (of_macos() && failure.said.contains("error: failed to parse TBD file: ")).then(|| {
        "zig's linker reads version 4 of the .tbd format alone; LLD reads all: install Rust with rustup, or name an ld64.lld in \
         XCC_DARWIN_LINKER"
            .to_owned()
    })
}

/// What the system exports is known in part.
fn unknown_to_stubs(failure: &Failure<'_>) -> Option<String> {
    // As clang has LLD print it: without the underscore that every name of C has in the file.
    let is_stubs = failure.target.is_macos() && !failure.by_sdk;
    let symbol = *all(r"undefined symbol: ([\w$.]+)\s", failure.said).first().filter(|_| is_stubs)?;
    // zig's linker prints it with the underscore, and has no -U.
    let by_zig = failure.said.lines().any(|line| line.starts_with("error: undefined symbol: "));
    let symbol = symbol.strip_prefix('_').filter(|_| by_zig).unwrap_or(symbol);
    let needs = if by_zig { " (with LLD, which zig's linker is not)" } else { "" };
    (symbol != "main" && symbol != "_main" && other_machine(failure).is_none()).then(|| {
        format!(
            "xcc knows libSystem, and of other libraries of macOS what published programs take from them; where '{symbol}' \
             is in one that is linked, '-Wl,-U,_{symbol}' leaves it to the system to find, and XCC_MACOS_SDK names an SDK{needs}"
        )
    })
}

fn newer_glibc(failure: &Failure<'_>) -> Option<String> {
    let floor = failure.target.glibc_minor()?;
    let found = of_glibc(failure, failure.target.row.zig);
    let (symbol, newest) = found.into_iter().filter(|(_, minor)| *minor > floor).max_by_key(|(_, minor)| *minor)?;
    let name = failure.target.row.name;
    Some(format!(
        "'{symbol}' came with glibc 2.{newest}, and the link is for 2.{floor}: use the target '{name}.2.{newest}' (the name \
         'xcc-{name}.2.{newest}'), or compile with xcc what asks for it"
    ))
}

fn glibc_only(failure: &Failure<'_>) -> Option<String> {
    if !failure.target.is_musl() {
        return None;
    }
    let twin = failure.target.glibc_twin()?;
    let found = of_glibc(failure, twin.zig);
    let (symbol, _) = found.first()?;
    Some(format!(
        "'{symbol}' is glibc's, and musl has none: compile with xcc for '{}' what asks for it, or use the target '{}'",
        failure.target.row.name, twin.name
    ))
}

/// Functions of every C library that compiler-rt does not have, and the libraries that a newlib is made of.
const OF_LIBC: &[&str] = &[
    "_exit",
    "_sbrk",
    "abort",
    "atexit",
    "atoi",
    "calloc",
    "exit",
    "fflush",
    "fprintf",
    "fputs",
    "free",
    "fwrite",
    "malloc",
    "memchr",
    "printf",
    "putchar",
    "puts",
    "qsort",
    "rand",
    "realloc",
    "snprintf",
    "sprintf",
    "sscanf",
    "strchr",
    "strcmp",
    "strcpy",
    "strncmp",
    "strncpy",
    "strstr",
    "strtol",
    "vprintf",
    "vsnprintf",
];
const NEWLIBS: &[&str] = &["c", "c_nano", "g", "g_nano", "m", "nosys", "rdimon", "rdimon_nano", "semihost"];

fn no_libc(failure: &Failure<'_>) -> Option<String> {
    if !failure.target.is_bare() {
        return None;
    }
    let symbol = undefined(failure).into_iter().find(|symbol| OF_LIBC.contains(symbol));
    let library =
        missing(failure).into_iter().find(|library| NEWLIBS.contains(library)).map(|name| format!("-l{name}"));
    let what = symbol.map(str::to_owned).or(library)?;
    Some(format!(
        "'{what}' is a C library's, and '{}' has none: give a newlib or picolibc with '--sysroot=DIR' or 'sysroot' in xcc.toml",
        failure.target.row.name
    ))
}

/// The libraries that LLD looked for in vain.
fn missing<'a>(failure: &Failure<'a>) -> Vec<&'a str> {
    all(r"unable to find library -l:?(\S+)", failure.said)
}

fn missing_library(failure: &Failure<'_>) -> Option<String> {
    let mut missing = missing(failure);
    missing.retain(|library| !(failure.target.is_bare() && NEWLIBS.contains(library)));
    let first = missing.first()?;
    let name = failure.target.row.name;
    let packages = match packages::has_some(failure.target) {
        true => "add its package with 'xcc sysroot add', ",
        false => "",
    };
    Some(format!(
        "the host's libraries are not for '{name}': say where its '{first}' is with '-L', with 'lib' in xcc.toml or with \
         XCC_LDFLAGS, {packages}or give a '--sysroot' of the target"
    ))
}

/// ELF's numbers of machines (`e_machine`) in the words of the targets; 32-bit before 64-bit where they share one.
const MACHINES: &[(u16, &str)] = &[
    (2, "sparc"),
    (3, "x86"),
    (8, "mips"),
    (20, "powerpc"),
    (21, "powerpc64"),
    (22, "s390x"),
    (40, "arm"),
    (62, "x86_64"),
    (183, "aarch64"),
    (243, "riscv"),
    (258, "loongarch64"),
];

/// How LLD's linkers name a file that another compiler has made; behind the first it can be one that is damaged instead.
const FOREIGN: &[&str] = &[
    r"error: (.+?) is incompatible with ",
    r"error: (.+?): (?:unhandled|unknown) file type",
    r"error: unknown file type: (.+)",
    r"warning: (.+?): archive member '.+' is neither ",
    r">>> did you mean: .+\n>>> defined in: (.+)",
];

fn other_machine(failure: &Failure<'_>) -> Option<String> {
    let name = failure.target.row.name;
    let says = |file: &str, what: &str| {
        format!(
            "'{file}' is {what}, and the target is '{name}': compile it again with the compiler of the target, which a \
             configure script in a build script takes from CC"
        )
    };
    let named = FOREIGN.iter().find_map(|pattern| all(pattern, failure.said).first().copied());
    let (path, member) = match named?.strip_suffix(')').and_then(|file| file.rsplit_once('(')) {
        Some((path, member)) => (path, Some(member)),
        None => (named?, None),
    };
    let format = match () {
        () if failure.target.is_macos() => "Mach-O",
        () if failure.target.is_windows() => "COFF",
        () if failure.target.is_wasi() => "WebAssembly",
        () => "ELF",
    };
    match made_for(Path::new(path), member) {
        Some((found, machine)) if found == format => Some(says(named?, &format!("for {machine}"))),
        Some((found, machine)) => Some(says(named?, &format!("{found} for {machine}"))),
        None if failure.said.contains(" is incompatible with ") => Some(says(named?, "for another machine")),
        None => None,
    }
}

/// Format and machine of an object, or of a member of an archive: the first without a name.
fn made_for(path: &Path, member: Option<&str>) -> Option<(&'static str, String)> {
    let bytes = fs::read(path).ok()?;
    let bytes = match ArchiveFile::parse(&*bytes) {
        Ok(archive) => {
            let is_it = |found: &ArchiveMember<'_>| member.is_none_or(|member| found.name() == member.as_bytes());
            archive.members().flatten().find(is_it)?.data(&*bytes).ok()?
        }
        Err(_) => &*bytes,
    };
    if bytes.starts_with(b"\0asm") {
        return Some(("WebAssembly", "its own machine".to_owned()));
    }
    let format = match FileKind::parse(bytes).ok()? {
        FileKind::Elf32 | FileKind::Elf64 => "ELF",
        FileKind::MachO32 | FileKind::MachO64 => "Mach-O",
        FileKind::Coff | FileKind::CoffBig => "COFF",
        _ => return None,
    };
    let machine = match format {
        "ELF" => {
            let number = [*bytes.get(18)?, *bytes.get(19)?];
            let number = if bytes[5] == 2 { u16::from_be_bytes(number) } else { u16::from_le_bytes(number) };
            MACHINES.iter().find(|row| row.0 == number).map(|row| row.1.to_owned())
        }
        _ => object::File::parse(bytes).ok().map(|file| format!("{:?}", file.architecture()).to_lowercase()),
    };
    Some((format, machine.map_or_else(|| "another machine".to_owned(), |machine| format!("'{machine}'"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help_of(target: &str, said: &str) -> Vec<String> {
        let target = Target::parse(target).unwrap();
        help(&Failure { said, target, by_sdk: false, zig: Path::new("/none") })
    }

    #[test]
    fn messages_of_lld_are_recognised() {
        for (target, said, expected) in [
            (
                "x86_64-linux-gnu",
                "ld.lld: error: undefined symbol: std::__cxx11::basic_string<char>::f()\n>>> referenced by a.cc\n\
                 >>>               a.o:(f) in archive liba.a\n",
                "'liba.a' was compiled against GCC's libstdc++",
            ),
            (
                "x86_64-linux-gnu",
                "ld.lld: error: undefined symbol: f[abi:cxx11](int)\n",
                "an object or a library was compiled against GCC's libstdc++",
            ),
            (
                "aarch64-linux-gnu.2.31",
                "ld.lld: error: undefined reference: fmod@GLIBC_2.38\n>>> referenced by ./libx.so\n",
                "'fmod' came with glibc 2.38, and the link is for 2.31: use the target 'aarch64-linux-gnu.2.38'",
            ),
            (
                "x86_64-linux-musl",
                "ld.lld: error: undefined reference: fmod@GLIBC_2.38\n>>> referenced by ./libx.so\n",
                "'fmod' is glibc's, and musl has none",
            ),
            ("x86_64-linux-gnu", "ld.lld: \x1b[0;31merror: \x1b[0munable to find library -lfoo\n", "'foo'"),
            (
                "thumbv7m-none-eabi",
                "ld.lld: error: undefined symbol: printf\n>>> referenced by a.c\n",
                "'printf' is a C library's, and 'thumbv7m-none-eabi' has none",
            ),
            ("riscv32imac-none-elf", "ld.lld: error: unable to find library -lc\n", "'-lc' is a C library's"),
            (
                "x86_64-linux-gnu",
                "ld.lld: error: a.o is incompatible with elf_x86_64\n",
                "'a.o' is for another machine",
            ),
        ] {
            let help = help_of(target, said);
            assert_eq!(help.len(), 1, "{said}{help:?}");
            assert!(help[0].contains(expected), "{said}{help:?}");
            assert!(!help[0].contains('\n'), "{help:?}");
        }
    }

    /// A Rust library has an object of rustc's in front of those of a build script.
    #[test]
    fn the_machine_is_that_of_the_member() {
        let dir = tempfile::tempdir().unwrap();
        let library = dir.path().join("lib(a).rlib");
        let mut bytes = b"!<arch>\n".to_vec();
        for (name, machine) in [("first.o/", 243u16), ("second.o/", 62)] {
            bytes.extend(format!("{name:<16}0           0     0     644     20        `\n").as_bytes());
            bytes.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x01\0");
            bytes.extend(machine.to_le_bytes());
        }
        fs::write(&library, bytes).unwrap();
        let said =
            |member: &str| format!("ld.lld: error: {}({member}) is incompatible with elf64lriscv\n", library.display());
        let help = |member: &str| help_of("riscv64-linux-gnu", &said(member)).remove(0);
        assert!(help("second.o").contains("' is for 'x86_64', and the target is 'riscv64-linux-gnu'"));
        assert!(help("none.o").contains("' is for another machine, "));
    }

    #[test]
    fn what_is_not_recognised_has_no_help() {
        for said in [
            "",
            "ld.lld: error: undefined symbol: main\n",
            "ld.lld: error: undefined symbol: std::__1::basic_string<char>::f()\n",
            "ld.lld: error: undefined reference: old@GLIBC_2.17\n",
            "ld.lld: error: duplicate symbol: f\n",
        ] {
            assert_eq!(help_of("x86_64-linux-gnu", said), Vec::<String>::new(), "{said}");
        }
    }
}
