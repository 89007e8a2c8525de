//! The trie of exported symbols (`LC_DYLD_EXPORTS_TRIE`, or the last piece of `LC_DYLD_INFO`): read into a list, built from one.

use std::collections::HashSet;

use super::Result;
use super::bytes::{Reader, push_uleb, uleb_len};

/// An exported symbol. What it stands for is kept as it is written in the trie.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Export {
    pub(crate) name: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

/// What an export stands for.
#[derive(Debug, PartialEq)]
pub(crate) enum Meaning {
    /// Offset from the start of the image (or an absolute value, by its flags).
    Address(u64),
    /// Of the library of an ordinal; the name where it differs.
    Reexport(u64, Vec<u8>),
    /// A stub, and the function that finds the address.
    Resolver(u64, u64),
}

pub(crate) const KIND: u64 = 0x3;
pub(crate) const ABSOLUTE: u64 = 0x2;
pub(crate) const WEAK: u64 = 0x4;
const REEXPORT: u64 = 0x8;
const RESOLVER: u64 = 0x10;

impl Export {
    /// Its flags and what it stands for; `None` where the payload ends too soon.
    pub(crate) fn meaning(&self) -> Option<(u64, Meaning)> {
        let mut reader = Reader::new(&self.payload);
        let flags = reader.uleb()?;
        let first = reader.uleb()?;
        let meaning = match () {
            () if flags & REEXPORT != 0 => Meaning::Reexport(first, reader.text()?.to_vec()),
            () if flags & RESOLVER != 0 => Meaning::Resolver(first, reader.uleb()?),
            () => Meaning::Address(first),
        };
        Some((flags, meaning))
    }
}

/// No name is longer; a trie of a few bytes could spell names without end otherwise.
const LONGEST: usize = 1 << 16;
const MOST: usize = 1 << 28;

/// Every export, in the order of the trie.
///
/// # Errors
/// Nodes outside the trie, or that are reached twice.
pub(crate) fn read(trie: &[u8]) -> Result<Vec<Export>> {
    let mut exports = Vec::new();
    if trie.is_empty() {
        return Ok(exports);
    }
    let broken = || "the trie of exports is broken".to_owned();
    let (mut seen, mut todo, mut total) = (HashSet::new(), vec![(0usize, Vec::new())], 0);
    while let Some((at, name)) = todo.pop() {
        if !seen.insert(at) || at >= trie.len() {
            return Err(broken());
        }
        let mut reader = Reader { data: trie, at };
        let size = reader.uleb().and_then(|size| usize::try_from(size).ok()).ok_or_else(broken)?;
        let end = reader.at.checked_add(size).filter(|end| *end <= trie.len()).ok_or_else(broken)?;
        if size > 0 {
            exports.push(Export { name: name.clone(), payload: trie[reader.at..end].to_vec() });
        }
        reader.at = end;
        let first = todo.len();
        for _ in 0..reader.byte().ok_or_else(broken)? {
            let edge = reader.text().ok_or_else(broken)?;
            let child = reader.uleb().and_then(|at| usize::try_from(at).ok()).ok_or_else(broken)?;
            let full = [&name[..], edge].concat();
            total += full.len();
            if full.len() > LONGEST || total > MOST {
                return Err(broken());
            }
            todo.push((child, full));
        }
        todo[first..].reverse();
    }
    Ok(exports)
}

struct Node<'e> {
    /// Of the exports below it, by rank.
    range: std::ops::Range<usize>,
    /// How many bytes of the names lead here.
    depth: usize,
    payload: Option<&'e [u8]>,
    children: Vec<(&'e [u8], usize)>,
    offset: usize,
}

impl Node<'_> {
    fn size(&self, offsets: &[usize]) -> usize {
        let payload = self.payload.map_or(1, |payload| uleb_len(payload.len() as u64) + payload.len());
        let child = |(edge, node): &(&[u8], usize)| edge.len() + 1 + uleb_len(offsets[*node] as u64);
        payload + 1 + self.children.iter().map(child).sum::<usize>()
    }
}

/// A trie of the exports, padded to 8 bytes; empty for none. The same list gives the same bytes.
pub(crate) fn build(exports: &[Export]) -> Vec<u8> {
    let mut sorted: Vec<&Export> = exports.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    sorted.dedup_by(|a, b| a.name == b.name);
    if sorted.is_empty() {
        return Vec::new();
    }
    let mut nodes = vec![Node { range: 0..sorted.len(), depth: 0, payload: None, children: Vec::new(), offset: 0 }];
    let mut at = 0;
    while at < nodes.len() {
        let (mut range, depth) = (nodes[at].range.clone(), nodes[at].depth);
        if sorted[range.start].name.len() == depth {
            nodes[at].payload = Some(&sorted[range.start].payload);
            range.start += 1;
        }
        while !range.is_empty() {
            let first = &sorted[range.start].name;
            let same = |export: &&Export| export.name[depth] == first[depth];
            let end = range.start + sorted[range.clone()].iter().take_while(|export| same(export)).count();
            // Sorted, so what the first and the last have in common is common to all.
            let last = &sorted[end - 1].name;
            let common = first[depth..].iter().zip(&last[depth..]).take_while(|(a, b)| a == b).count();
            let child = nodes.len();
            nodes[at].children.push((&first[depth..depth + common], child));
            let depth = depth + common;
            nodes.push(Node { range: range.start..end, depth, payload: None, children: Vec::new(), offset: 0 });
            range.start = end;
        }
        at += 1;
    }
    // A node's size depends on the offsets of its children; both only grow until they fit.
    loop {
        let offsets: Vec<usize> = nodes.iter().map(|node| node.offset).collect();
        let (mut next, mut changed) = (0, false);
        for node in &mut nodes {
            changed |= node.offset != next;
            node.offset = next;
            next += node.size(&offsets);
        }
        if !changed {
            break;
        }
    }
    let mut trie = Vec::new();
    for node in &nodes {
        let payload = node.payload.unwrap_or_default();
        push_uleb(&mut trie, payload.len() as u64);
        trie.extend(payload);
        trie.push(node.children.len() as u8);
        for (edge, child) in &node.children {
            trie.extend(*edge);
            trie.push(0);
            push_uleb(&mut trie, nodes[*child].offset as u64);
        }
    }
    trie.resize(trie.len().next_multiple_of(8), 0);
    trie
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(name: &str, address: u64) -> Export {
        let mut payload = vec![0];
        push_uleb(&mut payload, address);
        Export { name: name.into(), payload }
    }

    #[test]
    fn a_trie_is_read_as_built() {
        let mut exports: Vec<Export> = (0..2000).map(|n| export(&format!("_sym{}", n * 7919 % 2003), n * 16)).collect();
        exports.push(export("_sym", 1));
        exports.push(export("", 2));
        let trie = build(&exports);
        let mut back = read(&trie).unwrap();
        exports.sort_by(|a, b| a.name.cmp(&b.name));
        back.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(back, exports);
        assert_eq!(build(&back), trie);
        assert_eq!(back[1].meaning(), Some((0, Meaning::Address(1))));
    }

    #[test]
    fn a_circle_is_an_error() {
        // A root whose one child is the root.
        assert!(read(&[0, 1, b'a', 0, 0]).is_err());
        assert!(read(&[9]).is_err());
        assert_eq!(read(&[]).unwrap(), []);
    }
}
