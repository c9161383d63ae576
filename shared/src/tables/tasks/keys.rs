//! The keys of the attempt ledger: partitions, sort keys, and positions in the due index.

use jiff::Timestamp;

use crate::ids::{AgentId, UserId};
use crate::keys::composite_key;
use crate::tables::index::{self, INDEX_SHARDS};

/// The characters of a ULID in the order of their values: Crockford's Base32 (<https://github.com/ulid/spec>).
const ULID_ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Returns the partition of an agent's tasks.
pub fn partition(user: &UserId, agent: &AgentId) -> String {
    composite_key(&[user.as_str(), agent.as_str()])
}

/// Returns the sort key of a scheduled task.
pub fn scheduled_sort(at: Timestamp, ulid: &str) -> String {
    format!("S#{:015}#{ulid}", at.as_millisecond())
}

/// Returns the sort key of an immediate intent.
pub fn immediate_sort(ulid: &str) -> String {
    format!("I#{ulid}")
}

/// Returns the position of a task in the due index.
pub(super) fn due_at(at: Timestamp, ulid: &str) -> String {
    index::position(at, ulid)
}

/// Returns the shard of a task in the due index, by its sort key: the last character of a ULID is random, so its value, 0 to 31,
/// gives each shard as many tasks.
pub fn shard_of(sort: &str) -> u8 {
    let last = sort.bytes().last().unwrap_or_default();
    let value = ULID_ALPHABET.iter().position(|letter| *letter == last).unwrap_or_default();
    u8::try_from(value).unwrap_or_default() % INDEX_SHARDS
}

/// Returns the key of a task's shard in the due index.
pub(super) fn due_shard(sort: &str) -> String {
    index::shard_key(shard_of(sort))
}

/// Returns the ULID at the end of a sort key.
pub(super) fn ulid_of(sort: &str) -> &str {
    sort.rsplit('#').next().unwrap_or_default()
}

/// Returns the time in the ULID of a sort key: that of the task's acceptance.
pub(super) fn accepted_at(sort: &str) -> Option<Timestamp> {
    let ulid = ulid::Ulid::from_string(ulid_of(sort)).ok()?;
    Timestamp::from_millisecond(i64::try_from(ulid.timestamp_ms()).ok()?).ok()
}

/// Returns the time at the start of a position in the due index, or of a scheduled task's key after its `S#`.
pub(super) fn leading_timestamp(text: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(text.split('#').next()?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shard_has_as_many_last_characters_of_a_ulid() {
        let mut counts = [0; INDEX_SHARDS as usize];
        for letter in ULID_ALPHABET {
            let sort =
                scheduled_sort(Timestamp::UNIX_EPOCH, &format!("01J0000000000000000000000{}", char::from(*letter)));
            counts[usize::from(shard_of(&sort))] += 1;
        }
        assert_eq!(counts, [2; INDEX_SHARDS as usize]);
    }
}
