//! The wheel of `ziglang`, downloaded by the user's own pip and not believed: its hash is a pin's.

use std::fs::{self, File};
use std::io::Seek;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::note;
use crate::digest;
use crate::error::{Error, Result};
use crate::zig::pins::Pin;

/// Has pip download the wheel into `temp`, and returns its path. The caller verifies it.
pub(super) fn download(pin: &Pin, pips: &[&[&str]], temp: &Path) -> Result<PathBuf> {
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
pub(super) fn last_lines(text: &[u8], count: usize) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let count = if lines.iter().any(|line| line.starts_with("Traceback ")) { 1 } else { count };
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// Checks the hash of `file`, and leaves it at its beginning.
pub(super) fn verify(file: &mut File, path: &Path, pin: &Pin) -> Result<()> {
    let found = digest::of_reader(file).map_err(Error::io("read", path))?;
    file.rewind().map_err(Error::io("read", path))?;
    if found == pin.sha256 {
        return Ok(());
    }
    Err(Error::with_help(
        format!("'{}' is damaged or not what it says: its SHA-256 is {found}, expected {}", path.display(), pin.sha256),
        "download it again",
    ))
}
