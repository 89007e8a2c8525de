//! Exports taken back after the link, for linkers that do not honour an export list.
//!
//! A symbol that is not to be exported becomes what a linker makes of a private one: local in the symbol table, absent
//! from the trie, and bound to itself where other images could have replaced it.

use std::collections::HashSet;

use super::layout::{Layout, Part};
use super::names::*;
use super::symbols;
use super::trie;
use super::{Image, Result, binds, bytes};

/// The header's symbol, which every program exports.
const OF_HEADER: &[u8] = b"__mh_execute_header";

/// Hides every export of a thin image but those for which `keep` says so, and signs the image anew if it was signed.
///
/// # Errors
/// Damaged images, and a weak definition that chained fixups look up by its name.
pub(crate) fn hide(data: &[u8], keep: &dyn Fn(&[u8]) -> bool) -> Result<Vec<u8>> {
    let image = Image::parse(data)?;
    if image.is_object() {
        return Err("it is an object, which exports nothing".into());
    }
    let keeps = |name: &[u8]| name == OF_HEADER || keep(name);
    let mut layout = Layout::read(&image)?;
    let mut table = symbols::read(&image)?;
    let hides = |symbol: &symbols::Symbol<'_>| {
        symbol.is_external() && !symbol.is_stab() && !symbol.is_undefined() && !keeps(symbol.name)
    };
    let hidden: Vec<bool> = table.iter().map(hides).collect();
    // zig's linker binds private definitions by name, too.
    let is_own = |symbol: &symbols::Symbol<'_>| {
        !symbol.is_stab() && !symbol.is_undefined() && (!symbol.is_external() || !keeps(symbol.name))
    };
    let names: HashSet<&[u8]> = table.iter().filter(|symbol| is_own(symbol)).map(|symbol| symbol.name).collect();
    let all = binds::all(&image)?;
    if let Some(bind) = all
        .iter()
        .find(|bind| bind.kind == binds::Kind::Import && bind.ordinal == binds::WEAK && names.contains(bind.name))
    {
        let name = String::from_utf8_lossy(bind.name);
        return Err(format!("'{name}' cannot be hidden, as chained fixups look it up by its name"));
    }
    let has_weak_table = !layout.get(Part::WeakBind).is_empty();
    let weak: Vec<binds::Bind<'_>> =
        all.into_iter().filter(|bind| bind.kind == binds::Kind::Weak && !names.contains(bind.name)).collect();
    if has_weak_table {
        if weak.iter().any(|bind| !bind.strong && bind.segment > 15) {
            return Err("it has a weak bind in a segment that its table cannot name".into());
        }
        layout.set(Part::WeakBind, binds::write_weak(&weak));
    }

    let exports = layout.exports();
    let mut list = trie::read(layout.get(exports))?;
    list.retain(|export| keeps(&export.name));
    layout.set(exports, trie::build(&list));

    let mut indirect = layout.get(Part::Indirect).to_vec();
    for entry in indirect.chunks_exact_mut(4) {
        let at = bytes::u32_at(entry, 0)?;
        if at & (INDIRECT_LOCAL | INDIRECT_ABS) == 0 && hidden.get(at as usize) == Some(&true) {
            entry.copy_from_slice(&INDIRECT_LOCAL.to_le_bytes());
        }
    }
    layout.set(Part::Indirect, indirect);
    for (symbol, hidden) in table.iter_mut().zip(&hidden) {
        if *hidden {
            symbol.entry.kind = symbol.entry.kind & !N_EXT | N_PEXT;
            symbol.entry.description &= !(N_WEAK_DEF | N_REFERENCED_DYNAMICALLY | N_NO_DEAD_STRIP);
        }
    }
    let all_stay = vec![true; table.len()];
    symbols::replace(&mut layout, &image, &table, &all_stay)?;

    let defines_weak = table.iter().any(|symbol| {
        symbol.is_external()
            && !symbol.is_undefined()
            && !symbol.is_stab()
            && symbol.entry.description & N_WEAK_DEF != 0
    });
    let mut flags = image.flags;
    if !defines_weak {
        flags &= !WEAK_DEFINES;
    }
    if has_weak_table && !weak.iter().any(|bind| !bind.strong) {
        flags &= !BINDS_TO_WEAK;
    }
    bytes::put32(&mut layout.head, 24, flags);
    layout.write()
}

