//! xcc: one binary with many names that makes every build tool cross-compile.
//!
//! ```text
//! argv, env → personality → target → parsed arguments → (probe? answer) → rules → backend command → exec
//!             personality    target   args, facts, config  probe            rules   backend           command
//! ```
//!
//! Each arrow is one function and each noun one module; `driver.rs` reads like the line above. Between reading argv and
//! exec everything is a function of argv, an `Env` and the files that argv names, so the golden cases need no process.
//! ARCHITECTURE.md has the map and the invariants.

mod args;
mod backend;
mod binutils;
mod caches;
mod children;
mod cli;
mod command;
mod compile_link;
mod config;
mod darwin_ld;
mod diagnosis;
mod digest;
mod dirs;
mod doctor;
mod driver;
mod env;
mod error;
mod exports;
mod facts;
mod file_lock;
#[cfg(test)]
mod golden;
mod guard;
mod inspect;
mod link;
mod links;
mod macho;
mod matrix;
mod mingw_ld;
mod osxcross;
mod packages;
mod personality;
mod pkg_config;
mod probe;
mod rules;
mod run;
mod sdk;
mod sysroot;
mod sysroots;
mod target;
mod terminal;
#[cfg(test)]
mod tidy;
mod tools;
mod trace;
mod whole_file;
mod windres;
mod zig;

use std::ffi::OsString;
use std::io::Write;

use command::Command;
use env::Env;
use error::Result;
use personality::{Identity, Personality};

fn main() {
    let argv: Vec<OsString> = std::env::args_os().collect();
    let env = Env::of_process();
    let code = run(&argv, &env).unwrap_or_else(|error| {
        let mut text = format!("xcc: error: {error}\n");
        if let Some(help) = error.help() {
            text.push_str(&format!("xcc: help: {help}\n"));
        }
        if let Some(rule) = error.rule().filter(|_| env.get(env::XCC_TRACE).is_some()) {
            text.push_str(&format!("xcc: note: refused by rule '{rule}'\n"));
        }
        // One write: parallel builds share standard error. If it is closed there is nobody to tell.
        let _ = std::io::stderr().write_all(text.as_bytes());
        error.exit_code()
    });
    std::process::exit(code);
}

fn run(argv: &[OsString], env: &Env) -> Result<i32> {
    if let Some(target) = personality::flavor(argv)? {
        return tools::run(Personality::Ld, target, &argv[3..], env);
    }
    match personality::identify(argv, env, cli::is_command)? {
        Identity::Cli => cli::run(argv, env),
        Identity::Zigbuild => run::zigbuild::run(argv[0].as_ref(), &argv[1..], env),
        Identity::Tool { personality, target, words } => {
            let rest = &argv[words.min(argv.len())..];
            if let Some(program) = osxcross::tool(personality, target, env)? {
                return Command { program, args: rest.to_vec(), set: Vec::new() }.exec(env);
            }
            match personality {
                Personality::Cc | Personality::Cxx | Personality::Cpp => {
                    driver::run(personality, target, &argv[0], rest, env)
                }
                Personality::PkgConfig => pkg_config::run(target, rest, env),
                Personality::Ld | Personality::Ar | Personality::Ranlib | Personality::Dlltool => {
                    tools::run(personality, target, rest, env)
                }
                Personality::Windres => windres::run(target, rest, env),
                Personality::Binutils(tool) => binutils::run(tool, rest, env),
            }
        }
    }
}
