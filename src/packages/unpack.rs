//! Files of packages to a tree that a compiler, a linker and pkg-config can use where it lies: what is of use to them, links
//! that stay inside, and `.pc` files that name directories by their own place.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use regex::Regex;

use super::table::KEPT;
use crate::error::{Error, Result};
use crate::inspect;
use crate::target::Target;

/// A tree that is being filled.
pub(super) struct Tree<'a> {
    /// It holds `usr`.
    pub(super) root: &'a Path,
    pub(super) target: Target,
    /// As Debian names library directories.
    pub(super) multiarch: &'a str,
    /// The newest version of glibc 2 that a library needs so far, its minor number, with the library and a symbol.
    pub(super) floor: Option<(u32, String)>,
}

/// What one file of a package is.
enum Content {
    File(Vec<u8>),
    /// As it is written in the package.
    Link(PathBuf),
    /// Another file of the package, by its place in the tree.
    Copy(PathBuf),
}

impl Tree<'_> {
    /// Adds the files of a tar; the names of those that are kept.
    ///
    /// # Errors
    /// A name or a link that leads out of the tree, a file that another package has with other contents, or a library of
    /// another machine.
    pub(super) fn add_tar(&mut self, tar: &[u8]) -> Result<Vec<String>> {
        let broken = |error: std::io::Error| Error::message(format!("it is not whole: {error}"));
        let mut files = BTreeMap::new();
        for entry in tar::Archive::new(tar).entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            let path = entry.path().map_err(broken)?.into_owned();
            let kind = entry.header().entry_type();
            let Some(place) = place(Path::new(""), &path)?.filter(|place| is_kept(place)) else { continue };
            let link = entry.link_name().map_err(broken)?.map(|link| link.into_owned());
            let content = match link {
                Some(link) if kind.is_symlink() => Content::Link(link),
                Some(link) if kind.is_hard_link() => match self::place(Path::new(""), &link)? {
                    Some(first) => Content::Copy(first),
                    None => continue,
                },
                _ if kind.is_file() => {
                    let mut bytes = Vec::new();
                    entry.read_to_end(&mut bytes).map_err(broken)?;
                    Content::File(bytes)
                }
                // Directories come with their files; devices and pipes are no part of a library.
                _ => continue,
            };
            files.insert(place, content);
        }
        self.add(files)
    }

    /// Adds the files below a directory, which is a root (`usr/lib`, …) or a prefix (`lib`, `include`).
    ///
    /// # Errors
    /// As [`Tree::add_tar`].
    pub(super) fn add_directory(&mut self, dir: &Path) -> Result<Vec<String>> {
        let base = if dir.join("usr").is_dir() { "" } else { "usr" };
        let mut files = BTreeMap::new();
        let mut open = vec![dir.to_owned()];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(&next).map_err(Error::io("read", &next))? {
                let entry = entry.map_err(Error::io("read", &next))?;
                let (path, kind) = (entry.path(), entry.file_type().map_err(Error::io("read", &next))?);
                if kind.is_dir() {
                    open.push(path);
                    continue;
                }
                let relative = path.strip_prefix(dir).unwrap_or(&path);
                let Some(place) = place(Path::new(base), relative)?.filter(|place| is_kept(place)) else { continue };
                let content = if kind.is_symlink() {
                    Content::Link(fs::read_link(&path).map_err(Error::io("read", &path))?)
                } else if kind.is_file() {
                    Content::File(fs::read(&path).map_err(Error::io("read", &path))?)
                } else {
                    continue;
                };
                files.insert(place, content);
            }
        }
        self.add(files)
    }

    fn add(&mut self, files: BTreeMap<PathBuf, Content>) -> Result<Vec<String>> {
        let mut kept = Vec::new();
        for (place, content) in &files {
            let added = match content {
                Content::File(bytes) => self.file(place, bytes)?,
                Content::Copy(first) => match files.get(first) {
                    Some(Content::File(bytes)) => self.file(place, bytes)?,
                    _ => false,
                },
                Content::Link(to) => self.link(place, to)?,
            };
            if added {
                kept.push(text(place)?);
            }
        }
        // A linker looks for libraries in the directory of the machine alone.
        let beside = Path::new("usr/lib").join(self.multiarch);
        for place in files.keys().filter(|place| place.parent() == Some(Path::new("usr/lib"))) {
            let name = place.file_name().and_then(|name| name.to_str()).unwrap_or("");
            let is_library = name.starts_with("lib") && (name.ends_with(".a") || name.contains(".so"));
            if is_library
                && kept.contains(&text(place)?)
                && self.link(&beside.join(name), Path::new(&format!("../{name}")))?
            {
                kept.push(text(&beside.join(name))?);
            }
        }
        Ok(kept)
    }

    fn file(&mut self, place: &Path, bytes: &[u8]) -> Result<bool> {
        let path = self.root.join(place);
        let moved;
        let bytes = match place.extension().is_some_and(|ending| ending == "pc") {
            true => {
                moved = relocate(place, &String::from_utf8_lossy(bytes)).into_bytes();
                &moved
            }
            false => bytes,
        };
        self.look_at(place, bytes)?;
        if path.symlink_metadata().is_ok() {
            if fs::read(&path).is_ok_and(|there| there == bytes) {
                return Ok(true);
            }
            return Err(Error::message(format!(
                "'{}' is in another package too, and is another file",
                place.display()
            )));
        }
        make_parent(&path)?;
        fs::write(&path, bytes).map_err(Error::io("write", &path))?;
        Ok(true)
    }

    /// Is it a library of this machine, and which glibc does it need?
    fn look_at(&mut self, place: &Path, bytes: &[u8]) -> Result<()> {
        let in_lib = place.parent().is_some_and(|dir| dir == Path::new("usr/lib") || dir.ends_with(self.multiarch));
        if !in_lib || !bytes.starts_with(b"\x7fELF") {
            return Ok(());
        }
        let Some(image) = inspect::elf_image(bytes) else {
            return Err(Error::message(format!("'{}' is not whole", place.display())));
        };
        let own = self.target.row.name.split('-').next().unwrap_or("");
        if let Some(arch) = image.arch.as_deref().filter(|arch| *arch != own) {
            return Err(Error::message(format!(
                "'{}' is for {arch}, and the target is '{}'",
                place.display(),
                self.target
            )));
        }
        let Some(libc) = image.libc else { return Ok(()) };
        let minor = libc.floor.as_deref().and_then(|floor| floor.strip_prefix("2.")?.split('.').next()?.parse().ok());
        if let Some(minor) = minor.filter(|minor| self.floor.as_ref().is_none_or(|(most, _)| minor > most)) {
            let name = place.file_name().unwrap_or_default().to_string_lossy();
            let symbol = libc.forced_by.first().map_or(String::new(), |symbol| format!(" ({symbol})"));
            self.floor = Some((minor, format!("{name}{symbol}")));
        }
        Ok(())
    }

    /// `false` for one that leads to what is not kept.
    fn link(&mut self, place: &Path, to: &Path) -> Result<bool> {
        let from = place.parent().unwrap_or(Path::new(""));
        // Of a file in the tree, where the package has it: a `lib` beside `usr` is `usr/lib` here, also for what is
        // relative to it.
        let full = if to.is_absolute() { to.strip_prefix("/").unwrap_or(to).to_owned() } else { from.join(to) };
        let Some(target) = self::place(Path::new(""), &full)?.filter(|target| is_kept(target)) else {
            return Ok(false);
        };
        let path = self.root.join(place);
        let relative = relative(from, &target);
        if path.symlink_metadata().is_ok() {
            return Ok(fs::read_link(&path).is_ok_and(|there| there == relative));
        }
        make_parent(&path)?;
        super::symlink(&relative, &path)?;
        Ok(true)
    }
}

