//! Code rules: allowed imports between layers, maximal length of files and functions, modules that may use AWS and HTTP crates,
//! names and doc comments.

mod doc_comments;
mod item_order;
mod names;

use crate::support::{root, sources, text, without_unit_tests};
use std::fs;

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
fn layers(page: &str) -> Vec<Vec<&str>> {
    let is_layer = |line: &&str| line.split_once(". `").is_some_and(|(number, _)| number.parse::<u8>().is_ok());
    let names = page.lines().filter(is_layer).map(|line| line.split(':').next().unwrap());
    names.map(|names| names.split('`').skip(1).step_by(2).collect()).collect()
}

/// The engine's files, as path below `src` and text.
fn engine_files() -> Vec<(String, String)> {
    let below = |file: String| file.strip_prefix("shared/src/").unwrap().to_owned();
    sources("shared/src").into_iter().map(|(file, source)| (below(file), source)).collect()
}

fn module(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

/// The engine's modules that a source imports as `crate::x` outside of its tests.
fn imports(source: &str) -> Vec<String> {
    let code = without_unit_tests(source);
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut found = vec![];
    for import in code.flat_map(|line| line.split("crate::").skip(1)) {
        if let Some(group) = import.strip_prefix('{') {
            let group = group.split('}').next().unwrap();
            found.extend(group.split(',').map(|name| name.trim().split("::").next().unwrap().to_owned()));
        } else {
            found.push(import.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned());
        }
    }
    found
}

fn layer_violations(floors: &[Vec<&str>], file: &str, source: &str) -> Vec<String> {
    let floor = |module: &str| floors.iter().position(|floor| floor.contains(&module));
    let from = module(file);
    let Some(here) = floor(from) else { return vec![format!("{file}: {from} belongs to no layer")] };
    let mut breaches = vec![];
    for to in imports(source) {
        let Some(there) = floor(&to) else { continue };
        if to != from && there <= here {
            breaches.push(format!("{file} imports {to}, which is not below {from}"));
        }
    }
    breaches
}

#[test]
fn the_crate_page_lists_the_modules_in_order() {
    let lib = text("shared/src/lib.rs");
    let groups = lib.split("\n\n").filter(|group| group.starts_with("pub mod"));
    let declared =
        groups.map(|group| group.lines().map(|line| line.trim_start_matches("pub mod ").trim_end_matches(';')));
    let page = text("shared/docs/architecture.md");
    assert_eq!(layers(&page), declared.map(Iterator::collect::<Vec<_>>).collect::<Vec<_>>());
}

#[test]
fn modules_import_only_from_lower_layers() {
    let page = text("shared/docs/architecture.md");
    let floors = layers(&page);
    let files = engine_files().into_iter().filter(|(file, _)| file != "lib.rs");
    let found: Vec<String> = files.flat_map(|(file, source)| layer_violations(&floors, &file, &source)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_planted_upward_import_is_reported() {
    let page = text("shared/docs/architecture.md");
    let floors = layers(&page);
    let breaches = |file, source| layer_violations(&floors, file, source);
    assert_eq!(breaches("retry.rs", "use crate::engine::Engine;").len(), 1);
    assert_eq!(breaches("tables/x.rs", "use crate::{engine, ids};").len(), 1);
    assert_eq!(breaches("adapters.rs", "#[cfg(test)]\nmod testing;\nuse crate::lambda;").len(), 1);
    assert_eq!(breaches("novel.rs", "").len(), 1);
    assert!(
        breaches("engine.rs", "use crate::tables::tasks;\n#[cfg(test)]\nmod tests {\n    use crate::lambda;\n}")
            .is_empty()
    );
}

#[test]
fn aws_and_http_crates_are_used_only_in_their_modules() {
    let owners: [(&str, &[&str]); 5] = [
        ("reqwest::", &["http"]),
        ("aws_sdk_dynamodb::", &["tables", "deployment", "aws"]),
        ("aws_sdk_secretsmanager::", &["vault"]),
        ("aws_sdk_eventbridge::", &["events"]),
        ("lambda_http::", &["lambda"]),
    ];
    for (file, source) in engine_files() {
        for (what, allowed) in owners {
            assert!(!source.contains(what) || allowed.contains(&module(&file)), "{file} uses {what}");
        }
    }
}

/// Violations of the rules on the form of a file.
fn form_violations(file: &str, source: &str) -> Vec<String> {
    let mut untidy = vec![];
    let lines = source.lines().count();
    if lines > MAX_FILE_LINES {
        untidy.push(format!("{file} has {lines} lines: {MAX_FILE_LINES} at most"));
    }
    if !source.starts_with("//! ") && !source.starts_with("#![doc = ") {
        untidy.push(format!("{file} does not start with a doc comment (`//! `)"));
    }
    let body = source.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '/', '}']));
    if file.starts_with("functions/") && file.ends_with("src/main.rs") && body.count() > 3 {
        untidy.push(format!("{file}: main.rs has more than three lines of code"));
    }
    for (name, lines) in
        function_lengths(&without_unit_tests(source)).into_iter().filter(|(_, lines)| *lines > MAX_FUNCTION_LINES)
    {
        untidy.push(format!("{file}: {name} has {lines} lines: {MAX_FUNCTION_LINES} at most"));
    }
    untidy
}

