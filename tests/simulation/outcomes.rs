//! Compares the outcome that a task's final row states with what lasts at the provider. An object that was prepared and taken back
//! does not last: a deleted draft, a page in the trash.

use sandbox::Effect;

use crate::actions::{Action, marked_task};
use crate::history::{Expectation, Row};

/// Contradictions between the outcome of a row and the effects that last.
pub(crate) fn contradictions(expectation: &Expectation, row: &Row, action: Action, effects: usize) -> Vec<String> {
    if action.effect_kind().is_none() || expectation.occurrences > 1 {
        return vec![];
    }
    let mut found = vec![];
    // An earlier attempt whose outcome a person accepted as unknown may have had an effect of its own.
    if row.status != "completed" && row.outcome.as_deref() == Some("none") && effects > expectation.allowed_repeats {
        found.push(format!("{} with the outcome 'none' and {effects} lasting effects", row.status));
    }
    if row.status == "completed" && effects == 0 {
        found.push("completed without a lasting effect".to_owned());
    }
    found
}

/// The ids of a task's prepared objects that were neither completed nor taken back.
pub(crate) fn left_prepared(ledger: &[Effect], task: usize, action: Action) -> Vec<String> {
    let (prepared, finished) = match action {
        Action::SendEmail => ("draft_created", "message_sent"),
        Action::CreatePage => ("page_created", "page_renamed"),
        _ => return vec![],
    };
    let own = |kind: &str| -> Vec<&Effect> {
        let of_task = |effect: &&Effect| marked_task(&effect.request.to_string()) == Some(task);
        ledger.iter().filter(|effect| effect.kind == kind).filter(of_task).collect()
    };
    let finished = own(finished);
    let is_finished = |id: &str| finished.iter().any(|effect| effect.id == id);
    let mut left: Vec<String> = own(prepared).into_iter().map(|effect| effect.id.clone()).collect();
    left.retain(|id| !is_finished(id) && !ledger.iter().any(|effect| effect.id == *id && takes_back(effect)));
    if action == Action::SendEmail {
        // A sent draft is gone. Its mail has another id.
        left.truncate(left.len().saturating_sub(finished.len()));
    }
    left
}

/// True if an entry of the ledger removes a prepared object.
fn takes_back(effect: &Effect) -> bool {
    effect.kind == "draft_deleted" || (effect.kind == "page_updated" && effect.request["in_trash"] == true)
}
