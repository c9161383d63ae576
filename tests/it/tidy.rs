//! Code rules: allowed imports between layers, maximal length of files and functions, modules that may use AWS and HTTP crates,
//! names and doc comments.

mod doc_comments;
mod documented_providers;
mod item_order;
mod names;

use crate::reading::markdown::{Block, Page};
use crate::reading::{rust, toml};
use crate::support::{root, sources, text};
use std::collections::BTreeSet;
use std::fs;
use syn::File;

/// Maximal number of lines of a file.
const MAX_FILE_LINES: usize = 400;
/// Maximal number of lines of a function: about one screen.
const MAX_FUNCTION_LINES: usize = 60;
/// Every folder with Rust files.
const RUST_FOLDERS: [&str; 4] = ["functions", "shared", "infra", "tests"];
/// Maximal number of violations listed in a failure.
const MAX_LISTED: usize = 40;

/// The engine's layers from top to bottom, as the architecture page lists them: that page is the front page of the crate's
/// documentation. A module imports only from lower layers (and from itself).
fn layers() -> Vec<Vec<String>> {
    let page = Page::read("shared/docs/architecture.md");
    let names = |block: &Block| match block {
        // The modules stand before the colon.
        Block::Item(text) => {
            let modules = text.source.split(':').next().unwrap().matches('`').count() / 2;
            Some(text.code[..modules].to_vec())
        }
        _ => None,
    };
    page.section("Layers").iter().filter_map(names).collect()
}

/// The engine's files, as path below `src` and parsed.
fn engine_files() -> impl Iterator<Item = (String, File)> {
    sources("shared/src").into_iter().map(|(file, source)| {
        let parsed = rust::parse(&file, &source);
        (file.strip_prefix("shared/src/").unwrap().to_owned(), parsed)
    })
}

fn module(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

/// The engine's modules that a file imports, as `crate::x` or by as many `super` as it is deep.
fn imports(file: &str, code: &File) -> BTreeSet<String> {
    let depth = file.split('/').count();
    let from_root = |path: Vec<String>| {
        let leads = path.iter().take_while(|segment| *segment == "super").count();
        let at = if path[0] == "crate" { 1 } else { leads };
        (at == 1 && leads == 0 || leads == depth).then(|| path.get(at).cloned()).flatten()
    };
    rust::paths(code).into_iter().filter(|path| !path.is_empty()).filter_map(from_root).collect()
}

fn layer_violations(floors: &[Vec<String>], file: &str, code: File) -> Vec<String> {
    let floor = |module: &str| floors.iter().position(|floor| floor.iter().any(|name| name == module));
    let from = module(file);
    let Some(here) = floor(from) else { return vec![format!("{file}: {from} belongs to no layer")] };
    let mut breaches = vec![];
    for to in imports(file, &rust::without_unit_tests(code)) {
        let Some(there) = floor(&to) else { continue };
        if to != from && there <= here {
            breaches.push(format!("{file} imports {to}, which is not below {from}"));
        }
    }
    breaches
}

/// The modules of a crate, in the groups that empty lines separate.
fn module_groups(code: &File) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = vec![];
    let mut previous = 0;
    for item in &code.items {
        let syn::Item::Mod(item) = item else { continue };
        let line = item.mod_token.span.start().line;
        if groups.is_empty() || line > previous + 1 {
            groups.push(vec![]);
        }
        groups.last_mut().unwrap().push(item.ident.to_string());
        previous = line;
    }
    groups
}

#[test]
fn the_crate_page_lists_the_modules_in_order() {
    let lib = "shared/src/lib.rs";
    assert_eq!(layers(), module_groups(&rust::parse(lib, &text(lib))));
    let planted = rust::parse("a.rs", "pub mod a;\npub mod b;\n\npub mod c;\n");
    assert_eq!(module_groups(&planted), [vec!["a", "b"], vec!["c"]]);
}

