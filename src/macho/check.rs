//! What dyld, the kernel and the linkers ask of a Mach-O file, looked at before any of them does.
//!
//! It takes a few milliseconds for each megabyte that is signed, and starts nothing.

use std::collections::HashMap;

use super::bytes::slice;
use super::image::Segment;
use super::layout;
use super::names::*;
use super::sign::Signature;
use super::{Image, Result, attribution, binds, bytes, fat, image, symbols, trie};

/// Something wrong with a file, in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    /// The architecture, in a universal file.
    pub(crate) arch: Option<String>,
    pub(crate) text: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.arch {
            Some(arch) => write!(f, "{arch}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Everything wrong with a Mach-O file, thin or universal; nothing for a good one.
pub(crate) fn check(data: &[u8]) -> Vec<Finding> {
    of_all(data, true)
}

/// The same of a file that is signed later.
pub(crate) fn check_unsigned(data: &[u8]) -> Vec<Finding> {
    of_all(data, false)
}

fn of_all(data: &[u8], is_final: bool) -> Vec<Finding> {
    let of = |arch: Option<String>, data: &[u8]| {
        thin(data, is_final).into_iter().map(move |text| Finding { arch: arch.clone(), text }).collect::<Vec<_>>()
    };
    if !fat::is_fat(data) {
        return of(None, data);
    }
    match fat::Fat::parse(data) {
        Ok(file) => file.slices.iter().flat_map(|slice| of(Some(slice.name()), &slice.data)).collect(),
        Err(text) => vec![Finding { arch: None, text }],
    }
}

fn thin(data: &[u8], is_final: bool) -> Vec<String> {
    let image = match Image::parse(data) {
        Ok(image) => image,
        Err(what) => return vec![what],
    };
    let mut found = Vec::new();
    for command in image.commands.iter().filter(|command| !command.size.is_multiple_of(8)) {
        found.push(format!("{} has a size of {}, which is no multiple of 8", command_name(command.kind), command.size));
    }
    segments(&image, &mut found);
    if !image.is_object() {
        linkedit(&image, &mut found);
        libraries(&image, &mut found);
        binds_of(&image, &mut found);
        exports(&image, &mut found);
        signature(&image, is_final, &mut found);
        if [MH_EXECUTE, MH_DYLIB, MH_BUNDLE].contains(&image.kind) && image.minimum().is_none() {
            found.push("it does not say which version of the system it needs".into());
        }
    }
    if let Err(what) = symbol_table(&image, &mut found) {
        found.push(what);
    }
    found
}

fn segments(image: &Image<'_>, found: &mut Vec<String>) {
    let size = image.data.len() as u64;
    let (object, page) = (image.is_object(), image.page());
    let mut before: Option<&Segment> = None;
    for segment in &image.segments {
        let name = &segment.name;
        let mut say = |text: String| found.push(format!("segment '{name}' {text}"));
        let (file_end, end) =
            (segment.offset.checked_add(segment.file_size), segment.address.checked_add(segment.size));
        if file_end.is_none_or(|end| end > size) {
            say("extends past the end of the file".into());
        }
        let Some(end) = end else {
            say("extends past the end of memory".into());
            continue;
        };
        // The debugger's segment is mapped by nobody.
        if object || name == "__DWARF" {
            continue;
        }
        if !segment.address.is_multiple_of(page) || !segment.offset.is_multiple_of(page) {
            say(format!("is not aligned to pages of {page:#x} bytes"));
        }
        if segment.file_size > segment.size {
            say("is larger in the file than in memory".into());
        }
        if segment.protection & 6 == 6 {
            say("is both writable and executable".into());
        }
        if let Some(before) = before.filter(|before| segment.address < before.address.saturating_add(before.size)) {
            say(format!("overlaps segment '{}' in memory", before.name));
        }
        before = Some(segment);
        for section in &segment.sections {
            let name = format!("section '{},{}'", segment.name, section.name);
            if section.address < segment.address
                || section.address.checked_add(section.size).is_none_or(|last| last > end)
            {
                found.push(format!("{name} is not inside its segment"));
            }
            let offset = u64::from(section.offset);
            let inside =
                offset >= segment.offset && file_end.is_some_and(|end| offset.saturating_add(section.size) <= end);
            if !section.is_zero_fill() && section.size > 0 && !inside {
                found.push(format!("{name} is not inside its segment in the file"));
            }
        }
    }
    let end = image.commands.last().map_or(image::HEADER, |command| command.end()) as u64;
    if end > super::commands::room(image) && !(object && image.sections().all(|section| section.size == 0)) {
        found.push("the load commands overlap the first section".into());
    }
    if object {
        for section in image.sections().filter(|section| !section.is_zero_fill()) {
            if slice(image.data, section.offset.into(), section.size).is_none() {
                found.push(format!("section '{},{}' is not inside the file", section.segment, section.name));
            }
        }
    }
}

/// Every piece in `__LINKEDIT`, none in another.
fn linkedit(image: &Image<'_>, found: &mut Vec<String>) {
    let Some(linkedit) = image.segment("__LINKEDIT") else {
        if image.kind != MH_DSYM {
            found.push("it has no __LINKEDIT segment".into());
        }
        return;
    };
    let mut pieces: Vec<(String, u32, u64)> = Vec::new();
    for command in &image.commands {
        let word = |at| image.word(*command, at);
        match command.kind {
            LC_SYMTAB => {
                pieces.push(("the symbol table".into(), word(8), u64::from(word(12)) * 16));
                pieces.push(("the strings of symbols".into(), word(16), word(20).into()));
            }
            LC_DYSYMTAB => pieces.push(("the indirect symbol table".into(), word(56), u64::from(word(60)) * 4)),
            kind if PIECES.contains(&kind) => pieces.push((command_name(kind), word(8), word(12).into())),
            _ => {}
        }
    }
    for (part, (offset, size)) in layout::dyld_info_pieces(image) {
        pieces.push((format!("the {} table", format!("{part:?}").to_lowercase()), offset, size.into()));
    }
    pieces.retain(|piece| piece.2 > 0);
    pieces.sort_by_key(|piece| piece.1);
    let end = linkedit.offset.saturating_add(linkedit.file_size);
    for (name, offset, size) in &pieces {
        if u64::from(*offset) < linkedit.offset || u64::from(*offset) + size > end {
            found.push(format!("{name} is not inside __LINKEDIT"));
        }
    }
    for pair in pieces.windows(2) {
        if u64::from(pair[0].1) + pair[0].2 > pair[1].1.into() {
            found.push(format!("{} overlaps {}", pair[0].0, pair[1].0));
        }
    }
}

fn libraries(image: &Image<'_>, found: &mut Vec<String>) {
    let dylibs = image.dylibs();
    let names: Vec<&[u8]> = dylibs.iter().map(|dylib| dylib.name).collect();
    for (what, names) in [("library", names), ("rpath", image.rpaths())] {
        let mut seen = HashMap::new();
        for name in names {
            let count = seen.entry(name).or_insert(0);
            *count += 1;
            if *count == 2 {
                let name = String::from_utf8_lossy(name);
                found.push(format!("{what} '{name}' is there twice, for which the dyld of macOS 26 ends the program"));
            }
            if name.is_empty() {
                found.push(format!("a {what} has no name"));
            }
        }
    }
    if image.kind == MH_DYLIB && image.command(LC_ID_DYLIB).is_none() {
        found.push("the library has no install name".into());
    }
    if image.kind == MH_EXECUTE && image.command(LC_MAIN).is_none() && image.command(LC_UNIXTHREAD).is_none() {
        found.push("the program has no entry point".into());
    }
    if let Some(command) = image.command(LC_MAIN) {
        let entry = image.long(command, 8);
        let text = image.segment("__TEXT");
        if text.is_none_or(|text| entry.wrapping_sub(text.offset) >= text.file_size) {
            found.push("the entry point is not in __TEXT".into());
        }
    }
}

fn binds_of(image: &Image<'_>, found: &mut Vec<String>) {
    let dylibs = image.dylibs().len() as i64;
    let binds = match binds::all(image) {
        Ok(binds) => binds,
        Err(what) => return found.push(what),
    };
    found.extend(attribution::findings(image, &binds));
    for bind in binds {
        let name = String::from_utf8_lossy(bind.name);
        if bind.kind != binds::Kind::Weak && !(-3..=dylibs).contains(&bind.ordinal) {
            found.push(format!("'{name}' is bound to library {} of {dylibs}", bind.ordinal));
        }
        if bind.kind == binds::Kind::Import || bind.strong {
            continue;
        }
        match image.segments.get(bind.segment) {
            None => found.push(format!("'{name}' is bound in segment {}, which is not there", bind.segment)),
            Some(segment) if bind.offset.checked_add(8).is_none_or(|end| end > segment.size) => {
                found.push(format!("'{name}' is bound outside segment '{}'", segment.name));
            }
            Some(_) => {}
        }
        if found.len() > 100 {
            return;
        }
    }
    if let Some(piece) = image.piece(LC_DYLD_CHAINED_FIXUPS).filter(|piece| piece.1 > 0) {
        found.extend(image.bytes_of(piece).and_then(|bytes| binds::walk_chains(image, bytes)).err());
    }
}

fn exports(image: &Image<'_>, found: &mut Vec<String>) {
    let exports = match image.exports() {
        Ok(exports) => exports,
        Err(what) => return found.push(what),
    };
    let base = image.segment("__TEXT").map_or(0, |text| text.address);
    let dylibs = image.dylibs().len() as u64;
    for export in exports {
        let name = String::from_utf8_lossy(&export.name);
        let inside = |offset: u64| {
            let address = base.wrapping_add(offset);
            image.segments.iter().any(|segment| address >= segment.address && address - segment.address <= segment.size)
        };
        match export.meaning() {
            None => found.push(format!("the export '{name}' is cut short")),
            Some((flags, trie::Meaning::Address(at))) if flags & trie::KIND != trie::ABSOLUTE && !inside(at) => {
                found.push(format!("the export '{name}' is outside the image"));
            }
            Some((_, trie::Meaning::Reexport(ordinal, _))) if ordinal == 0 || ordinal > dylibs => {
                found.push(format!("the export '{name}' is that of library {ordinal} of {dylibs}"));
            }
            Some(_) => {}
        }
        if found.len() > 100 {
            return;
        }
    }
}

fn signature(image: &Image<'_>, is_final: bool, found: &mut Vec<String>) {
    match Signature::read(image) {
        Err(what) => found.push(what),
        Ok(Some(signature)) => found.extend(signature.findings(image)),
        Ok(None) if is_final && image.cpu == CPU_ARM64 && [MH_EXECUTE, MH_DYLIB, MH_BUNDLE].contains(&image.kind) => {
            found.push("it has no signature, without which the system starts nothing on arm64".into());
        }
        Ok(None) => {}
    }
}

fn symbol_table(image: &Image<'_>, found: &mut Vec<String>) -> Result<()> {
    let symbols = symbols::read(image)?;
    let sections = image.sections().count();
    for symbol in &symbols {
        if !symbol.is_stab()
            && symbol.kind() == N_SECT
            && (symbol.entry.section == 0 || usize::from(symbol.entry.section) > sections)
        {
            let name = String::from_utf8_lossy(symbol.name);
            found.push(format!("symbol '{name}' is in section {} of {sections}", symbol.entry.section));
        }
    }
    let Some(command) = image.command(LC_DYSYMTAB) else { return Ok(()) };
    let count = symbols.len() as u64;
    let range = |at: usize| (u64::from(image.word(command, at)), u64::from(image.word(command, at + 4)));
    for (what, at) in [("local", 8), ("defined external", 16), ("undefined", 24)] {
        let (first, size) = range(at);
        if first + size > count {
            found.push(format!("the range of the {what} symbols is not inside the symbol table"));
        }
    }
    let (offset, entries) = range(56);
    let table = slice(image.data, offset, entries * 4).ok_or("the indirect symbol table is not inside the file")?;
    for entry in table.chunks_exact(4) {
        let at = bytes::u32_at(entry, 0)?;
        if at & (INDIRECT_LOCAL | INDIRECT_ABS) == 0 && u64::from(at) >= count {
            found.push(format!("the indirect symbol table has symbol {at} of {count}"));
        }
    }
    let pointers =
        [S_NON_LAZY_SYMBOL_POINTERS, S_LAZY_SYMBOL_POINTERS, S_SYMBOL_STUBS, S_THREAD_LOCAL_VARIABLE_POINTERS];
    for section in image.sections() {
        let kind = section.flags & SECTION_TYPE;
        let size = if kind == S_SYMBOL_STUBS { u64::from(section.reserved[1]) } else { 8 };
        if pointers.contains(&kind) && size > 0 && u64::from(section.reserved[0]) + section.size / size > entries {
            let (segment, name) = (&section.segment, &section.name);
            found.push(format!("section '{segment},{name}' has more entries than the indirect symbol table"));
        }
    }
    Ok(())
}
