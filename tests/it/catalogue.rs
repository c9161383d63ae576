//! Requirements that every action of every tool meets: its catalogue example succeeds, a missing scope and a rate limit are
//! reported as such, invalid input causes no call.

mod clients;
mod listing;
mod schemas;

use crate::support::builders::{Intent, intent};
use crate::support::responses::{ToolDefinitions, ToolList};
use crate::support::{NOW, TestApp, grant_for};
use engine::adapters::action::{ActionDef, TokenKind};
use engine::adapters::{self, Adapter};
use sandbox::Fault;
use sandbox::fixtures::ALEX;
use sandbox::fixtures::asana::TEAM;
use serde_json::json;
use std::collections::BTreeSet;

async fn app_at_example_time() -> TestApp {
    let app = TestApp::start().await;
    let now: jiff::Timestamp = NOW.parse().unwrap();
    app.advance(now.as_second() - app.clock.now().as_second());
    app
}

/// An action's example as an intent.
fn example(adapter: &Adapter, action: &ActionDef) -> Intent {
    intent(adapter.tool.as_str(), action.name).context(action.example())
}

/// Every action with its adapter.
fn all_actions() -> impl Iterator<Item = (&'static Adapter, &'static ActionDef)> {
    adapters::ALL.iter().flat_map(|adapter| adapter.actions.iter().map(move |action| (*adapter, action)))
}

/// Connects the tool for `u1` with the token that the action needs.
async fn connect_for(app: &TestApp, adapter: &Adapter, action: &ActionDef) {
    match action.token {
        TokenKind::App => app.connect("u1", adapter.tool.as_str()).await,
        TokenKind::User => {
            let token = grant_for(&app.sandbox.sandbox, adapter, action).access_token;
            app.post("u1", "/integrations", json!({ "tool": adapter.tool, "accessToken": token })).await
        }
    }
    .ok();
}

