//! Which version of glibc a symbol came with: read from the list that zig makes its stubs from
//! (`lib/libc/glibc/abilists`). Only a link that has failed comes here.
//!
//! The file, alike from 0.14.1 to 0.17.0, integers as bytes unless said otherwise:
//!
//! ```text
//! count, then that many library names, each ended by a zero
//! count, then that many versions of three numbers: 2 34 0
//! count, then that many targets in zig's spelling, each ended by a zero
//! count of functions (two bytes, low first), then that many entries; then the same of data objects. An entry:
//!     the symbol's name, ended by a zero; not there when the entry before said that more follow
//!     targets that have it: a set of bits, LEB128
//!     objects only: size, LEB128
//!     library, an index; its high bit says that this is the symbol's last entry
//!     versions, indices; the high bit says that this is the last
//! ```

/// Versions of symbols for one target.
pub(super) struct Versions<'a> {
    list: &'a [u8],
    /// In zig's spelling, without a version.
    target: &'a str,
}

impl<'a> Versions<'a> {
    pub(super) fn new(list: &'a [u8], target: &'a str) -> Versions<'a> {
        Versions { list, target }
    }

    /// For each symbol that glibc has on the target: its name, and the minor version of glibc 2 that brought it. `None`
    /// for a list that is not as described.
    pub(super) fn of<'s>(&self, symbols: &[&'s str]) -> Option<Vec<(&'s str, u32)>> {
        let mut reader = Reader { rest: self.list };
        for _ in 0..reader.byte()? {
            reader.name()?;
        }
        let versions: Vec<(u8, u8)> = (0..reader.byte()?)
            .map(|_| {
                let version = (reader.byte()?, reader.byte()?);
                reader.byte()?;
                Some(version)
            })
            .collect::<Option<_>>()?;
        let targets: Vec<&[u8]> = (0..reader.byte()?).map(|_| reader.name()).collect::<Option<_>>()?;
        let target = targets.iter().position(|name| *name == self.target.as_bytes())?;
        let mut found: Vec<(&'s str, u32)> = Vec::new();
        for is_object in [false, true] {
            let mut count = u32::from(reader.byte()?) | u32::from(reader.byte()?) << 8;
            let mut name: &[u8] = &[];
            let mut starts = true;
            while count > 0 {
                count -= 1;
                if starts {
                    name = reader.name()?;
                }
                let on_target = reader.leb128()? >> target & 1 == 1;
                if is_object {
                    reader.leb128()?;
                }
                starts = reader.byte()? & 0x80 != 0;
                let mut oldest = None;
                loop {
                    let byte = reader.byte()?;
                    let (major, minor) = *versions.get(usize::from(byte & 0x7f))?;
                    if major == 2 {
                        oldest = Some(oldest.map_or(u32::from(minor), |oldest: u32| oldest.min(u32::from(minor))));
                    }
                    if byte & 0x80 != 0 {
                        break;
                    }
                }
                let Some(oldest) = oldest.filter(|_| on_target) else { continue };
                let Some(symbol) = symbols.iter().find(|symbol| symbol.as_bytes() == name) else { continue };
                match found.iter_mut().find(|(known, _)| known == symbol) {
                    Some(known) => known.1 = known.1.min(oldest),
                    None => found.push((symbol, oldest)),
                }
            }
        }
        Some(found)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn name(&mut self) -> Option<&'a [u8]> {
        let end = memchr::memchr(0, self.rest)?;
        let name = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Some(name)
    }

    fn leb128(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two libraries, versions 2.2, 2.17 and 2.34, two targets; functions `old` and `new`, an object `data`.
    const LIST: &[u8] = b"\x02m\0c\0\x03\x02\x02\x05\x02\x11\0\x02\x22\0\x02a-linux-gnu\0b-linux-gnu\0\
        \x04\0old\0\x03\x01\x00\x81\x01\x81\x82new\0\x01\x00\x82\x01\x81\x82\
        \x01\0data\0\x02\x04\x81\x81";

    #[test]
    fn the_oldest_version_on_the_target_counts() {
        let of = |target| Versions::new(LIST, target).of(&["data", "old", "new", "none"]);
        assert_eq!(of("a-linux-gnu"), Some(vec![("old", 2), ("new", 34)]));
        assert_eq!(of("b-linux-gnu"), Some(vec![("old", 2), ("data", 17)]));
        assert_eq!(of("c-linux-gnu"), None);
    }

    #[test]
    fn a_list_of_another_form_gives_nothing() {
        for end in 0..LIST.len() {
            assert_eq!(Versions::new(&LIST[..end], "a-linux-gnu").of(&["old"]), None, "{end}");
        }
    }
}
