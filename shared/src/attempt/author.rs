//! The author of an attempt's effects: how the agents' own objects are known among those of others who act as the same app.

use futures::future::BoxFuture;
use jiff::Timestamp;
use std::collections::BTreeSet;

use super::{AttemptContext, Attempts};
use crate::account::AccountId;
use crate::adapters::PLACEHOLDER;
use crate::adapters::authorship::Authorship;
use crate::error::Result;
use crate::ids::UserId;
use crate::tables::integrations::ConnectionKey;
use crate::tables::tasks::CreatedItems;
use crate::tool::Tool;
use crate::vault::AuthorMarks;

/// The author of a connection's effects.
#[derive(Clone, Debug)]
pub(super) struct Author {
    marks: AuthorMarks,
    created: CreatedItems,
    user: UserId,
    tool: Tool,
    account: AccountId,
}

impl Attempts {
    pub(super) fn author_of(&self, attempt: AttemptContext<'_>) -> Author {
        Author {
            marks: AuthorMarks::new(self.cipher.clone(), attempt.connection_key()),
            created: self.created.clone(),
            user: attempt.user.clone(),
            tool: attempt.adapter.tool,
            account: attempt.account.clone(),
        }
    }
}

impl Author {
    /// Returns the key of the connection.
    pub(super) fn connection(&self) -> &str {
        self.marks.connection()
    }

    fn key(&self) -> ConnectionKey<'_> {
        ConnectionKey { user: &self.user, tool: self.tool, account: &self.account }
    }
}

impl Authorship for Author {
    fn mark<'a>(&'a self, effect_key: &'a str) -> BoxFuture<'a, Result<String>> {
        Box::pin(self.marks.mark(effect_key))
    }

    fn recognizes<'a>(&'a self, effect_key: &'a str, mark: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.marks.recognizes(effect_key, mark))
    }

    fn record<'a>(&'a self, external_id: &'a str, until: Timestamp) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            // An object of a dry run does not exist.
            if external_id.starts_with(PLACEHOLDER) {
                return;
            }
            if let Err(error) = self.created.add(self.key(), external_id, until).await {
                tracing::warn!(?error, "an object was created and not recorded; its agents cannot change it");
            }
        })
    }

    fn recorded<'a>(&'a self, external_ids: &'a [String]) -> BoxFuture<'a, Result<BTreeSet<String>>> {
        Box::pin(self.created.known(self.key(), external_ids))
    }
}
