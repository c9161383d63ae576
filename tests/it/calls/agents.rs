//! Calls of agents: the first work of one, their lists, and stops.

use super::{calls, later};
use crate::support::TestApp;
use crate::support::builders::{ALL_TOOLS, fetch_messages, message};
use engine::ids::AgentId;
use serde_json::json;

/// Makes an agent known to the process, as its first work does.
pub(super) async fn register(app: &TestApp, user: &str, agent: &str) {
    let (user, agent) = (app.user(user).await, AgentId::parse(agent).unwrap());
    app.engine.agents.register(&user, &agent).await.unwrap();
    app.calls.take_used_actions();
}

#[tokio::test]
async fn a_new_agents_first_task_costs_3_calls_more_and_in_another_process_half_a_unit() {
    let mut app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let schedule = later(&app).json();
    let new = calls(&app, "POST", "/tasks/schedule", Some(schedule.clone())).await;
    let expected = ["UpdateItem", "Query", "GetItem", "UpdateItem", "UpdateItem", "PutItem", "PutItem"];
    assert_eq!(new, expected, "the limits beside accounts and look-up; the set; the row; the task");
    assert_eq!(app.calls.longest_chain(), 4);
    let known = calls(&app, "POST", "/tasks/schedule", Some(schedule.clone())).await;
    assert_eq!(known, ["UpdateItem", "Query", "UpdateItem", "PutItem"], "the limits beside the accounts; the task");
    app.cold_start();
    let cold = calls(&app, "POST", "/tasks/schedule", Some(schedule)).await;
    let expected = ["UpdateItem", "Query", "GetItem", "UpdateItem", "PutItem"];
    assert_eq!(cold, expected, "the limits beside accounts and look-up; the task");
    assert_eq!(app.calls.longest_chain(), 2, "no round trip more");
    let read = app.calls.units().into_iter().find(|(operation, _)| operation == "GetItem");
    assert_eq!(read.map(|(_, units)| units.read), Some(0.5));
}

#[tokio::test]
async fn an_agent_that_is_new_to_the_process_costs_a_write_intent_no_round_trip_and_a_read_intent_nothing() {
    let mut app = TestApp::start().await;
    app.connect("u1", "slack").await;
    register(&app, "u1", "a").await;
    app.cold_start();
    let mut write = calls(&app, "POST", "", Some(message().json())).await;
    assert_eq!(app.calls.longest_chain(), 3, "{write:?}");
    write[..4].sort();
    let expected = ["GetItem", "Query", "Query", "UpdateItem", "PutItem", "UpdateItem"];
    assert_eq!(write, expected, "accounts and circuit breakers beside limit and look-up; claim; finish");
    let mut read = calls(&app, "POST", "", Some(fetch_messages().agent("reader").json())).await;
    read.sort();
    assert_eq!(read, ["Query", "Query", "UpdateItem"]);
}

#[tokio::test]
async fn lists_over_agents_are_a_query_and_one_per_agent_at_the_same_time() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    for agent in ["a", "b", "c"] {
        app.schedule("u1", later(&app).agent(agent)).await.scheduled();
    }
    for path in ["/agents", "/tasks", "/tasks?kind=immediate"] {
        assert_eq!(calls(&app, "GET", path, None).await, ["Query"; 4], "{path}");
        assert_eq!(app.calls.longest_chain(), 2, "{path}");
    }
    assert_eq!(calls(&app, "GET", "/agents?limit=1", None).await, ["Query"; 2], "of one agent");
    let filtered = calls(&app, "GET", "/tasks?status=failed&limit=1", None).await;
    assert_eq!(filtered, ["Query"; 4], "one read of each of three agents, which together may read four times");
}

#[tokio::test]
async fn a_stop_is_a_read_a_query_and_a_write_per_task() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    for _ in 0..2 {
        app.schedule("u1", later(&app)).await.scheduled();
    }
    let stop = Some(json!({ "agentId": "a" }));
    assert_eq!(calls(&app, "DELETE", "/agents", stop.clone()).await, ["GetItem", "Query", "UpdateItem", "UpdateItem"]);
    assert_eq!(calls(&app, "DELETE", "/agents", stop).await, ["GetItem", "Query"]);
}

#[tokio::test]
async fn a_revocation_is_3_calls_a_query_per_agent_and_a_write_per_task_of_the_service() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let delegation = json!({ "service": "s", "tools": ALL_TOOLS });
    for _ in 0..2 {
        let granted = calls(&app, "POST", "/delegations", Some(delegation.clone())).await;
        assert_eq!(granted, ["UpdateItem", "PutItem"], "the set of services; the delegation");
    }
    for agent in ["a", "b"] {
        app.schedule("u1", later(&app).agent(agent)).await.scheduled();
    }
    let planned = later(&app).user("u1").json().to_string();
    app.send("POST", "/tasks/schedule", Some(&app.service_token("s")), Some(planned)).await.scheduled();
    let revoke = calls(&app, "DELETE", "/delegations", Some(json!({ "service": "s" }))).await;
    assert_eq!(
        revoke,
        ["DeleteItem", "UpdateItem", "Query", "Query", "Query", "UpdateItem"],
        "the set; the agents; of each its tasks"
    );
}

#[tokio::test]
async fn a_services_due_task_reads_its_delegation_with_the_guards() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.post("u1", "/delegations", json!({ "service": "s", "tools": ALL_TOOLS })).await.ok();
    let planned = later(&app).user("u1").json().to_string();
    app.send("POST", "/tasks/schedule", Some(&app.service_token("s")), Some(planned)).await.scheduled();
    assert_eq!(super::due_task_calls(&app, 11).await, ["UpdateItem", "BatchGetItem", "UpdateItem"]);
}
