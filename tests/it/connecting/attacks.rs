//! Attacks on the OAuth flow, from both sides: a connection results only for the user who both started the flow and consented.

use crate::support::responses::Connected;
use crate::support::{EffectKind, TestApp, TestResponse, connect_code};
use futures::future::join_all;
use sandbox::settings::{FRONTEND_URL, OAUTH_REDIRECT_URI};
use serde_json::json;

/// A query parameter of a callback URL, still percent-encoded.
fn query_parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap();
    let prefix = format!("{name}=");
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&prefix));
    found.unwrap_or_else(|| panic!("no {name} in {url}")).to_owned()
}

async fn complete_connect(app: &TestApp, user: &str, code: &str) -> TestResponse {
    app.post(user, "/integrations/connect", json!({ "connectCode": code })).await
}

#[tokio::test]
async fn a_connect_code_is_valid_once_and_for_10_minutes() {
    let app = TestApp::start().await;
    let code = app.consent("u1", "slack", "").await;
    complete_connect(&app, "u1", &code).await.ok();
    complete_connect(&app, "u1", &code).await.refused(404, "NOT_FOUND");

    let late = app.consent("u1", "slack", "").await;
    app.advance(601);
    complete_connect(&app, "u1", &late).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_flow_started_by_an_attacker_cannot_be_completed() {
    let app = TestApp::start().await;
    // The victim is lured to the provider's page and consents. The connect code reaches the victim's browser.
    let code = app.consent("attacker", "gmail", "").await;
    complete_connect(&app, "victim", &code).await.refused(404, "NOT_FOUND");
    // The attacker knows the state and so the row, but not the secret part of the connect code.
    let (row, _) = code.split_once('.').unwrap();
    for guess in [row.to_owned(), format!("{row}."), format!("{row}.{}", "A".repeat(43)), format!("{row}.{row}")] {
        complete_connect(&app, "attacker", &guess).await.refused(404, "NOT_FOUND");
    }
    // No code was exchanged.
    app.effects(EffectKind::TokenIssued).assert_none();
}

#[tokio::test]
async fn a_callback_with_the_state_alone_is_rejected() {
    let app = TestApp::start().await;
    let url = app.auth_url("attacker", "gmail").await;
    let back = app.browse(&format!("{url}&auto=allow")).await;
    // The victim's browser was first. The attacker repeats the callback with the known state to obtain a connect code.
    assert!(app.callback(&back).await.contains("#connectCode="));
    let state = query_parameter(&back, "state");
    for query in [format!("code=guess&state={state}"), format!("error=access_denied&state={state}")] {
        let landed = app.callback(&format!("{OAUTH_REDIRECT_URI}?{query}")).await;
        assert_eq!(landed, format!("{FRONTEND_URL}#error=invalid_state"));
    }
}

#[tokio::test]
async fn the_refusal_of_a_connect_code_says_how_to_start_again() {
    let app = TestApp::start().await;
    for code in ["nonsense", "a.b"] {
        let message = complete_connect(&app, "u1", code).await.refused(404, "NOT_FOUND");
        for part in ["lives ten minutes", "used once", "start again with GET /api/plugin-engine/oauth/authorize?tool="]
        {
            assert!(message.contains(part), "{message}");
        }
    }
}

#[tokio::test]
async fn a_callback_delivered_twice_has_one_connect_code() {
    let app = TestApp::start().await;
    let back = app.browse(&format!("{}&auto=allow", app.auth_url("u1", "gmail").await)).await;
    let first = app.callback(&back).await;
    app.advance(599);
    assert_eq!(app.callback(&back).await, first, "a retry or a prefetch of the browser");
    complete_connect(&app, "u1", connect_code(&first).unwrap()).await.ok();
    app.effects(EffectKind::TokenIssued).assert_count(1);
    // The flow is used: neither the callback nor the connect code is valid again.
    assert_eq!(app.callback(&back).await, format!("{FRONTEND_URL}#error=invalid_state"));
    complete_connect(&app, "u1", connect_code(&first).unwrap()).await.refused(404, "NOT_FOUND");
    app.effects(EffectKind::TokenIssued).assert_count(1);

    let back = app.browse(&format!("{}&auto=allow", app.auth_url("u1", "gmail").await)).await;
    assert!(connect_code(&app.callback(&back).await).is_some());
    app.advance(601);
    assert_eq!(app.callback(&back).await, format!("{FRONTEND_URL}#error=invalid_state"), "after ten minutes");
}

#[tokio::test]
async fn an_attackers_codes_are_rejected_in_a_victims_flow() {
    let app = TestApp::start().await;
    // The attacker's connect code in the victim's browser: the flow is the attacker's, so the victim's token cannot complete it.
    let code = app.consent("attacker", "gmail", "").await;
    complete_connect(&app, "victim", &code).await.refused(404, "NOT_FOUND");
    // Both halves combined.
    let own = app.consent("victim", "gmail", "").await;
    let ((row, secret), (attacker_row, attacker_secret)) =
        (own.split_once('.').unwrap(), code.split_once('.').unwrap());
    for mixed in [format!("{row}.{attacker_secret}"), format!("{attacker_row}.{secret}")] {
        complete_connect(&app, "victim", &mixed).await.refused(404, "NOT_FOUND");
    }

    // The attacker's authorization code under an invented state, and under the victim's own (as if leaked): the code belongs to
    // another PKCE verifier.
    let attackers_callback = app.browse(&format!("{}&auto=allow", app.auth_url("attacker", "gmail").await)).await;
    let code = query_parameter(&attackers_callback, "code");
    let invented = app.callback(&format!("{OAUTH_REDIRECT_URI}?code={code}&state={}", "A".repeat(43))).await;
    assert_eq!(invented, format!("{FRONTEND_URL}#error=invalid_state"));
    let state = query_parameter(&app.auth_url("victim", "gmail").await, "state");
    let landed = app.callback(&format!("{OAUTH_REDIRECT_URI}?code={code}&state={state}")).await;
    let code = connect_code(&landed).unwrap();
    assert_eq!(complete_connect(&app, "victim", code).await.status, 400);
    app.effects(EffectKind::TokenIssued).assert_none();
    assert_eq!(app.connections("victim").await, []);
}

#[tokio::test]
async fn exactly_one_of_64_parallel_completions_succeeds() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_AUTHORIZES_PER_HOUR", "1000")]).await;
    for round in 1..=50 {
        // Each has a minute of its own: the budgets of requests are another test's subject.
        app.advance(60);
        let code = app.consent("u1", "notion", "").await;
        let answers = join_all((0..64).map(|_| complete_connect(&app, "u1", &code))).await;
        let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(200), count(404)), (1, 63), "round {round}");
        // One exchange a round.
        app.effects(EffectKind::TokenIssued).assert_count(round);
    }
}

