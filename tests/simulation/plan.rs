//! What a seed lets happen: tasks, what people do, when the schedule fires, how clocks are wrong.

use std::time::Duration;

use crate::actions::{Action, PEOPLE, TOOLS};
use crate::faults::FaultProfile;
use crate::random::Rng;

/// The plan of one seed.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The tasks, by number.
    pub(crate) tasks: Vec<Task>,
    /// What happens when, in order.
    pub(crate) steps: Vec<(Duration, Step)>,
    /// How wrong each worker's clock is, in seconds; the first is the API's.
    pub(crate) skews: Vec<i64>,
    /// The faults.
    pub(crate) profile: FaultProfile,
    /// How long connections' tokens live; without an end when absent.
    pub(crate) token_lifetime: Option<i64>,
}

/// One task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) person: usize,
    pub(crate) action: Action,
    /// Whether places are named or given by id.
    pub(crate) by_name: bool,
    /// When it is to run, after the beginning; at once when absent.
    pub(crate) due: Option<Duration>,
    /// How many times it runs, a minute apart.
    pub(crate) occurrences: u32,
    /// Whether it is asked for with an idempotency key, and then possibly more than once.
    pub(crate) keyed: bool,
}

/// Something that happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A person asks for a task.
    Request(usize),
    /// A person takes a task back.
    Cancel(usize),
    /// A person asks for a task again.
    Retry { task: usize, force: bool },
    /// A person disconnects a tool.
    Disconnect { person: usize, tool: usize },
    /// The store refuses every call for so long.
    Outage(Duration),
    /// The schedule fires.
    Tick {
        worker: usize,
        /// How long the run asks for due work, in seconds.
        window: u8,
        /// When the worker is killed if it still runs, whatever it does then.
        killed_after: Option<Duration>,
    },
}

fn random_duration(dice: &mut Rng, least: u64, most: u64) -> Duration {
    Duration::from_millis(dice.in_range(least * 1000, most * 1000))
}

impl Plan {
    /// What a seed plans: `count` tasks within `minutes` of faults.
    pub(crate) fn random(dice: &mut Rng, count: usize, minutes: u64) -> Self {
        let most = minutes * 60;
        let profile = FaultProfile::random(dice);
        let mut tasks: Vec<Task> = (0..count).map(|_| random_task(dice, most)).collect();
        let token_lifetime = dice.chance_per_mille(300).then(|| i64::try_from(dice.in_range(10, 1_000)).unwrap_or(60));
        let rush =
            (token_lifetime.is_some() && dice.chance_per_mille(500)).then(|| align_due_times(dice, most, &mut tasks));
        let workers = usize::try_from(dice.in_range(1, 8)).unwrap_or(1);
        let wrong = dice.chance_per_mille(250);
        let skews = (0..=workers).map(|_| random_skew(dice, wrong)).collect();
        let mut steps = vec![];
        for (number, task) in tasks.iter().enumerate() {
            let latest = task.due.map_or(most, |due| due.as_secs().saturating_sub(1)).max(1);
            steps.push((random_duration(dice, 0, latest.min(most)), Step::Request(number)));
            while task.keyed && dice.chance_per_mille(500) {
                steps.push((random_duration(dice, 0, most), Step::Request(number)));
            }
            if dice.chance_per_mille(150) {
                steps.push((random_duration(dice, 0, most), Step::Cancel(number)));
            }
            while dice.chance_per_mille(200) {
                steps.push((
                    random_duration(dice, 0, most),
                    Step::Retry { task: number, force: dice.chance_per_mille(700) },
                ));
            }
        }
        if dice.chance_per_mille(60) {
            steps.push((
                random_duration(dice, 30, most),
                Step::Disconnect { person: dice.index(PEOPLE.len()), tool: dice.index(TOOLS.len()) },
            ));
        }
        if dice.chance_per_mille(100) {
            steps.push((random_duration(dice, 0, most - 60), Step::Outage(Duration::from_secs(60))));
        }
        add_ticks(dice, most, workers, profile.killed, &mut steps);
        if let Some(at) = rush {
            steps.extend((1..=workers).map(|worker| (at, Step::Tick { worker, window: 4, killed_after: None })));
        }
        steps.sort_by_key(|(at, _)| *at);
        Self { tasks, steps, skews, profile, token_lifetime }
    }
}

/// One person's tasks come due at one instant: several workers find the same tokens about to end.
fn align_due_times(dice: &mut Rng, most: u64, tasks: &mut [Task]) -> Duration {
    let (person, at) = (dice.index(PEOPLE.len()), random_duration(dice, 2, most - 30));
    for task in tasks {
        task.person = person;
        task.due = task.due.map(|_| at);
    }
    at
}

fn random_task(dice: &mut Rng, most: u64) -> Task {
    let work = Action::random(dice);
    let due = (!dice.chance_per_mille(200)).then(|| random_duration(dice, 2, most - 30));
    let repeats = due.is_some() && work.effect_kind().is_some() && dice.chance_per_mille(120);
    let times = if repeats { dice.choose(&[2, 3, 4]) } else { 1 };
    Task {
        person: dice.index(PEOPLE.len()),
        action: work,
        by_name: dice.chance_per_mille(300),
        due,
        occurrences: times,
        keyed: dice.chance_per_mille(300),
    }
}

/// How wrong a clock is: by no more than the engine allows for, or in some seeds far more.
fn random_skew(dice: &mut Rng, wrong: bool) -> i64 {
    if wrong && dice.chance_per_mille(300) {
        return dice.choose(&[-300, -30, 30, 300]);
    }
    dice.choose(&[0, 0, 0, -5, 5])
}

/// The schedule fires each minute or so: early, late, not at all, twice, and on several workers at once.
fn add_ticks(dice: &mut Rng, most: u64, workers: usize, killed: u64, steps: &mut Vec<(Duration, Step)>) {
    let every = dice.choose(&[20, 30, 60]);
    let mut minute = every;
    while minute < most {
        let at = Duration::from_secs(minute) + random_duration(dice, 0, 5);
        minute += every;
        if dice.chance_per_mille(150) {
            continue;
        }
        let times = if dice.chance_per_mille(400) { dice.in_range(2, 8.min(workers as u64 + 1)) } else { 1 };
        for _ in 0..times {
            let apart = if dice.chance_per_mille(600) { Duration::ZERO } else { random_duration(dice, 0, 30) };
            let window = dice.choose(&[0, 0, 0, 2, 4, 10]);
            let killed_after = dice.chance_per_mille(killed * 10).then(|| random_duration(dice, 0, 30));
            steps.push((at + apart, Step::Tick { worker: 1 + dice.index(workers), window, killed_after }));
        }
    }
}
