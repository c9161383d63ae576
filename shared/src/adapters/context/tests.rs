//! Contexts as models write them.

use serde_json::json;

use super::*;
use crate::adapters::ALL;
use crate::error::FieldFault;

fn accept(tool: &str, action: &str, context: Value) -> Result<Value> {
    crate::adapters::find(tool).unwrap().action(action).unwrap().accept(context)
}

/// The faults of a context, as `field: reason`; missing fields have a `!`.
fn faults(tool: &str, action: &str, context: Value) -> Vec<String> {
    let fields = accept(tool, action, context).unwrap_err().fields();
    let text =
        |fault: FieldFault| format!("{}{}: {}", if fault.is_missing { "!" } else { "" }, fault.field, fault.reason);
    fields.into_iter().map(text).collect()
}

/// Size of contexts with many more faults than an answer names, in bytes.
const LONG_CONTEXT_BYTES: usize = 32 * 1024;

fn actions() -> impl Iterator<Item = (String, &'static ActionDef)> {
    ALL.iter().flat_map(|adapter| {
        adapter.actions.iter().map(move |action| (format!("{}.{}", adapter.tool, action.name), action))
    })
}

#[test]
fn every_fault_of_a_context_is_named_with_the_allowed_form() {
    let context = json!({ "limit": 0, "kind": "x", "memberOnly": "maybe", "type": "privat" });
    assert_eq!(
        faults("slack", "list_channels", context),
        [
            "context.kind: unknown field; known fields are cursor, includeArchived, limit, memberOnly, type",
            "context.limit: must be a whole number from 1 to 500, for example 50",
            "context.memberOnly: must be true or false",
            "context.type: must be one of: public, private, direct, group; did you mean private?",
        ]
    );
    let context =
        json!({ "bodi": "x", "cc": 5, "attachments": [{ "filename": 1, "content": "aGk=" }, {}], "to": "no address" });
    assert_eq!(
        faults("gmail", "send_email", context),
        [
            "!context.subject: is required; must be a text, for example \"Hello\"",
            "context.bodi: unknown field; did you mean body?; known fields are attachments, bcc, body, cc, from, html, markdown, replyTo, signature, subject, to",
            "context.attachments[0].filename: must be a text, for example \"abc\"",
            "context.cc: must be a text or a list of texts with e-mail addresses, for example \"abc\"",
            "context.attachments[1]: must have one of file, content and text, for example {\"filename\": \"report.csv\", \"text\": \"a,b\"}",
            "context.to: must be an e-mail address such as ann@example.com, not 'no address'",
        ]
    );
    // Only the action's own types find these, one at a time.
    let context = json!({ "to": ["kim", "bob", "ann@example.com", "cara"], "subject": "s", "body": "b",
        "attachments": [{ "filename": "a/b", "content": "aGk=" }, { "filename": "a", "content": "?" }] });
    let named: Vec<String> = faults("gmail", "send_email", context)
        .into_iter()
        .filter_map(|fault| fault.split_once(": ").map(|(field, _)| field.to_owned()))
        .collect();
    assert_eq!(
        named,
        [
            "context.attachments[0].filename",
            "context.attachments[1].content",
            "context.to[0]",
            "context.to[1]",
            "context.to[3]",
        ]
    );
}

#[test]
fn the_faults_of_any_context_fit_into_an_answer() {
    let many = |unit: &str| format!("[{}]", vec![unit; LONG_CONTEXT_BYTES / (unit.len() + 1)].join(","));
    let names = (0..3000).map(|at| format!("\"{at:x}\":0")).collect::<Vec<_>>().join(",");
    for (name, action) in actions() {
        let schema = action.marked_schema();
        let mut contexts = vec![format!("{{{names}}}")];
        for (field, schema) in properties(&schema).unwrap() {
            if schema.to_string().contains("array") {
                contexts.extend(["0", "{}"].map(|unit| format!("{{\"{field}\":{}}}", many(unit))));
            }
        }
        for context in contexts {
            let Err(error) = action.accept(serde_json::from_str(&context).unwrap()) else { continue };
            let (start, detail) = (&context[..context.len().min(40)], error.detail(None));
            let bytes = serde_json::to_vec(&detail).unwrap().len();
            assert!(bytes < 64 * 1024, "{name} {start}: {bytes} bytes, {} faults", detail.fields.len());
            assert!(detail.message.chars().count() < 1000, "{name} {start}: {}", detail.message.len());
        }
    }
}

