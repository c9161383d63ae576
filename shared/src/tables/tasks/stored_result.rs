//! The result of a completed task as its row stores it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Largest result in a task's row, in bytes of JSON: a scheduled read can return megabytes, a row holds 400 KB.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const MAX_RESULT_BYTES: usize = 64 * 1024;

/// The stored result of a completed task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TaskResult)]
pub struct StoredResult {
    /// One sentence for a person.
    pub message: String,
    /// The data that the action read or created; `null` if it was truncated.
    #[schema(value_type = Option<Object>, required)]
    pub data: Value,
    /// A link to the created object.
    #[schema(required)]
    pub link: Option<String>,
    /// True if the data was dropped, because the result is larger than 64 KiB.
    #[serde(default, skip_serializing_if = "is_false")]
    pub truncated: bool,
}

impl StoredResult {
    /// The result, without its data if it is too large for a row.
    pub(super) fn bounded(&self) -> Self {
        if serde_json::to_string(self).is_ok_and(|text| text.len() <= MAX_RESULT_BYTES) {
            return self.clone();
        }
        let Self { message, link, .. } = self;
        Self { message: message.clone(), data: Value::Null, link: link.clone(), truncated: true }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references to these")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
