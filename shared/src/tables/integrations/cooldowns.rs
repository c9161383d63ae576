//! The item of an account's cooldowns: the rate limits that a provider has reported, each with its scope. It has the connection's
//! partition, so that one read returns both, and two attributes a scope: `pace:<scope>`, the [`Pace`] since the last limit, and
//! `issued:<scope>`, the last ticket that was issued.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

use super::connection_key::ConnectionKey;
use super::keys;
use crate::aws;
use crate::error::{Error, Result};
use crate::keys::encode;
use crate::pace::Pace;
use crate::tables::expression::{absent, eq};
use crate::tables::table::{Key, Table, Written};
use crate::tables::update::Update;
use crate::tables::{Item, condition_met, number, text, ttl};

/// Lifetime of the item after the end of its latest cooldown: longer than the longest one, so that a short one which begins later
/// does not remove it. For this time a pace is remembered.
const COOLDOWN_RETENTION: SignedDuration = SignedDuration::from_hours(25);
/// Time after the end of a cooldown from which its attributes are removed when another one begins.
const SCOPE_RETENTION: SignedDuration = SignedDuration::from_hours(1);
/// Scopes that one write removes.
const MAX_REMOVED_SCOPES: usize = 20;
/// The start of an attribute's name, before the scope.
const PACE: &str = "pace:";
const ISSUED: &str = "issued:";
/// The aliases of a scope's attributes in an expression.
const PACE_ALIAS: &str = "pace";
const ISSUED_ALIAS: &str = "issued";

/// The limit of one scope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScopeLimit {
    /// The pace since the last limit.
    pub pace: Pace,
    /// The last ticket that was issued.
    pub issued: i64,
}

/// The cooldowns of an account, by their scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountCooldowns(pub BTreeMap<String, ScopeLimit>);

impl ScopeLimit {
    /// True if the calls of the scope are free.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.pace.is_over(now, self.issued)
    }

    fn read(item: &Item, scope: &str) -> Option<Self> {
        let pace = serde_json::from_str(item.get(&format!("{PACE}{scope}"))?.as_s().ok()?).ok()?;
        let issued = item.get(&format!("{ISSUED}{scope}"))?.as_n().ok()?.parse().ok()?;
        Some(Self { pace, issued })
    }
}

impl AccountCooldowns {
    /// Reads an item.
    pub(super) fn from_item(item: &Item) -> Self {
        let scopes = item.keys().filter_map(|name| name.strip_prefix(PACE));
        Self(scopes.filter_map(|scope| Some((scope.to_owned(), ScopeLimit::read(item, scope)?))).collect())
    }

    /// The scopes that need no attributes any more.
    fn ended(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let is_ended = move |limit: &ScopeLimit| limit.is_over(now) && limit.pace.resume_at + SCOPE_RETENTION < now;
        self.0.iter().filter(move |(_, limit)| is_ended(limit)).map(|(scope, _)| scope.as_str())
    }
}

/// The result of a write of a pace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Replaced {
    /// It is written.
    Written,
    /// The scope has changed since it was read: its limit, unless another write removed it.
    Changed(Option<ScopeLimit>),
}

/// The cooldowns' items of the integrations table.
#[derive(Clone, Debug)]
pub struct CooldownItems(Table);

impl CooldownItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Reads the cooldowns of an account.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn get(&self, of: ConnectionKey<'_>) -> Result<AccountCooldowns> {
        Ok(self.0.get(key(of)).await?.as_ref().map(AccountCooldowns::from_item).unwrap_or_default())
    }

    /// Replaces the pace of a scope, if it is still the one in `known`.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn replace(
        &self,
        of: ConnectionKey<'_>,
        scope: &str,
        known: &AccountCooldowns,
        pace: Pace,
        now: Timestamp,
    ) -> Result<Replaced> {
        let seen = known.0.get(scope);
        let unchanged = match seen {
            Some(seen) => eq(PACE_ALIAS, text(pace_text(&seen.pace)?)),
            None => absent(PACE_ALIAS),
        };
        let ended = known.ended(now).filter(|ended| *ended != scope).take(MAX_REMOVED_SCOPES);
        let mut update = with_pace(scope)
            .set(PACE_ALIAS, text(pace_text(&pace)?))
            .set("ttl", number(ttl(pace.resume_at, COOLDOWN_RETENTION)))
            .only_if(unchanged);
        // A new pace has tickets of its own.
        if seen.is_none_or(|seen| seen.is_over(now)) {
            update = update.alias(ISSUED_ALIAS, format!("{ISSUED}{scope}")).set(ISSUED_ALIAS, number(pace.admitted));
        }
        for (index, scope) in ended.enumerate() {
            for name in [PACE, ISSUED] {
                let alias = format!("ended{}{index}", name.trim_end_matches(':'));
                update = update.alias(&alias, format!("{name}{scope}")).remove([alias]);
            }
        }
        Ok(match self.0.update_once(key(of), update).await? {
            Written::Applied(_) => Replaced::Written,
            Written::Refused(row) => Replaced::Changed(row.as_ref().and_then(|row| ScopeLimit::read(row, scope))),
        })
    }

    /// Issues a ticket of a scope. After a time without calls it is the last one that is admitted `now`, so that one call goes and not
    /// as many as the time would have admitted.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn issue_ticket(
        &self,
        of: ConnectionKey<'_>,
        scope: &str,
        seen: &ScopeLimit,
        now: Timestamp,
    ) -> Result<i64> {
        let admitted = seen.pace.admitted_at(now);
        if seen.issued < admitted {
            let unchanged = eq(ISSUED_ALIAS, number(seen.issued));
            let update = with_issued(scope).set(ISSUED_ALIAS, number(admitted)).only_if(unchanged);
            if condition_met(self.0.update(key(of), update).send().await)?.is_some() {
                return Ok(admitted);
            }
        }
        let update = self.0.update(key(of), with_issued(scope).add(ISSUED_ALIAS, number(1)));
        let answer = update.return_values(ReturnValue::UpdatedNew).send().await.map_err(aws::failure)?;
        let issued = answer.attributes.as_ref().and_then(|item| item.get(&format!("{ISSUED}{scope}")));
        let issued = issued.and_then(|value| value.as_n().ok()?.parse().ok());
        issued.ok_or_else(|| Error::internal("an update without its result"))
    }
}

fn key(ConnectionKey { user, tool, account }: ConnectionKey<'_>) -> Key {
    Key::new(encode(user.as_str()), keys::cooldown(tool, account))
}

/// An update of a scope's pace, which its expressions call [`PACE_ALIAS`].
fn with_pace(scope: &str) -> Update {
    Update::new().alias(PACE_ALIAS, format!("{PACE}{scope}"))
}

/// An update of a scope's last ticket, which its expressions call [`ISSUED_ALIAS`].
fn with_issued(scope: &str) -> Update {
    Update::new().alias(ISSUED_ALIAS, format!("{ISSUED}{scope}"))
}

/// The text of a pace, by which a write recognizes the one that it has read.
fn pace_text(pace: &Pace) -> Result<String> {
    serde_json::to_string(pace).map_err(Error::internal)
}
