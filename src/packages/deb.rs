//! A Debian package: an archive of `ar` with a tar of what it says of itself and a tar of its files.

use std::io::{Cursor, Read};

use object::read::archive::ArchiveFile;

use crate::error::{Error, Result};

/// A package in memory.
pub(super) struct Deb {
    pub(super) name: String,
    pub(super) version: String,
    /// As Debian calls it; `all` is every machine.
    pub(super) architecture: String,
    /// What it needs: of each list one package.
    pub(super) depends: Vec<Vec<String>>,
    /// What else it can stand for.
    pub(super) provides: Vec<String>,
    /// The tar of its files, unpacked.
    pub(super) data: Vec<u8>,
}

/// More than any library's package unpacks to, in bytes.
const MOST_UNPACKED: u64 = 4 << 30;

/// Reads a package.
///
/// # Errors
/// Where it is none, or is not whole.
pub(super) fn read(bytes: &[u8]) -> Result<Deb> {
    let none = || Error::message("it is no Debian package");
    let archive = ArchiveFile::parse(bytes).map_err(|_| none())?;
    let (mut control, mut data) = (None, None);
    for member in archive.members() {
        let member = member.map_err(|error| Error::message(format!("it is not whole: {error}")))?;
        let name = String::from_utf8_lossy(member.name()).trim_end_matches('/').to_owned();
        let content = || member.data(bytes).map_err(|error| Error::message(format!("it is not whole: {error}")));
        if name.starts_with("control.tar") {
            control = Some(unpack(content()?)?);
        } else if name.starts_with("data.tar") {
            data = Some(unpack(content()?)?);
        }
    }
    let (control, data) = (control.ok_or_else(none)?, data.ok_or_else(none)?);
    let control = control_of(&control)?.ok_or_else(none)?;
    let field = |name: &str| field(&control, name);
    Ok(Deb {
        name: field("Package").ok_or_else(none)?,
        version: field("Version").unwrap_or_default(),
        architecture: field("Architecture").unwrap_or_default(),
        depends: relations(
            &[field("Pre-Depends"), field("Depends")].into_iter().flatten().collect::<Vec<_>>().join(","),
        ),
        provides: relations(&field("Provides").unwrap_or_default()).into_iter().flatten().collect(),
        data,
    })
}

/// By what it begins with: the member's name says the same.
fn unpack(bytes: &[u8]) -> Result<Vec<u8>> {
    let damaged = |error: String| Error::message(format!("it is not whole: {error}"));
    let mut out = Vec::new();
    let reader: Box<dyn Read + '_> = match bytes {
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Box::new(lzma_rust2::XzReader::new(Cursor::new(bytes), true)),
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            Box::new(ruzstd::decoding::StreamingDecoder::new(bytes).map_err(|error| damaged(error.to_string()))?)
        }
        [b'B', b'Z', b'h', ..] => return Err(Error::message("it is compressed with bzip2, as Debian did until 2012")),
        _ => Box::new(bytes),
    };
    reader.take(MOST_UNPACKED).read_to_end(&mut out).map_err(|error| damaged(error.to_string()))?;
    Ok(out)
}

/// The text of the member `control`.
fn control_of(tar: &[u8]) -> Result<Option<String>> {
    let broken = |error: std::io::Error| Error::message(format!("it is not whole: {error}"));
    for entry in tar::Archive::new(tar).entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let is_control = entry.path().is_ok_and(|path| path.file_name().is_some_and(|name| name == "control"));
        if is_control && entry.header().entry_type().is_file() {
            let mut text = String::new();
            entry.read_to_string(&mut text).map_err(broken)?;
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// A field of the first paragraph, with the lines that continue it.
pub(super) fn field(control: &str, name: &str) -> Option<String> {
    let mut lines = control.lines();
    let own = lines.find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })?;
    let more = lines.take_while(|line| line.starts_with([' ', '\t'])).map(str::trim);
    Some(std::iter::once(own.as_str()).chain(more).collect::<Vec<_>>().join(" "))
}

/// The names in `a (>= 1), b:any | c`, without versions and machines.
fn relations(text: &str) -> Vec<Vec<String>> {
    let name = |alternative: &str| {
        let end = alternative.find(['(', '[', ':', '<', ' ']).unwrap_or(alternative.len());
        alternative[..end].to_owned()
    };
    let one = |relation: &str| relation.split('|').map(|alternative| name(alternative.trim())).collect::<Vec<_>>();
    text.split(',').map(str::trim).filter(|relation| !relation.is_empty()).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_continue_on_lines_that_begin_with_a_blank() {
        let control = "Package: a\nDepends: b (>= 1),\n c:any | d [arm64],\n e\nVersion: 1:2-3\n";
        assert_eq!(field(control, "version").as_deref(), Some("1:2-3"));
        assert_eq!(relations(&field(control, "Depends").unwrap()), [vec!["b"], vec!["c", "d"], vec!["e"]]);
        assert_eq!(field(control, "Provides"), None);
    }

    #[test]
    fn what_is_no_package_is_said_so() {
        for bytes in [
            &b""[..],
            b"\x7fELF",
            b"!<arch>\n",
            b"!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n",
        ] {
            assert!(read(bytes).is_err());
        }
    }
}
