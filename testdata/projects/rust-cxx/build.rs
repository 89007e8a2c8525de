//! Compiles the C++ side, with the C++ compiler of the target.

fn main() {
    cxx_build::bridge("src/main.rs").file("cpp/words.cc").std("c++17").compile("words");
    println!("cargo:rerun-if-changed=cpp");
}
