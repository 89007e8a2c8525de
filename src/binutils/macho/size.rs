//! `size` for Mach-O: the sums of Apple's segments, or with `-m` every section.

use super::each_part;
use crate::binutils::in_file;
use crate::error::Result;
use crate::macho::Image;
use crate::macho::names::MH_OBJECT;

/// A Mach-O file in the file given, and how it is named.
pub(in crate::binutils) struct Sized {
    pub(in crate::binutils) name: String,
    /// `__TEXT`, `__DATA`, `__OBJC`, all others.
    pub(in crate::binutils) segments: [u64; 4],
    /// Name, size and address of every section.
    pub(in crate::binutils) sections: Vec<(String, u64, u64)>,
    /// The text of `-m`.
    pub(in crate::binutils) words: String,
}

impl Sized {
    /// A line of sums, after the head if it is the first.
    pub(in crate::binutils) fn row(&self, first: bool, several: bool) -> String {
        let head = if first { "__TEXT\t__DATA\t__OBJC\tothers\tdec\thex\n" } else { "" };
        let [text, data, objc, others] = self.segments;
        let sum = self.segments.iter().fold(0u64, |sum, size| sum.saturating_add(*size));
        let name = if several { &self.name } else { "" };
        format!("{head}{text}\t{data}\t{objc}\t{others}\t{sum}\t{sum:x}\t{name}\n")
    }
}

impl Sized {
    /// Every section with its size and address, in columns.
    pub(in crate::binutils) fn table(&self, number: &dyn Fn(u64) -> String) -> String {
        let total = self.sections.iter().fold(0u64, |sum, section| sum.saturating_add(section.1));
        let widest = |least: &str, texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0).max(least.len());
        let names = widest("section", &mut self.sections.iter().map(|section| section.0.chars().count()));
        let sizes = self.sections.iter().map(|section| section.1).chain([total]).map(|size| number(size).len());
        let sizes = widest("size", &mut { sizes });
        let addresses = widest("addr", &mut self.sections.iter().map(|section| number(section.2).len()));
        let mut text =
            format!("{}  :\n{:<names$}   {:>sizes$}   {:>addresses$}\n", self.name, "section", "size", "addr");
        for (name, size, address) in &self.sections {
            text.push_str(&format!("{name:<names$}   {:>sizes$}   {:>addresses$}\n", number(*size), number(*address)));
        }
        text + &format!("{:<names$}   {:>sizes$}\n\n\n", "Total", number(total))
    }
}

pub(in crate::binutils) fn all(shown: &str, data: &[u8], arch: Option<&str>) -> Result<Vec<Sized>> {
    let mut found = Vec::new();
    each_part(shown, data, arch, &mut |part| {
        let mut name = shown.to_owned();
        if let Some(member) = &part.member {
            name = format!("{name}({member})");
        }
        let image = Image::parse(part.data).map_err(in_file(&name))?;
        if let Some(arch) = part.arch.as_ref().filter(|_| arch.is_none_or(|arch| arch == "all")) {
            name = format!("{name} (for architecture {arch})");
        }
        let sections = image.sections().map(|section| (section.name.clone(), section.size, section.address)).collect();
        found.push(Sized { name, segments: sums(&image), sections, words: words(&image) });
        Ok(())
    })?;
    Ok(found)
}

fn sums(image: &Image<'_>) -> [u64; 4] {
    let mut sums = [0u64; 4];
    let mut add = |name: &str, size: u64| {
        let at = ["__TEXT", "__DATA", "__OBJC"].iter().position(|known| *known == name).unwrap_or(3);
        sums[at] = sums[at].saturating_add(size);
    };
    for segment in &image.segments {
        match image.kind {
            MH_OBJECT => segment.sections.iter().for_each(|section| add(&section.segment, section.size)),
            _ => add(&segment.name, segment.size),
        }
    }
    sums
}

fn words(image: &Image<'_>) -> String {
    let (mut text, mut total) = (String::new(), 0u64);
    let object = image.kind == MH_OBJECT;
    for segment in &image.segments {
        text.push_str(&format!("Segment {}: {}\n", segment.name, segment.size));
        total = total.saturating_add(segment.size);
        let mut sum = 0u64;
        for section in &segment.sections {
            sum = sum.saturating_add(section.size);
            text.push_str(&match object {
                true => format!("\tSection ({}, {}): {}\n", section.segment, section.name, section.size),
                false => format!("\tSection {}: {}\n", section.name, section.size),
            });
        }
        if !segment.sections.is_empty() {
            text.push_str(&format!("\ttotal {sum}\n"));
        }
    }
    text + &format!("total {total}\n")
}
