//! The places that people build in: reproducible builds, and the files for build services and packagers, as far as they
//! can be tried on one machine.

#[path = "../support/rust.rs"]
mod rust;
#[path = "../support/mod.rs"]
mod support;

mod examples;
mod packages;
mod python;
mod reproducible;

/// Everything, or what one run of all tests has time for.
fn all() -> bool {
    std::env::var_os("XCC_TEST_ALL").is_some()
}
