//! Negative controls: the engine's requests to the store are spoiled on their way, as if the engine had been written without
//! a safeguard. A checker that finds nothing then is blind. The product has no such switch.

use serde_json::Value;
use std::fmt;

/// What is spoiled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// Nothing.
    #[default]
    None,
    /// The old loop: whoever finds a due task claims it.
    UnconditionalClaim,
    /// An attempt ends whoever holds the lease.
    UnfencedFinish,
    /// The claim is answered as if it had been written.
    DroppedClaim,
    /// A takeover looks like a first try.
    BlindRetry,
    /// A lost answer is asked about at once, and what the provider says then is believed.
    NoReconcileGrace,
    /// Whoever wants new tokens gets them, whoever else is at it.
    UnleasedRefresh,
    /// Writes with exactly this condition have none.
    Without(String),
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("nothing"),
            Self::UnconditionalClaim => f.write_str("claim without its condition"),
            Self::UnfencedFinish => f.write_str("finish without its fence"),
            Self::DroppedClaim => f.write_str("finish without a journal"),
            Self::BlindRetry => f.write_str("retry without asking the provider"),
            Self::NoReconcileGrace => f.write_str("reconcile without a wait"),
            Self::UnleasedRefresh => f.write_str("refresh without its lease"),
            Self::Without(condition) => write!(f, "without {condition}"),
        }
    }
}

impl Mutation {
    /// The controls that have a name of their own.
    pub(crate) const NAMED: [Self; 6] = [
        Self::UnconditionalClaim,
        Self::UnfencedFinish,
        Self::DroppedClaim,
        Self::BlindRetry,
        Self::NoReconcileGrace,
        Self::UnleasedRefresh,
    ];

    /// The control that shows itself by this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|control| control.to_string() == name)
    }

    /// The arguments by which a process is told of it.
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

/// A claim gives the row a new lease.
fn is_claim(request: &Value) -> bool {
    text(request, "UpdateExpression").contains("leaseId = ")
}

/// A fenced write asks for the lease it was given.
fn is_fenced(request: &Value) -> bool {
    text(request, "ConditionExpression").contains("leaseId = ") && !is_claim(request)
}

impl Mutation {
    /// Spoils a request to the ledger's table.
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

    /// Spoils a request to the table of connections.
    pub(crate) fn mutate_connection(&self, request: &mut Value) {
        if *self == Self::UnleasedRefresh && text(request, "UpdateExpression").contains("refreshLease = ") {
            remove_condition(request);
        }
    }

    /// Whether a request is answered as if it had been carried out, and is not.
    pub(crate) fn drops_write(&self, request: &Value) -> bool {
        *self == Self::DroppedClaim && is_claim(request)
    }

    /// Spoils the answer to a request.
    pub(crate) fn mutate_response(&self, request: &Value, answer: &mut Value) {
        let spoilt = *self == Self::BlindRetry && is_claim(request);
        if let (true, Some(from)) = (spoilt, answer.pointer_mut("/Attributes/claimedFrom/S")) {
            *from = "retrying".into();
        }
    }
}

/// How long the engine waits before it believes that there is no effect.
const RECONCILE_GRACE_MS: i64 = 30_000;

/// Makes the next look at a lost answer due that much earlier.
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

/// Takes a request's condition away, with the names and values nothing else uses: DynamoDB refuses unused ones.
fn remove_condition(request: &mut Value) {
    let left = format!("{} {}", text(request, "UpdateExpression"), text(request, "KeyConditionExpression"));
    let used = |name: &str| left.split(|c: char| !c.is_alphanumeric() && !":#_".contains(c)).any(|word| word == name);
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