/// Every function of a formatted source, with its number of lines. A function ends at the brace with its own indentation.
fn function_lengths(source: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = source.lines().collect();
    let starts = lines.iter().enumerate().filter_map(|(at, line)| {
        let item = line.trim_start();
        let words = item.split(' ').take_while(|word| *word != "fn");
        let plain = |word: &str| ["pub", "const", "async", "unsafe", "extern"].iter().any(|it| word.starts_with(it));
        let (_, declaration) =
            item.split_once("fn ").filter(|_| words.clone().all(plain) && words.count() < item.split(' ').count())?;
        Some((at, line.len() - item.len(), declaration.split(['(', '<']).next().unwrap()))
    });
    let length = |at: usize, indent: usize| {
        let ends =
            |line: &&str| line.len() > indent && line[..indent].trim().is_empty() && line[indent..].starts_with('}');
        // A function on one line, or a declaration.
        let whole = lines[at].ends_with(['}', ';']);
        if whole { 1 } else { lines[at..].iter().position(ends).map_or(1, |end| end + 1) }
    };
    starts.map(|(at, indent, name)| (name, length(at, indent))).collect()
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
    assert_eq!(
        function_lengths("fn a() {}\ntrait B {\n    fn b(&self);\n}\nfn c<T>() {\n}\n"),
        [("a", 1), ("b", 1), ("c", 2)]
    );
    assert_eq!(form_violations("a.rs", &format!("//! A file.\n{}", long(MAX_FUNCTION_LINES))).len(), 1);
    assert_eq!(form_violations("a.rs", "use std::fs;\n").len(), 1);
    assert_eq!(form_violations("a.rs", &format!("//! A file.\n{}", "// x\n".repeat(MAX_FILE_LINES))).len(), 1);
    let busy = "//! A main.\nfn main() {\n    a();\n    b();\n    c();\n}\n";
    assert_eq!(form_violations("functions/a/src/main.rs", busy).len(), 1);
}

#[test]
fn every_action_is_described_documented_and_has_a_wire_test() {
    for adapter in engine::adapters::ALL {
        let folder = root().join("shared/src/adapters").join(adapter.tool.as_str());
        for action in adapter.actions {
            let file = folder.join(format!("{}.rs", action.name));
            let source = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert!(
                source.contains("// https://"),
                "{}: the URL of the provider's documentation is missing above a call",
                file.display()
            );
            assert!(source.contains("#[cfg(test)]"), "{}: a wire test", file.display());
            assert!(action.schema()["description"].is_string(), "{}: a description for agents", file.display());
        }
    }
}

#[test]
fn tests_do_not_sleep() {
    for (file, source) in ["functions", "shared", "tests"].into_iter().flat_map(sources) {
        for sleep in [concat!("thread::", "sleep"), concat!("#[", "ignore")] {
            assert!(!source.contains(sleep), "{file} has {sleep}");
        }
    }
}

#[test]
fn the_processor_timeout_is_the_same_locally_and_deployed() {
    let laptop = text("functions/process-due-tasks/Cargo.toml");
    let (_, seconds) =
        laptop.split_once("PLUGIN_ENGINE_TIMEOUT_SECONDS = \"").expect("a timeout for cargo lambda watch");
    let seconds = seconds.split('"').next().unwrap();
    let template = text("infra/template.yaml");
    let (_, function) = template.split_once("\n  ProcessDueTasksFunction:\n").expect("the function");
    for line in [format!("Timeout: {seconds}\n"), format!("PLUGIN_ENGINE_TIMEOUT_SECONDS: '{seconds}'\n")] {
        assert!(function.contains(&line), "the template does not say {line}");
    }
}

/// Libraries with `test = false`, which saves linking a test binary, have no unit tests.
#[test]
fn crates_without_a_test_target_have_no_unit_tests() {
    for folder in ["functions", "infra", "tests"] {
        for entry in fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap) {
            let Ok(manifest) = fs::read_to_string(entry.path().join("Cargo.toml")) else { continue };
            if !manifest.split("\n\n").any(|part| part.starts_with("[lib]") && part.contains("\ntest = false")) {
                continue;
            }
            let below = format!("{folder}/{}/src", entry.file_name().to_string_lossy());
            let with = sources(&below).into_iter().find(|(_, source)| source.contains("#[cfg(test)]"));
            assert_eq!(with.map(|(file, _)| file), None, "unit tests that no target runs");
        }
    }
}
