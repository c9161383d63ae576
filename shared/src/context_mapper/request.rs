//! Mappings of requests, from their fields to what is stored.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::account::{AccountId, AccountName};
use crate::clock;
use crate::error::{Checks, Error, Result};
use crate::ids::{AgentId, MappingId, UserId};
use crate::permissions::Caller;
use crate::tables::integrations::ToolAccounts;
use crate::tables::mappings::{MappingScope, is_live};
use crate::tool::Tool;
use crate::validate::{MAX_CONTEXT_KEY_BYTES, MAX_KEY_BYTES, MAX_METADATA_BYTES, check_name, check_size, check_text};

const MAX_NAME_BYTES: usize = 512;

/// A mapping in a request.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MappingRequest {
    /// The agent that owns the mapping.
    pub agent_id: String,
    /// The tool, for example `slack`.
    pub tool: String,
    /// The account of the external id: its id, label or address. Required if several are connected and none is the default.
    pub account: Option<String>,
    /// The agent's own key.
    pub context_key: String,
    /// The provider's id that the key stands for.
    pub external_id: String,
    /// A name for people.
    pub friendly_name: Option<String>,
    /// Fields of the caller's choice.
    pub metadata: Option<Map<String, Value>>,
    /// The expiry of the mapping.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    pub expires_at: Option<Timestamp>,
}

impl MappingRequest {
    /// Validates everything that needs no store.
    ///
    /// # Errors
    /// [`Error::UnknownTool`], [`Error::Invalid`], [`Error::TooLarge`].
    pub fn parse(self, now: Timestamp) -> Result<UnboundMapping> {
        let Self { agent_id, tool, account, context_key, external_id, friendly_name, metadata, expires_at } = self;
        let metadata = metadata.unwrap_or_default();
        let mut checks = Checks::default();
        let agent = checks.pass(AgentId::parse(&agent_id));
        let tool = checks.pass(Tool::parse(&tool).map_err(Error::from));
        let account = checks.pass(AccountName::parse_optional(account.as_deref()));
        checks.pass(check_keys(&context_key, &external_id));
        checks.pass(check_fields(friendly_name.as_deref(), Some(&metadata), expires_at, now));
        checks.finish(|| {
            let (agent, tool, account) = (agent?, tool?, account?);
            Some(UnboundMapping { agent, tool, account, context_key, external_id, friendly_name, metadata, expires_at })
        })
    }
}

/// A validated mapping of which the account is not known yet.
#[derive(Clone, Debug)]
pub struct UnboundMapping {
    /// The tool.
    pub tool: Tool,
    agent: AgentId,
    account: Option<AccountName>,
    context_key: String,
    external_id: String,
    friendly_name: Option<String>,
    metadata: Map<String, Value>,
    expires_at: Option<Timestamp>,
}

impl UnboundMapping {
    /// Binds the mapping to the account that it names, or to the only one.
    ///
    /// # Errors
    /// [`Error::NotConnected`], [`Error::AmbiguousAccount`], [`Error::UnknownAccount`]; [`Error::Forbidden`] for a tool or an account
    /// that the caller may not use.
    pub fn bind(self, caller: &Caller, accounts: &ToolAccounts) -> Result<NewMapping> {
        caller.check(self.tool.as_str(), None, None)?;
        let account = select(caller, accounts, self.account.as_ref())?;
        let Self { tool, agent, account: _, context_key, external_id, friendly_name, metadata, expires_at } = self;
        Ok(NewMapping { agent, tool, account, context_key, external_id, friendly_name, metadata, expires_at })
    }
}

/// A mapping to store: one of a request whose agent, tool and account are valid.
#[derive(Clone, Debug)]
pub struct NewMapping {
    /// The agent.
    pub agent: AgentId,
    /// The tool.
    pub tool: Tool,
    /// The account.
    pub account: AccountId,
    /// The agent's key.
    pub context_key: String,
    /// The provider's id.
    pub external_id: String,
    /// A name for people.
    pub friendly_name: Option<String>,
    /// Free-form data stored with it.
    pub metadata: Map<String, Value>,
    /// Expiry of the mapping.
    pub expires_at: Option<Timestamp>,
}

impl NewMapping {
    /// Returns the address that the mapping has when it is stored.
    pub fn id(&self) -> MappingId {
        MappingId {
            agent: self.agent.clone(),
            tool: self.tool.to_string(),
            account: self.account.clone(),
            context_key: self.context_key.clone(),
        }
    }

    pub(super) fn scope<'a>(&'a self, user: &'a UserId) -> MappingScope<'a> {
        MappingScope { user, agent: &self.agent, tool: self.tool }
    }
}

/// Returns the account that a request means, if the caller may use it.
pub(super) fn select(caller: &Caller, accounts: &ToolAccounts, named: Option<&AccountName>) -> Result<AccountId> {
    let selected = caller.permit_account(accounts.tool, accounts.select(named), |connection| &connection.account.id);
    Ok(selected?.account.id.clone())
}

pub(super) fn check_keys(context_key: &str, external_id: &str) -> Result<()> {
    let mut checks = Checks::default();
    checks.pass(check_name("contextKey", context_key, MAX_CONTEXT_KEY_BYTES));
    checks.pass(check_text("externalId", external_id, MAX_KEY_BYTES));
    checks.finish(|| Some(()))
}

pub(super) fn check_fields(
    friendly_name: Option<&str>,
    metadata: Option<&Map<String, Value>>,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    let mut checks = Checks::default();
    checks.pass(friendly_name.map_or(Ok(()), |name| check_text("friendlyName", name, MAX_NAME_BYTES)));
    checks.pass(metadata.map_or(Ok(()), |metadata| check_size("metadata", metadata, MAX_METADATA_BYTES)));
    if !is_live(expires_at, now) {
        let reason = format!("must be in the future, for example {}", clock::example_after(now));
        checks.pass::<()>(Err(Error::invalid("expiresAt", reason)));
    }
    checks.finish(|| Some(()))
}
