//! Manifests and lock files.

use toml::{Table, Value};

use crate::support::text;

/// Parses a document. Panics with the name of the file if it is not TOML.
pub(crate) fn parse(file: &str, source: &str) -> Table {
    source.parse().unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The document of a file, by its path from the root.
pub(crate) fn read(file: &str) -> Table {
    parse(file, &text(file))
}

/// The value at a path of keys, if every key exists.
pub(crate) fn value<'a>(document: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (first, remainder) = path.split_first()?;
    remainder.iter().try_fold(document.get(*first)?, |value, key| value.get(*key))
}

/// The table at a path of keys; an absent one is empty.
pub(crate) fn entries<'a>(document: &'a Table, path: &[&str]) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let table = value(document, path).and_then(Value::as_table);
    table.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// The names of the workspace's own packages among the dependencies of its root manifest.
pub(crate) fn own_packages(workspace: &Table) -> Vec<&str> {
    let dependencies = entries(workspace, &["workspace", "dependencies"]);
    dependencies.filter(|(_, dependency)| dependency.get("path").is_some()).map(|(name, _)| name).collect()
}

#[test]
fn values_are_found_by_their_path() {
    let document = parse("a.toml", "[a.b]\nc = 1\n[workspace.dependencies]\nd = \"1\"\ne = { path = \"e\" }\n");
    assert_eq!(value(&document, &["a", "b", "c"]).and_then(Value::as_integer), Some(1));
    assert_eq!(value(&document, &["a", "x", "c"]), None);
    assert_eq!(entries(&document, &["a", "b"]).map(|(key, _)| key).collect::<Vec<_>>(), ["c"]);
    assert_eq!(own_packages(&document), ["e"]);
}
