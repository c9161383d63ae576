//! A file, and its forms in the API (<https://docs.slack.dev/reference/objects/file-object>).

use bytes::Bytes;
use serde_json::{Value, json};

use super::Caller;
use super::team::Team;
use super::workspace::{Channel, ConversationKind};
use crate::fixtures::slack;

/// A file, from the creation of its upload URL on.
pub(crate) struct File {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) user: String,
    /// Unix seconds.
    pub(super) created: i64,
    pub(super) content: FileContent,
    /// The channels in which the file is shared.
    pub(super) channels: Vec<String>,
}

/// The bytes of a file, or the reason why it has none.
pub(crate) enum FileContent {
    /// An upload that has not arrived: the last path segment of its URL, and its announced length.
    Announced { ticket: String, length: usize },
    /// An upload that is not completed, so the file is not visible.
    Uploaded { ticket: String, bytes: Bytes },
    /// A file at Slack.
    Hosted(Bytes),
    /// A file of another organization, in a channel that both share. Messages name its id alone
    /// (<https://api.slack.com/apis/channels-between-orgs#check_file_info>).
    Connect(Bytes),
    /// A file elsewhere, such as a document of Google's.
    External { address: &'static str },
    /// A file that the workspace's plan hides
    /// (<https://api.slack.com/changelog/2019-03-wild-west-for-files-no-more>).
    Hidden,
    /// A deleted file.
    Deleted,
}

impl File {
    /// Returns the bytes, if the file is visible and at Slack.
    pub(super) fn bytes(&self) -> Option<&Bytes> {
        match &self.content {
            FileContent::Hosted(bytes) | FileContent::Connect(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// True until the upload is completed.
    pub(super) fn is_upload(&self) -> bool {
        matches!(self.content, FileContent::Announced { .. } | FileContent::Uploaded { .. })
    }

    /// True if the caller uploaded the file, or sees one of its channels.
    pub(super) fn is_visible_to(&self, caller: &Caller, channels: &[Channel]) -> bool {
        let sees = |channel: &Channel| channel.kind == ConversationKind::Public || channel.has_member(&caller.user);
        self.user == caller.user || channels.iter().any(|channel| self.channels.contains(&channel.id) && sees(channel))
    }

    /// Returns the MIME type by the name.
    pub(super) fn mimetype(&self) -> &'static str {
        match self.filetype() {
            "csv" => "text/csv",
            "html" => "text/html",
            "json" => "application/json",
            "md" => "text/markdown",
            "pdf" => "application/pdf",
            "png" => "image/png",
            "txt" => "text/plain",
            _ => "application/octet-stream",
        }
    }

    fn filetype(&self) -> &str {
        self.name.rsplit_once('.').map_or("binary", |(_, extension)| extension)
    }

    /// Returns the file as a message has it.
    pub(super) fn in_message(&self, team: &Team, base_url: &str) -> Value {
        match self.content {
            FileContent::Connect(_) => json!({
                "id": self.id, "created": 0, "timestamp": 0, "mode": "file_access", "file_access": "check_file_info",
                "user": "",
            }),
            FileContent::Deleted => json!({"id": self.id, "mode": "tombstone"}),
            _ => self.to_json(team, base_url),
        }
    }

    /// Returns the file object. `base_url` is that of the host of the files.
    pub(super) fn to_json(&self, team: &Team, base_url: &str) -> Value {
        if matches!(self.content, FileContent::Hidden) {
            return json!({"id": self.id, "mode": "hidden_by_limit"});
        }
        let permalink = format!("https://{}.slack.com/files/{}/{}/{}", team.domain, self.user, self.id, self.name);
        let mut file = json!({
            "id": self.id, "created": self.created, "timestamp": self.created, "name": self.name, "title": self.title,
            "mimetype": self.mimetype(), "filetype": self.filetype(), "user": self.user,
            "size": self.bytes().map_or(0, Bytes::len), "mode": "hosted", "is_external": false, "external_type": "",
            "is_public": true, "permalink": permalink,
            "channels": self.channels_of_kind('C'), "groups": self.channels_of_kind('G'), "ims": self.channels_of_kind('D'),
        });
        if let FileContent::External { address } = self.content {
            file["mode"] = json!("external");
            file["is_external"] = json!(true);
            file["external_type"] = json!("gdrive");
            file["mimetype"] = json!("application/vnd.google-apps.document");
            file["url_private"] = json!(address);
        } else {
            let folder = format!("{base_url}/files-pri/{}-{}", team.id, self.id);
            file["url_private"] = json!(format!("{folder}/{}", self.name));
            file["url_private_download"] = json!(format!("{folder}/download/{}", self.name));
        }
        file
    }

    fn channels_of_kind(&self, kind: char) -> Vec<&String> {
        self.channels.iter().filter(|id| id.starts_with(kind)).collect()
    }
}

/// The files of the first workspace, all shared by one message; `now` is in unix milliseconds.
pub(super) fn seeded(now: i64) -> Vec<File> {
    const PAGE: &str = "# Landing page\n\nOne page. One button. Ready on the 3rd.\n";
    let file = |id: &str, name: &str, content| File {
        id: id.to_owned(),
        name: name.to_owned(),
        title: name.to_owned(),
        user: slack::ALEX.to_owned(),
        created: now / 1_000 - 6 * 3_600,
        content,
        channels: vec![slack::PROJECT_UPDATES.to_owned()],
    };
    let plan = FileContent::External { address: "https://docs.google.com/document/d/1-launch-plan/edit" };
    vec![
        file(slack::FILE, "landing-page.md", FileContent::Hosted(PAGE.into())),
        file(slack::CONNECT_FILE, "offer.txt", FileContent::Connect("An offer of the agency.\n".into())),
        file(slack::EXTERNAL_FILE, "Launch plan", plan),
        file(slack::HIDDEN_FILE, "old.txt", FileContent::Hidden),
        file(slack::DELETED_FILE, "gone.txt", FileContent::Deleted),
    ]
}
