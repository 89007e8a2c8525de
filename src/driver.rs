//! The straight line of a compiler call, from its arguments to the command that replaces it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::args::{self, Arg, Meaning};
use crate::backend::{self, Backend, Invocation, Plan, Setup};
use crate::binutils::macho::dsymutil;
use crate::caches;
use crate::compile_link;
use crate::config::Config;
use crate::dirs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::facts::{Facts, Step};
use crate::guard;
use crate::link;
use crate::links;
use crate::osxcross;
use crate::personality::Personality;
use crate::probe::{self, Answer, Probe, Reply};
use crate::sysroot::{self, Component};
use crate::target::{Target, bare};
use crate::tools;
use crate::trace;
use crate::zig::{self, Zig};

/// What the line asks of the machine it runs on; a golden case is another machine.
pub(crate) trait Machine {
    /// The contents of a response file.
    fn read(&self, file: &OsStr) -> Option<Vec<u8>>;
    /// What the user adds to every command for the target.
    fn config(&self, target: Target) -> Result<Config>;
    /// Where zig, the sysroot and the linker are.
    fn setup(&self, target: Target, config: &Config, facts: &Facts<'_>) -> Result<Setup>;
    /// clang's version in the zig of a setup.
    fn clang_version(&self, setup: &Setup) -> Result<String>;
    /// What runs that clang, for the version line: `zig 0.17.0`.
    fn maker(&self, setup: &Setup) -> Result<String>;
    /// A program of the target, for `-print-prog-name`.
    fn program(&self, name: &str, target: Target, setup: &Setup) -> Result<String>;
    /// Makes what is missing of the target's sysroot.
    fn make(&self, target: Target, setup: &Setup, components: &[Component]) -> Result<()>;
    /// Is there a file or directory?
    fn exists(&self, path: &Path) -> bool;
    /// Is there nothing to read in an input (`-` is standard input)?
    fn is_empty(&self, input: &OsStr) -> bool;
}

/// What a command line comes to.
pub(crate) enum Outcome {
    Answer(Answer),
    Run(Box<Run>),
}

/// A command that is ready to run.
pub(crate) struct Run {
    pub(crate) target: Target,
    pub(crate) setup: Setup,
    pub(crate) plan: Plan,
    /// What a compiler cache would see of the command line.
    pub(crate) step: Step,
    /// `-o`.
    pub(crate) output: Option<OsString>,
    /// The program or library that is linked.
    pub(crate) linked: Option<OsString>,
    pub(crate) config: Config,
    /// The command line with what the configuration adds, if it adds anything.
    pub(crate) injected: Option<Vec<OsString>>,
}

/// From the arguments to the command: a function of these, of `env`, and of what `machine` answers.
pub(crate) fn decide(
    personality: Personality,
    named: Option<Target>,
    argv: &[OsString],
    env: &Env,
    machine: &dyn Machine,
) -> Result<Outcome> {
    let read = |name: &OsStr| machine.read(name);
    let words = args::read_words(argv, &read);
    let args = args::parse(&words.words)?;
    // By the name: `arm-none-eabi` is not what its options make of it.
    let target = target_of(named, &args, env)?.with_deployment_target(env)?;
    let mut config = machine.config(target)?;
    let target = target.with_configured_glibc(config.glibc)?;
    if env.get(crate::env::XCC_LAUNCHED).is_some() {
        // The xcc that has started the launcher has written them into the command line.
        config.drop_flags();
    }
    let facts = Facts::of(&args, personality).of_apple(target.is_macos());
    let target = target.of_archs(&facts.archs);
    // What the configuration adds is read like the user's own words.
    let Some(injected) = backend::inject(argv, &facts, personality, target, &config) else {
        let target = bare::refine(target, &args);
        let invocation = Invocation { personality, target, argv, lines: &words, args: &args, facts: &facts };
        return conclude(&invocation, config, env, machine);
    };
    let words = args::read_words(&injected, &read);
    let args = args::parse(&words.words)?;
    let facts = Facts::of(&args, personality).of_apple(target.is_macos());
    let target = bare::refine(target, &args);
    let invocation = Invocation { personality, target, argv: &injected, lines: &words, args: &args, facts: &facts };
    let mut outcome = conclude(&invocation, config, env, machine)?;
    if let Outcome::Run(run) = &mut outcome {
        run.injected = Some(injected.clone());
    }
    Ok(outcome)
}

fn conclude(invocation: &Invocation<'_>, config: Config, env: &Env, machine: &dyn Machine) -> Result<Outcome> {
    let (target, facts) = (invocation.target, invocation.facts);
    let backend = config.backend.as_deref().map_or(Ok(Backend::Direct), Backend::parse)?;
    if backend == Backend::Osxcross {
        osxcross::check(target)?;
    }
    let setup = machine.setup(target, &config, facts)?;
    let probe = Probe { target, facts, config: &config, setup: &setup, machine };
    let backend = match probe.reply()? {
        None => backend,
        Some(Reply::Answer(answer)) => return Ok(Outcome::Answer(answer)),
        Some(Reply::Clang) if backend == Backend::Osxcross => backend,
        // zig's own driver would not understand.
        Some(Reply::Clang) => Backend::Direct,
        Some(Reply::Run(command)) => {
            let plan = Plan { command, ..Plan::default() };
            return Ok(Outcome::Run(Box::new(Run {
                target,
                setup,
                plan,
                step: Step::Other,
                output: None,
                linked: None,
                config,
                injected: None,
            })));
        }
    };
    let findings = guard::check(invocation, &config.guard)?;
    let relative = setup.relative(env);
    let mut plan = backend::plan(invocation, backend, relative.as_ref().unwrap_or(&setup))?;
    plan.findings = findings;
    if backend == Backend::Direct && link::is_regular(facts, env) {
        match facts.only_source {
            None => plan.shape = link::Shape::of(&plan.command, &setup.zig, &|name| machine.read(name)),
            // clang starts dsymutil after the link, while the object is there.
            Some(_) if setup.dsymutil => {}
            Some(source) => plan.pair = compile_link::Pair::of(&plan.command, invocation.args, source, facts.output),
        }
    }
    let last = std::mem::take(&mut plan.last);
    match &mut plan.pair {
        Some(pair) => pair.last = last,
        None => plan.command.args.extend(last),
    }
    if facts.hash_hash_hash {
        return Ok(Outcome::Answer(probe::hash_hash_hash(&probe.version_line()?, target, &plan)));
    }
    let default_output = if target.is_windows() { "a.exe" } else { "a.out" };
    let mut linked =
        (facts.links && !facts.relocatable).then(|| facts.output.unwrap_or(OsStr::new(default_output)).to_owned());
    if facts.links && backend == Backend::Direct && probe::is_gos_link(invocation.args, facts) {
        plan.command.args.extend(probe::gos_link(target).iter().map(OsString::from));
        (plan.shape, plan.pair, linked) = (None, None, None);
        plan.components.clear();
    }
    if facts.probes || !facts.has_input && !facts.links || facts.prints_macros && invocation.reads_nothing(machine) {
        // A question to clang: no sysroot has to be made for the answer.
        plan.components.clear();
    }
    let output = facts.output.map(OsStr::to_owned);
    let setup = relative.unwrap_or(setup);
    Ok(Outcome::Run(Box::new(Run { target, setup, plan, step: facts.step, output, linked, config, injected: None })))
}

/// Runs a compiler driver: `named` is the target of the name, `argv` what follows it.
pub(crate) fn run(
    personality: Personality,
    named: Option<Target>,
    argv0: &OsStr,
    argv: &[OsString],
    env: &Env,
) -> Result<i32> {
    let since = Instant::now();
    let machine = ThisMachine { env, argv0 };
    let Run { target, setup, plan, step, output, linked, config, injected } =
        match decide(personality, named, argv, env, &machine)? {
            Outcome::Answer(answer) => return say(&answer),
            Outcome::Run(run) => *run,
        };
    let version_line = || {
        let (clang, maker) = (machine.clang_version(&setup)?, machine.maker(&setup)?);
        Ok(probe::version_line(&clang, &maker, target, &config))
    };
    if env.get(crate::env::XCC_LAUNCHED).is_none() {
        guard::warn(&plan.findings);
    }
    if step == Step::Object
        && let Some(command) =
            caches::launch(personality, target, injected.as_deref().unwrap_or(argv), &setup.cache, version_line, env)?
    {
        let plan = Plan { command, ..Plan::default() };
        trace::write(env, argv, &about(target, &setup), &plan, to_lld(target, &plan), since)?;
        return plan.command.exec(env);
    }
    trace::write(env, argv, &about(target, &setup), &plan, to_lld(target, &plan), since)?;
    if plan.links {
        links::ensure(&setup.cache, LINKER)?;
        if target.is_macos() {
            links::ensure(&setup.cache, "dsymutil")?;
        }
    }
    if plan.joins {
        links::ensure(&setup.cache, "lipo")?;
        links::sweep(&links::halves(&setup.cache))?;
    }
    sysroot::ensure(&setup.cache, &setup.zig, target, &plan.components)?;
    if step == Step::Preprocess && caches::is_behind_cache(env) {
        return caches::preprocess(&plan.command, output.as_deref(), &version_line()?, env);
    }
    let check = guard::output::Check::of(linked.as_deref(), &config.guard, env);
    let code = build(&plan, &setup, target, check.is_some(), env)?;
    if let Some(check) = check.filter(|_| code == 0) {
        check.look(env)?;
    }
    Ok(code)
}

/// Does what was planned, with as few processes as it takes; xcc is there afterwards only if it `stays`.
fn build(plan: &Plan, setup: &Setup, target: Target, stays: bool, env: &Env) -> Result<i32> {
    if let Some(pair) = &plan.pair
        && let Some(code) = pair.run(&plan.command, setup, target, env)?
    {
        return Ok(code);
    }
    let line = plan.shape.as_ref().and_then(|shape| shape.line(&plan.command, &setup.cache, &setup.linker, &env.cwd));
    match line {
        Some(line) => tools::link_as_clang(setup.zig.path.clone(), &line, target, env),
        None if stays => plan.command.run(env),
        None => plan.command.exec(env),
    }
}

/// Where zig, the cache and the sysroot of a target are, for the tools beside the compiler, whatever backend is chosen.
pub(crate) fn setup_of(target: Target, config: &Config, env: &Env) -> Result<Setup> {
    ThisMachine { env, argv0: OsStr::new("xcc") }.setup_of_zig(target, config, &Facts::default())
}

/// The text of a trace, without running anything.
pub(crate) fn explain(personality: Personality, named: Option<Target>, argv: &[OsString], env: &Env) -> Result<String> {
    let machine = ThisMachine { env, argv0: OsStr::new("xcc") };
    Ok(match decide(personality, named, argv, env, &machine)? {
        Outcome::Answer(answer) => format!("xcc: answers by itself:\n{}{}", answer.stdout, answer.stderr),
        Outcome::Run(run) => {
            let to_lld = to_lld(run.target, &run.plan);
            trace::text(argv, &about(run.target, &run.setup), &run.plan, to_lld)
        }
    })
}

/// Is it a link by LLD's front for ELF, through xcc's `ld.lld`?
fn to_lld(target: Target, plan: &Plan) -> bool {
    plan.links && !(target.is_macos() || target.is_windows() || target.is_wasi())
}

fn about(target: Target, setup: &Setup) -> String {
    let zig = if setup.osxcross.is_some() { "" } else { "zig " };
    format!("{} by {zig}{} ({})", target.full_name(), setup.zig.version, setup.zig.why)
}

/// The name clang starts its linker by.
pub(crate) const LINKER: &str = "ld.lld";

/// The machine the process runs on.
struct ThisMachine<'a> {
    env: &'a Env,
    argv0: &'a OsStr,
}

