//! What `xcc inspect` says agrees with readelf, llvm-readobj, llvm-objdump, obj2yaml and `go version -m`, file for file.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{self, stdout, which};
use crate::{corpus, image, report, texts};

/// What a tool prints about a file; `None`, after a counted skip, where it is not installed.
#[track_caller]
fn ask(tool: &str, words: &[&str], path: &Path) -> Option<String> {
    if which(tool).is_none() {
        support::skip(&format!("compare with {tool}"), "it is not installed");
        return None;
    }
    let output = Command::new(tool).args(words).arg(path).env("LC_ALL", "C").output().unwrap();
    Some(stdout(&output))
}

/// What stands between `before` and `after`, of every line that has both.
fn between(text: &str, before: &str, after: &str) -> Vec<String> {
    let piece = |line: &str| {
        let (_, rest) = line.split_once(before)?;
        Some(rest.split_once(after).map_or(rest, |(piece, _)| piece).trim().to_owned())
    };
    text.lines().filter_map(piece).collect()
}

fn first(text: &str, before: &str, after: &str) -> Option<String> {
    between(text, before, after).into_iter().next()
}

fn set(all: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    all.into_iter().collect()
}

/// Fails with the file's name and both values.
#[track_caller]
fn same<T: PartialEq + std::fmt::Debug>(path: &Path, what: &str, ours: T, theirs: T) {
    assert_eq!(ours, theirs, "{}: {what}", path.display());
}

/// Images of the format among the files that are no archives.
fn images(format: &str) -> Vec<(std::path::PathBuf, Value)> {
    let all = corpus::files().into_iter().filter_map(|path| {
        let report = report(&path);
        let image = report["images"][0].clone();
        (report["container"].is_null() && image["format"] == format).then_some((path, image))
    });
    all.collect()
}

#[test]
fn the_corpus_has_sixty_files_of_every_format() {
    let mut formats = BTreeSet::new();
    let files = corpus::files();
    for path in &files {
        let report = report(path);
        let container = report["container"].as_str();
        formats.insert(container.unwrap_or_else(|| report["images"][0]["format"].as_str().unwrap()).to_owned());
    }
    assert!(files.len() >= 60, "{} files", files.len());
    let wanted = ["archive", "bitcode", "coff", "elf", "fat", "mach-o", "pe", "thin archive", "wasm"];
    assert_eq!(formats.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
}

#[test]
fn readelf_agrees_on_elf() {
    const MACHINES: &[(&str, &str)] = &[
        ("Advanced Micro Devices X86-64", "x86_64"),
        ("AArch64", "aarch64"),
        ("ARM", "arm"),
        ("RISC-V", "riscv64"),
        ("IBM S/390", "s390x"),
        ("MIPS R3000", "mips"),
        ("Intel 80386", "x86"),
        ("LoongArch", "loongarch64"),
        ("PowerPC64", "powerpc64le"),
    ];
    let all = images("elf");
    assert!(all.len() >= 40, "{} files", all.len());
    for (path, image) in &all {
        let Some(text) = ask("readelf", &["-W", "-h", "-l", "-d", "-n", "-S", "-V", "--dyn-syms"], path) else {
            return;
        };
        let machine = first(&text, "Machine:", "\n").unwrap();
        let arch = MACHINES.iter().find(|row| row.0 == machine).unwrap_or_else(|| panic!("{machine}")).1;
        same(path, "arch", image["arch"].as_str(), Some(arch));
        same(path, "bits", image["bits"].as_u64(), Some(if text.contains("ELF64") { 64 } else { 32 }));
        let big = text.contains("2's complement, big endian");
        same(path, "endian", image["endian"].as_str(), Some(if big { "big" } else { "little" }));
        let kind = match first(&text, "Type:", "\n").unwrap() {
            kind if kind.starts_with("REL ") => "object",
            kind if kind.starts_with("EXEC ") || kind.contains("Position-Independent Executable") => "executable",
            _ => "shared library",
        };
        same(path, "kind", image["kind"].as_str(), Some(kind));
        let interpreter = first(&text, "[Requesting program interpreter: ", "]");
        same(path, "interpreter", image["interpreter"].as_str().map(str::to_owned), interpreter.clone());
        same(path, "needed", texts(&image["needed"]), between(&text, "Shared library: [", "]"));
        same(path, "name", image["name"].as_str().map(str::to_owned), first(&text, "Library soname: [", "]"));
        let rpath: Vec<String> =
            ["Library runpath: [", "Library rpath: ["].iter().flat_map(|key| between(&text, key, "]")).collect();
        same(path, "rpath", texts(&image["rpath"]), rpath);
        let linkage = match (kind, interpreter.is_some(), text.contains("Type:                              EXEC")) {
            ("object", ..) => Value::Null,
            ("shared library", ..) | (_, true, _) => json!("dynamic"),
            (_, false, true) => json!("static"),
            (_, false, false) => json!("static-pie"),
        };
        same(path, "linkage", &image["linkage"], &linkage);
        same(path, "glibc", image["libc"]["floor"].as_str().map(str::to_owned), glibc_floor(&text));
        if let Some(id) = first(&text, "Build ID: ", "\n") {
            same(path, "build ID", image["build_id"].as_str(), Some(&*id));
        }
        let section = |name: &str| {
            text.lines().any(|line| line.split_whitespace().any(|word| word == name) && line.contains('['))
        };
        same(path, "debug info", image["debug"]["info"].as_bool(), Some(section(".debug_info")));
        if !section(".symtab") {
            same(path, "symbols", image["debug"]["symbols"].as_bool(), Some(false));
        }
        hardening(path, image, &text);
        let exported = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.len() >= 8
                && words[0].ends_with(':')
                && words[4] != "LOCAL"
                && ["DEFAULT", "PROTECTED"].contains(&words[5])
                && words[6] != "UND"
        };
        let count = if kind == "object" { 0 } else { text.lines().filter(exported).count() };
        same(path, "exports", texts(&image["exports"]).len(), count);
    }
}

