//! `xcrun` and `sw_vers`, which build systems ask where the SDK and the tools are and what they run on.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::words::{Found, Spec, Word};
use crate::binutils::{Out, Tool};
use crate::config::Config;
use crate::dirs;
use crate::driver;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::links;
use crate::osxcross;
use crate::personality;
use crate::sdk;
use crate::sysroot::{self, Component};
use crate::target::Target;

#[derive(Clone, Copy)]
enum O {
    Sdk,
    ShowPath,
    ShowVersion,
    ShowBuild,
    ShowPlatform,
    ShowPlatformVersion,
    Find,
    Ignored,
    IgnoredValue,
}

const SPEC: Spec<O> = Spec {
    tool: Tool::Xcrun,
    usage: "[option...] (--show-sdk-path | --show-sdk-version | --find tool | tool [argument...])",
    bundles: false,
    options: &[
        Word(O::Sdk, &["--sdk", "-sdk"], &["name"], "The SDK: macosx, or a directory"),
        Word(O::ShowPath, &["--show-sdk-path", "-show-sdk-path"], &[], "Show where the SDK is"),
        Word(O::ShowVersion, &["--show-sdk-version", "-show-sdk-version"], &[], "Show the version of the SDK"),
        Word(
            O::ShowBuild,
            &["--show-sdk-build-version", "-show-sdk-build-version"],
            &[],
            "Show the number of the SDK's build",
        ),
        Word(
            O::ShowPlatform,
            &["--show-sdk-platform-path", "-show-sdk-platform-path"],
            &[],
            "Show the platform that the SDK is in, where it is that of an Xcode",
        ),
        Word(
            O::ShowPlatformVersion,
            &["--show-sdk-platform-version", "-show-sdk-platform-version"],
            &[],
            "Show the version of the platform, which is the SDK's",
        ),
        Word(O::Find, &["-f", "--find", "-find"], &["tool"], "Show where a tool is"),
        Word(
            O::Ignored,
            &["-r", "--run", "-n", "--no-cache", "-k", "--kill-cache", "-v", "--verbose", "-l", "--log"],
            &[],
            "As always",
        ),
        Word(O::IgnoredValue, &["--toolchain", "-toolchain"], &["name"], "There is one: xcc's"),
    ],
};

pub(in crate::binutils) fn run(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    // What follows the tool's name is the tool's.
    let takes_value = |word: &OsStr| {
        word.to_str()
            .is_some_and(|word| SPEC.options.iter().any(|option| !option.2.is_empty() && option.1.contains(&word)))
    };
    let mut end = 0;
    while end < argv.len() && argv[end].as_encoded_bytes().starts_with(b"-") {
        end += if takes_value(&argv[end]) { 2 } else { 1 };
    }
    let (own, rest) = argv.split_at(end.min(argv.len()));
    let Some(found) = SPEC.parse(own, env, out)? else { return Ok(0) };
    let (mut sdk, mut answers) = (None, Vec::new());
    for found in found {
        match found {
            Found::Option(O::Sdk, values) => sdk = values.into_iter().next(),
            Found::Option(O::Ignored | O::IgnoredValue, _) => {}
            Found::Option(option, values) => answers.push((option, values)),
            Found::Operand(_) => {}
        }
    }
    if let Some((option, values)) = answers.into_iter().next() {
        let text = match option {
            O::ShowPath => sdk_path(env, sdk.as_deref())?.display().to_string(),
            O::ShowVersion | O::ShowPlatformVersion => sdk_version(&sdk_path(env, sdk.as_deref())?, macos(&[], env)?)?,
            O::Find => find(&values[0].to_string_lossy(), env)?.display().to_string(),
            _ => of_platform(option, &sdk_path(env, sdk.as_deref())?)?,
        };
        return out.text(text + "\n").map(|()| 0);
    }
    let Some((tool, rest)) = rest.split_first() else {
        return Err(Error::with_help("no tool is named", "'xcc xcrun --help' shows what can be asked"));
    };
    out.flush()?;
    let name = name(&tool.to_string_lossy(), rest, env)?;
    let argv: Vec<OsString> = [OsString::from(name)].into_iter().chain(rest.iter().cloned()).collect();
    crate::run(&argv, env)
}

