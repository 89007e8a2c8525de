//! What a command line asks for, summed up from its arguments: which step it ends at, what kind of link, which
//! languages. Rules and backends read this instead of walking the arguments again.

use std::ffi::OsStr;
use std::path::Path;

use crate::args::{Arg, Meaning};
use crate::personality::Personality;
use crate::probe::{self, Asked, LinkerQuestion};
use crate::rules::distro;
use crate::sysroot;

/// What a command line makes of its inputs, as far as a compiler cache is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Step {
    /// `-c`.
    Object,
    /// `-E`.
    Preprocess,
    Other,
    /// Nothing stops before the linker.
    #[default]
    None,
}

#[derive(Debug, Default)]
pub(crate) struct Facts<'a> {
    /// There is something to link, and nothing that stops before the linker.
    pub(crate) links: bool,
    /// The step that the command line ends at.
    pub(crate) step: Step,
    /// Compiles to objects and does not link (`-c`), or would, for `-###`.
    pub(crate) makes_object: bool,
    /// A source file, or standard input, is compiled or preprocessed.
    pub(crate) compiles: bool,
    /// The only source, when its name says the language.
    pub(crate) only_source: Option<&'a OsStr>,
    /// At least one source is C++.
    pub(crate) compiles_cxx: bool,
    /// The C++ library is linked, by the driver or by name.
    pub(crate) links_cxx: bool,
    /// There is an input of any kind.
    pub(crate) has_input: bool,
    /// A shared object is among the inputs.
    pub(crate) has_shared_input: bool,
    pub(crate) shared: bool,
    /// `-z nostart-stop-gc`.
    pub(crate) keeps_start_stop: bool,
    pub(crate) relocatable: bool,
    pub(crate) is_static: bool,
    pub(crate) static_pie: bool,
    /// zig's `-dynamic`.
    pub(crate) dynamic: bool,
    /// `-pie` or `-no-pie`, the last of them.
    pub(crate) pie: Option<bool>,
    /// A distribution's spec file said it, and no option.
    pub(crate) pie_from_specs: bool,
    /// `-fPIC` or any of its kind.
    pub(crate) chose_pic: bool,
    /// `-nostdlib`: neither crt objects nor libraries.
    pub(crate) nostdlib: bool,
    pub(crate) nodefaultlibs: bool,
    pub(crate) nostartfiles: bool,
    /// `--sysroot` or `-isysroot`: the user's own, last one wins.
    pub(crate) sysroot: Option<&'a OsStr>,
    /// `-isysroot`: the same to clang where the target is one of Apple's.
    pub(crate) isysroot: Option<&'a OsStr>,
    pub(crate) gcc_install: bool,
    pub(crate) resource_dir: bool,
    pub(crate) rtlib: bool,
    pub(crate) stdlib: Option<&'a str>,
    pub(crate) ld_path: bool,
    /// The last `-fuse-ld=`.
    pub(crate) fuse_ld: Option<&'a str>,
    pub(crate) output: Option<&'a OsStr>,
    /// Checks of `-fsanitize=` in force, without those that trap.
    pub(crate) sanitizers: Vec<&'a str>,
    /// The user chose about sanitizers, one way or the other.
    pub(crate) chose_sanitizers: bool,
    /// `-mcpu=` was given.
    pub(crate) chose_cpu: bool,
    /// `-march=` was given.
    pub(crate) chose_arch: bool,
    /// `-march=` with extensions (`+simd`) was given.
    pub(crate) chose_extensions: bool,
    /// An option of the machine (`-m…`) was given, which can change the triple.
    pub(crate) chose_machine: bool,
    pub(crate) hash_hash_hash: bool,
    pub(crate) verbose: bool,
    /// A question that the driver answers without compiling (`-print-…`, `-dumpmachine`).
    pub(crate) probes: bool,
    /// The question that is answered, where xcc knows it.
    pub(crate) asked: Option<Asked<'a>>,
    /// `-Wl,--version` and the like, with nothing to link.
    pub(crate) linker_question: Option<LinkerQuestion>,
    /// newlib-nano's spec file is named.
    pub(crate) nano: bool,
    /// `-B`: the user's own directory of programs and start files.
    pub(crate) program_prefix: bool,
    /// `-arch`, each once: Apple's compilers make a file for several.
    pub(crate) archs: Vec<&'a str>,
    /// `-g`, or one of its kind that is not `-g0`: the last of them.
    pub(crate) debug_info: bool,
    /// `-save-temps`: objects of this call outlive it.
    pub(crate) keeps_objects: bool,
    /// The macros are to be printed (`-E -dM`).
    pub(crate) prints_macros: bool,
}

/// File name endings of C++ sources, from clang's `types::lookupTypeForExtension`.
const CXX_ENDINGS: &[&str] = &[
    "C", "CC", "CPP", "CXX", "c++", "cc", "cp", "cpp", "cxx", "c++m", "cppm", "ccm", "cxxm", "hh", "hpp", "hxx", "H",
    "ii", "mm",
];
/// And of the other sources; anything else is the linker's.
const SOURCE_ENDINGS: &[&str] = &["c", "i", "m", "mi", "mii", "S", "s", "sx", "asm", "h", "ll", "bc", "f", "F", "f90"];

