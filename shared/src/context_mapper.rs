//! `ContextMapper`: an agent's own keys for objects in an account, looked up in both directions.

use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::account::{AccountId, AccountName};
use crate::clock::{self, Clock};
use crate::deployment::{Deployment, Part};
use crate::error::{Checks, Error, Result};
use crate::ids::{AgentId, MappingId, UserId};
use crate::intent::UnboundIntent;
use crate::permissions::Caller;
use crate::tables::integrations::{ConnectionItems, ToolAccounts};
use crate::tables::mappings::{Change, Filter, Mapping, MappingItems, MappingScope, is_live};
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;
use crate::validate::{MAX_CONTEXT_KEY_BYTES, MAX_KEY_BYTES, MAX_METADATA_BYTES, check_size, check_text};

/// Maximum number of keys that a reverse look-up returns.
const MAX_KEYS: usize = 100;
const MAX_NAME_BYTES: usize = 512;
/// Maximum number of characters of a context key that an error repeats.
const MAX_QUOTED_CHARS: usize = 64;

/// Mappings of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ContextMapper {
    pub(crate) table: MappingItems,
    pub(crate) connections: ConnectionItems,
    pub(crate) clock: Clock,
}

/// A mapping in a request.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MappingRequest {
    agent_id: String,
    tool: String,
    /// The account of the external id: its id, label or address. Required if several are connected and none is the default.
    account: Option<String>,
    /// The agent's own key.
    context_key: String,
    /// The provider's id that the key stands for.
    external_id: String,
    /// A name for people.
    friendly_name: Option<String>,
    metadata: Option<Map<String, Value>>,
    /// The expiry of the mapping.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    expires_at: Option<Timestamp>,
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
    fn scope<'a>(&'a self, user: &'a UserId) -> MappingScope<'a> {
        MappingScope { user, agent: &self.agent, tool: self.tool }
    }
}

/// The mappings of the context keys that an intent references, in all accounts: key, path, mappings.
#[derive(Debug)]
pub struct ReferencedMappings(Vec<(String, String, Vec<Mapping>)>);

/// The mappings that a look-up means: those of an agent and an account of a tool.
#[derive(Clone, Copy, Debug)]
pub struct LookedUp<'a> {
    /// The agent.
    pub agent: &'a AgentId,
    /// The tool.
    pub tool: Tool,
    /// The text by which the request names the account.
    pub account: Option<&'a AccountName>,
}

/// Result of a reverse look-up.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MappingKeys {
    /// The oldest key that names the external id.
    pub context_key: String,
    /// At most 100 keys, oldest first.
    pub context_keys: Vec<String>,
}

impl Part for ContextMapper {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        Self {
            table: MappingItems::new(dynamodb.clone(), config.tables.mappings.clone()),
            connections: ConnectionItems::new(dynamodb.clone(), config.tables.integrations.clone()),
            clock: clock.clone(),
        }
    }
}

impl ContextMapper {
    /// Validates a mapping of a request.
    ///
    /// # Errors
    /// Those of [`MappingRequest::parse`].
    pub fn parse(&self, request: MappingRequest) -> Result<UnboundMapping> {
        request.parse(self.clock.now())
    }

    /// Returns the accounts to which a mapping of a tool can be bound.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a tool that the caller may not use.
    pub async fn accounts(&self, caller: &Caller, tool: Tool) -> Result<ToolAccounts> {
        caller.check(tool.as_str(), None, None)?;
        self.connections.load_accounts(&caller.user, tool).await
    }