/// Where the SDK is: a directory that `--sdk` names, else the one in force ([`Config`]), else the sysroot that stands in for
/// one, made if it is missing.
///
/// # Errors
/// SDKs of other systems, and what making a sysroot can fail with.
fn sdk_path(env: &Env, name: Option<&OsStr>) -> Result<PathBuf> {
    if let Some(name) = name {
        let path = env.cwd.join(name);
        if path.is_absolute() && path.is_dir() && name.to_string_lossy().contains('/') {
            return Ok(path);
        }
        if !name.to_string_lossy().starts_with("macosx") {
            let text = format!("SDK \"{}\" cannot be located", name.to_string_lossy());
            return Err(Error::with_help(text, "the one platform here is macosx"));
        }
    }
    let target = macos(&[], env)?;
    let config = Config::load(target, env)?;
    if let Some(given) = config.sysroot {
        return Ok(env.cwd.join(given));
    }
    if let Some(found) = osxcross::chosen(target, &config, env)? {
        return Ok(found.sdk());
    }
    let setup = driver::setup_of(target, &config, env)?;
    sysroot::ensure(&setup.cache, &setup.zig, target, &[Component::Base])?;
    Ok(target.root(&setup.sysroot))
}

/// The version that an SDK says, else that of the target where the SDK is xcc's own.
fn sdk_version(sdk: &Path, target: Target) -> Result<String> {
    if let Some(version) = sdk::version_of(sdk) {
        return Ok(version);
    }
    match target.macos_version().filter(|_| sysroot::is_own(sdk)) {
        // What a link without an SDK writes.
        Some(version) => Ok(version.to_string()),
        None => Err(Error::message(format!("the SDK '{}' does not say which version it is", sdk.display()))),
    }
}

/// What not every SDK has, with the words of Apple's xcrun where it has not.
fn of_platform(option: O, sdk: &Path) -> Result<String> {
    let is_platform = |dir: &&Path| dir.extension().is_some_and(|ending| ending == "platform");
    let (item, found) = match option {
        O::ShowBuild => ("SDKBuildVersion", sdk::build_of(sdk)),
        _ => ("PlatformPath", sdk.ancestors().find(is_platform).map(|dir| dir.display().to_string())),
    };
    found.ok_or_else(|| {
        let help =
            "it is part of an Xcode or of an SDK from one; --show-sdk-path and --show-sdk-version are always known";
        let text = format!("unable to lookup item '{item}' in SDK '{}'", sdk.display());
        Error::with_help(text, help)
    })
}

/// xcc under the name of a tool for macOS. The architecture is that of `-arch`, else of the environment's target.
fn name(tool: &str, args: &[OsString], env: &Env) -> Result<String> {
    if !personality::is_tool(tool) {
        let help = "xcrun runs the tools that xcc is: clang, ld, ar, lipo, strip and so on";
        return Err(Error::with_help(format!("unable to find utility \"{tool}\", not a developer tool"), help));
    }
    Ok(format!("xcc-{}-{tool}", macos(args, env)?))
}

fn macos(args: &[OsString], env: &Env) -> Result<Target> {
    match args.windows(2).find(|pair| pair[0] == "-arch") {
        Some(pair) if pair[1] == "x86_64" => Target::parse("x86_64-macos"),
        Some(_) => Target::parse("aarch64-macos"),
        None => {
            let own = personality::from_environment(env)?.filter(|target| target.is_macos());
            own.map_or_else(|| Target::parse("aarch64-macos"), Ok)
        }
    }
}

fn find(tool: &str, env: &Env) -> Result<PathBuf> {
    let name = name(tool, &[], env)?;
    let cache = dirs::cache(env).unwrap_or_else(|| dirs::temporary_cache(env));
    links::ensure(&cache, name.trim_start_matches("xcc-"))
}

/// `sw_vers`: what macOS this is. It is none; the version is the one that the build is for.
pub(in crate::binutils) fn sw_vers(argv: &[OsString], env: &Env, out: &mut Out) -> Result<i32> {
    let version = env.text(env::MACOSX_DEPLOYMENT_TARGET).unwrap_or("11.0");
    // The first build of a release has a number that nobody compares.
    let rows = [("ProductName", "macOS"), ("ProductVersion", version), ("BuildVersion", "0A0")];
    let Some(word) = argv.first() else {
        let text: String = rows.iter().map(|(name, value)| format!("{:<20}{value}\n", format!("{name}:"))).collect();
        return out.text(text).map(|()| 0);
    };
    let asked = word.to_string_lossy();
    let asked = asked.trim_start_matches('-');
    match rows.iter().find(|row| row.0.eq_ignore_ascii_case(asked)) {
        Some((_, value)) => out.text(format!("{value}\n")).map(|()| 0),
        None => Err(Error::with_help(
            format!("unknown option '{}'", word.to_string_lossy()),
            "use one of -productName, -productVersion, -buildVersion",
        )),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_option_is_given_twice() {
        super::SPEC.check();
    }
}
