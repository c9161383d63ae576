//! Files in mails: from an upload to a mail, and from a mail to another one, byte for byte.

use super::{SEND, app, run_action, stored};
use crate::support::builders::{Intent, intent};
use crate::support::{EffectKind, TestApp};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandbox::{Fault, Strangeness};
use serde_json::{Value, json};

const UPLOAD: &str = "/upload/gmail/v1/users/me/drafts";
/// Maximum size of a mail's files together.
const MAX_FILES_BYTES: usize = 25 << 20;
/// The grace after which a lost effect that is not found has not been applied.
const AFTER_RECONCILE_GRACE: i64 = 31;

/// Bytes that no text has, and that repeat in no period of base64.
fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ (at >> 16) as u8).collect()
}

fn hash(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mail_with(files: Value) -> Intent {
    intent("gmail", "send_email").context(json!({ "to": "alex@example.com", "subject": "Files", "body": "Here.",
        "attachments": files }))
}

/// Sends a mail at once, or by the processor if its files need more time than the request has. Returns its id.
async fn send(app: &TestApp, mail: Intent) -> String {
    let answer = app.submit("u1", mail).await;
    if answer.status == 202 {
        let id = answer.scheduled();
        app.run_processor_after(1).await;
        app.task(&id).await.assert_completed();
    } else {
        answer.succeeded();
    }
    app.effects(EffectKind::MessageSent).last().unwrap().id.clone()
}

/// The files of the last mail that was sent, as the sandbox received them.
fn sent_files(app: &TestApp) -> Value {
    app.effects(EffectKind::MessageSent).last().unwrap().request["files"].clone()
}

/// Reads the first attachment of a mail as a file; returns the output.
async fn first_attachment(app: &TestApp, mail: &str) -> Value {
    let read = run_action(app, "get_email", json!({ "messageId": mail })).await.data().clone();
    let context = json!({ "messageId": mail, "attachmentId": read["attachments"][0]["id"] });
    run_action(app, "get_attachment", context).await.data().clone()
}

#[tokio::test]
async fn the_largest_file_goes_from_an_upload_to_a_mail_and_from_there_to_another() {
    let app = app().await;
    let content = bytes(MAX_FILES_BYTES);
    let id = app.upload("u1", "Übersicht.bin", "application/octet-stream", content.clone()).await;
    let mail = send(&app, mail_with(json!([{ "file": id }]))).await;
    let expected = json!([{ "filename": "Übersicht.bin", "contentType": "application/octet-stream; name=\"_bersicht.bin\"",
        "coding": "base64", "size": content.len(), "sha256": hash(&content) }]);
    assert_eq!(sent_files(&app), expected);
    let file = first_attachment(&app, &mail).await;
    assert_eq!((&file["filename"], &file["size"]), (&json!("Übersicht.bin"), &json!(content.len())));
    assert!(file.to_string().len() < 500, "no byte is in the result");
    assert_eq!(hash(&stored(&app, &file)), hash(&content));
    // The output as it is.
    send(&app, mail_with(json!([file]))).await;
    assert_eq!(sent_files(&app), expected);
    app.effects(EffectKind::MessageSent).assert_count(2);
    app.effects(EffectKind::DraftCreated).assert_count(2);
}

#[tokio::test]
async fn each_file_has_its_name_its_type_and_its_coding() {
    let app = app().await;
    let inner = "Subject: Inner\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n";
    let event = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n";
    let mut files = vec![];
    for (name, kind, content) in [
        ("größe 1.csv", "text/csv; charset=iso-8859-1", &b"a\xff,b\r"[..]),
        ("inner.eml", "message/rfc822", inner.as_bytes()),
    ] {
        files.push(json!({ "file": app.upload("u1", name, kind, content.to_vec()).await }));
    }
    let content = STANDARD.encode(event);
    files.push(json!({ "filename": "invite.ics", "content": content, "contentType": "text/calendar; method=REQUEST" }));
    let mail = send(&app, mail_with(json!(files))).await;
    let sent = sent_files(&app);
    let row = |file: &Value| {
        let fact = |name: &str| file[name].as_str().unwrap().to_owned();
        (fact("filename"), fact("contentType"), fact("coding"), fact("sha256"))
    };
    let expected = |name: &str, kind: &str, coding: &str, content: &[u8]| {
        (name.to_owned(), kind.to_owned(), coding.to_owned(), hash(content))
    };
    let rows: Vec<_> = sent.as_array().unwrap().iter().map(row).collect();
    assert_eq!(
        rows,
        [
            expected("größe 1.csv", "text/csv; charset=iso-8859-1; name=\"gr__e 1.csv\"", "base64", b"a\xff,b\r"),
            expected("inner.eml", "message/rfc822", "8bit", inner.as_bytes()),
            expected("invite.ics", "application/ics", "base64", event.as_bytes()),
        ]
    );
    let read = run_action(&app, "get_email", json!({ "messageId": mail })).await.data().clone();
    let kinds: Vec<&str> =
        read["attachments"].as_array().unwrap().iter().map(|file| file["contentType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text/calendar", "text/csv", "message/rfc822", "application/ics"], "{read}");
    assert_eq!(read["text"], "Here.");

    run_action(&app, "forward", json!({ "messageId": mail, "to": "kim@example.com" })).await;
    let forwarded: Vec<_> = sent_files(&app).as_array().unwrap().iter().map(row).collect();
    assert_eq!(
        forwarded,
        [
            expected("invite.ics", "text/calendar; method=REQUEST; charset=utf-8", "base64", event.as_bytes()),
            expected("größe 1.csv", "text/csv; charset=iso-8859-1; name=\"gr__e 1.csv\"", "base64", b"a\xff,b\r"),
            expected("inner.eml", "message/rfc822", "8bit", inner.as_bytes()),
            expected("invite.ics", "application/ics", "base64", event.as_bytes()),
        ]
    );
}

#[tokio::test]
async fn a_mail_of_20_mib_is_forwarded_with_its_files() {
    let app = app().await;
    let content = bytes(20 << 20);
    let id = app.upload("u1", "a.bin", "application/pdf", content.clone()).await;
    let mail = send(&app, mail_with(json!([{ "file": id }]))).await;
    send(&app, intent("gmail", "forward").context(json!({ "messageId": mail, "to": "kim@example.com" }))).await;
    let files = sent_files(&app);
    assert_eq!((&files[0]["filename"], &files[0]["sha256"]), (&json!("a.bin"), &json!(hash(&content))));
    app.effects(EffectKind::MessageSent).assert_count(2);
}

#[tokio::test]
async fn files_over_the_limit_are_refused_before_anything_is_sent() {
    let app = app().await;
    let half = app.upload("u1", "a.bin", "a/b", bytes(MAX_FILES_BYTES / 2 + 1)).await;
    let long = app.upload("u1", "b.bin", "a/b", bytes(MAX_FILES_BYTES + 1)).await;
    let calls = app.sandbox.sandbox.call_count("/gmail");
    for files in [json!([{ "file": half }, { "file": half }]), json!([{ "file": long }])] {
        let refusal = app.submit("u1", mail_with(files)).await.refused(400, "INVALID_FIELD");
        assert!(refusal.contains("attachments") && refusal.contains("26214400 bytes"), "{refusal}");
    }
    assert_eq!(app.sandbox.sandbox.call_count("/gmail"), calls);
    app.effects(EffectKind::DraftCreated).assert_none();
}

#[tokio::test]
async fn a_lost_answer_to_an_upload_or_a_send_sends_one_mail() {
    for path in [UPLOAD, SEND] {
        let app = TestApp::as_documented("a current list resolves the lost response in the request").await;
        app.connect("u1", "gmail").await;
        let id = app.upload("u1", "a.bin", "a/b", bytes(300_000)).await;
        app.fault(Fault::apply_then_drop("gmail").at_path(path));
        app.submit("u1", mail_with(json!([{ "file": id }]))).await.succeeded();
        app.effects(EffectKind::DraftCreated).assert_count(1);
        app.effects(EffectKind::MessageSent).only();
    }
}

#[tokio::test]
async fn a_draft_that_lost_its_key_is_found_by_the_names_and_sizes_of_its_files() {
    let app = app().await;
    app.sandbox.sandbox.set_strangeness(Strangeness::content());
    let id = app.upload("u1", "a.bin", "a/b", bytes(300_000)).await;
    app.fault(Fault::apply_then_drop("gmail").at_path(UPLOAD));
    let mail = mail_with(json!([{ "file": id }, { "filename": "b.txt", "text": "b" }]));
    let task = app.submit("u1", mail.at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    app.run_processor_after(AFTER_RECONCILE_GRACE).await;
    app.task(&task).await.assert_completed().attempts(2);
    app.effects(EffectKind::DraftCreated).assert_count(1);
    app.effects(EffectKind::MessageSent).only();
}

#[tokio::test]
async fn a_dry_run_shows_a_mail_with_its_files_by_name_and_size() {
    let app = app().await;
    let id = app.upload("u1", "a.bin", "a/b", bytes(1000)).await;
    let dry = app.submit("u1", mail_with(json!([{ "file": id }])).dry_run()).await.succeeded();
    let requests = dry.data()["requests"].clone();
    let mail = &requests[0]["body"]["mail"];
    assert_eq!((&mail["to"], &mail["text"]), (&json!(["alex@example.com"]), &json!("Here.")));
    let file = json!({ "file": id, "filename": "a.bin", "contentType": "a/b", "size": 1000 });
    assert_eq!(mail["attachments"], json!([file]));
    assert!(requests[0]["url"].as_str().unwrap().contains("/upload/gmail/"), "{requests}");
    app.effects(EffectKind::DraftCreated).assert_none();
}
