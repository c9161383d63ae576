//! One run: a phase with faults, a phase without, then the final check.

use engine::ids::{TaskId, UserId};
use engine::intent::{IntentRequest, PluginResult};
use engine::permissions::Caller;
use engine::processor::{self, DueEvent};
use engine::recurrence::Recurrence;
use engine::scheduler::Schedule;
use engine::tables::schema;
use engine::tables::tasks::IdempotencyKey;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

use crate::accounts::account_with_id;
use crate::actions::marker;
use crate::checker;
use crate::faults::FaultPlan;
use crate::history::Expectation;
use crate::mutation::Mutation;
use crate::network::Network;
use crate::plan::{Plan, Step, Task};
use crate::worker::{self, Function, Worker};
use crate::world::{START_EPOCH_SECONDS, World};

/// Maximal number of ticks until all tasks are terminal after the faults end: Slack may answer one history a minute.
const MAX_HEALING_ROUNDS: usize = 240;
/// Maximal duration until all tasks are terminal: a `Retry-After` counts for at most a day, a few times per task.
const MAX_HEALING_TIME: Duration = Duration::from_secs(8 * 24 * 3600);

/// The outcome of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunOutcome {
    pub(crate) violations: Vec<String>,
    pub(crate) trace: Vec<String>,
    pub(crate) hash: u64,
    pub(crate) stats: RunStats,
    pub(crate) conditions: Vec<String>,
}

/// Statistics of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct RunStats {
    pub(crate) tasks: usize,
    pub(crate) calls: usize,
    /// Calls that are kill points.
    pub(crate) kill_points: usize,
    pub(crate) faults: usize,
    pub(crate) cooldowns: usize,
    /// Tasks that waited for their account and were done afterwards.
    pub(crate) waited: usize,
    pub(crate) kills: usize,
    pub(crate) freezes: usize,
    pub(crate) effects: usize,
    pub(crate) rounds: usize,
    /// Duplicate effects under a clock skew beyond the tolerance, at providers without fencing.
    pub(crate) excused: usize,
    pub(crate) statuses: BTreeMap<String, usize>,
}

impl RunStats {
    /// Adds the statistics of another run; of the rounds the maximum is kept.
    pub(crate) fn add(&mut self, other: &Self) {
        self.tasks += other.tasks;
        self.calls += other.calls;
        self.kill_points += other.kill_points;
        self.faults += other.faults;
        self.cooldowns += other.cooldowns;
        self.waited += other.waited;
        self.kills += other.kills;
        self.freezes += other.freezes;
        self.effects += other.effects;
        self.rounds = self.rounds.max(other.rounds);
        self.excused += other.excused;
        for (status, count) in &other.statuses {
            *self.statuses.entry(status.clone()).or_default() += count;
        }
    }
}

/// One run in progress.
pub(crate) struct Run {
    pub(crate) world: Arc<World>,
    seed: u64,
    pub(crate) people: Vec<UserId>,
    pub(crate) tasks: Vec<Task>,
    /// The current worker of each slot, with its generation.
    workers: Mutex<BTreeMap<usize, (Worker, u64)>>,
    pub(crate) skews: Vec<i64>,
    pub(crate) token_lifetime: Option<i64>,
    /// Ids of accepted tasks, by number.
    task_ids: Mutex<BTreeMap<usize, TaskId>>,
}

