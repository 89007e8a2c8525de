//! A directory tree written from somebody's archive: nothing of it lies outside, and no link in it leads out.
//!
//! Links are made when all files are there, so that no file is ever written through one. Where they lead is looked at last,
//! when it is known which directory of the tree is kept.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};

/// A tree below `root`, which is there and empty.
pub(super) struct Tree {
    root: PathBuf,
    /// The directory that the last file was written to: it needs not be looked at again.
    last: PathBuf,
    symlinks: Vec<(PathBuf, PathBuf)>,
    hard_links: Vec<(PathBuf, PathBuf)>,
    buffer: Vec<u8>,
}

impl Tree {
    pub(super) fn new(root: &Path) -> Tree {
        let last = PathBuf::from("..");
        Tree { root: root.to_owned(), last, symlinks: Vec::new(), hard_links: Vec::new(), buffer: vec![0; 1 << 17] }
    }

    /// # Errors
    /// Where it would lie outside, or cannot be made; so with the others.
    pub(super) fn directory(&mut self, path: &Path) -> Result<()> {
        let path = inside(path)?;
        self.make_directory(&path)
    }

    /// Writes a file, that of an earlier entry of the same name included. Of `mode` the right to run it counts.
    pub(super) fn file(&mut self, path: &Path, mode: u32, from: &mut dyn Read) -> Result<()> {
        let path = inside(path)?;
        self.make_directory(path.parent().unwrap_or(Path::new("")))?;
        let to = self.root.join(&path);
        let mut file = File::create(&to).map_err(Error::io("create", &to))?;
        loop {
            let count = match from.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(damaged(&error)),
            };
            file.write_all(&self.buffer[..count]).map_err(Error::io("write", &to))?;
        }
        #[cfg(unix)]
        if mode & 0o111 != 0 {
            use std::os::unix::fs::PermissionsExt;
            file.set_permissions(fs::Permissions::from_mode(0o755)).map_err(Error::io("write", &to))?;
        }
        #[cfg(not(unix))]
        let _ = mode;
        Ok(())
    }

    pub(super) fn symlink(&mut self, path: &Path, to: &Path) -> Result<()> {
        self.symlinks.push((inside(path)?, to.to_owned()));
        Ok(())
    }

    /// Another name of a file of the tree.
    pub(super) fn hard_link(&mut self, path: &Path, of: &Path) -> Result<()> {
        self.hard_links.push((inside(path)?, inside(of)?));
        Ok(())
    }

    /// Makes the links.
    pub(super) fn finish(mut self) -> Result<Links> {
        for (path, of) in std::mem::take(&mut self.hard_links) {
            self.make_directory(path.parent().unwrap_or(Path::new("")))?;
            let (of, to) = (self.root.join(of), self.root.join(path));
            fs::hard_link(of, &to).map_err(Error::io("create", &to))?;
        }
        let links = std::mem::take(&mut self.symlinks);
        for (path, target) in &links {
            self.make_directory(path.parent().unwrap_or(Path::new("")))?;
            let to = self.root.join(path);
            if fs::symlink_metadata(&to).is_ok() {
                return Err(Error::message(format!("'{}' in it is there twice, once as a link", path.display())));
            }
            symlink(target, &to).map_err(Error::io("create", &to))?;
        }
        let all = links.into_iter().map(|(path, target)| (self.root.join(path), target)).collect();
        Ok(Links(all))
    }

    /// Part by part: each is a directory, none is a link to one.
    fn make_directory(&mut self, path: &Path) -> Result<()> {
        if path == self.last {
            return Ok(());
        }
        let mut dir = self.root.clone();
        for part in path.components() {
            dir.push(part);
            match fs::symlink_metadata(&dir) {
                Ok(meta) if meta.is_dir() => {}
                Ok(_) => return Err(Error::message(format!("'{}' in it is below a file or a link", path.display()))),
                Err(_) => fs::create_dir(&dir).map_err(Error::io("create", &dir))?,
            }
        }
        self.last = path.to_owned();
        Ok(())
    }
}

/// The symbolic links of a tree: where they are, and what they say.
pub(super) struct Links(Vec<(PathBuf, PathBuf)>);

