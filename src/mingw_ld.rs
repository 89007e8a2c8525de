//! `ld` for PE: GNU ld's command line, as clang's MinGW driver and build tools write it, in the words of lld-link.
//!
//! LLD has a front of this kind, which zig's is built without (`unknown emulation: i386pep`). Every option it documents
//! is a row in `mingw_ld/options.rs`, and so are the others of GNU ld; one that is no row is an error that names it.

mod absolute;
mod help;
mod options;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::args::response;
use crate::error::{Error, Result};
pub(crate) use help::text as help;
use options::{MACHINES, OPTIONS, Opt, SWITCHES, Switch, Takes, Then, Version};

/// Finds a file of a directory: by its name, else without regard to case, as Windows' own file systems do.
pub(crate) type Find<'a> = &'a dyn Fn(&Path, &str) -> Option<PathBuf>;

/// Does the command line ask for a PE file?
pub(crate) fn is_pe(argv: &[OsString]) -> bool {
    let is_machine = |name: &OsStr| MACHINES.iter().any(|(emulation, _)| name == *emulation);
    argv.iter().zip(argv.iter().skip(1)).any(|(option, name)| option == "-m" && is_machine(name))
        || argv
            .iter()
            .any(|word| word.to_str().and_then(|w| w.strip_prefix("-m")).is_some_and(|m| is_machine(m.as_ref())))
}

/// A link in lld-link's words.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) words: Vec<OsString>,
    /// An object that is one more of its inputs, and is in no file yet.
    pub(crate) object: Option<Vec<u8>>,
}

/// lld-link's words for GNU ld's.
///
/// # Errors
/// An option that is unknown or that lld-link cannot honour, a value that is missing, a library that is not there.
pub(crate) fn for_lld_link(argv: &[OsString], find: Find<'_>) -> Result<Line> {
    let mut link = Link::default();
    let mut rest = argv.iter();
    while let Some(word) = rest.next() {
        let Some((opt, joined)) = option(word) else {
            if word.as_encoded_bytes().starts_with(b"-") && word.len() > 1 {
                return Err(refused(word, "it is no option of GNU ld for PE that xcc knows"));
            }
            link.input(word.into());
            continue;
        };
        let mut value = || joined.clone().or_else(|| rest.next().cloned());
        let value = match opt.takes {
            Takes::Nothing => OsString::new(),
            Takes::Optional | Takes::Rest => joined.unwrap_or_default(),
            Takes::Value | Takes::Letter => {
                value().ok_or_else(|| Error::MissingValue { option: word.to_string_lossy().into_owned() })?
            }
        };
        link.take(word, opt, value)?;
    }
    let object = (!link.numbers.is_empty()).then(|| absolute::object(link.machine, &link.numbers));
    Ok(Line { words: link.words(find)?, object })
}

/// The row of a word, and a value in the word itself. `None` for an input.
fn option(word: &OsStr) -> Option<(&'static Opt, Option<OsString>)> {
    let bytes = word.as_encoded_bytes();
    let one_dash = bytes.strip_prefix(b"-")?;
    let name = one_dash.strip_prefix(b"-").unwrap_or(one_dash);
    // Whole words first: -shared is not -s, nor -entry -e.
    let is_whole = |opt: &&Opt| opt.takes != Takes::Letter && opt.takes != Takes::Rest && opt.name.as_bytes() == name;
    if let Some(opt) = OPTIONS.iter().find(is_whole) {
        return Some((opt, None));
    }
    let with_value = OPTIONS.iter().filter(|opt| matches!(opt.takes, Takes::Value | Takes::Optional));
    for opt in with_value {
        let value = name.strip_prefix(opt.name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
        if let Some(value) = value {
            return Some((opt, Some(response::from_bytes(value.to_vec()))));
        }
    }
    let starts = OPTIONS.iter().filter(|opt| match opt.takes {
        Takes::Letter => !bytes.starts_with(b"--"),
        Takes::Rest => true,
        _ => false,
    });
    for opt in starts {
        if let Some(value) = name.strip_prefix(opt.name.as_bytes()) {
            let joined = (!value.is_empty()).then(|| response::from_bytes(value.to_vec()));
            return Some((opt, joined));
        }
    }
    None
}

/// What goes in, in its order.
#[derive(Clone, Debug)]
enum Input {
    File { path: PathBuf, whole: bool },
    Library { name: String, only_static: bool, whole: bool },
}

/// A link as its options have it so far.
#[derive(Default)]
struct Link {
    words: Vec<OsString>,
    inputs: Vec<Input>,
    directories: Vec<PathBuf>,
    switches: [Option<&'static [&'static str]>; SWITCHES],
    /// The two parts of each version.
    versions: [[Option<String>; 2]; 3],
    machine: &'static str,
    output: Option<OsString>,
    entry: Option<String>,
    subsystem: Option<String>,
    is_dll: bool,
    has_pdb: bool,
    has_import_library: bool,
    only_static: bool,
    whole: bool,
    pushed: Vec<(bool, bool)>,
    /// Symbols that are no addresses.
    numbers: Vec<(String, u32)>,
}

