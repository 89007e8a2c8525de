//! Paths of the machine that built a file, which tell where and by whom it was built and make two builds differ.
//!
//! A table of where people and services build; a path counts when something is named below such a directory, so that a
//! program which only *uses* `/tmp` or `/home` does not.

use std::collections::BTreeMap;

use super::read::Found;
use super::report::HostPath;

/// Directories, and how many names must follow below for it to be a path of a build. A `-` at the end is in the midst of a name.
const PLACES: &[(&str, usize)] = &[
    // Home directories: the name of the user is the first of the two.
    ("/home", 2),
    ("/Users", 2),
    ("/root", 2),
    ("/var/root", 2),
    // Temporary directories. One name is what programs use at run time.
    ("/tmp", 2),
    ("/var/tmp", 2),
    ("/private/tmp", 2),
    ("/private/var", 2),
    ("/var/folders", 2),
    // Where services check out: Debian's and conda's builders, GitLab, Buildbot, Jenkins, Codespaces, GitHub, Cloud Build, CircleCI.
    ("/build", 2),
    ("/builds", 2),
    ("/buildbot", 2),
    ("/var/lib/jenkins", 2),
    ("/var/lib/buildkite-agent", 2),
    ("/workspace", 2),
    ("/workspaces", 2),
    ("/github/workspace", 1),
    ("/github/home", 1),
    ("/__w", 2),
    ("/project", 2),
    ("/drone/src", 1),
    ("/woodpecker/src", 1),
    // Toolchains' own places in containers and on runners.
    ("/opt/hostedtoolcache", 2),
    ("/usr/local/cargo", 2),
    ("/usr/local/rustup", 2),
    ("/usr/local/go/src", 1),
    ("/usr/lib/go-", 2),
    ("/go/src", 2),
    ("/go/pkg/mod", 1),
    ("/usr/src", 2),
    // Package managers that build elsewhere than the program runs.
    ("/nix/store", 1),
    ("/gnu/store", 1),
    ("/opt/homebrew", 2),
    ("/usr/local/Cellar", 1),
    ("/opt/conda", 2),
];

/// The same on Windows, after the drive, `X:`, with either slash.
const WINDOWS_PLACES: &[(&str, usize)] = &[
    ("/Users/", 2),
    ("/a/", 2),
    ("/hostedtoolcache/", 1),
    ("/msys64/", 1),
    ("/buildkite/", 1),
    ("/jenkins/", 1),
    ("/actions-runner/", 1),
];

/// In a path that follows other text without a break, as Rust's and Go's strings do, what must be there to believe it.
const MARKS: &[&str] = &["/.cargo/", "/.rustup/", "/pkg/mod/", "/.cache/", "/target/", "/src/", "/build/", "/zig/"];

/// Names a program may well say at run time below directories that hold builds too.
const RUN_TIME: &[&str] =
    &["/tmp/.X11-unix/", "/tmp/.ICE-unix/", "/private/var/run/", "/private/var/db/", "/private/var/tmp/"];

