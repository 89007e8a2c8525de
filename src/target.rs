//! Targets: what a row says, how every spelling of a target finds its row, and the libc version behind the dot.
//!
//! GNU `aarch64-linux-gnu`, Rust `aarch64-unknown-linux-gnu`, zig `aarch64-linux-gnu.2.17`, Go `linux/arm64`,
//! Docker `linux/arm/v7`, Debian `armhf` and clang's triples are all spellings of one row.
//! What a backend does with a target is not here.

pub(crate) mod bare;
pub(crate) mod macos;
mod table;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::env::{self, Env};
use crate::error::{Error, Result};
use table::{ARCHES, TARGETS, VENDORS};

/// One target, as data.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    /// The canonical name, which is also how xcc prints the target.
    pub(crate) name: &'static str,
    /// The triple that clang gets.
    pub(crate) clang: &'static str,
    /// clang's flags for the baseline CPU, where its own default for the triple is another.
    pub(crate) clang_flags: &'static [&'static str],
    /// The triple that zig gets, without a libc version.
    pub(crate) zig: &'static str,
    /// zig's `-mcpu=` for the same baseline; empty for zig's default.
    pub(crate) zig_cpu: &'static str,
    /// GNU ld's emulation (`-m`), for a linker that is called directly.
    pub(crate) emulation: &'static str,
    pub(crate) libc: Libc,
    /// `GOOS`, `GOARCH` and the variant that select this row (`GOARM`, `GO386`, `GOMIPS`).
    pub(crate) go: Option<(&'static str, &'static str, &'static str)>,
    /// Spellings that the general rules of [`Target::parse`] do not find.
    pub(crate) aliases: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Libc {
    /// Minor versions of glibc 2: the oldest there is for the architecture, and the default.
    Glibc {
        oldest: u32,
        default: u32,
    },
    Musl,
    /// mingw-w64 on Microsoft's Universal CRT, which is part of Windows.
    Mingw,
    /// A BSD's own, with the name and version of the system that zig has.
    Bsd(&'static str),
    /// wasi-libc, for WASI preview 1.
    Wasi,
    /// macOS's libSystem, with the oldest macOS that a program shall run on by default.
    Macos(macos::Version),
    /// Bare metal: clang's own headers and compiler-rt, and nothing else.
    None,
}

/// A target with its libc version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Target {
    pub(crate) row: &'static Row,
    /// The glibc 2.x asked for after the dot; `None` for the default, and for every other libc.
    pub(crate) glibc: Option<u32>,
    /// The oldest macOS asked for, by the name or by `MACOSX_DEPLOYMENT_TARGET`; `None` for the default, and for every
    /// other system.
    pub(crate) macos: Option<macos::Version>,
    /// Go's and Docker's level of amd64, as [`Target::of_platform`] finds it. It is no part of the name.
    pub(crate) level: Option<&'static str>,
}

/// Levels of amd64: Go's `GOAMD64`, Docker's variants. The first is what every target of the processor is compiled for.
const LEVELS: &[&str] = &["v1", "v2", "v3", "v4"];

/// `linux/amd64/v3` into the platform and its level.
fn split_level(spelling: &str) -> Option<(&str, &'static str)> {
    let (base, last) = spelling.rsplit_once(['/', '-'])?;
    let level = LEVELS.iter().find(|level| **level == last)?;
    let is_amd64 = base.rsplit(['/', '-']).next().is_some_and(|arch| arch_name(arch) == "x86_64");
    is_amd64.then_some((base, level))
}

impl Target {
    /// Finds the target of any spelling, a level of amd64 included: for what tells Go of it.
    ///
    /// # Errors
    /// As [`Target::parse`].
    pub(crate) fn of_platform(spelling: &str) -> Result<Target> {
        match split_level(spelling) {
            Some((base, level)) => Ok(Target { level: Some(level), ..Target::parse(base)? }),
            None => Target::parse(spelling),
        }
    }

    /// The level of amd64, where it is more than every processor has.
    pub(crate) fn higher_level(self) -> Option<&'static str> {
        self.level.filter(|level| *level != LEVELS[0])
    }

    /// Finds the target of any spelling.
    ///
    /// # Errors
    /// [`Error::UnknownTarget`], or [`Error::LibcVersion`] for a version the target does not have.
    pub(crate) fn parse(spelling: &str) -> Result<Target> {
        let unknown = || Error::UnknownTarget { spelling: spelling.to_owned() };
        if let Some((base, level)) = split_level(spelling) {
            // A name must not promise what the compiler does not do.
            let target = Target::parse(base)?;
            if level == LEVELS[0] {
                return Ok(target);
            }
            return Err(Error::with_help(
                format!("unsupported level '{level}' of target '{target}'"),
                format!(
                    "'xcc run', 'xcc env' and 'xcc matrix' tell Go of it (GOAMD64); for C the option is -march=x86-64-{level}"
                ),
            ));
        }
        if spelling == "native" {
            return Target::host();
        }
        let dashed = without_kernel(&spelling.replace('/', "-"));
        if let Some((base, version)) = macos::split(&dashed) {
            let row = find_row(&base).filter(|row| matches!(row.libc, Libc::Macos(_))).ok_or_else(unknown)?;
            let macos = version.map(|version| version.ok_or_else(unknown)).transpose()?;
            return Ok(Target { row, glibc: None, macos, level: None });
        }
        if let Some((base, version)) = split_bsd_version(&dashed) {
            return of_release(find_row(base).ok_or_else(unknown)?, version);
        }
        let (base, version) = split_version(&dashed);
        // `thumbv8m.main-none-eabi` has its dot in the name.
        let (row, version) = match find_row(&dashed) {
            Some(row) if version.is_some() => (row, None),
            _ => (find_row(base).ok_or_else(unknown)?, version),
        };
        let glibc = match (version, row.libc) {
            (None, _) => None,
            (Some(version), Libc::Glibc { oldest, .. }) => Some(glibc_minor(row, version, oldest)?),
            (Some(_), _) => return Err(unknown()),
        };
        Ok(Target { row, glibc, macos: None, level: None })
    }

    /// The target that Go's variables mean, if `GOOS` or `GOARCH` is there; the other is the host's then, as it is to Go.
    /// `XCC_LIBC` chooses the libc.
    ///
    /// # Errors
    /// A target that xcc does not have, and a floating point that its C runtimes do not have.
    pub(crate) fn from_go(env: &Env) -> Result<Option<Target>> {
        let set = |name| env.text(name).filter(|text| !text.is_empty());
        let (goos, goarch) = match (set(env::GOOS), set(env::GOARCH)) {
            (None, None) => return Ok(None),
            (goos, goarch) => (goos.unwrap_or(go_host().0), goarch.unwrap_or(go_host().1)),
        };
        let libc = env.text(env::XCC_LIBC).unwrap_or("gnu");
        let (libc, version) = libc.split_once('.').map_or((libc, None), |(l, v)| (l, Some(v)));
        let musl = match libc {
            "gnu" | "glibc" => false,
            "musl" if version.is_none() => true,
            _ => {
                let message = format!("'{libc}' is not 'gnu', 'gnu.2.N' or 'musl'");
                return Err(Error::Variable { name: env::XCC_LIBC, message });
            }
        };
        refuse_soft_mips64(goarch, env)?;
        let variant = go_variant(goarch, env);
        let of_go = |row: &&Row| {
            row.go.is_some_and(|(os, arch, v)| os == goos && arch == goarch && v == variant)
                && (goos != "linux" || (row.libc == Libc::Musl) == musl)
        };
        let Some(row) = TARGETS.iter().find(of_go) else {
            return Err(Error::UnknownTarget { spelling: format!("{goos}/{goarch}") });
        };
        match version.filter(|_| goos == "linux") {
            Some(version) => Target::parse(&format!("{}.{version}", row.name)).map(Some),
            None => Ok(Some(Target { row, glibc: None, macos: None, level: None })),
        }
    }

    /// The machine xcc runs on; a Linux of its architecture where xcc has no native target.
    pub(crate) fn host() -> Result<Target> {
        Target::parse(&format!("{}-linux-gnu", std::env::consts::ARCH))
    }

    /// Follows `GOARM`, which Go hands to every compiler but never puts on the command line: a generic 32-bit Arm
    /// target becomes the one of that level.
    ///
    /// # Errors
    /// A hard-float name with `GOARM=5` or `GOMIPS=softfloat`: neither can be honoured without breaking the other.
    pub(crate) fn with_go_variant(self, env: &Env) -> Result<Target> {
        if let Some((_, goarch, "hardfloat")) = self.row.go.filter(|go| env.text(env::GOARCH) == Some(go.1)) {
            refuse_soft_mips64(goarch, env)?;
            if go_variant(goarch, env) == "softfloat" {
                let soft = self.row.name.strip_suffix("hf").unwrap_or(self.row.name);
                return Err(Error::Unsupported {
                    option: "GOMIPS=softfloat".to_owned(),
                    target: self.row.name.to_owned(),
                    help: format!("use 'xcc-{soft}' as the compiler"),
                    rule: None,
                });
            }
        }
        let generic = matches!(self.row.name, "arm-linux-gnueabihf" | "arm-linux-musleabihf");
        if !generic || env.text(env::GOARCH) != Some("arm") || env.text(env::GOARM).is_none() {
            return Ok(self);
        }
        let musl = self.row.libc == Libc::Musl;
        match go_variant("arm", env) {
            "6" => {
                let name = if musl { "armv6-linux-musleabihf" } else { "armv6-linux-gnueabihf" };
                Ok(Target { row: find_row(name).unwrap_or(self.row), ..self })
            }
            "5" => Err(Error::Unsupported {
                option: format!("GOARM={}", env.text(env::GOARM).unwrap_or_default()),
                target: self.row.name.to_owned(),
                help: format!(
                    "GOARM=5 is software floating point; use 'xcc-arm-linux-{}' as the compiler",
                    if musl { "musleabi" } else { "gnueabi" }
                ),
                rule: None,
            }),
            _ => Ok(self),
        }
    }

    /// `-target T` after a name: the same target without a version keeps the version of the name.
    pub(crate) fn refined_by(self, later: Target) -> Target {
        let same = self.row == later.row;
        let kept = if same { self } else { later };
        Target { glibc: later.glibc.or(kept.glibc), macos: later.macos.or(kept.macos), ..later }
    }

    /// The same target with the version of glibc that the configuration says, where its name says none.
    ///
    /// # Errors
    /// A version that the target does not have.
    pub(crate) fn with_configured_glibc(self, minor: Option<u32>) -> Result<Target> {
        match (minor, self.glibc, self.row.libc) {
            (Some(minor), None, Libc::Glibc { oldest, .. }) => {
                Ok(Target { glibc: Some(glibc_minor(self.row, &format!("2.{minor}"), oldest)?), ..self })
            }
            _ => Ok(self),
        }
    }

    /// Follows `MACOSX_DEPLOYMENT_TARGET`, which build tools for macOS set, where the name says no version.
    ///
    /// # Errors
    /// A value that is no version.
    pub(crate) fn with_deployment_target(self, env: &Env) -> Result<Target> {
        let Some(text) = env.text(env::MACOSX_DEPLOYMENT_TARGET).filter(|_| self.is_macos() && self.macos.is_none())
        else {
            return Ok(self);
        };
        let macos = macos::Version::parse(text).ok_or_else(|| Error::Variable {
            name: env::MACOSX_DEPLOYMENT_TARGET,
            message: format!("'{text}' is no version of macOS such as '11.0'"),
        })?;
        Ok(Target { macos: Some(macos), ..self })
    }

    /// The oldest macOS that a program shall run on; `None` for every other system.
    pub(crate) fn macos_version(self) -> Option<macos::Version> {
        match self.row.libc {
            Libc::Macos(default) => Some(self.macos.unwrap_or(default).max(macos::oldest(self.row.name))),
            _ => None,
        }
    }

    pub(crate) fn is_macos(self) -> bool {
        matches!(self.row.libc, Libc::Macos(_))
    }

    /// macOS on the other processor; `None` for every other system.
    pub(crate) fn macos_twin(self) -> Option<Target> {
        let other = |row: &&Row| macos::HALVES.contains(&row.name) && row.emulation != self.row.emulation;
        TARGETS.iter().filter(|_| self.is_macos()).find(other).map(|row| Target {
            row,
            glibc: None,
            macos: None,
            level: None,
        })
    }

    /// Both processors of macOS in one file.
    pub(crate) fn is_universal(self) -> bool {
        self.row.name == macos::UNIVERSAL
    }

    /// The two targets of [`Target::is_universal`], arm64 first; empty for every other.
    pub(crate) fn halves(self) -> Vec<Target> {
        let rows = macos::HALVES.iter().filter(|_| self.is_universal()).filter_map(|name| find_row(name));
        rows.map(|row| Target { row, ..self }).collect()
    }

    /// The half of a universal target that one `-arch` of the user's chooses; every other target as it is.
    pub(crate) fn of_archs(self, archs: &[&str]) -> Target {
        let is_it = |half: &Target| *archs == [half.row.emulation];
        self.halves().into_iter().find(is_it).unwrap_or(self)
    }

    pub(crate) fn is_musl(self) -> bool {
        self.row.libc == Libc::Musl
    }

    /// The minor version of glibc in force; `None` for every other libc.
    pub(crate) fn glibc_minor(self) -> Option<u32> {
        match self.row.libc {
            Libc::Glibc { default, .. } => Some(self.glibc.unwrap_or(default)),
            _ => None,
        }
    }

    pub(crate) fn is_windows(self) -> bool {
        self.row.libc == Libc::Mingw
    }

    pub(crate) fn is_bsd(self) -> bool {
        matches!(self.row.libc, Libc::Bsd(_))
    }

    pub(crate) fn is_openbsd(self) -> bool {
        self.row.name.ends_with("-openbsd")
    }

    pub(crate) fn is_wasi(self) -> bool {
        self.row.libc == Libc::Wasi
    }

    pub(crate) fn is_bare(self) -> bool {
        self.row.libc == Libc::None
    }

    /// What `--sysroot` names, of the directory that xcc keeps for the target: clang's drivers for MinGW, WebAssembly and bare
    /// metal look for `include` and `lib` there, the others for `usr/include` and `usr/lib`.
    pub(crate) fn root(self, sysroot: &Path) -> PathBuf {
        if self.is_windows() || self.is_wasi() || self.is_bare() { sysroot.join("usr") } else { sysroot.to_owned() }
    }

    /// zig's spelling, libc version included.
    pub(crate) fn zig_triple(self) -> String {
        match (self.glibc_minor(), self.row.libc) {
            (Some(minor), _) => format!("{}.2.{minor}", self.row.zig),
            // What zig compiles serves every version: the oldest.
            (None, Libc::Macos(default)) => format!("{}.{default}", self.row.zig),
            (None, _) => self.row.zig.to_owned(),
        }
    }

    /// For zig's own driver and a program: with the version of macOS that it is for.
    pub(crate) fn zig_program_triple(self) -> String {
        match self.macos_version() {
            Some(version) => format!("{}.{version}", self.row.zig),
            None => self.zig_triple(),
        }
    }

    /// The full name, libc version included: the version line.
    pub(crate) fn full_name(self) -> String {
        match (self.glibc_minor(), self.macos_version()) {
            (Some(minor), _) => format!("{}.2.{minor}", self.row.name),
            (None, Some(version)) => format!("{}.{version}", self.row.name),
            (None, None) => self.row.name.to_owned(),
        }
    }

    /// The directory of its sysroot: one for each libc, and one for all versions of macOS.
    pub(crate) fn sysroot_name(self) -> String {
        match self.halves().first() {
            Some(half) => half.row.name.to_owned(),
            None if self.is_macos() => self.row.name.to_owned(),
            None => self.full_name(),
        }
    }

    /// The same architecture with the other libc, for messages that name the alternative.
    pub(crate) fn musl_twin(self) -> &'static str {
        let name = self.row.name.replace("gnueabi", "musleabi").replace("gnuabi64", "muslabi64").replace("gnu", "musl");
        TARGETS.iter().find(|row| row.name == name).map_or("x86_64-linux-musl", |row| row.name)
    }

    /// The same architecture with glibc, for what musl does not have.
    pub(crate) fn glibc_twin(self) -> Option<&'static Row> {
        TARGETS.iter().find(|row| row.libc != self.row.libc && row.name.replace("gnu", "musl") == self.row.name)
    }

    pub(crate) fn all() -> impl Iterator<Item = &'static Row> {
        TARGETS.iter()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row.name)?;
        match (self.glibc, self.macos) {
            (Some(minor), _) => write!(f, ".2.{minor}"),
            (None, Some(version)) => write!(f, ".{version}"),
            (None, None) => Ok(()),
        }
    }
}