    /// Returns the accounts of all tools.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn all_accounts(&self, user: &UserId) -> Result<Vec<ToolAccounts>> {
        self.connections.load_all_accounts(user).await
    }

    /// Adds a mapping; its key must not exist.
    ///
    /// # Errors
    /// [`Error::Conflict`], [`Error::Invalid`].
    pub async fn create(&self, user: &UserId, new: NewMapping) -> Result<MappingId> {
        let (id, mapping) = self.build_mapping(&new)?;
        self.table.insert(new.scope(user), &mapping).await?;
        Ok(id)
    }

    /// Adds a mapping or replaces the one with the same key.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn upsert(&self, user: &UserId, new: NewMapping) -> Result<MappingId> {
        let (id, mapping) = self.build_mapping(&new)?;
        self.table.upsert(new.scope(user), &mapping).await?;
        Ok(id)
    }

    /// Changes a mapping. The key cannot be changed.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`]; [`Error::Forbidden`] for a tool or an account that the caller may not use.
    pub async fn update(&self, caller: &Caller, id: &MappingId, change: Change) -> Result<()> {
        check_id(caller, id)?;
        let now = self.clock.now();
        if let Some(external_id) = &change.external_id {
            check_text("externalId", external_id, MAX_KEY_BYTES)?;
        }
        check_fields(change.friendly_name.as_deref(), change.metadata.as_ref(), change.expires_at, now)?;
        self.table.update(&caller.user, id, change, now).await
    }

    /// Deletes a mapping.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist or has expired; [`Error::Forbidden`] for a tool or an account that the caller may not
    /// use.
    pub async fn delete(&self, caller: &Caller, id: &MappingId) -> Result<()> {
        check_id(caller, id)?;
        self.table.delete(&caller.user, id, self.clock.now()).await
    }

    /// Returns a mapping.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist or has expired; [`Error::Forbidden`] for a tool or an account that the caller may not
    /// use.
    pub async fn get(&self, caller: &Caller, id: &MappingId) -> Result<Mapping> {
        check_id(caller, id)?;
        self.require_unexpired(self.table.get(&caller.user, id).await?)
    }

    /// Lists the mappings of an agent and tool that match `filter` and that the caller may see, by key.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad filter, limit or cursor; [`Error::Forbidden`] for a tool that the caller may not use.
    pub async fn list(
        &self,
        caller: &Caller,
        agent: &AgentId,
        tool: Tool,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<Mapping>> {
        caller.check(tool.as_str(), None, None)?;
        filter.prefix.as_deref().map_or(Ok(()), |text| check_text("prefix", text, MAX_CONTEXT_KEY_BYTES))?;
        filter.external_id.as_deref().map_or(Ok(()), |text| check_text("externalId", text, MAX_KEY_BYTES))?;
        self.table.list(caller, agent, tool, filter, page, self.clock.now()).await
    }

    /// Returns the external id that a key stands for in an account.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist or has expired; [`Error::NotConnected`], [`Error::AmbiguousAccount`],
    /// [`Error::UnknownAccount`]; [`Error::Forbidden`] for a tool or an account that the caller may not use.
    pub async fn external_id(
        &self,
        caller: &Caller,
        LookedUp { agent, tool, account }: LookedUp<'_>,
        context_key: &str,
    ) -> Result<String> {
        check_text("contextKey", context_key, MAX_CONTEXT_KEY_BYTES)?;
        caller.check(tool.as_str(), None, None)?;
        let scope = MappingScope { user: &caller.user, agent, tool };
        // Beside each other: which of the mappings is meant is known when both are there.
        let (accounts, mappings) = futures::join!(
            self.connections.load_accounts(scope.user, scope.tool),
            self.table.find_by_key(scope, context_key)
        );
        let account = select(caller, &accounts?, account)?;
        self.external_id_in(mappings?, &account).ok_or(Error::NotFound("Mapping"))
    }

    fn external_id_in(&self, mappings: Vec<Mapping>, account: &AccountId) -> Option<String> {
        let now = self.clock.now();
        let is_meant = |mapping: &Mapping| mapping.account == *account && is_live(mapping.expires_at, now);
        mappings.into_iter().find(is_meant).map(|mapping| mapping.external_id)
    }

    /// Reads the mappings of the context keys that an intent references, in all accounts. One query per key, all at once; none if
    /// the context references no key.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn load_references(&self, user: &UserId, intent: &UnboundIntent) -> Result<ReferencedMappings> {
        let scope = MappingScope { user, agent: &intent.agent, tool: intent.adapter.tool };
        let found = intent.references.iter().map(async |(key, path)| {
            Ok::<_, Error>((key.clone(), path.clone(), self.table.find_by_key(scope, key).await?))
        });
        try_join_all(found).await.map(ReferencedMappings)
    }

    /// Returns the external ids of referenced context keys in an account.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a key without a mapping, with its path.
    pub fn resolve(&self, references: ReferencedMappings, account: &AccountId) -> Result<BTreeMap<String, String>> {
        let (mut checks, mut ids) = (Checks::default(), BTreeMap::new());
        for (key, path, mappings) in references.0 {
            let reason = format!(
                "'{}' is not mapped for this agent and account; map it with POST /context-mappings, or give the id itself",
                key.chars().take(MAX_QUOTED_CHARS).collect::<String>()
            );
            let id = self.external_id_in(mappings, account).ok_or_else(|| Error::invalid(path, reason));
            ids.extend(checks.pass(id).map(|id| (key, id)));
        }
        checks.finish(|| Some(ids))
    }

    /// Returns the keys that stand for an external id in an account.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no key does, or all have expired; [`Error::NotConnected`], [`Error::AmbiguousAccount`],
    /// [`Error::UnknownAccount`]; [`Error::Forbidden`] for a tool or an account that the caller may not use.
    pub async fn context_keys(
        &self,
        caller: &Caller,
        LookedUp { agent, tool, account }: LookedUp<'_>,
        external_id: &str,
    ) -> Result<MappingKeys> {
        check_text("externalId", external_id, MAX_KEY_BYTES)?;
        caller.check(tool.as_str(), None, None)?;
        let scope = MappingScope { user: &caller.user, agent, tool };
        let (accounts, mappings) = futures::join!(
            self.connections.load_accounts(scope.user, scope.tool),
            self.table.find_by_external_id(scope, external_id, self.clock.now())
        );
        let account = select(caller, &accounts?, account)?;
        let mut mappings = mappings?;
        mappings.retain(|mapping| mapping.address().1 == account.as_str());
        mappings.sort_by(|a, b| (a.created_at, a.address()).cmp(&(b.created_at, b.address())));
        let context_keys: Vec<String> =
            mappings.iter().take(MAX_KEYS).map(|mapping| mapping.address().0.to_owned()).collect();
        let oldest = context_keys.first().cloned().ok_or(Error::NotFound("Mapping"))?;
        Ok(MappingKeys { context_key: oldest, context_keys })
    }

    /// Returns a mapping that exists and has not expired.
    fn require_unexpired(&self, found: Option<Mapping>) -> Result<Mapping> {
        let now = self.clock.now();
        found.filter(|mapping| is_live(mapping.expires_at, now)).ok_or(Error::NotFound("Mapping"))
    }

    fn build_mapping(&self, new: &NewMapping) -> Result<(MappingId, Mapping)> {
        let now = self.clock.now();
        check_keys(&new.context_key, &new.external_id)?;
        check_fields(new.friendly_name.as_deref(), Some(&new.metadata), new.expires_at, now)?;
        let id = MappingId {
            agent: new.agent.clone(),
            tool: new.tool.to_string(),
            account: new.account.clone(),
            context_key: new.context_key.clone(),
        };
        let mapping = Mapping {
            context_key: new.context_key.clone(),
            account: new.account.clone(),
            external_id: new.external_id.clone(),
            friendly_name: new.friendly_name.clone(),
            metadata: new.metadata.clone(),
            expires_at: new.expires_at,
            created_at: now,
            updated_at: now,
            ttl: new.expires_at.map(Timestamp::as_second),
        };
        Ok((id, mapping))
    }
}

