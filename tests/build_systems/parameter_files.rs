//! Parameter files as Bazel writes them: one argument a line, for the compiler, the linker and the archiver.

use super::*;

#[test]
fn bazels_parameter_files_are_read() {
    let (dir, target) = (support::project("cmake"), "aarch64-linux-gnu");
    let tool = |name: &str| {
        let mut command = command(xcc(&format!("xcc-{target}-{name}")));
        command.current_dir(&dir);
        command
    };
    fs::create_dir(dir.join("with space")).unwrap();
    // Bazel quotes as a shell does where a word needs it.
    fs::write(
        dir.join("compile.params"),
        "-O2\n-DNAME=\"a b\"\n'-Iwith space'\n-c\nwords.c\n-o\n'with space/words.o'\n",
    )
    .unwrap();
    fs::write(dir.join("archive.params"), "rcsD\nlibwords.a\n'with space/words.o'\n").unwrap();
    fs::write(dir.join("link.params"), "-o\ncount\n-Wl,--as-needed\ncount.o\n-L.\n-lwords\n-lpthread\n").unwrap();
    run(tool("cc").arg("@compile.params"));
    run(tool("ar").arg("@archive.params"));
    run(tool("c++").args(["-c", "count.cc"]));
    run(tool("c++").arg("@link.params"));
    if let Some(mut command) = runner(target, &dir.join("count")) {
        assert_eq!(stdout(&run(&mut command)), OUTPUT);
    }
}
