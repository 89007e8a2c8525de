//! Universal files: several architectures in one, each a whole Mach-O file or archive at an aligned place.

use std::borrow::Cow;

use super::bytes::{self, align, be32_at, be64_at, slice};
use super::names::{self, CPU_ARM64, MH_OBJECT};
use super::{Image, Result};

const MAGIC: [u8; 4] = [0xca, 0xfe, 0xba, 0xbe];
const MAGIC_64: [u8; 4] = [0xca, 0xfe, 0xba, 0xbf];

/// Java's class files have the same magic number, and a version of 45 or more where this has the number of slices.
const MOST: u32 = 44;

/// The largest alignment that a slice may have, a power of two.
pub(crate) const MAX_ALIGN: u32 = 15;

pub(crate) fn is_fat(data: &[u8]) -> bool {
    let magic = data.starts_with(&MAGIC) || data.starts_with(&MAGIC_64);
    magic && be32_at(data, 4).is_ok_and(|count| count <= MOST)
}

#[derive(Clone)]
pub(crate) struct Slice<'d> {
    pub(crate) cpu: u32,
    pub(crate) subtype: u32,
    /// Power of two.
    pub(crate) align: u32,
    /// Where it is, in a file that was read.
    pub(crate) offset: u64,
    pub(crate) data: Cow<'d, [u8]>,
}

impl Slice<'_> {
    pub(crate) fn name(&self) -> String {
        names::arch(self.cpu, self.subtype)
    }

    pub(crate) fn arch(&self) -> (u32, u32) {
        (self.cpu, self.subtype & !names::SUBTYPE_FLAGS)
    }
}

#[derive(Default)]
pub(crate) struct Fat<'d> {
    pub(crate) slices: Vec<Slice<'d>>,
    /// With 64-bit offsets.
    pub(crate) wide: bool,
}

impl<'d> Fat<'d> {
    /// # Errors
    /// Slices outside the file, in one another, or of one architecture.
    pub(crate) fn parse(data: &'d [u8]) -> Result<Fat<'d>> {
        if !is_fat(data) {
            return Err("it is no universal file".into());
        }
        let wide = data.starts_with(&MAGIC_64);
        let size = if wide { 32 } else { 20 };
        let mut slices: Vec<Slice<'d>> = Vec::new();
        let head = 8 + size * be32_at(data, 4)? as usize;
        for at in (8..head).step_by(size) {
            let word = |offset: usize| be32_at(data, at + offset);
            let (offset, length, align) = match wide {
                true => (be64_at(data, at + 8)?, be64_at(data, at + 16)?, word(24)?),
                false => (word(8)?.into(), word(12)?.into(), word(16)?),
            };
            let (cpu, subtype) = (word(0)?, word(4)?);
            let name = names::arch(cpu, subtype);
            if align > MAX_ALIGN || !offset.is_multiple_of(1 << align) {
                return Err(format!("the slice of {name} is not aligned as it says"));
            }
            let content = slice(data, offset, length).filter(|_| offset >= head as u64);
            let content = content.ok_or_else(|| format!("the slice of {name} is not inside the file"))?;
            let new = Slice { cpu, subtype, align, offset, data: Cow::Borrowed(content) };
            for other in &slices {
                if other.arch() == new.arch() {
                    return Err(format!("it has two slices of {name}"));
                }
                if other.offset < offset + length && offset < other.offset + other.data.len() as u64 {
                    return Err(format!("the slices of {} and {name} overlap", other.name()));
                }
            }
            slices.push(new);
        }
        Ok(Fat { slices, wide })
    }

    /// In the order in which lipo writes them: by alignment, arm64 last.
    pub(crate) fn sort(&mut self) {
        self.slices.sort_by_key(|slice| {
            (slice.cpu == CPU_ARM64, slice.align.min(if slice.cpu == CPU_ARM64 { 0 } else { 32 }))
        });
        // Those of one processor are in the order of their subtypes, wherever they are.
        for at in 1..self.slices.len() {
            let mut at = at;
            while at > 0
                && self.slices[at - 1].cpu == self.slices[at].cpu
                && self.slices[at - 1].subtype > self.slices[at].subtype
            {
                self.slices.swap(at - 1, at);
                at -= 1;
            }
        }
    }

    /// The file. 64-bit offsets are written where the file says so, or needs them.
    pub(crate) fn write(&self) -> Result<Vec<u8>> {
        let place = |wide: bool| {
            let mut end = 8 + if wide { 32 } else { 20 } * self.slices.len() as u64;
            let places = self.slices.iter().map(|slice| {
                let offset = align(end, 1 << slice.align);
                end = offset + slice.data.len() as u64;
                offset
            });
            (places.collect::<Vec<u64>>(), end)
        };
        let (mut places, end) = place(self.wide);
        let wide = self.wide || end > u64::from(u32::MAX);
        if wide {
            places = place(true).0;
        }
        let mut file = if wide { MAGIC_64 } else { MAGIC }.to_vec();
        file.extend((self.slices.len() as u32).to_be_bytes());
        for (slice, offset) in self.slices.iter().zip(&places) {
            file.extend(slice.cpu.to_be_bytes());
            file.extend(slice.subtype.to_be_bytes());
            match wide {
                true => {
                    file.extend(offset.to_be_bytes());
                    file.extend((slice.data.len() as u64).to_be_bytes());
                }
                false => {
                    file.extend((*offset as u32).to_be_bytes());
                    file.extend((slice.data.len() as u32).to_be_bytes());
                }
            }
            file.extend(slice.align.to_be_bytes());
            if wide {
                file.extend([0; 4]);
            }
        }
        for (slice, offset) in self.slices.iter().zip(places) {
            file.resize(usize::try_from(offset).map_err(|_| "the file is too large")?, 0);
            file.extend_from_slice(&slice.data);
        }
        Ok(file)
    }
}

/// What a thin file is aligned to as a slice, a power of two.
pub(crate) fn align_of(image: &Image<'_>) -> u32 {
    const KNOWN: &[u32] = &[7, 12, 18];
    if KNOWN.contains(&(image.cpu & 0xff_ffff)) {
        return names::arch_align(image.cpu, image.subtype);
    }
    let of_sections = |segment: &super::image::Segment| segment.sections.iter().map(|section| section.align).max();
    let of_segment = |segment| match image.kind {
        MH_OBJECT => of_sections(segment).unwrap_or(MAX_ALIGN).max(2),
        _ => segment.address.trailing_zeros(),
    };
    image.segments.iter().map(of_segment).min().unwrap_or(MAX_ALIGN).clamp(2, MAX_ALIGN)
}

/// The word at an offset, for those who read a slice's head.
pub(crate) fn head(data: &[u8]) -> Result<(u32, u32)> {
    Ok((bytes::u32_at(data, 4)?, bytes::u32_at(data, 8)?))
}
