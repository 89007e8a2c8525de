//! Exports two functions. Everything else, the third one below included, must stay inside the shared library.

use std::cell::Cell;
use std::panic;

thread_local!(static TOTAL: Cell<u64> = const { Cell::new(0) });

/// Adds to this thread's total and returns it.
#[unsafe(no_mangle)]
pub extern "C" fn tally_add(n: u64) -> u64 {
    TOTAL.set(tally_inside(n));
    TOTAL.get()
}

/// 1 when a panic was caught in the library, so that it cannot reach C.
#[unsafe(no_mangle)]
pub extern "C" fn tally_catch() -> i32 {
    panic::set_hook(Box::new(|_| ()));
    i32::from(panic::catch_unwind(|| panic!("{}", tally_inside(0))).is_err())
}

pub extern "C" fn tally_inside(n: u64) -> u64 {
    TOTAL.get() + n
}
