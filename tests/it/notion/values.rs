//! Values of properties as people and models write them.

use super::{app, refusal_of, row, run_action, tasks};
use crate::support::{EffectKind, TestApp};
use sandbox::fixtures::notion::{ALEX, DATABASE, KIM, ROW, SAM};
use serde_json::{Value, json};

/// Sets one property of a new row, and returns it.
async fn set(app: &TestApp, database: &str, name: &str, value: Value) -> Value {
    row(app, database, json!({ (name): value })).await[name].clone()
}

#[tokio::test]
async fn people_are_named_by_address_name_or_me() {
    let app = app().await;
    let database = tasks(&app).await;
    for (people, expected) in [
        (json!("sam@example.com"), vec![SAM]),
        (json!(["Kim Larsen", "SAM@example.com"]), vec![KIM, SAM]),
        (json!("me"), vec![ALEX]),
        (json!([{ "email": "kim@example.com" }, { "name": "sam okafor" }, { "id": ALEX }]), vec![KIM, SAM, ALEX]),
        (json!({ "people": [{ "object": "user", "id": SAM }] }), vec![SAM]),
    ] {
        let owners = set(&app, &database, "Owner", people.clone()).await;
        let ids: Vec<&str> = owners.as_array().unwrap().iter().map(|owner| owner["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{people}");
    }
    let reason =
        refusal_of(&app, "create_page", json!({ "title": "T", "parent": database, "properties": { "Owner": "Sam" } }))
            .await;
    assert!(reason.contains("properties.Owner") && reason.contains("Sam Okafor"), "{reason}");
}

#[tokio::test]
async fn the_people_of_a_workspace_are_read_once() {
    let app = app().await;
    let database = tasks(&app).await;
    let set = async || set(&app, &database, "Owner", json!(["sam@example.com", "Kim Larsen"])).await;
    set().await;
    let pages = app.sandbox.sandbox.call_count("/notion/v1/users");
    set().await;
    assert_eq!(app.sandbox.sandbox.call_count("/notion/v1/users"), pages);
}

#[tokio::test]
async fn values_of_every_type_are_taken_as_they_are_meant() {
    let app = app().await;
    let database = tasks(&app).await;
    for (name, value, shown) in [
        ("Num", json!("5"), json!(5)),
        ("Num", json!(" 2.5 "), json!(2.5)),
        ("Done", json!("true"), json!(true)),
        ("Done", json!("False"), json!(false)),
        ("Kind", json!({ "name": "Bug" }), json!("Bug")),
        ("Status", json!({ "name": "done" }), json!("Done")),
        ("Kind", json!("bug"), json!("Bug")),
        ("Tags", json!([{ "name": "a" }, "B"]), json!(["a", "b"])),
        ("Notes", json!(7), json!("7")),
        ("Due", json!("2026-12-01"), json!("2026-12-01")),
        ("Due", json!("2026/12/01"), json!("2026-12-01")),
        ("Due", json!("December 1, 2026"), json!("2026-12-01")),
        ("Due", json!("1 Dec 2026"), json!("2026-12-01")),
        ("Due", json!("2026-12-01 10:00Z"), json!("2026-12-01T10:00:00Z")),
        ("Due", json!("20261201T100000+0200"), json!("2026-12-01T10:00:00+02:00")),
        (
            "Due",
            json!({ "start": "2026-12-01T10:00", "time_zone": "Europe/Berlin" }),
            json!({ "start": "2026-12-01T10:00:00", "time_zone": "Europe/Berlin" }),
        ),
        (
            "Due",
            json!({ "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z", "timeZone": "europe/berlin" }),
            json!({ "start": "2026-12-01T10:00:00", "end": "2026-12-01T11:00:00", "time_zone": "Europe/Berlin" }),
        ),
        (
            "Due",
            json!("2026-12-01T10:00[Europe/Berlin]"),
            json!({ "start": "2026-12-01T10:00:00", "time_zone": "Europe/Berlin" }),
        ),
        (
            "Due",
            json!({ "date": { "start": "2026/12/01", "end": "2026-12-02" } }),
            json!({ "start": "2026-12-01", "end": "2026-12-02" }),
        ),
        ("Roadmap", json!("Write the launch plan"), json!([ROW])),
        ("Roadmap", json!([format!("https://www.notion.so/Plan-{}", ROW.replace('-', ""))]), json!([ROW])),
    ] {
        assert_eq!(set(&app, &database, name, value.clone()).await, shown, "{name}: {value}");
    }
}

#[tokio::test]
async fn what_notion_would_refuse_is_refused_by_name_before_any_write() {
    let app = app().await;
    let database = tasks(&app).await;
    for (name, value, said) in [
        ("Kind", json!("Bug, urgent"), "comma"),
        ("Tags", json!(["a", "b,c"]), "comma"),
        ("Kind", json!(""), "must be"),
        ("Link", json!(""), "must not be empty"),
        ("Due", json!({ "start": "2026-12-02", "end": "2026-12-01" }), "before its start"),
        ("Due", json!("2026-12-01T10:00"), "time_zone"),
        ("Due", json!({ "start": "2026-12-01T10:00", "time_zone": "Berlin" }), "Europe/Berlin"),
        ("Due", json!("12/01/2026"), "2026-12-01"),
        ("Due", json!({ "start": "2026-12-01", "end": "2026-12-02T10:00Z" }), "both"),
        ("Status", json!("Almost"), "Not started, In progress, Done"),
        ("Status", json!({ "status": { "name": "Almost" } }), "Not started, In progress, Done"),
        ("Status", json!({ "select": { "name": "Done" } }), "its type is status"),
        ("Num", json!("five"), "must be a number"),
        ("Done", json!("maybe"), "must be true or false"),
        ("Owner", json!("nobody@example.com"), "nobody@example.com"),
        ("Roadmap", json!("No such plan"), "No such plan"),
        ("Missing", json!({ "number": 1 }), "existing properties are"),
    ] {
        let context = json!({ "title": "T", "parent": database, "content": "Text", "properties": { (name): value } });
        let reason = refusal_of(&app, "create_page", context).await;
        assert!(reason.contains(&format!("properties.{name}")) && reason.contains(said), "{name} {value}: {reason}");
    }
    app.effects(EffectKind::PageCreated).assert_count(0);
}

#[tokio::test]
async fn an_update_checks_options_against_the_schema_before_the_content() {
    let app = app().await;
    let before = run_action(&app, "get_page_content", json!({ "pageId": ROW })).await;
    let context = json!({ "pageId": ROW, "content": "# New", "properties": { "Status": "Almost" } });
    let reason = refusal_of(&app, "update_page", context).await;
    assert!(reason.contains("existing options are Not started, In progress, Done"), "{reason}");
    assert_eq!(run_action(&app, "get_page_content", json!({ "pageId": ROW })).await, before);
    let changed =
        run_action(&app, "update_page", json!({ "pageId": ROW, "properties": { "Status": { "name": "Done" } } })).await;
    assert_eq!(changed["properties"]["Status"], "Done");
}

#[tokio::test]
async fn a_new_option_of_a_select_is_made_and_said() {
    let app = app().await;
    let context = json!({ "title": "T", "parent": DATABASE, "properties": { "Priority": "Urgent" } });
    let made = app.submit("u1", crate::support::builders::intent("notion", "create_page").context(context)).await;
    let made = made.succeeded();
    assert!(made.message.contains("new option") && made.message.contains("Urgent"), "{}", made.message);
}
