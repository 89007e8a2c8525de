//! Text-based descriptions of dynamic libraries (`.tbd`, version 4): zig's is read and made one that LLD accepts, stubs
//! are written.

use std::fmt::Write as _;

/// The architectures and systems of what is written; they come in this order everywhere.
const TARGETS: [&str; 2] = ["x86_64-macos", "arm64-macos"];

/// A library as `shims/macos/stubs.txt` has it.
#[derive(Debug, PartialEq)]
pub(crate) struct Library<'a> {
    pub(crate) install_name: &'a str,
    pub(crate) reexported: Vec<&'a str>,
    /// Without the underscore.
    pub(crate) symbols: Vec<&'a str>,
    classes: Vec<&'a str>,
}

/// Every library of the list.
pub(super) fn libraries(text: &str) -> Vec<Library<'_>> {
    let mut all: Vec<Library<'_>> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(first) = line.strip_prefix("= ") {
            let (install_name, reexported) = first.split_once(" -> ").unwrap_or((first, ""));
            let reexported = reexported.split_whitespace().collect();
            all.push(Library { install_name, reexported, symbols: Vec::new(), classes: Vec::new() });
        } else if let Some(library) = all.last_mut() {
            for word in line.split_whitespace() {
                match word.strip_prefix('@') {
                    Some(class) => library.classes.push(class),
                    None => library.symbols.push(word),
                }
            }
        }
    }
    all
}

impl Library<'_> {
    /// The description, with those of what it re-exports behind it, out of `all`: zig's linker does not find them by their
    /// install names, and 0.16 and 0.17 crash.
    pub(super) fn text(&self, all: &[Library<'_>]) -> String {
        let mut written = vec![self];
        let mut text = String::new();
        let mut at = 0;
        while let Some(library) = written.get(at).copied() {
            text.push_str(&library.document());
            for name in &library.reexported {
                if written.iter().all(|other| other.install_name != *name) {
                    written.extend(all.iter().find(|other| other.install_name == *name));
                }
            }
            at += 1;
        }
        text.push_str("...\n");
        text
    }

    /// It has no version: a program then asks for 1.0.0, which every version satisfies.
    fn document(&self) -> String {
        let targets = format!("[ {} ]", TARGETS.join(", "));
        let mut text =
            format!("--- !tapi-tbd\ntbd-version: 4\ntargets: {targets}\ninstall-name: '{}'\n", self.install_name);
        if !self.reexported.is_empty() {
            let names: Vec<String> = self.reexported.iter().map(|name| format!("'{name}'")).collect();
            let _ = write!(
                text,
                "reexported-libraries:\n  - targets: {targets}\n    libraries: [ {} ]\n",
                names.join(", ")
            );
        }
        if !self.symbols.is_empty() || !self.classes.is_empty() {
            let _ = write!(text, "exports:\n  - targets: {targets}\n");
            let quoted = |prefix: &str, names: &[&str]| {
                names.iter().map(|name| format!("'{prefix}{name}'")).collect::<Vec<_>>().join(", ")
            };
            if !self.symbols.is_empty() {
                let _ = writeln!(text, "    symbols: [ {} ]", quoted("_", &self.symbols));
            }
            if !self.classes.is_empty() {
                let _ = writeln!(text, "    objc-classes: [ {} ]", quoted("", &self.classes));
            }
        }
        text
    }
}

/// The description without the targets that LLD does not know and that no program of ours is for. Libraries that are
/// there for arm64e alone serve arm64 programs too, as the system's own are: they are described for both.
pub(super) fn for_lld(text: &str) -> String {
    let documents = documents(text);
    let mut kept: String = documents.into_iter().filter_map(document).collect();
    kept.push_str("...\n");
    kept
}

/// The documents of a file, each beginning with its `---` line.
fn documents(text: &str) -> Vec<Vec<&str>> {
    let mut all: Vec<Vec<&str>> = Vec::new();
    for line in text.lines().filter(|line| *line != "...") {
        if line.starts_with("---") || all.is_empty() {
            all.push(Vec::new());
        }
        if let Some(document) = all.last_mut() {
            document.push(line);
        }
    }
    all
}

/// A document, or `None` if nothing in it is for a target of ours. Its parts are entries of the top level (a key in the first
/// column), and groups below one (`  - targets: …`) up to the next.
fn document(lines: Vec<&str>) -> Option<String> {
    let begins = |line: &str| !line.starts_with(' ') || line.starts_with("  - ");
    let mut parts: Vec<Vec<&str>> = Vec::new();
    for line in lines {
        match parts.last_mut() {
            Some(part) if !begins(line) => part.push(line),
            _ => parts.push(vec![line]),
        }
    }
    let mut out = String::new();
    let mut key: Option<&str> = None;
    for part in &parts {
        let text = part.join("\n");
        let is_group = part[0].starts_with("  - ");
        let (kept, is_for_us) = with_our_targets(&text);
        if !is_group {
            if !is_for_us {
                return None;
            }
            // A key whose groups are all gone goes with them.
            if text.trim_end().ends_with(':') {
                key = Some(part[0]);
                continue;
            }
            key = None;
        } else if !is_for_us {
            continue;
        }
        if let Some(key) = key.take() {
            out.push_str(key);
            out.push('\n');
        }
        out.push_str(&kept);
        out.push('\n');
    }
    Some(out)
}