impl Link {
    fn input(&mut self, path: PathBuf) {
        self.inputs.push(Input::File { path, whole: self.whole });
    }

    fn take(&mut self, word: &OsStr, opt: &'static Opt, value: OsString) -> Result<()> {
        let text = || value.to_str().map(str::to_owned).ok_or_else(|| refused(word, "its value is not in UTF-8"));
        match opt.then {
            Then::Words(words) => {
                self.is_dll |= words == ["-dll"];
                self.words.extend(words.iter().map(OsString::from));
            }
            Then::Prefix(prefix) => {
                self.has_import_library |= prefix == "-implib:";
                self.words.push(prefixed(prefix, &value));
            }
            Then::Switch(which, words) => self.switches[which as usize] = Some(words),
            Then::Version(which, is_major) => self.versions[which as usize][usize::from(!is_major)] = Some(text()?),
            Then::Symbol => self.symbol(word, &text()?)?,
            Then::Output => self.output = Some(value),
            Then::Emulation => {
                let name = text()?;
                let row = MACHINES.iter().find(|(emulation, _)| *emulation == name);
                self.machine = row.ok_or_else(|| refused(word, "LLD links PE for x64, x86, arm64 and arm"))?.1;
            }
            Then::Entry => self.entry = Some(text()?),
            Then::Subsystem => self.subsystem(&text()?),
            Then::Pdb => {
                self.has_pdb = true;
                self.words.push("-debug".into());
                if !value.is_empty() {
                    self.words.push(prefixed("-pdb:", &value));
                }
            }
            Then::BuildId => {
                let words: &'static [&'static str] = if value == "none" { &["-build-id:no"] } else { &["-build-id"] };
                self.switches[Switch::BuildId as usize] = Some(words);
            }
            Then::Directory => self.directories.push(value.into()),
            Then::Library => {
                let (name, only_static, whole) = (text()?, self.only_static, self.whole);
                self.inputs.push(Input::Library { name, only_static, whole });
            }
            Then::Static(only) => self.only_static = only,
            Then::Whole(whole) => self.whole = whole,
            Then::Push => self.pushed.push((self.only_static, self.whole)),
            Then::Pop => {
                let state = self.pushed.pop().ok_or_else(|| refused(word, "there is no --push-state before it"))?;
                (self.only_static, self.whole) = state;
            }
            Then::Plugin => self.plugin(word, &text()?)?,
            Then::Keyword => {
                // GNU ld takes ELF's keywords for PE, and does nothing.
                if value == "muldefs" {
                    self.words.push("-force:multiple".into());
                }
            }
            Then::Drop => {}
            Then::Refuse => return Err(refused(word, opt.why)),
        }
        Ok(())
    }

    /// `NAME=NUMBER`, or `NAME=SYMBOL` for another name.
    fn symbol(&mut self, word: &OsStr, text: &str) -> Result<()> {
        let pair = text.split_once('=').filter(|(name, to)| !name.is_empty() && !to.is_empty());
        let (name, to) = pair.ok_or_else(|| refused(word, "it is written NAME=SYMBOL or NAME=NUMBER"))?;
        if let Some(number) = absolute::number(to)? {
            // The last one counts, as with GNU ld.
            self.numbers.retain(|(other, _)| other != name);
            self.numbers.push((name.to_owned(), number));
        } else if to.starts_with(|c: char| c.is_ascii_digit()) || to.contains(['+', '-', '*', '(', ' ']) {
            return Err(refused(word, "for PE it takes a symbol or a number, and no expression"));
        } else {
            self.words.push(prefixed("-alternatename:", text.as_ref()));
        }
        Ok(())
    }

    /// `NAME`, `NAME:MAJOR` or `NAME:MAJOR.MINOR`.
    fn subsystem(&mut self, text: &str) {
        let (name, version) = text.split_once(':').map_or((text, None), |(name, version)| (name, Some(version)));
        // GNU ld's numbers of the two that programs have.
        let name = match name {
            "2" => "windows",
            "3" => "console",
            "1" => "native",
            name => name,
        };
        self.subsystem = Some(name.to_owned());
        if let Some(version) = version {
            let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
            self.versions[Version::Subsystem as usize] = [Some(major.to_owned()), Some(minor.to_owned())];
        }
    }

    /// What compilers tell the linker's plugin for LTO; LLD has the same as options.
    fn plugin(&mut self, word: &OsStr, said: &str) -> Result<()> {
        // GCC's own words to its plugin, which LLD has no use for.
        let of_gcc = ["-fresolution=", "-pass-through="].iter().any(|start| said.starts_with(start));
        let level = said.strip_prefix('O').filter(|level| level.len() == 1);
        let new = if let Some(level) = level {
            format!("-opt:lldlto={level}")
        } else if let Some(cpu) = said.strip_prefix("mcpu=") {
            format!("-mllvm:-mcpu={cpu}")
        } else if let Some(jobs) = said.strip_prefix("jobs=") {
            format!("-opt:lldltojobs={jobs}")
        } else if let Some(dir) = said.strip_prefix("cache-dir=") {
            format!("-lldltocache:{dir}")
        } else if of_gcc || said.contains("lto-wrapper") || said == "thinlto" {
            return Ok(());
        } else if said.starts_with('-') {
            format!("-mllvm:{said}")
        } else {
            return Err(refused(word, "LLD has no such rule of LTO for PE"));
        };
        self.words.push(new.into());
        Ok(())
    }

    /// Everything in lld-link's words.
    fn words(self, find: Find<'_>) -> Result<Vec<OsString>> {
        let is_x86 = self.machine == "x86";
        let mut words: Vec<OsString> = Vec::with_capacity(48 + self.words.len() + self.inputs.len());
        words.push("-lldmingw".into());
        words.push("-nologo".into());
        words.push(format!("-machine:{}", self.machine).into());
        let default_output = if self.is_dll { "a.dll" } else { "a.exe" };
        words.push(prefixed("-out:", self.output.as_deref().unwrap_or(default_output.as_ref())));
        if !self.has_import_library {
            words.push("-noimplib".into());
        }
        if let Some(entry) = &self.entry {
            // x86 names have an underscore that lld-link adds by itself.
            let entry = entry.strip_prefix('_').filter(|_| is_x86).unwrap_or(entry);
            words.push(format!("-entry:{entry}").into());
        }
        words.extend(self.versions()?.into_iter().map(OsString::from));
        for (index, default) in DEFAULTS.iter().enumerate() {
            let is = |switch: Switch| index == switch as usize;
            // The mark that a file has no handlers is read for x86 alone, and lld-link writes it there alone.
            if is(Switch::Debug) && self.has_pdb || is(Switch::Seh) && !is_x86 {
                continue;
            }
            words.extend(self.switches[index].unwrap_or(default).iter().map(OsString::from));
        }
        // GNU ld's name for where the file is loaded.
        let base = if is_x86 { "___image_base__=___ImageBase" } else { "__image_base__=__ImageBase" };
        words.push(format!("-alternatename:{base}").into());
        words.extend(self.words);
        // For what objects ask for by themselves: #pragma comment(lib, "ws2_32").
        words.extend(self.directories.iter().map(|dir| prefixed("-libpath:", dir.as_os_str())));
        for input in &self.inputs {
            let (path, whole) = match input {
                Input::File { path, whole } => (path.clone(), *whole),
                Input::Library { name, only_static, whole } => {
                    let found = library(name, *only_static, &self.directories, find);
                    let not_found = || {
                        Error::with_help(
                            format!("unable to find library -l{name}"),
                            "say where it is with '-L', with 'lib' in xcc.toml or with XCC_LDFLAGS",
                        )
                    };
                    (found.ok_or_else(not_found)?, *whole)
                }
            };
            let is_def = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("def"));
            words.push(match (is_def, whole) {
                (true, _) => prefixed("-def:", path.as_os_str()),
                (false, true) => prefixed("-wholearchive:", path.as_os_str()),
                (false, false) => path.into_os_string(),
            });
        }
        Ok(words)
    }

    /// The subsystem and the versions.
    fn versions(&self) -> Result<Vec<String>> {
        let version = |which: Version| -> Result<Option<String>> {
            let [major, minor] = &self.versions[which as usize];
            for part in [major, minor].into_iter().flatten() {
                if part.parse::<u16>().is_err() {
                    return Err(Error::with_help(
                        format!("'{part}' is not a part of a version"),
                        "give a number from 0 to 65535, as in --major-os-version=10",
                    ));
                }
            }
            // The other part is what GNU ld has for it.
            let default = if which == Version::Image { ["0", "0"] } else { ["4", "0"] };
            let part = |given: &Option<String>, default: &str| given.clone().unwrap_or(default.to_owned());
            let given = major.is_some() || minor.is_some();
            Ok(given.then(|| format!("{}.{}", part(major, default[0]), part(minor, default[1]))))
        };
        let mut words = Vec::with_capacity(3);
        let subsystem_version = version(Version::Subsystem)?;
        if self.subsystem.is_some() || subsystem_version.is_some() {
            let name = self.subsystem.as_deref().unwrap_or("console");
            let version = subsystem_version.map_or(String::new(), |version| format!(",{version}"));
            words.push(format!("-subsystem:{name}{version}"));
        }
        words.extend(version(Version::Os)?.map(|version| format!("-osversion:{version}")));
        words.extend(version(Version::Image)?.map(|version| format!("-version:{version}")));
        Ok(words)
    }
}

