//! What S3 answers.

use http::HeaderMap;
use http::header::{CONTENT_LENGTH, ETAG};
use jiff::Timestamp;
use rusty_s3::actions::ListObjectsV2;

use crate::error::{Error, Result};

/// The facts of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectFacts {
    /// The number of its bytes.
    pub length: u64,
    /// Its version.
    pub etag: String,
}

/// An object in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: String,
    /// The time of its storage.
    pub stored_at: Timestamp,
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct ListedPage {
    /// The objects in the order of their keys.
    pub objects: Vec<ListedObject>,
    /// The start of the next page; absent at the end.
    pub next: Option<String>,
}

/// Reads the facts of an object from the headers of its answer.
pub(super) fn facts(headers: &HeaderMap) -> Result<ObjectFacts> {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let length = text(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    match (length, text(ETAG)) {
        (Some(length), Some(etag)) => Ok(ObjectFacts { length, etag: etag.to_owned() }),
        _ => Err(Error::internal("S3: an object without a length or an ETag")),
    }
}

/// Reads a page of a list.
pub(super) fn page(body: &[u8]) -> Result<ListedPage> {
    let text = std::str::from_utf8(body).map_err(Error::internal)?;
    let listed = ListObjectsV2::parse_response(text).map_err(Error::internal)?;
    let object = |content: rusty_s3::actions::list_objects_v2::ListObjectsContent| {
        let stored_at = content.last_modified.as_deref().and_then(|at| at.parse().ok());
        let stored_at = stored_at.ok_or_else(|| Error::internal("S3: an object without its time"))?;
        Ok(ListedObject { key: content.key, stored_at })
    };
    let objects = listed.contents.into_iter().map(object).collect::<Result<_>>()?;
    Ok(ListedPage { objects, next: listed.next_continuation_token })
}

/// True if an answer's XML is of this kind.
pub(super) fn has_result(body: &[u8], name: &str) -> bool {
    String::from_utf8_lossy(body).contains(&format!("<{name}"))
}

/// Returns the code of an error, for the log. Its other texts can name keys.
pub(super) fn code(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    code.map_or_else(|| "no code".to_owned(), |(code, _)| code.to_owned())
}
