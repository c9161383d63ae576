//! Several calls in one request (<https://developers.google.com/workspace/gmail/api/guides/batch>).

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use mail_parser::{MessageParser, MessagePart};
use tower::ServiceExt as _;

use crate::sandbox::Sandbox;

/// The maximum number of calls.
const MAX_CALLS: usize = 100;
const MAX_BYTES: usize = 1024 * 1024;
const BOUNDARY: &str = "batch_of_the_sandbox";

/// A call: its id, and the request as it is written.
struct Call {
    id: String,
    text: String,
}

/// `batch`: each call is answered by itself. A call without a token has that of the request.
pub(crate) async fn batch(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MAX_BYTES).await.unwrap_or_default();
    let header = |name| head.headers.get(name).cloned();
    let content_type = header(CONTENT_TYPE);
    let calls = calls(content_type.as_ref().and_then(|kind| kind.to_str().ok()).unwrap_or_default(), &body);
    if calls.is_empty() || calls.len() > MAX_CALLS {
        return super::bad_request("badRequest", "Failed to parse batch request.").into_response();
    }
    let mut answer = String::new();
    for Call { id, text } in calls {
        let inner = inner_request(&text, header(AUTHORIZATION));
        let response = match inner {
            Some(inner) => sandbox.router().oneshot(inner).await.into_response(),
            None => StatusCode::BAD_REQUEST.into_response(),
        };
        let status = response.status();
        let body = to_bytes(response.into_body(), MAX_BYTES).await.unwrap_or_default();
        answer.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <response-{id}>\r\n\r\nHTTP/1.1 {status}\r\n\
             Content-Type: application/json; charset=UTF-8\r\n\r\n{}\r\n",
            String::from_utf8_lossy(&body)
        ));
    }
    answer.push_str(&format!("--{BOUNDARY}--\r\n"));
    ([(CONTENT_TYPE, format!("multipart/mixed; boundary={BOUNDARY}"))], answer).into_response()
}

/// Reads the parts of the request.
fn calls(content_type: &str, body: &[u8]) -> Vec<Call> {
    let written = [format!("Content-Type: {content_type}\r\n\r\n").as_bytes(), body].concat();
    let Some(mail) = MessageParser::default().parse(&written) else { return vec![] };
    let id = |part: &MessagePart<'_>| {
        let header = part.headers.iter().find(|header| header.name.as_str().eq_ignore_ascii_case("Content-ID"))?;
        let raw = written.get(header.offset_start as usize..header.offset_end as usize)?;
        Some(String::from_utf8_lossy(raw).trim().trim_matches(['<', '>']).to_owned())
    };
    // The first part is the whole.
    let parts = mail.parts.iter().skip(1);
    parts
        .map(|part| Call {
            id: id(part).unwrap_or_default(),
            text: String::from_utf8_lossy(part.contents()).replace("\r\n", "\n"),
        })
        .collect()
}

/// Builds the request of a call: a line with method and path, headers, and after an empty line the body.
fn inner_request(text: &str, token: Option<HeaderValue>) -> Option<Request> {
    let (head, body) = text.trim_start().split_once("\n\n").unwrap_or((text.trim(), ""));
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let mut request = Request::builder().method(words.next()?).uri(words.next()?);
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
    let has_token = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    for (name, value) in headers {
        request = request.header(name, value.trim());
    }
    if let Some(token) = token.filter(|_| !has_token) {
        request = request.header(AUTHORIZATION, token);
    }
    request.body(Body::from(body.to_owned())).ok()
}
