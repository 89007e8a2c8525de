//! Asserts properties of our own sources and documents: what reviewers would otherwise have to remember.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::backend::BACKENDS;
use crate::env::{self, Env};
use crate::personality::{self, Identity, installed_names, versioned_names};
use crate::rules;
use crate::target::Target;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn every_source() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for dir in ["src", "tests", "benches"] {
        if root().join(dir).is_dir() {
            sources(&root().join(dir), &mut found);
        }
    }
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_source_says_what_it_is_for() {
    for (path, text) in every_source() {
        assert!(text.starts_with("//!"), "{} does not begin with //!", path.display());
    }
}

#[test]
fn only_env_rs_asks_the_process_for_variables() {
    for (path, text) in every_source() {
        let ours = path.starts_with(root().join("src")) && !path.ends_with("env.rs") && !path.ends_with("tidy.rs");
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or("");
        assert!(!ours || path.ends_with("golden.rs") || !code.contains("env::var"), "{}", path.display());
    }
}

#[test]
fn rules_have_unique_names_and_reasons() {
    let mut names: Vec<&str> = rules::all().map(|rule| rule.name).collect();
    for rule in rules::all() {
        assert!(rule.why.len() > 20, "rule '{}' gives no reason", rule.name);
        assert!(rule.name.contains('-'), "rule '{}' is not subject-verb-object", rule.name);
    }
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before, "two rules share a name");
}

#[test]
fn the_readme_lists_every_target_variable_and_backend() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for row in Target::all() {
        assert!(readme.contains(&format!("`{}`", row.name)), "README.md does not list target {}", row.name);
    }
    let own = [env::XCC_LAUNCHED, env::XCC_RUNNING];
    for (name, _) in env::VARIABLES.iter().filter(|(name, _)| name.starts_with("XCC_") && !own.contains(name)) {
        assert!(readme.contains(&format!("`{name}`")), "README.md does not list variable {name}");
    }
    for row in BACKENDS {
        assert!(readme.contains(&format!("`{}`", row.name)), "README.md does not list backend {}", row.name);
    }
}

/// Each row of the table about macOS is in the README, and has something that shows it.
/// What a reader copies from README and the pages for places is there once install.sh has run.
#[test]
fn every_name_in_the_documents_is_installed() {
    let all = Target::all().flat_map(|row| [installed_names(Some(row.name)), versioned_names(row)]).flatten();
    let installed: Vec<String> = all.chain(installed_names(None)).collect();
    let mut pages = vec![root().join("README.md")];
    let mut dirs = vec![root().join("docs")];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { dirs.push(path) } else { pages.push(path) }
        }
    }
    let mut named = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && !"._+-".contains(c)) {
            let word = word.trim_end_matches(['.', '-']);
            let argv = [OsString::from(word)];
            let tool = personality::identify(&argv, &Env::default(), |_| false);
            if word.starts_with("xcc-") && matches!(tool, Ok(Identity::Tool { target: Some(_), .. })) {
                assert!(installed.iter().any(|name| name == word), "{word} in {}", page.display());
                named += 1;
            }
        }
    }
    assert!(named > 20, "{named}");
}

#[test]
fn the_readme_says_what_works_for_macos() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (readme, table) = (read("README.md"), read("testdata/macos-works.tsv"));
    let rows: Vec<Vec<&str>> =
        table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
    let written: Vec<String> = rows.iter().map(|row| format!("| {} |\n", row[..2].join(" | "))).collect();
    assert!(readme.contains(&written.concat()), "README.md should have:\n{}", written.concat());
    for row in rows {
        let shown: Vec<&[&str]> = row[2..].chunks(2).collect();
        assert_eq!(shown.len(), if row[1].starts_with("needs one") { 2 } else { 1 }, "{}", row[0]);
        for by in shown {
            assert!(read(by[0]).contains(by[1]), "{}: {} has no '{}'", row[0], by[0], by[1]);
        }
    }
}

#[test]
fn the_architecture_names_every_module() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut found = Vec::new();
    sources(&root().join("src"), &mut found);
    for path in found {
        let name = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().into_owned();
        assert!(map.contains(&format!("`{name}`")), "ARCHITECTURE.md does not name src/{name}");
    }
}

/// `packaging/third-party.py` writes that list; the crates behind these are checked where Cargo can be asked.
#[test]
fn the_list_of_licences_has_every_dependency() {
    let list = fs::read_to_string(root().join("packaging/THIRD-PARTY.md")).unwrap();
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(root().join("Cargo.toml")).unwrap()).unwrap();
    for name in manifest["dependencies"].as_table().unwrap().keys() {
        assert!(list.contains(&format!("| {name} | ")), "{name}: packaging/third-party.py >packaging/THIRD-PARTY.md");
    }
}
