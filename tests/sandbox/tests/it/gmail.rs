//! Tests of Gmail: sent messages, drafts and searches.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sandbox::Sandbox;
use sandbox::fixtures::gmail;
use serde_json::{Value, json};

use crate::support::{COMPOSE_SCOPE, MODIFY_SCOPE, TestRequest, access_token, effects_of_kind};

const BASE: &str = "/gmail/gmail/v1/users/me";

fn raw(headers: &str, text: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{headers}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"))
}

fn mail() -> String {
    raw(
        "From: alex@example.com\r\nTo: Sam <sam@example.com>\r\nBcc: hidden@example.com\r\nSubject: Hello\r\n\
         Message-ID: <mine@engine.example>\r\nX-Overseer-Key: key-1",
        "Good morning.",
    )
}

fn header(message: &Value, name: &str) -> Option<String> {
    let headers = message["payload"]["headers"].as_array()?;
    let found =
        headers.iter().find(|header| header["name"].as_str().is_some_and(|key| key.eq_ignore_ascii_case(name)))?;
    found["value"].as_str().map(str::to_owned)
}

async fn get(sandbox: &Sandbox, token: &str, path: &str) -> Value {
    let reply = TestRequest::get(&format!("{BASE}{path}")).bearer(token).send(sandbox).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    reply.json()
}

async fn find(sandbox: &Sandbox, token: &str, q: &str) -> Vec<String> {
    let found = get(sandbox, token, &format!("/messages?{}", crate::support::encode_query(&[("q", q)]))).await;
    let ids = found["messages"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str());
    ids.map(str::to_owned).collect()
}

#[tokio::test]
async fn sending_rewrites_the_message_id_and_delivers() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "google", &[MODIFY_SCOPE]);
    let sent = TestRequest::post(&format!("{BASE}/messages/send"), &json!({"raw": mail()}))
        .bearer(&token)
        .send(&sandbox)
        .await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let id = sent.json()["id"].as_str().unwrap().to_owned();

    let stored = get(
        &sandbox,
        &token,
        &format!("/messages/{id}?format=metadata&metadataHeaders=X-Overseer-Key&metadataHeaders=Message-ID"),
    )
    .await;
    assert!(header(&stored, "Message-ID").unwrap().ends_with("@mail.gmail.com>"), "Gmail's own id");
    assert_eq!(header(&stored, "X-Overseer-Key").as_deref(), Some("key-1"));
    assert_eq!(header(&stored, "Subject"), None, "only the requested headers are returned");
    assert!(find(&sandbox, &token, "rfc822msgid:<mine@engine.example>").await.is_empty());
    assert_eq!(
        find(&sandbox, &token, "in:sent newer_than:1d to:sam@example.com subject:\"Hello\"").await,
        [id.as_str()]
    );

    let effects = effects_of_kind(&sandbox, "message_sent");
    assert_eq!(
        (effects.len(), effects[0].account.as_str(), effects[0].id.as_str()),
        (1, "alex@example.com", id.as_str())
    );
    let request = &effects[0].request;
    assert_eq!((&request["to"], &request["bcc"]), (&json!(["sam@example.com"]), &json!(["hidden@example.com"])));
    assert_eq!((&request["subject"], request["text"].as_str().unwrap().trim()), (&json!("Hello"), "Good morning."));
    assert_eq!(request["headers"]["Message-ID"], "<mine@engine.example>");

    let sam = sandbox.grant("google", sandbox::fixtures::SAM, &[MODIFY_SCOPE]).unwrap().access_token;
    let delivered = find(&sandbox, &sam, "is:unread from:alex subject:Hello").await;
    let delivered = get(&sandbox, &sam, &format!("/messages/{}?format=full", delivered[0])).await;
    assert_eq!(header(&delivered, "Bcc"), None, "delivered copies have no Bcc");
}

