//! Fuzz target: a mail's texts cannot inject a header.

use super::provider_replies::{Reply, Step, StepInput, run_step};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::adapters;
use mail_parser::{Address, MessageParser};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The headers that a message can have, each at most once.
const HEADERS: [&str; 11] = [
    "message-id",
    "date",
    "x-plugin-engine-key",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "subject",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];

/// Checks a mail built from seven texts separated by the byte 1F: to, subject, body, cc, bcc, replyTo, html. Another parser reads
/// it back: it has known headers only, none twice, and no recipient that its field did not name.
pub fn mail_headers(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut texts = text.split('\u{1f}');
    let mut context = json!({});
    for (index, field) in ["to", "subject", "body", "cc", "bcc", "replyTo", "html"].into_iter().enumerate() {
        let text_of_field = texts.next().unwrap_or_default();
        if index < 3 || !text_of_field.is_empty() {
            context[field] = text_of_field.into();
        }
    }
    let adapter = adapters::find("gmail").unwrap();
    let action = adapter.action("create_draft").unwrap();
    let Ok(context) = action.accept(context) else { return };
    let input = StepInput { step: Step::Run, checkpoint: None };
    let run = run_step(adapter, action, &context, input, |_| Reply { status: 500, body: vec![] });
    // The call before it reads the sender's name.
    let written = run.calls.iter().find(|call| call.request.method() == "POST").expect("a draft is written");
    let draft: Value = serde_json::from_slice(written.request.body().bytes()).unwrap();
    let raw = URL_SAFE_NO_PAD.decode(draft["message"]["raw"].as_str().unwrap()).unwrap();
    check(&raw, &context);
}

fn check(raw: &[u8], context: &Value) {
    let header_block = String::from_utf8(raw.to_vec()).expect("a message is text");
    let header_block = header_block.split("\r\n\r\n").next().unwrap();
    let mut names = BTreeSet::new();
    for line in header_block.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
        assert!(!line.contains(['\r', '\n']), "{context}: {line:?}");
        let name = line.split(':').next().unwrap().to_ascii_lowercase();
        assert!(HEADERS.contains(&name.as_str()) && names.insert(name), "{context}: {line:?}");
    }
    let message = MessageParser::default().parse(raw).expect("a message");
    let lists = [("to", message.to()), ("cc", message.cc()), ("bcc", message.bcc()), ("replyTo", message.reply_to())];
    for (field, list) in lists {
        let text_of_field = context[field].as_str().unwrap_or_default();
        for address in list.into_iter().flat_map(Address::iter) {
            let address = address.address().unwrap_or_default();
            assert!(address.contains('@') && text_of_field.contains(address), "{context}: {field} has {address:?}");
        }
        assert_eq!(list.is_some(), !text_of_field.is_empty(), "{context}: {field}");
    }
}