impl Run {
    /// Creates a run with connected users and no requests yet.
    pub(crate) async fn set_up(seed: u64, people: &[UserId], plan: &Plan, mutation: Mutation) -> Arc<Self> {
        // The SDK draws its retry delays from this generator.
        fastrand::seed(seed);
        let world = Arc::new(World::new(seed, worker::tables(), mutation));
        world.sandbox.set_strangeness(plan.strangeness);
        let network = Network::new(&world, "setup".to_owned(), SignedDuration::ZERO, false);
        let setup = Worker::start(network.clone(), Function::Route, seed);
        let store = aws_sdk_dynamodb::Client::new(&crate::aws::config(&network, seed));
        schema::create_missing(&store, &world.tables).await.unwrap();
        for (number, task) in plan.tasks.iter().enumerate() {
            let Task { person, naming, occurrences, .. } = *task;
            let (due, account) = (task.due.map(instant), naming.account());
            let expectation = Expectation { person, account, due, occurrences, ..Expectation::default() };
            world.state().history.expectations.insert(number, expectation);
        }
        for skew in &plan.skews {
            world.state().history.record_skew(SignedDuration::from_secs(*skew));
        }
        let Plan { tasks, skews, token_lifetime, .. } = plan.clone();
        let (workers, task_ids) = (Mutex::default(), Mutex::default());
        let run = Self { world, seed, people: people.to_vec(), tasks, workers, skews, token_lifetime, task_ids };
        for accounts in &plan.setups {
            run.set_up_accounts(&setup, accounts).await;
        }
        Arc::new(run)
    }

    /// The worker of a slot; a new one if the last was killed or is frozen.
    pub(crate) fn worker(&self, slot: usize) -> Worker {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = match workers.get(&slot) {
            Some((worker, _)) if !worker.network.is_killed() && !worker.network.is_frozen() => {
                return worker.clone();
            }
            Some((_, generation)) => generation + 1,
            None => 0,
        };
        let function = if slot == 0 { Function::Route } else { Function::Processor };
        let name = format!("{}{slot}.{generation}", if slot == 0 { "api" } else { "worker" });
        let skew = SignedDuration::from_secs(self.skews.get(slot).copied().unwrap_or_default());
        let network = Network::new(&self.world, name, skew, true);
        let number = u64::try_from(slot).unwrap_or_default() * 1_000 + generation;
        let worker = Worker::start(network, function, self.seed.wrapping_mul(1_000_003).wrapping_add(number));
        workers.insert(slot, (worker.clone(), generation));
        worker
    }

    /// Executes one step.
    pub(crate) async fn execute(self: Arc<Self>, step: Step) {
        match step {
            Step::Request(number) => self.request(number).await,
            Step::Cancel(number) => self.cancel(number).await,
            Step::Retry { task, force } => self.retry(task, force).await,
            Step::Account(of, step) => self.change_account(of, step).await,
            Step::Outage(length) => self.world.state().outage_until = self.world.elapsed() + length,
            Step::Tick { worker, window, killed_after } => {
                let worker = self.worker(worker);
                let network = Arc::clone(&worker.network);
                let ticking = self.tick(&worker, window);
                match killed_after {
                    None => ticking.await,
                    Some(after) => {
                        if tokio::time::timeout(after, ticking).await.is_err() {
                            network.kill("at a random moment");
                        }
                    }
                }
            }
        }
    }

    fn intent(&self, number: usize) -> IntentRequest {
        let task = self.tasks[number];
        let (tool, intent) = task.action.tool_and_intent();
        let context = task.action.context(number, task.by_name);
        IntentRequest {
            // One agent per task identifies its rows even if the response with the id was lost.
            agent_id: marker(number),
            tool: tool.to_owned(),
            intent: intent.to_owned(),
            account: task.naming.text(tool),
            context: context.as_object().cloned(),
            ..IntentRequest::default()
        }
    }

    fn caller(&self, number: usize) -> Caller {
        Caller::user(self.people[self.tasks[number].person].clone())
    }

    async fn request(&self, number: usize) {
        let worker = self.worker(0);
        let (intent, caller) = (self.intent(number), &self.caller(number));
        let task = self.tasks[number];
        let (due, context) = (task.due.map(instant), json!(intent.context).to_string());
        let key = task.keyed.then(|| IdempotencyKey::new(&marker(number), &context).unwrap());
        let what = format!("task {number}: {}", intent.intent);
        let invoked = worker.invoke(&what, async {
            match due {
                Some(at) => {
                    let when = Schedule { at: Some(at), recurrence: recurrence(task.occurrences) };
                    worker.engine.intake.schedule_intent(caller, intent, when, key.as_ref()).await
                }
                None => worker.engine.process_intent(caller, intent, key.as_ref(), worker.deadline()).await,
            }
        });
        let Some(answer) = invoked.await else { return };
        self.world.trace(&format!("task {number} answered: {}", truncated_debug(&answer)));
        if let Ok(result) = answer {
            self.record_answer(number, &result);
        }
    }

