//! The files of `docs/examples` and the GitHub action: each does here what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::rust;
use crate::support::{self, command, path_with, root, run, shared_dir, stdout, xcc};

/// A YAML file as JSON, read by a parser of Python's.
#[track_caller]
fn yaml(path: &Path) -> Option<serde_json::Value> {
    let module = shared_dir().join("tools/yaml");
    if support::which("python3").is_none() || !module.join("yaml").is_dir() {
        support::skip(&format!("read {}", path.display()), "PyYAML is not there");
        return None;
    }
    let mut python = command("python3");
    let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    let said = stdout(&run(python.args(["-c", script]).arg(path).env("PYTHONPATH", module)));
    Some(serde_json::from_str(&said).unwrap())
}

/// A directory with xcc, and its C and C++ compilers without a target, as install.sh makes it.
fn installed(dir: &Path) -> PathBuf {
    let bin = dir.join("bin");
    fs::create_dir_all(&bin).unwrap();
    for name in ["xcc", "xcc-c++", "xcc-x86_64-linux-musl", "xcc-x86_64-linux-musl-c++", "xcc-x86_64-linux-musl-ar"] {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_xcc"), bin.join(name)).unwrap();
    }
    bin
}

/// What a service's file of variables or outputs has.
fn lines(path: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once('=').map(|(name, value)| (name.into(), value.into()))).collect()
}

