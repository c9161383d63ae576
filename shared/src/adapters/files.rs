//! Files as an action uses them: those that a person uploaded, and those that an action reads for another one.
//!
//! The bytes go between the bucket and the provider. Contexts and results have the file's id.

use bytes::Bytes;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;
use std::fmt;

use super::content::Source;
use crate::error::{Error, Result};
use crate::http::ByteStream;
use crate::ids::FileId;

/// Largest file in bytes: 100 MiB, which Asana takes as an attachment. A provider can allow less.
/// <https://developers.asana.com/reference/createattachmentforobject>
pub const MAX_FILE_BYTES: u64 = 100 * 1024 * 1024;

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

/// Returns the text of a small file, if it is one: UTF-8, without a NUL.
pub fn small_text(content: &Bytes) -> Option<&str> {
    std::str::from_utf8(content).ok().filter(|text| !text.contains('\0'))
}
