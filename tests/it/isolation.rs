//! Who may do what: tokens, callers and other people's ids, at every route there is.

mod callers;
mod cells;
mod matrix;

use crate::support::{BASE, TestApp};
use crate::template::{OPEN_ROUTES, watch_routes};
use serde_json::json;

/// Every method and path below the base that takes a token.
fn routes() -> Vec<(String, String)> {
    let routes =
        watch_routes().into_iter().filter(|(method, path, _)| !OPEN_ROUTES.contains(&&*format!("{method} {path}")));
    routes.map(|(method, path, _)| (method, path.strip_prefix(BASE).unwrap().to_owned())).collect()
}

#[tokio::test]
async fn unsupported_methods_are_405_and_name_the_allowed_ones() {
    let app = TestApp::start().await;
    for (_, path) in routes() {
        let answer = app.send("OPTIONS", &path, None, None).await;
        assert!(answer.headers["allow"].to_str().unwrap().contains(['G', 'P']), "{path}");
        answer.refused(405, "METHOD_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn ids_with_separators_do_not_collide() {
    let app = TestApp::start().await;
    // Were keys joined without encoding, `a` + `b#c` and `a#b` + `c` would meet.
    let mapping = |agent: &str| json!({ "agentId": agent, "tool": "notion", "contextKey": "k", "externalId": "mine" });
    app.post("a", "/context-mappings", mapping("b#c")).await.ok();
    let theirs = app.get("a#b", "/context-mappings?agentId=c&tool=notion").await.ok();
    assert_eq!(theirs["mappings"], json!([]));
    app.post("a#b", "/context-mappings", mapping("c")).await.ok();
}
