//! The cursor of a search, which has no pages at Asana.

use super::{app, run_action};
use sandbox::fixtures::asana::PROJECT;
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn tasks_of_one_millisecond_are_all_found() {
    let app = app().await;
    let mut created = BTreeSet::new();
    for number in 0..7 {
        // Five of them at once: the clock of the test stands.
        if number == 1 || number == 6 {
            app.advance(1);
        }
        let task = run_action(&app, "create_task", json!({ "name": "Needle", "projectId": PROJECT })).await;
        created.insert(task["id"].as_str().unwrap().to_owned());
    }
    app.advance(LIST_LAG_SECONDS);
    for limit in [1, 2, 3, 4, 7, 100] {
        let (mut found, mut cursor) = (vec![], Value::Null);
        for _ in 0..10 {
            let page =
                run_action(&app, "search_tasks", json!({ "text": "needle", "limit": limit, "cursor": cursor })).await;
            let tasks = page["tasks"].as_array().unwrap();
            assert!(tasks.len() <= limit);
            found.extend(tasks.iter().map(|task| task["id"].as_str().unwrap().to_owned()));
            cursor = page["cursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        assert_eq!(found.len(), 7, "{limit}: {found:?}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), created, "{limit}");
    }
}
