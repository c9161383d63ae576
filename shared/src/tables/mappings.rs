//! Context mappings: `user#agent#tool` / `<contextKey> US <account>` (US: the unit separator, which neither can contain), and a
//! local index on `externalId`. So each direction is one strongly consistent request, even while the account is still unknown:
//! a look-up reads the mappings of all accounts beside the accounts themselves.

mod places;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::expression::{Condition, absent, all, any, begins_with, eq, exists, gt, le};
use super::table::{Key, Table, Written};
use super::update::Update;
use super::{
    Item, MAX_READS_PER_PAGE, Page, PageRequest, condition_met, fill_page, from_item, json_text, number, permitted,
    query_page, text, to_item,
};
use crate::account::AccountId;
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, MappingId, UserId};
use crate::keys::composite_key;
use crate::permissions::Caller;
use crate::tool::Tool;

/// Stands between key and account in a sort key. Both are free of control characters.
const SEPARATOR: char = '\u{1f}';

/// Keys of a page of the reverse look-up without a limit.
const REVERSE_LOOKUP_KEYS: u16 = 100;

/// A mapping from an agent's own key to an id of the external service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mapping {
    /// The agent's key.
    pub context_key: String,
    /// The account of the external id.
    pub account: AccountId,
    /// The external service's id.
    pub external_id: String,
    /// A name for people.
    pub friendly_name: Option<String>,
    /// The agent's own data.
    #[serde(with = "json_text")]
    pub metadata: Map<String, Value>,
    /// The expiry.
    pub expires_at: Option<Timestamp>,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the latest change.
    pub updated_at: Timestamp,
    /// The time from which DynamoDB may delete the row, epoch seconds.
    pub ttl: Option<i64>,
}

/// A change of a mapping; an absent member is not changed.
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

/// A row of the reverse look-up, as the index holds it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MappedKey {
    sk: String,
    /// The expiry.
    pub expires_at: Option<Timestamp>,
    /// The time of creation.
    pub created_at: Timestamp,
}

impl MappedKey {
    /// Returns the agent's key and the account.
    pub fn address(&self) -> (&str, &str) {
        self.sk.rsplit_once(SEPARATOR).unwrap_or((&self.sk, ""))
    }
}

/// A filter of a list. An absent member matches every mapping.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The prefix of the keys. The list reads no other rows.
    pub prefix: Option<String>,
    /// The external id. The list reads no other rows.
    pub external_id: Option<String>,
    /// The account. The list reads the others' rows too.
    pub account: Option<AccountId>,
}

/// True if a mapping has not expired. Compares whole seconds, as its row's `ttl`: a read and a write must not disagree.
pub fn is_live(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_none_or(|at| at.as_second() > now.as_second())
}

/// The same as [`is_live`], as a condition.
fn live(now: Timestamp) -> Condition {
    any([absent("ttl"), gt("ttl", number(now.as_second()))])
}

/// The partition of mappings: those of one agent and tool, in all accounts.
#[derive(Clone, Copy, Debug)]
pub struct MappingScope<'a> {
    /// The owner.
    pub user: &'a UserId,
    /// The agent.
    pub agent: &'a AgentId,
    /// The tool.
    pub tool: Tool,
}

impl MappingScope<'_> {
    fn partition(&self) -> String {
        partition(self.user, self.agent, self.tool.as_str())
    }

    fn key(&self, mapping: &Mapping) -> Key {
        Key::new(self.partition(), sort_key(&mapping.context_key, &mapping.account))
    }
}

/// The mappings table.
#[derive(Clone, Debug)]
pub struct MappingItems(Table);

fn partition(user: &UserId, agent: &AgentId, tool: &str) -> String {
    composite_key(&[user.as_str(), agent.as_str(), tool])
}

fn sort_key(context_key: &str, account: &AccountId) -> String {
    format!("{context_key}{SEPARATOR}{account}")
}

fn key(user: &UserId, id: &MappingId) -> Key {
    Key::new(partition(user, &id.agent, &id.tool), sort_key(&id.context_key, &id.account))
}

