//! What a linker decides for an image as a whole, decided after the link, for a linker that knows no option for it: one
//! namespace of all libraries, a program at a fixed place, and binding at load.
//!
//! The result is what LLD writes for `-flat_namespace` and `-no_pie`, and ld64 for `-bind_at_load`.

use super::binds::{self, Kind};
use super::layout::{Layout, Part};
use super::names::*;
use super::symbols;
use super::{Image, Result, bytes, commands};

const NOUNDEFS: u32 = 0x1;
const BINDATLOAD: u32 = 0x8;
const TWOLEVEL: u32 = 0x80;
const PIE: u32 = 0x20_0000;

/// Where `mach_header_64` has its flags.
const FLAGS_AT: usize = 24;

/// The library's number in a symbol's description: looked up by name alone (`DYNAMIC_LOOKUP_ORDINAL`).
const ANY_LIBRARY: u16 = 0xfe00;

/// Every symbol of another image is looked up in all images, whichever library the linker has found it in.
///
/// # Errors
/// Damaged images, and those with chained fixups.
pub(crate) fn flat_namespace(data: &[u8]) -> Result<Vec<u8>> {
    let image = Image::parse(data)?;
    let mut layout = with_opcodes(&image)?;
    for (part, kind) in [(Part::Bind, Kind::Regular), (Part::LazyBind, Kind::Lazy)] {
        let table = binds::of_any_library(layout.get(part), kind)?;
        layout.set(part, table);
    }
    let mut table = symbols::read(&image)?;
    for symbol in table.iter_mut().filter(|symbol| symbol.is_undefined()) {
        symbol.entry.description = symbol.entry.description & 0xff | ANY_LIBRARY;
    }
    let all_stay = vec![true; table.len()];
    symbols::replace(&mut layout, &image, &table, &all_stay)?;
    bytes::put32(&mut layout.head, FLAGS_AT, image.flags & !(NOUNDEFS | TWOLEVEL));
    layout.write()
}

/// The program is loaded where it was linked for, so no pointer of it is ever moved.
///
/// # Errors
/// Damaged images, and those with chained fixups.
pub(crate) fn fixed_place(data: &[u8]) -> Result<Vec<u8>> {
    let image = Image::parse(data)?;
    let mut layout = with_opcodes(&image)?;
    if image.kind == MH_EXECUTE {
        layout.set(Part::Rebase, Vec::new());
        bytes::put32(&mut layout.head, FLAGS_AT, image.flags & !PIE);
    }
    layout.write()
}

/// dyld binds everything before the program begins, not at the first call of each function.
///
/// # Errors
/// Damaged images.
pub(crate) fn bind_at_load(data: &[u8]) -> Result<Vec<u8>> {
    let image = Image::parse(data)?;
    let mut changed = data.to_vec();
    bytes::put32(&mut changed, FLAGS_AT, image.flags | BINDATLOAD);
    commands::sign_again(&image, changed)
}

/// In chained fixups the pointers themselves are numbers of symbols and links of the chain.
fn with_opcodes<'d>(image: &Image<'d>) -> Result<Layout<'d>> {
    match image.piece(LC_DYLD_CHAINED_FIXUPS) {
        Some(_) => Err("it has chained fixups".into()),
        None => Layout::read(image),
    }
}
