//! xcc beside `zig cc`, cargo-zigbuild's wrapper, and the distribution's clang and gcc: the same input in turns, medians.
//!
//!     cargo bench [-- ROUNDS]
//!
//! The xcc measured is the one that install.sh makes; cargo's own, built for a benchmark, has other features. A ratio is
//! xcc's time by the other's, taken round by round, so that a machine which changes its speed changes both; wall time
//! counts, and CPU time beside it says how much the machine had else to do. What cannot be measured here is a line SKIP,
//! counted at the end.

#[path = "../tests/support/cost.rs"]
mod cost;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cost::{Place, Usage, Zig};

/// What outlives a run: caches, and cargo-zigbuild where the machine has none.
const KEPT: &str = env!("CARGO_TARGET_TMPDIR");
const ZIGBUILD: &str = "cargo-zigbuild==0.24.0";
/// Runs before one that counts.
const WARM: usize = 3;
/// With the version of glibc, for the compilers that let one choose.
const TARGET: &str = "aarch64-linux-gnu.2.28";

struct Compiler {
    name: &'static str,
    /// The words that start it.
    words: Vec<PathBuf>,
    zig: PathBuf,
}

struct Report {
    rounds: usize,
    missed: usize,
    skipped: usize,
}

fn main() {
    let rounds = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(30);
    let mut report = Report { rounds, missed: 0, skipped: 0 };
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path();
    let xcc = installed(dir);
    println!("xcc: {} KiB; the median of {rounds} rounds", fs::metadata(&xcc).unwrap().len() / 1024);
    let zigbuild = zigbuild().map_err(|why| report.skip("cargo-zigbuild", &why)).ok();

    let place = Place::new(&dir.join("place"), &xcc, &cache());
    counts(&place, &mut report);
    wrappers(&place, zigbuild.as_deref(), &mut report);
    compilers(dir, &xcc, zigbuild.as_deref(), &mut report);
    println!("\n{} targets missed, {} measurements skipped", report.missed, report.skipped);
}

impl Report {
    fn skip(&mut self, what: &str, why: &str) {
        self.skipped += 1;
        println!("SKIP {what}: {}", why.trim().lines().last().unwrap_or_default());
    }

    fn verdict(&mut self, figure: f64, limit: f64) -> String {
        let met = figure <= limit;
        self.missed += usize::from(!met);
        format!("at most {limit}: {}", if met { "met" } else { "MISSED" })
    }

    /// One line a compiler; `limits` are those of the ratio to the compiler of that name, and of xcc's own time.
    fn table(&mut self, title: &str, compilers: &[Compiler], limits: &[(&str, f64)], times: &[Vec<Usage>]) {
        println!("\n{title:<36}{:>10}{:>10}{:>14}{:>8}", "wall ms", "CPU ms", "xcc's by it", "CPU");
        let limit = |name| limits.iter().find(|row| row.0 == name).map(|row| row.1);
        for (compiler, runs) in compilers.iter().zip(times) {
            let failed = runs.iter().filter(|run| run.code != 0).count();
            if failed > 0 {
                self.skip(&format!("{title} by {}", compiler.name), &format!("{failed} runs failed"));
                continue;
            }
            let ms = |time: Duration| time.as_secs_f64() * 1e3;
            let wall = median(runs.iter().map(|run| ms(run.wall)));
            let cpu = median(runs.iter().map(|run| ms(run.cpu)));
            let pairs = || times[0].iter().zip(runs);
            let ratio = median(pairs().map(|(ours, its)| ms(ours.wall) / ms(its.wall)));
            let cpu_ratio = median(pairs().map(|(ours, its)| ms(ours.cpu) / ms(its.cpu)));
            let figure = if compiler.name == "xcc" { wall } else { ratio };
            let verdict = limit(compiler.name).map_or(String::new(), |limit| self.verdict(figure, limit));
            println!("  {:<34}{wall:>10.2}{cpu:>10.2}{ratio:>14.2}{cpu_ratio:>8.2}   {verdict}", compiler.name);
        }
    }
}

