//! `xcc sdk …`: SDKs of macOS that the user has brought, kept in the data directory, and which of them is in use.
//!
//! Each is a directory `sdk/NAME.sdk`, whole or not there; the one in use is what the link `sdk/used` says. Unpacking is in
//! `sdk/`.

mod archive;
mod cpio;
mod fetch;
mod pbzx;
mod pins;
mod tree;
mod xar;

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use clap::Subcommand;
use roxmltree::{Document, ParsingOptions};

use crate::dirs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::file_lock;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Take an SDK of macOS into xcc's data directory, and use it from now on
    Add {
        /// A directory MacOSX*.sdk, a .tar, .tar.gz, .tar.xz or .tar.zst of one, or a .pkg of Apple's Command Line Tools
        path: PathBuf,
        /// What to call it; MacOSX and its version without
        #[arg(long)]
        name: Option<String>,
    },
    /// Download an SDK from Apple by your own curl, once you have agreed to Apple's terms, and add it
    ///
    /// The package of the Command Line Tools that has it comes from Apple's server, and its digest has to be the one that other
    /// projects have published. This was tested against a server of our own and a package made for the test alone, never
    /// against Apple's.
    Fetch(fetch::Arguments),
    /// List the SDKs; the one in use has a *
    List,
    /// Use an SDK for every target of macOS from now on
    Use {
        /// As 'xcc sdk list' shows it
        #[arg(required_unless_present = "none")]
        name: Option<String>,
        /// None: what xcc has of its own
        #[arg(long, conflicts_with = "name")]
        none: bool,
    },
    /// Remove an SDK
    Rm {
        /// As 'xcc sdk list' shows it
        name: String,
    },
}

/// Does the command; the text to print.
///
/// # Errors
/// Where the data directory cannot be written, or there is no such SDK in what was given.
pub(crate) fn run(command: Command, env: &Env) -> Result<String> {
    match command {
        Command::Add { path, name } => add(&env.cwd.join(&path), name.as_deref(), env)
            .map_err(|error| of_source(error, &path.display().to_string())),
        Command::Fetch(arguments) => fetch::run(&arguments, env),
        Command::List => list(env),
        Command::Use { name, none: _ } => {
            let store = Store::open(env)?;
            let name = name.map(|name| store.existing(&name)).transpose()?;
            store.set_used(name.as_deref())?;
            Ok(name.map_or("no SDK is used from now on\n".to_owned(), |name| format!("{name} is used from now on\n")))
        }
        Command::Rm { name } => {
            let store = Store::open(env)?;
            let name = store.existing(&name)?;
            let was_used = used_in(&store.home).as_deref() == Some(&name);
            if was_used {
                store.set_used(None)?;
            }
            let path = store.path(&name);
            // At once gone from its place, from the disk then.
            fs::rename(&path, store.stage()?.path.join("removed")).map_err(Error::io("remove", &path))?;
            Ok(format!("removed {name}{}\n", if was_used { "; no SDK is used from now on" } else { "" }))
        }
    }
}

/// What is wrong with what the user has given, with its name.
fn of_source(error: Error, name: &str) -> Error {
    match error {
        Error::Message { text, help } => Error::Message { text: format!("cannot use '{name}': {text}"), help },
        Error::Io { action: "create" | "write" | "lock", .. } => Error::with_help(
            error.to_string(),
            "set XCC_DATA_DIR to a directory that can be written, with some GB of room",
        ),
        other => other,
    }
}

/// The SDK that `xcc sdk use` has chosen, if any: one `readlink`, because every call for macOS comes by here.
pub(crate) fn used(env: &Env) -> Option<PathBuf> {
    let home = dirs::data(env)?.join("sdk");
    used_in(&home).map(|name| path_of(&home, &name))
}

/// An SDK by its name, for `xcc.toml`.
///
/// # Errors
/// Where there is none of that name.
pub(crate) fn named(name: &str, env: &Env) -> Result<PathBuf> {
    let path = dirs::data(env).filter(|_| is_name(name)).map(|data| path_of(&data.join("sdk"), name));
    path.filter(|path| path.is_dir()).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Error {
    Error::with_help(
        format!("there is no SDK '{name}'"),
        "'xcc sdk list' lists them; 'xcc sdk add PATH' takes another, 'xcc sdk fetch' gets one from Apple",
    )
}

const USED: &str = "used";

fn path_of(home: &Path, name: &str) -> PathBuf {
    home.join(format!("{name}.sdk"))
}

fn used_in(home: &Path) -> Option<String> {
    #[cfg(unix)]
    let chosen = fs::read_link(home.join(USED)).ok()?;
    #[cfg(not(unix))]
    let chosen = PathBuf::from(fs::read_to_string(home.join(USED)).ok()?);
    let name = chosen.to_str()?.strip_suffix(".sdk")?;
    is_name(name).then(|| name.to_owned())
}

/// A directory's name and no more, that no option is mistaken for.
fn is_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(letter)
}

