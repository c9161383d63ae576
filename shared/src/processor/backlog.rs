//! What a run has found and not started yet: what is due later in order of time, what is due now by turns of the users, so
//! that one user's thousands do not hold up another's one.

use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::tables::tasks::DueEntry;

/// Attempts one user may have running at a time: half of all, so that slow calls of one leave room for the others.
pub(super) const MAX_CONCURRENT_PER_USER: usize = 32;

/// Hints in the order in which they are to be started.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    upcoming: BTreeSet<DueEntry>,
    ready: HashMap<String, VecDeque<DueEntry>>,
    /// The users with ready hints, each once; the first has the next turn.
    round_robin: VecDeque<String>,
    running: HashMap<String, usize>,
}

impl Backlog {
    /// Adds a hint.
    pub(super) fn add(&mut self, due: DueEntry) {
        self.upcoming.insert(due);
    }

    /// How many hints wait.
    pub(super) fn len(&self) -> usize {
        self.upcoming.len() + self.ready.values().map(VecDeque::len).sum::<usize>()
    }

    /// How many hints could be started now.
    pub(super) fn due_count(&self, now: Timestamp) -> usize {
        self.len() - self.upcoming.iter().rev().take_while(|due| due.at > now).count()
    }

    /// When the next hint becomes due, besides those that were let ripen and only wait for room.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.upcoming.first().map(|due| due.at)
    }

    /// Queues what has become due at its user's. Also when there is no room to start it: who waits for
    /// [`Backlog::next_due`] would not wait at all.
    pub(super) fn promote_due(&mut self, now: Timestamp) {
        while self.upcoming.first().is_some_and(|due| due.at <= now) {
            if let Some(due) = self.upcoming.pop_first() {
                let user = user_of(&due).to_owned();
                let queue = self.ready.entry(user.clone()).or_default();
                if queue.is_empty() {
                    self.round_robin.push_back(user);
                }
                queue.push_back(due);
            }
        }
    }

    /// The ripe hint whose turn it is, with its user, for [`Backlog::ended`].
    pub(super) fn take_next(&mut self) -> Option<(String, DueEntry)> {
        let free = |user: &String| self.running.get(user).is_none_or(|running| *running < MAX_CONCURRENT_PER_USER);
        let turn = self.round_robin.iter().position(free)?;
        let user = self.round_robin.remove(turn)?;
        let queue = self.ready.get_mut(&user)?;
        let due = queue.pop_front()?;
        if queue.is_empty() {
            self.ready.remove(&user);
        } else {
            self.round_robin.push_back(user.clone());
        }
        *self.running.entry(user.clone()).or_default() += 1;
        Some((user, due))
    }

    /// An attempt of this user has ended.
    pub(super) fn attempt_finished(&mut self, user: &str) {
        if let Some(running) = self.running.get_mut(user) {
            *running -= 1;
            if *running == 0 {
                self.running.remove(user);
            }
        }
    }

    /// Takes out what another run is to do, and returns it.
    pub(super) fn remove_where(&mut self, given: impl Fn(&DueEntry) -> bool) -> Vec<DueEntry> {
        let mut out: Vec<DueEntry> = self.upcoming.extract_if(.., |due| given(due)).collect();
        for queue in self.ready.values_mut() {
            let (go, stay): (VecDeque<DueEntry>, VecDeque<DueEntry>) = queue.drain(..).partition(|due| given(due));
            *queue = stay;
            out.extend(go);
        }
        self.ready.retain(|_, queue| !queue.is_empty());
        self.round_robin.retain(|user| self.ready.contains_key(user));
        out
    }
}

/// Whose it is: the first component of the partition.
fn user_of(due: &DueEntry) -> &str {
    due.partition.split('#').next().unwrap_or_default()
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
        std::iter::from_fn(|| backlog.take_next()).map(|(user, due)| format!("{user}{}", due.at.as_second())).collect()
    }

    #[test]
    fn users_are_served_round_robin_and_oldest_entry_first() {
        let mut backlog = Backlog::default();
        for (user, at) in [("a", 3), ("a", 1), ("a", 2), ("b", 3), ("c", 9)] {
            backlog.add(entry(user, at));
        }
        assert_eq!((backlog.len(), backlog.due_count(instant(3)), backlog.next_due()), (5, 4, Some(instant(1))));
        assert_eq!(start_order(&mut backlog, 3), ["a1", "b3", "a2", "a3"]);
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
        assert_eq!(backlog.remove_where(|due| due.at == instant(1)).len(), 1);
        assert_eq!((backlog.len(), start_order(&mut backlog, 1).len()), (1, 0));
    }
}
