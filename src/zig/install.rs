//! Puts a zig where xcc looks for one: `<into>/<version>/zig`, with its `lib` beside it.
//!
//! The zig comes out of the `ziglang` wheel that `pins.rs` knows the hash of, downloaded by the user's own pip, or out
//! of a wheel, an official archive or a directory the user names. The tree is made under a temporary name in the same
//! directory and renamed when it is whole, so `<into>/<version>` is never half of one.
//!
//! Deliberately not here: any network code (pip has the user's index, proxy and certificates), and running what was
//! unpacked.

use std::env::consts;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, IsTerminal, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use super::pins::{self, Pin};
use crate::error::{Error, Result};

/// The ways to start pip, in the order in which they are tried.
const PIPS: &[&[&str]] = &[
    &["python3", "-m", "pip"],
    &["python", "-m", "pip"],
    &["pip3"],
    &["pip"],
    #[cfg(windows)]
    &["py", "-m", "pip"],
];

/// How the names of unfinished trees in `into` begin.
const UNFINISHED: &str = ".install-";

/// Installs zig below `into`, and returns the path of the executable.
///
/// Without `from`, pip downloads the wheel of `version`, or of the default version. `from` is a `ziglang` wheel, an
/// official archive, or a directory with a zig in it: `version` may then be left out, and is checked where it is not.
/// Where the version is installed already, that is all. Several processes may do this at the same time.
pub(crate) fn install(version: Option<&str>, from: Option<&Path>, into: &Path) -> Result<PathBuf> {
    match from {
        Some(path) => install_local(version, path, into),
        None => {
            let version = version.unwrap_or(pins::default_for(pins::HOST));
            // Asked before the table: it may have been installed with `--from`, and then needs no wheel.
            let home = into.join(version);
            if is_version(version) && is_complete(&home) {
                return Ok(executable(&home));
            }
            install_wheel(pin(version, pins::HOST)?, PIPS, into)
        }
    }
}

fn install_wheel(pin: &Pin, pips: &[&[&str]], into: &Path) -> Result<PathBuf> {
    place(into, pin.version, |temp, tree| {
        let wheel = download(pin, pips, temp)?;
        let mut file = File::open(&wheel).map_err(Error::io("read", &wheel))?;
        verify(&mut file, &wheel, pin)?;
        unpack_zip(file, &wheel, tree)?;
        expect_zig(tree, &wheel)
    })
}

fn install_local(version: Option<&str>, path: &Path, into: &Path) -> Result<PathBuf> {
    let mut source = Source::open(path)?;
    let version = match (version, source.version()?) {
        (Some(asked), Some(found)) if asked != found => {
            return Err(Error::with_help(
                format!("'{}' is zig {found}, not zig {asked}", path.display()),
                format!("give a zig {asked} after --from, or ask for {found}"),
            ));
        }
        (Some(asked), None) if !is_version(asked) => {
            return Err(Error::with_help(format!("'{asked}' is not a version of zig"), supported()));
        }
        (_, Some(found)) => found,
        (Some(asked), None) => asked.to_owned(),
        (None, None) => {
            return Err(Error::with_help(
                format!("cannot tell the version of the zig in '{}'", path.display()),
                format!("say it: 'xcc zig install VERSION --from {}'", path.display()),
            ));
        }
    };
    place(into, &version, |_, tree| {
        note(&format!("installing zig {version} from '{}'", path.display()));
        source.unpack(tree)?;
        expect_zig(tree, path)
    })
}

/// The wheel of `version` for `host`, or what there is instead.
fn pin(version: &str, host: (&str, &str)) -> Result<&'static Pin> {
    pins::find(version, host).ok_or_else(|| {
        let (os, arch) = host;
        let text = if pins::SUPPORTED.contains(&version) {
            format!("there is no ziglang wheel of zig {version} for {os} {arch}")
        } else {
            format!("unknown zig version '{version}'; xcc is tested with {}", pins::SUPPORTED.join(", "))
        };
        let here = match pins::versions(host) {
            versions if versions.is_empty() => format!("no version has a wheel for {os} {arch}"),
            versions => format!("for {os} {arch} there are wheels of {}", versions.join(", ")),
        };
        Error::with_help(
            text,
            format!("{here}; 'xcc zig install --from FILE' installs any wheel or official archive you have"),
        )
    })
}

fn supported() -> String {
    format!("xcc is tested with zig {}", pins::SUPPORTED.join(", "))
}

// ---- The tree, and how it gets its name ----

fn executable(tree: &Path) -> PathBuf {
    tree.join("zig").with_extension(consts::EXE_EXTENSION)
}

fn is_complete(tree: &Path) -> bool {
    executable(tree).is_file() && tree.join("lib/std/std.zig").is_file()
}

fn expect_zig(tree: &Path, source: &Path) -> Result<()> {
    if is_complete(tree) { Ok(()) } else { Err(no_zig(source)) }
}

fn no_zig(source: &Path) -> Error {
    Error::with_help(
        format!("'{}' holds no '{}' with its 'lib' beside it", source.display(), executable(Path::new("")).display()),
        format!(
            "give a ziglang wheel, an official archive or a directory of zig for {} {}",
            pins::HOST.0,
            pins::HOST.1
        ),
    )
}