/// Ends of sources' names: what follows them without a break is another text.
const SOURCES: &[&str] = &[".rs", ".go", ".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".s", ".S", ".m", ".zig"];

/// No path of a build is longer.
const LONGEST: usize = 1024;

/// A file that has more has more of the same.
const MOST: usize = 20_000;

/// Looks for them, with `own` directories of the machine that inspects: there any path below is one.
pub(super) struct Search<'a> {
    own: &'a [String],
    found: BTreeMap<String, Option<String>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(own: &'a [String]) -> Search<'a> {
        Search { own, found: BTreeMap::new() }
    }

    /// All of `data`, whose pieces are `sections`.
    pub(super) fn scan(&mut self, data: &[u8], sections: &[Found<'_>]) {
        for at in memchr::memchr3_iter(b'/', b':', b'\\', data) {
            if self.found.len() >= MOST {
                return;
            }
            let found = match data[at] {
                b'/' => self.unix(data, at),
                b'\\' => self.backslashed(data, at),
                _ => windows(data, at),
            };
            let Some((start, path)) = found else { continue };
            self.found.entry(path).or_insert_with(|| {
                let holds = |section: &&Found<'_>| {
                    (start as u64).checked_sub(section.offset).is_some_and(|into| into < section.size)
                };
                sections.iter().find(holds).map(|section| section.name.clone())
            });
        }
    }

    /// clang writes `__FILE__` so for Windows, on every machine.
    fn backslashed(&self, data: &[u8], at: usize) -> Option<(usize, String)> {
        let goes_on = |byte: u8| byte.is_ascii_alphanumeric() || b":\\/".contains(&byte);
        if at.checked_sub(1).is_some_and(|before| goes_on(data[before])) || !data.get(at + 1)?.is_ascii_alphanumeric() {
            return None;
        }
        let window = &data[at..data.len().min(at + LONGEST)];
        let slashed: Vec<u8> = window.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
        let (_, path) = self.unix(&slashed, 0)?;
        Some((at, String::from_utf8_lossy(window.get(..path.len())?).into_owned()))
    }

    pub(super) fn finish(self) -> Vec<HostPath> {
        self.found.into_iter().map(|(path, section)| HostPath { path, section }).collect()
    }

    fn unix(&self, data: &[u8], at: usize) -> Option<(usize, String)> {
        let rest = &data[at..];
        let before = at.checked_sub(1).map(|before| data[before]);
        // The middle of a path, and `//host/home/…` of a URL.
        if matches!(before, Some(b'/' | b'.' | b'-' | b'_' | b'~' | b'@' | b'}')) {
            return None;
        }
        let place = PLACES.iter().find_map(|(place, names)| {
            let below = rest.strip_prefix(place.as_bytes())?;
            let part_of_name = place.ends_with('-');
            (part_of_name || below.starts_with(b"/")).then_some((place.len() + usize::from(!part_of_name), *names))
        });
        // Such a directory is a path of a build itself: compilers note the working directory.
        let own = self.own.iter().find(|own| {
            let next = rest.get(own.len());
            rest.starts_with(own.as_bytes()) && next.is_none_or(|byte| *byte == b'/' || ends_path(*byte))
        });
        // What ends a path elsewhere may well be in the name of a directory that is known whole.
        let (prefix, names, path) = match (place, own) {
            (_, Some(own)) => (own.len(), 0, format!("{own}{}", text_of(&rest[own.len()..]).unwrap_or_default())),
            (Some((prefix, names)), None) => (prefix, names, text_of(rest)?),
            (None, None) => return None,
        };
        // An option's letter, as in -I/home/…, is no text before the path.
        let is_option = at >= 2 && data[at - 2] == b'-' && matches!(before, Some(b'I' | b'L' | b'B' | b'F'));
        let follows_text = !is_option && before.is_some_and(|byte| byte.is_ascii_alphanumeric());
        if follows_text && !MARKS.iter().any(|mark| path[prefix.min(path.len()) - 1..].contains(mark)) {
            return None;
        }
        let below = path.get(prefix..)?;
        let enough = below.split('/').filter(|name| !name.is_empty()).count() >= names;
        let at_run_time = RUN_TIME.iter().any(|known| path.starts_with(known));
        (enough && !at_run_time).then_some((at, path))
    }
}

/// `C:\Users\…` at its colon.
fn windows(data: &[u8], colon: usize) -> Option<(usize, String)> {
    let drive = colon.checked_sub(1)?;
    let starts = drive.checked_sub(1).is_none_or(|before| !data[before].is_ascii_alphanumeric());
    if !data[drive].is_ascii_alphabetic() || !starts || !matches!(data.get(colon + 1), Some(b'\\' | b'/')) {
        return None;
    }
    let path = text_of(&data[colon + 1..])?;
    let slashed = path.replace('\\', "/");
    let (prefix, names) = WINDOWS_PLACES.iter().find(|row| slashed.starts_with(row.0))?;
    let below = slashed[prefix.len()..].split('/').filter(|name| !name.is_empty()).count();
    (below >= *names).then(|| (drive, format!("{}:{path}", char::from(data[drive]))))
}

/// Whether `byte` is one that no path of a build has in it.
fn ends_path(byte: u8) -> bool {
    !byte.is_ascii_graphic() && byte < 0x80 || b" \"'<>|*?:;,()[]{}$%`!=&^\x7f".contains(&byte)
}

/// The path at the beginning of `data`, up to what no path of a build has in it.
fn text_of(data: &[u8]) -> Option<String> {
    let window = &data[..data.len().min(LONGEST)];
    let end = window.iter().position(|byte| ends_path(*byte)).unwrap_or(window.len());
    let mut text = std::str::from_utf8(&window[..end]).ok()?;
    // Strings that follow without a break: a second slash or the source's name ends the path.
    text = text.split("//").next().unwrap_or(text);
    let last = text.rfind(['/', '\\']).unwrap_or(0);
    let cut = SOURCES.iter().filter_map(|ending| {
        let at = text[last..].find(ending)? + last + ending.len();
        let longer =
            SOURCES.iter().any(|other| other.len() > ending.len() && text[at - ending.len()..].starts_with(other));
        (at < text.len() && !longer).then_some(at)
    });
    if let Some(at) = cut.min() {
        text = &text[..at];
    }
    Some(text.trim_end_matches(['.', '/', '\\']).to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let own = ["/srv/ours".to_owned(), "/srv/job=1 (main)".to_owned()];
        let mut search = Search::new(&own);
        search.scan(text.as_bytes(), &[]);
        search.finish().into_iter().map(|found| found.path).collect()
    }

    #[test]
    fn paths_of_builds_are_found() {
        for (text, path) in [
            ("\0/home/ann/app/main.c\0", "/home/ann/app/main.c"),
            ("\0C:\\Users\\ann\\app\\main.c\0", "C:\\Users\\ann\\app\\main.c"),
            ("D:/a/app/app/x.pdb", "D:/a/app/app/x.pdb"),
            ("\0\\home\\ann\\app\\main.c\0", "\\home\\ann\\app\\main.c"),
            ("\0\\srv\\ours/x.c\0", "\\srv\\ours/x.c"),
            ("-I/tmp/go-build1/b001/ ", "/tmp/go-build1/b001"),
            // Rust's strings follow each other without a break.
            (
                "called `unwrap`failed/home/ann/.cargo/registry/src/a-1/lib.rsinternal error",
                "/home/ann/.cargo/registry/src/a-1/lib.rs",
            ),
            ("\0/srv/ours\0", "/srv/ours"),
            ("\0/srv/ours/x.c\0", "/srv/ours/x.c"),
            ("\0/srv/job=1 (main)/x.c\0", "/srv/job=1 (main)/x.c"),
            ("\0/usr/local/go/src/runtime/proc.go\0", "/usr/local/go/src/runtime/proc.go"),
        ] {
            assert_eq!(paths(text), [path], "{text}");
        }
    }

    #[test]
    fn every_place_counts_with_enough_names_below_and_not_with_fewer() {
        for (place, names) in PLACES {
            let start = if place.ends_with('-') { (*place).to_owned() } else { format!("{place}/") };
            let below = ["one", "two"];
            let path = format!("{start}{}", below[..*names].join("/"));
            assert_eq!(paths(&format!("\0{path}\0")), [path]);
            let fewer = format!("\0{start}{}\0", below[..names - 1].join("/"));
            assert_eq!(paths(&fewer), [""; 0], "{fewer}");
        }
    }

    #[test]
    fn what_programs_use_at_run_time_is_no_leak() {
        for text in [
            "/tmp\0/tmp/file\0/tmp/.X11-unix/X0\0",
            "/home/%s/.config\0/home/\0",
            "https://example.org/home/ann/page\0",
            "/usr/lib/x86_64-linux-gnu/libc.so.6\0/etc/passwd\0",
            "../home/ann/app\0a/b/home/c/d\0",
            "go/build/constraint/expr.go\0",
            "/srv/ours-not/x.c\0",
            // A table of such directories.
            "/home//Users//tmp//var/tmp//private/tmp/",
            "C:\\Windows\\System32\\x.dll\0",
            "a\\home\\ann\\app\0\\\\home\\ann\\app\0\\home\\%s\0",
        ] {
            assert_eq!(paths(text), [""; 0], "{text}");
        }
    }
}
