//! `ld` for Mach-O: ld64's command line, as clang's driver for Apple's systems and build tools write it, for the LLD that
//! is on the machine, and without one for zig's own linker (`darwin_ld/zig.rs`): zig has no LLD of this kind inside.
//!
//! Every option of ld64 is a row in `darwin_ld/options.rs`; one that is no row is LLD's to judge.

mod linkers;
mod options;
mod stack_size;
mod zig;

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::command::Command;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::macho::{self, Image};
use crate::sysroot;
use crate::target::Target;
use crate::target::macos::Version;
use crate::whole_file;
use options::{JOINED, OPTIONS, Opt, Then};

/// An object's load commands are in its first bytes.
const HEAD: u64 = 64 << 10;

/// Rust's is of the newest LLVM.
pub(crate) const NEWER_LLD: &str = "a newer one does: install Rust with rustup, or name a newer ld64.lld in XCC_DARWIN_LINKER, or leave the option out";

/// The first option that LLD says it has done nothing about. Its older versions pass over some that a row says `Pass` of.
pub(crate) fn passed_over(said: &str) -> Option<&str> {
    let options = said.lines().filter_map(|line| {
        // Colours may be between the two.
        let (before, said) = line.split_once("Option `")?;
        let (option, what) = said.split_once("' ").filter(|_| before.contains("warning: "))?;
        let is_one = what.starts_with("is not yet implemented") || what.starts_with("is undocumented");
        // It is about messages alone.
        (is_one && option != "-w").then_some(option)
    });
    options.into_iter().next()
}

/// Does the command line ask for a Mach-O file?
pub(crate) fn is_macho(argv: &[OsString]) -> bool {
    let is_machine = |name: &OsStr| name == "arm64" || name == "x86_64" || name == "arm64e";
    argv.windows(2).any(|pair| pair[0] == "-arch" && is_machine(&pair[1]))
}

/// The words for a linker that is called directly: what clang's driver would say of the target.
pub(crate) fn for_target(target: Target, argv: Vec<OsString>) -> Vec<OsString> {
    let has = |names: &[&str]| argv.iter().any(|word| names.iter().any(|name| word == *name));
    let mut words: Vec<OsString> = Vec::with_capacity(argv.len() + 6);
    if !has(&["-arch"]) {
        words.extend(["-arch".into(), target.row.emulation.into()]);
    }
    if let Some(version) = target.macos_version()
        && !has(&["-platform_version", "-macos_version_min", "-macosx_version_min"])
    {
        let version = version.to_string();
        words.extend(["-platform_version".into(), "macos".into(), version.clone().into(), version.into()]);
    }
    words.extend(argv);
    words
}

/// A link for macOS, ready to run.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) command: Command,
    /// What the user should know of a link that works.
    pub(crate) notes: Vec<String>,
    /// The file that it makes.
    output: PathBuf,
    /// Signed where the system asks for it: not with `-no_adhoc_codesign`, after which somebody else signs.
    is_signed: bool,
    /// What zig's linker leaves to do.
    after: Option<zig::After>,
    /// What no linker of the two writes.
    stack_size: Option<u64>,
    bind_at_load: bool,
    /// Stubs made for this link; they go with it.
    _stubs: Option<TempDir>,
}

/// The LLD that links for macOS on this machine; `None` where it is zig's own linker.
///
/// # Errors
/// A configured one that is not there.
pub(crate) fn linker(env: &Env) -> Result<Option<PathBuf>> {
    Ok(linkers::find(env)?.map(|linker| linker.path))
}

