//! Uploads of files, which nobody sees before they are attached to a block: <https://developers.notion.com/reference/file-upload>

use serde::Deserialize;
use serde_json::{Value, json};

use super::file_block;
use crate::adapters::api::Api;
use crate::adapters::files::MAX_FILE_BYTES;
use crate::adapters::form_data::FormData;
use crate::adapters::input::FileInput;
use crate::error::{Kind, Result};

/// Largest file that is sent at once. Notion says 20 MB and not which; this is the smaller one:
/// <https://developers.notion.com/guides/data-apis/working-with-files-and-media>
const MAX_SINGLE_BYTES: u64 = 20_000_000;
/// Size of each part but the last: <https://developers.notion.com/guides/data-apis/sending-larger-files>
const PART_BYTES: u64 = 10 * 1024 * 1024;
/// Largest file of a workspace on the free plan:
/// <https://developers.notion.com/guides/data-apis/working-with-files-and-media>
const FREE_PLAN_BYTES: u64 = 5 * 1024 * 1024;

/// A file of an input.
pub(super) type File = FileInput<MAX_FILE_BYTES>;

/// A file that was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sent<'a> {
    /// The type of the block that can hold it.
    pub(super) kind: &'a str,
    /// The id of the upload.
    pub(super) id: &'a str,
}

/// What became of an upload.
#[derive(Debug, PartialEq)]
pub(super) enum State {
    /// It is attached to a block.
    Attached,
    /// It can still be attached.
    Unattached,
    /// It can no longer be attached: an hour has passed, or Notion does not know it.
    Expired,
}

/// An upload as Notion returns it.
#[derive(Deserialize)]
struct Upload {
    id: String,
    status: Option<String>,
    expiry_time: Option<String>,
    content_type: Option<String>,
}

impl<'a> Sent<'a> {
    /// Parses a checkpoint: `<kind>/<id>`.
    pub(super) fn parse(checkpoint: &'a str) -> Option<Self> {
        let (kind, id) = checkpoint.split_once('/')?;
        Some(Self { kind, id })
    }
}

/// Sends a file, at once or in parts, and returns it as a checkpoint.
///
/// # Errors
/// A failure of a call, or [`Kind::PlanLimit`] for a file that the workspace does not take.
pub(super) async fn send(api: &Api<'_>, file: &File) -> Result<String> {
    check_plan(api, file.size()).await?;
    let count = part_count(file.size());
    let mut body = json!({ "filename": file.filename() });
    if !has_extension(file.filename()) {
        body["content_type"] = json!(essence(file.content_type()));
    }
    if count > 1 {
        (body["mode"], body["number_of_parts"]) = (json!("multi_part"), json!(count));
    }
    // https://developers.notion.com/reference/create-a-file-upload
    let mut upload: Upload = api.post(&["v1", "file_uploads"]).json(&body).preparation().send().await?;
    // The type of every part has to be that of the upload.
    let content_type = upload.content_type.clone().unwrap_or_else(|| essence(file.content_type()).to_owned());
    for part in 0..count {
        let start = part * PART_BYTES;
        let mut form = FormData::new(&api.effect_key);
        let content = if count == 1 {
            file.source(api)
        } else {
            form = form.field("part_number", &(part + 1).to_string());
            file.source(api).section(start, PART_BYTES.min(file.size() - start))
        };
        let form = form.file("file", file.filename(), &content_type, content);
        // https://developers.notion.com/reference/send-a-file-upload
        upload = api.post(&["v1", "file_uploads", &upload.id, "send"]).form(form).preparation().send().await?;
    }
    if count > 1 {
        // https://developers.notion.com/reference/complete-a-file-upload
        let call = api.post(&["v1", "file_uploads", &upload.id, "complete"]).json(&json!({}));
        upload = call.preparation().send().await?;
    }
    Ok(format!("{}/{}", file_block::kind_of(&content_type), upload.id))
}

/// Returns what became of an upload.
///
/// # Errors
/// A failure of the call.
pub(super) async fn state(api: &Api<'_>, id: &str) -> Result<State> {
    // https://developers.notion.com/reference/retrieve-a-file-upload
    let upload: Upload = match api.get(&["v1", "file_uploads", id]).exact().send().await {
        Err(error) if error.kind() == Some(Kind::NotFound) => return Ok(State::Expired),
        upload => upload?,
    };
    match (upload.status.as_deref(), upload.expiry_time) {
        // Without a time of its end, it is attached: https://developers.notion.com/reference/file-upload
        (Some("uploaded"), None) => Ok(State::Attached),
        (Some("uploaded"), Some(_)) => Ok(State::Unattached),
        (Some("expired" | "failed" | "pending"), _) => Ok(State::Expired),
        _ => Err(api.error(Kind::Transient, "unexpected response: a file upload without a status")),
    }
}

/// Checks the size of a file by the limit of the workspace. Every plan takes a small one.
async fn check_plan(api: &Api<'_>, size: u64) -> Result<()> {
    if size <= FREE_PLAN_BYTES {
        return Ok(());
    }
    // https://developers.notion.com/reference/get-self
    let me: Value = match api.get(&["v1", "users", "me"]).send().await {
        Err(error) if error.is_access_refused() => return Ok(()),
        me => me?,
    };
    let limit = me["bot"]["workspace_limits"]["max_file_upload_size_in_bytes"].as_u64();
    match limit.filter(|limit| size > *limit) {
        Some(limit) => {
            let text = format!("the workspace's plan takes files of at most {limit} bytes; the file has {size}");
            Err(api.error(Kind::PlanLimit, text))
        }
        None => Ok(()),
    }
}

fn part_count(size: u64) -> u64 {
    if size <= MAX_SINGLE_BYTES { 1 } else { size.div_ceil(PART_BYTES) }
}

/// True if a file's name has an extension, by which Notion knows its type.
pub(super) fn has_extension(filename: &str) -> bool {
    filename.rsplit_once('.').is_some_and(|(name, extension)| !name.is_empty() && !extension.is_empty())
}

/// Returns a MIME type without its parameters.
fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_large_as_notion_takes_them() {
        for (size, count) in [(1, 1), (MAX_SINGLE_BYTES, 1), (MAX_SINGLE_BYTES + 1, 2), (MAX_FILE_BYTES, 10)] {
            assert_eq!(part_count(size), count, "{size}");
        }
        assert!(has_extension("a.b.pdf") && !has_extension("README") && !has_extension(".env") && !has_extension("a."));
        assert_eq!(essence("text/csv; charset=utf-8"), "text/csv");
    }
}
