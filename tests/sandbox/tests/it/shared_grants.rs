//! Tests of what one consent or revocation does to the other grants of a person, a workspace and a client.

use sandbox::Sandbox;
use sandbox::fixtures::{ALEX, CLIENT_SECRET, KIM, SAM, clients, slack};
use serde_json::{Value, json};

use crate::connect::{access, connect, consent, refresh};
use crate::slack::{get, post};
use crate::support::{COMPOSE_SCOPE, MODIFY_SCOPE, TestRequest, effects_of_kind};

async fn mail_status(sandbox: &Sandbox, token: &str) -> u16 {
    TestRequest::get("/gmail/gmail/v1/users/me/profile").bearer(token).send(sandbox).await.status.as_u16()
}

#[tokio::test]
async fn google_revocation_by_either_token_ends_every_grant_of_the_person() {
    for kind in ["access_token", "refresh_token"] {
        let sandbox = Sandbox::new();
        let first = connect(&sandbox, "google", &[("scope", MODIFY_SCOPE)]).await;
        let second = connect(&sandbox, "google", &[("scope", MODIFY_SCOPE)]).await;
        let other = connect(&sandbox, "google", &[("scope", MODIFY_SCOPE), ("account", SAM)]).await;
        let token = [("token", second[kind].as_str().unwrap())];
        assert_eq!(TestRequest::form("/google/revoke", &token).send(&sandbox).await.status, 200);
        for dead in [&first, &second] {
            assert_eq!(mail_status(&sandbox, access(dead)).await, 401, "{kind}");
            assert_eq!(refresh(&sandbox, "google", &dead["refresh_token"]).await["error"], "invalid_grant", "{kind}");
        }
        assert_eq!(mail_status(&sandbox, access(&other)).await, 200, "another person's grant");
    }
}

#[tokio::test]
async fn google_include_granted_scopes_adds_the_scopes_of_live_grants() {
    let sandbox = Sandbox::new();
    let first = connect(&sandbox, "google", &[("scope", MODIFY_SCOPE)]).await;
    let alone = connect(&sandbox, "google", &[("scope", "openid")]).await;
    assert_eq!(alone["scope"], "openid");
    let included = [("scope", "openid"), ("include_granted_scopes", "true")];
    let combined = connect(&sandbox, "google", &included).await;
    assert_eq!(combined["scope"], format!("openid {MODIFY_SCOPE}"));
    assert_eq!(mail_status(&sandbox, access(&combined)).await, 200);
    let other = connect(&sandbox, "google", &[&included[..], &[("account", SAM)]].concat()).await;
    assert_eq!(other["scope"], "openid", "another person's scopes are not included");

    let token = [("token", access(&first))];
    assert_eq!(TestRequest::form("/google/revoke", &token).send(&sandbox).await.status, 200);
    assert_eq!(connect(&sandbox, "google", &included).await["scope"], "openid", "nothing is granted any more");
}

#[tokio::test]
async fn google_101st_refresh_token_of_an_account_ends_the_oldest() {
    let sandbox = Sandbox::new();
    let first = sandbox.grant("google", ALEX, &[MODIFY_SCOPE]).unwrap();
    let second = sandbox.grant("google", ALEX, &[MODIFY_SCOPE]).unwrap();
    for _ in 0..99 {
        sandbox.grant("google", ALEX, &[MODIFY_SCOPE]).unwrap();
        sandbox.grant("google", SAM, &[MODIFY_SCOPE]).unwrap();
    }
    let dead = refresh(&sandbox, "google", &json!(first.refresh_token)).await;
    assert_eq!(dead["error"], "invalid_grant");
    assert_eq!(mail_status(&sandbox, &first.access_token).await, 200, "its access token lives on");
    assert!(refresh(&sandbox, "google", &json!(second.refresh_token)).await["access_token"].is_string());
}

#[tokio::test]
async fn google_person_can_untick_scopes_but_not_the_identity() {
    let sandbox = Sandbox::new();
    let asked = format!("openid email {MODIFY_SCOPE} {COMPOSE_SCOPE}");
    let denied = format!("openid email {MODIFY_SCOPE}");
    let tokens = connect(&sandbox, "google", &[("scope", &asked), ("deny_scopes", &denied)]).await;
    assert_eq!(
        tokens["scope"],
        format!("{COMPOSE_SCOPE} https://www.googleapis.com/auth/userinfo.email openid"),
        "only what was granted"
    );
    let nothing = [("scope", MODIFY_SCOPE), ("deny_scopes", MODIFY_SCOPE), ("auto", "allow")];
    let redirect = consent(&sandbox, "google", &nothing).await;
    assert_eq!(redirect.location("error").as_deref(), Some("access_denied"));
    let unknown = consent(&sandbox, "google", &[("scope", "https://www.googleapis.com/auth/made.up")]).await;
    assert!(unknown.status == 400 && unknown.text.contains("invalid_scope"));
}

