//! Search and replace in a page's content (<https://developers.notion.com/reference/update-page-markdown>).

use serde_json::{Value, json};

use super::{ErrorResponse, reject_unknown_fields, validation_error};

/// Returns the content after the operations of `update_content`, which are made one after the other. Each text must be there, at one
/// place unless all are meant.
pub(super) fn update(mut content: String, command: &Value) -> Result<String, ErrorResponse> {
    reject_unknown_fields(command, &["content_updates", "allow_deleting_content"])?;
    let updates = command["content_updates"].as_array().filter(|updates| !updates.is_empty());
    for update in updates.ok_or_else(|| validation_error("content_updates should be an array of operations."))? {
        reject_unknown_fields(update, &["old_str", "new_str", "replace_all_matches"])?;
        let (Some(old), Some(new)) = (update["old_str"].as_str(), update["new_str"].as_str()) else {
            return Err(validation_error("An operation should have old_str and new_str."));
        };
        if old.is_empty() {
            return Err(validation_error("old_str should not be empty."));
        }
        match (content.matches(old).count(), update["replace_all_matches"] == json!(true)) {
            (0, _) => return Err(validation_error("old_str was not found in the page.")),
            (2.., false) => {
                return Err(validation_error("old_str matches multiple locations: set replace_all_matches."));
            }
            _ => content = content.replace(old, new),
        }
    }
    Ok(content)
}
