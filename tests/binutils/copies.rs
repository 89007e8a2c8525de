//! `strip` and `objcopy`: what is left is what GNU's leave, programs run as before, and a file is replaced whole.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::{FILES, TARGETS, built, difference, fresh, mode, support};

/// Tool and options, tried on every file of every target.
const CASES: &[(&str, &[&str])] = &[
    (
        "strip",
        &[
            "",
            "-s",
            "-g",
            "-S",
            "-d",
            "--strip-debug",
            "--strip-unneeded",
            "-x",
            "-X",
            "-K main",
            "-N data",
            "-R .comment",
            "--strip-unneeded --remove-section=.comment --remove-section=.note",
            "-g -R .comment -R .note.GNU-stack",
            "-w -N *oca*",
            "-s -K main",
            "--keep-file-symbols -g",
            "-g --keep-section=.debug_line",
            "--enable-deterministic-archives -g -R .comment",
            "-p -g",
        ],
    ),
    (
        "objcopy",
        &[
            "",
            "-S",
            "-g",
            "-x",
            "-X",
            "-p",
            "-L exported",
            "-W exported",
            "--weaken",
            "-G main",
            "--localize-symbol=data",
            "--globalize-symbol=local",
            "--keep-global-symbol main",
            "--localize-hidden",
            "-N common -w",
            "--redefine-sym data=date",
            "--prefix-symbols=p_",
            "--rename-section .comment=.remark",
            "-R .comment",
            "--add-section .extra=sample.c",
            "--set-section-flags .comment=alloc,readonly",
            "--strip-unneeded",
            "--add-symbol added=.text:4,global,function",
            "--add-symbol number=7",
            "--remove-relocations .text.main",
            "--strip-dwo",
            "--weaken-symbol=exported",
            "-w --strip-symbol=tab*",
            "--keep-file-symbols --strip-debug",
        ],
    ),
];

/// What a file holds, without where: symbols, sections, relocations, segments and groups.
fn content(readelf: &dyn Fn(&[&str]) -> String, file: &str) -> String {
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines.join("\n")
    };
    let words = |line: &str, from: usize| line.split_whitespace().skip(from).collect::<Vec<_>>().join(" ");
    let symbols = readelf(&["-s", "-W", file]);
    // GNU's add symbols of sections for some processors; one that matters shows in a relocation.
    let symbols = symbols.lines().filter(|line| !line.contains(" SECTION "));
    let symbols = symbols.filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    // A number of a section may differ where only the order does.
    let symbols: Vec<String> = symbols
        .map(|line| {
            let mut words: Vec<&str> = line.split_whitespace().skip(1).collect();
            if words.get(5).is_some_and(|index| index.parse::<u32>().is_ok()) {
                words[5] = "N";
            }
            words.join(" ")
        })
        .collect();
    let sections = readelf(&["-S", "-W", file]);
    let sections = sections.lines().filter_map(|line| line.strip_prefix("  [").and_then(|rest| rest.split_once("] ")));
    let sections: Vec<String> = sections
        .map(|(_, rest)| {
            let mut words: Vec<&str> = rest.split_whitespace().collect();
            // The offset, and the sizes of the tables that are made anew.
            if words.len() > 4 {
                words.remove(3);
                if ["STRTAB", "SYMTAB", "NULL"].contains(&words[1]) {
                    words.truncate(2);
                }
            }
            // Nor the size of an entry, which GNU's set for arrays of functions and we leave.
            words.truncate(4);
            words.join(" ")
        })
        .filter(|line| !line.ends_with("STRTAB") && !line.starts_with("NULL"))
        .collect();
    let relocations = readelf(&["-r", "-W", file]);
    let relocations = relocations.lines().filter(|line| !line.starts_with("Relocation section"));
    let relocations: Vec<String> = relocations
        .map(|line| format!("{} {}", words(line, 0).split(' ').next().unwrap_or(""), words(line, 2)))
        .collect();
    let segments = readelf(&["-l", "-W", file]);
    let segments: Vec<&str> = segments.lines().filter(|line| line.contains(" 0x")).collect();
    let groups = readelf(&["-g", "-W", file]).lines().filter(|line| line.contains('`')).count();
    format!(
        "{}\n{}\n{}\n{}\n{groups} groups",
        sorted(symbols),
        sorted(sections),
        relocations.join("\n"),
        segments.join("\n")
    )
}

