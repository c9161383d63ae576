//! The suggestion of a refusal of an unknown name: the field, action, tool or value that was meant, and the route that a field belongs to.

use crate::support::{BASE, TestApp, TestResponse, root};
use crate::template::OPEN_ROUTES;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Names that so many requests of other products have that a route of this one explains nothing, and that of a header.
const GENERIC: [&str; 14] = [
    "Idempotency-Key",
    "action",
    "days",
    "default",
    "format",
    "kind",
    "label",
    "message",
    "payload",
    "prefix",
    "service",
    "since",
    "status",
    "until",
];

/// The reason of a field's fault.
fn reason(answer: &TestResponse, field: &str) -> String {
    let listed = answer.body["error"]["fields"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    let fault =
        listed.iter().find(|fault| fault["field"] == field).unwrap_or_else(|| panic!("{field}: {}", answer.body));
    fault["reason"].as_str().unwrap().to_owned()
}

/// The routes of each field at the top of a request: `POST /api/plugin-engine`.
fn routes_of_fields() -> BTreeMap<String, BTreeSet<String>> {
    let mut routes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let is_open = |field: &openapi::Field| OPEN_ROUTES.contains(&&*format!("{} {}", field.method, field.path));
    for field in openapi::fields(&openapi::document(&root())).into_iter().filter(|field| !is_open(field)) {
        // Two paths lead to the same consent.
        let path = field.path.replace("/integrations/oauth/", "/oauth/");
        let name = field.name.split(['.', '[']).next().unwrap().to_owned();
        routes.entry(name).or_default().insert(format!("{} {path}", field.method));
    }
    routes
}

#[tokio::test]
async fn a_field_of_another_route_is_answered_with_its_route() {
    let app = TestApp::start().await;
    let fields = routes_of_fields();
    let bodies: BTreeSet<String> = openapi::fields(&openapi::document(&root()))
        .into_iter()
        .filter(|field| field.in_body)
        .map(|field| format!("{} {}", field.method, field.path))
        .collect();
    let mut told = 0;
    app.calls.reset();
    for route in bodies {
        let (method, path) = route.split_once(' ').unwrap();
        // The first requests of a minute take no permits from the store.
        app.advance(60);
        let has_distinct_home =
            |(name, routes): &(&String, &BTreeSet<String>)| routes.len() <= 2 && !GENERIC.contains(&name.as_str());
        for (name, routes) in fields.iter().filter(has_distinct_home).filter(|(_, routes)| !routes.contains(&route)) {
            let body = json!({ name.as_str(): "x" }).to_string();
            let path = path.strip_prefix(BASE).unwrap();
            let answer = app.send(method, path, Some(&app.token("u1")), Some(body)).await;
            let reason = reason(&answer, name);
            let is_told = routes.iter().any(|home| reason.contains(&format!("{name} belongs to {home};")));
            assert!(is_told || reason.contains("; did you mean "), "{route} {name}: {reason}");
            told += usize::from(is_told);
        }
    }
    assert!(told > 300, "{told}");
    assert!(app.calls.operations().is_empty());
}

#[tokio::test]
async fn names_of_other_products_are_answered_with_the_names_of_this_one() {
    let app = TestApp::start().await;
    let sent = json!({ "action": "post_message", "toolName": "slack", "agent_id": "a", "scheduledTime": "now", "params": {},
        "to": "x", "cron": "0 9 * * *", "idempotencyKey": "k" });
    let answer = app.post("u1", "", sent).await;
    for (field, hint) in [
        ("action", "; did you mean intent?"),
        ("toolName", "; did you mean tool?"),
        ("agent_id", "; did you mean agentId?"),
        ("scheduledTime", "; did you mean executeAt?"),
        ("params", "; did you mean context?"),
        ("to", "; a field of the action belongs to context, for example"),
        ("cron", "; recurrence.cron belongs to POST /api/plugin-engine/tasks/schedule;"),
        ("idempotencyKey", "; the key is a header: Idempotency-Key;"),
    ] {
        assert!(reason(&answer, field).contains(hint), "{field}: {}", answer.body);
    }
    let intent = |tool: &str, intent: &str, context: Value| json!({ "agentId": "a", "tool": tool, "intent": intent, "context": context });
    for (body, field, hint) in [
        (intent("google", "send_email", json!({})), "tool", "Unknown tool 'google'; did you mean gmail? Known"),
        (
            intent("slack", "post_message", json!({})),
            "intent",
            "'post_message' for slack; did you mean send_message? Known",
        ),
        (intent("gmail", "send_mail", json!({})), "intent", "; did you mean send_email? Known"),
        (intent("slack", "create_page", json!({})), "intent", "for slack; it is an action of notion"),
        (intent("gmail", "addComment", json!({})), "intent", "for gmail; it is an action of notion and asana"),
        (intent("slack", "send_message", json!({ "thread_TS": "1" })), "context.thread_TS", "; did you mean threadTs?"),
        (intent("slack", "send_message", json!({ "room": "c" })), "context.room", "; did you mean channel?"),
        (intent("gmail", "send_email", json!({ "title": "c" })), "context.title", "; did you mean subject?"),
        (
            intent("slack", "send_message", json!({ "execute_at": "c" })),
            "context.execute_at",
            "; executeAt belongs to the request itself, beside context;",
        ),
        (intent("slack", "list_channels", json!({ "type": "privat" })), "context.type", "; did you mean private?"),
    ] {
        let answer = app.post("u1", "", body).await;
        assert!(reason(&answer, field).contains(hint), "{hint}: {}", answer.body);
    }
    for (query, field, hint) in [
        ("/tasks?status=done", "status", "; did you mean completed?"),
        ("/tasks?pageSize=5", "pageSize", "; did you mean limit?"),
        ("/errors/stats?groupBy=tool", "groupBy", "by tool (byTool), by code (byCode)"),
        ("?format=claude", "format", "; did you mean anthropic?"),
        ("?tools=google", "tools", "; did you mean gmail?"),
    ] {
        let answer = app.get("u1", query).await;
        assert!(reason(&answer, field).contains(hint), "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_schedule_without_a_time_or_with_a_misspelled_zone_says_what_to_write() {
    let app = TestApp::start().await;
    let schedule = |fields: Value| {
        let mut body = json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "context": { "channel": "c", "text": "t" } });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        app.post("u1", "/tasks/schedule", body)
    };
    let answer = schedule(json!({})).await;
    assert_eq!(answer.body["error"]["message"], "Missing required field: executeAt or recurrence.cron");
    assert!(reason(&answer, "recurrence.cron").contains("0 9 * * MON-FRI; recurrence.every repeats from executeAt"));
    let answer = schedule(json!({ "recurrence": { "every": "P1D" } })).await;
    assert!(
        reason(&answer, "executeAt").starts_with("is required beside recurrence.every, which counts from it; must be")
    );
    let answer = schedule(json!({ "dryRun": true })).await;
    assert!(reason(&answer, "dryRun").contains("; dryRun belongs to POST /api/plugin-engine;"));
    let answer = schedule(json!({ "recurrence": { "cron": "0 9 * * MUN", "timezone": "Europe/Berln" } })).await;
    assert!(reason(&answer, "recurrence.timezone").ends_with("for example Europe/Berlin; did you mean Europe/Berlin?"));
    let cron = reason(&answer, "recurrence.cron");
    assert_eq!(
        cron,
        "day of week 'MUN': 'MUN' must be a number from 0 to 7 or a name from SUN to SAT, for example MON-FRI"
    );
}
