//! `ar` and `ranlib`: every operation that build tools call, and archives that are the same every time.

use std::fs;

use crate::{built, fresh, support};

#[test]
fn ar_does_what_build_tools_ask() {
    let built = built("x86_64-linux-gnu");
    let archive = format!("{}.a", fresh("lib"));
    let ar = |words: &[&str]| built.ok("ar", words);
    ar(&["rcs", &archive, "sample.o"]);
    assert_eq!(ar(&["t", &archive]), "sample.o\n");
    ar(&["qc", &archive, "names.o"]);
    assert_eq!(ar(&["t", &archive]), "sample.o\nnames.o\n");
    ar(&["m", &archive, "sample.o"]);
    assert_eq!(ar(&["t", &archive]), "names.o\nsample.o\n");
    ar(&["d", &archive, "names.o"]);
    assert_eq!(ar(&["t", &archive]), "sample.o\n");
    assert_eq!(ar(&["p", &archive, "sample.o"]).len(), String::from_utf8_lossy(&built.bytes("sample.o")).len());
    ar(&["rcsD", &archive, "library.c"]);
    assert!(ar(&["tv", &archive]).contains("library.c"));
    let out = built.path("unpacked");
    fs::create_dir_all(&out).unwrap();
    let mut command = support::command(support::xcc("xcc-x86_64-linux-gnu-ar"));
    support::run(command.current_dir(&out).args(["x", built.path(&archive).to_str().unwrap()]));
    assert_eq!(fs::read(out.join("sample.o")).unwrap(), built.bytes("sample.o"));
    // 's' alone, and ranlib, make the index again.
    ar(&["qcS", "noindex.a", "sample.o"]);
    assert!(!built.ok("nm", &["-s", "noindex.a"]).contains("Archive index"));
    ar(&["s", "noindex.a"]);
    assert!(built.ok("nm", &["-s", "noindex.a"]).contains("main in sample.o"));
    ar(&["qcS", "noindex2.a", "sample.o"]);
    built.ok("ranlib", &["noindex2.a"]);
    assert!(built.ok("nm", &["-s", "noindex2.a"]).contains("main in sample.o"));
    built.ok("ranlib", &["-D", "noindex2.a"]);
}

#[test]
fn archives_are_the_same_every_time() {
    let built = built("x86_64-linux-gnu");
    built.ok("ar", &["rcs", "one.a", "sample.o", "names.o"]);
    fs::copy(built.path("sample.o"), built.path("again.o")).unwrap();
    fs::rename(built.path("again.o"), built.path("sample2.o")).unwrap();
    let date = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::copy(built.path("names.o"), built.path("unpacked-names.o")).unwrap();
    fs::File::options().write(true).open(built.path("names.o")).unwrap().set_modified(date).unwrap();
    built.ok("ar", &["rcs", "two.a", "sample.o", "names.o"]);
    assert!(built.bytes("one.a") == built.bytes("two.a"), "the date of a member got into the archive");
}

#[test]
fn thin_archives_scripts_and_response_files_work() {
    let built = built("x86_64-linux-gnu");
    built.ok("ar", &["rcs", "--thin", "thin.a", "sample.o", "names.o"]);
    assert!(built.bytes("thin.a").starts_with(b"!<thin>\n"));
    assert_eq!(
        built.ok("nm", &["-j", "thin.a"]),
        built.ok("nm", &["-j", "sample.o"]) + &built.ok("nm", &["-j", "names.o"])
    );
    fs::write(built.path("members.rsp"), "rcs 'from rsp.a'\nsample.o names.o\n").unwrap();
    built.ok("ar", &["@members.rsp"]);
    assert_eq!(built.ok("ar", &["t", "from rsp.a"]), "sample.o\nnames.o\n");
    let mut command = support::command(support::xcc("xcc-x86_64-linux-gnu-ar"));
    command.current_dir(&built.dir).arg("-M").stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let script = b"CREATE script.a\nADDLIB thin.a\nADDMOD library.c\nSAVE\nEND\n";
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), script).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", support::stderr(&output));
    assert_eq!(built.ok("ar", &["t", "script.a"]), "sample.o\nnames.o\nlibrary.c\n");
}

/// What is in an archive is what GNU's `ar` reads out of it, and an archive of GNU's reads the same here.
#[test]
fn archives_read_as_with_gnus() {
    let built = built("x86_64-linux-gnu");
    built.ok("ar", &["rcs", "ours.a", "sample.o", "names.o", "library.c"]);
    if built.gnu("ar", &["rcsD", "gnus.a", "sample.o", "names.o", "library.c"]).is_none() {
        return;
    }
    for archive in ["ours.a", "gnus.a"] {
        for words in [&["t", archive][..], &["tv", archive], &["p", archive, "library.c"]] {
            let theirs = support::stdout(&built.gnu("ar", words).unwrap());
            assert_eq!(built.ok("ar", words), theirs, "{words:?}");
        }
        let index = |said: &str| -> Vec<String> {
            said.lines().filter(|line| line.contains(" in ")).map(str::to_owned).collect()
        };
        let theirs = index(&support::stdout(&built.gnu("nm", &["-s", archive]).unwrap()));
        assert_eq!(index(&support::stdout(&built.xcc("nm", &["-s", archive]))), theirs, "{archive}");
        assert!(theirs.len() > 10);
    }
    // The operations that change one leave the same members in the same order.
    for words in [["d", "sample.o"], ["m", "sample.o"], ["q", "names.o"], ["r", "library.c"]] {
        let both = ["ours", "gnus"].map(|whose| {
            let archive = format!("{}.a", fresh(whose));
            fs::copy(built.path("ours.a"), built.path(&archive)).unwrap();
            let arguments = [words[0], &archive, words[1]];
            match whose {
                "ours" => drop(built.ok("ar", &arguments)),
                _ => drop(built.gnu("ar", &arguments)),
            }
            built.ok("ar", &["t", &archive])
        });
        assert_eq!(both[0], both[1], "{words:?}");
    }
}