/// Those of them that are headers.
const HEADER_ENDINGS: &[&str] = &["H", "h", "hh", "hpp", "hxx"];

impl<'a> Facts<'a> {
    pub(crate) fn of(args: &[Arg<'a>], personality: Personality) -> Facts<'a> {
        let mut facts = Facts::default();
        let mut language: Option<&str> = None;
        let mut stops = personality == Personality::Cpp;
        let mut linker_input = false;
        let mut traps = false;
        let (mut specs, mut code_is_pie) = (None, None);
        for arg in args {
            let Some(meaning) = arg.meaning() else {
                if arg.is_input() {
                    linker_input |= facts.add_input(arg, language);
                } else {
                    facts.add_unknown(arg);
                }
                continue;
            };
            match meaning {
                Meaning::Compile
                | Meaning::Assemble
                | Meaning::Preprocess
                | Meaning::Dependencies
                | Meaning::SyntaxOnly => {
                    stops = true;
                    facts.step = match (meaning, facts.step) {
                        (Meaning::Compile, Step::None) => Step::Object,
                        // The earlier step wins.
                        (Meaning::Preprocess, Step::None | Step::Object) => Step::Preprocess,
                        (Meaning::Compile, step) => step,
                        _ => Step::Other,
                    };
                }
                Meaning::Language => language = Some(arg.text()).filter(|l| *l != "none"),
                Meaning::Library => {
                    linker_input = true;
                    facts.links_cxx |= is_cxx_library(arg.text());
                }
                Meaning::Linker => {
                    linker_input = true;
                    for part in arg.text().split(',') {
                        facts.links_cxx |= part.strip_prefix("-l").is_some_and(is_cxx_library);
                        facts.relocatable |= matches!(part, "-r" | "--relocatable");
                        facts.shared |= matches!(part, "-shared" | "--shared");
                        facts.keeps_start_stop |= part.ends_with("nostart-stop-gc");
                        facts.linker_question = probe::read_linker(part).or(facts.linker_question);
                    }
                }
                Meaning::Shared => facts.shared = true,
                Meaning::Relocatable => facts.relocatable = true,
                Meaning::Static => facts.is_static = true,
                Meaning::StaticPie => facts.static_pie = true,
                Meaning::Dynamic => facts.dynamic = true,
                Meaning::Pie => facts.pie = Some(true),
                Meaning::NoPie => facts.pie = Some(false),
                Meaning::Pic => {
                    facts.chose_pic = true;
                    let word = arg.words[0].text.to_str().unwrap_or("");
                    if word.to_ascii_lowercase().ends_with("pie") {
                        code_is_pie = Some(!word.starts_with("-fno"));
                    }
                }
                Meaning::Specs => {
                    specs = distro::link_pie(arg.text()).or(specs);
                    facts.nano |= arg.text() == "nano.specs";
                }
                Meaning::NoStdlib => facts.nostdlib = true,
                Meaning::NoDefaultLibs => facts.nodefaultlibs = true,
                Meaning::NoStartFiles => facts.nostartfiles = true,
                Meaning::Sysroot => facts.sysroot = arg.value,
                Meaning::Isysroot => facts.isysroot = arg.value,
                Meaning::GccInstall => facts.gcc_install = true,
                Meaning::ResourceDir => facts.resource_dir = true,
                Meaning::Rtlib => facts.rtlib = true,
                Meaning::Stdlib => facts.stdlib = Some(arg.text()),
                Meaning::LdPath => facts.ld_path = true,
                Meaning::FuseLd => facts.fuse_ld = Some(arg.text()),
                Meaning::Output => facts.output = arg.value,
                Meaning::Sanitize => {
                    facts.chose_sanitizers = true;
                    facts.sanitizers.extend(arg.text().split(','));
                }
                Meaning::NoSanitize => {
                    facts.chose_sanitizers = true;
                    let off: Vec<&str> = arg.text().split(',').collect();
                    facts.sanitizers.retain(|on| !off.contains(on) && !off.contains(&"all"));
                }
                Meaning::SanitizeTrap => traps = true,
                Meaning::Mcpu | Meaning::Mtune if matches!(arg.text(), "help" | "?") => facts.add_question(arg),
                // zig's name for the processor that the target has without the option.
                Meaning::Mcpu => facts.chose_cpu = arg.text() != "baseline",
                Meaning::FloatAbi | Meaning::Mabi | Meaning::GeneralRegsOnly => facts.chose_machine = true,
                Meaning::March => {
                    facts.chose_machine = true;
                    facts.chose_arch = true;
                    facts.chose_extensions = arg.text().contains('+');
                }
                Meaning::HashHashHash => facts.hash_hash_hash = true,
                Meaning::Verbose => facts.verbose = true,
                Meaning::Probe => facts.add_question(arg),
                Meaning::ProgramPrefix => facts.program_prefix = true,
                Meaning::DebugInfo => facts.debug_info = true,
                Meaning::Arch if !facts.archs.contains(&arg.text()) => facts.archs.push(arg.text()),
                _ => {}
            }
        }
        if traps {
            facts.sanitizers.clear();
        }
        if personality == Personality::Cpp && !facts.has_input && !facts.probes {
            // Standard input.
            facts.has_input = true;
            facts.compiles = true;
        }
        facts.makes_object = facts.step == Step::Object && facts.has_input;
        if !facts.has_input || facts.probes || facts.prints_macros || facts.hash_hash_hash {
            facts.step = Step::Other;
        }
        if stops || facts.has_input || facts.probes {
            facts.linker_question = None;
        }
        let asks = facts.probes || facts.linker_question.is_some();
        facts.links = !stops && !asks && linker_input;
        facts.chose_machine |= facts.chose_cpu;
        if facts.pie.is_none() && !(facts.shared || facts.relocatable || facts.is_static || facts.static_pie) {
            specs = specs.filter(|pie| code_is_pie != Some(!pie));
            facts.pie = specs;
            facts.pie_from_specs = specs.is_some();
        }
        facts.compiles_cxx |= facts.compiles && personality == Personality::Cxx;
        facts.links_cxx |= personality == Personality::Cxx;
        facts
    }

    /// Does the input, or what is made of it, go to the linker? A header is precompiled.
    fn add_input(&mut self, arg: &Arg<'a>, language: Option<&str>) -> bool {
        self.has_input = true;
        let name = arg.value.map(Path::new);
        let ending = name.and_then(Path::extension).and_then(OsStr::to_str).unwrap_or("");
        let is_source = CXX_ENDINGS.contains(&ending) || SOURCE_ENDINGS.contains(&ending);
        if is_source || language.is_some() {
            self.only_source = arg.value.filter(|_| language.is_none() && !self.compiles);
        }
        match language {
            Some(language) => {
                self.compiles = true;
                self.compiles_cxx |= language.contains("c++");
            }
            None => {
                self.compiles |= is_source || arg.value == Some(OsStr::new("-"));
                self.compiles_cxx |= CXX_ENDINGS.contains(&ending);
                let file = name.and_then(Path::file_name).and_then(OsStr::to_str).unwrap_or("");
                self.has_shared_input |= ending == "so" || file.contains(".so.");
            }
        }
        language.map_or(!HEADER_ENDINGS.contains(&ending), |language| !language.ends_with("-header"))
    }

    /// An option that the table does not name.
    fn add_unknown(&mut self, arg: &Arg<'a>) {
        let word = &arg.words[0].text;
        self.chose_machine |= word.as_encoded_bytes().starts_with(b"-m");
        self.prints_macros |= word == "-dM";
        let bytes = word.as_encoded_bytes();
        if bytes.starts_with(b"-g") {
            self.debug_info = word != "-g0" && word != "-ggdb0";
        }
        self.keeps_objects |= bytes.starts_with(b"-save-temps") || bytes.starts_with(b"--save-temps");
        if is_probe(word) {
            self.add_question(arg);
        }
    }

    fn add_question(&mut self, arg: &Arg<'a>) {
        self.probes = true;
        self.asked = probe::read(arg).map(|asked| asked.before(self.asked)).or(self.asked);
    }

    /// On a target of Apple's `-isysroot` names the sysroot, whatever else does.
    pub(crate) fn of_apple(mut self, is_apple: bool) -> Facts<'a> {
        if is_apple {
            // CMake and rustc are told where xcc's own is, and say it to the compiler.
            self.sysroot = self.isysroot.or(self.sysroot).filter(|dir| !sysroot::is_own(Path::new(dir)));
        }
        self
    }

    /// One file for both processors of macOS.
    pub(crate) fn is_universal(&self) -> bool {
        self.archs.len() == 2 && self.archs.iter().all(|arch| matches!(*arch, "arm64" | "x86_64"))
    }

    /// Objects with debugging information go with the call that has made and linked them.
    pub(crate) fn loses_objects(&self) -> bool {
        self.links && self.compiles && self.debug_info && !self.keeps_objects
    }

    /// The link takes compiler-rt.
    pub(crate) fn links_builtins(&self) -> bool {
        self.links && !self.relocatable && !self.nostdlib && !self.nodefaultlibs
    }

    /// The link takes crt objects and libraries of the C library.
    pub(crate) fn links_libc(&self) -> bool {
        self.links && !self.relocatable && !self.nostdlib && !self.nodefaultlibs
    }
}

fn is_cxx_library(name: &str) -> bool {
    matches!(name, "c++" | "c++abi" | "stdc++" | "stdc++exp" | "stdc++fs" | "supc++" | ":libc++.a" | ":libstdc++.a")
}

/// Questions that are one word each, in clang's and gcc's spelling; most are no rows of the option table.
fn is_probe(word: &OsStr) -> bool {
    let text = word.to_str().unwrap_or("");
    ["--print-", "-print-", "-dump", "--help", "--autocomplete"].iter().any(|probe| text.starts_with(probe))
}
