//! The tools beside the compiler that read and rewrite objects, called and answering as GNU's do: `nm`, `strip`,
//! `objcopy`, `objdump`, `readelf`, `size`, `strings`, `c++filt`, `addr2line`.
//!
//! They need neither zig nor a sysroot, and one tool serves every target: the file says what it is. What a tool cannot
//! do is an error that names the option; a system LLVM tool takes over where `XCC_BINUTILS` says so.

mod addr2line;
pub(crate) mod archive;
mod copy;
mod demangle;
pub(crate) mod elf;
pub(crate) mod macho;
mod nm;
mod objcopy;
mod objdump;
mod object;
mod options;
pub(crate) mod pe;
mod readelf;
mod size;
mod strings;
mod strip;

pub(crate) use strip::debug as strip_debug;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

use crate::command::Command;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::terminal;

/// One of the tools.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Tool {
    Nm,
    Strip,
    Objcopy,
    Objdump,
    Readelf,
    Size,
    Strings,
    Cxxfilt,
    Addr2line,
    Lipo,
    InstallName,
    Otool,
    Codesign,
    Vtool,
    Dsymutil,
    Xcrun,
    SwVers,
    Nmedit,
    DyldInfo,
}

type Main = fn(&[OsString], &Env, &mut Out) -> Result<i32>;

/// A tool, its name, the name of LLVM's, and what runs it.
const TOOLS: &[(Tool, &str, &str, Main)] = &[
    (Tool::Nm, "nm", "llvm-nm", nm::run),
    (Tool::Strip, "strip", "llvm-strip", strip::run),
    (Tool::Objcopy, "objcopy", "llvm-objcopy", objcopy::run),
    (Tool::Objdump, "objdump", "llvm-objdump", objdump::run),
    (Tool::Readelf, "readelf", "llvm-readelf", readelf::run),
    (Tool::Size, "size", "llvm-size", size::run),
    (Tool::Strings, "strings", "llvm-strings", strings::run),
    (Tool::Cxxfilt, "c++filt", "llvm-cxxfilt", demangle::run),
    (Tool::Addr2line, "addr2line", "llvm-addr2line", addr2line::run),
    (Tool::Lipo, "lipo", "llvm-lipo", macho::lipo::run),
    (Tool::InstallName, "install_name_tool", "llvm-install-name-tool", macho::install_name_tool::run),
    (Tool::Otool, "otool", "llvm-otool", macho::otool::run),
    // LLVM has none of these, or they are found as others are.
    (Tool::Codesign, "codesign", "", macho::codesign::run),
    (Tool::Vtool, "vtool", "", macho::vtool::run),
    (Tool::Dsymutil, "dsymutil", "", macho::dsymutil::run),
    (Tool::Xcrun, "xcrun", "", macho::xcrun::run),
    (Tool::Nmedit, "nmedit", "", macho::nmedit::run),
    (Tool::DyldInfo, "dyld_info", "", macho::dyld_info::run),
    (Tool::SwVers, "sw_vers", "", macho::xcrun::sw_vers),
];

impl Tool {
    fn row(self) -> &'static (Tool, &'static str, &'static str, Main) {
        TOOLS.iter().find(|row| row.0 == self).unwrap_or(&TOOLS[0])
    }

    pub(crate) fn name(self) -> &'static str {
        self.row().1
    }

    /// LLVM's tool of the same use.
    pub(crate) fn llvm(self) -> &'static str {
        self.row().2
    }
}

/// Runs the tool, or hands over to LLVM's.
pub(crate) fn run(tool: Tool, argv: &[OsString], env: &Env) -> Result<i32> {
    match env.get(env::XCC_BINUTILS).map(OsStr::to_str) {
        None | Some(Some("xcc")) => {}
        Some(Some("llvm")) if tool.llvm().is_empty() => {}
        Some(Some("llvm")) => return llvm(tool, argv, env),
        Some(_) => {
            return Err(Error::Variable { name: env::XCC_BINUTILS, message: "it is neither 'xcc' nor 'llvm'".into() });
        }
    }
    let mut out = Out { to: BufWriter::with_capacity(1 << 16, io::stdout().lock()), closed: false };
    let code = (tool.row().3)(argv, env, &mut out)?;
    out.end(code)
}

