//! objdump's `-p` of PE: the tree of resources, three tables deep.

use std::fmt::Write as _;

use crate::binutils::pe::{Form, Pe, Section, u16_at, u32_at};

/// What the tables of each depth sort by.
const LEVELS: [&str; 3] = ["Type", "Name", "Language"];

/// Half of a word: what follows is the place of a name or of another table.
const PLACE: u32 = 1 << 31;

/// What was seen on the way: the first name and the first resource, and how far anything reaches.
#[derive(Default)]
struct Seen {
    strings: Option<u32>,
    resources: Option<u32>,
    end: usize,
    /// Tables of a broken file lie over each other.
    entries: usize,
}

pub(super) fn all(text: &mut String, pe: &Pe<'_>) {
    let own = pe.sections.iter().find(|section| &*section.name == b".rsrc");
    let Some(section) = own.filter(|section| pe.form == Form::Image && !section.data.is_empty()) else { return };
    text.push_str("\nThe .rsrc Resource Directory section:\n");
    let mut seen = Seen::default();
    if table(text, section, &mut seen, (0, 0)).is_none() {
        text.push_str("Corrupt .rsrc section detected!\n");
    } else if section.data.get(seen.end..).is_some_and(|rest| rest.iter().any(|byte| *byte != 0)) {
        text.push_str("\nWARNING: Extra data in .rsrc section - it will be ignored by Windows:\n");
    }
    for (start, what) in [(seen.strings, "String table starts"), (seen.resources, "Resources start")] {
        if let Some(start) = start {
            let _ = writeln!(text, " {what} at offset: 0x{start:x}");
        }
    }
}

/// A number with its mark in eight columns, as C writes it: zero has no mark.
fn marked(number: u32) -> String {
    if number == 0 { "00000000".to_owned() } else { format!("{number:#08x}") }
}

/// One table and what is below it; `None` where it is not whole.
fn table(text: &mut String, section: &Section<'_>, seen: &mut Seen, (at, depth): (usize, usize)) -> Option<()> {
    let data = &*section.data;
    let head = data.get(at..at.checked_add(16)?)?;
    let level = LEVELS.get(depth)?;
    let indent = " ".repeat(2 + 2 * depth);
    let (names, numbers) = (u16_at(head, 12)?, u16_at(head, 14)?);
    let _ = writeln!(
        text,
        "{at:03x}{indent}{level} Table: Char: {}, Time: {:08x}, Ver: {}/{}, Num Names: {names}, IDs: {numbers}",
        u32_at(head, 0)?,
        u32_at(head, 4)?,
        u16_at(head, 8)?,
        u16_at(head, 10)?,
    );
    let count = usize::from(names) + usize::from(numbers);
    seen.end = seen.end.max(at + 16 + 8 * count);
    seen.entries += count;
    if seen.entries > data.len() / 8 {
        return None;
    }
    for index in 0..count {
        let at = at + 16 + 8 * index;
        let (key, value) = (u32_at(data, at)?, u32_at(data, at + 4)?);
        let _ = write!(text, "{at:03x}{indent} Entry: ");
        if index < usize::from(names) {
            name(text, section, seen, key)?;
        } else {
            let _ = write!(text, "ID: {}", marked(key));
        }
        let _ = writeln!(text, ", Value: {}", marked(value));
        if value & PLACE != 0 {
            table(text, section, seen, ((value & !PLACE) as usize, depth + 1))?;
        } else {
            leaf(text, section, seen, (value as usize, depth))?;
        }
    }
    Some(())
}

fn name(text: &mut String, section: &Section<'_>, seen: &mut Seen, key: u32) -> Option<()> {
    // By the place in the section, or by address.
    let place = if key & PLACE != 0 { key & !PLACE } else { key.checked_sub(section.address)? };
    let length = u16_at(&section.data, place as usize)?;
    let start = place as usize + 2;
    let units = section.data.get(start..start + 2 * usize::from(length))?;
    seen.strings.get_or_insert(place);
    seen.end = seen.end.max(start + units.len());
    let _ = write!(text, "name: [val: {key:08x} len {length}]: ");
    for unit in units.chunks_exact(2) {
        match unit[0] {
            0 => {}
            low @ 1..32 => text.extend(['^', char::from(low + 64)]),
            low => text.push(char::from(low)),
        }
    }
    Some(())
}

fn leaf(text: &mut String, section: &Section<'_>, seen: &mut Seen, (at, depth): (usize, usize)) -> Option<()> {
    let entry = section.data.get(at..at.checked_add(16)?)?;
    let (address, size, codepage) = (u32_at(entry, 0)?, u32_at(entry, 4)?, u32_at(entry, 8)?);
    let indent = " ".repeat(4 + 2 * depth);
    let (shown, length) = (marked(address), marked(size));
    let _ = writeln!(text, "{at:03x}{indent}Leaf: Addr: {shown}, Size: {length}, Codepage: {codepage}");
    let place = address.checked_sub(section.address)?;
    seen.resources.get_or_insert(place);
    seen.end = seen.end.max(at + 16).max((place as usize).checked_add(size as usize)?);
    (seen.end <= section.data.len()).then_some(())
}
