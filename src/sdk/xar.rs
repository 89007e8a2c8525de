//! xar archives, which Apple's packages are: a header, a table of contents in XML, and a heap of bytes that it describes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use flate2::read::ZlibDecoder;
use roxmltree::{Document, Node, ParsingOptions};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::digest::hex;

pub(super) const MAGIC: &[u8] = b"xar!";

/// More than the table of any package.
const LARGEST_TABLE: u64 = 64 << 20;

/// A file of an archive: where its bytes are, and how they are kept.
#[derive(Debug, PartialEq)]
pub(super) struct Member {
    /// With those of its directories: `CLTools_SDK.pkg/Payload`.
    pub(super) name: String,
    offset: u64,
    length: u64,
    /// Media type of the compression.
    encoding: String,
    /// Algorithm and hexadecimal digest of the bytes in the heap.
    checksum: Option<(String, String)>,
}

/// The files of an archive, in its order.
///
/// # Errors
/// What is no xar archive, or not a whole one.
pub(super) fn members(file: &mut File) -> io::Result<Vec<Member>> {
    let size = file.metadata()?.len();
    file.rewind()?;
    let mut header = [0; 28];
    file.read_exact(&mut header)?;
    let number =
        |at: usize, length: usize| header[at..at + length].iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
    let (start, packed, unpacked) = (number(4, 2), number(8, 8), number(16, 8));
    if &header[..4] != MAGIC || start < 28 || packed > size || unpacked > LARGEST_TABLE {
        return Err(broken("its header is not one of xar"));
    }
    file.seek(SeekFrom::Start(start))?;
    let mut table = String::new();
    ZlibDecoder::new(file.take(packed)).take(LARGEST_TABLE).read_to_string(&mut table)?;
    let heap = start + packed;
    // The DTD is Apple's habit in every XML file; it declares nothing here.
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&table, options).map_err(|_| broken("its table is not XML"))?;
    let toc = child(document.root_element(), "toc").ok_or_else(|| broken("it has no table"))?;
    let mut found = Vec::new();
    collect(toc, "", heap, size, &mut found)?;
    Ok(found)
}

fn collect(parent: Node<'_, '_>, above: &str, heap: u64, size: u64, found: &mut Vec<Member>) -> io::Result<()> {
    for node in parent.children().filter(|node| node.has_tag_name("file")) {
        let name = format!("{above}{}", text(node, "name"));
        if let Some(data) = child(node, "data") {
            let number = |name: &str| text(data, name).parse::<u64>().map_err(|_| broken("its table has no number"));
            let offset = heap.checked_add(number("offset")?);
            let offset = offset.ok_or_else(|| broken("its table points nowhere"))?;
            let length = number("length")?;
            if offset.checked_add(length).is_none_or(|end| end > size) {
                return Err(broken("its table points behind its end"));
            }
            let encoding = child(data, "encoding").and_then(|node| node.attribute("style")).unwrap_or_default();
            let checksum = child(data, "archived-checksum")
                .and_then(|node| Some((node.attribute("style")?.to_lowercase(), node.text()?.trim().to_lowercase())));
            found.push(Member { name: name.clone(), offset, length, encoding: encoding.to_owned(), checksum });
        }
        collect(node, &format!("{name}/"), heap, size, found)?;
    }
    Ok(())
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    child(node, name).and_then(|node| node.text()).unwrap_or("").trim()
}

impl Member {
    /// The bytes of the member, as they were before they went into the archive. What is read is checked when it has all been
    /// read: [`Checked::finish`].
    ///
    /// # Errors
    /// A compression that is not zlib's.
    pub(super) fn open<'a>(&self, file: &'a mut File) -> io::Result<Box<dyn Checked + 'a>> {
        file.seek(SeekFrom::Start(self.offset))?;
        let hash = match self.checksum.as_ref().map(|(style, _)| style.as_str()) {
            Some("sha1") => Hash::Sha1(Sha1::new()),
            Some("sha256") => Hash::Sha256(Sha256::new()),
            Some("sha512") => Hash::Sha512(Sha512::new()),
            // MD5, of archives of long ago; the compression inside has a check of its own.
            _ => Hash::None,
        };
        let expected = self.checksum.as_ref().map(|(_, digest)| digest.clone()).unwrap_or_default();
        let raw = Raw { from: io::BufReader::with_capacity(1 << 16, file.take(self.length)), hash, expected };
        match self.encoding.as_str() {
            "" | "application/octet-stream" => Ok(Box::new(raw)),
            "application/x-gzip" => Ok(Box::new(Deflated(ZlibDecoder::new(raw)))),
            other => Err(io::Error::new(io::ErrorKind::Unsupported, format!("'{other}' is a compression of its own"))),
        }
    }
}

/// A reader that knows at its end whether it has read what was written.
pub(super) trait Checked: Read {
    /// Reads the rest, and compares the digest.
    fn finish(&mut self) -> io::Result<()>;
}

enum Hash {
    None,
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
}

struct Raw<R> {
    from: R,
    hash: Hash,
    expected: String,
}

impl<R: Read> Read for Raw<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(to)?;
        match &mut self.hash {
            Hash::None => {}
            Hash::Sha1(hash) => hash.update(&to[..count]),
            Hash::Sha256(hash) => hash.update(&to[..count]),
            Hash::Sha512(hash) => hash.update(&to[..count]),
        }
        Ok(count)
    }
}

impl<R: Read> Checked for Raw<R> {
    fn finish(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink())?;
        let digest = match std::mem::replace(&mut self.hash, Hash::None) {
            Hash::None => return Ok(()),
            Hash::Sha1(hash) => hex(&hash.finalize()),
            Hash::Sha256(hash) => hex(&hash.finalize()),
            Hash::Sha512(hash) => hex(&hash.finalize()),
        };
        if digest == self.expected { Ok(()) } else { Err(broken("its checksum is another")) }
    }
}

struct Deflated<R: Read>(ZlibDecoder<R>);

impl<R: Read> Read for Deflated<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.read(to)
    }
}

impl<R: Checked> Checked for Deflated<R> {
    fn finish(&mut self) -> io::Result<()> {
        io::copy(&mut self.0, &mut io::sink())?;
        self.0.get_mut().finish()
    }
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
