//! The ledger: the effects of all clients, in order.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One change that a client made at a provider. Tests compare the product's claims with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Position in the ledger: from 1, without gaps.
    pub seq: u64,
    /// `gmail`, `slack`, `notion`, `asana`, `google` (Google's tokens) or `events` (EventBridge entries).
    pub provider: String,
    /// Kind of the change, for example `message_sent` or `task_created`; for `events` the entry's detail type.
    pub kind: String,
    /// The provider's id of the changed object: message, draft, `ts`, page, task or grant. Never a token.
    pub id: String,
    /// The account of the change: mailbox address, Slack team id, Notion or Asana workspace id, or the event bus.
    pub account: String,
    /// The owner of the token that made the change: the e-mail address of the person who gave the grant; empty for `events`.
    /// For a Slack bot it is the person whose consent issued this token, and `account` is the token's team.
    pub by: String,
    /// Time by the sandbox's clock, RFC 3339.
    pub at: String,
    /// The request: a mail's parsed fields, otherwise the request's JSON. Contains no tokens.
    pub request: Value,
}

/// The effects recorded so far.
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
