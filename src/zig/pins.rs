//! The `ziglang` wheels xcc knows: one row for each zig version and host, with the SHA-256 of the file.
//!
//! The hashes are those that the Python package index publishes. They are what makes a download safe: `install.rs`
//! hands them to pip and checks the file once more itself. Deliberately not here: the official archives, which xcc
//! only ever unpacks when the user names a local file, and any address to download from, which is pip's business.
//!
//! To add a version: add its rows, and its name to [`SUPPORTED`]; the tests below say what was forgotten.

use std::env::consts;

/// The version that `xcc zig install` takes when it is not told which.
pub(crate) const DEFAULT: &str = "0.17.0";

/// Every zig version xcc is tested with, oldest first.
pub(crate) const SUPPORTED: &[&str] = &["0.14.1", "0.15.2", "0.16.0", "0.17.0"];

/// One wheel: the zig in it, the host it runs on, and the hash it must have.
#[derive(Debug)]
pub(crate) struct Pin {
    /// The version of zig, and of the wheel.
    pub(crate) version: &'static str,
    /// The platform tag of the wheel: the last field of its file name. Several tags may be joined with dots.
    pub(crate) platform: &'static str,
    /// Operating system and arch, in the words of [`std::env::consts`].
    pub(crate) host: (&'static str, &'static str),
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub(crate) sha256: &'static str,
}

impl Pin {
    /// The file name of the wheel.
    pub(crate) fn file_name(&self) -> String {
        format!("ziglang-{}-py3-none-{}.whl", self.version, self.platform)
    }

    /// The first of the platform tags: one is enough for `pip download --platform`.
    pub(crate) fn platform_tag(&self) -> &'static str {
        self.platform.split('.').next().unwrap_or(self.platform)
    }
}

/// The operating system and arch xcc itself was built for.
pub(crate) const HOST: (&str, &str) = (consts::OS, consts::ARCH);

/// The wheel of `version` for `host`.
pub(crate) fn find(version: &str, host: (&str, &str)) -> Option<&'static Pin> {
    // `std::env::consts` calls both byte orders powerpc64, and the wheel is for the little one.
    if host == HOST && host.1 == "powerpc64" && cfg!(target_endian = "big") {
        return None;
    }
    PINS.iter().find(|pin| pin.version == version && pin.host == host)
}

/// The wheel with this file name.
pub(crate) fn find_file(name: &str) -> Option<&'static Pin> {
    PINS.iter().find(|pin| pin.file_name() == name)
}

/// The versions with a wheel for `host`, oldest first.
pub(crate) fn versions(host: (&str, &str)) -> Vec<&'static str> {
    SUPPORTED.iter().copied().filter(|version| find(version, host).is_some()).collect()
}

/// The version `xcc zig install` takes on `host`: [`DEFAULT`], or the newest with a wheel where that one has none.
pub(crate) fn default_for(host: (&str, &str)) -> &'static str {
    if find(DEFAULT, host).is_some() { DEFAULT } else { versions(host).last().copied().unwrap_or(DEFAULT) }
}

