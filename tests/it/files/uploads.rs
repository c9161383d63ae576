//! Registration, upload, facts, link, list and deletion of files.

use super::delete;
use crate::support::TestApp;
use crate::support::responses::{FileDeleted, FileList, FileRegistered, SingleFile};
use http::StatusCode;
use serde_json::{Value, json};

const HI: &[u8] = b"hi";
/// The SHA-256 of `hi`.
const HI_SHA256: &str = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";

fn note() -> Value {
    json!({ "filename": "note.txt", "contentType": "text/plain; charset=utf-8", "size": 2 })
}

async fn find(app: &TestApp, id: &str) -> SingleFile {
    app.get("u1", &format!("/files?fileId={id}")).await.view()
}

#[tokio::test]
async fn a_file_is_uploaded_by_its_link_and_downloaded_by_another() {
    let app = TestApp::start().await;
    let FileRegistered { file_id, upload, .. } = app.register_file("u1", note()).await;
    assert!(find(&app, &file_id).await.file.download.is_none(), "there are no bytes yet");
    assert_eq!((upload.method.as_str(), upload.expires_at), ("PUT", app.after(900)));
    assert_eq!(app.follow(&upload, HI.to_vec()).await.status(), StatusCode::OK);
    let file = find(&app, &file_id).await.file;
    assert_eq!((file.filename.as_str(), file.size, file.sha256.as_deref()), ("note.txt", 2, None));
    assert_eq!((file.created_at, file.expires_at), (app.clock.now(), app.after(86_400)));
    let answer = app.follow(&file.download.unwrap(), vec![]).await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let disposition = header("content-disposition");
    assert_eq!(disposition, "attachment; filename*=UTF-8''note.txt", "it is never a page of the bucket's origin");
    assert_eq!(header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.bytes().await.unwrap(), HI);
}

