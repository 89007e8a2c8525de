//! What an ELF file needs of shared libraries, which glibc that comes to and which symbols are the reason.

use object::elf;

use super::super::read;
use super::super::report::{Image, Libc, SymbolVersions};
use super::Facts;
use crate::binutils::elf::versions::{NeedVersion, Versions};

/// C libraries by the name of the shared library; the first that begins the name.
const LIBRARIES: &[(&str, &str)] = &[
    ("libc.so.6.1", "glibc"),
    ("libc.so.6", "glibc"),
    ("libc.so.0.3", "glibc"),
    ("libc.musl-", "musl"),
    ("ld-musl-", "musl"),
    ("ld-linux", "glibc"),
    ("ld64.so", "glibc"),
];

/// Versions of glibc's symbols that are no numbers, and the release that brought them.
const NAMED: &[(&str, u32)] = &[
    // Packed relative relocations; the loader of an older glibc would leave them undone.
    ("GLIBC_ABI_DT_RELR", 36),
    ("GLIBC_ABI_GNU_TLS", 42),
    ("GLIBC_ABI_GNU2_TLS", 42),
    ("GLIBC_ABI_DT_X86_64_PLT", 42),
];

/// `VER_FLG_WEAK`: the loader goes on without this version.
const WEAK: u16 = 2;

/// The most names that force the floor and are kept: a whole program's worth explains no more than the first.
const MOST_NAMES: usize = 100;

pub(super) fn read(facts: &Facts<'_, '_>, image: &mut Image) -> read::Result<()> {
    let elf = facts.elf;
    for entry in elf.dynamic() {
        let tag = elf::DynamicTag(entry.tag);
        let text = || elf.dynamic_string(entry.value);
        match tag {
            elf::DT_NEEDED => image.needed.push(text()?),
            elf::DT_SONAME => image.name = Some(text()?),
            elf::DT_RPATH | elf::DT_RUNPATH => image.rpath.extend(text()?.split(':').map(str::to_owned)),
            _ => {}
        }
    }
    let exported = facts.dynamic.iter().filter(|symbol| {
        let visible = symbol.other & 3 == 0 || symbol.other & 3 == elf::STV_PROTECTED.0;
        !symbol.is_local() && !symbol.is_undefined() && visible && !symbol.name.is_empty()
    });
    if image.kind == "shared library" || image.kind == "executable" {
        image.exports = exported.map(|symbol| String::from_utf8_lossy(symbol.name).into_owned()).collect();
    }
    let versions = Versions::read(elf)?;
    image.versions = versions
        .needs
        .iter()
        .map(|need| {
            let mut versions: Vec<String> = need.versions.iter().map(|version| version.name.clone()).collect();
            versions.sort_by_key(|name| sort_key(name));
            SymbolVersions { library: need.file.clone(), versions }
        })
        .collect();
    image.libc = dynamic_libc(facts, image, &versions).or_else(|| static_libc(facts, image));
    Ok(())
}

/// The text before the numbers, then the numbers.
fn sort_key(name: &str) -> (String, Vec<u32>) {
    let at = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    (name[..at].to_owned(), name[at..].split('.').filter_map(|number| number.parse().ok()).collect())
}

/// Minor and patch level of a version of glibc's symbols.
fn glibc_version(name: &str) -> Option<(u32, u32)> {
    if let Some((_, minor)) = NAMED.iter().find(|row| row.0 == name) {
        return Some((*minor, 0));
    }
    let mut numbers = name.strip_prefix("GLIBC_2.")?.split('.').map(str::parse);
    let minor = numbers.next()?.ok()?;
    Some((minor, numbers.next().and_then(Result::ok).unwrap_or(0)))
}

