//! One run: chaos, then healing, then the checker.

use engine::adapters;
use engine::ids::{TaskId, UserId};
use engine::intent::{Intent, PluginResult};
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

use crate::actions::{TOOLS, marker};
use crate::checker;
use crate::faults::FaultPlan;
use crate::history::Expectation;
use crate::mutation::Mutation;
use crate::network::Network;
use crate::plan::{Plan, Step, Task};
use crate::worker::{self, Function, Worker};
use crate::world::{START_EPOCH_SECONDS, World};

/// Rounds of the schedule, and time, within which everything must rest after the faults have ended.
const MAX_HEALING_ROUNDS: usize = 60;
/// A provider is obeyed for a day at most, and no task is put off by such a wait more often than this.
const MAX_HEALING_TIME: Duration = Duration::from_secs(8 * 24 * 3600);

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunOutcome {
    pub(crate) violations: Vec<String>,
    pub(crate) trace: Vec<String>,
    pub(crate) hash: u64,
    pub(crate) figures: RunStats,
    pub(crate) conditions: Vec<String>,
}

/// What is counted over runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct RunStats {
    pub(crate) tasks: usize,
    pub(crate) calls: usize,
    /// Calls at which a worker could have been killed.
    pub(crate) exposed: usize,
    pub(crate) faults: usize,
    pub(crate) kills: usize,
    pub(crate) effects: usize,
    pub(crate) rounds: usize,
    /// Effects too many, under clocks more wrong than allowed, at providers that cannot refuse them.
    pub(crate) excused: usize,
    pub(crate) statuses: BTreeMap<String, usize>,
}

/// One run under way.
pub(crate) struct Run {
    pub(crate) world: Arc<World>,
    seed: u64,
    people: Vec<UserId>,
    tasks: Vec<Task>,
    /// Workers by place; whoever stands there now.
    workers: Mutex<BTreeMap<usize, (Worker, u64)>>,
    skews: Vec<i64>,
    /// The ids of accepted tasks.
    task_ids: Mutex<BTreeMap<usize, TaskId>>,
}

impl Run {
    /// A world with connected people and nothing to do yet.
    pub(crate) async fn set_up(
        seed: u64,
        people: &[UserId],
        tasks: Vec<Task>,
        skews: Vec<i64>,
        (mutation, lives): (Mutation, Option<i64>),
    ) -> Arc<Self> {
        // The SDK draws the pauses between its tries from this.
        fastrand::seed(seed);
        let world = Arc::new(World::new(seed, worker::tables(), mutation));
        let link = Network::new(&world, "setup".to_owned(), SignedDuration::ZERO, false);
        let setup = Worker::start(link.clone(), Function::Route, seed);
        let store = aws_sdk_dynamodb::Client::new(&crate::aws::config(&link, seed));
        schema::create_missing(&store, &world.tables).await.unwrap();
        for (person, user) in people.iter().enumerate() {
            let mine = tasks.iter().filter(|task| task.person == person);
            let used: Vec<&str> = mine.map(|task| task.action.tool_and_intent().0).collect();
            let tools: Vec<&str> = TOOLS.iter().map(|(tool, _)| *tool).filter(|tool| used.contains(tool)).collect();
            worker::connect(&setup, person, user, &tools, lives).await;
        }
        for (number, task) in tasks.iter().enumerate() {
            let due = task.due.map(instant);
            let told =
                Expectation { person: task.person, due, occurrences: task.occurrences, ..Expectation::default() };
            world.state().history.expectations.insert(number, told);
        }
        for skew in &skews {
            world.state().history.record_skew(SignedDuration::from_secs(*skew));
        }
        let (places, ids) = (Mutex::default(), Mutex::default());
        Arc::new(Self { world, seed, people: people.to_vec(), tasks, workers: places, skews, task_ids: ids })
    }

    /// The worker at a place; a new one when the last was killed.
    fn worker(&self, place: usize) -> Worker {
        let mut places = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = match places.get(&place) {
            Some((worker, _)) if !worker.network.is_killed() => return worker.clone(),
            Some((_, generation)) => generation + 1,
            None => 0,
        };
        let function = if place == 0 { Function::Route } else { Function::Processor };
        let name = format!("{}{place}.{generation}", if place == 0 { "api" } else { "worker" });
        let skew = SignedDuration::from_secs(self.skews.get(place).copied().unwrap_or_default());
        let link = Network::new(&self.world, name, skew, true);
        let number = u64::try_from(place).unwrap_or_default() * 1_000 + generation;
        let worker = Worker::start(link, function, self.seed.wrapping_mul(1_000_003).wrapping_add(number));
        places.insert(place, (worker.clone(), generation));
        worker
    }

