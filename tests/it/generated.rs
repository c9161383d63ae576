//! The files that `cargo local generate` writes are current, and follow from the functions' manifests alone.

use std::collections::BTreeSet;
use std::fs;

use cargo_metadata::Package;
use generate::{Error, Function, Output, Sources, text_in};
use serde_json::{Value, json};

use crate::support::{assert_same, root, text};
use crate::template::OPEN_ROUTES;

/// The manifest of a function that does not exist.
const SCRATCH: &str = r#"{
    "timeout": 17,
    "memory": 512,
    "routes": [{
        "path": "/api/plugin-engine/scratch",
        "methods": ["GET", "PUT"],
        "callers": "user",
        "requests_per_second": 3,
        "about": "the scratch text"
    }],
    "events": ["task.scratched"],
    "reserved_concurrency": "CallbackReservedConcurrency",
    "grants": { "TasksTable": ["dynamodb:Query"], "ErrorsTable/keys/scratch#*": ["dynamodb:GetItem"] }
}"#;

fn sources() -> Sources {
    Sources::read(&root()).unwrap_or_else(|error| panic!("{error}"))
}

fn outputs(sources: &Sources) -> Vec<Output> {
    sources.outputs(text_in(&root())).unwrap_or_else(|error| panic!("{error}"))
}

fn stale(outputs: &[Output]) -> Vec<&str> {
    outputs.iter().filter(|output| output.is_stale()).map(|output| output.file.as_str()).collect()
}

/// A package with `metadata` in its manifest.
fn package(name: &str, metadata: &Value) -> Package {
    let package = json!({
        "name": name, "version": "0.0.0", "id": name, "dependencies": [], "targets": [], "features": {},
        "manifest_path": format!("/functions/{name}/Cargo.toml"), "metadata": metadata
    });
    serde_json::from_value(package).unwrap()
}

fn scratch_function() -> Function {
    let table: Value = serde_json::from_str(SCRATCH).unwrap();
    Function::from_package(&package("errors-scratch", &json!({ "function": table }))).unwrap()
}

#[test]
fn every_generated_file_is_current() {
    assert_eq!(stale(&outputs(&sources())), Vec::<&str>::new(), "run `cargo local generate`");
    let written = fs::read_to_string(root().join(openapi::FILE)).unwrap();
    assert!(written == openapi::document_text(&root()), "{} is not current: run `cargo local generate`", openapi::FILE);
}

#[test]
fn a_change_by_hand_in_any_generated_file_is_reported() {
    let sources = sources();
    let files: Vec<String> = outputs(&sources).into_iter().map(|output| output.file).collect();
    let root = root();
    for file in &files {
        let read = text_in(&root);
        let planted = |name: &str| -> Result<String, Error> {
            let text = read(name)?;
            // The last line of the last block, or of the file.
            let end = text.rfind("end of the ").and_then(|marker| text[..marker].rfind('\n')).unwrap_or(text.len());
            Ok(if name == file { [&text[..end], "planted", &text[end..]].concat() } else { text })
        };
        let outputs = sources.outputs(planted).unwrap();
        assert_eq!(stale(&outputs), [file.as_str()]);
    }
    assert_eq!(files.len(), 9, "{files:?}");
}

#[test]
fn a_new_function_appears_in_every_file_that_lists_functions() {
    let mut sources = sources();
    sources.functions.push(scratch_function());
    let outputs = outputs(&sources);
    let added = |file: &str| {
        let output = outputs.iter().find(|output| output.file == file).unwrap_or_else(|| panic!("no {file}"));
        let known: Vec<&str> = output.current.lines().collect();
        output.expected.lines().filter(|line| !known.contains(line)).map(str::trim).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        added("Cargo.toml"),
        "\"/api/plugin-engine/scratch\" = [\n{ function = \"errors-scratch\", method = \"GET\" },\n\
         { function = \"errors-scratch\", method = \"PUT\" },"
    );
    assert_eq!(added("tests/Cargo.toml"), "errors-scratch = { path = \"../functions/errors-scratch\" }");
    assert_eq!(added("infra/openapi/Cargo.toml"), "errors-scratch = { path = \"../../functions/errors-scratch\" }");
    assert_eq!(added("infra/openapi/src/parts.rs"), "errors_scratch::Doc::openapi(),");
    assert!(added("tests/it/support/routes.rs").contains("errors_scratch::route("));
    let row = "| `/api/plugin-engine/scratch` | `GET` `PUT` | user | the scratch text |";
    assert_eq!(added("functions/README.md"), row);
    let template = added("infra/template.yaml");
    for line in [
        "ErrorsScratchFunction:",
        "MemorySize: 512",
        "Timeout: 17",
        "PLUGIN_ENGINE_TIMEOUT_SECONDS: '17'",
        "Action: [dynamodb:Query]\nResource: !GetAtt ErrorsScratchLogGroup.Arn",
        "StringEquals: {events:detail-type: [task.scratched]}",
        "ForAllValues:StringLike: {dynamodb:LeadingKeys: ['scratch#*']}",
        "- !Ref ErrorsScratchRole",
        "LogGroupName: !Ref ErrorsScratchLogGroup",
        "RouteKey: PUT /api/plugin-engine/scratch",
        "${Api}/*/*/api/plugin-engine/scratch",
        "GET /api/plugin-engine/scratch: {ThrottlingRateLimit: 3, ThrottlingBurstLimit: 6}",
    ] {
        // Lines that other functions have as well are not new.
        let wanted = line.rsplit('\n').next().unwrap();
        assert!(template.contains(wanted), "no {line} in\n{template}");
    }
}

