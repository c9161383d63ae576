//! Negative controls: the engine's requests to the store are mutated in transit, as if the engine lacked a safeguard. The checker
//! must report a violation then. The product has no such switch.

use dynoxide::Database;
use serde_json::{Value, json};
use std::fmt;

use crate::accounts::{account_id, account_with_id, other_account};
use crate::oracle;
use crate::store;

/// The removed safeguard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// No mutation.
    #[default]
    None,
    /// A claim without its condition: every worker that finds a due task claims it.
    UnconditionalClaim,
    /// A finish without fencing: an attempt ends regardless of the lease holder.
    UnfencedFinish,
    /// A claim that is confirmed but not written.
    DroppedClaim,
    /// A takeover that looks like a first attempt.
    BlindRetry,
    /// A negative reconciliation is trusted without the grace period.
    NoReconcileGrace,
    /// A token refresh without its lease.
    UnleasedRefresh,
    /// A claim answers with the row of another account: the processor ignores what the task is bound to.
    OtherBinding,
    /// An accepted task is stored for another account than the answer names.
    MovedAtAcceptance,
    /// The guards of an account have the connection of another account of the user, with its tokens.
    OtherConnection,
    /// A connect makes its tasks due, also those that no longer wait.
    UnconditionalWake,
    /// An unknown outcome is stored as none.
    AssumedNone,
    /// A failure is stored as a success.
    AssumedSuccess,
    /// A prepared object is discarded in word only: it stays at the provider.
    NoDiscard,
    /// The time that a request has is checked before it connects, and not when it is written.
    EarlyFence,
    /// A claim among others takes suspects too, and counts a crash of each.
    CountedAtClaim,
    /// Writes with exactly this condition lose it.
    Without(String),
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("nothing"),
            Self::UnconditionalClaim => f.write_str("claim without its condition"),
            Self::UnfencedFinish => f.write_str("finish without its fence"),
            Self::DroppedClaim => f.write_str("finish without a journal"),
            Self::BlindRetry => f.write_str("retry without reconciliation"),
            Self::NoReconcileGrace => f.write_str("reconcile without the grace period"),
            Self::UnleasedRefresh => f.write_str("refresh without its lease"),
            Self::OtherBinding => f.write_str("attempt in another account"),
            Self::MovedAtAcceptance => f.write_str("acceptance for another account"),
            Self::OtherConnection => f.write_str("tokens of another account"),
            Self::UnconditionalWake => f.write_str("wake without its condition"),
            Self::AssumedNone => f.write_str("unknown outcome stored as none"),
            Self::AssumedSuccess => f.write_str("failure stored as success"),
            Self::NoDiscard => f.write_str("discard without effect"),
            Self::EarlyFence => f.write_str("fence before connecting only"),
            Self::CountedAtClaim => f.write_str("crash counted against all in flight"),
            Self::Without(condition) => write!(f, "without {condition}"),
        }
    }
}

impl Mutation {
    /// The controls with their own names.
    pub(crate) const NAMED: [Self; 14] = [
        Self::UnconditionalClaim,
        Self::UnfencedFinish,
        Self::DroppedClaim,
        Self::BlindRetry,
        Self::NoReconcileGrace,
        Self::UnleasedRefresh,
        Self::OtherBinding,
        Self::MovedAtAcceptance,
        Self::OtherConnection,
        Self::UnconditionalWake,
        Self::AssumedNone,
        Self::AssumedSuccess,
        Self::NoDiscard,
        Self::EarlyFence,
    ];

    /// The control with this displayed name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|control| control.to_string() == name)
    }

    /// The command line arguments that select this mutation.
    pub(crate) fn arguments(&self) -> Vec<String> {
        match self {
            Self::None => vec![],
            Self::Without(condition) => vec!["--without".to_owned(), condition.clone()],
            named => vec!["--control".to_owned(), named.to_string()],
        }
    }
}

fn text<'a>(request: &'a Value, name: &str) -> &'a str {
    request[name].as_str().unwrap_or_default()
}

/// True for a claim: it sets a new lease.
fn is_claim(request: &Value) -> bool {
    text(request, "UpdateExpression").contains("leaseId = ")
}

/// True for the write that makes a waiting task due.
fn is_wake(request: &Value) -> bool {
    let update = text(request, "UpdateExpression");
    update.contains("dueAt") && !update.contains("status")
}

/// Binds a task's item to another account of its user.
fn move_to_other_account(item: &mut Value) {
    let value = |name: &str| item[name]["S"].as_str().unwrap_or_default();
    let (tool, person) = (value("tool").to_owned(), oracle::person_of(value("pk")));
    if let (Some(person), Some(account)) = (person, account_with_id(&tool, value("account"))) {
        item["account"] = json!({ "S": account_id(&tool, other_account(person, account)) });
    }
}

/// True for a fenced write: its condition names the attempt's lease.
fn is_fenced(request: &Value) -> bool {
    text(request, "ConditionExpression").contains("leaseId = ") && !is_claim(request)
}

impl Mutation {
    /// Mutates a request to the tasks table.
    pub(crate) fn mutate(&self, request: &mut Value) {
        let stripped = match self {
            Self::NoReconcileGrace => {
                skip_reconcile_grace(request);
                false
            }
            Self::MovedAtAcceptance => {
                move_to_other_account(&mut request["Item"]);
                false
            }
            Self::AssumedNone => {
                replace_outcome(request);
                false
            }
            Self::CountedAtClaim => {
                admit_suspects(request);
                false
            }
            Self::AssumedSuccess => {
                if let Some(status) = request.pointer_mut("/ExpressionAttributeValues/:status/S")
                    && *status == "failed"
                {
                    *status = "completed".into();
                }
                false
            }
            Self::None
            | Self::NoDiscard
            | Self::EarlyFence
            | Self::DroppedClaim
            | Self::BlindRetry
            | Self::UnleasedRefresh
            | Self::OtherBinding
            | Self::OtherConnection => false,
            Self::UnconditionalWake => is_wake(request),
            Self::UnconditionalClaim => is_claim(request),
            Self::UnfencedFinish => is_fenced(request),
            Self::Without(condition) => text(request, "ConditionExpression") == condition,
        };
        if stripped {
            remove_condition(request);
        }
    }

