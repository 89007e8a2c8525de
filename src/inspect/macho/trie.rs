//! The names in a Mach-O file's exports trie (`LC_DYLD_EXPORTS_TRIE`, `LC_DYLD_INFO`), which is what dyld binds to.
//!
//! `object` walks it too, but as often as broken nodes point at one another; here each node is seen once.

use std::collections::HashSet;

/// No symbol is longer.
const LONGEST: usize = 1 << 16;

/// The exported names; what is broken ends the walk with what was found before.
pub(super) fn names(data: &[u8]) -> Vec<String> {
    let (mut names, mut seen) = (Vec::new(), HashSet::new());
    let mut stack = vec![(0usize, Vec::new())];
    let mut room = data.len().saturating_mul(64);
    while let Some((at, name)) = stack.pop() {
        if !seen.insert(at) {
            continue;
        }
        let Some((terminal, children)) = node(data, at) else { break };
        if terminal {
            names.push(String::from_utf8_lossy(&name).into_owned());
        }
        // The first child is to be the next.
        for (edge, child) in children.into_iter().rev() {
            let size = name.len() + edge.len();
            room = room.saturating_sub(size);
            if size > LONGEST || room == 0 {
                return names;
            }
            stack.push((child, [&name[..], edge].concat()));
        }
    }
    names
}

/// An edge: its text, and the offset of the node below.
type Edge<'d> = (&'d [u8], usize);

/// Is the node the end of a name, and its edges.
fn node(data: &[u8], at: usize) -> Option<(bool, Vec<Edge<'_>>)> {
    let mut rest = data.get(at..)?;
    let size = usize::try_from(number(&mut rest)?).ok()?;
    rest = rest.get(size..)?;
    let (count, mut rest) = rest.split_first()?;
    let mut children = Vec::new();
    for _ in 0..*count {
        let end = memchr::memchr(0, rest)?;
        let edge = &rest[..end];
        rest = &rest[end + 1..];
        children.push((edge, usize::try_from(number(&mut rest)?).ok()?));
    }
    Some((size != 0, children))
}

/// An unsigned LEB128 number.
fn number(data: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0u64, 0);
    loop {
        let (first, rest) = data.split_first()?;
        *data = rest;
        value |= u64::from(first & 0x7f).checked_shl(shift)?;
        shift += 7;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trie_that_points_at_itself_ends() {
        // The root has the edges `_a`, to a leaf, and `_b`, to the root.
        let leaf = 11;
        let data = [&[0, 2][..], b"_a\0", &[leaf], b"_b\0", &[0, 0], &[1, 0, 0]].concat();
        assert_eq!(names(&data), ["_a"]);
        for size in 0..data.len() {
            names(&data[..size]);
        }
    }
}
