//! PE and COFF that `strip` and `objcopy` write: images run under wine, objects and archives link, and what is left is
//! what GNU's tools of mingw-w64 leave.

use std::fs;

use crate::windows::{TARGETS, X64, built};
use crate::{difference, fresh, support};

/// The fields of an image that stripping must not touch, and those that it must.
struct Headers {
    timestamp: u32,
    checksum: u32,
    symbols: (u32, u32),
    sections: Vec<String>,
}

fn headers(bytes: &[u8]) -> Headers {
    use object::read::pe::{ImageNtHeaders, ImageOptionalHeader, PeFile64};
    use object::{LittleEndian as LE, Object, ObjectSection};
    let file = PeFile64::parse(bytes).unwrap();
    let header = file.nt_headers().file_header();
    Headers {
        timestamp: header.time_date_stamp.get(LE),
        checksum: file.nt_headers().optional_header().check_sum(),
        symbols: (header.pointer_to_symbol_table.get(LE), header.number_of_symbols.get(LE)),
        sections: file.sections().map(|section| section.name().unwrap().to_owned()).collect(),
    }
}

#[test]
fn stripped_images_run() {
    let built = built(X64);
    let Some(expected) = built.runs("sample.exe") else { return };
    assert_eq!(expected, "sum 18\n");
    let whole = headers(&built.bytes("sample.exe"));
    for (options, symbols) in
        [("-s", false), ("-g", true), ("-x", true), ("--strip-unneeded", false), ("-s -R .buildid", false)]
    {
        let name = format!("{}.exe", fresh("stripped"));
        let mut words: Vec<&str> = options.split_whitespace().collect();
        words.extend(["-o", &name, "sample.exe"]);
        built.ok("strip", &words);
        assert_eq!(built.runs(&name).as_deref(), Some(&*expected), "strip {options}");
        let left = headers(&built.bytes(&name));
        assert_eq!((left.timestamp, left.checksum), (whole.timestamp, 0), "strip {options}");
        assert_eq!(left.symbols.1 > 0, symbols, "strip {options}");
        assert!(
            !left.sections.iter().any(|name| name.starts_with(".debug") || name.starts_with('/')),
            "{:?}",
            left.sections
        );
        assert!(left.sections.contains(&".reloc".to_owned()));
        // GNU's tools and objdump -p still find imports and relocations.
        let imports = built.ok("objdump", &["-p", &name]);
        assert!(imports.contains("DLL Name: KERNEL32.dll") && imports.contains("] DIR64"), "strip {options}");
        if let Some(theirs) = built.gnu("objdump", &["-p", &name]) {
            let theirs = support::stdout(&theirs);
            assert!(imports == theirs, "strip {options}: {}", difference(&imports, &theirs));
        }
    }
    // A name of more than eight bytes needs the table of strings when no symbol does.
    fs::write(built.dir.join("payload"), "payload").unwrap();
    built.ok("objcopy", &["-S", "--add-section", ".a_new_section=payload", "sample.exe", "added.exe"]);
    let left = headers(&built.bytes("added.exe"));
    assert_eq!((left.symbols.1, left.sections.last().map(String::as_str)), (0, Some(".a_new_section")));
    assert_eq!(built.runs("added.exe").as_deref(), Some(&*expected));
    built.ok("objcopy", &["--dump-section", ".a_new_section=dumped", "added.exe", "again.exe"]);
    assert_eq!(built.bytes("dumped"), b"payload");
    // What stands behind the image, such as an installer's payload, stays there.
    let mut bytes = built.bytes("sample.exe");
    bytes.extend(b"behind the image");
    fs::write(built.dir.join("overlay.exe"), bytes).unwrap();
    built.ok("strip", &["overlay.exe"]);
    assert!(built.bytes("overlay.exe").ends_with(b"behind the image"));
    assert_eq!(built.runs("overlay.exe").as_deref(), Some(&*expected));
}

#[test]
fn a_checksum_is_kept_right() {
    let built = built(X64);
    // GNU's strip writes one.
    let Some(gnu) = built.gnu("strip", &["-g", "-o", "summed.exe", "sample.exe"]) else { return };
    assert!(gnu.status.success());
    built.ok("strip", &["-s", "-o", "summed.xcc.exe", "summed.exe"]);
    built.gnu("strip", &["-s", "-p", "-o", "summed.gnu.exe", "summed.exe"]).unwrap();
    let (ours, theirs) = (built.bytes("summed.xcc.exe"), built.bytes("summed.gnu.exe"));
    assert_ne!(headers(&ours).checksum, 0);
    let date = |bytes: &[u8]| headers(bytes).timestamp;
    if date(&ours) == date(&theirs) {
        assert_eq!(headers(&ours).checksum, headers(&theirs).checksum);
    }
    let again = built.ok("strip", &["-s", "-o", "summed.again.exe", "summed.xcc.exe"]);
    assert!(again.is_empty() && built.bytes("summed.again.exe") == ours, "stripping twice changes the file");
}

