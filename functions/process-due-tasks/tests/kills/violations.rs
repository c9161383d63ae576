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
    let most = usize::try_from(task.occurrence).unwrap_or_default();
    if effects.len() > most {
        return Some(Violation::Duplicated);
    }
    let left = task.due_shard.is_some() || task.due_at.is_some() || task.lease_until.is_some();
    if !task.status.is_final() || left {
        return Some(Violation::Unfinished);
    }
    if task.status == TaskStatus::Completed && effects.len() < most {
        return Some(Violation::Lost);
    }
    let told = format!("task.{}", task.status.as_str());
    let ids: Vec<&String> = effects.iter().map(|effect| &effect.id).collect();
    let story = task.full_history();
    let said = story
        .iter()
        .filter(|entry| entry.status == TaskStatus::Completed)
        .filter_map(|entry| entry.external_id.as_ref());
    // An event can be lost with its process, but a published event must be correct.
    let untrue = events.iter().any(|event| *event != told)
        || (task.status == TaskStatus::Completed && ids != said.collect::<Vec<_>>())
        || (task.status == TaskStatus::Failed && !ids.is_empty());
    untrue.then_some(Violation::Inconsistent)
}

/// The sum of several runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// The kill points and the number of kills at each.
    pub(crate) kills: BTreeMap<String, usize>,
    /// The final states, with the code of the last error, and the number of tasks in each.
    pub(crate) final_states: BTreeMap<String, usize>,
    /// The violations, with the log of their environment.
    pub(crate) violations: Vec<(Violation, String)>,
}

impl Tally {
    /// Adds the counts of another tally.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        for (point, count) in other.kills {
            *self.kills.entry(point).or_default() += count;
        }
        for (end, count) in other.final_states {
            *self.final_states.entry(end).or_default() += count;
        }
        self.violations.extend(other.violations);
        self
    }

    pub(crate) fn kill_count(&self) -> usize {
        self.kills.values().sum()
    }

    /// True if all tasks completed, which they must where the provider supports reconciliation.
    pub(crate) fn all_completed(&self) -> bool {
        self.final_states.keys().all(|end| end == "completed")
    }

    /// Prints the counts to stderr, which `cargo test` shows without `--nocapture`; panics if there is a violation.
    pub(crate) fn report(&self, what: &str) {
        let _ = writeln!(io::stderr(), "\nkills, {what}: {self}");
        let stories: Vec<String> = self.violations.iter().map(|(how, story)| format!("{how:?}: {story}")).collect();
        assert!(stories.is_empty(), "{}", stories.join("\n"));
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |wanted| self.violations.iter().filter(|(how, _)| *how == wanted).count();
        let (killed, points) = (self.kill_count(), self.kills.len());
        let (lost, doubled) = (count(Violation::Lost), count(Violation::Duplicated));
        let (stuck, untrue) = (count(Violation::Unfinished), count(Violation::Inconsistent));
        write!(f, "{killed} kills at {points} points, {lost} lost, {doubled} doubled, {stuck} stuck, {untrue} untrue")?;
        let ends: Vec<String> = self.final_states.iter().map(|(end, count)| format!("{count} {end}")).collect();
        write!(f, " ({})", ends.join(", "))
    }
}

#[test]
fn each_kind_of_violation_is_detected() {
    let task = |status: &str, id: Option<&str>, due: Option<&str>| -> Task {
        serde_json::from_value(json!({
            "pk": "u#a", "sk": "S#1#U", "tool": "slack", "intent": "send_message", "status": status, "attempt": 1,
            "updatedAt": 0, "externalId": id, "dueAt": due,
        }))
        .unwrap()
    };
    let effect: Effect = serde_json::from_value(json!({
        "seq": 1, "provider": "slack", "kind": "message_posted", "id": "1.1", "account": "T", "at": "now", "request": {},
    }))
    .unwrap();
    let (once, twice) = ([effect.clone()], [effect.clone(), effect]);
    let done = task("completed", Some("1.1"), None);
    assert_eq!(find_violation(&done, &once, &["task.completed".to_owned()]), None);
    assert_eq!(find_violation(&done, &[], &[]), Some(Violation::Lost));
    assert_eq!(find_violation(&done, &twice, &[]), Some(Violation::Duplicated));
    assert_eq!(find_violation(&done, &once, &["task.failed".to_owned()]), Some(Violation::Inconsistent));
    assert_eq!(find_violation(&task("completed", Some("1.2"), None), &once, &[]), Some(Violation::Inconsistent));
    assert_eq!(find_violation(&task("failed", None, None), &once, &[]), Some(Violation::Inconsistent));
    assert_eq!(find_violation(&task("needs_attention", None, None), &once, &[]), None);
    assert_eq!(find_violation(&task("processing", None, Some("1#U")), &[], &[]), Some(Violation::Unfinished));
    assert_eq!(find_violation(&task("completed", Some("1.1"), Some("1#U")), &once, &[]), Some(Violation::Unfinished));
}
