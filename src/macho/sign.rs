//! Ad-hoc code signatures: the digest of every page in a `CodeDirectory`, signed by nobody. arm64 Macs start no program
//! without one. Signing with an identity is the business of other programs.
//!
//! The formats are those of `cs_blobs.h` in Apple's published kernel, and of what LLD and Go write.

use sha2::{Digest, Sha256};

use super::bytes::{self, align, be32_at, be64_at, put, put32, slice, text_at};
use super::names::*;
use super::{Image, Result, commands, layout};

const SUPER_BLOB: u32 = 0xfade_0cc0;
const CODE_DIRECTORY: u32 = 0xfade_0c02;
const REQUIREMENTS: u32 = 0xfade_0c01;
const ENTITLEMENTS: u32 = 0xfade_7171;
const DER_ENTITLEMENTS: u32 = 0xfade_7172;
const WRAPPER: u32 = 0xfade_0b01;

/// Slots of the super blob.
const SLOT_DIRECTORY: u32 = 0;
const SLOT_INFO: u32 = 1;
const SLOT_REQUIREMENTS: u32 = 2;
const SLOT_ENTITLEMENTS: u32 = 5;
const SLOT_DER: u32 = 7;
const SLOT_ALTERNATES: std::ops::Range<u32> = 0x1000..0x1005;
const SLOT_CMS: u32 = 0x10000;

/// Bits of a directory's flags.
pub(crate) const ADHOC: u32 = 0x2;
pub(crate) const LINKER_SIGNED: u32 = 0x20000;
pub(crate) const FLAGS: &[(u32, &str)] = &[
    (0x1, "host"),
    (ADHOC, "adhoc"),
    (0x100, "hard"),
    (0x200, "kill"),
    (0x400, "expires"),
    (0x800, "restrict"),
    (0x1000, "enforcement"),
    (0x2000, "library-validation"),
    (0x10000, "runtime"),
    (LINKER_SIGNED, "linker-signed"),
];

/// Version 2.4 of a directory, the first with the executable segment.
const VERSION: u32 = 0x20400;
const DIRECTORY_SIZE: usize = 88;
const HASH: usize = 32;

/// How an image is to be signed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) identifier: Vec<u8>,
    pub(crate) flags: u32,
    /// Power of two: 12 for pages of 4 KiB, 14 for 16 KiB.
    pub(crate) page: u8,
    /// A property list and the same in DER.
    pub(crate) entitlements: Option<(Vec<u8>, Vec<u8>)>,
}

impl Settings {
    /// As the linkers sign: nothing but the directory.
    pub(crate) fn of_linker(identifier: &[u8]) -> Settings {
        Settings { identifier: identifier.to_vec(), flags: ADHOC | LINKER_SIGNED, page: 12, entitlements: None }
    }

    /// As `codesign -s -` signs.
    pub(crate) fn ad_hoc(identifier: &[u8]) -> Settings {
        Settings { flags: ADHOC, ..Settings::of_linker(identifier) }
    }

    /// Those that an image was signed with, ad hoc now; `None` where it has no signature that can be read.
    pub(crate) fn of(image: &Image<'_>) -> Option<Settings> {
        let signature = Signature::read(image).ok()??;
        let directory = signature.directory().ok()?;
        let content = |slot| signature.blob(slot).and_then(|blob| Some(blob.get(8..)?.to_vec()));
        let entitlements = content(SLOT_ENTITLEMENTS).map(|xml| (xml, content(SLOT_DER).unwrap_or_default()));
        Some(Settings {
            identifier: directory.identifier.to_vec(),
            flags: directory.flags | ADHOC,
            page: directory.page,
            entitlements,
        })
    }

    fn blobs(&self) -> Vec<(u32, Vec<u8>)> {
        if self.flags & LINKER_SIGNED != 0 {
            return Vec::new();
        }
        let mut blobs = vec![(SLOT_REQUIREMENTS, blob(REQUIREMENTS, &[0; 4]))];
        if let Some((xml, der)) = &self.entitlements {
            blobs.push((SLOT_ENTITLEMENTS, blob(ENTITLEMENTS, xml)));
            if !der.is_empty() {
                blobs.push((SLOT_DER, blob(DER_ENTITLEMENTS, der)));
            }
        }
        blobs
    }
}

