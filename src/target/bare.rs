//! Bare metal: which row of the table the options of a processor mean, as GCC's multilibs are chosen.
//!
//! `arm-none-eabi-gcc -mcpu=cortex-m4 -mfloat-abi=hard` is a compiler for `thumbv7em-none-eabihf`: the row brings the
//! runtime library whose instructions the processor has and whose ABI is that of the code.

use std::path::PathBuf;

use super::{Row, TARGETS, Target};
use crate::args::{Arg, Meaning};

/// Arm's rows by architecture: with the software ABI, and with the hardware one where there are such processors. Then
/// GCC's directories of a newlib for each, the first that is there being the one; below `arm/` or `thumb/`, or alone.
struct Arm {
    arch: &'static str,
    soft: &'static str,
    hard: Option<&'static str>,
    soft_dirs: &'static [&'static str],
    hard_dirs: &'static [&'static str],
}

const ARM: &[Arm] = &[
    Arm {
        arch: "v4t",
        soft: "arm-none-eabi",
        hard: None,
        soft_dirs: &["arm/v4t/nofp", "arm/nofp", "."],
        hard_dirs: &[],
    },
    Arm {
        arch: "v5te",
        soft: "armv5te-none-eabi",
        hard: None,
        soft_dirs: &["arm/v5te/nofp", "arm/v5te/softfp", "arm/nofp", "."],
        hard_dirs: &[],
    },
    Arm { arch: "v6m", soft: "thumbv6m-none-eabi", hard: None, soft_dirs: &["thumb/v6-m/nofp"], hard_dirs: &[] },
    Arm { arch: "v7m", soft: "thumbv7m-none-eabi", hard: None, soft_dirs: &["thumb/v7-m/nofp"], hard_dirs: &[] },
    Arm {
        arch: "v7em",
        soft: "thumbv7em-none-eabi",
        hard: Some("thumbv7em-none-eabihf"),
        soft_dirs: &["thumb/v7e-m/nofp", "thumb/v7-m/nofp"],
        hard_dirs: &["thumb/v7e-m+fp/hard"],
    },
    Arm {
        arch: "v8m.base",
        soft: "thumbv8m.base-none-eabi",
        hard: None,
        soft_dirs: &["thumb/v8-m.base/nofp", "thumb/v6-m/nofp"],
        hard_dirs: &[],
    },
    Arm {
        arch: "v8m.main",
        soft: "thumbv8m.main-none-eabi",
        hard: Some("thumbv8m.main-none-eabihf"),
        soft_dirs: &["thumb/v8-m.main/nofp", "thumb/v7-m/nofp"],
        hard_dirs: &["thumb/v8-m.main+fp/hard"],
    },
    Arm {
        arch: "v7a",
        soft: "armv7a-none-eabi",
        hard: Some("armv7a-none-eabihf"),
        soft_dirs: &["thumb/v7-a/nofp", "thumb/v7/nofp", "arm/v5te/softfp"],
        hard_dirs: &["thumb/v7-a+fp/hard", "thumb/v7+fp/hard", "arm/v5te/hard"],
    },
    Arm {
        arch: "v7r",
        soft: "armv7r-none-eabi",
        hard: Some("armv7r-none-eabihf"),
        soft_dirs: &["thumb/v7-r/nofp", "thumb/v7/nofp", "arm/v5te/softfp"],
        hard_dirs: &["thumb/v7-r+fp/hard", "thumb/v7+fp/hard", "arm/v5te/hard"],
    },
];

