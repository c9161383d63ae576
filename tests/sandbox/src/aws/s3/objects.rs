//! The objects of the bucket, and the operations on them.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::reply::{Refusal, element, empty, hex, http_date, with_header, xml};
use super::{Call, Upload};
use crate::clock::rfc3339;
use crate::settings::FILES_BUCKET;
use crate::state::SandboxState;

/// The maximum length of a key in bytes.
const MAX_KEY_BYTES: usize = 1024;
/// The maximum number of keys in a list.
const MAX_LISTED: usize = 1000;
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
/// The headers that an object has of its upload, with the parameters that replace them in one response.
const STORED_HEADERS: [(HeaderName, &str); 6] = [
    (CACHE_CONTROL, "response-cache-control"),
    (CONTENT_DISPOSITION, "response-content-disposition"),
    (CONTENT_ENCODING, "response-content-encoding"),
    (CONTENT_LANGUAGE, "response-content-language"),
    (CONTENT_TYPE, "response-content-type"),
    (EXPIRES, "response-expires"),
];
/// The characters of a key that `encoding-type=url` encodes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The objects by key.
pub(crate) type Objects = BTreeMap<String, Object>;

/// A stored object.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) bytes: Bytes,
    etag: String,
    modified_millis: i64,
    headers: HeaderMap,
}