fn blob(magic: u32, content: &[u8]) -> Vec<u8> {
    let mut blob = magic.to_be_bytes().to_vec();
    blob.extend((content.len() as u32 + 8).to_be_bytes());
    blob.extend(content);
    blob
}

/// Signs a thin image ad hoc, in place of any signature it has.
///
/// # Errors
/// Objects, images whose `__LINKEDIT` is not their end, and those without room for the load command.
pub(crate) fn sign(file: Vec<u8>, settings: &Settings) -> Result<Vec<u8>> {
    let mut file = without_signature(file)?;
    let image = Image::parse(&file)?;
    if image.command(LC_CODE_SIGNATURE).is_none() {
        let mut all = commands::of(&image);
        let mut command = LC_CODE_SIGNATURE.to_le_bytes().to_vec();
        command.extend([16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        all.push(command);
        file = commands::write(&image, &all)?;
    }
    file.resize(align(file.len() as u64, 16) as usize, 0);
    let image = Image::parse(&file)?;
    let limit = u32::try_from(file.len()).map_err(|_| "the file is 4 GiB or larger")?;
    let (linkedit, page) = (linkedit(&image)?, image.page());
    let command = image.command(LC_CODE_SIGNATURE).ok_or("it has no LC_CODE_SIGNATURE")?;
    let text = image.segment("__TEXT").map_or((0, 0), |text| (text.offset, text.file_size));
    let is_main = image.kind == MH_EXECUTE;
    let info = image.sections().find(|section| (&*section.segment, &*section.name) == ("__TEXT", "__info_plist"));
    let info = info.and_then(|section| slice(&file, section.offset.into(), section.size));
    let info = info.filter(|_| settings.flags & LINKER_SIGNED == 0).map(|info| Sha256::digest(info).to_vec());

    let blobs = settings.blobs();
    let specials = blobs.iter().map(|(slot, _)| *slot).chain(info.is_some().then_some(SLOT_INFO)).max().unwrap_or(0);
    let page_size = 1usize
        .checked_shl(settings.page.into())
        .filter(|size| *size >= 4096)
        .ok_or("its pages have an unknown size")?;
    let pages = file.len().div_ceil(page_size);
    let hashes = align((DIRECTORY_SIZE + settings.identifier.len() + 1) as u64, 8) as usize + specials as usize * HASH;
    let directory_size = hashes + pages * HASH;
    let cms = (settings.flags & LINKER_SIGNED == 0).then(|| blob(WRAPPER, &[]));
    let all = 1 + blobs.len() + usize::from(cms.is_some());
    let index_size = 12 + 8 * all;
    let sizes = blobs.iter().map(|(_, blob)| blob.len()).chain(cms.iter().map(Vec::len)).sum::<usize>();
    let total = index_size + directory_size + sizes;
    let room = align(total as u64, 16) as u32;

    // The load commands are in the first page, so they say what is to be before anything is hashed.
    let (at, start, from) = (command.at, linkedit.1, linkedit.0);
    put32(&mut file, at + 8, limit);
    put32(&mut file, at + 12, room);
    file.resize(file.len() + room as usize, 0);
    layout::finish_linkedit(&mut file, from, start, page);

    let mut directory = Vec::with_capacity(directory_size);
    let words = [
        CODE_DIRECTORY,
        directory_size as u32,
        VERSION,
        settings.flags,
        hashes as u32,
        DIRECTORY_SIZE as u32,
        specials,
        pages as u32,
        limit,
    ];
    words.iter().for_each(|word| directory.extend(word.to_be_bytes()));
    // Size and kind of a hash (SHA-256), platform, page size.
    directory.extend([HASH as u8, 2, 0, settings.page]);
    directory.extend([0; 24]);
    for number in [text.0, text.1, if is_main { exec_flags(settings) } else { 0 }] {
        directory.extend(number.to_be_bytes());
    }
    directory.extend(&settings.identifier);
    directory.resize(hashes, 0);
    for (slot, blob) in &blobs {
        put(&mut directory, hashes - *slot as usize * HASH, &Sha256::digest(blob));
    }
    if let Some(info) = info {
        put(&mut directory, hashes - SLOT_INFO as usize * HASH, &info);
    }
    for page in file[..limit as usize].chunks(page_size) {
        directory.extend(Sha256::digest(page));
    }

    let mut index = SUPER_BLOB.to_be_bytes().to_vec();
    index.extend((total as u32).to_be_bytes());
    index.extend((all as u32).to_be_bytes());
    let mut content = Vec::new();
    let directory = [(SLOT_DIRECTORY, directory)].into_iter();
    for (slot, blob) in directory.chain(blobs).chain(cms.map(|cms| (SLOT_CMS, cms))) {
        index.extend(slot.to_be_bytes());
        index.extend(((index_size + content.len()) as u32).to_be_bytes());
        content.extend(blob);
    }
    put(&mut file, limit as usize, &index);
    put(&mut file, limit as usize + index_size, &content);
    Ok(file)
}

/// `CS_EXECSEG_MAIN_BINARY`, with `CS_EXECSEG_ALLOW_UNSIGNED` where a debugger may attach.
fn exec_flags(settings: &Settings) -> u64 {
    let debugged = settings
        .entitlements
        .as_ref()
        .is_some_and(|(_, der)| memchr::memmem::find(der, b"\x0c\x0eget-task-allow\x01\x01\xff").is_some());
    if debugged { 0x11 } else { 0x1 }
}

/// Offsets of the command and of the content of `__LINKEDIT`, which must be the end of the file.
fn linkedit(image: &Image<'_>) -> Result<(usize, u64)> {
    let linkedit = image.segment("__LINKEDIT").ok_or("it has no __LINKEDIT segment")?;
    match linkedit.offset.saturating_add(linkedit.file_size) <= image.data.len() as u64 {
        true => Ok((linkedit.at, linkedit.offset)),
        false => Err("its __LINKEDIT segment is not inside the file".into()),
    }
}

/// Cuts the signature off, and leaves its load command, which then says that there is nothing.
fn without_signature(mut file: Vec<u8>) -> Result<Vec<u8>> {
    let image = Image::parse(&file)?;
    if image.is_object() {
        return Err("it is an object, which has no signature".into());
    }
    let (command, start) = linkedit(&image)?;
    let end = image.segments.iter().map(|segment| segment.offset.saturating_add(segment.file_size)).max().unwrap_or(0);
    if end != file.len() as u64 || image.segments.iter().any(|segment| segment.file_size > 0 && segment.offset > start)
    {
        return Err("its __LINKEDIT segment is not at the end of the file".into());
    }
    let Some(at) = image.command(LC_CODE_SIGNATURE).map(|command| command.at) else { return Ok(file) };
    let (offset, size) = image.piece(LC_CODE_SIGNATURE).unwrap_or_default();
    let page = image.page();
    let behind = u64::from(offset) + u64::from(size);
    if u64::from(offset) < start || behind > file.len() as u64 || behind + 16 <= file.len() as u64 {
        return Err("its signature is not at the end of the file".into());
    }
    file.truncate(offset as usize);
    put32(&mut file, at + 8, offset);
    put32(&mut file, at + 12, 0);
    layout::finish_linkedit(&mut file, command, start, page);
    Ok(file)
}

/// Takes the signature and its load command off.
///
/// # Errors
/// Images that have none, and as [`sign`].
pub(crate) fn remove(file: Vec<u8>) -> Result<Vec<u8>> {
    let file = without_signature(file)?;
    let image = Image::parse(&file)?;
    if image.command(LC_CODE_SIGNATURE).is_none() {
        return Err("code object is not signed at all".into());
    }
    let is_other = |command: &&super::image::Command| command.kind != LC_CODE_SIGNATURE;
    let rest: Vec<Vec<u8>> =
        image.commands.iter().filter(is_other).map(|command| commands::bytes_of(&image, *command)).collect();
    commands::write(&image, &rest)
}

/// A signature as it is in a file.
pub(crate) struct Signature<'d> {
    data: &'d [u8],
    pub(crate) offset: u32,
    index: Vec<(u32, u32)>,
}

/// A `CodeDirectory`.
pub(crate) struct Directory<'d> {
    data: &'d [u8],
    pub(crate) version: u32,
    pub(crate) flags: u32,
    hashes: u32,
    pub(crate) identifier: &'d [u8],
    pub(crate) specials: u32,
    pub(crate) pages: u32,
    pub(crate) limit: u64,
    hash_size: u8,
    pub(crate) hash: u8,
    pub(crate) page: u8,
    /// Offset and size of the segment with the code, and flags.
    pub(crate) exec: Option<[u64; 3]>,
    pub(crate) team: Option<&'d [u8]>,
}

