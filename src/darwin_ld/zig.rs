//! zig's own linker of Mach-O files, where no LLD is on the machine. Its driver takes fewer options than LLD and passes some
//! over in silence, so what is no row here is an error; exports that were not asked for are taken back after the link. Of an
//! SDK it reads the form of today alone: an older one is an error too.

mod sdk;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::options::JOINED;
use super::{Line, option};
use crate::command::Command;
use crate::dirs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::macho::exports::{self, List};
use crate::macho::names::{LC_BUILD_VERSION, LC_ID_DYLIB, LC_VERSION_MIN_MACOSX};
use crate::macho::strip::{self, Plan};
use crate::macho::{self, Image, bytes, commands, modes};
use crate::sysroot;
use crate::target::macos::Version;

/// What zig's driver makes of an option of ld64.
#[derive(Clone, Copy)]
enum Then {
    /// Takes it as it is.
    Driver,
    /// Takes it with `-Wl,`.
    Linker,
    /// Has no word for it, and does the same without.
    Same,
    /// Does it not; xcc does, when the file is there.
    After,
}

/// Every option that can be honoured.
const ROWS: &[(&str, Then)] = &[
    ("-ObjC", Then::Driver),
    ("-framework", Then::Driver),
    ("-install_name", Then::Driver),
    ("-weak_framework", Then::Driver),
    ("-dead_strip", Then::Linker),
    ("-dead_strip_dylibs", Then::Linker),
    ("-e", Then::Linker),
    ("-force_load", Then::Linker),
    ("-headerpad", Then::Linker),
    ("-headerpad_max_install_names", Then::Linker),
    ("-needed_framework", Then::Linker),
    ("-rpath", Then::Linker),
    ("-u", Then::Linker),
    ("-undefined", Then::Linker),
    // It signs for arm64 and for nothing else, as LLD does.
    ("-adhoc_codesign", Then::Same),
    // The target says it.
    ("-arch", Then::Same),
    // Of one architecture of several; clang joins them.
    ("-arch_multiple", Then::Same),
    ("-final_output", Then::Same),
    ("-demangle", Then::Same),
    ("-dynamic", Then::Same),
    ("-execute", Then::Same),
    // A program exports all that it can.
    ("-export_dynamic", Then::Same),
    // It writes no chains in any case.
    ("-no_fixup_chains", Then::Same),
    ("-no_warn_duplicate_libraries", Then::Same),
    ("-noall_load", Then::Same),
    // It makes no bitcode into code, and says so of such a file.
    ("-mllvm", Then::Same),
    ("-object_path_lto", Then::Same),
    ("-pie", Then::Same),
    // It writes no time into a file.
    ("-reproducible", Then::Same),
    // Libraries are found by xcc, directory by directory.
    ("-search_paths_first", Then::Same),
    ("-twolevel_namespace", Then::Same),
    ("-w", Then::Same),
    // Its driver takes them and does nothing, or has no word for them.
    ("-compatibility_version", Then::After),
    ("-current_version", Then::After),
    ("-dylib_compatibility_version", Then::After),
    ("-dylib_current_version", Then::After),
    ("-exported_symbol", Then::After),
    ("-exported_symbols_list", Then::After),
    ("-unexported_symbol", Then::After),
    ("-flat_namespace", Then::After),
    ("-no_pie", Then::After),
    ("-unexported_symbols_list", Then::After),
    // It leaves an indirect symbol table that counts symbols which are gone.
    ("-S", Then::After),
    ("-x", Then::After),
];

/// Libraries that are other names of libSystem, which zig links in any case.
const OF_SYSTEM: &[&str] = &["System", "System.B", "c", "dbm", "dl", "info", "m", "poll", "proc", "pthread", "rpcsvc"];

/// Where `LC_ID_DYLIB` has its two versions.
const CURRENT: usize = 16;
const COMPATIBILITY: usize = 20;

