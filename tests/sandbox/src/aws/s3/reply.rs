//! Responses of S3: errors and results in XML.

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;

/// An error of S3 (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>).
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    details: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), details: Vec::new() }
    }

    pub(super) fn access_denied(message: &str) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    pub(super) fn no_such_key(key: &str) -> Self {
        Self::new(404, "NoSuchKey", "The specified key does not exist.").detail("Key", key)
    }

    pub(super) fn no_such_bucket(name: &str) -> Self {
        Self::new(404, "NoSuchBucket", "The specified bucket does not exist").detail("BucketName", name)
    }

    pub(super) fn precondition_failed(condition: &str) -> Self {
        let why = "At least one of the pre-conditions you specified did not hold";
        Self::new(412, "PreconditionFailed", why).detail("Condition", condition)
    }

    /// Adds an element that only this error has.
    pub(super) fn detail(mut self, name: &'static str, value: &str) -> Self {
        self.details.push((name, value.to_owned()));
        self
    }

    /// Builds the response; that to a `HEAD` has no body.
    pub(super) fn into_response(self, is_head: bool) -> Response {
        let details: String = self.details.iter().map(|(name, value)| element(name, value)).collect();
        let (code, message) = (element("Code", self.code), element("Message", &self.message));
        let body = format!("<Error>{code}{message}{details}</Error>");
        if is_head { empty(self.status) } else { xml(self.status, &body) }
    }
}

/// An element of XML with a text.
pub(super) fn element(name: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    format!("<{name}>{text}</{name}>")
}

/// A response with a document of XML.
pub(super) fn xml(status: u16, root: &str) -> Response {
    let mut response = empty(status);
    *response.body_mut() = Body::from(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{root}"));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// A response without a body.
pub(super) fn empty(status: u16) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

pub(super) fn with_header(mut response: Response, name: &'static str, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}

/// Bytes in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A time in the format of HTTP's headers.
pub(super) fn http_date(unix_millis: i64) -> String {
    let at = Timestamp::from_millisecond(unix_millis).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
