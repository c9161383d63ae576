//! Bodies of events: progress, log messages, subscriptions.

use super::support::{Post, Small};
use serde_json::{Value, json};

fn call(meta: Value) -> Post {
    Post::modern("tools/call", json!({ "name": "act", "_meta": meta }))
}

fn methods(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["method"].as_str().unwrap_or("answer")).collect()
}

#[tokio::test]
async fn progress_precedes_the_answer_byte_for_byte() {
    let answer = call(json!({ "progressToken": "p" })).send(&Small::new()).await;
    let body = "event: message\n\
                data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"message\":\"half\",\"progress\":1.0,\"progressToken\":\"p\",\"total\":2.0}}\n\
                \n\
                event: message\n\
                data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progress\":2.0,\"progressToken\":\"p\",\"total\":2.0}}\n\
                \n\
                event: message\n\
                data: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"done\"}],\"structuredContent\":[1,2],\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"small\",\"version\":\"1.2.3\"}}}}\n\
                \n";
    assert_eq!(answer.text(), body);
    assert_eq!((answer.status(), answer.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_client_that_requests_no_notifications_gets_json() {
    let answer = call(json!({})).send(&Small::new()).await;
    assert_eq!(answer.result()["content"][0]["text"], "done");
}

#[tokio::test]
async fn an_answer_has_a_thousand_notifications_at_most() {
    let post = Post::modern("tools/call", json!({ "name": "chatty", "_meta": { "progressToken": 1 } }));
    assert_eq!(post.send(&Small::new()).await.events().len(), 1001);
}

#[tokio::test]
async fn a_client_that_reads_no_events_gets_the_answer_alone() {
    let post = call(json!({ "progressToken": 1 }));
    let json_only = post.clone().header("Accept", "application/json").send(&Small::new()).await;
    assert_eq!(json_only.result()["content"][0]["text"], "done");
    for accept in ["application/json, text/event-stream", "*/*"] {
        assert_eq!(post.clone().header("Accept", accept).send(&Small::new()).await.events().len(), 3, "{accept}");
    }
}

#[tokio::test]
async fn log_messages_have_the_level_of_the_request() {
    for (level, expected) in [
        ("debug", &["notifications/message", "notifications/message", "answer"][..]),
        ("warning", &["notifications/message", "answer"]),
    ] {
        let events = call(json!({ "io.modelcontextprotocol/logLevel": level })).send(&Small::new()).await.events();
        assert_eq!(methods(&events), expected, "{level}");
        let logged = &events[events.len() - 2]["params"];
        assert_eq!(*logged, json!({ "level": "warning", "logger": "small", "data": { "text": "line\nbreak" } }));
    }
    let quiet = call(json!({ "io.modelcontextprotocol/logLevel": "error" })).send(&Small::new()).await;
    assert_eq!(quiet.result()["content"][0]["text"], "done");
}

#[tokio::test]
async fn a_subscription_is_acknowledged_and_ends() {
    let notifications =
        json!({ "resourceSubscriptions": ["test://text"], "promptsListChanged": true, "taskIds": ["t1", "unknown"] });
    let tasks = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let post = Post::modern("subscriptions/listen", json!({ "notifications": notifications, "capabilities": tasks }));
    let events = post.send(&Small::new()).await.events();
    let expected = [
        "notifications/subscriptions/acknowledged",
        "notifications/resources/updated",
        "notifications/tasks",
        "answer",
    ];
    assert_eq!(methods(&events), expected);
    let served = json!({ "resourceSubscriptions": ["test://text"], "taskIds": ["t1"] });
    assert_eq!(events[0]["params"]["notifications"], served);
    assert_eq!(events[2]["params"]["status"], "completed");
    for event in &events[..3] {
        assert_eq!(event["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], 7, "{event}");
    }
    assert_eq!(events[3]["result"]["_meta"]["io.modelcontextprotocol/subscriptionId"], 7);
    assert_eq!(events[3]["result"]["resultType"], "complete");
}
