//! The entries that a run has read and not started: upcoming ones by due time, ready ones by user. Users are served in turn, so
//! that thousands of tasks of one user do not delay another user's task.

use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::tables::tasks::DueEntry;

/// Attempts that one user may have running at a time: half of all, so that slow calls of one user leave capacity for others.
pub(super) const MAX_CONCURRENT_PER_USER: usize = 32;

/// Entries in the order in which they are started.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    upcoming: BTreeSet<DueEntry>,
    ready: HashMap<String, VecDeque<DueEntry>>,
    /// The users with ready entries, each once; the first has the next turn.
    round_robin: VecDeque<String>,
    running: HashMap<String, usize>,
    /// The number of entries of each user, upcoming and ready.
    held: HashMap<String, usize>,
}

impl Backlog {
    /// Adds an entry.
    pub(super) fn add(&mut self, entry: DueEntry) {
        *self.held.entry(entry.user().to_owned()).or_default() += 1;
        self.upcoming.insert(entry);
    }

    /// The number of a user's entries, without those that were taken.
    pub(super) fn held(&self, user: &str) -> usize {
        self.held.get(user).copied().unwrap_or_default()
    }

    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.upcoming.len() + self.ready.values().map(VecDeque::len).sum::<usize>()
    }

    /// The number of entries that are due.
    pub(super) fn due_count(&self, now: Timestamp) -> usize {
        self.len() - self.upcoming.iter().rev().take_while(|entry| entry.at > now).count()
    }

    /// The due time of the next entry, excluding entries that are ready and waiting for capacity.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.upcoming.first().map(|entry| entry.at)
    }

    /// Moves due entries to their users' queues, even without capacity to start them: otherwise a sleep until
    /// [`Backlog::next_due`] would return immediately.
    pub(super) fn promote_due(&mut self, now: Timestamp) {
        while self.upcoming.first().is_some_and(|entry| entry.at <= now) {
            if let Some(entry) = self.upcoming.pop_first() {
                let user = entry.user().to_owned();
                let queue = self.ready.entry(user.clone()).or_default();
                if queue.is_empty() {
                    self.round_robin.push_back(user);
                }
                queue.push_back(entry);
            }
        }
    }

    /// Takes the next ready entry, with its user for [`Backlog::attempt_finished`].
    pub(super) fn take_next(&mut self) -> Option<(String, DueEntry)> {
        let has_capacity =
            |user: &String| self.running.get(user).is_none_or(|running| *running < MAX_CONCURRENT_PER_USER);
        let turn = self.round_robin.iter().position(has_capacity)?;
        let user = self.round_robin.remove(turn)?;
        let queue = self.ready.get_mut(&user)?;
        let entry = queue.pop_front()?;
        if queue.is_empty() {
            self.ready.remove(&user);
        } else {
            self.round_robin.push_back(user.clone());
        }
        *self.running.entry(user.clone()).or_default() += 1;
        decrement(&mut self.held, &user);
        Some((user, entry))
    }

    /// Releases the capacity of an attempt of this user.
    pub(super) fn attempt_finished(&mut self, user: &str) {
        decrement(&mut self.running, user);
    }

    /// Removes and returns the entries that match.
    pub(super) fn remove_where(&mut self, matches: impl Fn(&DueEntry) -> bool) -> Vec<DueEntry> {
        let mut removed: Vec<DueEntry> = self.upcoming.extract_if(.., |entry| matches(entry)).collect();
        for queue in self.ready.values_mut() {
            let (matching, others): (VecDeque<DueEntry>, VecDeque<DueEntry>) = queue.drain(..).partition(&matches);
            *queue = others;
            removed.extend(matching);
        }
        self.ready.retain(|_, queue| !queue.is_empty());
        self.round_robin.retain(|user| self.ready.contains_key(user));
        for entry in &removed {
            decrement(&mut self.held, entry.user());
        }
        removed
    }
}

/// Counts one less, and removes a count of zero.
fn decrement(counts: &mut HashMap<String, usize>, user: &str) {
    if let Some(count) = counts.get_mut(user) {
        *count -= 1;
        if *count == 0 {
            counts.remove(user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(user: &str, at: i64) -> DueEntry {
        let at = Timestamp::from_second(at).unwrap();
        DueEntry { at, partition: format!("{user}#agent"), sort: format!("S#{:015}#{user}{at}", at.as_millisecond()) }
    }

    fn instant(at: i64) -> Timestamp {
        Timestamp::from_second(at).unwrap()
    }

    fn start_order(backlog: &mut Backlog, at: i64) -> Vec<String> {
        backlog.promote_due(instant(at));
        std::iter::from_fn(|| backlog.take_next())
            .map(|(user, entry)| format!("{user}{}", entry.at.as_second()))
            .collect()
    }

    #[test]
    fn users_are_served_round_robin_and_oldest_entry_first() {
        let mut backlog = Backlog::default();
        for (user, at) in [("a", 3), ("a", 1), ("a", 2), ("b", 3), ("c", 9)] {
            backlog.add(entry(user, at));
        }
        assert_eq!((backlog.len(), backlog.due_count(instant(3)), backlog.next_due()), (5, 4, Some(instant(1))));
        assert_eq!((backlog.held("a"), backlog.held("c"), backlog.held("d")), (3, 1, 0));
        assert_eq!(start_order(&mut backlog, 3), ["a1", "b3", "a2", "a3"]);
        assert_eq!((backlog.held("a"), backlog.held("c")), (0, 1));
        assert_eq!((backlog.len(), backlog.next_due()), (1, Some(instant(9))));
    }

    #[test]
    fn one_user_runs_at_most_32_attempts_at_a_time() {
        let mut backlog = Backlog::default();
        for at in 0..100 {
            backlog.add(entry("a", at));
        }
        assert_eq!(start_order(&mut backlog, 100).len(), MAX_CONCURRENT_PER_USER);
        backlog.add(entry("b", 100));
        assert_eq!(start_order(&mut backlog, 100), ["b100"]);
        backlog.attempt_finished("a");
        assert_eq!(start_order(&mut backlog, 100), ["a32"]);
    }

    #[test]
    fn entries_waiting_for_capacity_are_excluded_from_next_due() {
        let mut backlog = Backlog::default();
        for at in [1, 2, 3] {
            backlog.add(entry("a", at));
        }
        backlog.promote_due(instant(2));
        assert_eq!((backlog.len(), backlog.next_due()), (3, Some(instant(3))));
        backlog.promote_due(instant(3));
        assert_eq!((backlog.len(), backlog.next_due()), (3, None));
    }

    #[test]
    fn remove_where_returns_and_removes_matching_entries() {
        let mut backlog = Backlog::default();
        for (user, at) in [("a", 1), ("b", 1), ("a", 9)] {
            backlog.add(entry(user, at));
        }
        assert_eq!(start_order(&mut backlog, 0), Vec::<String>::new());
        backlog.promote_due(instant(1));
        backlog.take_next();
        assert_eq!(backlog.remove_where(|entry| entry.at == instant(1)).len(), 1);
        assert_eq!((backlog.len(), backlog.held("a"), backlog.held("b")), (1, 1, 0));
        assert_eq!(start_order(&mut backlog, 1).len(), 0);
    }
}
