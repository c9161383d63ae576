//! The revisions before 2026-07-28.

use super::support::{MODERN, Post, Small};
use serde_json::{Value, json};

#[tokio::test]
async fn initialize_agrees_on_a_revision_and_opens_no_session() {
    for (requested, agreed) in [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2025-03-26", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
    ] {
        let params =
            json!({ "protocolVersion": requested, "capabilities": {}, "clientInfo": { "name": "c", "version": "1" } });
        let post = Post::legacy("2025-11-25", "initialize", params).without("MCP-Protocol-Version");
        let answer = post.send(&Small::new()).await;
        let result = answer.result();
        assert_eq!(result["protocolVersion"], agreed, "{requested}");
        assert_eq!(result["serverInfo"], json!({ "name": "small", "version": "1.2.3" }));
        assert_eq!(answer.header("mcp-session-id"), None);
        let capabilities = result["capabilities"].as_object().unwrap();
        assert!(capabilities.contains_key("tools") && !capabilities.contains_key("extensions"), "{result}");
    }
}

#[tokio::test]
async fn results_have_the_members_of_their_revision_alone() {
    for revision in ["2025-11-25", "2025-06-18"] {
        let send = |method, params| Post::legacy(revision, method, params);
        assert_eq!(send("ping", json!({})).send(&Small::new()).await.result(), json!({}));
        assert_eq!(send("logging/setLevel", json!({ "level": "error" })).send(&Small::new()).await.result(), json!({}));
        let uri = json!({ "uri": "test://text" });
        assert_eq!(send("resources/subscribe", uri.clone()).send(&Small::new()).await.result(), json!({}));
        assert_eq!(send("resources/unsubscribe", uri).send(&Small::new()).await.result(), json!({}));
        let list = send("tools/list", json!({})).send(&Small::new()).await.result();
        let members: Vec<&String> = list.as_object().unwrap().keys().collect();
        assert_eq!(members, ["nextCursor", "tools"]);
        let refused = send("tools/call", json!({ "name": "größe" })).send(&Small::new()).await.result();
        assert_eq!(refused, json!({ "content": [{ "type": "text", "text": "refused" }], "isError": true }));
    }
}

/// The schema of an output that is no object came with 2026-07-28.
#[tokio::test]
async fn output_schemas_are_of_objects_or_left_out() {
    let schemas = |list: Value| -> Vec<Value> {
        list["tools"].as_array().unwrap().iter().map(|tool| tool["outputSchema"]["type"].clone()).collect()
    };
    let legacy = Post::legacy("2025-11-25", "tools/list", json!({})).send(&Small::new()).await.result();
    assert_eq!(schemas(legacy), [Value::Null, json!("object")]);
    let modern = Post::modern("tools/list", json!({})).send(&Small::new()).await.result();
    assert_eq!(schemas(modern), [json!("array"), json!("object")]);
}

/// Structured content that is no object came with 2026-07-28.
#[tokio::test]
async fn structured_content_is_an_object_or_left_out() {
    let events = Post::legacy("2025-11-25", "tools/call", json!({ "name": "act" })).send(&Small::new()).await.events();
    let answer = events.last().unwrap();
    assert_eq!(answer["result"], json!({ "content": [{ "type": "text", "text": "done" }] }));
    assert_eq!(events[0]["params"]["level"], "warning", "a request without a level gets those from `info` on");
}

#[tokio::test]
async fn refusals_have_the_status_200_and_the_codes_of_their_revision() {
    for (method, params, code) in [
        ("unknown", json!({}), -32601),
        ("server/discover", json!({}), -32601),
        ("subscriptions/listen", json!({}), -32601),
        ("tasks/get", json!({ "taskId": "t1" }), -32601),
        ("tools/call", json!({ "name": "unknown" }), -32602),
        ("tools/call", json!({ "name": "ask" }), -32600),
        ("tools/call", json!({ "name": "start" }), -32600),
        ("resources/read", json!({ "uri": "test://unknown" }), -32002),
        ("logging/setLevel", json!({ "level": "loud" }), -32602),
        ("initialize", json!({}), -32602),
    ] {
        let answer = Post::legacy("2025-11-25", method, params).send(&Small::new()).await;
        assert_eq!(answer.refusal(), (200, code), "{method}");
        assert_eq!(answer.json()["id"], "a");
    }
}

#[tokio::test]
async fn a_request_without_a_version_is_refused() {
    let post = Post::legacy("2025-11-25", "tools/list", json!({})).without("MCP-Protocol-Version");
    assert_eq!(post.send(&Small::new()).await.refusal(), (400, -32020));
    let undeclared = Post::legacy(MODERN, "tools/list", json!({}));
    assert_eq!(undeclared.send(&Small::new()).await.refusal(), (400, -32602));
}

#[tokio::test]
async fn an_older_revision_in_the_body_is_served_as_such() {
    let mut post = Post::legacy("2025-06-18", "ping", json!({}));
    post.body["params"]["_meta"] = json!({ "io.modelcontextprotocol/protocolVersion": "2025-06-18" });
    assert_eq!(post.send(&Small::new()).await.result(), json!({}));
    assert_eq!(post.header("MCP-Protocol-Version", "2025-11-25").send(&Small::new()).await.refusal(), (400, -32020));
}

/// Members that 2026-07-28 added to a request mean nothing in an older one.
#[tokio::test]
async fn answers_and_states_of_older_clients_are_ignored() {
    let params = json!({ "name": "größe", "inputResponses": 5, "requestState": "forged" });
    let answer = Post::legacy("2025-11-25", "tools/call", params).send(&Small::new()).await;
    assert_eq!(answer.result()["isError"], true);
    let session =
        Post::legacy("2025-11-25", "ping", json!({})).header("Mcp-Session-Id", "s").header("Last-Event-ID", "1");
    assert_eq!(session.send(&Small::new()).await.result(), json!({}));
}