/// Relocations, symbols a linker needs and `.drectve` are left, and the archive has its index.
#[test]
fn stripped_coff_objects_and_archives_link() {
    for (target, _) in TARGETS {
        let built = built(target);
        let relocations = |file: &str| {
            let text = built.ok("objdump", &["-r", file]);
            let kept: Vec<String> = text
                .split("RELOCATION RECORDS")
                .skip(1)
                .filter(|part| !part.starts_with(" FOR [.debug"))
                .map(str::to_owned)
                .collect();
            kept
        };
        for options in ["-g", "--strip-unneeded", "-x"] {
            let name = format!("{}.o", fresh("object"));
            built.ok("strip", &[options, "-o", &name, "sample.o"]);
            assert_eq!(relocations(&name), relocations("sample.o"), "{target} strip {options}");
            assert_eq!(built.ok("nm", &["-g", &name]), built.ok("nm", &["-g", "sample.o"]), "{target} strip {options}");
            let sections = built.ok("objdump", &["-h", &name]);
            assert!(!sections.contains(".debug") && sections.contains(".drectve"), "{target} {options}: {sections}");
            if let (Some(theirs), true) = (built.gnu("objdump", &["-r", "-t", &name]), target.starts_with("x86")) {
                assert_eq!(support::stdout(&theirs), built.ok("objdump", &["-r", "-t", &name]));
            }
            let program = format!("{name}.exe");
            built.ok("cc", &[&name, "-o", &program]);
            if *target == X64 {
                assert_eq!(built.runs(&program), built.runs("sample.exe"), "strip {options}");
            }
        }
        fs::copy(built.dir.join("library.a"), built.dir.join("stripped.a")).unwrap();
        built.ok("strip", &["-g", "stripped.a"]);
        assert!(built.ok("nm", &["-s", "stripped.a"]).contains("main in sample.o"), "{target}");
        assert!(built.bytes("stripped.a").len() < built.bytes("library.a").len());
        built.ok("cc", &["stripped.a", "-o", "archived.exe"]);
        // An import library has nothing to strip, and serves as before.
        fs::copy(built.dir.join("libnumber.dll.a"), built.dir.join("stripped.dll.a")).unwrap();
        built.ok("strip", &["--strip-unneeded", "stripped.dll.a"]);
        assert_eq!(built.ok("nm", &["-g", "stripped.dll.a"]), built.ok("nm", &["-g", "libnumber.dll.a"]), "{target}");
        built.ok("cc", &["user.c", "stripped.dll.a", "-o", "user.exe"]);
        if *target == X64 {
            assert_eq!(built.runs("user.exe").as_deref().unwrap_or("17\n"), "17\n");
            built.ok("strip", &["--strip-unneeded", "-o", "stripped.dll", "number.dll"]);
            fs::rename(built.dir.join("number.dll"), built.dir.join("whole.dll")).unwrap();
            fs::rename(built.dir.join("stripped.dll"), built.dir.join("number.dll")).unwrap();
            let printed = built.runs("user.exe");
            fs::rename(built.dir.join("whole.dll"), built.dir.join("number.dll")).unwrap();
            assert_eq!(printed.as_deref().unwrap_or("17\n"), "17\n");
        }
    }
}

