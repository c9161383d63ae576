//! The guarantees that must hold when all tasks are final, and the count of violations.

use engine::tables::tasks::{Task, TaskStatus};
use sandbox::Effect;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write as _};

/// A violated guarantee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Violation {
    /// The task is completed without its effect.
    Lost,
    /// The effect was applied more than once.
    Duplicated,
    /// The task does not reach a final state.
    Unfinished,
    /// The row, the events and the provider's ledger disagree.
    Inconsistent,
}

/// Returns the first violation of a task, given its effects at the provider and the types of its events.
pub(crate) fn find_violation(task: &Task, effects: &[Effect], events: &[String]) -> Option<Violation> {
    // A series has one effect per occurrence.
    let occurrences = usize::try_from(task.occurrence).unwrap_or_default();
    if effects.len() > occurrences {
        return Some(Violation::Duplicated);
    }
    let in_index_or_leased = task.due_shard.is_some() || task.due_at.is_some() || task.lease_until.is_some();
    if !task.status.is_final() || in_index_or_leased {
        return Some(Violation::Unfinished);
    }
    if task.status == TaskStatus::Completed && effects.len() < occurrences {
        return Some(Violation::Lost);
    }
    let expected_event = format!("task.{}", task.status.as_str());
    let ids: Vec<&String> = effects.iter().map(|effect| &effect.id).collect();
    let history = task.full_history();
    let recorded_ids = history
        .iter()
        .filter(|entry| entry.status == TaskStatus::Completed)
        .filter_map(|entry| entry.external_id.as_ref());
    // An event can be lost with its process, but a published event must be correct.
    let is_inconsistent = events.iter().any(|event| *event != expected_event)
        || (task.status == TaskStatus::Completed && ids != recorded_ids.collect::<Vec<_>>())
        || (task.status == TaskStatus::Failed && !ids.is_empty());
    is_inconsistent.then_some(Violation::Inconsistent)
}

/// A violation of one task.
#[derive(Debug)]
pub(crate) struct TaskViolation {
    pub(crate) kind: Violation,
    /// The task's state, effects and events, and the log of its environment.
    pub(crate) description: String,
}

/// The sum of several runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// The kill points and the number of kills at each.
    pub(crate) kills: BTreeMap<String, usize>,
    /// The final states, with the code of the last error, and the number of tasks in each.
    pub(crate) final_states: BTreeMap<String, usize>,
    /// The violations.
    pub(crate) violations: Vec<TaskViolation>,
}

impl Tally {
    /// Adds the counts of another tally.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        for (point, count) in other.kills {
            *self.kills.entry(point).or_default() += count;
        }
        for (state, count) in other.final_states {
            *self.final_states.entry(state).or_default() += count;
        }
        self.violations.extend(other.violations);
        self
    }

    pub(crate) fn kill_count(&self) -> usize {
        self.kills.values().sum()
    }

    /// True if all tasks completed, which they must where the provider supports reconciliation.
    pub(crate) fn all_completed(&self) -> bool {
        self.final_states.keys().all(|state| state == "completed")
    }

    /// Prints the counts to stderr, which `cargo test` shows without `--nocapture`; panics if there is a violation.
    pub(crate) fn report(&self, what: &str) {
        let _ = writeln!(io::stderr(), "\nkills, {what}: {self}");
        let descriptions: Vec<String> =
            self.violations.iter().map(|one| format!("{:?}: {}", one.kind, one.description)).collect();
        assert!(descriptions.is_empty(), "{}", descriptions.join("\n"));
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |kind| self.violations.iter().filter(|violation| violation.kind == kind).count();
        let (killed, points) = (self.kill_count(), self.kills.len());
        let (lost, duplicated) = (count(Violation::Lost), count(Violation::Duplicated));
        let (unfinished, inconsistent) = (count(Violation::Unfinished), count(Violation::Inconsistent));
        write!(
            f,
            "{killed} kills at {points} points, {lost} lost, {duplicated} duplicated, {unfinished} unfinished, {inconsistent} inconsistent"
        )?;
        let states: Vec<String> = self.final_states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        write!(f, " ({})", states.join(", "))
    }
}

#[test]
fn each_kind_of_violation_is_detected() {
    let task = |status: &str, id: Option<&str>, due: Option<&str>| -> Task {
        serde_json::from_value(json!({
            "pk": "u#a", "sk": "S#1#U", "tool": "slack", "action": "send_message", "account": "T.U", "status": status, "attempt": 1,
            "updatedAt": 0, "externalId": id, "dueAt": due,
        }))
        .unwrap()
    };
    let effect: Effect = serde_json::from_value(json!({
        "seq": 1, "provider": "slack", "kind": "message_posted", "id": "1.1", "account": "T", "by": "T", "at": "now", "request": {},
    }))
    .unwrap();
    let (once, twice) = ([effect.clone()], [effect.clone(), effect]);
    let completed = task("completed", Some("1.1"), None);
    assert_eq!(find_violation(&completed, &once, &["task.completed".to_owned()]), None);
    assert_eq!(find_violation(&completed, &[], &[]), Some(Violation::Lost));
    assert_eq!(find_violation(&completed, &twice, &[]), Some(Violation::Duplicated));
    assert_eq!(find_violation(&completed, &once, &["task.failed".to_owned()]), Some(Violation::Inconsistent));
    assert_eq!(find_violation(&task("completed", Some("1.2"), None), &once, &[]), Some(Violation::Inconsistent));
    assert_eq!(find_violation(&task("failed", None, None), &once, &[]), Some(Violation::Inconsistent));
    assert_eq!(find_violation(&task("needs_attention", None, None), &once, &[]), None);
    assert_eq!(find_violation(&task("processing", None, Some("1#U")), &[], &[]), Some(Violation::Unfinished));
    assert_eq!(find_violation(&task("completed", Some("1.1"), Some("1#U")), &once, &[]), Some(Violation::Unfinished));
}
