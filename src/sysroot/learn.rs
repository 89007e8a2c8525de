//! What zig's verbose lines say (`ZIG_VERBOSE_CC=1`, `ZIG_VERBOSE_LINK=1`): header directories and macros from its
//! clang lines; crt objects, libraries and archives from its linker line.
//!
//! The lines read alike from 0.14.1 to 0.17.0. zig prints words unquoted, so directories with blanks in their names
//! are recognised before a line is split.

use std::path::{Path, PathBuf};

/// One `zig clang … -c probe.c`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct CompileLine {
    /// Header directories in order; clang's own first.
    pub(super) include: Vec<PathBuf>,
    /// `-DNAME=VALUE`, without `-D`.
    pub(super) defines: Vec<String>,
}

/// The `ld.lld` or `lld-link` line of the probe itself.
#[derive(Debug, Default, PartialEq)]
pub(super) struct LinkLine {
    /// crt objects, shared library stubs and archives, in link order.
    pub(super) files: Vec<PathBuf>,
}

/// Splits a printed line, with the directories that may hold blanks known beforehand.
fn words(line: &str, directories: &[&Path]) -> Vec<String> {
    let mut line = line.to_owned();
    for (index, directory) in directories.iter().enumerate() {
        line = line.replace(&*directory.to_string_lossy(), &format!("\u{1}{index}"));
    }
    let restore = |word: &str| {
        let mut word = word.to_owned();
        for (index, directory) in directories.iter().enumerate() {
            word = word.replace(&format!("\u{1}{index}"), &directory.to_string_lossy());
        }
        word
    };
    line.split_whitespace().map(restore).collect()
}

/// The clang line that compiles a file whose name ends in `source`.
pub(super) fn compile_line(output: &str, source: &str, directories: &[&Path]) -> Option<CompileLine> {
    // Those of a C library are a thousand, of a hundred words each.
    let lines = output.lines().filter(|line| line.contains(source) && line.contains(" clang "));
    let words = lines.map(|line| words(line, directories)).find(|words| words.iter().any(|w| w.ends_with(source)))?;
    let mut found = CompileLine::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-isystem" => found.include.extend(words.next().map(PathBuf::from)),
            "-Xclang" | "-MF" | "-o" | "-target" => drop(words.next()),
            _ => {
                // NDEBUG is zig's reading of -O2, not a property of the target.
                if let Some(define) = word.strip_prefix("-D").filter(|define| *define != "NDEBUG") {
                    found.defines.push(define.to_owned());
                }
            }
        }
    }
    Some(found)
}

/// The words of zig's clang line for one of its own sources, without its dependency file and output: to be run again
/// with another option.
pub(super) fn own_compile(printed: &str, source: &str, directories: &[&Path]) -> Option<Vec<String>> {
    let line = printed.lines().find(|line| line.contains(" clang ") && line.contains(source))?;
    let mut kept = Vec::new();
    let mut words = words(line, directories).into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-MF" | "-o" => drop(words.next()),
            "-MD" | "-MV" => {}
            _ => kept.push(word),
        }
    }
    Some(kept)
}

/// The linker line that has `result` as its output: zig links its own stubs with other lines. `probe` is the object of
/// the probe itself, without its ending.
pub(super) fn link_line(printed: &str, result: &str, probe: &str, directories: &[&Path]) -> Option<LinkLine> {
    let linkers = ["ld.lld ", "lld-link ", "wasm-ld ", "zig ld "];
    let lines =
        printed.lines().filter(|line| line.contains(result) && linkers.iter().any(|name| line.starts_with(name)));
    let is_output = |word: &str| word.strip_prefix("-OUT:").is_some_and(|name| name.ends_with(result));
    let words = lines.map(|line| words(line, directories)).find(|words| {
        words.windows(2).any(|pair| pair[0] == "-o" && pair[1].ends_with(result)) || words.iter().any(|w| is_output(w))
    })?;
    let is_file = |word: &&String| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or("");
        let library = [".o", ".a", ".so", ".obj", ".lib"].iter().any(|ending| name.ends_with(ending));
        let stem = name.strip_suffix(".o").or_else(|| name.strip_suffix(".obj")).unwrap_or(name);
        (library || name.contains(".so.")) && !word.starts_with('-') && !stem.ends_with(probe)
    };
    let mut files: Vec<PathBuf> = Vec::new();
    let mut previous = "";
    for word in &words {
        if is_file(&word) && !matches!(previous, "--dynamic-linker" | "-dynamic-linker" | "-soname" | "-o") {
            files.push(PathBuf::from(word));
        }
        previous = word;
    }
    Some(LinkLine { files })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compile_line_gives_headers_and_macros() {
        let printed = "/z z/zig clang /c/p/probe.c --no-default-config -target aarch64-unknown-linux-gnu -MF C/t.d \
                       -nostdinc -DNDEBUG -D__GLIBC_MINOR__=28 -isystem /z z/lib/include -isystem /z z/lib/libc/a \
                       -Xclang -DX -c -o x.o\n";
        let found = compile_line(printed, "probe.c", &[Path::new("/z z")]).unwrap();
        assert_eq!(found.include, [PathBuf::from("/z z/lib/include"), "/z z/lib/libc/a".into()]);
        assert_eq!(found.defines, ["__GLIBC_MINOR__=28"]);
    }

    #[test]
    fn a_line_of_zigs_own_can_be_run_again() {
        let printed = "/z/zig clang /z/lib/a.cpp -MD -MV -MF x.d -DX -c -o x.o\n";
        assert_eq!(own_compile(printed, "/a.cpp", &[]).unwrap(), ["/z/zig", "clang", "/z/lib/a.cpp", "-DX", "-c"]);
    }

    #[test]
    fn a_link_line_gives_files_in_order() {
        let printed = "ld.lld -shared -o libm.so x.o\n\
                       ld.lld --error-limit=0 -m aarch64linux -o out /c c/o/1/crt1.o --dynamic-linker /lib/ld-linux.so.1 \
                       /c c/o/2/probe.o --as-needed -L/ /c c/o/3/libc.so.6 /c c/o/4/libcompiler_rt.a\n";
        let found = link_line(printed, "out", "probe", &[Path::new("/c c")]).unwrap();
        let names: Vec<_> = found.files.iter().map(|p| p.to_str().unwrap()).collect();
        assert_eq!(names, ["/c c/o/1/crt1.o", "/c c/o/3/libc.so.6", "/c c/o/4/libcompiler_rt.a"]);
    }

    #[test]
    fn a_line_of_lld_link_gives_files_in_order() {
        let printed = "lld-link -lldmingw -OUT:x/probe.out -IMPLIB:./probe.lib c/o/1/probe.obj c/o/2/crt2.obj c/o/3/compiler_rt.lib\n";
        let found = link_line(printed, "probe.out", "probe", &[]).unwrap();
        assert_eq!(found.files, [PathBuf::from("c/o/2/crt2.obj"), "c/o/3/compiler_rt.lib".into()]);
    }
}
