//! Installations from wheels, archives and directories, and what is refused.

use std::io::Write;

use super::pip::last_lines;
use super::source::*;
use super::*;
use crate::zig::verify::{Differences, verify};

const ZIG: &[u8] = b"not really zig";

fn zig() -> String {
    format!("zig{}", consts::EXE_SUFFIX)
}

/// What every zig holds here, below `top`.
fn files(top: &str) -> Vec<(String, &'static [u8])> {
    vec![
        (format!("{top}/LICENSE"), b"MIT"),
        (format!("{top}/{}", zig()), ZIG),
        (format!("{top}/doc/langref.html"), b"<html>"),
        (format!("{top}/lib/std/std.zig"), b"// std"),
        (format!("{top}/lib/libc/include/any/stdio.h"), b"int puts(const char *);"),
    ]
}

fn zip_of(path: &Path, files: &[(String, &[u8])]) {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, contents) in files {
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(contents).unwrap();
    }
    zip.finish().unwrap();
}

fn wheel(directory: &Path, name: &str, version: &str) -> PathBuf {
    let path = directory.join(name);
    let mut files = files("ziglang");
    files.push(("ziglang/__main__.py".into(), b"import os"));
    files.push((format!("ziglang-{version}.dist-info/METADATA"), b"Name: ziglang"));
    zip_of(&path, &files);
    path
}

/// The header is made by hand, because the crate refuses to write the names we want to see refused.
fn tar_of(files: &[(String, &[u8])], kind: tar::EntryType) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, contents) in files {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(if name.ends_with('/') { tar::EntryType::Directory } else { kind });
        header.set_size(contents.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        tar.append(&header, *contents).unwrap();
    }
    tar.into_inner().unwrap()
}

fn xz_of(contents: &[u8]) -> Vec<u8> {
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::default()).unwrap();
    xz.write_all(contents).unwrap();
    xz.finish().unwrap()
}

fn archive(directory: &Path, name: &str, top: &str) -> PathBuf {
    let path = directory.join(name);
    let mut all = vec![(format!("{top}/"), &b""[..])];
    all.extend(files(top));
    fs::write(&path, xz_of(&tar_of(&all, tar::EntryType::Regular))).unwrap();
    path
}

/// Everything below `directory`, as sorted paths with slashes.
fn listing(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![directory.to_path_buf()];
    while let Some(path) = pending.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                found.push(path.strip_prefix(directory).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn expected(version: &str) -> Vec<String> {
    let mut files = vec![
        ".lock".to_owned(),
        format!("{version}/LICENSE"),
        format!("{version}/SHA256SUMS"),
        format!("{version}/lib/libc/include/any/stdio.h"),
        format!("{version}/lib/std/std.zig"),
        format!("{version}/{}", zig()),
    ];
    files.sort();
    files
}

fn temp() -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let into = temp.path().join("into");
    (temp, into)
}

/// The installation fails, and leaves nothing but the lock.
fn refused(version: Option<&str>, from: &Path, into: &Path) -> String {
    let error = install(version, Some(from), into).unwrap_err();
    assert!(listing_of_new(into).is_empty(), "{:?}", listing(into));
    error.to_string()
}

fn listing_of_new(into: &Path) -> Vec<String> {
    let names = fs::read_dir(into).into_iter().flatten();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name != ".lock").collect()
}

#[test]
fn a_wheel_is_installed() {
    let (temp, into) = temp();
    let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
    let zig = install(Some("0.17.0"), Some(&wheel), &into).unwrap();
    assert_eq!(zig, executable(&into.join("0.17.0")));
    assert_eq!(fs::read(&zig).unwrap(), ZIG);
    assert_eq!(listing(&into), expected("0.17.0"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&zig) & 0o700, 0o700);
        assert_eq!(mode(&into.join("0.17.0/lib/std/std.zig")) & 0o111, 0);
        // As open as any other new directory, which the temporary one around it is not.
        assert_eq!(mode(&into.join("0.17.0")), mode(&into));
    }
}