impl<'d> Signature<'d> {
    /// The signature of an image; `None` where it has none.
    ///
    /// # Errors
    /// One that is not inside the file, or damaged.
    pub(crate) fn read(image: &Image<'d>) -> Result<Option<Signature<'d>>> {
        let Some(piece) = image.piece(LC_CODE_SIGNATURE) else { return Ok(None) };
        let data = image.bytes_of(piece).map_err(|_| "the signature is not inside the file")?;
        if be32_at(data, 0)? != SUPER_BLOB {
            return Err("the signature does not begin as one".into());
        }
        let (size, count) = (be32_at(data, 4)?, be32_at(data, 8)?);
        if size as usize > data.len() || u64::from(count) * 8 + 12 > u64::from(size) {
            return Err("the signature is longer than the room for it".into());
        }
        let at = |number: u32| 12 + 8 * number as usize;
        let index = (0..count).map(|number| Ok((be32_at(data, at(number))?, be32_at(data, at(number) + 4)?)));
        Ok(Some(Signature { data, offset: piece.0, index: index.collect::<Result<_>>()? }))
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = u32> {
        self.index.iter().map(|(slot, _)| *slot)
    }

    /// The blob of a slot, with its head.
    pub(crate) fn blob(&self, slot: u32) -> Option<&'d [u8]> {
        let (_, at) = self.index.iter().find(|row| row.0 == slot)?;
        let size = be32_at(self.data, *at as usize + 4).ok()?;
        slice(self.data, (*at).into(), size.into()).filter(|blob| blob.len() >= 8)
    }

    /// Those of all hashes, the first being that of every system.
    fn directories(&self) -> Result<Vec<Directory<'d>>> {
        let slots = self.slots().filter(|slot| *slot == SLOT_DIRECTORY || SLOT_ALTERNATES.contains(slot));
        slots.map(|slot| Directory::read(self.blob(slot).ok_or("a blob of the signature is cut short")?)).collect()
    }

