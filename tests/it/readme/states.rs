//! The states of a task: the code's table of transitions, the page's table and diagram, and the conditional writes agree.

use crate::reading::markdown::{Page, Text};
use crate::support::{TestApp, account_id, assert_same};
use engine::clock::Random;
use engine::error::Outcome;
use engine::ids::{AgentId, TaskId, UserId};
use engine::permissions::Caller;
use engine::tables::tasks::{
    Claim, DueEntry, Finish, INITIAL_STATES, LastError, Lease, NewTask, Stop, StoredResult, TRANSITIONS, Task,
    TaskItems, TaskStatus, Transition, scheduled_sort,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeSet;

const PAGE: &str = "shared/docs/guarantees.md";
const HEADING: &str = "States of a task";
/// The diagram's name for the point before a task and after it.
const POINT: &str = "[*]";

/// A transition from one state to another.
type Edge = (String, String);

fn edge(from: &str, to: &str) -> Edge {
    (from.to_owned(), to.to_owned())
}

/// The transitions of the code's table.
fn coded() -> BTreeSet<Edge> {
    let from = |(from, next): (TaskStatus, &'static [TaskStatus])| next.iter().map(move |to| (from, to));
    TRANSITIONS.into_iter().flat_map(from).map(|(from, to)| edge(from.as_str(), to.as_str())).collect()
}

/// The diagram as the code's table describes it, in the table's order.
fn diagram() -> String {
    let mut lines = vec!["stateDiagram-v2".to_owned()];
    lines.extend(INITIAL_STATES.map(|state| format!("    {POINT} --> {}", state.as_str())));
    for (from, next) in TRANSITIONS {
        let from = from.as_str();
        lines.extend(next.iter().map(|to| format!("    {from} --> {}", to.as_str())));
        if next.is_empty() {
            lines.push(format!("    {from} --> {POINT}"));
        }
    }
    lines.join("\n") + "\n"
}

/// The arrows of a diagram.
fn arrows(diagram: &str) -> BTreeSet<Edge> {
    diagram.lines().filter_map(|line| line.split_once(" --> ")).map(|(from, to)| edge(from.trim(), to.trim())).collect()
}

#[test]
fn the_state_diagram_is_made_from_the_transitions() {
    let page = Page::read(PAGE);
    let written = page.code(HEADING, "mermaid");
    let made = diagram();
    assert_same("the page's diagram", &arrows(written), "TRANSITIONS", &arrows(&made));
    assert_eq!(written, made, "{PAGE}: replace the diagram by\n{made}");
}

#[test]
fn a_planted_arrow_is_reported() {
    let made = diagram();
    for planted in [
        made.replace("    unknown --> processing\n", ""),
        made.replace("unknown --> processing", "unknown --> failed"),
        format!("{made}    cancelled --> scheduled\n"),
    ] {
        assert_ne!(arrows(&planted), arrows(&made), "{planted}");
    }
}

#[test]
fn the_state_table_lists_every_transition() {
    let page = Page::read(PAGE);
    let next = |cell: &Text| cell.code.iter().filter(|word| *word != "force").cloned().collect::<Vec<_>>();
    let rows = page.table(HEADING).iter().map(|row| (row[0].code.concat(), next(&row[2])));
    let names = |states: &[TaskStatus]| states.iter().map(|state| state.as_str().to_owned()).collect();
    let coded = TRANSITIONS.map(|(from, next)| (from.as_str().to_owned(), names(next)));
    assert_eq!(rows.collect::<BTreeSet<_>>(), BTreeSet::from(coded));
}

/// A task of the store in one state, due and with an expired lease, so that only the state decides about a write.
struct Case {
    items: TaskItems,
    task: Task,
    id: TaskId,
    user: UserId,
    now: Timestamp,
}

impl Case {
    async fn new(app: &TestApp, status: TaskStatus) -> Self {
        Self::with(app, status, false).await
    }

    /// A task that has prepared something.
    async fn prepared(app: &TestApp, status: TaskStatus) -> Self {
        Self::with(app, status, true).await
    }

    async fn with(app: &TestApp, status: TaskStatus, needs_discard: bool) -> Self {
        let now = app.clock.now();
        let past = now - SignedDuration::from_mins(1);
        let (user, agent) = (app.user("u1").await, AgentId::parse("a").unwrap());
        let sort = scheduled_sort(past, &Random::system().ulid(now));
        let task = Task::new(NewTask {
            user: &user,
            agent: &agent,
            sort,
            tool: "slack",
            action: "send_message",
            account: &account_id("T1.U1"),
            payload: &json!({}),
            status,
            now,
        });
        let mut task =
            Task { attempt: 1, lease_id: Some("first".to_owned()), lease_until: Some(past), needs_discard, ..task };
        task.due_at = Some(format!("{:015}#{}", past.as_millisecond(), task.ulid()));
        task.due_shard = Some("0".to_owned());
        let items = TaskItems::new(app.store.clone(), app.tables.tasks.clone());
        assert!(items.insert(&task).await.unwrap().is_none());
        Self { id: task.id().unwrap(), items, task, user, now }
    }

    /// The row in the store.
    async fn row(&self) -> Task {
        self.items.get(&self.user, &self.id).await.unwrap()
    }

    /// The transition that a write made. A repetition of a process's own write is accepted and changes nothing, so the row decides
    /// and not the answer.
    async fn made(&self, accepted: bool) -> Option<Edge> {
        let row = self.row().await;
        let changed = json!(row) != json!(self.task);
        assert!(accepted || !changed, "a refused write changed {:?} to {row:?}", self.task);
        changed.then(|| edge(self.task.status.as_str(), row.status.as_str()))
    }

    async fn claim(&self) -> bool {
        let Task { partition, sort, .. } = self.task.clone();
        let due = DueEntry { at: self.now, partition, sort };
        let lease = Lease { id: "second".to_owned(), until: self.now + SignedDuration::from_mins(1) };
        let claim = match self.items.claim(&due, &lease, self.now).await.unwrap() {
            Claim::Suspect(suspect) => self.items.claim_suspect(&suspect, &lease, self.now).await.unwrap(),
            claim => claim,
        };
        matches!(claim, Claim::New(_) | Claim::Unresolved(_))
    }
}

/// Every ending of an attempt, each with and without a next occurrence.
fn endings(now: Timestamp) -> Vec<(Transition, Option<Timestamp>)> {
    let error = LastError { code: "X".to_owned(), message: "x".to_owned(), outcome: Outcome::None, data: None };
    let at = now + SignedDuration::from_secs(9);
    let endings = [
        Transition::Completed { result: StoredResult::default(), external_id: None },
        Transition::Failed(error.clone()),
        Transition::NeedsAttention(error.clone()),
        Transition::Cancelled(error.clone()),
        Transition::Unknown { error: error.clone(), at, reconciled: None },
        Transition::Retry { error: error.clone(), at, deferred: false },
        Transition::AwaitConnection { error, at },
    ];
    endings.into_iter().flat_map(|ending| [(ending.clone(), None), (ending, Some(at))]).collect()
}

/// The transitions that the writes make from a state: each write is tried on a task of its own.
async fn transitions_from(app: &TestApp, from: TaskStatus) -> BTreeSet<Edge> {
    let mut made = BTreeSet::new();
    let case = Case::new(app, from).await;
    made.extend(case.made(case.claim().await).await);
    let case = Case::new(app, from).await;
    made.extend(case.made(case.items.cancel(&Caller::user(case.user.clone()), &case.id, case.now).await.is_ok()).await);
    let case = Case::prepared(app, from).await;
    made.extend(case.made(case.items.cancel(&Caller::user(case.user.clone()), &case.id, case.now).await.is_ok()).await);
    let case = Case::new(app, from).await;
    let stop = case.items.stop(&case.user, &case.id, from, None, case.now).await.unwrap();
    // A stop marks a task with an unfinished attempt, which is no transition.
    if stop == Stop::Cancelled {
        made.extend(case.made(true).await);
    }
    for force in [false, true] {
        let case = Case::new(app, from).await;
        made.extend(
            case.made(
                case.items.retry(&Caller::user(case.user.clone()), &case.id, force, true, case.now).await.is_ok(),
            )
            .await,
        );
    }
    for (ending, next) in endings(app.clock.now()) {
        let case = Case::new(app, from).await;
        let finished = case.task.apply(&ending, next, case.now);
        let written = case.items.finish(&case.task, &finished).await.unwrap() == Finish::Written;
        made.extend(case.made(written).await);
    }
    made
}

#[tokio::test]
async fn the_writes_make_exactly_the_transitions_of_the_table() {
    let app = TestApp::start().await;
    let mut observed = BTreeSet::new();
    for (from, _) in TRANSITIONS {
        observed.extend(transitions_from(&app, from).await);
    }
    assert_same("the writes", &observed, "TRANSITIONS", &coded());
}

#[tokio::test]
async fn a_request_cancels_only_a_task_without_an_unfinished_attempt() {
    let app = TestApp::start().await;
    for (from, _) in TRANSITIONS {
        let case = Case::new(&app, from).await;
        let accepted = case.items.cancel(&Caller::user(case.user.clone()), &case.id, case.now).await.is_ok();
        let cancelled = case.made(accepted).await.is_some();
        assert_eq!(
            cancelled,
            matches!(from, TaskStatus::Scheduled | TaskStatus::Retrying | TaskStatus::AwaitingConnection),
            "{from:?}"
        );
    }
}
