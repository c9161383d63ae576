//! File uploads (<https://developers.notion.com/reference/file-upload>): created, sent in one or several parts, and attached to a
//! block within an hour.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    ErrorResponse, add_envelope, check_access, file_types, json_body, not_found, path_id, reject_unknown_fields,
    validation_error,
};
use crate::clock::rfc3339;
use crate::form_data::{self, Part};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// One hour: <https://developers.notion.com/guides/data-apis/uploading-small-files>
const LIFETIME_MILLIS: i64 = 3_600_000;
/// The largest file that is sent at once, and the largest part.
const MAX_PART_BYTES: usize = 20 << 20;
/// The smallest part but the last: <https://developers.notion.com/guides/data-apis/sending-larger-files>
const MIN_PART_BYTES: usize = 5 << 20;
/// <https://developers.notion.com/reference/create-a-file-upload>
const MAX_PARTS: u64 = 10_000;

/// A file upload.
pub(crate) struct FileUpload {
    id: String,
    /// In unix milliseconds.
    created: i64,
    created_by: String,
    filename: Option<String>,
    content_type: Option<String>,
    /// The number of parts; `None` if the file is sent at once.
    part_count: Option<u64>,
    parts: BTreeMap<u64, Bytes>,
    /// The content, once it was sent completely.
    content: Option<Bytes>,
    is_attached: bool,
}

impl FileUpload {
    /// Builds an upload that is attached to a block of the seed data.
    pub(super) fn attached(id: &str, filename: &str, content_type: &str, content: &'static [u8]) -> Self {
        Self {
            id: id.to_owned(),
            created: 0,
            created_by: String::new(),
            filename: Some(filename.to_owned()),
            content_type: Some(content_type.to_owned()),
            part_count: None,
            parts: BTreeMap::new(),
            content: Some(Bytes::from_static(content)),
            is_attached: true,
        }
    }

    fn status(&self, now: i64) -> &'static str {
        match &self.content {
            Some(_) if self.is_attached => "uploaded",
            _ if now >= self.created + LIFETIME_MILLIS => "expired",
            Some(_) => "uploaded",
            None => "pending",
        }
    }

    /// Rejects an upload to which nothing can be sent.
    fn require_pending(&self, now: i64) -> Result<(), ErrorResponse> {
        match self.status(now) {
            "pending" => Ok(()),
            status => Err(validation_error(&format!("The file upload has the status {status}, not pending."))),
        }
    }

    fn to_json(&self, now: i64, base_url: &str) -> Value {
        let address = |step: &str| format!("{base_url}/notion/v1/file_uploads/{}/{step}", self.id);
        let mut shown = json!({
            "object": "file_upload", "id": self.id, "created_time": rfc3339(self.created),
            "created_by": {"id": self.created_by, "type": "bot"}, "last_edited_time": rfc3339(self.created),
            "in_trash": false, "status": self.status(now), "filename": self.filename,
            "expiry_time": (!self.is_attached).then(|| rfc3339(self.created + LIFETIME_MILLIS)),
            "content_type": self.content_type, "content_length": self.content.as_ref().map(Bytes::len),
        });
        if self.status(now) == "pending" {
            shown["upload_url"] = json!(address("send"));
        }
        if let Some(total) = self.part_count {
            shown["number_of_parts"] = json!({"total": total, "sent": self.parts.len()});
            shown["complete_url"] = json!(address("complete"));
        }
        shown
    }
}

/// `POST /v1/file_uploads`.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let body = json_body(request)?;
    reject_unknown_fields(&body, &["mode", "filename", "content_type", "number_of_parts"])?;
    let part_count = match (body["mode"].as_str().unwrap_or("single_part"), body["number_of_parts"].as_u64()) {
        ("single_part", None) => None,
        ("multi_part", Some(count @ 1..=MAX_PARTS)) if body["filename"].is_string() => Some(count),
        _ => return Err(validation_error("body.mode should fit number_of_parts and filename.")),
    };
    let (filename, content_type) = file_types::named(body["filename"].as_str(), body["content_type"].as_str())?;
    let id = state.entropy.uuid();
    let upload = FileUpload {
        id: id.clone(),
        created: state.clock.millis(),
        created_by: state.notion.connection.bot.clone(),
        filename,
        content_type,
        part_count,
        parts: BTreeMap::new(),
        content: None,
        is_attached: false,
    };
    state.notion.uploads.push(upload);
    state.record_effect("notion", "file_upload_created", &id, state.notion.id, body);
    respond(state, request, &id)
}

/// `GET /v1/file_uploads/{id}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    respond(state, request, &path_id(request)?)
}

