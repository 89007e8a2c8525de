//! What `ld --help` says for PE. Configure scripts look for an option in it before they use it: libtool makes DLLs only
//! with a linker whose help has the word `auto-import`.

use std::fmt::Write as _;

use super::options::{MACHINES, OPTIONS, Takes, Then};

/// One line for each option that is honoured, or has no meaning here; those that are refused have none.
pub(crate) fn text() -> String {
    let mut text = String::from("Usage: ld [options] file...\nOptions:\n");
    for option in OPTIONS.iter().filter(|option| option.then != Then::Refuse) {
        let name = option.name;
        let _ = match option.takes {
            Takes::Letter => writeln!(text, "  -{name} VALUE"),
            Takes::Value => writeln!(text, "  --{name}=VALUE"),
            Takes::Optional => writeln!(text, "  --{name}[=VALUE]"),
            Takes::Rest => writeln!(text, "  -{name}VALUE"),
            Takes::Nothing if name.len() == 1 => writeln!(text, "  -{name}"),
            Takes::Nothing => writeln!(text, "  --{name}"),
        };
    }
    let emulations: Vec<&str> = MACHINES.iter().map(|(emulation, _)| *emulation).collect();
    let _ = writeln!(text, "ld: supported emulations: {}", emulations.join(" "));
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn libtool_finds_what_it_looks_for() {
        let text = super::text();
        assert!(text.contains("\n  --enable-auto-import\n") && text.contains("\n  --out-implib=VALUE\n"), "{text}");
        assert!(!text.contains("--version-script"), "an option that is an error is offered");
    }
}
