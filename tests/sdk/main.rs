//! SDKs of macOS: taken from what they come in, kept, chosen, and fetched. What stands in for Apple's is made here: a few
//! headers and descriptions of libraries, and packages in Apple's format.

mod fetch;
mod links;
mod osxcross;
#[path = "../support/package.rs"]
mod package;
#[path = "../support/rust.rs"]
mod rust;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use package::Entry;
use support::{command, run, run_fails, stderr, stdout, xcc};

/// `xcc sdk …` with a data directory of its own.
fn sdk(data: &Path, words: &[&str]) -> Command {
    let mut sdk = command(xcc("xcc"));
    sdk.current_dir(data.parent().unwrap()).env("XCC_DATA_DIR", data).arg("sdk").args(words);
    sdk
}

/// Names and contents of an SDK that a program can be linked with. `mark` is what its header says of it.
fn contents(version: &str, mark: &str) -> Vec<(String, Entry)> {
    let stub = |name: &str, symbol: &str| {
        format!(
            "--- !tapi-tbd\ntbd-version: 4\ntargets: [ arm64-macos, x86_64-macos ]\ninstall-name: '{name}'\nexports:\n  \
             - targets: [ arm64-macos, x86_64-macos ]\n    symbols: [ {symbol} ]\n...\n"
        )
    };
    let settings = format!(
        "{{\"CanonicalName\":\"macosx{version}\",\"MaximumDeploymentTarget\":\"{version}.99\",\
         \"MinimalDisplayName\":\"{version}\",\"Version\":\"{version}\"}}"
    );
    let framework = "System/Library/Frameworks/Extra.framework";
    let file = |name: &str, text: String| (name.to_owned(), Entry::File(text.into_bytes()));
    let link = |name: &str, to: &str| (name.to_owned(), Entry::Link(to.to_owned()));
    vec![
        (".".to_owned(), Entry::Directory),
        ("usr".to_owned(), Entry::Directory),
        file("SDKSettings.json", settings),
        file("usr/include/extra.h", format!("#define MARK {mark}\nint extra(void);\n/*{}*/\n", "x".repeat(3000))),
        file("usr/lib/libSystem.B.tbd", stub("/usr/lib/libSystem.B.dylib", "dyld_stub_binder")),
        link("usr/lib/libSystem.tbd", "libSystem.B.tbd"),
        file(&format!("{framework}/Versions/A/Extra.tbd"), stub("/Extra", "_extra")),
        link(&format!("{framework}/Versions/Current"), "A"),
        link(&format!("{framework}/Extra.tbd"), "Versions/Current/Extra.tbd"),
    ]
}

/// The same, below a directory.
fn below(dir: &str, entries: Vec<(String, Entry)>) -> Vec<(String, Entry)> {
    entries.into_iter().map(|(name, entry)| (format!("{dir}/{name}"), entry)).collect()
}

fn write(dir: &Path, entries: &[(String, Entry)]) {
    fs::create_dir_all(dir).unwrap();
    for (name, entry) in entries {
        let path = dir.join(name);
        match entry {
            Entry::Directory => fs::create_dir_all(path.components().as_path()).unwrap(),
            Entry::File(data) => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, data).unwrap();
            }
            Entry::Link(to) => std::os::unix::fs::symlink(to, path).unwrap(),
        }
    }
}

fn tar(entries: &[(String, Entry)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, entry) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        // As somebody writes it who means harm: the crate would not.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        let data: &[u8] = match entry {
            Entry::Directory => {
                header.set_entry_type(tar::EntryType::Directory);
                &[]
            }
            Entry::File(data) => data,
            Entry::Link(to) => {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_link_name(to).unwrap();
                &[]
            }
        };
        header.set_size(data.len() as u64);
        header.set_cksum();
        tar.append(&header, data).unwrap();
    }
    tar.into_inner().unwrap()
}

const IN_PACKAGE: &str = "./Library/Developer/CommandLineTools/SDKs";