/// zig's `x86_64-linux.5.10-gnu.2.17` without the version of the kernel, which is for zig's own standard library: a C
/// library has its own.
fn without_kernel(dashed: &str) -> String {
    let is_version = |text: &str| text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(char::is_alphabetic);
    let field = |field| match str::split_once(field, '.') {
        Some(("linux", version)) if is_version(version) => "linux",
        _ => field,
    };
    dashed.split('-').map(field).collect::<Vec<_>>().join("-")
}

/// `aarch64-linux-gnu.2.17` and clang's `aarch64-linux-gnu2.17` into name and version.
fn split_version(spelling: &str) -> (&str, Option<&str>) {
    match spelling.split_once('.') {
        None => (spelling, None),
        Some((base, version)) => match base.strip_suffix('2') {
            Some(base) if !version.contains('.') && base.contains("-gnu") => (base, Some(&spelling[base.len()..])),
            _ => (base, Some(version)),
        },
    }
}

/// `x86_64-freebsd.14.0`, zig's spelling, and `x86_64-unknown-freebsd14`, the one of clang and of `uname`, into name and
/// release. Of zig's ranges, `14.0...15.0`, the lower end is the one that programs are linked for.
fn split_bsd_version(spelling: &str) -> Option<(&str, &str)> {
    let (base, release) = spelling.split_at(spelling.find("bsd")? + "bsd".len());
    let release = release.strip_prefix('.').unwrap_or(release);
    let release = release.split_once("...").map_or(release, |(oldest, _)| oldest);
    release.starts_with(|c: char| c.is_ascii_digit()).then_some((base, release))
}

