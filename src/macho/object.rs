//! Sections taken off an object. What stays keeps its address, and moves together in the file.

use super::bytes::{self, align, put32, put64, slice, u32_at};
use super::image::{HEADER, Nlist};
use super::layout::{Layout, Part};
use super::names::*;
use super::{Image, Result};

/// Removes the sections for which `gone` says so. Symbols in them must be gone already.
///
/// # Errors
/// Symbols and relocations of what stays that are of what goes.
pub(crate) fn remove_sections(layout: &mut Layout<'_>, image: &Image<'_>, gone: &[bool]) -> Result<()> {
    let [segment] = &image.segments[..] else { return Err("it is an object without its one segment".into()) };
    let sections = &segment.sections;
    // The numbers by which symbols and relocations name sections begin with 1.
    let mut now = vec![Some(0)];
    let mut count = 0;
    for gone in gone {
        count += u32::from(!gone);
        now.push((!gone).then_some(count));
    }
    let renumber = |old: u32| now.get(old as usize).copied().flatten();

    let mut head = layout.head.get(..HEADER).ok_or_else(bytes::cut)?.to_vec();
    let removed = gone.iter().filter(|gone| **gone).count();
    for command in &image.commands {
        let bytes = slice(&layout.head, command.at as u64, command.size as u64).ok_or_else(bytes::cut)?;
        if command.at != segment.at {
            head.extend(bytes);
            continue;
        }
        head.extend(&bytes[..72]);
        for (section, gone) in sections.iter().zip(gone) {
            if !gone {
                head.extend(&bytes[section.at - segment.at..][..80]);
            }
        }
    }
    let moved =
        |at: usize| at - 80 * sections.iter().zip(gone).filter(|(section, gone)| **gone && section.at < at).count();
    let commands = (head.len() - HEADER) as u32;
    put32(&mut head, 20, commands);
    let at = moved(segment.at);
    put32(&mut head, at + 4, (72 + 80 * (sections.len() - removed)) as u32);
    put32(&mut head, at + 64, (sections.len() - removed) as u32);

    let mut filled: Vec<_> = sections
        .iter()
        .zip(gone)
        .filter(|(section, gone)| !**gone && !section.is_zero_fill())
        .map(|(section, _)| section)
        .collect();
    filled.sort_by_key(|section| section.offset);
    let start = head.len() as u64;
    let mut first = None;
    for section in filled {
        head.resize(align(head.len() as u64, 1 << section.align.min(12)) as usize, 0);
        first = first.or(Some(head.len() as u64));
        let place = head.len() as u32;
        put32(&mut head, moved(section.at) + 48, place);
        head.extend(slice(image.data, section.offset.into(), section.size).ok_or_else(bytes::cut)?);
    }
    let stay = sections.iter().zip(gone).filter(|(_, gone)| !**gone);
    let end = stay.map(|(section, _)| section.address.saturating_add(section.size)).max().unwrap_or(segment.address);
    let (first, size) = (first.unwrap_or(start), head.len() as u64);
    put64(&mut head, at + 32, end.saturating_sub(segment.address));
    put64(&mut head, at + 40, first);
    put64(&mut head, at + 48, size - first);

    let mut table = layout.get(Part::Symbols).to_vec();
    for entry in table.chunks_exact_mut(Nlist::SIZE) {
        let in_section = entry[4] & N_STAB != 0 || entry[4] & N_TYPE == N_SECT;
        if in_section {
            entry[5] = renumber(entry[5].into()).ok_or("a symbol is of a section that is to go")? as u8;
        }
    }
    layout.set(Part::Symbols, table);
    for rank in (0..sections.len()).filter(|rank| !gone[*rank]) {
        let mut entries = layout.get(Part::Relocations(rank)).to_vec();
        for at in (0..entries.len()).step_by(8) {
            let (first, word) = (u32_at(&entries, at)?, u32_at(&entries, at + 4)?);
            // An addend of arm64 stands where the number of a section does otherwise.
            let is_addend = image.cpu == CPU_ARM64 && word >> 28 == 10;
            if first >> 31 != 0 || word >> 27 & 1 != 0 || is_addend {
                continue;
            }
            let new = renumber(word & 0xff_ffff).ok_or("a relocation is of a section that is to go")?;
            put32(&mut entries, at + 4, word & !0xff_ffff | new);
        }
        layout.set(Part::Relocations(rank), entries);
    }
    layout.replace_head(head, &moved, &|part| matches!(part, Part::Relocations(rank) if gone[rank]));
    Ok(())
}
