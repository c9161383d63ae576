//! S3 (<https://docs.aws.amazon.com/AmazonS3/latest/API/>) at `/s3/<bucket>/<key>`: one bucket in memory. Every request is
//! authenticated by a presigned URL, whose signature AWS's own crate computes again.

mod cors;
mod objects;
mod reply;
mod signature;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, ORIGIN};
use http::{HeaderMap, Method, Uri};
use hyper::body::Body as _;
use percent_encoding::percent_decode_str;

pub(crate) use objects::Objects;
use reply::Refusal;

use crate::sandbox::Sandbox;

/// The path of S3.
const PREFIX: &str = "/s3";
/// The maximum size of an object here. S3 takes 5 GiB in one request.
const MAX_OBJECT_BYTES: u64 = 256 << 20;

/// The head of a request.
struct Call {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    query: Vec<(String, String)>,
    bucket: String,
    /// Empty for the bucket itself.
    key: String,
    /// The length of the body, if it is known before the body is read.
    length: Option<u64>,
}

impl Call {
    fn new(request: &Request) -> Self {
        let uri = request.uri().clone();
        let path = uri.path().strip_prefix(PREFIX).unwrap_or_default().trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        // A request in process has no header of what hyper writes on a socket.
        let stated = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        Self {
            method: request.method().clone(),
            query: serde_urlencoded::from_str(uri.query().unwrap_or_default()).unwrap_or_default(),
            bucket: plain(bucket),
            key: plain(key),
            length: stated.or_else(|| request.body().size_hint().exact()),
            headers: request.headers().clone(),
            uri,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The host that the client called. A proxy before the sandbox names it in `X-Forwarded-Host`.
    fn host(&self) -> &str {
        let named = self.header("x-forwarded-host").or_else(|| self.header(HOST.as_str()));
        named.or_else(|| self.uri.authority().map(http::uri::Authority::as_str)).unwrap_or_default()
    }

    fn is_copy(&self) -> bool {
        self.headers.contains_key("x-amz-copy-source")
    }
}

/// The body of a request, with its checksum.
struct Upload {
    bytes: Bytes,
    sha256: [u8; 32],
}

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route(&format!("{PREFIX}/{{*path}}"), any(serve))
}

async fn serve(State(sandbox): State<Sandbox>, request: Request) -> Response {
    if request.method() == Method::OPTIONS {
        return cors::preflight(request.headers());
    }
    let (origin, is_head) = (request.headers().get(ORIGIN).cloned(), request.method() == Method::HEAD);
    let response = respond(&sandbox, request).await.unwrap_or_else(|refusal| refusal.into_response(is_head));
    let id = sandbox.with_state(|state| state.entropy.hex(8)).to_uppercase();
    cors::allow(origin.as_ref(), reply::with_header(response, "x-amz-request-id", &id))
}

async fn respond(sandbox: &Sandbox, request: Request) -> Result<Response, Refusal> {
    let call = Call::new(&request);
    let now = sandbox.with_state(|state| state.clock.millis());
    let accepted = signature::verify(&call, now).and_then(|()| check_length(&call));
    // A client reads the response after it sent the body: a refusal drains it, too.
    let upload = read(&call, request.into_body()).await;
    accepted?;
    let upload = upload?;
    sandbox.with_state(|state| objects::serve(state, &call, upload))
}

/// Refuses an upload without a length, and one over the maximum.
fn check_length(call: &Call) -> Result<(), Refusal> {
    match call.length {
        None if call.method == Method::PUT && !call.is_copy() => {
            Err(Refusal::new(411, "MissingContentLength", "You must provide the Content-Length HTTP header."))
        }
        Some(length) if length > MAX_OBJECT_BYTES => {
            let why = "Your proposed upload exceeds the maximum allowed object size.";
            Err(Refusal::new(400, "EntityTooLarge", why))
        }
        _ => Ok(()),
    }
}

/// Reads the body and compares it with the length and the checksums that the client states.
async fn read(call: &Call, body: Body) -> Result<Upload, Refusal> {
    let most = usize::try_from(MAX_OBJECT_BYTES).unwrap_or(usize::MAX);
    let incomplete = || {
        let why = "You did not provide the number of bytes specified by the Content-Length HTTP header.";
        Refusal::new(400, "IncompleteBody", why)
    };
    let bytes = axum::body::to_bytes(body, most).await.map_err(|_| incomplete())?;
    if call.length.is_some_and(|length| length != bytes.len() as u64) {
        return Err(incomplete());
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes).as_ref());
    check_checksums(call, &sha256)?;
    Ok(Upload { bytes, sha256 })
}

fn check_checksums(call: &Call, sha256: &[u8; 32]) -> Result<(), Refusal> {
    let payload = call.header("x-amz-content-sha256").filter(|hash| *hash != signature::UNSIGNED_PAYLOAD);
    if payload.is_some_and(|hash| hash != reply::hex(sha256)) {
        let why = "The provided 'x-amz-content-sha256' header does not match what was computed.";
        return Err(Refusal::new(400, "XAmzContentSHA256Mismatch", why));
    }
    let Some(stated) = call.header("x-amz-checksum-sha256") else { return Ok(()) };
    match STANDARD.decode(stated) {
        Ok(stated) if stated == sha256 => Ok(()),
        Ok(stated) if stated.len() == sha256.len() => {
            Err(Refusal::new(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum."))
        }
        _ => {
            let why = "Value for x-amz-checksum-sha256 header is invalid.";
            Err(Refusal::new(400, "InvalidRequest", why))
        }
    }
}
