//! File upload in three steps (<https://docs.slack.dev/messaging/working-with-files#upload>), and the facts of a file.

use serde_json::{Value, json};

use super::args::Arguments;
use super::file::{File, FileContent};
use super::workspace::Message;
use super::{Caller, chat, slack_error};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// The maximum size of a file: 1 GB (<https://slack.com/help/articles/201330736-Add-files-to-Slack>).
const MAX_BYTES: usize = 1_000_000_000;

/// `files.getUploadURLExternal`: creates an upload URL.
pub(crate) fn create_upload_url(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let length: usize = args.text("length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let name = args.text("filename").filter(|_| length > 0).ok_or_else(|| slack_error("missing_argument"))?;
    if length > MAX_BYTES {
        return Err(slack_error("file_upload_size_restricted"));
    }
    let (id, ticket, created) = (state.slack.next_id("F"), state.entropy.hex(20), state.clock.seconds());
    let upload_url = format!("{}/slack/upload/v1/{ticket}", state.base_url);
    let (title, user) = (name.clone(), caller.user.clone());
    let content = FileContent::Announced { ticket, length };
    state.slack.files.push(File { id: id.clone(), name, title, user, created, content, channels: Vec::new() });
    Ok(json!({"upload_url": upload_url, "file_id": id}))
}

/// The upload URL. It needs no token and accepts exactly the announced number of bytes.
pub(crate) fn upload(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let requested = request.path_param("ticket");
    for file in state.slack.all_files_mut() {
        let (ticket, length) = match &file.content {
            FileContent::Announced { ticket, length } => (ticket, *length),
            FileContent::Uploaded { ticket, bytes } => (ticket, bytes.len()),
            _ => continue,
        };
        if ticket != requested {
            continue;
        }
        if request.body.len() != length {
            return Err(ApiResponse::html(400, "another length was announced".to_owned()));
        }
        file.content = FileContent::Uploaded { ticket: ticket.clone(), bytes: request.body.clone() };
        return Ok(ApiResponse::html(200, format!("OK - {length}")));
    }
    Err(ApiResponse::html(404, "no such upload".to_owned()))
}

/// `files.completeUploadExternal`: publishes uploaded files and shares them.
pub(crate) fn complete(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let requested = args.structure("files").filter(|files| files.as_array().is_some_and(|files| !files.is_empty()));
    let requested = requested.ok_or_else(|| slack_error("invalid_arguments"))?;
    let ids: Vec<String> =
        requested.as_array().into_iter().flatten().filter_map(|file| Some(file["id"].as_str()?.to_owned())).collect();
    let is_ready = |file: &File| matches!(file.content, FileContent::Uploaded { .. } | FileContent::Hosted(_));
    let known = |id: &String| state.slack.files.iter().any(|file| file.id == *id && is_ready(file));
    if Some(ids.len()) != requested.as_array().map(Vec::len) || !ids.iter().all(known) {
        return Err(slack_error("file_not_found"));
    }
    let channel = match args.text("channel_id") {
        Some(id) if state.slack.channel(&id).is_none() => return Err(slack_error("channel_not_found")),
        Some(id) => Some(chat::check_writable(state, caller, Some(id))?),
        None => None,
    };
    let thread = channel.as_ref().map_or(Ok(None), |channel| chat::thread_parent(state, channel, args))?;
    for file in requested.as_array().into_iter().flatten() {
        if let Some(stored) = state.slack.files.iter_mut().find(|stored| file["id"] == stored.id) {
            if let FileContent::Uploaded { bytes, .. } = &stored.content {
                stored.content = FileContent::Hosted(bytes.clone());
            }
            stored.channels.extend(channel.clone());
            file["title"].as_str().unwrap_or(&stored.name).clone_into(&mut stored.title);
        }
    }
    let host = host(state);
    let shared = state.slack.files.iter().filter(|file| ids.contains(&file.id));
    let shown: Vec<Value> = shared.map(|file| file.in_message(caller.team, &host)).collect();
    if let Some(found) = channel.as_ref().and_then(|id| state.slack.channel_mut(id)) {
        let text = args.text("initial_comment").unwrap_or_default();
        let body = json!({
            "type": "message", "user": caller.user, "team": caller.team.id, "text": text, "files": shown, "upload": true,
        });
        found.add_message(Message::new(state.clock.millis() * 1_000, thread, body));
    }
    state.record_effect("slack", "file_shared", &ids.join(","), caller.team.id, args.without_token());
    Ok(json!({"files": shown}))
}

/// `files.info`: completed files that the caller sees.
pub(crate) fn info(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let id = args.text("file").ok_or_else(|| slack_error("file_not_found"))?;
    let visible = |file: &&File| !file.is_upload() && file.is_visible_to(caller, &state.slack.channels);
    let file = state.slack.files.iter().find(|file| file.id == id).filter(visible);
    match file.ok_or_else(|| slack_error("file_not_found"))? {
        File { content: FileContent::Deleted, .. } => Err(slack_error("file_deleted")),
        file => Ok(json!({"file": file.to_json(caller.team, &host(state)), "comments": []})),
    }
}

/// `files.list`: completed files that the caller sees, the newest first, in numbered pages.
pub(crate) fn list(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let number = |name: &str| args.text(name).and_then(|text| text.parse::<i64>().ok());
    let (channel, user) = (args.text("channel"), args.text("user"));
    if user.as_ref().is_some_and(|user| !state.slack.has_user(user)) {
        return Err(slack_error("user_not_found"));
    }
    let seconds = |name: &str| args.text(name).and_then(|text| text.split('.').next()?.parse::<i64>().ok());
    let (from, to) = (seconds("ts_from"), seconds("ts_to"));
    let is_wanted = |file: &&File| {
        let is_shown = !file.is_upload() && !matches!(file.content, FileContent::Deleted | FileContent::Hidden);
        let is_between = from.is_none_or(|from| file.created >= from) && to.is_none_or(|to| file.created <= to);
        is_shown
            && is_between
            && file.is_visible_to(caller, &state.slack.channels)
            && channel.as_ref().is_none_or(|channel| file.channels.contains(channel))
            && user.as_ref().is_none_or(|user| file.user == *user)
    };
    let mut found: Vec<&File> = state.slack.files.iter().filter(is_wanted).collect();
    found.sort_by_key(|file| std::cmp::Reverse((file.created, file.id.clone())));
    let (count, page) = (number("count").unwrap_or(100).clamp(1, 1_000), number("page").unwrap_or(1).max(1));
    let (size, total) = (usize::try_from(count).unwrap_or(100), found.len());
    let skipped = usize::try_from(page - 1).unwrap_or(0) * size;
    let host = host(state);
    let shown: Vec<Value> =
        found.into_iter().skip(skipped).take(size).map(|file| file.to_json(caller.team, &host)).collect();
    let paging = json!({"count": count, "total": total, "page": page, "pages": total.div_ceil(size)});
    Ok(json!({"files": shown, "paging": paging}))
}

/// Returns the base URL of downloads.
fn host(state: &SandboxState) -> String {
    format!("{}/slack", state.base_url)
}