/// A part with its list of targets reduced, and whether anything is left of that list. A part without one is for all.
fn with_our_targets(text: &str) -> (String, bool) {
    let list = text.find("targets:").and_then(|at| {
        let open = at + text[at..].find('[')?;
        Some((open, open + text[open..].find(']')?))
    });
    let Some((open, close)) = list else { return (text.to_owned(), true) };
    let given: Vec<&str> = text[open + 1..close].split(',').map(str::trim).collect();
    let has = |target: &str| given.contains(&target) || target == "arm64-macos" && given.contains(&"arm64e-macos");
    let ours: Vec<&str> = TARGETS.into_iter().filter(|target| has(target)).collect();
    (format!("{}[ {} ]{}", &text[..open], ours.join(", "), &text[close + 1..]), !ours.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_lists_symbols_and_classes() {
        let all =
            libraries("# why\n= /usr/lib/libx.1.dylib -> /usr/lib/liby.dylib\n a b\n @C\n= /usr/lib/libz.dylib\n");
        assert_eq!(all.len(), 2);
        assert_eq!(
            all[0].text(&[]),
            "--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos, arm64-macos ]\ninstall-name: '/usr/lib/libx.1.dylib'\n\
             reexported-libraries:\n  - targets: [ x86_64-macos, arm64-macos ]\n    libraries: [ '/usr/lib/liby.dylib' ]\n\
             exports:\n  - targets: [ x86_64-macos, arm64-macos ]\n    symbols: [ '_a', '_b' ]\n    objc-classes: [ 'C' ]\n...\n"
        );
        assert!(!all[1].text(&all).contains("exports"));
    }

    #[test]
    fn what_is_reexported_is_described_behind_it_and_once() {
        let all = libraries("= /a -> /b /c\n x\n= /b -> /c\n y\n= /c\n z\n");
        let text = all[0].text(&all);
        let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("install-name: ")).collect();
        assert_eq!(names, ["'/a'", "'/b'", "'/c'"]);
        assert!(text.ends_with("...\n") && text.matches("...").count() == 1, "{text}");
    }

    #[test]
    fn every_library_of_the_list_has_a_place_of_the_systems() {
        let all = libraries(include_str!("../../shims/macos/stubs.txt"));
        assert!(all.len() > 60);
        for (at, library) in all.iter().enumerate() {
            let name = library.install_name;
            assert!(name.starts_with("/usr/lib/lib") || name.starts_with("/System/Library/Frameworks/"), "{name}");
            assert!(all[..at].iter().all(|other| other.install_name < name), "{name} is not in order");
            for other in &library.reexported {
                assert!(all.iter().any(|library| library.install_name == *other), "{other} is not in the list");
            }
        }
    }

    #[test]
    fn declared_names_are_of_libraries_that_are_listed_and_not_listed_twice() {
        let all = libraries(include_str!("../../shims/macos/stubs.txt"));
        for declared in libraries(include_str!("../../shims/macos/declared.txt")) {
            let stub = all.iter().find(|stub| stub.install_name == declared.install_name).unwrap();
            assert!(!declared.symbols.is_empty() && declared.classes.is_empty(), "{}", declared.install_name);
            for symbol in declared.symbols {
                assert!(!stub.symbols.contains(&symbol), "{symbol} of {}", declared.install_name);
            }
        }
    }

    #[test]
    fn targets_that_are_not_ours_go() {
        let given = "--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos, arm64e-macos, \n      arm64e.x1-macos ]\n\
                     install-name: '/usr/lib/libS.dylib'\nparent-umbrella:\n  - targets: [ x86_64-maccatalyst ]\n    umbrella: S\n\
                     exports:\n  - targets: [ x86_64-macos, x86_64-maccatalyst ]\n    symbols: [ _a,\n      _b ]\n  - targets: [ arm64e.x1-macos ]\n\
                     \x20   symbols: [ _c ]\n--- !tapi-tbd\ntbd-version: 4\ntargets: [ arm64e.x1-macos ]\ninstall-name: x\n...\n";
        assert_eq!(
            for_lld(given),
            "--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos, arm64-macos ]\ninstall-name: '/usr/lib/libS.dylib'\n\
             exports:\n  - targets: [ x86_64-macos ]\n    symbols: [ _a,\n      _b ]\n...\n"
        );
    }
}
