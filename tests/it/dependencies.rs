//! Dependencies of the functions: one HTTP stack, one TLS stack, no OpenSSL.
//!
//! The tests read `cargo tree`, not `cargo metadata`: the latter also lists crates that only a weak feature (`ring?/alloc`)
//! mentions and that are never built.

use crate::reading::toml;
use crate::support::root;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use ::toml::Table;

fn cargo_tree(arguments: &[&str]) -> String {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).unwrap()
}

/// The packages in `functions/`, which also holds a page.
fn function_names() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("functions")).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// Every crate built for the packages in `functions/`, with its versions.
fn linked_crates() -> BTreeMap<String, BTreeSet<String>> {
    let names = function_names();
    let mut arguments = vec!["--edges", "normal,build", "--format", "{p}"];
    arguments.extend(names.iter().flat_map(|name| ["-p", name]));
    parse_tree(&cargo_tree(&arguments))
}

fn parse_tree(tree: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split(' ');
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            crates.entry(name.to_owned()).or_default().insert(version.to_owned());
        }
    }
    crates
}

#[test]
fn one_http_stack_and_one_tls_stack() {
    let crates = linked_crates();
    for absent in [
        "aws-smithy-http-client",
        "h2",
        "reqwest",
        "openssl-sys",
        "native-tls",
        "ring",
        "dynoxide-rs",
        "runtime_driver",
        "sandbox",
    ] {
        assert!(!crates.contains_key(absent), "{absent} is linked into a function");
    }
    for single in ["hyper", "rustls", "http", "aws-lc-rs", "tokio"] {
        let versions = &crates[single];
        assert_eq!(versions.len(), 1, "{single}: {versions:?}");
    }
    assert!(crates["hyper"].iter().all(|version| version.starts_with("v1.")), "{:?}", crates["hyper"]);
}

/// The workspace's packages among a manifest's normal dependencies.
fn workspace_dependencies<'a>(manifest: &'a Table, own: &[&str]) -> Vec<&'a str> {
    let dependencies = toml::entries(manifest, &["dependencies"]);
    let is_own = |(name, dependency): &(&str, &::toml::Value)| dependency.get("path").is_some() || own.contains(name);
    dependencies.filter(is_own).map(|(name, _)| name).collect()
}

#[test]
fn functions_depend_on_the_engine_only() {
    let workspace = toml::read("Cargo.toml");
    let own = toml::own_packages(&workspace);
    for name in function_names() {
        let manifest = format!("functions/{name}/Cargo.toml");
        assert_eq!(workspace_dependencies(&toml::read(&manifest), &own), ["engine"], "{manifest}");
    }
    assert_eq!(workspace_dependencies(&toml::read("shared/Cargo.toml"), &own), Vec::<&str>::new());
    let planted = "[dependencies]\nengine.workspace = true\ntasks = { path = \"../tasks\" }\nserde.workspace = true\n\n\
                   [dependencies.runtime_driver]\nworkspace = true\n\n[dev-dependencies]\nsandbox.workspace = true\n";
    let planted = toml::parse("planted", planted);
    assert_eq!(workspace_dependencies(&planted, &own), ["engine", "runtime_driver", "tasks"]);
}

#[test]
fn tests_and_the_local_stack_share_one_build() {
    let features = |edges| -> BTreeSet<String> {
        let tree = cargo_tree(&["--workspace", "--edges", edges, "--format", "{p} [{f}]"]);
        tree.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
    };
    let (plain, tested) = (features("no-dev"), features("normal,build,dev"));
    let apart: Vec<&String> = plain.symmetric_difference(&tested).collect();
    assert!(apart.is_empty(), "built twice, with and without the dev-dependencies: {apart:#?}");
}

#[test]
fn planted_duplicate_versions_are_reported() {
    let planted = parse_tree("hyper v1.12.0\nring v0.17.14\nhyper v0.14.32 (*)\nhyper v1.12.0 (*)");
    assert_eq!((planted["hyper"].len(), planted.contains_key("ring")), (2, true));
}
