//! `ContextMapper`: an agent's own keys for objects in an account, looked up in both directions.

mod request;

pub use request::{MappingRequest, NewMapping, UnboundMapping};

use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::account::{AccountId, AccountName};
use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::error::{Checks, Error, Result};
use crate::ids::{AgentId, MappingId, UserId};
use crate::intent::UnboundIntent;
use crate::permissions::Caller;
use crate::tables::integrations::{ConnectionItems, ToolAccounts};
use crate::tables::mappings::{Change, Filter, Mapping, MappingItems, MappingScope, is_live};
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;
use crate::validate::{MAX_CONTEXT_KEY_BYTES, MAX_KEY_BYTES, check_name, check_text};
use request::{check_fields, check_keys, select};

/// Maximum number of characters of a context key that an error repeats.
const MAX_QUOTED_CHARS: usize = 64;

/// Mappings of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ContextMapper {
    pub(crate) table: MappingItems,
    pub(crate) connections: ConnectionItems,
    pub(crate) clock: Clock,
    /// Mappings of an agent and tool.
    pub(crate) max_mappings: usize,
}

/// The mappings of the context keys that an intent references, in all accounts: key, path, mappings.
#[derive(Debug)]
pub struct ReferencedMappings(Vec<(String, String, Vec<Mapping>)>);

/// The mappings that a look-up means: those of an agent and an account of a tool.
#[derive(Clone, Copy, Debug)]
pub struct AgentMappings<'a> {
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
    /// The oldest of `contextKeys`; `null` if this page has none.
    #[schema(required)]
    pub context_key: Option<String>,
    /// The keys of this page that name the external id, at most 100, oldest first.
    pub context_keys: Vec<String>,
    /// The cursor of the next page; `null` on the last page.
    #[schema(required)]
    pub cursor: Option<String>,
}

impl Part for ContextMapper {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        Self {
            table: MappingItems::new(dynamodb.clone(), config.tables.mappings.clone()),
            connections: ConnectionItems::new(dynamodb.clone(), config.tables.integrations.clone()),
            clock: clock.clone(),
            max_mappings: config.mappings_per_agent_and_tool,
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

    /// Returns the account that the filter of a list names: one that was connected before counts too, because its mappings are there.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`], [`Error::NotFound`]; [`Error::Forbidden`] for a tool or an account that the caller may not use.
    pub async fn known_account(&self, caller: &Caller, tool: Tool, named: &AccountName) -> Result<AccountId> {
        let known = self.accounts(caller, tool).await?.select_known(named);
        Ok(caller.permit_account(tool, known, |account| &account.id)?.id)
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
    /// [`Error::Conflict`], [`Error::Invalid`]; [`Error::CapReached`] for an agent and tool with as many as allowed.
    pub async fn create(&self, user: &UserId, new: NewMapping) -> Result<MappingId> {
        let (id, mapping) = self.build_mapping(&new)?;
        if self.take_places(new.scope(user), 1).await? == 0 {
            return Err(self.cap_reached());
        }
        self.table.insert(new.scope(user), &mapping).await?;
        Ok(id)
    }

    /// Adds a mapping or replaces the one with the same key.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::CapReached`] for a new one of an agent and tool with as many as allowed.
    pub async fn upsert(&self, user: &UserId, new: NewMapping) -> Result<MappingId> {
        let (id, mapping) = self.build_mapping(&new)?;
        // A replaced mapping takes no place: an agent can save under one key as often as it likes.
        if self.table.replace(new.scope(user), &mapping).await? {
            return Ok(id);
        }
        if self.take_places(new.scope(user), 1).await? == 0 {
            return Err(self.cap_reached());
        }
        self.table.upsert(new.scope(user), &mapping).await.map(|()| id)
    }

    /// Takes the places of several mappings, with one write for each agent and tool, and returns which of them have one.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn reserve(&self, user: &UserId, new: &[&NewMapping]) -> Result<Vec<bool>> {
        let mut wanted: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (index, mapping) in new.iter().enumerate() {
            wanted.entry((mapping.agent.as_str(), mapping.tool.as_str())).or_default().push(index);
        }
        let taken = wanted.values().map(async |of_scope| {
            let taken = self.take_places(new[of_scope[0]].scope(user), of_scope.len()).await?;
            Ok::<_, Error>(of_scope.iter().copied().take(taken))
        });
        let mut have_place = vec![false; new.len()];
        try_join_all(taken).await?.into_iter().flatten().for_each(|index| have_place[index] = true);
        Ok(have_place)
    }

