//! objcopy's formats without sections: a memory image (`binary`), Intel hex (`ihex`), and an object made of any file
//! (`-I binary`).

use std::borrow::Cow;

use object::elf;

use super::plan::Plan;
use crate::binutils::elf::symbols::{Place, Symbol};
use crate::binutils::elf::write::string_table;
use crate::binutils::elf::{ALLOC, Elf, Header, LOAD, Layout, NOBITS, Result, Section, WRITE};
use crate::binutils::pe::Pe;

/// What an image can be written as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::binutils) enum Output {
    /// The format of the input.
    Object,
    Binary,
    IntelHex,
}

/// A section's bytes and the address they are loaded at.
struct Piece<'a> {
    at: u64,
    data: &'a [u8],
}

/// An image that is larger than this is a mistake: two sections far apart.
const LARGEST: u64 = 1 << 32;

pub(in crate::binutils) fn image(elf: &Elf<'_>, plan: &Plan, output: Output) -> Result<Vec<u8>> {
    let physical = elf.segments.iter().any(|segment| segment.paddr != 0);
    let loaded = elf.sections.iter().skip(1).filter(|s| s.is_alloc() && s.kind != NOBITS && s.size > 0);
    let mut pieces: Vec<Piece<'_>> = loaded
        .map(|section| {
            let mut loads = elf.segments.iter().filter(|segment| segment.kind == LOAD && physical);
            let segment = loads.find(|segment| segment.holds(section));
            let at = segment
                .map_or(section.addr, |segment| section.addr.wrapping_sub(segment.vaddr).wrapping_add(segment.paddr));
            Piece { at, data: &section.data }
        })
        .collect();
    pieces.sort_by_key(|piece| piece.at);
    written(&pieces, plan.set_start.unwrap_or(elf.header.entry), plan, output)
}

pub(in crate::binutils) fn image_of_pe(pe: &Pe<'_>, plan: &Plan, output: Output) -> Result<Vec<u8>> {
    let loaded = pe.sections.iter().filter(|section| section.bfd_flags().load && !section.data.is_empty());
    let mut pieces: Vec<Piece<'_>> =
        loaded.map(|section| Piece { at: pe.address(section), data: section.shown_data(pe.form) }).collect();
    pieces.sort_by_key(|piece| piece.at);
    let entry = pe.optional.as_ref().map_or(0, |optional| optional.image_base.wrapping_add(optional.entry.into()));
    written(&pieces, entry, plan, output)
}

