//! Files that an agent sends along.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use schemars::JsonSchema;
use serde::Deserialize;

use super::outgoing_mail::OutgoingFile;
use crate::error::{Error, Result};
use crate::validate::check_text;

/// Most bytes of all files together: with the text beside them they still fit into the 32 KiB of a context.
const MAX_TOTAL_BYTES: usize = 20 * 1024;
const MAX_FILES: usize = 10;
const MAX_NAME_BYTES: usize = 255;
const MAX_TYPE_BYTES: usize = 127;

const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(Indifferent));

/// A file to send along.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct AttachmentInput {
    /// The file's name, as `report.csv`.
    filename: String,
    /// The file's bytes in base64.
    content: String,
    /// What it is, as `text/csv`; `application/octet-stream` when left out.
    content_type: Option<String>,
}

/// The files of a field `attachments`.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn decode_all(given: Option<&Vec<AttachmentInput>>) -> Result<Vec<OutgoingFile>> {
    let given = given.map(Vec::as_slice).unwrap_or_default();
    if given.len() > MAX_FILES {
        return Err(Error::invalid("attachments", format!("must be at most {MAX_FILES} files")));
    }
    let read = |(index, one): (usize, &AttachmentInput)| one.decode(&format!("attachments[{index}]"));
    let files = given.iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;
    if files.iter().map(|file| file.content.len()).sum::<usize>() > MAX_TOTAL_BYTES {
        return Err(Error::invalid("attachments", format!("must be at most {MAX_TOTAL_BYTES} bytes together")));
    }
    Ok(files)
}

impl AttachmentInput {
    fn decode(&self, at: &str) -> Result<OutgoingFile> {
        let filename = format!("{at}.filename");
        check_text(&filename, &self.filename, MAX_NAME_BYTES)?;
        if self.filename.contains(['/', '\\']) {
            return Err(Error::invalid(filename, "must be a name, not a path"));
        }
        let content_type = self.content_type.as_deref().unwrap_or("application/octet-stream");
        if !is_attachable_type(content_type) {
            return Err(Error::invalid(format!("{at}.contentType"), "must be the type of a file, as text/csv"));
        }
        let content = BASE64.decode(self.content.trim());
        let content = content.map_err(|_| Error::invalid(format!("{at}.content"), "must be base64"))?;
        Ok(OutgoingFile {
            name: self.filename.clone(),
            content_type: content_type.to_ascii_lowercase(),
            content,
            content_id: None,
        })
    }
}

/// Whether this names a kind of file: two tokens of RFC 2045 with a slash between. A `multipart` or a `message` is none, for
/// it may not be in base64.
pub(super) fn is_attachable_type(text: &str) -> bool {
    let token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    let composite = |kind: &str| ["multipart", "message"].iter().any(|known| kind.eq_ignore_ascii_case(known));
    let parts = text.split_once('/').filter(|_| text.len() <= MAX_TYPE_BYTES);
    parts.is_some_and(|(kind, subtype)| token(kind) && token(subtype) && !composite(kind))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn decode(given: Value) -> Result<Vec<OutgoingFile>> {
        decode_all(serde_json::from_value::<Option<Vec<AttachmentInput>>>(given).unwrap().as_ref())
    }

    fn refused_field(given: Value) -> String {
        match decode(given) {
            Err(Error::Invalid { field, .. }) => field,
            other => panic!("{:?}", other.map(|files| files.len())),
        }
    }

    #[test]
    fn decodes_base64_with_and_without_padding() {
        let files = decode(json!([{ "filename": "ä.txt", "content": "aGk=", "contentType": "Text/Plain" },
            { "filename": "b", "content": "aGk" }]))
        .unwrap();
        let read: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.content_type.as_str())).collect();
        assert_eq!(read, [("ä.txt", "text/plain"), ("b", "application/octet-stream")]);
        assert!(files.iter().all(|file| file.content == b"hi"));
        assert!(decode_all(None).unwrap().is_empty());
    }

    #[test]
    fn refuses_invalid_files_by_field() {
        let file = |name: &str, content: &str, kind: &str| json!({ "filename": name, "content": content, "contentType": kind });
        assert_eq!(refused_field(json!([file("", "aGk=", "a/b")])), "attachments[0].filename");
        assert_eq!(refused_field(json!([file("a\r\nb", "aGk=", "a/b")])), "attachments[0].filename");
        assert_eq!(refused_field(json!([file("../a", "aGk=", "a/b")])), "attachments[0].filename");
        assert_eq!(refused_field(json!([file("a", "aGk=", "a/b"), file("a", "?", "a/b")])), "attachments[1].content");
        for kind in ["text", "text/", "a/b; c=d", "multipart/mixed", "Message/rfc822", "a/b\r\nX: y"] {
            assert_eq!(refused_field(json!([file("a", "aGk=", kind)])), "attachments[0].contentType", "{kind}");
        }
        assert_eq!(refused_field(json!(vec![file("a", "aGk=", "a/b"); MAX_FILES + 1])), "attachments");
        let half = BASE64.encode(vec![0; MAX_TOTAL_BYTES / 2 + 1]);
        assert_eq!(refused_field(json!(vec![file("a", &half, "a/b"); 2])), "attachments");
    }
}
