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
        if entries.len() >= self.max_entries {
            entries.retain(|_, value| live(value));
        }
        if entries.len() >= self.max_entries {
            entries.clear();
        }
        entries.insert(key, value);
    }

    /// Removes the values of the keys that match.
    pub(crate) fn remove_where(&self, matches: impl Fn(&K) -> bool) {
        self.lock().retain(|key, _| !matches(key));
    }

    /// Removes the value of a key.
    pub(crate) fn remove(&self, key: &K) {
        self.lock().remove(key);
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