#[test]
fn control_flow_protection_of_linkers_is_in_the_corpus() {
    for (name, expected) in [
        ("cf-full.so", &["IBT", "SHSTK"][..]),
        ("cf-branch.so", &["IBT"]),
        ("cf-return.so", &["SHSTK"]),
        ("cfi.so", &["CFI"]),
        ("bp-standard.so", &["BTI", "PAC", "GCS"]),
        ("bp-bti.so", &["BTI"]),
        ("x86_64-linux-gnu.so", &[]),
        ("windows-guarded.exe", &["CFG"]),
        ("windows.exe", &[]),
    ] {
        assert_eq!(texts(&image(&corpus::dir().join(name))["hardening"]["control_flow"]), expected, "{name}");
    }
    assert_eq!(image(&corpus::dir().join("windows-signed.exe"))["signature"]["kind"], "authenticode");
    assert!(image(&corpus::dir().join("windows.exe"))["signature"].is_null());
}

fn hardening(path: &Path, image: &Value, text: &str) {
    if image["linkage"].is_null() {
        return;
    }
    let stack = text.lines().find(|line| line.trim_start().starts_with("GNU_STACK"));
    let nx = stack.map(|line| !line.contains("RWE"));
    same(path, "NX", image["hardening"]["nx"].as_bool(), nx);
    let relro = text.contains("GNU_RELRO");
    let now = text.contains("BIND_NOW") || text.lines().any(|line| line.contains("(FLAGS_1)") && line.contains("NOW"));
    let lazy = text.contains("(JMPREL)") && image["linkage"] == "dynamic";
    let word = match (relro, now || !lazy) {
        (false, _) => "none",
        (true, true) => "full",
        (true, false) => "partial",
    };
    same(path, "RELRO", image["hardening"]["relro"].as_str(), Some(word));
    let mut control_flow = texts(&image["hardening"]["control_flow"]);
    // No property: clang's checks of indirect calls, by the functions they are.
    let checked = text.contains(" __cfi_check") || text.contains(" __cfi_slowpath");
    same(path, "CFI", control_flow.contains(&"CFI".to_owned()), checked);
    control_flow.retain(|name| name != "CFI");
    let properties: Vec<String> = ["x86 feature: ", "AArch64 feature: "]
        .iter()
        .flat_map(|key| between(text, key, "\n"))
        .flat_map(|line| line.split(", ").map(str::to_owned).collect::<Vec<_>>())
        .filter(|name| name != "<None>")
        // binutils 2.40 has not heard of its name.
        .map(|name| if name == "<unknown: 4>" { "GCS".into() } else { name })
        .collect();
    same(path, "control flow", control_flow, properties);
}

