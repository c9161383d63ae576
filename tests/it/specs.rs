//! What leaves for a provider, held against what the provider publishes: its own document of methods, parameters and bodies.
//! The documents are not ours to carry along. They are looked for in `PLUGIN_ENGINE_SPECS`, else beside the checkout; without
//! them these checks are skipped, and [`missing_provider_documents_are_reported`] says so.

mod asana;
mod gmail;
mod notion;
mod slack;

use crate::support::root;
use engine::http::{Http, Request};
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A request as a provider would see it.
#[derive(Debug)]
pub(crate) struct OutboundRequest {
    /// Such as `GET`.
    pub(crate) method: String,
    /// Such as `/v1/pages`.
    pub(crate) path: String,
    /// Decoded.
    pub(crate) query: Vec<(String, String)>,
    /// `Null` where there is none, or where it is no JSON.
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

/// Where the providers' documents are, if they are.
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

/// A way out that lets nothing pass which the provider's document does not know: it is answered with 418.
pub(crate) fn checked_client(http: Http) -> Http {
    let Some(folder) = documents_folder() else { return http };
    Http::new(move |request| {
        let http = http.clone();
        let breach = violation(&folder, &request);
        Box::pin(async move {
            let Some(why) = breach else { return http.send(request).await };
            log_violation(&request, &why);
            Ok(http::Response::builder().status(418).body(why.into()).unwrap())
        })
    })
}

/// Why a provider would not take a request; nothing for what goes to none of the four APIs.
fn violation(folder: &Path, request: &Request) -> Option<String> {
    let url = url::Url::parse(&request.uri().to_string()).ok()?;
    // The sandbox has each provider below a path of its name.
    let (tool, path) = url.path().strip_prefix('/')?.split_once('/')?;
    let check = match tool {
        "gmail" => gmail::violation,
        "slack" => slack::violation,
        "notion" => notion::violation,
        "asana" => asana::violation,
        _ => return None,
    };
    let leaving = OutboundRequest {
        method: request.method().to_string(),
        path: format!("/{path}"),
        query: url.query_pairs().into_owned().collect(),
        body: serde_json::from_slice(request.body()).unwrap_or_default(),
    };
    check(folder, &leaving)
}

#[test]
fn missing_provider_documents_are_reported() {
    match documents_folder() {
        Some(folder) => assert!(folder.join("asana/asana_oas.yaml").is_file(), "{} is incomplete", folder.display()),
        None => {
            // Past the test harness, which keeps what a test that passes prints to itself.
            let told = "SKIPPED: the providers' documents are not here; requests are not held against them";
            let said = writeln!(std::io::stderr(), "\n{told}");
            assert!(said.is_ok());
        }
    }
}