#[test]
fn a_wheel_of_another_name_is_installed() {
    let (temp, into) = temp();
    let wheel = wheel(temp.path(), "zig (1).download", "0.16.0");
    assert_eq!(install(None, Some(&wheel), &into).unwrap(), executable(&into.join("0.16.0")));
}

#[test]
fn official_archives_are_installed() {
    let (temp, into) = temp();
    let tar_xz = archive(temp.path(), "a.tar.xz", "zig-x86_64-linux-0.17.0");
    install(None, Some(&tar_xz), &into).unwrap();
    assert_eq!(listing(&into), expected("0.17.0"));

    let zip = temp.path().join("a.zip");
    zip_of(&zip, &files("zig-windows-x86_64-0.14.1"));
    let into = temp.path().join("other");
    install(None, Some(&zip), &into).unwrap();
    assert_eq!(listing(&into), expected("0.14.1"));
}

#[test]
fn a_directory_is_installed() {
    let (temp, into) = temp();
    let wheel = wheel(temp.path(), "a.whl", "0.17.0");
    let first = install(None, Some(&wheel), &temp.path().join("first")).unwrap();
    let directory = first.parent().unwrap();

    // A directory called `0.17.0` is not a zig directory by name.
    assert!(refused(None, directory, &into).starts_with("cannot tell the version"));
    install(Some("0.17.0"), Some(directory), &into).unwrap();
    assert_eq!(listing(&into), expected("0.17.0"));

    // As `pip install --target` makes it.
    let site = temp.path().join("site");
    fs::create_dir_all(site.join("ziglang-0.17.0.dist-info")).unwrap();
    fs::rename(directory, site.join("ziglang")).unwrap();
    let into = temp.path().join("third");
    install(None, Some(&site), &into).unwrap();
    assert_eq!(listing(&into), expected("0.17.0"));

    let named = temp.path().join("zig-aarch64-macos-0.16.0");
    fs::rename(site.join("ziglang"), &named).unwrap();
    assert!(install(None, Some(&named), &into).unwrap().parent().unwrap().ends_with("0.16.0"));
}

#[test]
fn an_installed_version_is_left_alone() {
    let (temp, into) = temp();
    let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
    let zig = install(None, Some(&wheel), &into).unwrap();
    fs::write(&zig, "changed").unwrap();
    assert_eq!(install(None, Some(&wheel), &into).unwrap(), zig);
    // No pip is asked.
    assert_eq!(install(Some("0.17.0"), None, &into).unwrap(), zig);
    assert_eq!(fs::read(&zig).unwrap(), b"changed");
}

#[test]
fn a_broken_installation_is_replaced() {
    let (temp, into) = temp();
    let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
    install(None, Some(&wheel), &into).unwrap();
    fs::remove_dir_all(into.join("0.17.0/lib")).unwrap();
    fs::create_dir(into.join(format!("{UNFINISHED}abc"))).unwrap();
    install(None, Some(&wheel), &into).unwrap();
    assert_eq!(listing(&into), expected("0.17.0"));
    assert_eq!(listing_of_new(&into), ["0.17.0"]);
}

#[test]
fn several_at_once_end_well() {
    let (temp, into) = temp();
    let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| install(None, Some(&wheel), &into))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap().unwrap(), executable(&into.join("0.17.0")));
        }
    });
    assert_eq!(listing(&into), expected("0.17.0"));
    assert_eq!(listing_of_new(&into), ["0.17.0"]);
}

#[test]
fn a_wrong_hash_is_refused() {
    let (temp, into) = temp();
    let pin = pins::PINS.iter().find(|pin| pin.host.0 == consts::OS).unwrap();
    let wheel = wheel(temp.path(), &pin.file_name(), pin.version);
    let error = refused(None, &wheel, &into);
    assert!(error.contains(&format!("expected {}", pin.sha256)), "{error}");
}

