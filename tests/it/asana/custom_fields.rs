//! Custom fields by name: every type, what is refused, and how often the fields are read.

use super::{app, fail_action, run_action};
use sandbox::fixtures::asana::{KIM, PRIORITY, PROJECT, QUOTES, TASK};
use serde_json::{Value, json};

/// The names and the values of a record's custom fields that have one.
fn values(record: &Value) -> Value {
    let fields = record["customFields"].as_array().unwrap().iter();
    fields.filter(|field| field["value"].is_string()).map(|field| json!([field["name"], field["value"]])).collect()
}

#[tokio::test]
async fn a_field_of_each_type_is_set_by_its_name() {
    let app = app().await;
    let fields = json!({ "priority": "high", "Estimate": "5", "Channels": ["Web", "Mail, print"], "Due diligence": "2026-12-01",
        "Owners": ["sam@example.com", "Kim Larsen", "me"], "Client": "Acme", "Progress": "25%",
        "Linked": format!("https://app.asana.com/1/1/project/2/task/{QUOTES}?focus=true") });
    let created =
        run_action(&app, "create_task", json!({ "name": "Ship", "projectId": PROJECT, "customFields": fields })).await;
    let read = run_action(&app, "get_task", json!({ "taskId": created["id"] })).await;
    assert_eq!(
        values(&read),
        json!([
            ["Estimate", "5"],
            ["Priority", "High"],
            ["Channels", "Web, Mail, print"],
            ["Due diligence", "2026-12-01"],
            ["Owners", "Sam Okafor, Kim Larsen, Alex Rivera"],
            ["Client", "Acme"],
            ["Linked", "Collect customer quotes"],
            ["Progress", "25%"]
        ])
    );
    let priority = read["customFields"].as_array().unwrap().iter().find(|field| field["id"] == PRIORITY).unwrap();
    assert_eq!(
        *priority,
        json!({ "id": PRIORITY, "name": "Priority", "type": "enum", "value": "High", "options": ["High", "Low"] })
    );
    let listed = run_action(&app, "list_tasks", json!({ "projectId": PROJECT })).await;
    assert_eq!(listed["tasks"][0]["customFields"][1]["type"], "enum", "{listed}");
}

#[tokio::test]
async fn both_forms_of_a_date_and_ids_are_taken() {
    let app = app().await;
    for (given, shown) in [
        (json!("2026-12-01"), "2026-12-01"),
        (json!({ "date": "2026-12-02" }), "2026-12-02"),
        (json!("2026-12-01T12:00:00+02:00"), "2026-12-01T10:00:00Z"),
        (json!({ "date_time": "2026-12-03T10:00:00Z" }), "2026-12-03T10:00:00Z"),
    ] {
        let fields = json!({ "Due diligence": given, PRIORITY: "1200000000000422", "Owners": KIM });
        run_action(&app, "update_task", json!({ "taskId": TASK, "customFields": fields })).await;
        let read = run_action(&app, "get_task", json!({ "taskId": TASK })).await;
        assert_eq!(values(&read), json!([["Priority", "Low"], ["Due diligence", shown], ["Owners", "Kim Larsen"]]));
    }
}

#[tokio::test]
async fn null_clears_a_field() {
    let app = app().await;
    let set = json!({ "Priority": "High", "Estimate": 3, "Owners": "me" });
    run_action(&app, "update_task", json!({ "taskId": TASK, "customFields": set })).await;
    let context = json!({ "taskId": TASK, "customFields": { "Priority": null }, "clearCustomFields": ["Owners"] });
    run_action(&app, "update_task", context).await;
    assert_eq!(values(&run_action(&app, "get_task", json!({ "taskId": TASK })).await), json!([["Estimate", "3"]]));
}