/// `X.Y.Z` in one number, as load commands have it.
fn packed(text: &OsStr) -> Option<u32> {
    let parts: Option<Vec<u32>> = text.to_str()?.split('.').map(|part| part.parse().ok()).collect();
    let at =
        |parts: &[u32], place: usize, most: u32| Some(parts.get(place).copied().unwrap_or(0)).filter(|n| *n <= most);
    let parts = parts.filter(|parts| parts.len() <= 3)?;
    Some(at(&parts, 0, 0xffff)? << 16 | at(&parts, 1, 0xff)? << 8 | at(&parts, 2, 0xff)?)
}

/// What is left to do when zig has linked.
#[derive(Debug)]
pub(super) struct After {
    /// Holds zig's file until it is whole.
    dir: TempDir,
    made: PathBuf,
    keep: Option<List>,
    hide: Option<List>,
    /// No symbols for debuggers, and no local ones.
    no_debug: bool,
    no_locals: bool,
    flat_namespace: bool,
    fixed_place: bool,
    sdk: Option<Version>,
    /// A library's own versions, as its load command has them: where in that, and the number.
    versions: Vec<(usize, u32)>,
}

/// zig's line for what [`Line`] has read; `given` is the output as it was named.
///
/// # Errors
/// An option that zig's linker does not honour, an SDK that it cannot read, a list that cannot be read.
pub(super) fn link(line: Line, given: &Path, zig: PathBuf, env: &Env) -> Result<(Command, After)> {
    let output = &env.cwd.join(given);
    let minimum = line.minimum.as_ref().and_then(|text| Version::parse(text.to_str()?));
    let sdk = line.sdk.as_ref().and_then(|text| Version::parse(text.to_str()?)).or(minimum);
    let arch = if line.is_arm64() { "aarch64" } else { "x86_64" };
    let triple = minimum.map_or_else(|| format!("{arch}-macos"), |version| format!("{arch}-macos.{version}"));
    let own = line.roots.first().filter(|root| sysroot::is_own(root));
    let given_sdk = line.roots.first().filter(|_| own.is_none()).map(|root| env.cwd.join(root));
    if let Some((sdk, why)) = given_sdk.as_ref().and_then(|sdk| Some((sdk, sdk::unreadable(sdk)?))) {
        return Err(unsupported(format!("SDK '{}' ({why})", sdk.display())));
    }
    if let Some(other) = line.roots.get(1) {
        return Err(unsupported(format!("second '-syslibroot {}'", other.display())));
    }
    // Weak once is weak for all, as LLD has it.
    let weak: Vec<OsString> =
        line.words.windows(2).filter(|pair| pair[0] == "-weak_framework").map(|pair| pair[1].clone()).collect();
    let beside = output.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let dir = tempfile::Builder::new().prefix(".xcc-link-").tempdir_in(beside);
    let dir = dir.map_err(Error::io("create", beside))?;
    // The name goes into the signature.
    let made = dir.path().join(output.file_name().unwrap_or(OsStr::new("a.out")));
    let mut after = After {
        dir,
        made: made.clone(),
        keep: None,
        hide: None,
        no_debug: false,
        no_locals: false,
        flat_namespace: line.words.iter().any(|word| word == "-flat_namespace"),
        fixed_place: false,
        sdk,
        versions: Vec::new(),
    };
    // -O2 changes nothing of what is linked: without it zig 0.17 makes an unoptimised compiler-rt of its own first, in two
    // minutes of a processor and not four seconds. It stands for -dead_strip too, where nobody says otherwise.
    let mut args: Vec<OsString> =
        vec!["cc".into(), "-target".into(), triple.into(), "-o".into(), made.into_os_string(), "-O2".into()];
    if !line.words.iter().any(|word| word == "-dead_strip") {
        args.push("-Wl,--no-gc-sections".into());
    }
    // Else zig takes the place where it makes the file.
    let has_name = line.words.iter().any(|word| word == "-dylib_install_name" || word == "-install_name");
    if line.words.iter().any(|word| word == "-dylib") && !has_name {
        let name = line.final_output.clone().unwrap_or_else(|| given.into());
        args.extend(["-install_name".into(), name]);
    }
    let cache = dirs::cache(env).unwrap_or_else(|| dirs::temporary_cache(env)).join("zig-cc").into_os_string();
    let mut set = vec![("ZIG_GLOBAL_CACHE_DIR", cache.clone()), ("ZIG_LOCAL_CACHE_DIR", cache)];
    if let Some(sdk) = &given_sdk {
        let file = after.dir.path().join("libc.txt");
        fs::write(&file, sdk::installation(sdk)).map_err(Error::io("write", &file))?;
        set.push(("ZIG_LIBC", file.into_os_string()));
    }
    let root = given_sdk.as_deref().or(own.map(PathBuf::as_path));
    let library_dirs = library_dirs(&line, root, given_sdk.as_deref());
    let mut named: Vec<(bool, OsString)> = Vec::new();
    let mut rest = line.words.into_iter();
    while let Some(word) = rest.next() {
        let Some((opt, joined)) = option(&word) else {
            match word.as_encoded_bytes().first() {
                // How LLD works, not what it makes.
                Some(b'-') if word.as_encoded_bytes().starts_with(b"--threads=") => {}
                Some(b'-') => return Err(unsupported(format!("option '{}'", word.display()))),
                // Names that a framework is only believed to have are LLD's to leave open.
                Some(b'@') => {}
                _ if is_bitcode(&env.cwd.join(&word)) => {
                    return Err(unsupported(format!("LLVM bitcode in '{}' (-flto)", word.display())));
                }
                _ => args.push(word),
            }
            continue;
        };
        let joined = joined.map(str::to_owned);
        let count = if opt.values == JOINED { usize::from(joined.is_none()) } else { usize::from(opt.values) };
        let values: Vec<OsString> = rest.by_ref().take(count).collect();
        let value = || joined.clone().map(OsString::from).or_else(|| values.first().cloned()).unwrap_or_default();
        let mut words: Vec<OsString> = Vec::new();
        match opt.name {
            "-o" | "-syslibroot" | "-L" => {}
            "-F" => {
                let dir = value();
                let below = given_sdk.as_deref().and_then(|sdk| sdk::within(sdk, Path::new(&dir)));
                words.extend(["-F".into(), below.map_or(dir, PathBuf::into_os_string)]);
            }
            "-dylib" => words.push("-dynamiclib".into()),
            "-dylib_install_name" => words.extend(["-install_name".into(), value()]),
            // In one namespace of all libraries the two are the same.
            "-undefined" if after.flat_namespace && value() == "suppress" => {
                words.push("-Wl,-undefined,dynamic_lookup".into());
            }
            "-l" => words.extend(library(&value(), &library_dirs)),
            name if name.ends_with("framework") && value().as_encoded_bytes().contains(&b',') => {
                return Err(unsupported(format!("suffix in '{name} {}'", value().display())));
            }
            "-framework" | "-needed_framework" if weak.contains(&value()) => {
                words.extend(["-weak_framework".into(), value()]);
            }
            // zig looks for these itself.
            "-weak-l" => {
                let missing = library_dirs.iter().map(|dir| joined_word("-L", dir)).filter(|word| !args.contains(word));
                let missing: Vec<OsString> = missing.collect();
                args.extend(missing);
                words.push(word);
            }
            name => match ROWS.iter().find(|row| row.0 == name).map(|row| row.1) {
                None => return Err(unsupported(format!("option '{name}'"))),
                Some(Then::Same) => {}
                Some(Then::After) => after.add(name, &value(), env)?,
                Some(Then::Driver) => words.extend([word].into_iter().chain(values.iter().cloned())),
                Some(Then::Linker) => {
                    let mut text = OsString::from("-Wl,");
                    text.push(word);
                    values.iter().for_each(|value| {
                        text.push(",");
                        text.push(value);
                    });
                    words.push(text);
                }
            },
        }
        // dyld takes no library and no framework twice, however it was asked for.
        let is_framework = opt.name.ends_with("framework");
        let library = (is_framework || matches!(opt.name, "-l" | "-weak-l")).then(|| (is_framework, value()));
        if library.as_ref().is_none_or(|library| !named.contains(library)) {
            args.extend(words);
            named.extend(library);
        }
    }
    if let Some(root) = root {
        args.extend(["-F".into(), root.join("System/Library/Frameworks").into_os_string()]);
    }
    Ok((Command { program: zig, args, set }, after))
}

