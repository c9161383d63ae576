//! Dependency policy: banned crates, versions, sources and licences. The test reads `cargo metadata` and the lock files, so it
//! needs no tool and no network. It does not know advisories newer than its own list.

use crate::support::root;
use cargo_metadata::{Metadata, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

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

const ALLOWED_LICENCES: [&str; 13] = [
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
    "Unlicense",
    "Zlib",
];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Name, version and source of a locked package.
type LockedPackage = (String, String, Option<String>);

fn parse_lock_file(text: &str) -> Vec<LockedPackage> {
    let value = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(&format!("{name} = \"")));
        line.map(|value| value.trim_end_matches('"').to_owned())
    };
    let packages = text.split("[[package]]\n").skip(1);
    packages
        .map(|block| (value(block, "name").unwrap(), value(block, "version").unwrap(), value(block, "source")))
        .collect()
}

fn locked_packages(file: &str) -> Vec<LockedPackage> {
    parse_lock_file(&fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}")))
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
    for file in ["Cargo.lock", "tests/fuzz/Cargo.lock"] {
        let packages = locked_packages(file);
        // A guard against a parser that finds no package.
        assert!(packages.iter().any(|(name, ..)| name == "tokio"), "{file} was not read");
        let found = violations(&packages);
        assert!(found.is_empty(), "{file}: {found:#?}");
    }
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap();
    assert!(!ignored.contains("Cargo.lock"), "the lock file is part of the repository");
}

#[test]
fn every_licence_is_on_the_list() {
    let metadata = metadata();
    let bad: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| !package.license.as_deref().is_some_and(is_allowed_licence))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    let locked: BTreeSet<String> = locked_packages("Cargo.lock").into_iter().map(|(name, ..)| name).collect();
    let known: BTreeSet<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    // Packages that only other platforms use are in the lock file alone.
    assert!(known.contains("tokio") && known.is_subset(&locked), "{:?}", known.difference(&locked));
}

#[test]
fn workspace_crates_forbid_unsafe_code() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("[workspace.lints.rust]\nunsafe_code = \"forbid\"\n"));
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true\n"),
            "{} does not take the workspace's lints",
            package.name
        );
    }
    let fuzz = fs::read_to_string(root().join("tests/fuzz/Cargo.toml")).unwrap();
    assert!(fuzz.contains("[lints.rust]\nunsafe_code = \"forbid\"\n"));
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
        let found = violations(&parse_lock_file(&planted));
        assert!(found.len() == 1 && found[0].contains(expected), "{planted} {found:?}");
    }
    assert!(violations(&parse_lock_file(&package("jsonwebtoken", "10.3.0", CRATES_IO))).is_empty());
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
