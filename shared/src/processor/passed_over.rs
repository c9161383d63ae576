//! The entries that a run has passed over, because it holds enough of their users' entries, and the places where it continues to
//! read them. So a backlog of one user, however long, neither fills a run's memory nor hides the entries behind it.

use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};

use super::backlog::MAX_CONCURRENT_PER_USER;
use crate::tables::Item;

/// Entries of one user that a run holds; further ones are passed over. As many tasks of a user may be due in the same minute, so the
/// entries of a user without a backlog are read once.
pub(super) const MAX_HELD_PER_USER: usize = 1_000;
/// Held entries of a user below which the passed over ones are read: enough to start while a page is read.
pub(super) const READ_AGAIN_BELOW: usize = 2 * MAX_CONCURRENT_PER_USER;

/// The place of a user's first entry in a shard that was passed over.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// The start of the page with the entry: the key of the page before, or the shard's start.
    pub(super) page: Option<Item>,
    /// The time of the entry.
    pub(super) at: Timestamp,
    /// The user's entries from there on, as far as the shard was read.
    pub(super) count: usize,
}

/// The places of all users.
#[derive(Debug, Default)]
pub(super) struct PassedOver {
    /// By user and shard. Ordered, because a simulation must replay.
    places: BTreeMap<(String, usize), Place>,
    /// The users of whom a page is being read.
    reading: HashSet<String>,
}

impl PassedOver {
    /// Adds a place. The earlier one of two of the same user and shard stays.
    pub(super) fn add(&mut self, user: &str, shard: usize, place: Place) {
        let known = self.places.entry((user.to_owned(), shard)).or_insert_with(|| Place { count: 0, ..place.clone() });
        known.count += place.count;
        if place.at < known.at {
            (known.page, known.at) = (place.page, place.at);
        }
    }

    /// Takes the earliest place of a user of whom few entries are held. The user has no other page read until
    /// [`PassedOver::page_was_read`].
    pub(super) fn take_next(&mut self, held: impl Fn(&str) -> usize) -> Option<(String, usize, Place)> {
        let may_read = |user: &str| held(user) < READ_AGAIN_BELOW && !self.reading.contains(user);
        let readable = self.places.iter().filter(|((user, _), _)| may_read(user));
        let key = readable.min_by_key(|(_, place)| place.at)?.0.clone();
        let place = self.places.remove(&key)?;
        self.reading.insert(key.0.clone());
        Some((key.0, key.1, place))
    }

    /// Allows the next page of a user.
    pub(super) fn page_was_read(&mut self, user: &str) {
        self.reading.remove(user);
    }

    /// True if entries of this shard were passed over.
    pub(super) fn has_shard(&self, shard: usize) -> bool {
        self.places.keys().any(|(_, of)| *of == shard)
    }

    /// Removes the places of a shard.
    pub(super) fn forget_shard(&mut self, shard: usize) {
        self.places.retain(|(_, of), _| *of != shard);
    }

    /// The number of entries that were passed over and are due.
    pub(super) fn due_count(&self, now: Timestamp) -> usize {
        self.places.values().filter(|place| place.at <= now).map(|place| place.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(at: i64, count: usize) -> Place {
        Place { page: None, at: Timestamp::from_second(at).unwrap(), count }
    }

    #[test]
    fn earliest_place_of_a_user_with_room_is_read_first_and_one_page_at_a_time() {
        let mut passed = PassedOver::default();
        passed.add("full", 0, place(1, 10));
        passed.add("a", 0, place(3, 10));
        passed.add("a", 1, place(2, 5));
        let held = |user: &str| if user == "full" { READ_AGAIN_BELOW } else { 0 };
        assert_eq!(passed.take_next(held), Some(("a".to_owned(), 1, place(2, 5))));
        assert_eq!(passed.take_next(held), None, "a page of this user is being read");
        passed.page_was_read("a");
        assert_eq!(passed.take_next(held), Some(("a".to_owned(), 0, place(3, 10))));
        assert_eq!(passed.take_next(|_| 0), Some(("full".to_owned(), 0, place(1, 10))));
    }

    #[test]
    fn an_earlier_place_stays_and_counts_are_added() {
        let mut passed = PassedOver::default();
        passed.add("a", 0, place(5, 2));
        passed.add("a", 0, place(9, 3));
        assert_eq!(passed.take_next(|_| 0), Some(("a".to_owned(), 0, place(5, 5))));
        passed.add("a", 0, place(9, 1));
        passed.add("a", 0, place(4, 0));
        passed.page_was_read("a");
        assert_eq!(passed.due_count(Timestamp::from_second(4).unwrap()), 1);
        assert_eq!(passed.take_next(|_| 0), Some(("a".to_owned(), 0, place(4, 1))));
        assert!(!passed.has_shard(0));
    }
}