/// Its steps one after the other, with the service's files; the cache has an xcc already.
#[test]
fn the_github_action_sets_up_a_compiler() {
    for target in ["x86_64-linux-gnu", "x86_64-linux-musl"] {
        run(command(xcc("xcc")).args(["sysroot", "build", "-t", target]));
    }
    let Some(action) = yaml(&root().join(".github/actions/xcc/action.yml")) else { return };
    let dir = support::scratch("github");
    let bin = installed(&dir.join("tools/xcc"));
    let [env_file, path_file, output] = ["env", "path", "output"].map(|name| dir.join(name));
    let steps = action["runs"]["steps"].as_array().unwrap();
    let mut ran = 0;
    for step in steps {
        let Some(script) = step["run"].as_str() else {
            assert!(step["uses"].as_str().unwrap().starts_with("actions/cache@v"));
            continue;
        };
        let outputs = lines(&output);
        let mut bash = command("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(&dir);
        for (name, value) in step["env"].as_object().unwrap() {
            let mut value = value.as_str().unwrap().to_owned();
            let action_path = root().join(".github/actions/xcc");
            for (from, to) in [
                ("github.action_path", action_path.to_str().unwrap()),
                ("inputs.targets", "linux/amd64, x86_64-linux-musl"),
                ("inputs.cxx", "false"),
                ("inputs.env", "x86_64-linux-musl"),
                ("runner.os", "Linux"),
                ("runner.arch", "X64"),
            ] {
                value = value.replace(&format!("${{{{ {from} }}}}"), to);
            }
            for (name, to) in &outputs {
                value = value.replace(&format!("${{{{ steps.place.outputs.{name} }}}}"), to);
            }
            assert!(!value.contains("${{"), "{name}: {value}");
            bash.env(name, value);
        }
        let paths = fs::read_to_string(&path_file).unwrap_or_default();
        let front = paths.lines().next().map_or_else(|| PathBuf::from("/nowhere"), PathBuf::from);
        bash.env("PATH", path_with(&front)).envs(lines(&env_file));
        bash.env("GITHUB_ENV", &env_file).env("GITHUB_PATH", &path_file).env("GITHUB_OUTPUT", &output);
        bash.env("RUNNER_TOOL_CACHE", dir.join("tools"));
        run(&mut bash);
        if ran == 1 {
            // What the cache would have brought.
            let cache = dir.join("tools/xcc/cache");
            fs::create_dir_all(&cache).unwrap();
            // Not what zig has compiled, which the action throws away.
            for kept in ["clang", "notes", "sysroot"] {
                std::os::unix::fs::symlink(support::cache_dir().join(kept), cache.join(kept)).unwrap();
            }
        }
        ran += 1;
    }
    assert_eq!(ran, 4);
    assert_eq!(fs::read_to_string(&path_file).unwrap().trim(), bin.to_str().unwrap());
    let key = &lines(&output).into_iter().find(|(name, _)| name == "key").unwrap().1;
    assert!(key.starts_with("xcc-Linux-X64-") && key.split('-').all(|part| !part.is_empty()), "{key}");
    let program = dir.join("program");
    let mut cc = command("sh");
    cc.args(["-c", "exec $CC \"$@\"", "cc"]).arg(root().join("testdata/projects/demo/hello.c")).arg("-o").arg(&program);
    run(cc.envs(lines(&env_file)));
    assert!(!stdout(&run(&mut command(&program))).is_empty());
}

#[test]
fn every_file_of_a_service_parses() {
    let examples = root().join("docs/examples");
    let Some(gitlab) = yaml(&examples.join("gitlab/.gitlab-ci.yml")) else { return };
    let job = &gitlab["build"];
    for script in [&job["before_script"], &job["script"]] {
        for line in script.as_array().unwrap() {
            run(command("sh").args(["-n", "-c", line.as_str().unwrap()]));
        }
    }
    let goreleaser = yaml(&examples.join("goreleaser/.goreleaser.yaml")).unwrap();
    let env: Vec<&str> = goreleaser["builds"][0]["env"].as_array().unwrap().iter().filter_map(|e| e.as_str()).collect();
    let target = "-target {{ .Os }}/{{ .Arch }}";
    assert_eq!(env, ["CGO_ENABLED=1".to_owned(), format!("CC=xcc cc {target}"), format!("CXX=xcc c++ {target}")]);
    if support::which("gofmt").is_some() {
        assert_eq!(stdout(&run(command("gofmt").arg("-l").arg(examples.join("dagger")))), "");
    }
}

/// The lines of the page with a target in `CC`: what GoReleaser makes of them, by Go's own templates where Go is there.
#[test]
fn a_compiler_with_a_template_is_for_its_platform() {
    if support::which("go").is_none() {
        return support::skip("GoReleaser's templates", "go is not installed");
    }
    let page = fs::read_to_string(root().join("docs/goreleaser.md")).unwrap();
    let lines = page.split('`').filter_map(|word| word.strip_prefix("CC=").filter(|line| line.contains("{{")));
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let dir = support::scratch("templates");
    let program = "package main\n\nimport (\n\t\"os\"\n\t\"text/template\"\n)\n\nfunc main() {\n\
        \tfor _, text := range os.Args[1:] {\n\tfor _, goos := range []string{\"linux\", \"darwin\", \"windows\"} {\n\
        \tfor _, arch := range []string{\"amd64\", \"arm64\"} {\n\
        \tif err := template.Must(template.New(\"\").Parse(text+\"\\n\")).Execute(os.Stdout, map[string]string{\"Os\": goos, \"Arch\": arch}); err != nil {\n\
        \tpanic(err)\n\t}\n\t}\n\t}\n\t}\n}\n";
    fs::write(dir.join("main.go"), program).unwrap();
    let filled = stdout(&run(command("go").current_dir(&dir).args(["run", "main.go"]).args(&lines)));
    let machines = filled.lines().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[0], "xcc", "{line}");
        stdout(&run(command(xcc("xcc")).args(&words[1..]).arg("-dumpmachine"))).trim().to_owned()
    });
    let others = ["x86_64-apple-darwin", "aarch64-apple-darwin", "x86_64-w64-mingw32", "aarch64-w64-mingw32"];
    let all = |linux: [&'static str; 2]| [&linux[..], &others[..]].concat();
    let [glibc, musl] =
        [all(["x86_64-linux-gnu", "aarch64-linux-gnu"]), all(["x86_64-linux-musl", "aarch64-linux-musl"])];
    assert_eq!(machines.collect::<Vec<_>>(), [glibc, musl].concat());
}

