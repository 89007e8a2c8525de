//! What Go's linker writes into a program: the release, the modules, the settings of the build.
//!
//! The format is that of Go 1.18 and later (`debug/buildinfo`): a header of 32 bytes, then two strings with their lengths.

use super::read::Found;
use super::report::{Go, Module, Setting};

const MAGIC: &[u8] = b"\xff Go buildinf:";
const HEADER: usize = 32;
/// Bit of the flags: the strings follow, instead of pointers to them.
const INLINE: u8 = 2;
/// Bytes around the modules' text, by which it can be found without a header (`cmd/go/internal/modload`).
const SENTINEL: usize = 16;
const START: &[u8] = b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
const END: &[u8] = b"\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";
/// Every place of the magic but the first few is a program that reads such programs.
const MOST_PLACES: usize = 16;

const SECTIONS: &[&str] = &[".go.buildinfo", "__go_buildinfo"];

pub(super) fn read(data: &[u8], sections: &[Found<'_>]) -> Option<Go> {
    let named = sections.iter().find(|section| SECTIONS.contains(&&*section.name));
    if let Some(go) = named.and_then(|section| at(section.data, 0)) {
        return Some(go);
    }
    memchr::memmem::find_iter(data, MAGIC).take(MOST_PLACES).find_map(|start| at(data, start))
}

fn at(data: &[u8], start: usize) -> Option<Go> {
    let data = data.get(start..).filter(|data| data.starts_with(MAGIC))?;
    if data.get(MAGIC.len() + 1)? & INLINE == 0 {
        return None;
    }
    let mut rest = data.get(HEADER..)?;
    let version = String::from_utf8(string(&mut rest)?.to_vec()).ok()?;
    if !version.starts_with("go") && !version.starts_with("devel") {
        return None;
    }
    let text = string(&mut rest).unwrap_or(&[]);
    Some(modules(version, text.get(SENTINEL..text.len().saturating_sub(SENTINEL)).unwrap_or(&[])))
}

/// The same of a WebAssembly module, where Go's linker writes no header; `release` is what its section of producers says.
pub(super) fn without_header(data: &[u8], release: &str) -> Go {
    let text = memchr::memmem::find(data, START).and_then(|start| {
        let rest = &data[start + SENTINEL..];
        Some(&rest[..memchr::memmem::find(rest, END)?])
    });
    modules(release.to_owned(), text.unwrap_or(&[]))
}

fn modules(version: String, text: &[u8]) -> Go {
    let mut go = Go { version, ..Go::default() };
    for line in String::from_utf8_lossy(text).lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        match *fields {
            ["path", path] => go.path = Some(path.to_owned()),
            ["mod", path, version, ref sum @ ..] => go.main = Some(module(path, version, sum)),
            ["dep", path, version, ref sum @ ..] => go.dependencies.push(module(path, version, sum)),
            ["=>", path, ref version @ ..] => {
                let by = [path].into_iter().chain(version.iter().copied().take(1)).collect::<Vec<_>>().join(" ");
                let replaced = go.dependencies.last_mut().or(go.main.as_mut());
                if let Some(module) = replaced {
                    module.replaced_by = Some(by.trim_end().to_owned());
                }
            }
            ["build", setting] => go.settings.extend(setting_of(setting)),
            _ => {}
        }
    }
    go
}

fn module(path: &str, version: &str, sum: &[&str]) -> Module {
    let sum = sum.first().filter(|sum| !sum.is_empty()).map(|sum| (*sum).to_owned());
    Module { path: path.to_owned(), version: version.to_owned(), sum, replaced_by: None }
}

/// `key=value`, either of them in Go's quotes where it has blanks.
fn setting_of(text: &str) -> Option<Setting> {
    let (key, value) = match text.strip_prefix('"') {
        Some(rest) => rest.split_once("\"=")?,
        None => text.split_once('=')?,
    };
    let value = match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => value.trim_matches('`').to_owned(),
    };
    Some(Setting { key: key.to_owned(), value })
}

/// A string after its length, an unsigned LEB128 number.
fn string<'d>(data: &mut &'d [u8]) -> Option<&'d [u8]> {
    let (mut size, mut shift) = (0u64, 0);
    loop {
        let (first, rest) = data.split_first()?;
        *data = rest;
        size |= u64::from(first & 0x7f).checked_shl(shift)?;
        if first & 0x80 == 0 {
            break;
        }
        shift += 7;
    }
    let (text, rest) = data.split_at_checked(usize::try_from(size).ok()?)?;
    *data = rest;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_information_of_go_is_read() {
        let modules = "path\texample.org/a\nmod\texample.org/a\t(devel)\t\ndep\texample.org/b\tv1.2.3\th1:x=\n=>\t../b\t\nbuild\t-ldflags=\"-s -w\"\nbuild\tGOOS=linux\n";
        let text = [&[b'#'; 16][..], modules.as_bytes(), &[b'#'; 16]].concat();
        let mut data = [b"junk", MAGIC, &[8, 2]].concat();
        data.resize(4 + HEADER, 0);
        data.extend([6]);
        data.extend(b"go1.26");
        data.extend([text.len() as u8 | 0x80, (text.len() >> 7) as u8]);
        data.extend(&text);
        let go = read(&data, &[]).unwrap();
        assert_eq!(go.version, "go1.26");
        assert_eq!(go.main.as_ref().unwrap().version, "(devel)");
        assert_eq!(go.dependencies[0].replaced_by.as_deref(), Some("../b"));
        assert_eq!((go.setting("GOOS"), go.setting("-ldflags")), (Some("linux"), Some("-s -w")));
        for size in 0..data.len() {
            read(&data[..size], &[]);
        }
    }
}
