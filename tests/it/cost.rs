//! The cost per million operations, computed from the calls, capacity units and log lines counted here and from the prices and
//! assumptions in `cost/prices.json`. The table of tests/README.md must be equal: a change that adds a call, a unit or a line fails.

use crate::support::builders::message;
use crate::support::{TestApp, root};
use engine::request_budgets::LEASE_PERMITS;
use serde::Deserialize;
use std::fs;

#[derive(Deserialize)]
struct Prices {
    api_request: f64,
    lambda_request: f64,
    lambda_gb_second: f64,
    read_unit: f64,
    write_unit: f64,
    log_byte: f64,
    assumed: Assumed,
}

#[derive(Deserialize)]
struct Assumed {
    memory_gb: f64,
    processor_memory_gb: f64,
    vcpu: f64,
    store_ms: f64,
    provider_ms: f64,
    cpu_ms: Cpu,
    platform_log_bytes: usize,
    access_log_bytes: usize,
    hours_a_month: f64,
}

/// CPU time as measured by `cargo local bench`, rounded up. A task is assumed to cost as much as an intent.
#[derive(Deserialize)]
struct Cpu {
    read: f64,
    intent: f64,
    task: f64,
}

fn prices() -> Prices {
    serde_json::from_slice(&fs::read(root().join("tests/it/cost/prices.json")).unwrap()).unwrap()
}

/// The measured resource usage of one operation.
#[derive(Clone, Copy)]
struct Usage {
    reads: f64,
    writes: f64,
    /// Sequential round trips to the store.
    round_trips: usize,
    log_bytes: usize,
}

/// Dollars per million.
#[derive(Clone, Copy, Default)]
struct Cost {
    api: f64,
    lambda: f64,
    store: f64,
    logs: f64,
}

impl Cost {
    fn total(self) -> f64 {
        self.api + self.lambda + self.store + self.logs
    }

    /// The mean of many operations, of which one in so many costs as much as `other`.
    fn with_one_in(self, many: u32, other: Self) -> Self {
        let mean = |usual: f64, rare: f64| usual + (rare - usual) / f64::from(many);
        Self {
            api: mean(self.api, other.api),
            lambda: mean(self.lambda, other.lambda),
            store: mean(self.store, other.store),
            logs: mean(self.logs, other.logs),
        }
    }

    fn row(self, name: &str) -> String {
        let Self { api, lambda, store, logs } = self;
        format!("| {name} | ${:.2} | {api:.2} | {lambda:.2} | {store:.2} | {logs:.2} |", self.total())
    }
}

impl Prices {
    /// The cost of a million invocations that wait and compute for that many milliseconds each.
    fn lambda(&self, wait_ms: f64, cpu_ms: f64) -> f64 {
        let seconds = (wait_ms + cpu_ms / self.assumed.vcpu) / 1e3;
        1e6 * seconds * self.assumed.memory_gb * self.lambda_gb_second
    }

    fn store(&self, counted: Usage) -> f64 {
        1e6 * (counted.reads * self.read_unit + counted.writes * self.write_unit)
    }

    /// The cost of a million requests through the API.
    fn requests(&self, counted: Usage, provider_ms: f64, cpu_ms: f64) -> Cost {
        let wait = counted.round_trips as f64 * self.assumed.store_ms + provider_ms;
        let bytes = counted.log_bytes + self.assumed.platform_log_bytes + self.assumed.access_log_bytes;
        Cost {
            api: 1e6 * self.api_request,
            lambda: 1e6 * self.lambda_request + self.lambda(wait, cpu_ms),
            store: self.store(counted),
            logs: 1e6 * bytes as f64 * self.log_byte,
        }
    }

    /// The cost of a million due tasks. Tasks run concurrently within a run that is billed anyway, so waiting costs nothing
    /// extra.
    fn tasks(&self, counted: Usage) -> Cost {
        let logs = 1e6 * counted.log_bytes as f64 * self.log_byte;
        Cost { api: 0.0, lambda: self.lambda(0.0, self.assumed.cpu_ms.task), store: self.store(counted), logs }
    }
}

/// Measures the resource usage of `future`.
async fn measure(app: &TestApp, future: impl Future<Output = ()>) -> Usage {
    let log = app.capture_log();
    app.calls.reset();
    future.await;
    let units = app.calls.units();
    Usage {
        reads: units.iter().map(|(_, units)| units.read).sum(),
        writes: units.iter().map(|(_, units)| units.write).sum(),
        round_trips: app.calls.longest_chain(),
        log_bytes: log.lines().iter().map(|line| line.to_string().len() + 1).sum(),
    }
}