/// What holds when a switch is not named, in the order of [`Switch`].
#[rustfmt::skip]
const DEFAULTS: [&[&str]; SWITCHES] = [
    &[],                       // Aslr: lld-link's default is to have it
    &[],                       // HighEntropy: the same
    &[],                       // Nx: the same
    &[],                       // TerminalServer: the same
    &[],                       // LargeAddress: as lld-link has it for the machine
    &[],                       // Seh
    &[],                       // Relocations
    &["-brepro"],              // Timestamp: a digest of the output, so that two links are the same to the byte
    &["-opt:noref"],           // Gc: GNU ld keeps what nothing refers to
    &["-opt:noicf"],           // Icf
    &["-auto-import"],         // AutoImport
    &["-runtime-pseudo-reloc"],// PseudoRelocations
    &[],                       // StdcallFixup
    &["-demangle"],            // Demangle
    &["-debug:dwarf"],         // Debug: GNU ld keeps DWARF and the symbols
    &["-build-id:no"],         // BuildId
    &["-WX:no"],               // Fatal
];

/// The file that `-lNAME` means: MinGW's order, an import library before a static one, a DLL itself last.
fn library(name: &str, only_static: bool, directories: &[PathBuf], find: Find<'_>) -> Option<PathBuf> {
    if let Some(exact) = name.strip_prefix(':') {
        return directories.iter().find_map(|dir| find(dir, exact));
    }
    let shared = [format!("lib{name}.dll.a"), format!("{name}.dll.a")];
    let archive = [format!("lib{name}.a")];
    let others = [format!("{name}.lib"), format!("lib{name}.dll"), format!("{name}.dll")];
    let names = |dir: &PathBuf| {
        let all = [&shared[..], &archive, &others];
        let names = if only_static { &all[1..2] } else { &all[..] };
        names.iter().copied().flatten().find_map(|file| find(dir, file))
    };
    directories.iter().find_map(names)
}

