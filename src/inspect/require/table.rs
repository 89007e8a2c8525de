//! The clauses of `--require`, one row each: name, operators, formats, meaning, and the check.

use super::super::report::{File, Image};
use super::levels::{cpu, level_error};
use super::{Operator, Outcome};
use crate::target::arch_name;

/// Which kinds of images a clause is about.
#[derive(Clone, Copy)]
pub(super) enum Kinds {
    Any,
    /// Programs and libraries, after a link.
    Linked,
}

pub(crate) struct Row {
    pub(super) name: &'static str,
    pub(super) operators: &'static [Operator],
    /// What the value is, for messages.
    pub(super) value: &'static str,
    /// Empty for all.
    pub(super) formats: &'static [&'static str],
    pub(super) kinds: Kinds,
    pub(super) meaning: &'static str,
    /// What is wrong with a value.
    pub(super) value_error: fn(&str) -> Option<String>,
    /// An answer about the file as a whole, where there is one.
    pub(super) whole: Option<fn(&File, &str) -> Option<Outcome>>,
    pub(super) check: fn(&Image, Operator, &str) -> Outcome,
}

use Kinds::{Any, Linked};
use Operator::{Alone, AtMost, Below, Is};

const ALL: &[&str] = &[];
const ELF: &[&str] = &["elf"];
const PE: &[&str] = &["pe"];
const NATIVE: &[&str] = &["elf", "pe", "mach-o"];
const LOADED: &[&str] = &["elf", "mach-o"];

const fn row(
    name: &'static str,
    operators: &'static [Operator],
    value: &'static str,
    formats: &'static [&'static str],
    kinds: Kinds,
    meaning: &'static str,
    check: fn(&Image, Operator, &str) -> Outcome,
) -> Row {
    Row { name, operators, value, formats, kinds, meaning, value_error: any_value, whole: None, check }
}

fn any_value(_: &str) -> Option<String> {
    None
}

