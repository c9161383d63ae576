//! The documentation pages name only tests and files that exist.

use crate::support::{root, sources, text};
use std::collections::BTreeSet;
use std::path::Path;

const PAGES: [&str; 4] = ["README.md", "CONTRIBUTING.md", "shared/SECURITY.md", "shared/typescript/README.md"];

/// The code spans of a text outside of code blocks. A line that consists of one code span is skipped: it names the file of the
/// code block below it.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("\n```").step_by(2).flat_map(str::lines);
    let alone = |line: &str| line.starts_with('`') && line.ends_with(".rs`") && line.matches('`').count() == 2;
    prose.filter(move |line| !alone(line)).flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Every `module::test` named in a text.
pub(crate) fn tests_in(text: &str) -> BTreeSet<&str> {
    let plain = |word: &str| {
        word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_:".contains(&byte))
    };
    quoted(text).filter(|word| word.contains("::") && plain(word)).collect()
}

/// Every file path named in a text, with a folder or in the root.
fn files_in(text: &str) -> BTreeSet<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    let named = quoted(text).filter(|word| word.bytes().all(plain) && !word.starts_with(['/', '.']));
    let ends = ["rs", "md", "toml", "yaml", "json", "cjs", "txt"];
    named
        .filter(|word| word.rsplit_once('.').is_some_and(|(name, end)| !name.is_empty() && ends.contains(&end)))
        .collect()
}

/// Every existing test, as the last two parts of its path.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (file, source) in ["shared/src", "tests", "functions", "infra/local"].into_iter().flat_map(sources) {
        if source.contains("test]\n") || source.contains("proptest! {") {
            let names = source.split("fn ").skip(1).filter_map(|remainder| remainder.split(['(', '<']).next());
            found.extend(names.map(|name| format!("{}::{name}", module(Path::new(&file)))));
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

/// The names in a page that do not exist. A path may omit `shared/src`, where most files are.
fn missing<'a>(page: &'a str, tests: &BTreeSet<String>) -> Vec<&'a str> {
    let last_two = |name: &str| match name.rmatch_indices("::").nth(1) {
        Some((at, _)) => name[at + 2..].to_owned(),
        None => name.to_owned(),
    };
    let named = tests_in(page).into_iter().filter(|name| !tests.contains(&last_two(name)));
    let there = |file: &&str| root().join(file).exists() || root().join("shared/src").join(file).exists();
    named.chain(files_in(page).into_iter().filter(|file| !there(file))).collect()
}

#[test]
fn every_test_and_file_that_a_page_names_exists() {
    let tests = tests();
    for name in PAGES {
        let page = text(name);
        let missing = missing(&page, &tests);
        assert!(missing.is_empty(), "{name} names tests or files that do not exist: {missing:#?}");
    }
}

#[test]
fn every_feature_of_the_original_is_shown_by_a_test() {
    for row in crate::readme::table("## From the original documentation to here") {
        assert!(row.len() == 3 && tests_in(&row[2]).len() == 1, "a row without its one test: {row:?}");
    }
}

#[test]
fn names_that_do_not_exist_are_reported() {
    let tests = tests();
    let page = "shown by `security::no_such_test`, `tidy::tests_do_not_sleep` and `Engine::process_intent`, in \
                `shared/src/none.rs`, `tables/tasks.rs` and `README.md`\n```sh\ncat `none.rs`\n```\n `functions/none/Cargo.toml`";
    let found = missing(page, &tests);
    assert_eq!(found, ["security::no_such_test", "functions/none/Cargo.toml", "shared/src/none.rs"]);
    assert!(tests_in(&text("shared/SECURITY.md")).len() > 25);
    assert!(files_in(&text("README.md")).len() > 25, "{:?}", files_in(&text("README.md")));
}
