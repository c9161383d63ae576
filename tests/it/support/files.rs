//! Access to the repository's files, for tests that read them.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

/// The root folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of a file, by its path from the root.
pub(crate) fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Every Rust file below a folder, as path from the root and text.
pub(crate) fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = vec![];
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    for entry in entries.map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if entry.file_type().unwrap().is_dir() {
            if name != "target" && name != "node_modules" && !name.starts_with('.') {
                found.extend(sources(&path));
            }
        } else if name.ends_with(".rs") {
            found.push((path.clone(), text(&path)));
        }
    }
    found.sort();
    found
}

/// Panics with the items that only one side has.
#[track_caller]
pub(crate) fn assert_same<T: Ord + Debug>(left_name: &str, left: &BTreeSet<T>, right_name: &str, right: &BTreeSet<T>) {
    let only_in = |name: &str, of: &BTreeSet<T>, without: &BTreeSet<T>| -> String {
        of.difference(without).map(|it| format!("\n  only in {name}: {it:?}")).collect()
    };
    let difference = only_in(left_name, left, right) + &only_in(right_name, right, left);
    assert!(difference.is_empty(), "{left_name} and {right_name} disagree:{difference}");
}
