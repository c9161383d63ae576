//! Tests of OAuth at each provider: consent, code, token and API call, and their failures.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sandbox::Sandbox;
use sandbox::fixtures::{CLIENT_SECRET, clients};
use serde_json::{Value, json};

use crate::support::{COMPOSE_SCOPE, REDIRECT_URI, TestRequest, TestResponse, effects_of_kind, encode_query};

const VERIFIER: &str = "a-verifier-that-is-long-enough-for-rfc-7636-0123456789";

fn challenge() -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, VERIFIER.as_bytes());
    URL_SAFE_NO_PAD.encode(hash)
}

fn google_query(more: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let mut pairs = vec![
        ("client_id", clients::GMAIL),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", COMPOSE_SCOPE),
        ("state", "s&1"),
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    pairs.retain(|pair| more.iter().all(|change| change.0 != pair.0));
    pairs.extend_from_slice(more);
    format!("/google/o/oauth2/v2/auth?{}", encode_query(&pairs))
}

async fn google_code(sandbox: &Sandbox, more: &[(&str, &str)]) -> String {
    let reply = TestRequest::get(&google_query(&[more, &[("auto", "allow")]].concat())).send(sandbox).await;
    assert_eq!(reply.status, 302, "{}", reply.text);
    assert_eq!(reply.location("state").as_deref(), Some("s&1"));
    reply.location("code").unwrap()
}

async fn google_exchange(sandbox: &Sandbox, code: &str, changes: &[(&str, &str)]) -> TestResponse {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", clients::GMAIL),
        ("client_secret", CLIENT_SECRET),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    for change in changes {
        fields.retain(|field| field.0 != change.0);
        fields.push(*change);
    }
    TestRequest::form("/google/token", &fields).send(sandbox).await
}

#[tokio::test]
async fn google_flow_from_consent_to_api_call() {
    let sandbox = Sandbox::new();
    let page = TestRequest::get(&google_query(&[("state", "<script>")])).send(&sandbox).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Allow") && page.text.contains("Deny") && page.text.contains("alex@example.com"));
    assert!(page.text.contains("gmail.compose") && !page.text.contains("<script>"));

    let code = google_code(&sandbox, &[]).await;
    let reply = google_exchange(&sandbox, &code, &[]).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let tokens = reply.json();
    assert_eq!((&tokens["expires_in"], &tokens["scope"]), (&json!(3599), &json!(COMPOSE_SCOPE)));

    let access = tokens["access_token"].as_str().unwrap();
    let profile = TestRequest::get("/gmail/gmail/v1/users/me/profile").bearer(access).send(&sandbox).await;
    assert_eq!(profile.json()["emailAddress"], "alex@example.com");

    sandbox.advance_clock(3_600);
    let expired = TestRequest::get("/gmail/gmail/v1/users/me/profile").bearer(access).send(&sandbox).await;
    assert_eq!((expired.status.as_u16(), &expired.json()["error"]["errors"][0]["reason"]), (401, &json!("authError")));

    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", clients::GMAIL),
        ("client_secret", CLIENT_SECRET),
    ];
    for _ in 0..2 {
        let fresh = TestRequest::form("/google/token", &refresh).send(&sandbox).await.json();
        assert!(fresh["refresh_token"].is_null(), "Google does not rotate refresh tokens");
        let access = fresh["access_token"].as_str().unwrap();
        assert_eq!(
            TestRequest::get("/gmail/gmail/v1/users/me/profile").bearer(access).send(&sandbox).await.status,
            200
        );
    }

    let token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(TestRequest::form("/google/revoke", &[("token", token)]).send(&sandbox).await.status, 200);
    assert_eq!(
        TestRequest::form("/google/revoke", &[("token", token)]).send(&sandbox).await.json()["error"],
        "invalid_token"
    );
    assert_eq!(TestRequest::form("/google/token", &refresh).send(&sandbox).await.json()["error"], "invalid_grant");

    let kinds: Vec<String> = sandbox.effects().into_iter().map(|effect| effect.kind).collect();
    assert_eq!(kinds, ["token_issued", "token_refreshed", "token_refreshed", "token_revoked"]);
    let ledger = serde_json::to_string(&sandbox.effects()).unwrap();
    assert!(!ledger.contains(access) && !ledger.contains(token), "no tokens in the ledger");
}

