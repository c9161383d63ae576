//! Documents that are written to Notion and read back. `comrak`, which the engine does not use, judges by its HTML whether they mean
//! the same. `documents.txt` has what Notion cannot show behind `=>`, with the reason.

use super::{app, run_action};
use crate::support::TestApp;
use comrak::{Options, markdown_to_html};
use sandbox::fixtures::notion::PAGE;
use serde_json::json;

/// Time between calls, in which no limit is reached.
const PAUSE: i64 = 5;

/// A document, and the Markdown that it is read back as.
struct Document {
    name: &'static str,
    markdown: &'static str,
    expected: &'static str,
}

fn documents() -> Vec<Document> {
    let parse = |text: &'static str| {
        let (name, text) = text.split_once('\n').unwrap();
        let (markdown, expected) = match text.split_once("\n=> ") {
            Some((markdown, rest)) => (markdown, rest.split_once('\n').unwrap().1),
            None => (text, text),
        };
        Document { name, markdown: markdown.trim_end(), expected: expected.trim_end() }
    };
    include_str!("documents.txt").split("=== ").filter(|text| !text.is_empty()).map(parse).collect()
}

/// The HTML of Markdown, in one form for what means the same.
fn html(markdown: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.math_dollars = true;
    options.extension.alerts = true;
    options.render.r#unsafe = true;
    let mut html = markdown_to_html(markdown, &options).replace("\n", " ").replace("<br />", "<br>");
    for (from, to) in [
        ("<b>", "<strong>"),
        ("</b>", "</strong>"),
        ("<i>", "<em>"),
        ("</i>", "</em>"),
        ("<s>", "<del>"),
        ("</s>", "</del>"),
        ("<strong><em>", "<em><strong>"),
        ("</em></strong>", "</strong></em>"),
        ("<!-- -->", ""),
        // A list is loose or not, which Notion does not have.
        ("<li><p>", "<li>"),
        ("<li> <p>", "<li>"),
        ("</p> </li>", "</li>"),
    ] {
        html = html.replace(from, to);
    }
    let words: Vec<&str> = html.split_whitespace().collect();
    words
        .join(" ")
        .replace("> <", "><")
        .replace("<br> ", "<br>")
        .replace("</p><ul>", "<ul>")
        .replace("</p><ol>", "<ol>")
}

async fn round_trip(app: &TestApp, markdown: &str) -> String {
    app.advance(PAUSE);
    let created = run_action(app, "create_page", json!({ "title": "T", "parent": PAGE, "content": markdown })).await;
    app.advance(PAUSE);
    let read = run_action(app, "get_page_content", json!({ "pageId": created["id"] })).await;
    read["content"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn documents_mean_the_same_when_they_are_read_back() {
    let app = app().await;
    let documents = documents();
    assert!(documents.len() >= 60, "{}", documents.len());
    let mut faults = vec![];
    for Document { name, markdown, expected } in &documents {
        let read = round_trip(&app, markdown).await;
        if html(&read) != html(expected) {
            faults.push(format!("{name}:\n{read}\n  {}\n  {}", html(expected), html(&read)));
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), documents.len(), faults.join("\n"));
    // The judge finds a fault.
    assert_ne!(html("a\\*b\\*"), html("a*b*"));
    assert_ne!(html("- a\n  - b"), html("- a\n- b"));
}
