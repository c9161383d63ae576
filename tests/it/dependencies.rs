//! Dependencies of the functions: one HTTP stack, one TLS stack, no OpenSSL.
//!
//! The tests read `cargo tree`, not `cargo metadata`: the latter also lists crates that only a weak feature (`ring?/alloc`)
//! mentions and that are never built.

use crate::support::{root, text};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

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
    for absent in
        ["aws-smithy-http-client", "openssl-sys", "native-tls", "ring", "dynoxide-rs", "runtime_driver", "sandbox"]
    {
        assert!(!crates.contains_key(absent), "{absent} is linked into a function");
    }
    for single in ["reqwest", "hyper", "rustls", "http", "aws-lc-rs", "tokio"] {
        let versions = &crates[single];
        assert_eq!(versions.len(), 1, "{single}: {versions:?}");
    }
    assert!(crates["hyper"].iter().all(|version| version.starts_with("v1.")), "{:?}", crates["hyper"]);
}

/// The workspace crates among a manifest's normal dependencies.
fn workspace_dependencies(manifest: &str) -> Vec<&str> {
    let (_, dependencies) = manifest.split_once("\n[dependencies]\n").unwrap_or_default();
    let dependencies = dependencies.split("\n[").next().unwrap().lines();
    let own = ["bench", "engine", "runtime_driver", "sandbox"];
    let name = |line: &str| line.split(['.', ' ']).next().unwrap_or_default().to_owned();
    dependencies.filter(|line| line.contains("path = ") || own.contains(&name(line).as_str())).collect()
}

#[test]
fn functions_depend_on_the_engine_only() {
    for name in function_names() {
        let manifest = format!("functions/{name}/Cargo.toml");
        assert_eq!(workspace_dependencies(&text(&manifest)), ["engine.workspace = true"], "{manifest}");
    }
    assert_eq!(workspace_dependencies(&text("shared/Cargo.toml")), Vec::<&str>::new());
    let planted = "[package]\n\n[dependencies]\nengine.workspace = true\ntasks = { path = \"../tasks\" }\n\n[dev-dependencies]\nsandbox.workspace = true\n";
    assert_eq!(workspace_dependencies(planted).len(), 2);
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
