//! Context mappings: `user#agent#tool` / `contextKey`, and a local index on `externalId`, so that both directions are
//! strongly consistent and one call.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{ReturnValue, Select};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Page, PageRequest, condition_met, from_item, json_text, number, text, to_item};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, MappingId, UserId, composite_key};
use crate::tool::Tool;

/// Keys of one external id after which no further page is read.
const REVERSE_LOOKUP_KEYS: usize = 100;

/// One mapping from an agent's own key to an id of the outside service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mapping {
    /// The agent's key; also the sort key.
    pub context_key: String,
    /// The outside service's id.
    pub external_id: String,
    /// A name for people.
    pub friendly_name: Option<String>,
    /// Whatever the agent wants to keep with it.
    #[serde(with = "json_text")]
    pub metadata: Map<String, Value>,
    /// When it stops to count.
    pub expires_at: Option<Timestamp>,
    /// When it was first made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When DynamoDB may delete it, epoch seconds.
    pub ttl: Option<i64>,
}

/// What a change sets; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The new external id.
    pub external_id: Option<String>,
    /// The new name.
    pub friendly_name: Option<String>,
    /// The new metadata.
    pub metadata: Option<Map<String, Value>>,
    /// The new expiry.
    pub expires_at: Option<Timestamp>,
}

/// What the reverse look-up reads from the index.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MappedKey {
    /// The agent's key.
    #[serde(rename = "sk")]
    pub context_key: String,
    /// When it stops to count.
    pub expires_at: Option<Timestamp>,
    /// When it was first made.
    pub created_at: Timestamp,
}

/// Which mappings of a list; all without any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those whose key begins so. The list reads no others.
    pub prefix: Option<String>,
    /// Those of this external id. The list reads the others too, so a page may hold fewer than its limit.
    pub external_id: Option<String>,
}

/// Whether a mapping still counts. By whole seconds, as its row's `ttl`: a read and a write must not disagree.
pub fn is_live(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_none_or(|at| at.as_second() > now.as_second())
}

/// Where mappings are kept.
#[derive(Clone, Debug)]
pub struct MappingItems {
    client: Client,
    table: String,
}

fn partition(user: &UserId, agent: &AgentId, tool: &str) -> String {
    composite_key(&[user.as_str(), agent.as_str(), tool])
}

impl MappingItems {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Adds a mapping whose key is free: none has it, or the one that had it has expired.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the key is taken.
    pub async fn insert(&self, user: &UserId, agent: &AgentId, tool: Tool, mapping: &Mapping) -> Result<()> {
        let added = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(partition(user, agent, tool.as_str()), mapping.context_key.clone(), mapping)?))
            .condition_expression("attribute_not_exists(pk) OR #ttl <= :now")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", number(mapping.created_at.as_second()))
            .send()
            .await;
        let taken = || format!("contextKey '{}' is already mapped for this agent and tool", mapping.context_key);
        condition_met(added)?.map(|_| ()).ok_or_else(|| Error::Conflict(taken()))
    }

    /// Adds a mapping or replaces the one with the same key.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn upsert(&self, user: &UserId, agent: &AgentId, tool: Tool, mapping: &Mapping) -> Result<()> {
        let item = to_item(partition(user, agent, tool.as_str()), mapping.context_key.clone(), mapping)?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map_err(aws::failure)?;
        Ok(())
    }

    /// Changes a mapping that exists and has not expired.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn update(&self, user: &UserId, id: &MappingId, change: Change, now: Timestamp) -> Result<()> {
        let mut sets = vec!["updatedAt = :updatedAt"];
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(partition(user, &id.agent, &id.tool)))
            .key("sk", text(&id.context_key))
            .condition_expression("attribute_exists(pk) AND (attribute_not_exists(#ttl) OR #ttl > :now)")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", number(now.as_second()))
            .expression_attribute_values(":updatedAt", text(now.to_string()));
        if let Some(external_id) = change.external_id {
            sets.push("externalId = :externalId");
            update = update.expression_attribute_values(":externalId", text(external_id));
        }
        if let Some(name) = change.friendly_name {
            sets.push("friendlyName = :friendlyName");
            update = update.expression_attribute_values(":friendlyName", text(name));
        }
        if let Some(metadata) = change.metadata {
            sets.push("metadata = :metadata");
            let metadata = text(Value::Object(metadata).to_string());
            update = update.expression_attribute_values(":metadata", metadata);
        }
        if let Some(expires_at) = change.expires_at {
            sets.push("expiresAt = :expiresAt, #ttl = :ttl");
            update = update
                .expression_attribute_values(":expiresAt", text(expires_at.to_string()))
                .expression_attribute_values(":ttl", number(expires_at.as_second()));
        }
        let update = update.update_expression(format!("SET {}", sets.join(", ")));
        condition_met(update.send().await)?.map(|_| ()).ok_or(Error::NotFound("Mapping"))
    }

    /// Deletes a mapping, expired or not; what it was, if there was one.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn delete(&self, user: &UserId, id: &MappingId) -> Result<Option<Mapping>> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(partition(user, &id.agent, &id.tool)))
            .key("sk", text(&id.context_key))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(aws::failure)?;
        deleted.attributes.map(from_item).transpose()
    }

    /// The mappings of an agent and tool, by key.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
        Filter { prefix, external_id }: &Filter,
        (page, now): (&PageRequest, Timestamp),
    ) -> Result<Page<Mapping>> {
        let owner = partition(user, agent, tool.as_str());
        let (mut keys, mut filter) = ("pk = :pk", "(attribute_not_exists(#ttl) OR #ttl > :now)");
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":pk", text(&owner))
            .expression_attribute_values(":now", number(now.as_second()));
        if let Some(prefix) = prefix {
            keys = "pk = :pk AND begins_with(sk, :prefix)";
            query = query.expression_attribute_values(":prefix", text(prefix));
        }
        if let Some(external_id) = external_id {
            filter = "(attribute_not_exists(#ttl) OR #ttl > :now) AND externalId = :externalId";
            query = query.expression_attribute_values(":externalId", text(external_id));
        }
        super::query_page(query.key_condition_expression(keys).filter_expression(filter), &owner, page).await
    }

    /// One mapping, expired or not.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn get(&self, user: &UserId, id: &MappingId) -> Result<Option<Mapping>> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(partition(user, &id.agent, &id.tool)))
            .key("sk", text(&id.context_key))
            .consistent_read(true)
            .send()
            .await
            .map_err(aws::failure)?;
        answer.item.map(from_item).transpose()
    }

    /// The keys that name an external id: all, or at least a hundred of them. Expired ones, of which DynamoDB may keep any
    /// number for days, do not stand in the others' place.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn find_by_external_id(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
        external_id: &str,
        now: Timestamp,
    ) -> Result<Vec<MappedKey>> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("byExternalId")
            .key_condition_expression("pk = :pk AND externalId = :externalId")
            .expression_attribute_values(":pk", text(partition(user, agent, tool.as_str())))
            .expression_attribute_values(":externalId", text(external_id))
            .select(Select::AllProjectedAttributes)
            .consistent_read(true);
        let (mut found, mut start) = (vec![], None);
        loop {
            let answer = query.clone().set_exclusive_start_key(start).send().await.map_err(aws::failure)?;
            start = answer.last_evaluated_key;
            let named =
                answer.items.unwrap_or_default().into_iter().map(from_item).collect::<Result<Vec<MappedKey>>>()?;
            found.extend(named.into_iter().filter(|named| is_live(named.expires_at, now)));
            if start.is_none() || found.len() >= REVERSE_LOOKUP_KEYS {
                return Ok(found);
            }
        }
    }
}
