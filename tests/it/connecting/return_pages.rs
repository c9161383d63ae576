//! `GET /oauth/authorize?returnTo=`: after the consent the browser returns to a page of a listed origin, and to no other.

use crate::support::{TestApp, TestResponse};
use sandbox::settings::{FRONTEND_URL, OAUTH_REDIRECT_URI};
use serde_json::json;

const ORIGINS: (&str, &str) = ("PLUGIN_ENGINE_RETURN_ORIGINS", "https://good.example,http://localhost:5173");

async fn authorize(app: &TestApp, return_to: &str) -> TestResponse {
    let query = serde_urlencoded::to_string([("tool", "gmail"), ("returnTo", return_to)]).unwrap();
    app.get("u1", &format!("/oauth/authorize?{query}")).await
}

/// Opens the callback and returns the address to which it redirects.
async fn landed(app: &TestApp, back: &str) -> String {
    let (_, query) = back.split_once('?').unwrap();
    let answer = app.send("GET", &format!("/oauth/callback?{query}"), None, None).await;
    assert_eq!(answer.status, 302, "{}", answer.body);
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// Starts a connect that returns to a page, and answers the consent page. Returns the provider's redirect.
async fn consent(app: &TestApp, return_to: &str, answer: &str) -> String {
    let started = authorize(app, return_to).await.ok();
    app.browse(&format!("{}&auto={answer}", started["authUrl"].as_str().unwrap())).await
}

#[tokio::test]
async fn the_browser_returns_to_the_page_that_the_start_named() {
    let app = TestApp::start_with(&[ORIGINS]).await;
    for page in ["https://good.example/tools?tab=mail", "http://localhost:5173/"] {
        let back = consent(&app, page, "allow").await;
        // The parameters of the callback choose nothing.
        let url = landed(&app, &format!("{back}&returnTo=https%3A%2F%2Fevil.example")).await;
        let code = url.strip_prefix(&format!("{page}#connectCode=")).unwrap_or_else(|| panic!("{url}"));
        let (code, tool) = code.split_once('&').unwrap();
        assert_eq!(tool, "tool=gmail");
        assert_eq!(landed(&app, &back).await, url, "a callback that is delivered twice");
        app.post("u1", "/integrations/connect", json!({ "connectCode": code })).await.ok();

        let back = consent(&app, page, "deny").await;
        assert_eq!(landed(&app, &back).await, format!("{page}#error=access_denied&tool=gmail"));
        // The flow has ended: its page is not known any more.
        assert_eq!(landed(&app, &back).await, format!("{FRONTEND_URL}#error=invalid_state"));
    }
    let unknown = format!("{OAUTH_REDIRECT_URI}?code=c&state=s&returnTo=https%3A%2F%2Fgood.example");
    assert_eq!(landed(&app, &unknown).await, format!("{FRONTEND_URL}#error=invalid_state"));
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused_before_any_call() {
    let app = TestApp::start_with(&[ORIGINS]).await;
    app.calls.reset();
    for page in [
        "//evil.example",
        "/connected",
        "https://evil.example/",
        "https://good.example@evil.example/",
        "https://good.example.evil.example/",
        "https://good.example\\@evil.example/",
        "https://evil.example\\@good.example/",
        "https:\\\\good.example",
        "http://good.example/",
        "https://good.example:8443/",
        "http://localhost:3000/",
        "https://user:password@good.example/",
        "https://good.example/#connectCode=x",
        "https://xn--good.example/",
        "javascript://good.example/%0aalert(1)",
        "https://g\u{f6}\u{f6}d.example/",
    ] {
        let message = authorize(&app, page).await.refused(400, "INVALID_FIELD");
        let rule = "returnTo: must be a page of https://good.example or http://localhost:5173, \
                    without user name and fragment, for example https://good.example/connected";
        assert_eq!(message, rule, "{page}");
    }
    for page in ["https://good.example/\tx", "https://good.example\r\n.evil.example"] {
        assert!(authorize(&app, page).await.refused(400, "INVALID_FIELD").starts_with("returnTo: must not"), "{page}");
    }
    let long = format!("https://good.example/{}", "x".repeat(2048));
    assert_eq!(authorize(&app, &long).await.refused(400, "INVALID_FIELD"), "returnTo: must be at most 2048 bytes");
    assert!(app.calls.operations().is_empty());
}

#[tokio::test]
async fn a_deployment_without_origins_refuses_return_pages() {
    let app = TestApp::start().await;
    let message = authorize(&app, FRONTEND_URL).await.refused(400, "INVALID_FIELD");
    let rule = "returnTo: is not accepted, because this deployment lists no origins (PLUGIN_ENGINE_RETURN_ORIGINS)";
    assert_eq!(message, rule);
}
