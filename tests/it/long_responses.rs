//! Responses of providers that are longer than 5 MiB: a list is read in parts, and one object that alone is too long is a final error
//! that the circuit breaker does not count.

mod asana;
mod gmail;
mod notion;
mod slack;
mod writes;

use crate::support::TestApp;
use crate::support::builders::{Intent, intent};
use crate::support::responses::{CircuitBreakerList, Outcome};
use sandbox::fixtures::asana::TASK;
use sandbox::fixtures::gmail::INVOICE_MESSAGE;
use sandbox::strangeness::{SlackLimits, SlackStrangeness};
use sandbox::{Fault, Strangeness};
use serde_json::Value;
use std::collections::BTreeSet;

const TOO_LARGE: &str = "PROVIDER_RESPONSE_TOO_LARGE";
/// The circuit breaker opens after more than ten failures.
const FAILURES: u32 = 12;

/// A deployment with a connection and long content at the provider, where Slack's app may read long pages.
async fn app_with_long_content(tool: &str) -> TestApp {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1000")]).await;
    let content = Strangeness::content();
    let slack = SlackStrangeness { limits: SlackLimits::None, rewrites_texts: false, ..content.slack };
    app.sandbox.sandbox.set_strangeness(Strangeness { slack, ..content });
    app.sandbox.sandbox.add_long_content(tool);
    app.connect("u1", tool).await;
    app
}

/// Asserts that a read fails with this advice.
async fn assert_too_large(app: &TestApp, read: Intent, advice: &str) {
    let error = app.submit("u1", read).await.failed(TOO_LARGE).error;
    assert!(error.message.contains("longer than 5 MiB") && error.message.contains(advice), "{}", error.message);
    assert_eq!((error.outcome, error.retry_after_ms), (Outcome::None, None));
}

#[tokio::test]
async fn responses_that_are_too_long_do_not_count_for_the_circuit_breaker() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1000")]).await;
    for (tool, read, path) in [
        ("gmail", intent("gmail", "get_email").with("messageId", INVOICE_MESSAGE), "/gmail/v1/users/me/messages"),
        ("slack", intent("slack", "list_users").with("limit", 1), "/api/users.list"),
        ("notion", intent("notion", "list_users").with("limit", 1), "/v1/users"),
        ("asana", intent("asana", "get_task").with("taskId", TASK), "/api/1.0/tasks"),
    ] {
        app.connect("u1", tool).await;
        app.fault(Fault::oversize(tool).at_path(path).times(FAILURES));
        for _ in 0..FAILURES {
            app.submit("u1", read.clone()).await.failed(TOO_LARGE);
        }
        let list: CircuitBreakerList = app.get("u1", "/circuit-breakers?agentId=a").await.view();
        assert!(list.circuit_breakers.iter().all(|breaker| breaker.failures == 0), "{list:?}");
        app.submit("u1", read).await.succeeded();
    }
}

/// A list that was read from its first page to its last.
struct ReadList {
    /// The ids of all items.
    ids: BTreeSet<String>,
    /// The numbers of items of the pages.
    pages: Vec<usize>,
}

/// Reads a list by its cursors; an item's id is in the field `id`. No item may be on two pages.
async fn read_list(app: &TestApp, read: &Intent, items: &str, id: &str) -> ReadList {
    let (mut list, mut cursor) = (ReadList { ids: BTreeSet::new(), pages: vec![] }, Value::Null);
    loop {
        let page = if cursor.is_null() { read.clone() } else { read.clone().with("cursor", cursor) };
        let page = app.submit("u1", page).await.succeeded();
        let found = page.data()[items].as_array().unwrap();
        list.pages.push(found.len());
        for item in found {
            assert!(list.ids.insert(item[id].as_str().unwrap().to_owned()), "{} is on two pages", item[id]);
        }
        cursor = page.data()["cursor"].clone();
        if cursor.is_null() {
            return list;
        }
    }
}
