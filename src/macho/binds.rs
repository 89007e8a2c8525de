//! What dyld is to bind at load time or at the first call: the opcodes of `LC_DYLD_INFO`, and the imports and chains of
//! `LC_DYLD_CHAINED_FIXUPS`, as one list.

use super::bytes::{Reader, push_sleb, push_uleb, slice, text_at, u16_at, u32_at, u64_at};
use super::names::*;
use super::{Image, Result};

/// Ordinals that are no library: this image, the program, every image loaded (flat), and weak coalescing.
pub(crate) const SELF: i64 = 0;
pub(crate) const FLAT: i64 = -2;
pub(crate) const WEAK: i64 = -3;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Regular,
    Lazy,
    /// By name among all images that define it weakly; the ordinal says nothing.
    Weak,
    /// An import of chained fixups: once for a symbol, not for each place.
    Import,
}

/// One place that dyld fills in (or one import).
#[derive(Clone, Debug)]
pub(crate) struct Bind<'d> {
    pub(crate) kind: Kind,
    /// 1 is the first loaded library; otherwise one of the constants above.
    pub(crate) ordinal: i64,
    pub(crate) name: &'d [u8],
    /// May be missing at run time.
    pub(crate) weak_import: bool,
    /// Weak only: a name that the image defines strongly, with no place.
    pub(crate) strong: bool,
    /// 1 a pointer, 2 and 3 absolute and relative 32-bit text.
    pub(crate) form: u8,
    /// Index of the segment and offset in it.
    pub(crate) segment: usize,
    pub(crate) offset: u64,
    pub(crate) addend: i64,
}

impl Bind<'_> {
    /// What it is before any opcode.
    fn first(kind: Kind) -> Self {
        Bind {
            kind,
            ordinal: if kind == Kind::Weak { WEAK } else { SELF },
            name: b"",
            weak_import: false,
            strong: false,
            form: 1,
            segment: usize::MAX,
            offset: 0,
            addend: 0,
        }
    }
}

/// Everything that the image binds.
///
/// # Errors
/// Tables that are outside the file or cannot be read to their end.
pub(crate) fn all<'d>(image: &Image<'d>) -> Result<Vec<Bind<'d>>> {
    let mut binds = Vec::new();
    for (kind, at) in [(Kind::Regular, 16), (Kind::Weak, 24), (Kind::Lazy, 32)] {
        let Some(command) = dyld_info(image) else { break };
        let bytes = image.bytes_of((image.word(command, at), image.word(command, at + 4)));
        binds.append(&mut opcodes(bytes?, kind)?);
    }
    if let Some(piece) = image.piece(LC_DYLD_CHAINED_FIXUPS).filter(|piece| piece.1 > 0) {
        binds.append(&mut imports(image.bytes_of(piece)?)?);
    }
    Ok(binds)
}

pub(crate) fn dyld_info(image: &Image<'_>) -> Option<super::image::Command> {
    image.command(LC_DYLD_INFO_ONLY).or_else(|| image.command(LC_DYLD_INFO))
}

/// A file of a few bytes can say that it has a billion binds. No image has as many as this.
const MOST: usize = 1 << 22;

/// Reads a table of opcodes.
pub(crate) fn opcodes(bytes: &[u8], kind: Kind) -> Result<Vec<Bind<'_>>> {
    let mut binds = Vec::new();
    let mut reader = Reader::new(bytes);
    let mut next = Bind::first(kind);
    let broken = || format!("the {} table is broken", table_name(kind));
    while let Some(byte) = reader.byte() {
        let low = byte & 0xf;
        let (count, step) = match byte & 0xf0 {
            // The lazy table has an end after every symbol, where its stub begins to read.
            0x00 if kind == Kind::Lazy => continue,
            0x00 => break,
            0x90 => (1, 8),
            0xa0 => (1, reader.uleb().ok_or_else(broken)?.wrapping_add(8)),
            0xb0 => (1, 8 + 8 * u64::from(low)),
            0xc0 => (reader.uleb().ok_or_else(broken)?, reader.uleb().ok_or_else(broken)?.wrapping_add(8)),
            _ => {
                state(byte, &mut reader, &mut next).ok_or_else(broken)??;
                if byte & 0xf8 == 0x48 && kind == Kind::Weak {
                    next.strong = true;
                    binds.push(next.clone());
                    next.strong = false;
                }
                continue;
            }
        };
        if count > (MOST - binds.len()) as u64 {
            return Err(broken());
        }
        for _ in 0..count {
            binds.push(next.clone());
            next.offset = next.offset.wrapping_add(step);
        }
    }
    Ok(binds)
}

