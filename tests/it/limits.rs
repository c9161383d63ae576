//! Rate and size limits, each at its boundary.

mod bodies;
mod contexts;

use crate::support::TestApp;
use crate::support::builders::{fetch_emails, mapping as mapping_of_tool};
use futures::future::join_all;
use serde_json::{Value, json};

const AUTHORIZE: &str = "/oauth/authorize?tool=slack";

#[tokio::test]
async fn parallel_authorizes_pass_exactly_up_to_the_limit() {
    let app = TestApp::start().await;
    // The middle of an hourly window.
    app.advance(3600 + 1800 - app.clock.now().as_second() % 3600);
    let answers = join_all((0..32).map(|_| app.get("u1", AUTHORIZE))).await;
    let (passed, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((passed.len(), refused.len()), (10, 22));
    for answer in refused {
        assert_eq!(answer.headers["retry-after"], "1800");
        answer.refused(429, "RATE_LIMITED");
    }
    // Both path families share one limit, each user has their own, and invalid requests do not count.
    app.get("u1", "/integrations/oauth/authorize?tool=gmail").await.refused(429, "RATE_LIMITED");
    app.get("u2", "/oauth/authorize?tool=fax").await.refused(400, "UNKNOWN_TOOL");
    app.advance(1799);
    app.get("u1", AUTHORIZE).await.refused(429, "RATE_LIMITED");
    app.advance(1);
    for user in ["u1", "u2"] {
        for _ in 0..10 {
            app.get(user, AUTHORIZE).await.ok();
        }
        app.get(user, AUTHORIZE).await.refused(429, "RATE_LIMITED");
    }
}

#[tokio::test]
async fn the_authorize_limit_is_configurable() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_AUTHORIZES_PER_HOUR", "1")]).await;
    app.get("u1", AUTHORIZE).await.ok();
    app.get("u1", AUTHORIZE).await.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn parallel_intents_pass_exactly_up_to_the_limit() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "20")]).await;
    let answers = join_all((0..32).map(|_| app.submit("u1", fetch_emails()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 20);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 12);
}

/// An intent whose context has that many levels, including itself.
fn nested_intent(levels: usize) -> String {
    let context = format!("{{\"text\":\"t\",\"channel\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    format!(r#"{{"agentId":"a","tool":"slack","intent":"send_message","context":{context}}}"#)
}

#[tokio::test]
async fn a_context_has_at_most_32_levels() {
    let app = TestApp::start().await;
    let send = async |body: String| app.send("POST", "", Some(&app.token("u1")), Some(body)).await;
    let message = send(nested_intent(32)).await.refused(400, "INVALID_FIELD");
    assert!(message.starts_with("context.channel: "), "not its depth is refused, but its type: {message}");
    for levels in [33, 40, 100] {
        let message = send(nested_intent(levels)).await.refused(400, "INVALID_FIELD");
        assert_eq!(message, "context: must be nested at most 32 levels deep");
    }
    for levels in [128, 1_000, 10_000, 30_000] {
        send(nested_intent(levels)).await.refused(400, "MALFORMED_JSON");
    }
    send(nested_intent(1_000_000)).await.refused(400, "MALFORMED_JSON");
    // Brackets in a query.
    app.get("u1", &format!("/tasks?agentId={}", "%5B".repeat(3_000))).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn a_bulk_call_has_1_to_100_items() {
    let app = TestApp::start().await;
    let mapping = |at: usize| mapping_of_tool("notion", &format!("k{at}"), "e");
    let mappings = |count: usize| json!({ "mappings": (0..count).map(mapping).collect::<Vec<Value>>() });
    let ids = |field: &str, count: usize| json!({ field: vec!["x"; count] });
    let errors = |count: usize| {
        let mut body = ids("errorIds", count);
        body["action"] = "resolve".into();
        body
    };
    for (count, status) in [(0, 400), (1, 200), (100, 200), (101, 400)] {
        let token = app.token("u1");
        for (method, path, body) in [
            ("POST", "/context-mappings/bulk", mappings(count)),
            ("DELETE", "/context-mappings/bulk", ids("ids", count)),
            ("POST", "/errors/bulk", errors(count)),
        ] {
            let answer = app.send(method, path, Some(&token), Some(body.to_string())).await;
            assert_eq!(answer.status, status, "{method} {path} of {count}: {}", answer.body);
            if status == 200 {
                assert_eq!(answer.body["results"].as_array().unwrap().len(), count);
            }
        }
    }
}
