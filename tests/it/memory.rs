//! The memory of a process: long responses of providers are read only so many at a time, and an answer fits into Lambda's.

mod answers;

use crate::specs;
use crate::support::builders::{email, every, fetch_emails, intent, message, page};
use crate::support::responses::{CircuitBreakerList, Outcome, SingleTask, TaskStatus};
use crate::support::{EffectKind, TestApp};
use engine::http::{Http, MAX_RESPONSE_BYTES, ResponseBudget, TrustStore};
use sandbox::Fault;
use sandbox::fixtures::gmail::INVOICE_MESSAGE;
use sandbox::fixtures::notion::PAGE;

/// A response that takes a slot.
const LONG_BYTES: usize = 100 * 1024;
/// A mail of 3.7 MB as Gmail sends it.
const MAIL_BYTES: usize = 4_900_000;

/// A deployment whose process can read so many long responses at a time.
async fn app_with_slots(slots: usize) -> (TestApp, ResponseBudget) {
    let budget = ResponseBudget::of_slots(slots);
    let http = Http::client_with(TrustStore::public(), budget.clone());
    let app =
        TestApp::start_with_client(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1000")], specs::checked_client(http)).await;
    (app, budget)
}

fn long_mails() -> Fault {
    Fault::padded("gmail", LONG_BYTES).at_path("/gmail/v1/users/me/messages/").times(1000)
}

#[tokio::test]
async fn reads_of_whole_mails_share_the_memory_and_leave_other_users_alone() {
    let (app, budget) = app_with_slots(2).await;
    app.connect("attacker", "gmail").await;
    let mails = Fault::padded("gmail", MAIL_BYTES).at_path("/gmail/v1/users/me/messages/").times(1000);
    app.fault(mails);
    let at = app.after(60);
    let mut tasks = vec![];
    for _ in 0..3 {
        let read = fetch_emails().with("includeBody", true).with("limit", 50).at(at).recurring(every("PT1M"));
        tasks.push(("attacker".to_owned(), app.schedule("attacker", read).await.scheduled()));
    }
    for number in 0..8 {
        let user = format!("victim{number}");
        app.connect(&user, "notion").await;
        tasks.push((user.clone(), app.schedule(&user, page(PAGE).at(at)).await.scheduled()));
    }
    assert_eq!(app.run_processor_after(60).await.ran, 11);
    for (user, id) in &tasks {
        let read: SingleTask = app.get(user, &format!("/tasks?taskId={id}")).await.view();
        let done = if user == "attacker" { TaskStatus::Scheduled } else { TaskStatus::Completed };
        assert_eq!((read.task.status, read.task.last_error), (done, None), "{user}");
    }
    app.effects(EffectKind::PageCreated).assert_count(8);
    let peak = budget.peak_bytes();
    assert!(peak > MAIL_BYTES && peak <= 2 * MAX_RESPONSE_BYTES, "{peak} bytes of long responses at a time");
    assert_eq!(budget.free_slots(), 2);
}

#[tokio::test]
async fn a_read_that_finds_no_memory_is_put_off_and_counts_nowhere() {
    let (app, _) = app_with_slots(0).await;
    app.connect("u1", "gmail").await;
    app.fault(long_mails());
    let read = || intent("gmail", "get_email").with("messageId", INVOICE_MESSAGE);
    for _ in 0..12 {
        let error = app.with_advancing_clock(app.submit("u1", read())).await.failed("UNAVAILABLE").error;
        assert_eq!(error.outcome, Outcome::None);
    }
    let id = app.schedule("u1", read().at(app.after(60))).await.scheduled();
    app.advance(60);
    app.with_advancing_clock(app.run_processor()).await;
    let task = app.task(&id).await;
    assert_eq!((task.status, task.attempts), (TaskStatus::Retrying, 0), "{task:?}");
    let list: CircuitBreakerList = app.get("u1", "/circuit-breakers?agentId=a").await.view();
    assert!(list.circuit_breakers.iter().all(|breaker| breaker.failures == 0), "{list:?}");
    // Small responses, the store's among them, need no memory of it.
    app.connect("u1", "slack").await;
    app.submit("u1", message()).await.succeeded();
}

#[tokio::test]
async fn a_write_that_finds_no_memory_for_its_response_has_an_unknown_outcome() {
    let (app, _) = app_with_slots(0).await;
    app.connect("u1", "slack").await;
    app.fault(Fault::padded("slack", LONG_BYTES).at_path("/api/chat.postMessage"));
    app.fault(Fault::padded("slack", LONG_BYTES).at_path("/api/conversations.history"));
    let error = app.with_advancing_clock(app.submit("u1", message())).await.unresolved().error;
    assert_eq!(error.code, "OUTCOME_UNKNOWN");
    app.effects(EffectKind::MessagePosted).only();

    app.connect("u1", "gmail").await;
    app.fault(Fault::padded("gmail", LONG_BYTES).at_path("/gmail/v1/users/me/drafts").on_method("POST"));
    // The draft was made, and its id is not known.
    let error = app.with_advancing_clock(app.submit("u1", email())).await.unresolved().error;
    assert_eq!(error.code, "OUTCOME_UNKNOWN");
    app.effects(EffectKind::MessageSent).assert_none();
}

#[tokio::test]
async fn an_action_that_goes_on_with_a_long_mail_takes_one_slot() {
    let (app, budget) = app_with_slots(1).await;
    app.connect("u1", "gmail").await;
    // The mail and its attachments are long; the second response is read into the slot that the first one took.
    app.fault(long_mails());
    app.submit("u1", intent("gmail", "forward").with("messageId", INVOICE_MESSAGE).with("to", "kim@example.com"))
        .await
        .succeeded();
    app.effects(EffectKind::MessageSent).only();
    assert_eq!(budget.free_slots(), 1);
    assert!(budget.peak_bytes() > LONG_BYTES);
}
