//! The checkpoint of a mail that is sent through a draft.

use serde_json::json;

use super::draft::Draft;
use super::email::ChangedEmail;
use super::remarks::Remarks;
use crate::adapters::action::ActionOutput;

/// The stored checkpoint of a draft: `<draft>/<thread>`, and `/` with the remarks as JSON if there are some. Gmail ids contain no slash.
#[derive(Clone, Copy)]
pub(super) struct Checkpoint<'a> {
    /// The id of the draft.
    pub(super) draft: &'a str,
    /// The id of its thread.
    pub(super) thread: &'a str,
    remarks: &'a str,
}

impl<'a> Checkpoint<'a> {
    /// Parses a checkpoint; `None` for a mail sent without a draft.
    pub(super) fn parse(checkpoint: &'a str) -> Option<Self> {
        let (draft, rest) = checkpoint.split_once('/')?;
        let (thread, remarks) = rest.split_once('/').unwrap_or((rest, ""));
        Some(Self { draft, thread, remarks })
    }

    /// Adds the remarks to an output.
    pub(super) fn with_remarks(&self, output: ActionOutput<ChangedEmail>) -> ActionOutput<ChangedEmail> {
        with_remarks(output, serde_json::from_str(self.remarks).unwrap_or_default())
    }
}

/// Adds remarks to an output.
pub(super) fn with_remarks(output: ActionOutput<ChangedEmail>, remarks: Remarks) -> ActionOutput<ChangedEmail> {
    let note = remarks.note();
    let mut output = output.map(|email| ChangedEmail { left_out: remarks.left_out, ..email });
    if let Some(note) = note {
        output.message = format!("{} {note}", output.message);
    }
    output
}

/// Returns the checkpoint of a draft.
pub(super) fn checkpoint(draft: &Draft) -> String {
    format!("{}/{}", draft.id, draft.thread_id().unwrap_or_default())
}

/// Returns the checkpoint of a draft with the remarks of its mail.
pub(super) fn checkpoint_with(draft: &Draft, remarks: &Remarks) -> String {
    match *remarks == Remarks::default() {
        true => checkpoint(draft),
        false => format!("{}/{}", checkpoint(draft), json!(remarks.short())),
    }
}