fn joined_word(option: &str, dir: &Path) -> OsString {
    let mut word = OsString::from(option);
    word.push(dir);
    word
}

fn unsupported(what: String) -> Error {
    Error::with_help(
        format!("unsupported {what} for zig's linker of Mach-O files"),
        "LLD takes it: install Rust with rustup, or your distribution's package 'lld', or name an ld64.lld in XCC_DARWIN_LINKER",
    )
}

/// Bitcode begins with a word of its own or, for Apple's systems, with that of its wrapper.
fn is_bitcode(path: &Path) -> bool {
    let mut magic = [0; 4];
    let is_one = |magic| [*b"BC\xc0\xde", [0xde, 0xc0, 0x17, 0x0b]].contains(magic);
    File::open(path).is_ok_and(|mut file| file.read_exact(&mut magic).is_ok() && is_one(&magic))
}

/// Where libraries are looked for, in order.
fn library_dirs(line: &Line, root: Option<&Path>, sdk: Option<&Path>) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    let mut rest = line.words.iter();
    while let Some(word) = rest.next() {
        match option(word) {
            Some((opt, Some(dir))) if opt.name == "-L" => dirs.push(PathBuf::from(dir)),
            Some((opt, None)) if opt.name == "-L" => dirs.extend(rest.next().map(PathBuf::from)),
            Some((opt, None)) if opt.values != JOINED => rest.by_ref().take(opt.values.into()).for_each(drop),
            _ => {}
        }
    }
    for dir in &mut dirs {
        if let Some(below) = sdk.and_then(|sdk| sdk::within(sdk, dir)) {
            *dir = below;
        }
    }
    dirs.extend(root.map(|root| root.join("usr/lib")));
    dirs
}