/// Becomes the system's LLVM tool.
fn llvm(tool: Tool, argv: &[OsString], env: &Env) -> Result<i32> {
    let own = crate::dirs::executable().ok().and_then(|path| path.canonicalize().ok());
    let name = format!("{}{}", tool.llvm(), std::env::consts::EXE_SUFFIX);
    let path = env.get(env::PATH).unwrap_or_default();
    let found = std::env::split_paths(path)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join(&name))
        .find(|path| path.is_file() && path.canonicalize().ok() != own);
    let Some(program) = found else {
        return Err(Error::with_help(
            format!("cannot find '{}' on PATH, which XCC_BINUTILS=llvm asks for", tool.llvm()),
            "install LLVM's tools, or unset XCC_BINUTILS",
        ));
    };
    Command { program, args: argv.to_vec(), set: Vec::new() }.exec(env)
}

/// Standard output. When its reader has gone (`nm … | head`) the tool ends in silence, as one killed by SIGPIPE would.
pub(crate) struct Out {
    to: BufWriter<StdoutLock<'static>>,
    closed: bool,
}

impl Out {
    pub(crate) fn text(&mut self, text: impl AsRef<[u8]>) -> Result<()> {
        let done = self.to.write_all(text.as_ref());
        self.check(done)
    }

    pub(crate) fn flush(&mut self) -> Result<()> {
        let done = self.to.flush();
        self.check(done)
    }

    fn check(&mut self, done: io::Result<()>) -> Result<()> {
        match done {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other.map_err(Error::io("write", "standard output")),
        }
    }

    fn end(mut self, code: i32) -> Result<i32> {
        self.flush()?;
        // 128 + SIGPIPE, as a shell reports it.
        Ok(if self.closed { 141 } else { code })
    }
}

/// Says what is wrong with one of several files, and goes on.
pub(crate) fn complain(out: &mut Out, error: &Error) -> Result<()> {
    out.flush()?;
    let mut text = format!("xcc: error: {}\n", terminal::printable(&error.to_string()));
    if let Some(help) = error.help() {
        text.push_str(&format!("xcc: help: {help}\n"));
    }
    let _ = io::stderr().write_all(text.as_bytes());
    Ok(())
}

/// Runs `each` for every operand, or for `a.out` where there is none; 1 when one of them failed.
pub(crate) fn for_each_file(
    operands: &[OsString],
    out: &mut Out,
    mut each: impl FnMut(&OsStr, &[u8], &mut Out) -> Result<()>,
) -> Result<i32> {
    let default = [OsString::from("a.out")];
    let mut code = 0;
    for name in if operands.is_empty() { &default } else { operands } {
        let done = read(name).and_then(|data| each(name, &data, out));
        if let Err(error) = done {
            complain(out, &error)?;
            code = 1;
        }
        if out.closed {
            break;
        }
    }
    Ok(code)
}

/// The whole of an ordinary file.
pub(crate) fn read(name: &OsStr) -> Result<Vec<u8>> {
    let path = Path::new(name);
    let meta = fs::metadata(path).map_err(Error::io("read", path))?;
    if !meta.is_file() {
        // libtool takes an nm for one that works when the first line it says of /dev/null names it.
        return Err(Error::message(format!("'{}': not an ordinary file", path.display())));
    }
    fs::read(path).map_err(Error::io("read", path))
}

/// Puts a file's name before what is wrong with it.
pub(crate) fn in_file(name: &str) -> impl Fn(String) -> Error {
    move |what| {
        let text = format!("'{name}': {what}");
        match what.starts_with("file format not recognized") {
            true => Error::with_help(
                text,
                "it is no ELF, PE or Mach-O file and no archive; XCC_BINUTILS=llvm has a system LLVM tool try",
            ),
            false => Error::message(text),
        }
    }
}

/// A member of an archive as messages name it, `lib.a(member.o)`.
pub(crate) fn member_name(archive: &str, member: &[u8]) -> String {
    format!("{archive}({})", String::from_utf8_lossy(member))
}
