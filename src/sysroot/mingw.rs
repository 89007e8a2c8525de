//! The sysroot of a Windows target: what zig links, under mingw-w64's names, and an import library for every `.def` file
//! of zig's mingw-w64.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use regex::Regex;

use super::Component;
use super::build::Job;
use super::files::copy;
use super::layout::{self, On};
use crate::error::{Error, Result};

/// Flags of the probes: a program, a program that starts at `wmain`, a DLL. The middle column is the name of the start
/// object of each, for which zig has one name.
const PROBES: &[(&[&str], &str)] =
    &[(&["-lunwind"], "crt2.o"), (&["-municode"], "crt2u.o"), (&["-shared"], "dllcrt2.o")];

/// What differs between the architectures.
struct Arch {
    /// The beginning of the target's name.
    target: &'static str,
    /// dlltool's machine.
    machine: &'static str,
    /// Its own `.def` files, which win over the common ones.
    directory: &'static str,
    /// The macro that older `.def.in` files ask for; those since zig 0.16 ask for clang's own.
    define: &'static str,
    /// x86 names end in the bytes of their arguments, which the names in a DLL do not.
    kills_at: bool,
}

const ARCHES: &[Arch] = &[
    Arch { target: "aarch64-", machine: "arm64", directory: "libarm64", define: "-DDEF_ARM64", kills_at: false },
    Arch { target: "x86-", machine: "i386", directory: "lib32", define: "-DDEF_I386", kills_at: true },
    Arch { target: "x86_64-", machine: "i386:x86-64", directory: "lib64", define: "-DDEF_X64", kills_at: false },
];

/// The import libraries that are Microsoft's C runtime together.
const UCRT: &str = "libapi-ms-win-crt-";

impl Job<'_> {
    pub(super) fn windows(&self) -> Result<()> {
        let (stage, lib, include) = self.stage()?;
        let mut recipe = self.recipe();
        let mut definitions = None;
        for (flags, start) in PROBES {
            let source = if *start == "crt2u.o" { "wprobe.c" } else { "probe.c" };
            let probe = self.probe("cc", source, flags)?;
            let (Some(compile), Some(link)) = (probe.compile, probe.link) else {
                return Err(self.failed("zig printed no compiler or linker line that xcc can read".into()));
            };
            if definitions.is_none() {
                self.headers(&compile, &stage, &include, &mut recipe)?;
                let zigs = compile.include.first().and_then(|own| own.parent());
                definitions = zigs.map(|lib| lib.join("libc/mingw"));
            }
            recipe.push_str(&format!("link {}\n", flags.join(" ")));
            for file in &link.files {
                let to = lib.join(mingw_name(file, start));
                if !to.exists() {
                    copy(file, &to)?;
                    recipe.push_str(&format!("  {}\n", to.file_name().unwrap_or_default().to_string_lossy()));
                }
            }
        }
        let definitions = definitions.ok_or_else(|| self.failed("zig named no directory with headers".into()))?;
        let libraries = self.import_libraries(&definitions, &lib)?;
        recipe.push_str(&format!("import libraries {libraries}\n"));
        self.join(&lib, &["libmingw32.a".to_owned(), "libzigc.a".to_owned()], "libmingw32.a")?;
        let (ucrt, others): (Vec<_>, Vec<_>) =
            api_sets(&names_in(&lib)?).into_iter().partition(|name| name.starts_with(UCRT));
        self.join(&lib, &ucrt, "libucrt.a")?;
        self.join(&lib, &others, "libwindowsapp.a")?;
        self.runtime_libraries(&stage, &lib)?;
        self.crt_objects(&stage, &lib)?;
        self.names(layout::MINGW_NAMES, On::Mingw, &lib)?;
        self.names(layout::RUNTIME_NAMES, On::Mingw, &lib)?;
        self.finish_base(&stage, &recipe)
    }

    /// One archive of several, those that are there, in the place of the first.
    fn join(&self, lib: &Path, names: &[String], into: &str) -> Result<()> {
        let there: Vec<PathBuf> = names.iter().map(|name| lib.join(name)).filter(|path| path.is_file()).collect();
        let both = self.temporary.join("joined.a");
        self.join_archives(&there.iter().map(PathBuf::as_path).collect::<Vec<_>>(), &both)?;
        let to = lib.join(into);
        fs::rename(&both, &to).map_err(Error::io("create", &to))
    }

    /// An import library for each `.def` and `.def.in` file, as many at a time as there are processors; how many.
    fn import_libraries(&self, definitions: &Path, lib: &Path) -> Result<usize> {
        let arch = ARCHES.iter().find(|arch| self.target.row.name.starts_with(arch.target));
        let arch = arch.ok_or_else(|| self.failed("its architecture has no import libraries".into()))?;
        let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
        for dir in [definitions.join(arch.directory), definitions.join("lib-common")] {
            // Not every architecture has a directory of its own.
            for name in names_in(&dir).unwrap_or_default() {
                let stem = name.strip_suffix(".def").or_else(|| name.strip_suffix(".def.in"));
                // The parts of Microsoft's runtimes that other .def.in files include.
                if let Some(stem) = stem.filter(|stem| !stem.ends_with("-common")) {
                    found.entry(stem.to_lowercase()).or_insert_with(|| dir.join(&name));
                }
            }
        }
        let count = found.len();
        let queue = Mutex::new(found.into_iter());
        let next = || queue.lock().ok().and_then(|mut queue| queue.next());
        let work = || -> Result<()> {
            while let Some((stem, definition)) = next() {
                let library = lib.join(format!("lib{stem}.a"));
                // One that zig has made for the probes is the same.
                if !library.exists() {
                    self.import_library(arch, definitions, &definition, &library)?;
                }
            }
            Ok(())
        };
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(16);
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            threads.into_iter().try_for_each(|thread| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })?;
        Ok(count)
    }

    fn import_library(&self, arch: &Arch, definitions: &Path, definition: &Path, library: &Path) -> Result<()> {
        let mut read = definition.to_owned();
        if definition.extension().is_some_and(|ending| ending == "in") {
            read = self.temporary.join(library.file_name().unwrap_or_default()).with_extension("def");
            let mut clang = self.command("clang");
            clang.arg(format!("--target={}", self.target.row.clang));
            clang.args([
                "--no-default-config",
                "-E",
                "-P",
                "-w",
                "-nostdinc",
                "-std=c11",
                "-x",
                "c",
                arch.define,
                "-I",
            ]);
            clang.arg(definitions.join("def-include")).arg(definition).arg("-o").arg(&read);
            self.run(&mut clang)?;
            if !arch.kills_at {
                undecorate(&read)?;
            }
        }
        let mut dlltool = self.command("dlltool");
        dlltool.args(["-m", arch.machine, "-d"]).arg(&read).arg("-l").arg(library);
        if arch.kills_at {
            dlltool.arg("-k");
        }
        self.run(&mut dlltool).map(drop)
    }
}

