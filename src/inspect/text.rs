//! The report as text: a key and a value on a line, 80 columns wide, long lists shortened.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{Archive, File, Go, Image, Libc};
use crate::terminal::{Ink, Style, WIDTH};

/// Columns before the values.
const INDENT: usize = 16;
/// Lines that a list may take before it is shortened.
const LINES: usize = 3;

struct Text {
    style: Style,
    out: String,
}

/// Everything that was found out about a file.
pub(super) fn show(file: &File, style: Style) -> String {
    let mut text = Text { style, out: String::new() };
    let title = style.clean(&file.path);
    text.out.push_str(&format!("{}\n", style.paint(Ink::Title, &title)));
    match (&file.archive, file.container) {
        (Some(archive), Some(container)) => text.archive(file, archive, container),
        (None, Some(_)) => {
            let slices: Vec<String> = file.images.iter().filter_map(|image| image.arch.clone()).collect();
            text.list("fat", &slices);
            for image in &file.images {
                text.out.push_str(&format!("  {}\n", style.paint(Ink::Title, image.part.as_deref().unwrap_or(""))));
                text.image(image);
            }
        }
        _ => file.images.iter().for_each(|image| text.image(image)),
    }
    text.out
}

/// The clauses that do not hold, a line each.
pub(super) fn failures(file: &File, style: Style) -> String {
    let failing = file.requirements.iter().filter(|verdict| !verdict.holds);
    let path = style.clean(&file.path);
    failing
        .map(|verdict| format!("{path}: {}: {}\n", style.paint(Ink::Bad, &verdict.clause), style.clean(&verdict.found)))
        .collect()
}

fn or_dash(text: Option<&str>) -> &str {
    text.unwrap_or("not recorded")
}

impl Text {
    /// A line, its value broken at blanks.
    fn line(&mut self, key: &str, value: &str) {
        self.ink(key, value, None);
    }

    fn ink(&mut self, key: &str, value: &str, ink: Option<Ink>) {
        self.ink_clean(key, &self.style.clean(value), ink);
    }

