//! The documentation pages name only tests and files that exist.

use crate::reading::markdown::{Block, Page, Text};
use crate::reading::rust;
use crate::support::{root, sources, text};
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

/// The texts of a page outside of code blocks. A paragraph that is one file's name is skipped: it names the file of the code
/// block below it.
fn prose(page: &Page) -> impl Iterator<Item = &Text> {
    let names_block = |block: &Block| {
        matches!(block, Block::Paragraph(text) if text.code.len() == 1
            && text.source == format!("`{}`", text.code[0]) && text.code[0].ends_with(".rs"))
    };
    page.blocks().iter().filter(move |block| !names_block(block)).flat_map(Block::texts)
}

/// Every `module::test` named in texts.
pub(crate) fn tests_in<'a>(texts: impl IntoIterator<Item = &'a Text>) -> BTreeSet<&'a str> {
    let plain = |word: &str| {
        word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_:".contains(&byte))
    };
    let words = texts.into_iter().flat_map(|text| &text.code).map(String::as_str);
    words.filter(|word| word.contains("::") && plain(word)).collect()
}

/// Every file path named in texts, with a folder or in the root.
fn files_in<'a>(texts: impl IntoIterator<Item = &'a Text>) -> BTreeSet<&'a str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    let words = texts.into_iter().flat_map(|text| &text.code).map(String::as_str);
    let named = words.filter(|word| word.bytes().all(plain) && !word.starts_with(['/', '.']));
    let ends = ["rs", "md", "toml", "yaml", "json", "cjs", "txt"];
    named
        .filter(|word| word.rsplit_once('.').is_some_and(|(name, end)| !name.is_empty() && ends.contains(&end)))
        .collect()
}

/// Every existing test, as the last two parts of its path.
fn tests() -> BTreeSet<String> {
    let files = ["shared/src", "tests", "functions", "infra/local"].into_iter().flat_map(sources);
    let names = |(file, source): (String, String)| {
        let tests = rust::functions(&rust::parse(&file, &source)).into_iter().filter(|function| function.is_test);
        tests.map(|test| format!("{}::{}", module(Path::new(&file)), test.name)).collect::<Vec<_>>()
    };
    files.flat_map(names).collect()
}

fn module(file: &Path) -> String {
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    match name(file).as_str() {
        "mod" | "lib" | "main" | "tests" | "properties" => name(file.parent().unwrap()),
        other => other.to_owned(),
    }
}

/// The names in a page that do not exist. A path may omit `shared/src`, where most files are.
fn missing<'a>(page: &'a Page, tests: &BTreeSet<String>) -> Vec<&'a str> {
    let last_two = |name: &str| match name.rmatch_indices("::").nth(1) {
        Some((at, _)) => name[at + 2..].to_owned(),
        None => name.to_owned(),
    };
    let named = tests_in(prose(page)).into_iter().filter(|name| !tests.contains(&last_two(name)));
    let there = |file: &&str| root().join(file).exists() || root().join("shared/src").join(file).exists();
    named.chain(files_in(prose(page)).into_iter().filter(|file| !there(file))).collect()
}

#[test]
fn every_test_and_file_that_a_page_names_exists() {
    let tests = tests();
    for name in pages() {
        let page = Page::read(&name);
        let missing = missing(&page, &tests);
        assert!(missing.is_empty(), "{name} names tests or files that do not exist: {missing:#?}");
    }
}

#[test]
fn every_feature_of_the_original_is_shown_by_a_test() {
    for row in Page::read("shared/docs/from-the-original.md").table("Features") {
        assert!(row.len() == 3 && tests_in([&row[2]]).len() == 1, "a row without its one test: {row:?}");
    }
}

#[test]
fn names_that_do_not_exist_are_reported() {
    let page = "shown by `security::no_such_test`, `tidy::tests_do_not_sleep` and `Engine::process_intent`, in \
                `shared/src/none.rs`, `tables/tasks.rs` and `README.md`\n\n```sh\ncat `none.rs`\n```\n\n`shared/src/new.rs`\n\n\
                ```rust\nfn f() {}\n```\n\n| `functions/none/Cargo.toml` |\n|---|\n| `tidy::layers` |\n";
    let page = Page::parse("a.md", page);
    let named = ["security::no_such_test", "tidy::layers", "tidy::tests_do_not_sleep"];
    assert_eq!(tests_in(prose(&page)), BTreeSet::from(named));
    let files = ["README.md", "functions/none/Cargo.toml", "shared/src/none.rs", "tables/tasks.rs"];
    assert_eq!(files_in(prose(&page)), BTreeSet::from(files));
    // `tidy::layers` exists, and is no test.
    let expected = ["security::no_such_test", "tidy::layers", "functions/none/Cargo.toml", "shared/src/none.rs"];
    assert_eq!(missing(&page, &tests()), expected);
}

/// The links of a page to files and headings that do not exist. Links to other hosts are not followed.
fn broken_links(name: &str, page: &Page) -> Vec<String> {
    let folder = Path::new(name).parent().unwrap();
    let broken = |link: &&String| {
        let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
        if file.is_empty() {
            return !page.anchors().contains(anchor);
        }
        let target = folder.join(file);
        let has_anchor = || {
            target.extension().is_some_and(|end| end == "md") && {
                Page::read(&target.to_string_lossy()).anchors().contains(anchor)
            }
        };
        !root().join(&target).exists() || (!anchor.is_empty() && !has_anchor())
    };
    let links = page.texts().flat_map(|text| &text.links).filter(|link| !link.contains("://"));
    links.filter(broken).cloned().collect()
}

#[test]
fn every_link_of_a_page_leads_to_a_file_and_a_heading() {
    for name in pages() {
        let broken = broken_links(&name, &Page::read(&name));
        assert!(broken.is_empty(), "{name} has broken links: {broken:#?}");
    }
}

#[test]
fn a_planted_broken_link_is_reported() {
    let page = "[a](README.md) [b](tests/none.md) [c](README.md#no-such-heading) [d](#here) [e](README.md#quick-start)\n\n# Here\n\n\
                | t |\n|---|\n| [f](none.md) |\n";
    let page = Page::parse("CONTRIBUTING.md", page);
    assert_eq!(broken_links("CONTRIBUTING.md", &page), ["tests/none.md", "README.md#no-such-heading", "none.md"]);
}

#[test]
fn the_readme_is_a_front_page() {
    let readme = text("README.md");
    assert!(
        readme.len() <= 12 * 1024 && readme.lines().count() <= 180,
        "{} bytes, {} lines",
        readme.len(),
        readme.lines().count()
    );
}
