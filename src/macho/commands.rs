//! Load commands changed in place: libraries renamed, search paths added, versions set. The list may grow as far as the
//! first section.

use super::bytes::{align, put, put32, slice};
use super::image::{Command, HEADER};
use super::names::*;
use super::{Image, Result};

/// All load commands as bytes.
pub(crate) fn of(image: &Image<'_>) -> Vec<Vec<u8>> {
    image.commands.iter().map(|command| bytes_of(image, *command)).collect()
}

pub(crate) fn bytes_of(image: &Image<'_>, command: Command) -> Vec<u8> {
    slice(image.data, command.at as u64, command.size as u64).unwrap_or_default().to_vec()
}

/// Where the first content of the file begins, which the load commands cannot reach.
pub(crate) fn room(image: &Image<'_>) -> u64 {
    let filled = image.sections().filter(|section| !section.is_zero_fill() && section.size > 0);
    let sections = filled.map(|section| u64::from(section.offset)).filter(|offset| *offset > 0);
    let segments = image.segments.iter().filter(|segment| segment.file_size > 0 && segment.offset > 0);
    sections.chain(segments.map(|segment| segment.offset)).min().unwrap_or(image.data.len() as u64)
}

/// The file with other load commands. Everything else stays where it is.
///
/// # Errors
/// More than there is room for.
pub(crate) fn write(image: &Image<'_>, commands: &[Vec<u8>]) -> Result<Vec<u8>> {
    let size: usize = commands.iter().map(Vec::len).sum();
    let room = room(image).saturating_sub(HEADER as u64);
    if size as u64 > room {
        return Err(format!(
            "the load commands would have {size} bytes, and there is room for {room} before the first section; link it with '-Wl,-headerpad_max_install_names'"
        ));
    }
    let mut file = image.data.to_vec();
    let old = image.commands.last().map_or(HEADER, Command::end);
    if let Some(place) = file.get_mut(HEADER..old.max(HEADER)) {
        place.fill(0);
    }
    put32(&mut file, 16, commands.len() as u32);
    put32(&mut file, 20, size as u32);
    let mut at = HEADER;
    for command in commands {
        put(&mut file, at, command);
        at += command.len();
    }
    Ok(file)
}

/// A command that ends in a text, which its word at `offset` points to.
pub(crate) fn with_text(fixed: &[u8], offset: usize, text: &[u8]) -> Vec<u8> {
    let size = align((fixed.len() + text.len() + 1) as u64, 8) as usize;
    let mut command = fixed.to_vec();
    put32(&mut command, 4, size as u32);
    put32(&mut command, offset, fixed.len() as u32);
    command.extend(text);
    command.resize(size, 0);
    command
}

pub(crate) fn rpath(path: &[u8]) -> Vec<u8> {
    let mut fixed = LC_RPATH.to_le_bytes().to_vec();
    fixed.resize(12, 0);
    with_text(&fixed, 8, path)
}

/// What `install_name_tool` is asked for.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) id: Option<Vec<u8>>,
    /// Old and new.
    pub(crate) libraries: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) rpaths: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) added: Vec<Vec<u8>>,
    pub(crate) prepended: Vec<Vec<u8>>,
    pub(crate) deleted: Vec<Vec<u8>>,
    pub(crate) delete_all: bool,
}

/// Renames what an image loads, and changes its search paths. A signature is left as it is, and does not fit any more.
///
/// # Errors
/// Paths that are not there or would be there twice, and names that do not fit.
pub(crate) fn rename(image: &Image<'_>, names: &Names) -> Result<Vec<u8>> {
    if image.is_object() {
        return Err("it is an object, which loads no libraries".into());
    }
    let present = image.rpaths();
    let is_there = |path: &[u8]| present.contains(&path);
    let shown = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    for path in names.deleted.iter().chain(names.rpaths.iter().map(|(old, _)| old)) {
        if !is_there(path) {
            return Err(format!("no LC_RPATH load command with path: {}", shown(path)));
        }
    }
    // dyld of macOS 26 refuses an image that has a path twice.
    for path in names.added.iter().chain(&names.prepended).chain(names.rpaths.iter().map(|(_, new)| new)) {
        let goes = names.deleted.contains(path) || names.delete_all || names.rpaths.iter().any(|(old, _)| old == path);
        if is_there(path) && !goes {
            return Err(format!("would duplicate path, file already has LC_RPATH for: {}", shown(path)));
        }
    }
    let mut commands = Vec::new();
    let mut prepend_at = None;
    for command in &image.commands {
        let bytes = bytes_of(image, *command);
        let fixed = |size: usize| bytes.get(..size).unwrap_or(&bytes);
        match command.kind {
            LC_ID_DYLIB if names.id.is_some() => {
                commands.push(with_text(fixed(24), 8, names.id.as_deref().unwrap_or_default()));
            }
            LC_RPATH => {
                prepend_at = prepend_at.or(Some(commands.len()));
                let path = image.text(*command, 8)?;
                if names.delete_all || names.deleted.iter().any(|deleted| deleted == path) {
                    continue;
                }
                match names.rpaths.iter().find(|(old, _)| old == path) {
                    Some((_, new)) => commands.push(rpath(new)),
                    None => commands.push(bytes),
                }
            }
            kind if LOADS.contains(&kind) => {
                let name = image.text(*command, 8)?;
                match names.libraries.iter().find(|(old, _)| old == name) {
                    Some((_, new)) => commands.push(with_text(fixed(24), 8, new)),
                    None => commands.push(bytes),
                }
            }
            _ => commands.push(bytes),
        }
    }
    let at = prepend_at.unwrap_or(commands.len());
    commands.splice(at..at, names.prepended.iter().map(|path| rpath(path)));
    commands.extend(names.added.iter().map(|path| rpath(path)));
    write(image, &commands)
}

/// Sets `LC_BUILD_VERSION`: platform, oldest system and SDK, packed. It takes the place of what said so before.
pub(crate) fn set_build(
    image: &Image<'_>,
    platform: u32,
    minimum: u32,
    sdk: u32,
    tools: &[(u32, u32)],
) -> Result<Vec<u8>> {
    let mut command = Vec::new();
    let words = [LC_BUILD_VERSION, 24 + 8 * tools.len() as u32, platform, minimum, sdk, tools.len() as u32];
    words
        .iter()
        .chain(tools.iter().flat_map(|(tool, version)| [tool, version]))
        .for_each(|word| command.extend(word.to_le_bytes()));
    let says = |command: &Command| {
        command.kind == LC_BUILD_VERSION || VERSION_MINS.iter().any(|(kind, _)| *kind == command.kind)
    };
    let mut commands = Vec::new();
    let mut new = Some(command);
    for old in &image.commands {
        match says(old) {
            true => commands.extend(new.take()),
            false => commands.push(bytes_of(image, *old)),
        }
    }
    commands.extend(new);
    write(image, &commands)
}

/// Signs an image anew that was signed before it was changed.
pub(crate) fn sign_again(before: &Image<'_>, file: Vec<u8>) -> Result<Vec<u8>> {
    match (before.command(LC_CODE_SIGNATURE), super::sign::Settings::of(before)) {
        (None, _) => Ok(file),
        (Some(_), Some(settings)) => super::sign::sign(file, &settings),
        (Some(_), None) => Err("its signature cannot be read".into()),
    }
}
