//! `shared/SECURITY.md` names tests that exist, and a row for each of OWASP's ten risks.

use crate::support::root;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn page() -> String {
    fs::read_to_string(root().join("shared/SECURITY.md")).unwrap()
}

/// Every `module::test` a text names in backquotes.
fn named(text: &str) -> BTreeSet<&str> {
    let plain = |word: &str| {
        word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_:".contains(&byte))
    };
    text.split('`').skip(1).step_by(2).filter(|word| word.contains("::") && plain(word)).collect()
}

/// Every test there is, by its file and name.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["shared/src", "tests/it", "tests/kills", "tests/concurrency", "tests/simulation", "functions"] {
        for file in rust_files(&root().join(folder)) {
            let source = fs::read_to_string(&file).unwrap();
            let module = module(&file);
            let attributes = source.match_indices("test]\n").chain(source.match_indices("proptest! {"));
            if attributes.count() == 0 {
                continue;
            }
            let names = source.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
            found.extend(names.map(|name| format!("{module}::{name}")));
        }
    }
    found
}

fn module(file: &Path) -> String {
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    match name(file).as_str() {
        "mod" | "lib" | "main" | "tests" | "properties" => name(file.parent().unwrap()),
        other => other.to_owned(),
    }
}

fn rust_files(below: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(below) else { return vec![] };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

fn missing<'a>(text: &'a str, tests: &BTreeSet<String>) -> Vec<&'a str> {
    named(text).into_iter().filter(|name| !tests.contains(*name)).collect()
}

#[test]
fn every_test_it_names_exists() {
    let page = page();
    assert!(named(&page).len() > 25, "{:?}", named(&page));
    let missing = missing(&page, &tests());
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_owasp_risk_has_a_control_and_a_test() {
    let page = page();
    for risk in 1..=10 {
        let row = page.lines().find(|line| line.starts_with(&format!("| API{risk} ")));
        let row = row.unwrap_or_else(|| panic!("API{risk} has no row"));
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        assert!(cells.len() == 3 && cells[1].len() > 20 && !named(cells[2]).is_empty(), "{row}");
    }
}

#[test]
fn the_setting_it_explains_is_the_one_we_build_with() {
    let setting = "AWS_LC_SYS_NO_JITTER_ENTROPY = \"1\"";
    assert!(fs::read_to_string(root().join(".cargo/config.toml")).unwrap().contains(setting));
    assert!(page().contains(&setting.replace(" = ", "=").replace('"', "")));
}

#[test]
fn the_checks_can_fail() {
    let tests = tests();
    assert!(tests.contains("security::the_checks_can_fail") && tests.contains("retry::retry_after_in_all_its_forms"));
    let text = "shown by `security::no_such_test`, `retry::retry_after_in_all_its_forms` and `Engine::process_intent`";
    assert_eq!(missing(text, &tests), ["security::no_such_test"]);
}
