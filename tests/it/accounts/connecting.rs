//! Connecting, reconnecting and disconnecting accounts beside each other.

use super::two_mailboxes;
use crate::support::builders::{email, message};
use crate::support::responses::{Authorize, Connected, Connection};
use crate::support::{EffectKind, TestApp};
use sandbox::fixtures::{ALEX, KIM, SAM, slack};
use serde_json::json;

/// The accounts of the connections of a user, as `tool id`.
async fn accounts(app: &TestApp, user: &str) -> Vec<String> {
    let shown = |connection: Connection| format!("{} {}", connection.tool, connection.account.id);
    app.connections(user).await.into_iter().map(shown).collect()
}

#[tokio::test]
async fn second_consent_of_another_person_adds_an_account() {
    let app = TestApp::start().await;
    for (tool, people) in
        [("gmail", &[ALEX, SAM][..]), ("slack", &[ALEX, SAM, KIM]), ("notion", &[ALEX, KIM]), ("asana", &[KIM, SAM])]
    {
        let mut ids = vec![];
        for person in people {
            ids.push(app.connect_account("u1", tool, person).await);
        }
        ids.dedup();
        assert_eq!(ids.len(), people.len(), "{tool}: {ids:?}");
        // Ten authorizes an hour.
        app.advance(3600);
        // The same person again is the same account.
        assert_eq!(app.connect_account("u1", tool, people[0]).await, ids[0], "{tool}");
    }
    assert_eq!(accounts(&app, "u1").await.len(), 9);
    let gmail: Connection = app.connections("u1").await.into_iter().find(|it| it.tool == "gmail").unwrap();
    assert_eq!((gmail.account.email.as_deref(), gmail.account.name.as_str()), (Some(ALEX), ALEX));
    assert!(gmail.requested_scopes.contains(&"openid".to_owned()), "{:?}", gmail.requested_scopes);
}

#[tokio::test]
async fn consent_for_another_account_than_requested_adds_it_and_reports_it() {
    let app = TestApp::start().await;
    let alex = app.connect_account("u1", "gmail", ALEX).await;
    let url: Authorize = app.get("u1", &format!("/oauth/authorize?tool=gmail&account={ALEX}")).await.view();
    assert!(url.auth_url.contains("login_hint=alex%40example.com"), "{}", url.auth_url);
    let back = app.browse(&format!("{}&auto=allow&account={SAM}", url.auth_url)).await;
    let landed = app.callback(&back).await;
    let code = crate::support::connect_code(&landed).unwrap();
    let connected: Connected = app.post("u1", "/integrations/connect", json!({ "connectCode": code })).await.view();
    assert_eq!(connected.integration.account.email.as_deref(), Some(SAM));
    assert_eq!(connected.unchanged_account.as_deref(), Some(alex.as_str()));
    app.submit("u1", email().account(&alex)).await.succeeded();
    // The wanted account itself.
    let url: Authorize = app.get("u1", &format!("/oauth/authorize?tool=gmail&account={alex}")).await.view();
    let back = app.browse(&format!("{}&auto=allow", url.auth_url)).await;
    let landed = app.callback(&back).await;
    let code = crate::support::connect_code(&landed).unwrap();
    let connected: Connected = app.post("u1", "/integrations/connect", json!({ "connectCode": code })).await.view();
    assert_eq!((connected.integration.account.id, connected.unchanged_account), (alex, None));
    app.get("u1", "/oauth/authorize?tool=gmail&account=nobody").await.refused(400, "UNKNOWN_ACCOUNT");
    app.get("u2", "/oauth/authorize?tool=gmail&account=nobody").await.refused(400, "UNKNOWN_ACCOUNT");
}

#[tokio::test]
async fn ready_token_is_stored_under_the_account_that_the_provider_names() {
    let app = TestApp::start().await;
    let grant = |tool: &str, person: &str, scopes: &[&str]| app.sandbox.sandbox.grant(tool, person, scopes).unwrap();
    let scope = "https://www.googleapis.com/auth/gmail.modify";
    for (tool, scopes) in
        [("slack", &["chat:write"][..]), ("notion", &[]), ("asana", &[]), ("gmail", &["openid", "email", scope])]
    {
        let ready = json!({ "tool": tool, "accessToken": grant(tool, SAM, scopes).access_token });
        let by_token: Connected = app.post("u1", "/integrations", ready).await.view();
        let by_consent = app.connect_account("u2", tool, SAM).await;
        if tool == "slack" {
            // A bot's token is the bot's own.
            assert_eq!(by_token.integration.account.id, format!("{}.{}", slack::TEAM, slack::BOT_USER));
        } else {
            assert_eq!(by_token.integration.account.id, by_consent, "{tool}");
        }
    }
    for token in ["nonsense", "ya29.unknown"] {
        let ready = json!({ "tool": "gmail", "accessToken": token });
        app.post("u1", "/integrations", ready).await.refused(400, "INVALID_FIELD");
    }
}

#[tokio::test]
async fn account_id_of_an_address_is_unchanged_by_a_later_consent() {
    let app = TestApp::start().await;
    let scope = "https://www.googleapis.com/auth/gmail.modify";
    let token = app.sandbox.sandbox.grant("gmail", ALEX, &[scope]).unwrap();
    let ready = json!({ "tool": "gmail", "accessToken": token.access_token });
    let by_address: Connected = app.post("u1", "/integrations", ready).await.view();
    assert_eq!(by_address.integration.account.id, format!("mail:{ALEX}"));
    let task = app.schedule("u1", email().at(app.after(60))).await.scheduled();
    let consented = app.connect_account("u1", "gmail", ALEX).await;
    assert_eq!(consented, format!("mail:{ALEX}"));
    app.run_processor_after(61).await;
    app.task(&task).await.assert_completed();
}

