//! CMake, told of xcc by `CC` and `CXX` alone, and by the toolchain file that xcc prints.

use super::*;

/// Configures, builds and installs; what CMake said.
fn build(dir: &Path, configure: &mut Command) -> String {
    let said = stdout(&run(configure.current_dir(dir).args(["-S", ".", "-B", "build", "-DCMAKE_INSTALL_PREFIX=out"])));
    run(command("cmake").current_dir(dir).args(["--build", "build", "-j", "2"]));
    run(command("cmake").current_dir(dir).args(["--install", "build", "--prefix", "out"]));
    for line in ["Detecting C compiler ABI info - done", "Detecting CXX compiler ABI info - done"] {
        assert!(said.contains(line), "{said}");
    }
    said
}

#[track_caller]
fn answers(said: &str, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert!(said.contains(&format!("-- answer {name}={value}\n")), "{name} is not '{value}':\n{said}");
    }
}

/// A package of the target's in `DIR/prefix`.
fn package(dir: &Path) {
    let package = dir.join("prefix/lib/cmake/Elsewhere");
    fs::create_dir_all(&package).unwrap();
    fs::write(package.join("ElsewhereConfig.cmake"), "").unwrap();
}

const ANSWERS: &[(&str, &str)] = &[
    ("CMAKE_C_COMPILER_ID", "Clang"),
    ("CMAKE_CXX_COMPILER_ID", "Clang"),
    ("CMAKE_SIZEOF_VOID_P", "8"),
    ("HAVE_PTHREAD_H", "1"),
    ("HAVE_STRDUP", "1"),
    ("HAVE_NO_SUCH_FUNCTION", ""),
    ("HAVE_NO_SUCH_FLAG", ""),
    ("HAVE_LIBM", "1"),
    ("HAVE_ATOMICS", "1"),
    ("BIG_ENDIAN", "0"),
];

#[test]
fn cc_and_cxx_are_enough() {
    if !have(&["cmake", "ninja"]) {
        return;
    }
    for &target in TARGETS {
        let dir = support::project("cmake");
        let mut cmake = command("cmake");
        cmake.env("CC", xcc(&format!("xcc-{target}"))).env("CXX", xcc(&format!("xcc-{target}-c++")));
        answers(&build(&dir, cmake.args(["-G", "Ninja"])), ANSWERS);
        check_installed(&dir.join("out"), target);
    }
}

#[test]
fn the_toolchain_file_makes_a_cross_build() {
    if !have(&["cmake", "make"]) {
        return;
    }
    for &target in TARGETS {
        let dir = support::project("cmake");
        fs::write(dir.join("toolchain.cmake"), env_of(&["--cmake", target])).unwrap();
        package(&dir);
        let mut cmake = command("cmake");
        cmake.args(["-G", "Unix Makefiles", "-DCMAKE_TOOLCHAIN_FILE=toolchain.cmake", "-DCMAKE_BUILD_TYPE=Release"]);
        let said = build(&dir, cmake.arg(format!("-DCMAKE_PREFIX_PATH={}", dir.join("prefix").display())));
        answers(&said, ANSWERS);
        answers(&said, &[("CMAKE_CROSSCOMPILING", "TRUE"), ("Elsewhere_FOUND", "1")]);
        let math = said.lines().find(|line| line.starts_with("-- answer MATH=")).unwrap_or("");
        assert!(math.contains("/sysroot/"), "the host's libm: {math}");
        check_installed(&dir.join("out"), target);
    }
}

#[test]
fn ninja_may_hand_everything_over_in_response_files() {
    if !have(&["cmake", "ninja"]) {
        return;
    }
    let dir = support::project("cmake");
    fs::write(dir.join("toolchain.cmake"), env_of(&["--cmake", "aarch64-linux-gnu"])).unwrap();
    let mut cmake = command("cmake");
    cmake.args(["-G", "Ninja", "-DCMAKE_TOOLCHAIN_FILE=toolchain.cmake", "-DCMAKE_NINJA_FORCE_RESPONSE_FILE=ON"]);
    package(&dir);
    cmake.env("CMAKE_PREFIX_PATH", format!("/nowhere:{}", dir.join("prefix").display()));
    answers(&build(&dir, &mut cmake), &[("Elsewhere_FOUND", "1")]);
    let rules = fs::read_to_string(dir.join("build/CMakeFiles/rules.ninja")).unwrap();
    assert!(rules.contains("rspfile"), "this CMake writes no response files:\n{rules}");
    check_installed(&dir.join("out"), "aarch64-linux-gnu");
}
