fn main() {
    println!("cargo::rerun-if-changed=src/count.c");
    cc::Build::new().file("src/count.c").compile("count");
}