/// The target, if zig has that release of its system, `14` or `14.0`: it has the shared libraries of one alone.
fn of_release(row: &'static Row, release: &str) -> Result<Target> {
    let ours = row.clang.split_once("bsd").map_or("", |(_, release)| release);
    let is_ours = ours.strip_prefix(release).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if !ours.is_empty() && is_ours {
        return Ok(Target { row, glibc: None, macos: None, level: None });
    }
    Err(Error::with_help(
        format!("release '{release}' is not available for target '{}'", row.name),
        format!(
            "zig has the shared libraries of release {ours} alone; what is linked for it runs on later releases too"
        ),
    ))
}

/// `2.17`, or with a patch level, which glibc's symbol versions do not know and zig's triples carry.
fn glibc_minor(row: &Row, version: &str, oldest: u32) -> Result<u32> {
    let minor = version.strip_prefix("2.").and_then(|rest| rest.split('.').next()).and_then(|m| m.parse().ok());
    match minor {
        Some(minor) if minor >= oldest => Ok(minor),
        _ => Err(Error::LibcVersion {
            target: row.name.to_owned(),
            version: version.to_owned(),
            oldest: format!("2.{oldest}"),
            newest: "the newest that zig has ('xcc targets')".to_owned(),
        }),
    }
}

/// xcc's name of an architecture, of any spelling of it; an unknown one stays.
pub(crate) fn arch_name(spelling: &str) -> &str {
    ARCHES.iter().find(|(other, _)| *other == spelling).map_or(spelling, |(_, ours)| ours)
}

