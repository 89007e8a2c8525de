//! Who xcc is called as: `[xcc-]TARGET[-TOOL][.exe]`, a tool alone, or `xcc` with or without a tool as first argument.
//!
//! The xcc binary is many programs: each name of [`NAMES`] makes it another, as clang's driver modes and BusyBox's
//! applets do. Where the target comes from when the name has none is decided here too.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::binutils::Tool;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::target::{Libc, Row, Target};

/// What the invoked name makes xcc be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Personality {
    /// The C compiler driver; by file name or `-x` it compiles anything clang does.
    Cc,
    /// The C++ compiler driver: links the C++ library.
    Cxx,
    /// The preprocessor.
    Cpp,
    /// The linker, called as GNU ld is.
    Ld,
    Ar,
    Ranlib,
    /// Import libraries of Windows, from `.def` files.
    Dlltool,
    /// Resources of Windows programs.
    Windres,
    PkgConfig,
    /// A tool that reads or rewrites objects.
    Binutils(Tool),
}

impl Personality {
    /// Does it matter to the tool which target it is for? The binary tools read it from the file.
    fn has_target(self) -> bool {
        !matches!(self, Personality::Binutils(_))
    }
}

/// Tool names, longest first where one ends in another. The last column: can it be a bare first argument
/// (`xcc cc …`), as with zig?
const NAMES: &[(&str, Personality, bool)] = &[
    ("clang++", Personality::Cxx, true),
    ("clang", Personality::Cc, true),
    ("c++", Personality::Cxx, true),
    ("g++", Personality::Cxx, true),
    ("gcc", Personality::Cc, true),
    ("cpp", Personality::Cpp, true),
    ("cc", Personality::Cc, true),
    ("gcc-ar", Personality::Ar, false),
    ("gcc-ranlib", Personality::Ranlib, false),
    ("llvm-ar", Personality::Ar, false),
    ("llvm-ranlib", Personality::Ranlib, false),
    ("ranlib", Personality::Ranlib, true),
    ("ar", Personality::Ar, true),
    ("llvm-dlltool", Personality::Dlltool, false),
    ("dlltool", Personality::Dlltool, true),
    ("llvm-windres", Personality::Windres, false),
    ("windres", Personality::Windres, true),
    ("ld.lld", Personality::Ld, false),
    ("ld", Personality::Ld, true),
    ("pkg-config", Personality::PkgConfig, true),
    ("pkgconf", Personality::PkgConfig, true),
    ("gcc-nm", Personality::Binutils(Tool::Nm), false),
    ("llvm-nm", Personality::Binutils(Tool::Nm), false),
    ("nm", Personality::Binutils(Tool::Nm), true),
    ("llvm-strip", Personality::Binutils(Tool::Strip), false),
    ("strip", Personality::Binutils(Tool::Strip), true),
    ("llvm-objcopy", Personality::Binutils(Tool::Objcopy), false),
    ("objcopy", Personality::Binutils(Tool::Objcopy), true),
    ("llvm-objdump", Personality::Binutils(Tool::Objdump), false),
    ("objdump", Personality::Binutils(Tool::Objdump), true),
    ("llvm-readelf", Personality::Binutils(Tool::Readelf), false),
    ("readelf", Personality::Binutils(Tool::Readelf), true),
    ("llvm-size", Personality::Binutils(Tool::Size), false),
    ("size", Personality::Binutils(Tool::Size), true),
    ("llvm-strings", Personality::Binutils(Tool::Strings), false),
    ("strings", Personality::Binutils(Tool::Strings), true),
    ("llvm-cxxfilt", Personality::Binutils(Tool::Cxxfilt), false),
    ("c++filt", Personality::Binutils(Tool::Cxxfilt), true),
    ("llvm-addr2line", Personality::Binutils(Tool::Addr2line), false),
    ("addr2line", Personality::Binutils(Tool::Addr2line), true),
    ("llvm-lipo", Personality::Binutils(Tool::Lipo), false),
    ("lipo", Personality::Binutils(Tool::Lipo), true),
    ("llvm-install-name-tool", Personality::Binutils(Tool::InstallName), false),
    ("install_name_tool", Personality::Binutils(Tool::InstallName), true),
    ("llvm-otool", Personality::Binutils(Tool::Otool), false),
    ("otool", Personality::Binutils(Tool::Otool), true),
    ("codesign", Personality::Binutils(Tool::Codesign), true),
    ("vtool", Personality::Binutils(Tool::Vtool), true),
    ("dsymutil", Personality::Binutils(Tool::Dsymutil), true),
    ("xcrun", Personality::Binutils(Tool::Xcrun), true),
    ("nmedit", Personality::Binutils(Tool::Nmedit), true),
    ("dyld_info", Personality::Binutils(Tool::DyldInfo), true),
    ("sw_vers", Personality::Binutils(Tool::SwVers), true),
];