/// Beginnings of `-mcpu=` and of `-march=` on Arm; the first that fits.
const ARM_WORDS: &[(&str, &str)] = &[
    ("cortex-m0", "v6m"),
    ("cortex-m1", "v6m"),
    ("sc000", "v6m"),
    ("cortex-m23", "v8m.base"),
    ("cortex-m33", "v8m.main"),
    ("cortex-m35p", "v8m.main"),
    ("cortex-m3", "v7m"),
    ("sc300", "v7m"),
    ("cortex-m4", "v7em"),
    ("cortex-m7", "v7em"),
    ("cortex-m52", "v8m.main"),
    ("cortex-m55", "v8m.main"),
    ("cortex-m85", "v8m.main"),
    ("star-mc1", "v8m.main"),
    ("cortex-a", "v7a"),
    ("cortex-r", "v7r"),
    ("arm7tdmi", "v4t"),
    ("arm9tdmi", "v4t"),
    ("arm920", "v4t"),
    ("arm926ej-s", "v5te"),
    ("arm946e-s", "v5te"),
    ("arm966e-s", "v5te"),
    ("arm968e-s", "v5te"),
    ("arm10", "v5te"),
    ("arm11", "v5te"),
    ("armv4t", "v4t"),
    ("armv5te", "v5te"),
    ("armv6-m", "v6m"),
    ("armv6s-m", "v6m"),
    ("armv6", "v5te"),
    ("armv7e-m", "v7em"),
    ("armv7-m", "v7m"),
    ("armv7-r", "v7r"),
    ("armv7", "v7a"),
    ("armv8-m.base", "v8m.base"),
    ("armv8-m.main", "v8m.main"),
    ("armv8.1-m.main", "v8m.main"),
    ("armv8-r", "v7r"),
    ("armv8", "v7a"),
    ("armv9", "v7a"),
];

/// The instruction sets of RISC-V processors that people name with `-mcpu=`.
const RISCV_CPUS: &[(&str, &str)] = &[
    ("generic-rv32", "rv32i"),
    ("generic-rv64", "rv64i"),
    ("rocket-rv32", "rv32i"),
    ("rocket-rv64", "rv64i"),
    ("sifive-e20", "rv32imc"),
    ("sifive-e21", "rv32imac"),
    ("sifive-e24", "rv32imafc"),
    ("sifive-e31", "rv32imac"),
    ("sifive-e34", "rv32imafc"),
    ("sifive-e76", "rv32imafc"),
    ("sifive-s21", "rv64imac"),
    ("sifive-s51", "rv64imac"),
    ("sifive-s54", "rv64gc"),
    ("sifive-s76", "rv64gc"),
    ("sifive-u54", "rv64gc"),
    ("sifive-u74", "rv64gc"),
    ("syntacore-scr1-base", "rv32ic"),
    ("syntacore-scr1-max", "rv32imc"),
];

/// The options of the machine on a command line, the last of each.
#[derive(Default)]
struct Asked<'a> {
    cpu: Option<&'a str>,
    arch: Option<&'a str>,
    abi: Option<&'a str>,
    float_abi: Option<&'a str>,
    general_regs_only: bool,
}

impl<'a> Asked<'a> {
    fn of(args: &'a [Arg<'a>]) -> Asked<'a> {
        let mut asked = Asked::default();
        for arg in args {
            match arg.meaning() {
                Some(Meaning::Mcpu) => asked.cpu = Some(arg.text()),
                Some(Meaning::March) => asked.arch = Some(arg.text()),
                Some(Meaning::Mabi) => asked.abi = Some(arg.text()),
                Some(Meaning::FloatAbi) => asked.float_abi = Some(float_abi(arg)),
                Some(Meaning::GeneralRegsOnly) => asked.general_regs_only = true,
                _ => {}
            }
        }
        asked
    }
}

/// `-mfloat-abi=`, and the two older words for it.
fn float_abi<'a>(arg: &'a Arg<'a>) -> &'a str {
    match arg.words[0].text.to_str() {
        Some("-msoft-float") => "soft",
        Some("-mhard-float") => "hard",
        _ => arg.text(),
    }
}

/// The target that the name and the options of the machine mean together.
pub(crate) fn refine<'a>(target: Target, args: &'a [Arg<'a>]) -> Target {
    if !target.is_bare() {
        return target;
    }
    let asked = Asked::of(args);
    let name = match target.row.emulation {
        "armelf" => arm(target.row.name, &asked),
        "aarch64elf" if asked.general_regs_only => Some("aarch64-none-elf-softfloat"),
        "elf32lriscv" | "elf64lriscv" => riscv(target.row, &asked),
        _ => None,
    };
    let row = name.and_then(|name| TARGETS.iter().find(|row| row.name == name));
    row.map_or(target, |row| Target { row, ..target })
}