/// What does not depend on the machine's speed: one compilation with 40 arguments, up to the exec of zig.
fn counts(place: &Place, report: &mut Report) {
    println!("\nxcc alone, 40 arguments");
    let figures = [
        ("instructions", place.instructions(cost::COMPILE), 600_000),
        ("system calls", place.system_calls(cost::COMPILE).map(|calls| calls.len() as u64), 60),
        ("peak memory, KiB", Ok(place.peak_memory(cost::COMPILE)), 8192),
    ];
    for (what, figure, limit) in figures {
        match figure {
            Ok(figure) => println!("  {what:<34}{figure:>10}   {}", report.verdict(figure as f64, f64::from(limit))),
            Err(why) => report.skip(what, &why),
        }
    }
}

/// Times before a zig that does nothing.
fn wrappers(place: &Place, zigbuild: Option<&Path>, report: &mut Report) {
    let compilers = wrapping_compilers(&place.xcc(), &place.zig(Zig::Runs), zigbuild);
    let arguments = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let run = |line: &str| in_turns(&place.dir, &compilers, report.rounds, |_, _| arguments(line));
    fs::write(place.dir.join("words"), cost::response_file()).unwrap();
    fs::write(place.dir.join("changed"), cost::response_file() + "--target=aarch64-linux-gnu.2.28\n").unwrap();
    let titles = ["the wrapper alone, 40 arguments", "10,000 in a response file", "10,000 to be written again"];
    let lines = [cost::COMPILE, "-c hello.c @words", "-c hello.c @changed"];
    let times = lines.map(run);
    for (title, times) in titles.iter().zip(&times) {
        report.table(title, &compilers, &[("xcc", 10.0)], times);
    }
}

/// Times of whole calls.
fn compilers(dir: &Path, xcc: &Path, zigbuild: Option<&Path>, report: &mut Report) {
    let (zig, _) = &cost::zig_of(xcc);
    let name = dir.join(format!("xcc-{TARGET}"));
    symlink(xcc, &name).unwrap();
    let mut compilers = wrapping_compilers(&name, zig, zigbuild);
    compilers.insert(1, Compiler::new("zig cc", &[zig, "cc".as_ref(), "-target".as_ref(), TARGET.as_ref()], zig));
    compilers.push(Compiler::new("clang", &["clang".as_ref(), "--target=aarch64-linux-gnu".as_ref()], zig));
    compilers.push(Compiler::new("gcc", &["aarch64-linux-gnu-gcc".as_ref()], zig));
    fs::write(dir.join("hello.c"), "#include <stdio.h>\nint main(void) { puts(\"hello\"); return N; }\n").unwrap();

    // Also makes what each of them makes only once.
    compilers.retain(|compiler| match compiler.works(dir) {
        Ok(()) => true,
        Err(why) => {
            report.skip(compiler.name, &why);
            false
        }
    });
    assert_eq!(compilers.first().map(|compiler| compiler.name), Some("xcc"), "xcc itself does not work");

    let times = in_turns(dir, &compilers, report.rounds, |round, compiler| {
        // Another file every time, as in a build: nobody has its object in a cache.
        let source = format!("hello-{round}.c");
        let text = format!(
            "#include <stdio.h>\nint main(void) {{ puts(\"hello\"); return {round} + {}; }}\n",
            std::process::id()
        );
        fs::write(dir.join(&source), text).unwrap();
        ["-O2", "-c", &source, "-o", &compiler.object()].map(str::to_owned).to_vec()
    });
    report.table("compile hello.c, in no cache", &compilers, &[("zig cc", 0.5), ("gcc", 1.0)], &times);
    let times = in_turns(dir, &compilers, report.rounds, |_, compiler| {
        [&compiler.object(), "-o", "hello"].map(str::to_owned).to_vec()
    });
    report.table("link hello.o", &compilers, &[("zig cc", 0.7)], &times);
    links_for_windows(dir, xcc, zig, report);
}

/// The same link for Windows, where GNU ld's options become lld-link's.
fn links_for_windows(dir: &Path, xcc: &Path, zig: &Path, report: &mut Report) {
    let target = "x86_64-windows-gnu";
    let name = dir.join(format!("xcc-{target}"));
    symlink(xcc, &name).unwrap();
    let words: [&Path; 4] = [zig, "cc".as_ref(), "-target".as_ref(), target.as_ref()];
    let compilers = [Compiler::new("xcc", &[&name], zig), Compiler::new("zig cc", &words, zig)];
    for compiler in &compilers {
        if let Err(why) = compiler.works(dir) {
            return report.skip("link for Windows", &why);
        }
        fs::rename(dir.join("first.o"), dir.join(compiler.object())).unwrap();
    }
    let times = in_turns(dir, &compilers, report.rounds, |_, compiler| {
        [&compiler.object(), "-o", "hello.exe"].map(str::to_owned).to_vec()
    });
    report.table("link hello.o for Windows", &compilers, &[("zig cc", 0.7)], &times);
}

