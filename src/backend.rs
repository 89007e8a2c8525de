//! Backends: who does the work, and the one function that turns arguments and target into a command.
//!
//! A new backend is a file in `backend/` and a row of [`BACKENDS`].

pub(crate) mod direct;
pub(crate) mod osxcross;
pub(crate) mod zig_cc;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::args;
use crate::command::Command;
use crate::compile_link;
use crate::config::Config;
use crate::dirs;
use crate::driver::Machine;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::facts::Facts;
use crate::guard::Finding;
use crate::link;
use crate::osxcross::Osxcross;
use crate::personality::Personality;
use crate::rules::{self, Context, Rule};
use crate::sysroot::Component;
use crate::target::Target;
use crate::target::macos::BOTH;
use crate::zig::Zig;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Backend {
    Direct,
    ZigCc,
    Osxcross,
}

/// Name, rules, and how a command is made.
pub(crate) struct Row {
    pub(crate) backend: Backend,
    pub(crate) name: &'static str,
    rules: &'static [&'static [Rule]],
    command: fn(&Context<'_>, &Setup, &mut Plan),
}

pub(crate) const BACKENDS: &[Row] = &[
    Row {
        backend: Backend::Direct,
        name: "direct",
        rules: &[
            rules::common::RULES,
            rules::bare::RULES,
            rules::distro::RULES,
            rules::windows::RULES,
            rules::bsd::RULES,
            rules::macos::RULES,
            rules::macos::RUNTIMES,
            rules::linux::RULES,
            rules::linux::RUNTIMES,
        ],
        command: direct::command,
    },
    Row {
        backend: Backend::ZigCc,
        name: "zig-cc",
        rules: &[
            rules::common::RULES,
            rules::distro::RULES,
            rules::linux::RUNTIMES,
            rules::zig_cc::macos::RULES,
            rules::zig_cc::RULES,
        ],
        command: zig_cc::command,
    },
    Row {
        backend: Backend::Osxcross,
        name: crate::osxcross::NAME,
        rules: &[rules::common::RULES, rules::distro::RULES, rules::macos::RULES, rules::osxcross::RULES],
        command: osxcross::command,
    },
];

/// What is on this machine, found before the plan is made: the plan itself looks at nothing.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// With osxcross its compiler is in this place.
    pub(crate) zig: Zig,
    /// The osxcross that does the work, where that backend is chosen.
    pub(crate) osxcross: Option<Osxcross>,
    /// The cache in use.
    pub(crate) cache: PathBuf,
    /// The sysroot of the target, whether it is there yet or not.
    pub(crate) sysroot: PathBuf,
    /// xcc under the name `ld.lld`, for clang to start.
    pub(crate) linker: PathBuf,
    /// The user's sysroot has a GCC installation, whose runtime clang then uses by itself.
    pub(crate) sysroot_has_gcc: bool,
    /// A dsymutil is on PATH for the link, and there is debugging information for it.
    pub(crate) dsymutil: bool,
    /// Where in the user's sysroot the C library for the processor is, on bare metal.
    pub(crate) multilib: Option<PathBuf>,
}

/// What will be run, and what it needs first.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) command: Command,
    pub(crate) components: Vec<Component>,
    pub(crate) fired: Vec<&'static Rule>,
    /// What the guards have found.
    pub(crate) findings: Vec<Finding>,
    /// The user's arguments after the rules; the backend puts them in their place.
    pub(crate) user: Vec<OsString>,
    /// Words for a compilation that stand behind the user's.
    pub(crate) last: Vec<OsString>,
    /// The command links, so the linker's name must exist.
    pub(crate) links: bool,
    /// clang joins files for several processors, so the name of the program that does must exist.
    pub(crate) joins: bool,
    /// A link whose line for LLD can be known from an earlier one.
    pub(crate) shape: Option<link::Shape>,
    /// A source that is compiled and linked in this one call.
    pub(crate) pair: Option<compile_link::Pair>,
}

