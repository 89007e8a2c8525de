//! `codesign`: ad-hoc signatures, which are all that arm64 Macs ask of a program. To sign with an identity, or a bundle,
//! is the business of rcodesign or of Apple's own tool.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::entitlements;
use super::words::{Spec, Word};
use crate::binutils::copy::files;
use crate::binutils::{Out, Tool, complain, in_file, read};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::macho::sign::{self, Settings, Signature};
use crate::macho::{self, Image, fat, names};

#[derive(Clone, Copy, PartialEq)]
enum O {
    Sign,
    Force,
    Verify,
    Verbose(u32),
    Display,
    Entitlements,
    Identifier,
    Options,
    Remove,
    Preserve,
    Ignored,
    Architecture,
    Unsupported,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Codesign,
    usage: "(-s - | -v | -d | --remove-signature) [option...] file...",
    bundles: true,
    options: &[
        Word(O::Sign, &["-s", "--sign"], &["identity"], "Sign; the identity must be '-', which means ad hoc"),
        Word(O::Force, &["-f", "--force"], &[], "Replace a signature"),
        Word(O::Verify, &["--verify"], &[], "Verify the signature"),
        Word(O::Verbose(1), &["-v", "--verbose"], &[], "Verify; with another action, say more"),
        Word(O::Verbose(2), &["-vv", "--verbose=2"], &[], "Say yet more"),
        Word(O::Verbose(3), &["-vvv", "--verbose=3"], &[], ""),
        Word(O::Verbose(4), &["-vvvv", "--verbose=4"], &[], ""),
        Word(O::Display, &["-d", "--display"], &[], "Show the signature, on standard error"),
        Word(O::Entitlements, &["--entitlements"], &["file"], "Entitlements to sign with, or where to show them ('-')"),
        Word(O::Identifier, &["-i", "--identifier"], &["name"], "The name to sign with, instead of the file's"),
        Word(O::Options, &["-o", "--options"], &["flags"], "Flags such as 'runtime', separated by commas"),
        Word(O::Remove, &["--remove-signature"], &[], "Remove the signature"),
        Word(O::Preserve, &["--preserve-metadata"], &["what"], "Keep identifier, entitlements, flags of the old one"),
        Word(O::Architecture, &["-a", "--architecture"], &["arch"], "Show one architecture"),
        Word(O::Ignored, &["--timestamp"], &[], "No meaning, as nobody is asked for the time of an ad-hoc signature"),
        Word(O::Ignored, &["--timestamp=none"], &[], ""),
        Word(O::Ignored, &["--strict", "--all-architectures", "--generate-entitlement-der", "--xml"], &[], "As always"),
        Word(
            O::Unsupported,
            &["--keychain", "-r", "--requirements", "-R", "--test-requirement"],
            &["value"],
            "Not supported",
        ),
        Word(O::Unsupported, &["--deep"], &[], "Not supported, as bundles are not"),
    ],
};

#[derive(Default)]
struct Job {
    identity: Option<OsString>,
    force: bool,
    verify: bool,
    display: bool,
    remove: bool,
    verbose: u32,
    entitlements: Option<OsString>,
    identifier: Option<OsString>,
    flags: u32,
    preserve: String,
    arch: Option<String>,
}