#[tokio::test]
async fn sending_a_draft_deletes_it() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "google", &[COMPOSE_SCOPE]);
    let created = TestRequest::post(&format!("{BASE}/drafts"), &json!({"message": {"raw": mail()}}))
        .bearer(&token)
        .send(&sandbox)
        .await;
    let draft = created.json()["id"].as_str().unwrap().to_owned();
    let shown = get(&sandbox, &token, &format!("/drafts/{draft}?format=metadata")).await;
    assert_eq!(header(&shown["message"], "X-Overseer-Key").as_deref(), Some("key-1"));
    assert_eq!(get(&sandbox, &token, "/drafts").await["drafts"][0]["id"], draft.as_str());

    let changed = json!({"message": {"raw": raw("To: sam@example.com\r\nSubject: Changed", "Bye.")}});
    let updated =
        TestRequest::json("PUT", &format!("{BASE}/drafts/{draft}"), &changed).bearer(&token).send(&sandbox).await;
    assert_eq!(updated.json()["id"], draft.as_str());
    assert_ne!(updated.json()["message"]["id"], created.json()["message"]["id"]);

    let send = || TestRequest::post(&format!("{BASE}/drafts/send"), &json!({"id": draft})).bearer(&token);
    let sent = send().send(&sandbox).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    assert_ne!(sent.json()["id"], updated.json()["message"]["id"], "the sent message has a new id");
    assert_eq!(send().send(&sandbox).await.status, 404, "a sent draft cannot be sent again");
    assert_eq!(TestRequest::get(&format!("{BASE}/drafts/{draft}")).bearer(&token).send(&sandbox).await.status, 404);
    assert_eq!(get(&sandbox, &token, "/drafts").await["drafts"][0]["id"], gmail::DRAFT, "only the seed draft is left");
    let sam = sandbox.grant("google", sandbox::fixtures::SAM, &[COMPOSE_SCOPE]).unwrap().access_token;
    assert_eq!(get(&sandbox, &sam, "/drafts").await["drafts"], Value::Null, "empty lists are omitted");
    assert_eq!(effects_of_kind(&sandbox, "message_sent").len(), 1);
    assert_eq!(effects_of_kind(&sandbox, "message_sent")[0].request["subject"], "Changed");

    let second = TestRequest::post(&format!("{BASE}/drafts"), &json!({"message": {"raw": mail()}}))
        .bearer(&token)
        .send(&sandbox)
        .await;
    let second = second.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(TestRequest::delete(&format!("{BASE}/drafts/{second}")).bearer(&token).send(&sandbox).await.status, 204);
    let ours = sandbox.effects().into_iter().filter(|effect| effect.provider == "gmail");
    let kinds: Vec<String> = ours.map(|effect| effect.kind).collect();
    assert_eq!(kinds, ["draft_created", "draft_updated", "message_sent", "draft_created", "draft_deleted"]);
}

#[tokio::test]
async fn search_finds_the_seed_messages() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "google", &[MODIFY_SCOPE]);
    assert_eq!(find(&sandbox, &token, "").await.len(), gmail::MESSAGES);
    assert_eq!(find(&sandbox, &token, "is:unread").await.len(), 4);
    assert_eq!(find(&sandbox, &token, "in:sent").await.len(), 3);
    assert_eq!(find(&sandbox, &token, "from:billing has:attachment").await, [gmail::INVOICE_MESSAGE]);
    assert_eq!(find(&sandbox, &token, "in:inbox newer_than:1d").await.len(), 4);
    assert_eq!(find(&sandbox, &token, "subject:café -in:sent").await.len(), 2);
    assert_eq!(find(&sandbox, &token, "\"press page\"").await.len(), 1);
    assert_eq!(find(&sandbox, &token, "label:receipts").await.len(), 1);

    let first = get(&sandbox, &token, "/messages?maxResults=5&labelIds=INBOX").await;
    let next = first["nextPageToken"].as_str().unwrap();
    let second = get(&sandbox, &token, &format!("/messages?maxResults=5&labelIds=INBOX&pageToken={next}")).await;
    assert_eq!((first["messages"].as_array().unwrap().len(), second["messages"].as_array().unwrap().len()), (5, 4));

    let dinner = get(&sandbox, &token, &format!("/messages/{}", gmail::DINNER_MESSAGE)).await;
    assert_eq!(header(&dinner, "Subject").as_deref(), Some("Café am Freitag ☕"));
    assert!(header(&dinner, "From").unwrap().starts_with("Zoë Müller"));
    let thread = get(&sandbox, &token, &format!("/threads/{}", gmail::LAUNCH_THREAD)).await;
    assert_eq!(thread["messages"].as_array().unwrap().len(), 5);

    let invoice = get(&sandbox, &token, &format!("/messages/{}", gmail::INVOICE_MESSAGE)).await;
    let part = invoice["payload"]["parts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|part| part["filename"] == "invoice-0423.txt")
        .unwrap();
    let attachment = part["body"]["attachmentId"].as_str().unwrap();
    let bytes = get(&sandbox, &token, &format!("/messages/{}/attachments/{attachment}", gmail::INVOICE_MESSAGE)).await;
    assert!(bytes["size"].as_u64().unwrap() > 20);
}