/// Reads the line, and finds the linker.
///
/// # Errors
/// An option that LLD cannot honour, a value that is missing, no linker on the machine.
pub(crate) fn link(argv: &[OsString], zig: PathBuf, env: &Env) -> Result<Link> {
    let mut line = Line::read(argv)?;
    let mut notes = Vec::new();
    let stubs = line.complete_frameworks(&mut notes)?;
    if line.raise_minimum {
        let newest = line.inputs.iter().filter_map(|input| minimum_of(&env.cwd.join(input))).max();
        newest.into_iter().for_each(|newest| line.raise(newest));
    }
    if line.stack_size.is_some() && line.is_library {
        return Err(Error::message("-stack_size option can only be used when linking a main executable"));
    }
    let is_signed = !argv.iter().any(|word| word == "-no_adhoc_codesign");
    let (stack_size, bind_at_load) = (line.stack_size, line.bind_at_load);
    let given = line.output.take().unwrap_or_else(|| "a.out".into());
    let output = env.cwd.join(&given);
    let (command, after) = match linkers::find(env)? {
        Some(linker) => {
            let mut args: Vec<OsString> = linker.flavour.iter().map(OsString::from).collect();
            args.append(&mut line.into_words());
            (Command { program: linker.path, args, set: Vec::new() }, None)
        }
        None => {
            let (command, after) = zig::link(line, &given, zig, env)?;
            (command, Some(after))
        }
    };
    Ok(Link { command, notes, output, is_signed, after, stack_size, bind_at_load, _stubs: stubs })
}

impl Link {
    /// Whether the linker is LLD.
    pub(crate) fn is_llds(&self) -> bool {
        self.after.is_none()
    }

    /// Looks at what the linker has made, as dyld and the kernel will: a file that they would refuse is better refused here.
    ///
    /// # Errors
    /// Something is wrong with the file, or the linker has passed an option over. The file is removed then.
    pub(crate) fn finish(&self, passed_over: Option<&str>) -> Result<()> {
        // `/dev/null` is an output of build tools' questions.
        let is_file = |path: &Path| fs::metadata(path).map_or(self.after.is_some(), |meta| meta.is_file());
        let output = &self.output;
        if !is_file(output) {
            return Ok(());
        }
        if let Some(option) = passed_over {
            fs::remove_file(output).map_err(Error::io("remove", output))?;
            return Err(Error::with_help(format!("this LLD does not know '{option}'"), NEWER_LLD));
        }
        let made = self.after.as_ref().map_or(output.as_path(), zig::After::made);
        let linked = fs::read(made).map_err(Error::io("read", made))?;
        let data = self.complete(Cow::Borrowed(&linked)).map_err(|what| {
            let message = format!("'{}' cannot be made what was asked for: {what}", output.display());
            Error::with_help(message, "this is a fault of the linker; name another in XCC_DARWIN_LINKER")
        })?;
        let findings = if self.is_signed { macho::check::check(&data) } else { macho::check::check_unsigned(&data) };
        if let Some(finding) = findings.into_iter().next() {
            // zig's file is beside; what was at the output's place before it is as good as it was.
            if self.after.is_none() {
                fs::remove_file(output).map_err(Error::io("remove", output))?;
            }
            return Err(Error::with_help(
                format!("the linker's '{}' would not be loaded: {finding}", output.display()),
                "this is a fault of the linker; name another in XCC_DARWIN_LINKER",
            ));
        }
        if matches!(data, Cow::Owned(_)) {
            whole_file::replace(made, &data)?;
        }
        // A new file: the kernel remembers the signature of an old one.
        if made == output { Ok(()) } else { fs::rename(made, output).map_err(Error::io("write", output)) }
    }

    /// What the linker has left to do.
    fn complete<'d>(&self, mut data: Cow<'d, [u8]>) -> macho::Result<Cow<'d, [u8]>> {
        if let Some(after) = &self.after {
            data = after.change(data.into_owned())?.into();
        }
        if let Some(size) = self.stack_size {
            data = stack_size::set(&data, size)?.into();
        }
        if self.bind_at_load {
            data = macho::modes::bind_at_load(&data)?.into();
        }
        Ok(data)
    }
}

/// ld64's words, read.
#[derive(Debug, Default)]
struct Line {
    /// All that LLD gets, but for what follows.
    words: Vec<OsString>,
    /// The oldest macOS, and the SDK's version.
    minimum: Option<OsString>,
    sdk: Option<OsString>,
    rpaths: Vec<OsString>,
    /// Names without the suffix that may follow a comma.
    frameworks: Vec<String>,
    framework_dirs: Vec<PathBuf>,
    output: Option<PathBuf>,
    /// What clang calls the file of all architectures while it makes that of one.
    final_output: Option<OsString>,
    /// A library or a bundle, not a program.
    is_library: bool,
    /// Of a program's first thread, in bytes.
    stack_size: Option<u64>,
    bind_at_load: bool,
    roots: Vec<PathBuf>,
    /// Files to link.
    inputs: Vec<OsString>,
    /// The oldest macOS is xcc's default, and no later option is another.
    raise_minimum: bool,
}

