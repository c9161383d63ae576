//! The failure policies of a user: `tool#*` for a tool, `tool#<agent>` for one agent's use of it. A row has a fallback message, a
//! retry policy, or both.

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::expression::eq;
use super::table::{Key, Table};
use super::update::Update;
use super::{Page, PageRequest, attribute, from_item, permitted, query_page, text};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, UserId};
use crate::keys::encode;
use crate::permissions::Caller;
use crate::retry::RetryPolicy;
use crate::tool::Tool;

/// The end of the sort key of a tool's row. An encoded agent id has no `*`.
const ALL_AGENTS_SUFFIX: &str = "#*";

/// One row: a fallback message, a retry policy, or both.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fallback {
    #[serde(rename = "sk")]
    sort: String,
    /// The fallback message, which an agent may show its user.
    pub message: Option<String>,
    /// The retry policy of tasks.
    pub retry: Option<RetryPolicy>,
    /// The time of the latest change.
    pub updated_at: Timestamp,
    /// The user who made it.
    pub updated_by: String,
}

impl Fallback {
    /// Returns the tool's name.
    pub fn tool(&self) -> &str {
        self.sort.split('#').next().unwrap_or_default()
    }

    /// Returns the agent; `None` for the row of all agents.
    pub fn agent(&self) -> Option<AgentId> {
        if self.sort.ends_with(ALL_AGENTS_SUFFIX) { None } else { AgentId::from_stored_key(&self.sort) }
    }
}

/// A change of a row; an absent member is not changed.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The new message.
    pub message: Option<String>,
    /// The new retry policy.
    pub retry: Option<RetryPolicy>,
}

/// The fallbacks table.
#[derive(Clone, Debug)]
pub struct FallbackItems(Table);

fn key(user: &UserId, tool: Tool, agent: Option<&AgentId>) -> Key {
    Key::new(encode(user.as_str()), sort_key(tool, agent))
}

fn sort_key(tool: Tool, agent: Option<&AgentId>) -> String {
    match agent {
        Some(agent) => format!("{tool}#{}", encode(agent.as_str())),
        None => format!("{tool}{ALL_AGENTS_SUFFIX}"),
    }
}

impl FallbackItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Sets a message, a policy, or both.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn set(
        &self,
        user: &UserId,
        tool: Tool,
        agent: Option<&AgentId>,
        change: Change,
        now: Timestamp,
    ) -> Result<()> {
        let mut update = Update::new().set("updatedAt", text(now.to_string())).set("updatedBy", text(user.as_str()));
        // A filter cannot name the key, which has the tool as well.
        update = update.set("tool", text(tool.as_str()));
        if let Some(message) = change.message {
            update = update.set("message", text(message));
        }
        if let Some(retry) = change.retry {
            update = update.set("retry", attribute(retry)?);
        }
        self.0.update(key(user, tool, agent), update).send().await.map(|_| ()).map_err(aws::failure)
    }

    /// Deletes a row.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn delete(&self, user: &UserId, tool: Tool, agent: Option<&AgentId>) -> Result<()> {
        let deleted = self.0.delete_once(key(user, tool, agent), None).await?;
        if deleted.is_applied() { Ok(()) } else { Err(Error::NotFound("Fallback")) }
    }

    /// Returns the rows that apply to an agent's use of a tool, its own before the tool's, in one request, strongly consistently: a
    /// policy applies from its change on.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn find(&self, user: &UserId, tool: Tool, agent: Option<&AgentId>) -> Result<Vec<Fallback>> {
        let mut keys = vec![key(user, tool, None)];
        keys.extend(agent.map(|agent| key(user, tool, Some(agent))));
        let items = self.0.batch_get(keys).await?;
        let mut rows: Vec<Fallback> = items.into_iter().map(from_item).collect::<Result<_>>()?;
        rows.sort_by_key(|row| row.sort.ends_with(ALL_AGENTS_SUFFIX));
        Ok(rows)
    }

    /// Returns the rows of a user that the caller may see, by tool.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, caller: &Caller, page: &PageRequest) -> Result<Page<Fallback>> {
        let owner = encode(caller.user.as_str());
        query_page(self.0.query(eq("pk", text(&owner)), permitted::tools(caller)), &owner, page).await
    }
}