#[test]
fn modules_import_only_from_lower_layers() {
    let floors = layers();
    let files = engine_files().filter(|(file, _)| file != "lib.rs");
    let found: Vec<String> = files.flat_map(|(file, code)| layer_violations(&floors, &file, code)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_planted_upward_import_is_reported() {
    let floors = layers();
    let breaches = |file, source| layer_violations(&floors, file, rust::parse(file, source));
    assert_eq!(breaches("retry.rs", "use crate::engine::Engine;").len(), 1);
    assert_eq!(breaches("tables/x.rs", "use crate::{engine, ids};").len(), 1);
    assert_eq!(breaches("tables/x.rs", "use super::super::engine::Engine;").len(), 1);
    assert_eq!(breaches("tables/x.rs", "fn f() {\n    log!(crate::engine::NAME);\n}").len(), 1);
    assert_eq!(breaches("adapters.rs", "#[cfg(test)]\nmod testing;\nuse crate::lambda;").len(), 1);
    assert_eq!(breaches("novel.rs", "").len(), 1);
    let allowed = "use crate::tables::tasks;\nuse super::attempt;\n/// `crate::lambda`\n#[cfg(test)]\nmod tests {\n    \
                   use crate::lambda;\n}";
    assert_eq!(breaches("engine.rs", allowed), Vec::<String>::new());
}

/// The modules of the engine that may use a crate.
const CRATE_USERS: [(&str, &[&str]); 7] = [
    ("hyper", &["http"]),
    ("hyper_util", &["http"]),
    ("tokio_rustls", &["http"]),
    ("aws_sdk_dynamodb", &["tables", "deployment", "aws"]),
    ("aws_sdk_secretsmanager", &["vault"]),
    ("aws_sdk_eventbridge", &["events"]),
    ("lambda_http", &["lambda"]),
];

/// The uses of a crate in a module that may not use it.
fn crate_violations(file: &str, code: &File) -> Vec<String> {
    let used: BTreeSet<String> = rust::paths(code).into_iter().filter_map(|path| path.into_iter().next()).collect();
    let users = CRATE_USERS.iter().filter(|(name, users)| used.contains(*name) && !users.contains(&module(file)));
    users.map(|(name, _)| format!("{file} uses {name}")).collect()
}

#[test]
fn aws_and_http_crates_are_used_only_in_their_modules() {
    let found: Vec<String> = engine_files().flat_map(|(file, code)| crate_violations(&file, &code)).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_planted_use_of_an_http_crate_is_reported() {
    let violations = |file, source| crate_violations(file, &rust::parse(file, source));
    assert_eq!(violations("oauth.rs", "fn f() -> hyper::Error {\n}\n"), ["oauth.rs uses hyper"]);
    assert_eq!(violations("oauth.rs", "use hyper as h;"), ["oauth.rs uses hyper"]);
    assert_eq!(violations("http/trust.rs", "use hyper::body::Body;"), Vec::<String>::new());
    assert_eq!(violations("oauth.rs", "// hyper::Error\n"), Vec::<String>::new());
}

/// Violations of the rules on the form of a file.
fn form_violations(file: &str, source: &str) -> Vec<String> {
    let mut untidy = vec![];
    let lines = source.lines().count();
    if lines > MAX_FILE_LINES {
        untidy.push(format!("{file} has {lines} lines: {MAX_FILE_LINES} at most"));
    }
    let code = rust::parse(file, source);
    let is_doc = |attribute: &syn::Attribute| {
        attribute.path().is_ident("doc") && matches!(attribute.style, syn::AttrStyle::Inner(_))
    };
    if !code.attrs.first().is_some_and(is_doc) {
        untidy.push(format!("{file} does not start with a doc comment (`//! `)"));
    }
    let body = source.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '/', '}']));
    if file.starts_with("functions/") && file.ends_with("src/main.rs") && body.count() > 3 {
        untidy.push(format!("{file}: main.rs has more than three lines of code"));
    }
    let functions = rust::functions(&rust::without_unit_tests(code));
    for function in functions.into_iter().filter(|function| function.lines > MAX_FUNCTION_LINES) {
        let rust::Function { name, line, lines, .. } = function;
        untidy.push(format!("{file}:{line}: {name} has {lines} lines: {MAX_FUNCTION_LINES} at most"));
    }
    untidy
}

