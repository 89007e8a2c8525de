//! Traces that compilers leave in any format: their names, sanitizers, code for the builder's own CPU.

use super::read::Found;
use super::report::Image;

/// Sanitizers and instruments by the beginning of names of their runtimes' functions.
const RUNTIMES: &[(&str, &str)] = &[
    ("__ubsan_handle_", "undefined"),
    ("__asan_", "address"),
    ("__hwasan_", "hardware address"),
    ("__tsan_", "thread"),
    ("__msan_", "memory"),
    ("__lsan_", "leak"),
    ("__dfsan_", "dataflow"),
    ("__rtsan_", "realtime"),
    ("__sanitizer_cov_", "coverage"),
    ("__llvm_profile_", "profile"),
    ("__gcov_", "profile"),
    ("__xray_", "xray"),
];

/// The same by texts of the runtimes, before `Sanitizer`, for programs without symbols. They end as C's strings do, which sources of
/// a runtime inside a compiler do not.
const TEXTS: &[(&str, &str)] =
    &[("UndefinedBehavior", "undefined"), ("Address", "address"), ("Thread", "thread"), ("Memory", "memory")];

/// What compilers write of `-march=native`, as a word of its own or the end of one: GCC expands it and adds sizes of the builder's
/// caches.
const NATIVE: &[&str] = &["-march=native", "-mcpu=native", "-mtune=native", "target-cpu=native", "l1-cache-line-size="];

/// Sections that record how a file was compiled.
const RECORDS: &[&str] = &["debug_str", "debug_info", "debug_line_str", ".comment", ".GCC.command.line"];

/// Numbers of clang's handlers of undefined behaviour are below (`SanitizerHandler`): traps carry them.
const HANDLERS: u8 = 0x20;

/// Reads `names` of symbols, `data` of the whole file and of what was compressed in it.
pub(super) fn read(image: &mut Image, names: &[&[u8]], data: &[u8], unpacked: &[Vec<u8>], sections: &[Found<'_>]) {
    // Mach-O and some others put a `_` before names of C.
    let bare =
        |name: &[u8]| -> Vec<u8> { name.strip_prefix(b"_").filter(|n| n.starts_with(b"__")).unwrap_or(name).to_vec() };
    let mut found = Vec::new();
    for name in names.iter().filter(|name| name.starts_with(b"__")) {
        let name = bare(name);
        if let Some(row) = RUNTIMES.iter().find(|row| name.starts_with(row.0.as_bytes())) {
            found.push(row.1);
        }
    }
    let has = |text: &str| {
        let text = format!("{text}Sanitizer");
        memchr::memmem::find_iter(data, text.as_bytes())
            .take(MOST_MARKS)
            .any(|at| begins_as_string(&data[..at]) && ends_as_string(&data[at + text.len()..]))
    };
    found.extend(TEXTS.iter().filter(|row| has(row.0)).map(|row| row.1));
    if traps(image.arch.as_deref(), sections) {
        found.push("undefined (traps)");
    }
    found.sort_unstable();
    found.dedup();
    image.sanitizers = found;
    for mark in NATIVE {
        // Programs that know the options have them elsewhere.
        let written = |section: &&Found<'_>| RECORDS.iter().any(|record| section.name.contains(record));
        let records = sections.iter().filter(written).take(MOST_SECTIONS).map(|section| section.data);
        let mut all = records.chain(unpacked.iter().map(|data| &**data));
        let line = all.find_map(|data| {
            memchr::memmem::find_iter(data, mark.as_bytes()).take(MOST_MARKS).find_map(|at| word_around(data, at, mark))
        });
        if let Some(line) = line.filter(|line| !image.native_cpu.contains(line)) {
            image.native_cpu.push(line);
        }
    }
}

/// Does a text begin here, or what follows `SUMMARY: `? Compilers' help has the names within sentences.
fn begins_as_string(before: &[u8]) -> bool {
    before.ends_with(b"\0") || before.ends_with(b": ")
}

/// Does the text end soon, in a zero?
fn ends_as_string(rest: &[u8]) -> bool {
    let rest = &rest[..rest.len().min(40)];
    let end = rest.iter().position(|byte| *byte == 0);
    end.is_some_and(|end| rest[..end].iter().all(|byte| byte.is_ascii() && !b"\"\n".contains(byte)))
}

/// Mentions of the options, in programs that know them.
const MOST_MARKS: usize = 1000;

/// The option that `mark`, found at `at`, is in: between blanks or zeros, and no longer than options are.
fn word_around(data: &[u8], at: usize, mark: &str) -> Option<String> {
    const LONGEST: usize = 40;
    let ends = |byte: &u8| !byte.is_ascii_graphic();
    let from = at.saturating_sub(LONGEST);
    let start = match data[from..at].iter().rposition(ends) {
        Some(before) => from + before + 1,
        None if from == 0 => 0,
        None => return None,
    };
    let rest = data.get(at + mark.len()..)?;
    let end = rest.iter().take(LONGEST).position(ends)?;
    let value = &rest[..end];
    // A size ends in digits, the others in themselves.
    let whole =
        if mark.ends_with('=') { !value.is_empty() && value.iter().all(u8::is_ascii_digit) } else { value.is_empty() };
    let option = data[start] == b'-' || mark.starts_with(char::from(data[start]));
    (whole && option).then(|| String::from_utf8_lossy(&data[start..at + mark.len() + end]).into_owned())
}

/// Does the code hold the traps of `-fsanitize=undefined -fsanitize-trap`, each with the number of its handler? On x86 they are
/// `ud1 N(%eax), %eax`, on AArch64 `brk #0x5500 + N` (LLVM's `ubsantrap`). A pattern of so few bytes once in megabytes of code
/// is chance on x86, so there it takes two.
fn traps(arch: Option<&str>, sections: &[Found<'_>]) -> bool {
    let code = || sections.iter().filter(|section| section.code).take(MOST_SECTIONS);
    match arch {
        Some("x86_64" | "x86") => {
            let finder = memchr::memmem::Finder::new(b"\x67\x0f\xb9\x40");
            // On 32 bits there is no prefix for the size of the address.
            let short = memchr::memmem::Finder::new(b"\x0f\xb9\x40");
            let finder = if arch == Some("x86") { short } else { finder };
            let size = finder.needle().len();
            let is_handler = |data: &[u8], at: usize| data.get(at + size).is_some_and(|number| *number < HANDLERS);
            code()
                .map(|section| {
                    finder.find_iter(section.data).filter(|at| is_handler(section.data, *at)).take(2).count()
                })
                .sum::<usize>()
                >= 2
        }
        Some("aarch64") => code().any(|section| {
            section.data.chunks_exact(4).any(|word| {
                let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
                let number = word >> 5 & 0xffff;
                word & 0xffe0_001f == 0xd420_0000 && number >> 8 == 0x55 && (number & 0xff) < u32::from(HANDLERS)
            })
        }),
        _ => false,
    }
}

/// Objects have a section for each function; sections that lie over one another would make the work quadratic.
const MOST_SECTIONS: usize = 4096;

/// The strings of `.comment`, and of what is like it.
pub(super) fn comments(image: &mut Image, data: &[u8]) {
    for text in data.split(|byte| *byte == 0).filter(|text| !text.is_empty()).take(1000) {
        let text = String::from_utf8_lossy(text).into_owned();
        if !image.tools.contains(&text) {
            image.tools.push(text);
        }
    }
}
