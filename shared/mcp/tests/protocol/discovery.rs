//! What a server says of itself, and that it serves exactly that.

use super::support::{Post, Small};
use mcp_protocol::{Features, Served};
use serde_json::{Value, json};

#[tokio::test]
async fn discovery_names_revisions_capabilities_and_the_server() {
    let result = Post::modern("server/discover", json!({})).send(&Small::new()).await.result();
    let expected = json!({
        "resultType": "complete",
        "supportedVersions": ["2026-07-28", "2025-11-25", "2025-06-18"],
        "capabilities": {
            "tools": {}, "prompts": {}, "resources": { "subscribe": true }, "completions": {}, "logging": {},
            "extensions": { "io.modelcontextprotocol/tasks": {} },
        },
        "ttlMs": 0,
        "cacheScope": "private",
        "_meta": { "io.modelcontextprotocol/serverInfo": { "name": "small", "version": "1.2.3" } },
    });
    assert_eq!(result, expected);
}

/// A method of a part that a catalogue does not have is unknown, before and after 2026-07-28.
#[tokio::test]
async fn only_declared_parts_are_served() {
    let none = Features::default();
    let parts = [
        (Features { tools: true, ..none }, "tools/list", "tools"),
        (Features { prompts: true, ..none }, "prompts/list", "prompts"),
        (Features { resources: true, ..none }, "resources/list", "resources"),
    ];
    for (features, method, capability) in parts {
        for declared in [none, features] {
            let catalogue = Small { features: declared, ..Small::new() };
            let discovered = Post::modern("server/discover", json!({})).send(&catalogue).await.result();
            let is_declared = declared == features;
            assert_eq!(discovered["capabilities"].get(capability).is_some(), is_declared, "{capability}");
            let modern = Post::modern(method, json!({})).send(&catalogue).await;
            let legacy = Post::legacy("2025-06-18", method, json!({})).send(&catalogue).await;
            assert_eq!((modern.status(), legacy.status()), (if is_declared { 200 } else { 404 }, 200), "{method}");
            for answer in [modern, legacy] {
                let code = answer.json()["error"]["code"].clone();
                assert_eq!(code, if is_declared { Value::Null } else { json!(-32601) }, "{method}");
            }
        }
    }
}

#[tokio::test]
async fn every_result_says_its_type_and_its_server() {
    for (method, params) in [
        ("tools/list", json!({})),
        ("tools/call", json!({ "name": "act" })),
        ("prompts/get", json!({ "name": "write" })),
        ("resources/read", json!({ "uri": "test://text" })),
    ] {
        let result = Post::modern(method, params).send(&Small::new()).await.result();
        assert_eq!(result["resultType"], "complete", "{method}");
        assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "small", "{method}");
        let cached = matches!(method, "tools/list" | "resources/read");
        assert_eq!(result.get("ttlMs").is_some() && result.get("cacheScope").is_some(), cached, "{method}");
    }
}

#[tokio::test]
async fn a_response_says_for_log_lines_what_was_served() {
    let served = |method, name: Option<&str>, code| Served { method, name: name.map(str::to_owned), code };
    for (post, expected) in [
        (Post::modern("tools/call", json!({ "name": "act" })), served(Some("tools/call"), Some("act"), None)),
        (Post::modern("tools/call", json!({ "name": "x" })), served(Some("tools/call"), Some("x"), Some(-32602))),
        (Post::modern("tools/list", json!({})), served(Some("tools/list"), None, None)),
        (Post::modern("made/up", json!({ "name": "act" })), served(None, None, Some(-32601))),
        (Post::modern("tools/list", json!({})).header("Origin", "null"), served(None, None, Some(-32600))),
        (Post::legacy("2025-11-25", "ping", json!({})), served(Some("ping"), None, None)),
        (Post::legacy("1999-01-01", "ping", json!({})), served(Some("ping"), None, Some(-32022))),
    ] {
        assert_eq!(post.send(&Small::new()).await.0.extensions().get::<Served>(), Some(&expected), "{}", post.body);
    }
}