#[tokio::test]
async fn google_rejects_invalid_requests() {
    let sandbox = Sandbox::new();
    let denied = TestRequest::get(&google_query(&[("auto", "deny")])).send(&sandbox).await;
    assert_eq!(
        (denied.location("error"), denied.location("state")),
        (Some("access_denied".into()), Some("s&1".into()))
    );

    let elsewhere = google_query(&[]).replace("127.0.0.1", "example.com");
    assert_eq!(TestRequest::get(&elsewhere).send(&sandbox).await.status, 400);
    let stranger = google_query(&[("auto", "allow")]).replace(clients::GMAIL, "stranger");
    assert_eq!(TestRequest::get(&stranger).send(&sandbox).await.status, 400);

    let code = google_code(&sandbox, &[]).await;
    assert_eq!(google_exchange(&sandbox, &code, &[]).await.status, 200);
    assert_eq!(google_exchange(&sandbox, &code, &[]).await.json()["error"], "invalid_grant", "a code is single-use");

    for (change, error) in [
        (("client_secret", "wrong"), "invalid_client"),
        (("redirect_uri", "http://127.0.0.1:1/other"), "redirect_uri_mismatch"),
        (("code_verifier", "wrong"), "invalid_grant"),
        (("grant_type", "password"), "unsupported_grant_type"),
    ] {
        let code = google_code(&sandbox, &[]).await;
        assert_eq!(google_exchange(&sandbox, &code, &[change]).await.json()["error"], error, "{change:?}");
    }

    let late = google_code(&sandbox, &[]).await;
    sandbox.advance_clock(601);
    assert_eq!(
        google_exchange(&sandbox, &late, &[]).await.json()["error"],
        "invalid_grant",
        "codes expire after ten minutes"
    );
}

#[tokio::test]
async fn google_omits_denied_scopes_and_offline_access() {
    let sandbox = Sandbox::new();
    let both = format!("{COMPOSE_SCOPE} openid");
    let code =
        google_code(&sandbox, &[("scope", &both), ("deny_scopes", COMPOSE_SCOPE), ("account", "sam@example.com")])
            .await;
    let tokens = google_exchange(&sandbox, &code, &[]).await.json();
    assert_eq!(tokens["scope"], "openid");
    assert_eq!(tokens["id_token"].as_str().unwrap().split('.').count(), 3);
    assert_eq!(sandbox.effects()[0].account, "sam@example.com");

    let online = google_query(&[("auto", "allow")]).replace("prompt=consent", "prompt=none");
    let code = TestRequest::get(&online).send(&sandbox).await.location("code").unwrap();
    let tokens = google_exchange(&sandbox, &code, &[]).await.json();
    assert!(tokens["access_token"].is_string() && tokens["refresh_token"].is_null());
}

async fn slack_connect(sandbox: &Sandbox, scopes: &str) -> Value {
    let pairs = [
        ("client_id", clients::SLACK),
        ("scope", scopes),
        ("redirect_uri", REDIRECT_URI),
        ("state", "s"),
        ("auto", "allow"),
    ];
    let code = TestRequest::get(&format!("/slack/oauth/v2/authorize?{}", encode_query(&pairs)))
        .send(sandbox)
        .await
        .location("code")
        .unwrap();
    let fields = [("code", code.as_str()), ("redirect_uri", REDIRECT_URI)];
    let reply = TestRequest::form("/slack/api/oauth.v2.access", &fields)
        .basic(clients::SLACK, CLIENT_SECRET)
        .send(sandbox)
        .await;
    let again = TestRequest::form("/slack/api/oauth.v2.access", &fields)
        .basic(clients::SLACK, CLIENT_SECRET)
        .send(sandbox)
        .await;
    assert_eq!((again.status.as_u16(), &again.json()["error"]), (200, &json!("invalid_code")));
    reply.json()
}

async fn slack_refresh(sandbox: &Sandbox, token: &str) -> Value {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", clients::SLACK),
        ("client_secret", CLIENT_SECRET),
    ];
    TestRequest::form("/slack/api/oauth.v2.access", &fields).send(sandbox).await.json()
}

#[tokio::test]
async fn slack_rotates_refresh_tokens() {
    let sandbox = Sandbox::new();
    let tokens = slack_connect(&sandbox, "chat:write,channels:read").await;
    assert_eq!((&tokens["ok"], &tokens["expires_in"]), (&json!(true), &json!(43_200)));
    let (access, old) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    assert!(access.starts_with("xoxe.xoxb-") && old.starts_with("xoxe-1-"));
    assert_eq!(tokens["team"]["id"], sandbox::fixtures::slack::TEAM);

    sandbox.expire_tokens("slack");
    let call = |token: &str| TestRequest::post("/slack/api/auth.test", &json!({})).bearer(token);
    assert_eq!(call(access).send(&sandbox).await.json()["error"], "token_expired");

    let fresh = slack_refresh(&sandbox, old).await;
    assert_eq!(call(fresh["access_token"].as_str().unwrap()).send(&sandbox).await.json()["ok"], true);
    assert_eq!(slack_refresh(&sandbox, old).await["error"], "invalid_refresh_token", "refresh tokens are single-use");
    assert_eq!(slack_refresh(&sandbox, fresh["refresh_token"].as_str().unwrap()).await["ok"], true);

    let wrong = TestRequest::form("/slack/api/oauth.v2.access", &[("code", "x")])
        .basic(clients::SLACK, "wrong")
        .send(&sandbox)
        .await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["error"]), (200, &json!("bad_client_secret")));
}

async fn notion_token(sandbox: &Sandbox, body: &Value) -> TestResponse {
    TestRequest::post("/notion/v1/oauth/token", body).basic(clients::NOTION, CLIENT_SECRET).send(sandbox).await
}