/// The highest numbered version of glibc that is needed, and is not weak.
fn glibc_floor(text: &str) -> Option<String> {
    let needs = text.split("Version needs section").nth(1)?;
    let strong = needs.lines().filter(|line| !line.contains("Flags: WEAK"));
    let names = strong
        .filter_map(|line| line.split_once("Name: GLIBC_2."))
        .map(|(_, rest)| rest.split_whitespace().next().unwrap());
    let numbers = names.map(|name| name.split('.').map(|number| number.parse::<u32>().unwrap()).collect::<Vec<_>>());
    let highest = numbers.max()?;
    Some(format!("2.{}", highest.iter().map(u32::to_string).collect::<Vec<_>>().join(".")))
}

#[test]
fn llvm_readobj_agrees_on_the_headers_of_every_format() {
    let mut compared = 0;
    for path in corpus::files() {
        let report = report(&path);
        if report["container"].as_str().is_some_and(|container| container.contains("archive"))
            || report["images"][0]["format"] == "bitcode"
        {
            continue;
        }
        let Some(text) = ask("llvm-readobj", &["--file-headers", "--needed-libs"], &path) else { return };
        let pieces: Vec<&str> = text.split("\nFile: ").filter(|piece| piece.contains("Format: ")).collect();
        let images = report["images"].as_array().unwrap();
        if pieces.is_empty() && images[0]["go"].is_object() && images[0]["format"] == "wasm" {
            // LLVM 14 does not read what Go's linker makes of WebAssembly.
            continue;
        }
        same(&path, "slices", images.len(), pieces.len());
        for (image, text) in images.iter().zip(pieces) {
            // LLVM 14 has not heard of LoongArch's name.
            let arch = first(text, "Arch: ", "\n").unwrap();
            let arch = match &*arch {
                "i386" => "x86",
                "thumb" => "arm",
                "unknown" if image["arch"] == "loongarch64" => "loongarch64",
                other => other,
            };
            same(&path, "arch", image["arch"].as_str(), Some(arch));
            let bits = first(text, "AddressSize: ", "bit").unwrap();
            same(&path, "bits", image["bits"].as_u64().map(|bits| bits.to_string()), Some(bits));
            let format = first(text, "Format: ", "\n").unwrap().to_lowercase();
            let ours = image["format"].as_str().unwrap();
            assert!(format.starts_with(if ours == "pe" { "coff" } else { ours }), "{}: {format}", path.display());
            let listed = text.split("NeededLibraries [").nth(1).map(|rest| rest.split(']').next().unwrap());
            let needed =
                set(listed.unwrap_or("").lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()));
            // LLVM counts a library's own name among those it needs.
            let own = image["name"].as_str().filter(|_| ours == "mach-o");
            same(&path, "needed", set(texts(&image["needed"]).into_iter().chain(own.map(str::to_owned))), needed);
            compared += 1;
        }
    }
    assert!(compared >= 60, "{compared} images were compared");
}

/// Without this, the comparison would hold of a corpus in which nothing is compressed.
#[track_caller]
fn compressed_by_go(path: &Path, image: &Value, sections: &[String]) {
    let compressed = || sections.iter().any(|name| name.contains("zdebug"));
    assert!(image["go"].is_null() || compressed(), "{}: nothing is compressed", path.display());
}

