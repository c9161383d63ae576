//! Tests of the guide in this folder's page: the files of its adapter are those of the page, and its actions run against the
//! sandbox through the outbound HTTP client.

use sandbox::{Fault, RunningSandbox, Sandbox};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use url::Url;

use super::action::{ActionOutput, Reconciliation};
use super::api::Api;
use super::testing::{EFFECT_KEY, NOW, assert_actions_described, error_kind};
use super::{LookupCache, notes};
use crate::clock::Clock;
use crate::error::{Kind, Result};
use crate::http::Http;

const PAGE: &str = include_str!("README.md");

fn adapters_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/adapters")
}

/// The files that a page contains: a line with a path, then a block of Rust.
fn page_files(page: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for part in page.split("\n`shared/src/adapters/").skip(1) {
        let Some((path, rest)) = part.split_once("`\n\n```rust\n") else { continue };
        let (text, _) = rest.split_once("\n```\n").expect("the block ends");
        files.insert(path.to_owned(), format!("{text}\n"));
    }
    files
}

/// The files that the module `notes` is compiled from.
fn compiled_files() -> BTreeMap<String, String> {
    let folder = adapters_folder();
    let actions = fs::read_dir(folder.join("notes")).unwrap().map(|entry| entry.unwrap().file_name());
    let actions = actions.map(|name| format!("notes/{}", name.to_str().unwrap()));
    let paths = actions.chain(["notes.rs".to_owned()]);
    paths.map(|path| (path.clone(), fs::read_to_string(folder.join(path)).unwrap())).collect()
}

/// The paths whose text differs, or that exist on one side only.
fn different_files(page: &BTreeMap<String, String>, compiled: &BTreeMap<String, String>) -> Vec<String> {
    let paths = page.keys().chain(compiled.keys().filter(|path| !page.contains_key(*path)));
    paths.filter(|path| page.get(*path) != compiled.get(*path)).cloned().collect()
}

#[test]
fn the_compiled_files_are_those_of_the_page() {
    let page = page_files(PAGE);
    assert_eq!(page.len(), 3, "{:?}", page.keys());
    let different = different_files(&page, &compiled_files());
    for path in &different {
        if let Some(text) = page.get(path) {
            fs::write(adapters_folder().join(path), text).unwrap();
        }
    }
    assert!(
        different.is_empty(),
        "{different:?}: those of the page have been written anew, so run the tests again; remove those that it lacks"
    );
}

#[test]
fn a_changed_block_of_the_page_is_reported() {
    let compiled = compiled_files();
    let changed = |from: &str, to: &str| {
        assert!(PAGE.contains(from));
        different_files(&page_files(&PAGE.replacen(from, to, 1)), &compiled)
    };
    assert_eq!(changed("tool: Tool::new(\"notes\"),", "tool: Tool::renamed(\"notes\"),"), ["notes.rs"]);
    assert_eq!(changed("limit: Limit<20, 50>,", "limit: Limit<20, 51>,"), ["notes/list_notes.rs"]);
    let renamed =
        changed("\n`shared/src/adapters/notes/create_note.rs`\n", "\n`shared/src/adapters/notes/add_note.rs`\n");
    assert_eq!(renamed, ["notes/add_note.rs", "notes/create_note.rs"]);
}

/// The sizes of the files that a schema takes.
fn file_sizes(schema: &Value) -> Vec<u64> {
    let inner = schema.as_object().into_iter().flat_map(|fields| fields.values());
    let inner = inner.chain(schema.as_array().into_iter().flatten()).flat_map(file_sizes);
    schema.get("x-file").and_then(Value::as_u64).into_iter().chain(inner).collect()
}

#[test]
fn every_action_takes_files_of_the_size_that_the_page_says_of_its_tool() {
    let mut found = 0;
    for adapter in super::ALL {
        let (_, table) = PAGE.split_once("## Sizes of files").unwrap();
        let row = table.lines().find(|line| line.to_lowercase().starts_with(&format!("| {} |", adapter.tool))).unwrap();
        let size: u64 = row.split('|').nth(2).unwrap().trim().replace(',', "").parse().unwrap();
        for action in adapter.actions {
            for allowed in file_sizes(&action.marked_schema()) {
                assert_eq!(allowed, size, "{}.{}", adapter.tool.as_str(), action.name);
                found += 1;
            }
        }
    }
    assert!(found >= 2, "{found}");
}

#[test]
fn the_page_names_the_lines_to_add() {
    let list = fs::read_to_string(adapters_folder().with_extension("rs")).unwrap();
    let declaration = "pub mod notes;";
    assert!(PAGE.contains(&format!("`{declaration}`")) && list.contains(&format!("#[cfg(test)]\n{declaration}\n")));
    let tools = include_str!("../tool.rs");
    let tool = r#"ToolFacts::new("notes", "Notes")"#;
    assert!(PAGE.contains(tool) && tools.contains(tool), "{tool}");
    // An entry of the list as the page says, in the list's own form.
    let entry = "&notes::ADAPTER";
    assert!(PAGE.contains(&format!("`{entry}`")) && list.contains(&entry.replace("notes", "notion")));
}