/// A package with an SDK, and beside it what is no SDK.
fn payload(version: &str) -> Vec<u8> {
    let mut entries = below(&format!("{IN_PACKAGE}/MacOSX{version}.sdk"), contents(version, "package"));
    entries.push((format!("{IN_PACKAGE}/MacOSX.sdk"), Entry::Link(format!("MacOSX{version}.sdk"))));
    entries.push(("./Library/Developer/CommandLineTools/usr/bin/clang".to_owned(), Entry::File(b"x".to_vec())));
    package::cpio(&entries)
}

/// Every file and link below, with what is in it.
fn listing(dir: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut left = vec![dir.to_owned()];
    while let Some(path) = left.pop() {
        let name = path.strip_prefix(dir).unwrap().display().to_string();
        let meta = path.symlink_metadata().unwrap();
        if meta.is_symlink() {
            all.push(format!("{name} -> {}", fs::read_link(&path).unwrap().display()));
        } else if meta.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            all.push(format!("{name}: {}", fs::read_to_string(&path).unwrap()));
        }
    }
    all.sort();
    all
}

/// What is in the store beside its lock.
fn kept(data: &Path) -> Vec<String> {
    let entries = fs::read_dir(data.join("sdk")).into_iter().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != ".lock");
    names.sort();
    names
}

#[test]
fn an_sdk_is_the_same_whatever_it_comes_in() {
    let dir = support::scratch("sdk-add");
    let plain = dir.join("plain");
    write(&plain, &contents("14.4", "package"));
    let expected = listing(&plain);
    let flat = tar(&contents("14.4", "package"));
    let named = tar(&below("MacOSX14.4.sdk", contents("14.4", "package")));
    let within = tar(&below("x/y", contents("14.4", "package")));
    let payload = payload("14.4");
    let other = package::cpio(&[("./usr/bin/git".to_owned(), Entry::File(b"x".to_vec()))]);
    let members = |payload: &[u8], packed| {
        let (xml, other) = (b"<pkg-info/>", package::gzip(&other));
        let tools: &[(&str, &[u8])] = &[
            ("Distribution", xml),
            ("Tools.pkg/Payload", &other),
            ("SDK.pkg/PackageInfo", xml),
            ("SDK.pkg/Payload", payload),
        ];
        package::xar(tools, packed)
    };
    for (file, data) in [
        ("a.tar", flat.clone()),
        ("b.tar.gz", package::gzip(&named)),
        ("c.tar.xz", package::xz(&within)),
        ("d.tar.zst", ruzstd::encoding::compress_to_vec(&flat[..], ruzstd::encoding::CompressionLevel::Fastest)),
        ("e.pkg", members(&package::pbzx(&payload), false)),
        ("f.pkg", members(&package::gzip(&payload), false)),
        ("g.pkg", members(&payload, true)),
        ("i.pkg", members(&package::xz(&payload), false)),
        ("h.pkg", package::xar(&[("Payload", &package::pbzx(&payload))], false)),
        ("plain", Vec::new()),
    ] {
        let data_dir = dir.join(format!("data-{file}"));
        if !data.is_empty() {
            fs::write(dir.join(file), data).unwrap();
        }
        let said = stdout(&run(&mut sdk(&data_dir, &["add", file])));
        assert!(said.ends_with("\nMacOSX14.4 is used from now on\n"), "{file}: {said}");
        assert_eq!(listing(&data_dir.join("sdk/MacOSX14.4.sdk")), expected, "{file}");
        assert_eq!(kept(&data_dir), ["MacOSX14.4.sdk", "used"], "{file}");
    }
}