#[test]
fn files_and_functions_are_short_and_documented() {
    let files = RUST_FOLDERS.into_iter().flat_map(sources);
    let found: Vec<String> = files.flat_map(|(file, source)| form_violations(&file, &source)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn planted_form_violations_are_reported() {
    let long = |lines: usize| {
        format!("    pub(super) async fn long(\n        &self,\n    ) {{\n{}    }}\n", "        go();\n".repeat(lines))
    };
    let good = format!("//! A file.\nimpl It {{\n{}}}\n", long(MAX_FUNCTION_LINES - 4));
    assert_eq!(form_violations("a.rs", &good), Vec::<String>::new());
    assert_eq!(form_violations("a.rs", &format!("//! A file.\n{}", long(MAX_FUNCTION_LINES))).len(), 1);
    assert_eq!(form_violations("a.rs", "use std::fs;\n").len(), 1);
    assert_eq!(form_violations("a.rs", "// A comment.\n#![allow(x)]\n").len(), 1);
    assert_eq!(form_violations("a.rs", &format!("//! A file.\n{}", "// x\n".repeat(MAX_FILE_LINES))).len(), 1);
    let busy = "//! A main.\nfn main() {\n    a();\n    b();\n    c();\n}\n";
    assert_eq!(form_violations("functions/a/src/main.rs", busy).len(), 1);
}

/// The parts that an action's file lacks.
fn action_gaps(file: &str, source: &str) -> Vec<String> {
    let documents_calls = source.contains("// https://");
    let code = rust::parse(file, source);
    let has_test = rust::has_unit_tests(&code) && rust::functions(&code).iter().any(|function| function.is_test);
    let gaps = [
        (documents_calls, "the URL of the provider's documentation above a call"),
        (has_test, "a wire test in a module for unit tests"),
    ];
    gaps.into_iter().filter(|(has, _)| !has).map(|(_, what)| format!("{file} lacks {what}")).collect()
}

#[test]
fn every_action_is_described_documented_and_has_a_wire_test() {
    for adapter in engine::adapters::ALL {
        for action in adapter.actions {
            let file = format!("shared/src/adapters/{}/{}.rs", adapter.tool.as_str(), action.name);
            assert_eq!(action_gaps(&file, &text(&file)), Vec::<String>::new());
            assert!(action.schema()["description"].is_string(), "{file}: a description for agents");
        }
    }
    assert_eq!(action_gaps("a.rs", "#[cfg(test)]\nmod tests {\n    // #[test]\n}\n").len(), 2);
    let whole = "// https://example.com\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn f() {}\n}\n";
    assert_eq!(action_gaps("a.rs", whole), Vec::<String>::new());
}

/// True if a file calls `thread::sleep`, or has a test with `#[ignore]`.
fn sleeps_or_ignores(code: &File) -> bool {
    let sleeps = |path: &Vec<String>| path.ends_with(&["thread".to_owned(), "sleep".to_owned()]);
    rust::paths(code).iter().any(sleeps) || rust::has_ignored_test(code)
}

#[test]
fn tests_do_not_sleep() {
    for (file, source) in ["functions", "shared", "tests"].into_iter().flat_map(sources) {
        assert!(!sleeps_or_ignores(&rust::parse(&file, &source)), "{file} sleeps, or ignores a test");
    }
    for planted in
        ["fn f() {\n    std::thread::sleep(x);\n}\n", "use std::thread::{self, sleep};\n", "#[ignore]\nfn f() {}\n"]
    {
        assert!(sleeps_or_ignores(&rust::parse("a.rs", planted)), "{planted}");
    }
    assert!(!sleeps_or_ignores(&rust::parse("a.rs", "// thread::sleep\nfn f() {\n    tokio::time::sleep(x);\n}\n")));
}

#[test]
fn the_processor_timeout_is_the_same_locally_and_deployed() {
    let manifest = toml::read("functions/process-due-tasks/Cargo.toml");
    let name = "PLUGIN_ENGINE_TIMEOUT_SECONDS";
    let local = toml::value(&manifest, &["package", "metadata", "lambda", "env", name]).and_then(|it| it.as_str());
    let local = local.expect("a timeout for cargo lambda watch");
    let template = yaml_rust2::YamlLoader::load_from_str(&text("infra/template.yaml")).expect("YAML");
    let properties = &template[0]["Resources"]["ProcessDueTasksFunction"]["Properties"];
    assert_eq!(properties["Timeout"].as_i64().map(|it| it.to_string()).as_deref(), Some(local));
    assert_eq!(properties["Environment"]["Variables"][name].as_str(), Some(local));
}

/// Libraries with `test = false`, which saves linking a test binary, have no unit tests.
#[test]
fn crates_without_a_test_target_have_no_unit_tests() {
    for folder in ["functions", "infra", "tests"] {
        for entry in fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap) {
            let package = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let Ok(manifest) = fs::read_to_string(entry.path().join("Cargo.toml")) else { continue };
            let manifest = toml::parse(&package, &manifest);
            if toml::value(&manifest, &["lib", "test"]).and_then(::toml::Value::as_bool) != Some(false) {
                continue;
            }
            let tested = |(file, source): &(String, String)| rust::has_unit_tests(&rust::parse(file, source));
            let with = sources(&format!("{package}/src")).into_iter().find(tested);
            assert_eq!(with.map(|(file, _)| file), None, "unit tests that no target runs");
        }
    }
}
