//! The plan of a seed: tasks, user requests, ticks of the schedule, clock skews.

use sandbox::Strangeness;
use std::time::Duration;

use crate::account_plan::{self, AccountStep, ToolSetup};
use crate::accounts::{Naming, ToolAccount};
use crate::actions::{Action, PEOPLE, TOOLS};
use crate::faults::FaultProfile;
use crate::random::Rng;
use crate::strangeness;

/// The plan of one seed.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The tasks; the index is the task's number.
    pub(crate) tasks: Vec<Task>,
    /// The accounts at the start.
    pub(crate) setups: Vec<ToolSetup>,
    /// The steps with their occurrences, in order.
    pub(crate) steps: Vec<(Duration, Step)>,
    /// The clock skew of each worker in seconds; the first is the API's.
    pub(crate) skews: Vec<i64>,
    /// The fault profile.
    pub(crate) profile: FaultProfile,
    /// The lifetime of the connections' tokens in seconds; `None`: no expiry.
    pub(crate) token_lifetime: Option<i64>,
    /// The strangeness of the providers.
    pub(crate) strangeness: Strangeness,
}

/// One task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) person: usize,
    pub(crate) action: Action,
    /// The way in which it names its account.
    pub(crate) naming: Naming,
    /// True if targets are given by name instead of id.
    pub(crate) by_name: bool,
    /// The due time since the start; `None`: an immediate intent.
    pub(crate) due: Option<Duration>,
    /// The number of occurrences, one minute apart.
    pub(crate) occurrences: u32,
    /// True if it is requested with an idempotency key, possibly more than once.
    pub(crate) keyed: bool,
}

impl Task {
    /// The tool.
    pub(crate) fn tool(&self) -> &'static str {
        self.action.tool_and_intent().0
    }
}

/// One step of a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A user requests a task.
    Request(usize),
    /// A user cancels a task.
    Cancel(usize),
    /// A user requests a retry.
    Retry { task: usize, force: bool },
    /// An account changes.
    Account(ToolAccount, AccountStep),
    /// The store refuses every call for this duration.
    Outage(Duration),
    /// The schedule starts a run.
    Tick {
        worker: usize,
        /// The duration for which the run polls, in seconds.
        window: u8,
        /// The time after which the worker is killed if it still runs.
        killed_after: Option<Duration>,
    },
}

/// Draws a duration between two numbers of seconds.
pub(crate) fn random_duration(rng: &mut Rng, least: u64, most: u64) -> Duration {
    Duration::from_millis(rng.in_range(least * 1000, most * 1000))
}

impl Plan {
    /// Draws the plan of a seed: `count` tasks within `minutes` of faults.
    pub(crate) fn of_seed(seed: u64, count: usize, minutes: u64) -> Self {
        let plan = Self::random(&mut Rng::new(seed), count, minutes);
        Self { profile: plan.profile.with_freezes(seed), ..plan }
    }

