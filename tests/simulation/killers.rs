//! Killers: tasks that kill their process at each call that posts a message, among tasks that do not. Every innocent task is done, in
//! time; each killer ends; and a process that a killer kills a second time has no other task in flight.

use engine::ids::UserId;
use engine::retry::MAX_CRASHES;
use sandbox::Strangeness;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use crate::account_plan::ToolSetup;
use crate::account_steps::run_job;
use crate::accounts::Naming;
use crate::actions::{Action, TOOLS};
use crate::batch::in_virtual_time;
use crate::faults::{FaultPlan, FaultProfile};
use crate::history::Row;
use crate::mutation::Mutation;
use crate::network::Network;
use crate::plan::{Plan, Step, Task};
use crate::run::{Run, instant};
use crate::worker;

/// The killers: a single task, and a series.
const KILLERS: Range<usize> = 0..2;
/// Occurrences of the series.
const OCCURRENCES: u32 = 3;
/// Innocent tasks that are due with the killers.
const NEIGHBOURS: Range<usize> = 2..26;
/// Innocent tasks of the minutes after that, one each.
const LATER: Range<usize> = 26..56;
/// Time at which the killers are due: after all requests.
const DUE: Duration = Duration::from_secs(120);
/// Longest time from there until every neighbour is done: the lease of the first run, a minute for each killer of a requested run, and
/// those of two polls.
const MAX_DELAY: Duration = Duration::from_secs(185 + 60 * 4);
/// Time until every killer has ended, with a wide margin.
const MINUTES: u64 = 60;
/// The first slot of the workers of requested runs: each has a process of its own.
const FIRST_REQUESTED_SLOT: usize = 10;

/// The bus, by what becomes of the runs that are requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bus {
    Delivers,
    LosesAll,
}

/// Runs the scenario and its control, and prints the figures. Returns true if it passed.
pub(crate) fn run() -> bool {
    let people = in_virtual_time(worker::verified_users());
    let mut passed = true;
    println!("{} killers among {} tasks:", KILLERS.len(), LATER.end);
    for bus in [Bus::Delivers, Bus::LosesAll] {
        let Figures { violations, kills, delay } = in_virtual_time(run_scenario(&people, bus, Mutation::None));
        println!("  {bus:?}: {kills} kills, the last neighbour done after {:.0} s", delay.as_secs_f64());
        passed &= violations.is_empty();
        violations.iter().for_each(|violation| println!("  VIOLATION: {violation}"));
    }
    let control = Mutation::CountedAtClaim;
    let found = in_virtual_time(run_scenario(&people, Bus::Delivers, control.clone())).violations;
    println!("  control, {control}: {}", found.first().map_or("NOT DETECTED", String::as_str));
    passed && !found.is_empty()
}

struct Figures {
    violations: Vec<String>,
    kills: usize,
    /// From the time at which the killers were due until the last of their neighbours was done.
    delay: Duration,
}

fn plan() -> Plan {
    let innocents = [Action::SendEmail, Action::CreateTask, Action::CreatePage];
    let tasks = (0..LATER.end).map(|number| {
        let later = number.saturating_sub(LATER.start - 1) * usize::from(LATER.contains(&number));
        Task {
            person: 0,
            action: if KILLERS.contains(&number) { Action::SendMessage } else { innocents[number % 3] },
            naming: Naming::Unnamed,
            by_name: false,
            due: Some(DUE + Duration::from_secs(60) * u32::try_from(later).unwrap_or_default()),
            occurrences: if number + 1 == KILLERS.end { OCCURRENCES } else { 1 },
            keyed: false,
        }
    });
    let setup = |tool| ToolSetup { person: 0, tool, connected: vec![0], labelled: None, default: None };
    Plan {
        tasks: tasks.collect(),
        setups: TOOLS.iter().map(|(tool, _)| setup(tool)).collect(),
        steps: vec![],
        skews: vec![],
        profile: FaultProfile::default(),
        token_lifetime: None,
        strangeness: Strangeness::documented(),
    }
}

