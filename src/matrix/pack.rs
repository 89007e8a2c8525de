//! Archives and digests. The same files give the same bytes, on every machine and on every day.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

use super::cell::Outcome;
use super::check::name_of;
use super::plan::Cell;
use crate::digest;
use crate::error::{Error, Result};
use crate::target::Target;
use crate::whole_file;

/// 1980-01-01: the first day that a zip file knows.
const TIME: u64 = 315_532_800;

pub(super) const CHECKSUMS: &str = "checksums.txt";

/// The artifact's archive: `app_linux_arm64.tar.gz`, `app_windows_amd64.zip`.
pub(super) fn archive_path(artifact: &Path, target: Target) -> PathBuf {
    let name = artifact.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".exe").or(name.strip_suffix(".wasm")).unwrap_or(&name);
    artifact.with_file_name(format!("{stem}{}", if target.is_windows() { ".zip" } else { ".tar.gz" }))
}

/// Packs what the cell made, the program first and by its own name, and the files that every archive has.
pub(super) fn archive(to: &Path, cell: &Cell, made: &[PathBuf], include: &[PathBuf]) -> Result<()> {
    let mut entries: Vec<(String, &Path, u32)> = Vec::new();
    for path in made {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_program = path == cell.out();
        entries.push((
            if is_program { cell.program.clone() } else { name },
            path,
            if is_program { 0o755 } else { 0o644 },
        ));
    }
    for path in include {
        entries.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path, included_mode(path)?));
    }
    let mut file = whole_file::beside(to).map_err(Error::io("create", to))?;
    if cell.target.is_windows() {
        zip(file.as_file_mut(), &entries)?
    } else {
        tar_gz(file.as_file_mut(), &entries)?
    }
    file.persist(to).map(drop).map_err(|error| error.error).map_err(Error::io("create", to))
}

/// A script is executable, which its first bytes say: not every machine's files have a bit for that.
fn included_mode(path: &Path) -> Result<u32> {
    let mut first = Vec::new();
    let read = File::open(path).and_then(|file| file.take(2).read_to_end(&mut first));
    read.map_err(Error::io("read", path))?;
    Ok(if first == b"#!" { 0o755 } else { 0o644 })
}

fn tar_gz(file: &mut File, entries: &[(String, &Path, u32)]) -> Result<()> {
    let gz = GzBuilder::new().mtime(0).operating_system(255).write(file, Compression::new(9));
    let mut tar = tar::Builder::new(gz);
    for (name, path, mode) in entries {
        let from = File::open(path).map_err(Error::io("read", path))?;
        let mut header = tar::Header::new_ustar();
        header.set_size(from.metadata().map_err(Error::io("read", path))?.len());
        header.set_mode(*mode);
        header.set_mtime(TIME);
        tar.append_data(&mut header, name, from).map_err(Error::io("pack", path))?;
    }
    let finished = tar.into_inner().and_then(|gz| gz.finish()).and_then(|file| file.flush());
    finished.map_err(Error::io("write", "the archive"))
}

fn zip(file: &mut File, entries: &[(String, &Path, u32)]) -> Result<()> {
    let mut zip = zip::ZipWriter::new(file);
    for (name, path, mode) in entries {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(*mode);
        let mut from = File::open(path).map_err(Error::io("read", path))?;
        let written = zip.start_file(name.as_str(), options).map_err(io::Error::from);
        written.and_then(|()| io::copy(&mut from, &mut zip)).map_err(Error::io("pack", path))?;
    }
    zip.finish().map(drop).map_err(io::Error::from).map_err(Error::io("write", "the archive"))
}

/// `checksums.txt` in the form of sha256sum, for what was made and its signatures; none if nothing was.
pub(super) fn checksums(outcomes: &[Outcome]) -> Result<Option<String>> {
    let mut files: Vec<&PathBuf> =
        outcomes.iter().flat_map(|outcome| outcome.files.iter().chain(&outcome.signatures)).collect();
    files.sort();
    let mut text = String::new();
    for file in files {
        text.push_str(&format!("{}  {}\n", digest::of_file(file)?, name_of(file)));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}
