//! Checks the final state of a run against the providers' ledger, which is authoritative.

use sandbox::Effect;
use serde_json::Value;
use std::collections::BTreeSet;

use crate::accounts::{ACCOUNTS, account_with_id};
use crate::actions::{Action, marked_task};
use crate::history::{Expectation, Row};
use crate::outcomes;
use crate::store;
use crate::world::World;

/// Maximal number of entries in a task's history.
const MAX_HISTORY_ENTRIES: usize = 20;
/// Maximal number of attempts of a task.
const MAX_ATTEMPTS: i64 = 5;
/// The codes for which a scheduled task waits for its account.
const NEEDS_PERSON: [&str; 2] = ["NOT_CONNECTED", "REAUTH_REQUIRED"];

/// The effects of each task.
pub(crate) fn effects(world: &World, actions: &[Action]) -> Vec<Vec<Effect>> {
    let mut found: Vec<Vec<Effect>> = actions.iter().map(|_| vec![]).collect();
    for effect in world.sandbox.effects() {
        let Some(task) = marked_task(&effect.request.to_string()) else { continue };
        if let (Some(action), Some(own_effects)) = (actions.get(task), found.get_mut(task))
            && action.effect_kind() == Some(effect.kind.as_str())
        {
            own_effects.push(effect);
        }
    }
    found
}

/// Checks that the response to an immediate intent states the outcome of its effect. Skipped if a clock skew exceeds the
/// tolerance, because the response may be wrong then.
pub(crate) fn check_answer(world: &World, task: usize, action: Action, result: &Value) {
    if action.effect_kind().is_none() || world.state().history.skewed {
        return;
    }
    let effects = world.sandbox.effects();
    let own_effects = effects.iter().filter(|effect| action.effect_kind() == Some(effect.kind.as_str()));
    let done = own_effects.filter(|effect| marked_task(&effect.request.to_string()) == Some(task)).count();
    let allowed_repeats =
        world.state().history.expectations.get(&task).map_or(0, |expectation| expectation.allowed_repeats);
    let stated = result["error"]["outcome"].as_str().unwrap_or("done");
    let correct = match stated {
        "done" => done >= 1,
        "none" => done <= allowed_repeats,
        _ => true,
    };
    if !correct {
        world
            .state()
            .history
            .violations
            .push(format!("task {task}: the response states '{stated}' for {done} effects"));
    }
}

/// Checks that the ledger names the owner of a task's account for each of its effects.
fn check_owners(world: &World, effects: &[Vec<Effect>]) {
    let mut state = world.state();
    for (task, effects) in effects.iter().enumerate() {
        for Effect { by, .. } in effects {
            let account = ACCOUNTS.iter().position(|owner| owner == by);
            state.history.bind(task, account, "has an effect of");
        }
    }
}

/// Checks the final state. Returns the number of excused duplicate effects: those under a clock skew beyond the tolerance at a
/// provider without fencing.
pub(crate) fn check_end(world: &World, actions: &[Action]) -> usize {
    let rows = world.rows();
    let effects = effects(world, actions);
    check_owners(world, &effects);
    let (expectations, skewed, ended) = {
        let state = world.state();
        (state.history.expectations.clone(), state.history.skewed, state.history.ended_accounts.clone())
    };
    let ledger = world.sandbox.effects();
    let (mut broken, mut excused) = (vec![], 0);
    for (task, effects) in effects.iter().enumerate() {
        let expectation = expectations.get(&task).cloned().unwrap_or_default();
        let row = rows.iter().find(|row| row.task == Some(task));
        let mut violations = match row {
            Some(row) => row_violations(&expectation, row),
            None if expectation.accepted && actions[task].effect_kind().is_some() => {
                vec!["it was accepted and has no row".to_owned()]
            }
            None => vec![],
        };
        let counted = match row {
            Some(row) => {
                let mut counted = effect_violations(&expectation, row, effects);
                counted.extend(outcomes::contradictions(&expectation, row, actions[task], effects.len()));
                counted.extend(prepared_violations(&ledger, &ended, row, actions[task]));
                counted
            }
            None => violations_without_row(effects),
        };
        if !skewed {
            violations.extend(counted);
        } else if actions[task] == Action::SendEmail
            && effects.len() > expectation.occurrences as usize + expectation.retries
        {
            // A draft is sent once, independent of clocks.
            violations.push(format!("{} mails", effects.len()));
        } else {
            excused += counted.len();
        }
        broken.extend(violations.into_iter().map(|rule| format!("task {task}: {rule}")));
    }
    broken.extend(token_leaks(world));
    world.state().history.violations.extend(broken);
    excused
}

