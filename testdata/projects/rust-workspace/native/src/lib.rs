//! Words of a text, counted in C.

use std::ffi::{CString, c_char};

unsafe extern "C" {
    fn count_words(text: *const c_char) -> usize;
}

/// # Panics
/// Of a text without a word.
pub fn count(text: &str) -> usize {
    let text = CString::new(text).unwrap();
    // SAFETY: the text ends with a zero, and outlives the call.
    let count = unsafe { count_words(text.as_ptr()) };
    assert!(count > 0, "no words");
    count
}
