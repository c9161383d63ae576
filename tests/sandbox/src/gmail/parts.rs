//! The parts of a mail as the Gmail API shows them.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders as _, PartType};
use serde_json::{Value, json};

use super::mail::{decode_header_value, encode};

/// A part's place: the attached mail that it belongs to, with a dot, empty for a part of the mail itself; and whether HTML is kept
/// apart.
#[derive(Clone, Copy)]
struct Place<'a> {
    outside: &'a str,
    keeps_html_apart: bool,
}

/// Builds the `MessagePart` tree
/// (<https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages#Message.MessagePart>).
pub(crate) fn payload_json(mail: &Message<'_>, keeps_html_apart: bool) -> Value {
    part_json(mail, 0, "", Place { outside: "", keeps_html_apart })
}

/// Builds the top part with all its headers, or only the named ones.
pub(crate) fn headers_json(mail: &Message<'_>, only: &[&str]) -> Value {
    let selected = |name: &str| only.is_empty() || only.iter().any(|one| one.eq_ignore_ascii_case(name));
    let all = part_headers_json(mail, 0).into_iter().filter(|header| selected(header["name"].as_str().unwrap_or("")));
    json!({"mimeType": mime_type(mail, 0), "headers": all.collect::<Vec<_>>()})
}

/// Returns an attachment's bytes by the id in its part.
pub(crate) fn attachment_bytes(mail: &Message<'_>, id: &str) -> Option<Vec<u8>> {
    let places = id.strip_prefix(ATTACHMENT_ID_PREFIX)?;
    // A file of an attached mail is named by the places of both.
    match places.split_once('.') {
        None => Some(content(mail, mail.parts.get(places.parse::<usize>().ok()?)?)),
        Some((place, inner)) => {
            let attached = mail.parts.get(place.parse::<usize>().ok()?)?.message()?;
            attachment_bytes(attached, &format!("{ATTACHMENT_ID_PREFIX}{inner}"))
        }
    }
}

/// Returns the files of a mail with their digests, for the ledger.
pub(crate) fn files_json(mail: &Message<'_>) -> Value {
    let file = |part: &MessagePart<'_>| {
        let content = content(mail, part);
        let digest: String = digest(&SHA256, &content).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let coding = part.content_transfer_encoding().unwrap_or_default();
        json!({"filename": part.attachment_name(), "contentType": content_type(mail, part), "coding": coding,
            "size": content.len(), "sha256": digest})
    };
    mail.attachments().filter(|part| part.attachment_name().is_some()).map(file).collect()
}

/// Returns the bytes of a part as they were attached. The parser decodes texts to UTF-8, which changes files.
fn content(mail: &Message<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    let range = part.offset_body as usize..part.offset_end as usize;
    let coded = mail.raw_message().get(range).unwrap_or_default();
    match part.encoding {
        Encoding::None if !coded.is_empty() => coded.to_vec(),
        // The parser knows no place of the only part of an attached mail.
        Encoding::None | Encoding::QuotedPrintable => part.contents().to_vec(),
        Encoding::Base64 => {
            // By lines: a test sends files of 25 MB, and this crate is compiled without optimisation.
            let mut compact = Vec::with_capacity(coded.len());
            let lines = std::str::from_utf8(coded).unwrap_or_default().split('\n');
            lines.for_each(|line| compact.extend_from_slice(line.trim().as_bytes()));
            STANDARD.decode(compact).unwrap_or_default()
        }
    }
}

/// Returns the type of a part with its parameters, on one line.
fn content_type(mail: &Message<'_>, part: &MessagePart<'_>) -> String {
    let header = part.headers.iter().find(|header| header.name.as_str().eq_ignore_ascii_case("Content-Type"));
    let raw =
        header.and_then(|header| mail.raw_message().get(header.offset_start as usize..header.offset_end as usize));
    String::from_utf8_lossy(raw.unwrap_or_default()).split_whitespace().collect::<Vec<_>>().join(" ")
}

const ATTACHMENT_ID_PREFIX: &str = "ANGjdJ_part_";

fn part_json(mail: &Message<'_>, index: usize, part_id: &str, place: Place<'_>) -> Value {
    let Some(here) = mail.parts.get(index) else { return Value::Null };
    let filename = here.attachment_name().unwrap_or("");
    let mut shown = json!({
        "partId": part_id, "mimeType": mime_type(mail, index), "filename": filename, "headers": part_headers_json(mail, index),
    });
    let outside = place.outside;
    let is_apart = place.keeps_html_apart && matches!(here.body, PartType::Html(_));
    let stored = || json!({"attachmentId": format!("{ATTACHMENT_ID_PREFIX}{outside}{index}"), "size": content(mail, here).len()});
    match &here.body {
        PartType::Multipart(children) => {
            let inner = |(turn, child): (usize, &u32)| {
                let id = if part_id.is_empty() { turn.to_string() } else { format!("{part_id}.{turn}") };
                part_json(mail, *child as usize, &id, place)
            };
            shown["body"] = json!({"size": 0});
            shown["parts"] = children.iter().enumerate().map(inner).collect();
        }
        PartType::Message(attached) => {
            shown["body"] = stored();
            let place = Place { outside: &format!("{outside}{index}."), ..place };
            shown["parts"] = json!([part_json(attached, 0, &format!("{part_id}.0"), place)]);
        }
        _ if is_apart || !filename.is_empty() => shown["body"] = stored(),
        _ => shown["body"] = json!({"size": here.contents().len(), "data": encode(here.contents())}),
    }
    shown
}

fn part_headers_json(mail: &Message<'_>, index: usize) -> Vec<Value> {
    let Some(part) = mail.parts.get(index) else { return Vec::new() };
    let raw = mail.raw_message();
    let shown = part.headers.iter().map(|header| {
        let bytes = raw.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default();
        let name = raw.get(header.offset_field as usize..).and_then(|rest| rest.split(|byte| *byte == b':').next());
        json!({"name": String::from_utf8_lossy(name.unwrap_or_default()).trim(), "value": decode_header_value(&String::from_utf8_lossy(bytes))})
    });
    shown.collect()
}

fn mime_type(mail: &Message<'_>, index: usize) -> String {
    let kind = mail.parts.get(index).and_then(|part| part.content_type());
    kind.map_or_else(
        || "text/plain".to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("plain")).to_lowercase(),
    )
}
