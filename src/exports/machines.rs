//! What others call the machines of the target table: CMake after `uname -m`, Meson in families, Rust in triples, Go in
//! variants. Data only.

use crate::target::Target;

/// One kind of machine.
pub(super) struct Machine {
    /// What the canonical names of its targets start with.
    prefix: &'static str,
    /// What `uname -m` prints there: CMake's `CMAKE_SYSTEM_PROCESSOR`, Meson's `cpu`.
    pub(super) uname: &'static str,
    /// From Meson's table of CPU families.
    pub(super) meson_family: &'static str,
    pub(super) endian: &'static str,
}

const fn machine(
    prefix: &'static str,
    uname: &'static str,
    meson_family: &'static str,
    endian: &'static str,
) -> Machine {
    Machine { prefix, uname, meson_family, endian }
}

/// The first row that matches; a prefix of another comes after it.
const MACHINES: &[Machine] = &[
    machine("aarch64-macos", "arm64", "aarch64", "little"),
    machine("aarch64-", "aarch64", "aarch64", "little"),
    machine("arm-linux-gnueabihf", "armv7l", "arm", "little"),
    machine("arm-linux-musleabihf", "armv7l", "arm", "little"),
    machine("arm-none-", "arm", "arm", "little"),
    machine("arm-", "armv5tel", "arm", "little"),
    machine("armv7a-", "armv7-a", "arm", "little"),
    machine("armv7r-", "armv7-r", "arm", "little"),
    machine("armv5te-", "armv5te", "arm", "little"),
    machine("armv6-", "armv6l", "arm", "little"),
    machine("i586-", "i586", "x86", "little"),
    machine("loongarch64-", "loongarch64", "loongarch64", "little"),
    machine("mips-", "mips", "mips", "big"),
    machine("mips64-", "mips64", "mips64", "big"),
    machine("mips64el-", "mips64", "mips64", "little"),
    machine("mipsel-", "mips", "mips", "little"),
    machine("powerpc64le-", "ppc64le", "ppc64", "little"),
    machine("riscv32", "riscv32", "riscv32", "little"),
    machine("riscv64", "riscv64", "riscv64", "little"),
    machine("s390x-", "s390x", "s390x", "big"),
    machine("thumb", "arm", "arm", "little"),
    machine("universal-macos", "arm64", "aarch64", "little"),
    machine("wasm32-", "wasm32", "wasm32", "little"),
    machine("x86-", "i686", "x86", "little"),
    machine("x86_64-", "x86_64", "x86_64", "little"),
];

const UNKNOWN: Machine = machine("", "", "", "");

pub(super) fn of(target: Target) -> &'static Machine {
    MACHINES.iter().find(|machine| target.row.name.starts_with(machine.prefix)).unwrap_or(&UNKNOWN)
}

/// What an operating system is called.
pub(super) struct System {
    /// `CMAKE_SYSTEM_NAME`.
    pub(super) cmake: &'static str,
    /// From Meson's table of systems, and of kernels.
    pub(super) meson: &'static str,
    pub(super) kernel: &'static str,
}

const LINUX: System = System { cmake: "Linux", meson: "linux", kernel: "linux" };
/// CMake's word; a cross file of Meson's for a microcontroller says 'none', too.
const BARE: System = System { cmake: "Generic", meson: "none", kernel: "none" };
const WINDOWS: System = System { cmake: "Windows", meson: "windows", kernel: "nt" };

/// By the end of the target's name.
const OTHERS: &[(&str, System)] = &[
    ("-wasi", System { cmake: "WASI", meson: "wasi", kernel: "none" }),
    ("-macos", System { cmake: "Darwin", meson: "darwin", kernel: "xnu" }),
    ("-freebsd", System { cmake: "FreeBSD", meson: "freebsd", kernel: "freebsd" }),
    ("-netbsd", System { cmake: "NetBSD", meson: "netbsd", kernel: "netbsd" }),
    ("-openbsd", System { cmake: "OpenBSD", meson: "openbsd", kernel: "openbsd" }),
];

pub(super) fn system(target: Target) -> &'static System {
    if target.is_bare() {
        return &BARE;
    }
    let other = OTHERS.iter().find(|(ending, _)| target.row.name.ends_with(ending));
    other.map_or(if target.is_windows() { &WINDOWS } else { &LINUX }, |(_, system)| system)
}

/// Bazel's constraints on processors (`@platforms//cpu`), by the start of the target's name; the first row that matches.
const BAZEL: &[(&str, &str)] = &[
    ("aarch64-", "aarch64"),
    ("arm-linux-gnueabihf", "armv7"),
    ("arm-linux-musleabihf", "armv7"),
    ("arm", "arm"),
    ("i586-", "x86_32"),
    ("powerpc64le-", "ppc64le"),
    ("riscv64-", "riscv64"),
    ("s390x-", "s390x"),
    ("x86-", "x86_32"),
    ("x86_64-", "x86_64"),
];