/// The SDKs, for one writer.
struct Store {
    home: PathBuf,
    _lock: fs::File,
}

impl Store {
    fn open(env: &Env) -> Result<Store> {
        let help = "set XCC_DATA_DIR to a directory that can be written";
        let data =
            dirs::data(env).ok_or_else(|| Error::with_help("there is no home directory to keep an SDK in", help))?;
        let home = data.join("sdk");
        let lock = file_lock::exclusive(&home, ".lock");
        let lock = lock.map_err(|error| Error::with_help(error.to_string(), help))?;
        Ok(Store { home, _lock: lock })
    }

    fn path(&self, name: &str) -> PathBuf {
        path_of(&self.home, name)
    }

    /// The name without the ending that it has on disk.
    fn existing(&self, name: &str) -> Result<String> {
        let plain = name.strip_suffix(".sdk").unwrap_or(name);
        if is_name(plain) && self.path(plain).is_dir() { Ok(plain.to_owned()) } else { Err(missing(name)) }
    }

    fn stage(&self) -> Result<Stage> {
        let stage = Stage { path: self.home.join(".stage") };
        // What a killed call has left: the lock says nobody else uses it.
        stage.clear().map_err(Error::io("remove", &stage.path))?;
        fs::create_dir(&stage.path).map_err(Error::io("create", &stage.path))?;
        Ok(stage)
    }

    fn set_used(&self, name: Option<&str>) -> Result<()> {
        let used = self.home.join(USED);
        let Some(name) = name else {
            return match fs::remove_file(&used) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", &used)(error)),
                _ => Ok(()),
            };
        };
        let target = format!("{name}.sdk");
        if cfg!(unix) {
            let new = self.home.join(".used");
            let _ = fs::remove_file(&new);
            let made = tree::symlink(Path::new(&target), &new).and_then(|()| fs::rename(&new, &used));
            return made.map_err(Error::io("create", &used));
        }
        crate::whole_file::write(&used, target.as_bytes())
    }
}

/// The directory that an SDK is unpacked in; it goes with what is left in it.
struct Stage {
    path: PathBuf,
}

impl Stage {
    fn clear(&self) -> std::io::Result<()> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The next call tries again.
        let _ = self.clear();
    }
}

/// One that was unpacked: where, and its version.
struct Found {
    path: PathBuf,
    version: String,
}

fn add(from: &Path, name: Option<&str>, env: &Env) -> Result<String> {
    if let Some(name) = name.filter(|name| !is_name(name)) {
        return Err(Error::message(format!("'{name}' is no name of letters, digits, '.', '_', '-' and '+'")));
    }
    let store = Store::open(env)?;
    let stage = store.stage()?;
    let links = archive::unpack(from, &stage.path)?;
    let found = all_in(&stage.path)?;
    let names: Vec<String> = match (name, &found[..]) {
        (Some(name), [_]) => vec![name.to_owned()],
        (Some(_), _) => {
            let all: Vec<_> = found.iter().map(|sdk| format!("MacOSX{}", sdk.version)).collect();
            let text = format!("there are {} SDKs in it: {}", all.len(), all.join(", "));
            return Err(Error::with_help(text, "add them without --name"));
        }
        (None, _) => found.iter().map(|sdk| format!("MacOSX{}", sdk.version)).collect(),
    };
    for name in &names {
        if fs::symlink_metadata(store.path(name)).is_ok() {
            let help = format!("remove it first ('xcc sdk rm {name}'), or call this one otherwise with --name");
            return Err(Error::with_help(format!("there is an SDK '{name}' already"), help));
        }
    }
    let mut left_out = Vec::new();
    for sdk in &found {
        left_out.append(&mut links.cut(&sdk.path)?);
    }
    if let Some(first) = left_out.first() {
        let (count, first) = (left_out.len(), first.display());
        let note = format!("xcc: note: links that lead out of the SDK are left out: {count}, the first is '{first}'\n");
        let _ = std::io::stderr().write_all(note.as_bytes());
    }
    let mut text = String::new();
    for (sdk, name) in found.iter().zip(&names) {
        fs::rename(&sdk.path, store.path(name)).map_err(Error::io("create", store.path(name)))?;
        let _ = writeln!(text, "{name}: macOS {}, {}", sdk.version, store.path(name).display());
    }
    // The newest is the last.
    if let Some(name) = names.last() {
        store.set_used(Some(name))?;
        let _ = writeln!(text, "{name} is used from now on");
    }
    Ok(text)
}

