//! Internet mail: parsing and header changes.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE};
use mail_parser::{Address, ContentType, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};
use serde_json::{Map, Value, json};

use super::parts;
use crate::http::is_control_text;

/// Decodes base64url with or without padding.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&alphabet::URL_SAFE, config).decode(text.trim()).ok()
}

/// Encodes as padded base64url, Gmail's form.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE.encode(bytes)
}

/// Parses a mail. Bytes without any header are not a mail.
pub(crate) fn parse(raw: &[u8]) -> Option<Message<'_>> {
    let mail = MessageParser::default().parse(raw).filter(|mail| !mail.headers().is_empty())?;
    // A line ends with CR LF, and neither character occurs alone. https://datatracker.ietf.org/doc/html/rfc2045#section-2.7
    let is_text = |part: &PartType<'_>| match part {
        PartType::Text(text) | PartType::Html(text) => !is_control_text(&text.replace("\r\n", "\n")),
        _ => true,
    };
    // The content of a file is not looked at.
    let is_file = |part: &MessagePart<'_>| part.content_disposition().is_some_and(ContentType::is_attachment);
    mail.parts.iter().all(|part| is_file(part) || is_text(&part.body)).then_some(mail)
}

/// Returns the addresses of one header in lower case.
pub(crate) fn addresses(field: Option<&Address<'_>>) -> Vec<String> {
    let all = field.into_iter().flat_map(Address::iter);
    all.filter_map(|one| one.address.as_deref()).map(str::to_lowercase).collect()
}

/// Returns all recipients of a mail.
pub(crate) fn recipients(mail: &Message<'_>) -> Vec<String> {
    [mail.to(), mail.cc(), mail.bcc()].into_iter().flat_map(addresses).collect()
}

/// Returns a header's value, unfolded and decoded.
pub(crate) fn header(mail: &Message<'_>, name: &str) -> Option<String> {
    mail.headers_raw().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, raw)| decode_header_value(raw))
}

/// Returns a header's value as it was sent, without the spaces around it.
pub(crate) fn raw_header(mail: &Message<'_>, name: &str) -> Option<String> {
    mail.headers_raw().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, raw)| raw.trim().to_owned())
}

/// Returns the ids in a `Message-ID`, `In-Reply-To` or `References` header, without angle brackets.
pub(crate) fn ids(mail: &Message<'_>, name: &str) -> Vec<String> {
    let value = header(mail, name).unwrap_or_default();
    value.split_whitespace().map(|id| id.trim_matches(['<', '>', ',']).to_owned()).filter(|id| !id.is_empty()).collect()
}

/// Unfolds a raw header value and decodes its RFC 2047 words.
pub(crate) fn decode_header_value(raw: &str) -> String {
    let unfolded = raw.replace("\r\n", "").replace('\n', "");
    let unfolded = unfolded.trim();
    if !unfolded.contains("=?") {
        return unfolded.to_owned();
    }
    // The parser decodes encoded words in text headers only, so the value is parsed as a subject.
    let dressed = format!("Subject: {unfolded}\r\n\r\n");
    let decoded = MessageParser::default().parse(dressed.as_bytes()).and_then(|mail| mail.subject().map(str::to_owned));
    decoded.unwrap_or_else(|| unfolded.to_owned())
}

/// Removes a header with its folded lines.
pub(crate) fn without_header(raw: &[u8], name: &str) -> Vec<u8> {
    let mut output = Vec::with_capacity(raw.len());
    let (mut rest, mut dropping) = (raw, false);
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end + 1);
        if line.trim_ascii().is_empty() {
            break;
        }
        let continues = line.starts_with(b" ") || line.starts_with(b"\t");
        dropping = if continues { dropping } else { is_header(line, name) };
        if !dropping {
            output.extend_from_slice(line);
        }
        rest = after;
    }
    // The body, which can be long.
    output.extend_from_slice(rest);
    output
}

fn is_header(line: &[u8], name: &str) -> bool {
    let field = line.split(|byte| *byte == b':').next().unwrap_or(line);
    field.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
}

/// Removes the headers whose names start with `X-`.
pub(crate) fn without_unknown_headers(raw: &[u8]) -> Vec<u8> {
    let parsed = parse(raw);
    let names = parsed.iter().flat_map(Message::headers_raw).map(|(name, _)| name.to_owned());
    let unknown: Vec<String> = names.filter(|name| name.to_ascii_lowercase().starts_with("x-")).collect();
    unknown.iter().fold(raw.to_vec(), |raw, name| without_header(&raw, name))
}

/// Sets a header, replacing any other of its name.
pub(crate) fn with_header(raw: &[u8], name: &str, value: &str) -> Vec<u8> {
    let mut changed = format!("{name}: {value}\r\n").into_bytes();
    changed.extend(without_header(raw, name));
    changed
}

/// Builds the ledger's entry of a mail: addresses, texts, attachments by name and with their digests, and the headers set by the client.
pub(crate) fn summary(mail: &Message<'_>) -> Value {
    let headers: Map<String, Value> = mail
        .headers_raw()
        .filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            name.starts_with("x-") || ["message-id", "in-reply-to", "references", "reply-to"].contains(&name.as_str())
        })
        .map(|(name, raw)| (name.to_owned(), Value::from(decode_header_value(raw))))
        .collect();
    let names: Vec<&str> = mail.attachments().filter_map(MessagePart::attachment_name).collect();
    let mut summary = json!({
        "from": addresses(mail.from()),
        "to": addresses(mail.to()),
        "cc": addresses(mail.cc()),
        "bcc": addresses(mail.bcc()),
        "subject": mail.subject().unwrap_or(""),
        "text": mail.body_text(0).unwrap_or_default(),
        "headers": headers,
    });
    if mail.html_bodies().any(MessagePart::is_text_html) {
        summary["html"] = json!(mail.body_html(0));
    }
    if !names.is_empty() {
        summary["attachments"] = json!(names);
        summary["files"] = parts::files_json(mail);
    }
    summary
}

/// Returns the first words as escaped HTML, the form in lists.
pub(crate) fn snippet(mail: &Message<'_>) -> String {
    let preview = mail.body_preview(160).unwrap_or_default();
    let text = preview.split_whitespace().collect::<Vec<_>>().join(" ");
    let signs = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
    signs.into_iter().fold(text, |text, (sign, entity)| text.replace(sign, entity))
}
