//! What must hold when all tasks rest, and the count of what did not.

use engine::tables::tasks::{Task, TaskStatus};
use sandbox::Effect;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write as _};

/// How a promise was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Violation {
    /// It is said to be done and was not.
    Lost,
    /// It was done more than once.
    Duplicated,
    /// It does not come to rest.
    Unfinished,
    /// The row, the events and the provider disagree.
    Inconsistent,
}

/// The first promise that was broken to a task, by what was done at the provider for it and the events that tell of it.
pub(crate) fn find_violation(task: &Task, effects: &[Effect], events: &[String]) -> Option<Violation> {
    // A task that comes again has an effect an occurrence.
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
    // An event may be lost with the process that would have sent it; one that was sent is true.
    let untrue = events.iter().any(|event| *event != told)
        || (task.status == TaskStatus::Completed && ids != said.collect::<Vec<_>>())
        || (task.status == TaskStatus::Failed && !ids.is_empty());
    untrue.then_some(Violation::Inconsistent)
}

/// What several worlds came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// The points processes were killed at, and how many were.
    pub(crate) kills: BTreeMap<String, usize>,
    /// The states tasks ended in, with the code of their last error.
    pub(crate) final_states: BTreeMap<String, usize>,
    /// What went wrong, with the story of the world it went wrong in.
    pub(crate) violations: Vec<(Violation, String)>,
}

impl Tally {
    /// The sum.
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

    /// Whether no task needs a person, which it does not where the provider can be asked.
    pub(crate) fn all_completed(&self) -> bool {
        self.final_states.keys().all(|end| end == "completed")
    }

    /// Prints the count where `cargo test` shows it without `--nocapture`, and fails if a promise was broken.
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
