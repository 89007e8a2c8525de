//! Wheels: the examples of maturin and of cibuildwheel.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rust;
use crate::support::{self, command, root, run, shared_dir, stdout, xcc};

/// A program of Python's index, kept from run to run.
fn python_tool(name: &str, version: &str) -> PathBuf {
    let dir = shared_dir().join("tools").join(name);
    if !dir.is_dir() {
        let wanted = format!("{name}=={version}");
        let mut pip = command("python3");
        run(pip.args(["-m", "pip", "install", "-q", "--target"]).arg(&dir).arg(wanted));
    }
    dir.join("bin").join(name)
}

#[test]
fn maturin_makes_a_manylinux_wheel_for_another_machine() {
    let triple = "aarch64-unknown-linux-gnu";
    if !rust::stds(&[triple]).iter().any(|std| std.method == "installed") {
        return support::skip("a wheel for aarch64", "no standard library of that target");
    }
    let dir = support::scratch("maturin");
    support::copy_dir(&root().join("docs/examples/maturin"), &dir);
    let maturin = python_tool("maturin", "1.16.0");
    let mut xcc = command(xcc("xcc"));
    xcc.current_dir(&dir).args(["run", "-t", "aarch64-linux-gnu.2.17", "--"]).arg(maturin);
    run(xcc.args(["build", "--release", "--compatibility", "manylinux2014"]));
    let wheel = fs::read_dir(dir.join("target/wheels")).unwrap().next().unwrap().unwrap().path();
    let name = wheel.file_name().unwrap().to_string_lossy().into_owned();
    assert!(name.ends_with("manylinux_2_17_aarch64.whl"), "{name}");
    run(command("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(dir.join("wheel")));
    let module = dir.join("wheel/example_wheel/example_wheel.abi3.so");
    let clauses = "glibc<=2.17,arch=aarch64,kind=shared-library";
    run(command(self::xcc("xcc")).args(["inspect", "--require", clauses]).arg(module));
}

/// A Python of Debian's for aarch64, under qemu: a program of our own with its library, whose packages xcc has added.
fn emulated_python(dir: &Path) -> Option<(PathBuf, PathBuf)> {
    let target = "aarch64-linux-gnu.2.36";
    let cache = shared_dir().join("packages-python");
    let mut add = command(xcc("xcc"));
    add.args(["sysroot", "add", "-t", target, "debian:bookworm"]).env("XCC_CACHE_DIR", &cache);
    if let Some(mirror) = std::env::var_os("XCC_TEST_MIRROR") {
        add.arg("--mirror").arg(mirror);
    }
    run(add.args(["python3", "libpython3-dev", "python3-setuptools", "python3-wheel"]));
    let usr = cache.join("packages").join(target).join("now/usr");
    let (source, program, script) = (dir.join("python.c"), dir.join("python.bin"), dir.join("python"));
    fs::write(&source, "#include <Python.h>\nint main(int argc, char **argv) { return Py_BytesMain(argc, argv); }\n")
        .unwrap();
    let mut cc = command(xcc(&format!("xcc-{target}")));
    cc.env("XCC_CACHE_DIR", &cache).arg("-I").arg(usr.join("include/python3.11")).arg(&source);
    run(cc.args(["-lpython3.11", "-o"]).arg(&program));
    let qemu = support::runner(target, &program)?;
    let mut text = "#!/bin/sh\nexec".to_owned();
    for word in std::iter::once(qemu.get_program()).chain(qemu.get_args()) {
        if word == program.as_os_str() {
            let [lib, usr] = [usr.join("lib/aarch64-linux-gnu"), usr.clone()].map(|path| path.display().to_string());
            text += &format!(" -E LD_LIBRARY_PATH='{lib}' -E PYTHONHOME='{usr}'");
        }
        text += &format!(" '{}'", word.display());
    }
    fs::write(&script, text + " \"$@\"\n").unwrap();
    run(Command::new("chmod").arg("+x").arg(&script));
    Some((script, usr.join("include")))
}

/// cibuildwheel takes the file; what its container would do, in an emulated Python that starts this machine's own xcc.
#[test]
fn an_emulated_python_builds_a_wheel_as_cibuildwheel_has_it_do() {
    let dir = support::scratch("cibuildwheel");
    support::copy_dir(&root().join("docs/examples/cibuildwheel"), &dir);
    let tool = python_tool("cibuildwheel", "4.3.3");
    let mut asked = command(&tool);
    asked.env("PYTHONPATH", tool.ancestors().nth(2).unwrap()).args([
        "--platform",
        "linux",
        "--print-build-identifiers",
    ]);
    assert_eq!(stdout(&run(asked.arg(&dir))), "cp39-manylinux_x86_64\ncp39-manylinux_aarch64\n");

    if support::which("apt-get").is_none() {
        return support::skip("a wheel of an emulated Python", "apt-get is not installed");
    }
    let Some((python, include)) = emulated_python(&dir) else {
        return support::skip("a wheel of an emulated Python", "no qemu for aarch64");
    };
    let project = fs::read_to_string(dir.join("pyproject.toml")).unwrap();
    let project: toml::Table = project.parse().unwrap();
    let cc = project["tool"]["cibuildwheel"]["linux"]["environment"]["CC"].as_str().unwrap();
    let cc = xcc(Path::new(&cc.replace("$(uname -m)", "aarch64")).file_name().unwrap().to_str().unwrap());
    let mut setup = command(&python);
    // In the container these headers are where Python's own configuration says.
    setup.env("CC", cc).env("CFLAGS", format!("-I{0} -I{0}/python3.11", include.display()));
    run(setup.current_dir(&dir).args(["setup.py", "-q", "bdist_wheel", "--plat-name", "manylinux2014_aarch64"]));
    let wheel = dir.join("dist/example_extension-1.0-cp39-abi3-manylinux2014_aarch64.whl");
    run(command("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(dir.join("wheel")));
    let module = dir.join("wheel/example_extension.abi3.so");
    run(command(xcc("xcc")).args(["inspect", "--require", "glibc<=2.17,arch=aarch64,kind=shared-library"]).arg(module));
    let mut imports = command(&python);
    imports
        .args(["-c", "import example_extension; print(example_extension.answer())"])
        .env("PYTHONPATH", dir.join("wheel"));
    assert_eq!(stdout(&run(&mut imports)), "42\n");
}
