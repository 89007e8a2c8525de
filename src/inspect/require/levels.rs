//! Levels of processors, and which of them includes which: the clause `cpu<=LEVEL`.

use super::super::report::Image;
use super::{Operator, Outcome};

/// Levels of processors, each family from the least to the most.
const LEVELS: &[&[&str]] = &[
    &["x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"],
    &[
        "armv4",
        "armv4t",
        "armv5",
        "armv5t",
        "armv5te",
        "armv5tej",
        "armv6",
        "armv6k",
        "armv6kz",
        "armv6t2",
        "armv7",
        "armv8-a",
        "armv8",
        "armv8.1-a",
        "armv8.2-a",
        "armv8.3-a",
        "armv9-a",
    ],
    &[
        "armv8.0", "armv8.1", "armv8.2", "armv8.3", "armv8.4", "armv8.5", "armv8.6", "armv8.7", "armv8.8", "armv8.9",
        "armv9.0", "armv9.1",
    ],
    &["mips1", "mips2", "mips32", "mips32r2", "mips32r6"],
    &["mips3", "mips4", "mips5", "mips64", "mips64r2", "mips64r6"],
    &["power8", "power9", "power10"],
    &["rva20u64", "rva22u64", "rva23u64"],
];

/// What is wrong with a level.
pub(super) fn level_error(value: &str) -> Option<String> {
    let known =
        LEVELS.iter().any(|family| family.contains(&value)) || value.starts_with("rv64") || value.starts_with("rv32");
    (!known).then(|| "no such level of a processor is known".into())
}

pub(super) fn cpu(image: &Image, _: Operator, value: &str) -> Outcome {
    let Some(baseline) = image.cpu.as_ref().and_then(|cpu| cpu.baseline.as_deref()) else {
        return Err("what it needs of the processor is not recorded".into());
    };
    let text = format!("it needs {baseline}");
    if value.starts_with("rv") || baseline.starts_with("rv64") || baseline.starts_with("rv32") {
        let (wanted, found) = (extensions(value), extensions(baseline));
        let fits = value.get(..4) == baseline.get(..4) && found.iter().all(|letter| wanted.contains(letter));
        return if fits { Ok(text) } else { Err(text) };
    }
    let place = |family: &[&str], level: &str| family.iter().position(|known| *known == level);
    let family = LEVELS.iter().find(|family| family.contains(&value)).copied().unwrap_or(&[]);
    match (place(family, baseline), place(family, value)) {
        (Some(found), Some(wanted)) if found <= wanted => Ok(text),
        _ => Err(text),
    }
}

/// The letters of `rv64gc`; `g` stands for `imafd`.
fn extensions(level: &str) -> Vec<char> {
    let letters = level.get(4..).unwrap_or("").split('_').next().unwrap_or("");
    letters.replace('g', "imafd").chars().collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::report::Cpu;
    use super::*;

    #[test]
    fn levels_of_processors_compare_within_a_family() {
        let with = |baseline: &str| Image {
            cpu: Some(Cpu { baseline: Some(baseline.into()), features: vec![], source: "" }),
            ..Image::default()
        };
        assert!(
            cpu(&with("x86-64-v2"), Operator::AtMost, "x86-64-v3").is_ok()
                && cpu(&with("x86-64-v3"), Operator::AtMost, "x86-64-v2").is_err()
        );
        assert!(
            cpu(&with("rv64imafdc"), Operator::AtMost, "rv64gc").is_ok()
                && cpu(&with("rv64imafdcv"), Operator::AtMost, "rv64gc").is_err()
        );
        assert!(
            cpu(&with("armv7"), Operator::AtMost, "x86-64").is_err()
                && cpu(&Image::default(), Operator::AtMost, "x86-64").is_err()
        );
    }
}
