//! Labels, their ids and names.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapters::api::Api;
use crate::adapters::choices::list_choices;
use crate::error::{Error, Kind, Result};

/// System labels, which every mailbox has; their ids are their names. Ids of inbox categories begin with [`CATEGORY_PREFIX`].
const SYSTEM_LABELS: [&str; 8] = ["INBOX", "SENT", "DRAFT", "UNREAD", "STARRED", "IMPORTANT", "SPAM", "TRASH"];
const CATEGORY_PREFIX: &str = "CATEGORY_";

/// A label.
#[derive(Deserialize)]
pub(super) struct Label {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Label {
    /// Returns the label as output.
    pub(super) fn to_json(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "type": self.kind.as_deref().unwrap_or("user") })
    }

    /// True if the label has this name. Gmail does not allow two names that differ only in letter case.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.to_lowercase() == name.trim().to_lowercase()
    }
}

/// Lists all labels of the mailbox.
pub(super) async fn list(api: &Api<'_>) -> Result<Vec<Label>> {
    #[derive(Deserialize)]
    struct Labels {
        labels: Vec<Label>,
    }
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
    let list: Labels = api.get(&["gmail", "v1", "users", "me", "labels"]).send().await?;
    Ok(list.labels)
}

/// Labels to add to a message and to remove from it, by id or name.
#[derive(Debug)]
pub(super) struct LabelChange {
    pub(super) add: Vec<String>,
    pub(super) remove: Vec<String>,
}

impl LabelChange {
    /// Resolves names to ids. The mailbox's labels are read once for both lists, and only if one is no system label.
    ///
    /// # Errors
    /// A failure of the call, or a label that does not exist.
    pub(super) async fn resolve(self, api: &Api<'_>) -> Result<Self> {
        let has_user_label = self.add.iter().chain(&self.remove).any(|label| system_id(label).is_none());
        let labels = if has_user_label { list(api).await? } else { vec![] };
        let resolve = |label: &String| {
            let by_id = || labels.iter().find(|existing| existing.id == *label);
            let by_name = || labels.iter().find(|existing| existing.is_named(label));
            let id = system_id(label).or_else(|| Some(by_id().or_else(by_name)?.id.clone()));
            id.ok_or_else(|| unknown_label(api, label, &labels))
        };
        let add = self.add.iter().map(resolve).collect::<Result<Vec<_>>>()?;
        let remove = self.remove.iter().map(resolve).collect::<Result<Vec<_>>>()?;
        Ok(Self { add, remove })
    }
}

fn unknown_label(api: &Api<'_>, label: &str, labels: &[Label]) -> Error {
    let own = labels.iter().filter(|label| system_id(&label.id).is_none()).map(|label| label.name.as_str());
    let existing = list_choices(own);
    let existing = if existing.is_empty() { String::new() } else { format!("; the mailbox's own are {existing}") };
    let hint = "list_labels returns all, create_label makes one";
    api.error(Kind::Invalid, format!("the label '{label}' does not exist{existing}; {hint}"))
}

/// Returns the id of a system label; letter case is ignored.
pub(super) fn system_id(label: &str) -> Option<String> {
    let id = label.trim().to_ascii_uppercase();
    (SYSTEM_LABELS.contains(&id.as_str()) || id.starts_with(CATEGORY_PREFIX)).then_some(id)
}
