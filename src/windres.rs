//! `windres`: GNU's command line for zig's resource compiler, which has its own preprocessor and mingw-w64's headers.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use lexopt::Arg;

use crate::command::Command;
use crate::config::Config;
use crate::dirs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::target::Target;
use crate::zig;

const HELP: &str = "\
Usage: windres [option...] [input-file] [output-file]
Compiles a resource script of Windows for a program to link.

  -i, --input=FILE            The script; standard input is not read
  -o, --output=FILE           What is made
  -O, --output-format=FORMAT  coff or res; by default what the output's name says, else coff
  -J, --input-format=FORMAT   rc or res; by default what the input's name says
  -F, --target=FORMAT         pe-x86-64, pe-i386 or pe-aarch64-little; by default the target's
  -I, --include-dir=DIR       Where #include and files of resources are looked for
  -D, --define=NAME[=VALUE]   A macro
  -U, --undefine=NAME         No macro
  -c, --codepage=NUMBER       The encoding of the script, when it does not say so itself
  -l, --language=NUMBER       The language, in hexadecimal digits
      --preprocessor=COMMAND  A compiler's; its -D, -U and -I are taken, the work is done here
      --preprocessor-arg=ARG  One word of it
  -v, --verbose               Say what is done
  -h, --help                  Print this
  -V, --version               Print xcc's version
";

/// BFD's formats, and zig's names of their machines.
const FORMATS: &[(&str, &str)] =
    &[("pe-x86-64", "x64"), ("pe-i386", "x86"), ("pe-aarch64-little", "arm64"), ("pe-bigobj-x86-64", "x64")];

/// The emulation of a target, and zig's name of its machine.
const MACHINES: &[(&str, &str)] = &[("i386pep", "x64"), ("i386pe", "x86"), ("arm64pe", "arm64")];

/// Compilers whose preprocessor does what zig's does.
const COMPILERS: &[&str] = &["cc", "gcc", "clang", "cpp", "c++", "g++", "clang++", "xcc"];

/// What a command line asks for.
#[derive(Debug, Default, PartialEq)]
struct Job {
    input: Option<OsString>,
    output: Option<OsString>,
    output_format: Option<String>,
    input_format: Option<String>,
    machine: Option<&'static str>,
    /// zig's words for macros, directories and the rest, in their order.
    words: Vec<OsString>,
    asks: Option<String>,
}

/// Becomes zig's resource compiler.
///
/// # Errors
/// An option that is unknown or cannot be honoured, no input, no zig.
pub(crate) fn run(target: Option<Target>, argv: &[OsString], env: &Env) -> Result<i32> {
    let job = parse(argv)?;
    if let Some(answer) = &job.asks {
        use std::io::Write;
        std::io::stdout().write_all(answer.as_bytes()).map_err(Error::io("write", "standard output"))?;
        return Ok(0);
    }
    let target = target.map_or_else(Target::host, Ok)?;
    let config = Config::load(target, env)?;
    let zig = zig::find(env, config.zig.as_deref())?;
    let cache = dirs::cache(env).unwrap_or_else(|| dirs::temporary_cache(env)).join("zig-rc");
    let caches = ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"];
    let set = caches.into_iter().map(|name| (name, cache.clone().into_os_string())).collect();
    // zig takes no byte order mark: a script that has one is compiled from a copy in UTF-8.
    let script =
        job.input.as_deref().and_then(|input| std::fs::read(env.cwd.join(input)).ok()).and_then(|text| utf8(&text));
    let Some(script) = script else {
        return Command { program: zig.path, args: words(&job, target)?, set }.exec(env);
    };
    let input = env.cwd.join(job.input.clone().unwrap_or_default());
    let dir = tempfile::tempdir().map_err(Error::io("create", "temporary directory"))?;
    let copy = dir.path().join(input.file_name().unwrap_or_default());
    std::fs::write(&copy, script).map_err(Error::io("write", &copy))?;
    // What the script names is looked for beside the script first.
    let beside = ["-c".into(), "65001".into(), "-i".into(), input.parent().unwrap_or(&env.cwd).into()];
    let words = words(&Job { input: Some(copy.into()), words: [&beside, &job.words[..]].concat(), ..job }, target)?;
    Command { program: zig.path, args: words, set }.run(env)
}

