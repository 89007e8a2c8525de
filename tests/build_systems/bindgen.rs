//! The arguments for bindgen's libclang: another clang than xcc's reads the target's headers with them, and only those,
//! where the host has a GCC of that target too.

use super::*;

#[test]
fn another_clang_sees_the_targets_headers_and_sizes() {
    if !have(&["clang", "aarch64-linux-gnu-gcc"]) {
        return;
    }
    for (target, triple, long) in [
        ("aarch64-linux-gnu", "aarch64_unknown_linux_gnu", 8),
        ("x86_64-linux-musl", "x86_64_unknown_linux_musl", 8),
        ("arm-linux-gnueabihf", "armv7_unknown_linux_gnueabihf", 4),
    ] {
        let printed = env_of(&["--cargo", target]);
        let prefix = format!("export BINDGEN_EXTRA_CLANG_ARGS_{triple}=");
        let line = printed.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_else(|| panic!("{printed}"));
        let dir = support::scratch("bindgen");
        let source = format!(
            "#include <pthread.h>\n#include <stddef.h>\n#include <stdio.h>\n#include <sys/stat.h>\n\
             _Static_assert(sizeof(long) == {long}, \"the target's\");\nstruct stat s;\npthread_mutex_t m;\n"
        );
        fs::write(dir.join("a.h"), source).unwrap();
        // The shell takes the quoting of 'export' off, as it does for 'eval'; bindgen splits the rest.
        let mut shell = command("sh");
        shell.current_dir(&dir).args(["-c", &format!("args={line}; eval clang -H -fsyntax-only -x c \"$args\" a.h")]);
        let headers = support::stderr(&run(&mut shell));
        assert!(headers.contains("/usr/include/stdio.h"), "{headers}");
        let host = |line: &&str| line.contains(" /usr/") && !line.contains("/lib/clang/");
        let foreign = headers.lines().find(host);
        assert_eq!(foreign, None, "a header of the host's");
    }
}