#[test]
fn sdks_are_listed_chosen_and_removed_by_name() {
    let dir = support::scratch("sdk-names");
    let data = dir.join("data");
    let two = [payload("13.3"), payload("9.1")].map(|payload| package::pbzx(&payload));
    fs::write(dir.join("two.pkg"), package::xar(&[("A.pkg/Payload", &two[0]), ("B.pkg/Payload", &two[1])], false))
        .unwrap();
    let said = run_fails(&mut sdk(&data, &["add", "two.pkg", "--name", "mine"]));
    assert!(stderr(&said).contains("there are 2 SDKs in it: MacOSX9.1, MacOSX13.3"), "{}", stderr(&said));
    run(&mut sdk(&data, &["add", "two.pkg"]));
    let list = |data: &Path| stdout(&run(&mut sdk(data, &["list"])));
    let text = list(&data);
    assert!(text.contains("* MacOSX13.3       macOS 13.3") && text.contains("  MacOSX9.1        macOS 9.1"), "{text}");
    let said = run_fails(&mut sdk(&data, &["add", "two.pkg"]));
    assert!(
        stderr(&said).starts_with("xcc: error: cannot use 'two.pkg': there is an SDK 'MacOSX9.1' already\nxcc: help: ")
    );
    // An old SDK's settings, and a name of the user's.
    let old = dir.join("MacOSX10.9.sdk");
    write(&old, &contents("10.9", "old"));
    fs::remove_file(old.join("SDKSettings.json")).unwrap();
    let plist = "<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"about:blank\">\n\
                 <plist version=\"1.0\"><dict><key>CanonicalName</key><string>macosx10.9</string><key>Version</key>\
                 <string>10.9</string></dict></plist>\n";
    fs::write(old.join("SDKSettings.plist"), plist).unwrap();
    run(&mut sdk(&data, &["add", "MacOSX10.9.sdk", "--name", "mine"]));
    assert!(list(&data).contains("* mine             macOS 10.9"), "{}", list(&data));
    // Settings in a form that is not read leave the name.
    fs::rename(&old, dir.join("other")).unwrap();
    for (name, works) in [("MacOSX10.8.sdk", true), ("nameless", false)] {
        fs::rename(dir.join("other"), dir.join(name)).unwrap();
        fs::write(dir.join(name).join("SDKSettings.plist"), b"bplist00\xff").unwrap();
        let output = sdk(&data, &["add", name]).output().unwrap();
        assert_eq!(output.status.success(), works, "{}", stderr(&output));
        fs::rename(dir.join(name), dir.join("other")).unwrap();
    }
    assert!(list(&data).contains("* MacOSX10.8       macOS 10.8"), "{}", list(&data));
    run(&mut sdk(&data, &["rm", "MacOSX10.8"]));
    run(&mut sdk(&data, &["use", "MacOSX9.1"]));
    assert!(list(&data).contains("* MacOSX9.1"));
    run(&mut sdk(&data, &["rm", "MacOSX9.1"]));
    assert!(!list(&data).contains('*') && !list(&data).contains("MacOSX9.1"), "{}", list(&data));
    run(&mut sdk(&data, &["use", "mine.sdk"]));
    run(&mut sdk(&data, &["use", "--none"]));
    assert_eq!(kept(&data), ["MacOSX13.3.sdk", "mine.sdk"]);
    for words in [&["use", "MacOSX9.1"][..], &["rm", "../sdk/mine"], &["rm", "used"]] {
        let said = stderr(&run_fails(&mut sdk(&data, words)));
        assert!(said.starts_with("xcc: error: there is no SDK '") && said.contains("\nxcc: help: "), "{said}");
    }
    let said = run_fails(&mut sdk(&data, &["add", "other", "--name", "../x"]));
    assert!(stderr(&said).contains("'../x' is no name"), "{}", stderr(&said));
    assert_eq!(stdout(&run(&mut sdk(&data, &["use", "mine"]))), "mine is used from now on\n");
    let shown = |words: &[&str]| {
        let mut xcrun = command(xcc("xcc-xcrun"));
        stdout(&run(xcrun.env("XCC_DATA_DIR", &data).args(words)))
    };
    assert_eq!(shown(&["--show-sdk-version"]), "10.9\n");
    assert_eq!(Path::new(shown(&["--show-sdk-path"]).trim()), data.join("sdk/mine.sdk"));
}

