//! How long a copy lives: as long as its task can send it, and no longer.

use super::{delete, held, share, slack_app};
use crate::support::builders::every;
use crate::support::responses::{FileDeleted, TaskStatus};
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use serde_json::{Value, json};

const DAY: i64 = 86_400;
const COMPLETE_UPLOAD: &str = "/api/files.completeUploadExternal";

/// Empties `in/`, as the bucket's lifecycle does.
fn expire_uploads(app: &TestApp) {
    app.sandbox.sandbox.delete_objects("in/");
}

/// A file of `u1` and its id.
async fn uploaded(app: &TestApp) -> String {
    app.upload("u1", "a.txt", "text/plain", "hi").await
}

#[tokio::test]
async fn a_task_a_year_ahead_has_its_bytes() {
    let app = slack_app().await;
    let id = uploaded(&app).await;
    let task = app.schedule("u1", share(&id).at(app.after(360 * DAY))).await.scheduled();
    expire_uploads(&app);
    app.advance(2 * DAY);
    app.get("u1", &format!("/files?fileId={id}")).await.refused(404, "FILE_NOT_FOUND");
    app.sweep().await;
    assert_eq!(held(&app).len(), 1);
    app.run_processor_after(358 * DAY).await;
    app.task(&task).await.assert_status(TaskStatus::Completed);
    app.effects(EffectKind::FileShared).assert_count(1);
    assert_eq!(held(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_series_has_its_copy_until_it_ends() {
    let app = slack_app().await;
    let id = uploaded(&app).await;
    let series = share(&id).at(app.after(10)).recurring(every("P1D").count(3));
    let task = app.schedule("u1", series).await.scheduled();
    expire_uploads(&app);
    app.run_processor_after(11).await;
    app.run_processor_after(DAY).await;
    app.task(&task).await.assert_status(TaskStatus::Scheduled).occurrence(3);
    assert_eq!(held(&app).len(), 1);
    app.run_processor_after(DAY).await;
    app.effects(EffectKind::FileShared).assert_count(3);
    assert_eq!(held(&app), Vec::<String>::new());
}

#[tokio::test]
async fn cancelling_and_stopping_delete_copies() {
    let app = slack_app().await;
    let id = uploaded(&app).await;
    let one = app.schedule("u1", share(&id).at(app.after(60))).await.scheduled();
    app.schedule("u1", share(&id).at(app.after(60)).recurring(every("P1D"))).await.scheduled();
    assert_eq!(held(&app).len(), 2, "each task has its own");
    app.cancel(&one).await.ok();
    assert_eq!(held(&app).len(), 1);
    app.stop_agent("a").await;
    assert_eq!(held(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_in_use_is_deleted_by_force_with_the_work_that_needs_it() {
    let app = slack_app().await;
    let id = uploaded(&app).await;
    let task = app.schedule("u1", share(&id).at(app.after(60))).await.scheduled();
    let message = delete(&app, &id).await.refused(409, "FILE_IN_USE");
    assert!(message.contains(&task) && message.contains("force=true"), "{message}");
    assert_eq!(held(&app).len(), 1);
    let deleted: FileDeleted = app.delete("u1", "/files", Some(json!({ "fileId": id, "force": true }))).await.view();
    assert_eq!(deleted.cancelled, 1);
    assert_eq!(app.sandbox.sandbox.object_keys(""), Vec::<String>::new());
    app.task(&task).await.assert_status(TaskStatus::Cancelled);
    delete(&app, &id).await.refused(404, "FILE_NOT_FOUND");
}

#[tokio::test]
async fn a_file_that_has_expired_is_deleted_through_the_task_that_needs_it() {
    let app = slack_app().await;
    let id = uploaded(&app).await;
    let task = app.schedule("u1", share(&id).at(app.after(30 * DAY))).await.scheduled();
    app.advance(2 * DAY);
    expire_uploads(&app);
    app.delete("u2", &format!("/files?fileId={id}&force=true"), None).await.refused(404, "FILE_NOT_FOUND");
    delete(&app, &id).await.refused(409, "FILE_IN_USE");
    app.delete("u1", &format!("/files?fileId={id}&force=true"), None).await.ok();
    app.task(&task).await.assert_status(TaskStatus::Cancelled);
    assert_eq!(held(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_failed_task_cannot_be_retried_without_its_files() {
    let app = slack_app().await;
    let id = uploaded(&app).await;
    let task = app.schedule("u1", share(&id).at(app.after(10))).await.scheduled();
    let refused = json!({ "ok": false, "error": "restricted_action" });
    app.fault(Fault::status("slack", 200, refused).at_path(COMPLETE_UPLOAD));
    app.run_processor_after(11).await;
    app.task(&task).await.assert_status(TaskStatus::Failed);
    assert_eq!(held(&app), Vec::<String>::new());
    let message = app.retry(&task).await.refused(409, "FILE_EXPIRED");
    assert!(message.contains("upload them again"), "{message}");
    app.task(&task).await.assert_status(TaskStatus::Failed);
}

#[tokio::test]
async fn objects_without_a_task_are_swept_after_an_hour() {
    let app = slack_app().await;
    let id = uploaded(&app).await;
    let task = app.schedule("u1", share(&id).at(app.after(30 * DAY))).await.scheduled();
    // A process that dies after the copy leaves it without a row.
    app.calls.kill_before_call("PutItem", &app.tables.tasks);
    app.schedule("u1", share(&id).at(app.after(60))).await.refused(503, "UNAVAILABLE");
    assert!(app.calls.replace_process());
    assert_eq!(held(&app).len(), 2);
    app.sweep().await;
    assert_eq!(held(&app).len(), 2, "an acceptance may still be under way");
    // The sandbox's clock runs on during the test.
    app.advance(3_900);
    assert_eq!(app.sweep().await.ran, 1);
    assert_eq!(held(&app).len(), 1);
    // A deletion that failed when a task ended is made up for.
    app.fault(Fault::status("s3", 403, Value::Null).on_method("DELETE"));
    app.cancel(&task).await.ok();
    assert_eq!(held(&app).len(), 1);
    app.advance(3_601);
    app.sweep().await;
    assert_eq!(held(&app), Vec::<String>::new());
}
