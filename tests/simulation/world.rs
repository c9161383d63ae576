//! The state shared by all workers of a run: store, providers, random numbers, and history.

use axum::Router;
use dynoxide::Database;
use engine::config::TableNames;
use jiff::{SignedDuration, Timestamp};
use sandbox::Sandbox;
use serde_json::Value;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

use crate::faults::FaultPlan;
use crate::history::{History, Row};
use crate::mutation::Mutation;
use crate::provider_limit::ProviderLimit;
use crate::random::Rng;
use crate::stale_reads::PastState;
use crate::store;

/// The start of every run in epoch seconds, by the true clock.
pub(crate) const START_EPOCH_SECONDS: i64 = 1_795_428_000;

/// The state shared by all workers.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) sandbox: Sandbox,
    pub(crate) router: Router,
    pub(crate) tables: TableNames,
    pub(crate) mutation: Mutation,
    started: Instant,
    state: Mutex<State>,
}

/// The mutable state.
pub(crate) struct State {
    pub(crate) rng: Rng,
    pub(crate) fault_plan: FaultPlan,
    pub(crate) history: History,
    pub(crate) past: PastState,
    /// Runs of the processor that were requested over the bus and not delivered yet.
    pub(crate) requested_runs: Vec<Value>,
    /// Calls of workers so far that are kill points.
    pub(crate) kill_target_calls: usize,
    /// All calls since the start, including the setup.
    pub(crate) all_calls: usize,
    /// The end of the current store outage.
    pub(crate) outage_until: Duration,
    /// Injected faults.
    pub(crate) fault_count: usize,
    pub(crate) kill_count: usize,
    pub(crate) freeze_count: usize,
    /// The limit of the provider, in a burst.
    pub(crate) provider_limit: Option<ProviderLimit>,
    trace: Vec<String>,
    hasher: DefaultHasher,
}

impl World {
    /// Creates the world of one run.
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
                requested_runs: vec![],
                kill_target_calls: 0,
                outage_until: Duration::ZERO,
                all_calls: 0,
                fault_count: 0,
                kill_count: 0,
                freeze_count: 0,
                provider_limit: None,
                trace: vec![],
                // Fixed keys: equal runs have equal hashes in every process.
                hasher: DefaultHasher::new(),
            }),
        }
    }

    /// Locks the mutable state. The guard is never held across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The duration of the run so far.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The true time of the run.
    pub(crate) fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.elapsed()).unwrap_or_default();
        Timestamp::from_second(START_EPOCH_SECONDS).unwrap_or_default() + elapsed
    }

    /// Records a step of the run.
    pub(crate) fn trace(&self, line: &str) {
        let at = self.elapsed();
        let line = format!("{:>10.3} {line}", at.as_secs_f64());
        let mut state = self.state();
        line.hash(&mut state.hasher);
        state.trace.push(line);
    }

    /// Returns the steps so far, one per line, and their hash.
    pub(crate) fn take_trace(&self) -> (Vec<String>, u64) {
        let mut state = self.state();
        (std::mem::take(&mut state.trace), state.hasher.finish())
    }

    /// Every row of the tasks table.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> =
            store::scan_all(&self.database, &self.tables.tasks).iter().filter_map(Row::read).collect();
        rows.sort_by_key(|row| row.task);
        rows
    }
}