/// Takes the bytes of arguments off the names of a `.def` file for all machines: only x86 has them.
fn undecorate(definition: &Path) -> Result<()> {
    let text = fs::read_to_string(definition).map_err(Error::io("read", definition))?;
    let decorated = Regex::new(r"(?m)^([A-Za-z_]\w*)@\d+").map_err(|error| Error::message(error.to_string()))?;
    fs::write(definition, &*decorated.replace_all(&text, "$1")).map_err(Error::io("write", definition))
}

/// The import libraries of Windows' API sets; of two for one set, the one with what programs of the store may call, which is
/// what `-lwindowsapp` asks for.
fn api_sets(names: &[String]) -> Vec<String> {
    let is_kept = |name: &&String| {
        let stem = name.strip_suffix(".a").unwrap_or(name);
        name.starts_with("libapi-ms-win-") && !names.contains(&format!("{stem}_windowsapp.a"))
    };
    names.iter().filter(is_kept).cloned().collect()
}

/// `crt2.obj` and `ws2_32.lib` as mingw-w64 has them.
fn mingw_name(file: &Path, start: &str) -> String {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if file.extension().is_some_and(|ending| ending == "obj") {
        return start.to_owned();
    }
    match stem.strip_prefix("lib").unwrap_or(stem) {
        "compiler_rt" => Component::BUILTINS.to_owned(),
        name => format!("lib{name}.a"),
    }
}

fn names_in(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).map_err(Error::io("read", dir))?;
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_bytes_of_their_arguments_and_keep_their_ordinals() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.def");
        fs::write(&file, "EXPORTS\nbind@12 @2\n?name@4\n__WSAFDIsSet@8\nplain @7\n").unwrap();
        undecorate(&file).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "EXPORTS\nbind @2\n?name@4\n__WSAFDIsSet\nplain @7\n");
    }

    #[test]
    fn one_library_of_each_api_set_is_taken() {
        let names = ["libapi-ms-win-a.a", "libapi-ms-win-a_windowsapp.a", "libapi-ms-win-crt-b.a", "libuser32.a"]
            .map(String::from);
        assert_eq!(api_sets(&names), ["libapi-ms-win-a_windowsapp.a", "libapi-ms-win-crt-b.a"]);
    }

    #[test]
    fn files_of_zigs_get_mingws_names() {
        for (file, name) in [
            ("a/crt2.obj", "dllcrt2.o"),
            ("a/ws2_32.lib", "libws2_32.a"),
            ("a/libmingw32.lib", "libmingw32.a"),
            ("compiler_rt.lib", "libgcc.a"),
        ] {
            assert_eq!(mingw_name(Path::new(file), "dllcrt2.o"), name);
        }
    }
}