#[test]
fn llvm_readobj_agrees_on_pe() {
    let all = images("pe");
    assert!(all.len() >= 4, "{} files", all.len());
    for (path, image) in &all {
        let Some(text) = ask(
            "llvm-readobj",
            &["--file-headers", "--sections", "--coff-exports", "--coff-imports", "--coff-debug-directory"],
            path,
        ) else {
            return;
        };
        let subsystem = match first(&text, "Subsystem: ", " ").unwrap().as_str() {
            "IMAGE_SUBSYSTEM_WINDOWS_GUI" => "gui",
            _ => "console",
        };
        same(path, "subsystem", image["subsystem"].as_str(), Some(subsystem));
        let number = |key: &str| first(&text, key, "\n").unwrap();
        let version = format!("{}.{}", number("MajorSubsystemVersion: "), number("MinorSubsystemVersion: "));
        same(path, "version", image["os"]["min_version"].as_str(), Some(&*version));
        let sections = between(&text, " Name: ", " (");
        let dwarf = sections.iter().any(|name| [".debug_info", ".zdebug_info"].contains(&&**name));
        same(path, "debug info", image["debug"]["info"].as_bool(), Some(dwarf));
        compressed_by_go(path, image, &sections);
        let dll = text.contains("IMAGE_FILE_DLL ");
        same(path, "kind", image["kind"].as_str(), Some(if dll { "shared library" } else { "executable" }));
        for (key, flag) in [
            ("nx", "IMAGE_DLL_CHARACTERISTICS_NX_COMPAT"),
            ("pie", "IMAGE_DLL_CHARACTERISTICS_DYNAMIC_BASE"),
            ("high_entropy", "IMAGE_DLL_CHARACTERISTICS_HIGH_ENTROPY_VA"),
        ] {
            // Of 32-bit images xcc does not speak of the entropy of 64 bits.
            let said = image["hardening"][key].as_bool();
            let none = key == "high_entropy" && image["bits"] == 32;
            same(path, key, said, if none { None } else { Some(text.contains(flag)) });
        }
        let guarded = texts(&image["hardening"]["control_flow"]).contains(&"CFG".to_owned());
        same(path, "CFG", guarded, text.contains("IMAGE_DLL_CHARACTERISTICS_GUARD_CF"));
        same(path, "signature", image["signature"].is_object(), number("CertificateTableSize: ") != "0x0");
        let exports: Vec<String> =
            text.split("Export {").skip(1).filter_map(|export| first(export, "Name: ", "\n")).collect();
        same(path, "exports", set(texts(&image["exports"])), set(exports));
        let stamp = first(&text, "TimeDateStamp: ", "\n").unwrap();
        let zero = stamp.contains("(0x0)") || text.contains("Type: Repro");
        same(path, "timestamp", image["timestamp"].is_null(), zero);
    }
}

#[test]
fn llvm_objdump_agrees_on_mach_o() {
    let all = images("mach-o");
    assert!(all.len() >= 7, "{} files", all.len());
    for (path, image) in &all {
        let Some(text) = ask("llvm-objdump", &["--macho", "--private-headers", "--exports-trie"], path) else { return };
        let minimum = first(&text, " minos ", "\n").or_else(|| Some(between(&text, "version ", "\n").first()?.clone()));
        same(path, "minos", image["os"]["min_version"].as_str().map(str::to_owned), minimum);
        let uuid = first(&text, "uuid ", "\n").map(|uuid| uuid.replace('-', "").to_lowercase());
        same(path, "uuid", image["build_id"].as_str().map(str::to_owned), uuid);
        let kind = ["EXECUTE", "DYLIB ", "OBJECT "]
            .iter()
            .position(|kind| text.contains(kind))
            .map(|at| ["executable", "shared library", "object"][at]);
        same(path, "kind", image["kind"].as_str(), kind);
        let rpath: Vec<String> = between(&text, " path ", " (offset");
        same(path, "rpath", texts(&image["rpath"]), rpath);
        let name = text.split("LC_ID_DYLIB").nth(1).and_then(|rest| first(rest, " name ", " (offset"));
        same(path, "name", image["name"].as_str().map(str::to_owned), name);
        same(path, "signature", image["signature"].is_object(), text.contains("LC_CODE_SIGNATURE"));
        let sections = between(&text, "sectname ", "\n");
        let dwarf = sections.iter().any(|name| ["__debug_info", "__zdebug_info"].contains(&&**name));
        same(path, "debug info", image["debug"]["info"].as_bool(), Some(dwarf));
        compressed_by_go(path, image, &sections);
        if let Some(trie) = text.split("Exports trie:").nth(1) {
            let names = trie
                .lines()
                .filter_map(|line| Some(line.trim().strip_prefix("0x")?.split_once("  ")?.1.trim().to_owned()));
            let names = set(names.map(|name| name.split(' ').next().unwrap().to_owned()));
            if image["kind"] != "object" && !names.is_empty() {
                same(path, "exports", set(texts(&image["exports"])), names);
            }
        }
        if image["kind"] == "executable" {
            same(path, "PIE", image["hardening"]["pie"].as_bool(), Some(text.contains(" PIE")));
        }
    }
}

