//! Long contexts: where they are stored, and that everything a task can do is possible with one.

use engine::http::{Http, ResponseBudget, TrustStore};
use sandbox::Fault;
use sandbox::fixtures::notion::PAGE;
use serde_json::{Value, json};

use crate::specs;
use crate::support::builders::{Intent, every, page};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};

/// The start of the keys of contexts in the bucket.
const OBJECTS: &str = "contexts/";
const DAY: i64 = 24 * 3600;

/// A page with about so many bytes of content, which no log may have. The sandbox takes a hundred lines.
fn long_page(bytes: usize) -> Intent {
    let line = "CANARY of a long page. ".repeat(bytes / 90 / 23);
    page(PAGE).with("content", vec![format!("{line}end"); 90].join("\n\n"))
}

async fn notion_app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    app
}

/// The keys of the contexts in the bucket.
fn objects(app: &TestApp) -> Vec<String> {
    app.sandbox.sandbox.object_keys(OBJECTS)
}

/// The text of every row of the tasks table.
async fn rows(app: &TestApp) -> String {
    let scanned = app.store.scan().table_name(&app.tables.tasks).send().await.unwrap();
    // The role of no function allows it.
    app.calls.take_used_actions();
    format!("{:?}", scanned.items())
}

/// Deletes the rows of all tasks, as their expiry does.
async fn forget_tasks(app: &TestApp) {
    let scanned = app.store.scan().table_name(&app.tables.tasks).send().await.unwrap();
    for item in scanned.items() {
        let keys = ["pk", "sk"].map(|name| (name.to_owned(), item[name].clone()));
        let delete = app.store.delete_item().table_name(&app.tables.tasks).set_key(Some(keys.into()));
        delete.send().await.unwrap();
    }
    app.calls.take_used_actions();
}

