//! Input of files to attach, and their limits.
//!
//! | Limit | Source |
//! |---|---|
//! | 25 MiB of files in a mail | "up to 25 MB in attachments": <https://support.google.com/mail/answer/6584> |
//! | 36,700,160 bytes of the whole mail, with its files in base64 | `mediaUpload.maxSize` of `users.drafts.create`, `users.drafts.update` and `users.messages.send`: <https://gmail.googleapis.com/$discovery/rest?version=v1> |
//!
//! Base64 with its line ends makes 35,872,337 bytes of 25 MiB, so that 827,823 bytes are left for the texts.

use crate::adapters::api::Api;
use crate::adapters::input::{FileInput, Items};
use crate::error::{Error, Result};

use super::message::Message;
use super::outgoing_mail::{Origin, OutgoingFile, OutgoingMail};
use super::part::Part;
use super::shown_pictures::ShownPictures;

/// Maximum size of all files of a mail together.
pub(super) const MAX_FILES_BYTES: u64 = 25 * 1024 * 1024;
/// Maximum size of a mail as it is sent.
pub(super) const MAX_MAIL_BYTES: u64 = 36_700_160;

/// A file to attach.
pub(super) type AttachmentInput = FileInput<MAX_FILES_BYTES>;

/// The files of a mail.
pub(super) type Files = Items<AttachmentInput, 25>;

/// Checks the size of a mail with the files of the field `attachments`.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_size(mail: &OutgoingMail) -> Result<()> {
    match size_fault(mail) {
        None => Ok(()),
        Some(reason) => Err(Error::invalid("attachments", reason)),
    }
}

/// Returns why Gmail would not take a mail, if its files are too long.
pub(super) fn size_fault(mail: &OutgoingMail) -> Option<String> {
    let files: u64 = mail.files.iter().map(|file| file.size).sum();
    if files > MAX_FILES_BYTES {
        return Some(format!("must have at most {MAX_FILES_BYTES} bytes (25 MiB) in total; the files have {files}"));
    }
    let whole = if mail.files.is_empty() { 0 } else { mail.encoded_length() };
    (whole > MAX_MAIL_BYTES).then(|| {
        format!("must leave the mail, with its texts and its files in base64, at most {MAX_MAIL_BYTES} bytes; it has {whole}")
    })
}

/// Returns the files of the field `attachments`. One that the HTML shows by `cid:` and its name is an inline picture (RFC 2392).
pub(super) fn files(files: Option<&Files>, html: Option<&str>) -> Vec<OutgoingFile> {
    let shown = ShownPictures::of(html);
    let outgoing = |file: &AttachmentInput| OutgoingFile {
        name: file.filename().to_owned(),
        content_type: file.content_type().to_owned(),
        size: file.size(),
        content_id: Some(file.filename()).filter(|name| is_content_id(name) && shown.has(name)).map(ToOwned::to_owned),
        origin: Origin::Context(file.clone()),
    };
    files.iter().flat_map(|files| files.iter()).map(outgoing).collect()
}

/// True for a name that is an id without any coding.
fn is_content_id(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Returns the pictures that the HTML of another mail shows.
///
/// # Errors
/// As [`of_message`].
pub(super) async fn shown_in_message(api: &Api<'_>, message: &Message) -> Result<Vec<OutgoingFile>> {
    let html = message.html();
    let shown = ShownPictures::of(html.as_deref());
    let is_picture = |part: &&Part| part.content_id().is_some_and(|id| shown.has(id));
    of_parts(api, message, message.attachments().into_iter().filter(is_picture).collect()).await
}

/// Returns the files of another mail. Their content is read while the mail with them is sent.
///
/// # Errors
/// A failure of a call: the content of a file without a size is read at once.
pub(super) async fn of_message(api: &Api<'_>, message: &Message) -> Result<Vec<OutgoingFile>> {
    of_parts(api, message, message.attachments()).await
}

async fn of_parts(api: &Api<'_>, message: &Message, parts: Vec<&Part>) -> Result<Vec<OutgoingFile>> {
    let html = message.html();
    let shown = ShownPictures::of(html.as_deref());
    let mut files = Vec::with_capacity(parts.len());
    for part in parts {
        let source = part.source(api, &message.id).await?;
        files.push(OutgoingFile {
            name: part.stored_name(),
            content_type: part.file_type(),
            size: source.length(),
            // Some mail programs give an id to every file.
            content_id: part.content_id().filter(|id| shown.has(id)).map(ToOwned::to_owned),
            origin: Origin::Mail(source),
        });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[test]
    fn files_together_have_a_limit_and_so_has_the_mail() {
        let refusal = |sizes: &[u64], text: usize| {
            let file = |size: &u64| json!({ "file": "file_01JQ3X7K5T8Z9V0W1Y2A3B4C5D", "filename": "a", "size": size });
            let files: Vec<_> = sizes.iter().map(file).collect();
            let context = json!({ "to": "a@b.co", "subject": "S", "body": "a".repeat(text), "attachments": files });
            ADAPTER.action("send_email").unwrap().accept(context).err().map(|error| error.to_string())
        };
        assert_eq!(refusal(&[MAX_FILES_BYTES], 100), None);
        let (half, error) = (MAX_FILES_BYTES / 2, refusal(&[MAX_FILES_BYTES / 2 + 1, MAX_FILES_BYTES / 2], 1).unwrap());
        assert!(
            error.contains("attachments")
                && error.contains("at most 26214400 bytes (25 MiB) in total; the files have 26214401"),
            "{error}"
        );
        assert_eq!(refusal(&[half, half], 780_000), None);
        let error = refusal(&[half, half], 830_000).unwrap();
        assert!(error.contains("at most 36700160 bytes; it has 367"), "{error}");
    }

    #[test]
    fn refuses_invalid_files_by_field() {
        let context = |file: serde_json::Value| json!({ "to": "a@b.co", "subject": "S", "body": "B", "attachments": [{ "filename": "a", "text": "a" }, file] });
        for file in [
            json!({ "filename": "../a", "text": "a" }),
            json!({ "filename": "a\r\nb", "text": "a" }),
            json!({ "filename": "a", "content": "?" }),
            json!({ "filename": "a", "text": "a", "contentType": "a/b\r\nX: y" }),
            json!({ "file": "file_01JQ3X7K5T8Z9V0W1Y2A3B4C5D", "size": MAX_FILES_BYTES + 1 }),
        ] {
            let (field, _) = testing::refusal(&ADAPTER, "send_email", context(file));
            assert!(field.starts_with("context.attachments[1]"), "{field}");
        }
    }
}
