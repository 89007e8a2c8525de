//! `pkg-config` of a target: the target's `.pc` files, and never the host's.

use super::*;

/// A `.pc` file of a library `words` in `DIR/lib/pkgconfig`, installed in `prefix`.
fn package(dir: &Path, prefix: &str) -> PathBuf {
    let place = dir.join("lib/pkgconfig");
    fs::create_dir_all(&place).unwrap();
    let text = format!(
        "prefix={prefix}\nlibdir=${{prefix}}/lib\nName: words\nDescription: words\nVersion: 1.2\n\
         Libs: -L${{libdir}} -lwords\nLibs.private: -lm\nCflags: -I${{prefix}}/include/words\n"
    );
    fs::write(place.join("words.pc"), text).unwrap();
    place
}

fn pkg_config(target: &str) -> Command {
    without_variables(command(xcc(&format!("xcc-{target}-pkg-config"))))
}

fn without_variables(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().contains("PKG_CONFIG")) {
        command.env_remove(name);
    }
    command
}

/// A package of the host's, where there is one; the test is skipped without.
fn package_of_the_host(test: &str) -> Option<String> {
    let all = stdout(&run(command("pkg-config").arg("--list-all")));
    let name = all.split_whitespace().next().map(str::to_owned);
    if name.is_none() {
        skip(test, "the host has no .pc file");
    }
    name
}

#[test]
fn the_hosts_packages_are_invisible() {
    if !have(&["pkg-config"]) {
        return;
    }
    // A host's package, made visible to the host's program by its own variable for system directories.
    let Some(name) = package_of_the_host("the_hosts_packages_are_invisible") else { return };
    run(command("pkg-config").args(["--exists", &name]));
    support::run_fails(pkg_config("x86_64-linux-gnu").args(["--exists", &name]));
    assert_eq!(stdout(&run(pkg_config("x86_64-linux-gnu").arg("--list-all"))), "");
    let path = stdout(&run(pkg_config("aarch64-linux-gnu").args(["--variable=pc_path", "pkg-config"])));
    assert!(path.trim().split(':').all(|dir| dir.contains("/sysroot/")), "{path}");
}

#[test]
fn variables_of_the_target_name_its_packages() {
    if !have(&["pkg-config"]) {
        return;
    }
    let dir = support::scratch("pkg-config");
    let place = package(&dir, "/opt/arm");
    for variable in
        ["PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_PATH_aarch64_unknown_linux_gnu", "TARGET_PKG_CONFIG_PATH"]
    {
        let printed =
            stdout(&run(pkg_config("aarch64-linux-gnu").env(variable, &place).args(["--cflags", "--libs", "words"])));
        assert_eq!(printed.trim(), "-I/opt/arm/include/words -L/opt/arm/lib -lwords", "{variable}");
        let printed =
            stdout(&run(pkg_config("aarch64-linux-gnu").env(variable, &place).args(["--static", "--libs", "words"])));
        assert!(printed.contains("-lwords -lm"), "{printed}");
    }
    // Another target's variable is not this one's.
    support::run_fails(
        pkg_config("x86_64-linux-musl")
            .env("PKG_CONFIG_PATH_aarch64_unknown_linux_gnu", &place)
            .args(["--exists", "words"]),
    );
}

#[test]
fn library_directories_and_the_sysroot_of_xcc_toml_are_searched() {
    if !have(&["pkg-config"]) {
        return;
    }
    let dir = support::scratch("pkg-config");
    package(&dir.join("opt"), "/opt/arm");
    package(&dir.join("root/usr"), "/usr");
    let ask = |toml: &str| {
        fs::write(dir.join("xcc.toml"), toml).unwrap();
        let mut command = pkg_config("aarch64-linux-gnu");
        stdout(&run(command.current_dir(&dir).args(["--cflags", "--libs", "words"]))).trim().to_owned()
    };
    assert_eq!(ask("lib = ['opt/lib']"), "-I/opt/arm/include/words -L/opt/arm/lib -lwords");
    let root = dir.join("root");
    let printed = ask("sysroot = 'root'");
    assert!(printed.starts_with(&format!("-I{}/usr/include/words", root.display())), "{printed}");
    assert!(printed.ends_with("-lwords") && !printed.contains(" -L/usr/lib "), "{printed}");
}

/// `eval "$(xcc env T)"`, and a build that calls pkg-config by its name; what it builds for this machine sees this machine's packages.
#[test]
fn a_pkg_config_that_is_not_xccs_sees_the_targets_packages() {
    if !have(&["pkg-config"]) {
        return;
    }
    let Some(host) = package_of_the_host("a_pkg_config_that_is_not_xccs_sees_the_targets_packages") else { return };
    let dir = support::scratch("pkg-config-env");
    package(&dir.join("opt"), "/opt/arm");
    package(&dir.join("root/usr"), "/usr");
    let own = |name: &str| xcc(name).display().to_string();
    let ask = |toml: &str, script: &str| {
        fs::write(dir.join("xcc.toml"), toml).unwrap();
        let script = format!("eval \"$({} env aarch64-linux-gnu)\" && {script}", own("xcc"));
        let mut sh = without_variables(command("sh"));
        stdout(&run(sh.current_dir(&dir).args(["-ec", &script]))).trim().to_owned()
    };
    let flags = ask("lib = ['opt/lib']", "pkg-config --cflags --libs words");
    assert_eq!(flags, "-I/opt/arm/include/words -L/opt/arm/lib -lwords");
    assert_eq!(ask("", "pkg-config --list-all; $PKG_CONFIG --list-all"), "");
    let of_host = format!("$PKG_CONFIG_FOR_BUILD --exists {host} && $HOSTPKG_CONFIG --exists {host} && echo both");
    assert_eq!(ask("", &of_host), "both");
    // What was said of one target is not another's, by xcc's own names.
    let of_one = "[target.aarch64-linux-gnu]\nsysroot = 'root'\n";
    let of_another = format!(
        "{} --exists words || {} --list-all",
        own("xcc-x86_64-linux-gnu-pkg-config"),
        own("xcc-x86_64-linux-gnu-pkg-config")
    );
    assert_eq!(ask(of_one, &of_another), "");
    let printed = ask(of_one, "pkg-config --cflags words");
    assert_eq!(printed, format!("-I{}/usr/include/words", dir.join("root").display()));
    if which("meson").is_some() {
        let both = format!(
            "project('both')\nassert(dependency('{host}', native: true, required: false, method: 'pkg-config').found())\n\
             assert(not dependency('{host}', required: false, method: 'pkg-config').found())\n"
        );
        fs::write(dir.join("meson.build"), both).unwrap();
        ask("", "meson setup build --cross-file \"$MESON_CROSS_FILE\" >meson.log || { cat meson.log; exit 1; }");
    }
}

#[test]
fn without_a_pkg_config_there_is_one_clear_error() {
    let mut command = pkg_config("aarch64-linux-gnu");
    let output = support::run_fails(command.env("PATH", support::names_dir()).args(["--exists", "words"]));
    let said = support::stderr(&output);
    assert!(said.starts_with("xcc: error: cannot find pkgconf or pkg-config on PATH\nxcc: help: install "), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
}