#[test]
fn obj2yaml_agrees_on_webassembly() {
    let all = images("wasm");
    assert!(all.len() >= 4, "{} files", all.len());
    for (path, image) in &all {
        let Some(text) = ask("obj2yaml", &[], path) else { return };
        let section = |name: &str| {
            let rest = text.split(&format!("  - Type:            {name}\n")).nth(1).unwrap_or("");
            rest.split("\n  - Type: ").next().unwrap_or("").to_owned()
        };
        let imports = section("IMPORT");
        let imports: Vec<String> = between(&imports, "- Module:", "\n")
            .into_iter()
            .zip(between(&imports, "Field:", "\n"))
            .map(|(module, field)| format!("{module}.{field}"))
            .collect();
        if !text.starts_with("---") {
            // LLVM 14 does not read what is younger; the other tools of this file then have the word.
            continue;
        }
        same(path, "imports", texts(&image["imports"]), imports);
        same(path, "exports", texts(&image["exports"]), between(&section("EXPORT"), "- Name:", "\n"));
    }
}

#[test]
fn go_version_agrees_on_programs_of_go() {
    let mut compared = 0;
    for path in corpus::files().iter().filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("go-")) {
        let Some(text) = ask("go", &["version", "-m"], path) else { return };
        let go = &image(path)["go"];
        assert!(go.is_object(), "{}: nothing of Go is found", path.display());
        // Go does not read its own WebAssembly.
        let Some((_, version)) = text.lines().next().and_then(|line| line.split_once(": ")) else { continue };
        same(path, "version", go["version"].as_str(), Some(version));
        let word = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let module = |kind: &str, module: &Value| {
            let mut lines = vec![format!(
                "{kind}\t{}\t{}\t{}",
                word(&module["path"]),
                word(&module["version"]),
                word(&module["sum"])
            )];
            lines.extend(module["replaced_by"].as_str().map(|by| format!("=>\t{}", by.replace(' ', "\t"))));
            lines
        };
        let mut ours = vec![format!("path\t{}", word(&go["path"]))];
        if go["main"].is_object() {
            ours.extend(module("mod", &go["main"]));
        }
        ours.extend(go["dependencies"].as_array().unwrap().iter().flat_map(|dependency| module("dep", dependency)));
        ours.extend(
            go["settings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|setting| format!("build\t{}={}", word(&setting["key"]), word(&setting["value"]))),
        );
        let theirs: Vec<&str> = text.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect();
        let ours: Vec<&str> = ours.iter().map(|line| line.trim()).collect();
        same(path, "build information", ours, theirs);
        compared += 1;
    }
    assert!(compared >= 5, "{compared} programs were compared");
}

#[test]
fn llvm_ar_agrees_on_the_members_of_archives() {
    let mut compared = 0;
    for path in corpus::files() {
        let report = report(&path);
        if report["archive"].is_null() {
            continue;
        }
        let Some(text) = ask("llvm-ar", &["t"], &path) else { return };
        same(&path, "members", report["archive"]["members"].as_u64(), Some(text.lines().count() as u64));
        compared += 1;
    }
    assert!(compared >= 7, "{compared} archives were compared");
    let mixed = report(&corpus::dir().join("libmixed.a"));
    assert_eq!(texts(&mixed["archive"]["architectures"]), ["aarch64", "x86_64"]);
    assert_eq!(texts(&mixed["archive"]["others"]), ["p.c"]);
}