#[tokio::test]
async fn the_link_takes_the_declared_bytes_alone() {
    let app = TestApp::start().await;
    let mut checked = note();
    checked["sha256"] = HI_SHA256.into();
    let FileRegistered { file_id, upload, .. } = app.register_file("u1", checked).await;
    assert!(!app.follow(&upload, b"ho".to_vec()).await.status().is_success(), "another checksum");
    assert!(!app.follow(&upload, vec![0; 25_000_000]).await.status().is_success(), "25 MB of zeros");
    assert!(!app.follow(&upload, b"h".to_vec()).await.status().is_success(), "fewer bytes");
    let mut other = upload.clone();
    other.headers.insert("content-type".to_owned(), "text/html".to_owned());
    assert!(!app.follow(&other, HI.to_vec()).await.status().is_success(), "another type");
    other = upload.clone();
    other.headers.remove("x-amz-checksum-sha256");
    assert!(!app.follow(&other, HI.to_vec()).await.status().is_success(), "no checksum");
    assert!(find(&app, &file_id).await.file.download.is_none());
    assert_eq!(app.follow(&upload, HI.to_vec()).await.status(), StatusCode::OK);
    let stored = find(&app, &file_id).await.file;
    assert_eq!(stored.sha256.as_deref(), Some("j0NDRmSPa5bfid2pAcUXaxCm2Dlh3TwayItZstwyeqQ="));
    app.advance(901);
    assert_eq!(app.follow(&upload, HI.to_vec()).await.status(), StatusCode::FORBIDDEN, "the link has expired");
    assert_eq!(app.follow(&stored.download.unwrap(), vec![]).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_cannot_be_a_file_is_refused() {
    let app = TestApp::start().await;
    for (field, value, reason) in [
        ("filename", json!("../note.txt"), "without a path"),
        ("filename", json!("a\\b"), "without a path"),
        ("filename", json!(".."), "without a path"),
        ("filename", json!("x".repeat(256)), "at most 255 bytes"),
        ("contentType", json!("text"), "must be a media type"),
        ("contentType", json!("text/plain\r\nx: y"), "must be a media type"),
        ("size", json!(0), "between 1 and 104857600"),
        ("size", json!(104_857_601), "between 1 and 104857600"),
        ("sha256", json!("abc"), "must be a SHA-256"),
    ] {
        let mut file = note();
        file[field] = value.clone();
        let message = app.post("u1", "/files", file).await.refused(400, "INVALID_FIELD");
        assert!(message.starts_with(field) && message.contains(reason), "{value}: {message}");
    }
    let list: FileList = app.get("u1", "/files").await.view();
    assert!(list.files.is_empty(), "nothing is stored");
    let mut largest = note();
    largest["size"] = 104_857_600.into();
    app.register_file("u1", largest).await;
}

#[tokio::test]
async fn a_list_has_the_files_of_the_last_day_newest_first() {
    let app = TestApp::start().await;
    let mut ids = vec![];
    for name in ["a.txt", "b.txt", "c.txt"] {
        ids.insert(0, app.upload("u1", name, "text/plain", HI).await);
        app.advance(1);
    }
    let list: FileList = app.get("u1", "/files?limit=2").await.view();
    assert_eq!(list.files.iter().map(|file| &file.file_id).collect::<Vec<_>>(), ids[..2].iter().collect::<Vec<_>>());
    assert!(list.files.iter().all(|file| file.download.is_none()));
    let rest: FileList = app.get("u1", &format!("/files?cursor={}", list.cursor.unwrap())).await.view();
    assert_eq!((rest.files.len(), rest.files[0].filename.as_str(), rest.cursor), (1, "a.txt", None));
    let others: FileList = app.get("u2", "/files").await.view();
    assert!(others.files.is_empty());
    app.advance(86_400 - 3);
    let list: FileList = app.get("u1", "/files").await.view();
    assert_eq!(list.files.len(), 2, "the oldest one has expired");
    app.get("u1", &format!("/files?fileId={}", ids[2])).await.refused(404, "FILE_NOT_FOUND");
}

#[tokio::test]
async fn ids_of_others_and_invented_ones_are_not_found() {
    let app = TestApp::start().await;
    let id = app.upload("u1", "a.txt", "text/plain", HI).await;
    let unknown = "file_01J0000000000000000000000A";
    for (user, id) in [("u2", id.as_str()), ("u1", unknown), ("u1", "file_../../x"), ("u1", "held/x")] {
        let path = format!("/files?fileId={id}");
        let read = app.get(user, &path).await.refused(404, "FILE_NOT_FOUND");
        let deleted = app.delete(user, "/files", Some(json!({ "fileId": id, "force": true }))).await;
        assert_eq!(deleted.refused(404, "FILE_NOT_FOUND"), read, "{id}");
    }
    assert_eq!(find(&app, &id).await.file.file_id, id);
}

#[tokio::test]
async fn a_service_has_the_files_that_it_made() {
    let app = TestApp::start().await;
    let users = app.upload("u1", "a.txt", "text/plain", HI).await;
    app.post("u1", "/delegations", json!({ "service": "s1", "tools": ["slack"] })).await.ok();
    let as_service = async |method: &str, path: &str, body: Option<Value>| {
        let body = body.map(|body| body.to_string());
        app.send(method, path, Some(&app.service_token("s1")), body).await
    };
    let mut file = note();
    file["userId"] = "u1".into();
    let made: FileRegistered = as_service("POST", "/files", Some(file)).await.view();
    let list: FileList = as_service("GET", "/files?userId=u1", None).await.view();
    assert_eq!(list.files.iter().map(|file| &file.file_id).collect::<Vec<_>>(), [&made.file_id]);
    let path = format!("/files?userId=u1&fileId={users}");
    as_service("GET", &path, None).await.refused(404, "FILE_NOT_FOUND");
    as_service("DELETE", &path, None).await.refused(404, "FILE_NOT_FOUND");
    let all: FileList = app.get("u1", "/files").await.view();
    assert_eq!(all.files.len(), 2, "a user has all of their files");
}

#[tokio::test]
async fn a_deleted_file_has_neither_row_nor_bytes() {
    let app = TestApp::start().await;
    let id = app.upload("u1", "a.txt", "text/plain", HI).await;
    let deleted: FileDeleted = delete(&app, &id).await.view();
    assert_eq!(deleted.cancelled, 0);
    assert_eq!(app.sandbox.sandbox.object_keys(""), Vec::<String>::new());
    app.get("u1", &format!("/files?fileId={id}")).await.refused(404, "FILE_NOT_FOUND");
    delete(&app, &id).await.refused(404, "FILE_NOT_FOUND");
}

#[tokio::test]
async fn files_of_a_day_are_limited() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_WRITES_PER_MINUTE", "2000")]).await;
    for _ in 0..1000 {
        app.register_file("u1", note()).await;
    }
    let message = app.post("u1", "/files", note()).await.refused(429, "RATE_LIMITED");
    assert!(message.contains("1000 files a day"), "{message}");
    app.register_file("u2", note()).await;
    app.advance(86_400);
    app.register_file("u1", note()).await;
}
