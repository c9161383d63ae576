//! What happened in one run, and the rules that every single step must keep.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::actions::marked_task;
use crate::oracle::ToolOracle;

/// What of a row of the ledger matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: (String, String),
    pub(crate) task: Option<usize>,
    pub(crate) status: String,
    pub(crate) attempt: i64,
    pub(crate) lease: Option<String>,
    pub(crate) lease_until: Option<i64>,
    pub(crate) due_at: Option<i64>,
    pub(crate) shard: Option<u8>,
    pub(crate) error: Option<String>,
    pub(crate) external: Option<String>,
    /// How earlier attempts and occurrences ended, with the code of an error.
    pub(crate) history: Vec<(String, Option<String>)>,
}

impl Row {
    /// Reads an item in DynamoDB's JSON; `None` when it is no task.
    pub(crate) fn read(item: &Value) -> Option<Self> {
        let text = |name: &str| item[name]["S"].as_str().map(ToOwned::to_owned);
        let number = |name: &str| item[name]["N"].as_str().and_then(|number| number.parse().ok());
        Some(Self {
            key: (text("pk")?, text("sk")?),
            task: marked_task(&text("pk")?),
            status: text("status")?,
            attempt: number("attempt").unwrap_or_default(),
            lease: text("leaseId"),
            lease_until: number("leaseUntil"),
            due_at: text("dueAt").and_then(|due| due.split('#').next()?.parse().ok()),
            shard: text("dueShard").and_then(|shard| shard.parse().ok()),
            error: item["lastError"]["M"]["code"]["S"].as_str().map(ToOwned::to_owned),
            external: text("externalId"),
            history: item["history"]["L"].as_array().into_iter().flatten().filter_map(history_entry).collect(),
        })
    }

    /// Whether nothing more will happen to it by itself.
    pub(crate) fn is_terminal(&self) -> bool {
        ["completed", "failed", "cancelled", "needs_attention"].contains(&self.status.as_str())
    }
}

fn history_entry(entry: &Value) -> Option<(String, Option<String>)> {
    let text = |name: &str| entry["M"][name]["S"].as_str().map(ToOwned::to_owned);
    Some((text("status")?, text("code")))
}

/// One write to the ledger's table that was carried out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write<'a> {
    /// Who wrote.
    pub(crate) worker: &'a str,
    /// What the writer's clock shows.
    pub(crate) clock: Timestamp,
    /// The request, as it was sent.
    pub(crate) request: &'a Value,
    /// The row before.
    pub(crate) before: Option<&'a Row>,
    /// The row after.
    pub(crate) after: &'a Row,
}

/// One call to a provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// Who calls.
    pub(crate) worker: &'a str,
    /// What the caller's clock shows.
    pub(crate) clock: Timestamp,
    /// `POST /slack/api/chat.postMessage`.
    pub(crate) request_line: &'a str,
    /// The tool.
    pub(crate) tool: &'a str,
    /// When, since the beginning of the run.
    pub(crate) at: Duration,
    /// The access token.
    pub(crate) token: Option<&'a str>,
    /// Whether it makes something that cannot be unmade.
    pub(crate) creates: bool,
    /// The task it is for.
    pub(crate) task: Option<usize>,
}

/// What is known of a task besides its row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expectation {
    /// Whose it is.
    pub(crate) person: usize,
    /// When it was to run.
    pub(crate) due: Option<Timestamp>,
    /// How many times it was to run.
    pub(crate) occurrences: u32,
    /// Whether its acceptance was confirmed.
    pub(crate) accepted: bool,
    /// Whether taking it back was confirmed.
    pub(crate) cancelled: bool,
    /// Times somebody asked for it again although its outcome was unknown: each permits one more effect.
    pub(crate) allowed_repeats: usize,
    /// Times somebody asked for it again at all.
    pub(crate) retries: usize,
}

/// What happened so far.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Rules that were broken.
    pub(crate) violations: Vec<String>,
    /// By task.
    pub(crate) expectations: BTreeMap<usize, Expectation>,
    /// Whose each token is.
    pub(crate) tokens: BTreeMap<String, usize>,
    /// The conditions of writes to the ledger's table.
    pub(crate) conditions: BTreeSet<String>,
    /// Whether some clock was wrong by more than the engine allows for.
    pub(crate) skewed: bool,
    /// Who claimed each row last, with which lease.
    holders: BTreeMap<(String, String), (String, String)>,
    /// Everybody who ever claimed a task.
    claimants: BTreeSet<(usize, String)>,
    /// Every lease there ever was.
    leases: BTreeSet<String>,
    /// What is known of each person's tools.
    pub(crate) oracles: BTreeMap<(usize, String), ToolOracle>,
}

/// Two clocks that are each wrong by as much as the engine allows for.
const TOLERATED_SKEW: SignedDuration = SignedDuration::from_secs(10);

impl History {
    fn report(&mut self, rule: String) {
        self.violations.push(rule);
    }

