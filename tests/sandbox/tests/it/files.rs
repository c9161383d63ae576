//! Tests of the files of Asana and Notion: uploads in one or several parts, attachments, downloads.

use sandbox::fixtures::{asana, notion};
use sandbox::{Sandbox, Strangeness};
use serde_json::{Value, json};

use crate::support::{TestRequest, TestResponse, access_token, effects_of_kind};

const ATTACHMENTS: &str = "/asana/api/1.0/attachments";
const UPLOADS: &str = "/notion/v1/file_uploads";
const MIB: usize = 1 << 20;

/// A sandbox with the token of one provider.
struct Provider {
    sandbox: Sandbox,
    token: String,
}

impl Provider {
    fn new(name: &str) -> Self {
        let sandbox = Sandbox::new();
        let token = access_token(&sandbox, name, if name == "asana" { &["default"] } else { &[] });
        Self { sandbox, token }
    }

    async fn send(&self, request: TestRequest) -> TestResponse {
        request.bearer(&self.token).header("notion-version", "2026-03-11").send(&self.sandbox).await
    }

    async fn ok(&self, request: TestRequest) -> Value {
        let reply = self.send(request).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    async fn status(&self, request: TestRequest) -> u16 {
        self.send(request).await.status.as_u16()
    }

    /// Follows the address of a file without a token.
    async fn download(&self, address: &Value) -> TestResponse {
        let path = address.as_str().unwrap().strip_prefix("http://localhost").unwrap();
        TestRequest::get(path).send(&self.sandbox).await
    }

    /// Creates an upload in Notion and returns its id.
    async fn upload(&self, body: Value) -> String {
        self.ok(TestRequest::post(UPLOADS, &body)).await["id"].as_str().unwrap().to_owned()
    }
}

fn attachment(name: &str, content: &str) -> TestRequest {
    TestRequest::form_data(ATTACHMENTS, &[("parent", asana::TASK)], (name, "text/plain", content))
}

#[tokio::test]
async fn an_attachment_is_listed_read_and_downloaded() {
    let asana = Provider::new("asana");
    let created = asana.ok(attachment("r%C3%A9sum%C3%A9.txt", "One\r\ntwo")).await["data"].clone();
    assert_eq!((&created["name"], &created["size"]), (&json!("résumé.txt"), &json!(8)));
    let list = format!("{ATTACHMENTS}?parent={}&limit=2&opt_fields=name,host", asana::TASK);
    let first = asana.ok(TestRequest::get(&list)).await;
    assert_eq!(first["data"][1]["host"], "dropbox");
    let offset = first["next_page"]["offset"].as_str().unwrap();
    let last = asana.ok(TestRequest::get(&format!("{list}&offset={offset}"))).await;
    assert_eq!(last["data"], json!([{"gid": created["gid"], "name": "résumé.txt", "host": "asana"}]));
    let path = format!("{ATTACHMENTS}/{}", created["gid"].as_str().unwrap());
    let read = asana.ok(TestRequest::get(&path)).await["data"].clone();
    let file = asana.download(&read["download_url"]).await;
    assert_eq!((file.text.as_str(), &file.headers["content-type"]), ("One\r\ntwo", &"text/plain".parse().unwrap()));
    asana.sandbox.advance_clock(120);
    assert_eq!(asana.download(&read["download_url"]).await.status, 403);
    assert_eq!(effects_of_kind(&asana.sandbox, "attachment_added")[0].request["size"], 8);
}

#[tokio::test]
async fn a_wrong_attachment_is_refused() {
    let asana = Provider::new("asana");
    let to = |parent: &str| TestRequest::form_data(ATTACHMENTS, &[("parent", parent)], ("a", "text/plain", "a"));
    let unknown = TestRequest::form_data(ATTACHMENTS, &[("colour", "red")], ("a", "text/plain", "a"));
    let large = "x".repeat(100 * MIB + 1);
    for (request, status) in [
        (TestRequest::post(ATTACHMENTS, &json!({"data": {"parent": asana::TASK}})), 400),
        (attachment("a", "a").with_unix_lines(), 400),
        (unknown, 400),
        (to("1"), 400),
        (attachment("", "a"), 400),
        (attachment("a", &large), 413),
    ] {
        assert_eq!(asana.status(request).await, status);
    }
    assert_eq!(asana.ok(attachment("ä", "a")).await["data"]["name"], "Ã¤", "a name that is not encoded");
    asana.sandbox.set_strangeness(Strangeness::content());
    assert_eq!(asana.status(to(asana::FOREIGN_TASK)).await, 403);
    let reader = access_token(&asana.sandbox, "asana", &["attachments:read"]);
    assert_eq!(attachment("a", "a").bearer(&reader).send(&asana.sandbox).await.status, 403);
}

/// Sends a file, or a part of it, to an upload in Notion.
fn sent(id: &str, content_type: &str, content: &str, part: Option<&str>) -> TestRequest {
    let fields: Vec<_> = part.map(|part| ("part_number", part)).into_iter().collect();
    TestRequest::form_data(&format!("{UPLOADS}/{id}/send"), &fields, ("a", content_type, content))
}

/// Appends a block with an upload.
fn attached(kind: &str, id: &str) -> TestRequest {
    let mut block = json!({"type": kind});
    block[kind] = json!({"type": "file_upload", "file_upload": {"id": id}});
    let path = format!("/notion/v1/blocks/{}/children", notion::ROW);
    TestRequest::json("PATCH", &path, &json!({"children": [block]}))
}

#[tokio::test]
async fn an_upload_is_sent_once_and_attached_within_an_hour() {
    let notion = Provider::new("notion");
    let id = notion.upload(json!({"filename": "notes.txt"})).await;
    assert_eq!(notion.status(attached("file", &id)).await, 400, "nothing was sent");
    assert_eq!(notion.status(sent(&id, "text/csv", "a", None)).await, 400, "another type");
    assert_eq!(notion.status(sent(&id, "text/plain", "", None)).await, 400, "nothing");
    assert_eq!(notion.ok(sent(&id, "text/plain", "One", None)).await["status"], "uploaded");
    assert_eq!(notion.status(sent(&id, "text/plain", "One", None)).await, 400, "sent before");
    assert_eq!(notion.status(attached("image", &id)).await, 400, "no picture");
    let block = notion.ok(attached("file", &id)).await["results"][0].clone();
    let file = &block["file"];
    assert_eq!((&file["name"], &file["type"]), (&json!("notes.txt"), &json!("file")));
    assert_eq!(notion.download(&file["file"]["url"]).await.text, "One");
    let upload = notion.ok(TestRequest::get(&format!("{UPLOADS}/{id}"))).await;
    assert_eq!((&upload["expiry_time"], &upload["content_length"]), (&Value::Null, &json!(3)));

    let late = notion.upload(json!({"filename": "notes.txt"})).await;
    notion.ok(sent(&late, "text/plain", "One", None)).await;
    notion.sandbox.advance_clock(3600);
    assert_eq!(notion.ok(TestRequest::get(&format!("{UPLOADS}/{late}"))).await["status"], "expired");
    assert_eq!(notion.status(attached("file", &late)).await, 400);
    assert_eq!(notion.download(&file["file"]["url"]).await.status, 403, "the address has expired");
    assert_eq!(notion.ok(attached("file", &id)).await["results"][0]["type"], "file", "one upload, two blocks");
}

#[tokio::test]
async fn parts_are_sent_in_any_order() {
    let notion = Provider::new("notion");
    let body = json!({"mode": "multi_part", "filename": "film.mp4", "content_type": "video/mp4", "number_of_parts": 2});
    let id = notion.upload(body).await;
    let complete = || TestRequest::post(&format!("{UPLOADS}/{id}/complete"), &json!({}));
    let large = "a".repeat(5 * MIB);
    for (content, part) in [("b", Some("1")), ("b", Some("3")), (&large, None), ("b", Some("0"))] {
        assert_eq!(notion.status(sent(&id, "video/mp4", content, part)).await, 400, "{part:?}");
    }
    assert_eq!(
        notion.ok(sent(&id, "video/mp4", "b", Some("2"))).await["number_of_parts"],
        json!({"total": 2, "sent": 1})
    );
    assert_eq!(notion.status(complete()).await, 400, "a part is missing");
    notion.ok(sent(&id, "video/mp4", &large, Some("1"))).await;
    assert_eq!(notion.status(attached("video", &id)).await, 400, "it is not complete");
    assert_eq!(notion.ok(complete()).await["status"], "uploaded");
    assert_eq!(notion.status(complete()).await, 400);
    let block = notion.ok(attached("video", &id)).await["results"][0].clone();
    let file = notion.download(&block["video"]["file"]["url"]).await.text;
    assert_eq!((file.len(), file.ends_with("ab")), (5 * MIB + 1, true));
}

#[tokio::test]
async fn a_wrong_upload_is_refused() {
    let notion = Provider::new("notion");
    for body in [
        json!({"filename": "setup.exe"}),
        json!({"filename": "README"}),
        json!({"filename": "a.txt", "content_type": "image/png"}),
        json!({"filename": format!("{}.txt", "x".repeat(900))}),
        json!({"mode": "multi_part", "number_of_parts": 2}),
        json!({"mode": "multi_part", "filename": "a.txt"}),
        json!({"filename": "a.txt", "size": 3}),
    ] {
        assert_eq!(notion.status(TestRequest::post(UPLOADS, &body)).await, 400, "{body}");
    }
    let large = "a".repeat(20 * MIB + 1);
    let id = notion.upload(json!({"filename": "notes", "content_type": "text/plain"})).await;
    assert_eq!(notion.status(sent(&id, "text/plain", &large, None)).await, 400, "more than 20 MiB at once");
    let mut strangeness = Strangeness::documented();
    strangeness.notion.has_free_plan = true;
    notion.sandbox.set_strangeness(strangeness);
    assert_eq!(notion.status(sent(&id, "text/plain", &large[..5 * MIB + 1], None)).await, 400, "the free plan");
    assert_eq!(notion.ok(sent(&id, "text/plain", &large[..5 * MIB], None)).await["filename"], "notes.txt");
    let me = notion.ok(TestRequest::get("/notion/v1/users/me")).await;
    assert_eq!(me["bot"]["workspace_limits"]["max_file_upload_size_in_bytes"], 5 * MIB);
}