/// Makes `<into>/<version>` unless it is there: `fill` gets a directory for anything it needs and the empty tree.
fn place(into: &Path, version: &str, fill: impl FnOnce(&Path, &Path) -> Result<()>) -> Result<PathBuf> {
    let home = into.join(version);
    if is_complete(&home) {
        return Ok(executable(&home));
    }
    fs::create_dir_all(into).map_err(Error::io("create", into))?;
    let lock = Lock::acquire(&into.join(".lock"))?;
    // The one that held the lock before us may have installed what we want.
    if is_complete(&home) {
        return Ok(executable(&home));
    }
    if lock.exclusive {
        remove_unfinished(into);
    }
    let temp = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(into).map_err(Error::io("create", into))?;
    // A directory inside, because the temporary one is closed to other users and the result must not be.
    let tree = temp.path().join("tree");
    fs::create_dir(&tree).map_err(Error::io("create", &tree))?;
    fill(temp.path(), &tree)?;
    if home.exists() && !is_complete(&home) {
        // What somebody has deleted a part of. It goes with the temporary directory.
        rename(&home, &temp.path().join("broken")).map_err(Error::io("create", &home))?;
    }
    match rename(&tree, &home) {
        Ok(()) => Ok(executable(&home)),
        // Without a lock another process can be first. Its tree is as good as ours.
        Err(_) if is_complete(&home) => Ok(executable(&home)),
        Err(error) => Err(Error::io("create", &home)(error)),
    }
}

/// `fs::rename`, which on Windows fails for as long as a virus scanner has one of the new files open.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let mut attempts = if cfg!(windows) { 20 } else { 1 };
    loop {
        attempts -= 1;
        match fs::rename(from, to) {
            Err(error) if attempts > 0 && error.kind() == io::ErrorKind::PermissionDenied => {
                std::thread::sleep(std::time::Duration::from_millis(250));
            }
            result => return result,
        }
    }
}

/// Removes what killed processes left. Only for the holder of the lock: without it a tree may belong to a live one.
fn remove_unfinished(into: &Path) {
    for entry in fs::read_dir(into).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            // A failure costs disk space, not correctness.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// One installation at a time, so that two builds that start together do not both download 100 MB.
///
/// It saves work and nothing else: where the file system has no locks, the final rename still keeps the result whole.
/// The file stays, because removing it would let two processes lock two files of the same name. The lock goes when the
/// process does, however that ends.
struct Lock {
    _file: Option<File>,
    exclusive: bool,
}

impl Lock {
    #[cfg(unix)]
    fn acquire(path: &Path) -> Result<Lock> {
        use std::os::fd::AsRawFd;

        let flock = |file: &File, operation| loop {
            // SAFETY: the descriptor is open for as long as `file` is borrowed.
            if unsafe { libc::flock(file.as_raw_fd(), operation) } == 0 {
                return Ok(());
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        };
        let file = OpenOptions::new().append(true).create(true).open(path).map_err(Error::io("create", path))?;
        let result = match flock(&file, libc::LOCK_EX | libc::LOCK_NB) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                note("waiting for another xcc that is installing zig");
                flock(&file, libc::LOCK_EX)
            }
            result => result,
        };
        Ok(Lock { exclusive: result.is_ok(), _file: Some(file) })
    }

    #[cfg(windows)]
    fn acquire(path: &Path) -> Result<Lock> {
        use std::os::windows::fs::OpenOptionsExt;

        const ERROR_SHARING_VIOLATION: i32 = 32;
        let mut told = false;
        loop {
            // A file opened without sharing is a lock. `File::lock` needs Rust 1.89. Use it when that is our oldest.
            match OpenOptions::new().append(true).create(true).share_mode(0).open(path) {
                Ok(file) => return Ok(Lock { _file: Some(file), exclusive: true }),
                Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => {
                    if !told {
                        note("waiting for another xcc that is installing zig");
                        told = true;
                    }
                    std::thread::sleep(std::time::Duration::from_millis(250));
                }
                Err(error) => return Err(Error::io("create", path)(error)),
            }
        }
    }

    #[cfg(not(any(unix, windows)))]
    fn acquire(_path: &Path) -> Result<Lock> {
        Ok(Lock { _file: None, exclusive: false })
    }
}

// ---- Download ----

/// Has pip download the wheel into `temp`, and returns its path. The caller verifies it.
fn download(pin: &Pin, pips: &[&[&str]], temp: &Path) -> Result<PathBuf> {
    let requirement = format!("ziglang=={}", pin.version);
    // pip names the wheel for the machine its Python was built for, which need not be ours: a 32-bit Python on Windows,
    // an emulated one on macOS, MSYS2's with tags of its own.
    let by_hand = format!(
        "'pip download --no-deps --only-binary=:all: --platform {} {requirement}', then 'xcc zig install --from {}'",
        pin.platform_tag(),
        pin.file_name()
    );
    let Some((program, arguments)) = pips.iter().find_map(|pip| works(pip, temp)) else {
        let looked: Vec<_> = pips.iter().map(|pip| format!("'{}'", pip.join(" "))).collect();
        return Err(Error::with_help(
            format!("cannot find pip; looked for {}", looked.join(", ")),
            format!("install Python's pip and try again; or, where there is a pip, run {by_hand}"),
        ));
    };
    let pip = [&[program], arguments].concat().join(" ");
    note(&format!("downloading zig {} (about 100 MB) with '{pip}'", pin.version));

    let requirements = temp.join("requirements.txt");
    fs::write(&requirements, format!("{requirement} --hash=sha256:{}\n", pin.sha256))
        .map_err(Error::io("write", &requirements))?;
    let wheels = temp.join("wheels");
    let output = pip_command(program, arguments, temp)
        .args(["download", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"])
        .args(["--no-deps", "--only-binary=:all:", "--require-hashes", "--platform", pin.platform_tag()])
        .arg("-r")
        .arg(&requirements)
        .arg("-d")
        .arg(&wheels)
        .output()
        .map_err(Error::io("run", program))?;
    let wheel = wheels.join(pin.file_name());
    if output.status.success() && wheel.is_file() {
        return Ok(wheel);
    }
    let said = [output.stderr, output.stdout].into_iter().find(|text| !text.trim_ascii().is_empty());
    Err(Error::with_help(
        format!("'{pip}' could not download {requirement}:\n{}", last_lines(&said.unwrap_or_default(), 12)),
        format!("see what pip says about its index and certificates; or, where it can download, run {by_hand}"),
    ))
}

/// `pip` as program and arguments, if it starts. On Windows `python3` can be a stand-in for an app store.
fn works<'a>(pip: &'a [&'a str], temp: &Path) -> Option<(&'a str, &'a [&'a str])> {
    let (program, arguments) = pip.split_first()?;
    let mut command = pip_command(program, arguments, temp);
    let status = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success()).then_some((program, arguments))
}

