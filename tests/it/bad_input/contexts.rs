//! Contexts with several faults: each is named in the one answer, and none in the words of a parser.

use engine::adapters::{self, Adapter, action::ActionDef};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

use crate::support::TestApp;

/// Words of parsers and of Rust's types, which say nothing to a caller.
const PARSER_WORDS: [&str; 15] = [
    "untagged",
    "variant",
    "expected",
    "invalid type",
    "invalid value",
    "invalid length",
    "struct ",
    "enum ",
    "u16",
    "u32",
    "i64",
    "f64",
    "failed to parse",
    "did not match",
    "deserialize",
];

fn actions() -> impl Iterator<Item = (&'static Adapter, &'static ActionDef)> {
    adapters::ALL.iter().flat_map(|adapter| adapter.actions.iter().map(move |action| (*adapter, action)))
}

/// The fields that an answer names, without what is inside them.
fn named(error: &Value) -> BTreeSet<String> {
    let paths = error["fields"].as_array().into_iter().flatten().filter_map(|fault| fault["field"].as_str());
    let top = |path: &str| path.trim_start_matches("context.").split(['.', '[']).next().unwrap().to_owned();
    paths.map(top).collect()
}

async fn refused(app: &TestApp, adapter: &Adapter, action: &ActionDef, context: &Map<String, Value>) -> Value {
    let body = json!({ "agentId": "a", "tool": adapter.tool, "intent": action.name, "context": context });
    let answer = app.post("u1", "", body).await;
    assert_eq!(answer.status, 400, "{}.{} {context:?}: {}", adapter.tool, action.name, answer.body);
    let error = answer.body["error"].clone();
    let text = error.to_string();
    // The words of the fields' own names and of the caller are not a parser's.
    let found = PARSER_WORDS.iter().find(|word| text.contains(**word));
    assert!(found.is_none(), "{}.{} {context:?}: {text}", adapter.tool, action.name);
    let faults = error["fields"].as_array().unwrap();
    let has_reason = |fault: &Value| fault["reason"].as_str().is_some_and(|reason| reason.len() > 5);
    assert!(!faults.is_empty() && faults.iter().all(has_reason), "{error}");
    error
}

#[tokio::test]
async fn every_missing_and_every_wrong_field_of_every_action_is_in_one_answer() {
    let app = TestApp::start().await;
    let values = [
        json!(7.5),
        json!(true),
        json!("no such value"),
        json!([[1]]),
        json!([{ "x": 1 }]),
        json!({ "x": { "y": 1 } }),
    ];
    let mut planted = 0;
    app.calls.reset();
    for (adapter, action) in actions() {
        // Each has a minute of its own: the budgets of requests are another test's subject.
        app.advance(60);
        let schema = action.schema();
        let fields = schema["properties"].as_object().unwrap();
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for value in &values {
            // The published schema decides what is wrong, by another implementation.
            let is_wrong = |field: &Value| {
                let alone = json!({ "$defs": schema.get("$defs").unwrap_or(&json!({})), "allOf": [field] });
                !jsonschema::draft202012::new(&alone).unwrap().is_valid(value)
            };
            let wrong = fields.iter().filter(|(name, field)| !required.contains(name.as_str()) && is_wrong(field));
            let mut context: Map<String, Value> = wrong.map(|(name, _)| (name.clone(), value.clone())).collect();
            let mut expected: BTreeSet<String> = context.keys().cloned().collect();
            // Half of the required fields are missing, the others wrong.
            for (at, name) in required.iter().enumerate() {
                if at % 2 == 1 && is_wrong(&fields[*name]) {
                    context.insert((*name).to_owned(), value.clone());
                }
                if at % 2 == 0 || context.contains_key(*name) {
                    expected.insert((*name).to_owned());
                } else {
                    context.insert((*name).to_owned(), action.example()[*name].clone());
                }
            }
            context.insert("no such field".to_owned(), json!(1));
            expected.insert("no such field".to_owned());
            let error = refused(&app, adapter, action, &context).await;
            assert_eq!(error["code"], if required.is_empty() { "INVALID_FIELD" } else { "MISSING_FIELDS" }, "{error}");
            let missing: Vec<_> = expected.difference(&named(&error)).cloned().collect();
            assert!(missing.is_empty(), "{}.{} {value}: {missing:?} not in {error}", adapter.tool, action.name);
            planted += expected.len();
        }
    }
    assert!(planted > 1_000, "{planted}");
    assert!(app.calls.operations().is_empty());
}

