//! What `packaging/` makes, with each distribution's own tool, or with a stand-in for what is not to be had here: what is
//! in the packages, and that it works. Cargo stands aside: its program is the one under test.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::rust;
use crate::support::{self, command, path_with, root, run, stdout, xcc};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Skips unless every tool is there.
fn tools(what: &str, names: &[&str]) -> bool {
    let missing = names.iter().find(|name| support::which(name).is_none());
    if let Some(name) = missing {
        support::skip(what, &format!("{name} is not there"));
    }
    missing.is_none()
}

/// The program under test without its megabytes of debug information.
fn stripped() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let made = support::scratch("stripped").join("xcc");
        run(command(xcc("xcc")).arg("strip").arg("-o").arg(&made).arg(env!("CARGO_BIN_EXE_xcc")));
        made
    })
}

/// A directory for the front of PATH: a Cargo that has built xcc already, and a rustc without rustup.
/// It fails where a packager's build would not be locked, offline and free of the directories of the build.
fn built_already(dir: &Path) -> PathBuf {
    let bin = dir.join("rust/bin");
    fs::create_dir_all(&bin).unwrap();
    fs::copy(stripped(), dir.join("rust/xcc")).unwrap();
    let rustc =
        format!("case $1 in -vV) echo host: {}-unknown-linux-gnu ;; *) echo /nowhere ;; esac", std::env::consts::ARCH);
    let cargo = format!(
        r#"[ "$*" = "fetch --locked" ] && exit
case "$CARGO_NET_OFFLINE $RUSTFLAGS $*" in
"true "*" --remap-path-prefix=$PWD=. build --release --locked --quiet --target "*) ;;
*) echo "built with: $CARGO_NET_OFFLINE $RUSTFLAGS $*" >&2 && exit 1 ;;
esac
for triple; do :; done
mkdir -p "target/$triple/release" && cp '{}' "target/$triple/release/xcc""#,
        dir.join("rust/xcc").display()
    );
    for (name, text) in [("rustc", rustc), ("cargo", cargo), ("rustup", "exit 1".into())] {
        fs::write(bin.join(name), format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    bin
}

/// What is read of a release's archive while Cargo stands aside.
const SOURCES: &str =
    "install.sh packaging Cargo.toml Cargo.lock README.md CHANGELOG.md LICENSE LICENSE-APACHE LICENSE-MIT";

fn source_archive(dir: &Path) -> PathBuf {
    let name = format!("xcc-{VERSION}");
    let archive = dir.join(format!("{name}.tar.gz"));
    let mut tar = command("tar");
    tar.arg("-czf").arg(&archive).arg("-C").arg(root()).arg("--transform").arg(format!("s,^,{name}/,"));
    run(tar.args(SOURCES.split(' ')));
    archive
}

/// The same, unpacked.
fn source(dir: &Path) -> PathBuf {
    run(command("tar").arg("-C").arg(dir).arg("-xf").arg(source_archive(dir)));
    dir.join(format!("xcc-{VERSION}"))
}

/// The one file below a directory whose name ends so.
#[track_caller]
fn made(dir: &Path, end: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir(dir).unwrap().flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.to_string_lossy().ends_with(end));
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// What is in a package wherever it comes from; `files` are the places that differ, below `usr/share`.
#[track_caller]
fn check(usr: &Path, files: &[&str]) {
    let names = stdout(&run(command(usr.join("bin/xcc")).arg("names")));
    assert!(names.lines().count() > 100, "{names}");
    for name in names.lines() {
        assert_eq!(fs::read_link(usr.join("bin").join(name)).unwrap(), Path::new("xcc"), "{name}");
    }
    assert_eq!(fs::read_dir(usr.join("bin")).unwrap().count(), names.lines().count() + 1);
    let machine = run(command(usr.join("bin/xcc-aarch64-linux-gnu")).arg("-dumpmachine"));
    assert_eq!(stdout(&machine), "aarch64-linux-gnu\n");
    for file in files {
        let path = usr.join("share").join(file);
        assert!(fs::metadata(&path).is_ok_and(|of| of.len() > 0 && of.mode() & 0o777 == 0o644), "{path:?}");
    }
    assert!(!usr.join("lib/xcc").exists(), "zig is no part of a package");
}

const COMPLETIONS: [&str; 3] =
    ["bash-completion/completions/xcc", "zsh/site-functions/_xcc", "fish/vendor_completions.d/xcc.fish"];

#[test]
fn rpmbuild_makes_a_package_of_the_spec() {
    if !tools("an RPM", &["rpmbuild", "bsdtar"]) {
        return;
    }
    let dir = support::scratch("rpm");
    let sources = dir.join("SOURCES");
    fs::create_dir_all(&sources).unwrap();
    fs::create_dir_all(dir.join("vendor")).unwrap();
    source_archive(&sources);
    let vendored = sources.join(format!("xcc-{VERSION}-vendor.tar.xz"));
    run(command("tar").arg("-cJf").arg(vendored).arg("-C").arg(&dir).arg("vendor"));
    let mut rpmbuild = command("rpmbuild");
    // As Fedora has it; Debian's sh cannot run brp-compress. No time goes into the compression of the package.
    let macros = "%_enable_debug_packages 1\n\
        %install %{?_enable_debug_packages:%{?buildsubdir:%{debug_package}}}\\\n%%install\\\n%{nil}\n\
        %__brp_compress bash %{_rpmconfigdir}/brp-compress %{_prefix}\n%_binary_payload w0.gzdio\n";
    fs::write(dir.join(".rpmmacros"), format!("%_topdir {}\n{macros}", dir.display())).unwrap();
    rpmbuild.args(["-bb", "--nodeps"]);
    rpmbuild.arg(root().join("packaging/xcc.spec")).env("PATH", path_with(&built_already(&dir))).env("HOME", &dir);
    run(&mut rpmbuild);
    let packages = dir.join("RPMS").join(std::env::consts::ARCH);
    let unpacked = dir.join("root");
    fs::create_dir(&unpacked).unwrap();
    run(command("bsdtar").arg("-C").arg(&unpacked).arg("-xf").arg(made(&packages, ".rpm")));
    check(&unpacked.join("usr"), &COMPLETIONS);
    check(&unpacked.join("usr"), &["man/man1/xcc-matrix.1.gz"]);
    for (end, file) in [("licenses", "THIRD-PARTY.md"), ("doc", "README.md")] {
        let named = made(&unpacked.join("usr/share").join(end), "");
        assert!(fs::metadata(named.join(file)).unwrap().len() > 0, "{named:?}/{file}");
    }
}

/// It refuses root, whose place another user takes, in a directory that is open to all.
#[test]
fn makepkg_makes_a_package_of_the_pkgbuild() {
    if !tools("a package for Arch", &["makepkg", "bsdtar", "fakeroot"]) {
        return;
    }
    let temporary = tempfile::Builder::new().prefix("xcc-makepkg-").tempdir().unwrap();
    let dir = temporary.path();
    let bin = built_already(dir);
    let place = dir.join("place");
    fs::create_dir(&place).unwrap();
    source_archive(&place);
    fs::copy(root().join("packaging/PKGBUILD"), place.join("PKGBUILD")).unwrap();
    let mut makepkg = command("makepkg");
    makepkg.current_dir(&place).args(["--nodeps", "--noconfirm"]).env("HOME", &place).env("PATH", path_with(&bin));
    makepkg.env("PKGEXT", ".pkg.tar");
    run(command("chmod").args(["-R", "a+rX"]).arg(dir));
    if fs::metadata(dir).unwrap().uid() == 0 {
        let nobody = 65534;
        chown(&place, Some(nobody), Some(nobody)).unwrap();
        makepkg.uid(nobody).gid(nobody);
    }
    run(&mut makepkg);
    let unpacked = dir.join("root");
    fs::create_dir(&unpacked).unwrap();
    let package = made(&place, ".pkg.tar");
    run(command("bsdtar").arg("-C").arg(&unpacked).arg("-xf").arg(&package));
    let owners = stdout(&run(command("bsdtar").args(["--numeric-owner", "-tvf"]).arg(&package)));
    assert!(owners.lines().all(|line| line.contains(" 0 0 ") || line.contains(" 0      0 ")), "{owners}");
    check(&unpacked.join("usr"), &COMPLETIONS);
    check(&unpacked.join("usr"), &["man/man1/xcc-matrix.1.gz", "licenses/xcc/LICENSE-MIT", "doc/xcc/README.md"]);
}

/// In a stand-in for nixpkgs; then the phase that it gives, with a program where nixpkgs' hook leaves one.
#[test]
fn the_derivation_asks_for_what_there_is_and_installs() {
    if !tools("the derivation for Nix", &["nix-instantiate"]) {
        return;
    }
    let dir = support::scratch("nix");
    let expression = format!(
        r#"import (/. + "{root}/packaging/default.nix") {{
  pkgs.lib = {{
    cleanSource = path: path;
    cleanSourceWith = given: given;
    licenses = {{ asl20 = "Apache-2.0"; mit = "MIT"; mpl20 = "MPL-2.0"; }};
  }};
  pkgs.rustPlatform.buildRustPackage = given: {{
    inherit (given) pname version installPhase;
    inherit (given.meta) license mainProgram;
    lock = toString given.cargoLock.lockFile;
    src = toString given.src.src;
    kept = map (name: given.src.filter "{root}/${{name}}" "directory") [ "src" "src/target" "target" ];
  }};
}}"#,
        root = root().display()
    );
    let mut nix = command("nix-instantiate");
    nix.args(["--store", "dummy://", "--eval", "--strict", "--json", "-E", &expression]).env("HOME", &dir);
    for (name, place) in [("NIX_STATE_DIR", "state"), ("NIX_STORE_DIR", "store"), ("NIX_CONF_DIR", "conf")] {
        nix.env(name, dir.join(place));
    }
    let given: serde_json::Value = serde_json::from_str(&stdout(&run(&mut nix))).unwrap();
    assert_eq!((&given["pname"], &given["mainProgram"]), (&"xcc".into(), &"xcc".into()));
    assert_eq!(given["version"], VERSION);
    assert_eq!(given["license"], serde_json::json!(["Apache-2.0", "MIT", "MPL-2.0"]));
    assert_eq!(given["src"], root().to_str().unwrap());
    assert_eq!(given["lock"], root().join("Cargo.lock").to_str().unwrap());
    assert_eq!(given["kept"], serde_json::json!([true, true, false]));
    let source = source(&dir);
    let release = source.join("target/x86_64-unknown-linux-gnu/release");
    fs::create_dir_all(&release).unwrap();
    fs::copy(stripped(), release.join("xcc")).unwrap();
    let mut bash = command("bash");
    let phase =
        format!("umask 022; runHook() {{ :; }}; patchShebangs() {{ :; }}\n{}", given["installPhase"].as_str().unwrap());
    run(bash.args(["-euc", &phase]).current_dir(&source).env("out", dir.join("out")));
    // nixpkgs compresses the pages and strips the program.
    check(&dir.join("out"), &COMPLETIONS);
    check(&dir.join("out"), &["man/man1/xcc-matrix.1", "doc/xcc/THIRD-PARTY.md"]);
}

