//! What a run has found and not started yet: what is due later in order of time, what is due now by turns of the users, so
//! that one user's thousands do not hold up another's one.

use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::tables::tasks::Due;

/// Attempts one user may have running at a time: half of all, so that slow calls of one leave room for the others.
pub(super) const MOST_OF_ONE_USER: usize = 32;

/// Hints in the order in which they are to be started.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    later: BTreeSet<Due>,
    ready: HashMap<String, VecDeque<Due>>,
    /// The users with ready hints, each once; the first has the next turn.
    turns: VecDeque<String>,
    running: HashMap<String, usize>,
}

impl Backlog {
    /// Adds a hint.
    pub(super) fn add(&mut self, due: Due) {
        self.later.insert(due);
    }

    /// How many hints wait.
    pub(super) fn len(&self) -> usize {
        self.later.len() + self.ready.values().map(VecDeque::len).sum::<usize>()
    }

    /// How many hints could be started now.
    pub(super) fn due(&self, now: Timestamp) -> usize {
        self.len() - self.later.iter().rev().take_while(|due| due.at > now).count()
    }

    /// When the next hint becomes due, besides those that were let ripen and only wait for room.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.later.first().map(|due| due.at)
    }

    /// Queues what has become due at its user's. Also when there is no room to start it: who waits for
    /// [`Backlog::next_due`] would not wait at all.
    pub(super) fn ripen(&mut self, now: Timestamp) {
        while self.later.first().is_some_and(|due| due.at <= now) {
            if let Some(due) = self.later.pop_first() {
                let user = user(&due).to_owned();
                let queue = self.ready.entry(user.clone()).or_default();
                if queue.is_empty() {
                    self.turns.push_back(user);
                }
                queue.push_back(due);
            }
        }
    }

    /// The ripe hint whose turn it is, with its user, for [`Backlog::ended`].
    pub(super) fn take(&mut self) -> Option<(String, Due)> {
        let free = |user: &String| self.running.get(user).is_none_or(|running| *running < MOST_OF_ONE_USER);
        let turn = self.turns.iter().position(free)?;
        let user = self.turns.remove(turn)?;
        let queue = self.ready.get_mut(&user)?;
        let due = queue.pop_front()?;
        if queue.is_empty() {
            self.ready.remove(&user);
        } else {
            self.turns.push_back(user.clone());
        }
        *self.running.entry(user.clone()).or_default() += 1;
        Some((user, due))
    }

    /// An attempt of this user has ended.
    pub(super) fn ended(&mut self, user: &str) {
        if let Some(running) = self.running.get_mut(user) {
            *running -= 1;
            if *running == 0 {
                self.running.remove(user);
            }
        }
    }

    /// Takes out what another run is to do, and returns it.
    pub(super) fn give(&mut self, given: impl Fn(&Due) -> bool) -> Vec<Due> {
        let mut out: Vec<Due> = self.later.extract_if(.., |due| given(due)).collect();
        for queue in self.ready.values_mut() {
            let (go, stay): (VecDeque<Due>, VecDeque<Due>) = queue.drain(..).partition(|due| given(due));
            *queue = stay;
            out.extend(go);
        }
        self.ready.retain(|_, queue| !queue.is_empty());
        self.turns.retain(|user| self.ready.contains_key(user));
        out
    }
}

/// Whose it is: the first component of the partition.
fn user(due: &Due) -> &str {
    due.partition.split('#').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(user: &str, at: i64) -> Due {
        let at = Timestamp::from_second(at).unwrap();
        Due { at, partition: format!("{user}#agent"), sort: format!("S#{:015}#{user}{at}", at.as_millisecond()) }
    }

    fn now(at: i64) -> Timestamp {
        Timestamp::from_second(at).unwrap()
    }

    fn order(backlog: &mut Backlog, at: i64) -> Vec<String> {
        backlog.ripen(now(at));
        std::iter::from_fn(|| backlog.take()).map(|(user, due)| format!("{user}{}", due.at.as_second())).collect()
    }

    #[test]
    fn users_take_turns_and_each_has_its_oldest_first() {
        let mut backlog = Backlog::default();
        for (user, at) in [("a", 3), ("a", 1), ("a", 2), ("b", 3), ("c", 9)] {
            backlog.add(due(user, at));
        }
        assert_eq!((backlog.len(), backlog.due(now(3)), backlog.next_due()), (5, 4, Some(now(1))));
        assert_eq!(order(&mut backlog, 3), ["a1", "b3", "a2", "a3"]);
        assert_eq!((backlog.len(), backlog.next_due()), (1, Some(now(9))));
    }

    #[test]
    fn one_user_leaves_room_for_others() {
        let mut backlog = Backlog::default();
        for at in 0..100 {
            backlog.add(due("a", at));
        }
        assert_eq!(order(&mut backlog, 100).len(), MOST_OF_ONE_USER);
        backlog.add(due("b", 100));
        assert_eq!(order(&mut backlog, 100), ["b100"]);
        backlog.ended("a");
        assert_eq!(order(&mut backlog, 100), ["a32"]);
    }

    #[test]
    fn what_waits_for_room_wakes_nobody() {
        let mut backlog = Backlog::default();
        for at in [1, 2, 3] {
            backlog.add(due("a", at));
        }
        backlog.ripen(now(2));
        assert_eq!((backlog.len(), backlog.next_due()), (3, Some(now(3))));
        backlog.ripen(now(3));
        assert_eq!((backlog.len(), backlog.next_due()), (3, None));
    }

    #[test]
    fn what_is_given_away_is_gone() {
        let mut backlog = Backlog::default();
        for (user, at) in [("a", 1), ("b", 1), ("a", 9)] {
            backlog.add(due(user, at));
        }
        assert_eq!(order(&mut backlog, 0), Vec::<String>::new());
        backlog.ripen(now(1));
        backlog.take();
        assert_eq!(backlog.give(|due| due.at == now(1)).len(), 1);
        assert_eq!((backlog.len(), order(&mut backlog, 1).len()), (1, 0));
    }
}
