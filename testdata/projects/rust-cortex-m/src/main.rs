#![no_std]
#![no_main]
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! { debug::exit(debug::EXIT_FAILURE); loop {} }
#[entry]
fn main() -> ! {
    let n: u64 = core::hint::black_box(998244353);
    hprintln!("hello from rust {}", 1000000007u64 * n / n);
    debug::exit(debug::EXIT_SUCCESS);
    loop {}
}
