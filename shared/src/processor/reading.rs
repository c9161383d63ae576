//! The reading of the due index: page by page from each shard, past the entries of users of whom enough are held, with further runs
//! for a long backlog.

use jiff::{SignedDuration, Timestamp};

use super::passed_over::{MAX_HELD_PER_USER, Place, READ_AGAIN_BELOW};
use super::{Job, Run};
use crate::error::Result;
use crate::scheduler::DueRange;
use crate::tables::tasks::{DueEntry, shard_of};
use crate::tables::{IndexPage, Item};

/// Entries that a run holds; further ones are read when there is capacity.
const MAX_BACKLOG: usize = 10_000;
/// Due entries beyond which a run requests further runs.
const FAN_OUT_THRESHOLD: usize = 2_000;
/// Age of the oldest entries that are read anew from a shard with passed over entries: longer than the index lags behind the rows.
/// The others were read, or have a place.
const INDEX_LAG: SignedDuration = SignedDuration::from_secs(10);

/// A shard of the due index, and the position up to which it was read.
pub(super) struct Shard {
    number: u8,
    cursor: ShardCursor,
    /// The latest entry that was read.
    read_to: Option<DueEntry>,
    /// True if another run was requested for this shard. This run serves it again when it has no other work, so that a lost
    /// event costs only time.
    delegated: bool,
    /// True after another run was requested: once for each shard.
    run_requested: bool,
}

/// The next page of a shard.
enum ShardCursor {
    /// Its oldest entries.
    Start,
    /// The entries after this key.
    After(Item),
    /// None until the next poll: the shard was read to its end.
    End,
}

/// A page that is being read.
pub(super) struct Reading {
    /// The index of the shard.
    shard: usize,
    /// The start of the page.
    page: Option<Item>,
    /// The user of whom entries were passed over at this place; absent for the shard's own next page.
    again: Option<(String, Place)>,
}

impl Shard {
    pub(super) fn new(number: u8) -> Self {
        Self { number, cursor: ShardCursor::Start, read_to: None, delegated: false, run_requested: false }
    }

    /// True if an entry is after all that were read.
    fn is_beyond(&self, entry: &DueEntry) -> bool {
        self.read_to.as_ref().is_none_or(|read_to| entry.position() > read_to.position())
    }
}

