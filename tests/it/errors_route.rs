//! The route `/errors` with its bulk, fallback, statistics and trends routes.

use crate::support::TestApp;
use futures::StreamExt;
use serde_json::{Value, json};

fn report(tool: &str, code: &str) -> Value {
    json!({
        "agentId": "agent_456", "tool": tool, "action": "send_email", "errorCode": code,
        "errorMessage": "Authentication failed", "payload": { "to": "recipient@example.com", "limit": 3 }
    })
}

async fn report_error(app: &TestApp, tool: &str, code: &str) -> String {
    let body = app.post("u1", "/errors", report(tool, code)).await.ok();
    assert!(body["fallbackMessage"].is_string(), "{body}");
    body["errorId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_reported_error_is_listed_and_resolved_once() {
    let app = TestApp::start().await;
    let first = report_error(&app, "gmail", "AUTHENTICATION_ERROR").await;
    app.advance(1);
    let second = report_error(&app, "gmail", "AUTHENTICATION_ERROR").await;
    let listed = app.get("u1", "/errors?agentId=agent_456").await.ok();
    let rows = listed["errors"].as_array().unwrap();
    assert_eq!((&rows[0]["id"], &rows[1]["id"]), (&json!(second), &json!(first)), "newest first");
    assert_eq!(rows[0]["payload"], json!({ "to": "[redacted]", "limit": 3 }));
    assert_eq!(rows[0]["resolved"], false);

    let resolve = || json!({ "errorId": first });
    assert_eq!(app.patch("u1", "/errors", resolve()).await.ok()["changed"], true);
    assert_eq!(app.patch("u1", "/errors", resolve()).await.ok()["changed"], false);
    let unknown = json!({ "errorId": "err_01J00000000000000000000000" });
    app.patch("u1", "/errors", unknown).await.refused(404, "NOT_FOUND");
    app.patch("u1", "/errors", json!({ "errorId": "error_123" })).await.refused(404, "NOT_FOUND");
    let listed = app.get("u1", "/errors?agentId=agent_456").await.ok();
    assert_eq!(listed["errors"][1]["resolved"], true);
    assert!(listed["errors"][1]["resolvedAt"].is_string());

    let bulk = json!({ "action": "resolve", "errorIds": [first, second, "err_nonsense"] });
    let body = app.post("u1", "/errors/bulk", bulk).await.ok();
    assert_eq!((&body["count"], &body["success"]), (&json!(1), &json!(false)), "one really changed: {body}");
    let results = body["results"].as_array().unwrap();
    let changed: Vec<&Value> = results.iter().map(|result| &result["changed"]).collect();
    assert_eq!(changed, [&json!(false), &json!(true), &Value::Null], "{body}");
    assert_eq!(results[2]["error"]["code"], "NOT_FOUND");
    let unsupported = json!({ "action": "delete", "errorIds": [first] });
    app.post("u1", "/errors/bulk", unsupported).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn errors_are_paged() {
    let app = TestApp::start().await;
    for n in 0..3 {
        report_error(&app, "gmail", &format!("E{n}")).await;
        app.advance(1);
    }
    let first = app.get("u1", "/errors?agentId=agent_456&limit=2").await.ok();
    let cursor = first["cursor"].as_str().unwrap();
    let second = app.get("u1", &format!("/errors?agentId=agent_456&limit=2&cursor={cursor}")).await.ok();
    let codes = |page: &Value| -> Vec<Value> {
        page["errors"].as_array().unwrap().iter().map(|row| row["errorCode"].clone()).collect()
    };
    assert_eq!((codes(&first), codes(&second)), (vec![json!("E2"), json!("E1")], vec![json!("E0")]));
}

#[tokio::test]
async fn errors_are_filtered_and_pages_fill_up() {
    let app = TestApp::start().await;
    let mut times = vec![];
    let mut ids = vec![];
    for n in 0..6 {
        let (tool, code) = if n % 3 == 0 { ("slack", "RARE") } else { ("gmail", "USUAL") };
        times.push(app.clock.now().to_string());
        ids.push(report_error(&app, tool, code).await);
        app.advance(60);
    }
    app.patch("u1", "/errors", json!({ "errorId": ids[1] })).await.ok();
    let list = async |query: &str| {
        let body = app.get("u1", &format!("/errors?agentId=agent_456&{query}")).await.ok();
        let found: Vec<usize> = body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| ids.iter().position(|id| row["id"] == json!(id)).unwrap())
            .collect();
        (found, body["cursor"].as_str().map(ToOwned::to_owned))
    };
    assert_eq!(list("tool=slack").await, (vec![3, 0], None));
    assert_eq!(list("errorCode=USUAL&resolved=false").await, (vec![5, 4, 2], None));
    assert_eq!(list("resolved=true").await, (vec![1], None));
    let (since, until) = (&times[2], &times[4]);
    assert_eq!(list(&format!("since={since}&until={until}")).await, (vec![3, 2], None), "from, and before");
    assert_eq!(list(&format!("since={since}&tool=slack")).await, (vec![3], None));

    // A filtered page is as full as an unfiltered one.
    let (page, cursor) = list("tool=slack&limit=1").await;
    assert_eq!(page, [3]);
    let (page, cursor) = list(&format!("tool=slack&limit=1&cursor={}", cursor.unwrap())).await;
    assert_eq!((page, cursor), (vec![0], None));
    app.calls.reset();
    list("tool=slack&limit=1").await;
    assert_eq!(app.calls.operations(), ["Query", "Query"], "a second query of 200 rows fills the page");

    for query in ["tool=nosuch", "resolved=perhaps", "since=yesterday", "errorCode=", "color=red"] {
        assert_eq!(app.get("u1", &format!("/errors?agentId=agent_456&{query}")).await.status, 400, "{query}");
    }
    let backwards = format!("/errors?agentId=agent_456&since={until}&until={since}");
    app.get("u1", &backwards).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn a_filtered_page_costs_at_most_10_reads() {
    let app = TestApp::start().await;
    report_error(&app, "slack", "RARE").await;
    let one = app.store.scan().table_name(&app.tables.errors).send().await.unwrap().items.unwrap();
    let row = one.iter().find(|row| row.contains_key("agentAt")).unwrap();
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let usual = (0..2500).map(|n| {
        let mut row = row.clone();
        // Newer than the rare error.
        let ulid = format!("7{n:025}");
        row.insert("sk".into(), text(format!("E#{ulid}")));
        row.insert("agentAt".into(), text(format!("agent_456#{ulid}")));
        row.insert("tool".into(), text("gmail".into()));
        app.store.put_item().table_name(&app.tables.errors).set_item(Some(row)).send()
    });
    let puts: Vec<_> = futures::stream::iter(usual).buffer_unordered(16).collect().await;
    assert!(puts.iter().all(Result::is_ok));
    app.calls.take_used_actions();
    app.calls.reset();
    let first = app.get("u1", "/errors?agentId=agent_456&tool=slack").await.ok();
    assert_eq!(app.calls.operations().len(), 10, "bounded");
    assert_eq!(first["errors"], json!([]));
    let cursor = first["cursor"].as_str().unwrap();
    let second = app.get("u1", &format!("/errors?agentId=agent_456&tool=slack&cursor={cursor}")).await.ok();
    assert_eq!((second["errors"].as_array().unwrap().len(), &second["cursor"]), (1, &Value::Null));
}

#[tokio::test]
async fn the_most_specific_fallback_applies() {
    let app = TestApp::start().await;
    let read = async |query: &str| {
        app.get("u1", &format!("/errors/fallbacks?tool=gmail{query}")).await.ok()["message"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let built_in = read("").await;
    assert!(!built_in.is_empty());
    app.post("u1", "/errors/fallbacks", json!({ "tool": "gmail", "message": "Tool." })).await.ok();
    let set = json!({ "tool": "gmail", "agentId": "a", "message": "Agent." });
    let answer = app.post("u1", "/errors/fallbacks", set.clone()).await.ok();
    assert_eq!(answer, json!({ "success": true, "tool": "gmail", "agentId": "a", "message": "Agent." }));
    assert_eq!(
        (read("").await, read("&agentId=a").await, read("&agentId=b").await),
        ("Tool.".into(), "Agent.".into(), "Tool.".into())
    );
    let other = app.get("u2", "/errors/fallbacks?tool=gmail&agentId=a").await.ok();
    assert_eq!(other["message"], json!(built_in), "another user's messages are their own");
    let long = json!({ "tool": "gmail", "message": "x".repeat(1001) });
    app.post("u1", "/errors/fallbacks", long).await.refused(400, "INVALID_FIELD");

    // Precedence: agent and tool, tool, the caller's default, the built-in message.
    assert_eq!(read("&agentId=a&default=Mine.").await, "Agent.");
    app.delete("u1", "/errors/fallbacks", Some(json!({ "tool": "gmail", "agentId": "a" }))).await.ok();
    assert_eq!(read("&agentId=a&default=Mine.").await, "Tool.");
    app.delete("u1", "/errors/fallbacks", Some(json!({ "tool": "gmail" }))).await.ok();
    assert_eq!((read("&agentId=a&default=Mine.").await, read("").await), ("Mine.".into(), built_in));
    let repeated = app.delete("u1", "/errors/fallbacks", Some(json!({ "tool": "gmail" }))).await;
    repeated.refused(404, "NOT_FOUND");
    for query in ["?tool=gmail&default=", "?tool=nosuch", "?cursor=nonsense"] {
        assert_eq!(app.get("u1", &format!("/errors/fallbacks{query}")).await.status, 400, "{query}");
    }
    app.get("u1", "/errors/fallbacks?agentId=a").await.refused(400, "MISSING_FIELDS");
}

#[tokio::test]
async fn fallbacks_are_listed_page_by_page() {
    let app = TestApp::start().await;
    for (tool, agent, message) in [("slack", json!(null), "S."), ("gmail", json!("*"), "G.")] {
        let set = json!({ "tool": tool, "agentId": agent, "message": message });
        app.post("u1", "/errors/fallbacks", set).await.ok();
    }
    let policy = json!({ "maxAttempts": 2, "initialIntervalSeconds": 60, "maxIntervalSeconds": 900 });
    app.post("u1", "/errors/fallbacks", json!({ "tool": "asana", "retry": policy })).await.ok();
    let first = app.get("u1", "/errors/fallbacks?limit=2").await.ok();
    let second = format!("/errors/fallbacks?limit=2&cursor={}", first["cursor"].as_str().unwrap());
    let second = app.get("u1", &second).await.ok();
    let rows: Vec<Value> =
        [&first, &second].iter().flat_map(|page| page["fallbacks"].as_array().unwrap()).cloned().collect();
    let row = |at: usize| ["tool", "agentId", "message", "retry"].map(|field| rows[at][field].clone());
    assert_eq!(rows.len(), 3);
    assert_eq!(row(0), [json!("asana"), json!(null), json!(null), policy]);
    assert_eq!(row(1), [json!("gmail"), json!("*"), json!("G."), json!(null)]);
    assert_eq!(row(2), [json!("slack"), json!(null), json!("S."), json!(null)]);
    assert_eq!((&rows[0]["updatedBy"], &second["cursor"]), (&json!("u1"), &Value::Null));
    assert_eq!(app.get("u2", "/errors/fallbacks").await.ok()["fallbacks"], json!([]));
}

#[tokio::test]
async fn a_retry_policy_is_set_beside_the_message_and_bounded() {
    let app = TestApp::start().await;
    let read = async |query: &str| app.get("u1", &format!("/errors/fallbacks?tool=gmail{query}")).await.ok();
    let usual = json!({ "maxAttempts": 5, "initialIntervalSeconds": 4, "maxIntervalSeconds": 900 });
    assert_eq!(read("").await["retry"], usual);
    app.post("u1", "/errors/fallbacks", json!({ "tool": "gmail", "agentId": "a", "message": "Agent." })).await.ok();
    let set = json!({ "tool": "gmail", "retry": { "maxAttempts": 2 } });
    assert_eq!(app.post("u1", "/errors/fallbacks", set).await.ok()["retry"]["maxIntervalSeconds"], 900);
    let of_agent = read("&agentId=a").await;
    assert_eq!((&of_agent["message"], &of_agent["retry"]["maxAttempts"]), (&json!("Agent."), &json!(2)), "{of_agent}");
    let set = json!({ "tool": "gmail", "agentId": "a", "retry": { "maxAttempts": 1 } });
    app.post("u1", "/errors/fallbacks", set).await.ok();
    let of_agent = read("&agentId=a").await;
    assert_eq!((&of_agent["message"], &of_agent["retry"]["maxAttempts"]), (&json!("Agent."), &json!(1)), "{of_agent}");
    for retry in [
        json!({ "maxAttempts": 6 }),
        json!({ "initialIntervalSeconds": 0 }),
        json!({ "maxIntervalSeconds": 1 }),
        json!({ "x": 1 }),
    ] {
        let set = json!({ "tool": "gmail", "retry": retry });
        app.post("u1", "/errors/fallbacks", set).await.refused(400, "INVALID_FIELD");
    }
    app.post("u1", "/errors/fallbacks", json!({ "tool": "gmail" })).await.refused(400, "MISSING_FIELDS");
}

#[tokio::test]
async fn statistics_and_trends_count_each_day() {
    let app = TestApp::start().await;
    report_error(&app, "gmail", "A").await;
    report_error(&app, "slack", "B").await;
    app.advance(24 * 3600);
    for _ in 0..2 {
        report_error(&app, "gmail", "B").await;
    }
    let mut other = report("slack", "B");
    other["agentId"] = "b#x".into();
    app.post("u1", "/errors", other).await.ok();
    let stats = app.get("u1", "/errors/stats?days=7").await.ok();
    assert_eq!(stats["stats"], json!({ "gmail": 3, "slack": 2 }), "{stats}");
    assert_eq!(stats["byCode"], json!({ "A": 1, "B": 4 }), "{stats}");
    assert_eq!(stats["byAgent"], json!({ "agent_456": 4, "b#x": 1 }), "{stats}");
    assert_eq!(stats["circuitBreakers"], json!([]), "reported errors do not count for a circuit breaker: {stats}");
    let of_agent = app.get("u1", "/errors/stats?agentId=b%23x").await.ok();
    assert_eq!(
        (&of_agent["stats"], &of_agent["byAgent"]),
        (&json!({ "slack": 1 }), &json!({ "b#x": 1 })),
        "{of_agent}"
    );
    assert_eq!(app.get("u1", "/errors/stats?days=1").await.ok()["byAgent"], json!({ "agent_456": 2, "b#x": 1 }));
    let of_agent = app.get("u1", "/errors/trends?agentId=b%23x&days=2").await.ok();
    assert_eq!((&of_agent["trends"][0]["count"], &of_agent["trends"][1]["count"]), (&json!(0), &json!(1)));
    assert_eq!(app.get("u1", "/errors/stats?days=1").await.ok()["stats"], json!({ "gmail": 2, "slack": 1 }));

    let trends = app.get("u1", "/errors/trends?days=3&tool=gmail").await.ok();
    let counts: Vec<&Value> = trends["trends"].as_array().unwrap().iter().map(|day| &day["count"]).collect();
    assert_eq!(counts, [0, 1, 2], "{trends}");
    assert_eq!(trends["frequentErrors"], json!({ "A": 1, "B": 2 }));
    assert_eq!((&trends["period"]["days"], &trends["period"]["tool"]), (&json!(3), &json!("gmail")));
    assert_eq!(app.get("u1", "/errors/trends").await.ok()["period"]["tool"], "all");
    assert_eq!(app.get("u2", "/errors/stats").await.ok()["stats"], json!({}), "only the caller's own");
    for days in ["0", "91", "-1", "abc", "1e9", "NaN"] {
        app.get("u1", &format!("/errors/stats?days={days}")).await.refused(400, "INVALID_FIELD");
        app.get("u1", &format!("/errors/trends?days={days}")).await.refused(400, "INVALID_FIELD");
    }
}
