//! Files for Asana and Notion with lost responses. An attachment is found by its time, name and size; an upload to Notion tells itself
//! if it is attached.

use super::{AFTER_RECONCILE_GRACE, assert_applied_once, connected_app, schedule};
use crate::support::builders::{Intent, intent};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::asana::{PROJECT, TASK};
use sandbox::fixtures::notion::PAGE;
use serde_json::{Value, json};

const ATTACHMENTS: &str = "/api/1.0/attachments";
const UPLOADS: &str = "/v1/file_uploads";
const BLOCKS: &str = "/v1/blocks";

fn attachment() -> Intent {
    let file = json!({ "filename": "Übersicht \"1\".txt", "text": "One\r\n--two" });
    intent("asana", "upload_attachment").context(json!({ "taskId": TASK, "file": file }))
}

fn upload() -> Intent {
    let file = json!({ "filename": "Übersicht.txt", "text": "One" });
    intent("notion", "upload_file").context(json!({ "pageId": PAGE, "file": file, "caption": "Two" }))
}

/// The names of the attachments of the task.
async fn attached(app: &TestApp) -> Vec<Value> {
    app.advance(60);
    let list = app.submit("u1", intent("asana", "list_attachments").with("taskId", TASK)).await.succeeded();
    list.data()["attachments"].as_array().unwrap().iter().map(|one| one["filename"].clone()).collect()
}

#[tokio::test]
async fn a_lost_attachment_is_reconciled_at_once() {
    let app = TestApp::as_documented("a current list resolves it in the request").await;
    app.connect("u1", "asana").await;
    app.submit("u1", attachment()).await.succeeded();
    app.advance(600);
    app.fault(Fault::apply_then_drop("asana").at_path(ATTACHMENTS).on_method("POST"));
    let result = app.submit("u1", attachment()).await.succeeded();
    let effects = app.effects(EffectKind::AttachmentAdded);
    effects.assert_count(2);
    assert_eq!(result.external_id.as_ref(), Some(&effects[1].id), "not the equal one of before");
    assert_eq!(result.data()["filename"], "Übersicht \"1\".txt");
}

#[tokio::test]
async fn a_lost_attachment_is_found_in_a_list_that_lags() {
    for fault in [Fault::apply_then_drop("asana"), Fault::truncate("asana")] {
        let app = connected_app("asana").await;
        app.fault(fault.at_path(ATTACHMENTS).on_method("POST"));
        let id = schedule(&app, attachment()).await;
        app.run_processor_after(11).await;
        app.task(&id).await.assert_status(TaskStatus::Unknown);
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.task(&id).await.assert_completed().external_id(&app.effects(EffectKind::AttachmentAdded).only().id);
        assert_eq!(attached(&app).await.len(), 3);
    }
}

#[tokio::test]
async fn an_attachment_that_was_not_applied_is_repeated() {
    for fault in [Fault::status("asana", 504, json!({})), Fault::refuse("asana")] {
        let app = connected_app("asana").await;
        app.fault(fault.at_path(ATTACHMENTS).on_method("POST"));
        let id = schedule(&app, attachment()).await;
        app.run_processor_after(11).await;
        for _ in 0..2 {
            app.run_processor_after(60).await;
        }
        app.task(&id).await.assert_completed().external_id(&app.effects(EffectKind::AttachmentAdded).only().id);
        assert_eq!(attached(&app).await.last().unwrap(), "Übersicht \"1\".txt");
    }
}

#[tokio::test]
async fn a_file_of_a_project_is_attached_once() {
    let app = TestApp::as_documented("a current list resolves it in the request").await;
    app.connect("u1", "asana").await;
    app.fault(Fault::apply_then_drop("asana").at_path(ATTACHMENTS).on_method("POST"));
    let file = json!({ "filename": "brief.txt", "content": "SGk" });
    let create = intent("asana", "upload_attachment").context(json!({ "projectId": PROJECT, "file": file }));
    assert_applied_once(&app, EffectKind::AttachmentAdded, create).await;
}