    /// Carries out one step.
    pub(crate) async fn execute(self: Arc<Self>, step: Step) {
        match step {
            Step::Request(number) => self.request(number).await,
            Step::Cancel(number) => self.cancel(number).await,
            Step::Retry { task, force } => self.retry(task, force).await,
            Step::Disconnect { person, tool } => self.disconnect(person, TOOLS[tool].0).await,
            Step::Outage(length) => self.world.state().outage_until = self.world.elapsed() + length,
            Step::Tick { worker, window, killed_after } => {
                let worker = self.worker(worker);
                let link = Arc::clone(&worker.network);
                let ticking = self.tick(&worker, window);
                match killed_after {
                    None => ticking.await,
                    Some(after) => {
                        if tokio::time::timeout(after, ticking).await.is_err() {
                            link.kill("at some moment");
                        }
                    }
                }
            }
        }
    }

    fn intent(&self, number: usize) -> Intent {
        let task = self.tasks[number];
        let (tool, name) = task.action.tool_and_intent();
        let context = task.action.context(number, task.by_name);
        // An agent for each task: its rows are known by it even when nobody was told their ids.
        Intent::parse(&marker(number), tool, name, context.as_object().cloned()).unwrap()
    }

    fn user(&self, number: usize) -> &UserId {
        &self.people[self.tasks[number].person]
    }

    async fn request(&self, number: usize) {
        let worker = self.worker(0);
        let (intent, user) = (self.intent(number), self.user(number));
        let task = self.tasks[number];
        let (due, context) = (task.due.map(instant), intent.context.to_string());
        let key = task.keyed.then(|| IdempotencyKey::new(&marker(number), &context).unwrap());
        let what = format!("task {number}: {}", intent.action.name);
        let asked = worker.invoke(&what, async {
            match due {
                Some(at) => {
                    let when = Schedule { at: Some(at), recurrence: recurrence(task.occurrences) };
                    worker.engine.schedule_intent(user, &intent, when, key.as_ref()).await
                }
                None => worker.engine.process_intent(user, &intent, key.as_ref(), worker.deadline()).await,
            }
        });
        let Some(answer) = asked.await else { return };
        self.world.trace(&format!("task {number} answered: {}", truncated_debug(&answer)));
        if let Ok(result) = answer {
            self.record_answer(number, &result);
        }
    }

