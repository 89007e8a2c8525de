//! Signing by programs of others: `[[matrix.sign]]` of `xcc.toml` says what signs a program, an archive or the digests.
//!
//! What is signed is not in its place yet, so nothing lands unsigned where signing fails, and every digest is of the signed
//! file. No shell is between, and no signer is known here: what each is told is in the file.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::cell::finish;
use super::check::name_of;
use super::plan::{Words, fill};
use crate::error::{Error, Result};
use crate::target::Target;

/// What is signed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum What {
    /// The program, before anything looks at it.
    Binary,
    /// What it was packed in.
    Archive,
    /// `checksums.txt`.
    Checksums,
}

/// One `[[matrix.sign]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Row {
    what: What,
    /// Only for these; without, for all.
    #[serde(default)]
    os: Vec<String>,
    command: Words,
    /// What the file is called that has nothing but a signature.
    signature: Option<String>,
}

/// A command that signs.
#[derive(Debug)]
pub(super) struct Hook {
    what: What,
    os: Vec<String>,
    command: Vec<String>,
    /// The template of the signature's name, where the command writes one.
    signature: Option<String>,
}

/// As GoReleaser calls it.
const SIGNATURE: &str = "{artifact}.sig";

/// What only a command that signs is told.
const OF_SIGNING: &[(&str, &str)] = &[
    ("artifact", "the file that is signed; rcodesign changes it where it lies"),
    ("signature", "where a signature goes that is a file of its own, as cosign's and gpg's"),
    ("signed", "where a signed copy goes, which takes the artifact's place: osslsigncode writes no file that it reads"),
];

/// What is known of a release, and what of a cell alone.
const OF_RELEASE: &[&str] = &["name", "version"];
const OF_CELL: &[&str] = &["target", "os", "arch", "ext", "rust"];

/// `has_archives`: or nobody asks.
///
/// # Errors
/// A placeholder or system that there is not, a command that signs nothing, two signatures of one name.
pub(super) fn plan(rows: Vec<Row>, has_archives: bool) -> Result<Vec<Hook>> {
    let mut hooks: Vec<Hook> = Vec::new();
    for row in rows {
        let hook = hook(row, has_archives).map_err(|error| match error.help() {
            Some(help) => Error::with_help(format!("[[matrix.sign]]: {error}"), help),
            None => Error::message(format!("[[matrix.sign]]: {error}")),
        })?;
        let meets = |other: &&Hook| {
            other.what == hook.what
                && other.signature == hook.signature
                && (other.os.is_empty() || hook.os.is_empty() || other.os.iter().any(|os| hook.os.contains(os)))
        };
        if let Some(name) = hook.signature.as_ref().filter(|_| hooks.iter().any(|other| meets(&other))) {
            return Err(Error::with_help(
                format!("[[matrix.sign]]: two commands would write '{name}'"),
                "'signature' names the file of one of them",
            ));
        }
        hooks.push(hook);
    }
    Ok(hooks)
}

