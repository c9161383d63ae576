//! Files as an action uses them: those that a person uploaded, and those that an action reads for another one.
//!
//! The bytes go between the bucket and the provider. Contexts and results have the file's id.

use bytes::Bytes;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;
use std::fmt;

use super::action::ActionOutput;
use super::api::{Api, Download};
use super::content::Source;
use crate::error::{Error, Kind, Result};
use crate::http::{Body, ByteStream};
use crate::ids::FileId;
use crate::validate::UNKNOWN_CONTENT_TYPE;

/// Largest file in bytes: 100 MiB, which Asana takes as an attachment. A provider can allow less.
/// <https://developers.asana.com/reference/createattachmentforobject>
pub const MAX_FILE_BYTES: u64 = 100 * 1024 * 1024;

/// Largest text in an output, in bytes: a model reads it.
const MAX_TEXT_BYTES: u64 = 20 * 1024;

/// A file that an action creates from what it read.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// The file's name.
    pub filename: String,
    /// The MIME type.
    pub content_type: String,
    /// The size in bytes.
    pub size: u64,
}

impl NewFile {
    /// Returns the facts of a file that is read, by the provider's record and the response with its content.
    ///
    /// # Errors
    /// [`Error::Provider`] for a file without a size, or one that is too large.
    pub fn read(api: &Api<'_>, filename: &str, size: Option<u64>, download: &Download) -> Result<Self> {
        let size = download.length.or(size);
        let size = size.ok_or_else(|| api.error(Kind::Transient, "unexpected response: a file without a size"))?;
        if size > MAX_FILE_BYTES {
            let text = format!(
                "the file is too large to be read: it has {size} bytes, and at most {MAX_FILE_BYTES} can be read"
            );
            return Err(api.error(Kind::Invalid, text));
        }
        let content_type = download.content_type().unwrap_or(UNKNOWN_CONTENT_TYPE).to_owned();
        Ok(Self { filename: filename.to_owned(), content_type, size })
    }
}

/// A file that another action can name.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileOutput {
    /// The file's id, which another action takes for 24 hours.
    #[schemars(with = "String")]
    pub file: FileId,
    /// The file's name.
    pub filename: String,
    /// The MIME type.
    pub content_type: String,
    /// The size in bytes.
    pub size: u64,
    /// The content of a small text file, if it was asked for.
    pub text: Option<String>,
}

/// The place of an attempt's files.
pub trait ActionFiles: Send + Sync + fmt::Debug {
    /// Returns the bytes of a file that the context names.
    fn source(&self, file: &FileId, size: u64) -> Source;

    /// Stores a file that the action read, for 24 hours.
    fn store(&self, file: NewFile, content: ByteStream) -> BoxFuture<'_, Result<FileOutput>>;
}

/// The files of an attempt that has none.
#[derive(Debug)]
pub struct NoFiles;

impl ActionFiles for NoFiles {
    fn source(&self, _file: &FileId, size: u64) -> Source {
        Source::new(size, || Box::pin(async { Err(Error::NotFound("File")) }))
    }

    fn store(&self, _file: NewFile, _content: ByteStream) -> BoxFuture<'_, Result<FileOutput>> {
        Box::pin(async { Err(Error::internal("an attempt without files cannot store one")) })
    }
}

/// Stores a file that an action read, and returns the action's output. With `as_text` that has the text of a small text file too; the message
/// says why a text is missing.
///
/// # Errors
/// Those of [`ActionFiles::store`].
pub async fn read(
    api: &Api<'_>,
    file: NewFile,
    content: ByteStream,
    as_text: bool,
) -> Result<ActionOutput<FileOutput>> {
    let message = format!("The file of {} bytes was read.", file.size);
    if !as_text {
        return Ok(ActionOutput::new(message, api.files.store(file, content).await?));
    }
    if file.size > MAX_TEXT_BYTES {
        let stored = api.files.store(file, content).await?;
        let reason = format!("Its text is not returned, because it has more than {MAX_TEXT_BYTES} bytes.");
        return Ok(ActionOutput::new(format!("{message} {reason}"), stored));
    }
    let content = Body::stream(Some(file.size), content).collect(MAX_TEXT_BYTES as usize).await;
    let content =
        content.map_err(|error| api.error(Kind::Transient, format!("the file could not be read: {error}")))?;
    let text = text_of(&content).map(str::to_owned);
    let stored = api.files.store(file, Body::from(content).into_stream()).await?;
    let message = match &text {
        Some(_) => message,
        None => format!("{message} Its content is not returned, because it is no text in UTF-8."),
    };
    Ok(ActionOutput::new(message, FileOutput { text, ..stored }))
}

/// Returns the text of a small file, if it is one: UTF-8, without a NUL.
fn text_of(content: &Bytes) -> Option<&str> {
    std::str::from_utf8(content).ok().filter(|text| !text.contains('\0'))
}