#[tokio::test]
async fn reply_joins_a_thread_only_if_all_three_conditions_hold() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "google", &[MODIFY_SCOPE]);
    let parent = get(&sandbox, &token, &format!("/messages/{}?format=metadata", gmail::INVOICE_MESSAGE)).await;
    let id = header(&parent, "Message-ID").unwrap();
    let headers =
        format!("To: billing@northwind.example\r\nSubject: Re: Invoice 0423\r\nIn-Reply-To: {id}\r\nReferences: {id}");
    let send = |headers: &str| {
        let body = json!({"raw": raw(headers, "Paid."), "threadId": gmail::INVOICE_THREAD});
        TestRequest::post(&format!("{BASE}/messages/send"), &body).bearer(&token)
    };
    assert_eq!(send(&headers).send(&sandbox).await.json()["threadId"], gmail::INVOICE_THREAD);
    let other = headers.replace("Invoice 0423", "Something else");
    assert_ne!(send(&other).send(&sandbox).await.json()["threadId"], gmail::INVOICE_THREAD);
    assert_eq!(effects_of_kind(&sandbox, "message_sent")[0].request["threadId"], gmail::INVOICE_THREAD);
    let unknown = json!({"raw": raw(&headers, "Paid."), "threadId": "18f0ffffffffffff"});
    assert_eq!(
        TestRequest::post(&format!("{BASE}/messages/send"), &unknown).bearer(&token).send(&sandbox).await.status,
        404
    );
}

#[tokio::test]
async fn unknown_labels_and_missing_scopes_are_rejected() {
    let sandbox = Sandbox::new();
    let modify = access_token(&sandbox, "google", &[MODIFY_SCOPE]);
    let path = format!("{BASE}/messages/{}/modify", gmail::INVOICE_MESSAGE);
    let starred =
        TestRequest::post(&path, &json!({"addLabelIds": ["STARRED"], "removeLabelIds": ["INBOX"]})).bearer(&modify);
    assert_eq!(starred.send(&sandbox).await.json()["labelIds"], json!(["Label_1", "STARRED"]));
    let unknown = TestRequest::post(&path, &json!({"addLabelIds": ["Label_99"]})).bearer(&modify).send(&sandbox).await;
    assert_eq!(unknown.status, 400);
    let trash =
        TestRequest::post(&format!("{BASE}/messages/{}/trash", gmail::INVOICE_MESSAGE), &json!({})).bearer(&modify);
    assert_eq!(trash.send(&sandbox).await.status, 200);
    assert_eq!(find(&sandbox, &modify, "has:attachment").await.len(), 0, "the trash is excluded");

    let send_only = access_token(&sandbox, "google", &["https://www.googleapis.com/auth/gmail.send"]);
    let refused = TestRequest::get(&format!("{BASE}/messages")).bearer(&send_only).send(&sandbox).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"]["details"][0]["reason"], "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    let draft = TestRequest::post(&format!("{BASE}/drafts"), &json!({"message": {"raw": mail()}})).bearer(&send_only);
    assert_eq!(draft.send(&sandbox).await.status, 403, "gmail.send does not allow drafts");

    let nobody = TestRequest::post(&format!("{BASE}/messages/send"), &json!({"raw": raw("Subject: To nobody", "")}))
        .bearer(&send_only);
    let nobody = nobody.send(&sandbox).await;
    assert_eq!(
        (nobody.status.as_u16(), &nobody.json()["error"]["errors"][0]["reason"]),
        (400, &json!("invalidArgument"))
    );
    assert_eq!(TestRequest::get(&format!("{BASE}/messages")).bearer("made-up").send(&sandbox).await.status, 401);
    let metadata = access_token(&sandbox, "google", &["https://www.googleapis.com/auth/gmail.metadata"]);
    assert_eq!(
        TestRequest::get(&format!("{BASE}/messages?q=launch")).bearer(&metadata).send(&sandbox).await.status,
        403
    );
    assert_eq!(TestRequest::get(&format!("{BASE}/messages")).bearer(&metadata).send(&sandbox).await.status, 200);
}