/// Sorted by name.
pub(super) const CLAUSES: &[Row] = &[
    row("arch", &[Is], "ARCH", ALL, Any, "made for that processor, in any spelling", |image, _, value| {
        let found = image.arch.as_deref();
        is(found, found == Some(arch_name(value)), "the architecture")
    }),
    row("build-id", &[Alone], "", ALL, Any, "has an identity that debuggers find it by", |image, _, _| {
        image.build_id.clone().ok_or_else(|| "it has none".into())
    }),
    Row {
        value_error: level_error,
        ..row("cpu", &[AtMost], "LEVEL", ALL, Any, "needs no more than x86-64-v2, armv7, rv64gc, ...", cpu)
    },
    row("debug", &[Alone], "", ALL, Any, "has debugging information", |image, _, _| {
        if image.debug.info { Ok("it has".into()) } else { Err("it has no debugging information".into()) }
    }),
    row("dynamic", &[Alone], "", LOADED, Linked, "loads shared libraries", |image, _, _| linkage(image, "dynamic")),
    Row {
        value_error: number_error,
        ..row("exports", &[AtMost, Is], "N", NATIVE, Linked, "exports as many names", exports)
    },
    Row {
        whole: Some(|file, value| {
            let container = file.container?.trim_start_matches("thin ");
            (container == value).then(|| Ok(format!("it is of format {container}")))
        }),
        ..row(
            "format",
            &[Is],
            "FORMAT",
            ALL,
            Any,
            "elf, pe, coff, mach-o, wasm, bitcode, archive or fat",
            |image, _, value| is(Some(image.format), image.format == value, "the format"),
        )
    },
    Row {
        value_error: version_error,
        ..row("glibc", &[AtMost, Below], "2.N", ELF, Linked, "runs on that glibc; what needs none does", glibc)
    },
    row("interpreter", &[Is], "PATH", LOADED, Linked, "is started by that dynamic linker", |image, _, value| {
        is(image.interpreter.as_deref(), image.interpreter.as_deref() == Some(value), "the interpreter")
    }),
    row("kind", &[Is], "KIND", ALL, Any, "executable, shared-library, object, ...", |image, _, value| {
        is(Some(image.kind), image.kind.replace(' ', "-") == value, "the kind")
    }),
    row("libc", &[Is], "NAME", NATIVE, Linked, "uses that C library", |image, _, value| {
        let found = image.libc.as_ref().map(|libc| libc.name);
        is(found, found == Some(value), "the C library")
    }),
    Row {
        value_error: version_error,
        ..row("macos", &[AtMost, Below], "VERSION", &["mach-o"], Any, "runs on that macOS", |image, operator, value| {
            match image.os.as_ref().map(|os| &*os.name) {
                Some("macos") => minimum(image, operator, value),
                other => Err(format!("the system is {}", other.unwrap_or("not recorded"))),
            }
        })
    },
    Row {
        value_error: version_error,
        ..row(
            "minos",
            &[AtMost, Below],
            "VERSION",
            &["mach-o", "pe"],
            Any,
            "runs on that version of its system",
            minimum,
        )
    },
    row("musl", &[Alone], "", ELF, Linked, "uses musl, inside it or shared", |image, _, _| {
        let found = image.libc.as_ref().map(|libc| libc.name);
        is(found, found == Some("musl"), "the C library")
    }),
    row("needed", &[Is], "LIBRARY", NATIVE, Linked, "needs that library; '*' is any text", |image, _, value| {
        let found = image.needed.iter().find(|name| matches(image, value, name));
        found.cloned().ok_or_else(|| format!("it needs {}", list(&image.needed)))
    }),
    row("needed-only", &[Is], "A:B", NATIVE, Linked, "needs no library but these", |image, _, value| {
        let known = |name: &String| value.split(':').any(|pattern| matches(image, pattern, name));
        let others: Vec<String> = image.needed.iter().filter(|name| !known(name)).cloned().collect();
        if others.is_empty() {
            Ok(format!("it needs {}", list(&image.needed)))
        } else {
            Err(format!("it needs {} too", list(&others)))
        }
    }),
    row("no-debug", &[Alone], "", ALL, Any, "has no debugging information", |image, _, _| {
        if image.debug.info { Err("it has debugging information".into()) } else { Ok("it has none".into()) }
    }),
    row("no-findings", &[Alone], "", ALL, Any, "nothing is wrong with it", |image, _, _| {
        none(&image.findings, "found")
    }),
    row("no-host-paths", &[Alone], "", ALL, Any, "names no directory of the machine that built it", |image, _, _| {
        let paths: Vec<String> = image.host_paths.iter().map(|found| found.path.clone()).collect();
        none(&paths, "it names")
    }),
    row("no-native-cpu", &[Alone], "", ALL, Any, "has no trace of -march=native", |image, _, _| {
        none(&image.native_cpu, "it was compiled with")
    }),
    row("no-needed", &[Is], "LIBRARY", NATIVE, Linked, "does not need that library", |image, _, value| {
        match image.needed.iter().find(|name| matches(image, value, name)) {
            Some(name) => Err(format!("it needs {name}")),
            None => Ok(format!("it needs {}", list(&image.needed))),
        }
    }),
    row("no-rpath", &[Alone], "", LOADED, Linked, "has no directories of libraries", |image, _, _| {
        none(&image.rpath, "it searches")
    }),
    row("no-sanitizers", &[Alone], "", ALL, Any, "has no sanitizer, coverage or profile", |image, _, _| {
        let names: Vec<String> = image.sanitizers.iter().map(|name| (*name).to_owned()).collect();
        none(&names, "it has")
    }),
    Row {
        whole: Some(|file, _| {
            let archive = file.archive.as_ref()?;
            Some(if archive.deterministic {
                Ok("dates and owners are zero".into())
            } else {
                Err("members have dates or owners".into())
            })
        }),
        ..row("no-timestamp", &[Alone], "", &["pe", "archive"], Any, "holds no time of its build", |image, _, _| {
            match image.timestamp {
                Some(time) => Err(format!("it says it was made at {time} (seconds since 1970)")),
                None => Ok("it has none".into()),
            }
        })
    },
    row("no-ubsan", &[Alone], "", ALL, Any, "has no checks of undefined behaviour", |image, _, _| {
        let found = image.sanitizers.iter().find(|name| name.starts_with("undefined"));
        found.map_or_else(|| Ok("it has none".into()), |name| Err(format!("it has those of the sanitizer: {name}")))
    }),
    row("nx", &[Alone], "", NATIVE, Linked, "stack and data are not executable", |image, _, _| {
        yes(image.hardening.nx, "stack or data can be executed", "whether the stack is executable")
    }),
    row("os", &[Is], "OS", ALL, Any, "made for that system: linux, windows, macos, ...", |image, _, value| {
        let found = image.os.as_ref().map(|os| &*os.name);
        is(found, found == Some(if value == "darwin" { "macos" } else { value }), "the system")
    }),
    row("pie", &[Alone], "", NATIVE, Linked, "can be loaded at any address", |image, _, _| match image.kind {
        "executable" => yes(image.hardening.pie, "it has one fixed address", "whether it can be moved"),
        _ => Ok("it is a library".into()),
    }),
    Row {
        value_error: |value| (!["full", "partial"].contains(&value)).then(|| "it is 'full' or 'partial'".into()),
        ..row(
            "relro",
            &[Is],
            "full|partial",
            ELF,
            Linked,
            "relocated data is read-only afterwards",
            |image, _, value| {
                let found = image.hardening.relro;
                is(found, found == Some(value) || found == Some("full"), "RELRO")
            },
        )
    },
    row(
        "signed",
        &[Alone, Is],
        "KIND",
        &["pe", "mach-o"],
        Linked,
        "signed: authenticode, cms or ad-hoc",
        |image, _, value| {
            let found = image.signature.as_ref().map(|signature| signature.kind);
            let found = found.ok_or_else(|| "it has none".to_owned())?;
            is(Some(found), value.is_empty() || found == value, "the signature")
        },
    ),
    row("stack-protector", &[Alone], "", NATIVE, Linked, "functions check a canary", |image, _, _| {
        yes(image.hardening.stack_protector, "no function does", "the names that would tell")
    }),
    row("static", &[Alone], "", LOADED, Linked, "loads nothing; static-pie is static too", |image, _, _| {
        match image.linkage {
            Some(found @ ("static" | "static-pie")) => Ok(format!("it is {found}")),
            _ => linkage(image, "static"),
        }
    }),
    row("static-pie", &[Alone], "", ELF, Linked, "static, and can be loaded at any address", |image, _, _| {
        linkage(image, "static-pie")
    }),
    row("stripped", &[Alone], "", ALL, Any, "has no symbols but those that others need", |image, _, _| {
        match (image.debug.symbols, image.debug.info) {
            (false, false) => Ok("it is".into()),
            (true, _) => Err("it has symbols".into()),
            (false, true) => Err("it has debugging information".into()),
        }
    }),
    Row {
        value_error: |value| {
            let known = ["console", "gui", "native", "efi", "boot"];
            (!known.contains(&value)).then(|| format!("it is one of {}", known.join(", ")))
        },
        ..row("subsystem", &[Is], "gui|console", PE, Linked, "with a window, or on a console", |image, _, value| {
            is(image.subsystem, image.subsystem == Some(value), "the subsystem")
        })
    },
];

