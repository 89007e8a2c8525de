//! A Mach-O file taken apart at its end, where the tables lie that tools change, and put together again.
//!
//! What a segment maps before `__LINKEDIT` stays byte for byte where it is, so that a program runs as before. The pieces
//! behind it keep their order and move together; the words in the load commands that say where they are follow. An image
//! that was signed is signed anew, ad hoc.

use std::borrow::Cow;

use super::bytes::{self, align, put32, put64, slice};
use super::names::*;
use super::{Image, Result, binds, sign};

/// A piece at the end of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
    /// Of a command that is an offset and a size.
    Piece(u32),
    Rebase,
    Bind,
    WeakBind,
    LazyBind,
    Exports,
    Symbols,
    Strings,
    Indirect,
    ExternalRelocations,
    LocalRelocations,
    Hints,
    /// Of a section of an object, by rank.
    Relocations(usize),
}

struct Piece<'d> {
    part: Part,
    /// Where the words for the offset and for the count are, and how many bytes are counted as one.
    offset_at: usize,
    count_at: usize,
    unit: u32,
    /// Where it was; only its order matters.
    offset: u32,
    data: Cow<'d, [u8]>,
}

pub(crate) struct Layout<'d> {
    /// All before the first piece.
    pub(crate) head: Vec<u8>,
    pieces: Vec<Piece<'d>>,
    /// Offset of the command of `__LINKEDIT`; objects have none.
    linkedit: Option<usize>,
    page: u64,
    signature: Option<(usize, sign::Settings)>,
}

/// The words for pieces in `LC_DYSYMTAB`.
const OF_DYSYMTAB: &[(Part, usize, u32)] =
    &[(Part::Indirect, 56, 4), (Part::ExternalRelocations, 64, 8), (Part::LocalRelocations, 72, 8)];

/// The words for pieces in `LC_DYLD_INFO`.
const OF_DYLD_INFO: &[(Part, usize)] =
    &[(Part::Rebase, 8), (Part::Bind, 16), (Part::WeakBind, 24), (Part::LazyBind, 32), (Part::Exports, 40)];

impl<'d> Layout<'d> {
    /// # Errors
    /// Files with something that cannot be moved, or in an order that no linker has.
    pub(crate) fn read(image: &Image<'d>) -> Result<Layout<'d>> {
        let mut pieces = Vec::new();
        for command in &image.commands {
            let at = command.at;
            let mut add = |part, offset: usize, unit| {
                let (offset_at, count_at) = (at + offset, at + offset + 4);
                pieces.push((part, offset_at, count_at, unit));
            };
            match command.kind {
                LC_CODE_SIGNATURE => {}
                LC_SYMTAB => {
                    add(Part::Symbols, 8, 16);
                    add(Part::Strings, 16, 1);
                }
                LC_DYSYMTAB => {
                    if [36, 44, 52].iter().any(|count| image.word(*command, *count) != 0) {
                        return Err("it has a table of modules, which only very old libraries have".into());
                    }
                    OF_DYSYMTAB.iter().for_each(|(part, offset, unit)| add(*part, *offset, *unit));
                }
                LC_DYLD_INFO | LC_DYLD_INFO_ONLY => {
                    OF_DYLD_INFO.iter().for_each(|(part, offset)| add(*part, *offset, 1));
                }
                LC_TWOLEVEL_HINTS => add(Part::Hints, 8, 4),
                kind if PIECES.contains(&kind) => add(Part::Piece(kind), 8, 1),
                LC_SYMSEG | LC_FILESET_ENTRY => {
                    return Err(format!("it has {}, which cannot be moved", command_name(command.kind)));
                }
                kind if !is_known(kind) => {
                    return Err(format!("it has an unknown load command {kind:#x}, which may say where something is"));
                }
                _ => {}
            }
        }
        if image.is_object() {
            for (rank, section) in image.sections().enumerate() {
                pieces.push((Part::Relocations(rank), section.at + 56, section.at + 60, 8));
            }
        } else if image.sections().any(|section| section.relocation_count > 0) {
            return Err("it is linked and has relocations of sections".into());
        }
        let mut found = Vec::with_capacity(pieces.len());
        for (part, offset_at, count_at, unit) in pieces {
            let (offset, count) = (bytes::u32_at(image.data, offset_at)?, bytes::u32_at(image.data, count_at)?);
            let data = match count {
                0 => &[][..],
                _ => slice(image.data, offset.into(), u64::from(count) * u64::from(unit))
                    .ok_or_else(|| format!("{part:?} is not inside the file"))?,
            };
            found.push(Piece { part, offset_at, count_at, unit, offset, data: Cow::Borrowed(data) });
        }
        // An empty piece has its place too, unless it is at zero.
        found.sort_by_key(|piece| (piece.data.is_empty() && piece.offset == 0, piece.offset, !piece.data.is_empty()));
        Layout::place(image, found)
    }

    fn place(image: &Image<'d>, pieces: Vec<Piece<'d>>) -> Result<Layout<'d>> {
        let filled = || pieces.iter().filter(|piece| !piece.data.is_empty());
        let first = filled().map(|piece| u64::from(piece.offset)).min().unwrap_or(image.data.len() as u64);
        let (start, linkedit) = match image.segment("__LINKEDIT") {
            Some(linkedit) if !image.is_object() => (linkedit.offset, Some(linkedit)),
            None if image.is_object() => {
                let filled = image.sections().filter(|section| !section.is_zero_fill());
                let ends = filled.map(|section| u64::from(section.offset).saturating_add(section.size)).max();
                (ends.unwrap_or(0).max(commands_end(image)), None)
            }
            _ => return Err("it has no __LINKEDIT segment".into()),
        };
        if first < start || start < commands_end(image) {
            return Err("a table lies before the end of what it is about".into());
        }
        let mut end = start;
        for piece in filled() {
            if u64::from(piece.offset) < end {
                return Err(format!("{:?} overlaps another table", piece.part));
            }
            end = u64::from(piece.offset) + piece.data.len() as u64;
        }
        if let Some(linkedit) = linkedit {
            let behind = |segment: &super::image::Segment| segment.file_size > 0 && segment.offset > linkedit.offset;
            let linkedit_end = linkedit.offset.saturating_add(linkedit.file_size);
            if image.segments.iter().any(behind) || linkedit_end != image.data.len() as u64 || end > linkedit_end {
                return Err("its __LINKEDIT segment is not at the end of the file".into());
            }
        }
        let in_head = |offset: u64| offset >= start;
        let notes = image.commands.iter().filter(|command| command.kind == LC_NOTE);
        if notes.into_iter().any(|note| in_head(image.long(*note, 24))) {
            return Err("it has LC_NOTE with data among the tables, which cannot be moved".into());
        }
        let head = slice(image.data, 0, start).ok_or_else(bytes::cut)?.to_vec();
        let command = image.command(LC_CODE_SIGNATURE);
        let signature = command.and_then(|command| Some((command.at, sign::Settings::of(image)?)));
        if command.is_some() && signature.is_none() {
            return Err("its signature cannot be read".into());
        }
        Ok(Layout { head, pieces, linkedit: linkedit.map(|segment| segment.at), page: image.page(), signature })
    }

