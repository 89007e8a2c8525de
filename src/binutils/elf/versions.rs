//! Symbol versions: `.gnu.version`, `.gnu.version_d` and `.gnu.version_r`, as the LSB describes them.

use object::elf;

use super::{Elf, Result, Section, string_at};

/// A version that the file defines (`Verdef`).
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    /// Offset in the section.
    pub(crate) at: usize,
    pub(crate) revision: u16,
    pub(crate) flags: u16,
    pub(crate) index: u16,
    pub(crate) hash: u32,
    /// Offset and text: the version's own name, then its parents.
    pub(crate) names: Vec<(usize, String)>,
}

/// A file whose versions are needed (`Verneed`).
#[derive(Clone, Debug)]
pub(crate) struct Need {
    pub(crate) at: usize,
    pub(crate) revision: u16,
    pub(crate) file: String,
    pub(crate) versions: Vec<NeedVersion>,
}

/// A version of such a file (`Vernaux`).
#[derive(Clone, Debug)]
pub(crate) struct NeedVersion {
    pub(crate) at: usize,
    pub(crate) hash: u32,
    pub(crate) flags: u16,
    pub(crate) index: u16,
    pub(crate) name: String,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Versions {
    /// One index for each dynamic symbol; bit 15 hides the version.
    pub(crate) indices: Vec<u16>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) needs: Vec<Need>,
}

/// The version of one symbol.
pub(crate) struct Version<'a> {
    pub(crate) name: &'a str,
    /// Defined here, not needed from elsewhere.
    pub(crate) defined: bool,
    /// Not the default version of its symbol.
    pub(crate) hidden: bool,
    pub(crate) index: u16,
}

impl Version<'_> {
    /// `@NAME` or, for the default version of a definition, `@@NAME`.
    pub(crate) fn suffix(&self) -> String {
        format!("{}{}", if self.defined && !self.hidden { "@@" } else { "@" }, self.name)
    }
}

impl Versions {
    pub(crate) fn read(elf: &Elf<'_>) -> Result<Versions> {
        let mut versions = Versions::default();
        if let Some((_, section)) = elf.by_kind(elf::SHT_GNU_VERSYM) {
            versions.indices =
                (0..section.data.len() / 2).filter_map(|at| elf.layout.u16(&section.data, at * 2)).collect();
        }
        if let Some((_, section)) = elf.by_kind(elf::SHT_GNU_VERDEF) {
            versions.definitions = definitions(elf, section)?;
        }
        if let Some((_, section)) = elf.by_kind(elf::SHT_GNU_VERNEED) {
            versions.needs = needs(elf, section)?;
        }
        Ok(versions)
    }

    /// The version of dynamic symbol `symbol`; `None` for the two unnamed ones.
    pub(crate) fn of(&self, symbol: usize) -> Option<Version<'_>> {
        let raw = *self.indices.get(symbol)?;
        let (index, hidden) = (raw & 0x7fff, raw & 0x8000 != 0);
        if index < 2 {
            return None;
        }
        self.name(index).map(|(name, defined)| Version { name, defined, hidden, index })
    }

    /// Name of version `index`, and whether it is defined here.
    pub(crate) fn name(&self, index: u16) -> Option<(&str, bool)> {
        let needed = self.needs.iter().flat_map(|need| &need.versions).find(|version| version.index & 0x7fff == index);
        let defined = self.definitions.iter().find(|definition| definition.index & 0x7fff == index);
        let defined = defined.and_then(|definition| definition.names.first());
        defined.map(|name| (&*name.1, true)).or_else(|| needed.map(|version| (&*version.name, false)))
    }
}

const BROKEN: &str = "the version information ends within an entry";

fn strings<'a>(elf: &'a Elf<'_>, section: &Section<'_>) -> Result<&'a [u8]> {
    elf.sections.get(section.link as usize).map(|section| &*section.data).ok_or_else(|| "no string table".into())
}

fn text(strings: &[u8], at: u32) -> Result<String> {
    string_at(strings, at.into()).map(|name| String::from_utf8_lossy(name).into_owned())
}

/// Walks a chain of entries: `next` is relative, 0 ends it. A chain only goes forward, so it ends.
fn step(at: usize, next: u32) -> Option<usize> {
    (next != 0).then(|| at.saturating_add(next as usize))
}

fn definitions(elf: &Elf<'_>, section: &Section<'_>) -> Result<Vec<Definition>> {
    let (layout, data, strings) = (elf.layout, &*section.data, strings(elf, section)?);
    let mut all = Vec::new();
    let mut next = Some(0usize).filter(|_| !data.is_empty());
    while let Some(at) = next {
        let half = |offset| layout.u16(data, at.saturating_add(offset)).ok_or(BROKEN);
        let long = |offset| layout.u32(data, at.saturating_add(offset)).ok_or(BROKEN);
        let mut names = Vec::new();
        let mut name = Some(at.saturating_add(long(12)? as usize)).filter(|_| half(6).is_ok_and(|count| count > 0));
        while let Some(place) = name.filter(|_| names.len() < usize::from(half(6).unwrap_or(0))) {
            names.push((place, text(strings, layout.u32(data, place).ok_or(BROKEN)?)?));
            name = step(place, layout.u32(data, place.saturating_add(4)).ok_or(BROKEN)?);
        }
        all.push(Definition { at, revision: half(0)?, flags: half(2)?, index: half(4)?, hash: long(8)?, names });
        next = step(at, long(16)?);
    }
    Ok(all)
}

fn needs(elf: &Elf<'_>, section: &Section<'_>) -> Result<Vec<Need>> {
    let (layout, data, strings) = (elf.layout, &*section.data, strings(elf, section)?);
    let mut all = Vec::new();
    let mut next = Some(0usize).filter(|_| !data.is_empty());
    while let Some(at) = next {
        let half = |at: usize, offset| layout.u16(data, at.saturating_add(offset)).ok_or(BROKEN);
        let long = |at: usize, offset| layout.u32(data, at.saturating_add(offset)).ok_or(BROKEN);
        let count = usize::from(half(at, 2)?);
        let mut versions = Vec::new();
        let mut version = Some(at.saturating_add(long(at, 8)? as usize)).filter(|_| count > 0);
        while let Some(place) = version.filter(|_| versions.len() < count) {
            versions.push(NeedVersion {
                at: place,
                hash: long(place, 0)?,
                flags: half(place, 4)?,
                index: half(place, 6)?,
                name: text(strings, long(place, 8)?)?,
            });
            version = step(place, long(place, 12)?);
        }
        all.push(Need { at, revision: half(at, 0)?, file: text(strings, long(at, 4)?)?, versions });
        next = step(at, long(at, 12)?);
    }
    Ok(all)
}
