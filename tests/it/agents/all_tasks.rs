//! Lists over all agents: every task once, in the order of time, 25 agents at a time.

use super::slack_app;
use crate::support::TestApp;
use crate::support::builders::{message, report};
use crate::support::responses::{LoggedError, Task, TaskList, TaskStatus};
use std::collections::BTreeSet;

/// Every page of a list of tasks.
async fn pages(app: &TestApp, query: &str) -> Vec<Vec<Task>> {
    let (mut pages, mut cursor) = (vec![], String::new());
    loop {
        let page: TaskList = app.get("u1", &format!("/tasks?{query}{cursor}")).await.view();
        pages.push(page.tasks);
        match page.cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
    }
}

fn ids(pages: Vec<Vec<Task>>) -> Vec<String> {
    pages.into_iter().flatten().map(|task| task.task_id.unwrap()).collect()
}

#[tokio::test]
async fn tasks_of_all_agents_are_listed_in_the_order_of_time() {
    let app = slack_app().await;
    let mut planned = vec![];
    for (place, seconds) in [70, 10, 50, 30, 20, 60, 40, 90, 80].into_iter().enumerate() {
        let agent = ["x", "y", "z#1"][place % 3];
        planned.push((seconds, app.schedule("u1", message().agent(agent).at(app.after(seconds))).await.scheduled()));
    }
    app.connect("u2", "slack").await;
    app.schedule("u2", message().at(app.after(5))).await.scheduled();
    planned.sort();
    let all: Vec<String> = planned.iter().map(|(_, id)| id.clone()).collect();
    for limit in [1, 2, 4, 9, 100] {
        let pages = pages(&app, &format!("limit={limit}")).await;
        assert!(pages.iter().all(|page| page.len() <= limit), "{limit}");
        assert_eq!(ids(pages), all, "{limit}");
    }
    // With a status a page may be short, and nothing is left out.
    for id in &all[2..5] {
        app.cancel(id).await.ok();
    }
    for limit in [1, 3] {
        assert_eq!(ids(pages(&app, &format!("status=cancelled&limit={limit}")).await), all[2..5]);
        let open = ids(pages(&app, &format!("status=scheduled&limit={limit}")).await);
        assert_eq!(open, [&all[..2], &all[5..]].concat());
    }
    app.get("u1", "/tasks?limit=0").await.refused(400, "INVALID_FIELD");
    app.get("u1", "/tasks?agentId=").await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn immediate_intents_of_all_agents_are_listed_in_the_order_of_acceptance() {
    let app = slack_app().await;
    let mut accepted = vec![];
    for agent in ["z", "x", "y", "x"] {
        accepted.push(app.submit("u1", message().agent(agent)).await.succeeded().task_id());
        app.advance(1);
    }
    assert_eq!(ids(pages(&app, "kind=immediate&limit=3").await), accepted);
    assert_eq!(ids(pages(&app, "limit=3").await), Vec::<String>::new());
}

#[tokio::test]
async fn more_than_25_agents_are_listed_25_at_a_time() {
    let app = slack_app().await;
    let mut planned = BTreeSet::new();
    for agent in 0..30 {
        // The last agents have the earliest tasks.
        for seconds in [100 - agent, 200 - agent] {
            let later = message().agent(&format!("agent-{agent:02}")).at(app.after(seconds));
            planned.insert(app.schedule("u1", later).await.scheduled());
        }
    }
    for limit in [7, 100] {
        let listed: Vec<Task> = pages(&app, &format!("limit={limit}")).await.into_iter().flatten().collect();
        let of_first_agents = |task: &&Task| task.agent_id.as_deref() < Some("agent-25");
        assert_eq!(listed.iter().take_while(of_first_agents).count(), 50, "the first 25 agents come first");
        for part in [&listed[..50], &listed[50..]] {
            assert!(part.is_sorted_by_key(|task| task.execute_at), "each part in the order of time");
        }
        let ids: BTreeSet<String> = listed.iter().map(|task| task.task_id.clone().unwrap()).collect();
        assert_eq!((listed.len(), ids), (60, planned.clone()), "each once");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list() {
    let app = slack_app().await;
    for agent in ["a", "b"] {
        for seconds in [10, 20] {
            app.schedule("u1", message().agent(agent).at(app.after(seconds))).await.scheduled();
        }
    }
    let of_all = app.tasks("limit=1").await.cursor.unwrap();
    let of_one = app.tasks("agentId=a&limit=1").await.cursor.unwrap();
    app.get("u1", &format!("/tasks?cursor={of_one}")).await.refused(400, "INVALID_FIELD");
    app.get("u1", &format!("/tasks?agentId=a&cursor={of_all}")).await.refused(400, "INVALID_FIELD");
    app.get("u1", &format!("/tasks?kind=immediate&cursor={of_all}")).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn a_task_of_an_unguessable_agent_is_listed() {
    let app = slack_app().await;
    let id = app.schedule("u1", message().agent("x7f3-unguessable").at(app.after(60))).await.scheduled();
    let found = app.tasks("status=scheduled").await.tasks;
    assert_eq!(found.iter().map(|task| task.task_id.clone().unwrap()).collect::<Vec<_>>(), [id]);
    found[0].assert_status(TaskStatus::Scheduled);
    assert_eq!(found[0].agent_id.as_deref(), Some("x7f3-unguessable"));
}

#[tokio::test]
async fn errors_of_all_agents_are_listed_newest_first() {
    let app = slack_app().await;
    for n in 0..4 {
        let mut report = report(if n % 2 == 0 { "gmail" } else { "slack" }, &format!("E{n}"));
        report["agentId"] = format!("agent-{}", n % 3).into();
        app.post("u1", "/errors", report).await.ok();
        app.advance(60);
    }
    let codes = |errors: Vec<LoggedError>| errors.into_iter().map(|row| row.error_code).collect::<Vec<_>>();
    let first = app.logged_errors("limit=3").await;
    let second = app.logged_errors(&format!("limit=3&cursor={}", first.cursor.unwrap())).await;
    assert_eq!(
        (codes(first.errors), codes(second.errors)),
        (["E3", "E2", "E1"].map(Into::into).into(), vec!["E0".into()])
    );
    assert_eq!(second.cursor, None);
    assert_eq!(codes(app.logged_errors("tool=slack").await.errors), ["E3", "E1"]);
    let (since, until) = (app.after(-180), app.after(-60));
    assert_eq!(codes(app.logged_errors(&format!("since={since}&until={until}")).await.errors), ["E2", "E1"]);
}