#[tokio::test]
async fn notion_refresh_replaces_both_tokens() {
    let sandbox = Sandbox::new();
    let pairs = [
        ("client_id", clients::NOTION),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT_URI),
        ("state", "s"),
        ("auto", "allow"),
    ];
    let path = format!("/notion/v1/oauth/authorize?{}", encode_query(&pairs));
    assert_eq!(TestRequest::get(&path).send(&sandbox).await.status, 400, "owner=user is required");
    let code = TestRequest::get(&format!("{path}&owner=user")).send(&sandbox).await.location("code").unwrap();

    let exchange = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI});
    let bare = TestRequest::post("/notion/v1/oauth/token", &exchange).send(&sandbox).await;
    assert_eq!((bare.status.as_u16(), &bare.json()["object"]), (401, &json!("error")), "Basic is required");
    let form = TestRequest::form("/notion/v1/oauth/token", &[("code", &code)]).basic(clients::NOTION, CLIENT_SECRET);
    assert_eq!(form.send(&sandbox).await.json()["code"], "invalid_json");

    let tokens = notion_token(&sandbox, &exchange).await.json();
    assert!(tokens["expires_in"].is_null() && tokens["scope"].is_null());
    assert_eq!(notion_token(&sandbox, &exchange).await.json()["code"], "invalid_grant");

    let access = tokens["access_token"].as_str().unwrap();
    let me = |token: &str| TestRequest::get("/notion/v1/users/me").bearer(token).header("notion-version", "2026-03-11");
    sandbox.advance_clock(7 * 86_400);
    assert_eq!(me(access).send(&sandbox).await.status, 200, "access tokens do not expire");

    let refresh = json!({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]});
    let fresh = notion_token(&sandbox, &refresh).await.json();
    assert_eq!(me(access).send(&sandbox).await.json()["code"], "unauthorized");
    assert_eq!(me(fresh["access_token"].as_str().unwrap()).send(&sandbox).await.status, 200);
    assert_eq!(notion_token(&sandbox, &refresh).await.json()["code"], "invalid_grant");

    let revoke = TestRequest::post("/notion/v1/oauth/revoke", &json!({"token": fresh["access_token"]}));
    assert_eq!(revoke.basic(clients::NOTION, CLIENT_SECRET).send(&sandbox).await.status, 200);
    assert_eq!(me(fresh["access_token"].as_str().unwrap()).send(&sandbox).await.status, 401);
}

#[tokio::test]
async fn asana_refresh_token_stays_valid() {
    let sandbox = Sandbox::new();
    let challenge = challenge();
    let pairs = [
        ("client_id", clients::ASANA),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT_URI),
        ("state", "s"),
        ("scope", "tasks:read users:read"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("auto", "allow"),
    ];
    let path = format!("/asana/-/oauth_authorize?{}", encode_query(&pairs));
    let unknown = TestRequest::get(&path.replace("users%3Aread", "users%3Aeat")).send(&sandbox).await;
    assert_eq!(unknown.location("error").as_deref(), Some("invalid_scope"));
    let code = TestRequest::get(&path).send(&sandbox).await.location("code").unwrap();

    let client = [("client_id", clients::ASANA), ("client_secret", CLIENT_SECRET)];
    let post = |fields: &[(&str, &str)]| TestRequest::form("/asana/-/oauth_token", &[&client, fields].concat());
    let exchange = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    let tokens = post(&exchange).send(&sandbox).await.json();
    assert_eq!((&tokens["expires_in"], &tokens["data"]["email"]), (&json!(3600), &json!("alex@example.com")));
    assert_eq!(post(&exchange).send(&sandbox).await.json()["error"], "invalid_grant");

    let refresh = tokens["refresh_token"].as_str().unwrap();
    sandbox.advance_clock(3_600);
    let me = |token: &str| TestRequest::get("/asana/api/1.0/users/me").bearer(token);
    assert_eq!(me(tokens["access_token"].as_str().unwrap()).send(&sandbox).await.status, 401);
    for _ in 0..2 {
        let fresh = post(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).send(&sandbox).await.json();
        assert!(fresh["refresh_token"].is_null());
        assert_eq!(me(fresh["access_token"].as_str().unwrap()).send(&sandbox).await.status, 200);
    }

    let revoke = |token: &str| TestRequest::form("/asana/-/oauth_revoke", &[&client[..], &[("token", token)]].concat());
    assert_eq!(
        revoke(tokens["access_token"].as_str().unwrap()).send(&sandbox).await.status,
        400,
        "refresh tokens only"
    );
    assert_eq!(revoke(refresh).send(&sandbox).await.status, 200);
    let dead = post(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).send(&sandbox).await;
    assert_eq!((dead.status.as_u16(), &dead.json()["error"]), (400, &json!("invalid_grant")));
    assert_eq!(effects_of_kind(&sandbox, "token_revoked").len(), 1);
}