fn written(pieces: &[Piece<'_>], entry: u64, plan: &Plan, output: Output) -> Result<Vec<u8>> {
    match output {
        Output::IntelHex => intel_hex(pieces, entry),
        _ => binary(pieces, plan),
    }
}

fn binary(pieces: &[Piece<'_>], plan: &Plan) -> Result<Vec<u8>> {
    let Some(low) = pieces.first().map(|piece| piece.at) else { return Ok(Vec::new()) };
    let mut image: Vec<u8> = Vec::new();
    for piece in pieces {
        let start = piece.at - low;
        let end = start.saturating_add(piece.data.len() as u64);
        if end > LARGEST {
            return Err("the image would be larger than 4 GiB: its sections are too far apart".into());
        }
        let (start, end) = (start as usize, end as usize);
        if end > image.len() {
            image.resize(end, plan.gap_fill);
        }
        image[start..end].copy_from_slice(piece.data);
    }
    if let Some(size) = plan.pad_to.and_then(|to| to.checked_sub(low)).filter(|size| *size > image.len() as u64) {
        if size > LARGEST {
            return Err("the image would be larger than 4 GiB".into());
        }
        image.resize(size as usize, plan.gap_fill);
    }
    Ok(image)
}

/// Intel's "Hexadecimal Object File Format Specification", with records of 16 bytes.
fn intel_hex(pieces: &[Piece<'_>], entry: u64) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let (mut segment, mut linear) = (0u64, 0u64);
    for piece in pieces {
        let (mut at, mut data) = (piece.at, piece.data);
        while !data.is_empty() {
            if at > u64::from(u32::MAX) {
                return Err(format!("address 0x{at:x} does not fit Intel hex"));
            }
            let mut now = data.len().min(16);
            if at > segment + linear + 0xffff {
                if at <= 0xf_ffff {
                    segment = at & 0xf_0000;
                    record(&mut out, 2, 0, &((segment >> 4) as u16).to_be_bytes());
                } else {
                    if segment != 0 {
                        // Some readers would add both bases.
                        record(&mut out, 2, 0, &[0, 0]);
                        segment = 0;
                    }
                    linear = at & 0xffff_0000;
                    record(&mut out, 4, 0, &((linear >> 16) as u16).to_be_bytes());
                }
            }
            let offset = at - segment - linear;
            // No record crosses a boundary of 64 KiB.
            if offset + now as u64 > 0xffff {
                now = (0x1_0000 - offset) as usize;
            }
            let now = now.min(data.len());
            record(&mut out, 0, offset as u16, &data[..now]);
            data = &data[now..];
            at += now as u64;
        }
    }
    if entry != 0 {
        let start = u32::try_from(entry).map_err(|_| format!("address 0x{entry:x} does not fit Intel hex"))?;
        if start <= 0xf_ffff {
            let segment = ((start & 0xf_0000) >> 4) as u16;
            record(&mut out, 3, 0, &[segment.to_be_bytes(), (start as u16).to_be_bytes()].concat());
        } else {
            record(&mut out, 5, 0, &start.to_be_bytes());
        }
    }
    record(&mut out, 1, 0, &[]);
    Ok(out)
}

fn record(out: &mut Vec<u8>, kind: u8, offset: u16, data: &[u8]) {
    let [high, low] = offset.to_be_bytes();
    let mut bytes = vec![data.len() as u8, high, low, kind];
    bytes.extend_from_slice(data);
    let sum = bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.push(sum.wrapping_neg());
    out.push(b':');
    for byte in bytes {
        out.extend(format!("{byte:02X}").bytes());
    }
    out.extend(b"\r\n");
}

/// An object whose `.data` is the file, between `_binary_NAME_start` and `_binary_NAME_end`.
pub(in crate::binutils) fn object_of<'d>(data: &'d [u8], name: &str, layout: Layout, machine: elf::Machine) -> Elf<'d> {
    let header = Header {
        os_abi: 0,
        abi_version: 0,
        kind: elf::ET_REL.0,
        machine: machine.0,
        version: 1,
        entry: 0,
        segment_table: 0,
        section_table: 0,
        // The floating-point ABI of the file with no code matters to nobody but the linker's check.
        flags: if machine == elf::EM_ARM { elf::EF_ARM_EABI_VER5.0 } else { 0 },
        header_size: 0,
        segment_size: 0,
        section_size: 0,
        names: 4,
    };
    let mut sections = vec![string_table(b"", Vec::new())];
    sections[0].kind = 0;
    sections[0].align = 0;
    sections.push(Section {
        name: Cow::Borrowed(b".data"),
        kind: elf::SHT_PROGBITS.0,
        flags: ALLOC | WRITE,
        addr: 0,
        offset: 0,
        size: data.len() as u64,
        link: 0,
        info: 0,
        align: 1,
        entry_size: 0,
        data: Cow::Borrowed(data),
    });
    let stem: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let symbol = |name: &str, value: u64, place: Place, bind: elf::SymbolBind| Symbol {
        name: Cow::Owned(name.as_bytes().to_vec()),
        value,
        size: 0,
        bind: bind.0,
        kind: elf::STT_NOTYPE.0,
        other: 0,
        place,
    };
    let size = data.len() as u64;
    let global =
        |suffix: &str, value, place| symbol(&format!("_binary_{stem}_{suffix}"), value, place, elf::STB_GLOBAL);
    let symbols = [
        symbol("", 0, Place::Undefined, elf::STB_LOCAL),
        global("start", 0, Place::Section(1)),
        global("end", size, Place::Section(1)),
        global("size", size, Place::Absolute),
    ];
    let encoded = crate::binutils::elf::symbols::encode(layout, &symbols);
    let mut table = string_table(b".symtab", encoded.entries);
    table.kind = elf::SHT_SYMTAB.0;
    (table.link, table.info) = (3, 1);
    (table.align, table.entry_size) = (layout.word_size() as u64, layout.symbol_size() as u64);
    sections.push(table);
    sections.push(string_table(b".strtab", encoded.strings));
    sections.push(string_table(b".shstrtab", Vec::new()));
    Elf { data: &[], layout, header, segments: Vec::new(), sections, holes: Vec::new() }
}
