//! Tells the program the name of the target it is built for.

fn main() {
    println!("cargo:rustc-env=BUILT_FOR={}", std::env::var("TARGET").unwrap());
    println!("cargo:rerun-if-changed=build.rs");
}
