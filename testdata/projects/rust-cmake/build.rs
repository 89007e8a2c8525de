//! Three ways in which a build script gets a C library: the cmake crate, the cc crate, the pkg-config crate.

fn main() {
    let built = cmake::Config::new("c").build();
    println!("cargo::rustc-link-search=native={}/lib", built.display());
    println!("cargo::rustc-link-lib=static=words");
    cc::Build::new().cpp(true).file("c/twice.cc").compile("twice");
    pkg_config::Config::new().atleast_version("2.0").probe("thrice").unwrap();
    assert!(pkg_config::Config::new().probe("thrice-of-the-host").is_err());
}