impl Line {
    fn read(argv: &[OsString]) -> Result<Line> {
        let mut line = Line { words: Vec::with_capacity(argv.len() + 4), ..Line::default() };
        let mut rest = argv.iter();
        while let Some(word) = rest.next() {
            let Some((opt, joined)) = option(word) else {
                line.inputs.extend((!word.as_encoded_bytes().starts_with(b"-")).then(|| word.clone()));
                line.words.push(word.clone());
                continue;
            };
            let count = if opt.values == JOINED { usize::from(joined.is_none()) } else { usize::from(opt.values) };
            let values: Vec<&OsString> = rest.by_ref().take(count).collect();
            if values.len() < count {
                return Err(Error::MissingValue { option: opt.name.to_owned() });
            }
            line.take(word, opt, joined, &values)?;
        }
        Ok(line)
    }

    fn take(&mut self, word: &OsString, opt: &Opt, joined: Option<&str>, values: &[&OsString]) -> Result<()> {
        match opt.then {
            Then::Drop => return Ok(()),
            Then::Refuse => {
                return Err(Error::with_help(
                    format!("unsupported option '{}' for a Mach-O file", word.to_string_lossy()),
                    opt.why,
                ));
            }
            Then::Platform => {
                if values[0] != "macos" && values[0] != "1" {
                    let system = values[0].to_string_lossy();
                    return Err(Error::with_help(format!("unsupported platform '{system}'"), "the target is macOS"));
                }
                self.raise_minimum &= self.minimum.is_none();
                self.minimum = Some(values[1].clone());
                self.sdk = Some(values[2].clone());
                return Ok(());
            }
            Then::Minimum => {
                self.raise_minimum = false;
                self.minimum = Some(values[0].clone());
                return Ok(());
            }
            Then::Sdk => {
                self.sdk = Some(values[0].clone());
                return Ok(());
            }
            Then::RaiseMinimum => {
                self.raise_minimum = true;
                return Ok(());
            }
            Then::NoPie => {
                if !self.is_arm64() {
                    self.words.push(word.clone());
                }
                return Ok(());
            }
            Then::StripAll => {
                self.words.extend(["-S".into(), "-x".into()]);
                return Ok(());
            }
            Then::BindAtLoad => {
                self.bind_at_load = true;
                return Ok(());
            }
            Then::StackSize => {
                self.stack_size = Some(stack_size::parse(values[0])?);
                return Ok(());
            }
            Then::Rpath => {
                if self.rpaths.contains(values[0]) {
                    return Ok(());
                }
                self.rpaths.push(values[0].clone());
            }
            Then::Framework => {
                let name = values[0].to_string_lossy();
                self.frameworks.push(name.split(',').next().unwrap_or(&name).to_owned());
            }
            Then::Pass => match opt.name {
                "-F" => self.framework_dirs.push(joined.map_or_else(|| values[0].into(), PathBuf::from)),
                "-o" => self.output = Some(values[0].into()),
                "-final_output" => self.final_output = Some(values[0].clone()),
                "-dylib" | "-bundle" => self.is_library = true,
                "-syslibroot" => self.roots.push(values[0].into()),
                "-pagezero_size" => self.whole_pages(opt.name, values[0])?,
                _ => {}
            },
        }
        self.words.push(word.clone());
        self.words.extend(values.iter().map(|value| (*value).clone()));
        Ok(())
    }

    /// LLD would round a size down, a small one to no segment at all. ld64 reads hexadecimal digits.
    fn whole_pages(&self, option: &str, value: &OsStr) -> Result<()> {
        let page = if self.is_arm64() { 0x4000 } else { 0x1000 };
        let digits = value.to_str().map(|text| text.trim_start_matches("0x"));
        let size = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        if size.is_some_and(|size| size.is_multiple_of(page)) {
            return Ok(());
        }
        let message = format!("invalid value '{}' in '{option}'", value.to_string_lossy());
        Err(Error::with_help(message, format!("it is a number of bytes in hexadecimal, in pages of {page:#x}")))
    }

