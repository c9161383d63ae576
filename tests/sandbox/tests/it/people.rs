//! Tests of several people and workspaces at one provider.

use sandbox::Sandbox;
use sandbox::fixtures::{ALEX, KIM, PEOPLE, SAM, notion, slack};
use serde_json::{Value, json};

use crate::connect::{access, connect, consent};
use crate::slack::{get, post};
use crate::support::{MODIFY_SCOPE, TestRequest, encode_query};

#[tokio::test]
async fn every_person_has_a_mailbox() {
    let sandbox = Sandbox::new();
    for (person, messages) in PEOPLE.into_iter().zip([14, 2, 2]) {
        let token = sandbox.grant("google", person, &[MODIFY_SCOPE]).unwrap().access_token;
        let profile = TestRequest::get("/gmail/gmail/v1/users/me/profile").bearer(&token).send(&sandbox).await.json();
        assert_eq!((&profile["emailAddress"], &profile["messagesTotal"]), (&json!(person), &json!(messages)));
    }
    let kim = sandbox.grant("google", KIM, &[MODIFY_SCOPE]).unwrap().access_token;
    let query = encode_query(&[("q", "is:unread")]);
    let unread = TestRequest::get(&format!("/gmail/gmail/v1/users/me/messages?{query}"))
        .bearer(&kim)
        .send(&sandbox)
        .await
        .json();
    assert_eq!(unread["messages"].as_array().unwrap().len(), 1);
    let alexs = TestRequest::get("/gmail/gmail/v1/users/me/messages/18f0000000000001").bearer(&kim);
    assert_eq!(alexs.send(&sandbox).await.status, 404, "a token reads its own mailbox");
}

const SLACK_SCOPES: &str = "chat:write,channels:read,channels:history,users:read,users:read.email";

#[tokio::test]
async fn slack_workspaces_have_people_channels_and_bots_of_their_own() {
    let sandbox = Sandbox::new();
    let at = |team: &'static str| [("scope", SLACK_SCOPES), ("account", KIM), ("team", team)];
    let works = connect(&sandbox, "slack", &at(slack::TEAM)).await;
    let partners = connect(&sandbox, "slack", &at(slack::TEAM_2)).await;
    assert_eq!(partners["team"], json!({"id": slack::TEAM_2, "name": "Sandbox Partners"}));
    assert_eq!(
        (&works["authed_user"]["id"], &partners["authed_user"]["id"], &partners["bot_user_id"]),
        (&json!(slack::KIM), &json!(slack::KIM_2), &json!(slack::BOT_USER_2))
    );
    let test = post(&sandbox, access(&partners), "auth.test", json!({})).await;
    assert_eq!((&test["team_id"], &test["bot_id"]), (&json!(slack::TEAM_2), &json!(slack::BOT_2)));

    let listed = get(&sandbox, access(&partners), "conversations.list", &[]).await;
    let ids: Vec<&str> = listed["channels"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [slack::GENERAL_2, slack::CONTRACTS_2]);
    let people = get(&sandbox, access(&partners), "users.list", &[]).await;
    assert_eq!(people["members"].as_array().unwrap().len(), 3, "Alex, Kim and the bot");

    for (tokens, channel, other) in
        [(&works, slack::GENERAL, slack::GENERAL_2), (&partners, slack::GENERAL_2, slack::GENERAL)]
    {
        let message = |channel: &str| json!({"channel": channel, "text": "Hi"});
        let posted = post(&sandbox, access(tokens), "chat.postMessage", message("general")).await;
        assert_eq!((&posted["channel"], &posted["message"]["team"]), (&json!(channel), &tokens["team"]["id"]));
        let refused = post(&sandbox, access(tokens), "chat.postMessage", message(other)).await;
        assert_eq!(refused["error"], "channel_not_found", "the other workspace's channel");
    }
    let effects = sandbox.effects();
    let accounts: Vec<&str> = effects.iter().map(|effect| effect.account.as_str()).collect();
    assert_eq!(accounts, [slack::TEAM, slack::TEAM_2, slack::TEAM, slack::TEAM_2]);
}