#[tokio::test]
async fn a_context_is_in_the_place_of_its_size() {
    let app = notion_app().await;
    let at = app.after(60);
    let size = |request: &Intent| request.json()["context"].to_string().len();
    let pad = |request: Intent, bytes: usize| {
        let missing = bytes - size(&request.clone().with("content", ""));
        request.with("content", "x".repeat(missing))
    };
    let mut expected = (0, 0);
    for (bytes, items, objects_more) in [(1024, 0, 0), (1025, 1, 0), (65_536, 1, 0), (65_537, 0, 1)] {
        let request = pad(page(PAGE), bytes);
        assert_eq!(size(&request), bytes);
        app.schedule("u1", request.at(at)).await.scheduled();
        expected = (expected.0 + items, expected.1 + objects_more);
        let side_items = rows(&app).await.matches("S(\"P#").count();
        assert_eq!((side_items, objects(&app).len()), expected, "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_long_context_is_encrypted_shown_sent_and_deleted_with_its_task() {
    let app = notion_app().await;
    let log = app.capture_log();
    let request = long_page(400_000);
    let content = request.json()["context"]["content"].clone();
    let id = app.schedule("u1", request.at(app.after(60))).await.scheduled();
    let [key] = &objects(&app)[..] else { panic!("{:?}", objects(&app)) };
    let stored = app.sandbox.sandbox.object(key).unwrap();
    assert!(!String::from_utf8_lossy(&stored).contains("CANARY"), "a context in plain text");
    assert!(!rows(&app).await.contains("CANARY"), "a context in a row");
    assert_eq!(app.tasks("agentId=a").await.tasks[0].payload, None);
    assert_eq!(app.task(&id).await.payload.unwrap()["content"], content);
    assert_eq!(app.run_processor_after(60).await.ran, 1);
    app.task(&id).await.assert_completed().attempts(1);
    assert_eq!(app.effects(EffectKind::PageCreated).only().request["markdown"], content);
    // The object is there as long as the row.
    app.advance(2 * 3600);
    app.sweep().await;
    assert_eq!(app.task(&id).await.payload.unwrap()["content"], content);
    forget_tasks(&app).await;
    app.sweep().await;
    assert_eq!(objects(&app), Vec::<String>::new());
    log.lines();
}

#[tokio::test]
async fn an_immediate_intent_with_a_long_context_is_found_again_after_a_crash() {
    let mut app = notion_app().await;
    let request = long_page(400_000).key("k1");
    let content = request.json()["context"]["content"].clone();
    app.calls.kill_after_call("PutItem", &app.tables.tasks.clone());
    app.with_advancing_clock(app.submit("u1", request.clone())).await;
    assert!(app.calls.replace_process());
    app.cold_start();
    for _ in 0..4 {
        app.run_processor_after(60).await;
    }
    // The repeated request is answered by the task of the first one.
    let repeated = app.with_advancing_clock(app.submit("u1", request)).await;
    assert_eq!(repeated.status, 200, "{}", repeated.body);
    let [task] = &app.tasks("agentId=a&kind=immediate").await.tasks[..] else { panic!("one task") };
    assert_eq!(app.task(task.task_id.as_ref().unwrap()).await.payload.as_ref().unwrap()["content"], content);
    assert!(app.effects(EffectKind::PageCreated).len() <= 1);
}

#[tokio::test]
async fn a_series_with_a_long_context_goes_on_for_a_year_and_a_failed_task_is_repeated() {
    let app = notion_app().await;
    let series = long_page(100_000).at(app.after(60)).recurring(every("P30D"));
    let id = app.schedule("u1", series).await.scheduled();
    for run in 1..=13 {
        app.run_processor_after(if run == 1 { 60 } else { 30 * DAY }).await;
        assert_eq!(app.task(&id).await.last_error, None);
        app.sweep().await;
        app.effects(EffectKind::PageCreated).assert_count(run);
    }
    app.delete("u1", "/tasks", Some(json!({ "taskId": id }))).await.ok();
    assert_eq!(app.task(&id).await.status, TaskStatus::Cancelled);
    assert!(app.task(&id).await.payload.is_some());

    let refused =
        Fault::status("notion", 400, json!({ "object": "error", "code": "validation_error", "message": "m" }));
    // What is remembered of the parent is read again after the first refusal.
    app.fault(refused.at_path("/v1/pages").times(2));
    let id = app.schedule("u1", long_page(100_000).at(app.after(60))).await.scheduled();
    app.run_processor_after(60).await;
    assert_eq!(app.task(&id).await.status, TaskStatus::Failed);
    app.post("u1", "/tasks", json!({ "taskId": id })).await.ok();
    app.run_processor_after(1).await;
    app.task(&id).await.assert_completed();
    app.effects(EffectKind::PageCreated).assert_count(14);
}

#[tokio::test]
async fn a_context_of_another_task_is_not_read() {
    let app = notion_app().await;
    let mut ids = vec![];
    for _ in 0..2 {
        ids.push(app.schedule("u1", long_page(100_000).at(app.after(60))).await.scheduled());
    }
    let keys = objects(&app);
    let other = app.sandbox.sandbox.object(&keys[0]).unwrap();
    app.sandbox.sandbox.replace_object(&keys[1], other);
    let answers = [
        app.get("u1", &format!("/tasks?taskId={}", ids[0])).await,
        app.get("u1", &format!("/tasks?taskId={}", ids[1])).await,
    ];
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 500], "one has its own context");
}

#[tokio::test]
async fn tasks_with_long_contexts_share_the_memory_of_long_responses() {
    let budget = ResponseBudget::of_slots(2);
    let http = Http::client_with(TrustStore::public(), budget.clone());
    let app = TestApp::start_with_client(&[], specs::checked_client(http)).await;
    app.connect("u1", "notion").await;
    let mut ids = vec![];
    for _ in 0..6 {
        ids.push(app.schedule("u1", long_page(400_000).at(app.after(60))).await.scheduled());
    }
    assert_eq!(app.run_processor_after(60).await.ran, 6);
    for id in &ids {
        app.task(id).await.assert_completed();
    }
    app.effects(EffectKind::PageCreated).assert_count(6);
    let peak = budget.peak_bytes();
    assert!(peak > 400_000 && peak < 2_000_000, "{peak} bytes of long contexts at a time");
    assert_eq!(budget.free_slots(), 2);
}

