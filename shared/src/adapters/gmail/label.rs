//! Labels, their ids and names.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapters::api::Api;
use crate::error::{Kind, Result};

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

/// Resolves labels given by id or name. The mailbox's labels are read once for both lists, and only if one is no system label.
pub(super) async fn resolve_ids(api: &Api<'_>, groups: [&[String]; 2]) -> Result<[Vec<String>; 2]> {
    let own = groups.iter().any(|group| group.iter().any(|given| system_id(given).is_none()));
    let labels = if own { list(api).await? } else { vec![] };
    let find = |given: &String| {
        let named =
            || labels.iter().find(|label| label.id == *given).or_else(|| labels.iter().find(|l| l.is_named(given)));
        let id = system_id(given).or_else(|| Some(named()?.id.clone()));
        id.ok_or_else(|| api.error(Kind::Invalid, "a label does not exist: list_labels returns the existing ones"))
    };
    let [first, second] = groups.map(|group| group.iter().map(find).collect::<Result<Vec<_>>>());
    Ok([first?, second?])
}

/// Returns the id of a system label; letter case is ignored.
pub(super) fn system_id(given: &str) -> Option<String> {
    let id = given.trim().to_ascii_uppercase();
    (SYSTEM_LABELS.contains(&id.as_str()) || id.starts_with(CATEGORY_PREFIX)).then_some(id)
}