#[tokio::test]
async fn label_is_created_once_and_only_with_all_fields() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "google", &["https://www.googleapis.com/auth/gmail.labels"]);
    let label = |name: &str| json!({"name": name, "labelListVisibility": "labelShow", "messageListVisibility": "show"});
    let create =
        async |body: Value| TestRequest::post(&format!("{BASE}/labels"), &body).bearer(&token).send(&sandbox).await;
    let created = create(label("Travel")).await;
    assert_eq!((created.status.as_u16(), &created.json()["type"]), (200, &json!("user")), "{}", created.text);
    let again = create(label("travel")).await;
    assert_eq!((again.status.as_u16(), &again.json()["error"]["errors"][0]["reason"]), (409, &json!("aborted")));
    for name in ["", "Inbox"] {
        assert_eq!(create(label(name)).await.status, 400, "{name}");
    }
    assert_eq!(create(json!({"name": "Half"})).await.status, 400);
    let labels = get(&sandbox, &token, "/labels").await;
    assert!(labels["labels"].as_array().unwrap().iter().any(|label| label["name"] == "Travel"), "{labels}");
    assert_eq!(effects_of_kind(&sandbox, "label_created").len(), 1);
}

#[tokio::test]
async fn undocumented_fields_and_parameters_are_rejected() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "google", &[MODIFY_SCOPE]);
    let message = format!("{BASE}/messages/{}", gmail::INVOICE_MESSAGE);
    for path in [
        format!("{BASE}/messages?limit=5"),
        format!("{BASE}/messages?includeSpamTrash=yes"),
        format!("{BASE}/drafts/{}?metadataHeaders=To", gmail::DRAFT),
        format!("{BASE}/threads/{}?format=raw", gmail::LAUNCH_THREAD),
        format!("{BASE}/profile?x=1"),
        format!("{message}?format=all"),
    ] {
        assert_eq!(TestRequest::get(&path).bearer(&token).send(&sandbox).await.status, 400, "{path}");
    }
    for (path, body) in [
        (format!("{BASE}/drafts"), json!({"raw": mail()})),
        (format!("{BASE}/drafts"), json!({"message": {"raw": mail(), "to": "x"}})),
        (format!("{BASE}/messages/send"), json!({"raw": mail(), "threadId": 5})),
        (format!("{message}/modify"), json!({"addLabels": ["STARRED"]})),
        (format!("{message}/modify"), json!({"addLabelIds": "STARRED"})),
        (format!("{message}/modify"), json!({"addLabelIds": ["SENT"]})),
        (format!("{message}/modify"), json!({"addLabelIds": vec!["STARRED"; 101]})),
    ] {
        assert_eq!(TestRequest::post(&path, &body).bearer(&token).send(&sandbox).await.status, 400, "{path} {body}");
    }
    assert_eq!(sandbox.effects().len(), 1, "the only effect is the issued token");
}

#[tokio::test]
async fn untrash_restores_a_message() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "google", &[MODIFY_SCOPE]);
    assert_eq!(find(&sandbox, &token, "in:trash").await, [gmail::TRASHED_MESSAGE]);
    let path = format!("{BASE}/messages/{}/untrash", gmail::TRASHED_MESSAGE);
    assert_eq!(TestRequest::post(&path, &json!({})).bearer(&token).send(&sandbox).await.status, 200);
    assert!(find(&sandbox, &token, "in:trash").await.is_empty());
    let draft = get(&sandbox, &token, &format!("/drafts/{}", gmail::DRAFT)).await;
    assert_eq!(draft["message"]["id"], gmail::DRAFT_MESSAGE);
}
