//! Calls each of the three libraries.

use std::ffi::c_char;

extern "C" {
    fn words(text: *const c_char) -> u32;
    fn twice(x: i32) -> i32;
    fn thrice(x: i32) -> i32;
}

fn main() {
    // SAFETY: the text ends in a zero byte, and the functions read nothing else.
    let (a, b, c) = unsafe { (words(c"one two three".as_ptr()), twice(21), thrice(7)) };
    println!("{a} {b} {c}");
}
