//! Validates outbound requests against the providers' published API documents: methods, parameters and bodies. The documents may
//! not be redistributed. They are read from `PLUGIN_ENGINE_SPECS` or, by default, from beside the checkout; without them these
//! checks are skipped, and [`missing_provider_documents_are_reported`] says so.

mod asana;
mod gmail;
mod notion;
mod scopes;
mod slack;

use crate::support::root;
use engine::http::{Body, Http, Request};
use futures::stream::{self, StreamExt as _};
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A request as a provider receives it.
#[derive(Debug)]
pub(crate) struct OutboundRequest {
    /// The method, for example `GET`.
    pub(crate) method: String,
    /// The path, for example `/v1/pages`.
    pub(crate) path: String,
    /// The decoded query parameters.
    pub(crate) query: Vec<(String, String)>,
    /// The JSON body, or the fields of a form with a file; `Null` if there is none or it is another one.
    pub(crate) body: Value,
}

/// Every method, path and query parameter a tool's actions use: `METHOD path?parameters`, where `{id}` is one segment of plain
/// characters.
pub(crate) fn shapes(tool: &str) -> &'static [&'static str] {
    match tool {
        "gmail" => gmail::SHAPES,
        "slack" => slack::SHAPES,
        "notion" => notion::SHAPES,
        "asana" => asana::SHAPES,
        other => panic!("{other} has no list of calls"),
    }
}

/// The folder of the providers' documents, if it exists.
pub(crate) fn documents_folder() -> Option<PathBuf> {
    match std::env::var_os("PLUGIN_ENGINE_SPECS") {
        Some(folder) => Some(folder.into()),
        None => Some(root().join("../shared/reference/specs")).filter(|folder| folder.is_dir()),
    }
}

#[expect(clippy::print_stderr, reason = "the action's own error does not quote an answer")]
fn log_violation(request: &Request, why: &str) {
    eprintln!("{} {}: {why}", request.method(), request.uri());
}

/// An HTTP client that answers requests which violate the provider's document with 418.
pub(crate) fn checked_client(http: Http) -> Http {
    let Some(folder) = documents_folder() else { return http };
    Http::new(move |request| {
        let (http, folder) = (http.clone(), folder.clone());
        Box::pin(async move {
            let (request, form) = read_form(request).await;
            let Some(why) = violation(&folder, &request, form) else { return http.send(request).await };
            log_violation(&request, &why);
            Ok(http::Response::builder().status(418).body(why.into()).unwrap())
        })
    })
}

/// The reason why a provider's document does not allow a request. `None` if it does, or if the request is for another host.
fn violation(folder: &Path, request: &Request, form: Option<Value>) -> Option<String> {
    let url = url::Url::parse(&request.uri().to_string()).ok()?;
    // The sandbox serves each provider below a path of its name.
    let (tool, path) = url.path().strip_prefix('/')?.split_once('/')?;
    let check = match tool {
        "gmail" => gmail::violation,
        "slack" => slack::violation,
        "notion" => notion::violation,
        "asana" => asana::violation,
        _ => return None,
    };
    let outbound = OutboundRequest {
        method: request.method().to_string(),
        path: format!("/{path}"),
        query: url.query_pairs().into_owned().collect(),
        body: form.unwrap_or_else(|| serde_json::from_slice(request.body().bytes()).unwrap_or_default()),
    };
    check(folder, &outbound)
}

/// Reads the fields of a form that is streamed, which come before its file, and returns the whole request.
async fn read_form(request: Request) -> (Request, Option<Value>) {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("multipart/form-data") {
        return (request, None);
    }
    let (parts, body) = request.into_parts();
    let (length, mut rest) = (body.length(), body.into_stream());
    let (mut head, mut read) = (String::new(), vec![]);
    while !head.contains("filename=") {
        let Some(chunk) = rest.next().await else { break };
        head.push_str(&String::from_utf8_lossy(chunk.as_deref().unwrap_or_default()));
        read.push(chunk);
    }
    let body = Body::stream(length, stream::iter(read).chain(rest).boxed());
    let fields =
        head.split("form-data; name=\"").skip(1).filter_map(|part| part.split_once('"')).map(|(name, rest)| {
            let value = rest.split("\r\n").nth(2).unwrap_or_default();
            (name.to_owned(), if rest.starts_with("; filename=") { "the file" } else { value }.into())
        });
    (Request::from_parts(parts, body), Some(fields.collect::<Map<_, _>>().into()))
}

#[test]
fn missing_provider_documents_are_reported() {
    match documents_folder() {
        Some(folder) => assert!(folder.join("asana/asana_oas.yaml").is_file(), "{} is incomplete", folder.display()),
        None => {
            // Written to stderr directly, because the test harness hides the output of passing tests.
            let notice = "SKIPPED: the providers' documents are missing; requests are not validated against them";
            let written = writeln!(std::io::stderr(), "\n{notice}");
            assert!(written.is_ok());
        }
    }
}
