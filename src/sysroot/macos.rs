//! The sysroot of macOS, laid out as Apple's SDK is: zig's headers and zig's description of libSystem; and of xcc's own, in a
//! component that is made again alone, stubs of the other libraries and of frameworks and headers that zig lacks, from
//! `shims/macos`.

use std::fs;
use std::path::Path;

use super::Component;
use super::build::Job;
use super::files::{copy, symlink};
use super::macos_headers::{HEADERS, MARK};
use super::tbd::{self, Library};
use crate::error::{Error, Result};
use crate::whole_file;

/// Names of libSystem's parts, which are one library since Mac OS X 10.0.
const SYSTEM_NAMES: &[&str] = &["c", "dbm", "dl", "info", "m", "poll", "proc", "pthread", "rpcsvc", "util"];

/// compiler-rt where clang's driver for Apple's systems looks for it.
pub(crate) const BUILTINS: &str = "lib/clang/lib/darwin/libclang_rt.osx.a";

/// In a framework, the linker's words for symbols that are known of it by declarations alone: a response file.
pub(crate) const DECLARED_WORDS: &str = "xcc-declared.rsp";

/// A directory of frameworks without headers. clang names it in the note that a framework has no header of a name, and so its
/// name is what to do.
pub(crate) const SDK_HELP: &str =
    "xcc help - this header is in the SDK of Apple, name one in SDKROOT or run xcc sdk fetch or xcc sdk add PATH";

/// Names of frameworks beside those of the stubs, for their headers.
const MORE_FRAMEWORKS: &str = include_str!("../../shims/macos/frameworks.txt");

/// Names that frameworks are declared to export.
const DECLARED: &str = include_str!("../../shims/macos/declared.txt");

/// Names that the libraries of macOS export.
const STUBS: &str = include_str!("../../shims/macos/stubs.txt");

impl Job<'_> {
    pub(super) fn macos(&self) -> Result<()> {
        let (stage, lib, include) = self.stage()?;
        let mut recipe = self.recipe();
        let probe = self.probe("cc", "probe.c", &[])?;
        let (Some(compile), Some(link)) = (probe.compile, probe.link) else {
            return Err(self.failed("zig printed no compiler or linker line that xcc can read".into()));
        };
        self.headers(&compile, &stage, &include, &mut recipe)?;
        let builtins = link.files.iter().find(|file| file.ends_with("libcompiler_rt.a"));
        let builtins = builtins.ok_or_else(|| self.failed("zig linked no compiler-rt".into()))?;
        let to = stage.join(BUILTINS);
        if let Some(dir) = to.parent() {
            fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        }
        copy(builtins, &to)?;
        // Beside the headers: lib/libc/include/any-darwin-any and lib/libc/darwin.
        let mut above = compile.include.iter().filter_map(|dir| dir.parent()?.parent());
        let system = above.find_map(|dir| fs::read_to_string(dir.join("darwin/libSystem.tbd")).ok());
        let system = system.ok_or_else(|| self.failed("this zig has no darwin/libSystem.tbd".into()))?;
        write(&lib.join("libSystem.B.tbd"), &tbd::for_lld(&system))?;
        for name in ["System"].iter().chain(SYSTEM_NAMES) {
            link_to("libSystem.B.tbd", &lib, &format!("lib{name}.tbd"))?;
        }
        self.finish_base(&stage, &recipe)
    }

    /// What xcc itself has for macOS, into a sysroot that is there: over what an older xcc had.
    pub(super) fn macos_own(&self) -> Result<()> {
        let all = stubs();
        let declared = tbd::libraries(DECLARED);
        for library in &all {
            stub(self.sysroot, library, &all)?;
            let symbols = may_be_undefined(library.install_name, &all, &declared);
            if !symbols.is_empty() {
                let words: String = symbols.iter().map(|symbol| format!("-U _{symbol}\n")).collect();
                let framework = self.sysroot.join(framework_of(library.install_name));
                write(&framework.join(DECLARED_WORDS), &words)?;
            }
        }
        let include = self.sysroot.join("usr/include");
        for (name, text) in HEADERS {
            let path = include.join(name);
            // A zig that has the header knows better.
            if fs::read(&path).map_or(true, |there| there.starts_with(MARK.as_bytes())) {
                write(&path, text)?;
            }
        }
        self.sdk_help(&all)?;
        write(&self.sysroot.join(Component::MacosOwn.proof()), "")
    }

    fn sdk_help(&self, all: &[Library<'_>]) -> Result<()> {
        let of_stubs =
            all.iter().filter_map(|library| library.install_name.split_once(".framework/")?.0.rsplit('/').next());
        for name in of_stubs.chain(more_frameworks()) {
            let dir = self.sysroot.join(SDK_HELP).join(format!("{name}.framework"));
            fs::create_dir_all(&dir).map_err(Error::io("create", dir))?;
        }
        Ok(())
    }
}