impl MappingItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Adds a mapping whose key is free: no mapping has it, or the one that has it is expired.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the key is in use.
    pub async fn insert(&self, scope: MappingScope<'_>, mapping: &Mapping) -> Result<()> {
        let free = any([absent("pk"), le("ttl", number(mapping.created_at.as_second()))]);
        let item = to_item(scope.key(mapping), mapping)?;
        if self.0.insert_once(item, free).await?.is_applied() {
            return Ok(());
        }
        let key = &mapping.context_key;
        Err(Error::Conflict(format!("contextKey '{key}' is already mapped for this agent and account")))
    }

    /// Adds a mapping or replaces the one with the same key.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn upsert(&self, scope: MappingScope<'_>, mapping: &Mapping) -> Result<()> {
        let item = to_item(scope.key(mapping), mapping)?;
        self.0.put(item).send().await.map(|_| ()).map_err(aws::failure)
    }

    /// Replaces the mapping with the same key. Returns false if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn replace(&self, scope: MappingScope<'_>, mapping: &Mapping) -> Result<bool> {
        let item = to_item(scope.key(mapping), mapping)?;
        let exists = all([exists("pk"), live(mapping.created_at)]);
        Ok(condition_met(self.0.put_if(item, exists).send().await)?.is_some())
    }

    /// Changes a mapping that exists and has not expired.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn update(&self, user: &UserId, id: &MappingId, change: Change, now: Timestamp) -> Result<()> {
        let Change { external_id, friendly_name, metadata, expires_at } = change;
        let update = Update::new()
            .set("updatedAt", text(now.to_string()))
            .set_some("externalId", external_id.map(text))
            .set_some("friendlyName", friendly_name.map(text))
            .set_some("metadata", metadata.map(|metadata| text(Value::Object(metadata).to_string())))
            .set_some("expiresAt", expires_at.map(|at| text(at.to_string())))
            .set_some("ttl", expires_at.map(|at| number(at.as_second())))
            .only_if(all([exists("pk"), live(now)]));
        let updated = condition_met(self.0.update(key(user, id), update).send().await)?;
        updated.map(|_| ()).ok_or(Error::NotFound("Mapping"))
    }

    /// Deletes a mapping, expired or not.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it did not exist or had expired.
    pub async fn delete(&self, user: &UserId, id: &MappingId, now: Timestamp) -> Result<()> {
        let was_live = match self.0.delete_once(key(user, id), None).await? {
            Written::Applied(Some(row)) => is_live(from_item::<Mapping>(row)?.expires_at, now),
            Written::Applied(None) => true,
            Written::Refused(_) => false,
        };
        if was_live { Ok(()) } else { Err(Error::NotFound("Mapping")) }
    }

    /// Returns mappings of an agent and tool that the caller may see, by key.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(
        &self,
        caller: &Caller,
        scope: MappingScope<'_>,
        filter: &Filter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Mapping>> {
        let owner = scope.partition();
        let mut conditions = vec![live(now)];
        conditions.extend(filter.account.as_ref().map(|account| eq("account", text(account.as_str()))));
        conditions.extend(permitted::accounts(caller));
        if let Some(external_id) = &filter.external_id {
            conditions.extend(filter.prefix.as_ref().map(|prefix| begins_with("contextKey", text(prefix))));
            let query = self.query_external_id(&owner, external_id, Some(all(conditions)));
            let start = start_of(page, &owner, external_id)?;
            return fill_page(query.select(Select::AllAttributes), start, page, MAX_READS_PER_PAGE).await;
        }
        let mut keys = vec![eq("pk", text(&owner))];
        keys.extend(filter.prefix.as_ref().map(|prefix| begins_with("sk", text(prefix))));
        query_page(self.0.query(all(keys), Some(all(conditions))), &owner, page).await
    }

    /// Returns one mapping, expired or not.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn get(&self, user: &UserId, id: &MappingId) -> Result<Option<Mapping>> {
        self.0.get(key(user, id)).await?.map(from_item).transpose()
    }

    /// Returns the mappings of a key in all accounts, expired or not.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn find_by_key(&self, scope: MappingScope<'_>, context_key: &str) -> Result<Vec<Mapping>> {
        let prefix = text(format!("{context_key}{SEPARATOR}"));
        let query = self.0.query(all([eq("pk", text(scope.partition())), begins_with("sk", prefix)]), None);
        let answer = query.consistent_read(true).send().await.map_err(aws::failure)?;
        answer.items.unwrap_or_default().into_iter().map(from_item).collect()
    }

    /// Returns a page of the keys with an external id, in all accounts, that have not expired. A page is at most 100 keys and four reads,
    /// so that it can be short, or empty, where DynamoDB has not deleted expired ones yet.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad cursor.
    pub async fn find_by_external_id(
        &self,
        scope: MappingScope<'_>,
        external_id: &str,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<MappedKey>> {
        let page = &PageRequest { limit: page.limit.or(Some(REVERSE_LOOKUP_KEYS)), cursor: page.cursor.clone() };
        // The index has no `ttl`. Whole seconds are compared, as in `is_live`.
        let second = Timestamp::from_second(now.as_second()).map_err(Error::internal)?;
        let unexpired = any([absent("expiresAt"), gt("expiresAt", text(second.to_string()))]);
        let query = self.query_external_id(&scope.partition(), external_id, Some(unexpired));
        let start = start_of(page, &scope.partition(), external_id)?;
        fill_page(query.select(Select::AllProjectedAttributes), start, page, MAX_READS_PER_PAGE).await
    }

    fn query_external_id(&self, owner: &str, external_id: &str, filter: Option<Condition>) -> QueryFluentBuilder {
        let keys = all([eq("pk", text(owner)), eq("externalId", text(external_id))]);
        self.0.query(keys, filter).index_name("byExternalId")
    }
}

/// Returns the start of a page of the rows with an external id: the key of the row before it.
fn start_of(page: &PageRequest, owner: &str, external_id: &str) -> Result<Option<Item>> {
    let start = page.start_after()?.map(|sk| Key::new(owner, sk).into_item());
    Ok(start.map(|mut key| {
        key.insert("externalId".to_owned(), text(external_id));
        key
    }))
}
