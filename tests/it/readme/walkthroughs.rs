//! The walkthroughs of the architecture page name files and functions that exist.

use crate::readme::code_spans;
use crate::support::{root, text};

const HEADING: &str = "## Walkthroughs";

/// Each step of the walkthroughs: its file, and the functions called there.
fn steps(readme: &str) -> Vec<(String, Vec<String>)> {
    let (_, section) = readme.split_once(&format!("\n{HEADING}\n")).unwrap_or_else(|| panic!("no '{HEADING}'"));
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut names = code_spans(row.trim_start_matches('|').split('|').next().unwrap());
        (names.remove(0), names)
    })
    .collect()
}

/// The files and functions of the walkthroughs that do not exist.
fn missing_steps(steps: &[(String, Vec<String>)]) -> Vec<String> {
    let mut astray = vec![];
    for (file, functions) in steps {
        if !root().join(file).exists() {
            astray.push(format!("{file} is not there"));
            continue;
        }
        let source = text(file);
        let lacks = |name: &&String| !["(", "<"].iter().any(|end| source.contains(&format!("fn {name}{end}")));
        astray.extend(functions.iter().filter(lacks).map(|name| format!("{file} has no function {name}")));
    }
    astray
}

#[test]
fn every_walkthrough_step_names_an_existing_function() {
    let steps = steps(&text("shared/docs/architecture.md"));
    assert!(steps.len() > 30 && steps.iter().all(|(_, functions)| !functions.is_empty()), "{steps:#?}");
    assert_eq!(missing_steps(&steps), Vec::<String>::new());
}

#[test]
fn a_walkthrough_step_without_a_function_is_reported() {
    let readme = format!(
        "\n{HEADING}\n| Where | What |\n|---|---|\n| `shared/src/engine/intents.rs` `process_intent` `fly` | it flies |\n\
         | `shared/src/none.rs` `go` | |\n"
    );
    let expected = ["shared/src/engine/intents.rs has no function fly", "shared/src/none.rs is not there"];
    assert_eq!(missing_steps(&steps(&readme)), expected);
}
