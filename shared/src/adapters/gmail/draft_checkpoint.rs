//! The checkpoint of a mail that is sent through a draft.

use serde_json::json;

use super::draft::Draft;
use super::email::ChangedEmail;
use crate::adapters::action::ActionOutput;

/// Most names of a checkpoint, and most characters of each.
const MAX_LEFT_OUT: usize = 20;
const MAX_LEFT_OUT_CHARACTERS: usize = 80;

/// The stored checkpoint of a draft: `<draft>/<thread>`, and `/` with a JSON list of who was left out if there is somebody. Gmail ids
/// contain no slash.
#[derive(Clone, Copy)]
pub(super) struct Checkpoint<'a> {
    /// The id of the draft.
    pub(super) draft: &'a str,
    /// The id of its thread.
    pub(super) thread: &'a str,
    left_out: &'a str,
}

impl<'a> Checkpoint<'a> {
    /// Parses a checkpoint; `None` for a mail sent without a draft.
    pub(super) fn parse(checkpoint: &'a str) -> Option<Self> {
        let (draft, rest) = checkpoint.split_once('/')?;
        let (thread, left_out) = rest.split_once('/').unwrap_or((rest, ""));
        Some(Self { draft, thread, left_out })
    }

    /// Adds who was left out to an output.
    pub(super) fn name_left_out(&self, output: ActionOutput<ChangedEmail>) -> ActionOutput<ChangedEmail> {
        let left_out = serde_json::from_str(self.left_out).unwrap_or_default();
        output.map(|email| ChangedEmail { left_out, ..email })
    }
}

/// Returns the checkpoint of a draft.
pub(super) fn checkpoint(draft: &Draft) -> String {
    format!("{}/{}", draft.id, draft.thread_id().unwrap_or_default())
}

/// Returns the checkpoint of a draft that does not go to everybody who is named.
pub(super) fn checkpoint_leaving_out(draft: &Draft, left_out: &[String]) -> String {
    match left_out {
        [] => checkpoint(draft),
        left_out => {
            let short: Vec<String> = left_out
                .iter()
                .take(MAX_LEFT_OUT)
                .map(|text| text.chars().take(MAX_LEFT_OUT_CHARACTERS).collect())
                .collect();
            format!("{}/{}", checkpoint(draft), json!(short))
        }
    }
}
