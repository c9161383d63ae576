//! The documentation pages name only tests and files that exist.

use crate::support::{root, sources, text};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The pages of the repository.
fn pages() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-co", "--exclude-standard", "*.md"])
        .current_dir(root())
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed.lines().filter(|page| root().join(page).exists()).map(ToOwned::to_owned).collect()
}

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
    for name in pages() {
        let page = text(&name);
        let missing = missing(&page, &tests);
        assert!(missing.is_empty(), "{name} names tests or files that do not exist: {missing:#?}");
    }
}

#[test]
fn every_feature_of_the_original_is_shown_by_a_test() {
    for row in crate::readme::table("shared/docs/from-the-original.md", "## Features") {
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
    assert!(tests_in(&text("shared/docs/threat-model.md")).len() > 25);
    assert!(
        files_in(&text("shared/docs/architecture.md")).len() > 15,
        "{:?}",
        files_in(&text("shared/docs/architecture.md"))
    );
}

/// The headings of a page as anchors, as code forges make them: lower case, without punctuation, hyphens for spaces.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
            Event::End(TagEnd::Heading(_)) => {
                let text = heading.take().unwrap_or_default().to_lowercase();
                let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
                anchors.insert(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
            }
            _ => {}
        }
    }
    anchors
}

/// The links of a page to files and headings that do not exist. Links to other hosts are not followed.
fn broken_links(name: &str, page: &str) -> Vec<String> {
    let folder = Path::new(name).parent().unwrap();
    let links = Parser::new_ext(page, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.to_string()),
        _ => None,
    });
    let broken = |link: &String| {
        let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
        if file.is_empty() {
            return !anchors(page).contains(anchor);
        }
        let target = root().join(folder).join(file);
        let has_anchor = || std::fs::read_to_string(&target).is_ok_and(|text| anchors(&text).contains(anchor));
        !target.exists() || (!anchor.is_empty() && !has_anchor())
    };
    links.filter(|link| !link.contains("://")).filter(broken).collect()
}

#[test]
fn every_link_of_a_page_leads_to_a_file_and_a_heading() {
    for name in pages() {
        let broken = broken_links(&name, &text(&name));
        assert!(broken.is_empty(), "{name} has broken links: {broken:#?}");
    }
}

#[test]
fn a_planted_broken_link_is_reported() {
    let page = "[a](README.md) [b](tests/none.md) [c](README.md#no-such-heading) [d](#here) [e](README.md#quick-start)\n\n# Here\n";
    assert_eq!(broken_links("CONTRIBUTING.md", page), ["tests/none.md", "README.md#no-such-heading"]);
}

#[test]
fn the_readme_is_a_front_page() {
    let readme = text("README.md");
    assert!(
        readme.len() <= 11 * 1024 && readme.lines().count() <= 180,
        "{} bytes, {} lines",
        readme.len(),
        readme.lines().count()
    );
}