/// The text behind a byte order mark, in UTF-8; `None` where there is none.
fn utf8(bytes: &[u8]) -> Option<String> {
    let units = |pairs: &[u8], join: fn([u8; 2]) -> u16| {
        String::from_utf16_lossy(&pairs.chunks_exact(2).map(|pair| join([pair[0], pair[1]])).collect::<Vec<_>>())
    };
    match bytes {
        [0xff, 0xfe, text @ ..] => Some(units(text, u16::from_le_bytes)),
        [0xfe, 0xff, text @ ..] => Some(units(text, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, text @ ..] => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    }
}

fn parse(argv: &[OsString]) -> Result<Job> {
    let mut job = Job::default();
    let mut parser = lexopt::Parser::from_args(argv);
    let bad = |error: lexopt::Error| Error::with_help(error.to_string(), "windres --help lists the options");
    while let Some(arg) = parser.next().map_err(bad)? {
        match arg {
            Arg::Short('i') | Arg::Long("input") => job.input = Some(parser.value().map_err(bad)?),
            Arg::Short('o') | Arg::Long("output") => job.output = Some(parser.value().map_err(bad)?),
            Arg::Short('O') | Arg::Long("output-format") => {
                job.output_format = Some(one_of(&parser.value().map_err(bad)?, &["coff", "res"], "--output-format")?);
            }
            Arg::Short('J') | Arg::Long("input-format") => {
                job.input_format = Some(one_of(&parser.value().map_err(bad)?, &["rc", "res"], "--input-format")?);
            }
            Arg::Short('F') | Arg::Long("target") => {
                let format = parser.value().map_err(bad)?;
                let row = FORMATS.iter().find(|(name, _)| format == *name);
                job.machine =
                    Some(row.ok_or_else(|| refused("--target", &format, "pe-x86-64, pe-i386 or pe-aarch64-little"))?.1);
            }
            Arg::Short('I') | Arg::Long("include-dir") => job.add("-i", &parser.value().map_err(bad)?),
            Arg::Short('D') | Arg::Long("define") => job.add("-d", &parser.value().map_err(bad)?),
            Arg::Short('U') | Arg::Long("undefine") => job.add("-u", &parser.value().map_err(bad)?),
            Arg::Short('c') | Arg::Long("codepage") => job.add("-c", &parser.value().map_err(bad)?),
            Arg::Short('l') | Arg::Long("language") => {
                let value = parser.value().map_err(bad)?;
                let digits = value.to_str().map(|value| value.trim_start_matches("0x").to_owned());
                job.add("-l", digits.map_or(value, OsString::from).as_os_str());
            }
            Arg::Long("preprocessor") => job.preprocessor(&parser.value().map_err(bad)?)?,
            Arg::Long("preprocessor-arg") => job.preprocessor_word(&parser.value().map_err(bad)?)?,
            Arg::Short('v') | Arg::Long("verbose") => job.words.push("-v".into()),
            // The preprocessor of old wrote to a file or a pipe; `-r` has been without effect for long.
            Arg::Long("use-temp-file" | "no-use-temp-file") | Arg::Short('r') => {}
            Arg::Short('h') | Arg::Long("help") => job.asks = Some(HELP.into()),
            Arg::Short('V') | Arg::Long("version") => {
                job.asks = Some(format!("GNU windres (xcc {})\n", env!("CARGO_PKG_VERSION")));
            }
            Arg::Value(file) if job.input.is_none() => job.input = Some(file),
            Arg::Value(file) if job.output.is_none() => job.output = Some(file),
            other => return Err(bad(other.unexpected())),
        }
    }
    Ok(job)
}

impl Job {
    fn add(&mut self, option: &str, value: &OsStr) {
        self.words.extend([option.into(), value.to_owned()]);
    }

    /// `x86_64-w64-mingw32-gcc -E -xc-header -DRC_INVOKED`, which is GNU's own default, and its like.
    fn preprocessor(&mut self, command: &OsStr) -> Result<()> {
        let text = command.to_str().unwrap_or_default();
        let words = shlex::split(text).unwrap_or_default();
        let program = words.first().map(|word| Path::new(word).file_stem().and_then(OsStr::to_str).unwrap_or(word));
        let name = program.unwrap_or_default();
        let is_compiler = COMPILERS.iter().any(|tool| name == *tool || name.ends_with(&format!("-{tool}")))
            || name.starts_with("xcc-");
        if !is_compiler {
            return Err(refused("--preprocessor", command, "a C compiler's, whose work zig's resource compiler does"));
        }
        words[1..].iter().try_for_each(|word| self.preprocessor_word(OsStr::new(word)))
    }

    fn preprocessor_word(&mut self, word: &OsStr) -> Result<()> {
        let text = word.to_str().unwrap_or_default();
        // What says no more than that it preprocesses a C header for windres.
        if ["-E", "-P", "-xc", "-xc-header", "-DRC_INVOKED", "-x", "c", "c-header", "-v"].contains(&text) {
            return Ok(());
        }
        let taken = [("-D", "-d"), ("-U", "-u"), ("-I", "-i")].iter().find_map(|(theirs, ours)| {
            text.strip_prefix(theirs).filter(|value| !value.is_empty()).map(|value| (*ours, value))
        });
        let (option, value) = taken.ok_or_else(|| refused("--preprocessor-arg", word, "-DNAME, -UNAME or -IDIR"))?;
        self.add(option, OsStr::new(value));
        Ok(())
    }
}

/// zig's command line.
fn words(job: &Job, target: Target) -> Result<Vec<OsString>> {
    let input = job.input.as_deref().filter(|input| *input != "-");
    let input = input.ok_or_else(|| Error::with_help("no input file", "name the script with '-i FILE'"))?;
    let has_ending = |file: Option<&OsStr>, ending: &str| {
        file.is_some_and(|file| Path::new(file).extension().is_some_and(|e| e.eq_ignore_ascii_case(ending)))
    };
    let output = job.output.as_deref();
    if has_ending(output, "rc") && job.output_format.is_none() {
        return Err(refused(
            "--output",
            output.unwrap_or_default(),
            "a '.res' or an object; resources are not turned back into a script",
        ));
    }
    let by_name = if has_ending(output, "res") { "res" } else { "coff" };
    let format = job.output_format.as_deref().unwrap_or(by_name);
    let from_res = job.input_format.as_deref().map_or(has_ending(Some(input), "res"), |format| format == "res");
    let own = MACHINES.iter().find(|(emulation, _)| *emulation == target.row.emulation).map(|row| row.1);
    let mut args: Vec<OsString> = ["rc", "-x", "-nologo", "-:auto-includes", "gnu"].map(OsString::from).to_vec();
    args.extend(["-:output-format".into(), format.into()]);
    if format == "coff" {
        args.extend(["-:target".into(), job.machine.or(own).unwrap_or("x64").into()]);
    }
    args.extend(["-:input-format".into(), if from_res { "res".into() } else { "rc".into() }]);
    args.extend(job.words.iter().cloned());
    let output = output.ok_or_else(|| Error::with_help("no output file", "name the object with '-o FILE'"))?;
    args.extend(["-fo".into(), output.to_owned(), "--".into(), input.to_owned()]);
    Ok(args)
}

fn one_of(value: &OsStr, known: &[&str], option: &str) -> Result<String> {
    let found = known.iter().find(|known| value == **known);
    found.map(|found| (*found).to_owned()).ok_or_else(|| refused(option, value, &known.join(" or ")))
}

fn refused(option: &str, value: &OsStr, instead: &str) -> Error {
    Error::with_help(format!("unsupported value '{}' of '{option}'", value.to_string_lossy()), format!("use {instead}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Result<String> {
        let argv: Vec<OsString> = shlex::split(text).unwrap().into_iter().map(OsString::from).collect();
        let words = words(&parse(&argv)?, Target::parse("x86_64-windows-gnu")?)?;
        Ok(words.iter().skip(5).map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn gnus_words_become_zigs() {
        let coff = "-:output-format coff -:target x64 -:input-format rc";
        for (given, expected) in [
            ("-i a.rc -o a.o", format!("{coff} -fo a.o -- a.rc")),
            ("a.rc a.o", format!("{coff} -fo a.o -- a.rc")),
            ("-O coff -DX=1 -I inc -Uy a.rc a.o", format!("{coff} -d X=1 -i inc -u y -fo a.o -- a.rc")),
            (
                "--target=pe-i386 -l 0x409 -c 65001 a.rc -o a.o",
                format!("{} -l 409 -c 65001 -fo a.o -- a.rc", coff.replace("x64", "x86")),
            ),
            ("a.rc -o a.res", "-:output-format res -:input-format rc -fo a.res -- a.rc".into()),
            ("a.res -o a.o", format!("{} -fo a.o -- a.res", coff.replace("-format rc", "-format res"))),
            (
                "--preprocessor='x86_64-w64-mingw32-gcc -E -xc -DRC_INVOKED -DY' a.rc -o a.o",
                format!("{coff} -d Y -fo a.o -- a.rc"),
            ),
        ] {
            assert_eq!(line(given).unwrap(), expected, "{given}");
        }
    }

    #[test]
    fn what_cannot_be_honoured_is_named() {
        for (given, expected) in [
            ("-o a.o", "no input file"),
            ("a.rc", "no output file"),
            ("a.res -o a.rc", "'a.rc'"),
            ("--preprocessor=m4 a.rc -o a.o", "'m4'"),
            ("-O exe a.rc", "'exe'"),
            ("--frobnicate a.rc", "--frobnicate"),
        ] {
            let error = line(given).unwrap_err();
            assert!(error.to_string().contains(expected), "{given}: {error}");
        }
    }
}
