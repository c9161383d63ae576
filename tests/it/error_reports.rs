//! Reports of agents to `POST /errors`: cleaned texts, allowed codes, and counters that stay small.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use std::collections::HashMap;

use crate::support::TestApp;
use crate::support::builders::{message, report};
use crate::support::responses::Stats;

async fn stats(app: &TestApp, query: &str) -> Stats {
    app.get("u1", &format!("/errors/stats?{query}")).await.view()
}

#[tokio::test]
async fn a_report_is_stored_without_tokens_addresses_and_unknown_fields() {
    let app = TestApp::start().await;
    let mut leaky = report("gmail", "MY_CODE");
    leaky["errorMessage"] = "token ya29.SECRET of <ann@example.com> was refused: xoxb-1234-SECRET".into();
    leaky["payload"] =
        json!({ "ann@example.com": 1, "to": "ann@example.com", "xoxb-1234-SECRET": "x", "subject": "s" });
    app.post("u1", "/errors", leaky).await.ok();
    let row = app.logged_errors("").await.errors.remove(0);
    assert_eq!(row.error_message, "token [...] of <[...]> was refused: [...]");
    assert_eq!(row.payload, json!({ "to": "[redacted]", "subject": "[redacted]" }));
}

#[tokio::test]
async fn a_report_names_an_action_of_the_tool_and_a_code_of_the_allowed_characters() {
    let app = TestApp::start().await;
    let with = |field: &str, value: &str| {
        let mut report = report("gmail", "MY_CODE");
        report[field] = value.into();
        report
    };
    for action in ["send_email to ann@example.com", "post_message", "x"] {
        app.post("u1", "/errors", with("action", action)).await.refused(400, "UNKNOWN_INTENT");
    }
    let long = "A".repeat(65);
    for code in ["", "xoxb-1234-SECRET", "lower", "WITH SPACE", "\u{c4}", long.as_str()] {
        let answer = app.post("u1", "/errors", with("errorCode", code)).await;
        assert_eq!(answer.status, 400, "{code}: {}", answer.body);
    }
    app.get("u1", "/errors?errorCode=lower").await.refused(400, "INVALID_FIELD");
    assert!(app.logged_errors("").await.errors.is_empty());
    app.post("u1", "/errors", with("errorCode", &"A".repeat(64))).await.ok();
}

#[tokio::test]
async fn reported_codes_beyond_50_a_day_are_counted_together() {
    let app = TestApp::start().await;
    for n in 0..60 {
        app.post("u1", "/errors", report("gmail", &format!("CODE_{n}"))).await.ok();
    }
    app.post("u1", "/errors", report("gmail", "CODE_3")).await.ok();
    app.post("u1", "/errors", report("gmail", "PROVIDER_REJECTED")).await.ok();
    let all = stats(&app, "").await;
    assert_eq!((all.by_code.len(), all.by_tool["gmail"]), (52, 62));
    assert_eq!((all.by_code["OTHER"], all.by_code["CODE_3"], all.by_code["PROVIDER_REJECTED"]), (10, 2, 1));
    assert_eq!(stats(&app, "agentId=a").await.by_code, all.by_code);
    app.advance(24 * 3600);
    app.post("u1", "/errors", report("gmail", "CODE_59")).await.ok();
    assert_eq!(stats(&app, "days=1").await.by_code["CODE_59"], 1, "each day has its own");
}

#[tokio::test]
async fn a_user_can_report_1000_errors_a_day() {
    let app = TestApp::start().await;
    app.post("u1", "/errors", report("gmail", "FIRST")).await.ok();
    let rows = app.store.scan().table_name(&app.tables.tasks).send().await.unwrap().items.unwrap();
    let mut limit = rows.into_iter().find(|row| row["sk"].as_s().unwrap().starts_with("reports#")).unwrap();
    limit.insert("used".to_owned(), AttributeValue::N("999".to_owned()));
    app.store.put_item().table_name(&app.tables.tasks).set_item(Some(limit)).send().await.unwrap();
    app.calls.take_used_actions();
    app.post("u1", "/errors", report("gmail", "LAST")).await.ok();
    let text = app.post("u1", "/errors", report("gmail", "REFUSED")).await.refused(429, "RATE_LIMITED");
    let limit =
        "Too many requests: a user, or a service that acts for one, can have 1000 reported errors a day; retry in ";
    assert!(text.starts_with(limit), "{text}");
    assert_eq!(app.logged_errors("").await.errors.len(), 2);
    app.post("u2", "/errors", report("gmail", "OTHER_USER")).await.ok();
    app.advance(24 * 3600);
    app.post("u1", "/errors", report("gmail", "NEXT_DAY")).await.ok();
}

