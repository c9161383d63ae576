//! Labels: their ids, and the names people know them by.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// The labels every mailbox has; their ids are their names. What sorts into tabs begins with [`CATEGORY_PREFIX`].
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
    /// The label as an agent is shown it.
    pub(super) fn to_json(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "type": self.kind.as_deref().unwrap_or("user") })
    }

    /// Whether people mean this one. Gmail has no two whose names differ in letter case alone.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.to_lowercase() == name.trim().to_lowercase()
    }
}

/// All labels of the mailbox.
pub(super) async fn list(api: &Api<'_>) -> Result<Vec<Label>> {
    #[derive(Deserialize)]
    struct Labels {
        labels: Vec<Label>,
    }
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
    let list: Labels = api.get(&["gmail", "v1", "users", "me", "labels"]).send().await?;
    Ok(list.labels)
}

/// The ids of labels given by id or name, in two groups that share one read. The mailbox's list is read only for what is no
/// label of every mailbox.
pub(super) async fn resolve_ids(api: &Api<'_>, groups: [&[String]; 2]) -> Result<[Vec<String>; 2]> {
    let own = groups.iter().any(|group| group.iter().any(|given| system_id(given).is_none()));
    let labels = if own { list(api).await? } else { vec![] };
    let find = |given: &String| {
        let named =
            || labels.iter().find(|label| label.id == *given).or_else(|| labels.iter().find(|l| l.is_named(given)));
        let id = system_id(given).or_else(|| Some(named()?.id.clone()));
        id.ok_or_else(|| api.error(Kind::Invalid, "there is no label of a name that was given: see list_labels"))
    };
    let [first, second] = groups.map(|group| group.iter().map(find).collect::<Result<Vec<_>>>());
    Ok([first?, second?])
}

/// The id of a label that every mailbox has, in whatever letter case it is given.
pub(super) fn system_id(given: &str) -> Option<String> {
    let id = given.trim().to_ascii_uppercase();
    (SYSTEM_LABELS.contains(&id.as_str()) || id.starts_with(CATEGORY_PREFIX)).then_some(id)
}
