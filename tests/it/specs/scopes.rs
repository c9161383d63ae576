//! Scopes by the providers' documents: the sandbox's Gmail takes those of each method, and the actions of Slack and
//! Asana name those of theirs.

use super::documents_folder;
use super::gmail::{SHAPES, method_scopes};
use super::{asana, slack};
use crate::support::{TestApp, record};
use engine::adapters;
use engine::adapters::action::{ActionDef, TokenKind};
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

/// A comparison of the actions' scopes with a document.
#[derive(Default)]
struct ScopeCheck {
    /// The number of actions that the document speaks of.
    compared: usize,
    /// The scopes that the document does not name, as `action: scope`.
    unknown: BTreeSet<String>,
}

/// The scopes that an action names and that no call of it takes by `documented`. `None` of a call: the document does not say.
async fn unknown_scopes(
    tool: &str,
    documented: impl Fn(&ActionDef, &str, &str) -> Option<BTreeSet<String>>,
) -> ScopeCheck {
    let adapter = adapters::find(tool).unwrap();
    let mut check = ScopeCheck::default();
    for action in adapter.actions {
        let calls = record(adapter, action).await.calls;
        let taken: Option<Vec<_>> = calls.iter().map(|(method, path)| documented(action, method, path)).collect();
        let Some(taken) = taken else { continue };
        let is_unknown = |scope: &&str| *scope != FULL_PERMISSIONS && !taken.iter().any(|taken| taken.contains(*scope));
        check.compared += 1;
        check.unknown.extend(
            action.scopes.concat().into_iter().filter(is_unknown).map(|scope| format!("{}: {scope}", action.name)),
        );
    }
    check
}

/// Asana's scope of an app that is registered for full permissions. It replaces every other one.
const FULL_PERMISSIONS: &str = "default";

#[tokio::test]
async fn every_slack_action_names_scopes_that_its_methods_take_of_its_token() {
    let Some(specs) = documents_folder() else { return };
    let documented = |action: &ActionDef, _: &str, path: &str| {
        // The upload's address carries its own permission.
        let method = path.strip_prefix("/api/");
        Some(method.map_or_else(BTreeSet::new, |method| slack::method_scopes(&specs, method, action.token)))
    };
    let check = unknown_scopes("slack", documented).await;
    assert_eq!((check.compared, check.unknown), (adapters::find("slack").unwrap().actions.len(), BTreeSet::new()));
    let of_the_other_token = |action: &ActionDef, _: &str, path: &str| {
        let other = if action.token == TokenKind::App { TokenKind::User } else { TokenKind::App };
        Some(
            path.strip_prefix("/api/").map_or_else(BTreeSet::new, |method| slack::method_scopes(&specs, method, other)),
        )
    };
    // A checker that could not fail would say nothing.
    assert!(unknown_scopes("slack", of_the_other_token).await.unknown.contains("search_workspace: search:read"));
}

#[tokio::test]
async fn every_asana_action_names_scopes_that_its_operations_take() {
    let Some(specs) = documents_folder() else { return };
    let document = asana::Document::read(&specs.join("asana/asana_oas.yaml"));
    // The address of a file carries its own permission.
    let documented = |_: &ActionDef, method: &str, path: &str| match path.starts_with("/api/1.0") {
        true => document.required_scopes(method, path),
        false => Some(BTreeSet::new()),
    };
    let check = unknown_scopes("asana", documented).await;
    // Asana's document does not say what sections and searches require.
    assert_eq!((check.compared, check.unknown), (40, BTreeSet::new()));
}
