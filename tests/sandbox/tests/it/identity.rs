//! Tests of what identifies an account at each provider: token responses and the endpoints that name the token's owner.

use sandbox::Sandbox;
use sandbox::fixtures::{self, ALEX, KIM, SAM, asana, notion, slack};
use serde_json::{Value, json};

use crate::connect::{access, claims, connect, refresh};
use crate::slack::post;
use crate::support::{MODIFY_SCOPE, TestRequest, TestResponse};

const EMAIL_SCOPE: &str = "https://www.googleapis.com/auth/userinfo.email";
const PROFILE_SCOPE: &str = "https://www.googleapis.com/auth/userinfo.profile";

async fn userinfo(sandbox: &Sandbox, token: &str) -> TestResponse {
    TestRequest::get("/google/v1/userinfo").bearer(token).send(sandbox).await
}

#[tokio::test]
async fn google_id_token_has_the_claims_of_the_granted_scopes() {
    let sandbox = Sandbox::new();
    let all = format!("openid email profile {MODIFY_SCOPE}");
    let tokens = connect(&sandbox, "google", &[("scope", &all), ("account", KIM), ("nonce", "n-1")]).await;
    assert_eq!(
        tokens["scope"],
        format!("{MODIFY_SCOPE} {EMAIL_SCOPE} {PROFILE_SCOPE} openid"),
        "the scopes are granted under their long names"
    );
    let id = claims(&tokens["id_token"]);
    assert_eq!((&id["iss"], &id["aud"]), (&json!("https://accounts.google.com"), &json!(fixtures::clients::GMAIL)));
    assert_eq!((&id["email"], &id["email_verified"], &id["name"]), (&json!(KIM), &json!(true), &json!("Kim Larsen")));
    assert_eq!((&id["nonce"], id["at_hash"].is_string()), (&json!("n-1"), true));
    let info = userinfo(&sandbox, access(&tokens)).await;
    assert_eq!(info.status, 200);
    for claim in ["sub", "email", "email_verified", "name", "given_name", "family_name", "picture"] {
        assert_eq!(info.json()[claim], id[claim], "{claim}");
        assert!(!id[claim].is_null(), "{claim}");
    }

    let bare = connect(&sandbox, "google", &[("scope", "openid"), ("account", KIM)]).await;
    let only = claims(&bare["id_token"]);
    assert_eq!(only["sub"], id["sub"], "the subject is stable");
    assert!(only["email"].is_null() && only["email_verified"].is_null() && only["name"].is_null());
    assert_eq!(userinfo(&sandbox, access(&bare)).await.json(), json!({"sub": id["sub"]}));

    let short = connect(&sandbox, "google", &[("scope", "email"), ("account", SAM)]).await;
    assert_eq!(short["scope"], format!("{EMAIL_SCOPE} openid"), "`email` implies `openid`");
    let sam = claims(&short["id_token"]);
    assert_ne!(sam["sub"], id["sub"]);
    let again = refresh(&sandbox, "google", &short["refresh_token"]).await;
    assert_eq!(claims(&again["id_token"])["sub"], sam["sub"]);
}

#[tokio::test]
async fn google_token_without_openid_names_its_mailbox_only() {
    let sandbox = Sandbox::new();
    let tokens = connect(&sandbox, "google", &[("scope", MODIFY_SCOPE), ("account", SAM)]).await;
    assert!(tokens["id_token"].is_null());
    let refused = userinfo(&sandbox, access(&tokens)).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]["status"]), (401, &json!("UNAUTHENTICATED")));
    let unknown = userinfo(&sandbox, "made-up").await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.json()),
        (401, json!({"error": "invalid_request", "error_description": "Invalid Credentials"}))
    );
    assert_eq!(TestRequest::get("/google/v1/userinfo").send(&sandbox).await.status, 401);
    let profile =
        TestRequest::get("/gmail/gmail/v1/users/me/profile").bearer(access(&tokens)).send(&sandbox).await.json();
    assert_eq!(profile["emailAddress"], SAM);
}

#[tokio::test]
async fn google_login_hint_is_an_address_or_a_subject_and_the_person_can_switch() {
    let sandbox = Sandbox::new();
    let signed_in = async |more: &[(&str, &str)]| {
        let tokens = connect(&sandbox, "google", &[more, &[("scope", "openid email")]].concat()).await;
        claims(&tokens["id_token"])
    };
    let sam = signed_in(&[("login_hint", SAM)]).await;
    assert_eq!(sam["email"], SAM);
    let by_subject = signed_in(&[("login_hint", sam["sub"].as_str().unwrap())]).await;
    assert_eq!(by_subject["email"], SAM);
    assert_eq!(signed_in(&[("login_hint", "nobody@example.com")]).await["email"], ALEX);
    assert_eq!(signed_in(&[("login_hint", SAM), ("account", KIM)]).await["email"], KIM);
}

