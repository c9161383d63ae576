//! The caps of delegations and of context mappings: exact under concurrency, freed by what ends, and corrected when they count too much.

use crate::support::builders::{ALL_TOOLS, mapping, message};
use crate::support::responses::{Bulk, DelegationList};
use crate::support::{TestApp, TestResponse};
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use serde_json::{Value, json};

/// The seconds after which a full count is compared with the rows.
const IN_FLIGHT_TIME: i64 = 60;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

async fn grant(app: &TestApp, user: &str, service: &str) -> TestResponse {
    app.post(user, "/delegations", json!({ "service": service, "tools": ALL_TOOLS })).await
}

async fn app_with(setting: &str, value: &str) -> TestApp {
    let app = TestApp::start_with(&[(setting, value)]).await;
    for user in ["u1", "u2"] {
        app.connect(user, "notion").await;
    }
    app
}

fn refused_for_cap(answer: TestResponse, things: &str) {
    let text = answer.refused(409, "LIMIT_REACHED");
    assert_eq!(text, format!("A user can have at most 3 {things}"));
}

#[tokio::test]
async fn a_user_has_at_most_as_many_delegations_as_the_setting_says() {
    let app = app_with("PLUGIN_ENGINE_DELEGATIONS_PER_USER", "3").await;
    let services: Vec<String> = (0..12).map(|number| format!("service-{number}")).collect();
    let answers = join_all(services.iter().map(|service| grant(&app, "u1", service))).await;
    let (granted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((granted.len(), refused.len()), (3, 9));
    refused.into_iter().for_each(|answer| refused_for_cap(answer, "delegations"));
    let list: DelegationList = app.get("u1", "/delegations").await.view();
    let held: Vec<String> = list.delegations.into_iter().map(|delegation| delegation.service).collect();
    assert_eq!(held.len(), 3);
    // A repeated grant is no new one, and another user has places of their own.
    grant(&app, "u1", &held[0]).await.ok();
    grant(&app, "u2", "service").await.ok();
    // A revocation frees its place at once.
    app.delete("u1", "/delegations", Some(json!({ "service": held[0] }))).await.ok();
    grant(&app, "u1", "later").await.ok();
    refused_for_cap(grant(&app, "u1", "one more").await, "delegations");
}

#[tokio::test]
async fn a_delegation_that_ended_by_itself_frees_its_place() {
    let app = app_with("PLUGIN_ENGINE_DELEGATIONS_PER_USER", "3").await;
    for service in ["a", "b", "c"] {
        let body = json!({ "service": service, "tools": ["gmail"], "expiresAt": app.after(30).to_string() });
        app.post("u1", "/delegations", body).await.ok();
    }
    app.advance(IN_FLIGHT_TIME);
    for service in ["d", "e", "f"] {
        grant(&app, "u1", service).await.ok();
    }
    refused_for_cap(grant(&app, "u1", "g").await, "delegations");
    // A grant that a crash left in the set without its row counts for a minute.
    let delete = app.store.delete_item().table_name(&app.tables.integrations);
    delete.key("pk", text("u1")).key("sk", text("delegation#d")).send().await.unwrap();
    app.calls.take_used_actions();
    refused_for_cap(grant(&app, "u1", "g").await, "delegations");
    app.advance(IN_FLIGHT_TIME);
    grant(&app, "u1", "g").await.ok();
    refused_for_cap(grant(&app, "u1", "h").await, "delegations");
}

const MAPPINGS: &str = "context mappings of an agent and tool";

async fn map(app: &TestApp, user: &str, key: &str) -> TestResponse {
    app.post(user, "/context-mappings", mapping("notion", key, "e")).await
}

async fn map_all(app: &TestApp, keys: &[&str]) -> Bulk {
    let mappings: Vec<Value> = keys.iter().map(|key| mapping("notion", key, "e")).collect();
    app.post("u1", "/context-mappings/bulk", json!({ "mappings": mappings })).await.view()
}

#[tokio::test]
async fn an_agent_has_at_most_as_many_mappings_of_a_tool_as_the_setting_says() {
    let app = app_with("PLUGIN_ENGINE_MAPPINGS_PER_AGENT_AND_TOOL", "3").await;
    let keys: Vec<String> = (0..12).map(|number| format!("k{number}")).collect();
    let answers = join_all(keys.iter().map(|key| map(&app, "u1", key))).await;
    let (created, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((created.len(), refused.len()), (3, 9));
    refused.into_iter().for_each(|answer| refused_for_cap(answer, MAPPINGS));
    // Another user, agent and tool have places of their own.
    map(&app, "u2", "k").await.ok();
    let mut other_agent = mapping("notion", "k", "e");
    other_agent["agentId"] = "b".into();
    app.post("u1", "/context-mappings", other_agent).await.ok();
    app.connect("u1", "slack").await;
    app.post("u1", "/context-mappings", mapping("slack", "k", "e")).await.ok();
}

#[tokio::test]
async fn an_import_counts_each_of_its_mappings_and_replaces_existing_ones_at_the_limit() {
    let app = app_with("PLUGIN_ENGINE_MAPPINGS_PER_AGENT_AND_TOOL", "3").await;
    let first = map_all(&app, &["a", "b", "c", "d", "e"]).await;
    assert_eq!(first.count, 3);
    let codes: Vec<String> =
        first.results.iter().filter_map(|item| item.error().map(|error| error.code.clone())).collect();
    assert_eq!(codes, ["LIMIT_REACHED"; 2]);
    // What is there already is replaced; what is new is refused.
    let again = map_all(&app, &["c", "b", "new"]).await;
    assert_eq!(again.count, 2);
    let listed = app.get("u1", "/context-mappings?agentId=a&tool=notion").await.ok();
    let keys: Vec<&str> =
        listed["mappings"].as_array().unwrap().iter().map(|it| it["contextKey"].as_str().unwrap()).collect();
    assert_eq!(keys, ["a", "b", "c"]);
    // A change of one is no new one.
    let id = &listed["mappings"][0]["id"];
    app.put("u1", "/context-mappings", json!({ "id": id, "externalId": "x" })).await.ok();
}

#[tokio::test]
async fn a_saved_id_that_replaces_another_takes_no_place() {
    let app = app_with("PLUGIN_ENGINE_MAPPINGS_PER_AGENT_AND_TOOL", "3").await;
    app.connect("u1", "slack").await;
    for _ in 0..4 {
        app.submit("u1", message().save_as("latest")).await.succeeded();
    }
    for key in ["b", "c"] {
        app.post("u1", "/context-mappings", mapping("slack", key, "e")).await.ok();
    }
    refused_for_cap(app.post("u1", "/context-mappings", mapping("slack", "d", "e")).await, MAPPINGS);
}

#[tokio::test]
async fn deleted_and_expired_mappings_free_their_places_within_a_minute() {
    let app = app_with("PLUGIN_ENGINE_MAPPINGS_PER_AGENT_AND_TOOL", "3").await;
    let mut passing = mapping("notion", "passing", "e");
    passing["expiresAt"] = app.after(30).to_string().into();
    app.post("u1", "/context-mappings", passing).await.ok();
    map_all(&app, &["a", "b"]).await;
    let listed = app.get("u1", "/context-mappings?agentId=a&tool=notion&prefix=a").await.ok();
    let id = listed["mappings"][0]["id"].as_str().unwrap().to_owned();
    app.delete("u1", &format!("/context-mappings?id={id}"), None).await.ok();
    refused_for_cap(map(&app, "u1", "c").await, MAPPINGS);
    app.advance(IN_FLIGHT_TIME);
    map(&app, "u1", "c").await.ok();
    map(&app, "u1", "d").await.ok();
    refused_for_cap(map(&app, "u1", "e").await, MAPPINGS);
}

#[tokio::test]
async fn a_count_that_drifted_is_corrected_by_the_rows() {
    let app = app_with("PLUGIN_ENGINE_MAPPINGS_PER_AGENT_AND_TOOL", "3").await;
    map(&app, "u1", "a").await.ok();
    // As after lost responses of the store: each repetition by the SDK counts.
    let update = app.store.update_item().table_name(&app.tables.mappings);
    let update = update.key("pk", text("u1#a#notion#places")).key("sk", text("places"));
    let update = update.update_expression("SET used = :used");
    update.expression_attribute_values(":used", AttributeValue::N("9".to_owned())).send().await.unwrap();
    app.calls.take_used_actions();
    refused_for_cap(map(&app, "u1", "b").await, MAPPINGS);
    app.advance(IN_FLIGHT_TIME);
    for key in ["b", "c"] {
        map(&app, "u1", key).await.ok();
    }
    refused_for_cap(map(&app, "u1", "d").await, MAPPINGS);
}

#[tokio::test]
async fn a_saved_id_counts_and_its_task_is_completed_without_it_at_the_limit() {
    let app = app_with("PLUGIN_ENGINE_MAPPINGS_PER_AGENT_AND_TOOL", "3").await;
    app.connect("u1", "slack").await;
    for key in ["a", "b", "c", "d"] {
        app.submit("u1", message().save_as(key)).await.succeeded();
    }
    let listed = app.get("u1", "/context-mappings?agentId=a&tool=slack").await.ok();
    assert_eq!(listed["mappings"].as_array().unwrap().len(), 3);
}