#[test]
fn a_fault_that_follows_from_another_is_not_named() {
    let context = json!({ "channel": "general", "markdown": 5 });
    assert_eq!(faults("slack", "send_message", context).len(), 1);
    let context = json!({ "channel": "general", "unfurlLinks": "x" });
    let found = faults("slack", "send_message", context);
    assert!(found[0].starts_with("!context.text: ") && found[3].starts_with("context.unfurlLinks: "), "{found:?}");
    let context = json!({ "channel": "general", "text": "x", "threadTs": "y", "replyBroadcast": true });
    assert_eq!(faults("slack", "send_message", context).len(), 1);
}

#[test]
fn what_can_only_mean_a_number_or_a_boolean_is_taken_for_it() {
    let context = json!({ "limit": "5", "memberOnly": "true", "includeArchived": "False" });
    let accepted = accept("slack", "list_channels", context).unwrap();
    assert_eq!(accepted, json!({ "limit": 5, "memberOnly": true, "includeArchived": false }));
    assert_eq!(accept("asana", "list_tags", json!({ "limit": 5.0 })).unwrap(), json!({ "limit": 5 }));
    for limit in [json!("5.5"), json!("0x5"), json!(5.5), json!("five"), json!(-1), json!(true)] {
        assert_eq!(faults("asana", "list_tags", json!({ "limit": limit })).len(), 1, "{limit}");
    }
    // A custom field may be a text or a number, so neither is taken for the other.
    let context = json!({ "name": "x", "projectId": "1", "customFields": { "7": "5" } });
    assert_eq!(accept("asana", "create_task", context.clone()).unwrap(), context);
}

#[test]
fn former_names_are_read_like_the_names_of_today() {
    let accepted = accept("slack", "send_message", json!({ "channel": "c", "text": "x", "thread_ts": "" })).unwrap();
    assert_eq!(accepted, json!({ "channel": "c", "text": "x" }));
    let both = json!({ "channel": "c", "threadTs": null, "thread_ts": "1735689600.000100" });
    assert_eq!(accept("slack", "fetch_thread", both).unwrap()["threadTs"], "1735689600.000100");
    let different = json!({ "messageId": "a", "id": "b" });
    assert_eq!(
        faults("gmail", "get_email", different),
        ["context.messageId: must be given only once: the request has it under two names with different values"]
    );
    // Each former name that serde knows is in the schema too.
    for (name, action) in actions() {
        let mut context = action.example();
        context["no such field"] = json!(1);
        let known = action.check_parsed(&context).unwrap_err().to_string();
        let known: Vec<&str> =
            known.split_once("known fields are ").map_or(vec![], |(_, known)| known.split(", ").collect());
        let schema = action.marked_schema();
        let declared: Vec<&str> = properties(&schema)
            .unwrap()
            .iter()
            .flat_map(|(name, field)| names(field, "x-aliases").chain([name.as_str()]))
            .collect();
        assert!(known.iter().all(|known| declared.contains(known)), "{name}: {known:?} {declared:?}");
    }
}

/// The values that mean the same as absence in an optional field.
fn blanks(root: &Value, field: &Value) -> Vec<Value> {
    let field = form::resolve(root, field);
    let alternatives = form::alternatives(root, field);
    let forms = if alternatives.is_empty() { vec![field] } else { alternatives };
    let mut blanks = vec![json!(null)];
    for kind in forms.into_iter().flat_map(form::types) {
        match kind {
            "string" => blanks.extend([json!(""), json!(" \n")]),
            "array" => blanks.extend([json!([]), json!([""])]),
            "object" => blanks.push(json!({})),
            _ => {}
        }
    }
    blanks
}