    /// The same for a value that is safe to show.
    fn ink_clean(&mut self, key: &str, value: &str, ink: Option<Ink>) {
        let room = WIDTH - INDENT;
        let mut lines: Vec<String> = Vec::new();
        for word in value.split(' ') {
            let word = shorten(word, room);
            match lines.last_mut() {
                Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                    line.push(' ');
                    line.push_str(&word);
                }
                _ => lines.push(word),
            }
        }
        for (at, line) in lines.iter().enumerate() {
            let key = format!("{:<width$}", if at == 0 { key } else { "" }, width = INDENT - 2);
            let line = ink.map_or_else(|| line.clone(), |ink| self.style.paint(ink, line));
            self.out.push_str(&format!("  {}{line}\n", if at == 0 { self.style.paint(Ink::Key, &key) } else { key }));
        }
    }

    /// A list, as much of it as fits in a few lines.
    fn list(&mut self, key: &str, items: &[String]) {
        self.ink_list(key, "", items, None);
    }

    fn ink_list(&mut self, key: &str, before: &str, items: &[String], ink: Option<Ink>) {
        if items.is_empty() {
            return;
        }
        let room = WIDTH - INDENT;
        // The note of what is left out has its place in the last line.
        let note = |left: usize| if left == 0 { String::new() } else { format!(" (+{left} more; --json shows all)") };
        let mut shown = items.len();
        loop {
            let words: Vec<String> = items[..shown].iter().map(|item| self.style.clean(item)).collect();
            let value = format!("{before}{}{}", words.join(", "), note(items.len() - shown));
            let (mut lines, mut column) = (1, 0);
            for word in value.split(' ') {
                let size = word.chars().count().min(room);
                if column > 0 && column + 1 + size > room {
                    (lines, column) = (lines + 1, size);
                } else {
                    column += size + usize::from(column > 0);
                }
            }
            if lines <= LINES || shown == 1 {
                self.ink_clean(key, &value, ink);
                return;
            }
            // Thousands of names need no thousands of attempts.
            shown = (shown - 1).min(WIDTH * LINES / 2);
        }
    }

    fn archive(&mut self, file: &File, archive: &Archive, container: &str) {
        let objects = file.images.len();
        let mut about =
            format!("{container} of {} member{}, {objects} object{}", archive.members, s(archive.members), s(objects));
        about.push_str(if archive.index { ", with an index" } else { ", without an index" });
        about.push_str(if archive.deterministic { ", deterministic" } else { ", with dates or owners" });
        self.line("format", &about);
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for image in &file.images {
            *kinds
                .entry(format!("{} {}, {}", image.format, image.kind, or_dash(image.arch.as_deref())))
                .or_default() += 1;
        }
        let kinds: Vec<String> = kinds.into_iter().map(|(kind, count)| format!("{kind} ({count})")).collect();
        self.list("objects", &kinds);
        self.list("others", &archive.others);
        if archive.architectures.len() > 1 {
            let text = format!("the members are not of one architecture: {}", archive.architectures.join(", "));
            self.ink("finding", &text, Some(Ink::Warning));
        }
        let debug = file.images.iter().filter(|image| image.debug.info).count();
        if debug > 0 {
            self.line("debug", &format!("debugging information in {debug}"));
        }
        let all = |of: fn(&Image) -> Vec<String>| -> Vec<String> {
            file.images.iter().flat_map(of).collect::<BTreeSet<_>>().into_iter().collect()
        };
        self.list("made by", &all(|image| image.tools.clone()));
        self.traces(
            &all(|image| image.sanitizers.iter().map(|name| (*name).to_owned()).collect()),
            &all(|image| image.native_cpu.clone()),
            &all(|image| image.host_paths.iter().map(|found| found.path.clone()).collect()),
            &all(|image| image.findings.clone()),
        );
    }

    fn traces(&mut self, sanitizers: &[String], native: &[String], paths: &[String], findings: &[String]) {
        self.ink_list("sanitizers", "", sanitizers, Some(Ink::Warning));
        self.ink_list("native cpu", "", native, Some(Ink::Warning));
        self.ink_list("host paths", &format!("{}: ", paths.len()), paths, Some(Ink::Warning));
        for finding in findings {
            self.ink("finding", finding, Some(Ink::Bad));
        }
    }

    fn image(&mut self, image: &Image) {
        let bits = image.bits.map_or(String::new(), |bits| format!("{bits}-bit "));
        let names = [
            ("elf", "ELF"),
            ("pe", "PE"),
            ("coff", "COFF"),
            ("mach-o", "Mach-O"),
            ("wasm", "WebAssembly"),
            ("bitcode", "LLVM bitcode"),
        ];
        let format = names.iter().find(|row| row.0 == image.format).map_or(image.format, |row| row.1);
        let subsystem = image.subsystem.map_or(String::new(), |name| format!(" ({name})"));
        self.line("format", &format!("{format} {bits}{}{subsystem}", image.kind));
        let endian = image
            .endian
            .filter(|_| image.format != "wasm")
            .map_or(String::new(), |endian| format!(", {endian}-endian"));
        let abi = image.abi.as_ref().map_or(String::new(), |abi| format!(", {abi}"));
        self.line("arch", &format!("{}{endian}{abi}", or_dash(image.arch.as_deref())));
        self.needs(image);
        if let Some(name) = &image.name {
            self.line("name", name);
        }
        if !image.exports.is_empty() {
            let count = image.exports.len();
            self.ink_list("exports", &format!("{count}: "), &image.exports, None);
        }
        self.list("imports", &image.imports);
        self.hardening(image);
        self.identity(image);
        let names: Vec<String> = image.sanitizers.iter().map(|name| (*name).to_owned()).collect();
        let paths: Vec<String> = image.host_paths.iter().map(|found| found.path.clone()).collect();
        self.traces(&names, &image.native_cpu, &paths, &image.findings);
    }

    fn needs(&mut self, image: &Image) {
        match &image.cpu {
            Some(cpu) => {
                let mut words: Vec<String> = cpu.baseline.iter().cloned().collect();
                words.extend(cpu.features.iter().cloned());
                self.ink_list("cpu", "", &words, None);
            }
            None => self.line("cpu", "not recorded"),
        }
        if let Some(os) = &image.os {
            let since = os.min_version.as_ref().map_or(String::new(), |version| format!(" {version} or later"));
            let sdk = os.sdk.as_ref().map_or(String::new(), |sdk| format!(", SDK {sdk}"));
            self.line("system", &format!("{}{since}{sdk} ({})", os.name, os.source));
        } else {
            self.line("system", "not recorded");
        }
        if let Some(linkage) = image.linkage {
            let by = image.interpreter.as_ref().map_or(String::new(), |path| format!(", started by {path}"));
            self.line("linkage", &format!("{linkage}{by}"));
        }
        if let Some(libc) = &image.libc {
            self.line("libc", &libc_text(libc));
        }
        self.list("needed", &image.needed);
        self.list("optional", &image.optional);
        self.list("rpath", &image.rpath);
    }

    fn hardening(&mut self, image: &Image) {
        let hardening = &image.hardening;
        let mut words: Vec<String> = Vec::new();
        if let Some(relro) = hardening.relro {
            words.push(if relro == "none" { "no RELRO".into() } else { format!("{relro} RELRO") });
        }
        let flags = [
            (hardening.nx, "NX"),
            (hardening.pie, if image.format == "pe" { "ASLR" } else { "PIE" }),
            (hardening.high_entropy, "high-entropy ASLR"),
            (hardening.stack_protector.filter(|_| image.linkage.is_some()), "stack protector"),
            (hardening.fortify.filter(|_| image.linkage.is_some()), "fortify"),
        ];
        words.extend(
            flags
                .iter()
                .filter_map(|(flag, word)| Some(if (*flag)? { (*word).to_owned() } else { format!("no {word}") })),
        );
        words.extend(hardening.control_flow.iter().map(|name| (*name).to_owned()));
        if hardening.text_relocations == Some(true) {
            words.push("text relocations".into());
        }
        self.list("hardening", &words);
        if let Some(signature) = &image.signature {
            let mut words = vec![format!("{} (not verified)", signature.kind)];
            words.extend(signature.flags.iter().map(|flag| (*flag).to_owned()));
            words.extend(signature.identifier.iter().map(|name| format!("identifier {name}")));
            words.extend(signature.team.iter().map(|name| format!("team {name}")));
            self.list("signature", &words);
        }
    }

    fn identity(&mut self, image: &Image) {
        let debug = match (image.debug.info, image.debug.symbols) {
            (true, true) => "debugging information, symbols",
            (true, false) => "debugging information",
            (false, true) => "symbols only",
            (false, false) => "stripped",
        };
        if image.format != "bitcode" && image.kind != "import" {
            let link = image.debug.link.as_ref().map_or(String::new(), |link| format!(", more in {link}"));
            self.line("debug", &format!("{debug}{link}"));
        }
        if let Some(id) = &image.build_id {
            self.line("build id", id);
        }
        if let Some(time) = image.timestamp {
            self.line("timestamp", &format!("{time} seconds after 1970"));
        }
        self.list("made by", &image.tools);
        if let Some(go) = &image.go {
            self.go(go);
        }
        if let Some(rust) = &image.rust {
            let mut words = vec![rust.version.clone().unwrap_or_else(|| "version not recorded".into())];
            words.extend(rust.commit.as_ref().map(|commit| format!("commit {}", commit.get(..12).unwrap_or(commit))));
            words.extend(rust.packages.as_ref().map(|packages| format!("{} packages listed", packages.len())));
            self.list("rust", &words);
        }
    }

    fn go(&mut self, go: &Go) {
        let mut words = vec![go.version.clone()];
        if let Some(module) = &go.main {
            words.push(format!("{} {}", module.path, module.version).trim_end().to_owned());
        } else if let Some(path) = &go.path {
            words.push(path.clone());
        }
        words.push(match go.dependencies.len() {
            0 => "no dependencies".into(),
            1 => "1 dependency".into(),
            count => format!("{count} dependencies"),
        });
        const SHOWN: &[&str] = &["CGO_ENABLED", "-trimpath", "-buildmode", "-tags", "vcs.revision", "vcs.modified"];
        words.extend(SHOWN.iter().filter_map(|key| Some(format!("{key}={}", go.setting(key)?))));
        self.list("go", &words);
    }
}

