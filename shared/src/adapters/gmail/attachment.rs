//! Input of files to attach.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outgoing_mail::OutgoingFile;
use crate::adapters::input::Items;
use crate::error::{Error, Result};

/// Maximum size of all files together: with the text they still fit into the 32 KiB of a context.
const MAX_TOTAL_BYTES: usize = 20 * 1024;
/// The length of so many bytes in base64.
const MAX_CONTENT_CHARACTERS: usize = MAX_TOTAL_BYTES.div_ceil(3) * 4;
const MAX_NAME_CHARACTERS: usize = 255;
const MAX_TYPE_CHARACTERS: usize = 127;

const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(Indifferent));

/// The files of a mail.
pub(super) type Files = Items<AttachmentInput, 10>;

/// A file to attach.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct AttachmentInput {
    /// The file's name, for example `report.csv`.
    filename: FileName,
    /// The file's content in base64.
    content: Content,
    /// The file's MIME type, for example `text/csv`.
    #[serde(default)]
    content_type: FileType,
}

/// A file's name without a path.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("minLength" = 1, "maxLength" = MAX_NAME_CHARACTERS))]
struct FileName(String);

/// A file's content, written in base64.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_CONTENT_CHARACTERS, "x-multiline" = true))]
struct Content(Vec<u8>);

/// A MIME type of a file.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_TYPE_CHARACTERS))]
struct FileType(String);

impl TryFrom<String> for FileName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_long = text.chars().count() > MAX_NAME_CHARACTERS;
        match text.trim().is_empty() || is_long || text.contains(['/', '\\']) || text.contains(char::is_control) {
            true => Err("must be a file name without a path, at most 255 characters, for example report.csv"),
            false => Ok(Self(text)),
        }
    }
}

impl TryFrom<String> for Content {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        BASE64.decode(text.trim()).map(Self).map_err(|_| "must be base64, for example aGVsbG8=")
    }
}

impl TryFrom<String> for FileType {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match is_attachable_type(&text) {
            true => Ok(Self(text.to_ascii_lowercase())),
            false => Err("must be the MIME type of a file, for example text/csv"),
        }
    }
}

impl Default for FileType {
    fn default() -> Self {
        Self("application/octet-stream".to_owned())
    }
}

/// Checks the size of the files of the field `attachments`.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_size(files: Option<&Files>) -> Result<()> {
    let bytes: usize = files.iter().flat_map(|files| files.iter()).map(|file| file.content.0.len()).sum();
    match bytes <= MAX_TOTAL_BYTES {
        true => Ok(()),
        false => Err(Error::invalid("attachments", format!("must have at most {MAX_TOTAL_BYTES} bytes in total"))),
    }
}

/// Returns the files of the field `attachments`.
pub(super) fn files(files: Option<&Files>) -> Vec<OutgoingFile> {
    let outgoing = |file: &AttachmentInput| OutgoingFile {
        name: file.filename.0.clone(),
        content_type: file.content_type.0.clone(),
        content: file.content.0.clone(),
        content_id: None,
    };
    files.iter().flat_map(|files| files.iter()).map(outgoing).collect()
}

/// True if the text is a MIME type of a file: two tokens of RFC 2045 separated by a slash. `multipart` and `message` are
/// excluded, because RFC 2045 forbids base64 for them.
pub(super) fn is_attachable_type(text: &str) -> bool {
    let token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    let composite = |kind: &str| ["multipart", "message"].iter().any(|excluded| kind.eq_ignore_ascii_case(excluded));
    let parts = text.split_once('/').filter(|_| text.len() <= MAX_TYPE_CHARACTERS);
    parts.is_some_and(|(kind, subtype)| token(kind) && token(subtype) && !composite(kind))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(input: Value) -> Result<Files, String> {
        serde_path_to_error::deserialize(input).map_err(|error| error.path().to_string())
    }

    #[test]
    fn decodes_base64_with_and_without_padding() {
        let input = json!([{ "filename": "ä.txt", "content": "aGk=", "contentType": "Text/Plain" },
            { "filename": "b", "content": "aGk" }]);
        let files = files(Some(&parse(input).unwrap()));
        let read: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.content_type.as_str())).collect();
        assert_eq!(read, [("ä.txt", "text/plain"), ("b", "application/octet-stream")]);
        assert!(files.iter().all(|file| file.content == b"hi"));
    }

    #[test]
    fn refuses_invalid_files_by_field() {
        let file = |name: &str, content: &str, kind: &str| json!({ "filename": name, "content": content, "contentType": kind });
        for name in ["", "a\r\nb", "../a", "a\\b"] {
            assert_eq!(parse(json!([file(name, "aGk=", "a/b")])).unwrap_err(), "[0].filename", "{name}");
        }
        assert_eq!(parse(json!([file("a", "aGk=", "a/b"), file("a", "?", "a/b")])).unwrap_err(), "[1].content");
        for kind in ["text", "text/", "a/b; c=d", "multipart/mixed", "Message/rfc822", "a/b\r\nX: y"] {
            assert_eq!(parse(json!([file("a", "aGk=", kind)])).unwrap_err(), "[0].contentType", "{kind}");
        }
        let half = BASE64.encode(vec![0; MAX_TOTAL_BYTES / 2 + 1]);
        let both = parse(json!(vec![file("a", &half, "a/b"); 2])).unwrap();
        assert!(check_size(Some(&both)).unwrap_err().to_string().contains("20480 bytes in total"));
    }
}