#[test]
fn what_is_left_is_what_gnus_leave() {
    let mut wrong = Vec::new();
    for (target, _) in TARGETS {
        let built = built(target);
        for (tool, all) in CASES {
            for options in *all {
                for file in FILES {
                    let (ours, theirs) = (fresh("ours"), fresh("theirs"));
                    let words = |to: &'static str, name: &str| -> Vec<String> {
                        let mut words: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
                        match *tool {
                            "strip" => words.extend(["-o".into(), name.into(), (*file).into()]),
                            _ => words.extend([(*file).into(), name.into()]),
                        }
                        let _ = to;
                        words
                    };
                    let (a, b) = (words("xcc", &ours), words("gnu", &theirs));
                    let refs =
                        |words: &[String]| words.iter().map(String::as_str).map(str::to_owned).collect::<Vec<_>>();
                    let (a, b) = (refs(&a), refs(&b));
                    let a: Vec<&str> = a.iter().map(String::as_str).collect();
                    let b: Vec<&str> = b.iter().map(String::as_str).collect();
                    let Some(gnu) = built.gnu(tool, &b) else { continue };
                    let xcc = built.xcc(tool, &a);
                    if xcc.status.success() != gnu.status.success() {
                        wrong.push(format!("{target} {tool} {options} {file}: {}", support::stderr(&xcc)));
                        continue;
                    }
                    if !gnu.status.success() {
                        continue;
                    }
                    let readelf = |words: &[&str]| support::stdout(&built.gnu("readelf", words).unwrap());
                    let (a, b) = (content(&readelf, &ours), content(&readelf, &theirs));
                    if a != b {
                        wrong.push(format!("{target} {tool} {options} {file}\n{}", difference(&a, &b)));
                    }
                    let _ = fs::remove_file(built.path(&ours));
                    let _ = fs::remove_file(built.path(&theirs));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{} differ", wrong.join("\n"), wrong.len());
}

#[test]
fn stripped_programs_run() {
    for (target, _) in TARGETS {
        let built = built(target);
        let Some(expected) = built.runs("sample") else { continue };
        assert!(expected.starts_with("sum "), "{expected}");
        for options in ["-s", "-g", "--strip-unneeded", "-s -R .comment -R .note.gnu.build-id", "-s -R .note*"] {
            let name = fresh("stripped");
            let mut words: Vec<&str> = options.split_whitespace().collect();
            words.extend(["-o", &name, "sample"]);
            built.ok("strip", &words);
            assert_eq!(built.runs(&name).as_deref(), Some(&*expected), "{target} strip {options}");
            assert!(built.bytes(&name).len() < built.bytes("sample").len(), "{target} strip {options}");
        }
        let name = fresh("compressed");
        built.ok("objcopy", &["--compress-debug-sections=zlib", "sample", &name]);
        assert_eq!(built.runs(&name).as_deref(), Some(&*expected), "{target}");
    }
}

#[test]
fn stripped_objects_and_archives_link() {
    for (target, _) in TARGETS {
        let built = built(target);
        let (object, program, archive) = (fresh("s.o"), fresh("linked"), fresh("lib.a"));
        built.ok("strip", &["--strip-unneeded", "-o", &object, "sample.o"]);
        let link = |input: &str| {
            let mut command = support::command(support::xcc(&format!("xcc-{target}-cc")));
            let input = format!("-Wl,--whole-archive,{input},--no-whole-archive");
            support::run(command.current_dir(&built.dir).args([&*input, "-o", &program]));
            built.runs(&program)
        };
        let renamed = format!("{object}.o");
        fs::rename(built.path(&object), built.path(&renamed)).unwrap();
        assert_eq!(link(&renamed), built.runs("sample"), "{target}");
        let archive = format!("{archive}.a");
        fs::write(built.path("second.c"), "int second_member(void) { return 2; }").unwrap();
        let mut command = support::command(support::xcc(&format!("xcc-{target}-cc")));
        support::run(command.current_dir(&built.dir).args(["-g", "-c", "second.c", "-o", "second.o"]));
        built.ok("ar", &["rcs", &archive, "sample.o", "second.o"]);
        built.ok("strip", &["-g", &archive]);
        // The index is made again, and the members keep their names.
        assert!(built.ok("nm", &["-s", &archive]).contains("main in sample.o"), "{target}");
        assert_eq!(built.ok("ar", &["t", &archive]), "sample.o\nsecond.o\n", "{target}");
        assert!(!built.ok("readelf", &["-S", "-W", &archive]).contains(".debug_info"), "{target}");
        assert_eq!(link(&archive), built.runs("sample"), "{target}");
    }
}

/// What dh_strip and RPM do: debugging information in a file of its own, linked by name and checksum.
#[test]
fn a_debug_file_and_its_link_belong_together() {
    for (target, _) in TARGETS {
        let built = built(target);
        let (debug, program) = (fresh("sample.debug"), fresh("split"));
        built.ok("objcopy", &["--only-keep-debug", "--compress-debug-sections", "sample", &debug]);
        built.ok("strip", &["--strip-debug", "--strip-unneeded", "-o", &program, "sample"]);
        built.ok("objcopy", &[&*format!("--add-gnu-debuglink={debug}"), &program]);
        assert_eq!(built.runs(&program), built.runs("sample"), "{target}");
        let sections = built.ok("readelf", &["-S", "-W", &debug]);
        let line = |name: &str| sections.lines().find(|line| line.contains(name)).unwrap_or("").to_owned();
        assert!(line(" .text").contains("NOBITS") && line(" .debug_info").contains("PROGBITS"), "{target} {sections}");
        assert!(line(" .note.gnu.build-id").contains("NOTE"), "{target} {sections}");
        // The notes are equal: a debugger finds the file by the build id too.
        assert_eq!(built.ok("readelf", &["-n", &debug]), built.ok("readelf", &["-n", &program]), "{target}");
        if let Some(theirs) = built.gnu("objcopy", &[&*format!("--add-gnu-debuglink={debug}"), "sample", "gnu.link"]) {
            assert!(theirs.status.success());
            let link = |file: &str| built.ok("readelf", &["-x", ".gnu_debuglink", file]);
            assert_eq!(link(&program), link("gnu.link"), "{target}");
        }
        if let Some(output) = built.gnu("readelf", &["-W", "-S", "-s", "-n", &debug]) {
            // It looks for the interpreter's name in the first segment whatever it is asked, in GNU's debug files too.
            let said = support::stderr(&output);
            let said: Vec<&str> = said.lines().filter(|line| !line.contains("program interpreter name")).collect();
            assert!(output.status.success() && said.is_empty(), "{said:?}");
        }
        let symbols = built.ok("nm", &[&debug]);
        let line = symbols.lines().find(|line| line.ends_with(" T exported")).unwrap();
        let address = line.split_whitespace().next().unwrap();
        assert!(built.ok("addr2line", &["-s", "-e", &debug, address]).starts_with("sample.c:17"), "{target}");
    }
}

#[test]
fn images_are_gnus_byte_for_byte() {
    for (target, _) in TARGETS {
        let built = built(target);
        for file in ["sample", "sample.o"] {
            for options in [
                "-O binary",
                "-O ihex",
                "-O binary -j .text",
                "-O binary -j .data",
                "-O binary --gap-fill 0xff",
                "-O binary --pad-to 0x80000",
                "-O binary -R .text",
                "-O ihex -j .rodata",
                "-O binary -j .debug_str --set-section-flags .debug_str=alloc",
            ] {
                let (ours, theirs) = (fresh("image"), fresh("image"));
                let words = |name: &str| -> Vec<String> {
                    options.split_whitespace().chain([file, name]).map(str::to_owned).collect()
                };
                let (a, b) = (words(&ours), words(&theirs));
                let Some(gnu) = built.gnu("objcopy", &b.iter().map(String::as_str).collect::<Vec<_>>()) else {
                    continue;
                };
                let xcc = built.xcc("objcopy", &a.iter().map(String::as_str).collect::<Vec<_>>());
                assert_eq!(xcc.status.success(), gnu.status.success(), "{target} {options}: {}", support::stderr(&xcc));
                if gnu.status.success() {
                    assert!(built.bytes(&ours) == built.bytes(&theirs), "{target} objcopy {options} {file}");
                }
            }
        }
    }
}

#[test]
fn a_file_becomes_an_object() {
    for (target, format) in [
        ("x86_64-linux-gnu", "elf64-x86-64"),
        ("aarch64-linux-gnu", "elf64-littleaarch64"),
        ("arm-linux-gnueabihf", "elf32-littlearm"),
        ("s390x-linux-gnu", "elf64-s390"),
    ] {
        let built = built(target);
        let (ours, theirs) = (fresh("blob.o"), fresh("blob.o"));
        built.ok("objcopy", &["-I", "binary", "-O", format, "library.map", &ours]);
        let Some(gnu) = built.gnu("objcopy", &["-I", "binary", "-O", format, "library.map", &theirs]) else { continue };
        assert!(gnu.status.success());
        assert_eq!(built.ok("nm", &[&ours]), built.ok("nm", &[&theirs]), "{target}");
        assert_eq!(
            built.ok("objdump", &["-s", &ours]).lines().nth(3),
            built.ok("objdump", &["-s", &theirs]).lines().nth(3)
        );
        let main = format!("{ours}.c");
        fs::write(
            built.path(&main),
            "#include <stdio.h>\nextern char _binary_library_map_start[], _binary_library_map_end[];\n\
             int main(void) { return (int)fwrite(_binary_library_map_start, 1, \
             _binary_library_map_end - _binary_library_map_start, stdout) < 1; }\n",
        )
        .unwrap();
        let program = fresh("blob");
        let mut command = support::command(support::xcc(&format!("xcc-{target}-cc")));
        support::run(command.current_dir(&built.dir).args([&*main, "-Wl,-z,noexecstack", &ours, "-o", &program]));
        if let Some(text) = built.runs(&program) {
            assert_eq!(text.as_bytes(), built.bytes("library.map"), "{target}");
        }
    }
}

#[test]
fn sections_go_out_and_come_in() {
    let built = built("x86_64-linux-gnu");
    let (dumped, copy, back) = (fresh("dump"), fresh("copy"), fresh("dump"));
    built.ok("objcopy", &["--dump-section", &*format!(".comment={dumped}"), "sample.o", &copy]);
    assert!(built.bytes(&dumped).windows(5).any(|word| word == b"clang"));
    fs::write(built.path(&dumped), b"new words").unwrap();
    built.ok("objcopy", &["--update-section", &*format!(".comment={dumped}"), "sample.o", &copy]);
    built.ok("objcopy", &["--dump-section", &*format!(".comment={back}"), &copy, &fresh("copy")]);
    assert_eq!(built.bytes(&back), b"new words");
    built.ok("objcopy", &["--set-section-alignment", ".data=64", "sample.o", &copy]);
    let sections = built.ok("readelf", &["-S", "-W", &copy]);
    assert!(sections.lines().any(|line| line.contains(" .data ") && line.trim_end().ends_with(" 64")), "{sections}");
    let names = fresh("names");
    fs::write(built.path(&names), "# comment\nexported shown # why\n\nlocal secret\n").unwrap();
    built.ok("objcopy", &[&*format!("--redefine-syms={names}"), "sample.o", &copy]);
    let symbols = built.ok("nm", &[&copy]);
    assert!(symbols.contains(" T shown\n") && symbols.contains(" t secret\n") && !symbols.contains("exported"));
    // Compressed and plain again, debugging information is what it was.
    let (packed, plain) = (fresh("packed"), fresh("plain"));
    built.ok("objcopy", &["--compress-debug-sections", "sample", &packed]);
    built.ok("objcopy", &["--decompress-debug-sections", &packed, &plain]);
    assert!(built.bytes(&packed).len() < built.bytes(&plain).len());
    for section in [".debug_info", ".debug_line", ".debug_str"] {
        let dump = |file: &str| built.ok("readelf", &["-x", section, file]);
        assert_eq!(dump("sample"), dump(&plain), "{section}");
    }
}

#[test]
fn a_file_is_replaced_whole_and_keeps_its_mode_and_dates() {
    let built = built("x86_64-linux-gnu");
    let name = fresh("inplace");
    let path = built.path(&name);
    fs::copy(built.path("sample"), &path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).unwrap();
    let old = fs::metadata(&path).unwrap();
    let link = built.path(&format!("{name}.link"));
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let date = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(&path).unwrap().set_modified(date).unwrap();
    built.ok("strip", &["-p", link.to_str().unwrap()]);
    let new = fs::metadata(&path).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "the link was replaced by a file");
    assert_eq!(mode(&path), 0o751);
    assert_eq!(new.modified().unwrap(), date);
    assert!(new.len() < old.len());
    // Another file took the place of the old one: who had it open still reads it whole.
    assert_ne!(new.ino(), old.ino());
    // A failure leaves the file as it is, and nothing beside it.
    fs::write(&path, &built.bytes("sample")[..1000]).unwrap();
    let failed = built.xcc("strip", &[&name]);
    assert!(!failed.status.success());
    assert_eq!(fs::read(&path).unwrap().len(), 1000);
    let left = fs::read_dir(&built.dir).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    assert_eq!(left.filter(|name| name.starts_with(".xcc-")).count(), 0);
}