pub(in crate::binutils) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    // `-s -` has a dash for its value, and `--preserve-metadata` may have none.
    let argv: Vec<OsString> = argv
        .iter()
        .map(|word| {
            if word == "--preserve-metadata" {
                "--preserve-metadata=identifier,entitlements,flags".into()
            } else {
                word.clone()
            }
        })
        .collect();
    let Some((options, operands)) = SPEC.sorted(&argv, env, out)? else { return Ok(0) };
    let mut job = Job::default();
    for (option, values) in options {
        let value = values.into_iter().next().unwrap_or_default();
        match option {
            O::Sign => job.identity = Some(value),
            O::Force => job.force = true,
            O::Verify => job.verify = true,
            O::Verbose(more) => job.verbose += more,
            O::Display => job.display = true,
            O::Entitlements => job.entitlements = Some(value),
            O::Identifier => job.identifier = Some(value),
            O::Options => job.flags = flags(&value.to_string_lossy())?,
            O::Remove => job.remove = true,
            O::Preserve => job.preserve = value.to_string_lossy().into_owned(),
            O::Architecture => job.arch = Some(value.to_string_lossy().into_owned()),
            O::Ignored => {}
            O::Unsupported => {
                let help = "ad-hoc signatures need neither; for an identity use rcodesign, or codesign on a Mac";
                return Err(Error::with_help("'--deep', keychains and requirements are not supported", help));
            }
        }
    }
    if let Some(identity) = job.identity.as_ref().filter(|identity| *identity != "-") {
        let text = format!(
            "cannot sign with the identity '{}': only ad-hoc signatures ('-s -') are made here",
            identity.to_string_lossy()
        );
        return Err(Error::with_help(text, "use rcodesign, which signs and notarises anywhere, or codesign on a Mac"));
    }
    if job.identity.is_none() && !job.verify && !job.display && !job.remove {
        if job.verbose == 0 {
            return Err(Error::with_help(
                "it is not said what to do",
                "say one of -s -, --verify, --display, --remove-signature",
            ));
        }
        // `-v` alone verifies; a second one makes that say something.
        job.verify = true;
        job.verbose -= 1;
    }
    if operands.is_empty() {
        return Err(Error::message("no input files"));
    }
    let mut code = 0;
    for file in &operands {
        match job.one(Path::new(file), out) {
            Ok(status) => code = code.max(status),
            Err(error) => {
                complain(out, &error)?;
                code = 1;
            }
        }
    }
    Ok(code)
}

fn flags(text: &str) -> Result<u32> {
    let mut flags = 0;
    for word in text.split(',') {
        let number = word.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let name = if word == "library" { "library-validation" } else { word };
        let named = sign::FLAGS.iter().find(|row| row.1 == name).map(|row| row.0);
        flags |= number.or(named).ok_or_else(|| {
            let names: Vec<&str> = sign::FLAGS.iter().map(|row| row.1).collect();
            Error::with_help(
                format!("unknown flag '{word}' of '--options'"),
                format!("use some of {}", names.join(", ")),
            )
        })?;
    }
    Ok(flags)
}

impl Job {
    fn one(&self, path: &Path, out: &mut Out) -> Result<i32> {
        let shown = path.display().to_string();
        if path.is_dir() {
            let text = format!("'{shown}' is a directory: bundles are not signed here");
            return Err(Error::with_help(text, "use rcodesign, which signs bundles anywhere, or codesign on a Mac"));
        }
        let data = read(path.as_os_str())?;
        if !macho::is_macho(&data) {
            return Err(Error::message(format!("'{shown}': it is no Mach-O file, and nothing else is signed here")));
        }
        if self.display {
            return self.show(&shown, path, &data, out);
        }
        if self.verify {
            return self.check(&shown, &data);
        }
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let entitlements = match &self.entitlements {
            Some(file) => {
                let xml = read(file)?;
                let der = entitlements::der(&xml).map_err(in_file(&file.to_string_lossy()))?;
                Some((xml, der))
            }
            None => None,
        };
        let change = |slice: &[u8]| match self.remove {
            true => sign::remove(slice.to_vec()),
            false => self.sign(slice, name, entitlements.clone()),
        };
        let new = macho::each_slice(&data, &change).map_err(in_file(&shown))?;
        let meta = fs::metadata(path).map_err(Error::io("read", path))?;
        files::write(path, &new, Some(&meta))?;
        if self.verbose > 0 {
            out.flush()?;
            eprintln!("{shown}: signed Mach-O");
        }
        Ok(0)
    }

    fn sign(&self, data: &[u8], name: &[u8], entitlements: Option<(Vec<u8>, Vec<u8>)>) -> macho::Result<Vec<u8>> {
        let image = Image::parse(data)?;
        let old = Settings::of(&image);
        // What a linker signed may be signed over, as with Apple's.
        let signed = image.command(names::LC_CODE_SIGNATURE).is_some();
        let of_linker = old.as_ref().is_some_and(|old| old.flags & sign::LINKER_SIGNED != 0);
        if signed && !of_linker && !self.force {
            return Err("is already signed".into());
        }
        let mut settings = Settings::ad_hoc(name);
        let keeps = |what: &str| self.preserve.split(',').any(|word| word == what);
        if let Some(old) = old {
            if keeps("identifier") {
                settings.identifier = old.identifier;
            }
            if keeps("flags") || keeps("runtime") {
                settings.flags |= old.flags & !sign::LINKER_SIGNED;
            }
            if keeps("entitlements") {
                settings.entitlements = old.entitlements;
            }
        }
        if let Some(identifier) = &self.identifier {
            settings.identifier = identifier.as_encoded_bytes().to_vec();
        }
        settings.flags |= self.flags;
        settings.entitlements = entitlements.or(settings.entitlements);
        sign::sign(data.to_vec(), &settings)
    }

