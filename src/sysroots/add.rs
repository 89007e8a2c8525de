//! `xcc sysroot add`: its command line, and what it says. The work is `packages.rs`'s.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::cache_of;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::packages::{self, Archive, Outcome, Package, Source, Spec};
use crate::target::Target;

#[derive(Args)]
pub(crate) struct Add {
    /// The target; without a version of glibc in it, that of the release is meant
    #[arg(short, long)]
    target: String,
    /// A release (debian:bookworm, ubuntu:noble), or .deb files and directories of this machine
    #[arg(value_name = "RELEASE|FILE", required = true)]
    source: String,
    /// The packages of the release, or more files
    packages: Vec<String>,
    /// The archive to fetch from, instead of those that this machine's apt is set up for
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,
    /// The keys that the archive is signed with
    #[arg(long, value_name = "FILE")]
    keyring: Option<PathBuf>,
    /// Ask the archive for newer versions of what the same request has brought before
    #[arg(long)]
    refresh: bool,
}

pub(super) fn run(add: &Add, env: &Env) -> Result<String> {
    let target = Target::parse(&add.target)?;
    let keyring = add.keyring.as_ref().map(|path| env.cwd.join(path));
    let archive = Archive { mirror: add.mirror.clone(), keyring, refresh: add.refresh };
    let source = match Spec::parse(&add.source)? {
        Some(_) if add.packages.is_empty() => {
            return Err(Error::with_help(
                format!("no packages of {} are named", add.source),
                format!("xcc sysroot add -t {} {} libssl-dev", add.target, add.source),
            ));
        }
        Some(spec) => Source::Apt { spec, packages: &add.packages, archive },
        None if archive.mirror.is_some() || archive.keyring.is_some() => {
            return Err(Error::message(
                "--mirror and --keyring are for the packages of a release, such as debian:bookworm",
            ));
        }
        None => {
            let files = std::iter::once(&add.source).chain(&add.packages).map(|path| env.cwd.join(path));
            Source::Files(files.collect())
        }
    };
    let outcome = packages::add(&cache_of(env)?, target, &source, env)?;
    Ok(text(&outcome, target))
}

fn text(outcome: &Outcome, asked: Target) -> String {
    let mut text = String::new();
    for package in &outcome.added {
        let _ = writeln!(text, "added {} {}, {} files", package.name, package.version, package.files.len());
    }
    for (name, why) in &outcome.left_out {
        let _ = writeln!(text, "left out {name}: {why}");
    }
    for (name, needed) in &outcome.missing {
        let _ = writeln!(text, "missing: {name} depends on {needed}, which was not given");
    }
    if let Some(said) = &outcome.without_updates {
        let _ = writeln!(text, "without the updates of the release, which cannot be fetched: {said}");
    }
    let many = |count: usize| format!("{count} package{}", if count == 1 { "" } else { "s" });
    let counted = match (outcome.added.len(), outcome.kept) {
        (0, kept) => format!("{} there already", many(kept)),
        (added, 0) => format!("{} added", many(added)),
        (added, kept) => format!("{} added, {kept} there already", many(added)),
    };
    let _ = writeln!(text, "{}: {counted}", outcome.target);
    let own = asked.full_name();
    if own != outcome.target {
        let name = asked.row.name;
        let minor = outcome.target.rsplit('.').next().unwrap_or("");
        let _ = writeln!(
            text,
            "'{name}' alone is for {own}: use the target '{0}' (the name 'xcc-{0}-cc'), or put this in xcc.toml:\n\n\
             [target.{name}]\nglibc = \"2.{minor}\"",
            outcome.target
        );
    }
    text
}

/// Those that were asked for, as many as fit into a width, and how many more there are.
pub(super) fn names(packages: &[Package], width: usize) -> String {
    let mut text = String::new();
    let mut shown = 0;
    for package in packages.iter().filter(|package| package.asked) {
        let rest = format!(" and {} more", packages.len() - shown);
        if shown > 0 && text.len() + 2 + package.name.len() + rest.len() > width {
            break;
        }
        if shown > 0 {
            text.push_str(", ");
        }
        text.push_str(&package.name);
        shown += 1;
    }
    match packages.len() - shown {
        0 => text,
        more if shown == 0 => format!("{more}"),
        more => format!("{text} and {more} more"),
    }
}
