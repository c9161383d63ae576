//! What must be true in the end, with the providers' ledger as the truth.

use sandbox::Effect;
use serde_json::Value;

use crate::actions::{Action, marked_task};
use crate::history::{Expectation, Row};
use crate::store;
use crate::world::World;

/// Lines a task's history keeps.
const MAX_HISTORY_ENTRIES: usize = 20;
/// Attempts a task has at most.
const MAX_ATTEMPTS: i64 = 5;

/// The effects of each task.
pub(crate) fn effects(world: &World, works: &[Action]) -> Vec<Vec<Effect>> {
    let mut found: Vec<Vec<Effect>> = works.iter().map(|_| vec![]).collect();
    for effect in world.sandbox.effects() {
        let Some(task) = marked_task(&effect.request.to_string()) else { continue };
        if let (Some(work), Some(mine)) = (works.get(task), found.get_mut(task))
            && work.effect_kind() == Some(effect.kind.as_str())
        {
            mine.push(effect);
        }
    }
    found
}

/// The answer to an immediate intent says what became of the effect; clocks that are wrong by more than the engine allows
/// for may make it wrong, too.
pub(crate) fn check_answer(world: &World, task: usize, work: Action, result: &Value) {
    if work.effect_kind().is_none() || world.state().history.skewed {
        return;
    }
    let effects = world.sandbox.effects();
    let mine = effects.iter().filter(|effect| work.effect_kind() == Some(effect.kind.as_str()));
    let done = mine.filter(|effect| marked_task(&effect.request.to_string()) == Some(task)).count();
    let permits = world.state().history.expectations.get(&task).map_or(0, |told| told.allowed_repeats);
    let said = result["error"]["outcome"].as_str().unwrap_or("done");
    let honest = match said {
        "done" => done >= 1,
        "none" => done <= permits,
        _ => true,
    };
    if !honest {
        world.state().history.violations.push(format!("task {task}: the answer says '{said}' of {done} effects"));
    }
}

/// Checks everything that can be checked only when all is over. Returns how many effects were too many where that is excused:
/// clocks were wrong by more than the engine allows for, and the provider has no way to refuse a second one.
pub(crate) fn check_end(world: &World, works: &[Action]) -> usize {
    let rows = world.rows();
    let effects = effects(world, works);
    let (told, skewed) = {
        let state = world.state();
        (state.history.expectations.clone(), state.history.skewed)
    };
    let (mut broken, mut excused) = (vec![], 0);
    for (task, effects) in effects.iter().enumerate() {
        let told = told.get(&task).cloned().unwrap_or_default();
        let row = rows.iter().find(|row| row.task == Some(task));
        let mut judged = match row {
            Some(row) => row_violations(&told, row),
            None if told.accepted && works[task].effect_kind().is_some() => {
                vec!["it was accepted and is lost".to_owned()]
            }
            None => vec![],
        };
        let counted = row.map_or_else(|| violations_without_row(effects), |row| effect_violations(&told, row, effects));
        if !skewed {
            judged.extend(counted);
        } else if works[task] == Action::SendEmail && effects.len() > told.occurrences as usize + told.retries {
            // A draft is sent once, whatever the clocks say.
            judged.push(format!("{} mails", effects.len()));
        } else {
            excused += counted.len();
        }
        broken.extend(judged.into_iter().map(|rule| format!("task {task}: {rule}")));
    }
    broken.extend(token_leaks(world));
    world.state().history.violations.extend(broken);
    excused
}

/// One task's end, whatever its effects.
fn row_violations(told: &Expectation, row: &Row) -> Vec<String> {
    let mut broken = vec![];
    if !row.is_terminal() {
        broken.push(format!("it does not come to rest: {}", row.status));
    }
    if row.attempt > MAX_ATTEMPTS {
        broken.push(format!("{} attempts", row.attempt));
    }
    if told.cancelled && row.status != "cancelled" {
        broken.push(format!("it was cancelled and is {}", row.status));
    }
    broken
}

/// Whether a task's end and its effects agree.
fn effect_violations(told: &Expectation, row: &Row, effects: &[Effect]) -> Vec<String> {
    if told.occurrences > 1 {
        return series_violations(told, row, effects.len());
    }
    let mut broken = vec![];
    let count = effects.len();
    if count > 1 + told.allowed_repeats {
        broken.push(format!("{count} effects, and {} were allowed", 1 + told.allowed_repeats));
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
        // Nothing happened, it says; what an earlier try did that nobody knew of was permitted.
        status if count > told.allowed_repeats => broken.push(format!("{status} ({reason}) with {count} effects")),
        _ => {}
    }
    broken
}

/// The same for a series: each occurrence that was done has one effect, each that failed none.
fn series_violations(told: &Expectation, row: &Row, count: usize) -> Vec<String> {
    // Only a plain end in success is not in the story.
    let last = (row.status == "completed").then(|| (row.status.clone(), None));
    let ends: Vec<_> = row.history.iter().chain(&last).collect();
    let done = ends.iter().filter(|(status, _)| status == "completed").count();
    let unclear = |(status, code): &&&(String, Option<String>)| {
        status == "needs_attention" && code.as_deref() == Some("OUTCOME_UNKNOWN")
    };
    let most = done + ends.iter().filter(unclear).count() + told.allowed_repeats;
    let complete = row.history.len() < MAX_HISTORY_ENTRIES;
    if complete && !(done..=most).contains(&count) {
        return vec![format!("a series with {count} effects, of {done} to {most}: {ends:?}")];
    }
    let all = told.occurrences as usize + told.allowed_repeats;
    if count > all { vec![format!("a series with {count} effects of {all}")] } else { vec![] }
}

/// A task without a row was never accepted.
fn violations_without_row(effects: &[Effect]) -> Vec<String> {
    let count = effects.len();
    if count == 0 { vec![] } else { vec![format!("it has no row and {count} effects")] }
}

/// Tokens lie nowhere in the clear.
fn token_leaks(world: &World) -> Vec<String> {
    let tables = &world.tables;
    let tokens: Vec<String> = world.state().history.tokens.keys().cloned().collect();
    let mut found = vec![];
    for table in [&tables.integrations, &tables.tasks, &tables.errors] {
        for item in store::scan_all(&world.database, table) {
            let text = item.to_string();
            if tokens.iter().any(|token| text.contains(token.as_str())) {
                found.push(format!("a token lies in the clear in {table}"));
            }
        }
    }
    found
}
