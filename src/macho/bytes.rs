//! Numbers in the bytes of a file: read with their bounds checked, written in place.

use super::Result;

/// The `count` bytes at `at`.
pub(crate) fn slice(data: &[u8], at: u64, count: u64) -> Option<&[u8]> {
    let (start, end) = (usize::try_from(at).ok()?, usize::try_from(at.checked_add(count)?).ok()?);
    data.get(start..end)
}

fn array<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
    data.get(at..at.checked_add(N)?)?.try_into().ok()
}

pub(crate) fn u16_at(data: &[u8], at: usize) -> Result<u16> {
    array(data, at).map(u16::from_le_bytes).ok_or_else(cut)
}

pub(crate) fn u32_at(data: &[u8], at: usize) -> Result<u32> {
    array(data, at).map(u32::from_le_bytes).ok_or_else(cut)
}

pub(crate) fn u64_at(data: &[u8], at: usize) -> Result<u64> {
    array(data, at).map(u64::from_le_bytes).ok_or_else(cut)
}

/// Universal headers and code signatures are big endian.
pub(crate) fn be32_at(data: &[u8], at: usize) -> Result<u32> {
    array(data, at).map(u32::from_be_bytes).ok_or_else(cut)
}

pub(crate) fn be64_at(data: &[u8], at: usize) -> Result<u64> {
    array(data, at).map(u64::from_be_bytes).ok_or_else(cut)
}

pub(crate) fn cut() -> String {
    "the file is cut short".into()
}

/// Writes over what is there; past the end nothing happens.
pub(crate) fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = at.checked_add(bytes.len()).and_then(|end| data.get_mut(at..end)) {
        place.copy_from_slice(bytes);
    }
}

pub(crate) fn put32(data: &mut [u8], at: usize, value: u32) {
    put(data, at, &value.to_le_bytes());
}

pub(crate) fn put64(data: &mut [u8], at: usize, value: u64) {
    put(data, at, &value.to_le_bytes());
}

/// The text up to a zero.
pub(crate) fn text_at(data: &[u8], at: usize) -> Option<&[u8]> {
    let rest = data.get(at..)?;
    rest.get(..memchr::memchr(0, rest)?)
}

/// A name of 16 bytes, zero-filled.
pub(crate) fn name16(data: &[u8], at: usize) -> Result<String> {
    let name: [u8; 16] = array(data, at).ok_or_else(cut)?;
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(16);
    Ok(String::from_utf8_lossy(&name[..end]).into_owned())
}

/// A walk through bytes with LEB128 numbers and texts among them.
pub(crate) struct Reader<'d> {
    pub(crate) data: &'d [u8],
    pub(crate) at: usize,
}

impl<'d> Reader<'d> {
    pub(crate) fn new(data: &'d [u8]) -> Reader<'d> {
        Reader { data, at: 0 }
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let byte = *self.data.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// An unsigned LEB128 number; `None` past 64 bits or the end.
    pub(crate) fn uleb(&mut self) -> Option<u64> {
        let (mut value, mut shift) = (0u64, 0u32);
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift >= 64 || bits << shift >> shift != bits {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            shift += 7;
        }
    }

    pub(crate) fn sleb(&mut self) -> Option<i64> {
        let (mut value, mut shift) = (0i64, 0u32);
        loop {
            let byte = self.byte()?;
            if shift >= 64 {
                return None;
            }
            value |= i64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                let negative = byte & 0x40 != 0 && shift < 64;
                return Some(if negative { value | -1 << shift } else { value });
            }
        }
    }

    pub(crate) fn text(&mut self) -> Option<&'d [u8]> {
        let text = text_at(self.data, self.at)?;
        self.at += text.len() + 1;
        Some(text)
    }
}

pub(crate) fn push_uleb(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

pub(crate) fn push_sleb(to: &mut Vec<u8>, mut value: i64) {
    loop {
        let byte = value as u8 & 0x7f;
        value >>= 7;
        let done = (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0);
        to.push(if done { byte } else { byte | 0x80 });
        if done {
            return;
        }
    }
}

pub(crate) fn uleb_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// `value` rounded up to a multiple of a power of two.
pub(crate) fn align(value: u64, to: u64) -> u64 {
    value.saturating_add(to - 1) & !(to - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leb128_is_read_as_written() {
        for value in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            push_uleb(&mut bytes, value);
            assert_eq!((bytes.len(), Reader::new(&bytes).uleb()), (uleb_len(value), Some(value)));
        }
        assert_eq!(Reader::new(&[0x7f]).sleb(), Some(-1));
        assert_eq!(Reader::new(&[0x80, 0x7f]).sleb(), Some(-128));
        assert_eq!(Reader::new(&[0xff; 11]).uleb(), None);
        assert_eq!(Reader::new(&[0xff; 11]).sleb(), None);
        assert_eq!(Reader::new(&[0x80]).uleb(), None);
    }
}