/// Each target is Rust's and xcc's, and the steps leave an xcc that Cargo starts, and linkers for what it builds by itself.
#[test]
fn cargo_dist_is_set_up_for_its_targets() {
    let examples = root().join("docs/examples/cargo-dist");
    let text = fs::read_to_string(examples.join("dist-workspace.toml")).unwrap();
    let file: toml::Table = toml::from_str(&text).unwrap();
    let dist = &file["dist"];
    let targets: Vec<&str> = dist["targets"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let runners = dist["github-custom-runners"].as_table().unwrap();
    assert!(runners.keys().all(|name| targets.contains(&name.as_str())), "{runners:?}");
    let Some(steps) = yaml(&examples.join(dist["github-build-setup"].as_str().unwrap())) else { return };
    let (action, script) = (&steps[0], steps[1]["run"].as_str().unwrap());
    assert!(action["uses"].as_str().unwrap().ends_with("/.github/actions/xcc@main"), "{action}");
    let inputs = yaml(&root().join(".github/actions/xcc/action.yml")).unwrap();
    let given = action["with"].as_object().unwrap();
    assert!(given.keys().all(|name| inputs["inputs"].get(name).is_some()), "{action}");
    let machine = |target: &str| stdout(&run(command(xcc("xcc")).args(["cc", "-target", target, "-dumpmachine"])));
    let sorted = |names: Vec<&str>| {
        let mut all: Vec<String> = names.into_iter().map(machine).collect();
        all.sort();
        all
    };
    let made = sorted(given["targets"].as_str().unwrap().split(' ').collect());
    assert_eq!(sorted(targets.clone()), made, "the runtimes of the targets are in the cache");
    let dir = support::scratch("cargo-dist");
    let bin = installed(&dir.join("opt"));
    let mut bash = command("bash");
    bash.args(["-eo", "pipefail", "-c", script]).current_dir(&dir).env("CARGO_HOME", dir.join("cargo"));
    run(bash.env("PATH", path_with(&bin)).env("GITHUB_ENV", dir.join("env")));
    let set = lines(&dir.join("env"));
    for target in targets {
        let name = format!("CARGO_TARGET_{}_LINKER", target.replace('-', "_").to_uppercase());
        let is_set = set.iter().any(|(known, path)| *known == name && Path::new(path).is_file());
        assert_eq!(is_set, target.ends_with("musl"), "{target}: {set:?}");
    }
    assert!(set.iter().all(|(name, _)| name != "CARGO_BUILD_TARGET"), "{set:?}");
    run(command(dir.join("cargo/bin/cargo-zigbuild")).arg("--version"));
}

/// Every name in them is one of the others'; `tests/build_systems/bazel.rs` builds with such a toolchain.
#[test]
fn the_workspace_for_bazel_names_what_it_has() {
    let examples = root().join("docs/examples/bazel");
    let read = |name: &str| fs::read_to_string(examples.join(name)).unwrap();
    let toolchains = read("toolchain/BUILD.bazel");
    let dir = support::scratch("bazel-example");
    let mut platforms = Vec::new();
    for line in toolchains.lines().filter_map(|line| line.strip_prefix("#     xcc ")) {
        let (words, file) = line.split_once(" >toolchain/").unwrap();
        let printed = stdout(&run(command(xcc("xcc")).args(words.split(' '))));
        assert!(printed.contains("\ndef xcc_toolchain(name"), "{words}");
        assert!(toolchains.contains(&format!("load(\":{file}\", ")), "{file}");
        platforms.push(file.strip_suffix(".bzl").unwrap());
        fs::write(dir.join(file), printed).unwrap();
    }
    assert_eq!(toolchains.matches("load(").count(), platforms.len());
    assert!(platforms.iter().all(|name| toolchains.contains(&format!("toolchain(name = \"{name}\")"))));
    let rc = read(".bazelrc");
    let configs: Vec<&str> = rc
        .lines()
        .filter_map(|line| line.strip_prefix("build:")?.split_once(" --platforms=//toolchain:"))
        .map(|(name, platform)| {
            assert_eq!(name, platform);
            name
        })
        .collect();
    assert_eq!(configs, platforms);
    // What the printed file loads is what the module depends on.
    let module = read("MODULE.bazel");
    for printed in platforms.iter().map(|name| fs::read_to_string(dir.join(format!("{name}.bzl"))).unwrap()) {
        for repository in printed.split("\"@").skip(1).map(|rest| rest.split("//").next().unwrap()) {
            let known = module.contains(&format!("bazel_dep(name = \"{repository}\"")) || repository == "bazel_tools";
            assert!(known, "{repository}");
        }
    }
    assert!(read("app/BUILD.bazel").contains("srcs = [\"hello.cc\"]") && examples.join("app/hello.cc").is_file());
}

/// Evaluated in a stand-in for nixpkgs; then its phases, one after the other.
#[test]
fn the_derivation_builds_with_xcc() {
    if support::which("nix-instantiate").is_none() {
        return support::skip("a derivation that builds with xcc", "nix-instantiate is not installed");
    }
    let text = fs::read_to_string(root().join("docs/examples/nix/default.nix")).unwrap();
    let path = text.split(' ').find(|word| word.ends_with("/default.nix")).unwrap();
    assert!(root().join("docs/examples/nix").join(path).is_file(), "{path}");
    let dir = support::scratch("nix-example");
    let expression = format!(
        r#"import (/. + "{}/docs/examples/nix") {{ xcc = "xcc"; pkgs = {{ zig = "zig"; gnumake = "make"; stdenvNoCC.mkDerivation = given: given // {{ src = toString given.src; }}; }}; }}"#,
        root().display()
    );
    let mut nix = command("nix-instantiate");
    nix.args(["--store", "dummy://", "--eval", "--strict", "--json", "-E", &expression]).env("HOME", &dir);
    for (name, place) in [("NIX_STATE_DIR", "state"), ("NIX_STORE_DIR", "store"), ("NIX_CONF_DIR", "conf")] {
        nix.env(name, dir.join(place));
    }
    let given: serde_json::Value = serde_json::from_str(&stdout(&run(&mut nix))).unwrap();
    assert_eq!(given["nativeBuildInputs"], serde_json::json!(["xcc", "zig", "make"]));
    support::copy_dir(Path::new(given["src"].as_str().unwrap()), &dir.join("source"));
    let bin = installed(&dir.join("opt"));
    let phases = ["buildPhase", "checkPhase", "installPhase"].map(|phase| given[phase].as_str().unwrap());
    let mut bash = command("bash");
    bash.args(["-euc", &format!("runHook() {{ :; }}\n{}", phases.join("\n"))]).current_dir(dir.join("source"));
    bash.env("PATH", path_with(&bin)).env("out", dir.join("out")).env("TMPDIR", &dir);
    // What others have made already.
    std::os::unix::fs::symlink(support::cache_dir(), dir.join("xcc")).unwrap();
    run(&mut bash);
    assert_eq!(support::run_target("aarch64-linux-musl", &dir.join("out/bin/hello"), &[]), "hello\n");
}

/// The command of the build stage, with what buildx sets.
#[test]
fn the_dockerfile_builds_for_buildx_platforms() {
    if support::which("go").is_none() {
        return support::skip("the Dockerfile's build", "go is not installed");
    }
    let text = fs::read_to_string(root().join("docs/examples/docker/Dockerfile")).unwrap();
    let text = text.replace("\\\n", " ");
    let runs: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("RUN ")).collect();
    for shell in &runs {
        let shell: Vec<&str> = shell.split_whitespace().filter(|word| !word.starts_with("--mount=")).collect();
        run(command("sh").args(["-n", "-c", &shell.join(" ")]));
    }
    let build: Vec<&str> =
        runs.last().unwrap().split_whitespace().filter(|word| !word.starts_with("--mount=")).collect();
    let platforms: &[(&str, &str, &str)] = &[
        ("linux/arm64", "aarch64-linux-musl", "arch=aarch64"),
        ("linux/amd64", "x86_64-linux-musl", "arch=x86_64"),
        ("linux/arm/v7", "arm-linux-musleabihf", "arch=arm"),
    ];
    for (platform, target, arch) in
        if support::all("the Dockerfile on more platforms") { platforms } else { &platforms[..1] }
    {
        let dir = support::scratch("docker");
        let bin = installed(&dir.join("opt"));
        fs::write(dir.join("go.mod"), "module small\n\ngo 1.24\n").unwrap();
        fs::write(
            dir.join("main.go"),
            "package main\n\n// int three(void) { return 3; }\nimport \"C\"\n\nfunc main() { println(C.three()) }\n",
        )
        .unwrap();
        let mut sh = command("sh");
        sh.current_dir(&dir).args(["-c", &build.join(" ")]).env("PATH", path_with(&bin));
        sh.env("TARGETPLATFORM", platform).env("XCC_LIBC", "musl");
        run(&mut sh);
        run(command(xcc("xcc")).args(["inspect", "--require", arch]).arg(dir.join("out/app")));
        if let Some(mut program) = support::runner(target, &dir.join("out/app")) {
            assert_eq!(support::stderr(&run(&mut program)), "3\n");
        }
    }
}