/// The found word, or that it is not recorded.
fn is(found: Option<&str>, holds: bool, what: &str) -> Outcome {
    match found {
        Some(found) if holds => Ok(format!("{what} is {found}")),
        Some(found) => Err(format!("{what} is {found}")),
        None => Err(format!("{what} is not recorded, or there is none")),
    }
}

fn yes(found: Option<bool>, otherwise: &str, what: &str) -> Outcome {
    match found {
        Some(true) => Ok("it is so".into()),
        Some(false) => Err(otherwise.to_owned()),
        None => Err(format!("{what} is not recorded").replace("names that would tell is", "names that would tell are")),
    }
}

fn none(all: &[String], what: &str) -> Outcome {
    if all.is_empty() { Ok("there are none".into()) } else { Err(format!("{what} {}", list(all))) }
}

/// A few of the names.
fn list(all: &[String]) -> String {
    const SHOWN: usize = 3;
    match all.len() {
        0 => "no library".into(),
        count if count > SHOWN => format!("{} (+{} more)", all[..SHOWN].join(", "), count - SHOWN),
        _ => all.join(", "),
    }
}

fn linkage(image: &Image, wanted: &str) -> Outcome {
    match image.linkage {
        Some(found) if found == wanted => Ok(format!("it is {found}")),
        Some("dynamic") if image.kind == "shared library" => Err("it is a shared library".into()),
        Some("dynamic") => Err(format!("it is dynamic: it needs {}", list(&image.needed))),
        found => Err(format!("it is {}", found.unwrap_or("not linked"))),
    }
}