/// Every compiler `rounds` times, each in its turn. Before a run that counts come some that do not: in a build too it is
/// the same compiler that ran just before, and the processor's caches are its own.
fn in_turns(
    dir: &Path,
    compilers: &[Compiler],
    rounds: usize,
    arguments: impl Fn(usize, &Compiler) -> Vec<String>,
) -> Vec<Vec<Usage>> {
    let mut times: Vec<Vec<Usage>> = compilers.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for (compiler, times) in compilers.iter().zip(&mut times) {
            let run = |n| cost::usage(compiler.command(dir).args(arguments((WARM + 1) * round + n, compiler)));
            for n in 0..WARM {
                run(n);
            }
            times.push(run(WARM));
        }
    }
    times
}

/// xcc, and cargo-zigbuild if it is here.
fn wrapping_compilers(xcc: &Path, zig: &Path, zigbuild: Option<&Path>) -> Vec<Compiler> {
    let mut compilers = vec![Compiler::new("xcc", &[xcc], zig)];
    if let Some(zigbuild) = zigbuild {
        let words = ["zig", "cc", "--", "-target", TARGET].map(Path::new);
        compilers.push(Compiler::new("cargo-zigbuild", &[&[zigbuild], &words[..]].concat(), zig));
    }
    compilers
}

impl Compiler {
    fn new(name: &'static str, words: &[&Path], zig: &Path) -> Compiler {
        Compiler { name, words: words.iter().map(|word| word.to_path_buf()).collect(), zig: zig.to_owned() }
    }

    fn command(&self, dir: &Path) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).current_dir(dir);
        command.env("XCC_ZIG", &self.zig).env("XCC_CACHE_DIR", cache());
        command.env("ZIG_GLOBAL_CACHE_DIR", Path::new(KEPT).join("zig"));
        command.env("ZIG_LOCAL_CACHE_DIR", Path::new(KEPT).join("zig"));
        // At its best: it asks Python and rustc first, which take long to answer where they are launchers themselves.
        command.env("CARGO_ZIGBUILD_ZIG_PATH", &self.zig).env("CARGO_ZIGBUILD_PYTHON_PATH", "false");
        command.env("RUSTC", rustc());
        command
    }

    fn object(&self) -> String {
        format!("{}.o", self.name)
    }

    fn works(&self, dir: &Path) -> Result<(), String> {
        for line in ["-DN=0 -c hello.c -o first.o", "first.o -o first"] {
            let output = self.command(dir).args(line.split(' ')).output().map_err(|e| e.to_string())?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned());
            }
        }
        Ok(())
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// xcc as install.sh installs it.
fn installed(dir: &Path) -> PathBuf {
    let mut install = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh"));
    install.arg("--prefix").arg(dir).args(["--targets", "aarch64-linux-gnu", "--no-zig"]);
    let said = cost::output(install.env("XCC_CACHE_DIR", cache())).unwrap();
    let xcc = dir.join("bin/xcc");
    assert!(xcc.exists(), "{said}");
    xcc
}

/// Where xcc has its sysroots.
fn cache() -> PathBuf {
    Path::new(KEPT).join("xcc")
}

/// The compiler itself, not rustup's launcher.
fn rustc() -> PathBuf {
    let said = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = said.map_or(String::new(), |said| String::from_utf8_lossy(&said.stdout).into_owned());
    Path::new(sysroot.trim()).join("bin/rustc")
}

/// cargo-zigbuild: the machine's, or one that pip puts beside the caches.
fn zigbuild() -> Result<PathBuf, String> {
    if Command::new("cargo-zigbuild").arg("--version").output().is_ok_and(|said| said.status.success()) {
        return Ok("cargo-zigbuild".into());
    }
    let into = Path::new(KEPT).join("cargo-zigbuild");
    let program = into.join("bin/cargo-zigbuild");
    if !program.exists() {
        let mut pip = Command::new("python3");
        let said =
            cost::output(pip.args(["-m", "pip", "install", "-q", "--no-deps", ZIGBUILD, "--target"]).arg(&into))?;
        return if program.exists() { Ok(program) } else { Err(said) };
    }
    Ok(program)
}
