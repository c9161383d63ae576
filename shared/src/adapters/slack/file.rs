//! A file: as an agent names it, as Slack returns it, and as outputs show it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use std::collections::HashMap;

use super::access::{self, Use};
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// Maximum length of a text that names a file: that of a link with a long name in it.
const MAX_CHARS: usize = 2_000;
/// Maximum number of conversations in which a person's right to a file is looked for.
const MAX_CONVERSATIONS: usize = 20;

/// A file's `id` in the `files` of a message, or a link to the file, for example `F0123456789`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_CHARS, "x-form" = "a file's id or a link to it"))]
pub(super) struct FileId(String);

/// A response with one file.
#[derive(Deserialize)]
pub(super) struct FileResponse {
    pub(super) file: FileObject,
}

/// A file as Slack returns it. One that is hidden, deleted or of another organization has its id and little else.
/// <https://docs.slack.dev/reference/objects/file-object>
#[derive(Deserialize)]
pub(super) struct FileObject {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) title: Option<String>,
    pub(super) mimetype: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) permalink: Option<String>,
    /// Unix seconds; zero of a file of another organization.
    pub(super) created: Option<i64>,
    pub(super) user: Option<String>,
    pub(super) url_private: Option<String>,
    pub(super) url_private_download: Option<String>,
    /// Such as `hosted`, `external`, `hidden_by_limit`.
    pub(super) mode: Option<String>,
    #[serde(default)]
    pub(super) is_external: bool,
    /// The place of an external file, such as `gdrive`.
    pub(super) external_type: Option<String>,
    /// The start of the text of a snippet.
    preview: Option<String>,
    #[serde(default)]
    preview_is_truncated: bool,
    #[serde(default)]
    channels: Vec<String>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    ims: Vec<String>,
    /// The messages that share the file, by the kind of the channel and its id.
    #[serde(default)]
    shares: HashMap<String, HashMap<String, serde_json::Value>>,
}

/// A file of a message, as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileRef {
    /// The id, by which `get_file` reads it.
    id: String,
    /// The name.
    filename: Option<String>,
    /// The MIME type.
    content_type: Option<String>,
    /// The size in bytes.
    size: Option<u64>,
    /// The address at which a person can open it.
    link: Option<String>,
}

impl TryFrom<String> for FileId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = text.trim();
        let id = link_id(text).unwrap_or(text);
        let is_id_byte = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        match (9..=64).contains(&id.len()) && id.starts_with('F') && id.bytes().all(is_id_byte) {
            true => Ok(Self(id.to_owned())),
            false => Err("must be a file's id or a link to it, for example F0123456789"),
        }
    }
}

impl FileId {
    /// Reads the file's facts, for a person who sees a conversation with it.
    ///
    /// # Errors
    /// Those of the call, and [`Kind::Forbidden`].
    pub(super) async fn fetch(&self, api: &Api<'_>) -> Result<FileObject> {
        // https://docs.slack.dev/reference/methods/files.info
        let call = api.get(&["api", "files.info"]).query("file", &self.0);
        let FileResponse { file } = call.send().await?;
        file.check_access(api).await?;
        Ok(file)
    }
}