#[tokio::test]
async fn consent_page_offers_other_workspaces_and_accounts() {
    let sandbox = Sandbox::new();
    let page = consent(&sandbox, "slack", &[("scope", "chat:write")]).await.text;
    assert!(page.contains("alex@example.com</strong> in Sandbox Works") && page.contains(">Sandbox Partners</a>"));
    let partners = consent(&sandbox, "slack", &[("scope", "chat:write"), ("team", slack::TEAM_2)]).await.text;
    assert!(partners.contains(">kim@example.com</a>") && !partners.contains("sam@example.com"));
    let stranger = [("scope", "chat:write"), ("team", slack::TEAM_2), ("account", SAM)];
    assert_eq!(consent(&sandbox, "slack", &stranger).await.status, 400, "Sam is not in the second workspace");
    assert_eq!(consent(&sandbox, "slack", &[("scope", "chat:write"), ("team", "T0NOWHERE")]).await.status, 400);
    let chosen = [("scope", "chat:write"), ("team", slack::TEAM), ("team", slack::TEAM_2)];
    let tokens = connect(&sandbox, "slack", &chosen).await;
    assert_eq!(tokens["team"]["id"], slack::TEAM_2, "the person's choice follows the client's");
    let google = consent(&sandbox, "google", &[("scope", "openid")]).await.text;
    assert!(google.contains(KIM) && !google.contains("another workspace"));
}

#[tokio::test]
async fn notion_workspaces_have_pages_of_their_own() {
    let sandbox = Sandbox::new();
    let first = connect(&sandbox, "notion", &[("account", KIM)]).await;
    let second = connect(&sandbox, "notion", &[("account", KIM), ("workspace", notion::WORKSPACE_2)]).await;
    assert_eq!(
        (&second["workspace_id"], &second["workspace_name"]),
        (&json!(notion::WORKSPACE_2), &json!("Sandbox Partners"))
    );
    assert_eq!(first["owner"], second["owner"], "the same person in both");
    let send = async |tokens: &Value, request: TestRequest| {
        let request = request.bearer(access(tokens)).header("notion-version", "2026-03-11");
        request.send(&sandbox).await
    };
    for (tokens, own, other) in [(&first, notion::PAGE, notion::PAGE_2), (&second, notion::PAGE_2, notion::PAGE)] {
        assert_eq!(send(tokens, TestRequest::get(&format!("/notion/v1/pages/{own}"))).await.status, 200);
        let hidden = send(tokens, TestRequest::get(&format!("/notion/v1/pages/{other}"))).await;
        assert_eq!(hidden.json()["code"], "object_not_found");
        let body = json!({"parent": {"page_id": own}, "markdown": "# Here"});
        assert_eq!(send(tokens, TestRequest::post("/notion/v1/pages", &body)).await.status, 200);
    }
    let users = send(&second, TestRequest::get("/notion/v1/users")).await.json();
    assert_eq!(users["results"].as_array().unwrap().len(), 3, "Alex, Kim and the bot");
    let effects = sandbox.effects();
    let accounts: Vec<&str> = effects[2..].iter().map(|effect| effect.account.as_str()).collect();
    assert_eq!(accounts, [notion::WORKSPACE, notion::WORKSPACE_2]);
}

#[tokio::test]
async fn tokens_without_consent_are_issued_for_members_only() {
    let sandbox = Sandbox::new();
    for provider in ["google", "slack", "notion", "asana"] {
        for person in PEOPLE {
            assert!(sandbox.grant(provider, person, &["openid"]).is_some(), "{provider} {person}");
        }
        assert!(sandbox.grant(provider, "nobody@example.com", &[]).is_none(), "{provider}");
        assert!(sandbox.grant_in(provider, "nowhere", ALEX, &[]).is_none(), "{provider}");
    }
    assert!(sandbox.grant_in("slack", slack::TEAM_2, SAM, &["chat:write"]).is_none());
    let bot = sandbox.grant_in("slack", slack::TEAM_2, KIM, &["chat:write"]).unwrap().access_token;
    assert_eq!(post(&sandbox, &bot, "auth.test", json!({})).await["user_id"], slack::BOT_USER_2);
    let kim = sandbox.grant_slack_user(slack::TEAM_2, KIM, &["search:read"]).unwrap().access_token;
    assert_eq!(post(&sandbox, &kim, "auth.test", json!({})).await["user_id"], slack::KIM_2);

    let body = json!({"provider": "notion", "account": KIM, "workspace": notion::WORKSPACE_2});
    let granted = TestRequest::post("/_control/grant", &body).send(&sandbox).await;
    assert_eq!(granted.status, 200, "{}", granted.text);
    let me = TestRequest::get("/notion/v1/users/me").header("notion-version", "2026-03-11");
    let me = me.bearer(access(&granted.json())).send(&sandbox).await.json();
    assert_eq!(me["bot"]["workspace_id"], notion::WORKSPACE_2);
}
