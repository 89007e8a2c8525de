//! What a tool does not do is an error that names it, and LLVM's tools take over where `XCC_BINUTILS` says so.

use crate::{built, support};

#[test]
fn an_unknown_option_is_an_error_that_names_it() {
    let built = built("x86_64-linux-gnu");
    for (tool, option) in [
        ("nm", "--frobnicate"),
        ("strip", "--frobnicate"),
        ("objcopy", "--frobnicate"),
        ("objdump", "--frobnicate"),
        ("readelf", "--frobnicate"),
        ("size", "--frobnicate"),
        ("strings", "--frobnicate"),
        ("c++filt", "--frobnicate"),
        ("addr2line", "--frobnicate"),
        ("objdump", "-d"),
        ("objcopy", "--change-addresses=4"),
        ("readelf", "-w"),
        ("nm", "--synthetic"),
    ] {
        let output = built.xcc(tool, &[option, "sample"]);
        let said = support::stderr(&output);
        let name = option.split('=').next().unwrap();
        assert_eq!(output.status.code(), Some(1), "{tool} {option}");
        assert!(said.starts_with("xcc: error: ") && said.contains(&format!("option '{name}'")), "{said}");
        assert!(said.contains("\nxcc: help: "), "{tool} {option}: {said}");
    }
    let output = built.xcc("nm", &["--radix=7", "sample"]);
    assert!(support::stderr(&output).contains("invalid value '7' of option '--radix'"));
    let output = built.xcc("objcopy", &["-O", "elf64-littleaarch64", "sample.o", "converted"]);
    assert!(support::stderr(&output).contains("formats cannot be converted"), "{}", support::stderr(&output));
    assert!(!built.path("converted").exists());
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let built = built("x86_64-linux-gnu");
    let output = built.xcc("nm", &["missing.o", "sample.c", "sample.o"]);
    assert_eq!(output.status.code(), Some(1));
    let said = support::stderr(&output);
    assert!(
        said.contains("cannot read 'missing.o'") && said.contains("'sample.c': file format not recognized"),
        "{said}"
    );
    assert!(support::stdout(&output).contains(" T main"));
}

#[test]
fn arguments_come_from_response_files_and_under_every_name() {
    let built = built("x86_64-linux-gnu");
    std::fs::write(built.path("words.rsp"), "-g '--defined-only'\nsample.o").unwrap();
    assert_eq!(built.ok("nm", &["@words.rsp"]), built.ok("nm", &["-g", "--defined-only", "sample.o"]));
    for name in ["xcc-nm", "x86_64-linux-gnu-nm", "x86_64-linux-gnu-gcc-nm", "llvm-nm"] {
        let mut command = support::command(support::xcc(name));
        let output = support::run(command.current_dir(&built.dir).args(["-g", "sample.o"]));
        assert_eq!(support::stdout(&output), built.ok("nm", &["-g", "sample.o"]), "{name}");
    }
    let mut command = support::command(support::xcc("xcc"));
    let output = support::run(command.current_dir(&built.dir).args(["nm", "-g", "sample.o"]));
    assert_eq!(support::stdout(&output), built.ok("nm", &["-g", "sample.o"]));
}

#[test]
fn llvms_tools_take_over_when_asked() {
    let built = built("x86_64-linux-gnu");
    let bin = built.path("llvm-bin");
    std::fs::create_dir_all(&bin).unwrap();
    let tool = bin.join("llvm-objdump");
    std::fs::write(&tool, "#!/bin/sh\necho \"llvm $*\"\n").unwrap();
    std::fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let run = |value: &str, path: &std::path::Path| {
        let mut command = support::command(support::xcc("xcc-objdump"));
        let path = format!("{}:/usr/bin:/bin", path.display());
        command.args(["-d", "x.o"]).env("XCC_BINUTILS", value).env("PATH", path).output().unwrap()
    };
    assert_eq!(support::stdout(&run("llvm", &bin)), "llvm -d x.o\n");
    assert!(support::stderr(&run("gnu", &bin)).contains("XCC_BINUTILS"));
    // xcc itself under that name on PATH is passed over.
    let own = support::xcc("llvm-objdump");
    let mut command = support::command(support::xcc("xcc-objdump"));
    let output =
        command.args(["-d", "x.o"]).env("XCC_BINUTILS", "llvm").env("PATH", own.parent().unwrap()).output().unwrap();
    assert!(support::stderr(&output).contains("cannot find 'llvm-objdump'"), "{}", support::stderr(&output));
}
