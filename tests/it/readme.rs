//! The pages match the code: routes, environment variables, dependencies, codes, folders.

mod commands;
mod controls;
mod states;
mod walkthroughs;

use crate::reading::markdown::Page;
use crate::reading::{rust, toml};
use crate::support::{assert_same, root, text};
use engine::error::Kind;
use generate::ErrorPage;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;

/// The code spans in a column of the table below a heading of a page.
fn code_column(page: &str, heading: &str, column: usize) -> Vec<String> {
    Page::read(page).table(heading).iter().flat_map(|row| row[column].code.clone()).collect()
}

/// The pages of the error codes.
fn error_pages() -> Vec<ErrorPage> {
    ErrorPage::read_all(&root()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_environment_variable_is_described() {
    let written = code_column("infra/README.md", "Configuration", 0).into_iter().collect();
    let named = |word: &String| {
        ["PLUGIN_ENGINE_", "AWS_"].iter().any(|start| word.starts_with(start))
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let literals = ["shared/src/config.rs", "shared/src/config/files.rs"].into_iter().flat_map(|file| {
        let code = rust::without_unit_tests(rust::parse(file, &text(file)));
        rust::string_literals(&code)
    });
    let mut read: BTreeSet<String> = literals.filter(named).collect();
    let tables = RefCell::new(vec![]);
    engine::config::TableNames::read(
        &|name| {
            tables.borrow_mut().push(name.to_owned());
            None
        },
        "dev",
    );
    read.extend(tables.into_inner());
    assert_same("the page's variables", &written, "config.rs", &read);
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let written = code_column("shared/docs/from-the-original.md", "Dependencies", 0).into_iter().collect();
    let workspace = toml::read("Cargo.toml");
    let own = toml::own_packages(&workspace);
    let listed = toml::entries(&workspace, &["workspace", "dependencies"]).map(|(name, _)| name.to_owned());
    let listed = listed.filter(|name| !own.contains(&name.as_str()));
    assert_same("the page's dependencies", &written, "Cargo.toml", &listed.collect());
}

#[test]
fn every_metric_is_described() {
    let written = code_column("functions/README.md", "Logs, audit and metrics", 0);
    assert_eq!(written, engine::metrics::Metric::ALL.map(|metric| metric.name().to_owned()));
}

#[test]
fn every_error_code_has_a_page() {
    let written: BTreeSet<String> = error_pages().into_iter().map(|page| page.code).collect();
    let is_code = |word: &String| word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let codes = ["shared/src/error.rs", "shared/src/error/file_fault.rs", "shared/src/error/provider.rs"]
        .into_iter()
        .flat_map(|file| rust::string_literals(&rust::without_unit_tests(rust::parse(file, &text(file)))));
    assert_same("shared/docs/errors", &written, "error.rs", &codes.filter(is_code).collect());
    // As `Error::outcome` returns it.
    let unknown = error_pages().into_iter().filter(|page| page.outcome == "unknown").map(|page| page.code);
    assert_eq!(unknown.collect::<Vec<_>>(), [Kind::Ambiguous, Kind::Repeatable].map(Kind::code));
    assert!(error_pages().iter().all(|page| matches!(page.outcome.as_str(), "none" | "unknown")));
}

/// The numbers of actions on the pages: of all, and of those beside the named ones.
#[test]
fn counts_of_actions_are_those_of_the_code() {
    let count = |tools: &[&str]| -> usize {
        let named = engine::adapters::ALL.iter().filter(|adapter| tools.contains(&adapter.tool.as_str()));
        named.map(|adapter| adapter.actions.len()).sum()
    };
    let readme = text("README.md");
    let cell = readme.lines().find_map(|line| line.strip_prefix("| Actions for these four tools | "));
    let all = count(&["gmail", "notion", "slack", "asana"]);
    assert_eq!(cell.and_then(|cell| cell.split(' ').next()), Some(all.to_string().as_str()));
    let page = text("shared/docs/from-the-original.md");
    for (row, tools, named) in [
        ("| `GmailAdapter` examples |", &["gmail"][..], 3),
        ("| `SlackAdapter` examples |", &["slack"], 3),
        ("| `NotionAdapter`, Asana |", &["notion", "asana"], 2),
    ] {
        let line = page.lines().find(|line| line.starts_with(row)).unwrap_or_else(|| panic!("{row}"));
        assert!(line.contains(&format!(" and {} further actions", count(tools) - named)), "{line}");
    }
}

#[test]
fn every_row_of_the_errors_has_all_cells() {
    let page = text("shared/docs/errors/README.md");
    let document = openapi::document(&root());
    let description = document["components"]["schemas"]["ErrorCode"]["description"].as_str().unwrap().to_owned();
    for (name, table) in [("README.md", page), ("ErrorCode", description)] {
        let rows: Vec<&str> =
            table.lines().filter(|line| line.starts_with("| `") || line.starts_with("| [`")).collect();
        assert_eq!(rows.len(), error_pages().len(), "{name}");
        assert!(rows.iter().all(|row| row.split(" | ").count() == 5 && row.ends_with(" |")), "{name}: {rows:?}");
    }
}

#[test]
fn every_callback_code_is_explained() {
    let written = code_column("functions/README.md", "Callback errors", 0).into_iter().collect();
    let codes = engine::integrations::CallbackError::ALL.map(|error| error.code().to_owned());
    assert_same("the page's codes of connecting", &written, "CallbackError", &BTreeSet::from(codes));
}

/// A scope without Google's URL prefix.
fn short_scope(scope: &str) -> String {
    let scope = scope.trim_end_matches('/');
    scope.rsplit('/').next().unwrap_or(scope).to_owned()
}

#[test]
fn documented_scopes_are_the_requested_ones() {
    let page = Page::read("infra/README.md");
    let written = page.table("Accounts with the providers");
    let written: Vec<_> = written.iter().map(|row| (row[0].source.clone(), row[2].code.clone())).collect();
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
            let name = format!("{}.{}", adapter.tool, action.name);
            promised.insert((name.clone(), by, scopes));
            // The scopes that the action needs can be fewer than its reconciliation needs.
            let least: Vec<String> = action.scopes.iter().map(|group| group[0].to_owned()).collect();
            if action.reconcile_by.is_some() && !action.can_reconcile(&least) {
                let least = least.iter().map(|scope| short_scope(scope)).collect();
                promised.insert((name, "nothing".to_owned(), least));
            }
        }
    }
    let page = Page::read("shared/docs/guarantees.md");
    let written = page.table("Reconciliation: after a lost response").iter();
    let written = written.map(|row| (row[0].code.concat(), row[1].source.clone(), row[2].code.clone())).collect();
    assert_same("the page's promises", &written, "the actions", &promised);
}

#[test]
fn pages_of_tools_list_their_actions() {
    for tool in ["asana", "gmail", "notion", "slack"] {
        let page = Page::read(&format!("shared/docs/{tool}.md"));
        let written: BTreeSet<String> = page.table("Actions").iter().flat_map(|row| row[0].code.clone()).collect();
        let coded = engine::adapters::find(tool).unwrap().actions.iter().map(|action| action.name.to_owned());
        assert_same(&format!("the page of {tool}"), &written, "the adapter", &coded.collect());
        let count = format!("The {} actions", written.len());
        assert!(text(&format!("shared/docs/{tool}.md")).contains(&count), "{tool}: {count}");
    }
}

#[test]
fn every_action_is_listed_under_its_effect() {
    use engine::adapters::action::{ActionDef, Effect};
    let effects = [Effect::Create, Effect::Idempotent, Effect::Read].map(|effect| format!("{effect:?}"));
    let mut written = BTreeSet::new();
    for row in Page::read("README.md").table("What agents can do") {
        for (effect, cell) in effects.iter().zip(&row[1..]) {
            written.extend(cell.code.iter().map(|action| (row[0].source.clone(), effect.clone(), action.clone())));
        }
    }
    let coded = engine::adapters::ALL.iter().flat_map(|adapter| {
        let name = |action: &ActionDef| {
            (adapter.tool.name().to_owned(), format!("{:?}", action.effect), action.name.to_owned())
        };
        adapter.actions.iter().map(name)
    });
    assert_same("the page's actions", &written, "the adapters", &coded.collect());
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
    Page::read("shared/docs/architecture.md").code("Code map", "text").to_owned()
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
