//! Panics, and says what came of it, where anything still can.

struct Noisy;

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("dropped");
    }
}

fn main() {
    println!("panic={}", if cfg!(panic = "abort") { "abort" } else { "unwind" });
    let caught = std::panic::catch_unwind(|| {
        let _noisy = Noisy;
        let numbers: Vec<u64> = std::env::args().map(|a| a.len() as u64).collect();
        numbers[std::hint::black_box(99)]
    });
    println!("caught {}", caught.is_err());
}
