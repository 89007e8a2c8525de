//! SHA-256 of files, and digests as text.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The SHA-256 of a file, in hexadecimal digits.
///
/// # Errors
/// Where the file cannot be read.
pub(crate) fn of_file(path: &Path) -> Result<String> {
    File::open(path).and_then(|mut file| of_reader(&mut file)).map_err(Error::io("read", path))
}

/// The SHA-256 of what is still to be read, in hexadecimal digits.
pub(crate) fn of_reader(reader: &mut impl Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 17];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(hex(&digest.finalize())),
            Ok(count) => digest.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// In hexadecimal digits, as sha256sum writes them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
