//! Uploads of mails: the `/upload` addresses (<https://developers.google.com/workspace/gmail/api/guides/uploads>).

use bytes::Bytes;
use serde_json::Value;

use super::messages::SentMessage;
use super::validation::{self, Fields};
use super::{ErrorResponse, bad_request, error, mail};
use crate::http::ApiRequest;

/// The maximum size of a mail that is uploaded as a draft or to be sent: `mediaUpload.maxSize` in the discovery document gmail.v1.
const MAX_MAIL_BYTES: usize = 36_700_160;

/// A part of a `multipart/related` body.
struct Part {
    content_type: String,
    content: Bytes,
}

/// Reads an uploaded mail. `fields` are those of the metadata, of which `message` is the message resource.
pub(crate) fn read(
    request: &ApiRequest,
    fields: Fields,
    message: fn(&Value) -> &Value,
) -> Result<SentMessage, ErrorResponse> {
    validation::reject_unknown_parameters(request, &[])?;
    let (metadata, media) = match request.query("uploadType") {
        Some("media") => (Value::Null, media_of(request)),
        Some("multipart") => {
            let [metadata, media] = related_parts(request)?;
            (read_metadata(&metadata, fields)?, media)
        }
        _ => return Err(bad_request("badRequest", "Invalid upload request: the sandbox takes media and multipart.")),
    };
    if !essence(&media.content_type).starts_with("message/") {
        let message = format!("Media type '{}' is not supported. Valid media types: [message/*]", media.content_type);
        return Err(bad_request("badRequest", &message));
    }
    if media.content.len() > MAX_MAIL_BYTES {
        // https://github.com/googleapis/google-api-python-client/issues/647 shows the body.
        let message = format!("Media is too large. Limit: {MAX_MAIL_BYTES}");
        return Err(error(413, "INVALID_ARGUMENT", "uploadTooLarge", &message));
    }
    if mail::parse(&media.content).is_none() {
        return Err(bad_request("invalidArgument", "The media is not a message."));
    }
    let thread_id = message(&metadata)["threadId"].as_str().map(str::to_owned);
    Ok(SentMessage { raw: media.content, thread_id })
}

fn media_of(request: &ApiRequest) -> Part {
    let content_type = request.header("content-type").unwrap_or_default().to_owned();
    Part { content_type, content: request.body.clone() }
}

fn read_metadata(part: &Part, fields: Fields) -> Result<Value, ErrorResponse> {
    if essence(&part.content_type) != "application/json" {
        return Err(bad_request("badContent", "The first part must be the metadata, as application/json."));
    }
    let metadata = serde_json::from_slice(&part.content).ok().filter(Value::is_object);
    let metadata: Value = metadata.ok_or_else(|| bad_request("parseError", "Parse Error"))?;
    if metadata.pointer("/raw").or_else(|| metadata.pointer("/message/raw")).is_some() {
        return Err(bad_request("badRequest", "The metadata and the media both have a message."));
    }
    validation::validate_fields(&metadata, fields, "")?;
    Ok(metadata)
}

/// Splits a `multipart/related` body into its metadata and its media.
fn related_parts(request: &ApiRequest) -> Result<[Part; 2], ErrorResponse> {
    let malformed = |reason: &str| bad_request("badContent", &format!("Malformed multipart body: {reason}."));
    let content_type = request.header("content-type").unwrap_or_default();
    if essence(content_type) != "multipart/related" {
        return Err(malformed("the content type must be multipart/related"));
    }
    let boundary = boundary(content_type).ok_or_else(|| malformed("no boundary, or one that needs quotes"))?;
    let body = &request.body;
    // Google's own Python client ends the lines around its parts by a line feed.
    let is_fed = body.starts_with(format!("--{boundary}\n").as_bytes());
    let eol = if is_fed { "\n" } else { "\r\n" };
    let opening = format!("--{boundary}{eol}");
    let between = format!("{eol}--{boundary}{eol}");
    let closing = format!("{eol}--{boundary}--");
    let end = body.strip_suffix(eol.as_bytes()).unwrap_or(body).strip_suffix(closing.as_bytes()).map(<[u8]>::len);
    let end = end.ok_or_else(|| malformed("it does not end with its boundary"))?;
    if !body.starts_with(opening.as_bytes()) {
        return Err(malformed("it does not start with its boundary"));
    }
    // The metadata is short.
    let middle = body.windows(between.len()).position(|window| window == between.as_bytes());
    let middle = middle.filter(|middle| middle + between.len() <= end).ok_or_else(|| malformed("it has one part"))?;
    let metadata = part(body.slice(opening.len()..middle), eol).ok_or_else(|| malformed("a part without a type"))?;
    let media = part(body.slice(middle + between.len()..end), eol).ok_or_else(|| malformed("a part without a type"))?;
    Ok([metadata, media])
}

/// Reads the headers of a part; `None` if it has no content type.
fn part(bytes: Bytes, eol: &str) -> Option<Part> {
    let end_of_headers = eol.repeat(2);
    let head = bytes.windows(end_of_headers.len()).position(|window| window == end_of_headers.as_bytes())?;
    let headers = std::str::from_utf8(bytes.get(..head)?).ok()?;
    let header = |name: &str| {
        let mut lines = headers.split(eol).filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let is_as_it_is =
        header("content-transfer-encoding").is_none_or(|coding| ["binary", "8bit"].contains(&coding.as_str()));
    let content_type = header("content-type").filter(|_| is_as_it_is)?;
    Some(Part { content_type, content: bytes.slice(head + end_of_headers.len()..) })
}

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Returns the boundary of a content type: a token, or a text in quotes
/// (<https://datatracker.ietf.org/doc/html/rfc2045#section-5.1>), of at most 70 characters.
fn boundary(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    let (_, value) = { parameters }.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let is_token =
        |text: &str| !text.contains(|char: char| !char.is_ascii_graphic() || "()<>@,;:\\\"/[]?=".contains(char));
    let boundary = quoted.or_else(|| Some(value).filter(|value| is_token(value)))?;
    Some(boundary).filter(|boundary| (1..=70).contains(&boundary.len()))
}