#[tokio::test]
async fn slack_auth_test_names_the_bot_or_the_person() {
    let sandbox = Sandbox::new();
    let asked = [("scope", "chat:write"), ("user_scope", "search:read"), ("account", SAM)];
    let tokens = connect(&sandbox, "slack", &asked).await;
    assert_eq!(
        (&tokens["team"], &tokens["enterprise"], &tokens["is_enterprise_install"]),
        (&json!({"id": slack::TEAM, "name": "Sandbox Works"}), &Value::Null, &json!(false))
    );
    assert_eq!((&tokens["token_type"], &tokens["bot_user_id"]), (&json!("bot"), &json!(slack::BOT_USER)));
    let person = &tokens["authed_user"];
    assert_eq!(
        (&person["id"], &person["token_type"], &person["scope"]),
        (&json!(slack::SAM), &json!("user"), &json!("search:read"))
    );

    let bot = post(&sandbox, access(&tokens), "auth.test", json!({})).await;
    assert_eq!((&bot["team"], &bot["team_id"]), (&json!("Sandbox Works"), &json!(slack::TEAM)));
    assert_eq!(
        (&bot["user_id"], &bot["bot_id"], &bot["url"]),
        (&json!(slack::BOT_USER), &json!(slack::BOT), &json!("https://sandbox-works.slack.com/"))
    );
    assert!(bot.get("enterprise_id").is_none() && bot["is_enterprise_install"] == false);
    let sam = post(&sandbox, access(person), "auth.test", json!({})).await;
    assert_eq!((&sam["user_id"], &sam["user"], sam.get("bot_id")), (&json!(slack::SAM), &json!("sam"), None));

    let bot_only = connect(&sandbox, "slack", &[("scope", "chat:write"), ("account", SAM)]).await;
    assert_eq!(bot_only["authed_user"], json!({"id": slack::SAM}), "no person's token without user scopes");
    let person_only = connect(&sandbox, "slack", &[("user_scope", "search:read")]).await;
    assert!(person_only["access_token"].is_null() && person_only["bot_user_id"].is_null());
    assert_eq!(person_only["authed_user"]["id"], slack::ALEX);
}

async fn notion_me(sandbox: &Sandbox, token: &str) -> Value {
    let me = TestRequest::get("/notion/v1/users/me").bearer(token).header("notion-version", "2026-03-11");
    me.send(sandbox).await.json()
}

#[tokio::test]
async fn notion_consents_have_bots_of_their_own_and_the_person_stays() {
    let sandbox = Sandbox::new();
    let first = connect(&sandbox, "notion", &[("account", SAM)]).await;
    let second = connect(&sandbox, "notion", &[("account", SAM)]).await;
    assert_ne!(first["bot_id"], second["bot_id"], "a consent creates a bot");
    for tokens in [&first, &second] {
        let owner = &tokens["owner"];
        assert_eq!((&owner["type"], &owner["user"]["id"]), (&json!("user"), &json!(notion::SAM)));
        assert_eq!(owner["user"]["person"]["email"], SAM);
        assert_eq!(tokens["workspace_id"], notion::WORKSPACE);
        let me = notion_me(&sandbox, access(tokens)).await;
        assert_eq!((&me["type"], &me["id"]), (&json!("bot"), &tokens["bot_id"]));
        assert_eq!((&me["bot"]["owner"], &me["bot"]["workspace_id"]), (owner, &tokens["workspace_id"]));
        assert_eq!(me["bot"]["workspace_name"], "Sandbox Works");
    }
    let fresh = refresh(&sandbox, "notion", &first["refresh_token"]).await;
    assert_eq!(fresh["bot_id"], first["bot_id"], "a refresh keeps the bot");

    let shared = connect(&sandbox, "notion", &[("owned_by", "workspace")]).await;
    assert_eq!(shared["owner"], json!({"type": "workspace", "workspace": true}));
    assert_eq!(notion_me(&sandbox, access(&shared)).await["bot"]["owner"], shared["owner"]);
}

#[tokio::test]
async fn notion_pages_and_comments_name_the_bot_that_made_them() {
    let sandbox = Sandbox::new();
    let tokens = connect(&sandbox, "notion", &[]).await;
    let send = async |request: TestRequest| {
        let request = request.bearer(access(&tokens)).header("notion-version", "2026-03-11");
        request.send(&sandbox).await.json()
    };
    let seeded = send(TestRequest::get(&format!("/notion/v1/pages/{}", notion::PAGE))).await;
    assert_eq!(seeded["created_by"]["id"], notion::BOT);
    let body = json!({"parent": {"page_id": notion::PAGE}, "markdown": "# New"});
    let page = send(TestRequest::post("/notion/v1/pages", &body)).await;
    assert_eq!(page["created_by"]["id"], tokens["bot_id"]);
    let body = json!({"parent": {"page_id": notion::PAGE}, "markdown": "Hello"});
    let comment = send(TestRequest::post("/notion/v1/comments", &body)).await;
    assert_eq!(
        (&comment["created_by"]["id"], &comment["display_name"]["type"]),
        (&tokens["bot_id"], &json!("integration"))
    );
}

#[tokio::test]
async fn asana_names_the_user_in_the_token_response_and_at_users_me() {
    let sandbox = Sandbox::new();
    for (account, gid) in [(ALEX, asana::ALEX), (SAM, asana::SAM), (KIM, asana::KIM)] {
        let tokens = connect(&sandbox, "asana", &[("scope", "users:read"), ("account", account)]).await;
        assert_eq!((&tokens["data"]["gid"], &tokens["data"]["email"]), (&json!(gid), &json!(account)));
        assert_eq!(tokens["data"]["id"].to_string(), gid);
        let me = TestRequest::get("/asana/api/1.0/users/me").bearer(access(&tokens)).send(&sandbox).await.json();
        assert_eq!((&me["data"]["gid"], &me["data"]["email"]), (&json!(gid), &json!(account)));
    }
    let full = connect(&sandbox, "asana", &[]).await;
    let tasks = format!("/asana/api/1.0/projects/{}/tasks", asana::PROJECT);
    let listed = TestRequest::get(&tasks).bearer(access(&full)).send(&sandbox).await;
    assert_eq!(listed.status, 200, "without a scope the app asks for full permission");
}
