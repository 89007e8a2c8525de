//! The user's own apt, on a state of its own: its lists, its cache and its list of installed packages are in one directory of
//! xcc's cache. The machine's are read where they say which mirror is used and how it is reached, and never changed.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Spec;
use super::deb::field;
use super::table::{Distribution, left_out};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exports;

/// A package file that apt has checked.
pub(super) struct Fetched {
    pub(super) path: PathBuf,
    /// `name=version`, as apt's file name has it.
    pub(super) asked: bool,
}

/// An apt for one release and machine.
pub(super) struct Apt<'a> {
    env: &'a Env,
    dir: PathBuf,
    /// What went wrong when the lists were fetched: those of before serve as well, where there are any.
    pub(super) warned: String,
    /// The archive has none for the machine, or they could not be fetched.
    pub(super) without_updates: bool,
}

/// What the user says of the archive instead of what the machine's apt knows.
#[derive(Default)]
pub(crate) struct Archive {
    pub(crate) mirror: Option<String>,
    pub(crate) keyring: Option<PathBuf>,
    /// Ask it although it has answered the same before.
    pub(crate) refresh: bool,
}

impl<'a> Apt<'a> {
    /// Makes its directory and fetches the lists.
    ///
    /// # Errors
    /// Where there is no apt, no mirror of the distribution is known, or apt fails.
    pub(super) fn new(env: &'a Env, dir: &Path, spec: &Spec, machine: &str, archive: &Archive) -> Result<Apt<'a>> {
        let mut apt = Apt { env, dir: dir.to_owned(), warned: String::new(), without_updates: false };
        let sources = sources(spec, machine, &apt.known()?, archive)?;
        for part in ["lists/partial", "cache/archives/partial", "none/archives/partial"] {
            let part = dir.join(part);
            fs::create_dir_all(&part).map_err(Error::io("create", &part))?;
        }
        apt.write("status", "")?;
        apt.write("apt.conf", &apt.configuration(machine)?)?;
        // An old release has its updates for some machines alone.
        let released: String =
            sources.lines().filter(|line| !is_of_updates(line)).map(|line| format!("{line}\n")).collect();
        let mut lists = vec![sources];
        if released != lists[0] && !released.is_empty() {
            lists.push(released);
        }
        for (at, sources) in lists.iter().enumerate() {
            apt.write("sources.list", sources)?;
            let (success, _, said) = apt.output("apt-get", &["-qq", "update"])?;
            apt.warned.push_str(&said);
            if success {
                apt.without_updates = at > 0;
                return Ok(apt);
            }
        }
        Err(apt.failed("apt-get update", ""))
    }

    /// Has apt find what the packages depend on, and fetch it all, but for what is left out.
    ///
    /// # Errors
    /// What apt says: a package that there is none of, a signature or a digest that does not match.
    pub(super) fn fetch(&self, packages: &[String]) -> Result<Vec<Fetched>> {
        self.write("status", "")?;
        self.write("status", &self.left_out()?)?;
        let mut words = vec!["-qq", "-y", "--no-install-recommends", "--no-remove", "install", "--print-uris"];
        let nowhere = format!("Dir::Cache::archives={}", self.dir.join("none/archives").display());
        words.extend(["-o", &nowhere]);
        words.extend(packages.iter().map(String::as_str));
        let all = files_of(&self.run("apt-get", &words)?);
        let mut words = vec!["-qq", "-y", "--no-install-recommends", "--no-remove", "install", "--download-only"];
        words.extend(packages.iter().map(String::as_str));
        self.run("apt-get", &words)?;
        let fetched = |(uri, file): (String, String)| {
            let name = file.split('_').next().unwrap_or("");
            let asked = packages.iter().any(|package| package.split(['=', ':', '/']).next() == Some(name));
            let cached = self.dir.join("cache/archives").join(&file);
            // Of an archive on this machine apt checks the files where they are.
            let path = if cached.is_file() { cached } else { local(&uri).unwrap_or(cached) };
            Fetched { path, asked }
        };
        Ok(all.into_iter().map(fetched).collect())
    }

    /// The paragraphs of what is left out, as of installed packages: so apt fetches neither them nor what only they need.
    fn left_out(&self) -> Result<String> {
        let names = self.run("apt-cache", &["pkgnames"])?;
        let names: Vec<&str> = names.lines().filter(|name| left_out(name).is_some()).collect();
        if names.is_empty() {
            return Ok(String::new());
        }
        let mut words = vec!["show", "--no-all-versions"];
        words.extend(names);
        // It fails for a name that stands for others and is no package.
        let shown = self.output("apt-cache", &words)?.1;
        let paragraphs = shown.split("\n\n").filter(|text| field(text, "Package").is_some());
        let installed = |text: &str| {
            // Without what they need in their turn.
            let fields = ["Package", "Architecture", "Multi-Arch", "Version", "Provides"];
            let known = fields.iter().filter_map(|name| Some(format!("{name}: {}\n", field(text, name)?)));
            known.chain(["Status: install ok installed\n\n".to_owned()]).collect::<String>()
        };
        Ok(paragraphs.map(installed).collect())
    }

    /// What the machine's apt says of itself.
    fn known(&self) -> Result<String> {
        let format = "$(ORIGIN)|$(REPO_URI)|$(RELEASE)";
        let mut command = self.command("apt-get", &["indextargets", "--format", format, "Created-By: Packages"])?;
        let output = command.output().map_err(Error::io("run", "apt-get"))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn configuration(&self, machine: &str) -> Result<String> {
        let output = self.command("apt-config", &["dump"])?.output().map_err(Error::io("run", "apt-config"))?;
        let dump = String::from_utf8_lossy(&output.stdout);
        // How the network is reached and signatures are checked; the machine's own hooks stay out.
        let taken: Vec<&str> =
            dump.lines().filter(|line| line.starts_with("Acquire::") && !line.contains("IndexTargets")).collect();
        let dir = self.dir.display();
        Ok(format!(
            "{}\nAPT::Architecture \"{machine}\";\nAPT::Architectures {{ \"{machine}\"; }};\n\
             APT::Sandbox::User \"root\";\nAPT::Get::AllowUnauthenticated \"false\";\nAcquire::Languages \"none\";\n\
             Acquire::GzipIndexes \"true\";\nDebug::NoLocking \"true\";\n\
             Dir::State \"{dir}\";\nDir::State::lists \"{dir}/lists\";\nDir::State::status \"{dir}/status\";\n\
             Dir::State::extended_states \"{dir}/extended_states\";\n\
             Dir::Cache \"{dir}/cache\";\nDir::Etc::sourcelist \"{dir}/sources.list\";\nDir::Etc::sourceparts \"{dir}/none\";\n\
             Dir::Etc::preferences \"{dir}/none/preferences\";\nDir::Etc::preferencesparts \"{dir}/none\";\n\
             Dir::Etc::main \"{dir}/none/apt.conf\";\nDir::Etc::parts \"{dir}/none\";\nDir::Log \"{dir}\";\n",
            taken.join("\n")
        ))
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.dir.join(name);
        fs::write(&path, text).map_err(Error::io("write", &path))
    }

    fn command(&self, program: &str, words: &[&str]) -> Result<Command> {
        let path = exports::on_path(program, self.env).ok_or_else(|| {
            Error::with_help(
                format!("cannot find {program} on PATH"),
                "packages of a distribution are fetched by apt, which Debian and Ubuntu have; 'xcc sysroot add' also takes \
                 .deb files and directories",
            )
        })?;
        let mut command = Command::new(path);
        command.args(words).stdin(Stdio::null()).env("LC_ALL", "C").env("DEBIAN_FRONTEND", "noninteractive");
        Ok(command)
    }

    /// Whether it succeeded, and what it printed: standard output, standard error.
    fn output(&self, program: &str, words: &[&str]) -> Result<(bool, String, String)> {
        let mut command = self.command(program, words)?;
        let own = self.dir.join("apt.conf");
        command.env("APT_CONFIG", OsStr::new(&own)).current_dir(&self.dir);
        let output = command.output().map_err(Error::io("run", program))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((output.status.success(), text(&output.stdout), text(&output.stderr)))
    }

    fn run(&self, program: &str, words: &[&str]) -> Result<String> {
        let (success, stdout, stderr) = self.output(program, words)?;
        if success {
            return Ok(stdout);
        }
        let verb = words.iter().find(|word| !word.starts_with('-')).unwrap_or(&"");
        Err(self.failed(&format!("{program} {verb}"), &format!("{stderr}{stdout}")))
    }

    /// With what apt said, of the lists first.
    fn failed(&self, command: &str, said: &str) -> Error {
        let lines = self.warned.lines().chain(said.lines()).filter(|line| !line.trim().is_empty());
        Error::message(format!("{command} failed:\n{}", lines.take(12).collect::<Vec<_>>().join("\n")))
    }
}

/// The lines of `sources.list`: the mirrors of the distribution that the machine's apt uses, with the release that is asked
/// for, and its updates where the machine has its own release's. `known` is what `apt-get indextargets` says.
fn sources(spec: &Spec, machine: &str, known: &str, archive: &Archive) -> Result<String> {
    let Distribution { name, origin, components, keyrings } = spec.distribution;
    let keyring = archive.keyring.clone().or_else(|| keyrings.iter().map(PathBuf::from).find(|path| path.is_file()));
    let options = match keyring {
        Some(path) => format!("[arch={machine} signed-by={}]", path.display()),
        None => format!("[arch={machine}]"),
    };
    let line = |uri: &str, suffix: &str| format!("deb {options} {uri} {}{suffix} {components}\n", spec.suite);
    if let Some(mirror) = &archive.mirror {
        return Ok(line(mirror, ""));
    }
    let mut lines: Vec<String> = Vec::new();
    for row in known.lines() {
        let [of, uri, release] = row.split('|').collect::<Vec<_>>()[..] else { continue };
        // Lists that were never fetched say nothing of their origin.
        let last = uri.trim_end_matches('/').rsplit('/').next().unwrap_or("");
        let fetched = !of.is_empty() && !of.starts_with('$');
        if (fetched && of != *origin) || (!fetched && !last.starts_with(name)) {
            continue;
        }
        let suffix = ["-updates", "-security"].into_iter().find(|suffix| release.ends_with(suffix)).unwrap_or("");
        let line = line(uri, suffix);
        if !release.contains("backports") && !release.contains("proposed") && !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        return Err(Error::with_help(
            format!("this machine's apt has no source of {name}"),
            format!(
                "name one that has '{machine}' with --mirror URL, and with --keyring FILE the keys of {name} if they are in no \
                 package here"
            ),
        ));
    }
    Ok(lines.concat())
}

/// A line of the release's updates or security updates.
fn is_of_updates(line: &str) -> bool {
    line.split(' ').any(|word| word.ends_with("-updates") || word.ends_with("-security"))
}

/// Addresses and file names in what `--print-uris` prints: `'URL' NAME SIZE DIGEST`.
fn files_of(printed: &str) -> Vec<(String, String)> {
    let pairs = printed.lines().filter_map(|line| line.strip_prefix('\'')?.split_once("' "));
    let named = pairs.map(|(uri, rest)| (uri.to_owned(), rest.split(' ').next().unwrap_or("").to_owned()));
    named.filter(|(_, name)| name.ends_with(".deb") && !name.contains('/')).collect()
}

/// The file of a `file:` address, whose odd bytes are `%` and two digits.
fn local(uri: &str) -> Option<PathBuf> {
    let path = uri.strip_prefix("file:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let (first, rest) = path.split_once('%').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let mut text = first.as_bytes().to_vec();
    for part in rest.into_iter().flat_map(|rest| rest.split('%')) {
        text.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        text.extend(part[2..].bytes());
    }
    Some(PathBuf::from(String::from_utf8(text).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spec: &str, known: &str) -> std::result::Result<String, String> {
        let spec = Spec::parse(spec).unwrap().unwrap();
        let archive = Archive { keyring: Some("/k.gpg".into()), ..Archive::default() };
        sources(&spec, "arm64", known, &archive).map_err(|error| error.to_string())
    }

    #[test]
    fn the_machines_mirrors_serve_another_release() {
        let known = "Debian|http://m/debian/|bookworm\nDebian|http://m/debian/|bookworm-updates\n\
                     Debian|http://m/debian-security/|bookworm-security\nDebian Backports|http://m/debian/|bookworm-backports\n\
                     Other|http://o/|stable\n";
        let options = "[arch=arm64 signed-by=/k.gpg]";
        assert_eq!(
            of("debian:bullseye", known).unwrap(),
            format!(
                "deb {options} http://m/debian/ bullseye main\ndeb {options} http://m/debian/ bullseye-updates main\n\
                 deb {options} http://m/debian-security/ bullseye-security main\n"
            )
        );
        assert!(of("ubuntu:noble", known).unwrap_err().contains("no source of ubuntu"));
        // A machine that never fetched its lists.
        assert!(of("debian:bookworm", "|http://m/debian/|bookworm\n|http://o/|stable\n").unwrap().starts_with("deb ["));
    }

    #[test]
    fn files_are_read_from_what_apt_prints() {
        let printed =
            "'http://m/pool/a_1%3a2_arm64.deb' a_1%3a2_arm64.deb 1234 SHA256:00\nReading lists\n'x' ../b.deb 1 -\n";
        let uri = "http://m/pool/a_1%3a2_arm64.deb".to_owned();
        assert_eq!(files_of(printed), [(uri.clone(), "a_1%3a2_arm64.deb".to_owned())]);
        assert_eq!((local(&uri), local("file:///a%20b/c_1%253a2.deb")), (None, Some("/a b/c_1%3a2.deb".into())));
    }
}
