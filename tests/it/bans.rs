//! Dependency policy: banned crates, versions, sources and licences. The test reads `cargo metadata` and the lock files, so it
//! needs no tool and no network. It does not know advisories newer than its own list.

use crate::reading::toml;
use crate::support::{root, text};
use cargo_metadata::{Metadata, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use ::toml::{Table, Value};

/// Crates that may not be locked, with the lowest allowed version (`None`: no version is allowed) and the reason.
const BANNED: [(&str, Option<[u64; 3]>, &str); 7] = [
    // Treats an `exp` of a wrong type as absent. No advisory database had it when this was written.
    ("jsonwebtoken", Some([10, 3, 0]), "CVE-2026-25537"),
    ("rsa", None, "RUSTSEC-2023-0071: its timing reveals the key"),
    ("openssl", None, "one TLS stack: rustls over aws-lc"),
    ("openssl-sys", None, "one TLS stack: rustls over aws-lc"),
    ("native-tls", None, "one TLS stack: rustls over aws-lc"),
    ("hyper-tls", None, "one TLS stack: rustls over aws-lc"),
    ("curl-sys", None, "one HTTP stack: hyper"),
];

/// Crates of which exactly one version may be locked.
const SINGLE_VERSION: [&str; 14] = [
    "aws-lc-rs",
    "aws-lc-sys",
    "aws-smithy-runtime",
    "h2",
    "http",
    "hyper",
    "jiff",
    "jsonwebtoken",
    "reqwest",
    "rustls",
    "serde_json",
    "tokio",
    "tracing",
    "url",
];

const ALLOWED_LICENCES: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Name, version and source of a locked package.
type LockedPackage = (String, String, Option<String>);

fn parse_lock_file(file: &str, text: &str) -> Vec<LockedPackage> {
    let lock = toml::parse(file, text);
    let packages = lock.get("package").and_then(Value::as_array).into_iter().flatten();
    let member = |package: &Value, name: &str| package.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    packages
        .map(|package| {
            (member(package, "name").unwrap(), member(package, "version").unwrap(), member(package, "source"))
        })
        .collect()
}

fn locked_packages(file: &str) -> Vec<LockedPackage> {
    parse_lock_file(file, &text(file))
}

/// The dependencies that a manifest lists and a lock file lacks.
fn not_locked(manifest: &Table, path: &[&str], packages: &[LockedPackage]) -> Vec<String> {
    let locked = |name: &str| packages.iter().any(|(locked, ..)| locked == name);
    toml::entries(manifest, path).map(|(name, _)| name.to_owned()).filter(|name| !locked(name)).collect()
}

fn version_numbers(version: &str) -> Vec<u64> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

fn violations(packages: &[LockedPackage]) -> Vec<String> {
    let mut found = vec![];
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, version, source) in packages {
        versions.entry(name).or_default().insert(version);
        if source.as_ref().is_some_and(|source| source != CRATES_IO) {
            found.push(format!("{name} comes from {source:?}"));
        }
        for (banned, from, why) in BANNED.iter().filter(|(banned, ..)| banned == name) {
            if from.is_none_or(|from| version_numbers(version) < from.to_vec()) {
                found.push(format!("{banned} {version}: {why}"));
            }
        }
    }
    let twice =
        SINGLE_VERSION.iter().filter_map(|name| Some((name, versions.get(name)?))).filter(|(_, all)| all.len() > 1);
    found.extend(twice.map(|(name, all)| format!("{name} more than once: {all:?}")));
    found
}

/// True if [`ALLOWED_LICENCES`] satisfies a licence expression (SPDX, or with the older `/` for `OR`).
fn is_allowed_licence(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let expression = expression.trim();
    if let Some((left, right)) = split_at_operator(expression, " AND ") {
        return is_allowed_licence(left) && is_allowed_licence(right);
    }
    if let Some((left, right)) = split_at_operator(expression, " OR ") {
        return is_allowed_licence(left) || is_allowed_licence(right);
    }
    match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_allowed_licence(inner),
        None => ALLOWED_LICENCES.contains(&expression.split_whitespace().collect::<Vec<_>>().join(" ").as_str()),
    }
}

/// The two sides of the first operator outside of parentheses. `AND` is split first, so an expression that mixes both without
/// parentheses is read more strictly than SPDX defines it, never less.
fn split_at_operator<'a>(expression: &'a str, operator: &str) -> Option<(&'a str, &'a str)> {
    let depth = |at: usize| expression[..at].matches('(').count() - expression[..at].matches(')').count();
    let (at, _) = expression.match_indices(operator).find(|(at, _)| depth(*at) == 0)?;
    Some((&expression[..at], &expression[at + operator.len()..]))
}

/// The platform of this build, as cargo names it.
fn host_platform() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc is on the path");
    let output = String::from_utf8(output.stdout).unwrap();
    output.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned()
}

fn metadata() -> Metadata {
    // Only this platform: dependencies of other platforms were never downloaded here.
    let platform = format!("--filter-platform={}", host_platform());
    let mut command = MetadataCommand::new();
    let options = ["--locked", "--offline", &platform].map(ToOwned::to_owned).to_vec();
    command.manifest_path(root().join("Cargo.toml")).other_options(options);
    command.exec().unwrap_or_else(|error| panic!("cargo metadata --locked: {error}"))
}