/// Does a library's name match a pattern? Those of Windows have no case.
fn matches(image: &Image, pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern.to_owned(), name.to_owned());
    if image.format == "pe" {
        pattern.make_ascii_lowercase();
        name.make_ascii_lowercase();
    }
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(start) else { return false };
    let pieces: Vec<&str> = rest.split('*').collect();
    let (last, middle) = pieces.split_last().unwrap_or((&"", &[]));
    for piece in middle {
        match left.find(piece) {
            Some(at) => left = &left[at + piece.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

fn number_error(value: &str) -> Option<String> {
    value.parse::<usize>().is_err().then(|| "it is not a number".into())
}

fn exports(image: &Image, operator: Operator, value: &str) -> Outcome {
    let (found, wanted) = (image.exports.len(), value.parse().unwrap_or(0));
    let text =
        format!("it exports {found}{}", if found == 0 { String::new() } else { format!(": {}", list(&image.exports)) });
    if found == wanted || operator == AtMost && found < wanted { Ok(text) } else { Err(text) }
}

/// Numbers with dots between them.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let mut all = text.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u32>>>()?;
    while all.last() == Some(&0) {
        all.pop();
    }
    Some(all)
}

fn version_error(value: &str) -> Option<String> {
    numbers(value).is_none().then(|| "it is not a version".into())
}

fn within(found: &str, operator: Operator, wanted: &str) -> bool {
    match (numbers(found), numbers(wanted)) {
        (Some(found), Some(wanted)) => found < wanted || operator == AtMost && found == wanted,
        _ => false,
    }
}

fn minimum(image: &Image, operator: Operator, value: &str) -> Outcome {
    let Some(found) = image.os.as_ref().and_then(|os| os.min_version.as_deref()) else {
        return Err("the oldest version it runs on is not recorded".into());
    };
    let text = format!("it needs {found}");
    if within(found, operator, value) { Ok(text) } else { Err(text) }
}

fn glibc(image: &Image, operator: Operator, value: &str) -> Outcome {
    let Some(libc) = &image.libc else {
        return match image.needed.is_empty() {
            true => Ok("it needs no C library".into()),
            false => Err(format!("the C library is not known; it needs {}", list(&image.needed))),
        };
    };
    match (libc.name, &libc.floor, libc.linked_in) {
        (_, _, true) => Ok(format!("its {} is inside it", libc.name)),
        ("glibc", Some(floor), _) => {
            let first = libc.forced_by.first().map_or(String::new(), |name| format!(" ({name})"));
            let text = format!("it needs 2.{}{first}", floor.trim_start_matches("2."));
            if within(floor, operator, value) { Ok(text) } else { Err(text) }
        }
        ("glibc", None, _) => Ok("it needs no version of a symbol".into()),
        (other, ..) => Err(format!("the C library is {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_names_of_libraries() {
        let elf = Image { format: "elf", ..Image::default() };
        let pe = Image { format: "pe", ..Image::default() };
        assert!(matches(&elf, "libc.so.6", "libc.so.6") && !matches(&elf, "libc.so", "libc.so.6"));
        assert!(matches(&elf, "lib*.so.*", "libm.so.6") && !matches(&elf, "lib*.so.*", "ld.so"));
        assert!(matches(&pe, "kernel32.dll", "KERNEL32.dll") && !matches(&elf, "LIBC.so", "libc.so"));
        assert!(matches(&elf, "*", "") && !matches(&elf, "a*a", "a"));
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(within("2.4", AtMost, "2.17") && within("11.0", AtMost, "11") && within("2.17", AtMost, "2.17"));
        assert!(!within("2.17", Below, "2.17") && !within("2.34", AtMost, "2.17") && within("2.2.5", Below, "2.3"));
    }
}