/// A table of opcodes in which no bind is of one library, in as many bytes: `BIND_SPECIAL_DYLIB_FLAT_LOOKUP` in their place.
pub(crate) fn of_any_library(bytes: &[u8], kind: Kind) -> Result<Vec<u8>> {
    let mut to = bytes.to_vec();
    let mut reader = Reader::new(bytes);
    let mut next = Bind::first(kind);
    let broken = || format!("the {} table is broken", table_name(kind));
    loop {
        let start = reader.at;
        let Some(byte) = reader.byte() else { return Ok(to) };
        match byte & 0xf0 {
            0x00 if kind == Kind::Lazy => {}
            0x00 => return Ok(to),
            0x90 | 0xb0 => {}
            0xa0 => drop(reader.uleb().ok_or_else(broken)?),
            0xc0 => drop((reader.uleb().ok_or_else(broken)?, reader.uleb().ok_or_else(broken)?)),
            code => {
                state(byte, &mut reader, &mut next).ok_or_else(broken)??;
                if matches!(code, 0x10 | 0x20) && next.ordinal != SELF {
                    to[start..reader.at].fill(0x3e);
                }
            }
        }
    }
}

/// An opcode that changes what the next bind is. `None` where the table ends within it.
fn state<'d>(byte: u8, reader: &mut Reader<'d>, next: &mut Bind<'d>) -> Option<Result<()>> {
    let low = byte & 0xf;
    match byte & 0xf0 {
        0x10 => next.ordinal = low.into(),
        0x20 => next.ordinal = i64::try_from(reader.uleb()?).ok()?,
        0x30 => next.ordinal = if low == 0 { SELF } else { i64::from((0xf0 | low) as i8) },
        0x40 => {
            next.weak_import = low & 1 != 0;
            next.name = reader.text()?;
        }
        0x50 => next.form = low,
        0x60 => next.addend = reader.sleb()?,
        0x70 => {
            next.segment = low.into();
            next.offset = reader.uleb()?;
        }
        0x80 => next.offset = next.offset.wrapping_add(reader.uleb()?),
        _ => return Some(Err(format!("the {} table has an unknown opcode {byte:#x}", table_name(next.kind)))),
    }
    Some(Ok(()))
}

