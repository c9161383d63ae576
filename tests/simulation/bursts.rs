//! Bursts: many tasks of one account, due at the same time, at a provider that takes a few calls a second. Eight processors run
//! them at the pace that they learn: every task is done, and the last one not much later than the provider allows.

use engine::ids::UserId;
use sandbox::Strangeness;
use sandbox::strangeness::SlackLimits;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use crate::account_plan::ToolSetup;
use crate::accounts::Naming;
use crate::actions::Action;
use crate::batch::in_virtual_time;
use crate::faults::FaultProfile;
use crate::mutation::Mutation;
use crate::plan::{Plan, Step, Task};
use crate::provider_limit::ProviderLimit;
use crate::run::{Run, instant};
use crate::worker;

/// Tasks of a burst.
const TASKS: usize = 250;
/// The numbers of the immediate intents during a burst to the first conversation: one for each of the others.
const IMMEDIATE: Range<usize> = TASKS + 1..TASKS + 5;
/// Time of the burst: after all requests.
const DUE: Duration = Duration::from_secs(120);
/// Processors, each started at every minute.
const WORKERS: usize = 8;
/// Longest time of a burst, as a multiple of the time in which the provider can take it.
const MAX_TIMES_IDEAL: f64 = 1.3;
/// Time after which a burst is given up.
const MAX_MINUTES: u64 = 60;

/// A burst at one provider.
#[derive(Clone, Copy, Debug)]
struct Burst {
    name: &'static str,
    action: Action,
    /// Tasks a second that the provider can take.
    rate: f64,
    limit: fn() -> Option<ProviderLimit>,
}

const BURSTS: [Burst; 4] = [
    Burst { name: "Slack, one channel, 1 message/s", action: Action::SendMessage, rate: 1.0, limit: || None },
    Burst {
        name: "Slack, five conversations, 1 message/s each",
        action: Action::SendToEach,
        rate: 5.0,
        limit: || None,
    },
    // A page takes two requests: it is created with a key in its title, and renamed. Each processor looks its parent up once, by three
    // requests: 250 x 2 + 8 x 3 in all.
    Burst {
        name: "Notion, 3 requests/s",
        action: Action::CreatePage,
        rate: 3.0 * 250.0 / 524.0,
        limit: || Some(ProviderLimit::notion()),
    },
    // A mail takes 110 units: its draft, and the send.
    Burst {
        name: "Gmail, 15,000 units/min",
        action: Action::SendEmail,
        rate: 15_000.0 / 60.0 / 110.0,
        limit: || Some(ProviderLimit::gmail()),
    },
];

/// Runs every burst and prints its figures. Returns true if all are in time.
pub(crate) fn run() -> bool {
    let people = in_virtual_time(worker::verified_users());
    println!("bursts of {TASKS} tasks, {WORKERS} processors:");
    let mut passed = true;
    for burst in BURSTS {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred tasks")]
        let ideal = TASKS as f64 / burst.rate;
        let Figures { seconds, failed, calls, limited } = in_virtual_time(run_burst(&people, burst));
        let is_late = failed > 0 || seconds > ideal * MAX_TIMES_IDEAL;
        let verdict = if is_late { "  VIOLATION: " } else { "  " };
        println!(
            "{verdict}{}: {seconds:.0} s of {ideal:.0} s, {failed} not done, {calls} calls, {limited} refused",
            burst.name
        );
        passed &= !is_late;
    }
    passed
}

/// The figures of a burst.
struct Figures {
    /// From the time at which the tasks were due until the last one was done.
    seconds: f64,
    failed: usize,
    /// Calls of the store and of the provider.
    calls: usize,
    /// Calls that the provider refused because of its limit.
    limited: usize,
}

/// The tasks of a burst, and the immediate intents that may be sent during it, at providers with their documented limits.
fn plan_of(burst: Burst) -> Plan {
    let task = Task {
        person: 0,
        action: burst.action,
        naming: Naming::Unnamed,
        by_name: false,
        due: Some(DUE),
        occurrences: 1,
        keyed: false,
    };
    let immediate = Task { action: Action::SendToEach, due: None, ..task };
    let setup = ToolSetup { person: 0, tool: task.tool(), connected: vec![0], labelled: None, default: None };
    let mut strangeness = Strangeness::documented();
    strangeness.slack.limits = SlackLimits::Internal;
    Plan {
        tasks: [vec![task; TASKS], vec![immediate; IMMEDIATE.end - TASKS]].concat(),
        setups: vec![setup],
        steps: vec![],
        skews: vec![0; WORKERS + 1],
        profile: FaultProfile::default(),
        token_lifetime: None,
        strangeness,
    }
}

async fn run_burst(people: &[UserId], burst: Burst) -> Figures {
    let plan = plan_of(burst);
    let run = Run::set_up(1, people, &plan, Mutation::None).await;
    for number in 0..TASKS {
        Arc::clone(&run).execute(Step::Request(number)).await;
    }
    let calls = run.world.state().all_calls;
    run.world.state().provider_limit = (burst.limit)();
    let before = run.world.elapsed();
    assert!(before < DUE, "the requests took {before:?}");
    tokio::time::sleep(DUE - before).await;
    let mut runs = vec![];
    if burst.action == Action::SendMessage {
        runs.push(tokio::spawn(send_elsewhere(Arc::clone(&run))));
    }
    for minute in 0..MAX_MINUTES {
        let at = DUE + Duration::from_secs(60 * minute);
        tokio::time::sleep(at.saturating_sub(run.world.elapsed())).await;
        if is_done(&run) {
            break;
        }
        for worker in 1..=WORKERS {
            let tick = Step::Tick { worker, window: 60, killed_after: None };
            runs.push(tokio::spawn(Arc::clone(&run).execute(tick)));
        }
    }
    for run in runs {
        run.await.unwrap();
    }
    let rows = run.world.rows();
    let last = rows.iter().map(|row| row.updated_at).max().unwrap_or_default();
    let due = instant(DUE).as_millisecond();
    let expected = if burst.action == Action::SendMessage { TASKS + IMMEDIATE.len() } else { TASKS };
    let (all_calls, limited) = {
        let state = run.world.state();
        (state.all_calls, state.history.rate_limited)
    };
    Figures {
        seconds: Duration::from_millis(u64::try_from(last - due).unwrap_or_default()).as_secs_f64(),
        failed: expected - rows.iter().filter(|row| row.status == "completed").count(),
        calls: all_calls - calls,
        limited,
    }
}

/// Sends immediate messages to other conversations during a burst to one channel. None of them is refused.
async fn send_elsewhere(run: Arc<Run>) {
    for number in IMMEDIATE {
        tokio::time::sleep(Duration::from_secs(20)).await;
        Arc::clone(&run).execute(Step::Request(number)).await;
    }
}

fn is_done(run: &Run) -> bool {
    run.world.rows().iter().all(crate::history::Row::is_terminal)
}