/// In a stand-in for Homebrew: its own steps, then its own test.
#[test]
fn the_formula_installs_and_passes_its_test() {
    if !tools("Homebrew's formula", &["ruby"]) {
        return;
    }
    let dir = support::scratch("brew");
    let homebrew = r#"
require "pathname"

class Formula
  class << self
    def test(&block) = define_method(:try, &block)
    def method_missing(name, *words) = puts([name, *words].join(" "))
    def respond_to_missing?(*) = true
  end
  def prefix = Pathname.new(ENV.fetch("PREFIX"))
  def bin = prefix/"bin"
  def testpath = Pathname.new(ENV.fetch("TESTPATH"))
  def system(*words) = Kernel.system(*words.map(&:to_s), exception: true)
  def shell_output(line) = IO.popen(line, &:read)
  def assert_match(word, text) = text.include?(word) || raise("no #{word}: #{text}")
end

File.umask(0o022)
load ARGV.fetch(0)
Xcc.new.install
Dir.chdir(ENV.fetch("TESTPATH")) { Xcc.new.try }
"#;
    let source = source(&dir);
    fs::create_dir(dir.join("test")).unwrap();
    let mut ruby = command("ruby");
    ruby.args(["-e", homebrew]).arg(source.join("packaging/xcc.rb")).current_dir(&source);
    ruby.env("PREFIX", dir.join("prefix")).env("TESTPATH", dir.join("test")).env("CARGO_NET_OFFLINE", "true");
    let said = stdout(&run(ruby.env("PATH", path_with(&built_already(&dir)))));
    assert!(said.contains("\ndepends_on zig\n"), "{said}");
    assert!(dir.join("test/a.o").is_file());
    check(&dir.join("prefix"), &COMPLETIONS);
    check(&dir.join("prefix"), &["man/man1/xcc-matrix.1", "doc/xcc/THIRD-PARTY.md"]);
}