impl FileObject {
    /// Returns what a message with the file says by it: a title of its own, and the start of a snippet. Its name stands beside the text.
    pub(super) fn text(&self) -> String {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let title = filled(&self.title).filter(|title| self.name.as_ref() != Some(title));
        let preview = filled(&self.preview).filter(|_| self.mode.as_deref() == Some("snippet"));
        let preview = preview.map(|text| if self.preview_is_truncated { format!("{text}\n…") } else { text });
        let title = title.or_else(|| preview.as_ref().and_then(|_| filled(&self.name)));
        [title.map(|title| format!("File: {title}")), preview].into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    /// Returns true if a message in the channel, or in a thread of it, shares the file.
    pub(super) fn is_shared_in(&self, channel: &str) -> bool {
        self.conversations().any(|id| id == channel)
    }

    fn conversations(&self) -> impl Iterator<Item = &str> {
        let listed = [&self.channels, &self.groups, &self.ims].into_iter().flatten();
        let shared = self.shares.values().flat_map(HashMap::keys);
        listed.chain(shared).map(String::as_str)
    }

    /// Checks that the person sees a conversation with the file. A file that is shared nowhere is the one's who uploaded it.
    async fn check_access(&self, api: &Api<'_>) -> Result<()> {
        let mut refusal = None;
        for channel in self.conversations().take(MAX_CONVERSATIONS) {
            match access::check(api, channel, Use::Read).await {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == Some(Kind::Forbidden) => refusal = Some(error),
                Err(error) => return Err(error),
            }
        }
        match (access::Actor::of(api), self.is_empty()) {
            // A person's own token shows what the person sees. A file that tells nothing has nothing to protect.
            (access::Actor::Person, _) | (_, true) => Ok(()),
            (actor, _) => Err(refusal.unwrap_or_else(|| access::refusal(api, actor))),
        }
    }

    /// True for a file of which Slack tells no more than its id.
    fn is_empty(&self) -> bool {
        self.url_private.is_none() && self.url_private_download.is_none()
    }

    /// Returns the name, the title or the id.
    pub(super) fn display_name(&self) -> &str {
        let filled = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let named = [&self.name, &self.title].into_iter().find(|text| filled(text));
        named.and_then(Option::as_deref).unwrap_or(&self.id)
    }

    /// Returns the file as a message of an output has it.
    pub(super) fn into_ref(self) -> FileRef {
        FileRef { id: self.id, filename: self.name, content_type: self.mimetype, size: self.size, link: self.permalink }
    }
}

/// Returns the id in `https://team.slack.com/files/U0123456789/F0123456789/report.csv`, and in
/// `https://files.slack.com/files-pri/T0123456789-F0123456789/report.csv`.
fn link_id(text: &str) -> Option<&str> {
    let (_, path) = text.split_once(".slack.com/")?;
    let mut segments = path.split(['/', '?', '#']);
    match (segments.next()?, segments.next()?) {
        ("files", _) => segments.next(),
        ("files-pri", ids) => ids.split('-').nth(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_file_is_named_by_its_id_or_a_link() {
        let parse = |text: &str| FileId::try_from(text.to_owned());
        for text in [
            "F0123456789",
            " F0123456789\n",
            "https://team.slack.com/files/U0123456789/F0123456789/report.csv",
            "https://team.enterprise.slack.com/files/U0123456789/F0123456789",
            "https://team.slack.com/files/U0123456789/F0123456789?origin_team=T1",
            "https://files.slack.com/files-pri/T0123456789-F0123456789/download/report.csv",
        ] {
            assert_eq!(parse(text), Ok(FileId("F0123456789".to_owned())), "{text}");
        }
        for text in ["", "F1", "C0123456789", "F0123456789/..", "https://team.slack.com/archives/C1", "report.csv"] {
            assert!(parse(text).unwrap_err().contains("for example F0123456789"), "{text}");
        }
    }

    #[test]
    fn a_file_of_another_organization_has_only_its_id() {
        let stub =
            json!({ "id": "F1", "mode": "file_access", "file_access": "check_file_info", "created": 0, "user": "" });
        let file: FileObject = serde_json::from_value(stub).unwrap();
        assert_eq!(file.display_name(), "F1");
        assert_eq!(serde_json::to_value(file.into_ref()).unwrap(), json!({ "id": "F1" }));
        let shared =
            json!({ "id": "F1", "shares": { "private": { "C0123456789": [] } }, "groups": Value::Array(vec![]) });
        let file: FileObject = serde_json::from_value(shared).unwrap();
        assert!(file.is_shared_in("C0123456789") && !file.is_shared_in("C1"));
    }
}
