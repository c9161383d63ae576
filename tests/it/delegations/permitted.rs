//! The names in a delegation: the grant's own rules, accounts that a request leaves open, and tasks that are due after a change.

use super::delegate;
use crate::support::builders::{ALL_TOOLS, Intent, email, every, message};
use crate::support::responses::{DelegationCreated, DelegationList, TaskStatus};
use crate::support::{EffectKind, TestApp, TestResponse};
use sandbox::fixtures::{ALEX, SAM};
use serde_json::{Value, json};

/// Sends an intent for `u1` as the service `helper`.
async fn act(app: &TestApp, path: &str, intent: Intent) -> TestResponse {
    app.send_intent_as(&app.service_token("helper"), path, intent.user("u1")).await
}

async fn grant(app: &TestApp, delegation: Value) -> TestResponse {
    app.post("u1", "/delegations", delegation).await
}

/// A deployment with the mailboxes of Alex and Sam.
async fn two_mailboxes() -> (TestApp, String, String) {
    let app = TestApp::start().await;
    let alex = app.connect_account("u1", "gmail", ALEX).await;
    let sam = app.connect_account("u1", "gmail", SAM).await;
    (app, alex, sam)
}

#[tokio::test]
async fn a_grant_names_known_tools_and_actions() {
    let app = TestApp::start().await;
    let refusals = [
        (
            json!({ "tools": ["gmial"] }),
            "tools[0]: Unknown tool 'gmial'; did you mean gmail? Known tools: gmail, notion, slack, asana",
        ),
        (json!({ "tools": ["gmail", "Slack"] }), "tools[1]: Unknown tool 'Slack'; did you mean slack?"),
        (
            json!({ "tools": ["gmail"], "actions": ["gmail.send_mail"] }),
            "actions[0]: must be an action of the tools as <tool>.<action>; did you mean gmail.send_email?; there are: gmail.send_email, gmail.reply",
        ),
        // An action without its tool, which more than one tool can have, and one of another tool.
        (json!({ "tools": ["slack", "asana"], "actions": ["list_users"] }), "did you mean slack.list_users?"),
        (
            json!({ "tools": ["slack"], "actions": ["asana.list_users"] }),
            "actions[0]: must be an action of the tools as <tool>.<action>",
        ),
        (
            json!({ "tools": "gmail" }),
            "tools: must be a list of tools, for example [\"gmail\"]; one of: gmail, notion, slack, asana",
        ),
        (
            json!({ "tools": ["gmail"], "actions": "gmail.send_email" }),
            "actions: must be a list of actions as <tool>.<action>",
        ),
    ];
    for (mut body, expected) in refusals {
        body["service"] = "helper".into();
        let text = grant(&app, body.clone()).await.refused(400, "INVALID_FIELD");
        assert!(text.contains(expected), "{body}: {text}");
    }
    // Which actions an unknown tool has is not known.
    let misspelled = json!({ "service": "helper", "tools": ["gmial"], "actions": ["gmail.send_email"] });
    let fields = grant(&app, misspelled).await.refusal(400, "INVALID_FIELD").fields.unwrap();
    assert_eq!(fields.len(), 1, "{fields:?}");
    let ahead =
        grant(&app, json!({ "service": "helper", "tools": ["gmail"], "expiresAt": "2000-01-01T00:00:00Z" })).await;
    let text = ahead.refused(400, "INVALID_FIELD");
    let example = text.rsplit(' ').next().unwrap();
    grant(&app, json!({ "service": "helper", "tools": ["gmail"], "expiresAt": example })).await.ok();
    grant(&app, json!({ "service": "helper" })).await.refused(400, "MISSING_FIELDS");
    grant(&app, json!({ "service": "helper", "tools": [] })).await.refused(400, "MISSING_FIELDS");
    // An empty list names nothing. It must not permit everything, as an absent one does.
    for field in ["actions", "accounts"] {
        let text = grant(&app, json!({ "service": "helper", "tools": ["gmail"], field: [] }))
            .await
            .refused(400, "INVALID_FIELD");
        assert_eq!(text, format!("{field}: must name at least one, or be absent for all of the tools"));
    }
    // Every fault at once.
    let many = json!({ "service": "a\nb", "tools": ["gmail"], "actions": ["y"], "expiresAt": "never" });
    let fields = grant(&app, many).await.refusal(400, "INVALID_FIELD").fields.unwrap();
    let fields: Vec<&str> = fields.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["actions[0]", "expiresAt", "service"]);
}