const WEAK_DEFINES: u32 = 0x8000;
const BINDS_TO_WEAK: u32 = 0x1_0000;

/// A list of symbols as `-exported_symbols_list` reads it: a name or a pattern a line, `#` begins a comment.
#[derive(Debug)]
pub(crate) struct List {
    names: HashSet<Vec<u8>>,
    patterns: Vec<Vec<u8>>,
}

impl List {
    pub(crate) fn parse(text: &[u8]) -> List {
        let mut list = List { names: HashSet::new(), patterns: Vec::new() };
        for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
            let line = line.split(|byte| *byte == b'#').next().unwrap_or_default().trim_ascii();
            if !line.is_empty() {
                list.add(line);
            }
        }
        list
    }

    /// One name or pattern, as `-exported_symbol` has it.
    pub(crate) fn add(&mut self, name: &[u8]) {
        match name.iter().any(|byte| b"*?[".contains(byte)) {
            true => self.patterns.push(name.to_vec()),
            false => {
                self.names.insert(name.to_vec());
            }
        }
    }

    /// All of another list too.
    pub(crate) fn extend(&mut self, other: List) {
        self.names.extend(other.names);
        self.patterns.extend(other.patterns);
    }

    pub(crate) fn has(&self, name: &[u8]) -> bool {
        self.names.contains(name) || self.patterns.iter().any(|pattern| matches(pattern, name))
    }
}

/// `*`, `?`, and `[a-z]` with `^` or `!` for all others.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut to) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while to < name.len() {
        let one = match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, to));
                at += 1;
                continue;
            }
            Some(b'?') => Some(at + 1),
            Some(b'[') => class(&pattern[at + 1..], name[to]).and_then(|(yes, used)| yes.then_some(at + 1 + used)),
            Some(byte) if *byte == name[to] => Some(at + 1),
            _ => None,
        };
        match (one, star) {
            (Some(next), _) => (at, to) = (next, to + 1),
            // The star takes one more.
            (None, Some((after, from))) => {
                star = Some((after, from + 1));
                (at, to) = (after, from + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// Is the byte in the class that begins here, and how long is it? `None` without an end.
fn class(pattern: &[u8], byte: u8) -> Option<(bool, usize)> {
    let negated = matches!(pattern.first(), Some(b'^' | b'!'));
    let start = usize::from(negated);
    let end = start + 1 + pattern.get(start + 1..)?.iter().position(|byte| *byte == b']')?;
    let (mut found, mut at) = (false, start);
    while at < end {
        let range = at + 2 < end && pattern[at + 1] == b'-';
        let last = if range { pattern[at + 2] } else { pattern[at] };
        found |= (pattern[at]..=last).contains(&byte);
        at += if range { 3 } else { 1 };
    }
    Some((found != negated, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_names_patterns_and_comments() {
        let list = List::parse(b"# all\n_one\n _two # this too\n_r*_end\n_[a-c]?\n\n__R[^0-9]*\n");
        for name in ["_one", "_two", "_r_end", "_rust_end", "_ax", "__Rxyz"] {
            assert!(list.has(name.as_bytes()), "{name}");
        }
        for name in ["one", "_r_end_", "_dx", "_a", "__R0yz", "", "# all"] {
            assert!(!list.has(name.as_bytes()), "{name}");
        }
        assert!(matches(b"*a*b*", b"xxaxxb") && !matches(b"*a*b", b"xxaxxbx") && matches(b"*", b""));
    }
}