/// A table of opcodes for weak binds, which are sorted by name.
pub(crate) fn write_weak(binds: &[Bind<'_>]) -> Vec<u8> {
    let mut to = Vec::new();
    let (mut name, mut form, mut addend): (Option<(&[u8], bool)>, u8, i64) = (None, 0, 0);
    for bind in binds {
        if name != Some((bind.name, bind.strong)) {
            to.push(0x40 | u8::from(bind.weak_import) | if bind.strong { 8 } else { 0 });
            to.extend(bind.name);
            to.push(0);
            name = Some((bind.name, bind.strong));
        }
        if bind.strong {
            continue;
        }
        if form != bind.form {
            to.push(0x50 | bind.form);
            form = bind.form;
        }
        if addend != bind.addend {
            to.push(0x60);
            push_sleb(&mut to, bind.addend);
            addend = bind.addend;
        }
        to.push(0x70 | bind.segment as u8 & 0xf);
        push_uleb(&mut to, bind.offset);
        to.push(0x90);
    }
    if !to.is_empty() {
        to.push(0);
        to.resize(to.len().next_multiple_of(8), 0);
    }
    to
}

/// The header of chained fixups: offsets of the starts, of the imports and of their names, how many imports, their form.
pub(crate) struct Chained {
    pub(crate) starts: u32,
    pub(crate) imports: u32,
    pub(crate) names: u32,
    pub(crate) count: u32,
    pub(crate) form: u32,
}

pub(crate) fn chained(bytes: &[u8]) -> Result<Chained> {
    let word = |at: usize| u32_at(bytes, at);
    if (word(0)?, word(24)?) != (0, 0) {
        return Err("the chained fixups are of an unknown version, or their names are compressed".into());
    }
    Ok(Chained { starts: word(4)?, imports: word(8)?, names: word(12)?, count: word(16)?, form: word(20)? })
}

fn imports(bytes: &[u8]) -> Result<Vec<Bind<'_>>> {
    let head = chained(bytes)?;
    let size = match head.form {
        1 => 4,
        2 => 8,
        3 => 16,
        form => return Err(format!("the chained fixups have imports of an unknown form {form}")),
    };
    let cut = || "the imports of the chained fixups extend past their end".to_owned();
    slice(bytes, head.imports.into(), u64::from(head.count) * size).ok_or_else(cut)?;
    let mut binds = Vec::with_capacity(head.count as usize);
    for number in 0..head.count as usize {
        let at = head.imports as usize + number * size as usize;
        let (ordinal, weak_import, name, addend) = match head.form {
            3 => {
                let value = u64_at(bytes, at)?;
                (i64::from(value as u16 as i16), value >> 16 & 1 != 0, value >> 32, u64_at(bytes, at + 8)? as i64)
            }
            form => {
                let value = u32_at(bytes, at)?;
                let addend = if form == 2 { i64::from(u32_at(bytes, at + 4)? as i32) } else { 0 };
                // 0xf1 and above are the special ordinals; 254 libraries fit.
                let ordinal = match value as u8 {
                    low @ 0xf1.. => i64::from(low as i8),
                    low => i64::from(low),
                };
                (ordinal, value >> 8 & 1 != 0, u64::from(value >> 9), addend)
            }
        };
        let name = text_at(bytes, head.names as usize + name as usize).ok_or_else(cut)?;
        binds.push(Bind {
            kind: Kind::Import,
            ordinal,
            name,
            weak_import,
            strong: false,
            form: 1,
            segment: usize::MAX,
            offset: 0,
            addend,
        });
    }
    Ok(binds)
}

/// Follows every chain, and says what is wrong with them. Only the pointers of arm64 and x86_64 are followed.
///
/// # Errors
/// Tables that are outside the piece, chains that leave their page, and imports that are not there.
pub(crate) fn walk_chains(image: &Image<'_>, bytes: &[u8]) -> Result<()> {
    let head = chained(bytes)?;
    let starts = head.starts as usize;
    for number in 0..u32_at(bytes, starts)? as usize {
        let offset = u32_at(bytes, starts + 4 + 4 * number)? as usize;
        if offset == 0 {
            continue;
        }
        let at = starts + offset;
        let segment = image.segments.get(number).ok_or("the chained fixups are of more segments than there are")?;
        let (page, form, pages) = (u16_at(bytes, at + 4)?, u16_at(bytes, at + 6)?, u16_at(bytes, at + 20)?);
        // DYLD_CHAINED_PTR_64 and DYLD_CHAINED_PTR_64_OFFSET: strides of 4 bytes.
        if form != 2 && form != 6 {
            continue;
        }
        let data = slice(image.data, segment.offset, segment.file_size).ok_or_else(super::bytes::cut)?;
        for number in 0..usize::from(pages) {
            let start = u16_at(bytes, at + 22 + 2 * number)?;
            if start == 0xffff {
                continue;
            }
            let end = usize::from(page) * (number + 1);
            let mut place = usize::from(page) * number + usize::from(start);
            loop {
                let bad = || format!("a chain of fixups leaves its page in segment {}", segment.name);
                if place + 8 > end + 4 {
                    return Err(bad());
                }
                let value = u64_at(data, place).map_err(|_| bad())?;
                if value >> 63 != 0 && (value as u32 & 0xff_ffff) >= head.count {
                    return Err(format!(
                        "a fixup in segment {} is of import {} of {}",
                        segment.name,
                        value & 0xff_ffff,
                        head.count
                    ));
                }
                match value >> 51 & 0xfff {
                    0 => break,
                    next => place += next as usize * 4,
                }
            }
        }
    }
    Ok(())
}

fn table_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Regular => "bind",
        Kind::Lazy => "lazy bind",
        Kind::Weak => "weak bind",
        Kind::Import => "chained fixups",
    }
}
