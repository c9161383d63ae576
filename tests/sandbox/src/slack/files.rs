//! File upload in three steps (<https://docs.slack.dev/messaging/working-with-files#upload>).

use serde_json::{Value, json};

use super::args::Arguments;
use super::workspace::Message;
use super::{Caller, chat, slack_error};
use crate::fixtures::slack;
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
pub(crate) fn create_upload_url(world: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let length: usize = args.text("length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let name = args.text("filename").filter(|_| length > 0).ok_or_else(|| slack_error("missing_argument"))?;
    let (id, ticket, created) = (world.slack.next_id("F"), world.entropy.hex(20), world.clock.seconds());
    let upload_url = format!("{}/slack/upload/v1/{ticket}", world.base_url);
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
    world.slack.files.push(file);
    Ok(json!({"upload_url": upload_url, "file_id": id}))
}

/// The upload URL. It needs no token and accepts exactly the announced number of bytes.
pub(crate) fn upload(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let ticket = call.path_param("ticket");
    let file = world.slack.files.iter_mut().find(|file| file.upload_id == ticket && !file.complete);
    let file = file.ok_or_else(|| ApiResponse::html(404, "no such upload".to_owned()))?;
    if call.body.len() != file.byte_count {
        return Err(ApiResponse::html(400, "another length was announced".to_owned()));
    }
    file.uploaded = true;
    Ok(ApiResponse::html(200, format!("OK - {}", file.byte_count)))
}

/// `files.completeUploadExternal`: publishes uploaded files and shares them.
pub(crate) fn complete(world: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let asked = args.structure("files").filter(|files| files.as_array().is_some_and(|files| !files.is_empty()));
    let asked = asked.ok_or_else(|| slack_error("invalid_arguments"))?;
    let ids: Vec<String> =
        asked.as_array().into_iter().flatten().filter_map(|file| Some(file["id"].as_str()?.to_owned())).collect();
    let known = |id: &String| world.slack.files.iter().any(|file| file.id == *id && file.uploaded);
    if Some(ids.len()) != asked.as_array().map(Vec::len) || !ids.iter().all(known) {
        return Err(slack_error("file_not_found"));
    }
    let channel = match args.text("channel_id") {
        Some(id) if world.slack.channel(&id).is_none() => return Err(slack_error("channel_not_found")),
        Some(id) => Some(chat::check_writable(world, caller, Some(id))?),
        None => None,
    };
    let thread = channel.as_ref().map_or(Ok(None), |channel| chat::thread_parent(world, channel, args))?;
    for file in asked.as_array().into_iter().flatten() {
        if let Some(kept) = world.slack.files.iter_mut().find(|kept| file["id"] == kept.id) {
            kept.complete = true;
            kept.channels.extend(channel.clone());
            file["title"].as_str().unwrap_or(&kept.name).clone_into(&mut kept.title);
        }
    }
    let shown: Vec<Value> = world
        .slack
        .files
        .iter()
        .filter(|file| ids.contains(&file.id))
        .map(|file| file.to_json(&world.base_url))
        .collect();
    if let Some(found) = channel.as_ref().and_then(|id| world.slack.channel_mut(id)) {
        let text = args.text("initial_comment").unwrap_or_default();
        let body = json!({
            "type": "message", "user": caller.user, "team": slack::TEAM, "text": text, "files": shown, "upload": true,
        });
        found.add_message(Message::new(world.clock.millis() * 1_000, thread, body));
    }
    world.record_effect("slack", "file_shared", &ids.join(","), slack::TEAM, args.without_token());
    Ok(json!({"files": shown}))
}

/// `files.info`: completed files only.
pub(crate) fn info(world: &mut SandboxState, _caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let id = args.text("file").ok_or_else(|| slack_error("file_not_found"))?;
    let file = world.slack.files.iter().find(|file| file.id == id && file.complete);
    Ok(json!({"file": file.ok_or_else(|| slack_error("file_not_found"))?.to_json(&world.base_url), "comments": []}))
}
