//! Tests of Slack's files: uploads, downloads, and files without bytes.

use sandbox::fixtures::{ALEX, slack};
use sandbox::{Sandbox, Strangeness};
use serde_json::{Value, json};

use crate::slack::{get, post};
use crate::support::{TestRequest, TestResponse, access_token};

const SCOPES: [&str; 4] = ["channels:history", "channels:read", "files:read", "files:write"];

fn sandbox_with_token() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &SCOPES);
    (sandbox, token)
}

async fn file_info(sandbox: &Sandbox, token: &str, id: &str) -> Value {
    get(sandbox, token, "files.info", &[("file", id)]).await
}

/// Returns the path of a file's download, and the response to it.
async fn download(sandbox: &Sandbox, token: &str, id: &str) -> (String, TestResponse) {
    let info = file_info(sandbox, token, id).await;
    let address = info["file"]["url_private_download"].as_str().unwrap().to_owned();
    let path = address.strip_prefix("http://localhost").unwrap().to_owned();
    let response = TestRequest::get(&path).bearer(token).send(sandbox).await;
    (path, response)
}

#[tokio::test]
async fn a_hundred_mebibytes_are_stored_and_read_back() {
    let (sandbox, token) = sandbox_with_token();
    let text = "0123456789abcdef".repeat(100 << 16);
    let upload_path = format!("/slack/api/files.getUploadURLExternal?filename=a.txt&length={}", text.len());
    let ticket = TestRequest::json("POST", &upload_path, &json!({})).bearer(&token).send(&sandbox).await.json();
    let path = ticket["upload_url"].as_str().unwrap().strip_prefix("http://localhost").unwrap().to_owned();
    let short = TestRequest::bytes(&path, text[1..].to_owned()).send(&sandbox).await;
    assert_eq!(short.status, 400, "exactly the announced length is accepted");
    assert_eq!(TestRequest::bytes(&path, text.clone()).send(&sandbox).await.text, format!("OK - {}", text.len()));
    let complete = json!({"files": [{"id": ticket["file_id"]}], "channel_id": slack::GENERAL});
    post(&sandbox, &token, "files.completeUploadExternal", complete).await;

    let id = ticket["file_id"].as_str().unwrap();
    assert_eq!(file_info(&sandbox, &token, id).await["file"]["size"], text.len());
    let (_, read) = download(&sandbox, &token, id).await;
    assert_eq!(read.headers["content-type"], "text/plain");
    assert!(read.text == text);
}

#[tokio::test]
async fn a_download_without_the_right_is_the_page_for_signing_in() {
    let (sandbox, token) = sandbox_with_token();
    let (path, read) = download(&sandbox, &token, slack::FILE).await;
    assert!(read.text.starts_with("# Landing page"), "{}", read.text);
    let without_scope = sandbox.grant("slack", ALEX, &["files:write"]).unwrap().access_token;
    for token in [without_scope.as_str(), "xoxb-unknown"] {
        let page = TestRequest::get(&path).bearer(token).send(&sandbox).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert!(page.text.contains("Sign in"), "{}", page.text);
    }

    sandbox.set_strangeness(Strangeness::content());
    let moved = TestRequest::get(&path).bearer(&token).send(&sandbox).await;
    let location = moved.headers["location"].to_str().unwrap();
    assert_eq!((moved.status.as_u16(), location.contains("/files-origin/")), (302, true), "{location}");
    let read = TestRequest::get(location.strip_prefix("http://localhost").unwrap()).bearer(&token).send(&sandbox).await;
    assert!(read.text.starts_with("# Landing page"));
    let moved = TestRequest::get(&path).bearer(&without_scope).send(&sandbox).await;
    let location = moved.headers["location"].to_str().unwrap();
    assert!(
        location.ends_with("/slack/signin?redir=%2Ffiles-pri%2FT0SANDBOX1-F0LANDING01%2Fdownload%2Flanding-page.md")
    );
}

#[tokio::test]
async fn files_without_bytes_have_their_own_modes() {
    let (sandbox, token) = sandbox_with_token();
    let history = get(&sandbox, &token, "conversations.history", &[("channel", slack::PROJECT_UPDATES)]).await;
    let modes: Vec<&Value> =
        history["messages"][0]["files"].as_array().unwrap().iter().map(|file| &file["mode"]).collect();
    assert_eq!(modes, ["hosted", "file_access", "external", "hidden_by_limit", "tombstone"]);
    let external = &file_info(&sandbox, &token, slack::EXTERNAL_FILE).await["file"];
    assert_eq!((&external["is_external"], &external["url_private_download"]), (&json!(true), &Value::Null));
    let hidden = file_info(&sandbox, &token, slack::HIDDEN_FILE).await;
    assert_eq!(hidden["file"], json!({"id": slack::HIDDEN_FILE, "mode": "hidden_by_limit"}));
    assert_eq!(file_info(&sandbox, &token, slack::DELETED_FILE).await["error"], "file_deleted");
    let (_, read) = download(&sandbox, &token, slack::CONNECT_FILE).await;
    assert_eq!(read.text, "An offer of the agency.\n");
}

#[tokio::test]
async fn files_are_listed_in_numbered_pages() {
    let (sandbox, token) = sandbox_with_token();
    let list = async |args: &[(&str, &str)]| get(&sandbox, &token, "files.list", args).await;
    let all = list(&[("channel", slack::PROJECT_UPDATES)]).await;
    assert_eq!(all["paging"], json!({"count": 100, "total": 3, "page": 1, "pages": 1}));
    let last = list(&[("channel", slack::PROJECT_UPDATES), ("count", "2"), ("page", "2")]).await;
    assert_eq!((&last["files"][0], &last["paging"]["pages"]), (&all["files"][2], &json!(2)));
    assert_eq!(list(&[("channel", slack::GENERAL)]).await["files"], json!([]));
    assert_eq!(list(&[("user", "U0NOBODY001")]).await["error"], "user_not_found");
}