#[test]
fn the_wheel_of_another_system_is_refused() {
    let (temp, into) = temp();
    let pin = pins::PINS.iter().find(|pin| pin.host.0 != consts::OS).unwrap();
    let wheel = wheel(temp.path(), &pin.file_name(), pin.version);
    let error = refused(None, &wheel, &into);
    assert!(error.ends_with(&format!("is for {}, not for {}", pin.host.0, consts::OS)), "{error}");
}

#[test]
fn another_version_is_refused() {
    let (temp, into) = temp();
    let wheel = wheel(temp.path(), "ziglang-0.16.0-py3-none-any.whl", "0.16.0");
    let error = refused(Some("0.17.0"), &wheel, &into);
    assert!(error.ends_with("is zig 0.16.0, not zig 0.17.0"), "{error}");
    // What the file holds counts, not what it is called.
    let archive = archive(temp.path(), "zig-x86_64-linux-0.17.0.tar.xz", "zig-x86_64-linux-0.15.2");
    let error = refused(Some("0.17.0"), &archive, &into);
    assert!(error.ends_with("is zig 0.15.2, not zig 0.17.0"), "{error}");
}

#[test]
fn a_version_that_is_a_path_is_refused() {
    let (temp, into) = temp();
    let zip = temp.path().join("a.zip");
    zip_of(&zip, &files("ziglang"));
    for version in ["../evil", "/evil", "1/2", "", "0..1", "0.17.0\\x"] {
        assert!(refused(Some(version), &zip, &into).ends_with("is not a version of zig"), "{version}");
    }
    install(Some("0.17.0"), Some(&zip), &into).unwrap();
}

#[test]
fn names_that_lead_outside_are_refused() {
    let names = [
        "../evil",
        "/evil",
        "ziglang/../evil",
        "ziglang/lib/../../../evil",
        "ziglang/lib//evil",
        "ziglang\\..\\evil",
        "C:/evil",
        "ziglang/lib/.. /evil",
    ];
    for (number, name) in names.iter().enumerate() {
        let (temp, into) = temp();
        let mut all = files("ziglang");
        all.push((format!("ziglang-0.17.{number}.dist-info/WHEEL"), b""));
        all.push(((*name).to_owned(), b"evil"));
        let zip = temp.path().join("a.whl");
        zip_of(&zip, &all);
        assert!(refused(None, &zip, &into).ends_with("leads out of the archive"), "{name}");
        let tar = temp.path().join("zig-0.17.0.tar.xz");
        fs::write(&tar, xz_of(&tar_of(&all, tar::EntryType::Regular))).unwrap();
        assert!(refused(None, &tar, &into).ends_with("leads out of the archive"), "{name}");
        assert_eq!(listing(temp.path()), ["a.whl", "into/.lock", "zig-0.17.0.tar.xz"]);
    }
}

#[test]
fn links_are_refused() {
    let (temp, into) = temp();
    let path = temp.path().join("zig-0.17.0.zip");
    let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
    zip.add_symlink("zig-0.17.0/lib", "/etc", zip::write::SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    assert!(refused(None, &path, &into).ends_with("is a link"));
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link] {
        let path = temp.path().join("zig-0.17.0.tar.xz");
        fs::write(&path, xz_of(&tar_of(&[("zig-0.17.0/lib".to_owned(), b"")], kind))).unwrap();
        assert!(refused(None, &path, &into).ends_with("is a link"));
    }
}

#[cfg(unix)]
#[test]
fn links_of_a_directory_stay_inside() {
    use std::os::unix::fs::symlink;

    let (temp, into) = temp();
    let root = temp.path().join("zig-0.17.0");
    fs::create_dir_all(root.join("lib/std")).unwrap();
    fs::write(root.join("zig"), ZIG).unwrap();
    fs::write(root.join("lib/std/std.zig"), "// std").unwrap();
    symlink("std/std.zig", root.join("lib/link.zig")).unwrap();
    install(None, Some(&root), &into).unwrap();
    let copy = into.join("0.17.0/lib/link.zig");
    assert!(copy.is_file() && !copy.is_symlink());

    symlink("/etc/passwd", root.join("lib/passwd")).unwrap();
    let error = refused(None, &root, &temp.path().join("other"));
    assert!(error.ends_with("it is not a file of that directory"), "{error}");
}

