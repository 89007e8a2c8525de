//! Builds the components of a sysroot: runs zig on a small program for each kind of link, reads from its verbose lines
//! what went in, and lays that out as an ordinary sysroot.

use std::fs;
use std::path::{Path, PathBuf};

use super::elf;
use super::files::{copy, define_first, file_name, merge, symlink};
use super::layout::{self, Content, Name, On};
use super::learn::{self, CompileLine};
use super::{Component, remove};
use crate::error::{Error, Result};
use crate::file_lock;
use crate::target::{Libc, Target};
use crate::zig::Zig;

/// One component of one sysroot, under its lock.
pub(super) struct Job<'a> {
    pub(super) cache: &'a Path,
    pub(super) zig: &'a Zig,
    pub(super) target: Target,
    pub(super) sysroot: &'a Path,
    /// Empty, on the same file system, removed afterwards.
    pub(super) temporary: &'a Path,
}

/// Flags of the probes of each libc: every kind of link whose crt objects and libraries differ. The last column names
/// the files to take from it that an earlier one has too: position-independent archives serve every kind of link.
const GLIBC_PROBES: &[&[&str]] = &[&["-pie", "-lunwind"], &["-no-pie"]];
const MUSL_PROBES: &[&[&str]] = &[&["-static", "-pie", "-lunwind"], &["-dynamic", "-pie"], &["-dynamic", "-no-pie"]];

/// Source of the runtime of `-fsanitize=undefined`.
const UBSAN: &str = include_str!("../../shims/ubsan/ubsan.c");

/// libc++'s setting for type information that is not unique in a process (`<typeinfo>`).
const COMPARE_BY_NAME: &str = "_LIBCPP_TYPEINFO_COMPARISON_IMPLEMENTATION=2";

