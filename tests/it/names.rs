//! Names of agents, services, context keys and labels have no invisible characters.

use crate::support::builders::{mapping, message};
use crate::support::{TestApp, TestResponse};
use serde_json::json;

/// Zero-width, bidirectional, separating, ignored, unassigned, private and blank characters.
const INVISIBLE: [char; 24] = [
    '\u{ad}',
    '\u{34f}',
    '\u{61c}',
    '\u{115f}',
    '\u{17b4}',
    '\u{180e}',
    '\u{200b}',
    '\u{200d}',
    '\u{200f}',
    '\u{2028}',
    '\u{2029}',
    '\u{202e}',
    '\u{2060}',
    '\u{2066}',
    '\u{2800}',
    '\u{3164}',
    '\u{fe0f}',
    '\u{feff}',
    '\u{fff9}',
    '\u{e000}',
    '\u{378}',
    '\u{e0001}',
    '\u{e0100}',
    '\u{10ffff}',
];

fn refuse(answer: TestResponse, field: &str, char: char) {
    let text = answer.refused(400, "INVALID_FIELD");
    let rule = "must have only visible characters and spaces, for example invoice-bot";
    assert_eq!(text, format!("{field}: {rule}; U+{:04X} is invisible", u32::from(char)));
}

#[tokio::test]
async fn a_name_with_an_invisible_character_is_refused() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    for char in INVISIBLE {
        let name = format!("invoice{char}bot");
        refuse(app.submit("u1", message().agent(&name)).await, "agentId", char);
        refuse(app.submit("u1", message().save_as(&name)).await, "saveAs", char);
        let body = json!({ "service": name, "tools": ["slack"] });
        refuse(app.post("u1", "/delegations", body).await, "service", char);
        refuse(app.post("u1", "/context-mappings", mapping("slack", &name, "e")).await, "contextKey", char);
        let label = json!({ "tool": "slack", "label": name });
        refuse(app.patch("u1", "/integrations", label).await, "label", char);
        let encoded = percent(&name);
        refuse(app.get("u1", &format!("/tasks?agentId={encoded}")).await, "agentId", char);
    }
}

#[tokio::test]
async fn names_of_every_script_are_accepted() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    for name in ["invoice-bot", "Büro Agent", "e\u{301}", "日本の係", "الوكيل", "агент №1", "🤖", "a@b.c/d#e"]
    {
        let mut named = mapping("slack", name, "e");
        named["agentId"] = name.into();
        app.post("u1", "/context-mappings", named).await.ok();
        app.post("u1", "/delegations", json!({ "service": name, "tools": ["slack"] })).await.ok();
    }
    // A name of a thing for people may join characters: it is shown and never compared.
    let mut family = mapping("slack", "family", "e");
    family["friendlyName"] = "Family 👨\u{200d}👩\u{200d}👧".into();
    app.post("u1", "/context-mappings", family).await.ok();
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