#[test]
fn absent_null_and_empty_are_the_same_in_every_optional_field() {
    let mut tried = 0;
    for (name, action) in actions() {
        let (schema, example) = (action.marked_schema(), action.example());
        let expected = action.accept(example.clone()).unwrap();
        for round in 0..5 {
            let mut filled = example.clone();
            for (field, form) in properties(&schema).unwrap() {
                let blank = blanks(&schema, form).get(round).cloned().unwrap_or_default();
                // It is a text, and not absent.
                if form["x-empty"] == "allowed" && blank.is_string() {
                    continue;
                }
                // An empty time is no time.
                if form["x-empty"] == "refused" && blank.is_string() {
                    let mut refused = example.clone();
                    refused[field] = blank;
                    let found = action.accept(refused).unwrap_err().fields();
                    assert_eq!(found[0].field, format!("context.{field}"), "{name}");
                    continue;
                }
                if example.get(field).is_none() {
                    filled[field] = blank;
                    tried += 1;
                }
            }
            assert_eq!(action.accept(filled.clone()).unwrap(), expected, "{name} {filled}");
        }
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn null_and_empty_clear_nothing_and_marks_are_not_published() {
    let context = json!({ "taskId": "42", "dueOn": null, "notes": "", "assigneeId": "", "name": "x", "clear": [] });
    let accepted = accept("asana", "update_task", context).unwrap();
    assert_eq!(accepted, json!({ "taskId": "42", "name": "x" }));
    // What a model fills in beside the alternative.
    let context = json!({ "taskId": "42", "dueOn": null, "dueAt": "2026-11-23T10:00:00Z", "notes": "", "htmlNotes": "<body>x</body>" });
    assert!(accept("asana", "update_task", context).is_ok());
    for marks in actions().map(|(_, action)| action.schema().to_string()) {
        assert!(!marks.contains("\"x-"), "{marks}");
    }
}

/// Every place for a text in a context: its path, the context with `text` there, and whether it may have several lines.
fn texts(action: &ActionDef, text: &str) -> Vec<(String, Value, bool)> {
    let (root, example) = (action.marked_schema(), action.example());
    let mut found = vec![];
    for (name, field) in properties(&root).unwrap() {
        let field = form::resolve(&root, field);
        let alternatives = form::alternatives(&root, field);
        let forms = if alternatives.is_empty() { vec![field] } else { alternatives };
        for one in forms.into_iter().filter(|one| form::choices(&root, one).is_empty()) {
            let item = form::resolve(&root, &one["items"]);
            let (value, at, marked) = match form::types(one).first().copied() {
                Some("string") => (json!(text), name.clone(), one),
                Some("array") if form::types(item) == ["string"] && form::choices(&root, item).is_empty() => {
                    (json!([text]), format!("{name}[0]"), item)
                }
                _ => continue,
            };
            let mut context = example.clone();
            context[name] = value;
            found.push((format!("context.{at}"), context, marked["x-multiline"] == true));
        }
    }
    found
}

#[test]
fn control_characters_are_removed_from_texts_and_refused_in_names() {
    let (mut mended, mut refused) = (0, 0);
    for (name, action) in actions() {
        for (path, context, has_lines) in texts(action, "a\u{0}b\r\nc\rd\te\u{1b}") {
            let result = action.accept(context);
            if has_lines {
                let text = result.as_ref().map_or_else(|error| format!("{:?}", error.fields()), Value::to_string);
                assert!(
                    !text.contains("\\u00") && !text.contains("\\r") && !text.contains("control"),
                    "{name} {path}: {text}"
                );
                mended += 1;
            } else {
                let fields = result.unwrap_err().fields();
                assert!(
                    fields.iter().any(|fault| fault.field == path && fault.reason.contains("control")),
                    "{name} {path}: {fields:?}"
                );
                refused += 1;
            }
        }
    }
    assert!(mended > 20 && refused > 100, "{mended} {refused}");
    let context =
        json!({ "channel": "c", "text": "a\u{0}b\r\nc\rd\te", "blocks": [{ "type": "x", "text": "y\u{7}\r" }] });
    assert_eq!(
        accept("slack", "send_message", context).unwrap(),
        json!({ "channel": "c", "text": "ab\nc\nd\te", "blocks": [{ "type": "x", "text": "y\n" }] })
    );
    let context = json!({ "name": "x", "customFields": { "7": "a\u{0}\r" } });
    assert_eq!(accept("asana", "create_task", context).unwrap()["customFields"]["7"], "a\n");
}