/// What a name and the environment say together.
#[derive(Debug)]
pub(crate) enum Identity {
    /// A build tool's program for a target. `arguments` counts the words of argv that name it (1, or 2 for `xcc cc`).
    Tool { personality: Personality, target: Option<Target>, words: usize },
    /// xcc's own command line (`xcc targets`).
    Cli,
    /// Cargo's sub-command `zigbuild`.
    Zigbuild,
}

/// Finds out who we are from argv.
///
/// # Errors
/// [`Error::UnknownName`] for a name that is neither, and whatever a bad target in a variable gives.
pub(crate) fn identify(argv: &[OsString], env: &Env, is_command: impl Fn(&str) -> bool) -> Result<Identity> {
    let name = argv.first().and_then(|arg| Path::new(arg).file_name()).and_then(OsStr::to_str).unwrap_or("xcc");
    let name = name.strip_suffix(".exe").unwrap_or(name);
    if name == "xcc" {
        let first = argv.get(1).and_then(|arg| arg.to_str()).unwrap_or("");
        if let Some((_, personality, _)) = NAMES.iter().find(|(tool, _, bare)| *bare && *tool == first) {
            let target = if personality.has_target() { from_environment(env)? } else { None };
            return Ok(Identity::Tool { personality: *personality, target, words: 2 });
        }
        if is_command(first) {
            return Ok(Identity::Cli);
        }
        return Ok(Identity::Tool { personality: Personality::Cc, target: from_environment(env)?, words: 1 });
    }
    if name == "cargo-zigbuild" {
        return Ok(Identity::Zigbuild);
    }
    let (personality, target) = split(name.strip_prefix("xcc-").unwrap_or(name))?;
    let target = match target {
        Some(target) => Some(target.with_go_variant(env)?),
        None if personality.has_target() => from_environment(env)?,
        None => None,
    };
    Ok(Identity::Tool { personality, target, words: 1 })
}

/// LLD's own way to say what it is: `-flavor` as the first argument. rustc puts it there for bare metal, whatever the
/// linker it is given is called, unless the name ends in one of a C compiler's or of a linker's.
///
/// # Errors
/// [`Error::Unsupported`] for a linker that xcc is not.
pub(crate) fn flavor(argv: &[OsString]) -> Result<Option<Option<Target>>> {
    if argv.get(1).is_none_or(|word| word != "-flavor") {
        return Ok(None);
    }
    let name = Path::new(&argv[0]).file_name().and_then(OsStr::to_str).unwrap_or("");
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let target = split(name.strip_prefix("xcc-").unwrap_or(name)).ok().and_then(|(_, target)| target);
    match argv.get(2).and_then(|word| word.to_str()) {
        Some("gnu" | "ld" | "ld.lld") => Ok(Some(target)),
        Some("wasm" | "ld-wasm" | "wasm-ld") => Ok(Some(Some(Target::parse("wasm32-wasi")?))),
        None => Err(Error::MissingValue { option: "-flavor".into() }),
        Some(other) => Err(Error::Unsupported {
            option: format!("-flavor {other}"),
            target: target.map_or_else(|| "every target".to_owned(), |target| target.row.name.to_owned()),
            help: "as a linker xcc is 'gnu' (ld.lld) or 'wasm' (wasm-ld)".to_owned(),
            rule: None,
        }),
    }
}

