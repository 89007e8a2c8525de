//! A package comes from a server of the test's own, by the machine's own curl.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;

use sha2::{Digest, Sha256};

use crate::support::{self, command, run, run_fails, stderr, stdout, xcc};
use crate::{kept, package, payload, sdk};

/// A server on this machine that gives the same answer to every request, for as long as the test lasts.
fn serve(status: &'static str, body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    format!("http://{address}/package.pkg")
}

#[test]
fn a_package_is_fetched_after_somebody_has_agreed() {
    if support::which("curl").is_none() {
        return support::skip("xcc sdk fetch", "curl is not installed");
    }
    let dir = support::scratch("sdk-fetch");
    let data = dir.join("data");
    let pkg = package::xar(&[("SDK.pkg/Payload", &package::pbzx(&payload("14.4")))], false);
    let digest: String = Sha256::digest(&pkg).iter().map(|byte| format!("{byte:02x}")).collect();
    let url = serve("200 OK", pkg);
    let missing = serve("404 Not Found", Vec::new());
    let fetch = |url: &str, digest: &str, more: &[&str]| {
        let mut fetch = sdk(&data, &["fetch", "--url", url, "--sha256", digest]);
        fetch.args(more).stdin(Stdio::null()).env("NO_PROXY", "127.0.0.1");
        fetch
    };
    let zeros = "0".repeat(64);
    for (url, digest, more, said) in [
        (url.as_str(), digest.as_str(), &[][..], "nobody is here to agree to Apple's terms"),
        (&url, &zeros, &["--yes"], "its SHA-256 is"),
        (&url, "12", &["--yes"], "'12' is no SHA-256"),
        (&missing, &digest, &["--yes"], "curl could not download"),
        ("file:///etc/passwd", &digest, &["--yes"], "is no address of https or http"),
    ] {
        let output = run_fails(&mut fetch(url, digest, more));
        assert!(stderr(&output).contains(said) && stderr(&output).contains("xcc: help: "), "{}", stderr(&output));
        let left: Vec<PathBuf> = fs::read_dir(&data).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        assert!(kept(&data).is_empty() && left.iter().all(|path| path.ends_with("sdk")), "{said}: {left:?}");
    }
    let output = run_fails(fetch(&url, &digest, &["--yes"]).env("PATH", &dir));
    assert!(stderr(&output).starts_with("xcc: error: cannot find curl\n"), "{}", stderr(&output));

    if support::which("script").is_some() {
        let words = format!("{} sdk fetch --url {url} --sha256 {digest}", xcc("xcc").display());
        for (answer, kept_then) in [("n\n", 0), ("y\n", 2)] {
            let mut terminal = command("script");
            terminal.env("XCC_DATA_DIR", &data).env("NO_PROXY", "127.0.0.1").args(["-qec", &words, "/dev/null"]);
            let mut child = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            let said = stdout(&output);
            assert!(said.contains("apple.com/legal/sla") && said.contains("[y/N]"), "{said}");
            assert_eq!((output.status.success(), kept(&data).len()), (answer == "y\n", kept_then), "{said}");
        }
        run(&mut sdk(&data, &["rm", "MacOSX14.4"]));
    }
    let output = run(&mut fetch(&url, &digest, &["--yes", "--name", "fetched"]));
    assert!(stdout(&output).contains("fetched: macOS 14.4, ") && stderr(&output).contains("Agreement"));
    assert_eq!(kept(&data), ["fetched.sdk", "used"]);
}

/// Notes the address, and gives another file than was asked for.
const CURL: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in
        --output) echo another >"$2" ;;
        --url) echo "$2" >"$NOTED" ;;
    esac
    shift
done
"#;

#[test]
fn a_known_package_is_asked_of_apple_and_no_other_file_is_taken_for_it() {
    let dir = support::scratch("sdk-known");
    let (data, noted) = (dir.join("data"), dir.join("noted"));
    fs::write(dir.join("curl"), CURL).unwrap();
    fs::set_permissions(dir.join("curl"), fs::Permissions::from_mode(0o755)).unwrap();
    let fetch = |words: &[&str]| {
        let _ = fs::remove_file(&noted);
        let mut fetch = sdk(&data, &["fetch", "--yes"]);
        let path = format!("{}:{}", dir.display(), std::env::var("PATH").unwrap());
        let output = run_fails(fetch.args(words).stdin(Stdio::null()).env("PATH", path).env("NOTED", &noted));
        assert!(kept(&data).is_empty(), "{words:?}");
        (fs::read_to_string(&noted).unwrap_or_default(), stderr(&output))
    };
    for (words, product) in [
        (&[][..], "082-41241"),
        (&["14.4"], "052-59890"),
        (&["15.5"], "082-41241"),
        (&["26.5"], "047-91568"),
        (&["27.0"], "082-83364"),
    ] {
        let (address, said) = fetch(words);
        assert!(address.starts_with("https://swcdn.apple.com/") && address.contains(product), "{words:?}: {address}");
        assert!(said.contains("Agreement") && said.contains("is not the package: its SHA-256 is "), "{said}");
        assert!(said.contains("\nxcc: help: it was removed; Apple may have replaced the package"), "{said}");
    }
    let (address, said) = fetch(&["9.9"]);
    let expected =
        "xcc: error: no package with the SDK of macOS 9.9 is known\nxcc: help: these are: 14.4, 15.5, 26.5, 27.0; ";
    assert!(address.is_empty() && said.starts_with(expected), "{said}");
    for words in [&["15.5", "--sha256", "00"][..], &["--url", "https://example.org/"], &["--sha256", "00"]] {
        let (address, said) = fetch(words);
        assert!(address.is_empty() && !said.contains("Agreement"), "{words:?}: {said}");
    }
}