#[test]
fn objcopy_changes_names_and_sections_of_coff() {
    let built = built(X64);
    let copy = |words: &[&str]| {
        let name = format!("{}.o", fresh("copy"));
        built.ok("objcopy", &[words, &["sample.o", &name]].concat());
        name
    };
    let symbols = |file: &str| built.ok("nm", &[file]);
    let has = |file: &str, symbol: &str| symbols(file).lines().any(|line| line.ends_with(symbol));
    let renamed = copy(&["--redefine-sym", "exported=a_name_of_more_than_eight"]);
    assert!(has(&renamed, " T a_name_of_more_than_eight") && !has(&renamed, " T exported"));
    assert!(has(&copy(&["--prefix-symbols=p_"]), " T p_exported"));
    let local = copy(&["-L", "exported", "--globalize-symbol=local"]);
    assert!(has(&local, " t exported") && has(&local, " T local"), "{}", symbols(&local));
    assert!(has(&copy(&["-G", "main"]), " d data"));
    assert!(has(&copy(&["--add-symbol", "added=.text$main:4,global,function"]), "0000000000000004 T added"));
    let moved = copy(&["--rename-section", ".data=.moved,data,readonly", "--set-section-flags", ".rdata=data"]);
    let sections = built.ok("objdump", &["-h", "-w", &moved]);
    let line = |name: &str| sections.lines().find(|line| line.contains(name)).unwrap_or("").to_owned();
    assert!(line(" .moved ").contains("READONLY, DATA") && !line(" .rdata ").contains("READONLY"), "{sections}");
    assert!(has(&moved, " r .moved"), "{}", symbols(&moved));
    built.ok("cc", &[&copy(&["--rename-section", ".a_long_section_name=.another_long_name"]), "-o", "renamed.exe"]);
    assert_eq!(built.runs("renamed.exe"), built.runs("sample.exe"));
    // Names of symbols that relocations need cannot go, nor their sections.
    let failed = built.xcc("objcopy", &["-R", ".data", "sample.o", "failed.o"]);
    assert!(support::stderr(&failed).contains("cannot remove section '.data'"), "{}", support::stderr(&failed));
    for option in ["--weaken", "--localize-hidden", "--compress-debug-sections", "--extract-dwo"] {
        let failed = built.xcc("objcopy", &[option, "sample.o", "failed.o"]);
        assert_eq!(failed.status.code(), Some(1), "{option}");
        assert!(support::stderr(&failed).contains("unsupported option '--"), "{}", support::stderr(&failed));
    }
    assert!(!built.dir.join("failed.o").exists());
    let failed = built.xcc("objcopy", &["-O", "elf64-x86-64", "sample.o", "failed.o"]);
    assert!(support::stderr(&failed).contains("formats cannot be converted"), "{}", support::stderr(&failed));
    let failed = built.xcc("readelf", &["-h", "sample.exe"]);
    assert!(support::stderr(&failed).contains("'sample.exe': not an ELF file"), "{}", support::stderr(&failed));
}

#[test]
fn a_debug_file_of_an_image_and_its_link_belong_together() {
    let built = built(X64);
    built.ok("objcopy", &["--only-keep-debug", "sample.exe", "sample.debug"]);
    built.ok("strip", &["-s", "-o", "split.exe", "sample.exe"]);
    built.ok("objcopy", &["--add-gnu-debuglink=sample.debug", "split.exe"]);
    assert_eq!(built.runs("split.exe"), built.runs("sample.exe"));
    let link = built.ok("objdump", &["-s", "-j", ".gnu_debuglink", "split.exe"]);
    assert!(link.contains("sample.debug"), "{link}");
    if let Some(theirs) = built.gnu("objcopy", &["--add-gnu-debuglink=sample.debug", "sample.exe", "gnu.exe"]) {
        assert!(theirs.status.success());
        let bytes = |text: &str| {
            text.lines()
                .filter_map(|line| line.split_once(' ')?.1.split_once(' '))
                .map(|row| row.1.to_owned())
                .collect::<Vec<_>>()
        };
        let theirs = built.ok("objdump", &["-s", "-j", ".gnu_debuglink", "gnu.exe"]);
        assert_eq!(bytes(&link).last(), bytes(&theirs).last());
    }
    assert!(built.bytes("sample.debug").len() < built.bytes("sample.exe").len() / 2);
    let symbols = built.ok("nm", &["sample.debug"]);
    let address = symbols.lines().find(|line| line.ends_with(" T exported")).unwrap().split(' ').next().unwrap();
    for file in ["sample.exe", "sample.debug"] {
        assert_eq!(
            built.ok("addr2line", &["-f", "-p", "-s", "-e", file, address]),
            "exported at windows.c:14\n",
            "{file}"
        );
    }
}

#[test]
fn images_of_pe_are_gnus_byte_for_byte() {
    for (target, _) in &TARGETS[..2] {
        let built = built(target);
        for file in ["sample.exe", "sample.o"] {
            for options in
                ["-O binary", "-O ihex", "-O binary -j .data", "-O binary --gap-fill 0xff", "-O binary -R .text"]
            {
                let (ours, theirs) = (fresh("image"), fresh("image"));
                let words =
                    |name: &str| options.split(' ').chain([file, name]).map(str::to_owned).collect::<Vec<String>>();
                let (a, b) = (words(&ours), words(&theirs));
                let refs = |words: &[String]| words.iter().map(String::clone).collect::<Vec<_>>();
                let (a, b) = (refs(&a), refs(&b));
                let (a, b): (Vec<&str>, Vec<&str>) =
                    (a.iter().map(|w| &**w).collect(), b.iter().map(|w| &**w).collect());
                let Some(gnu) = built.gnu("objcopy", &b) else { continue };
                let xcc = built.xcc("objcopy", &a);
                assert_eq!(xcc.status.success(), gnu.status.success(), "{target} {options}: {}", support::stderr(&xcc));
                if gnu.status.success() {
                    assert!(built.bytes(&ours) == built.bytes(&theirs), "{target} objcopy {options} {file}");
                }
            }
        }
    }
}