impl Setup {
    /// With a relative `XCC_CACHE_DIR`: the same with relative names for clang, so that lists of headers and debug information
    /// have no path of one machine. Answers to questions stay absolute: who asks may be in another directory later.
    pub(crate) fn relative(&self, env: &Env) -> Option<Setup> {
        let named = dirs::relative_cache(env)?;
        let again =
            |path: &Path| path.strip_prefix(&self.cache).map_or_else(|_| path.to_owned(), |path| named.join(path));
        Some(Setup { sysroot: again(&self.sysroot), linker: again(&self.linker), ..self.clone() })
    }
}

impl Backend {
    pub(crate) fn parse(name: &str) -> Result<Backend> {
        let row = BACKENDS.iter().find(|row| row.name == name);
        row.map(|row| row.backend).ok_or_else(|| {
            let known: Vec<_> = BACKENDS.iter().map(|row| row.name).collect();
            Error::with_help(format!("unknown backend '{name}'"), format!("the backends are {}", known.join(", ")))
        })
    }

    fn row(self) -> &'static Row {
        BACKENDS.iter().find(|row| row.backend == self).unwrap_or(&BACKENDS[0])
    }
}

/// The compiler's command line as parsed: what [`plan`] and the probes work on.
pub(crate) struct Invocation<'a> {
    pub(crate) personality: Personality,
    pub(crate) target: Target,
    pub(crate) argv: &'a [OsString],
    pub(crate) lines: &'a args::Words,
    pub(crate) args: &'a [args::Arg<'a>],
    pub(crate) facts: &'a Facts<'a>,
}

impl Invocation<'_> {
    /// Nothing is read: every input is empty, and no option names a file to read before them.
    pub(crate) fn reads_nothing(&self, machine: &dyn Machine) -> bool {
        const READS: &[&str] = &["-include", "--include", "-imacros", "-Wp,", "-Xclang", "-Xpreprocessor"];
        let empty = |arg: &args::Arg<'_>| match arg.value.filter(|_| arg.is_input()) {
            Some(input) => machine.is_empty(input),
            None => !READS.iter().any(|option| arg.words[0].text.as_encoded_bytes().starts_with(option.as_bytes())),
        };
        self.args.iter().all(empty)
    }
}

/// Rules, then the backend's own arguments around what is left.
pub(crate) fn plan(invocation: &Invocation<'_>, backend: Backend, setup: &Setup) -> Result<Plan> {
    let mut numbers = setup.zig.version.split('.').map(|n| n.parse().unwrap_or(0));
    let context = Context {
        personality: invocation.personality,
        target: invocation.target,
        facts: invocation.facts,
        zig: (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)),
    };
    let row = backend.row();
    let rewritten = rules::apply(invocation.argv, invocation.lines, invocation.args, row.rules, &context)?;
    let mut plan =
        Plan { user: rewritten.words, fired: rewritten.fired, links: invocation.facts.links, ..Plan::default() };
    (row.command)(&context, setup, &mut plan);
    Ok(plan)
}

/// The command line with what the configuration injects, and what a target of two processors means: at its end, where it wins, but before a `--`. `None` when
/// there is nothing to add.
pub(crate) fn inject(
    argv: &[OsString],
    facts: &Facts<'_>,
    personality: Personality,
    target: Target,
    config: &Config,
) -> Option<Vec<OsString>> {
    let mut added: Vec<OsString> = Vec::new();
    if facts.compiles || personality == Personality::Cpp {
        added.extend(config.cflags.iter().cloned());
    }
    if facts.compiles_cxx {
        added.extend(config.cxxflags.iter().cloned());
    }
    if facts.links {
        added.extend(config.ldflags.iter().cloned());
    }
    match config.sysroot.as_ref().filter(|_| facts.sysroot.is_none()) {
        // clang reads the version of an SDK when it is called one.
        Some(sdk) if target.is_macos() => added.extend(["-isysroot".into(), sdk.clone()]),
        Some(sysroot) => {
            let mut flag = OsString::from("--sysroot=");
            flag.push(sysroot);
            added.push(flag);
        }
        None => {}
    }
    if target.is_universal() && facts.archs.is_empty() && (facts.links || facts.makes_object) {
        added.extend(BOTH.map(OsString::from));
    }
    if added.is_empty() {
        return None;
    }
    let at = argv.iter().position(|word| word == "--").unwrap_or(argv.len());
    Some([&argv[..at], &added, &argv[at..]].concat())
}