fn pip_command(program: &str, arguments: &[&str], temp: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        // `python -m pip` would run a `pip.py` of the current directory.
        .current_dir(temp)
        // The setting guards against installing outside a virtual environment, and makes `pip download` fail as well.
        .env("PIP_REQUIRE_VIRTUALENV", "0")
        .stdin(Stdio::null());
    command
}

/// The end of what pip said. Of a traceback, which a full disk gives, only the last line says anything.
fn last_lines(text: &[u8], count: usize) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let count = if lines.iter().any(|line| line.starts_with("Traceback ")) { 1 } else { count };
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// Checks the hash of `file`, and leaves it at its beginning.
fn verify(file: &mut File, path: &Path, pin: &Pin) -> Result<()> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::io("read", path)(error)),
        }
    }
    file.rewind().map_err(Error::io("read", path))?;
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == pin.sha256 {
        return Ok(());
    }
    Err(Error::with_help(
        format!("'{}' is damaged or not what it says: its SHA-256 is {found}, expected {}", path.display(), pin.sha256),
        "download it again",
    ))
}

// ---- What the user names after `--from` ----

enum Source {
    /// A directory with `zig` and `lib`.
    Directory { root: PathBuf },
    /// A wheel, or the official archive for Windows.
    Zip { path: PathBuf, file: File },
    /// The official archive for everything else.
    TarXz { path: PathBuf, file: File },
}

impl Source {
    /// Goes by what the file holds: its name may have been changed.
    fn open(path: &Path) -> Result<Source> {
        if path.is_dir() {
            // The name of `.` says nothing, and links are compared with the root later on.
            let root = path.canonicalize().map_err(Error::io("read", path))?;
            // The second is what `pip install --target` makes.
            let mut roots = [root.join("ziglang"), root].into_iter();
            let root = roots.find(|root| is_complete(root)).ok_or_else(|| no_zig(path))?;
            return Ok(Source::Directory { root });
        }
        let mut file = File::open(path).map_err(Error::io("read", path))?;
        let mut magic = Vec::new();
        Read::by_ref(&mut file).take(6).read_to_end(&mut magic).map_err(Error::io("read", path))?;
        file.rewind().map_err(Error::io("read", path))?;
        let path = path.to_path_buf();
        if magic.starts_with(b"PK") {
            Ok(Source::Zip { path, file })
        } else if magic == b"\xfd7zXZ\0" {
            Ok(Source::TarXz { path, file })
        } else {
            Err(Error::with_help(
                format!("'{}' is neither a wheel nor a .zip nor a .tar.xz", path.display()),
                "give a ziglang wheel, an official archive of zig, or a directory with one unpacked",
            ))
        }
    }

    fn path(&self) -> &Path {
        match self {
            Source::Directory { root: path } | Source::Zip { path, .. } | Source::TarXz { path, .. } => path,
        }
    }

    /// What the names inside say, and otherwise the name of the file itself.
    fn version(&mut self) -> Result<Option<String>> {
        let inside = match self {
            // The module of Python says nothing itself. Its metadata lies beside it.
            Source::Directory { root } if root.ends_with("ziglang") => {
                let beside = root.parent().and_then(|parent| fs::read_dir(parent).ok());
                beside.into_iter().flatten().flatten().find_map(|entry| {
                    let name = entry.file_name().into_string().ok()?;
                    version_in(&name).filter(|_| name.ends_with(".dist-info"))
                })
            }
            Source::Directory { .. } => None,
            Source::Zip { path, file } => {
                let archive = zip::ZipArchive::new(BufReader::new(&mut *file)).map_err(|e| zip_error(path, e))?;
                archive.file_names().flatten().find_map(|name| version_in(name.split('/').next()?))
            }
            Source::TarXz { path, file } => {
                let mut archive = tar_xz(file);
                let first = archive.entries().map_err(Error::io("read", &*path))?.next();
                let first = first.transpose().map_err(Error::io("read", &*path))?;
                first.and_then(|entry| version_in(str::from_utf8(&entry.path_bytes()).ok()?.split('/').next()?))
            }
        };
        if let Source::TarXz { path, file } | Source::Zip { path, file } = self {
            file.rewind().map_err(Error::io("read", path))?;
        }
        Ok(inside.or_else(|| version_in(self.path().file_name()?.to_str()?)))
    }