    /// Records the response to a request and checks it.
    fn record_answer(&self, number: usize, result: &PluginResult) {
        let id = result.metadata.get("taskId").and_then(Value::as_str).and_then(|id| TaskId::parse(id).ok());
        self.update_expectation(number, |expectation| expectation.accepted |= id.is_some());
        if let Some(id) = id {
            let account = result.metadata.get("account").and_then(Value::as_str);
            let account = account.and_then(|account| account_with_id(self.tasks[number].tool(), account));
            self.world.state().history.bind(number, account, "was accepted for");
            self.task_ids.lock().unwrap_or_else(PoisonError::into_inner).insert(number, id);
        }
        if self.tasks[number].due.is_none() && !result.pending {
            let result = serde_json::to_value(result).unwrap_or_default();
            checker::check_answer(&self.world, number, self.tasks[number].action, &result);
        }
    }

    fn update_expectation(&self, number: usize, change: impl FnOnce(&mut Expectation)) {
        change(self.world.state().history.expectations.entry(number).or_default());
    }

    fn task_id(&self, number: usize) -> Option<TaskId> {
        self.task_ids.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
    }

    async fn cancel(&self, number: usize) {
        let (Some(id), worker) = (self.task_id(number), self.worker(0)) else { return };
        let caller = self.caller(number);
        let cancelled = worker.engine.scheduler.cancel(&caller, &id);
        if let Some(answer) = worker.invoke(&format!("cancelling {number}"), cancelled).await {
            self.world.trace(&format!("cancelling {number} answered: {}", truncated_debug(&answer)));
            self.update_expectation(number, |expectation| expectation.cancelled |= answer.is_ok());
        }
    }

    async fn retry(&self, number: usize, force: bool) {
        let (Some(id), worker) = (self.task_id(number), self.worker(0)) else { return };
        let caller = self.caller(number);
        let retried = worker.engine.scheduler.retry(&caller, &id, force);
        if let Some(answer) = worker.invoke(&format!("retrying {number}"), retried).await {
            self.world.trace(&format!("retrying {number} answered: {}", truncated_debug(&answer)));
        }
    }

    /// One tick of the schedule, only for shards with open tasks: polls of the others would find nothing.
    async fn tick(&self, worker: &Worker, window: u8) {
        let mut shards: Vec<u8> = self.world.rows().iter().filter_map(|row| row.shard).collect();
        shards.sort_unstable();
        shards.dedup();
        let event = json!({ "windowSeconds": window, "shards": shards });
        let event: DueEvent = serde_json::from_value(event).unwrap();
        let run = processor::run(worker.engine, event, worker.deadline());
        if let Some(summary) = worker.invoke(&format!("a tick of {window} s"), run).await {
            self.world.trace(&format!("{} completes its tick: {}", worker.network.name, truncated_debug(&summary)));
        }
    }

    /// Ends the faults.
    pub(crate) fn end_faults(&self) {
        let mut state = self.world.state();
        (state.fault_plan, state.outage_until) = (FaultPlan::NoFaults, Duration::ZERO);
        drop(state);
        self.world.trace("the faults end");
    }

    /// A worker of the time after the faults.
    pub(crate) fn healer(&self) -> Worker {
        let network = Network::new(&self.world, "healer".to_owned(), SignedDuration::ZERO, false);
        Worker::start(network, Function::Processor, self.seed ^ 0x6865_616c)
    }

