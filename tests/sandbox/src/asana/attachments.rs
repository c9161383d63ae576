//! Attachments of tasks and projects (<https://developers.asana.com/reference/attachments>).

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::fields::{list_response, reject_unknown_parameters, select_fields};
use super::seed::task_ref;
use super::{ErrorResponse, access, bad_request, error, is_listed, not_found, strangeness};
use crate::fixtures::asana;
use crate::form_data::{self, Part};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// The largest file: <https://developers.asana.com/reference/createattachmentforobject>
const MAX_BYTES: usize = 100 << 20;
/// The time for which a download address is valid, in seconds: `download_url` of
/// <https://developers.asana.com/reference/attachments>.
const DOWNLOAD_SECONDS: i64 = 120;
/// The fields of an upload that the sandbox knows. An external attachment is made in Asana itself.
const FORM_FIELDS: [&str; 2] = ["parent", "file"];

/// An attachment, with the content of a file that Asana hosts.
pub(super) struct Attachment {
    record: Value,
    content_type: String,
    content: Bytes,
}

impl Attachment {
    /// Builds a file that Asana hosts.
    pub(super) fn hosted(gid: &str, name: &str, parent: &Value, created_at: &str, file: (&str, Bytes)) -> Self {
        let (content_type, content) = file;
        let record = json!({
            "gid": gid, "resource_type": "attachment", "resource_subtype": "asana", "host": "asana", "name": name,
            "created_at": created_at, "size": content.len(), "parent": parent, "view_url": null,
            "permanent_url": format!("https://app.asana.com/app/asana/-/get_asset?asset_id={gid}"),
        });
        Self { record, content_type: content_type.to_owned(), content }
    }

    /// Builds a file that Dropbox hosts, which has no size.
    pub(super) fn in_dropbox(gid: &str, name: &str, parent: &Value, created_at: &str) -> Self {
        let view = format!("https://www.dropbox.com/s/5x1/{name}");
        let record = json!({
            "gid": gid, "resource_type": "attachment", "resource_subtype": "dropbox", "host": "dropbox", "name": name,
            "created_at": created_at, "parent": parent, "view_url": view, "download_url": format!("{view}?dl=1"),
            "permanent_url": format!("https://app.asana.com/app/asana/-/get_asset?asset_id={gid}"),
        });
        Self { record, content_type: String::new(), content: Bytes::new() }
    }

    /// Returns the record. The address of a file that Asana hosts is a new one in every response.
    fn shown(&self, state: &SandboxState) -> Value {
        let mut record = self.record.clone();
        if record["host"] == "asana" {
            let (gid, end) = (record["gid"].as_str().unwrap_or(""), state.clock.seconds() + DOWNLOAD_SECONDS);
            record["download_url"] = json!(format!("{}/asana/us1/assets/{gid}?e={end}", state.base_url));
        }
        record
    }
}

/// `GET /attachments`: those of a task or a project, oldest first.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "attachments:read")?;
    reject_unknown_parameters(request, &["parent", "offset"])?;
    let parent = request.query("parent").ok_or_else(|| bad_request("parent: Missing input"))?;
    let parent = find_parent(state, parent)?;
    let is_listed = |one: &&Attachment| one.record["parent"]["gid"] == parent["gid"] && is_listed(state, &one.record);
    let shown: Vec<Value> = state.asana.attachments.iter().filter(is_listed).map(|one| one.shown(state)).collect();
    list_response(request, &state.base_url, "/attachments", &shown)
}

/// `GET /attachments/{gid}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "attachments:read")?;
    reject_unknown_parameters(request, &[])?;
    let found = find(state, request.path_param("gid")).ok_or_else(|| not_found("attachment"))?;
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, &found.shown(state))})))
}

/// `POST /attachments`: a file for a task or a project.
pub(crate) fn upload(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "attachments:write")?;
    reject_unknown_parameters(request, &[])?;
    let form = form_data::parts(request).ok_or_else(|| bad_request("Could not parse request data, invalid form"))?;
    if let Some(unknown) = form.iter().find(|part| !FORM_FIELDS.contains(&part.name.as_str())) {
        return Err(bad_request(&format!("{}: Cannot write this property", unknown.name)));
    }
    let part = |name: &str| form.iter().find(|part| part.name == name);
    let missing = |name: &str| bad_request(&format!("{name}: Missing input"));
    let parent = part("parent").and_then(Part::text).ok_or_else(|| missing("parent"))?;
    strangeness::check_gid_access(state.strangeness.asana, parent)?;
    let parent = find_parent(state, parent)?;
    let file = part("file").ok_or_else(|| missing("file"))?;
    let name = file_name(file).ok_or_else(|| missing("file"))?;
    if file.content.len() > MAX_BYTES {
        return Err(error(413, "file: The attachment is larger than 100MB"));
    }
    let (gid, created_at) = (state.asana.next_gid(), state.clock.rfc3339());
    let content_type = file.content_type.as_deref().unwrap_or("application/octet-stream");
    let created = Attachment::hosted(&gid, &name, &parent, &created_at, (content_type, file.content.clone()));
    let shown = created.shown(state);
    let effect = json!({"parent": parent["gid"], "name": name, "size": file.content.len()});
    state.asana.attachments.push(created);
    state.record_effect("asana", "attachment_added", &gid, asana::WORKSPACE, effect);
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, &shown)})))
}

/// The address of a file's content, which is at a host of its own and needs no token.
pub(crate) fn download(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let denied = || ApiResponse::html(403, "<Error><Code>AccessDenied</Code></Error>".to_owned());
    let end: i64 = request.query("e").and_then(|end| end.parse().ok()).ok_or_else(denied)?;
    let file = find(state, request.path_param("gid")).filter(|_| state.clock.seconds() < end).ok_or_else(denied)?;
    Ok(ApiResponse::file(&file.content_type, file.content.clone()))
}

fn find<'a>(state: &'a SandboxState, gid: &str) -> Option<&'a Attachment> {
    state.asana.attachments.iter().find(|attachment| attachment.record["gid"] == gid)
}

/// Returns the compact record of a task or a project.
fn find_parent(state: &SandboxState, gid: &str) -> Result<Value, ErrorResponse> {
    let project = || state.asana.project(gid).map(super::seed::project_ref);
    let parent = state.asana.task(gid).map(task_ref).or_else(project);
    parent.ok_or_else(|| bad_request("parent: Unknown object"))
}

/// Returns the name of a file. It is percent-encoded in the form; other characters than those of ASCII are read as Latin-1.
fn file_name(file: &Part) -> Option<String> {
    let name = file.filename.as_deref().filter(|name| !name.is_empty())?;
    match name.is_ascii() {
        true => Some(percent_decode_str(name).decode_utf8_lossy().into_owned()),
        false => Some(name.bytes().map(char::from).collect()),
    }
}