    fn unpack(self, tree: &Path) -> Result<()> {
        match self {
            Source::Directory { root } => copy_directory(&root, tree),
            Source::TarXz { path, mut file } => unpack_tar_xz(&mut file, &path, tree),
            Source::Zip { path, mut file } => {
                if let Some(pin) = path.file_name().and_then(|name| pins::find_file(name.to_str()?)) {
                    // The arch may differ: Windows and macOS run each other's. Another system's zig never runs.
                    if pin.host.0 != consts::OS {
                        return Err(Error::with_help(
                            format!("'{}' is for {}, not for {}", path.display(), pin.host.0, consts::OS),
                            "give the wheel for this machine",
                        ));
                    }
                    verify(&mut file, &path, pin)?;
                }
                unpack_zip(file, &path, tree)
            }
        }
    }
}

/// The version in the name of a wheel, of an archive, or of the directory in one.
fn version_in(name: &str) -> Option<String> {
    let stem = [".tar.xz", ".zip", ".whl"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    let version = if let Some(rest) = stem.strip_prefix("ziglang-") {
        // `ziglang-0.17.0-py3-none-any` and `ziglang-0.17.0.dist-info`.
        rest.split('-').next()?.trim_end_matches(".dist")
    } else {
        // `zig-x86_64-linux-0.17.0`, and of builds between releases `zig-linux-x86_64-0.15.0-dev.1+0123abc`.
        let rest = stem.strip_prefix("zig-")?;
        let starts = std::iter::once(0).chain(rest.match_indices('-').map(|(index, _)| index + 1));
        starts.map(|start| &rest[start..]).find(|field| field.starts_with(|c: char| c.is_ascii_digit()))?
    };
    is_version(version).then(|| version.to_owned())
}

/// A version becomes the name of a directory, so this is strict.
fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains('.')
        && !text.contains("..")
        && !text.ends_with('.')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))
}

// ---- Unpacking ----

/// A tree that is being filled. It takes files alone, from names checked one by one, and never makes a link, so
/// nothing it writes can land outside.
struct Writer<'a> {
    tree: &'a Path,
    source: &'a Path,
    top: Option<String>,
    parent: PathBuf,
    buffer: Vec<u8>,
}

/// How much is written at once. What Linux has of a new file in memory is in pieces as large as those it was written in,
/// and a program in large pieces starts faster: `zig version` took 2.5 ms instead of 5 to 8 (Linux 6.18, ext4). That lasts
/// until the memory is needed for something else.
const PIECE: usize = 8 << 20;

impl<'a> Writer<'a> {
    fn new(source: &'a Path, tree: &'a Path) -> Writer<'a> {
        Writer { tree, source, top: None, parent: PathBuf::new(), buffer: vec![0; PIECE] }
    }

    /// Writes an archive's file `name`, if it is one that zig needs.
    fn entry(&mut self, name: &str, contents: &mut dyn Read) -> Result<()> {
        let Some(fields) = fields(name) else { return Err(self.refused(name, "leads out of the archive")) };
        let [top, path @ ..] = &fields[..] else { return Ok(()) };
        // Beside `ziglang` a wheel has its metadata.
        if *top != "ziglang" && !top.starts_with("zig-") || !is_wanted(path) {
            return Ok(());
        }
        if self.top.get_or_insert_with(|| (*top).to_owned()) != top {
            return Err(self.refused(name, "belongs to a second zig"));
        }
        self.file(&path.iter().collect::<PathBuf>(), contents)
    }

    fn file(&mut self, path: &Path, contents: &mut dyn Read) -> Result<()> {
        let path = self.tree.join(path);
        let parent = path.parent().unwrap_or(self.tree);
        if self.parent != parent {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
            self.parent = parent.to_path_buf();
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // Not the archive's own modes: they are as the machine that packed it had them.
            options.mode(if path == executable(self.tree) { 0o755 } else { 0o644 });
        }
        let mut file = options.open(&path).map_err(Error::io("create", &path))?;
        // `io::copy` does not tell a damaged archive from a full disk.
        loop {
            let mut full = 0;
            while full < PIECE {
                match contents.read(&mut self.buffer[full..]) {
                    Ok(0) => break,
                    Ok(count) => full += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(Error::io("read", self.source)(error)),
                }
            }
            if full == 0 {
                return Ok(());
            }
            file.write_all(&self.buffer[..full]).map_err(Error::io("write", &path))?;
        }
    }

    fn refused(&self, name: &str, why: &str) -> Error {
        Error::message(format!("cannot unpack '{}': its entry '{name}' {why}", self.source.display()))
    }
}

/// The fields of the name of an archive's entry; none where it could mean a place outside on any host.
fn fields(name: &str) -> Option<Vec<&str>> {
    // Windows also separates with backslashes, has drives and streams after a colon, and drops dots and blanks at the
    // end.
    let is_safe =
        |field: &&str| !field.is_empty() && !field.contains(['\\', ':', '\0']) && !field.ends_with(['.', ' ']);
    let name = name.strip_suffix('/').unwrap_or(name);
    name.strip_prefix("./").unwrap_or(name).split('/').map(|field| Some(field).filter(is_safe)).collect()
}

/// Of an archive or a directory xcc takes zig, its library and the licence; not the manual, not the Python module.
fn is_wanted(path: &[&str]) -> bool {
    match path {
        [file] => *file == "LICENSE" || Path::new(file) == executable(Path::new("")),
        [directory, ..] => *directory == "lib",
        [] => false,
    }
}

