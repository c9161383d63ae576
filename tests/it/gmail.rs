//! Gmail end to end: a reply is sent once to its thread even if Gmail's response is lost; attachments are returned unchanged.

mod composing;
mod files;

use crate::support::builders::intent;
use crate::support::responses::PluginSuccess;
use crate::support::{EffectKind, TestApp};
use bytes::Bytes;
use sandbox::Fault;
use sandbox::fixtures::gmail;
use serde_json::{Value, json};

const SEND: &str = "/gmail/v1/users/me/drafts/send";
/// The name that Kim's mails have.
const KIM: &str = "Kim Larsen";

async fn app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app
}

async fn run_action(app: &TestApp, action: &str, context: Value) -> PluginSuccess {
    app.submit("u1", intent("gmail", action).context(context)).await.succeeded()
}

/// Returns the bytes of a file that an action stored.
fn stored(app: &TestApp, file: &Value) -> Bytes {
    let id = file["file"].as_str().unwrap_or_else(|| panic!("no file in {file}"));
    app.sandbox.sandbox.object(&format!("in/{id}")).unwrap()
}

#[tokio::test]
async fn reply_all_is_sent_once_and_stays_in_its_thread() {
    for lost in [true, false] {
        let app = TestApp::as_documented("a current thread resolves the lost response in the request").await;
        app.connect("u1", "gmail").await;
        if lost {
            app.fault(Fault::apply_then_drop("gmail").at_path(SEND));
        }
        // The message of Kim to Alex.
        let result = run_action(&app, "reply_all", json!({ "messageId": "18f0000000000003", "body": "Great." })).await;
        let sent = app.effects(EffectKind::MessageSent).only();
        assert_eq!(result.external_id.as_ref(), Some(&sent.id));
        let mail = &sent.request;
        assert_eq!((&mail["threadId"], &mail["subject"]), (&json!(gmail::LAUNCH_THREAD), &json!("Re: Launch plan")));
        assert_eq!((&mail["to"], &mail["cc"]), (&json!(["kim@example.com"]), &json!([])));
        let thread = run_action(&app, "get_thread", json!({ "threadId": gmail::LAUNCH_THREAD })).await;
        let messages = thread.data()["emails"].as_array().unwrap();
        assert_eq!((messages.len(), messages[5]["text"].as_str().unwrap().trim()), (6, "Great."));
    }
}

#[tokio::test]
async fn a_sent_draft_with_a_lost_response_is_reconciled() {
    let app =
        TestApp::as_documented("a current list resolves it in the request; a list that lags is asked again later")
            .await;
    app.connect("u1", "gmail").await;
    app.fault(Fault::apply_then_drop("gmail").at_path(SEND));
    let result = run_action(&app, "send_draft", json!({ "draftId": gmail::DRAFT })).await;
    assert_eq!(result.external_id, Some(app.effects(EffectKind::MessageSent).only().id));
    assert_eq!(run_action(&app, "list_drafts", json!({})).await.data()["drafts"], json!([]));
}

#[tokio::test]
async fn attachments_are_returned_unchanged_and_forwarded() {
    let app = app().await;
    let content = "w6TDtsO8AAEC";
    let file = json!({ "filename": "größe.bin", "content": content, "contentType": "application/octet-stream" });
    let mail = json!({ "to": "alex@example.com", "subject": "File", "body": "Here.", "html": "<p>Here.</p>",
        "attachments": [file] });
    let sent = run_action(&app, "send_email", mail).await.data()["id"].clone();
    let read = run_action(&app, "get_email", json!({ "messageId": sent })).await.data().clone();
    assert_eq!((&read["text"], &read["html"]), (&json!("Here."), &json!("<p>Here.</p>")));
    let attached = &read["attachments"][0];
    assert_eq!((&attached["filename"], &attached["size"]), (&json!("größe.bin"), &json!(9)));
    let context = json!({ "messageId": sent, "attachmentId": attached["id"] });
    let file = run_action(&app, "get_attachment", context).await.data().clone();
    assert_eq!((&file["filename"], &file["size"]), (&json!("größe.bin"), &json!(9)));
    assert_eq!(stored(&app, &file), "äöü\0\u{1}\u{2}".as_bytes());
    let people = (&read["to"], &read["cc"], &read["link"]);
    let link = format!("https://mail.google.com/mail/u/0/#all/{}", sent.as_str().unwrap());
    assert_eq!(people, (&json!([{ "email": "alex@example.com" }]), &Value::Null, &json!(link)));

    run_action(&app, "forward", json!({ "messageId": sent, "to": "sam@example.com", "body": "See below." })).await;
    let forwarded = app.effects(EffectKind::MessageSent).last().unwrap().request.clone();
    assert_eq!((&forwarded["subject"], &forwarded["attachments"]), (&json!("Fwd: File"), &json!(["größe.bin"])));
    let text = forwarded["text"].as_str().unwrap();
    assert!(text.starts_with("See below.") && text.contains("From: ") && text.trim_end().ends_with("Here."), "{text}");
}

