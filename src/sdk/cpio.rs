//! cpio archives, as Apple's packages have them: the portable format of POSIX ("odc") and the newer of SVR4 ("newc").

use std::io::{self, Read};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Directory,
    File,
    Symlink,
    Other,
}

/// The header of an entry.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) mode: u32,
    /// Device and number of a file that has more than one name, where only the last of them comes with the contents.
    pub(super) shared: Option<(u64, u64)>,
    pub(super) size: u64,
}

/// The entries of an archive, one after another.
pub(super) struct Archive<R> {
    from: R,
    /// Of the current entry's contents, and the bytes that fill it up.
    left: u64,
    padding: u64,
}

/// How a header writes its numbers, and where.
struct Format {
    magic: &'static [u8; 6],
    radix: u32,
    /// Offset and length behind the magic.
    device: (usize, usize),
    inode: (usize, usize),
    mode: (usize, usize),
    links: (usize, usize),
    size: (usize, usize),
    name: (usize, usize),
    length: usize,
    /// Names and contents begin at multiples of it.
    align: u64,
}

const FORMATS: &[Format] = &[
    Format {
        magic: b"070707",
        radix: 8,
        device: (0, 6),
        inode: (6, 6),
        mode: (12, 6),
        links: (30, 6),
        name: (53, 6),
        size: (59, 11),
        length: 70,
        align: 1,
    },
    Format {
        magic: b"070701",
        radix: 16,
        inode: (0, 8),
        mode: (8, 8),
        links: (32, 8),
        size: (48, 8),
        // The minor number; the major one does not tell two files of one package apart.
        device: (64, 8),
        name: (88, 8),
        length: 104,
        align: 4,
    },
];

const LONGEST_NAME: u64 = 4096;

impl<R: Read> Archive<R> {
    pub(super) fn new(from: R) -> Archive<R> {
        Archive { from, left: 0, padding: 0 }
    }

    /// The next entry, what is left of the last one passed over; `None` at the end, which an archive says itself.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        let skip = self.left + self.padding;
        if io::copy(&mut (&mut self.from).take(skip), &mut io::sink())? < skip {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        (self.left, self.padding) = (0, 0);
        let mut magic = [0; 6];
        self.from.read_exact(&mut magic)?;
        // With the checksum of newc ("070702") nobody makes packages.
        let format = FORMATS.iter().find(|format| *format.magic == magic).ok_or_else(|| broken("no cpio archive"))?;
        let mut header = vec![0; format.length];
        self.from.read_exact(&mut header)?;
        let number = |(at, length): (usize, usize)| {
            let text = std::str::from_utf8(&header[at..at + length]).ok();
            text.and_then(|text| u64::from_str_radix(text, format.radix).ok())
                .ok_or_else(|| broken("no number in cpio"))
        };
        let length = number(format.name)?;
        if length == 0 || length > LONGEST_NAME {
            return Err(broken("a name in cpio that is too long"));
        }
        let fill = |length: u64| (format.align - length % format.align) % format.align;
        let mut name = vec![0; (length + fill(6 + format.length as u64 + length)) as usize];
        self.from.read_exact(&mut name)?;
        name.truncate(length as usize - 1);
        let name = String::from_utf8(name).map_err(|_| broken("a name in cpio that is not UTF-8"))?;
        if name == "TRAILER!!!" {
            return Ok(None);
        }
        let mode = number(format.mode)? as u32;
        let kind = match mode & 0o170_000 {
            0o040_000 => Kind::Directory,
            0o100_000 => Kind::File,
            0o120_000 => Kind::Symlink,
            _ => Kind::Other,
        };
        // The older format has them with every name.
        let shared = number(format.links)? > 1 && kind == Kind::File && format.align > 1;
        let shared = if shared { Some((number(format.device)?, number(format.inode)?)) } else { None };
        let size = number(format.size)?;
        (self.left, self.padding) = (size, fill(size));
        Ok(Some(Entry { name, kind, mode, shared, size }))
    }
}

/// The contents of the current entry; an archive that ends before they do is an error.
impl<R: Read> Read for Archive<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let most = to.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let count = self.from.read(&mut to[..most])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= count as u64;
        Ok(count)
    }
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newc(name: &str, mode: u32, links: u32, data: &str) -> Vec<u8> {
        let mut text = format!("070701{:08x}{mode:08x}{:08x}{:08x}{links:08x}{:08x}", 7, 0, 0, 0).into_bytes();
        text.extend(format!("{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}", data.len(), 0, 1, 0, 0, name.len() + 1).bytes());
        text.extend(format!("{:08x}{name}\0", 0).bytes());
        text.resize(text.len().next_multiple_of(4), 0);
        text.extend(data.bytes());
        text.resize(text.len().next_multiple_of(4), 0);
        text
    }

    #[test]
    fn names_and_contents_of_both_formats() {
        let odc = |name: &str, mode: u32, data: &str| {
            let head = format!("070707{:06o}{:06o}{mode:06o}{:06o}{:06o}{:06o}{:06o}", 1, 2, 0, 0, 1, 0);
            format!("{head}{:011o}{:06o}{:011o}{name}\0{data}", 0, name.len() + 1, data.len()).into_bytes()
        };
        let ours = [odc("./a", 0o100_755, "text"), odc("l", 0o120_777, "a"), odc("TRAILER!!!", 0, "")].concat();
        let theirs =
            [newc("./a", 0o100_755, 2, "text"), newc("l", 0o120_777, 1, "a"), newc("TRAILER!!!", 0, 1, "")].concat();
        for (bytes, shared) in [(ours, None), (theirs, Some((1, 7)))] {
            let mut archive = Archive::new(&bytes[..]);
            let entry = archive.next().unwrap().unwrap();
            assert_eq!((entry.name.as_str(), entry.kind, entry.mode & 0o777), ("./a", Kind::File, 0o755));
            assert_eq!(entry.shared, shared);
            let mut text = String::new();
            archive.read_to_string(&mut text).unwrap();
            assert_eq!(text, "text");
            assert_eq!(archive.next().unwrap().unwrap().kind, Kind::Symlink);
            assert!(archive.next().unwrap().is_none());
            // Wherever it is cut, it is an error and not an end.
            for length in 0..bytes.len() - 1 {
                let mut archive = Archive::new(&bytes[..length]);
                let end = loop {
                    match archive.next() {
                        Ok(Some(_)) if io::copy(&mut archive, &mut io::sink()).is_err() => break None,
                        Ok(Some(_)) => {}
                        Ok(None) => break Some(()),
                        Err(_) => break None,
                    }
                };
                assert!(end.is_none() || length + 4 > bytes.len(), "{length} of {}", bytes.len());
            }
        }
    }
}