/// A library as a file, so that zig makes none of its own; one that is not found is zig's to report.
fn library(name: &OsStr, dirs: &[PathBuf]) -> Option<OsString> {
    let text = name.to_str()?;
    if OF_SYSTEM.contains(&text) {
        return None;
    }
    let files = [format!("lib{text}.tbd"), format!("lib{text}.dylib"), format!("lib{text}.a")];
    let mut paths = dirs.iter().flat_map(|dir| files.iter().map(move |file| dir.join(file)));
    Some(paths.find(|path| path.is_file()).map_or_else(|| format!("-l{text}").into(), PathBuf::into_os_string))
}

impl After {
    /// One of the options that zig leaves.
    fn add(&mut self, name: &str, value: &OsStr, env: &Env) -> Result<()> {
        let switch = match name {
            "-S" => Some(&mut self.no_debug),
            "-x" => Some(&mut self.no_locals),
            "-flat_namespace" => Some(&mut self.flat_namespace),
            "-no_pie" => Some(&mut self.fixed_place),
            _ => None,
        };
        if let Some(switch) = switch {
            *switch = true;
            return Ok(());
        }
        if name.ends_with("_version") {
            let at = if name.ends_with("current_version") { CURRENT } else { COMPATIBILITY };
            let number = packed(value).ok_or_else(|| {
                let message = format!("invalid value '{}' in '{name}'", value.to_string_lossy());
                Error::with_help(message, "it is a version such as 1.2.3")
            })?;
            self.versions.push((at, number));
            return Ok(());
        }
        let list = if name.starts_with("-un") { &mut self.hide } else { &mut self.keep };
        let list = list.get_or_insert_with(|| List::parse(b""));
        if name.ends_with("_list") {
            let path = env.cwd.join(value);
            list.extend(List::parse(&fs::read(&path).map_err(Error::io("read", &path))?));
        } else {
            list.add(value.as_encoded_bytes());
        }
        Ok(())
    }

    /// The file that zig makes, beside the output.
    pub(super) fn made(&self) -> &Path {
        &self.made
    }