/// The SDKs in what was unpacked, by version: directories `MacOSX*.sdk`, else the one that all of it is, or that is a
/// directory or two below.
fn all_in(stage: &Path) -> Result<Vec<Found>> {
    let mut roots: Vec<PathBuf> = children(stage)?.into_iter().filter(|path| !path.ends_with(archive::WHOLE)).collect();
    if roots.is_empty() {
        roots.extend(root_in(&stage.join(archive::WHOLE), 2));
    }
    let mut found = Vec::new();
    for path in roots {
        if !is_sdk(&path) {
            continue;
        }
        let version = version_of(&path).ok_or_else(|| {
            let help = "give it a name that says it, such as MacOSX10.9.sdk";
            Error::with_help("neither the settings of the SDK nor its name say its version", help)
        })?;
        if found.iter().any(|other: &Found| other.version == version) {
            return Err(Error::message(format!("there are two SDKs of macOS {version} in it")));
        }
        found.push(Found { path, version });
    }
    if found.is_empty() {
        return Err(Error::with_help(
            "there is no SDK of macOS in it, which has SDKSettings.json, usr/include and usr/lib",
            "of Apple's packages it is the one with 'SDK' in its name, or all of the Command Line Tools",
        ));
    }
    let order = |sdk: &Found| sdk.version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>();
    found.sort_by_key(order);
    Ok(found)
}

fn children(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(Error::io("read", dir))?;
    let mut all: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    all.sort();
    Ok(all)
}

fn root_in(dir: &Path, depth: u32) -> Option<PathBuf> {
    if is_sdk(dir) {
        return Some(dir.to_owned());
    }
    let below = children(dir).ok().filter(|_| depth > 0)?;
    below.iter().filter(|path| path.is_dir() && !path.is_symlink()).find_map(|path| root_in(path, depth - 1))
}

const SETTINGS: [&str; 2] = ["SDKSettings.json", "SDKSettings.plist"];

fn is_sdk(dir: &Path) -> bool {
    let of_macos = || setting(dir, "CanonicalName").is_none_or(|name| name.starts_with("macosx"));
    SETTINGS.iter().any(|name| dir.join(name).is_file())
        && ["usr/include", "usr/lib"].iter().all(|name| dir.join(name).is_dir())
        && of_macos()
}

/// The version of an SDK: as its settings say, else its name (`MacOSX10.9.sdk`).
pub(crate) fn version_of(sdk: &Path) -> Option<String> {
    let name = || {
        let name = sdk.file_name().and_then(OsStr::to_str)?;
        Some(name.strip_prefix("MacOSX")?.strip_suffix(".sdk")?.to_owned())
    };
    let is_version = |text: &String| {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        text.split('.').all(digits)
    };
    setting(sdk, "Version").filter(is_version).or_else(|| name().filter(is_version))
}

/// A text in an SDK's settings. Those of old ones can be a binary property list, which is not read.
pub(crate) fn setting(sdk: &Path, key: &str) -> Option<String> {
    let json = fs::read(sdk.join(SETTINGS[0])).ok();
    let json = json.and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
    if let Some(value) = json.as_ref().and_then(|settings| settings.get(key)?.as_str()) {
        return Some(value.to_owned());
    }
    in_plist(&sdk.join(SETTINGS[1]), key)
}

/// The number of the build that an SDK is, such as 23E208.
pub(crate) fn build_of(sdk: &Path) -> Option<String> {
    in_plist(&sdk.join("System/Library/CoreServices/SystemVersion.plist"), "ProductBuildVersion")
}

/// A text in a property list of XML.
fn in_plist(path: &Path, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options).ok()?;
    let all = document.root_element().children().find(|node| node.has_tag_name("dict"))?;
    let mut nodes = all.children().filter(roxmltree::Node::is_element);
    nodes.find(|node| node.has_tag_name("key") && node.text() == Some(key))?;
    nodes.next()?.text().map(str::to_owned)
}

fn list(env: &Env) -> Result<String> {
    let home = dirs::data(env).map(|data| data.join("sdk")).filter(|home| home.is_dir());
    let used = home.as_deref().and_then(used_in);
    let mut text = String::new();
    for path in home.as_deref().map(children).transpose()?.unwrap_or_default() {
        let Some(Component::Normal(file)) = path.components().next_back() else { continue };
        let Some(name) = file.to_str().and_then(|name| name.strip_suffix(".sdk")).filter(|name| is_name(name)) else {
            continue;
        };
        let mark = if used.as_deref() == Some(name) { '*' } else { ' ' };
        let version =
            version_of(&path).map_or("of no version that it says".into(), |version| format!("macOS {version}"));
        let _ = writeln!(text, "{mark} {name:<16} {version:<12} {}", path.display());
    }
    if text.is_empty() {
        eprintln!("xcc: note: no SDK is here; 'xcc sdk add PATH' takes one, 'xcc sdk fetch' gets one from Apple");
    }
    Ok(text)
}
