//! `xcc inspect`, held up against readelf, llvm-readobj, obj2yaml and `go version -m` on a corpus of every format that is built on
//! the spot; its clauses, its text, and what it makes of broken files. Each test protects the one statement its name makes.

#[path = "../support/fuzz.rs"]
mod fuzz;
#[path = "../support/mod.rs"]
mod support;

mod agreement;
mod broken;
mod corpus;
mod output;
mod requirements;

use std::path::Path;
use std::process::Output;

use serde_json::Value;

/// `xcc inspect` with those words, in that directory, without colour and in UTF-8.
fn inspect(dir: &Path, words: &[&str]) -> Output {
    let mut command = support::command(support::xcc("xcc"));
    command.current_dir(dir).arg("inspect").args(words).env("LC_ALL", "C.UTF-8");
    command.output().unwrap()
}

/// The report on one file.
#[track_caller]
fn report(path: &Path) -> Value {
    let output = inspect(Path::new("/"), &["--json", path.to_str().unwrap()]);
    let said = support::stderr(&output);
    assert!(output.status.success() && said.is_empty(), "{}: {said}", path.display());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], 1);
    document["files"][0].clone()
}

/// The report's only image.
#[track_caller]
fn image(path: &Path) -> Value {
    report(path)["images"][0].clone()
}

/// A list of texts.
fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
