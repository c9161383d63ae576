//! Tests of Gmail's uploads, and of the files in mails.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use sandbox::Sandbox;
use sandbox::fixtures::gmail;
use serde_json::{Value, json};

use crate::support::{MODIFY_SCOPE, TestRequest, access_token, effects_of_kind};

const USER: &str = "/gmail/gmail/v1/users/me";
const UPLOAD: &str = "/gmail/upload/gmail/v1/users/me";
/// The largest mail: `mediaUpload.maxSize` of the discovery document.
const MAX_MAIL_BYTES: usize = 36_700_160;
const ATTACHED_MAIL: &str = "Subject: Inner\r\nContent-Type: text/plain; name=\"inner.txt\"\r\nContent-Disposition: attachment; \
     filename=\"inner.txt\"\r\n\r\nInner text.";

/// A mail with a file in Latin-1, a table in base64, and an attached mail.
fn mail_with_files() -> String {
    let table = STANDARD.encode(b"a\xff\0\r\n");
    format!(
        "To: sam@example.com\r\nSubject: Files\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_1\"\r\n\r\n\
         --=_1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHere.\r\n\
         --=_1\r\nContent-Type: text/csv; charset=iso-8859-1;\r\n header=present\r\nContent-Disposition: attachment; \
         filename=\"table.csv\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{table}\r\n\
         --=_1\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"inner.eml\"\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{ATTACHED_MAIL}\r\n--=_1--\r\n"
    )
}

async fn read(sandbox: &Sandbox, token: &str, path: &str) -> Value {
    let reply = TestRequest::get(&format!("{USER}{path}")).bearer(token).send(sandbox).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    reply.json()
}

#[tokio::test]
async fn an_uploaded_mail_is_a_draft_in_its_thread_and_is_sent() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "google", &[MODIFY_SCOPE]);
    let parent = read(&sandbox, &token, &format!("/messages/{}?format=metadata", gmail::INVOICE_MESSAGE)).await;
    let headers = parent["payload"]["headers"].as_array().unwrap();
    let id = headers.iter().find(|header| header["name"] == "Message-ID").unwrap()["value"].as_str().unwrap();
    let reply = format!("To: sam@example.com\r\nSubject: Re: Invoice 0423\r\nIn-Reply-To: {id}\r\n\r\nPaid.");
    let message = json!({"threadId": gmail::INVOICE_THREAD});
    let created = TestRequest::upload("POST", &format!("{UPLOAD}/drafts"), &json!({"message": message}), &reply);
    let created = created.bearer(&token).send(&sandbox).await;
    assert_eq!(created.json()["message"]["threadId"], gmail::INVOICE_THREAD, "{}", created.text);
    let draft = created.json()["id"].as_str().unwrap().to_owned();
    let changed = TestRequest::upload("PUT", &format!("{UPLOAD}/drafts/{draft}"), &json!({}), &mail_with_files());
    let changed = changed.bearer(&token).send(&sandbox).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["id"]), (200, &json!(draft)), "{}", changed.text);
    let sent = TestRequest::upload("POST", &format!("{UPLOAD}/messages/send"), &message, &reply);
    let sent = sent.bearer(&token).send(&sandbox).await;
    assert_eq!(sent.json()["threadId"], gmail::INVOICE_THREAD, "{}", sent.text);
    let media = TestRequest::get(&format!("{UPLOAD}/messages/send?uploadType=media")).method("POST");
    let alone = media.related(reply, "message/rfc822").bearer(&token).send(&sandbox).await;
    assert_eq!(alone.status, 200, "{}", alone.text);
    assert_eq!(effects_of_kind(&sandbox, "message_sent").len(), 2);
}