#[test]
fn nothing_leaves_its_place_and_nothing_half_made_stays() {
    let dir = support::scratch("sdk-hostile");
    let data = dir.join("data");
    let add = |file: &str| run_fails(&mut sdk(&data, &["add", file]));
    let with = |name: &str, entry: Entry| {
        let mut entries = below("MacOSX14.4.sdk", contents("14.4", "x"));
        entries.push((name.to_owned(), entry));
        entries
    };
    let text = || Entry::File(b"owned".to_vec());
    let outside = dir.join("outside").display().to_string();
    for name in
        ["MacOSX14.4.sdk/../../../../outside", "../outside", &outside, "MacOSX14.4.sdk/usr/lib/libSystem.tbd/outside"]
    {
        let entries = with(name, text());
        fs::write(dir.join("a.tar"), tar(&entries)).unwrap();
        let member = package::pbzx(&package::cpio(&entries));
        fs::write(dir.join("a.pkg"), package::xar(&[("Payload", &member)], false)).unwrap();
        let files: &[&str] = if name.starts_with("MacOSX") { &["a.tar", "a.pkg"] } else { &["a.tar"] };
        for file in files {
            let said = stderr(&add(file));
            let refused = said.contains("would be written outside")
                || said.contains("below a file or a link")
                || said.contains("there twice");
            assert!(refused && said.starts_with(&format!("xcc: error: cannot use '{file}': ")), "{name}: {said}");
            assert!(kept(&data).is_empty() && !dir.join("outside").exists(), "{name}");
        }
    }

    // Damaged or cut anywhere, it is an error, and nothing of it is there.
    let pkg = package::xar(&[("SDK.pkg/Payload", &package::pbzx(&payload("14.4")))], false);
    let tar = tar(&contents("14.4", "x"));
    let archives =
        [("b.pkg", &pkg), ("b.tar", &tar), ("b.tar.gz", &package::gzip(&tar)), ("b.tar.xz", &package::xz(&tar))];
    for (file, whole) in archives {
        let ends = (1..8).map(|part| whole.len() * part / 8).chain([whole.len() - 30]);
        // Of a plain tar the last kilobyte is filled with zeros.
        let ends = ends.filter(|length| file != "b.tar" || *length < whole.len() - 1024);
        let mut broken: Vec<Vec<u8>> = ends.map(|length| whole[..length].to_vec()).collect();
        let flips: &[usize] = if file == "b.tar" { &[] } else { &[2, 5] };
        for part in flips {
            let mut flipped = whole.clone();
            flipped[whole.len() * part / 7] ^= 0x10;
            broken.push(flipped);
        }
        for bytes in broken {
            fs::write(dir.join(file), &bytes).unwrap();
            let said = stderr(&add(file));
            assert!(said.starts_with("xcc: error: cannot use '") && said.contains("\nxcc: help: "), "{file}: {said}");
            assert!(kept(&data).is_empty(), "{file} {}: {:?}", bytes.len(), kept(&data));
        }
    }

    // A disk without room: here, files that may not grow.
    fs::write(dir.join("c.tar"), &tar).unwrap();
    let full = format!("trap '' XFSZ; ulimit -f 2; exec {} sdk add c.tar", xcc("xcc").display());
    let said = run_fails(command("bash").args(["-c", &full]).current_dir(&dir).env("XCC_DATA_DIR", &data));
    assert!(stderr(&said).contains("xcc: help: set XCC_DATA_DIR to a directory"), "{}", stderr(&said));
    assert!(kept(&data).is_empty(), "{:?}", kept(&data));

    for (file, bytes, said) in [
        ("d.dmg", [vec![0; 512], b"koly".to_vec(), vec![0; 508]].concat(), "it is a disk image"),
        ("e.zip", b"PK\x03\x04".to_vec(), "it is no directory, no tar archive and no package"),
        ("f.tar", self::tar(&[("a".to_owned(), text())]), "there is no SDK of macOS in it"),
        ("g.pkg", package::xar(&[("Payload", b"AA01 and so on")], false), "compressed in a way that is not known here"),
    ] {
        fs::write(dir.join(file), bytes).unwrap();
        let shown = stderr(&add(file));
        assert!(shown.contains(said) && shown.contains("\nxcc: help: "), "{file}: {shown}");
    }

    // A link that leads out is left out, and said to be.
    fs::write(dir.join("h.tar"), self::tar(&with("MacOSX14.4.sdk/usr/out", Entry::Link("/etc".to_owned())))).unwrap();
    let output = run(&mut sdk(&data, &["add", "h.tar"]));
    assert!(stderr(&output).contains("left out: 1, the first is 'usr/out'"), "{}", stderr(&output));
    assert!(!data.join("sdk/MacOSX14.4.sdk/usr/out").is_symlink());
}

