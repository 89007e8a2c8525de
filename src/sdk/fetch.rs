//! `xcc sdk fetch`: a package with an SDK, by the user's own curl, after Apple's terms were agreed to.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::process;

use clap::Args;

use super::{add, of_source, pins};
use crate::digest;
use crate::dirs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exports;

#[derive(Args)]
pub(crate) struct Arguments {
    #[arg(help = format!("The SDK's version: {}; {} without", pins::versions(), pins::DEFAULT))]
    #[arg(conflicts_with_all = ["url", "sha256"])]
    version: Option<String>,
    /// Where another package is: the address that Apple's download page or software catalogue gives
    #[arg(long, alias = "from", requires = "sha256")]
    url: Option<String>,
    /// The SHA-256 of that package, from somebody whom you trust
    #[arg(long, value_name = "HEX", requires = "url")]
    sha256: Option<String>,
    /// What to call the SDK; MacOSX and its version without
    #[arg(long)]
    name: Option<String>,
    /// You have read Apple's terms and agree to them
    #[arg(long)]
    yes: bool,
}

const CURL: &str = if cfg!(windows) { "curl.exe" } else { "curl" };

const TERMS: &str = "\
The SDK of macOS is Apple's. Its licence, the 'Xcode and Apple SDKs Agreement', is at
    https://www.apple.com/legal/sla/docs/xcode.pdf
and says on which machines and for what you may use it. xcc has no part in that agreement.
";

/// Asks, downloads, compares the digest, and adds the SDK; the text to print.
///
/// # Errors
/// Without an agreement, curl or the digest, and what [`add`] can fail with.
pub(super) fn run(arguments: &Arguments, env: &Env) -> Result<String> {
    let (url, expected) = asked_for(arguments)?;
    let url = url.as_str();
    let by_hand = "download it by hand, and run 'xcc sdk add FILE'";
    let curl = exports::on_path(CURL, env)
        .ok_or_else(|| Error::with_help("cannot find curl", format!("install curl; or {by_hand}")))?;
    agree(url, arguments.yes)?;
    let help = "set XCC_DATA_DIR to a directory that can be written, with some GB of room";
    let data = dirs::data(env).ok_or_else(|| Error::with_help("there is no home directory to download to", help))?;
    let unwritable = |error: Error| Error::with_help(error.to_string(), help);
    fs::create_dir_all(&data).map_err(Error::io("create", &data)).map_err(unwritable)?;
    // It goes when this is done, however that ends.
    let package = tempfile::Builder::new().prefix("download-").suffix(".pkg").tempfile_in(&data);
    let package = package.map_err(Error::io("create", &data)).map_err(unwritable)?.into_temp_path();
    let mut command = process::Command::new(&curl);
    // The address is no pattern, and leads to no file of this machine.
    command.args(["--fail", "--location", "--globoff", "--proto", "=https,http"]);
    command.args(if io::stderr().is_terminal() { &["--progress-bar"][..] } else { &["--silent", "--show-error"] });
    command.arg("--output").arg(&package).arg("--url").arg(url).stdin(process::Stdio::null());
    let status = command.status().map_err(|source| Error::NotRunnable { path: curl.clone(), source })?;
    if !status.success() {
        return Err(Error::with_help(format!("curl could not download '{url}': {status}"), by_hand));
    }
    let found = digest::of_file(&package)?;
    if found != expected {
        return Err(Error::with_help(
            format!("what '{url}' gave is not the package: its SHA-256 is {found}, expected {expected}"),
            if arguments.url.is_some() {
                "it was removed; see that address and digest are of the same version"
            } else {
                "it was removed; Apple may have replaced the package: take another version, or --url and --sha256"
            },
        ));
    }
    add(&package, arguments.name.as_deref(), env).map_err(|error| of_source(error, url))
}

/// The address and the digest: of a pinned package, or what the user says.
fn asked_for(arguments: &Arguments) -> Result<(String, String)> {
    let (Some(url), Some(digest)) = (&arguments.url, &arguments.sha256) else {
        let version = arguments.version.as_deref().unwrap_or(pins::DEFAULT);
        let pin = pins::of(version).ok_or_else(|| {
            let help = format!("these are: {}; of another say --url and --sha256", pins::versions());
            Error::with_help(format!("no package with the SDK of macOS {version} is known"), help)
        })?;
        return Ok((pin.url(), pin.sha256.to_owned()));
    };
    if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let help = "'sha256sum' of a copy that you trust prints the 64 digits";
        return Err(Error::with_help(format!("'{digest}' is no SHA-256"), help));
    }
    if !["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) {
        let help = "a file on this machine is added with 'xcc sdk add FILE'";
        return Err(Error::with_help(format!("'{url}' is no address of https or http"), help));
    }
    Ok((url.clone(), digest.to_lowercase()))
}

/// Shows where the terms are, and asks where somebody can answer.
fn agree(url: &str, yes: bool) -> Result<()> {
    let mut out = io::stderr();
    let _ = out.write_all(format!("{TERMS}Downloading from {url}\n").as_bytes());
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Error::with_help(
            "nobody is here to agree to Apple's terms: standard input is no terminal",
            "read them, and say --yes if you agree",
        ));
    }
    let _ = out.write_all(b"Do you agree to these terms, and shall it be downloaded? [y/N] ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Error::io("read", "standard input"))?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Error::message("nothing was downloaded")),
    }
}
