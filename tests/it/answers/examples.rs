//! The examples of errors on the API page are the answers of the service.

use crate::reading::markdown::{Block, Page};
use crate::support::TestApp;
use engine::error::FallbackTexts;
use engine::tool::Tool;
use sandbox::Fault;
use serde_json::{Value, json};

const HEADING: &str = "Errors and what to do";

/// An example: the method and path, the request's body, the status and the answer.
struct Example {
    method: String,
    path: String,
    request: Value,
    status: u16,
    answer: Value,
}

/// The examples of the page: each a code block of the request and one of the answer.
fn examples() -> Vec<Example> {
    let page = Page::read("functions/README.md");
    let blocks = page.section(HEADING).iter().filter_map(|block| match block {
        Block::Code { language, text } if language == "http" => Some(text.clone()),
        _ => None,
    });
    let blocks: Vec<String> = blocks.collect();
    let parse = |pair: &[String]| {
        let (line, request) = pair[0].split_once("\n\n").expect("a request");
        let (status, answer) = pair[1].split_once("\n\n").expect("an answer");
        let (method, path) = line.split_once(' ').unwrap();
        let status = status.trim_start_matches("HTTP/1.1 ").split(' ').next().unwrap();
        Example {
            method: method.to_owned(),
            path: path.trim_start_matches("/api/plugin-engine").to_owned(),
            request: serde_json::from_str(request).unwrap(),
            status: status.parse().unwrap(),
            answer: serde_json::from_str(answer).unwrap(),
        }
    };
    assert_eq!(blocks.len() % 2, 0, "a request and an answer each");
    blocks.chunks(2).map(parse).collect()
}

/// Replaces what differs in every run by the page's placeholder: ids, and milliseconds.
fn with_placeholders(answer: &mut Value, example: &Value) {
    match (answer, example) {
        (Value::Object(fields), Value::Object(shown)) => {
            for (name, field) in fields {
                with_placeholders(field, shown.get(name).unwrap_or(&Value::Null));
            }
        }
        (answer, Value::String(shown)) if shown.starts_with('<') && answer.is_string() => {
            *answer = shown.as_str().into()
        }
        (answer, Value::Number(shown)) if answer.as_u64().is_some_and(|given| given <= shown.as_u64().unwrap_or(0)) => {
            *answer = shown.clone().into();
        }
        _ => {}
    }
}

#[tokio::test]
async fn examples_of_the_page_are_the_answers_of_the_service() {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    app.connect("u1", "slack").await;
    let mut wrong = vec![];
    let examples = examples();
    for example in &examples {
        match example.answer["error"]["code"].as_str() {
            Some("PROVIDER_RATE_LIMITED") => {
                let limited = Fault::status("slack", 429, json!({ "ok": false, "error": "ratelimited" }));
                app.fault(limited.header("retry-after", "30").at_path("/api/chat.postMessage"));
            }
            Some("OUTCOME_UNKNOWN") => {
                // The cooldown of the example before ends.
                app.advance(60);
                app.fault(Fault::apply_then_drop("slack").at_path("/api/chat.postMessage"));
            }
            _ => {}
        }
        let body = Some(example.request.to_string());
        let sent = app.send_with(&example.method, &example.path, Some(&app.token("u1")), body, &[]).await;
        let mut answer = sent.body;
        with_placeholders(&mut answer, &example.answer);
        if (sent.status, &answer) != (example.status, &example.answer) {
            let shown = serde_json::to_string_pretty(&answer).unwrap();
            wrong.push(format!("{} {}\n{} {shown}", example.path, example.request, sent.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let codes: Vec<&str> = examples.iter().filter_map(|example| example.answer["error"]["code"].as_str()).collect();
    assert!(codes.len() >= 6, "{codes:?}");
}

#[test]
fn a_changed_example_is_reported() {
    let shown = json!({ "id": "<an id>", "wait": 30, "code": "X" });
    let placed = |mut answer: Value| {
        with_placeholders(&mut answer, &shown);
        answer == shown
    };
    assert!(placed(json!({ "id": "task_1", "wait": 29, "code": "X" })));
    assert!(!placed(json!({ "id": "task_1", "wait": 31, "code": "X" })));
    assert!(!placed(json!({ "id": "task_1", "wait": 29, "code": "Y" })));
}

#[test]
fn texts_of_the_page_are_the_built_in_ones() {
    let page = Page::read("functions/README.md");
    let rows = page.table(HEADING).iter().map(|row| (row[0].code.concat(), row[2].plain.clone()));
    let texts = FallbackTexts::of(Tool::parse("gmail").unwrap());
    let expected = [
        ("connect", texts.connect),
        ("fix", format!("{} The reason: message", texts.fix)),
        ("retry", texts.retry),
        ("retry", texts.unknown_retry),
        ("look", texts.unknown),
        ("look", texts.inspect),
    ];
    assert_eq!(rows.collect::<Vec<_>>(), expected.map(|(action, text)| (action.to_owned(), text)));
}
