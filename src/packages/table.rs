//! What is known of distributions: their releases, their names of machines, and the packages that a sysroot of xcc does
//! without. Data only.

/// A distribution whose packages can be added.
pub(super) struct Distribution {
    /// As it is written before the colon.
    pub(super) name: &'static str,
    /// `Origin` in its `Release` files.
    pub(super) origin: &'static str,
    /// The components that are looked into.
    pub(super) components: &'static str,
    /// Where its package of keys puts them; the first that is there is used.
    pub(super) keyrings: &'static [&'static str],
}

pub(super) const DISTRIBUTIONS: &[Distribution] = &[
    Distribution {
        name: "debian",
        origin: "Debian",
        components: "main",
        keyrings: &["/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg"],
    },
    Distribution {
        name: "ubuntu",
        origin: "Ubuntu",
        // Half of the -dev packages are in the second.
        components: "main universe",
        keyrings: &["/usr/share/keyrings/ubuntu-archive-keyring.gpg"],
    },
];

/// Distribution, release, and the minor version of glibc 2 that its libraries are linked with.
pub(super) const SUITES: &[(&str, &str, u32)] = &[
    ("debian", "bullseye", 31),
    ("debian", "bookworm", 36),
    ("debian", "trixie", 41),
    ("ubuntu", "focal", 31),
    ("ubuntu", "jammy", 35),
    ("ubuntu", "noble", 39),
];

/// Target and what both distributions call its machine. A target that is not here has a baseline below that of their
/// packages (`armv6`, `i586`), or no packages at all.
pub(super) const MACHINES: &[(&str, &str)] = &[
    ("aarch64-linux-gnu", "arm64"),
    ("arm-linux-gnueabi", "armel"),
    ("arm-linux-gnueabihf", "armhf"),
    ("loongarch64-linux-gnu", "loong64"),
    ("mips64el-linux-gnuabi64", "mips64el"),
    ("mipsel-linux-gnueabihf", "mipsel"),
    ("powerpc64le-linux-gnu", "ppc64el"),
    ("riscv64-linux-gnu", "riscv64"),
    ("s390x-linux-gnu", "s390x"),
    ("x86-linux-gnu", "i386"),
    ("x86_64-linux-gnu", "amd64"),
];

/// Packages that are left out, and why; `*` stands for a version number.
pub(super) const LEFT_OUT: &[(&str, &str)] = &[
    ("libc6", "xcc has its own stubs of glibc, of the version in the target's name"),
    ("libc6-dev", "xcc has glibc's headers and start files of that version"),
    ("libc-dev-bin", "programs beside libc6-dev"),
    ("libc-bin", "programs beside libc6"),
    ("linux-libc-dev", "zig's sysroots have the kernel's headers"),
    ("libgcc-s1", "compiler-rt and libunwind are linked in its place"),
    ("libgcc1", "libgcc-s1 by its older name"),
    ("libgcc-*-dev", "xcc's start files and compiler-rt are linked in its place"),
    ("gcc-*-base", "documentation of GCC"),
    ("gcc-*", "a compiler, which would run on the target"),
    ("gcc", "a compiler, which would run on the target"),
    ("libatomic1", "compiler-rt has the functions"),
    ("libstdc++6", "xcc has libc++; the two do not mix in one program's C++"),
    ("libstdc++-*-dev", "the headers of libstdc++, which would hide libc++'s"),
    ("libc++-*-dev", "xcc has libc++ of its own clang"),
    ("libc++abi-*-dev", "xcc has libc++abi of its own clang"),
    ("libc++-dev", "xcc has libc++ of its own clang"),
    ("libc++abi-dev", "xcc has libc++abi of its own clang"),
    ("libunwind-dev", "its libunwind.so is another library than LLVM's, which every link takes by that name"),
    ("libunwind-*-dev", "every link takes xcc's own libunwind by that name"),
    ("debconf", "asks questions at an installation; nothing is installed"),
    ("cdebconf", "asks questions at an installation; nothing is installed"),
    ("dpkg", "installs packages; nothing is installed"),
    ("perl-base", "runs scripts of an installation; nothing is installed"),
    ("perl", "a program of the target, which nothing runs here"),
    ("python3", "a program of the target, which nothing runs here"),
    ("python3-minimal", "a program of the target, which nothing runs here"),
    ("pkgconf", "a program of the target; xcc-TARGET-pkg-config takes this machine's"),
    ("pkg-config", "a program of the target; xcc-TARGET-pkg-config takes this machine's"),
    ("init-system-helpers", "scripts of an installation; nothing is installed"),
    ("adduser", "makes users at an installation; nothing is installed"),
    ("ucf", "scripts of an installation; nothing is installed"),
];

/// Directories that are kept, and who reads them; `*` stands for one name. Everything else (programs, manuals,
/// configuration) is of no use before the target's own machine.
pub(super) const KEPT: &[(&str, &str)] = &[
    ("usr/include", "compilers"),
    ("usr/lib", "linkers, pkg-config and CMake; lib is the same directory since distributions merged them"),
    ("usr/share/pkgconfig", "pkg-config"),
    ("usr/share/cmake", "CMake"),
    ("usr/share/*/cmake", "CMake"),
];

/// Why a package is left out, if it is.
pub(super) fn left_out(package: &str) -> Option<&'static str> {
    LEFT_OUT.iter().find(|(pattern, _)| matches(pattern, package)).map(|(_, why)| *why)
}

/// `*` is one version number, `12` or `14.1`.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, end)) = pattern.split_once('*') else { return pattern == name };
    let middle = name.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
    middle.is_some_and(|middle| !middle.is_empty() && middle.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Target;

    /// `sysroot add` tells its user that name.
    #[test]
    fn the_glibc_of_each_release_has_names() {
        for (_, suite, minor) in SUITES {
            assert!(crate::personality::GLIBC_OF_NAMES.contains(minor), "{suite}");
        }
    }

    #[test]
    fn what_xcc_has_itself_is_left_out() {
        for name in
            ["libc6", "libc6-dev", "gcc-12-base", "libgcc-12-dev", "libstdc++-12-dev", "gcc-12", "linux-libc-dev"]
        {
            assert!(left_out(name).is_some(), "{name}");
        }
        for name in ["libssl-dev", "libcrypt1", "libgcc-x-dev", "gcc-12-base-x", "libunwind8", "libc-ares-dev"] {
            assert_eq!(left_out(name), None, "{name}");
        }
    }

    #[test]
    fn every_machine_is_a_target_and_every_release_has_its_distribution() {
        for (target, _) in MACHINES {
            assert_eq!(Target::parse(target).unwrap().row.name, *target);
        }
        for (distribution, suite, _) in SUITES {
            assert!(DISTRIBUTIONS.iter().any(|row| row.name == *distribution), "{suite}");
        }
    }
}
