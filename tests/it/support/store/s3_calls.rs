//! The calls to S3, which go over the outbound HTTP client, and the links with which a client makes them itself.

use engine::http::{Http, HttpError};
use http::Method;
use serde_json::Value;
use url::Url;

use super::{Calls, UsedAction};

impl Calls {
    /// Records the calls of a client to S3.
    pub(crate) fn recording(&self, http: Http, endpoint: Option<&Url>) -> Http {
        let (calls, endpoint) = (self.clone(), endpoint.map(ToString::to_string).unwrap_or_default());
        Http::new(move |request| {
            let (http, calls) = (http.clone(), calls.clone());
            let is_copy = request.headers().contains_key("x-amz-copy-source");
            let uses = s3_actions(&endpoint, request.method(), &request.uri().to_string(), is_copy);
            Box::pin(async move {
                if !uses.is_empty() && !calls.record(&uses) {
                    return Err(HttpError::NotSent("the process is dead".to_owned()));
                }
                http.send(request).await
            })
        })
    }

    /// Records the signed links in a response: its function must be allowed to make their requests.
    pub(crate) fn record_links(&self, endpoint: Option<&Url>, body: &Value) {
        let endpoint = endpoint.map(ToString::to_string).unwrap_or_default();
        if let (Some(method), Some(url)) = (body["method"].as_str(), body["url"].as_str()) {
            let method = method.parse().expect("the method of a link");
            self.record(&s3_actions(&endpoint, &method, url, false));
        }
        let below: Vec<&Value> = match body {
            Value::Array(items) => items.iter().collect(),
            Value::Object(fields) => fields.values().collect(),
            _ => vec![],
        };
        let endpoint = endpoint.parse().ok();
        below.into_iter().for_each(|value| self.record_links(endpoint.as_ref(), value));
    }
}

/// The actions of a request to S3, in the path style; empty for a request to another server.
fn s3_actions(endpoint: &str, method: &Method, url: &str, is_copy: bool) -> Vec<UsedAction> {
    let path = url.strip_prefix(endpoint.trim_end_matches('/')).and_then(|path| path.strip_prefix('/'));
    let Some(path) = path.filter(|_| !endpoint.is_empty()) else { return vec![] };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (bucket, _) = path.split_once('/').unwrap_or((path, ""));
    let actions: &[&str] = match method.as_str() {
        "PUT" if is_copy => &["s3:GetObject", "s3:PutObject"],
        "PUT" => &["s3:PutObject"],
        "DELETE" => &["s3:DeleteObject"],
        _ if query.contains("list-type=2") => &["s3:ListBucket"],
        _ => &["s3:GetObject"],
    };
    let on = |action: &&str| UsedAction {
        action: (*action).to_owned(),
        table: bucket.to_owned(),
        index: None,
        values: vec![],
    };
    actions.iter().map(on).collect()
}

#[test]
fn calls_to_s3_are_named_as_roles_name_them() {
    let actions = |method: &str, path: &str, is_copy| -> Vec<String> {
        let url = format!("http://127.0.0.1:1{path}");
        let used = s3_actions("http://127.0.0.1:1/s3", &method.parse().unwrap(), &url, is_copy);
        used.into_iter().map(|used| format!("{} {}", used.action, used.table)).collect()
    };
    assert_eq!(actions("PUT", "/s3/b/in/1?X-Amz-Date=1", false), ["s3:PutObject b"]);
    assert_eq!(actions("PUT", "/s3/b/held/1", true), ["s3:GetObject b", "s3:PutObject b"]);
    assert_eq!(actions("HEAD", "/s3/b/in/1", false), ["s3:GetObject b"]);
    assert_eq!(actions("DELETE", "/s3/b/in/1", false), ["s3:DeleteObject b"]);
    assert_eq!(actions("GET", "/s3/b/?encoding-type=url&list-type=2&prefix=in%2F", false), ["s3:ListBucket b"]);
    assert!(actions("POST", "/slack/api/chat.postMessage", false).is_empty());

    let calls = Calls::default();
    let link =
        |method: &str| serde_json::json!({ "method": method, "url": "http://127.0.0.1:1/s3/b/in/1?X-Amz-Date=1" });
    let body = serde_json::json!({ "file": { "upload": link("PUT") }, "files": [{ "download": link("GET") }] });
    calls.record_links("http://127.0.0.1:1/s3".parse().ok().as_ref(), &body);
    let mut used: Vec<String> = calls.take_used_actions().into_iter().map(|used| used.action).collect();
    used.sort();
    assert_eq!(used, ["s3:GetObject", "s3:PutObject"]);
}
