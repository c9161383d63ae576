//! House rules, checked: what may import what, how long files are, where time and the environment are read.

mod slots;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The engine's floors, from the top; a module imports only from floors below its own (and from itself).
const FLOORS: [&[&str]; 13] = [
    &["lambda", "processor"],
    &["engine"],
    &["attempt"],
    &["integrations"],
    &["breaker", "context_mapper", "delegations", "error_log", "gate", "identity", "oauth", "scheduler"],
    &["vault"],
    &["intent", "tables"],
    &["adapters"],
    &["config", "events", "recurrence", "retry"],
    &["aws"],
    &["http", "ids"],
    &["error"],
    &["clock", "metrics", "redact", "tool"],
];

/// Longest file, in lines.
const LONGEST: usize = 450;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rust_files(below: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    for entry in fs::read_dir(below).unwrap_or_else(|error| panic!("{}: {error}", below.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn sources() -> BTreeMap<String, String> {
    let shared = root().join("shared/src");
    let named = |path: &PathBuf| path.strip_prefix(&shared).unwrap().to_string_lossy().into_owned();
    rust_files(&shared).iter().map(|path| (named(path), fs::read_to_string(path).unwrap())).collect()
}

fn module(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The engine's modules that a source names as `crate::x` outside its tests.
fn imports(source: &str) -> Vec<&str> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut found = vec![];
    for rest in code.flat_map(|line| line.split("crate::").skip(1)) {
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split('}').next().unwrap();
            found.extend(group.split(',').map(|name| name.trim().split("::").next().unwrap()));
        } else {
            found.push(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap());
        }
    }
    found
}

fn breaches(file: &str, source: &str) -> Vec<String> {
    let from = module(file);
    let Some(here) = floor(from) else { return vec![format!("{file}: {from} stands on no floor")] };
    let mut breaches = vec![];
    for to in imports(source) {
        let Some(there) = floor(to) else { continue };
        if to != from && there <= here {
            breaches.push(format!("{file} imports {to}, which is not below {from}"));
        }
    }
    breaches
}

#[test]
fn nothing_imports_upwards() {
    let found: Vec<String> = sources()
        .iter()
        .filter(|(file, _)| *file != "lib.rs")
        .flat_map(|(file, source)| breaches(file, source))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_floor_check_can_fail() {
    assert_eq!(breaches("retry.rs", "use crate::engine::Engine;").len(), 1);
    assert_eq!(breaches("tables/x.rs", "use crate::{engine, ids};").len(), 1);
    assert_eq!(breaches("novel.rs", "").len(), 1);
    assert!(breaches("engine.rs", "use crate::tables::tasks;").is_empty());
}

#[test]
fn aws_and_http_stay_in_their_rooms() {
    let rooms: [(&str, &[&str]); 5] = [
        ("reqwest::", &["http"]),
        ("aws_sdk_dynamodb::", &["tables", "engine", "aws"]),
        ("aws_sdk_secretsmanager::", &["vault", "engine"]),
        ("aws_sdk_eventbridge::", &["events", "engine"]),
        ("lambda_http::", &["lambda"]),
    ];
    for (file, source) in sources() {
        for (what, allowed) in rooms {
            assert!(!source.contains(what) || allowed.contains(&module(&file)), "{file} names {what}");
        }
    }
}

#[test]
fn files_are_short_and_mains_are_three_lines() {
    for folder in ["functions", "shared", "infra", "tests"] {
        for path in rust_files(&root().join(folder)) {
            let source = fs::read_to_string(&path).unwrap();
            let lines = source.lines().count();
            assert!(lines <= LONGEST, "{} has {lines} lines", path.display());
            if path.ends_with("src/main.rs") {
                let body = source.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '/', '}'])).count();
                assert!(body <= 3, "{}: a main only starts things", path.display());
            }
        }
    }
}

#[test]
fn every_action_is_described_documented_and_has_a_wire_test() {
    for adapter in engine::adapters::ALL {
        let folder = root().join("shared/src/adapters").join(adapter.tool.as_str());
        for action in adapter.actions {
            let file = folder.join(format!("{}.rs", action.name));
            let source = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert!(
                source.contains("// https://"),
                "{}: the provider's doc URL stands above each call",
                file.display()
            );
            assert!(source.contains("#[cfg(test)]"), "{}: a wire test", file.display());
            assert!(action.schema()["description"].is_string(), "{}: a description for agents", file.display());
        }
    }
}

#[test]
fn tests_do_not_sleep() {
    for folder in ["functions", "shared", "tests"] {
        for path in rust_files(&root().join(folder)) {
            let source = fs::read_to_string(&path).unwrap();
            for sleep in [concat!("thread::", "sleep"), concat!("#[", "ignore")] {
                assert!(!source.contains(sleep), "{} has {sleep}", path.display());
            }
        }
    }
}

#[test]
fn the_processor_has_as_long_on_a_laptop_as_deployed() {
    let laptop = fs::read_to_string(root().join("functions/process-due-tasks/Cargo.toml")).unwrap();
    let (_, seconds) =
        laptop.split_once("PLUGIN_ENGINE_TIMEOUT_SECONDS = \"").expect("a timeout for cargo lambda watch");
    let seconds = seconds.split('"').next().unwrap();
    let template = fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    let (_, function) = template.split_once("\n  ProcessDueTasksFunction:\n").expect("the function");
    for line in [format!("Timeout: {seconds}\n"), format!("PLUGIN_ENGINE_TIMEOUT_SECONDS: '{seconds}'\n")] {
        assert!(function.contains(&line), "the template does not say {line}");
    }
}

/// A library that says it has no tests of its own, which spares a link, has none.
#[test]
fn no_unit_test_is_left_out() {
    for folder in ["functions", "infra", "tests"] {
        for manifest in fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path().join("Cargo.toml"))
        {
            let Ok(text) = fs::read_to_string(&manifest) else { continue };
            let untested = text.split("\n\n").any(|part| part.starts_with("[lib]") && part.contains("\ntest = false"));
            let tests = || {
                rust_files(&manifest.with_file_name("src"))
                    .into_iter()
                    .find(|path| fs::read_to_string(path).unwrap().contains("#[cfg(test)]"))
            };
            assert_eq!(if untested { tests() } else { None }, None, "tests that nothing runs");
        }
    }
}