fn prefixed(prefix: &str, value: &OsStr) -> OsString {
    let mut word = OsString::from(prefix);
    word.push(value);
    word
}

fn refused(word: &OsStr, why: &str) -> Error {
    Error::with_help(format!("unsupported option '{}' for a PE file", word.to_string_lossy()), why)
}

/// Looks on this machine.
pub(crate) fn on_disk(dir: &Path, name: &str) -> Option<PathBuf> {
    let exact = dir.join(name);
    if exact.is_file() {
        return Some(exact);
    }
    // The names in the sysroot are in small letters, and people write -lWS2_32.
    let small = dir.join(name.to_lowercase());
    (name.bytes().any(|byte| byte.is_ascii_uppercase()) && small.is_file()).then_some(small)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HAVE: &[&str] = &[
        "libm.a",
        "libz.a",
        "libz.dll.a",
        "libonly.dll.a",
        "ws.dll.a",
        "ms.lib",
        "libws2_32.a",
        "libdirect.dll",
        "other.dll",
        "odd.name",
    ];

    fn link(line: &str) -> Result<Vec<String>> {
        let argv: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let find = |dir: &Path, name: &str| {
            let names = [name.to_owned(), name.to_lowercase()];
            let found = names.iter().find(|name| dir == Path::new("/lib") && HAVE.contains(&name.as_str()));
            found.map(|name| dir.join(name))
        };
        Ok(for_lld_link(&argv, &find)?.words.into_iter().map(|word| word.into_string().unwrap()).collect())
    }

    const TABLE: &str = include_str!("../testdata/pe-links.txt");

    /// The words of a line beyond those of a link without options, and the words that it lacks of those.
    fn difference(line: &str) -> (Vec<String>, Vec<String>) {
        let plain = link("-m i386pep").unwrap();
        let words = link(&format!("-m i386pep {line}")).unwrap_or_else(|error| panic!("{line}: {error}"));
        let lacks = |words: &[String], of: &[String]| of.iter().filter(|word| !words.contains(word)).cloned().collect();
        (lacks(&plain, &words), lacks(&words, &plain))
    }

    #[test]
    fn every_line_of_the_table_is_translated_as_it_says() {
        let mut count = 0;
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let [given, added, removed] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
                panic!("not three columns: {line}");
            };
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(difference(given), (words(added), words(removed)), "{given}");
            count += 1;
        }
        assert!(count >= 150, "{count}");
    }

    /// What Go and rustc have said for Windows, as recorded: nothing of it is refused.
    #[test]
    fn recorded_lines_are_translated() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden/recorded");
        let files = ["go", "rust"].iter().flat_map(|dir| std::fs::read_dir(root.join(dir)).unwrap());
        let files = files.map(|entry| entry.unwrap().path());
        let mut count = 0;
        for file in files.filter(|path| path.to_string_lossy().contains("windows")) {
            let text = std::fs::read_to_string(&file).unwrap();
            for line in text.lines().filter_map(|line| line.strip_prefix("$ ")) {
                let options = line.split(' ').filter_map(|word| word.strip_prefix("-Wl,"));
                let words: Vec<&str> = options.flat_map(|options| options.split(',')).collect();
                let words = link(&format!("-m i386pep {}", words.join(" "))).unwrap_or_else(|e| panic!("{line}: {e}"));
                assert_eq!(line.contains("--gc-sections"), words.contains(&"-opt:ref".to_owned()), "{line}");
                assert_eq!(line.contains("--major-os-version"), words.iter().any(|w| w.starts_with("-osversion:")));
                assert_eq!(line.contains("list.def"), words.iter().any(|word| word.starts_with("-def:")), "{line}");
                count += 1;
            }
        }
        assert!(count >= 20, "{count}");
    }

    #[test]
    fn every_option_is_in_the_table() {
        let given: Vec<&str> = TABLE.lines().filter_map(|line| line.split('|').next()).collect();
        let words: Vec<&str> = given.iter().flat_map(|line| line.split_whitespace()).collect();
        let refused = |opt: &&Opt| opt.then == Then::Refuse;
        for opt in OPTIONS.iter().filter(|opt| !refused(opt)) {
            let found = words.iter().any(|word| option(OsStr::new(word)).is_some_and(|(row, _)| row.name == opt.name));
            assert!(found, "{}", opt.name);
        }
    }

    #[test]
    fn what_is_unknown_is_named() {
        for (line, named) in [("--frobnicate", "'--frobnicate'"), ("-T script.ld", "'-T'"), ("-r", "'-r'")] {
            let error = link(&format!("-m i386pep {line}")).unwrap_err();
            assert!(error.to_string().contains(named) && error.help().is_some(), "{error}");
        }
        assert!(matches!(link("-m i386pep -o"), Err(Error::MissingValue { .. })));
        for (line, said) in [
            ("-L/lib -Bstatic -lonly", "unable to find library -lonly"),
            ("--major-os-version=x", "'x' is not a part of a version"),
            ("--defsym=a=b+1", "unsupported option '--defsym=a=b+1'"),
            ("--defsym a", "unsupported option '--defsym'"),
            ("--defsym=a=0x123456789", "'0x123456789' is too large"),
        ] {
            let error = link(&format!("-m i386pep {line}")).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn every_row_that_drops_or_refuses_says_why() {
        for opt in OPTIONS {
            assert_eq!(matches!(opt.then, Then::Drop | Then::Refuse), opt.why.len() > 15, "{}", opt.name);
            assert_eq!(OPTIONS.iter().filter(|other| other.name == opt.name).count(), 1, "{}", opt.name);
        }
    }
}