fn dynamic_libc(facts: &Facts<'_, '_>, image: &Image, versions: &Versions) -> Option<Libc> {
    let libc = |name| Some(Libc { name, floor: None, forced_by: Vec::new(), linked_in: false });
    let needs: Vec<&NeedVersion> = versions.needs.iter().flat_map(|need| &need.versions).collect();
    let uses_glibc = needs.iter().any(|version| version.name.starts_with("GLIBC_"));
    let by_name = image.needed.iter().find_map(|name| LIBRARIES.iter().find(|row| name.starts_with(row.0)));
    match by_name.map(|row| row.1) {
        _ if uses_glibc => {}
        Some("glibc") => {}
        Some(other) => return libc(other),
        None => {
            let path = image.interpreter.as_deref().unwrap_or("");
            if path.contains("/ld-musl-") {
                return libc("musl");
            }
            if path.starts_with("/system/bin/linker") {
                return libc("bionic");
            }
            if path.contains("/ld-uClibc") {
                return libc("uclibc");
            }
            if !image.needed.iter().any(|name| name.starts_with("libc.so")) {
                return None;
            }
            // The BSDs say who they are in a note; what remains is musl, which names no version.
            return libc(match facts.os().as_ref().map(|os| &*os.name) {
                Some("freebsd") => "freebsd",
                Some("netbsd") => "netbsd",
                Some("openbsd") => "openbsd",
                Some("android") => "bionic",
                _ if image.needed.iter().any(|name| name == "libc.so") => "musl",
                _ => return None,
            });
        }
    }
    let needed = needs.iter().filter(|version| version.flags & WEAK == 0);
    let floor = needed.filter_map(|version| glibc_version(&version.name)).max();
    let packed = facts.elf.dynamic().iter().any(|entry| entry.tag == elf::DT_RELR.0);
    let mut forced_by = Vec::new();
    let mut highest = floor;
    if packed && floor < Some((36, 0)) {
        highest = Some((36, 0));
        forced_by.push("DT_RELR (packed relocations)".to_owned());
    }
    for version in needs.iter().filter(|version| version.flags & WEAK == 0) {
        if glibc_version(&version.name) != highest {
            continue;
        }
        let index = version.index & 0x7fff;
        let users = facts.dynamic.iter().enumerate().filter(|(at, symbol)| {
            // The table of versions counts the null symbol, which `Facts` leaves out.
            symbol.is_undefined() && versions.indices.get(at + 1).is_some_and(|used| used & 0x7fff == index)
        });
        let names = users.map(|(_, symbol)| format!("{}@{}", String::from_utf8_lossy(symbol.name), version.name));
        let before = forced_by.len();
        forced_by.extend(names.take(MOST_NAMES));
        if forced_by.len() == before {
            forced_by.push(version.name.clone());
        }
        if forced_by.len() >= MOST_NAMES {
            break;
        }
    }
    let floor =
        highest.map(|(minor, patch)| if patch == 0 { format!("2.{minor}") } else { format!("2.{minor}.{patch}") });
    Some(Libc { name: "glibc", floor, forced_by, linked_in: false })
}

/// The C library inside a static program, by texts that only it has: musl's first error message, the variable with
/// glibc's tunables.
fn static_libc(facts: &Facts<'_, '_>, image: &Image) -> Option<Libc> {
    if image.kind != "executable" || !image.needed.is_empty() || facts.interpreter.is_some() {
        return None;
    }
    let libc = |name| Some(Libc { name, floor: None, forced_by: Vec::new(), linked_in: true });
    // A text of C ends with a zero. Without one it is in a program that looks for it, as this one does.
    let data = facts.elf.data;
    let has = |text: &[u8]| memchr::memmem::find_iter(data, text).any(|at| data.get(at + text.len()) == Some(&0));
    let symbol = |name: &[u8]| facts.symbols.iter().any(|symbol| symbol.name == name && !symbol.is_undefined());
    if has(b"GLIBC_TUNABLES") || symbol(b"__libc_setup_tls") {
        return libc("glibc");
    }
    if symbol(b"__init_libc") || symbol(b"_start_c") || has(b"No error information") {
        return libc("musl");
    }
    match facts.os().as_ref().map(|os| &*os.name) {
        Some("freebsd") => libc("freebsd"),
        Some("netbsd") => libc("netbsd"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_glibc_are_numbers_or_known_names() {
        assert_eq!(glibc_version("GLIBC_2.2.5"), Some((2, 5)));
        assert_eq!(glibc_version("GLIBC_2.34"), Some((34, 0)));
        assert!(glibc_version("GLIBC_2.34") > glibc_version("GLIBC_2.4"));
        assert_eq!(glibc_version("GLIBC_ABI_DT_RELR"), Some((36, 0)));
        assert_eq!(glibc_version("GLIBC_PRIVATE"), None);
        assert_eq!(glibc_version("GLIBCXX_3.4"), None);
    }

    #[test]
    fn versions_sort_by_number() {
        let mut names = ["GLIBC_2.17", "GLIBC_2.4", "GLIBC_2.2.5", "GCC_3.0"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["GCC_3.0", "GLIBC_2.2.5", "GLIBC_2.4", "GLIBC_2.17"]);
    }
}
