//! What `nm`, `size`, `objdump`, `readelf` and `strings` print is what GNU's print: scripts read it.

use crate::{FILES, TARGETS, built, difference, support};

/// Options by tool. Each is tried on every file of every target.
const CASES: &[(&str, &[&str])] = &[
    (
        "nm",
        &[
            "",
            "-a",
            "-g",
            "-u",
            "-D",
            "-P",
            "-A",
            "--defined-only",
            "--size-sort",
            "-S --size-sort",
            "-f sysv",
            "-f posix",
            "-B",
            "-n",
            "-r",
            "-nr",
            "-p",
            "-t d",
            "-P -t x",
            "-P -A",
            "-t o",
            "-j",
            "-S",
            "-W",
            "-gu",
            "--special-syms",
            "-D --without-symbol-versions",
            "--no-demangle",
            "-D --defined-only -g",
            "--format=bsd",
            "--format=sysv",
            "--format=posix",
        ],
    ),
    ("size", &["", "-A", "-x", "-o", "-t", "-G", "-A -x", "--common", "-A -o"]),
    ("objdump", &["-f", "-h", "-p", "-t", "-r", "-h -w", "-x", "-s -j .comment", "-s -j .rodata", "-a", "-C -t"]),
    (
        "readelf",
        &[
            "-h",
            "-l",
            "-l -W",
            "-S",
            "-S -W",
            "-s",
            "-s -W",
            "--dyn-syms -W",
            "-d",
            "-V",
            "-n",
            "-r",
            "-r -W",
            "-g",
            "-p .comment",
            "-x .comment",
            "-A",
            "-e",
            "-h -l -d",
        ],
    ),
    ("strings", &["", "-n 8", "-t x", "-t d", "-o", "-f", "-a", "-e l", "-e S", "-w", "-6"]),
];

#[test]
fn what_the_readers_print_is_what_gnus_print() {
    let mut wrong = Vec::new();
    for (target, _) in TARGETS {
        let built = built(target);
        for (tool, options) in CASES {
            for option in *options {
                for file in FILES {
                    let mut words: Vec<&str> = option.split_whitespace().collect();
                    words.push(file);
                    let Some(theirs) = built.gnu(tool, &words) else { continue };
                    let ours = built.xcc(tool, &words);
                    let (a, b) = (support::stdout(&ours), support::stdout(&theirs));
                    if a != b || ours.status.code() != theirs.status.code() {
                        wrong.push(format!("{target} {tool} {words:?}\n{}", difference(&a, &b)));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{} differ", wrong.join("\n"), wrong.len());
}

/// dpkg-shlibdeps runs exactly this and reads NEEDED, SONAME, the symbols with their versions and COPY relocations.
#[test]
fn what_dpkg_shlibdeps_asks_for_is_there() {
    for (target, _) in TARGETS {
        let built = built(target);
        for file in ["sample", "libnumber.so"] {
            let words = ["-w", "-f", "-p", "-T", "-R", file];
            let Some(theirs) = built.gnu("objdump", &words) else { continue };
            let (ours, theirs) = (built.ok("objdump", &words), support::stdout(&theirs));
            assert_eq!(ours, theirs, "{target} {file}: {}", difference(&ours, &theirs));
        }
    }
}

/// libtool takes an nm whose first line about /dev/null names it, and a strip that says "GNU strip".
#[test]
fn libtools_questions_are_answered() {
    let built = built("x86_64-linux-gnu");
    let output = built.xcc("nm", &["-B", "/dev/null"]);
    let text = support::stdout(&output) + &support::stderr(&output);
    assert!(text.lines().next().unwrap().contains("/dev/null"), "{text}");
    assert!(built.ok("strip", &["-V"]).contains("GNU strip"));
    let lines = built.ok("nm", &["-B", "sample.o"]);
    assert!(lines.lines().any(|line| line.ends_with(" T main")), "{lines}");
}

#[test]
fn names_of_cxx_and_rust_are_undone() {
    let built = built("x86_64-linux-gnu");
    if let Some(theirs) = built.gnu("nm", &["-C", "names.o"]) {
        assert_eq!(built.ok("nm", &["-C", "names.o"]), support::stdout(&theirs));
    }
    for (mangled, plain) in [
        ("_ZNK6sample5Shape4areaEi", "sample::Shape::area(int) const"),
        ("_ZTVN6sample5ShapeE", "vtable for sample::Shape"),
        ("_ZThn16_N1A1fEv", "non-virtual thunk to A::f()"),
        ("_ZN6sample3nthIiLm3EEET_RAT0__KS1_m", "int sample::nth<int, 3ul>(int const (&) [3ul], unsigned long)"),
        ("_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE", "core::fmt::Formatter::write_str"),
        ("_RNvC6_123foo3bar", "123foo::bar"),
        ("main", "main"),
        ("_Z", "_Z"),
    ] {
        assert_eq!(built.ok("c++filt", &[mangled]), format!("{plain}\n"));
    }
    let names = built.ok("nm", &["-j", "names.o"]);
    let names: Vec<&str> = names.lines().collect();
    assert!(names.iter().filter(|name| name.starts_with("_Z")).count() > 10, "{names:?}");
    for options in [&[][..], &["-i"], &["-p"], &["-n"], &["-_"]] {
        let words = [options, &names].concat();
        if let Some(theirs) = built.gnu("c++filt", &words) {
            let (ours, theirs) = (built.ok("c++filt", &words), support::stdout(&theirs));
            assert_eq!(ours, theirs, "{options:?}: {}", difference(&ours, &theirs));
        }
    }
    assert_eq!(built.ok("c++filt", &["-p", "_ZN1A1fEi"]), "A::f\n");
    assert_eq!(built.ok("c++filt", &["-_", "__ZN1A1fEi"]), "A::f(int)\n");
}

#[test]
fn addresses_become_lines() {
    for (target, _) in TARGETS {
        let built = built(target);
        let symbols = built.ok("nm", &["sample"]);
        let of = |name: &str| {
            let line = symbols.lines().find(|line| line.ends_with(&format!(" {name}"))).unwrap();
            line.split_whitespace().next().unwrap().to_owned()
        };
        let address = of("exported");
        assert!(built.ok("addr2line", &["-s", "-e", "sample", &address]).starts_with("sample.c:17"), "{target}");
        let pretty = built.ok("addr2line", &["-f", "-p", "-s", "-e", "sample", &of("main")]);
        assert!(pretty.starts_with("main at sample.c:"), "{target}: {pretty}");
        assert_eq!(built.ok("addr2line", &["-f", "-e", "sample", "0"]), "??\n??:0\n", "{target}");

        let functions = symbols.lines().filter(|line| line.contains(" T ") || line.contains(" t "));
        let addresses: Vec<&str> = functions.filter_map(|line| line.split_whitespace().next()).collect();
        for options in ["", "-s", "-a", "-f", "-f -p", "-f -C -s", "-i -f", "-f -p -a -s"] {
            let mut words: Vec<&str> = options.split_whitespace().collect();
            words.extend(["-e", "sample"]);
            words.extend(&addresses);
            let Some(theirs) = built.gnu("addr2line", &words) else { continue };
            // Ours shows no discriminators.
            let line = |line: &str| line.split(" (discriminator ").next().unwrap().to_owned() + "\n";
            let theirs: String = support::stdout(&theirs).lines().map(line).collect();
            let ours = built.ok("addr2line", &words);
            assert_eq!(ours, theirs, "{target} {options}: {}", difference(&ours, &theirs));
        }
    }
}
