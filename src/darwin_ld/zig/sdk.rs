//! An SDK for zig's own linker, which takes one where a C library is described to be installed (`ZIG_LIBC`).

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::darwin_ld::HEAD;
use crate::sdk::setting;

/// Why zig's linker cannot link with an SDK. All of its libraries are described in one form, and libSystem is in every link.
pub(super) fn unreadable(sdk: &Path) -> Option<String> {
    let mut head = Vec::new();
    if let Ok(file) = File::open(sdk.join("usr/lib/libSystem.tbd")) {
        let _ = file.take(HEAD).read_to_end(&mut head);
    }
    let head = String::from_utf8_lossy(&head);
    let is_version = |line: &str| line.strip_prefix("tbd-version:").is_some_and(|version| version.trim() == "4");
    if !head.is_empty() && !head.lines().any(is_version) {
        return Some("its libraries are described in another version of the .tbd format than 4".to_owned());
    }
    // zig 0.17 takes the version from there, and from nowhere else.
    let says = setting(sdk, "MinimalDisplayName").is_some();
    (!says).then(|| "it has no SDKSettings.json with a MinimalDisplayName".to_owned())
}

/// The file that has zig take libSystem, and what libraries re-export, from an SDK. Each zig reads the lines that it knows.
pub(super) fn installation(sdk: &Path) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, below) in [
        ("include_dir", Some("usr/include")),
        ("sys_include_dir", Some("usr/include")),
        ("crt_dir", Some("usr/lib")),
        ("darwin_sdk_dir", Some("")),
        ("msvc_lib_dir", None),
        ("kernel32_lib_dir", None),
        ("gcc_dir", None),
        ("cc_dir", None),
    ] {
        text.extend(format!("{name}=").bytes());
        let path = below.map(|below| if below.is_empty() { sdk.to_owned() } else { sdk.join(below) });
        text.extend(path.iter().flat_map(|path| path.as_os_str().as_encoded_bytes()));
        text.push(b'\n');
    }
    text
}

/// A directory of the system's is one below the SDK, where it is there.
pub(super) fn within(sdk: &Path, dir: &Path) -> Option<PathBuf> {
    dir.strip_prefix("/").ok().map(|below| sdk.join(below)).filter(|dir| dir.is_dir())
}
