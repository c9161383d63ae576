//! The history of one run, and the rules for every single step.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::accounts::{ToolAccount, account_with_id};
use crate::actions::marked_task;
use crate::oracle::ToolOracle;

/// The checked attributes of a task's row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: (String, String),
    pub(crate) task: Option<usize>,
    pub(crate) tool: String,
    /// The id of the account that the task is bound to.
    pub(crate) account: Option<String>,
    pub(crate) status: String,
    pub(crate) attempt: i64,
    pub(crate) lease: Option<String>,
    pub(crate) lease_until: Option<i64>,
    pub(crate) due_at: Option<i64>,
    pub(crate) shard: Option<u8>,
    pub(crate) error: Option<String>,
    /// The outcome of the last error.
    pub(crate) outcome: Option<String>,
    pub(crate) external: Option<String>,
    pub(crate) updated_at: i64,
    /// The statuses of earlier attempts and occurrences, with the error's code.
    pub(crate) history: Vec<(String, Option<String>)>,
}

impl Row {
    /// Reads an item in DynamoDB's JSON; `None` if it is not a task.
    pub(crate) fn read(item: &Value) -> Option<Self> {
        let text = |name: &str| item[name]["S"].as_str().map(ToOwned::to_owned);
        let number = |name: &str| item[name]["N"].as_str().and_then(|number| number.parse().ok());
        Some(Self {
            key: (text("pk")?, text("sk")?),
            task: marked_task(&text("pk")?),
            tool: text("tool").unwrap_or_default(),
            account: text("account"),
            status: text("status")?,
            attempt: number("attempt").unwrap_or_default(),
            lease: text("leaseId"),
            lease_until: number("leaseUntil"),
            due_at: text("dueAt").and_then(|due| due.split('#').next()?.parse().ok()),
            shard: text("dueShard").and_then(|shard| shard.parse().ok()),
            error: item["lastError"]["M"]["code"]["S"].as_str().map(ToOwned::to_owned),
            outcome: item["lastError"]["M"]["outcome"]["S"].as_str().map(ToOwned::to_owned),
            external: text("externalId"),
            updated_at: number("updatedAt").unwrap_or_default(),
            history: item["history"]["L"].as_array().into_iter().flatten().filter_map(history_entry).collect(),
        })
    }

    /// True for a task that was accepted for later.
    pub(crate) fn is_scheduled(&self) -> bool {
        self.key.1.starts_with("S#")
    }

    /// True if the task has waited for its account.
    pub(crate) fn has_waited(&self) -> bool {
        self.history.iter().any(|(status, _)| status == "awaiting_connection")
    }

    /// True if the task is in a terminal state.
    pub(crate) fn is_terminal(&self) -> bool {
        ["completed", "failed", "cancelled", "needs_attention"].contains(&self.status.as_str())
    }
}

fn history_entry(entry: &Value) -> Option<(String, Option<String>)> {
    let text = |name: &str| entry["M"][name]["S"].as_str().map(ToOwned::to_owned);
    Some((text("status")?, text("code")))
}

/// One executed write to the tasks table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write<'a> {
    /// The worker that wrote.
    pub(crate) worker: &'a str,
    /// The time of the writer's clock.
    pub(crate) clock: Timestamp,
    /// The request as sent.
    pub(crate) request: &'a Value,
    /// The row before the write.
    pub(crate) before: Option<&'a Row>,
    /// The row after the write.
    pub(crate) after: &'a Row,
}

/// One call to a provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// The worker that calls.
    pub(crate) worker: &'a str,
    /// The time of the caller's clock.
    pub(crate) clock: Timestamp,
    /// Method and path, for example `POST /slack/api/chat.postMessage`.
    pub(crate) request_line: &'a str,
    /// The tool.
    pub(crate) tool: &'a str,
    /// The time since the start of the run.
    pub(crate) at: Duration,
    /// The access token.
    pub(crate) token: Option<&'a str>,
    /// True if the call is about the account itself, which no cooldown concerns.
    pub(crate) about_account: bool,
    /// True if the call creates something.
    pub(crate) creates: bool,
    /// The task of the call.
    pub(crate) task: Option<usize>,
}

