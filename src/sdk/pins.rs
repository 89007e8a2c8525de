//! Packages with an SDK on Apple's own server: what `xcc sdk fetch VERSION` downloads.
//!
//! Each has the digest that at least two projects independent of each other have published for the same package; nobody here has
//! downloaded one. A package that Apple has replaced or withdrawn is an error, never another package.

/// A package of the Command Line Tools that has the SDK of one version of macOS.
pub(super) struct Pin {
    /// The version of the SDK.
    pub(super) version: &'static str,
    /// Where it is, below [`SERVER`] and before [`FILE`].
    path: &'static str,
    /// The SHA-256 of the package, in hexadecimal digits.
    pub(super) sha256: &'static str,
}

const SERVER: &str = "https://swcdn.apple.com/content/downloads";
const FILE: &str = "CLTools_macOSNMOS_SDK.pkg";

/// What is downloaded where no version is named: the one that most projects have published.
pub(super) const DEFAULT: &str = "15.5";

/// Oldest first.
pub(super) const PINS: &[Pin] = &[
    // hermetic_cc_toolchain's users, and a Bazel extension for sysroots
    Pin {
        version: "14.4",
        path: "14/48/052-59890-A_I0F5YGAY0Y/p9n40hio7892gou31o1v031ng6fnm9sb3c",
        sha256: "6f35bd96401f2a07a8ab8f21321f2706a51d2309da7406fb81fbefd16af3c9d0",
    },
    // toolchains_llvm_bootstrapped, and five more; Firefox has the same address with a SHA-512
    Pin {
        version: "15.5",
        path: "52/01/082-41241-A_0747ZN8FHV/dectd075r63pppkkzsb75qk61s0lfee22j",
        sha256: "ba3453d62b3d2babf67f3a4a44e8073d6555c85f114856f4390a1f53bd76e24a",
    },
    // a toolchain of OpenTitan's and xclang; Firefox has the same address with a SHA-512
    Pin {
        version: "26.5",
        path: "09/08/047-91568-A_Y1CFZWQCD4/4xekpyz43i26dbp4enxfro8eb1q7wiujh5",
        sha256: "5f044578cd78a3a9b9c965a42d56bad609ee5d252e1d4e6aa7c42fc3f35fee7b",
    },
    // xclang, and a list of the Command Line Tools' packages
    Pin {
        version: "27.0",
        path: "58/48/082-83364-A_KCEBOO2NJS/0d2rj4y5ucjlkgcvqt6f6a4pergug5tu2b",
        sha256: "d55351824fd17742fd6e1e7a252fa1028698f32147ee48be9a6b75442bf30575",
    },
];

impl Pin {
    /// The package's address.
    pub(super) fn url(&self) -> String {
        format!("{SERVER}/{}/{FILE}", self.path)
    }
}

/// The package with the SDK of a version.
pub(super) fn of(version: &str) -> Option<&'static Pin> {
    PINS.iter().find(|pin| pin.version == version)
}

/// The versions, for a message.
pub(super) fn versions() -> String {
    PINS.iter().map(|pin| pin.version).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_address_and_a_digest_of_its_own() {
        assert!(of(DEFAULT).is_some());
        for (at, pin) in PINS.iter().enumerate() {
            assert!(pin.sha256.len() == 64 && pin.sha256.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')));
            assert_eq!(pin.path.split('/').count(), 4, "{}", pin.url());
            let others = &PINS[at + 1..];
            assert!(
                others
                    .iter()
                    .all(|other| other.path != pin.path && other.sha256 != pin.sha256 && other.version != pin.version)
            );
        }
    }
}