impl Machine for ThisMachine<'_> {
    fn read(&self, file: &OsStr) -> Option<Vec<u8>> {
        fs::read(self.env.cwd.join(file)).ok()
    }

    fn config(&self, target: Target) -> Result<Config> {
        Config::load(target, self.env)
    }

    fn setup(&self, target: Target, config: &Config, facts: &Facts<'_>) -> Result<Setup> {
        match osxcross::chosen(target, config, self.env)? {
            None => self.setup_of_zig(target, config, facts),
            Some(found) => Ok(Setup {
                sysroot: found.sdk(),
                linker: PathBuf::new(),
                multilib: None,
                sysroot_has_gcc: false,
                dsymutil: false,
                zig: found.in_place_of_zig(target),
                cache: dirs::cache(self.env).unwrap_or_else(|| dirs::temporary_cache(self.env)),
                osxcross: Some(found),
            }),
        }
    }

    fn clang_version(&self, setup: &Setup) -> Result<String> {
        match setup.osxcross {
            Some(_) => osxcross::version(&setup.zig.path).map(|(version, _)| version),
            None => zig::clang_version(&setup.zig, self.env),
        }
    }

    fn maker(&self, setup: &Setup) -> Result<String> {
        match setup.osxcross {
            Some(_) => osxcross::version(&setup.zig.path).map(|(_, triple)| format!("{} {triple}", osxcross::NAME)),
            None => Ok(format!("zig {}", setup.zig.version)),
        }
    }

    fn program(&self, name: &str, target: Target, setup: &Setup) -> Result<String> {
        match setup.osxcross.as_ref().and_then(|found| found.tool(name, target)) {
            Some(path) => Ok(path.display().to_string()),
            None => probe::program(name, target, self.argv0, &setup.cache),
        }
    }

    fn make(&self, target: Target, setup: &Setup, components: &[Component]) -> Result<()> {
        sysroot::ensure(&setup.cache, &setup.zig, target, components)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_empty(&self, input: &OsStr) -> bool {
        let name = if input == "-" { OsStr::new("/dev/stdin") } else { input };
        let real = fs::canonicalize(self.env.cwd.join(name));
        real.is_ok_and(|path| {
            path == Path::new("/dev/null") || path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0)
        })
    }
}

