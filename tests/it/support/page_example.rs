//! The example in the section "Writing a test" of tests/README.md is the text of a real test.

use super::{sources, text};

/// The code blocks of Rust in a section of a page.
fn examples<'a>(page: &'a str, heading: &str) -> Vec<&'a str> {
    let (_, section) = page.split_once(&format!("\n{heading}\n")).expect("the section");
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("\n```rust").skip(1);
    blocks.map(|block| block.split_once('\n').unwrap().1.split("\n```").next().unwrap()).collect()
}

/// The examples of the page that are not in a file of the integration tests.
fn invented_examples(page: &str) -> Vec<&str> {
    let files = sources("tests/it");
    let is_real = |example: &str| files.iter().any(|(_, source)| source.contains(&format!("\n{example}\n")));
    examples(page, "## Writing a test").into_iter().filter(|example| !is_real(example)).collect()
}

#[test]
fn the_examples_of_the_page_are_real_tests() {
    let page = text("tests/README.md");
    assert!(!examples(&page, "## Writing a test").is_empty(), "the section shows a test");
    assert_eq!(invented_examples(&page), Vec::<&str>::new(), "not the text of a test in tests/it");
}

#[test]
fn an_invented_example_is_reported() {
    let page = "# Tests\n\n## Writing a test\n\n```rust,ignore\n#[test]\nfn invented() {}\n```\n\n## Simulation\n";
    assert_eq!(invented_examples(page), ["#[test]\nfn invented() {}"]);
}
