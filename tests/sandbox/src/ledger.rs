//! What clients did to the world, in order.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing a client changed at a provider: the truth a test compares the product's claims with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Position in the ledger, from 1, without gaps.
    pub seq: u64,
    /// `gmail`, `slack`, `notion`, `asana`, `google` (Google's tokens) or `events` (EventBridge entries).
    pub provider: String,
    /// What happened, for instance `message_sent` or `task_created`; for `events` the entry's detail type.
    pub kind: String,
    /// The provider's id of the thing: message, draft, `ts`, page, task or grant. Never a token.
    pub id: String,
    /// The account acted on: mailbox address, Slack team id, Notion or Asana workspace id, or the event bus.
    pub account: String,
    /// When, by the sandbox's clock, RFC 3339.
    pub at: String,
    /// What was asked. For a mail its parsed fields, for the rest the request's JSON. Holds no tokens.
    pub request: Value,
}

/// The effects so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    effects: Vec<Effect>,
}

impl Ledger {
    pub(crate) fn append(&mut self, effect: Effect) {
        let seq = self.effects.len() as u64 + 1;
        self.effects.push(Effect { seq, ..effect });
    }

    pub(crate) fn effects(&self) -> &[Effect] {
        &self.effects
    }
}
