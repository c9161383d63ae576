//! Where calls may go: every method, path and query parameter the actions use, as the providers document them.

use engine::adapters::Adapter;
use engine::http::Request;
use url::Url;

/// `METHOD path?parameters`; `{id}` is one segment of plain characters.
const SHAPES: [(&str, &[&str]); 4] = [
    (
        "gmail",
        &[
            "POST /gmail/v1/users/me/messages/send",
            "GET /gmail/v1/users/me/messages?q&maxResults&pageToken&labelIds",
            "GET /gmail/v1/users/me/messages/{id}?format&metadataHeaders",
            "POST /gmail/v1/users/me/drafts",
            "GET /gmail/v1/users/me/drafts?maxResults",
            "POST /gmail/v1/users/me/drafts/send",
            "GET /gmail/v1/users/me/drafts/{id}?format",
            "DELETE /gmail/v1/users/me/drafts/{id}",
            "GET /gmail/v1/users/me/threads/{id}?format&metadataHeaders",
        ],
    ),
    (
        "slack",
        &[
            "GET /api/users.conversations?types&exclude_archived&limit&cursor",
            "GET /api/conversations.list?types&exclude_archived&limit&cursor",
            "GET /api/conversations.history?channel&limit&oldest&latest&cursor&include_all_metadata",
            "GET /api/conversations.replies?channel&ts&limit&oldest&cursor&include_all_metadata",
            "GET /api/chat.scheduledMessages.list?channel&oldest&latest&limit",
            "POST /api/chat.postMessage",
            "POST /api/chat.scheduleMessage",
        ],
    ),
    ("notion", &["GET /v1/databases/{id}", "GET /v1/data_sources/{id}", "GET /v1/pages/{id}", "POST /v1/pages"]),
    (
        "asana",
        &["POST /api/1.0/tasks?opt_fields", "GET /api/1.0/tasks/{id}?opt_fields", "GET /api/1.0/workspaces?limit"],
    ),
];

const HEADERS: [&str; 4] = ["accept", "authorization", "content-type", "notion-version"];

/// Why a call of this adapter must not leave; nothing when it may.
pub(super) fn breach(adapter: &Adapter, request: &Request) -> Option<String> {
    let written = request.uri().to_string();
    let Ok(url) = Url::parse(&written) else { return Some(format!("{written} is no URL")) };
    let home = Url::parse(adapter.api.url).unwrap();
    if url.origin() != home.origin() || !url.username().is_empty() || url.password().is_some() {
        return Some(format!("{written} is not at {home}"));
    }
    if url.as_str() != written || url.fragment().is_some() {
        return Some(format!("{written} is read as {url}"));
    }
    if let Some(name) = request.headers().keys().find(|name| !HEADERS.contains(&name.as_str())) {
        return Some(format!("the header {name}"));
    }
    let (_, shapes) = SHAPES.iter().find(|(tool, _)| *tool == adapter.tool.as_str()).expect("a list for each tool");
    let fits = shapes.iter().any(|shape| fits(shape, request.method().as_str(), &url));
    (!fits).then(|| format!("{} {written} is not documented", request.method()))
}

fn fits(shape: &str, method: &str, url: &Url) -> bool {
    let (line, parameters) = shape.split_once('?').unwrap_or((shape, ""));
    let (expected, path) = line.split_once(' ').unwrap();
    let (path, given) = (path.split('/').collect::<Vec<_>>(), url.path().split('/').collect::<Vec<_>>());
    expected == method
        && path.len() == given.len()
        && path.iter().zip(&given).all(|(path, given)| if *path == "{id}" { is_plain(given) } else { path == given })
        && url.query_pairs().all(|(name, _)| parameters.split('&').any(|known| known == name))
}

/// Nothing that any server could read as a separator, an escape or a way up.
fn is_plain(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~=".contains(&byte);
    segment.bytes().all(plain) && segment.bytes().any(|byte| byte != b'.')
}
