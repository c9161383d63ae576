//! Scopes by the providers' documents: the sandbox's Gmail takes those of each method, and Slack's actions name those of theirs.

use super::documents_folder;
use super::gmail::{SHAPES, method_scopes};
use super::slack;
use crate::support::{TestApp, record};
use engine::adapters;
use std::collections::BTreeSet;

/// Scopes of Gmail that the actions can be granted, without those of add-ons.
const SCOPES: [&str; 8] = [
    "https://mail.google.com/",
    "https://www.googleapis.com/auth/gmail.compose",
    "https://www.googleapis.com/auth/gmail.labels",
    "https://www.googleapis.com/auth/gmail.metadata",
    "https://www.googleapis.com/auth/gmail.modify",
    "https://www.googleapis.com/auth/gmail.readonly",
    "https://www.googleapis.com/auth/gmail.send",
    "https://www.googleapis.com/auth/gmail.insert",
];

/// The scopes that the sandbox takes for a call, of which each stands alone in a token.
async fn taken(app: &TestApp, method: &str, path: &str) -> BTreeSet<&'static str> {
    let mut taken = BTreeSet::new();
    for scope in SCOPES {
        let token = app.sandbox.sandbox.grant("google", sandbox::fixtures::ALEX, &[scope]).unwrap().access_token;
        let url = format!("{}{path}", app.sandbox.provider_urls()["gmail"]);
        let request = reqwest::Client::new().request(method.parse().unwrap(), url).bearer_auth(token).body("{}");
        if request.send().await.unwrap().status() != 403 {
            taken.insert(scope);
        }
    }
    taken
}

#[tokio::test]
async fn the_sandbox_takes_the_scopes_of_each_gmail_method() {
    let Some(specs) = documents_folder() else { return };
    let app = TestApp::start().await;
    let mut wrong = vec![];
    for shape in SHAPES {
        let (method, path) = shape.split_once(' ').unwrap();
        let path = path.split('?').next().unwrap().replace("{id}", "x");
        // The metadata scope reads no bodies.
        let query = if method == "GET" && path.ends_with("/x") { "?format=metadata" } else { "" };
        let documented = method_scopes(&specs, method, &path);
        let documented: BTreeSet<&str> = SCOPES.into_iter().filter(|scope| documented.contains(*scope)).collect();
        let taken = taken(&app, method, &format!("{path}{query}")).await;
        if taken != documented {
            wrong.push(format!("{shape}: the sandbox takes {taken:?}, and Gmail {documented:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_slack_action_names_scopes_that_its_methods_take_of_its_token() {
    let Some(specs) = documents_folder() else { return };
    let adapter = adapters::find("slack").unwrap();
    let mut wrong = vec![];
    for action in adapter.actions {
        let paths = record(adapter, action).await.paths;
        let methods = paths.iter().filter_map(|path| path.strip_prefix("/api/"));
        let documented: BTreeSet<String> =
            methods.flat_map(|method| slack::method_scopes(&specs, method, action.token)).collect();
        let unknown = action.scopes.concat().into_iter().filter(|scope| !documented.contains(*scope));
        wrong.extend(
            unknown.map(|scope| format!("{}: no method that it calls takes {scope}: {documented:?}", action.name)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