/// install.sh in an archive of xcc's own release, with what release.sh puts there.
#[test]
fn an_archive_of_the_release_installs_without_cargo() {
    let dir = support::scratch("release");
    let script = fs::read_to_string(root().join("packaging/release.sh")).unwrap();
    let included: Vec<&str> =
        script.split("--include ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
    let archive = dir.join("archive");
    fs::create_dir(&archive).unwrap();
    fs::copy(stripped(), archive.join("xcc")).unwrap();
    for file in &included {
        let from = file
            .strip_prefix("\"$out/")
            .map_or((*file).into(), |made| format!("packaging/{}", made.trim_end_matches('"')));
        fs::copy(root().join(&from), archive.join(Path::new(&from).file_name().unwrap())).unwrap();
    }
    assert!(included.contains(&"install.sh"), "{included:?}");
    let mut shell = command("sh");
    shell
        .args(["-c", "umask 022; exec ./install.sh --no-zig --prefix \"$0\""])
        .arg(dir.join("usr"))
        .current_dir(&archive);
    run(shell.env("PATH", "/usr/bin:/bin").env_remove("DESTDIR"));
    check(&dir.join("usr"), &COMPLETIONS);
    check(&dir.join("usr"), &["man/man1/xcc.1", "doc/xcc/LICENSE-MIT", "doc/xcc/THIRD-PARTY.md"]);
}

/// The demo needs a zig; `--no-zig` promises none.
#[test]
fn an_installation_without_any_zig_leaves_out_the_demo() {
    let dir = support::scratch("no-zig");
    // Neither zig nor a Python that could have ziglang.
    let tools = dir.join("tools");
    fs::create_dir(&tools).unwrap();
    for tool in ["cp", "chmod", "dirname", "find", "id", "ln", "mkdir", "mv", "readlink", "rm", "sh", "tr", "wc"] {
        std::os::unix::fs::symlink(support::which(tool).unwrap(), tools.join(tool)).unwrap();
    }
    let mut installed = command(root().join("install.sh"));
    installed.arg("--built").arg(xcc("xcc")).args(["--no-zig", "--targets", "aarch64-linux-gnu", "--prefix"]);
    installed.arg(dir.join("usr")).env("PATH", &tools).env("HOME", &dir).env_remove("DESTDIR").env_remove("XCC_ZIG");
    let said = stdout(&run(installed.env("XCC_CACHE_DIR", dir.join("cache")).env("XCC_DATA_DIR", dir.join("data"))));
    assert!(said.contains("install.sh: no demo: no zig was found"), "{said}");
    assert!(stdout(&run(command(dir.join("usr/bin/xcc")).arg("targets"))).contains("aarch64-linux-musl"));
}

/// For one of its targets, and without what optimisation takes.
#[test]
fn the_release_script_makes_an_archive_that_it_has_looked_at() {
    let triple = "x86_64-unknown-linux-musl";
    if !rust::stds(&[triple]).iter().any(|std| std.method == "installed") {
        return support::skip("xcc's own release", "no standard library of that target");
    }
    let out = support::scratch("dist");
    let mut script = command(root().join("packaging/release.sh"));
    script.arg(&out).env("XCC", xcc("xcc")).env("TARGETS", triple).env("RUN", "targets").env_remove("CARGO_TARGET_DIR");
    for (name, value) in [("LTO", "off"), ("OPT_LEVEL", "0"), ("CODEGEN_UNITS", "16")] {
        script.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
    }
    let said = stdout(&run(&mut script));
    let name = format!("xcc_{VERSION}_linux_amd64.tar.gz");
    assert!(said.contains(&format!("{name}: static,musl,nx\n")), "{said}");
    run(command("sha256sum").args(["-c", "checksums.txt"]).current_dir(&out));
    let bill = fs::read_to_string(out.join(format!("{name}.cdx.json"))).unwrap();
    assert!(bill.contains("pkg:cargo/object@"), "{bill}");
    run(command("tar").arg("-C").arg(&out).arg("-xf").arg(out.join(name)));
    let mut installed = command(out.join("install.sh"));
    run(installed
        .args(["--no-zig", "--prefix"])
        .arg(out.join("usr"))
        .env("PATH", "/usr/bin:/bin")
        .env_remove("DESTDIR"));
    assert!(stdout(&run(command(out.join("usr/bin/xcc")).arg("targets"))).contains("aarch64-linux-musl"));
}

/// Twice, by two users in two directories: the same bytes, which install and work.
#[test]
fn the_debian_package_is_the_same_bytes_and_works() {
    if !tools("a Debian package", &["dpkg", "dpkg-deb"]) {
        return;
    }
    let dir = support::scratch("deb");
    let made = ["one", "the/other"].map(|name| {
        let out = dir.join(name);
        fs::create_dir_all(out.join("tmp")).unwrap();
        let mut script = Command::new(root().join("packaging/deb.sh"));
        script.arg(&out).arg("--built").arg(stripped()).args(["--targets", "aarch64-linux-gnu,x86_64-linux-musl"]);
        script.env("TMPDIR", out.join("tmp")).env("SOURCE_DATE_EPOCH", "1000000000").env("COMPRESSION", "none");
        run(script.env("HOME", &out).env_remove("DESTDIR"));
        let entries = fs::read_dir(&out).unwrap().flatten().map(|entry| entry.path());
        entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "deb")).unwrap()
    });
    assert!(fs::read(&made[0]).unwrap() == fs::read(&made[1]).unwrap(), "{made:?} differ");
    let root_dir = dir.join("root");
    run(command("dpkg-deb").arg("-x").arg(&made[0]).arg(&root_dir));
    let machine = run(command(root_dir.join("usr/bin/xcc-aarch64-linux-gnu")).arg("-dumpmachine"));
    assert_eq!(stdout(&machine), "aarch64-linux-gnu\n");
    for file in [
        "man/man1/xcc-matrix.1.gz",
        "bash-completion/completions/xcc",
        "zsh/vendor-completions/_xcc",
        "fish/completions/xcc.fish",
        "doc/xcc/copyright",
    ] {
        assert!(root_dir.join("usr/share").join(file).is_file(), "{file}");
    }
    assert!(!root_dir.join("usr/lib").exists(), "zig is no part of a package");
    // dpkg itself, on a system of its own that has nothing but this package.
    let system = dir.join("system");
    for name in ["updates", "info"] {
        fs::create_dir_all(system.join("var/lib/dpkg").join(name)).unwrap();
    }
    fs::write(system.join("var/lib/dpkg/status"), "").unwrap();
    let dpkg = |words: &[&str], package: &str| {
        let mut dpkg = command("dpkg");
        let root = format!("--root={}", system.display());
        dpkg.args([&root, "--force-not-root", "--force-script-chrootless", "--log=/dev/null"]).args(words).arg(package);
        stdout(&run(&mut dpkg))
    };
    dpkg(&["-i"], made[0].to_str().unwrap());
    assert!(dpkg(&["-s"], "xcc").contains("Status: install ok installed"));
    dpkg(&["--verify"], "xcc");
    let mut compile = command(system.join("usr/bin/xcc-aarch64-linux-gnu"));
    fs::write(dir.join("a.c"), "int a;\n").unwrap();
    run(compile.current_dir(&dir).args(["-c", "a.c"]));
    assert!(dir.join("a.o").is_file());
    dpkg(&["-r"], "xcc");
    let left: Vec<String> =
        fs::read_dir(&system).unwrap().flatten().map(|entry| entry.file_name().display().to_string()).collect();
    assert_eq!(left, ["var"], "what dpkg itself keeps is below var");
    // Where links may be followed, and nothing points out of the package.
    let owners = stdout(&run(command("dpkg-deb").arg("-c").arg(&made[0])));
    assert!(owners.lines().all(|line| line.contains(" root/root ") && line.contains("2001-09-0")), "{owners}");
}

