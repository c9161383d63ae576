//! `ContextMapper`: an agent's own keys for objects of a provider, looked up in both directions.

mod references;

use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::clock::{self, Clock};
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::ids::{AgentId, MappingId, UserId};
use crate::tables::mappings::{Change, Filter, Mapping, MappingItems, MappingScope, is_live};
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;
use crate::validate::{MAX_KEY_BYTES, MAX_METADATA_BYTES, check_size, check_text};

/// Maximum number of context keys in one intent.
pub const MAX_REFERENCES: usize = 10;
/// Maximum number of keys that a reverse look-up returns.
const MAX_KEYS: usize = 100;
const MAX_NAME_BYTES: usize = 512;

/// Mappings of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ContextMapper {
    pub(crate) table: MappingItems,
    pub(crate) clock: Clock,
}

/// A mapping in a request.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MappingRequest {
    agent_id: String,
    tool: String,
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

impl TryFrom<MappingRequest> for NewMapping {
    type Error = Error;

    fn try_from(input: MappingRequest) -> Result<Self> {
        let MappingRequest { agent_id, tool, context_key, external_id, friendly_name, metadata, expires_at } = input;
        Ok(Self {
            agent: AgentId::parse(&agent_id)?,
            tool: Tool::parse(&tool)?,
            context_key,
            external_id,
            friendly_name,
            metadata: metadata.unwrap_or_default(),
            expires_at,
        })
    }
}

/// A mapping to store.
#[derive(Clone, Debug)]
pub struct NewMapping {
    /// The agent.
    pub agent: AgentId,
    /// The tool.
    pub tool: Tool,
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
        Self { table: MappingItems::new(dynamodb.clone(), config.tables.mappings.clone()), clock: clock.clone() }
    }
}

impl ContextMapper {
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
    /// [`Error::NotFound`], [`Error::Invalid`].
    pub async fn update(&self, user: &UserId, id: &MappingId, change: Change) -> Result<()> {
        let now = self.clock.now();
        if let Some(external_id) = &change.external_id {
            check_text("externalId", external_id, MAX_KEY_BYTES)?;
        }
        check_fields(change.friendly_name.as_deref(), change.metadata.as_ref(), change.expires_at, now)?;
        self.table.update(user, id, change, now).await
    }

    /// Deletes a mapping.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist or has expired.
    pub async fn delete(&self, user: &UserId, id: &MappingId) -> Result<()> {
        self.require_unexpired(self.table.delete(user, id).await?).map(drop)
    }

    /// Returns a mapping.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist or has expired.
    pub async fn get(&self, user: &UserId, id: &MappingId) -> Result<Mapping> {
        self.require_unexpired(self.table.get(user, id).await?)
    }

    /// Lists the mappings of an agent and tool that match `filter`, by key.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad filter, limit or cursor.
    pub async fn list(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<Mapping>> {
        for (field, text) in [("prefix", &filter.prefix), ("externalId", &filter.external_id)] {
            text.as_deref().map_or(Ok(()), |text| check_text(field, text, MAX_KEY_BYTES))?;
        }
        self.table.list(MappingScope { user, agent, tool }, filter, page, self.clock.now()).await
    }

    /// Returns the external id that a key stands for.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist or has expired.
    pub async fn external_id(&self, user: &UserId, agent: &AgentId, tool: Tool, context_key: &str) -> Result<String> {
        check_text("contextKey", context_key, MAX_KEY_BYTES)?;
        let id = MappingId { agent: agent.clone(), tool: tool.to_string(), context_key: context_key.to_owned() };
        Ok(self.get(user, &id).await?.external_id)
    }

    /// Replaces each `{"contextKey": "..."}` in a context with the external id that the key stands for. One read per key; none if the
    /// context names no key.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a key without a mapping, with its path, and for more than [`MAX_REFERENCES`] keys.
    pub async fn resolve(
        &self,
        user: &UserId,
        agent: &str,
        tool: &str,
        context: Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        let references = references::find(&context);
        if references.is_empty() {
            return Ok(context);
        }
        if references.len() > MAX_REFERENCES {
            return Err(Error::invalid("context", format!("must name at most {MAX_REFERENCES} context keys")));
        }
        let (agent, tool) = (AgentId::parse(agent)?, Tool::parse(tool)?);
        let resolved =
            references.into_iter().map(async |(key, path)| match self.external_id(user, &agent, tool, &key).await {
                Ok(external_id) => Ok((key, external_id)),
                Err(Error::NotFound(_)) => {
                    Err(Error::invalid(path, "names a context key that is not mapped for this agent and tool"))
                }
                Err(Error::Invalid { reason, .. }) => Err(Error::invalid(format!("{path}.contextKey"), reason)),
                Err(error) => Err(error),
            });
        let ids: BTreeMap<String, String> = try_join_all(resolved).await?.into_iter().collect();
        Ok(references::replace_all(context, &ids))
    }

    /// Returns the keys that stand for an external id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no key does, or all have expired.
    pub async fn context_keys(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
        external_id: &str,
    ) -> Result<MappingKeys> {
        check_text("externalId", external_id, MAX_KEY_BYTES)?;
        let scope = MappingScope { user, agent, tool };
        let mut mappings = self.table.find_by_external_id(scope, external_id, self.clock.now()).await?;
        mappings.sort_by(|a, b| (a.created_at, &a.context_key).cmp(&(b.created_at, &b.context_key)));
        let context_keys: Vec<String> =
            mappings.into_iter().take(MAX_KEYS).map(|mapping| mapping.context_key).collect();
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
        check_text("contextKey", &new.context_key, MAX_KEY_BYTES)?;
        check_text("externalId", &new.external_id, MAX_KEY_BYTES)?;
        check_fields(new.friendly_name.as_deref(), Some(&new.metadata), new.expires_at, now)?;
        let id =
            MappingId { agent: new.agent.clone(), tool: new.tool.to_string(), context_key: new.context_key.clone() };
        let mapping = Mapping {
            context_key: new.context_key.clone(),
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

fn check_fields(
    friendly_name: Option<&str>,
    metadata: Option<&Map<String, Value>>,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    if let Some(name) = friendly_name {
        check_text("friendlyName", name, MAX_NAME_BYTES)?;
    }
    if let Some(metadata) = metadata {
        check_size("metadata", metadata, MAX_METADATA_BYTES)?;
    }
    if !is_live(expires_at, now) {
        return Err(Error::invalid("expiresAt", "must be in the future, for example 2030-01-01T00:00:00Z"));
    }
    Ok(())
}