fn arm(name: &str, asked: &Asked<'_>) -> Option<&'static str> {
    let named = ARM.iter().find(|row| row.soft == name || row.hard == Some(name))?;
    let known = |word: &str| ARM_WORDS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, arch)| *arch);
    let arch = asked.cpu.and_then(known).or_else(|| asked.arch.and_then(known)).unwrap_or(named.arch);
    let row = ARM.iter().find(|row| row.arch == arch)?;
    let hard = asked.float_abi.map_or(named.hard == Some(name), |abi| abi == "hard");
    Some(row.hard.filter(|_| hard).unwrap_or(row.soft))
}

/// Has the row, which [`refine`] chose, no libraries with the hardware floating-point ABI?
pub(crate) fn lacks_hard_float(target: Target, arg: &Arg<'_>) -> bool {
    let is_soft = ARM.iter().any(|row| row.soft == target.row.name);
    float_abi(arg) == "hard" && is_soft
}

/// Word size, ABI and instructions of a `-march=` and `-mabi=`, with the ABI that the compilers choose without.
fn riscv_machine<'a>(arch: &str, abi: Option<&'a str>) -> (&'static str, &'a str, String) {
    let xlen = if arch.starts_with("rv64") { "64" } else { "32" };
    let letters = arch.get(4..).unwrap_or("").split('_').next().unwrap_or("").replace('g', "imafd");
    let float = [("d", "d"), ("f", "f"), ("e", "e")].iter().find(|(letter, _)| letters.contains(letter));
    let default = match (xlen, float.map_or("", |(_, suffix)| suffix)) {
        ("64", "d") => "lp64d",
        ("64", "f") => "lp64f",
        ("64", "e") => "lp64e",
        ("64", _) => "lp64",
        (_, "d") => "ilp32d",
        (_, "f") => "ilp32f",
        (_, "e") => "ilp32e",
        _ => "ilp32",
    };
    (xlen, abi.unwrap_or(default), letters)
}

/// What a row of RISC-V is compiled with.
fn riscv_flag<'a>(row: &'a Row, flag: &str) -> &'a str {
    row.clang_flags.iter().find_map(|word| word.strip_prefix(flag)).unwrap_or("")
}

/// The row with the most instructions among those that run on the machine and have its ABI.
fn riscv(named: &'static Row, asked: &Asked<'_>) -> Option<&'static str> {
    let of_cpu = asked.cpu.and_then(|cpu| RISCV_CPUS.iter().find(|(name, _)| *name == cpu)).map(|(_, arch)| *arch);
    let arch = asked.arch.or(of_cpu);
    let abi = asked.abi.or_else(|| Some(riscv_flag(named, "-mabi=")).filter(|_| arch.is_none()));
    let (xlen, abi, letters) = riscv_machine(arch.unwrap_or(riscv_flag(named, "-march=")), abi);
    let fits = |row: &&Row| {
        let (of_row, _, needs) = riscv_machine(riscv_flag(row, "-march="), None);
        row.emulation == format!("elf{xlen}lriscv")
            && row.libc == super::Libc::None
            && of_row == xlen
            && riscv_flag(row, "-mabi=") == abi
            && needs.chars().all(|letter| letters.contains(letter))
    };
    TARGETS
        .iter()
        .filter(fits)
        .max_by_key(|row| riscv_machine(riscv_flag(row, "-march="), None).2.len())
        .map(|row| row.name)
}

/// Is there no row of RISC-V whose code runs on what a `-march=` names?
pub(crate) fn lacks_runtime(target: Target, arch: &str) -> bool {
    let is_riscv = target.row.emulation.ends_with("lriscv");
    let (xlen, _, letters) = riscv_machine(arch, None);
    let (of_row, _, needs) = riscv_machine(riscv_flag(target.row, "-march="), None);
    is_riscv && (xlen != of_row || !needs.chars().all(|letter| letters.contains(letter)))
}

