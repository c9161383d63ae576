//! Labels, their ids and names.

use std::ops::Deref;

use crate::adapters::choices::list_choices;
use crate::adapters::prelude::*;

/// System labels, which every mailbox has; their ids are their names. Ids of inbox categories begin with [`CATEGORY_PREFIX`].
const SYSTEM_LABELS: [&str; 8] = ["INBOX", "SENT", "DRAFT", "UNREAD", "STARRED", "IMPORTANT", "SPAM", "TRASH"];
const CATEGORY_PREFIX: &str = "CATEGORY_";

/// A label's name; 225 characters are Gmail's limit.
pub(super) type LabelName = Line<225>;

/// A label that an action adds or removes, by name or id. That of a system label is the id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "LabelName")]
#[schemars(inline, with = "LabelName")]
pub(super) struct LabelRef(String);

/// A label as Gmail returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub(super) struct Label {
    /// The id.
    pub(super) id: String,
    /// The name.
    name: Option<String>,
    /// `system`, or `user` for one of the mailbox's own.
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Listed for Label {
    const NOUN: &'static str = "label";
}

impl Label {
    /// True if the label has this name. Gmail does not allow two names that differ only in letter case.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.as_deref().is_some_and(|own| own.to_lowercase() == name.trim().to_lowercase())
    }

    /// Returns the output of an action that created the label, or found it.
    pub(super) fn into_output(self, message: &str) -> ActionOutput<Self> {
        let id = self.id.clone();
        ActionOutput::new(message, self).with_id(id)
    }

    /// Returns the label as one that an action touches.
    pub(super) fn into_target(self) -> Target {
        Target::new(TargetKind::Label, self.id).named(self.name)
    }

    fn system(id: &str) -> Self {
        Self { id: id.to_owned(), name: None, kind: None }
    }
}

impl LabelRef {
    /// Returns a reference to a system label.
    pub(super) fn system(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl TryFrom<LabelName> for LabelRef {
    type Error = &'static str;

    fn try_from(name: LabelName) -> Result<Self, Self::Error> {
        let label = system_id(&name).unwrap_or_else(|| name.trim().to_owned());
        match label.as_str() {
            // Only sending and drafting set these.
            "SENT" | "DRAFT" => Err("must not be SENT or DRAFT, which only Gmail sets; for example Receipts"),
            _ => Ok(Self(label)),
        }
    }
}

impl Deref for LabelRef {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Lists all labels of the mailbox.
pub(super) async fn list(api: &Api<'_>) -> Result<Vec<Label>> {
    #[derive(Deserialize)]
    struct Labels {
        #[serde(default)]
        labels: Vec<Label>,
    }
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
    let list: Labels = api.get(&["gmail", "v1", "users", "me", "labels"]).send().await?;
    Ok(list.labels)
}

/// Labels to add to a message and to remove from it: as an agent named them, or as they are in the mailbox.
#[derive(Debug)]
pub(super) struct LabelChange<T> {
    pub(super) add: Vec<T>,
    pub(super) remove: Vec<T>,
}

impl LabelChange<LabelRef> {
    /// Finds the labels in the mailbox. Its labels are read once for both lists, and only if one is no system label.
    ///
    /// # Errors
    /// A failure of the call, or a label that does not exist.
    pub(super) async fn resolve(self, api: &Api<'_>) -> Result<LabelChange<Label>> {
        let has_user_label = self.add.iter().chain(&self.remove).any(|label| system_id(label).is_none());
        let labels = if has_user_label { list(api).await? } else { vec![] };
        let resolve = |label: &LabelRef| {
            let by_id = || labels.iter().find(|existing| existing.id == **label);
            let by_name = || labels.iter().find(|existing| existing.is_named(label));
            let found = || by_id().or_else(by_name).cloned();
            let resolved = system_id(label).map(|id| Label::system(&id)).or_else(found);
            resolved.ok_or_else(|| unknown_label(api, label, &labels))
        };
        let add = self.add.iter().map(resolve).collect::<Result<Vec<_>>>()?;
        let remove = self.remove.iter().map(resolve).collect::<Result<Vec<_>>>()?;
        Ok(LabelChange { add, remove })
    }
}

impl LabelChange<Label> {
    /// Returns the request of the change.
    pub(super) fn to_request(&self) -> Value {
        let ids = |labels: &[Label]| labels.iter().map(|label| label.id.clone()).collect::<Vec<_>>();
        json!({ "addLabelIds": ids(&self.add), "removeLabelIds": ids(&self.remove) })
    }
}

fn unknown_label(api: &Api<'_>, label: &str, labels: &[Label]) -> Error {
    let own = labels.iter().filter(|label| system_id(&label.id).is_none()).filter_map(|label| label.name.as_deref());
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