#[tokio::test]
async fn a_grant_names_accounts_of_its_tools() {
    let (app, alex, _) = two_mailboxes().await;
    app.connect("u1", "slack").await;
    let slack = app.account("u1", "slack").await.to_string();
    let body = |accounts: Value| json!({ "service": "helper", "tools": ["gmail"], "accounts": accounts });
    let text = grant(&app, body(json!([alex, slack]))).await.refused(400, "INVALID_FIELD");
    assert!(text.starts_with("accounts[1]: must be the id of an account of these tools"), "{text}");
    assert!(text.contains(&alex), "{text}");
    let text = grant(&app, body(json!(vec![&alex; 41]))).await.refused(400, "INVALID_FIELD");
    assert_eq!(text, "accounts: must be a list of at most 40");
    // An address is not an id: it can move to another account.
    grant(&app, body(json!([ALEX]))).await.refused(400, "INVALID_FIELD");
    grant(&app, body(json!([alex, alex]))).await.ok();
    let list: DelegationList = app.get("u1", "/delegations").await.view();
    assert_eq!(list.delegations[0].accounts.as_deref(), Some(&[alex][..]));
}

#[tokio::test]
async fn a_repeated_grant_replaces_the_earlier_one_as_a_whole() {
    let (app, alex, _) = two_mailboxes().await;
    let narrow = json!({ "service": "helper", "tools": ["gmail", "gmail"], "actions": ["gmail.send_email"], "accounts": [alex] });
    let granted: DelegationCreated = grant(&app, narrow).await.view();
    assert_eq!(granted.delegation.tools, ["gmail"]);
    assert_eq!(granted.delegation.actions.as_deref(), Some(&["gmail.send_email".to_owned()][..]));
    grant(&app, json!({ "service": "helper", "tools": ["slack"] })).await.ok();
    let list: DelegationList = app.get("u1", "/delegations").await.view();
    let [only] = list.delegations.as_slice() else { panic!("one delegation") };
    assert_eq!((&only.tools[..], &only.actions, &only.accounts), (&["slack".to_owned()][..], &None, &None));
}

#[tokio::test]
async fn an_intent_without_an_account_is_refused_if_its_account_is_not_permitted() {
    let (app, alex, sam) = two_mailboxes().await;
    delegate(&app, json!({ "service": "helper", "tools": ["gmail"], "accounts": [alex] })).await;
    // Only permitted accounts are offered.
    let ambiguous = act(&app, "", email()).await.refusal(400, "AMBIGUOUS_ACCOUNT");
    let offered: Vec<String> = ambiguous.accounts.unwrap().into_iter().map(|choice| choice.id).collect();
    assert_eq!(offered, [alex.as_str()]);
    app.patch("u1", "/integrations", json!({ "tool": "gmail", "account": sam, "default": true })).await.ok();
    for (path, intent) in [
        ("", email()),
        ("", email().dry_run()),
        ("", email().at(app.after(60))),
        ("/tasks/schedule", email().at(app.after(60))),
        // An account that does not exist is answered like one that is not permitted.
        ("", email().account("nobody@example.com")),
    ] {
        act(&app, path, intent).await.refused(403, "FORBIDDEN");
    }
    app.effects(EffectKind::MessageSent).assert_none();
    act(&app, "", email().account(ALEX)).await.succeeded();
    assert_eq!(app.effects(EffectKind::MessageSent).only().account, ALEX);
}

