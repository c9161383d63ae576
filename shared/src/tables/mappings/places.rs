//! The places of the mappings of an agent and tool: a counter, which has the limit of their number.
//!
//! A place is taken before its mapping is written. Nothing gives it back: the counter is what the mappings are at most, and when it is
//! full, it is compared with them. So a deletion and an expiry cost no further write; a replaced mapping, a refused one and a lost
//! response of the store count too much until then, and never too little.

use aws_sdk_dynamodb::types::Select;
use jiff::{SignedDuration, Timestamp};

use super::{MappedKey, MappingItems, MappingScope, is_live};
use crate::aws;
use crate::error::Result;
use crate::keys::composite_key;
use crate::tables::expression::{absent, all, any, eq, le};
use crate::tables::table::Key;
use crate::tables::update::Update;
use crate::tables::{Item, condition_met, from_item, number, text};

/// The time for which a place may be without its mapping, and the least time between two comparisons.
const IN_FLIGHT_TIME: SignedDuration = SignedDuration::from_mins(1);
/// Reads of a comparison, of a megabyte each. Mappings beyond them count as living.
const MAX_READS: usize = 16;

impl MappingScope<'_> {
    /// Returns the key of the counter: no agent and tool has a partition of four parts.
    fn counter(&self) -> Key {
        let parts = [self.user.as_str(), self.agent.as_str(), self.tool.as_str(), "places"];
        Key::new(composite_key(&parts), "places")
    }
}

impl MappingItems {
    /// Takes up to `wanted` places of at most `max`, and returns how many.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn take_places(
        &self,
        scope: MappingScope<'_>,
        wanted: usize,
        max: usize,
        now: Timestamp,
    ) -> Result<usize> {
        if self.take_exactly(scope, wanted, max, now).await? {
            return Ok(wanted);
        }
        let fitting = wanted.min(max.saturating_sub(self.count_used(scope, now).await?));
        Ok(if fitting > 0 && self.take_exactly(scope, fitting, max, now).await? { fitting } else { 0 })
    }

    async fn take_exactly(&self, scope: MappingScope<'_>, count: usize, max: usize, now: Timestamp) -> Result<bool> {
        let Some(most_before) = max.checked_sub(count) else { return Ok(false) };
        let update = Update::new().set("changedAt", number(now.as_second())).add("used", number(count));
        let update = update.only_if(any([absent("used"), le("used", number(most_before))]));
        Ok(condition_met(self.0.update(scope.counter(), update).send().await)?.is_some())
    }

    /// Returns the number of places in use: the counter, or if it is quiet, the number of living mappings, which it then is.
    async fn count_used(&self, scope: MappingScope<'_>, now: Timestamp) -> Result<usize> {
        let counter = self.0.get(scope.counter()).await?.unwrap_or_default();
        let read = |name: &str| counter.get(name).and_then(|value| value.as_n().ok()?.parse::<i64>().ok());
        let (used, changed_at) = (read("used").unwrap_or_default(), read("changedAt").unwrap_or_default());
        let is_quiet = changed_at + IN_FLIGHT_TIME.as_secs() <= now.as_second();
        let counted = usize::try_from(used).unwrap_or_default();
        if !is_quiet {
            return Ok(counted);
        }
        let living = self.count_living(scope, now).await?.unwrap_or(counted);
        let unchanged = all([eq("used", number(used)), eq("changedAt", number(changed_at))]);
        // From here on the next comparison is a minute away, also if all live, or if they are too many to count.
        let update = Update::new().set("used", number(living)).set("changedAt", number(now.as_second()));
        condition_met(self.0.update(scope.counter(), update.only_if(unchanged)).send().await)?;
        Ok(living)
    }

    /// Counts the mappings that have not expired, in the index, whose rows are small. `None` if they are too many to count.
    async fn count_living(&self, scope: MappingScope<'_>, now: Timestamp) -> Result<Option<usize>> {
        let query = self.0.query(eq("pk", text(scope.partition())), None).index_name("byExternalId");
        let query = query.select(Select::AllProjectedAttributes).consistent_read(true);
        let (mut living, mut start): (usize, Option<Item>) = (0, None);
        for _ in 0..MAX_READS {
            let answer = query.clone().set_exclusive_start_key(start).send().await.map_err(aws::failure)?;
            for row in answer.items.unwrap_or_default() {
                let key: MappedKey = from_item(row)?;
                living += usize::from(is_live(key.expires_at, now));
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(Some(living));
            }
        }
        Ok(None)
    }
}