async fn run_scenario(people: &[UserId], bus: Bus, mutation: Mutation) -> Figures {
    let run = Run::set_up(1, people, &plan(), mutation).await;
    for number in 0..LATER.end {
        Arc::clone(&run).execute(Step::Request(number)).await;
    }
    run.world.state().fault_plan = FaultPlan::Killers(KILLERS);
    let before = run.world.elapsed();
    assert!(before < DUE, "the requests took {before:?}");
    let delivery = tokio::spawn(deliver(Arc::clone(&run), bus));
    let mut runs = vec![];
    for minute in 0..MINUTES {
        let at = DUE + Duration::from_secs(60 * minute);
        tokio::time::sleep(at.saturating_sub(run.world.elapsed())).await;
        if run.world.rows().iter().all(Row::is_terminal) {
            break;
        }
        let tick =
            Step::Tick { worker: 1 + usize::try_from(minute % 2).unwrap_or_default(), window: 60, killed_after: None };
        runs.push(tokio::spawn(Arc::clone(&run).execute(tick)));
    }
    for run in runs {
        run.await.unwrap();
    }
    delivery.abort();
    let rows = run.world.rows();
    let kills = run.world.state().kill_count;
    let outcome = run.finish(0);
    let mut violations = outcome.violations;
    violations.extend(rows.iter().filter_map(wrong_end));
    let most = KILLERS.len() * (1 + MAX_CRASHES as usize) + (OCCURRENCES as usize - 1);
    if kills > most {
        violations.push(format!("{kills} kills, and {most} suffice"));
    }
    let delay = delay_of(&rows);
    if delay > MAX_DELAY {
        violations.push(format!("the last neighbour was done after {delay:?}"));
    }
    Figures { violations, kills, delay }
}

/// Starts the requested runs, each in a process of its own.
async fn deliver(run: Arc<Run>, bus: Bus) {
    let mut slot = FIRST_REQUESTED_SLOT;
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let requested = std::mem::take(&mut run.world.state().requested_runs);
        for job in requested.into_iter().filter(|_| bus == Bus::Delivers) {
            let run = Arc::clone(&run);
            tokio::spawn(async move { run_job(&run.worker(slot), &job).await });
            slot += 1;
        }
    }
}

/// The end of a row, if it is another than its task deserves.
fn wrong_end(row: &Row) -> Option<String> {
    let task = row.task?;
    let end = (row.status.as_str(), row.error.as_deref().unwrap_or_default());
    let expected = if KILLERS.contains(&task) { ("failed", "ATTEMPTS_EXHAUSTED") } else { ("completed", "") };
    (end != expected).then(|| format!("task {task} is {end:?}, not {expected:?}"))
}

/// The time until the last neighbour was done.
fn delay_of(rows: &[Row]) -> Duration {
    let neighbours = rows.iter().filter(|row| row.task.is_some_and(|task| NEIGHBOURS.contains(&task)));
    let last = neighbours.map(|row| row.updated_at).max().unwrap_or_default();
    Duration::from_millis(u64::try_from(last - instant(DUE).as_millisecond()).unwrap_or_default())
}

/// Records the tasks that are in flight in a process when one of them kills it, and checks that a task which was in flight in an
/// earlier crash has no other beside it.
pub(crate) fn record_crash(network: &Network, killer: Option<usize>) {
    let has_killers = matches!(network.world.state().fault_plan, FaultPlan::Killers(_));
    let Some(killer) = killer.filter(|_| has_killers) else { return };
    let rows = network.world.rows();
    let mut state = network.world.state();
    let in_flight = rows.iter().filter(|row| row.status == "processing");
    let in_flight = in_flight.filter(|row| state.history.holder(row) == Some(network.name.as_str()));
    let in_flight: Vec<usize> = in_flight.filter_map(|row| row.task).collect();
    if in_flight.len() > 1 && state.history.crashed.contains(&killer) {
        let violation = format!("{} runs the suspect {killer} among {in_flight:?}", network.name);
        state.history.violations.push(violation);
    }
    state.history.crashed.extend(in_flight);
}
