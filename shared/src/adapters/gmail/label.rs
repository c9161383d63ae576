//! Labels, their ids and names.

use std::ops::Deref;

use crate::adapters::choices::list_choices;
use crate::adapters::prelude::*;

/// System labels, which every mailbox has; their ids are their names. A label of the mailbox's own can begin as one of them.
/// <https://developers.google.com/workspace/gmail/api/guides/labels>
const SYSTEM_LABELS: [&str; 13] = [
    "INBOX",
    "SENT",
    "DRAFT",
    "UNREAD",
    "STARRED",
    "IMPORTANT",
    "SPAM",
    "TRASH",
    "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_UPDATES",
    "CATEGORY_FORUMS",
];

/// A label's name; 225 characters are Gmail's limit.
pub(super) type LabelName = Line<225>;

/// A label that an action adds or removes, by name or id. That of a system label is the id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "LabelName")]
#[schemars(inline, with = "LabelName")]
pub(super) struct LabelRef(String);

/// A label that an action reads or searches by, by name or id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub(super) struct AnyLabel(LabelName);

/// A label of the mailbox's own, by name or id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "LabelName")]
#[schemars(inline, with = "LabelName")]
pub(super) struct OwnLabel(String);

/// A label as Gmail returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub(super) struct Label {
    /// The id.
    pub(super) id: String,
    /// The name.
    pub(super) name: Option<String>,
    /// `system`, or `user` for one of the mailbox's own.
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// A label with its options and counts, as Gmail returns it; serialized, it is our output.
/// <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels#Label>
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LabelDetails {
    /// The id.
    #[serde(default)]
    id: String,
    /// The name.
    name: Option<String>,
    /// `system`, or `user` for one of the mailbox's own.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The colour.
    color: Option<ShownColor>,
    /// Its place in Gmail's list of labels.
    label_list_visibility: Option<String>,
    /// Its visibility on e-mails in lists.
    message_list_visibility: Option<String>,
    /// The number of e-mails that have it.
    messages_total: Option<u64>,
    /// The number of unread e-mails that have it.
    messages_unread: Option<u64>,
    /// The number of threads that have it.
    threads_total: Option<u64>,
    /// The number of unread threads that have it.
    threads_unread: Option<u64>,
}

/// A colour as Gmail returns it.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct ShownColor {
    /// The colour of the text, for example `#000000`.
    text_color: Option<String>,
    /// The colour behind the text.
    background_color: Option<String>,
}

/// The colour of a label. Both must be of Gmail's palette: <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels#Color>
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct LabelColor {
    /// The colour of the text, for example `#000000`.
    text_color: HexColor,
    /// The colour behind the text, for example `#ffffff`.
    background_color: HexColor,
}

/// A colour of six hexadecimal digits.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("pattern" = "^#[0-9a-fA-F]{6}$", "x-empty" = "refused"))]
struct HexColor(String);

/// The place of a label in Gmail's list of labels.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
#[expect(clippy::enum_variant_names, reason = "the names are Gmail's")]
pub(super) enum LabelListVisibility {
    #[default]
    LabelShow,
    LabelShowIfUnread,
    LabelHide,
}

/// The place of a label on messages in Gmail's lists.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) enum MessageListVisibility {
    #[default]
    Show,
    Hide,
}

/// A name that is not one of a system label.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "LabelName")]
#[schemars(inline, with = "LabelName")]
pub(super) struct NewLabelName(String);

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

impl LabelDetails {
    /// Returns the output of an action that read or changed the label of this id.
    pub(super) fn into_output(self, id: &str, message: &str) -> ActionOutput<Self> {
        ActionOutput::new(message, Self { id: id.to_owned(), ..self }).with_id(id)
    }
}

impl TryFrom<String> for HexColor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.strip_prefix('#').unwrap_or_default();
        match digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            true => Ok(Self(text)),
            false => Err("must be a colour of Gmail's palette in six hexadecimal digits, for example #ffffff"),
        }
    }
}

impl TryFrom<LabelName> for NewLabelName {
    type Error = &'static str;

    fn try_from(name: LabelName) -> Result<Self, Self::Error> {
        match system_id(&name) {
            Some(_) => Err("must not be the name of a system label such as INBOX; for example Travel"),
            None => Ok(Self(name.trim().to_owned())),
        }
    }
}

impl Deref for NewLabelName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
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

impl TryFrom<LabelName> for OwnLabel {
    type Error = &'static str;

    fn try_from(name: LabelName) -> Result<Self, Self::Error> {
        match system_id(&name) {
            Some(_) => Err("must not be a system label such as INBOX, which cannot be changed; for example Travel"),
            None => Ok(Self(name.trim().to_owned())),
        }
    }
}

impl Deref for AnyLabel {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for OwnLabel {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
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

/// Returns the labels of an optional field as they were named.
pub(super) fn names<const MAX: usize>(field: Option<&Items<AnyLabel, MAX>>) -> Vec<&str> {
    field.iter().flat_map(|labels| labels.iter()).map(|label| &**label).collect()
}

/// Finds labels in the mailbox by name or id, in any letter case. Its labels are read once, and only if one is no system label.
///
/// # Errors
/// A failure of the call, or a label that does not exist.
pub(super) async fn find(api: &Api<'_>, named: &[&str]) -> Result<Vec<Label>> {
    let has_own = named.iter().any(|label| system_id(label).is_none());
    let labels = if has_own { list(api).await? } else { vec![] };
    let resolve = |label: &&str| {
        let system = system_id(label).map(|id| Label::system(&id));
        system.or_else(|| matching(&labels, label).cloned()).ok_or_else(|| unknown_label(api, label, &labels))
    };
    named.iter().map(resolve).collect()
}

/// Finds one label: [`find`].
///
/// # Errors
/// As [`find`].
pub(super) async fn find_one(api: &Api<'_>, named: &str) -> Result<Label> {
    let mut found = find(api, &[named]).await?;
    found.pop().ok_or_else(|| unknown_label(api, named, &[]))
}

/// Returns the id that [`Action::prepare`](crate::adapters::action::Action::prepare) stored of a label, which no later change of names
/// leads to another one.
///
/// # Errors
/// As [`find`], if none was stored.
pub(super) async fn prepared_id(api: &Api<'_>, named: &str) -> Result<String> {
    match api.checkpoint {
        Some(id) => Ok(id.to_owned()),
        None => Ok(find_one(api, named).await?.id),
    }
}

/// Returns the label with this id, else the one with this name.
fn matching<'a>(labels: &'a [Label], named: &str) -> Option<&'a Label> {
    let by_name = || labels.iter().find(|label| label.is_named(named));
    labels.iter().find(|label| label.id == named.trim()).or_else(by_name)
}

/// Returns the error of a label that does not exist.
pub(super) fn unknown_label(api: &Api<'_>, label: &str, labels: &[Label]) -> Error {
    let own = labels.iter().filter(|label| system_id(&label.id).is_none()).filter_map(|label| label.name.as_deref());
    let existing = list_choices(own);
    let existing = if existing.is_empty() { String::new() } else { format!("; the mailbox's own are {existing}") };
    let hint = "list_labels returns all, create_label makes one";
    api.error(Kind::Invalid, format!("the label '{label}' does not exist{existing}; {hint}"))
}

/// Returns the id of a system label; letter case is ignored.
pub(super) fn system_id(label: &str) -> Option<String> {
    let id = label.trim().to_ascii_uppercase();
    SYSTEM_LABELS.contains(&id.as_str()).then_some(id)
}
