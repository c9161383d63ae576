//! A change of labels, which actions on one message, many messages and threads share.

use super::label::{self, Label, LabelRef};
use crate::adapters::prelude::*;

/// Labels of one call; 100 are Gmail's limit.
pub(super) type Labels = Items<LabelRef, 100>;

/// Label changes with common names.
pub(super) type LabelActions = Items<LabelAction, 6>;

/// A label change with a common name.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum LabelAction {
    Read,
    Unread,
    Star,
    Unstar,
    Archive,
    Unarchive,
}

impl LabelAction {
    /// Returns the id of the system label.
    fn label(self) -> &'static str {
        match self {
            Self::Read | Self::Unread => "UNREAD",
            Self::Star | Self::Unstar => "STARRED",
            Self::Archive | Self::Unarchive => "INBOX",
        }
    }

    /// True if the label is added, false if it is removed.
    fn adds(self) -> bool {
        matches!(self, Self::Unread | Self::Star | Self::Unarchive)
    }
}

/// Labels to add to a message and to remove from it: as an agent named them, or as they are in the mailbox.
#[derive(Debug)]
pub(super) struct LabelChange<T> {
    pub(super) add: Vec<T>,
    pub(super) remove: Vec<T>,
}

impl LabelChange<LabelRef> {
    /// Returns the labels to add and to remove, as they were named.
    pub(super) fn of(actions: Option<&LabelActions>, add: Option<&Labels>, remove: Option<&Labels>) -> Self {
        let listed = |labels: Option<&Labels>| labels.map(|labels| labels.to_vec()).unwrap_or_default();
        let mut change = Self { add: vec![], remove: vec![] };
        for action in actions.iter().flat_map(|actions| actions.iter()) {
            let list = if action.adds() { &mut change.add } else { &mut change.remove };
            list.push(LabelRef::system(action.label()));
        }
        change.add.extend(listed(add));
        change.remove.extend(listed(remove));
        change
    }

    /// Refuses a change of nothing, and one that contradicts itself.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub(super) fn check(&self) -> Result<()> {
        if self.add.is_empty() && self.remove.is_empty() {
            return Err(Error::invalid("actions", "must not be empty unless add or remove has a label"));
        }
        if self.add.iter().any(|label| self.remove.contains(label)) {
            return Err(Error::invalid("actions", "must not add and remove the same label; add and remove count too"));
        }
        Ok(())
    }

    /// Finds the labels in the mailbox. Its labels are read once for both lists, and only if one is no system label.
    ///
    /// # Errors
    /// A failure of the call, or a label that does not exist.
    pub(super) async fn resolve(self, api: &Api<'_>) -> Result<LabelChange<Label>> {
        let named: Vec<&str> = self.add.iter().chain(&self.remove).map(|label| &**label).collect();
        let mut add = label::find(api, &named).await?;
        let remove = add.split_off(self.add.len());
        // A label has a name and an id, and either in any letter case.
        if let Some(label) = add.iter().find(|label| remove.iter().any(|removed| removed.id == label.id)) {
            let name = label.name.as_deref().unwrap_or(&label.id);
            return Err(api.error(Kind::Invalid, format!("the label '{name}' must not be added and removed at once")));
        }
        Ok(LabelChange { add, remove })
    }
}

impl LabelChange<Label> {
    /// Returns the messages or the thread that are changed, and the labels.
    pub(super) fn into_targets<'a>(self, changed: impl IntoIterator<Item = &'a str>) -> Vec<Target> {
        let changed = changed.into_iter().map(|id| Target::new(TargetKind::Message, id));
        changed.chain(self.add.into_iter().chain(self.remove).map(Label::into_target)).collect()
    }

    /// Returns the request of the change.
    pub(super) fn to_request(&self) -> Value {
        let ids = |labels: &[Label]| labels.iter().map(|label| label.id.clone()).collect::<Vec<_>>();
        json!({ "addLabelIds": ids(&self.add), "removeLabelIds": ids(&self.remove) })
    }
}