/// Violations in a task's final row, independent of its effects.
fn row_violations(expectation: &Expectation, row: &Row) -> Vec<String> {
    let mut broken = vec![];
    if !row.is_terminal() {
        broken.push(format!("it does not reach a terminal state: {}", row.status));
    }
    let gives_up =
        |status: &str, code: Option<&str>| status == "failed" && code.is_some_and(|code| NEEDS_PERSON.contains(&code));
    let ends = row.history.iter().map(|(status, code)| (status.as_str(), code.as_deref()));
    let mut ends = ends.chain([(row.status.as_str(), row.error.as_deref())]);
    if row.is_scheduled() && ends.any(|(status, code)| gives_up(status, code)) {
        broken.push("it did not wait for its account".to_owned());
    }
    if row.attempt > MAX_ATTEMPTS {
        broken.push(format!("{} attempts", row.attempt));
    }
    if expectation.cancelled && row.status != "cancelled" {
        broken.push(format!("it was cancelled and is {}", row.status));
    }
    broken
}

/// Disagreements between a task's final row and its effects.
fn effect_violations(expectation: &Expectation, row: &Row, effects: &[Effect]) -> Vec<String> {
    if expectation.occurrences > 1 {
        return series_violations(expectation, row, effects.len());
    }
    let mut broken = vec![];
    let count = effects.len();
    if count > 1 + expectation.allowed_repeats {
        broken.push(format!("{count} effects, and {} were allowed", 1 + expectation.allowed_repeats));
    }
    let reason = row.error.as_deref().unwrap_or_default();
    match row.status.as_str() {
        "completed" => {
            let named = row.external.as_deref();
            if named.is_some() && !effects.iter().any(|effect| Some(effect.id.as_str()) == named) {
                broken.push(format!("completed as {named:?}, which is none of its {count} effects"));
            }
        }
        "needs_attention" if reason == "OUTCOME_UNKNOWN" => {}
        // The row states that nothing happened; effects of earlier attempts with an unknown outcome were allowed.
        status if count > expectation.allowed_repeats => {
            broken.push(format!("{status} ({reason}) with {count} effects"))
        }
        _ => {}
    }
    broken
}

/// Prepared objects that a failed task left, though nobody ended the grant with which it could have taken them back.
fn prepared_violations(ledger: &[Effect], ended: &BTreeSet<(&str, usize)>, row: &Row, action: Action) -> Vec<String> {
    let account = row.account.as_deref().and_then(|id| account_with_id(&row.tool, id));
    let is_gone = account.is_none_or(|account| ended.contains(&(row.tool.as_str(), account)))
        || row.error.as_deref().is_some_and(|code| NEEDS_PERSON.contains(&code));
    if !["failed", "cancelled"].contains(&row.status.as_str()) || is_gone {
        return vec![];
    }
    let left = row.task.map(|task| outcomes::left_prepared(ledger, task, action)).unwrap_or_default();
    left.into_iter().map(|id| format!("{} and left the prepared object {id}", row.status)).collect()
}

/// Disagreements for a series: each completed occurrence has one effect, each failed one has none.
fn series_violations(expectation: &Expectation, row: &Row, count: usize) -> Vec<String> {
    // The history lacks only a final success.
    let last = (row.status == "completed").then(|| (row.status.clone(), None));
    let ends: Vec<_> = row.history.iter().chain(&last).collect();
    let done = ends.iter().filter(|(status, _)| status == "completed").count();
    let unclear = |(status, code): &&&(String, Option<String>)| {
        status == "needs_attention" && code.as_deref() == Some("OUTCOME_UNKNOWN")
    };
    let most = done + ends.iter().filter(unclear).count() + expectation.allowed_repeats;
    let complete = row.history.len() < MAX_HISTORY_ENTRIES;
    if complete && !(done..=most).contains(&count) {
        return vec![format!("a series with {count} effects, of {done} to {most}: {ends:?}")];
    }
    let all = expectation.occurrences as usize + expectation.allowed_repeats;
    if count > all { vec![format!("a series with {count} effects of {all}")] } else { vec![] }
}

/// Violations of a task without a row: it was never accepted and must have no effect.
fn violations_without_row(effects: &[Effect]) -> Vec<String> {
    let count = effects.len();
    if count == 0 { vec![] } else { vec![format!("it has no row and {count} effects")] }
}

/// Tokens stored in plain text.
fn token_leaks(world: &World) -> Vec<String> {
    let tables = &world.tables;
    let tokens: Vec<String> = world.state().history.tokens.keys().cloned().collect();
    let mut found = vec![];
    for table in [&tables.integrations, &tables.tasks, &tables.errors] {
        for item in store::scan_all(&world.database, table) {
            let text = item.to_string();
            if tokens.iter().any(|token| text.contains(token.as_str())) {
                found.push(format!("a token is stored in plain text in {table}"));
            }
        }
    }
    found
}
