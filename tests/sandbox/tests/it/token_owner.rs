//! Tests of the ledger's record of whose token made an effect.

use sandbox::fixtures::{KIM, SAM, asana, clients, notion, slack};
use sandbox::{Effect, Sandbox};
use serde_json::{Value, json};

use crate::connect::{access, connect};
use crate::support::{MODIFY_SCOPE, TestRequest};

/// Describes each effect that another person's token made.
fn wrong_owners(effects: &[Effect], owner: &str) -> Vec<String> {
    let wrong = effects.iter().filter(|effect| effect.by != owner);
    wrong.map(|effect| format!("{} {} is by {:?}", effect.provider, effect.kind, effect.by)).collect()
}

/// Makes one change at each provider as this person; returns the ledger's part.
async fn change_everywhere(sandbox: &Sandbox, account: &str) -> Vec<Effect> {
    let before = sandbox.effects().len();
    let token = |provider: &str, scopes: &[&str]| sandbox.grant(provider, account, scopes).unwrap().access_token;
    let change = async |token: String, path: &str, body: Value| {
        let request = TestRequest::post(path, &body).bearer(&token).header("notion-version", "2026-03-11");
        let reply = request.send(sandbox).await;
        assert!(reply.status.is_success() && reply.json()["ok"] != false, "{path}: {}", reply.text);
    };
    let label = json!({"name": "Seen", "labelListVisibility": "labelShow", "messageListVisibility": "show"});
    change(token("google", &[MODIFY_SCOPE]), "/gmail/gmail/v1/users/me/labels", label).await;
    let message = json!({"channel": slack::GENERAL, "text": "Hi"});
    change(token("slack", &["chat:write"]), "/slack/api/chat.postMessage", message.clone()).await;
    let person = sandbox.grant_slack_user("", account, &["chat:write"]).unwrap().access_token;
    change(person, "/slack/api/chat.postMessage", message).await;
    let page = json!({"parent": {"page_id": notion::PAGE}, "markdown": "# Hi"});
    change(token("notion", &[]), "/notion/v1/pages", page).await;
    let task = json!({"data": {"name": "Hi", "projects": [asana::PROJECT]}});
    change(token("asana", &[]), "/asana/api/1.0/tasks", task).await;
    change(token("notes", &["notes:write"]), "/notes/v1/notes", json!({"title": "Hi"})).await;
    sandbox.effects().split_off(before)
}

#[tokio::test]
async fn effects_name_the_owner_of_the_token() {
    let sandbox = Sandbox::new();
    let mut of_kim = change_everywhere(&sandbox, KIM).await;
    let of_sam = change_everywhere(&sandbox, SAM).await;
    let mut kinds: Vec<&str> = of_kim.iter().map(|effect| effect.kind.as_str()).collect();
    kinds.retain(|kind| *kind != "token_issued");
    assert_eq!(
        kinds,
        ["label_created", "message_posted", "message_posted", "page_created", "task_created", "note_created"]
    );
    assert_eq!(wrong_owners(&of_kim, KIM), Vec::<String>::new());
    assert_eq!(wrong_owners(&of_sam, SAM), Vec::<String>::new());

    SAM.clone_into(&mut of_kim[1].by);
    assert_eq!(wrong_owners(&of_kim, KIM), ["gmail label_created is by \"sam@example.com\""], "a planted wrong owner");
    assert_eq!(wrong_owners(&of_sam[..1], KIM).len(), 1);
}

#[tokio::test]
async fn token_effects_name_the_grants_owner() {
    let sandbox = Sandbox::new();
    for (provider, scope) in
        [("google", MODIFY_SCOPE), ("slack", "chat:write"), ("notion", ""), ("asana", "tasks:read")]
    {
        let tokens = connect(&sandbox, provider, &[("scope", scope), ("account", KIM)]).await;
        crate::connect::refresh(&sandbox, provider, &tokens["refresh_token"]).await;
    }
    let google = sandbox.grant("google", KIM, &[MODIFY_SCOPE]).unwrap();
    TestRequest::form("/google/revoke", &[("token", &google.refresh_token)]).send(&sandbox).await;
    let effects = sandbox.effects();
    assert_eq!((effects.len(), wrong_owners(&effects, KIM)), (10, Vec::new()));
    assert!(effects.iter().all(|effect| effect.request["client_id"].as_str().unwrap().starts_with("sandbox-")));
    assert_eq!(effects[2].request["client_id"], clients::SLACK);
}

#[tokio::test]
async fn ledger_of_the_control_endpoint_has_the_owner_of_one_request_only() {
    let sandbox = Sandbox::new();
    let tokens =
        connect(&sandbox, "slack", &[("scope", "chat:write"), ("account", KIM), ("team", slack::TEAM_2)]).await;
    let message = json!({"channel": "general", "text": "Hi"});
    TestRequest::post("/slack/api/chat.postMessage", &message).bearer(access(&tokens)).send(&sandbox).await;
    let event =
        json!({"Entries": [{"Source": "test", "DetailType": "made", "Detail": "{}", "EventBusName": "outcomes"}]});
    let put = TestRequest::post("/aws/", &event).header("x-amz-target", "AWSEvents.PutEvents").send(&sandbox).await;
    assert_eq!(put.status, 200, "{}", put.text);
    let ledger = TestRequest::get("/_control/ledger").send(&sandbox).await.json();
    let shown: Vec<(&Value, &Value, &Value)> = ledger["effects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|effect| (&effect["provider"], &effect["account"], &effect["by"]))
        .collect();
    let (slack_provider, events, team) = (json!("slack"), json!("events"), json!(slack::TEAM_2));
    let (kim, nobody, bus) = (json!(KIM), json!(""), json!("outcomes"));
    assert_eq!(shown, [(&slack_provider, &team, &kim), (&slack_provider, &team, &kim), (&events, &bus, &nobody)]);
}
