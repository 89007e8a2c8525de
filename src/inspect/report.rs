//! What `xcc inspect` finds out, as values. `--json` prints exactly these, so names and meanings stay; new ones may come.
//!
//! `null` says that the format has no such thing or that the file does not record it; an empty list, that there is none.

use serde::Serialize;

/// Revision of the schema; a field that goes or changes its meaning raises it.
pub(crate) const SCHEMA: u32 = 1;

/// The document of `--json`.
#[derive(Serialize)]
pub(crate) struct Document {
    pub(crate) schema: u32,
    /// In the order of the command line.
    pub(crate) files: Vec<File>,
}

/// One file of the command line.
#[derive(Default, Serialize)]
pub(crate) struct File {
    /// As it was written.
    pub(crate) path: String,
    /// In bytes.
    pub(crate) size: u64,
    /// Why it could not be read; then there are no images.
    pub(crate) error: Option<String>,
    /// What holds the images: `archive`, `thin archive`, `fat`; `null` where the file is an image.
    pub(crate) container: Option<&'static str>,
    pub(crate) archive: Option<Archive>,
    /// The file itself, the slices of a fat file, or the members of an archive that are objects.
    pub(crate) images: Vec<Image>,
    /// The clauses of `--require`.
    pub(crate) requirements: Vec<Verdict>,
}

/// What an archive says besides its members.
#[derive(Default, Serialize)]
pub(crate) struct Archive {
    pub(crate) members: usize,
    /// Has an index of symbols, which `ranlib` makes.
    pub(crate) index: bool,
    /// Every date, owner and group is zero (`ar D`).
    pub(crate) deterministic: bool,
    /// Sorted, each once; more than one says that the members do not agree.
    pub(crate) architectures: Vec<String>,
    /// Members that are no objects: texts, metadata, other archives.
    pub(crate) others: Vec<String>,
}

/// A clause of `--require` and what came of it.
#[derive(Clone, Serialize)]
pub(crate) struct Verdict {
    /// As it was written.
    pub(crate) clause: String,
    pub(crate) holds: bool,
    /// What was found, in words; the failing member or slice is named.
    pub(crate) found: String,
}

/// An executable, a library, an object, a module.
#[derive(Default, Serialize)]
pub(crate) struct Image {
    /// Name of the archive's member, or architecture of the fat file's slice.
    pub(crate) part: Option<String>,
    pub(crate) size: u64,
    /// `elf`, `pe`, `coff`, `mach-o`, `wasm`, `bitcode` (LLVM's, of a link-time optimization).
    pub(crate) format: &'static str,
    /// `executable`, `shared library`, `object`, `core`, `import` (of an import library), `module`, `component`, `bundle`,
    /// `dynamic linker`, `debug information`, `kernel module`.
    pub(crate) kind: &'static str,
    pub(crate) bits: Option<u8>,
    /// `little` or `big`.
    pub(crate) endian: Option<&'static str>,
    /// As in the names of xcc's targets: `x86_64`, `aarch64`, `arm`, `riscv64`, `wasm32`.
    pub(crate) arch: Option<String>,
    /// Calling convention, where the format records it: `eabi5 hard-float`, `lp64d`, `elfv2`.
    pub(crate) abi: Option<String>,
    pub(crate) cpu: Option<Cpu>,
    pub(crate) os: Option<Os>,
    /// `static`, `static-pie`, `dynamic`; `null` for what is not linked.
    pub(crate) linkage: Option<&'static str>,
    /// The dynamic linker that the system starts.
    pub(crate) interpreter: Option<String>,
    pub(crate) libc: Option<Libc>,
    /// Shared libraries, as the file names them.
    pub(crate) needed: Vec<String>,
    /// Libraries whose absence is no failure: delay-loaded or weak.
    pub(crate) optional: Vec<String>,
    /// Versions of symbols that the libraries must have.
    pub(crate) versions: Vec<SymbolVersions>,
    /// Its own name for those that link it: `DT_SONAME`, the name of the DLL, `LC_ID_DYLIB`.
    pub(crate) name: Option<String>,
    /// `DT_RPATH`, `DT_RUNPATH`, `LC_RPATH`, one directory each.
    pub(crate) rpath: Vec<String>,
    /// Names that others can link or import, in the file's order.
    pub(crate) exports: Vec<String>,
    /// WebAssembly: `module.name` of everything that the host must have.
    pub(crate) imports: Vec<String>,
    /// Windows: `console`, `gui`, `native`, `efi`, ….
    pub(crate) subsystem: Option<&'static str>,
    pub(crate) hardening: Hardening,
    pub(crate) signature: Option<Signature>,
    pub(crate) debug: Debug,
    /// In hexadecimal: GNU's build ID, Mach-O's UUID, the GUID and age of a PDB.
    pub(crate) build_id: Option<String>,
    /// Seconds since 1970; `null` where the field is zero, a digest, or not there.
    pub(crate) timestamp: Option<u64>,
    /// What compilers and linkers wrote about themselves.
    pub(crate) tools: Vec<String>,
    pub(crate) go: Option<Go>,
    pub(crate) rust: Option<Rust>,
    /// Directories of the machine that built it, each path once, sorted.
    pub(crate) host_paths: Vec<HostPath>,
    /// `undefined`, `undefined (traps)`, `address`, `thread`, … and `coverage`, `profile`.
    pub(crate) sanitizers: Vec<&'static str>,
    /// Words that say the code was made for the CPU of the machine that built it.
    pub(crate) native_cpu: Vec<String>,
    /// What is wrong with it or will surprise.
    pub(crate) findings: Vec<String>,
}