#[test]
fn an_interrupted_unpack_leaves_nothing() {
    let (temp, into) = temp();
    // The zip's directory is whole, and one file in the middle is not.
    let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
    let mut bytes = fs::read(&wheel).unwrap();
    let place = bytes.windows(6).position(|bytes| bytes == b"// std").unwrap();
    bytes[place] ^= 1;
    fs::write(&wheel, bytes).unwrap();
    let error = refused(None, &wheel, &into);
    assert!(error.starts_with(&format!("cannot read '{}'", wheel.display())), "{error}");

    let archive = archive(temp.path(), "a.tar.xz", "zig-x86_64-linux-0.17.0");
    let bytes = fs::read(&archive).unwrap();
    for length in [7, bytes.len() / 2, bytes.len() - 20] {
        fs::write(&archive, &bytes[..length]).unwrap();
        refused(Some("0.17.0"), &archive, &into);
    }
}

#[test]
fn what_is_no_zig_is_refused() {
    let (temp, into) = temp();
    let path = temp.path().join("zig-0.17.0.zip");
    zip_of(&path, &[("zig-0.17.0/lib/std/std.zig".to_owned(), b"")]);
    assert!(refused(None, &path, &into).contains("holds no 'zig"));
    assert!(refused(None, temp.path(), &into).contains("holds no 'zig"));
    fs::write(&path, "text").unwrap();
    assert!(refused(None, &path, &into).ends_with("is neither a wheel nor a .zip nor a .tar.xz"));
    assert!(refused(None, &temp.path().join("none"), &into).starts_with("cannot read"));
}

#[test]
fn versions_without_a_wheel_are_named() {
    let (_temp, into) = temp();
    let error = install(Some("0.9.1"), None, &into).unwrap_err();
    assert!(error.to_string().starts_with("unknown zig version '0.9.1'; xcc is tested with 0.14.1, "), "{error}");
    assert!(error.help().unwrap().contains("--from FILE"));
    let error = pin("0.17.0", ("plan9", "mips")).unwrap_err();
    assert_eq!(error.to_string(), "there is no ziglang wheel of zig 0.17.0 for plan9 mips");
    assert!(error.help().unwrap().starts_with("no version has a wheel for plan9 mips; "));
    let error = pin("0.17.0", ("windows", "x86_64")).unwrap_err();
    assert!(error.help().unwrap().starts_with("for windows x86_64 there are wheels of 0.14.1, 0.15.2, 0.16.0; "));
}

#[test]
fn a_missing_pip_is_said_with_what_to_run() {
    let (_temp, into) = temp();
    let pin = pins::find("0.17.0", ("linux", "x86_64")).unwrap();
    let error = install_wheel(pin, &[&["xcc-no-such-python", "-m", "pip"], &["xcc-no-such-pip"]], &into).unwrap_err();
    assert_eq!(error.to_string(), "cannot find pip; looked for 'xcc-no-such-python -m pip', 'xcc-no-such-pip'");
    let help = error.help().unwrap();
    assert!(help.contains("--platform manylinux_2_12_x86_64 ziglang==0.17.0'"), "{help}");
    assert!(help.contains(&format!("'xcc zig install --from {}'", pin.file_name())), "{help}");
    assert!(listing_of_new(&into).is_empty());
}