#[test]
fn cargo_builds_with_the_configuration_alone() {
    let triple = "x86_64-unknown-linux-musl";
    let stds = rust::stds(&[triple]);
    let Some(std) = stds.first().filter(|std| std.method == "installed") else {
        return support::skip("Cargo with config.toml", "no standard library of that target");
    };
    let dir = support::project("rust-macro");
    fs::create_dir(dir.join(".cargo")).unwrap();
    fs::copy(root().join("docs/examples/cargo/config.toml"), dir.join(".cargo/config.toml")).unwrap();
    let bin = installed(&dir.join("opt"));
    let mut cargo = std.cargo("run");
    let said = stdout(&run(cargo.current_dir(&dir).arg("--quiet").env("PATH", path_with(&bin))));
    assert!(said.contains(&format!("built for {triple}\n")), "{said}");
    // Each name in it is one that install.sh makes.
    let names = stdout(&run(command(xcc("xcc")).arg("names")));
    let text = fs::read_to_string(dir.join(".cargo/config.toml")).unwrap();
    let used: Vec<&str> = text.split('"').filter(|word| word.starts_with("xcc-")).collect();
    assert!(used.len() > 10 && used.iter().all(|name| names.lines().any(|known| known == *name)), "{used:?}");
}

/// Its compiler makes both at once, as its ar does.
#[test]
fn a_makefile_makes_a_universal_program() {
    if ["ld64.lld", "lld", "rustup"].iter().all(|tool| support::which(tool).is_none()) {
        return support::skip("a universal program by make", "no LLD is installed");
    }
    let dir = support::scratch("universal-make");
    let makefile = "CC = gcc\nprog: main.o libthree.a\n\t$(CC) -o $@ main.o -L. -lthree\n\
        libthree.a: three.o\n\t$(AR) rcs $@ three.o\n%.o: %.c\n\t$(CC) -MMD -c $< -o $@\n";
    fs::write(dir.join("Makefile"), makefile).unwrap();
    fs::write(dir.join("three.c"), "int three(void) { return 3; }\n").unwrap();
    fs::write(dir.join("main.c"), "int three(void);\nint main(void) { return three() - 3; }\n").unwrap();
    let universal = |words: &[&str]| {
        let mut xcc = command(xcc("xcc"));
        xcc.current_dir(&dir).args(["run", "-t", "universal-macos", "--"]).args(words);
        xcc
    };
    run(&mut universal(&["make"]));
    run(&mut universal(&["sh", "-c", "$CC -o by-sh main.c three.c"]));
    for file in ["prog", "libthree.a", "by-sh"] {
        let archs = stdout(&run(command(xcc("xcc")).args(["lipo", "-archs"]).arg(dir.join(file))));
        assert!(archs.contains("x86_64") && archs.contains("arm64"), "{file}: {archs}");
    }
    // Go itself builds for one at a time.
    let refused = support::run_fails(&mut universal(&["go", "vet"]));
    assert!(support::stderr(&refused).contains("xcc run -t universal-macos -- go build"), "{refused:?}");
}