    /// Runs ticks each minute without faults and with correct clocks until all tasks are terminal. Ticks that would find nothing
    /// are skipped. Returns the number of ticks.
    pub(crate) async fn heal(&self, worker: &Worker) -> usize {
        let started = self.world.elapsed();
        for round in 0..MAX_HEALING_ROUNDS {
            let open: Vec<_> = self.world.rows().into_iter().filter(|row| !row.is_terminal()).collect();
            let Some(due) = open.iter().filter_map(|row| row.due_at.max(row.lease_until)).min() else { return round };
            let wait = due - self.world.now().as_millisecond();
            if let Ok(wait) = u64::try_from(wait) {
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            let past = self.world.elapsed().as_secs() % 60;
            tokio::time::sleep(Duration::from_secs(60 - past)).await;
            self.tick(worker, 0).await;
            if self.world.elapsed() > started + MAX_HEALING_TIME {
                break;
            }
        }
        MAX_HEALING_ROUNDS
    }

    /// Checks the final state and returns the outcome.
    pub(crate) fn finish(&self, rounds: usize) -> RunOutcome {
        let actions: Vec<_> = self.tasks.iter().map(|task| task.action).collect();
        let excused = checker::check_end(&self.world, &actions);
        let statuses = self.world.rows().into_iter().fold(BTreeMap::new(), |mut counted, row| {
            *counted.entry(row.status).or_default() += 1;
            counted
        });
        let rows = self.world.rows();
        let done = rows.iter().filter(|row| row.status == "completed" && row.has_waited()).count();
        let effects = checker::effects(&self.world, &actions).iter().map(Vec::len).sum();
        let (trace, hash) = self.world.take_trace();
        let state = self.world.state();
        RunOutcome {
            violations: state.history.violations.clone(),
            trace,
            hash,
            conditions: state.history.conditions.iter().cloned().collect(),
            stats: RunStats {
                tasks: self.tasks.len(),
                calls: state.all_calls,
                kill_points: state.kill_target_calls,
                faults: state.fault_count,
                cooldowns: state.history.cooldowns,
                waited: done,
                kills: state.kill_count,
                freezes: state.freeze_count,
                effects,
                rounds,
                excused,
                statuses,
            },
        }
    }
}

/// Runs a plan.
pub(crate) async fn run(seed: u64, people: &[UserId], plan: Plan, mutation: Mutation) -> RunOutcome {
    let run = Run::set_up(seed, people, &plan, mutation).await;
    run.world.state().fault_plan = FaultPlan::Random(plan.profile);
    let started = run.world.elapsed();
    let mut steps = JoinSet::new();
    for (at, step) in plan.steps {
        tokio::time::sleep((started + at).saturating_sub(run.world.elapsed())).await;
        steps.spawn(Arc::clone(&run).execute(step));
    }
    while let Some(ended) = steps.join_next().await {
        if let Err(error) = ended {
            run.world.state().history.violations.push(format!("a step panicked: {error}"));
        }
    }
    if run.world.state().freeze_count > 0 {
        // The steps end when their workers are thawed: what leaves then arrives before the end is checked.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    run.end_faults();
    let healer = run.healer();
    run.connect_again(&healer).await;
    let rounds = run.heal(&healer).await;
    run.finish(rounds)
}

/// A recurrence of `times` occurrences one minute apart; `None` for a single one.
fn recurrence(times: u32) -> Option<Recurrence> {
    let recurrence = json!({ "every": "PT1M", "count": times });
    (times > 1).then(|| serde_json::from_value(recurrence).unwrap())
}

/// The instant after a duration since the start, in whole seconds.
pub(crate) fn instant(after: Duration) -> Timestamp {
    Timestamp::from_second(START_EPOCH_SECONDS + i64::try_from(after.as_secs()).unwrap_or_default()).unwrap_or_default()
}

/// The start of an answer, for the trace.
pub(crate) fn truncated_debug<T: std::fmt::Debug>(answer: &T) -> String {
    format!("{answer:?}").chars().take(160).collect()
}
