//! Tasks of one user do not delay those of another: the order of a run, and what a user may plan.

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use engine::ids::TaskId;
use engine::tables::INDEX_SHARDS;
use engine::tables::tasks::shard_of;
use futures::future::join_all;
use sandbox::Fault;
use sandbox::fixtures::notion::PAGE;
use std::collections::HashSet;
use std::time::Duration;

use crate::support::builders::{every, message, page};
use crate::support::{EffectKind, TestApp, TestResponse};

#[tokio::test]
async fn one_users_backlog_does_not_delay_another_users_task() {
    let app = TestApp::as_documented("the test is about the order of tasks, not about the limit of a channel").await;
    app.connect("u1", "slack").await;
    app.connect("u2", "slack").await;
    for _ in 0..200 {
        app.schedule("u1", message().at(app.after(10))).await.scheduled();
    }
    app.schedule("u2", message().with("text", "the other").at(app.after(20))).await.scheduled();
    assert_eq!(app.run_processor_after(21).await.ran, 201);
    let posted = app.effects(EffectKind::MessagePosted);
    let place = posted.iter().position(|effect| effect.request["text"] == "the other").unwrap();
    assert!(place <= 64, "it was the {place}th although it is the only one of its user");
}

/// Copies a due task many times, as a backlog after a long outage.
async fn copy_task(app: &TestApp, id: &str, copies: usize) {
    let row = app.store.scan().table_name(&app.tables.tasks).send().await.unwrap().items.unwrap();
    let row = row.into_iter().find(|row| row.contains_key("dueAt")).unwrap_or_else(|| panic!("no row of {id}"));
    let copies: Vec<WriteRequest> = (0..copies)
        .map(|copy| {
            let mut row = row.clone();
            // New ULIDs, spread over all shards.
            let digits = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
            let ulid = format!("01J{copy:022}{}", char::from(digits[copy % digits.len()]));
            let due = row["dueAt"].as_s().unwrap().split_once('#').unwrap().0.to_owned();
            let shard = engine::tables::tasks::shard_of(&ulid);
            row.insert("sk".to_owned(), AttributeValue::S(format!("S#{due}#{ulid}")));
            row.insert("dueAt".to_owned(), AttributeValue::S(format!("{due}#{ulid}")));
            row.insert("dueShard".to_owned(), AttributeValue::S(format!("{shard:02}")));
            let put = PutRequest::builder().set_item(Some(row)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        })
        .collect();
    for batch in copies.chunks(25) {
        app.store.batch_write_item().request_items(&app.tables.tasks, batch.to_vec()).send().await.unwrap();
    }
    // These are the test's own calls.
    app.calls.take_used_actions();
}

/// A deployment with that many tasks of one user, due in 10 seconds.
async fn with_backlog(tasks: usize) -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let id = app.schedule("u1", message().at(app.after(10))).await.scheduled();
    copy_task(&app, &id, tasks).await;
    app
}

#[tokio::test]
async fn a_large_backlog_fans_out_to_further_runs() {
    let app = with_backlog(4_200).await;
    app.advance(11);
    let run_requests = || app.effects(EffectKind::RunRequested);
    app.run_until_killed(app.run_processor(), || !run_requests().is_empty()).await;
    let run_requests = run_requests();
    let detail: engine::processor::Job = serde_json::from_value(run_requests[0].request["Detail"].clone()).unwrap();
    let shards = detail.shards.unwrap();
    assert!(!shards.is_empty() && shards.len() <= 8 && shards.iter().all(|shard| *shard < 16), "{shards:?}");
}

#[tokio::test]
async fn an_unavailable_bus_does_not_block_a_backlog() {
    let app = with_backlog(4_200).await;
    app.advance(11);
    app.fault(Fault::refuse("aws").times(100_000));
    // A run that waited for the bus would claim no more than its first tasks.
    let claims = || app.calls.completed("UpdateItem", &app.tables.tasks);
    app.run_until_killed(app.run_processor(), || claims() > 400).await;
    app.effects(EffectKind::RunRequested).assert_none();
}

/// Schedules tasks of other users until each shard has one.
async fn schedule_in_each_shard(app: &TestApp, seconds: i64) -> Vec<String> {
    let users: Vec<String> = (0..INDEX_SHARDS).map(|user| format!("victim-{user}")).collect();
    for user in &users {
        app.connect(user, "notion").await;
    }
    let (mut ids, mut shards) = (vec![], HashSet::new());
    for user in users.iter().cycle() {
        if shards.len() == usize::from(INDEX_SHARDS) {
            break;
        }
        let id = app.schedule(user, page(PAGE).at(app.after(seconds))).await.scheduled();
        shards.insert(shard_of(&TaskId::parse(&id).unwrap().sort));
        ids.push(id);
    }
    ids
}