    /// Mutates the guards that were read from the integrations table.
    pub(crate) fn mutate_guards(&self, database: &Database, answer: &mut Value) {
        let Some(tables) = answer["Responses"].as_object_mut().filter(|_| *self == Self::OtherConnection) else {
            return;
        };
        for (table, items) in tables {
            for item in items.as_array_mut().into_iter().flatten() {
                let (pk, sk) =
                    (item["pk"]["S"].as_str().unwrap_or_default(), item["sk"]["S"].as_str().unwrap_or_default());
                let Some(other) = other_connection(pk, sk) else { continue };
                let key = json!({ "pk": item["pk"], "sk": { "S": other } });
                let found = store::item(database, &json!({ "TableName": table, "Key": key }));
                if found.is_object() {
                    let sk = item["sk"].take();
                    *item = found;
                    item["sk"] = sk;
                }
            }
        }
    }

    /// Mutates a request to the integrations table.
    pub(crate) fn mutate_connection(&self, request: &mut Value) {
        if *self == Self::UnleasedRefresh && text(request, "UpdateExpression").contains("refreshLease = ") {
            remove_condition(request);
        }
    }

    /// True if a request is confirmed without being executed.
    pub(crate) fn drops_write(&self, request: &Value) -> bool {
        *self == Self::DroppedClaim && is_claim(request)
    }

    /// True if a provider's call is confirmed without being executed: it would discard a prepared object.
    pub(crate) fn drops_call(&self, line: &str, body: &Value) -> bool {
        let discards = line.starts_with("DELETE /gmail/gmail/v1/users/me/drafts/") || body["in_trash"] == true;
        *self == Self::NoDiscard && discards
    }

    /// Mutates the response to a request.
    pub(crate) fn mutate_response(&self, request: &Value, answer: &mut Value) {
        if *self == Self::OtherBinding && is_claim(request) && answer["Attributes"].is_object() {
            move_to_other_account(&mut answer["Attributes"]);
        }
        let mutated = *self == Self::BlindRetry && is_claim(request);
        if let (true, Some(from)) = (mutated, answer.pointer_mut("/Attributes/claimedFrom/S")) {
            *from = "retrying".into();
        }
    }
}

/// The sort key of another connection of the user.
fn other_connection(pk: &str, sk: &str) -> Option<String> {
    let (tool, id) = sk.strip_prefix("t#")?.split_once("#a#")?;
    let other = other_account(oracle::person_of(pk)?, account_with_id(tool, id)?);
    Some(format!("t#{tool}#a#{}", account_id(tool, other)))
}

/// The engine's grace period before a negative reconciliation is trusted.
const RECONCILE_GRACE_MS: i64 = 30_000;

/// Makes the next reconciliation due without the grace period.
fn skip_reconcile_grace(request: &mut Value) {
    let values = &mut request["ExpressionAttributeValues"];
    if !values.is_object() || values[":status"]["S"] != "unknown" {
        return;
    }
    let due = values[":dueAt"]["S"].as_str().unwrap_or_default().to_owned();
    let parts = due.split_once('#').and_then(|(at, ulid)| Some((at.parse::<i64>().ok()?, ulid)));
    if let Some((at, ulid)) = parts {
        values[":dueAt"]["S"] = format!("{:015}#{ulid}", at - RECONCILE_GRACE_MS).into();
    }
}

/// Makes a claim among others take suspects too, and count a crash.
fn admit_suspects(request: &mut Value) {
    if !is_claim(request) || !text(request, "UpdateExpression").contains(" ADD ") {
        return;
    }
    request["UpdateExpression"] = format!("{}, #crashes :attempt", text(request, "UpdateExpression")).into();
    request["ConditionExpression"] = "#dueAt < :if_dueAt AND (#status <> :status OR #leaseUntil < :updatedAt)".into();
    if let Some(values) = request["ExpressionAttributeValues"].as_object_mut() {
        values.retain(|name, _| !name.starts_with(":if_") || name == ":if_dueAt");
    }
}

/// Replaces the outcome of each error in a write.
fn replace_outcome(request: &mut Value) {
    let values = request["ExpressionAttributeValues"].as_object_mut();
    for (_, value) in values.into_iter().flatten() {
        if let Some(outcome) = value.pointer_mut("/M/outcome/S").filter(|outcome| **outcome == "unknown") {
            *outcome = "none".into();
        }
    }
}

/// Removes a request's condition, with the names and values used only there: DynamoDB refuses unused ones.
fn remove_condition(request: &mut Value) {
    let remaining = format!("{} {}", text(request, "UpdateExpression"), text(request, "KeyConditionExpression"));
    let used =
        |name: &str| remaining.split(|c: char| !c.is_alphanumeric() && !":#_".contains(c)).any(|word| word == name);
    let Some(fields) = request.as_object_mut() else { return };
    fields.remove("ConditionExpression");
    for list in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
        if let Some(entries) = fields.get_mut(list).and_then(Value::as_object_mut) {
            entries.retain(|name, _| used(name));
            if entries.is_empty() {
                fields.remove(list);
            }
        }
    }
}
