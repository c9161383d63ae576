//! The fuzz targets' checks in every test run: their seeds, mutations of the seeds, and 10,000 mutated provider replies.
//! OWASP API10 (2023).
#![expect(clippy::print_stdout, reason = "the number of cases is shown with --nocapture")]

mod mutations;

// The functions that libFuzzer runs: `tests/fuzz/run`.
#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "public to the fuzz targets")]
mod targets;

use crate::support::{RecordedAction, record, root};
use engine::adapters::action::ActionDef;
use engine::adapters::{self, Adapter};
use mutations::{Rng, mutated, mutated_json};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use targets::provider_replies::{Exchange, Reply, STEPS, Step, StepResult, check_step};

/// The number of mutations per target: 256, or `PROPTEST_CASES`, as for the other property tests.
fn cases() -> u32 {
    proptest::test_runner::Config::default().cases
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = root().join("tests/fuzz/seeds").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 3, "{target} has too few seeds");
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Runs a target with its seeds, then with mutations of them. A failure shows its input, which can be added as a seed.
fn run_target(target: &str, check: fn(&[u8])) {
    let seeds = seeds(target);
    seeds.iter().for_each(|seed| check(seed));
    let mut rng = Rng::new(1);
    for _ in 0..cases() {
        let input = mutated(&mut rng, &seeds);
        let outcome = std::panic::catch_unwind(|| check(&input));
        assert!(outcome.is_ok(), "{target}: {:?}", String::from_utf8_lossy(&input));
    }
}

#[test]
fn jwt_target_holds_for_mutated_seeds() {
    run_target("jwt", targets::jwt);
}

#[test]
fn callback_query_target_holds_for_mutated_seeds() {
    run_target("callback_query", targets::callback_query);
}

#[test]
fn mail_headers_target_holds_for_mutated_seeds() {
    run_target("mail_headers", targets::mail_headers);
}

#[test]
fn intent_body_target_holds_for_mutated_seeds() {
    run_target("intent_body", targets::intent_body);
}

#[test]
fn retry_after_target_holds_for_mutated_seeds() {
    run_target("retry_after", targets::retry_after);
}

#[test]
fn provider_replies_target_holds_for_mutated_seeds() {
    run_target("provider_replies", targets::provider_replies);
}

const STATUSES: [u16; 28] = [
    200, 200, 200, 200, 200, 200, 201, 202, 204, 206, 301, 302, 304, 400, 401, 402, 403, 404, 409, 410, 418, 429, 451,
    500, 502, 503, 529, 999,
];

/// Every action, with the sandbox's responses to each of its steps.
async fn record_all_actions() -> Vec<(&'static Adapter, &'static ActionDef, RecordedAction)> {
    let mut recordings = vec![];
    for adapter in adapters::ALL {
        for action in adapter.actions {
            recordings.push((*adapter, action, record(adapter, action).await));
        }
    }
    recordings
}

#[test]
fn no_mutated_provider_reply_is_misread() {
    // The steps run on their own runtime, so this one must be dropped first.
    let recordings = tokio::runtime::Runtime::new().unwrap().block_on(record_all_actions());
    let (mut rng, mut tried) = (Rng::new(7), 0);
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    while tried < 10_000 {
        for (adapter, action, RecordedAction { checkpoint: handle, steps, .. }) in &recordings {
            for (step, good) in STEPS.into_iter().zip(steps).filter(|(_, good)| !good.is_empty()) {
                let bad = rng.below(good.len());
                let mutate = |(at, (status, reply)): (usize, &(u16, Value))| match at == bad {
                    true => Reply { status: STATUSES[rng.below(STATUSES.len())], body: mutated_json(&mut rng, reply) },
                    false => Reply { status: *status, body: reply.to_string().into_bytes() },
                };
                let replies: Vec<Reply> = good.iter().enumerate().map(mutate).collect();
                let respond = move |call: usize| replies[call.min(replies.len() - 1)].clone();
                let outcome = check_step(adapter, action, step, handle.as_deref(), respond);
                let outcome = outcome.unwrap_or_else(|why| panic!("{}.{}: {why}", adapter.tool, action.name));
                let outcome = format!("{outcome:?}").split('(').next().unwrap().to_owned();
                *outcomes.entry(outcome).or_default() += 1;
                tried += 1;
            }
        }
    }
    println!("{tried} mutated replies: {outcomes:?}");
    // Guard against vacuity: every outcome occurs often enough.
    assert!(outcomes["Applied"] > 300 && outcomes["Failed"] > 300 && outcomes["NotApplied"] > 5, "{outcomes:?}");
}

#[test]
fn the_reply_checker_reports_wrong_outcomes() {
    let slack = adapters::find("slack").unwrap();
    let send = slack.action("send_message").unwrap();
    let exchange = |status: u16, body: Value| Exchange {
        request: http::Request::post("https://slack.com/api/chat.postMessage").body(Default::default()).unwrap(),
        status,
        body: body.to_string().into_bytes(),
    };
    let is_wrong = |outcome: StepResult, status, body| {
        targets::provider_replies::find_violation(slack, send, Step::Run, &outcome, &[exchange(status, body)]).is_some()
    };
    let posted = json!({ "ok": true, "channel": "C1", "ts": "1.000000" });
    assert!(!is_wrong(StepResult::Applied(Some("1.000000".to_owned())), 200, posted.clone()));
    assert!(is_wrong(StepResult::Applied(Some("1.000000".to_owned())), 500, posted));
    assert!(is_wrong(
        StepResult::Applied(Some("1.000000".to_owned())),
        200,
        json!({ "channel": "C1", "ts": "1.000000" })
    ));
    assert!(is_wrong(
        StepResult::Applied(Some("2.000000".to_owned())),
        200,
        json!({ "ok": true, "channel": "C1", "ts": "1.000000" })
    ));
    assert!(is_wrong(StepResult::Applied(None), 200, json!({ "ok": true })));
    assert!(is_wrong(StepResult::NotApplied, 200, json!({})));
    assert!(!is_wrong(StepResult::NotApplied, 404, json!({})));
}
