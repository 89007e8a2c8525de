//! Released libraries with their own build systems, cross-built by `tests/distro/build.sh`: here two that fit the time,
//! by hand all of them.

mod support;

use support::{cache_dir, command, describe, root, shared_dir, skip, stderr, stdout, which};

const TOOLS: &[&str] =
    &["apt-get", "autoreconf", "automake", "dpkg-source", "libtoolize", "make", "pkg-config", "readelf"];

#[test]
fn released_libraries_build_install_and_run() {
    if let Some(tool) = TOOLS.iter().find(|tool| which(tool).is_none()) {
        return skip("released_libraries_build_install_and_run", &format!("{tool} is not installed"));
    }
    let mut script = command(root().join("tests/distro/build.sh"));
    script.arg("-o").arg(shared_dir().join("distro-subset")).args(["zlib", "expat"]);
    script.env("XCC", env!("CARGO_BIN_EXE_xcc")).env("XCC_TEST_DIR", shared_dir()).env("XCC_CACHE_DIR", cache_dir());
    let output = script.output().unwrap();
    let table = stdout(&output);
    if table.contains(" no-source ") {
        return skip("released_libraries_build_install_and_run", "the sources of Debian cannot be had here");
    }
    if stderr(&output).contains("is not installed") {
        return skip("released_libraries_build_install_and_run", stderr(&output).trim());
    }
    eprint!("{table}");
    assert!(output.status.success(), "{}", describe(&script, &output));
    // Two targets, two libraries, each built and used; and their own tests, of one under qemu too.
    let column = |n: usize| table.lines().filter(|line| line.split_whitespace().nth(n) == Some("ok")).count();
    assert_eq!((column(3), column(4)), (4, 4), "{table}");
    assert!(std::env::consts::ARCH != "x86_64" || column(5) == 3, "{table}");
}
