//! Several accounts of one tool: how a request names one, and that nothing crosses from one to another.

mod binding;
mod connecting;
mod independence;
mod scopes;
pub(crate) mod user_token;
mod user_token_faults;
mod waiting;

use crate::support::builders::{ALL_TOOLS, Intent, email, fetch_emails, mapping, message, report};
use crate::support::responses::{AccountNamed, AuthStatus, Connection, MappedId};
use crate::support::{EffectKind, TestApp};
use sandbox::fixtures::{ALEX, KIM, SAM};
use sandbox::settings;
use serde_json::{Value, json};

/// The setting of the OAuth clients with a field of one of them, such as its `scopes`.
fn clients_with(tool: &str, field: &str, value: Value) -> String {
    let variables = settings::engine_variables("http://issuer", "http://sandbox");
    let mut clients: Value = serde_json::from_str(&variables["PLUGIN_ENGINE_CLIENTS"]).unwrap();
    clients[tool][field] = value;
    clients.to_string()
}

/// Connects the mailboxes of Alex and Sam for `u1`; returns the accounts' ids.
async fn two_mailboxes(app: &TestApp) -> [String; 2] {
    [app.connect_account("u1", "gmail", ALEX).await, app.connect_account("u1", "gmail", SAM).await]
}

/// Names an account.
async fn name(app: &TestApp, account: &str, names: Value) -> Connection {
    let mut body = json!({ "tool": "gmail", "account": account });
    body.as_object_mut().unwrap().extend(names.as_object().unwrap().clone());
    let AccountNamed { integration, .. } = app.patch("u1", "/integrations", body).await.view();
    integration
}

/// The mailbox that the only mail left from.
fn sender(app: &TestApp) -> String {
    app.effects(EffectKind::MessageSent).only().account
}

#[tokio::test]
async fn request_that_names_none_of_two_accounts_is_ambiguous_and_does_nothing() {
    let app = TestApp::start().await;
    let [alex, sam] = two_mailboxes(&app).await;
    let before = app.ledger().0.len();
    let later = email().at(app.after(60));
    let key = json!({ "agentId": "a", "tool": "gmail", "contextKey": "k", "externalId": "e" });
    let refusals = [
        app.submit("u1", email()).await,
        app.submit("u1", email().key("once")).await,
        app.submit("u1", email().dry_run()).await,
        app.submit("u1", fetch_emails()).await,
        app.submit("u1", later.clone()).await,
        app.schedule("u1", later.key("later")).await,
        app.get("u1", "/integrations/status?tool=gmail").await,
        app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await,
        app.patch("u1", "/integrations", json!({ "tool": "gmail", "label": "x" })).await,
        app.post("u1", "/context-mappings", key.clone()).await,
        app.get("u1", "/context-mappings/lookup?agentId=a&tool=gmail&contextKey=k").await,
        app.get("u1", "/context-mappings/lookup?agentId=a&tool=gmail&externalId=e").await,
    ];
    for refused in refusals {
        let error = refused.refusal(400, "AMBIGUOUS_ACCOUNT");
        let accounts = error.accounts.unwrap();
        let ids: Vec<&str> = accounts.iter().map(|account| account.id.as_str()).collect();
        assert_eq!(ids, [alex.as_str(), sam.as_str()]);
        assert_eq!(accounts[0].email.as_deref(), Some(ALEX));
        assert!(error.message.contains(&alex), "{}", error.message);
    }
    let bulk = app.post("u1", "/context-mappings/bulk", json!({ "mappings": [key] })).await.ok();
    assert_eq!(bulk["results"][0]["error"]["code"], "AMBIGUOUS_ACCOUNT", "{bulk}");
    assert_eq!(app.ledger().0.len(), before, "no provider was called");
    assert!(app.tasks("agentId=a").await.tasks.is_empty());
    assert!(app.tasks("agentId=a&kind=immediate").await.tasks.is_empty());
    // A refused request does not use its key up: the corrected one has another body.
    app.submit("u1", email().account(SAM).key("once")).await.succeeded();
}

#[tokio::test]
async fn account_is_named_by_id_label_or_address() {
    let app = TestApp::start().await;
    let [_, sam] = two_mailboxes(&app).await;
    let named = name(&app, &sam, json!({ "label": "work" })).await;
    assert_eq!((named.label.as_deref(), named.default), (Some("work"), false));
    for (sent, account) in [sam.as_str(), "work", SAM, "SAM@example.com", " Work "].into_iter().enumerate() {
        let metadata = app.submit("u1", email().account(account)).await.succeeded().metadata.unwrap();
        assert_eq!(metadata.account.as_deref(), Some(sam.as_str()), "{account}");
        let mails = app.effects(EffectKind::MessageSent);
        assert_eq!((mails.len(), mails[sent].account.as_str()), (sent + 1, SAM));
    }
    let status: AuthStatus = app.get("u1", "/integrations/status?tool=gmail&account=work").await.view();
    assert_eq!((status.account.unwrap().id, status.label.as_deref()), (sam, Some("work")));
    let error = app.submit("u1", email().account("home")).await.refusal(400, "UNKNOWN_ACCOUNT");
    assert_eq!(error.accounts.unwrap().len(), 2);
    app.submit("u1", email().account(" ")).await.refusal(400, "AMBIGUOUS_ACCOUNT");
}

