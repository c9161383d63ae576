//! Every route called by every kind of caller.

use super::routes;
use crate::reading::markdown::Page;
use crate::support::builders::ALL_TOOLS;
use crate::support::{BASE, TestApp, root};
use generate::Callers;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn every_route_without_a_valid_token_is_401_before_any_call() {
    let app = TestApp::start().await;
    let now = app.clock.now().as_second();
    let signed = |claims| app.sandbox.sandbox.sign_token(claims);
    let good = app.token("u1");
    let (head, _) = good.rsplit_once('.').unwrap();
    // The verifier's own tests cover all kinds of tokens. This test checks that every route calls the verifier.
    let bad = [
        ("The request has no bearer token", None),
        ("The token is malformed", Some("abc".to_owned())),
        ("The token is not signed by the issuer", Some(format!("{head}.AAAA"))),
        ("The token has expired", Some(signed(json!({ "sub": "u1", "exp": now - 31 })))),
        ("The token has the wrong audience", Some(signed(json!({ "sub": "u1", "aud": "other" })))),
        ("The token is malformed", Some("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1MSJ9.".to_owned())),
    ];
    app.calls.reset();
    for (method, path) in routes() {
        for (reason, token) in &bad {
            let answer = app.send(&method, &path, token.as_deref(), Some("{".to_owned())).await;
            let challenge = match token {
                None => r#"Bearer realm="plugin-engine""#.to_owned(),
                Some(_) => {
                    format!(r#"Bearer realm="plugin-engine", error="invalid_token", error_description="{reason}""#)
                }
            };
            assert_eq!(answer.headers["www-authenticate"], challenge, "{method} {path}");
            assert_eq!(answer.refused(401, "UNAUTHORIZED"), *reason, "{method} {path}");
        }
    }
    assert!(app.calls.operations().is_empty(), "nothing was read or written");
}

#[tokio::test]
async fn refusals_of_a_token_are_those_of_the_page() {
    let app = TestApp::start().await;
    let expired = app.sandbox.sandbox.sign_token(json!({ "sub": "u1", "exp": app.clock.now().as_second() - 31 }));
    let answer = app.send("GET", "/integrations", Some(&expired), None).await;
    let challenge = answer.headers["www-authenticate"].to_str().unwrap();
    let shown = format!("HTTP/1.1 401 Unauthorized\nwww-authenticate: {challenge}\n\n{}", answer.body);
    assert_eq!(Page::read("functions/README.md").code("Authentication", "http").trim_end(), shown);

    let answer = app.get("u1", "/integrations?userId=u2").await;
    assert_eq!(
        answer.headers["www-authenticate"],
        r#"Bearer realm="plugin-engine", error="insufficient_scope", error_description="userId does not match the token's subject", scope="act-as""#
    );
    answer.refused(403, "USER_MISMATCH");
    // A delegation is no scope: the service has it already.
    let answer = app.send("GET", "/integrations?userId=u2", Some(&app.service_token("helper")), None).await;
    assert!(!answer.headers.contains_key("www-authenticate"));
    answer.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn other_schemes_are_no_credentials() {
    let app = TestApp::start().await;
    for header in ["Basic dTE6eA==", "Bearer", "Bearer  ", ""] {
        let headers = [("authorization", header)];
        let answer = app.send_with("GET", "/integrations", None, None, &headers).await;
        assert_eq!(answer.headers["www-authenticate"], r#"Bearer realm="plugin-engine""#, "{header}");
        assert_eq!(answer.refused(401, "UNAUTHORIZED"), "The request has no bearer token", "{header}");
    }
}

/// Sends a request with `userId`, in the query or the body as the route expects it.
async fn request_for_user(
    app: &TestApp,
    (method, path): &(String, String),
    token: Option<&str>,
    user: &str,
) -> (u16, Value) {
    let answer = if method == "GET" {
        app.send(method, &format!("{path}?userId={user}"), token, None).await
    } else {
        app.send(method, path, token, Some(json!({ "userId": user }).to_string())).await
    };
    (answer.status, answer.body["error"]["code"].clone())
}

/// The routes that no service may call, by their manifests.
fn routes_for_users_alone() -> BTreeSet<(String, String)> {
    let functions = generate::read(&root()).unwrap_or_else(|error| panic!("{error}"));
    let routes = functions.iter().flat_map(|function| &function.routes).filter(|it| it.callers == Callers::User);
    let keys = routes.flat_map(|route| route.paths().flat_map(|path| route.methods.iter().map(move |it| (it, path))));
    keys.map(|(method, path)| (method.clone(), path[BASE.len()..].to_owned())).collect()
}

/// The failing cells of the table: every route, called for `alice` by each kind of caller.
async fn wrong_cells(app: &TestApp) -> Vec<String> {
    let plain = app.sandbox.sandbox.sign_token(json!({ "sub": "helper", "scope": "read acting-as", "azp": "helper" }));
    let callers = [
        ("anonymous", None, Some((401, "UNAUTHORIZED"))),
        ("another user", Some(app.token("bob")), Some((403, "USER_MISMATCH"))),
        ("a service without the scope", Some(plain), Some((403, "USER_MISMATCH"))),
        ("a service without a delegation", Some(app.service_token("stranger")), Some((403, "FORBIDDEN"))),
        ("a service with one", Some(app.service_token("helper")), None),
        ("the user", Some(app.token("alice")), None),
    ];
    let mut wrong = vec![];
    let own_token_only = routes_for_users_alone();
    for route in routes() {
        for (who, token, refusal) in &callers {
            let (status, code) = request_for_user(app, &route, token.as_deref(), "alice").await;
            // A token without the scope `act-as` is a user's.
            let service = matches!(*who, "a service without a delegation" | "a service with one");
            let own_token_only = service && own_token_only.contains(&route);
            let refusal = if own_token_only { &Some((403, "FORBIDDEN")) } else { refusal };
            let right = match refusal {
                Some((expected, reason)) => status == *expected && code == *reason,
                // An authorized caller gets the route's own response: a list, or the missing field.
                None => matches!(status, 200 | 400),
            };
            if !right {
                wrong.push(format!("{route:?} by {who}: {status} {code}"));
            }
        }
    }
    wrong
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the count is the result")]
async fn every_route_authorizes_every_kind_of_caller() {
    let app = TestApp::start().await;
    app.post("alice", "/delegations", json!({ "service": "helper", "tools": ALL_TOOLS })).await.ok();
    let wrong = wrong_cells(&app).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{} routes by 6 kinds of caller: {} cells", routes().len(), routes().len() * 6);

    // Negative control: with a delegation of alice, every route accepts the stranger.
    app.post("alice", "/delegations", json!({ "service": "stranger", "tools": ALL_TOOLS })).await.ok();
    let open_to_services = routes().len() - routes_for_users_alone().len();
    assert_eq!(wrong_cells(&app).await.len(), open_to_services, "negative control");
}
