//! The lists of tool definitions: their formats, filters and size.

use super::all_actions;
use crate::support::TestApp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Largest size of the default list, so that it leaves a model's context to the work: about 10,000 tokens.
const MAX_LIST_BYTES: usize = 40_000;

const FORMATS: [(&str, &str, &str, &str); 5] = [
    ("openai", "/function/name", "/function/description", "/function/parameters"),
    ("openai-responses", "/name", "/description", "/parameters"),
    ("anthropic", "/name", "/description", "/input_schema"),
    ("gemini", "/name", "/description", "/parametersJsonSchema"),
    ("mcp", "/name", "/description", "/inputSchema"),
];

/// The definitions of a list, those of Gemini out of its one tool.
async fn definitions(app: &TestApp, query: &str) -> Vec<Value> {
    let list = app.get("u1", &format!("?{query}")).await.ok();
    match list["tools"].as_array().unwrap().as_slice() {
        [one] if one["functionDeclarations"].is_array() => one["functionDeclarations"].as_array().unwrap().clone(),
        all => all.to_vec(),
    }
}

async fn names(app: &TestApp, query: &str) -> Vec<String> {
    let list = definitions(app, &format!("format=mcp&{query}")).await;
    list.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn models_get_every_action_in_their_own_format() {
    let app = TestApp::start().await;
    for (format, name, description, schema) in FORMATS {
        for strict in [false, true] {
            let tools = definitions(&app, &format!("format={format}&tier=all&strict={strict}")).await;
            let mut names = BTreeSet::new();
            for tool in &tools {
                let name = tool.pointer(name).unwrap().as_str().unwrap();
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                assert!(
                    name.len() <= 64 && name.chars().all(plain) && names.insert(name.to_owned()),
                    "{format} {name}"
                );
                let schema = tool.pointer(schema).unwrap();
                assert_eq!(schema["type"], "object", "{name}");
                assert!(
                    ["$schema", "examples", "title", "description"].iter().all(|field| schema[*field].is_null()),
                    "{name}"
                );
                let about = tool.pointer(description).and_then(Value::as_str).unwrap_or_default();
                assert!(!about.is_empty() && !about.contains('\n'), "{name}: {about}");
            }
            for (adapter, action) in all_actions() {
                assert!(names.contains(&format!("{}_{}", adapter.tool, action.name)), "{format} {}", action.name);
            }
        }
    }
    let strict = definitions(&app, "format=openai-responses&strict=true").await;
    assert!(strict.iter().all(|one| one["strict"] == true && one["type"] == "function"));
    let plain = definitions(&app, "format=openai-responses").await;
    assert!(plain.iter().all(|one| one["strict"] == false), "a missing value is true there");
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the sizes are the result")]
async fn the_default_list_fits_into_a_models_context() {
    let app = TestApp::start().await;
    for (format, ..) in FORMATS {
        let list = app.get("u1", &format!("?format={format}")).await.ok();
        let (bytes, count) = (list.to_string().len(), definitions(&app, &format!("format={format}")).await.len());
        println!("{format}: {count} tools, {bytes} bytes");
        assert!(bytes <= MAX_LIST_BYTES, "{format}: {bytes} bytes");
        assert!(count >= 30, "{format}: {count}");
    }
}

#[tokio::test]
async fn fields_that_few_calls_need_are_listed_on_wish_and_always_accepted() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let fields = async |query: &str| {
        let list = definitions(&app, &format!("format=mcp&{query}")).await;
        let tool = list.into_iter().find(|one| one["name"] == "slack_send_message").unwrap();
        tool["inputSchema"]["properties"].as_object().unwrap().clone()
    };
    for query in ["tools=slack", "tier=core", "actions=send_message&tier=core", "strict=true"] {
        let listed = fields(query).await;
        assert!(listed.contains_key("channel") && !listed.contains_key("unfurlLinks"), "{query}: {listed:?}");
    }
    for query in ["tier=all", "actions=send_message", "q=send+message", "strict=true&tier=all"] {
        assert!(fields(query).await.contains_key("unfurlLinks"), "{query}");
    }
    let arguments = json!({ "channel": "general", "text": "Hi", "unfurlLinks": false });
    let call = json!({ "name": "slack_send_message", "arguments": arguments, "agentId": "a", "callId": "c1" });
    assert_eq!(app.post("u1", "/call", call).await.ok()["isError"], false);
}

#[tokio::test]
async fn hints_say_what_a_call_does() {
    let app = TestApp::start().await;
    let mcp = definitions(&app, "format=mcp&tier=all").await;
    let hints = |name: &str| {
        let tool = mcp.iter().find(|tool| tool["name"] == name).unwrap_or_else(|| panic!("{name}"));
        ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"]
            .map(|hint| tool["annotations"][hint].clone())
    };
    let rows = [
        ("slack_fetch_messages", [true, false, true, true]),
        ("slack_send_message", [false, false, false, true]),
        ("slack_add_reaction", [false, false, true, true]),
        ("slack_delete_message", [false, true, true, true]),
        ("slack_update_message", [false, true, true, true]),
        ("gmail_send_email", [false, false, false, true]),
        ("gmail_trash_email", [false, true, true, true]),
        ("asana_update_task", [false, true, true, true]),
        ("asana_add_followers", [false, false, true, true]),
        ("notion_archive_page", [false, true, true, true]),
        ("notion_append_content", [false, false, false, true]),
    ];
    for (name, expected) in rows {
        assert_eq!(hints(name), expected.map(Value::from), "{name}");
    }
    assert!(mcp.iter().all(|tool| tool["outputSchema"].is_null()));
    let with_output = definitions(&app, "format=mcp&tier=all&outputSchemas=true").await;
    assert!(with_output.iter().all(|tool| tool["outputSchema"]["type"] == "object"));
}

#[tokio::test]
async fn filters_select_actions() {
    let app = TestApp::start().await;
    let of_tool = |names: &[String], tool: &str| names.iter().all(|name| name.starts_with(&format!("{tool}_")));
    let gmail = names(&app, "tools=gmail").await;
    assert!(of_tool(&gmail, "gmail") && gmail.contains(&"gmail_send_email".to_owned()), "{gmail:?}");
    assert!(names(&app, "tools=gmail&tier=all").await.len() > gmail.len());
    let two = names(&app, "tools=slack,asana&effect=read").await;
    assert!(
        two.iter().any(|name| name.starts_with("slack_")) && two.iter().any(|name| name.starts_with("asana_")),
        "{two:?}"
    );
    assert!(!two.contains(&"slack_send_message".to_owned()));
    assert_eq!(
        names(&app, "actions=gmail_send_email,untrash_email").await,
        ["gmail_send_email", "gmail_untrash_email"]
    );
    for (query, best) in [
        ("reply to a mail", "gmail_reply"),
        ("send a message to a channel", "slack_send_message"),
        ("creating tasks", "asana_create_task"),
        ("search pages", "notion_search"),
        ("emoji reaction", "slack_add_reaction"),
    ] {
        let found = names(&app, &format!("q={}", query.replace(' ', "%20"))).await;
        assert!(found.iter().take(3).any(|name| name == best), "{query}: {found:?}");
        assert!(found.len() <= 20);
    }
    assert_eq!(names(&app, "q=zzzz").await, Vec::<String>::new());
    let own = app.get("u1", "?tools=gmail&actions=send_email").await.ok();
    let listed: Vec<&Value> =
        own["tools"][0]["actions"].as_array().unwrap().iter().map(|action| &action["name"]).collect();
    assert_eq!(listed, ["send_email"]);
    for (query, field) in [
        ("tools=gmial", "tools"),
        ("actions=send_mial", "actions"),
        ("effect=write", "effect"),
        ("tier=most", "tier"),
        ("strict=true", "strict"),
        ("outputSchemas=true", "outputSchemas"),
        ("tools=engine", "tools"),
        ("tool=gmail", "tool"),
        (&*format!("q={}", "x".repeat(257)), "q"),
    ] {
        let refused = app.get("u1", &format!("?{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
        assert!(refused.body.to_string().contains(field), "{query}: {}", refused.body);
    }
}

#[tokio::test]
async fn this_apis_own_list_has_both_schemas_and_every_rank() {
    let app = TestApp::start().await;
    let list = app.get("u1", "").await.ok();
    let actions = list["tools"].as_array().unwrap().iter().flat_map(|tool| tool["actions"].as_array().unwrap());
    let (mut count, mut ranks) = (0, BTreeSet::new());
    for action in actions {
        count += 1;
        ranks.insert(action["tier"].as_str().unwrap().to_owned());
        assert!(
            action["contextSchema"]["examples"][0].is_object() && action["outputSchema"]["type"] == "object",
            "{action}"
        );
    }
    assert_eq!((count, ranks.len()), (all_actions().count(), 2), "{}", json!(ranks));
}
