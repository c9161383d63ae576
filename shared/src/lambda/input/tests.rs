//! Tests of the input of requests.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::clock;
use crate::lambda::object;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fields {
    agent_id: String,
    #[serde(default)]
    limit: u16,
    #[serde(default)]
    dry_run: bool,
    label: Option<String>,
    scopes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    execute_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "object")]
    part: Option<Inner>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Inner {
    count: Option<u32>,
    text: Option<String>,
}

impl Input for Fields {
    const REQUIRED: &'static [&'static str] = &["agentId"];
    const OBJECTS: &'static [&'static str] = &["part"];
    const EMPTY_CLEARS: &'static [&'static str] = &["label"];
}

fn body(body: Value) -> Result<Fields> {
    of_body(body.as_object().unwrap().clone(), vec![])
}

fn faults(result: Result<Fields>) -> Vec<String> {
    let fields = result.unwrap_err().fields();
    fields.into_iter().map(|fault| format!("{}: {}", fault.field, fault.reason)).collect()
}

#[test]
fn every_missing_and_wrong_field_is_named() {
    let wrong = json!({ "limit": "x", "dryRun": 7, "scopes": ["s", 7], "executeAt": "tomorrow", "lable": "y",
        "part": { "count": -1, "text": {}, "other": 1 } });
    let found = faults(body(wrong));
    for fault in [
        "agentId: is required; must be a text, for example \"invoice-bot\"",
        "limit: must be between 1 and 100, for example 50",
        "dryRun: must be true or false",
        "scopes[1]: must be a text, for example \"abc\"",
        "executeAt: must be an ISO 8601 time with a zone, for example 2030-01-31T09:00:00Z",
        "part.count: must be a whole number, 0 or more, for example 5",
        "part.text: must be a text, for example \"abc\"",
        "part.other: unknown field; known fields are count, text",
    ] {
        assert!(found.iter().any(|found| found == fault), "{fault}: {found:?}");
    }
    assert!(
        found.iter().any(|found| found.starts_with("lable: unknown field; did you mean label?; known fields are ")),
        "{found:?}"
    );
    assert_eq!(found.len(), 9, "{found:?}");
    let query = [("limit", "x"), ("dryRun", "7"), ("colour", "red")];
    let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let found: Vec<String> =
        of_query::<Fields>(query).unwrap_err().fields().into_iter().map(|fault| fault.field).collect();
    assert_eq!(found, ["agentId", "colour", "dryRun", "limit"]);
}

#[test]
fn absent_null_and_empty_are_the_same_in_optional_fields() {
    let plain = body(json!({ "agentId": "a" })).unwrap();
    let filled = json!({ "agentId": "a", "limit": null, "dryRun": null, "label": null, "scopes": [],
        "part": null });
    assert_eq!(body(filled).unwrap(), plain);
    let filled = json!({ "agentId": "a", "part": { "count": 3, "text": "" }, "scopes": null });
    assert_eq!(body(filled).unwrap().part, Some(Inner { count: Some(3), text: None }));
    // An empty text is no time and no number.
    let time = "executeAt: must be an ISO 8601 time with a zone, for example 2030-01-31T09:00:00Z";
    assert_eq!(faults(body(json!({ "agentId": "a", "executeAt": "" }))), [time]);
    assert_eq!(faults(body(json!({ "agentId": "a", "part": { "count": "" } }))).len(), 1);
    assert!(faults(body(json!({ "agentId": "a", "no": "" })))[0].starts_with("no: unknown field; "));
    assert!(
        of_query::<Fields>(vec![("agentId".to_owned(), "a".to_owned()), ("no".to_owned(), String::new())]).is_err()
    );
    // The empty label differs from an absent one.
    assert_eq!(body(json!({ "agentId": "a", "label": "" })).unwrap().label.as_deref(), Some(""));
    assert_eq!(
        faults(body(json!({ "agentId": " ", "limit": null }))),
        ["agentId: is required; must be a text, for example \"invoice-bot\""]
    );
}
