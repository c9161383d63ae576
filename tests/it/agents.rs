//! Agents: known from their first work on, listed with the numbers of their tasks, limited in number.

mod all_tasks;
mod stop;

use crate::support::TestApp;
use crate::support::builders::{every, fetch_messages, message};
use crate::support::responses::{Agent, AgentList, AgentTaskCounts};
use futures::future::join_all;
use sandbox::Fault;
use serde_json::json;

/// A deployment with a Slack connection.
async fn slack_app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app
}

/// Counts without a task.
fn no_tasks() -> AgentTaskCounts {
    AgentTaskCounts {
        scheduled: 0,
        processing: 0,
        retrying: 0,
        unknown: 0,
        awaiting_connection: 0,
        series: 0,
        more: false,
    }
}

fn ids(agents: &[Agent]) -> Vec<&str> {
    agents.iter().map(|agent| agent.agent_id.as_str()).collect()
}

#[tokio::test]
async fn an_agent_is_listed_from_its_first_planned_or_journaled_work_on() {
    let app = slack_app().await;
    app.submit("u1", fetch_messages().agent("reader")).await.succeeded();
    app.submit("u1", message().agent("dry").dry_run()).await.ok();
    assert_eq!(app.agents().await, [], "reads and dry runs leave nothing that could be stopped");

    let start = app.clock.now();
    app.submit("u1", message().agent("writer")).await.succeeded();
    app.advance(60);
    app.schedule("u1", message().agent("planner").at(app.after(60))).await.scheduled();
    app.schedule("u1", message().agent("writer").at(app.after(60))).await.scheduled();
    let listed = app.agents().await;
    assert_eq!(ids(&listed), ["planner", "writer"], "by id");
    assert_eq!([listed[1].created_at, listed[0].created_at], [start, app.clock.now()], "of their first work");
    assert_eq!(listed[1].tasks, AgentTaskCounts { scheduled: 1, ..no_tasks() });
    assert_eq!(app.get("u2", "/agents").await.view::<AgentList>().agents, []);
}

#[tokio::test]
async fn an_agents_tasks_are_counted_by_state_and_ended_ones_are_not() {
    let app = slack_app().await;
    let later = || message().agent("busy");
    app.schedule("u1", later().at(app.after(10))).await.scheduled();
    assert_eq!(app.run_processor_after(11).await.ran, 1);
    app.fault(Fault::status("slack", 200, json!({ "ok": false, "error": "service_unavailable" })));
    app.schedule("u1", later().at(app.after(10))).await.scheduled();
    assert_eq!(app.run_processor_after(11).await.ran, 1);
    app.schedule("u1", later().at(app.after(600))).await.scheduled();
    app.schedule("u1", later().at(app.after(600)).recurring(every("PT1M"))).await.scheduled();
    let listed = app.agents().await;
    assert_eq!(ids(&listed), ["busy"]);
    assert_eq!(listed[0].tasks, AgentTaskCounts { scheduled: 2, retrying: 1, series: 1, ..no_tasks() });
}

#[tokio::test]
async fn agents_are_paged_by_id() {
    let app = slack_app().await;
    for agent in ["c", "a#1", "b", "a"] {
        app.schedule("u1", message().agent(agent).at(app.after(60))).await.scheduled();
    }
    let (mut found, mut query) = (vec![], "/agents?limit=2".to_owned());
    loop {
        let page: AgentList = app.get("u1", &query).await.view();
        assert!(page.agents.len() <= 2);
        found.extend(page.agents.into_iter().map(|agent| agent.agent_id));
        let Some(cursor) = page.cursor else { break };
        query = format!("/agents?limit=2&cursor={cursor}");
    }
    assert_eq!(found, ["a", "a#1", "b", "c"]);
}

#[tokio::test]
async fn a_user_has_at_most_as_many_agents_as_the_setting_says() {
    let mut app = TestApp::start_with(&[("PLUGIN_ENGINE_AGENTS_PER_USER", "3")]).await;
    for user in ["u1", "u2"] {
        app.connect(user, "slack").await;
    }
    let later = |agent: usize| message().agent(&format!("agent-{agent}")).at(app.after(60));
    let answers = join_all((0..12).map(|agent| app.schedule("u1", later(agent)))).await;
    let accepted: Vec<usize> = (0..12).filter(|agent| answers[*agent].status == 202).collect();
    assert_eq!(accepted.len(), 3, "of 12 at the same time");
    let known = app.agents().await;
    assert_eq!(known.len(), 3);
    for (agent, answer) in answers.into_iter().enumerate().filter(|(agent, _)| !accepted.contains(agent)) {
        let text = answer.refused(409, "LIMIT_REACHED");
        assert_eq!(text, "A user can have at most 3 agents", "agent-{agent}");
    }
    app.submit("u1", message().agent("another")).await.refused(409, "LIMIT_REACHED");
    // The known ones work on, also in another process; reads need no place, and each user has their own.
    app.cold_start();
    for agent in &known {
        app.submit("u1", message().agent(&agent.agent_id)).await.succeeded();
    }
    app.submit("u1", fetch_messages().agent("another")).await.succeeded();
    app.submit("u1", message().agent("another")).await.refused(409, "LIMIT_REACHED");
    app.schedule("u2", message().agent("another").at(app.after(60))).await.scheduled();
    assert_eq!(app.agents().await.len(), 3);
}

#[tokio::test]
async fn an_agent_takes_one_place_although_its_first_request_crashed() {
    let mut app = TestApp::start_with(&[("PLUGIN_ENGINE_AGENTS_PER_USER", "1")]).await;
    app.connect("u1", "slack").await;
    let later = message().agent("first").at(app.after(60));
    // Between the set and the row.
    app.calls.kill_before_call("PutItem", &app.tables.tasks);
    app.schedule("u1", later.clone()).await.refused(503, "UNAVAILABLE");
    assert!(app.calls.replace_process());
    app.cold_start();
    assert_eq!(app.agents().await, []);
    app.schedule("u1", later).await.scheduled();
    assert_eq!(ids(&app.agents().await), ["first"]);
    app.schedule("u1", message().agent("second").at(app.after(60))).await.refused(409, "LIMIT_REACHED");
}

#[tokio::test]
async fn lost_responses_make_an_agent_known_once() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_AGENTS_PER_USER", "1")]).await;
    app.connect("u1", "slack").await;
    app.calls.lose_responses("PutItem", &app.tables.tasks);
    app.calls.lose_responses("UpdateItem", &app.tables.tasks);
    app.schedule("u1", message().at(app.after(60))).await.scheduled();
    app.calls.assert_responses_lost();
    assert_eq!(ids(&app.agents().await), ["a"]);
}