    pub(crate) fn get(&self, part: Part) -> &[u8] {
        self.pieces.iter().find(|piece| piece.part == part).map_or(&[], |piece| &piece.data)
    }

    /// Replaces a piece that the file has a place for.
    pub(crate) fn set(&mut self, part: Part, data: Vec<u8>) {
        if let Some(piece) = self.pieces.iter_mut().find(|piece| piece.part == part) {
            piece.data = data.into();
        }
    }

    /// Another head, in which the load commands are elsewhere, and pieces that go.
    pub(crate) fn replace_head(&mut self, head: Vec<u8>, moved: &dyn Fn(usize) -> usize, gone: &dyn Fn(Part) -> bool) {
        self.head = head;
        self.pieces.retain(|piece| !gone(piece.part));
        for piece in &mut self.pieces {
            (piece.offset_at, piece.count_at) = (moved(piece.offset_at), moved(piece.count_at));
        }
    }

    /// The exports, wherever they are.
    pub(crate) fn exports(&self) -> Part {
        let own = Part::Piece(LC_DYLD_EXPORTS_TRIE);
        if self.pieces.iter().any(|piece| piece.part == own) { own } else { Part::Exports }
    }

    /// The file anew, signed if it was.
    pub(crate) fn write(self) -> Result<Vec<u8>> {
        let start = self.head.len() as u64;
        let mut file = self.head;
        for piece in &self.pieces {
            let empty = piece.data.is_empty();
            // As the linkers write it: nothing is at zero, except for the commands that are nothing but a place.
            let zero = empty && !matches!(piece.part, Part::Piece(_) | Part::Symbols | Part::Strings);
            file.resize(align(file.len() as u64, 8) as usize, 0);
            let offset = if zero { 0 } else { file.len() as u64 };
            let offset = u32::try_from(offset).map_err(|_| "the file would be 4 GiB or larger")?;
            put32(&mut file, piece.offset_at, offset);
            put32(&mut file, piece.count_at, piece.data.len() as u32 / piece.unit);
            file.extend_from_slice(&piece.data);
        }
        if let Some(command) = self.linkedit {
            finish_linkedit(&mut file, command, start, self.page);
        }
        match self.signature {
            None => Ok(file),
            Some((at, settings)) => {
                let end = file.len() as u32;
                put32(&mut file, at + 8, end);
                put32(&mut file, at + 12, 0);
                sign::sign(file, &settings)
            }
        }
    }
}

/// Says in the command of `__LINKEDIT` that it goes from `start` to the end of the file.
pub(crate) fn finish_linkedit(file: &mut [u8], command: usize, start: u64, page: u64) {
    let size = file.len() as u64 - start;
    put64(file, command + 48, size);
    put64(file, command + 32, align(size, page));
}

fn commands_end(image: &Image<'_>) -> u64 {
    image.commands.last().map_or(super::image::HEADER, |command| command.end()) as u64
}

/// The words of `LC_DYLD_INFO`, for those that look at pieces without moving them.
pub(crate) fn dyld_info_pieces(image: &Image<'_>) -> Vec<(Part, (u32, u32))> {
    let Some(command) = binds::dyld_info(image) else { return Vec::new() };
    OF_DYLD_INFO.iter().map(|(part, at)| (*part, (image.word(command, *at), image.word(command, at + 4)))).collect()
}
