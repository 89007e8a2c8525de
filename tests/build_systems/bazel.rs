//! Bazel with the toolchain that xcc prints: the text as Starlark, whose constants and rules Python runs too, and, for
//! `XCC_TEST_ALL`, real builds. Debian's Bazel is of version 4; what newer ones download is stood in for by its own rules
//! (`testdata/projects/bazel/rules`).

use super::*;

/// Runs a `.bzl` file with everything that Bazel would provide, and prints what its macro declares as JSON.
const STARLARK: &str = r#"
import json, sys
declared = []
class Anything:
    def __getattr__(self, name): return name
class Native:
    def __getattr__(self, name): return lambda **words: declared.append([name, words])
    def package_name(self): return sys.argv[2]
    def glob(self, patterns): return patterns
def rule(implementation, provides): return lambda **words: declared.append(["config", words])
names = dict(load=lambda *a, **b: None, ACTION_NAMES=Anything(), native=Native(), rule=rule, fail=sys.exit,
    CcToolchainConfigInfo=None, cc_toolchain=lambda **words: declared.append(["cc_toolchain", words]))
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), names)
names["xcc_toolchain"](name="it")
constants = {name: value for name, value in names.items() if name.startswith("_") and name[1:].isupper()}
print(json.dumps(dict(declared=declared, constants=constants)))
"#;

/// What a printed file says, in a package of that name.
#[track_caller]
fn read(file: &Path, package: &str) -> serde_json::Value {
    let said = stdout(&run(command("python3").args(["-c", STARLARK]).arg(file).arg(package)));
    serde_json::from_str(&said).unwrap()
}

#[test]
fn the_toolchain_is_starlark_that_names_this_machines_tools() {
    if !have(&["python3"]) {
        return;
    }
    let dir = support::scratch("bazel-text");
    for (target, cpu) in TARGETS.iter().zip(["aarch64", "x86_64"]) {
        let file = dir.join("xcc.bzl");
        fs::write(dir.join("xcc.toml"), "include = ['/opt/some']\ndefine = ['A=b c']\n").unwrap();
        let mut xcc = command(xcc("xcc"));
        let printed = stdout(&run(xcc.args(["env", "--bazel", target]).current_dir(&dir)));
        fs::write(&file, &printed).unwrap();
        let said = read(&file, "toolchain");
        let constants = &said["constants"];
        assert_eq!(constants["_CONSTRAINTS"][0], format!("@platforms//cpu:{cpu}"));
        for (tool, path) in constants["_TOOLS"].as_object().unwrap() {
            let path = Path::new(path.as_str().unwrap());
            assert!(path.is_absolute() && path.is_file(), "{tool}: {}", path.display());
        }
        // With the variables of the file and no others, as Bazel starts it, in a directory of its own.
        let compiler = |arguments: &[&str]| {
            let mut compiler = Command::new(constants["_TOOLS"]["gcc"].as_str().unwrap());
            compiler.env_clear().current_dir("/").args(arguments);
            for (name, value) in constants["_ENVIRONMENT"].as_object().unwrap() {
                compiler.env(name, value.as_str().unwrap());
            }
            stdout(&run(&mut compiler))
        };
        assert_eq!(compiler(&["-dumpmachine"]).trim(), *target);
        let macros = compiler(&["-E", "-dM", "-x", "c", "/dev/null"]);
        assert!(macros.contains("#define A b c\n"), "the configuration is lost: {macros}");
        // Headers are where Bazel is told that they are.
        assert_eq!(constants["_HEADERS"][1], "/opt/some");
        assert!(Path::new(constants["_HEADERS"][0].as_str().unwrap()).join("usr/include/stdio.h").is_file());
        let kinds: Vec<&str> =
            said["declared"].as_array().unwrap().iter().map(|row| row[0].as_str().unwrap()).collect();
        for kind in ["platform", "toolchain", "cc_toolchain", "filegroup"] {
            assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
        }
    }
    let refused = support::run_fails(command(xcc("xcc")).args(["env", "--bazel", "wasm32-wasi"]));
    assert!(support::stderr(&refused).contains("'wasm32-wasi'"), "{refused:?}");
}

