//! Blocks with a file: <https://developers.notion.com/reference/block>

use percent_encoding::percent_decode_str;
use url::Url;

use super::rich_text;
use crate::adapters::prelude::*;

/// The types of blocks with a file.
const KINDS: [&str; 5] = ["audio", "file", "image", "pdf", "video"];

/// A block with a file, as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileBlock {
    /// The id of the block, which `notion_get_file` takes.
    pub(super) id: Option<String>,
    /// The type of the block: `file`, `image`, `pdf`, `video` or `audio`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// The file's name.
    pub(super) filename: Option<String>,
    /// The caption.
    pub(super) caption: Option<String>,
    /// The address of a file that is elsewhere on the web.
    pub(super) link: Option<String>,
}

impl Listed for FileBlock {
    const NOUN: &'static str = "file";
}

/// Returns the type of the block that can hold a file of a MIME type.
pub(super) fn kind_of(content_type: &str) -> &'static str {
    match content_type.split('/').next() {
        Some("audio") => "audio",
        Some("image") => "image",
        Some("video") => "video",
        _ if content_type == "application/pdf" => "pdf",
        _ => "file",
    }
}

impl FileBlock {
    /// Reads a block; `None` if it has no id or no file.
    pub(super) fn read(block: &Value) -> Option<Self> {
        let kind = KINDS.into_iter().find(|kind| block["type"] == *kind || block[*kind].is_object())?;
        Self::of(block["id"].as_str()?, kind, &block[kind])
    }

    /// Returns the file of a block of a type with this content; `None` if the type is another one.
    pub(super) fn of(id: &str, kind: &str, content: &Value) -> Option<Self> {
        let caption = rich_text::to_plain(&content["caption"]);
        KINDS.contains(&kind).then(|| Self {
            id: Some(id.to_owned()),
            kind: kind.to_owned(),
            filename: filename(content),
            caption: Some(caption).filter(|caption| !caption.is_empty()),
            link: content["external"]["url"].as_str().map(ToOwned::to_owned),
        })
    }
}

/// Returns the name of a file: only blocks of the type `file` have one, and otherwise it ends the address.
fn filename(content: &Value) -> Option<String> {
    if let Some(name) = content["name"].as_str() {
        return Some(name.to_owned());
    }
    let address = content["file"]["url"].as_str().or(content["external"]["url"].as_str())?;
    let last = Url::parse(address).ok()?.path_segments()?.next_back().map(ToOwned::to_owned)?;
    Some(percent_decode_str(&last).decode_utf8_lossy().into_owned()).filter(|name| !name.is_empty())
}