/// What the header of the SDK says that a call reads.
fn mark(call: &mut Command) -> String {
    let output = call.output().unwrap();
    let said = stdout(&output);
    if output.status.success() { said.lines().last().unwrap_or("").to_owned() } else { "none".to_owned() }
}

#[test]
fn the_nearest_word_about_the_sdk_counts() {
    let dir = support::scratch("sdk-order");
    let data = dir.join("data");
    for (name, version) in [("first", "14.1"), ("second", "14.2"), ("env", "14.3"), ("root", "14.4"), ("word", "14.5")]
    {
        write(&dir.join(name), &contents(version, name));
    }
    fs::write(dir.join("a.c"), "#include <extra.h>\nMARK\n").unwrap();
    fs::write(dir.join("b.c"), "#include <extra.h>\nint main(void) { return extra(); }\n").unwrap();
    let call = |target: &str, words: &str| {
        let mut cc = command(xcc(&format!("xcc-{target}-cc")));
        cc.current_dir(&dir).env("XCC_DATA_DIR", &data).args(words.split(' '));
        cc
    };
    let read = |words: &str| call("aarch64-macos", format!("-E -P a.c {words}").trim_end());
    assert_eq!(mark(&mut read("")), "none");
    run(&mut sdk(&data, &["add", "first", "--name", "first"]));
    run(&mut sdk(&data, &["add", "second", "--name", "second"]));
    assert_eq!(mark(&mut read("")), "second");
    run(&mut sdk(&data, &["use", "first"]));
    assert_eq!(mark(&mut read("")), "first");
    assert_eq!(mark(&mut call("x86_64-macos", "-E -P a.c")), "first");
    assert_eq!(mark(&mut call("x86_64-linux-musl", "-E -P a.c")), "none", "no SDK is for Linux");

    let root = dir.join("root");
    let env = dir.join("env");
    assert_eq!(mark(read("").env("SDKROOT", &root)), "root");
    assert_eq!(mark(read("").env("SDKROOT", &root).env("XCC_MACOS_SDK", &env)), "env");
    // Apple's tools set it to what is no SDK here, too.
    assert_eq!(mark(read("").env("SDKROOT", "macosx")), "first");
    fs::write(dir.join("xcc.toml"), "[target.aarch64-macos]\nsdk = 'second'\n").unwrap();
    assert_eq!(mark(read("").env("SDKROOT", &root).env("XCC_MACOS_SDK", &env)), "second");
    assert_eq!(mark(&mut call("x86_64-macos", "-E -P a.c")), "first", "it names the SDK of the other target");
    for option in ["-isysroot word", "-isysrootword", "--sysroot=word"] {
        assert_eq!(mark(read(option).env("XCC_MACOS_SDK", &env)), "word", "{option}");
    }
    fs::write(dir.join("xcc.toml"), "sdk = 'third'\n").unwrap();
    let said = stderr(&run_fails(&mut read("")));
    assert!(said.starts_with("xcc: error: there is no SDK 'third'\nxcc: help: "), "{said}");
    run(&mut call("x86_64-linux-musl", "-E -P b.c -Dx -include a.c -I first/usr/include"));
    fs::write(dir.join("xcc.toml"), "[target.x86_64-linux-gnu]\nsdk = 'first'\n").unwrap();
    let said = stderr(&run_fails(&mut read("")));
    assert!(said.contains("[target.x86_64-linux-gnu]: an SDK is for macOS"), "{said}");
    fs::remove_file(dir.join("xcc.toml")).unwrap();

    // Its libraries are linked, and none of ours.
    for target in ["aarch64-macos", "x86_64-macos"] {
        run(&mut call(target, "b.c -framework Extra -o b"));
        let said = stderr(&run_fails(&mut call(target, "b.c -framework Extra -framework Security -o c")));
        assert!(said.contains("framework not found for -framework Security"), "{said}");
    }
    // Where the SDK in use says which it is, the program does.
    let tool = stdout(&run(command(xcc("xcc-otool")).arg("-l").arg(dir.join("b"))));
    assert!(tool.contains("      sdk 14.1"), "{tool}");
    run(&mut sdk(&data, &["use", "--none"]));
    assert_eq!(mark(&mut read("")), "none");
}