#[tokio::test]
async fn a_report_is_accepted_although_it_cannot_be_counted() {
    let app = TestApp::start().await;
    app.post("u1", "/errors", report("gmail", "FIRST")).await.ok();
    // A counter of another type, as an item that is full would refuse every addition.
    let rows = app.store.scan().table_name(&app.tables.errors).send().await.unwrap().items.unwrap();
    for mut row in rows.into_iter().filter(|row| !row["sk"].as_s().unwrap().starts_with("E#")) {
        row.insert("gmail|SECOND".to_owned(), AttributeValue::S("no number".to_owned()));
        app.store.put_item().table_name(&app.tables.errors).set_item(Some(row)).send().await.unwrap();
    }
    app.calls.take_used_actions();
    app.post("u1", "/errors", report("gmail", "SECOND")).await.ok();
    assert_eq!(app.logged_errors("errorCode=SECOND").await.errors.len(), 1);
}

#[tokio::test]
async fn counters_beyond_a_megabyte_lose_no_day() {
    let app = TestApp::start().await;
    app.post("u1", "/errors", report("gmail", "TODAY")).await.ok();
    let rows = app.store.scan().table_name(&app.tables.errors).send().await.unwrap().items.unwrap();
    let today = rows.into_iter().find(|row| row["sk"].as_s().unwrap().starts_with("C#")).unwrap();
    for days in 1..=5_i64 {
        let date = (app.clock.now() - jiff::SignedDuration::from_hours(24 * days)).to_string()[..10].to_owned();
        let mut row: HashMap<String, AttributeValue> =
            (0..3_000).map(|n| (format!("gmail|{n:0>90}"), AttributeValue::N("1".to_owned()))).collect();
        row.insert("pk".to_owned(), today["pk"].clone());
        row.insert("sk".to_owned(), AttributeValue::S(format!("C#{date}")));
        app.store.put_item().table_name(&app.tables.errors).set_item(Some(row)).send().await.unwrap();
    }
    app.calls.take_used_actions();
    assert_eq!(stats(&app, "days=7").await.by_tool["gmail"], 15_001);
    let trends = app.get("u1", "/errors/trends?days=7").await.ok();
    assert_eq!(trends["trends"][6]["count"], 1, "the newest day: {trends}");
}

#[tokio::test]
async fn statistics_of_many_agents_are_pages() {
    let app = TestApp::start().await;
    for agent in 0..30 {
        let mut report = report("gmail", "E");
        report["agentId"] = format!("agent-{agent:02}").into();
        app.post("u1", "/errors", report).await.ok();
    }
    let first = stats(&app, "").await;
    assert_eq!((first.by_tool["gmail"], first.by_agent.len()), (30, 25));
    let second = stats(&app, &format!("cursor={}", first.cursor.unwrap())).await;
    assert_eq!((second.by_tool["gmail"], second.by_agent.len(), second.cursor), (30, 5, None));
    assert!(second.by_agent.keys().all(|agent| !first.by_agent.contains_key(agent)));
}

#[tokio::test]
async fn an_agent_beyond_the_limit_is_counted_for_its_user_alone() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_AGENTS_PER_USER", "1")]).await;
    app.connect("u1", "slack").await;
    app.submit("u1", message()).await.succeeded();
    let mut other = report("slack", "E");
    other["agentId"] = "another".into();
    app.post("u1", "/errors", other).await.ok();
    let all = stats(&app, "").await;
    assert_eq!((all.by_tool["slack"], all.by_agent.len()), (1, 0));
}