#[tokio::test]
async fn names_that_do_not_exist_are_answered_with_the_nearest_and_the_known_ones() {
    let app = TestApp::start().await;
    let intent = |tool: &str, intent: &str, context: Value| json!({ "agentId": "a", "tool": tool, "intent": intent, "context": context });
    for (body, code, parts) in [
        (
            intent("gmial", "send_email", json!({})),
            "UNKNOWN_TOOL",
            ["did you mean gmail?", "Known tools: gmail, notion"],
        ),
        (
            intent("gmail", "sendMail", json!({})),
            "UNKNOWN_INTENT",
            ["did you mean send_email?", "Known intents: send_email, reply"],
        ),
        (
            intent("slack", "send_message", json!({ "channel": "c", "text": "t", "thredTs": "1" })),
            "INVALID_FIELD",
            ["context.thredTs: unknown field; did you mean threadTs?", "known fields are blocks, channel"],
        ),
        (
            json!({ "agentID": "a", "agentId": "a", "tool": "slack", "intent": "list_users" }),
            "INVALID_FIELD",
            ["agentID: unknown field; did you mean agentId?", "known fields are agentId, intent"],
        ),
    ] {
        let message = app.post("u1", "", body).await.refused(400, code);
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    }
}

#[tokio::test]
async fn what_models_fill_in_is_accepted() {
    let app = TestApp::start().await;
    for tool in ["gmail", "slack", "notion"] {
        app.connect("u1", tool).await;
    }
    for (tool, intent, context) in [
        (
            "slack",
            "send_message",
            json!({ "channel": "general", "text": "a\r\nb\u{0}", "markdown": "", "blocks": [],
            "threadTs": "", "replyBroadcast": false, "unfurlLinks": null }),
        ),
        (
            "gmail",
            "send_email",
            json!({ "to": "kim@example.com", "subject": "s", "body": "a\rb\u{0}c", "cc": "", "bcc": [""],
            "html": null, "attachments": [], "replyTo": "" }),
        ),
        ("notion", "search", json!({ "query": "", "type": null, "limit": "5", "cursor": "" })),
    ] {
        let body = json!({ "agentId": "a", "tool": tool, "intent": intent, "context": context, "account": "", "saveAs": null,
            "executeAt": null, "dryRun": null });
        let answer = app.post("u1", "", body).await;
        assert_eq!((answer.status, &answer.body["success"]), (200, &json!(true)), "{intent}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_rare_cron_day_is_accepted_and_an_impossible_one_is_refused_by_its_own_field() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let schedule = |recurrence: Value| {
        json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "recurrence": recurrence,
            "context": { "channel": "general", "text": "t" } })
    };
    let answer = app.post("u1", "/tasks/schedule", schedule(json!({ "cron": "0 9 29 2 *" }))).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert_eq!(answer.body["metadata"]["executeAt"], "2028-02-29T09:00:00Z");
    for (recurrence, field) in [
        (json!({ "cron": "0 9 30 2 *" }), "recurrence.cron"),
        (json!({ "cron": "0 9 29 2 *", "until": "2027-01-01T00:00:00Z" }), "recurrence.until"),
        (json!({ "cron": "0 9 * * *", "timezone": "Mars" }), "recurrence.timezone"),
        (json!({ "every": "", "timezone": "" }), "recurrence"),
    ] {
        let answer = app.post("u1", "/tasks/schedule", schedule(recurrence)).await;
        assert_eq!(
            (answer.status, &answer.body["error"]["fields"][0]["field"]),
            (400, &json!(field)),
            "{}",
            answer.body
        );
    }
    let mut far = schedule(json!({ "every": "P1D" }));
    far["executeAt"] = json!("2040-02-29T09:00:00Z");
    let answer = app.post("u1", "/tasks/schedule", far).await;
    assert_eq!(answer.body["error"]["fields"][0]["field"], "executeAt", "{}", answer.body);
}
