//! The facts of an attempt that do not change, and the permission to call its provider.

use jiff::Timestamp;
use serde_json::Value;

use super::author::Author;
use crate::account::AccountId;
use crate::adapters::Adapter;
use crate::adapters::action::ActionDef;
use crate::circuit_breaker::BreakerPermit;
use crate::cooldown::AccountLimits;
use crate::http::ActionSlots;
use crate::ids::{AgentId, UserId};
use crate::integrations::Access;
use crate::intent::Intent;
use crate::pace::Tickets;
use crate::tables::integrations::{BreakerKey, ConnectionKey};

/// The action of an attempt, its owner and its deadline.
#[derive(Clone, Copy, Debug)]
pub(super) struct AttemptContext<'a> {
    pub(super) user: &'a UserId,
    pub(super) agent: &'a AgentId,
    pub(super) adapter: &'static Adapter,
    pub(super) action: &'static ActionDef,
    pub(super) account: &'a AccountId,
    /// The action's input.
    pub(super) context: &'a Value,
    /// The tickets of a task's earlier attempts; absent for an immediate intent.
    pub(super) tickets: Option<&'a Tickets>,
    pub(super) files: SentFiles,
    /// The memory of long responses, until the attempt is recorded.
    pub(super) slots: &'a ActionSlots,
    pub(super) started_at: Timestamp,
    /// The function is killed at this instant.
    pub(super) deadline: Timestamp,
}

/// The files that an attempt sends.
#[derive(Clone, Copy, Debug)]
pub(super) struct SentFiles {
    /// The number of all their bytes.
    pub(super) bytes: u64,
    /// True if its task has copies of them.
    pub(super) are_copied: bool,
}

/// The permission to call a provider now.
#[derive(Clone, Debug)]
pub(super) struct CallPermit {
    pub(super) access: Access,
    /// The rate limits of the account.
    pub(super) limits: AccountLimits,
    pub(super) breaker_permit: BreakerPermit,
    pub(super) author: Author,
}

impl<'a> AttemptContext<'a> {
    pub(super) fn for_intent(
        user: &'a UserId,
        intent: &'a Intent,
        slots: &'a ActionSlots,
        started_at: Timestamp,
        deadline: Timestamp,
    ) -> Self {
        let Intent { agent, adapter, action, account, context, files, .. } = intent;
        let files = SentFiles { bytes: files.iter().map(|file| file.size).sum(), are_copied: false };
        Self { user, agent, adapter, action, account, context, tickets: None, files, slots, started_at, deadline }
    }

    pub(super) fn breaker_key(self) -> BreakerKey<'a> {
        BreakerKey { user: self.user, agent: self.agent, tool: self.adapter.tool, account: self.account }
    }

    pub(super) fn connection_key(self) -> ConnectionKey<'a> {
        ConnectionKey { user: self.user, tool: self.adapter.tool, account: self.account }
    }
}