#[tokio::test]
async fn a_mail_has_at_most_50_recipients() {
    let app = app().await;
    let addresses = |count: usize, name: &str| -> Vec<String> {
        (0..count).map(|number| format!("{name}{number}@example.com")).collect()
    };
    let message = "18f0000000000003";
    let whole = json!({ "subject": "Hi", "body": "Hello." });
    let copied = json!({ "messageId": message, "body": "Hello." });
    for (action, mut context) in [
        ("send_email", whole.clone()),
        ("create_draft", whole.clone()),
        ("update_draft", json!({ "draftId": gmail::DRAFT, "subject": "Hi", "body": "Hello." })),
        ("forward", copied.clone()),
    ] {
        for (to, cc, bcc) in [(51, 0, 0), (1, 50, 0), (1, 0, 50), (17, 17, 17)] {
            context["to"] = json!(addresses(to, "to"));
            context["cc"] = json!(addresses(cc, "cc"));
            context["bcc"] = json!(addresses(bcc, "bcc"));
            let calls = app.sandbox.sandbox.call_count("/gmail");
            app.submit("u1", intent("gmail", action).context(context.clone())).await.refused(400, "INVALID_FIELD");
            assert_eq!(app.sandbox.sandbox.call_count("/gmail"), calls, "{action}");
        }
    }
    app.effects(EffectKind::MessageSent).assert_count(0);
}

#[tokio::test]
async fn a_dry_run_names_the_people_and_objects_that_an_action_touches() {
    let app = app().await;
    let named = |kind: &str, id: &str, name: &str| json!({ "kind": kind, "id": id, "name": name });
    let message = |id: &str| json!({ "kind": "message", "id": id });
    let kim = named("person", "kim@example.com", KIM);
    let eve = json!({ "kind": "person", "id": "eve@example.com" });
    let mail =
        json!({ "to": "Eve Lee <eve@example.com>", "bcc": "kim@example.com", "subject": "Hi", "body": "Hello." });
    let to_eve =
        vec![named("person", "eve@example.com", "Eve Lee"), json!({ "kind": "person", "id": "kim@example.com" })];
    let mut anew = mail.clone();
    anew["draftId"] = json!(gmail::DRAFT);
    let change = json!({ "messageId": gmail::DINNER_MESSAGE, "actions": ["archive"], "add": ["receipts"] });
    for (action, context, targets) in [
        ("send_email", mail.clone(), to_eve.clone()),
        ("create_draft", mail, to_eve.clone()),
        ("update_draft", anew, [vec![message(gmail::DRAFT)], to_eve].concat()),
        ("reply_all", json!({ "messageId": "18f0000000000003", "body": "Great." }), vec![kim.clone()]),
        ("forward", json!({ "messageId": gmail::INVOICE_MESSAGE, "to": ["eve@example.com"] }), vec![eve]),
        (
            "send_draft",
            json!({ "draftId": gmail::DRAFT }),
            vec![named("message", gmail::DRAFT, "Page for the press"), kim],
        ),
        ("delete_draft", json!({ "draftId": gmail::DRAFT }), vec![message(gmail::DRAFT)]),
        (
            "modify_labels",
            change,
            vec![
                message(gmail::DINNER_MESSAGE),
                named("label", "Label_1", "Receipts"),
                json!({ "kind": "label", "id": "INBOX" }),
            ],
        ),
        ("trash_email", json!({ "messageId": gmail::DINNER_MESSAGE }), vec![message(gmail::DINNER_MESSAGE)]),
        ("create_label", json!({ "name": "Travel" }), vec![json!({ "kind": "label", "id": "Travel" })]),
    ] {
        let dry = app.submit("u1", intent("gmail", action).context(context).dry_run()).await.succeeded();
        assert_eq!(dry.data()["targets"], Value::Array(targets), "{action}");
    }
}

#[tokio::test]
async fn labels_resolve_by_name_and_untrash_restores_mail() {
    let app = app().await;
    let created = run_action(&app, "create_label", json!({ "name": "Travel" })).await.external_id;
    assert_eq!(run_action(&app, "create_label", json!({ "name": "travel" })).await.external_id, created);
    let change = json!({ "messageId": gmail::DINNER_MESSAGE, "actions": ["star", "archive"], "add": ["TRAVEL"] });
    let labels = run_action(&app, "modify_labels", change).await.data()["labelIds"].clone();
    assert_eq!(labels, json!([created, "STARRED"]));
    let found = async |query: &str| {
        let found = run_action(&app, "list_emails", json!({ "query": query, "limit": 50 })).await;
        let emails = found.data()["emails"].as_array().unwrap().clone();
        emails.into_iter().map(|email| email["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("label:travel").await, [gmail::DINNER_MESSAGE]);
    for _ in 0..2 {
        run_action(&app, "trash_email", json!({ "messageId": gmail::DINNER_MESSAGE })).await;
    }
    assert!(found("label:travel").await.is_empty());
    run_action(&app, "untrash_email", json!({ "messageId": gmail::DINNER_MESSAGE })).await;
    assert_eq!(found("label:travel").await, [gmail::DINNER_MESSAGE]);
}

#[tokio::test]
async fn a_draft_is_replaced_and_deleted_once() {
    let app = app().await;
    let anew = json!({ "draftId": gmail::DRAFT, "to": "sam@example.com", "subject": "Another", "body": "Text." });
    run_action(&app, "update_draft", anew).await;
    let drafts = run_action(&app, "list_drafts", json!({})).await.data()["drafts"].clone();
    assert_eq!((drafts.as_array().unwrap().len(), &drafts[0]["subject"]), (1, &json!("Another")));
    run_action(&app, "delete_draft", json!({ "draftId": gmail::DRAFT })).await;
    app.effects(EffectKind::DraftDeleted).assert_count(1);
}
