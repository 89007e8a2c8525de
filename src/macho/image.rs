//! A Mach-O file as values: header, load commands, segments and sections, with everything checked to be inside the file.

use super::bytes::{self, name16, slice, text_at, u16_at, u32_at, u64_at};
use super::names::*;
use super::{Result, binds, fat, is_thin, trie};

/// Bytes of the header before the load commands.
pub(crate) const HEADER: usize = 32;

pub(crate) struct Image<'d> {
    pub(crate) data: &'d [u8],
    pub(crate) cpu: u32,
    pub(crate) subtype: u32,
    /// `MH_EXECUTE` and so on.
    pub(crate) kind: u32,
    pub(crate) flags: u32,
    pub(crate) commands: Vec<Command>,
    pub(crate) segments: Vec<Segment>,
}

/// A load command: its number and where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command {
    pub(crate) kind: u32,
    pub(crate) at: usize,
    pub(crate) size: usize,
}

impl Command {
    pub(crate) fn end(&self) -> usize {
        self.at + self.size
    }
}

pub(crate) struct Segment {
    /// Offset of its load command.
    pub(crate) at: usize,
    pub(crate) name: String,
    pub(crate) address: u64,
    pub(crate) size: u64,
    pub(crate) offset: u64,
    pub(crate) file_size: u64,
    pub(crate) max_protection: u32,
    pub(crate) protection: u32,
    pub(crate) flags: u32,
    pub(crate) sections: Vec<Section>,
}

pub(crate) struct Section {
    /// Offset of its 80 bytes in the file.
    pub(crate) at: usize,
    pub(crate) name: String,
    pub(crate) segment: String,
    pub(crate) address: u64,
    pub(crate) size: u64,
    pub(crate) offset: u32,
    /// Power of two.
    pub(crate) align: u32,
    pub(crate) relocations: u32,
    pub(crate) relocation_count: u32,
    pub(crate) flags: u32,
    pub(crate) reserved: [u32; 3],
}

impl Section {
    /// Zeros that take no room in the file.
    pub(crate) fn is_zero_fill(&self) -> bool {
        [S_ZEROFILL, S_GB_ZEROFILL, S_THREAD_LOCAL_ZEROFILL].contains(&(self.flags & SECTION_TYPE))
    }

    /// Debugging information. What unwinding needs has the attribute that says so, too, and is none.
    pub(crate) fn is_debug(&self) -> bool {
        self.segment == "__DWARF"
    }
}

impl<'d> Image<'d> {
    /// Reads a thin file.
    ///
    /// # Errors
    /// Files of another format or width, and load commands that are not inside the file.
    pub(crate) fn parse(data: &'d [u8]) -> Result<Image<'d>> {
        if !is_thin(data) {
            return Err(match super::is_macho(data) {
                true if fat::is_fat(data) => "it is a universal file inside another".into(),
                true => "it is a 32-bit or big-endian Mach-O file, which is not supported".into(),
                false => "file format not recognized".into(),
            });
        }
        let word = |at: usize| u32_at(data, at);
        let (count, room) = (word(16)?, word(20)? as usize);
        let end = HEADER.checked_add(room).filter(|end| *end <= data.len());
        let end = end.ok_or("the load commands extend past the end of the file")?;
        let mut image = Image {
            data,
            cpu: word(4)?,
            subtype: word(8)?,
            kind: word(12)?,
            flags: word(24)?,
            commands: Vec::new(),
            segments: Vec::new(),
        };
        let mut at = HEADER;
        for number in 0..count {
            let bad = || format!("load command {number} extends past the end of all load commands");
            if at + 8 > end {
                return Err(bad());
            }
            let (kind, size) = (word(at)?, word(at + 4)? as usize);
            if size < 8 || !size.is_multiple_of(4) {
                return Err(format!("load command {number} has a size of {size}"));
            }
            let command = Command { kind, at, size };
            if at.checked_add(size).is_none_or(|next| next > end) {
                return Err(bad());
            }
            if let Some(least) = smallest(kind).filter(|least| size < *least) {
                let name = command_name(kind);
                return Err(format!("load command {number} ({name}) has {size} bytes instead of {least} or more"));
            }
            image.commands.push(command);
            if kind == LC_SEGMENT_64 {
                image.segments.push(segment(data, command)?);
            }
            at += size;
        }
        Ok(image)
    }

    pub(crate) fn command(&self, kind: u32) -> Option<Command> {
        self.commands.iter().copied().find(|command| command.kind == kind)
    }

    pub(crate) fn segment(&self, name: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.name == name)
    }