#[tokio::test]
async fn every_example_succeeds_in_a_fresh_sandbox() {
    let mut failed = vec![];
    for (adapter, action) in all_actions() {
        let app = app_at_example_time().await;
        connect_for(&app, adapter, action).await;
        let mut intent = example(adapter, action);
        if action.name == "create_project" && app.sandbox.sandbox.strangeness().asana.is_organization {
            intent = intent.with("teamId", TEAM);
        }
        let answer = app.submit("u1", intent).await;
        if answer.body["success"] != true {
            failed.push(format!("{}.{}: {}", adapter.tool, action.name, answer.body));
        }
        let validator = jsonschema::draft202012::new(&action.output_schema()).unwrap();
        let faults: Vec<String> = validator.iter_errors(&answer.body["data"]).map(|error| error.to_string()).collect();
        if !faults.is_empty() {
            failed.push(format!("{}.{}: {faults:?} in {}", adapter.tool, action.name, answer.body["data"]));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

/// Every choice of one scope of each group that an action needs.
fn least_scopes(action: &ActionDef) -> Vec<Vec<&'static str>> {
    action.scopes.iter().fold(vec![vec![]], |chosen, group| {
        let with = |before: &Vec<&'static str>| group.iter().map(|one| [before.as_slice(), &[*one]].concat()).collect();
        chosen.iter().flat_map(|before| -> Vec<Vec<&'static str>> { with(before) }).collect()
    })
}

/// Gmail's scopes depend on the method alone. The actions of other tools look names up, and need further scopes for that.
#[tokio::test]
#[expect(clippy::print_stdout, reason = "the count is the result")]
async fn every_gmail_example_succeeds_with_one_scope_of_each_group_that_it_names() {
    let (mut failed, mut tried) = (vec![], 0);
    for (adapter, action) in all_actions().filter(|(adapter, _)| adapter.tool.as_str() == "gmail") {
        for scopes in least_scopes(action) {
            let app = app_at_example_time().await;
            let granted = [adapter.oauth.identity_scopes, &scopes].concat();
            let token = app.sandbox.sandbox.grant("google", ALEX, &granted).unwrap().access_token;
            let ready = json!({ "tool": "gmail", "accessToken": token, "scopes": granted });
            app.post("u1", "/integrations", ready).await.ok();
            let answer = app.submit("u1", example(adapter, action)).await;
            if answer.body["success"] != true {
                failed.push(format!("{} with {scopes:?}: {}", action.name, answer.body["error"]));
            }
            tried += 1;
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    println!("{tried} choices of scopes");
}

#[test]
fn every_earlier_name_resolves_and_a_name_means_one_action() {
    let earlier = [
        ("gmail", "send_email create_draft list_emails fetch_emails get_email list_labels"),
        ("notion", "create_page update_page append_block search get_page query_database list_databases"),
        (
            "slack",
            "send_message schedule_message upload_file list_channels channel_history fetch_messages list_users user_info",
        ),
        ("asana", "create_task update_task delete_task list_tasks get_task list_projects get_project list_workspaces"),
    ];
    for (tool, names) in earlier {
        let adapter = adapters::find(tool).unwrap();
        for name in names.split(' ') {
            assert!(adapter.action(name).is_ok(), "{tool}.{name}");
        }
        let names: Vec<&str> =
            adapter.actions.iter().flat_map(|action| action.aliases.iter().chain([&action.name])).copied().collect();
        let distinct: BTreeSet<&&str> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{tool}: a name means one action");
    }
}

#[tokio::test]
async fn the_tool_list_shows_connections_and_is_filtered_by_them() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let list = async |user: &str, query: &str| app.get(user, &format!("?{query}")).await.view::<ToolList>().tools;
    for tool in list("u1", "").await {
        let states: Vec<bool> = tool.connections.iter().map(|connection| connection.connected).collect();
        assert_eq!(states, if tool.tool == "slack" { vec![true] } else { vec![] }, "{}", tool.tool);
        assert_eq!(tool.connect_url, Some(format!("http://localhost:3000/connect?tool={}", tool.tool)));
    }
    assert_eq!(list("u2", "connected=true").await, []);
    let connected: ToolDefinitions =
        app.get("u1", "?connected=true&format=anthropic&tier=all&tools=gmail,notion,slack,asana").await.view();
    let names: BTreeSet<String> = connected.tools.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
    let slack = adapters::find("slack").unwrap().actions.iter().map(|action| format!("slack_{}", action.name));
    assert_eq!(names, slack.collect());
    let tools: Vec<String> = list("u1", "tools=gmail").await.into_iter().map(|tool| tool.tool).collect();
    assert_eq!(tools, ["gmail"]);
    app.get("u1", "?tools=fax").await.refused(400, "INVALID_FIELD");
    app.get("u1", "?format=soap").await.refused(400, "INVALID_FIELD");
}

#[test]
fn every_schema_is_one_of_draft_2020_12_and_fits_its_example() {
    for (adapter, action) in all_actions() {
        let (schema, name) = (action.schema(), format!("{}.{}", adapter.tool, action.name));
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{name}");
        let validator = jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        let errors: Vec<String> = validator.iter_errors(&action.example()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        assert!(!validator.is_valid(&json!({ "no such field": 1 })), "{name} accepts unknown fields");
        action.accept(action.example()).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// Each connection is granted all scopes except one that the action requires.
#[tokio::test]
async fn a_missing_scope_is_named_and_no_call_is_made() {
    let app = TestApp::start().await;
    for (adapter, action) in all_actions() {
        // Notion's permissions are no scopes: its pages are shared with the connection. Two methods of Slack's need none.
        let Some(group) = action.scopes.first() else {
            let needs_none = adapter.tool.as_str() == "notion"
                || ["list_scheduled_messages", "get_permalink"].contains(&action.name);
            assert!(needs_none, "{} requires no scope", action.name);
            continue;
        };
        let granted: Vec<&str> = adapter.oauth.scopes.iter().filter(|scope| !group.contains(scope)).copied().collect();
        let granted = if granted.is_empty() { vec!["openid"] } else { granted };
        let user = format!("{}-{}", adapter.tool, action.name);
        let token = app.sandbox.sandbox.grant(adapter.tool.as_str(), sandbox::fixtures::ALEX, adapter.oauth.scopes);
        let token = token.unwrap().access_token;
        let ready = json!({ "tool": adapter.tool, "accessToken": token, "scopes": granted });
        app.post(&user, "/integrations", ready).await.ok();
        let result = app.submit(&user, example(adapter, action)).await.failed("MISSING_SCOPE");
        assert!(group.iter().any(|scope| result.error.message.contains(scope)), "{user}: {}", result.error.message);
        let page = format!("http://localhost:3000/connect?tool={}", adapter.tool);
        assert_eq!(result.error.connect_url, Some(page), "{user}");
    }
}

/// Each action runs in its own sandbox, so the first failing call is the action's.
#[tokio::test]
async fn a_rate_limited_action_returns_retry_after_and_a_fallback_message() {
    for (adapter, action) in all_actions() {
        let app = app_at_example_time().await;
        connect_for(&app, adapter, action).await;
        let limited = Fault::status(adapter.api.name, 429, json!({ "ok": false, "error": "ratelimited" }));
        app.fault(limited.header("retry-after", "7"));
        let result = app.submit("u1", example(adapter, action)).await.failed("PROVIDER_RATE_LIMITED");
        let wait = result.error.retry_after_ms;
        assert!(wait.is_some_and(|wait| (1..=7_000).contains(&wait)), "{}.{}: {wait:?}", adapter.tool, action.name);
        assert!(!result.fallback_message.is_empty());
    }
}