#[tokio::test]
async fn twelve_thousand_due_tasks_of_one_user_delay_no_other_user_in_any_shard() {
    let app = with_backlog(12_000).await;
    let victims = schedule_in_each_shard(&app, 11).await;
    // No call of the backlog ends, so what runs at all runs beside its first 32.
    app.fault(Fault::delay("slack", 600_000).times(u32::MAX));
    // Without further runs this one serves every shard.
    app.fault(Fault::refuse("aws").times(100_000));
    app.advance(12);
    let all_created = || app.effects(EffectKind::PageCreated).len() == victims.len();
    let run = app.run_until_killed(app.run_processor(), all_created);
    tokio::time::timeout(Duration::from_secs(60), run).await.expect("the others' tasks wait for the backlog");
}

#[tokio::test]
async fn a_user_has_at_most_as_many_living_series_as_the_setting_says() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_SERIES_PER_USER", "3")]).await;
    for user in ["u1", "u2"] {
        app.connect(user, "slack").await;
    }
    let series = || message().at(app.after(3600)).recurring(every("P1D"));
    let answers = join_all((0..12).map(|_| app.schedule("u1", series()))).await;
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 202);
    let ids: Vec<String> = accepted.into_iter().map(TestResponse::scheduled).collect();
    assert_eq!(ids.len(), 3, "of 12 at the same time");
    for answer in refused {
        assert_eq!(answer.refused(409, "LIMIT_REACHED"), "A user can have at most 3 living series");
    }
    // One-off tasks need no place, and each user has their own.
    app.schedule("u1", message().at(app.after(3600))).await.scheduled();
    app.schedule("u2", series()).await.scheduled();
    // The place of a series that has ended is free.
    app.delete("u1", &format!("/tasks?taskId={}", ids[0]), None).await.ok();
    app.advance(61);
    app.schedule("u1", series()).await.scheduled();
    app.schedule("u1", series()).await.refused(409, "LIMIT_REACHED");
}

#[tokio::test]
async fn a_series_that_was_accepted_is_accepted_again_although_no_further_one_is() {
    let mut app = TestApp::start_with(&[("PLUGIN_ENGINE_SERIES_PER_USER", "1")]).await;
    app.connect("u1", "slack").await;
    // Its agent is known.
    app.schedule("u1", message().at(app.after(3600))).await.scheduled();
    let series = message().at(app.after(3600)).recurring(every("P1D"));
    // A request that is killed between the place and the row leaves a place, which its repetition takes.
    // Limits and accounts, the key, the place.
    app.calls.kill_after(5);
    app.schedule("u1", series.clone().key("k")).await.refused(503, "UNAVAILABLE");
    assert!(app.calls.replace_process());
    app.cold_start();
    let id = app.schedule("u1", series.clone().key("k")).await.scheduled();
    assert_eq!(app.schedule("u1", series.clone().key("k")).await.scheduled(), id);
    app.schedule("u1", series.key("another")).await.refused(409, "LIMIT_REACHED");
}

#[tokio::test]
async fn a_user_has_at_most_as_many_tasks_due_in_a_minute_as_the_setting_says() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_TASKS_PER_DUE_MINUTE", "3")]).await;
    for user in ["u1", "u2"] {
        app.connect(user, "slack").await;
    }
    let minute = app.after(86_400);
    let answers = join_all((0..12).map(|n| app.schedule("u1", message().at(minute).key(&n.to_string())))).await;
    let accepted: Vec<usize> = (0..12).filter(|n| answers[*n].status == 202).collect();
    assert_eq!(accepted.len(), 3, "of 12 at the same time");
    for (n, answer) in answers.into_iter().enumerate() {
        if accepted.contains(&n) {
            let repeated = app.schedule("u1", message().at(minute).key(&n.to_string())).await;
            assert_eq!(repeated.scheduled(), answer.scheduled());
        } else {
            let text = answer.refused(409, "LIMIT_REACHED");
            assert_eq!(text, "A user can have at most 3 tasks due in the same minute");
        }
    }
    app.schedule("u1", message().at(app.after(86_400 + 60))).await.scheduled();
    app.schedule("u2", message().at(minute)).await.scheduled();
}