    /// Checks and notes a write that was carried out.
    pub(crate) fn record_write(&mut self, write: Write<'_>) {
        let Write { worker, after, before, .. } = write;
        self.check_terminal_state(write);
        let claimed = after.status == "processing" && before.and_then(|row| row.lease.clone()) != after.lease;
        if claimed {
            self.check_claim(write);
            let lease = after.lease.clone().unwrap_or_default();
            self.holders.insert(after.key.clone(), (worker.to_owned(), lease.clone()));
            self.leases.insert(lease);
            self.claimants.extend(after.task.map(|task| (task, worker.to_owned())));
        } else {
            self.check_fencing(write);
        }
        let again = before.is_some_and(|row| row.status == "needs_attention") && after.status == "scheduled";
        if before.is_some_and(Row::is_terminal)
            && after.status == "scheduled"
            && let Some(task) = after.task
        {
            // Asked for again means asked for now.
            let told = self.expectations.entry(task).or_default();
            told.due = None;
            told.retries += 1;
        }
        if let (true, Some(task)) = (again, after.task) {
            self.expectations.entry(task).or_default().allowed_repeats += 1;
        }
    }

    /// What rests only moves when a person asks for it.
    fn check_terminal_state(&mut self, Write { worker, before, after, .. }: Write<'_>) {
        let Some(before) = before.filter(|before| before.is_terminal()) else { return };
        let asked = ["failed", "needs_attention"].contains(&before.status.as_str()) && after.status == "scheduled";
        if before.status != after.status && !asked {
            self.report(format!("{worker} turned task {:?} from {} to {}", after.task, before.status, after.status));
        }
    }

    /// A claim needs a task that waits and is due, or whose holder's time is over.
    fn check_claim(&mut self, Write { worker, clock, before, after, .. }: Write<'_>) {
        let Some(before) = before else { return };
        let now = clock.as_millisecond();
        if before.status == "processing" {
            let left = before.lease_until.unwrap_or_default() - now;
            if left > 0 {
                self.report(format!(
                    "{worker} took task {:?} over {left} ms before its holder's time was over",
                    after.task
                ));
            }
        } else if before.due_at.is_some_and(|due| due > now) {
            self.report(format!("{worker} claimed task {:?} before it was due", after.task));
        }
        if !before.is_terminal() && after.attempt <= before.attempt {
            self.report(format!("{worker} claimed task {:?} without a new attempt's number", after.task));
        }
    }

    /// No write of an attempt after the next one began: a request that names a lease must name the row's own.
    fn check_fencing(&mut self, Write { worker, request, before, after, .. }: Write<'_>) {
        let Some(before) = before else { return };
        let values = request["ExpressionAttributeValues"].as_object();
        let named = values.into_iter().flatten().filter_map(|(_, value)| value["S"].as_str());
        let stale =
            named.filter(|text| self.leases.contains(*text)).any(|lease| before.lease.as_deref() != Some(lease));
        if stale {
            self.report(format!("{worker} wrote to task {:?} for an attempt that is over", after.task));
        }
        let open = before.status == "processing" && after.status != "processing";
        let holder = self.holders.get(&after.key).map(|(holder, _)| holder.as_str());
        if open && holder.is_some_and(|holder| holder != worker) {
            self.report(format!("{worker} ended an attempt of task {:?} that {holder:?} holds", after.task));
        }
    }

    /// Checks a call to a provider at the moment it leaves.
    pub(crate) fn record_call(&mut self, call: Call<'_>, row: Option<&Row>) {
        let Call { worker, request_line: line, .. } = call;
        let owner = call.token.and_then(|token| self.tokens.get(token)).copied();
        if let Some(door) = owner.and_then(|owner| self.oracles.get(&(owner, call.tool.to_owned())))
            && door.violates_cooldown(worker, call.clock, call.at)
        {
            self.report(format!(
                "{worker} called although it had read that {} wants to be left alone: {line}",
                call.tool
            ));
        }
        let Some(task) = call.task else { return };
        let told = self.expectations.get(&task).cloned().unwrap_or_default();
        if let Some(owner) = call.token.and_then(|token| self.tokens.get(token))
            && *owner != told.person
        {
            self.report(format!("{worker} used the token of person {owner} for task {task}: {line}"));
        }
        if !call.creates {
            return;
        }
        if told.due.is_some_and(|due| call.clock < due) {
            self.report(format!("{worker} ran task {task} before its time: {line}"));
        }
        if !self.claimants.contains(&(task, worker.to_owned())) {
            self.report(format!("{worker} called without a journal row for task {task}: {line}"));
        }
        let held = row.and_then(|row| self.holders.get(&row.key)).is_some_and(|(holder, _)| holder == worker);
        if !held && !self.skewed {
            self.report(format!("{worker} called for task {task}, which another worker holds: {line}"));
        }
    }

    /// Notes that a lease may be trusted only within this.
    pub(crate) fn record_skew(&mut self, skew: SignedDuration) {
        self.skewed |= skew.abs() * 2 > TOLERATED_SKEW;
    }
}
