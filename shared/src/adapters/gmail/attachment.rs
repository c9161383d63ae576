//! Input of files to attach.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use schemars::JsonSchema;
use serde::Deserialize;

use super::outgoing_mail::OutgoingFile;
use crate::error::{Error, Result};
use crate::validate::check_text;

/// Maximum size of all files together: with the text they still fit into the 32 KiB of a context.
const MAX_TOTAL_BYTES: usize = 20 * 1024;
const MAX_FILES: usize = 10;
const MAX_NAME_BYTES: usize = 255;
const MAX_TYPE_BYTES: usize = 127;

const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(Indifferent));

/// A file to attach.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct AttachmentInput {
    /// The file's name, for example `report.csv`.
    filename: String,
    /// The file's content in base64.
    #[schemars(extend("x-multiline" = true))]
    content: String,
    /// The file's MIME type, for example `text/csv`; default `application/octet-stream`.
    content_type: Option<String>,
}

/// Decodes the files of the field `attachments`.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn decode_all(input: Option<&Vec<AttachmentInput>>) -> Result<Vec<OutgoingFile>> {
    let input = input.map(Vec::as_slice).unwrap_or_default();
    if input.len() > MAX_FILES {
        return Err(Error::invalid("attachments", format!("must have at most {MAX_FILES} files")));
    }
    let decode = |(index, attachment): (usize, &AttachmentInput)| attachment.decode(&format!("attachments[{index}]"));
    let files = input.iter().enumerate().map(decode).collect::<Result<Vec<_>>>()?;
    if files.iter().map(|file| file.content.len()).sum::<usize>() > MAX_TOTAL_BYTES {
        return Err(Error::invalid("attachments", format!("must have at most {MAX_TOTAL_BYTES} bytes in total")));
    }
    Ok(files)
}

impl AttachmentInput {
    fn decode(&self, path: &str) -> Result<OutgoingFile> {
        let filename = format!("{path}.filename");
        check_text(&filename, &self.filename, MAX_NAME_BYTES)?;
        if self.filename.contains(['/', '\\']) {
            return Err(Error::invalid(filename, "must be a file name without a path, for example report.csv"));
        }
        let content_type = self.content_type.as_deref().unwrap_or("application/octet-stream");
        if !is_attachable_type(content_type) {
            return Err(Error::invalid(
                format!("{path}.contentType"),
                "must be the MIME type of a file, for example text/csv",
            ));
        }
        let content = BASE64.decode(self.content.trim());
        let content =
            content.map_err(|_| Error::invalid(format!("{path}.content"), "must be base64, for example aGVsbG8="))?;
        Ok(OutgoingFile {
            name: self.filename.clone(),
            content_type: content_type.to_ascii_lowercase(),
            content,
            content_id: None,
        })
    }
}

/// True if the text is a MIME type of a file: two tokens of RFC 2045 separated by a slash. `multipart` and `message` are
/// excluded, because RFC 2045 forbids base64 for them.
pub(super) fn is_attachable_type(text: &str) -> bool {
    let token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    let composite = |kind: &str| ["multipart", "message"].iter().any(|excluded| kind.eq_ignore_ascii_case(excluded));
    let parts = text.split_once('/').filter(|_| text.len() <= MAX_TYPE_BYTES);
    parts.is_some_and(|(kind, subtype)| token(kind) && token(subtype) && !composite(kind))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn decode(input: Value) -> Result<Vec<OutgoingFile>> {
        decode_all(serde_json::from_value::<Option<Vec<AttachmentInput>>>(input).unwrap().as_ref())
    }

    fn refused_field(input: Value) -> String {
        match decode(input) {
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
