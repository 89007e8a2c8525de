//! A package comes from a server of the test's own, by the machine's own curl.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
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
