//! What all workers of a run share: the store, the providers, the dice, and the record of what happened.

use axum::Router;
use dynoxide::Database;
use engine::config::TableNames;
use jiff::{SignedDuration, Timestamp};
use sandbox::Sandbox;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

use crate::faults::FaultPlan;
use crate::history::{History, Row};
use crate::mutation::Mutation;
use crate::random::Rng;
use crate::stale_reads::PastState;
use crate::store;

/// When every run begins, by the true clock.
pub(crate) const START_EPOCH_SECONDS: i64 = 1_795_428_000;

/// What all workers share.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) sandbox: Sandbox,
    pub(crate) router: Router,
    pub(crate) tables: TableNames,
    pub(crate) mutation: Mutation,
    started: Instant,
    state: Mutex<State>,
}

/// What changes.
pub(crate) struct State {
    pub(crate) rng: Rng,
    pub(crate) fault_plan: FaultPlan,
    pub(crate) history: History,
    pub(crate) past: PastState,
    /// Calls of workers so far: the places where one can be killed.
    pub(crate) kill_target_calls: usize,
    /// Every call since the beginning, setting up included.
    pub(crate) all_calls: usize,
    /// Until when the store refuses every call.
    pub(crate) outage_until: Duration,
    /// Faults and kills that happened.
    pub(crate) fault_count: usize,
    pub(crate) kill_count: usize,
    trace: Vec<String>,
    hasher: DefaultHasher,
}

impl World {
    /// A world of its own for one run.
    pub(crate) fn new(seed: u64, tables: TableNames, mutation: Mutation) -> Self {
        let sandbox = Sandbox::simulated(START_EPOCH_SECONDS, seed);
        Self {
            database: Database::memory().unwrap(),
            router: sandbox.router(),
            sandbox,
            tables,
            mutation,
            started: Instant::now(),
            state: Mutex::new(State {
                rng: Rng::new(seed),
                fault_plan: FaultPlan::NoFaults,
                history: History::default(),
                past: PastState::default(),
                kill_target_calls: 0,
                outage_until: Duration::ZERO,
                all_calls: 0,
                fault_count: 0,
                kill_count: 0,
                trace: vec![],
                // Fixed keys: the same run has the same hash in every process.
                hasher: DefaultHasher::new(),
            }),
        }
    }

    /// What changes. Never held across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the run has lasted.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The true time.
    pub(crate) fn now(&self) -> Timestamp {
        let gone = SignedDuration::try_from(self.elapsed()).unwrap_or_default();
        Timestamp::from_second(START_EPOCH_SECONDS).unwrap_or_default() + gone
    }

    /// Notes a step of the run.
    pub(crate) fn trace(&self, line: &str) {
        let at = self.elapsed();
        let line = format!("{:>10.3} {line}", at.as_secs_f64());
        let mut state = self.state();
        line.hash(&mut state.hasher);
        state.trace.push(line);
    }

    /// The steps so far, one a line, and their hash.
    pub(crate) fn take_trace(&self) -> (Vec<String>, u64) {
        let mut state = self.state();
        (std::mem::take(&mut state.trace), state.hasher.finish())
    }

    /// Every row of the ledger.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> =
            store::scan_all(&self.database, &self.tables.tasks).iter().filter_map(Row::read).collect();
        rows.sort_by_key(|row| row.task);
        rows
    }
}
