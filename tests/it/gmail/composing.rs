//! Mails as people write them: who sends, who gets a copy, what is quoted, and what another parser reads of them.

use super::{app, run_action};
use crate::support::builders::intent;
use crate::support::{EffectKind, TestApp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use sandbox::fixtures::{ALEX, gmail};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const ALIAS: &str = "alex.sales@example.com";
/// The message of Kim to Alex.
const FROM_KIM: &str = "18f0000000000003";

fn last_sent(app: &TestApp) -> Value {
    app.effects(EffectKind::MessageSent).last().unwrap().request.clone()
}

#[tokio::test]
async fn a_mail_has_the_name_of_its_sender_and_the_signature_of_its_alias() {
    let app = app().await;
    let mail = json!({ "to": "kim@example.com", "subject": "Hi", "body": "Hello." });
    let read = async |sent: Value| run_action(&app, "get_email", json!({ "messageId": sent })).await.data().clone();
    let sent = run_action(&app, "send_email", mail.clone()).await.data()["id"].clone();
    assert!(read(sent).await["from"]["name"].as_str().unwrap().starts_with("Alex"));
    for (action, context) in [
        ("send_email", mail.clone()),
        ("reply", json!({ "messageId": FROM_KIM, "body": "Hello." })),
        ("forward", json!({ "messageId": FROM_KIM, "to": "kim@example.com", "body": "Hello." })),
    ] {
        let mut context = context;
        context["from"] = json!(ALIAS);
        context["signature"] = json!(true);
        let id = run_action(&app, action, context).await.data()["id"].clone();
        let sent = last_sent(&app);
        assert_eq!((&sent["from"], &sent["headers"]["Reply-To"]), (&json!([ALIAS]), &json!("<sales@example.com>")));
        let text = sent["text"].as_str().unwrap().replace("\r\n", "\n");
        assert!(text.starts_with("Hello.\n\n-- \nSales"), "{action}: {text}");
        assert!(sent["html"].as_str().unwrap().contains("<b>Sales</b>"), "{action}: {sent}");
        assert_eq!(read(id).await["from"]["email"], ALIAS, "{action}");
    }
    for stranger in ["sam@example.com", "alex.new@example.com"] {
        let mut context = mail.clone();
        context["from"] = json!(stranger);
        let failed =
            app.submit("u1", intent("gmail", "create_draft").context(context)).await.failed("PROVIDER_REJECTED");
        let reason = format!("{ALEX} or {ALIAS} or support@example.com; not {stranger}");
        assert!(failed.error.message.contains(&reason), "{}", failed.error.message);
    }
}

#[tokio::test]
async fn a_reply_to_all_leaves_out_the_aliases_of_the_account() {
    let app = app().await;
    let mail = json!({ "to": "kim@example.com", "cc": [ALIAS, "support@example.com", ALEX], "subject": "Hi", "body": "Hello." });
    let sent = run_action(&app, "send_email", mail).await.data()["id"].clone();
    run_action(&app, "reply_all", json!({ "messageId": sent, "body": "More." })).await;
    let reply = last_sent(&app);
    assert_eq!((&reply["to"], &reply["cc"]), (&json!(["kim@example.com"]), &json!(["support@example.com"])));
}

#[tokio::test]
async fn a_mail_needs_neither_subject_nor_text_and_one_recipient_in_any_role() {
    let app = app().await;
    run_action(&app, "send_email", json!({ "bcc": "kim@example.com", "subject": "", "body": "" })).await;
    let sent = last_sent(&app);
    assert_eq!((&sent["to"], &sent["bcc"], &sent["subject"]), (&json!([]), &json!(["kim@example.com"]), &json!("")));
    let nobody = json!({ "subject": "Hi", "body": "Hello." });
    app.submit("u1", intent("gmail", "send_email").context(nobody.clone())).await.refused(400, "MISSING_FIELDS");
    run_action(&app, "create_draft", nobody).await;
    app.effects(EffectKind::DraftCreated).assert_count(2);
}

#[tokio::test]
async fn a_reply_quotes_the_mail_it_answers() {
    let app = app().await;
    let original = run_action(&app, "get_email", json!({ "messageId": FROM_KIM })).await.data()["text"].clone();
    let first = original.as_str().unwrap().lines().next().unwrap();
    for action in ["reply", "reply_all"] {
        run_action(&app, action, json!({ "messageId": FROM_KIM, "markdown": "**Yes.**", "quote": true })).await;
        let sent = last_sent(&app);
        let (text, html) = (sent["text"].as_str().unwrap(), sent["html"].as_str().unwrap());
        assert!(text.starts_with("**Yes.**") && text.contains(" wrote:"), "{text}");
        assert!(text.contains(&format!("\n> {first}")), "{text}");
        assert!(
            html.starts_with("<p><strong>Yes.</strong></p>") && html.contains("<blockquote class=\"gmail_quote\""),
            "{html}"
        );
        assert_eq!(sent["threadId"], gmail::LAUNCH_THREAD, "{action}");
    }
}

#[tokio::test]
async fn a_forward_as_a_draft_is_sent_later() {
    let app = app().await;
    let context =
        json!({ "messageId": gmail::INVOICE_MESSAGE, "to": "kim@example.com", "body": "See below.", "asDraft": true });
    let draft = run_action(&app, "forward", context).await.data()["draftId"].clone();
    app.effects(EffectKind::MessageSent).assert_none();
    let read = run_action(&app, "get_draft", json!({ "draftId": draft })).await.data().clone();
    assert!(read.to_string().contains("See below."), "{read}");
    run_action(&app, "send_draft", json!({ "draftId": draft })).await;
    let sent = last_sent(&app);
    assert!(sent["subject"].as_str().unwrap().starts_with("Fwd: "), "{sent}");
    assert!(!sent["attachments"].as_array().unwrap().is_empty(), "{sent}");
}

/// Mails, and what a reader must find in each: the same fields as in the context, unless it is said otherwise. Python shows a quoted local part
/// without quotes if it has dots alone.
fn mails() -> Vec<(&'static str, Value, Value)> {
    let picture = json!({ "filename": "logo.png", "content": "iVBORw0KGgo=", "contentType": "image/png" });
    let event = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n";
    let file = |name: &str, kind: &str, text: &str| json!({ "filename": name, "text": text, "contentType": kind });
    vec![
        ("plain", json!({ "to": "a@b.co", "subject": "Hello", "body": "One\ntwo" }), json!({})),
        (
            "international",
            json!({ "to": "J\u{fc}rgen \"JJ\" Gro\u{df} <j@b\u{fc}cher.example>; a..b.@docomo.example",
                "cc": "Team: x@y.example, \"Doe, John\" <\"john doe\"@x.example>;", "subject": "Gr\u{fc}\u{df}e ".repeat(30).trim(),
                "body": "\u{e4}".repeat(3000) }),
            json!({ "to": ["j@xn--bcher-kva.example", "a..b.@docomo.example"],
                "cc": ["x@y.example", "\"john doe\"@x.example"] }),
        ),
        (
            "coded",
            json!({ "to": "a@b.co", "subject": "Is =?utf-8?q?a?= read?", "body": "=?utf-8?q?a?= =41" }),
            json!({}),
        ),
        (
            "empty",
            json!({ "bcc": "kim@example.com", "subject": "", "body": "" }),
            json!({ "to": [], "bcc": ["kim@example.com"] }),
        ),
        (
            "files",
            json!({ "to": "a@b.co", "subject": "Files", "body": "B", "html": "<p>B <img src=\"cid:logo.png\"></p>",
                "attachments": [picture, file("\u{dc}bersicht \"1\".csv", "text/csv", "a,b"), file("inner.eml", "message/rfc822",
                    "Subject: Inner\r\n\r\nHi"), file("invite.ics", "text/calendar; method=REQUEST", event)] }),
            json!({ "files": { "logo.png": "inline image/png", "\u{dc}bersicht \"1\".csv": "attachment text/csv",
                "inner.eml": "attachment message/rfc822", "invite.ics": "attachment application/ics" },
                "kinds": ["text/plain", "text/html", "image/png", "text/calendar", "text/csv", "message/rfc822", "text/plain", "application/ics"],
                "html": "<p>B <img src=\"cid:logo.png\"></p>" }),
        ),
        (
            "alias",
            json!({ "to": "a@b.co", "subject": "S", "body": "B", "from": format!("\u{c4}nn <{ALIAS}>") }),
            json!({ "from": [ALIAS], "fromName": "\u{c4}nn" }),
        ),
    ]
}

/// Runs the judge on mails. Returns what it found; `None` where Python is not installed.
fn check_mails(cases: &Value) -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("judges/composed_mails.py");
    let started = Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut judge) = started else {
        assert!(std::env::var_os("CI").is_none(), "python3 is missing");
        return None;
    };
    judge.stdin.take().unwrap().write_all(cases.to_string().as_bytes()).unwrap();
    let output = judge.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn the_mails_are_read_by_another_parser_as_they_were_written() {
    let app = app().await;
    let token = app.sandbox.sandbox.grant("google", ALEX, &["https://mail.google.com/"]).unwrap().access_token;
    let mut cases = vec![];
    for (name, context, expect) in mails() {
        let sent = run_action(&app, "send_email", context.clone()).await.data()["id"].as_str().unwrap().to_owned();
        let url = format!("{}/gmail/v1/users/me/messages/{sent}?format=raw", app.sandbox.provider_urls()["gmail"]);
        let read = reqwest::Client::new().get(url).bearer_auth(&token).send().await.unwrap();
        let read: Value = serde_json::from_slice(&read.bytes().await.unwrap()).unwrap();
        let mut expected = json!({ "subject": context["subject"], "body": context["body"] });
        if context["to"].is_string() {
            expected["to"] = json!([context["to"]]);
        }
        expected.as_object_mut().unwrap().extend(expect.as_object().unwrap().clone());
        cases.push(json!({ "name": name, "raw": read["raw"], "expected": expected }));
    }
    let Some(found) = check_mails(&json!(cases)) else { return };
    assert_eq!(found, "", "Python's email disagrees");
    // A judge that finds no planted fault judges nothing.
    for (name, from, to) in [
        ("files", "Content-ID: <logo", "Content-ID: <log"),
        ("international", "xn--bcher", "xn--becher"),
        ("plain", "Subject: Hello", "Subject: Hallo"),
        ("coded", "=?utf-8?B?", "=?utf-8?Q?"),
    ] {
        let case = cases.iter().find(|case| case["name"] == name).unwrap();
        let raw = String::from_utf8(URL_SAFE.decode(case["raw"].as_str().unwrap()).unwrap()).unwrap();
        assert!(raw.contains(from), "{raw}");
        let mut planted = case.clone();
        planted["raw"] = json!(URL_SAFE.encode(raw.replacen(from, to, 1)));
        let found = check_mails(&json!([planted])).unwrap();
        assert!(found.starts_with(&format!("{name}: ")), "{name}: {found:?}");
    }
}