fn find_row(base: &str) -> Option<&'static Row> {
    let exact = |name: &str| TARGETS.iter().find(|row| row.name == name || row.aliases.contains(&name));
    if let Some(row) = exact(base) {
        return Some(row);
    }
    let mut fields: Vec<&str> = base.split('-').collect();
    if fields.len() > 2 && VENDORS.contains(&fields[1]) {
        fields.remove(1);
        if let Some(row) = exact(&fields.join("-")) {
            return Some(row);
        }
    }
    // Go and Docker put the system first; both mean glibc unless they name another libc.
    if let Some(system) = fields.first().copied().filter(|first| {
        ["linux", "windows", "freebsd", "netbsd", "openbsd", "darwin", "macos", "macosx", "osx"].contains(first)
    }) {
        fields.remove(0);
        fields.insert(1.min(fields.len()), system);
    }
    let &arch = fields.first()?;
    let arch = arch_name(arch);
    fields[0] = arch;
    match fields.len() {
        1 => exact(&format!("{arch}-linux-gnu")).or_else(|| exact(&format!("{arch}-linux-gnueabihf"))),
        2 if fields[1] == "linux" => {
            exact(&format!("{arch}-linux-gnu")).or_else(|| exact(&format!("{arch}-linux-gnueabihf")))
        }
        // Debian's multiarch i386-linux-gnu, and the two-field x86_64-musl of musl-cross-make's users.
        2 => exact(&fields.join("-")).or_else(|| exact(&format!("{arch}-linux-{}", fields[1]))),
        _ => exact(&fields.join("-")),
    }
}