/// `aarch64-linux-gnu-g++-14` into tool and target. The version that distributions append is dropped.
fn split(name: &str) -> Result<(Personality, Option<Target>)> {
    let unknown = || Error::UnknownName { name: name.to_owned() };
    let unversioned = name
        .rsplit_once('-')
        .filter(|(_, version)| !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
        .map_or(name, |(rest, _)| rest);
    let tool_of = |name: &str| NAMES.iter().find(|row| row.0 == name).map(|row| row.1);
    for candidate in [name, unversioned] {
        if let Some(personality) = tool_of(candidate) {
            return Ok((personality, None));
        }
        // The longest tool name wins: `…-gcc-ar` is an ar, not a target ending in `-gcc`.
        for (at, _) in candidate.match_indices('-') {
            let (target, tool) = (&candidate[..at], &candidate[at + 1..]);
            if let Some(personality) = tool_of(tool) {
                return Ok((personality, Some(Target::parse(target)?)));
            }
        }
    }
    match Target::parse(name) {
        Ok(target) => Ok((Personality::Cc, Some(target))),
        Err(Error::UnknownTarget { .. }) => Err(unknown()),
        Err(other) => Err(other),
    }
}

/// The target of a name that has none: `XCC_TARGET`, else Go's variables. `None` leaves it to `-target` or the host.
pub(crate) fn from_environment(env: &Env) -> Result<Option<Target>> {
    match env.text(env::XCC_TARGET) {
        Some(spelling) => Target::parse(spelling)?.with_go_variant(env).map(Some),
        None => Target::from_go(env),
    }
}

/// The plain name of a tool: `ar`, `strip`.
pub(crate) fn name_of(personality: Personality) -> Option<&'static str> {
    NAMES.iter().find(|row| row.2 && row.1 == personality).map(|row| row.0)
}

/// Is it the name of a tool that xcc can be?
pub(crate) fn is_tool(name: &str) -> bool {
    NAMES.iter().any(|row| row.0 == name)
}

/// Tools that only Windows has a use for.
pub(crate) const OF_WINDOWS: &[&str] = &["dlltool", "windres"];

/// Tools that only macOS has a use for. `codesign`, `xcrun` and `sw_vers` have these names with a target, too: who looks
/// for them without one must not find them where they would be mistaken for the host's.
pub(crate) const OF_MACOS: &[&str] =
    &["lipo", "install_name_tool", "otool", "codesign", "vtool", "dsymutil", "xcrun", "sw_vers", "nmedit", "dyld_info"];

/// The names that install.sh makes for one target, and those without a target.
pub(crate) fn installed_names(target: Option<&str>) -> Vec<String> {
    const TOOLS: &[&str] = &[
        "cc",
        "c++",
        "gcc",
        "g++",
        "clang",
        "clang++",
        "cpp",
        "ld",
        "ar",
        "ranlib",
        "nm",
        "strip",
        "objcopy",
        "objdump",
        "readelf",
        "size",
        "strings",
        "c++filt",
        "addr2line",
        "pkg-config",
    ];
    let prefix = target.map_or_else(|| "xcc-".to_owned(), |target| format!("xcc-{target}-"));
    let bare = target.map(|target| format!("xcc-{target}"));
    let is_windows = target.is_none_or(|target| Target::parse(target).is_ok_and(Target::is_windows));
    let is_macos = target.is_none_or(|target| Target::parse(target).is_ok_and(Target::is_macos));
    let of_system = OF_WINDOWS.iter().filter(|_| is_windows).chain(OF_MACOS.iter().filter(|_| is_macos));
    let tools = TOOLS.iter().chain(of_system);
    bare.into_iter().chain(tools.map(|tool| format!("{prefix}{tool}"))).collect()
}

/// The minor versions of glibc 2 that install.sh makes names for: what people build for, and each release that
/// `xcc sysroot add` knows.
pub(crate) const GLIBC_OF_NAMES: &[u32] = &[
    17, // CentOS 7, manylinux2014
    28, // Debian 10, RHEL 8, manylinux_2_28
    31, // Debian 11, Ubuntu 20.04
    34, // RHEL 9, Amazon Linux 2023
    35, // Ubuntu 22.04
    36, // Debian 12
    39, // Ubuntu 24.04, RHEL 10
    41, // Debian 13
];

