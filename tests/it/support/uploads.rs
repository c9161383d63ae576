//! Files as a user's client uploads and downloads them: by the links of the API, past it.

use super::TestApp;
use super::responses::{FileLink, FileRegistered};
use bytes::Bytes;
use serde_json::{Value, json};

impl TestApp {
    /// Makes the request of a link, with these bytes if it uploads.
    pub(crate) async fn follow(&self, link: &FileLink, bytes: impl Into<Bytes>) -> reqwest::Response {
        let mut request = self.browser.request(link.method.parse().unwrap(), &link.url);
        for (name, value) in &link.headers {
            request = request.header(name, value);
        }
        if link.method == "PUT" {
            request = request.body(bytes.into());
        }
        request.send().await.unwrap()
    }

    /// Registers a file of a user.
    pub(crate) async fn register_file(&self, user: &str, file: Value) -> FileRegistered {
        self.post(user, "/files", file).await.view()
    }

    /// Registers a file of a user and uploads its bytes; returns its id.
    pub(crate) async fn upload(
        &self,
        user: &str,
        filename: &str,
        content_type: &str,
        bytes: impl Into<Bytes>,
    ) -> String {
        let bytes: Bytes = bytes.into();
        let facts = json!({ "filename": filename, "contentType": content_type, "size": bytes.len() });
        let FileRegistered { file_id, upload, .. } = self.register_file(user, facts).await;
        let answer = self.follow(&upload, bytes).await;
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        file_id
    }
}
