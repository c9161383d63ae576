//! Every crash point: one task's life without faults is counted, then it is lived again with the worker killed at each call,
//! on either side of it; then with a second kill at each call of what follows.

use engine::ids::UserId;
use std::sync::Arc;
use std::time::Duration;

use crate::actions::Action;
use crate::batch::{RunKind, RunReport};
use crate::faults::{FaultPlan, Kill};
use crate::mutation::Mutation;
use crate::plan::{Step, Task};
use crate::run::{Run, RunOutcome};

/// When the task is due, or asked for when it is to run at once.
const DUE_SECONDS: u64 = 30;
/// The schedule fires this often after that: long enough for the longest lease to end, and for a second try.
const TICKS: u64 = 8;
/// The same for a task that kills whoever tries it, until it is given up.
const KILL_EVERY_CALL_TICKS: u64 = 60;

/// The lives that are lived: each action, scheduled and immediate.
pub(crate) fn scenarios() -> Vec<(Action, bool)> {
    Action::CREATES.into_iter().flat_map(|work| [(work, true), (work, false)]).collect()
}

/// One life in this weather.
async fn run_scenario(people: &[UserId], (work, scheduled): (Action, bool), weather: FaultPlan) -> RunOutcome {
    let ticks = if matches!(weather, FaultPlan::KillEveryProviderCall { .. }) { KILL_EVERY_CALL_TICKS } else { TICKS };
    let task = Task {
        person: 0,
        action: work,
        by_name: true,
        due: scheduled.then(|| Duration::from_secs(DUE_SECONDS)),
        occurrences: 1,
        keyed: false,
    };
    let run = Run::set_up(1, people, vec![task], vec![0, 0], (Mutation::None, None)).await;
    run.world.state().fault_plan = weather;
    tokio::time::sleep(Duration::from_secs(1)).await;
    Arc::clone(&run).execute(Step::Request(0)).await;
    for minute in 0..ticks {
        let at = Duration::from_secs(DUE_SECONDS + 1 + 60 * minute);
        tokio::time::sleep(at.saturating_sub(run.world.elapsed())).await;
        Arc::clone(&run).execute(Step::Tick { worker: 1, window: 0, killed_after: None }).await;
    }
    let rounds = run.heal().await;
    run.finish(rounds)
}

fn both_sides(call: usize) -> [Kill; 2] {
    [Kill { call, after: false }, Kill { call, after: true }]
}

/// All crash points of one life; `pairs` is the most pairs of kills tried.
pub(crate) async fn sweep(people: &[UserId], life: (Action, bool), pairs: usize, mut tell: impl FnMut(RunReport)) {
    let kind = if life.1 { "scheduled" } else { "immediate" };
    let name = format!("{kind} {}", life.0.tool_and_intent().1);
    let whole = run_scenario(people, life, FaultPlan::NoFaults).await;
    let points = whole.figures.exposed;
    tell(RunReport::new(RunKind::Baseline { name: name.clone(), points }, whole));
    for after in [false, true] {
        let mut outcome = run_scenario(people, life, FaultPlan::KillEveryProviderCall { after }).await;
        if outcome.figures.rounds > 0 {
            outcome.violations.push("a task that kills whoever tries it goes on".to_owned());
        }
        tell(RunReport::new(RunKind::KillEveryCall { name: name.clone(), after }, outcome));
    }
    let mut left = pairs;
    for first in (0..points).flat_map(both_sides) {
        let outcome = run_scenario(people, life, FaultPlan::Kills(vec![first])).await;
        let calls = outcome.figures.exposed;
        tell(RunReport::new(RunKind::Kills { name: name.clone(), kills: vec![first] }, outcome));
        for second in (first.call + 1..calls).flat_map(both_sides) {
            if left == 0 {
                break;
            }
            left -= 1;
            let outcome = run_scenario(people, life, FaultPlan::Kills(vec![first, second])).await;
            tell(RunReport::new(RunKind::Kills { name: name.clone(), kills: vec![first, second] }, outcome));
        }
    }
}
