//! The item of an account's cooldowns: the rate limits that a provider has reported, each with its scope. It has the connection's
//! partition, so that one read returns both, and one attribute a scope: `until:<scope>`. Until that time calls of the scope wait;
//! afterwards one call at a time is the probe.

use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

use super::connection_key::ConnectionKey;
use super::keys;
use crate::error::Result;
use crate::keys::encode;
use crate::tables::expression::{absent, any, eq, lt};
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tables::{Item, condition_met, milliseconds, number, ttl};

/// Lifetime of the item after the end of its latest cooldown: longer than the longest one, so that a short one which begins later
/// does not remove it.
const COOLDOWN_RETENTION: SignedDuration = SignedDuration::from_hours(25);
/// The start of an attribute's name, before the scope.
const UNTIL: &str = "until:";
/// The alias of a scope's attribute in an expression.
const RESUME_AT: &str = "resumeAt";

/// The cooldowns of an account: the end of each, by its scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountCooldowns(pub BTreeMap<String, Timestamp>);

impl AccountCooldowns {
    /// Reads an item.
    pub(super) fn from_item(item: &Item) -> Self {
        let until = |(name, value): (&String, &aws_sdk_dynamodb::types::AttributeValue)| {
            let at = value.as_n().ok()?.parse().ok()?;
            Some((name.strip_prefix(UNTIL)?.to_owned(), Timestamp::from_millisecond(at).ok()?))
        };
        Self(item.iter().filter_map(until).collect())
    }
}

/// The cooldowns' items of the integrations table.
#[derive(Clone, Debug)]
pub struct CooldownItems(Table);

fn key(ConnectionKey { user, tool, account }: ConnectionKey<'_>) -> Key {
    Key::new(encode(user.as_str()), keys::cooldown(tool, account))
}

/// An update of one scope's attribute, which its expressions call [`RESUME_AT`].
fn of_scope(scope: &str) -> Update {
    Update::new().alias(RESUME_AT, format!("{UNTIL}{scope}"))
}

fn resume_at(scope: &str, at: Timestamp) -> Update {
    of_scope(scope).set(RESUME_AT, milliseconds(at)).set("ttl", number(ttl(at, COOLDOWN_RETENTION)))
}

impl CooldownItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Starts a cooldown of a scope, or extends the one there is; one that ends later is not changed, apart from the caller's own
    /// `probe`. Returns true if this call changed it.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn pause_until(
        &self,
        of: ConnectionKey<'_>,
        scope: &str,
        at: Timestamp,
        probe: Option<Timestamp>,
    ) -> Result<bool> {
        let mut replaced = vec![absent(RESUME_AT), lt(RESUME_AT, milliseconds(at))];
        replaced.extend(probe.map(|probe| eq(RESUME_AT, milliseconds(probe))));
        Ok(self.0.update_once(key(of), resume_at(scope, at).only_if(any(replaced))).await?.is_applied())
    }

    /// Moves a cooldown that is over on to `at`. Returns true if this call moved it: of several concurrent calls one is the probe.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn try_probe(&self, of: ConnectionKey<'_>, scope: &str, seen: Timestamp, at: Timestamp) -> Result<bool> {
        let unchanged = eq(RESUME_AT, milliseconds(seen));
        Ok(self.0.update_once(key(of), resume_at(scope, at).only_if(unchanged)).await?.is_applied())
    }

    /// Removes the cooldown of a scope if it is still `seen`.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn clear(&self, of: ConnectionKey<'_>, scope: &str, seen: Timestamp) -> Result<()> {
        let update = of_scope(scope).remove([RESUME_AT]).only_if(eq(RESUME_AT, milliseconds(seen)));
        condition_met(self.0.update(key(of), update).send().await).map(|_| ())
    }
}