/// By cargo, from the same sources in two directories, as packagers build it: with `SOURCE_DATE_EPOCH`, and the paths of the
/// build and of cargo mapped. Without what optimisation takes.
#[test]
fn xcc_itself_is_the_same_bytes_from_two_directories() {
    if !support::all("xcc built twice, the same bytes") {
        return;
    }
    let dir = support::scratch("xcc-twice");
    let made = ["one", "the/other/directory"].map(|name| {
        let source = dir.join(name);
        fs::create_dir_all(&source).unwrap();
        let mut files = command("git");
        files.current_dir(root()).args(["ls-files", "-z", "--", "src", "shims", "benches", "Cargo.toml", "Cargo.lock"]);
        for file in stdout(&run(&mut files)).split_terminator('\0') {
            fs::create_dir_all(source.join(file).parent().unwrap()).unwrap();
            fs::copy(root().join(file), source.join(file)).unwrap();
        }
        let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo_home = cargo_home.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cargo"));
        let flags =
            format!("--remap-path-prefix={}=. --remap-path-prefix={}=/cargo", source.display(), cargo_home.display());
        let mut cargo = command("cargo");
        cargo.current_dir(&source).args(["build", "--release", "--locked", "--quiet"]).env("RUSTFLAGS", flags);
        cargo
            .env("SOURCE_DATE_EPOCH", "1000000000")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        for (name, value) in [("LTO", "off"), ("OPT_LEVEL", "0"), ("CODEGEN_UNITS", "16")] {
            cargo.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
        }
        run(&mut cargo);
        fs::read(source.join("target/release/xcc")).unwrap()
    });
    assert!(made[0] == made[1], "two builds of xcc differ");
    let path = dir.display().to_string();
    assert!(memchr::memmem::find(&made[0], path.as_bytes()).is_none(), "the directory of the build is in the program");
}

