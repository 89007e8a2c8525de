//! Broken files for what reads them, the same every time, and limits on what one may cost.

#![allow(dead_code, unreachable_pub)] // Each test crate uses a part of it, as a module of its own.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::support;

/// Words of the numbers that length and offset fields break on.
const NUMBERS: &[u64] = &[0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 63, u64::MAX];

/// xorshift64*: no dependence on the version of any crate.
pub struct Random(u64);

impl Random {
    /// Of a fuzzer: of its name, and of `XCC_FUZZ_SEED`, which makes other files.
    pub fn of(name: &str) -> Random {
        Random(seed() ^ name.bytes().fold(0, |all, byte| all << 5 ^ u64::from(byte)))
    }

    /// A number below `end`; 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }
}

/// What one has to know to have the same files again.
pub fn seed() -> u64 {
    number("XCC_FUZZ_SEED").unwrap_or(0x9e37_79b9_7f4a_7c15)
}

/// How long: `XCC_FUZZ_SECONDS`, else a minute under `CI=true`, else `usual` seconds.
pub fn time(usual: u64) -> Duration {
    let minute = if std::env::var_os("CI").is_some() { 60 } else { usual };
    Duration::from_secs(asked().unwrap_or(minute))
}

/// `XCC_FUZZ_SECONDS`.
pub fn asked() -> Option<u64> {
    number("XCC_FUZZ_SECONDS")
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// A file with some bytes changed, cut off or put in twice, as a fuzzer does. `place` gives where, of a length: most
/// places of most files break nothing.
pub fn mutated(file: &[u8], random: &mut Random, place: impl Fn(usize, &mut Random) -> usize) -> Vec<u8> {
    let mut copy = file.to_vec();
    for _ in 0..=random.below(4) {
        let at = place(copy.len(), random);
        match random.below(8) {
            0..=2 => copy[at] = random.below(256) as u8,
            3 => copy[at] ^= 1 << random.below(8),
            4..=5 => {
                let (number, size) = (NUMBERS[random.below(NUMBERS.len())], 1 << random.below(4));
                let bytes = if random.below(2) == 0 { number.to_le_bytes() } else { number.to_be_bytes() };
                let at = at & !(size - 1);
                copy.iter_mut().skip(at).zip(&bytes[..size]).for_each(|(old, new)| *old = *new);
            }
            6 => copy.truncate(random.below(copy.len()) + 1),
            _ => {
                let (from, count) = (random.below(copy.len()), random.below(64));
                let piece: Vec<u8> = copy[from..].iter().take(count).copied().collect();
                copy.splice(at..at, piece);
            }
        }
    }
    copy
}

/// Half of the time among the first `head` bytes, where everything else hangs on, else anywhere.
pub fn mostly_first(head: usize) -> impl Fn(usize, &mut Random) -> usize {
    move |length, random| {
        let room = if random.below(2) == 0 { length.min(head) } else { length };
        random.below(room)
    }
}

/// Runs `xcc LINE` there. `FILES` in the line stands for the files, `OUT` for an output. Two GB and twenty seconds of a
/// processor are beyond what any of these files can need.
pub fn run(dir: &Path, line: &str, files: &[String]) -> Output {
    let mut command = Command::new(support::xcc("xcc"));
    for word in line.split(' ') {
        match word {
            "FILES" => command.args(files),
            "OUT" => command.arg("out"),
            word => command.arg(word),
        };
    }
    let command = command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // Not between fork and exec: a process that forks with all of its memory takes as long as the reader itself.
    for (what, most) in [(libc::RLIMIT_AS, 2_000_000_000), (libc::RLIMIT_CPU, 20)] {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        // SAFETY: the limit is read, nothing is written, and the child is there until it is waited for.
        assert_eq!(unsafe { libc::prlimit(child.id() as libc::pid_t, what, &limit, std::ptr::null_mut()) }, 0);
    }
    child.wait_with_output().unwrap()
}
