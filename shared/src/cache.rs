//! A bounded cache in memory: of provider look-ups, verified tokens, and secrets.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A map of at most `max_entries` values. It may drop any value at any time.
pub(crate) struct BoundedCache<K, V> {
    max_entries: usize,
    entries: Mutex<HashMap<K, V>>,
}

impl<K: Eq + Hash, V: Clone> BoundedCache<K, V> {
    /// Creates an empty cache.
    pub(crate) fn new(max_entries: usize) -> Self {
        Self { max_entries, entries: Mutex::default() }
    }

    /// Returns the value of a key.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.lock().get(key).cloned()
    }

    /// Inserts a value. A full cache first drops the values that are not `live`, and all of them if that frees no room.
    pub(crate) fn insert(&self, key: K, value: V, live: impl Fn(&V) -> bool) {
        let mut entries = self.lock();
        self.make_room(&mut entries, live);
        entries.insert(key, value);
    }

    /// Changes the value of a key: a `new` one if there is none, for which room is made as in [`BoundedCache::insert`].
    pub(crate) fn update<T>(
        &self,
        key: K,
        new: impl FnOnce() -> V,
        live: impl Fn(&V) -> bool,
        change: impl FnOnce(&mut V) -> T,
    ) -> T {
        let mut entries = self.lock();
        if !entries.contains_key(&key) {
            self.make_room(&mut entries, live);
        }
        change(entries.entry(key).or_insert_with(new))
    }

    /// Removes the values of the keys that match.
    pub(crate) fn remove_where(&self, matches: impl Fn(&K) -> bool) {
        self.lock().retain(|key, _| !matches(key));
    }

    /// Removes the value of a key.
    pub(crate) fn remove(&self, key: &K) {
        self.lock().remove(key);
    }

    fn make_room(&self, entries: &mut HashMap<K, V>, live: impl Fn(&V) -> bool) {
        if entries.len() >= self.max_entries {
            entries.retain(|_, value| live(value));
        }
        if entries.len() >= self.max_entries {
            entries.clear();
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, V>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> fmt::Debug for BoundedCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedCache").field("max_entries", &self.max_entries).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_cache_drops_stale_values_first_and_otherwise_all() {
        let cache = BoundedCache::new(3);
        for number in 0..3 {
            cache.insert(number, number, |_| true);
        }
        cache.insert(3, 3, |value| *value > 0);
        assert_eq!([0, 1, 2, 3].map(|key| cache.get(&key)), [None, Some(1), Some(2), Some(3)]);
        cache.insert(4, 4, |_| true);
        assert_eq!((cache.len(), cache.get(&4)), (1, Some(4)));
    }

    #[test]
    fn updated_value_is_new_or_the_one_before_and_only_a_new_one_needs_room() {
        let cache = BoundedCache::new(2);
        let count = |key: u8| cache.update(key, || 0, |_| true, |uses| std::mem::replace(uses, *uses + 1));
        assert_eq!([1, 1, 2, 1].map(count), [0, 1, 0, 2]);
        assert_eq!((count(3), cache.len()), (0, 1));
    }

    #[test]
    fn removed_keys_are_absent() {
        let cache = BoundedCache::new(3);
        for number in 0..3 {
            cache.insert(number, number, |_| true);
        }
        cache.remove(&0);
        cache.remove_where(|key| *key == 1);
        assert_eq!([0, 1, 2].map(|key| cache.get(&key)), [None, None, Some(2)]);
    }
}