/// One command, both processors; without -o Go's own name for the program.
#[test]
fn go_and_cargo_make_universal_programs() {
    if support::which("go").is_none() || ["ld64.lld", "lld", "rustup"].iter().all(|tool| support::which(tool).is_none())
    {
        return support::skip("universal programs", "Go or an LLD is not installed");
    }
    let dir = support::scratch("universal");
    fs::write(dir.join("go.mod"), "module example.org/three/v2\n\ngo 1.24\n").unwrap();
    fs::write(
        dir.join("main.go"),
        "package main\n\n// int three(void) { return 3; }\nimport \"C\"\n\nfunc main() { println(C.three()) }\n",
    )
    .unwrap();
    let universal = |words: &[&str]| {
        let mut xcc = command(xcc("xcc"));
        xcc.current_dir(&dir).args(["run", "-t", "universal-macos", "--"]).args(words);
        xcc
    };
    let archs = |file: &str| stdout(&run(command(xcc("xcc")).args(["lipo", "-archs"]).arg(dir.join(file))));
    run(&mut universal(&["go", "build", "-ldflags=-s -w"]));
    assert_eq!(archs("three"), "x86_64 arm64\n");
    run(&mut universal(&["go", "build", "-o", "out/", "-ldflags=-s -w", "."]));
    assert_eq!(fs::read_dir(dir.join("out")).unwrap().count(), 1, "nothing else is left");
    assert_eq!(archs("out/three"), "x86_64 arm64\n");
    // What 'go build' leaves nothing of is built, and that is all; into a directory go the programs alone.
    fs::remove_file(dir.join("three")).unwrap();
    fs::create_dir(dir.join("lib")).unwrap();
    fs::write(dir.join("lib/lib.go"), "package lib\n\n// int four(void) { return 4; }\nimport \"C\"\n").unwrap();
    run(&mut universal(&["go", "build", "./..."]));
    let mut left: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["go.mod", "lib", "main.go", "out"]);
    run(&mut universal(&["go", "build", "-o", "all/", "-ldflags=-s -w", "./..."]));
    assert_eq!((archs("all/three").as_str(), fs::read_dir(dir.join("all")).unwrap().count()), ("x86_64 arm64\n", 1));
    fs::write(dir.join("lib/lib.go"), "package lib\n\nvar broken int = \"\"\n").unwrap();
    support::run_fails(&mut universal(&["go", "build", "./..."]));
    let triples = ["aarch64-apple-darwin", "x86_64-apple-darwin"];
    if rust::stds(&triples).iter().filter(|std| std.method == "installed").count() < 2 {
        return support::skip("Cargo for both processors of macOS", "no standard library of one");
    }
    support::copy_dir(&root().join("testdata/projects/rust-macro"), &dir);
    run(&mut universal(&["cargo", "build", "--quiet", "--locked"]));
    assert_eq!(archs("target/universal-apple-darwin/debug/rust-macro"), "x86_64 arm64\n");
}

