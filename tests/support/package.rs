//! Packages as Apple's are made: cpio in pbzx or gzip, in xar. Only what a test says is in them.

#![allow(dead_code, unreachable_pub)] // Each test crate uses a part of it.

use std::io::Write;

use sha1::{Digest, Sha1};

/// An entry of an archive.
pub enum Entry {
    Directory,
    File(Vec<u8>),
    Link(String),
}

/// POSIX's portable cpio.
pub fn cpio(entries: &[(String, Entry)]) -> Vec<u8> {
    let mut all = Vec::new();
    let mut add = |name: &str, mode: u32, data: &[u8]| {
        let numbers = format!("070707{:06o}{:06o}{mode:06o}{:06o}{:06o}{:06o}{:06o}{:011o}", 1, 1, 0, 0, 1, 0, 0);
        all.extend(format!("{numbers}{:06o}{:011o}{name}\0", name.len() + 1, data.len()).bytes());
        all.extend(data);
    };
    for (name, entry) in entries {
        match entry {
            Entry::Directory => add(name, 0o040_755, b""),
            Entry::File(data) => add(name, 0o100_644, data),
            Entry::Link(to) => add(name, 0o120_777, to.as_bytes()),
        }
    }
    add("TRAILER!!!", 0, b"");
    all
}

/// In small pieces, every third as it is.
pub fn pbzx(data: &[u8]) -> Vec<u8> {
    const PIECE: usize = 700;
    let number = |number: usize| (number as u64).to_be_bytes();
    let mut all = [&b"pbzx"[..], &number(PIECE)].concat();
    for (at, piece) in data.chunks(PIECE).enumerate() {
        let packed = if at % 3 == 2 { piece.to_vec() } else { xz(piece) };
        all.extend([&number(piece.len())[..], &number(packed.len()), &packed].concat());
    }
    all
}

pub fn xz(data: &[u8]) -> Vec<u8> {
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(0)).unwrap();
    xz.write_all(data).unwrap();
    xz.finish().unwrap()
}

pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(data).unwrap();
    gzip.finish().unwrap()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(data).unwrap();
    zlib.finish().unwrap()
}

/// A product archive: a table and a heap. Each member is in a package of its own; those of `packed` are compressed once more.
pub fn xar(members: &[(&str, &[u8])], packed: bool) -> Vec<u8> {
    let hex = |data: &[u8]| Sha1::digest(data).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    // As in Apple's, the table's own checksum comes first.
    let mut heap = vec![0; 20];
    let mut table = String::new();
    for (id, (name, data)) in members.iter().enumerate() {
        let kept = if packed { zlib(data) } else { data.to_vec() };
        let style = if packed { "application/x-gzip" } else { "application/octet-stream" };
        let (package, file) = name.rsplit_once('/').unwrap_or(("", name));
        let data_node = format!(
            "<data><length>{}</length><offset>{}</offset><size>{}</size><encoding style=\"{style}\"/>\
             <extracted-checksum style=\"sha1\">{}</extracted-checksum><archived-checksum style=\"sha1\">{}</archived-checksum></data>",
            kept.len(),
            heap.len(),
            data.len(),
            hex(data),
            hex(&kept)
        );
        let inner = format!("<file id=\"{}\">{data_node}<type>file</type><name>{file}</name></file>", 2 * id + 2);
        table += &match package {
            "" => inner,
            _ => format!("<file id=\"{}\"><name>{package}</name><type>directory</type>{inner}</file>", 2 * id + 1),
        };
        heap.extend(kept);
    }
    let table = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xar><toc><checksum style=\"sha1\"><offset>0</offset><size>20</size>\
         </checksum>{table}</toc></xar>"
    );
    let packed = zlib(table.as_bytes());
    heap[..20].copy_from_slice(&Sha1::digest(&packed));
    let mut all = b"xar!\0\x1c\0\x01".to_vec();
    all.extend((packed.len() as u64).to_be_bytes());
    all.extend((table.len() as u64).to_be_bytes());
    all.extend(1u32.to_be_bytes());
    [all, packed, heap].concat()
}
