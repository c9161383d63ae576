//! `/api/plugin-engine/files`: registers an upload, lists, reads and deletes files.

use engine::aws::Link;
use engine::error::{Error, FieldFault, Result};
use engine::files::{Files, FoundFile, NewUpload};
use engine::lambda::request::refuse_beside;
use engine::lambda::{Input, Refusal, Reply, Request};
use engine::permissions::Caller;
use engine::scheduler::FileDeletions;
use engine::tables::PageRequest;
use engine::tables::tasks::FileRow;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(read, register, delete))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(parts: &'static (Files, FileDeletions), request: Request) -> Result<Reply> {
    let (files, deletions) = parts;
    match *request.method() {
        Method::GET => read(files, &request).await,
        Method::POST => register(files, &request).await,
        Method::DELETE => delete(deletions, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, DELETE" }),
    }
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FileOut {
    /// The id of the file. An action takes it as `{"file": "file_..."}`.
    file_id: String,
    /// The name, without a path.
    filename: String,
    /// The media type.
    content_type: String,
    /// The number of bytes.
    size: u64,
    /// The SHA-256 of the bytes in base64, if the file was registered with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// The time of its registration.
    created_at: Timestamp,
    /// The time from which no request can name it. A task that was accepted before has a copy until it ends.
    expires_at: Timestamp,
    /// The link to the bytes, for 15 minutes; absent before the upload, and in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    download: Option<LinkOut>,
}

impl From<FileRow> for FileOut {
    fn from(row: FileRow) -> Self {
        let (created_at, expires_at) = (row.id.created_at(), row.expires_at());
        let FileRow { id, filename, content_type, size, sha256, created_by: _, ttl: _ } = row;
        Self { file_id: id.to_string(), filename, content_type, size, sha256, created_at, expires_at, download: None }
    }
}

/// A signed request: whoever has it may make it until it expires.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FileLink)]
struct LinkOut {
    /// The method of the request.
    method: &'static str,
    /// The address, without a further token.
    url: String,
    /// The headers that the request must have. The client itself adds `Content-Length`.
    headers: BTreeMap<&'static str, String>,
    /// The time at which the link expires.
    expires_at: Timestamp,
}

impl From<Link> for LinkOut {
    fn from(link: Link) -> Self {
        let Link { method, url, headers, expires_at } = link;
        Self { method, url, headers, expires_at }
    }
}

/// The query for one file (`fileId`), or for the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadIn {
    /// The id of one file.
    file_id: Option<String>,
    /// The largest number of items in a page: 1 to 100.
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

impl Input for ReadIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of files, or the file with the requested id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum FilesOut {
    Page {
        /// The files of this page, newest first.
        files: Vec<FileOut>,
        /// The cursor of the next page; `null` on the last page.
        #[schema(required)]
        cursor: Option<String>,
    },
    One {
        /// The file with the requested id.
        file: Box<FileOut>,
    },
}

/// Lists the files of the last day, or reads one with a link to its bytes.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/files",
    operation_id = "listFiles",
    params(ReadIn),
    responses(
        (status = 200, description = "The files, or the file", body = FilesOut),
        (status = 404, description = "No such file", body = Refusal),
    ),
)]
async fn read(files: &'static Files, request: &Request) -> Result<Reply> {
    let (caller, ReadIn { file_id, limit, cursor }) = request.query_with_caller::<ReadIn>().await?;
    if let Some(id) = &file_id {
        refuse_beside("fileId", [("limit", limit.is_some()), ("cursor", cursor.is_some())])?;
        return read_one(files, &caller, id).await;
    }
    let page = files.list(&caller, &PageRequest { limit, cursor }).await?;
    let files = page.items.into_iter().map(FileOut::from).collect();
    Reply::ok(&FilesOut::Page { files, cursor: page.cursor })
}

async fn read_one(files: &'static Files, caller: &Caller, id: &str) -> Result<Reply> {
    let FoundFile { row, download } = files.find(caller, id).await?;
    let file = FileOut { download: download.map(LinkOut::from), ..row.into() };
    Reply::ok(&FilesOut::One { file: Box::new(file) })
}

/// The file that is going to be uploaded.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FileIn)]
struct RegisterIn {
    /// The name, without a path, for example `report.pdf`.
    filename: String,
    /// The media type, for example `application/pdf`.
    content_type: String,
    /// The number of bytes, at most 104857600 (100 MiB). The upload must have as many.
    size: u64,
    /// The SHA-256 of the bytes, in hexadecimal digits or base64. The upload must match it.
    sha256: Option<String>,
}

impl Input for RegisterIn {
    const REQUIRED: &'static [&'static str] = &["filename", "contentType", "size"];

    fn further_faults(&self) -> Vec<FieldFault> {
        self.clone().into_upload().check().err().map_or_else(Vec::new, |error| error.fields())
    }
}

impl RegisterIn {
    fn into_upload(self) -> NewUpload {
        let Self { filename, content_type, size, sha256 } = self;
        NewUpload { filename, content_type, size, sha256 }
    }
}

/// A registered file, and the link that uploads it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FileRegisteredOut {
    /// Always true.
    success: bool,
    /// The id of the file. An action takes it as `{"file": "file_..."}` when the bytes are uploaded.
    file_id: String,
    /// The link that uploads the bytes, for 15 minutes.
    upload: LinkOut,
}

/// Registers a file, and returns the link that uploads it.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/files",
    operation_id = "registerFile",
    request_body = RegisterIn,
    responses(
        (status = 200, description = "The file is registered", body = FileRegisteredOut),
    ),
)]
async fn register(files: &'static Files, request: &Request) -> Result<Reply> {
    let (caller, input) = request.body_with_caller::<RegisterIn>().await?;
    let (row, upload) = files.register(&caller, input.into_upload()).await?;
    Reply::ok(&FileRegisteredOut { success: true, file_id: row.id.to_string(), upload: upload.into() })
}

/// The file to delete.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FileDelete)]
struct DeleteIn {
    /// The id of the file.
    file_id: String,
    /// Deletes also a file that tasks need, and cancels these tasks.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    force: bool,
}

impl Input for DeleteIn {
    const REQUIRED: &'static [&'static str] = &["fileId"];
    const FLAGS: &'static [&'static str] = &["force"];
}

/// A deleted file.
#[derive(Debug, Serialize, ToSchema)]
struct FileDeletedOut {
    /// Always true.
    success: bool,
    /// The number of tasks that were cancelled; a series is one.
    cancelled: usize,
}

/// Deletes a file, and every copy of it.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/files",
    operation_id = "deleteFile",
    request_body = DeleteIn,
    responses(
        (status = 200, description = "The file is deleted", body = FileDeletedOut),
        (status = 404, description = "No such file", body = Refusal),
        (status = 409, description = "Tasks need the file; with `force`, an attempt of one runs", body = Refusal),
    ),
)]
async fn delete(deletions: &'static FileDeletions, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_or_body_with_caller::<DeleteIn>().await?;
    let cancelled = deletions.delete(&caller, &input.file_id, input.force).await?;
    Reply::ok(&FileDeletedOut { success: true, cancelled })
}