/// The machine's own Node loads one addon, and another is for glibc 2.17 elsewhere.
#[test]
fn napi_rs_makes_addons_for_node() {
    if !support::all("addons of napi-rs") {
        return;
    }
    let triples = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];
    if ["npm", "node"].iter().any(|tool| support::which(tool).is_none()) {
        return support::skip("addons for Node", "Node is not installed");
    }
    if rust::stds(&triples).iter().filter(|std| std.method == "installed").count() < 2 {
        return support::skip("addons for Node", "no standard library of one target");
    }
    let dir = support::scratch("napi");
    support::copy_dir(&root().join("docs/examples/napi"), &dir);
    let tools = shared_dir().join("tools/napi");
    if !tools.is_dir() {
        run(command("npm").args(["install", "--silent", "@napi-rs/cli@3.10.12", "--prefix"]).arg(&tools));
    }
    for (triple, platform) in triples.iter().zip(["x64", "arm64"]) {
        let mut xcc = command(xcc("xcc"));
        let target = format!("{}.2.17", triple.replace("-unknown", ""));
        xcc.current_dir(&dir).args(["run", "-t", &target, "--"]).arg(tools.join("node_modules/.bin/napi"));
        run(xcc.args(["build", "--platform", "--release", "--target", triple]));
        let addon = dir.join(format!("example-addon.linux-{platform}-gnu.node"));
        run(command(self::xcc("xcc")).args(["inspect", "--require", "glibc<=2.17,kind=shared-library"]).arg(&addon));
        if cfg!(target_arch = "x86_64") && platform == "x64" {
            let node = ["-p", "require(process.argv[1]).sum(40, 2)"];
            assert_eq!(stdout(&run(command("node").args(node).arg(&addon))), "42\n");
        }
    }
}

/// GoReleaser itself, from Go's module proxy.
fn goreleaser() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let tools = shared_dir().join("tools/goreleaser");
        if !tools.join("goreleaser").is_file() {
            // It is not optimised, and the gigabytes it is made of go again.
            let made = support::scratch("goreleaser-made");
            let mut go = command("go");
            go.args(["install", "-modcacherw", "-gcflags=all=-N -l", "github.com/goreleaser/goreleaser/v2@v2.16.0"]);
            go.env("GOMODCACHE", made.join("mod")).env("GOCACHE", made.join("cache"));
            run(go.env("GOBIN", &tools).env("CGO_ENABLED", "0"));
            fs::remove_dir_all(made).unwrap();
        }
        tools.join("goreleaser")
    })
}

