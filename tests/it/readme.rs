//! The README matches the code: routes, environment variables, dependencies, codes, folders.

mod commands;
mod walkthroughs;

use crate::support::{assert_same, root, text};
use std::collections::BTreeSet;
use std::fs;

/// The rows of the table below a heading, each as the texts of its cells.
pub(crate) fn table(heading: &str) -> Vec<Vec<String>> {
    let readme = text("README.md");
    let (_, section) = readme.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no '{heading}'"));
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.skip(2).map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

pub(crate) fn code_spans(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

#[test]
fn routes_are_those_of_the_watch_router() {
    let mut written = BTreeSet::new();
    for row in table("## Routes") {
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
    assert_same("README's routes", &written, "Cargo.toml's watch router", &served);
}

#[test]
fn every_environment_variable_is_described() {
    let written: BTreeSet<String> = table("## Configuration").iter().flat_map(|row| code_spans(&row[0])).collect();
    let mut read: BTreeSet<String> = BTreeSet::new();
    let source = text("shared/src/config.rs");
    let source = source.split("#[cfg(test)]").next().unwrap();
    let named =
        |word: &&str| word.starts_with("PLUGIN_ENGINE_") && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    read.extend(source.split('"').filter(named).map(ToOwned::to_owned));
    let tables = ["INTEGRATIONS", "TASKS", "ERRORS", "FALLBACKS", "MAPPINGS"];
    read.extend(tables.map(|table| format!("PLUGIN_ENGINE_TABLE_{table}")));
    read.remove("PLUGIN_ENGINE_TABLE_");
    assert_same("README's variables", &written, "config.rs", &read);
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let written: BTreeSet<String> = table("## Dependencies").iter().flat_map(|row| code_spans(&row[0])).collect();
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
    assert_same("README's dependencies", &written, "Cargo.toml", &listed.collect());
}

#[test]
fn every_metric_is_described() {
    let written: Vec<String> =
        table("### What is logged and measured").iter().flat_map(|row| code_spans(&row[0])).collect();
    assert_eq!(written, engine::metrics::Metric::ALL.map(|metric| metric.name().to_owned()));
}

#[test]
fn every_error_code_is_explained() {
    let rows = table("## Errors");
    let written: BTreeSet<String> = rows.iter().flat_map(|row| code_spans(&row[0])).collect();
    let source = text("shared/src/error.rs");
    let codes =
        source.split('"').filter(|word| word.len() > 3 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    assert_same("README's codes", &written, "error.rs", &codes.map(ToOwned::to_owned).collect());
    // As `Error::outcome` returns it.
    let unknown = rows.iter().filter(|row| code_spans(&row[2]) == ["unknown"]).flat_map(|row| code_spans(&row[0]));
    assert_eq!(unknown.collect::<Vec<_>>(), [engine::error::Kind::Ambiguous.code()]);
    assert!(rows.iter().all(|row| row.len() == 4 && matches!(code_spans(&row[2])[0].as_str(), "none" | "unknown")));
}

#[test]
fn every_callback_code_is_explained() {
    let written: BTreeSet<String> =
        table("### Where connecting lands").iter().flat_map(|row| code_spans(&row[0])).collect();
    let codes = engine::integrations::CallbackError::ALL.map(|error| error.code().to_owned());
    assert_same("README's codes of connecting", &written, "CallbackError", &BTreeSet::from(codes));
}

/// A scope without Google's URL prefix.
fn short_scope(scope: &str) -> String {
    let scope = scope.trim_end_matches('/');
    scope.rsplit('/').next().unwrap_or(scope).to_owned()
}

#[test]
fn documented_scopes_are_the_requested_ones() {
    let written = table("### Accounts with the providers");
    let written: Vec<_> = written.iter().map(|row| (row[0].clone(), code_spans(&row[2]))).collect();
    let requested = engine::adapters::ALL.iter().map(|adapter| {
        (adapter.name.to_owned(), adapter.oauth.scopes.iter().map(|scope| short_scope(scope)).collect::<Vec<_>>())
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
    let written = table("## What is promised");
    let written =
        written.iter().map(|row| (code_spans(&row[0]).concat(), row[1].clone(), code_spans(&row[2]))).collect();
    assert_same("README's promises", &written, "the actions", &promised);
}

#[test]
fn every_action_is_listed_under_its_effect() {
    use engine::adapters::action::{ActionDef, Effect};
    let effects = [Effect::Create, Effect::Idempotent, Effect::Read].map(|effect| format!("{effect:?}"));
    let mut written = BTreeSet::new();
    for row in table("### What agents can do") {
        for (effect, cell) in effects.iter().zip(&row[1..]) {
            written.extend(code_spans(cell).into_iter().map(|action| (row[0].clone(), effect.clone(), action)));
        }
    }
    let coded = engine::adapters::ALL.iter().flat_map(|adapter| {
        let name =
            |action: &ActionDef| (adapter.name.to_owned(), format!("{:?}", action.effect), action.name.to_owned());
        adapter.actions.iter().map(name)
    });
    assert_same("README's actions", &written, "the adapters", &coded.collect());
}

#[test]
fn the_state_table_lists_every_transition() {
    let readme = text("README.md");
    let (_, states) = readme.split_once("| State | Means | Next |\n|---|---|---|\n").unwrap();
    let rows = states.lines().take_while(|line| line.starts_with('|'));
    let written: Vec<(String, BTreeSet<String>)> = rows
        .map(|row| row.trim_matches('|').split('|').collect::<Vec<_>>())
        .map(|cells| {
            (code_spans(cells[0]).concat(), code_spans(cells[2]).into_iter().filter(|word| word != "force").collect())
        })
        .collect();
    let coded = engine::tables::tasks::TRANSITIONS
        .map(|(state, next)| (state.as_str().to_owned(), next.iter().map(|state| state.as_str().to_owned()).collect()));
    assert_same("README's states", &written.into_iter().collect(), "TRANSITIONS", &BTreeSet::from(coded));
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
    let readme = text("README.md");
    let (_, map) = readme.split_once("\n## Code map\n\n```\n").expect("a code map");
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
