//! Symbols and debugging information taken off Mach-O files, by the rules of Apple's strip.
//!
//! What dyld needs stays whatever is asked: undefined symbols, those that the indirect table or a relocation is of, and
//! those marked as referenced dynamically. Apple's and LLVM's tools leave the symbols for debuggers (`STABS`) in an
//! image in some cases; here none is left of what was asked to go, as they hold the paths of temporary files.

use super::layout::{Layout, Part};
use super::names::*;
use super::symbols::{self, Symbol};
use super::{Image, Result, bytes, commands, object};

/// Is it about this name?
pub(crate) type Choice<'p> = &'p dyn Fn(&[u8]) -> bool;

#[derive(Default)]
pub(crate) struct Plan<'p> {
    /// Everything that nobody needs to run or link with the file.
    pub(crate) all: bool,
    /// `STABS`, and in objects the sections of debugging information.
    pub(crate) debug: bool,
    /// Local symbols, with `STABS`.
    pub(crate) locals: bool,
    /// Swift's symbols.
    pub(crate) swift: bool,
    pub(crate) no_uuid: bool,
    /// Names that go, and names that stay.
    pub(crate) remove: Option<Choice<'p>>,
    pub(crate) keep: Option<Choice<'p>>,
}

/// Applies the plan to a thin file.
///
/// # Errors
/// Damaged files, and those that [`Layout::read`] refuses.
pub(crate) fn strip(data: &[u8], plan: &Plan<'_>) -> Result<Vec<u8>> {
    let image = Image::parse(data)?;
    let symbols = symbols::read(&image)?;
    let mut layout = Layout::read(&image)?;
    let debug_goes = image.is_object() && (plan.debug || plan.all);
    let gone: Vec<bool> = image.sections().map(|section| debug_goes && section.is_debug()).collect();
    for (rank, gone) in gone.iter().enumerate() {
        if *gone {
            layout.set(Part::Relocations(rank), Vec::new());
        }
    }
    let needed = needed(&image, &layout, &symbols)?;
    let in_gone = |symbol: &Symbol<'_>| {
        let number = usize::from(symbol.entry.section);
        (symbol.is_stab() || symbol.kind() == N_SECT) && number > 0 && gone.get(number - 1) == Some(&true)
    };
    let keeps = |(at, symbol): (usize, &Symbol<'_>)| match needed[at] {
        true => true,
        false => !in_gone(symbol) && keeps(&image, symbol, plan),
    };
    let keep: Vec<bool> = symbols.iter().enumerate().map(keeps).collect();
    symbols::replace(&mut layout, &image, &symbols, &keep)?;
    if gone.contains(&true) {
        object::remove_sections(&mut layout, &image, &gone)?;
    }
    let file = layout.write()?;
    if plan.no_uuid { without_uuid(file) } else { Ok(file) }
}

/// Those that a relocation or the indirect table counts.
fn needed(image: &Image<'_>, layout: &Layout<'_>, symbols: &[Symbol<'_>]) -> Result<Vec<bool>> {
    let mut needed = vec![false; symbols.len()];
    let mut need = |at: u32| needed.get_mut(at as usize).map(|needed| *needed = true);
    let broken = || "a table counts a symbol that is not there".to_owned();
    for entry in layout.get(Part::Indirect).chunks_exact(4) {
        let at = bytes::u32_at(entry, 0)?;
        if at & (INDIRECT_LOCAL | INDIRECT_ABS) == 0 {
            let symbol = symbols.get(at as usize).ok_or_else(broken)?;
            // In an image that is linked, a pointer to what is defined in it is bound by its address.
            if image.is_object() || symbol.is_undefined() || symbol.is_external() {
                need(at).ok_or_else(broken)?;
            }
        }
    }
    let sections = (0..image.sections().count()).map(Part::Relocations);
    for part in [Part::ExternalRelocations].into_iter().chain(sections) {
        for entry in layout.get(part).chunks_exact(8) {
            let (first, word) = (bytes::u32_at(entry, 0)?, bytes::u32_at(entry, 4)?);
            if first >> 31 == 0 && word >> 27 & 1 != 0 {
                need(word & 0xff_ffff).ok_or_else(broken)?;
            }
        }
    }
    Ok(needed)
}

fn keeps(image: &Image<'_>, symbol: &Symbol<'_>, plan: &Plan<'_>) -> bool {
    let stab = symbol.is_stab();
    if !stab && plan.keep.is_some_and(|keep| keep(symbol.name)) {
        return true;
    }
    if symbol.is_undefined() {
        // In an object an undefined symbol without a relocation asks for an archive's member all the same.
        return true;
    }
    if !stab && plan.remove.is_some_and(|remove| remove(symbol.name)) {
        return false;
    }
    if stab {
        return !(plan.all || plan.debug || plan.locals);
    }
    let dynamic = symbol.entry.description & N_REFERENCED_DYNAMICALLY != 0;
    let external = symbol.is_external();
    // Who links with an object or a library does so by these.
    let is_program = image.kind == MH_EXECUTE;
    let swift = symbol.name.starts_with(b"_$s") || symbol.name.starts_with(b"_$S");
    let goes = plan.all && (is_program || !external) || plan.locals && !external || plan.swift && swift && is_program;
    dynamic && external || !goes
}

fn without_uuid(file: Vec<u8>) -> Result<Vec<u8>> {
    let image = Image::parse(&file)?;
    let rest: Vec<_> = image.commands.iter().filter(|command| command.kind != LC_UUID).collect();
    if rest.len() == image.commands.len() {
        return Ok(file);
    }
    let rest: Vec<Vec<u8>> = rest.into_iter().map(|command| commands::bytes_of(&image, *command)).collect();
    commands::sign_again(&image, commands::write(&image, &rest)?)
}