#[test]
fn packages_have_the_version_and_licences_of_the_source() {
    for file in ["xcc.spec", "PKGBUILD", "default.nix"] {
        let text = fs::read_to_string(root().join("packaging").join(file)).unwrap();
        assert!(text.contains(env!("CARGO_PKG_VERSION")), "{file}");
    }
    run(command("bash").arg("-n").arg(root().join("packaging/PKGBUILD")));
    if support::which("python3").is_some() {
        let made = stdout(&run(&mut command(root().join("packaging/third-party.py"))));
        let kept = fs::read_to_string(root().join("packaging/THIRD-PARTY.md")).unwrap();
        // Versions are Cargo.lock's business.
        let rows = |text: &str| -> Vec<String> {
            let rows = text.lines().filter(|line| line.starts_with("| "));
            let columns = rows.map(|row| row.split(" | ").map(str::to_owned).collect::<Vec<_>>());
            columns.map(|row| format!("{} {}", row[0], row[2])).collect()
        };
        let [made, kept] = [rows(&made), rows(&kept)];
        let differ: Vec<&String> = made
            .iter()
            .filter(|row| !kept.contains(row))
            .chain(kept.iter().filter(|row| !made.contains(row)))
            .collect();
        assert!(differ.is_empty(), "run packaging/third-party.py >packaging/THIRD-PARTY.md: {differ:?}");
    }
}
