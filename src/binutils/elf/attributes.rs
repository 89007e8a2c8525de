//! Build attributes of an object (`.ARM.attributes`, `.riscv.attributes`): what its code needs of the processor.
//!
//! The format is that of "ABI for the Arm Architecture: Addenda", which RISC-V's psABI shares.

use super::{Layout, Result};

pub(crate) struct Attribute {
    pub(crate) tag: u64,
    pub(crate) number: Option<u64>,
    pub(crate) text: Option<String>,
}

const BROKEN: &str = "the build attributes end within an entry";

/// The attributes of the whole file, of one vendor. Which tags have text is the vendor's rule.
pub(crate) fn read(layout: Layout, data: &[u8], vendor: &str) -> Result<Vec<Attribute>> {
    let mut all = Vec::new();
    let Some((b'A', mut rest)) = data.split_first() else { return Ok(all) };
    while rest.len() >= 4 {
        let size = layout.u32(rest, 0).unwrap_or(0) as usize;
        let section = rest.get(4..size.max(4)).ok_or(BROKEN)?;
        if size < 5 {
            return Err(BROKEN.into());
        }
        rest = &rest[size..];
        let end = memchr::memchr(0, section).ok_or(BROKEN)?;
        let mut body = &section[end + 1..];
        if &section[..end] != vendor.as_bytes() {
            continue;
        }
        while !body.is_empty() {
            let (scope, size) = (body[0], layout.u32(body, 1).ok_or(BROKEN)? as usize);
            let attributes = body.get(5..size.max(5)).ok_or(BROKEN)?;
            if size < 5 {
                return Err(BROKEN.into());
            }
            body = &body[size..];
            // 1 is the scope of the file; sections and symbols have 2 and 3.
            if scope == 1 {
                list(attributes, vendor, &mut all)?;
            }
        }
    }
    Ok(all)
}

fn list(mut data: &[u8], vendor: &str, all: &mut Vec<Attribute>) -> Result<()> {
    while !data.is_empty() {
        let tag = number(&mut data)?;
        // Arm: CPU_raw_name, CPU_name, and odd tags from 32 on have text; 32 has both. RISC-V: odd tags have text.
        let has_text = match vendor {
            "aeabi" => matches!(tag, 4 | 5 | 32 | 65 | 67) || tag > 32 && tag % 2 == 1,
            _ => tag % 2 == 1,
        };
        let has_number = !has_text || vendor == "aeabi" && tag == 32;
        let number = has_number.then(|| number(&mut data)).transpose()?;
        let text = has_text.then(|| text(&mut data)).transpose()?;
        all.push(Attribute { tag, number, text });
    }
    Ok(())
}

/// An unsigned LEB128 number.
fn number(data: &mut &[u8]) -> Result<u64> {
    let (mut value, mut shift) = (0u64, 0);
    loop {
        let (first, rest) = data.split_first().ok_or(BROKEN)?;
        *data = rest;
        if shift < 64 {
            value |= u64::from(first & 0x7f) << shift;
        }
        shift += 7;
        if first & 0x80 == 0 {
            return Ok(value);
        }
    }
}

fn text(data: &mut &[u8]) -> Result<String> {
    let end = memchr::memchr(0, data).ok_or(BROKEN)?;
    let text = String::from_utf8_lossy(&data[..end]).into_owned();
    *data = &data[end + 1..];
    Ok(text)
}
