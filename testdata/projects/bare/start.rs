//! The least that Rust needs on bare metal.
#![no_std]
#![no_main]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

extern "C" {
    fn put(text: *const u8);
    fn finish(status: isize) -> !;
}

/// # Safety
/// The start of the machine calls it.
#[no_mangle]
pub unsafe extern "C" fn main() -> isize {
    let n = core::hint::black_box(998_244_353_u64);
    put(b"hello from Rust\n\0".as_ptr());
    if core::hint::black_box(1_000_000_007 * n) / n != 1_000_000_007 {
        finish(1);
    }
    42
}