/// The processor that the code needs, as far as the file says.
#[derive(Serialize)]
pub(crate) struct Cpu {
    /// `x86-64-v2`, `armv7`, `rv64imafdc`, `mips32r2`; `null` where only features are recorded.
    pub(crate) baseline: Option<String>,
    pub(crate) features: Vec<String>,
    /// What recorded it.
    pub(crate) source: &'static str,
}

/// The operating system.
#[derive(Serialize)]
pub(crate) struct Os {
    /// `linux`, `windows`, `macos`, `freebsd`, `wasi`, ….
    pub(crate) name: String,
    /// The oldest it says it runs on, in the system's own numbers.
    pub(crate) min_version: Option<String>,
    /// Of the SDK it was built with (Mach-O).
    pub(crate) sdk: Option<String>,
    /// What recorded it.
    pub(crate) source: &'static str,
}

/// The C library.
#[derive(Serialize)]
pub(crate) struct Libc {
    /// `glibc`, `musl`, `bionic`, `freebsd`, `netbsd`, `openbsd`, `ucrt`, `msvcrt`, `libSystem`, `wasi-libc`.
    pub(crate) name: &'static str,
    /// The oldest version it runs on (glibc).
    pub(crate) floor: Option<String>,
    /// Symbols that make it the floor.
    pub(crate) forced_by: Vec<String>,
    /// It is part of the file.
    pub(crate) linked_in: bool,
}

/// Versions of symbols that are needed of one library.
#[derive(Serialize)]
pub(crate) struct SymbolVersions {
    pub(crate) library: String,
    pub(crate) versions: Vec<String>,
}

/// What makes an attack harder; `null` where the format or the file does not say.
#[derive(Default, Serialize)]
pub(crate) struct Hardening {
    /// `none`, `partial`, `full` (ELF).
    pub(crate) relro: Option<&'static str>,
    /// Stack and data are not executable.
    pub(crate) nx: Option<bool>,
    /// Can be loaded at any address.
    pub(crate) pie: Option<bool>,
    /// Windows: 64-bit addresses are all of the range.
    pub(crate) high_entropy: Option<bool>,
    /// Functions check a canary.
    pub(crate) stack_protector: Option<bool>,
    /// Calls of the C library check sizes (`_FORTIFY_SOURCE`).
    pub(crate) fortify: Option<bool>,
    /// `IBT`, `SHSTK`, `BTI`, `PAC`, `GCS`, `CFG`, `CFI`.
    pub(crate) control_flow: Vec<&'static str>,
    /// Code is relocated, and writable while that goes on.
    pub(crate) text_relocations: Option<bool>,
}

/// A signature, which is not verified here unless `findings` say so.
#[derive(Default, Serialize)]
pub(crate) struct Signature {
    /// `authenticode`, `ad-hoc`, `cms`.
    pub(crate) kind: &'static str,
    pub(crate) identifier: Option<String>,
    pub(crate) team: Option<String>,
    /// `linker-signed`, `runtime` (hardened), `library-validation`, `entitlements`.
    pub(crate) flags: Vec<&'static str>,
}

/// What a debugger finds.
#[derive(Default, Serialize)]
pub(crate) struct Debug {
    /// Types and lines are in the file.
    pub(crate) info: bool,
    /// Names of functions that are not exported are in the file; without, it is stripped.
    pub(crate) symbols: bool,
    /// Where the rest is: the file of `.gnu_debuglink`, the PDB.
    pub(crate) link: Option<String>,
}

/// What Go's linker wrote, as `go version -m` shows it.
#[derive(Default, Serialize)]
pub(crate) struct Go {
    pub(crate) version: String,
    /// Import path of the main package.
    pub(crate) path: Option<String>,
    pub(crate) main: Option<Module>,
    pub(crate) dependencies: Vec<Module>,
    /// `GOOS`, `CGO_ENABLED`, `-trimpath`, `vcs.revision`, … in the order written.
    pub(crate) settings: Vec<Setting>,
}

impl Go {
    pub(crate) fn setting(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|setting| setting.key == key).map(|setting| &*setting.value)
    }
}

#[derive(Clone, Serialize)]
pub(crate) struct Module {
    pub(crate) path: String,
    pub(crate) version: String,
    /// The go.sum digest; `null` for a module that has none.
    pub(crate) sum: Option<String>,
    /// What stood in for it (`replace`): path and version.
    pub(crate) replaced_by: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Setting {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// What is known of Rust code in it.
#[derive(Default, Serialize)]
pub(crate) struct Rust {
    /// `1.95.0`, from the compiler's own note; `null` where only the paths of its library are there.
    pub(crate) version: Option<String>,
    /// The commit of the compiler.
    pub(crate) commit: Option<String>,
    /// What cargo-auditable embedded: `name version`. `null` where it did not.
    pub(crate) packages: Option<Vec<String>>,
}

/// A path of the machine that built the file.
#[derive(Clone, Serialize)]
pub(crate) struct HostPath {
    pub(crate) path: String,
    /// The section it was first found in; `null` outside all.
    pub(crate) section: Option<String>,
}