/// Runs the operation that a request names.
pub(super) fn serve(state: &mut SandboxState, call: &Call, upload: Upload) -> Result<Response, Refusal> {
    if call.bucket != FILES_BUCKET {
        return Err(Refusal::no_such_bucket(&call.bucket));
    }
    if call.key.len() > MAX_KEY_BYTES {
        return Err(Refusal::new(400, "KeyTooLongError", "Your key is too long"));
    }
    match (call.method.as_str(), call.key.as_str()) {
        ("HEAD", "") => Ok(empty(200)),
        ("GET", "") if call.query("list-type") == Some("2") => list(state, call),
        (_, "") => Err(Refusal::new(501, "NotImplemented", "The sandbox does not have this operation on a bucket.")),
        ("GET" | "HEAD", _) => get(state, call),
        ("PUT", _) if call.is_copy() => copy(state, call),
        ("PUT", _) => put(state, call, upload),
        ("DELETE", key) => {
            state.aws.objects.remove(key);
            Ok(empty(204))
        }
        _ => Err(Refusal::new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")),
    }
}

/// `PutObject` (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).
fn put(state: &mut SandboxState, call: &Call, upload: Upload) -> Result<Response, Refusal> {
    if call.header("if-none-match") == Some("*") && state.aws.objects.contains_key(&call.key) {
        return Err(Refusal::precondition_failed("If-None-Match"));
    }
    let stored = STORED_HEADERS.iter().filter_map(|(name, _)| Some((name.clone(), call.headers.get(name)?.clone())));
    let own = call.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amz-meta-"));
    let object = Object {
        // Not the MD5 of the bytes, as of every object that a key of KMS encrypts.
        etag: format!("\"{}\"", hex(&upload.sha256[..16])),
        modified_millis: state.clock.millis(),
        headers: stored.chain(own.map(|(name, value)| (name.clone(), value.clone()))).collect(),
        bytes: upload.bytes,
    };
    let mut response = with_header(empty(200), "etag", &object.etag);
    if call.headers.contains_key("x-amz-checksum-sha256") {
        response = with_header(response, "x-amz-checksum-sha256", &STANDARD.encode(upload.sha256));
    }
    state.aws.objects.insert(call.key.clone(), object);
    Ok(response)
}

/// `CopyObject` (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).
fn copy(state: &mut SandboxState, call: &Call) -> Result<Response, Refusal> {
    let source = call.header("x-amz-copy-source").unwrap_or_default();
    let source = percent_decode_str(source).decode_utf8_lossy();
    let (bucket, key) = source.trim_start_matches('/').split_once('/').unwrap_or_default();
    if bucket != FILES_BUCKET {
        return Err(Refusal::no_such_bucket(bucket));
    }
    let mut object = state.aws.objects.get(key).cloned().ok_or_else(|| Refusal::no_such_key(key))?;
    if call.header("x-amz-copy-source-if-match").is_some_and(|etag| !is_etag(&object, etag)) {
        return Err(Refusal::precondition_failed("x-amz-copy-source-If-Match"));
    }
    if key == call.key {
        let why = "This copy request is illegal because it is trying to copy an object to itself without changing the object's \
                   metadata, storage class, website redirect location or encryption attributes.";
        return Err(Refusal::new(400, "InvalidRequest", why));
    }
    object.modified_millis = state.clock.millis();
    let (modified, etag) = (element("LastModified", &rfc3339(object.modified_millis)), element("ETag", &object.etag));
    state.aws.objects.insert(call.key.clone(), object);
    Ok(xml(200, &format!("<CopyObjectResult xmlns=\"{NAMESPACE}\">{modified}{etag}</CopyObjectResult>")))
}

/// `GetObject` and `HeadObject` (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>).
fn get(state: &SandboxState, call: &Call) -> Result<Response, Refusal> {
    let object = state.aws.objects.get(&call.key).ok_or_else(|| Refusal::no_such_key(&call.key))?;
    if call.header("if-match").is_some_and(|etag| !is_etag(object, etag)) {
        return Err(Refusal::precondition_failed("If-Match"));
    }
    let (size, is_head) = (object.bytes.len(), call.method == Method::HEAD);
    let part = call.header("range").and_then(|range| range_of(range, size)).transpose()?;
    let bytes = part.clone().map_or_else(|| object.bytes.clone(), |part| object.bytes.slice(part));
    let mut response = empty(200);
    let headers = response.headers_mut();
    headers.extend(object.headers.clone());
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("binary/octet-stream"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let text = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    headers.insert(ETAG, text(&object.etag));
    headers.insert(LAST_MODIFIED, text(&http_date(object.modified_millis)));
    for (name, parameter) in STORED_HEADERS {
        if let Some(value) = call.query(parameter) {
            headers.insert(name, text(value));
        }
    }
    if let Some(part) = part {
        headers.insert(CONTENT_RANGE, text(&format!("bytes {}-{}/{size}", part.start, part.end - 1)));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    if !is_head {
        *response.body_mut() = Body::from(bytes);
    }
    Ok(response)
}

/// `ListObjectsV2` (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>).
fn list(state: &SandboxState, call: &Call) -> Result<Response, Refusal> {
    if call.query("delimiter").is_some() {
        return Err(Refusal::new(501, "NotImplemented", "The sandbox does not group keys."));
    }
    let invalid = |why: &str| Refusal::new(400, "InvalidArgument", why);
    let most = call.query("max-keys").map_or(Ok(MAX_LISTED), str::parse).map_err(|_| invalid("Invalid max-keys"))?;
    let most = most.min(MAX_LISTED);
    let prefix = call.query("prefix").unwrap_or_default();
    let token = call.query("continuation-token").map(|token| {
        let key = URL_SAFE_NO_PAD.decode(token).ok().and_then(|key| String::from_utf8(key).ok());
        key.ok_or_else(|| invalid("The continuation token provided is incorrect"))
    });
    let after = match token.transpose()? {
        Some(key) => key,
        None => call.query("start-after").unwrap_or_default().to_owned(),
    };
    let encode = |text: &str| match call.query("encoding-type") {
        Some("url") => utf8_percent_encode(text, ENCODED).to_string(),
        _ => text.to_owned(),
    };
    let matching = state.aws.objects.iter().filter(|(key, _)| key.starts_with(prefix) && **key > after);
    let mut listed: Vec<(&String, &Object)> = matching.take(most + 1).collect();
    let is_truncated = listed.len() > most;
    listed.truncate(most);
    let contents = listed.iter().map(|(key, object)| entry(&encode(key), object));
    let mut root = element("Name", FILES_BUCKET) + &element("Prefix", &encode(prefix));
    root += &element("KeyCount", &listed.len().to_string());
    root += &element("MaxKeys", &most.to_string());
    root += &element("IsTruncated", &is_truncated.to_string());
    root.extend(call.query("encoding-type").map(|kind| element("EncodingType", kind)));
    root.extend(call.query("start-after").map(|key| element("StartAfter", &encode(key))));
    let last = listed.last().filter(|_| is_truncated);
    root.extend(last.map(|(key, _)| element("NextContinuationToken", &URL_SAFE_NO_PAD.encode(key))));
    root.extend(contents);
    Ok(xml(200, &format!("<ListBucketResult xmlns=\"{NAMESPACE}\">{root}</ListBucketResult>")))
}

/// An object in a list.
fn entry(key: &str, object: &Object) -> String {
    let facts = [
        ("Key", key),
        ("LastModified", &rfc3339(object.modified_millis)),
        ("ETag", &object.etag),
        ("Size", &object.bytes.len().to_string()),
        ("StorageClass", "STANDARD"),
    ];
    format!("<Contents>{}</Contents>", facts.map(|(name, value)| element(name, value)).concat())
}

fn is_etag(object: &Object, etag: &str) -> bool {
    etag.trim_matches('"') == object.etag.trim_matches('"')
}

/// The part that a `Range` names; `None` for a range in another form, which is ignored.
fn range_of(range: &str, size: usize) -> Option<Result<std::ops::Range<usize>, Refusal>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let part = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(length)) if first.is_empty() => size.saturating_sub(length)..size,
        _ => return None,
    };
    let unsatisfiable = || Refusal::new(416, "InvalidRange", "The requested range is not satisfiable");
    Some(if part.start < part.end { Ok(part) } else { Err(unsatisfiable()) })
}