#[tokio::test]
async fn files_are_returned_byte_for_byte() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "google", &[MODIFY_SCOPE]);
    let sent = TestRequest::upload("POST", &format!("{UPLOAD}/messages/send"), &json!({}), &mail_with_files());
    let id = sent.bearer(&token).send(&sandbox).await.json()["id"].as_str().unwrap().to_owned();
    let parts = read(&sandbox, &token, &format!("/messages/{id}")).await["payload"]["parts"].clone();
    let inner = &parts[2]["parts"][0];
    assert_eq!((&parts[2]["mimeType"], &inner["filename"]), (&json!("message/rfc822"), &json!("inner.txt")));
    for (part, expected) in
        [(&parts[1], &b"a\xff\0\r\n"[..]), (&parts[2], ATTACHED_MAIL.as_bytes()), (inner, b"Inner text.")]
    {
        let attachment = part["body"]["attachmentId"].as_str().unwrap();
        let path = format!("{USER}/messages/{id}/attachments/{attachment}");
        let reply = TestRequest::get(&path).bearer(&token).send(&sandbox).await;
        assert_eq!(reply.json(), json!({"size": expected.len(), "data": URL_SAFE.encode(expected)}));
        assert_eq!(part["body"]["size"], expected.len());
        assert!(!reply.text.contains('='), "padding is escaped: {}", reply.text);
    }
    let digest: String = digest(&SHA256, b"a\xff\0\r\n").as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let files = &effects_of_kind(&sandbox, "message_sent")[0].request["files"];
    assert_eq!(
        files[0],
        json!({"filename": "table.csv", "contentType": "text/csv; charset=iso-8859-1; header=present",
            "coding": "base64", "size": 5, "sha256": digest})
    );
    assert_eq!(files[1]["coding"], "8bit");
}

#[tokio::test]
async fn malformed_uploads_and_long_mails_are_refused() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "google", &[MODIFY_SCOPE]);
    let part = |kind: &str, content: &str| format!("--=_1\r\nContent-Type: {kind}\r\n\r\n{content}\r\n");
    let metadata = part("application/json", "{}");
    let mail = part("message/rfc822", "To: sam@example.com\r\n\r\nHi");
    let quoted = "multipart/related; boundary=\"=_1\"";
    let whole = format!("{metadata}{mail}--=_1--");
    let upload = async |query: &str, kind: &str, body: String| {
        let path = format!("{UPLOAD}/drafts{query}");
        let request = TestRequest::get(&path).method("POST").related(body, kind).bearer(&token);
        let reply = request.send(&sandbox).await;
        (reply.status.as_u16(), reply.json()["error"]["message"].as_str().unwrap_or_default().to_owned())
    };
    for (query, kind, body, reason) in [
        ("", quoted, whole.clone(), "Invalid upload request"),
        ("?uploadType=multipart&x=1", quoted, whole.clone(), "Unknown name"),
        ("?uploadType=multipart", "multipart/related; boundary==_1", whole.clone(), "needs quotes"),
        ("?uploadType=multipart", "multipart/mixed; boundary=\"=_1\"", whole.clone(), "multipart/related"),
        ("?uploadType=multipart", quoted, format!("{metadata}{mail}"), "does not end"),
        ("?uploadType=multipart", quoted, format!("\r\n{whole}"), "does not start"),
        ("?uploadType=multipart", quoted, format!("{mail}--=_1--"), "one part"),
        ("?uploadType=multipart", quoted, format!("{mail}{metadata}--=_1--"), "first part"),
        (
            "?uploadType=multipart",
            quoted,
            whole.replace("message/rfc822", "text/plain"),
            "Valid media types: [message/*]",
        ),
        ("?uploadType=multipart", quoted, whole.replace("{}", "{\"raw\": \"SGk\"}"), "both have a message"),
        ("?uploadType=multipart", quoted, whole.replace("{}", "{\"to\": 1}"), "Unknown name"),
        ("?uploadType=media", "text/plain", "To: sam@example.com\r\n\r\nHi".to_owned(), "[message/*]"),
    ] {
        let (status, message) = upload(query, kind, body).await;
        assert!(status == 400 && message.contains(reason), "{reason}: {status} {message}");
    }
    assert_eq!(upload("?uploadType=multipart", quoted, whole).await.0, 200);
    let head = "To: sam@example.com\r\n\r\n";
    let long = |bytes: usize| format!("{head}{}", "a".repeat(bytes - head.len()));
    assert_eq!(upload("?uploadType=media", "message/rfc822", long(MAX_MAIL_BYTES)).await.0, 200);
    let (status, message) = upload("?uploadType=media", "message/rfc822", long(MAX_MAIL_BYTES + 1)).await;
    assert_eq!((status, message.as_str()), (413, "Media is too large. Limit: 36700160"));
    let raw = json!({"message": {"raw": URL_SAFE.encode(long(5 << 20))}});
    let as_json = TestRequest::post(&format!("{USER}/drafts"), &raw).bearer(&token).send(&sandbox).await;
    assert_eq!(as_json.status, 413);
}