/// In snapshot mode on what the directory has.
#[track_caller]
fn release(dir: &Path, bin: &Path) {
    let who = ["-c", "user.name=n", "-c", "user.email=n@example.org"];
    for words in [&["init", "-q"][..], &["add", "."], &["commit", "-q", "-m", "first"]] {
        run(command("git").current_dir(dir).args(who).args(words));
    }
    let mut goreleaser = command(goreleaser());
    goreleaser.current_dir(dir).args(["release", "--snapshot", "--clean"]).env("PATH", path_with(bin));
    run(&mut goreleaser);
}

/// Its builder for Rust starts `cargo zigbuild`, which is xcc.
#[test]
fn goreleaser_makes_a_snapshot_in_rust() {
    let triples = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-pc-windows-gnu"];
    let triples = [&triples[..], &["aarch64-apple-darwin", "x86_64-apple-darwin"]].concat();
    let installed_stds = rust::stds(&triples).iter().filter(|std| std.method == "installed").count();
    if support::which("go").is_none() || installed_stds < triples.len() {
        return support::skip("GoReleaser in Rust", "Go or a standard library of Rust is not installed");
    }
    let dir = support::scratch("goreleaser-rust");
    let bin = installed(&dir.join("opt"));
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_xcc"), bin.join("cargo-zigbuild")).unwrap();
    support::copy_dir(&root().join("docs/examples/goreleaser-rust"), &dir);
    fs::create_dir(dir.join("src")).unwrap();
    fs::write(dir.join("src/main.rs"), "fn main() { println!(\"{}\", std::env::consts::ARCH); }\n").unwrap();
    fs::write(dir.join("Cargo.toml"), "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2024\"\n").unwrap();
    fs::write(dir.join(".gitignore"), "dist/\nopt/\ntarget/\n").unwrap();
    release(&dir, &bin);
    let sums = fs::read_to_string(dir.join("dist/checksums.txt")).unwrap();
    assert_eq!(sums.lines().count(), 4, "both programs of macOS are one: {sums}");
    let arm64 = dir.join("dist/app_aarch64-unknown-linux-gnu.2.17/app");
    run(command(xcc("xcc")).args(["inspect", "--require", "glibc<=2.17,arch=aarch64"]).arg(&arm64));
    support::run_target("aarch64-linux-gnu", &arm64, &[]);
    let archs = run(command(xcc("xcc")).args(["lipo", "-archs"]).arg(dir.join("dist/app_darwin_all/app")));
    assert!(stdout(&archs).contains("arm64") && stdout(&archs).contains("x86_64"));
}

/// With Go: all six platforms of the example.
#[test]
fn goreleaser_makes_a_snapshot_of_six_platforms() {
    if support::which("go").is_none() || ["ld64.lld", "rustup"].iter().all(|tool| support::which(tool).is_none()) {
        return support::skip("GoReleaser", "Go or an LLD is not installed");
    }
    let dir = support::scratch("goreleaser");
    let bin = installed(&dir.join("opt"));
    support::copy_dir(&root().join("docs/examples/goreleaser"), &dir);
    fs::write(dir.join(".gitignore"), "dist/\nopt/\n").unwrap();
    fs::write(dir.join("go.mod"), "module example.org/app\n\ngo 1.24\n").unwrap();
    fs::write(
        dir.join("main.go"),
        "package main\n\n// int three(void) { return 3; }\nimport \"C\"\n\nfunc main() { println(C.three()) }\n",
    )
    .unwrap();
    release(&dir, &bin);
    let sums = fs::read_to_string(dir.join("dist/checksums.txt")).unwrap();
    assert_eq!(sums.lines().count(), 5, "both programs of macOS are one: {sums}");
    let archs = run(command(xcc("xcc")).args(["lipo", "-archs"]).arg(dir.join("dist/app_darwin_all/app")));
    assert!(stdout(&archs).contains("arm64") && stdout(&archs).contains("x86_64"));
}
