//! Bad requests: each has a code of the protocol and a status below 500, and reaches no tool.

use super::support::{MODERN, Post, Small};
use http::Method;
use serde_json::{Value, json};

/// A valid call, from which each bad one differs in one thing.
fn call() -> Post {
    Post::modern("tools/call", json!({ "name": "größe", "arguments": {} }))
        .header("Mcp-Name", "=?base64?Z3LDtsOfZQ==?=")
}

fn with(change: impl FnOnce(&mut Value)) -> Post {
    let mut post = call();
    change(&mut post.body);
    post
}

fn without_meta(key: &str) -> Post {
    with(|body| drop(body["params"]["_meta"].as_object_mut().unwrap().remove(key)))
}

#[tokio::test]
async fn each_malformed_request_has_its_status_and_code() {
    let version = "io.modelcontextprotocol/protocolVersion";
    let capabilities = "io.modelcontextprotocol/clientCapabilities";
    let cases = [
        ("no jsonrpc", with(|body| body["jsonrpc"] = json!("1.0")), 400, -32600),
        ("no method", with(|body| body["method"] = Value::Null), 400, -32600),
        ("a method that is a number", with(|body| body["method"] = json!(5)), 400, -32600),
        ("a response", with(|body| *body = json!({ "jsonrpc": "2.0", "id": 1, "result": {} })), 400, -32600),
        ("parameters that are a list", with(|body| body["params"] = json!([1])), 400, -32600),
        ("parameters that are null", with(|body| body["params"] = Value::Null), 400, -32600),
        ("an id that is null", with(|body| body["id"] = Value::Null), 400, -32600),
        ("an id that is a fraction", with(|body| body["id"] = json!(1.5)), 400, -32600),
        ("an id that is an object", with(|body| body["id"] = json!({})), 400, -32600),
        ("a batch", with(|body| *body = json!([body.clone()])), 400, -32600),
        ("an empty batch", with(|body| *body = json!([])), 400, -32600),
        ("a text", with(|body| *body = json!("tools/list")), 400, -32600),
        ("no _meta", with(|body| drop(body["params"].as_object_mut().unwrap().remove("_meta"))), 400, -32602),
        ("a _meta that is a list", with(|body| body["params"]["_meta"] = json!([])), 400, -32602),
        ("no version in _meta", without_meta(version), 400, -32602),
        ("a version that is a number", with(|body| body["params"]["_meta"][version] = json!(2026)), 400, -32602),
        ("no capabilities", without_meta(capabilities), 400, -32602),
        ("capabilities as a list", with(|body| body["params"]["_meta"][capabilities] = json!([])), 400, -32602),
        (
            "a progress token that is an object",
            with(|body| body["params"]["_meta"]["progressToken"] = json!({})),
            200,
            -32602,
        ),
        ("no name", with(|body| drop(body["params"].as_object_mut().unwrap().remove("name"))), 200, -32602),
        ("a name that is a number", with(|body| body["params"]["name"] = json!(5)), 200, -32602),
        ("arguments that are a list", with(|body| body["params"]["arguments"] = json!([])), 200, -32602),
        ("answers that are null", with(|body| body["params"]["inputResponses"] = Value::Null), 200, -32602),
        ("an answer that is a number", with(|body| body["params"]["inputResponses"] = json!({ "a": 1 })), 200, -32602),
        ("a state that is an object", with(|body| body["params"]["requestState"] = json!({})), 200, -32602),
        ("a state that nobody gave out", with(|body| body["params"]["requestState"] = json!("x")), 200, -32602),
    ];
    let catalogue = Small::new();
    for (what, post, status, code) in cases {
        assert_eq!(post.send(&catalogue).await.refusal(), (status, code), "{what}");
    }
    assert_eq!(catalogue.number_of_calls(), 0);
    assert_eq!(call().send(&catalogue).await.result()["isError"], true);
    assert_eq!(catalogue.number_of_calls(), 1);
}

#[tokio::test]
async fn each_method_refuses_bad_parameters() {
    let declared = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let level = json!({ "io.modelcontextprotocol/logLevel": "loud" });
    let cases = [
        ("unknown/method", json!({}), 404, -32601),
        ("initialize", json!({}), 404, -32601),
        ("ping", json!({}), 404, -32601),
        ("logging/setLevel", json!({ "level": "info" }), 404, -32601),
        ("resources/subscribe", json!({ "uri": "test://text" }), 404, -32601),
        ("tasks/result", json!({ "taskId": "t1" }), 404, -32601),
        ("tasks/list", json!({}), 404, -32601),
        ("tools/call", json!({ "name": "unknown" }), 200, -32602),
        ("tools/call", json!({ "name": "needy" }), 400, -32021),
        ("tools/call", json!({ "name": "ask" }), 400, -32021),
        ("tools/call", json!({ "name": "start" }), 400, -32021),
        ("tools/call", json!({ "name": "empty" }), 200, -32603),
        ("tools/list", json!({ "cursor": "x" }), 200, -32602),
        ("tools/list", json!({ "cursor": 5 }), 200, -32602),
        ("tools/list", json!({ "_meta": level }), 200, -32602),
        ("prompts/get", json!({ "name": "unknown" }), 200, -32602),
        ("prompts/get", json!({ "name": "write", "arguments": { "a": 1 } }), 200, -32602),
        ("resources/read", json!({ "uri": "test://unknown" }), 200, -32602),
        ("resources/read", json!({}), 200, -32602),
        ("completion/complete", json!({}), 200, -32602),
        ("completion/complete", json!({ "ref": { "type": "ref/x" }, "argument": {} }), 200, -32602),
        ("tasks/get", json!({ "taskId": "t1" }), 400, -32021),
        ("tasks/update", json!({ "taskId": "t1", "inputResponses": {} }), 400, -32021),
        ("tasks/cancel", json!({ "taskId": "t1" }), 400, -32021),
        ("tasks/get", json!({ "taskId": "unknown", "capabilities": declared }), 200, -32602),
        ("tasks/get", json!({ "taskId": "asking", "capabilities": declared }), 400, -32021),
        ("tasks/update", json!({ "taskId": "t1", "capabilities": declared }), 200, -32602),
        ("subscriptions/listen", json!({ "notifications": [] }), 200, -32602),
        ("subscriptions/listen", json!({ "notifications": { "toolsListChanged": 1 } }), 200, -32602),
        ("subscriptions/listen", json!({ "notifications": { "taskIds": ["t1"] } }), 400, -32021),
    ];
    let many: Vec<String> = (0..51).map(|it| it.to_string()).collect();
    let many = json!({ "notifications": { "taskIds": many }, "capabilities": declared });
    for (method, params, status, code) in cases.into_iter().chain([("subscriptions/listen", many, 200, -32602)]) {
        let answer = Post::modern(method, params.clone()).send(&Small::new()).await;
        assert_eq!(answer.refusal(), (status, code), "{method} {params}");
        assert_eq!(answer.json()["id"], 7, "{method}");
    }
}