/// Returns the account that a request means, if the caller may use it.
fn select(caller: &Caller, accounts: &ToolAccounts, named: Option<&AccountName>) -> Result<AccountId> {
    let selected = caller.permit_account(accounts.tool, accounts.select(named), |connection| &connection.account.id);
    Ok(selected?.account.id.clone())
}

/// Checks that the caller may use the tool and the account of a mapping, whether or not it exists.
fn check_id(caller: &Caller, id: &MappingId) -> Result<()> {
    caller.check(&id.tool, None, Some(&id.account))
}

fn check_keys(context_key: &str, external_id: &str) -> Result<()> {
    let mut checks = Checks::default();
    checks.pass(check_text("contextKey", context_key, MAX_CONTEXT_KEY_BYTES));
    checks.pass(check_text("externalId", external_id, MAX_KEY_BYTES));
    checks.finish(|| Some(()))
}

fn check_fields(
    friendly_name: Option<&str>,
    metadata: Option<&Map<String, Value>>,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    let mut checks = Checks::default();
    checks.pass(friendly_name.map_or(Ok(()), |name| check_text("friendlyName", name, MAX_NAME_BYTES)));
    checks.pass(metadata.map_or(Ok(()), |metadata| check_size("metadata", metadata, MAX_METADATA_BYTES)));
    if !is_live(expires_at, now) {
        let reason = "must be in the future, for example 2030-01-01T00:00:00Z";
        checks.pass::<()>(Err(Error::invalid("expiresAt", reason)));
    }
    checks.finish(|| Some(()))
}
