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