#[tokio::test]
async fn default_is_the_persons_own_setting() {
    let app = TestApp::start().await;
    let [alex, sam] = two_mailboxes(&app).await;
    assert!(name(&app, SAM, json!({ "default": true })).await.default);
    app.submit("u1", email()).await.succeeded();
    assert_eq!(sender(&app), SAM);
    name(&app, &alex, json!({ "default": true })).await;
    let defaults: Vec<bool> = app.connections("u1").await.iter().map(|connection| connection.default).collect();
    assert_eq!(defaults, [true, false], "one default");
    name(&app, &alex, json!({ "default": false })).await;
    app.submit("u1", email()).await.refused(400, "AMBIGUOUS_ACCOUNT");
    // A service with a delegation must not decide where the next intent goes.
    app.post("u1", "/delegations", json!({ "service": "helper", "tools": ALL_TOOLS })).await.ok();
    let body = json!({ "userId": "u1", "tool": "gmail", "account": sam, "default": true }).to_string();
    app.send("PATCH", "/integrations", Some(&app.service_token("helper")), Some(body)).await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn label_names_one_account() {
    let app = TestApp::start().await;
    let [alex, sam] = two_mailboxes(&app).await;
    name(&app, &alex, json!({ "label": "private" })).await;
    for taken in ["private", "Private ", ALEX, "ALEX@example.com", alex.as_str()] {
        let body = json!({ "tool": "gmail", "account": sam, "label": taken });
        app.patch("u1", "/integrations", body).await.refused(400, "INVALID_FIELD");
    }
    for wrong in [json!({}), json!({ "label": "a\nb" }), json!({ "label": "x".repeat(257) })] {
        let mut body = json!({ "tool": "gmail", "account": sam });
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(app.patch("u1", "/integrations", body).await.status, 400);
    }
    // A label outlives a disconnect, unless another account takes it meanwhile.
    let alexs = Some(json!({ "tool": "gmail", "account": alex }));
    app.delete("u1", "/integrations", alexs.clone()).await.ok();
    app.connect_account("u1", "gmail", ALEX).await;
    assert_eq!(app.connections("u1").await[0].label.as_deref(), Some("private"));
    app.delete("u1", "/integrations", alexs).await.ok();
    name(&app, &sam, json!({ "label": " Private" })).await;
    app.connect_account("u1", "gmail", ALEX).await;
    let labels: Vec<Option<String>> = app.connections("u1").await.into_iter().map(|it| it.label).collect();
    assert_eq!(labels, [None, Some("Private".to_owned())]);
    name(&app, &sam, json!({ "label": "" })).await;
    assert!(app.connections("u1").await.iter().all(|connection| connection.label.is_none()));
}

#[tokio::test]
async fn label_never_hides_an_account_that_is_not_connected_now() {
    let app = TestApp::start().await;
    let [alex, sam] = two_mailboxes(&app).await;
    let sams = Some(json!({ "tool": "gmail", "account": sam }));
    app.delete("u1", "/integrations", sams.clone()).await.ok();
    name(&app, &alex, json!({ "label": SAM })).await;
    app.connect_account("u1", "gmail", SAM).await;
    let error = app.submit("u1", email().account(SAM)).await.refusal(400, "AMBIGUOUS_ACCOUNT");
    assert_eq!(error.accounts.unwrap().len(), 2);
    app.effects(EffectKind::MessageSent).assert_none();
    app.delete("u1", "/integrations", sams).await.ok();
    let body = json!({ "tool": "gmail", "account": alex, "label": sam });
    app.patch("u1", "/integrations", body).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn of_20_parallel_changes_of_names_none_is_lost() {
    let app = TestApp::start().await;
    let [alex, sam] = two_mailboxes(&app).await;
    let changes = (0..20).map(|number| {
        let (app, account) = (&app, if number % 2 == 0 { &alex } else { &sam });
        let body = json!({ "tool": "gmail", "account": account, "label": format!("label-{number}") });
        async move { app.patch("u1", "/integrations", body).await.status }
    });
    let answers = futures::future::join_all(changes).await;
    assert!(answers.iter().all(|status| [200, 503].contains(status)), "{answers:?}");
    let labels: Vec<Option<String>> = app.connections("u1").await.into_iter().map(|it| it.label).collect();
    assert!(labels.iter().all(Option::is_some), "{labels:?}");
}

#[tokio::test]
async fn context_key_has_an_id_in_each_account() {
    let app = TestApp::start().await;
    let people = [ALEX, SAM, KIM];
    for person in people {
        app.connect_account("u1", "asana", person).await;
    }
    for (number, person) in people.into_iter().enumerate() {
        let mut created = mapping("asana", "project", &format!("12{number}"));
        created["account"] = person.into();
        app.post("u1", "/context-mappings", created.clone()).await.ok();
        app.post("u1", "/context-mappings", created).await.refused(409, "CONFLICT");
    }
    for (number, person) in people.into_iter().enumerate() {
        let path = format!("/context-mappings/lookup?agentId=a&tool=asana&account={person}");
        let MappedId { external_id } = app.get("u1", &format!("{path}&contextKey=project")).await.view();
        assert_eq!(external_id, format!("12{number}"));
        let other = format!("{path}&externalId=12{}", (number + 1) % 3);
        app.get("u1", &other).await.refused(404, "NOT_FOUND");
        let listed = app.get("u1", &format!("/context-mappings?agentId=a&tool=asana&account={person}")).await.ok();
        assert_eq!(listed["mappings"].as_array().unwrap().len(), 1, "{listed}");
        let intent = crate::support::builders::intent("asana", "create_task").account(person);
        let request = intent.context(json!({ "name": "n", "projectId": { "contextKey": "project" } })).dry_run();
        let shown = app.submit("u1", request).await.succeeded().data.unwrap().to_string();
        assert!(shown.contains(&format!("12{number}")), "{shown}");
    }
    let all = app.get("u1", "/context-mappings?agentId=a&tool=asana").await.ok();
    assert_eq!(all["mappings"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn first_use_of_a_day_is_shown() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let day = |connections: Vec<Connection>| connections[0].last_used_on.clone();
    let connected_on = day(app.connections("u1").await);
    app.submit("u1", message()).await.succeeded();
    assert_eq!(day(app.connections("u1").await), connected_on);
    app.advance(2 * 24 * 3600);
    app.submit("u1", message()).await.succeeded();
    let used_on = day(app.connections("u1").await);
    assert!(used_on > connected_on, "{used_on} after {connected_on}");
}

/// An intent of each tool whose effect names the account in the ledger.
fn writes() -> [(&'static str, Intent, EffectKind); 4] {
    use crate::support::builders::{intent, page};
    let task = json!({ "name": "Once", "projectId": sandbox::fixtures::asana::PROJECT });
    [
        ("gmail", email(), EffectKind::MessageSent),
        ("slack", message(), EffectKind::MessagePosted),
        ("notion", page(sandbox::fixtures::notion::PAGE), EffectKind::PageCreated),
        ("asana", intent("asana", "create_task").context(task), EffectKind::TaskCreated),
    ]
}

#[tokio::test]
async fn logged_error_names_the_account() {
    let app = TestApp::start().await;
    let [_, sam] = two_mailboxes(&app).await;
    app.sandbox.sandbox.revoke_grants("google");
    app.submit("u1", email().account(&sam)).await.failed("REAUTH_REQUIRED");
    app.post("u1", "/errors", report("gmail", "OWN")).await.ok();
    let errors = app.logged_errors("").await.errors;
    let account_of = |code: &str| errors.iter().find(|error| error.error_code == code).unwrap().account.clone();
    assert_eq!((account_of("REAUTH_REQUIRED"), account_of("OWN")), (Some(sam), None));
}

#[tokio::test]
async fn mappings_of_a_disconnected_account_are_listed_by_its_id_or_label() {
    let app = TestApp::start().await;
    let [alex, _] = two_mailboxes(&app).await;
    name(&app, &alex, json!({ "label": "private" })).await;
    let mut key = mapping("gmail", "k", "e");
    key["account"] = json!(alex);
    app.post("u1", "/context-mappings", key).await.ok();
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail", "account": alex }))).await.ok();
    for (named, expected) in [(alex.as_str(), 1), ("private", 1), (SAM, 0)] {
        let listed = app.get("u1", &format!("/context-mappings?agentId=a&tool=gmail&account={named}")).await.ok();
        assert_eq!(listed["mappings"].as_array().map(Vec::len), Some(expected), "{named}: {listed}");
    }
    app.get("u1", "/context-mappings?agentId=a&tool=gmail&account=home").await.refused(400, "UNKNOWN_ACCOUNT");
}