    pub(crate) fn sections(&self) -> impl Iterator<Item = &Section> {
        self.segments.iter().flat_map(|segment| &segment.sections)
    }

    pub(crate) fn is_object(&self) -> bool {
        self.kind == MH_OBJECT
    }

    /// The page of the machine: 16 KiB on arm64.
    pub(crate) fn page(&self) -> u64 {
        if self.cpu == CPU_ARM64 { 0x4000 } else { 0x1000 }
    }

    /// A number of a load command, whose size has been checked to hold it.
    pub(crate) fn word(&self, command: Command, offset: usize) -> u32 {
        u32_at(self.data, command.at + offset).unwrap_or(0)
    }

    pub(crate) fn long(&self, command: Command, offset: usize) -> u64 {
        u64_at(self.data, command.at + offset).unwrap_or(0)
    }

    /// The text that the word at `offset` of a command points to, within the command.
    pub(crate) fn text(&self, command: Command, offset: usize) -> Result<&'d [u8]> {
        let bytes = self.data.get(command.at..command.end()).ok_or_else(bytes::cut)?;
        let start = self.word(command, offset) as usize;
        // The text may fill the command to its end without a zero.
        let text = text_at(bytes, start).or_else(|| bytes.get(start..));
        text.filter(|_| start >= offset + 4).ok_or_else(|| format!("{} has no name", command_name(command.kind)))
    }

    /// `LC_LOAD_DYLIB` and its like in order; a bind's ordinal 1 is the first.
    pub(crate) fn dylibs(&self) -> Vec<Dylib<'d>> {
        let loads = self.commands.iter().filter(|command| LOADS.contains(&command.kind));
        loads.map(|command| self.dylib(*command)).collect()
    }

    pub(crate) fn dylib(&self, command: Command) -> Dylib<'d> {
        Dylib {
            kind: command.kind,
            name: self.text(command, 8).unwrap_or_default(),
            timestamp: self.word(command, 12),
            current: self.word(command, 16),
            compatible: self.word(command, 20),
        }
    }

    pub(crate) fn rpaths(&self) -> Vec<&'d [u8]> {
        let rpaths = self.commands.iter().filter(|command| command.kind == LC_RPATH);
        rpaths.map(|command| self.text(*command, 8).unwrap_or_default()).collect()
    }

    /// Offset and size of a piece of `__LINKEDIT` that has a command of its own.
    pub(crate) fn piece(&self, kind: u32) -> Option<(u32, u32)> {
        let command = self.command(kind)?;
        Some((self.word(command, 8), self.word(command, 12)))
    }

    /// Everything that it exports, from the trie.
    pub(crate) fn exports(&self) -> Result<Vec<trie::Export>> {
        let of_info = binds::dyld_info(self).map(|command| (self.word(command, 40), self.word(command, 44)));
        match self.piece(LC_DYLD_EXPORTS_TRIE).or(of_info).filter(|piece| piece.1 > 0) {
            Some(piece) => trie::read(self.bytes_of(piece)?),
            None => Ok(Vec::new()),
        }
    }

    pub(crate) fn bytes_of(&self, piece: (u32, u32)) -> Result<&'d [u8]> {
        slice(self.data, piece.0.into(), piece.1.into()).ok_or_else(bytes::cut)
    }

    /// The oldest system the image says it runs on, packed as `xxxx.yy.zz`, with the platform.
    pub(crate) fn minimum(&self) -> Option<(u32, u32)> {
        let build = self.command(LC_BUILD_VERSION).map(|command| (self.word(command, 8), self.word(command, 12)));
        build.or_else(|| {
            let old = VERSION_MINS.iter().find_map(|(kind, platform)| Some((*platform, self.command(*kind)?)))?;
            Some((old.0, self.word(old.1, 8)))
        })
    }
}