/// The rows of the table with their cost.
async fn model() -> Vec<(&'static str, Cost)> {
    let prices = prices();
    let cpu = &prices.assumed.cpu_ms;
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    // The process knows the agent, as of all but the first of a million operations.
    app.submit("u1", message().agent("agent_123")).await.succeeded();
    let read = measure(&app, async {
        app.get("u1", "/errors?agentId=agent_123").await.ok();
    });
    let read = prices.requests(read.await, 0.0, cpu.read);
    let busy = read.with_one_in(LEASE_PERMITS, leasing(&app, &prices).await);
    let intent = measure(&app, async {
        app.submit("u1", message().agent("agent_123")).await.succeeded();
    });
    let intent = prices.requests(intent.await, prices.assumed.provider_ms, cpu.intent);

    let held = held(&app, &prices).await;

    let later = message().agent("agent_123").at(app.after(10));
    let schedule = measure(&app, async {
        app.schedule("u1", later).await.scheduled();
    });
    let schedule = prices.requests(schedule.await, 0.0, cpu.read);
    app.advance(11);
    let run = measure(&app, async { assert_eq!(app.run_processor().await.ran, 1) }).await;
    // A poll that finds nothing. The idle month accounts for it, so it is subtracted from the run.
    let poll = measure(&app, async { assert_eq!(app.run_processor().await.ran, 0) }).await;
    let run = prices.tasks(Usage { reads: run.reads - poll.reads, ..run });
    let task = Cost {
        api: schedule.api,
        lambda: schedule.lambda + run.lambda,
        store: schedule.store + run.store,
        logs: schedule.logs + run.logs,
    };
    vec![
        ("a million reads", read),
        ("a million reads of a user who makes many a minute", busy),
        ("a million reads of a task that wait for 20 s", held),
        ("a million write intents", intent),
        ("a million scheduled tasks", task),
        ("an idle month", idle(&prices, poll)),
    ]
}

/// The cost of a million reads that each take a lease of permits.
async fn leasing(app: &TestApp, prices: &Prices) -> Cost {
    let read = async || drop(app.get("u2", "/errors?agentId=agent_123").await.ok());
    for _ in 0..LEASE_PERMITS {
        read().await;
    }
    prices.requests(measure(app, read()).await, 0.0, prices.assumed.cpu_ms.read)
}

/// The cost of a million reads that wait for a task as long as they can. The function is billed while it waits; the reads of the row
/// are in that time.
async fn held(app: &TestApp, prices: &Prices) -> Cost {
    let id = app.schedule("u1", message().agent("agent_123").at(app.after(10))).await.scheduled();
    let path = format!("/tasks?taskId={id}&wait=20");
    let read = async {
        app.with_advancing_clock(app.get("u1", &path)).await.ok();
    };
    let counted = measure(app, read).await;
    app.cancel(&id).await.ok();
    prices.requests(Usage { round_trips: 0, ..counted }, 20_000.0, prices.assumed.cpu_ms.read)
}

/// The cost of a month of runs that find nothing: each lasts a minute and polls every two seconds, so tasks start on time.
fn idle(prices: &Prices, poll: Usage) -> Cost {
    let runs = prices.assumed.hours_a_month * 60.0;
    let (polls, seconds) = (30.0, 60.0);
    Cost {
        api: 0.0,
        lambda: runs * (prices.lambda_request + seconds * prices.assumed.processor_memory_gb * prices.lambda_gb_second),
        store: runs * polls * prices.store(poll) / 1e6,
        logs: runs * prices.assumed.platform_log_bytes as f64 * prices.log_byte,
    }
}

const TABLE_HEAD: &str = "| What | Dollars | API | Lambda | DynamoDB | Logs |\n|---|---|---|---|---|---|";

#[tokio::test]
async fn the_cost_table_is_current() {
    let rows = model().await.into_iter().map(|(name, cost)| cost.row(name));
    let table = rows.fold(TABLE_HEAD.to_owned(), |table, row| format!("{table}\n{row}"));
    let page = fs::read_to_string(root().join("tests/README.md")).unwrap();
    assert!(page.contains(&table), "the table of costs in tests/README.md must be:\n{table}");
}

#[tokio::test]
async fn an_extra_call_changes_the_cost() {
    // Negative control: an additional call must change the cost.
    let (prices, app) = (prices(), TestApp::start().await);
    let row = async |times: usize| {
        let read = measure(&app, async {
            for _ in 0..times {
                app.get("u1", "/errors?agentId=agent_123").await.ok();
            }
        });
        prices.requests(read.await, 0.0, prices.assumed.cpu_ms.read).row("reads")
    };
    assert_ne!(row(1).await, row(2).await);
}
