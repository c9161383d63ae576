//! `--crowd <tasks>`: the lateness of other users' tasks beside a crowd of one user's, all due at once. The rows of the crowd are copied,
//! because a user cannot schedule so many.

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use bench::environment::BenchEnvironment;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

use crate::{lateness_millis, print_lateness};

/// Users beside the one with the crowd.
const OTHERS: usize = 16;
/// Tasks of the others, spread over all shards.
const TASKS_OF_OTHERS: usize = 64;
/// The provider's delay for each message.
const PROVIDER_DELAY_MS: u64 = 1_000;
/// The copies that are written with one call.
const BATCH: usize = 25;

/// Measures the lateness of the others' tasks, which are due a second after the crowd. One run serves every shard, because no bus takes
/// requests for further runs.
pub(crate) async fn measure(tasks: usize) {
    let environment = BenchEnvironment::start(OTHERS + 1).await.unwrap();
    // The first user's task, and later its copies.
    environment.schedule(0, environment.engine.clock.now() + SignedDuration::from_hours(1)).await.unwrap();
    let store = aws_sdk_dynamodb::Client::new(&environment.aws);
    let rows = store.scan().table_name(&environment.tables.tasks).send().await.unwrap().items.unwrap();
    let row = rows.into_iter().find(|row| row.contains_key("dueAt")).unwrap();
    let crowd_due = environment.engine.clock.now();
    for first in (0..tasks).step_by(BATCH) {
        let puts = (first..tasks.min(first + BATCH)).map(|copy| copy_of(&row, crowd_due, copy)).collect();
        store.batch_write_item().request_items(&environment.tables.tasks, puts).send().await.unwrap();
    }
    environment.delay_provider(PROVIDER_DELAY_MS);
    let due = environment.engine.clock.now() + SignedDuration::from_secs(5);
    for number in 0..TASKS_OF_OTHERS {
        // The environment spreads the tasks over its users by their number; the first user is passed over.
        environment.schedule(number / OTHERS * (OTHERS + 1) + number % OTHERS + 1, due).await.unwrap();
    }
    let run = tokio::spawn(environment.run_due_tasks(60));
    let lateness = loop {
        let lateness = lateness_millis(&environment.posted_messages(), |task| task > 0);
        if lateness.len() == TASKS_OF_OTHERS || run.is_finished() {
            break lateness;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    run.abort();
    assert_eq!(lateness.len(), TASKS_OF_OTHERS, "every task of the others is done within one run");
    print_lateness(&[(&format!("beside {tasks} of one user"), lateness)]);
}

/// A copy of a task with a new id, due at another time. The ids are spread over all shards.
fn copy_of(row: &HashMap<String, AttributeValue>, due: Timestamp, copy: usize) -> WriteRequest {
    let digits = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let ulid = format!("01J{copy:022}{}", char::from(digits[copy % digits.len()]));
    let due = format!("{:015}", due.as_millisecond());
    let shard = engine::tables::tasks::shard_of(&ulid);
    let text = AttributeValue::S;
    let mut row = row.clone();
    row.insert("sk".to_owned(), text(format!("S#{due}#{ulid}")));
    row.insert("dueAt".to_owned(), text(format!("{due}#{ulid}")));
    row.insert("dueShard".to_owned(), text(format!("{shard:02}")));
    WriteRequest::builder().put_request(PutRequest::builder().set_item(Some(row)).build().unwrap()).build()
}