/// The host as Go names it: what `go` takes for a variable that is not set.
fn go_host() -> (&'static str, &'static str) {
    let goos = if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS };
    let goarch = Target::host().ok().and_then(|host| host.row.go).map_or(std::env::consts::ARCH, |go| go.1);
    (goos, goarch)
}

/// The rows of mips64 are for hardware floating point, and so are the C runtimes that are made for them. LLD would only say of
/// the objects that they do not fit. Remove when a row has the other.
fn refuse_soft_mips64(goarch: &str, env: &Env) -> Result<()> {
    if !matches!(goarch, "mips64" | "mips64le") || env.text(env::GOMIPS64) != Some("softfloat") {
        return Ok(());
    }
    Err(Error::Unsupported {
        option: "GOMIPS64=softfloat".to_owned(),
        target: format!("linux/{goarch}"),
        help: "the C runtimes of mips64 are for hardware floating point: leave GOMIPS64 unset, or build with CGO_ENABLED=0"
            .to_owned(),
        rule: None,
    })
}

/// The variant as the table's `go` column spells it.
fn go_variant(goarch: &str, env: &Env) -> &'static str {
    match goarch {
        // `GOARM=6,softfloat` is the spelling since Go 1.22; level 5 has always been software floating point.
        "arm" => match env.text(env::GOARM).unwrap_or("7") {
            level if level.ends_with("softfloat") || level.starts_with('5') => "5",
            level if level.starts_with('6') => "6",
            _ => "7",
        },
        "386" if env.text(env::GO386) == Some("softfloat") => "softfloat",
        "mips" | "mipsle" if env.text(env::GOMIPS) == Some("softfloat") => "softfloat",
        "mips" | "mipsle" | "mips64" | "mips64le" => "hardfloat",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_spellings_unique() {
        for pair in TARGETS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} can't precede {}", pair[0].name, pair[1].name);
        }
        let mut seen = std::collections::HashMap::new();
        for row in TARGETS {
            for spelling in row.aliases.iter().chain([&row.name]) {
                assert_eq!(seen.insert(*spelling, row.name), None, "'{spelling}' names two rows");
            }
        }
    }

    #[test]
    fn every_name_and_alias_finds_its_own_row() {
        for row in TARGETS {
            for spelling in row.aliases.iter().chain([&row.name]) {
                assert_eq!(Target::parse(spelling).unwrap().row.name, row.name, "{spelling}");
            }
            assert_eq!(Target::parse(row.name).unwrap().to_string(), row.name);
        }
    }

    #[test]
    fn spellings_of_one_target_are_one_target() {
        for (spelling, name) in [
            ("aarch64-unknown-linux-gnu", "aarch64-linux-gnu"),
            ("linux/arm64", "aarch64-linux-gnu"),
            ("linux-arm64", "aarch64-linux-gnu"),
            ("arm64", "aarch64-linux-gnu"),
            ("arm64-linux-musl", "aarch64-linux-musl"),
            ("aarch64-alpine-linux-musl", "aarch64-linux-musl"),
            ("aarch64-linux-gnu.2.17", "aarch64-linux-gnu.2.17"),
            ("aarch64-unknown-linux-gnu.2.17", "aarch64-linux-gnu.2.17"),
            ("aarch64-linux-gnu2.17", "aarch64-linux-gnu.2.17"),
            ("linux/arm/v7", "arm-linux-gnueabihf"),
            ("linux/arm/v6", "armv6-linux-gnueabihf"),
            ("linux/amd64", "x86_64-linux-gnu"),
            ("x86_64-linux.5.10-gnu.2.17", "x86_64-linux-gnu.2.17"),
            ("x86_64-linux.5.10...6.1-gnu", "x86_64-linux-gnu"),
            ("aarch64-linux.6.1-musl", "aarch64-linux-musl"),
            ("thumbv7neon-unknown-linux-gnueabihf", "arm-linux-gnueabihf"),
            ("thumbv7neon-unknown-linux-musleabihf", "arm-linux-musleabihf"),
            ("linux/386", "x86-linux-gnu"),
            ("i386-linux-gnu", "x86-linux-gnu"),
            ("i686-unknown-linux-musl", "x86-linux-musl"),
            ("i586-unknown-linux-gnu", "i586-linux-gnu"),
            ("x86_64-pc-linux-gnu", "x86_64-linux-gnu"),
            ("x86_64-redhat-linux", "x86_64-linux-gnu"),
            ("x86_64-linux", "x86_64-linux-gnu"),
            ("amd64", "x86_64-linux-gnu"),
            ("armhf", "arm-linux-gnueabihf"),
            ("armel", "arm-linux-gnueabi"),
            ("armv7-unknown-linux-gnueabihf", "arm-linux-gnueabihf"),
            ("armv7-unknown-linux-musleabihf", "arm-linux-musleabihf"),
            ("arm-unknown-linux-gnueabihf", "armv6-linux-gnueabihf"),
            ("ppc64el", "powerpc64le-linux-gnu"),
            ("powerpc64le-unknown-linux-gnu", "powerpc64le-linux-gnu"),
            ("riscv64gc-unknown-linux-gnu", "riscv64-linux-gnu"),
            ("loong64", "loongarch64-linux-gnu"),
            ("mips64el-unknown-linux-gnuabi64", "mips64el-linux-gnuabi64"),
            ("mips64el-linux-gnuabi64", "mips64el-linux-gnuabi64"),
            ("linux/mips64le", "mips64el-linux-gnuabi64"),
            ("s390x", "s390x-linux-gnu"),
            ("windows/amd64", "x86_64-windows-gnu"),
            ("windows-arm64", "aarch64-windows-gnu"),
            ("windows/386", "x86-windows-gnu"),
            ("x86_64-w64-mingw32", "x86_64-windows-gnu"),
            ("i686-w64-mingw32", "x86-windows-gnu"),
            ("i686-pc-windows-gnu", "x86-windows-gnu"),
            ("x86_64-pc-windows-gnullvm", "x86_64-windows-gnu"),
            ("aarch64-w64-windows-gnu", "aarch64-windows-gnu"),
            ("freebsd/amd64", "x86_64-freebsd"),
            ("x86_64-unknown-freebsd", "x86_64-freebsd"),
            ("amd64-unknown-freebsd14", "x86_64-freebsd"),
            ("x86_64-freebsd.14.0", "x86_64-freebsd"),
            ("x86_64-freebsd.14.0...15.0", "x86_64-freebsd"),
            ("aarch64-unknown-freebsd14.0", "aarch64-freebsd"),
            ("freebsd/arm64", "aarch64-freebsd"),
            ("aarch64-unknown-netbsd", "aarch64-netbsd"),
            ("x86_64-netbsd10.1", "x86_64-netbsd"),
            ("aarch64-netbsd.10", "aarch64-netbsd"),
            ("openbsd/amd64", "x86_64-openbsd"),
            ("amd64-unknown-openbsd7.8", "x86_64-openbsd"),
            ("aarch64-openbsd.7.8...7.9", "aarch64-openbsd"),
            ("darwin/arm64", "aarch64-macos"),
            ("macos-arm64", "aarch64-macos"),
            ("aarch64-apple-darwin", "aarch64-macos"),
            ("arm64-apple-macosx11", "aarch64-macos.11.0"),
            ("arm64-apple-macosx11.0.0", "aarch64-macos.11.0"),
            ("aarch64-macos.12.3", "aarch64-macos.12.3"),
            ("darwin/amd64", "x86_64-macos"),
            ("darwin/universal", "universal-macos"),
            ("macos-universal", "universal-macos"),
            ("universal-apple-darwin", "universal-macos"),
            ("universal-macos.12.3", "universal-macos.12.3"),
            ("x86_64-apple-darwin20", "x86_64-macos.11.0"),
            ("x86_64-apple-darwin20.4.0", "x86_64-macos.11.0"),
            ("x86_64-apple-darwin19", "x86_64-macos.10.15"),
            ("x86_64-apple-darwin25.1", "x86_64-macos.26.0"),
            ("x86_64-apple-macosx10.12.0", "x86_64-macos.10.12"),
            ("wasm32-unknown-wasip1", "wasm32-wasi"),
            ("wasm32-wasi", "wasm32-wasi"),
        ] {
            assert_eq!(Target::parse(spelling).map(|t| t.to_string()).unwrap_or_default(), name, "{spelling}");
        }
    }

    #[test]
    fn a_universal_target_is_two() {
        let both = Target::parse("universal-macos.12.3").unwrap();
        let names = |targets: &[Target]| targets.iter().map(Target::to_string).collect::<Vec<_>>();
        assert_eq!(names(&both.halves()), ["aarch64-macos.12.3", "x86_64-macos.12.3"]);
        assert_eq!((both.sysroot_name(), both.full_name()), ("aarch64-macos".into(), "universal-macos.12.3".into()));
        assert_eq!(both.of_archs(&["x86_64"]).to_string(), "x86_64-macos.12.3");
        assert_eq!(both.of_archs(&["arm64", "x86_64"]), both);
        for name in ["aarch64-macos", "universal-macos"] {
            assert_eq!(Target::parse(name).unwrap().macos_twin().unwrap().to_string(), "x86_64-macos");
        }
        assert_eq!(Target::parse("x86_64-macos").unwrap().macos_twin().unwrap().to_string(), "aarch64-macos");
        assert!(Target::parse("aarch64-macos").unwrap().halves().is_empty());
    }

    #[test]
    fn a_platform_may_have_a_level_of_amd64() {
        for (spelling, name, level) in [
            ("linux/amd64/v2", "x86_64-linux-gnu", Some("v2")),
            ("linux/amd64/v1", "x86_64-linux-gnu", Some("v1")),
            ("windows-amd64-v4", "x86_64-windows-gnu", Some("v4")),
            ("darwin/amd64/v3", "x86_64-macos", Some("v3")),
            ("linux/arm64/v8", "aarch64-linux-gnu", None),
            ("linux/arm/v7", "arm-linux-gnueabihf", None),
        ] {
            let target = Target::of_platform(spelling).unwrap();
            assert_eq!((target.to_string().as_str(), target.level), (name, level), "{spelling}");
        }
        assert!(Target::of_platform("linux/amd64/v5").is_err() && Target::of_platform("linux/arm64/v3").is_err());
        assert!(Target::of_platform("linux/386/v2").is_err() && Target::of_platform("v2").is_err());
        // No compiler's name: its code would be of level 1.
        assert_eq!(Target::parse("linux/amd64/v1").unwrap().level, None);
        let said = Target::parse("linux/amd64/v3").unwrap_err();
        assert!(said.help().unwrap().contains("-march=x86-64-v3"), "{said}");
    }

    #[test]
    fn native_is_the_host() {
        assert_eq!(Target::parse("native").unwrap(), Target::host().unwrap());
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for spelling in [
            "",
            "-",
            "foo",
            "aarch64-foo-gnu",
            "aarch64-linux-gnu.",
            "aarch64-linux-gnu.3.1",
            "cc",
            "linux",
            "riscv64-apple-darwin",
            "x86_64-linux.-gnu",
            "x86_64-linux.gnu",
            "aarch64-macos.x",
        ] {
            assert!(Target::parse(spelling).is_err(), "{spelling}");
        }
        assert!(matches!(Target::parse("aarch64-linux-gnu.2.16"), Err(Error::LibcVersion { .. })));
        assert!(matches!(Target::parse("loongarch64-linux-gnu.2.28"), Err(Error::LibcVersion { .. })));
        for other in [
            "x86_64-freebsd.13.2",
            "aarch64-unknown-freebsd13",
            "x86_64-freebsd.1",
            "x86_64-netbsd9.0",
            "x86_64-openbsd7.7",
        ] {
            let said = Target::parse(other).unwrap_err().to_string();
            assert!(said.starts_with("release '"), "{other}: {said}");
        }
        assert!(Target::parse("x86_64-linux-musl.1.2").is_err());
    }
}