    /// An answer is a promise, too.
    fn record_answer(&self, number: usize, result: &PluginResult) {
        let id = result.metadata.get("taskId").and_then(Value::as_str).and_then(|id| TaskId::parse(id).ok());
        self.update_expectation(number, |told| told.accepted |= id.is_some());
        if let Some(id) = id {
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
        let cancelled = worker.engine.scheduler.cancel(self.user(number), &id);
        if let Some(answer) = worker.invoke(&format!("cancelling {number}"), cancelled).await {
            self.world.trace(&format!("cancelling {number} answered: {}", truncated_debug(&answer)));
            self.update_expectation(number, |told| told.cancelled |= answer.is_ok());
        }
    }

    async fn retry(&self, number: usize, force: bool) {
        let (Some(id), worker) = (self.task_id(number), self.worker(0)) else { return };
        let retried = worker.engine.scheduler.retry(self.user(number), &id, force);
        if let Some(answer) = worker.invoke(&format!("retrying {number}"), retried).await {
            self.world.trace(&format!("retrying {number} answered: {}", truncated_debug(&answer)));
        }
    }

    async fn disconnect(&self, person: usize, tool: &str) {
        let worker = self.worker(0);
        let disconnected = worker.engine.integrations.disconnect(&self.people[person], adapters::find(tool).unwrap());
        if let Some(answer) = worker.invoke(&format!("disconnecting {tool} of {person}"), disconnected).await {
            self.world.trace(&format!("disconnecting {tool} answered: {}", truncated_debug(&answer)));
        }
    }

    /// One firing of the schedule, for the shards in which something is left to do: the others would be asked in vain.
    async fn tick(&self, worker: &Worker, window: u8) {
        let mut shards: Vec<u8> = self.world.rows().iter().filter_map(|row| row.shard).collect();
        shards.sort_unstable();
        shards.dedup();
        let event = json!({ "windowSeconds": window, "shards": shards });
        let event: DueEvent = serde_json::from_value(event).unwrap();
        let run = processor::run(worker.engine, event, worker.deadline());
        if let Some(summary) = worker.invoke(&format!("a tick of {window} s"), run).await {
            self.world.trace(&format!("{} ends its tick: {}", worker.network.name, truncated_debug(&summary)));
        }
    }

    /// No more faults and right clocks: the schedule fires each minute until everything rests. Firings that would find
    /// nothing are left out. Returns how many were needed.
    pub(crate) async fn heal(&self) -> usize {
        {
            let mut state = self.world.state();
            (state.fault_plan, state.outage_until) = (FaultPlan::NoFaults, Duration::ZERO);
        }
        self.world.trace("the faults end");
        let began = self.world.elapsed();
        let healer = |round: usize| {
            let link = Network::new(&self.world, format!("healer.{round}"), SignedDuration::ZERO, false);
            Worker::start(link, Function::Processor, self.seed ^ 0x6865_616c)
        };
        let worker = healer(0);
        for round in 0..MAX_HEALING_ROUNDS {
            let open: Vec<_> = self.world.rows().into_iter().filter(|row| !row.is_terminal()).collect();
            let Some(due) = open.iter().filter_map(|row| row.due_at.max(row.lease_until)).min() else { return round };
            let wait = due - self.world.now().as_millisecond();
            if let Ok(wait) = u64::try_from(wait) {
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            let past = self.world.elapsed().as_secs() % 60;
            tokio::time::sleep(Duration::from_secs(60 - past)).await;
            self.tick(&worker, 0).await;
            if self.world.elapsed() > began + MAX_HEALING_TIME {
                break;
            }
        }
        MAX_HEALING_ROUNDS
    }

    /// Checks the end and sums up.
    pub(crate) fn finish(&self, rounds: usize) -> RunOutcome {
        let works: Vec<_> = self.tasks.iter().map(|task| task.action).collect();
        let excused = checker::check_end(&self.world, &works);
        let statuses = self.world.rows().into_iter().fold(BTreeMap::new(), |mut counted, row| {
            *counted.entry(row.status).or_default() += 1;
            counted
        });
        let effects = checker::effects(&self.world, &works).iter().map(Vec::len).sum();
        let (trace, hash) = self.world.take_trace();
        let state = self.world.state();
        RunOutcome {
            violations: state.history.violations.clone(),
            trace,
            hash,
            conditions: state.history.conditions.iter().cloned().collect(),
            figures: RunStats {
                tasks: self.tasks.len(),
                calls: state.all_calls,
                exposed: state.kill_target_calls,
                faults: state.fault_count,
                kills: state.kill_count,
                effects,
                rounds,
                excused,
                statuses,
            },
        }
    }
}

/// Runs a plan to its end.
pub(crate) async fn run(seed: u64, people: &[UserId], plan: Plan, mutation: Mutation) -> RunOutcome {
    let run = Run::set_up(seed, people, plan.tasks, plan.skews, (mutation, plan.token_lifetime)).await;
    run.world.state().fault_plan = FaultPlan::Random(plan.profile);
    let began = run.world.elapsed();
    let mut steps = JoinSet::new();
    for (at, step) in plan.steps {
        tokio::time::sleep((began + at).saturating_sub(run.world.elapsed())).await;
        steps.spawn(Arc::clone(&run).execute(step));
    }
    while let Some(ended) = steps.join_next().await {
        if let Err(error) = ended {
            run.world.state().history.violations.push(format!("a step panicked: {error}"));
        }
    }
    let rounds = run.heal().await;
    run.finish(rounds)
}

/// A minute apart, so many times; none for a task that runs once.
fn recurrence(times: u32) -> Option<Recurrence> {
    let recurrence = json!({ "every": "PT1M", "count": times });
    (times > 1).then(|| serde_json::from_value(recurrence).unwrap())
}

/// The instant so long after the beginning, in whole seconds as people write it.
fn instant(after: Duration) -> Timestamp {
    Timestamp::from_second(START_EPOCH_SECONDS + i64::try_from(after.as_secs()).unwrap_or_default()).unwrap_or_default()
}

fn truncated_debug<T: std::fmt::Debug>(answer: &T) -> String {
    format!("{answer:?}").chars().take(160).collect()
}