    /// `-arch` comes first on the lines of compilers.
    fn is_arm64(&self) -> bool {
        self.words.windows(2).any(|pair| pair[0] == "-arch" && pair[1] != "x86_64")
    }

    /// What xcc knows of frameworks beyond their stubs, and empty stubs of those that it has never heard of: their names are
    /// enough to ask dyld for them. Only where the libraries are xcc's own; an SDK knows what it has.
    fn complete_frameworks(&mut self, notes: &mut Vec<String>) -> Result<Option<TempDir>> {
        let Some(root) = self.roots.first().filter(|root| sysroot::is_own(root)) else { return Ok(None) };
        let system = root.join("System/Library/Frameworks");
        let mut names: Vec<&String> = self.frameworks.iter().collect();
        names.sort_unstable();
        names.dedup();
        let mut unknown: Vec<&String> = Vec::new();
        for name in names {
            let bundle = format!("{name}.framework");
            let mut dirs = self.framework_dirs.iter().chain([&system]).map(|dir| dir.join(&bundle));
            let Some(found) = dirs.find(|dir| dir.exists()) else {
                unknown.push(name);
                continue;
            };
            let words = found.join(sysroot::DECLARED_WORDS);
            if found.starts_with(&system) && words.exists() {
                let mut file = OsString::from("@");
                file.push(words);
                self.words.push(file);
            }
        }
        if unknown.is_empty() {
            return Ok(None);
        }
        let dir = tempfile::Builder::new().prefix("xcc-frameworks-").tempdir();
        let dir = dir.map_err(Error::io("create", "a temporary directory"))?;
        for name in unknown {
            let bundle = dir.path().join(format!("{name}.framework"));
            fs::create_dir_all(&bundle).map_err(Error::io("create", &bundle))?;
            let stub = bundle.join(format!("{name}.tbd"));
            let install_name = format!("/System/Library/Frameworks/{name}.framework/Versions/A/{name}");
            let text = format!(
                "--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos, arm64-macos ]\ninstall-name: '{install_name}'\n...\n"
            );
            fs::write(&stub, text).map_err(Error::io("write", &stub))?;
            notes.push(format!(
                "nothing is known of framework '{name}': it is linked as '{install_name}', without symbols"
            ));
        }
        let mut option = OsString::from("-F");
        option.push(dir.path());
        self.words.push(option);
        Ok(Some(dir))
    }

    /// An older macOS than `newest` would not run the program: its objects may use what came with that.
    fn raise(&mut self, newest: Version) {
        for version in [&mut self.minimum, &mut self.sdk].into_iter().flatten() {
            if version.to_str().and_then(Version::parse).is_some_and(|asked| asked < newest) {
                *version = newest.to_string().into();
            }
        }
    }

    /// LLD's words.
    fn into_words(self) -> Vec<OsString> {
        let mut words = Vec::with_capacity(self.words.len() + 4);
        if let Some(minimum) = self.minimum {
            let sdk = self.sdk.unwrap_or_else(|| minimum.clone());
            words.extend(["-platform_version".into(), "macos".into(), minimum, sdk]);
        }
        words.extend(self.words);
        words
    }
}

/// The oldest macOS that an object is for; `None` for every other file.
fn minimum_of(object: &Path) -> Option<Version> {
    let mut head = Vec::new();
    File::open(object).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    let (platform, version) = Image::parse(&head).ok()?.minimum()?;
    let [_, minor, low, high] = version.to_le_bytes();
    let version = Version { major: u16::from_le_bytes([low, high]), minor: minor.into() };
    (platform == macho::names::PLATFORM_MACOS).then_some(version)
}