    /// What zig has made, made what was asked for.
    ///
    /// # Errors
    /// The file is not what xcc knows of zig's linker.
    pub(super) fn change(&self, mut data: Vec<u8>) -> macho::Result<Vec<u8>> {
        if self.keep.is_some() || self.hide.is_some() {
            let hidden = |name: &[u8]| self.hide.as_ref().is_some_and(|list| list.has(name));
            let kept = |name: &[u8]| self.keep.as_ref().is_none_or(|list| list.has(name)) && !hidden(name);
            data = exports::hide(&data, &kept)?;
        }
        if self.no_debug || self.no_locals {
            let plan = Plan { debug: self.no_debug, locals: self.no_locals, ..Plan::default() };
            data = strip::strip(&data, &plan)?;
        }
        if self.flat_namespace {
            data = modes::flat_namespace(&data)?;
        }
        if self.fixed_place {
            data = modes::fixed_place(&data)?;
        }
        let image = Image::parse(&data)?;
        let mut changed = data.clone();
        // zig takes that of its own libSystem.
        for (kind, at) in [(LC_BUILD_VERSION, 16), (LC_VERSION_MIN_MACOSX, 12)] {
            if let (Some(sdk), Some(command)) = (self.sdk, image.command(kind)) {
                bytes::put32(&mut changed, command.at + at, u32::from(sdk.major) << 16 | u32::from(sdk.minor) << 8);
            }
        }
        if let Some(command) = image.command(LC_ID_DYLIB) {
            self.versions.iter().for_each(|(at, number)| bytes::put32(&mut changed, command.at + at, *number));
        }
        if changed == data { Ok(data) } else { commands::sign_again(&image, changed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// zig's words for those of ld64, with `OUT` for the output and without the words that are always there.
    fn words(line: &str) -> Result<String> {
        let argv: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let dir = tempfile::tempdir().unwrap();
        let env = Env::of(&[]);
        let (command, _after) = link(Line::read(&argv).unwrap(), &dir.path().join("out"), "/zig".into(), &env)?;
        let words: Vec<&str> = command.args.iter().map(|word| word.to_str().unwrap()).collect();
        assert!(words[..2] == ["cc", "-target"] && words[3] == "-o" && words[4].ends_with("/out"), "{words:?}");
        assert_eq!(words[5], "-O2");
        let strips = line.contains("-dead_strip");
        assert_eq!(words.contains(&"-Wl,--no-gc-sections"), !strips, "{words:?}");
        Ok([&words[2..3], &words[if strips { 6.. } else { 7.. }]].concat().join(" "))
    }

    #[test]
    fn options_are_spelled_for_zigs_driver() {
        for (line, expected) in [
            ("-arch arm64 -platform_version macos 12.3 13.0 a.o", "aarch64-macos.12.3 a.o"),
            (
                "-arch x86_64 -dylib -dylib_install_name @rpath/x a.o",
                "x86_64-macos -dynamiclib -install_name @rpath/x a.o",
            ),
            (
                "-arch arm64 -headerpad 1144 -rpath x -dead_strip",
                "aarch64-macos -Wl,-headerpad,1144 -Wl,-rpath,x -Wl,-dead_strip",
            ),
            (
                "-arch arm64 -arch_multiple -final_output lib -dylib a.o",
                "aarch64-macos -install_name lib -dynamiclib a.o",
            ),
            ("-arch arm64 -lSystem -lm -lnosuch -lnosuch -weak-lfoo", "aarch64-macos -lnosuch -weak-lfoo"),
            ("-arch arm64 -framework A -F x -framework A", "aarch64-macos -framework A -F x"),
            ("-arch arm64 -framework A -needed_framework A -weak_framework A", "aarch64-macos -weak_framework A"),
            ("-arch arm64 -dynamic -demangle -no_warn_duplicate_libraries --threads=1", "aarch64-macos"),
        ] {
            assert_eq!(words(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn what_zig_would_pass_over_is_refused() {
        for option in [
            "-map x",
            "-sectcreate a b c",
            "-U _f",
            "-no_uuid",
            "-syslibroot /sdk",
            "--foo",
            "-needed-lz",
            "-framework A,_debug",
            "-fixup_chains",
        ] {
            let error = words(&format!("-arch arm64 {option} a.o")).unwrap_err();
            assert!(error.to_string().starts_with("unsupported ") && error.help().is_some(), "{option}: {error}");
        }
    }
}
