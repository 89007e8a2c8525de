//! Changes to single sections and symbols of PE and COFF.

use std::borrow::Cow;

use object::pe;

use crate::binutils::copy::plan::{Compression, Plan};
use crate::binutils::copy::{edit, files};
use crate::binutils::elf::Result;
use crate::binutils::pe::symbols::{ABSOLUTE, STATIC, Symbol};
use crate::binutils::pe::{Pe, Section};

const EXTERNAL: u8 = pe::IMAGE_SYM_CLASS_EXTERNAL.0;

/// Does the plan change symbols by name?
pub(super) fn names_symbols(plan: &Plan) -> bool {
    let patterns = [&plan.strip_symbols, &plan.localize, &plan.globalize, &plan.keep_global];
    patterns.iter().any(|patterns| !patterns.is_empty())
        || !plan.redefine.is_empty()
        || !plan.prefix_symbols.is_empty()
        || !plan.add_symbols.is_empty()
}

/// # Errors
/// What COFF cannot hold, and a section that the plan names and the file has not.
pub(super) fn check(pe: &Pe<'_>, plan: &Plan) -> Result<()> {
    // What was asked for, the option, and why it cannot be.
    let refused = [
        (plan.weaken_all || !plan.weaken.is_empty(), "--weaken", "a weak symbol of COFF needs another in its place"),
        (plan.localize_hidden, "--localize-hidden", "COFF has no hidden symbols"),
        (plan.strip_dwo || plan.extract_dwo, "--strip-dwo", "split debugging information is for ELF"),
        (plan.compression == Some(Compression::Zlib), "--compress-debug-sections", "no debugger reads it in PE"),
        (plan.compression == Some(Compression::None), "--decompress-debug-sections", "nothing is compressed in PE"),
        (plan.keep_section_symbols, "--keep-section-symbols", "an object always keeps them"),
        (plan.set_start.is_some() && !pe.is_image(), "--set-start", "an object has no start"),
    ];
    if let Some((_, option, why)) = refused.iter().find(|row| row.0) {
        return Err(format!("unsupported option '{option}' for a PE file: {why}"));
    }
    let updated = plan.update_sections.iter().map(|(name, _)| name);
    for name in updated.chain(plan.dump_sections.iter().map(|row| &row.0)) {
        find(pe, name)?;
    }
    for (name, path) in &plan.dump_sections {
        let data = pe.sections[find(pe, name)?].shown_data(pe.form);
        if data.is_empty() {
            return Err(format!("section '{}' has no contents to dump", String::from_utf8_lossy(name)));
        }
        files::write(path, data, None).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn find(pe: &Pe<'_>, name: &[u8]) -> Result<usize> {
    let found = pe.sections.iter().position(|section| *section.name == *name);
    found.ok_or_else(|| format!("cannot find section '{}'", String::from_utf8_lossy(name)))
}

/// Names and scopes of the symbols that are there.
pub(super) fn symbols(pe: &mut Pe<'_>, plan: &Plan) -> Result<()> {
    for symbol in pe.symbols.iter_mut().filter(|symbol| !symbol.is_section() && !symbol.is_debugging()) {
        if let Some(new) = plan.redefine.get(&*symbol.name) {
            symbol.name = Cow::Owned(new.clone());
        }
        if !plan.prefix_symbols.is_empty() {
            symbol.name = Cow::Owned([&plan.prefix_symbols[..], &symbol.name].concat());
        }
        let localize = plan.localize.matches(&symbol.name)
            || !plan.keep_global.is_empty() && !plan.keep_global.matches(&symbol.name);
        let defined = symbol.section > 0 || symbol.section == ABSOLUTE;
        if symbol.class == EXTERNAL && defined && localize {
            symbol.class = STATIC;
        } else if symbol.class == STATIC && defined && plan.globalize.matches(&symbol.name) {
            symbol.class = EXTERNAL;
        }
    }
    Ok(())
}

/// Appends the plan's new symbols.
pub(super) fn add_symbols(pe: &mut Pe<'_>, plan: &Plan) -> Result<()> {
    for new in &plan.add_symbols {
        let section = match &new.section {
            Some(name) => find(pe, name)? as i32 + 1,
            None => ABSOLUTE,
        };
        let value = u32::try_from(new.value).map_err(|_| format!("the value 0x{:x} does not fit COFF", new.value))?;
        let name = Cow::Owned(new.name.clone());
        let index = pe.symbols.last().map_or(0, |last| last.index + 1 + last.aux.len() as u32);
        let mut symbol = Symbol { index, name, value, section, kind: 0, class: EXTERNAL, aux: Vec::new() };
        for flag in &new.flags {
            match flag.to_ascii_lowercase().as_str() {
                "global" | "default" | "object" => {}
                "local" => symbol.class = STATIC,
                "function" => symbol.kind = pe::IMAGE_SYM_DTYPE_FUNCTION.0 << 4,
                _ => {
                    return Err(format!(
                        "unsupported flag '{flag}' of a symbol in COFF; use global, local or function"
                    ));
                }
            }
        }
        pe.symbols.push(symbol);
    }
    Ok(())
}

/// Everything that changes sections one by one.
pub(super) fn sections(pe: &mut Pe<'_>, plan: &Plan) -> Result<()> {
    let image = pe.is_image();
    for (name, data) in &plan.update_sections {
        let at = find(pe, name)?;
        // The section after it stays where it is.
        let room =
            pe.sections.get(at + 1).map_or(u32::MAX, |next| next.address - pe.sections[at].address.min(next.address));
        if image && data.len() as u64 > u64::from(room) {
            let name = String::from_utf8_lossy(name);
            return Err(format!("cannot update section '{name}': it has room for {room} bytes, not {}", data.len()));
        }
        fill(pe, at, data.clone());
    }
    for (name, data) in &plan.add_sections {
        add(pe, name, data.clone())?;
    }
    if let Some(file) = &plan.debug_link {
        let link = edit::debug_link(false, file)?;
        match find(pe, b".gnu_debuglink") {
            Ok(at) => fill(pe, at, link),
            Err(_) => add(pe, b".gnu_debuglink", link)?,
        }
    }
    for section in &mut pe.sections {
        for (name, flags) in &plan.set_flags {
            if *section.name == **name {
                set_flags(section, flags)?;
            }
        }
        if let Some((_, align)) = plan.set_alignment.iter().rev().find(|(name, _)| *section.name == **name) {
            if image || *align > 8192 {
                return Err(format!("the alignment {align} cannot be given to section '{}'", section.text()));
            }
            section.flags = section.flags & !0x00f0_0000 | (align.ilog2() + 1) << 20;
        }
        if let Some(rename) = plan.rename_sections.iter().find(|rename| section.name == rename.from) {
            section.name = Cow::Owned(rename.to.clone());
            if let Some(flags) = &rename.flags {
                set_flags(section, flags)?;
            }
        }
        let loaded = section.bfd_flags().alloc && !plan.prefix_alloc_sections.is_empty();
        let prefix = if loaded { &plan.prefix_alloc_sections } else { &plan.prefix_sections };
        if !prefix.is_empty() {
            section.name = Cow::Owned([&prefix[..], &section.name].concat());
        }
    }
    // The symbol of a section goes by its name.
    let names: Vec<Vec<u8>> = pe.sections.iter().map(|section| section.name.to_vec()).collect();
    let renamed =
        !plan.rename_sections.is_empty() || !plan.prefix_sections.is_empty() || !plan.prefix_alloc_sections.is_empty();
    for symbol in pe.symbols.iter_mut().filter(|symbol| renamed && symbol.is_section()) {
        if let Some(name) = names.get(symbol.section as usize - 1) {
            symbol.name = Cow::Owned(name.clone());
        }
    }
    Ok(())
}

fn fill(pe: &mut Pe<'_>, at: usize, mut data: Vec<u8>) {
    let size = data.len() as u32;
    if let Some(optional) = &pe.optional {
        data.resize(data.len().next_multiple_of(optional.file_alignment.max(1) as usize), 0);
        pe.sections[at].virtual_size = size;
    }
    let section = &mut pe.sections[at];
    section.size = data.len() as u32;
    section.flags &= !pe::IMAGE_SCN_CNT_UNINITIALIZED_DATA.0;
    section.data = Cow::Owned(data);
}

/// A new section, behind all others.
fn add(pe: &mut Pe<'_>, name: &[u8], data: Vec<u8>) -> Result<()> {
    let mut flags = pe::IMAGE_SCN_CNT_INITIALIZED_DATA.0 | pe::IMAGE_SCN_MEM_READ.0;
    let mut address = 0;
    match &pe.optional {
        Some(optional) => {
            flags |= pe::IMAGE_SCN_MEM_DISCARDABLE.0;
            let end = pe.sections.iter().map(|s| u64::from(s.address) + u64::from(s.virtual_size.max(s.size))).max();
            let end = end.unwrap_or(0).next_multiple_of(optional.section_alignment.max(1).into());
            address = u32::try_from(end).map_err(|_| "there is no room for another section")?;
        }
        None => flags |= pe::IMAGE_SCN_ALIGN_1BYTES.0 | pe::IMAGE_SCN_MEM_DISCARDABLE.0,
    }
    pe.sections.push(Section {
        name: Cow::Owned(name.to_vec()),
        virtual_size: 0,
        address,
        size: 0,
        offset: 0,
        flags,
        relocations: Vec::new(),
        lines: Cow::Borrowed(&[]),
        data: Cow::Borrowed(&[]),
    });
    fill(pe, pe.sections.len() - 1, data);
    Ok(())
}

/// The characteristics that GNU's words mean; what they do not speak of stays.
fn set_flags(section: &mut Section<'_>, words: &[String]) -> Result<()> {
    const CODE: u32 = pe::IMAGE_SCN_CNT_CODE.0;
    const DATA: u32 = pe::IMAGE_SCN_CNT_INITIALIZED_DATA.0;
    const BSS: u32 = pe::IMAGE_SCN_CNT_UNINITIALIZED_DATA.0;
    const READ: u32 = pe::IMAGE_SCN_MEM_READ.0;
    const WRITE: u32 = pe::IMAGE_SCN_MEM_WRITE.0;
    const EXECUTE: u32 = pe::IMAGE_SCN_MEM_EXECUTE.0;
    const REMOVE: u32 = pe::IMAGE_SCN_LNK_REMOVE.0;
    const SHARED: u32 = pe::IMAGE_SCN_MEM_SHARED.0;
    const DISCARD: u32 = pe::IMAGE_SCN_MEM_DISCARDABLE.0;
    let mut flags = section.flags & !(CODE | DATA | BSS | WRITE | EXECUTE | REMOVE | SHARED | DISCARD) | READ | WRITE;
    for word in words {
        match word.to_ascii_lowercase().as_str() {
            "alloc" | "load" | "contents" => {}
            "readonly" | "rom" => flags &= !WRITE,
            "code" => flags |= CODE | EXECUTE,
            "data" => flags |= DATA,
            "debug" => flags |= DISCARD,
            "noload" | "exclude" => flags |= REMOVE,
            "share" => flags |= SHARED,
            "noread" => flags &= !READ,
            _ => {
                return Err(format!(
                    "unsupported flag '{word}' of a section in COFF; use one of alloc, load, noload, readonly, debug, \
                     code, data, rom, exclude, share, contents, noread"
                ));
            }
        }
    }
    if flags & (CODE | DATA) == 0 {
        flags |= if section.data.is_empty() { BSS } else { DATA };
    }
    section.flags = flags;
    Ok(())
}
