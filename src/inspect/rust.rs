//! What Rust's compiler leaves in a program: its release, its commit in the paths of its library, and the packages that
//! cargo-auditable embeds.

use std::io::Read;

use serde::Deserialize;

use super::read::Found;
use super::report::{Image, Rust};

/// The section of cargo-auditable: JSON, compressed with zlib.
const AUDITABLE: &str = ".dep-v0";
/// The list of the largest programs has some hundred kilobytes.
const MOST_JSON: u64 = 16 << 20;

#[derive(Deserialize)]
struct Packages {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

pub(super) fn read(image: &Image, data: &[u8], sections: &[Found<'_>]) -> Option<Rust> {
    let version = image.tools.iter().find_map(|tool| tool.strip_prefix("rustc version "));
    let version = version.and_then(|text| text.split(' ').next()).map(str::to_owned);
    let commit = commit(data);
    let packages = sections.iter().find(|section| section.name == AUDITABLE).and_then(|section| packages(section.data));
    let known = version.is_some() || commit.is_some() || packages.is_some();
    known.then_some(Rust { version, commit, packages })
}

/// Paths of the standard library are remapped to `/rustc/COMMIT/`.
fn commit(data: &[u8]) -> Option<String> {
    const PREFIX: &[u8] = b"/rustc/";
    memchr::memmem::find_iter(data, PREFIX).take(64).find_map(|at| {
        let hash = data.get(at + PREFIX.len()..)?.get(..41)?;
        let is_hash = hash[40] == b'/' && hash[..40].iter().all(u8::is_ascii_hexdigit);
        is_hash.then(|| String::from_utf8_lossy(&hash[..40]).into_owned())
    })
}

fn packages(data: &[u8]) -> Option<Vec<String>> {
    let mut text = Vec::new();
    flate2::read::ZlibDecoder::new(data).take(MOST_JSON).read_to_end(&mut text).ok()?;
    let list: Packages = serde_json::from_slice(&text).ok()?;
    Some(list.packages.into_iter().map(|package| format!("{} {}", package.name, package.version)).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn packages_of_cargo_auditable_are_listed() {
        let json = br#"{"packages":[{"name":"serde","version":"1.0.1","source":"crates.io"},{"name":"app","version":"0.1.0","source":"local","root":true}]}"#;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(json).unwrap();
        let data = encoder.finish().unwrap();
        assert_eq!(packages(&data).unwrap(), ["serde 1.0.1", "app 0.1.0"]);
        assert_eq!(packages(&data[..10]), None);
    }

    #[test]
    fn the_commit_is_in_the_paths_of_the_library() {
        let path = format!("x/rustc/short/y/rustc/{}/library/core", "0a".repeat(20));
        assert_eq!(commit(path.as_bytes()), Some("0a".repeat(20)));
    }
}