async fn slack_error(sandbox: &Sandbox, token: &Value) -> Value {
    post(sandbox, token.as_str().unwrap(), "auth.test", json!({})).await["error"].clone()
}

#[tokio::test]
async fn slack_installers_share_the_bot_and_revoke_their_own_token() {
    let sandbox = Sandbox::new();
    let as_person = |account: &'static str| [("scope", "chat:write,channels:read"), ("account", account)];
    let alex = connect(&sandbox, "slack", &as_person(ALEX)).await;
    let sam = connect(&sandbox, "slack", &as_person(SAM)).await;
    assert_eq!(alex["bot_user_id"], sam["bot_user_id"], "one bot of an app in a workspace");
    assert_ne!(alex["access_token"], sam["access_token"]);
    assert_eq!(slack_error(&sandbox, &alex["access_token"]).await, Value::Null, "a second installation ends nothing");

    assert_eq!(post(&sandbox, access(&alex), "auth.revoke", json!({})).await["revoked"], true);
    assert_eq!(slack_error(&sandbox, &alex["access_token"]).await, "token_revoked");
    assert_eq!(slack_error(&sandbox, &sam["access_token"]).await, Value::Null);
    let fresh = refresh(&sandbox, "slack", &alex["refresh_token"]).await;
    assert_eq!(fresh["ok"], true, "the refresh token is another token");
    let members = get(&sandbox, access(&fresh), "users.conversations", &[]).await;
    assert_eq!(members["channels"].as_array().unwrap().len(), 2, "the installation is unchanged");

    let token = fresh["refresh_token"].as_str().unwrap();
    assert_eq!(post(&sandbox, token, "auth.test", json!({})).await["error"], "invalid_auth");
    assert_eq!(post(&sandbox, token, "auth.revoke", json!({})).await["revoked"], true);
    assert_eq!(refresh(&sandbox, "slack", &json!(token)).await["error"], "invalid_refresh_token");
    assert_eq!(slack_error(&sandbox, &fresh["access_token"]).await, Value::Null);
}

#[tokio::test]
async fn slack_uninstall_ends_the_tokens_of_every_person_in_the_workspace() {
    let sandbox = Sandbox::new();
    let asked = [("scope", "chat:write,channels:read"), ("user_scope", "search:read")];
    let alex = connect(&sandbox, "slack", &[&asked[..], &[("account", ALEX)]].concat()).await;
    let sam = connect(&sandbox, "slack", &[&asked[..], &[("account", SAM)]].concat()).await;
    let elsewhere =
        connect(&sandbox, "slack", &[&asked[..], &[("account", KIM), ("team", slack::TEAM_2)]].concat()).await;
    let uninstall = |token: &str, secret: &str| {
        let fields = [("client_id", clients::SLACK), ("client_secret", secret)];
        TestRequest::form("/slack/api/apps.uninstall", &fields).bearer(token).send(&sandbox)
    };
    assert_eq!(uninstall(access(&alex), CLIENT_SECRET).await.json()["error"], "no_permission", "a bot may not");
    let person = access(&alex["authed_user"]);
    assert_eq!(uninstall(person, "wrong").await.json()["error"], "bad_client_secret");
    assert_eq!(uninstall(person, CLIENT_SECRET).await.json()["uninstalled"], true);
    for tokens in [&alex, &sam] {
        assert_eq!(slack_error(&sandbox, &tokens["access_token"]).await, "account_inactive");
        assert_eq!(slack_error(&sandbox, &tokens["authed_user"]["access_token"]).await, "token_revoked");
        assert_eq!(refresh(&sandbox, "slack", &tokens["refresh_token"]).await["error"], "invalid_refresh_token");
    }
    assert_eq!(slack_error(&sandbox, &elsewhere["access_token"]).await, Value::Null, "another workspace");
    let effects = effects_of_kind(&sandbox, "app_uninstalled");
    assert_eq!((effects[0].account.as_str(), effects[0].by.as_str()), (slack::TEAM, ALEX));

    let again = connect(&sandbox, "slack", &asked).await;
    let members = get(&sandbox, access(&again), "users.conversations", &[]).await;
    assert_eq!(members["channels"], json!([]), "the bot has to be invited again");
    assert_eq!(sandbox.uninstall_slack_app(slack::TEAM_2), 1);
    assert_eq!(slack_error(&sandbox, &elsewhere["access_token"]).await, "account_inactive");
}