    pub(crate) fn directory(&self) -> Result<Directory<'d>> {
        self.directories()?.into_iter().next().ok_or_else(|| "the signature has no CodeDirectory".into())
    }

    /// Is it signed by somebody?
    pub(crate) fn has_identity(&self) -> bool {
        self.blob(SLOT_CMS).is_some_and(|blob| blob.len() > 8)
    }

    pub(crate) fn entitlements(&self) -> Option<&'d [u8]> {
        self.blob(SLOT_ENTITLEMENTS).and_then(|blob| blob.get(8..))
    }

    /// Everything in the image that does not fit the signature.
    pub(crate) fn findings(&self, image: &Image<'d>) -> Vec<String> {
        let directories = match self.directories() {
            Ok(directories) if !directories.is_empty() => directories,
            Ok(_) => return vec!["the signature has no CodeDirectory".into()],
            Err(what) => return vec![what],
        };
        let mut found = Vec::new();
        if !self.offset.is_multiple_of(16) {
            found.push("the signature is not aligned to 16 bytes".into());
        }
        for directory in directories {
            if directory.limit != u64::from(self.offset) {
                found.push(format!("the signature covers {} bytes of the {} before it", directory.limit, self.offset));
                continue;
            }
            // SHA-1 is what systems before 10.12 look at; where it stands beside SHA-256, no newer one does.
            if directory.hash == 2 {
                directory.compare(self, image, &mut found);
            } else if directory.hash != 1 {
                found.push(format!("the signature has hashes of an unknown kind {}", directory.hash));
            }
        }
        found
    }
}

