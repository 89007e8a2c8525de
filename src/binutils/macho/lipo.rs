//! `lipo`: makes universal files, takes them apart, and says what is in them. What it writes is what LLVM's lipo writes,
//! byte for byte.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::slices;
use super::words::{Found, Spec, Word};
use crate::binutils::copy::files;
use crate::binutils::{Out, Tool, options};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::macho::fat::{Fat, MAX_ALIGN, Slice};
use crate::macho::names;

#[derive(Clone, Copy, PartialEq)]
enum O {
    Create,
    Info,
    Archs,
    Detailed,
    Thin,
    Extract,
    Family,
    Remove,
    Replace,
    Verify,
    Arch,
    Output,
    Align,
    Fat64,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Lipo,
    usage: "input... ACTION [option...]",
    bundles: false,
    options: &[
        Word(O::Create, &["-create", "-c", "--create"], &[], "Make one universal file of the inputs"),
        Word(O::Info, &["-info", "-i", "--info"], &[], "Name the architectures of the inputs"),
        Word(O::Archs, &["-archs", "--archs"], &[], "Name the architectures of the input, and nothing else"),
        Word(O::Detailed, &["-detailed_info", "-d", "--detailed_info"], &[], "Show the universal header"),
        Word(O::Thin, &["-thin", "-t", "--thin"], &["arch"], "Write one architecture as a thin file"),
        Word(O::Extract, &["-extract", "-e", "--extract"], &["arch"], "Write architectures as a universal file"),
        Word(O::Family, &["-extract_family"], &["arch"], "The same, with all architectures of the processor"),
        Word(O::Remove, &["-remove", "-r", "--remove"], &["arch"], "Write a universal file without architectures"),
        Word(O::Replace, &["-replace", "--replace"], &["arch", "file"], "Write a universal file with another slice"),
        Word(
            O::Verify,
            &["-verify_arch", "-v", "--verify_arch"],
            &[],
            "Succeed if the input has the architectures that follow",
        ),
        Word(O::Arch, &["-arch", "-a"], &["arch", "file"], "An input that is of the architecture"),
        Word(O::Output, &["-output", "-o", "--output"], &["file"], "Where to write"),
        Word(O::Align, &["-segalign", "-s", "--segalign"], &["arch", "hex"], "Align the slice, in hexadecimal"),
        Word(O::Fat64, &["-fat64"], &[], "Write 64-bit offsets"),
    ],
};

/// What was asked.
#[derive(Default)]
struct Job {
    actions: Vec<(&'static str, Option<OsString>)>,
    inputs: Vec<(Option<OsString>, PathBuf)>,
    replacements: Vec<(OsString, PathBuf)>,
    aligns: Vec<(OsString, u32)>,
    output: Option<PathBuf>,
    verified: Vec<OsString>,
    wide: bool,
}

pub(in crate::binutils) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some(found) = SPEC.parse(argv, env, out)? else { return Ok(0) };
    let mut job = Job::default();
    for found in found {
        match found {
            Found::Operand(operand) => match job.actions.last() {
                // All that follows are names of architectures.
                Some(("-verify_arch", _)) => job.verified.push(operand),
                _ => job.inputs.push((None, operand.into())),
            },
            Found::Option(option, values) => job.option(option, values)?,
        }
    }
    job.run(out)
}

impl Job {
    fn option(&mut self, option: O, values: Vec<OsString>) -> Result<()> {
        let mut values = values.into_iter();
        let mut value = || values.next().unwrap_or_default();
        let action = match option {
            O::Create => ("-create", None),
            O::Info => ("-info", None),
            O::Archs => ("-archs", None),
            O::Detailed => ("-detailed_info", None),
            O::Verify => ("-verify_arch", None),
            O::Thin => ("-thin", Some(value())),
            O::Extract => ("-extract", Some(value())),
            O::Family => ("-extract_family", Some(value())),
            O::Remove => ("-remove", Some(value())),
            O::Replace => {
                self.replacements.push((value(), value().into()));
                ("-replace", None)
            }
            O::Arch => {
                self.inputs.push((Some(value()), value().into()));
                return Ok(());
            }
            O::Output => {
                if self.output.replace(value().into()).is_some() {
                    return Err(Error::message("only one '-output' can be given"));
                }
                return Ok(());
            }
            O::Align => {
                let (arch, text) = (value(), value());
                self.aligns.push((arch, alignment(&text)?));
                return Ok(());
            }
            O::Fat64 => {
                self.wide = true;
                return Ok(());
            }
        };
        self.actions.push(action);
        Ok(())
    }