#[tokio::test]
async fn eleventh_account_of_a_tool_is_refused() {
    let app = TestApp::start().await;
    app.connect_account("u1", "slack", ALEX).await;
    // Nine more rows, as nine consents write them.
    let rows = app.store.scan().table_name(&app.tables.integrations).send().await.unwrap().items.unwrap();
    let row = rows.into_iter().find(|row| row.contains_key("tokenVersion")).unwrap();
    for number in 0..9 {
        let mut copy = row.clone();
        let sk = format!("t#slack#a#T9.U{number}");
        copy.insert("sk".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(sk));
        app.store.put_item().table_name(&app.tables.integrations).set_item(Some(copy)).send().await.unwrap();
    }
    app.calls.take_used_actions();
    let code = app.consent("u1", "slack", &format!("&account={SAM}")).await;
    app.post("u1", "/integrations/connect", json!({ "connectCode": code })).await.refused(409, "LIMIT_REACHED");
    app.connect_account("u1", "slack", ALEX).await;
}

#[tokio::test]
async fn of_20_parallel_completions_no_account_is_lost_or_crossed() {
    let app = TestApp::start().await;
    let people = [ALEX, SAM, KIM];
    let mut codes = vec![];
    for number in 0..20 {
        // Ten authorizes an hour and user, and a code lives for ten minutes.
        if number % 10 == 0 {
            app.advance(3600);
        }
        codes.push(app.consent("u1", "asana", &format!("&account={}", people[number % 3])).await);
        if codes.len() % 10 == 0 {
            let completions = codes.drain(..).map(|code| {
                let app = &app;
                async move { app.post("u1", "/integrations/connect", json!({ "connectCode": code })).await.status }
            });
            let answers = futures::future::join_all(completions).await;
            assert!(answers.iter().all(|status| [200, 400, 404].contains(status)), "{answers:?}");
        }
    }
    assert_eq!(accounts(&app, "u1").await.len(), 3);
    for person in people {
        let task = json!({ "name": person, "projectId": sandbox::fixtures::asana::PROJECT });
        let intent = crate::support::builders::intent("asana", "create_task").context(task).account(person);
        app.submit("u1", intent).await.succeeded();
    }
    let created = app.effects(EffectKind::TaskCreated);
    for effect in created.assert_count(3).iter() {
        assert!(effect.request.to_string().contains(&effect.by), "{effect:?}");
    }
}

#[tokio::test]
async fn last_connection_of_a_shared_bot_revokes_it() {
    let app = TestApp::start().await;
    let alex = app.connect_account("u1", "slack", ALEX).await;
    app.connect_account("u1", "slack", SAM).await;
    app.connect_account("u2", "slack", ALEX).await;
    let disconnected = app.delete("u1", "/integrations", Some(json!({ "tool": "slack", "account": alex }))).await.ok();
    assert_eq!(
        (&disconnected["tool"], &disconnected["account"]["id"]),
        (&json!("slack"), &json!(alex)),
        "{disconnected}"
    );
    assert!(disconnected["account"]["name"].is_string(), "{disconnected}");
    app.effects(EffectKind::TokenRevoked).assert_none();
    app.submit("u2", message()).await.succeeded();
    app.delete("u2", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    app.effects(EffectKind::TokenRevoked).assert_none();
    app.submit("u1", message()).await.succeeded();
    app.delete("u1", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    // The refresh token and the access token.
    app.effects(EffectKind::TokenRevoked).assert_count(2);
    assert!(accounts(&app, "u1").await.is_empty());
}

#[tokio::test]
async fn google_account_of_two_users_is_revoked_by_the_last() {
    let app = TestApp::start().await;
    app.connect_account("u1", "gmail", ALEX).await;
    app.connect_account("u2", "gmail", ALEX).await;
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
    app.submit("u2", email()).await.succeeded();
    app.delete("u2", "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
    app.effects(EffectKind::TokenRevoked).assert_count(1);
}

#[tokio::test]
async fn google_account_that_one_user_connected_by_its_address_alone_is_revoked_by_the_last() {
    let scope = "https://www.googleapis.com/auth/gmail.modify";
    for by_address_goes_first in [true, false] {
        let app = TestApp::start().await;
        let token = app.sandbox.sandbox.grant("gmail", ALEX, &[scope]).unwrap().access_token;
        app.post("u1", "/integrations", json!({ "tool": "gmail", "accessToken": token })).await.ok();
        assert_eq!(accounts(&app, "u1").await, [format!("gmail mail:{ALEX}")]);
        app.connect_account("u2", "gmail", ALEX).await;
        let (first, last) = if by_address_goes_first { ("u1", "u2") } else { ("u2", "u1") };
        app.delete(first, "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
        app.submit(last, email()).await.succeeded();
        app.delete(last, "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
        app.effects(EffectKind::TokenRevoked).assert_count(1);
    }
}

#[tokio::test]
async fn disconnect_of_one_account_leaves_the_other() {
    let app = TestApp::start().await;
    let [alex, sam] = two_mailboxes(&app).await;
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail", "account": alex }))).await.ok();
    assert_eq!(accounts(&app, "u1").await, [format!("gmail {sam}")]);
    // The only one that is left is meant.
    app.submit("u1", email()).await.succeeded();
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await.refused(404, "NOT_FOUND");
}
