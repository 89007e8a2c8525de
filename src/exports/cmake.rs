//! `xcc env --cmake`: a toolchain file.

use std::fmt::Write as _;

use super::{Facts, machines, text_of};
use crate::error::Result;

/// A toolchain file. Libraries and packages come from the sysroot and from where the user says; programs that the build
/// runs come from the host.
pub(super) fn file(facts: &Facts) -> Result<String> {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$"));
    let machine = machines::of(facts.target);
    let mut text = format!(
        "# CMake toolchain file for {}, printed by 'xcc env --cmake {}'.\n\
         set(CMAKE_SYSTEM_NAME {})\nset(CMAKE_SYSTEM_PROCESSOR {})\n",
        facts.target,
        facts.target,
        machines::system(facts.target).cmake,
        machine.uname
    );
    if facts.target.is_bare() {
        // A program needs a linker script, which CMake's own trials do not have.
        text.push_str("set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)\n");
    }
    for (tool, path) in facts.tools().filter(|(tool, _)| !tool.cmake.is_empty()) {
        // CMake fills the compilers into its cache itself, and looks for the others only if that has none.
        let cache = if tool.cmake.ends_with("COMPILER") { "" } else { " CACHE FILEPATH \"\"" };
        let _ = writeln!(text, "set({} {}{cache})", tool.cmake, quote(path?));
    }
    if let Some(version) = facts.target.macos_version() {
        let _ = writeln!(
            text,
            // CMake asks the host which macOS it is, and then takes the system for one of long ago, which had no rpath. The
            // file of rules is read behind those of the system.
            "set(CMAKE_SYSTEM_VERSION {}.0)\nset(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG \"-Wl,-rpath,\")\n\
             set(CMAKE_USER_MAKE_RULES_OVERRIDE \"${{CMAKE_CURRENT_LIST_FILE}}\")\nset(CMAKE_OSX_SYSROOT {} CACHE PATH \"\")\nset(CMAKE_OSX_ARCHITECTURES {} CACHE STRING \"\")\n\
             set(CMAKE_OSX_DEPLOYMENT_TARGET {version} CACHE STRING \"\")",
            version.darwin(),
            quote(text_of(&facts.sysroot)?),
            if facts.target.is_universal() { "\"arm64;x86_64\"" } else { facts.target.row.emulation }
        );
    }
    let mut roots = vec![quote(text_of(&facts.sysroot)?)];
    for root in &facts.roots {
        roots.push(quote(text_of(root)?));
    }
    let _ = writeln!(
        text,
        "\nlist(APPEND CMAKE_FIND_ROOT_PATH {})\n\
         # What the user names is the target's too.\n\
         file(TO_CMAKE_PATH \"$ENV{{CMAKE_PREFIX_PATH}}\" XCC_PREFIXES)\n\
         list(APPEND CMAKE_FIND_ROOT_PATH ${{CMAKE_PREFIX_PATH}} ${{XCC_PREFIXES}})\n\
         set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)\n\
         set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)\n\
         set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)\n\
         set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)",
        roots.join(" ")
    );
    Ok(text)
}
