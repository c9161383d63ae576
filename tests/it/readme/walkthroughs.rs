//! The walkthroughs of the architecture page name files and functions that exist.

use crate::reading::markdown::{Block, Page};
use crate::reading::rust;
use crate::support::{root, text};

const HEADING: &str = "Walkthroughs";

/// Each step of the walkthroughs: its file, and the functions called there.
fn steps(page: &Page) -> Vec<(String, Vec<String>)> {
    let rows = page.section(HEADING).iter().filter_map(|block| match block {
        Block::Table { rows, .. } => Some(rows),
        _ => None,
    });
    rows.flatten().map(|row| (row[0].code[0].clone(), row[0].code[1..].to_vec())).collect()
}

/// The steps without a function, and the files and functions that do not exist.
fn missing_steps(steps: &[(String, Vec<String>)]) -> Vec<String> {
    let mut astray = vec![];
    for (file, named) in steps {
        if named.is_empty() {
            astray.push(format!("a step in {file} names no function"));
        }
        if !root().join(file).exists() {
            astray.push(format!("{file} is not there"));
            continue;
        }
        let functions = rust::functions(&rust::parse(file, &text(file)));
        let lacks = |name: &&String| !functions.iter().any(|function| function.name == **name);
        astray.extend(named.iter().filter(lacks).map(|name| format!("{file} has no function {name}")));
    }
    astray
}

#[test]
fn every_walkthrough_step_names_an_existing_function() {
    let page = Page::read("shared/docs/architecture.md");
    assert_eq!(missing_steps(&steps(&page)), Vec::<String>::new());
    let section = page.section(HEADING);
    let walkthroughs = section.iter().filter(|block| matches!(block, Block::Heading { .. })).count();
    let tables = section.iter().filter(|block| matches!(block, Block::Table { rows, .. } if !rows.is_empty())).count();
    assert_eq!(tables, walkthroughs, "a table of steps below each heading");
}

#[test]
fn a_walkthrough_step_without_a_function_is_reported() {
    let page = format!(
        "# {HEADING}\n\n| Where | What |\n|---|---|\n| `shared/src/engine/intents.rs` `process_intent` `fly` | it flies |\n\
         | `shared/src/none.rs` `go` | |\n| `shared/src/lib.rs` | |\n\n## Next\n\n| W |\n|---|\n| `shared/src/retry.rs` `from` |\n"
    );
    let expected = [
        "shared/src/engine/intents.rs has no function fly",
        "shared/src/none.rs is not there",
        "a step in shared/src/lib.rs names no function",
        "shared/src/retry.rs has no function from",
    ];
    assert_eq!(missing_steps(&steps(&Page::parse("a.md", &page))), expected);
}