/// Expectations on a task, from its plan and its confirmed requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expectation {
    /// The person the task belongs to.
    pub(crate) person: usize,
    /// The account that it is bound to, once it is known.
    pub(crate) account: Option<usize>,
    /// The planned time.
    pub(crate) due: Option<Timestamp>,
    /// The planned number of occurrences.
    pub(crate) occurrences: u32,
    /// True if the acceptance was confirmed.
    pub(crate) accepted: bool,
    /// True if the cancellation was confirmed.
    pub(crate) cancelled: bool,
    /// Retries requested while the outcome was unknown: each allows one more effect.
    pub(crate) allowed_repeats: usize,
    /// Retries requested in total.
    pub(crate) retries: usize,
}

/// The history so far.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Violated rules.
    pub(crate) violations: Vec<String>,
    /// Expectations by task.
    pub(crate) expectations: BTreeMap<usize, Expectation>,
    /// The user's account that each token belongs to.
    pub(crate) tokens: BTreeMap<String, ToolAccount>,
    /// The conditions of writes to the tasks table.
    pub(crate) conditions: BTreeSet<String>,
    /// True if a clock skew exceeds the engine's tolerance.
    pub(crate) skewed: bool,
    /// The accounts of which a grant ended: tool and account.
    pub(crate) ended_accounts: BTreeSet<(&'static str, usize)>,
    /// The tasks that were in flight in a process which a killer killed.
    pub(crate) crashed: BTreeSet<usize>,
    /// Calls that a provider refused because of its limit.
    pub(crate) rate_limited: usize,
    /// Observed writes of cooldowns.
    pub(crate) cooldowns: usize,
    /// The last worker that claimed each row, with its lease.
    holders: BTreeMap<(String, String), (String, String)>,
    /// All workers that claimed each task.
    claimants: BTreeSet<(usize, String)>,
    /// All leases of the run.
    leases: BTreeSet<String>,
    /// The oracle of each user's account.
    pub(crate) oracles: BTreeMap<ToolAccount, ToolOracle>,
}

/// Tolerated difference of two clocks.
const TOLERATED_SKEW: SignedDuration = SignedDuration::from_secs(10);

impl History {
    fn report(&mut self, rule: String) {
        self.violations.push(rule);
    }

    /// The last worker that claimed a row.
    pub(crate) fn holder(&self, row: &Row) -> Option<&str> {
        self.holders.get(&row.key).map(|(holder, _)| holder.as_str())
    }

    /// Records that a task belongs to an account. All that is ever seen of a task must name the same one. `None`: no account of the
    /// user.
    pub(crate) fn bind(&mut self, task: usize, account: Option<usize>, how: &str) {
        let bound = self.expectations.entry(task).or_default().account;
        match (bound, account) {
            (_, None) => self.report(format!("task {task} {how} an unknown account")),
            (None, Some(_)) => self.expectations.entry(task).or_default().account = account,
            (Some(bound), Some(account)) if bound != account => {
                self.report(format!("task {task} {how} account {account} and is bound to account {bound}"));
            }
            (Some(_), Some(_)) => {}
        }
    }