impl Job<'_> {
    pub(super) fn make(&self, component: Component) -> Result<()> {
        match component {
            Component::Base => self.base(),
            Component::CxxHeaders => self.cxx_headers(),
            Component::CxxLibrary => self.cxx_library(),
            Component::Ubsan => self.ubsan(component),
            Component::Tsan => self.runtime("thread", "libtsan.a", "tsan", component),
            Component::MacosOwn => self.macos_own(),
            Component::Universal | Component::UniversalCxx => self.universal(component),
        }
    }

    fn base(&self) -> Result<()> {
        match self.target.row.libc {
            Libc::Mingw => return self.windows(),
            Libc::Wasi => return self.wasi(),
            Libc::Macos(_) => return self.macos(),
            Libc::None => return self.bare(),
            Libc::Glibc { .. } | Libc::Musl | Libc::Bsd(_) => {}
        }
        let (stage, lib, include) = self.stage()?;
        let probes = if self.target.is_musl() { MUSL_PROBES } else { GLIBC_PROBES };
        let mut recipe = self.recipe();
        let mut builtins = false;
        for (index, flags) in probes.iter().enumerate() {
            let probe = self.probe("cc", "probe.c", flags)?;
            let (Some(compile), Some(link)) = (probe.compile, probe.link) else {
                return Err(self.failed("zig printed no compiler or linker line that xcc can read".into()));
            };
            if index == 0 {
                self.headers(&compile, &stage, &include, &mut recipe)?;
            }
            recipe.push_str(&format!("link {}\n", flags.join(" ")));
            for file in &link.files {
                let name = file_name(file);
                // The first probe is position-independent throughout; its archives are the ones to keep.
                let target = lib.join(if name == "libcompiler_rt.a" { Component::BUILTINS } else { name });
                builtins |= name == "libcompiler_rt.a";
                if !target.exists() {
                    copy(file, &target)?;
                    if name.ends_with(".o") {
                        elf::drop_address_significance(&target)?;
                        if self.target.is_openbsd() {
                            elf::mark_openbsd(&target)?;
                        }
                    }
                    recipe.push_str(&format!("  {name}\n"));
                }
            }
        }
        if !builtins {
            return Err(self.failed("zig linked no compiler-rt".into()));
        }
        self.join_zigc(&lib)?;
        self.runtime_libraries(&stage, &lib)?;
        self.crt_objects(&stage, &lib)?;
        if let Some(minor) = self.target.glibc_minor() {
            self.crypt_stub(&lib)?;
            for (name, text, _) in layout::OLD_GLIBC.iter().filter(|(.., end)| minor < *end) {
                let header = include.join(name);
                fs::write(&header, text).map_err(Error::io("write", &header))?;
            }
        }
        let on = On::of(self.target.row.libc);
        if on == On::Bsd {
            self.bsd_names(&lib)?;
        }
        self.names(layout::LIBC_NAMES, on, &lib)?;
        self.names(layout::BSD_NAMES, on, &lib)?;
        self.names(layout::RUNTIME_NAMES, on, &lib)?;
        self.finish_base(&stage, &recipe)
    }

    /// An empty sysroot to fill: itself, its `usr/lib` and its `usr/include`.
    pub(super) fn stage(&self) -> Result<(PathBuf, PathBuf, PathBuf)> {
        let stage = self.temporary.join("sysroot");
        let (lib, include) = (stage.join("usr/lib"), stage.join("usr/include"));
        for dir in [&lib, &include] {
            fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        }
        Ok((stage, lib, include))
    }

    /// The first lines of what a sysroot says of itself.
    pub(super) fn recipe(&self) -> String {
        format!("zig {}\ntarget {}\n", self.zig.version, self.target.zig_triple())
    }

    /// Puts what is staged in its place.
    pub(super) fn finish_base(&self, stage: &Path, recipe: &str) -> Result<()> {
        self.without_paths(&stage.join("usr/lib"))?;
        self.without_paths(&stage.join("lib"))?;
        let path = stage.join(Component::Base.proof());
        fs::write(&path, recipe).map_err(Error::io("write", &path))?;
        if let Some(parent) = self.sysroot.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        // A directory of this name without a recipe is none of ours: an interrupted removal, perhaps.
        remove(self.sysroot).map_err(Error::io("remove", self.sysroot))?;
        fs::rename(stage, self.sysroot).map_err(Error::io("create", self.sysroot))
    }

    /// Merges zig's header directories into one `usr/include`, the earlier winning, and links clang's own.
    pub(super) fn headers(
        &self,
        compile: &CompileLine,
        stage: &Path,
        include: &Path,
        recipe: &mut String,
    ) -> Result<()> {
        let mut own = None;
        for dir in &compile.include {
            // Relative to zig: a sysroot that moves says nothing of the machine it comes from.
            let home = self.zig.path.parent().unwrap_or(Path::new(""));
            recipe.push_str(&format!("include {}\n", dir.strip_prefix(home).unwrap_or(dir).display()));
            if own.is_none() && dir.ends_with("lib/include") || dir.join("stddef.h").is_file() && own.is_none() {
                own = Some(dir);
            } else if dir.is_dir() {
                // zig names one for the architecture where there is none, too.
                merge(dir, include)?;
            }
        }
        let own = own.ok_or_else(|| self.failed("zig named no directory with clang's own headers".into()))?;
        let shared = self.cache.join("clang").join(&self.zig.version).join("include");
        self.copy_once(own, &shared)?;
        let resource = stage.join("lib/clang");
        fs::create_dir_all(&resource).map_err(Error::io("create", &resource))?;
        let link = resource.join("include");
        // From sysroot/VERSION/TARGET/lib/clang to clang/VERSION/include: relative, so that a cache can move.
        let relative = Path::new("../../../../../clang").join(&self.zig.version).join("include");
        symlink(&relative, &shared, &link)?;
        // glibc's version is a macro that zig gives on its command line; a real sysroot has it in the header.
        // The BSDs' are in others.
        for header in ["features.h", "sys/param.h", "osreldate.h"].map(|name| include.join(name)) {
            if header.is_file() && (self.target.is_bsd() || header.ends_with("features.h")) {
                define_first(&header, &compile.defines)?;
            }
        }
        Ok(())
    }

    /// A directory that all sysroots of a zig share, made by whichever is first.
    fn copy_once(&self, from: &Path, to: &Path) -> Result<()> {
        if to.exists() {
            return Ok(());
        }
        let _lock = file_lock::exclusive(&self.cache.join("locks"), &format!("{}-clang", self.zig.version))?;
        if to.exists() {
            return Ok(());
        }
        let stage = self.temporary.join("clang-include");
        merge(from, &stage)?;
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        fs::rename(&stage, to).map_err(Error::io("create", to))
    }

    /// zig 0.17 keeps the part of musl that it has rewritten in an archive of its own; a `-lc` must take both.
    pub(super) fn join_zigc(&self, lib: &Path) -> Result<()> {
        let zigc = lib.join("libzigc.a");
        if zigc.is_file() {
            let libc = lib.join("libc.a");
            let both = self.temporary.join("libc.a");
            self.join_archives(&[&libc, &zigc], &both)?;
            fs::rename(&both, &libc).map_err(Error::io("create", &libc))?;
            fs::remove_file(&zigc).map_err(Error::io("remove", &zigc))?;
        }
        Ok(())
    }

    /// compiler-rt where clang's driver looks for it, and the unwinder.
    pub(super) fn runtime_libraries(&self, stage: &Path, lib: &Path) -> Result<()> {
        let dir = self.resource_lib(stage);
        fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
        let builtins = lib.join(Component::BUILTINS);
        let sources = layout::RUNTIME_SOURCES.iter().filter(|row| self.target.row.clang.starts_with(row.targets));
        for (index, row) in sources.enumerate() {
            let mut ar = self.command("ar");
            ar.arg("rs").arg(&builtins);
            if !row.text.is_empty() {
                let source = self.temporary.join(format!("runtime{index}.c"));
                let object = self.temporary.join(format!("runtime{index}.o"));
                fs::write(&source, row.text).map_err(Error::io("write", &source))?;
                self.clang(stage, &["-c".as_ref(), source.as_os_str(), "-o".as_ref(), object.as_os_str()])?;
                ar.arg(&object);
            }
            elf::hide_symbols(&builtins, row.replaces)?;
            self.run(&mut ar)?;
        }
        copy(&lib.join("libunwind.a"), &dir.join("libunwind.a"))?;
        copy(&builtins, &dir.join("libclang_rt.builtins.a"))
    }

    /// Adds what a source compiles to to an archive.
    pub(super) fn add_source(&self, stage: &Path, archive: &Path, text: &str) -> Result<()> {
        let name = format!("{:08x}", crate::zig::fnv(text.as_bytes()) as u32);
        let source = self.temporary.join(&name).with_extension("c");
        let object = self.temporary.join(&name).with_extension("o");
        fs::write(&source, text).map_err(Error::io("write", &source))?;
        self.clang(stage, &["-c".as_ref(), source.as_os_str(), "-o".as_ref(), object.as_os_str()])?;
        self.run(self.command("ar").arg("rs").arg(archive).arg(&object)).map(drop)
    }

    pub(super) fn resource_lib(&self, sysroot: &Path) -> PathBuf {
        sysroot.join("lib/clang/lib").join(self.target.row.clang)
    }

    pub(super) fn crt_objects(&self, stage: &Path, lib: &Path) -> Result<()> {
        let objects = match self.target.row.libc {
            Libc::Mingw => layout::MINGW_CRT_OBJECTS,
            Libc::Bsd(_) => layout::BSD_CRT_OBJECTS,
            _ => layout::CRT_OBJECTS,
        };
        for (object, source, text) in objects {
            let output = lib.join(object);
            if !output.exists() {
                let source = self.temporary.join(source);
                fs::write(&source, text).map_err(Error::io("write", &source))?;
                self.clang(stage, &["-c".as_ref(), source.as_os_str(), "-o".as_ref(), output.as_os_str()])?;
            }
        }
        Ok(())
    }

    /// `libcrypt.so.1`, which every port of glibc has had from its start and zig's stubs leave out.
    fn crypt_stub(&self, lib: &Path) -> Result<()> {
        let source = self.temporary.join("crypt.c");
        let object = self.temporary.join("crypt.o");
        let versions = self.temporary.join("crypt.map");
        let stub = lib.join("libcrypt.so.1");
        fs::write(&source, layout::CRYPT).map_err(Error::io("write", &source))?;
        let first = layout::crypt_version(self.target.row.name);
        let map = format!("{first} {{ global: crypt; crypt_r; encrypt; encrypt_r; setkey; setkey_r; local: *; }};\n");
        fs::write(&versions, map).map_err(Error::io("write", &versions))?;
        let no_builtin = "-fno-builtin".as_ref();
        let flags = ["-c".as_ref(), no_builtin, source.as_os_str(), "-o".as_ref(), object.as_os_str()];
        self.clang(lib, &flags)?;
        let mut script = std::ffi::OsString::from("--version-script=");
        script.push(&versions);
        let mut link = self.command("ld.lld");
        link.args(["-shared", "-s", "-soname", "libcrypt.so.1", "-o"]).arg(&stub).arg(&object).arg(&script);
        self.run(&mut link).map(drop)
    }

    fn cxx_headers(&self) -> Result<()> {
        let probe = self.probe("c++", "probe.cpp", &["-c"])?;
        let compile = probe.compile.ok_or_else(|| self.failed("zig printed no C++ compiler line".into()))?;
        let stage = self.temporary.join("v1");
        let is_cxx = |dir: &&PathBuf| dir.components().any(|c| c.as_os_str().to_string_lossy().starts_with("libcxx"));
        for dir in compile.include.iter().filter(is_cxx) {
            merge(dir, &stage)?;
        }
        // zig says on its command line what libc++'s build writes into its own configuration header.
        let site = ["__config_site", "__config"].iter().map(|name| stage.join(name)).find(|path| path.is_file());
        let site = site.ok_or_else(|| self.failed("zig named no directory with libc++'s headers".into()))?;
        let of_libcxx = compile.defines.into_iter().filter(|define| define.starts_with("_LIBC"));
        // Apple's processors mark type information that is not unique, and libc++ knows the mark.
        let by_name = (!self.target.is_macos()).then(|| COMPARE_BY_NAME.to_owned());
        let of_libcxx: Vec<String> = of_libcxx.chain(by_name).collect();
        define_first(&site, &of_libcxx)?;
        let to = self.sysroot.join(Component::CxxHeaders.proof());
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        fs::rename(&stage, &to).map_err(Error::io("create", &to))
    }

    fn cxx_library(&self) -> Result<()> {
        let flags: &[&str] = match self.target.row.libc {
            // libc++ is the same for either kind of link, and for this one zig makes a stub of musl instead of all of it.
            Libc::Musl => &["-dynamic", "-pie"],
            Libc::Wasi => &["-fno-exceptions"],
            Libc::Macos(_) => &[],
            Libc::Glibc { .. } | Libc::Mingw | Libc::Bsd(_) | Libc::None => &["-pie"],
        };
        let probe = self.probe("c++", "probe.cpp", flags)?;
        let link = probe.link.ok_or_else(|| self.failed("zig printed no C++ linker line".into()))?;
        let archives: Vec<&Path> = link
            .files
            .iter()
            .map(PathBuf::as_path)
            .filter(|file| {
                matches!(
                    file_name(file),
                    "libc++.a" | "libc++abi.a" | "c++.lib" | "c++abi.lib" | "libc++.lib" | "libc++abi.lib"
                )
            })
            .collect();
        if archives.len() != 2 {
            return Err(self.failed("zig linked no libc++.a and libc++abi.a".into()));
        }
        let stage = self.temporary.join("lib");
        fs::create_dir_all(&stage).map_err(Error::io("create", &stage))?;
        let library = stage.join("libc++.a");
        self.join_archives(&archives, &library)?;
        if !self.target.is_macos() {
            self.compare_types_by_name(&probe.printed, &library)?;
        }
        self.without_paths(&library)?;
        self.names(layout::CXX_NAMES, On::of(self.target.row.libc), &stage)?;
        let lib = self.sysroot.join("usr/lib");
        // libc++.a last: it is the proof that the others are there.
        for name in layout::CXX_NAMES.iter().map(|row| row.name).chain(["libc++.a"]) {
            fs::rename(stage.join(name), lib.join(name)).map_err(Error::io("create", lib.join(name)))?;
        }
        Ok(())
    }

    /// Each program and each shared object has a static libc++ of its own, whose type information is hidden: an exception
    /// of the standard library thrown in one would not be caught in another. libc++ has a way to compare types for this
    /// case, by name, which zig does not use: the one source that compares is compiled again with it.
    fn compare_types_by_name(&self, printed: &str, library: &Path) -> Result<()> {
        let zig_dir = self.zig.path.parent().unwrap_or(Path::new("/"));
        let words = learn::own_compile(printed, "private_typeinfo.cpp", &[zig_dir, self.temporary]);
        let words = words.filter(|words| words.len() > 2);
        let words = words.ok_or_else(|| self.failed("zig compiled no private_typeinfo.cpp of libc++abi".into()))?;
        let object = self.temporary.join("private_typeinfo.o");
        let mut clang = self.command("clang");
        clang.args(&words[2..]).arg(format!("-D{COMPARE_BY_NAME}")).arg("-o").arg(&object).current_dir(self.temporary);
        self.run(&mut clang)?;
        self.run(self.command("ar").arg("r").arg(library).arg(&object)).map(drop)
    }

    /// The runtime of a sanitizer, under the name clang's driver gives it.
    fn runtime(&self, check: &str, zigs: &str, clangs: &str, component: Component) -> Result<()> {
        let sanitize = format!("-fsanitize={check}");
        let pie: &[&str] = if self.target.is_musl() { &["-static", "-pie"] } else { &["-pie"] };
        let flags: Vec<&str> = pie.iter().copied().chain([sanitize.as_str()]).collect();
        let probe = self.probe("cc", "probe.c", &flags)?;
        let link = probe.link.ok_or_else(|| self.failed("zig printed no linker line".into()))?;
        let archive = link.files.iter().find(|file| file_name(file) == zigs).ok_or_else(|| Error::Unsupported {
            option: sanitize.clone(),
            target: self.target.row.name.to_owned(),
            help: format!("zig {} has no runtime library of this sanitizer for the target", self.zig.version),
            rule: None,
        })?;
        let stage = self.temporary.join("runtime.a");
        copy(archive, &stage)?;
        self.without_paths(&stage)?;
        self.install_runtime(&stage, clangs, component)
    }

    /// xcc's own: zig's ends the program at the first report, and knows nothing of C++.
    fn ubsan(&self, component: Component) -> Result<()> {
        let source = self.temporary.join("ubsan.c");
        let object = self.temporary.join("ubsan.o");
        let archive = self.temporary.join("ubsan.a");
        fs::write(&source, UBSAN).map_err(Error::io("write", &source))?;
        let hidden = "-fvisibility=hidden".as_ref();
        let flags = ["-c".as_ref(), hidden, source.as_os_str(), "-o".as_ref(), object.as_os_str()];
        self.clang(self.sysroot, &flags)?;
        self.run(self.command("ar").arg("rcs").arg(&archive).arg(&object))?;
        // What a program exports for its shared libraries, which are linked without a runtime of their own; without
        // these files clang would have it export everything.
        for name in ["ubsan_standalone", "ubsan_standalone_cxx"] {
            let list = self.resource_lib(self.sysroot).join(format!("libclang_rt.{name}.a.syms"));
            fs::write(&list, "{ __ubsan_*; };\n").map_err(Error::io("write", &list))?;
        }
        self.install_runtime(&archive, "ubsan_standalone", component)
    }

    /// Moves an archive to where clang's driver looks for it; the part for C++ beside it is empty.
    fn install_runtime(&self, archive: &Path, clangs: &str, component: Component) -> Result<()> {
        let dir = self.resource_lib(self.sysroot);
        let cxx = dir.join(format!("libclang_rt.{clangs}_cxx.a"));
        fs::write(&cxx, "!<arch>\n").map_err(Error::io("write", &cxx))?;
        let to = dir.join(format!("libclang_rt.{clangs}.a"));
        fs::rename(archive, &to).map_err(Error::io("create", &to))?;
        let proof = self.sysroot.join(component.proof());
        fs::write(&proof, "").map_err(Error::io("write", &proof))
    }

    /// Writes library names into a directory.
    pub(super) fn names(&self, names: &[Name], on: On, dir: &Path) -> Result<()> {
        for row in names.iter().filter(|row| row.on.holds(on)) {
            let path = dir.join(row.name);
            if path.exists() {
                continue;
            }
            let first = |files: &str| dir.join(files.split(' ').next().unwrap_or(""));
            match row.content {
                Content::Script(files) | Content::LibcScript(files) if first(files).exists() => {
                    let mut text = format!("/* GNU ld script */\nINPUT({files})\n");
                    if matches!(row.content, Content::LibcScript(_)) {
                        let parts: Vec<&str> =
                            layout::LIBC_PARTS.iter().copied().filter(|part| dir.join(part).exists()).collect();
                        text.push_str(&format!("INPUT(AS_NEEDED({}))\n", parts.join(" ")));
                    }
                    fs::write(&path, text).map_err(Error::io("write", &path))?;
                }
                Content::Script(_) | Content::LibcScript(_) => {}
                Content::CopyOf(file) => copy(&dir.join(file), &path)?,
                Content::EmptyArchive => fs::write(&path, "!<arch>\n").map_err(Error::io("write", &path))?,
            }
        }
        Ok(())
    }
}
