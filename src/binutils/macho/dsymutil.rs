//! `dsymutil`: a real one where there is one on PATH; else nothing at all, with success. Go's linker asks for it and goes
//! on without debugging information when no file comes of it (`cmd/link`, "For os.Rename to work reliably…").

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::binutils::Out;
use crate::command::Command;
use crate::env::{self, Env};
use crate::error::Result;
use crate::{dirs, links};

pub(in crate::binutils) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let Some(program) = real(env) else {
        if argv.iter().any(|word| word == "--version" || word == "-v") {
            out.text(format!(
                "xcc dsymutil {}, which makes nothing: no dsymutil is on PATH\n",
                env!("CARGO_PKG_VERSION")
            ))?;
        }
        return Ok(0);
    };
    out.flush()?;
    let set = with_lipo(env).map(|path| vec![(env::PATH, path)]).unwrap_or_default();
    Command { program, args: argv.to_vec(), set }.exec(env)
}

/// PATH with xcc's lipo behind the others: LLVM's dsymutil starts one to join what it has made of a universal file.
fn with_lipo(env: &Env) -> Option<OsString> {
    let lipo = links::ensure(&dirs::cache(env)?, "lipo").ok()?;
    let all = std::env::split_paths(env.get(env::PATH)?).chain([lipo.parent()?.to_owned()]);
    std::env::join_paths(all).ok()
}

/// The first on PATH by the plain names, else the newest of those with LLVM's version in the name; never xcc itself.
pub(crate) fn real(env: &Env) -> Option<PathBuf> {
    let own = dirs::executable().ok().and_then(|path| path.canonicalize().ok());
    let is_other = |path: &Path| {
        let there = path.canonicalize().ok().filter(|there| there.is_file());
        there.is_some_and(|there| Some(&there) != own.as_ref())
    };
    let dirs: Vec<PathBuf> = std::env::split_paths(env.get(env::PATH)?).filter(|dir| dir.is_absolute()).collect();
    for name in ["dsymutil", "llvm-dsymutil"] {
        if let Some(found) = dirs.iter().map(|dir| dir.join(name)).find(|path| is_other(path)) {
            return Some(found);
        }
    }
    let mut best: Option<(u32, PathBuf)> = None;
    for dir in dirs {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let version = name.to_str().and_then(|name| {
                let version = name.strip_prefix("dsymutil-").or_else(|| name.strip_prefix("llvm-dsymutil-"));
                version?.parse::<u32>().ok()
            });
            if let Some(version) = version.filter(|version| best.as_ref().is_none_or(|best| best.0 < *version))
                && is_other(&entry.path())
            {
                best = Some((version, entry.path()));
            }
        }
    }
    best.map(|best| best.1)
}