#[tokio::test]
async fn an_earlier_result_is_not_shown_when_the_delegation_no_longer_permits_it() {
    let (app, alex, sam) = two_mailboxes().await;
    delegate(&app, json!({ "service": "helper", "tools": ["gmail"] })).await;
    app.patch("u1", "/integrations", json!({ "tool": "gmail", "account": sam, "default": true })).await.ok();
    let token = app.service_token("helper");
    let later = email().at(app.after(60)).user("u1").json().to_string();
    let now = email().user("u1").json().to_string();
    let headers = [("idempotency-key", "once")];
    app.send_with("POST", "", Some(&token), Some(now.clone()), &headers).await.succeeded();
    let scheduling = [("idempotency-key", "later")];
    app.send_with("POST", "/tasks/schedule", Some(&token), Some(later.clone()), &scheduling).await.scheduled();
    // The default moves to the account that the narrower delegation names; the tasks stay where they are.
    app.patch("u1", "/integrations", json!({ "tool": "gmail", "account": alex, "default": true })).await.ok();
    delegate(&app, json!({ "service": "helper", "tools": ["gmail"], "accounts": [alex] })).await;
    app.send_with("POST", "", Some(&token), Some(now), &headers).await.refused(403, "FORBIDDEN");
    app.send_with("POST", "/tasks/schedule", Some(&token), Some(later.clone()), &scheduling)
        .await
        .refused(403, "FORBIDDEN");
    app.advance(70);
    app.send_with("POST", "/tasks/schedule", Some(&token), Some(later), &scheduling).await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn a_due_task_is_called_only_if_the_delegation_as_it_is_then_permits_it() {
    let (app, alex, sam) = two_mailboxes().await;
    app.connect("u1", "slack").await;
    let narrower = [
        json!({ "service": "helper", "tools": ["slack"] }),
        json!({ "service": "helper", "tools": ["gmail"], "actions": ["gmail.fetch_emails"] }),
        json!({ "service": "helper", "tools": ["gmail"], "accounts": [sam] }),
    ];
    for delegation in narrower {
        delegate(&app, json!({ "service": "helper", "tools": ALL_TOOLS })).await;
        // Its words are those of the refusal too, which quotes nothing.
        let mail = email().account(&alex).with("subject", "gmail").with("body", "tools");
        let once = act(&app, "/tasks/schedule", mail.clone().at(app.after(60))).await.scheduled();
        let series =
            act(&app, "/tasks/schedule", mail.clone().at(app.after(60)).recurring(every("PT1M"))).await.scheduled();
        delegate(&app, delegation).await;
        let words = act(&app, "", mail).await.refused(403, "FORBIDDEN");
        assert_eq!(app.run_processor_after(61).await.ran, 2);
        for id in [&once, &series] {
            app.task(id).await.assert_status(TaskStatus::Cancelled).last_error_code("FORBIDDEN");
            let error = app.task(id).await.last_error.unwrap();
            assert_eq!(error.message, words, "the words of a refused request");
        }
        assert_eq!(app.run_processor_after(600).await.ran, 0, "the series has ended");
    }
    app.effects(EffectKind::MessageSent).assert_none();
    // A delegation that permits it again.
    delegate(&app, json!({ "service": "helper", "tools": ["slack"] })).await;
    let id = act(&app, "/tasks/schedule", message().at(app.after(60))).await.scheduled();
    delegate(&app, json!({ "service": "helper", "tools": ["gmail"] })).await;
    delegate(&app, json!({ "service": "helper", "tools": ["slack"], "actions": ["slack.send_message"] })).await;
    app.run_processor_after(61).await;
    app.task(&id).await.assert_completed();
}

#[tokio::test]
async fn a_repetition_is_answered_as_the_first_request_though_its_account_is_gone() {
    let (app, alex, _) = two_mailboxes().await;
    grant(&app, json!({ "service": "helper", "tools": ["gmail"], "accounts": [alex] })).await.ok();
    let sent = email().account(&alex).key("k1");
    let first = act(&app, "", sent.clone()).await.succeeded();
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail", "account": alex }))).await.ok();
    let again = act(&app, "", sent).await.succeeded();
    assert_eq!(first.external_id, again.external_id);
    // The account that the delegation names is not connected; the other one is not offered.
    let refused = act(&app, "", email().account(&alex).key("k2")).await;
    assert!(!refused.body.to_string().contains(SAM), "{}", refused.body);
    refused.refused(400, "UNKNOWN_ACCOUNT");
    app.effects(EffectKind::MessageSent).assert_count(1);
}

#[tokio::test]
async fn a_service_has_keys_of_its_own() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    grant(&app, json!({ "service": "helper", "tools": ["gmail"] })).await.ok();
    act(&app, "", email().key("order-1")).await.succeeded();
    app.submit("u1", email().with("subject", "Another").key("order-1")).await.succeeded();
    app.effects(EffectKind::MessageSent).assert_count(2);
}