#[test]
fn the_actions_are_described_and_have_a_wire_test_and_a_link_to_the_documentation() {
    assert_actions_described(&notes::ADAPTER);
    let compiled = compiled_files();
    for action in notes::ADAPTER.actions {
        action.accept(action.example()).unwrap();
        let source = &compiled[&format!("notes/{}.rs", action.name)];
        assert!(source.contains("// https://") && source.contains("#[cfg(test)]"), "{}", action.name);
    }
}

/// The provider in the sandbox, and an account's access token.
struct NotesProvider {
    sandbox: RunningSandbox,
    token: SecretString,
    http: Http,
    lookups: LookupCache,
    clock: Clock,
}

impl NotesProvider {
    /// Starts the sandbox with a grant of these scopes.
    async fn start(scopes: &[&str]) -> Self {
        let sandbox = Sandbox::new().bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let tokens = sandbox.sandbox.grant("notes", sandbox::fixtures::ALEX, scopes).unwrap();
        let clock = Clock::manual(NOW.parse().unwrap());
        let token = SecretString::from(tokens.access_token);
        Self { sandbox, token, http: Http::client(), lookups: LookupCache::default(), clock }
    }

    fn api(&self, effect_key: &str) -> Api<'_> {
        let url = Url::parse(&self.sandbox.provider_urls()["notes"]).unwrap();
        let api = Api::new(&self.http, &self.lookups, &notes::ADAPTER, url, &self.token, &self.clock);
        Api { effect_key: effect_key.to_owned(), ..api }
    }

    async fn run(&self, action: &str, context: &Value) -> Result<ActionOutput> {
        let action = notes::ADAPTER.action(action).unwrap();
        let context = &action.accept(context.clone()).unwrap();
        action.run(&Api { effect: action.effect, ..self.api(EFFECT_KEY) }, context).await
    }

    /// Reconciles the note of an effect key.
    async fn reconcile(&self, effect_key: &str) -> Reconciliation {
        let action = notes::ADAPTER.action("create_note").unwrap();
        action.reconcile(&self.api(effect_key), &action.example()).await.unwrap()
    }
}

#[tokio::test]
async fn a_token_names_its_account_in_the_sandbox() {
    let provider = NotesProvider::start(&["notes:read"]).await;
    let query = &notes::ADAPTER.account.queries[0];
    let me = provider.api(EFFECT_KEY).call(query.method.clone(), query.path).read_only().send().await.unwrap();
    let account = (query.account)(&me).unwrap();
    let alex = sandbox::fixtures::ALEX;
    assert_eq!((account.id.as_str(), account.name.as_str()), (&*format!("user-{alex}"), alex));
}

#[tokio::test]
async fn the_actions_work_against_the_sandbox() {
    let provider = NotesProvider::start(notes::ADAPTER.oauth.scopes).await;
    for action in notes::ADAPTER.actions {
        provider.run(action.name, &action.example()).await.unwrap();
    }
    let created: Vec<_> =
        provider.sandbox.sandbox.effects().into_iter().filter(|effect| effect.kind == "note_created").collect();
    assert_eq!(created.len(), 1, "{created:?}");
    let second = provider.run("create_note", &json!({ "title": "Second" })).await.unwrap();
    let first_page = provider.run("list_notes", &json!({ "limit": 1 })).await.unwrap().data;
    assert_eq!(first_page["notes"][0]["id"].as_str(), second.external_id.as_deref());
    let next = json!({ "limit": 1, "cursor": first_page["cursor"] });
    assert_eq!(provider.run("list_notes", &next).await.unwrap().data["notes"][0]["title"], "Buy milk");
}

#[tokio::test]
async fn a_lost_response_is_reconciled_against_the_sandbox() {
    let provider = NotesProvider::start(notes::ADAPTER.oauth.scopes).await;
    assert_eq!(provider.reconcile(EFFECT_KEY).await, Reconciliation::NotApplied);
    provider.sandbox.sandbox.fault(Fault::apply_then_drop("notes"));
    let lost = provider.run("create_note", &json!({ "title": "Buy milk" })).await;
    assert_eq!(error_kind(&lost), Kind::Ambiguous);
    assert!(matches!(provider.reconcile(EFFECT_KEY).await, Reconciliation::Applied(_)));
    assert_eq!(provider.reconcile("another key").await, Reconciliation::NotApplied);
}

#[tokio::test]
async fn a_missing_scope_and_a_rate_limit_of_the_sandbox_are_reported_as_such() {
    let provider = NotesProvider::start(&["notes:read"]).await;
    let create = || async { provider.run("create_note", &json!({ "title": "Buy milk" })).await };
    assert_eq!(error_kind(&create().await), Kind::MissingScope);
    for action in notes::ADAPTER.actions {
        let limit = Fault::status("notes", 429, json!({ "error": "rate_limited" })).header("retry-after", "7");
        provider.sandbox.sandbox.fault(limit);
        assert_eq!(error_kind(&provider.run(action.name, &action.example()).await), Kind::RateLimited);
    }
    assert!(provider.sandbox.sandbox.effects().iter().all(|effect| effect.kind != "note_created"));
}
