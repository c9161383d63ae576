//! Every crash point: one task's life without faults is counted, then it is lived again with the worker killed at each call,
//! on either side of it; then with a second kill at each call of what follows.

use engine::ids::UserId;
use std::sync::Arc;
use std::time::Duration;

use crate::batch::{Finding, Item};
use crate::faults::{Kill, Weather};
use crate::mutation::Mutation;
use crate::plan::{Step, Task};
use crate::run::{Outcome, Run};
use crate::work::Work;

/// When the task is due, or asked for when it is to run at once.
const DUE: u64 = 30;
/// The schedule fires this often after that: long enough for the longest lease to end, and for a second try.
const TICKS: u64 = 8;
/// The same for a task that kills whoever tries it, until it is given up.
const POISON_TICKS: u64 = 60;

/// The lives that are lived: each action, scheduled and immediate.
pub(crate) fn lives() -> Vec<(Work, bool)> {
    Work::CREATING.into_iter().flat_map(|work| [(work, true), (work, false)]).collect()
}

/// One life in this weather.
async fn live(people: &[UserId], (work, scheduled): (Work, bool), weather: Weather) -> Outcome {
    let ticks = if matches!(weather, Weather::Poison { .. }) { POISON_TICKS } else { TICKS };
    let task = Task {
        person: 0,
        work,
        by_name: true,
        due: scheduled.then(|| Duration::from_secs(DUE)),
        times: 1,
        keyed: false,
    };
    let run = Run::prepare(1, people, vec![task], vec![0, 0], (Mutation::None, None)).await;
    run.world.state().weather = weather;
    tokio::time::sleep(Duration::from_secs(1)).await;
    Arc::clone(&run).step(Step::Ask(0)).await;
    for minute in 0..ticks {
        let at = Duration::from_secs(DUE + 1 + 60 * minute);
        tokio::time::sleep(at.saturating_sub(run.world.elapsed())).await;
        Arc::clone(&run).step(Step::Tick { worker: 1, window: 0, killed_after: None }).await;
    }
    let rounds = run.heal().await;
    run.close(rounds)
}

fn sides(call: usize) -> [Kill; 2] {
    [Kill { call, after: false }, Kill { call, after: true }]
}

/// All crash points of one life; `pairs` is the most pairs of kills tried.
pub(crate) async fn crash(people: &[UserId], life: (Work, bool), pairs: usize, mut tell: impl FnMut(Item)) {
    let kind = if life.1 { "scheduled" } else { "immediate" };
    let name = format!("{kind} {}", life.0.names().1);
    let whole = live(people, life, Weather::Fair).await;
    let points = whole.figures.exposed;
    tell(Item::of(Finding::Life { name: name.clone(), points }, whole));
    for after in [false, true] {
        let mut outcome = live(people, life, Weather::Poison { after }).await;
        if outcome.figures.rounds > 0 {
            outcome.violations.push("a task that kills whoever tries it goes on".to_owned());
        }
        tell(Item::of(Finding::Poison { name: name.clone(), after }, outcome));
    }
    let mut left = pairs;
    for first in (0..points).flat_map(sides) {
        let outcome = live(people, life, Weather::Kills(vec![first])).await;
        let calls = outcome.figures.exposed;
        tell(Item::of(Finding::Kills { name: name.clone(), kills: vec![first] }, outcome));
        for second in (first.call + 1..calls).flat_map(sides) {
            if left == 0 {
                break;
            }
            left -= 1;
            let outcome = live(people, life, Weather::Kills(vec![first, second])).await;
            tell(Item::of(Finding::Kills { name: name.clone(), kills: vec![first, second] }, outcome));
        }
    }
}