pub(crate) struct Dylib<'d> {
    pub(crate) kind: u32,
    pub(crate) name: &'d [u8],
    pub(crate) timestamp: u32,
    pub(crate) current: u32,
    pub(crate) compatible: u32,
}

/// The bytes that a command has at least, which is what is read of it without another look.
fn smallest(kind: u32) -> Option<usize> {
    Some(match kind {
        LC_SEGMENT_64 => 72,
        LC_SYMTAB | LC_UUID | LC_MAIN | LC_BUILD_VERSION => 24,
        LC_DYSYMTAB => 80,
        LC_DYLD_INFO | LC_DYLD_INFO_ONLY => 48,
        LC_SOURCE_VERSION => 16,
        LC_RPATH | LC_LOAD_DYLINKER | LC_ID_DYLINKER | LC_DYLD_ENVIRONMENT => 12,
        LC_ENCRYPTION_INFO_64 => 24,
        LC_NOTE => 40,
        _ if LOADS.contains(&kind) || kind == LC_ID_DYLIB => 24,
        _ if PIECES.contains(&kind) => 16,
        _ if VERSION_MINS.iter().any(|(min, _)| *min == kind) => 16,
        _ => return None,
    })
}

fn segment(data: &[u8], command: Command) -> Result<Segment> {
    let at = command.at;
    let count = u32_at(data, at + 64)? as usize;
    if count.checked_mul(80).is_none_or(|size| size > command.size - 72) {
        return Err(format!("a segment says that it has {count} sections, for which its load command has no room"));
    }
    let mut sections = Vec::with_capacity(count);
    for at in (0..count).map(|number| at + 72 + 80 * number) {
        let word = |offset: usize| u32_at(data, at + offset);
        sections.push(Section {
            at,
            name: name16(data, at)?,
            segment: name16(data, at + 16)?,
            address: u64_at(data, at + 32)?,
            size: u64_at(data, at + 40)?,
            offset: word(48)?,
            align: word(52)?,
            relocations: word(56)?,
            relocation_count: word(60)?,
            flags: word(64)?,
            reserved: [word(68)?, word(72)?, word(76)?],
        });
    }
    Ok(Segment {
        at,
        name: name16(data, at + 8)?,
        address: u64_at(data, at + 24)?,
        size: u64_at(data, at + 32)?,
        offset: u64_at(data, at + 40)?,
        file_size: u64_at(data, at + 48)?,
        max_protection: u32_at(data, at + 56)?,
        protection: u32_at(data, at + 60)?,
        flags: u32_at(data, at + 68)?,
        sections,
    })
}

/// A symbol of `LC_SYMTAB` (`nlist_64`).
#[derive(Clone, Copy)]
pub(crate) struct Nlist {
    pub(crate) name: u32,
    pub(crate) kind: u8,
    pub(crate) section: u8,
    pub(crate) description: u16,
    pub(crate) value: u64,
}

impl Nlist {
    pub(crate) const SIZE: usize = 16;

    pub(crate) fn read(data: &[u8], at: usize) -> Result<Nlist> {
        Ok(Nlist {
            name: u32_at(data, at)?,
            kind: *data.get(at + 4).ok_or_else(bytes::cut)?,
            section: *data.get(at + 5).ok_or_else(bytes::cut)?,
            description: u16_at(data, at + 6)?,
            value: u64_at(data, at + 8)?,
        })
    }

    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        to.extend(self.name.to_le_bytes());
        to.extend([self.kind, self.section]);
        to.extend(self.description.to_le_bytes());
        to.extend(self.value.to_le_bytes());
    }
}