#[test]
fn nothing_banned_is_locked() {
    for (file, manifest, path) in [
        ("Cargo.lock", "Cargo.toml", ["workspace", "dependencies"].as_slice()),
        ("tests/fuzz/Cargo.lock", "tests/fuzz/Cargo.toml", &["dependencies"]),
    ] {
        let packages = locked_packages(file);
        assert_eq!(
            not_locked(&toml::read(manifest), path, &packages),
            Vec::<String>::new(),
            "{file} was not read whole"
        );
        let found = violations(&packages);
        assert!(found.is_empty(), "{file}: {found:#?}");
    }
    assert!(!text(".gitignore").contains("Cargo.lock"), "the lock file is part of the repository");
}

#[test]
fn every_licence_is_on_the_list() {
    let metadata = metadata();
    let licences: BTreeMap<String, Option<&str>> =
        metadata.packages.iter().map(|it| (it.name.to_string(), it.license.as_deref())).collect();
    let bad = licences.iter().filter(|(_, licence)| !licence.is_some_and(is_allowed_licence));
    assert_eq!(bad.collect::<Vec<_>>(), vec![]);
    let workspace = toml::read("Cargo.toml");
    let unseen =
        toml::entries(&workspace, &["workspace", "dependencies"]).filter(|(name, _)| !licences.contains_key(*name));
    assert_eq!(unseen.map(|(name, _)| name).collect::<Vec<_>>(), Vec::<&str>::new(), "dependencies without metadata");
}

/// True if a manifest forbids unsafe code: by the workspace's lints, or by its own.
fn forbids_unsafe_code(manifest: &Table, path: &[&str]) -> bool {
    let lints = toml::value(manifest, path);
    lints.and_then(|lints| lints.get("unsafe_code")).and_then(Value::as_str) == Some("forbid")
}

fn takes_workspace_lints(manifest: &Table) -> bool {
    toml::value(manifest, &["lints", "workspace"]).and_then(Value::as_bool) == Some(true)
}

#[test]
fn workspace_crates_forbid_unsafe_code() {
    assert!(forbids_unsafe_code(&toml::read("Cargo.toml"), &["workspace", "lints", "rust"]));
    assert!(forbids_unsafe_code(&toml::read("tests/fuzz/Cargo.toml"), &["lints", "rust"]));
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let manifest = toml::parse(&package.name, &std::fs::read_to_string(&package.manifest_path).unwrap());
        assert!(takes_workspace_lints(&manifest), "{} does not take the workspace's lints", package.name);
    }
    let planted = toml::parse("planted", "[lints.rust]\nunsafe_code = \"warn\"\n# [lints]\n# workspace = true\n");
    assert!(!forbids_unsafe_code(&planted, &["lints", "rust"]) && !takes_workspace_lints(&planted));
}

/// The fuzz targets lock the same versions as the workspace.
#[test]
fn fuzz_targets_are_built_with_the_deployed_versions() {
    let ours: BTreeSet<LockedPackage> = locked_packages("Cargo.lock").into_iter().collect();
    let names: BTreeSet<&String> = ours.iter().map(|(name, ..)| name).collect();
    let fuzzed = locked_packages("tests/fuzz/Cargo.lock");
    let apart: Vec<&LockedPackage> =
        fuzzed.iter().filter(|package| names.contains(&package.0) && !ours.contains(package)).collect();
    assert!(apart.is_empty(), "{apart:#?}");
}

#[test]
fn a_planted_ban_is_reported() {
    let package = |name: &str, version: &str, source: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n\n")
    };
    let git = "git+https://github.com/a/b?branch=main#0123";
    for (planted, expected) in [
        (package("jsonwebtoken", "10.2.9", CRATES_IO), "CVE-2026-25537"),
        (package("jsonwebtoken", "9.3.1", CRATES_IO), "CVE-2026-25537"),
        (package("openssl-sys", "0.9.1", CRATES_IO), "one TLS stack"),
        (package("serde", "1.0.0", git), "comes from"),
        (package("serde", "1.0.0", "registry+https://crates.example.com"), "comes from"),
        (package("hyper", "0.14.0", CRATES_IO) + &package("hyper", "1.0.0", CRATES_IO), "more than once"),
    ] {
        let found = violations(&parse_lock_file("planted", &planted));
        assert!(found.len() == 1 && found[0].contains(expected), "{planted} {found:?}");
    }
    let absent = not_locked(&toml::parse("planted", "[dependencies]\nserde = \"1\"\n"), &["dependencies"], &[]);
    assert_eq!(absent, ["serde"]);
    assert!(violations(&parse_lock_file("planted", &package("jsonwebtoken", "10.3.0", CRATES_IO))).is_empty());
    for (expression, good) in [
        ("MIT/Apache-2.0", true),
        ("MIT OR GPL-3.0-only", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("GPL-3.0-only", false),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR Apache-2.0) AND AGPL-3.0", false),
        ("BUSL-1.1", false),
        ("", false),
    ] {
        assert_eq!(is_allowed_licence(expression), good, "{expression}");
    }
}