fn hook(row: Row, has_archives: bool) -> Result<Hook> {
    let of_all = row.what == What::Checksums;
    if row.what == What::Archive && !has_archives {
        return Err(Error::with_help("there are no archives to sign", "add --archive, or archive = true in [matrix]"));
    }
    if of_all && !row.os.is_empty() {
        return Err(Error::message("the digests of all systems are in one file, so 'os' has no meaning"));
    }
    let mut known: Vec<&str> = Target::all().filter_map(|row| row.go.map(|(os, ..)| os)).collect();
    known.sort_unstable();
    known.dedup();
    if let Some(os) = row.os.iter().find(|os| !known.contains(&os.as_str())) {
        return Err(Error::with_help(format!("unknown system '{os}'"), format!("there are {}", known.join(", "))));
    }
    let command = row.command.split()?;
    let of_cell = OF_CELL.iter().filter(|_| !of_all);
    let names = OF_SIGNING.iter().map(|(name, _)| name).chain(OF_RELEASE).chain(of_cell);
    let names: Vec<(&'static str, String)> = names.map(|name| (*name, "x".to_owned())).collect();
    command.iter().try_for_each(|word| fill(word, &names).map(drop))?;
    let has = |name: &str| command.iter().any(|word| word.contains(&format!("{{{name}}}")));
    if !has("artifact") {
        return Err(Error::message("the command names no {artifact}, and so signs nothing"));
    }
    if row.signature.is_some() && !has("signature") {
        return Err(Error::with_help("nothing writes the 'signature'", "the command has to name {signature}"));
    }
    let signature = has("signature").then(|| row.signature.unwrap_or_else(|| SIGNATURE.to_owned()));
    if let Some(template) = &signature {
        let name = fill(template, &[("artifact", "x".to_owned())])?;
        if !template.contains("{artifact}") || name == "x" || name.starts_with('.') || name.contains(['/', '\\', '\0'])
        {
            return Err(Error::with_help(
                format!("'{template}' is not the name of a signature"),
                format!("it is of the artifact's: {SIGNATURE}"),
            ));
        }
    }
    Ok(Hook { what: row.what, os: row.os, command, signature })
}

impl Hook {
    pub(super) fn is_for(&self, what: What, os: Option<&str>) -> bool {
        self.what == what && (self.os.is_empty() || os.is_some_and(|os| self.os.iter().any(|own| own == os)))
    }

    /// What signs.
    pub(super) fn program(&self) -> String {
        name_of(Path::new(self.command.first().map_or("", String::as_str)))
    }

    /// Where the signature of a file lies, beside it.
    pub(super) fn signature_of(&self, artifact: &Path) -> Option<PathBuf> {
        let template = self.signature.as_ref()?;
        Some(artifact.with_file_name(template.replace("{artifact}", &name_of(artifact))))
    }

    /// All of it, for a digest.
    pub(super) fn text(&self) -> String {
        format!("{self:?}")
    }
}

/// Runs the commands one after the other for a file that lies in a directory with nothing else; the signatures lie beside it then.
///
/// # Errors
/// Where a command fails or does not write what it was told to.
pub(super) fn sign(
    hooks: &[&Hook],
    artifact: &Path,
    names: &[(&'static str, String)],
    log: &Path,
) -> Result<Vec<PathBuf>> {
    let mut signatures = Vec::new();
    let dir = artifact.parent().unwrap_or(artifact).join(".signed");
    for hook in hooks {
        let signed = dir.join(name_of(artifact));
        let signature = hook.signature_of(artifact);
        fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
        let text = |path: &Path| path.display().to_string();
        let mut names = names.to_vec();
        names.extend([
            ("artifact", text(artifact)),
            ("signature", signature.as_deref().map(text).unwrap_or_default()),
            ("signed", text(&signed)),
        ]);
        let words = hook.command.iter().map(|word| fill(word, &names)).collect::<Result<Vec<String>>>()?;
        let mut command = Command::new(words.first().map_or("", String::as_str));
        command.args(words.iter().skip(1));
        let program = hook.program();
        let out = File::options().create(true).append(true).open(log).map_err(Error::io("write", log))?;
        finish(&mut command, &out, &format!("it is not signed: '{program}' failed"))?;
        let wrote_no = |path: &Path| Error::message(format!("it is not signed: '{program}' wrote no '{}'", text(path)));
        if hook.command.iter().any(|word| word.contains("{signed}")) {
            let mode = artifact.metadata().map_err(Error::io("read", artifact))?.permissions();
            fs::set_permissions(&signed, mode).map_err(|_| wrote_no(&signed))?;
            fs::rename(&signed, artifact).map_err(Error::io("create", artifact))?;
        }
        if !artifact.is_file() {
            return Err(Error::message(format!("'{program}' left no '{}'", text(artifact))));
        }
        if let Some(signature) = signature {
            if !signature.is_file() {
                return Err(wrote_no(&signature));
            }
            signatures.push(signature);
        }
    }
    let _ = fs::remove_dir_all(&dir);
    Ok(signatures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let row: std::result::Result<Row, _> = toml::from_str(text);
        match row.map_err(|error| error.to_string()) {
            Ok(row) => plan(vec![row], false).map(|_| "-".to_owned()).unwrap_or_else(|error| error.to_string()),
            Err(error) => error,
        }
    }

    #[test]
    fn what_cannot_sign_is_an_error() {
        for (text, said) in [
            ("what = 'binary'\ncommand = 'sign {artifact}'", "-"),
            ("what = 'checksums'\ncommand = ['sign', '--of={artifact}', '{signature}', '{version}']", "-"),
            ("what = 'binry'\ncommand = 'sign {artifact}'", "unknown variant `binry`"),
            ("what = 'binary'\ncommand = 'sign {artifact}'\ncmd = 'x'", "unknown field `cmd`"),
            ("what = 'binary'", "missing field `command`"),
            ("what = 'binary'\ncommand = 'sign {artefact}'", "unknown placeholder '{artefact}'"),
            ("what = 'checksums'\ncommand = 'sign {artifact} {os}'", "unknown placeholder '{os}'"),
            ("what = 'checksums'\nos = ['linux']\ncommand = 'sign {artifact}'", "'os' has no meaning"),
            ("what = 'binary'\nos = ['macos']\ncommand = 'sign {artifact}'", "unknown system 'macos'"),
            ("what = 'binary'\ncommand = 'sign'", "signs nothing"),
            ("what = 'binary'\ncommand = []", "signs nothing"),
            ("what = 'binary'\ncommand = 'sign {artifact} \"x'", "an open quote"),
            ("what = 'archive'\ncommand = 'sign {artifact}'", "no archives"),
            ("what = 'binary'\ncommand = 'sign {artifact}'\nsignature = '{artifact}.asc'", "nothing writes"),
            ("what = 'binary'\ncommand = 'sign {artifact} {signature}'\nsignature = 'sig'", "not the name"),
            ("what = 'binary'\ncommand = 'sign {artifact} {signature}'\nsignature = '../{artifact}.s'", "not the name"),
            ("what = 'binary'\ncommand = 'sign {artifact} {signature}'\nsignature = '{artifact}'", "not the name"),
            ("what = 'binary'\ncommand = 'sign {artifact} {signature}'\nsignature = '{artifact}.{o}'", "'{o}'"),
        ] {
            let found = refused(text);
            assert!(found.contains(said) && (said != "-" || found == "-"), "{text}: {found}");
        }
    }

    #[test]
    fn two_signatures_have_two_names() {
        let row = |os: &str, name: &str| -> Row {
            let text = format!("what = 'binary'\nos = [{os}]\ncommand = 'sign {{artifact}} {{signature}}'\n{name}");
            toml::from_str(&text).unwrap()
        };
        let asc = "signature = '{artifact}.asc'";
        assert!(plan(vec![row("", ""), row("", asc)], true).is_ok());
        assert!(plan(vec![row("'linux'", ""), row("'darwin'", "")], true).is_ok());
        for other in [row("", ""), row("'linux', 'darwin'", "")] {
            let error = plan(vec![row("'linux'", ""), other], true).unwrap_err();
            assert!(error.to_string().contains("two commands would write '{artifact}.sig'"), "{error}");
        }
    }
}