#[tokio::test]
async fn a_long_context_that_finds_no_memory_is_put_off() {
    let budget = ResponseBudget::of_slots(0);
    let http = Http::client_with(TrustStore::public(), budget);
    let app = TestApp::start_with_client(&[], specs::checked_client(http)).await;
    app.connect("u1", "notion").await;
    let id = app.schedule("u1", long_page(400_000).at(app.after(60))).await.scheduled();
    app.advance(60);
    app.with_advancing_clock(app.run_processor()).await;
    let row = app.tasks("agentId=a").await.tasks.into_iter().find(|task| task.task_id.as_ref() == Some(&id)).unwrap();
    assert_eq!((row.status, row.attempts), (TaskStatus::Retrying, 0), "{row:?}");
}

#[tokio::test]
async fn a_model_calls_with_long_arguments_now_and_for_later() {
    let app = notion_app().await;
    let arguments = long_page(400_000).json()["context"].clone();
    for given in [arguments.clone(), arguments.to_string().into()] {
        let call = json!({ "agentId": "a", "name": "notion_create_page", "arguments": given });
        let called = app.post("u1", "/call", call).await.ok();
        assert_eq!(called["isError"], false, "{}", called["content"]);
    }
    let planned = json!({ "agentId": "a", "callId": "c1", "name": "engine_schedule_action", "arguments": {
        "name": "notion_create_page", "arguments": arguments, "executeAt": app.after(60) } });
    let called = app.post("u1", "/call", planned).await.ok();
    assert_eq!(called["isError"], false, "{}", called["content"]);
    assert_eq!(app.run_processor_after(60).await.ran, 1);
    for effect in app.effects(EffectKind::PageCreated).assert_count(3).iter() {
        assert_eq!(effect.request["markdown"], arguments["content"]);
    }
}

/// The answers that repeat a long context are within Lambda's 6 MB: a dry run, a task, and a model's view of it.
#[tokio::test]
async fn answers_with_long_contexts_fit() {
    let app = notion_app().await;
    for content in ["\"".repeat(249_000), "\\".repeat(249_000), format!("```\n{}```", ".\n".repeat(166_000))] {
        let dry = app.submit("u1", page(PAGE).with("content", content.clone()).dry_run()).await;
        assert_eq!(dry.status, 200, "{}", &dry.body.to_string()[..300]);
        assert_eq!(dry.body["data"]["requests"][0]["body"]["markdown"], content);
        let id = app.schedule("u1", page(PAGE).with("content", content.clone()).at(app.after(60))).await.scheduled();
        assert_eq!(app.get("u1", &format!("/tasks?taskId={id}")).await.ok()["task"]["payload"]["content"], content);
        let call = json!({ "agentId": "a", "name": "engine_show_task", "arguments": { "taskId": id } });
        let shown = app.post("u1", "/call", call).await.ok();
        assert_eq!(shown["structured"]["task"]["arguments"]["content"], content, "{}", &shown.to_string()[..300]);
    }
}

/// A refusal by the provider that quotes a whole context leaves rows, answers and log lines small.
#[tokio::test]
async fn an_error_that_quotes_a_long_context_is_small_everywhere() {
    let app = notion_app().await;
    let log = app.capture_log();
    let request = long_page(400_000);
    let quoted =
        json!({ "object": "error", "code": "validation_error", "message": request.json()["context"]["content"] });
    app.fault(Fault::status("notion", 400, quoted).at_path("/v1/pages"));
    let answer = app.submit("u1", request).await;
    assert!(answer.body.to_string().len() < 4096, "{}", answer.body.to_string().len());
    assert!(rows(&app).await.len() < 16 * 1024, "{}", rows(&app).await.len());
    let errors = app.get("u1", "/errors?agentId=a").await.ok();
    assert!(errors["errors"].to_string().len() < 4096 && !errors.to_string().contains("CANARY"), "{errors}");
    assert!(Value::from(log.lines()).to_string().len() < 8192);
}