/// The files on the page: the id of each block and the name. A page of the list can be short.
async fn files(app: &TestApp) -> Vec<(Value, Value)> {
    app.advance(60);
    let (mut files, mut cursor) = (vec![], None);
    loop {
        let mut list = intent("notion", "list_files").with("pageId", PAGE);
        if let Some(cursor) = cursor.take() {
            list = list.with("cursor", cursor);
        }
        let page = app.submit("u1", list).await.succeeded().data().clone();
        let found = page["files"].as_array().unwrap().iter();
        files.extend(found.map(|file| (file["id"].clone(), file["filename"].clone())));
        match page["cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return files,
        }
    }
}

#[tokio::test]
async fn a_lost_response_of_any_call_of_an_upload_adds_one_block() {
    for (path, method, uploads) in [(UPLOADS, "POST", 2), ("/v1/file_uploads/", "POST", 2), (BLOCKS, "PATCH", 1)] {
        let app = connected_app("notion").await;
        app.fault(Fault::apply_then_drop("notion").at_path(path).on_method(method));
        let id = schedule(&app, upload()).await;
        app.run_processor_after(11).await;
        for _ in 0..2 {
            app.run_processor_after(60).await;
        }
        assert!(app.faults_occurred(), "{path}");
        app.task(&id).await.assert_completed();
        app.effects(EffectKind::BlocksAppended).assert_count(1);
        app.effects(EffectKind::FileUploadCreated).assert_count(uploads);
        assert_eq!(files(&app).await.len(), 1, "{path}");
    }
}

#[tokio::test]
async fn a_lost_attachment_to_a_page_is_resolved_at_once_beside_an_equal_one() {
    let app = TestApp::as_documented("a current list resolves it in the request").await;
    app.connect("u1", "notion").await;
    app.submit("u1", upload()).await.succeeded();
    app.advance(600);
    app.fault(Fault::apply_then_drop("notion").at_path(BLOCKS).on_method("PATCH"));
    let result = app.submit("u1", upload()).await.succeeded();
    let files = files(&app).await;
    assert_eq!(files.len(), 2);
    assert_eq!((result.external_id.map(Value::from), &files[1].1), (Some(files[1].0.clone()), &json!("Übersicht.txt")));
}

#[tokio::test]
async fn an_upload_that_was_not_attached_is_attached_by_the_retry() {
    let app = connected_app("notion").await;
    app.fault(Fault::status("notion", 504, Value::Null).at_path(BLOCKS).on_method("PATCH"));
    let id = schedule(&app, upload()).await;
    app.run_processor_after(11).await;
    app.task(&id).await.assert_status(TaskStatus::Unknown);
    app.run_processor_after(AFTER_RECONCILE_GRACE).await;
    app.task(&id).await.assert_completed();
    app.effects(EffectKind::BlocksAppended).assert_count(1);
    app.effects(EffectKind::FileUploadCreated).assert_count(1);
}

#[tokio::test]
async fn an_upload_that_expired_before_it_was_attached_is_sent_again() {
    for lost in [Fault::status("notion", 504, Value::Null), Fault::apply_then_drop("notion")] {
        let app = connected_app("notion").await;
        // The first attachment is refused for now, and the task waits for more than an hour.
        app.fault(Fault::rate_limited("notion", Some(4000)).at_path(BLOCKS).on_method("PATCH"));
        let id = schedule(&app, upload()).await;
        app.run_processor_after(11).await;
        app.task(&id).await.assert_status(TaskStatus::Retrying);
        app.fault(lost.at_path(BLOCKS).on_method("PATCH"));
        // The calls keep their distance after a limit.
        for wait in [4010, 60, 60, 60] {
            app.with_advancing_clock(app.run_processor_after(wait)).await;
        }
        app.task(&id).await.assert_completed();
        app.effects(EffectKind::BlocksAppended).assert_count(1);
        // An upload is seen by nobody before it is attached. One that was found expired is sent again in each attempt.
        assert!((2..=3).contains(&app.effects(EffectKind::FileUploadCreated).len()));
        assert_eq!(app.with_advancing_clock(files(&app)).await.len(), 1);
    }
}

#[tokio::test]
async fn a_file_that_notion_refuses_adds_nothing() {
    let app = connected_app("notion").await;
    let refusal = json!({ "object": "error", "status": 400, "code": "validation_error", "message": "unsupported" });
    app.fault(Fault::status("notion", 400, refusal).at_path(UPLOADS).on_method("POST"));
    app.submit("u1", upload()).await.failed("PROVIDER_REJECTED");
    app.effects(EffectKind::BlocksAppended).assert_none();
}