fn make_parent(path: &Path) -> Result<()> {
    let dir = path.parent().unwrap_or(path);
    fs::create_dir_all(dir).map_err(Error::io("create", dir))
}

fn text(place: &Path) -> Result<String> {
    let text = place.to_str().map(str::to_owned);
    text.ok_or_else(|| Error::message(format!("the name '{}' is not UTF-8", place.display())))
}

/// Where a file of a package is in the tree: without `.` and `..`, and with `lib` merged into `usr/lib`. `None` for the
/// root itself.
fn place(base: &Path, path: &Path) -> Result<Option<PathBuf>> {
    let mut place = PathBuf::new();
    for part in base.components().chain(path.components()) {
        match part {
            Component::Normal(name) => place.push(name),
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir if place.pop() => {}
            Component::ParentDir | Component::Prefix(_) => {
                return Err(Error::message(format!("'{}' in it leads out of it", path.display())));
            }
        }
    }
    if place.starts_with("lib") {
        place = Path::new("usr").join(place);
    }
    Ok(Some(place).filter(|place| place.components().next().is_some()))
}

fn is_kept(place: &Path) -> bool {
    let names: Vec<&str> = place.iter().map(|name| name.to_str().unwrap_or("")).collect();
    KEPT.iter().any(|(dir, _)| {
        let kept: Vec<&str> = dir.split('/').collect();
        names.len() > kept.len() && kept.iter().zip(&names).all(|(kept, name)| *kept == "*" || kept == name)
    })
}