#[cfg(unix)]
#[test]
fn pip_is_asked_for_the_pinned_file_and_not_believed() {
    let (temp, into) = temp();
    let pin = pins::find("0.17.0", ("linux", "x86_64")).unwrap();
    let script = temp.path().join("pip.sh");
    let script = script.to_str().unwrap();
    let pips: &[&[&str]] = &[&["xcc-no-such-pip"], &["false"], &["sh", script]];

    fs::write(script, "[ \"$1\" = --version ] && exit 0\necho progress\necho 'ERROR: no route' >&2\nexit 1\n").unwrap();
    let error = install_wheel(pin, pips, &into).unwrap_err().to_string();
    assert_eq!(error, format!("'sh {script}' could not download ziglang==0.17.0:\nERROR: no route"));

    let asked = temp.path().join("asked");
    let body = format!(
        "[ \"$1\" = --version ] && exit 0\nmkdir wheels\necho \"$@\" >'{0}'\ncat requirements.txt >>'{0}'\n\
         echo other >wheels/{1}\n",
        asked.display(),
        pin.file_name()
    );
    fs::write(script, body).unwrap();
    let error = install_wheel(pin, pips, &into).unwrap_err().to_string();
    assert!(error.contains(&format!("expected {}", pin.sha256)), "{error}");
    let asked = fs::read_to_string(asked).unwrap();
    assert!(asked.contains("--require-hashes --platform manylinux_2_12_x86_64 "), "{asked}");
    assert!(asked.ends_with(&format!("ziglang==0.17.0 --hash=sha256:{}\n", pin.sha256)), "{asked}");
    assert!(listing_of_new(&into).is_empty());
}

#[test]
fn the_end_of_what_pip_said_is_shown() {
    assert_eq!(last_lines(b"one\n\ntwo\nthree\n", 2), "two\nthree");
    assert_eq!(last_lines(b"one\n", 2), "one");
    assert_eq!(
        last_lines(b"ERROR: Exception:\nTraceback (most recent call last):\n  x\nOSError: full\n", 9),
        "OSError: full"
    );
}

#[test]
fn versions_are_read_from_names() {
    for (name, version) in [
        ("ziglang-0.17.0-py3-none-win_amd64.whl", Some("0.17.0")),
        ("ziglang-0.17.0.dist-info", Some("0.17.0")),
        ("zig-x86_64-linux-0.17.0.tar.xz", Some("0.17.0")),
        ("zig-linux-x86_64-0.14.1", Some("0.14.1")),
        ("zig-x86_64-windows-0.15.2.zip", Some("0.15.2")),
        ("zig-linux-x86_64-0.15.0-dev.11+0123abc.tar.xz", Some("0.15.0-dev.11+0123abc")),
        ("zig-0.17.0", Some("0.17.0")),
        ("zig-linux-x86_64", None),
        ("zig", None),
        ("ziglang", None),
        ("zig-..", None),
        ("zig-0.", None),
        ("0.17.0", None),
    ] {
        assert_eq!(version_in(name).as_deref(), version, "{name}");
    }
}

#[test]
fn a_zig_that_changed_is_found_out() {
    let (temp, into) = temp();
    let wheel = wheel(temp.path(), "ziglang-0.17.0-py3-none-any.whl", "0.17.0");
    let exe = install(None, Some(&wheel), &into).unwrap();
    let tree = exe.parent().unwrap();
    let whole = verify(tree).unwrap();
    assert_eq!(whole, Differences { files: 4, ..Differences::default() });
    // printf 'not really zig' | sha256sum
    let line = format!("e571384520655a2a7337b5d32d240d058a6a50e76eab84494597f4b01259859a  {}\n", zig());
    assert!(fs::read_to_string(tree.join("SHA256SUMS")).unwrap().contains(&line));

    fs::write(tree.join("lib/std/std.zig"), "// stD").unwrap();
    fs::remove_file(tree.join("LICENSE")).unwrap();
    fs::write(tree.join("lib/libc/include/any/limits.h"), "").unwrap();
    let found = verify(tree).unwrap();
    assert_eq!(found.altered, ["lib/std/std.zig"]);
    assert_eq!(found.missing, ["LICENSE"]);
    assert_eq!(found.added, ["lib/libc/include/any/limits.h"]);

    fs::remove_file(tree.join("SHA256SUMS")).unwrap();
    assert!(verify(tree).unwrap_err().to_string().contains("there are no digests"));
}
