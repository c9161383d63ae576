//! File upload in three steps (<https://docs.slack.dev/messaging/working-with-files#upload>).

use serde_json::{Value, json};

use super::args::Arguments;
use super::workspace::Message;
use super::{Caller, chat, slack_error};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// A file, from the creation of its upload URL on.
pub(crate) struct File {
    id: String,
    /// The last path segment of the upload URL.
    upload_id: String,
    name: String,
    title: String,
    byte_count: usize,
    user: String,
    created: i64,
    uploaded: bool,
    /// True if the upload is completed; before that the file is not visible.
    complete: bool,
    /// The channels in which the file is shared.
    channels: Vec<String>,
}

impl File {
    fn to_json(&self, base_url: &str) -> Value {
        json!({
            "id": self.id, "created": self.created, "timestamp": self.created, "name": self.name, "title": self.title,
            "user": self.user, "size": self.byte_count, "mode": "hosted", "is_external": false, "is_public": true,
            "permalink": format!("{base_url}/slack/files/{}/{}", self.user, self.id),
            "channels": self.channels_of_kind('C'), "groups": self.channels_of_kind('G'), "ims": self.channels_of_kind('D'),
        })
    }

    fn channels_of_kind(&self, kind: char) -> Vec<&String> {
        self.channels.iter().filter(|id| id.starts_with(kind)).collect()
    }
}

/// `files.getUploadURLExternal`: creates an upload URL.
pub(crate) fn create_upload_url(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let length: usize = args.text("length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let name = args.text("filename").filter(|_| length > 0).ok_or_else(|| slack_error("missing_argument"))?;
    let (id, ticket, created) = (state.slack.next_id("F"), state.entropy.hex(20), state.clock.seconds());
    let upload_url = format!("{}/slack/upload/v1/{ticket}", state.base_url);
    let (title, user) = (name.clone(), caller.user.clone());
    let (uploaded, complete, channels) = (false, false, Vec::new());
    let file = File {
        id: id.clone(),
        upload_id: ticket,
        name,
        title,
        byte_count: length,
        user,
        created,
        uploaded,
        complete,
        channels,
    };
    state.slack.files.push(file);
    Ok(json!({"upload_url": upload_url, "file_id": id}))
}

/// The upload URL. It needs no token and accepts exactly the announced number of bytes.
pub(crate) fn upload(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let ticket = request.path_param("ticket");
    let file = state.slack.all_files_mut().find(|file| file.upload_id == ticket && !file.complete);
    let file = file.ok_or_else(|| ApiResponse::html(404, "no such upload".to_owned()))?;
    if request.body.len() != file.byte_count {
        return Err(ApiResponse::html(400, "another length was announced".to_owned()));
    }
    file.uploaded = true;
    Ok(ApiResponse::html(200, format!("OK - {}", file.byte_count)))
}

/// `files.completeUploadExternal`: publishes uploaded files and shares them.
pub(crate) fn complete(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let requested = args.structure("files").filter(|files| files.as_array().is_some_and(|files| !files.is_empty()));
    let requested = requested.ok_or_else(|| slack_error("invalid_arguments"))?;
    let ids: Vec<String> =
        requested.as_array().into_iter().flatten().filter_map(|file| Some(file["id"].as_str()?.to_owned())).collect();
    let known = |id: &String| state.slack.files.iter().any(|file| file.id == *id && file.uploaded);
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
            stored.complete = true;
            stored.channels.extend(channel.clone());
            file["title"].as_str().unwrap_or(&stored.name).clone_into(&mut stored.title);
        }
    }
    let shown: Vec<Value> = state
        .slack
        .files
        .iter()
        .filter(|file| ids.contains(&file.id))
        .map(|file| file.to_json(&state.base_url))
        .collect();
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

/// `files.info`: completed files only.
pub(crate) fn info(state: &mut SandboxState, _caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let id = args.text("file").ok_or_else(|| slack_error("file_not_found"))?;
    let file = state.slack.files.iter().find(|file| file.id == id && file.complete);
    Ok(json!({"file": file.ok_or_else(|| slack_error("file_not_found"))?.to_json(&state.base_url), "comments": []}))
}