    fn random(rng: &mut Rng, count: usize, minutes: u64) -> Self {
        let most = minutes * 60;
        let profile = FaultProfile::random(rng);
        let tools = random_tools(rng);
        let mut tasks: Vec<Task> = (0..count).map(|_| random_task(rng, most, &tools)).collect();
        let token_lifetime = rng.chance_per_mille(300).then(|| i64::try_from(rng.in_range(10, 1_000)).unwrap_or(60));
        let burst =
            (token_lifetime.is_some() && rng.chance_per_mille(500)).then(|| align_due_times(rng, most, &mut tasks));
        let setups = account_plan::draw_setups(rng, &tasks);
        for task in &mut tasks {
            task.naming = account_plan::draw_naming(rng, task, &setups);
        }
        let workers = usize::try_from(rng.in_range(1, 8)).unwrap_or(1);
        let wrong = rng.chance_per_mille(250);
        let skews = (0..=workers).map(|_| random_skew(rng, wrong)).collect();
        let mut steps = vec![];
        for (number, task) in tasks.iter().enumerate() {
            let latest = task.due.map_or(most, |due| due.as_secs().saturating_sub(1)).max(1);
            steps.push((random_duration(rng, 0, latest.min(most)), Step::Request(number)));
            while task.keyed && rng.chance_per_mille(500) {
                steps.push((random_duration(rng, 0, most), Step::Request(number)));
            }
            if rng.chance_per_mille(150) {
                steps.push((random_duration(rng, 0, most), Step::Cancel(number)));
            }
            while rng.chance_per_mille(200) {
                steps.push((
                    random_duration(rng, 0, most),
                    Step::Retry { task: number, force: rng.chance_per_mille(700) },
                ));
            }
        }
        account_plan::add_account_steps(rng, most, &tasks, &mut steps);
        if rng.chance_per_mille(100) {
            steps.push((random_duration(rng, 0, most - 60), Step::Outage(Duration::from_secs(60))));
        }
        add_ticks(rng, most, workers, profile.killed, &mut steps);
        if let Some(at) = burst {
            steps.extend((1..=workers).map(|worker| (at, Step::Tick { worker, window: 4, killed_after: None })));
        }
        steps.sort_by_key(|(at, _)| *at);
        let strangeness = strangeness::random(rng);
        Self { tasks, setups, steps, skews, profile, token_lifetime, strangeness }
    }
}

/// Makes all tasks due at one instant for one person, so that several workers refresh the same tokens.
fn align_due_times(rng: &mut Rng, most: u64, tasks: &mut [Task]) -> Duration {
    let (person, at) = (rng.index(PEOPLE.len()), random_duration(rng, 2, most - 30));
    for task in tasks {
        task.person = person;
        task.due = task.due.map(|_| at);
    }
    at
}

/// Draws the tools of a seed's tasks. With few of them many tasks share an account.
fn random_tools(rng: &mut Rng) -> Vec<&'static str> {
    let (first, count) = (rng.index(TOOLS.len()), rng.choose(&[1, 2, 2, 4]));
    TOOLS.iter().cycle().skip(first).take(count).map(|(tool, _)| *tool).collect()
}

fn random_task(rng: &mut Rng, most: u64, tools: &[&str]) -> Task {
    let action = Action::random(rng, tools);
    let due = (!rng.chance_per_mille(200)).then(|| random_duration(rng, 2, most - 30));
    let repeats = due.is_some() && action.effect_kind().is_some() && rng.chance_per_mille(120);
    let occurrences = if repeats { rng.choose(&[2, 3, 4]) } else { 1 };
    Task {
        person: rng.index(PEOPLE.len()),
        action,
        naming: Naming::Unnamed,
        by_name: rng.chance_per_mille(300),
        due,
        occurrences,
        keyed: rng.chance_per_mille(300),
    }
}

/// Draws a clock skew: within the engine's tolerance, or in some seeds far beyond.
fn random_skew(rng: &mut Rng, wrong: bool) -> i64 {
    if wrong && rng.chance_per_mille(300) {
        return rng.choose(&[-300, -30, 30, 300]);
    }
    rng.choose(&[0, 0, 0, -5, 5])
}

/// Adds ticks about every minute: early, late, missing, twice, and on several workers at once.
fn add_ticks(rng: &mut Rng, most: u64, workers: usize, killed: u64, steps: &mut Vec<(Duration, Step)>) {
    let every = rng.choose(&[20, 30, 60]);
    let mut minute = every;
    while minute < most {
        let at = Duration::from_secs(minute) + random_duration(rng, 0, 5);
        minute += every;
        if rng.chance_per_mille(150) {
            continue;
        }
        let occurrences = if rng.chance_per_mille(400) { rng.in_range(2, 8.min(workers as u64 + 1)) } else { 1 };
        for _ in 0..occurrences {
            let apart = if rng.chance_per_mille(600) { Duration::ZERO } else { random_duration(rng, 0, 30) };
            let window = rng.choose(&[0, 0, 0, 2, 4, 10]);
            let killed_after = rng.chance_per_mille(killed * 10).then(|| random_duration(rng, 0, 30));
            steps.push((at + apart, Step::Tick { worker: 1 + rng.index(workers), window, killed_after }));
        }
    }
}