/// The row of a word, and a value in the word itself. `None` for an input and for what is LLD's alone.
fn option(word: &OsStr) -> Option<(&'static Opt, Option<&str>)> {
    let text = word.to_str().filter(|text| text.starts_with('-'))?;
    // Whole words first: -search_paths_first is no -s, -load_hidden no -l.
    if let Some(opt) = OPTIONS.iter().find(|opt| opt.name == text) {
        return Some((opt, None));
    }
    let joined = OPTIONS.iter().filter(|opt| opt.values == JOINED);
    joined.filter_map(|opt| Some((opt, Some(text.strip_prefix(opt.name)?)))).max_by_key(|(opt, _)| opt.name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Vec<String>> {
        let argv: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Ok(Line::read(&argv)?.into_words().into_iter().map(|word| word.into_string().unwrap()).collect())
    }

    fn words(line: &str) -> String {
        read(line).unwrap_or_else(|error| panic!("{line}: {error}")).join(" ")
    }

    #[test]
    fn the_later_version_wins_and_stands_once() {
        assert_eq!(
            words("-platform_version macos 11.0.0 11.0.0 a.o -macosx_version_min 12.3"),
            "-platform_version macos 12.3 11.0.0 a.o"
        );
        assert_eq!(words("-macos_version_min 11.0 a.o"), "-platform_version macos 11.0 11.0 a.o");
        assert!(read("-platform_version ios 14.0 14.0").is_err());
    }

    #[test]
    fn a_version_is_raised_to_that_of_the_objects_and_never_lowered() {
        let raised = |major, minor| {
            let argv =
                ["-platform_version", "macos", "11.0.0", "12.1", "-xcc_raise_minimum", "a.o"].map(OsString::from);
            let mut line = Line::read(&argv).unwrap();
            assert!(line.raise_minimum && line.inputs == ["a.o"]);
            line.raise(Version { major, minor });
            line.into_words().join(OsStr::new(" ")).into_string().unwrap()
        };
        assert_eq!(raised(13, 0), "-platform_version macos 13.0 13.0 a.o");
        assert_eq!(raised(12, 0), "-platform_version macos 12.0 12.1 a.o");
        assert_eq!(raised(10, 12), "-platform_version macos 11.0.0 12.1 a.o");
        let argv = ["-platform_version", "macos", "11.0", "11.0", "-xcc_raise_minimum", "-macos_version_min", "11.0"];
        assert!(!Line::read(&argv.map(OsString::from)).unwrap().raise_minimum);
    }

    #[test]
    fn values_are_no_options() {
        assert_eq!(words("-o -ld_classic -ld_classic -sectcreate -r -r -r"), "-o -ld_classic -sectcreate -r -r -r");
        assert!(matches!(read("a.o -o"), Err(Error::MissingValue { .. })));
    }

    #[test]
    fn what_an_old_lld_says_it_did_not_do_is_heard() {
        let said = "ld64.lld-14: warning: Option `-w' is not yet implemented. Stay tuned...\n\
                    ld64.lld-14: warning: Option `-no_uuid' is not yet implemented. Stay tuned...\n";
        assert_eq!(passed_over(said), Some("-no_uuid"));
        assert_eq!(passed_over("lld: \x1b[35mwarning: \x1b[0mOption `-x' is not yet implemented."), Some("-x"));
        assert_eq!(
            passed_over("ld64.lld: warning: Option `-fixup_chains' is undocumented. Should"),
            Some("-fixup_chains")
        );
        assert_eq!(passed_over("ld64.lld: warning: Option `-y' is obsolete\nx"), None);
    }

    #[test]
    fn a_path_is_searched_once() {
        assert_eq!(words("-rpath @loader_path a.o -rpath x -rpath @loader_path"), "-rpath @loader_path a.o -rpath x");
    }

    #[test]
    fn what_lld_would_pass_over_is_refused_or_said_to_make_no_difference() {
        for line in [
            "-r",
            "-static",
            "-stack_size x",
            "-init _f",
            "-upward-lx",
            "-ios_version_min 12.0",
            "-no_compact_unwind",
            "-arch arm64 -pagezero_size 0x1000",
        ] {
            assert!(read(line).unwrap_err().help().is_some(), "{line}");
        }
        assert_eq!(words("-bind_at_load -ld_classic -multiply_defined suppress a.o"), "a.o");
        assert_eq!(words("-s a.o"), "-S -x a.o");
        assert_eq!(words("-arch arm64 -no_pie a.o"), "-arch arm64 a.o");
        assert_eq!(words("-arch x86_64 -no_pie a.o"), "-arch x86_64 -no_pie a.o");
    }

    #[test]
    fn rows_are_sorted_and_say_why() {
        for pair in OPTIONS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} can't precede {}", pair[0].name, pair[1].name);
        }
        for opt in OPTIONS {
            assert_eq!(matches!(opt.then, Then::Drop | Then::Refuse), opt.why.len() > 15, "{}", opt.name);
        }
    }
}