impl<'d> Directory<'d> {
    fn read(data: &'d [u8]) -> Result<Directory<'d>> {
        let word = |at: usize| be32_at(data, at);
        if word(0)? != CODE_DIRECTORY {
            return Err("the CodeDirectory does not begin as one".into());
        }
        let byte = |at: usize| data.get(at).copied().ok_or_else(bytes::cut);
        let version = word(8)?;
        let name = |offset: u32| text_at(data, offset as usize);
        let long = match version >= 0x20300 {
            true => be64_at(data, 56)?,
            false => 0,
        };
        let team = if version >= 0x20200 { word(48)? } else { 0 };
        let exec = match version >= VERSION {
            true => Some([be64_at(data, 64)?, be64_at(data, 72)?, be64_at(data, 80)?]),
            false => None,
        };
        let directory = Directory {
            data,
            version,
            flags: word(12)?,
            hashes: word(16)?,
            identifier: name(word(20)?).ok_or("the CodeDirectory has no identifier")?,
            specials: word(24)?,
            pages: word(28)?,
            limit: if long == 0 { word(32)?.into() } else { long },
            hash_size: byte(36)?,
            hash: byte(37)?,
            page: byte(39)?,
            exec,
            team: name(team).filter(|_| team > 0),
        };
        let size = u64::from(directory.hash_size);
        let before = u64::from(directory.hashes).checked_sub(u64::from(directory.specials) * size);
        let room = slice(data, directory.hashes.into(), u64::from(directory.pages) * size);
        match before.is_some() && room.is_some() && directory.page < 32 {
            true => Ok(directory),
            false => Err("the hashes of the CodeDirectory are not inside it".into()),
        }
    }

    pub(crate) fn size(&self) -> usize {
        self.data.len()
    }

    fn hash_at(&self, number: i64) -> Option<&'d [u8]> {
        let at = i64::from(self.hashes) + number * i64::from(self.hash_size);
        slice(self.data, u64::try_from(at).ok()?, self.hash_size.into())
    }

    /// What the system knows a signed program by, as `codesign -dvvv` shows it: the first 20 bytes of its hash.
    pub(crate) fn cdhash(&self) -> String {
        let digest = Sha256::digest(self.data);
        digest[..20].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn compare(&self, signature: &Signature<'d>, image: &Image<'d>, found: &mut Vec<String>) {
        let size = 1u64 << self.page;
        let covered = slice(image.data, 0, self.limit).unwrap_or_default();
        // No page size means one hash for everything.
        let size = if self.page == 0 { covered.len().max(1) } else { size as usize };
        if u64::from(self.pages) != covered.len().div_ceil(size) as u64 {
            found.push(format!(
                "the signature has the hashes of {} pages of {}",
                self.pages,
                covered.len().div_ceil(size)
            ));
            return;
        }
        let wrong = |(number, page): (usize, &[u8])| {
            let hash = self.hash_at(number as i64).unwrap_or_default();
            hash.is_empty() || !Sha256::digest(page).starts_with(hash)
        };
        let bad = covered.chunks(size).enumerate().filter(|page| wrong(*page)).count();
        if bad > 0 {
            found.push(format!(
                "{bad} of {} pages are not what was signed, so the system would kill the program",
                self.pages
            ));
        }
        for slot in signature.slots().filter(|slot| (1..=self.specials).contains(slot)) {
            let hash = self.hash_at(-i64::from(slot)).unwrap_or_default();
            let blob = signature.blob(slot).unwrap_or_default();
            if hash.is_empty() || !Sha256::digest(blob).starts_with(hash) {
                found.push(format!("blob {slot} of the signature is not what was signed"));
            }
        }
        let Some([_, limit, flags]) = self.exec else { return };
        let text = image.segment("__TEXT");
        if text.is_some_and(|text| limit != text.size && limit != text.file_size) {
            found.push("the signature has another size for __TEXT".into());
        }
        if image.kind == MH_EXECUTE && flags & 1 == 0 {
            found.push("the signature is not that of a program".into());
        }
    }
}