// By version, then by host. On 2026-11-20 the index had no wheels of 0.17.0 for Windows, powerpc64, riscv64 and s390x.
#[rustfmt::skip]
pub(crate) const PINS: &[Pin] = &[
    Pin {
        version: "0.14.1",
        platform: "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        host: ("linux", "aarch64"),
        sha256: "7994b27f3cbfcedea43f9b7552e38b45857bdf0e9a45065474092dd74e7048cf",
    },
    Pin {
        version: "0.14.1",
        platform: "manylinux_2_17_armv7l.manylinux2014_armv7l.musllinux_1_1_armv7l",
        host: ("linux", "arm"),
        sha256: "2c9dbee405ad83a062df3569949f24b59e938c1b85aa26674e30b515e654fef4",
    },
    Pin {
        version: "0.14.1",
        platform: "manylinux_2_17_ppc64le.manylinux2014_ppc64le.musllinux_1_1_ppc64le",
        host: ("linux", "powerpc64"),
        sha256: "ad2c7c3a77cff522971fc303da2b656c4ed675fe17cdf5ff74ba7e1b594a4780",
    },
    Pin {
        version: "0.14.1",
        platform: "manylinux_2_31_riscv64.musllinux_1_1_riscv64",
        host: ("linux", "riscv64"),
        sha256: "75f879ea9678eeba5fe7909a4cf4e67324eb761d68f416a72d5c3a130361d9fa",
    },
    Pin {
        version: "0.14.1",
        platform: "manylinux_2_17_s390x.manylinux2014_s390x.musllinux_1_1_s390x",
        host: ("linux", "s390x"),
        sha256: "f566222095390406ededf87bff1aa3df00eaf7d9ddc2ddd182b214f1c16f2904",
    },
    Pin {
        version: "0.14.1",
        platform: "manylinux_2_12_i686.manylinux2010_i686.musllinux_1_1_i686",
        host: ("linux", "x86"),
        sha256: "479a36e94a9da3fc1fad01951de35600c3d11642182fe36c2aeeb031ceab7a89",
    },
    Pin {
        version: "0.14.1",
        platform: "manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64",
        host: ("linux", "x86_64"),
        sha256: "6eb9d4d759b292c83810dbee2e9e8e3fbfbf01d864e6e9811bae711fd74e1c2f",
    },
    Pin {
        version: "0.14.1",
        platform: "macosx_12_0_arm64",
        host: ("macos", "aarch64"),
        sha256: "eae7d46746b8e80a4d1a8369b09f7a6aace973ee39207b1b63cfb6bb086e84dc",
    },
    Pin {
        version: "0.14.1",
        platform: "macosx_12_0_x86_64",
        host: ("macos", "x86_64"),
        sha256: "7b880229c41e822c0388318de89dffe034a146ce44a7342b7e74b167329a67b9",
    },
    Pin {
        version: "0.14.1",
        platform: "win_arm64",
        host: ("windows", "aarch64"),
        sha256: "f9e13d3e3778a850acf20115b0193a9ae0569c5ca2f71c8e690c4110746b6993",
    },
    Pin {
        version: "0.14.1",
        platform: "win32",
        host: ("windows", "x86"),
        sha256: "3d68104704f850c52e2baec1e12caf58e097e954a40880b247da8fb4fa500550",
    },
    Pin {
        version: "0.14.1",
        platform: "win_amd64",
        host: ("windows", "x86_64"),
        sha256: "e4f7e089a44d5ce34181853a90cdb8456e63c6640f5d44b844a117055326c375",
    },
    Pin {
        version: "0.15.2",
        platform: "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        host: ("linux", "aarch64"),
        sha256: "edc0aa60ec964a4cf462d40f68d7de242ddf37fd9a80f2afaee6397059463230",
    },
    Pin {
        version: "0.15.2",
        platform: "manylinux_2_17_armv7l.manylinux2014_armv7l.musllinux_1_1_armv7l",
        host: ("linux", "arm"),
        sha256: "ad43a4692311512ab55cc918596c814ff44fb811b1299fa9a57cc4e2bf315c6b",
    },
    Pin {
        version: "0.15.2",
        platform: "manylinux_2_17_ppc64le.manylinux2014_ppc64le.musllinux_1_1_ppc64le",
        host: ("linux", "powerpc64"),
        sha256: "85faefbd4cfe420de92aaa8f8300bec2b9afe8d1f1d8c5abf71bf92754682536",
    },
    Pin {
        version: "0.15.2",
        platform: "manylinux_2_31_riscv64.musllinux_1_1_riscv64",
        host: ("linux", "riscv64"),
        sha256: "d3fe40825e18238e986b305cbf3a4d93a50461b893339e31c81b0d6c73f33937",
    },
    Pin {
        version: "0.15.2",
        platform: "manylinux_2_17_s390x.manylinux2014_s390x.musllinux_1_1_s390x",
        host: ("linux", "s390x"),
        sha256: "978ebcc3c6c9624cbc999dd8dcb65427e7474650d9709a889aace8e325705ce2",
    },
    Pin {
        version: "0.15.2",
        platform: "manylinux_2_12_i686.manylinux2010_i686.musllinux_1_1_i686",
        host: ("linux", "x86"),
        sha256: "04eb9c4135ef431487b920c73312cd3a5e754019839024eeed3521772d1585a2",
    },
    Pin {
        version: "0.15.2",
        platform: "manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64",
        host: ("linux", "x86_64"),
        sha256: "806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130",
    },
    Pin {
        version: "0.15.2",
        platform: "macosx_12_0_arm64",
        host: ("macos", "aarch64"),
        sha256: "acae2a9ce67ed249ad68d42c21bc73b5f9d51a33ba5ea42f609f78683e8d9bb7",
    },
    Pin {
        version: "0.15.2",
        platform: "macosx_12_0_x86_64",
        host: ("macos", "x86_64"),
        sha256: "47af4f85e3e59bd672126cc026d3a01b516cad24b9a9ea075abfe8532f4c6bc1",
    },
    Pin {
        version: "0.15.2",
        platform: "win_arm64",
        host: ("windows", "aarch64"),
        sha256: "a81ebfc61e1b7aa43a33add23f93b98954d757434f894eb21bd40b176b6688aa",
    },
    Pin {
        version: "0.15.2",
        platform: "win32",
        host: ("windows", "x86"),
        sha256: "b174f7ebb9d1f2210d32d1420333120f6117ebee3de8b3e221e6ebb0c3beec4b",
    },
    Pin {
        version: "0.15.2",
        platform: "win_amd64",
        host: ("windows", "x86_64"),
        sha256: "ca80dc9c70dbdfdd9ee51d000de3501a95d33d9782ab9ab9b56f700484ebcd83",
    },
    Pin {
        version: "0.16.0",
        platform: "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        host: ("linux", "aarch64"),
        sha256: "e27d409812b11e0fb89ed0200cf2e55b6464d43f9461553104e4a4f9a94a1fd5",
    },
    Pin {
        version: "0.16.0",
        platform: "manylinux_2_17_armv7l.manylinux2014_armv7l.musllinux_1_1_armv7l",
        host: ("linux", "arm"),
        sha256: "7249779f0f916cfd2d1a9d54eb7600f3901384dc8dcbe1eea226bd32a8237fb5",
    },
    Pin {
        version: "0.16.0",
        platform: "manylinux_2_17_ppc64le.manylinux2014_ppc64le.musllinux_1_1_ppc64le",
        host: ("linux", "powerpc64"),
        sha256: "0fd671c599f6961638cc302cf1f9461486696385311d4c0276171dcf7d2b67f5",
    },
    Pin {
        version: "0.16.0",
        platform: "manylinux_2_31_riscv64.musllinux_1_1_riscv64",
        host: ("linux", "riscv64"),
        sha256: "d4bd8197344fffe276e1d6446e4ef7bc38637d821b4685fe96a936503d4b0619",
    },
    Pin {
        version: "0.16.0",
        platform: "manylinux_2_17_s390x.manylinux2014_s390x.musllinux_1_1_s390x",
        host: ("linux", "s390x"),
        sha256: "df0e6599e41d087c912b0d3d7cedef6c9cb1f0032465c8fc820e9986772d11e4",
    },
    Pin {
        version: "0.16.0",
        platform: "manylinux_2_12_i686.manylinux2010_i686.musllinux_1_1_i686",
        host: ("linux", "x86"),
        sha256: "8b83661247430aa335b3cbc29569084900412dde5633b02c80a6d2ff734de3d2",
    },
    Pin {
        version: "0.16.0",
        platform: "manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64",
        host: ("linux", "x86_64"),
        sha256: "9fcda73f62b851dd72a54b710ad40a209896db14cfb13649e62191243556342b",
    },
    Pin {
        version: "0.16.0",
        platform: "macosx_12_0_arm64",
        host: ("macos", "aarch64"),
        sha256: "b61e5413c49508d9d62e5dcea543e3af491594154d74a00ff52f84ed508260cc",
    },
    Pin {
        version: "0.16.0",
        platform: "macosx_12_0_x86_64",
        host: ("macos", "x86_64"),
        sha256: "18e14f6b25678d7b7c65708c82501ee6090fe39ed5c783477d56267af1fa5629",
    },
    Pin {
        version: "0.16.0",
        platform: "win_arm64",
        host: ("windows", "aarch64"),
        sha256: "e44a5271f7b72f7980017bb615823ed52e765f96b6482d93a2fd338cd53101bf",
    },
    Pin {
        version: "0.16.0",
        platform: "win32",
        host: ("windows", "x86"),
        sha256: "f978c12b5337cf418034964de00023b7ec5ec484383dc97c6a6585f4a9105840",
    },
    Pin {
        version: "0.16.0",
        platform: "win_amd64",
        host: ("windows", "x86_64"),
        sha256: "089a16a4eb5a2f45151993342f8fabad24ff1a0723dc146642895c29208a3939",
    },
    Pin {
        version: "0.17.0",
        platform: "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        host: ("linux", "aarch64"),
        sha256: "d2804f94f54f7fcf8169f4b212a619ad688a4e2e6592e976f0cf2e58e2cd8af3",
    },
    Pin {
        version: "0.17.0",
        platform: "manylinux_2_17_armv7l.manylinux2014_armv7l.musllinux_1_1_armv7l",
        host: ("linux", "arm"),
        sha256: "2f1506fbd4080ae55c7f3c5abe99cce226e563827f50e8f143e36decc615310f",
    },
    Pin {
        version: "0.17.0",
        platform: "manylinux_2_12_i686.manylinux2010_i686.musllinux_1_1_i686",
        host: ("linux", "x86"),
        sha256: "81e3057db80fb459d1ab13c3db13dbcb1e99e91c36281661831d1916eba924de",
    },
    Pin {
        version: "0.17.0",
        platform: "manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64",
        host: ("linux", "x86_64"),
        sha256: "97079827064a7492cce5541ceb438ae8003ce1e54e399676da2d62fb7a5dc08b",
    },
    Pin {
        version: "0.17.0",
        platform: "macosx_13_0_arm64",
        host: ("macos", "aarch64"),
        sha256: "87274af689c4128051b26c80f6f676757e0a81c2fdc137fd8b5679e928e4bc4f",
    },
    Pin {
        version: "0.17.0",
        platform: "macosx_13_0_x86_64",
        host: ("macos", "x86_64"),
        sha256: "4d910f0e363ddb60a6b8ddb55235617797a8ccbcb6c5c7132a949d9f833eea42",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(version: &str) -> Vec<u32> {
        version.split('.').map(|field| field.parse().unwrap()).collect()
    }

    #[test]
    fn versions_are_sorted_and_the_default_is_one_of_them() {
        assert!(SUPPORTED.is_sorted_by(|a, b| numbers(a) < numbers(b)));
        assert!(SUPPORTED.contains(&DEFAULT));
    }

    #[test]
    fn pins_are_sorted_and_unique() {
        let key = |pin: &Pin| (numbers(pin.version), pin.host);
        for pair in PINS.windows(2) {
            assert!(key(&pair[0]) < key(&pair[1]), "{} is out of order", pair[1].file_name());
        }
        let hashes: std::collections::HashSet<_> = PINS.iter().map(|pin| pin.sha256).collect();
        assert_eq!(hashes.len(), PINS.len());
    }

    #[test]
    fn hashes_are_lower_case_hexadecimal() {
        for pin in PINS {
            assert_eq!(pin.sha256.len(), 64, "{}", pin.file_name());
            assert!(pin.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{}", pin.file_name());
        }
    }

    #[test]
    fn pins_and_supported_versions_agree() {
        for pin in PINS {
            assert!(SUPPORTED.contains(&pin.version), "{}", pin.file_name());
        }
        for version in SUPPORTED {
            for host in [("linux", "x86_64"), ("linux", "aarch64"), ("macos", "x86_64"), ("macos", "aarch64")] {
                assert!(find(version, host).is_some(), "{version} {host:?}");
            }
        }
    }

    #[test]
    fn platform_and_host_agree() {
        for pin in PINS {
            let (os, arch) = pin.host;
            let os_tag = match os {
                "linux" => "manylinux",
                "macos" => "macosx",
                "windows" => "win",
                _ => panic!("{os}"),
            };
            let arch_tag = match (os, arch) {
                ("linux", "arm") => "armv7l",
                ("linux", "powerpc64") => "ppc64le",
                ("linux", "x86") => "i686",
                ("macos" | "windows", "aarch64") => "arm64",
                ("windows", "x86") => "win32",
                ("windows", "x86_64") => "amd64",
                _ => arch,
            };
            assert!(pin.platform_tag().starts_with(os_tag), "{}", pin.file_name());
            assert!(pin.platform_tag().ends_with(arch_tag), "{}", pin.file_name());
        }
    }

    #[test]
    fn a_wheel_is_found_by_host_and_by_name() {
        let pin = find("0.17.0", ("linux", "x86_64")).unwrap();
        let name = "ziglang-0.17.0-py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64.whl";
        assert_eq!(pin.file_name(), name);
        assert_eq!(pin.platform_tag(), "manylinux_2_12_x86_64");
        assert_eq!(find_file(name).unwrap().sha256, pin.sha256);
        assert!(find("0.17.0", ("plan9", "x86_64")).is_none());
    }

    #[test]
    fn the_default_is_one_that_can_be_installed() {
        assert_eq!(default_for(("linux", "x86_64")), DEFAULT);
        assert_eq!(versions(("windows", "x86_64")), ["0.14.1", "0.15.2", "0.16.0"]);
        assert_eq!(default_for(("windows", "x86_64")), "0.16.0");
        assert_eq!(default_for(("plan9", "x86_64")), DEFAULT);
    }
}
