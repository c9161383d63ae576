//! Crash point sweep: a scenario is run once without faults to count its calls, then again with the worker killed before and
//! after each call, then with a second kill at each later call.

use engine::ids::UserId;
use sandbox::Strangeness;
use std::sync::Arc;
use std::time::Duration;

use crate::account_plan::ToolSetup;
use crate::accounts::Naming;
use crate::actions::Action;
use crate::batch::{RunKind, RunReport};
use crate::faults::{FaultPlan, FaultProfile, Kill};
use crate::mutation::Mutation;
use crate::plan::{Plan, Step, Task};
use crate::run::{Run, RunOutcome};

/// Due time of the task, or request time of an immediate one, in seconds.
const DUE_SECONDS: u64 = 30;
/// Number of ticks after that: enough for the longest lease to expire and for a second attempt.
const TICKS: u64 = 8;
/// Number of ticks for a task that kills every worker, until it is abandoned.
const KILL_EVERY_CALL_TICKS: u64 = 60;

/// One task: a creating action, scheduled or immediate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    action: Action,
    scheduled: bool,
}

/// The scenarios: each creating action, scheduled and immediate.
pub(crate) fn scenarios() -> Vec<Scenario> {
    let both = |action| [true, false].map(|scheduled| Scenario { action, scheduled });
    Action::CREATES.into_iter().flat_map(both).collect()
}

/// Runs one scenario under a fault plan.
async fn run_scenario(people: &[UserId], scenario: Scenario, fault_plan: FaultPlan) -> RunOutcome {
    let ticks =
        if matches!(fault_plan, FaultPlan::KillEveryProviderCall { .. }) { KILL_EVERY_CALL_TICKS } else { TICKS };
    let task = Task {
        person: 0,
        action: scenario.action,
        naming: Naming::Unnamed,
        by_name: true,
        due: scenario.scheduled.then(|| Duration::from_secs(DUE_SECONDS)),
        occurrences: 1,
        keyed: false,
    };
    let setup = ToolSetup { person: 0, tool: task.tool(), connected: vec![0], labelled: None, default: None };
    let plan = Plan {
        tasks: vec![task],
        setups: vec![setup],
        steps: vec![],
        skews: vec![0, 0],
        profile: FaultProfile::default(),
        token_lifetime: None,
        strangeness: Strangeness::content(),
    };
    let run = Run::set_up(1, people, &plan, Mutation::None).await;
    run.world.state().fault_plan = fault_plan;
    tokio::time::sleep(Duration::from_secs(1)).await;
    Arc::clone(&run).execute(Step::Request(0)).await;
    for minute in 0..ticks {
        let at = Duration::from_secs(DUE_SECONDS + 1 + 60 * minute);
        tokio::time::sleep(at.saturating_sub(run.world.elapsed())).await;
        Arc::clone(&run).execute(Step::Tick { worker: 1, window: 0, killed_after: None }).await;
    }
    run.end_faults();
    let rounds = run.heal(&run.healer()).await;
    run.finish(rounds)
}

fn both_sides(call: usize) -> [Kill; 2] {
    [Kill { call, after: false }, Kill { call, after: true }]
}

/// Sweeps all crash points of one scenario; `pairs` is the maximal number of pairs of kills.
pub(crate) async fn sweep(
    people: &[UserId],
    scenario: Scenario,
    pairs: usize,
    mut write_report: impl FnMut(RunReport),
) {
    let kind = if scenario.scheduled { "scheduled" } else { "immediate" };
    let name = format!("{kind} {}", scenario.action.tool_and_intent().1);
    let baseline = run_scenario(people, scenario, FaultPlan::NoFaults).await;
    let points = baseline.stats.kill_points;
    write_report(RunReport::new(RunKind::Baseline { name: name.clone(), points }, baseline));
    for after in [false, true] {
        let mut outcome = run_scenario(people, scenario, FaultPlan::KillEveryProviderCall { after }).await;
        if outcome.stats.rounds > 0 {
            outcome.violations.push("a task that kills every worker does not end".to_owned());
        }
        write_report(RunReport::new(RunKind::KillEveryCall { name: name.clone(), after }, outcome));
    }
    let mut remaining = pairs;
    for first in (0..points).flat_map(both_sides) {
        let outcome = run_scenario(people, scenario, FaultPlan::Kills(vec![first])).await;
        let calls = outcome.stats.kill_points;
        write_report(RunReport::new(RunKind::Kills { name: name.clone(), kills: vec![first] }, outcome));
        for second in (first.call + 1..calls).flat_map(both_sides) {
            if remaining == 0 {
                break;
            }
            remaining -= 1;
            let outcome = run_scenario(people, scenario, FaultPlan::Kills(vec![first, second])).await;
            write_report(RunReport::new(RunKind::Kills { name: name.clone(), kills: vec![first, second] }, outcome));
        }
    }
}
