//! The pages match the code: routes, environment variables, dependencies, codes, folders.

mod commands;
mod walkthroughs;

use crate::support::{assert_same, root, text};
use std::collections::BTreeSet;
use std::fs;

/// The rows of the table below a heading of a page, each as the texts of its cells.
pub(crate) fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let page_text = format!("\n{}", text(page));
    let (_, section) =
        page_text.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no '{heading}' in {page}"));
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.skip(2).map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// A page of `shared/docs/errors`: one for each error code.
pub(crate) struct ErrorPage {
    pub(crate) code: String,
    /// Place in which clients meet the code: an HTTP status, a result or a task.
    pub(crate) place: String,
    pub(crate) outcome: String,
    pub(crate) meaning: String,
    pub(crate) advice: String,
}

/// The pages of `shared/docs/errors`, by code.
pub(crate) fn error_pages() -> Vec<ErrorPage> {
    let files = fs::read_dir(root().join("shared/docs/errors")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<ErrorPage> = files
        .filter(|file| file.file_name().is_some_and(|name| name != "README.md"))
        .map(|file| {
            let page = fs::read_to_string(&file).unwrap();
            let blocks: Vec<&str> = page.trim().split("\n\n").collect();
            let [title, facts, meaning, "## What to do", advice] = blocks.as_slice() else {
                panic!("{} has not the form of an error page", file.display());
            };
            let (place, outcome) = facts.split_once("\n* Outcome: ").expect("place and outcome");
            ErrorPage {
                code: title.trim_start_matches("# ").to_owned(),
                place: place.trim_start_matches("* Where: ").to_owned(),
                outcome: outcome.trim_matches('`').to_owned(),
                meaning: (*meaning).to_owned(),
                advice: (*advice).to_owned(),
            }
        })
        .collect();
    pages.sort_by(|a, b| a.code.cmp(&b.code));
    pages
}

pub(crate) fn code_spans(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

#[test]
fn routes_are_those_of_the_watch_router() {
    let mut written = BTreeSet::new();
    for row in table("functions/README.md", "## Routes") {
        for path in code_spans(&row[0]) {
            written.extend(code_spans(&row[1]).into_iter().map(|method| (path.clone(), method)));
        }
    }
    let manifest = text("Cargo.toml");
    let (_, router) = manifest.split_once("[workspace.metadata.lambda.watch.router]").unwrap();
    let mut served = BTreeSet::new();
    let mut path = String::new();
    for line in router.split("\n[").next().unwrap().lines() {
        if let Some(route) = line.strip_prefix('"') {
            path = route.split('"').next().unwrap().to_owned();
        }
        served.extend(
            line.split("method = \"").skip(1).map(|route| (path.clone(), route.split('"').next().unwrap().to_owned())),
        );
    }
    assert_same("the page\'s routes", &written, "Cargo.toml's watch router", &served);
}

#[test]
fn every_environment_variable_is_described() {
    let written: BTreeSet<String> =
        table("infra/README.md", "## Configuration").iter().flat_map(|row| code_spans(&row[0])).collect();
    let mut read: BTreeSet<String> = BTreeSet::new();
    let source = text("shared/src/config.rs");
    let source = source.split("#[cfg(test)]").next().unwrap();
    let named =
        |word: &&str| word.starts_with("PLUGIN_ENGINE_") && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    read.extend(source.split('"').filter(named).map(ToOwned::to_owned));
    let tables = ["INTEGRATIONS", "TASKS", "ERRORS", "FALLBACKS", "MAPPINGS"];
    read.extend(tables.map(|table| format!("PLUGIN_ENGINE_TABLE_{table}")));
    read.remove("PLUGIN_ENGINE_TABLE_");
    assert_same("the page\'s variables", &written, "config.rs", &read);
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let written: BTreeSet<String> = table("shared/docs/from-the-original.md", "## Dependencies")
        .iter()
        .flat_map(|row| code_spans(&row[0]))
        .collect();
    let manifest = text("Cargo.toml");
    let (_, listed) = manifest.split_once("[workspace.dependencies]").unwrap();
    let listed = listed
        .split("\n[")
        .next()
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "));
    let ours = ["bench", "engine", "runtime_driver", "sandbox"];
    let listed = listed.map(|(name, _)| name.to_owned()).filter(|name| !ours.contains(&name.as_str()));
    assert_same("the page\'s dependencies", &written, "Cargo.toml", &listed.collect());
}

#[test]
fn every_metric_is_described() {
    let written: Vec<String> =
        table("functions/README.md", "## Logs, audit and metrics").iter().flat_map(|row| code_spans(&row[0])).collect();
    assert_eq!(written, engine::metrics::Metric::ALL.map(|metric| metric.name().to_owned()));
}

#[test]
fn every_error_code_has_a_page() {
    let written: BTreeSet<String> = error_pages().into_iter().map(|page| page.code).collect();
    let codes: BTreeSet<String> = ["shared/src/error.rs", "shared/src/error/provider.rs"]
        .map(text)
        .iter()
        .flat_map(|source| {
            let is_code = |word: &&str| word.len() > 3 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            source.split('"').filter(is_code).map(ToOwned::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert_same("shared/docs/errors", &written, "error.rs", &codes);
    // As `Error::outcome` returns it.
    let unknown = error_pages().into_iter().filter(|page| page.outcome == "unknown").map(|page| page.code);
    assert_eq!(unknown.collect::<Vec<_>>(), [engine::error::Kind::Ambiguous.code()]);
    assert!(error_pages().iter().all(|page| matches!(page.outcome.as_str(), "none" | "unknown")));
}

#[test]
fn the_table_of_errors_is_made_from_their_pages() {
    let row = |page: ErrorPage| {
        let ErrorPage { code, place, outcome, meaning, .. } = page;
        vec![format!("[`{code}`]({code}.md)"), place, format!("`{outcome}`"), meaning]
    };
    let mut written = table("shared/docs/errors/README.md", "# Errors");
    written.sort();
    let mut made: Vec<_> = error_pages().into_iter().map(row).collect();
    made.sort();
    assert_eq!(written, made);
}

#[test]
fn every_callback_code_is_explained() {
    let written: BTreeSet<String> =
        table("functions/README.md", "### Callback errors").iter().flat_map(|row| code_spans(&row[0])).collect();
    let codes = engine::integrations::CallbackError::ALL.map(|error| error.code().to_owned());
    assert_same("the page\'s codes of connecting", &written, "CallbackError", &BTreeSet::from(codes));
}

/// A scope without Google's URL prefix.
fn short_scope(scope: &str) -> String {
    let scope = scope.trim_end_matches('/');
    scope.rsplit('/').next().unwrap_or(scope).to_owned()
}

#[test]
fn documented_scopes_are_the_requested_ones() {
    let written = table("infra/README.md", "## Accounts with the providers");
    let written: Vec<_> = written.iter().map(|row| (row[0].clone(), code_spans(&row[2]))).collect();
    let requested = engine::adapters::ALL.iter().map(|adapter| {
        (
            adapter.tool.name().to_owned(),
            adapter.oauth.scopes.iter().map(|scope| short_scope(scope)).collect::<Vec<_>>(),
        )
    });
    assert_eq!(written, requested.collect::<Vec<_>>());
}

#[test]
fn documented_guarantees_match_the_actions() {
    let mut promised = BTreeSet::new();
    for adapter in engine::adapters::ALL {
        for action in adapter.actions.iter().filter(|action| action.effect == engine::adapters::action::Effect::Create)
        {
            let by = action.reconcile_by.map_or("not reconcilable", |reconcile| reconcile.by).to_owned();
            let scopes = action.reconcile_by.iter().flat_map(|reconcile| reconcile.scopes.iter().copied().flatten());
            let scopes: Vec<String> = scopes.map(|scope| short_scope(scope)).collect();
            promised.insert((format!("{}.{}", adapter.tool, action.name), by, scopes));
        }
    }
    let written = table("shared/docs/guarantees.md", "## Reconciliation: after a lost response");
    let written =
        written.iter().map(|row| (code_spans(&row[0]).concat(), row[1].clone(), code_spans(&row[2]))).collect();
    assert_same("the page\'s promises", &written, "the actions", &promised);
}

#[test]
fn every_action_is_listed_under_its_effect() {
    use engine::adapters::action::{ActionDef, Effect};
    let effects = [Effect::Create, Effect::Idempotent, Effect::Read].map(|effect| format!("{effect:?}"));
    let mut written = BTreeSet::new();
    for row in table("README.md", "## What agents can do") {
        for (effect, cell) in effects.iter().zip(&row[1..]) {
            written.extend(code_spans(cell).into_iter().map(|action| (row[0].clone(), effect.clone(), action)));
        }
    }
    let coded = engine::adapters::ALL.iter().flat_map(|adapter| {
        let name = |action: &ActionDef| {
            (adapter.tool.name().to_owned(), format!("{:?}", action.effect), action.name.to_owned())
        };
        adapter.actions.iter().map(name)
    });
    assert_same("the page\'s actions", &written, "the adapters", &coded.collect());
}

#[test]
fn the_state_table_lists_every_transition() {
    let rows = table("shared/docs/guarantees.md", "## States of a task");
    let next = |cell: &str| code_spans(cell).into_iter().filter(|word| word != "force").collect();
    let written: Vec<(String, BTreeSet<String>)> =
        rows.iter().map(|cells| (code_spans(&cells[0]).concat(), next(&cells[2]))).collect();
    let coded = engine::tables::tasks::TRANSITIONS
        .map(|(state, next)| (state.as_str().to_owned(), next.iter().map(|state| state.as_str().to_owned()).collect()));
    assert_same("the page\'s states", &written.into_iter().collect(), "TRANSITIONS", &BTreeSet::from(coded));
}

/// The folders that the code map must list: those of the root, and the subfolders of `infra` and `tests`. Empty folders are not
/// part of the repository and are skipped, for example those of an editor or a build.
fn folders() -> BTreeSet<String> {
    let below = |folder: &str| {
        let entries = fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap);
        let folders =
            entries.filter(|entry| fs::read_dir(entry.path()).is_ok_and(|mut within| within.next().is_some()));
        let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name != "target" && !name.starts_with('.')).collect::<Vec<_>>()
    };
    let deeper = ["infra", "tests"].map(|folder| below(folder).into_iter().map(move |name| format!("{folder}/{name}")));
    below("").into_iter().filter(|name| name != "tests").chain(deeper.into_iter().flatten()).collect()
}

/// The folders missing from a code map, and the entries of the map that do not exist.
fn code_map_mismatches(map: &str, folders: &BTreeSet<String>) -> Vec<String> {
    let mut astray: Vec<String> = vec![];
    let mut under = "";
    let mut named = String::new();
    for line in map.lines().filter(|line| !line.trim().is_empty()) {
        let entry = line.trim_start().split(' ').next().unwrap_or_default();
        if !line.starts_with(' ') {
            under = entry;
            named.push_str(line);
        } else if line.starts_with("  ") && !line.starts_with("    ") {
            named.push_str(&format!(" {under}{entry}"));
            if !root().join(under).join(entry).exists() {
                astray.push(format!("{under}{entry} is not there"));
            }
        }
        if !line.starts_with(' ') && !entry.contains('<') && !root().join(entry).exists() {
            astray.push(format!("{entry} is not there"));
        }
    }
    astray
        .extend(folders.iter().filter(|folder| !named.contains(folder.as_str())).map(|it| format!("{it} is left out")));
    astray
}

fn code_map() -> String {
    let page = text("shared/docs/architecture.md");
    let (_, map) = page.split_once("\n## Code map\n\n```text\n").expect("a code map");
    map.split("\n```").next().unwrap().to_owned()
}

#[test]
fn the_code_map_has_every_folder() {
    assert_eq!(code_map_mismatches(&code_map(), &folders()), Vec::<String>::new());
}

#[test]
fn a_folder_missing_from_the_code_map_is_reported() {
    let map = code_map();
    let planted = map.replace("events/ ", "evens/ ");
    assert_eq!(code_map_mismatches(&planted, &folders()), ["evens/ is not there", "events is left out"]);
    let planted = map.replace("  src/tables/ ", "  src/table/ ");
    assert_eq!(code_map_mismatches(&planted, &folders()), ["shared/src/table/ is not there"]);
}