/// From a directory to a file, both in the tree.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| Component::ParentDir.as_os_str());
    up.chain(to.components().skip(common).map(Component::as_os_str)).collect()
}

/// A `.pc` file whose directories begin with its own: `${pcfiledir}/../..` for its prefix.
fn relocate(place: &Path, text: &str) -> String {
    let prefix = text.lines().find_map(|line| line.strip_prefix("prefix")?.trim_start().strip_prefix('='));
    let prefix = prefix.map(str::trim).filter(|prefix| prefix.starts_with('/')).unwrap_or("/usr").trim_end_matches('/');
    let up = "/..".repeat(place.parent().map_or(0, |dir| dir.components().count()).saturating_sub(1));
    let own = format!("$${{pcfiledir}}{up}");
    // At the beginning of a value or of a directory of a flag, and not of a longer name.
    let begin = r#"(?m)(^|[=\s"':,]|-[IL])"#;
    let Ok(directory) = Regex::new(&format!(r#"{begin}{}(/|["'\s,:]|$)"#, regex::escape(prefix))) else {
        return text.to_owned();
    };
    let Ok(library) = Regex::new(&format!(r"{begin}/lib(/)")) else { return text.to_owned() };
    let text = directory.replace_all(text, format!("${{1}}{own}${{2}}"));
    library.replace_all(&text, format!("${{1}}{own}/lib${{2}}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pc_file_names_its_own_place() {
        let place = Path::new("usr/lib/aarch64-linux-gnu/pkgconfig/x.pc");
        let own = "${pcfiledir}/../../..";
        for (given, expected) in [
            ("prefix=/usr\nlibdir=${prefix}/lib\n", format!("prefix={own}\nlibdir=${{prefix}}/lib\n")),
            ("prefix = /usr\nincludedir=/usr/include\n", format!("prefix = {own}\nincludedir={own}/include\n")),
            (
                "prefix=/opt/x/\nCflags: -I/opt/x/include -I/usr/include\n",
                format!("prefix={own}/\nCflags: -I{own}/include -I/usr/include\n"),
            ),
            (
                "Libs: -L/usr/lib/a -L/usr -lusr /usr/lib/x.a\n",
                format!("Libs: -L{own}/lib/a -L{own} -lusr {own}/lib/x.a\n"),
            ),
            ("libdir=/lib/a\nx=/usrlocal y/usr/z\n", format!("libdir={own}/lib/a\nx=/usrlocal y/usr/z\n")),
        ] {
            assert_eq!(relocate(place, given), expected);
        }
    }

    #[test]
    fn places_stay_in_the_tree() {
        let of = |path: &str| {
            place(Path::new(""), Path::new(path)).map(|place| place.map(|place| place.display().to_string()))
        };
        assert_eq!(of("./lib/a/libz.so").unwrap().as_deref(), Some("usr/lib/a/libz.so"));
        assert_eq!(of("./usr/lib/../include/x.h").unwrap().as_deref(), Some("usr/include/x.h"));
        assert_eq!(of("./").unwrap(), None);
        assert!(of("../x").is_err() && of("usr/../../x").is_err());
    }

    #[test]
    fn what_nobody_reads_here_is_not_kept() {
        for (path, kept) in [
            ("usr/include/x.h", true),
            ("usr/lib/x/libx.so", true),
            ("usr/share/x/cmake/xConfig.cmake", true),
            ("usr/share/doc/x/cmake", false),
            ("usr/bin/x", false),
            ("etc/x.conf", false),
            ("usr/lib", false),
        ] {
            assert_eq!(is_kept(Path::new(path)), kept, "{path}");
        }
    }

    #[test]
    fn links_are_relative() {
        assert_eq!(relative(Path::new("usr/lib/a"), Path::new("usr/lib/a/b.so.1")), Path::new("b.so.1"));
        assert_eq!(relative(Path::new("usr/lib/a"), Path::new("usr/include/x")), Path::new("../../include/x"));
    }
}