fn unpack_zip(file: File, path: &Path, tree: &Path) -> Result<()> {
    let mut writer = Writer::new(path, tree);
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| zip_error(path, e))?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|e| zip_error(path, e))?;
        let name = entry.name().map_err(|e| zip_error(path, e))?.into_owned();
        if entry.is_symlink() {
            return Err(writer.refused(&name, "is a link"));
        } else if entry.is_dir() {
            fields(&name).ok_or_else(|| writer.refused(&name, "leads out of the archive"))?;
        } else {
            writer.entry(&name, &mut entry)?;
        }
    }
    Ok(())
}

fn zip_error(path: &Path, error: zip::result::ZipError) -> Error {
    Error::io("read", path)(error.into())
}

fn tar_xz(file: &mut File) -> tar::Archive<impl Read> {
    tar::Archive::new(lzma_rust2::XzReader::new(BufReader::new(file), true))
}

fn unpack_tar_xz(file: &mut File, path: &Path, tree: &Path) -> Result<()> {
    let mut writer = Writer::new(path, tree);
    let mut archive = tar_xz(file);
    for entry in archive.entries().map_err(Error::io("read", path))? {
        let mut entry = entry.map_err(Error::io("read", path))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        match entry.header().entry_type() {
            tar::EntryType::Regular => writer.entry(&name, &mut entry)?,
            tar::EntryType::Directory => {
                fields(&name).ok_or_else(|| writer.refused(&name, "leads out of the archive"))?;
            }
            tar::EntryType::XGlobalHeader => {}
            tar::EntryType::Symlink | tar::EntryType::Link => return Err(writer.refused(&name, "is a link")),
            _ => return Err(writer.refused(&name, "is neither a file nor a directory")),
        }
    }
    // The tar ends before the xz does, whose checksums come last.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(Error::io("read", path))?;
    Ok(())
}

/// Copies the zig in `root`, which is a canonical path. Links are followed to files inside it.
fn copy_directory(root: &Path, tree: &Path) -> Result<()> {
    let mut writer = Writer::new(root, tree);
    let mut pending = vec![PathBuf::new()];
    while let Some(directory) = pending.pop() {
        let path = root.join(&directory);
        for entry in fs::read_dir(&path).map_err(Error::io("read", &path))? {
            let entry = entry.map_err(Error::io("read", &path))?;
            let name = directory.join(entry.file_name());
            let kind = entry.file_type().map_err(Error::io("read", entry.path()))?;
            if directory.as_os_str().is_empty() {
                let name = entry.file_name();
                // `lib` stands for the files in it.
                let fields = [name.to_str().unwrap_or_default(), "*"];
                if !is_wanted(if kind.is_dir() { &fields } else { &fields[..1] }) {
                    continue;
                }
            }
            if kind.is_dir() {
                pending.push(name);
                continue;
            }
            let target = entry.path().canonicalize().map_err(Error::io("read", entry.path()))?;
            if !target.starts_with(root) || !target.is_file() {
                return Err(Error::with_help(
                    format!("cannot copy '{}': it is not a file of that directory", entry.path().display()),
                    "give the wheel or the archive the directory was made from",
                ));
            }
            let mut file = File::open(&target).map_err(Error::io("read", &target))?;
            writer.file(&name, &mut file)?;
        }
    }
    Ok(())
}

