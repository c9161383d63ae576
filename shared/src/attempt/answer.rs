//! The result of an immediate intent, which has to fit into one answer.

use serde_json::Value;

use super::AttemptContext;
use crate::adapters::action::{ActionOutput, Effect, NO_SMALLER_FORM};
use crate::answer;
use crate::error::{Error, Kind, ProviderError, Result};

/// Returns the output as the caller can have it: a read that is too long fails, and of an effect the data is left out. The result of a
/// task is cut where it is stored.
///
/// # Errors
/// [`Kind::ResponseTooLarge`], with the advice of the action.
pub(super) fn fit(attempt: AttemptContext<'_>, output: ActionOutput) -> Result<ActionOutput> {
    let AttemptContext { adapter, action, tickets, .. } = attempt;
    if tickets.is_some() || answer::fits(&output.data) {
        return Ok(output);
    }
    if action.effect != Effect::Read {
        return Ok(ActionOutput { data: Value::Null, ..output });
    }
    let advice = match action.smaller_request {
        NO_SMALLER_FORM => "ask for less, for example with a smaller `limit`",
        advice => advice,
    };
    let message = format!("the result is longer than the 6 MB of an answer; {advice}");
    let tool = adapter.tool;
    Err(Error::Provider(ProviderError { tool, kind: Kind::ResponseTooLarge, message, retry_after: None }))
}
