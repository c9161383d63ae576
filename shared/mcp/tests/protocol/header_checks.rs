//! The headers of 2026-07-28 must equal the body.

use super::support::{MODERN, Post, Small};
use serde_json::{Value, json};

fn call(name: &str) -> Post {
    Post::modern("tools/call", json!({ "name": name, "arguments": {} }))
}

async fn code(post: Post) -> Option<i64> {
    let answer = post.send(&Small::new()).await;
    let message: Value = answer.json();
    let code = message["error"]["code"].as_i64();
    assert_eq!(answer.status(), if code.is_some() { 400 } else { 200 }, "{message}");
    code
}

#[tokio::test]
async fn the_version_must_be_the_same_in_header_and_body() {
    let post = call("act");
    assert_eq!(code(post.clone()).await, None);
    assert_eq!(code(post.clone().without("MCP-Protocol-Version")).await, Some(-32020));
    assert_eq!(code(post.clone().header("MCP-Protocol-Version", "2025-11-25")).await, Some(-32020));
    assert_eq!(code(post.clone().header("MCP-Protocol-Version", "1999-01-01")).await, Some(-32020));
    assert_eq!(code(post.clone().header("mcp-protocol-version", " 2026-07-28\t")).await, None);
    let mut twice = post;
    twice.headers.push(("MCP-Protocol-Version".to_owned(), MODERN.to_owned()));
    assert_eq!(code(twice).await, Some(-32020));
}

#[tokio::test]
async fn an_unknown_version_is_answered_with_the_known_ones() {
    let mut post = call("act").header("MCP-Protocol-Version", "1999-01-01");
    post.body["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("1999-01-01");
    let answer = post.send(&Small::new()).await;
    assert_eq!(answer.refusal(), (400, -32022));
    let supported = ["2026-07-28", "2025-11-25", "2025-06-18"];
    assert_eq!(answer.json()["error"]["data"], json!({ "supported": supported, "requested": "1999-01-01" }));
    let undeclared = Post::legacy("2025-03-26", "tools/list", json!({})).send(&Small::new()).await;
    assert_eq!(undeclared.refusal(), (400, -32022));
    assert_eq!(undeclared.json()["error"]["data"]["requested"], "2025-03-26");
}

#[tokio::test]
async fn the_method_must_be_the_same_in_header_and_body() {
    let post = call("act");
    for (value, expected) in [
        ("tools/call", None),
        ("  tools/call ", None),
        ("TOOLS/CALL", Some(-32020)),
        ("tools/list", Some(-32020)),
        ("=?base64?dG9vbHMvY2FsbA==?=", Some(-32020)),
        ("", Some(-32020)),
    ] {
        assert_eq!(code(post.clone().header("MCP-METHOD", value)).await, expected, "{value}");
    }
    assert_eq!(code(post.clone().without("Mcp-Method")).await, Some(-32020));
    assert_eq!(code(post.header("Mcp-Method", "t\u{e4}")).await, Some(-32020));
}

#[tokio::test]
async fn the_name_must_be_the_same_in_header_and_body() {
    for (name, header, expected) in [
        ("act", "act", None),
        ("act", "  act\t", None),
        ("act", "=?base64?YWN0?=", None),
        ("act", "Act", Some(-32020)),
        ("act", "", Some(-32020)),
        ("act", "=?BASE64?YWN0?=", Some(-32020)),
        ("act", "=?base64?YWN0", Some(-32020)),
        ("act", "=?base64?YW N0?=", Some(-32020)),
        ("act", "=?base64?YWM?=", Some(-32020)),
        ("act", "=?base64?YWN0YQ?=", Some(-32020)),
        ("act", "=?base64?/w==?=", Some(-32020)),
        ("act", "=?base64?IGFjdCA=?=", Some(-32020)),
        ("größe", "=?base64?Z3LDtsOfZQ==?=", None),
        ("größe", "größe", Some(-32020)),
    ] {
        assert_eq!(code(call(name).header("Mcp-Name", header)).await, expected, "{name} {header}");
    }
    assert_eq!(code(call("act").without("Mcp-Name")).await, Some(-32020));
    let read = Post::modern("resources/read", json!({ "uri": "test://text" }));
    assert_eq!(code(read.clone()).await, None);
    assert_eq!(code(read.header("Mcp-Name", "test://other")).await, Some(-32020));
    let tasks = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let get = Post::modern("tasks/get", json!({ "taskId": "t1", "capabilities": tasks }));
    assert_eq!(code(get.clone()).await, None);
    assert_eq!(code(get.header("Mcp-Name", "t2")).await, Some(-32020));
}

#[tokio::test]
async fn arguments_that_headers_repeat_must_be_the_same() {
    for (arguments, region, size, expected) in [
        (json!({}), None, None, None),
        (json!({ "region": null }), None, None, None),
        (json!({ "region": "west" }), Some("west"), None, None),
        (json!({ "region": "west" }), Some("=?base64?d2VzdA==?="), None, None),
        (json!({ "region": "=?base64?west" }), Some("=?base64?west"), None, None),
        (json!({ "region": "west" }), Some("=?base64?d2VzdA?="), None, Some(-32020)),
        (json!({ "region": "west" }), Some("east"), None, Some(-32020)),
        (json!({ "region": "west" }), None, None, Some(-32020)),
        (json!({}), Some("west"), None, Some(-32020)),
        (json!({ "region": ["west"] }), Some("west"), None, Some(-32020)),
        (json!({ "size": 42 }), None, Some("42"), None),
        (json!({ "size": 42 }), None, Some("42.0"), None),
        (json!({ "size": 42 }), None, Some("43"), Some(-32020)),
    ] {
        let mut post = Post::modern("tools/call", json!({ "name": "act", "arguments": arguments }));
        for (name, value) in [("Mcp-Param-Region", region), ("mcp-param-size", size)] {
            if let Some(value) = value {
                post = post.header(name, value);
            }
        }
        assert_eq!(code(post).await, expected, "{arguments} {region:?} {size:?}");
    }
}
