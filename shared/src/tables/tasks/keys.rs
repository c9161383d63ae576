//! The keys of the attempt ledger: partitions, sort keys, and positions in the due index.

use jiff::Timestamp;

use crate::ids::{AgentId, UserId};
use crate::keys::composite_key;
use crate::tables::index::{self, INDEX_SHARDS};

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

/// Returns the shard of a task in the due index, by its sort key: the last character of a ULID is random.
pub fn shard_of(sort: &str) -> u8 {
    sort.bytes().last().unwrap_or_default() % INDEX_SHARDS
}

/// Returns the key of a task's shard in the due index.
pub(super) fn due_shard(sort: &str) -> String {
    index::shard_key(shard_of(sort))
}

/// Returns the ULID at the end of a sort key.
pub(super) fn ulid_of(sort: &str) -> &str {
    sort.rsplit('#').next().unwrap_or_default()
}

/// Returns the time at the start of a position in the due index, or of a scheduled task's key after its `S#`.
pub(super) fn leading_timestamp(text: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(text.split('#').next()?.parse().ok()?).ok()
}
