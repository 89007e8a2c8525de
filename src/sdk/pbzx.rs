//! pbzx, in which Apple's packages keep their files: pieces of 16 MiB, each an xz stream or as it is.

use std::io::{self, Read};

use lzma_rust2::XzReader;

pub(super) const MAGIC: &[u8] = b"pbzx";

/// More than any piece that was seen.
const LARGEST_PIECE: u64 = 1 << 30;

/// The bytes of all pieces, one after another.
pub(super) struct Pbzx<R: Read> {
    /// In the middle of a piece, or between two.
    state: State<R>,
}

enum State<R: Read> {
    Between(R),
    Packed(Box<XzReader<io::Take<R>>>),
    Plain(io::Take<R>),
    Ended,
}

impl<R: Read> Pbzx<R> {
    /// Reads the header, magic included.
    ///
    /// # Errors
    /// Where it is none.
    pub(super) fn new(mut from: R) -> io::Result<Pbzx<R>> {
        // The magic, and how large a piece is when it is unpacked.
        let mut header = [0; 12];
        from.read_exact(&mut header)?;
        if !header.starts_with(MAGIC) {
            return Err(broken("no pbzx"));
        }
        Ok(Pbzx { state: State::Between(from) })
    }

    /// The next piece; the end where there is not a byte of one.
    fn begin(mut from: R) -> io::Result<State<R>> {
        let mut header = [0; 16];
        let mut count = 0;
        while count < header.len() {
            match from.read(&mut header[count..])? {
                0 if count == 0 => return Ok(State::Ended),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => count += more,
            }
        }
        let number = |at: usize| header[at..at + 8].iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
        // A piece that could not be made smaller is there as it is.
        let (unpacked, length) = (number(0), number(8));
        if length > LARGEST_PIECE {
            return Err(broken("a piece of pbzx that is too large"));
        }
        let piece = from.take(length);
        Ok(if length == unpacked { State::Plain(piece) } else { State::Packed(Box::new(XzReader::new(piece, false))) })
    }
}

impl<R: Read> Read for Pbzx<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        loop {
            let count = match &mut self.state {
                State::Ended => return Ok(0),
                State::Between(_) => 0,
                State::Packed(piece) => piece.read(to)?,
                State::Plain(piece) => piece.read(to)?,
            };
            if count > 0 {
                return Ok(count);
            }
            // xz knows its own end; a plain piece has to be there to the last byte.
            let mut piece = match std::mem::replace(&mut self.state, State::Ended) {
                State::Packed(piece) => piece.into_inner(),
                State::Plain(piece) => piece,
                State::Between(from) => {
                    self.state = Self::begin(from)?;
                    continue;
                }
                State::Ended => return Ok(0),
            };
            io::copy(&mut piece, &mut io::sink())?;
            if piece.limit() > 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.state = Self::begin(piece.into_inner())?;
        }
    }
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn pieces_of_both_kinds_are_one_text_and_a_cut_one_is_an_error() {
        let mut xz = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(0)).unwrap();
        xz.write_all(&[b'a'; 1000]).unwrap();
        let xz = xz.finish().unwrap();
        let number = |number: usize| (number as u64).to_be_bytes();
        let mut bytes = [MAGIC, &number(1 << 24)].concat();
        bytes.extend([&number(1000)[..], &number(xz.len()), &xz].concat());
        let whole = bytes.len();
        bytes.extend([&number(4)[..], &number(4), b"tail"].concat());
        let read = |bytes: &[u8]| {
            let mut all = Vec::new();
            Pbzx::new(bytes).and_then(|mut from| from.read_to_end(&mut all)).map(|_| all)
        };
        assert_eq!(read(&bytes).unwrap(), [&[b'a'; 1000][..], b"tail"].concat());
        for length in (0..bytes.len()).filter(|length| *length != whole && *length != 12) {
            assert!(read(&bytes[..length]).is_err(), "{length}");
        }
        bytes[whole - 40] ^= 1;
        assert!(read(&bytes).is_err());
    }
}