impl Run<'_> {
    /// Restarts every shard that was read to its end, because it may have new entries.
    pub(super) fn restart_idle_shards(&mut self) {
        let idle = self.attempts.is_empty();
        for shard in &mut self.shards {
            if matches!(shard.cursor, ShardCursor::End) && (idle || !shard.delegated) {
                (shard.delegated, shard.cursor) = (false, ShardCursor::Start);
            }
        }
    }

    /// Reads the next page of every shard that has one, and of every user with passed over entries of whom few are held, while the
    /// backlog has capacity.
    pub(super) fn read_next_pages(&mut self, now: Timestamp) {
        if self.backlog.len() >= MAX_BACKLOG || now >= self.claim_until {
            return;
        }
        for shard in 0..self.shards.len() {
            let (page, from) = match std::mem::replace(&mut self.shards[shard].cursor, ShardCursor::End) {
                ShardCursor::End => continue,
                ShardCursor::Start => (None, self.passed_over.has_shard(shard).then_some(now - INDEX_LAG)),
                ShardCursor::After(key) => (Some(key), None),
            };
            self.read_page(Reading { shard, page, again: None }, from);
        }
        while let Some((user, shard, place)) = self.passed_over.take_next(|user| self.backlog.held(user)) {
            self.read_page(Reading { shard, page: place.page.clone(), again: Some((user, place)) }, None);
        }
    }

    fn read_page(&mut self, reading: Reading, from: Option<Timestamp>) {
        let (queue, number) = (&self.engine.due_queue, self.shards[reading.shard].number);
        let range = DueRange { from, until: self.due_before, after: reading.page.clone() };
        self.polls.spawn(async move { (reading, queue.poll(number, range).await) });
    }

    /// Adds the entries of a page to the backlog, and remembers the place of those that are passed over.
    pub(super) async fn add_page(&mut self, reading: Reading, page: Result<IndexPage<DueEntry>>) -> Result<()> {
        let Reading { shard, page: start, again } = reading;
        if let Some((user, _)) = &again {
            self.passed_over.page_was_read(user);
        }
        if self.shards[shard].delegated {
            return Ok(());
        }
        let page = page.inspect_err(|_| self.read_anew(shard))?;
        let (last, mut added) = (page.entries.last().cloned(), 0);
        for entry in page.entries {
            if self.seen.contains(&entry) {
                continue;
            }
            if self.holds_enough_of(entry.user()) {
                self.pass_over(shard, &entry, start.clone());
                continue;
            }
            added += usize::from(again.as_ref().is_some_and(|(user, _)| user == entry.user()));
            self.summary.found += 1;
            self.seen.insert(entry.clone());
            self.backlog.add(entry);
        }
        match again {
            Some((user, place)) => {
                let count = place.count.saturating_sub(added);
                if self.holds_enough_of(&user) {
                    self.passed_over.add(&user, shard, Place { page: start, count, ..place });
                } else if page.next.is_some() {
                    let at = last.map_or(place.at, |entry| entry.at);
                    self.passed_over.add(&user, shard, Place { page: page.next, at, count });
                }
            }
            None => {
                let shard = &mut self.shards[shard];
                shard.read_to = last.filter(|last| shard.is_beyond(last)).or(shard.read_to.take());
                if let Some(next) = page.next {
                    shard.cursor = ShardCursor::After(next);
                }
            }
        }
        self.request_further_runs().await;
        Ok(())
    }

    /// True if further entries of a user are passed over. Many users with backlogs leave room for the entries of others.
    fn holds_enough_of(&self, user: &str) -> bool {
        let max = if self.backlog.len() < MAX_BACKLOG / 2 { MAX_HELD_PER_USER } else { READ_AGAIN_BELOW };
        self.backlog.held(user) >= max
    }

    fn pass_over(&mut self, shard: usize, entry: &DueEntry, page: Option<Item>) {
        // An entry that is read a second time was counted the first time.
        let count = usize::from(self.shards[shard].is_beyond(entry));
        self.passed_over.add(entry.user(), shard, Place { page, at: entry.at, count });
    }

    /// Forgets the places of a shard of which a page could not be read: the next poll reads it from its start.
    fn read_anew(&mut self, shard: usize) {
        self.passed_over.forget_shard(shard);
        self.shards[shard].read_to = None;
    }

    /// Requests further runs for some of the shards, as often as more entries are due than the runs so far are to serve.
    async fn request_further_runs(&mut self) {
        let now = self.engine.clock.now();
        let due = self.backlog.due_count(now) + self.passed_over.due_count(now);
        let own: Vec<usize> = (0..self.shards.len()).filter(|shard| !self.shards[*shard].run_requested).collect();
        let runs = due.div_ceil(FAN_OUT_THRESHOLD).min(own.len());
        if runs < 2 || self.bus_refused {
            return;
        }
        for shards in own.chunks(own.len().div_ceil(runs)).skip(1) {
            let numbers: Vec<u8> = shards.iter().map(|shard| self.shards[*shard].number).collect();
            let job = Job { shards: Some(numbers.clone()), ..self.job.clone() };
            // Without the bus this run serves every shard. Nothing is started while it waits for the bus.
            if !self.engine.due_queue.request_run(&job).await {
                self.bus_refused = true;
                return;
            }
            self.summary.requested_runs += 1;
            for shard in shards {
                self.read_anew(*shard);
                let shard = &mut self.shards[*shard];
                (shard.delegated, shard.run_requested, shard.cursor) = (true, true, ShardCursor::End);
            }
            for entry in self.backlog.remove_where(|entry| numbers.contains(&shard_of(&entry.sort))) {
                self.seen.remove(&entry);
            }
        }
    }
}