fn s(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn libc_text(libc: &Libc) -> String {
    let mut text = libc.name.to_owned();
    if libc.linked_in {
        text.push_str(", linked in");
    }
    if let Some(floor) = &libc.floor {
        text.push_str(&format!(" {floor} or later"));
        if let Some(first) = libc.forced_by.first() {
            text.push_str(&format!(", for {first}"));
        }
        if libc.forced_by.len() > 1 {
            text.push_str(&format!(" (+{} more; --json shows all)", libc.forced_by.len() - 1));
        }
    }
    text
}

/// A word of at most `room` columns, without its middle where it is longer.
fn shorten(word: &str, room: usize) -> String {
    const MARK: &str = "...";
    let count = word.chars().count();
    if count <= room {
        return word.to_owned();
    }
    let keep = room - MARK.len();
    let head: String = word.chars().take(keep / 2).collect();
    let tail: String = word.chars().skip(count - (keep - keep / 2)).collect();
    format!("{head}{MARK}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let names: Vec<String> = (0..500).map(|number| format!("a_function_of_some_length_{number}")).collect();
        let image = Image {
            format: "elf",
            kind: "shared library",
            exports: names.clone(),
            needed: vec!["x".repeat(200), "a name with blanks ".repeat(9)],
            findings: vec!["words ".repeat(40), "y".repeat(300)],
            tools: vec!["ü\u{1b}[31m".repeat(50)],
            ..Image::default()
        };
        let file = File { path: "lib.so".into(), images: vec![image], ..File::default() };
        for utf8 in [false, true] {
            let text = show(&file, Style { colour: false, utf8 });
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
            assert!(text.contains("more; --json shows all)") && !text.contains('\u{1b}'), "{text}");
            assert!(utf8 || text.is_ascii(), "{text}");
        }
        let painted = show(&file, Style { colour: true, utf8: false });
        assert!(painted.contains("\u{1b}[1mlib.so\u{1b}[0m"), "{painted}");
    }
}