impl Links {
    /// Removes those below `kept` that lead out of it, and returns them.
    pub(super) fn cut(&self, kept: &Path) -> Result<Vec<PathBuf>> {
        let mut removed = Vec::new();
        for (link, target) in &self.0 {
            let Ok(path) = link.strip_prefix(kept) else { continue };
            if !stays_inside(kept, path, target) {
                fs::remove_file(link).map_err(Error::io("remove", link))?;
                removed.push(path.to_owned());
            }
        }
        Ok(removed)
    }
}

/// What a reader of an archive says, in our words.
pub(super) fn damaged(error: &io::Error) -> Error {
    Error::with_help(format!("it is damaged or not whole: {error}"), "get it again, and compare its digest")
}

/// The path without its `.`.
fn inside(path: &Path) -> Result<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => plain.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(Error::message(format!("'{}' in it would be written outside", path.display())));
            }
        }
    }
    Ok(plain)
}

/// Follows a link as the system would, but within the tree. What leads nowhere stays inside.
fn stays_inside(root: &Path, link: &Path, target: &Path) -> bool {
    const MOST_LINKS: u32 = 40;
    let mut at: Vec<OsString> = link.components().map(|part| part.as_os_str().to_owned()).collect();
    at.pop();
    let mut links = 0;
    let mut rest: VecDeque<PathBuf> = VecDeque::from([target.to_owned()]);
    while let Some(path) = rest.pop_front() {
        let mut parts = path.components();
        let Some(part) = parts.next() else { continue };
        let after = parts.as_path().to_owned();
        rest.push_front(after);
        match part {
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return false,
            Component::ParentDir if at.pop().is_none() => return false,
            Component::ParentDir => {}
            Component::Normal(name) => {
                at.push(name.to_owned());
                if let Ok(next) = fs::read_link(root.join(at.iter().collect::<PathBuf>())) {
                    links += 1;
                    if links > MOST_LINKS {
                        return true;
                    }
                    at.pop();
                    rest.push_front(next);
                }
            }
        }
    }
    true
}

#[cfg(unix)]
pub(super) fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// An SDK without its links is none; Windows' need a privilege and a kind.
#[cfg(not(unix))]
pub(super) fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "links are made on Unix alone"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn no_file_lies_outside() {
        let dir = tempfile::tempdir().unwrap();
        let mut tree = Tree::new(dir.path());
        for path in ["../a", "/a", "S/../../a"] {
            assert!(tree.file(Path::new(path), 0o644, &mut &b"x"[..]).is_err(), "{path}");
            assert!(tree.directory(Path::new(path)).is_err() && tree.symlink(Path::new(path), Path::new("b")).is_err());
            assert!(tree.hard_link(Path::new("S/a"), Path::new(path)).is_err());
        }
        tree.file(Path::new("./S/./a"), 0o755, &mut &b"x"[..]).unwrap();
        assert_eq!(fs::read(dir.path().join("S/a")).unwrap(), b"x");
    }

    #[test]
    fn links_stay_inside_through_one_another_too() {
        let dir = tempfile::tempdir().unwrap();
        let mut tree = Tree::new(dir.path());
        tree.directory(Path::new("S/d/e")).unwrap();
        for (path, to) in [
            ("S/lib", "d/e"),
            ("S/d/e/up", "../.."),
            ("S/nowhere", "d/none"),
            ("S/round", "round"),
            ("S/out", "../T/a"),
            ("S/absolute", "/usr/lib"),
            ("S/hidden", "d/e/up/../.."),
            ("S/behind", "lib/up/../x"),
            ("S/inside", "lib/up/d"),
        ] {
            tree.symlink(Path::new(path), Path::new(to)).unwrap();
        }
        let cut = tree.finish().unwrap().cut(&dir.path().join("S")).unwrap();
        assert_eq!(cut, ["out", "absolute", "hidden", "behind"].map(PathBuf::from));
        assert!(dir.path().join("S/lib").is_dir() && dir.path().join("S/round").symlink_metadata().is_ok());
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("outside");
        let root = dir.path().join("root");
        fs::create_dir(&outside).unwrap();
        fs::create_dir(&root).unwrap();
        let mut tree = Tree::new(&root);
        tree.symlink(Path::new("S/a"), &outside).unwrap();
        tree.symlink(Path::new("S/a/b"), Path::new("c")).unwrap();
        tree.file(Path::new("S/x"), 0, &mut &b""[..]).unwrap();
        let refused = tree.finish().err().unwrap().to_string();
        assert!(refused.contains("below a file or a link"), "{refused}");
        assert!(fs::read_dir(&outside).unwrap().next().is_none());
    }
}