fn more_frameworks<'a>() -> impl Iterator<Item = &'a str> {
    MORE_FRAMEWORKS.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
}

/// What xcc knows of the libraries of macOS beyond libSystem.
pub(crate) fn stubs() -> Vec<Library<'static>> {
    tbd::libraries(STUBS)
}

/// The directory of a framework, from the install name of its library.
fn framework_of(install_name: &str) -> &str {
    install_name.split("/Versions/").next().unwrap_or(install_name).trim_start_matches('/')
}

/// The symbols that a library, or one that it re-exports, is declared to have.
fn may_be_undefined<'a>(name: &str, all: &[Library<'_>], declared: &[Library<'a>]) -> Vec<&'a str> {
    let own = declared.iter().find(|library| library.install_name == name);
    let mut symbols = own.map_or_else(Vec::new, |library| library.symbols.clone());
    for library in all.iter().filter(|library| library.install_name == name) {
        for other in &library.reexported {
            symbols.extend(may_be_undefined(other, all, declared));
        }
    }
    symbols
}

/// `-lc++` is xcc's own, in the program: its headers are newer than the library of an older macOS.
const OF_PROGRAMS: &str = "libc++";

/// Writes the stub of a library at its install name, and the shorter names it is linked by: `libz.tbd` for
/// `libz.1.dylib`, `F.framework/F.tbd` for `F.framework/Versions/A/F`.
fn stub(stage: &Path, library: &Library<'_>, all: &[Library<'_>]) -> Result<()> {
    let path = stage.join(library.install_name.trim_start_matches('/'));
    let (Some(dir), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    let stem = name.strip_suffix(".dylib").unwrap_or(name);
    let file = format!("{stem}.tbd");
    write(&dir.join(&file), &library.text(all))?;
    if let Some((short, _)) = stem.split_once('.').filter(|(short, _)| *short != OF_PROGRAMS) {
        return link_to(&file, dir, &format!("{short}.tbd"));
    }
    match (dir.parent(), dir.file_name().and_then(|version| version.to_str())) {
        (Some(versions), Some(version)) if versions.ends_with("Versions") => {
            let framework = versions.parent().unwrap_or(versions);
            link_to(&format!("Versions/{version}/{file}"), framework, &file)
        }
        _ => Ok(()),
    }
}

fn link_to(file: &str, dir: &Path, name: &str) -> Result<()> {
    let (target, link) = (dir.join(file), dir.join(name));
    if link.exists() && cfg!(unix) {
        return Ok(());
    }
    if cfg!(unix) { symlink(Path::new(file), &target, &link) } else { copy(&target, &link) }
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    }
    whole_file::write(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_frameworks_are_sorted_and_not_those_of_the_stubs() {
        let more: Vec<&str> = more_frameworks().collect();
        assert!(more.len() > 100 && more.is_sorted_by(|a, b| a < b), "{more:?}");
        for name in more {
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
            assert!(!STUBS.contains(&format!("/{name}.framework/Versions/A/{name}\n")), "{name}");
        }
    }
}
