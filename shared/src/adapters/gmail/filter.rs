//! Filters of a mailbox.
//! <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.filters#Filter>

use crate::adapters::prelude::*;

/// A filter as Gmail returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(super) struct Filter {
    /// The id.
    #[serde(default)]
    pub(super) id: String,
    /// The e-mails that it is for.
    criteria: Option<FilterCriteria>,
    /// The actions on them.
    action: Option<FilterAction>,
}

/// The e-mails that a filter is for: those that meet all of these.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct FilterCriteria {
    /// The sender's name or address.
    from: Option<String>,
    /// A recipient's name or address.
    to: Option<String>,
    /// Words of the subject.
    subject: Option<String>,
    /// A query in the syntax of Gmail's search box.
    query: Option<String>,
    /// A query that must not find the e-mail.
    negated_query: Option<String>,
    /// True for e-mails with attachments.
    has_attachment: Option<bool>,
    /// True if chats are left out.
    exclude_chats: Option<bool>,
    /// The size of the e-mail in bytes.
    size: Option<u64>,
    /// `smaller` or `larger` than the size.
    size_comparison: Option<String>,
}

/// The actions of a filter.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct FilterAction {
    /// The ids of the labels that it adds.
    #[serde(default)]
    add_label_ids: Vec<String>,
    /// The ids of the labels that it removes; `INBOX` means that it archives.
    #[serde(default)]
    remove_label_ids: Vec<String>,
    /// The address to which it forwards.
    forward: Option<String>,
}

impl Listed for Filter {
    const NOUN: &'static str = "filter";
}

impl Filter {
    /// Returns the filter with the id by which it was read.
    pub(super) fn with_id(self, id: &str) -> Self {
        Self { id: id.to_owned(), ..self }
    }
}
