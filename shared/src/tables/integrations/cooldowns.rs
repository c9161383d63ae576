//! The item of a cooldown: the rate limit that a provider has reported for an account. It has the connection's partition, so
//! that one read returns both. While the item exists, calls wait until `resumeAt`; afterwards one call at a time is the probe.

use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::connection_key::ConnectionKey;
use super::keys;
use crate::error::Result;
use crate::keys::encode;
use crate::tables::expression::{absent, any, eq, lt};
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tables::{condition_met, milliseconds, number, ttl};

/// Lifetime of the item after its end.
const COOLDOWN_RETENTION: SignedDuration = SignedDuration::from_hours(1);

/// A cooldown of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cooldown {
    /// The time until which nothing is called.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub resume_at: Timestamp,
}

/// The cooldowns' items of the integrations table.
#[derive(Clone, Debug)]
pub struct CooldownItems(Table);

fn key(ConnectionKey { user, tool, account }: ConnectionKey<'_>) -> Key {
    Key::new(encode(user.as_str()), keys::cooldown(tool, account))
}

fn resume_at(at: Timestamp) -> Update {
    Update::new().set("resumeAt", milliseconds(at)).set("ttl", number(ttl(at, COOLDOWN_RETENTION)))
}

impl CooldownItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Starts a cooldown, or extends the one there is; one that ends later is not changed, apart from the caller's own `probe`.
    /// Returns true if this call changed it.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn pause_until(&self, of: ConnectionKey<'_>, at: Timestamp, probe: Option<Cooldown>) -> Result<bool> {
        let mut replaced = vec![absent("resumeAt"), lt("resumeAt", milliseconds(at))];
        replaced.extend(probe.map(|probe| eq("resumeAt", milliseconds(probe.resume_at))));
        let update = self.0.update(key(of), resume_at(at).only_if(any(replaced)));
        Ok(condition_met(update.send().await)?.is_some())
    }

    /// Moves a cooldown that is over on to `at`. Returns true if this call moved it: of several concurrent calls one is the probe.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn try_probe(&self, of: ConnectionKey<'_>, seen: Cooldown, at: Timestamp) -> Result<bool> {
        let unchanged = eq("resumeAt", milliseconds(seen.resume_at));
        let update = self.0.update(key(of), resume_at(at).only_if(unchanged));
        Ok(condition_met(update.send().await)?.is_some())
    }

    /// Deletes the cooldown if it is still `seen`.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn clear(&self, of: ConnectionKey<'_>, seen: Cooldown) -> Result<()> {
        let delete = self.0.delete_if(key(of), eq("resumeAt", milliseconds(seen.resume_at)));
        condition_met(delete.send().await).map(|_| ())
    }
}
