//! Negative controls: the engine's requests to the store are mutated in transit, as if the engine lacked a safeguard. The checker
//! must report a violation then. The product has no such switch.

use serde_json::Value;
use std::fmt;

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
            Self::Without(condition) => write!(f, "without {condition}"),
        }
    }
}

impl Mutation {
    /// The controls with their own names.
    pub(crate) const NAMED: [Self; 6] = [
        Self::UnconditionalClaim,
        Self::UnfencedFinish,
        Self::DroppedClaim,
        Self::BlindRetry,
        Self::NoReconcileGrace,
        Self::UnleasedRefresh,
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
            Self::None | Self::DroppedClaim | Self::BlindRetry | Self::UnleasedRefresh => false,
            Self::UnconditionalClaim => is_claim(request),
            Self::UnfencedFinish => is_fenced(request),
            Self::Without(condition) => text(request, "ConditionExpression") == condition,
        };
        if stripped {
            remove_condition(request);
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

    /// Mutates the response to a request.
    pub(crate) fn mutate_response(&self, request: &Value, answer: &mut Value) {
        let mutated = *self == Self::BlindRetry && is_claim(request);
        if let (true, Some(from)) = (mutated, answer.pointer_mut("/Attributes/claimedFrom/S")) {
            *from = "retrying".into();
        }
    }
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