/// For the user at a terminal. A build log has no use for it.
fn note(text: &str) {
    if io::stderr().is_terminal() {
        eprintln!("xcc: note: {text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZIG: &[u8] = b"not really zig";

    fn zig() -> String {
        format!("zig{}", consts::EXE_SUFFIX)
    }

    /// What every zig holds here, below `top`.
    fn files(top: &str) -> Vec<(String, &'static [u8])> {
        vec![
            (format!("{top}/LICENSE"), b"MIT"),
            (format!("{top}/{}", zig()), ZIG),
            (format!("{top}/doc/langref.html"), b"<html>"),
            (format!("{top}/lib/std/std.zig"), b"// std"),
            (format!("{top}/lib/libc/include/any/stdio.h"), b"int puts(const char *);"),
        ]
    }

    fn zip_of(path: &Path, files: &[(String, &[u8])]) {
        let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, contents) in files {
            zip.start_file(name.as_str(), options).unwrap();
            zip.write_all(contents).unwrap();
        }
        zip.finish().unwrap();
    }

    fn wheel(directory: &Path, name: &str, version: &str) -> PathBuf {
        let path = directory.join(name);
        let mut files = files("ziglang");
        files.push(("ziglang/__main__.py".into(), b"import os"));
        files.push((format!("ziglang-{version}.dist-info/METADATA"), b"Name: ziglang"));
        zip_of(&path, &files);
        path
    }

    /// The header is made by hand, because the crate refuses to write the names we want to see refused.
    fn tar_of(files: &[(String, &[u8])], kind: tar::EntryType) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, contents) in files {
            let mut header = tar::Header::new_ustar();
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(if name.ends_with('/') { tar::EntryType::Directory } else { kind });
            header.set_size(contents.len() as u64);
            header.set_mode(0o600);
            header.set_cksum();
            tar.append(&header, *contents).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn xz_of(contents: &[u8]) -> Vec<u8> {
        let mut xz = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::default()).unwrap();
        xz.write_all(contents).unwrap();
        xz.finish().unwrap()
    }

    fn archive(directory: &Path, name: &str, top: &str) -> PathBuf {
        let path = directory.join(name);
        let mut all = vec![(format!("{top}/"), &b""[..])];
        all.extend(files(top));
        fs::write(&path, xz_of(&tar_of(&all, tar::EntryType::Regular))).unwrap();
        path
    }

    /// Everything below `directory`, as sorted paths with slashes.
    fn listing(directory: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut pending = vec![directory.to_path_buf()];
        while let Some(path) = pending.pop() {
            for entry in fs::read_dir(path).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    pending.push(path);
                } else {
                    found.push(path.strip_prefix(directory).unwrap().to_str().unwrap().replace('\\', "/"));
                }
            }
        }
        found.sort();
        found
    }

    fn expected(version: &str) -> Vec<String> {
        let mut files = vec![
            ".lock".to_owned(),
            format!("{version}/LICENSE"),
            format!("{version}/lib/libc/include/any/stdio.h"),
            format!("{version}/lib/std/std.zig"),
            format!("{version}/{}", zig()),
        ];
        files.sort();
        files
    }

    fn temp() -> (tempfile::TempDir, PathBuf) {
        let temp = tempfile::tempdir().unwrap();
        let into = temp.path().join("into");
        (temp, into)
    }

    /// The installation fails, and leaves nothing but the lock.
    fn refused(version: Option<&str>, from: &Path, into: &Path) -> String {
        let error = install(version, Some(from), into).unwrap_err();
        assert!(listing_of_new(into).is_empty(), "{:?}", listing(into));
        error.to_string()
    }

    fn listing_of_new(into: &Path) -> Vec<String> {
        let names = fs::read_dir(into).into_iter().flatten();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name != ".lock").collect()
    }

    #[test]
    fn a_wheel_is_installed() {
        let (temp, into) = temp();
        let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
        let zig = install(Some("0.17.0"), Some(&wheel), &into).unwrap();
        assert_eq!(zig, executable(&into.join("0.17.0")));
        assert_eq!(fs::read(&zig).unwrap(), ZIG);
        assert_eq!(listing(&into), expected("0.17.0"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode(&zig) & 0o700, 0o700);
            assert_eq!(mode(&into.join("0.17.0/lib/std/std.zig")) & 0o111, 0);
            // As open as any other new directory, which the temporary one around it is not.
            assert_eq!(mode(&into.join("0.17.0")), mode(&into));
        }
    }

    #[test]
    fn a_wheel_of_another_name_is_installed() {
        let (temp, into) = temp();
        let wheel = wheel(temp.path(), "zig (1).download", "0.16.0");
        assert_eq!(install(None, Some(&wheel), &into).unwrap(), executable(&into.join("0.16.0")));
    }

    #[test]
    fn official_archives_are_installed() {
        let (temp, into) = temp();
        let tar_xz = archive(temp.path(), "a.tar.xz", "zig-x86_64-linux-0.17.0");
        install(None, Some(&tar_xz), &into).unwrap();
        assert_eq!(listing(&into), expected("0.17.0"));

        let zip = temp.path().join("a.zip");
        zip_of(&zip, &files("zig-windows-x86_64-0.14.1"));
        let into = temp.path().join("other");
        install(None, Some(&zip), &into).unwrap();
        assert_eq!(listing(&into), expected("0.14.1"));
    }

    #[test]
    fn a_directory_is_installed() {
        let (temp, into) = temp();
        let wheel = wheel(temp.path(), "a.whl", "0.17.0");
        let first = install(None, Some(&wheel), &temp.path().join("first")).unwrap();
        let directory = first.parent().unwrap();

        // A directory called `0.17.0` is not a zig directory by name.
        assert!(refused(None, directory, &into).starts_with("cannot tell the version"));
        install(Some("0.17.0"), Some(directory), &into).unwrap();
        assert_eq!(listing(&into), expected("0.17.0"));

        // As `pip install --target` makes it.
        let site = temp.path().join("site");
        fs::create_dir_all(site.join("ziglang-0.17.0.dist-info")).unwrap();
        fs::rename(directory, site.join("ziglang")).unwrap();
        let into = temp.path().join("third");
        install(None, Some(&site), &into).unwrap();
        assert_eq!(listing(&into), expected("0.17.0"));

        let named = temp.path().join("zig-aarch64-macos-0.16.0");
        fs::rename(site.join("ziglang"), &named).unwrap();
        assert!(install(None, Some(&named), &into).unwrap().parent().unwrap().ends_with("0.16.0"));
    }

    #[test]
    fn an_installed_version_is_left_alone() {
        let (temp, into) = temp();
        let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
        let zig = install(None, Some(&wheel), &into).unwrap();
        fs::write(&zig, "changed").unwrap();
        assert_eq!(install(None, Some(&wheel), &into).unwrap(), zig);
        // No pip is asked.
        assert_eq!(install(Some("0.17.0"), None, &into).unwrap(), zig);
        assert_eq!(fs::read(&zig).unwrap(), b"changed");
    }

    #[test]
    fn a_broken_installation_is_replaced() {
        let (temp, into) = temp();
        let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
        install(None, Some(&wheel), &into).unwrap();
        fs::remove_dir_all(into.join("0.17.0/lib")).unwrap();
        fs::create_dir(into.join(format!("{UNFINISHED}abc"))).unwrap();
        install(None, Some(&wheel), &into).unwrap();
        assert_eq!(listing(&into), expected("0.17.0"));
        assert_eq!(listing_of_new(&into), ["0.17.0"]);
    }

    #[test]
    fn several_at_once_end_well() {
        let (temp, into) = temp();
        let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| install(None, Some(&wheel), &into))).collect();
            for thread in threads {
                assert_eq!(thread.join().unwrap().unwrap(), executable(&into.join("0.17.0")));
            }
        });
        assert_eq!(listing(&into), expected("0.17.0"));
        assert_eq!(listing_of_new(&into), ["0.17.0"]);
    }

    #[test]
    fn a_wrong_hash_is_refused() {
        let (temp, into) = temp();
        let pin = pins::PINS.iter().find(|pin| pin.host.0 == consts::OS).unwrap();
        let wheel = wheel(temp.path(), &pin.file_name(), pin.version);
        let error = refused(None, &wheel, &into);
        assert!(error.contains(&format!("expected {}", pin.sha256)), "{error}");
    }

    #[test]
    fn the_wheel_of_another_system_is_refused() {
        let (temp, into) = temp();
        let pin = pins::PINS.iter().find(|pin| pin.host.0 != consts::OS).unwrap();
        let wheel = wheel(temp.path(), &pin.file_name(), pin.version);
        let error = refused(None, &wheel, &into);
        assert!(error.ends_with(&format!("is for {}, not for {}", pin.host.0, consts::OS)), "{error}");
    }

    #[test]
    fn another_version_is_refused() {
        let (temp, into) = temp();
        let wheel = wheel(temp.path(), "ziglang-0.16.0-py3-none-any.whl", "0.16.0");
        let error = refused(Some("0.17.0"), &wheel, &into);
        assert!(error.ends_with("is zig 0.16.0, not zig 0.17.0"), "{error}");
        // What the file holds counts, not what it is called.
        let archive = archive(temp.path(), "zig-x86_64-linux-0.17.0.tar.xz", "zig-x86_64-linux-0.15.2");
        let error = refused(Some("0.17.0"), &archive, &into);
        assert!(error.ends_with("is zig 0.15.2, not zig 0.17.0"), "{error}");
    }

    #[test]
    fn a_version_that_is_a_path_is_refused() {
        let (temp, into) = temp();
        let zip = temp.path().join("a.zip");
        zip_of(&zip, &files("ziglang"));
        for version in ["../evil", "/evil", "1/2", "", "0..1", "0.17.0\\x"] {
            assert!(refused(Some(version), &zip, &into).ends_with("is not a version of zig"), "{version}");
        }
        install(Some("0.17.0"), Some(&zip), &into).unwrap();
    }

    #[test]
    fn names_that_lead_outside_are_refused() {
        let names = [
            "../evil",
            "/evil",
            "ziglang/../evil",
            "ziglang/lib/../../../evil",
            "ziglang/lib//evil",
            "ziglang\\..\\evil",
            "C:/evil",
            "ziglang/lib/.. /evil",
        ];
        for (number, name) in names.iter().enumerate() {
            let (temp, into) = temp();
            let mut all = files("ziglang");
            all.push((format!("ziglang-0.17.{number}.dist-info/WHEEL"), b""));
            all.push(((*name).to_owned(), b"evil"));
            let zip = temp.path().join("a.whl");
            zip_of(&zip, &all);
            assert!(refused(None, &zip, &into).ends_with("leads out of the archive"), "{name}");
            let tar = temp.path().join("zig-0.17.0.tar.xz");
            fs::write(&tar, xz_of(&tar_of(&all, tar::EntryType::Regular))).unwrap();
            assert!(refused(None, &tar, &into).ends_with("leads out of the archive"), "{name}");
            assert_eq!(listing(temp.path()), ["a.whl", "into/.lock", "zig-0.17.0.tar.xz"]);
        }
    }

    #[test]
    fn links_are_refused() {
        let (temp, into) = temp();
        let path = temp.path().join("zig-0.17.0.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        zip.add_symlink("zig-0.17.0/lib", "/etc", zip::write::SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap();
        assert!(refused(None, &path, &into).ends_with("is a link"));
        for kind in [tar::EntryType::Symlink, tar::EntryType::Link] {
            let path = temp.path().join("zig-0.17.0.tar.xz");
            fs::write(&path, xz_of(&tar_of(&[("zig-0.17.0/lib".to_owned(), b"")], kind))).unwrap();
            assert!(refused(None, &path, &into).ends_with("is a link"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_of_a_directory_stay_inside() {
        use std::os::unix::fs::symlink;

        let (temp, into) = temp();
        let root = temp.path().join("zig-0.17.0");
        fs::create_dir_all(root.join("lib/std")).unwrap();
        fs::write(root.join("zig"), ZIG).unwrap();
        fs::write(root.join("lib/std/std.zig"), "// std").unwrap();
        symlink("std/std.zig", root.join("lib/link.zig")).unwrap();
        install(None, Some(&root), &into).unwrap();
        let copy = into.join("0.17.0/lib/link.zig");
        assert!(copy.is_file() && !copy.is_symlink());

        symlink("/etc/passwd", root.join("lib/passwd")).unwrap();
        let error = refused(None, &root, &temp.path().join("other"));
        assert!(error.ends_with("it is not a file of that directory"), "{error}");
    }

    #[test]
    fn an_interrupted_unpack_leaves_nothing() {
        let (temp, into) = temp();
        // The zip's directory is whole, and one file in the middle is not.
        let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
        let mut bytes = fs::read(&wheel).unwrap();
        let place = bytes.windows(6).position(|bytes| bytes == b"// std").unwrap();
        bytes[place] ^= 1;
        fs::write(&wheel, bytes).unwrap();
        let error = refused(None, &wheel, &into);
        assert!(error.starts_with(&format!("cannot read '{}'", wheel.display())), "{error}");

        let archive = archive(temp.path(), "a.tar.xz", "zig-x86_64-linux-0.17.0");
        let bytes = fs::read(&archive).unwrap();
        for length in [7, bytes.len() / 2, bytes.len() - 20] {
            fs::write(&archive, &bytes[..length]).unwrap();
            refused(Some("0.17.0"), &archive, &into);
        }
    }

    #[test]
    fn what_is_no_zig_is_refused() {
        let (temp, into) = temp();
        let path = temp.path().join("zig-0.17.0.zip");
        zip_of(&path, &[("zig-0.17.0/lib/std/std.zig".to_owned(), b"")]);
        assert!(refused(None, &path, &into).contains("holds no 'zig"));
        assert!(refused(None, temp.path(), &into).contains("holds no 'zig"));
        fs::write(&path, "text").unwrap();
        assert!(refused(None, &path, &into).ends_with("is neither a wheel nor a .zip nor a .tar.xz"));
        assert!(refused(None, &temp.path().join("none"), &into).starts_with("cannot read"));
    }

    #[test]
    fn versions_without_a_wheel_are_named() {
        let (_temp, into) = temp();
        let error = install(Some("0.9.1"), None, &into).unwrap_err();
        assert!(error.to_string().starts_with("unknown zig version '0.9.1'; xcc is tested with 0.14.1, "), "{error}");
        assert!(error.help().unwrap().contains("--from FILE"));
        let error = pin("0.17.0", ("plan9", "mips")).unwrap_err();
        assert_eq!(error.to_string(), "there is no ziglang wheel of zig 0.17.0 for plan9 mips");
        assert!(error.help().unwrap().starts_with("no version has a wheel for plan9 mips; "));
        let error = pin("0.17.0", ("windows", "x86_64")).unwrap_err();
        assert!(error.help().unwrap().starts_with("for windows x86_64 there are wheels of 0.14.1, 0.15.2, 0.16.0; "));
    }

    #[test]
    fn a_missing_pip_is_said_with_what_to_run() {
        let (_temp, into) = temp();
        let pin = pins::find("0.17.0", ("linux", "x86_64")).unwrap();
        let error =
            install_wheel(pin, &[&["xcc-no-such-python", "-m", "pip"], &["xcc-no-such-pip"]], &into).unwrap_err();
        assert_eq!(error.to_string(), "cannot find pip; looked for 'xcc-no-such-python -m pip', 'xcc-no-such-pip'");
        let help = error.help().unwrap();
        assert!(help.contains("--platform manylinux_2_12_x86_64 ziglang==0.17.0'"), "{help}");
        assert!(help.contains(&format!("'xcc zig install --from {}'", pin.file_name())), "{help}");
        assert!(listing_of_new(&into).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn pip_is_asked_for_the_pinned_file_and_not_believed() {
        let (temp, into) = temp();
        let pin = pins::find("0.17.0", ("linux", "x86_64")).unwrap();
        let script = temp.path().join("pip.sh");
        let script = script.to_str().unwrap();
        let pips: &[&[&str]] = &[&["xcc-no-such-pip"], &["false"], &["sh", script]];

        fs::write(script, "[ \"$1\" = --version ] && exit 0\necho progress\necho 'ERROR: no route' >&2\nexit 1\n")
            .unwrap();
        let error = install_wheel(pin, pips, &into).unwrap_err().to_string();
        assert_eq!(error, format!("'sh {script}' could not download ziglang==0.17.0:\nERROR: no route"));

        let asked = temp.path().join("asked");
        let body = format!(
            "[ \"$1\" = --version ] && exit 0\nmkdir wheels\necho \"$@\" >'{0}'\ncat requirements.txt >>'{0}'\n\
             echo other >wheels/{1}\n",
            asked.display(),
            pin.file_name()
        );
        fs::write(script, body).unwrap();
        let error = install_wheel(pin, pips, &into).unwrap_err().to_string();
        assert!(error.contains(&format!("expected {}", pin.sha256)), "{error}");
        let asked = fs::read_to_string(asked).unwrap();
        assert!(asked.contains("--require-hashes --platform manylinux_2_12_x86_64 "), "{asked}");
        assert!(asked.ends_with(&format!("ziglang==0.17.0 --hash=sha256:{}\n", pin.sha256)), "{asked}");
        assert!(listing_of_new(&into).is_empty());
    }

    #[test]
    fn the_end_of_what_pip_said_is_shown() {
        assert_eq!(last_lines(b"one\n\ntwo\nthree\n", 2), "two\nthree");
        assert_eq!(last_lines(b"one\n", 2), "one");
        assert_eq!(
            last_lines(b"ERROR: Exception:\nTraceback (most recent call last):\n  x\nOSError: full\n", 9),
            "OSError: full"
        );
    }

    #[test]
    fn versions_are_read_from_names() {
        for (name, version) in [
            ("ziglang-0.17.0-py3-none-win_amd64.whl", Some("0.17.0")),
            ("ziglang-0.17.0.dist-info", Some("0.17.0")),
            ("zig-x86_64-linux-0.17.0.tar.xz", Some("0.17.0")),
            ("zig-linux-x86_64-0.14.1", Some("0.14.1")),
            ("zig-x86_64-windows-0.15.2.zip", Some("0.15.2")),
            ("zig-linux-x86_64-0.15.0-dev.11+0123abc.tar.xz", Some("0.15.0-dev.11+0123abc")),
            ("zig-0.17.0", Some("0.17.0")),
            ("zig-linux-x86_64", None),
            ("zig", None),
            ("ziglang", None),
            ("zig-..", None),
            ("zig-0.", None),
            ("0.17.0", None),
        ] {
            assert_eq!(version_in(name).as_deref(), version, "{name}");
        }
    }
}