#[test]
fn an_invalid_manifest_is_reported_with_its_field() {
    let refused = |change: fn(&mut Value)| {
        let mut table: Value = serde_json::from_str(SCRATCH).unwrap();
        change(&mut table);
        let metadata = json!({ "function": table, "lambda": { "env": { "PLUGIN_ENGINE_TIMEOUT_SECONDS": "17" } } });
        Function::from_package(&package("scratch", &metadata)).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(refused(|_| ()), Ok(()));
    let start = "functions/scratch/Cargo.toml, [package.metadata.function]: ";
    type Plant = (fn(&mut Value), &'static str);
    let changes: [Plant; 11] = [
        (|table| table["memmory"] = 1.into(), "unknown field `memmory`"),
        (|table| table["routes"][0]["callers"] = "all".into(), "unknown variant `all`"),
        (
            |table| table["routes"][0]["path"] = "/scratch".into(),
            "the path /scratch is not /api/plugin-engine, or below",
        ),
        (|table| table["routes"][0]["alias"] = "/api/plugin-enginex".into(), "the path /api/plugin-enginex is not"),
        (
            |table| table["routes"][0]["path"] = "/api/plugin-engine/a: {".into(),
            "the path /api/plugin-engine/a: { is not",
        ),
        (|table| table["routes"][0]["methods"] = json!(["get"]), "methods must be some of"),
        (|table| table["routes"][0]["methods"] = json!([]), "methods must be some of"),
        (|table| table["routes"][0]["about"] = "a|b".into(), "about is a cell of a table"),
        (|table| table["grants"]["EventBus"] = json!(["events:PutEvents"]), "events must list what is put on the bus"),
        (|table| table["memory"] = 0.into(), "timeout and memory must be at least 1"),
        (|table| table["timeout"] = 18.into(), "timeout is 18, PLUGIN_ENGINE_TIMEOUT_SECONDS is \"17\""),
    ];
    for (change, reason) in changes {
        let error = refused(change).unwrap_err();
        assert!(error.starts_with(&format!("{start}{reason}")), "{error}");
    }
}

#[test]
fn a_grant_on_an_unknown_resource_is_reported() {
    let mut sources = sources();
    let mut function = scratch_function();
    function.grants.insert("IntegrationTable".to_owned(), BTreeSet::new());
    sources.functions.push(function);
    let error = sources.outputs(text_in(&root())).unwrap_err().to_string();
    let reason = "grants name IntegrationTable, and infra/template.yaml has no resource IntegrationTable";
    assert!(error.ends_with(reason), "{error}");
}

#[test]
fn an_unknown_parameter_is_reported() {
    let mut sources = sources();
    let parameter = Some("ScratchConcurrency".to_owned());
    sources.functions.push(Function { reserved_concurrency: parameter, ..scratch_function() });
    let error = sources.outputs(text_in(&root())).unwrap_err().to_string();
    assert!(error.ends_with("infra/template.yaml has no parameter ScratchConcurrency"), "{error}");
}

#[test]
fn a_route_of_two_functions_is_reported() {
    let mut functions = sources().functions;
    let mut second = scratch_function();
    second.routes[0].alias = Some("/api/plugin-engine/errors/trends".to_owned());
    functions.push(second);
    let error = generate::check_unique(&functions).unwrap_err().to_string();
    assert!(error.ends_with("GET /api/plugin-engine/errors/trends is also a route of errors-trends"), "{error}");
}

/// A route without a token is a decision of its own: `OPEN_ROUTES` is the reviewed list.
#[test]
fn only_the_reviewed_routes_are_open_to_anyone() {
    let functions = sources().functions;
    let routes = functions.iter().flat_map(|function| &function.routes);
    let mut open: Vec<String> =
        routes.filter(|route| route.callers == generate::Callers::Anyone).flat_map(generate::Route::keys).collect();
    open.sort();
    let mut reviewed = OPEN_ROUTES.map(ToOwned::to_owned);
    reviewed.sort();
    assert_eq!(open, reviewed);
}

/// `cargo local generate` adds a line for each new field. A field that is gone, or has another bound, needs a change by hand.
#[test]
fn every_field_of_every_request_is_in_the_reviewed_list_and_has_a_bound() {
    let fields = openapi::fields(&openapi::document(&root()));
    let unbounded: Vec<String> = fields.iter().filter(|it| it.bound.is_none()).map(ToString::to_string).collect();
    assert_eq!(unbounded, Vec::<String>::new(), "add them to infra/openapi/src/bounds.rs");
    let fields: BTreeSet<String> = fields.iter().map(ToString::to_string).collect();
    let reviewed = text(openapi::REVIEWED_FIELDS).lines().map(ToOwned::to_owned).collect();
    assert_same("the API document", &fields, openapi::REVIEWED_FIELDS, &reviewed);
}

#[test]
fn a_field_without_a_bound_is_reported() {
    let mut document = openapi::document(&root());
    let planted = json!({ "type": "string" });
    document["components"]["schemas"]["Recurrence"]["properties"]["planted"] = planted.clone();
    document["paths"]["/api/plugin-engine/tasks"]["get"]["parameters"][0]["schema"] = planted;
    let fields = openapi::fields(&document).into_iter().filter(|field| field.bound.is_none());
    let names: Vec<String> = fields.map(|field| field.to_string()).collect();
    assert_eq!(
        names,
        [
            "GET /api/plugin-engine/tasks agentId unbounded",
            "POST /api/plugin-engine/tasks/schedule recurrence.planted unbounded"
        ]
    );
}