/// `POST /v1/file_uploads/{id}/send`: the whole file or a part of it, in any order.
pub(crate) fn send(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let (id, now, limit) = (path_id(request)?, state.clock.millis(), state.strangeness.notion.max_file_bytes());
    let form = form_data::parts(request).ok_or_else(|| validation_error("body should be multipart/form-data."))?;
    if form.iter().any(|part| !["file", "part_number"].contains(&part.name.as_str())) {
        return Err(validation_error("body should hold file and part_number."));
    }
    let file = form.iter().find(|part| part.name == "file" && !part.content.is_empty());
    let file = file.ok_or_else(|| validation_error("body.file should be present."))?;
    let number = form.iter().find(|part| part.name == "part_number");
    let number: Option<u64> = number.and_then(Part::text).and_then(|number| number.parse().ok());
    let upload = find_mut(state, &id)?;
    upload.require_pending(now)?;
    if upload.content_type.is_none() {
        (upload.filename, upload.content_type) =
            file_types::named(file.filename.as_deref(), file.content_type.as_deref())?;
    }
    if file.content_type != upload.content_type {
        return Err(validation_error("The content type of the file is not that of the file upload."));
    }
    let smallest = if number < upload.part_count { MIN_PART_BYTES } else { 0 };
    if !(smallest..=MAX_PART_BYTES).contains(&file.content.len()) || file.content.len() as u64 > limit {
        return Err(validation_error("The file or its part has a size that is not allowed."));
    }
    match (upload.part_count, number) {
        (None, None) => upload.content = Some(file.content.clone()),
        (Some(count), Some(number)) if (1..=count).contains(&number) => {
            upload.parts.insert(number, file.content.clone());
        }
        _ => return Err(validation_error("body.part_number should fit the mode of the file upload.")),
    }
    respond(state, request, &id)
}

/// `POST /v1/file_uploads/{id}/complete`, after all parts.
pub(crate) fn complete(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let (id, now, limit) = (path_id(request)?, state.clock.millis(), state.strangeness.notion.max_file_bytes());
    let upload = find_mut(state, &id)?;
    upload.require_pending(now)?;
    if upload.part_count != Some(upload.parts.len() as u64) {
        return Err(validation_error("The file upload lacks parts."));
    }
    let mut content = BytesMut::new();
    upload.parts.values().for_each(|part| content.extend_from_slice(part));
    if content.len() as u64 > limit {
        return Err(validation_error("The file is larger than the workspace allows."));
    }
    upload.content = Some(content.freeze());
    respond(state, request, &id)
}

/// The address of a file, which is at a host of its own and needs no token.
pub(crate) fn download(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let denied = || ApiResponse::html(403, "<Error><Code>AccessDenied</Code></Error>".to_owned());
    let end: i64 = request.query("expires").and_then(|end| end.parse().ok()).ok_or_else(denied)?;
    let is_valid = state.clock.millis() < end;
    let all = state.notion.workspaces.iter().flat_map(|workspace| &workspace.uploads);
    let upload = { all }.find(|upload| is_valid && upload.id == request.path_param("id")).ok_or_else(denied)?;
    let content = upload.content.clone().ok_or_else(denied)?;
    Ok(ApiResponse::file(upload.content_type.as_deref().unwrap_or(""), content))
}

/// Rejects the content of a block with an upload that cannot be attached to it.
pub(super) fn check_attachable(state: &SandboxState, kind: &str, content: &Value) -> Result<(), ErrorResponse> {
    let Some(id) = content["file_upload"]["id"].as_str() else { return Ok(()) };
    let upload = state.notion.uploads.iter().find(|upload| upload.id == id);
    let upload = upload.ok_or_else(|| not_found("file upload", id))?;
    let status = upload.status(state.clock.millis());
    if status != "uploaded" {
        return Err(validation_error(&format!("The file upload has the status {status}, not uploaded.")));
    }
    if !file_types::fits_block(kind, upload.content_type.as_deref().unwrap_or("")) {
        return Err(validation_error(&format!("A block of the type {kind} cannot hold this type of file.")));
    }
    Ok(())
}

/// Marks the upload of a block's content as attached, if it has one.
pub(super) fn attach(state: &mut SandboxState, content: &Value) {
    let id = content["file_upload"]["id"].as_str().unwrap_or("");
    if let Some(upload) = state.notion.uploads.iter_mut().find(|upload| upload.id == id) {
        upload.is_attached = true;
    }
}

/// Replaces the upload in a block's content by the file, with a new address that is valid for an hour.
pub(super) fn show_file(state: &SandboxState, kind: &str, content: &mut Value) {
    let id = content["file_upload"]["id"].as_str().unwrap_or("");
    let Some(upload) = state.notion.uploads.iter().find(|upload| upload.id == id) else { return };
    let (filename, end) = (upload.filename.as_deref().unwrap_or("untitled"), state.clock.millis() + LIFETIME_MILLIS);
    let name = utf8_percent_encode(filename, NON_ALPHANUMERIC);
    let url = format!("{}/notion/files/{id}/{name}?expires={end}", state.base_url);
    let mut shown = json!({
        "caption": content["caption"], "type": "file", "file": {"url": url, "expiry_time": rfc3339(end)},
    });
    if kind == "file" {
        shown["name"] = content["name"].as_str().unwrap_or(filename).into();
    }
    *content = shown;
}

fn find_mut<'a>(state: &'a mut SandboxState, id: &str) -> Result<&'a mut FileUpload, ErrorResponse> {
    state.notion.uploads.iter_mut().find(|upload| upload.id == id).ok_or_else(|| not_found("file upload", id))
}

fn respond(state: &mut SandboxState, request: &ApiRequest, id: &str) -> HandlerResult {
    let (now, base_url) = (state.clock.millis(), state.base_url.clone());
    let mut shown = find_mut(state, id)?.to_json(now, &base_url);
    add_envelope(state, request, &mut shown);
    Ok(ApiResponse::json(200, shown))
}