/// The constraints of a platform in Bazel's words; `None` for a processor or system that they have not.
pub(super) fn bazel(target: Target) -> Option<Vec<String>> {
    let os = match system(target).cmake {
        "Linux" => "linux",
        "FreeBSD" => "freebsd",
        "Windows" => "windows",
        "Darwin" => "macos",
        _ => return None,
    };
    let (_, cpu) = BAZEL.iter().find(|(prefix, _)| target.row.name.starts_with(prefix))?;
    Some(vec![format!("@platforms//cpu:{cpu}"), format!("@platforms//os:{os}")])
}

/// Rust's triples that are not clang's; `None` where Rust's target of that name has another floating-point ABI.
const RUST: &[(&str, Option<&str>)] = &[
    ("aarch64-freebsd", Some("aarch64-unknown-freebsd")),
    ("aarch64-macos", Some("aarch64-apple-darwin")),
    ("aarch64-none-elf", Some("aarch64-unknown-none")),
    ("aarch64-none-elf-softfloat", Some("aarch64-unknown-none-softfloat")),
    ("arm-none-eabi", Some("armv4t-none-eabi")),
    ("riscv32gc-none-elf", None),
    ("riscv32i-none-elf", Some("riscv32i-unknown-none-elf")),
    ("riscv32im-none-elf", Some("riscv32im-unknown-none-elf")),
    ("riscv32imac-none-elf", Some("riscv32imac-unknown-none-elf")),
    ("riscv32imafc-none-elf", Some("riscv32imafc-unknown-none-elf")),
    ("riscv32imc-none-elf", Some("riscv32imc-unknown-none-elf")),
    ("riscv64gc-none-elf", Some("riscv64gc-unknown-none-elf")),
    ("riscv64imac-none-elf", Some("riscv64imac-unknown-none-elf")),
    // Cargo builds each half: `xcc run`.
    ("universal-macos", None),
    ("x86_64-none", Some("x86_64-unknown-none")),
    ("x86_64-none-elf", None),
    ("aarch64-netbsd", Some("aarch64-unknown-netbsd")),
    ("aarch64-openbsd", Some("aarch64-unknown-openbsd")),
    ("x86_64-freebsd", Some("x86_64-unknown-freebsd")),
    ("x86_64-netbsd", Some("x86_64-unknown-netbsd")),
    ("x86_64-openbsd", Some("x86_64-unknown-openbsd")),
    ("aarch64-windows-gnu", Some("aarch64-pc-windows-gnullvm")),
    ("armv6-linux-gnueabihf", Some("arm-unknown-linux-gnueabihf")),
    ("armv6-linux-musleabihf", Some("arm-unknown-linux-musleabihf")),
    ("mips-linux-gnueabi", None),
    ("mips-linux-musleabi", Some("mips-unknown-linux-musl")),
    ("mips-linux-musleabihf", None),
    ("mips64-linux-muslabi64", Some("mips64-unknown-linux-muslabi64")),
    ("mips64el-linux-muslabi64", Some("mips64el-unknown-linux-muslabi64")),
    ("mipsel-linux-gnueabi", None),
    ("mipsel-linux-musleabi", Some("mipsel-unknown-linux-musl")),
    ("mipsel-linux-musleabihf", None),
    ("riscv64-linux-gnu", Some("riscv64gc-unknown-linux-gnu")),
    ("riscv64-linux-musl", Some("riscv64gc-unknown-linux-musl")),
    ("wasm32-wasi", Some("wasm32-wasip1")),
    ("x86-windows-gnu", Some("i686-pc-windows-gnu")),
    ("x86_64-windows-gnu", Some("x86_64-pc-windows-gnu")),
];

/// The target in Rust's spelling.
pub(crate) fn rust_triple(target: Target) -> Option<&'static str> {
    let row = target.row;
    let default = if target.is_bare() { row.name } else { row.clang };
    RUST.iter().find(|(name, _)| *name == row.name).map_or(Some(default), |(_, triple)| *triple)
}

/// The variable that chooses among the variants of a Go architecture.
pub(super) fn go_variable(goarch: &str) -> Option<&'static str> {
    match goarch {
        "arm" => Some("GOARM"),
        "386" => Some("GO386"),
        "mips" | "mipsle" => Some("GOMIPS"),
        "mips64" | "mips64le" => Some("GOMIPS64"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_triple_of_rust_finds_its_target_again() {
        for row in Target::all() {
            let target = Target { row, glibc: None, macos: None, level: None };
            if let Some(triple) = rust_triple(target) {
                let found = Target::parse(triple);
                // mips-unknown-linux-musl: Rust's is soft-float, GNU's names say which.
                if !row.name.starts_with("mips") {
                    assert!(!row.name.starts_with("thumb") || triple == row.name);
                    assert_eq!(found.map(|found| found.row.name).ok(), Some(row.name), "{triple}");
                }
            }
        }
    }
}
