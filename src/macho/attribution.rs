//! Whether the library that a name is bound to is known to have it: dyld looks in that one alone, and ends a program whose
//! name is not there.
//!
//! Known are the stubs, which have a part of what each library exports. So a name that no stub has proves nothing, and an
//! umbrella may re-export more than its stub says; a name that is known to be another library's does.

use std::collections::{HashMap, HashSet};

use super::Image;
use super::binds::{Bind, Kind};
use crate::sysroot::{Library, stubs};

/// Frameworks that are there to re-export others, more of them than their stubs name.
const UMBRELLAS: &[&str] =
    &["Accelerate", "AppKit", "ApplicationServices", "Carbon", "Cocoa", "CoreServices", "Foundation", "Quartz"];

/// What is bound to a library that does not have it.
pub(super) fn findings(image: &Image<'_>, binds: &[Bind<'_>]) -> Vec<String> {
    let dylibs = image.dylibs();
    let names: Vec<&str> = dylibs.iter().map(|dylib| std::str::from_utf8(dylib.name).unwrap_or_default()).collect();
    let all = stubs();
    let known: Vec<Option<&Library<'_>>> = names
        .iter()
        .map(|name| all.iter().find(|library| library.install_name == *name && !is_umbrella(name)))
        .collect();
    if known.iter().all(Option::is_none) {
        return Vec::new();
    }
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for library in &all {
        library.symbols.iter().for_each(|symbol| _ = owners.insert(symbol, library.install_name));
    }
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for bind in binds.iter().filter(|bind| bind.kind != Kind::Weak && bind.ordinal > 0) {
        let index = usize::try_from(bind.ordinal - 1).unwrap_or(usize::MAX);
        let library = known.get(index).copied().flatten();
        let symbol = bind.name.strip_prefix(b"_").and_then(|name| std::str::from_utf8(name).ok());
        let (Some(library), Some(symbol)) = (library, symbol) else { continue };
        let Some(owner) = owners.get(symbol).filter(|_| !exports(library, symbol, &all)) else { continue };
        if seen.insert((bind.ordinal, symbol)) {
            found.push(format!("'_{symbol}' is bound to '{}', but '{owner}' has it", library.install_name));
        }
    }
    found
}

fn is_umbrella(install_name: &str) -> bool {
    UMBRELLAS.iter().any(|name| install_name.rsplit('/').next() == Some(name))
}

/// Whether the library has the symbol, or one that it re-exports.
fn exports(library: &Library<'_>, symbol: &str, all: &[Library<'_>]) -> bool {
    let of = |name: &str| all.iter().find(|other| other.install_name == name);
    library.symbols.contains(&symbol)
        || library.reexported.iter().filter_map(|name| of(name)).any(|other| exports(other, symbol, all))
}