#[tokio::test]
async fn slack_revokes_the_oldest_of_three_tokens_of_one_chain() {
    let sandbox = Sandbox::new();
    let asked = [("scope", "chat:write"), ("user_scope", "search:read")];
    let first = connect(&sandbox, "slack", &asked).await;
    let second = refresh(&sandbox, "slack", &first["refresh_token"]).await;
    assert_eq!(slack_error(&sandbox, &first["access_token"]).await, Value::Null, "a refresh does not end the old one");
    let third = refresh(&sandbox, "slack", &second["refresh_token"]).await;
    assert_eq!(slack_error(&sandbox, &first["access_token"]).await, "token_revoked");
    for live in [&second, &third] {
        assert_eq!(slack_error(&sandbox, &live["access_token"]).await, Value::Null);
    }
    let person = refresh(&sandbox, "slack", &first["authed_user"]["refresh_token"]).await;
    assert_eq!((&person["token_type"], &person["user_id"]), (&json!("user"), &json!(slack::ALEX)));
    assert!(person["bot_user_id"].is_null());
    let both = [&person["access_token"], &first["authed_user"]["access_token"]];
    for live in both {
        assert_eq!(slack_error(&sandbox, live).await, Value::Null, "the person's chain is another one");
    }
}

#[tokio::test]
async fn slack_search_needs_a_persons_token() {
    let sandbox = Sandbox::new();
    let bot = sandbox.grant("slack", ALEX, &["search:read"]).unwrap().access_token;
    let query = [("query", "launch")];
    assert_eq!(get(&sandbox, &bot, "search.messages", &query).await["error"], "not_allowed_token_type");
    let without = sandbox.grant_slack_user("", ALEX, &["chat:write"]).unwrap().access_token;
    assert_eq!(get(&sandbox, &without, "search.messages", &query).await["error"], "missing_scope");
    let alex = sandbox.grant_slack_user("", ALEX, &["search:read", "chat:write"]).unwrap().access_token;
    let found = get(&sandbox, &alex, "search.messages", &query).await;
    // Two texts, and the title of a file.
    assert_eq!((&found["ok"], &found["messages"]["total"]), (&json!(true), &json!(3)));
    let people = [0, 1].map(|place| &found["messages"]["matches"][place]["user"]);
    assert_eq!(people, [slack::ALEX, slack::KIM], "newest first");
    assert_eq!(get(&sandbox, &alex, "search.messages", &[]).await["error"], "no_query");
    let posted = post(&sandbox, &alex, "chat.postMessage", json!({"channel": "general", "text": "As Alex"})).await;
    assert_eq!((&posted["message"]["user"], posted["message"].get("bot_id")), (&json!(slack::ALEX), None));
}

#[tokio::test]
async fn notion_and_asana_revocations_end_one_grant() {
    let sandbox = Sandbox::new();
    let notion = [connect(&sandbox, "notion", &[]).await, connect(&sandbox, "notion", &[]).await];
    let body = json!({"token": notion[0]["access_token"]});
    let revoke = TestRequest::post("/notion/v1/oauth/revoke", &body).basic(clients::NOTION, CLIENT_SECRET);
    assert_eq!(revoke.send(&sandbox).await.status, 200);
    let asana = [connect(&sandbox, "asana", &[]).await, connect(&sandbox, "asana", &[]).await];
    let client = [("client_id", clients::ASANA), ("client_secret", CLIENT_SECRET)];
    let token = [("token", asana[0]["refresh_token"].as_str().unwrap())];
    let revoke = TestRequest::form("/asana/-/oauth_revoke", &[&client[..], &token].concat());
    assert_eq!(revoke.send(&sandbox).await.status, 200);
    for (provider, path, [dead, live]) in
        [("notion", "/notion/v1/users/me", &notion), ("asana", "/asana/api/1.0/users/me", &asana)]
    {
        for (tokens, status) in [(dead, 401), (live, 200)] {
            let me = TestRequest::get(path).header("notion-version", "2026-03-11").bearer(access(tokens));
            assert_eq!(me.send(&sandbox).await.status, status, "{provider}");
        }
        assert_eq!(refresh(&sandbox, provider, &dead["refresh_token"]).await["error"], "invalid_grant");
        assert!(refresh(&sandbox, provider, &live["refresh_token"]).await["access_token"].is_string());
    }
}

#[tokio::test]
async fn grants_of_one_person_are_revoked_at_the_provider() {
    let sandbox = Sandbox::new();
    let alex = sandbox.grant("asana", ALEX, &[]).unwrap().access_token;
    let sam = sandbox.grant("asana", SAM, &[]).unwrap().access_token;
    assert_eq!(sandbox.revoke_grants_of("asana", SAM), 1);
    let status = async |token: &str| {
        TestRequest::get("/asana/api/1.0/users/me").bearer(token).send(&sandbox).await.status.as_u16()
    };
    assert_eq!((status(&alex).await, status(&sam).await), (200, 401));
    let body = json!({"provider": "asana", "account": ALEX});
    let revoked = TestRequest::post("/_control/revoke", &body).send(&sandbox).await.json();
    assert_eq!((revoked, status(&alex).await), (json!({"revoked": 1}), 401));
}
