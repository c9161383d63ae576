//! The key by which a repeated call is known.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::ids::AgentId;
use crate::permissions::Caller;
use crate::tables::tasks::{IDEMPOTENCY_KEY_RETENTION, IdempotencyKey};

/// The lifetime of a call's id that names no conversation. Some frameworks number the calls of each answer from 0, so that the same id
/// and the same arguments soon mean another call; a repetition after a lost answer comes within minutes.
const LIFETIME_ALONE: SignedDuration = SignedDuration::from_mins(10);

/// The key of a call.
#[derive(Clone, Debug, Default)]
pub enum CallKey {
    /// A repeated call is a new one.
    #[default]
    None,
    /// The key of the request.
    Given(IdempotencyKey),
    /// The id that a model's provider gave to the call.
    Call {
        /// The id.
        id: String,
        /// The conversation in which it is unique.
        conversation: Option<String>,
    },
}

impl CallKey {
    /// Returns the key of a call of these arguments. The order of their names does not matter.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::error::Error::Invalid).
    pub(super) fn of_call(
        self,
        caller: &Caller,
        agent: &AgentId,
        name: &str,
        account: Option<&str>,
        arguments: &Map<String, Value>,
    ) -> Result<Option<IdempotencyKey>> {
        let (id, conversation) = match self {
            Self::None => return Ok(None),
            Self::Given(key) => return Ok(Some(key)),
            Self::Call { id, conversation } => (id, conversation),
        };
        // The names of an object are in order.
        let content = json!([name, account, canonical(arguments)]).to_string();
        let key = match &conversation {
            Some(conversation) => {
                let name = ["call", agent.as_str(), conversation, &id];
                IdempotencyKey::of_content(&name, &content, IDEMPOTENCY_KEY_RETENTION)
            }
            None => IdempotencyKey::of_content(&["call", agent.as_str(), &id], &content, LIFETIME_ALONE),
        };
        Ok(Some(key.of_creator(caller.creator().as_ref())))
    }
}

/// Returns arguments in one form: without what counts as absent, and with one form of each number. JavaScript writes 3.0 as 3.
fn canonical(arguments: &Map<String, Value>) -> Value {
    let is_given = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    let given = arguments.iter().filter(|(_, value)| is_given(value));
    given.map(|(name, value)| (name.clone(), canonical_value(value))).collect()
}

fn canonical_value(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15) {
            Some(whole) => format!("{whole:.0}").into(),
            None => number.to_string().into(),
        },
        Value::Bool(flag) => flag.to_string().into(),
        Value::Array(items) => items.iter().map(canonical_value).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), canonical_value(value))).collect(),
        Value::Null | Value::String(_) => value.clone(),
    }
}
