//! The two sparse indexes that list the items with work to do: the due index of tasks and the maintenance index of connections.
//!
//! Both are sharded, and sorted by `<epoch milliseconds, 15 digits>#...`. They are eventually consistent, so an entry is a hint:
//! every decision is made on the item itself.

use jiff::Timestamp;

use super::expression::{all, between, eq, lt};
use super::table::Table;
use super::{Item, text};
use crate::aws;
use crate::error::Result;

/// Shards of each index. Fixed: an item's shard never changes.
pub const INDEX_SHARDS: u8 = 16;

/// A sparse index.
pub(super) struct SparseIndex {
    /// The index's name.
    pub(super) name: &'static str,
    /// The attribute with the shard.
    pub(super) shard: &'static str,
    /// The attribute with the position within the shard.
    pub(super) position: &'static str,
}

/// An entry of a sparse index.
pub(super) trait IndexEntry: Sized {
    const INDEX: SparseIndex;

    /// Reads an entry; `None` for an item that this service did not write.
    fn from_item(item: &Item) -> Option<Self>;
}

/// A page of a sparse index, oldest entry first.
#[derive(Debug)]
pub struct IndexPage<E> {
    /// The entries.
    pub entries: Vec<E>,
    /// The start of the next page; absent at the end.
    pub next: Option<Item>,
}

/// A query of one shard of a sparse index.
#[derive(Clone, Debug)]
pub struct IndexQuery {
    /// The shard.
    pub shard: u8,
    /// The earliest time of an entry; absent for the oldest ones too.
    pub from: Option<Timestamp>,
    /// The latest time of an entry.
    pub until: Timestamp,
    /// The largest number of entries in the page.
    pub limit: i32,
    /// The start of the page, from the page before.
    pub after: Option<Item>,
}

/// Queries a sparse index.
pub(super) async fn query<E: IndexEntry>(table: &Table, query: IndexQuery) -> Result<IndexPage<E>> {
    let IndexQuery { shard, from, until, limit, after } = query;
    let end = text(bound(until));
    let times = match from {
        Some(from) => between(E::INDEX.position, text(format!("{:015}", from.as_millisecond())), end),
        None => lt(E::INDEX.position, end),
    };
    let keys = all([eq(E::INDEX.shard, text(shard_key(shard))), times]);
    let query = table.query(keys, None).index_name(E::INDEX.name).set_exclusive_start_key(after).limit(limit);
    let answer = query.send().await.map_err(aws::failure)?;
    let entries = answer.items().iter().filter_map(E::from_item).collect();
    Ok(IndexPage { entries, next: answer.last_evaluated_key })
}

/// The key of a shard.
pub(super) fn shard_key(shard: u8) -> String {
    format!("{shard:02}")
}

/// The position of an item in its shard; `id` makes it unique.
pub(super) fn position(at: Timestamp, id: &str) -> String {
    format!("{:015}#{id}", at.as_millisecond())
}

/// The first position after every entry of that millisecond.
pub(super) fn bound(until: Timestamp) -> String {
    format!("{:015}", until.as_millisecond() + 1)
}