#[tokio::test]
async fn a_refusal_names_what_is_missing() {
    let answer = Post::modern("tools/call", json!({ "name": "needy" })).send(&Small::new()).await;
    let needed = json!({ "elicitation": { "url": {} }, "extensions": { "io.modelcontextprotocol/tasks": {} } });
    assert_eq!(answer.json()["error"]["data"], json!({ "requiredCapabilities": needed }));
    let message = "The request needs what the client did not declare: `elicitation.url`, the extension `io.modelcontextprotocol/tasks`";
    assert_eq!(answer.json()["error"]["message"], message);
    let answer = Post::modern("resources/read", json!({ "uri": "test://unknown" })).send(&Small::new()).await;
    assert_eq!(answer.json()["error"]["data"], json!({ "uri": "test://unknown" }));
}

#[tokio::test]
async fn long_and_deep_bodies_are_refused() {
    let post = call();
    let long = json!({ "jsonrpc": "2.0", "id": 1, "method": "x".repeat(64 * 1024) }).to_string();
    assert_eq!(post.send_bytes(&Small::new(), long.into_bytes()).await.refusal(), (413, -32600));
    for (levels, code) in [(100, -32601), (10_000, -32700)] {
        let deep = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"a":{deep}}}}}"#);
        let post = Post::legacy("2025-11-25", "x", json!({}));
        assert_eq!(post.send_bytes(&Small::new(), body.into_bytes()).await.refusal().1, code, "{levels}");
    }
    for body in ["", "{", "\u{0}", "{\"jsonrpc\":\"2.0\"}}", "tools/list"] {
        assert_eq!(post.send_bytes(&Small::new(), body.into()).await.refusal(), (400, -32700), "{body}");
    }
    assert_eq!(post.send_bytes(&Small::new(), b"{\"a\":\"\xff\"}".to_vec()).await.refusal(), (400, -32700));
}

/// Every prefix of a valid body, and every body with one byte changed, has an answer that is no fault of the server.
#[tokio::test]
async fn no_damaged_body_is_a_fault_of_the_server() {
    let catalogue = Small::new();
    let post = call();
    let body = post.body.to_string().into_bytes();
    for at in 0..body.len() {
        for byte in [b'"', b'}', b'0', b' ', 0xff] {
            let mut damaged = body.clone();
            damaged[at] = byte;
            assert!(post.send_bytes(&catalogue, damaged).await.status() < 500);
        }
        assert!(post.send_bytes(&catalogue, body[..at].to_vec()).await.status() < 500);
    }
}

#[tokio::test]
async fn other_http_methods_are_refused() {
    for method in [Method::GET, Method::DELETE, Method::PUT, Method::OPTIONS] {
        for revision in [MODERN, "2025-11-25"] {
            let mut post = call().header("MCP-Protocol-Version", revision);
            post.method = method.clone();
            let answer = post.send(&Small::new()).await;
            assert_eq!((answer.status(), answer.header("allow")), (405, Some("POST")), "{method}");
        }
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let post = Post::modern("tools/list", json!({}));
    for (origin, status) in [
        ("https://chat.example.com", 200),
        ("https://evil.example.com", 403),
        ("https://chat.example.com.evil.example", 403),
        ("http://chat.example.com", 403),
        ("https://chat.example.com:8443", 403),
        ("null", 403),
        ("", 403),
    ] {
        let answer = post.clone().header("Origin", origin).send(&Small::new()).await;
        assert_eq!(answer.status(), status, "{origin}");
    }
    let mut twice = post.clone().header("Origin", "https://chat.example.com");
    twice.headers.push(("Origin".to_owned(), "https://evil.example.com".to_owned()));
    assert_eq!(twice.send(&Small::new()).await.status(), 403);
    assert_eq!(post.send(&Small::new()).await.status(), 200);
}

#[tokio::test]
async fn a_notification_is_accepted_without_a_body() {
    for method in ["notifications/initialized", "notifications/cancelled", "notifications/unknown"] {
        let mut post = Post::legacy("2025-11-25", method, json!({}));
        post.body.as_object_mut().unwrap().remove("id");
        let answer = post.send(&Small::new()).await;
        assert_eq!((answer.status(), answer.text(), answer.header("content-type")), (202, "", None));
    }
}