    /// Stores a mapping of [`ContextMapper::reserve`]. One without a place can only replace the one with the same key.
    ///
    /// # Errors
    /// Those of [`ContextMapper::upsert`].
    pub async fn store(&self, user: &UserId, new: NewMapping, has_place: bool) -> Result<MappingId> {
        let (id, mapping) = self.build_mapping(&new)?;
        let is_stored = match has_place {
            true => self.table.upsert(new.scope(user), &mapping).await.map(|()| true)?,
            false => self.table.replace(new.scope(user), &mapping).await?,
        };
        if is_stored { Ok(id) } else { Err(self.cap_reached()) }
    }

    async fn take_places(&self, scope: MappingScope<'_>, wanted: usize) -> Result<usize> {
        self.table.take_places(scope, wanted, self.max_mappings, self.clock.now()).await
    }

    fn cap_reached(&self) -> Error {
        Error::CapReached { things: "context mappings of an agent and tool", max: self.max_mappings }
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
        filter.prefix.as_deref().map_or(Ok(()), |text| check_name("prefix", text, MAX_CONTEXT_KEY_BYTES))?;
        filter.external_id.as_deref().map_or(Ok(()), |text| check_text("externalId", text, MAX_KEY_BYTES))?;
        let scope = MappingScope { user: &caller.user, agent, tool };
        self.table.list(caller, scope, filter, page, self.clock.now()).await
    }

    /// Returns the external id that a key stands for in an account.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist or has expired; [`Error::NotConnected`], [`Error::AmbiguousAccount`],
    /// [`Error::UnknownAccount`]; [`Error::Forbidden`] for a tool or an account that the caller may not use.
    pub async fn external_id(
        &self,
        caller: &Caller,
        AgentMappings { agent, tool, account }: AgentMappings<'_>,
        context_key: &str,
    ) -> Result<String> {
        check_name("contextKey", context_key, MAX_CONTEXT_KEY_BYTES)?;
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

    /// Returns a page of the keys that stand for an external id in an account. It can be empty, where many have expired.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no key does, or all have expired; [`Error::NotConnected`], [`Error::AmbiguousAccount`],
    /// [`Error::UnknownAccount`]; [`Error::Forbidden`] for a tool or an account that the caller may not use.
    pub async fn context_keys(
        &self,
        caller: &Caller,
        AgentMappings { agent, tool, account }: AgentMappings<'_>,
        external_id: &str,
        page: PageRequest,
    ) -> Result<MappingKeys> {
        check_text("externalId", external_id, MAX_KEY_BYTES)?;
        caller.check(tool.as_str(), None, None)?;
        let scope = MappingScope { user: &caller.user, agent, tool };
        let (accounts, mappings) = futures::join!(
            self.connections.load_accounts(scope.user, scope.tool),
            self.table.find_by_external_id(scope, external_id, &page, self.clock.now())
        );
        let account = select(caller, &accounts?, account)?;
        let Page { items: mut mappings, cursor } = mappings?;
        mappings.retain(|mapping| mapping.address().1 == account.as_str());
        mappings.sort_by(|a, b| (a.created_at, a.address()).cmp(&(b.created_at, b.address())));
        let context_keys: Vec<String> = mappings.iter().map(|mapping| mapping.address().0.to_owned()).collect();
        if context_keys.is_empty() && cursor.is_none() && page.cursor.is_none() {
            return Err(Error::NotFound("Mapping"));
        }
        Ok(MappingKeys { context_key: context_keys.first().cloned(), context_keys, cursor })
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
        Ok((new.id(), mapping))
    }
}

/// Checks that the caller may use the tool and the account of a mapping, whether or not it exists.
fn check_id(caller: &Caller, id: &MappingId) -> Result<()> {
    caller.check(&id.tool, None, Some(&id.account))
}