/// GCC's directories of a newlib for the target, below its `lib`: the first that is there is the one.
pub(crate) fn multilib_dirs(target: Target) -> Vec<PathBuf> {
    let row = target.row;
    if let Some(arm) = ARM.iter().find(|arm| arm.soft == row.name || arm.hard == Some(row.name)) {
        let dirs = if arm.soft == row.name { arm.soft_dirs } else { arm.hard_dirs };
        return dirs.iter().map(PathBuf::from).collect();
    }
    let abi = riscv_flag(row, "-mabi=");
    if abi.is_empty() {
        return vec![PathBuf::from(".")];
    }
    let arch = riscv_flag(row, "-march=").replace('g', "imafd");
    vec![PathBuf::from(format!("{arch}/{abi}")), PathBuf::from(".")]
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::args;

    fn refined(target: &str, line: &str) -> &'static str {
        let argv: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let words = args::read_words(&argv, &|_| None);
        let args = args::parse(&words.words).unwrap();
        refine(Target::parse(target).unwrap(), &args).row.name
    }

    #[test]
    fn options_of_the_machine_choose_the_row() {
        for (target, line, row) in [
            ("arm-none-eabi", "", "arm-none-eabi"),
            ("arm-none-eabi", "-mthumb", "arm-none-eabi"),
            ("arm-none-eabi", "-mcpu=cortex-m0plus -mthumb", "thumbv6m-none-eabi"),
            ("arm-none-eabi", "-mcpu=cortex-m3", "thumbv7m-none-eabi"),
            ("arm-none-eabi", "-mcpu=cortex-m33+nodsp", "thumbv8m.main-none-eabi"),
            ("arm-none-eabi", "-mcpu=cortex-m4 -mfloat-abi=softfp -mfpu=fpv4-sp-d16", "thumbv7em-none-eabi"),
            ("arm-none-eabi", "-mcpu=cortex-m4 -mfloat-abi=hard", "thumbv7em-none-eabihf"),
            ("arm-none-eabi", "-mcpu=cortex-m4 -mhard-float", "thumbv7em-none-eabihf"),
            ("arm-none-eabi", "-march=armv7e-m+fp -mfloat-abi=hard", "thumbv7em-none-eabihf"),
            ("arm-none-eabi", "-march=armv8.1-m.main", "thumbv8m.main-none-eabi"),
            ("arm-none-eabi", "-mcpu=cortex-a9 -mfloat-abi=hard", "armv7a-none-eabihf"),
            ("arm-none-eabi", "-mcpu=cortex-m3 -mfloat-abi=hard", "thumbv7m-none-eabi"),
            ("thumbv7em-none-eabihf", "-mcpu=cortex-m7", "thumbv7em-none-eabihf"),
            ("thumbv7em-none-eabihf", "-mfloat-abi=soft", "thumbv7em-none-eabi"),
            ("thumb-freestanding-eabihf", "-mcpu=cortex-m55", "thumbv8m.main-none-eabihf"),
            ("riscv64-unknown-elf", "", "riscv64gc-none-elf"),
            ("riscv64-unknown-elf", "-march=rv32imac_zicsr -mabi=ilp32", "riscv32imac-none-elf"),
            ("riscv64-unknown-elf", "-march=rv64imac", "riscv64imac-none-elf"),
            ("riscv64-unknown-elf", "-march=rv64gc -mabi=lp64", "riscv64imac-none-elf"),
            ("riscv32-unknown-elf", "-march=rv32imafc -mabi=ilp32", "riscv32imac-none-elf"),
            ("riscv32-unknown-elf", "-march=rv32gcv", "riscv32gc-none-elf"),
            ("riscv32-unknown-elf", "-mcpu=sifive-e20", "riscv32imc-none-elf"),
            ("aarch64-none-elf", "-mgeneral-regs-only", "aarch64-none-elf-softfloat"),
            ("x86_64-linux-gnu", "-march=rv32i", "x86_64-linux-gnu"),
        ] {
            assert_eq!(refined(target, line), row, "{target} {line}");
        }
    }

    #[test]
    fn the_tables_name_rows() {
        let is_row = |name: &str| TARGETS.iter().any(|row| row.name == name);
        assert!(ARM.iter().all(|arm| is_row(arm.soft) && arm.hard.is_none_or(is_row)));
        assert!(ARM_WORDS.iter().all(|(_, arch)| ARM.iter().any(|row| row.arch == *arch)));
    }
}
