//! The plan of the accounts: those connected at the start, and the steps that race the tasks.

use std::time::Duration;

use crate::accounts::{CONNECTED_BY, LABELS, Naming, ToolAccount};
use crate::actions::TOOLS;
use crate::plan::{Step, Task, random_duration};
use crate::random::Rng;

/// A user's accounts of a tool at the start.
#[derive(Clone, Debug)]
pub(crate) struct ToolSetup {
    pub(crate) person: usize,
    pub(crate) tool: &'static str,
    /// The connected accounts.
    pub(crate) connected: Vec<usize>,
    /// The account with the first label.
    pub(crate) labelled: Option<usize>,
    /// The default account.
    pub(crate) default: Option<usize>,
}

/// A change of an account.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AccountStep {
    /// The user connects it, for the first time or with a new grant.
    Connect,
    /// The user disconnects it.
    Disconnect,
    /// Its owner revokes all grants at the provider.
    Revoke,
    /// The user sets its label, or removes it.
    Label(Option<usize>),
    /// The user makes it the default, or ends that.
    Default(bool),
}

/// Draws the accounts that users have connected at the start, for the tools of their tasks.
pub(crate) fn draw_setups(rng: &mut Rng, tasks: &[Task]) -> Vec<ToolSetup> {
    let mut setups = vec![];
    for (person, own) in CONNECTED_BY.into_iter().enumerate() {
        let used = |tool: &str| tasks.iter().any(|task| task.person == person && task.tool() == tool);
        for (tool, _) in TOOLS.into_iter().filter(|(tool, _)| used(tool)) {
            let mut connected: Vec<usize> = own.iter().copied().filter(|_| rng.chance_per_mille(800)).collect();
            if connected.is_empty() {
                connected.push(rng.choose(own));
            }
            let named = rng.choose(&connected);
            let labelled = rng.chance_per_mille(600).then_some(named);
            let default = rng.chance_per_mille(600).then_some(named);
            setups.push(ToolSetup { person, tool, connected, labelled, default });
        }
    }
    setups
}

/// Draws the way in which a task names its account: mostly one that means an account at the start.
pub(crate) fn draw_naming(rng: &mut Rng, task: &Task, setups: &[ToolSetup]) -> Naming {
    let setup = setups.iter().find(|setup| setup.person == task.person && setup.tool == task.tool());
    let connected = setup.map_or(&[][..], |setup| &setup.connected);
    let among = if rng.chance_per_mille(900) { connected } else { CONNECTED_BY[task.person] };
    let account = rng.choose(among);
    let is_meant = connected.len() == 1 || setup.is_some_and(|setup| setup.default.is_some());
    let is_labelled = setup.is_some_and(|setup| setup.labelled.is_some());
    match rng.in_range(0, 9) {
        0..=2 => Naming::Id(account),
        3 => Naming::Address(account),
        4..=6 if is_meant || rng.chance_per_mille(150) => Naming::Unnamed,
        7..=9 if is_labelled || rng.chance_per_mille(150) => Naming::Label(usize::from(rng.chance_per_mille(50))),
        _ => Naming::Id(account),
    }
}

/// Adds changes of the accounts that tasks use, many of them around a task's time.
pub(crate) fn add_account_steps(rng: &mut Rng, most: u64, tasks: &[Task], steps: &mut Vec<(Duration, Step)>) {
    if !rng.chance_per_mille(700) {
        return;
    }
    for _ in 0..rng.in_range(1, 6) {
        let number = rng.index(tasks.len());
        let task = tasks[number];
        let own = CONNECTED_BY[task.person];
        let named = task.naming.account().filter(|_| rng.chance_per_mille(700));
        let of =
            ToolAccount { person: task.person, tool: task.tool(), account: named.unwrap_or_else(|| rng.choose(own)) };
        let at = match task.due {
            Some(due) if rng.chance_per_mille(600) => {
                (due + random_duration(rng, 0, 8)).saturating_sub(Duration::from_secs(4))
            }
            _ => random_duration(rng, 5, most),
        };
        let step = draw_step(rng);
        steps.push((at, Step::Account(of, step)));
        let ends = matches!(step, AccountStep::Disconnect | AccountStep::Revoke);
        if ends && rng.chance_per_mille(200) {
            steps.push((at + random_duration(rng, 0, 60), Step::Cancel(number)));
        }
        if ends && rng.chance_per_mille(600) {
            steps.push((at + random_duration(rng, 0, 60), Step::Account(of, AccountStep::Connect)));
        }
    }
}

fn draw_step(rng: &mut Rng) -> AccountStep {
    match rng.in_range(0, 19) {
        0..=5 => AccountStep::Connect,
        6..=11 => AccountStep::Disconnect,
        12 | 13 => AccountStep::Revoke,
        14 | 15 => AccountStep::Label(Some(rng.index(LABELS.len()))),
        16 => AccountStep::Label(None),
        17 => AccountStep::Default(false),
        _ => AccountStep::Default(true),
    }
}
