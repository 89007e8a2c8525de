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

/// Without Apple's tools: the names of libraries are right in the build directory, and changed when they are installed.
#[test]
fn a_library_and_a_program_for_macos_are_built_and_installed() {
    if !have(&["cmake", "ninja"]) {
        return;
    }
    let dir = support::scratch("cmake-macos");
    let write = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    let lists = "cmake_minimum_required(VERSION 3.16)\nproject(words C)\ninclude(CheckSymbolExists)\n\
                 check_symbol_exists(getxattr sys/xattr.h HAVE_GETXATTR)\ncheck_symbol_exists(none stdio.h HAVE_NONE)\n\
                 message(STATUS \"answer all=${CMAKE_C_COMPILER_ID}.${APPLE}.${HAVE_GETXATTR}.${HAVE_NONE}\")\n\
                 add_library(words SHARED words.c)\nadd_library(more STATIC more.c)\nadd_library(plug MODULE more.c)\n\
                 set_target_properties(words PROPERTIES VERSION 1.2.3 SOVERSION 1)\nadd_executable(count count.c)\n\
                 target_link_libraries(count words more)\n\
                 set_target_properties(count PROPERTIES INSTALL_RPATH @loader_path/../lib)\n\
                 install(TARGETS words count plug LIBRARY DESTINATION lib RUNTIME DESTINATION bin)\n";
    write("CMakeLists.txt", lists);
    write("words.c", "int words(void) { return 3; }\n");
    write("more.c", "int more(void) { return 4; }\n");
    write("count.c", "int words(void), more(void);\nint main(void) { return words() + more(); }\n");
    write("toolchain.cmake", &env_of(&["--cmake", "aarch64-macos"]));
    let mut cmake = command("cmake");
    cmake.current_dir(&dir).args(["-G", "Ninja", "-S", ".", "-B", "build", "-DCMAKE_TOOLCHAIN_FILE=toolchain.cmake"]);
    let said = stdout(&run(&mut cmake));
    answers(&said, &[("all", "Clang.1.1.")]);
    run(command("cmake").current_dir(&dir).args(["--build", "build", "-j", "2"]));
    run(command("cmake").current_dir(&dir).args(["--install", "build", "--prefix", "out"]));
    assert!(dir.join("out/lib/libwords.1.2.3.dylib").is_file() && dir.join("out/lib/libplug.so").is_file());
    let program = dir.join("out/bin/count");
    let mut check = command("python3");
    let said = stdout(&run(check.arg(support::root().join("tests/support/macho_check.py")).arg(&program)));
    assert!(said.contains(" ok cpu=arm64 ") && said.contains("'@rpath/libwords.1.dylib'"), "{said}");
    let otool = |option: &str| stdout(&run(command(xcc("xcc")).args(["otool", option]).arg(&program)));
    assert!(otool("-l").contains("path @loader_path/../lib "), "{}", otool("-l"));
    assert!(
        !otool("-l").contains(dir.join("build").to_str().unwrap()),
        "the build directory is in it: {}",
        otool("-l")
    );
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