#[tokio::test]
async fn a_callback_of_another_issuer_is_rejected() {
    let app = TestApp::start().await;
    let back = app.browse(&format!("{}&auto=allow", app.auth_url("u1", "gmail").await)).await;
    assert_eq!(query_parameter(&back, "iss"), "https%3A%2F%2Faccounts.google.com");
    let (code, state) = (query_parameter(&back, "code"), query_parameter(&back, "state"));
    let evil =
        ["https://accounts.google.com.evil.com", "https://accounts.google.com/", "HTTPS://accounts.google.com", ""];
    for iss in evil {
        for outcome in [format!("code={code}"), "error=access_denied".to_owned()] {
            let landed = app.callback(&format!("{OAUTH_REDIRECT_URI}?{outcome}&state={state}&iss={iss}")).await;
            assert_eq!(landed, format!("{FRONTEND_URL}#error=invalid_state"), "{iss}");
        }
    }
    let twice = app.callback(&format!("{OAUTH_REDIRECT_URI}?{}&iss=x", back.split_once('?').unwrap().1)).await;
    assert_eq!(twice, format!("{FRONTEND_URL}#error=invalid_callback"));
    // None of these requests consumed the flow.
    let landed = app.callback(&back).await;
    complete_connect(&app, "u1", connect_code(&landed).unwrap()).await.ok();

    // Google's metadata does not declare `iss`, so a callback without it passes; so does one of a provider without a known
    // issuer.
    let back = app.browse(&format!("{}&auto=allow", app.auth_url("u1", "gmail").await)).await;
    let (without, _) = back.split_once("&iss=").unwrap();
    assert!(app.callback(without).await.contains("#connectCode="));
    let back = app.browse(&format!("{}&auto=allow", app.auth_url("u1", "slack").await)).await;
    assert!(app.callback(&format!("{back}&iss=https://slack.com")).await.contains("#connectCode="));
}

#[tokio::test]
async fn callback_parameters_are_not_echoed_and_choose_nothing() {
    let app = TestApp::start().await;
    let evil = "https%3A%2F%2Fevil.example.com";
    let url = app.auth_url("u1", "slack").await;
    assert_eq!(
        query_parameter(&url, "redirect_uri"),
        "http%3A%2F%2F127.0.0.1%3A9000%2Fapi%2Fplugin-engine%2Foauth%2Fcallback"
    );
    let known = ["access_denied", "provider_error", "invalid_callback", "invalid_state"];
    for query in [
        "error=CANARY&error_description=CANARY&state=x".to_owned(),
        format!("error=CANARY%23handle%3Dx&error_description=CANARY&state={}", query_parameter(&url, "state")),
        "code=CANARY&state=CANARY".to_owned(),
        format!("code=CANARY&redirect_uri={evil}&next={evil}&frontend={evil}"),
        "%ff=CANARY".to_owned(),
    ] {
        let landed = app.callback(&format!("{OAUTH_REDIRECT_URI}?{query}")).await;
        let code = landed.strip_prefix(&format!("{FRONTEND_URL}#error=")).unwrap_or_else(|| panic!("{landed}"));
        // The tool of a known flow follows.
        assert!(known.contains(&code.trim_end_matches("&tool=slack")), "{landed}");
    }
    // The tool comes from the flow's row, not from the query, and the request cannot choose a redirect URI.
    let back = app.browse(&format!("{}&auto=allow", app.auth_url("u1", "notion").await)).await;
    let landed = app.callback(&format!("{back}&tool=gmail&toolName=gmail&redirect_uri={evil}")).await;
    let created: Connected = complete_connect(&app, "u1", connect_code(&landed).unwrap()).await.view();
    assert_eq!(created.integration.tool, "notion");
    let chosen = format!("/oauth/authorize?tool=slack&redirect_uri={evil}");
    app.get("u1", &chosen).await.refused(400, "INVALID_FIELD");
}
