//! Archives for the tools: their members, thin archives' members from their own files, and a new archive of changed
//! ones. `ar` and `ranlib` themselves are zig's (`tools.rs`).

use std::borrow::Cow;
use std::io::Cursor;
use std::path::Path;

use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream};
use object::read::archive::{ArchiveFile, ArchiveKind as ReadKind};

use super::elf::Result;

pub(crate) struct Member<'d> {
    pub(crate) name: Vec<u8>,
    pub(crate) data: Cow<'d, [u8]>,
    pub(crate) date: u64,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) mode: u64,
}

pub(crate) struct Archive<'d> {
    pub(crate) members: Vec<Member<'d>>,
    pub(crate) is_thin: bool,
    kind: ReadKind,
    /// The index: a symbol and the name of its member.
    pub(crate) index: Vec<(Vec<u8>, Vec<u8>)>,
}

pub(crate) fn is_archive(data: &[u8]) -> bool {
    data.starts_with(b"!<arch>\n") || data.starts_with(b"!<thin>\n")
}

impl<'d> Archive<'d> {
    /// `path` is where the archive is: a thin one names its members relative to it.
    pub(crate) fn read(data: &'d [u8], path: &Path) -> Result<Archive<'d>> {
        let fail = |error: object::Error| error.to_string();
        let file = ArchiveFile::parse(data).map_err(fail)?;
        let mut members = Vec::new();
        for member in file.members() {
            let member = member.map_err(fail)?;
            let name = member.name().to_vec();
            let contents = match member.is_thin() {
                false => Cow::Borrowed(member.data(data).map_err(fail)?),
                true => {
                    let text = String::from_utf8_lossy(&name);
                    let at = path.parent().unwrap_or(Path::new("")).join(&*text);
                    Cow::Owned(std::fs::read(&at).map_err(|error| format!("cannot read '{}': {error}", at.display()))?)
                }
            };
            members.push(Member {
                name,
                data: contents,
                date: member.date().unwrap_or(0),
                uid: member.uid().unwrap_or(0),
                gid: member.gid().unwrap_or(0),
                mode: member.mode().unwrap_or(0o644),
            });
        }
        let mut index = Vec::new();
        for symbol in file.symbols().map_err(fail)?.into_iter().flatten() {
            let symbol = symbol.map_err(fail)?;
            let member = file.member(symbol.offset()).map_err(fail)?;
            index.push((symbol.name().to_vec(), member.name().to_vec()));
        }
        Ok(Archive { members, is_thin: file.is_thin(), kind: file.kind(), index })
    }

    /// A new one of Apple's kind.
    pub(crate) fn of_macho(members: Vec<Member<'d>>) -> Archive<'d> {
        Archive { members, is_thin: false, kind: ReadKind::Bsd, index: Vec::new() }
    }

    /// The archive as bytes, with an index. Deterministic archives have no dates, owners or modes.
    pub(crate) fn write(self, deterministic: bool) -> Result<Vec<u8>> {
        let kind = match self.kind {
            // Apple's linker wants members at multiples of 8, which BSD's form alone does not promise.
            ReadKind::Bsd if self.members.iter().any(|member| crate::macho::is_thin(&member.data)) => {
                ArchiveKind::Darwin
            }
            ReadKind::Bsd => ArchiveKind::Bsd,
            ReadKind::Bsd64 => ArchiveKind::Darwin64,
            ReadKind::Coff => ArchiveKind::Coff,
            ReadKind::AixBig => ArchiveKind::AixBig,
            _ => ArchiveKind::Gnu,
        };
        let mut members = Vec::with_capacity(self.members.len());
        for member in self.members {
            let name = String::from_utf8(member.name).map_err(|_| "a member's name is not UTF-8")?;
            let mut new = NewArchiveMember::new(member.data, &DEFAULT_OBJECT_READER, name);
            if !deterministic {
                new.mtime = member.date;
                new.uid = member.uid as u32;
                new.gid = member.gid as u32;
                new.perms = member.mode as u32;
            }
            members.push(new);
        }
        let mut out = Cursor::new(Vec::new());
        write_archive_to_stream(&mut out, &members, kind, false, None).map_err(|error| error.to_string())?;
        Ok(out.into_inner())
    }
}