    fn check(&self, shown: &str, data: &[u8]) -> Result<i32> {
        let mut wrong = Vec::new();
        let each = |slice: &[u8]| {
            let image = Image::parse(slice)?;
            match Signature::read(&image)? {
                None => Err("code object is not signed at all".to_owned()),
                Some(signature) => match signature.findings(&image) {
                    findings if findings.is_empty() => Ok(slice.to_vec()),
                    findings => Err(format!("invalid signature: {}", findings.join("; "))),
                },
            }
        };
        if let Err(what) = macho::each_slice(data, &each) {
            wrong.push(what);
        }
        for what in &wrong {
            eprintln!("{shown}: {what}");
        }
        if wrong.is_empty() && self.verbose > 0 {
            eprintln!("{shown}: valid on disk");
        }
        Ok(i32::from(!wrong.is_empty()))
    }

    fn show(&self, shown: &str, path: &Path, data: &[u8], out: &mut Out) -> Result<i32> {
        let full = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let fat = if fat::is_fat(data) { Some(fat::Fat::parse(data).map_err(in_file(shown))?) } else { None };
        let slices: Vec<&[u8]> = match &fat {
            Some(fat) => {
                let wanted = |slice: &&fat::Slice<'_>| self.arch.as_ref().is_none_or(|arch| *arch == slice.name());
                fat.slices.iter().filter(wanted).map(|slice| &*slice.data).collect()
            }
            None => vec![data],
        };
        for data in slices {
            let image = Image::parse(data).map_err(in_file(shown))?;
            let Some(signature) = Signature::read(&image).map_err(in_file(shown))? else {
                eprintln!("{shown}: code object is not signed at all");
                return Ok(1);
            };
            let arch = names::arch(image.cpu, image.subtype);
            out.flush()?;
            eprint!("{}", self.about(&full, &arch, &signature).map_err(in_file(shown))?);
            if self.entitlements.is_some() {
                out.text(signature.entitlements().unwrap_or_default())?;
            }
        }
        Ok(0)
    }

    fn about(&self, path: &Path, arch: &str, signature: &Signature<'_>) -> macho::Result<String> {
        let directory = signature.directory()?;
        let mut text = format!("Executable={}\n", path.display());
        if self.verbose == 0 {
            return Ok(text);
        }
        let flags: Vec<&str> = sign::FLAGS.iter().filter(|row| directory.flags & row.0 != 0).map(|row| row.1).collect();
        let flags = if flags.is_empty() { "none".into() } else { flags.join(",") };
        text.push_str(&format!("Identifier={}\n", String::from_utf8_lossy(directory.identifier)));
        text.push_str(&format!("Format=Mach-O thin ({arch})\n"));
        text.push_str(&format!(
            "CodeDirectory v={:x} size={} flags={:#x}({flags}) hashes={}+{} location=embedded\n",
            directory.version,
            directory.size(),
            directory.flags,
            directory.pages,
            directory.specials
        ));
        if self.verbose > 1 {
            text.push_str(&format!("Page size={}\nCDHash={}\n", 1u64 << directory.page, directory.cdhash()));
        }
        text.push_str(if signature.has_identity() {
            "Signature=by an identity, which is not looked at here\n"
        } else {
            "Signature=adhoc\n"
        });
        let team = directory.team.map_or_else(|| "not set".into(), String::from_utf8_lossy);
        text.push_str(&format!("TeamIdentifier={team}\n"));
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_option_is_given_twice() {
        SPEC.check();
    }

    #[test]
    fn flags_have_names_and_numbers() {
        assert_eq!(flags("runtime,library").unwrap(), 0x12000);
        assert_eq!(flags("0x10000").unwrap(), 0x10000);
        assert!(flags("fast").is_err());
    }
}
