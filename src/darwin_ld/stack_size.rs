//! `-stack_size`: the size of a program's first thread, which neither LLD nor zig's linker writes. It is one number in
//! `LC_MAIN`, which the kernel reads.

use std::ffi::OsStr;

use crate::error::{Error, Result};
use crate::macho::{self, Image, bytes, commands, names};

/// Of arm64; one of x86-64 is a part of it.
const PAGE: u64 = 16 << 10;

/// Bytes, in whole pages. ld64 reads the number in hexadecimal, whatever it begins with.
///
/// # Errors
/// What is no such number.
pub(super) fn parse(text: &OsStr) -> Result<u64> {
    let digits = text.to_str().map(|text| text.trim_start_matches("0x"));
    let size =
        digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()).filter(|size| (1..1 << 40).contains(size));
    size.map(|size| size.next_multiple_of(PAGE)).ok_or_else(|| {
        let message = format!("invalid value '{}' in '-stack_size'", text.to_string_lossy());
        Error::with_help(message, "it is a number of bytes in hexadecimal")
    })
}

/// A program with the size in it, signed again where it was signed.
///
/// # Errors
/// A file that is no program.
pub(super) fn set(data: &[u8], size: u64) -> macho::Result<Vec<u8>> {
    let image = Image::parse(data)?;
    let main = image.command(names::LC_MAIN).ok_or("it has no LC_MAIN")?;
    let mut changed = data.to_vec();
    bytes::put64(&mut changed, main.at + 16, size);
    commands::sign_again(&image, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_hexadecimal_and_whole_pages() {
        for (text, size) in [("0x800000", 0x80_0000), ("800001", 0x80_4000), ("10", 0x4000)] {
            assert_eq!(parse(OsStr::new(text)).unwrap(), size, "{text}");
        }
        for text in ["", "0", "x", "-1", "fffffffffffff"] {
            assert!(parse(OsStr::new(text)).is_err(), "{text}");
        }
    }
}