/// The names of a target with a version of glibc that install.sh makes, those of tools which the version is of use to.
pub(crate) fn versioned_names(row: &Row) -> Vec<String> {
    const TOOLS: &[&str] = &["", "-cc", "-c++", "-gcc", "-g++", "-clang", "-clang++", "-cpp", "-ld", "-pkg-config"];
    let Libc::Glibc { oldest, .. } = row.libc else { return Vec::new() };
    let versions = GLIBC_OF_NAMES.iter().filter(|minor| **minor >= oldest);
    versions.flat_map(|minor| TOOLS.iter().map(move |tool| format!("xcc-{}.2.{minor}{tool}", row.name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(argv0: &str) -> String {
        let argv = [OsString::from(argv0)];
        match identify(&argv, &Env::default(), |_| false) {
            Ok(Identity::Tool { personality, target, .. }) => {
                format!("{personality:?} {}", target.map(|t| t.to_string()).unwrap_or_default())
            }
            Ok(Identity::Cli) => "cli".into(),
            Ok(Identity::Zigbuild) => "zigbuild".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn names_say_tool_and_target() {
        assert_eq!(who("/usr/bin/xcc-aarch64-linux-gnu"), "Cc aarch64-linux-gnu");
        assert_eq!(who("xcc-aarch64-linux-gnu-c++.exe"), "Cxx aarch64-linux-gnu");
        assert_eq!(who("/home/u/.cargo/bin/cargo-zigbuild"), "zigbuild");
        assert_eq!(who("aarch64-linux-gnu-g++-14"), "Cxx aarch64-linux-gnu");
        assert_eq!(who("arm-linux-gnueabihf-gcc-ar"), "Ar arm-linux-gnueabihf");
        assert_eq!(who("xcc-x86_64-linux-gnu.2.17"), "Cc x86_64-linux-gnu.2.17");
        assert_eq!(who("xcc-x86_64-linux-gnu.2.17-clang++"), "Cxx x86_64-linux-gnu.2.17");
        assert_eq!(who("xcc-linux-arm64"), "Cc aarch64-linux-gnu");
        assert_eq!(who("xcc-ar"), "Ar ");
        assert_eq!(who("x86_64-w64-mingw32-dlltool"), "Dlltool x86_64-windows-gnu");
        assert_eq!(who("xcc-aarch64-linux-gnu-pkg-config"), "PkgConfig aarch64-linux-gnu");
        assert_eq!(who("ld.lld"), "Ld ");
        assert_eq!(who("xcc-aarch64-linux-gnu-c++filt"), "Binutils(Cxxfilt) aarch64-linux-gnu");
        assert_eq!(who("s390x-linux-gnu-gcc-nm-14"), "Binutils(Nm) s390x-linux-gnu");
        assert_eq!(who("llvm-strip"), "Binutils(Strip) ");
        assert_eq!(who("xcc"), "Cc ");
        assert_eq!(who("xcd"), "unknown name 'xcd'");
        assert_eq!(who("foo-bar-cc"), "unknown target triple 'foo-bar'");
    }

    #[test]
    fn a_flavor_makes_every_name_a_linker() {
        let of = |line: &str| flavor(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of("any-name -flavor gnu a.o").unwrap(), Some(None));
        assert_eq!(
            of("xcc-thumbv7m-none-eabi-cc -flavor gnu").unwrap(),
            Some(Target::parse("thumbv7m-none-eabi").ok())
        );
        assert_eq!(of("xcc -flavor wasm a.o").unwrap(), Some(Target::parse("wasm32-wasi").ok()));
        assert_eq!(of("xcc a.o -flavor gnu").unwrap(), None);
        assert!(of("xcc -flavor").is_err());
        assert!(of("xcc -flavor link").unwrap_err().to_string().contains("'-flavor link'"));
    }

    #[test]
    fn every_installed_name_is_understood() {
        for row in Target::all() {
            let of_target = installed_names(Some(row.name)).into_iter().chain(versioned_names(row));
            for name in of_target.chain(installed_names(None)) {
                let argv = [OsString::from(&name)];
                assert!(identify(&argv, &Env::default(), |_| false).is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn plain_xcc_follows_gos_variables() {
        for (pairs, expected) in [
            (&[("GOOS", "linux"), ("GOARCH", "arm64")][..], "aarch64-linux-gnu"),
            (&[("GOOS", "linux"), ("GOARCH", "arm"), ("GOARM", "6")], "armv6-linux-gnueabihf"),
            (&[("GOOS", "linux"), ("GOARCH", "arm"), ("GOARM", "5")], "arm-linux-gnueabi"),
            (&[("GOOS", "linux"), ("GOARCH", "arm"), ("GOARM", "7,softfloat")], "arm-linux-gnueabi"),
            (&[("GOOS", "linux"), ("GOARCH", "386"), ("GO386", "softfloat")], "i586-linux-gnu"),
            (&[("GOOS", "linux"), ("GOARCH", "mipsle"), ("GOMIPS", "softfloat")], "mipsel-linux-gnueabi"),
            (&[("GOOS", "linux"), ("GOARCH", "amd64"), ("XCC_LIBC", "musl")], "x86_64-linux-musl"),
            (&[("GOOS", "linux"), ("GOARCH", "amd64"), ("XCC_LIBC", "gnu.2.17")], "x86_64-linux-gnu.2.17"),
        ] {
            let target = Target::from_go(&Env::of(pairs)).unwrap().unwrap();
            assert_eq!(target.to_string(), expected, "{pairs:?}");
        }
        for refused in [&[("GOOS", "plan9"), ("GOARCH", "amd64")], &[("GOARCH", "mips64le"), ("GOMIPS64", "softfloat")]]
        {
            assert!(Target::from_go(&Env::of(refused)).is_err(), "{refused:?}");
        }
    }

    /// As `go` does.
    #[cfg(target_os = "linux")]
    #[test]
    fn half_of_gos_variables_mean_the_hosts_other_half() {
        let of = |pairs: &[(&'static str, &str)]| Target::from_go(&Env::of(pairs)).unwrap().map(|t| t.to_string());
        let host = Target::host().unwrap().to_string();
        assert_eq!(of(&[("GOARCH", "riscv64")]).unwrap(), "riscv64-linux-gnu");
        assert_eq!(of(&[("GOARCH", "mips"), ("GOMIPS", "softfloat")]).unwrap(), "mips-linux-gnueabi");
        assert_eq!(of(&[("GOARCH", "arm64"), ("GOOS", "")]).unwrap(), "aarch64-linux-gnu");
        assert_eq!(of(&[("GOOS", "linux")]).unwrap(), host);
        assert_eq!(of(&[("GOOS", "windows")]).unwrap(), host.replace("linux", "windows"));
        assert_eq!(of(&[("GOOS", ""), ("GOARCH", "")]), None);
    }

    #[test]
    fn a_binary_tool_asks_for_no_target() {
        let argv = [OsString::from("xcc"), OsString::from("nm")];
        let env = Env::of(&[("GOOS", "plan9"), ("GOARCH", "amd64")]);
        assert!(matches!(identify(&argv, &env, |_| false), Ok(Identity::Tool { target: None, words: 2, .. })));
    }

    #[test]
    fn goarm_lowers_a_generic_arm_name_and_refuses_what_contradicts_it() {
        let with = |level: &'static str| {
            let env = Env::of(&[("GOARCH", "arm"), ("GOARM", level)]);
            Target::parse("arm-linux-gnueabihf").unwrap().with_go_variant(&env).map(|t| t.to_string())
        };
        assert_eq!(with("6").unwrap(), "armv6-linux-gnueabihf");
        assert_eq!(with("7").unwrap(), "arm-linux-gnueabihf");
        assert!(with("5").is_err());
        let mips = |name: &str, variable: &'static str| {
            let goarch = if name.contains("64") { "mips64" } else { "mips" };
            let env = Env::of(&[("GOARCH", goarch), (variable, "softfloat")]);
            Target::parse(name).unwrap().with_go_variant(&env).map(|t| t.to_string()).map_err(|e| e.help().unwrap())
        };
        assert_eq!(mips("mips-linux-gnu", "GOMIPS").unwrap_err(), "use 'xcc-mips-linux-gnueabi' as the compiler");
        assert_eq!(mips("mips-linux-gnueabi", "GOMIPS").unwrap(), "mips-linux-gnueabi");
        assert!(mips("mips64-linux-musl", "GOMIPS64").unwrap_err().contains("CGO_ENABLED=0"));
        // Another architecture's variable.
        assert_eq!(mips("mipsel-linux-gnu", "GOMIPS").unwrap(), "mipsel-linux-gnueabihf");
    }
}