    /// Checks and records an executed write.
    pub(crate) fn record_write(&mut self, write: Write<'_>) {
        let Write { worker, after, before, .. } = write;
        self.check_terminal_state(write);
        self.check_due_time(write);
        if let (Some(task), Some(id)) = (after.task, &after.account) {
            self.bind(task, account_with_id(&after.tool, id), "is stored for");
        }
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
            // A requested retry is due at once.
            let expectation = self.expectations.entry(task).or_default();
            expectation.due = None;
            expectation.retries += 1;
        }
        if let (Some(task), "awaiting_connection") = (after.task, after.status.as_str()) {
            // It was claimed, so its time had come. A connect makes it due at once, by the clock of the process that handles it.
            self.expectations.entry(task).or_default().due = None;
        }
        if let (true, Some(task)) = (again, after.task) {
            self.expectations.entry(task).or_default().allowed_repeats += 1;
        }
    }

    /// Checks that only a requested retry leaves a terminal state.
    fn check_terminal_state(&mut self, Write { worker, before, after, .. }: Write<'_>) {
        let Some(before) = before.filter(|before| before.is_terminal()) else { return };
        let retried = ["failed", "needs_attention"].contains(&before.status.as_str()) && after.status == "scheduled";
        if before.status != after.status && !retried {
            self.report(format!("{worker} turned task {:?} from {} to {}", after.task, before.status, after.status));
        }
    }

    /// Checks that only a task that waits for its account has another time without another state, and that an ended one has none.
    fn check_due_time(&mut self, Write { worker, before, after, .. }: Write<'_>) {
        if after.is_terminal() && after.due_at.is_some() {
            self.report(format!("{worker} left task {:?} in the due index, which is {}", after.task, after.status));
        }
        let moved = before.is_some_and(|before| before.status == after.status && before.due_at != after.due_at);
        if moved && after.status != "awaiting_connection" {
            self.report(format!("{worker} moved the time of task {:?}, which is {}", after.task, after.status));
        }
    }

    /// Checks that a claimed task is waiting and due, or has an expired lease.
    fn check_claim(&mut self, Write { worker, clock, before, after, .. }: Write<'_>) {
        let Some(before) = before else { return };
        let now = clock.as_millisecond();
        if before.status == "processing" {
            let remaining = before.lease_until.unwrap_or_default() - now;
            if remaining > 0 {
                self.report(format!(
                    "{worker} took over task {:?} {remaining} ms before its lease expired",
                    after.task
                ));
            }
        } else if before.due_at.is_some_and(|due| due > now) {
            self.report(format!("{worker} claimed task {:?} before it was due", after.task));
        }
        // A takeover makes an attempt again under a new lease.
        let is_takeover = before.status == "processing";
        if !before.is_terminal() && !is_takeover && after.attempt <= before.attempt {
            self.report(format!("{worker} claimed task {:?} without a new attempt number", after.task));
        }
        if after.lease.as_ref().is_none_or(|lease| self.leases.contains(lease)) {
            self.report(format!("{worker} claimed task {:?} without a new lease", after.task));
        }
    }

    /// Checks fencing: a request that names a lease must name the row's current one, so no attempt writes after the next one
    /// started.
    fn check_fencing(&mut self, Write { worker, request, before, after, .. }: Write<'_>) {
        let Some(before) = before else { return };
        let values = request["ExpressionAttributeValues"].as_object();
        let named = values.into_iter().flatten().filter_map(|(_, value)| value["S"].as_str());
        let stale =
            named.filter(|text| self.leases.contains(*text)).any(|lease| before.lease.as_deref() != Some(lease));
        if stale {
            self.report(format!("{worker} wrote to task {:?} for a superseded attempt", after.task));
        }
        let open = before.status == "processing" && after.status != "processing";
        let holder = self.holders.get(&after.key).map(|(holder, _)| holder.as_str());
        if open && holder.is_some_and(|holder| holder != worker) {
            self.report(format!("{worker} ended an attempt of task {:?} that {holder:?} holds", after.task));
        }
    }

    /// Checks a call to a provider when it is sent.
    pub(crate) fn record_call(&mut self, call: Call<'_>, row: Option<&Row>) {
        let Call { worker, request_line: line, .. } = call;
        let owner = call.token.and_then(|token| self.tokens.get(token)).copied();
        if !call.about_account
            && let Some(door) = owner.and_then(|owner| self.oracles.get(&owner))
            && door.violates_cooldown(worker, line.rsplit('/').next().unwrap_or_default(), call.clock, call.at)
        {
            self.report(format!("{worker} called {} during a cooldown it had read: {line}", call.tool));
        }
        let Some(task) = call.task else { return };
        let expectation = self.expectations.get(&task).cloned().unwrap_or_default();
        if let Some(ToolAccount { person, account, .. }) = owner {
            if person != expectation.person {
                self.report(format!("{worker} used a token of person {person} for task {task}: {line}"));
            }
            self.bind(task, Some(account), "was called for with a token of");
        }
        if !call.creates {
            return;
        }
        if expectation.due.is_some_and(|due| call.clock < due) {
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

    /// Records the skew of a worker's clock.
    pub(crate) fn record_skew(&mut self, skew: SignedDuration) {
        self.skewed |= skew.abs() * 2 > TOLERATED_SKEW;
    }
}
