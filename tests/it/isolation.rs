//! Authorization on every route: tokens, kinds of callers, and other users' ids.

mod callers;
mod cells;
mod derived;
mod matrix;

use crate::support::{BASE, TestApp};
use crate::template::{OPEN_ROUTES, watch_routes};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Method and path (below the base) of every route that requires a token.
fn routes() -> Vec<(String, String)> {
    let routes =
        watch_routes().into_iter().filter(|(method, path, _)| !OPEN_ROUTES.contains(&&*format!("{method} {path}")));
    routes.map(|(method, path, _)| (method, path.strip_prefix(BASE).unwrap().to_owned())).collect()
}

#[tokio::test]
async fn unsupported_methods_are_405_and_name_the_allowed_ones() {
    let app = TestApp::start().await;
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, path) in routes() {
        methods.entry(path).or_default().insert(method);
    }
    for (path, methods) in methods {
        let answer = app.send("OPTIONS", &path, None, None).await;
        let allowed = answer.headers["allow"].to_str().unwrap().split(',').map(|method| method.trim().to_owned());
        assert_eq!(allowed.collect::<BTreeSet<_>>(), methods, "{path}");
        answer.refused(405, "METHOD_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn ids_with_separators_do_not_collide() {
    let app = TestApp::start().await;
    for user in ["a", "a#b"] {
        app.connect(user, "notion").await;
    }
    // Without encoding, the keys of `a` + `b#c` and `a#b` + `c` would be equal.
    let mapping = |agent: &str| json!({ "agentId": agent, "tool": "notion", "contextKey": "k", "externalId": "own" });
    app.post("a", "/context-mappings", mapping("b#c")).await.ok();
    let other = app.get("a#b", "/context-mappings?agentId=c&tool=notion").await.ok();
    assert_eq!(other["mappings"], json!([]));
    app.post("a#b", "/context-mappings", mapping("c")).await.ok();
}