#[tokio::test]
async fn an_unknown_field_or_value_is_refused_with_those_that_are_known() {
    let app = app().await;
    for (fields, field, parts) in [
        (json!({ "Prio": "High" }), "Prio", ["unknown field", "Estimate, Priority, Channels"]),
        (json!({ "Priority": "Hihg" }), "Priority", ["its options: High, Low", "did you mean High?"]),
        (json!({ "Priority": "Someday" }), "Priority", ["has no option \"Someday\"", "High, Low"]),
        (json!({ "Priority": ["High", "Low"] }), "Priority", ["must have one value", ""]),
        (json!({ "Channels": ["Web", "Fax"] }), "Channels", ["has no option \"Fax\"", "Web, Mail, print"]),
        (json!({ "Estimate": "soon" }), "Estimate", ["must be a number", ""]),
        (json!({ "Progress": 25 }), "Progress", ["must be a percentage", "0.25, which is 25 %"]),
        (json!({ "Due diligence": "tomorrow" }), "Due diligence", ["must be a date", "2026-12-01"]),
        (json!({ "Owners": "Ann Nobody" }), "Owners", ["no user", "Ann Nobody"]),
        (json!({ "Linked": "Ship" }), "Linked", ["must be ids", ""]),
        (json!({ "Total": 5 }), "Total", ["cannot be set (formula)", ""]),
        (json!({ "Ticket": "T-1" }), "Ticket", ["cannot be set (custom_id)", ""]),
    ] {
        let contexts = [
            ("update_task", json!({ "taskId": TASK, "customFields": fields })),
            ("create_task", json!({ "name": "Ship", "projectId": PROJECT, "customFields": fields })),
            ("create_subtask", json!({ "name": "Ship", "taskId": TASK, "customFields": fields })),
        ];
        for (action, context) in contexts {
            let message = fail_action(&app, action, context, "INVALID_FIELD").await;
            assert!(message.starts_with(&format!("context.customFields.{field}: ")), "{message}");
            assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        }
    }
}

#[tokio::test]
async fn the_fields_of_a_project_are_read_once_for_a_burst() {
    let app = app().await;
    let path = format!("/asana/api/1.0/projects/{PROJECT}/custom_field_settings");
    for estimate in 1..4 {
        let fields = json!({ "Estimate": estimate });
        run_action(&app, "create_task", json!({ "name": "Ship", "projectId": PROJECT, "customFields": fields })).await;
    }
    assert_eq!(app.sandbox.sandbox.call_count(&path), 1);
    // What is unknown may be new: it is read again before it is refused.
    let unknown = json!({ "name": "Ship", "projectId": PROJECT, "customFields": { "Prio": 1 } });
    fail_action(&app, "create_task", unknown, "INVALID_FIELD").await;
    assert_eq!(app.sandbox.sandbox.call_count(&path), 2);
    app.advance(301);
    let context = json!({ "name": "Ship", "projectId": PROJECT, "customFields": { "Estimate": 1 } });
    run_action(&app, "create_task", context).await;
    assert_eq!(app.sandbox.sandbox.call_count(&path), 3);
}

#[tokio::test]
async fn a_project_and_a_subtask_have_fields() {
    let app = app().await;
    let fields = json!({ "Priority": "Low", "Client": "Acme" });
    let project = run_action(&app, "create_project", json!({ "name": "Web", "customFields": fields })).await;
    let read = run_action(&app, "get_project", json!({ "projectId": project["id"] })).await;
    assert_eq!(values(&read), json!([["Priority", "Low"], ["Client", "Acme"]]));
    let subtask =
        run_action(&app, "create_subtask", json!({ "taskId": TASK, "name": "Ship", "customFields": fields })).await;
    let read = run_action(&app, "get_task", json!({ "taskId": subtask["id"] })).await;
    assert_eq!(values(&read), json!([["Priority", "Low"], ["Client", "Acme"]]));
    let listed = run_action(&app, "list_custom_fields", json!({ "projectId": PROJECT })).await;
    let priority = json!({ "id": PRIORITY, "name": "Priority", "type": "enum", "readOnly": false,
        "options": [{ "id": "1200000000000421", "name": "High" }, { "id": "1200000000000422", "name": "Low" }] });
    assert_eq!((&listed["fields"][1], &listed["fields"][7]["readOnly"]), (&priority, &json!(true)));
    assert_eq!(listed["fields"][9]["format"], "percentage");
}