/// How files end, and what a sandbox without a home cannot find: the linker for macOS.
#[test]
fn the_toolchain_is_the_systems() {
    if !have(&["python3"]) {
        return;
    }
    let dir = support::scratch("bazel-systems");
    for (target, os, libc, extensions) in [
        ("x86_64-windows-gnu", "windows", "unknown", r#"{"dynamic_library":".dll","executable":".exe"}"#),
        ("aarch64-macos", "macos", "macosx", r#"{"dynamic_library":".dylib"}"#),
    ] {
        let file = dir.join("xcc.bzl");
        fs::write(&file, stdout(&run(command(xcc("xcc")).args(["env", "--bazel", target])))).unwrap();
        let constants = &read(&file, "toolchain")["constants"];
        assert_eq!(constants["_CONSTRAINTS"][1], format!("@platforms//os:{os}"));
        assert_eq!((&constants["_LIBC"], constants["_EXTENSIONS"].to_string()), (&libc.into(), extensions.to_owned()));
        let linker = constants["_ENVIRONMENT"]["XCC_DARWIN_LINKER"].as_str();
        assert_eq!(
            linker.is_some_and(|linker| linker == "zig" || Path::new(linker).is_file()),
            os == "macos",
            "{linker:?}"
        );
    }
}

/// A workspace for one target, and a place for what Bazel makes, which goes with it.
struct Workspace {
    dir: PathBuf,
    target: &'static str,
}

impl Workspace {
    fn new(target: &'static str) -> Workspace {
        let dir = support::scratch("bazel");
        support::copy_dir(&support::root().join("testdata/projects/bazel"), &dir.join("ws"));
        fs::create_dir(dir.join("ws/toolchain")).unwrap();
        let build = format!("load(\":xcc.bzl\", \"xcc_toolchain\")\n\nxcc_toolchain(name = \"{target}\")\n");
        fs::write(dir.join("ws/toolchain/BUILD"), build).unwrap();
        Workspace { dir, target }
    }

    fn build(&self, mode: &str) {
        let ws = self.dir.join("ws");
        let mut bazel = Command::new("bazel");
        bazel.current_dir(&ws).env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", &self.dir);
        bazel.args(["--nohome_rc", "--batch"]);
        bazel.arg(format!("--output_user_root={}", self.dir.join("out").display()));
        bazel.args(["build", "--incompatible_enable_cc_toolchain_resolution", "--color=no", "--curses=no", "-c", mode]);
        run(bazel.arg(format!("--platforms=//toolchain:{}", self.target)).arg("//app/..."));
    }

    /// Builds everything, runs the programs, and looks for paths of the machine in objects and lists of headers.
    fn check(&self, mode: &str, hidden: &[&Path]) {
        self.build(mode);
        let bin = self.dir.join("ws/bazel-bin");
        for program in ["count", "count_shared", "only_c"] {
            if let Some(mut command) = runner(self.target, &bin.join("app").join(program)) {
                command.env("QEMU_SET_ENV", format!("LD_LIBRARY_PATH={}", bin.join("_solib_aarch64").display()));
                assert_eq!(stdout(&run(&mut command)), OUTPUT, "{program}");
            }
        }
        let bytes = fs::read(bin.join("app/count_shared")).unwrap();
        let needed = Elf::parse(&bytes).needed();
        assert_eq!(needed.contains("libapp_Slibtext.so"), self.target.contains("gnu"), "{needed:?}");
        let mut lists = 0;
        for name in ["count", "only_c"] {
            let objects = bin.join("app/_objs").join(name);
            for entry in fs::read_dir(objects).unwrap() {
                let path = entry.unwrap().path();
                let bytes = fs::read(&path).unwrap();
                let has = |text: &Path| {
                    let text = text.to_str().unwrap().as_bytes();
                    bytes.windows(text.len()).any(|window| window == text)
                };
                assert!(
                    !has(&self.dir) && !hidden.iter().any(|path| has(path)),
                    "{}: a path of the machine",
                    path.display()
                );
                lists += u32::from(path.extension().is_some_and(|ending| ending == "d"));
            }
        }
        assert!(lists >= 2);
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // Bazel takes the right to write from what it makes.
        let _ = Command::new("chmod").args(["-R", "u+w"]).arg(&self.dir).status();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Is it asked for, and there? A build takes Bazel 20 seconds of a processor, and it comes with a Java of its own.
fn bazel() -> bool {
    support::all("builds by Bazel") && have(&["bazel"])
}

/// Compiled and linked in Bazel's sandbox, where the cache of xcc cannot be written.
#[test]
fn bazel_builds_with_the_toolchain_of_this_machine() {
    if !bazel() {
        return;
    }
    for (target, mode) in [("aarch64-linux-gnu", "fastbuild"), ("x86_64-linux-musl", "opt")] {
        let workspace = Workspace::new(target);
        fs::write(workspace.dir.join("ws/toolchain/xcc.bzl"), env_of(&["--bazel", target])).unwrap();
        // A list of headers names the cache, which is the machine's own here.
        workspace.check(mode, &[]);
    }
}

/// Programs and a library that is loaded, by the names of their systems.
#[test]
fn bazel_builds_for_windows_and_macos() {
    if !bazel() {
        return;
    }
    let machines =
        [("x86_64-windows-gnu", "os=windows,arch=x86_64", ".exe"), ("aarch64-macos", "os=macos,arch=aarch64", "")];
    for (target, required, end) in machines {
        let workspace = Workspace::new(target);
        fs::write(workspace.dir.join("ws/toolchain/xcc.bzl"), env_of(&["--bazel", target])).unwrap();
        for mode in ["opt", "dbg"] {
            workspace.build(mode);
            let bin = workspace.dir.join("ws/bazel-bin/app");
            for name in [format!("count{end}"), format!("only_c{end}"), "libplugin.so".to_owned()] {
                let mut inspect = command(xcc("xcc"));
                run(inspect.args(["inspect", "--require", required]).arg(bin.join(&name)));
                if name.ends_with(".exe") {
                    let Some(mut command) = runner(target, &bin.join(&name)) else { continue };
                    assert_eq!(stdout(&run(&mut command)).replace('\r', ""), OUTPUT, "{name}");
                }
            }
        }
    }
}

/// With xcc, zig and the sysroot among the files of the workspace, nothing of the machine is left: what remote execution needs.
#[test]
fn bazel_builds_with_a_toolchain_in_the_workspace() {
    if !bazel() {
        return;
    }
    let target = "aarch64-linux-gnu";
    let workspace = Workspace::new(target);
    let ws = workspace.dir.join("ws");
    let which = stdout(&run(command(xcc("xcc")).args(["zig", "which"])));
    let zig = which.lines().next().unwrap();
    fs::copy(zig, ws.join("toolchain/zig")).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_xcc"), ws.join("toolchain/xcc")).unwrap();
    let tool = |arguments: &[&str]| {
        let mut command = command("toolchain/xcc");
        command.env("XCC_CACHE_DIR", "toolchain/cache").env("XCC_ZIG", "toolchain/zig");
        stdout(&run(command.args(arguments).current_dir(&ws)))
    };
    let archive = workspace.dir.join("sysroots.tar.gz");
    run(command(xcc("xcc")).args(["sysroot", "build", "--cxx", "-t", target]));
    run(command(xcc("xcc")).args(["sysroot", "export", "-t", target, "-o"]).arg(&archive));
    tool(&["sysroot", "import", archive.to_str().unwrap()]);
    tool(&["shims", "toolchain", "-t", target]);
    fs::write(ws.join("toolchain/xcc.bzl"), tool(&["env", "--bazel", target])).unwrap();
    workspace.check("dbg", &[&support::cache_dir()]);
}