impl ThisMachine<'_> {
    fn setup_of_zig(&self, target: Target, config: &Config, facts: &Facts<'_>) -> Result<Setup> {
        let zig = zig::find(self.env, config.zig.as_deref())?;
        let cache = cache_for(self.env, &zig, target)?;
        Ok(Setup {
            sysroot: sysroot::path(&cache, &zig.version, target),
            linker: links::path(&cache, LINKER),
            multilib: facts.sysroot.and_then(|dir| multilib(target, &self.env.cwd.join(dir))),
            sysroot_has_gcc: facts.links && facts.sysroot.is_some_and(|dir| has_gcc(&self.env.cwd.join(dir))),
            dsymutil: target.is_macos() && facts.loses_objects() && dsymutil::real(self.env).is_some(),
            zig,
            osxcross: None,
            cache,
        })
    }
}

/// The target of the name, refined or replaced by the last `-target`; the host when nothing says.
fn target_of(named: Option<Target>, args: &[Arg<'_>], env: &Env) -> Result<Target> {
    let mut target = named;
    for arg in args.iter().filter(|arg| arg.meaning() == Some(Meaning::Target)) {
        let later = Target::parse(arg.text())?.with_go_variant(env)?;
        target = Some(target.map_or(later, |target| target.refined_by(later)));
    }
    target.map_or_else(Target::host, Ok)
}

/// The cache to use: the user's, or a private temporary one where that cannot be written and does not have what is
/// needed already. A cache that the user named is used or fails.
fn cache_for(env: &Env, zig: &Zig, target: Target) -> Result<PathBuf> {
    if let Some(cache) = dirs::cache(env) {
        let named = env.get(crate::env::XCC_CACHE_DIR).is_some();
        if named || sysroot::path(&cache, &zig.version, target).exists() || is_writable(&cache) {
            return Ok(cache);
        }
    }
    let cache = dirs::temporary_cache(env);
    fs::create_dir_all(&cache).map_err(Error::io("create", &cache))?;
    check_private(&cache)?;
    Ok(cache)
}

/// Can directories be made in it, or it itself?
fn is_writable(cache: &Path) -> bool {
    fs::create_dir_all(cache.join("sysroot")).is_ok()
        && tempfile::Builder::new().prefix(".try-").tempfile_in(cache).is_ok()
}

/// A directory under a name that everybody can guess is used only if it is ours: what is in it will be run.
#[cfg(unix)]
fn check_private(cache: &Path) -> Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let meta = fs::symlink_metadata(cache).map_err(Error::io("read", cache))?;
    // SAFETY: geteuid cannot fail and touches no memory.
    if !meta.is_dir() || meta.uid() != unsafe { libc::geteuid() } {
        return Err(Error::with_help(
            format!("'{}' belongs to somebody else", cache.display()),
            "set XCC_CACHE_DIR to a directory of your own",
        ));
    }
    fs::set_permissions(cache, fs::Permissions::from_mode(0o700)).map_err(Error::io("write", cache))
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<()> {
    Ok(())
}

/// Where clang finds a GCC installation below a sysroot it also takes GCC's runtime.
fn has_gcc(sysroot: &Path) -> bool {
    ["usr/lib/gcc", "lib/gcc", "usr/lib/gcc-cross"].iter().any(|dir| sysroot.join(dir).is_dir())
}

/// The directory of a newlib for the target's processor.
fn multilib(target: Target, sysroot: &Path) -> Option<PathBuf> {
    if !target.is_bare() {
        return None;
    }
    let dirs = bare::multilib_dirs(target).into_iter().map(|dir| sysroot.join("lib").join(dir));
    dirs.into_iter().find(|dir| dir.join("libc.a").is_file())
}

fn say(answer: &Answer) -> Result<i32> {
    std::io::stdout().write_all(answer.stdout.as_bytes()).map_err(Error::io("write", "standard output"))?;
    std::io::stderr().write_all(answer.stderr.as_bytes()).map_err(Error::io("write", "standard error"))?;
    Ok(answer.status)
}