    fn run(self, out: &mut Out) -> Result<i32> {
        let kinds: Vec<&str> = self.actions.iter().map(|action| action.0).collect();
        let Some(kind) = kinds.first().copied() else {
            return Err(Error::with_help(
                "no action is given",
                "say one of -create, -info, -archs, -detailed_info, -thin, -extract, -remove, -replace, -verify_arch",
            ));
        };
        if let Some(other) = kinds.iter().find(|other| **other != kind) {
            return Err(Error::message(format!("'{kind}' and '{other}' cannot be given together")));
        }
        if self.inputs.is_empty() {
            return Err(Error::message("no input files"));
        }
        match kind {
            "-info" => return self.info(out),
            "-create" => return self.create(),
            "-archs" => return self.archs(out),
            "-detailed_info" => return self.detailed(out),
            _ => {}
        }
        let [(_, input)] = &self.inputs[..] else {
            return Err(Error::message(format!("'{kind}' takes one input")));
        };
        let (slices, fat) = slices(input)?;
        let archs: Vec<&OsStr> = self.actions.iter().filter_map(|action| action.1.as_deref()).collect();
        for arch in archs.iter().copied().chain(self.verified.iter().map(|arch| &**arch)) {
            known(arch)?;
        }
        if kind == "-verify_arch" {
            if self.verified.is_empty() {
                return Err(Error::MissingValue { option: "-verify_arch".into() });
            }
            let has = |arch: &OsString| slices.iter().any(|slice| *arch == *slice.name());
            return Ok(i32::from(!self.verified.iter().all(has)));
        }
        let shown = input.display();
        if !fat && kind != "-thin" {
            return Err(Error::message(format!(
                "input file ({shown}) must be a fat file when the '{kind}' option is specified"
            )));
        }
        let missing = |arch: &OsStr| {
            let arch = arch.to_string_lossy();
            Error::message(format!(
                "fat input file ({shown}) does not contain the specified architecture ({arch}) to {}",
                &kind[1..]
            ))
        };
        let named = |arch: &OsStr| slices.iter().find(|slice| *arch == *slice.name()).ok_or_else(|| missing(arch));
        let chosen: Vec<&Slice<'_>> = match kind {
            "-extract_family" => Vec::new(),
            _ => archs.iter().map(|arch| named(arch)).collect::<Result<_>>()?,
        };
        let is_chosen = |slice: &&Slice<'_>| chosen.iter().any(|chosen| chosen.arch() == slice.arch());
        let rest = match kind {
            "-thin" => {
                let [slice] = &chosen[..] else {
                    return Err(Error::message("'-thin' is given more than once"));
                };
                return self.write(input, &slice.data);
            }
            "-extract" => slices.iter().filter(is_chosen).cloned().collect(),
            "-extract_family" => {
                let cpus: Vec<u32> = archs.iter().filter_map(|arch| Some(known(arch).ok()?.0)).collect();
                slices.iter().filter(|slice| cpus.contains(&slice.cpu)).cloned().collect()
            }
            "-remove" => slices.iter().filter(|slice| !is_chosen(slice)).cloned().collect::<Vec<_>>(),
            _ => self.replaced(slices.clone(), &missing)?,
        };
        if rest.is_empty() {
            return Err(Error::message("there is no architecture left to write"));
        }
        self.universal(input, rest)
    }

    /// The inputs, each with its slices; checked against what `-arch` says.
    fn read(&self) -> Result<Vec<(&Path, Vec<Slice<'static>>, bool)>> {
        let mut all = Vec::new();
        for (arch, path) in &self.inputs {
            let (slices, fat) = input(path)?;
            if let Some(arch) = arch {
                known(arch)?;
                if !slices.iter().any(|slice| **arch == *slice.name()) {
                    let (arch, shown) = (arch.to_string_lossy(), path.display());
                    return Err(Error::message(format!(
                        "specified architecture: {arch} for file: {shown} does not match the file's architecture"
                    )));
                }
            }
            all.push((path.as_path(), slices, fat));
        }
        Ok(all)
    }

    fn info(&self, out: &mut Out) -> Result<i32> {
        let all = self.read()?;
        for (path, slices, _) in all.iter().filter(|row| row.2) {
            let names: String = slices.iter().map(|slice| slice.name() + " ").collect();
            out.text(format!("Architectures in the fat file: {} are: {names}\n", path.display()))?;
        }
        for (path, slices, _) in all.iter().filter(|row| !row.2) {
            let names: String = slices.iter().map(Slice::name).collect();
            out.text(format!("Non-fat file: {} is architecture: {names}\n", path.display()))?;
        }
        Ok(0)
    }

    fn archs(&self, out: &mut Out) -> Result<i32> {
        if self.inputs.len() > 1 {
            return Err(Error::message("'-archs' takes one input"));
        }
        for (_, slices, _) in self.read()? {
            let names: Vec<String> = slices.iter().map(Slice::name).collect();
            out.text(names.join(" ") + "\n")?;
        }
        Ok(0)
    }

    fn detailed(&self, out: &mut Out) -> Result<i32> {
        let all = self.read()?;
        for (path, slices, _) in all.iter().filter(|row| row.2) {
            let magic = fs::read(path).map_err(Error::io("read", path))?.starts_with(&[0xca, 0xfe, 0xba, 0xbf]);
            let magic = if magic { "FAT_MAGIC_64" } else { "FAT_MAGIC" };
            out.text(format!(
                "Fat header in: {}\nfat_magic {}\n",
                path.display(),
                match magic {
                    "FAT_MAGIC" => "0xcafebabe",
                    _ => "0xcafebabf",
                }
            ))?;
            out.text(format!("nfat_arch {}\n", slices.len()))?;
            for slice in slices {
                out.text(detail(slice))?;
            }
        }
        for (path, slices, _) in all.iter().filter(|row| !row.2) {
            let names: String = slices.iter().map(Slice::name).collect();
            let path = path.display();
            out.text(format!("input file {path} is not a fat file\nNon-fat file: {path} is architecture: {names}\n"))?;
        }
        Ok(0)
    }

    fn create(&self) -> Result<i32> {
        let mut all: Vec<(&Path, Slice<'static>)> = Vec::new();
        for (path, slices, _) in self.read()? {
            for slice in slices {
                if let Some((other, _)) = all.iter().find(|(_, other)| other.arch() == slice.arch()) {
                    return Err(Error::message(format!(
                        "{} and {} have the same architectures ({}) and can't be in the same fat output file",
                        other.display(),
                        path.display(),
                        slice.name()
                    )));
                }
                all.push((path, slice));
            }
        }
        let like = all.first().map_or(Path::new(""), |row| row.0);
        self.universal(like, all.into_iter().map(|row| row.1).collect())
    }

    fn replaced(&self, mut all: Vec<Slice<'static>>, missing: &dyn Fn(&OsStr) -> Error) -> Result<Vec<Slice<'static>>> {
        for (arch, path) in &self.replacements {
            known(arch)?;
            let (slices, fat) = input(path)?;
            let new = slices.into_iter().next().filter(|slice| !fat && **arch == *slice.name());
            let new = new.ok_or_else(|| {
                let (arch, path) = (arch.to_string_lossy(), path.display());
                Error::message(format!(
                    "specified architecture: {arch} for replacement file: {path} does not match the file's architecture"
                ))
            })?;
            let old = all.iter_mut().find(|slice| slice.arch() == new.arch());
            *old.ok_or_else(|| missing(arch))? = new;
        }
        Ok(all)
    }

    fn universal(&self, like: &Path, slices: Vec<Slice<'static>>) -> Result<i32> {
        let mut file = Fat { slices, wide: self.wide };
        for (arch, align) in &self.aligns {
            known(arch)?;
            let slice = file.slices.iter_mut().find(|slice| **arch == *slice.name());
            let missing = || {
                format!(
                    "-segalign {} specified but resulting fat file does not contain that architecture",
                    arch.to_string_lossy()
                )
            };
            slice.ok_or_else(|| Error::message(missing()))?.align = *align;
        }
        file.sort();
        self.write(like, &file.write().map_err(Error::message)?)
    }

    fn write(&self, like: &Path, data: &[u8]) -> Result<i32> {
        let output = self.output.as_deref().ok_or_else(|| Error::MissingValue { option: "-output".into() })?;
        let meta = fs::metadata(like).map_err(Error::io("read", like))?;
        files::write(output, data, Some(&meta)).map(|()| 0)
    }
}

/// The slices of a file, or Apple's words of what is none: scripts look for them.
fn input(path: &Path) -> Result<(Vec<Slice<'static>>, bool)> {
    if let Err(error) = fs::File::open(path) {
        let text = error.to_string();
        let text = text.split(" (os error").next().unwrap_or(&text);
        return Err(Error::message(format!("can't open input file: {} ({text})", path.display())));
    }
    slices(path).map_err(|error| match error.to_string().contains("file format not recognized") {
        true => Error::with_help(
            format!("can't figure out the architecture type of: {}", path.display()),
            "it is no Mach-O file and no archive of them",
        ),
        false => error,
    })
}

fn known(arch: &OsStr) -> Result<(u32, u32)> {
    let found = arch.to_str().and_then(names::arch_of_name);
    found.ok_or_else(|| {
        let all: Vec<&str> = names::arch_names().collect();
        let text = format!("unknown architecture specification flag: {}", arch.to_string_lossy());
        Error::with_help(text, format!("known architecture flags are: {}", all.join(" ")))
    })
}

/// `1000` or `0x1000` as a power of two.
fn alignment(text: &OsStr) -> Result<u32> {
    let digits = text.to_str().map(|text| text.trim_start_matches("0x"));
    let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let value = value.filter(|value| value.is_power_of_two() && value.trailing_zeros() <= MAX_ALIGN);
    value.map(u32::trailing_zeros).ok_or_else(|| options::bad_value("-segalign", text))
}

/// A slice as the universal header has it, in names.
pub(super) fn detail(slice: &Slice<'_>) -> String {
    let (cpu, subtype) = constants(slice);
    lines(slice, &slice.name(), &cpu, &subtype)
}

/// The same in numbers.
pub(super) fn numbers(slice: &Slice<'_>, name: &str) -> String {
    lines(slice, name, &slice.cpu.to_string(), &(slice.subtype & !names::SUBTYPE_FLAGS).to_string())
}

fn lines(slice: &Slice<'_>, name: &str, cpu: &str, subtype: &str) -> String {
    format!(
        "architecture {name}\n    cputype {cpu}\n    cpusubtype {subtype}\n    capabilities {:#x}\n    offset {}\n    size {}\n    align 2^{} ({})\n",
        slice.subtype >> 24,
        slice.offset,
        slice.data.len(),
        slice.align,
        1 << slice.align
    )
}

/// The names of the constants of a processor.
fn constants(slice: &Slice<'_>) -> (String, String) {
    const NAMES: &[(&str, &str, &str)] = &[
        ("arm64", "CPU_TYPE_ARM64", "CPU_SUBTYPE_ARM64_ALL"),
        ("arm64v8", "CPU_TYPE_ARM64", "CPU_SUBTYPE_ARM64_V8"),
        ("arm64e", "CPU_TYPE_ARM64", "CPU_SUBTYPE_ARM64E"),
        ("arm64_32", "CPU_TYPE_ARM64_32", "CPU_SUBTYPE_ARM64_32_V8"),
        ("x86_64", "CPU_TYPE_X86_64", "CPU_SUBTYPE_X86_64_ALL"),
        ("x86_64h", "CPU_TYPE_X86_64", "CPU_SUBTYPE_X86_64_H"),
        ("i386", "CPU_TYPE_I386", "CPU_SUBTYPE_I386_ALL"),
        ("armv7", "CPU_TYPE_ARM", "CPU_SUBTYPE_ARM_V7"),
        ("armv7s", "CPU_TYPE_ARM", "CPU_SUBTYPE_ARM_V7S"),
        ("armv7k", "CPU_TYPE_ARM", "CPU_SUBTYPE_ARM_V7K"),
    ];
    let name = slice.name();
    match NAMES.iter().find(|row| row.0 == name) {
        Some((_, cpu, subtype)) => ((*cpu).to_owned(), (*subtype).to_owned()),
        None => (slice.cpu.to_string(), (slice.subtype & !names::SUBTYPE_FLAGS).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_option_is_given_twice() {
        SPEC.check();
    }

    #[test]
    fn alignments_are_powers_of_two_in_hexadecimal() {
        for (text, align) in [("1000", 12), ("0x4000", 14), ("1", 0), ("8000", 15)] {
            assert_eq!(alignment(OsStr::new(text)).unwrap(), align, "{text}");
        }
        for text in ["3", "10000", "x", ""] {
            assert!(alignment(OsStr::new(text)).is_err(), "{text}");
        }
    }
}
