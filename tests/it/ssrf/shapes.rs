//! Allowed calls: every method, path and query parameter the actions use, as the providers document them.

use crate::specs;
use engine::adapters::Adapter;
use engine::http::Request;
use percent_encoding::percent_decode_str;
use url::Url;

const ALLOWED_HEADERS: [&str; 4] = ["accept", "authorization", "content-type", "notion-version"];

/// The reason why a call of this adapter is not allowed; `None` if it is.
pub(super) fn violation(adapter: &Adapter, request: &Request) -> Option<String> {
    let written = request.uri().to_string();
    let Ok(url) = Url::parse(&written) else { return Some(format!("{written} is no URL")) };
    let home = Url::parse(adapter.api.url).unwrap();
    // Slack accepts file bytes at this host.
    let files = adapter.tool.as_str() == "slack" && url.origin().ascii_serialization() == "https://files.slack.com";
    if (url.origin() != home.origin() && !files) || !url.username().is_empty() || url.password().is_some() {
        return Some(format!("{written} is not at {home}"));
    }
    if url.as_str() != written || url.fragment().is_some() {
        return Some(format!("{written} is read as {url}"));
    }
    if let Some(name) = request.headers().keys().find(|name| !ALLOWED_HEADERS.contains(&name.as_str())) {
        return Some(format!("the header {name}"));
    }
    let fits =
        specs::shapes(adapter.tool.as_str()).iter().any(|shape| matches_shape(shape, request.method().as_str(), &url));
    (!fits).then(|| format!("{} {written} is not documented", request.method()))
}

fn matches_shape(shape: &str, method: &str, url: &Url) -> bool {
    let (line, parameters) = shape.split_once('?').unwrap_or((shape, ""));
    let (expected, path) = line.split_once(' ').unwrap();
    let (path, segments) = (path.split('/').collect::<Vec<_>>(), url.path().split('/').collect::<Vec<_>>());
    expected == method
        && path.len() == segments.len()
        && path.iter().zip(&segments).all(|(part, segment)| match *part {
            "{id}" => is_plain_segment(segment),
            "{property}" => is_encoded_segment(segment),
            part => part == *segment,
        })
        && url.query_pairs().all(|(name, _)| parameters.split('&').any(|known| known == name))
}

/// True if no server could read the segment as a separator, an escape or a path traversal.
fn is_plain_segment(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~=".contains(&byte);
    segment.bytes().all(plain) && segment.bytes().any(|byte| byte != b'.')
}

/// True if a server that decodes the segment, before or after it routes, stays within it or below it.
fn is_encoded_segment(segment: &str) -> bool {
    let decoded = percent_decode_str(segment).decode_utf8_lossy();
    let is_escaped = segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte));
    is_escaped && !decoded.contains("..") && decoded != "." && !decoded.contains(char::is_control)
}
